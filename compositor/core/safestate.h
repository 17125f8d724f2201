#ifndef BN_CORE_SAFESTATE_H
#define BN_CORE_SAFESTATE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * What a display can be trusted with, as the guard knows it.
 *
 *            fault                     lost
 *   NORMAL ---------> DEGRADED ------------------> SAFE
 *     ^  \               |  ^                       | ^
 *     |   \  lost        |  |  shown again          | | lost, fault
 *     |    `-----------------------> SAFE           | |
 *     `------------------'  `-----------------------' `--
 *      well for BN_SAFESTATE_HOLD_NS
 *
 * NORMAL: the compositor's picture, nothing to complain of. DEGRADED: the compositor's picture, with a fault that it
 * says it has dealt with (a built-in picture instead of an app's), or so short after SAFE that nobody should rely on
 * it yet. SAFE: the guard's own picture.
 *
 * The way back from SAFE begins with a frame that the compositor says is on glass, and ends only after a while
 * without a fault: a display that comes and goes stays DEGRADED.
 *
 * Pure and plain data; times are monotonic ns.
 */
enum bn_safestate_kind {
	BN_SAFESTATE_NORMAL,
	BN_SAFESTATE_DEGRADED,
	BN_SAFESTATE_SAFE,
};

enum bn_safestate_event {
	BN_SAFESTATE_WELL,  // a kick: the compositor's frame is on glass, without a fault
	BN_SAFESTATE_FAULT, // a kick: its frame is on glass, with a fault it has dealt with
	BN_SAFESTATE_DARK,  // a kick, but nothing of this compositor has come on glass yet
	BN_SAFESTATE_LOST,  // no kick, or no compositor
};

/** So long without a fault makes a degraded display normal. */
#define BN_SAFESTATE_HOLD_NS INT64_C(1000000000)

struct bn_safestate {
	enum bn_safestate_kind kind;
	int64_t well_since_ns; // DEGRADED: since the last fault; 0: nothing was well yet
};

/** True when the state changed. */
bool bn_safestate_step(struct bn_safestate *state, enum bn_safestate_event event, int64_t now_ns);
const char *bn_safestate_name(enum bn_safestate_kind kind);

#endif
