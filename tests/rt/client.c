/*
 * A bare Wayland client for the real-time tests: small, so that what is measured is the compositor.
 *
 *   rt-client APP-ID needle         64x64 px of damage at each frame callback
 *   rt-client APP-ID still          draws once
 *   rt-client APP-ID flood          attach, damage, commit, as fast as the socket takes them
 *   rt-client APP-ID sparse BYTES   as needle, from as many pools as hold BYTES, each of 1 GiB and empty but
 *                                   for two buffers at its end
 *
 * The file that RT_FRAMES names holds how many frames it has been asked for, as a native 64-bit number.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>

#include "xdg-shell-client-protocol.h"

#define NEEDLE 64
#define POOLS_MAX 16
#define PAGE 4096
/** The largest pool that is taken. */
#define POOL_BYTES_MAX ((size_t)1 << 30)

enum mode { MODE_NEEDLE, MODE_STILL, MODE_FLOOD, MODE_SPARSE };

struct picture {
	struct wl_buffer *buffer;
	uint32_t *pixels;
	bool busy;
};

struct client {
	enum mode mode;
	size_t sparse_bytes;
	struct wl_display *display;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct wl_surface *surface;
	struct picture pictures[2 * POOLS_MAX];
	size_t picture_count, next;
	int32_t width, height;
	unsigned drawn;
	uint64_t *frames; // shared with the test
	bool waits;       // drew all it had; goes on at the next release
};

static void draw(struct client *client);

static void handle_release(void *data, struct wl_buffer *buffer) {
	struct client *client = data;
	for (size_t i = 0; i < client->picture_count; i++) {
		if (client->pictures[i].buffer == buffer) {
			client->pictures[i].busy = false;
		}
	}
	if (client->waits) {
		client->waits = false;
		draw(client);
	}
}

static const struct wl_buffer_listener buffer_listener = { .release = handle_release };

/** Two pictures at the end of a pool of `size` bytes, of which only those are ever touched. */
static bool make_pool(struct client *client, size_t size) {
	size_t one = (size_t)client->width * (size_t)client->height * 4;
	size_t tail = (2 * one + PAGE - 1) / PAGE * PAGE;
	int fd = memfd_create("rt-client", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) != 0) {
		perror("rt-client: memfd");
		return false;
	}
	uint8_t *map = mmap(NULL, tail, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			(off_t)(size - tail));
	if (map == MAP_FAILED) {
		perror("rt-client: mmap");
		return false;
	}
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, (int32_t)size);
	for (size_t i = 0; i < 2; i++) {
		struct picture *picture = &client->pictures[client->picture_count++];
		picture->pixels = (uint32_t *)(map + i * one);
		memset(picture->pixels, 0x60, one);
		picture->buffer = wl_shm_pool_create_buffer(pool, (int32_t)(size - tail + i * one),
				client->width, client->height, client->width * 4,
				WL_SHM_FORMAT_XRGB8888);
		wl_buffer_add_listener(picture->buffer, &buffer_listener, client);
	}
	wl_shm_pool_destroy(pool);
	close(fd);
	return true;
}

static bool make_pictures(struct client *client) {
	if (client->mode != MODE_SPARSE) {
		size_t bytes = 2 * (size_t)client->width * (size_t)client->height * 4;
		return make_pool(client, (bytes + PAGE - 1) / PAGE * PAGE);
	}
	for (size_t got = 0; got < client->sparse_bytes; got += POOL_BYTES_MAX) {
		if (client->picture_count == 2 * POOLS_MAX || !make_pool(client, POOL_BYTES_MAX)) {
			return false;
		}
	}
	return true;
}

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time_ms) {
	struct client *client = data;
	wl_callback_destroy(callback);
	(*client->frames)++;
	draw(client);
}

static const struct wl_callback_listener frame_listener = { .done = handle_frame };

static void paint_needle(const struct client *client, uint32_t *pixels) {
	uint32_t color = client->drawn % 2 != 0 ? 0xffffff : 0;
	for (int32_t y = 0; y < NEEDLE && y < client->height; y++) {
		for (int32_t x = 0; x < NEEDLE && x < client->width; x++) {
			pixels[y * client->width + x] = color;
		}
	}
}

static void draw(struct client *client) {
	struct picture *picture = &client->pictures[client->next];
	if (picture->busy) {
		client->waits = true;
		return;
	}
	paint_needle(client, picture->pixels);
	client->next = (client->next + 1) % client->picture_count;
	picture->busy = true;
	wl_surface_attach(client->surface, picture->buffer, 0, 0);
	wl_surface_damage_buffer(client->surface, 0, 0, NEEDLE, NEEDLE);
	if (client->mode == MODE_NEEDLE || client->mode == MODE_SPARSE) {
		wl_callback_add_listener(wl_surface_frame(client->surface), &frame_listener,
				client);
	}
	wl_surface_commit(client->surface);
	client->drawn++;
}

/** Until the socket is full; looks at what comes only now and then, lest it be hung up on. */
static bool flood(struct client *client) {
	struct wl_buffer *buffer = client->pictures[0].buffer;
	for (int i = 0; i < 64; i++) {
		wl_surface_attach(client->surface, buffer, 0, 0);
		wl_surface_damage_buffer(client->surface, 0, 0, NEEDLE, NEEDLE);
		wl_surface_commit(client->surface);
	}
	bool full = wl_display_flush(client->display) < 0;
	if (full && errno != EAGAIN) {
		return false;
	}
	struct pollfd fd = { .fd = wl_display_get_fd(client->display), .events = POLLIN };
	if (full) {
		fd.events |= POLLOUT;
	}
	poll(&fd, 1, full ? -1 : 0);
	if (fd.revents & (POLLERR | POLLHUP)) {
		return false;
	}
	return (fd.revents & POLLIN) == 0 || wl_display_dispatch(client->display) >= 0;
}

static void handle_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct client *client = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	if (client->picture_count > 0) {
		wl_surface_commit(client->surface);
		return;
	}
	if (!make_pictures(client)) {
		exit(EXIT_FAILURE);
	}
	draw(client);
}

static const struct xdg_surface_listener xdg_surface_listener = { .configure = handle_configure };

static void handle_size(void *data, struct xdg_toplevel *toplevel, int32_t width, int32_t height,
		struct wl_array *states) {
	struct client *client = data;
	if (width > 0 && height > 0 && client->picture_count == 0) {
		client->width = width;
		client->height = height;
	}
}

static void handle_close(void *data, struct xdg_toplevel *toplevel) {
	exit(EXIT_SUCCESS);
}

static void handle_bounds(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height) {
}

static void handle_capabilities(void *data, struct xdg_toplevel *toplevel, struct wl_array *array) {
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_size,
	.close = handle_close,
	.configure_bounds = handle_bounds,
	.wm_capabilities = handle_capabilities,
};

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = { .ping = handle_ping };

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct client *client = data;
	if (strcmp(interface, wl_compositor_interface.name) == 0) {
		client->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	} else if (strcmp(interface, wl_shm_interface.name) == 0) {
		client->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	} else if (strcmp(interface, xdg_wm_base_interface.name) == 0) {
		client->wm_base = wl_registry_bind(registry, name, &xdg_wm_base_interface, 1);
		xdg_wm_base_add_listener(client->wm_base, &wm_base_listener, client);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static bool open_window(struct client *client, const char *app_id) {
	client->display = wl_display_connect(NULL);
	if (client->display == NULL) {
		fprintf(stderr, "rt-client: no Wayland display\n");
		return false;
	}
	wl_registry_add_listener(wl_display_get_registry(client->display), &registry_listener,
			client);
	if (wl_display_roundtrip(client->display) < 0 || client->compositor == NULL
			|| client->shm == NULL || client->wm_base == NULL) {
		fprintf(stderr, "rt-client: the display offers no xdg-shell\n");
		return false;
	}
	client->surface = wl_compositor_create_surface(client->compositor);
	struct xdg_surface *xdg_surface =
			xdg_wm_base_get_xdg_surface(client->wm_base, client->surface);
	xdg_surface_add_listener(xdg_surface, &xdg_surface_listener, client);
	struct xdg_toplevel *toplevel = xdg_surface_get_toplevel(xdg_surface);
	xdg_toplevel_add_listener(toplevel, &toplevel_listener, client);
	xdg_toplevel_set_app_id(toplevel, app_id);
	wl_surface_commit(client->surface);
	return true;
}

static bool parse(struct client *client, int argc, char **argv) {
	static const char *const modes[] = { "needle", "still", "flood", "sparse" };
	for (size_t i = 0; argc >= 3 && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(argv[2], modes[i]) == 0) {
			client->mode = (enum mode)i;
			client->sparse_bytes = argc > 3 ? (size_t)strtoull(argv[3], NULL, 10) : 0;
			return i != MODE_SPARSE || client->sparse_bytes > 0;
		}
	}
	return false;
}

/** A private number when no test wants to know. */
static uint64_t *map_frames(void) {
	const char *path = getenv("RT_FRAMES");
	int fd = path != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	if (fd >= 0 && ftruncate(fd, sizeof(uint64_t)) != 0) {
		perror("rt-client: RT_FRAMES");
	}
	int flags = fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
	void *map = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, flags, fd, 0);
	if (fd >= 0) {
		close(fd);
	}
	return map != MAP_FAILED ? map : NULL;
}

int main(int argc, char **argv) {
	struct client client = { .width = 320, .height = 240 };
	if (!parse(&client, argc, argv)) {
		fprintf(stderr, "usage: rt-client APP-ID needle|still|flood|sparse [BYTES]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	client.frames = map_frames();
	if (client.frames == NULL || !open_window(&client, argv[1])) {
		return EXIT_FAILURE;
	}
	bool alive = true;
	while (alive) {
		bool floods = client.mode == MODE_FLOOD && client.picture_count > 0;
		alive = floods ? flood(&client) : wl_display_dispatch(client.display) >= 0;
	}
	return EXIT_FAILURE;
}
