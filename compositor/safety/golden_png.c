#include "safety/golden_png.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** libpng's simplified interface: it leaves nothing behind when the file is damaged. */
static uint32_t *read_rows(png_image *image) {
	image->format = PNG_FORMAT_BGRA;
	size_t size = PNG_IMAGE_SIZE(*image);
	uint32_t *pixels = malloc(size);
	if (pixels == NULL || !png_image_finish_read(image, NULL, pixels, 0, NULL)) {
		free(pixels);
		return NULL;
	}
	return pixels;
}

static void stand_on_black(uint32_t *pixels, size_t count) {
	for (size_t i = 0; i < count; i++) {
		uint32_t alpha = pixels[i] >> 24, out = 0xff000000;
		for (int shift = 0; shift < 24; shift += 8) {
			out |= ((pixels[i] >> shift & 0xff) * alpha + 127) / 255 << shift;
		}
		pixels[i] = out;
	}
}

bool bn_golden_png_read(const char *path, uint32_t **ret_pixels, int32_t *ret_width,
		int32_t *ret_height, char *error, size_t error_size) {
	png_image image = { .version = PNG_IMAGE_VERSION };
	FILE *file = fopen(path, "rbe");
	if (file == NULL) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		return false;
	}
	uint32_t *pixels = NULL;
	if (!png_image_begin_read_from_stdio(&image, file)) {
		snprintf(error, error_size, "%s: %s", path, image.message);
	} else if (image.width > BN_GOLDEN_SIDE_MAX || image.height > BN_GOLDEN_SIDE_MAX) {
		snprintf(error, error_size, "%s: %ux%u px is more than %d on a side", path,
				image.width, image.height, BN_GOLDEN_SIDE_MAX);
	} else if ((pixels = read_rows(&image)) == NULL) {
		snprintf(error, error_size, "%s: %s", path,
				image.message[0] != '\0' ? image.message : "out of memory");
	}
	if (pixels != NULL) {
		*ret_width = (int32_t)image.width;
		*ret_height = (int32_t)image.height;
		*ret_pixels = pixels;
		stand_on_black(pixels, (size_t)image.width * image.height);
	}
	png_image_free(&image);
	fclose(file);
	return pixels != NULL;
}
