#include "input/bind.h"

#include <string.h>

#include "unit.h"

/** The example of the car: the driver has two displays, of which one is the gauges. */
static struct bn_display displays[] = {
	{ .name = "cluster", .width_mm = 292, .height_mm = 110, .safety = true },
	{ .name = "center", .width_mm = 344, .height_mm = 194 },
	{ .name = "passenger", .width_mm = 344, .height_mm = 194 },
};
static size_t driver_displays[] = { 0, 1 }, passenger_displays[] = { 2 };
static struct bn_touch_match driver_touches[] = { { .serial = "touch-center" },
	{ .path = "pci-0000:00:04.0" } };
static struct bn_touch_match passenger_touches[] = { { .serial = "touch-passenger",
		.name = "Panel" } };
static struct bn_occupant occupants[] = {
	{ .name = "driver",
			.displays = driver_displays,
			.display_count = 2,
			.touches = driver_touches,
			.touch_count = 2 },
	{ .name = "passenger",
			.displays = passenger_displays,
			.display_count = 1,
			.touches = passenger_touches,
			.touch_count = 1 },
};

static struct bn_layout car(void) {
	return (struct bn_layout){
		.displays = displays,
		.display_count = 3,
		.occupants = occupants,
		.occupant_count = 2,
	};
}

static struct bn_touch_keys panel(const char *uniq, const char *path) {
	struct bn_touch_keys keys = { 0 };
	strcpy(keys.name, "Panel");
	strcpy(keys.serials[0], uniq);
	strcpy(keys.paths[0], path);
	return keys;
}

static void test_equal_panels(void **state) {
	struct bn_layout layout = car();
	enum bn_bind_how how;
	struct bn_touch_keys keys = panel("touch-center", "pci-0000:00:03.0");
	assert_int_equal(bn_bind_touch(&layout, &keys, BN_NONE, &how), 1);
	assert_int_equal(how, BN_BIND_PLAIN);
	keys = panel("touch-passenger", "pci-0000:00:05.0");
	assert_int_equal(bn_bind_touch(&layout, &keys, BN_NONE, &how), 2);
	assert_int_equal(how, BN_BIND_MATCH);
	keys = panel("", "pci-0000:00:04.0");
	assert_int_equal(bn_bind_touch(&layout, &keys, BN_NONE, &how), 1);
}

static void test_unknown(void **state) {
	struct bn_layout layout = car();
	enum bn_bind_how how;
	struct bn_touch_keys keys = panel("touch-rear", "usb-1");
	assert_int_equal(bn_bind_touch(&layout, &keys, BN_NONE, &how), BN_NONE);
	assert_int_equal(how, BN_BIND_NONE);
	assert_int_equal(bn_bind_touch(&layout, &keys, 2, &how), 2);
	assert_int_equal(how, BN_BIND_OUTPUT);
	// all keys of an entry must agree
	keys = panel("touch-passenger", "");
	strcpy(keys.name, "Other");
	assert_int_equal(bn_bind_touch(&layout, &keys, BN_NONE, &how), BN_NONE);
}

static void test_empty_keys(void **state) {
	struct bn_touch_keys keys = panel("", "");
	const struct bn_touch_match nothing = { 0 }, empty = { .serial = "" };
	assert_false(bn_bind_matches(&nothing, &keys));
	assert_false(bn_bind_matches(&empty, &keys));
}

static void test_other_keys(void **state) {
	struct bn_touch_keys keys = panel("", "");
	const struct bn_touch_match serial = { .serial = "S" }, path = { .path = "P" },
				    both = { .serial = "S", .path = "P" };
	strcpy(keys.serials[2], "S");
	assert_true(bn_bind_matches(&serial, &keys));
	assert_false(bn_bind_matches(&both, &keys));
	strcpy(keys.paths[1], "P");
	assert_true(bn_bind_matches(&path, &keys));
	assert_true(bn_bind_matches(&both, &keys));
}

static void test_layout_wins(void **state) {
	struct bn_layout layout = car();
	enum bn_bind_how how;
	struct bn_touch_keys keys = panel("touch-passenger", "");
	// a udev rule that names another occupant's output
	assert_int_equal(bn_bind_touch(&layout, &keys, 1, &how), 2);
	keys = panel("touch-center", "");
	assert_int_equal(bn_bind_touch(&layout, &keys, 0, &how), 0);
	assert_int_equal(how, BN_BIND_OUTPUT);
	assert_int_equal(bn_bind_touch(&layout, &keys, 2, &how), 1);
}

static void test_size(void **state) {
	struct bn_layout layout = car();
	enum bn_bind_how how;
	struct bn_touch_keys keys = panel("touch-center", "");
	keys.width_mm = 293;
	keys.height_mm = 110;
	assert_int_equal(bn_bind_touch(&layout, &keys, BN_NONE, &how), 0);
	assert_int_equal(how, BN_BIND_SIZE);
	keys.height_mm = 194;
	assert_int_equal(bn_bind_touch(&layout, &keys, BN_NONE, &how), 1);
	assert_int_equal(how, BN_BIND_PLAIN);
}

static void test_ambiguous(void **state) {
	struct bn_layout layout = car();
	enum bn_bind_how how;
	struct bn_touch_keys keys = panel("touch-center", "");
	displays[0].safety = false;
	assert_int_equal(bn_bind_touch(&layout, &keys, BN_NONE, &how), BN_NONE);
	assert_int_equal(how, BN_BIND_AMBIGUOUS);
	displays[0].safety = true;
}

static void test_only(void **state) {
	struct bn_layout layout = { .displays = displays, .display_count = 1 };
	enum bn_bind_how how;
	struct bn_touch_keys keys = panel("", "");
	assert_int_equal(bn_bind_touch(&layout, &keys, BN_NONE, &how), 0);
	assert_int_equal(how, BN_BIND_ONLY);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("two-equal-panels-are-told-apart", test_equal_panels),
		CASE("an-unknown-panel-is-bound-to-nothing", test_unknown),
		CASE("a-missing-key-matches-nothing", test_empty_keys),
		CASE("every-kind-of-serial-and-path-counts", test_other_keys),
		CASE("the-layout-beats-what-the-device-says", test_layout_wins),
		CASE("the-size-tells-an-occupants-displays-apart", test_size),
		CASE("a-panel-that-could-be-two-displays-is-none", test_ambiguous),
		CASE("one-display-takes-any-panel", test_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
