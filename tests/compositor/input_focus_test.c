#include "input_rig.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_seat.h>

#include "client.h"
#include "cockpit.h"
#include "input/devices.h"
#include "input/input.h"
#include "input/seat.h"

static void a_client_sees_the_seat_of_its_occupant_only(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	static const struct {
		const char *app, *seat;
	} cases[] = {
		{ "nav", "driver" },
		{ "gauges", "driver" },
		{ "cinema", "passenger" },
		{ NULL, "driver" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bn_rig_app *app = bn_rig_app_connect(&rig, cases[i].app);
		assert_int_equal(app->client->seat_count, 1);
		assert_string_equal(app->client->seats[0].name, cases[i].seat);
		bn_rig_app_destroy(app);
	}
	struct bn_rig_app *both = bn_rig_app_connect(&rig, "both");
	assert_int_equal(both->client->seat_count, 2);
	bn_rig_app_destroy(both);
	bn_rig_stop(&rig);
}

static void the_drivers_keys_and_the_passengers_finger_do_not_meet(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_keyboard keyboard;
	struct bn_rig_touch passenger;
	bn_rig_keyboard_plug(&rig, &keyboard);
	bn_rig_touch_plug(&rig, &passenger, "passenger-panel", NULL);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *cinema = bn_rig_app_create(&rig, "cinema");
	assert_non_null(nav->keyboard);
	assert_null(cinema->keyboard);
	bn_rig_key(&keyboard, KEY_A, true);
	bn_rig_touch_down(&passenger, 0, 0.5, 0.5);
	bn_rig_key(&keyboard, KEY_A, false);
	bn_rig_touch_up(&passenger, 0);
	bn_rig_key(&keyboard, KEY_B, true);
	bn_rig_key(&keyboard, KEY_B, false);
	bn_rig_expect(nav, "key 30+ key 30- key 48+ key 48- ");
	bn_rig_expect(cinema, "down 0 200,150 frame up 0 frame ");
	bn_rig_keyboard_unplug(&keyboard);
	bn_rig_touch_unplug(&passenger);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(cinema);
	bn_rig_stop(&rig);
}

static void keys_follow_the_finger(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_keyboard keyboard;
	struct bn_rig_touch center;
	bn_rig_keyboard_plug(&rig, &keyboard);
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *side = bn_rig_app_create(&rig, "side");
	bn_rig_settle(&rig);
	bn_rig_expect(nav, "blur "); // nobody chose yet: the newest has the keys
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_touch_up(&center, 0);
	bn_rig_key(&keyboard, KEY_A, true);
	bn_rig_touch_down(&center, 0, 0.75, 0.5); // with a key held
	bn_rig_touch_up(&center, 0);
	bn_rig_key(&keyboard, KEY_A, false);
	bn_rig_expect(nav, "down 0 200,300 focus frame up 0 frame key 30+ blur ");
	bn_rig_expect(side, "blur down 0 200,300 focus held 30 frame up 0 frame key 30- ");
	bn_rig_keyboard_unplug(&keyboard);
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(side);
	bn_rig_stop(&rig);
}

static void an_app_that_starts_elsewhere_takes_no_keys_away(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_keyboard keyboard;
	struct bn_rig_touch center;
	bn_rig_keyboard_plug(&rig, &keyboard);
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	// before anybody chose, the gauges are the last choice
	struct bn_rig_app *gauges = bn_rig_app_create(&rig, "gauges");
	bn_rig_key(&keyboard, KEY_A, true);
	bn_rig_key(&keyboard, KEY_A, false);
	bn_rig_expect(nav, "key 30+ key 30- ");
	bn_rig_settle(&rig);
	bn_rig_touch_down(&center, 0, 0.25, 0.5);
	bn_rig_touch_up(&center, 0);
	bn_rig_forget(nav);
	struct bn_rig_app *side = bn_rig_app_create(&rig, "side"),
			  *lamps = bn_rig_app_create(&rig, "lamps");
	bn_rig_key(&keyboard, KEY_A, true);
	bn_rig_key(&keyboard, KEY_A, false);
	bn_rig_expect(nav, "key 30+ key 30- ");
	bn_rig_expect(gauges, "");
	// nobody is left where the keys went: the other app gets them
	bn_rig_app_destroy(nav);
	bn_fixture_advance_ms(&rig.fixture, 40);
	bn_rig_expect(side, "focus ");
	bn_rig_expect(lamps, "");
	bn_rig_keyboard_unplug(&keyboard);
	bn_rig_touch_unplug(&center);
	bn_rig_app_destroy(gauges);
	bn_rig_app_destroy(side);
	bn_rig_app_destroy(lamps);
	bn_rig_stop(&rig);
}

static void a_command_that_shows_an_app_gives_it_the_keys(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_keyboard keyboard;
	bn_rig_keyboard_plug(&rig, &keyboard);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *side = bn_rig_app_create(&rig, "side");
	bn_rig_expect(nav, "blur ");
	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_show(bn_server_cockpit(rig.fixture.server), "nav", NULL, error));
	bn_rig_key(&keyboard, KEY_A, true);
	bn_rig_key(&keyboard, KEY_A, false);
	bn_rig_expect(nav, "focus key 30+ key 30- ");
	bn_rig_expect(side, "blur ");
	bn_rig_keyboard_unplug(&keyboard);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(side);
	bn_rig_stop(&rig);
}

static void a_restricted_zone_gets_no_key_and_nobody_else_does(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_keyboard keyboard;
	bn_rig_keyboard_plug(&rig, &keyboard);
	struct bn_rig_app *side = bn_rig_app_create(&rig, "side"),
			  *nav = bn_rig_app_create(&rig, "nav");
	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_show(bn_server_cockpit(rig.fixture.server), "nav", NULL, error));
	bn_rig_forget(nav);
	bn_rig_forget(side);
	bn_rig_key(&keyboard, KEY_A, true);
	bn_rig_set_number(&rig, "Speed", 10);
	bn_rig_key(&keyboard, KEY_A, false);
	bn_rig_key(&keyboard, KEY_B, true);
	bn_rig_expect(nav, "key 30+ blur ");
	bn_rig_expect(side, "");
	bn_rig_set_number(&rig, "Speed", 0);
	bn_rig_key(&keyboard, KEY_B, false);
	bn_rig_expect(nav, "focus held 48 key 48- ");
	bn_rig_expect(side, "");
	bn_rig_keyboard_unplug(&keyboard);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(side);
	bn_rig_stop(&rig);
}

static void a_keyboard_unplugged_with_a_key_down_leaves_none_held(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_keyboard keyboard;
	bn_rig_keyboard_plug(&rig, &keyboard);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	bn_rig_key(&keyboard, KEY_A, true);
	bn_rig_keyboard_unplug(&keyboard);
	assert_true(bn_test_client_roundtrip(nav->client));
	assert_non_null(strstr(nav->log, "key 30+ "));
	assert_true(strstr(nav->log, "key 30- ") != NULL || strstr(nav->log, "blur ") != NULL);
	assert_false(nav->client->seats[0].capabilities & WL_SEAT_CAPABILITY_KEYBOARD);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void an_app_on_somebody_elses_display_is_reached_through_the_seat_it_knows(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_touch center;
	struct bn_rig_keyboard keyboard;
	bn_rig_touch_plug(&rig, &center, "center-panel", NULL);
	bn_rig_keyboard_plug(&rig, &keyboard);
	struct bn_rig_app *cinema = bn_rig_app_create(&rig, "cinema");
	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_show(bn_server_cockpit(rig.fixture.server), "cinema", "side",
			error));
	bn_fixture_advance_ms(&rig.fixture, 40);
	bn_rig_settle(&rig);
	bn_rig_forget(cinema);
	bn_rig_touch_down(&center, 0, 0.75, 0.5);
	bn_rig_touch_up(&center, 0);
	bn_rig_expect(cinema, "down 0 200,300 frame up 0 frame ");
	// the passenger's seat has no keyboard of its own: it offers one when a key comes
	bn_rig_key(&keyboard, KEY_A, true);
	bn_rig_key(&keyboard, KEY_A, false);
	bn_rig_app_listen(cinema);
	assert_non_null(cinema->keyboard);
	bn_rig_key(&keyboard, KEY_B, true);
	bn_rig_key(&keyboard, KEY_B, false);
	bn_rig_expect(cinema, "key 48+ key 48- ");
	char *why = bn_cockpit_why(bn_server_cockpit(rig.fixture.server), "cinema");
	assert_non_null(strstr(why, "shown to driver but knows the seat of passenger"));
	free(why);
	bn_rig_touch_unplug(&center);
	bn_rig_keyboard_unplug(&keyboard);
	bn_rig_app_destroy(cinema);
	bn_rig_stop(&rig);
}

static void a_reload_keeps_seats_by_name(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_touch passenger;
	struct bn_rig_keyboard keyboard;
	bn_rig_touch_plug(&rig, &passenger, "passenger-panel", NULL);
	bn_rig_keyboard_plug(&rig, &keyboard);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *cinema = bn_rig_app_create(&rig, "cinema");
	struct bn_input *input = bn_rig_input(&rig);
	struct wlr_seat *before = bn_input_seat_for_occupant(input, 1);
	// the passenger comes first now, and a third person in between
	char text[8192];
	const char *people = strstr(bn_rig_layout, "occupants:\n");
	const char *rest = strstr(bn_rig_layout, "signals:");
	snprintf(text, sizeof(text), "%.*soccupants:\n%s%s%s%s", (int)(people - bn_rig_layout),
			bn_rig_layout,
			"  passenger: { displays: passenger, touch: { name: passenger-panel } }\n",
			"  child: { displays: cluster }\n", "  driver: { displays: center }\n",
			rest);
	bn_fixture_write_layout(&rig.fixture, text);
	assert_true(bn_cockpit_reload(bn_server_cockpit(rig.fixture.server)));
	bn_rig_settle(&rig);
	assert_ptr_equal(bn_input_seat_for_occupant(input, 0), before);
	assert_string_equal(bn_input_seat_for_occupant(input, 1)->name, "child");
	assert_null(bn_input_seat_for_occupant(input, 3));
	bn_rig_forget(nav);
	bn_rig_forget(cinema);
	assert_int_equal(cinema->client->seat_count, 1); // the new seat was not announced to it
	bn_rig_touch_down(&passenger, 0, 0.5, 0.5);
	bn_rig_expect(cinema, "down 0 200,150 frame ");
	// the child's seat goes again, with a client on it
	struct bn_rig_app *gauges = bn_rig_app_create(&rig, "gauges");
	assert_string_equal(gauges->client->seats[0].name, "child");
	bn_fixture_write_layout(&rig.fixture, bn_rig_layout);
	assert_true(bn_cockpit_reload(bn_server_cockpit(rig.fixture.server)));
	bn_rig_settle(&rig);
	// the keyboard belongs to the first occupant: it was the passenger's for a while
	wl_keyboard_release(nav->keyboard);
	nav->keyboard = NULL;
	bn_rig_app_listen(nav);
	bn_rig_key(&keyboard, KEY_A, true);
	bn_rig_key(&keyboard, KEY_A, false);
	bn_rig_expect(nav, "key 30+ key 30- ");
	char *why = bn_cockpit_why(bn_server_cockpit(rig.fixture.server), "gauges");
	assert_non_null(strstr(why, "no longer has its occupant"));
	free(why);
	bn_rig_touch_unplug(&passenger);
	bn_rig_keyboard_unplug(&keyboard);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(cinema);
	bn_rig_app_destroy(gauges);
	bn_rig_stop(&rig);
}

static void a_layout_without_occupants_has_one_seat_for_all(void **state) {
	struct bn_fixture fixture;
	bn_fixture_start(&fixture, NULL);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	assert_int_equal(client->seat_count, 1);
	assert_string_equal(client->seats[0].name, "seat0");
	bn_test_window_create(client, NULL, 0xff102030);
	bn_fixture_advance_ms(&fixture, 300);
	struct bn_input *input = bn_server_input(fixture.server);
	assert_true(bn_input_touch(input, 0, 10, 10, BN_TOUCH_DOWN, 0));
	assert_true(bn_test_client_roundtrip(client));
	assert_int_equal(client->seats[0].touch_downs, 1);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void hot_keys_belong_to_the_compositor_when_nested_only(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_keyboard keyboard;
	bn_rig_keyboard_plug(&rig, &keyboard);
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav");
	bn_rig_key(&keyboard, KEY_F12, true);
	bn_rig_key(&keyboard, KEY_F12, false);
	bn_rig_expect(nav, "key 88+ key 88- ");
	struct bn_input_device *device =
			wl_container_of(bn_rig_input(&rig)->devices.next, device, link);
	device->nested = true;
	bn_rig_key(&keyboard, KEY_F12, true);
	bn_rig_key(&keyboard, KEY_F12, false);
	bn_rig_key(&keyboard, KEY_F11, true);
	bn_rig_key(&keyboard, KEY_F11, false);
	bn_rig_expect(nav, "key 87+ key 87- ");
	bn_rig_keyboard_unplug(&keyboard);
	bn_rig_app_destroy(nav);
	bn_rig_stop(&rig);
}

static void a_nested_keyboard_belongs_to_the_window_last_entered(void **state) {
	struct bn_rig rig;
	bn_rig_start(&rig);
	struct bn_rig_keyboard keyboard;
	bn_rig_keyboard_plug(&rig, &keyboard);
	struct bn_input *input = bn_rig_input(&rig);
	struct bn_input_device *device = wl_container_of(input->devices.next, device, link);
	device->nested = true;
	struct bn_rig_app *nav = bn_rig_app_create(&rig, "nav"),
			  *cinema = bn_rig_app_create(&rig, "cinema");
	bn_rig_key(&keyboard, KEY_A, true);
	bn_input_enter_nested(input,
			bn_input_seat_of_display(input, bn_rig_display(&rig, "passenger")));
	bn_rig_key(&keyboard, KEY_A, false);
	bn_rig_expect(nav,
			"key 30+ blur focus "); // it keeps the focus of its seat, with no key held
	bn_rig_app_listen(cinema);
	bn_rig_key(&keyboard, KEY_B, true);
	bn_rig_key(&keyboard, KEY_B, false);
	bn_rig_expect(cinema, "key 48+ key 48- ");
	bn_rig_expect(nav, "");
	bn_rig_keyboard_unplug(&keyboard);
	bn_rig_app_destroy(nav);
	bn_rig_app_destroy(cinema);
	bn_rig_stop(&rig);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_sees_the_seat_of_its_occupant_only),
		cmocka_unit_test(the_drivers_keys_and_the_passengers_finger_do_not_meet),
		cmocka_unit_test(keys_follow_the_finger),
		cmocka_unit_test(an_app_that_starts_elsewhere_takes_no_keys_away),
		cmocka_unit_test(a_command_that_shows_an_app_gives_it_the_keys),
		cmocka_unit_test(a_restricted_zone_gets_no_key_and_nobody_else_does),
		cmocka_unit_test(a_keyboard_unplugged_with_a_key_down_leaves_none_held),
		cmocka_unit_test(
				an_app_on_somebody_elses_display_is_reached_through_the_seat_it_knows),
		cmocka_unit_test(a_reload_keeps_seats_by_name),
		cmocka_unit_test(a_layout_without_occupants_has_one_seat_for_all),
		cmocka_unit_test(hot_keys_belong_to_the_compositor_when_nested_only),
		cmocka_unit_test(a_nested_keyboard_belongs_to_the_window_last_entered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
