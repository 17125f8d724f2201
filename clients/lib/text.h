#ifndef BN_LIB_TEXT_H
#define BN_LIB_TEXT_H

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

/** Inter for small sizes, Inter Display for large ones. */
enum bn_face {
	BN_FACE_REGULAR,
	BN_FACE_MEDIUM,
	BN_FACE_SEMIBOLD,
	BN_FACE_DISPLAY_EXTRALIGHT,
	BN_FACE_DISPLAY_LIGHT,
	BN_FACE_DISPLAY,
	BN_FACE_DISPLAY_MEDIUM,
	BN_FACE_DISPLAY_SEMIBOLD,
	BN_FACE_COUNT,
};

enum bn_align {
	BN_ALIGN_LEFT,
	BN_ALIGN_CENTER,
	BN_ALIGN_RIGHT,
};

/** Loaded faces; opened from the files of fonts-inter, else whatever fontconfig calls sans-serif. */
struct bn_fonts;

struct bn_text_style {
	enum bn_face face;
	double size;     // px of the em
	double tracking; // extra space after each glyph, in em
	uint32_t color;  // 0xRRGGBB
	double alpha;    // 0: taken as 1
	enum bn_align align;
	bool tabular; // all digits equally wide: a counter does not jitter
};

struct bn_fonts *bn_fonts_create(void);
void bn_fonts_destroy(struct bn_fonts *fonts);

/** Width in px. */
double bn_text_width(cairo_t *cr, const struct bn_fonts *fonts, const struct bn_text_style *style,
		const char *text);
/** Draws on the baseline `y`; returns the width. */
double bn_text_draw(cairo_t *cr, const struct bn_fonts *fonts, const struct bn_text_style *style,
		double x, double y, const char *text);
/** As bn_text_draw, but shortened with an ellipsis to fit `width`. */
double bn_text_draw_within(cairo_t *cr, const struct bn_fonts *fonts,
		const struct bn_text_style *style, double x, double y, double width,
		const char *text);
/** Adds the outlines to the path instead of filling them. */
void bn_text_path(cairo_t *cr, const struct bn_fonts *fonts, const struct bn_text_style *style,
		double x, double y, const char *text);

#endif
