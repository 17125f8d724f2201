#ifndef BN_TESTS_KMS_WINDOW_H
#define BN_TESTS_KMS_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <wayland-client.h>

struct wp_linux_drm_syncobj_manager_v1;
struct wp_presentation;
struct xdg_surface;
struct xdg_toplevel;
struct xdg_wm_base;
struct zwp_linux_dmabuf_v1;

/**
 * A connection with one xdg_toplevel, for the programs of this folder. It attaches nothing by itself.
 *
 * Globals that the compositor lacks are NULL, those without which there is no window excepted. Sizes are
 * surface px; there is no scale here, so they are buffer px too.
 */
struct bn_window {
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm;
	struct wp_presentation *presentation;
	struct zwp_linux_dmabuf_v1 *dmabuf;
	struct wp_linux_drm_syncobj_manager_v1 *syncobj;
	clockid_t clock; // of the presentation times
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	int32_t width, height; // as configured last; 640x480 where the compositor leaves it open
	int32_t pending_width, pending_height;
	bool configured, closed;
};

/** Connects, maps nothing yet, and returns after the first configure. False: it has said why on stderr. */
bool bn_window_open(struct bn_window *window, const char *app_id, bool fullscreen);
void bn_window_close(struct bn_window *window);

/**
 * Sends what is queued, and dispatches. Waits for the compositor or for `fd` to be readable, `fd` < 0: only
 * for the compositor. False when the connection is lost or the window was closed; *ret_ready says whether
 * `fd` is readable and may be NULL.
 */
bool bn_window_turn(struct bn_window *window, int fd, bool *ret_ready);

/** Now, by the clock of the presentation times. */
int64_t bn_window_now(const struct bn_window *window);

struct bn_shm_buffer {
	struct wl_buffer *buffer;
	uint32_t *pixels; // XRGB8888
	int32_t width, height;
	bool busy; // the compositor has it
};

bool bn_shm_buffer_init(struct bn_shm_buffer *buffer, const struct bn_window *window);
void bn_shm_buffer_finish(struct bn_shm_buffer *buffer);
void bn_shm_buffer_fill(struct bn_shm_buffer *buffer, int32_t x, int32_t y, int32_t width,
		int32_t height, uint32_t color);

#endif
