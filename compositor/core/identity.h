#ifndef BN_CORE_IDENTITY_H
#define BN_CORE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Who a Wayland client or a control connection is, and how that is known.
 * Everything but BN_IDENTITY_APP_ID is proof; an app_id is only what a client
 * calls itself and opens nothing but app-layer zones that are open to all.
 */
enum bn_identity_source {
	BN_IDENTITY_NONE,             // nothing is known
	BN_IDENTITY_APP_ID,           // what the client calls itself
	BN_IDENTITY_SOCKET,           // the socket pair it was started on
	BN_IDENTITY_LISTENER,         // the app's own listening socket
	BN_IDENTITY_SECURITY_CONTEXT, // security-context-v1
	BN_IDENTITY_UNIT,             // its process descends from one that we started
	BN_IDENTITY_OWNER,            // the session owner, outside any app
};

struct bn_identity {
	enum bn_identity_source source;
	size_t app;     // index into the layout's apps; BN_NONE: none of them
	bool sandboxed; // came through a security context
};

/** Whether the identity is more than the client's own word. */
static inline bool bn_identity_is_proven(const struct bn_identity *identity) {
	return identity->source >= BN_IDENTITY_SOCKET;
}

#endif
