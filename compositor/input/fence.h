#ifndef BN_INPUT_FENCE_H
#define BN_INPUT_FENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/layout.h"
#include "core/nsec.h"
#include "core/rect.h"

/**
 * The touch fence: a finger that aimed at one thing never operates another.
 *
 * Pure bookkeeping of which zone covers what since when. Two questions are
 * answered from it: was what a running touch is on covered by something higher
 * since it began (then it is cancelled), and did something higher appear under
 * a new touch less than the guard time ago (then the touch goes nowhere, because
 * the hand was on its way before the eye could see). Higher is what is drawn later: of
 * a higher layer, or of the same one and later in the layout.
 */
#define BN_FENCE_GUARD_NS (250 * BN_NSEC_PER_MSEC)

/** What a zone is to a finger. Whatever is drawn takes what hits it. */
enum bn_fence_cover {
	BN_FENCE_BARE,    // nothing is drawn
	BN_FENCE_PICTURE, // a picture of ours: it covers, and nobody can mean to operate it
	BN_FENCE_APP,     // an app
};

struct bn_fence_zone {
	enum bn_fence_cover cover;
	size_t display;
	enum bn_layer layer;
	size_t rank;        // in stacking order, 0: lowest
	struct bn_rect box; // display-logical px
	int64_t since_ns;   // since when it covers this box with that
};

struct bn_fence {
	int64_t guard_ns;
	struct bn_fence_zone *zones; // owned
	size_t *order;               // owned; bottom to top
	size_t count;
};

void bn_fence_init(struct bn_fence *fence, int64_t guard_ns);
void bn_fence_finish(struct bn_fence *fence);
/** Forgets everything and takes the layout's zones, covering nothing. False when out of memory: nothing changed. */
bool bn_fence_set_layout(struct bn_fence *fence, const struct bn_layout *layout);
/** States what a zone is now; its time starts when an app or a picture begins to cover, or its box changes. */
void bn_fence_update(struct bn_fence *fence, size_t zone, enum bn_fence_cover cover,
		const struct bn_rect *box, int64_t now_ns);
/** The topmost zone that covers the point; BN_NONE: none. */
size_t bn_fence_top(const struct bn_fence *fence, size_t display, double x, double y);
/**
 * Whether something higher than `zone` came over the point at `since_ns` or later: what a finger slides under by
 * itself does not count.
 */
bool bn_fence_was_covered(const struct bn_fence *fence, size_t zone, size_t display, double x,
		double y, int64_t since_ns);
/** Whether a touch that begins there now must go nowhere. */
bool bn_fence_blocks(const struct bn_fence *fence, size_t display, double x, double y,
		int64_t now_ns);
/** Whether a box touches a zone of the safety layer or above: nothing of ours may be drawn over it. */
bool bn_fence_meets_safety(const struct bn_fence *fence, size_t display, const struct bn_rect *box);

#endif
