#ifndef BN_SCENE_SYMBOL_H
#define BN_SCENE_SYMBOL_H

#include <stdint.h>

#include "core/layout.h"

struct bn_pixels;

/**
 * Symbols of our own, after the shapes of ISO 2575: what the driver must know although
 * the app that should show it does not.
 *
 * Each is a distance field on a unit square around 0, negative inside: one sample a
 * pixel gives a smooth edge at any size, and nothing has to be loaded.
 */
struct bn_symbol {
	double (*distance)(double x, double y);
	uint32_t color; // 0xffRRGGBB
};

/** NULL: this filler is no symbol. */
const struct bn_symbol *bn_symbol_find(enum bn_builtin builtin);
/** Whether it is a lamp: a small symbol on dark glass that says all by itself. */
bool bn_symbol_is_lamp(enum bn_builtin builtin);
/** Draws it around cx, cy, `size` px wide, over what is there. */
void bn_symbol_draw(const struct bn_symbol *symbol, struct bn_pixels *pixels, double cx, double cy,
		double size);
/**
 * Four corners of a frame at the picture's edge. Nothing else in a cockpit has them: they
 * tell a lamp that Binnacle lit from one that an app did.
 */
void bn_symbol_draw_corners(struct bn_pixels *pixels, uint32_t color);

#endif
