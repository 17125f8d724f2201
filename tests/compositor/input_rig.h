#ifndef BN_TESTS_INPUT_RIG_H
#define BN_TESTS_INPUT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_touch.h>

#include "fixture.h"

/**
 * A cockpit for two, devices that are moved by hand, and clients that write down
 * what they are told: "down 0 10,20 frame " and so on, in order.
 *
 * cluster 800x200 (telltales above gauges) and center 800x600 (main left, side right;
 * notice over main's top left, camera over its lower half) belong to the driver,
 * passenger 400x300 (movie) to the passenger.
 */
struct bn_rig {
	struct bn_fixture fixture;
};

extern const char bn_rig_layout[];

void bn_rig_start(struct bn_rig *rig);
void bn_rig_stop(struct bn_rig *rig);
struct bn_input *bn_rig_input(struct bn_rig *rig);
size_t bn_rig_display(struct bn_rig *rig, const char *name);
void bn_rig_set_number(struct bn_rig *rig, const char *signal, double number);
void bn_rig_set_bool(struct bn_rig *rig, const char *signal, bool on);
/** Long enough for every fence to be open again. */
void bn_rig_settle(struct bn_rig *rig);

/** A touchscreen on the compositor's back end. */
struct bn_rig_touch {
	struct wlr_touch wlr;
};
void bn_rig_touch_plug(struct bn_rig *rig, struct bn_rig_touch *touch, const char *name,
		const char *output);
void bn_rig_touch_unplug(struct bn_rig_touch *touch);
/** `u`, `v`: 0..1 of the panel. Each is a frame of its own. */
void bn_rig_touch_down(struct bn_rig_touch *touch, int32_t id, double u, double v);
void bn_rig_touch_move(struct bn_rig_touch *touch, int32_t id, double u, double v);
void bn_rig_touch_up(struct bn_rig_touch *touch, int32_t id);

struct bn_rig_keyboard {
	struct wlr_keyboard wlr;
};
void bn_rig_keyboard_plug(struct bn_rig *rig, struct bn_rig_keyboard *keyboard);
void bn_rig_keyboard_unplug(struct bn_rig_keyboard *keyboard);
void bn_rig_key(struct bn_rig_keyboard *keyboard, uint32_t key, bool pressed);

struct bn_rig_mouse {
	struct wlr_pointer wlr;
};
void bn_rig_mouse_plug(struct bn_rig *rig, struct bn_rig_mouse *mouse, const char *name,
		const char *output);
void bn_rig_mouse_unplug(struct bn_rig_mouse *mouse);
void bn_rig_mouse_move(struct bn_rig_mouse *mouse, double dx, double dy);
void bn_rig_mouse_warp(struct bn_rig_mouse *mouse, double u, double v);
void bn_rig_mouse_button(struct bn_rig_mouse *mouse, uint32_t button, bool pressed);

/** A client that writes down what its seat tells it. */
struct bn_rig_app {
	struct bn_rig *rig;
	struct bn_test_client *client;
	struct bn_test_window *window;
	struct wl_touch *touch;       // besides the fixture's own
	struct wl_pointer *pointer;   // likewise; NULL until the seat offers one
	struct wl_keyboard *keyboard; // likewise
	uint32_t serial;              // of the last event that had one
	uint32_t enter_serial;        // of the last pointer enter
	char log[4096];
};

/** `app`: as bn_test_client_connect. */
struct bn_rig_app *bn_rig_app_create(struct bn_rig *rig, const char *app);
/** Connected, but without a window or anything of its seat. */
struct bn_rig_app *bn_rig_app_connect(struct bn_rig *rig, const char *app);
void bn_rig_app_map(struct bn_rig_app *app);
/** Takes what its seat offers by now; the log begins anew. */
void bn_rig_app_listen(struct bn_rig_app *app);
/** As an app that never heard of touch. */
void bn_rig_app_drop_touch(struct bn_rig_app *app);
void bn_rig_app_destroy(struct bn_rig_app *app);
/** What it was told since the last call, exactly. */
void bn_rig_expect(struct bn_rig_app *app, const char *log);
/** Empties the log. */
void bn_rig_forget(struct bn_rig_app *app);

#endif
