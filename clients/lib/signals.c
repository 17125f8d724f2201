#include "lib/signals.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const names[BN_SIGNAL_COUNT] = {
#define BN_SIGNAL_NAME(id, name) name,
	BN_SIGNALS(BN_SIGNAL_NAME)
#undef BN_SIGNAL_NAME
};

const char *bn_signal_name(enum bn_signal_id id) {
	return names[id];
}

enum bn_signal_id bn_signal_find(const char *name) {
	int id = 0;
	while (id < BN_SIGNAL_COUNT && strcmp(names[id], name) != 0) {
		id++;
	}
	return (enum bn_signal_id)id;
}

bool bn_signals_known(const struct bn_signals *signals, enum bn_signal_id id) {
	return signals->values[id].known;
}

double bn_signals_number(const struct bn_signals *signals, enum bn_signal_id id, double fallback) {
	const struct bn_signal_value *value = &signals->values[id];
	return value->known ? value->number : fallback;
}

bool bn_signals_is_on(const struct bn_signals *signals, enum bn_signal_id id) {
	return signals->values[id].known && signals->values[id].number != 0;
}

static void set(struct bn_signals *signals, enum bn_signal_id id, double number) {
	signals->values[id].known = true;
	signals->values[id].number = number;
}

/** Straight lines between points, smoothed at each end. */
static double curve(const double (*points)[2], size_t count, double x) {
	for (size_t i = 1; i < count; i++) {
		if (x < points[i][0]) {
			double part = (x - points[i - 1][0]) / (points[i][0] - points[i - 1][0]);
			part = part * part * (3 - 2 * part);
			return points[i - 1][1] + (points[i][1] - points[i - 1][1]) * part;
		}
	}
	return points[count - 1][1];
}

#define DEMO_PERIOD_S 120.0

static const double demo_speed[][2] = { { 0, 0 }, { 4, 0 }, { 16, 52 }, { 34, 48 }, { 44, 87 },
	{ 66, 92 }, { 76, 48 }, { 88, 50 }, { 98, 0 }, { 101, 0 }, { 105, -5 }, { 112, -4 },
	{ 116, 0 }, { 120, 0 } };
static const double demo_steering[][2] = { { 0, 0 }, { 18, 0 }, { 24, 40 }, { 30, 0 }, { 70, 0 },
	{ 76, -60 }, { 82, 0 }, { 101, 0 }, { 106, 280 }, { 111, -200 }, { 116, 0 }, { 120, 0 } };

static bool blink(double time_s, double from, double until) {
	return time_s >= from && time_s < until && fmod(time_s - from, 0.8) < 0.4;
}

#define CURVE(points, x) curve(points, sizeof(points) / sizeof((points)[0]), x)

void bn_signals_demo(struct bn_signals *signals, int64_t time_ms) {
	double t = fmod((double)time_ms / 1000.0, DEMO_PERIOD_S);
	double speed = CURVE(demo_speed, t), slope = (CURVE(demo_speed, t + 0.2) - speed) / 0.2;
	bool reverse = t >= 100 && t < 117, parked = t < 3 || t >= 118;
	set(signals, BN_SIGNAL_SPEED, fabs(speed));
	set(signals, BN_SIGNAL_GEAR, parked ? 126 : reverse ? -1 : 1);
	set(signals, BN_SIGNAL_POWER, speed * 0.22 + slope * fabs(speed) * 0.35);
	set(signals, BN_SIGNAL_CHARGE, 78);
	set(signals, BN_SIGNAL_RANGE, 412000);
	set(signals, BN_SIGNAL_ODOMETER, 12846);
	set(signals, BN_SIGNAL_TRIP, 38.4);
	set(signals, BN_SIGNAL_AIR, 14.5);
	set(signals, BN_SIGNAL_STEERING, CURVE(demo_steering, t));
	set(signals, BN_SIGNAL_BRAKE_PEDAL, slope < -2 ? 40 : 0);
	set(signals, BN_SIGNAL_PARKING_BRAKE, parked);
	set(signals, BN_SIGNAL_TURN_RIGHT, blink(t, 17, 25));
	set(signals, BN_SIGNAL_TURN_LEFT, blink(t, 68, 77));
	set(signals, BN_SIGNAL_HAZARD, 0);
	set(signals, BN_SIGNAL_BEAM_LOW, 1);
	set(signals, BN_SIGNAL_BEAM_HIGH, t >= 46 && t < 64);
	set(signals, BN_SIGNAL_BRAKE_WARNING, parked);
	set(signals, BN_SIGNAL_BELTED, t >= 2);
	set(signals, BN_SIGNAL_DOOR_DRIVER, t < 1.5);
	set(signals, BN_SIGNAL_TIRE_REAR_LEFT, t >= 84 && t < 96);
	for (int id = BN_SIGNAL_ABS_ERROR; id <= BN_SIGNAL_LOW_VOLTAGE; id++) {
		set(signals, (enum bn_signal_id)id, 0);
	}
}
