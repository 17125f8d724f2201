#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"
#include "kit.h"
#include "presentation-time-client-protocol.h"
#include "xdg-shell-client-protocol.h"

#define MAIN_EMPTY 0x400000

static const char layout[] = "binnacle: 1\n"
			     "displays:\n"
			     "  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
			     "zones:\n"
			     "  main: { display: center, rect: [0, 0, 200, 100%], grant: [nav], "
			     "empty: '#400000' }\n"
			     "  side: { display: center, rect: [200, 0, 120, 100%], grant: "
			     "[media], empty: '#004000' }\n"
			     "apps:\n"
			     "  nav: { home: main }\n"
			     "  media: { home: side }\n";

static void hang_up_with_a_surface(struct bn_test_client *client) {
	bn_test_client_keep(client, wl_compositor_create_surface(client->compositor));
}

static void hang_up_before_the_first_commit(struct bn_test_client *client) {
	bn_test_window_prepare(client, NULL, 0xff0000ff);
}

static void hang_up_before_the_configure(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_prepare(client, NULL, 0xff0000ff);
	wl_surface_commit(window->surface);
	wl_display_flush(client->display);
	bn_server_dispatch(client->fixture->server, 0);
}

static void hang_up_shown(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	window->wants_frames = true;
	bn_test_window_draw(window, 0xff0000fe);
	bn_test_client_roundtrip(client);
}

static void hang_up_unmapped(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	wl_surface_attach(window->surface, NULL, 0, 0);
	wl_surface_commit(window->surface);
	bn_test_client_roundtrip(client);
}

static void hang_up_with_a_popup(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	bn_kit_settle(client);
	uint32_t serial = bn_kit_press(client, 10, 10);
	const struct bn_kit_popup_options options = { 10, 10, 50, 40, 0xffffff00, 0,
		client->seats[0].wl, serial };
	// Its events go to a struct that outlives the client.
	struct bn_kit_popup *popup = test_malloc(sizeof(*popup));
	bn_kit_popup_open(popup, client, window->xdg_surface, &options);
	bn_fixture_advance_ms(client->fixture, 20);
	test_free(popup);
}

static void hang_up_with_a_dialog(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct bn_test_window *dialog =
			bn_test_window_create_sized(client, NULL, 0xffffffff, 30, 30);
	xdg_toplevel_set_parent(dialog->toplevel, window->toplevel);
	bn_kit_settle(client);
}

static void hang_up_with_a_subsurface(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct bn_kit_subsurface sub;
	bn_kit_subsurface_open(&sub, client, window->surface, 5, 5, 20, 20, 0xffffffff);
	wl_surface_commit(window->surface);
	bn_kit_subsurface_draw(&sub, 20, 20, 0xff00ffff); // held back by the subsurface's mode
	bn_test_client_roundtrip(client);
}

static void hang_up_touched(struct bn_test_client *client) {
	bn_test_window_create(client, NULL, 0xff0000ff);
	bn_kit_settle(client);
	bn_kit_press(client, 10, 10);
}

static void device_offer(void *data, struct wl_data_device *device, struct wl_data_offer *offer) {
	bn_test_client_keep(data, offer);
}

static void device_enter(void *data, struct wl_data_device *device, uint32_t serial,
		struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y,
		struct wl_data_offer *offer) {
}

static void device_leave(void *data, struct wl_data_device *device) {
}

static void device_motion(void *data, struct wl_data_device *device, uint32_t time, wl_fixed_t x,
		wl_fixed_t y) {
}

static void device_selection(void *data, struct wl_data_device *device,
		struct wl_data_offer *offer) {
}

static const struct wl_data_device_listener device_listener = {
	.data_offer = device_offer,
	.enter = device_enter,
	.leave = device_leave,
	.motion = device_motion,
	.drop = device_leave,
	.selection = device_selection,
};

static void hang_up_dragging(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	bn_kit_settle(client);
	uint32_t serial = bn_kit_press(client, 10, 10);
	struct wl_data_device_manager *manager =
			bn_kit_bind(client, &wl_data_device_manager_interface, 3);
	struct wl_data_source *source = bn_test_client_keep(client,
			wl_data_device_manager_create_data_source(manager));
	wl_data_source_offer(source, "text/plain");
	wl_data_source_set_actions(source, WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY);
	struct wl_data_device *device = bn_test_client_keep(client,
			wl_data_device_manager_get_data_device(manager, client->seats[0].wl));
	wl_data_device_add_listener(device, &device_listener, client);
	struct wl_surface *icon = bn_test_client_keep(client,
			wl_compositor_create_surface(client->compositor));
	wl_data_device_start_drag(device, source, window->surface, icon, serial);
	bn_kit_commit(icon, bn_test_buffer(client, 16, 16, 0xffffffff));
	assert_true(bn_test_client_roundtrip(client));
	bn_kit_touch(client->fixture, 60, 60, BN_TOUCH_MOVE);
}

static void hang_up_with_feedback_pending(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct wp_presentation *presentation = bn_kit_bind(client, &wp_presentation_interface, 1);
	bn_test_client_keep(client, wp_presentation_feedback(presentation, window->surface));
	bn_test_window_draw(window, 0xff0000fe);
	bn_test_client_roundtrip(client);
}

static void hang_up_after_an_error(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	xdg_surface_ack_configure(window->xdg_surface, 0xdeadbeef);
	assert_false(bn_test_client_roundtrip(client));
}

typedef void (*hang_up_func_t)(struct bn_test_client *client);

/** The way is cmocka's initial state. */
static void costs_nobody_else(void **state) {
	const hang_up_func_t *way = *state;
	struct bn_fixture fixture;
	const struct bn_fixture_options options = { .layout = layout };
	bn_fixture_start(&fixture, &options);
	struct bn_test_client *witness = bn_test_client_connect(&fixture, "media");
	struct bn_test_window *window = bn_test_window_create(witness, NULL, 0xff00ff00);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	(*way)(client);
	bn_test_client_disconnect(client);
	bn_kit_touch(&fixture, 70, 70, BN_TOUCH_MOVE);
	bn_kit_touch(&fixture, 70, 70, BN_TOUCH_UP);
	bn_kit_settle(witness);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 20, 20), MAIN_EMPTY);
	bn_test_window_draw(window, 0xff00ff01);
	bn_kit_settle(witness);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 250, 20), 0x00ff01);
	// Touch still arrives where it belongs.
	int downs = witness->seats[0].touch_downs;
	bn_kit_touch(&fixture, 250, 20, BN_TOUCH_DOWN);
	bn_kit_touch(&fixture, 250, 20, BN_TOUCH_UP);
	bn_kit_settle(witness);
	assert_int_equal(witness->seats[0].touch_downs, downs + 1);
	// And who comes next finds the place free.
	struct bn_test_client *next = bn_test_client_connect(&fixture, "nav");
	bn_test_window_create(next, NULL, 0xff123456);
	bn_kit_settle(next);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 20, 20), 0x123456);
	bn_test_client_disconnect(next);
	bn_test_client_disconnect(witness);
	bn_fixture_stop(&fixture);
}

int main(void) {
	static const struct {
		const char *name;
		hang_up_func_t way;
	} ways[] = {
		{ "hanging-up-with-a-surface-costs-nobody-else", hang_up_with_a_surface },
		{ "hanging-up-before-the-first-commit-costs-nobody-else",
				hang_up_before_the_first_commit },
		{ "hanging-up-before-the-configure-costs-nobody-else",
				hang_up_before_the_configure },
		{ "hanging-up-shown-costs-nobody-else", hang_up_shown },
		{ "hanging-up-unmapped-costs-nobody-else", hang_up_unmapped },
		{ "hanging-up-with-a-popup-costs-nobody-else", hang_up_with_a_popup },
		{ "hanging-up-with-a-dialog-costs-nobody-else", hang_up_with_a_dialog },
		{ "hanging-up-with-a-subsurface-costs-nobody-else", hang_up_with_a_subsurface },
		{ "hanging-up-touched-costs-nobody-else", hang_up_touched },
		{ "hanging-up-dragging-costs-nobody-else", hang_up_dragging },
		{ "hanging-up-with-feedback-pending-costs-nobody-else",
				hang_up_with_feedback_pending },
		{ "hanging-up-after-an-error-costs-nobody-else", hang_up_after_an_error },
	};
	enum { COUNT = sizeof(ways) / sizeof(ways[0]) };
	struct CMUnitTest tests[COUNT];
	for (size_t i = 0; i < COUNT; i++) {
		tests[i] = (struct CMUnitTest){
			.name = ways[i].name,
			.test_func = costs_nobody_else,
			.initial_state = (void *)&ways[i].way,
		};
	}
	return cmocka_run_group_tests_name("hangup", tests, NULL, NULL);
}
