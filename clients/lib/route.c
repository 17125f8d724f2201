#include "lib/route.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "lib/draw.h"

struct node {
	int column, row;
};

static const struct node nodes[] = { { 0, 0 }, { 0, 4 }, { 3, 4 }, { 3, 9 }, { -2, 9 }, { -2, 6 },
	{ -5, 6 }, { -5, -1 }, { -2, -1 }, { -2, -3 }, { 0, -3 } };
#define NODE_COUNT (sizeof(nodes) / sizeof(nodes[0]))
#define CORNER 0.13   // of a block: where the turn begins
#define EDGE_STEPS 10 // points per block
#define CORNER_STEPS 8
#define RESYNC_M 12.0 // off by more than that, the odometer is right

static void add_point(struct bn_route *route, double column, double row) {
	assert(route->count < BN_ROUTE_POINTS);
	struct bn_city_point point = bn_city_at(column, row);
	size_t i = route->count++;
	route->points[i] = point;
	route->at[i] = i == 0 ? 0
			      : route->at[i - 1]
					+ hypot(point.x - route->points[i - 1].x,
							point.y - route->points[i - 1].y);
}

static int sign(int value) {
	return value > 0 ? 1 : value < 0 ? -1 : 0;
}

static void add_edge(struct bn_route *route, const struct node *from, const struct node *to,
		double skip_start, double skip_end) {
	int columns = to->column - from->column, rows = to->row - from->row;
	int blocks = columns != 0 ? columns * sign(columns) : rows * sign(rows);
	double length = blocks - skip_start - skip_end;
	int steps = blocks * EDGE_STEPS;
	for (int i = 0; i <= steps; i++) {
		double along = skip_start + length * i / steps;
		add_point(route, from->column + sign(columns) * along,
				from->row + sign(rows) * along);
	}
}

static void add_corner(struct bn_route *route, const struct node *before, const struct node *corner,
		const struct node *after) {
	double in_x = sign(corner->column - before->column), in_y = sign(corner->row - before->row);
	double out_x = sign(after->column - corner->column), out_y = sign(after->row - corner->row);
	for (int i = 1; i < CORNER_STEPS; i++) {
		double t = (double)i / CORNER_STEPS;
		double a = (1 - t) * (1 - t), c = t * t; // a quadratic curve through the corner
		add_point(route, corner->column + CORNER * (c * out_x - a * in_x),
				corner->row + CORNER * (c * out_y - a * in_y));
		if (i == CORNER_STEPS / 2) {
			bool right = in_x * out_y - in_y * out_x < 0;
			assert(route->turn_count < BN_ROUTE_TURNS);
			route->turns[route->turn_count++] = (struct bn_turn){
				.at = route->at[route->count - 1],
				.kind = right ? BN_TURN_RIGHT : BN_TURN_LEFT,
				.street = out_x != 0 ? bn_city_row_name(corner->row)
						     : bn_city_column_name(corner->column),
			};
		}
	}
}

void bn_route_init(struct bn_route *route) {
	*route = (struct bn_route){ 0 };
	for (size_t i = 0; i < NODE_COUNT; i++) {
		const struct node *from = &nodes[i], *to = &nodes[(i + 1) % NODE_COUNT];
		const struct node *after = &nodes[(i + 2) % NODE_COUNT];
		bool last = i + 1
				== NODE_COUNT; // the trip ends where it began, in the same direction
		add_edge(route, from, to, i == 0 ? 0 : CORNER, last ? 0 : CORNER);
		if (!last) {
			add_corner(route, from, to, after);
		}
	}
	route->length = route->at[route->count - 1];
	assert(route->turn_count < BN_ROUTE_TURNS);
	route->turns[route->turn_count++] = (struct bn_turn){
		.at = route->length,
		.kind = BN_TURN_ARRIVE,
		.street = "Harbour Pavilion",
	};
}

static double wrap(const struct bn_route *route, double distance) {
	double rest = fmod(distance, route->length);
	return rest < 0 ? rest + route->length : rest;
}

static struct bn_city_point point_at(const struct bn_route *route, double distance) {
	double at = wrap(route, distance);
	size_t low = 0, high = route->count - 1;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		if (route->at[middle] <= at) {
			low = middle;
		} else {
			high = middle;
		}
	}
	double part = (at - route->at[low]) / fmax(route->at[high] - route->at[low], 1e-6);
	return (struct bn_city_point){
		.x = bn_draw_lerp(route->points[low].x, route->points[high].x, part),
		.y = bn_draw_lerp(route->points[low].y, route->points[high].y, part),
	};
}

struct bn_route_place bn_route_place_at(const struct bn_route *route, double distance) {
	// The heading looks a car's length back and a bit more ahead: it turns softly in corners.
	struct bn_city_point back = point_at(route, distance - 9);
	struct bn_city_point front = point_at(route, distance + 12);
	return (struct bn_route_place){
		.point = point_at(route, distance),
		.heading = atan2(front.x - back.x, front.y - back.y),
	};
}

const struct bn_turn *bn_route_next(const struct bn_route *route, double distance, size_t ahead,
		double *ret_remaining) {
	double at = wrap(route, distance);
	size_t first = 0;
	while (first + 1 < route->turn_count && route->turns[first].at <= at) {
		first++;
	}
	size_t index = first + ahead;
	double laps = (double)(index / route->turn_count);
	index %= route->turn_count;
	*ret_remaining = route->turns[index].at + laps * route->length - at;
	return &route->turns[index];
}

double bn_route_remaining(const struct bn_route *route, double distance) {
	return route->length - wrap(route, distance);
}

void bn_route_trip_move(struct bn_route_trip *trip, const struct bn_app_view *view) {
	double speed = bn_signals_number(&view->signals, BN_SIGNAL_SPEED, 0) / 3.6;
	bool reverse = bn_signals_number(&view->signals, BN_SIGNAL_GEAR, 0) < 0;
	trip->distance += (reverse ? -fabs(speed) : fabs(speed)) * view->elapsed_s;
	double odometer = bn_signals_number(&view->signals, BN_SIGNAL_ODOMETER, 0);
	if (odometer <= 0 || odometer == trip->odometer_km) {
		return;
	}
	trip->odometer_km = odometer;
	double place = BN_ROUTE_START_M + (odometer - BN_ROUTE_ODOMETER_KM) * 1000;
	// Readings come in steps of some metres; what was reckoned in between is finer.
	if (fabs(place - trip->distance) > RESYNC_M) {
		trip->distance = place;
	}
}

void bn_route_format(double metres, char *text, size_t size) {
	if (metres >= 1000) {
		snprintf(text, size, "%.1f km", metres / 1000);
	} else if (metres >= 300) {
		snprintf(text, size, "%d m", (int)(round(metres / 50) * 50));
	} else {
		snprintf(text, size, "%d m", (int)(round(metres / 10) * 10));
	}
}

void bn_route_draw_turn(cairo_t *cr, enum bn_turn_kind kind) {
	cairo_save(cr);
	cairo_set_line_width(cr, 11);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	if (kind == BN_TURN_ARRIVE) {
		cairo_arc(cr, 50, 38, 22, M_PI * 0.85, M_PI * 2.15);
		cairo_line_to(cr, 50, 90);
		cairo_close_path(cr);
		cairo_stroke(cr);
		cairo_arc(cr, 50, 39, 8, 0, 2 * M_PI);
		cairo_fill(cr);
		cairo_restore(cr);
		return;
	}
	if (kind == BN_TURN_LEFT) {
		cairo_translate(cr, 100, 0);
		cairo_scale(cr, -1, 1);
	}
	cairo_move_to(cr, 28, 90);
	cairo_line_to(cr, 28, 56);
	cairo_curve_to(cr, 28, 40, 34, 34, 50, 34);
	cairo_line_to(cr, 80, 34);
	cairo_move_to(cr, 62, 14);
	cairo_line_to(cr, 83, 34);
	cairo_line_to(cr, 62, 54);
	cairo_stroke(cr);
	cairo_restore(cr);
}
