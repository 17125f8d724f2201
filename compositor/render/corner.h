#ifndef BN_RENDER_CORNER_H
#define BN_RENDER_CORNER_H

#include <stdbool.h>
#include <wlr/util/box.h>

struct bn_pass_effect;

/**
 * A rounded rectangle cut into what is wholly inside and four corner boxes:
 *
 *   +---+-----------+--+
 *   | 0 |           |1 |   Each corner box holds the pixels whose centre lies
 *   |   |           +--+   beyond the centre of its circle on both axes. Corner
 *   +---+   inner      |   boxes never overlap, for radii are scaled until
 *   +--+            +--+   opposite ones fit side by side.
 *   |3 |            |2 |
 *   +--+------------+--+   Pure arithmetic, shared by both renderers.
 */
struct bn_corner {
	struct wlr_box box;       // target px; empty: a square corner
	float x, y;               // centre of the circle, target px
	float toward_x, toward_y; // +1 or -1: from the centre towards the rim
	float radius;             // px
};

#define BN_CORNERS_INNER_CAP 5

struct bn_corners {
	struct wlr_box shape;
	struct bn_corner corner[4]; // top-left, top-right, bottom-right, bottom-left
	struct wlr_box inner[BN_CORNERS_INNER_CAP]; // the rest of the shape, no two overlap
	int inner_len;
};

// NULL is fine: no effect.
bool bn_corners_wanted(const struct bn_pass_effect *effect);

// `box`: the shape when the effect names none.
void bn_corners_init(struct bn_corners *corners, const struct bn_pass_effect *effect,
		const struct wlr_box *box);

// 0..1: the share of the pixel inside the circle; for pixels of the corner's box.
// shaders/paint.frag says the same.
float bn_corner_coverage(const struct bn_corner *corner, int x, int y);

#endif
