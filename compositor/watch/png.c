#include "watch/png.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>

static void write_rows(png_structp png, const uint32_t *pixels, int32_t width, int32_t height,
		png_bytep row) {
	for (int32_t y = 0; y < height; y++) {
		for (int32_t x = 0; x < width; x++) {
			uint32_t pixel = pixels[(size_t)y * (size_t)width + (size_t)x];
			row[x * 3] = pixel >> 16 & 0xff;
			row[x * 3 + 1] = pixel >> 8 & 0xff;
			row[x * 3 + 2] = pixel & 0xff;
		}
		png_write_row(png, row);
	}
}

static bool write_file(FILE *file, const uint32_t *pixels, int32_t width, int32_t height,
		png_bytep row) {
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
	if (info == NULL) {
		png_destroy_write_struct(&png, NULL);
		errno = ENOMEM;
		return false;
	}
	if (setjmp(png_jmpbuf(png)) != 0) {
		png_destroy_write_struct(&png, &info);
		return false;
	}
	png_init_io(png, file);
	png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGB,
			PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	// Pictures are looked at once: speed counts more than the last per cent.
	png_set_compression_level(png, 3);
	png_set_filter(png, 0, PNG_FILTER_SUB);
	png_write_info(png, info);
	write_rows(png, pixels, width, height, row);
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	return true;
}

bool bn_png_write(const char *path, const uint32_t *pixels, int32_t width, int32_t height) {
	png_bytep row = malloc((size_t)width * 3);
	FILE *file = row != NULL ? fopen(path, "wbe") : NULL;
	if (file == NULL) {
		free(row);
		return false;
	}
	bool written = write_file(file, pixels, width, height, row);
	free(row);
	return fclose(file) == 0 && written;
}
