#include <math.h>
#include <stddef.h>

#include "camera/camera.h"

#define FAR_M 60.0
#define BAY_M 2.7   // width of a parking bay, along z
#define AISLE_M 3.3 // from the middle to the bays
#define BAY_DEPTH_M 5.2
#define LINE_M 0.12

static double horizon_of(const struct bn_camera *camera) {
	double sx, sy = 0;
	bn_camera_project(camera, 0, 0, 4000, &sx, &sy);
	return sy;
}

static uint32_t hash_of(int index, int side) {
	uint32_t hash = (uint32_t)index * 0x9e3779b1u ^ (uint32_t)(side + 7) * 0x85ebca77u;
	hash = (hash ^ (hash >> 15)) * 0x2c1b3c6du;
	return hash ^ (hash >> 13);
}

static void fill_quad(const struct bn_camera *camera, cairo_t *cr, const double points[4][3]) {
	double sx[4], sy[4];
	for (int i = 0; i < 4; i++) {
		if (!bn_camera_project(camera, points[i][0], points[i][1], points[i][2], &sx[i],
				    &sy[i])) {
			return;
		}
	}
	cairo_move_to(cr, sx[0], sy[0]);
	for (int i = 1; i < 4; i++) {
		cairo_line_to(cr, sx[i], sy[i]);
	}
	cairo_close_path(cr);
	cairo_fill(cr);
}

/** A rectangle on the ground, cut off in front of the lens. */
static void fill_ground(const struct bn_camera *camera, cairo_t *cr, double x1, double x2,
		double z1, double z2) {
	double near = fmax(z1, BN_CAMERA_NEAR_M), far = fmin(z2, FAR_M);
	if (far <= near) {
		return;
	}
	const double points[4][3] = { { x1, 0, near }, { x2, 0, near }, { x2, 0, far },
		{ x1, 0, far } };
	fill_quad(camera, cr, points);
}

void bn_camera_draw_sky(const struct bn_camera *camera, cairo_t *cr) {
	double horizon = horizon_of(camera), width = camera->width;
	cairo_pattern_t *sky = cairo_pattern_create_linear(0, 0, 0, horizon);
	bn_draw_stop(sky, 0, 0x8fb0cc, 1);
	bn_draw_stop(sky, 0.7, 0xd3dde2, 1);
	bn_draw_stop(sky, 1, 0xf3e6d2, 1);
	cairo_set_source(cr, sky);
	cairo_paint(cr);
	cairo_pattern_destroy(sky);
	bn_draw_glow(cr, width * 0.68, horizon - 30, width * 0.3, 0xfff0d2, 0.8);
	// Trees and roofs far away: they are too far to move.
	for (int layer = 0; layer < 2; layer++) {
		bn_draw_source(cr, layer == 0 ? 0xa3b3b4 : 0x7c9089, 1);
		cairo_move_to(cr, 0, horizon + 2);
		for (int i = 0; i <= 120; i++) {
			double x = width * i / 120, at = i * 0.36 + layer * 9;
			double tall = 0.028 + 0.014 * sin(at) + 0.009 * sin(at * 2.7)
					+ 0.005 * sin(at * 7.1);
			cairo_line_to(cr, x,
					horizon - camera->height * tall * (layer == 0 ? 1.7 : 1));
		}
		cairo_line_to(cr, width, horizon + 2);
		cairo_close_path(cr);
		cairo_fill(cr);
	}
	cairo_pattern_t *ground = cairo_pattern_create_linear(0, horizon, 0, camera->height);
	bn_draw_stop(ground, 0, 0x9a9c9b, 1);
	bn_draw_stop(ground, 0.1, 0x7f8384, 1);
	bn_draw_stop(ground, 0.45, 0x626769, 1);
	bn_draw_stop(ground, 1, 0x4a4e50, 1);
	cairo_set_source(cr, ground);
	cairo_rectangle(cr, 0, horizon, width, camera->height - horizon);
	cairo_fill(cr);
	cairo_pattern_destroy(ground);
}

void bn_camera_draw_ground(const struct bn_camera *camera, cairo_t *cr) {
	double moved = camera->distance;
	// Slabs of asphalt of two ages show that the ground passes.
	int first = (int)floor((moved - 2) / 7);
	for (int i = first; i * 7.0 - moved < FAR_M; i++) {
		bn_draw_source(cr, 0x000000, hash_of(i, 3) % 3 * 0.022);
		fill_ground(camera, cr, -AISLE_M, AISLE_M, i * 7.0 - moved, i * 7.0 + 7 - moved);
	}
	double bay = BAY_M;
	first = (int)floor((moved - 3) / bay);
	for (int i = first; i * bay - moved < 42; i++) {
		double z = i * bay - moved, fade = 1 - bn_draw_smooth(14, 42, z);
		bn_draw_source(cr, 0xf4f4ee, 0.82 * fade);
		for (int side = -1; side <= 1; side += 2) {
			double inner = side * AISLE_M, outer = side * (AISLE_M + BAY_DEPTH_M);
			fill_ground(camera, cr, fmin(inner, outer), fmax(inner, outer),
					z - LINE_M / 2, z + LINE_M / 2);
		}
	}
	bn_draw_source(cr, 0xf4f4ee, 0.5);
	for (int side = -1; side <= 1; side += 2) {
		double x = side * AISLE_M;
		fill_ground(camera, cr, x - LINE_M / 2, x + LINE_M / 2, 0, 30);
	}
	// Kerb and hedge behind the bays.
	for (int side = -1; side <= 1; side += 2) {
		double x = side * (AISLE_M + BAY_DEPTH_M + 0.3);
		const double kerb[4][3] = { { x, 0, 1.2 }, { x, 0.16, 1.2 }, { x, 0.16, FAR_M },
			{ x, 0, FAR_M } };
		bn_draw_source(cr, 0xb4b6b2, 1);
		fill_quad(camera, cr, kerb);
		const double hedge[4][3] = { { x + side * 0.3, 0.1, 1.2 },
			{ x + side * 0.3, 1.15, 1.2 }, { x + side * 0.3, 1.15, FAR_M },
			{ x + side * 0.3, 0.1, FAR_M } };
		bn_draw_source(cr, 0x4f6a52, 1);
		fill_quad(camera, cr, hedge);
		const double top[4][3] = { { x + side * 0.3, 1.15, 1.2 },
			{ x + side * 30, 1.15, 1.2 }, { x + side * 30, 1.15, FAR_M },
			{ x + side * 0.3, 1.15, FAR_M } };
		bn_draw_source(cr, 0x64826a, 1);
		fill_quad(camera, cr, top);
	}
}

struct body_colors {
	uint32_t body, glass;
};

static const struct body_colors paints[] = { { 0xd9dde0, 0x27313a }, { 0x2d3238, 0x14191e },
	{ 0x8c1f2a, 0x1d1a20 }, { 0x5d7f9e, 0x1d2832 }, { 0xeceae4, 0x2b3238 },
	{ 0x3d5a4c, 0x17201c } };

struct point {
	double x, y;
};

// A car that stands with its nose to the aisle. Its front: metres across, from its middle, and up.
static const struct point front[] = { { -0.86, 0.26 }, { -0.90, 0.45 }, { -0.88, 0.66 },
	{ -0.80, 0.76 }, { 0.80, 0.76 }, { 0.88, 0.66 }, { 0.90, 0.45 }, { 0.86, 0.26 } };

/** An outline across z at a given x: cars stand across the aisle, so their front faces it. */
static void add_outline(const struct bn_camera *camera, cairo_t *cr, const struct point *points,
		size_t count, double x, double z) {
	cairo_new_sub_path(cr);
	for (size_t i = 0; i < count; i++) {
		double sx, sy;
		if (bn_camera_project(camera, x, points[i].y, z + points[i].x, &sx, &sy)) {
			cairo_line_to(cr, sx, sy);
		}
	}
	cairo_close_path(cr);
}

static const struct point profile[] = { { 0.0, 0.28 }, { 0.0, 0.64 }, { 0.10, 0.76 },
	{ 1.15, 0.92 }, { 1.80, 1.38 }, { 2.3, 1.47 }, { 3.2, 1.44 }, { 3.95, 1.05 }, { 4.3, 0.98 },
	{ 4.35, 0.34 } };
static const struct point windows[] = { { 1.38, 0.96 }, { 1.86, 1.35 }, { 2.35, 1.40 },
	{ 3.1, 1.37 }, { 3.62, 1.0 } };

/** The flank that we see: along x at the z of the near side. */
static void add_flank(const struct bn_camera *camera, cairo_t *cr, const struct point *points,
		size_t count, double nose, int side, double z) {
	cairo_new_sub_path(cr);
	for (size_t i = 0; i < count; i++) {
		double sx, sy;
		if (bn_camera_project(camera, nose + side * points[i].x, points[i].y, z, &sx,
				    &sy)) {
			cairo_line_to(cr, sx, sy);
		}
	}
	cairo_close_path(cr);
}

static void draw_wheel(const struct bn_camera *camera, cairo_t *cr, double x, double z) {
	double sx, sy, rim = bn_camera_scale(camera, 0.32, z) * 0.32;
	if (!bn_camera_project(camera, x, 0.32, z, &sx, &sy)) {
		return;
	}
	bn_draw_source(cr, 0x16181a, 1);
	cairo_new_sub_path(cr);
	cairo_arc(cr, sx, sy, rim, 0, 2 * M_PI);
	cairo_fill(cr);
	bn_draw_source(cr, 0x9aa0a5, 1);
	cairo_arc(cr, sx, sy, rim * 0.58, 0, 2 * M_PI);
	cairo_fill(cr);
	bn_draw_source(cr, 0x3a3e42, 1);
	cairo_arc(cr, sx, sy, rim * 0.2, 0, 2 * M_PI);
	cairo_fill(cr);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void draw_front(const struct bn_camera *camera, cairo_t *cr, double nose, double z,
		const struct body_colors *paint) {
	add_outline(camera, cr, front, COUNT(front), nose, z);
	bn_draw_source(cr, bn_draw_mix(paint->body, 0x000000, 0.16), 1);
	cairo_fill(cr);
	static const struct point grille[] = { { -0.5, 0.32 }, { -0.56, 0.46 }, { 0.56, 0.46 },
		{ 0.5, 0.32 } };
	add_outline(camera, cr, grille, COUNT(grille), nose, z);
	bn_draw_source(cr, 0x15181b, 1);
	cairo_fill(cr);
	for (int i = -1; i <= 1; i += 2) {
		const struct point lamp[] = { { i * 0.86, 0.62 }, { i * 0.8, 0.73 },
			{ i * 0.48, 0.68 }, { i * 0.5, 0.62 } };
		add_outline(camera, cr, lamp, COUNT(lamp), nose, z);
		bn_draw_source(cr, 0xf4f8fa, 0.95);
		cairo_fill(cr);
	}
}

static void draw_car(const struct bn_camera *camera, cairo_t *cr, int side, double z,
		const struct body_colors *paint) {
	double nose = side * (AISLE_M + 0.45), near = z - 0.9, far = z + 0.9;
	const double shadow[4][3] = { { nose - side * 0.1, 0.01, near - 0.25 },
		{ nose + side * 4.5, 0.01, near - 0.25 }, { nose + side * 4.5, 0.01, far + 0.1 },
		{ nose - side * 0.1, 0.01, far + 0.1 } };
	bn_draw_source(cr, 0x14171a, 0.42);
	fill_quad(camera, cr, shadow);
	// The far half first, then roof and near flank: only what the lens can see.
	add_flank(camera, cr, profile, COUNT(profile), nose, side, far);
	bn_draw_source(cr, bn_draw_mix(paint->body, 0x000000, 0.4), 1);
	cairo_fill(cr);
	for (size_t i = 1; i + 1 < COUNT(profile); i++) {
		const struct point *a = &profile[i], *b = &profile[i + 1];
		const double panel[4][3] = { { nose + side * a->x, a->y, near },
			{ nose + side * b->x, b->y, near }, { nose + side * b->x, b->y, far },
			{ nose + side * a->x, a->y, far } };
		bool glass = i == 3 || i == 6;
		double light = i <= 2 ? 0.18 : 0.3;
		bn_draw_source(cr, glass ? paint->glass : bn_draw_mix(paint->body, 0xffffff, light),
				1);
		fill_quad(camera, cr, panel);
	}
	draw_front(camera, cr, nose, z, paint);
	add_flank(camera, cr, profile, COUNT(profile), nose, side, near);
	bn_draw_source(cr, paint->body, 1);
	cairo_fill(cr);
	add_flank(camera, cr, windows, COUNT(windows), nose, side, near);
	bn_draw_source(cr, paint->glass, 1);
	cairo_fill(cr);
	draw_wheel(camera, cr, nose + side * 0.85, near - 0.01);
	draw_wheel(camera, cr, nose + side * 3.5, near - 0.01);
}

void bn_camera_draw_things(const struct bn_camera *camera, cairo_t *cr) {
	double moved = camera->distance;
	int first = (int)floor((moved + 1.4) / BAY_M), last = (int)floor((moved + 36) / BAY_M);
	for (int i = last; i >= first; i--) {
		double z = (i + 0.5) * BAY_M - moved;
		for (int side = -1; side <= 1; side += 2) {
			uint32_t hash = hash_of(i, side);
			if (hash % 5 < 2 || z < 1.6) {
				continue; // an empty bay, or one beside us
			}
			draw_car(camera, cr, side, z, &paints[hash / 8 % COUNT(paints)]);
		}
	}
}

#define WALK_M 6.0 // from one side of the aisle to the other
#define WALK_MPS 1.15

struct bn_walker bn_camera_walker(const struct bn_camera *camera) {
	double t = (double)camera->picture / BN_CAMERA_RATE;
	double trip = fmod(t * WALK_MPS, 2 * WALK_M);
	bool back = trip >= WALK_M;
	double x = (back ? 2 * WALK_M - trip : trip) - WALK_M / 2;
	return (struct bn_walker){ .x = x, .z = 5.6, .phase = t * 6.1, .direction = back ? -1 : 1 };
}

struct figure {
	const struct bn_camera *camera;
	cairo_t *cr;
	const struct bn_walker *walker;
	double scale;
};

static void limb(const struct figure *figure, double x1, double y1, double x2, double y2,
		double width, uint32_t color) {
	double ax, ay, bx, by;
	const struct bn_walker *walker = figure->walker;
	int direction = walker->direction;
	if (!bn_camera_project(figure->camera, walker->x + direction * x1, y1, walker->z, &ax, &ay)
			|| !bn_camera_project(figure->camera, walker->x + direction * x2, y2,
					walker->z, &bx, &by)) {
		return;
	}
	bn_draw_source(figure->cr, color, 1);
	cairo_set_line_cap(figure->cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_width(figure->cr, width * figure->scale);
	cairo_move_to(figure->cr, ax, ay);
	cairo_line_to(figure->cr, bx, by);
	cairo_stroke(figure->cr);
}

void bn_camera_draw_walker(const struct bn_camera *camera, cairo_t *cr) {
	struct bn_walker walker = bn_camera_walker(camera);
	struct figure figure = { camera, cr, &walker, bn_camera_scale(camera, 0.9, walker.z) };
	double sx, sy, swing = sin(walker.phase), bob = 0.02 * fabs(cos(walker.phase));
	if (bn_camera_project(camera, walker.x, 0, walker.z, &sx, &sy)) {
		cairo_save(cr);
		cairo_translate(cr, sx, sy);
		cairo_scale(cr, 1, 0.25);
		bn_draw_glow(cr, 0, 0, 0.55 * figure.scale, 0x000000, 0.6);
		cairo_restore(cr);
	}
	for (int leg = -1; leg <= 1; leg += 2) {
		double reach = leg * swing * 0.3, lift = fmax(0, -leg * cos(walker.phase)) * 0.1;
		uint32_t color = leg < 0 ? 0x1f2733 : 0x2b3544;
		limb(&figure, 0, 0.86 + bob, reach * 0.55 + 0.05, 0.46 + bob + lift * 0.5, 0.15,
				color);
		limb(&figure, reach * 0.55 + 0.05, 0.46 + bob + lift * 0.5, reach, 0.07 + lift,
				0.12, color);
		limb(&figure, reach, 0.05 + lift, reach + 0.12, 0.05 + lift, 0.09, 0xe8e8e4);
	}
	limb(&figure, 0.02, 1.36 + bob, -swing * 0.2, 1.0 + bob, 0.1, 0xa4432a);
	limb(&figure, 0, 0.92 + bob, 0.02, 1.34 + bob, 0.3, 0xd8643a);
	limb(&figure, 0.02, 1.36 + bob, swing * 0.2, 1.0 + bob, 0.11, 0xc2552f);
	limb(&figure, swing * 0.2, 1.0 + bob, swing * 0.2 + 0.14, 0.82 + bob, 0.09, 0xc2552f);
	limb(&figure, 0.03, 1.48 + bob, 0.03, 1.52 + bob, 0.1, 0xd9a582);
	limb(&figure, 0.04, 1.63 + bob, 0.04, 1.66 + bob, 0.21, 0xd9a582);
	limb(&figure, 0.0, 1.70 + bob, 0.03, 1.73 + bob, 0.21, 0x3a2a22);
}
