#include <math.h>
#include <stdio.h>

#include "camera/camera.h"

#define START_OF_DAY_MS ((9 * 60 + 41) * 60000LL)

static void draw_pill(cairo_t *cr, double x, double y, double width, double height) {
	bn_draw_source(cr, 0x0a0c0f, 0.62);
	bn_draw_rounded(cr, x, y, width, height, height / 2);
	cairo_fill(cr);
}

static void draw_header(const struct bn_app_view *view, cairo_t *cr) {
	const struct bn_text_style style = {
		.face = BN_FACE_SEMIBOLD, .size = 22, .color = 0xffffff
	};
	double width = bn_text_width(cr, view->fonts, &style, "Rear view") + 74;
	draw_pill(cr, 36, 36, width, 52);
	bn_draw_source(cr, 0x35d07f, 1);
	cairo_arc(cr, 64, 62, 6, 0, 2 * M_PI);
	cairo_fill(cr);
	bn_text_draw(cr, view->fonts, &style, 84, 70, "Rear view");
}

/** Number and time of the picture: they prove that it is live. */
static void draw_counter(const struct bn_camera *camera, const struct bn_app_view *view,
		cairo_t *cr, double right) {
	int64_t ms = START_OF_DAY_MS + camera->picture * 1000 / BN_CAMERA_RATE;
	char time[32], number[32];
	snprintf(time, sizeof(time), "%02d:%02d:%02d.%02d", (int)(ms / 3600000 % 24),
			(int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms / 10 % 100));
	snprintf(number, sizeof(number), "#%06d", (int)(camera->picture % 1000000));
	const struct bn_text_style strong = { .face = BN_FACE_MEDIUM,
		.size = 20,
		.color = 0xffffff,
		.align = BN_ALIGN_RIGHT,
		.tabular = true };
	struct bn_text_style quiet = strong;
	quiet.alpha = 0.6;
	draw_pill(cr, right - 282, 36, 282, 52);
	bn_text_draw(cr, view->fonts, &strong, right - 26, 69, time);
	bn_text_draw(cr, view->fonts, &quiet, right - 160, 69, number);
}

static double obstacle_m(const struct bn_camera *camera) {
	struct bn_walker walker = bn_camera_walker(camera);
	return fabs(walker.x) < 2.2 ? walker.z - 0.2 : 99;
}

/** Corners around the pedestrian, and the distance beside them. */
static void draw_detection(const struct bn_camera *camera, const struct bn_app_view *view,
		cairo_t *cr) {
	struct bn_walker walker = bn_camera_walker(camera);
	double x1, y1, x2, y2;
	if (obstacle_m(camera) > 20
			|| !bn_camera_project(camera, walker.x - 0.48, 1.86, walker.z, &x1, &y1)
			|| !bn_camera_project(camera, walker.x + 0.48, 0, walker.z, &x2, &y2)) {
		return;
	}
	double u = camera->unit, left = x1 / u, top = y1 / u, right = x2 / u, bottom = y2 / u + 4;
	double length = (right - left) * 0.24;
	cairo_set_line_width(cr, 3.5);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	const double corners[4][4] = { { left, top, 1, 1 }, { right, top, -1, 1 },
		{ left, bottom, 1, -1 }, { right, bottom, -1, -1 } };
	for (int i = 0; i < 4; i++) {
		const double *corner = corners[i];
		cairo_move_to(cr, corner[0] + corner[2] * length, corner[1]);
		cairo_line_to(cr, corner[0], corner[1]);
		cairo_line_to(cr, corner[0], corner[1] + corner[3] * length);
	}
	bn_draw_source(cr, 0xffb020, 1);
	cairo_stroke(cr);
	char text[24];
	snprintf(text, sizeof(text), "%.1f m", walker.z - 0.2);
	const struct bn_text_style style = {
		.face = BN_FACE_SEMIBOLD, .size = 20, .color = 0x161005, .align = BN_ALIGN_CENTER
	};
	double middle = (left + right) / 2;
	bn_draw_source(cr, 0xffb020, 1);
	bn_draw_rounded(cr, middle - 42, top - 44, 84, 32, 16);
	cairo_fill(cr);
	bn_text_draw(cr, view->fonts, &style, middle, top - 21, text);
}

static void draw_top_car(cairo_t *cr, double x, double y) {
	bn_draw_source(cr, 0xe9edf0, 1);
	bn_draw_rounded(cr, x - 31, y - 66, 62, 132, 24);
	cairo_fill(cr);
	bn_draw_source(cr, 0x2a323a, 1);
	bn_draw_rounded(cr, x - 24, y - 30, 48, 24, 9);
	bn_draw_rounded(cr, x - 23, y + 26, 46, 18, 8);
	cairo_fill(cr);
	bn_draw_source(cr, 0xbfc7ce, 1);
	bn_draw_rounded(cr, x - 24, y - 3, 48, 26, 5);
	cairo_fill(cr);
	bn_draw_source(cr, 0xff453a, 1);
	bn_draw_rounded(cr, x - 27, y + 58, 14, 5, 2);
	bn_draw_rounded(cr, x + 13, y + 58, 14, 5, 2);
	cairo_fill(cr);
}

/** The car from above with what its sensors hear. */
static void draw_sensors(const struct bn_camera *camera, const struct bn_app_view *view,
		cairo_t *cr, double right, double bottom) {
	double width = 236, height = 300, x = right - width, y = bottom - height;
	bn_draw_source(cr, 0x0a0c0f, 0.66);
	bn_draw_rounded(cr, x, y, width, height, 26);
	cairo_fill(cr);
	double middle = x + width / 2, car = y + 104;
	struct bn_walker walker = bn_camera_walker(camera);
	bool near = obstacle_m(camera) < 20;
	for (int ring = 0; ring < 4; ring++) {
		for (int part = 0; part < 4; part++) {
			double from = M_PI * 0.25 + part * M_PI * 0.125 + 0.02;
			double until = from + M_PI * 0.125 - 0.04;
			// Angles run clockwise from the right; the picture's left is the left of the car.
			double seen = (1.5 - part) * 1.1;
			bool hit = near && ring == 3 && fabs(walker.x - seen) < 0.75;
			bn_draw_source(cr, hit ? 0xffb020 : 0xffffff, hit ? 1 : 0.13);
			cairo_set_line_width(cr, 9);
			cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
			cairo_arc(cr, middle, car + 8, 82 + ring * 19, from, until);
			cairo_stroke(cr);
		}
	}
	draw_top_car(cr, middle, car);
}

static void draw_advice(const struct bn_camera *camera, const struct bn_app_view *view, cairo_t *cr,
		double width, double bottom) {
	bool near = obstacle_m(camera) < 20;
	const char *text = near ? "Pedestrian behind" : "Check your surroundings";
	const struct bn_text_style style = { .face = BN_FACE_MEDIUM,
		.size = 22,
		.color = near ? 0xffd58a : 0xffffff,
		.align = BN_ALIGN_CENTER };
	double length = bn_text_width(cr, view->fonts, &style, text) + 64;
	draw_pill(cr, width / 2 - length / 2, bottom - 52, length, 52);
	bn_text_draw(cr, view->fonts, &style, width / 2, bottom - 18, text);
}

void bn_camera_draw_overlay(const struct bn_camera *camera, const struct bn_app_view *view,
		cairo_t *cr) {
	double width = camera->width / camera->unit, height = camera->height / camera->unit;
	cairo_save(cr);
	cairo_scale(cr, camera->unit, camera->unit);
	draw_detection(camera, view, cr);
	draw_header(view, cr);
	draw_counter(camera, view, cr, width - 36);
	if (height > 560) {
		draw_sensors(camera, view, cr, width - 36, height - 84);
	}
	draw_advice(camera, view, cr, width, height - 84);
	cairo_restore(cr);
}
