#ifndef BN_WATCH_PNG_H
#define BN_WATCH_PNG_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Writes XRGB8888 pixels (width * 4 bytes a row) as an RGB PNG. The same pixels
 * give the same bytes. False, with errno set, when the file cannot be written.
 */
bool bn_png_write(const char *path, const uint32_t *pixels, int32_t width, int32_t height);

#endif
