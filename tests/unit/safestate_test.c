// What a display can be trusted with: every state with every event, and the way back.

#include "core/safestate.h"

#include "unit.h"

#define MS INT64_C(1000000)

#define NORMAL BN_SAFESTATE_NORMAL
#define DEGRADED BN_SAFESTATE_DEGRADED
#define SAFE BN_SAFESTATE_SAFE
#define WELL BN_SAFESTATE_WELL
#define FAULT BN_SAFESTATE_FAULT
#define DARK BN_SAFESTATE_DARK
#define LOST BN_SAFESTATE_LOST

static const struct {
	enum bn_safestate_kind from;
	enum bn_safestate_event event;
	enum bn_safestate_kind to;
} table[] = {
	{ NORMAL, WELL, NORMAL },
	{ NORMAL, FAULT, DEGRADED },
	{ NORMAL, DARK, DEGRADED },
	{ NORMAL, LOST, SAFE },
	{ DEGRADED, WELL, DEGRADED },
	{ DEGRADED, FAULT, DEGRADED },
	{ DEGRADED, DARK, DEGRADED },
	{ DEGRADED, LOST, SAFE },
	{ SAFE, WELL, DEGRADED },
	{ SAFE, FAULT, SAFE },
	{ SAFE, DARK, SAFE },
	{ SAFE, LOST, SAFE },
};

static void test_table(void **state) {
	assert_int_equal(COUNT(table), 3 * 4);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct bn_safestate display = { .kind = table[i].from };
		bool changed = bn_safestate_step(&display, table[i].event, 5 * MS);
		assert_int_equal(display.kind, table[i].to);
		assert_int_equal(changed, table[i].from != table[i].to);
	}
}

static void test_way_back(void **state) {
	struct bn_safestate display = { .kind = SAFE };
	int64_t now = 50 * MS;
	assert_true(bn_safestate_step(&display, WELL, now));
	assert_int_equal(display.kind, DEGRADED);
	assert_false(bn_safestate_step(&display, WELL, now + BN_SAFESTATE_HOLD_NS - 1));
	assert_true(bn_safestate_step(&display, WELL, now + BN_SAFESTATE_HOLD_NS));
	assert_int_equal(display.kind, NORMAL);
}

static void test_flapping(void **state) {
	struct bn_safestate display = { .kind = DEGRADED };
	int64_t now = 50 * MS;
	// A fault each half second: never well for long enough.
	for (int i = 0; i < 100; i++) {
		now += 50 * MS;
		bn_safestate_step(&display, i % 10 == 0 ? FAULT : WELL, now);
		assert_int_equal(display.kind, DEGRADED);
	}
	for (int i = 0; i < 30; i++) {
		now += 50 * MS;
		bn_safestate_step(&display, WELL, now);
	}
	assert_int_equal(display.kind, NORMAL);
}

static void test_lost_on_the_way(void **state) {
	struct bn_safestate display = { .kind = SAFE };
	bn_safestate_step(&display, WELL, 100 * MS);
	bn_safestate_step(&display, LOST, 600 * MS);
	assert_int_equal(display.kind, SAFE);
	bn_safestate_step(&display, WELL, 1100 * MS);
	// The time before it was lost again does not count.
	bn_safestate_step(&display, WELL, 1200 * MS);
	assert_int_equal(display.kind, DEGRADED);
}

/** From any state, whatever happens: LOST is SAFE at once, and NORMAL never comes without a second of well. */
static void test_random(void **state) {
	struct bn_random random = bn_random_seeded(7);
	struct bn_safestate display = { .kind = SAFE };
	int64_t now = 0, bad = 0;
	for (int i = 0; i < 100000; i++) {
		enum bn_safestate_kind before = display.kind;
		bool well = !bn_random_once_in(&random, 25);
		enum bn_safestate_event event =
				well ? WELL : (enum bn_safestate_event)bn_random_int(&random, 1, 3);
		now += bn_random_int(&random, 1, 100) * MS;
		bad = well ? bad : now;
		bn_safestate_step(&display, event, now);
		assert_false(event == LOST && display.kind != SAFE);
		bool became_normal = before != NORMAL && display.kind == NORMAL;
		assert_false(became_normal && now - bad < BN_SAFESTATE_HOLD_NS);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("each-state-with-each-event", test_table),
		CASE("the-way-back-takes-a-frame-and-a-second", test_way_back),
		CASE("a-display-that-comes-and-goes-stays-degraded", test_flapping),
		CASE("lost-on-the-way-back-begins-anew", test_lost_on_the_way),
		CASE("nothing-leads-to-normal-too-soon", test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
