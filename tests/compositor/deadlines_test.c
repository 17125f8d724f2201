// Deadlines: from a signal to the frame that shows what its rule wants, as the ledger books it and as a test sees it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client.h"
#include "cockpit.h"
#include "core/journal.h"
#include "core/nsec.h"
#include "fixture.h"
#include "kit.h"
#include "loop.h"
#include "output.h"
#include "safety/deadlines.h"
#include "server_internal.h"

#define GEAR "Vehicle.Powertrain.Transmission.CurrentGear"
#define LAMP "Vehicle.Chassis.Brake.IsWarningOn"
#define TAKE_OVER "Vehicle.ADAS.IsTakeOverRequested"
#define DOOR "Vehicle.Cabin.IsDoorOpen"

#define MS BN_NSEC_PER_MSEC
#define MAP 0x204060
#define CAMERA 0x40ff40
#define LAMP_ON 0xff2020
#define PLEA 0xffc000 // "take over"

static const char layout[] =
		"binnacle: 1\n"
		"displays:\n"
		"  cluster: { mode: 200x100@60, size-mm: [200, 100], criticality: safety }\n"
		"  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
		"signals:\n"
		"  " GEAR ": {}\n"
		"  " LAMP ": { initial: false }\n"
		"  " TAKE_OVER ": { initial: false }\n"
		"  " DOOR ": { initial: false }\n"
		"zones:\n"
		"  lamp: { display: cluster, rect: [0, 0, 50, 50], layer: telltale, "
		"accept-loss: the lamp is wanted once, grant: [lamps], visible: false }\n"
		"  plea: { display: cluster, rect: [50, 0, 150, 100], layer: alert, visible: "
		"false, "
		"empty: '#ffc000', transition: fade 100ms }\n"
		"  main: { display: center, rect: full, grant: [nav], empty: '#204060' }\n"
		"  camera: { display: center, rect: [0, 0, 160, 100], layer: safety, "
		"accept-loss: there are mirrors, grant: [camera, door-camera], visible: false, "
		"on-fault: '#ff00ff' }\n"
		"rules:\n"
		"  rear-view: { when: { " GEAR
		": -1 }, show: { camera: camera }, within: 2000ms }\n"
		"  brake-lamp: { when: { " LAMP ": true }, show: { lamp: lamps }, within: 200ms }\n"
		"  take-over: { when: { " TAKE_OVER ": true }, show: plea, within: 300ms }\n"
		"  door-view: { when: { " DOOR ": true }, show: { camera: camera } }\n"
		"apps:\n"
		"  nav: { home: main }\n"
		"  lamps: { home: lamp }\n"
		"  camera: { home: camera }\n"
		"  door-camera: { home: camera }\n";

static void open_with(struct bn_fixture *fixture, const char *yaml, void **state) {
	const struct bn_fixture_options options = {
		.layout = yaml,
		.renderer = **(const enum bn_renderer_kind **)state,
	};
	bn_fixture_start(fixture, &options);
	bn_fixture_advance_ms(fixture, 50);
}

static void open_cockpit(struct bn_fixture *fixture, void **state) {
	open_with(fixture, layout, state);
}

static const char *changed_in(const char *base, const char *from, const char *to, char yaml[4096]) {
	const char *at = strstr(base, from);
	assert_non_null(at);
	snprintf(yaml, 4096, "%.*s%s%s", (int)(at - base), base, to, at + strlen(from));
	return yaml;
}

/** The layout with `to` in place of `from`. */
static const char *changed(const char *from, const char *to, char yaml[4096]) {
	return changed_in(layout, from, to, yaml);
}

static void set_at(struct bn_fixture *fixture, const char *signal, const struct bn_value *value,
		int64_t arrived_ns) {
	const struct bn_identity owner = { .source = BN_IDENTITY_OWNER, .app = BN_NONE };
	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_set_signal_of(bn_server_cockpit(fixture->server), &owner, signal,
			value, arrived_ns, error));
}

static int64_t now(struct bn_fixture *fixture) {
	return bn_loop_now(bn_server_loop(fixture->server));
}

static void set_gear(struct bn_fixture *fixture, double gear) {
	const struct bn_value value = { .kind = BN_VALUE_NUMBER, .number = gear };
	set_at(fixture, GEAR, &value, now(fixture));
}

static void set_bool(struct bn_fixture *fixture, const char *signal, bool on) {
	const struct bn_value value = { .kind = BN_VALUE_BOOL, .number = on };
	set_at(fixture, signal, &value, now(fixture));
}

static const struct bn_ledger *ledger(struct bn_fixture *fixture, const char *rule, bool is_end) {
	const struct bn_deadlines *deadlines = bn_server_deadlines(fixture->server);
	for (size_t i = 0; i < deadlines->entry_count; i++) {
		const struct bn_deadlines_entry *entry = &deadlines->entries[i];
		if (entry->is_end == is_end
				&& strcmp(bn_deadlines_name(deadlines, entry), rule) == 0) {
			return &entry->ledger;
		}
	}
	fail_msg("no deadline of %s", rule);
	return NULL;
}

static struct bn_test_window *show(struct bn_fixture *fixture, const char *app, uint32_t color) {
	struct bn_test_client *client = bn_test_client_connect(fixture, app);
	return bn_test_window_create(client, app, 0xff000000 | color);
}

static void leave(struct bn_test_window *window) {
	bn_test_client_disconnect(window->client);
}

/**
 * Waits until `color` is at x, y of a display. Returns when that frame counts as seen: its commit and one
 * refresh.
 */
static int64_t seen_ns(struct bn_fixture *fixture, const char *display, int x, int y,
		uint32_t color, int most_ms) {
	for (int i = 0; i <= most_ms; i++) {
		if (bn_fixture_pixel(fixture, display, x, y) == color) {
			const struct bn_output *output = bn_kit_output(fixture, display);
			return output->record.commit_ns + output->deadline.period_ns;
		}
		bn_fixture_advance_ms(fixture, 1);
	}
	fail_msg("not within %d ms", most_ms);
	return 0;
}

static void reverse_to_camera_is_booked_as_it_is_seen(void **state) {
	struct bn_fixture fixture;
	open_cockpit(&fixture, state);
	struct bn_test_window *camera = show(&fixture, "camera", CAMERA);
	for (int i = 1; i <= 5; i++) {
		bn_fixture_advance_ms(&fixture, 100 + i * 3);
		int64_t start = now(&fixture);
		set_gear(&fixture, -1);
		int64_t seen = seen_ns(&fixture, "center", 10, 10, CAMERA, 60);
		const struct bn_ledger *begin = ledger(&fixture, "rear-view", false);
		assert_int_equal(begin->taken.count, i);
		if (i == 1) {
			assert_int_equal(begin->taken.max_ns, seen - start);
			assert_int_equal(begin->taken.min_ns, seen - start);
		}
		assert_true(begin->taken.min_ns <= seen - start);
		assert_true(begin->taken.max_ns >= seen - start);
		bn_fixture_advance_ms(&fixture, 100);
		start = now(&fixture);
		set_gear(&fixture, 1);
		seen = seen_ns(&fixture, "center", 10, 10, MAP, 60);
		const struct bn_ledger *end = ledger(&fixture, "rear-view", true);
		assert_int_equal(end->taken.count, i);
		if (i == 1) {
			assert_int_equal(end->taken.max_ns, seen - start);
		}
		assert_int_equal(begin->misses + end->misses, 0);
	}
	assert_int_equal(bn_server_deadlines(fixture.server)->misses, 0);
	leave(camera);
	bn_fixture_stop(&fixture);
}

static void a_signal_that_waited_counts_from_its_arrival(void **state) {
	struct bn_fixture fixture;
	open_cockpit(&fixture, state);
	struct bn_test_window *camera = show(&fixture, "camera", CAMERA);
	bn_fixture_advance_ms(&fixture, 100);
	int64_t start = now(&fixture) - 40 * MS;
	const struct bn_value reverse = { .kind = BN_VALUE_NUMBER, .number = -1 };
	set_at(&fixture, GEAR, &reverse, start);
	int64_t seen = seen_ns(&fixture, "center", 10, 10, CAMERA, 60);
	assert_int_equal(ledger(&fixture, "rear-view", false)->taken.max_ns, seen - start);
	leave(camera);
	bn_fixture_stop(&fixture);
}

static void a_camera_that_never_comes_is_missed_at_the_deadline(void **state) {
	struct bn_fixture fixture;
	open_cockpit(&fixture, state);
	set_gear(&fixture, -1);
	bn_fixture_advance_ms(&fixture, 1999);
	const struct bn_ledger *begin = ledger(&fixture, "rear-view", false);
	assert_int_equal(begin->misses, 0);
	assert_int_equal(begin->fallbacks, 1);
	assert_true(begin->fallback_max_ns < 60 * MS);
	bn_fixture_advance_ms(&fixture, 3);
	assert_int_equal(begin->misses, 1);
	assert_int_equal(begin->taken.count, 0);
	assert_int_equal(bn_server_deadlines(fixture.server)->misses, 1);
	// It comes after all: that is measured, and not missed again.
	bn_fixture_advance_ms(&fixture, 498);
	struct bn_test_window *camera = show(&fixture, "camera", CAMERA);
	seen_ns(&fixture, "center", 10, 10, CAMERA, 60);
	assert_int_equal(begin->taken.count, 1);
	assert_true(begin->taken.max_ns > 2500 * MS);
	assert_int_equal(begin->misses, 1);
	leave(camera);
	bn_fixture_stop(&fixture);
}

static void a_missing_display_is_a_miss(void **state) {
	struct bn_fixture fixture;
	open_cockpit(&fixture, state);
	struct bn_test_window *camera = show(&fixture, "camera", CAMERA);
	set_bool(&fixture, DOOR, true);
	bn_fixture_advance_ms(&fixture, 50);
	// It was on glass when the display went.
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), CAMERA);
	bn_kit_unplug(&fixture, "center");
	bn_fixture_advance_ms(&fixture, 50);
	set_gear(&fixture, -1);
	bn_fixture_advance_ms(&fixture, 2002);
	assert_int_equal(ledger(&fixture, "rear-view", false)->misses, 1);
	leave(camera);
	bn_fixture_stop(&fixture);
}

static void over_before_it_could_be_seen_is_no_miss(void **state) {
	struct bn_fixture fixture;
	open_cockpit(&fixture, state);
	set_gear(&fixture, -1);
	bn_fixture_advance_ms(&fixture, 300);
	set_gear(&fixture, 1);
	bn_fixture_advance_ms(&fixture, 3000);
	const struct bn_ledger *begin = ledger(&fixture, "rear-view", false);
	assert_int_equal(begin->misses, 0);
	assert_int_equal(begin->cancelled, 1);
	assert_int_equal(begin->taken.count, 0);
	// Its fallback was seen, and is gone.
	assert_int_equal(ledger(&fixture, "rear-view", true)->taken.count, 1);
	bn_fixture_stop(&fixture);
}

static void overruled_by_a_later_rule_is_no_miss(void **state) {
	// Two rules about one zone of the safety layer would be refused.
	char yaml[4096], alert[4096];
	struct bn_fixture fixture;
	changed("layer: safety, accept-loss: there are mirrors", "layer: alert", alert);
	open_with(&fixture,
			changed_in(alert, DOOR ": true }, show: { camera: camera }",
					DOOR ": true }, show: { camera: door-camera }", yaml),
			state);
	struct bn_test_window *door = show(&fixture, "door-camera", 0x101010);
	set_bool(&fixture, DOOR, true);
	bn_fixture_advance_ms(&fixture, 50);
	set_gear(&fixture, -1);
	bn_fixture_advance_ms(&fixture, 3000);
	const struct bn_ledger *begin = ledger(&fixture, "rear-view", false);
	assert_int_equal(begin->misses, 0);
	assert_int_equal(begin->cancelled, 1);
	leave(door);
	bn_fixture_stop(&fixture);
}

static void its_linger_is_not_counted_and_its_end_is(void **state) {
	char yaml[4096];
	struct bn_fixture fixture;
	open_with(&fixture, changed("within: 2000ms", "within: 100ms, linger: 1500ms", yaml),
			state);
	struct bn_test_window *camera = show(&fixture, "camera", CAMERA);
	set_gear(&fixture, -1);
	bn_fixture_advance_ms(&fixture, 100);
	int64_t end_ns = now(&fixture) + 1500 * MS;
	set_gear(&fixture, 1);
	bn_fixture_advance_ms(&fixture, 1490);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), CAMERA);
	int64_t seen = seen_ns(&fixture, "center", 10, 10, MAP, 60);
	const struct bn_ledger *end = ledger(&fixture, "rear-view", true);
	assert_int_equal(end->taken.count, 1);
	assert_int_equal(end->taken.max_ns, seen - end_ns);
	assert_int_equal(end->misses, 0);
	leave(camera);
	bn_fixture_stop(&fixture);
}

static void a_lamp_is_measured_on_and_off(void **state) {
	struct bn_fixture fixture;
	open_cockpit(&fixture, state);
	struct bn_test_window *lamps = show(&fixture, "lamps", LAMP_ON);
	for (int i = 0; i < 10; i++) {
		bn_fixture_advance_ms(&fixture, 90 + i);
		int64_t start = now(&fixture);
		set_bool(&fixture, LAMP, true);
		int64_t seen = seen_ns(&fixture, "cluster", 10, 10, LAMP_ON, 60);
		const struct bn_ledger *on = ledger(&fixture, "brake-lamp", false);
		assert_true(on->taken.min_ns <= seen - start && seen - start <= on->taken.max_ns);
		bn_fixture_advance_ms(&fixture, 90);
		start = now(&fixture);
		set_bool(&fixture, LAMP, false);
		seen = seen_ns(&fixture, "cluster", 10, 10, 0, 60);
		const struct bn_ledger *off = ledger(&fixture, "brake-lamp", true);
		assert_true(off->taken.min_ns <= seen - start && seen - start <= off->taken.max_ns);
	}
	assert_int_equal(ledger(&fixture, "brake-lamp", false)->taken.count, 10);
	assert_int_equal(ledger(&fixture, "brake-lamp", true)->taken.count, 10);
	assert_int_equal(bn_server_deadlines(fixture.server)->misses, 0);
	leave(lamps);
	bn_fixture_stop(&fixture);
}

static void a_take_over_request_counts_when_it_has_faded_in(void **state) {
	struct bn_fixture fixture;
	open_cockpit(&fixture, state);
	bn_fixture_advance_ms(&fixture, 100);
	int64_t start = now(&fixture);
	set_bool(&fixture, TAKE_OVER, true);
	int64_t seen = seen_ns(&fixture, "cluster", 100, 50, PLEA, 200);
	const struct bn_ledger *begin = ledger(&fixture, "take-over", false);
	assert_int_equal(begin->taken.count, 1);
	assert_true(begin->taken.max_ns >= 100 * MS);
	// The last step of a fade may round to the colour: not later than one frame after that.
	assert_true(begin->taken.max_ns >= seen - start);
	assert_true(begin->taken.max_ns <= seen - start + 17 * MS);
	bn_fixture_stop(&fixture);
}

static void a_transition_longer_than_the_deadline_is_a_miss(void **state) {
	char yaml[4096];
	struct bn_fixture fixture;
	open_with(&fixture, changed("fade 100ms", "fade 400ms", yaml), state);
	set_bool(&fixture, TAKE_OVER, true);
	bn_fixture_advance_ms(&fixture, 600);
	const struct bn_ledger *begin = ledger(&fixture, "take-over", false);
	assert_int_equal(begin->misses, 1);
	assert_int_equal(begin->taken.count, 1);
	bn_fixture_stop(&fixture);
}

static void a_picture_that_is_not_live_does_not_count(void **state) {
	char yaml[4096];
	struct bn_fixture fixture;
	open_with(&fixture,
			changed("on-fault: '#ff00ff'", "max-age: 100ms, on-fault: '#ff00ff'", yaml),
			state);
	struct bn_test_window *camera = show(&fixture, "camera", CAMERA);
	camera->is_mute = true;
	assert_true(bn_test_client_roundtrip(camera->client));
	bn_fixture_advance_ms(&fixture, 1000); // what it drew is old by now
	int64_t start = now(&fixture);
	set_gear(&fixture, -1);
	for (int i = 0; i < 400; i++) {
		assert_true(bn_test_client_roundtrip(camera->client));
		bn_fixture_advance_ms(&fixture, 1);
	}
	const struct bn_ledger *begin = ledger(&fixture, "rear-view", false);
	assert_int_equal(begin->taken.count, 0);
	assert_int_equal(begin->fallbacks, 1);
	bn_test_window_draw(camera, 0xff000000 | 0x40ff41);
	bn_test_client_roundtrip(camera->client);
	int64_t seen = seen_ns(&fixture, "center", 10, 10, 0x40ff41, 60);
	assert_int_equal(begin->taken.count, 1);
	assert_int_equal(begin->taken.max_ns, seen - start);
	leave(camera);
	bn_fixture_stop(&fixture);
}

static void what_shows_already_takes_no_time(void **state) {
	struct bn_fixture fixture;
	open_cockpit(&fixture, state);
	struct bn_test_window *camera = show(&fixture, "camera", CAMERA);
	set_bool(&fixture, DOOR, true);
	bn_fixture_advance_ms(&fixture, 100);
	set_gear(&fixture, -1);
	bn_fixture_advance_ms(&fixture, 100);
	const struct bn_ledger *begin = ledger(&fixture, "rear-view", false);
	assert_int_equal(begin->taken.count, 1);
	assert_int_equal(begin->taken.max_ns, 0);
	// It stays, by the other rule: the end needs no change of the glass.
	set_gear(&fixture, 1);
	bn_fixture_advance_ms(&fixture, 3000);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), CAMERA);
	assert_int_equal(ledger(&fixture, "rear-view", true)->taken.count, 1);
	assert_int_equal(bn_server_deadlines(fixture.server)->misses, 0);
	leave(camera);
	bn_fixture_stop(&fixture);
}

static void a_reload_keeps_the_books_and_cancels_what_is_open(void **state) {
	struct bn_fixture fixture;
	open_cockpit(&fixture, state);
	struct bn_test_window *camera = show(&fixture, "camera", CAMERA);
	set_gear(&fixture, -1);
	bn_fixture_advance_ms(&fixture, 100);
	set_bool(&fixture, LAMP, true); // nobody shows it: open
	bn_fixture_advance_ms(&fixture, 50);
	char yaml[4096];
	bn_fixture_write_layout(&fixture, changed("within: 2000ms", "within: 1000ms", yaml));
	bn_fixture_advance_ms(&fixture, 500);
	assert_int_equal(bn_server_cockpit(fixture.server)->reload_count, 1);
	assert_int_equal(ledger(&fixture, "rear-view", false)->taken.count, 1);
	assert_int_equal(ledger(&fixture, "rear-view", false)->limit_ns, 1000 * MS);
	assert_int_equal(ledger(&fixture, "brake-lamp", false)->misses, 0);
	assert_int_equal(ledger(&fixture, "brake-lamp", false)->cancelled, 1);
	set_gear(&fixture, 1);
	bn_fixture_advance_ms(&fixture, 100);
	assert_int_equal(ledger(&fixture, "rear-view", true)->taken.count, 1);
	leave(camera);
	bn_fixture_stop(&fixture);
}

static void a_miss_is_in_the_journal_and_freezes_the_recorder(void **state) {
	struct bn_fixture fixture;
	char folder[] = "/tmp/binnacle-deadlines-XXXXXX";
	assert_non_null(mkdtemp(folder));
	const struct bn_fixture_options options = {
		.layout = layout,
		.renderer = **(const enum bn_renderer_kind **)state,
		.recorder = folder,
	};
	bn_fixture_start(&fixture, &options);
	bn_fixture_advance_ms(&fixture, 50);
	set_bool(&fixture, LAMP, true);
	bn_fixture_advance_ms(&fixture, 202);
	assert_int_equal(ledger(&fixture, "brake-lamp", false)->misses, 1);
	const struct bn_journal *journal = &fixture.server->record.journal;
	const struct bn_journal_note *note =
			&journal->notes[(journal->note_count - 1) % journal->note_capacity];
	assert_int_equal(note->event, BN_JOURNAL_DEADLINE);
	assert_string_equal(journal->texts[note->text % BN_JOURNAL_TEXTS].text,
			"brake-lamp: not on glass 200 ms after its signal");
	struct bn_recorder *recorder = &fixture.server->recorder;
	for (int i = 0; i < 20000 && recorder->written == 0; i++) {
		bn_fixture_advance_ms(&fixture, 1); // the worker is a thread in real time
		bn_server_dispatch(fixture.server, 1);
	}
	assert_int_equal(recorder->written, 1);
	assert_string_equal(recorder->name, "brake-lamp");
	bn_fixture_stop(&fixture);
	char command[96];
	snprintf(command, sizeof(command), "ls '%s'/miss-*-brake-lamp.json >/dev/null", folder);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
}

static void nothing_wakes_up_while_nothing_is_waited_for(void **state) {
	struct bn_fixture fixture;
	open_cockpit(&fixture, state);
	struct bn_test_window *camera = show(&fixture, "camera", CAMERA);
	set_gear(&fixture, -1);
	bn_fixture_advance_ms(&fixture, 200);
	assert_true(bn_loop_next_ns(bn_server_loop(fixture.server)) == BN_NSEC_NEVER);
	set_gear(&fixture, 1);
	bn_fixture_advance_ms(&fixture, 200);
	assert_true(bn_loop_next_ns(bn_server_loop(fixture.server)) == BN_NSEC_NEVER);
	leave(camera);
	bn_fixture_stop(&fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		BN_ON_BOTH("reverse-to-camera-is-booked-as-it-is-seen",
				reverse_to_camera_is_booked_as_it_is_seen),
		BN_ON_BOTH("a-signal-that-waited-counts-from-its-arrival",
				a_signal_that_waited_counts_from_its_arrival),
		BN_ON_BOTH("a-camera-that-never-comes-is-missed-at-the-deadline",
				a_camera_that_never_comes_is_missed_at_the_deadline),
		BN_ON_BOTH("a-missing-display-is-a-miss", a_missing_display_is_a_miss),
		BN_ON_BOTH("over-before-it-could-be-seen-is-no-miss",
				over_before_it_could_be_seen_is_no_miss),
		BN_ON_BOTH("overruled-by-a-later-rule-is-no-miss",
				overruled_by_a_later_rule_is_no_miss),
		BN_ON_BOTH("its-linger-is-not-counted-and-its-end-is",
				its_linger_is_not_counted_and_its_end_is),
		BN_ON_BOTH("a-lamp-is-measured-on-and-off", a_lamp_is_measured_on_and_off),
		BN_ON_BOTH("a-take-over-request-counts-when-it-has-faded-in",
				a_take_over_request_counts_when_it_has_faded_in),
		BN_ON_BOTH("a-transition-longer-than-the-deadline-is-a-miss",
				a_transition_longer_than_the_deadline_is_a_miss),
		BN_ON_BOTH("a-picture-that-is-not-live-does-not-count",
				a_picture_that_is_not_live_does_not_count),
		BN_ON_BOTH("what-shows-already-takes-no-time", what_shows_already_takes_no_time),
		BN_ON_BOTH("a-reload-keeps-the-books-and-cancels-what-is-open",
				a_reload_keeps_the_books_and_cancels_what_is_open),
		BN_ON_BOTH("a-miss-is-in-the-journal-and-freezes-the-recorder",
				a_miss_is_in_the_journal_and_freezes_the_recorder),
		BN_ON_BOTH("nothing-wakes-up-while-nothing-is-waited-for",
				nothing_wakes_up_while_nothing_is_waited_for),
	};
	return cmocka_run_group_tests_name("deadlines", tests, NULL, NULL);
}
