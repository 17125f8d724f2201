// When the compositor may say that all is well.

#include "core/kick.h"

#include "unit.h"

#define MS INT64_C(1000000)
#define NOW (10000 * MS)
#define PERIOD (17 * MS)

static const struct {
	const char *name;
	struct bn_kick_display display;
	enum bn_kick_fault fault;
} cases[] = {
	{ "static", { .enabled = true, .period_ns = PERIOD }, BN_KICK_WELL },
	{ "off", { .due_ns = 1, .commit_ns = 1, .failing_ns = 1 }, BN_KICK_WELL },
	{ "due-soon", { .enabled = true, .due_ns = NOW + 5 * MS }, BN_KICK_WELL },
	{ "due-at-the-limit", { .enabled = true, .due_ns = NOW - 50 * MS }, BN_KICK_WELL },
	{ "due-and-late", { .enabled = true, .due_ns = NOW - 50 * MS - 1 }, BN_KICK_LATE_FRAME },
	{ "flip-on-its-way", { .enabled = true, .commit_ns = NOW - 10 * MS, .period_ns = PERIOD },
			BN_KICK_WELL },
	{ "flip-at-the-limit", { .enabled = true, .commit_ns = NOW - 67 * MS, .period_ns = PERIOD },
			BN_KICK_WELL },
	{ "flip-lost", { .enabled = true, .commit_ns = NOW - 67 * MS - 1, .period_ns = PERIOD },
			BN_KICK_LATE_FLIP },
	{ "slow-panel-is-waited-for",
			{ .enabled = true, .commit_ns = NOW - 80 * MS, .period_ns = 42 * MS },
			BN_KICK_WELL },
	{ "refused-once", { .enabled = true, .failing_ns = NOW - 17 * MS }, BN_KICK_WELL },
	{ "lamp-wrong-under-a-cover-that-does-not-come", { .enabled = true, .unsafe = true },
			BN_KICK_UNSAFE },
	{ "lamp-of-a-display-that-is-off", { .unsafe = true }, BN_KICK_WELL },
	{ "refused-on-and-on", { .enabled = true, .failing_ns = NOW - 51 * MS }, BN_KICK_REFUSED },
};

static void test_one(void **state) {
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (bn_kick_judge(&cases[i].display, NOW) != cases[i].fault) {
			fail_msg("%s", cases[i].name);
		}
		assert_non_null(bn_kick_fault_name(cases[i].fault));
	}
}

static void test_all(void **state) {
	const struct bn_kick_display late = { .enabled = true, .due_ns = NOW - 60 * MS };
	struct bn_kick_display displays[] = {
		{ .safety = true, .enabled = true },
		late,
		{ 0 },
		late,
	};
	size_t index = 99;
	assert_true(bn_kick_is_due(displays, 0, NOW, &index));
	assert_true(bn_kick_is_due(displays, COUNT(displays), NOW, &index));
	assert_int_equal(index, 99);
	displays[3].safety = true;
	assert_false(bn_kick_is_due(displays, COUNT(displays), NOW, &index));
	assert_int_equal(index, 3);
}

static void test_beat(void **state) {
	assert_int_equal(bn_kick_next_beat(0), 50 * MS);
	assert_int_equal(bn_kick_next_beat(49 * MS), 50 * MS);
	assert_int_equal(bn_kick_next_beat(50 * MS), 100 * MS);
	assert_int_equal(bn_kick_next_beat(50 * MS + 1), 100 * MS);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-frame-or-flip-that-does-not-come", test_one),
		CASE("only-a-safety-display-withholds-the-kick", test_all),
		CASE("beats-are-shared-by-all-who-keep-them", test_beat),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
