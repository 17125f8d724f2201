#include "core/safe_picture.h"

#include <math.h>

#define GROUND UINT32_C(0xff000000)
/** Amber, the colour of "not working" on a dashboard. */
#define AMBER UINT32_C(0xffffb020)
/** Height of the triangle, of the shorter side. */
#define SHARE 0.4

/** Distance to the edge of an upright triangle with equal sides, centred, of height 1; < 0 inside. */
static double triangle(double x, double y) {
	// Its centre is two thirds down from the tip.
	double tip = 2.0 / 3, flank = 0.5 * sqrt(3) * fabs(x) - 0.5 * (y + tip);
	return fmax(flank, y - (1 - tip));
}

static double bar(double x, double y, double half_width, double half_height) {
	double dx = fmax(fabs(x) - half_width, 0), dy = fmax(fabs(y) - half_height, 0);
	return sqrt(dx * dx + dy * dy) - 0.028;
}

int bn_safe_picture_cover(double x, double y, double size) {
	double u = x / size, v = y / size;
	double rim = fabs(triangle(u, v)) - 0.03;
	double mark = fmin(bar(u, v + 0.1, 0.006, 0.17), bar(u, v - 0.19, 0.006, 0.002));
	double cover = 0.5 - fmin(rim, mark) * size;
	return (int)lround(fmin(fmax(cover, 0), 1) * 255);
}

static uint32_t amber(int cover) {
	uint32_t out = GROUND;
	for (int shift = 0; shift < 24; shift += 8) {
		out |= ((AMBER >> shift & 0xff) * (uint32_t)cover / 255) << shift;
	}
	return out;
}

void bn_safe_picture_draw(uint32_t *pixels, int32_t width, int32_t height, int32_t stride,
		bool safety) {
	double size = SHARE * (width < height ? width : height);
	for (int32_t y = 0; y < height; y++) {
		for (int32_t x = 0; x < width; x++) {
			double dx = x + 0.5 - width / 2.0, dy = y + 0.5 - height * 0.45;
			bool near = safety && fabs(dx) < size && fabs(dy) < size;
			pixels[(int64_t)y * stride + x] =
					near ? amber(bn_safe_picture_cover(dx, dy, size)) : GROUND;
		}
	}
}
