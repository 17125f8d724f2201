#include "lib/draw.h"

#include <math.h>
#include <string.h>

static double channel(uint32_t color, int shift) {
	return ((color >> shift) & 0xff) / 255.0;
}

void bn_draw_source(cairo_t *cr, uint32_t color, double alpha) {
	cairo_set_source_rgba(cr, channel(color, 16), channel(color, 8), channel(color, 0), alpha);
}

void bn_draw_stop(cairo_pattern_t *pattern, double offset, uint32_t color, double alpha) {
	cairo_pattern_add_color_stop_rgba(pattern, offset, channel(color, 16), channel(color, 8),
			channel(color, 0), alpha);
}

uint32_t bn_draw_mix(uint32_t from, uint32_t to, double part) {
	uint32_t result = 0;
	for (int shift = 0; shift <= 16; shift += 8) {
		double value = bn_draw_lerp((from >> shift) & 0xff, (to >> shift) & 0xff, part);
		result |= (uint32_t)lround(bn_draw_clamp(value, 0, 255)) << shift;
	}
	return result;
}

void bn_draw_rounded(cairo_t *cr, double x, double y, double width, double height, double radius) {
	double r = fmin(radius, fmin(width, height) / 2);
	cairo_new_sub_path(cr);
	cairo_arc(cr, x + width - r, y + r, r, -M_PI / 2, 0);
	cairo_arc(cr, x + width - r, y + height - r, r, 0, M_PI / 2);
	cairo_arc(cr, x + r, y + height - r, r, M_PI / 2, M_PI);
	cairo_arc(cr, x + r, y + r, r, M_PI, 3 * M_PI / 2);
	cairo_close_path(cr);
}

void bn_draw_fill(cairo_t *cr, uint32_t color, double alpha) {
	bn_draw_source(cr, color, alpha);
	cairo_paint(cr);
}

void bn_draw_glow(cairo_t *cr, double x, double y, double radius, uint32_t color, double alpha) {
	cairo_pattern_t *glow = cairo_pattern_create_radial(x, y, 0, x, y, radius);
	// Four stops come near to a bell curve; two would show a bright cone.
	bn_draw_stop(glow, 0, color, alpha);
	bn_draw_stop(glow, 0.35, color, alpha * 0.56);
	bn_draw_stop(glow, 0.7, color, alpha * 0.12);
	bn_draw_stop(glow, 1, color, 0);
	cairo_set_source(cr, glow);
	cairo_rectangle(cr, x - radius, y - radius, 2 * radius, 2 * radius);
	cairo_fill(cr);
	cairo_pattern_destroy(glow);
}

void bn_draw_shadow(cairo_t *cr, double x, double y, double width, double height, double radius,
		double blur, double alpha) {
	// Boxes in each other, the inner ones darker: their sum falls off like a blurred edge. A step
	// of 2 px with so little alpha each cannot be seen.
	int count = (int)bn_draw_clamp(blur / 2, 4, 40);
	for (int i = count; i >= 1; i--) {
		double grow = blur * i / count;
		bn_draw_source(cr, 0x000000, alpha * 2 * (count - i + 0.5) / (count * count));
		bn_draw_rounded(cr, x - grow, y - grow, width + 2 * grow, height + 2 * grow,
				radius + grow);
		cairo_fill(cr);
	}
}

double bn_draw_clamp(double value, double low, double high) {
	return value < low ? low : value > high ? high : value;
}

double bn_draw_lerp(double from, double to, double part) {
	return from + (to - from) * part;
}

double bn_draw_smooth(double low, double high, double value) {
	double part = bn_draw_clamp((value - low) / (high - low), 0, 1);
	return part * part * (3 - 2 * part);
}

void bn_part_set(struct bn_part *part, const cairo_rectangle_int_t *box, uint64_t key,
		cairo_region_t *damage) {
	bool same_box = part->valid && memcmp(&part->box, box, sizeof(*box)) == 0;
	if (same_box && part->key == key) {
		return;
	}
	if (part->valid && !same_box) {
		cairo_region_union_rectangle(damage, &part->box);
	}
	cairo_region_union_rectangle(damage, box);
	part->box = *box;
	part->key = key;
	part->valid = true;
}

bool bn_part_is_hit(const struct bn_part *part, const cairo_region_t *damage) {
	return part->valid
			&& cairo_region_contains_rectangle(damage, &part->box)
			!= CAIRO_REGION_OVERLAP_OUT;
}

uint64_t bn_key_mix(uint64_t key, int64_t value) {
	uint64_t bits = (uint64_t)value;
	for (int i = 0; i < 8; i++) {
		key = (key ^ ((bits >> (8 * i)) & 0xff)) * 0x100000001b3u;
	}
	return key;
}

uint64_t bn_key_text(uint64_t key, const char *text) {
	for (; *text; text++) {
		key = (key ^ (unsigned char)*text) * 0x100000001b3u;
	}
	return key;
}

void bn_layer_cache_drop(struct bn_layer_cache *cache) {
	if (cache->surface) {
		cairo_surface_destroy(cache->surface);
		cache->surface = NULL;
	}
}

cairo_t *bn_layer_cache_begin(struct bn_layer_cache *cache, int width, int height, double scale,
		bool opaque) {
	bn_layer_cache_drop(cache);
	cache->width = width;
	cache->height = height;
	cache->surface = cairo_image_surface_create(opaque ? CAIRO_FORMAT_RGB24
							   : CAIRO_FORMAT_ARGB32,
			(int)ceil(width * scale), (int)ceil(height * scale));
	cairo_surface_set_device_scale(cache->surface, scale, scale);
	return cairo_create(cache->surface);
}

void bn_layer_cache_paint(const struct bn_layer_cache *cache, cairo_t *cr, double x, double y) {
	cairo_set_source_surface(cr, cache->surface, x, y);
	cairo_paint(cr);
}
