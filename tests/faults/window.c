#include "client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void say(const char *format, ...) {
	va_list args;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

void fail(const char *what) {
	fprintf(stderr, "fault-client: %s: %s\n", what, strerror(errno));
	exit(1);
}

void end(const struct client *client) {
	if (wl_display_get_error(client->display) == EPROTO) {
		const struct wl_interface *interface = NULL;
		uint32_t id;
		uint32_t code = wl_display_get_protocol_error(client->display, &interface, &id);
		say("error %s %u", interface != NULL ? interface->name : "?", code);
	} else {
		say("disconnected");
	}
	exit(1);
}

void roundtrip(struct client *client) {
	if (wl_display_roundtrip(client->display) < 0) {
		end(client);
	}
}

// Pictures

int make_memory(size_t size) {
	int fd = memfd_create("fault-client", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) != 0) {
		fail("memory");
	}
	return fd;
}

static void handle_release(void *data, struct wl_buffer *buffer) {
	struct picture *picture = data;
	picture->busy = false;
}

static const struct wl_buffer_listener buffer_listener = { .release = handle_release };

void make_pictures(struct client *client) {
	size_t one = (size_t)client->width * (size_t)client->height * 4;
	client->pool_fd = make_memory(2 * one);
	uint8_t *map = mmap(NULL, 2 * one, PROT_READ | PROT_WRITE, MAP_SHARED, client->pool_fd, 0);
	if (map == MAP_FAILED) {
		fail("mmap");
	}
	struct wl_shm_pool *pool =
			wl_shm_create_pool(client->shm, client->pool_fd, (int32_t)(2 * one));
	for (size_t i = 0; i < 2; i++) {
		struct picture *picture = &client->pictures[i];
		picture->pixels = (uint32_t *)(void *)(map + i * one);
		picture->buffer = wl_shm_pool_create_buffer(pool, (int32_t)(i * one), client->width,
				client->height, client->width * 4, WL_SHM_FORMAT_XRGB8888);
		wl_buffer_add_listener(picture->buffer, &buffer_listener, picture);
	}
	wl_shm_pool_destroy(pool);
}

static void fill(const struct client *client, uint32_t *pixels, struct box box, uint32_t color) {
	for (int32_t y = box.y; y < box.y + box.height && y < client->height; y++) {
		for (int32_t x = box.x; x < box.x + box.width && x < client->width; x++) {
			pixels[(size_t)y * (size_t)client->width + (size_t)x] = color;
		}
	}
}

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time_ms) {
	struct client *client = data;
	wl_callback_destroy(callback);
	client->frame = NULL;
	if (client->moves) {
		draw(client);
	}
}

static const struct wl_callback_listener frame_listener = { .done = handle_frame };

void draw(struct client *client) {
	if (!client->configured) {
		return;
	}
	const struct box whole = { 0, 0, client->width, client->height };
	const struct box counter = { 4, 4, 8, 8 }, noise = { 40, 4, 8, 8 };
	struct picture *picture = &client->pictures[client->pictures[0].busy ? 1 : 0];
	bool is_lamp = client->lamp.width > 0;
	fill(client, picture->pixels, whole, is_lamp ? 0xff000000 : client->color);
	if (is_lamp) {
		fill(client, picture->pixels, client->lamp, client->color);
	}
	uint32_t other = 0xff000000 | (client->drawn * 0x10305u & 0xffffff);
	if (client->counts) {
		fill(client, picture->pixels, counter, other);
	}
	if (client->trembles) {
		fill(client, picture->pixels, noise, other);
	}
	client->drawn++;
	picture->busy = true;
	wl_surface_attach(client->surface, picture->buffer, 0, 0);
	wl_surface_damage_buffer(client->surface, 0, 0, INT32_MAX, INT32_MAX);
	if (client->frame == NULL) {
		client->frame = wl_surface_frame(client->surface);
		wl_callback_add_listener(client->frame, &frame_listener, client);
	}
	wl_surface_commit(client->surface);
}

// The window

static void handle_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct client *client = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	if (client->configured) {
		wl_surface_commit(client->surface);
		return;
	}
	make_pictures(client);
	client->configured = true;
	draw(client);
	say("mapped %dx%d", client->width, client->height);
}

static const struct xdg_surface_listener xdg_surface_listener = { .configure = handle_configure };

static void handle_size(void *data, struct xdg_toplevel *toplevel, int32_t width, int32_t height,
		struct wl_array *states) {
	struct client *client = data;
	if (width > 0 && height > 0 && !client->configured) {
		client->width = width;
		client->height = height;
	}
}

static void handle_close(void *data, struct xdg_toplevel *toplevel) {
	say("close");
	exit(0);
}

static void handle_bounds(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height) {
}

static void handle_capabilities(void *data, struct xdg_toplevel *toplevel, struct wl_array *array) {
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_size,
	.close = handle_close,
	.configure_bounds = handle_bounds,
	.wm_capabilities = handle_capabilities,
};

void open_window(struct client *client) {
	client->surface = wl_compositor_create_surface(client->compositor);
	client->xdg_surface = xdg_wm_base_get_xdg_surface(client->wm_base, client->surface);
	xdg_surface_add_listener(client->xdg_surface, &xdg_surface_listener, client);
	struct xdg_toplevel *toplevel = xdg_surface_get_toplevel(client->xdg_surface);
	xdg_toplevel_add_listener(toplevel, &toplevel_listener, client);
	xdg_toplevel_set_app_id(toplevel, client->app_id);
	wl_surface_commit(client->surface);
}

void wait_for_window(struct client *client) {
	open_window(client);
	while (!client->configured) {
		if (wl_display_dispatch(client->display) < 0) {
			end(client);
		}
	}
	roundtrip(client);
}

// Touch, and a popup that wants all of it

static void handle_popup_surface(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct client *client = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	wl_surface_attach(client->popup_surface, client->pictures[1].buffer, 0, 0);
	wl_surface_commit(client->popup_surface);
	say("popup");
}

static const struct xdg_surface_listener popup_surface_listener = {
	.configure = handle_popup_surface,
};

static void handle_popup_configure(void *data, struct xdg_popup *popup, int32_t x, int32_t y,
		int32_t width, int32_t height) {
}

static void handle_popup_done(void *data, struct xdg_popup *popup) {
	say("popup-done");
}

static void handle_repositioned(void *data, struct xdg_popup *popup, uint32_t token) {
}

static const struct xdg_popup_listener popup_listener = {
	.configure = handle_popup_configure,
	.popup_done = handle_popup_done,
	.repositioned = handle_repositioned,
};

static void grab(struct client *client, uint32_t serial) {
	struct xdg_positioner *positioner = xdg_wm_base_create_positioner(client->wm_base);
	xdg_positioner_set_size(positioner, client->width, client->height);
	xdg_positioner_set_anchor_rect(positioner, 0, 0, client->width, client->height);
	client->popup_surface = wl_compositor_create_surface(client->compositor);
	struct xdg_surface *xdg_surface =
			xdg_wm_base_get_xdg_surface(client->wm_base, client->popup_surface);
	xdg_surface_add_listener(xdg_surface, &popup_surface_listener, client);
	client->popup = xdg_surface_get_popup(xdg_surface, client->xdg_surface, positioner);
	xdg_popup_add_listener(client->popup, &popup_listener, client);
	xdg_popup_grab(client->popup, client->seat, serial);
	wl_surface_commit(client->popup_surface);
	xdg_positioner_destroy(positioner);
}

static void handle_touch_down(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		struct wl_surface *surface, int32_t id, wl_fixed_t sx, wl_fixed_t sy) {
	struct client *client = data;
	say("touch-down %.0f %.0f", wl_fixed_to_double(sx), wl_fixed_to_double(sy));
	if (client->grabs && client->popup == NULL) {
		grab(client, serial);
	}
}

static void handle_touch_up(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		int32_t id) {
	say("touch-up");
}

static void handle_touch_motion(void *data, struct wl_touch *touch, uint32_t time, int32_t id,
		wl_fixed_t sx, wl_fixed_t sy) {
}

static void handle_touch_frame(void *data, struct wl_touch *touch) {
}

static void handle_touch_cancel(void *data, struct wl_touch *touch) {
	say("touch-cancel");
}

static const struct wl_touch_listener touch_listener = {
	.down = handle_touch_down,
	.up = handle_touch_up,
	.motion = handle_touch_motion,
	.frame = handle_touch_frame,
	.cancel = handle_touch_cancel,
};

static void handle_seat(void *data, struct wl_seat *seat, uint32_t capabilities) {
	struct client *client = data;
	if ((capabilities & WL_SEAT_CAPABILITY_TOUCH) != 0 && client->touch == NULL) {
		client->touch = wl_seat_get_touch(seat);
		wl_touch_add_listener(client->touch, &touch_listener, client);
	}
}

static void handle_seat_name(void *data, struct wl_seat *seat, const char *name) {
}

const struct wl_seat_listener client_seat_listener = {
	.capabilities = handle_seat,
	.name = handle_seat_name,
};
