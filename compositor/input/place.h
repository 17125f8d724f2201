#ifndef BN_INPUT_PLACE_H
#define BN_INPUT_PLACE_H

#include <stddef.h>
#include <stdint.h>

/**
 * Arithmetic of where a finger or a pointer is. Pure; display-logical px.
 */
struct bn_place_size {
	int32_t width, height; // 0: the display is not there
};

/** A point of one display of a row. */
struct bn_place {
	size_t index; // into the row
	double x, y;
};

/**
 * From a sensor to the display it is glued to. `u`, `v` are 0..1 along the panel as it is wired, before
 * `transform` (enum wl_output_transform); the size is the display's logical one, after it. Always inside.
 */
struct bn_place bn_place_from_panel(int transform, const struct bn_place_size *size, double u,
		double v);

/** Keeps a point inside a display: the last position is just short of the far edge. */
void bn_place_clamp(const struct bn_place_size *size, struct bn_place *place);

/**
 * Moves a pointer by a difference. An occupant's displays stand in a row from left to right, in the order of the
 * layout; the pointer walks over their edges and keeps its height. Displays that are missing are stepped over.
 * Nothing happens when all of them are.
 */
void bn_place_walk(const struct bn_place_size *row, size_t count, struct bn_place *place, double dx,
		double dy);

/** `u`, `v`: 0..1 over the whole row, for devices that know no display. As bn_place_walk otherwise. */
void bn_place_spread(const struct bn_place_size *row, size_t count, struct bn_place *place,
		double u, double v);

#endif
