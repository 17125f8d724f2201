#include "core/ledger.h"

#include <assert.h>

#include "core/nsec.h"

static void close_it(struct bn_ledger *ledger) {
	ledger->open = ledger->missed = ledger->covered = false;
}

void bn_ledger_begin(struct bn_ledger *ledger, int64_t start_ns) {
	assert(ledger->limit_ns > 0);
	bn_ledger_cancel(ledger);
	ledger->open = true;
	ledger->start_ns = start_ns;
}

static bool is_late(const struct bn_ledger *ledger, int64_t at_ns) {
	// Not "start + limit": the limit comes from a file, so the sum may overflow.
	return at_ns - ledger->start_ns > ledger->limit_ns;
}

bool bn_ledger_done(struct bn_ledger *ledger, int64_t at_ns) {
	if (!ledger->open) {
		return false;
	}
	bool news = !ledger->missed && is_late(ledger, at_ns);
	ledger->misses += news;
	bn_histogram_add(&ledger->taken, at_ns - ledger->start_ns);
	close_it(ledger);
	return news;
}

void bn_ledger_cover(struct bn_ledger *ledger, int64_t at_ns) {
	if (!ledger->open || ledger->covered) {
		return;
	}
	int64_t taken_ns = at_ns > ledger->start_ns ? at_ns - ledger->start_ns : 0;
	ledger->covered = true;
	ledger->fallbacks++;
	if (taken_ns > ledger->fallback_max_ns) {
		ledger->fallback_max_ns = taken_ns;
	}
}

void bn_ledger_cancel(struct bn_ledger *ledger) {
	ledger->cancelled += ledger->open && !ledger->missed;
	close_it(ledger);
}

bool bn_ledger_expire(struct bn_ledger *ledger, int64_t now_ns) {
	if (!ledger->open || ledger->missed || !is_late(ledger, now_ns)) {
		return false;
	}
	ledger->missed = true;
	ledger->misses++;
	return true;
}

int64_t bn_ledger_due_ns(const struct bn_ledger *ledger) {
	if (!ledger->open || ledger->missed
			|| ledger->start_ns > BN_NSEC_NEVER - 1 - ledger->limit_ns) {
		return BN_NSEC_NEVER;
	}
	return ledger->start_ns + ledger->limit_ns + 1;
}
