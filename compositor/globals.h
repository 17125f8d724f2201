#ifndef BN_GLOBALS_H
#define BN_GLOBALS_H

#include <stdbool.h>

struct wl_client;
struct wl_display;
struct wl_global;
struct wlr_backend;
struct wlr_compositor;
struct wlr_output_layout;
struct wlr_renderer;
struct wlr_security_context_manager_v1;

/** What the globals are made from, and those that others need to know. */
struct bn_globals {
	struct wl_display *display; // borrowed, as all up to renderer
	struct wlr_backend *backend;
	struct wlr_renderer *renderer;
	struct wlr_output_layout *output_layout;
	struct wlr_compositor *compositor; // made here; belongs to the display
	struct wlr_security_context_manager_v1 *security_context; // likewise
};

/**
 * Creates every global that is not a seat's or a shell's, from one table. Whether a
 * client sees it is core/policy's decision, by interface name. False when out of memory.
 */
bool bn_globals_create(struct bn_globals *globals);

#endif
