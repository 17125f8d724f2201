#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/ledger.h"
#include "core/nsec.h"

#define MS INT64_C(1000000)

enum act { BEGIN, DONE, COVER, CANCEL, EXPIRE };

struct step {
	enum act act;
	int64_t at_ms;
	bool news; // what done or expire returns
};

static const struct {
	const char *name;
	size_t steps;
	struct step step[6];
	uint64_t count, misses, cancelled, fallbacks;
	int64_t max_ms;
} cases[] = {
	{ "in-time", 2, { { BEGIN, 10 }, { DONE, 60 } }, .count = 1, .max_ms = 50 },
	{ "exactly-at-the-deadline-is-in-time", 3,
			{ { BEGIN, 0 }, { EXPIRE, 200, false }, { DONE, 200, false } }, .count = 1,
			.max_ms = 200 },
	{ "late-and-nobody-looked-meanwhile", 2, { { BEGIN, 0 }, { DONE, 201, true } }, .count = 1,
			.misses = 1, .max_ms = 201 },
	{ "never-seen-is-missed-at-the-deadline", 2, { { BEGIN, 0 }, { EXPIRE, 201, true } },
			.misses = 1 },
	{ "missed-once-only", 4,
			{ { BEGIN, 0 }, { EXPIRE, 201, true }, { EXPIRE, 300, false },
					{ DONE, 900, false } },
			.count = 1, .misses = 1, .max_ms = 900 },
	{ "over-before-it-was-seen-is-no-miss", 3,
			{ { BEGIN, 0 }, { CANCEL, 100 }, { EXPIRE, 500, false } }, .cancelled = 1 },
	{ "over-after-the-deadline-stays-a-miss", 3,
			{ { BEGIN, 0 }, { EXPIRE, 201, true }, { CANCEL, 300 } }, .misses = 1 },
	{ "its-fallback-does-not-settle-it", 4,
			{ { BEGIN, 0 }, { COVER, 40 }, { COVER, 60 }, { EXPIRE, 201, true } },
			.misses = 1, .fallbacks = 1 },
	{ "begun-again-while-open-counts-anew", 3, { { BEGIN, 0 }, { BEGIN, 150 }, { DONE, 250 } },
			.count = 1, .cancelled = 1, .max_ms = 100 },
	{ "done-twice-counts-once", 3, { { BEGIN, 0 }, { DONE, 20 }, { DONE, 400, false } },
			.count = 1, .max_ms = 20 },
	{ "nothing-open-nothing-missed", 2, { { EXPIRE, 1000, false }, { CANCEL, 1000 } } },
};

static void each_case_is_booked_as_it_says(void **state) {
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bn_ledger ledger = { .limit_ns = 200 * MS };
		for (size_t j = 0; j < cases[i].steps; j++) {
			const struct step *step = &cases[i].step[j];
			bool news = false;
			switch (step->act) {
			case BEGIN:
				bn_ledger_begin(&ledger, step->at_ms * MS);
				break;
			case DONE:
				news = bn_ledger_done(&ledger, step->at_ms * MS);
				break;
			case COVER:
				bn_ledger_cover(&ledger, step->at_ms * MS);
				break;
			case CANCEL:
				bn_ledger_cancel(&ledger);
				break;
			case EXPIRE:
				news = bn_ledger_expire(&ledger, step->at_ms * MS);
				break;
			}
			if (news != step->news) {
				fail_msg("%s: step %zu", cases[i].name, j);
			}
		}
		if (ledger.taken.count != cases[i].count || ledger.misses != cases[i].misses
				|| ledger.cancelled != cases[i].cancelled
				|| ledger.fallbacks != cases[i].fallbacks
				|| ledger.taken.max_ns != cases[i].max_ms * MS) {
			fail_msg("%s: %d seen, %d missed, %d cancelled, %d by fallback, max %lld "
				 "ms",
					cases[i].name, (int)ledger.taken.count, (int)ledger.misses,
					(int)ledger.cancelled, (int)ledger.fallbacks,
					(long long)(ledger.taken.max_ns / MS));
		}
	}
}

static void the_longest_way_to_a_fallback_is_kept(void **state) {
	struct bn_ledger ledger = { .limit_ns = 200 * MS };
	static const int64_t taken_ms[] = { 30, 90, 40 };
	for (size_t i = 0; i < 3; i++) {
		bn_ledger_begin(&ledger, 1000 * MS);
		bn_ledger_cover(&ledger, (1000 + taken_ms[i]) * MS);
		bn_ledger_done(&ledger, 1100 * MS);
	}
	assert_int_equal(ledger.fallbacks, 3);
	assert_int_equal(ledger.fallback_max_ns, 90 * MS);
}

static void the_timer_is_due_when_a_miss_is(void **state) {
	struct bn_ledger ledger = { .limit_ns = 200 * MS };
	assert_true(bn_ledger_due_ns(&ledger) == BN_NSEC_NEVER);
	bn_ledger_begin(&ledger, 50 * MS);
	int64_t due = bn_ledger_due_ns(&ledger);
	assert_false(bn_ledger_expire(&ledger, due - 1));
	assert_true(bn_ledger_expire(&ledger, due));
	assert_true(bn_ledger_due_ns(&ledger) == BN_NSEC_NEVER);
}

static void a_limit_without_end_does_not_wrap(void **state) {
	struct bn_ledger ledger = { .limit_ns = INT64_MAX };
	bn_ledger_begin(&ledger, 50 * MS);
	assert_true(bn_ledger_due_ns(&ledger) == BN_NSEC_NEVER);
	assert_false(bn_ledger_expire(&ledger, INT64_MAX));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "each-case-is-booked-as-it-says", each_case_is_booked_as_it_says, NULL, NULL,
				NULL },
		{ "the-longest-way-to-a-fallback-is-kept", the_longest_way_to_a_fallback_is_kept,
				NULL, NULL, NULL },
		{ "the-timer-is-due-when-a-miss-is", the_timer_is_due_when_a_miss_is, NULL, NULL,
				NULL },
		{ "a-limit-without-end-does-not-wrap", a_limit_without_end_does_not_wrap, NULL,
				NULL, NULL },
	};
	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
