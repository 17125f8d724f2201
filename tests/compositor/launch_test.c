#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"
#include "closer.h"
#include "cockpit.h"
#include "core/nsec.h"
#include "fixture.h"
#include "kit.h"
#include "launch.h"
#include "loop.h"
#include "shell/view.h"

#define DEADLINE_S 30 // of real time, for what a real process has to do

#define HEAD \
	"binnacle: 1\n" \
	"displays:\n" \
	"  center: { mode: 320x200@60, size-mm: [160, 100] }\n" \
	"zones:\n" \
	"  main: { display: center, rect: [0, 0, 200, 100%], grant: [nav], empty: '#400000', " \
	"on-fault: '#ff00ff' }\n" \
	"  side: { display: center, rect: [200, 0, 120, 100%], layer: overlay, grant: [media], " \
	"empty: '#004000' }\n" \
	"apps:\n"
#define MAIN_EMPTY 0x400000
#define MAIN_FAULT 0xff00ff

/** The layout with these apps, and with nav or media as apps that come by themselves. */
static void compose(char layout[4096], const char *apps) {
	snprintf(layout, 4096, "%s%s%s%s", HEAD, apps,
			strstr(apps, "  nav:") == NULL ? "  nav: { home: main }\n" : "",
			strstr(apps, "  media:") == NULL ? "  media: { home: side }\n" : "");
}

static void start(struct bn_fixture *fixture, const char *apps, bool with_socket) {
	char layout[4096];
	compose(layout, apps);
	const struct bn_fixture_options options = {
		.layout = layout,
		.with_launch = true,
		.with_socket = with_socket,
	};
	bn_fixture_start(fixture, &options);
	bn_server_boot(fixture->server);
}

static const struct bn_process *process_of(struct bn_fixture *fixture, const char *app) {
	return bn_launcher_find(bn_server_launcher(fixture->server), app);
}

// Conditions on the compositor's side, for until()

static bool is_running(struct bn_fixture *fixture) {
	return process_of(fixture, "nav")->state == BN_PROCESS_RUNNING;
}

static bool has_ended(struct bn_fixture *fixture) {
	return process_of(fixture, "nav")->state != BN_PROCESS_RUNNING;
}

static bool is_mapped(struct bn_fixture *fixture) {
	const struct bn_view *view;
	wl_list_for_each(view, &bn_server_shell(fixture->server)->views, link) {
		if (view->mapped && view->zone != BN_NONE) {
			return true;
		}
	}
	return false;
}

/** Dispatches in real time, with the virtual clock at rest, until it is so. */
static void until(struct bn_fixture *fixture, bool (*condition)(struct bn_fixture *fixture)) {
	time_t end = time(NULL) + DEADLINE_S;
	while (!condition(fixture)) {
		if (time(NULL) > end) {
			fail_msg("a process did not do its part within %d s", DEADLINE_S);
		}
		bn_server_dispatch(fixture->server, 100);
	}
}

static uint32_t main_pixel(struct bn_fixture *fixture) {
	bn_fixture_advance_ms(fixture, 40);
	return bn_fixture_pixel(fixture, "center", 100, 100);
}

static void a_booted_app_is_known_by_its_socket(void **state) {
	struct bn_fixture fixture;
	// What it calls itself opens nothing, and closes nothing either.
	start(&fixture,
			"  nav: { exec: ['" PROBE
			"', --app-id, media, --color, 3366cc], start: boot, home: main }\n",
			false);
	until(&fixture, is_mapped);
	assert_int_equal(main_pixel(&fixture), 0x3366cc);
	const struct bn_process *process = process_of(&fixture, "nav");
	assert_int_equal(process->starts, 1);
	struct bn_client *client =
			bn_client_from_wl(bn_server_clients(fixture.server), process->wl);
	assert_int_equal(client->identity.source, BN_IDENTITY_SOCKET);
	assert_string_equal(client->app_name, "nav");
	assert_int_equal(client->pid, process->pid);
	pid_t pid = process->pid;
	bn_fixture_stop(&fixture);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void a_crashed_app_returns_to_its_zone(void **state) {
	struct bn_fixture fixture;
	start(&fixture,
			"  nav: { exec: ['" PROBE
			"', --color, 3366cc], start: boot, home: main }\n",
			false);
	until(&fixture, is_mapped);
	assert_int_equal(main_pixel(&fixture), 0x3366cc);
	for (int i = 1; i <= 2; i++) {
		kill(process_of(&fixture, "nav")->pid, SIGKILL);
		until(&fixture, has_ended);
		assert_int_equal(process_of(&fixture, "nav")->state, BN_PROCESS_BACKOFF);
		assert_int_equal(main_pixel(&fixture), MAIN_FAULT);
		char *why = bn_cockpit_why(bn_server_cockpit(fixture.server), "nav");
		assert_non_null(strstr(why, "waiting to be started again"));
		assert_non_null(strstr(why, "by signal 9"));
		free(why);
		bn_fixture_advance_ms(&fixture, 100 << i);
		assert_int_equal(process_of(&fixture, "nav")->state, BN_PROCESS_RUNNING);
		assert_int_equal(process_of(&fixture, "nav")->starts, i + 1);
		until(&fixture, is_mapped);
		assert_int_equal(main_pixel(&fixture), 0x3366cc);
	}
	bn_fixture_stop(&fixture);
}

static void back_off_doubles_up_to_ten_seconds(void **state) {
	struct bn_fixture fixture;
	start(&fixture, "  nav: { exec: [sh, -c, 'exit 3'], start: boot, home: main }\n", false);
	static const int64_t waits_ms[] = { 100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000,
		10000 };
	struct bn_loop *loop = bn_server_loop(fixture.server);
	for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
		until(&fixture, has_ended);
		const struct bn_process *process = process_of(&fixture, "nav");
		assert_int_equal(process->state, BN_PROCESS_BACKOFF);
		assert_int_equal(process->starts, i + 1);
		int64_t due = process->restart_timer.due_ns;
		assert_int_equal((due - process->ended_ns) / BN_NSEC_PER_MSEC, waits_ms[i]);
		bn_server_advance(fixture.server, due - bn_loop_now(loop) - 1);
		assert_int_equal(process->starts, i + 1);
		bn_server_advance(fixture.server, 1);
		assert_int_equal(process->starts, i + 2);
	}
	bn_fixture_stop(&fixture);
}

static void half_a_minute_of_health_forgives_failures(void **state) {
	struct bn_fixture fixture;
	start(&fixture, "  nav: { exec: [sleep, '1000'], start: boot, home: main }\n", false);
	for (int i = 0; i < 3; i++) {
		kill(process_of(&fixture, "nav")->pid, SIGKILL);
		until(&fixture, has_ended);
		assert_int_equal(process_of(&fixture, "nav")->failures, i + 1);
		bn_server_advance(fixture.server, BN_NSEC_PER_SEC);
		assert_int_equal(process_of(&fixture, "nav")->state, BN_PROCESS_RUNNING);
	}
	bn_server_advance(fixture.server, 31 * BN_NSEC_PER_SEC);
	kill(process_of(&fixture, "nav")->pid, SIGKILL);
	until(&fixture, has_ended);
	assert_int_equal(process_of(&fixture, "nav")->failures, 1);
	bn_fixture_stop(&fixture);
}

static void restart_does_what_the_layout_says(void **state) {
	static const struct {
		const char *restart, *command;
		enum bn_process_state then;
	} cases[] = {
		{ "never", "exit 1", BN_PROCESS_STOPPED },
		{ "never", "exit 0", BN_PROCESS_STOPPED },
		{ "on-failure", "exit 0", BN_PROCESS_STOPPED },
		{ "on-failure", "exit 1", BN_PROCESS_BACKOFF },
		{ "on-failure", "kill -9 $$", BN_PROCESS_BACKOFF },
		{ "always", "exit 0", BN_PROCESS_BACKOFF },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char apps[512];
		snprintf(apps, sizeof(apps),
				"  nav: { exec: [sh, -c, '%s'], start: boot, restart: %s, home: "
				"main }\n",
				cases[i].command, cases[i].restart);
		struct bn_fixture fixture;
		start(&fixture, apps, false);
		until(&fixture, has_ended);
		assert_int_equal(process_of(&fixture, "nav")->state, cases[i].then);
		// A reload is no reason to start what is over.
		if (cases[i].then == BN_PROCESS_STOPPED) {
			assert_true(bn_cockpit_reload(bn_server_cockpit(fixture.server)));
			assert_int_equal(process_of(&fixture, "nav")->starts, 1);
		}
		bn_fixture_stop(&fixture);
	}
}

static void a_missing_program_is_told(void **state) {
	struct bn_fixture fixture;
	start(&fixture, "  nav: { exec: [/does/not/exist], start: boot, home: main }\n", false);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(process_of(&fixture, "nav")->state, BN_PROCESS_STOPPED);
	assert_int_equal(main_pixel(&fixture), MAIN_FAULT);
	char error[BN_ERROR_MAX];
	assert_false(bn_cockpit_show(bn_server_cockpit(fixture.server), "nav", NULL, error));
	assert_non_null(strstr(error, "/does/not/exist"));
	assert_non_null(strstr(error, "No such file"));
	bn_fixture_stop(&fixture);
}

static void an_app_is_started_when_it_is_shown(void **state) {
	struct bn_fixture fixture;
	start(&fixture, "  nav: { exec: ['" PROBE "', --color, 3366cc], home: main }\n", false);
	bn_fixture_advance_ms(&fixture, 40);
	assert_null(process_of(&fixture, "nav"));
	assert_int_equal(main_pixel(&fixture), MAIN_EMPTY);
	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_show(bn_server_cockpit(fixture.server), "nav", "main", error));
	until(&fixture, is_mapped);
	assert_int_equal(main_pixel(&fixture), 0x3366cc);
	bn_fixture_stop(&fixture);
}

static void an_app_that_leaves_the_layout_ends(void **state) {
	static const char *const commands[] = {
		"exec: ['" PROBE "', --color, 3366cc]",
		"exec: [sh, -c, 'trap : TERM; while :; do sleep 0.1; done']", // it does not want to
	};
	for (size_t i = 0; i < 2; i++) {
		char apps[512];
		snprintf(apps, sizeof(apps), "  nav: { %s, start: boot, home: main }\n",
				commands[i]);
		struct bn_fixture fixture;
		start(&fixture, apps, false);
		until(&fixture, is_running);
		if (i == 0) {
			until(&fixture, is_mapped);
		}
		char layout[4096];
		compose(layout, "");
		bn_fixture_write_layout(&fixture, layout);
		bn_fixture_advance_ms(&fixture, 1);
		// Still an app of the layout, only not one to start: it stays.
		assert_int_equal(process_of(&fixture, "nav")->state, BN_PROCESS_RUNNING);
		bn_fixture_write_layout(&fixture,
				"binnacle: 1\n"
				"displays: { center: { mode: 320x200@60, size-mm: [160, 100] } }\n"
				"zones: { main: { display: center, rect: full, grant: '*', empty: "
				"'#123456' } }\n");
		bn_fixture_advance_ms(&fixture, 1);
		// The grace is over in virtual time, when it does not end by itself.
		bn_fixture_advance_ms(&fixture, i == 0 ? 0 : 1000);
		until(&fixture, has_ended);
		assert_int_equal(process_of(&fixture, "nav")->state, BN_PROCESS_STOPPED);
		assert_int_equal(main_pixel(&fixture), 0x123456);
		// And back.
		compose(layout, apps);
		bn_fixture_write_layout(&fixture, layout);
		bn_fixture_advance_ms(&fixture, 1);
		assert_int_equal(process_of(&fixture, "nav")->state, BN_PROCESS_RUNNING);
		bn_fixture_stop(&fixture);
	}
}

static void a_descendant_is_its_app(void **state) {
	struct bn_fixture fixture;
	// The probe is a grandchild with a connection of its own, by the public socket.
	start(&fixture,
			"  media: { exec: [sh, -c, '(unset WAYLAND_SOCKET; \"" PROBE
			"\" --color 3366cc --app-id nav; :); :'], start: boot, home: side }\n",
			true);
	until(&fixture, is_mapped);
	bn_fixture_advance_ms(&fixture, 40);
	// The zone's layer asks for a proven identity.
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 250, 100), 0x3366cc);
	const struct bn_process *process = process_of(&fixture, "media");
	int found = 0;
	const struct bn_client *client;
	wl_list_for_each(client, &bn_server_clients(fixture.server)->list, link) {
		if (client->identity.source == BN_IDENTITY_UNIT) {
			assert_string_equal(client->app_name, "media");
			assert_int_not_equal(client->pid, process->pid);
			assert_string_equal(
					bn_launcher_app_of_pid(bn_server_launcher(fixture.server),
							client->pid),
					"media");
			found++;
		}
	}
	assert_int_equal(found, 1);
	assert_null(bn_launcher_app_of_pid(bn_server_launcher(fixture.server), getpid()));
	bn_fixture_stop(&fixture);
}

static bool nothing_is_mapped(struct bn_fixture *fixture) {
	return !is_mapped(fixture);
}

static void a_crash_takes_its_descendants_along(void **state) {
	struct bn_fixture fixture;
	start(&fixture,
			"  media: { exec: [sh, -c, 'unset WAYLAND_SOCKET; \"" PROBE
			"\" --color 3366cc & wait'], start: boot, restart: never, home: side }\n",
			true);
	until(&fixture, is_mapped);
	kill(process_of(&fixture, "media")->pid, SIGKILL);
	// Else two of it would be there after the restart.
	until(&fixture, nothing_is_mapped);
	bn_fixture_stop(&fixture);
}

#define CASE(name, function) { name, function, NULL, NULL, NULL }

/** How many descriptors the kernel has room for before it must make more; "FDSize", see proc_pid_status(5). */
static rlim_t room_for_descriptors(void) {
	char line[256];
	unsigned long room = 0;
	FILE *file = fopen("/proc/self/status", "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL
			&& sscanf(line, "FDSize: %lu", &room) != 1) {
		// the next
	}
	fclose(file);
	return room;
}

static void there_is_room_for_all_descriptors(void **state) {
	struct rlimit before, limit;
	getrlimit(RLIMIT_NOFILE, &before);
	// A table that is large already would prove nothing.
	assert_true(room_for_descriptors() < 1024);
	limit = before;
	limit.rlim_cur = 256;
	setrlimit(RLIMIT_NOFILE, &limit);
	struct bn_fixture fixture;
	start(&fixture, "  nav: {}\n", false);
	getrlimit(RLIMIT_NOFILE, &limit);
	assert_true(limit.rlim_cur >= 1024 && limit.rlim_cur <= BN_CLOSER_FDS_MAX);
	assert_true(room_for_descriptors() >= limit.rlim_cur);
	bn_fixture_stop(&fixture);
	setrlimit(RLIMIT_NOFILE, &before);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		// First: a table never shrinks.
		CASE("there-is-room-for-all-descriptors-from-the-start",
				there_is_room_for_all_descriptors),
		CASE("a-booted-app-is-known-by-its-socket", a_booted_app_is_known_by_its_socket),
		CASE("a-crashed-app-returns-to-its-zone", a_crashed_app_returns_to_its_zone),
		CASE("back-off-doubles-up-to-ten-seconds", back_off_doubles_up_to_ten_seconds),
		CASE("half-a-minute-of-health-forgives-failures",
				half_a_minute_of_health_forgives_failures),
		CASE("restart-does-what-the-layout-says", restart_does_what_the_layout_says),
		CASE("a-missing-program-is-told", a_missing_program_is_told),
		CASE("an-app-is-started-when-it-is-shown", an_app_is_started_when_it_is_shown),
		CASE("an-app-that-leaves-the-layout-ends", an_app_that_leaves_the_layout_ends),
		CASE("a-descendant-is-its-app", a_descendant_is_its_app),
		CASE("a-crash-takes-its-descendants-along", a_crash_takes_its_descendants_along),
	};
	return cmocka_run_group_tests_name("launch", tests, NULL, NULL);
}
