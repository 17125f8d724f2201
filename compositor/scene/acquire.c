#include "scene/acquire.h"

#include <assert.h>
#include <drm.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_linux_drm_syncobj_v1.h>
#include <wlr/util/log.h>

static void end_plane(struct bn_acquire_plane *plane) {
	wl_event_source_remove(plane->source);
	plane->source = NULL;
	plane->acquire->waiting--;
}

void bn_acquire_cancel(struct bn_acquire *acquire) {
	for (size_t i = 0; i < WLR_DMABUF_MAX_PLANES; i++) {
		if (acquire->planes[i].source != NULL) {
			end_plane(&acquire->planes[i]);
		}
	}
	if (acquire->has_waiter) {
		wlr_drm_syncobj_timeline_waiter_finish(&acquire->waiter);
		acquire->has_waiter = false;
		acquire->waiting--;
	}
	assert(acquire->waiting == 0);
}

static void handle_point(struct wlr_drm_syncobj_timeline_waiter *waiter) {
	struct bn_acquire *acquire = wl_container_of(waiter, acquire, waiter);
	bn_acquire_cancel(acquire);
	acquire->ready(acquire);
}

/** False: the point has signalled, or nobody can tell when it does. */
static bool wait_for_point(struct bn_acquire *acquire, struct wl_event_loop *loop,
		const struct wlr_linux_drm_syncobj_surface_v1_state *state) {
	bool signalled = false;
	if (wlr_drm_syncobj_timeline_check(state->acquire_timeline, state->acquire_point,
			    DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT, &signalled)
			&& signalled) {
		return false;
	}
	if (!wlr_drm_syncobj_timeline_waiter_init(&acquire->waiter, state->acquire_timeline,
			    state->acquire_point, 0, loop, handle_point)) {
		wlr_log(WLR_ERROR, "acquire: an acquire point cannot be waited for");
		return false;
	}
	acquire->has_waiter = true;
	acquire->waiting++;
	return true;
}

/** What is to be polled for one plane, owned: its fences of this moment, or, before linux 6.0, all there ever are. */
static int open_fences(int dmabuf) {
	struct dma_buf_export_sync_file args = { .flags = DMA_BUF_SYNC_READ, .fd = -1 };
	if (ioctl(dmabuf, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &args) == 0) {
		return args.fd;
	}
	return fcntl(dmabuf, F_DUPFD_CLOEXEC, 0);
}

static int handle_plane(int fd, uint32_t mask, void *data) {
	struct bn_acquire_plane *plane = data;
	struct bn_acquire *acquire = plane->acquire;
	end_plane(plane);
	if (acquire->waiting == 0) {
		acquire->ready(acquire);
	}
	return 0;
}

static void wait_for_plane(struct bn_acquire_plane *plane, struct wl_event_loop *loop, int dmabuf) {
	int fd = open_fences(dmabuf);
	// Readable once what was written to it is there.
	struct pollfd now = { .fd = fd, .events = POLLIN };
	if (fd >= 0 && poll(&now, 1, 0) == 0) {
		plane->source = wl_event_loop_add_fd(loop, fd, WL_EVENT_READABLE, handle_plane,
				plane);
		plane->acquire->waiting += plane->source != NULL;
	}
	if (fd >= 0) {
		close(fd); // the loop has its own
	}
}

bool bn_acquire_start(struct bn_acquire *acquire, struct wl_event_loop *loop,
		struct wlr_surface *surface, struct wlr_buffer *buffer,
		void (*ready)(struct bn_acquire *acquire)) {
	assert(acquire->waiting == 0);
	acquire->ready = ready;
	struct wlr_dmabuf_attributes dmabuf;
	if (!wlr_buffer_get_dmabuf(buffer, &dmabuf)) {
		return false;
	}
	const struct wlr_linux_drm_syncobj_surface_v1_state *state =
			wlr_linux_drm_syncobj_v1_get_surface_state(surface);
	if (state != NULL && state->acquire_timeline != NULL) {
		return wait_for_point(acquire, loop, state);
	}
	for (int i = 0; i < dmabuf.n_planes; i++) {
		acquire->planes[i].acquire = acquire;
		wait_for_plane(&acquire->planes[i], loop, dmabuf.fd[i]);
	}
	return acquire->waiting > 0;
}
