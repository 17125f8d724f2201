#include "core/arrange.h"

static int32_t clamp_side(int64_t side) {
	return (int32_t)(side < 1 ? 1 : side);
}

static struct bn_rect centred(const struct bn_rect *box, int32_t width, int32_t height) {
	return (struct bn_rect){
		.x = box->x + (box->width - width) / 2,
		.y = box->y + (box->height - height) / 2,
		.width = width,
		.height = height,
	};
}

/** a * b / c, rounded up. */
static int64_t scale_up(int64_t a, int64_t b, int64_t c) {
	return (a * b + c - 1) / c;
}

struct bn_rect bn_arrange_fit(enum bn_fit fit, const struct bn_rect *box, int32_t surface_width,
		int32_t surface_height) {
	if (surface_width <= 0 || surface_height <= 0 || bn_rect_is_empty(box)) {
		return (struct bn_rect){ .x = box->x, .y = box->y };
	}
	int64_t sw = surface_width, sh = surface_height;
	// Whether the surface is wider in shape than the box.
	bool is_wider = sw * box->height > sh * box->width;
	switch (fit) {
	case BN_FIT_FILL:
		// Rounded up: no line of the box stays uncovered.
		if (is_wider) {
			return centred(box, clamp_side(scale_up(sw, box->height, sh)), box->height);
		}
		return centred(box, box->width, clamp_side(scale_up(sh, box->width, sw)));
	case BN_FIT_FIT:
		// Rounded down: nothing sticks out.
		if (is_wider) {
			return centred(box, box->width, clamp_side(sh * box->width / sw));
		}
		return centred(box, clamp_side(sw * box->height / sh), box->height);
	case BN_FIT_STRETCH:
		return *box;
	case BN_FIT_CENTER:
		return centred(box, surface_width, surface_height);
	case BN_FIT_NONE:
		break;
	}
	return (struct bn_rect){ box->x, box->y, surface_width, surface_height };
}
