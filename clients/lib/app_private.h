#ifndef BN_LIB_APP_PRIVATE_H
#define BN_LIB_APP_PRIVATE_H

#include <wayland-client.h>

#include "lib/app.h"
#include "lib/shm.h"

struct bn_egl;

#define BN_APP_SEATS 4

struct bn_app_seat {
	struct bn_app *app;
	struct wl_seat *seat;
	struct wl_pointer *pointer;
	struct wl_touch *touch;
	double x, y; // of the pointer
	bool pressed;
	int32_t touch_id; // the finger that is followed; -1: none
};

/** Everything of one running app; lives on bn_app_main's stack. */
struct bn_app {
	const struct bn_app_info *info;
	void *data;
	struct bn_app_options options;
	struct bn_app_view view;
	bool closed;
	int status;

	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct xdg_wm_base *wm_base;
	struct bn_shm shm;

	// window.c
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	struct wp_viewporter *viewporter;
	struct wp_viewport *viewport;
	struct wp_fractional_scale_manager_v1 *scale_manager;
	struct wp_fractional_scale_v1 *fractional_scale;
	struct wl_callback *frame;
	struct bn_egl *egl; // NULL: shm
	bool has_dmabuf;    // the compositor takes buffers of a GPU
	int pending_width, pending_height;
	double pending_scale;
	cairo_region_t *damage; // logical px, not yet painted
	bool configured;
	bool has_time; // a callback came
	uint32_t last_callback_ms;
	int64_t last_shown_ms; // frame time of the last commit with damage

	// cockpit.c
	struct binnacle_cockpit_v1 *cockpit;
	struct binnacle_placement_v1 *placement;

	// input.c
	struct bn_app_seat seats[BN_APP_SEATS];
	size_t seat_count;
};

void bn_app_window_global(struct bn_app *app, struct wl_registry *registry, uint32_t name,
		const char *interface);
void bn_app_window_open(struct bn_app *app);
void bn_app_window_finish(struct bn_app *app);
/** Something that the picture depends on changed: a frame will follow. */
void bn_app_schedule(struct bn_app *app);
/** As bn_app_schedule, and everything cached is out of date. */
void bn_app_reset(struct bn_app *app);

void bn_app_cockpit_global(struct bn_app *app, struct wl_registry *registry, uint32_t name,
		const char *interface);
/** The toplevel exists: ask for the zone. */
void bn_app_cockpit_place(struct bn_app *app);
void bn_app_cockpit_finish(struct bn_app *app);

void bn_app_input_add_seat(struct bn_app *app, struct wl_registry *registry, uint32_t name,
		uint32_t version);
void bn_app_input_finish(struct bn_app *app);

/** NULL when there is no EGL, no GLES 3, or only a software renderer where none is wanted. */
struct bn_egl *bn_egl_create(struct wl_display *display, struct wl_surface *surface, int width,
		int height, bool allow_software);
void bn_egl_destroy(struct bn_egl *egl);
void bn_egl_resize(struct bn_egl *egl, int width, int height);
bool bn_egl_make_current(struct bn_egl *egl);
/** Shows what was drawn; commits the surface. */
bool bn_egl_swap(struct bn_egl *egl);

#endif
