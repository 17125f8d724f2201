#ifndef BN_IPC_COCKPIT_V1_H
#define BN_IPC_COCKPIT_V1_H

#include <stdbool.h>
#include <wayland-server-core.h>

#include "ipc/context.h"

/**
 * The server side of protocols/binnacle-cockpit-v1.xml.
 *
 * Any client may read any signal that the layout declares and the theme; where a
 * toplevel goes is asked of the cockpit, which grants or refuses. Nothing can be
 * written through this protocol: signals are set on the control socket only.
 *
 * A signal is sent in the dispatch round in which it changed, unless the client had
 * one within the last refresh of its display: then a timer sends the newest value
 * when that refresh is over. Nothing wakes up while nothing changes.
 */
struct bn_cockpit_v1 {
	struct bn_ipc_context context;
	struct wl_global *global;     // owned; NULL once its display is gone
	struct wl_list handles;       // bn_cockpit_v1_handle.link
	struct wl_list placements;    // bn_cockpit_v1_placement.link
	char *theme;                  // owned; name and colours as last sent, NULL: never
	struct wl_event_source *idle; // sends signals, NULL: nothing to send

	struct wl_listener arranged, signal, layout, display_destroy;
};

/** False when out of memory: nothing to finish then. */
bool bn_cockpit_v1_init(struct bn_cockpit_v1 *protocol, const struct bn_ipc_context *context);
/** Call after clients are gone, or their objects are left inert. */
void bn_cockpit_v1_finish(struct bn_cockpit_v1 *protocol);

#endif
