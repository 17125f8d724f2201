// The touch fence with real clients: what comes over something takes it away from the finger, and
// nothing falls through a safety zone, whatever it shows and whatever lies beneath.

#include "input_rig.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_seat.h>

#include "cockpit.h"
#include "input/input.h"
#include "kit.h"
#include "output.h"
#include "scene/scene.h"
#include "xdg-shell-client-protocol.h"

/** The rig with a touchscreen on the centre and, but for the first case, nav in it. */
struct stage {
	struct bn_rig rig;
	struct bn_rig_touch panel;
	struct bn_rig_app *nav; // NULL: none
};

static void change_layout(struct bn_rig *rig, const char *from, const char *to) {
	const char *at = strstr(bn_rig_layout, from);
	assert_non_null(at);
	char *changed;
	assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - bn_rig_layout), bn_rig_layout, to,
				    at + strlen(from))
			> 0);
	bn_fixture_write_layout(&rig->fixture, changed);
	free(changed);
	assert_true(bn_cockpit_reload(bn_server_cockpit(rig->fixture.server)));
}

/** With the first `from` of the rig's layout replaced; NULL: as it is. */
static void stage_start(struct stage *stage, const char *from, const char *to, bool with_nav) {
	bn_rig_start(&stage->rig);
	if (from != NULL) {
		change_layout(&stage->rig, from, to);
	}
	bn_rig_touch_plug(&stage->rig, &stage->panel, "center-panel", NULL);
	stage->nav = with_nav ? bn_rig_app_create(&stage->rig, "nav") : NULL;
	bn_rig_settle(&stage->rig);
}

static void stage_stop(struct stage *stage) {
	bn_rig_touch_unplug(&stage->panel);
	if (stage->nav != NULL) {
		bn_rig_app_destroy(stage->nav);
	}
	bn_rig_stop(&stage->rig);
}

static void touch(struct bn_rig_touch *panel, double u, double v) {
	bn_rig_touch_down(panel, 0, u, v);
	bn_rig_touch_up(panel, 0);
}

static void click(struct bn_rig_mouse *mouse, double u, double v) {
	bn_rig_mouse_warp(mouse, u, v);
	bn_rig_mouse_button(mouse, BTN_LEFT, true);
	bn_rig_mouse_button(mouse, BTN_LEFT, false);
}

static const char *output_name(struct bn_rig *rig, const char *display) {
	return bn_kit_output(&rig->fixture, display)->wlr->name;
}

/**
 * An app below the camera with a popup and a subsurface that reach far under it. Both are in its zone, so both are
 * cut off where the camera is.
 */
struct reaching {
	struct bn_rig_app *app;
	struct bn_kit_popup popup;
	struct bn_kit_subsurface sub;
};

static void reach(struct reaching *reaching, struct bn_rig *rig) {
	reaching->app = bn_rig_app_create(rig, "nav");
	struct bn_test_client *client = reaching->app->client;
	const struct bn_kit_popup_options options = {
		.x = 50, .y = 200, .width = 100, .height = 300, .color = 0xff00ff00
	};
	bn_kit_popup_open(&reaching->popup, client, reaching->app->window->xdg_surface, &options);
	bn_kit_subsurface_open(&reaching->sub, client, reaching->app->window->surface, 200, 200,
			100, 300, 0xff0000ff);
	bn_test_window_draw(reaching->app->window, 0xff808080);
	bn_kit_settle(client);
	bn_rig_settle(rig);
	bn_rig_forget(reaching->app);
}

static void reach_no_more(struct reaching *reaching) {
	bn_kit_popup_close(&reaching->popup);
	bn_kit_subsurface_close(&reaching->sub);
	bn_rig_app_destroy(reaching->app);
}

/** Fingers and clicks on the popup, the subsurface and the window, all under the camera. */
static void poke(struct bn_rig_touch *panel, struct bn_rig_mouse *mouse) {
	static const double us[] = { 100 / 800.0, 250 / 800.0, 350 / 800.0 };
	for (size_t i = 0; i < 3; i++) {
		touch(panel, us[i], 400 / 600.0);
		click(mouse, us[i], 420 / 600.0);
	}
}

/** Lets the guard time go by, with an app that answers meanwhile. */
static void settle_alive(struct stage *stage, const struct bn_rig_app *app) {
	for (int i = 0; i < 30; i++) {
		bn_fixture_advance_ms(&stage->rig.fixture, 20);
		assert_true(bn_test_client_roundtrip(app->client));
	}
}

static void nothing_falls_through_to_what_reaches_under(void **state) {
	struct stage stage;
	stage_start(&stage, "empty: builtin:no-camera",
			"heartbeat: 100ms, on-fault: builtin:no-camera, empty: builtin:no-camera",
			false);
	struct bn_rig_mouse mouse;
	bn_rig_mouse_plug(&stage.rig, &mouse, "mouse", output_name(&stage.rig, "center"));
	struct reaching reaching;
	reach(&reaching, &stage.rig);
	// without the camera they take what hits them
	touch(&stage.panel, 100 / 800.0, 400 / 600.0);
	touch(&stage.panel, 250 / 800.0, 400 / 600.0);
	bn_rig_expect(reaching.app,
			"down 0 50,200 frame up 0 frame down 0 50,200 frame up 0 frame ");
	// the camera's empty picture
	bn_rig_set_number(&stage.rig, "Gear", -1);
	bn_rig_settle(&stage.rig);
	bn_rig_forget(reaching.app);
	poke(&stage.panel, &mouse);
	bn_rig_expect(reaching.app, "");
	// the camera itself
	struct bn_rig_app *rear = bn_rig_app_create(&stage.rig, "rear");
	settle_alive(&stage, rear);
	poke(&stage.panel, &mouse);
	bn_rig_expect(reaching.app, "");
	bn_rig_forget(rear);
	assert_true(rear->client->seats[0].touch_downs > 0);
	// its fault picture
	rear->client->ignore_pings = true;
	bn_fixture_advance_ms(&stage.rig.fixture, 1000);
	const struct bn_scene *scene = bn_server_scene(stage.rig.fixture.server);
	size_t camera = bn_layout_find_zone(scene->layout, "camera");
	assert_int_equal(scene->zones[camera].content, BN_CONTENT_FAULT);
	int downs = rear->client->seats[0].touch_downs;
	poke(&stage.panel, &mouse);
	bn_rig_expect(reaching.app, "");
	bn_rig_forget(rear);
	assert_int_equal(rear->client->seats[0].touch_downs, downs);
	bn_rig_mouse_unplug(&mouse);
	bn_rig_app_destroy(rear);
	reach_no_more(&reaching);
	stage_stop(&stage);
}

static void an_app_that_takes_a_pictures_place_comes_up(void **state) {
	struct stage stage;
	stage_start(&stage, NULL, NULL, true);
	bn_rig_set_number(&stage.rig, "Gear", -1);
	bn_fixture_advance_ms(&stage.rig.fixture, 2000); // "camera not available" for long
	struct bn_rig_app *rear = bn_rig_app_create(&stage.rig, "rear");
	bn_rig_forget(stage.nav);
	touch(&stage.panel, 0.25, 0.75);
	bn_rig_expect(rear, "");
	bn_rig_settle(&stage.rig);
	touch(&stage.panel, 0.25, 0.75);
	bn_rig_expect(rear, "down 0 200,150 frame up 0 frame ");
	bn_rig_expect(stage.nav, "");
	bn_rig_app_destroy(rear);
	stage_stop(&stage);
}

static void a_picture_of_an_alert_takes_the_finger_away(void **state) {
	struct stage stage;
	stage_start(&stage, "grant: warner, visible: false",
			"grant: warner, visible: false, empty: '#ff0000'", true);
	bn_rig_touch_down(&stage.panel, 0, 100 / 800.0, 50 / 600.0);
	bn_rig_set_bool(&stage.rig, "Alert", true);
	bn_rig_touch_up(&stage.panel, 0);
	bn_rig_expect(stage.nav, "down 0 100,50 frame cancel ");
	bn_rig_settle(&stage.rig);
	touch(&stage.panel, 100 / 800.0, 50 / 600.0);
	bn_rig_expect(stage.nav, "");
	stage_stop(&stage);
}

static void a_zone_of_the_same_layer_that_comes_over_takes_the_finger_away(void **state) {
	struct stage stage;
	stage_start(&stage, "layer: alert, grant: warner", "layer: app, grant: warner", true);
	struct bn_rig_app *warner = bn_rig_app_create(&stage.rig, "warner");
	bn_rig_settle(&stage.rig);
	bn_rig_touch_down(&stage.panel, 0, 100 / 800.0, 50 / 600.0);
	bn_rig_set_bool(&stage.rig, "Alert", true);
	bn_rig_touch_up(&stage.panel, 0);
	touch(&stage.panel, 100 / 800.0, 50 / 600.0); // the hand was on its way
	bn_rig_expect(stage.nav, "down 0 100,50 frame cancel ");
	bn_rig_expect(warner, "");
	bn_rig_settle(&stage.rig);
	touch(&stage.panel, 100 / 800.0, 50 / 600.0);
	bn_rig_expect(warner, "down 0 100,50 frame up 0 frame ");
	bn_rig_app_destroy(warner);
	stage_stop(&stage);
}

static void what_moves_under_a_finger_is_let_go(void **state) {
	struct stage stage;
	stage_start(&stage, NULL, NULL, true);
	struct bn_rig_app *side = bn_rig_app_create(&stage.rig, "side");
	bn_rig_settle(&stage.rig);
	bn_rig_touch_down(&stage.panel, 0, 0.25, 0.25);
	bn_rig_touch_down(&stage.panel, 1, 0.75, 0.25);
	bn_rig_expect(stage.nav, "down 0 200,150 frame ");
	bn_rig_expect(side, "down 1 200,150 frame ");
	// its zone gets another place: as when a display gets another mode
	struct bn_cockpit *cockpit = bn_server_cockpit(stage.rig.fixture.server);
	struct bn_scene_zone *zone =
			&bn_server_scene(stage.rig.fixture.server)
					 ->zones[bn_layout_find_zone(cockpit->layout, "main")];
	zone->box.x += 40;
	bn_input_refocus(bn_rig_input(&stage.rig));
	bn_rig_expect(stage.nav, "cancel ");
	bn_rig_touch_move(&stage.panel, 0, 0.3, 0.25);
	bn_rig_touch_up(&stage.panel, 0);
	bn_rig_touch_up(&stage.panel, 1);
	bn_rig_expect(stage.nav, "");
	bn_rig_expect(side, "up 1 frame ");
	bn_rig_app_destroy(side);
	stage_stop(&stage);
}

static void fullscreen_is_no_way_out_of_the_fence(void **state) {
	struct stage stage;
	stage_start(&stage, NULL, NULL, true);
	struct bn_rig_app *rear = bn_rig_app_create(&stage.rig, "rear");
	bn_rig_settle(&stage.rig);
	// the finger is down before the request
	bn_rig_touch_down(&stage.panel, 0, 0.25, 0.75);
	xdg_toplevel_set_fullscreen(stage.nav->window->toplevel, stage.nav->client->outputs[0]);
	bn_kit_settle(stage.nav->client);
	assert_true(stage.nav->window->fullscreen);
	bn_rig_touch_move(&stage.panel, 0, 0.25, 0.8);
	bn_rig_expect(stage.nav, "down 0 200,450 frame move 0 200,480 frame ");
	bn_rig_set_number(&stage.rig, "Gear", -1);
	bn_rig_expect(stage.nav, "cancel ");
	bn_rig_touch_up(&stage.panel, 0);
	bn_rig_settle(&stage.rig);
	// and asked for anew over the camera it gets nothing there
	xdg_toplevel_unset_fullscreen(stage.nav->window->toplevel);
	bn_kit_settle(stage.nav->client);
	xdg_toplevel_set_fullscreen(stage.nav->window->toplevel, NULL);
	bn_kit_settle(stage.nav->client);
	touch(&stage.panel, 0.25, 0.75);
	bn_rig_expect(stage.nav, "");
	bn_rig_expect(rear, "down 0 200,150 frame up 0 frame ");
	bn_rig_app_destroy(rear);
	stage_stop(&stage);
}

static void scroll(struct bn_rig_mouse *mouse) {
	struct wlr_pointer_axis_event event = {
		.pointer = &mouse->wlr,
		.orientation = WL_POINTER_AXIS_VERTICAL_SCROLL,
		.source = WL_POINTER_AXIS_SOURCE_WHEEL,
		.delta = 15,
		.delta_discrete = 120,
	};
	wl_signal_emit_mutable(&mouse->wlr.events.axis, &event);
	wl_signal_emit_mutable(&mouse->wlr.events.frame, &mouse->wlr);
}

static void a_wheel_that_turns_turns_nothing_that_came_up(void **state) {
	struct stage stage;
	stage_start(&stage, NULL, NULL, true);
	struct bn_rig_mouse mouse;
	bn_rig_mouse_plug(&stage.rig, &mouse, "mouse", output_name(&stage.rig, "center"));
	struct bn_rig_app *rear = bn_rig_app_create(&stage.rig, "rear");
	bn_rig_settle(&stage.rig);
	bn_rig_mouse_warp(&mouse, 0.25, 0.75);
	bn_rig_app_listen(stage.nav);
	bn_rig_app_listen(rear);
	scroll(&mouse);
	bn_rig_forget(stage.nav);
	assert_true(stage.nav->client->seats[0].pointer_enters > 0);
	bn_rig_set_number(&stage.rig, "Gear", -1);
	bn_rig_forget(rear);
	bn_rig_forget(stage.nav);
	scroll(&mouse);
	bn_rig_expect(rear, "");
	bn_rig_expect(stage.nav, "");
	bn_rig_settle(&stage.rig);
	bn_rig_forget(rear);
	scroll(&mouse);
	bn_rig_expect(rear, "axis 0 15 ");
	bn_rig_mouse_unplug(&mouse);
	bn_rig_app_destroy(rear);
	stage_stop(&stage);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_falls_through_to_what_reaches_under),
		cmocka_unit_test(an_app_that_takes_a_pictures_place_comes_up),
		cmocka_unit_test(a_picture_of_an_alert_takes_the_finger_away),
		cmocka_unit_test(a_zone_of_the_same_layer_that_comes_over_takes_the_finger_away),
		cmocka_unit_test(what_moves_under_a_finger_is_let_go),
		cmocka_unit_test(fullscreen_is_no_way_out_of_the_fence),
		cmocka_unit_test(a_wheel_that_turns_turns_nothing_that_came_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
