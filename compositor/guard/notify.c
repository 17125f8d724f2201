#include "guard/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/nsec.h"

static int connect_to(const char *path) {
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path);
	if (length == 0 || length >= sizeof(address.sun_path)) {
		return -1;
	}
	memcpy(address.sun_path, path, length);
	if (path[0] == '@') {
		address.sun_path[0] = '\0'; // the abstract namespace
	}
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, size) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void notify_init(struct notify *notify) {
	const char *path = getenv("NOTIFY_SOCKET"), *period = getenv("WATCHDOG_USEC");
	*notify = (struct notify){ .fd = path != NULL ? connect_to(path) : -1 };
	long long usec = period != NULL ? atoll(period) : 0;
	if (notify->fd >= 0 && usec > 0) {
		notify->every_ns = usec * BN_NSEC_PER_USEC / 4;
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void tell(const struct notify *notify, const char *what) {
	if (notify->fd >= 0) {
		send(notify->fd, what, strlen(what), MSG_NOSIGNAL | MSG_DONTWAIT);
	}
}

void notify_ready(const struct notify *notify) {
	tell(notify, "READY=1");
}

void notify_alive(struct notify *notify, int64_t now_ns) {
	if (notify->every_ns > 0 && now_ns >= notify->next_ns) {
		notify->next_ns = now_ns + notify->every_ns;
		tell(notify, "WATCHDOG=1");
	}
}

void notify_finish(struct notify *notify) {
	if (notify->fd >= 0) {
		close(notify->fd);
		notify->fd = -1;
	}
}
