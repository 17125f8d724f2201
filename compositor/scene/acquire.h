#ifndef BN_SCENE_ACQUIRE_H
#define BN_SCENE_ACQUIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <wayland-server-core.h>
#include <wlr/render/dmabuf.h>
#include <wlr/render/drm_syncobj.h>

struct wlr_buffer;
struct wlr_surface;

/**
 * Waits until the GPU has finished a committed buffer, without blocking anybody and without asking again
 * and again: the event loop tells.
 *
 * What is waited for is settled at the commit: the acquire point that the client named
 * (linux-drm-syncobj-v1), or else the write fences that its dma-bufs carry at that moment. Work that a
 * client adds to a buffer after it has committed it is its own fault and is not waited for.
 *
 * Shared memory is always finished. A fence that the kernel gives up (vgem's after 10 s, a GPU reset)
 * signals as well: the buffer is then shown as it is. One whose client never signals it is never shown.
 */
struct bn_acquire {
	void (*ready)(struct
			bn_acquire *acquire); // called once, from the event loop, after it has ended
	size_t waiting;                       // of what is below, how many have not signalled
	struct bn_acquire_plane {
		struct bn_acquire *acquire;
		struct wl_event_source *source; // owned; NULL: signalled or unused
	} planes[WLR_DMABUF_MAX_PLANES];
	struct wlr_drm_syncobj_timeline_waiter waiter;
	bool has_waiter;
};

/** Ends it in any state, so that it may be started or freed; a zeroed one too. */
void bn_acquire_cancel(struct bn_acquire *acquire);

/**
 * Starts to wait for a buffer that was just committed to the surface; the fence must not be under way.
 * False: the buffer is finished already (or cannot be waited for, with an ERROR line), and `ready` is not
 * called.
 */
bool bn_acquire_start(struct bn_acquire *acquire, struct wl_event_loop *loop,
		struct wlr_surface *surface, struct wlr_buffer *buffer,
		void (*ready)(struct bn_acquire *acquire));

#endif
