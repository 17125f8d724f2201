#ifndef BN_CORE_TRANSITION_H
#define BN_CORE_TRANSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/layout.h"

/**
 * A zone's change of content over time. Plain data; pure. The last frame is exact:
 * at and after the end the incoming content has alpha 1 and offset 0.
 */
struct bn_transition {
	enum bn_transition_kind kind; // NONE: not running
	int64_t start_ns, duration_ns;
};

/** What to draw of one side at one moment. */
struct bn_transition_pose {
	float alpha;    // 0..1
	int32_t dx, dy; // px, to be added to the content's position
};

void bn_transition_start(struct bn_transition *transition, const struct bn_transition_spec *spec,
		int64_t now_ns);
/** Also false once the duration has passed: the caller draws a last, exact frame. */
bool bn_transition_is_running(const struct bn_transition *transition, int64_t now_ns);
/** Eased (smoothstep); `box` is the zone's. */
struct bn_transition_pose bn_transition_incoming(const struct bn_transition *transition,
		const struct bn_rect *box, int64_t now_ns);
struct bn_transition_pose bn_transition_outgoing(const struct bn_transition *transition,
		const struct bn_rect *box, int64_t now_ns);
/**
 * All that either side may touch at any moment: the hull of every pose, from the ends of the motion rather than
 * from samples of it. Drawing is clipped to the zone's box besides.
 */
struct bn_rect bn_transition_hull(enum bn_transition_kind kind, const struct bn_rect *box);

#endif
