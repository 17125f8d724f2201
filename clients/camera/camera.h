#ifndef BN_CAMERA_CAMERA_H
#define BN_CAMERA_CAMERA_H

#include "lib/app.h"
#include "lib/draw.h"

#define BN_CAMERA_RATE 30 // pictures a second

/**
 * The rear camera: a car park behind the car, drawn in perspective.
 *
 * Ground coordinates are metres: x to the picture's right, z away from the bumper, y up.
 */
struct bn_camera {
	int64_t picture;      // number of the picture shown, 30 a second of frame time
	double distance;      // metres driven backwards since the start
	double steering;      // degrees of the steering wheel; left is positive
	double width, height; // px
	double unit;          // px per design unit of the overlay
	struct bn_layer_cache sky, vignette;
	bool valid;
};

/** The lens: where it looks and how wide. */
bool bn_camera_project(const struct bn_camera *camera, double x, double y, double z, double *ret_sx,
		double *ret_sy);
/** Px per metre at a distance, 0 behind the lens. */
double bn_camera_scale(const struct bn_camera *camera, double y, double z);
#define BN_CAMERA_NEAR_M 0.25

// scene.c
void bn_camera_draw_sky(const struct bn_camera *camera, cairo_t *cr);
void bn_camera_draw_ground(const struct bn_camera *camera, cairo_t *cr);
void bn_camera_draw_things(const struct bn_camera *camera, cairo_t *cr);
/** The pedestrian's place and phase at the picture's time. */
struct bn_walker {
	double x, z, phase;
	int direction; // 1: to the right
};
struct bn_walker bn_camera_walker(const struct bn_camera *camera);
void bn_camera_draw_walker(const struct bn_camera *camera, cairo_t *cr);

// guides.c
void bn_camera_draw_guides(const struct bn_camera *camera, cairo_t *cr);

// overlay.c
void bn_camera_draw_overlay(const struct bn_camera *camera, const struct bn_app_view *view,
		cairo_t *cr);

#endif
