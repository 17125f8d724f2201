#ifndef BN_SAFETY_DEADLINES_H
#define BN_SAFETY_DEADLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <wayland-server-core.h>

#include "core/ledger.h"
#include "core/reaction.h"
#include "loop.h"
#include "safety/shown.h"

struct bn_checks;
struct bn_cockpit;
struct bn_layout;
struct bn_outputs;

struct bn_deadlines_zone {
	bool asked;            // a rule with a deadline is about it; else nobody looks
	struct bn_shown drawn; // in the last frame that was composed
	struct bn_shown glass; // in the last one that was presented
};

/** Begin or end of a rule with `within:`. */
struct bn_deadlines_entry {
	size_t rule;
	bool is_end;
	bool waits; // its frame is committed: the verdict waits for the flip
	struct bn_ledger ledger;
};

/** A deadline that passed. */
struct bn_deadlines_miss {
	const char *name; // of the rule or the check: "rear-view"
	char text[112];   // one sentence
	bool safety; // a zone of the safety or telltale layer, or a safety display, is concerned
};

/** One line of the books: of a rule, or of a check. */
struct bn_deadlines_row {
	const char *kind, *name; // "rule" or "check"
	const char *edge;        // "begin", "end"; of a check "on", "off", "fault"
	const char *when;        // the rule's condition as a phrase; NULL: a check
	const struct bn_mark *mark;
	const char *measure; // what "on glass" is taken from
	const struct bn_ledger *ledger;
};

/**
 * Keeps the books of all deadlines: of the checks, that safety/check and core/reaction measure, and of the rules.
 *
 * Measures each rule with `within:` from the arrival of its signal to the frame that
 * shows what it wants, and again when it ends, from the end of its linger until what it
 * showed is gone.
 *
 * It is shown when the frame on glass has, in all zones that the rule shows, a live
 * picture of the app that it names (any content, when it names none) at rest, seen by
 * somebody: in the draw list and not covered. A zone's fallback is counted apart and does
 * not settle it. An event that is over, or overruled by a later rule, before its deadline
 * is no miss; one whose app never comes is missed when the deadline passes.
 *
 * On glass: the page flip (KMS), the parent's word (nested), commit and one refresh
 * (headless). Listens only; costs a look at the zones of each frame that is drawn, and
 * wakes up for a deadline only.
 */
struct bn_deadlines {
	struct bn_cockpit *cockpit;      // borrowed
	struct bn_outputs *outputs;      // borrowed
	const struct bn_layout *layout;  // that all below is for; NULL: none
	struct bn_deadlines_zone *zones; // owned; layout->zone_count
	struct bn_deadlines_entry
			*entries; // owned; the begin and the end of each rule with a deadline
	size_t entry_count;
	bool *in_force;                 // owned; layout->rule_count, as of the last arrangement
	uint64_t misses;                // since the start, of all layouts and checks
	const struct bn_checks *checks; // borrowed; NULL: there are none (yet)
	struct bn_timer timer;

	struct {
		struct wl_signal missed; // struct bn_deadlines_miss
	} events;

	struct wl_listener arranged, layout_changed, frame, presented, gone;
};

/** False when out of memory: nothing to finish then. */
bool bn_deadlines_init(struct bn_deadlines *deadlines, struct bn_cockpit *cockpit,
		struct bn_outputs *outputs);
/** Before cockpit and outputs go. */
void bn_deadlines_finish(struct bn_deadlines *deadlines);
/** The rule's name in the layout, else its condition as a phrase. */
const char *bn_deadlines_name(const struct bn_deadlines *deadlines,
		const struct bn_deadlines_entry *entry);
/** A check's deadline passed: counts, says so, and tells those who listen. */
void bn_deadlines_miss_check(struct bn_deadlines *deadlines, const char *name,
		enum bn_reaction_edge edge);
/** Rules first. "On glass" is taken from "flip", "parent" or "refresh"; "none": its display is missing. */
size_t bn_deadlines_row_count(const struct bn_deadlines *deadlines);
struct bn_deadlines_row bn_deadlines_row(const struct bn_deadlines *deadlines, size_t index);
/** The ledger as a table, for people. */
void bn_deadlines_print(const struct bn_deadlines *deadlines, FILE *file);

#endif
