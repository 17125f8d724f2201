#include "window.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "linux-dmabuf-v1-client-protocol.h"
#include "linux-drm-syncobj-v1-client-protocol.h"
#include "presentation-time-client-protocol.h"
#include "xdg-shell-client-protocol.h"

#define NSEC_PER_SEC INT64_C(1000000000)

static void handle_ping(void *data, struct xdg_wm_base *wm, uint32_t serial) {
	xdg_wm_base_pong(wm, serial);
}

static const struct xdg_wm_base_listener wm_listener = { .ping = handle_ping };

static void handle_clock(void *data, struct wp_presentation *presentation, uint32_t clock) {
	struct bn_window *window = data;
	window->clock = (clockid_t)clock;
}

static const struct wp_presentation_listener presentation_listener = { .clock_id = handle_clock };

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct bn_window *window = data;
	const struct {
		const struct wl_interface *interface;
		uint32_t version;
		void **slot;
	} wanted[] = {
		{ &wl_compositor_interface, 4, (void **)&window->compositor },
		{ &wl_subcompositor_interface, 1, (void **)&window->subcompositor },
		{ &wl_shm_interface, 1, (void **)&window->shm },
		{ &xdg_wm_base_interface, 1, (void **)&window->wm },
		{ &wp_presentation_interface, 1, (void **)&window->presentation },
		{ &zwp_linux_dmabuf_v1_interface, 3, (void **)&window->dmabuf },
		{ &wp_linux_drm_syncobj_manager_v1_interface, 1, (void **)&window->syncobj },
	};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strcmp(interface, wanted[i].interface->name) == 0) {
			uint32_t ours = wanted[i].version < version ? wanted[i].version : version;
			*wanted[i].slot =
					wl_registry_bind(registry, name, wanted[i].interface, ours);
		}
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void handle_surface_configure(void *data, struct xdg_surface *surface, uint32_t serial) {
	struct bn_window *window = data;
	xdg_surface_ack_configure(surface, serial);
	if (window->pending_width > 0 && window->pending_height > 0) {
		window->width = window->pending_width;
		window->height = window->pending_height;
	}
	window->configured = true;
}

static const struct xdg_surface_listener surface_listener = {
	.configure = handle_surface_configure,
};

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height, struct wl_array *states) {
	struct bn_window *window = data;
	window->pending_width = width;
	window->pending_height = height;
}

static void handle_close(void *data, struct xdg_toplevel *toplevel) {
	struct bn_window *window = data;
	window->closed = true;
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_close,
};

static void open_toplevel(struct bn_window *window, const char *app_id, bool fullscreen) {
	window->surface = wl_compositor_create_surface(window->compositor);
	window->xdg_surface = xdg_wm_base_get_xdg_surface(window->wm, window->surface);
	xdg_surface_add_listener(window->xdg_surface, &surface_listener, window);
	window->toplevel = xdg_surface_get_toplevel(window->xdg_surface);
	xdg_toplevel_add_listener(window->toplevel, &toplevel_listener, window);
	xdg_toplevel_set_app_id(window->toplevel, app_id);
	xdg_toplevel_set_title(window->toplevel, app_id);
	if (fullscreen) {
		xdg_toplevel_set_fullscreen(window->toplevel, NULL);
	}
	wl_surface_commit(window->surface);
}

bool bn_window_open(struct bn_window *window, const char *app_id, bool fullscreen) {
	*window = (struct bn_window){ .clock = CLOCK_MONOTONIC, .width = 640, .height = 480 };
	window->display = wl_display_connect(NULL);
	if (window->display == NULL) {
		fprintf(stderr, "%s: no compositor: %s\n", app_id, strerror(errno));
		return false;
	}
	window->registry = wl_display_get_registry(window->display);
	wl_registry_add_listener(window->registry, &registry_listener, window);
	if (wl_display_roundtrip(window->display) < 0 || window->compositor == NULL
			|| window->shm == NULL || window->wm == NULL) {
		fprintf(stderr, "%s: the compositor lacks what a window needs\n", app_id);
		return false;
	}
	xdg_wm_base_add_listener(window->wm, &wm_listener, window);
	if (window->presentation != NULL) {
		wp_presentation_add_listener(window->presentation, &presentation_listener, window);
	}
	open_toplevel(window, app_id, fullscreen);
	while (!window->configured) {
		if (wl_display_dispatch(window->display) < 0) {
			fprintf(stderr, "%s: the compositor left\n", app_id);
			return false;
		}
	}
	return true;
}

void bn_window_close(struct bn_window *window) {
	if (window->display != NULL) {
		wl_display_disconnect(window->display); // the server frees the rest
	}
}

bool bn_window_turn(struct bn_window *window, int fd, bool *ret_ready) {
	while (wl_display_prepare_read(window->display) != 0) {
		if (wl_display_dispatch_pending(window->display) < 0) {
			return false;
		}
	}
	bool blocked = wl_display_flush(window->display) < 0;
	if (blocked && errno != EAGAIN) {
		wl_display_cancel_read(window->display);
		return false;
	}
	struct pollfd fds[2] = {
		{ .fd = wl_display_get_fd(window->display), .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	fds[0].events |= blocked ? POLLOUT : 0;
	poll(fds, 2, -1);
	if ((fds[0].revents & POLLIN) == 0) {
		wl_display_cancel_read(window->display);
	} else if (wl_display_read_events(window->display) < 0) {
		return false;
	}
	if (ret_ready != NULL) {
		*ret_ready = (fds[1].revents & (POLLIN | POLLHUP)) != 0;
	}
	bool lost = (fds[0].revents & (POLLERR | POLLHUP)) != 0;
	return !lost && wl_display_dispatch_pending(window->display) >= 0 && !window->closed;
}

int64_t bn_window_now(const struct bn_window *window) {
	struct timespec now;
	clock_gettime(window->clock, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static void handle_release(void *data, struct wl_buffer *wl_buffer) {
	struct bn_shm_buffer *buffer = data;
	buffer->busy = false;
}

static const struct wl_buffer_listener buffer_listener = { .release = handle_release };

bool bn_shm_buffer_init(struct bn_shm_buffer *buffer, const struct bn_window *window) {
	*buffer = (struct bn_shm_buffer){ .width = window->width, .height = window->height };
	int32_t stride = buffer->width * 4;
	size_t size = (size_t)stride * (size_t)buffer->height;
	int fd = memfd_create("bn-kms-buffer", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) < 0) {
		perror("buffer");
		return false;
	}
	buffer->pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (buffer->pixels == MAP_FAILED) {
		perror("buffer");
		return false;
	}
	struct wl_shm_pool *pool = wl_shm_create_pool(window->shm, fd, (int32_t)size);
	buffer->buffer = wl_shm_pool_create_buffer(pool, 0, buffer->width, buffer->height, stride,
			WL_SHM_FORMAT_XRGB8888);
	wl_buffer_add_listener(buffer->buffer, &buffer_listener, buffer);
	wl_shm_pool_destroy(pool);
	close(fd);
	return true;
}

void bn_shm_buffer_finish(struct bn_shm_buffer *buffer) {
	if (buffer->buffer != NULL) {
		wl_buffer_destroy(buffer->buffer);
		munmap(buffer->pixels, (size_t)buffer->width * (size_t)buffer->height * 4);
	}
	*buffer = (struct bn_shm_buffer){ 0 };
}

void bn_shm_buffer_fill(struct bn_shm_buffer *buffer, int32_t x, int32_t y, int32_t width,
		int32_t height, uint32_t color) {
	for (int32_t row = y; row < y + height; row++) {
		uint32_t *line = buffer->pixels + (size_t)row * (size_t)buffer->width;
		for (int32_t column = x; column < x + width; column++) {
			line[column] = color;
		}
	}
}
