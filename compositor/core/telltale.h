#ifndef BN_CORE_TELLTALE_H
#define BN_CORE_TELLTALE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/golden.h"

/**
 * Whether a lamp is on the glass when it must be, and only then; and what follows when not.
 *
 *              not as demanded            for too long             cover not on glass in time
 *   RIGHT  <-------------------> WAITS ----------------> COVERED ----------------------------> SAFE
 *     ^     as demanded                                   |    ^                                |
 *     `---------------------------------------------------'    `--------------------------------'
 *            the app's own picture is right for 1 s              the cover is on glass
 *
 * COVERED: Binnacle's own picture stands over the app's, which is looked at underneath all the while.
 * SAFE: nothing that is shown there can be relied on; whoever can (the guard) shows something else.
 *
 * Pure and plain data; times are monotonic ns. After any of the three inputs, and when
 * bn_telltale_next_ns has come, bn_telltale_step decides.
 *
 * The numbers split the 200 ms that the ELISA cluster concept allows from a request until it is shown or the
 * display is safe (bus 30, drawing 70, check 50, reaction 50) and its 100 + 100 ms for a lamp nobody requested.
 */

/** From the demand, or from when it was lost, until a lamp that must be on has to be. */
#define BN_TELLTALE_SHOWN_NS INT64_C(70000000)
/** So long anything else than what is demanded may be seen where nothing must be on. */
#define BN_TELLTALE_UNREQUESTED_NS INT64_C(100000000)
/** Within so long after a fault the cover is on glass: two refreshes at 30 Hz. */
#define BN_TELLTALE_COVER_NS INT64_C(70000000)
/** A picture that was right for so long was no flicker between two wrong ones. */
#define BN_TELLTALE_SETTLED_NS INT64_C(100000000)
/** The app's picture is right for so long before it is trusted again. */
#define BN_TELLTALE_TRUSTED_NS INT64_C(1000000000)

enum bn_demand {
	BN_DEMAND_NONE,   // anything may stand there
	BN_DEMAND_ON,     // the golden picture
	BN_DEMAND_OFF,    // not the golden picture
	BN_DEMAND_EITHER, // the signal is unknown: on or off, nothing else
};

enum bn_telltale_fault {
	BN_TELLTALE_NO_FAULT,
	BN_TELLTALE_ABSENT,      // demanded, and off
	BN_TELLTALE_WRONG,       // neither the one picture nor the other
	BN_TELLTALE_UNREQUESTED, // on, and not demanded
	BN_TELLTALE_UNREADABLE,  // the glass cannot be read
	BN_TELLTALE_FAULT_COUNT,
};

enum bn_telltale_state {
	BN_TELLTALE_RIGHT,
	BN_TELLTALE_WAITS,
	BN_TELLTALE_COVERED,
	BN_TELLTALE_SAFE,
};

struct bn_telltale {
	// Inputs
	enum bn_demand demand;
	enum bn_glass glass; // what the app has there
	bool has_picture;    // there is one to cover a lamp that must be on with
	bool cover_right;    // the cover was seen on glass as it should be

	// Decided
	enum bn_telltale_state state;
	enum bn_telltale_fault fault; // COVERED and SAFE: the reason; WAITS: what it would be
	int64_t bad_ns;               // since when it is not as demanded; BN_NSEC_NEVER: it is
	int64_t good_ns;              // since when it is as demanded; BN_NSEC_NEVER: it is not
	int64_t cover_ns; // since when the cover is asked for, or was seen last; COVERED, SAFE
	int64_t reacted_ns; // of the last fault: from its first sight to the cover on glass; 0: none yet
};

void bn_telltale_init(struct bn_telltale *telltale, bool has_picture, int64_t now_ns);
/** A new demand starts its time anew. */
void bn_telltale_demand(struct bn_telltale *telltale, enum bn_demand demand, int64_t now_ns);
/** It stands elsewhere from now on: nothing is known of that place, and its time starts anew. */
void bn_telltale_move(struct bn_telltale *telltale, int64_t now_ns);
void bn_telltale_see(struct bn_telltale *telltale, enum bn_glass glass, int64_t now_ns);
/** Whether the cover was seen as it should be; while it is wanted. */
void bn_telltale_see_cover(struct bn_telltale *telltale, bool right, int64_t now_ns);
/** True when the state or the fault changed. */
bool bn_telltale_step(struct bn_telltale *telltale, int64_t now_ns);
/** When bn_telltale_step has work without any input; BN_NSEC_NEVER: not at all. */
int64_t bn_telltale_next_ns(const struct bn_telltale *telltale);
/** Whether what the app has there is what is demanded. */
bool bn_telltale_is_right(const struct bn_telltale *telltale);
/** Whether Binnacle's own picture is to stand there. */
bool bn_telltale_wants_cover(const struct bn_telltale *telltale);

const char *bn_demand_name(enum bn_demand demand);
const char *bn_telltale_state_name(enum bn_telltale_state state);
/** "absent"; for a log line. */
const char *bn_telltale_fault_name(enum bn_telltale_fault fault);

#endif
