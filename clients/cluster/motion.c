#include <math.h>

#include "cluster/cluster.h"

#define DASH_M 3.0
#define DASH_PERIOD_M 9.0

/** An arc with a bright head: three strokes, wide and faint to narrow and full. */
static void draw_arc(cairo_t *cr, double x, double y, double from, double until, uint32_t color,
		uint32_t head) {
	double radius = BN_CLUSTER_RING_RADIUS;
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_pattern_t *sweep = cairo_pattern_create_linear(x + cos(from) * radius,
			y + sin(from) * radius, x + cos(until) * radius, y + sin(until) * radius);
	bn_draw_stop(sweep, 0, color, 0.55);
	bn_draw_stop(sweep, 1, color, 1);
	static const double widths[] = { 22, 14, 7 };
	static const double alphas[] = { 0.07, 0.12, 1 };
	for (size_t i = 0; i < 3; i++) {
		cairo_set_line_width(cr, widths[i]);
		cairo_arc(cr, x, y, radius, fmin(from, until), fmax(from, until));
		if (i < 2) {
			bn_draw_source(cr, color, alphas[i]);
		} else {
			cairo_set_source(cr, sweep);
		}
		cairo_stroke(cr);
	}
	cairo_pattern_destroy(sweep);
	double head_x = x + cos(until) * radius, head_y = y + sin(until) * radius;
	bn_draw_glow(cr, head_x, head_y, 20, head, 0.55);
	bn_draw_source(cr, head, 1);
	cairo_new_sub_path(cr);
	cairo_arc(cr, head_x, head_y, 5.5, 0, 2 * M_PI);
	cairo_fill(cr);
}

void bn_cluster_draw_speed_ring(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr) {
	if (!bn_signals_known(&view->signals, BN_SIGNAL_SPEED)) {
		return;
	}
	uint32_t head = view->palette.dark ? 0xffffff : view->palette.accent;
	draw_arc(cr, cluster->frame.left_x, BN_CLUSTER_RING_Y + cluster->frame.top,
			BN_CLUSTER_RING_START, bn_cluster_speed_angle(cluster->speed),
			view->palette.accent, head);
}

void bn_cluster_draw_power_ring(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr) {
	if (!bn_signals_known(&view->signals, BN_SIGNAL_SPEED)) {
		return;
	}
	uint32_t color = cluster->power < 0 ? BN_GREEN : view->palette.accent;
	uint32_t head = view->palette.dark ? 0xffffff : color;
	draw_arc(cr, cluster->frame.right_x, BN_CLUSTER_RING_Y + cluster->frame.top,
			bn_cluster_power_angle(0), bn_cluster_power_angle(cluster->power), color,
			head);
}

struct road {
	double x, top, bend;
};

static struct road road_of(const struct bn_cluster *cluster) {
	return (struct road){ cluster->frame.center_x, cluster->frame.top, cluster->bend };
}

static double road_y(const struct road *road, double ahead) {
	return road->top + BN_CLUSTER_HORIZON_Y
			+ (BN_CLUSTER_NEAR_Y - BN_CLUSTER_HORIZON_Y) * BN_CLUSTER_NEAR_M / ahead;
}

static double road_x(const struct road *road, double side, double ahead) {
	double bent = side + road->bend * ahead * ahead / 2;
	return road->x + bent * BN_CLUSTER_PER_M * BN_CLUSTER_NEAR_M / ahead;
}

/** A strip on the ground between two distances. */
static void strip(cairo_t *cr, const struct road *road, double left, double right, double from,
		double until) {
	int steps = (int)ceil(log(until / from) / 0.12) + 1;
	cairo_new_sub_path(cr);
	for (int i = 0; i <= steps; i++) {
		double ahead = from * pow(until / from, (double)i / steps);
		cairo_line_to(cr, road_x(road, left, ahead), road_y(road, ahead));
	}
	for (int i = steps; i >= 0; i--) {
		double ahead = from * pow(until / from, (double)i / steps);
		cairo_line_to(cr, road_x(road, right, ahead), road_y(road, ahead));
	}
	cairo_close_path(cr);
}

/** Fades out towards the horizon and at the lower edge. */
static void set_faded(cairo_t *cr, const struct road *road, uint32_t color, double alpha) {
	cairo_pattern_t *fade = cairo_pattern_create_linear(0, road->top + BN_CLUSTER_HORIZON_Y, 0,
			road->top + BN_CLUSTER_NEAR_Y);
	bn_draw_stop(fade, 0, color, 0);
	bn_draw_stop(fade, 0.08, color, 0.04 * alpha);
	bn_draw_stop(fade, 0.45, color, 0.7 * alpha);
	bn_draw_stop(fade, 0.75, color, alpha);
	bn_draw_stop(fade, 1, color, 0);
	cairo_set_source(cr, fade);
	cairo_pattern_destroy(fade);
}

static void draw_dashes(cairo_t *cr, const struct road *road, double side, double distance) {
	double phase = fmod(distance, DASH_PERIOD_M);
	double half = 0.07;
	for (double at = -phase; at < BN_CLUSTER_FAR_M; at += DASH_PERIOD_M) {
		double from = fmax(at, BN_CLUSTER_NEAR_M),
		       until = fmin(at + DASH_M, BN_CLUSTER_FAR_M);
		if (until > from + 0.05) {
			strip(cr, road, side - half, side + half, from, until);
		}
	}
}

void bn_cluster_draw_other(cairo_t *cr, bool night) {
	bn_draw_source(cr, night ? 0x5b6673 : 0x9aa5b1, 1);
	cairo_move_to(cr, 10, 116);
	cairo_curve_to(cr, 2, 90, 6, 66, 30, 58);
	cairo_curve_to(cr, 44, 24, 56, 10, 100, 10);
	cairo_curve_to(cr, 144, 10, 156, 24, 170, 58);
	cairo_curve_to(cr, 194, 66, 198, 90, 190, 116);
	cairo_line_to(cr, 182, 132);
	cairo_line_to(cr, 150, 132);
	cairo_line_to(cr, 150, 118);
	cairo_line_to(cr, 50, 118);
	cairo_line_to(cr, 50, 132);
	cairo_line_to(cr, 18, 132);
	cairo_close_path(cr);
	cairo_fill(cr);
	bn_draw_source(cr, 0xd0352b, 1);
	bn_draw_rounded(cr, 18, 70, 164, 7, 3);
	cairo_fill(cr);
	bn_draw_source(cr, night ? 0x1a2027 : 0x5f6b77, 1);
	cairo_move_to(cr, 52, 54);
	cairo_curve_to(cr, 60, 28, 70, 22, 100, 22);
	cairo_curve_to(cr, 130, 22, 140, 28, 148, 54);
	cairo_close_path(cr);
	cairo_fill(cr);
}

size_t bn_cluster_traffic(const struct bn_cluster *cluster, struct bn_cluster_other others[3]) {
	// Traffic as a driver assistance would see it: it follows from the distance alone.
	double lead = 19 + 6 * sin(cluster->trip.distance / 240);
	double left = 15 + 9 * sin(cluster->trip.distance / 170 + 1);
	const struct {
		double side, ahead, alpha;
	} cars[] = {
		{ BN_CLUSTER_LANE_M, lead + 14, 0.75 },
		{ 0, lead, 1 },
		{ -BN_CLUSTER_LANE_M, left, 0.9 },
	};
	const struct road road = road_of(cluster);
	for (size_t i = 0; i < 3; i++) {
		double size = 1.9 * BN_CLUSTER_PER_M * BN_CLUSTER_NEAR_M / cars[i].ahead;
		others[i] = (struct bn_cluster_other){
			.x = road_x(&road, cars[i].side, cars[i].ahead) - size / 2,
			.y = road_y(&road, cars[i].ahead) - size * 0.66,
			.size = size,
			.alpha = cars[i].alpha,
		};
	}
	return 3;
}

static void draw_traffic(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr) {
	struct bn_cluster_other others[3];
	size_t count = bn_cluster_traffic(cluster, others);
	for (size_t i = 0; i < count; i++) {
		cairo_save(cr);
		cairo_translate(cr, others[i].x, others[i].y);
		cairo_scale(cr, others[i].size / 200, others[i].size / 200);
		cairo_push_group(cr);
		bn_cluster_draw_other(cr, view->palette.dark);
		cairo_pop_group_to_source(cr);
		cairo_paint_with_alpha(cr, others[i].alpha);
		cairo_restore(cr);
	}
}

void bn_cluster_draw_road(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr) {
	const struct bn_palette *palette = &view->palette;
	const struct road road = {
		.x = cluster->frame.center_x, .top = cluster->frame.top, .bend = cluster->bend
	};
	uint32_t ground = palette->dark ? palette->foreground : 0xffffff;
	strip(cr, &road, -1.5 * BN_CLUSTER_LANE_M, 1.5 * BN_CLUSTER_LANE_M, BN_CLUSTER_NEAR_M,
			BN_CLUSTER_FAR_M);
	set_faded(cr, &road, ground, palette->dark ? 0.05 : 0.6);
	cairo_fill(cr);
	strip(cr, &road, -0.9, 0.9, BN_CLUSTER_NEAR_M, 90);
	set_faded(cr, &road, palette->accent, 0.34);
	cairo_fill(cr);
	uint32_t line = palette->dark ? 0xffffff : palette->faint;
	draw_dashes(cr, &road, -BN_CLUSTER_LANE_M / 2, cluster->trip.distance);
	draw_dashes(cr, &road, BN_CLUSTER_LANE_M / 2, cluster->trip.distance);
	set_faded(cr, &road, line, 0.85);
	cairo_fill(cr);
	strip(cr, &road, -1.5 * BN_CLUSTER_LANE_M - 0.07, -1.5 * BN_CLUSTER_LANE_M + 0.07,
			BN_CLUSTER_NEAR_M, BN_CLUSTER_FAR_M);
	strip(cr, &road, 1.5 * BN_CLUSTER_LANE_M - 0.07, 1.5 * BN_CLUSTER_LANE_M + 0.07,
			BN_CLUSTER_NEAR_M, BN_CLUSTER_FAR_M);
	set_faded(cr, &road, line, 0.5);
	cairo_fill(cr);

	draw_traffic(cluster, view, cr);
	bn_layer_cache_paint(&cluster->car[cluster->braking ? 1 : 0], cr,
			road.x - BN_CLUSTER_CAR_WIDTH / 2, road.top + BN_CLUSTER_CAR_TOP);
}
