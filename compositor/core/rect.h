#ifndef BN_CORE_RECT_H
#define BN_CORE_RECT_H

#include <stdbool.h>
#include <stdint.h>

/** An axis-aligned box in whole pixels; empty when a side is not positive. */
struct bn_rect {
	int32_t x, y, width, height;
};

bool bn_rect_is_empty(const struct bn_rect *rect);
bool bn_rect_equal(const struct bn_rect *a, const struct bn_rect *b);
/** The common part; an empty rect (all zero) when there is none. Does not overflow for |coordinates| < 2^30. */
struct bn_rect bn_rect_intersect(const struct bn_rect *a, const struct bn_rect *b);
bool bn_rect_contains(const struct bn_rect *outer, const struct bn_rect *inner);
bool bn_rect_contains_point(const struct bn_rect *rect, double x, double y);

#endif
