#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xdg_activation_v1.h>

#include "client.h"
#include "fixture.h"
#include "input/input.h"
#include "kit.h"
#include "presentation-time-client-protocol.h"
#include "scene/content.h"
#include "security-context-v1-client-protocol.h"
#include "server_internal.h"
#include "virtual-keyboard-unstable-v1-client-protocol.h"
#include "wlr-screencopy-unstable-v1-client-protocol.h"
#include "wlr-virtual-pointer-unstable-v1-client-protocol.h"
#include "xdg-activation-v1-client-protocol.h"
#include "xdg-shell-client-protocol.h"

/*
 * What ends, hangs or drains a compositor that hands it on to wlroots. Each case is one client's doing; afterwards
 * the witness must still be served, and no descriptor more may be open than before.
 */
static const char layout[] =
		"binnacle: 1\n"
		"displays:\n"
		"  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
		"zones:\n"
		"  main: { display: center, rect: [0, 0, 200, 100%], grant: [trusted, '*'] }\n"
		"  side: { display: center, rect: [200, 0, 120, 100%], grant: [witness] }\n"
		"apps:\n"
		"  trusted: { home: main, may: [capture, input] }\n"
		"  witness: { home: side }\n";

struct popup {
	struct wl_surface *surface;
	struct xdg_surface *xdg;
	struct xdg_positioner *where;
};

static struct popup prepare_popup(struct bn_test_client *client) {
	struct popup popup = {
		.surface = bn_test_client_keep(client,
				wl_compositor_create_surface(client->compositor)),
		.where = bn_test_client_keep(client,
				xdg_wm_base_create_positioner(client->wm_base)),
	};
	popup.xdg = bn_test_client_keep(client,
			xdg_wm_base_get_xdg_surface(client->wm_base, popup.surface));
	xdg_positioner_set_size(popup.where, 20, 20);
	xdg_positioner_set_anchor_rect(popup.where, 0, 0, 1, 1);
	return popup;
}

static struct xdg_popup *get_popup(struct bn_test_client *client, const struct popup *popup,
		struct xdg_surface *parent) {
	return bn_test_client_keep(client, xdg_surface_get_popup(popup->xdg, parent, popup->where));
}

static void be_ones_own_parent(struct bn_test_client *client) {
	struct popup popup = prepare_popup(client);
	get_popup(client, &popup, popup.xdg);
	wl_surface_commit(popup.surface);
}

static void be_ones_parents_parent(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct popup first = prepare_popup(client), second = prepare_popup(client);
	struct xdg_popup *popup = get_popup(client, &first, window->xdg_surface);
	bn_test_client_forget(client, popup);
	xdg_popup_destroy(popup);
	get_popup(client, &second, first.xdg);
	get_popup(client, &first, second.xdg);
	wl_surface_commit(second.surface);
	wl_surface_commit(first.surface);
}

static void move_before_the_first_commit(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct popup popup = prepare_popup(client);
	xdg_popup_reposition(get_popup(client, &popup, window->xdg_surface), popup.where, 7);
}

static void grab_twice(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	bn_kit_settle(client);
	uint32_t serial = bn_kit_press(client, 10, 10);
	struct popup popup = prepare_popup(client);
	struct xdg_popup *xdg_popup = get_popup(client, &popup, window->xdg_surface);
	xdg_popup_grab(xdg_popup, client->seats[0].wl, serial);
	xdg_popup_grab(xdg_popup, client->seats[0].wl, serial);
}

static void handle_popup_done(void *data, struct xdg_popup *popup) {
	bool *done = data;
	*done = true;
}

static void ignore_configure(void *data, struct xdg_popup *popup, int32_t x, int32_t y,
		int32_t width, int32_t height) {
}

static const struct xdg_popup_listener popup_listener = {
	.configure = ignore_configure,
	.popup_done = handle_popup_done,
};

static void grab_without_a_serial(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct popup popup = prepare_popup(client);
	struct xdg_popup *xdg_popup = get_popup(client, &popup, window->xdg_surface);
	bool done = false;
	xdg_popup_add_listener(xdg_popup, &popup_listener, &done);
	xdg_popup_grab(xdg_popup, client->seats[0].wl, 4711);
	assert_true(bn_test_client_roundtrip(client));
	assert_true(done);
	struct bn_input *input = bn_server_input(client->fixture->server);
	assert_false(wlr_seat_touch_has_grab(bn_input_seat_for_occupant(input, 0)));
}

// Clipboard and dragging

static struct wl_data_device *data_device(struct bn_test_client *client) {
	struct wl_data_device_manager *manager =
			bn_kit_bind(client, &wl_data_device_manager_interface, 3);
	return bn_test_client_keep(client,
			wl_data_device_manager_get_data_device(manager, client->seats[0].wl));
}

/** And lift the finger where there is nothing: wlroots looked into the source that is not there. */
static void drag_nothing(struct bn_test_client *client) {
	struct bn_test_window *window =
			bn_test_window_create_sized(client, NULL, 0xff0000ff, 100, 100);
	bn_kit_settle(client);
	struct wl_data_device *device = data_device(client);
	uint32_t serial = bn_kit_press(client, 10, 10);
	wl_data_device_start_drag(device, NULL, window->surface, NULL, serial);
	assert_true(bn_test_client_roundtrip(client));
	struct bn_input *input = bn_server_input(client->fixture->server);
	assert_null(bn_input_seat_for_occupant(input, 0)->drag);
	bn_kit_touch(client->fixture, 250, 190, BN_TOUCH_MOVE);
	bn_kit_touch(client->fixture, 250, 190, BN_TOUCH_UP);
}

/** A source that was cancelled is an object still, but no source: as good as none. */
static void drag_a_spent_source(struct bn_test_client *client) {
	struct bn_test_window *window =
			bn_test_window_create_sized(client, NULL, 0xff0000ff, 100, 100);
	bn_kit_settle(client);
	struct wl_data_device *device = data_device(client);
	struct wl_data_source *source = bn_test_client_keep(client,
			wl_data_device_manager_create_data_source(bn_kit_bind(client,
					&wl_data_device_manager_interface, 3)));
	uint32_t serial = bn_kit_press(client, 10, 10);
	wl_data_device_start_drag(device, source, window->surface, NULL, serial + 4711);
	wl_data_device_start_drag(device, source, window->surface, NULL, serial);
	assert_true(bn_test_client_roundtrip(client));
	struct bn_input *input = bn_server_input(client->fixture->server);
	assert_null(bn_input_seat_for_occupant(input, 0)->drag);
}

static void offer_everything(struct bn_test_client *client) {
	struct wl_data_device_manager *manager =
			bn_kit_bind(client, &wl_data_device_manager_interface, 3);
	struct wl_data_source *source = bn_test_client_keep(client,
			wl_data_device_manager_create_data_source(manager));
	for (int i = 0; i < 300; i++) {
		char type[32];
		snprintf(type, sizeof(type), "text/%d", i);
		wl_data_source_offer(source, type);
	}
}

// Without bound

static void add_rectangles(struct bn_test_client *client) {
	struct wl_region *region = bn_test_client_keep(client,
			wl_compositor_create_region(client->compositor));
	for (int i = 0; i < 3000; i++) {
		wl_region_add(region, i * 2, i * 2, 1, 1);
	}
}

/** A chess board of damage costs as much as one rectangle. */
static void damage_a_chess_board(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	for (int y = 0; y < 100; y += 2) {
		for (int x = 0; x < 100; x += 2) {
			wl_surface_damage(window->surface, x, y, 1, 1);
		}
	}
	wl_surface_attach(window->surface, bn_test_buffer(client, 200, 200, 0xff0000fe), 0, 0);
	wl_surface_commit(window->surface);
	assert_true(bn_test_client_roundtrip(client));
	struct bn_shell *shell = bn_server_shell(client->fixture->server);
	struct bn_view *view;
	wl_list_for_each(view, &shell->views, link) {
		const struct bn_content *content = bn_content_from_surface(view->surface);
		assert_true(pixman_region32_n_rects(&content->pending_damage)
				<= BN_CONTENT_DAMAGE_RECTS + 1);
	}
}

static void commit_without_the_parent(struct bn_test_client *client) {
	struct wl_surface *parent = bn_test_client_keep(client,
			wl_compositor_create_surface(client->compositor));
	struct wl_surface *child = bn_test_client_keep(client,
			wl_compositor_create_surface(client->compositor));
	bn_test_client_keep(client,
			wl_subcompositor_get_subsurface(client->subcompositor, child, parent));
	for (int i = 0; i < 2 * BN_CONTENT_COMMITS_WAITING; i++) {
		wl_surface_commit(child);
	}
}

static void make_objects(struct bn_test_client *client) {
	struct wl_surface *surface = bn_test_client_keep(client,
			wl_compositor_create_surface(client->compositor));
	for (int i = 0; i < BN_CLIENT_OBJECTS_MAX + 100; i++) {
		bn_test_client_keep(client, wl_surface_frame(surface));
		if (i % 256 == 0) {
			// Its messages fit into the socket by turns only.
			wl_display_flush(client->display);
			bn_server_dispatch(client->fixture->server, 0);
		}
	}
}

static void make_pools(struct bn_test_client *client) {
	int fd = memfd_create("binnacle-test", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, 4096), 0);
	for (int i = 0; i < 4500; i++) {
		bn_test_client_keep(client, wl_shm_create_pool(client->shm, fd, 4096));
		if (i % 16 == 0) {
			wl_display_flush(client->display);
			bn_server_dispatch(client->fixture->server, 0);
		}
	}
	close(fd);
}

static void make_a_pool_of(struct bn_test_client *client, const char *path) {
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	bn_test_client_keep(client, wl_shm_create_pool(client->shm, fd, 4096));
	close(fd);
}

static void make_a_pool_of_a_file(struct bn_test_client *client) {
	make_a_pool_of(client, "/proc/self/maps");
}

static void make_a_pool_of_a_device(struct bn_test_client *client) {
	make_a_pool_of(client, "/dev/zero");
}

static void make_an_enormous_buffer(struct bn_test_client *client) {
	int fd = memfd_create("binnacle-test", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, 1 << 30), 0);
	struct wl_shm_pool *pool =
			bn_test_client_keep(client, wl_shm_create_pool(client->shm, fd, 1 << 30));
	bn_test_client_keep(client,
			wl_shm_pool_create_buffer(pool, 0, 1, 200000000, 4,
					WL_SHM_FORMAT_ARGB8888));
	close(fd);
}

// For whom the layout trusts

static struct zwlr_screencopy_frame_v1 *capture(struct bn_test_client *client) {
	struct zwlr_screencopy_manager_v1 *manager =
			bn_kit_bind(client, &zwlr_screencopy_manager_v1_interface, 3);
	assert_non_null(manager);
	struct zwlr_screencopy_frame_v1 *frame = bn_test_client_keep(client,
			zwlr_screencopy_manager_v1_capture_output(manager, 0, client->outputs[0]));
	assert_true(bn_test_client_roundtrip(client));
	return frame;
}

static void copy_into_another_size(struct bn_test_client *client) {
	zwlr_screencopy_frame_v1_copy(capture(client), bn_test_buffer(client, 10, 10, 0xff000000));
}

static void copy_twice(struct bn_test_client *client) {
	struct zwlr_screencopy_frame_v1 *frame = capture(client);
	struct wl_buffer *buffer = bn_test_buffer(client, 320, 200, 0xff000000);
	zwlr_screencopy_frame_v1_copy(frame, buffer);
	zwlr_screencopy_frame_v1_copy(frame, buffer);
}

static void copy_from_beyond_the_display(struct bn_test_client *client) {
	struct zwlr_screencopy_manager_v1 *manager =
			bn_kit_bind(client, &zwlr_screencopy_manager_v1_interface, 3);
	struct zwlr_screencopy_frame_v1 *frame = bn_test_client_keep(client,
			zwlr_screencopy_manager_v1_capture_output_region(manager, 0,
					client->outputs[0], INT32_MAX - 7, 0, 8, 8));
	assert_true(bn_test_client_roundtrip(client));
	zwlr_screencopy_frame_v1_copy(frame, bn_test_buffer(client, 8, 8, 0xff000000));
}

static void listen_on_no_socket(struct bn_test_client *client) {
	struct wp_security_context_manager_v1 *manager =
			bn_kit_bind(client, &wp_security_context_manager_v1_interface, 1);
	int one = open("/dev/null", O_RDONLY | O_CLOEXEC), other = dup(one);
	bn_test_client_keep(client,
			wp_security_context_manager_v1_create_listener(manager, one, other));
	close(one);
	close(other);
}

static int listening_socket(void) {
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct sockaddr any_name = { .sa_family = AF_UNIX };
	assert_int_equal(bind(fd, &any_name, sizeof(any_name.sa_family)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/** Nothing that can hang up: the context would be kept for ever. */
static void listen_until(struct bn_test_client *client, int closing) {
	struct wp_security_context_manager_v1 *manager =
			bn_kit_bind(client, &wp_security_context_manager_v1_interface, 1);
	int listening = listening_socket();
	assert_true(closing >= 0);
	bn_test_client_keep(client,
			wp_security_context_manager_v1_create_listener(manager, listening,
					closing));
	close(listening);
	close(closing);
}

static void listen_until_a_file_ends(struct bn_test_client *client) {
	listen_until(client, memfd_create("binnacle-test", MFD_CLOEXEC));
}

static void listen_until_a_listener_ends(struct bn_test_client *client) {
	listen_until(client, listening_socket());
}

static void listen_until_a_datagram_socket_ends(struct bn_test_client *client) {
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
	close(pair[0]);
	listen_until(client, pair[1]);
}

static void listen_until_both_ends_of_a_pipe_end(struct bn_test_client *client) {
	int pair[2];
	char path[64];
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", pair[0]);
	int both = open(path, O_RDWR | O_CLOEXEC);
	close(pair[0]);
	close(pair[1]);
	listen_until(client, both);
}

static struct zwp_virtual_keyboard_v1 *virtual_keyboard(struct bn_test_client *client) {
	struct zwp_virtual_keyboard_manager_v1 *manager =
			bn_kit_bind(client, &zwp_virtual_keyboard_manager_v1_interface, 1);
	assert_non_null(manager);
	return bn_test_client_keep(client,
			zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(manager,
					client->seats[0].wl));
}

static void send_keymap(struct bn_test_client *client, const char *text, size_t file_size,
		uint32_t said) {
	int fd = memfd_create("binnacle-test", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, (off_t)file_size), 0);
	assert_int_equal(pwrite(fd, text, strlen(text), 0), strlen(text));
	zwp_virtual_keyboard_v1_keymap(virtual_keyboard(client), WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1,
			fd, said);
	close(fd);
}

static void send_a_keymap_that_ends_nowhere(struct bn_test_client *client) {
	char text[4097];
	memset(text, 'a', 4096);
	text[4096] = '\0';
	send_keymap(client, text, 4096, 4096);
}

static void send_a_keymap_that_is_not_there(struct bn_test_client *client) {
	send_keymap(client, "", 0, 4096);
}

static void send_an_endless_keymap(struct bn_test_client *client) {
	send_keymap(client, "", 4096, UINT32_MAX);
}

static void type_with_a_good_keymap(struct bn_test_client *client) {
	static const char text[] =
			"xkb_keymap { xkb_keycodes { <A> = 38; };"
			" xkb_types { include \"complete\" }; xkb_compat { include \"complete\" };"
			" xkb_symbols { key <A> { [ a ] }; }; };";
	bn_test_window_create(client, NULL, 0xff0000ff);
	struct zwp_virtual_keyboard_v1 *keyboard = virtual_keyboard(client);
	int fd = memfd_create("binnacle-test", MFD_CLOEXEC);
	assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
	zwp_virtual_keyboard_v1_keymap(keyboard, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, fd,
			sizeof(text));
	close(fd);
	// The seat gets its keyboard, and the client asks for it.
	assert_true(bn_test_client_roundtrip(client));
	assert_true(bn_test_client_roundtrip(client));
	zwp_virtual_keyboard_v1_key(keyboard, 1, 30, WL_KEYBOARD_KEY_STATE_PRESSED);
	zwp_virtual_keyboard_v1_key(keyboard, 2, 30, WL_KEYBOARD_KEY_STATE_RELEASED);
	assert_true(bn_test_client_roundtrip(client));
	assert_true(client->seats[0].key_presses > 0);
}

// Ours: what the numbers of clients, and their order, did to us

/** For the sanitizers: none of what is reckoned with it may leave its type. */
static void set_a_geometry_beyond_numbers(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	static const int32_t edges[] = { INT32_MIN, INT32_MAX, -1 };
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		xdg_surface_set_window_geometry(window->xdg_surface, edges[i], edges[i], INT32_MAX,
				INT32_MAX);
		bn_test_window_draw(window, 0xff0000fe);
		bn_kit_settle(client);
	}
}

// Running them

typedef void (*deed_t)(struct bn_test_client *client);

static const struct deed {
	const char *name;
	deed_t deed;
	const char *app; // whose it is; NULL: nobody's
	bool ends;       // its client is ended for it
	const char *reason; // why, or why it was passed over: part of what its client is told; NULL: nothing
} deeds[] = {
	{ "a-popup-cannot-be-its-own-parent", be_ones_own_parent, NULL, true, "own parent" },
	{ "a-popup-cannot-be-its-parents-parent", be_ones_parents_parent, NULL, true,
			"own parent" },
	{ "a-popup-is-not-moved-before-its-first-commit", move_before_the_first_commit, NULL, true,
			"first commit" },
	{ "a-popup-cannot-grab-twice", grab_twice, NULL, true, "grab twice" },
	{ "a-popup-that-grabs-without-a-serial-is-dismissed", grab_without_a_serial, NULL, false,
			"serial" },
	{ "a-drag-of-nothing-is-ignored", drag_nothing, NULL, false, "data source" },
	{ "a-drag-of-a-spent-source-is-ignored", drag_a_spent_source, NULL, false, "data source" },
	{ "a-source-cannot-offer-everything", offer_everything, NULL, true, "types" },
	{ "a-region-has-an-end", add_rectangles, NULL, true, "rectangles" },
	{ "a-chess-board-of-damage-costs-one-rectangle", damage_a_chess_board, NULL, false, NULL },
	{ "commits-do-not-wait-without-end", commit_without_the_parent, NULL, true, "parent's" },
	{ "objects-have-an-end", make_objects, NULL, true, "objects" },
	{ "pools-have-an-end", make_pools, NULL, true, "buffers" },
	{ "a-pool-of-a-file-that-may-let-us-wait-is-refused", make_a_pool_of_a_file, NULL, true,
			"in memory" },
	{ "a-pool-of-a-device-is-refused", make_a_pool_of_a_device, NULL, true, "in memory" },
	{ "a-buffer-is-no-larger-than-a-display", make_an_enormous_buffer, NULL, true,
			"larger than any display" },
	{ "a-copy-into-another-size-leaves-nothing-open", copy_into_another_size, "trusted", true,
			"copied" },
	{ "a-second-copy-leaves-nothing-open", copy_twice, "trusted", true, "copied" },
	{ "a-copy-from-beyond-the-display-is-refused", copy_from_beyond_the_display, "trusted",
			true, "copied" },
	{ "a-listener-that-is-none-leaves-nothing-open", listen_on_no_socket, "trusted", true,
			"listen_fd" },
	{ "a-listener-until-a-listener-ends-is-refused", listen_until_a_listener_ends, "trusted",
			true, "close_fd" },
	{ "a-listener-until-a-datagram-socket-ends-is-refused", listen_until_a_datagram_socket_ends,
			"trusted", true, "close_fd" },
	{ "a-listener-until-both-ends-of-a-pipe-end-is-refused",
			listen_until_both_ends_of_a_pipe_end, "trusted", true, "close_fd" },
	{ "a-listener-that-never-ends-is-refused", listen_until_a_file_ends, "trusted", true,
			"close_fd" },
	{ "a-keymap-that-ends-nowhere-is-refused", send_a_keymap_that_ends_nowhere, "trusted", true,
			"keymap" },
	{ "a-keymap-that-is-not-there-is-refused", send_a_keymap_that_is_not_there, "trusted", true,
			"keymap" },
	{ "an-endless-keymap-is-refused", send_an_endless_keymap, "trusted", true, "keymap" },
	{ "a-geometry-beyond-numbers-is-stood", set_a_geometry_beyond_numbers, NULL, false, NULL },
	{ "a-good-keymap-types", type_with_a_good_keymap, "trusted", false, NULL },
};

struct refusals {
	char text[8192]; // all of them
	struct wl_listener refused;
};

static void handle_refused(struct wl_listener *listener, void *data) {
	struct refusals *refusals = wl_container_of(listener, refusals, refused);
	const struct bn_client_refusal *refusal = data;
	size_t length = strlen(refusals->text);
	snprintf(refusals->text + length, sizeof(refusals->text) - length, "%s\n",
			refusal->reason->text);
}

/** What wlroots makes at the first captures, and keeps: up to four buffers. */
static void capture_some(struct bn_fixture *fixture, struct bn_test_window *window) {
	struct bn_test_client *client = bn_test_client_connect(fixture, "trusted");
	for (uint32_t i = 0; i < 4; i++) {
		zwlr_screencopy_frame_v1_copy(capture(client),
				bn_test_buffer(client, 320, 200, 0xff000000));
		bn_test_window_draw(window, 0xff000000 + i);
		bn_kit_settle(client);
	}
	bn_test_client_disconnect(client);
}

static void is_survived(void **state) {
	const struct deed *deed = *state;
	struct bn_fixture fixture;
	const struct bn_fixture_options options = { .layout = layout };
	bn_fixture_start(&fixture, &options);
	struct bn_test_client *witness = bn_test_client_connect(&fixture, "witness");
	struct bn_test_window *window = bn_test_window_create(witness, NULL, 0xff00ff00);
	capture_some(&fixture, window);
	bn_kit_settle(witness);
	int fds = bn_kit_count_fds();
	struct refusals refusals = { .refused.notify = handle_refused };
	wl_signal_add(&bn_server_clients(fixture.server)->events.refused, &refusals.refused);
	struct bn_test_client *client = bn_test_client_connect(&fixture, deed->app);
	deed->deed(client);
	assert_int_equal(bn_test_client_roundtrip(client), !deed->ends);
	assert_non_null(strstr(refusals.text, deed->reason != NULL ? deed->reason : ""));
	bn_test_client_disconnect(client);
	wl_list_remove(&refusals.refused.link);
	bn_kit_touch(&fixture, 10, 10, BN_TOUCH_UP);
	bn_test_window_draw(window, 0xff00ff01);
	bn_kit_settle(witness);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 250, 20), 0x00ff01);
	assert_int_equal(bn_kit_count_fds(), fds);
	bn_test_client_disconnect(witness);
	bn_fixture_stop(&fixture);
}

// What takes more than one client, or nobody's fault

static void tokens_without_end_push_each_other_out(void **state) {
	struct bn_fixture fixture;
	bn_fixture_start(&fixture, NULL);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	struct xdg_activation_v1 *manager = bn_kit_bind(client, &xdg_activation_v1_interface, 1);
	for (int i = 0; i < 2000; i++) {
		struct xdg_activation_token_v1 *token =
				xdg_activation_v1_get_activation_token(manager);
		xdg_activation_token_v1_commit(token);
		xdg_activation_token_v1_destroy(token);
		if (i % 100 == 0) {
			assert_true(bn_test_client_roundtrip(client));
		}
	}
	assert_true(bn_test_client_roundtrip(client));
	assert_true(wl_list_length(&fixture.server->xdg.activations->tokens) <= 256);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

/** Its surfaces were drawn as those of the window that leaves, and as those of the one that comes. */
static void a_window_that_comes_may_become_a_dialog_of_the_one_that_leaves(void **state) {
	static const char fading[] = "binnacle: 1\n"
				     "displays:\n"
				     "  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
				     "zones:\n"
				     "  main: { display: center, rect: full, grant: ['*'], "
				     "transition: fade 1000ms }\n";
	struct bn_fixture fixture;
	const struct bn_fixture_options options = { .layout = fading };
	bn_fixture_start(&fixture, &options);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	struct bn_test_window *first = bn_test_window_create(client, NULL, 0xff0000ff);
	bn_kit_settle(client);
	struct bn_test_window *second = bn_test_window_create(client, NULL, 0xff00ff00);
	bn_kit_settle(client);
	xdg_toplevel_set_parent(second->toplevel, first->toplevel);
	bn_test_window_draw(second, 0xff00ff01);
	bn_kit_settle(client);
	bn_fixture_advance_ms(&fixture, 2000);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 160, 100), 0x00ff01);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static bool has_hung_up(int fd) {
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char byte;
	return poll(&poll_fd, 1, 0) == 1 && read(fd, &byte, 1) <= 0;
}

static void a_crowd_of_strangers_is_turned_away(void **state) {
	enum { STRANGERS = BN_CLIENTS_UNKNOWN_MAX + 20 };
	struct bn_fixture fixture;
	const struct bn_fixture_options options = { .layout = layout };
	bn_fixture_start(&fixture, &options);
	int ends[STRANGERS], gone = 0;
	for (int i = 0; i < STRANGERS; i++) {
		int pair[2];
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
		assert_non_null(bn_server_add_client(fixture.server, pair[0], NULL));
		ends[i] = pair[1];
		bn_server_dispatch(fixture.server, 0);
	}
	// Whoever is known still comes in.
	struct bn_test_client *witness = bn_test_client_connect(&fixture, "witness");
	assert_true(bn_test_client_roundtrip(witness));
	for (int i = 0; i < STRANGERS; i++) {
		gone += has_hung_up(ends[i]);
		close(ends[i]);
	}
	assert_int_equal(gone, STRANGERS - BN_CLIENTS_UNKNOWN_MAX);
	bn_test_client_disconnect(witness);
	bn_fixture_stop(&fixture);
}

int main(void) {
	enum { COUNT = sizeof(deeds) / sizeof(deeds[0]) };
	struct CMUnitTest tests[COUNT + 3];
	for (size_t i = 0; i < COUNT; i++) {
		tests[i] = (struct CMUnitTest){
			.name = deeds[i].name,
			.test_func = is_survived,
			.initial_state = (void *)&deeds[i],
		};
	}
	tests[COUNT] = (struct CMUnitTest){
		.name = "tokens-without-end-push-each-other-out",
		.test_func = tokens_without_end_push_each_other_out,
	};
	tests[COUNT + 1] = (struct CMUnitTest){
		.name = "a-crowd-of-strangers-is-turned-away",
		.test_func = a_crowd_of_strangers_is_turned_away,
	};
	tests[COUNT + 2] = (struct CMUnitTest){
		.name = "a-window-that-comes-may-become-a-dialog-of-the-one-that-leaves",
		.test_func = a_window_that_comes_may_become_a_dialog_of_the_one_that_leaves,
	};
	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
