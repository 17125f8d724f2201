// A frame of a lesser display that is drawn in parts, with the cluster's frames in between.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "kit.h"
#include "output.h"
#include "plan.h"

enum { MS = 1000000, WIDTH = 320, HEIGHT = 200 };

#define LAYOUT(empty) \
	"binnacle: 1\n" \
	"displays:\n" \
	"  cluster: { mode: 320x200@50, size-mm: [160, 100], criticality: safety }\n" \
	"  center: { mode: 320x200@50, size-mm: [160, 100] }\n" \
	"zones:\n" \
	"  gauges: { display: cluster, rect: full, grant: [gauges] }\n" \
	"  ground: { display: center, rect: full, empty: \"" empty "\" }\n" \
	"  main: { display: center, rect: [10, 10, 290, 170], grant: [nav], radius: 24, fit: " \
	"stretch }\n" \
	"  hint: { display: center, rect: [200, 100, 100, 90], layer: overlay, grant: [hint], " \
	"radius: 8 }\n" \
	"apps:\n" \
	"  gauges: { home: gauges }\n" \
	"  nav: { home: main }\n" \
	"  hint: { home: hint }\n"

static const uint32_t warm[4] = { 0xffff0000, 0xffff8000, 0xffffff00, 0xff804000 };
static const uint32_t cold[4] = { 0xff0000ff, 0xff0080ff, 0xff00ffff, 0xff004080 };
static const uint32_t veil[4] = { 0x80800000, 0x40004000, 0x20000020, 0xff202020 };

struct rig {
	struct bn_fixture fixture;
	struct bn_test_client *gauges, *nav, *hint;
	struct bn_test_window *needle, *map, *note;
	struct bn_output *cluster, *center;
};

/** Lets the time go by, while the needle moves. */
static void drive(struct rig *rig, int ms) {
	for (int i = 0; i < ms; i++) {
		int answered = rig->needle->frames_done;
		assert_true(bn_test_client_roundtrip(rig->gauges));
		if (rig->needle->frames_done > answered) {
			bn_test_window_draw(rig->needle, 0xff000000 | (uint32_t)i);
			assert_true(bn_test_client_roundtrip(rig->gauges));
		}
		bn_fixture_advance_ms(&rig->fixture, 1);
	}
}

static void show(struct rig *rig, const uint32_t colors[4]) {
	bn_kit_commit(rig->map->surface, bn_kit_quarters(rig->nav, 97, 61, colors));
	assert_true(bn_test_client_roundtrip(rig->nav));
}

static void start(struct rig *rig, void **state) {
	const struct bn_fixture_options options = {
		.layout = LAYOUT("#102030"),
		.renderer = *(const enum bn_renderer_kind *)*state,
	};
	bn_fixture_start(&rig->fixture, &options);
	rig->gauges = bn_test_client_connect(&rig->fixture, "gauges");
	rig->nav = bn_test_client_connect(&rig->fixture, "nav");
	rig->hint = bn_test_client_connect(&rig->fixture, "hint");
	rig->needle = bn_test_window_create(rig->gauges, NULL, 0xff0000ff);
	rig->map = bn_test_window_create(rig->nav, NULL, 0xff00ff00);
	rig->note = bn_test_window_create(rig->hint, NULL, 0xff00ff00);
	bn_kit_commit(rig->note->surface, bn_kit_quarters(rig->hint, 100, 90, veil));
	assert_true(bn_test_client_roundtrip(rig->hint));
	rig->cluster = bn_kit_output(&rig->fixture, "cluster");
	rig->center = bn_kit_output(&rig->fixture, "center");
	// Time stands still while something is drawn, so turns would end when they begin.
	rig->center->outputs->turn_ns = BN_NSEC_PER_SEC;
	rig->needle->wants_frames = true;
	bn_test_window_draw(rig->needle, 0xff000000);
	show(rig, cold);
	drive(rig, 200);
	assert_int_equal(rig->center->stats.divided, 0);
}

static void finish(struct rig *rig) {
	bn_test_client_disconnect(rig->gauges);
	bn_test_client_disconnect(rig->nav);
	bn_test_client_disconnect(rig->hint);
	bn_fixture_stop(&rig->fixture);
}

static uint32_t *picture(struct rig *rig) {
	uint32_t *pixels;
	int32_t width, height;
	char error[128];
	assert_true(bn_output_screenshot(rig->center, &pixels, &width, &height, error,
			sizeof(error)));
	assert_int_equal(width, WIDTH);
	assert_int_equal(height, HEIGHT);
	return pixels;
}

/** Where GLES scales, each rectangle's coordinates are rounded by themselves. */
static void assert_same(uint32_t *before, uint32_t *after, void **state) {
	bool exact = *(const enum bn_renderer_kind *)*state == BN_RENDERER_PIXMAN;
	for (int i = 0; i < WIDTH * HEIGHT; i++) {
		if (!bn_kit_same_color(before[i], after[i], exact ? 0 : 1)) {
			fail_msg("%d, %d: %06x, undivided %06x", i % WIDTH, i / WIDTH, after[i],
					before[i]);
		}
	}
	free(before);
	free(after);
}

/** Until a part of the picture is drawn, and another is not. */
static void begin_in_parts(struct rig *rig, const uint32_t colors[4]) {
	// Three refreshes' worth: it never fits between two frames of the cluster.
	bn_predictor_init(&rig->center->deadline.cost, 60 * MS);
	show(rig, colors);
	for (int ms = 0; !rig->center->composing.active; ms++) {
		assert_true(ms < 200);
		drive(rig, 1);
	}
	assert_false(bn_compose_is_done(rig->center));
}

/** What the warm picture looks like, undivided; the cold one is shown again. */
static uint32_t *learn_warm(struct rig *rig) {
	show(rig, warm);
	drive(rig, 60);
	uint32_t *whole = picture(rig);
	show(rig, cold);
	drive(rig, 60);
	assert_int_equal(rig->center->stats.divided, 0);
	return whole;
}

static void in_parts_come_the_same_pixels(void **state) {
	struct rig rig;
	start(&rig, state);
	uint32_t *whole = learn_warm(&rig);
	uint64_t shown = rig.cluster->stats.presented;
	begin_in_parts(&rig, warm);
	while (rig.center->composing.active) {
		drive(&rig, 1);
	}
	assert_int_equal(rig.center->stats.divided, 1);
	assert_int_equal(rig.center->record.predicted_ns, 60 * MS);
	// It let frames of the cluster pass, and none of those was late for it.
	assert_true(rig.cluster->stats.presented >= shown + 3);
	assert_int_equal(rig.cluster->stats.missed, 0);
	assert_same(whole, picture(&rig), state);
	finish(&rig);
}

static void in_turns_come_the_same_pixels(void **state) {
	struct rig rig;
	start(&rig, state);
	uint32_t *whole = learn_warm(&rig);
	rig.center->outputs->turn_ns = BN_PLAN_TURN_NS;
	bn_predictor_init(&rig.center->deadline.cost, 8 * MS);
	show(&rig, warm);
	drive(&rig, 60);
	assert_int_equal(rig.center->stats.divided, 1);
	assert_int_equal(rig.cluster->stats.missed, 0);
	assert_same(whole, picture(&rig), state);
	finish(&rig);
}

/** Windows that go again and again while a frame shows them cannot keep it from being shown. */
static void who_leaves_again_and_again_does_not_stop_the_display(void **state) {
	struct rig rig;
	start(&rig, state);
	uint64_t shown = rig.center->stats.presented;
	begin_in_parts(&rig, warm);
	// Four refreshes' worth of drawing, and a window that is there for one.
	int windows = 0;
	for (; rig.center->stats.presented == shown && windows < 40; windows++) {
		bn_test_client_disconnect(rig.nav);
		rig.nav = bn_test_client_connect(&rig.fixture, "nav");
		rig.map = bn_test_window_create(rig.nav, NULL, 0xff00ff00);
		show(&rig, warm);
		drive(&rig, 16);
	}
	assert_int_in_range(windows, BN_COMPOSE_RESTARTS, 12);
	drive(&rig, 400);
	assert_int_equal(bn_fixture_pixel(&rig.fixture, "center", 60, 170), 0xffff00);
	finish(&rig);
}

static void what_comes_meanwhile_is_shown_next(void **state) {
	struct rig rig;
	start(&rig, state);
	uint32_t *whole = picture(&rig);
	begin_in_parts(&rig, warm);
	uint64_t shown = rig.center->stats.presented;
	show(&rig, cold);
	assert_true(rig.center->composing.active);
	drive(&rig, 400);
	assert_int_equal(rig.center->stats.presented, shown + 2);
	assert_same(whole, picture(&rig), state);
	finish(&rig);
}

static void whoever_looks_sees_a_whole_picture(void **state) {
	struct rig rig;
	start(&rig, state);
	begin_in_parts(&rig, warm);
	free(picture(&rig));
	assert_false(rig.center->composing.active);
	assert_int_equal(bn_fixture_pixel(&rig.fixture, "center", 60, 170), 0xffff00);
	uint64_t shown = rig.center->stats.presented;
	drive(&rig, 100);
	assert_int_equal(rig.center->stats.presented, shown);
	finish(&rig);
}

static void a_client_that_leaves_meanwhile_is_not_drawn(void **state) {
	struct rig rig;
	start(&rig, state);
	begin_in_parts(&rig, warm);
	bn_test_client_disconnect(rig.nav);
	rig.nav = bn_test_client_connect(&rig.fixture, "nav");
	drive(&rig, 400);
	assert_false(rig.center->composing.active);
	assert_int_equal(bn_fixture_pixel(&rig.fixture, "center", 60, 60), 0x102030);
	assert_int_equal(rig.center->stats.failed, 0);
	finish(&rig);
}

static void a_layout_that_comes_meanwhile_is_shown(void **state) {
	struct rig rig;
	start(&rig, state);
	begin_in_parts(&rig, warm);
	bn_fixture_write_layout(&rig.fixture, LAYOUT("#405060"));
	drive(&rig, 600);
	assert_false(rig.center->composing.active);
	assert_int_equal(bn_fixture_pixel(&rig.fixture, "center", 2, 2), 0x405060);
	assert_int_equal(bn_fixture_pixel(&rig.fixture, "center", 60, 170), 0xffff00);
	finish(&rig);
}

static void a_display_that_goes_meanwhile_leaves_nothing(void **state) {
	struct rig rig;
	start(&rig, state);
	begin_in_parts(&rig, warm);
	bn_kit_unplug(&rig.fixture, "center");
	drive(&rig, 60);
	finish(&rig);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		BN_ON_BOTH("in-parts-come-the-same-pixels", in_parts_come_the_same_pixels),
		BN_ON_BOTH("in-turns-come-the-same-pixels", in_turns_come_the_same_pixels),
		BN_ON_BOTH("who-leaves-again-and-again-does-not-stop-the-display",
				who_leaves_again_and_again_does_not_stop_the_display),
		BN_ON_BOTH("what-comes-meanwhile-is-shown-next",
				what_comes_meanwhile_is_shown_next),
		BN_ON_BOTH("whoever-looks-sees-a-whole-picture",
				whoever_looks_sees_a_whole_picture),
		BN_ON_BOTH("a-client-that-leaves-meanwhile-is-not-drawn",
				a_client_that_leaves_meanwhile_is_not_drawn),
		BN_ON_BOTH("a-layout-that-comes-meanwhile-is-shown",
				a_layout_that_comes_meanwhile_is_shown),
		BN_ON_BOTH("a-display-that-goes-meanwhile-leaves-nothing",
				a_display_that_goes_meanwhile_leaves_nothing),
	};
	return cmocka_run_group_tests_name("compose", tests, NULL, NULL);
}
