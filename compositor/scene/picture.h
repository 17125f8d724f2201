#ifndef BN_SCENE_PICTURE_H
#define BN_SCENE_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/layout.h"

struct bn_pixels;
struct bn_text;

/** What a filler's picture may speak of. Colours 0xRRGGBB. */
struct bn_picture_info {
	uint32_t background, foreground, accent;
	char clock[16]; // "09:41"
	char speed[16]; // "82", or "--" when unknown
	char title[64]; // the layout's name
};

/** A drawn filler: a small opaque picture at x, y of an area that is otherwise all ground. */
struct bn_picture {
	struct bn_pixels *pixels; // the caller drops the buffer
	int32_t x, y;             // px, where it stands in the area
	uint32_t ground;          // 0xffRRGGBB
};

/**
 * Draws a filler that is more than one colour: clock, speed, symbols, words.
 * They cannot be mistaken for a live app: flat, centred, without motion. The area
 * is width x height; only the part that is not all ground is kept, since most of
 * a display-sized picture would be one colour. False when out of memory.
 */
bool bn_picture_draw(const struct bn_filler *filler, const struct bn_picture_info *info,
		struct bn_text *text, int32_t width, int32_t height, struct bn_picture *ret);
/** The whole area, opaque; NULL when out of memory. */
struct bn_pixels *bn_picture_draw_whole(const struct bn_filler *filler,
		const struct bn_picture_info *info, struct bn_text *text, int32_t width,
		int32_t height);
/** A label for the inspector: text on a dark plate, sized to fit. */
struct bn_pixels *bn_picture_label(struct bn_text *text, const char *const *lines, int count,
		uint32_t color);
/** Differs when the picture of `filler` would. */
uint64_t bn_picture_version(const struct bn_filler *filler, const struct bn_picture_info *info);

#endif
