#ifndef BN_SAFETY_FRESH_H
#define BN_SAFETY_FRESH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "core/freeze.h"

struct bn_cockpit;
struct bn_contents;
struct bn_layout;

/** What is known of one zone of the live layout. */
struct bn_fresh_zone {
	uint64_t view; // whose freshness is judged, by id; 0: nobody's
	struct bn_freeze freeze;
	uint64_t faults[BN_FREEZE_VERDICT_COUNT]; // how often each began, while the layout has a zone of this name
};

/**
 * Watches over the zones that declare `heartbeat` or `max-age`: their clients' buffers as
 * they are latched, and the clients' answers (core/freeze judges). Its verdict goes into
 * bn_view.freshness and the arrangement is made anew: the zone's `on-fault` picture shows,
 * drawn without any client, until the view is live again.
 *
 * Only what shows is judged, or what would if it were live. Between beats nothing wakes
 * up, and the beat is held only while something is judged. A fault is on glass within the
 * declared time, one beat and one frame.
 *
 * Buffers of a GPU are not read back: commits with the same pixels are told apart for
 * buffers in memory only (scene/content).
 */
struct bn_fresh {
	struct bn_cockpit *cockpit; // borrowed
	const struct bn_layout
			*layout; // that `zones` is for; borrowed until the next is live; NULL: none
	struct bn_fresh_zone *zones; // owned; layout->zone_count
	bool holds_beat;

	struct wl_listener arranged, layout_changed, beat, changed, latched;
};

/** False when out of memory: nothing to finish then. */
bool bn_fresh_init(struct bn_fresh *fresh, struct bn_cockpit *cockpit,
		struct bn_contents *contents);
/** Before the cockpit goes. */
void bn_fresh_finish(struct bn_fresh *fresh);
/** What is known of a zone of the live layout; NULL: it promised nothing. */
const struct bn_fresh_zone *bn_fresh_find(const struct bn_fresh *fresh, size_t zone);

#endif
