#include <math.h>

#include "map/map.h"

#define PICTURES_PER_S 30

static void reset(void *data, const struct bn_app_view *view) {
	struct bn_map *map = data;
	map->unit = fmin(view->width / 1500.0, view->height / 820.0);
	map->unit = bn_draw_clamp(map->unit, 0.45, 1.6);
	bn_map_colors_set(&map->colors, &view->palette);
	bn_layer_cache_drop(&map->fog);
	map->scene.valid = map->turn_card.valid = map->trip_card.valid = map->speed_card.valid =
			false;
}

/** Haze at the far end and a darker rim; one picture, laid over the scene. */
static void make_fog(struct bn_map *map, const struct bn_app_view *view) {
	if (map->fog.surface) {
		return;
	}
	cairo_t *cr = bn_layer_cache_begin(&map->fog, view->width, view->height, view->scale,
			false);
	cairo_pattern_t *fog = cairo_pattern_create_linear(0, 0, 0, view->height * 0.42);
	bn_draw_stop(fog, 0, map->colors.fog, 1);
	bn_draw_stop(fog, 0.25, map->colors.fog, 0.72);
	bn_draw_stop(fog, 1, map->colors.fog, 0);
	cairo_set_source(cr, fog);
	cairo_paint(cr);
	cairo_pattern_destroy(fog);
	cairo_destroy(cr);
}

static bool update(void *data, const struct bn_app_view *view, cairo_region_t *damage) {
	struct bn_map *map = data;
	bn_route_trip_move(&map->trip, view);
	bool moves = bn_signals_number(&view->signals, BN_SIGNAL_SPEED, 0) != 0;
	// A city in perspective is dear: thirty pictures a second look the same as sixty.
	int64_t slot = view->time_ms * PICTURES_PER_S / 1000;
	if (moves && map->scene.valid && slot == map->slot) {
		return true;
	}
	map->slot = slot;
	const cairo_rectangle_int_t all = { 0, 0, view->width, view->height };
	uint64_t key = bn_key_mix(BN_KEY_START, lround(map->trip.distance * 100));
	bn_part_set(&map->scene, &all, key, damage);
	bn_map_update_cards(map, view, damage);
	return moves;
}

static void paint(void *data, const struct bn_app_view *view, cairo_t *cr,
		const cairo_region_t *damage) {
	struct bn_map *map = data;
	struct bn_route_place place = bn_route_place_at(&map->route, map->trip.distance);
	bn_map_camera_set(&map->camera, view, &place);
	make_fog(map, view);
	bn_map_draw_ground(map, cr);
	bn_map_draw_route(map, view, cr);
	bn_map_draw_houses(map, cr);
	bn_layer_cache_paint(&map->fog, cr, 0, 0);
	bn_map_draw_car(map, view, cr);
	bn_map_draw_labels(map, view, cr);
	bn_map_draw_cards(map, view, cr);
}

int main(int argc, char **argv) {
	struct bn_map map = { .trip = { .distance = BN_ROUTE_START_M } };
	bn_route_init(&map.route);
	const struct bn_app_info info = {
		.program = "binnacle-map",
		.title = "Navigation",
		.app_id = "nav",
		.reset = reset,
		.update = update,
		.paint = paint,
	};
	int status = bn_app_main(&info, &map, argc, argv);
	bn_layer_cache_drop(&map.fog);
	return status;
}
