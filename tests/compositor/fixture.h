#ifndef BN_TESTS_FIXTURE_H
#define BN_TESTS_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-client.h>

#include "server.h"

/**
 * A whole compositor in this process, headless and in virtual time, with clients on
 * socket pairs. Nothing waits for a clock: a test moves the time by itself, and a
 * round trip runs server and client by turns until the answer is there.
 */
struct bn_fixture {
	struct bn_server *server;
	char folder[64]; // the layout's, removed at the end
	char layout_path[96];
};

struct bn_fixture_options {
	const char *layout;             // YAML text; NULL: one display, one zone open to all
	enum bn_renderer_kind renderer; // AUTO: pixman
	bool with_socket;               // listens in a private XDG_RUNTIME_DIR
	bool real_time;
	const char *recorder; // folder of the flight recorder; NULL: none
	bool recorder_any;
	bool with_launch; // apps with exec: are really started
	int guard_fd;     // the line to a guard; 0: none
};

/** Fails the test when the server does not start. `options` may be NULL. */
void bn_fixture_start(struct bn_fixture *fixture, const struct bn_fixture_options *options);
void bn_fixture_stop(struct bn_fixture *fixture);
/** Overwrites the layout's file; the server notices by itself on the next dispatch. */
void bn_fixture_write_layout(struct bn_fixture *fixture, const char *yaml);
/** Moves virtual time, 1 ms at a step, with the server dispatched at each. */
void bn_fixture_advance_ms(struct bn_fixture *fixture, int ms);
/** XRGB of one px of a display's last frame. */
uint32_t bn_fixture_pixel(struct bn_fixture *fixture, const char *display, int x, int y);

#define BN_TEST_SEATS 4

struct bn_test_seat {
	char name[32];
	struct wl_seat *wl;
	uint32_t capabilities;
	struct wl_pointer *pointer;
	struct wl_keyboard *keyboard;
	struct wl_touch *touch;
	int touch_downs, touch_ups, touch_motions, touch_cancels, key_presses, keyboard_enters,
			keyboard_leaves, pointer_enters, pointer_buttons;
	double x, y; // of the last touch or pointer event, surface px
};

/** A client of the server, in this process. */
struct bn_test_client {
	struct bn_fixture *fixture;
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct wl_output *outputs[4];
	int32_t refresh_mhz[4]; // of their current modes, as it was told last
	int output_count;
	struct bn_test_seat seats[BN_TEST_SEATS];
	int seat_count;
	char globals[64][48]; // every interface that was announced
	int global_count;
	bool ignore_pings;
	int released_buffers;
	struct wl_proxy **kept; // owned; what bn_test_client_disconnect destroys
	size_t kept_count, kept_capacity;
	struct wl_list windows; // bn_test_window.link
};

/** `app`: the layout's app it counts as; NULL: unknown. */
struct bn_test_client *bn_test_client_connect(struct bn_fixture *fixture, const char *app);
/** A client on a connection to one of the server's sockets; the descriptor is taken over. */
struct bn_test_client *bn_test_client_connect_fd(struct bn_fixture *fixture, int fd);
/** Hangs up without a word, as a process that ends does. Its windows and buffers go with it. */
void bn_test_client_disconnect(struct bn_test_client *client);
/** Has an object destroyed when the client disconnects. Returns it. */
void *bn_test_client_keep(struct bn_test_client *client, void *proxy);
/** The object is destroyed by somebody else, or already. */
void bn_test_client_forget(struct bn_test_client *client, void *proxy);
/** Until all that was sent is answered. False when the connection has died. */
bool bn_test_client_roundtrip(struct bn_test_client *client);
bool bn_test_client_has_global(const struct bn_test_client *client, const char *interface);
/** The protocol error that ended the connection; 0: none. */
uint32_t bn_test_client_error(struct bn_test_client *client, const char **ret_interface);

/** An xdg toplevel that fills what it is configured to with one colour. */
struct bn_test_window {
	struct bn_test_client *client;
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	uint32_t color;            // 0xAARRGGBB
	int width, height;         // of the last configure; 0 until then
	int own_width, own_height; // when set: its size, whatever is configured
	bool activated, suspended, maximized, fullscreen, closed;
	int configures, frames_done;
	uint32_t last_frame_ms;
	bool wants_frames;   // asks for a frame callback with each commit
	bool is_mute;        // acknowledges a configure, but draws nothing
	struct wl_list link; // bn_test_client.windows
};

/** Makes, maps and draws it; returns after a round trip. `app_id` may be NULL. */
struct bn_test_window *bn_test_window_create(struct bn_test_client *client, const char *app_id,
		uint32_t color);
/** As create, with a size of its own. */
struct bn_test_window *bn_test_window_create_sized(struct bn_test_client *client,
		const char *app_id, uint32_t color, int width, int height);
/** Makes the role objects only: the test says more before bn_test_window_map. */
struct bn_test_window *bn_test_window_prepare(struct bn_test_client *client, const char *app_id,
		uint32_t color);
/** Commits for the first time, draws what is configured; returns after round trips. */
void bn_test_window_map(struct bn_test_window *window);
void bn_test_window_destroy(struct bn_test_window *window);
/** Attaches a new buffer of its size in this colour and commits; no round trip. */
void bn_test_window_draw(struct bn_test_window *window, uint32_t color);
/** A buffer of one colour; destroyed by itself when released. */
struct wl_buffer *bn_test_buffer(struct bn_test_client *client, int width, int height,
		uint32_t color);

/** A case for each renderer; *state is its kind. */
extern const enum bn_renderer_kind bn_test_pixman, bn_test_gles;
#define BN_ON_BOTH(name, function) \
	{ name "-with-pixman", function, NULL, NULL, (void *)&bn_test_pixman }, { \
		name "-with-gles", function, NULL, NULL, (void *)&bn_test_gles \
	}

#endif
