#ifndef BN_SHELL_VIEW_H
#define BN_SHELL_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/util/box.h>

#include "core/freeze.h"
#include "core/layout.h"

struct bn_client;
struct bn_view;
struct wlr_surface;

/** What a role must be able to do; every member is required. */
struct bn_view_impl {
	const char *role; // "xdg-toplevel"
	/** Tells the client its zone's size; 0x0 lets it choose. Sent with activated and suspended. */
	void (*configure)(struct bn_view *view, int32_t width, int32_t height);
	/** The part of the surface that counts as the window, in surface coordinates. */
	void (*geometry)(const struct bn_view *view, struct wlr_box *ret_box);
	/** Popups are kept within this box, relative to the window geometry's origin. */
	void (*constrain_popups)(struct bn_view *view, const struct wlr_box *box);
	/** Asks the client whether it is alive. While one ping is unanswered, another changes nothing. */
	void (*ping)(struct bn_view *view);
	bool (*ping_pending)(const struct bn_view *view);
	/** Calls `iterator` for each mapped popup surface, bottom to top, sx, sy from the view's surface. */
	void (*for_each_popup)(const struct bn_view *view,
			void (*iterator)(struct wlr_surface *surface, int sx, int sy, void *data),
			void *data);
	void (*dismiss_popups)(struct bn_view *view);
};

/**
 * A surface with a role that may fill a zone. The shell creates it when its role
 * object exists, before it is mapped; the cockpit decides where it shows.
 */
struct bn_view {
	uint64_t id; // unique for the life of the server, from 1
	const struct bn_view_impl *impl;
	struct bn_shell *shell;      // borrowed
	struct wlr_surface *surface; // borrowed, its root surface
	struct bn_client *client;    // borrowed
	struct bn_view *parent; // borrowed; a dialog is drawn centred on its parent; NULL: a window of its own
	struct wl_list children; // bn_view.child_link, in map order
	struct wl_list child_link;
	struct wl_list link;  // bn_shell.views
	char *app_id, *title; // owned, may be NULL
	bool mapped;
	bool activated, suspended;
	bool ready;                       // its first commit came: it may be configured
	enum bn_freeze_verdict freshness; // safety's (safety/fresh): is what it shows live?
	int32_t width, height;            // what was last configured, 0: nothing yet

	// decided by the cockpit
	size_t zone;       // BN_NONE: none
	size_t asked_zone; // BN_NONE: none
	bool hidden;
	uint64_t show_serial, activate_serial, map_serial;

	struct {
		struct wl_signal ready; // wants its first configure
		struct wl_signal map;
		struct wl_signal unmap;
		struct wl_signal commit;   // window geometry may have changed
		struct wl_signal identity; // app_id, title or parent changed
		struct wl_signal request_activate;
		struct wl_signal destroy;
	} events;
};

/** All views. Publishes a view as the last act of its creation. */
struct bn_shell {
	struct wl_display *display;
	struct bn_clients *clients; // borrowed
	struct wl_list views;       // bn_view.link, oldest first
	uint64_t next_id;

	struct {
		struct wl_signal new_view; // struct bn_view
	} events;
};

void bn_shell_init(struct bn_shell *shell, struct wl_display *display, struct bn_clients *clients);
void bn_shell_finish(struct bn_shell *shell);
struct bn_view *bn_shell_view_by_id(struct bn_shell *shell, uint64_t id);
/** The view whose surface tree, popups included, this surface belongs to; NULL: none. */
struct bn_view *bn_shell_view_of_surface(struct bn_shell *shell, struct wlr_surface *surface);

// For implementations of roles
void bn_view_init(struct bn_view *view, struct bn_shell *shell, const struct bn_view_impl *impl,
		struct wlr_surface *surface);
void bn_view_publish(struct bn_view *view);
void bn_view_finish(struct bn_view *view);
void bn_view_set_app_id(struct bn_view *view, const char *app_id);
void bn_view_set_title(struct bn_view *view, const char *title);
void bn_view_set_parent(struct bn_view *view, struct bn_view *parent);
/** The window of its own that a dialog (of a dialog...) belongs to. */
struct bn_view *bn_view_root(struct bn_view *view);

#endif
