#include "input/fence.h"

#include "unit.h"

#define MSEC BN_NSEC_PER_MSEC

enum { MAP, SIDE, POPUP, CAMERA, OTHER, ZONES };

static struct bn_zone zones[ZONES] = {
	[MAP] = { .display = 0, .layer = BN_LAYER_APP },
	[SIDE] = { .display = 0, .layer = BN_LAYER_APP },
	[POPUP] = { .display = 0, .layer = BN_LAYER_OVERLAY },
	[CAMERA] = { .display = 0, .layer = BN_LAYER_SAFETY },
	[OTHER] = { .display = 1, .layer = BN_LAYER_TELLTALE },
};
static size_t order[ZONES] = { MAP, SIDE, POPUP, CAMERA, OTHER };
static const struct bn_rect whole = { 0, 0, 100, 100 };
static const struct bn_rect half = { 0, 0, 50, 100 };

static int set_up(void **state) {
	const struct bn_layout layout = { .zones = zones, .zone_count = ZONES, .order = order };
	struct bn_fence *fence = test_malloc(sizeof(*fence));
	bn_fence_init(fence, BN_FENCE_GUARD_NS);
	assert_true(bn_fence_set_layout(fence, &layout));
	bn_fence_update(fence, MAP, BN_FENCE_APP, &whole, 1000 * MSEC);
	*state = fence;
	return 0;
}

static int tear_down(void **state) {
	bn_fence_finish(*state);
	test_free(*state);
	return 0;
}

static void test_guard(void **state) {
	struct bn_fence *fence = *state;
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &half, 5000 * MSEC);
	assert_true(bn_fence_blocks(fence, 0, 10, 10, 5000 * MSEC));
	assert_true(bn_fence_blocks(fence, 0, 10, 10, 5249 * MSEC));
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 5250 * MSEC));
	// beside it nothing changed
	assert_false(bn_fence_blocks(fence, 0, 60, 10, 5000 * MSEC));
	assert_false(bn_fence_blocks(fence, 1, 10, 10, 5000 * MSEC));
}

static void test_repeated(void **state) {
	struct bn_fence *fence = *state;
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &half, 5000 * MSEC);
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &half, 5200 * MSEC);
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 5300 * MSEC));
	// grown: what is new under a finger is new
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &whole, 5300 * MSEC);
	assert_true(bn_fence_blocks(fence, 0, 60, 10, 5400 * MSEC));
	// gone and back
	bn_fence_update(fence, CAMERA, BN_FENCE_BARE, &whole, 6000 * MSEC);
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 6000 * MSEC));
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &whole, 6100 * MSEC);
	assert_true(bn_fence_blocks(fence, 0, 10, 10, 6200 * MSEC));
}

static void test_two_appear(void **state) {
	struct bn_fence *fence = *state;
	bn_fence_update(fence, POPUP, BN_FENCE_APP, &whole, 5000 * MSEC);
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &whole, 5100 * MSEC);
	// the hand aimed at the map, two layers below
	assert_true(bn_fence_blocks(fence, 0, 10, 10, 5200 * MSEC));
	// the popup was there long enough to be aimed at, the camera was not
	assert_true(bn_fence_blocks(fence, 0, 10, 10, 5300 * MSEC));
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 5350 * MSEC));
}

static void test_lower_appears(void **state) {
	struct bn_fence *fence = *state;
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &whole, 2000 * MSEC);
	bn_fence_update(fence, POPUP, BN_FENCE_APP, &whole, 5000 * MSEC);
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 5000 * MSEC));
	// and what was uncovered again is no news of a higher layer
	bn_fence_update(fence, CAMERA, BN_FENCE_BARE, &whole, 5100 * MSEC);
	bn_fence_update(fence, POPUP, BN_FENCE_BARE, &whole, 5100 * MSEC);
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 5101 * MSEC));
}

static void test_nothing_below(void **state) {
	struct bn_fence *fence = *state;
	bn_fence_update(fence, OTHER, BN_FENCE_APP, &whole, 5000 * MSEC);
	assert_false(bn_fence_blocks(fence, 1, 10, 10, 5000 * MSEC));
	bn_fence_update(fence, MAP, BN_FENCE_BARE, &whole, 5000 * MSEC);
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 5000 * MSEC));
	assert_int_equal(bn_fence_top(fence, 0, 10, 10), BN_NONE);
}

static void test_together(void **state) {
	struct bn_fence *fence = *state;
	bn_fence_update(fence, MAP, BN_FENCE_BARE, &whole, 5000 * MSEC);
	bn_fence_update(fence, MAP, BN_FENCE_APP, &whole, 6000 * MSEC);
	bn_fence_update(fence, POPUP, BN_FENCE_APP, &whole, 6000 * MSEC);
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 6000 * MSEC));
	// but an app that has just started may be aimed at as well
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &whole, 6010 * MSEC);
	assert_true(bn_fence_blocks(fence, 0, 10, 10, 6010 * MSEC));
}

static void test_covered(void **state) {
	struct bn_fence *fence = *state;
	assert_false(bn_fence_was_covered(fence, MAP, 0, 10, 10, 0));
	bn_fence_update(fence, POPUP, BN_FENCE_APP, &half, 5000 * MSEC);
	assert_int_equal(bn_fence_top(fence, 0, 10, 10), POPUP);
	assert_int_equal(bn_fence_top(fence, 0, 60, 10), MAP);
	assert_true(bn_fence_was_covered(fence, MAP, 0, 10, 10, 4000 * MSEC));
	assert_false(bn_fence_was_covered(fence, MAP, 0, 60, 10, 4000 * MSEC));
	assert_false(bn_fence_was_covered(fence, POPUP, 0, 10, 10, 4000 * MSEC));
	assert_false(bn_fence_was_covered(fence, MAP, 1, 10, 10, 4000 * MSEC));
	// it was there when the finger went down
	assert_false(bn_fence_was_covered(fence, MAP, 0, 10, 10, 5001 * MSEC));
	// hidden behind something that was there already, it still came
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &whole, 5100 * MSEC);
	assert_true(bn_fence_was_covered(fence, MAP, 0, 10, 10, 5000 * MSEC));
}

static void test_same_layer(void **state) {
	struct bn_fence *fence = *state;
	bn_fence_update(fence, SIDE, BN_FENCE_APP, &half, 5000 * MSEC);
	assert_true(bn_fence_was_covered(fence, MAP, 0, 10, 10, 4000 * MSEC));
	assert_true(bn_fence_blocks(fence, 0, 10, 10, 5100 * MSEC));
	// and the other way round it comes up below
	bn_fence_update(fence, MAP, BN_FENCE_BARE, &whole, 6000 * MSEC);
	bn_fence_update(fence, MAP, BN_FENCE_APP, &whole, 6100 * MSEC);
	assert_false(bn_fence_was_covered(fence, SIDE, 0, 10, 10, 6000 * MSEC));
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 6100 * MSEC));
}

static void test_pictures(void **state) {
	struct bn_fence *fence = *state;
	// a picture of ours covers as an app does
	bn_fence_update(fence, CAMERA, BN_FENCE_PICTURE, &half, 5000 * MSEC);
	assert_true(bn_fence_was_covered(fence, MAP, 0, 10, 10, 5000 * MSEC));
	assert_true(bn_fence_blocks(fence, 0, 10, 10, 5100 * MSEC));
	assert_int_equal(bn_fence_top(fence, 0, 10, 10), CAMERA);
	// the app that comes in its place comes up again
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &half, 9000 * MSEC);
	assert_true(bn_fence_blocks(fence, 0, 10, 10, 9100 * MSEC));
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 9250 * MSEC));
	// the picture that comes in the app's place covers on, and nothing of it is new
	bn_fence_update(fence, CAMERA, BN_FENCE_PICTURE, &half, 10000 * MSEC);
	assert_false(bn_fence_was_covered(fence, MAP, 0, 10, 10, 10000 * MSEC));
	assert_int_equal(bn_fence_top(fence, 0, 10, 10), CAMERA);
	// nobody aims at a picture: what comes up over one alone is not held back
	bn_fence_update(fence, MAP, BN_FENCE_BARE, &whole, 11000 * MSEC);
	bn_fence_update(fence, CAMERA, BN_FENCE_BARE, &half, 11000 * MSEC);
	bn_fence_update(fence, POPUP, BN_FENCE_PICTURE, &whole, 11000 * MSEC);
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &half, 12000 * MSEC);
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 12000 * MSEC));
}

static void test_safety(void **state) {
	struct bn_fence *fence = *state;
	const struct bn_rect near = { 40, 40, 20, 20 }, beside = { 50, 40, 20, 20 };
	assert_false(bn_fence_meets_safety(fence, 0, &near));
	bn_fence_update(fence, CAMERA, BN_FENCE_APP, &half, 5000 * MSEC);
	assert_true(bn_fence_meets_safety(fence, 0, &near));
	assert_false(bn_fence_meets_safety(fence, 0, &beside));
	assert_false(bn_fence_meets_safety(fence, 1, &near));
}

static void test_new_layout(void **state) {
	struct bn_fence *fence = *state;
	const struct bn_layout small = { .zones = zones, .zone_count = 1, .order = order };
	assert_true(bn_fence_set_layout(fence, &small));
	assert_int_equal(bn_fence_top(fence, 0, 10, 10), BN_NONE);
	const struct bn_layout none = { .zones = NULL, .zone_count = 0, .order = NULL };
	assert_true(bn_fence_set_layout(fence, &none));
	assert_false(bn_fence_blocks(fence, 0, 10, 10, 5000 * MSEC));
}

#define FENCE_CASE(text, function) \
	{ .name = text, .test_func = function, .setup_func = set_up, .teardown_func = tear_down }

int main(void) {
	const struct CMUnitTest tests[] = {
		FENCE_CASE("a-touch-within-the-guard-time-of-what-came-up-is-blocked", test_guard),
		FENCE_CASE("the-guard-begins-when-it-came-up-not-when-it-was-repeated",
				test_repeated),
		FENCE_CASE("what-the-hand-aimed-at-may-be-two-layers-below", test_two_appear),
		FENCE_CASE("a-lower-layer-blocks-nothing", test_lower_appears),
		FENCE_CASE("over-bare-glass-nothing-is-blocked", test_nothing_below),
		FENCE_CASE("of-two-zones-of-a-layer-the-later-one-is-higher", test_same_layer),
		FENCE_CASE("a-picture-covers-and-is-not-aimed-at", test_pictures),
		FENCE_CASE("what-came-up-together-blocks-nothing-of-itself", test_together),
		FENCE_CASE("a-running-touch-is-covered-by-higher-layers-only", test_covered),
		FENCE_CASE("a-cursor-must-not-meet-a-safety-zone", test_safety),
		FENCE_CASE("a-new-layout-covers-nothing-yet", test_new_layout),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
