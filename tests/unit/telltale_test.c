// Verdicts on lamps: in tables, and over random histories against the sentences of the header.

#include "core/telltale.h"

#include "core/nsec.h"
#include "unit.h"

#define MS BN_NSEC_PER_MSEC

enum op {
	END,
	DEMAND,
	GLASS,
	COVER,
	MOVE, // to another display
	PASS, // time only
};

struct step {
	int at_ms;
	enum op op;
	int value;
	enum bn_telltale_state state; // after it
	enum bn_telltale_fault fault;
};

#define NO BN_TELLTALE_NO_FAULT
#define ON BN_GLASS_ON
#define OFF BN_GLASS_OFF
#define OTHER BN_GLASS_OTHER
#define RIGHT BN_TELLTALE_RIGHT
#define WAITS BN_TELLTALE_WAITS
#define COVERED BN_TELLTALE_COVERED
#define SAFE BN_TELLTALE_SAFE

static const struct {
	const char *name;
	bool no_picture;
	struct step steps[14];
} histories[] = {
	{ "shown-at-the-limit",
			.steps = { { 0, GLASS, OFF, RIGHT, NO },
					{ 0, DEMAND, BN_DEMAND_ON, WAITS, BN_TELLTALE_ABSENT },
					{ 69, PASS, 0, WAITS, BN_TELLTALE_ABSENT },
					{ 69, GLASS, ON, RIGHT, NO },
					{ 5000, PASS, 0, RIGHT, NO } } },
	{ "absent",
			.steps = { { 0, GLASS, OFF, RIGHT, NO },
					{ 10, DEMAND, BN_DEMAND_ON, WAITS, BN_TELLTALE_ABSENT },
					{ 80, PASS, 0, COVERED, BN_TELLTALE_ABSENT },
					{ 100, COVER, true, COVERED, BN_TELLTALE_ABSENT },
					{ 3000, PASS, 0, COVERED, BN_TELLTALE_ABSENT } } },
	{ "elsewhere-it-has-its-time-anew",
			.steps = { { 0, GLASS, ON, RIGHT, NO },
					{ 0, DEMAND, BN_DEMAND_ON, RIGHT, NO },
					{ 500, GLASS, OTHER, WAITS, BN_TELLTALE_WRONG },
					{ 560, MOVE, 0, WAITS, BN_TELLTALE_UNREADABLE },
					{ 629, PASS, 0, WAITS, BN_TELLTALE_UNREADABLE },
					{ 629, GLASS, ON, RIGHT, NO } } },
	{ "elsewhere-a-cover-is-tried-again",
			.steps = { { 0, GLASS, OFF, RIGHT, NO },
					{ 0, DEMAND, BN_DEMAND_ON, WAITS, BN_TELLTALE_ABSENT },
					{ 70, PASS, 0, COVERED, BN_TELLTALE_ABSENT },
					{ 140, PASS, 0, SAFE, BN_TELLTALE_ABSENT },
					{ 200, MOVE, 0, COVERED, BN_TELLTALE_UNREADABLE },
					{ 230, COVER, true, COVERED, BN_TELLTALE_UNREADABLE },
					{ 230, GLASS, ON, COVERED, BN_TELLTALE_UNREADABLE },
					{ 1230, PASS, 0, RIGHT, NO } } },
	{ "wrong-after-it-was-right",
			.steps = { { 0, GLASS, ON, RIGHT, NO },
					{ 0, DEMAND, BN_DEMAND_ON, RIGHT, NO },
					{ 500, GLASS, OTHER, WAITS, BN_TELLTALE_WRONG },
					{ 569, PASS, 0, WAITS, BN_TELLTALE_WRONG },
					{ 570, PASS, 0, COVERED, BN_TELLTALE_WRONG } } },
	{ "unrequested",
			.steps = { { 0, GLASS, OFF, RIGHT, NO },
					{ 0, DEMAND, BN_DEMAND_OFF, RIGHT, NO },
					{ 200, GLASS, ON, WAITS, BN_TELLTALE_UNREQUESTED },
					{ 299, PASS, 0, WAITS, BN_TELLTALE_UNREQUESTED },
					{ 300, PASS, 0, COVERED, BN_TELLTALE_UNREQUESTED } } },
	{ "a-lamp-goes-out-in-time",
			.steps = { { 0, GLASS, ON, RIGHT, NO },
					{ 0, DEMAND, BN_DEMAND_ON, RIGHT, NO },
					{ 400, DEMAND, BN_DEMAND_OFF, WAITS,
							BN_TELLTALE_UNREQUESTED },
					{ 490, GLASS, OFF, RIGHT, NO } } },
	{ "neither-may-be-demanded-of-an-unknown-signal",
			.steps = { { 0, DEMAND, BN_DEMAND_EITHER, WAITS, BN_TELLTALE_UNREADABLE },
					{ 20, GLASS, ON, RIGHT, NO }, { 40, GLASS, OFF, RIGHT, NO },
					{ 900, GLASS, OTHER, WAITS, BN_TELLTALE_WRONG },
					{ 1000, PASS, 0, COVERED, BN_TELLTALE_WRONG } } },
	{ "nothing-demanded",
			.steps = { { 0, GLASS, OTHER, RIGHT, NO }, { 900, PASS, 0, RIGHT, NO } } },
	{ "glass-that-cannot-be-read",
			.steps = { { 0, DEMAND, BN_DEMAND_OFF, WAITS, BN_TELLTALE_UNREADABLE },
					{ 100, PASS, 0, COVERED, BN_TELLTALE_UNREADABLE },
					{ 169, COVER, false, COVERED, BN_TELLTALE_UNREADABLE },
					{ 170, PASS, 0, SAFE, BN_TELLTALE_UNREADABLE } } },
	{ "a-cover-that-does-not-come",
			.steps = { { 0, DEMAND, BN_DEMAND_ON, WAITS, BN_TELLTALE_UNREADABLE },
					{ 0, GLASS, OFF, WAITS, BN_TELLTALE_ABSENT },
					{ 70, PASS, 0, COVERED, BN_TELLTALE_ABSENT },
					{ 139, COVER, false, COVERED, BN_TELLTALE_ABSENT },
					{ 140, PASS, 0, SAFE, BN_TELLTALE_ABSENT },
					{ 190, COVER, true, COVERED, BN_TELLTALE_ABSENT } } },
	{ "a-cover-that-goes-away-again",
			.steps = { { 0, DEMAND, BN_DEMAND_ON, WAITS, BN_TELLTALE_UNREADABLE },
					{ 0, GLASS, OFF, WAITS, BN_TELLTALE_ABSENT },
					{ 70, PASS, 0, COVERED, BN_TELLTALE_ABSENT },
					{ 90, COVER, true, COVERED, BN_TELLTALE_ABSENT },
					{ 1000, COVER, true, COVERED, BN_TELLTALE_ABSENT },
					{ 1050, COVER, false, COVERED, BN_TELLTALE_ABSENT },
					{ 1070, COVER, false, SAFE, BN_TELLTALE_ABSENT } } },
	{ "no-picture-to-cover-with", true,
			.steps = { { 0, DEMAND, BN_DEMAND_ON, WAITS, BN_TELLTALE_UNREADABLE },
					{ 70, PASS, 0, SAFE, BN_TELLTALE_UNREADABLE },
					{ 80, DEMAND, BN_DEMAND_NONE, RIGHT, NO } } },
	{ "dark-glass-needs-no-picture", true,
			.steps = { { 0, DEMAND, BN_DEMAND_OFF, WAITS, BN_TELLTALE_UNREADABLE },
					{ 0, GLASS, ON, WAITS, BN_TELLTALE_UNREQUESTED },
					{ 100, PASS, 0, COVERED, BN_TELLTALE_UNREQUESTED },
					{ 110, COVER, true, COVERED, BN_TELLTALE_UNREQUESTED },
					{ 120, DEMAND, BN_DEMAND_ON, SAFE,
							BN_TELLTALE_UNREQUESTED } } },
	{ "trusted-again-after-a-second",
			.steps = { { 0, DEMAND, BN_DEMAND_ON, WAITS, BN_TELLTALE_UNREADABLE },
					{ 0, GLASS, OFF, WAITS, BN_TELLTALE_ABSENT },
					{ 70, PASS, 0, COVERED, BN_TELLTALE_ABSENT },
					{ 90, COVER, true, COVERED, BN_TELLTALE_ABSENT },
					{ 500, GLASS, ON, COVERED, BN_TELLTALE_ABSENT },
					{ 1499, PASS, 0, COVERED, BN_TELLTALE_ABSENT },
					{ 1500, PASS, 0, RIGHT, NO } } },
	{ "a-flicker-is-not-trusted",
			.steps = { { 0, DEMAND, BN_DEMAND_ON, WAITS, BN_TELLTALE_UNREADABLE },
					{ 0, GLASS, OFF, WAITS, BN_TELLTALE_ABSENT },
					{ 70, PASS, 0, COVERED, BN_TELLTALE_ABSENT },
					{ 90, COVER, true, COVERED, BN_TELLTALE_ABSENT },
					{ 500, GLASS, ON, COVERED, BN_TELLTALE_ABSENT },
					{ 1400, GLASS, OTHER, COVERED, BN_TELLTALE_WRONG },
					{ 1450, GLASS, ON, COVERED, BN_TELLTALE_WRONG },
					{ 1600, PASS, 0, COVERED, BN_TELLTALE_WRONG } } },
	{ "a-flicker-does-not-hide-a-fault",
			.steps = { { 0, GLASS, ON, RIGHT, NO },
					{ 0, DEMAND, BN_DEMAND_ON, RIGHT, NO },
					{ 200, GLASS, OFF, WAITS, BN_TELLTALE_ABSENT },
					{ 250, GLASS, ON, RIGHT, NO },
					{ 300, GLASS, OFF, COVERED, BN_TELLTALE_ABSENT } } },
	{ "the-cover-follows-the-demand",
			.steps = { { 0, DEMAND, BN_DEMAND_ON, WAITS, BN_TELLTALE_UNREADABLE },
					{ 0, GLASS, OTHER, WAITS, BN_TELLTALE_WRONG },
					{ 70, PASS, 0, COVERED, BN_TELLTALE_WRONG },
					{ 90, COVER, true, COVERED, BN_TELLTALE_WRONG },
					{ 800, COVER, true, COVERED, BN_TELLTALE_WRONG },
					{ 800, DEMAND, BN_DEMAND_OFF, COVERED, BN_TELLTALE_WRONG },
					{ 850, COVER, false, COVERED, BN_TELLTALE_WRONG },
					{ 860, COVER, true, COVERED, BN_TELLTALE_WRONG } } },
};

static void apply(struct bn_telltale *telltale, const struct step *step) {
	int64_t now = step->at_ms * MS;
	switch (step->op) {
	case DEMAND:
		bn_telltale_demand(telltale, (enum bn_demand)step->value, now);
		break;
	case GLASS:
		bn_telltale_see(telltale, (enum bn_glass)step->value, now);
		break;
	case COVER:
		bn_telltale_see_cover(telltale, step->value != 0, now);
		break;
	case MOVE:
		bn_telltale_move(telltale, now);
		break;
	case PASS:
	case END:
		break;
	}
	bn_telltale_step(telltale, now);
}

static void test_histories(void **state) {
	for (size_t i = 0; i < COUNT(histories); i++) {
		struct bn_telltale telltale;
		bn_telltale_init(&telltale, !histories[i].no_picture, 0);
		for (size_t j = 0; histories[i].steps[j].op != END; j++) {
			const struct step *step = &histories[i].steps[j];
			apply(&telltale, step);
			if (telltale.state != step->state || telltale.fault != step->fault) {
				fail_msg("%s, step %zu: %s (%s), not %s (%s)", histories[i].name, j,
						bn_telltale_state_name(telltale.state),
						bn_telltale_fault_name(telltale.fault),
						bn_telltale_state_name(step->state),
						bn_telltale_fault_name(step->fault));
			}
		}
	}
}

/** Whoever only wakes up when told to decides at the same moments. */
static void test_next(void **state) {
	struct bn_telltale telltale;
	bn_telltale_init(&telltale, true, 0);
	assert_true(bn_telltale_next_ns(&telltale) == BN_NSEC_NEVER);
	bn_telltale_demand(&telltale, BN_DEMAND_ON, 5 * MS);
	bn_telltale_step(&telltale, 5 * MS);
	assert_true(bn_telltale_next_ns(&telltale) == 75 * MS);
	assert_false(bn_telltale_wants_cover(&telltale));
	assert_true(bn_telltale_step(&telltale, 75 * MS));
	assert_true(bn_telltale_wants_cover(&telltale));
	assert_true(bn_telltale_next_ns(&telltale) == 145 * MS);
	bn_telltale_see_cover(&telltale, true, 90 * MS);
	bn_telltale_step(&telltale, 90 * MS);
	assert_true(telltale.reacted_ns == 85 * MS);
	assert_true(bn_telltale_next_ns(&telltale) == BN_NSEC_NEVER);
}

static bool agrees(enum bn_demand demand, enum bn_glass glass) {
	bool on = glass == BN_GLASS_ON, off = glass == BN_GLASS_OFF;
	return demand == BN_DEMAND_NONE || (demand == BN_DEMAND_ON && on)
			|| (demand == BN_DEMAND_OFF && off)
			|| (demand == BN_DEMAND_EITHER && (on || off));
}

/**
 * What the numbers promise, looked up in the history itself: a lamp that was bad for its whole patience is
 * covered, and none is that was not bad, with at most short good looks between, for so long.
 */
static void test_random(void **state) {
	for (int seed = 0; seed < 400; seed++) {
		struct bn_random random = bn_random_seeded((uint64_t)seed);
		struct bn_telltale telltale;
		bn_telltale_init(&telltale, true, 0);
		enum bn_demand demand = BN_DEMAND_NONE;
		enum bn_glass glass = BN_GLASS_UNKNOWN;
		int bad_for = 0, good_for = 0, since_bad = -1;
		for (int ms = 0; ms < 4000; ms++) {
			bool faulty = bn_telltale_wants_cover(&telltale);
			if (bn_random_once_in(&random, 300)) {
				enum bn_demand next = (enum bn_demand)bn_random_int(&random, 0, 3);
				if (next != demand) {
					demand = next;
					bad_for = good_for = 0;
					since_bad = agrees(demand, glass) ? -1 : ms;
				}
				bn_telltale_demand(&telltale, demand, ms * MS);
			}
			if (bn_random_once_in(&random, 60)) {
				glass = (enum bn_glass)bn_random_int(&random, 0, 3);
				bn_telltale_see(&telltale, glass, ms * MS);
			}
			bool right = agrees(demand, glass);
			if (right && ++good_for >= 100) {
				since_bad = -1;
			}
			if (!right) {
				since_bad = since_bad < 0 ? ms : since_bad;
			}
			bad_for = right ? 0 : bad_for + 1;
			good_for = right ? good_for : 0;
			bn_telltale_step(&telltale, ms * MS);
			int patience = demand == BN_DEMAND_ON ? 70 : 100;
			bool wants = bn_telltale_wants_cover(&telltale);
			if (bad_for > patience) {
				assert_true(wants);
			}
			if (wants && !faulty) {
				assert_false(right);
				assert_true(since_bad >= 0 && ms - since_bad >= patience);
			}
			if (faulty && !wants) {
				assert_true(right && (good_for > 1000 || demand == BN_DEMAND_NONE));
			}
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("each-history-has-its-verdict-at-its-moment", test_histories),
		CASE("nothing-is-decided-between-two-wake-ups", test_next),
		CASE("no-random-history-breaks-the-numbers", test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
