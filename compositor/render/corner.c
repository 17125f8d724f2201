#include "render/corner.h"

#include <math.h>
#include <stddef.h>

#include "render/renderer.h"

bool bn_corners_wanted(const struct bn_pass_effect *effect) {
	return effect != NULL
			&& (effect->radius[0] > 0 || effect->radius[1] > 0 || effect->radius[2] > 0
					|| effect->radius[3] > 0);
}

static float scale_to_fit(const float radius[4], float width, float height) {
	float scale = 1;
	const float sums[4] = { radius[0] + radius[1], radius[2] + radius[3], radius[1] + radius[2],
		radius[3] + radius[0] };
	for (int i = 0; i < 4; i++) {
		float side = i < 2 ? width : height;
		if (sums[i] * scale > side) {
			scale = side / sums[i];
		}
	}
	return scale;
}

static void place(struct bn_corner *corner, int which, float radius, const struct wlr_box *shape) {
	bool right = which == 1 || which == 2;
	bool bottom = which >= 2;
	int size = radius > 0.5f ? (int)ceilf(radius - 0.5f) : 0;
	*corner = (struct bn_corner){
		.box = {
			.x = right ? shape->x + shape->width - size : shape->x,
			.y = bottom ? shape->y + shape->height - size : shape->y,
			.width = size,
			.height = size,
		},
		.x = right ? (float)(shape->x + shape->width) - radius : (float)shape->x + radius,
		.y = bottom ? (float)(shape->y + shape->height) - radius : (float)shape->y + radius,
		.toward_x = right ? 1 : -1,
		.toward_y = bottom ? 1 : -1,
		.radius = radius,
	};
}

static int inset(int y, int height, const struct bn_corner *top, const struct bn_corner *bottom) {
	if (y < top->box.height) {
		return top->box.width;
	}
	return y >= height - bottom->box.height ? bottom->box.width : 0;
}

static void sort(int *values, int len) {
	for (int i = 1; i < len; i++) {
		for (int k = i; k > 0 && values[k] < values[k - 1]; k--) {
			int swap = values[k];
			values[k] = values[k - 1];
			values[k - 1] = swap;
		}
	}
}

static void cut_inner(struct bn_corners *corners) {
	const struct bn_corner *corner = corners->corner;
	const struct wlr_box *shape = &corners->shape;
	int cuts[6] = { 0, corner[0].box.height, corner[1].box.height,
		shape->height - corner[2].box.height, shape->height - corner[3].box.height,
		shape->height };
	sort(cuts, 6);
	for (int i = 0; i < 5; i++) {
		int left = inset(cuts[i], shape->height, &corner[0], &corner[3]);
		int right = inset(cuts[i], shape->height, &corner[1], &corner[2]);
		const struct wlr_box band = { shape->x + left, shape->y + cuts[i],
			shape->width - left - right, cuts[i + 1] - cuts[i] };
		if (!wlr_box_empty(&band)) {
			corners->inner[corners->inner_len++] = band;
		}
	}
}

void bn_corners_init(struct bn_corners *corners, const struct bn_pass_effect *effect,
		const struct wlr_box *box) {
	*corners = (struct bn_corners){ .shape = wlr_box_empty(&effect->shape) ? *box
									       : effect->shape };
	float radius[4];
	for (int i = 0; i < 4; i++) {
		radius[i] = effect->radius[i] > 0 ? effect->radius[i] : 0;
	}
	float scale = scale_to_fit(radius, (float)corners->shape.width,
			(float)corners->shape.height);
	for (int i = 0; i < 4; i++) {
		place(&corners->corner[i], i, radius[i] * scale, &corners->shape);
	}
	cut_inner(corners);
}

float bn_corner_coverage(const struct bn_corner *corner, int x, int y) {
	float dx = ((float)x + 0.5f - corner->x) * corner->toward_x;
	float dy = ((float)y + 0.5f - corner->y) * corner->toward_y;
	float distance = sqrtf((dx > 0 ? dx * dx : 0) + (dy > 0 ? dy * dy : 0));
	float coverage = corner->radius + 0.5f - distance;
	return coverage < 0 ? 0 : coverage > 1 ? 1 : coverage;
}
