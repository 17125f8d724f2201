#ifndef BN_SCENE_TEXT_H
#define BN_SCENE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

struct bn_pixels;

/**
 * Text for what the compositor itself says: fillers and the inspector. One font,
 * found once at start; UTF-8, left to right, kerned by advance only.
 */
struct bn_text;

/** NULL, with a WARN line, when no font is found: pictures then carry no words. */
struct bn_text *bn_text_create(void);
void bn_text_destroy(struct bn_text *text);

/** Width in px of one line at a height of `size` px per em. 0 for text NULL. */
int32_t bn_text_measure(struct bn_text *text, int32_t size, const char *line);
/** Draws one line, its baseline at y, over what is there; 0xAARRGGBB, clipped to the picture. */
void bn_text_draw(struct bn_text *text, struct bn_pixels *pixels, int32_t x, int32_t y,
		int32_t size, uint32_t color, const char *line);

#endif
