#include "ipc/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "cockpit.h"
#include "core/ipc_msg.h"
#include "guardlink.h"
#include "ipc/connection.h"
#include "launch.h"
#include "loop.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

void bn_ipc_say_denial(struct bn_ipc *ipc, const char *text) {
	uint64_t unsaid;
	char more[BN_ONCE_TEXT_MAX];
	if (bn_once_says(&ipc->denials, bn_once_key(text), bn_loop_now(ipc->context.loop),
			    &unsaid)) {
		wlr_log(WLR_INFO, "ipc: %s%s", text, bn_once_more(unsaid, more));
	}
}

/** Tells why in one line, if the kernel takes it, and closes. */
static void turn_away(struct bn_ipc *ipc, int fd, pid_t pid, enum bn_ipc_code code,
		const char *reason) {
	char text[BN_IPC_ERROR_MAX];
	snprintf(text, sizeof(text), "pid %d turned away: %s", (int)pid, reason);
	bn_ipc_say_denial(ipc, text);
	size_t length = 0;
	char *line = bn_ipc_reply_error(0, code, reason, &length);
	if (line != NULL && send(fd, line, length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		wlr_log(WLR_DEBUG, "ipc: pid %d does not hear it", (int)pid);
	}
	free(line);
	close(fd);
}

/**
 * Whether the process that connected still runs. Asked after its app was looked up by
 * pid: only then the answer cannot be about somebody who got that number later.
 */
static bool peer_lives(int fd) {
	int pidfd = -1;
	socklen_t size = sizeof(pidfd);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) != 0) {
		// A kernel before 6.5 cannot tell; a process that is gone is ESRCH or EINVAL.
		return errno == ENOPROTOOPT;
	}
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
	bool lives = poll(&poll_fd, 1, 0) == 0;
	close(pidfd);
	return lives;
}

static void accept_connection(struct bn_ipc *ipc, int fd) {
	struct ucred peer = { .pid = -1 };
	socklen_t size = sizeof(peer);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0) {
		turn_away(ipc, fd, peer.pid, BN_IPC_DENIED, "it cannot be told who you are");
		return;
	}
	if (peer.uid != geteuid()) {
		turn_away(ipc, fd, peer.pid, BN_IPC_DENIED,
				"this compositor belongs to another user");
		return;
	}
	if (ipc->connection_count >= BN_IPC_MAX_CONNECTIONS) {
		turn_away(ipc, fd, peer.pid, BN_IPC_FAILED,
				"too many connections; there may be 64");
		return;
	}
	if (bn_launcher_is_stray(ipc->context.launcher, peer.pid)) {
		turn_away(ipc, fd, peer.pid, BN_IPC_DENIED,
				"an app left you behind, and nobody can tell which");
		return;
	}
	const char *app = bn_launcher_app_of_pid(ipc->context.launcher, peer.pid);
	if (!peer_lives(fd)) {
		turn_away(ipc, fd, peer.pid, BN_IPC_DENIED, "the process that connected is gone");
		return;
	}
	if (bn_ipc_connection_create(ipc, fd, peer.pid, app) == NULL) {
		wlr_log(WLR_ERROR, "ipc: pid %d not served: out of memory", (int)peer.pid);
	}
}

static int handle_listen(int listen_fd, uint32_t mask, void *data) {
	struct bn_ipc *ipc = data;
	int fd = bn_accept_next(&ipc->accept, listen_fd, SOCK_NONBLOCK, ipc->path);
	if (fd >= 0) {
		bn_accept_result(&ipc->accept, true, ipc->path);
		accept_connection(ipc, fd);
	}
	return 0;
}

/**
 * Takes the lock beside the socket; -errno when it is not to be had. A lock file that its
 * last owner removed between our open and our lock guards nothing: again, then.
 */
static int take_lock(const char *path) {
	for (;;) {
		int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0) {
			return -errno;
		}
		if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
			int error = errno;
			close(fd);
			return -error;
		}
		struct stat ours, there;
		if (fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino
				&& ours.st_dev == there.st_dev) {
			return fd;
		}
		close(fd);
	}
}

/** With the lock held a socket in our place is a dead compositor's. */
static bool remove_stale(const char *path) {
	struct stat there;
	if (lstat(path, &there) != 0) {
		return errno == ENOENT;
	}
	if (!S_ISSOCK(there.st_mode)) {
		errno = EEXIST;
		return false;
	}
	return unlink(path) == 0;
}

/** The listening fd, or -errno. */
static int bind_socket(const char *path) {
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address.sun_path)) {
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	// The mode of the fd becomes that of the file: at no moment can others connect.
	if (fd < 0 || fchmod(fd, 0600) != 0 || !remove_stale(path)
			|| bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0
			|| listen(fd, 16) != 0) {
		int error = errno;
		if (fd >= 0) {
			close(fd);
		}
		return -error;
	}
	return fd;
}

/** What the guard has kept, with the controllers that wait in it, or a new one that it is to keep. */
static int open_or_take(struct bn_guardlink *guard, const char *path) {
	int fd = guard != NULL ? bn_guardlink_take(guard, path) : -1;
	if (fd < 0) {
		fd = bind_socket(path);
		if (fd >= 0 && guard != NULL) {
			bn_guardlink_keep(guard, path, fd);
		}
	}
	return fd;
}

static void handle_layout(struct wl_listener *listener, void *data) {
	struct bn_ipc *ipc = wl_container_of(listener, ipc, layout);
	struct bn_ipc_connection *connection;
	wl_list_for_each(connection, &ipc->connections, link) {
		bn_ipc_connection_resolve(connection);
	}
}

static bool open_socket(struct bn_ipc *ipc) {
	ipc->lock_fd = take_lock(ipc->lock_path);
	if (ipc->lock_fd < 0) {
		wlr_log(WLR_ERROR, "ipc: %s: %s", ipc->path,
				ipc->lock_fd == -EWOULDBLOCK ? "is in use by another compositor"
							     : strerror(-ipc->lock_fd));
		return false;
	}
	ipc->fd = open_or_take(ipc->context.guard, ipc->path);
	if (ipc->fd < 0) {
		wlr_log(WLR_ERROR, "ipc: %s: cannot listen: %s", ipc->path, strerror(-ipc->fd));
		return false;
	}
	ipc->source = wl_event_loop_add_fd(wl_display_get_event_loop(ipc->context.loop->display),
			ipc->fd, WL_EVENT_READABLE, handle_listen, ipc);
	return ipc->source != NULL;
}

bool bn_ipc_init(struct bn_ipc *ipc, const struct bn_ipc_context *context, const char *path) {
	*ipc = (struct bn_ipc){
		.context = *context, .fd = -1, .lock_fd = -1, .accept = { -1, false }
	};
	wl_list_init(&ipc->connections);
	ipc->path = strdup(path);
	if (ipc->path == NULL || asprintf(&ipc->lock_path, "%s.lock", path) < 0) {
		ipc->lock_path = NULL;
		bn_ipc_finish(ipc);
		return false;
	}
	bn_accept_init(&ipc->accept);
	if (!open_socket(ipc)) {
		bn_ipc_finish(ipc);
		return false;
	}
	bn_listen(&context->cockpit->events.layout, &ipc->layout, handle_layout);
	// After ours: its lines are for connections that know who they are.
	bn_ipc_watch_init(&ipc->watch, ipc);
	return true;
}

void bn_ipc_finish(struct bn_ipc *ipc) {
	if (ipc->path == NULL) {
		return;
	}
	bn_unlisten(&ipc->layout);
	bn_ipc_watch_finish(&ipc->watch);
	struct bn_ipc_connection *connection, *next;
	wl_list_for_each_safe(connection, next, &ipc->connections, link) {
		bn_ipc_connection_destroy(connection);
	}
	if (ipc->source != NULL) {
		wl_event_source_remove(ipc->source);
	}
	if (ipc->fd >= 0) {
		close(ipc->fd);
		if (ipc->context.guard == NULL || !bn_guardlink_is_alive(ipc->context.guard)) {
			unlink(ipc->path);
		}
	}
	if (ipc->lock_fd >= 0) {
		unlink(ipc->lock_path);
		close(ipc->lock_fd);
	}
	bn_accept_finish(&ipc->accept);
	free(ipc->lock_path);
	free(ipc->path);
	*ipc = (struct bn_ipc){ .fd = -1, .lock_fd = -1 };
}
