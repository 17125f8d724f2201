#include <math.h>

#include "camera/camera.h"

#define LENS_HEIGHT_M 1.0
#define PITCH (22 * M_PI / 180)
#define ZOOM 0.37 // focal length as a part of the picture's width

struct seen {
	double depth, up, zoom;
};

static struct seen look(const struct bn_camera *camera, double y, double z) {
	double down = LENS_HEIGHT_M - y;
	return (struct seen){
		.depth = z * cos(PITCH) + down * sin(PITCH),
		.up = z * sin(PITCH) - down * cos(PITCH),
		.zoom = ZOOM * fmax(camera->width, camera->height * 1.35),
	};
}

bool bn_camera_project(const struct bn_camera *camera, double x, double y, double z, double *ret_sx,
		double *ret_sy) {
	struct seen seen = look(camera, y, z);
	if (seen.depth < 0.12) {
		return false;
	}
	*ret_sx = camera->width / 2 + seen.zoom * x / seen.depth;
	*ret_sy = camera->height * 0.5 - seen.zoom * seen.up / seen.depth;
	return true;
}

double bn_camera_scale(const struct bn_camera *camera, double y, double z) {
	struct seen seen = look(camera, y, z);
	return seen.depth < 0.12 ? 0 : seen.zoom / seen.depth;
}
