#include "gem.h"

#include <drm/vgem_drm.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

static bool is_driver(int card, const char *driver) {
	drmVersion *version = drmGetVersion(card);
	bool same = version != NULL && strcmp(version->name, driver) == 0;
	drmFreeVersion(version);
	return same;
}

int bn_gem_open(const char *driver) {
	for (int minor = 0; minor < 8; minor++) {
		char path[32];
		snprintf(path, sizeof(path), "/dev/dri/card%d", minor);
		int card = open(path, O_RDWR | O_CLOEXEC);
		if (card >= 0 && is_driver(card, driver)) {
			drmDropMaster(card); // the first to open it becomes that
			return card;
		}
		if (card >= 0) {
			close(card);
		}
	}
	fprintf(stderr, "there is no card of %s\n", driver);
	return -1;
}

static bool fail(const char *what) {
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return false;
}

bool bn_gem_buffer_init(struct bn_gem_buffer *buffer, int card, int32_t width, int32_t height) {
	*buffer = (struct bn_gem_buffer){
		.card = card, .dmabuf = -1, .width = width, .height = height
	};
	if (drmModeCreateDumbBuffer(card, (uint32_t)width, (uint32_t)height, 32, 0, &buffer->handle,
			    &buffer->stride, &buffer->size)
			!= 0) {
		return fail("dumb buffer");
	}
	if (drmPrimeHandleToFD(card, buffer->handle, DRM_CLOEXEC | DRM_RDWR, &buffer->dmabuf)
			!= 0) {
		return fail("dma-buf");
	}
	uint64_t offset = 0;
	if (drmModeMapDumbBuffer(card, buffer->handle, &offset) != 0) {
		return fail("map");
	}
	buffer->pixels = mmap(NULL, buffer->size, PROT_READ | PROT_WRITE, MAP_SHARED, card,
			(off_t)offset);
	return buffer->pixels != MAP_FAILED || fail("map");
}

void bn_gem_buffer_fill(struct bn_gem_buffer *buffer, uint32_t color) {
	for (uint64_t i = 0; i < buffer->size / 4; i++) {
		buffer->pixels[i] = color;
	}
}

/** The same memory by a handle of vgem: fences belong to the memory. */
bool bn_gem_fence_attach(int vgem, int dmabuf, uint32_t *ret_fence) {
	uint32_t handle = 0;
	if (drmPrimeFDToHandle(vgem, dmabuf, &handle) != 0) {
		return fail("import into vgem");
	}
	struct drm_vgem_fence_attach attach = { .handle = handle, .flags = VGEM_FENCE_WRITE };
	bool attached = drmIoctl(vgem, DRM_IOCTL_VGEM_FENCE_ATTACH, &attach) == 0;
	if (!attached) {
		fail("attach a fence");
	}
	*ret_fence = attach.out_fence;
	drmCloseBufferHandle(vgem, handle);
	return attached;
}

bool bn_gem_fence_signal(int vgem, uint32_t fence) {
	struct drm_vgem_fence_signal signal = { .fence = fence };
	bool done = drmIoctl(vgem, DRM_IOCTL_VGEM_FENCE_SIGNAL, &signal) == 0 || errno == ETIMEDOUT;
	return done || fail("signal");
}
