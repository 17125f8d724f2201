#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fractional-scale-v1-client-protocol.h"
#include "lib/app_private.h"
#include "viewporter-client-protocol.h"
#include "xdg-shell-client-protocol.h"

#define MAX_ELAPSED_S 0.25
#define DEFAULT_WIDTH 1280
#define DEFAULT_HEIGHT 720

static void run_frame(struct bn_app *app);

static int buffer_length(const struct bn_app *app, int logical) {
	return (int)lround(logical * app->view.scale);
}

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time_ms) {
	struct bn_app *app = data;
	wl_callback_destroy(callback);
	app->frame = NULL;
	// The 32 bits wrap after 49 days; differences of unsigned numbers do not mind.
	uint32_t step = app->has_time ? time_ms - app->last_callback_ms : 0;
	if (!app->has_time) {
		app->view.time_ms = time_ms;
	} else if (step < UINT32_MAX / 2) {
		app->view.time_ms += step;
	} else {
		step = 0;
	}
	app->view.elapsed_s = fmin(step / 1000.0, MAX_ELAPSED_S);
	app->has_time = true;
	app->last_callback_ms = time_ms;
	run_frame(app);
	app->view.elapsed_s = 0;
}

static const struct wl_callback_listener frame_listener = { .done = handle_frame };

static void request_callback(struct bn_app *app) {
	if (!app->frame) {
		app->frame = wl_surface_frame(app->surface);
		wl_callback_add_listener(app->frame, &frame_listener, app);
	}
}

/** The damage in buffer px, rounded outwards. */
static cairo_region_t *buffer_damage(const struct bn_app *app) {
	cairo_region_t *result = cairo_region_create();
	int count = cairo_region_num_rectangles(app->damage);
	const cairo_rectangle_int_t all = { 0, 0, app->shm.width, app->shm.height };
	for (int i = 0; i < count; i++) {
		cairo_rectangle_int_t box;
		cairo_region_get_rectangle(app->damage, i, &box);
		double scale = app->view.scale;
		int x1 = (int)floor(box.x * scale), y1 = (int)floor(box.y * scale);
		int x2 = (int)ceil((box.x + box.width) * scale);
		int y2 = (int)ceil((box.y + box.height) * scale);
		const cairo_rectangle_int_t out = { x1, y1, x2 - x1, y2 - y1 };
		cairo_region_union_rectangle(result, &out);
	}
	cairo_region_intersect_rectangle(result, &all);
	return result;
}

/** The buffer's stale part in logical px, rounded outwards. */
static cairo_region_t *logical_region(const struct bn_app *app, const cairo_region_t *stale) {
	if (app->view.scale == 1) {
		return cairo_region_copy(stale);
	}
	cairo_region_t *result = cairo_region_create();
	int count = cairo_region_num_rectangles(stale);
	for (int i = 0; i < count; i++) {
		cairo_rectangle_int_t box;
		cairo_region_get_rectangle(stale, i, &box);
		double scale = app->view.scale;
		int x1 = (int)floor(box.x / scale), y1 = (int)floor(box.y / scale);
		int x2 = (int)ceil((box.x + box.width) / scale);
		int y2 = (int)ceil((box.y + box.height) / scale);
		const cairo_rectangle_int_t out = { x1, y1, x2 - x1, y2 - y1 };
		cairo_region_union_rectangle(result, &out);
	}
	return result;
}

static void paint_buffer(struct bn_app *app, struct bn_shm_buffer *buffer) {
	cairo_t *cr = cairo_create(buffer->surface);
	int count = cairo_region_num_rectangles(buffer->stale);
	for (int i = 0; i < count; i++) {
		cairo_rectangle_int_t box;
		cairo_region_get_rectangle(buffer->stale, i, &box);
		cairo_rectangle(cr, box.x, box.y, box.width, box.height);
	}
	cairo_clip(cr);
	cairo_scale(cr, app->view.scale, app->view.scale);
	cairo_region_t *region = logical_region(app, buffer->stale);
	app->info->paint(app->data, &app->view, cr, region);
	cairo_region_destroy(region);
	cairo_destroy(cr);
	cairo_surface_flush(buffer->surface);
}

/** False when no buffer is free: the damage is kept, and handle_released tries again. */
static bool show_shm(struct bn_app *app, bool wants_callback) {
	struct bn_shm_buffer *buffer = bn_shm_next(&app->shm);
	if (!buffer) {
		return false;
	}
	cairo_region_t *damage = buffer_damage(app);
	bn_shm_damage(&app->shm, damage);
	paint_buffer(app, buffer);
	cairo_region_subtract(buffer->stale, buffer->stale);
	wl_surface_attach(app->surface, buffer->buffer, 0, 0);
	int count = cairo_region_num_rectangles(damage);
	for (int i = 0; i < count; i++) {
		cairo_rectangle_int_t box;
		cairo_region_get_rectangle(damage, i, &box);
		wl_surface_damage_buffer(app->surface, box.x, box.y, box.width, box.height);
	}
	cairo_region_destroy(damage);
	if (wants_callback) {
		request_callback(app);
	}
	buffer->busy = true;
	wl_surface_commit(app->surface);
	return true;
}

static void show_gles(struct bn_app *app, bool wants_callback) {
	int width = buffer_length(app, app->view.width),
	    height = buffer_length(app, app->view.height);
	if (!bn_egl_make_current(app->egl)) {
		return;
	}
	app->info->gles_paint(app->data, &app->view, width, height);
	if (wants_callback) {
		request_callback(app);
	}
	if (!bn_egl_swap(app->egl)) {
		fprintf(stderr, "%s: the picture could not be shown\n", app->info->program);
		app->closed = true;
		app->status = 1;
	}
}

/**
 * A zone may ask for a sign of life. One pixel is painted again as it is: it goes the whole way of
 * a frame, which is what a heartbeat is to prove.
 */
static bool beat(struct bn_app *app) {
	int heartbeat_ms = app->options.heartbeat_ms;
	if (heartbeat_ms > 0 && app->view.time_ms - app->last_shown_ms >= heartbeat_ms) {
		const cairo_rectangle_int_t pixel = { 0, 0, 1, 1 };
		cairo_region_union_rectangle(app->damage, &pixel);
	}
	return heartbeat_ms > 0;
}

static void run_frame(struct bn_app *app) {
	bool is_demo = app->options.demo && !app->view.has_cockpit;
	if (is_demo) {
		bn_signals_demo(&app->view.signals, app->view.time_ms);
	}
	bool moves = app->info->update(app->data, &app->view, app->damage) || is_demo;
	moves = beat(app) || moves;
	const cairo_rectangle_int_t all = { 0, 0, app->view.width, app->view.height };
	cairo_region_intersect_rectangle(app->damage, &all);
	if (cairo_region_is_empty(app->damage)) {
		if (moves) {
			request_callback(app);
			wl_surface_commit(app->surface);
		}
		return;
	}
	if (app->egl) {
		show_gles(app, moves);
	} else if (!show_shm(app, moves)) {
		return;
	}
	cairo_region_subtract(app->damage, app->damage);
	app->last_shown_ms = app->view.time_ms;
}

static void handle_released(void *data) {
	bn_app_schedule(data);
}

void bn_app_schedule(struct bn_app *app) {
	if (!app->configured || app->frame) {
		return; // the first configure or the callback draws
	}
	if (app->info->is_timeless) {
		run_frame(app);
		return;
	}
	request_callback(app);
	wl_surface_commit(app->surface);
}

static void damage_all(struct bn_app *app) {
	const cairo_rectangle_int_t all = { 0, 0, app->view.width, app->view.height };
	cairo_region_union_rectangle(app->damage, &all);
}

void bn_app_reset(struct bn_app *app) {
	if (!app->configured) {
		return;
	}
	app->info->reset(app->data, &app->view);
	damage_all(app);
	bn_app_schedule(app);
}

static void choose_renderer(struct bn_app *app, int width, int height) {
	if (!app->info->gles_init || app->options.renderer == BN_RENDERER_SHM) {
		return;
	}
	bool asked = app->options.renderer == BN_RENDERER_GLES;
	// Without dmabuf EGL can only be software: not worth loading a driver to find out.
	if (!asked && !app->has_dmabuf) {
		return;
	}
	app->egl = bn_egl_create(app->display, app->surface, width, height, asked);
	if (app->egl && !app->info->gles_init(app->data)) {
		bn_egl_destroy(app->egl);
		app->egl = NULL;
	}
	if (!app->egl && asked) {
		fprintf(stderr, "%s: no GLES 3 here, drawing with shm\n", app->info->program);
	}
}

static void apply_size(struct bn_app *app) {
	bool first = !app->configured;
	bool same = !first && app->pending_width == app->view.width
			&& app->pending_height == app->view.height
			&& app->pending_scale == app->view.scale;
	if (same) {
		return;
	}
	app->view.width = app->pending_width;
	app->view.height = app->pending_height;
	app->view.scale = app->pending_scale;
	int width = buffer_length(app, app->view.width),
	    height = buffer_length(app, app->view.height);
	if (first) {
		choose_renderer(app, width, height);
	}
	app->configured = true;
	if (app->egl) {
		bn_egl_resize(app->egl, width, height);
	} else {
		bn_shm_resize(&app->shm, width, height);
	}
	if (app->viewport) {
		wp_viewport_set_destination(app->viewport, app->view.width, app->view.height);
	}
	app->info->reset(app->data, &app->view);
	damage_all(app);
	// A configure is answered at once, with the time of the last callback: the compositor may wait.
	run_frame(app);
}

static void handle_surface_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct bn_app *app = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	apply_size(app);
}

static const struct xdg_surface_listener xdg_surface_listener = {
	.configure = handle_surface_configure,
};

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height, struct wl_array *states) {
	struct bn_app *app = data;
	if (width > 0 && height > 0) {
		app->pending_width = width;
		app->pending_height = height;
	}
}

static void handle_toplevel_close(void *data, struct xdg_toplevel *toplevel) {
	struct bn_app *app = data;
	app->closed = true;
}

static void handle_bounds(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height) {
}

static void handle_capabilities(void *data, struct xdg_toplevel *toplevel,
		struct wl_array *capabilities) {
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_toplevel_close,
	.configure_bounds = handle_bounds,
	.wm_capabilities = handle_capabilities,
};

static void handle_preferred_scale(void *data, struct wp_fractional_scale_v1 *fractional_scale,
		uint32_t scale) {
	struct bn_app *app = data;
	app->pending_scale = scale / 120.0;
	if (app->configured) {
		apply_size(app);
	}
}

static const struct wp_fractional_scale_v1_listener fractional_scale_listener = {
	.preferred_scale = handle_preferred_scale,
};

void bn_app_window_global(struct bn_app *app, struct wl_registry *registry, uint32_t name,
		const char *interface) {
	if (strcmp(interface, wp_viewporter_interface.name) == 0) {
		app->viewporter = wl_registry_bind(registry, name, &wp_viewporter_interface, 1);
	} else if (strcmp(interface, wp_fractional_scale_manager_v1_interface.name) == 0) {
		app->scale_manager = wl_registry_bind(registry, name,
				&wp_fractional_scale_manager_v1_interface, 1);
	} else if (strcmp(interface, "zwp_linux_dmabuf_v1") == 0) {
		app->has_dmabuf = true;
	}
}

void bn_app_window_open(struct bn_app *app) {
	app->damage = cairo_region_create();
	app->pending_width = DEFAULT_WIDTH;
	app->pending_height = DEFAULT_HEIGHT;
	app->pending_scale = 1;
	app->shm.released = handle_released;
	app->shm.data = app;
	app->surface = wl_compositor_create_surface(app->compositor);
	if (app->viewporter && app->scale_manager) {
		app->viewport = wp_viewporter_get_viewport(app->viewporter, app->surface);
		app->fractional_scale = wp_fractional_scale_manager_v1_get_fractional_scale(
				app->scale_manager, app->surface);
		wp_fractional_scale_v1_add_listener(app->fractional_scale,
				&fractional_scale_listener, app);
	}
	app->xdg_surface = xdg_wm_base_get_xdg_surface(app->wm_base, app->surface);
	xdg_surface_add_listener(app->xdg_surface, &xdg_surface_listener, app);
	app->toplevel = xdg_surface_get_toplevel(app->xdg_surface);
	xdg_toplevel_add_listener(app->toplevel, &toplevel_listener, app);
	xdg_toplevel_set_app_id(app->toplevel, app->options.app_id);
	xdg_toplevel_set_title(app->toplevel, app->info->title);
	bn_app_cockpit_place(app);
	wl_surface_commit(app->surface);
}

void bn_app_window_finish(struct bn_app *app) {
	if (app->egl) {
		if (bn_egl_make_current(app->egl)) {
			app->info->gles_finish(app->data);
		}
		bn_egl_destroy(app->egl);
	}
	bn_shm_finish(&app->shm);
	if (app->frame) {
		wl_callback_destroy(app->frame);
	}
	if (app->fractional_scale) {
		wp_fractional_scale_v1_destroy(app->fractional_scale);
	}
	if (app->viewport) {
		wp_viewport_destroy(app->viewport);
	}
	if (app->toplevel) {
		xdg_toplevel_destroy(app->toplevel);
		xdg_surface_destroy(app->xdg_surface);
		wl_surface_destroy(app->surface);
		cairo_region_destroy(app->damage);
	}
	if (app->scale_manager) {
		wp_fractional_scale_manager_v1_destroy(app->scale_manager);
	}
	if (app->viewporter) {
		wp_viewporter_destroy(app->viewporter);
	}
}
