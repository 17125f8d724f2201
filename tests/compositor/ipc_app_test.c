// What an app that the compositor started may do on the control socket. The app is this
// program again: it passes requests from one fifo on, and the replies into another.

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <wlr/util/log.h>

#include "cockpit.h"
#include "core/policy.h"
#include "ipc_rig.h"
#include "launch.h"

#define PATIENCE_S 10

// The app

/** Copies one line, byte by byte: nothing may be read that belongs to the next. False at the end. */
static bool pass_line(int from, int to) {
	char byte;
	do {
		if (read(from, &byte, 1) != 1 || write(to, &byte, 1) != 1) {
			return false;
		}
	} while (byte != '\n');
	return true;
}

static int talk(const char *requests, const char *replies) {
	const char *path = getenv("BINNACLE_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (path == NULL || strlen(path) >= sizeof(address.sun_path)) {
		return 1;
	}
	strcpy(address.sun_path, path);
	int in = open(requests, O_RDONLY | O_CLOEXEC);
	int out = open(replies, O_WRONLY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		return 1;
	}
	while (pass_line(in, fd) && pass_line(fd, out)) {
	}
	return 0;
}

/** A process further down the tree is the app too. */
static int run_app(const char *requests, const char *replies) {
	pid_t child = fork();
	if (child == 0) {
		_exit(talk(requests, replies));
	}
	int status = 1;
	waitpid(child, &status, 0);
	return status == 0 ? 0 : 1;
}

// The test

static struct bn_fixture fixture;
static char requests_path[128], replies_path[128];
static int requests_fd, replies_fd;

static void write_layout(const char *gear_from) {
	char program[256];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	assert_true(length > 0);
	program[length] = '\0';
	char *layout;
	assert_true(asprintf(&layout,
				    "binnacle: 1\n"
				    "displays:\n"
				    "  left: { mode: 64x48@60 }\n"
				    "signals:\n"
				    "  Vehicle.Speed: { from: [nav] }\n"
				    "  Vehicle.Gear: { from: [%s] }\n"
				    "zones:\n"
				    "  main: { display: left, rect: full, grant: [nav, other] }\n"
				    "apps:\n"
				    "  nav: { exec: [\"%s\", --app, \"%s\", \"%s\"], restart: "
				    "never, "
				    "home: main }\n"
				    "  other: {}\n",
				    gear_from, program, requests_path, replies_path)
			>= 0);
	bn_fixture_write_layout(&fixture, layout);
	free(layout);
}

static int start(void **state) {
	rig_start(&fixture);
	snprintf(requests_path, sizeof(requests_path), "%s/requests", fixture.folder);
	snprintf(replies_path, sizeof(replies_path), "%s/replies", fixture.folder);
	assert_int_equal(mkfifo(requests_path, 0600), 0);
	assert_int_equal(mkfifo(replies_path, 0600), 0);
	// Both ends, so that neither side waits in open().
	requests_fd = open(requests_path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	replies_fd = open(replies_path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	assert_true(requests_fd >= 0 && replies_fd >= 0);

	bn_server_launcher(fixture.server)->enabled = true;
	write_layout("other");
	assert_true(bn_cockpit_reload(bn_server_cockpit(fixture.server)));
	char error[BN_ERROR_MAX] = "";
	if (!bn_cockpit_show(bn_server_cockpit(fixture.server), "nav", NULL, error)) {
		fail_msg("%s", error);
	}
	return 0;
}

static int finish(void **state) {
	close(requests_fd);
	close(replies_fd);
	bn_fixture_stop(&fixture);
	return 0;
}

static yyjson_doc *ask(const char *request) {
	assert_true(write(requests_fd, request, strlen(request)) > 0);
	assert_int_equal(write(requests_fd, "\n", 1), 1);
	char line[8192];
	size_t length = 0;
	struct timespec begin, now;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (length == 0 || line[length - 1] != '\n') {
		ssize_t got = read(replies_fd, line + length, sizeof(line) - length);
		if (got > 0) {
			length += (size_t)got;
			continue;
		}
		bn_server_dispatch(fixture.server, 10);
		clock_gettime(CLOCK_MONOTONIC, &now);
		assert_true(now.tv_sec - begin.tv_sec < PATIENCE_S);
	}
	yyjson_doc *doc = yyjson_read(line, length, 0);
	assert_non_null(doc);
	return doc;
}

static const struct {
	const char *request;
	const char *code; // NULL: allowed
} cases[] = {
	{ "{\"do\":\"why\",\"name\":\"nav\"}", NULL },
	{ "{\"do\":\"why\",\"name\":\"other\"}", "denied" },
	{ "{\"do\":\"why\",\"name\":\"main\"}", "denied" },
	{ "{\"do\":\"why\",\"name\":\"nothing\"}", "denied" },
	{ "{\"do\":\"why\"}", "denied" },
	{ "{\"do\":\"set\",\"signal\":\"Vehicle.Speed\",\"value\":3}", NULL },
	{ "{\"do\":\"set\",\"signal\":\"Vehicle.Speed\"}", "bad-request" },
	{ "{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":3}", "denied" },
	{ "{\"do\":\"set\",\"signal\":\"Vehicle.Nothing\",\"value\":3}", "denied" },
	{ "{\"do\":\"get\",\"what\":\"zones\"}", "denied" },
	{ "{\"do\":\"get\",\"what\":\"nothing\"}", "denied" },
	{ "{\"do\":\"get\"}", "denied" },
	{ "{\"do\":\"watch\"}", "denied" },
	{ "{\"do\":\"show\",\"app\":\"nav\"}", "denied" },
	{ "{\"do\":\"hide\",\"name\":\"other\"}", "denied" },
	{ "{\"do\":\"screenshot\",\"name\":\"left\"}", "denied" },
	{ "{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":1}", "denied" },
	{ "{\"do\":\"reload\"}", "denied" },
	{ "{\"do\":\"theme\",\"name\":null}", "denied" },
	{ "{\"do\":\"profile\",\"name\":null}", "denied" },
	{ "{\"do\":\"stats\"}", "denied" },
	{ "{\"do\":\"metrics\"}", "denied" },
	{ "{\"do\":\"journal\",\"since_ns\":0}", "denied" },
	{ "{\"do\":\"inspect\",\"on\":true}", "denied" },
	{ "{\"do\":\"overlay\",\"on\":true}", "denied" },
	{ "{\"do\":\"play\"}", "denied" },
	{ "{\"do\":\"quit\"}", "denied" },
	{ "nonsense", "bad-request" },
};

static void an_app_may_only_ask_about_itself_and_set_its_signals(void **state) {
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		yyjson_doc *reply = ask(cases[i].request);
		bool as_wanted = cases[i].code == NULL
				? doc_ok(reply)
				: strcmp(doc_text(reply, "code"), cases[i].code) == 0;
		if (!as_wanted) {
			fail_msg("%s: code '%s', error '%s'", cases[i].request,
					doc_text(reply, "code"), doc_text(reply, "error"));
		}
		yyjson_doc_free(reply);
	}
}

static int refusals_logged; // lines of a refused verb

__attribute__((format(printf, 2, 0))) static void count_refusals(enum wlr_log_importance importance,
		const char *format, va_list args) {
	char line[512];
	vsnprintf(line, sizeof(line), format, args);
	refusals_logged += importance <= WLR_INFO && strstr(line, " may not '") != NULL;
}

/** Before the others: a refusal that was said stays said for a while. */
static void each_verb_is_refused_by_default_and_it_is_said_once(void **state) {
	wlr_log_init(WLR_INFO, count_refusals);
	for (int i = 0; i < 3 * BN_VERB_COUNT; i++) {
		char request[64];
		snprintf(request, sizeof(request), "{\"do\":\"%s\"}",
				bn_verb_name((enum bn_verb)(i % BN_VERB_COUNT)));
		yyjson_doc *reply = ask(request);
		if (strcmp(doc_text(reply, "code"), "denied") != 0) {
			fail_msg("%s: code '%s', error '%s'", request, doc_text(reply, "code"),
					doc_text(reply, "error"));
		}
		yyjson_doc_free(reply);
	}
	wlr_log_init(WLR_ERROR, NULL);
	assert_int_equal(refusals_logged, BN_VERB_COUNT);
}

static void a_refusal_says_who_and_what(void **state) {
	yyjson_doc *reply = ask("{\"do\":\"quit\"}");
	assert_int_equal(strncmp(doc_text(reply, "error"), "nav (pid ", 9), 0);
	assert_non_null(strstr(doc_text(reply, "error"), "quit"));
	yyjson_doc_free(reply);
}

static void what_it_set_is_in_force(void **state) {
	yyjson_doc_free(ask("{\"do\":\"set\",\"signal\":\"Vehicle.Speed\",\"value\":41}"));
	const struct bn_cockpit *cockpit = bn_server_cockpit(fixture.server);
	size_t speed = bn_layout_find_signal(cockpit->layout, "Vehicle.Speed");
	assert_true(bn_vehicle_value(cockpit->vehicle, speed)->number == 41);
}

static void a_reload_changes_what_it_may(void **state) {
	write_layout("nav");
	assert_true(bn_cockpit_reload(bn_server_cockpit(fixture.server)));
	yyjson_doc *reply = ask("{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":3}");
	assert_true(doc_ok(reply));
	yyjson_doc_free(reply);
	write_layout("other");
	assert_true(bn_cockpit_reload(bn_server_cockpit(fixture.server)));
	reply = ask("{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":3}");
	assert_string_equal(doc_text(reply, "code"), "denied");
	yyjson_doc_free(reply);
}

int main(int argc, char **argv) {
	if (argc == 4 && strcmp(argv[1], "--app") == 0) {
		return run_app(argv[2], argv[3]);
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verb_is_refused_by_default_and_it_is_said_once),
		cmocka_unit_test(an_app_may_only_ask_about_itself_and_set_its_signals),
		cmocka_unit_test(a_refusal_says_who_and_what),
		cmocka_unit_test(what_it_set_is_in_force),
		cmocka_unit_test(a_reload_changes_what_it_may),
	};
	return cmocka_run_group_tests_name("ipc-app", tests, start, finish);
}
