#ifndef BN_CORE_SAFE_PICTURE_H
#define BN_CORE_SAFE_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * The picture of last resort: a warning triangle on black for a display that carries what the driver must see, all
 * dark for any other. Without a font, a file or memory of its own, so that it can always be drawn.
 */

/** How much of the triangle covers a px, 0..255; `size` is its height, its centre is at 0, 0. */
int bn_safe_picture_cover(double x, double y, double size);
/** XRGB8888, `stride` in px. */
void bn_safe_picture_draw(uint32_t *pixels, int32_t width, int32_t height, int32_t stride,
		bool safety);

#endif
