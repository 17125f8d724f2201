#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/proof_internal.h"
#include "core/rect.h"

#define GLASS_FROM 128 // half lit and more is glass; a transparent pixel is not

static bool read_pixels(struct bn_glass *glass, png_image *image, const char *path,
		char error[256]) {
	static const png_color black = { 0, 0, 0 };
	if (image->width != (uint32_t)glass->width || image->height != (uint32_t)glass->height) {
		snprintf(error, 256, "it has %ux%u px, the panel %dx%d", image->width,
				image->height, glass->width, glass->height);
		return false;
	}
	image->format = PNG_FORMAT_GRAY;
	glass->pixels = malloc(PNG_IMAGE_SIZE(*image));
	if (glass->pixels == NULL) {
		snprintf(error, 256, "out of memory");
		return false;
	}
	if (png_image_finish_read(image, &black, glass->pixels, 0, NULL) == 0) {
		snprintf(error, 256, "%.200s", image->message);
		return false;
	}
	return true;
}

static void glass_destroy(struct bn_glass *glass) {
	free(glass->path);
	free(glass->pixels);
	free(glass);
}

static struct bn_glass *glass_read(const char *path, int32_t width, int32_t height,
		char error[256]) {
	png_image image = { .version = PNG_IMAGE_VERSION };
	struct bn_glass *glass = calloc(1, sizeof(*glass));
	if (glass == NULL || (glass->path = strdup(path)) == NULL) {
		free(glass);
		snprintf(error, 256, "out of memory");
		return NULL;
	}
	glass->width = width;
	glass->height = height;
	if (png_image_begin_read_from_file(&image, path) == 0) {
		snprintf(error, 256, "%.200s", image.message);
		glass_destroy(glass);
		return NULL;
	}
	bool read = read_pixels(glass, &image, path, error);
	png_image_free(&image);
	if (!read) {
		glass_destroy(glass);
		return NULL;
	}
	return glass;
}

const struct bn_glass *bn_glass_get(struct bn_glass_cache *cache, const char *path, int32_t width,
		int32_t height, char error[256]) {
	for (struct bn_glass *known = cache->first; known != NULL; known = known->next) {
		if (known->width == width && known->height == height
				&& strcmp(known->path, path) == 0) {
			return known;
		}
	}
	struct bn_glass *glass = glass_read(path, width, height, error);
	if (glass != NULL) {
		glass->next = cache->first;
		cache->first = glass;
	}
	return glass;
}

void bn_glass_cache_finish(struct bn_glass_cache *cache) {
	while (cache->first != NULL) {
		struct bn_glass *glass = cache->first;
		cache->first = glass->next;
		glass_destroy(glass);
	}
}

/**
 * A logical box on the panel. The transform says how the picture is turned, as wl_output's: the logical
 * point (x, y) lies at, with W and H the panel's sides and all in panel px,
 *
 *   normal (x, y)      90 (y, H - x)      180 (W - x, H - y)      270 (W - y, x)
 *   flipped: x is mirrored before it is turned
 */
static struct bn_rect on_panel(const struct bn_display *display, const struct bn_rect *box) {
	double scale = display->scale;
	double x1 = box->x * scale, y1 = box->y * scale;
	double x2 = (box->x + box->width) * scale, y2 = (box->y + box->height) * scale;
	double width = display->width, height = display->height;
	bool is_turned = display->transform % 2 == 1;
	if (display->transform >= 4) {
		double across = is_turned ? height : width;
		double left = across - x2;
		x2 = across - x1;
		x1 = left;
	}
	double left = x1, top = y1, right = x2, bottom = y2;
	switch (display->transform % 4) {
	case 1:
		left = y1, right = y2, top = height - x2, bottom = height - x1;
		break;
	case 2:
		left = width - x2, right = width - x1, top = height - y2, bottom = height - y1;
		break;
	case 3:
		left = width - y2, right = width - y1, top = x1, bottom = x2;
		break;
	default:
		break;
	}
	// Every panel px that the box touches.
	int32_t x = (int32_t)floor(left), y = (int32_t)floor(top);
	return (struct bn_rect){ x, y, (int32_t)ceil(right) - x, (int32_t)ceil(bottom) - y };
}

bool bn_glass_find_hole(const struct bn_glass *glass, const struct bn_display *display,
		const struct bn_rect *box, int32_t *ret_x, int32_t *ret_y) {
	const struct bn_rect panel = { 0, 0, glass->width, glass->height };
	struct bn_rect part = on_panel(display, box);
	part = bn_rect_intersect(&part, &panel); // what is beyond the panel is another fault
	for (int32_t y = part.y; y < part.y + part.height; y++) {
		const unsigned char *row = &glass->pixels[(size_t)y * (size_t)glass->width];
		for (int32_t x = part.x; x < part.x + part.width; x++) {
			if (row[x] < GLASS_FROM) {
				*ret_x = x;
				*ret_y = y;
				return true;
			}
		}
	}
	return false;
}
