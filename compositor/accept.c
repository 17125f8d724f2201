#include "accept.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wlr/util/log.h>

void bn_accept_init(struct bn_accept *accept) {
	*accept = (struct bn_accept){ .spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC) };
}

void bn_accept_finish(struct bn_accept *accept) {
	if (accept->spare_fd >= 0) {
		close(accept->spare_fd);
	}
	accept->spare_fd = -1;
}

static void turn_away(struct bn_accept *accept, int listen_fd) {
	bn_accept_finish(accept);
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0) {
		close(fd);
	}
	bn_accept_init(accept);
}

void bn_accept_result(struct bn_accept *accept, bool served, const char *path) {
	if (!served && !accept->was_full) {
		wlr_log(WLR_ERROR,
				"socket %s: no descriptor or memory is left, who connects is "
				"turned away",
				path);
	}
	accept->was_full = !served;
}

int bn_accept_next(struct bn_accept *accept, int listen_fd, int flags, const char *path) {
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | flags);
	if (fd >= 0) {
		return fd;
	}
	if (errno == EMFILE || errno == ENFILE) {
		turn_away(accept, listen_fd);
		bn_accept_result(accept, false, path);
	} else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
		wlr_log(WLR_ERROR, "socket %s: a connection cannot be accepted: %s", path,
				strerror(errno));
	}
	return -1;
}
