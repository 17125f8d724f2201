#ifndef BN_TESTS_KMS_CRC_H
#define BN_TESTS_KMS_CRC_H

#include <stdbool.h>
#include <stdint.h>

/**
 * The frame CRC of the vkms driver: what its own composer calculates from the pixels that it scans out.
 *
 * The kernel widens every channel to 16 bits (times 257), stores a pixel as alpha (always full), red,
 * green, blue, and runs CRC-32 without inversion over the lines, starting with 0.
 */

/** Of an opaque picture; stride in pixels, 0xXXRRGGBB. */
uint32_t bn_crc_of_xrgb(const uint32_t *pixels, int width, int height, int stride);

/**
 * Waits for the CRC of one frame of crtc number crtc of the card with this minor number, from debugfs.
 * One composed after the call. False: there is no such file, or no frame within 2 s.
 */
bool bn_crc_of_frame(int minor, int crtc, uint32_t *ret_crc);

#endif
