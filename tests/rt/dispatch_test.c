/*
 * What lies between a deadline and its frame while 32 clients flood. The flood is real and so is the time; what is
 * asserted is an order: how many requests are carried out after an urgent timer is due and before it runs.
 */
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/histogram.h"
#include "core/nsec.h"
#include "fixture.h"
#include "loop.h"

#define HOSTILE 32
#define DEADLINES 500

extern char **environ;

struct rig {
	struct bn_fixture fixture;
	struct bn_loop *loop;
	pid_t pids[HOSTILE];
	struct bn_timer timer;
	int fired;
	int64_t seen_ns;           // when the last request was about to be carried out
	uint64_t requests, passed; // all; those before which an urgent timer should have run
	struct bn_histogram dispatch, late;
};

static void handle_deadline(struct bn_timer *timer, int64_t now_ns) {
	struct rig *rig = wl_container_of(timer, rig, timer);
	rig->fired++;
	bn_histogram_add(&rig->late, bn_loop_now(rig->loop) - timer->due_ns);
	// As a display at 500 Hz, never for the past.
	bn_timer_arm(timer, now_ns + 2 * BN_NSEC_PER_MSEC);
}

/** Called after the loop's own look at the request. */
static void handle_request(void *data, enum wl_protocol_logger_type direction,
		const struct wl_protocol_logger_message *message) {
	struct rig *rig = data;
	if (direction != WL_PROTOCOL_LOGGER_REQUEST) {
		return;
	}
	rig->requests++;
	// Due when the request before this one came, and it has not run: two have passed it.
	if (bn_timer_is_armed(&rig->timer) && rig->timer.due_ns <= rig->seen_ns) {
		rig->passed++;
	}
	rig->seen_ns = bn_loop_now(rig->loop);
}

static pid_t spawn_flood(struct rig *rig) {
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_non_null(bn_server_add_client(rig->fixture.server, fds[0], NULL));
	char variable[32];
	snprintf(variable, sizeof(variable), "WAYLAND_SOCKET=%d", fds[1]);
	char *environment[] = { variable, NULL };
	char *arguments[] = { (char *)CLIENT, (char *)"nobody", (char *)"flood", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], fds[1]);
	pid_t pid = 0;
	assert_int_equal(posix_spawn(&pid, CLIENT, &actions, NULL, arguments, environment), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	return pid;
}

static void print_line(const char *what, const struct bn_histogram *histogram) {
	print_message("# %s: %llu, p50 %.3f ms, p99 %.3f ms, max %.3f ms\n", what,
			(unsigned long long)histogram->count,
			(double)bn_histogram_permille(histogram, 500) / 1e6,
			(double)bn_histogram_permille(histogram, 990) / 1e6,
			(double)histogram->max_ns / 1e6);
}

static void dispatch(struct rig *rig) {
	uint64_t before = rig->requests;
	int64_t begin = bn_loop_now(rig->loop);
	bn_server_dispatch(rig->fixture.server, 100);
	if (rig->requests > before) {
		bn_histogram_add(&rig->dispatch, bn_loop_now(rig->loop) - begin);
	}
}

static void at_most_one_request_passes_a_deadline(void **state) {
	struct rig rig = { 0 };
	const struct bn_fixture_options options = { .real_time = true };
	bn_fixture_start(&rig.fixture, &options);
	rig.loop = bn_server_loop(rig.fixture.server);
	struct wl_protocol_logger *logger =
			wl_display_add_protocol_logger(bn_server_display(rig.fixture.server),
					handle_request, &rig);
	bn_timer_init(&rig.timer, rig.loop, 0, handle_deadline);
	rig.timer.urgent = true;
	for (int i = 0; i < HOSTILE; i++) {
		rig.pids[i] = spawn_flood(&rig);
	}
	// Until they flood, and for as long as it takes to see enough deadlines amid the flood.
	while (rig.requests < 100000) {
		dispatch(&rig);
	}
	rig.passed = 0;
	bn_histogram_reset(&rig.dispatch);
	bn_timer_arm(&rig.timer, bn_loop_now(rig.loop) + BN_NSEC_PER_MSEC);
	while (rig.fired < DEADLINES) {
		dispatch(&rig);
	}
	print_line("dispatches", &rig.dispatch);
	print_line("deadlines, lateness", &rig.late);
	print_message("# %llu requests\n", (unsigned long long)rig.requests);
	assert_int_equal(rig.passed, 0);

	bn_timer_disarm(&rig.timer);
	wl_protocol_logger_destroy(logger);
	for (int i = 0; i < HOSTILE; i++) {
		kill(rig.pids[i], SIGKILL);
		waitpid(rig.pids[i], NULL, 0);
	}
	bn_fixture_stop(&rig.fixture);
}

/** A client's batch of requests, with timers that become due within it. */
struct batch {
	struct bn_loop *loop;
	struct bn_timer urgent, other;
	int requests, urgent_fired, other_fired;
	int urgent_seen[8]; // how often it had fired when each request came
};

static void handle_urgent(struct bn_timer *timer, int64_t now_ns) {
	struct batch *batch = wl_container_of(timer, batch, urgent);
	batch->urgent_fired++;
	bn_timer_arm(timer, now_ns - 1); // as a display that is late for ever
}

static void handle_other(struct bn_timer *timer, int64_t now_ns) {
	struct batch *batch = wl_container_of(timer, batch, other);
	batch->other_fired++;
}

static void handle_batch(void *data, enum wl_protocol_logger_type direction,
		const struct wl_protocol_logger_message *message) {
	struct batch *batch = data;
	if (direction != WL_PROTOCOL_LOGGER_REQUEST) {
		return;
	}
	if (batch->requests < 8) {
		batch->urgent_seen[batch->requests] = batch->urgent_fired;
	}
	assert_int_equal(batch->other_fired, 0);
	if (batch->requests++ == 1) {
		int64_t now = bn_loop_now(batch->loop);
		bn_timer_arm(&batch->urgent, now);
		bn_timer_arm(&batch->other, now);
	}
}

static void late_timer_does_not_starve_the_client_that_is_served(void **state) {
	struct bn_fixture fixture;
	const struct bn_fixture_options options = { .real_time = true };
	bn_fixture_start(&fixture, &options);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	struct batch batch = { .loop = bn_server_loop(fixture.server) };
	bn_timer_init(&batch.urgent, batch.loop, 0, handle_urgent);
	bn_timer_init(&batch.other, batch.loop, 0, handle_other);
	batch.urgent.urgent = true;
	struct wl_protocol_logger *logger =
			wl_display_add_protocol_logger(bn_server_display(fixture.server),
					handle_batch, &batch);
	for (int i = 0; i < 6; i++) {
		wl_callback_destroy(wl_display_sync(client->display));
	}
	wl_display_flush(client->display);
	while (batch.requests < 6) {
		bn_server_dispatch(fixture.server, 100);
	}
	wl_protocol_logger_destroy(logger);
	const int seen[] = { 0, 0, 1, 1, 1, 1 };
	for (int i = 0; i < 6; i++) {
		assert_int_equal(batch.urgent_seen[i], seen[i]);
	}
	bn_server_dispatch(fixture.server, 100);
	assert_int_equal(batch.urgent_fired, 2);
	assert_int_equal(batch.other_fired, 1);
	bn_timer_disarm(&batch.urgent);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(late_timer_does_not_starve_the_client_that_is_served),
		cmocka_unit_test(at_most_one_request_passes_a_deadline),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
