#include "input/parent.h"

#include <stdlib.h>
#include <string.h>
#include <wayland-client.h>
#include <wlr/backend.h>
#include <wlr/backend/multi.h>
#include <wlr/backend/wayland.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/log.h>

#include "input/input.h"
#include "input/seat.h"
#include "input/touch.h"
#include "loop.h"

/** Names and capabilities need no more. */
#define SEAT_VERSION 5

struct bn_parent {
	struct bn_input *input;
	struct wl_registry *registry;
	struct wl_list seats; // parent_seat.link

	struct wl_listener backend_destroy;
};

struct parent_seat {
	struct bn_parent *parent;
	uint32_t name; // of the parent's global
	struct wl_seat *wl;
	struct wl_touch *touch; // NULL: it has none
	struct wl_list link;
};

/** The display whose window this surface of ours is; BN_NONE: none any more. */
static size_t display_of_surface(const struct bn_input *input, const struct wl_surface *surface) {
	for (size_t i = 0; input->layout != NULL && i < input->layout->display_count; i++) {
		struct wlr_output *output = input->displays[i].output;
		if (output != NULL && wlr_output_is_wl(output)
				&& wlr_wl_output_get_surface(output) == surface) {
			return i;
		}
	}
	return BN_NONE;
}

/** The window's px are the output's before its transform. */
static struct bn_place place_of(const struct bn_input *input, size_t display, wl_fixed_t x,
		wl_fixed_t y) {
	const struct wlr_output *output = input->displays[display].output;
	struct bn_place_size size = bn_input_display_size(input, display);
	return bn_place_from_panel((int)output->transform, &size,
			wl_fixed_to_double(x) / output->width,
			wl_fixed_to_double(y) / output->height);
}

static void handle_down(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		struct wl_surface *surface, int32_t id, wl_fixed_t x, wl_fixed_t y) {
	const struct parent_seat *seat = data;
	struct bn_input *input = seat->parent->input;
	size_t display = display_of_surface(input, surface);
	if (display == BN_NONE) {
		return;
	}
	bn_input_enter_nested(input, bn_input_seat_of_display(input, display));
	struct bn_place place = place_of(input, display, x, y);
	bn_touch_down(input, seat, id, display, place.x, place.y, time);
}

static void handle_up(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		int32_t id) {
	const struct parent_seat *seat = data;
	bn_touch_up(seat->parent->input, seat, id, time);
}

static void handle_motion(void *data, struct wl_touch *touch, uint32_t time, int32_t id,
		wl_fixed_t x, wl_fixed_t y) {
	const struct parent_seat *seat = data;
	struct bn_input *input = seat->parent->input;
	size_t display = bn_touch_display(input, seat, id);
	if (bn_input_display_is_there(input, display)) {
		struct bn_place place = place_of(input, display, x, y);
		bn_touch_move(input, seat, id, place.x, place.y, time);
	}
}

static void handle_frame(void *data, struct wl_touch *touch) {
	const struct parent_seat *seat = data;
	bn_touch_frame(seat->parent->input);
}

/** The parent took all fingers away. */
static void handle_cancel(void *data, struct wl_touch *touch) {
	const struct parent_seat *seat = data;
	bn_touch_drop_device(seat->parent->input, seat);
}

static void handle_shape(void *data, struct wl_touch *touch, int32_t id, wl_fixed_t major,
		wl_fixed_t minor) {
}

static void handle_orientation(void *data, struct wl_touch *touch, int32_t id,
		wl_fixed_t orientation) {
}

static const struct wl_touch_listener touch_listener = {
	.down = handle_down,
	.up = handle_up,
	.motion = handle_motion,
	.frame = handle_frame,
	.cancel = handle_cancel,
	.shape = handle_shape,
	.orientation = handle_orientation,
};

static void drop_touch(struct parent_seat *seat) {
	if (seat->touch != NULL) {
		bn_touch_drop_device(seat->parent->input, seat);
		wl_touch_release(seat->touch);
		seat->touch = NULL;
	}
}

static void handle_capabilities(void *data, struct wl_seat *wl, uint32_t capabilities) {
	struct parent_seat *seat = data;
	if ((capabilities & WL_SEAT_CAPABILITY_TOUCH) == 0) {
		drop_touch(seat);
	} else if (seat->touch == NULL) {
		seat->touch = wl_seat_get_touch(wl);
		wl_touch_add_listener(seat->touch, &touch_listener, seat);
	}
}

static void handle_name(void *data, struct wl_seat *wl, const char *name) {
}

static const struct wl_seat_listener seat_listener = {
	.capabilities = handle_capabilities,
	.name = handle_name,
};

static void seat_destroy(struct parent_seat *seat) {
	drop_touch(seat);
	wl_seat_release(seat->wl);
	wl_list_remove(&seat->link);
	free(seat);
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct bn_parent *parent = data;
	if (strcmp(interface, wl_seat_interface.name) != 0 || version < SEAT_VERSION) {
		return;
	}
	struct parent_seat *seat = calloc(1, sizeof(*seat));
	if (seat == NULL) {
		wlr_log(WLR_ERROR, "parent: out of memory, no touch from its seat %u", name);
		return;
	}
	seat->parent = parent;
	seat->name = name;
	seat->wl = wl_registry_bind(registry, name, &wl_seat_interface, SEAT_VERSION);
	wl_seat_add_listener(seat->wl, &seat_listener, seat);
	wl_list_insert(&parent->seats, &seat->link);
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
	struct bn_parent *parent = data;
	struct parent_seat *seat, *tmp;
	wl_list_for_each_safe(seat, tmp, &parent->seats, link) {
		if (seat->name == name) {
			seat_destroy(seat);
		}
	}
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void handle_backend_destroy(struct wl_listener *listener, void *data) {
	struct bn_parent *parent = wl_container_of(listener, parent, backend_destroy);
	parent->input->parent = NULL;
	bn_parent_destroy(parent);
}

static void find_wayland(struct wlr_backend *backend, void *data) {
	struct wlr_backend **found = data;
	if (wlr_backend_is_wl(backend)) {
		*found = backend;
	}
}

struct bn_parent *bn_parent_create(struct bn_input *input, struct wlr_backend *backend) {
	struct wlr_backend *found = NULL;
	if (wlr_backend_is_multi(backend)) {
		wlr_multi_for_each_backend(backend, find_wayland, &found);
	} else {
		find_wayland(backend, &found);
	}
	if (found == NULL) {
		return NULL;
	}
	struct bn_parent *parent = calloc(1, sizeof(*parent));
	if (parent == NULL) {
		wlr_log(WLR_ERROR, "parent: %s",
				"out of memory, its touch may reach the wrong window");
		return NULL;
	}
	parent->input = input;
	wl_list_init(&parent->seats);
	struct wl_display *remote = wlr_wl_backend_get_remote_display(found);
	parent->registry = wl_display_get_registry(remote);
	wl_registry_add_listener(parent->registry, &registry_listener, parent);
	wl_display_flush(remote);
	bn_listen(&found->events.destroy, &parent->backend_destroy, handle_backend_destroy);
	return parent;
}

void bn_parent_destroy(struct bn_parent *parent) {
	if (parent == NULL) {
		return;
	}
	struct parent_seat *seat, *tmp;
	wl_list_for_each_safe(seat, tmp, &parent->seats, link) {
		seat_destroy(seat);
	}
	wl_registry_destroy(parent->registry);
	bn_unlisten(&parent->backend_destroy);
	free(parent);
}
