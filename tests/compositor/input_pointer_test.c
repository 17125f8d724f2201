#include "input_rig.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "client.h"
#include "cockpit.h"
#include "input/input.h"
#include "input/seat.h"
#include "output.h"
#include "xdg-shell-client-protocol.h"

static struct wlr_output *output_of(struct bn_rig *rig, const char *display) {
	return bn_outputs_find(bn_server_outputs(rig->fixture.server), bn_rig_display(rig, display))
			->wlr;
}

/** The cursor on a display; NULL: none is shown there. */
static struct wlr_output_cursor *cursor_on(struct bn_rig *rig, const char *display) {
	struct wlr_output_cursor *cursor;
	wl_list_for_each(cursor, &output_of(rig, display)->cursors, link) {
		if (cursor->enabled && cursor->visible) {
			return cursor;
		}
	}
	return NULL;
}

static void a_mouse_points_where_it_is(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse;
	bn_rig_mouse_plug(&rig, &mouse, "mouse", NULL);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *side = bn_rig_app_create(&rig, "side");
	bn_rig_settle(&rig);
	bn_rig_forget(nav);
	bn_rig_mouse_move(&mouse, 0, 0);   // to the middle of the driver's first display
	bn_rig_mouse_move(&mouse, 500, 0); // over its edge, onto center
	bn_rig_expect(nav, "enter 100,100 ");
	bn_rig_mouse_move(&mouse, 10, 20);
	bn_rig_mouse_button(&mouse, BTN_LEFT, true);
	bn_rig_mouse_button(&mouse, BTN_LEFT, false);
	bn_rig_expect(nav, "motion 110,120 button 110+ button 110- ");
	bn_rig_mouse_move(&mouse, 300, 0);
	bn_rig_expect(nav, "leave ");
	bn_rig_expect(side, "enter 10,120 ");
	bn_rig_mouse_unplug(&mouse);
	bn_rig_expect(side, "leave ");
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(side);
	bn_rig_stop(&rig);
}

static void a_held_button_keeps_its_surface(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse;
	bn_rig_mouse_plug(&rig, &mouse, "mouse", output_of(&rig, "center")->name);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *side = bn_rig_app_create(&rig, "side");
	bn_rig_settle(&rig);
	bn_rig_mouse_warp(&mouse, 0.25, 0.5);
	bn_rig_forget(nav);
	bn_rig_mouse_button(&mouse, BTN_LEFT, true);
	bn_rig_mouse_button(&mouse, BTN_RIGHT, true);
	bn_rig_mouse_warp(&mouse, 0.75, 0.5);
	bn_rig_mouse_button(&mouse, BTN_LEFT, false);
	bn_rig_mouse_warp(&mouse, 0.75, 0.25);
	bn_rig_mouse_button(&mouse, BTN_RIGHT, false);
	bn_rig_expect(nav,
			"button 110+ button 111+ motion 600,300 button 110- motion 600,150 "
			"button 111- leave ");
	bn_rig_expect(side, "enter 200,150 ");
	bn_rig_mouse_unplug(&mouse);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(side);
	bn_rig_stop(&rig);
}

static void what_is_held_and_covered_is_not_clicked(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse;
	bn_rig_mouse_plug(&rig, &mouse, "mouse", output_of(&rig, "center")->name);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *rear = bn_rig_app_create(&rig, "rear");
	bn_rig_settle(&rig);
	bn_rig_mouse_warp(&mouse, 0.25, 0.75);
	bn_rig_forget(nav);
	bn_rig_mouse_button(&mouse, BTN_LEFT, true);
	bn_rig_set_number(&rig, "Gear", -1);
	bn_rig_mouse_button(&mouse, BTN_LEFT, false);
	bn_rig_mouse_button(&mouse, BTN_LEFT, true); // within the guard time
	bn_rig_mouse_button(&mouse, BTN_LEFT, false);
	bn_rig_expect(nav, "button 110+ leave ");
	bn_rig_expect(rear, "enter 200,150 ");
	bn_rig_settle(&rig);
	bn_rig_mouse_button(&mouse, BTN_LEFT, true);
	bn_rig_mouse_button(&mouse, BTN_LEFT, false);
	bn_rig_expect(rear, "button 110+ button 110- ");
	bn_rig_mouse_unplug(&mouse);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(rear);
	bn_rig_stop(&rig);
}

static void a_mouse_unplugged_with_a_button_down_releases_it(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse, other;
	bn_rig_mouse_plug(&rig, &mouse, "mouse", output_of(&rig, "center")->name);
	bn_rig_mouse_plug(&rig, &other, "other", output_of(&rig, "center")->name);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	bn_rig_settle(&rig);
	bn_rig_mouse_warp(&mouse, 0.25, 0.5);
	bn_rig_mouse_unplug(&other); // one is left: nothing happens
	bn_rig_forget(nav);
	bn_rig_mouse_button(&mouse, BTN_LEFT, true);
	bn_rig_mouse_unplug(&mouse);
	bn_rig_expect(nav, "button 110+ button 110- leave ");
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void what_appears_under_a_still_pointer_is_entered(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse;
	bn_rig_mouse_plug(&rig, &mouse, "mouse", output_of(&rig, "center")->name);
	bn_rig_mouse_warp(&mouse, 0.25, 0.5);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	bn_rig_app_listen(nav);
	bn_rig_mouse_warp(&mouse, 0.25, 0.51);
	bn_rig_expect(nav, "motion 200,306 "); // it had entered before
	// a subsurface that comes without a word to the cockpit
	struct wl_surface *child = wl_compositor_create_surface(nav->client->compositor);
	struct wl_subsurface *subsurface =
			wl_subcompositor_get_subsurface(nav->client->subcompositor, child,
					nav->window->surface);
	wl_subsurface_set_position(subsurface, 150, 250);
	wl_subsurface_set_desync(subsurface);
	wl_surface_attach(child, bn_test_buffer(nav->client, 100, 100, 0xff00ff00), 0, 0);
	wl_surface_commit(child);
	wl_surface_commit(nav->window->surface);
	assert_true(bn_test_client_roundtrip(nav->client));
	bn_rig_expect(nav, "leave enter 50,56 ");
	wl_subsurface_destroy(subsurface);
	wl_surface_destroy(child);
	bn_rig_forget(nav);
	bn_rig_mouse_warp(&mouse, 0.25, 0.51);
	bn_rig_expect(nav, "");
	bn_rig_mouse_warp(&mouse, 0.25, 0.5);
	bn_rig_expect(nav, "motion 200,300 "); // it was entered again by itself
	bn_rig_mouse_unplug(&mouse);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void the_cursor_shows_when_a_pointer_moved_only(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse;
	assert_null(cursor_on(&rig, "center"));
	bn_rig_mouse_plug(&rig, &mouse, "mouse", output_of(&rig, "center")->name);
	assert_null(cursor_on(&rig, "center"));
	bn_rig_mouse_warp(&mouse, 0.25, 0.5);
	struct wlr_output_cursor *cursor = cursor_on(&rig, "center");
	assert_non_null(cursor);
	assert_int_equal(cursor->x, 200);
	assert_int_equal(cursor->y, 300);
	// a finger puts it away, the next motion brings it back
	assert_true(bn_input_touch(bn_rig_input(&rig), bn_rig_display(&rig, "center"), 5, 5,
			BN_TOUCH_DOWN, 0));
	assert_null(cursor_on(&rig, "center"));
	bn_rig_mouse_warp(&mouse, 0.5, 0.5);
	assert_non_null(cursor_on(&rig, "center"));
	bn_rig_mouse_move(&mouse, -1000, 0);
	assert_null(cursor_on(&rig, "center"));
	assert_non_null(cursor_on(&rig, "cluster"));
	bn_rig_mouse_unplug(&mouse);
	assert_null(cursor_on(&rig, "cluster"));
	bn_rig_stop(&rig);
}

static void the_cursor_never_covers_what_must_be_seen(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse;
	bn_rig_mouse_plug(&rig, &mouse, "mouse", output_of(&rig, "cluster")->name);
	bn_rig_mouse_warp(&mouse, 0.5, 0.9);
	assert_non_null(cursor_on(&rig, "cluster"));
	bn_rig_mouse_warp(&mouse, 0.5, 0.25); // its picture reaches the telltales
	assert_null(cursor_on(&rig, "cluster"));
	bn_rig_mouse_warp(&mouse, 0.5, 0.1);
	assert_null(cursor_on(&rig, "cluster"));
	bn_rig_mouse_warp(&mouse, 0.5, 0.9);
	assert_non_null(cursor_on(&rig, "cluster"));
	// and when something comes up under it
	bn_rig_mouse_unplug(&mouse);
	bn_rig_mouse_plug(&rig, &mouse, "mouse", output_of(&rig, "center")->name);
	bn_rig_mouse_warp(&mouse, 0.25, 0.75);
	assert_non_null(cursor_on(&rig, "center"));
	bn_rig_set_number(&rig, "Gear", -1);
	assert_null(cursor_on(&rig, "center"));
	bn_rig_set_number(&rig, "Gear", 0);
	assert_non_null(cursor_on(&rig, "center"));
	bn_rig_mouse_unplug(&mouse);
	bn_rig_stop(&rig);
}

static void set_cursor(struct bn_rig_app *app, struct wl_surface *surface, int size) {
	wl_surface_attach(surface, bn_test_buffer(app->client, size, size, 0xff336699), 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, size, size);
	wl_surface_commit(surface);
}

static void a_client_draws_its_own_cursor(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse;
	bn_rig_mouse_plug(&rig, &mouse, "mouse", output_of(&rig, "center")->name);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	bn_rig_mouse_warp(&mouse, 0.25, 0.5);
	bn_rig_forget(nav);
	struct wl_surface *surface = wl_compositor_create_surface(nav->client->compositor);
	set_cursor(nav, surface, 20); // committed before it is a cursor
	wl_pointer_set_cursor(nav->pointer, nav->enter_serial, surface, 3, 4);
	bn_rig_forget(nav);
	struct wlr_output_cursor *cursor = cursor_on(&rig, "center");
	assert_non_null(cursor);
	assert_int_equal(cursor->width, 20);
	assert_int_equal(cursor->hotspot_x, 3);
	assert_int_equal(cursor->hotspot_y, 4);
	set_cursor(nav, surface, 32); // and after
	bn_rig_forget(nav);
	assert_int_equal(cursor_on(&rig, "center")->width, 32);
	// none at all
	wl_pointer_set_cursor(nav->pointer, nav->enter_serial, NULL, 0, 0);
	bn_rig_forget(nav);
	assert_null(cursor_on(&rig, "center"));
	// back, on another renderer's outputs as well
	wl_pointer_set_cursor(nav->pointer, nav->enter_serial, surface, 0, 0);
	bn_rig_forget(nav);
	assert_int_equal(cursor_on(&rig, "center")->width, 32);
	if (bn_server_set_renderer(rig.fixture.server, BN_RENDERER_GLES)) {
		bn_fixture_advance_ms(&rig.fixture, 40);
		assert_non_null(cursor_on(&rig, "center"));
		assert_non_null(cursor_on(&rig, "center")->texture);
		assert_int_equal(cursor_on(&rig, "center")->width, 32);
	}
	wl_surface_destroy(surface);
	bn_rig_forget(nav);
	assert_null(cursor_on(&rig, "center"));
	bn_rig_mouse_unplug(&mouse);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void a_cursor_as_large_as_a_window_is_refused(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse;
	bn_rig_mouse_plug(&rig, &mouse, "mouse", output_of(&rig, "center")->name);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	bn_rig_mouse_warp(&mouse, 0.25, 0.5);
	bn_rig_forget(nav);
	struct wl_surface *surface = wl_compositor_create_surface(nav->client->compositor);
	set_cursor(nav, surface, 300);
	wl_pointer_set_cursor(nav->pointer, nav->enter_serial, surface, 150, 150);
	bn_rig_forget(nav);
	struct wlr_output_cursor *cursor = cursor_on(&rig, "center");
	assert_non_null(cursor);
	assert_true(cursor->width < 100);
	char *why = bn_cockpit_why(bn_server_cockpit(rig.fixture.server), "nav");
	assert_non_null(strstr(why, "300x300"));
	free(why);
	wl_surface_destroy(surface);
	bn_rig_mouse_unplug(&mouse);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

/** A popup with a grab over the window's top left. */
struct popup {
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_popup *popup;
	bool done;
};

static void popup_xdg_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	xdg_surface_ack_configure(xdg_surface, serial);
}

static const struct xdg_surface_listener popup_xdg_listener = { .configure = popup_xdg_configure };

static void popup_configure(void *data, struct xdg_popup *popup, int32_t x, int32_t y,
		int32_t width, int32_t height) {
}

static void popup_done(void *data, struct xdg_popup *xdg_popup) {
	struct popup *popup = data;
	popup->done = true;
}

static void popup_repositioned(void *data, struct xdg_popup *popup, uint32_t token) {
}

static const struct xdg_popup_listener popup_listener = {
	.configure = popup_configure,
	.popup_done = popup_done,
	.repositioned = popup_repositioned,
};

static void popup_open(struct popup *popup, struct bn_rig_app *app, uint32_t serial) {
	*popup = (struct popup){ .surface = wl_compositor_create_surface(app->client->compositor) };
	struct xdg_positioner *positioner = xdg_wm_base_create_positioner(app->client->wm_base);
	xdg_positioner_set_size(positioner, 50, 50);
	xdg_positioner_set_anchor_rect(positioner, 10, 10, 1, 1);
	xdg_positioner_set_gravity(positioner, XDG_POSITIONER_GRAVITY_BOTTOM_RIGHT);
	popup->xdg_surface = xdg_wm_base_get_xdg_surface(app->client->wm_base, popup->surface);
	xdg_surface_add_listener(popup->xdg_surface, &popup_xdg_listener, popup);
	popup->popup = xdg_surface_get_popup(popup->xdg_surface, app->window->xdg_surface,
			positioner);
	xdg_popup_add_listener(popup->popup, &popup_listener, popup);
	xdg_popup_grab(popup->popup, app->client->seats[0].wl, serial);
	wl_surface_commit(popup->surface);
	assert_true(bn_test_client_roundtrip(app->client));
	wl_surface_attach(popup->surface, bn_test_buffer(app->client, 50, 50, 0xffffffff), 0, 0);
	wl_surface_commit(popup->surface);
	assert_true(bn_test_client_roundtrip(app->client));
	xdg_positioner_destroy(positioner);
	bn_rig_forget(app);
}

static void popup_close(struct popup *popup) {
	xdg_popup_destroy(popup->popup);
	xdg_surface_destroy(popup->xdg_surface);
	wl_surface_destroy(popup->surface);
}

static void a_touch_beside_a_popup_closes_it(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_touch center;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *side = bn_rig_app_create(&rig, "side");
	bn_rig_settle(&rig);
	static const struct {
		double u, v; // beside: another app, and bare glass
		bool has_side;
	} beside[] = { { 0.75, 0.5, true }, { 0.75, 0.5, false } };
	for (size_t i = 0; i < 2; i++) {
		struct popup popup;
		bn_rig_touch_down(&center, 0, 0.25, 0.5);
		bn_rig_forget(nav);
		popup_open(&popup, nav, nav->serial);
		bn_rig_touch_up(&center, 0);
		bn_rig_touch_down(&center, 0, 0.02, 0.03); // into it
		bn_rig_touch_up(&center, 0);
		bn_rig_expect(nav, "up 0 frame down 0 6,8 frame up 0 frame ");
		assert_false(popup.done);
		if (!beside[i].has_side) {
			bn_rig_app_destroy(side);
			bn_fixture_advance_ms(&rig.fixture, 40);
		}
		bn_rig_touch_down(&center, 0, beside[i].u, beside[i].v);
		bn_rig_touch_up(&center, 0);
		bn_rig_forget(nav);
		assert_true(popup.done);
		popup_close(&popup);
		bn_rig_forget(nav);
	}
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void a_popup_is_no_shield_against_the_fence(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_touch center;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	bn_rig_settle(&rig);
	struct popup popup;
	bn_rig_touch_down(&center, 0, 0.25, 0.75);
	bn_rig_forget(nav);
	popup_open(&popup, nav, nav->serial);
	bn_rig_set_number(&rig, "Gear", -1);
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(nav, "cancel ");
	assert_true(popup.done);
	popup_close(&popup);
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void an_app_that_dies_under_the_pointer_takes_nothing_along(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse;
	bn_rig_mouse_plug(&rig, &mouse, "mouse", output_of(&rig, "center")->name);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	bn_rig_settle(&rig);
	bn_rig_mouse_warp(&mouse, 0.25, 0.5);
	bn_rig_mouse_button(&mouse, BTN_LEFT, true);
	bn_rig_forget(nav);
	struct wl_surface *surface = wl_compositor_create_surface(nav->client->compositor);
	set_cursor(nav, surface, 20);
	wl_pointer_set_cursor(nav->pointer, nav->enter_serial, surface, 0, 0);
	bn_rig_forget(nav);
	wl_proxy_destroy((struct wl_proxy *)surface);
	bn_rig_app_destroy(nav);
	bn_rig_mouse_warp(&mouse, 0.3, 0.5);
	bn_rig_mouse_button(&mouse, BTN_LEFT, false);
	nav = bn_rig_app_create(&rig, "nav");
	bn_rig_mouse_warp(&mouse, 0.25, 0.5);
	bn_rig_mouse_button(&mouse, BTN_LEFT, true);
	bn_rig_mouse_button(&mouse, BTN_LEFT, false);
	bn_rig_expect(nav, "motion 200,300 button 110+ button 110- ");
	// the display under it
	wlr_output_destroy(output_of(&rig, "center"));
	bn_rig_mouse_warp(&mouse, 0.3, 0.5);
	bn_rig_mouse_move(&mouse, 1, 1);
	bn_rig_mouse_unplug(&mouse);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void a_mouse_of_a_touchscreen_points_on_its_display(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_mouse mouse;
	bn_rig_mouse_plug(&rig, &mouse, "passenger-panel", NULL);
	struct bn_rig_app *cinema = bn_rig_app_create(&rig, "cinema");
	bn_rig_mouse_warp(&mouse, 0.5, 0.5);
	bn_rig_expect(cinema, "enter 200,150 ");
	bn_rig_mouse_unplug(&mouse);
	bn_rig_app_destroy(cinema);
	bn_rig_stop(&rig);
}

int main(void) {
	// The same pictures on every machine, with themes or without.
	setenv("XCURSOR_PATH", "/nonexistent", 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mouse_points_where_it_is),
		cmocka_unit_test(a_held_button_keeps_its_surface),
		cmocka_unit_test(what_is_held_and_covered_is_not_clicked),
		cmocka_unit_test(a_mouse_unplugged_with_a_button_down_releases_it),
		cmocka_unit_test(what_appears_under_a_still_pointer_is_entered),
		cmocka_unit_test(the_cursor_shows_when_a_pointer_moved_only),
		cmocka_unit_test(the_cursor_never_covers_what_must_be_seen),
		cmocka_unit_test(a_client_draws_its_own_cursor),
		cmocka_unit_test(a_cursor_as_large_as_a_window_is_refused),
		cmocka_unit_test(a_touch_beside_a_popup_closes_it),
		cmocka_unit_test(a_popup_is_no_shield_against_the_fence),
		cmocka_unit_test(an_app_that_dies_under_the_pointer_takes_nothing_along),
		cmocka_unit_test(a_mouse_of_a_touchscreen_points_on_its_display),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
