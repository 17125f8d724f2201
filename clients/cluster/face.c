#include <math.h>
#include <stdio.h>

#include "cluster/cluster.h"

void bn_cluster_draw_background(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr) {
	const struct bn_cluster_frame *frame = &cluster->frame;
	const struct bn_palette *palette = &view->palette;
	uint32_t edge = palette->dark ? bn_draw_mix(palette->background, 0x000000, 0.45)
				      : bn_draw_mix(palette->background, 0x8a97a6, 0.22);
	uint32_t middle = palette->dark
			? bn_draw_mix(palette->background, palette->foreground, 0.055)
			: bn_draw_mix(palette->background, 0xffffff, 0.5);
	bn_draw_fill(cr, edge, 1);
	// One soft light from above the road; the eye goes to the middle, the rim stays quiet.
	cairo_save(cr);
	cairo_translate(cr, frame->center_x, frame->top + 230);
	cairo_scale(cr, frame->width / 648, 1);
	cairo_pattern_t *light = cairo_pattern_create_radial(0, 0, 0, 0, 0, 460);
	bn_draw_stop(light, 0, middle, 1);
	bn_draw_stop(light, 0.45, bn_draw_mix(middle, edge, 0.45), 1);
	bn_draw_stop(light, 1, edge, 1);
	cairo_set_source(cr, light);
	cairo_paint(cr);
	cairo_pattern_destroy(light);
	cairo_restore(cr);
}

static void draw_disc(const struct bn_app_view *view, cairo_t *cr, double x, double y) {
	const struct bn_palette *palette = &view->palette;
	double radius = BN_CLUSTER_RING_RADIUS;
	uint32_t top = palette->dark ? bn_draw_mix(palette->background, palette->foreground, 0.07)
				     : 0xffffff;
	uint32_t bottom = palette->dark ? bn_draw_mix(palette->background, 0x000000, 0.35)
					: bn_draw_mix(palette->background, 0xffffff, 0.2);
	cairo_pattern_t *fill = cairo_pattern_create_linear(x, y - radius, x, y + radius);
	bn_draw_stop(fill, 0, top, 0.85);
	bn_draw_stop(fill, 1, bottom, 0.55);
	cairo_set_source(cr, fill);
	cairo_arc(cr, x, y, radius - 26, 0, 2 * M_PI);
	cairo_fill(cr);
	cairo_pattern_destroy(fill);
	cairo_pattern_t *rim = cairo_pattern_create_linear(x, y - radius, x, y + radius);
	bn_draw_stop(rim, 0, palette->foreground, palette->dark ? 0.16 : 0.1);
	bn_draw_stop(rim, 0.6, palette->foreground, 0.03);
	cairo_set_source(cr, rim);
	cairo_set_line_width(cr, 1.2);
	cairo_arc(cr, x, y, radius - 26, 0, 2 * M_PI);
	cairo_stroke(cr);
	cairo_pattern_destroy(rim);
}

static void draw_track(const struct bn_app_view *view, cairo_t *cr, double x, double y, double from,
		double until) {
	bn_draw_source(cr, view->palette.foreground, view->palette.dark ? 0.11 : 0.12);
	cairo_set_line_width(cr, 7);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_arc(cr, x, y, BN_CLUSTER_RING_RADIUS, from, until);
	cairo_stroke(cr);
}

static void draw_tick(const struct bn_app_view *view, cairo_t *cr, double x, double y, double angle,
		double length, double alpha) {
	double outer = BN_CLUSTER_RING_RADIUS - 12, inner = outer - length;
	bn_draw_source(cr, view->palette.foreground, alpha);
	cairo_set_line_width(cr, 1.8);
	cairo_move_to(cr, x + cos(angle) * inner, y + sin(angle) * inner);
	cairo_line_to(cr, x + cos(angle) * outer, y + sin(angle) * outer);
	cairo_stroke(cr);
}

static void draw_speed_scale(const struct bn_app_view *view, cairo_t *cr, double x, double y) {
	const struct bn_text_style style = { .face = BN_FACE_MEDIUM,
		.size = 17,
		.color = view->palette.muted,
		.align = BN_ALIGN_CENTER };
	draw_track(view, cr, x, y, BN_CLUSTER_RING_START,
			BN_CLUSTER_RING_START + BN_CLUSTER_RING_SWEEP);
	for (int speed = 0; speed <= (int)BN_CLUSTER_SPEED_MAX; speed += 10) {
		double angle = bn_cluster_speed_angle(speed);
		bool major = speed % 20 == 0;
		draw_tick(view, cr, x, y, angle, major ? 10 : 6, major ? 0.5 : 0.2);
		if (speed % 40 == 0) {
			char text[8];
			snprintf(text, sizeof(text), "%d", speed);
			double radius = BN_CLUSTER_RING_RADIUS + 30;
			bn_text_draw(cr, view->fonts, &style, x + cos(angle) * radius,
					y + sin(angle) * radius + 6, text);
		}
	}
}

static void draw_power_scale(const struct bn_app_view *view, cairo_t *cr, double x, double y) {
	double zero = bn_cluster_power_angle(0), gap = 0.02;
	draw_track(view, cr, x, y, BN_CLUSTER_RING_START, zero - gap * 1.6);
	draw_track(view, cr, x, y, zero + gap * 1.6, BN_CLUSTER_RING_START + BN_CLUSTER_RING_SWEEP);
	for (int power = (int)BN_CLUSTER_POWER_MIN; power <= (int)BN_CLUSTER_POWER_MAX;
			power += 20) {
		double angle = bn_cluster_power_angle(power);
		draw_tick(view, cr, x, y, angle, power % 40 == 0 ? 10 : 6,
				power % 40 == 0 ? 0.5 : 0.2);
	}
	struct bn_text_style style = { .face = BN_FACE_SEMIBOLD,
		.size = 14,
		.tracking = 0.12,
		.color = view->palette.muted,
		.align = BN_ALIGN_RIGHT };
	style.align = BN_ALIGN_CENTER;
	double end = BN_CLUSTER_RING_START + BN_CLUSTER_RING_SWEEP, radius = BN_CLUSTER_RING_RADIUS;
	double below = y + sin(end) * radius + 34;
	bn_text_draw(cr, view->fonts, &style, x + cos(BN_CLUSTER_RING_START) * radius + 6, below,
			"CHARGE");
	bn_text_draw(cr, view->fonts, &style, x + cos(end) * radius - 6, below, "POWER");
}

void bn_cluster_draw_face(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr) {
	const struct bn_cluster_frame *frame = &cluster->frame;
	double y = BN_CLUSTER_RING_Y + frame->top;
	draw_disc(view, cr, frame->left_x, y);
	draw_disc(view, cr, frame->right_x, y);
	draw_speed_scale(view, cr, frame->left_x, y);
	draw_power_scale(view, cr, frame->right_x, y);
}

static void gradient(cairo_t *cr, double y1, double y2, const uint32_t (*colors)[2], size_t count) {
	cairo_pattern_t *pattern = cairo_pattern_create_linear(0, y1, 0, y2);
	for (size_t i = 0; i < count; i++) {
		bn_draw_stop(pattern, colors[i][0] / 100.0, colors[i][1], 1);
	}
	cairo_set_source(cr, pattern);
	cairo_pattern_destroy(pattern);
}

static void draw_tail_lights(cairo_t *cr, bool braking) {
	uint32_t color = braking ? 0xff3b30 : 0xc8231c;
	if (braking) {
		bn_draw_glow(cr, 24, 74, 46, 0xff2d20, 0.55);
		bn_draw_glow(cr, 176, 74, 46, 0xff2d20, 0.55);
	}
	bn_draw_glow(cr, 100, 73, 96, 0xff2d20, braking ? 0.2 : 0.1);
	bn_draw_source(cr, color, 1);
	bn_draw_rounded(cr, 14, 71, 172, 3.4, 1.7);
	cairo_fill(cr);
	bn_draw_rounded(cr, 12, 69, 40, braking ? 8 : 6.5, 3);
	bn_draw_rounded(cr, 148, 69, 40, braking ? 8 : 6.5, 3);
	cairo_fill(cr);
	if (braking) {
		bn_draw_source(cr, 0xffc9c2, 0.9);
		bn_draw_rounded(cr, 16, 71.5, 32, 2.6, 1.3);
		bn_draw_rounded(cr, 152, 71.5, 32, 2.6, 1.3);
		cairo_fill(cr);
		bn_draw_source(cr, 0xff3b30, 1);
		bn_draw_rounded(cr, 84, 17, 32, 2.4, 1.2);
		cairo_fill(cr);
	}
}

/** The car from behind, 200 x 136, its wheels on the lower edge. */
void bn_cluster_draw_car(cairo_t *cr, bool braking) {
	cairo_save(cr);
	cairo_translate(cr, 100, 130);
	cairo_scale(cr, 1, 0.14);
	bn_draw_glow(cr, 0, 0, 118, 0x000000, 0.9);
	cairo_restore(cr);
	bn_draw_source(cr, 0x07090b, 1);
	bn_draw_rounded(cr, 18, 96, 30, 36, 7);
	bn_draw_rounded(cr, 152, 96, 30, 36, 7);
	cairo_fill(cr);

	static const uint32_t roof[][2] = { { 0, 0xaab4bf }, { 30, 0x6d7884 }, { 100, 0x3c444e } };
	cairo_move_to(cr, 30, 60);
	cairo_curve_to(cr, 44, 26, 54, 11, 76, 9);
	cairo_curve_to(cr, 88, 8, 112, 8, 124, 9);
	cairo_curve_to(cr, 146, 11, 156, 26, 170, 60);
	cairo_close_path(cr);
	gradient(cr, 8, 60, roof, 3);
	cairo_fill(cr);
	static const uint32_t glass[][2] = { { 0, 0x10151b }, { 60, 0x1d2630 }, { 100, 0x364452 } };
	cairo_move_to(cr, 46, 55);
	cairo_curve_to(cr, 54, 34, 60, 22, 74, 20);
	cairo_curve_to(cr, 88, 18.6, 112, 18.6, 126, 20);
	cairo_curve_to(cr, 140, 22, 146, 34, 154, 55);
	cairo_curve_to(cr, 136, 58, 64, 58, 46, 55);
	gradient(cr, 18, 57, glass, 3);
	cairo_fill(cr);

	static const uint32_t body[][2] = { { 0, 0xc3ccd5 }, { 14, 0x99a4af }, { 42, 0x69737e },
		{ 75, 0x3b434c }, { 100, 0x23292f } };
	cairo_move_to(cr, 12, 110);
	cairo_curve_to(cr, 4, 96, 4, 82, 8, 72);
	cairo_curve_to(cr, 12, 62, 24, 56, 40, 54);
	cairo_curve_to(cr, 70, 59, 130, 59, 160, 54);
	cairo_curve_to(cr, 176, 56, 188, 62, 192, 72);
	cairo_curve_to(cr, 196, 82, 196, 96, 188, 110);
	cairo_curve_to(cr, 184, 117, 176, 118, 166, 118);
	cairo_line_to(cr, 34, 118);
	cairo_curve_to(cr, 24, 118, 16, 117, 12, 110);
	gradient(cr, 54, 118, body, 5);
	cairo_fill(cr);
	static const uint32_t bumper[][2] = { { 0, 0x1a1f25 }, { 100, 0x0c0f12 } };
	cairo_move_to(cr, 26, 120);
	cairo_curve_to(cr, 30, 104, 38, 100, 56, 100);
	cairo_line_to(cr, 144, 100);
	cairo_curve_to(cr, 162, 100, 170, 104, 174, 120);
	cairo_close_path(cr);
	gradient(cr, 100, 120, bumper, 2);
	cairo_fill(cr);
	bn_draw_source(cr, 0xd8dee4, 0.85);
	bn_draw_rounded(cr, 82, 85, 36, 9, 1.5);
	cairo_fill(cr);
	draw_tail_lights(cr, braking);
}
