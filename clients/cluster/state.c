#include <math.h>

#include "cluster/cluster.h"

#define FOLLOW_PER_S 7.0 // how fast a ring follows its signal

double bn_cluster_speed_angle(double speed) {
	double part = bn_draw_clamp(speed / BN_CLUSTER_SPEED_MAX, 0, 1);
	return BN_CLUSTER_RING_START + part * BN_CLUSTER_RING_SWEEP;
}

double bn_cluster_power_angle(double power) {
	double range = BN_CLUSTER_POWER_MAX - BN_CLUSTER_POWER_MIN;
	double part = bn_draw_clamp((power - BN_CLUSTER_POWER_MIN) / range, 0, 1);
	return BN_CLUSTER_RING_START + part * BN_CLUSTER_RING_SWEEP;
}

/** Moves `value` towards `target`; true while it has not arrived. */
static bool follow(double *value, double target, double elapsed_s, double close_enough) {
	*value += (target - *value) * (1 - exp(-FOLLOW_PER_S * elapsed_s));
	if (fabs(target - *value) < close_enough) {
		*value = target;
	}
	return *value != target;
}

/** From the signal, else what it takes to move and speed up a car of two tonnes. */
static double power_of(const struct bn_cluster *cluster, const struct bn_app_view *view) {
	double speed = bn_signals_number(&view->signals, BN_SIGNAL_SPEED, 0);
	if (bn_signals_known(&view->signals, BN_SIGNAL_POWER)) {
		return bn_signals_number(&view->signals, BN_SIGNAL_POWER, 0);
	}
	if (view->elapsed_s <= 0) {
		return cluster->power;
	}
	double slope = (speed - cluster->signal_speed) / 3.6 / view->elapsed_s;
	return bn_draw_clamp(0.18 * speed + slope * speed / 3.6 * 2.0, -60, 140);
}

static void place_frame(struct bn_cluster_frame *frame, const struct bn_app_view *view) {
	frame->unit = fmin(view->width / 1920.0, view->height / 648.0);
	frame->width = view->width / frame->unit;
	frame->height = view->height / frame->unit;
	frame->top = (frame->height - 648) / 2;
	frame->center_x = frame->width / 2;
	frame->left_x = 424 + (frame->width - 1920) * 0.22;
	frame->right_x = frame->width - frame->left_x;
}

static cairo_rectangle_int_t box_of(const struct bn_cluster_frame *frame, double x, double y,
		double width, double height) {
	double top = y + frame->top;
	int x1 = (int)floor(x * frame->unit), y1 = (int)floor(top * frame->unit);
	int x2 = (int)ceil((x + width) * frame->unit), y2 = (int)ceil((top + height) * frame->unit);
	return (cairo_rectangle_int_t){ x1, y1, x2 - x1, y2 - y1 };
}

static cairo_rectangle_int_t part_box(const struct bn_cluster_frame *frame,
		enum bn_cluster_part part) {
	double ring = BN_CLUSTER_RING_RADIUS + 22;
	switch (part) {
	case BN_CLUSTER_SPEED_RING:
		return box_of(frame, frame->left_x - ring, BN_CLUSTER_RING_Y - ring, 2 * ring,
				2 * ring);
	case BN_CLUSTER_POWER_RING:
		return box_of(frame, frame->right_x - ring, BN_CLUSTER_RING_Y - ring, 2 * ring,
				2 * ring);
	case BN_CLUSTER_SPEED_TEXT:
		return box_of(frame, frame->left_x - 170, 190, 340, 250);
	case BN_CLUSTER_ENERGY_TEXT:
		return box_of(frame, frame->right_x - 170, 190, 340, 250);
	case BN_CLUSTER_ROAD:
		return box_of(frame, frame->center_x - 330, 150, 660, 406);
	case BN_CLUSTER_GUIDE:
		return box_of(frame, frame->center_x - 230, 28, 460, 112);
	case BN_CLUSTER_GEAR:
		return box_of(frame, frame->center_x - 160, 560, 320, 70);
	case BN_CLUSTER_LEFT_INFO:
		return box_of(frame, 48, 566, 560, 60);
	case BN_CLUSTER_RIGHT_INFO:
	default:
		return box_of(frame, frame->width - 608, 566, 560, 60);
	}
}

static uint64_t part_key(const struct bn_cluster *cluster, const struct bn_app_view *view,
		enum bn_cluster_part part) {
	uint64_t key = BN_KEY_START;
	if (bn_cluster_text_key(cluster, view, part, &key)) {
		return key;
	}
	switch (part) {
	case BN_CLUSTER_SPEED_RING:
		return bn_key_mix(key, lround(bn_cluster_speed_angle(cluster->speed) * 1000));
	case BN_CLUSTER_POWER_RING:
		return bn_key_mix(key, lround(bn_cluster_power_angle(cluster->power) * 1000));
	default: // the road
		key = bn_key_mix(key, lround(cluster->trip.distance * 50));
		key = bn_key_mix(key, lround(cluster->bend * 1e6));
		return bn_key_mix(key, cluster->braking);
	}
}

bool bn_cluster_update(struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_region_t *damage) {
	place_frame(&cluster->frame, view);
	double speed = bn_signals_number(&view->signals, BN_SIGNAL_SPEED, 0);
	double steering = bn_signals_number(&view->signals, BN_SIGNAL_STEERING, 0);
	double power = power_of(cluster, view);
	bn_route_trip_move(&cluster->trip, view);
	bool moves = fabs(speed) > 0;
	moves = follow(&cluster->speed, fabs(speed), view->elapsed_s, 0.05) || moves;
	moves = follow(&cluster->power, power, view->elapsed_s, 0.05) || moves;
	double bend = bn_draw_clamp(steering / 16 / 180 * M_PI / 2.9, -0.02, 0.02);
	moves = follow(&cluster->bend, bend, view->elapsed_s, 1e-5) || moves;
	bool slower = speed < cluster->signal_speed - 0.02 && cluster->power < -4;
	cluster->braking =
			slower || bn_signals_number(&view->signals, BN_SIGNAL_BRAKE_PEDAL, 0) > 3;
	cluster->signal_speed = speed;
	for (int part = 0; part < BN_CLUSTER_PART_COUNT; part++) {
		cairo_rectangle_int_t box = part_box(&cluster->frame, (enum bn_cluster_part)part);
		uint64_t key = part_key(cluster, view, (enum bn_cluster_part)part);
		bn_part_set(&cluster->parts[part], &box, key, damage);
	}
	return moves;
}
