#include <math.h>

#include "media/media.h"

// Icons on a canvas of 100 x 100, in the source that is set.

static void triangle(cairo_t *cr, double x, double width, double y, double height) {
	cairo_move_to(cr, x, y - height / 2);
	cairo_line_to(cr, x + width, y);
	cairo_line_to(cr, x, y + height / 2);
	cairo_close_path(cr);
}

static void draw_skip(cairo_t *cr) {
	cairo_set_line_width(cr, 7);
	triangle(cr, 24, 40, 50, 46);
	cairo_stroke_preserve(cr);
	cairo_fill(cr);
	cairo_set_line_width(cr, 9);
	cairo_move_to(cr, 77, 26);
	cairo_line_to(cr, 77, 74);
	cairo_stroke(cr);
}

static void draw_heart(cairo_t *cr, bool on) {
	cairo_set_line_width(cr, 7.5);
	cairo_move_to(cr, 50, 82);
	cairo_curve_to(cr, 20, 60, 12, 46, 14, 34);
	cairo_curve_to(cr, 17, 17, 40, 14, 50, 32);
	cairo_curve_to(cr, 60, 14, 83, 17, 86, 34);
	cairo_curve_to(cr, 88, 46, 80, 60, 50, 82);
	cairo_close_path(cr);
	if (on) {
		cairo_fill_preserve(cr);
	}
	cairo_stroke(cr);
}

static void draw_repeat(cairo_t *cr) {
	cairo_set_line_width(cr, 7.5);
	cairo_move_to(cr, 18, 48);
	cairo_curve_to(cr, 18, 32, 24, 28, 38, 28);
	cairo_line_to(cr, 80, 28);
	cairo_move_to(cr, 66, 14);
	cairo_line_to(cr, 81, 28);
	cairo_line_to(cr, 66, 42);
	cairo_move_to(cr, 82, 52);
	cairo_curve_to(cr, 82, 68, 76, 72, 62, 72);
	cairo_line_to(cr, 20, 72);
	cairo_move_to(cr, 34, 58);
	cairo_line_to(cr, 19, 72);
	cairo_line_to(cr, 34, 86);
	cairo_stroke(cr);
}

static void draw_play(cairo_t *cr, bool playing) {
	if (playing) {
		bn_draw_rounded(cr, 27, 22, 15, 56, 4);
		bn_draw_rounded(cr, 58, 22, 15, 56, 4);
	} else {
		cairo_set_line_width(cr, 7);
		triangle(cr, 34, 42, 50, 50);
		cairo_stroke_preserve(cr);
	}
	cairo_fill(cr);
}

void bn_media_draw_icon(cairo_t *cr, enum bn_media_button button, bool on, double x, double y,
		double size) {
	cairo_save(cr);
	cairo_translate(cr, x - size / 2, y - size / 2);
	cairo_scale(cr, size / 100, size / 100);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	switch (button) {
	case BN_MEDIA_PREVIOUS:
		cairo_translate(cr, 100, 0);
		cairo_scale(cr, -1, 1);
		draw_skip(cr);
		break;
	case BN_MEDIA_NEXT:
		draw_skip(cr);
		break;
	case BN_MEDIA_LIKE:
		draw_heart(cr, on);
		break;
	case BN_MEDIA_REPEAT:
		draw_repeat(cr);
		break;
	case BN_MEDIA_PLAY:
	case BN_MEDIA_BUTTON_COUNT:
		draw_play(cr, on);
		break;
	}
	cairo_restore(cr);
}
