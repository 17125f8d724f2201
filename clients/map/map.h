#ifndef BN_MAP_MAP_H
#define BN_MAP_MAP_H

#include "lib/app.h"
#include "lib/city.h"
#include "lib/draw.h"
#include "lib/route.h"

/** The colours of one theme, 0xRRGGBB. */
struct bn_map_colors {
	uint32_t street, avenue, block, park, tree, water, plaza;
	uint32_t roof, wall_light, wall_dark;
	uint32_t label, label_ground;
	uint32_t fog;
};

/** Looks at the car from behind and above; world metres to window px. */
struct bn_map_camera {
	struct bn_city_point focus; // the car
	double sin_heading, cos_heading;
	double sin_pitch, cos_pitch;
	double height, back; // metres above and behind the car
	double zoom;         // px at depth 1
	double x, y;         // px of the picture's middle
	double width, view_height;
};

struct bn_map {
	struct bn_route route;
	struct bn_route_trip trip;
	struct bn_map_camera camera;
	struct bn_map_colors colors;
	double unit;  // px per design unit of the cards
	int64_t slot; // which thirtieth of a second was drawn
	bool drawn;
	struct bn_part scene, turn_card, trip_card, speed_card;
	struct bn_layer_cache fog;
};

void bn_map_camera_set(struct bn_map_camera *camera, const struct bn_app_view *view,
		const struct bn_route_place *place);
/** False when the point is behind the camera. */
bool bn_map_project(const struct bn_map_camera *camera, double x, double y, double z,
		double *ret_sx, double *ret_sy);
/** Metres from the camera along its axis; grows upwards on the picture. */
double bn_map_depth(const struct bn_map_camera *camera, double x, double y);
/** The range of blocks that can be on the picture, inclusive. */
struct bn_map_range {
	int column_from, column_until, row_from, row_until;
};
struct bn_map_range bn_map_range_of(const struct bn_map_camera *camera);

void bn_map_colors_set(struct bn_map_colors *colors, const struct bn_palette *palette);
/** Adds a part of the grid to the path, with rounded corners; `inset` metres: left, right, down, up. */
void bn_map_add_block(cairo_t *cr, const struct bn_map_camera *camera, int column, int row,
		int column_until, int row_until, const double inset[4]);

void bn_map_draw_ground(const struct bn_map *map, cairo_t *cr);
void bn_map_draw_route(const struct bn_map *map, const struct bn_app_view *view, cairo_t *cr);
void bn_map_draw_houses(const struct bn_map *map, cairo_t *cr);
void bn_map_draw_labels(const struct bn_map *map, const struct bn_app_view *view, cairo_t *cr);
void bn_map_draw_car(const struct bn_map *map, const struct bn_app_view *view, cairo_t *cr);

/** Boxes and keys of the cards; what they draw follows from the same state. */
void bn_map_update_cards(struct bn_map *map, const struct bn_app_view *view,
		cairo_region_t *damage);
void bn_map_draw_cards(const struct bn_map *map, const struct bn_app_view *view, cairo_t *cr);

#endif
