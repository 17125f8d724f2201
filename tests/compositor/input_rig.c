#include "input_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wlr/backend.h>
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/interfaces/wlr_pointer.h>
#include <wlr/interfaces/wlr_touch.h>

#include "cockpit.h"
#include "input/input.h"

const char bn_rig_layout[] =
		"binnacle: 1\n"
		"displays:\n"
		"  cluster: { mode: 800x200@60, criticality: safety }\n"
		"  center: { mode: 800x600@60 }\n"
		"  passenger: { mode: 400x300@60 }\n"
		"occupants:\n"
		"  driver: { displays: [cluster, center], touch: [{ name: center-panel }, { name: "
		"second-panel }] }\n"
		"  passenger: { displays: passenger, touch: { name: passenger-panel } }\n"
		"signals: { Gear: { initial: 0 }, Alert: { initial: false }, Speed: { initial: 0 } "
		"}\n"
		"states:\n"
		"  reversing: { Gear: -1 }\n"
		"  alerted: { Alert: true }\n"
		"  moving: { Speed: { over: 5 } }\n"
		"  fast: { Speed: { over: 50 } }\n"
		"zones:\n"
		"  telltales: { display: cluster, rect: [0, 0, 100%, 40], layer: telltale, grant: "
		"lamps, empty: '#000000', accept-loss: 'only a test' }\n"
		"  gauges: { display: cluster, rect: [0, 40, 100%, 160], grant: gauges }\n"
		"  main: { display: center, rect: [0, 0, 400, 600], grant: [nav, hands, both, '*'] "
		"}\n"
		"  side: { display: center, rect: [400, 0, 400, 600], grant: [side, cinema] }\n"
		"  notice: { display: center, rect: [0, 0, 200, 100], layer: alert, grant: warner, "
		"visible: false }\n"
		"  camera: { display: center, rect: [0, 300, 400, 300], layer: safety, grant: "
		"rear, visible: false, "
		"empty: builtin:no-camera, accept-loss: 'only a test' }\n"
		"  movie: { display: passenger, rect: full, grant: [cinema, '*'] }\n"
		"rules:\n"
		"  - when: reversing\n"
		"    show: { camera: rear }\n"
		"  - when: alerted\n"
		"    show: { notice: warner }\n"
		"  - when: moving\n"
		"    restrict: { main: [keyboard] }\n"
		"  - when: fast\n"
		"    restrict: { movie: [touch] }\n"
		"apps:\n"
		"  nav: { home: main }\n"
		"  side: { home: side }\n"
		"  gauges: { home: gauges }\n"
		"  lamps: { home: telltales }\n"
		"  warner: { home: notice }\n"
		"  rear: { home: camera }\n"
		"  cinema: { home: movie }\n"
		"  both: { home: main, seats: all }\n"
		"  hands: { home: main, may: [input] }\n";

void bn_rig_start(struct bn_rig *rig) {
	const struct bn_fixture_options options = { .layout = bn_rig_layout };
	bn_fixture_start(&rig->fixture, &options);
	bn_rig_settle(rig);
}

void bn_rig_stop(struct bn_rig *rig) {
	bn_fixture_stop(&rig->fixture);
}

struct bn_input *bn_rig_input(struct bn_rig *rig) {
	return bn_server_input(rig->fixture.server);
}

size_t bn_rig_display(struct bn_rig *rig, const char *name) {
	size_t display = bn_layout_find_display(bn_server_cockpit(rig->fixture.server)->layout,
			name);
	assert_int_not_equal(display, BN_NONE);
	return display;
}

static void set_value(struct bn_rig *rig, const char *signal, const struct bn_value *value) {
	const struct bn_identity owner = { .source = BN_IDENTITY_OWNER, .app = BN_NONE };
	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_set_signal(bn_server_cockpit(rig->fixture.server), &owner, signal,
			value, error));
}

void bn_rig_set_number(struct bn_rig *rig, const char *signal, double number) {
	const struct bn_value value = { .kind = BN_VALUE_NUMBER, .number = number };
	set_value(rig, signal, &value);
}

void bn_rig_set_bool(struct bn_rig *rig, const char *signal, bool on) {
	const struct bn_value value = { .kind = BN_VALUE_BOOL, .number = on };
	set_value(rig, signal, &value);
}

void bn_rig_settle(struct bn_rig *rig) {
	bn_fixture_advance_ms(&rig->fixture, 300);
}

// Devices

static const struct wlr_touch_impl touch_impl = { .name = "rig" };
static const struct wlr_keyboard_impl keyboard_impl = { .name = "rig" };
static const struct wlr_pointer_impl pointer_impl = { .name = "rig" };

static void plug(struct bn_rig *rig, struct wlr_input_device *device) {
	wl_signal_emit_mutable(&bn_rig_input(rig)->backend->events.new_input, device);
}

static char *copy(const char *text) {
	return text != NULL ? strdup(text) : NULL;
}

void bn_rig_touch_plug(struct bn_rig *rig, struct bn_rig_touch *touch, const char *name,
		const char *output) {
	wlr_touch_init(&touch->wlr, &touch_impl, name);
	touch->wlr.output_name = copy(output);
	plug(rig, &touch->wlr.base);
}

void bn_rig_touch_unplug(struct bn_rig_touch *touch) {
	wlr_touch_finish(&touch->wlr);
}

void bn_rig_touch_down(struct bn_rig_touch *touch, int32_t id, double u, double v) {
	struct wlr_touch_down_event event = {
		.touch = &touch->wlr, .touch_id = id, .x = u, .y = v
	};
	wl_signal_emit_mutable(&touch->wlr.events.down, &event);
	wl_signal_emit_mutable(&touch->wlr.events.frame, NULL);
}

void bn_rig_touch_move(struct bn_rig_touch *touch, int32_t id, double u, double v) {
	struct wlr_touch_motion_event event = {
		.touch = &touch->wlr, .touch_id = id, .x = u, .y = v
	};
	wl_signal_emit_mutable(&touch->wlr.events.motion, &event);
	wl_signal_emit_mutable(&touch->wlr.events.frame, NULL);
}

void bn_rig_touch_up(struct bn_rig_touch *touch, int32_t id) {
	struct wlr_touch_up_event event = { .touch = &touch->wlr, .touch_id = id };
	wl_signal_emit_mutable(&touch->wlr.events.up, &event);
	wl_signal_emit_mutable(&touch->wlr.events.frame, NULL);
}

void bn_rig_keyboard_plug(struct bn_rig *rig, struct bn_rig_keyboard *keyboard) {
	wlr_keyboard_init(&keyboard->wlr, &keyboard_impl, "rig-keyboard");
	plug(rig, &keyboard->wlr.base);
}

void bn_rig_keyboard_unplug(struct bn_rig_keyboard *keyboard) {
	wlr_keyboard_finish(&keyboard->wlr);
}

void bn_rig_key(struct bn_rig_keyboard *keyboard, uint32_t key, bool pressed) {
	struct wlr_keyboard_key_event event = {
		.keycode = key,
		.state = pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED,
		.update_state = true,
	};
	wlr_keyboard_notify_key(&keyboard->wlr, &event);
}

void bn_rig_mouse_plug(struct bn_rig *rig, struct bn_rig_mouse *mouse, const char *name,
		const char *output) {
	wlr_pointer_init(&mouse->wlr, &pointer_impl, name);
	mouse->wlr.output_name = copy(output);
	plug(rig, &mouse->wlr.base);
}

void bn_rig_mouse_unplug(struct bn_rig_mouse *mouse) {
	wlr_pointer_finish(&mouse->wlr);
}

static void mouse_frame(struct bn_rig_mouse *mouse) {
	wl_signal_emit_mutable(&mouse->wlr.events.frame, &mouse->wlr);
}

void bn_rig_mouse_move(struct bn_rig_mouse *mouse, double dx, double dy) {
	struct wlr_pointer_motion_event event = {
		.pointer = &mouse->wlr, .delta_x = dx, .delta_y = dy
	};
	wl_signal_emit_mutable(&mouse->wlr.events.motion, &event);
	mouse_frame(mouse);
}

void bn_rig_mouse_warp(struct bn_rig_mouse *mouse, double u, double v) {
	struct wlr_pointer_motion_absolute_event event = { .pointer = &mouse->wlr, .x = u, .y = v };
	wl_signal_emit_mutable(&mouse->wlr.events.motion_absolute, &event);
	mouse_frame(mouse);
}

void bn_rig_mouse_button(struct bn_rig_mouse *mouse, uint32_t button, bool pressed) {
	struct wlr_pointer_button_event event = {
		.pointer = &mouse->wlr,
		.button = button,
		.state = pressed ? WL_POINTER_BUTTON_STATE_PRESSED
				 : WL_POINTER_BUTTON_STATE_RELEASED,
	};
	wlr_pointer_notify_button(&mouse->wlr, &event);
	mouse_frame(mouse);
}

// What clients are told

static void note(void *data, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(void *data, const char *format, ...) {
	struct bn_rig_app *app = data;
	size_t length = strlen(app->log);
	va_list args;
	va_start(args, format);
	vsnprintf(app->log + length, sizeof(app->log) - length, format, args);
	va_end(args);
}

static int px(wl_fixed_t value) {
	return (int)wl_fixed_to_double(value);
}

static void touch_down(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		struct wl_surface *surface, int32_t id, wl_fixed_t x, wl_fixed_t y) {
	struct bn_rig_app *app = data;
	app->serial = serial;
	note(data, "down %d %d,%d ", id, px(x), px(y));
}

static void touch_up(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		int32_t id) {
	note(data, "up %d ", id);
}

static void touch_motion(void *data, struct wl_touch *touch, uint32_t time, int32_t id,
		wl_fixed_t x, wl_fixed_t y) {
	note(data, "move %d %d,%d ", id, px(x), px(y));
}

static void touch_frame(void *data, struct wl_touch *touch) {
	note(data, "frame ");
}

static void touch_cancel(void *data, struct wl_touch *touch) {
	note(data, "cancel ");
}

static void touch_shape(void *data, struct wl_touch *touch, int32_t id, wl_fixed_t major,
		wl_fixed_t minor) {
}

static void touch_orientation(void *data, struct wl_touch *touch, int32_t id,
		wl_fixed_t orientation) {
}

static const struct wl_touch_listener touch_listener = {
	.down = touch_down,
	.up = touch_up,
	.motion = touch_motion,
	.frame = touch_frame,
	.cancel = touch_cancel,
	.shape = touch_shape,
	.orientation = touch_orientation,
};

static void keyboard_keymap(void *data, struct wl_keyboard *keyboard, uint32_t format, int32_t fd,
		uint32_t size) {
	close(fd);
}

static void keyboard_enter(void *data, struct wl_keyboard *keyboard, uint32_t serial,
		struct wl_surface *surface, struct wl_array *keys) {
	note(data, "focus ");
	const uint32_t *key;
	wl_array_for_each(key, keys) {
		note(data, "held %u ", *key);
	}
}

static void keyboard_leave(void *data, struct wl_keyboard *keyboard, uint32_t serial,
		struct wl_surface *surface) {
	note(data, "blur ");
}

static void keyboard_key(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time,
		uint32_t key, uint32_t state) {
	note(data, "key %u%s ", key, state == WL_KEYBOARD_KEY_STATE_PRESSED ? "+" : "-");
}

static void keyboard_modifiers(void *data, struct wl_keyboard *keyboard, uint32_t serial,
		uint32_t depressed, uint32_t latched, uint32_t locked, uint32_t group) {
	if (depressed != 0) {
		note(data, "modifiers %u ", depressed);
	}
}

static void keyboard_repeat(void *data, struct wl_keyboard *keyboard, int32_t rate, int32_t delay) {
}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = keyboard_keymap,
	.enter = keyboard_enter,
	.leave = keyboard_leave,
	.key = keyboard_key,
	.modifiers = keyboard_modifiers,
	.repeat_info = keyboard_repeat,
};

static void pointer_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
		struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y) {
	struct bn_rig_app *app = data;
	app->enter_serial = serial;
	note(data, "enter %d,%d ", px(x), px(y));
}

static void pointer_leave(void *data, struct wl_pointer *pointer, uint32_t serial,
		struct wl_surface *surface) {
	note(data, "leave ");
}

static void pointer_motion(void *data, struct wl_pointer *pointer, uint32_t time, wl_fixed_t x,
		wl_fixed_t y) {
	note(data, "motion %d,%d ", px(x), px(y));
}

static void pointer_button(void *data, struct wl_pointer *pointer, uint32_t serial, uint32_t time,
		uint32_t button, uint32_t state) {
	struct bn_rig_app *app = data;
	app->serial = serial;
	note(data, "button %x%s ", button, state == WL_POINTER_BUTTON_STATE_PRESSED ? "+" : "-");
}

static void pointer_axis(void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis,
		wl_fixed_t value) {
	note(data, "axis %u %d ", axis, px(value));
}

static void pointer_frame(void *data, struct wl_pointer *pointer) {
}

static void pointer_axis_source(void *data, struct wl_pointer *pointer, uint32_t source) {
}

static void pointer_axis_stop(void *data, struct wl_pointer *pointer, uint32_t time,
		uint32_t axis) {
}

static void pointer_axis_discrete(void *data, struct wl_pointer *pointer, uint32_t axis,
		int32_t discrete) {
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = pointer_enter,
	.leave = pointer_leave,
	.motion = pointer_motion,
	.button = pointer_button,
	.axis = pointer_axis,
	.frame = pointer_frame,
	.axis_source = pointer_axis_source,
	.axis_stop = pointer_axis_stop,
	.axis_discrete = pointer_axis_discrete,
};

// Apps

void bn_rig_app_listen(struct bn_rig_app *app) {
	assert_true(bn_test_client_roundtrip(app->client));
	struct bn_test_seat *seat = &app->client->seats[0];
	if (app->touch == NULL) {
		app->touch = wl_seat_get_touch(seat->wl);
		wl_touch_add_listener(app->touch, &touch_listener, app);
	}
	if (app->pointer == NULL && (seat->capabilities & WL_SEAT_CAPABILITY_POINTER)) {
		app->pointer = wl_seat_get_pointer(seat->wl);
		wl_pointer_add_listener(app->pointer, &pointer_listener, app);
	}
	if (app->keyboard == NULL && (seat->capabilities & WL_SEAT_CAPABILITY_KEYBOARD)) {
		app->keyboard = wl_seat_get_keyboard(seat->wl);
		wl_keyboard_add_listener(app->keyboard, &keyboard_listener, app);
	}
	assert_true(bn_test_client_roundtrip(app->client));
	app->log[0] = '\0';
}

struct bn_rig_app *bn_rig_app_connect(struct bn_rig *rig, const char *name) {
	struct bn_rig_app *app = calloc(1, sizeof(*app));
	assert_non_null(app);
	app->rig = rig;
	app->client = bn_test_client_connect(&rig->fixture, name);
	return app;
}

void bn_rig_app_map(struct bn_rig_app *app) {
	app->window = bn_test_window_create(app->client, NULL, 0xff202020);
	bn_fixture_advance_ms(&app->rig->fixture, 40);
}

struct bn_rig_app *bn_rig_app_create(struct bn_rig *rig, const char *name) {
	struct bn_rig_app *app = bn_rig_app_connect(rig, name);
	bn_rig_app_map(app);
	bn_rig_app_listen(app);
	return app;
}

void bn_rig_app_drop_touch(struct bn_rig_app *app) {
	struct bn_test_seat *seat = &app->client->seats[0];
	if (seat->touch != NULL) {
		wl_touch_release(seat->touch);
		seat->touch = NULL;
	}
	if (app->touch != NULL) {
		wl_touch_release(app->touch);
		app->touch = NULL;
	}
}

/** A process that ends says nothing: only our memory goes. */
void bn_rig_app_destroy(struct bn_rig_app *app) {
	void *const proxies[] = { app->touch, app->pointer, app->keyboard };
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++) {
		if (proxies[i] != NULL) {
			wl_proxy_destroy(proxies[i]);
		}
	}
	bn_test_client_disconnect(app->client);
	free(app);
}

void bn_rig_expect(struct bn_rig_app *app, const char *log) {
	assert_true(bn_test_client_roundtrip(app->client));
	assert_string_equal(app->log, log);
	app->log[0] = '\0';
}

void bn_rig_forget(struct bn_rig_app *app) {
	assert_true(bn_test_client_roundtrip(app->client));
	app->log[0] = '\0';
}
