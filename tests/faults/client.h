#ifndef FAULT_CLIENT_H
#define FAULT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-client.h>

#include "security-context-v1-client-protocol.h"
#include "xdg-shell-client-protocol.h"

#define GLOBALS_MAX 128

struct global {
	uint32_t name, version;
	char interface[80];
};

struct picture {
	struct wl_buffer *buffer;
	uint32_t *pixels;
	bool busy;
};

struct box {
	int32_t x, y, width, height;
};

struct client {
	const char *app_id;
	uint32_t color; // 0xffRRGGBB
	struct wl_display *display;
	struct wl_registry *registry;
	struct global globals[GLOBALS_MAX];
	size_t global_count;
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct wl_seat *seat;
	struct wl_touch *touch;
	struct xdg_wm_base *wm_base;
	struct wp_security_context_manager_v1 *contexts;

	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct wl_callback *frame;
	int32_t width, height; // px, of the window; of its pictures once there are any
	int pool_fd;
	struct picture pictures[2];
	bool configured;
	struct box lamp; // empty: the whole window
	bool moves;      // commits at each frame callback
	bool counts;     // a square at 4,4 is different each time
	bool trembles;   // one at 40,4 is
	unsigned drawn;

	bool grabs;
	struct xdg_popup *popup;
	struct wl_surface *popup_surface;
};

/** A line on standard output, at once: somebody reads it as it comes. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Says on stderr what cannot be had, and why by errno, and exits. */
void fail(const char *what);
/** Says how the connection ended, and exits. */
void end(const struct client *client);
void roundtrip(struct client *client);

/** A memory file of so many bytes; never closed. */
int make_memory(size_t size);
/** Two pictures of the window's size. */
void make_pictures(struct client *client);
/** Paints and commits the next picture; before there is any it does nothing. */
void draw(struct client *client);
/** Asks for a window, which is drawn once it was told its size. */
void open_window(struct client *client);
void wait_for_window(struct client *client);
extern const struct wl_seat_listener client_seat_listener;

#endif
