#include "guard/screen.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>

#include "core/clock.h"
#include "core/guard_message.h"
#include "core/nsec.h"
#include "viewporter-client-protocol.h"
#include "xdg-shell-client-protocol.h"

/*
 * On a desktop the guard cannot take displays: it opens a window of its own for each of the compositor's, over them,
 * and closes it when they show again.
 */

/** How long a desktop is waited for to say how large a window is. */
#define CONFIGURE_NS (500 * BN_NSEC_PER_MSEC)

struct windows;

struct window {
	struct windows *windows;
	char name[32]; // of the compositor's output; empty: free
	uint32_t slot;
	int32_t width, height; // of the picture
	uint32_t *pixels;      // mapped
	size_t size;
	struct wl_buffer *buffer;
	// While it is shown:
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	struct wp_viewport *viewport;
	struct wl_callback *frame;
	int32_t wanted_width, wanted_height; // by the desktop, 0: it does not care
	bool configured, drawn;
};

struct windows {
	struct screen base;
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct wp_viewporter *viewporter;
	struct window items[BN_GUARD_DISPLAYS];
	bool gone; // the desktop
};

static int64_t now_ns(void) {
	const struct bn_clock clock = { 0 };
	return bn_clock_now(&clock);
}

// Pictures

static void picture_finish(struct window *window) {
	if (window->buffer != NULL) {
		wl_buffer_destroy(window->buffer);
	}
	if (window->pixels != NULL) {
		munmap(window->pixels, window->size);
	}
	window->buffer = NULL;
	window->pixels = NULL;
}

static bool picture_init(struct window *window, int32_t width, int32_t height) {
	window->width = width;
	window->height = height;
	window->size = (size_t)width * (size_t)height * 4;
	int fd = memfd_create("binnacle-guard", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)window->size) != 0) {
		goto err;
	}
	window->pixels = mmap(NULL, window->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (window->pixels == MAP_FAILED) {
		window->pixels = NULL;
		goto err;
	}
	struct wl_shm_pool *pool =
			wl_shm_create_pool(window->windows->shm, fd, (int32_t)window->size);
	window->buffer = wl_shm_pool_create_buffer(pool, 0, width, height, width * 4,
			WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	close(fd);
	return true;
err:
	fprintf(stderr, "binnacle-guard: no memory for a picture: %s\n", strerror(errno));
	if (fd >= 0) {
		close(fd);
	}
	return false;
}

// One window

static void draw(struct window *window);

static void handle_xdg_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct window *window = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	window->configured = true;
	draw(window);
}

static const struct xdg_surface_listener xdg_surface_listener = {
	.configure = handle_xdg_configure,
};

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height, struct wl_array *states) {
	struct window *window = data;
	window->wanted_width = width;
	window->wanted_height = height;
}

static void handle_toplevel_close(void *data, struct xdg_toplevel *toplevel) {
	// Nobody may close it: what it says stays true.
}

static void handle_toplevel_bounds(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height) {
}

static void handle_toplevel_capabilities(void *data, struct xdg_toplevel *toplevel,
		struct wl_array *capabilities) {
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_toplevel_close,
	.configure_bounds = handle_toplevel_bounds,
	.wm_capabilities = handle_toplevel_capabilities,
};

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time) {
	struct window *window = data;
	window->drawn = true;
	wl_callback_destroy(callback);
	window->frame = NULL;
}

static const struct wl_callback_listener frame_listener = { .done = handle_frame };

static void draw(struct window *window) {
	if (window->viewport != NULL && window->wanted_width > 0 && window->wanted_height > 0) {
		wp_viewport_set_destination(window->viewport, window->wanted_width,
				window->wanted_height);
	}
	wl_surface_attach(window->surface, window->buffer, 0, 0);
	wl_surface_damage_buffer(window->surface, 0, 0, window->width, window->height);
	if (window->frame == NULL && !window->drawn) {
		window->frame = wl_surface_frame(window->surface);
		wl_callback_add_listener(window->frame, &frame_listener, window);
	}
	wl_surface_commit(window->surface);
}

static void window_open(struct window *window) {
	const struct windows *windows = window->windows;
	char title[64];
	snprintf(title, sizeof(title), "%s - safe picture", window->name);
	window->surface = wl_compositor_create_surface(windows->compositor);
	window->xdg_surface = xdg_wm_base_get_xdg_surface(windows->wm_base, window->surface);
	xdg_surface_add_listener(window->xdg_surface, &xdg_surface_listener, window);
	window->toplevel = xdg_surface_get_toplevel(window->xdg_surface);
	xdg_toplevel_add_listener(window->toplevel, &toplevel_listener, window);
	xdg_toplevel_set_title(window->toplevel, title);
	xdg_toplevel_set_app_id(window->toplevel, "binnacle-guard");
	if (windows->viewporter != NULL) {
		window->viewport = wp_viewporter_get_viewport(windows->viewporter, window->surface);
	}
	wl_surface_commit(window->surface);
}

static void window_close(struct window *window) {
	if (window->surface == NULL) {
		return;
	}
	if (window->frame != NULL) {
		wl_callback_destroy(window->frame);
	}
	if (window->viewport != NULL) {
		wp_viewport_destroy(window->viewport);
	}
	xdg_toplevel_destroy(window->toplevel);
	xdg_surface_destroy(window->xdg_surface);
	wl_surface_destroy(window->surface);
	window->frame = NULL;
	window->viewport = NULL;
	window->surface = NULL;
	window->configured = window->drawn = false;
}

// The desktop

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = { .ping = handle_ping };

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct windows *windows = data;
	if (strcmp(interface, wl_compositor_interface.name) == 0 && version >= 4) {
		windows->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	} else if (strcmp(interface, wl_shm_interface.name) == 0) {
		windows->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	} else if (strcmp(interface, xdg_wm_base_interface.name) == 0) {
		windows->wm_base = wl_registry_bind(registry, name, &xdg_wm_base_interface, 1);
		xdg_wm_base_add_listener(windows->wm_base, &wm_base_listener, windows);
	} else if (strcmp(interface, wp_viewporter_interface.name) == 0) {
		windows->viewporter = wl_registry_bind(registry, name, &wp_viewporter_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

/** One round of what the desktop says; waits at most until `until_ns`. False: it is gone. */
static bool listen_to_desktop(struct windows *windows, int64_t until_ns) {
	while (wl_display_prepare_read(windows->display) != 0) {
		wl_display_dispatch_pending(windows->display);
	}
	wl_display_flush(windows->display);
	int64_t left_ms = (until_ns - now_ns()) / BN_NSEC_PER_MSEC + 1;
	struct pollfd ready = { .fd = wl_display_get_fd(windows->display), .events = POLLIN };
	if (poll(&ready, 1, left_ms > 0 ? (int)left_ms : 0) == 1) {
		wl_display_read_events(windows->display);
	} else {
		wl_display_cancel_read(windows->display);
	}
	bool well = wl_display_dispatch_pending(windows->display) >= 0;
	wl_display_flush(windows->display);
	if (!well && !windows->gone) {
		fprintf(stderr, "binnacle-guard: the desktop is gone\n");
		windows->gone = true;
	}
	return well;
}

static bool all_drawn(const struct windows *windows) {
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		const struct window *window = &windows->items[i];
		if (window->surface != NULL && !window->drawn) {
			return false;
		}
	}
	return true;
}

static bool window_show(struct screen *screen) {
	struct windows *windows = (struct windows *)screen;
	bool any = false;
	for (size_t i = 0; i < BN_GUARD_DISPLAYS && !windows->gone; i++) {
		struct window *window = &windows->items[i];
		if (window->buffer != NULL && window->surface == NULL) {
			window_open(window);
		}
		any |= window->surface != NULL;
	}
	int64_t until = now_ns() + CONFIGURE_NS;
	while (any && !windows->gone && !all_drawn(windows) && now_ns() < until) {
		listen_to_desktop(windows, until);
	}
	return any && all_drawn(windows);
}

static void window_leave(struct screen *screen) {
	struct windows *windows = (struct windows *)screen;
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		window_close(&windows->items[i]);
	}
	if (!windows->gone) {
		wl_display_flush(windows->display);
	}
}

static struct window *place_for(struct windows *windows, const char *name) {
	struct window *found = NULL;
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		struct window *window = &windows->items[i];
		if (strcmp(window->name, name) == 0) {
			return window;
		}
		found = found == NULL && window->name[0] == '\0' ? window : found;
	}
	return found;
}

static bool window_picture(struct screen *screen, const struct bn_guard_message *message, int fd) {
	struct windows *windows = (struct windows *)screen;
	struct window *window = place_for(windows, message->name);
	if (window == NULL || windows->gone) {
		return false;
	}
	if (window->buffer == NULL || window->width != message->width
			|| window->height != message->height) {
		picture_finish(window);
		if (!picture_init(window, message->width, message->height)) {
			return false;
		}
	}
	snprintf(window->name, sizeof(window->name), "%.31s", message->name);
	window->slot = message->slot;
	bool read = screen_read(message, fd, window->pixels, (size_t)message->width * 4);
	if (read && window->configured) {
		draw(window);
	}
	wl_display_flush(windows->display);
	return read;
}

static void window_gone(struct screen *screen, uint32_t slot) {
	struct windows *windows = (struct windows *)screen;
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		struct window *window = &windows->items[i];
		if (window->name[0] != '\0' && window->slot == slot) {
			window_close(window);
			picture_finish(window);
			window->name[0] = '\0';
		}
	}
}

static void window_cards(struct screen *screen, struct screen_cards *ret) {
	ret->count = 0;
}

static bool window_is_lost(struct screen *screen) {
	return ((const struct windows *)screen)->gone;
}

static int window_fd(struct screen *screen) {
	const struct windows *windows = (const struct windows *)screen;
	return windows->gone ? -1 : wl_display_get_fd(windows->display);
}

static void window_dispatch(struct screen *screen) {
	listen_to_desktop((struct windows *)screen, now_ns());
}

static void window_destroy(struct screen *screen) {
	struct windows *windows = (struct windows *)screen;
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		window_close(&windows->items[i]);
		picture_finish(&windows->items[i]);
	}
	if (windows->viewporter != NULL) {
		wp_viewporter_destroy(windows->viewporter);
	}
	if (windows->wm_base != NULL) {
		xdg_wm_base_destroy(windows->wm_base);
	}
	if (windows->shm != NULL) {
		wl_shm_destroy(windows->shm);
	}
	if (windows->compositor != NULL) {
		wl_compositor_destroy(windows->compositor);
	}
	wl_registry_destroy(windows->registry);
	wl_display_disconnect(windows->display);
	free(windows);
}

struct screen *screen_window_create(void) {
	static const struct screen_impl impl = {
		.picture = window_picture,
		.gone = window_gone,
		.show = window_show,
		.leave = window_leave,
		.cards = window_cards,
		.is_lost = window_is_lost,
		.fd = window_fd,
		.dispatch = window_dispatch,
		.destroy = window_destroy,
	};
	struct windows *windows = calloc(1, sizeof(*windows));
	if (windows == NULL) {
		return NULL;
	}
	windows->base.impl = &impl;
	windows->display = wl_display_connect(NULL);
	if (windows->display == NULL) {
		fprintf(stderr,
				"binnacle-guard: cannot connect to the desktop "
				"(WAYLAND_DISPLAY)\n");
		free(windows);
		return NULL;
	}
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		windows->items[i].windows = windows;
	}
	windows->registry = wl_display_get_registry(windows->display);
	wl_registry_add_listener(windows->registry, &registry_listener, windows);
	wl_display_roundtrip(windows->display);
	if (windows->compositor == NULL || windows->shm == NULL || windows->wm_base == NULL) {
		fprintf(stderr,
				"binnacle-guard: the desktop lacks wl_compositor 4, wl_shm or "
				"xdg_wm_base\n");
		window_destroy(&windows->base);
		return NULL;
	}
	return &windows->base;
}
