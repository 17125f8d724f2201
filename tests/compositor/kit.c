#include "kit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wlr/types/wlr_output.h>

#include "cockpit.h"
#include "output.h"
#include "xdg-shell-client-protocol.h"

static void fail(const char *what) {
	fprintf(stderr, "kit: %s\n", what);
	abort();
}

static void roundtrip(struct bn_test_client *client) {
	if (!bn_test_client_roundtrip(client)) {
		fail("the client lost its connection");
	}
}

// Globals

struct search {
	const struct wl_interface *interface;
	uint32_t version;
	void *found;
};

static void search_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct search *search = data;
	if (search->found == NULL && strcmp(interface, search->interface->name) == 0
			&& version >= search->version) {
		search->found = wl_registry_bind(registry, name, search->interface,
				search->version);
	}
}

static void search_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener search_listener = {
	.global = search_global,
	.global_remove = search_global_remove,
};

void *bn_kit_bind(struct bn_test_client *client, const struct wl_interface *interface,
		uint32_t version) {
	struct search search = { .interface = interface, .version = version };
	struct wl_registry *registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(registry, &search_listener, &search);
	if (!bn_test_client_roundtrip(client)) {
		fail("the connection died while binding a global");
	}
	wl_registry_destroy(registry);
	return search.found != NULL ? bn_test_client_keep(client, search.found) : NULL;
}

// Popups

static void popup_configure(void *data, struct xdg_popup *xdg_popup, int32_t x, int32_t y,
		int32_t width, int32_t height) {
	struct bn_kit_popup *popup = data;
	popup->x = x;
	popup->y = y;
	popup->width = width;
	popup->height = height;
}

static void popup_done(void *data, struct xdg_popup *xdg_popup) {
	struct bn_kit_popup *popup = data;
	popup->done = true;
}

static void popup_repositioned(void *data, struct xdg_popup *xdg_popup, uint32_t token) {
}

static const struct xdg_popup_listener popup_listener = {
	.configure = popup_configure,
	.popup_done = popup_done,
	.repositioned = popup_repositioned,
};

static void popup_surface_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct bn_kit_popup *popup = data;
	popup->configures++;
	xdg_surface_ack_configure(xdg_surface, serial);
	bn_kit_commit(popup->surface,
			bn_test_buffer(popup->client, popup->width, popup->height, popup->color));
}

static const struct xdg_surface_listener popup_surface_listener = {
	.configure = popup_surface_configure,
};

void bn_kit_popup_open(struct bn_kit_popup *popup, struct bn_test_client *client,
		struct xdg_surface *parent, const struct bn_kit_popup_options *options) {
	*popup = (struct bn_kit_popup){ .client = client, .color = options->color };
	popup->surface = bn_test_client_keep(client,
			wl_compositor_create_surface(client->compositor));
	popup->xdg_surface = bn_test_client_keep(client,
			xdg_wm_base_get_xdg_surface(client->wm_base, popup->surface));
	xdg_surface_add_listener(popup->xdg_surface, &popup_surface_listener, popup);
	struct xdg_positioner *positioner = xdg_wm_base_create_positioner(client->wm_base);
	xdg_positioner_set_size(positioner, options->width, options->height);
	xdg_positioner_set_anchor_rect(positioner, options->x, options->y, 1, 1);
	xdg_positioner_set_anchor(positioner, XDG_POSITIONER_ANCHOR_TOP_LEFT);
	xdg_positioner_set_gravity(positioner, XDG_POSITIONER_GRAVITY_BOTTOM_RIGHT);
	xdg_positioner_set_constraint_adjustment(positioner, options->adjustment);
	popup->popup = bn_test_client_keep(client,
			xdg_surface_get_popup(popup->xdg_surface, parent, positioner));
	xdg_popup_add_listener(popup->popup, &popup_listener, popup);
	xdg_positioner_destroy(positioner);
	if (options->grab != NULL) {
		xdg_popup_grab(popup->popup, options->grab, options->grab_serial);
	}
	wl_surface_commit(popup->surface);
	if (!bn_test_client_roundtrip(client) || !bn_test_client_roundtrip(client)) {
		fail("the connection died while opening a popup");
	}
}

void bn_kit_popup_close(struct bn_kit_popup *popup) {
	bn_test_client_forget(popup->client, popup->popup);
	bn_test_client_forget(popup->client, popup->xdg_surface);
	bn_test_client_forget(popup->client, popup->surface);
	xdg_popup_destroy(popup->popup);
	xdg_surface_destroy(popup->xdg_surface);
	wl_surface_destroy(popup->surface);
}

// Subsurfaces

void bn_kit_subsurface_open(struct bn_kit_subsurface *sub, struct bn_test_client *client,
		struct wl_surface *parent, int x, int y, int width, int height, uint32_t color) {
	sub->client = client;
	sub->surface = bn_test_client_keep(client,
			wl_compositor_create_surface(client->compositor));
	sub->subsurface = bn_test_client_keep(client,
			wl_subcompositor_get_subsurface(client->subcompositor, sub->surface,
					parent));
	wl_subsurface_set_position(sub->subsurface, x, y);
	bn_kit_subsurface_draw(sub, width, height, color);
}

void bn_kit_subsurface_draw(struct bn_kit_subsurface *sub, int width, int height, uint32_t color) {
	bn_kit_commit(sub->surface, bn_test_buffer(sub->client, width, height, color));
}

void bn_kit_subsurface_close(struct bn_kit_subsurface *sub) {
	bn_test_client_forget(sub->client, sub->subsurface);
	bn_test_client_forget(sub->client, sub->surface);
	wl_subsurface_destroy(sub->subsurface);
	wl_surface_destroy(sub->surface);
}

// Buffers

static void quarters_release(void *data, struct wl_buffer *buffer) {
	struct bn_test_client *client = data;
	client->released_buffers++;
	bn_test_client_forget(client, buffer);
	wl_buffer_destroy(buffer);
}

static const struct wl_buffer_listener quarters_listener = {
	.release = quarters_release,
};

struct wl_buffer *bn_kit_quarters(struct bn_test_client *client, int width, int height,
		const uint32_t colors[4]) {
	size_t size = (size_t)width * (size_t)height * 4;
	int fd = memfd_create("binnacle-kit", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) != 0) {
		fail("no memory for a buffer");
	}
	uint32_t *pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			int quarter = (y >= height / 2 ? 2 : 0) + (x >= width / 2 ? 1 : 0);
			pixels[(size_t)y * (size_t)width + (size_t)x] = colors[quarter];
		}
	}
	munmap(pixels, size);
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, (int32_t)size);
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(pool, 0, width, height, width * 4,
			WL_SHM_FORMAT_ARGB8888);
	wl_buffer_add_listener(buffer, &quarters_listener, client);
	bn_test_client_keep(client, buffer);
	wl_shm_pool_destroy(pool);
	close(fd);
	return buffer;
}

void bn_kit_commit(struct wl_surface *surface, struct wl_buffer *buffer) {
	wl_surface_attach(surface, buffer, 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(surface);
}

void bn_kit_settle(struct bn_test_client *client) {
	roundtrip(client);
	bn_fixture_advance_ms(client->fixture, 40);
	roundtrip(client);
}

void bn_kit_touch(struct bn_fixture *fixture, double x, double y, enum bn_touch_action action) {
	bn_input_touch(bn_server_input(fixture->server), 0, x, y, action, 0);
}

// Touch, with the serial that a client proves an interaction with

static void serial_down(void *data, struct wl_touch *wl_touch, uint32_t serial, uint32_t time,
		struct wl_surface *surface, int32_t id, wl_fixed_t x, wl_fixed_t y) {
	uint32_t *last = data;
	*last = serial;
}

static void serial_up(void *data, struct wl_touch *wl_touch, uint32_t serial, uint32_t time,
		int32_t id) {
}

static void serial_motion(void *data, struct wl_touch *wl_touch, uint32_t time, int32_t id,
		wl_fixed_t x, wl_fixed_t y) {
}

static void serial_none(void *data, struct wl_touch *wl_touch) {
}

static void serial_shape(void *data, struct wl_touch *wl_touch, int32_t id, wl_fixed_t major,
		wl_fixed_t minor) {
}

static void serial_orientation(void *data, struct wl_touch *wl_touch, int32_t id,
		wl_fixed_t angle) {
}

static const struct wl_touch_listener serial_listener = {
	.down = serial_down,
	.up = serial_up,
	.motion = serial_motion,
	.frame = serial_none,
	.cancel = serial_none,
	.shape = serial_shape,
	.orientation = serial_orientation,
};

uint32_t bn_kit_press(struct bn_test_client *client, double x, double y) {
	static const uint32_t no_serial = 0;
	uint32_t serial = no_serial;
	struct wl_touch *listener = wl_seat_get_touch(client->seats[0].wl);
	wl_touch_add_listener(listener, &serial_listener, &serial);
	roundtrip(client);
	bn_kit_touch(client->fixture, x, y, BN_TOUCH_DOWN);
	roundtrip(client);
	wl_touch_release(listener);
	if (serial == no_serial) {
		fail("the finger touched nothing of the client's");
	}
	return serial;
}

// Looking

bool bn_kit_same_color(uint32_t a, uint32_t b, int tolerance) {
	for (int shift = 0; shift < 24; shift += 8) {
		if (abs((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff)) > tolerance) {
			return false;
		}
	}
	return true;
}

int bn_kit_count_fds(void) {
	DIR *dir = opendir("/proc/self/fd");
	if (dir == NULL) {
		fail("cannot read /proc/self/fd");
	}
	int count = 0;
	while (readdir(dir) != NULL) {
		count++;
	}
	closedir(dir);
	return count - 3; // ".", "..", and the one that was read
}

struct bn_output *bn_kit_output(struct bn_fixture *fixture, const char *display) {
	size_t index = bn_layout_find_display(bn_server_cockpit(fixture->server)->layout, display);
	return bn_outputs_find(bn_server_outputs(fixture->server), index);
}

void bn_kit_unplug(struct bn_fixture *fixture, const char *display) {
	struct bn_output *output = bn_kit_output(fixture, display);
	if (output == NULL) {
		fail("no such display to unplug");
	}
	wlr_output_destroy(output->wlr);
}
