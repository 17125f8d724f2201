#include "core/reaction.h"

#include "core/nsec.h"

void bn_reaction_init(struct bn_reaction *reaction) {
	*reaction = (struct bn_reaction){ 0 };
	for (int i = 0; i < BN_REACTION_EDGE_COUNT; i++) {
		reaction->ledgers[i].limit_ns = BN_REACTION_LIMIT_NS;
	}
}

static void cancel_all(struct bn_reaction *reaction) {
	for (int i = 0; i < BN_REACTION_EDGE_COUNT; i++) {
		bn_ledger_cancel(&reaction->ledgers[i]);
	}
}

static void follow_demand(struct bn_reaction *reaction, enum bn_demand demand, int64_t asked_ns) {
	bool is_news = reaction->is_known && demand != reaction->demand;
	reaction->is_known = true;
	reaction->demand = demand;
	if (!is_news) {
		return;
	}
	cancel_all(reaction);
	if (demand == BN_DEMAND_ON) {
		bn_ledger_begin(&reaction->ledgers[BN_REACTION_ON], asked_ns);
	} else if (demand == BN_DEMAND_OFF) {
		bn_ledger_begin(&reaction->ledgers[BN_REACTION_OFF], asked_ns);
	}
}

/** A place that was never seen is not wrong yet; one that cannot be seen is, once that has lasted. */
static bool is_wrong(const struct bn_telltale *telltale) {
	return telltale->state >= BN_TELLTALE_COVERED
			|| (telltale->state == BN_TELLTALE_WAITS
					&& telltale->glass != BN_GLASS_UNKNOWN);
}

static void follow_fault(struct bn_reaction *reaction, const struct bn_telltale *telltale,
		int64_t now_ns) {
	bool was_asked_for = reaction->ledgers[BN_REACTION_ON].open
			|| reaction->ledgers[BN_REACTION_OFF].open;
	bool wrong = is_wrong(telltale);
	if (wrong && !reaction->is_wrong && !was_asked_for) {
		bn_ledger_begin(&reaction->ledgers[BN_REACTION_FAULT], now_ns);
	}
	reaction->is_wrong = wrong;
}

/** Something else than the lamp itself is to be relied on. */
static bool is_answered(const struct bn_telltale *telltale) {
	return telltale->state == BN_TELLTALE_SAFE
			|| (telltale->state == BN_TELLTALE_COVERED && telltale->cover_right);
}

static bool settle(struct bn_ledger *ledger, bool is_fault, const struct bn_telltale *telltale,
		int64_t glass_ns, int64_t now_ns) {
	bool right = bn_telltale_is_right(telltale), covered = is_answered(telltale);
	if (right && is_fault && telltale->state < BN_TELLTALE_COVERED) {
		bn_ledger_cancel(ledger);
	} else if (right || covered) {
		if (covered) {
			bn_ledger_cover(ledger, glass_ns);
		}
		return bn_ledger_done(ledger, glass_ns);
	}
	return bn_ledger_expire(ledger, now_ns);
}

unsigned bn_reaction_step(struct bn_reaction *reaction, const struct bn_telltale *telltale,
		bool is_shown, int64_t asked_ns, int64_t glass_ns, int64_t now_ns) {
	if (!is_shown) {
		cancel_all(reaction);
		reaction->is_known = reaction->is_wrong = false;
		return 0;
	}
	follow_demand(reaction, telltale->demand, asked_ns);
	follow_fault(reaction, telltale, now_ns);
	unsigned missed = 0;
	for (int i = 0; i < BN_REACTION_EDGE_COUNT; i++) {
		bool news = settle(&reaction->ledgers[i], i == BN_REACTION_FAULT, telltale,
				glass_ns, now_ns);
		missed |= (unsigned)news << i;
	}
	return missed;
}

int64_t bn_reaction_due_ns(const struct bn_reaction *reaction) {
	int64_t next_ns = BN_NSEC_NEVER;
	for (int i = 0; i < BN_REACTION_EDGE_COUNT; i++) {
		int64_t due_ns = bn_ledger_due_ns(&reaction->ledgers[i]);
		next_ns = due_ns < next_ns ? due_ns : next_ns;
	}
	return next_ns;
}

const char *bn_reaction_edge_name(enum bn_reaction_edge edge) {
	static const char *const names[BN_REACTION_EDGE_COUNT] = { "on", "off", "fault" };
	return names[edge];
}
