#include <unistd.h>

#include "probe/probe.h"

static double coordinate(wl_fixed_t value) {
	return wl_fixed_to_double(value);
}

static void handle_pointer_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
		struct wl_surface *surface, wl_fixed_t sx, wl_fixed_t sy) {
	struct bn_probe *probe = data;
	probe->pointer_focus = bn_probe_surface_name(probe, surface);
	bn_probe_print(probe, "pointer-enter %s %.1f %.1f", probe->pointer_focus, coordinate(sx),
			coordinate(sy));
}

static void handle_pointer_leave(void *data, struct wl_pointer *pointer, uint32_t serial,
		struct wl_surface *surface) {
	struct bn_probe *probe = data;
	bn_probe_print(probe, "pointer-leave %s", bn_probe_surface_name(probe, surface));
	probe->pointer_focus = NULL;
}

static const char *focus(const struct bn_probe *probe) {
	return probe->pointer_focus ? probe->pointer_focus : "?";
}

static void handle_pointer_motion(void *data, struct wl_pointer *pointer, uint32_t time,
		wl_fixed_t sx, wl_fixed_t sy) {
	struct bn_probe *probe = data;
	bn_probe_print(probe, "pointer-motion %s %.1f %.1f", focus(probe), coordinate(sx),
			coordinate(sy));
}

static void handle_pointer_button(void *data, struct wl_pointer *pointer, uint32_t serial,
		uint32_t time, uint32_t button, uint32_t state) {
	struct bn_probe *probe = data;
	bn_probe_print(probe, "pointer-button %s %u %s", focus(probe), button,
			state == WL_POINTER_BUTTON_STATE_PRESSED ? "pressed" : "released");
}

static void handle_pointer_axis(void *data, struct wl_pointer *pointer, uint32_t time,
		uint32_t axis, wl_fixed_t value) {
	struct bn_probe *probe = data;
	bn_probe_print(probe, "pointer-axis %s %u %.1f", focus(probe), axis, coordinate(value));
}

static void handle_pointer_frame(void *data, struct wl_pointer *pointer) {
}

static void handle_axis_source(void *data, struct wl_pointer *pointer, uint32_t source) {
}

static void handle_axis_stop(void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis) {
}

static void handle_axis_discrete(void *data, struct wl_pointer *pointer, uint32_t axis,
		int32_t discrete) {
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = handle_pointer_enter,
	.leave = handle_pointer_leave,
	.motion = handle_pointer_motion,
	.button = handle_pointer_button,
	.axis = handle_pointer_axis,
	.frame = handle_pointer_frame,
	.axis_source = handle_axis_source,
	.axis_stop = handle_axis_stop,
	.axis_discrete = handle_axis_discrete,
};

static void handle_touch_down(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		struct wl_surface *surface, int32_t id, wl_fixed_t sx, wl_fixed_t sy) {
	struct bn_probe *probe = data;
	bn_probe_print(probe, "touch-down %s %d %.1f %.1f", bn_probe_surface_name(probe, surface),
			id, coordinate(sx), coordinate(sy));
}

static void handle_touch_up(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		int32_t id) {
	bn_probe_print(data, "touch-up %d", id);
}

static void handle_touch_motion(void *data, struct wl_touch *touch, uint32_t time, int32_t id,
		wl_fixed_t sx, wl_fixed_t sy) {
	bn_probe_print(data, "touch-motion %d %.1f %.1f", id, coordinate(sx), coordinate(sy));
}

static void handle_touch_frame(void *data, struct wl_touch *touch) {
}

static void handle_touch_cancel(void *data, struct wl_touch *touch) {
	bn_probe_print(data, "touch-cancel");
}

static const struct wl_touch_listener touch_listener = {
	.down = handle_touch_down,
	.up = handle_touch_up,
	.motion = handle_touch_motion,
	.frame = handle_touch_frame,
	.cancel = handle_touch_cancel,
};

static void handle_keymap(void *data, struct wl_keyboard *keyboard, uint32_t format, int32_t fd,
		uint32_t size) {
	close(fd);
}

static void handle_keyboard_enter(void *data, struct wl_keyboard *keyboard, uint32_t serial,
		struct wl_surface *surface, struct wl_array *keys) {
	struct bn_probe *probe = data;
	bn_probe_print(probe, "keyboard-enter %s", bn_probe_surface_name(probe, surface));
}

static void handle_keyboard_leave(void *data, struct wl_keyboard *keyboard, uint32_t serial,
		struct wl_surface *surface) {
	struct bn_probe *probe = data;
	bn_probe_print(probe, "keyboard-leave %s", bn_probe_surface_name(probe, surface));
}

static void handle_key(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time,
		uint32_t key, uint32_t state) {
	bn_probe_print(data, "key %u %s", key,
			state == WL_KEYBOARD_KEY_STATE_PRESSED ? "pressed" : "released");
}

static void handle_modifiers(void *data, struct wl_keyboard *keyboard, uint32_t serial,
		uint32_t depressed, uint32_t latched, uint32_t locked, uint32_t group) {
}

static void handle_repeat_info(void *data, struct wl_keyboard *keyboard, int32_t rate,
		int32_t delay) {
}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = handle_keymap,
	.enter = handle_keyboard_enter,
	.leave = handle_keyboard_leave,
	.key = handle_key,
	.modifiers = handle_modifiers,
	.repeat_info = handle_repeat_info,
};

static size_t seat_index(const struct bn_probe *probe, struct wl_seat *seat) {
	size_t i = 0;
	while (i < probe->seat_count && probe->seats[i] != seat) {
		i++;
	}
	return i;
}

static void handle_capabilities(void *data, struct wl_seat *seat, uint32_t capabilities) {
	struct bn_probe *probe = data;
	size_t i = seat_index(probe, seat);
	if (i == probe->seat_count) {
		return;
	}
	bn_probe_print(probe, "seat-capabilities%s%s%s",
			(capabilities & WL_SEAT_CAPABILITY_POINTER) != 0 ? " pointer" : "",
			(capabilities & WL_SEAT_CAPABILITY_KEYBOARD) != 0 ? " keyboard" : "",
			(capabilities & WL_SEAT_CAPABILITY_TOUCH) != 0 ? " touch" : "");
	if ((capabilities & WL_SEAT_CAPABILITY_POINTER) != 0 && !probe->pointers[i]) {
		probe->pointers[i] = wl_seat_get_pointer(seat);
		wl_pointer_add_listener(probe->pointers[i], &pointer_listener, probe);
	}
	if ((capabilities & WL_SEAT_CAPABILITY_TOUCH) != 0 && !probe->touches[i]) {
		probe->touches[i] = wl_seat_get_touch(seat);
		wl_touch_add_listener(probe->touches[i], &touch_listener, probe);
	}
	if ((capabilities & WL_SEAT_CAPABILITY_KEYBOARD) != 0 && !probe->keyboards[i]) {
		probe->keyboards[i] = wl_seat_get_keyboard(seat);
		wl_keyboard_add_listener(probe->keyboards[i], &keyboard_listener, probe);
	}
}

static void handle_seat_name(void *data, struct wl_seat *seat, const char *name) {
	bn_probe_print(data, "seat %s", name);
}

static const struct wl_seat_listener seat_listener = {
	.capabilities = handle_capabilities,
	.name = handle_seat_name,
};

void bn_probe_add_seat(struct bn_probe *probe, struct wl_seat *seat) {
	if (probe->seat_count == sizeof(probe->seats) / sizeof(probe->seats[0])) {
		wl_seat_destroy(seat);
		return;
	}
	probe->seats[probe->seat_count++] = seat;
	wl_seat_add_listener(seat, &seat_listener, probe);
}
