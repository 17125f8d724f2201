#include "input/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend.h>
#include <wlr/types/wlr_cursor_shape_v1.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_primary_selection_v1.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_virtual_keyboard_v1.h>
#include <wlr/types/wlr_virtual_pointer_v1.h>
#include <wlr/types/wlr_xcursor_manager.h>
#include <wlr/util/log.h>
#include <xkbcommon/xkbcommon.h>

#include "client.h"
#include "core/nsec.h"
#include "input/devices.h"
#include "input/parent.h"
#include "input/seat.h"
#include "input/touch.h"
#include "loop.h"
#include "scene/scene.h"

#define CURSOR_SIZE 24
#define CURSOR_SHAPE_VERSION 1

uint32_t bn_input_time_msec(const struct bn_input *input) {
	return (uint32_t)(bn_loop_now(input->loop) / BN_NSEC_PER_MSEC);
}

bool bn_input_display_is_there(const struct bn_input *input, size_t display) {
	return input->layout != NULL && display < input->layout->display_count
			&& input->displays[display].output != NULL;
}

struct bn_place_size bn_input_display_size(const struct bn_input *input, size_t display) {
	if (!bn_input_display_is_there(input, display)) {
		return (struct bn_place_size){ 0 };
	}
	const struct bn_input_display *entry = &input->displays[display];
	return (struct bn_place_size){ .width = entry->width, .height = entry->height };
}

size_t bn_input_display_of_output(const struct bn_input *input, const struct wlr_output *output) {
	for (size_t i = 0; input->layout != NULL && i < input->layout->display_count; i++) {
		if (input->displays[i].output == output) {
			return i;
		}
	}
	return BN_NONE;
}

struct bn_seat *bn_input_seat_of_display(struct bn_input *input, size_t display) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		if (bn_seat_owns_display(seat, display)) {
			return seat;
		}
	}
	if (wl_list_empty(&input->seats)) {
		return NULL;
	}
	return wl_container_of(input->seats.next, seat, link);
}

struct wlr_seat *bn_input_seat_for_occupant(struct bn_input *input, size_t occupant) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		if (seat->occupant == occupant) {
			return seat->wlr;
		}
	}
	return NULL;
}

// Who sees which seat

/** The occupant in whose zone an app is at home. */
static size_t occupant_of_app(const struct bn_layout *layout, size_t app) {
	size_t zone = layout->apps[app].home;
	for (size_t i = 0; zone == BN_NONE && i < layout->zone_count; i++) {
		for (size_t j = 0; j < layout->zones[i].grant_count; j++) {
			if (strcmp(layout->zones[i].grants[j], layout->apps[app].name) == 0) {
				zone = i;
			}
		}
	}
	size_t occupant = zone != BN_NONE
			? bn_layout_display_occupant(layout, layout->zones[zone].display)
			: BN_NONE;
	return occupant != BN_NONE ? occupant : 0;
}

static bool is_app(const struct bn_input *input, const struct bn_client *client) {
	return input->layout != NULL && client->identity.app < input->layout->app_count;
}

static bool sees_all_seats(const struct bn_input *input, const struct bn_client *client) {
	return is_app(input, client) && input->layout->apps[client->identity.app].all_seats;
}

static struct bn_seat *seat_of_global(const struct bn_input *input,
		const struct wl_global *global) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		if (seat->wlr->global == global) {
			return seat;
		}
	}
	return NULL;
}

bool bn_input_global_visible(const struct bn_input *input, struct bn_client *client,
		const struct wl_global *global) {
	const struct bn_seat *seat = seat_of_global(input, global);
	if (seat == NULL) {
		// A new seat is announced before it can be found; one that is going may still be bound.
		bool is_new_seat = input->creating_seat
				&& strcmp(wl_global_get_interface(global)->name,
						   wl_seat_interface.name)
						== 0;
		return !is_new_seat || sees_all_seats(input, client);
	}
	if (client->occupant == BN_NONE) {
		// Who is unknown sits with the driver.
		client->occupant = is_app(input, client)
				? occupant_of_app(input->layout, client->identity.app)
				: 0;
	}
	return seat->occupant == client->occupant || sees_all_seats(input, client);
}

// Refocus

static enum bn_fence_cover cover_of(const struct bn_scene_zone *zone) {
	if (!bn_scene_zone_is_drawn(zone)) {
		return BN_FENCE_BARE;
	}
	return zone->content == BN_CONTENT_VIEW ? BN_FENCE_APP : BN_FENCE_PICTURE;
}

static void update_fence(struct bn_input *input) {
	int64_t now = bn_loop_now(input->loop);
	for (size_t i = 0; i < input->fence.count; i++) {
		const struct bn_scene_zone *zone = &input->scene->zones[i];
		bn_fence_update(&input->fence, i, cover_of(zone), &zone->box, now);
	}
}

void bn_input_refocus(struct bn_input *input) {
	// Between a scene's new layout and ours, zone numbers mean different things.
	if (input->layout == NULL || input->scene->layout != input->layout) {
		return;
	}
	update_fence(input);
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		bn_touch_refocus(seat);
		bn_pointer_refocus(&seat->pointer);
		bn_keyboard_refocus(seat);
	}
}

static void run_refocus(void *data) {
	struct bn_input *input = data;
	input->refocus_idle = NULL;
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		bn_pointer_refocus(&seat->pointer);
	}
}

void bn_input_refocus_later(struct bn_input *input) {
	if (input->refocus_idle == NULL) {
		input->refocus_idle =
				wl_event_loop_add_idle(wl_display_get_event_loop(input->display),
						run_refocus, input);
	}
}

/** A popup or a subsurface may have come or gone under a pointer that stands still. */
static void handle_scene_damage(struct wl_listener *listener, void *data) {
	struct bn_input *input = wl_container_of(listener, input, scene_damage);
	const size_t *display = data;
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		if (seat->pointer.visible && seat->pointer.display == *display) {
			bn_input_refocus_later(input);
		}
	}
}

// Devices

static void handle_new_input(struct wl_listener *listener, void *data) {
	struct bn_input *input = wl_container_of(listener, input, new_input);
	bn_devices_add(input, data, false, NULL, NULL);
}

/** A parent that hangs up takes the back end along, which goes only when nobody listens to it. */
static void handle_backend_destroy(struct wl_listener *listener, void *data) {
	struct bn_input *input = wl_container_of(listener, input, backend_destroy);
	bn_unlisten(&input->new_input);
	bn_unlisten(&input->backend_destroy);
	input->backend = NULL;
}

static void handle_new_virtual_keyboard(struct wl_listener *listener, void *data) {
	struct bn_input *input = wl_container_of(listener, input, new_virtual_keyboard);
	struct wlr_virtual_keyboard_v1 *keyboard = data;
	bn_devices_add(input, &keyboard->keyboard.base, true, keyboard->seat, NULL);
}

static void handle_new_virtual_pointer(struct wl_listener *listener, void *data) {
	struct bn_input *input = wl_container_of(listener, input, new_virtual_pointer);
	const struct wlr_virtual_pointer_v1_new_pointer_event *event = data;
	bn_devices_add(input, &event->new_pointer->pointer.base, true, event->suggested_seat,
			event->suggested_output);
}

static void handle_set_shape(struct wl_listener *listener, void *data) {
	struct bn_input *input = wl_container_of(listener, input, set_shape);
	const struct wlr_cursor_shape_manager_v1_request_set_shape_event *event = data;
	struct wlr_seat *wlr = event->seat_client->seat;
	if (event->device_type != WLR_CURSOR_SHAPE_MANAGER_V1_DEVICE_TYPE_POINTER
			|| event->seat_client != wlr->pointer_state.focused_client) {
		return;
	}
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		if (seat->pointer.target == wlr) {
			bn_cursor_set_name(&seat->pointer.cursor,
					wlr_cursor_shape_v1_name(event->shape));
		}
	}
}

void bn_input_enter_nested(struct bn_input *input, struct bn_seat *seat) {
	if (input->nested_seat != seat) {
		input->nested_seat = seat;
		bn_devices_move_nested_keyboards(input, seat);
	}
}

bool bn_input_touch(struct bn_input *input, size_t display, double x, double y,
		enum bn_touch_action action, int32_t id) {
	uint32_t now = bn_input_time_msec(input);
	bool done = false;
	switch (action) {
	case BN_TOUCH_DOWN:
		done = bn_touch_down(input, NULL, id, display, x, y, now);
		break;
	case BN_TOUCH_MOVE:
		done = bn_touch_display(input, NULL, id) == display
				&& bn_touch_move(input, NULL, id, x, y, now);
		break;
	case BN_TOUCH_UP:
		done = bn_touch_up(input, NULL, id, now);
		break;
	case BN_TOUCH_CANCEL:
		done = bn_touch_cancel(input, NULL, id);
		break;
	}
	bn_touch_frame(input);
	return done;
}

void bn_input_for_each_touchscreen(const struct bn_input *input, bn_input_touch_func_t func,
		void *data) {
	struct bn_input_device *device;
	wl_list_for_each(device, &input->devices, link) {
		if (device->wlr->type == WLR_INPUT_DEVICE_TOUCH) {
			func(&device->keys, device->display, data);
		}
	}
}

// Layout and displays

static struct bn_seat *seat_by_name(struct bn_input *input, const char *name) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		if (strcmp(seat->name, name) == 0) {
			return seat;
		}
	}
	return NULL;
}

/** A client keeps the seat that it was shown, whatever its number is now. */
static void renumber_clients(struct bn_input *input, size_t from, size_t to) {
	struct bn_client *client;
	wl_list_for_each(client, &input->clients->list, link) {
		if (client->occupant == from) {
			client->occupant = to;
		}
	}
}

/** Numbers beyond all occupants, so that renumbering one seat does not catch another's clients. */
#define PARKED(index) (SIZE_MAX / 2 + (index))

static void park_seats(struct bn_input *input) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		renumber_clients(input, seat->occupant, PARKED(seat->occupant));
		seat->occupant = PARKED(seat->occupant);
	}
}

static bool take_seat(struct bn_input *input, const char *name, size_t index) {
	struct bn_seat *seat = seat_by_name(input, name);
	if (seat == NULL) {
		input->creating_seat = true;
		seat = bn_seat_create(input, name);
		input->creating_seat = false;
		if (seat == NULL) {
			wlr_log(WLR_ERROR, "seat %s: out of memory", name);
			return false;
		}
	} else {
		renumber_clients(input, seat->occupant, index);
	}
	bool done = bn_seat_set_displays(seat, index);
	bn_keyboard_focus_reset(&seat->keyboard);
	wl_list_remove(&seat->link);
	wl_list_insert(input->seats.prev, &seat->link);
	return done;
}

/** A client cannot be shown another seat after the fact: it has no input until it starts again. */
static void orphan_clients(struct bn_input *input, size_t occupant) {
	struct bn_client *client;
	wl_list_for_each(client, &input->clients->list, link) {
		if (client->occupant == occupant) {
			client->occupant = BN_NONE;
			bn_client_refuse(client, bn_loop_now(input->loop),
					"the layout no longer has its occupant: no input until it "
					"starts again");
		}
	}
}

static void remove_seat(struct bn_input *input, struct bn_seat *seat) {
	size_t occupant = seat->occupant;
	bn_devices_forget_seat(input, seat);
	if (input->nested_seat == seat) {
		input->nested_seat = NULL;
	}
	// While it goes, its clients must still count as its own, or they are not told.
	bn_seat_destroy(seat);
	orphan_clients(input, occupant);
}

static bool take_seats(struct bn_input *input) {
	const struct bn_layout *layout = input->layout;
	bool done = true;
	park_seats(input);
	if (layout->occupant_count == 0) {
		done = take_seat(input, "seat0", 0);
	}
	for (size_t i = 0; i < layout->occupant_count; i++) {
		done = take_seat(input, layout->occupants[i].name, i) && done;
	}
	struct bn_seat *seat, *tmp;
	wl_list_for_each_safe(seat, tmp, &input->seats, link) {
		if (seat->occupant >= PARKED(0)) {
			remove_seat(input, seat);
		}
	}
	return done;
}

static void retire_pointers(struct bn_input *input) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		bn_pointer_retire(&seat->pointer);
	}
}

bool bn_input_set_layout(struct bn_input *input, const struct bn_layout *layout) {
	struct bn_input_display *displays = calloc(layout->display_count + 1, sizeof(displays[0]));
	if (displays == NULL || !bn_fence_set_layout(&input->fence, layout)) {
		free(displays);
		return false;
	}
	bn_touch_drop_all(input);
	retire_pointers(input);
	free(input->displays);
	input->displays = displays;
	input->layout = layout;
	bool done = take_seats(input);
	bn_devices_bind_all(input);
	return done;
}

void bn_input_set_display(struct bn_input *input, const struct bn_input_display *display,
		bool present) {
	if (input->layout == NULL || display->display >= input->layout->display_count) {
		return;
	}
	struct bn_input_display *entry = &input->displays[display->display];
	bool moved = !present || entry->output != display->output || entry->width != display->width
			|| entry->height != display->height;
	if (moved && entry->output != NULL) {
		bn_touch_drop_display(input, display->display);
	}
	*entry = present ? *display : (struct bn_input_display){ .display = display->display };
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		bn_pointer_update_display(&seat->pointer, display->display);
	}
	bn_devices_bind_all(input);
	bn_input_refocus(input);
}

// Beginning and end

static bool create_globals(struct bn_input *input) {
	input->data_device = wlr_data_device_manager_create(input->display);
	input->primary_selection = wlr_primary_selection_v1_device_manager_create(input->display);
	input->cursor_shape =
			wlr_cursor_shape_manager_v1_create(input->display, CURSOR_SHAPE_VERSION);
	input->virtual_keyboard = wlr_virtual_keyboard_manager_v1_create(input->display);
	input->virtual_pointer = wlr_virtual_pointer_manager_v1_create(input->display);
	return input->data_device != NULL && input->primary_selection != NULL
			&& input->cursor_shape != NULL && input->virtual_keyboard != NULL
			&& input->virtual_pointer != NULL;
}

bool bn_input_init(struct bn_input *input, struct bn_loop *loop, struct wl_display *display,
		struct wlr_backend *backend, struct bn_scene *scene, struct bn_shell *shell,
		struct bn_clients *clients) {
	*input = (struct bn_input){
		.loop = loop,
		.display = display,
		.backend = backend,
		.scene = scene,
		.shell = shell,
		.clients = clients,
	};
	wl_list_init(&input->seats);
	wl_list_init(&input->devices);
	bn_fence_init(&input->fence, BN_FENCE_GUARD_NS);
	wl_signal_init(&input->events.activate);
	wl_signal_init(&input->events.activity);
	wl_signal_init(&input->events.inspect_key);
	wl_signal_init(&input->events.switch_vt);
	input->xcursors = wlr_xcursor_manager_create(NULL, CURSOR_SIZE);
	if (input->xcursors == NULL || !create_globals(input)) {
		wlr_log(WLR_ERROR, "input: %s", strerror(ENOMEM));
		bn_input_finish(input);
		return false;
	}
	bn_listen(&backend->events.new_input, &input->new_input, handle_new_input);
	bn_listen(&backend->events.destroy, &input->backend_destroy, handle_backend_destroy);
	bn_listen(&input->virtual_keyboard->events.new_virtual_keyboard,
			&input->new_virtual_keyboard, handle_new_virtual_keyboard);
	bn_listen(&input->virtual_pointer->events.new_virtual_pointer, &input->new_virtual_pointer,
			handle_new_virtual_pointer);
	bn_listen(&input->cursor_shape->events.request_set_shape, &input->set_shape,
			handle_set_shape);
	bn_listen(&scene->events.damage, &input->scene_damage, handle_scene_damage);
	input->parent = bn_parent_create(input, backend);
	return true;
}

void bn_input_finish(struct bn_input *input) {
	bn_unlisten(&input->new_input);
	bn_unlisten(&input->backend_destroy);
	bn_unlisten(&input->new_virtual_keyboard);
	bn_unlisten(&input->new_virtual_pointer);
	bn_unlisten(&input->set_shape);
	bn_unlisten(&input->scene_damage);
	bn_parent_destroy(input->parent);
	input->parent = NULL;
	bn_touch_drop_all(input);
	input->layout = NULL; // from here on nothing is bound or focused anew
	bn_devices_finish(input);
	struct bn_seat *seat, *tmp;
	wl_list_for_each_safe(seat, tmp, &input->seats, link) {
		bn_seat_destroy(seat);
	}
	if (input->refocus_idle != NULL) {
		wl_event_source_remove(input->refocus_idle);
		input->refocus_idle = NULL;
	}
	if (input->xcursors != NULL) {
		wlr_xcursor_manager_destroy(input->xcursors);
	}
	xkb_keymap_unref(input->keymap);
	xkb_context_unref(input->xkb);
	bn_fence_finish(&input->fence);
	free(input->displays);
	*input = (struct bn_input){ 0 };
	wl_list_init(&input->seats);
	wl_list_init(&input->devices);
}
