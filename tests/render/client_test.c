// A client that shrinks the file under its pool while we read it. Client and server share this
// thread.

#include "rig.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wlr/types/wlr_compositor.h>

enum { SIDE = 128, STRIDE = SIDE * 4, POOL = STRIDE * SIDE };

struct client {
	struct wl_display *display;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct wl_surface *surface;
	struct wl_buffer *buffer;
	int fd;
	uint32_t *pixels;
};

struct server {
	struct rig *rig;
	struct wlr_surface *surface; // of the client
	struct wlr_buffer *buffer;   // locked: what it attached
	struct wl_listener new_surface, commit, surface_destroy;
};

static void handle_commit(struct wl_listener *listener, void *data) {
	struct server *server = wl_container_of(listener, server, commit);
	struct wlr_surface *surface = data;
	if (surface->current.buffer != NULL && server->buffer == NULL) {
		server->buffer = wlr_buffer_lock(surface->current.buffer);
	}
}

static void handle_surface_destroy(struct wl_listener *listener, void *data) {
	struct server *server = wl_container_of(listener, server, surface_destroy);
	wl_list_remove(&server->commit.link);
	wl_list_remove(&server->surface_destroy.link);
	server->surface = NULL;
}

static void handle_new_surface(struct wl_listener *listener, void *data) {
	struct server *server = wl_container_of(listener, server, new_surface);
	server->surface = data;
	server->commit.notify = handle_commit;
	wl_signal_add(&server->surface->events.commit, &server->commit);
	server->surface_destroy.notify = handle_surface_destroy;
	wl_signal_add(&server->surface->events.destroy, &server->surface_destroy);
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct client *client = data;
	if (strcmp(interface, wl_compositor_interface.name) == 0) {
		client->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	} else if (strcmp(interface, wl_shm_interface.name) == 0) {
		client->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

// Everything that is on its way is handled on both sides.
static void turn(struct server *server, struct client *client) {
	for (int i = 0; i < 4; i++) {
		wl_display_flush(client->display);
		wl_event_loop_dispatch(wl_display_get_event_loop(server->rig->display), 0);
		wl_display_flush_clients(server->rig->display);
		while (wl_display_prepare_read(client->display) != 0) {
			if (wl_display_dispatch_pending(client->display) < 0) {
				return;
			}
		}
		struct pollfd ready = { .fd = wl_display_get_fd(client->display),
			.events = POLLIN };
		if (poll(&ready, 1, 0) > 0) {
			wl_display_read_events(client->display);
		} else {
			wl_display_cancel_read(client->display);
		}
		wl_display_dispatch_pending(client->display);
	}
}

static void connect_client(struct server *server, struct client *client) {
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_non_null(wl_client_create(server->rig->display, ends[0]));
	client->display = wl_display_connect_to_fd(ends[1]);
	assert_non_null(client->display);
	struct wl_registry *registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(registry, &registry_listener, client);
	turn(server, client);
	assert_non_null(client->compositor);
	assert_non_null(client->shm);
	wl_registry_destroy(registry);
}

static void attach_buffer(struct server *server, struct client *client) {
	client->fd = memfd_create("pool", MFD_CLOEXEC);
	assert_int_equal(ftruncate(client->fd, POOL), 0);
	client->pixels = mmap(NULL, POOL, PROT_READ | PROT_WRITE, MAP_SHARED, client->fd, 0);
	assert_true(client->pixels != MAP_FAILED);
	for (int i = 0; i < SIDE * SIDE; i++) {
		client->pixels[i] = 0xFF40C080;
	}
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, client->fd, POOL);
	client->buffer = wl_shm_pool_create_buffer(pool, 0, SIDE, SIDE, STRIDE,
			WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	client->surface = wl_compositor_create_surface(client->compositor);
	wl_surface_attach(client->surface, client->buffer, 0, 0);
	wl_surface_commit(client->surface);
	turn(server, client);
	assert_non_null(server->buffer);
}

static void disconnect_client(struct server *server, struct client *client) {
	wl_buffer_destroy(client->buffer);
	wl_surface_destroy(client->surface);
	wl_compositor_destroy(client->compositor);
	wl_shm_destroy(client->shm);
	wl_display_disconnect(client->display);
	munmap(client->pixels, POOL);
	close(client->fd);
	wl_event_loop_dispatch(wl_display_get_event_loop(server->rig->display), 0);
	wl_event_loop_dispatch(wl_display_get_event_loop(server->rig->display), 0);
	assert_null(server->surface);
}

static void enter(struct server *server, struct client *client, struct rig *rig) {
	*server = (struct server){ .rig = rig };
	*client = (struct client){ 0 };
	server->new_surface.notify = handle_new_surface;
	wl_signal_add(&rig->compositor->events.new_surface, &server->new_surface);
	connect_client(server, client);
	attach_buffer(server, client);
}

static void leave(struct server *server, struct client *client) {
	if (server->buffer != NULL) {
		wlr_buffer_unlock(server->buffer);
	}
	disconnect_client(server, client);
	wl_list_remove(&server->new_surface.link);
}

static void assert_drawn(struct rig *rig, struct wlr_texture *texture, uint32_t want) {
	struct wlr_buffer *canvas = side_canvas(&rig->gles, SIDE, SIDE, DRM_FORMAT_XRGB8888);
	struct wlr_render_pass *pass =
			wlr_renderer_begin_buffer_pass(rig->gles.renderer, canvas, NULL);
	wlr_render_pass_add_texture(pass,
			&(struct wlr_render_texture_options){ .texture = texture });
	assert_true(wlr_render_pass_submit(pass));
	assert_int_equal(canvas_pixel(canvas, 100, 3) & 0xFFFFFF, want);
	wlr_buffer_drop(canvas);
}

static void client_pixels_are_drawn(void **state) {
	struct server server;
	struct client client;
	enter(&server, &client, *state);
	struct wlr_texture *texture =
			wlr_texture_from_buffer(server.rig->gles.renderer, server.buffer);
	assert_non_null(texture);
	assert_drawn(*state, texture, 0x40C080);
	wlr_texture_destroy(texture);
	leave(&server, &client);
}

// Without wlroots' guard around the read it is a SIGBUS, and that the end of every display. With
// it, zeroes.
static void truncating_before_the_upload_is_survived(void **state) {
	struct server server;
	struct client client;
	enter(&server, &client, *state);
	assert_int_equal(ftruncate(client.fd, 0), 0);
	struct wlr_texture *texture =
			wlr_texture_from_buffer(server.rig->gles.renderer, server.buffer);
	assert_non_null(texture);
	assert_drawn(*state, texture, 0x000000);
	wlr_texture_destroy(texture);
	leave(&server, &client);
}

static void truncating_before_an_update_is_survived(void **state) {
	struct server server;
	struct client client;
	enter(&server, &client, *state);
	struct wlr_texture *texture =
			wlr_texture_from_buffer(server.rig->gles.renderer, server.buffer);
	assert_non_null(texture);
	assert_int_equal(ftruncate(client.fd, 0), 0);
	pixman_region32_t damage;
	pixman_region32_init_rect(&damage, 90, 0, 20, 20);
	wlr_texture_update_from_buffer(texture, server.buffer, &damage);
	pixman_region32_fini(&damage);
	assert_drawn(*state, texture, 0x000000);
	wlr_texture_destroy(texture);
	leave(&server, &client);
}

static int setup(void **state) {
	rig_setup(state);
	struct rig *rig = *state;
	rig->compositor = wlr_compositor_create(rig->display, 6, NULL);
	assert_non_null(rig->compositor);
	assert_true(wlr_renderer_init_wl_shm(rig->gles.renderer, rig->display));
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "client-pixels-are-drawn", client_pixels_are_drawn },
		{ "truncating-before-the-upload-is-survived",
				truncating_before_the_upload_is_survived },
		{ "truncating-before-an-update-is-survived",
				truncating_before_an_update_is_survived },
	};
	return cmocka_run_group_tests(tests, setup, rig_teardown);
}
