#include "accept.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "core/nsec.h"

static void keep_spare(struct bn_accept *accept) {
	accept->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void bn_accept_init(struct bn_accept *accept) {
	*accept = (struct bn_accept){ 0 };
	keep_spare(accept);
}

void bn_accept_finish(struct bn_accept *accept) {
	if (accept->spare_fd >= 0) {
		close(accept->spare_fd);
	}
	accept->spare_fd = -1;
}

static void turn_away(struct bn_accept *accept, int listen_fd) {
	// Its number is needed now, and close() may take it to another thread, see closer.h.
	close_range((unsigned)accept->spare_fd, (unsigned)accept->spare_fd, 0);
	accept->spare_fd = -1;
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0) {
		close(fd);
	}
	// Or, when that one still has its number, before the next is let in.
	keep_spare(accept);
}

void bn_accept_result(struct bn_accept *accept, bool served, const char *path) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t now_ns = bn_nsec_from_timespec(&now);
	if (served || (accept->said_ns != 0 && now_ns - accept->said_ns < BN_ACCEPT_SAY_NS)) {
		return;
	}
	accept->said_ns = now_ns;
	wlr_log(WLR_ERROR,
			"socket %s: no descriptor or memory is left, who connects is "
			"turned away",
			path);
}

int bn_accept_next(struct bn_accept *accept, int listen_fd, int flags, const char *path) {
	if (accept->spare_fd < 0) {
		keep_spare(accept);
	}
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | flags);
	if (fd >= 0) {
		return fd;
	}
	if (errno == EMFILE || errno == ENFILE) {
		if (accept->spare_fd >= 0) {
			turn_away(accept, listen_fd);
		}
		bn_accept_result(accept, false, path);
	} else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
		wlr_log(WLR_ERROR, "socket %s: a connection cannot be accepted: %s", path,
				strerror(errno));
	}
	return -1;
}
