#include "input/place.h"

#include <math.h>
#include <stdbool.h>

/** u' = x[0] + x[1] * u + x[2] * v, v' likewise: the eight ways a panel can be mounted. */
static const struct {
	double x[3], y[3];
} transforms[8] = {
	{ { 0, 1, 0 }, { 0, 0, 1 } },   // normal
	{ { 1, 0, -1 }, { 0, 1, 0 } },  // 90
	{ { 1, -1, 0 }, { 1, 0, -1 } }, // 180
	{ { 0, 0, 1 }, { 1, -1, 0 } },  // 270
	{ { 1, -1, 0 }, { 0, 0, 1 } },  // flipped
	{ { 0, 0, 1 }, { 0, 1, 0 } },   // flipped 90
	{ { 0, 1, 0 }, { 1, 0, -1 } },  // flipped 180
	{ { 1, 0, -1 }, { 1, -1, 0 } }, // flipped 270
};

/** Events carry 1/256 px at best: the last place that rounds to the inside. */
#define EDGE (1.0 / 256)

static double clamp(double value, int32_t length) {
	if (!(value > 0)) { // also what is not a number
		return 0;
	}
	double last = length > 0 ? length - EDGE : 0;
	return value < last ? value : last;
}

void bn_place_clamp(const struct bn_place_size *size, struct bn_place *place) {
	place->x = clamp(place->x, size->width);
	place->y = clamp(place->y, size->height);
}

struct bn_place bn_place_from_panel(int transform, const struct bn_place_size *size, double u,
		double v) {
	int t = transform & 7;
	struct bn_place place = {
		.x = (transforms[t].x[0] + transforms[t].x[1] * u + transforms[t].x[2] * v)
				* size->width,
		.y = (transforms[t].y[0] + transforms[t].y[1] * u + transforms[t].y[2] * v)
				* size->height,
	};
	bn_place_clamp(size, &place);
	return place;
}

static bool is_there(const struct bn_place_size *size) {
	return size->width > 0 && size->height > 0;
}

/** The next display that is there, in the direction of `step`; `count` when there is none. */
static size_t neighbour(const struct bn_place_size *row, size_t count, size_t from, int step) {
	for (size_t i = from;;) {
		if (step < 0 && i == 0) {
			return count;
		}
		i = step < 0 ? i - 1 : i + 1;
		if (i >= count) {
			return count;
		}
		if (is_there(&row[i])) {
			return i;
		}
	}
}

/** A pointer whose display went away continues on the first one that is left. */
static bool settle(const struct bn_place_size *row, size_t count, struct bn_place *place) {
	if (place->index < count && is_there(&row[place->index])) {
		return true;
	}
	for (size_t i = 0; i < count; i++) {
		if (is_there(&row[i])) {
			*place = (struct bn_place){ i, row[i].width / 2.0, row[i].height / 2.0 };
			return true;
		}
	}
	return false;
}

void bn_place_walk(const struct bn_place_size *row, size_t count, struct bn_place *place, double dx,
		double dy) {
	if (!settle(row, count, place) || !isfinite(dx) || !isfinite(dy)) {
		return;
	}
	place->x += dx;
	place->y += dy;
	size_t next;
	while (place->x >= row[place->index].width
			&& (next = neighbour(row, count, place->index, 1)) < count) {
		place->x -= row[place->index].width;
		place->index = next;
	}
	while (place->x < 0 && (next = neighbour(row, count, place->index, -1)) < count) {
		place->x += row[next].width;
		place->index = next;
	}
	bn_place_clamp(&row[place->index], place);
}

void bn_place_spread(const struct bn_place_size *row, size_t count, struct bn_place *place,
		double u, double v) {
	struct bn_place first = { .index = count };
	if (!settle(row, count, &first)) {
		return;
	}
	double total = 0;
	for (size_t i = 0; i < count; i++) {
		total += is_there(&row[i]) ? row[i].width : 0;
	}
	*place = (struct bn_place){ .index = first.index };
	bn_place_walk(row, count, place, u * total, 0);
	place->y = v * row[place->index].height;
	bn_place_clamp(&row[place->index], place);
}
