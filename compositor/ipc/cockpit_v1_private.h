#ifndef BN_IPC_COCKPIT_V1_PRIVATE_H
#define BN_IPC_COCKPIT_V1_PRIVATE_H

#include "core/layout.h"
#include "ipc/cockpit_v1.h"
#include "loop.h"

struct bn_client;
struct bn_view;
struct wl_resource;

/** One signal that a client follows, by name: indices change with a reload. */
struct bn_cockpit_v1_subscription {
	char *name;    // owned
	size_t signal; // of the live layout; BN_NONE: not declared
	struct bn_value sent;
	bool dirty;
};

#define BN_COCKPIT_V1_MAX_SIGNALS 256
#define BN_COCKPIT_V1_MAX_NAME 128

/** One bound binnacle_cockpit_v1. */
struct bn_cockpit_v1_handle {
	struct bn_cockpit_v1 *protocol; // NULL: inert, the protocol is finished
	struct wl_resource *resource;
	struct bn_client *client;                         // borrowed; lives as long as the resource
	bool sent_app;                                    // identity was sent with a name
	struct bn_cockpit_v1_subscription *subscriptions; // owned
	size_t subscription_count, subscription_capacity;
	int64_t sent_ns; // when signals were sent last
	struct bn_timer timer;
	struct wl_list link; // bn_cockpit_v1.handles, or empty
};

/** One binnacle_placement_v1. */
struct bn_cockpit_v1_placement {
	struct bn_cockpit_v1 *protocol; // NULL: inert
	struct wl_resource *resource;
	struct wl_resource *cockpit;       // where errors are posted; NULL once destroyed
	struct bn_view *view;              // borrowed; NULL: inert
	char *sent_zone, *sent_visibility; // owned; as last sent, NULL: never
	bool denied;                       // a refusal that still stands was sent
	struct wl_list link;               // bn_cockpit_v1.placements, or empty

	struct wl_listener view_destroy;
};

/** Posts invalid_name and returns false when the name is empty, too long or not UTF-8. */
bool bn_cockpit_v1_check_name(struct wl_resource *resource, const char *name);

/** The request get_placement. */
void bn_cockpit_v1_placement_create(struct bn_cockpit_v1_handle *handle, uint32_t id,
		struct wl_resource *surface_resource);
/** Sends what changed since it was sent last. */
void bn_cockpit_v1_placement_update(struct bn_cockpit_v1_placement *placement);
/** Leaves it to its client as an object that does nothing. */
void bn_cockpit_v1_placement_make_inert(struct bn_cockpit_v1_placement *placement);

#endif
