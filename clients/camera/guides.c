#include <math.h>

#include "camera/camera.h"

#define WHEELBASE_M 2.9
#define STEERING_RATIO 15.5
#define HALF_WIDTH_M 0.98
#define START_M 0.35
#define STEP_M 0.06

struct band {
	double until; // metres from the bumper
	uint32_t color;
};

static const struct band bands[] = { { 0.9, 0xff453a }, { 1.9, 0xffb020 }, { 4.2, 0x35d07f } };

/** Where a point beside the car's middle comes to after `way` metres backwards. */
static void follow(const struct bn_camera *camera, double side, double way, double *ret_x,
		double *ret_z) {
	double wheel = camera->steering / STEERING_RATIO / 180 * M_PI;
	double curve = tan(bn_draw_clamp(wheel, -0.7, 0.7)) / WHEELBASE_M;
	// The picture is mirrored, as in a rear-view mirror: with the wheel to the left the tail goes
	// to the car's left, and that is the picture's left.
	double angle = -curve * way;
	if (fabs(curve) < 1e-4) {
		*ret_x = side;
		*ret_z = way;
		return;
	}
	double radius = -1 / curve;
	*ret_x = radius * (1 - cos(angle)) + side * cos(angle);
	*ret_z = radius * sin(angle) - side * sin(angle);
}

static bool line_to(const struct bn_camera *camera, cairo_t *cr, double side, double way) {
	double x, z, sx, sy;
	follow(camera, side, way, &x, &z);
	if (z < BN_CAMERA_NEAR_M || !bn_camera_project(camera, x, 0.02, z, &sx, &sy)) {
		return false;
	}
	cairo_line_to(cr, sx, sy);
	return true;
}

static void add_strip(const struct bn_camera *camera, cairo_t *cr, double left, double right,
		double from, double until) {
	int steps = (int)ceil((until - from) / STEP_M);
	cairo_new_sub_path(cr);
	for (int side = 0; side < 2; side++) {
		for (int i = 0; i <= steps; i++) {
			double way = from + (until - from) * (side ? steps - i : i) / steps;
			line_to(camera, cr, side ? right : left, way);
		}
	}
	cairo_close_path(cr);
}

static void draw_band(const struct bn_camera *camera, cairo_t *cr, double from,
		const struct band *band) {
	add_strip(camera, cr, -HALF_WIDTH_M, HALF_WIDTH_M, from, band->until);
	bn_draw_source(cr, band->color, 0.1);
	cairo_fill(cr);
	for (int side = -1; side <= 1; side += 2) {
		double edge = side * HALF_WIDTH_M;
		add_strip(camera, cr, edge - 0.024, edge + 0.024, from, band->until);
		// The distance bar is a corner, not a whole line: the middle of the way stays free.
		double inner = edge - side * 0.42;
		add_strip(camera, cr, fmin(edge, inner), fmax(edge, inner), band->until - 0.06,
				band->until);
	}
	bn_draw_source(cr, band->color, 0.95);
	cairo_fill(cr);
}

/** Straight on, whatever the wheel says: the car's own width. */
static void draw_static(struct bn_camera straight, cairo_t *cr) {
	straight.steering = 0;
	for (int side = -1; side <= 1; side += 2) {
		double edge = side * (HALF_WIDTH_M + 0.14);
		for (double way = START_M; way < 4.2; way += 0.5) {
			add_strip(&straight, cr, edge - 0.012, edge + 0.012, way, way + 0.26);
		}
	}
	bn_draw_source(cr, 0xffffff, 0.75);
	cairo_fill(cr);
}

void bn_camera_draw_guides(const struct bn_camera *camera, cairo_t *cr) {
	draw_static(*camera, cr);
	double from = START_M;
	for (size_t i = 0; i < sizeof(bands) / sizeof(bands[0]); i++) {
		draw_band(camera, cr, from, &bands[i]);
		from = bands[i].until;
	}
}
