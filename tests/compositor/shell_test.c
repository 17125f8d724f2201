#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "binnacle-cockpit-v1-client-protocol.h"
#include "cockpit.h"
#include "fixture.h"
#include "input/input.h"
#include "kit.h"
#include "output.h"
#include "presentation-time-client-protocol.h"
#include "security-context-v1-client-protocol.h"
#include "xdg-activation-v1-client-protocol.h"
#include "xdg-decoration-unstable-v1-client-protocol.h"
#include "xdg-shell-client-protocol.h"

#define MAIN_EMPTY 0x400000
#define SIDE_EMPTY 0x004000

static const char layout[] = "binnacle: 1\n"
			     "displays:\n"
			     "  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
			     "zones:\n"
			     "  main: { display: center, rect: [0, 0, 200, 100%], grant: [nav, "
			     "'*'], empty: '#400000' }\n"
			     "  side: { display: center, rect: [200, 0, 120, 100%], grant: [media, "
			     "nav, '*'], empty: '#004000' }\n"
			     "apps:\n"
			     "  nav: { home: main }\n"
			     "  media: { home: side }\n";

static void start(struct bn_fixture *fixture) {
	const struct bn_fixture_options options = { .layout = layout };
	bn_fixture_start(fixture, &options);
}

// Popups

static void a_popup_is_clipped_by_its_zone(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct bn_kit_popup popup;
	const struct bn_kit_popup_options options = { 150, 20, 100, 40, 0xffffff00, 0, NULL, 0 };
	bn_kit_popup_open(&popup, client, window->xdg_surface, &options);
	bn_kit_settle(client);
	assert_int_equal(popup.x, 150);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 149, 30), 0x0000ff);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 150, 30), 0xffff00);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 199, 30), 0xffff00);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 200, 30), SIDE_EMPTY);
	bn_kit_popup_close(&popup);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 160, 30), 0x0000ff);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_popup_is_moved_into_its_zone(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct bn_kit_popup popup, nested;
	const uint32_t slide = XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_X
			| XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_Y;
	const struct bn_kit_popup_options options = { 150, 190, 100, 40, 0xffffff00, slide, NULL,
		0 };
	bn_kit_popup_open(&popup, client, window->xdg_surface, &options);
	assert_int_equal(popup.x, 100);
	assert_int_equal(popup.y, 160);
	// A popup of the popup is kept in the same zone, told in its parent's coordinates.
	const struct bn_kit_popup_options inner = { 90, 30, 60, 30, 0xff00ffff, slide, NULL, 0 };
	bn_kit_popup_open(&nested, client, popup.xdg_surface, &inner);
	assert_int_equal(nested.x, 40);
	assert_int_equal(nested.y, 10);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 141, 171), 0x00ffff);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 101, 161), 0xffff00);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_hidden_window_loses_its_popups(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct bn_kit_popup popup;
	const struct bn_kit_popup_options options = { 10, 10, 50, 40, 0xffffff00, 0, NULL, 0 };
	bn_kit_popup_open(&popup, client, window->xdg_surface, &options);
	assert_false(popup.done);
	struct bn_test_window *other = bn_test_window_create(client, NULL, 0xff00ff00);
	bn_kit_settle(client);
	assert_true(popup.done);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 20, 20), 0x00ff00);
	bn_test_window_destroy(other);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_touch_elsewhere_ends_a_grabbing_popup(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *nav = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(nav, NULL, 0xff0000ff);
	struct bn_test_client *media = bn_test_client_connect(&fixture, "media");
	bn_test_window_create(media, NULL, 0xff00ff00);
	bn_kit_settle(media);
	uint32_t serial = bn_kit_press(nav, 20, 20);
	bn_kit_touch(&fixture, 20, 20, BN_TOUCH_UP);
	struct bn_kit_popup popup;
	const struct bn_kit_popup_options options = { 10, 10, 50, 40, 0xffffff00, 0,
		nav->seats[0].wl, serial };
	bn_kit_popup_open(&popup, nav, window->xdg_surface, &options);
	bn_kit_settle(nav);
	assert_false(popup.done);
	// Its own touches stay its own.
	bn_kit_touch(&fixture, 20, 20, BN_TOUCH_DOWN);
	bn_kit_touch(&fixture, 20, 20, BN_TOUCH_UP);
	bn_kit_settle(nav);
	assert_false(popup.done);
	bn_kit_touch(&fixture, 250, 100, BN_TOUCH_DOWN);
	bn_kit_touch(&fixture, 250, 100, BN_TOUCH_UP);
	bn_kit_settle(nav);
	assert_true(popup.done);
	bn_test_client_disconnect(nav);
	bn_test_client_disconnect(media);
	bn_fixture_stop(&fixture);
}

// Toplevels

static void a_dialog_is_centred_on_its_parent(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct bn_test_window *dialog = bn_test_window_prepare(client, NULL, 0xffffffff);
	dialog->own_width = 60;
	dialog->own_height = 40;
	xdg_toplevel_set_parent(dialog->toplevel, window->toplevel);
	bn_test_window_map(dialog);
	bn_kit_settle(client);
	// It may choose its size; the parent stays where it is.
	assert_int_equal(dialog->width, 0);
	assert_false(window->suspended);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 70, 80), 0xffffff);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 129, 119), 0xffffff);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 69, 100), 0x0000ff);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 130, 100), 0x0000ff);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 100, 79), 0x0000ff);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 100, 120), 0x0000ff);
	// A dialog of a dialog, and touch goes to the topmost.
	struct bn_test_window *question = bn_test_window_prepare(client, NULL, 0xff000000);
	question->own_width = 20;
	question->own_height = 20;
	xdg_toplevel_set_parent(question->toplevel, dialog->toplevel);
	bn_test_window_map(question);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 100, 100), 0x000000);
	bn_kit_press(client, 100, 100);
	assert_int_equal((int)client->seats[0].x, 10);
	bn_kit_touch(&fixture, 0, 0, BN_TOUCH_UP);
	bn_test_window_destroy(question);
	bn_test_window_destroy(dialog);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 100, 100), 0x0000ff);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_dialog_without_its_parent_is_a_window(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct bn_test_window *dialog = bn_test_window_create(client, NULL, 0xffffffff);
	xdg_toplevel_set_parent(dialog->toplevel, window->toplevel);
	bn_kit_settle(client);
	assert_int_equal(dialog->width, 0);
	bn_test_window_destroy(window);
	bn_kit_settle(client);
	bn_kit_settle(client);
	assert_int_equal(dialog->width, 200);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 1, 1), 0xffffff);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_cycle_of_parents_costs_only_its_client(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *good = bn_test_client_connect(&fixture, "media");
	bn_test_window_create(good, NULL, 0xff00ff00);
	struct bn_test_client *bad = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *windows[3];
	for (int i = 0; i < 3; i++) {
		windows[i] = bn_test_window_create(bad, NULL, 0xff0000ff);
	}
	for (int i = 0; i < 3; i++) {
		xdg_toplevel_set_parent(windows[i]->toplevel, windows[(i + 1) % 3]->toplevel);
	}
	bn_test_client_roundtrip(bad);
	bn_fixture_advance_ms(&fixture, 40);
	const char *interface;
	bn_test_client_error(bad, &interface);
	assert_string_equal(interface, "xdg_toplevel");
	bn_kit_settle(good);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), MAIN_EMPTY);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 250, 10), 0x00ff00);
	bn_test_client_disconnect(bad);
	bn_test_client_disconnect(good);
	bn_fixture_stop(&fixture);
}

static void fullscreen_means_the_zone(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	assert_false(window->fullscreen);
	xdg_toplevel_set_fullscreen(window->toplevel, NULL);
	bn_kit_settle(client);
	assert_true(window->fullscreen);
	assert_int_equal(window->width, 200);
	assert_int_equal(window->height, 200);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 205, 10), SIDE_EMPTY);
	xdg_toplevel_unset_fullscreen(window->toplevel);
	bn_kit_settle(client);
	assert_false(window->fullscreen);
	// Maximized is answered, minimized too, and nothing changes.
	int configures = window->configures;
	xdg_toplevel_set_maximized(window->toplevel);
	bn_kit_settle(client);
	assert_true(window->configures > configures);
	xdg_toplevel_set_minimized(window->toplevel);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x0000ff);
	// Asked for before it is there at all.
	struct bn_test_window *movie = bn_test_window_prepare(client, NULL, 0xff00ff00);
	xdg_toplevel_set_fullscreen(movie->toplevel, NULL);
	bn_test_window_map(movie);
	assert_true(movie->fullscreen);
	assert_int_equal(movie->width, 200);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void an_app_id_set_late_finds_its_zone(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	struct bn_test_window *window = bn_test_window_create(client, "somebody", 0xff0000ff);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x0000ff);
	xdg_toplevel_set_app_id(window->toplevel, "media");
	bn_kit_settle(client);
	bn_kit_settle(client);
	assert_int_equal(window->width, 120);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), MAIN_EMPTY);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 250, 10), 0x0000ff);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_window_comes_back_after_it_was_unmapped(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	bn_kit_settle(client);
	wl_surface_attach(window->surface, NULL, 0, 0);
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), MAIN_EMPTY);
	bn_test_window_map(window);
	bn_kit_settle(client);
	assert_int_equal(window->width, 200);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x0000ff);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

// Subsurfaces

static void a_synchronized_subsurface_waits_for_its_parent(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	// Else the window would be as large as its subsurfaces reach.
	xdg_surface_set_window_geometry(window->xdg_surface, 0, 0, 200, 200);
	struct bn_kit_subsurface sub;
	bn_kit_subsurface_open(&sub, client, window->surface, 30, 40, 20, 10, 0xffffffff);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 35, 45), 0x0000ff);
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 30, 40), 0xffffff);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 49, 49), 0xffffff);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 50, 45), 0x0000ff);
	bn_kit_subsurface_draw(&sub, 20, 10, 0xff00ff00);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 35, 45), 0xffffff);
	// Desynchronized: what was held back comes out, and from now on at once.
	wl_subsurface_set_desync(sub.subsurface);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 35, 45), 0x00ff00);
	bn_kit_subsurface_draw(&sub, 20, 10, 0xffff0000);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 35, 45), 0xff0000);
	// Its position is the parent's state.
	wl_subsurface_set_position(sub.subsurface, 190, 0);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 35, 45), 0xff0000);
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 35, 45), 0x0000ff);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 195, 5), 0xff0000);
	// It is cut off where the zone ends.
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 201, 5), SIDE_EMPTY);
	bn_kit_subsurface_close(&sub);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 195, 5), 0x0000ff);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void subsurfaces_stack_as_they_are_told(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct bn_kit_subsurface red, green;
	bn_kit_subsurface_open(&red, client, window->surface, 10, 10, 20, 20, 0xffff0000);
	bn_kit_subsurface_open(&green, client, window->surface, 20, 20, 20, 20, 0xff00ff00);
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 25, 25), 0x00ff00);
	wl_subsurface_place_above(red.subsurface, green.surface);
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 25, 25), 0xff0000);
	wl_subsurface_place_below(green.subsurface, window->surface);
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 35, 35), 0x0000ff);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

// Activation

struct token {
	char text[64];
};

static void token_done(void *data, struct xdg_activation_token_v1 *wl, const char *text) {
	struct token *token = data;
	snprintf(token->text, sizeof(token->text), "%s", text);
}

static const struct xdg_activation_token_v1_listener token_listener = {
	.done = token_done,
};

static struct token get_token(struct bn_test_client *client, struct xdg_activation_v1 *activation,
		uint32_t serial) {
	struct token token = { 0 };
	struct xdg_activation_token_v1 *wl = xdg_activation_v1_get_activation_token(activation);
	xdg_activation_token_v1_add_listener(wl, &token_listener, &token);
	if (serial != 0) {
		xdg_activation_token_v1_set_serial(wl, serial, client->seats[0].wl);
	}
	xdg_activation_token_v1_commit(wl);
	assert_true(bn_test_client_roundtrip(client));
	xdg_activation_token_v1_destroy(wl);
	return token;
}

static void activation_needs_a_touch(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *back = bn_test_client_connect(&fixture, NULL);
	struct bn_test_window *behind = bn_test_window_create(back, "behind", 0xffff0000);
	struct bn_test_client *front = bn_test_client_connect(&fixture, NULL);
	bn_test_window_create(front, "front", 0xff0000ff);
	bn_kit_settle(front);
	bn_kit_settle(back);
	assert_true(behind->suspended);
	struct xdg_activation_v1 *giver = bn_kit_bind(front, &xdg_activation_v1_interface, 1);
	struct xdg_activation_v1 *taker = bn_kit_bind(back, &xdg_activation_v1_interface, 1);
	struct token token = get_token(front, giver, 0);
	xdg_activation_v1_activate(taker, token.text, behind->surface);
	bn_kit_settle(back);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x0000ff);
	xdg_activation_v1_activate(taker, "forged", behind->surface);
	bn_kit_settle(back);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x0000ff);
	uint32_t serial = bn_kit_press(front, 10, 10);
	token = get_token(front, giver, serial);
	bn_kit_touch(&fixture, 10, 10, BN_TOUCH_UP);
	xdg_activation_v1_activate(taker, token.text, behind->surface);
	bn_kit_settle(back);
	bn_kit_settle(back);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0xff0000);
	assert_false(behind->suspended);
	char *why = bn_cockpit_why(bn_server_cockpit(fixture.server), "main");
	assert_non_null(strstr(why, "activat"));
	free(why);
	bn_test_client_disconnect(front);
	bn_test_client_disconnect(back);
	bn_fixture_stop(&fixture);
}

// Other protocols of the shell

static void decoration_mode(void *data, struct zxdg_toplevel_decoration_v1 *decoration,
		uint32_t mode) {
	uint32_t *last = data;
	*last = mode;
}

static const struct zxdg_toplevel_decoration_v1_listener decoration_listener = {
	.configure = decoration_mode,
};

static void decorations_are_the_servers(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct zxdg_decoration_manager_v1 *manager =
			bn_kit_bind(client, &zxdg_decoration_manager_v1_interface, 1);
	struct bn_test_window *window = bn_test_window_prepare(client, NULL, 0xff0000ff);
	uint32_t mode = 0;
	struct zxdg_toplevel_decoration_v1 *decoration =
			zxdg_decoration_manager_v1_get_toplevel_decoration(manager,
					window->toplevel);
	zxdg_toplevel_decoration_v1_add_listener(decoration, &decoration_listener, &mode);
	bn_test_window_map(window);
	assert_int_equal(mode, ZXDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	// Asking for another is answered, with the same.
	int configures = window->configures;
	zxdg_toplevel_decoration_v1_set_mode(decoration,
			ZXDG_TOPLEVEL_DECORATION_V1_MODE_CLIENT_SIDE);
	bn_kit_settle(client);
	assert_int_equal(window->configures, configures + 1);
	assert_int_equal(mode, ZXDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	zxdg_toplevel_decoration_v1_destroy(decoration);
	bn_test_window_destroy(window);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void set_zone(struct bn_test_window *window, struct binnacle_cockpit_v1 *cockpit,
		const char *zone) {
	struct binnacle_placement_v1 *placement =
			binnacle_cockpit_v1_get_placement(cockpit, window->surface);
	binnacle_placement_v1_set_zone(placement, zone);
	binnacle_placement_v1_destroy(placement);
}

static void two_instances_of_an_app_live_in_two_zones(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	static const struct {
		const char *zone;
		uint32_t color;
		int width;
	} instances[] = { { "side", 0xff0000ff, 120 }, { "main", 0xffff00ff, 200 } };
	struct bn_test_client *clients[2];
	struct bn_test_window *windows[2];
	for (int i = 0; i < 2; i++) {
		clients[i] = bn_test_client_connect(&fixture, "nav");
		struct binnacle_cockpit_v1 *cockpit =
				bn_kit_bind(clients[i], &binnacle_cockpit_v1_interface, 1);
		windows[i] = bn_test_window_prepare(clients[i], NULL, instances[i].color);
		set_zone(windows[i], cockpit, instances[i].zone);
		wl_surface_commit(windows[i]->surface);
		assert_true(bn_test_client_roundtrip(clients[i]));
		// The very first configure has the zone's size.
		assert_int_equal(windows[i]->configures, 1);
		assert_int_equal(windows[i]->width, instances[i].width);
		bn_kit_settle(clients[i]);
	}
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0xff00ff);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 250, 10), 0x0000ff);
	assert_false(windows[0]->suspended);
	assert_false(windows[1]->suspended);
	bn_test_client_disconnect(clients[0]);
	bn_test_client_disconnect(clients[1]);
	bn_fixture_stop(&fixture);
}

struct feedback {
	int presented, discarded;
	uint32_t refresh_ns;
};

static void feedback_sync(void *data, struct wp_presentation_feedback *wl,
		struct wl_output *output) {
}

static void feedback_presented(void *data, struct wp_presentation_feedback *wl, uint32_t sec_hi,
		uint32_t sec_lo, uint32_t nsec, uint32_t refresh, uint32_t seq_hi, uint32_t seq_lo,
		uint32_t flags) {
	struct feedback *feedback = data;
	feedback->presented++;
	feedback->refresh_ns = refresh;
	wp_presentation_feedback_destroy(wl);
}

static void feedback_discarded(void *data, struct wp_presentation_feedback *wl) {
	struct feedback *feedback = data;
	feedback->discarded++;
	wp_presentation_feedback_destroy(wl);
}

static const struct wp_presentation_feedback_listener feedback_listener = {
	.sync_output = feedback_sync,
	.presented = feedback_presented,
	.discarded = feedback_discarded,
};

static void ask_feedback(struct wp_presentation *presentation, struct bn_test_window *window,
		struct feedback *feedback) {
	wp_presentation_feedback_add_listener(wp_presentation_feedback(presentation,
							      window->surface),
			&feedback_listener, feedback);
	bn_test_window_draw(window, window->color);
}

static void presentation_is_told_to_those_who_were_shown(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct wp_presentation *presentation = bn_kit_bind(client, &wp_presentation_interface, 1);
	struct bn_test_window *behind = bn_test_window_create(client, NULL, 0xff0000ff);
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff00ff00);
	bn_kit_settle(client);
	struct feedback shown = { 0 }, superseded = { 0 }, hidden = { 0 };
	ask_feedback(presentation, behind, &hidden);
	ask_feedback(presentation, window, &superseded);
	ask_feedback(presentation, window, &shown);
	bn_kit_settle(client);
	assert_int_equal(shown.presented, 1);
	assert_int_equal(superseded.presented, 0);
	assert_int_equal(superseded.discarded, 1);
	assert_int_equal(hidden.presented, 0);
	bn_test_window_draw(behind, 0xff0000fe);
	bn_kit_settle(client);
	assert_int_equal(hidden.discarded, 1);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

// Identity by security context

static int connect_to(const char *path) {
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	assert_true(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static int listen_at(const char *path) {
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static void a_security_context_says_who_a_client_is(void **state) {
	struct bn_fixture fixture;
	const struct bn_fixture_options options = { .layout = layout, .with_socket = true };
	bn_fixture_start(&fixture, &options);
	char path[108];
	snprintf(path, sizeof(path), "%s/%s.owner", fixture.folder,
			bn_server_socket(fixture.server));
	struct bn_test_client *engine = bn_test_client_connect_fd(&fixture, connect_to(path));
	struct wp_security_context_manager_v1 *manager =
			bn_kit_bind(engine, &wp_security_context_manager_v1_interface, 1);
	assert_non_null(manager);
	snprintf(path, sizeof(path), "%s/sandbox", fixture.folder);
	int listen_fd = listen_at(path), close_fds[2];
	assert_int_equal(pipe(close_fds), 0);
	struct wp_security_context_v1 *context =
			wp_security_context_manager_v1_create_listener(manager, listen_fd,
					close_fds[0]);
	wp_security_context_v1_set_sandbox_engine(context, "org.example.sandbox");
	wp_security_context_v1_set_app_id(context, "media");
	wp_security_context_v1_commit(context);
	wp_security_context_v1_destroy(context);
	assert_true(bn_test_client_roundtrip(engine));
	struct bn_test_client *boxed = bn_test_client_connect_fd(&fixture, connect_to(path));
	assert_false(bn_test_client_has_global(boxed, "wp_security_context_manager_v1"));
	// Whatever it calls itself.
	struct bn_test_window *window = bn_test_window_create(boxed, "nav", 0xff0000ff);
	assert_int_equal(window->width, 120);
	bn_kit_settle(boxed);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 250, 10), 0x0000ff);
	char *why = bn_cockpit_why(bn_server_cockpit(fixture.server), "media");
	assert_non_null(strstr(why, "by its security context"));
	free(why);
	bn_test_client_disconnect(boxed);
	bn_test_client_disconnect(engine);
	bn_fixture_stop(&fixture);
	close(listen_fd);
	close(close_fds[0]);
	close(close_fds[1]);
}

#define CASE(name, function) { name, function, NULL, NULL, NULL }

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-popup-is-clipped-by-its-zone", a_popup_is_clipped_by_its_zone),
		CASE("a-popup-is-moved-into-its-zone", a_popup_is_moved_into_its_zone),
		CASE("a-hidden-window-loses-its-popups", a_hidden_window_loses_its_popups),
		CASE("a-touch-elsewhere-ends-a-grabbing-popup",
				a_touch_elsewhere_ends_a_grabbing_popup),
		CASE("a-dialog-is-centred-on-its-parent", a_dialog_is_centred_on_its_parent),
		CASE("a-dialog-without-its-parent-is-a-window",
				a_dialog_without_its_parent_is_a_window),
		CASE("a-cycle-of-parents-costs-only-its-client",
				a_cycle_of_parents_costs_only_its_client),
		CASE("fullscreen-means-the-zone", fullscreen_means_the_zone),
		CASE("an-app-id-set-late-finds-its-zone", an_app_id_set_late_finds_its_zone),
		CASE("a-window-comes-back-after-it-was-unmapped",
				a_window_comes_back_after_it_was_unmapped),
		CASE("a-synchronized-subsurface-waits-for-its-parent",
				a_synchronized_subsurface_waits_for_its_parent),
		CASE("subsurfaces-stack-as-they-are-told", subsurfaces_stack_as_they_are_told),
		CASE("activation-needs-a-touch", activation_needs_a_touch),
		CASE("decorations-are-the-servers", decorations_are_the_servers),
		CASE("two-instances-of-an-app-live-in-two-zones",
				two_instances_of_an_app_live_in_two_zones),
		CASE("presentation-is-told-to-those-who-were-shown",
				presentation_is_told_to_those_who_were_shown),
		CASE("a-security-context-says-who-a-client-is",
				a_security_context_says_who_a_client_is),
	};
	return cmocka_run_group_tests_name("shell", tests, NULL, NULL);
}
