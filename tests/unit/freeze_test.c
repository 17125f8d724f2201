#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/freeze.h"

#define MS INT64_C(1000000)
#define START (1000 * MS) // shown at; steps below count from here

enum act { LATCH, SAME, PING, PONG, ALIVE, OLD, JUDGE };

/** What happens at a moment, and what is thought of it then. */
struct step {
	int64_t at_ms;
	enum act act;
	enum bn_freeze_verdict verdict; // after it
};

static const struct bn_freeze_spec camera = { .max_age_ns = 100 * MS };
static const struct bn_freeze_spec counted = { .max_age_ns = 100 * MS, .has_counter = true };
static const struct bn_freeze_spec gauges = { .heartbeat_ns = 100 * MS };
static const struct bn_freeze_spec forever = { .max_age_ns = INT64_MAX, .heartbeat_ns = INT64_MAX };
static const struct bn_freeze_spec nothing = { 0 };

#define STARTING BN_FREEZE_STARTING
#define LIVE BN_FREEZE_LIVE

static const struct {
	const char *name;
	const struct bn_freeze_spec *spec;
	struct step steps[14];
} tables[] = {
	{ "a-first-picture-has-max-age-to-come", &camera,
			{ { 0, JUDGE, STARTING }, { 100, JUDGE, STARTING },
					{ 101, JUDGE, BN_FREEZE_NO_PICTURE } } },
	{ "its-first-picture-makes-it-live-at-once", &camera, { { 30, LATCH, LIVE } } },
	{ "a-late-first-picture-does-too", &camera,
			{ { 101, JUDGE, BN_FREEZE_NO_PICTURE }, { 300, LATCH, LIVE } } },
	{ "a-picture-from-before-it-was-shown-is-none", &camera,
			{ { 10, OLD, STARTING }, { 101, JUDGE, BN_FREEZE_NO_PICTURE } } },
	{ "at-max-age-it-is-still-young", &camera,
			{ { 30, LATCH, LIVE }, { 130, JUDGE, LIVE },
					{ 131, JUDGE, BN_FREEZE_NO_COMMITS } } },
	{ "buffers-with-the-same-pixels-are-told-apart", &camera,
			{ { 30, LATCH, LIVE }, { 80, SAME, LIVE }, { 130, SAME, LIVE },
					{ 131, JUDGE, BN_FREEZE_SAME_PIXELS } } },
	{ "same-pixels-that-stop-are-no-commits", &camera,
			{ { 30, LATCH, LIVE }, { 80, SAME, LIVE },
					{ 160, JUDGE, BN_FREEZE_SAME_PIXELS },
					{ 181, JUDGE, BN_FREEZE_NO_COMMITS } } },
	{ "the-same-pixels-from-the-start-are-told-apart-too", &camera,
			{ { 30, SAME, STARTING }, { 101, SAME, BN_FREEZE_SAME_PIXELS } } },
	{ "a-counter-that-stands-still-is-told-apart", &counted,
			{ { 30, LATCH, LIVE }, { 80, SAME, LIVE },
					{ 131, SAME, BN_FREEZE_SAME_COUNTER } } },
	{ "no-answer-is-told-apart-from-no-commits", &camera,
			{ { 30, LATCH, LIVE }, { 100, PING, LIVE },
					{ 150, JUDGE, BN_FREEZE_NO_COMMITS },
					{ 200, JUDGE, BN_FREEZE_NO_COMMITS },
					{ 201, JUDGE, BN_FREEZE_NO_ANSWER } } },
	{ "who-answers-and-draws-nothing-is-no-commits", &camera,
			{ { 30, LATCH, LIVE }, { 100, PING, LIVE }, { 110, PONG, LIVE },
					{ 250, JUDGE, BN_FREEZE_NO_COMMITS } } },
	{ "it-comes-back-after-half-a-second-without-a-gap", &camera,
			{ { 30, LATCH, LIVE }, { 131, JUDGE, BN_FREEZE_NO_COMMITS },
					{ 200, LATCH, BN_FREEZE_NO_COMMITS },
					{ 290, LATCH, BN_FREEZE_NO_COMMITS },
					{ 380, LATCH, BN_FREEZE_NO_COMMITS },
					{ 470, LATCH, BN_FREEZE_NO_COMMITS },
					{ 560, LATCH, BN_FREEZE_NO_COMMITS },
					{ 650, LATCH, BN_FREEZE_NO_COMMITS },
					{ 700, JUDGE, LIVE } } },
	{ "a-gap-on-the-way-back-begins-it-anew", &camera,
			{ { 30, LATCH, LIVE }, { 131, JUDGE, BN_FREEZE_NO_COMMITS },
					{ 600, LATCH, BN_FREEZE_NO_COMMITS },
					{ 701, JUDGE, BN_FREEZE_NO_COMMITS },
					{ 1050, LATCH, BN_FREEZE_NO_COMMITS },
					{ 1100, LATCH, BN_FREEZE_NO_COMMITS } } },
	{ "an-instrument-that-stands-still-and-answers-is-live", &gauges,
			{ { 50, PING, LIVE }, { 60, PONG, LIVE }, { 100, PING, LIVE },
					{ 110, PONG, LIVE }, { 5000, JUDGE, LIVE } } },
	{ "one-that-does-not-answer-is-not", &gauges,
			{ { 50, PING, LIVE }, { 150, JUDGE, LIVE },
					{ 151, JUDGE, BN_FREEZE_NO_ANSWER } } },
	{ "a-commit-is-as-good-as-an-answer", &gauges,
			{ { 50, PING, LIVE }, { 140, ALIVE, LIVE }, { 240, JUDGE, LIVE },
					{ 241, JUDGE, BN_FREEZE_NO_ANSWER } } },
	{ "an-answer-brings-it-back-after-half-a-second", &gauges,
			{ { 50, PING, LIVE }, { 151, JUDGE, BN_FREEZE_NO_ANSWER },
					{ 200, PONG, BN_FREEZE_NO_ANSWER },
					{ 699, JUDGE, BN_FREEZE_NO_ANSWER },
					{ 700, JUDGE, LIVE } } },
	{ "huge-limits-do-not-wrap", &forever,
			{ { 10, LATCH, LIVE }, { 60, PING, LIVE }, { 3600000, JUDGE, LIVE } } },
	{ "who-promised-nothing-breaks-nothing", &nothing, { { 3600000, JUDGE, LIVE } } },
};

static void act(struct bn_freeze *freeze, const struct step *step) {
	int64_t now = START + step->at_ms * MS;
	switch (step->act) {
	case LATCH:
	case SAME:
		bn_freeze_latch(freeze, now, step->act == LATCH, now);
		return;
	case OLD:
		bn_freeze_latch(freeze, START - 500 * MS, true, now);
		return;
	case PING:
		bn_freeze_pinged(freeze, now);
		return;
	case PONG:
		bn_freeze_answered(freeze, now);
		return;
	case ALIVE:
		bn_freeze_alive(freeze, now);
		return;
	case JUDGE:
		return;
	}
}

static void each_table_is_judged_step_by_step(void **state) {
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct bn_freeze freeze;
		bn_freeze_start(&freeze, tables[i].spec, START);
		const struct step none = { 0 };
		for (size_t j = 0; j < 14; j++) {
			const struct step *step = &tables[i].steps[j];
			if (memcmp(step, &none, sizeof(none)) == 0) {
				break;
			}
			act(&freeze, step);
			enum bn_freeze_verdict verdict =
					bn_freeze_judge(&freeze, START + step->at_ms * MS);
			if (verdict != step->verdict) {
				fail_msg("%s: at %lld ms %s, not %s", tables[i].name,
						(long long)step->at_ms,
						bn_freeze_verdict_name(verdict),
						bn_freeze_verdict_name(step->verdict));
			}
		}
	}
}

/** A camera that is live for `live_ms`, then silent for 200 ms, over and over. Returns how often it was taken back. */
static int stutter(int64_t live_ms, int64_t total_ms) {
	struct bn_freeze freeze;
	bn_freeze_start(&freeze, &camera, START);
	int returns = 0;
	enum bn_freeze_verdict before = BN_FREEZE_STARTING;
	for (int64_t at = 0; at < total_ms; at += 10) {
		int64_t now = START + at * MS;
		if (at % (live_ms + 200) < live_ms && at % 30 == 0) {
			bn_freeze_latch(&freeze, now, true, now);
		}
		enum bn_freeze_verdict verdict = bn_freeze_judge(&freeze, now);
		returns += verdict == BN_FREEZE_LIVE && before != BN_FREEZE_LIVE;
		before = verdict;
	}
	return returns;
}

static void a_camera_that_stutters_does_not_flicker(void **state) {
	// Live for 400 ms at a time is never enough; for 1 s it is once, for 2 s twice: the wait doubles.
	assert_int_equal(stutter(400, 60000), 1);
	assert_int_in_range(stutter(1000, 60000), 2, 3);
	assert_int_in_range(stutter(2000, 60000), 3, 5);
}

static void a_relapse_is_forgotten_after_a_while(void **state) {
	struct bn_freeze freeze;
	bn_freeze_start(&freeze, &camera, START);
	int64_t now = START;
	for (int fault = 0; fault < 3; fault++) {
		// 11 s without a fault, then one of 300 ms.
		for (int64_t end = now + 11000 * MS; now < end; now += 50 * MS) {
			bn_freeze_latch(&freeze, now, true, now);
			bn_freeze_judge(&freeze, now);
		}
		assert_int_equal(freeze.verdict, BN_FREEZE_LIVE);
		now += 300 * MS;
		assert_true(bn_freeze_is_fault(bn_freeze_judge(&freeze, now)));
		assert_int_equal(freeze.back_ns, BN_FREEZE_BACK_NS);
	}
}

static void the_wait_after_relapses_has_an_end(void **state) {
	struct bn_freeze freeze;
	bn_freeze_start(&freeze, &camera, START);
	int64_t now = START;
	for (int relapse = 0; relapse < 10; relapse++) {
		int64_t end = now + BN_FREEZE_BACK_MAX_NS + 100 * MS;
		for (; now < end; now += 50 * MS) {
			bn_freeze_latch(&freeze, now, true, now);
			bn_freeze_judge(&freeze, now);
		}
		assert_int_equal(freeze.verdict, BN_FREEZE_LIVE);
		now += 300 * MS;
		bn_freeze_judge(&freeze, now);
		assert_true(freeze.back_ns <= BN_FREEZE_BACK_MAX_NS);
	}
}

static void a_ping_is_sent_only_when_something_is_missing(void **state) {
	struct bn_freeze freeze;
	bn_freeze_start(&freeze, &camera, START);
	bn_freeze_latch(&freeze, START, true, START);
	assert_false(bn_freeze_wants_ping(&freeze, START + 49 * MS));
	assert_true(bn_freeze_wants_ping(&freeze, START + 50 * MS));
	bn_freeze_pinged(&freeze, START + 50 * MS);
	assert_false(bn_freeze_wants_ping(&freeze, START + 90 * MS));
	bn_freeze_answered(&freeze, START + 90 * MS);
	assert_false(bn_freeze_wants_ping(&freeze, START + 100 * MS));
	bn_freeze_start(&freeze, &gauges, START);
	assert_true(bn_freeze_wants_ping(&freeze, START));
}

static void a_fault_says_what_and_how_much(void **state) {
	struct bn_freeze freeze;
	char text[160];
	bn_freeze_start(&freeze, &camera, START);
	bn_freeze_latch(&freeze, START + 30 * MS, true, START + 30 * MS);
	bn_freeze_judge(&freeze, START + 164 * MS);
	bn_freeze_explain(&freeze, START + 164 * MS, text, sizeof(text));
	assert_string_equal(text, "no new buffer for 134 ms, its zone's max-age is 100 ms");
	bn_freeze_start(&freeze, &gauges, START);
	bn_freeze_pinged(&freeze, START);
	bn_freeze_judge(&freeze, START + 150 * MS);
	bn_freeze_explain(&freeze, START + 150 * MS, text, sizeof(text));
	assert_string_equal(text, "no answer for 150 ms, its zone's heartbeat is 100 ms");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "each-table-is-judged-step-by-step", each_table_is_judged_step_by_step, NULL,
				NULL, NULL },
		{ "a-camera-that-stutters-does-not-flicker",
				a_camera_that_stutters_does_not_flicker, NULL, NULL, NULL },
		{ "a-relapse-is-forgotten-after-a-while", a_relapse_is_forgotten_after_a_while,
				NULL, NULL, NULL },
		{ "the-wait-after-relapses-has-an-end", the_wait_after_relapses_has_an_end, NULL,
				NULL, NULL },
		{ "a-ping-is-sent-only-when-something-is-missing",
				a_ping_is_sent_only_when_something_is_missing, NULL, NULL, NULL },
		{ "a-fault-says-what-and-how-much", a_fault_says_what_and_how_much, NULL, NULL,
				NULL },
	};
	return cmocka_run_group_tests_name("freeze", tests, NULL, NULL);
}
