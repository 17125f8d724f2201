#include "scene/symbol.h"

#include <math.h>
#include <stddef.h>

#include "scene/pixels.h"

#define RED 0xffff3030
#define AMBER 0xffffb020
#define STROKE 0.06

struct point {
	double x, y;
};

static double ring(double x, double y, double radius, double width) {
	return fabs(hypot(x, y) - radius) - width / 2;
}

static double box(double x, double y, double half_width, double half_height) {
	return fmax(fabs(x) - half_width, fabs(y) - half_height);
}

static double segment(double x, double y, struct point a, struct point b, double width) {
	double dx = b.x - a.x, dy = b.y - a.y;
	double t = ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy);
	t = fmin(fmax(t, 0), 1);
	return hypot(x - a.x - t * dx, y - a.y - t * dy) - width / 2;
}

static double path(double x, double y, const struct point *points, size_t count) {
	double nearest = INFINITY;
	for (size_t i = 0; i + 1 < count; i++) {
		nearest = fmin(nearest, segment(x, y, points[i], points[i + 1], STROKE));
	}
	return nearest;
}

#define PATH(x, y, points) path(x, y, points, sizeof(points) / sizeof((points)[0]))

/** ISO 7000-0238: a circle with an exclamation mark between two brackets. */
static double brake(double x, double y) {
	double mark = fmin(box(x, y + 0.09, 0.04, 0.13), box(x, y - 0.15, 0.04, 0.04));
	double brackets = fmax(ring(x, y, 0.44, 0.05), 0.3 - fabs(x));
	return fmin(fmin(ring(x, y, 0.32, 0.05), brackets), mark);
}

/** A can with handle and spout, and the drop that falls from it. */
static double oil(double x, double y) {
	static const struct point can[] = { { -0.26, -0.06 }, { 0.08, -0.06 }, { 0.2, 0.02 },
		{ 0.4, -0.12 }, { 0.16, 0.22 }, { -0.26, 0.22 }, { -0.26, -0.06 } };
	static const struct point handle[] = { { -0.26, 0.06 }, { -0.44, -0.02 }, { -0.4, -0.12 },
		{ -0.26, -0.06 } };
	static const struct point lid[] = { { -0.2, -0.18 }, { 0.02, -0.18 } };
	static const struct point neck[] = { { -0.09, -0.18 }, { -0.09, -0.06 } };
	double drop = hypot(x - 0.43, y - 0.08) - 0.05;
	double whole = fmin(PATH(x, y, can), PATH(x, y, handle));
	return fmin(fmin(whole, drop), fmin(PATH(x, y, lid), PATH(x, y, neck)));
}

static double battery(double x, double y) {
	double body = fabs(box(x, y - 0.06, 0.4, 0.23)) - STROKE / 2;
	double poles = box(fabs(x) - 0.22, y + 0.24, 0.08, 0.05);
	double minus = box(x + 0.2, y - 0.06, 0.1, 0.03);
	double plus = fmin(box(x - 0.2, y - 0.06, 0.1, 0.03), box(x - 0.2, y - 0.06, 0.03, 0.1));
	return fmin(fmin(body, poles), fmin(minus, plus));
}

static double engine(double x, double y) {
	static const struct point block[] = { { -0.26, -0.06 }, { -0.17, -0.15 }, { 0.16, -0.15 },
		{ 0.24, -0.06 }, { 0.3, -0.06 }, { 0.3, -0.12 }, { 0.42, -0.12 }, { 0.42, 0.26 },
		{ 0.3, 0.26 }, { 0.3, 0.18 }, { 0.24, 0.18 }, { 0.16, 0.3 }, { -0.1, 0.3 },
		{ -0.19, 0.2 }, { -0.26, 0.2 }, { -0.26, -0.06 } };
	static const struct point cover[] = { { -0.13, -0.29 }, { 0.13, -0.29 } };
	static const struct point stem[] = { { 0, -0.29 }, { 0, -0.15 } };
	static const struct point fan[] = { { -0.42, -0.08 }, { -0.42, 0.22 } };
	static const struct point shaft[] = { { -0.42, 0.07 }, { -0.26, 0.07 } };
	double top = fmin(PATH(x, y, cover), PATH(x, y, stem));
	double side = fmin(PATH(x, y, fan), PATH(x, y, shaft));
	return fmin(PATH(x, y, block), fmin(top, side));
}

/** Somebody who sits, with the belt left out across. */
static double seat_belt(double x, double y) {
	double head = hypot(x, y + 0.32) - 0.12;
	double slope = 0.2 + (y + 0.16) * 0.18; // wider at the hips
	double torso = fmax(box(x, y - 0.14, 0.4, 0.3), fabs(x) - slope);
	double across = segment(x, y, (struct point){ 0.24, -0.2 }, (struct point){ -0.26, 0.3 },
			0.08);
	double lap = box(x, y - 0.3, 0.5, 0.035);
	return fmin(head, fmax(torso, -fmin(across, lap)));
}

/** A car from above with both its doors open. */
static double door(double x, double y) {
	static const struct point wing[] = { { 0.17, -0.1 }, { 0.42, 0.1 } };
	double body = fabs(box(x, y, 0.11, 0.32) - 0.06) - STROKE / 2;
	double glass = fmin(box(x, y + 0.13, 0.15, 0.025), box(x, y - 0.2, 0.15, 0.025));
	return fmin(fmin(body, glass), PATH(fabs(x), y, wing));
}

/** A camera, struck through. */
static double no_camera(double x, double y) {
	double body = fabs(box(x + 0.06, y, 0.28, 0.19)) - 0.025;
	double lens = fabs(fmax(box(x - 0.34, y, 0.09, 0.12), fabs(y) - (x - 0.1) * 0.5)) - 0.02;
	double stroke = segment(x, y, (struct point){ -0.4, -0.34 }, (struct point){ 0.4, 0.34 },
			0.05);
	return fmin(fmin(body, lens), stroke);
}

static const struct bn_symbol symbols[] = {
	[BN_BUILTIN_NO_CAMERA] = { no_camera, AMBER },
	[BN_BUILTIN_BRAKE] = { brake, RED },
	[BN_BUILTIN_OIL] = { oil, RED },
	[BN_BUILTIN_BATTERY] = { battery, RED },
	[BN_BUILTIN_ENGINE] = { engine, AMBER },
	[BN_BUILTIN_SEAT_BELT] = { seat_belt, RED },
	[BN_BUILTIN_DOOR] = { door, RED },
};

const struct bn_symbol *bn_symbol_find(enum bn_builtin builtin) {
	size_t index = (size_t)builtin;
	bool known = index < sizeof(symbols) / sizeof(symbols[0])
			&& symbols[index].distance != NULL;
	return known ? &symbols[index] : NULL;
}

bool bn_symbol_is_lamp(enum bn_builtin builtin) {
	return builtin != BN_BUILTIN_NO_CAMERA && bn_symbol_find(builtin) != NULL;
}

static uint32_t mix(uint32_t a, uint32_t b, double share) {
	uint32_t out = 0xff000000;
	for (int shift = 0; shift < 24; shift += 8) {
		double from = a >> shift & 0xff, to = b >> shift & 0xff;
		out |= (uint32_t)lround(from + (to - from) * share) << shift;
	}
	return out;
}

void bn_symbol_draw(const struct bn_symbol *symbol, struct bn_pixels *pixels, double cx, double cy,
		double size) {
	int32_t width = pixels->base.width, height = pixels->base.height;
	for (int32_t y = 0; y < height; y++) {
		for (int32_t x = 0; x < width; x++) {
			double distance = symbol->distance((x + 0.5 - cx) / size,
							  (y + 0.5 - cy) / size)
					* size;
			double cover = fmin(fmax(0.5 - distance, 0), 1);
			if (cover > 0) {
				uint32_t *pixel = &pixels->data[(size_t)y * (size_t)width
						+ (size_t)x];
				*pixel = mix(*pixel, symbol->color, cover);
			}
		}
	}
}

void bn_symbol_draw_corners(struct bn_pixels *pixels, uint32_t color) {
	int32_t width = pixels->base.width, height = pixels->base.height;
	int32_t side = width < height ? width : height;
	int32_t arm = side / 5, thick = side / 28 + 1;
	for (int32_t y = 0; y < height; y++) {
		for (int32_t x = 0; x < width; x++) {
			int32_t dx = x < width - 1 - x ? x : width - 1 - x;
			int32_t dy = y < height - 1 - y ? y : height - 1 - y;
			bool on_edge = dx < thick || dy < thick;
			if (on_edge && dx < arm && dy < arm) {
				pixels->data[(size_t)y * (size_t)width + (size_t)x] = color;
			}
		}
	}
}
