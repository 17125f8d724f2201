#ifndef BN_CORE_PROOF_H
#define BN_CORE_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yyjson.h>

#include "core/diag.h"
#include "core/layout.h"

/**
 * The proof over every reachable state: each zone of the safety and telltale layers that must show does
 * show, wholly, on visible glass, with every set of displays missing.
 *
 * A zone must show always when it is `visible`, else while the condition of a rule that shows it holds.
 * Its places are its own box and those of its backups; each is measured on the declared mode, transform
 * and scale of its display.
 *
 * What is covered. Signals are cut into the cells between the numbers and texts that conditions compare
 * with; an unknown or stale signal is one more cell, in which conditions are open, as in core/vehicle.
 * Each comparison with a band remembers: only memories that some history leaves behind are looked at. A
 * rule with `linger` may be in force in every state in which it does not hold, provided that it can hold
 * at all. These three multiply; what no signal can bring about drops out. Each question looks at the
 * rules that name the zones it is about, and at nothing else: for all other signals the answer is the
 * same. A question with more than BN_PROOF_COMBINATIONS combinations is refused. Missing displays are
 * solved for, not tried: of each pair of places it is known which displays must be there and which not.
 *
 * A zone that changes its content with a transition is drawn within its box alone (scene/list clips), but
 * for the whole duration, also after it was hidden: it counts as shown in every state that can follow one
 * in which it was.
 *
 * What is assumed, beyond this file: the displays run in their declared modes; core/arrange decides and
 * scene/list draws as their tests say, so that neither fullscreen, popups nor a client's size leave the
 * zone; a client that was granted a safety zone draws what it must (that is for checks to see).
 *
 * Pure but for reading the masks of displays.
 */

/** What can be wrong; each is proved apart from the others. */
enum bn_proof_rule {
	BN_PROOF_EDGE,       // reaches beyond its display
	BN_PROOF_MASK,       // black in its display's mask
	BN_PROOF_CUT_OUT,    // within a cut-out of its display
	BN_PROOF_SYMBOL,     // below min-symbol-mm
	BN_PROOF_DIMMED,     // a theme darkens it
	BN_PROOF_OPACITY,    // what is beneath shines through
	BN_PROOF_TRANSITION, // its own transition ends after it must be seen
	BN_PROOF_OPEN,       // granted to all
	BN_PROOF_STACK,      // several apps, and no rule says which
	BN_PROOF_ELSEWHERE,  // its app may be taken to another zone by command
	BN_PROOF_DISPLACED,  // another rule takes the zone or its app away
	BN_PROOF_HIDDEN,     // a rule hides it
	BN_PROOF_COVERED,    // a zone of an equal or higher layer is over it
	BN_PROOF_LEAVING,    // a zone that fades or slides away is still over it
	BN_PROOF_HOME,       // no place is left when displays are missing
	// Parts of the state space; without one of them, what only happens there is not seen.
	BN_PROOF_UNKNOWN,    // signals that are unknown or stale
	BN_PROOF_HYSTERESIS, // what comparisons remember
	BN_PROOF_LINGER,     // rules that stay in force
	BN_PROOF_MISSING,    // backups, in place of zones whose display is missing
	BN_PROOF_RULE_COUNT,
};

#define BN_PROOF_COMBINATIONS (UINT64_C(1) << 20)

struct bn_glass;

/** Masks that were read: proofs of one file with several profiles share them. Zeroed: empty. */
struct bn_glass_cache {
	struct bn_glass *first; // owned
};
void bn_glass_cache_finish(struct bn_glass_cache *cache);

/** Where a zone's content may be: the zone itself, or one of its backups. */
struct bn_proof_place {
	size_t zone; // that has the box
	struct bn_rect box;
	double side_mm;   // of the box's shorter side; 0: the display has no size-mm
	uint64_t missing; // displays, as bits, without which it shows here
};

/** What was found of one zone of the safety or telltale layer. */
struct bn_proof_zone {
	size_t zone;
	struct bn_proof_place *places; // in the order in which they are taken
	size_t place_count;
	size_t questions;      // asked of it and another zone
	uint64_t combinations; // the most that one of them had
	size_t faults;         // errors that name it
	uint64_t lost_with;    // displays whose loss takes all its places; 0: none but all
};

struct bn_proof {
	struct bn_proof_zone *zones;
	size_t zone_count;
	// The whole space of the rules that name these zones; saturates at UINT64_MAX.
	uint64_t states, display_sets;
	size_t rule_count, signal_count; // that it is made of
	struct bn_arena *arena;          // private, owns everything above
};

/**
 * NULL only when out of memory. Adds one error for each fault, with its shortest counter-example. `masks`: NULL, they
 * are read for this proof alone.
 */
struct bn_proof *bn_proof_create(const struct bn_layout *layout, struct bn_glass_cache *masks,
		struct bn_diag_list *diags);
void bn_proof_destroy(struct bn_proof *proof);
/** "covered": as in the names of bad layouts and in reports. */
const char *bn_proof_rule_name(enum bn_proof_rule rule);

/**
 * Fills `report`, an object of `json`, for a safety case: displays, zones with their places, what may be
 * lost, what is assumed, how many states, all faults. `layout` NULL: it was refused, there are faults only.
 * Borrows texts of layout and diags. What there is no memory for is left out.
 */
void bn_proof_report(yyjson_mut_doc *json, yyjson_mut_val *report, const struct bn_layout *layout,
		const struct bn_proof *proof, const struct bn_diag_list *diags);

#endif
