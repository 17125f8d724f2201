// Pictures compared with what must be seen.

#include "core/golden.h"

#include <string.h>

#include "unit.h"

#define SIDE 20
#define PIXELS (SIDE * SIDE)

static uint32_t lit[PIXELS], dark[PIXELS], seen[PIXELS], mask[PIXELS];

static void paint(uint32_t *pixels, uint32_t ground, uint32_t ink) {
	for (int i = 0; i < PIXELS; i++) {
		bool inside = i % SIDE >= 6 && i % SIDE < 14 && i / SIDE >= 6 && i / SIDE < 14;
		pixels[i] = inside ? ink : ground;
	}
}

static struct bn_golden_picture picture(const uint32_t *pixels) {
	return (struct bn_golden_picture){ pixels, SIDE, SIDE };
}

static struct bn_golden start(bool with_off) {
	paint(lit, 0xff050608, 0xffff3030);
	paint(dark, 0xff050608, 0xff121314);
	memcpy(seen, lit, sizeof(seen));
	struct bn_golden golden = { .on = picture(lit), .tolerance = 4 };
	if (with_off) {
		golden.off = picture(dark);
	}
	return golden;
}

static enum bn_glass judge(const struct bn_golden *golden) {
	const struct bn_golden_picture now = picture(seen);
	return bn_golden_judge(golden, &now, false);
}

static void test_tolerance(void **state) {
	struct bn_golden golden = start(true);
	assert_int_equal(judge(&golden), BN_GLASS_ON);
	seen[0] = 0x00090a0c; // 4 away, and another top byte
	assert_int_equal(judge(&golden), BN_GLASS_ON);
	seen[0] = 0xff090a0d;
	assert_int_equal(judge(&golden), BN_GLASS_OTHER);
	golden.tolerance = 5;
	assert_int_equal(judge(&golden), BN_GLASS_ON);
}

/** A single pixel, any of them, in any channel. */
static void test_each_pixel(void **state) {
	struct bn_golden golden = start(true);
	for (int i = 0; i < PIXELS; i++) {
		for (int shift = 0; shift < 24; shift += 8) {
			seen[i] = lit[i] ^ UINT32_C(0x40) << shift;
			assert_int_equal(judge(&golden), BN_GLASS_OTHER);
			seen[i] = lit[i];
		}
	}
}

static void test_off(void **state) {
	struct bn_golden golden = start(true);
	paint(seen, 0xff050608, 0xff121314);
	assert_int_equal(judge(&golden), BN_GLASS_OFF);
	seen[PIXELS - 1] = 0xffffffff;
	assert_int_equal(judge(&golden), BN_GLASS_OTHER);
	// A filler is no off picture, and need not be one where no app stands.
	paint(seen, 0xff0000ff, 0xff0000ff);
	assert_int_equal(judge(&golden), BN_GLASS_OTHER);
	const struct bn_golden_picture now = picture(seen);
	assert_int_equal(bn_golden_judge(&golden, &now, true), BN_GLASS_OFF);
}

/** Without an off picture a lit lamp with a scratch is not taken for an unlit one. */
static void test_difference(void **state) {
	struct bn_golden golden = start(false);
	int allowed = PIXELS * BN_GOLDEN_DIFFERS_PERMILLE / 1000;
	for (int i = 0; i < allowed - 1; i++) {
		seen[i] = 0xffffffff;
	}
	assert_int_equal(judge(&golden), BN_GLASS_OTHER);
	seen[allowed - 1] = 0xffffffff;
	assert_int_equal(judge(&golden), BN_GLASS_OFF);
}

static void test_mask(void **state) {
	struct bn_golden golden = start(true);
	paint(mask, 0xff000000, 0xffffffff);
	golden.mask = picture(mask);
	seen[0] = 0xffffffff;
	assert_int_equal(judge(&golden), BN_GLASS_ON);
	seen[SIDE * 10 + 10] = 0xffffffff;
	assert_int_equal(judge(&golden), BN_GLASS_OTHER);
	paint(mask, 0xff000000, 0xff7f7f7f); // nothing is left: nothing is proved
	assert_int_equal(judge(&golden), BN_GLASS_OTHER);
	assert_false(bn_golden_is_telling(&golden));
}

static void test_alike(void **state) {
	struct bn_golden golden = start(true);
	assert_true(bn_golden_is_telling(&golden));
	memcpy(dark, lit, sizeof(dark));
	assert_false(bn_golden_is_telling(&golden));
	dark[0] = 0xffffffff;
	assert_false(bn_golden_is_telling(&golden));
	golden.off.pixels = NULL;
	assert_true(bn_golden_is_telling(&golden));
}

static void test_size(void **state) {
	struct bn_golden golden = start(true);
	const struct bn_golden_picture smaller = { seen, SIDE, SIDE - 1 }, none = { 0 };
	assert_int_equal(bn_golden_judge(&golden, &smaller, false), BN_GLASS_UNKNOWN);
	assert_int_equal(bn_golden_judge(&golden, &none, false), BN_GLASS_UNKNOWN);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-step-beyond-the-tolerance-is-seen", test_tolerance),
		CASE("a-single-wrong-pixel-is-seen", test_each_pixel),
		CASE("what-is-neither-on-nor-off-is-seen", test_off),
		CASE("a-scratched-lamp-is-not-off", test_difference),
		CASE("a-mask-hides-only-what-it-covers", test_mask),
		CASE("pictures-that-cannot-be-told-apart-are-refused", test_alike),
		CASE("another-size-is-never-compared", test_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
