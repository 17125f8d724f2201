#include "scene/picture.h"

#include <math.h>
#include <stddef.h>
#include <string.h>
#include <wlr/types/wlr_buffer.h>

#include "core/rect.h"
#include "scene/pixels.h"
#include "scene/symbol.h"
#include "scene/text.h"

/** Lamps stand on dark glass by day and night: their colours keep their meaning. */
#define LAMP_GROUND 0xff050608

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

/** A symbol, in a zone that is large enough with a sentence below. */
static void draw_symbol(struct bn_pixels *pixels, struct bn_text *text,
		const struct bn_symbol *symbol, const char *words, uint32_t words_color) {
	double width = pixels->base.width, height = pixels->base.height;
	bool small = height < 120;
	double size = fmin(width, height) * (small ? 0.8 : 0.42);
	bn_symbol_draw(symbol, pixels, width / 2, small ? height / 2 : height * 0.42, size);
	if (!small) {
		int32_t text_size = clamp((int32_t)height / 16, 14, 30);
		draw_centred(pixels, text, (int32_t)(height * 0.72), text_size, words_color, words);
	}
}

static void draw_lamp(struct bn_pixels *pixels, const struct bn_symbol *symbol) {
	double width = pixels->base.width, height = pixels->base.height;
	bn_symbol_draw(symbol, pixels, width / 2, height / 2, fmin(width, height) * 0.8);
	bn_symbol_draw_corners(pixels, symbol->color);
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
		draw_symbol(pixels, text, bn_symbol_find(filler->builtin), "Camera not live",
				quiet);
		break;
	case BN_BUILTIN_BRAKE:
	case BN_BUILTIN_OIL:
	case BN_BUILTIN_BATTERY:
	case BN_BUILTIN_ENGINE:
	case BN_BUILTIN_SEAT_BELT:
	case BN_BUILTIN_DOOR:
		draw_lamp(pixels, bn_symbol_find(filler->builtin));
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

static uint32_t ground_of(const struct bn_filler *filler, const struct bn_picture_info *info) {
	if (filler->builtin == BN_BUILTIN_COLOR) {
		return opaque(filler->color);
	}
	return bn_symbol_is_lamp(filler->builtin) ? LAMP_GROUND : opaque(info->background);
}

struct bn_pixels *bn_picture_draw_whole(const struct bn_filler *filler,
		const struct bn_picture_info *info, struct bn_text *text, int32_t width,
		int32_t height) {
	struct bn_pixels *whole = bn_pixels_create(width, height);
	if (whole != NULL) {
		fill(whole, ground_of(filler, info));
		draw_filler(whole, filler, info, text);
	}
	return whole;
}

bool bn_picture_draw(const struct bn_filler *filler, const struct bn_picture_info *info,
		struct bn_text *text, int32_t width, int32_t height, struct bn_picture *ret) {
	struct bn_pixels *whole = bn_picture_draw_whole(filler, info, text, width, height);
	if (whole == NULL) {
		return false;
	}
	uint32_t ground = ground_of(filler, info);
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
