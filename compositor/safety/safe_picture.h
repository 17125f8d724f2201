#ifndef BN_SAFETY_SAFE_PICTURE_H
#define BN_SAFETY_SAFE_PICTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-protocol.h>

struct bn_guardlink;
struct bn_output;
struct bn_pixels;
struct bn_text;

/**
 * What the guard shows on a display when we cannot, of this size as it is scanned out. The caller drops it; NULL when out
 * of memory. `text` may be NULL: no words.
 */
struct bn_pixels *bn_safe_picture_make(struct bn_text *text, int32_t width, int32_t height,
		enum wl_output_transform transform, bool safety);
/**
 * Makes it for an output and hands it over. The words
 * need a font, which the guard does not have; until then it has a picture without words. False when out of memory.
 */
bool bn_safe_picture_send(struct bn_guardlink *link, uint32_t slot, const struct bn_output *output);

#endif
