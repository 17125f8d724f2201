#ifndef BN_CORE_REACTION_H
#define BN_CORE_REACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/ledger.h"
#include "core/telltale.h"

/**
 * The books of one lamp: how long it took, each time, until what is on glass could be relied on again.
 *
 *   on     from its signal until the lamp or Binnacle's own picture is seen, or the display is called safe
 *   off    from its signal until it is gone or covered, or the display is called safe
 *   fault  from the first sight of anything else than what is demanded until it is covered, or the display is called
 *          safe; what comes right by itself before that is no case
 *
 * What a display shows when it comes is nobody's signal and is not counted. Pure, and plain data: zeroed, it is empty
 * but for the limits, which bn_reaction_init sets.
 */

/** From the signal, or from the first sight of a fault; 100 + 100 ms, or the four parts that core/telltale.h names. */
#define BN_REACTION_LIMIT_NS INT64_C(200000000)

enum bn_reaction_edge {
	BN_REACTION_ON,
	BN_REACTION_OFF,
	BN_REACTION_FAULT,
	BN_REACTION_EDGE_COUNT,
};

struct bn_reaction {
	struct bn_ledger ledgers[BN_REACTION_EDGE_COUNT];
	bool is_known;         // what follows is of a place that is on a display
	enum bn_demand demand; // that was booked last
	bool is_wrong;         // a fault is booked, and has not ended yet
};

void bn_reaction_init(struct bn_reaction *reaction);
/**
 * After each bn_telltale_step. `is_shown`: the lamp's place is on a display and looked at. `asked_ns`: when the signal
 * arrived that the demand follows; heeded when that is another than before. `glass_ns`: when what was read last is on glass: now, or, without a
 * display, a refresh later. Returns the edges whose deadline is
 * newly missed, as bits.
 */
unsigned bn_reaction_step(struct bn_reaction *reaction, const struct bn_telltale *telltale,
		bool is_shown, int64_t asked_ns, int64_t glass_ns, int64_t now_ns);
/** When a deadline passes; BN_NSEC_NEVER: none is near. */
int64_t bn_reaction_due_ns(const struct bn_reaction *reaction);
/** "on", "off", "fault". */
const char *bn_reaction_edge_name(enum bn_reaction_edge edge);

#endif
