#include "core/chrome.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "core/journal.h"
#include "core/sink.h"
#include "unit.h"

// Times are ms; a trace counts in us.
#define MS INT64_C(1000000)

#define STAGED(text, function) \
	{ .name = text, .test_func = function, .setup_func = start, .teardown_func = finish }

static struct bn_journal journal;
static uint16_t cluster, nav;

static int start(void **state) {
	static const char owners[2];
	if (!bn_journal_init(&journal, 64, 64)) {
		return -1;
	}
	cluster = bn_journal_begin(&journal, &owners[0], BN_JOURNAL_IS_DISPLAY, "cluster (DP-1)",
			1 * MS);
	nav = bn_journal_begin(&journal, &owners[1], BN_JOURNAL_IS_CLIENT, "nav (pid 7)", 1 * MS);
	return 0;
}

static int finish(void **state) {
	bn_journal_finish(&journal);
	return 0;
}

static struct bn_journal_frame frame_at(int64_t wake_ms, uint32_t sequence) {
	return (struct bn_journal_frame){
		.wake_ns = wake_ms * MS,
		.present_ns = (wake_ms + 8) * MS,
		.due = -20000,
		.deadline = 8 * MS,
		.latch = 1 * MS,
		.submit = 2 * MS,
		.commit = 3 * MS,
		.predicted = 4 * MS,
		.early = 2 * MS,
		.period = 16 * MS,
		.sequence = sequence,
		.track = cluster,
		.flags = BN_JOURNAL_DRAWN | BN_JOURNAL_SAFETY,
	};
}

struct text {
	char data[65536];
	size_t length, room;
};

static bool text_write(void *data, const char *more, size_t length) {
	struct text *text = data;
	if (text->length + length >= text->room) {
		return false;
	}
	memcpy(text->data + text->length, more, length);
	text->length += length;
	text->data[text->length] = '\0';
	return true;
}

static struct text text;

static bool format(int64_t since_ns, size_t room) {
	size_t size = bn_journal_image_size(&journal, 0);
	void *image = malloc(size);
	assert_non_null(image);
	struct bn_journal_view view;
	bn_journal_image_fill(&journal, 0, 500 * MS, 0, image);
	assert_true(bn_journal_view(image, size, &view));
	text = (struct text){ .room = room };
	struct bn_sink sink = { .write = text_write, .data = &text };
	bool done = bn_chrome_write(&view, since_ns, &sink);
	free(image);
	return done;
}

/** The events of the trace; yyjson_doc_free() the doc. */
static yyjson_val *events(yyjson_doc **ret_doc) {
	assert_true(format(0, sizeof(text.data)));
	*ret_doc = yyjson_read(text.data, text.length, 0);
	if (*ret_doc == NULL) {
		fail_msg("no JSON: %s", text.data);
	}
	yyjson_val *list = yyjson_obj_get(yyjson_doc_get_root(*ret_doc), "traceEvents");
	assert_true(yyjson_is_arr(list));
	return list;
}

static const char *member(yyjson_val *event, const char *key) {
	const char *found = yyjson_get_str(yyjson_obj_get(event, key));
	return found != NULL ? found : "";
}

/** The nth event of that name, NULL: there are fewer. */
static yyjson_val *find(yyjson_val *list, const char *name, int nth) {
	yyjson_val *event;
	yyjson_arr_iter iter = yyjson_arr_iter_with(list);
	while ((event = yyjson_arr_iter_next(&iter)) != NULL) {
		if (strcmp(member(event, "name"), name) == 0 && nth-- == 0) {
			return event;
		}
	}
	return NULL;
}

static double number(yyjson_val *event, const char *key) {
	assert_non_null(event);
	return yyjson_get_num(yyjson_obj_get(event, key));
}

static void check(yyjson_val *event, double ts, double dur) {
	assert_true(number(event, "ts") == ts);
	assert_true(number(event, "dur") == dur);
}

static void test_slices(void **state) {
	struct bn_journal_frame frame = frame_at(100, 5);
	bn_journal_add_frame(&journal, &frame);
	yyjson_doc *doc;
	yyjson_val *list = events(&doc);
	check(find(list, "frame 5", 0), 100000, 8000);
	check(find(list, "latch", 0), 100000, 1000);
	check(find(list, "draw", 0), 101000, 1000);
	check(find(list, "commit", 0), 102000, 1000);
	check(find(list, "waiting for flip", 0), 103000, 5000);
	assert_true(number(find(list, "deadline", 0), "ts") == 108000);
	assert_null(find(list, "missed", 0));
	yyjson_val *args = yyjson_obj_get(find(list, "frame 5", 0), "args");
	assert_true(number(args, "woken_late_ms") == 0.02);
	assert_true(number(args, "early_ms") == 2);
	assert_true(number(args, "predicted_ms") == 4);
	assert_true(number(args, "cost_ms") == 3);
	yyjson_doc_free(doc);
}

static void test_late(void **state) {
	// Its flip is said to have come after the next one's wake-up: slices must not overlap.
	struct bn_journal_frame frame = frame_at(100, 5);
	frame.present_ns = 130 * MS;
	frame.missed = 1;
	bn_journal_add_frame(&journal, &frame);
	frame = frame_at(116, 6);
	bn_journal_add_frame(&journal, &frame);
	yyjson_doc *doc;
	yyjson_val *list = events(&doc);
	check(find(list, "frame 5", 0), 100000, 16000);
	check(find(list, "waiting for flip", 0), 103000, 13000);
	check(find(list, "frame 6", 0), 116000, 8000);
	yyjson_val *missed = find(list, "missed", 0);
	assert_true(number(missed, "ts") == 108000);
	assert_true(number(yyjson_obj_get(missed, "args"), "refreshes") == 1);
	yyjson_doc_free(doc);
}

static void test_failed(void **state) {
	struct bn_journal_frame frame = frame_at(100, 5);
	frame.present_ns = 0;
	frame.commit = frame.submit = 0;
	frame.flags = BN_JOURNAL_FAILED;
	bn_journal_add_frame(&journal, &frame);
	yyjson_doc *doc;
	yyjson_val *list = events(&doc);
	check(find(list, "frame 5", 0), 100000, 1000);
	assert_non_null(find(list, "failed", 0));
	assert_null(find(list, "commit", 0));
	assert_null(find(list, "waiting for flip", 0));
	yyjson_doc_free(doc);
}

static void test_clients(void **state) {
	const struct bn_journal_note notes[] = {
		{ .at_ns = 100 * MS,
				.length = MS / 2,
				.before = 3 * MS,
				.bytes = 4096,
				.track = nav,
				.display = cluster,
				.commits = 9,
				.event = BN_JOURNAL_LATCH },
		{ .at_ns = 101 * MS,
				.track = nav,
				.text = bn_journal_text(&journal, "a \"zone\"\n\xff\xe8\xbb\x8a"),
				.event = BN_JOURNAL_REFUSE },
		{ .at_ns = 102 * MS,
				.length = 2 * MS,
				.track = cluster,
				.event = BN_JOURNAL_DEFER },
	};
	for (size_t i = 0; i < COUNT(notes); i++) {
		bn_journal_add_note(&journal, &notes[i]);
	}
	yyjson_doc *doc;
	yyjson_val *list = events(&doc);
	check(find(list, "latch", 0), 100000, 500);
	yyjson_val *args = yyjson_obj_get(find(list, "latch", 0), "args");
	assert_string_equal(member(args, "display"), "cluster (DP-1)");
	assert_true(number(args, "commits") == 9);
	assert_true(number(find(list, "commit", 0), "ts") == 97000);
	args = yyjson_obj_get(find(list, "throttled or refused", 0), "args");
	assert_string_equal(member(args, "text"), "a \"zone\"??\xe8\xbb\x8a");
	args = yyjson_obj_get(find(list, "deferred", 0), "args");
	assert_true(number(args, "waits_ms") == 2);
	// Each in its group, by name.
	assert_non_null(find(list, "process_name", 1));
	assert_null(find(list, "process_name", 2));
	assert_non_null(find(list, "thread_name", 1));
	yyjson_doc_free(doc);
}

static void test_stranger(void **state) {
	// Older than the track: it was about the one whose place this was before.
	const struct bn_journal_note note = {
		.at_ns = MS / 2, .track = nav, .event = BN_JOURNAL_REFUSE
	};
	bn_journal_add_note(&journal, &note);
	yyjson_doc *doc;
	yyjson_val *list = events(&doc);
	assert_null(find(list, "throttled or refused", 0));
	yyjson_doc_free(doc);
}

/** Some frames and notes at random: whatever they hold, times are in order and slices nest. */
static void test_random(void **state) {
	struct bn_random random = bn_random_seeded(3);
	int64_t wake = 10;
	for (int i = 0; i < 60; i++) {
		struct bn_journal_frame frame = frame_at(wake, (uint32_t)i);
		frame.latch = (uint32_t)bn_random_int(&random, 0, 30) * MS;
		frame.submit = (uint32_t)bn_random_int(&random, 0, 30) * MS;
		frame.commit = (uint32_t)bn_random_int(&random, 0, 30) * MS;
		frame.present_ns = (wake + bn_random_int(&random, -10, 60)) * MS;
		bn_journal_add_frame(&journal, &frame);
		wake += bn_random_int(&random, 0, 20);
	}
	yyjson_doc *doc;
	yyjson_val *event, *list = events(&doc);
	double before = 0, outer_end = 0, inner_end = 0;
	yyjson_arr_iter iter = yyjson_arr_iter_with(list);
	while ((event = yyjson_arr_iter_next(&iter)) != NULL) {
		double ts = number(event, "ts"), end = ts + number(event, "dur");
		if (strcmp(member(event, "ph"), "M") == 0) {
			continue;
		}
		assert_true(ts >= before);
		before = ts;
		if (strncmp(member(event, "name"), "frame", 5) == 0) {
			assert_true(ts >= outer_end);
			outer_end = end;
			inner_end = ts;
		} else if (strcmp(member(event, "ph"), "X") == 0) {
			assert_true(ts >= inner_end && end <= outer_end);
			inner_end = end;
		}
	}
	yyjson_doc_free(doc);
}

static void test_full(void **state) {
	struct bn_journal_frame frame = frame_at(100, 5);
	bn_journal_add_frame(&journal, &frame);
	assert_true(format(0, sizeof(text.data)));
	size_t whole = text.length;
	for (size_t room = 0; room <= whole; room += 7) {
		assert_false(format(0, room));
	}
	assert_true(format(0, whole + 1));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		STAGED("slices-follow-each-other-to-the-flip", test_slices),
		STAGED("a-late-flip-does-not-overlap-the-next-frame", test_late),
		STAGED("a-failed-frame-has-no-flip", test_failed),
		STAGED("clients-have-tracks-of-their-own", test_clients),
		STAGED("nobody-inherits-what-happened-to-another", test_stranger),
		STAGED("whatever-was-recorded-slices-nest-in-order-of-time", test_random),
		STAGED("a-full-disk-is-noticed-wherever-it-strikes", test_full),
	};
	return cmocka_run_group_tests_name("chrome", tests, NULL, NULL);
}
