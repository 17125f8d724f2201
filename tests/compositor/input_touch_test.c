#include "input_rig.h"

#include <linux/input-event-codes.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "client.h"
#include "cockpit.h"
#include "input/input.h"
#include "output.h"

static void touches_go_to_the_display_of_their_panel(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *cinema = bn_rig_app_create(&rig, "cinema");
	struct bn_rig_touch center, passenger;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_touch_plug(&rig, &passenger, "passenger-panel", NULL);
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_touch_down(&passenger, 0, 0.25, 0.5);
	bn_rig_touch_move(&passenger, 0, 0.5, 0.5);
	bn_rig_touch_up(&passenger, 0);
	bn_rig_expect(nav, "down 0 200,300 frame ");
	bn_rig_expect(cinema, "down 0 100,150 frame move 0 200,150 frame up 0 frame ");
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(nav, "up 0 frame ");
	bn_rig_touch_unplug(&center);
	bn_rig_touch_unplug(&passenger);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(cinema);
	bn_rig_stop(&rig);
}

static void a_command_touches_like_a_finger(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	struct bn_input *input = bn_rig_input(&rig);
	size_t center = bn_rig_display(&rig, "center"),
	       passenger = bn_rig_display(&rig, "passenger");
	assert_true(bn_input_touch(input, center, 10, 20, BN_TOUCH_DOWN, 7));
	assert_false(bn_input_touch(input, center, 10, 20, BN_TOUCH_DOWN, 7));
	assert_false(bn_input_touch(input, passenger, 10, 20, BN_TOUCH_MOVE, 7));
	assert_true(bn_input_touch(input, center, 12, 21, BN_TOUCH_MOVE, 7));
	assert_true(bn_input_touch(input, center, 0, 0, BN_TOUCH_UP, 7));
	assert_false(bn_input_touch(input, center, 0, 0, BN_TOUCH_UP, 7));
	assert_false(bn_input_touch(input, center, 0, 0, BN_TOUCH_MOVE, 7));
	assert_false(bn_input_touch(input, 99, 0, 0, BN_TOUCH_DOWN, 7));
	bn_rig_expect(nav, "down 0 10,20 frame move 0 12,21 frame up 0 frame ");
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void a_panel_that_nothing_tells_apart_touches_nothing(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *cinema = bn_rig_app_create(&rig, "cinema");
	struct bn_rig_touch unknown, named;
	bn_rig_touch_plug(&rig, &unknown, "some-panel", NULL);
	bn_rig_touch_down(&unknown, 0, 0.1, 0.5);
	bn_rig_touch_move(&unknown, 0, 0.2, 0.5);
	bn_rig_touch_up(&unknown, 0);
	bn_rig_expect(nav, "");
	bn_rig_expect(cinema, "");
	// the same device, whose output is known
	struct bn_outputs *outputs = bn_server_outputs(rig.fixture.server);
	const char *output = bn_outputs_find(outputs, bn_rig_display(&rig, "passenger"))->wlr->name;
	bn_rig_touch_plug(&rig, &named, "some-panel", output);
	bn_rig_touch_down(&named, 0, 0.5, 0.5);
	bn_rig_expect(cinema, "down 0 200,150 frame ");
	bn_rig_touch_unplug(&unknown);
	bn_rig_touch_unplug(&named);
	bn_rig_expect(cinema, "cancel ");
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(cinema);
	bn_rig_stop(&rig);
}

static void two_panels_of_one_occupant_have_different_fingers(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	struct bn_rig_touch first, second;
	bn_rig_touch_plug(&rig, &first, "center-panel", NULL);
	bn_rig_touch_plug(&rig, &second, "second-panel", NULL);
	bn_rig_touch_down(&first, 0, 0.125, 0.5);
	bn_rig_touch_down(&second, 0, 0.25, 0.5);
	bn_rig_touch_up(&first, 0);
	bn_rig_touch_down(&first, 3, 0.125, 0.5);
	bn_rig_touch_up(&second, 0);
	bn_rig_expect(nav,
			"down 0 100,300 frame down 1 200,300 frame up 0 frame down 0 100,300 frame "
			"up 1 frame ");
	bn_rig_touch_unplug(&first);
	bn_rig_touch_unplug(&second);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void a_finger_stays_with_what_it_went_down_on(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *side = bn_rig_app_create(&rig, "side");
	struct bn_rig_touch center;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_touch_move(&center, 0, 0.75, 0.5);
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(nav, "down 0 200,300 frame move 0 600,300 frame up 0 frame ");
	bn_rig_expect(side, "");
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(side);
	bn_rig_stop(&rig);
}

static void a_running_touch_is_cancelled_when_it_is_covered(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *side = bn_rig_app_create(&rig, "side");
	struct bn_rig_touch center;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_touch_down(&center, 0, 0.25, 0.75); // where the camera comes
	bn_rig_touch_down(&center, 1, 0.75, 0.75); // beside it, another app
	bn_rig_set_number(&rig, "Gear", -1);
	bn_rig_expect(nav, "down 0 200,450 frame cancel ");
	bn_rig_expect(side, "down 1 200,450 frame ");
	// the finger is still there, and goes nowhere until it is lifted
	bn_rig_touch_move(&center, 0, 0.25, 0.1);
	bn_rig_touch_move(&center, 1, 0.75, 0.5);
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(nav, "");
	bn_rig_expect(side, "move 1 200,300 frame ");
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(side);
	bn_rig_stop(&rig);
}

static void a_touch_beside_what_came_up_goes_on(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	struct bn_rig_touch center;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_touch_down(&center, 0, 0.25, 0.25);
	bn_rig_set_number(&rig, "Gear", -1);
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(nav, "down 0 200,150 frame up 0 frame ");
	// it may slide under what was there before
	bn_fixture_advance_ms(&rig.fixture, 1);
	bn_rig_touch_down(&center, 0, 0.25, 0.25);
	bn_rig_touch_move(&center, 0, 0.25, 0.75);
	bn_rig_settle(&rig);
	bn_rig_touch_move(&center, 0, 0.25, 0.7);
	bn_rig_expect(nav, "down 0 200,150 frame move 0 200,450 frame move 0 200,420 frame ");
	// where it began counts as well: the camera goes and comes back
	bn_rig_touch_up(&center, 0);
	bn_rig_set_number(&rig, "Gear", 0);
	bn_rig_touch_down(&center, 0, 0.25, 0.75);
	bn_rig_touch_move(&center, 0, 0.25, 0.25);
	bn_rig_forget(nav);
	bn_rig_set_number(&rig, "Gear", -1);
	bn_rig_expect(nav, "cancel ");
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void nothing_falls_through_a_safety_zone(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	struct bn_rig_touch center;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_set_number(&rig, "Gear", -1);
	bn_rig_settle(&rig);
	bn_rig_touch_down(&center, 0, 0.25, 0.75); // only a filler is there: the camera app is not
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(nav, "");
	struct bn_rig_app *rear = bn_rig_app_create(&rig, "rear");
	// an app that wants no input there
	struct wl_region *region = wl_compositor_create_region(rear->client->compositor);
	wl_surface_set_input_region(rear->window->surface, region);
	wl_surface_commit(rear->window->surface);
	bn_rig_forget(rear);
	bn_rig_settle(&rig);
	bn_rig_touch_down(&center, 0, 0.25, 0.75);
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(nav, "");
	bn_rig_expect(rear, "");
	wl_region_destroy(region);
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(rear);
	bn_rig_stop(&rig);
}

static void a_hand_on_its_way_operates_nothing_that_came_up(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *rear = bn_rig_app_create(&rig, "rear");
	struct bn_rig_touch center;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_set_number(&rig, "Gear", -1);
	bn_fixture_advance_ms(&rig.fixture, 100);
	bn_rig_touch_down(&center, 0, 0.25, 0.75);
	bn_rig_touch_down(&center, 1, 0.25, 0.25); // not over what is new
	bn_rig_expect(rear, "");
	bn_rig_expect(nav, "down 0 200,150 frame ");
	// what began too early stays nothing
	bn_fixture_advance_ms(&rig.fixture, 200);
	bn_rig_touch_move(&center, 0, 0.25, 0.8);
	bn_rig_touch_up(&center, 0);
	bn_rig_touch_up(&center, 1);
	bn_rig_expect(rear, "");
	bn_rig_touch_down(&center, 0, 0.25, 0.75);
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(rear, "down 0 200,150 frame up 0 frame ");
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(rear);
	bn_rig_stop(&rig);
}

static void a_restricted_zone_takes_no_touch(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *cinema = bn_rig_app_create(&rig, "cinema");
	struct bn_rig_touch passenger;
	bn_rig_touch_plug(&rig, &passenger, "passenger-panel", NULL);
	bn_rig_touch_down(&passenger, 0, 0.5, 0.5);
	bn_rig_set_number(&rig, "Speed", 60);
	bn_rig_touch_up(&passenger, 0);
	bn_rig_touch_down(&passenger, 0, 0.5, 0.5);
	bn_rig_touch_up(&passenger, 0);
	bn_rig_expect(cinema, "down 0 200,150 frame cancel ");
	bn_rig_set_number(&rig, "Speed", 20);
	bn_rig_touch_down(&passenger, 0, 0.5, 0.5);
	bn_rig_expect(cinema, "down 0 200,150 frame ");
	bn_rig_touch_unplug(&passenger);
	bn_rig_app_destroy(cinema);
	bn_rig_stop(&rig);
}

static void a_panel_unplugged_under_a_finger_cancels(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *side = bn_rig_app_create(&rig, "side");
	struct bn_rig_touch center, second;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_touch_plug(&rig, &second, "second-panel", NULL);
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_touch_down(&second, 0, 0.75, 0.5);
	bn_rig_touch_unplug(&center);
	bn_rig_expect(nav, "down 0 200,300 frame cancel ");
	bn_rig_touch_up(&second, 0);
	bn_rig_expect(side, "down 1 200,300 frame up 1 frame ");
	// and back
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_expect(nav, "down 0 200,300 frame ");
	bn_rig_touch_unplug(&center);
	bn_rig_touch_unplug(&second);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(side);
	bn_rig_stop(&rig);
}

static void a_display_unplugged_under_a_finger_cancels(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *cinema = bn_rig_app_create(&rig, "cinema");
	struct bn_rig_touch passenger;
	bn_rig_touch_plug(&rig, &passenger, "passenger-panel", NULL);
	bn_rig_touch_down(&passenger, 0, 0.5, 0.5);
	bn_rig_expect(cinema, "down 0 200,150 frame ");
	struct bn_outputs *outputs = bn_server_outputs(rig.fixture.server);
	wlr_output_destroy(bn_outputs_find(outputs, bn_rig_display(&rig, "passenger"))->wlr);
	bn_rig_touch_move(&passenger, 0, 0.6, 0.5);
	bn_rig_touch_up(&passenger, 0);
	bn_rig_touch_down(&passenger, 0, 0.5, 0.5);
	bn_rig_expect(cinema, "cancel ");
	bn_rig_touch_unplug(&passenger);
	bn_rig_app_destroy(cinema);
	bn_rig_stop(&rig);
}

static void an_app_that_dies_under_a_finger_takes_nothing_along(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	struct bn_rig_touch center;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_app_destroy(nav);
	bn_rig_touch_move(&center, 0, 0.3, 0.5);
	nav = bn_rig_app_create(&rig, "nav");
	bn_rig_touch_move(&center, 0, 0.3, 0.5);
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(nav, "");
	// a window that goes while its client stays
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_test_window_destroy(nav->window);
	nav->window = NULL;
	bn_rig_touch_move(&center, 0, 0.3, 0.5);
	bn_rig_touch_up(&center, 0);
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_forget(nav);
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void an_app_that_knows_no_touch_gets_a_pointer(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_connect(&rig, "nav");
	bn_rig_app_drop_touch(nav);
	nav->client->seats[0].touch = NULL;
	bn_rig_app_map(nav);
	struct bn_rig_touch center;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	assert_int_equal(nav->client->seats[0].capabilities, WL_SEAT_CAPABILITY_TOUCH);
	// the first finger makes the seat offer a pointer; the app binds it
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_touch_up(&center, 0);
	bn_rig_app_listen(nav);
	bn_rig_app_drop_touch(nav);
	assert_non_null(nav->pointer);
	bn_rig_forget(nav);
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_touch_down(&center, 1, 0.3, 0.5); // the second finger has no pointer
	bn_rig_touch_move(&center, 0, 0.375, 0.5);
	bn_rig_touch_up(&center, 0);
	bn_rig_touch_up(&center, 1);
	bn_rig_expect(nav,
			"enter 200,300 button 110+ motion 300,300 button 110- "
			"leave ");
	// covered: it leaves before the button is up, so that nothing is clicked
	bn_rig_touch_down(&center, 0, 0.25, 0.75);
	bn_rig_set_number(&rig, "Gear", -1);
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(nav, "enter 200,450 button 110+ leave ");
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void a_reload_under_a_finger_cancels(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	struct bn_rig_touch center;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	assert_true(bn_cockpit_reload(bn_server_cockpit(rig.fixture.server)));
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(nav, "down 0 200,300 frame cancel ");
	bn_rig_settle(&rig);
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_expect(nav, "down 0 200,300 frame ");
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(touches_go_to_the_display_of_their_panel),
		cmocka_unit_test(a_command_touches_like_a_finger),
		cmocka_unit_test(a_panel_that_nothing_tells_apart_touches_nothing),
		cmocka_unit_test(two_panels_of_one_occupant_have_different_fingers),
		cmocka_unit_test(a_finger_stays_with_what_it_went_down_on),
		cmocka_unit_test(a_running_touch_is_cancelled_when_it_is_covered),
		cmocka_unit_test(a_touch_beside_what_came_up_goes_on),
		cmocka_unit_test(nothing_falls_through_a_safety_zone),
		cmocka_unit_test(a_hand_on_its_way_operates_nothing_that_came_up),
		cmocka_unit_test(a_restricted_zone_takes_no_touch),
		cmocka_unit_test(a_panel_unplugged_under_a_finger_cancels),
		cmocka_unit_test(a_display_unplugged_under_a_finger_cancels),
		cmocka_unit_test(an_app_that_dies_under_a_finger_takes_nothing_along),
		cmocka_unit_test(an_app_that_knows_no_touch_gets_a_pointer),
		cmocka_unit_test(a_reload_under_a_finger_cancels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
