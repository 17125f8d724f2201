#ifndef BN_SAFETY_GOLDEN_PNG_H
#define BN_SAFETY_GOLDEN_PNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BN_GOLDEN_SIDE_MAX 4096

/**
 * Reads a PNG of any kind as opaque 0xffRRGGBB, rows without gaps, into *ret_pixels
 * (malloc'ed). What is transparent stands on black. False with a sentence in `error` when
 * it is missing, damaged, or larger than BN_GOLDEN_SIDE_MAX on a side. Blocks: for loading.
 */
bool bn_golden_png_read(const char *path, uint32_t **ret_pixels, int32_t *ret_width,
		int32_t *ret_height, char *error, size_t error_size);

#endif
