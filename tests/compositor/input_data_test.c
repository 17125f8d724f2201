#include "input_rig.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_seat.h>
#include <xkbcommon/xkbcommon.h>

#include "input/input.h"
#include "output.h"
#include "virtual-keyboard-unstable-v1-client-protocol.h"
#include "wlr-virtual-pointer-unstable-v1-client-protocol.h"

/** What the fixture's client does not bind. */
struct extras {
	struct wl_data_device_manager *data;
	struct zwp_virtual_keyboard_manager_v1 *keyboards;
	struct zwlr_virtual_pointer_manager_v1 *pointers;
	struct wl_registry *registry;
};

static void extras_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct extras *extras = data;
	if (strcmp(interface, wl_data_device_manager_interface.name) == 0) {
		extras->data = wl_registry_bind(registry, name, &wl_data_device_manager_interface,
				3);
	} else if (strcmp(interface, zwp_virtual_keyboard_manager_v1_interface.name) == 0) {
		extras->keyboards = wl_registry_bind(registry, name,
				&zwp_virtual_keyboard_manager_v1_interface, 1);
	} else if (strcmp(interface, zwlr_virtual_pointer_manager_v1_interface.name) == 0) {
		extras->pointers = wl_registry_bind(registry, name,
				&zwlr_virtual_pointer_manager_v1_interface, 2);
	}
}

static void extras_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener extras_listener = {
	.global = extras_global,
	.global_remove = extras_remove,
};

static struct extras extras_bind(struct bn_rig_app *app) {
	struct extras extras = { .registry = wl_display_get_registry(app->client->display) };
	wl_registry_add_listener(extras.registry, &extras_listener, &extras);
	assert_true(bn_test_client_roundtrip(app->client));
	return extras;
}

static void extras_release(struct extras *extras) {
	void *const proxies[] = { extras->data, extras->keyboards, extras->pointers,
		extras->registry };
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++) {
		if (proxies[i] != NULL) {
			wl_proxy_destroy(proxies[i]);
		}
	}
}

/** A US keymap as a client sends it. */
static int make_keymap(size_t *ret_size) {
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	struct xkb_keymap *keymap =
			xkb_keymap_new_from_names(context, NULL, XKB_KEYMAP_COMPILE_NO_FLAGS);
	char *text = xkb_keymap_get_as_string(keymap, XKB_KEYMAP_FORMAT_TEXT_V1);
	*ret_size = strlen(text) + 1;
	int fd = memfd_create("keymap", MFD_CLOEXEC);
	assert_int_equal(write(fd, text, *ret_size), *ret_size);
	free(text);
	xkb_keymap_unref(keymap);
	xkb_context_unref(context);
	return fd;
}

static void only_an_app_that_may_has_hands(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *hands = bn_rig_app_connect(&rig, "hands");
	struct extras none = extras_bind(nav), some = extras_bind(hands);
	assert_null(none.keyboards);
	assert_null(none.pointers);
	assert_non_null(some.keyboards);
	assert_non_null(some.pointers);
	extras_release(&none);
	extras_release(&some);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(hands);
	bn_rig_stop(&rig);
}

static void virtual_hands_are_like_real_ones(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *hands = bn_rig_app_connect(&rig, "hands");
	struct extras extras = extras_bind(hands);
	struct wl_seat *seat = hands->client->seats[0].wl;
	struct zwp_virtual_keyboard_v1 *keyboard =
			zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(extras.keyboards,
					seat);
	size_t size;
	int fd = make_keymap(&size);
	zwp_virtual_keyboard_v1_keymap(keyboard, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, fd,
			(uint32_t)size);
	struct zwlr_virtual_pointer_v1 *pointer =
			zwlr_virtual_pointer_manager_v1_create_virtual_pointer(extras.pointers,
					seat);
	assert_true(bn_test_client_roundtrip(hands->client));
	close(fd);
	bn_rig_app_listen(nav);
	assert_non_null(nav->keyboard);
	assert_non_null(nav->pointer);
	bn_rig_settle(&rig);
	zwp_virtual_keyboard_v1_modifiers(keyboard, 1, 0, 0, 0);
	zwp_virtual_keyboard_v1_key(keyboard, 0, KEY_A, WL_KEYBOARD_KEY_STATE_PRESSED);
	zwp_virtual_keyboard_v1_key(keyboard, 0, KEY_A, WL_KEYBOARD_KEY_STATE_RELEASED);
	// over the row of both displays of the driver: the second one begins at the middle
	zwlr_virtual_pointer_v1_motion_absolute(pointer, 0, 625, 500, 1000, 1000);
	zwlr_virtual_pointer_v1_button(pointer, 0, BTN_LEFT, WL_POINTER_BUTTON_STATE_PRESSED);
	zwlr_virtual_pointer_v1_button(pointer, 0, BTN_LEFT, WL_POINTER_BUTTON_STATE_RELEASED);
	zwlr_virtual_pointer_v1_axis(pointer, 0, WL_POINTER_AXIS_VERTICAL_SCROLL,
			wl_fixed_from_int(15));
	zwlr_virtual_pointer_v1_frame(pointer);
	assert_true(bn_test_client_roundtrip(hands->client));
	bn_rig_expect(nav,
			"modifiers 1 key 30+ key 30- enter 200,300 button 110+ button 110- axis 0 "
			"15 ");
	// gone while a key and a button are down
	zwp_virtual_keyboard_v1_key(keyboard, 0, KEY_B, WL_KEYBOARD_KEY_STATE_PRESSED);
	zwlr_virtual_pointer_v1_button(pointer, 0, BTN_RIGHT, WL_POINTER_BUTTON_STATE_PRESSED);
	assert_true(bn_test_client_roundtrip(hands->client));
	wl_proxy_destroy((struct wl_proxy *)keyboard);
	wl_proxy_destroy((struct wl_proxy *)pointer);
	extras_release(&extras);
	bn_rig_app_destroy(hands);
	assert_true(bn_test_client_roundtrip(nav->client));
	assert_non_null(strstr(nav->log, "key 48+ "));
	assert_non_null(strstr(nav->log, "button 111+ "));
	assert_non_null(strstr(nav->log, "button 111- "));
	assert_non_null(strstr(nav->log, "key 48- "));
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

/** The other end of a clipboard or a drag. */
struct drop {
	struct wl_data_device *device;
	struct wl_data_offer *offer; // the last one introduced
	struct wl_data_offer *selection;
	char mime[64];
	int enters, motions, drops, leaves;
};

static void offer_offer(void *data, struct wl_data_offer *offer, const char *mime) {
	struct drop *drop = data;
	strncpy(drop->mime, mime, sizeof(drop->mime) - 1);
}

static void offer_source_actions(void *data, struct wl_data_offer *offer, uint32_t actions) {
}

static void offer_action(void *data, struct wl_data_offer *offer, uint32_t action) {
}

static const struct wl_data_offer_listener offer_listener = {
	.offer = offer_offer,
	.source_actions = offer_source_actions,
	.action = offer_action,
};

static void device_offer(void *data, struct wl_data_device *device, struct wl_data_offer *offer) {
	struct drop *drop = data;
	if (drop->offer != NULL && drop->offer != drop->selection) {
		wl_data_offer_destroy(drop->offer);
	}
	drop->offer = offer;
	wl_data_offer_add_listener(offer, &offer_listener, drop);
}

static void device_enter(void *data, struct wl_data_device *device, uint32_t serial,
		struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y,
		struct wl_data_offer *offer) {
	struct drop *drop = data;
	drop->enters++;
	if (offer != NULL) {
		wl_data_offer_accept(offer, serial, "text/plain");
		wl_data_offer_set_actions(offer, WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY,
				WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY);
	}
}

static void device_leave(void *data, struct wl_data_device *device) {
	struct drop *drop = data;
	drop->leaves++;
}

static void device_motion(void *data, struct wl_data_device *device, uint32_t time, wl_fixed_t x,
		wl_fixed_t y) {
	struct drop *drop = data;
	drop->motions++;
}

static void device_drop(void *data, struct wl_data_device *device) {
	struct drop *drop = data;
	drop->drops++;
}

static void device_selection(void *data, struct wl_data_device *device,
		struct wl_data_offer *offer) {
	struct drop *drop = data;
	drop->selection = offer;
}

static const struct wl_data_device_listener device_listener = {
	.data_offer = device_offer,
	.enter = device_enter,
	.leave = device_leave,
	.motion = device_motion,
	.drop = device_drop,
	.selection = device_selection,
};

static void drop_init(struct drop *drop, struct bn_rig_app *app, struct extras *extras) {
	*drop = (struct drop){ .device = wl_data_device_manager_get_data_device(extras->data,
					       app->client->seats[0].wl) };
	wl_data_device_add_listener(drop->device, &device_listener, drop);
	assert_true(bn_test_client_roundtrip(app->client));
}

static void drop_finish(struct drop *drop) {
	if (drop->offer != NULL) {
		wl_proxy_destroy((struct wl_proxy *)drop->offer);
	}
	if (drop->selection != NULL && drop->selection != drop->offer) {
		wl_proxy_destroy((struct wl_proxy *)drop->selection);
	}
	wl_proxy_destroy((struct wl_proxy *)drop->device);
}

static void a_clipboard_belongs_to_one_occupant(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_keyboard keyboard;
	bn_rig_keyboard_plug(&rig, &keyboard);
	struct bn_rig_touch center, passenger;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_touch_plug(&rig, &passenger, "passenger-panel", NULL);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *side = bn_rig_app_create(&rig, "side"),
			  *cinema = bn_rig_app_create(&rig, "cinema");
	struct extras extras[3] = { extras_bind(nav), extras_bind(side), extras_bind(cinema) };
	struct drop drops[3];
	drop_init(&drops[0], nav, &extras[0]);
	drop_init(&drops[1], side, &extras[1]);
	drop_init(&drops[2], cinema, &extras[2]);
	bn_rig_settle(&rig);
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_touch_up(&center, 0);
	bn_rig_forget(nav);
	struct wl_data_source *source = wl_data_device_manager_create_data_source(extras[0].data);
	wl_data_source_offer(source, "text/secret");
	wl_data_device_set_selection(drops[0].device, source, nav->serial);
	bn_rig_forget(nav);
	// whoever gets the keys is told of the clipboard; the passenger's app never is
	bn_rig_touch_down(&center, 0, 0.75, 0.5);
	bn_rig_touch_up(&center, 0);
	bn_rig_touch_down(&passenger, 0, 0.5, 0.5);
	bn_rig_touch_up(&passenger, 0);
	bn_rig_forget(side);
	bn_rig_forget(cinema);
	assert_non_null(drops[1].selection);
	assert_string_equal(drops[1].mime, "text/secret");
	assert_null(drops[2].selection);
	wl_proxy_destroy((struct wl_proxy *)source);
	for (size_t i = 0; i < 3; i++) {
		drop_finish(&drops[i]);
		extras_release(&extras[i]);
	}
	bn_rig_keyboard_unplug(&keyboard);
	bn_rig_touch_unplug(&center);
	bn_rig_touch_unplug(&passenger);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(side);
	bn_rig_app_destroy(cinema);
	bn_rig_stop(&rig);
}

static void a_finger_drags_from_app_to_app(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_touch center;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *side = bn_rig_app_create(&rig, "side");
	struct extras extras[2] = { extras_bind(nav), extras_bind(side) };
	struct drop drops[2];
	drop_init(&drops[0], nav, &extras[0]);
	drop_init(&drops[1], side, &extras[1]);
	bn_rig_settle(&rig);
	struct wl_data_source *sources[2];
	for (size_t i = 0; i < 2; i++) {
		bn_rig_touch_down(&center, 0, 0.25, 0.75);
		bn_rig_forget(nav);
		sources[i] = wl_data_device_manager_create_data_source(extras[0].data);
		wl_data_source_offer(sources[i], "text/plain");
		wl_data_source_set_actions(sources[i], WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY);
		wl_data_device_start_drag(drops[0].device, sources[i], nav->window->surface, NULL,
				nav->serial);
		bn_rig_forget(nav);
		bn_rig_touch_move(&center, 0, 0.75, 0.5);
		bn_rig_touch_move(&center, 0, 0.8, 0.5);
		bn_rig_forget(side);
		assert_int_equal(drops[1].enters, i + 1);
		assert_true(drops[1].motions > 0);
		if (i == 0) {
			bn_rig_touch_up(&center, 0);
			bn_rig_forget(side);
			assert_int_equal(drops[1].drops, 1);
			if (drops[1].offer != NULL) {
				wl_data_offer_finish(drops[1].offer);
			}
			bn_rig_forget(side);
		} else {
			// covered where it began: the drag ends with nothing dropped
			bn_rig_set_number(&rig, "Gear", -1);
			bn_rig_touch_up(&center, 0);
			bn_rig_forget(side);
			assert_int_equal(drops[1].drops, 1);
		}
	}
	for (size_t i = 0; i < 2; i++) {
		wl_proxy_destroy((struct wl_proxy *)sources[i]);
		drop_finish(&drops[i]);
		extras_release(&extras[i]);
	}
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(side);
	bn_rig_stop(&rig);
}

/** A drag by mouse from nav, begun where the camera comes; returns its source. */
static struct wl_data_source *drag_by_mouse(struct bn_rig_app *nav, struct extras *extras,
		struct drop *drop, struct bn_rig_mouse *mouse) {
	bn_rig_mouse_warp(mouse, 0.25, 0.75);
	bn_rig_mouse_button(mouse, BTN_LEFT, true);
	bn_rig_forget(nav);
	struct wl_data_source *source = wl_data_device_manager_create_data_source(extras->data);
	wl_data_source_offer(source, "text/plain");
	wl_data_source_set_actions(source, WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY);
	wl_data_device_start_drag(drop->device, source, nav->window->surface, NULL, nav->serial);
	bn_rig_forget(nav);
	assert_non_null(bn_input_seat_for_occupant(bn_rig_input(nav->rig), 0)->drag);
	return source;
}

static void a_drag_by_mouse_is_no_way_through_the_fence(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse;
	const struct bn_output *center = bn_outputs_find(bn_server_outputs(rig.fixture.server),
			bn_rig_display(&rig, "center"));
	bn_rig_mouse_plug(&rig, &mouse, "mouse", center->wlr->name);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *side = bn_rig_app_create(&rig, "side");
	bn_rig_mouse_warp(&mouse, 0.25, 0.5);
	bn_rig_app_listen(nav);
	bn_rig_app_listen(side);
	struct extras extras[2] = { extras_bind(nav), extras_bind(side) };
	struct drop drops[2];
	drop_init(&drops[0], nav, &extras[0]);
	drop_init(&drops[1], side, &extras[1]);
	const struct wlr_seat *seat = bn_input_seat_for_occupant(bn_rig_input(&rig), 0);
	// it works where nothing is in the way
	bn_rig_settle(&rig);
	struct wl_data_source *source = drag_by_mouse(nav, &extras[0], &drops[0], &mouse);
	bn_rig_mouse_warp(&mouse, 0.75, 0.5);
	bn_rig_forget(side);
	bn_rig_mouse_button(&mouse, BTN_LEFT, false);
	bn_rig_forget(side);
	assert_int_equal(drops[1].drops, 1);
	if (drops[1].offer != NULL) {
		wl_data_offer_finish(drops[1].offer);
	}
	wl_proxy_destroy((struct wl_proxy *)source);
	bn_rig_forget(nav);
	// covered where it began: over with nothing dropped
	source = drag_by_mouse(nav, &extras[0], &drops[0], &mouse);
	bn_rig_mouse_warp(&mouse, 0.75, 0.5);
	bn_rig_set_number(&rig, "Gear", -1);
	assert_null(seat->drag);
	bn_rig_mouse_button(&mouse, BTN_LEFT, false);
	bn_rig_forget(side);
	assert_int_equal(drops[1].drops, 1);
	wl_proxy_destroy((struct wl_proxy *)source);
	bn_rig_set_number(&rig, "Gear", 0);
	bn_rig_settle(&rig);
	bn_rig_forget(nav);
	// let go over a safety zone that shows its picture: nobody beneath gets it, and it is over
	int drops_before = drops[0].drops;
	bn_rig_set_number(&rig, "Gear", -1);
	bn_rig_settle(&rig);
	bn_rig_mouse_warp(&mouse, 0.25, 0.25);
	bn_rig_mouse_button(&mouse, BTN_LEFT, true);
	bn_rig_forget(nav);
	source = wl_data_device_manager_create_data_source(extras[0].data);
	wl_data_source_offer(source, "text/plain");
	wl_data_device_start_drag(drops[0].device, source, nav->window->surface, NULL, nav->serial);
	bn_rig_forget(nav);
	assert_non_null(seat->drag);
	bn_rig_mouse_warp(&mouse, 0.25, 0.75);
	bn_rig_mouse_button(&mouse, BTN_LEFT, false);
	bn_rig_forget(nav);
	assert_null(seat->drag);
	assert_int_equal(drops[0].drops, drops_before);
	wl_proxy_destroy((struct wl_proxy *)source);
	for (size_t i = 0; i < 2; i++) {
		drop_finish(&drops[i]);
		extras_release(&extras[i]);
	}
	bn_rig_mouse_unplug(&mouse);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(side);
	bn_rig_stop(&rig);
}

static void a_drag_that_nobody_touched_for_is_refused(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	struct extras extras = extras_bind(nav);
	struct drop drop;
	drop_init(&drop, nav, &extras);
	struct wl_data_source *source = wl_data_device_manager_create_data_source(extras.data);
	wl_data_device_start_drag(drop.device, source, nav->window->surface, NULL, 12345);
	bn_rig_forget(nav);
	assert_null(bn_input_seat_for_occupant(bn_rig_input(&rig), 0)->drag);
	wl_proxy_destroy((struct wl_proxy *)source);
	drop_finish(&drop);
	extras_release(&extras);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_an_app_that_may_has_hands),
		cmocka_unit_test(virtual_hands_are_like_real_ones),
		cmocka_unit_test(a_clipboard_belongs_to_one_occupant),
		cmocka_unit_test(a_finger_drags_from_app_to_app),
		cmocka_unit_test(a_drag_by_mouse_is_no_way_through_the_fence),
		cmocka_unit_test(a_drag_that_nobody_touched_for_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
