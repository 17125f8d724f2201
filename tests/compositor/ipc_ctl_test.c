// binnaclectl itself: what it prints, what it writes and what it exits with.

#include <fcntl.h>
#include <png.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cockpit.h"
#include "core/policy.h"
#include "ipc_rig.h"

#define PATIENCE_S 20
#define ARGUMENTS_MAX 12

static struct bn_fixture fixture;

/** A run of binnaclectl; what it prints is collected while the server is turned. */
struct run {
	pid_t pid;
	int fds[2];          // its stdout and stderr, -1: ended
	char text[2][65536]; // stdout, stderr
	size_t length[2];
	int status; // of waitpid
};

static struct run run;

static int start(void **state) {
	rig_start(&fixture);
	assert_non_null(getenv("BN_CTL"));
	assert_int_equal(chdir(fixture.folder), 0);
	return 0;
}

static int finish(void **state) {
	assert_int_equal(chdir("/"), 0);
	bn_fixture_stop(&fixture);
	return 0;
}

static void run_start(const char *const *arguments) {
	const char *argv[ARGUMENTS_MAX + 2] = { getenv("BN_CTL") };
	for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i] != NULL; i++) {
		argv[i + 1] = arguments[i];
	}
	int out[2], err[2];
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	memset(&run, 0, sizeof(run));
	run.pid = fork();
	if (run.pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(out[1]);
	close(err[1]);
	run.fds[0] = out[0];
	run.fds[1] = err[0];
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
}

static void collect(void) {
	for (int i = 0; i < 2; i++) {
		size_t space = sizeof(run.text[i]) - 1 - run.length[i];
		assert_true(space > 0);
		ssize_t got = run.fds[i] >= 0 ? read(run.fds[i], run.text[i] + run.length[i], space)
					      : 0;
		if (got > 0) {
			run.length[i] += (size_t)got;
		} else if (got == 0 && run.fds[i] >= 0) {
			close(run.fds[i]);
			run.fds[i] = -1;
		}
	}
}

/** Until its output holds `text`, or, when that is NULL, until it has ended. */
static void run_until(const char *text) {
	struct timespec begin, now;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (;;) {
		collect();
		if (text != NULL && strstr(run.text[0], text) != NULL) {
			return;
		}
		if (text == NULL && run.fds[0] < 0 && run.fds[1] < 0) {
			break;
		}
		bn_server_dispatch(fixture.server, 10);
		clock_gettime(CLOCK_MONOTONIC, &now);
		assert_true(now.tv_sec - begin.tv_sec < PATIENCE_S);
	}
	assert_int_equal(waitpid(run.pid, &run.status, 0), run.pid);
}

static void ctl(const char *const *arguments) {
	run_start(arguments);
	run_until(NULL);
}

/** Runs it and expects this exit status. */
#define CTL(expected, ...) \
	do { \
		ctl((const char *const[]){ __VA_ARGS__, NULL }); \
		if (!WIFEXITED(run.status) || WEXITSTATUS(run.status) != (expected)) { \
			fail_msg("status %x, not %d: %s%s", run.status, expected, run.text[0], \
					run.text[1]); \
		} \
	} while (0)

static void expect_text(int stream, const char *text) {
	if (strstr(run.text[stream], text) == NULL) {
		fail_msg("no '%s' in: %s", text, run.text[stream]);
	}
}

static void each_exit_status_has_its_meaning(void **state) {
	CTL(0, "get", "zones");
	CTL(1, "get", "nothing");
	CTL(1, "set", "Vehicle.Sped", "1");
	expect_text(1, "did you mean 'Vehicle.Speed'?");
	CTL(2, "gett", "zones");
	expect_text(1, "did you mean 'get'?");
	CTL(2, "set", "Vehicle.Speed");
	CTL(2, "--nonsense", "get", "zones");
	CTL(2, "touch", "left", "1", "1", "1");
	CTL(2, "touch", "left", "1", "x");
	CTL(2, "inspect", "maybe");
	CTL(2, "--socket");
	CTL(3, "--socket", "/nowhere/x.ctl", "get", "zones");
	CTL(3, "--socket", "nowhere", "get", "zones");
	CTL(4, "screenshot", "secret", "secret.png");
	assert_int_equal(access("secret.png", F_OK), -1);
}

static void the_socket_is_found_by_path_name_or_variable(void **state) {
	const char *path = bn_server_control_path(fixture.server);
	CTL(0, "--socket", path, "get", "zones");
	CTL(0, "get", "zones", "--socket", bn_server_socket(fixture.server));
	assert_int_equal(setenv("BINNACLE_SOCKET", path, 1), 0);
	CTL(0, "get", "zones");
	assert_int_equal(setenv("BINNACLE_SOCKET", "/nowhere/x.ctl", 1), 0);
	CTL(3, "get", "zones");
	assert_int_equal(unsetenv("BINNACLE_SOCKET"), 0);
}

static void a_socket_that_nobody_answers_is_passed_over(void **state) {
	char path[96];
	snprintf(path, sizeof(path), "%s/newer.ctl", fixture.folder);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	assert_true(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	CTL(0, "get", "zones");
	unlink(path);
	// A file of that name is no socket at all.
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	CTL(0, "get", "zones");
	unlink(path);
}

static void tables_name_what_there_is(void **state) {
	static const struct {
		const char *what, *title, *entry;
	} cases[] = {
		{ "displays", "CONNECTOR", "right" },
		{ "zones", "SHOWS", "secret" },
		{ "apps", "PROCESS", "nav" },
		{ "signals", "STALE", "Vehicle.Gear" },
		{ "layout", "RULE", "moving" },
		{ "clients", "none", "none" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CTL(0, "get", cases[i].what);
		expect_text(0, cases[i].title);
		expect_text(0, cases[i].entry);
		CTL(0, "get", cases[i].what, "--json");
		assert_int_equal(strncmp(run.text[0], "{\"id\":1,\"ok\":true,", 18), 0);
	}
	CTL(0, "stats");
	expect_text(0, "PRESENTED");
}

static void what_an_app_calls_itself_cannot_steer_the_terminal(void **state) {
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	struct bn_test_window *window =
			bn_test_window_create(client, "\x1b[31m\xe8\xbb\x8a\a", 0xff00ff00);
	CTL(0, "get", "zones");
	expect_text(0, "?[31m\xe8\xbb\x8a?  ");
	assert_null(strchr(run.text[0], '\x1b'));
	assert_null(strchr(run.text[0], '\a'));
	// The wide letter takes two columns: what follows stands below its title.
	char *title = strstr(run.text[0], "WAITING");
	char *row = strstr(run.text[0], "\nmain ");
	assert_non_null(title);
	assert_non_null(row);
	ptrdiff_t column = title - run.text[0];
	assert_int_equal(row[1 + column + 1], '-'); // three bytes, two columns
	bn_test_window_destroy(window);
	bn_test_client_disconnect(client);
}

static const struct bn_value *value_of(const char *name) {
	const struct bn_cockpit *cockpit = bn_server_cockpit(fixture.server);
	return bn_vehicle_value(cockpit->vehicle, bn_layout_find_signal(cockpit->layout, name));
}

static void values_are_what_they_look_like(void **state) {
	CTL(0, "set", "Vehicle.Gear", "-1.5");
	assert_true(value_of("Vehicle.Gear")->number == -1.5);
	CTL(0, "set", "Vehicle.Gear", "true");
	assert_int_equal(value_of("Vehicle.Gear")->kind, BN_VALUE_BOOL);
	CTL(0, "set", "Vehicle.Gear", "\"12\"");
	assert_int_equal(value_of("Vehicle.Gear")->kind, BN_VALUE_STRING);
	assert_string_equal(value_of("Vehicle.Gear")->text, "12");
	CTL(0, "set", "Vehicle.Gear", "unknown");
	assert_int_equal(value_of("Vehicle.Gear")->kind, BN_VALUE_UNKNOWN);
}

/** malloc'ed XRGB of a PNG file. */
static uint32_t *read_png(const char *path, uint32_t *ret_width, uint32_t *ret_height) {
	png_image image = { .version = PNG_IMAGE_VERSION };
	assert_true(png_image_begin_read_from_file(&image, path) != 0);
	image.format = PNG_FORMAT_BGRA;
	uint32_t *pixels = malloc(PNG_IMAGE_SIZE(image));
	assert_non_null(pixels);
	assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL) != 0);
	*ret_width = image.width;
	*ret_height = image.height;
	return pixels;
}

static void screenshots_are_png_files(void **state) {
	uint32_t width, height;
	CTL(0, "screenshot", "side", "side.png");
	uint32_t *pixels = read_png("side.png", &width, &height);
	assert_int_equal(width, 16);
	assert_int_equal(height, 48);
	assert_int_equal(pixels[0], 0xffff0000);
	assert_int_equal(pixels[16 * 48 - 1], 0xffff0000);
	free(pixels);
	// All displays, side by side.
	CTL(0, "screenshot", "all.png");
	pixels = read_png("all.png", &width, &height);
	assert_int_equal(width, 64 + 32);
	assert_int_equal(pixels[63], 0xff204060);
	assert_int_equal(pixels[64], 0xffff0000);
	free(pixels);
	CTL(1, "screenshot", "left", "/nowhere/left.png");
	CTL(0, "screenshot", "left", "-");
	assert_int_equal(memcmp(run.text[0], "\x89PNG", 4), 0);
}

static void draw_and_show(struct bn_test_window *window, uint32_t color) {
	bn_test_window_draw(window, color);
	bn_test_client_roundtrip(window->client);
	bn_fixture_advance_ms(&fixture, 100);
}

static void goldens_are_saved_and_compared_with_from_then_on(void **state) {
	rig_write_layout(&fixture, rig_layout,
			"checks:\n"
			"  lamp: { zone: side, rect: [0, 0, 16, 16], when: { Vehicle.Gear: 7 }, "
			"golden: lamp.png, off: lamp-off.png, else-off: true, on-fault: "
			"builtin:oil }\n");
	CTL(0, "reload");
	CTL(0, "get", "checks");
	expect_text(0, "lamp.png: No such file");
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, "nav", 0xff101010);
	CTL(0, "show", "nav", "side");
	draw_and_show(window, 0xff101010);
	CTL(1, "golden", "capture", "lamp");
	expect_text(1, "is not known");
	CTL(1, "golden", "capture", "lamb");
	expect_text(1, "did you mean 'lamp'?");
	CTL(2, "golden", "look");
	CTL(0, "set", "Vehicle.Gear", "1");
	CTL(0, "golden", "capture");
	expect_text(0, "lamp-off.png");
	CTL(0, "set", "Vehicle.Gear", "7");
	draw_and_show(window, 0xffff0000);
	CTL(0, "golden", "capture", "lamp");
	uint32_t width, height;
	uint32_t *pixels = read_png("lamp.png", &width, &height);
	assert_int_equal(width, 16);
	assert_int_equal(height, 16);
	assert_int_equal(pixels[255], 0xffff0000);
	free(pixels);
	draw_and_show(window, 0xffff0000);
	CTL(0, "why", "side");
	expect_text(0, "check lamp: on is demanded, its app shows on: as it should be");
	CTL(0, "metrics");
	expect_text(0, "binnacle_check_state{check=\"lamp\"} 0.0");
	draw_and_show(window, 0xff00ff00);
	CTL(0, "get", "checks");
	expect_text(0, "covered");
	CTL(0, "metrics");
	expect_text(0, "binnacle_check_faults_total{check=\"lamp\",fault=\"wrong\"} 1\n");
	CTL(1, "golden", "capture", "lamp");
	bn_test_client_disconnect(client);
	rig_write_layout(&fixture, rig_layout, "");
	CTL(0, "reload");
	CTL(0, "set", "Vehicle.Gear", "unknown");
}

static void a_drag_touches_from_point_to_point(void **state) {
	CTL(0, "touch", "left", "1", "1", "20", "20", "40.5", "40");
	CTL(0, "touch", "left", "3", "3");
	CTL(1, "touch", "left", "1", "1", "100", "1");
}

#define SCREENCOPY "zwlr_screencopy_manager_v1"

static void a_policy_is_told_without_running_anything(void **state) {
	FILE *file = fopen("who.yaml", "we");
	assert_non_null(file);
	fputs("binnacle: 1\n"
	      "displays: { a: { mode: 64x48@60 } }\n"
	      "signals:\n"
	      "  Vehicle.Speed: { from: bridge }\n"
	      "zones:\n"
	      "  open: { display: a, rect: [0, 0, 8, 8], grant: ['*'], private: true }\n"
	      "  named: { display: a, rect: [8, 0, 8, 8], grant: mirror }\n"
	      "apps:\n"
	      "  mirror: { may: capture }\n"
	      "  bridge: { home: open }\n",
			file);
	fclose(file);
	CTL(0, "test-policy", "who.yaml", "--as", "mirror", "bind", SCREENCOPY);
	expect_text(0, "yes: app mirror has `may: [capture]` (");
	expect_text(0, "who.yaml:9:3)");
	CTL(4, "test-policy", "who.yaml", "--as", "bridge", "bind", SCREENCOPY);
	expect_text(0,
			"no: " SCREENCOPY
			" needs `may: [capture]` in the layout's entry of app bridge");
	expect_text(0, "who.yaml:10:3)");
	// what it calls itself is no proof; who says nothing is unknown
	CTL(4, "test-policy", "who.yaml", "--as", "mirror", "--by", "app-id", "bind", SCREENCOPY);
	CTL(4, "test-policy", "who.yaml", "--as", "mirror", "--by", "app-id", "fill", "named");
	CTL(0, "test-policy", "who.yaml", "--as", "mirror", "--by", "listener", "fill", "named");
	CTL(4, "test-policy", "who.yaml", "bind", SCREENCOPY);
	CTL(0, "test-policy", "who.yaml", "fill", "open");
	CTL(0, "test-policy", "who.yaml", "--as", "sandboxed", "bind", "xdg_wm_base");
	CTL(0, "test-policy", "who.yaml", "--as", "bridge", "verb", "set", "Vehicle.Speed");
	expect_text(0, "who.yaml:4:3)");
	CTL(4, "test-policy", "who.yaml", "--as", "mirror", "verb", "set", "Vehicle.Speed");
	CTL(0, "test-policy", "who.yaml", "--as", "mirror", "picture", "named");
	CTL(4, "test-policy", "who.yaml", "--as", "owner", "picture", "open");
	expect_text(0, "private");
	CTL(4, "test-policy", "who.yaml", "--as", "owner", "bind", "tomorrows_protocol_v1");
	// questions that are none
	CTL(2, "test-policy", "who.yaml", "--as", "miror", "bind", SCREENCOPY);
	expect_text(1, "did you mean 'mirror'?");
	CTL(2, "test-policy", "who.yaml", "fill", "opn");
	expect_text(1, "did you mean 'open'?");
	CTL(2, "test-policy", "who.yaml", "verb", "fly");
	CTL(2, "test-policy", "who.yaml", "verb", "get", "open");
	CTL(2, "test-policy", "who.yaml", "--by", "rumour", "--as", "mirror", "bind", SCREENCOPY);
	CTL(2, "test-policy", "who.yaml", "--as", "owner", "--by", "pid", "bind", SCREENCOPY);
	CTL(2, "test-policy", "who.yaml", "--matrix", "verb", "get");
	CTL(1, "test-policy", "missing.yaml", "--matrix");
}

/** Rows of the matrix of that kind, name and object ("": none) whose list of who may is `allowed`. */
static int count_rows(yyjson_val *rows, const char *name, const char *object, const char *allowed) {
	int count = 0;
	yyjson_val *row;
	yyjson_arr_iter iter = yyjson_arr_iter_with(rows);
	while ((row = yyjson_arr_iter_next(&iter)) != NULL) {
		yyjson_val *of = yyjson_obj_get(row, "object");
		bool same = yyjson_equals_str(yyjson_obj_get(row, "name"), name)
				&& (object[0] == '\0' ? of == NULL : yyjson_equals_str(of, object));
		char list[256] = "";
		yyjson_val *who;
		yyjson_arr_iter whos = yyjson_arr_iter_with(yyjson_obj_get(row, "allowed"));
		while ((who = yyjson_arr_iter_next(&whos)) != NULL) {
			strcat(strcat(list, list[0] != '\0' ? ", " : ""), yyjson_get_str(who));
		}
		count += same && strcmp(list, allowed) == 0;
	}
	return count;
}

static void the_matrix_has_everything_that_can_be_asked(void **state) {
	CTL(0, "test-policy", fixture.layout_path, "--matrix");
	expect_text(0, "WHO MAY");
	CTL(0, "test-policy", fixture.layout_path, "--matrix", "--json");
	yyjson_doc *doc = yyjson_read(run.text[0], run.length[0], 0);
	yyjson_val *rows = yyjson_obj_get(yyjson_doc_get_root(doc), "rows");
	// once for each app, signal and zone that a row can be about
	const struct bn_layout *layout = bn_server_cockpit(fixture.server)->layout;
	size_t expected = 0;
	for (size_t i = 0; i < bn_policy_count(); i++) {
		const size_t counts[] = { 1, layout->app_count, layout->signal_count,
			layout->zone_count };
		expected += counts[bn_policy_object(bn_policy_row(i)->privilege)];
	}
	assert_int_equal(yyjson_arr_size(rows), expected);
	assert_int_equal(count_rows(rows, "quit", "", "owner"), 1);
	assert_int_equal(count_rows(rows, "set", "Vehicle.Speed", "owner, nav, nav sandboxed"), 1);
	assert_int_equal(count_rows(rows, "fill", "main", "everybody"), 1);
	assert_int_equal(count_rows(rows, "fill", "side", "nav, nav sandboxed"), 1);
	assert_int_equal(count_rows(rows, "fill", "secret", "nobody"), 1);
	assert_int_equal(count_rows(rows, "picture", "secret", "nobody"), 1);
	assert_int_equal(count_rows(rows, "picture", "main", "owner"), 1);
	assert_int_equal(count_rows(rows, "xdg_wm_base", "", "everybody"), 1);
	assert_int_equal(count_rows(rows, "wp_security_context_manager_v1", "", "owner, every app"),
			1);
	yyjson_doc_free(doc);
}

static void faults_are_printed_with_their_place(void **state) {
	CTL(0, "check", fixture.layout_path);
	expect_text(0, "3 zones");
	FILE *file = fopen("bad.yaml", "we");
	assert_non_null(file);
	fputs("binnacle: 1\ndisplays: { a: { mode: 10x10@60 } }\nnonsense: 1\nzoness: {}\n", file);
	fclose(file);
	CTL(1, "check", "bad.yaml");
	expect_text(0, "bad.yaml:3:1: error: ");
	expect_text(0, "bad.yaml:4:1: error: ");
	CTL(1, "check", "bad.yaml", "--json");
	yyjson_doc *doc = yyjson_read(run.text[0], run.length[0], 0);
	assert_int_equal(yyjson_arr_size(yyjson_obj_get(yyjson_doc_get_root(doc), "faults")), 2);
	yyjson_doc_free(doc);
	CTL(1, "check", "missing.yaml");
	CTL(0, "check", fixture.layout_path, "--profile", "anna");
	CTL(1, "check", fixture.layout_path, "--profile=nobody");

	rig_write_layout(&fixture, rig_layout, "nonsense: 1\n");
	CTL(1, "reload");
	expect_text(0, "layout.yaml:");
	rig_write_layout(&fixture, rig_layout, "");
	CTL(0, "reload");
}

static void a_script_is_played_and_its_faults_are_told(void **state) {
	FILE *file = fopen("drive.yaml", "we");
	assert_non_null(file);
	fputs("- { at: 0s, set: { Vehicle.Speed: 3 } }\n"
	      "- { at: 20ms, set: { Vehicle.Nothing: 3 }, theme: night }\n"
	      "- { at: 40ms, set: { Vehicle.Gear: R }, capture: seen }\n",
			file);
	fclose(file);
	CTL(1, "play", "drive.yaml");
	expect_text(1, "drive.yaml:2: this step was not done");
	assert_string_equal(value_of("Vehicle.Gear")->text, "R");
	assert_int_equal(access("seen-left.png", F_OK), 0);
	assert_int_equal(access("seen-right.png", F_OK), 0);
	CTL(0, "theme", "auto");
	CTL(1, "play", "missing.yaml");
}

static yyjson_val *trace_events(const char *path, yyjson_doc **ret_doc) {
	*ret_doc = yyjson_read_file(path, 0, NULL, NULL);
	assert_non_null(*ret_doc);
	return yyjson_obj_get(yyjson_doc_get_root(*ret_doc), "traceEvents");
}

static size_t count_events(yyjson_val *events, const char *name) {
	size_t count = 0;
	yyjson_val *event;
	yyjson_arr_iter iter = yyjson_arr_iter_with(events);
	while ((event = yyjson_arr_iter_next(&iter)) != NULL) {
		count += strcmp(yyjson_get_str(yyjson_obj_get(event, "name")), name) == 0;
	}
	return count;
}

static void draw(struct bn_test_window *window, int refreshes) {
	for (int i = 0; i < refreshes; i++) {
		bn_test_window_draw(window, 0xff000000 | (uint32_t)i);
		bn_test_client_roundtrip(window->client);
		bn_server_advance(fixture.server, 16666667);
	}
}

static void a_trace_that_is_interrupted_is_a_whole_one(void **state) {
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, "nav", 0xff00ff00);
	draw(window, 30);
	run_start((const char *const[]){ "trace", "30s", "trace.json", NULL });
	while (strstr(run.text[1], "Ctrl-C") == NULL) {
		bn_server_dispatch(fixture.server, 10);
		collect();
	}
	draw(window, 20);
	assert_int_equal(kill(run.pid, SIGINT), 0);
	run_until(NULL);
	assert_true(WIFEXITED(run.status));
	assert_int_equal(WEXITSTATUS(run.status), 0);
	yyjson_doc *doc;
	yyjson_val *events = trace_events("trace.json", &doc);
	// What was before is not in it.
	size_t shown = count_events(events, "waiting for flip");
	assert_int_in_range(shown, 18, 21);
	assert_int_equal(count_events(events, "deadline"), shown);
	assert_int_in_range(count_events(events, "thread_name"), 3, 4); // two displays, nav
	yyjson_doc_free(doc);
	CTL(0, "recorder", "dump", "dump.json");
	events = trace_events("dump.json", &doc);
	assert_true(count_events(events, "waiting for flip") > 45);
	yyjson_doc_free(doc);
	CTL(0, "trace", "1ms", "-");
	assert_int_equal(strncmp(run.text[0], "{\"displayTimeUnit\"", 18), 0);
	bn_test_window_destroy(window);
	bn_test_client_disconnect(client);
}

static void a_trace_that_cannot_be_written_leaves_no_file(void **state) {
	CTL(1, "trace", "1ms", "/nowhere/trace.json");
	expect_text(1, "/nowhere/trace.json: No such file");
	CTL(1, "recorder", "dump", "/dev/full");
	expect_text(1, "No space left");
	CTL(2, "trace", "forever", "trace.json");
	CTL(2, "trace", "31s", "trace.json");
	CTL(2, "trace", "0", "trace.json");
	CTL(2, "trace", "nan", "trace.json");
	CTL(2, "recorder", "play", "trace.json");
	assert_int_equal(unlink("trace.json"), 0); // of the case before: it was left alone
}

static void figures_are_printed_for_people_and_for_scrapers(void **state) {
	CTL(0, "stats");
	expect_text(0, "commit to glass");
	expect_text(0, "p99.9");
	CTL(0, "stats", "--json");
	expect_text(0, "\"predicted_ns\":{\"count\":");
	expect_text(0, "\"p999\":");
	CTL(0, "metrics");
	expect_text(0, "# TYPE binnacle_frames_presented counter\n");
	expect_text(0, "binnacle_frames_presented_total{display=\"left\",connector=\"HEADLESS-");
	assert_string_equal(run.text[0] + run.length[0] - 6, "# EOF\n");
	CTL(0, "overlay", "on", "left");
	CTL(1, "overlay", "on", "lefd");
	expect_text(1, "did you mean 'left'?");
	CTL(0, "overlay", "off");
	CTL(2, "overlay", "maybe");
}

static void watching_ends_with_an_interrupt(void **state) {
	run_start((const char *const[]){ "watch", NULL });
	run_until("theme day: in force");
	expect_text(0, "zone main: (empty)");
	struct peer peer;
	peer_connect(&fixture, &peer);
	peer_do(&peer, "{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":77}");
	peer_close(&peer);
	run_until("signal Vehicle.Gear: 77");
	assert_int_equal(kill(run.pid, SIGINT), 0);
	run_until(NULL);
	assert_true(WIFEXITED(run.status));
	assert_int_equal(WEXITSTATUS(run.status), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_exit_status_has_its_meaning),
		cmocka_unit_test(the_socket_is_found_by_path_name_or_variable),
		cmocka_unit_test(a_socket_that_nobody_answers_is_passed_over),
		cmocka_unit_test(tables_name_what_there_is),
		cmocka_unit_test(what_an_app_calls_itself_cannot_steer_the_terminal),
		cmocka_unit_test(values_are_what_they_look_like),
		cmocka_unit_test(screenshots_are_png_files),
		cmocka_unit_test(goldens_are_saved_and_compared_with_from_then_on),
		cmocka_unit_test(a_drag_touches_from_point_to_point),
		cmocka_unit_test(a_policy_is_told_without_running_anything),
		cmocka_unit_test(the_matrix_has_everything_that_can_be_asked),
		cmocka_unit_test(faults_are_printed_with_their_place),
		cmocka_unit_test(a_script_is_played_and_its_faults_are_told),
		cmocka_unit_test(a_trace_that_is_interrupted_is_a_whole_one),
		cmocka_unit_test(a_trace_that_cannot_be_written_leaves_no_file),
		cmocka_unit_test(figures_are_printed_for_people_and_for_scrapers),
		cmocka_unit_test(watching_ends_with_an_interrupt),
	};
	return cmocka_run_group_tests_name("ipc-ctl", tests, start, finish);
}
