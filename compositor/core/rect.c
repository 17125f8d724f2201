#include "core/rect.h"

static int32_t min32(int32_t a, int32_t b) {
	return a < b ? a : b;
}

static int32_t max32(int32_t a, int32_t b) {
	return a > b ? a : b;
}

bool bn_rect_is_empty(const struct bn_rect *rect) {
	return rect->width <= 0 || rect->height <= 0;
}

bool bn_rect_equal(const struct bn_rect *a, const struct bn_rect *b) {
	return a->x == b->x && a->y == b->y && a->width == b->width && a->height == b->height;
}

struct bn_rect bn_rect_intersect(const struct bn_rect *a, const struct bn_rect *b) {
	struct bn_rect none = { 0 };
	if (bn_rect_is_empty(a) || bn_rect_is_empty(b)) {
		return none;
	}
	int32_t x1 = max32(a->x, b->x), y1 = max32(a->y, b->y);
	int32_t x2 = min32(a->x + a->width, b->x + b->width);
	int32_t y2 = min32(a->y + a->height, b->y + b->height);
	if (x1 >= x2 || y1 >= y2) {
		return none;
	}
	return (struct bn_rect){ x1, y1, x2 - x1, y2 - y1 };
}

bool bn_rect_contains(const struct bn_rect *outer, const struct bn_rect *inner) {
	return !bn_rect_is_empty(inner) && inner->x >= outer->x && inner->y >= outer->y
			&& inner->x + inner->width <= outer->x + outer->width
			&& inner->y + inner->height <= outer->y + outer->height;
}

bool bn_rect_contains_point(const struct bn_rect *rect, double x, double y) {
	return x >= rect->x && y >= rect->y && x < (double)rect->x + rect->width
			&& y < (double)rect->y + rect->height;
}
