#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cockpit.h"
#include "fixture.h"
#include "kit.h"

/** What a display loss does on a cockpit that runs: pixels, windows, and what a person is told. */
static const char layout[] =
		"binnacle: 1\n"
		"displays:\n"
		"  cluster: { mode: 200x100@60, criticality: safety }\n"
		"  center: { mode: 320x200@60 }\n"
		"states: { reversing: { Vehicle.Gear: -1 } }\n"
		"zones:\n"
		"  lamps: { display: cluster, rect: [0, 0, 100%, 20], layer: telltale, grant: "
		"lamps, "
		"empty: '#200000', backup: lamps-spare }\n"
		"  gauges: { display: cluster, rect: [0, 20, 100%, 80], grant: gauges, empty: "
		"'#101010' }\n"
		"  main: { display: center, rect: [0, 40, 100%, 160], grant: [nav, '*'], empty: "
		"'#000040' }\n"
		"  camera: { display: center, rect: main, layer: safety, grant: camera, visible: "
		"false, empty: '#004000', backup: camera-spare }\n"
		"  lamps-spare: { display: center, rect: [0, 0, 100%, 40] }\n"
		"  camera-spare: { in: gauges, rect: [50%, 0, 50%, 100%] }\n"
		"rules: [{ when: reversing, show: { camera: camera } }]\n"
		"apps:\n"
		"  lamps: { home: lamps }\n"
		"  gauges: { home: gauges }\n"
		"  nav: { home: main }\n"
		"  camera: { home: camera }\n";

static void start(struct bn_fixture *fixture) {
	const struct bn_fixture_options options = { .layout = layout };
	bn_fixture_start(fixture, &options);
}

static const struct bn_arrange_zone_out *zone(struct bn_fixture *fixture, const char *name) {
	struct bn_cockpit *cockpit = bn_server_cockpit(fixture->server);
	return &cockpit->arrangement.zones[bn_layout_find_zone(cockpit->layout, name)];
}

static void expect_why(struct bn_fixture *fixture, const char *name, const char *sentence) {
	char *why = bn_cockpit_why(bn_server_cockpit(fixture->server), name);
	assert_non_null(why);
	if (strstr(why, sentence) == NULL) {
		fail_msg("why %s: %s", name, why);
	}
	free(why);
}

static void lamps_move_to_the_other_display_and_come_back(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "lamps");
	struct bn_test_window *lamps = bn_test_window_create(client, "lamps", 0xffff0000);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "cluster", 10, 10), 0xff0000);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x000000);
	expect_why(&fixture, "lamps-spare", "is a backup of lamps and is not needed");

	bn_kit_unplug(&fixture, "cluster");
	// Decided with the news itself: no later turn of the loop is needed.
	assert_int_equal(zone(&fixture, "lamps-spare")->content, BN_CONTENT_VIEW);
	assert_int_equal(zone(&fixture, "lamps")->content, BN_CONTENT_NOTHING);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0xff0000);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 100), 0x000040);
	bn_test_client_roundtrip(client);
	assert_int_equal(lamps->width, 320);
	assert_int_equal(lamps->height, 40);
	assert_false(lamps->suspended);
	expect_why(&fixture, "lamps", "backup of lamps: display cluster is missing");
	expect_why(&fixture, "lamps-spare", "backup of lamps: display cluster is missing");

	// A reload gives a headless cockpit all its displays again.
	bn_fixture_write_layout(&fixture, layout);
	bn_fixture_advance_ms(&fixture, 60);
	bn_test_client_roundtrip(client);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(lamps->width, 200);
	assert_int_equal(bn_fixture_pixel(&fixture, "cluster", 10, 10), 0xff0000);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x000000);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_backup_shows_the_filler_of_its_zone(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	bn_kit_unplug(&fixture, "cluster");
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x200000);
	bn_fixture_stop(&fixture);
}

static void the_camera_comes_up_on_the_cluster_when_its_display_is_missing(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "camera");
	bn_test_window_create(client, "camera", 0xffffff00);
	bn_kit_unplug(&fixture, "center");
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "cluster", 150, 60), 0x101010);
	const struct bn_identity owner = { .source = BN_IDENTITY_OWNER, .app = BN_NONE };
	const struct bn_value reverse = { .kind = BN_VALUE_NUMBER, .number = -1 };
	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_set_signal(bn_server_cockpit(fixture.server), &owner, "Vehicle.Gear",
			&reverse, error));
	bn_fixture_advance_ms(&fixture, 40);
	bn_test_client_roundtrip(client);
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "cluster", 150, 60), 0xffff00);
	assert_int_equal(bn_fixture_pixel(&fixture, "cluster", 50, 60), 0x101010);
	expect_why(&fixture, "camera", "backup of camera: display center is missing");
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void no_command_hides_the_lamps_or_takes_them_away(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_cockpit *cockpit = bn_server_cockpit(fixture.server);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "lamps");
	bn_test_window_create(client, "lamps", 0xffff0000);
	char error[BN_ERROR_MAX];
	assert_false(bn_cockpit_hide(cockpit, "lamps", error));
	assert_string_equal(error, "zone 'lamps' of layer telltale is hidden by no command");
	assert_false(bn_cockpit_show(cockpit, "lamps", "main", error));
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "cluster", 10, 10), 0xff0000);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_reload_that_breaks_the_proof_is_refused(void **state) {
	struct bn_fixture fixture;
	start(&fixture);
	struct bn_cockpit *cockpit = bn_server_cockpit(fixture.server);
	char *broken = strdup(layout);
	char *backup = strstr(broken, ", backup: camera-spare");
	assert_non_null(backup);
	memset(backup, ' ', strlen(", backup: camera-spare"));
	bn_fixture_write_layout(&fixture, broken);
	free(broken);
	bn_fixture_advance_ms(&fixture, 60);
	assert_int_equal(cockpit->reload_count, 0);
	assert_true(bn_diag_list_errors(&cockpit->reload_faults) > 0);
	bool is_said = false;
	for (size_t i = 0; i < cockpit->reload_faults.count; i++) {
		is_said = is_said
				|| strstr(cockpit->reload_faults.items[i].text,
						   "reversing + center missing: zone \"camera\" of "
						   "layer "
						   "safety has no home")
						!= NULL;
	}
	assert_true(is_said);
	// The old layout is in force, its backups too.
	bn_kit_unplug(&fixture, "cluster");
	bn_fixture_advance_ms(&fixture, 40);
	assert_int_equal(bn_fixture_pixel(&fixture, "center", 10, 10), 0x200000);
	bn_fixture_write_layout(&fixture, layout);
	bn_fixture_advance_ms(&fixture, 60);
	assert_int_equal(cockpit->reload_count, 1);
	bn_fixture_stop(&fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ .name = "lamps-move-to-the-other-display-and-come-back",
				.test_func = lamps_move_to_the_other_display_and_come_back },
		{ .name = "a-backup-shows-the-filler-of-its-zone",
				.test_func = a_backup_shows_the_filler_of_its_zone },
		{ .name = "the-camera-comes-up-on-the-cluster-when-its-display-is-missing",
				.test_func = the_camera_comes_up_on_the_cluster_when_its_display_is_missing },
		{ .name = "no-command-hides-the-lamps-or-takes-them-away",
				.test_func = no_command_hides_the_lamps_or_takes_them_away },
		{ .name = "a-reload-that-breaks-the-proof-is-refused",
				.test_func = a_reload_that_breaks_the_proof_is_refused },
	};
	return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
