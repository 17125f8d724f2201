#include "guard/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NAMES_MAX 33 // wayland-0 to wayland-32, as libwayland tries them
#define BACKLOG 128  // apps that wait for the next compositor

static int bind_socket(const char *path) {
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -1;
	}
	struct stat there;
	// The lock on the name is ours, so whatever socket lies here was left by the dead.
	if (lstat(path, &there) == 0 && S_ISSOCK(there.st_mode)) {
		unlink(path);
	}
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0
			|| listen(fd, BACKLOG) != 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/** False with errno; EWOULDBLOCK: somebody else has the name. */
static bool open_named(struct sockets *sockets, const char *folder, const char *name) {
	char path[sizeof(sockets->items[0].path)];
	int length = name[0] == '/' ? snprintf(path, sizeof(path), "%s", name)
				    : snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (length >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	// libwayland's own lock for this name: any compositor respects it.
	snprintf(sockets->lock_path, sizeof(sockets->lock_path), "%s.lock", path);
	int lock = open(sockets->lock_path, O_CREAT | O_CLOEXEC | O_RDWR, 0660);
	int fd = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0 ? bind_socket(path) : -1;
	if (fd < 0) {
		int error = errno;
		if (lock >= 0) {
			close(lock);
		}
		errno = error;
		return false;
	}
	sockets->lock_fd = lock;
	sockets_keep(sockets, path, fd);
	return true;
}

bool sockets_init(struct sockets *sockets, const char *name) {
	*sockets = (struct sockets){ .lock_fd = -1 };
	const char *folder = getenv("XDG_RUNTIME_DIR");
	if (folder == NULL || folder[0] != '/' || access(folder, W_OK | X_OK) != 0) {
		fprintf(stderr,
				"binnacle-guard: XDG_RUNTIME_DIR (%s) is not a folder that can be "
				"written\n",
				folder != NULL ? folder : "not set");
		return false;
	}
	if (name != NULL) {
		if (!open_named(sockets, folder, name)) {
			fprintf(stderr, "binnacle-guard: socket '%s' cannot be opened in %s: %s\n",
					name, folder,
					errno == EWOULDBLOCK ? "another compositor has it"
							     : strerror(errno));
			return false;
		}
		return true;
	}
	for (int i = 0; i < NAMES_MAX; i++) {
		char tried[16];
		snprintf(tried, sizeof(tried), "wayland-%d", i);
		if (open_named(sockets, folder, tried)) {
			return true;
		}
	}
	fprintf(stderr, "binnacle-guard: no free socket name in %s\n", folder);
	return false;
}

void sockets_finish(struct sockets *sockets) {
	for (size_t i = 0; i < sockets->count; i++) {
		close(sockets->items[i].fd);
		unlink(sockets->items[i].path);
	}
	sockets->count = 0;
	if (sockets->lock_fd >= 0) {
		unlink(sockets->lock_path);
		close(sockets->lock_fd);
		sockets->lock_fd = -1;
	}
}

void sockets_keep(struct sockets *sockets, const char *path, int fd) {
	if (fd < 0 || sockets->count == SOCKETS_MAX) {
		fprintf(stderr, "binnacle-guard: socket %s is not kept\n", path);
		if (fd >= 0) {
			close(fd);
		}
		return;
	}
	snprintf(sockets->items[sockets->count].path, sizeof(sockets->items[0].path), "%s", path);
	sockets->items[sockets->count++].fd = fd;
}

void sockets_forget(struct sockets *sockets, const char *path) {
	for (size_t i = 1; i < sockets->count; i++) {
		if (strcmp(sockets->items[i].path, path) == 0) {
			close(sockets->items[i].fd);
			unlink(path);
			sockets->items[i] = sockets->items[--sockets->count];
			return;
		}
	}
}
