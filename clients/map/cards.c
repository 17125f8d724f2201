#include <math.h>
#include <stdio.h>

#include "map/map.h"

#define TURN_WIDTH 480.0
#define TURN_HEIGHT 164.0
#define TRIP_WIDTH 480.0
#define TRIP_HEIGHT 128.0
#define SPEED_SIZE 104.0
#define MARGIN 36.0
#define CITY_KMH 34.0 // average speed that the arrival is reckoned with
#define START_OF_DAY_MIN (9 * 60 + 41)

static cairo_rectangle_int_t box_of(double x, double y, double width, double height) {
	int x1 = (int)floor(x), y1 = (int)floor(y);
	int x2 = (int)ceil(x + width), y2 = (int)ceil(y + height);
	return (cairo_rectangle_int_t){ x1, y1, x2 - x1, y2 - y1 };
}

static bool is_low(const struct bn_map *map, const struct bn_app_view *view) {
	return view->height < (TURN_HEIGHT + TRIP_HEIGHT + 3 * MARGIN) * map->unit;
}

static int minutes_left(const struct bn_map *map) {
	double remaining = bn_route_remaining(&map->route, map->trip.distance);
	return (int)ceil(remaining / 1000 / CITY_KMH * 60);
}

void bn_map_update_cards(struct bn_map *map, const struct bn_app_view *view,
		cairo_region_t *damage) {
	double u = map->unit;
	double left, until;
	const struct bn_turn *turn = bn_route_next(&map->route, map->trip.distance, 0, &left);
	char text[24];
	bn_route_format(left, text, sizeof(text));
	uint64_t key = bn_key_text(bn_key_text(BN_KEY_START, turn->street), text);
	cairo_rectangle_int_t box = box_of(MARGIN * u - 20 * u, MARGIN * u - 20 * u,
			TURN_WIDTH * u + 40 * u, TURN_HEIGHT * u + 48 * u);
	bn_part_set(&map->turn_card, &box, key, damage);
	until = bn_route_remaining(&map->route, map->trip.distance);
	key = bn_key_mix(bn_key_mix(BN_KEY_START, minutes_left(map)), lround(until / 20));
	key = bn_key_mix(key, view->time_ms / 60000);
	double top = view->height - (MARGIN + TRIP_HEIGHT) * u;
	box = box_of(MARGIN * u - 20 * u, top - 20 * u, TRIP_WIDTH * u + 40 * u,
			TRIP_HEIGHT * u + 48 * u);
	bn_part_set(&map->trip_card, &box, is_low(map, view) ? 0 : key, damage);
	double speed = bn_signals_number(&view->signals, BN_SIGNAL_SPEED, -1);
	box = box_of(view->width - (MARGIN + SPEED_SIZE + 20) * u, MARGIN * u - 20 * u,
			(SPEED_SIZE + 40) * u, (SPEED_SIZE + 48) * u);
	bn_part_set(&map->speed_card, &box, bn_key_mix(BN_KEY_START, lround(speed)), damage);
}

static void draw_card(const struct bn_app_view *view, cairo_t *cr, double x, double y, double width,
		double height, double radius) {
	bool night = view->palette.night;
	bn_draw_shadow(cr, x, y + 6, width, height, radius, 26, night ? 0.42 : 0.2);
	uint32_t fill = night ? 0x161b21 : 0xffffff;
	bn_draw_source(cr, fill, 0.97);
	bn_draw_rounded(cr, x, y, width, height, radius);
	cairo_fill_preserve(cr);
	if (night) {
		bn_draw_source(cr, 0xffffff, 0.07);
		cairo_set_line_width(cr, 1);
		cairo_stroke(cr);
	}
	cairo_new_path(cr);
}

static uint32_t ink(const struct bn_app_view *view) {
	return view->palette.night ? 0xf4f6f8 : 0x11161b;
}

static uint32_t quiet(const struct bn_app_view *view) {
	return view->palette.night ? 0x98a3af : 0x616c78;
}

static void draw_arrow(cairo_t *cr, double x, double y, double size, uint32_t color,
		enum bn_turn_kind kind) {
	cairo_save(cr);
	cairo_translate(cr, x, y);
	cairo_scale(cr, size / 100, size / 100);
	bn_draw_source(cr, color, 1);
	bn_route_draw_turn(cr, kind);
	cairo_restore(cr);
}

static void draw_turn_card(const struct bn_map *map, const struct bn_app_view *view, cairo_t *cr) {
	double left, then_left;
	const struct bn_turn *turn = bn_route_next(&map->route, map->trip.distance, 0, &left);
	const struct bn_turn *then = bn_route_next(&map->route, map->trip.distance, 1, &then_left);
	char text[24];
	bn_route_format(left, text, sizeof(text));
	draw_card(view, cr, MARGIN, MARGIN, TURN_WIDTH, TURN_HEIGHT, 28);
	bn_draw_source(cr, view->palette.accent, view->palette.night ? 0.16 : 0.12);
	bn_draw_rounded(cr, MARGIN + 18, MARGIN + 18, 128, 128, 20);
	cairo_fill(cr);
	draw_arrow(cr, MARGIN + 38, MARGIN + 36, 88, view->palette.accent, turn->kind);
	const struct bn_text_style far = {
		.face = BN_FACE_DISPLAY_SEMIBOLD, .size = 54, .tracking = -0.02, .color = ink(view)
	};
	const struct bn_text_style street = {
		.face = BN_FACE_MEDIUM, .size = 24, .color = quiet(view)
	};
	double x = MARGIN + 170;
	bn_text_draw(cr, view->fonts, &far, x, MARGIN + 74, text);
	bn_text_draw_within(cr, view->fonts, &street, x, MARGIN + 114, TURN_WIDTH - 190,
			turn->street);
	if (then_left - left < 400 && turn->kind != BN_TURN_ARRIVE) {
		const struct bn_text_style label = { .face = BN_FACE_MEDIUM,
			.size = 18,
			.color = quiet(view),
			.align = BN_ALIGN_RIGHT };
		double right = MARGIN + TURN_WIDTH - 26;
		draw_arrow(cr, right - 28, MARGIN + 30, 30, quiet(view), then->kind);
		bn_text_draw(cr, view->fonts, &label, right - 38, MARGIN + 52, "then");
	}
}

static void draw_column(const struct bn_app_view *view, cairo_t *cr, double x, double y,
		const char *value, const char *unit, const char *caption) {
	const struct bn_text_style big = { .face = BN_FACE_DISPLAY_SEMIBOLD,
		.size = 36,
		.tracking = -0.015,
		.color = ink(view),
		.tabular = true };
	const struct bn_text_style small = {
		.face = BN_FACE_MEDIUM, .size = 20, .color = quiet(view)
	};
	const struct bn_text_style under = {
		.face = BN_FACE_MEDIUM, .size = 18, .color = quiet(view)
	};
	double width = bn_text_draw(cr, view->fonts, &big, x, y, value);
	bn_text_draw(cr, view->fonts, &small, x + width + 6, y, unit);
	bn_text_draw(cr, view->fonts, &under, x, y + 28, caption);
}

static void draw_trip_card(const struct bn_map *map, const struct bn_app_view *view, cairo_t *cr) {
	double bottom = view->height / map->unit, y = bottom - MARGIN - TRIP_HEIGHT;
	double remaining = bn_route_remaining(&map->route, map->trip.distance);
	int minutes = minutes_left(map);
	int64_t arrival = START_OF_DAY_MIN + view->time_ms / 60000 + minutes;
	char clock[16], left[16], far[16];
	snprintf(clock, sizeof(clock), "%02d:%02d", (int)(arrival / 60 % 24), (int)(arrival % 60));
	snprintf(left, sizeof(left), "%d", minutes);
	snprintf(far, sizeof(far), "%.1f", remaining / 1000);
	draw_card(view, cr, MARGIN, y, TRIP_WIDTH, TRIP_HEIGHT, 28);
	draw_column(view, cr, MARGIN + 30, y + 58, clock, "", "Arrival");
	draw_column(view, cr, MARGIN + 188, y + 58, left, "min", "Time");
	draw_column(view, cr, MARGIN + 326, y + 58, far, "km", "Distance");
	double part = 1 - remaining / map->route.length, width = TRIP_WIDTH - 60;
	bn_draw_source(cr, ink(view), 0.12);
	bn_draw_rounded(cr, MARGIN + 30, y + 104, width, 5, 2.5);
	cairo_fill(cr);
	bn_draw_source(cr, view->palette.accent, 1);
	bn_draw_rounded(cr, MARGIN + 30, y + 104, fmax(width * part, 5), 5, 2.5);
	cairo_fill(cr);
}

static void draw_speed_card(const struct bn_map *map, const struct bn_app_view *view, cairo_t *cr) {
	double x = view->width / map->unit - MARGIN - SPEED_SIZE, middle = x + SPEED_SIZE / 2;
	draw_card(view, cr, x, MARGIN, SPEED_SIZE, SPEED_SIZE, SPEED_SIZE / 2);
	char text[16] = "--";
	if (bn_signals_known(&view->signals, BN_SIGNAL_SPEED)) {
		snprintf(text, sizeof(text), "%.0f",
				fabs(bn_signals_number(&view->signals, BN_SIGNAL_SPEED, 0)));
	}
	const struct bn_text_style big = { .face = BN_FACE_DISPLAY_SEMIBOLD,
		.size = 42,
		.tracking = -0.02,
		.color = ink(view),
		.align = BN_ALIGN_CENTER };
	const struct bn_text_style small = {
		.face = BN_FACE_MEDIUM, .size = 16, .color = quiet(view), .align = BN_ALIGN_CENTER
	};
	bn_text_draw(cr, view->fonts, &big, middle, MARGIN + 60, text);
	bn_text_draw(cr, view->fonts, &small, middle, MARGIN + 82, "km/h");
}

void bn_map_draw_cards(const struct bn_map *map, const struct bn_app_view *view, cairo_t *cr) {
	cairo_save(cr);
	cairo_scale(cr, map->unit, map->unit);
	draw_turn_card(map, view, cr);
	draw_speed_card(map, view, cr);
	if (!is_low(map, view)) {
		draw_trip_card(map, view, cr);
	}
	cairo_restore(cr);
}
