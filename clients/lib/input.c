#include <linux/input-event-codes.h>

#include "lib/app_private.h"

// A pointer's left button and the first finger are the same thing to an app: a touch.

static void send(struct bn_app_seat *seat, enum bn_touch touch) {
	const struct bn_app_info *info = seat->app->info;
	if (info->touch) {
		info->touch(seat->app->data, touch, seat->x, seat->y);
		bn_app_schedule(seat->app);
	}
}

static void move(struct bn_app_seat *seat, wl_fixed_t sx, wl_fixed_t sy) {
	seat->x = wl_fixed_to_double(sx);
	seat->y = wl_fixed_to_double(sy);
}

static void handle_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
		struct wl_surface *surface, wl_fixed_t sx, wl_fixed_t sy) {
	move(data, sx, sy);
}

static void handle_leave(void *data, struct wl_pointer *pointer, uint32_t serial,
		struct wl_surface *surface) {
	struct bn_app_seat *seat = data;
	if (seat->pressed) {
		seat->pressed = false;
		send(seat, BN_TOUCH_CANCEL);
	}
}

static void handle_motion(void *data, struct wl_pointer *pointer, uint32_t time, wl_fixed_t sx,
		wl_fixed_t sy) {
	struct bn_app_seat *seat = data;
	move(seat, sx, sy);
	if (seat->pressed) {
		send(seat, BN_TOUCH_MOVE);
	}
}

static void handle_button(void *data, struct wl_pointer *pointer, uint32_t serial, uint32_t time,
		uint32_t button, uint32_t state) {
	struct bn_app_seat *seat = data;
	if (button == BTN_LEFT) {
		seat->pressed = state == WL_POINTER_BUTTON_STATE_PRESSED;
		send(seat, seat->pressed ? BN_TOUCH_DOWN : BN_TOUCH_UP);
	}
}

static void handle_axis(void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis,
		wl_fixed_t value) {
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = handle_enter,
	.leave = handle_leave,
	.motion = handle_motion,
	.button = handle_button,
	.axis = handle_axis,
};

static void handle_down(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		struct wl_surface *surface, int32_t id, wl_fixed_t sx, wl_fixed_t sy) {
	struct bn_app_seat *seat = data;
	if (seat->touch_id < 0) {
		seat->touch_id = id;
		move(seat, sx, sy);
		send(seat, BN_TOUCH_DOWN);
	}
}

static void handle_up(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		int32_t id) {
	struct bn_app_seat *seat = data;
	if (seat->touch_id == id) {
		seat->touch_id = -1;
		send(seat, BN_TOUCH_UP);
	}
}

static void handle_touch_motion(void *data, struct wl_touch *touch, uint32_t time, int32_t id,
		wl_fixed_t sx, wl_fixed_t sy) {
	struct bn_app_seat *seat = data;
	if (seat->touch_id == id) {
		move(seat, sx, sy);
		send(seat, BN_TOUCH_MOVE);
	}
}

static void handle_touch_frame(void *data, struct wl_touch *touch) {
}

static void handle_cancel(void *data, struct wl_touch *touch) {
	struct bn_app_seat *seat = data;
	if (seat->touch_id >= 0) {
		seat->touch_id = -1;
		send(seat, BN_TOUCH_CANCEL);
	}
}

static const struct wl_touch_listener touch_listener = {
	.down = handle_down,
	.up = handle_up,
	.motion = handle_touch_motion,
	.frame = handle_touch_frame,
	.cancel = handle_cancel,
};

static void handle_capabilities(void *data, struct wl_seat *wl_seat, uint32_t capabilities) {
	struct bn_app_seat *seat = data;
	if ((capabilities & WL_SEAT_CAPABILITY_POINTER) != 0 && !seat->pointer) {
		seat->pointer = wl_seat_get_pointer(wl_seat);
		wl_pointer_add_listener(seat->pointer, &pointer_listener, seat);
	}
	if ((capabilities & WL_SEAT_CAPABILITY_TOUCH) != 0 && !seat->touch) {
		seat->touch = wl_seat_get_touch(wl_seat);
		wl_touch_add_listener(seat->touch, &touch_listener, seat);
	}
}

static const struct wl_seat_listener seat_listener = { .capabilities = handle_capabilities };

void bn_app_input_add_seat(struct bn_app *app, struct wl_registry *registry, uint32_t name,
		uint32_t version) {
	if (!app->info->touch || app->seat_count == BN_APP_SEATS) {
		return;
	}
	struct bn_app_seat *seat = &app->seats[app->seat_count++];
	seat->app = app;
	seat->touch_id = -1;
	// Version 1 has all that is used here, and no event that needs an empty handler.
	seat->seat = wl_registry_bind(registry, name, &wl_seat_interface, 1);
	wl_seat_add_listener(seat->seat, &seat_listener, seat);
}

void bn_app_input_finish(struct bn_app *app) {
	for (size_t i = 0; i < app->seat_count; i++) {
		struct bn_app_seat *seat = &app->seats[i];
		if (seat->pointer) {
			wl_pointer_destroy(seat->pointer);
		}
		if (seat->touch) {
			wl_touch_destroy(seat->touch);
		}
		wl_seat_destroy(seat->seat);
	}
}
