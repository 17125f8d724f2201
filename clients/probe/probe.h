#ifndef BN_PROBE_PROBE_H
#define BN_PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-client.h>

struct xdg_popup;
struct xdg_surface;
struct xdg_toplevel;
struct xdg_wm_base;

struct bn_probe_options {
	const char *app_id, *title; // borrowed from argv; title may be NULL
	int32_t width, height;      // px
	uint32_t color;             // 0xAARRGGBB
	bool ignore_size, fullscreen, popup, dialog, subsurface, animate, flood;
	bool print_events, print_frames;
	int64_t hang_after_ms, crash_after_ms,
			exit_after_ms; // since the first configure; < 0: never
};

/** Two buffers of one pool; reused without waiting for a release, as a careless client would. */
struct bn_probe_surface {
	struct bn_probe *probe;
	const char *name; // as printed
	uint32_t color;
	int32_t width, height; // px, of the buffers once there are any
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	struct xdg_popup *popup;
	struct wl_subsurface *subsurface;
	struct wl_callback *frame;
	struct wl_buffer *buffers[2];
	uint32_t *pixels; // both buffers, mapped
	size_t size;      // bytes of the mapping
	unsigned drawn;   // how often it was drawn
	int32_t pending_width, pending_height;
	bool configured, mapped;
};

struct bn_probe {
	struct bn_probe_options options;
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct wl_seat *seats[8];
	struct wl_pointer *pointers[8];
	struct wl_touch *touches[8];
	struct wl_keyboard *keyboards[8];
	size_t seat_count;
	struct bn_probe_surface main, popup, dialog, sub;
	const char *pointer_focus; // surface name
	int64_t start_ms;          // CLOCK_MONOTONIC of the first configure, -1 before
	bool closed;
};

/** Connects and opens the window; on failure says why on stderr and leaves nothing behind. */
bool bn_probe_connect(struct bn_probe *probe);
void bn_probe_disconnect(struct bn_probe *probe);
/** Draws the surface once more and commits it. */
void bn_probe_surface_draw(struct bn_probe_surface *surface);
/** Prints a line when events are asked for. */
void bn_probe_print(const struct bn_probe *probe, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
/** The name of one of the probe's surfaces, "?" for any other. */
const char *bn_probe_surface_name(const struct bn_probe *probe, struct wl_surface *surface);
/** Follows a seat's pointer, touch and keyboard. */
void bn_probe_add_seat(struct bn_probe *probe, struct wl_seat *seat);

#endif
