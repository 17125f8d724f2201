#ifndef BN_LIB_ROUTE_H
#define BN_LIB_ROUTE_H

#include <stddef.h>

#include "lib/app.h"
#include "lib/city.h"

/**
 * The route that map and cluster guide along: a round trip through the city, as a polyline with
 * rounded corners. Distances are metres along it and may have any value: the trip repeats.
 */
#define BN_ROUTE_POINTS 1024
#define BN_ROUTE_TURNS 16
#define BN_ROUTE_ODOMETER_KM 12846.0 // the reading at BN_ROUTE_START_M
#define BN_ROUTE_START_M 140.0       // where an app that starts now is on the trip

enum bn_turn_kind {
	BN_TURN_LEFT,
	BN_TURN_RIGHT,
	BN_TURN_ARRIVE,
};

struct bn_turn {
	double at; // metres
	enum bn_turn_kind kind;
	const char *street; // into which
};

struct bn_route {
	struct bn_city_point points[BN_ROUTE_POINTS];
	double at[BN_ROUTE_POINTS]; // metres from the start
	size_t count;
	struct bn_turn turns[BN_ROUTE_TURNS];
	size_t turn_count;
	double length;
};

struct bn_route_place {
	struct bn_city_point point;
	double heading; // radians clockwise from north
};

void bn_route_init(struct bn_route *route);
struct bn_route_place bn_route_place_at(const struct bn_route *route, double distance);
/** The `ahead`-th turn after `distance`, 0 for the next one, and how far it is. */
const struct bn_turn *bn_route_next(const struct bn_route *route, double distance, size_t ahead,
		double *ret_remaining);
/** Metres from `distance` to the destination. */
double bn_route_remaining(const struct bn_route *route, double distance);

/** How far an app is on the trip. */
struct bn_route_trip {
	double distance;    // metres
	double odometer_km; // as last heard; 0: not yet
};

/**
 * Moves on by speed and time, backwards in reverse. Each new reading of the odometer puts apps that
 * were hidden, or started later, back to the same place.
 */
void bn_route_trip_move(struct bn_route_trip *trip, const struct bn_app_view *view);
/** "180 m", "1.2 km": rounded as a navigator says it. */
void bn_route_format(double metres, char *text, size_t size);

/** The manoeuvre's arrow in a box of 100 x 100, stroked in the source that is set. */
void bn_route_draw_turn(cairo_t *cr, enum bn_turn_kind kind);

#endif
