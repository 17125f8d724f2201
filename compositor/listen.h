#ifndef BN_LISTEN_H
#define BN_LISTEN_H

#include <stdbool.h>
#include <wayland-server-core.h>

#include "accept.h"
#include "core/identity.h"

struct bn_clients;
struct bn_guardlink;
struct bn_layout;

/**
 * Further listening sockets, beside the public one, that tell who connects: one for
 * the session owner ("NAME.owner") and one for each app of the layout that is not
 * started by us ("NAME.APP"). All are in the runtime directory, mode 0600.
 *
 * Under a guard the public one is here as well: the guard opened it. It keeps them all open over our death.
 */
struct bn_listener {
	struct bn_listeners *listeners;
	char *path;     // owned
	char *app_name; // owned; NULL: the owner, or anybody
	bool is_public; // who connects is not known by it
	int fd;
	struct wl_event_source *source;
	struct wl_list link; // bn_listeners.list
};

struct bn_listeners {
	struct wl_display *display;
	struct bn_clients *clients;
	struct bn_guardlink *guard; // borrowed
	char *prefix;               // owned; "/run/user/1000/wayland-1"
	struct bn_accept accept;
	struct wl_list list; // bn_listener.link
};

/** `prefix` is the public socket's path. False when out of memory. */
bool bn_listeners_init(struct bn_listeners *listeners, struct wl_display *display,
		struct bn_clients *clients, struct bn_guardlink *guard, const char *prefix);
void bn_listeners_finish(struct bn_listeners *listeners);
/** Opens what the layout asks for and is not there, closes what it no longer does. */
void bn_listeners_set_layout(struct bn_listeners *listeners, const struct bn_layout *layout);

#endif
