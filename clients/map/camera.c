#include <math.h>

#include "map/map.h"

#define PITCH (52 * M_PI / 180)
#define HEIGHT_M 300.0
#define BACK_M 182.0
#define NEAREST_M 30.0
#define REACH_BLOCKS 5

void bn_map_camera_set(struct bn_map_camera *camera, const struct bn_app_view *view,
		const struct bn_route_place *place) {
	*camera = (struct bn_map_camera){
		.focus = place->point,
		.sin_heading = sin(place->heading),
		.cos_heading = cos(place->heading),
		.sin_pitch = sin(PITCH),
		.cos_pitch = cos(PITCH),
		.height = HEIGHT_M,
		.back = BACK_M,
		.zoom = 1.35 * fmax(view->height, view->width * 0.42),
		.x = view->width / 2.0,
		.y = view->height * 0.5,
		.width = view->width,
		.view_height = view->height,
	};
}

static void to_camera(const struct bn_map_camera *camera, double x, double y, double *ret_right,
		double *ret_ahead) {
	double dx = x - camera->focus.x, dy = y - camera->focus.y;
	*ret_right = dx * camera->cos_heading - dy * camera->sin_heading;
	*ret_ahead = dx * camera->sin_heading + dy * camera->cos_heading + camera->back;
}

bool bn_map_project(const struct bn_map_camera *camera, double x, double y, double z,
		double *ret_sx, double *ret_sy) {
	double right, ahead;
	to_camera(camera, x, y, &right, &ahead);
	double down = camera->height - z;
	double depth = ahead * camera->cos_pitch + down * camera->sin_pitch;
	if (depth < NEAREST_M) {
		return false;
	}
	double up = ahead * camera->sin_pitch - down * camera->cos_pitch;
	*ret_sx = camera->x + camera->zoom * right / depth;
	*ret_sy = camera->y - camera->zoom * up / depth;
	return true;
}

double bn_map_depth(const struct bn_map_camera *camera, double x, double y) {
	double right, ahead;
	to_camera(camera, x, y, &right, &ahead);
	return ahead * camera->cos_pitch + camera->height * camera->sin_pitch;
}

struct bn_map_range bn_map_range_of(const struct bn_map_camera *camera) {
	// The picture's middle lies ahead of the car; blocks are about 112 m wide.
	double x = camera->focus.x + camera->sin_heading * 130;
	double y = camera->focus.y + camera->cos_heading * 130;
	int column = (int)floor(x / 112), row = (int)floor(y / 112);
	return (struct bn_map_range){ column - REACH_BLOCKS, column + REACH_BLOCKS,
		row - REACH_BLOCKS, row + REACH_BLOCKS };
}
