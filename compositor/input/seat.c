#include "input/seat.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_input_device.h>
#include <wlr/types/wlr_primary_selection.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/util/log.h>

#include "client.h"
#include "input/devices.h"
#include "input/input.h"
#include "input/touch.h"

/** The pointer that stands on a surface of this wl_seat: mostly its own, sometimes another occupant's. */
static struct bn_pointer *pointer_of(struct bn_seat *seat) {
	struct bn_seat *other;
	wl_list_for_each(other, &seat->input->seats, link) {
		if (other->pointer.target == seat->wlr) {
			return &other->pointer;
		}
	}
	return &seat->pointer;
}

static void handle_request_set_cursor(struct wl_listener *listener, void *data) {
	struct bn_seat *seat = wl_container_of(listener, seat, request_set_cursor);
	const struct wlr_seat_pointer_request_set_cursor_event *event = data;
	if (event->seat_client == seat->wlr->pointer_state.focused_client) {
		bn_cursor_set_surface(&pointer_of(seat)->cursor, event->surface, event->hotspot_x,
				event->hotspot_y);
	}
}

static void handle_request_set_selection(struct wl_listener *listener, void *data) {
	struct bn_seat *seat = wl_container_of(listener, seat, request_set_selection);
	const struct wlr_seat_request_set_selection_event *event = data;
	wlr_seat_set_selection(seat->wlr, event->source, event->serial);
}

static void handle_request_set_primary_selection(struct wl_listener *listener, void *data) {
	struct bn_seat *seat = wl_container_of(listener, seat, request_set_primary_selection);
	const struct wlr_seat_request_set_primary_selection_event *event = data;
	wlr_seat_set_primary_selection(seat->wlr, event->source, event->serial);
}

static void handle_request_start_drag(struct wl_listener *listener, void *data) {
	struct bn_seat *seat = wl_container_of(listener, seat, request_start_drag);
	const struct wlr_seat_request_start_drag_event *event = data;
	struct wlr_touch_point *point = NULL;
	if (wlr_seat_validate_pointer_grab_serial(seat->wlr, event->origin, event->serial)) {
		wlr_seat_start_pointer_drag(seat->wlr, event->drag, event->serial);
	} else if (wlr_seat_validate_touch_grab_serial(seat->wlr, event->origin, event->serial,
				   &point)) {
		wlr_seat_start_touch_drag(seat->wlr, event->drag, event->serial, point);
	} else {
		wlr_data_source_destroy(event->drag->source);
	}
}

/** A surface that goes takes the focus along; what was under it is entered without a motion. */
static void handle_pointer_focus(struct wl_listener *listener, void *data) {
	struct bn_seat *seat = wl_container_of(listener, seat, pointer_focus);
	const struct wlr_seat_pointer_focus_change_event *event = data;
	if (event->new_surface == NULL && seat->input->layout != NULL) {
		bn_input_refocus_later(seat->input);
	}
}

struct bn_seat *bn_seat_create(struct bn_input *input, const char *name) {
	struct bn_seat *seat = calloc(1, sizeof(*seat));
	if (seat == NULL) {
		return NULL;
	}
	seat->input = input;
	seat->name = strdup(name);
	seat->wlr = seat->name != NULL ? wlr_seat_create(input->display, name) : NULL;
	if (seat->wlr == NULL) {
		free(seat->name);
		free(seat);
		return NULL;
	}
	seat->wlr->data = seat;
	wl_list_init(&seat->points);
	bn_pointer_init(&seat->pointer, seat);
	bn_keyboard_focus_init(&seat->keyboard, seat);
	struct wlr_seat *wlr = seat->wlr;
	bn_listen(&wlr->events.request_set_cursor, &seat->request_set_cursor,
			handle_request_set_cursor);
	bn_listen(&wlr->events.request_set_selection, &seat->request_set_selection,
			handle_request_set_selection);
	bn_listen(&wlr->events.request_set_primary_selection, &seat->request_set_primary_selection,
			handle_request_set_primary_selection);
	bn_listen(&wlr->events.request_start_drag, &seat->request_start_drag,
			handle_request_start_drag);
	bn_listen(&wlr->pointer_state.events.focus_change, &seat->pointer_focus,
			handle_pointer_focus);
	wlr_seat_set_capabilities(wlr, WL_SEAT_CAPABILITY_TOUCH);
	wl_list_insert(input->seats.prev, &seat->link);
	return seat;
}

/** Nobody's pointer stays on a wl_seat that is going. */
static void leave_target(struct bn_seat *going) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &going->input->seats, link) {
		if (seat->pointer.target == going->wlr) {
			seat->pointer.target = NULL;
			seat->pointer.grab = NULL;
		}
		if (seat->pointer.grab_seat == going->wlr) {
			seat->pointer.grab_seat = NULL;
		}
	}
}

void bn_seat_destroy(struct bn_seat *seat) {
	assert(wl_list_empty(&seat->points));
	leave_target(seat);
	bn_pointer_finish(&seat->pointer);
	bn_unlisten(&seat->request_set_cursor);
	bn_unlisten(&seat->request_set_selection);
	bn_unlisten(&seat->request_set_primary_selection);
	bn_unlisten(&seat->request_start_drag);
	bn_unlisten(&seat->pointer_focus);
	wlr_seat_destroy(seat->wlr);
	wl_list_remove(&seat->link);
	free(seat->row);
	free(seat->row_sizes);
	free(seat->name);
	free(seat);
}

bool bn_seat_set_displays(struct bn_seat *seat, size_t index) {
	const struct bn_layout *layout = seat->input->layout;
	const struct bn_occupant *occupant =
			layout->occupant_count > 0 ? &layout->occupants[index] : NULL;
	size_t count = occupant != NULL ? occupant->display_count : layout->display_count;
	free(seat->row);
	free(seat->row_sizes);
	seat->row = calloc(count + 1, sizeof(seat->row[0]));
	seat->row_sizes = calloc(count + 1, sizeof(seat->row_sizes[0]));
	seat->occupant = index;
	if (seat->row == NULL || seat->row_sizes == NULL) {
		seat->row_count = 0;
		return false;
	}
	seat->row_count = count;
	for (size_t i = 0; i < count; i++) {
		seat->row[i] = occupant != NULL ? occupant->displays[i] : i;
	}
	return true;
}

bool bn_seat_owns_display(const struct bn_seat *seat, size_t display) {
	for (size_t i = 0; i < seat->row_count; i++) {
		if (seat->row[i] == display) {
			return true;
		}
	}
	return false;
}

void bn_seat_update_capabilities(struct bn_seat *seat) {
	uint32_t capabilities = WL_SEAT_CAPABILITY_TOUCH | seat->borrowed_caps;
	if (bn_devices_seat_has(seat->input, seat, WLR_INPUT_DEVICE_POINTER)) {
		capabilities |= WL_SEAT_CAPABILITY_POINTER;
	}
	if (bn_devices_seat_has(seat->input, seat, WLR_INPUT_DEVICE_KEYBOARD)) {
		capabilities |= WL_SEAT_CAPABILITY_KEYBOARD;
	}
	wlr_seat_set_capabilities(seat->wlr, capabilities);
}

static void make_available(struct wlr_seat *wlr, uint32_t capability) {
	if ((wlr->capabilities & capability) == capability) {
		return;
	}
	struct bn_seat *seat = wlr->data;
	seat->borrowed_caps |= capability;
	bn_seat_update_capabilities(seat);
}

static struct bn_seat *known_seat(struct bn_seat *seat, struct wl_client *client) {
	if (wlr_seat_client_for_wl_client(seat->wlr, client) != NULL) {
		return seat;
	}
	struct bn_seat *other;
	wl_list_for_each(other, &seat->input->seats, link) {
		if (wlr_seat_client_for_wl_client(other->wlr, client) != NULL) {
			return other;
		}
	}
	return NULL;
}

struct wlr_seat *bn_seat_deliver(struct bn_seat *seat, struct wlr_surface *surface,
		uint32_t capability) {
	struct wl_client *wl = wl_resource_get_client(surface->resource);
	struct bn_seat *known = known_seat(seat, wl);
	if (known == NULL) {
		return NULL;
	}
	if (known != seat) {
		struct bn_client *client = bn_client_from_wl(seat->input->clients, wl);
		bn_client_refuse(client, bn_loop_now(seat->input->loop),
				"it is shown to %s but knows the seat of %s: input reaches it "
				"through that one",
				seat->name, known->name);
	}
	make_available(known->wlr, capability);
	return known->wlr;
}

void bn_seat_dismiss_popups(struct wlr_seat *wlr) {
	if (wlr->drag == NULL) {
		wlr_seat_pointer_end_grab(wlr);
		wlr_seat_keyboard_end_grab(wlr);
		wlr_seat_touch_end_grab(wlr);
	}
}
