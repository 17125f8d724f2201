#ifndef BN_CORE_DRAWLIST_H
#define BN_CORE_DRAWLIST_H

#include <pixman.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/layout.h"
#include "core/rect.h"

/**
 * What an output draws, bottom to top, and which part of each entry is visible
 * and damaged. Pure: knows boxes, not surfaces. All coordinates are output buffer
 * px (after scale, before the output's transform).
 *
 * Use, per frame:  begin, add... (bottom to top, never a lower layer after a
 * higher one: asserted), end. `end` compares with the previous frame by key, so
 * that what moved, appeared, vanished or changed is damaged before and after.
 */
struct bn_draw_item {
	uint64_t key;     // identity across frames; unique within a frame, never 0
	uint64_t version; // differs when the whole look changed (opacity, crop, fit, effect, colour...)
	enum bn_layer layer;
	struct bn_rect box;  // destination
	struct bn_rect clip; // nothing is drawn outside it (the zone, the output)
	bool opaque;         // every px of box within clip is opaque, before `alpha` and `radius`
	struct bn_rect opaque_box; // else: an opaque part of it; empty: none
	float alpha;               // 0..1; below 1 nothing is opaque; 0: culled
	float radius;              // px; corner squares of `shape` are never opaque
	struct bn_rect shape;      // the rounded rectangle, when radius > 0
	void *user;                // the caller's, untouched
};

struct bn_draw_op {
	struct bn_draw_item item;
	pixman_region32_t
			visible; // within clip and output, minus opaque entries above; owned by the list
	bool blend; // false: may be drawn without blending (opaque over all of visible)
	// private
	pixman_region32_t damage; // content damage
	uint32_t order;           // 1 + index of the entry with its key in the other frame, 0: none
	bool same;                // that one looks as this does
};

struct bn_drawlist {
	struct bn_draw_op *ops; // bottom to top; culled entries are left in with empty `visible`
	size_t count, capacity;
	pixman_region32_t damage; // what differs from the previous frame, within the output
	// private
	struct bn_draw_op *previous; // owned; the frame before
	size_t previous_count, previous_capacity;
	uint32_t *hash;   // owned; open addressing, indices into `previous`
	size_t hash_size; // a power of two
	int32_t width, height;
	bool previous_valid, begun;
	bool failed; // a region ran out of memory in this frame
	pixman_region32_t covered, scratch;
	enum bn_layer last_layer;
};

void bn_drawlist_init(struct bn_drawlist *list);
void bn_drawlist_finish(struct bn_drawlist *list);
/** Starts a frame of an output of this size; a new size damages everything. */
void bn_drawlist_begin(struct bn_drawlist *list, int32_t width, int32_t height);
/** False when out of memory: the entry is not drawn. `damage` (output px) is content damage within box; may be NULL. */
bool bn_drawlist_add(struct bn_drawlist *list, const struct bn_draw_item *item,
		const pixman_region32_t *damage);
/** Occlusion and damage. */
void bn_drawlist_end(struct bn_drawlist *list);
/** Everything is damaged at the next end (a lost frame, a new renderer). */
void bn_drawlist_invalidate(struct bn_drawlist *list);

#endif
