#include "ipc/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static bool write_all(int fd, const void *data, size_t size) {
	const char *at = data;
	while (size > 0) {
		ssize_t written = write(fd, at, size);
		if (written < 0 && errno != EINTR) {
			return false;
		}
		if (written > 0) {
			at += written;
			size -= (size_t)written;
		}
	}
	return true;
}

int bn_ipc_memfd_store(const uint32_t *pixels, int32_t stride, const struct bn_rect *part) {
	int fd = memfd_create("binnacle-picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0) {
		return -1;
	}
	bool done = true;
	for (int32_t y = 0; done && y < part->height; y++) {
		const uint32_t *row = pixels + (size_t)(part->y + y) * (size_t)stride + part->x;
		done = write_all(fd, row, (size_t)part->width * sizeof(row[0]));
	}
	int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	if (!done || fcntl(fd, F_ADD_SEALS, seals) != 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}
