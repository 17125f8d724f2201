#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probe/probe.h"
#include "xdg-shell-client-protocol.h"

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time_ms) {
	struct bn_probe_surface *surface = data;
	wl_callback_destroy(callback);
	surface->frame = NULL;
	if (surface->probe->options.print_frames) {
		bn_probe_print(surface->probe, "frame %s %u", surface->name, time_ms);
	}
	if (surface->probe->options.animate) {
		bn_probe_surface_draw(surface);
	}
}

static const struct wl_callback_listener frame_listener = { .done = handle_frame };

static void drop_buffers(struct bn_probe_surface *surface) {
	for (size_t i = 0; i < 2; i++) {
		if (surface->buffers[i]) {
			wl_buffer_destroy(surface->buffers[i]);
			surface->buffers[i] = NULL;
		}
	}
	if (surface->pixels) {
		munmap(surface->pixels, surface->size);
		surface->pixels = NULL;
	}
}

static bool make_buffers(struct bn_probe_surface *surface, int32_t width, int32_t height) {
	drop_buffers(surface);
	size_t one = (size_t)width * (size_t)height;
	surface->size = one * 2 * sizeof(uint32_t);
	if (surface->size > INT32_MAX) {
		fprintf(stderr, "binnacle-probe: %dx%d is more than a wl_shm pool holds\n", width,
				height);
		return false;
	}
	int fd = memfd_create("binnacle-probe", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)surface->size) != 0) {
		perror("binnacle-probe: memfd");
		goto err_fd;
	}
	void *map = mmap(NULL, surface->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		perror("binnacle-probe: mmap");
		goto err_fd;
	}
	surface->pixels = map;
	for (size_t i = 0; i < one * 2; i++) {
		surface->pixels[i] = surface->color;
	}
	struct wl_shm_pool *pool =
			wl_shm_create_pool(surface->probe->shm, fd, (int32_t)surface->size);
	for (size_t i = 0; i < 2; i++) {
		surface->buffers[i] = wl_shm_pool_create_buffer(pool,
				(int32_t)(i * one * sizeof(uint32_t)), width, height, width * 4,
				WL_SHM_FORMAT_ARGB8888);
	}
	wl_shm_pool_destroy(pool);
	close(fd);
	surface->width = width;
	surface->height = height;
	return true;

err_fd:
	if (fd >= 0) {
		close(fd);
	}
	return false;
}

void bn_probe_surface_draw(struct bn_probe_surface *surface) {
	size_t index = surface->drawn % 2;
	// A square in the corner toggles, so that each commit carries real damage. A probe that does
	// not move stays one colour, which is what a screenshot test looks for.
	if (surface->drawn > 0
			&& (surface->probe->options.animate || surface->probe->options.flood)) {
		size_t one = (size_t)surface->width * (size_t)surface->height;
		uint32_t color = (surface->drawn & 2u) != 0 ? 0xffffffff : 0xff000000;
		for (int32_t y = 0; y < 8 && y < surface->height; y++) {
			for (int32_t x = 0; x < 8 && x < surface->width; x++) {
				size_t at = (size_t)y * (size_t)surface->width + (size_t)x;
				surface->pixels[index * one + at] = color;
			}
		}
	}
	wl_surface_attach(surface->surface, surface->buffers[index], 0, 0);
	wl_surface_damage_buffer(surface->surface, 0, 0, INT32_MAX, INT32_MAX);
	if (!surface->frame && !surface->probe->options.flood) {
		surface->frame = wl_surface_frame(surface->surface);
		wl_callback_add_listener(surface->frame, &frame_listener, surface);
	}
	wl_surface_commit(surface->surface);
	surface->drawn++;
}

static void surface_finish(struct bn_probe_surface *surface) {
	if (!surface->surface) {
		return;
	}
	if (surface->frame) {
		wl_callback_destroy(surface->frame);
	}
	if (surface->popup) {
		xdg_popup_destroy(surface->popup);
	}
	if (surface->toplevel) {
		xdg_toplevel_destroy(surface->toplevel);
	}
	if (surface->xdg_surface) {
		xdg_surface_destroy(surface->xdg_surface);
	}
	if (surface->subsurface) {
		wl_subsurface_destroy(surface->subsurface);
	}
	wl_surface_destroy(surface->surface);
	drop_buffers(surface);
	*surface = (struct bn_probe_surface){ 0 };
}

static bool surface_init(struct bn_probe_surface *surface, struct bn_probe *probe, const char *name,
		int32_t width, int32_t height, uint32_t color) {
	*surface = (struct bn_probe_surface){
		.probe = probe,
		.name = name,
		.color = color,
		.pending_width = width,
		.pending_height = height,
	};
	surface->surface = wl_compositor_create_surface(probe->compositor);
	return surface->surface != NULL;
}

/** The window's colour, a third nearer to white: children are told apart on a screenshot. */
static uint32_t lighter(uint32_t color) {
	uint32_t result = 0xff000000;
	for (int shift = 0; shift < 24; shift += 8) {
		uint32_t part = (color >> shift) & 0xff;
		result |= (part + (255 - part) / 3) << shift;
	}
	return result;
}

static void open_children(struct bn_probe *probe);

static void handle_surface_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct bn_probe_surface *surface = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	surface->configured = true;
	bool resized = !surface->pixels || surface->width != surface->pending_width
			|| surface->height != surface->pending_height;
	if (resized && !make_buffers(surface, surface->pending_width, surface->pending_height)) {
		surface->probe->closed = true;
		return;
	}
	bool first = !surface->mapped;
	bn_probe_surface_draw(surface);
	surface->mapped = true;
	if (first) {
		bn_probe_print(surface->probe, "mapped %s %dx%d", surface->name, surface->width,
				surface->height);
		if (surface == &surface->probe->main) {
			open_children(surface->probe);
		}
	}
}

static const struct xdg_surface_listener xdg_surface_listener = {
	.configure = handle_surface_configure,
};

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height, struct wl_array *states) {
	struct bn_probe_surface *surface = data;
	static const char *const names[] = { "?", "maximized", "fullscreen", "resizing",
		"activated", "tiled-left", "tiled-right", "tiled-top", "tiled-bottom",
		"suspended" };
	char text[160] = "";
	const uint32_t *state;
	wl_array_for_each(state, states) {
		const char *name = *state < sizeof(names) / sizeof(names[0]) ? names[*state] : "?";
		size_t used = strlen(text);
		snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? "," : "", name);
	}
	bn_probe_print(surface->probe, "configure %s %dx%d %s", surface->name, width, height, text);
	if (width > 0 && height > 0 && !surface->probe->options.ignore_size) {
		surface->pending_width = width;
		surface->pending_height = height;
	}
}

static void handle_toplevel_close(void *data, struct xdg_toplevel *toplevel) {
	struct bn_probe_surface *surface = data;
	bn_probe_print(surface->probe, "close %s", surface->name);
	if (surface == &surface->probe->main) {
		surface->probe->closed = true;
	} else {
		surface_finish(surface);
	}
}

static void handle_toplevel_bounds(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height) {
	struct bn_probe_surface *surface = data;
	bn_probe_print(surface->probe, "bounds %s %dx%d", surface->name, width, height);
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

static void handle_popup_configure(void *data, struct xdg_popup *popup, int32_t x, int32_t y,
		int32_t width, int32_t height) {
	struct bn_probe_surface *surface = data;
	bn_probe_print(surface->probe, "popup-configure %s %d %d %dx%d", surface->name, x, y, width,
			height);
	if (width > 0 && height > 0) {
		surface->pending_width = width;
		surface->pending_height = height;
	}
}

static void handle_popup_done(void *data, struct xdg_popup *popup) {
	struct bn_probe_surface *surface = data;
	bn_probe_print(surface->probe, "popup-done %s", surface->name);
	surface_finish(surface);
}

static void handle_popup_repositioned(void *data, struct xdg_popup *popup, uint32_t token) {
}

static const struct xdg_popup_listener popup_listener = {
	.configure = handle_popup_configure,
	.popup_done = handle_popup_done,
	.repositioned = handle_popup_repositioned,
};

static void open_toplevel(struct bn_probe_surface *surface, const char *title,
		struct bn_probe_surface *parent) {
	struct bn_probe *probe = surface->probe;
	surface->xdg_surface = xdg_wm_base_get_xdg_surface(probe->wm_base, surface->surface);
	xdg_surface_add_listener(surface->xdg_surface, &xdg_surface_listener, surface);
	surface->toplevel = xdg_surface_get_toplevel(surface->xdg_surface);
	xdg_toplevel_add_listener(surface->toplevel, &toplevel_listener, surface);
	xdg_toplevel_set_app_id(surface->toplevel, probe->options.app_id);
	if (title) {
		xdg_toplevel_set_title(surface->toplevel, title);
	}
	if (parent) {
		xdg_toplevel_set_parent(surface->toplevel, parent->toplevel);
	}
	if (!parent && probe->options.fullscreen) {
		xdg_toplevel_set_fullscreen(surface->toplevel, NULL);
	}
	wl_surface_commit(surface->surface);
}

static void open_popup(struct bn_probe *probe) {
	struct bn_probe_surface *surface = &probe->popup, *parent = &probe->main;
	if (!surface_init(surface, probe, "popup", 200, 150, lighter(probe->options.color))) {
		return;
	}
	struct xdg_positioner *positioner = xdg_wm_base_create_positioner(probe->wm_base);
	xdg_positioner_set_size(positioner, 200, 150);
	xdg_positioner_set_anchor_rect(positioner, parent->width / 2, parent->height / 2, 1, 1);
	xdg_positioner_set_anchor(positioner, XDG_POSITIONER_ANCHOR_BOTTOM_RIGHT);
	xdg_positioner_set_gravity(positioner, XDG_POSITIONER_GRAVITY_BOTTOM_RIGHT);
	xdg_positioner_set_constraint_adjustment(positioner,
			XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_X
					| XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_Y);
	surface->xdg_surface = xdg_wm_base_get_xdg_surface(probe->wm_base, surface->surface);
	xdg_surface_add_listener(surface->xdg_surface, &xdg_surface_listener, surface);
	surface->popup = xdg_surface_get_popup(surface->xdg_surface, parent->xdg_surface,
			positioner);
	xdg_popup_add_listener(surface->popup, &popup_listener, surface);
	xdg_positioner_destroy(positioner);
	wl_surface_commit(surface->surface);
}

static void open_subsurface(struct bn_probe *probe) {
	struct bn_probe_surface *surface = &probe->sub, *parent = &probe->main;
	int32_t width = parent->width / 4 > 0 ? parent->width / 4 : 1;
	int32_t height = parent->height / 4 > 0 ? parent->height / 4 : 1;
	uint32_t color = lighter(lighter(probe->options.color));
	if (!probe->subcompositor || !surface_init(surface, probe, "sub", width, height, color)) {
		return;
	}
	surface->subsurface = wl_subcompositor_get_subsurface(probe->subcompositor,
			surface->surface, parent->surface);
	wl_subsurface_set_position(surface->subsurface, 10, 10);
	wl_subsurface_set_desync(surface->subsurface);
	if (!make_buffers(surface, width, height)) {
		surface_finish(surface);
		return;
	}
	bn_probe_surface_draw(surface);
	surface->mapped = true;
	wl_surface_commit(parent->surface); // a subsurface appears with its parent's next commit
}

static void open_children(struct bn_probe *probe) {
	const struct bn_probe_options *options = &probe->options;
	if (options->subsurface) {
		open_subsurface(probe);
	}
	if (options->popup) {
		open_popup(probe);
	}
	if (options->dialog
			&& surface_init(&probe->dialog, probe, "dialog", 320, 200,
					lighter(options->color))) {
		open_toplevel(&probe->dialog, "dialog", &probe->main);
	}
}

const char *bn_probe_surface_name(const struct bn_probe *probe, struct wl_surface *surface) {
	const struct bn_probe_surface *all[] = { &probe->main, &probe->popup, &probe->dialog,
		&probe->sub };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (surface && all[i]->surface == surface) {
			return all[i]->name;
		}
	}
	return "?";
}

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = { .ping = handle_ping };

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct bn_probe *probe = data;
	if (strcmp(interface, wl_compositor_interface.name) == 0) {
		probe->compositor = wl_registry_bind(registry, name, &wl_compositor_interface,
				version < 4 ? version : 4);
	} else if (strcmp(interface, wl_subcompositor_interface.name) == 0) {
		probe->subcompositor =
				wl_registry_bind(registry, name, &wl_subcompositor_interface, 1);
	} else if (strcmp(interface, wl_shm_interface.name) == 0) {
		probe->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	} else if (strcmp(interface, xdg_wm_base_interface.name) == 0) {
		probe->wm_base = wl_registry_bind(registry, name, &xdg_wm_base_interface,
				version < 6 ? version : 6);
		xdg_wm_base_add_listener(probe->wm_base, &wm_base_listener, probe);
	} else if (strcmp(interface, wl_seat_interface.name) == 0) {
		bn_probe_add_seat(probe,
				wl_registry_bind(registry, name, &wl_seat_interface,
						version < 5 ? version : 5));
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

bool bn_probe_connect(struct bn_probe *probe) {
	probe->display = wl_display_connect(NULL);
	if (!probe->display) {
		fprintf(stderr, "binnacle-probe: no Wayland display\n");
		return false;
	}
	probe->registry = wl_display_get_registry(probe->display);
	wl_registry_add_listener(probe->registry, &registry_listener, probe);
	if (wl_display_roundtrip(probe->display) < 0 || !probe->compositor || !probe->shm
			|| !probe->wm_base) {
		fprintf(stderr, "binnacle-probe: the display offers no xdg-shell\n");
		goto err_display;
	}
	const struct bn_probe_options *options = &probe->options;
	if (!surface_init(&probe->main, probe, "main", options->width, options->height,
			    options->color)) {
		goto err_display;
	}
	open_toplevel(&probe->main, options->title, NULL);
	return true;

err_display:
	bn_probe_disconnect(probe);
	return false;
}

void bn_probe_disconnect(struct bn_probe *probe) {
	surface_finish(&probe->sub);
	surface_finish(&probe->popup);
	surface_finish(&probe->dialog);
	surface_finish(&probe->main);
	for (size_t i = 0; i < probe->seat_count; i++) {
		if (probe->pointers[i]) {
			wl_pointer_destroy(probe->pointers[i]);
		}
		if (probe->touches[i]) {
			wl_touch_destroy(probe->touches[i]);
		}
		if (probe->keyboards[i]) {
			wl_keyboard_destroy(probe->keyboards[i]);
		}
		wl_seat_destroy(probe->seats[i]);
	}
	if (probe->wm_base) {
		xdg_wm_base_destroy(probe->wm_base);
	}
	if (probe->shm) {
		wl_shm_destroy(probe->shm);
	}
	if (probe->subcompositor) {
		wl_subcompositor_destroy(probe->subcompositor);
	}
	if (probe->compositor) {
		wl_compositor_destroy(probe->compositor);
	}
	wl_registry_destroy(probe->registry);
	wl_display_disconnect(probe->display);
}
