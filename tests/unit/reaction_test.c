// The books of lamps: histories, and what they leave in the ledgers.

#include "core/reaction.h"

#include "core/nsec.h"
#include "unit.h"

#define MS BN_NSEC_PER_MSEC

enum op {
	END,
	SIGNAL, // a demand that follows a signal of 5 ms ago
	GLASS,
	COVER,
	AWAY, // its place leaves the display, or comes back
	PASS,
};

struct step {
	int at_ms;
	enum op op;
	int value;
};

#define ON BN_GLASS_ON
#define OFF BN_GLASS_OFF
#define OTHER BN_GLASS_OTHER

/** What one ledger holds at the end. */
struct books {
	int count, max_ms, misses, cancelled, covers;
};

static const struct {
	const char *name;
	struct step steps[10];
	struct books on, off, fault;
} histories[] = {
	{ "a-lamp-that-comes",
			{ { 0, GLASS, OFF }, { 10, SIGNAL, BN_DEMAND_ON }, { 40, GLASS, ON },
					{ 900, PASS, 0 } },
			.on = { .count = 1, .max_ms = 35 } },
	{ "a-lamp-that-does-not-come-is-covered",
			{ { 0, GLASS, OFF }, { 10, SIGNAL, BN_DEMAND_ON }, { 80, PASS, 0 },
					{ 100, COVER, true }, { 500, PASS, 0 } },
			.on = { .count = 1, .max_ms = 95, .covers = 1 } },
	{ "a-cover-that-is-not-seen-makes-the-display-safe",
			{ { 0, GLASS, OFF }, { 10, SIGNAL, BN_DEMAND_ON }, { 80, PASS, 0 },
					{ 150, PASS, 0 }, { 500, PASS, 0 } },
			.on = { .count = 1, .max_ms = 145, .covers = 1 } },
	{ "nobody-looks-for-too-long",
			{ { 0, GLASS, OFF }, { 10, SIGNAL, BN_DEMAND_ON }, { 206, GLASS, ON } },
			.on = { .count = 1, .max_ms = 201, .misses = 1 } },
	{ "never-seen-is-missed-at-the-deadline",
			{ { 0, GLASS, OFF }, { 10, SIGNAL, BN_DEMAND_ON }, { 80, PASS, 0 },
					{ 206, COVER, false } },
			.on = { .count = 1, .max_ms = 201, .misses = 1, .covers = 1 } },
	{ "a-lamp-that-goes",
			{ { 0, GLASS, ON }, { 10, SIGNAL, BN_DEMAND_OFF }, { 60, GLASS, OFF } },
			.off = { .count = 1, .max_ms = 55 } },
	{ "a-lamp-that-lingers",
			{ { 0, GLASS, ON }, { 10, SIGNAL, BN_DEMAND_OFF }, { 110, PASS, 0 },
					{ 130, COVER, true } },
			.off = { .count = 1, .max_ms = 125, .covers = 1 } },
	{ "lost-while-it-must-be-seen",
			{ { 0, GLASS, OFF }, { 10, SIGNAL, BN_DEMAND_ON }, { 40, GLASS, ON },
					{ 300, GLASS, OTHER }, { 370, PASS, 0 },
					{ 390, COVER, true }, { 900, PASS, 0 } },
			.on = { .count = 1, .max_ms = 35 },
			.fault = { .count = 1, .max_ms = 90, .covers = 1 } },
	{ "unrequested",
			{ { 0, GLASS, OFF }, { 0, SIGNAL, BN_DEMAND_OFF }, { 500, GLASS, ON },
					{ 600, PASS, 0 }, { 620, COVER, true } },
			.off = { .count = 1, .max_ms = 5 },
			.fault = { .count = 1, .max_ms = 120, .covers = 1 } },
	{ "a-flicker-is-no-case",
			{ { 0, GLASS, OFF }, { 0, SIGNAL, BN_DEMAND_OFF }, { 500, GLASS, ON },
					{ 550, GLASS, OFF }, { 900, PASS, 0 } },
			.off = { .count = 1, .max_ms = 5 }, .fault = { .cancelled = 1 } },
	{ "what-is-right-once-it-is-drawn-anew",
			{ { 0, GLASS, ON }, { 0, SIGNAL, BN_DEMAND_ON }, { 500, GLASS, OTHER },
					{ 570, PASS, 0 }, { 590, GLASS, ON },
					{ 590, COVER, true } },
			.on = { .count = 1, .max_ms = 5 }, .fault = { .count = 1, .max_ms = 90 } },
	{ "the-signal-overtakes-a-fault",
			{ { 0, GLASS, OFF }, { 0, SIGNAL, BN_DEMAND_OFF }, { 500, GLASS, ON },
					{ 560, SIGNAL, BN_DEMAND_ON }, { 900, PASS, 0 } },
			.on = { .count = 1, .max_ms = 5 }, .off = { .count = 1, .max_ms = 5 },
			.fault = { .cancelled = 1 } },
	{ "the-cover-follows-the-signal",
			{ { 0, GLASS, OFF }, { 0, SIGNAL, BN_DEMAND_OFF }, { 500, GLASS, OTHER },
					{ 600, PASS, 0 }, { 620, COVER, true },
					{ 700, SIGNAL, BN_DEMAND_ON }, { 730, COVER, true } },
			.on = { .count = 1, .max_ms = 35, .covers = 1 },
			.off = { .count = 1, .max_ms = 5 },
			.fault = { .count = 1, .max_ms = 120, .covers = 1 } },
	{ "a-display-that-comes-asks-for-nothing",
			{ { 0, AWAY, true }, { 5, SIGNAL, BN_DEMAND_ON }, { 50, AWAY, false },
					{ 90, GLASS, ON }, { 300, PASS, 0 } } },
	{ "a-display-that-goes-ends-the-wait",
			{ { 0, GLASS, OFF }, { 10, SIGNAL, BN_DEMAND_ON }, { 60, AWAY, true },
					{ 500, PASS, 0 } },
			.on = { .cancelled = 1 } },
};

static void expect(const char *name, const char *edge, const struct bn_ledger *ledger,
		const struct books *books) {
	const struct books found = { (int)ledger->taken.count, (int)(ledger->taken.max_ns / MS),
		(int)ledger->misses, (int)ledger->cancelled, (int)ledger->fallbacks };
	if (found.count != books->count || found.max_ms != books->max_ms
			|| found.misses != books->misses || found.cancelled != books->cancelled
			|| found.covers != books->covers || ledger->open) {
		fail_msg("%s, %s: count %d, max %d ms, misses %d, cancelled %d, covers %d%s", name,
				edge, found.count, found.max_ms, found.misses, found.cancelled,
				found.covers, ledger->open ? ", open" : "");
	}
}

static void play(size_t index) {
	struct bn_telltale telltale;
	struct bn_reaction reaction;
	unsigned missed = 0;
	bool away = false;
	bn_telltale_init(&telltale, true, 0);
	bn_reaction_init(&reaction);
	bn_reaction_step(&reaction, &telltale, true, 0, 0, 0);
	for (const struct step *step = histories[index].steps; step->op != END; step++) {
		int64_t now = step->at_ms * MS;
		if (step->op == SIGNAL) {
			bn_telltale_demand(&telltale, (enum bn_demand)step->value, now);
		} else if (step->op == GLASS) {
			bn_telltale_see(&telltale, (enum bn_glass)step->value, now);
		} else if (step->op == COVER) {
			bn_telltale_see_cover(&telltale, step->value != 0, now);
		} else if (step->op == AWAY) {
			away = step->value != 0;
		}
		bn_telltale_step(&telltale, now);
		missed |= bn_reaction_step(&reaction, &telltale, !away, now - 5 * MS, now, now);
	}
	const struct bn_ledger *ledgers = reaction.ledgers;
	expect(histories[index].name, "on", &ledgers[BN_REACTION_ON], &histories[index].on);
	expect(histories[index].name, "off", &ledgers[BN_REACTION_OFF], &histories[index].off);
	expect(histories[index].name, "fault", &ledgers[BN_REACTION_FAULT],
			&histories[index].fault);
	assert_int_equal(missed, histories[index].on.misses > 0 ? 1 << BN_REACTION_ON : 0);
}

static void each_history_is_booked_as_it_was(void **state) {
	for (size_t i = 0; i < COUNT(histories); i++) {
		play(i);
	}
}

static void a_deadline_is_due_only_while_something_is_waited_for(void **state) {
	struct bn_telltale telltale;
	struct bn_reaction reaction;
	bn_telltale_init(&telltale, true, 0);
	bn_reaction_init(&reaction);
	bn_reaction_step(&reaction, &telltale, true, 0, 0, 0);
	assert_int_equal(bn_reaction_due_ns(&reaction), BN_NSEC_NEVER);
	bn_telltale_demand(&telltale, BN_DEMAND_ON, 10 * MS);
	bn_telltale_step(&telltale, 10 * MS);
	bn_reaction_step(&reaction, &telltale, true, 4 * MS, 10 * MS, 10 * MS);
	assert_int_equal(bn_reaction_due_ns(&reaction), 204 * MS + 1);
	// Nothing more is seen of it: missed once.
	assert_int_equal(bn_reaction_step(&reaction, &telltale, true, 0, 204 * MS + 1,
					 204 * MS + 1),
			1 << BN_REACTION_ON);
	assert_int_equal(bn_reaction_step(&reaction, &telltale, true, 0, 300 * MS, 300 * MS), 0);
	assert_int_equal(bn_reaction_due_ns(&reaction), BN_NSEC_NEVER);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("each-history-is-booked-as-it-was", each_history_is_booked_as_it_was),
		CASE("a-deadline-is-due-only-while-something-is-waited-for",
				a_deadline_is_due_only_while_something_is_waited_for),
	};
	return cmocka_run_group_tests_name("reaction", tests, NULL, NULL);
}
