#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probe.h"
#include "viewporter-client-protocol.h"
#include "xdg-shell-client-protocol.h"

// Where the square is that changes.
#define SQUARE_X 96
#define SQUARE_Y 96
#define CHURN_SIZE 480

static int buffer_count(const struct bench_probe *probe) {
	// A flood waits for no release; more buffers would only be more memory.
	return probe->options.mode == BENCH_FLOOD ? 2 : BENCH_BUFFERS;
}

static void handle_release(void *data, struct wl_buffer *wl) {
	struct bench_buffer *buffer = data;
	struct bench_probe *probe = buffer->probe;
	buffer->busy = false;
	if (probe->starved) {
		probe->starved = false;
		// Who kept all buffers made the client wait: that is not its own lateness.
		bench_draw(probe, bench_now_ns());
	}
}

static const struct wl_buffer_listener buffer_listener = { .release = handle_release };

/** All of one colour but for the square; no two buffers have the same. */
static void paint(uint32_t *pixels, int32_t width, int32_t height, uint32_t color, int number,
		bool everything) {
	uint32_t ground = everything ? color ^ ((uint32_t)number << 1) : color;
	for (int64_t i = 0; i < (int64_t)width * height; i++) {
		pixels[i] = ground;
	}
	for (int32_t y = SQUARE_Y; y < SQUARE_Y + 64 && y < height; y++) {
		for (int32_t x = SQUARE_X; x < SQUARE_X + 64 && x < width; x++) {
			pixels[(int64_t)y * width + x] = ~color ^ ((uint32_t)number << 20);
		}
	}
}

/** `count` pictures in one pool. The file's name is how the driver tells clients' memory from others'. */
static bool make_buffers(struct bench_probe *probe, struct bench_buffer *buffers, int count,
		int32_t width, int32_t height) {
	int64_t size = (int64_t)width * height * 4;
	if (size * count > INT32_MAX) {
		fprintf(stderr, "probe: %dx%d is too large for a pool\n", width, height);
		return false;
	}
	int fd = memfd_create("bench-pool", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, size * count) != 0) {
		perror("probe: memfd");
		return false;
	}
	char *data = mmap(NULL, (size_t)(size * count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED) {
		perror("probe: mmap");
		return false;
	}
	struct wl_shm_pool *pool = wl_shm_create_pool(probe->shm, fd, (int32_t)(size * count));
	for (int i = 0; i < count; i++) {
		paint((uint32_t *)(void *)(data + size * i), width, height, probe->options.color, i,
				probe->options.damage == 0);
		buffers[i] = (struct bench_buffer){
			.wl = wl_shm_pool_create_buffer(pool, (int32_t)(size * i), width, height,
					width * 4, WL_SHM_FORMAT_XRGB8888),
			.probe = probe,
		};
		wl_buffer_add_listener(buffers[i].wl, &buffer_listener, &buffers[i]);
	}
	wl_shm_pool_destroy(pool);
	munmap(data, (size_t)(size * count));
	close(fd);
	return true;
}

static bool fit_buffers(struct bench_probe *probe, int32_t width, int32_t height) {
	if (width == probe->buffer_width && height == probe->buffer_height) {
		return true;
	}
	for (int i = 0; i < buffer_count(probe) && probe->buffer_width > 0; i++) {
		wl_buffer_destroy(probe->buffers[i].wl);
	}
	probe->buffer_width = width;
	probe->buffer_height = height;
	return make_buffers(probe, probe->buffers, buffer_count(probe), width, height);
}

static void make_tiles(struct bench_probe *probe) {
	const struct bench_options *options = &probe->options;
	if (probe->tiles != NULL || options->tiles == 0
			|| (options->expect_width > 0
					&& probe->buffer_width != options->expect_width)) {
		return;
	}
	probe->tiles = calloc((size_t)probe->options.tiles, sizeof(*probe->tiles));
	if (probe->tiles == NULL || !make_buffers(probe, probe->small, 2, BENCH_TILE, BENCH_TILE)) {
		probe->closed = true;
		return;
	}
	// Beside the square: what is covered is not drawn, and a frame of which nothing is drawn is never presented.
	const int left = 3 * BENCH_TILE;
	int columns = (probe->buffer_width - left) / BENCH_TILE;
	for (int i = 0; i < probe->options.tiles; i++) {
		probe->tiles[i] = wl_compositor_create_surface(probe->compositor);
		struct wl_subsurface *sub = wl_subcompositor_get_subsurface(probe->subcompositor,
				probe->tiles[i], probe->windows[0].surface);
		wl_subsurface_set_position(sub, left + i % columns * BENCH_TILE,
				i / columns * BENCH_TILE);
		wl_subsurface_set_desync(sub);
	}
}

static void handle_callback(void *data, struct wl_callback *callback, uint32_t time) {
	struct bench_probe *probe = data;
	int64_t now_ns = bench_now_ns();
	wl_callback_destroy(callback);
	probe->callback = NULL;
	bench_draw(probe, now_ns);
}

static const struct wl_callback_listener callback_listener = { .done = handle_callback };

static struct bench_buffer *free_buffer(struct bench_probe *probe) {
	for (int i = 0; i < buffer_count(probe); i++) {
		struct bench_buffer *buffer = &probe->buffers[(probe->turn + (unsigned)i)
				% (unsigned)buffer_count(probe)];
		if (!buffer->busy) {
			probe->turn = (unsigned)(buffer - probe->buffers) + 1;
			return buffer;
		}
	}
	return NULL;
}

static void damage(const struct bench_probe *probe, struct wl_surface *surface) {
	if (probe->options.damage == 0 || probe->drawn == 0) {
		wl_surface_damage_buffer(surface, 0, 0, INT32_MAX, INT32_MAX);
	} else {
		wl_surface_damage_buffer(surface, SQUARE_X, SQUARE_Y, probe->options.damage,
				probe->options.damage);
	}
}

static void draw_tiles(struct bench_probe *probe) {
	for (int i = 0; i < probe->options.tiles && probe->tiles != NULL; i++) {
		wl_surface_attach(probe->tiles[i], probe->small[probe->drawn % 2].wl, 0, 0);
		wl_surface_damage_buffer(probe->tiles[i], 0, 0, BENCH_TILE, BENCH_TILE);
		wl_surface_commit(probe->tiles[i]);
	}
}

void bench_draw(struct bench_probe *probe, int64_t cause_ns) {
	struct bench_buffer *buffer = free_buffer(probe);
	if (buffer == NULL) {
		probe->starved = true;
		return;
	}
	struct wl_surface *surface = probe->windows[0].surface;
	if (probe->options.mode == BENCH_PACE && probe->callback == NULL) {
		probe->callback = wl_surface_frame(surface);
		wl_callback_add_listener(probe->callback, &callback_listener, probe);
	}
	draw_tiles(probe);
	struct bench_frame *frame = bench_frame_begin(probe, cause_ns);
	wl_surface_attach(surface, buffer->wl, 0, 0);
	damage(probe, surface);
	wl_surface_commit(surface);
	buffer->busy = true;
	probe->drawn++;
	probe->commits++;
	wl_display_flush(probe->display);
	if (frame != NULL) {
		bench_frame_sent(probe, frame);
	}
}

void bench_flood(struct bench_probe *probe) {
	struct wl_surface *surface = probe->windows[0].surface;
	wl_surface_attach(surface, probe->buffers[probe->commits % 2].wl, 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(surface);
	probe->commits++;
}

static void handle_settled(void *data, struct wl_callback *callback, uint32_t serial) {
	wl_callback_destroy(callback);
	bench_print_ready(data);
}

static const struct wl_callback_listener settled_listener = { .done = handle_settled };

/** Of several idle windows most are never seen: they are ready when the compositor knows them all. */
static void note_crowd(struct bench_probe *probe) {
	if (probe->options.mode == BENCH_IDLE && probe->options.windows > 1
			&& ++probe->opened == probe->options.windows) {
		wl_callback_add_listener(wl_display_sync(probe->display), &settled_listener, probe);
	}
}

/** What the window shows first. Those beside the first one are there, and no more. */
static void draw_first(struct bench_window *window) {
	struct bench_probe *probe = window->probe;
	if (window != &probe->windows[0]) {
		wl_surface_attach(window->surface, probe->buffers[0].wl, 0, 0);
		wl_surface_damage_buffer(window->surface, 0, 0, INT32_MAX, INT32_MAX);
		wl_surface_commit(window->surface);
		return;
	}
	make_tiles(probe);
	probe->drawn = 0; // other buffers: all of it is new
	bench_draw(probe, bench_now_ns());
}

/** The window has the size that it is asked for, and shows as much of its buffers: nobody has to scale them. */
static void show_corner(struct bench_window *window, int32_t width, int32_t height) {
	struct bench_probe *probe = window->probe;
	if (probe->viewport == NULL) {
		probe->viewport = wp_viewporter_get_viewport(probe->viewporter, window->surface);
	}
	wp_viewport_set_source(probe->viewport, 0, 0, wl_fixed_from_int(width),
			wl_fixed_from_int(height));
	wp_viewport_set_destination(probe->viewport, width, height);
}

static void handle_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct bench_window *window = data;
	struct bench_probe *probe = window->probe;
	const struct bench_options *options = &probe->options;
	if (window->unmapped) {
		return; // sent before the compositor knew: it knows the serial no more
	}
	xdg_surface_ack_configure(xdg_surface, serial);
	bool first = !window->configured;
	window->configured = true;
	int32_t width = window->width > 0 ? window->width : 640;
	int32_t height = window->height > 0 ? window->height : 480;
	if (options->width > 0) {
		show_corner(window, width, height);
		width = options->width;
		height = options->height;
	}
	if (options->mode == BENCH_CHURN) {
		return;
	}
	bool same = width == probe->buffer_width && height == probe->buffer_height;
	if (window == &probe->windows[0] || probe->buffer_width == 0) {
		if (!fit_buffers(probe, width, height)) {
			probe->closed = true;
			return;
		}
	}
	if (first || !same) {
		draw_first(window);
	}
	if (first) {
		note_crowd(probe);
	}
}

static const struct xdg_surface_listener xdg_surface_listener = { .configure = handle_configure };

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height, struct wl_array *states) {
	struct bench_window *window = data;
	window->width = width;
	window->height = height;
}

static void handle_close(void *data, struct xdg_toplevel *toplevel) {
	struct bench_window *window = data;
	window->probe->closed = true;
}

static void handle_bounds(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height) {
}

static void handle_capabilities(void *data, struct xdg_toplevel *toplevel,
		struct wl_array *capabilities) {
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_close,
	.configure_bounds = handle_bounds,
	.wm_capabilities = handle_capabilities,
};

void bench_window_open(struct bench_window *window) {
	struct bench_probe *probe = window->probe;
	window->configured = window->unmapped = false;
	window->surface = wl_compositor_create_surface(probe->compositor);
	window->xdg_surface = xdg_wm_base_get_xdg_surface(probe->wm_base, window->surface);
	xdg_surface_add_listener(window->xdg_surface, &xdg_surface_listener, window);
	window->toplevel = xdg_surface_get_toplevel(window->xdg_surface);
	xdg_toplevel_add_listener(window->toplevel, &toplevel_listener, window);
	xdg_toplevel_set_app_id(window->toplevel, probe->options.app_id);
	xdg_toplevel_set_title(window->toplevel, probe->options.app_id);
	wl_surface_commit(window->surface);
}

void bench_window_close(struct bench_window *window) {
	if (window->surface == NULL) {
		return;
	}
	xdg_toplevel_destroy(window->toplevel);
	xdg_surface_destroy(window->xdg_surface);
	wl_surface_destroy(window->surface);
	window->surface = NULL;
}

static void show(struct bench_window *window, int32_t side) {
	struct bench_probe *probe = window->probe;
	xdg_surface_set_window_geometry(window->xdg_surface, 0, 0, side, side);
	wl_surface_attach(window->surface, probe->small[side == CHURN_SIZE ? 0 : 1].wl, 0, 0);
	wl_surface_damage_buffer(window->surface, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(window->surface);
	probe->commits++;
}

void bench_churn(struct bench_probe *probe) {
	if (probe->small[0].wl == NULL
			&& !(make_buffers(probe, &probe->small[0], 1, CHURN_SIZE, CHURN_SIZE)
					&& make_buffers(probe, &probe->small[1], 1, CHURN_SIZE / 2,
							CHURN_SIZE / 2))) {
		probe->closed = true;
		return;
	}
	struct bench_window *window =
			&probe->windows[probe->turn++ % (unsigned)probe->options.windows];
	if (window->surface == NULL) {
		bench_window_open(window);
		window->step = 0;
		return;
	}
	if (!window->configured) {
		return;
	}
	switch (window->step++) {
	case 0:
		show(window, CHURN_SIZE);
		break;
	case 1:
		show(window, CHURN_SIZE / 2);
		break;
	case 2:
		wl_surface_attach(window->surface, NULL, 0, 0);
		wl_surface_commit(window->surface);
		window->unmapped = true;
		break;
	default:
		bench_window_close(window);
		break;
	}
}
