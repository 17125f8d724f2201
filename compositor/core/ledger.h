#ifndef BN_CORE_LEDGER_H
#define BN_CORE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/histogram.h"

/**
 * The books of one event with a deadline: how long it took from its signal to the
 * glass, each time, and how often that was too long.
 *
 * At most one occurrence is open. It is settled by bn_ledger_done, or given up by
 * bn_ledger_cancel when the event is over before it had to be seen. The deadline
 * passes whether or not it is ever settled: a miss is booked then, once, and what
 * comes late is still measured.
 *
 * Pure: the caller brings the times, monotonic ns. Zero-initialised but for limit_ns
 * it is empty.
 */
struct bn_ledger {
	int64_t limit_ns;           // > 0
	struct bn_histogram taken;  // ns from signal to glass, of all that were settled
	uint64_t misses;            // deadlines that passed
	uint64_t cancelled;         // over or overruled before they were seen or missed
	uint64_t fallbacks;         // times that its fallback was seen first
	int64_t fallback_max_ns;    // the longest from signal to fallback
	bool open, missed, covered; // of the open occurrence; covered: its fallback was seen
	int64_t start_ns;           // of the open occurrence
};

/** Its signal arrived at start_ns. One that was open is cancelled. */
void bn_ledger_begin(struct bn_ledger *ledger, int64_t start_ns);
/** It is on glass since at_ns. True: that was a miss, and it had not been booked before. */
bool bn_ledger_done(struct bn_ledger *ledger, int64_t at_ns);
/** Its fallback is on glass since at_ns; it stays open. */
void bn_ledger_cover(struct bn_ledger *ledger, int64_t at_ns);
/** It need not be seen any more. After a miss that is no news: the miss stays. */
void bn_ledger_cancel(struct bn_ledger *ledger);
/** Books a miss if the deadline has passed; true when that is news. */
bool bn_ledger_expire(struct bn_ledger *ledger, int64_t now_ns);
/** When bn_ledger_expire has something to do; BN_NSEC_NEVER: not at all. */
int64_t bn_ledger_due_ns(const struct bn_ledger *ledger);

#endif
