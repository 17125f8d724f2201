#ifndef BN_IPC_CONNECTION_H
#define BN_IPC_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <wayland-server-core.h>

#include "core/identity.h"

struct bn_ipc;

// What may wait for a peer that does not read; a message is never refused for its own size alone.
#define BN_IPC_QUEUE_MAX (1024 * 1024)
// Requests served in one dispatch round; the rest waits for the next.
#define BN_IPC_REQUESTS_PER_ROUND 16

/**
 * One controller. Owns its fd. Sending never frees it: whoever lets it send calls
 * bn_ipc_connection_settle last, which may.
 */
struct bn_ipc_connection {
	struct bn_ipc *ipc;
	int fd;
	struct wl_event_source *source;
	pid_t pid;
	char *app_name; // owned; NULL: not an app of ours. Survives a reload.
	struct bn_identity identity;
	char *input; // owned; BN_IPC_LINE_MAX + 1 bytes
	size_t input_length;
	size_t scanned;     // that much of the input holds no '\n'
	int64_t arrived_ns; // when the first byte of the input was read from the socket
	size_t newer;       // from this byte on it was read later, at newer_ns; 0: all at once
	int64_t newer_ns;
	struct wl_list queue; // of messages that wait to be written
	size_t queued_bytes;
	bool watching;
	bool knows_state;    // the first event of `watch` was sent; private to watch
	bool ended;          // it sends no more
	bool deaf;           // it cannot be written to any more
	bool dead;           // to be destroyed when settled
	struct wl_list link; // bn_ipc.connections
};

/** Takes over `fd`. NULL when out of memory: the fd is closed. */
struct bn_ipc_connection *bn_ipc_connection_create(struct bn_ipc *ipc, int fd, pid_t pid,
		const char *app_name);
void bn_ipc_connection_destroy(struct bn_ipc_connection *connection);

/**
 * Queues a malloc'ed line and, unless -1, an fd that goes with its first byte; both
 * are taken over. NULL, as of a message that memory did not suffice for, disconnects.
 */
void bn_ipc_connection_send(struct bn_ipc_connection *connection, char *line, size_t length,
		int fd);
/** Writes what it can, asks to be called for the rest; destroys a connection that is over. */
void bn_ipc_connection_settle(struct bn_ipc_connection *connection);
/** Its app's index in the live layout, after a reload. */
void bn_ipc_connection_resolve(struct bn_ipc_connection *connection);
/** "nav (pid 12)" or "pid 12". */
void bn_ipc_connection_describe(const struct bn_ipc_connection *connection, char *buffer,
		size_t size);

#endif
