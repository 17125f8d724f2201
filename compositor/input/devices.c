#include "input/devices.h"

#include <libinput.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/wayland.h>
#include <wlr/config.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_touch.h>
#include <wlr/util/log.h>
#if WLR_HAS_LIBINPUT_BACKEND
#include <wlr/backend/libinput.h>
#endif
#if WLR_HAS_X11_BACKEND
#include <wlr/backend/x11.h>
#endif

#include "input/input.h"
#include "input/seat.h"
#include "input/touch.h"
#include "loop.h"

static bool is_nested(struct wlr_input_device *wlr) {
#if WLR_HAS_X11_BACKEND
	if (wlr_input_device_is_x11(wlr)) {
		return true;
	}
#endif
	return wlr_input_device_is_wl(wlr);
}

static void copy_key(char to[BN_TOUCH_KEY_MAX], const char *text) {
	snprintf(to, BN_TOUCH_KEY_MAX, "%s", text != NULL ? text : "");
}

#if WLR_HAS_LIBINPUT_BACKEND
/** udev describes the event node; uniq and phys belong to the input device above it. */
static void read_udev_keys(struct bn_touch_keys *keys, struct libinput_device *handle) {
	struct udev_device *node = libinput_device_get_udev_device(handle);
	if (node == NULL) {
		return;
	}
	copy_key(keys->serials[1], udev_device_get_property_value(node, "ID_SERIAL_SHORT"));
	copy_key(keys->serials[2], udev_device_get_property_value(node, "ID_SERIAL"));
	copy_key(keys->paths[0], udev_device_get_property_value(node, "ID_PATH"));
	struct udev_device *parent =
			udev_device_get_parent_with_subsystem_devtype(node, "input", NULL);
	if (parent != NULL) {
		copy_key(keys->serials[0], udev_device_get_sysattr_value(parent, "uniq"));
		copy_key(keys->paths[1], udev_device_get_sysattr_value(parent, "phys"));
	}
	udev_device_unref(node);
}

static void read_libinput_keys(struct bn_touch_keys *keys, struct wlr_input_device *wlr) {
	if (!wlr_input_device_is_libinput(wlr)) {
		return;
	}
	struct libinput_device *handle = wlr_libinput_get_device_handle(wlr);
	read_udev_keys(keys, handle);
	if (libinput_device_config_tap_get_finger_count(handle) > 0) {
		libinput_device_config_tap_set_enabled(handle, LIBINPUT_CONFIG_TAP_ENABLED);
	}
}
#else
static void read_libinput_keys(struct bn_touch_keys *keys, struct wlr_input_device *wlr) {
}
#endif

void bn_devices_read_keys(struct bn_touch_keys *keys, struct wlr_input_device *wlr) {
	*keys = (struct bn_touch_keys){ 0 };
	copy_key(keys->name, wlr->name);
	if (wlr->type == WLR_INPUT_DEVICE_TOUCH) {
		const struct wlr_touch *touch = wlr_touch_from_input_device(wlr);
		keys->width_mm = touch->width_mm;
		keys->height_mm = touch->height_mm;
	}
	read_libinput_keys(keys, wlr);
}

// Touch

/** Says once what a layout could match; in a car a dead panel is a fault that a driver sees. */
static void say_unbound(struct bn_input_device *device) {
	if (device->told || device->input->layout == NULL) {
		return;
	}
	device->told = true;
	const struct bn_touch_keys *keys = &device->keys;
	wlr_log(WLR_ERROR,
			"touchscreen \"%s\": bound to no display (%s), its touches go nowhere; "
			"a layout can match serial \"%s\" \"%s\" \"%s\", path \"%s\" \"%s\", name "
			"\"%s\"",
			keys->name, bn_bind_how_text(device->how), keys->serials[0],
			keys->serials[1], keys->serials[2], keys->paths[0], keys->paths[1],
			keys->name);
}

static struct bn_place from_panel(const struct bn_input_device *device, size_t display, double u,
		double v) {
	struct bn_place_size size = bn_input_display_size(device->input, display);
	int transform = (int)device->input->displays[display].output->transform;
	return bn_place_from_panel(transform, &size, u, v);
}

static void handle_touch_down(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[0]);
	const struct wlr_touch_down_event *event = data;
	struct bn_input *input = device->input;
	if (device->display == BN_NONE) {
		say_unbound(device);
		return;
	}
	if (!bn_input_display_is_there(input, device->display)) {
		return;
	}
	if (device->nested) {
		bn_input_enter_nested(input, device->seat);
	}
	// A driver that lost an up begins anew.
	bn_touch_cancel(input, device, event->touch_id);
	struct bn_place place = from_panel(device, device->display, event->x, event->y);
	bn_touch_down(input, device, event->touch_id, device->display, place.x, place.y,
			event->time_msec);
}

static void handle_touch_up(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[1]);
	const struct wlr_touch_up_event *event = data;
	bn_touch_up(device->input, device, event->touch_id, event->time_msec);
}

static void handle_touch_motion(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[2]);
	const struct wlr_touch_motion_event *event = data;
	size_t display = bn_touch_display(device->input, device, event->touch_id);
	if (display != BN_NONE && bn_input_display_is_there(device->input, display)) {
		struct bn_place place = from_panel(device, display, event->x, event->y);
		bn_touch_move(device->input, device, event->touch_id, place.x, place.y,
				event->time_msec);
	}
}

static void handle_touch_cancel(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[3]);
	const struct wlr_touch_cancel_event *event = data;
	bn_touch_cancel(device->input, device, event->touch_id);
}

static void handle_touch_frame(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[4]);
	bn_touch_frame(device->input);
}

// Pointer

static void handle_motion(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[0]);
	const struct wlr_pointer_motion_event *event = data;
	// A parent sends the same motion as a position too, and only that one is true at a window's edge.
	if (device->seat != NULL && !device->nested) {
		bn_pointer_move(&device->seat->pointer, event->time_msec, event->delta_x,
				event->delta_y);
	}
}

static void handle_motion_absolute(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[1]);
	const struct wlr_pointer_motion_absolute_event *event = data;
	if (device->seat == NULL) {
		return;
	}
	struct bn_pointer *pointer = &device->seat->pointer;
	if (device->display == BN_NONE) {
		bn_pointer_spread(pointer, event->time_msec, event->x, event->y);
		return;
	}
	if (!bn_input_display_is_there(device->input, device->display)) {
		return;
	}
	if (device->nested) {
		bn_input_enter_nested(device->input, device->seat);
	}
	struct bn_place_size size = bn_input_display_size(device->input, device->display);
	// A client's wish is in what people see; panels and the parent's windows are as the output is wired.
	struct bn_place place = device->is_virtual
			? bn_place_from_panel(0, &size, event->x, event->y)
			: from_panel(device, device->display, event->x, event->y);
	bn_pointer_warp(pointer, event->time_msec, device->display, place.x, place.y);
}

static void handle_button(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[2]);
	const struct wlr_pointer_button_event *event = data;
	if (device->seat != NULL) {
		bn_pointer_button(&device->seat->pointer, event->time_msec, event->button,
				event->state == WL_POINTER_BUTTON_STATE_PRESSED);
	}
}

static void handle_axis(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[3]);
	if (device->seat != NULL) {
		bn_pointer_axis(&device->seat->pointer, data);
	}
}

static void handle_pointer_frame(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[4]);
	if (device->seat != NULL) {
		bn_pointer_frame(&device->seat->pointer);
	}
}

// Keyboard

static void handle_key(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[0]);
	if (device->seat != NULL) {
		bn_keyboard_key(device->seat, wlr_keyboard_from_input_device(device->wlr), data,
				device->nested);
	}
}

static void handle_modifiers(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, events[1]);
	if (device->seat != NULL) {
		bn_keyboard_modifiers(device->seat, wlr_keyboard_from_input_device(device->wlr));
	}
}

// Binding

struct binding {
	struct bn_seat *seat;
	size_t display;
};

static struct bn_seat *first_seat(const struct bn_input *input) {
	if (wl_list_empty(&input->seats)) {
		return NULL;
	}
	struct bn_seat *seat = wl_container_of(input->seats.next, seat, link);
	return seat;
}

static struct bn_seat *seat_of_wlr(const struct bn_input *input, const struct wlr_seat *wlr) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		if (seat->wlr == wlr) {
			return seat;
		}
	}
	return NULL;
}

static size_t display_of_name(const struct bn_input *input, const char *output_name) {
	for (size_t i = 0; output_name != NULL && i < input->layout->display_count; i++) {
		const struct wlr_output *output = input->displays[i].output;
		if (output != NULL && strcmp(output->name, output_name) == 0) {
			return i;
		}
	}
	return BN_NONE;
}

static struct binding bind_touch(struct bn_input_device *device) {
	const struct wlr_touch *touch = wlr_touch_from_input_device(device->wlr);
	size_t named = display_of_name(device->input, touch->output_name);
	size_t display = bn_bind_touch(device->input->layout, &device->keys, named, &device->how);
	return (struct binding){
		.seat = display != BN_NONE ? bn_input_seat_of_display(device->input, display)
					   : NULL,
		.display = display,
	};
}

static struct binding bind_pointer(struct bn_input_device *device) {
	struct bn_input *input = device->input;
	size_t display = device->wanted_output != NULL
			? bn_input_display_of_output(input, device->wanted_output)
			: display_of_name(input,
					  wlr_pointer_from_input_device(device->wlr)->output_name);
	if (display == BN_NONE && bn_bind_occupant(input->layout, &device->keys) != BN_NONE) {
		// Many touchscreens come with a mouse of the same device.
		display = bn_bind_touch(input->layout, &device->keys, BN_NONE, &device->how);
	}
	struct bn_seat *seat = seat_of_wlr(input, device->wanted_seat);
	if (seat == NULL) {
		seat = display != BN_NONE ? bn_input_seat_of_display(input, display)
					  : first_seat(input);
	}
	return (struct binding){ .seat = seat, .display = display };
}

static struct binding bind_keyboard(struct bn_input_device *device) {
	struct bn_input *input = device->input;
	struct bn_seat *seat = seat_of_wlr(input, device->wanted_seat);
	if (seat == NULL && device->nested) {
		seat = input->nested_seat;
	}
	return (struct binding){ .seat = seat != NULL ? seat : first_seat(input),
		.display = BN_NONE };
}

static struct binding find_binding(struct bn_input_device *device) {
	if (device->input->layout == NULL) {
		return (struct binding){ .display = BN_NONE };
	}
	switch (device->wlr->type) {
	case WLR_INPUT_DEVICE_TOUCH:
		return bind_touch(device);
	case WLR_INPUT_DEVICE_POINTER:
		return bind_pointer(device);
	default:
		return bind_keyboard(device);
	}
}

/** A parent's keyboard comes to every seat by turns: its capability must not come and go with it. */
static bool roams(const struct bn_input_device *device) {
	return device->nested && device->wlr->type == WLR_INPUT_DEVICE_KEYBOARD;
}

bool bn_devices_seat_has(const struct bn_input *input, const struct bn_seat *seat, int type) {
	struct bn_input_device *device;
	wl_list_for_each(device, &input->devices, link) {
		if (device->seat != NULL && (int)device->wlr->type == type
				&& (device->seat == seat || roams(device))) {
			return true;
		}
	}
	return false;
}

static void update_capabilities(struct bn_input_device *device, struct bn_seat *seat) {
	if (!roams(device)) {
		bn_seat_update_capabilities(seat);
		return;
	}
	struct bn_seat *any;
	wl_list_for_each(any, &device->input->seats, link) {
		bn_seat_update_capabilities(any);
	}
}

/** The device no longer belongs to its seat: nothing stays held that nobody releases. */
static void let_go(struct bn_input_device *device) {
	struct bn_seat *seat = device->seat;
	device->seat = NULL;
	device->display = BN_NONE;
	if (seat == NULL) {
		return;
	}
	switch (device->wlr->type) {
	case WLR_INPUT_DEVICE_TOUCH:
		bn_touch_drop_device(device->input, device);
		break;
	case WLR_INPUT_DEVICE_POINTER:
		if (!bn_devices_seat_has(device->input, seat, WLR_INPUT_DEVICE_POINTER)) {
			bn_pointer_retire(&seat->pointer);
		}
		break;
	default:
		bn_keyboard_detach(seat, wlr_keyboard_from_input_device(device->wlr));
		break;
	}
}

static void detach(struct bn_input_device *device) {
	struct bn_seat *seat = device->seat;
	let_go(device);
	if (seat != NULL) {
		update_capabilities(device, seat);
	}
}

static void attach(struct bn_input_device *device, const struct binding *binding) {
	device->seat = binding->seat;
	device->display = binding->display;
	if (binding->seat == NULL) {
		return;
	}
	update_capabilities(device, binding->seat);
	if (device->wlr->type == WLR_INPUT_DEVICE_KEYBOARD
			&& wlr_seat_get_keyboard(binding->seat->wlr) == NULL) {
		wlr_seat_set_keyboard(binding->seat->wlr,
				wlr_keyboard_from_input_device(device->wlr));
	}
}

static void log_binding(const struct bn_input_device *device) {
	if (device->wlr->type != WLR_INPUT_DEVICE_TOUCH) {
		wlr_log(WLR_INFO, "input \"%s\": belongs to seat %s", device->keys.name,
				device->seat->name);
		return;
	}
	wlr_log(WLR_INFO, "touchscreen \"%s\": display %s of seat %s, %s", device->keys.name,
			device->input->layout->displays[device->display].name, device->seat->name,
			bn_bind_how_text(device->how));
}

static void bind_device(struct bn_input_device *device) {
	struct binding binding = find_binding(device);
	if (binding.seat == device->seat && binding.display == device->display) {
		return;
	}
	// Capabilities change once: a client that sees them go and come makes everything anew.
	struct bn_seat *before = device->seat;
	let_go(device);
	attach(device, &binding);
	if (before != NULL) {
		update_capabilities(device, before);
	}
	device->told = false;
	if (device->seat != NULL) {
		log_binding(device);
	}
}

void bn_devices_bind_all(struct bn_input *input) {
	struct bn_input_device *device;
	wl_list_for_each(device, &input->devices, link) {
		bind_device(device);
	}
}

void bn_devices_forget_seat(struct bn_input *input, const struct bn_seat *seat) {
	struct bn_input_device *device;
	wl_list_for_each(device, &input->devices, link) {
		if (device->seat == seat) {
			detach(device);
		}
	}
}

void bn_devices_move_nested_keyboards(struct bn_input *input, struct bn_seat *seat) {
	struct bn_input_device *device;
	wl_list_for_each(device, &input->devices, link) {
		if (device->nested && device->wlr->type == WLR_INPUT_DEVICE_KEYBOARD
				&& device->seat != seat) {
			bind_device(device);
		}
	}
}

// Coming and going

static void device_free(struct bn_input_device *device) {
	for (size_t i = 0; i < BN_DEVICE_EVENTS; i++) {
		bn_unlisten(&device->events[i]);
	}
	bn_unlisten(&device->destroy);
	wl_list_remove(&device->link);
	free(device);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct bn_input_device *device = wl_container_of(listener, device, destroy);
	detach(device);
	device_free(device);
}

static void listen_touch(struct bn_input_device *device) {
	struct wlr_touch *touch = wlr_touch_from_input_device(device->wlr);
	bn_listen(&touch->events.down, &device->events[0], handle_touch_down);
	bn_listen(&touch->events.up, &device->events[1], handle_touch_up);
	bn_listen(&touch->events.motion, &device->events[2], handle_touch_motion);
	bn_listen(&touch->events.cancel, &device->events[3], handle_touch_cancel);
	bn_listen(&touch->events.frame, &device->events[4], handle_touch_frame);
}

static void listen_pointer(struct bn_input_device *device) {
	struct wlr_pointer *pointer = wlr_pointer_from_input_device(device->wlr);
	bn_listen(&pointer->events.motion, &device->events[0], handle_motion);
	bn_listen(&pointer->events.motion_absolute, &device->events[1], handle_motion_absolute);
	bn_listen(&pointer->events.button, &device->events[2], handle_button);
	bn_listen(&pointer->events.axis, &device->events[3], handle_axis);
	bn_listen(&pointer->events.frame, &device->events[4], handle_pointer_frame);
}

static void listen_keyboard(struct bn_input_device *device) {
	struct wlr_keyboard *keyboard = wlr_keyboard_from_input_device(device->wlr);
	if (!device->is_virtual) {
		bn_keyboard_prepare(device->input, keyboard);
	}
	bn_listen(&keyboard->events.key, &device->events[0], handle_key);
	bn_listen(&keyboard->events.modifiers, &device->events[1], handle_modifiers);
}

static void listen(struct bn_input_device *device) {
	switch (device->wlr->type) {
	case WLR_INPUT_DEVICE_TOUCH:
		listen_touch(device);
		break;
	case WLR_INPUT_DEVICE_POINTER:
		listen_pointer(device);
		break;
	default:
		listen_keyboard(device);
		break;
	}
	bn_listen(&device->wlr->events.destroy, &device->destroy, handle_destroy);
}

void bn_devices_add(struct bn_input *input, struct wlr_input_device *wlr, bool is_virtual,
		struct wlr_seat *wanted_seat, struct wlr_output *wanted_output) {
	if (wlr->type != WLR_INPUT_DEVICE_TOUCH && wlr->type != WLR_INPUT_DEVICE_POINTER
			&& wlr->type != WLR_INPUT_DEVICE_KEYBOARD) {
		wlr_log(WLR_INFO, "input \"%s\": this kind of device is not used", wlr->name);
		return;
	}
	if (wlr->type == WLR_INPUT_DEVICE_TOUCH && input->parent != NULL
			&& wlr_input_device_is_wl(wlr)) {
		return; // it does not know its windows apart; bn_parent does
	}
	struct bn_input_device *device = calloc(1, sizeof(*device));
	if (device == NULL) {
		wlr_log(WLR_ERROR, "input \"%s\": out of memory, it is not used", wlr->name);
		return;
	}
	device->input = input;
	device->wlr = wlr;
	device->is_virtual = is_virtual;
	device->nested = is_nested(wlr);
	device->wanted_seat = wanted_seat;
	device->wanted_output = wanted_output;
	device->display = BN_NONE;
	bn_devices_read_keys(&device->keys, wlr);
	listen(device);
	wl_list_insert(input->devices.prev, &device->link);
	bind_device(device);
	if (wlr->type == WLR_INPUT_DEVICE_TOUCH && device->display == BN_NONE) {
		say_unbound(device);
	}
}

void bn_devices_finish(struct bn_input *input) {
	struct bn_input_device *device, *tmp;
	wl_list_for_each_safe(device, tmp, &input->devices, link) {
		detach(device);
		device_free(device);
	}
}
