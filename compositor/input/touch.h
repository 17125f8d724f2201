#ifndef BN_INPUT_TOUCH_H
#define BN_INPUT_TOUCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "core/layout.h"
#include "core/rect.h"
#include "input/pointer.h"

struct bn_input;
struct bn_seat;
struct wlr_seat;
struct wlr_surface;

/** Fingers of one occupant at a time; more go nowhere. */
#define BN_TOUCH_POINTS_MAX 32

/**
 * A finger. It stays with the surface that it went down on until it is lifted;
 * cancelled, it stays known and goes nowhere.
 */
struct bn_touch_point {
	struct bn_seat *seat;
	const void *device; // whose id it is; compared only; NULL: a command
	int32_t device_id;
	size_t display;
	double x, y; // display-logical px
	struct wlr_seat *
			target; // borrowed; the wl_seat that it is delivered through; NULL: it goes nowhere
	int32_t id;             // unique within the target
	bool as_pointer;             // the client knows no touch: it gets a pointer
	struct wlr_surface *surface; // went down on; compared only
	size_t zone;                 // of `surface`, as it was at the beginning
	struct bn_rect zone_box;
	uint64_t view_id;
	struct bn_pointer_map map; // its ox, oy are where the finger went down
	int64_t began_ns;
	struct wl_list link; // bn_seat.points
};

/** A finger went down at display-logical x, y. False when this id is down already or the display is not there. */
bool bn_touch_down(struct bn_input *input, const void *device, int32_t device_id, size_t display,
		double x, double y, uint32_t time_msec);
/** As below: false when this id is not down. */
bool bn_touch_move(struct bn_input *input, const void *device, int32_t device_id, double x,
		double y, uint32_t time_msec);
bool bn_touch_up(struct bn_input *input, const void *device, int32_t device_id, uint32_t time_msec);
bool bn_touch_cancel(struct bn_input *input, const void *device, int32_t device_id);
/** What happened since the last frame belongs together. */
void bn_touch_frame(struct bn_input *input);
/** The display on which this finger is; BN_NONE: it is not down. */
size_t bn_touch_display(const struct bn_input *input, const void *device, int32_t device_id);

/** Cancels what was covered, hidden, moved or restricted. */
void bn_touch_refocus(struct bn_seat *seat);
/** The device was unplugged or bound anew; the display went; the seat goes. Their fingers are forgotten. */
void bn_touch_drop_device(struct bn_input *input, const void *device);
void bn_touch_drop_display(struct bn_input *input, size_t display);
void bn_touch_drop_all(struct bn_input *input);

#endif
