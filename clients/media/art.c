#include <math.h>

#include "media/media.h"

// Six covers on a canvas of 100 x 100.

static void vertical(cairo_t *cr, double y1, double y2, uint32_t top, uint32_t middle,
		uint32_t bottom) {
	cairo_pattern_t *pattern = cairo_pattern_create_linear(0, y1, 0, y2);
	bn_draw_stop(pattern, 0, top, 1);
	bn_draw_stop(pattern, 0.5, middle, 1);
	bn_draw_stop(pattern, 1, bottom, 1);
	cairo_set_source(cr, pattern);
	cairo_pattern_destroy(pattern);
}

static void hill(cairo_t *cr, double base, double height, double wave, double phase) {
	cairo_move_to(cr, 0, 100);
	for (int i = 0; i <= 50; i++) {
		double x = i * 2;
		double y = base
				- height
						* (0.6 * sin(x / wave + phase)
								+ 0.4 * sin(x / wave * 2.1 + phase * 3));
		cairo_line_to(cr, x, y);
	}
	cairo_line_to(cr, 100, 100);
	cairo_close_path(cr);
}

static void disc(cairo_t *cr, double x, double y, double radius) {
	cairo_new_sub_path(cr);
	cairo_arc(cr, x, y, radius, 0, 2 * M_PI);
}

static void draw_dunes(cairo_t *cr) {
	vertical(cr, 0, 80, 0x2b1d4f, 0xb4476a, 0xffb26b);
	cairo_paint(cr);
	bn_draw_glow(cr, 62, 46, 46, 0xffd9a0, 0.7);
	vertical(cr, 28, 64, 0xfff1d6, 0xffcf8f, 0xff9a62);
	disc(cr, 62, 46, 17);
	cairo_fill(cr);
	static const uint32_t colors[][2] = { { 0xd9694f, 0xb04a56 }, { 0x9c3f5c, 0x6a2c58 },
		{ 0x5b2755, 0x2c1740 } };
	for (int i = 0; i < 3; i++) {
		vertical(cr, 54 + i * 13, 100, colors[i][0], colors[i][1], colors[i][1]);
		hill(cr, 62 + i * 13, 5 + i, 15 - i * 2, 0.7 + i * 1.9);
		cairo_fill(cr);
	}
}

static void draw_harbour(cairo_t *cr) {
	vertical(cr, 0, 100, 0x0d2b45, 0x136f7d, 0x9fe0d2);
	cairo_paint(cr);
	for (int i = 11; i >= 0; i--) {
		double radius = 8 + i * 7.5;
		bn_draw_source(cr, i % 2 == 0 ? 0x0b3a55 : 0x35b3a8, i % 2 == 0 ? 0.34 : 0.26);
		cairo_arc(cr, 50, 100, radius, M_PI, 2 * M_PI);
		cairo_close_path(cr);
		cairo_fill(cr);
	}
	bn_draw_source(cr, 0xf7f3e3, 1);
	cairo_move_to(cr, 50, 22);
	cairo_line_to(cr, 66, 74);
	cairo_line_to(cr, 50, 74);
	cairo_close_path(cr);
	cairo_fill(cr);
	bn_draw_source(cr, 0xf2a65a, 1);
	cairo_move_to(cr, 47, 30);
	cairo_line_to(cr, 47, 74);
	cairo_line_to(cr, 33, 74);
	cairo_close_path(cr);
	cairo_fill(cr);
	bn_draw_source(cr, 0x08243a, 1);
	cairo_move_to(cr, 27, 77);
	cairo_line_to(cr, 73, 77);
	cairo_curve_to(cr, 70, 85, 62, 87, 50, 87);
	cairo_curve_to(cr, 38, 87, 30, 85, 27, 77);
	cairo_fill(cr);
}

static void draw_orbit(cairo_t *cr) {
	vertical(cr, 0, 100, 0x0a0a1c, 0x15143a, 0x2a2458);
	cairo_paint(cr);
	for (int i = 0; i < 60; i++) {
		double x = fmod(i * 37.7, 100), y = fmod(i * 61.3 + 13, 100);
		bn_draw_source(cr, 0xffffff, 0.15 + 0.6 * fmod(i * 0.37, 1));
		disc(cr, x, y, 0.25 + 0.3 * fmod(i * 0.61, 1));
		cairo_fill(cr);
	}
	bn_draw_glow(cr, 50, 52, 48, 0x7f8cff, 0.5);
	cairo_pattern_t *ball = cairo_pattern_create_radial(40, 40, 2, 50, 52, 27);
	bn_draw_stop(ball, 0, 0xf4e6ff, 1);
	bn_draw_stop(ball, 0.4, 0x9a8cf0, 1);
	bn_draw_stop(ball, 1, 0x2b2470, 1);
	cairo_set_source(cr, ball);
	disc(cr, 50, 52, 26);
	cairo_fill(cr);
	cairo_pattern_destroy(ball);
	cairo_save(cr);
	cairo_translate(cr, 50, 52);
	cairo_rotate(cr, -0.35);
	cairo_scale(cr, 1, 0.26);
	for (int i = 0; i < 3; i++) {
		cairo_new_sub_path(cr);
		cairo_arc(cr, 0, 0, 37 + i * 4.4, -0.42, M_PI + 0.42);
		cairo_set_line_width(cr, i == 1 ? 3.4 : 1.6);
		bn_draw_source(cr, 0xf6d9c4, 0.9 - i * 0.2);
		cairo_stroke(cr);
	}
	cairo_restore(cr);
	bn_draw_source(cr, 0xffe3c2, 1);
	disc(cr, 83, 21, 3.2);
	cairo_fill(cr);
}

static void triangle(cairo_t *cr, const double p[6], uint32_t color) {
	cairo_move_to(cr, p[0], p[1]);
	cairo_line_to(cr, p[2], p[3]);
	cairo_line_to(cr, p[4], p[5]);
	cairo_close_path(cr);
	bn_draw_source(cr, color, 1);
	cairo_fill(cr);
}

static void crane(cairo_t *cr, double x, double y, double size) {
	cairo_save(cr);
	cairo_translate(cr, x, y);
	cairo_scale(cr, size, size);
	static const double wing_far[] = { -4, 4, 8, -26, 14, 6 };
	static const double wing_near[] = { -10, 6, 26, -16, 16, 8 };
	static const double body[] = { -16, 2, 18, 4, 4, 16 };
	static const double neck[] = { -16, 2, -26, -14, -9, 6 };
	static const double head[] = { -26, -14, -33, -10, -23, -8 };
	static const double tail[] = { 14, 4, 34, -8, 12, 12 };
	triangle(cr, tail, 0xc05b46);
	triangle(cr, wing_far, 0xb14e3f);
	triangle(cr, body, 0x8d3a34);
	triangle(cr, wing_near, 0xe07a5a);
	triangle(cr, neck, 0xd76a4e);
	triangle(cr, head, 0x8d3a34);
	cairo_restore(cr);
}

static void draw_cranes(cairo_t *cr) {
	vertical(cr, 0, 100, 0xf6ead6, 0xefdcc0, 0xe3c39c);
	cairo_paint(cr);
	bn_draw_source(cr, 0xf2b79a, 0.8);
	disc(cr, 50, 44, 31);
	cairo_fill(cr);
	crane(cr, 52, 54, 1.25);
	crane(cr, 25, 24, 0.4);
	crane(cr, 80, 20, 0.3);
}

static void draw_neon(cairo_t *cr) {
	vertical(cr, 0, 60, 0x12082e, 0x5a1670, 0xff4f8f);
	cairo_paint(cr);
	for (int i = 0; i < 7; i++) {
		cairo_save(cr);
		disc(cr, 50, 46, 22);
		cairo_clip(cr);
		vertical(cr, 24, 60, 0xffe27a, 0xff9a5c, 0xff3d7f);
		cairo_rectangle(cr, 20, 24 + i * 5.2, 60, 5.2 - i * 0.55);
		cairo_fill(cr);
		cairo_restore(cr);
	}
	bn_draw_source(cr, 0x0c0620, 1);
	cairo_rectangle(cr, 0, 60, 100, 40);
	cairo_fill(cr);
	cairo_set_line_width(cr, 0.6);
	for (int i = -12; i <= 12; i++) {
		cairo_move_to(cr, 50 + i * 3.2, 60);
		cairo_line_to(cr, 50 + i * 19, 100);
	}
	for (int i = 0; i < 8; i++) {
		double y = 60 + 40 / pow(1.55, i);
		cairo_move_to(cr, 0, y);
		cairo_line_to(cr, 100, y);
	}
	vertical(cr, 60, 100, 0x6a2aa8, 0xd43fd0, 0x3fd4ff);
	cairo_stroke(cr);
	bn_draw_glow(cr, 50, 60, 50, 0xff5fa8, 0.35);
}

static void draw_cedar(cairo_t *cr) {
	vertical(cr, 0, 100, 0xcfe3d6, 0xa9cbb8, 0x6fa08e);
	cairo_paint(cr);
	bn_draw_source(cr, 0xfbfaf0, 0.9);
	disc(cr, 30, 27, 9);
	cairo_fill(cr);
	for (int layer = 0; layer < 4; layer++) {
		uint32_t color = bn_draw_mix(0x86b3a0, 0x12352f, layer / 3.0);
		double base = 58 + layer * 12.0, size = 10 + layer * 5.0;
		bn_draw_source(cr, color, 1);
		for (int i = -1; i < 11; i++) {
			double x = i * (10.5 + layer * 1.5) + fmod(i * 7.7 + layer * 5.3, 6);
			double tall = size * (0.8 + 0.5 * fmod(fabs(i * 0.618 + layer * 0.37), 1));
			cairo_move_to(cr, x, base - tall);
			cairo_line_to(cr, x + tall * 0.26, base + 2);
			cairo_line_to(cr, x - tall * 0.26, base + 2);
			cairo_close_path(cr);
		}
		cairo_rectangle(cr, 0, base, 100, 100 - base);
		cairo_fill(cr);
	}
}

void bn_media_draw_art(cairo_t *cr, int track, double size) {
	static void (*const covers[BN_MEDIA_TRACKS])(cairo_t *cr) = { draw_dunes, draw_harbour,
		draw_orbit, draw_cranes, draw_neon, draw_cedar };
	cairo_save(cr);
	cairo_rectangle(cr, 0, 0, size, size);
	cairo_clip(cr);
	cairo_scale(cr, size / 100, size / 100);
	covers[track](cr);
	cairo_restore(cr);
}
