// Vehicle, arrangement and draw list when memory runs out: nothing is lost, nothing half done.

#include "core/arrange.h"
#include "core/drawlist.h"
#include "core/vehicle.h"

#include "failing.h"
#include "unit.h"

enum { ZONES = 3, VIEWS = 40 };

struct bench {
	struct bn_layout layout;
	struct bn_display display;
	struct bn_zone zones[ZONES];
	struct bn_signal signal;
	struct bn_state state;
	struct bn_condition condition;
	struct bn_rule rule;
	struct bn_app app;
	struct bn_arrange_display present;
	struct bn_arrange_view views[VIEWS];
	struct bn_arrange_request request;
};

static void bench_init(struct bench *b) {
	*b = (struct bench){
		.display = { .name = "center", .width = 100, .height = 100, .scale = 1 },
		.signal = { .name = "A" },
		.condition = { .kind = BN_CONDITION_OVER, .limit = 1, .until = 1 },
		.rule = { .theme = BN_NONE },
		.app = { .name = "nav", .home = BN_NONE },
		.present = { true, 100, 100 },
		.request = { 1, 0, 5 },
	};
	for (size_t i = 0; i < ZONES; i++) {
		b->zones[i] = (struct bn_zone){
			.layer = BN_LAYER_APP,
			.same_as = BN_NONE,
			.parent = BN_NONE,
			.grant_all = true,
			.visible = true,
		};
	}
	for (size_t i = 0; i < VIEWS; i++) {
		b->views[i] = (struct bn_arrange_view){
			.id = i + 1,
			.map_serial = i + 1,
			.app = BN_NONE,
			.asked_zone = i % ZONES,
		};
	}
	b->layout = (struct bn_layout){
		.displays = &b->display,
		.display_count = 1,
		.zones = b->zones,
		.zone_count = ZONES,
		.signals = &b->signal,
		.signal_count = 1,
		.conditions = &b->condition,
		.condition_count = 1,
		.hysteresis_count = 1,
		.states = &b->state,
		.state_count = 1,
		.rules = &b->rule,
		.rule_count = 1,
		.apps = &b->app,
		.app_count = 1,
	};
}

static void test_vehicle(void **state) {
	struct bench b;
	bench_init(&b);
	long nth = 0;
	for (bool has_failed = true; has_failed; nth++) {
		fail_nth(nth);
		struct bn_vehicle *vehicle = bn_vehicle_create(&b.layout, 0);
		has_failed = fail_none();
		assert_int_equal(vehicle == NULL, has_failed);
		bn_vehicle_destroy(vehicle);
	}
	assert_true(nth > 3);
}

static bool arrange(struct bench *b, struct bn_arrangement *arrangement,
		const struct bn_vehicle *vehicle, size_t zones, size_t views) {
	b->layout.zone_count = zones;
	const struct bn_arrange_in in = {
		.layout = &b->layout,
		.vehicle = vehicle,
		.displays = &b->present,
		.views = b->views,
		.view_count = views,
		.requests = &b->request,
		.request_count = zones > 1 ? 1 : 0,
	};
	return bn_arrange_run(arrangement, &in);
}

static void test_arrangement(void **state) {
	struct bench b;
	bench_init(&b);
	struct bn_vehicle *vehicle = bn_vehicle_create(&b.layout, 0);
	assert_non_null(vehicle);
	long nth = 0;
	for (bool has_failed = true; has_failed; nth++) {
		struct bn_arrangement arrangement;
		bn_arrange_init(&arrangement);
		assert_true(arrange(&b, &arrangement, vehicle, 1, 1));
		fail_nth(nth);
		bool arranged = arrange(&b, &arrangement, vehicle, ZONES, VIEWS);
		has_failed = fail_none();
		assert_int_equal(arranged, !has_failed);
		// Without memory everything stays as it was decided last.
		assert_int_equal(arrangement.zone_count, arranged ? ZONES : 1);
		assert_int_equal(arrangement.view_count, arranged ? VIEWS : 1);
		assert_int_equal(arrangement.zones[0].view, arranged ? VIEWS : 1);
		assert_true(arrangement.views[arrangement.view_count - 1].visible);
		bn_arrange_finish(&arrangement);
	}
	assert_true(nth > 4);
	bn_vehicle_destroy(vehicle);
}

/** A frame of `count` entries side by side; returns how many were taken. */
static size_t draw(struct bn_drawlist *list, size_t count) {
	size_t taken = 0;
	bn_drawlist_begin(list, 100, 1);
	for (size_t i = 0; i < count; i++) {
		const struct bn_rect box = { (int32_t)i, 0, 1, 1 };
		const struct bn_draw_item item = {
			.key = i + 1,
			.version = 1,
			.box = box,
			.clip = box,
			.opaque = true,
			.alpha = 1,
		};
		taken += bn_drawlist_add(list, &item, NULL);
	}
	bn_drawlist_end(list);
	return taken;
}

static void test_drawlist(void **state) {
	long nth = 0;
	for (bool has_failed = true; has_failed; nth++) {
		struct bn_drawlist list;
		bn_drawlist_init(&list);
		fail_nth(nth);
		for (size_t frame = 0; frame < 4; frame++) {
			size_t taken = draw(&list, 90);
			// An entry that was not taken vanished: its place is damaged and nothing is drawn there.
			assert_int_equal(list.count, taken);
		}
		has_failed = fail_none();
		assert_int_equal(draw(&list, 90), 90);
		assert_int_equal(draw(&list, 90), 90);
		assert_false(pixman_region32_not_empty(&list.damage));
		bn_drawlist_finish(&list);
	}
	assert_true(nth > 4);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-vehicle-is-made-whole-or-not-at-all", test_vehicle),
		CASE("an-arrangement-stays-when-memory-runs-out", test_arrangement),
		CASE("a-draw-list-recovers-by-itself", test_drawlist),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
