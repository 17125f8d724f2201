#include "scene/picture.h"

#include <math.h>
#include <stddef.h>
#include <string.h>
#include <wlr/types/wlr_buffer.h>

#include "core/rect.h"
#include "scene/pixels.h"
#include "scene/text.h"

/** Symbols are distance fields: one sample a pixel gives a smooth edge at any size. */
typedef double (*shape_func_t)(double x, double y); // unit square around 0, < 0 inside

static uint32_t opaque(uint32_t rgb) {
	return 0xff000000 | rgb;
}

static uint32_t mix(uint32_t a, uint32_t b, double share) {
	uint32_t out = 0;
	for (int shift = 0; shift < 24; shift += 8) {
		double from = a >> shift & 0xff, to = b >> shift & 0xff;
		out |= (uint32_t)lround(from + (to - from) * share) << shift;
	}
	return opaque(out);
}

static void fill(struct bn_pixels *pixels, uint32_t color) {
	size_t count = (size_t)pixels->base.width * (size_t)pixels->base.height;
	for (size_t i = 0; i < count; i++) {
		pixels->data[i] = color;
	}
}

static double ring(double x, double y, double radius, double width) {
	return fabs(sqrt(x * x + y * y) - radius) - width / 2;
}

static double box(double x, double y, double half_width, double half_height) {
	return fmax(fabs(x) - half_width, fabs(y) - half_height);
}

static double segment(double x, double y, double x1, double y1, double x2, double y2,
		double width) {
	double dx = x2 - x1, dy = y2 - y1;
	double t = ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy);
	t = fmin(fmax(t, 0), 1);
	return hypot(x - x1 - t * dx, y - y1 - t * dy) - width / 2;
}

/** ISO 7000-0238: a circle with an exclamation mark between two brackets. */
static double brake_shape(double x, double y) {
	double mark = fmin(box(x, y + 0.09, 0.04, 0.13), box(x, y - 0.15, 0.04, 0.04));
	double brackets = fmax(ring(x, y, 0.44, 0.05), 0.3 - fabs(x));
	return fmin(fmin(ring(x, y, 0.32, 0.05), brackets), mark);
}

/** A camera, struck through. */
static double camera_shape(double x, double y) {
	double body = fabs(box(x + 0.06, y, 0.28, 0.19)) - 0.025;
	double lens = fabs(fmax(box(x - 0.34, y, 0.09, 0.12), fabs(y) - (x - 0.1) * 0.5)) - 0.02;
	return fmin(fmin(body, lens), segment(x, y, -0.4, -0.34, 0.4, 0.34, 0.05));
}

static void draw_shape(struct bn_pixels *pixels, shape_func_t shape, double cx, double cy,
		double size, uint32_t color) {
	int32_t width = pixels->base.width, height = pixels->base.height;
	for (int32_t y = 0; y < height; y++) {
		for (int32_t x = 0; x < width; x++) {
			double distance =
					shape((x + 0.5 - cx) / size, (y + 0.5 - cy) / size) * size;
			double cover = fmin(fmax(0.5 - distance, 0), 1);
			if (cover > 0) {
				uint32_t *pixel = &pixels->data[(size_t)y * (size_t)width
						+ (size_t)x];
				*pixel = mix(*pixel, color, cover);
			}
		}
	}
}

static int32_t clamp(int32_t value, int32_t low, int32_t high) {
	return value < low ? low : value > high ? high : value;
}

static void draw_centred(struct bn_pixels *pixels, struct bn_text *text, int32_t baseline,
		int32_t size, uint32_t color, const char *line) {
	int32_t width = bn_text_measure(text, size, line);
	if (width > pixels->base.width * 9 / 10) {
		size = size * (pixels->base.width * 9 / 10) / width;
		width = bn_text_measure(text, size, line);
	}
	bn_text_draw(text, pixels, (pixels->base.width - width) / 2, baseline, size, color, line);
}

static void draw_words(struct bn_pixels *pixels, struct bn_text *text, const char *words,
		uint32_t color) {
	// A strip is all words; in a large zone they are small and out of the way.
	bool strip = pixels->base.height < 160;
	int32_t size = strip ? clamp(pixels->base.height / 3, 12, 30)
			     : clamp(pixels->base.height / 24, 14, 34);
	draw_centred(pixels, text, pixels->base.height / 2 + size / 3, size, color, words);
}

static void draw_symbol(struct bn_pixels *pixels, struct bn_text *text, shape_func_t shape,
		uint32_t color, const char *words, uint32_t words_color) {
	double width = pixels->base.width, height = pixels->base.height;
	bool small = height < 120 || words == NULL;
	double size = fmin(width, height) * (small ? 0.8 : 0.42);
	draw_shape(pixels, shape, width / 2, small ? height / 2 : height * 0.42, size, color);
	if (!small) {
		int32_t text_size = clamp((int32_t)height / 16, 14, 30);
		draw_centred(pixels, text, (int32_t)(height * 0.72), text_size, words_color, words);
	}
}

static void draw_speed(struct bn_pixels *pixels, struct bn_text *text,
		const struct bn_picture_info *info) {
	int32_t height = pixels->base.height;
	int32_t size = clamp(height / 2, 12, 260);
	draw_centred(pixels, text, height / 2 + size / 3, size, opaque(info->foreground),
			info->speed);
	if (height >= 120) {
		uint32_t quiet = mix(info->background, info->foreground, 0.6);
		draw_centred(pixels, text, height / 2 + size / 3 + size / 3,
				clamp(size / 6, 12, 32), quiet, "km/h");
	}
}

static void draw_filler(struct bn_pixels *pixels, const struct bn_filler *filler,
		const struct bn_picture_info *info, struct bn_text *text) {
	int32_t height = pixels->base.height;
	uint32_t quiet = mix(info->background, info->foreground, 0.55);
	switch (filler->builtin) {
	case BN_BUILTIN_NONE:
	case BN_BUILTIN_COLOR:
		break; // no picture
	case BN_BUILTIN_CLOCK: {
		int32_t size = clamp(height / 4, 12, 160);
		draw_centred(pixels, text, height / 2 + size / 3, size, opaque(info->foreground),
				info->clock);
		break;
	}
	case BN_BUILTIN_SPEED:
		draw_speed(pixels, text, info);
		break;
	case BN_BUILTIN_NO_CAMERA:
		draw_symbol(pixels, text, camera_shape, 0xffffb020, "Camera not available", quiet);
		break;
	case BN_BUILTIN_BRAKE:
		draw_symbol(pixels, text, brake_shape, 0xffff3030, NULL, quiet);
		break;
	case BN_BUILTIN_LOGO:
		draw_words(pixels, text, info->title, quiet);
		break;
	case BN_BUILTIN_TEXT:
		draw_words(pixels, text, filler->text, quiet);
		break;
	}
}

/** The smallest box that holds all px other than `ground`; one px when there is none. */
static struct bn_rect inked_box(const struct bn_pixels *pixels, uint32_t ground) {
	int32_t width = pixels->base.width, height = pixels->base.height;
	int32_t x1 = width, y1 = height, x2 = 0, y2 = 0;
	for (int32_t y = 0; y < height; y++) {
		const uint32_t *row = &pixels->data[(size_t)y * (size_t)width];
		int32_t first = 0, end = width;
		while (first < width && row[first] == ground) {
			first++;
		}
		while (end > first && row[end - 1] == ground) {
			end--;
		}
		if (first < end) {
			x1 = first < x1 ? first : x1;
			x2 = end > x2 ? end : x2;
			y1 = y < y1 ? y : y1;
			y2 = y + 1;
		}
	}
	return x1 < x2 ? (struct bn_rect){ x1, y1, x2 - x1, y2 - y1 }
		       : (struct bn_rect){ 0, 0, 1, 1 };
}

static struct bn_pixels *cut(const struct bn_pixels *pixels, const struct bn_rect *box) {
	struct bn_pixels *part = bn_pixels_create(box->width, box->height);
	for (int32_t y = 0; part != NULL && y < box->height; y++) {
		memcpy(&part->data[(size_t)y * (size_t)box->width],
				&pixels->data[(size_t)(box->y + y) * (size_t)pixels->base.width
						+ (size_t)box->x],
				(size_t)box->width * sizeof(part->data[0]));
	}
	return part;
}

bool bn_picture_draw(const struct bn_filler *filler, const struct bn_picture_info *info,
		struct bn_text *text, int32_t width, int32_t height, struct bn_picture *ret) {
	struct bn_pixels *whole = bn_pixels_create(width, height);
	if (whole == NULL) {
		return false;
	}
	uint32_t ground = opaque(info->background);
	fill(whole, ground);
	draw_filler(whole, filler, info, text);
	struct bn_rect box = inked_box(whole, ground);
	struct bn_pixels *part = cut(whole, &box);
	wlr_buffer_drop(&whole->base);
	if (part == NULL) {
		return false;
	}
	*ret = (struct bn_picture){ .pixels = part, .x = box.x, .y = box.y, .ground = ground };
	return true;
}

struct bn_pixels *bn_picture_label(struct bn_text *text, const char *const *lines, int count,
		uint32_t color) {
	const int32_t size = 15, leading = 20, pad = 8;
	int32_t width = 0;
	for (int i = 0; i < count; i++) {
		int32_t line_width = bn_text_measure(text, size, lines[i]);
		width = line_width > width ? line_width : width;
	}
	struct bn_pixels *pixels = bn_pixels_create(width + 2 * pad, count * leading + pad);
	if (pixels == NULL) {
		return NULL;
	}
	fill(pixels, 0xd8000000); // premultiplied black
	for (int i = 0; i < count; i++) {
		bn_text_draw(text, pixels, pad, pad / 2 + leading * i + size, size,
				i == 0 ? opaque(color) : 0xffe8e8e8, lines[i]);
	}
	return pixels;
}

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size) {
	const unsigned char *bytes = data;
	for (size_t i = 0; i < size; i++) {
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3); // FNV-1a
	}
	return hash;
}

uint64_t bn_picture_version(const struct bn_filler *filler, const struct bn_picture_info *info) {
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	hash = hash_bytes(hash, &filler->builtin, sizeof(filler->builtin));
	hash = hash_bytes(hash, &filler->color, sizeof(filler->color));
	hash = hash_bytes(hash, &info->background, sizeof(info->background));
	hash = hash_bytes(hash, &info->foreground, sizeof(info->foreground));
	if (filler->builtin == BN_BUILTIN_TEXT) {
		hash = hash_bytes(hash, filler->text, strlen(filler->text));
	} else if (filler->builtin == BN_BUILTIN_CLOCK) {
		hash = hash_bytes(hash, info->clock, strlen(info->clock));
	} else if (filler->builtin == BN_BUILTIN_SPEED) {
		hash = hash_bytes(hash, info->speed, strlen(info->speed));
	}
	return hash;
}
