// Freshness: a camera that is live, and each way in which it may not be, with real clients in virtual time.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client.h"
#include "cockpit.h"
#include "core/nsec.h"
#include "fixture.h"
#include "kit.h"
#include "loop.h"
#include "output.h"
#include "safety/fresh.h"
#include "shell/view.h"

#define GEAR "Vehicle.Powertrain.Transmission.CurrentGear"
#define MAX_AGE_MS 100
#define BEAT_MS 50
#define FRAME_MS 17
#define PICTURE_MS 30 // between two pictures of a camera that is well
#define BACK_MS 500

// What the cases tell apart on glass.
#define MAP 0x204060
#define BROKEN 0xff00ff  // on-fault of the camera's zone
#define STOPPED 0x00ffff // on-fault of the gauges' zone

static const char layout[] =
		"binnacle: 1\n"
		"displays:\n"
		"  center: { mode: 320x200@60, size-mm: [160, 100], criticality: safety }\n"
		"signals:\n"
		"  " GEAR ": {}\n"
		"states:\n"
		"  reversing: { " GEAR ": -1 }\n"
		"zones:\n"
		"  main: { display: center, rect: [0, 0, 160, 200], grant: [nav], empty: '#204060' "
		"}\n"
		"  gauges: { display: center, rect: [160, 0, 160, 200], grant: [cluster], "
		"heartbeat: "
		"100ms, on-fault: '#00ffff' }\n"
		"  camera: { display: center, rect: [0, 0, 160, 100], layer: safety, grant: "
		"[camera], "
		"visible: false, max-age: 100ms, on-fault: '#ff00ff' }\n"
		"rules:\n"
		"  rear-view: { when: reversing, show: { camera: camera } }\n"
		"apps:\n"
		"  nav: { home: main }\n"
		"  cluster: { home: gauges }\n"
		"  camera: { home: camera }\n";

enum habit {
	WELL,   // another picture each 30 ms
	SILENT, // nothing, but it answers
	SAME,   // the same picture each 30 ms
	DEAD,   // it hangs: nothing, and no answer
	STUCK,  // another picture, in which the counter stands still
};

struct camera {
	struct bn_fixture fixture;
	struct bn_test_client *client;
	struct bn_test_window *window;
	enum habit habit;
	int64_t ms;         // since the start
	int64_t picture_ms; // of its last commit that was another picture
	uint32_t color;     // of it; the red byte of its colours is 0x40
};

static bool is_live_color(uint32_t pixel) {
	return (pixel & 0xff0000) == 0x400000;
}

static uint32_t pixel(struct camera *camera) {
	return bn_fixture_pixel(&camera->fixture, "center", 40, 50);
}

static void set_gear(struct camera *camera, double gear) {
	const struct bn_identity owner = { .source = BN_IDENTITY_OWNER, .app = BN_NONE };
	const struct bn_value value = { .kind = BN_VALUE_NUMBER, .number = gear };
	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_set_signal(bn_server_cockpit(camera->fixture.server), &owner, GEAR,
			&value, error));
}

static void connect_camera(struct camera *camera) {
	camera->client = bn_test_client_connect(&camera->fixture, "camera");
	camera->color = 0xff400001;
	camera->window = bn_test_window_create(camera->client, "camera", camera->color);
	camera->window->wants_frames = true;
	camera->picture_ms = camera->ms;
}

static void open_with(struct camera *camera, const char *yaml, void **state) {
	*camera = (struct camera){ .habit = WELL };
	const struct bn_fixture_options options = {
		.layout = yaml,
		.renderer = **(const enum bn_renderer_kind **)state,
	};
	bn_fixture_start(&camera->fixture, &options);
	connect_camera(camera);
}

static void open_cockpit(struct camera *camera, void **state) {
	open_with(camera, layout, state);
}

static void close_cockpit(struct camera *camera) {
	if (camera->client != NULL) {
		bn_test_client_disconnect(camera->client);
	}
	bn_fixture_stop(&camera->fixture);
}

/** The left half of its picture is a counter. */
static void draw_stuck(struct camera *camera, uint32_t color) {
	const uint32_t colors[4] = { 0xff400000, color, 0xff400000, color };
	struct bn_test_window *window = camera->window;
	bn_kit_commit(window->surface,
			bn_kit_quarters(camera->client, window->width, window->height, colors));
}

/** What the camera does when it is time for a picture. */
static void draw(struct camera *camera) {
	switch (camera->habit) {
	case WELL:
		camera->color = 0xff400000 | ((camera->color + 1) & 0xffff);
		camera->picture_ms = camera->ms;
		bn_test_window_draw(camera->window, camera->color);
		return;
	case SAME:
		bn_test_window_draw(camera->window, camera->color);
		return;
	case STUCK:
		camera->color = 0xff400000 | ((camera->color + 1) & 0xffff);
		draw_stuck(camera, camera->color);
		return;
	case SILENT:
	case DEAD:
		return;
	}
}

/** One millisecond. */
static void tick(struct camera *camera) {
	if (camera->client != NULL) {
		camera->window->is_mute = camera->habit == SILENT;
		if (camera->ms % PICTURE_MS == 0) {
			draw(camera);
		}
		// Who hangs does not even read.
		assert_true(camera->habit == DEAD || bn_test_client_roundtrip(camera->client));
	}
	bn_fixture_advance_ms(&camera->fixture, 1);
	camera->ms++;
}

static void run(struct camera *camera, int64_t ms) {
	for (int64_t i = 0; i < ms; i++) {
		tick(camera);
	}
}

/** How long until it is there, ms; fails after `most`. Between, what is there is only what `before` says. */
static int64_t until(struct camera *camera, bool (*there)(uint32_t), bool (*before)(uint32_t),
		int64_t most) {
	for (int64_t i = 0; i <= most; i++) {
		uint32_t seen = pixel(camera);
		if (there(seen)) {
			return i;
		}
		if (!before(seen)) {
			fail_msg("after %d ms there is %06x on glass", (int)i, seen);
		}
		tick(camera);
	}
	fail_msg("%06x after %d ms", pixel(camera), (int)most);
	return most;
}

static bool is_map(uint32_t seen) {
	return seen == MAP;
}

static bool is_broken(uint32_t seen) {
	return seen == BROKEN;
}

static enum bn_freeze_verdict verdict(struct camera *camera, const char *zone) {
	size_t index = bn_layout_find_zone(bn_server_cockpit(camera->fixture.server)->layout, zone);
	const struct bn_fresh_zone *known =
			bn_fresh_find(bn_server_fresh(camera->fixture.server), index);
	assert_non_null(known);
	assert_true(known->view != 0);
	return known->freeze.verdict;
}

static void assert_why(struct camera *camera, const char *name, const char *text) {
	char *why = bn_cockpit_why(bn_server_cockpit(camera->fixture.server), name);
	assert_non_null(why);
	if (strstr(why, text) == NULL) {
		fail_msg("why %s says: %s", name, why);
	}
	free(why);
}

static void show_live(struct camera *camera) {
	run(camera, 100);
	set_gear(camera, -1);
	until(camera, is_live_color, is_map, PICTURE_MS + 3 * FRAME_MS);
}

/** The camera's habit becomes `habit`; in time its zone says so. Returns how long after its last picture, ms. */
static int64_t break_it(struct camera *camera, enum habit habit, enum bn_freeze_verdict as) {
	show_live(camera);
	run(camera, 200);
	assert_true(is_live_color(pixel(camera)));
	camera->habit = habit;
	int64_t since = camera->picture_ms;
	until(camera, is_broken, is_live_color, MAX_AGE_MS + BEAT_MS + 2 * FRAME_MS);
	assert_int_in_range(camera->ms - since, MAX_AGE_MS, MAX_AGE_MS + BEAT_MS + 2 * FRAME_MS);
	assert_int_equal(verdict(camera, "camera"), as);
	return camera->ms - since;
}

static void a_live_camera_is_on_glass_and_nothing_old_before(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	show_live(&camera);
	for (int i = 0; i < 1000; i++) {
		tick(&camera);
		assert_true(is_live_color(pixel(&camera)));
	}
	assert_int_equal(verdict(&camera, "camera"), BN_FREEZE_LIVE);
	close_cockpit(&camera);
}

static void a_camera_without_commits_is_covered_in_time(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	int64_t took = break_it(&camera, SILENT, BN_FREEZE_NO_COMMITS);
	print_message("# no commits: on-fault on glass %d ms after the last picture\n", (int)took);
	run(&camera, 1000);
	assert_int_equal(verdict(&camera, "camera"), BN_FREEZE_NO_COMMITS);
	assert_int_equal(pixel(&camera), BROKEN);
	assert_why(&camera, "camera", "sends no new buffers");
	assert_why(&camera, "camera", "refused or held back: no new buffer for ");
	close_cockpit(&camera);
}

static void the_same_pixels_again_are_told_apart(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	int64_t took = break_it(&camera, SAME, BN_FREEZE_SAME_PIXELS);
	print_message("# same pixels: on-fault on glass %d ms after the last picture\n", (int)took);
	assert_why(&camera, "camera", "with the same pixels");
	close_cockpit(&camera);
}

static void a_camera_that_does_not_answer_is_told_apart(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	break_it(&camera, DEAD, BN_FREEZE_NO_COMMITS);
	run(&camera, MAX_AGE_MS + 2 * BEAT_MS);
	assert_int_equal(verdict(&camera, "camera"), BN_FREEZE_NO_ANSWER);
	assert_int_equal(pixel(&camera), BROKEN);
	// It wakes up: it answers, is asked to draw, and is live again after a while.
	camera.habit = WELL;
	until(&camera, is_live_color, is_broken, 2 * BACK_MS);
	close_cockpit(&camera);
}

static void a_counter_that_stands_still_is_told_apart(void **state) {
	char yaml[sizeof(layout) + 64];
	const char *at = strstr(layout, "max-age: 100ms");
	snprintf(yaml, sizeof(yaml), "%.*scounter: [0, 0, 50%%, 100%%], %s", (int)(at - layout),
			layout, at);
	struct camera camera;
	open_with(&camera, yaml, state);
	break_it(&camera, STUCK, BN_FREEZE_SAME_COUNTER);
	assert_why(&camera, "camera", "counter in its picture stands still");
	close_cockpit(&camera);
}

static void without_a_counter_any_change_will_do(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	show_live(&camera);
	camera.habit = STUCK;
	run(&camera, 1000);
	assert_int_equal(verdict(&camera, "camera"), BN_FREEZE_LIVE);
	close_cockpit(&camera);
}

static void it_comes_back_after_half_a_second_and_does_not_flicker(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	break_it(&camera, SILENT, BN_FREEZE_NO_COMMITS);
	int frames = camera.window->frames_done;
	camera.habit = WELL;
	int64_t took = until(&camera, is_live_color, is_broken, 2 * BACK_MS);
	assert_int_in_range(took, BACK_MS, BACK_MS + PICTURE_MS + BEAT_MS + 2 * FRAME_MS);
	// It is asked to draw all the while, or it could not come back.
	assert_true(camera.window->frames_done > frames + 10);
	// Live for 200 ms, silent for 200 ms, for 10 s: the picture does not change with it.
	int changes = 0;
	bool was_live = true;
	for (int i = 0; i < 10000; i++) {
		camera.habit = i % 400 < 200 ? WELL : SILENT;
		tick(&camera);
		bool is_live = is_live_color(pixel(&camera));
		changes += is_live != was_live;
		was_live = is_live;
	}
	assert_int_equal(changes, 1);
	close_cockpit(&camera);
}

static void an_old_picture_is_not_shown_the_second_time(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	show_live(&camera);
	run(&camera, 100);
	set_gear(&camera, 1);
	run(&camera, 1000);
	assert_int_equal(pixel(&camera), MAP);
	camera.habit = SILENT;
	run(&camera, 1000);
	set_gear(&camera, -1);
	// What it drew a second ago never comes on glass: the map, then the fallback.
	int64_t took = until(&camera, is_broken, is_map, MAX_AGE_MS + BEAT_MS + 2 * FRAME_MS);
	assert_true(took >= MAX_AGE_MS);
	assert_int_equal(verdict(&camera, "camera"), BN_FREEZE_NO_PICTURE);
	// A late start is a start: its first picture shows without a wait.
	camera.habit = WELL;
	until(&camera, is_live_color, is_broken, PICTURE_MS + 3 * FRAME_MS);
	close_cockpit(&camera);
}

static void a_hidden_camera_is_not_judged_and_wakes_nobody(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	camera.habit = SILENT;
	run(&camera, 100);
	struct bn_loop *loop = bn_server_loop(camera.fixture.server);
	assert_true(bn_loop_next_ns(loop) == BN_NSEC_NEVER);
	camera.habit = WELL;
	show_live(&camera);
	assert_true(bn_loop_next_ns(loop) != BN_NSEC_NEVER);
	set_gear(&camera, 1);
	camera.habit = SILENT;
	run(&camera, 300);
	assert_true(bn_loop_next_ns(loop) == BN_NSEC_NEVER);
	size_t zone = bn_layout_find_zone(bn_server_cockpit(camera.fixture.server)->layout,
			"camera");
	const struct bn_fresh_zone *known =
			bn_fresh_find(bn_server_fresh(camera.fixture.server), zone);
	assert_int_equal(known->view, 0);
	for (int i = BN_FREEZE_NO_PICTURE; i < BN_FREEZE_VERDICT_COUNT; i++) {
		assert_int_equal(known->faults[i], 0);
	}
	close_cockpit(&camera);
}

static void from_a_cold_start_the_fallback_says_so_until_it_is_live(void **state) {
	struct camera camera = { .habit = WELL };
	const struct bn_fixture_options options = {
		.layout = layout,
		.renderer = **(const enum bn_renderer_kind **)state,
	};
	bn_fixture_start(&camera.fixture, &options);
	run(&camera, 50);
	set_gear(&camera, -1);
	until(&camera, is_broken, is_map, 2 * FRAME_MS);
	run(&camera, 500);
	assert_int_equal(pixel(&camera), BROKEN);
	connect_camera(&camera);
	until(&camera, is_live_color, is_broken, PICTURE_MS + 4 * FRAME_MS);
	close_cockpit(&camera);
}

static void a_picture_in_a_subsurface_counts(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	struct bn_kit_subsurface video;
	bn_kit_subsurface_open(&video, camera.client, camera.window->surface, 0, 0, 20, 20,
			0xff400010);
	wl_subsurface_set_desync(video.subsurface);
	show_live(&camera);
	camera.habit = SILENT;
	for (uint32_t i = 0; i < 30; i++) {
		bn_kit_subsurface_draw(&video, 20, 20, 0xff400020 + i);
		run(&camera, PICTURE_MS);
	}
	assert_int_equal(verdict(&camera, "camera"), BN_FREEZE_LIVE);
	run(&camera, MAX_AGE_MS + BEAT_MS);
	assert_int_equal(verdict(&camera, "camera"), BN_FREEZE_NO_COMMITS);
	close_cockpit(&camera);
}

static void a_reload_is_no_reason_to_doubt_it(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	show_live(&camera);
	run(&camera, 100);
	char yaml[sizeof(layout)];
	strcpy(yaml, layout);
	memcpy(strstr(yaml, "#204060"), "#204061", 7);
	bn_fixture_write_layout(&camera.fixture, yaml);
	for (int i = 0; i < 200; i++) {
		tick(&camera);
		assert_true(is_live_color(pixel(&camera)));
	}
	assert_int_equal(bn_server_cockpit(camera.fixture.server)->reload_count, 1);
	camera.habit = SILENT;
	until(&camera, is_broken, is_live_color, MAX_AGE_MS + BEAT_MS + 2 * FRAME_MS);
	close_cockpit(&camera);
}

static void a_camera_that_leaves_is_replaced_by_its_fallback(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	show_live(&camera);
	bn_test_client_disconnect(camera.client);
	camera.client = NULL;
	until(&camera, is_broken, is_live_color, 3 * FRAME_MS);
	connect_camera(&camera);
	until(&camera, is_live_color, is_broken, PICTURE_MS + 4 * FRAME_MS);
	close_cockpit(&camera);
}

static uint32_t gauge_pixel(struct camera *camera) {
	return bn_fixture_pixel(&camera->fixture, "center", 240, 100);
}

static void gauges_that_stand_still_and_answer_are_live(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	struct bn_test_client *cluster = bn_test_client_connect(&camera.fixture, "cluster");
	bn_test_window_create(cluster, "cluster", 0xff223344);
	for (int i = 0; i < 3000; i++) {
		assert_true(bn_test_client_roundtrip(cluster));
		bn_fixture_advance_ms(&camera.fixture, 1);
	}
	assert_int_equal(gauge_pixel(&camera), 0x223344);
	assert_int_equal(verdict(&camera, "gauges"), BN_FREEZE_LIVE);
	bn_test_client_disconnect(cluster);
	close_cockpit(&camera);
}

static void gauges_that_do_not_answer_are_covered_and_come_back(void **state) {
	struct camera camera;
	open_cockpit(&camera, state);
	struct bn_test_client *cluster = bn_test_client_connect(&camera.fixture, "cluster");
	bn_test_window_create(cluster, "cluster", 0xff223344);
	for (int i = 0; i < 200; i++) {
		assert_true(bn_test_client_roundtrip(cluster));
		bn_fixture_advance_ms(&camera.fixture, 1);
	}
	cluster->ignore_pings = true;
	// A ping at the next beat, the heartbeat after it, one more beat, and the frame.
	int ms = 0;
	for (; gauge_pixel(&camera) != STOPPED; ms++) {
		assert_true(ms < 100 + 2 * BEAT_MS + 2 * FRAME_MS);
		assert_true(bn_test_client_roundtrip(cluster));
		bn_fixture_advance_ms(&camera.fixture, 1);
	}
	assert_true(ms > 100);
	assert_int_equal(verdict(&camera, "gauges"), BN_FREEZE_NO_ANSWER);
	assert_why(&camera, "cluster", "does not answer");
	cluster->ignore_pings = false;
	struct bn_test_window *window = wl_container_of(cluster->windows.next, window, link);
	bn_test_window_draw(window, 0xff223355);
	for (ms = 0; gauge_pixel(&camera) == STOPPED; ms++) {
		assert_true(ms < BACK_MS + 3 * BEAT_MS);
		bn_test_window_draw(window, 0xff223355);
		assert_true(bn_test_client_roundtrip(cluster));
		bn_fixture_advance_ms(&camera.fixture, 1);
	}
	assert_true(ms >= BACK_MS);
	bn_test_client_disconnect(cluster);
	close_cockpit(&camera);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		BN_ON_BOTH("a-live-camera-is-on-glass-and-nothing-old-before",
				a_live_camera_is_on_glass_and_nothing_old_before),
		BN_ON_BOTH("a-camera-without-commits-is-covered-in-time",
				a_camera_without_commits_is_covered_in_time),
		BN_ON_BOTH("the-same-pixels-again-are-told-apart",
				the_same_pixels_again_are_told_apart),
		BN_ON_BOTH("a-camera-that-does-not-answer-is-told-apart",
				a_camera_that_does_not_answer_is_told_apart),
		BN_ON_BOTH("a-counter-that-stands-still-is-told-apart",
				a_counter_that_stands_still_is_told_apart),
		BN_ON_BOTH("without-a-counter-any-change-will-do",
				without_a_counter_any_change_will_do),
		BN_ON_BOTH("it-comes-back-after-half-a-second-and-does-not-flicker",
				it_comes_back_after_half_a_second_and_does_not_flicker),
		BN_ON_BOTH("an-old-picture-is-not-shown-the-second-time",
				an_old_picture_is_not_shown_the_second_time),
		BN_ON_BOTH("a-hidden-camera-is-not-judged-and-wakes-nobody",
				a_hidden_camera_is_not_judged_and_wakes_nobody),
		BN_ON_BOTH("from-a-cold-start-the-fallback-says-so-until-it-is-live",
				from_a_cold_start_the_fallback_says_so_until_it_is_live),
		BN_ON_BOTH("a-picture-in-a-subsurface-counts", a_picture_in_a_subsurface_counts),
		BN_ON_BOTH("a-reload-is-no-reason-to-doubt-it", a_reload_is_no_reason_to_doubt_it),
		BN_ON_BOTH("a-camera-that-leaves-is-replaced-by-its-fallback",
				a_camera_that_leaves_is_replaced_by_its_fallback),
		BN_ON_BOTH("gauges-that-stand-still-and-answer-are-live",
				gauges_that_stand_still_and_answer_are_live),
		BN_ON_BOTH("gauges-that-do-not-answer-are-covered-and-come-back",
				gauges_that_do_not_answer_are_covered_and_come_back),
	};
	return cmocka_run_group_tests_name("fresh", tests, NULL, NULL);
}
