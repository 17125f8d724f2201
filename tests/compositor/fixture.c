#include "fixture.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cockpit.h"
#include "core/nsec.h"
#include "loop.h"
#include "output.h"
#include "xdg-shell-client-protocol.h"

const enum bn_renderer_kind bn_test_pixman = BN_RENDERER_PIXMAN, bn_test_gles = BN_RENDERER_GLES;

static const char default_layout[] =
		"binnacle: 1\n"
		"displays:\n"
		"  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
		"zones:\n"
		"  main: { display: center, rect: full, layer: app, grant: [\"*\"] }\n";

static void fail(const char *what) {
	fprintf(stderr, "fixture: %s\n", what);
	abort();
}

void bn_fixture_write_layout(struct bn_fixture *fixture, const char *yaml) {
	FILE *file = fopen(fixture->layout_path, "we");
	if (file == NULL || fputs(yaml, file) < 0 || fclose(file) != 0) {
		fail("cannot write the layout");
	}
}

void bn_fixture_start(struct bn_fixture *fixture, const struct bn_fixture_options *options) {
	static const struct bn_fixture_options none = { 0 };
	options = options != NULL ? options : &none;
	*fixture = (struct bn_fixture){ 0 };
	strcpy(fixture->folder, "/tmp/binnacle-test-XXXXXX");
	if (mkdtemp(fixture->folder) == NULL) {
		fail("cannot make a folder");
	}
	snprintf(fixture->layout_path, sizeof(fixture->layout_path), "%s/layout.yaml",
			fixture->folder);
	bn_fixture_write_layout(fixture,
			options->layout != NULL ? options->layout : default_layout);
	if (options->with_socket) {
		setenv("XDG_RUNTIME_DIR", fixture->folder, 1);
	}
	const struct bn_server_options server_options = {
		.layout = fixture->layout_path,
		.backend = BN_BACKEND_HEADLESS,
		.renderer = options->renderer != BN_RENDERER_AUTO ? options->renderer
								  : BN_RENDERER_PIXMAN,
		.listen_fd = -1,
		.guard_fd = options->guard_fd,
		.no_socket = !options->with_socket,
		.no_launch = !options->with_launch,
		.virtual_time = !options->real_time,
		.recorder = options->recorder,
		.recorder_any = options->recorder_any,
	};
	char error[BN_SERVER_ERROR_MAX];
	fixture->server = bn_server_create(&server_options, error);
	if (fixture->server == NULL) {
		fail(error);
	}
	bn_server_dispatch(fixture->server, 0);
}

void bn_fixture_stop(struct bn_fixture *fixture) {
	bn_server_destroy(fixture->server);
	fixture->server = NULL;
	unlink(fixture->layout_path);
	char command[128];
	snprintf(command, sizeof(command), "rm -rf '%s'", fixture->folder);
	if (system(command) != 0) {
		fail("cannot remove the folder");
	}
}

void bn_fixture_advance_ms(struct bn_fixture *fixture, int ms) {
	for (int i = 0; i < ms; i++) {
		bn_server_advance(fixture->server, BN_NSEC_PER_MSEC);
	}
}

uint32_t bn_fixture_pixel(struct bn_fixture *fixture, const char *display, int x, int y) {
	struct bn_cockpit *cockpit = bn_server_cockpit(fixture->server);
	size_t index = bn_layout_find_display(cockpit->layout, display);
	struct bn_output *output = bn_outputs_find(bn_server_outputs(fixture->server), index);
	if (output == NULL) {
		fail("no such display");
	}
	uint32_t *pixels;
	int32_t width, height;
	char error[160];
	if (!bn_output_screenshot(output, &pixels, &width, &height, error, sizeof(error))) {
		fail(error);
	}
	if (x >= width || y >= height) {
		fail("pixel outside the display");
	}
	uint32_t pixel = pixels[(size_t)y * (size_t)width + (size_t)x] & 0xffffff;
	free(pixels);
	return pixel;
}

// Seats

static struct bn_test_seat *touch_seat(void *data) {
	return data;
}

static void touch_down(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		struct wl_surface *surface, int32_t id, wl_fixed_t x, wl_fixed_t y) {
	touch_seat(data)->touch_downs++;
	touch_seat(data)->x = wl_fixed_to_double(x);
	touch_seat(data)->y = wl_fixed_to_double(y);
}

static void touch_up(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
		int32_t id) {
	touch_seat(data)->touch_ups++;
}

static void touch_motion(void *data, struct wl_touch *touch, uint32_t time, int32_t id,
		wl_fixed_t x, wl_fixed_t y) {
	touch_seat(data)->touch_motions++;
	touch_seat(data)->x = wl_fixed_to_double(x);
	touch_seat(data)->y = wl_fixed_to_double(y);
}

static void touch_frame(void *data, struct wl_touch *touch) {
}

static void touch_cancel(void *data, struct wl_touch *touch) {
	touch_seat(data)->touch_cancels++;
}

static void touch_shape(void *data, struct wl_touch *touch, int32_t id, wl_fixed_t major,
		wl_fixed_t minor) {
}

static void touch_orientation(void *data, struct wl_touch *touch, int32_t id,
		wl_fixed_t orientation) {
}

static const struct wl_touch_listener touch_listener = {
	.down = touch_down,
	.up = touch_up,
	.motion = touch_motion,
	.frame = touch_frame,
	.cancel = touch_cancel,
	.shape = touch_shape,
	.orientation = touch_orientation,
};

static void keyboard_keymap(void *data, struct wl_keyboard *keyboard, uint32_t format, int32_t fd,
		uint32_t size) {
	close(fd);
}

static void keyboard_enter(void *data, struct wl_keyboard *keyboard, uint32_t serial,
		struct wl_surface *surface, struct wl_array *keys) {
	struct bn_test_seat *seat = data;
	seat->keyboard_enters++;
}

static void keyboard_leave(void *data, struct wl_keyboard *keyboard, uint32_t serial,
		struct wl_surface *surface) {
	struct bn_test_seat *seat = data;
	seat->keyboard_leaves++;
}

static void keyboard_key(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time,
		uint32_t key, uint32_t state) {
	struct bn_test_seat *seat = data;
	seat->key_presses += state == WL_KEYBOARD_KEY_STATE_PRESSED;
}

static void keyboard_modifiers(void *data, struct wl_keyboard *keyboard, uint32_t serial,
		uint32_t depressed, uint32_t latched, uint32_t locked, uint32_t group) {
}

static void keyboard_repeat(void *data, struct wl_keyboard *keyboard, int32_t rate, int32_t delay) {
}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = keyboard_keymap,
	.enter = keyboard_enter,
	.leave = keyboard_leave,
	.key = keyboard_key,
	.modifiers = keyboard_modifiers,
	.repeat_info = keyboard_repeat,
};

static void pointer_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
		struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y) {
	struct bn_test_seat *seat = data;
	seat->pointer_enters++;
	seat->x = wl_fixed_to_double(x);
	seat->y = wl_fixed_to_double(y);
}

static void pointer_leave(void *data, struct wl_pointer *pointer, uint32_t serial,
		struct wl_surface *surface) {
}

static void pointer_motion(void *data, struct wl_pointer *pointer, uint32_t time, wl_fixed_t x,
		wl_fixed_t y) {
	struct bn_test_seat *seat = data;
	seat->x = wl_fixed_to_double(x);
	seat->y = wl_fixed_to_double(y);
}

static void pointer_button(void *data, struct wl_pointer *pointer, uint32_t serial, uint32_t time,
		uint32_t button, uint32_t state) {
	struct bn_test_seat *seat = data;
	seat->pointer_buttons += state == WL_POINTER_BUTTON_STATE_PRESSED;
}

static void pointer_axis(void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis,
		wl_fixed_t value) {
}

static void pointer_frame(void *data, struct wl_pointer *pointer) {
}

static void pointer_axis_source(void *data, struct wl_pointer *pointer, uint32_t source) {
}

static void pointer_axis_stop(void *data, struct wl_pointer *pointer, uint32_t time,
		uint32_t axis) {
}

static void pointer_axis_discrete(void *data, struct wl_pointer *pointer, uint32_t axis,
		int32_t discrete) {
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = pointer_enter,
	.leave = pointer_leave,
	.motion = pointer_motion,
	.button = pointer_button,
	.axis = pointer_axis,
	.frame = pointer_frame,
	.axis_source = pointer_axis_source,
	.axis_stop = pointer_axis_stop,
	.axis_discrete = pointer_axis_discrete,
};

static void seat_capabilities(void *data, struct wl_seat *wl, uint32_t capabilities) {
	struct bn_test_seat *seat = data;
	seat->capabilities = capabilities;
	if ((capabilities & WL_SEAT_CAPABILITY_TOUCH) && seat->touch == NULL) {
		seat->touch = wl_seat_get_touch(wl);
		wl_touch_add_listener(seat->touch, &touch_listener, seat);
	}
	if ((capabilities & WL_SEAT_CAPABILITY_KEYBOARD) && seat->keyboard == NULL) {
		seat->keyboard = wl_seat_get_keyboard(wl);
		wl_keyboard_add_listener(seat->keyboard, &keyboard_listener, seat);
	}
	if ((capabilities & WL_SEAT_CAPABILITY_POINTER) && seat->pointer == NULL) {
		seat->pointer = wl_seat_get_pointer(wl);
		wl_pointer_add_listener(seat->pointer, &pointer_listener, seat);
	}
}

static void seat_name(void *data, struct wl_seat *wl, const char *name) {
	struct bn_test_seat *seat = data;
	snprintf(seat->name, sizeof(seat->name), "%s", name);
}

static const struct wl_seat_listener seat_listener = {
	.capabilities = seat_capabilities,
	.name = seat_name,
};

// Client

static void wm_base_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	const struct bn_test_client *client = data;
	if (!client->ignore_pings) {
		xdg_wm_base_pong(wm_base, serial);
	}
}

static const struct xdg_wm_base_listener wm_base_listener = {
	.ping = wm_base_ping,
};

static void bind_seat(struct bn_test_client *client, uint32_t name) {
	if (client->seat_count == BN_TEST_SEATS) {
		fail("more seats than a test expects");
	}
	struct bn_test_seat *seat = &client->seats[client->seat_count++];
	seat->wl = wl_registry_bind(client->registry, name, &wl_seat_interface, 5);
	wl_seat_add_listener(seat->wl, &seat_listener, seat);
}

static void handle_geometry(void *data, struct wl_output *output, int32_t x, int32_t y,
		int32_t width_mm, int32_t height_mm, int32_t subpixel, const char *make,
		const char *model, int32_t transform) {
}

static void handle_mode(void *data, struct wl_output *output, uint32_t flags, int32_t width,
		int32_t height, int32_t refresh_mhz) {
	int32_t *current_mhz = data;
	*current_mhz = (flags & WL_OUTPUT_MODE_CURRENT) != 0 ? refresh_mhz : *current_mhz;
}

static const struct wl_output_listener output_listener = {
	.geometry = handle_geometry,
	.mode = handle_mode,
};

static void bind_output(struct bn_test_client *client, uint32_t name) {
	int i = client->output_count++;
	client->outputs[i] = wl_registry_bind(client->registry, name, &wl_output_interface, 1);
	wl_output_add_listener(client->outputs[i], &output_listener, &client->refresh_mhz[i]);
}

static void registry_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct bn_test_client *client = data;
	if (client->global_count < 64) {
		snprintf(client->globals[client->global_count++], sizeof(client->globals[0]), "%s",
				interface);
	}
	if (strcmp(interface, "wl_compositor") == 0) {
		client->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 5);
	} else if (strcmp(interface, "wl_subcompositor") == 0) {
		client->subcompositor =
				wl_registry_bind(registry, name, &wl_subcompositor_interface, 1);
	} else if (strcmp(interface, "wl_shm") == 0) {
		client->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	} else if (strcmp(interface, "xdg_wm_base") == 0) {
		client->wm_base = wl_registry_bind(registry, name, &xdg_wm_base_interface,
				version < 6 ? version : 6);
		xdg_wm_base_add_listener(client->wm_base, &wm_base_listener, client);
	} else if (strcmp(interface, "wl_seat") == 0) {
		bind_seat(client, name);
	} else if (strcmp(interface, "wl_output") == 0 && client->output_count < 4) {
		bind_output(client, name);
	}
}

static void registry_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = registry_global,
	.global_remove = registry_remove,
};

void *bn_test_client_keep(struct bn_test_client *client, void *proxy) {
	if (client->kept_count == client->kept_capacity) {
		client->kept_capacity = client->kept_capacity * 2 + 64;
		client->kept = realloc(client->kept,
				client->kept_capacity * sizeof(client->kept[0]));
		if (client->kept == NULL) {
			fail("out of memory");
		}
	}
	client->kept[client->kept_count++] = proxy;
	return proxy;
}

void bn_test_client_forget(struct bn_test_client *client, void *proxy) {
	// The newest is the likeliest: a flood of buffers comes back in order.
	for (size_t i = client->kept_count; i-- > 0;) {
		if (client->kept[i] == proxy) {
			client->kept[i] = client->kept[--client->kept_count];
			return;
		}
	}
	fail("an object was destroyed twice");
}

struct bn_test_client *bn_test_client_connect_fd(struct bn_fixture *fixture, int fd) {
	struct bn_test_client *client = calloc(1, sizeof(*client));
	if (client == NULL) {
		fail("out of memory");
	}
	client->fixture = fixture;
	wl_list_init(&client->windows);
	client->display = wl_display_connect_to_fd(fd);
	client->registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(client->registry, &registry_listener, client);
	if (!bn_test_client_roundtrip(client) || !bn_test_client_roundtrip(client)) {
		fail("the connection died at once");
	}
	return client;
}

struct bn_test_client *bn_test_client_connect(struct bn_fixture *fixture, const char *app) {
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		fail("cannot make a client");
	}
	if (bn_server_add_client(fixture->server, fds[0], app) == NULL) {
		fail("the server refuses the client");
	}
	return bn_test_client_connect_fd(fixture, fds[1]);
}

static void destroy_seats(struct bn_test_client *client) {
	for (int i = 0; i < client->seat_count; i++) {
		struct bn_test_seat *seat = &client->seats[i];
		void *const proxies[] = { seat->pointer, seat->keyboard, seat->touch, seat->wl };
		for (size_t j = 0; j < sizeof(proxies) / sizeof(proxies[0]); j++) {
			if (proxies[j] != NULL) {
				wl_proxy_destroy(proxies[j]);
			}
		}
	}
}

/** Only memory of the client's: nothing of it is sent. */
static void destroy_proxies(struct bn_test_client *client) {
	destroy_seats(client);
	for (int i = 0; i < client->output_count; i++) {
		wl_proxy_destroy((struct wl_proxy *)client->outputs[i]);
	}
	void *const singles[] = { client->compositor, client->subcompositor, client->shm,
		client->wm_base, client->registry };
	for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
		if (singles[i] != NULL) {
			wl_proxy_destroy(singles[i]);
		}
	}
	for (size_t i = 0; i < client->kept_count; i++) {
		wl_proxy_destroy(client->kept[i]);
	}
	free(client->kept);
}

void bn_test_client_disconnect(struct bn_test_client *client) {
	struct bn_test_window *window, *tmp;
	wl_list_for_each_safe(window, tmp, &client->windows, link) {
		wl_proxy_destroy((struct wl_proxy *)window->toplevel);
		wl_proxy_destroy((struct wl_proxy *)window->xdg_surface);
		wl_proxy_destroy((struct wl_proxy *)window->surface);
		free(window);
	}
	destroy_proxies(client);
	wl_display_disconnect(client->display);
	if (client->fixture->server != NULL) {
		bn_server_dispatch(client->fixture->server, 0);
	}
	free(client);
}

static void sync_done(void *data, struct wl_callback *callback, uint32_t serial) {
	bool *done = data;
	*done = true;
	wl_callback_destroy(callback);
}

static const struct wl_callback_listener sync_listener = {
	.done = sync_done,
};

/** Reads what is there without waiting. */
static bool pump(struct bn_test_client *client) {
	while (wl_display_prepare_read(client->display) != 0) {
		if (wl_display_dispatch_pending(client->display) < 0) {
			return false;
		}
	}
	bool flushed = wl_display_flush(client->display) >= 0 || errno == EAGAIN;
	struct pollfd fd = { .fd = wl_display_get_fd(client->display), .events = POLLIN };
	if (poll(&fd, 1, 0) > 0) {
		if (wl_display_read_events(client->display) < 0) {
			return false;
		}
	} else {
		wl_display_cancel_read(client->display);
	}
	return wl_display_dispatch_pending(client->display) >= 0 && flushed;
}

bool bn_test_client_roundtrip(struct bn_test_client *client) {
	bool done = false;
	struct wl_callback *callback = wl_display_sync(client->display);
	wl_callback_add_listener(callback, &sync_listener, &done);
	// Far more turns than any exchange needs: a server that does not answer fails the test, not the clock.
	for (int i = 0; !done && i < 10000; i++) {
		if (!pump(client)) {
			break;
		}
		bn_server_dispatch(client->fixture->server, 0);
	}
	if (!done) {
		wl_callback_destroy(callback);
	}
	return done;
}

bool bn_test_client_has_global(const struct bn_test_client *client, const char *interface) {
	for (int i = 0; i < client->global_count; i++) {
		if (strcmp(client->globals[i], interface) == 0) {
			return true;
		}
	}
	return false;
}

uint32_t bn_test_client_error(struct bn_test_client *client, const char **ret_interface) {
	const struct wl_interface *interface = NULL;
	uint32_t id;
	uint32_t code = wl_display_get_protocol_error(client->display, &interface, &id);
	*ret_interface = interface != NULL ? interface->name : NULL;
	return interface != NULL ? code : 0;
}

// Buffers

static void buffer_release(void *data, struct wl_buffer *buffer) {
	struct bn_test_client *client = data;
	client->released_buffers++;
	bn_test_client_forget(client, buffer);
	wl_buffer_destroy(buffer);
}

static const struct wl_buffer_listener buffer_listener = {
	.release = buffer_release,
};

struct wl_buffer *bn_test_buffer(struct bn_test_client *client, int width, int height,
		uint32_t color) {
	size_t size = (size_t)width * (size_t)height * 4;
	int fd = memfd_create("binnacle-test", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) != 0) {
		fail("no memory for a buffer");
	}
	uint32_t *pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (size_t i = 0; i < size / 4; i++) {
		pixels[i] = color;
	}
	munmap(pixels, size);
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, (int32_t)size);
	uint32_t format = color >> 24 == 0xff ? WL_SHM_FORMAT_XRGB8888 : WL_SHM_FORMAT_ARGB8888;
	struct wl_buffer *buffer =
			wl_shm_pool_create_buffer(pool, 0, width, height, width * 4, format);
	wl_buffer_add_listener(buffer, &buffer_listener, client);
	bn_test_client_keep(client, buffer);
	wl_shm_pool_destroy(pool);
	close(fd);
	return buffer;
}

// Windows

static void frame_done(void *data, struct wl_callback *callback, uint32_t time) {
	struct bn_test_window *window = data;
	window->frames_done++;
	window->last_frame_ms = time;
	bn_test_client_forget(window->client, callback);
	wl_callback_destroy(callback);
}

static const struct wl_callback_listener frame_listener = {
	.done = frame_done,
};

void bn_test_window_draw(struct bn_test_window *window, uint32_t color) {
	int width = window->own_width > 0   ? window->own_width
			: window->width > 0 ? window->width
					    : 64;
	int height = window->own_height > 0  ? window->own_height
			: window->height > 0 ? window->height
					     : 64;
	window->color = color;
	if (window->wants_frames) {
		struct wl_callback *callback = wl_surface_frame(window->surface);
		wl_callback_add_listener(callback, &frame_listener, window);
		bn_test_client_keep(window->client, callback);
	}
	wl_surface_attach(window->surface, bn_test_buffer(window->client, width, height, color), 0,
			0);
	wl_surface_damage_buffer(window->surface, 0, 0, width, height);
	wl_surface_commit(window->surface);
}

static void toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height, struct wl_array *states) {
	struct bn_test_window *window = data;
	window->width = width;
	window->height = height;
	window->activated = window->suspended = window->maximized = window->fullscreen = false;
	uint32_t *state;
	wl_array_for_each(state, states) {
		window->activated |= *state == XDG_TOPLEVEL_STATE_ACTIVATED;
		window->suspended |= *state == XDG_TOPLEVEL_STATE_SUSPENDED;
		window->maximized |= *state == XDG_TOPLEVEL_STATE_MAXIMIZED;
		window->fullscreen |= *state == XDG_TOPLEVEL_STATE_FULLSCREEN;
	}
}

static void toplevel_close(void *data, struct xdg_toplevel *toplevel) {
	struct bn_test_window *window = data;
	window->closed = true;
}

static void toplevel_bounds(void *data, struct xdg_toplevel *toplevel, int32_t width,
		int32_t height) {
}

static void toplevel_wm_capabilities(void *data, struct xdg_toplevel *toplevel,
		struct wl_array *capabilities) {
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = toplevel_configure,
	.close = toplevel_close,
	.configure_bounds = toplevel_bounds,
	.wm_capabilities = toplevel_wm_capabilities,
};

static void xdg_surface_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct bn_test_window *window = data;
	window->configures++;
	xdg_surface_ack_configure(xdg_surface, serial);
	if (!window->is_mute) {
		bn_test_window_draw(window, window->color);
	}
}

static const struct xdg_surface_listener xdg_surface_listener = {
	.configure = xdg_surface_configure,
};

struct bn_test_window *bn_test_window_prepare(struct bn_test_client *client, const char *app_id,
		uint32_t color) {
	struct bn_test_window *window = calloc(1, sizeof(*window));
	if (window == NULL) {
		fail("out of memory");
	}
	window->client = client;
	window->color = color;
	wl_list_insert(&client->windows, &window->link);
	window->surface = wl_compositor_create_surface(client->compositor);
	window->xdg_surface = xdg_wm_base_get_xdg_surface(client->wm_base, window->surface);
	xdg_surface_add_listener(window->xdg_surface, &xdg_surface_listener, window);
	window->toplevel = xdg_surface_get_toplevel(window->xdg_surface);
	xdg_toplevel_add_listener(window->toplevel, &toplevel_listener, window);
	if (app_id != NULL) {
		xdg_toplevel_set_app_id(window->toplevel, app_id);
	}
	return window;
}

void bn_test_window_map(struct bn_test_window *window) {
	wl_surface_commit(window->surface);
	// Configure and draw; then what mapping it changed.
	if (!bn_test_client_roundtrip(window->client)
			|| !bn_test_client_roundtrip(window->client)) {
		fail("the client lost its connection while making a window");
	}
}

struct bn_test_window *bn_test_window_create_sized(struct bn_test_client *client,
		const char *app_id, uint32_t color, int width, int height) {
	struct bn_test_window *window = bn_test_window_prepare(client, app_id, color);
	window->own_width = width;
	window->own_height = height;
	bn_test_window_map(window);
	return window;
}

struct bn_test_window *bn_test_window_create(struct bn_test_client *client, const char *app_id,
		uint32_t color) {
	return bn_test_window_create_sized(client, app_id, color, 0, 0);
}

void bn_test_window_destroy(struct bn_test_window *window) {
	xdg_toplevel_destroy(window->toplevel);
	xdg_surface_destroy(window->xdg_surface);
	wl_surface_destroy(window->surface);
	bn_test_client_roundtrip(window->client);
	wl_list_remove(&window->link);
	free(window);
}
