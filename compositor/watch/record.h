#ifndef BN_WATCH_RECORD_H
#define BN_WATCH_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "core/journal.h"
#include "loop.h"

struct bn_checks;
struct bn_clients;
struct bn_cockpit;
struct bn_contents;
struct bn_deadlines;
struct bn_output;
struct bn_outputs;

/** The last frame of an output, until it is on glass. */
struct bn_record_pending {
	const void *owner; // whose it is; NULL: free
	struct bn_journal_frame frame;
	bool waits; // for its flip
};

// Beyond so many displays a frame is written down when it is committed, without its flip.
#define BN_RECORD_OUTPUTS 16

/** Something was late. */
struct bn_record_miss {
	const char *name; // a display, a rule with a deadline, or a check
	bool safety;      // it matters to a safety display or zone
};

/** What a zone was seen to show. */
struct bn_record_zone {
	uint64_t view; // its id, 0: none
	int content;
};

/**
 * Fills a journal (core/journal.h) from what happens: frames from the outputs'
 * records, what clients had latched, and decisions. Listens only; nothing here
 * blocks, and in a frame nothing allocates. Takes 0.8 MB, untouched until it is used.
 */
struct bn_record {
	struct bn_journal journal;
	struct bn_loop *loop; // borrowed, as all below
	struct bn_clients *clients;
	struct bn_cockpit *cockpit;
	struct bn_record_pending pending[BN_RECORD_OUTPUTS];
	uint64_t commits[BN_JOURNAL_TRACKS];   // of the client at its last latch
	int64_t refused_ns[BN_JOURNAL_TRACKS]; // when a refusal of it was written down last
	struct bn_record_zone *zones;          // owned; one per zone of the layout
	size_t zone_count;

	struct {
		struct wl_signal missed; // struct bn_record_miss; what happened is in the journal
	} events;

	struct wl_listener changed, gone, frame, presented, deferred;
	struct wl_listener client_created, client_destroyed, refused, latched;
	struct wl_listener arranged, layout, layout_failed, deadline, verdict;
};

/** False when out of memory: nothing to finish then. */
bool bn_record_init(struct bn_record *record, struct bn_outputs *outputs,
		struct bn_clients *clients, struct bn_contents *contents,
		struct bn_cockpit *cockpit, struct bn_deadlines *deadlines,
		struct bn_checks *checks);
void bn_record_finish(struct bn_record *record);

#endif
