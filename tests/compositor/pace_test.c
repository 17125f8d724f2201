// When frames start, when clients are asked to draw, and what becomes of those that ask too much.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client.h"
#include "core/nsec.h"
#include "fixture.h"
#include "kit.h"
#include "output.h"

enum { MS = 1000000 };

static const char layout[] =
		"binnacle: 1\n"
		"displays:\n"
		"  cluster: { mode: 320x200@50, size-mm: [160, 100], criticality: safety }\n"
		"  center: { mode: 320x200@50, size-mm: [160, 100] }\n"
		"zones:\n"
		"  gauges: { display: cluster, rect: full, grant: [gauges] }\n"
		"  side: { display: cluster, rect: [0, 150, 320, 50], layer: overlay, grant: "
		"[side] }\n"
		"  main: { display: center, rect: full, grant: [nav, greedy, heavy] }\n"
		"apps:\n"
		"  gauges: { home: gauges }\n"
		"  side: { home: side }\n"
		"  nav: { home: main }\n"
		"  greedy:\n"
		"    home: main\n"
		"    limits: { commits-per-frame: 4, buffers: 20, buffer-bytes: 1MiB }\n"
		"  heavy: { home: main, limits: { upload-per-frame: 1KiB } }\n";

static void start(struct bn_fixture *fixture) {
	const struct bn_fixture_options options = { .layout = layout };
	bn_fixture_start(fixture, &options);
}

static struct bn_client *server_side(struct bn_fixture *fixture, const char *app) {
	struct bn_client *client;
	wl_list_for_each(client, &bn_server_clients(fixture->server)->list, link) {
		if (client->app_name != NULL && strcmp(client->app_name, app) == 0) {
			return client;
		}
	}
	fail_msg("no client is known as %s", app);
	return NULL;
}

/** A client that draws again as soon as it is asked, for `refreshes` of its display. */
static void animate(struct bn_fixture *fixture, struct bn_test_window *window, int refreshes) {
	int answered = window->frames_done;
	window->wants_frames = true;
	bn_test_window_draw(window, 0xff000000);
	for (int ms = 0; ms < refreshes * 20; ms++) {
		assert_true(bn_test_client_roundtrip(window->client));
		if (window->frames_done > answered) {
			answered = window->frames_done;
			bn_test_window_draw(window, 0xff000000 | (uint32_t)answered);
			assert_true(bn_test_client_roundtrip(window->client));
		}
		bn_fixture_advance_ms(fixture, 1);
	}
}

static void a_quick_client_is_asked_shortly_before_the_latch(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "gauges");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct bn_output *output = bn_kit_output(&fixture, "cluster");
	output->asks_late = true; // as with a display
	animate(&fixture, window, 20);
	uint64_t presented = output->stats.presented;
	int frames = window->frames_done;
	animate(&fixture, window, 10);
	// One callback and one picture a refresh, as before it was made to wait.
	assert_int_in_range(output->stats.presented - presented, 9, 11);
	assert_int_in_range(window->frames_done - frames, 9, 11);
	while (!bn_timer_is_armed(&output->callback_timer)) {
		animate(&fixture, window, 1);
	}
	int64_t now = bn_loop_now(bn_server_loop(fixture.server));
	int64_t latch = bn_deadline_next_wake(&output->deadline, now);
	int64_t before_ns = latch - output->callback_timer.due_ns;
	// The margin, and the steps of a millisecond in which this client is served.
	assert_int_in_range(before_ns, BN_DEADLINE_CALLBACK_MARGIN_NS,
			BN_DEADLINE_CALLBACK_MARGIN_NS + 4 * MS);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_surface_that_goes_is_not_called_back(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "gauges");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct bn_output *output = bn_kit_output(&fixture, "cluster");
	output->asks_late = true;
	animate(&fixture, window, 20);
	while (!bn_timer_is_armed(&output->callback_timer)) {
		animate(&fixture, window, 1);
	}
	bn_test_client_disconnect(client);
	bn_fixture_advance_ms(&fixture, 100);
	assert_true(wl_list_empty(&output->callbacks));
	bn_fixture_stop(&fixture);
}

static void answer(struct bn_test_window *window) {
	bn_test_window_draw(window, 0xff000000 | (uint32_t)window->frames_done);
	assert_true(bn_test_client_roundtrip(window->client));
}

/** One ms; which windows were asked. */
static void step(struct bn_fixture *fixture, struct bn_test_window *const windows[2],
		bool asked[2]) {
	for (int i = 0; i < 2; i++) {
		int before = windows[i]->frames_done;
		assert_true(bn_test_client_roundtrip(windows[i]->client));
		asked[i] = windows[i]->frames_done > before;
	}
	bn_fixture_advance_ms(fixture, 1);
}

static void a_frame_starts_when_all_answers_are_there(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *clients[] = { bn_test_client_connect(&fixture, "gauges"),
		bn_test_client_connect(&fixture, "side") };
	struct bn_test_window *windows[2];
	struct bn_output *output = bn_kit_output(&fixture, "cluster");
	output->asks_late = true;
	output->deadline.adaptive = false; // it has a raster, as with a display
	for (int i = 0; i < 2; i++) {
		windows[i] = bn_test_window_create(clients[i], NULL, 0xff0000ff);
		windows[i]->wants_frames = true;
		answer(windows[i]);
	}
	bool asked[2] = { false, false };
	for (int ms = 0; ms < 400 || !asked[0] || !asked[1]; ms++) {
		for (int i = 0; i < 2; i++) {
			if (asked[i]) {
				answer(windows[i]);
			}
		}
		step(&fixture, windows, asked);
		assert_true(ms < 1000);
	}
	// Both were asked for the next frame. One answer does not start it, the second does.
	uint64_t wakeups = output->stats.wakeups;
	answer(windows[0]);
	int64_t due_ns = output->timer.due_ns;
	bn_server_advance(fixture.server, 1);
	assert_int_equal(output->stats.wakeups, wakeups);
	answer(windows[1]);
	bn_server_advance(fixture.server, 1);
	assert_int_equal(output->stats.wakeups, wakeups + 1);
	assert_true(output->record.hastened);
	assert_true(output->record.commit_ns < due_ns);
	// Nothing is awaited of who was not asked: a picture that comes by itself waits for its time.
	bn_fixture_advance_ms(&fixture, 100);
	wakeups = output->stats.wakeups;
	windows[1]->wants_frames = false;
	answer(windows[1]);
	bn_server_advance(fixture.server, 1);
	assert_int_equal(output->stats.wakeups, wakeups);
	bn_fixture_advance_ms(&fixture, 20);
	assert_int_equal(output->stats.wakeups, wakeups + 1);
	assert_false(output->record.hastened);
	for (int i = 0; i < 2; i++) {
		bn_test_client_disconnect(clients[i]);
	}
	bn_fixture_stop(&fixture);
}

/** Both displays, each with a window. */
struct pair {
	struct bn_fixture fixture;
	struct bn_test_client *gauges, *nav;
	struct bn_test_window *needle, *map;
	struct bn_output *cluster, *center;
};

static void pair_start(struct pair *pair) {
	start(&pair->fixture);
	pair->gauges = bn_test_client_connect(&pair->fixture, "gauges");
	pair->nav = bn_test_client_connect(&pair->fixture, "nav");
	pair->needle = bn_test_window_create(pair->gauges, NULL, 0xff0000ff);
	pair->map = bn_test_window_create(pair->nav, NULL, 0xff00ff00);
	pair->cluster = bn_kit_output(&pair->fixture, "cluster");
	pair->center = bn_kit_output(&pair->fixture, "center");
}

static void pair_stop(struct pair *pair) {
	bn_test_client_disconnect(pair->gauges);
	bn_test_client_disconnect(pair->nav);
	bn_fixture_stop(&pair->fixture);
}

static void a_dear_frame_gives_way_to_the_cluster(void **state) {
	struct pair pair;
	pair_start(&pair);
	struct bn_output *cluster = pair.cluster, *center = pair.center;
	cluster->asks_late = true;
	animate(&pair.fixture, pair.needle, 20);
	while (cluster->deadline.state == BN_DEADLINE_ARMED) {
		bn_fixture_advance_ms(&pair.fixture, 1);
	}
	// The cluster is idle, between two pictures; what it does not know yet is expected all the same.
	assert_int_not_equal(cluster->deadline.state, BN_DEADLINE_ARMED);
	bn_predictor_init(&center->deadline.cost, 19 * MS);
	uint64_t deferred = center->stats.deferred, drawn = center->stats.presented;
	int64_t expected = bn_deadline_expected_wake(&cluster->deadline,
			bn_loop_now(bn_server_loop(pair.fixture.server)));
	bn_test_window_draw(pair.map, 0xffff0000);
	assert_true(bn_test_client_roundtrip(pair.nav));
	bn_fixture_advance_ms(&pair.fixture, 1);
	assert_int_equal(center->stats.deferred, deferred + 1);
	assert_int_equal(center->stats.presented, drawn);
	assert_true(center->timer.due_ns >= expected);
	// The picture of the cluster that was expected comes, and what waited goes right after it.
	bn_test_window_draw(pair.needle, 0xff00ffff);
	assert_true(bn_test_client_roundtrip(pair.gauges));
	uint64_t shown = cluster->stats.presented;
	while (cluster->stats.presented == shown) {
		bn_fixture_advance_ms(&pair.fixture, 1);
	}
	bn_fixture_advance_ms(&pair.fixture, 1);
	assert_int_equal(center->stats.presented, drawn + 1);
	// Late, not lost.
	bn_fixture_advance_ms(&pair.fixture, 60);
	assert_int_equal(center->stats.presented, drawn + 1);
	assert_int_equal(bn_fixture_pixel(&pair.fixture, "center", 10, 10), 0xff0000);
	pair_stop(&pair);
}

static void a_cheap_frame_does_not_wait_for_the_cluster(void **state) {
	struct pair pair;
	pair_start(&pair);
	animate(&pair.fixture, pair.needle, 20);
	animate(&pair.fixture, pair.map, 20);
	uint64_t deferred = pair.center->stats.deferred;
	bn_predictor_init(&pair.center->deadline.cost, 2 * MS);
	animate(&pair.fixture, pair.map, 20);
	assert_int_equal(pair.center->stats.deferred, deferred);
	pair_stop(&pair);
}

static const char *last_reason(const struct bn_client *client) {
	size_t last = (client->reason_next + BN_CLIENT_REASONS - 1) % BN_CLIENT_REASONS;
	return client->reasons[last].text;
}

static void commit_often(struct bn_test_window *window, int times) {
	for (int i = 0; i < times; i++) {
		bn_kit_commit(window->surface, bn_test_buffer(window->client, 64, 64, 0xff000000));
	}
}

static void buffers_of_a_hasty_client_come_back_later(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "greedy");
	struct bn_test_window *window =
			bn_test_window_create_sized(client, NULL, 0xff0000ff, 64, 64);
	bn_kit_settle(client);
	int released = client->released_buffers;
	commit_often(window, 8);
	assert_true(bn_test_client_roundtrip(client));
	// Four are within the rate: the first three were superseded at once, the others wait for the latch.
	assert_int_in_range(client->released_buffers - released, 3, 4);
	const struct bn_client *sender = server_side(&fixture, "greedy");
	assert_non_null(strstr(last_reason(sender), "commits-per-frame"));
	bn_kit_settle(client);
	assert_true(client->released_buffers - released >= 7);
	assert_true(sender->budget.exceeded[BN_BUDGET_COMMITS] > 0);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void what_is_too_much_for_a_frame_is_told_with_its_key(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "heavy");
	struct bn_test_window *window =
			bn_test_window_create_sized(client, NULL, 0xff0000ff, 64, 64);
	struct bn_kit_subsurface part;
	bn_kit_subsurface_open(&part, client, window->surface, 0, 0, 64, 64, 0xff00ff00);
	bn_test_window_draw(window, 0xffff0000);
	bn_kit_settle(client);
	const struct bn_client *sender = server_side(&fixture, "heavy");
	assert_true(sender->budget.exceeded[BN_BUDGET_UPLOAD_BYTES] > 0);
	assert_non_null(strstr(last_reason(sender), "upload budget"));
	assert_non_null(strstr(last_reason(sender), "(`limits: {upload-per-frame: ...}`)"));
	bn_kit_subsurface_close(&part);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_hasty_client_is_ended_with_a_name_for_it(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *good = bn_test_client_connect(&fixture, "gauges");
	struct bn_test_client *client = bn_test_client_connect(&fixture, "greedy");
	struct bn_test_window *window =
			bn_test_window_create_sized(client, NULL, 0xff0000ff, 64, 64);
	bn_kit_settle(client);
	// As if it had gone on for almost a minute.
	server_side(&fixture, "greedy")->budget.strikes = BN_BUDGET_STRIKES - 1;
	commit_often(window, 8);
	assert_true(bn_test_client_roundtrip(client));
	bn_fixture_advance_ms(&fixture, 20);
	commit_often(window, 8);
	assert_false(bn_test_client_roundtrip(client));
	const char *interface = NULL;
	assert_int_equal(bn_test_client_error(client, &interface), WL_DISPLAY_ERROR_IMPLEMENTATION);
	assert_string_equal(interface, "wl_display");
	assert_true(bn_test_client_roundtrip(good));
	bn_test_client_disconnect(client);
	bn_test_client_disconnect(good);
	bn_fixture_stop(&fixture);
}

static void too_many_buffers_end_their_client(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "greedy");
	const struct bn_client *sender = server_side(&fixture, "greedy");
	for (int i = 0; i < 20; i++) {
		bn_test_buffer(client, 8, 8, 0);
	}
	assert_true(bn_test_client_roundtrip(client));
	assert_int_equal(sender->budget.used[BN_BUDGET_BUFFERS], 20);
	bn_test_buffer(client, 8, 8, 0);
	assert_false(bn_test_client_roundtrip(client));
	const char *interface = NULL;
	assert_int_equal(bn_test_client_error(client, &interface), WL_DISPLAY_ERROR_IMPLEMENTATION);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void more_bytes_than_may_be_held_end_their_client(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "greedy");
	struct bn_test_window *window =
			bn_test_window_create_sized(client, NULL, 0xff0000ff, 64, 64);
	bn_kit_settle(client);
	bn_kit_commit(window->surface, bn_test_buffer(client, 1024, 512, 0xff000000));
	assert_false(bn_test_client_roundtrip(client));
	const char *interface = NULL;
	assert_int_equal(bn_test_client_error(client, &interface), WL_DISPLAY_ERROR_IMPLEMENTATION);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "a-quick-client-is-asked-shortly-before-the-latch",
				a_quick_client_is_asked_shortly_before_the_latch },
		{ "a-surface-that-goes-is-not-called-back",
				a_surface_that_goes_is_not_called_back },
		{ "a-frame-starts-when-all-answers-are-there",
				a_frame_starts_when_all_answers_are_there },
		{ "a-dear-frame-gives-way-to-the-cluster", a_dear_frame_gives_way_to_the_cluster },
		{ "a-cheap-frame-does-not-wait-for-the-cluster",
				a_cheap_frame_does_not_wait_for_the_cluster },
		{ "buffers-of-a-hasty-client-come-back-later",
				buffers_of_a_hasty_client_come_back_later },
		{ "what-is-too-much-for-a-frame-is-told-with-its-key",
				what_is_too_much_for_a_frame_is_told_with_its_key },
		{ "a-hasty-client-is-ended-with-a-name-for-it",
				a_hasty_client_is_ended_with_a_name_for_it },
		{ "too-many-buffers-end-their-client", too_many_buffers_end_their_client },
		{ "more-bytes-than-may-be-held-end-their-client",
				more_bytes_than_may_be_held_end_their_client },
	};
	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
