#ifndef BN_TESTS_KMS_GEM_H
#define BN_TESTS_KMS_GEM_H

#include <stdbool.h>
#include <stdint.h>

/** Opens the card of this driver ("vkms", "virtio_gpu", "vgem"), without being its master. -1, said on stderr. */
int bn_gem_open(const char *driver);

/** A dumb buffer of a card, as a dma-buf that a CPU can draw into. XRGB8888. */
struct bn_gem_buffer {
	int card; // borrowed
	uint32_t handle;
	int dmabuf; // owned
	int32_t width, height;
	uint32_t stride;
	uint64_t size;
	uint32_t *pixels;
};

bool bn_gem_buffer_init(struct bn_gem_buffer *buffer, int card, int32_t width, int32_t height);
void bn_gem_buffer_fill(struct bn_gem_buffer *buffer, uint32_t color);

/**
 * Attaches a write fence to a dma-buf, which says to everybody else that it is being drawn; it is vgem's, so
 * it signals after 10 s by itself. *ret_fence is what bn_gem_fence_signal takes.
 */
bool bn_gem_fence_attach(int vgem, int dmabuf, uint32_t *ret_fence);
/** Harmless when vgem has done it meanwhile. */
bool bn_gem_fence_signal(int vgem, uint32_t fence);

#endif
