#ifndef BN_SCENE_PIXELS_H
#define BN_SCENE_PIXELS_H

#include <stdint.h>
#include <wlr/types/wlr_buffer.h>

/**
 * A wlr_buffer in our own memory, ARGB8888 premultiplied, for pictures that the
 * compositor draws by itself and for content kept over a change of renderer.
 * Created with one lock-free reference: wlr_buffer_drop it when done.
 */
struct bn_pixels {
	struct wlr_buffer base;
	uint32_t *data; // owned; width * height, rows without padding
};

/** Transparent; NULL when out of memory or a side is not in 1..16384. */
struct bn_pixels *bn_pixels_create(int32_t width, int32_t height);

#endif
