#ifndef BN_LIB_DRAW_H
#define BN_LIB_DRAW_H

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

/** Colours are 0xRRGGBB; opacity goes beside them. */
void bn_draw_source(cairo_t *cr, uint32_t color, double alpha);
void bn_draw_stop(cairo_pattern_t *pattern, double offset, uint32_t color, double alpha);
/** The colour `part` of the way from one to another, 0..1. */
uint32_t bn_draw_mix(uint32_t from, uint32_t to, double part);

void bn_draw_rounded(cairo_t *cr, double x, double y, double width, double height, double radius);
/** Fills the whole clip. */
void bn_draw_fill(cairo_t *cr, uint32_t color, double alpha);
/** A soft disc: the colour at `alpha` in the middle, gone at `radius`. */
void bn_draw_glow(cairo_t *cr, double x, double y, double radius, uint32_t color, double alpha);

/** A soft shadow under a rounded box, `blur` wide; at most `alpha` dark. */
void bn_draw_shadow(cairo_t *cr, double x, double y, double width, double height, double radius,
		double blur, double alpha);

double bn_draw_clamp(double value, double low, double high);
double bn_draw_lerp(double from, double to, double part);
/** 0 at and below `low`, 1 at and above `high`, smooth between. */
double bn_draw_smooth(double low, double high, double value);

/**
 * A part of a window that is painted again only when what it shows changes.
 *
 * `key` stands for everything the picture depends on; the app makes it from its state. Boxes are
 * in logical px.
 */
struct bn_part {
	cairo_rectangle_int_t box;
	uint64_t key;
	bool valid; // false: it was not yet on the window
};

/** Notes what the part shows now; adds its old and new box to the damage if that differs. */
void bn_part_set(struct bn_part *part, const cairo_rectangle_int_t *box, uint64_t key,
		cairo_region_t *damage);
/** Whether a paint of `damage` must draw the part. */
bool bn_part_is_hit(const struct bn_part *part, const cairo_region_t *damage);
/** Mixes a value into a key (FNV-1a over its bytes). */
uint64_t bn_key_mix(uint64_t key, int64_t value);
uint64_t bn_key_text(uint64_t key, const char *text);
#define BN_KEY_START 0xcbf29ce484222325u

/** A picture drawn once and copied often, in window px; `scale` buffer px per logical px. */
struct bn_layer_cache {
	cairo_surface_t *surface; // owned, NULL: to be drawn
	int width, height;        // logical px
};

void bn_layer_cache_drop(struct bn_layer_cache *cache);
/** Makes the surface, transparent; the caller draws with and then destroys the context. */
cairo_t *bn_layer_cache_begin(struct bn_layer_cache *cache, int width, int height, double scale,
		bool opaque);
void bn_layer_cache_paint(const struct bn_layer_cache *cache, cairo_t *cr, double x, double y);

#endif
