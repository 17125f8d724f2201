#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cockpit.h"
#include "fixture.h"
#include "output.h"
#include "render/renderer.h"
#include "scene/scene.h"

static const char two_displays[] =
		"binnacle: 1\n"
		"displays:\n"
		"  cluster: { mode: 200x100@60, size-mm: [200, 100], criticality: safety }\n"
		"  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
		"signals:\n"
		"  Vehicle.Speed: {}\n"
		"  Vehicle.Powertrain.Transmission.CurrentGear: {}\n"
		"states:\n"
		"  reversing: { Vehicle.Powertrain.Transmission.CurrentGear: -1 }\n"
		"  moving: { Vehicle.Speed: { over: 5, until-under: 3 } }\n"
		"zones:\n"
		"  gauges: { display: cluster, rect: full, layer: app, grant: [cluster], empty: "
		"'#102030' }\n"
		"  main: { display: center, rect: [0, 0, 100%, 160], layer: app, grant: [nav, "
		"'*'], empty: '#400000', "
		"on-fault: '#ff00ff' }\n"
		"  bar: { display: center, rect: [0, 160, 100%, 40], layer: app, grant: [media], "
		"empty: '#004000' }\n"
		"  camera: { display: center, rect: main, layer: safety, grant: [camera], visible: "
		"false, empty: '#000080', accept-loss: 'only a test' }\n"
		"rules:\n"
		"  - when: reversing\n"
		"    show: { camera: camera }\n"
		"    within: 2000ms\n"
		"  - when: moving\n"
		"    restrict: { main: [keyboard] }\n"
		"apps:\n"
		"  cluster: { home: gauges }\n"
		"  nav: { home: main }\n"
		"  media: { home: bar }\n"
		"  camera: { home: camera }\n";

static void start(struct bn_fixture *fixture) {
	const struct bn_fixture_options options = { .layout = two_displays };
	bn_fixture_start(fixture, &options);
}

static void set_number(struct bn_fixture *fixture, const char *signal, double number) {
	const struct bn_identity owner = { .source = BN_IDENTITY_OWNER, .app = BN_NONE };
	const struct bn_value value = { .kind = BN_VALUE_NUMBER, .number = number };
	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_set_signal(bn_server_cockpit(fixture->server), &owner, signal,
			&value, error));
}

static void an_empty_zone_shows_its_filler(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "cluster", 10, 10), 0x102030);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x400000);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 170), 0x004000);
	bn_fixture_stop(&fixture);
}

static void an_unmodified_app_fills_its_zone(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, "whatever", 0xff3080c0);
	assert_int_equal(window->width, 320);
	assert_int_equal(window->height, 160);
	assert_true(window->maximized);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x3080c0);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 170), 0x004000);
	bn_test_window_destroy(window);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x400000);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_forged_app_id_opens_nothing(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	struct bn_test_window *camera = bn_test_window_create(client, "camera", 0xffffffff);
	struct bn_test_window *cluster = bn_test_window_create(client, "cluster", 0xffffffff);
	set_number(&fixture, "Vehicle.Powertrain.Transmission.CurrentGear", -1);
	bn_fixture_advance_ms(&fixture, 60);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x000080);
	assert_int_equal(bn_fixture_pixel(&fixture, "cluster", 10, 10), 0x102030);
	bn_test_window_destroy(camera);
	bn_test_window_destroy(cluster);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_rule_shows_the_camera_and_takes_it_away(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *nav = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *map = bn_test_window_create(nav, "nav", 0xff00ff00);
	struct bn_test_client *rear = bn_test_client_connect(&fixture, "camera");
	struct bn_test_window *picture = bn_test_window_create(rear, "camera", 0xffffff00);
	assert_true(picture->suspended);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x00ff00);
	set_number(&fixture, "Vehicle.Powertrain.Transmission.CurrentGear", -1);
	bn_fixture_advance_ms(&fixture, 40);
	bn_test_client_roundtrip(rear);
	assert_false(picture->suspended);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0xffff00);
	set_number(&fixture, "Vehicle.Powertrain.Transmission.CurrentGear", 1);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x00ff00);
	bn_test_window_destroy(map);
	bn_test_window_destroy(picture);
	bn_test_client_disconnect(nav);
	bn_test_client_disconnect(rear);
	bn_fixture_stop(&fixture);
}

static void a_second_window_waits_behind_and_comes_back(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *first = bn_test_window_create(client, "nav", 0xff0000ff);
	first->wants_frames = true;
	struct bn_test_window *second = bn_test_window_create(client, "nav", 0xffff0000);
	bn_fixture_advance_ms(&fixture, 40);
	bn_test_client_roundtrip(client);
	assert_true(first->suspended);
	assert_true(second->activated);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0xff0000);
	int frames = first->frames_done;
	bn_test_window_draw(first, 0xff0000ff);
	bn_test_client_roundtrip(client);
	bn_fixture_advance_ms(&fixture, 200);
	bn_test_client_roundtrip(client);
	assert_int_equal(first->frames_done, frames);
	bn_test_window_destroy(second);
	bn_fixture_advance_ms(&fixture, 40);
	bn_test_client_roundtrip(client);
	assert_false(first->suspended);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x0000ff);
	bn_fixture_advance_ms(&fixture, 40);
	bn_test_client_roundtrip(client);
	assert_true(first->frames_done > frames);
	bn_test_window_destroy(first);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_window_of_the_wrong_size_covers_its_zone(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window =
			bn_test_window_create_sized(client, "nav", 0xff123456, 50, 50);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 2, 2), 0x123456);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 318, 158), 0x123456);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 165), 0x004000);
	char *why = bn_cockpit_why(bn_server_cockpit(fixture.server), "nav");
	assert_non_null(strstr(why, "50x50 though 320x160"));
	free(why);
	bn_test_window_destroy(window);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_saved_layout_is_live_and_a_broken_one_changes_nothing(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_cockpit *cockpit = bn_server_cockpit(fixture.server);
	bn_fixture_advance_ms(&fixture, 40);
	char changed[4096];
	strcpy(changed, two_displays);
	memcpy(strstr(changed, "#400000"), "#00aabb", 7);
	bn_fixture_write_layout(&fixture, changed);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(cockpit->reload_count, 1);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x00aabb);
	bn_fixture_write_layout(&fixture, "binnacle: 1\ndisplays: 7\n");
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(cockpit->reload_count, 1);
	assert_true(bn_diag_list_errors(&cockpit->reload_faults) > 0);
	assert_int_equal(cockpit->reload_faults.items[0].line, 2);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x00aabb);
	bn_fixture_stop(&fixture);
}

static void apps_are_told_how_often_a_display_is_drawn(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	assert_true(bn_test_client_roundtrip(client));
	assert_int_equal(client->output_count, 2);
	assert_int_equal(client->refresh_mhz[0], 60000);
	assert_int_equal(client->refresh_mhz[1], 60000);
	// Another mode, and another refresh alone.
	char changed[4096];
	strcpy(changed, two_displays);
	memcpy(strstr(changed, "200x100@60"), "200x101@50", 10);
	memcpy(strstr(changed, "320x200@60"), "320x200@30", 10);
	bn_fixture_write_layout(&fixture, changed);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_server_cockpit(fixture.server)->reload_count, 1);
	assert_true(bn_test_client_roundtrip(client));
	assert_int_equal(client->refresh_mhz[0], 50000);
	assert_int_equal(client->refresh_mhz[1], 30000);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_flood_of_commits_is_uploaded_once_a_refresh(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, "nav", 0xff000000);
	bn_fixture_advance_ms(&fixture, 40);
	struct bn_output *output = bn_outputs_find(bn_server_outputs(fixture.server), 1);
	uint64_t before = output->stats.upload_bytes;
	for (uint32_t i = 0; i < 500; i++) {
		bn_test_window_draw(window, 0xff000000 | i);
		if (i % 50 == 49) {
			bn_test_client_roundtrip(client);
		}
	}
	bn_fixture_advance_ms(&fixture, 17);
	bn_test_client_roundtrip(client);
	// Time stood still for the flood: two refreshes at most have begun.
	assert_uint_in_range(output->stats.upload_bytes - before, 320 * 160 * 4, 2 * 320 * 160 * 4);
	assert_int_in_range(client->released_buffers, 490, 510);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 499);
	bn_test_window_destroy(window);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_static_cockpit_never_wakes_up(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, "nav", 0xff223344);
	bn_fixture_advance_ms(&fixture, 100);
	struct bn_output *output = bn_outputs_find(bn_server_outputs(fixture.server), 1);
	uint64_t wakeups = output->stats.wakeups;
	assert_int_equal(bn_loop_next_ns(bn_server_loop(fixture.server)), INT64_MAX);
	bn_fixture_advance_ms(&fixture, 2000);
	assert_int_equal(output->stats.wakeups, wakeups);
	bn_test_window_destroy(window);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_renderer_switch_keeps_every_static_picture(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *nav = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *map = bn_test_window_create(nav, "nav", 0xff3080c0);
	struct bn_test_client *cluster = bn_test_client_connect(&fixture, "cluster");
	struct bn_test_window *gauges = bn_test_window_create(cluster, "cluster", 0xffc08030);
	static const enum bn_renderer_kind kinds[] = { BN_RENDERER_GLES, BN_RENDERER_PIXMAN,
		BN_RENDERER_GLES };
	for (size_t i = 0; i < 3; i++) {
		bn_fixture_advance_ms(&fixture, 40);
		assert_true(bn_server_set_renderer(fixture.server, kinds[i]));
		bn_fixture_advance_ms(&fixture, 40);
		assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x3080c0);
		assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 170), 0x004000);
		assert_int_equal(bn_fixture_pixel(&fixture, "cluster", 10, 10), 0xc08030);
	}
	bn_test_window_destroy(map);
	bn_test_window_destroy(gauges);
	bn_test_client_disconnect(nav);
	bn_test_client_disconnect(cluster);
	bn_fixture_stop(&fixture);
}

static void a_lost_gpu_costs_no_client_and_no_safety_picture(void **state) {
	struct bn_fixture fixture;
	const struct bn_fixture_options options = {
		.layout = two_displays,
		.renderer = BN_RENDERER_GLES,
	};
	bn_fixture_start(&fixture, &options);
	struct bn_test_client *nav = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *map = bn_test_window_create(nav, "nav", 0xff00ff00);
	struct bn_test_client *rear = bn_test_client_connect(&fixture, "camera");
	struct bn_test_window *picture = bn_test_window_create(rear, "camera", 0xffffff00);
	set_number(&fixture, "Vehicle.Powertrain.Transmission.CurrentGear", -1);
	bn_fixture_advance_ms(&fixture, 60);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0xffff00);

	bn_renderer_simulate_loss(bn_server_outputs(fixture.server)->renderer);
	set_number(&fixture, "Vehicle.Speed", 9);
	bn_scene_damage_all(bn_server_scene(fixture.server));
	bn_fixture_advance_ms(&fixture, 100);
	// The camera has drawn nothing since: its buffer was kept, so it is drawn again.
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0xffff00);
	set_number(&fixture, "Vehicle.Powertrain.Transmission.CurrentGear", 1);
	bn_fixture_advance_ms(&fixture, 60);
	// The map's went with the GPU: its zone says so until the map draws again.
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0xff00ff);
	bn_test_window_draw(map, 0xff00ff00);
	assert_true(bn_test_client_roundtrip(nav));
	bn_fixture_advance_ms(&fixture, 60);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x00ff00);
	bn_test_window_destroy(map);
	bn_test_window_destroy(picture);
	bn_test_client_disconnect(nav);
	bn_test_client_disconnect(rear);
	bn_fixture_stop(&fixture);
}

static void privileged_globals_are_hidden_from_unknown_clients(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	assert_true(bn_test_client_has_global(client, "xdg_wm_base"));
	assert_true(bn_test_client_has_global(client, "binnacle_cockpit_v1"));
	assert_false(bn_test_client_has_global(client, "zwlr_screencopy_manager_v1"));
	assert_false(bn_test_client_has_global(client, "ext_image_copy_capture_manager_v1"));
	assert_false(bn_test_client_has_global(client, "zwp_virtual_keyboard_manager_v1"));
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "an-empty-zone-shows-its-filler", an_empty_zone_shows_its_filler, NULL, NULL,
				NULL },
		{ "an-unmodified-app-fills-its-zone", an_unmodified_app_fills_its_zone, NULL, NULL,
				NULL },
		{ "a-forged-app-id-opens-nothing", a_forged_app_id_opens_nothing, NULL, NULL,
				NULL },
		{ "a-rule-shows-the-camera-and-takes-it-away",
				a_rule_shows_the_camera_and_takes_it_away, NULL, NULL, NULL },
		{ "a-second-window-waits-behind-and-comes-back",
				a_second_window_waits_behind_and_comes_back, NULL, NULL, NULL },
		{ "a-window-of-the-wrong-size-covers-its-zone",
				a_window_of_the_wrong_size_covers_its_zone, NULL, NULL, NULL },
		{ "a-saved-layout-is-live-and-a-broken-one-changes-nothing",
				a_saved_layout_is_live_and_a_broken_one_changes_nothing, NULL, NULL,
				NULL },
		{ "apps-are-told-how-often-a-display-is-drawn",
				apps_are_told_how_often_a_display_is_drawn, NULL, NULL, NULL },
		{ "a-flood-of-commits-is-uploaded-once-a-refresh",
				a_flood_of_commits_is_uploaded_once_a_refresh, NULL, NULL, NULL },
		{ "a-static-cockpit-never-wakes-up", a_static_cockpit_never_wakes_up, NULL, NULL,
				NULL },
		{ "a-renderer-switch-keeps-every-static-picture",
				a_renderer_switch_keeps_every_static_picture, NULL, NULL, NULL },
		{ "a-lost-gpu-costs-no-client-and-no-safety-picture",
				a_lost_gpu_costs_no_client_and_no_safety_picture, NULL, NULL,
				NULL },
		{ "privileged-globals-are-hidden-from-unknown-clients",
				privileged_globals_are_hidden_from_unknown_clients, NULL, NULL,
				NULL },
	};
	return cmocka_run_group_tests_name("cockpit", tests, NULL, NULL);
}
