#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/play.h"
#include "unit.h"

#define MS INT64_C(1000000)

static struct bn_play *load(const char *path) {
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	struct bn_play *play = bn_play_load(path, &diags);
	if (play == NULL) {
		fail_msg("%s: %s", path, diags.count > 0 ? diags.items[0].text : "no reason");
	}
	bn_diag_list_finish(&diags);
	return play;
}

static const struct {
	int64_t at_ns;
	enum bn_play_kind kind;
	const char *name, *zone;
} expected[] = {
	{ 0, BN_PLAY_THEME, "night", NULL },
	{ 0, BN_PLAY_PROFILE, "anna", NULL },
	{ 500 * MS, BN_PLAY_SHOW, "media", "main" },
	{ 500 * MS, BN_PLAY_SHOW, "cinema", "movie" },
	{ 500 * MS, BN_PLAY_HIDE, "nav", NULL },
	{ 500 * MS, BN_PLAY_HIDE, "card", NULL },
	{ 500 * MS, BN_PLAY_SHOW, "nav", NULL },
	{ 500 * MS, BN_PLAY_THEME, NULL, NULL },
	{ 1000 * MS, BN_PLAY_SET, "Vehicle.Speed", NULL },
	{ 1000 * MS, BN_PLAY_SET, "Vehicle.X", NULL },
	{ 1000 * MS, BN_PLAY_SET, "Vehicle.Y", NULL },
	{ 1000 * MS, BN_PLAY_SET, "Vehicle.Z", NULL },
	{ 1000 * MS, BN_PLAY_CAPTURE, "first", NULL },
	{ 2000 * MS, BN_PLAY_KILL, "nav", NULL },
	{ 2000 * MS, BN_PLAY_HANG, "media", NULL },
	{ 2000 * MS, BN_PLAY_HANG, "camera", NULL },
	{ 2000 * MS, BN_PLAY_RESUME, "media", NULL },
};

static void steps_come_by_time_and_captures_last(void **state) {
	struct bn_play *play = load("plays/every-key.yaml");
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const struct bn_play_step *step = &play->steps[i];
		assert_int_equal(step->at_ns, expected[i].at_ns);
		assert_int_equal(step->kind, expected[i].kind);
		assert_int_equal(step->name == NULL, expected[i].name == NULL);
		assert_int_equal(step->zone == NULL, expected[i].zone == NULL);
		if (step->name != NULL) {
			assert_string_equal(step->name, expected[i].name);
		}
		if (step->zone != NULL) {
			assert_string_equal(step->zone, expected[i].zone);
		}
	}
	assert_int_equal(play->steps[9].value.kind, BN_VALUE_UNKNOWN);
	assert_int_equal(play->steps[11].value.kind, BN_VALUE_BOOL);
	assert_int_equal(play->end_ns, 5000 * MS);
	for (size_t i = 1; i < play->count; i++) {
		assert_true(play->steps[i - 1].at_ns <= play->steps[i].at_ns);
	}
	bn_play_destroy(play);
}

static void a_ramp_begins_where_the_signal_is_and_ends_exactly(void **state) {
	struct bn_play *play = load("plays/every-key.yaml");
	const struct bn_play_step *first = NULL, *last = NULL;
	size_t power = 0, speed = 0;
	for (size_t i = 0; i < play->count; i++) {
		const struct bn_play_step *step = &play->steps[i];
		if (step->at_ns < 2000 * MS || step->kind != BN_PLAY_SET) {
			continue;
		}
		if (strcmp(step->name, "Vehicle.Power") == 0) {
			power++;
			last = step;
		} else {
			first = speed++ == 0 ? step : first;
		}
	}
	assert_int_equal(speed, 5);
	assert_true(first->value.number == 3);
	assert_int_equal(power, 3);
	assert_int_equal(last->at_ns, 2075 * MS);
	assert_true(last->value.number == 0);
	bn_play_destroy(play);
}

static void every_fault_is_told(void **state) {
	static const char *const lines[] = {
		"plays/faults.yaml:1:3: error: the step needs \"at:\", a time from the start such "
		"as 2s",
		"plays/faults.yaml:2:9: error: at: expected a duration such as 500ms or 2s (us, "
		"ms, s, "
		"min; at most 1440min), not \"1\"",
		"plays/faults.yaml:2:12: error: unknown key \"kil\" in a step; did you mean "
		"\"kill\"?",
		"plays/faults.yaml:3:18: error: set: expected a map such as {Vehicle.Speed: 20}, "
		"not a "
		"list of 1",
		"plays/faults.yaml:3:29: error: show: expected text, not a number; write \"5\" in "
		"quotes",
		"plays/faults.yaml:3:55: error: ramp: a ramp needs \"to:\" and \"over:\"",
		"plays/faults.yaml:4:36: error: ramp: expected a map with the keys from, to, over, "
		"not "
		"\"5\"",
		"plays/faults.yaml:4:47: error: hang: expected text, not a map",
		"plays/faults.yaml:5:3: error: expected a map with the keys at, set, ramp, theme, "
		"profile, "
		"show, hide, kill, hang, resume, capture, not \"5\"",
	};
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	assert_null(bn_play_load("plays/faults.yaml", &diags));
	for (size_t i = 0; i < diags.count && i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *line = bn_diag_format(&diags.items[i]);
		assert_string_equal(line, lines[i]);
		free(line);
	}
	assert_int_equal(diags.count, sizeof(lines) / sizeof(lines[0]));
	bn_diag_list_finish(&diags);
}

static void what_is_no_list_is_refused(void **state) {
	static const char *const texts[] = { "", "a: b", "5", "[" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct bn_diag_list diags;
		bn_diag_list_init(&diags);
		assert_null(bn_play_load_text(texts[i], strlen(texts[i]), "memory", &diags));
		assert_int_equal(bn_diag_list_errors(&diags), 1);
		bn_diag_list_finish(&diags);
	}
}

static void an_endless_ramp_is_cut_with_a_message(void **state) {
	static const char text[] = "- { at: 0s, ramp: { a: { to: 1, over: 1440min } } }\n"
				   "- { at: 0s, ramp: { b: { to: 1, over: 1440min } } }\n";
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	assert_null(bn_play_load_text(text, strlen(text), "memory", &diags));
	assert_int_equal(bn_diag_list_errors(&diags), 2);
	assert_non_null(strstr(diags.items[0].text, "more than 100000 steps"));
	bn_diag_list_finish(&diags);
}

static void the_shipped_drive_is_sound(void **state) {
	char path[4096];
	snprintf(path, sizeof(path), "%s/../../layouts/demo/drive.yaml", getenv("BN_TEST_DATA"));
	struct bn_play *play = load(path);
	size_t captures = 0;
	for (size_t i = 0; i < play->count; i++) {
		captures += play->steps[i].kind == BN_PLAY_CAPTURE;
	}
	assert_int_equal(captures, 10);
	bn_play_destroy(play);
}

static int go_to_data(void **state) {
	return chdir(getenv("BN_TEST_DATA"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("steps-come-by-time-and-captures-last", steps_come_by_time_and_captures_last),
		CASE("a-ramp-begins-where-the-signal-is-and-ends-exactly",
				a_ramp_begins_where_the_signal_is_and_ends_exactly),
		CASE("every-fault-is-told", every_fault_is_told),
		CASE("what-is-no-list-is-refused", what_is_no_list_is_refused),
		CASE("an-endless-ramp-is-cut-with-a-message",
				an_endless_ramp_is_cut_with_a_message),
		CASE("the-shipped-drive-is-sound", the_shipped_drive_is_sound),
	};
	return cmocka_run_group_tests(tests, go_to_data, NULL);
}
