// The flight recorder: misses that are injected, and the files that they leave.

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <wlr/util/log.h>
#include <yyjson.h>

#include "core/nsec.h"
#include "fixture.h"
#include "kit.h"
#include "output.h"
#include "server_internal.h"

#define PATIENCE_S 20

static const char layout[] =
		"binnacle: 1\n"
		"displays:\n"
		"  cluster: { mode: 200x100@60, size-mm: [200, 100], criticality: safety }\n"
		"  center: { mode: 160x100@60, size-mm: [160, 100] }\n"
		"zones:\n"
		"  gauges: { display: cluster, rect: full, layer: app, grant: [gauges] }\n"
		"  main: { display: center, rect: full, layer: app, grant: [nav] }\n"
		"apps:\n"
		"  gauges: { home: gauges }\n"
		"  nav: { home: main }\n";

static struct bn_fixture fixture;
static char base[] = "/tmp/binnacle-recorder-XXXXXX"; // a folder for all cases
static char folder[128];
static struct bn_test_client *clients[2];
static struct bn_test_window *windows[2];
static uint32_t color;

static int warnings; // lines of the recorder about what it could not do

static void count_warnings(enum wlr_log_importance importance, const char *format, va_list args) {
	if (importance == WLR_ERROR && strstr(format, "recorder: ") != NULL) {
		warnings++;
	}
}

static int make_base(void **state) {
	return mkdtemp(base) != NULL ? 0 : -1;
}

static int remove_base(void **state) {
	char command[96];
	snprintf(command, sizeof(command), "rm -rf '%s'", base);
	return getenv("KEEP") != NULL ? 0 : system(command);
}

/** With a recorder that saves into this folder below the base. */
static void open_cockpit(const char *where, bool any) {
	snprintf(folder, sizeof(folder), "%s/%s", base, where);
	const struct bn_fixture_options options = {
		.layout = layout,
		.recorder = folder,
		.recorder_any = any,
	};
	bn_fixture_start(&fixture, &options);
	static const char *const apps[] = { "gauges", "nav" };
	for (int i = 0; i < 2; i++) {
		clients[i] = bn_test_client_connect(&fixture, apps[i]);
		windows[i] = bn_test_window_create(clients[i], apps[i], 0xff112233);
	}
	warnings = 0;
	wlr_log_init(WLR_ERROR, count_warnings);
}

static void close_cockpit(void) {
	for (int i = 0; i < 2; i++) {
		bn_test_window_destroy(windows[i]);
		bn_test_client_disconnect(clients[i]);
	}
	bn_fixture_stop(&fixture);
}

/** Both apps draw, refresh by refresh. */
static void drive(int refreshes) {
	for (int i = 0; i < refreshes; i++) {
		for (int j = 0; j < 2; j++) {
			bn_test_window_draw(windows[j], 0xff000000 | color++);
			bn_test_client_roundtrip(clients[j]);
		}
		bn_server_advance(fixture.server, BN_NSEC_PER_SEC / 60);
	}
}

/** A frame of the display that nobody starts until two refreshes have passed. */
static void miss(const char *display) {
	struct bn_output *output = bn_kit_output(&fixture, display);
	int window = strcmp(display, "cluster") == 0 ? 0 : 1;
	drive(2);
	bn_test_window_draw(windows[window], 0xff000000 | color++);
	bn_test_client_roundtrip(clients[window]);
	assert_int_equal(output->deadline.state, BN_DEADLINE_ARMED);
	uint64_t before = output->stats.missed;
	bn_timer_arm(&output->timer, output->timer.due_ns + 2 * output->deadline.period_ns);
	bn_fixture_advance_ms(&fixture, 60);
	assert_true(output->stats.missed > before);
}

static int is_file(const struct dirent *entry) {
	return entry->d_name[0] != '.';
}

/** How many files there are; the path of the newest. */
static int count_files(char newest[512]) {
	struct dirent **entries;
	int count = scandir(folder, &entries, is_file, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(newest, 512, "%.120s/%.255s", folder, entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0) {
		free(entries);
	}
	return count < 0 ? 0 : count;
}

/** Past the moment at which what followed is known as well, and until the worker has come back. */
static void let_it_save(void) {
	struct timespec begin, now;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	bn_fixture_advance_ms(&fixture, (int)(BN_RECORDER_AFTER_NS / BN_NSEC_PER_MSEC));
	while (fixture.server->recorder.job != NULL) {
		bn_fixture_advance_ms(&fixture, 10); // the worker may need longer than virtual time
		bn_server_dispatch(fixture.server, 5);
		clock_gettime(CLOCK_MONOTONIC, &now);
		assert_true(now.tv_sec - begin.tv_sec < PATIENCE_S);
	}
}

static yyjson_val *find(yyjson_val *events, const char *name, int tid) {
	yyjson_val *event;
	yyjson_arr_iter iter = yyjson_arr_iter_with(events);
	while ((event = yyjson_arr_iter_next(&iter)) != NULL) {
		const char *found = yyjson_get_str(yyjson_obj_get(event, "name"));
		if (strcmp(found, name) == 0
				&& (tid == 0
						|| yyjson_get_int(yyjson_obj_get(event, "tid"))
								== tid)) {
			return event;
		}
	}
	return NULL;
}

/** The track that is called so, 0: there is none. */
static int tid_of(yyjson_val *events, const char *name) {
	yyjson_val *event;
	yyjson_arr_iter iter = yyjson_arr_iter_with(events);
	while ((event = yyjson_arr_iter_next(&iter)) != NULL) {
		yyjson_val *args = yyjson_obj_get(event, "args");
		const char *called = yyjson_get_str(yyjson_obj_get(args, "name"));
		bool is_thread =
				strcmp(yyjson_get_str(yyjson_obj_get(event, "name")), "thread_name")
				== 0;
		if (is_thread && called != NULL && strncmp(called, name, strlen(name)) == 0) {
			return yyjson_get_int(yyjson_obj_get(event, "tid"));
		}
	}
	return 0;
}

static double ts_of(yyjson_val *event) {
	assert_non_null(event);
	return yyjson_get_num(yyjson_obj_get(event, "ts"));
}

static void a_miss_of_a_safety_display_is_saved_with_what_was_around(void **state) {
	open_cockpit("a/with/parents", false);
	drive(120);
	miss("cluster");
	drive(6);
	let_it_save();
	char path[512];
	assert_int_equal(count_files(path), 1);
	assert_non_null(strstr(path, "-cluster.json"));
	yyjson_doc *doc = yyjson_read_file(path, 0, NULL, NULL);
	assert_non_null(doc);
	yyjson_val *events = yyjson_obj_get(yyjson_doc_get_root(doc), "traceEvents");
	int cluster = tid_of(events, "cluster ("), center = tid_of(events, "center (");
	int gauges = tid_of(events, "gauges (pid ");
	assert_true(cluster > 0 && center > 0 && gauges > 0);
	double missed = ts_of(find(events, "missed", cluster));
	assert_null(find(events, "missed", center));
	assert_non_null(find(events, "deadline", cluster));
	assert_non_null(find(events, "latch", gauges));
	assert_non_null(find(events, "commit", gauges));
	assert_non_null(find(events, "shows", tid_of(events, "cockpit")));
	// Two seconds before it, and what followed.
	assert_true(ts_of(find(events, "waiting for flip", cluster)) < missed - 1.9e6);
	yyjson_val *last = yyjson_arr_get_last(events);
	assert_true(ts_of(last) > missed + 0.05e6);
	assert_int_equal(warnings, 0);
	yyjson_doc_free(doc);
	struct stat info;
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	close_cockpit();
}

static void another_displays_miss_is_saved_on_request_only(void **state) {
	char path[512];
	open_cockpit("b", false);
	miss("center");
	let_it_save();
	assert_int_equal(count_files(path), 0);
	close_cockpit();
	open_cockpit("b", true);
	miss("center");
	let_it_save();
	assert_int_equal(count_files(path), 1);
	assert_non_null(strstr(path, "-center.json"));
	close_cockpit();
}

static void a_minute_of_misses_leaves_one_file(void **state) {
	char path[512];
	open_cockpit("c", false);
	for (int i = 0; i < 10; i++) {
		miss("cluster");
		let_it_save();
	}
	assert_int_equal(count_files(path), 1);
	close_cockpit();
}

static void only_the_newest_files_are_kept(void **state) {
	char path[512];
	open_cockpit("d", false);
	assert_int_equal(mkdir(folder, 0700), 0);
	for (int i = 0; i < BN_RECORDER_KEEP + 5; i++) {
		snprintf(path, sizeof(path), "%s/miss-20000101T0000%02dZ-cluster.json", folder, i);
		close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	}
	snprintf(path, sizeof(path), "%s/a-letter.json", folder);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	miss("cluster");
	let_it_save();
	assert_int_equal(count_files(path), BN_RECORDER_KEEP + 1);
	assert_null(strstr(path, "miss-2000")); // the newest is today's
	snprintf(path, sizeof(path), "%s/a-letter.json", folder);
	assert_int_equal(access(path, F_OK), 0);
	close_cockpit();
}

static void a_full_disk_leaves_one_warning_and_no_file(void **state) {
	char path[512];
	struct rlimit before, tiny;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tiny = (struct rlimit){ 1024, before.rlim_max };
	open_cockpit("e", false);
	drive(60);
	for (int i = 0; i < 3; i++) {
		miss("cluster");
		// What the client draws into is a file too: the disk is full for the worker alone.
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
		let_it_save();
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(count_files(path), 0);
		bn_server_advance(fixture.server, BN_RECORDER_EVERY_NS);
	}
	assert_int_equal(warnings, 1);
	// There is room again.
	miss("cluster");
	let_it_save();
	assert_int_equal(count_files(path), 1);
	close_cockpit();
}

static void a_folder_that_cannot_be_made_leaves_one_warning(void **state) {
	char path[128];
	snprintf(path, sizeof(path), "%s/file", base);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	open_cockpit("file/folder", false);
	for (int i = 0; i < 3; i++) {
		miss("cluster");
		let_it_save();
		bn_server_advance(fixture.server, BN_RECORDER_EVERY_NS);
	}
	assert_int_equal(warnings, 1);
	close_cockpit();
}

static void an_end_while_it_writes_leaves_a_whole_file(void **state) {
	char path[512];
	open_cockpit("f", false);
	drive(300);
	miss("cluster");
	const struct bn_recorder *recorder = &fixture.server->recorder;
	// Until it is on its way; a quick worker may be back by then.
	while (recorder->written == 0
			&& (recorder->job == NULL || bn_timer_is_armed(&recorder->timer))) {
		bn_fixture_advance_ms(&fixture, 1);
	}
	close_cockpit();
	assert_int_equal(count_files(path), 1);
	yyjson_doc *doc = yyjson_read_file(path, 0, NULL, NULL);
	assert_non_null(doc);
	yyjson_doc_free(doc);
}

static void an_end_while_it_gets_ready_leaves_nothing(void **state) {
	char path[512];
	open_cockpit("i", false);
	miss("cluster");
	while (fixture.server->recorder.job == NULL) {
		bn_fixture_advance_ms(&fixture, 10);
	}
	close_cockpit();
	assert_int_equal(count_files(path), 0);
}

static bool has_note(enum bn_journal_event event, const char *text) {
	const struct bn_journal *journal = &fixture.server->record.journal;
	for (uint64_t i = 0; i < journal->note_count; i++) {
		const struct bn_journal_note *note = &journal->notes[i];
		const char *said = journal->texts[note->text % BN_JOURNAL_TEXTS].text;
		if (note->event == event && (text == NULL || strstr(said, text) != NULL)) {
			return true;
		}
	}
	return false;
}

static void decisions_are_written_down(void **state) {
	open_cockpit("g", false);
	drive(10);
	assert_true(has_note(BN_JOURNAL_SHOW, "gauges: gauges (pid "));
	assert_true(has_note(BN_JOURNAL_LATCH, NULL));
	assert_false(has_note(BN_JOURNAL_DEFER, NULL));
	assert_false(has_note(BN_JOURNAL_REFUSE, NULL));
	// A lesser display whose frame would not be over in time.
	bn_predictor_init(&bn_kit_output(&fixture, "center")->deadline.cost, 19 * BN_NSEC_PER_MSEC);
	drive(3);
	assert_true(bn_kit_output(&fixture, "center")->stats.deferred > 0);
	assert_true(has_note(BN_JOURNAL_DEFER, NULL));
	struct bn_client *client = wl_container_of(fixture.server->clients.list.next, client, link);
	bn_client_refuse(client, bn_loop_now(&fixture.server->loop), "too many of %s", "them");
	assert_true(has_note(BN_JOURNAL_REFUSE, "too many of them"));
	assert_false(has_note(BN_JOURNAL_LAYOUT, NULL));
	assert_true(bn_cockpit_reload(&fixture.server->cockpit));
	assert_true(has_note(BN_JOURNAL_LAYOUT, fixture.layout_path));
	bn_fixture_write_layout(&fixture, "binnacle: 1\nnonsense: 2\n");
	assert_false(bn_cockpit_reload(&fixture.server->cockpit));
	assert_true(has_note(BN_JOURNAL_LAYOUT_FAILED, "layout.yaml:2:1"));
	close_cockpit();
}

static void a_client_that_is_refused_all_the_time_drowns_nobody(void **state) {
	open_cockpit("h", false);
	struct bn_client *client = wl_container_of(fixture.server->clients.list.next, client, link);
	const struct bn_journal *journal = &fixture.server->record.journal;
	uint64_t before = journal->note_count;
	for (int i = 0; i < 20000; i++) {
		bn_client_refuse(client, bn_loop_now(&fixture.server->loop), "no number %d", i);
	}
	assert_int_equal(journal->note_count, before + 1);
	close_cockpit();
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_miss_of_a_safety_display_is_saved_with_what_was_around),
		cmocka_unit_test(another_displays_miss_is_saved_on_request_only),
		cmocka_unit_test(a_minute_of_misses_leaves_one_file),
		cmocka_unit_test(only_the_newest_files_are_kept),
		cmocka_unit_test(a_full_disk_leaves_one_warning_and_no_file),
		cmocka_unit_test(a_folder_that_cannot_be_made_leaves_one_warning),
		cmocka_unit_test(an_end_while_it_writes_leaves_a_whole_file),
		cmocka_unit_test(an_end_while_it_gets_ready_leaves_nothing),
		cmocka_unit_test(decisions_are_written_down),
		cmocka_unit_test(a_client_that_is_refused_all_the_time_drowns_nobody),
	};
	return cmocka_run_group_tests_name("recorder", tests, make_base, remove_base);
}
