#include "lib/shm.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void buffer_finish(struct bn_shm_buffer *buffer) {
	if (!buffer->buffer) {
		return;
	}
	wl_buffer_destroy(buffer->buffer);
	cairo_surface_destroy(buffer->surface);
	cairo_region_destroy(buffer->stale);
	munmap(buffer->pixels, (size_t)buffer->shm->width * (size_t)buffer->shm->height * 4);
	memset(buffer, 0, sizeof(*buffer));
}

static void handle_release(void *data, struct wl_buffer *wl_buffer) {
	struct bn_shm_buffer *buffer = data;
	buffer->busy = false;
	if (buffer->shm->starved) {
		buffer->shm->starved = false;
		buffer->shm->released(buffer->shm->data);
	}
}

static const struct wl_buffer_listener buffer_listener = { .release = handle_release };

static bool buffer_init(struct bn_shm_buffer *buffer, struct bn_shm *shm) {
	int stride = shm->width * 4;
	size_t size = (size_t)stride * (size_t)shm->height;
	int fd = memfd_create("binnacle-client", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || ftruncate(fd, (off_t)size) != 0) {
		perror("memfd");
		goto err_fd;
	}
	void *pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (pixels == MAP_FAILED) {
		perror("mmap");
		goto err_fd;
	}
	struct wl_shm_pool *pool = wl_shm_create_pool(shm->global, fd, (int32_t)size);
	buffer->buffer = wl_shm_pool_create_buffer(pool, 0, shm->width, shm->height, stride,
			WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	close(fd);
	wl_buffer_add_listener(buffer->buffer, &buffer_listener, buffer);
	buffer->pixels = pixels;
	buffer->shm = shm;
	buffer->busy = false;
	buffer->surface = cairo_image_surface_create_for_data(pixels, CAIRO_FORMAT_RGB24,
			shm->width, shm->height, stride);
	const cairo_rectangle_int_t all = { 0, 0, shm->width, shm->height };
	buffer->stale = cairo_region_create_rectangle(&all);
	return true;

err_fd:
	if (fd >= 0) {
		close(fd);
	}
	return false;
}

void bn_shm_finish(struct bn_shm *shm) {
	for (size_t i = 0; i < BN_SHM_BUFFERS; i++) {
		buffer_finish(&shm->buffers[i]);
	}
}

void bn_shm_resize(struct bn_shm *shm, int width, int height) {
	bn_shm_finish(shm);
	shm->width = width;
	shm->height = height;
}

void bn_shm_damage(struct bn_shm *shm, const cairo_region_t *damage) {
	for (size_t i = 0; i < BN_SHM_BUFFERS; i++) {
		if (shm->buffers[i].buffer) {
			cairo_region_union(shm->buffers[i].stale, damage);
		}
	}
}

struct bn_shm_buffer *bn_shm_next(struct bn_shm *shm) {
	for (size_t i = 0; i < BN_SHM_BUFFERS; i++) {
		struct bn_shm_buffer *buffer = &shm->buffers[i];
		if (!buffer->buffer && !buffer_init(buffer, shm)) {
			return NULL;
		}
		if (!buffer->busy) {
			return buffer;
		}
	}
	shm->starved = true;
	return NULL;
}
