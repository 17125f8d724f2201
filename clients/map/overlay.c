#include <math.h>

#include "map/map.h"

#define ROUTE_BEHIND_M 70.0
#define ROUTE_AHEAD_M 900.0
#define ROUTE_STEP_M 4.0
#define MAX_LABELS 24

/** The route's band on the ground, `half` metres to each side. */
static void add_route(const struct bn_map *map, cairo_t *cr, double from, double until,
		double half) {
	int steps = (int)ceil((until - from) / ROUTE_STEP_M);
	cairo_new_sub_path(cr);
	for (int side = 0; side < 2; side++) {
		for (int i = 0; i <= steps; i++) {
			double along = from + (until - from) * (side ? steps - i : i) / steps;
			struct bn_route_place place = bn_route_place_at(&map->route, along);
			double shift = side ? half : -half;
			double sx, sy;
			if (bn_map_project(&map->camera, place.point.x + cos(place.heading) * shift,
					    place.point.y - sin(place.heading) * shift, 0, &sx,
					    &sy)) {
				cairo_line_to(cr, sx, sy);
			}
		}
	}
	cairo_close_path(cr);
}

void bn_map_draw_route(const struct bn_map *map, const struct bn_app_view *view, cairo_t *cr) {
	const struct bn_palette *palette = &view->palette;
	double here = map->trip.distance,
	       until = here + fmin(ROUTE_AHEAD_M, bn_route_remaining(&map->route, here) + 30);
	add_route(map, cr, here - ROUTE_BEHIND_M, here, 3.0);
	bn_draw_source(cr, bn_draw_mix(palette->accent, map->colors.street, 0.62), 1);
	cairo_fill(cr);
	if (palette->night) {
		add_route(map, cr, here, until, 8.5);
		bn_draw_source(cr, palette->accent, 0.1);
		cairo_fill(cr);
	}
	add_route(map, cr, here, until, 4.6);
	bn_draw_source(cr, bn_draw_mix(palette->accent, palette->night ? 0x000000 : 0xffffff, 0.45),
			1);
	cairo_fill(cr);
	add_route(map, cr, here, until, 3.6);
	bn_draw_source(cr, palette->accent, 1);
	cairo_fill(cr);
}

static void project_local(const struct bn_map *map, double right, double ahead, double z,
		double *ret_sx, double *ret_sy) {
	const struct bn_map_camera *camera = &map->camera;
	double x = camera->focus.x + right * camera->cos_heading + ahead * camera->sin_heading;
	double y = camera->focus.y - right * camera->sin_heading + ahead * camera->cos_heading;
	*ret_sx = camera->x;
	*ret_sy = camera->y;
	bn_map_project(camera, x, y, z, ret_sx, ret_sy);
}

static void add_local(const struct bn_map *map, cairo_t *cr, const double (*points)[2],
		size_t count, double z) {
	cairo_new_sub_path(cr);
	for (size_t i = 0; i < count; i++) {
		double sx, sy;
		project_local(map, points[i][0], points[i][1], z, &sx, &sy);
		cairo_line_to(cr, sx, sy);
	}
	cairo_close_path(cr);
}

static const double arrow_left[][2] = { { 0, 14 }, { -9.5, -10 }, { 0, -4.5 } };
static const double arrow_right[][2] = { { 0, 14 }, { 9.5, -10 }, { 0, -4.5 } };
static const double arrow[][2] = { { 0, 14 }, { 9.5, -10 }, { 0, -4.5 }, { -9.5, -10 } };

void bn_map_draw_car(const struct bn_map *map, const struct bn_app_view *view, cairo_t *cr) {
	double sx, sy;
	project_local(map, 0, 0, 0, &sx, &sy);
	double size = map->camera.zoom
			/ bn_map_depth(&map->camera, map->camera.focus.x, map->camera.focus.y);
	cairo_save(cr);
	cairo_translate(cr, sx, sy);
	cairo_scale(cr, 1, 0.74);
	bn_draw_glow(cr, 0, 0, 34 * size, view->palette.accent, 0.5);
	bn_draw_source(cr, view->palette.accent, 0.16);
	cairo_arc(cr, 0, 0, 21 * size, 0, 2 * M_PI);
	cairo_fill(cr);
	cairo_restore(cr);
	add_local(map, cr, arrow, 4, 0);
	bn_draw_source(cr, 0x000000, 0.45);
	cairo_fill(cr);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	add_local(map, cr, arrow, 4, 3.2);
	bn_draw_source(cr, 0xffffff, 1);
	cairo_set_line_width(cr, 1.5 * size);
	cairo_stroke_preserve(cr);
	cairo_fill(cr);
	add_local(map, cr, arrow_left, 3, 3.2);
	bn_draw_source(cr, view->palette.accent, 1);
	cairo_fill(cr);
	add_local(map, cr, arrow_right, 3, 3.2);
	bn_draw_source(cr, bn_draw_mix(view->palette.accent, 0x000000, 0.22), 1);
	cairo_fill(cr);
}

struct label {
	double x, y, width;
};

struct labels {
	const struct bn_map *map;
	const struct bn_app_view *view;
	cairo_t *cr;
	struct label placed[MAX_LABELS];
	size_t count;
};

static bool is_under_card(const struct bn_map *map, double x, double y, double width) {
	const cairo_rectangle_int_t *cards[] = { &map->turn_card.box, &map->trip_card.box,
		&map->speed_card.box };
	for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++) {
		if (x + width / 2 > cards[i]->x && x - width / 2 < cards[i]->x + cards[i]->width
				&& y > cards[i]->y && y < cards[i]->y + cards[i]->height) {
			return true;
		}
	}
	return false;
}

/** False when the place is taken or off the picture. */
static bool take_place(struct labels *labels, double x, double y, double width) {
	const struct bn_map_camera *camera = &labels->map->camera;
	double unit = labels->map->unit;
	if (x - width / 2 < 8 || x + width / 2 > camera->width - 8 || y < camera->view_height * 0.13
			|| y > camera->view_height * 0.94 || labels->count == MAX_LABELS
			|| is_under_card(labels->map, x, y, width)) {
		return false;
	}
	for (size_t i = 0; i < labels->count; i++) {
		const struct label *other = &labels->placed[i];
		if (fabs(other->x - x) < (other->width + width) / 2 + 26 * unit
				&& fabs(other->y - y) < 44 * unit) {
			return false;
		}
	}
	labels->placed[labels->count++] = (struct label){ x, y, width };
	return true;
}

static void draw_street(struct labels *labels, double column, double row, const char *name,
		bool is_avenue) {
	const struct bn_map *map = labels->map;
	struct bn_city_point point = bn_city_at(column, row);
	double sx, sy, unit = map->unit;
	if (!bn_map_project(&map->camera, point.x, point.y, 0, &sx, &sy)) {
		return;
	}
	const struct bn_text_style style = { .face = is_avenue ? BN_FACE_SEMIBOLD : BN_FACE_MEDIUM,
		.size = (is_avenue ? 19 : 17) * unit,
		.color = map->colors.label,
		.align = BN_ALIGN_CENTER };
	double width = bn_text_width(labels->cr, labels->view->fonts, &style, name);
	if (!take_place(labels, sx, sy, width)) {
		return;
	}
	cairo_set_line_join(labels->cr, CAIRO_LINE_JOIN_ROUND);
	cairo_set_line_width(labels->cr, 5 * unit);
	bn_draw_source(labels->cr, map->colors.label_ground, 0.85);
	bn_text_path(labels->cr, labels->view->fonts, &style, sx, sy + 6 * unit, name);
	cairo_stroke(labels->cr);
	bn_text_draw(labels->cr, labels->view->fonts, &style, sx, sy + 6 * unit, name);
}

struct place_kind {
	const char *sign;
	uint32_t color;
	const char *names[3];
};

static const struct place_kind place_kinds[] = {
	{ "P", 0x3d7bff, { "Parking North", "Car Park 4", "Quay Parking" } },
	{ "\u26a1", 0x1fae6a, { "Charge Hub", "Volt Stop", "Fast Charge" } },
	{ "M", 0x9a6bff, { "City Museum", "Gallery 9", "Design Museum" } },
	{ "C", 0xe08a2e, { "Caf\u00e9 Ola", "Bean Lab", "Corner Caf\u00e9" } },
};

static void draw_bolt(cairo_t *cr, double x, double y, double size) {
	static const double bolt[][2] = { { 0.12, -0.6 }, { -0.34, 0.1 }, { -0.04, 0.1 },
		{ -0.12, 0.6 }, { 0.34, -0.12 }, { 0.04, -0.12 } };
	cairo_new_sub_path(cr);
	for (int i = 0; i < 6; i++) {
		cairo_line_to(cr, x + bolt[i][0] * size, y + bolt[i][1] * size);
	}
	cairo_close_path(cr);
	bn_draw_source(cr, 0xffffff, 1);
	cairo_fill(cr);
}

static void draw_place(struct labels *labels, int column, int row) {
	const struct bn_map *map = labels->map;
	uint32_t hash = bn_city_hash(column, row, 21);
	const struct place_kind *kind = &place_kinds[hash % 4];
	struct bn_city_point point = bn_city_at(column + 0.5, row + 0.5);
	double sx, sy, unit = map->unit, radius = 15 * unit;
	cairo_t *cr = labels->cr;
	if (!bn_map_project(&map->camera, point.x, point.y, 26, &sx, &sy)) {
		return;
	}
	const char *name = kind->names[hash / 4 % 3];
	const struct bn_text_style text = {
		.face = BN_FACE_MEDIUM, .size = 16 * unit, .color = map->colors.label
	};
	double width = bn_text_width(cr, labels->view->fonts, &text, name) + 2 * radius;
	if (!take_place(labels, sx + width / 2 - radius, sy, width)) {
		return;
	}
	bn_draw_source(cr, 0x000000, 0.25);
	cairo_arc(cr, sx, sy + 2 * unit, radius + unit, 0, 2 * M_PI);
	cairo_fill(cr);
	bn_draw_source(cr, kind->color, 1);
	cairo_arc(cr, sx, sy, radius, 0, 2 * M_PI);
	cairo_fill(cr);
	const struct bn_text_style sign = { .face = BN_FACE_SEMIBOLD,
		.size = 17 * unit,
		.color = 0xffffff,
		.align = BN_ALIGN_CENTER };
	if (hash % 4 == 1) {
		draw_bolt(cr, sx, sy, 16 * unit);
	} else {
		bn_text_draw(cr, labels->view->fonts, &sign, sx, sy + 6 * unit, kind->sign);
	}
	cairo_set_line_width(cr, 4 * unit);
	bn_draw_source(cr, map->colors.label_ground, 0.8);
	bn_text_path(cr, labels->view->fonts, &text, sx + radius + 7 * unit, sy + 6 * unit, name);
	cairo_stroke(cr);
	bn_text_draw(cr, labels->view->fonts, &text, sx + radius + 7 * unit, sy + 6 * unit, name);
}

void bn_map_draw_labels(const struct bn_map *map, const struct bn_app_view *view, cairo_t *cr) {
	struct labels labels = { .map = map, .view = view, .cr = cr };
	struct bn_map_range range = bn_map_range_of(&map->camera);
	// The car's place is taken first: no label covers it.
	double sx, sy;
	project_local(map, 0, 4, 0, &sx, &sy);
	labels.placed[labels.count++] = (struct label){ sx, sy, 120 * map->unit };
	for (int row = range.row_from; row <= range.row_until; row++) {
		for (int column = range.column_from; column <= range.column_until; column++) {
			bool avenue_row = bn_city_is_avenue_row(row);
			bool avenue_column = bn_city_is_avenue_column(column);
			if (avenue_row && (column & 1) == 0) {
				draw_street(&labels, column + 0.5, row, bn_city_row_name(row),
						true);
			}
			if (avenue_column && (row & 1) == 0 && row != 7) {
				draw_street(&labels, column, row + 0.5, bn_city_column_name(column),
						true);
			}
		}
	}
	for (int row = range.row_from; row <= range.row_until; row++) {
		for (int column = range.column_from; column <= range.column_until; column++) {
			if (bn_city_hash(column, row, 20) % 3 == 0
					&& bn_city_block_kind(column, row) == BN_CITY_HOUSES) {
				draw_place(&labels, column, row);
			}
			if (!bn_city_is_avenue_row(row) && bn_city_hash(column, row, 22) % 4 == 0
					&& bn_city_has_row(column, row)) {
				draw_street(&labels, column + 0.5, row, bn_city_row_name(row),
						false);
			}
			if (!bn_city_is_avenue_column(column)
					&& bn_city_hash(column, row, 23) % 4 == 0
					&& bn_city_has_column(column, row)) {
				draw_street(&labels, column, row + 0.5, bn_city_column_name(column),
						false);
			}
		}
	}
}
