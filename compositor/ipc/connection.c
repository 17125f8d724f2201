#include "ipc/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "cockpit.h"
#include "core/ipc_msg.h"
#include "ipc/call.h"
#include "ipc/socket.h"

// With the '\n', so that the longest line allowed can be told from one that is too long.
#define INPUT_SIZE (BN_IPC_LINE_MAX + 1)

/** A line that waits to be written. */
struct message {
	char *line; // owned
	size_t length, written;
	int fd;              // owned until sent; -1: none
	struct wl_list link; // bn_ipc_connection.queue
};

static void destroy_message(struct message *message) {
	wl_list_remove(&message->link);
	if (message->fd >= 0) {
		close(message->fd);
	}
	free(message->line);
	free(message);
}

static void drop_queue(struct bn_ipc_connection *connection) {
	struct message *message, *next;
	wl_list_for_each_safe(message, next, &connection->queue, link) {
		destroy_message(message);
	}
	connection->queued_bytes = 0;
}

void bn_ipc_connection_describe(const struct bn_ipc_connection *connection, char *buffer,
		size_t size) {
	if (connection->app_name != NULL) {
		snprintf(buffer, size, "%s (pid %d)", connection->app_name, (int)connection->pid);
	} else {
		snprintf(buffer, size, "pid %d", (int)connection->pid);
	}
}

/** One message, or as much of it as the kernel takes. False when nothing more goes now. */
static bool write_message(struct bn_ipc_connection *connection, struct message *message) {
	struct iovec iov = {
		.iov_base = message->line + message->written,
		.iov_len = message->length - message->written,
	};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	if (message->fd >= 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = sizeof(control.bytes);
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &message->fd, sizeof(int));
	}
	ssize_t written = sendmsg(connection->fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (written < 0) {
		connection->deaf = errno != EAGAIN && errno != EINTR;
		return false;
	}
	if (message->fd >= 0) {
		close(message->fd);
		message->fd = -1;
	}
	message->written += (size_t)written;
	connection->queued_bytes -= (size_t)written;
	if (message->written < message->length) {
		return false;
	}
	destroy_message(message);
	return true;
}

static void flush_queue(struct bn_ipc_connection *connection) {
	while (!wl_list_empty(&connection->queue)) {
		struct message *first = wl_container_of(connection->queue.next, first, link);
		if (!write_message(connection, first)) {
			break;
		}
	}
	if (connection->deaf) {
		drop_queue(connection);
	}
}

static bool queue_is_full(const struct bn_ipc_connection *connection, size_t length) {
	return connection->queued_bytes > 0 && connection->queued_bytes + length > BN_IPC_QUEUE_MAX;
}

void bn_ipc_connection_send(struct bn_ipc_connection *connection, char *line, size_t length,
		int fd) {
	struct message *message = calloc(1, sizeof(*message));
	bool wanted = !connection->dead && !connection->deaf;
	if (wanted && line != NULL && message != NULL && queue_is_full(connection, length)) {
		flush_queue(connection);
	}
	if (!wanted || line == NULL || message == NULL || queue_is_full(connection, length)) {
		if (wanted) {
			char who[128];
			bn_ipc_connection_describe(connection, who, sizeof(who));
			wlr_log(WLR_INFO, "ipc: %s disconnected: %s", who,
					line == NULL || message == NULL ? "out of memory"
									: "it does not read");
			connection->dead = true;
		}
		if (fd >= 0) {
			close(fd);
		}
		free(message);
		free(line);
		return;
	}
	*message = (struct message){ .line = line, .length = length, .fd = fd };
	wl_list_insert(connection->queue.prev, &message->link);
	connection->queued_bytes += length;
}

static void send_error(struct bn_ipc_connection *connection, const char *text) {
	size_t length = 0;
	char *line = bn_ipc_reply_error(0, BN_IPC_BAD_REQUEST, text, &length);
	bn_ipc_connection_send(connection, line, length, -1);
}

/** More input was read: it may wait for its turn, but deadlines count from now. */
static void note_arrival(struct bn_ipc_connection *connection) {
	int64_t now = bn_loop_now(connection->ipc->context.loop);
	if (connection->input_length == 0) {
		connection->arrived_ns = now;
		connection->newer = 0;
	} else if (connection->newer == 0) {
		connection->newer = connection->input_length;
		connection->newer_ns = now;
	}
}

static void read_input(struct bn_ipc_connection *connection) {
	size_t space = INPUT_SIZE - connection->input_length;
	if (space == 0 || connection->ended) {
		return;
	}
	char *to = connection->input + connection->input_length;
	ssize_t got = recv(connection->fd, to, space, MSG_DONTWAIT);
	if (got < 0 && errno == ECONNRESET) {
		// It left without reading our last replies: told once, then what it sent can be read.
		connection->deaf = true;
		got = recv(connection->fd, to, space, MSG_DONTWAIT);
	}
	if (got > 0) {
		note_arrival(connection);
		connection->input_length += (size_t)got;
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		connection->ended = true;
	}
}

/** The length of the first line in the input, its '\n' not counted; false when none is complete. */
static bool first_line(struct bn_ipc_connection *connection, size_t *ret_length) {
	size_t left = connection->input_length - connection->scanned;
	char *end = memchr(connection->input + connection->scanned, '\n', left);
	if (end != NULL) {
		*ret_length = (size_t)(end - connection->input);
		return true;
	}
	connection->scanned = connection->input_length;
	*ret_length = connection->input_length;
	// The last line of somebody who ended needs no '\n'.
	return connection->ended && connection->input_length > 0;
}

static void drop_line(struct bn_ipc_connection *connection, size_t length) {
	size_t used = length < connection->input_length ? length + 1 : length;
	connection->input_length -= used;
	connection->scanned = 0;
	if (connection->newer > used) {
		connection->newer -= used;
	} else if (connection->newer > 0) {
		connection->newer = 0;
		connection->arrived_ns = connection->newer_ns;
	}
	memmove(connection->input, connection->input + used, connection->input_length);
}

static void serve(struct bn_ipc_connection *connection) {
	size_t length;
	for (int i = 0; i < BN_IPC_REQUESTS_PER_ROUND && !connection->dead; i++) {
		if (!first_line(connection, &length)) {
			break;
		}
		bn_ipc_call_run(connection, connection->input, length);
		drop_line(connection, length);
	}
	if (connection->input_length == INPUT_SIZE && !first_line(connection, &length)) {
		send_error(connection, "a request is one line of at most 65536 bytes");
		flush_queue(connection);
		connection->dead = true;
	}
}

static int handle_event(int fd, uint32_t mask, void *data) {
	struct bn_ipc_connection *connection = data;
	if (mask & WL_EVENT_READABLE) {
		read_input(connection);
	} else if (mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)) {
		connection->ended = true;
		connection->deaf = true;
	}
	serve(connection);
	bn_ipc_connection_settle(connection);
	return 0;
}

void bn_ipc_connection_settle(struct bn_ipc_connection *connection) {
	if (!connection->dead) {
		flush_queue(connection);
	}
	if (connection->deaf) {
		drop_queue(connection);
	}
	size_t length;
	bool has_request = first_line(connection, &length);
	bool has_output = !wl_list_empty(&connection->queue);
	bool listens = connection->watching && !connection->deaf;
	bool over = connection->ended && !has_request && !has_output && !listens;
	if (connection->dead || over) {
		bn_ipc_connection_destroy(connection);
		return;
	}
	// Being writable also brings us back for requests that this round had no room for.
	uint32_t mask = (connection->ended ? 0 : (uint32_t)WL_EVENT_READABLE)
			| (has_output || has_request ? (uint32_t)WL_EVENT_WRITABLE : 0);
	wl_event_source_fd_update(connection->source, mask);
}

void bn_ipc_connection_resolve(struct bn_ipc_connection *connection) {
	connection->identity.app = BN_NONE;
	if (connection->app_name != NULL) {
		connection->identity.app =
				bn_layout_find_app(connection->ipc->context.cockpit->layout,
						connection->app_name);
	}
}

struct bn_ipc_connection *bn_ipc_connection_create(struct bn_ipc *ipc, int fd, pid_t pid,
		const char *app_name) {
	struct bn_ipc_connection *connection = calloc(1, sizeof(*connection));
	if (connection == NULL) {
		close(fd);
		return NULL;
	}
	*connection = (struct bn_ipc_connection){ .ipc = ipc, .fd = fd, .pid = pid };
	connection->identity.source = app_name != NULL ? BN_IDENTITY_UNIT : BN_IDENTITY_OWNER;
	wl_list_init(&connection->queue);
	wl_list_init(&connection->link);
	connection->app_name = app_name != NULL ? strdup(app_name) : NULL;
	connection->input = malloc(INPUT_SIZE);
	connection->source =
			wl_event_loop_add_fd(wl_display_get_event_loop(ipc->context.loop->display),
					fd, WL_EVENT_READABLE, handle_event, connection);
	if ((app_name != NULL && connection->app_name == NULL) || connection->input == NULL
			|| connection->source == NULL) {
		bn_ipc_connection_destroy(connection);
		return NULL;
	}
	bn_ipc_connection_resolve(connection);
	wl_list_insert(&ipc->connections, &connection->link);
	ipc->connection_count++;
	return connection;
}

void bn_ipc_connection_destroy(struct bn_ipc_connection *connection) {
	if (!wl_list_empty(&connection->link)) {
		connection->ipc->connection_count--;
		bn_ipc_call_forget(connection);
	}
	wl_list_remove(&connection->link);
	if (connection->source != NULL) {
		wl_event_source_remove(connection->source);
	}
	drop_queue(connection);
	close(connection->fd);
	free(connection->input);
	free(connection->app_name);
	free(connection);
}
