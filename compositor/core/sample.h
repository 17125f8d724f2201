#ifndef BN_CORE_SAMPLE_H
#define BN_CORE_SAMPLE_H

#include <stdint.h>

#include "core/rect.h"

/**
 * A number that differs when a picture does, at a bounded price: whole rows, evenly
 * spread, as many as the budget has room for. All of a small picture is read.
 *
 * What changes between two of the rows only is not seen: at 1920 px of 4 bytes a row
 * in 15 is read, so anything 15 px tall is. Who counts with something smaller declares
 * where it stands; that part is read as a whole.
 */
#define BN_SAMPLE_BYTES (512 * 1024) // 0.1 ms of a core

struct bn_sample_image {
	const void *data;
	int64_t stride; // bytes from row to row
	int32_t width, height;
	int32_t bytes; // per pixel
};

/**
 * `part` in pixels of the image, cut to it; NULL: all of it. Depends on the size of what was read too.
 * Reads nothing outside, and nothing of an empty part.
 */
uint64_t bn_sample(const struct bn_sample_image *image, const struct bn_rect *part);

#endif
