#include <math.h>

#include "map/map.h"

#define SIDE_STEPS 3
#define ROUND_M 7.0
#define BLOCK_M 112.0

void bn_map_colors_set(struct bn_map_colors *colors, const struct bn_palette *palette) {
	if (!palette->night) {
		*colors = (struct bn_map_colors){
			.street = 0xffffff,
			.avenue = 0xffffff,
			.block = 0xe6e9ec,
			.park = 0xcbe3c6,
			.tree = 0xa9cfa4,
			.water = 0xa8d0ec,
			.plaza = 0xefe9df,
			.roof = 0xf7f8f9,
			.wall_light = 0xd9dee3,
			.wall_dark = 0xc6cdd5,
			.label = 0x3a444f,
			.label_ground = 0xffffff,
			.fog = 0xeef1f4,
		};
		return;
	}
	*colors = (struct bn_map_colors){
		.street = 0x313b46,
		.avenue = 0x3d4a58,
		.block = 0x151a20,
		.park = 0x152a22,
		.tree = 0x204435,
		.water = 0x11314b,
		.plaza = 0x191b20,
		.roof = 0x303944,
		.wall_light = 0x232b34,
		.wall_dark = 0x1b2129,
		.label = 0xc3ccd6,
		.label_ground = 0x0d1116,
		.fog = 0x0b0e12,
	};
}

static void line_to(cairo_t *cr, const struct bn_map_camera *camera, double column, double row) {
	struct bn_city_point point = bn_city_at(column, row);
	double sx, sy;
	if (bn_map_project(camera, point.x, point.y, 0, &sx, &sy)) {
		cairo_line_to(cr, sx, sy);
	}
}

void bn_map_add_block(cairo_t *cr, const struct bn_map_camera *camera, int column, int row,
		int column_until, int row_until, const double inset[4]) {
	double left = column + inset[0] / BLOCK_M, right = column_until - inset[1] / BLOCK_M;
	double down = row + inset[2] / BLOCK_M, up = row_until - inset[3] / BLOCK_M;
	double round = ROUND_M / BLOCK_M, cut = round * 0.3;
	int steps = SIDE_STEPS * (column_until - column);
	cairo_new_sub_path(cr);
	for (int i = 0; i <= steps; i++) {
		line_to(cr, camera, left + round + (right - left - 2 * round) * i / steps, down);
	}
	line_to(cr, camera, right - cut, down + cut);
	steps = SIDE_STEPS * (row_until - row);
	for (int i = 0; i <= steps; i++) {
		line_to(cr, camera, right, down + round + (up - down - 2 * round) * i / steps);
	}
	line_to(cr, camera, right - cut, up - cut);
	steps = SIDE_STEPS * (column_until - column);
	for (int i = steps; i >= 0; i--) {
		line_to(cr, camera, left + round + (right - left - 2 * round) * i / steps, up);
	}
	line_to(cr, camera, left + cut, up - cut);
	steps = SIDE_STEPS * (row_until - row);
	for (int i = steps; i >= 0; i--) {
		line_to(cr, camera, left, down + round + (up - down - 2 * round) * i / steps);
	}
	line_to(cr, camera, left + cut, down + cut);
	cairo_close_path(cr);
}

static double column_half(int column) {
	return bn_city_half_width(bn_city_is_avenue_column(column));
}

static double row_half(int row) {
	return bn_city_half_width(bn_city_is_avenue_row(row));
}

static void add_cell(cairo_t *cr, const struct bn_map *map, int column, int row) {
	const double inset[4] = { column_half(column), column_half(column + 1), row_half(row),
		row_half(row + 1) };
	bn_map_add_block(cr, &map->camera, column, row, column + 1, row + 1, inset);
}

/** One piece of river from bridge to bridge; several blocks long, without seams. */
static void add_river(cairo_t *cr, const struct bn_map *map, int column, int row) {
	int until = column + 1;
	while (!bn_city_is_avenue_column(until)) {
		until++;
	}
	const double inset[4] = { column_half(column), column_half(until), row_half(row),
		row_half(row + 1) };
	bn_map_add_block(cr, &map->camera, column, row, until, row + 1, inset);
}

static void add_great_park(cairo_t *cr, const struct bn_map *map) {
	const double inset[4] = { column_half(0), column_half(2), row_half(4), row_half(6) };
	bn_map_add_block(cr, &map->camera, 0, 4, 2, 6, inset);
}

static bool in_great_park(int column, int row) {
	return column >= 0 && column <= 1 && row >= 4 && row <= 5;
}

static void fill_kind(const struct bn_map *map, cairo_t *cr, enum bn_city_block kind,
		uint32_t color) {
	struct bn_map_range range = bn_map_range_of(&map->camera);
	for (int row = range.row_from; row <= range.row_until; row++) {
		// A piece of river that is on the picture may begin left of the range.
		int from = range.column_from - (kind == BN_CITY_WATER ? 5 : 0);
		for (int column = from; column <= range.column_until; column++) {
			if (bn_city_block_kind(column, row) != kind || in_great_park(column, row)) {
				continue;
			}
			if (kind != BN_CITY_WATER) {
				add_cell(cr, map, column, row);
			} else if (bn_city_is_avenue_column(column)) {
				add_river(cr, map, column, row);
			}
		}
	}
	if (kind == BN_CITY_PARK) {
		add_great_park(cr, map);
	}
	bn_draw_source(cr, color, 1);
	cairo_fill(cr);
}

static void add_tree(const struct bn_map *map, cairo_t *cr, double column, double row,
		double radius) {
	struct bn_city_point point = bn_city_at(column, row);
	double sx, sy, rx, ry;
	if (bn_map_project(&map->camera, point.x, point.y, 3, &sx, &sy)
			&& bn_map_project(&map->camera, point.x + radius, point.y, 3, &rx, &ry)) {
		double size = hypot(rx - sx, ry - sy);
		cairo_new_sub_path(cr);
		cairo_arc(cr, sx, sy, size, 0, 2 * M_PI);
	}
}

static void draw_trees(const struct bn_map *map, cairo_t *cr) {
	struct bn_map_range range = bn_map_range_of(&map->camera);
	for (int row = range.row_from; row <= range.row_until; row++) {
		for (int column = range.column_from; column <= range.column_until; column++) {
			if (bn_city_block_kind(column, row) != BN_CITY_PARK) {
				continue;
			}
			for (uint32_t i = 0; i < 22; i++) {
				uint32_t hash = bn_city_hash(column, row, 100 + i);
				double u = 0.14 + 0.72 * (hash % 997) / 997.0;
				double v = 0.14 + 0.72 * (hash / 997 % 991) / 991.0;
				add_tree(map, cr, column + u, row + v,
						2.6 + (hash >> 24) % 5 * 0.7);
			}
		}
	}
	bn_draw_source(cr, map->colors.tree, 1);
	cairo_fill(cr);
}

/** A band along a street, for the lighter avenues. */
static void fill_band(const struct bn_map *map, cairo_t *cr, bool is_column, int index, int from,
		int until) {
	double half = (bn_city_half_width(true) - 1.5) / BLOCK_M;
	int steps = (until - from) * 3;
	for (int side = 0; side < 2; side++) {
		for (int i = 0; i <= steps; i++) {
			double along = from
					+ (double)(until - from) * (side ? steps - i : i) / steps;
			double across = index + (side ? half : -half);
			line_to(cr, &map->camera, is_column ? across : along,
					is_column ? along : across);
		}
	}
	cairo_close_path(cr);
	cairo_fill(cr); // one by one: crossing bands of opposite direction would cut each other out
}

static void draw_avenues(const struct bn_map *map, cairo_t *cr) {
	struct bn_map_range range = bn_map_range_of(&map->camera);
	bn_draw_source(cr, map->colors.avenue, 1);
	for (int column = range.column_from; column <= range.column_until; column++) {
		if (bn_city_is_avenue_column(column)) {
			fill_band(map, cr, true, column, range.row_from, range.row_until);
		}
	}
	for (int row = range.row_from; row <= range.row_until; row++) {
		if (bn_city_is_avenue_row(row)) {
			fill_band(map, cr, false, row, range.column_from, range.column_until);
		}
	}
}

void bn_map_draw_ground(const struct bn_map *map, cairo_t *cr) {
	const struct bn_map_colors *colors = &map->colors;
	bn_draw_fill(cr, colors->street, 1);
	if (colors->avenue != colors->street) {
		draw_avenues(map, cr);
	}
	fill_kind(map, cr, BN_CITY_HOUSES, colors->block);
	fill_kind(map, cr, BN_CITY_PLAZA, colors->plaza);
	fill_kind(map, cr, BN_CITY_WATER, colors->water);
	fill_kind(map, cr, BN_CITY_PARK, colors->park);
	draw_trees(map, cr);
}
