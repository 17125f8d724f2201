// When a compositor counts as lost, and how soon it is started again.

#include "core/watchdog.h"

#include "core/nsec.h"
#include "unit.h"

#define MS BN_NSEC_PER_MSEC

static struct bn_watchdog fresh(int64_t now) {
	struct bn_watchdog watchdog = {
		.kick_ns = BN_WATCHDOG_KICK_NS,
		.start_ns = BN_WATCHDOG_START_NS,
	};
	bn_watchdog_start(&watchdog, now);
	return watchdog;
}

static void test_start(void **state) {
	struct bn_watchdog watchdog = fresh(1000 * MS);
	assert_int_equal(bn_watchdog_judge(&watchdog, 5000 * MS), BN_WATCHDOG_FINE);
	assert_int_equal(bn_watchdog_due_ns(&watchdog, 5000 * MS), 11000 * MS);
	assert_int_equal(bn_watchdog_judge(&watchdog, 11000 * MS - 1), BN_WATCHDOG_FINE);
	assert_int_equal(bn_watchdog_judge(&watchdog, 11000 * MS), BN_WATCHDOG_KILL);
}

static void test_kicks(void **state) {
	struct bn_watchdog watchdog = fresh(1000 * MS);
	bn_watchdog_kick(&watchdog, 1200 * MS, 1201 * MS);
	assert_int_equal(bn_watchdog_due_ns(&watchdog, 1201 * MS), 1350 * MS);
	assert_int_equal(bn_watchdog_judge(&watchdog, 1350 * MS - 1), BN_WATCHDOG_FINE);
	assert_int_equal(bn_watchdog_judge(&watchdog, 1350 * MS), BN_WATCHDOG_KILL);
	assert_int_equal(bn_watchdog_due_ns(&watchdog, 1350 * MS), BN_NSEC_NEVER);
}

static void test_odd_times(void **state) {
	struct bn_watchdog watchdog = fresh(1000 * MS);
	bn_watchdog_kick(&watchdog, 1200 * MS, 1201 * MS);
	// From before: of no use. From the future: as if it came now.
	bn_watchdog_kick(&watchdog, 900 * MS, 1210 * MS);
	assert_int_equal(watchdog.last_ns, 1200 * MS);
	bn_watchdog_kick(&watchdog, INT64_MAX, 1220 * MS);
	assert_int_equal(watchdog.last_ns, 1220 * MS);
	bn_watchdog_kick(&watchdog, INT64_MIN, 1230 * MS);
	assert_int_equal(watchdog.last_ns, 1220 * MS);
}

/** A guard that was held up reads all kicks before it judges: the newest is what counts. */
static void test_late_guard(void **state) {
	struct bn_watchdog watchdog = fresh(0);
	for (int64_t sent = 50; sent <= 500; sent += 50) {
		bn_watchdog_kick(&watchdog, sent * MS, 510 * MS);
	}
	assert_int_equal(bn_watchdog_judge(&watchdog, 510 * MS), BN_WATCHDOG_FINE);
}

static void test_busy(void **state) {
	struct bn_watchdog watchdog = fresh(0);
	bn_watchdog_kick(&watchdog, 100 * MS, 100 * MS);
	bn_watchdog_busy(&watchdog, 1000 * MS, 120 * MS);
	// The picture is due all the same: what is on glass is as old.
	assert_int_equal(bn_watchdog_judge(&watchdog, 249 * MS), BN_WATCHDOG_FINE);
	assert_int_equal(bn_watchdog_judge(&watchdog, 250 * MS), BN_WATCHDOG_SHOW);
	assert_int_equal(bn_watchdog_due_ns(&watchdog, 250 * MS), 1120 * MS);
	assert_int_equal(bn_watchdog_judge(&watchdog, 1120 * MS), BN_WATCHDOG_KILL);
	bn_watchdog_kick(&watchdog, 900 * MS, 900 * MS);
	assert_int_equal(bn_watchdog_judge(&watchdog, 1050 * MS), BN_WATCHDOG_KILL);
}

static void test_busy_for_ever(void **state) {
	static const int64_t wanted[] = { INT64_MAX, BN_WATCHDOG_BUSY_MAX_NS + 1, 0, -5,
		INT64_MIN };
	for (size_t i = 0; i < COUNT(wanted); i++) {
		struct bn_watchdog watchdog = fresh(0);
		bn_watchdog_kick(&watchdog, 100 * MS, 100 * MS);
		bn_watchdog_busy(&watchdog, wanted[i], 100 * MS);
		assert_int_equal(bn_watchdog_judge(&watchdog, 100 * MS + BN_WATCHDOG_BUSY_MAX_NS),
				BN_WATCHDOG_KILL);
	}
}

static void test_backoff(void **state) {
	static const int64_t wanted_ms[] = { 0, 0, 100, 200, 400, 800, 1600, 3200, 6400, 10000,
		10000 };
	for (size_t i = 0; i < COUNT(wanted_ms); i++) {
		assert_int_equal(bn_watchdog_backoff_ns((int)i), wanted_ms[i] * MS);
	}
	assert_int_equal(bn_watchdog_backoff_ns(INT32_MAX), 10000 * MS);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-start-that-never-kicks-ends", test_start),
		CASE("150-ms-without-a-kick", test_kicks),
		CASE("kicks-from-the-past-or-future-buy-no-time", test_odd_times),
		CASE("a-guard-that-was-held-up-judges-nobody-for-it", test_late_guard),
		CASE("busy-puts-off-the-kill-not-the-picture", test_busy),
		CASE("nobody-is-busy-for-ever", test_busy_for_ever),
		CASE("the-first-start-is-at-once-and-then-it-takes-longer", test_backoff),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
