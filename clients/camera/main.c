#include <math.h>

#include "camera/camera.h"

static void drop_layers(struct bn_camera *camera) {
	bn_layer_cache_drop(&camera->sky);
	bn_layer_cache_drop(&camera->vignette);
}

static void reset(void *data, const struct bn_app_view *view) {
	struct bn_camera *camera = data;
	camera->width = view->width;
	camera->height = view->height;
	camera->unit = bn_draw_clamp(fmin(view->width / 1600.0, view->height / 860.0), 0.4, 1.6);
	camera->valid = false;
	drop_layers(camera);
}

static bool update(void *data, const struct bn_app_view *view, cairo_region_t *damage) {
	struct bn_camera *camera = data;
	double speed = bn_signals_number(&view->signals, BN_SIGNAL_SPEED, 0) / 3.6;
	bool reverse = bn_signals_number(&view->signals, BN_SIGNAL_GEAR, -1) < 0;
	camera->distance += (reverse ? fabs(speed) : -fabs(speed)) * view->elapsed_s;
	int64_t picture = view->time_ms * BN_CAMERA_RATE / 1000;
	if (camera->valid && picture == camera->picture) {
		return true;
	}
	camera->picture = picture;
	camera->steering = bn_signals_number(&view->signals, BN_SIGNAL_STEERING, 0);
	camera->valid = true;
	const cairo_rectangle_int_t all = { 0, 0, view->width, view->height };
	cairo_region_union_rectangle(damage, &all);
	return true;
}

/** The upper edge of our own bumper, which every rear lens sees. */
static void draw_bumper(const struct bn_camera *camera, cairo_t *cr) {
	double width = camera->width, height = camera->height, rise = height * 0.052;
	cairo_move_to(cr, 0, height);
	cairo_line_to(cr, 0, height - rise * 0.25);
	cairo_curve_to(cr, width * 0.28, height - rise * 1.25, width * 0.72, height - rise * 1.25,
			width, height - rise * 0.25);
	cairo_line_to(cr, width, height);
	cairo_close_path(cr);
	cairo_pattern_t *paint = cairo_pattern_create_linear(0, height - rise, 0, height);
	bn_draw_stop(paint, 0, 0x4b525a, 1);
	bn_draw_stop(paint, 0.16, 0x20252a, 1);
	bn_draw_stop(paint, 1, 0x0b0d0f, 1);
	cairo_set_source(cr, paint);
	cairo_fill(cr);
	cairo_pattern_destroy(paint);
}

static void make_layers(struct bn_camera *camera, const struct bn_app_view *view) {
	if (camera->sky.surface) {
		return;
	}
	cairo_t *cr = bn_layer_cache_begin(&camera->sky, view->width, view->height, view->scale,
			true);
	bn_camera_draw_sky(camera, cr);
	cairo_destroy(cr);
	cr = bn_layer_cache_begin(&camera->vignette, view->width, view->height, view->scale, false);
	double x = camera->width / 2, y = camera->height / 2;
	cairo_pattern_t *rim = cairo_pattern_create_radial(x, y, fmin(x, y) * 0.9, x, y,
			hypot(x, y) * 1.02);
	bn_draw_stop(rim, 0, 0x000000, 0);
	bn_draw_stop(rim, 0.6, 0x000000, 0.14);
	bn_draw_stop(rim, 1, 0x000000, 0.62);
	cairo_set_source(cr, rim);
	cairo_paint(cr);
	cairo_pattern_destroy(rim);
	cairo_destroy(cr);
}

static void paint(void *data, const struct bn_app_view *view, cairo_t *cr,
		const cairo_region_t *damage) {
	struct bn_camera *camera = data;
	make_layers(camera, view);
	bn_layer_cache_paint(&camera->sky, cr, 0, 0);
	bn_camera_draw_ground(camera, cr);
	bn_camera_draw_things(camera, cr);
	bn_camera_draw_walker(camera, cr);
	bn_layer_cache_paint(&camera->vignette, cr, 0, 0);
	bn_camera_draw_guides(camera, cr);
	draw_bumper(camera, cr);
	bn_camera_draw_overlay(camera, view, cr);
}

int main(int argc, char **argv) {
	struct bn_camera camera = { 0 };
	const struct bn_app_info info = {
		.program = "binnacle-camera",
		.title = "Rear camera",
		.app_id = "camera",
		.reset = reset,
		.update = update,
		.paint = paint,
	};
	int status = bn_app_main(&info, &camera, argc, argv);
	drop_layers(&camera);
	return status;
}
