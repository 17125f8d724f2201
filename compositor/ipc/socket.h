#ifndef BN_IPC_SOCKET_H
#define BN_IPC_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <wayland-server-core.h>

#include "accept.h"
#include "core/once.h"
#include "ipc/context.h"
#include "ipc/watch.h"

#define BN_IPC_MAX_CONNECTIONS 64
#define BN_IPC_MAX_FINGERS 10

struct bn_ipc_connection;

/** A finger that a connection has put on a display and not lifted yet. */
struct bn_ipc_finger {
	struct bn_ipc_connection *owner; // NULL: not down
	char *display;                   // owned; by name, since a reload renumbers
	double ox, oy;                   // where it was last, display-logical px
};

/**
 * The control socket: JSON lines (core/ipc_msg.h, binnacle-ipc(7)) from any process
 * of the session's user. Everything happens on the loop of the Wayland display and
 * nothing of it blocks: a peer that does not read is disconnected, one that sends
 * much is served a little in each round.
 *
 * What a connection may do is decided per request by core/policy from who its
 * process is: an app that we started, or the session owner outside any app.
 */
struct bn_ipc {
	struct bn_ipc_context context;
	char *path, *lock_path; // owned
	int fd, lock_fd;        // owned; -1: none
	struct bn_accept accept;
	struct wl_event_source *source;
	struct wl_list connections; // bn_ipc_connection.link
	size_t connection_count;
	struct bn_ipc_watch watch;
	struct bn_ipc_finger fingers[BN_IPC_MAX_FINGERS];
	struct bn_once denials; // that were logged

	struct wl_listener layout; // connections' app indices are resolved anew
};

/**
 * Listens on `path`, mode 0600. A socket that a dead compositor left is replaced; one
 * that is in use (a lock beside it is held), or a file that is not a socket, is left
 * alone. False, after one ERROR line, when that or something else is in the way:
 * nothing to finish then.
 */
bool bn_ipc_init(struct bn_ipc *ipc, const struct bn_ipc_context *context, const char *path);
/** Disconnects everybody and removes the socket. Harmless after a failed init. */
void bn_ipc_finish(struct bn_ipc *ipc);
/** Logs who was denied what, once, however often and by however many it is tried. */
void bn_ipc_say_denial(struct bn_ipc *ipc, const char *text);

#endif
