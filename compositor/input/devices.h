#ifndef BN_INPUT_DEVICES_H
#define BN_INPUT_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <wayland-server-core.h>

#include "core/layout.h"
#include "input/bind.h"

struct bn_input;
struct bn_seat;
struct wlr_input_device;
struct wlr_seat;

#define BN_DEVICE_EVENTS 5

/** A keyboard, pointer or touchscreen, real, nested or virtual, and where its events go. */
struct bn_input_device {
	struct bn_input *input;
	struct wlr_input_device *wlr;     // borrowed until its destroy event
	bool nested;                      // it is the parent's, seen through one of our windows
	bool is_virtual;                  // a client's
	struct wlr_seat *wanted_seat;     // a client's wish; compared only; NULL: none
	struct wlr_output *wanted_output; // likewise
	struct bn_seat *seat;             // NULL: it goes nowhere
	size_t display;                   // absolute positions are of this display; BN_NONE: none
	struct bn_touch_keys keys;
	enum bn_bind_how how;
	bool told;           // it was said that it is unbound
	struct wl_list link; // bn_input.devices

	struct wl_listener events[BN_DEVICE_EVENTS], destroy;
};

/** What a layout can match of a device. */
void bn_devices_read_keys(struct bn_touch_keys *ret_keys, struct wlr_input_device *wlr);
/** Takes a device in and binds it. Other types than the three are ignored. */
void bn_devices_add(struct bn_input *input, struct wlr_input_device *device, bool is_virtual,
		struct wlr_seat *wanted_seat, struct wlr_output *wanted_output);
/** Binds all devices anew: the layout or a display changed. */
void bn_devices_bind_all(struct bn_input *input);
/** Lets a seat that goes away go. */
void bn_devices_forget_seat(struct bn_input *input, const struct bn_seat *seat);
void bn_devices_finish(struct bn_input *input);
/** Whether the seat has a device of this enum wlr_input_device_type. */
bool bn_devices_seat_has(const struct bn_input *input, const struct bn_seat *seat, int type);
/** The nested keyboards follow the window that was entered. */
void bn_devices_move_nested_keyboards(struct bn_input *input, struct bn_seat *seat);

#endif
