#include <math.h>
#include <stdlib.h>

#include "map/map.h"

#define MAX_HOUSES 1500
#define KERB_M 4.0
#define GAP_M 2.2
#define BLOCK_M 112.0

struct house {
	struct bn_city_point corners[4]; // counterclockwise seen from above
	double height, depth;
	uint32_t shade; // 0..255
};

static double house_height(uint32_t hash, int column, int row) {
	double low = 7 + hash % 12;
	bool downtown = abs(column - 3) + abs(row - 2) < 4;
	if (downtown && hash / 12 % 4 == 0) {
		return 28 + hash / 64 % 22;
	}
	return hash / 12 % 7 == 0 ? low + 12 : low;
}

/** Adds the house if its outline is on the picture. */
static size_t add_house(const struct bn_map *map, struct house *houses, size_t count, int column,
		int row, const double box[4], uint32_t hash) {
	if (count == MAX_HOUSES) {
		return count;
	}
	const struct bn_map_camera *camera = &map->camera;
	struct house *house = &houses[count];
	house->corners[0] = bn_city_at(box[0], box[1]);
	house->corners[1] = bn_city_at(box[2], box[1]);
	house->corners[2] = bn_city_at(box[2], box[3]);
	house->corners[3] = bn_city_at(box[0], box[3]);
	house->height = house_height(hash, column, row);
	house->shade = hash >> 24;
	double sx, sy, middle_x = 0, middle_y = 0;
	for (int i = 0; i < 4; i++) {
		middle_x += house->corners[i].x / 4;
		middle_y += house->corners[i].y / 4;
	}
	if (!bn_map_project(camera, middle_x, middle_y, 0, &sx, &sy)) {
		return count;
	}
	double margin = 0.12 * camera->width;
	if (sx < -margin || sx > camera->width + margin || sy < -margin
			|| sy > camera->view_height + margin * 1.5) {
		return count;
	}
	house->depth = bn_map_depth(camera, middle_x, middle_y);
	return count + 1;
}

static size_t add_block(const struct bn_map *map, struct house *houses, size_t count, int column,
		int row) {
	uint32_t hash = bn_city_hash(column, row, 9);
	int across = 2 + (int)(hash % 2), along = 2 + (int)(hash / 2 % 2);
	double left = (bn_city_half_width(bn_city_is_avenue_column(column)) + KERB_M) / BLOCK_M;
	double right = 1
			- (bn_city_half_width(bn_city_is_avenue_column(column + 1)) + KERB_M)
					/ BLOCK_M;
	double down = (bn_city_half_width(bn_city_is_avenue_row(row)) + KERB_M) / BLOCK_M;
	double up = 1 - (bn_city_half_width(bn_city_is_avenue_row(row + 1)) + KERB_M) / BLOCK_M;
	double gap = GAP_M / BLOCK_M;
	for (int i = 0; i < across; i++) {
		for (int j = 0; j < along; j++) {
			uint32_t mine = bn_city_hash(column * 8 + i, row * 8 + j, 11);
			if (mine % 13 == 0) {
				continue; // a yard
			}
			double width = (right - left) / across, depth = (up - down) / along;
			double set_back = (mine >> 8) % 3 * 0.02;
			const double box[4] = { column + left + width * i + gap / 2,
				row + down + depth * j + gap / 2 + set_back,
				column + left + width * (i + 1) - gap / 2,
				row + down + depth * (j + 1) - gap / 2 };
			count = add_house(map, houses, count, column, row, box, mine);
		}
	}
	return count;
}

static int farther_first(const void *a, const void *b) {
	const struct house *left = a, *right = b;
	return left->depth < right->depth ? 1 : left->depth > right->depth ? -1 : 0;
}

struct screen_point {
	double x, y;
};

static bool faces_us(const struct screen_point *a, const struct screen_point *b,
		const struct screen_point *b_up) {
	double ux = b->x - a->x, uy = b->y - a->y, vx = b_up->x - b->x, vy = b_up->y - b->y;
	return ux * vy - uy * vx < 0;
}

static void draw_house(const struct bn_map *map, cairo_t *cr, const struct house *house) {
	struct screen_point low[4], top[4];
	const struct bn_map_camera *camera = &map->camera;
	for (int i = 0; i < 4; i++) {
		const struct bn_city_point *corner = &house->corners[i];
		if (!bn_map_project(camera, corner->x, corner->y, 0, &low[i].x, &low[i].y)
				|| !bn_map_project(camera, corner->x, corner->y, house->height,
						&top[i].x, &top[i].y)) {
			return;
		}
	}
	// Far houses sink into the haze, so that the route ahead stays readable.
	double haze = bn_draw_smooth(380, 640, house->depth) * 0.75;
	for (int i = 0; i < 4; i++) {
		int next = (i + 1) % 4;
		if (!faces_us(&low[i], &low[next], &top[next])) {
			continue;
		}
		uint32_t wall = i % 2 == 0 ? map->colors.wall_light : map->colors.wall_dark;
		cairo_move_to(cr, low[i].x, low[i].y);
		cairo_line_to(cr, low[next].x, low[next].y);
		cairo_line_to(cr, top[next].x, top[next].y);
		cairo_line_to(cr, top[i].x, top[i].y);
		cairo_close_path(cr);
		bn_draw_source(cr, bn_draw_mix(wall, map->colors.fog, haze), 1);
		cairo_fill(cr);
	}
	cairo_move_to(cr, top[0].x, top[0].y);
	for (int i = 1; i < 4; i++) {
		cairo_line_to(cr, top[i].x, top[i].y);
	}
	cairo_close_path(cr);
	uint32_t roof = bn_draw_mix(map->colors.roof, map->colors.wall_light,
			house->shade / 255.0 * 0.6);
	bn_draw_source(cr, bn_draw_mix(roof, map->colors.fog, haze), 1);
	cairo_fill(cr);
}

void bn_map_draw_houses(const struct bn_map *map, cairo_t *cr) {
	struct house *houses = malloc(MAX_HOUSES * sizeof(*houses));
	if (!houses) {
		return;
	}
	size_t count = 0;
	struct bn_map_range range = bn_map_range_of(&map->camera);
	for (int row = range.row_from; row <= range.row_until; row++) {
		for (int column = range.column_from; column <= range.column_until; column++) {
			if (bn_city_block_kind(column, row) == BN_CITY_HOUSES) {
				count = add_block(map, houses, count, column, row);
			}
		}
	}
	qsort(houses, count, sizeof(*houses), farther_first);
	for (size_t i = 0; i < count; i++) {
		draw_house(map, cr, &houses[i]);
	}
	free(houses);
}
