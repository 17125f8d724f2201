#ifndef BN_CLUSTER_CLUSTER_H
#define BN_CLUSTER_CLUSTER_H

#include "lib/app.h"
#include "lib/draw.h"
#include "lib/route.h"

/**
 * The instrument cluster: a state that follows signals and time, and two ways to draw it.
 *
 * Design units: the face is laid out for 1920 x 648 and scaled as a whole; a wider or higher
 * window gets the extra room between and around the instruments.
 */
enum bn_cluster_part {
	BN_CLUSTER_SPEED_RING,
	BN_CLUSTER_SPEED_TEXT,
	BN_CLUSTER_POWER_RING,
	BN_CLUSTER_ENERGY_TEXT,
	BN_CLUSTER_ROAD,
	BN_CLUSTER_GUIDE,
	BN_CLUSTER_GEAR,
	BN_CLUSTER_LEFT_INFO,
	BN_CLUSTER_RIGHT_INFO,
	BN_CLUSTER_PART_COUNT,
};

struct bn_cluster_frame {
	double unit;          // px per design unit
	double width, height; // of the window in design units
	double top;           // added to every y
	double left_x, center_x, right_x;
};

#define BN_CLUSTER_RING_Y 312.0
#define BN_CLUSTER_RING_RADIUS 232.0
#define BN_CLUSTER_SPEED_MAX 200.0 // km/h
#define BN_CLUSTER_POWER_MAX 160.0 // kW
#define BN_CLUSTER_POWER_MIN -80.0
#define BN_CLUSTER_RING_START (M_PI * 5 / 6) // where both scales begin, cairo's angles
#define BN_CLUSTER_RING_SWEEP (M_PI * 4 / 3)

// The road in perspective: design units, and metres on the ground.
#define BN_CLUSTER_HORIZON_Y 168.0
#define BN_CLUSTER_NEAR_Y 552.0
#define BN_CLUSTER_NEAR_M 8.0 // distance of the lower edge
#define BN_CLUSTER_FAR_M 150.0
#define BN_CLUSTER_PER_M 58.0 // design units per metre at the lower edge
#define BN_CLUSTER_LANE_M 3.6
#define BN_CLUSTER_CAR_SIZE 0.98   // design units per unit of the car's drawing
#define BN_CLUSTER_CAR_MARGIN 60.0 // around the drawing, for the glow of its lights
#define BN_CLUSTER_CAR_WIDTH ((200 + 2 * BN_CLUSTER_CAR_MARGIN) * BN_CLUSTER_CAR_SIZE)
#define BN_CLUSTER_CAR_HEIGHT (160 * BN_CLUSTER_CAR_SIZE)
#define BN_CLUSTER_CAR_TOP 372.0

/** Another car: the box of its picture, 200 x 132 scaled to `size`, in design units. */
struct bn_cluster_other {
	double x, y, size, alpha;
};

struct bn_cluster {
	struct bn_cluster_frame frame;
	struct bn_part parts[BN_CLUSTER_PART_COUNT];
	struct bn_layer_cache face;   // background and everything that never moves
	struct bn_layer_cache car[2]; // without and with brake lights
	struct bn_route route;

	struct bn_route_trip trip;
	double speed;        // km/h as the ring shows it; follows the signal softly
	double power;        // kW as the ring shows it
	double bend;         // of the road ahead, 1/m
	double signal_speed; // of the frame before
	bool braking;
	struct bn_cluster_gles *gles; // owned, NULL with shm
};

// state.c
bool bn_cluster_update(struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_region_t *damage);
/** A value's place on a ring, as a cairo angle. */
double bn_cluster_speed_angle(double speed);
double bn_cluster_power_angle(double power);

// main.c
/** Draws face and car into their layers where they are not there yet. */
void bn_cluster_make_layers(struct bn_cluster *cluster, const struct bn_app_view *view);

// face.c: what cairo draws with either renderer; the context is in design units
void bn_cluster_draw_face(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr);
void bn_cluster_draw_background(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr);
void bn_cluster_draw_car(cairo_t *cr, bool braking);

// text.c
void bn_cluster_draw_text(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr, enum bn_cluster_part part);
bool bn_cluster_text_key(const struct bn_cluster *cluster, const struct bn_app_view *view,
		enum bn_cluster_part part, uint64_t *ret_key);

// motion.c: what moves, with cairo
void bn_cluster_draw_speed_ring(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr);
void bn_cluster_draw_power_ring(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr);
/** Another car from behind, 200 x 132. */
void bn_cluster_draw_other(cairo_t *cr, bool night);
size_t bn_cluster_traffic(const struct bn_cluster *cluster, struct bn_cluster_other others[3]);
void bn_cluster_draw_road(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr);

// gles.c: what moves, with shaders; the rest as textures
bool bn_cluster_gles_init(struct bn_cluster *cluster);
void bn_cluster_gles_paint(struct bn_cluster *cluster, const struct bn_app_view *view, int width,
		int height);
void bn_cluster_gles_finish(struct bn_cluster *cluster);

#endif
