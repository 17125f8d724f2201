// Every verb of the control socket, in the right and in the wrong way, as the session owner.

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/log.h>

#include "cockpit.h"
#include "ipc_rig.h"
#include "output.h"

static struct bn_fixture fixture;
static struct peer peer;

static int start(void **state) {
	rig_start(&fixture);
	peer_connect(&fixture, &peer);
	return 0;
}

static int finish(void **state) {
	peer_close(&peer);
	bn_fixture_stop(&fixture);
	return 0;
}

static const struct {
	const char *request;
	const char *code;  // NULL: it succeeds
	const char *error; // part of it
} cases[] = {
	{ "{\"do\":\"get\",\"what\":\"displays\"}", NULL, NULL },
	{ "{\"do\":\"get\",\"what\":\"zones\"}", NULL, NULL },
	{ "{\"do\":\"get\",\"what\":\"apps\"}", NULL, NULL },
	{ "{\"do\":\"get\",\"what\":\"clients\"}", NULL, NULL },
	{ "{\"do\":\"get\",\"what\":\"signals\"}", NULL, NULL },
	{ "{\"do\":\"get\",\"what\":\"layout\"}", NULL, NULL },
	{ "{\"do\":\"get\",\"what\":\"zone\"}", "bad-request", "zones" },
	{ "{\"do\":\"get\"}", "bad-request", "missing" },
	{ "{\"do\":\"get\",\"what\":7}", "bad-request", "what" },
	{ "{\"do\":\"set\",\"signal\":\"Vehicle.Speed\",\"value\":12.5}", NULL, NULL },
	{ "{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":\"P\"}", NULL, NULL },
	{ "{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":null}", NULL, NULL },
	{ "{\"do\":\"set\",\"signal\":\"Vehicle.Sped\",\"value\":1}", "not-found",
			"did you mean 'Vehicle.Speed'?" },
	{ "{\"do\":\"set\",\"signal\":\"Vehicle.Speed\"}", "bad-request", "value" },
	{ "{\"do\":\"set\",\"signal\":\"Vehicle.Speed\",\"value\":[1]}", "bad-request", "value" },
	{ "{\"do\":\"set\",\"value\":1}", "bad-request", "signal" },
	{ "{\"do\":\"show\",\"app\":\"nav\",\"zone\":\"side\"}", "failed", "exec" },
	{ "{\"do\":\"show\",\"app\":\"navi\"}", "not-found", "did you mean 'nav'?" },
	{ "{\"do\":\"show\",\"app\":\"nav\",\"zone\":\"mian\"}", "not-found", "main" },
	{ "{\"do\":\"show\",\"app\":\"nav\",\"zone\":1}", "bad-request", "zone" },
	{ "{\"do\":\"show\"}", "bad-request", "app" },
	{ "{\"do\":\"hide\",\"name\":\"nav\"}", NULL, NULL },
	{ "{\"do\":\"hide\",\"name\":\"main\"}", NULL, NULL },
	{ "{\"do\":\"hide\",\"name\":\"nobody\"}", "not-found", "no app or zone 'nobody'" },
	{ "{\"do\":\"hide\"}", "bad-request", "name" },
	{ "{\"do\":\"why\",\"name\":\"main\"}", NULL, NULL },
	{ "{\"do\":\"why\",\"name\":\"nav\"}", NULL, NULL },
	{ "{\"do\":\"why\",\"name\":\"sid\"}", "not-found", "did you mean 'side'?" },
	{ "{\"do\":\"why\"}", "bad-request", "name" },
	{ "{\"do\":\"screenshot\",\"name\":\"lefd\"}", "not-found", "did you mean 'left'?" },
	{ "{\"do\":\"screenshot\",\"name\":\"secret\"}", "denied", "private" },
	{ "{\"do\":\"screenshot\"}", "bad-request", "name" },
	{ "{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":2}", NULL, NULL },
	{ "{\"do\":\"touch\",\"display\":\"left\",\"x\":64,\"y\":2}", "bad-request", "64 x 48" },
	{ "{\"do\":\"touch\",\"display\":\"left\",\"x\":-1,\"y\":2}", "bad-request", "64 x 48" },
	{ "{\"do\":\"touch\",\"display\":\"left\",\"x\":\"1\",\"y\":2}", "bad-request", "x" },
	{ "{\"do\":\"touch\",\"display\":\"left\",\"x\":1}", "bad-request", "y" },
	{ "{\"do\":\"touch\",\"display\":\"lift\",\"x\":1,\"y\":2}", "not-found",
			"did you mean 'left'?" },
	{ "{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":2,\"phase\":\"hover\"}",
			"bad-request", "tap, down, move, up" },
	{ "{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":2,\"finger\":10}", "bad-request",
			"0 to 9" },
	{ "{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":2,\"finger\":0.5}", "bad-request",
			"whole" },
	{ "{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":2,\"phase\":\"up\"}", "failed",
			"not down" },
	{ "{\"do\":\"reload\"}", NULL, NULL },
	{ "{\"do\":\"theme\",\"name\":\"night\"}", NULL, NULL },
	{ "{\"do\":\"theme\",\"name\":null}", NULL, NULL },
	{ "{\"do\":\"theme\",\"name\":\"nihgt\"}", "not-found", "did you mean 'night'?" },
	{ "{\"do\":\"theme\",\"name\":1}", "bad-request", "name" },
	{ "{\"do\":\"profile\",\"name\":\"anna\"}", NULL, NULL },
	{ "{\"do\":\"profile\"}", NULL, NULL },
	{ "{\"do\":\"profile\",\"name\":\"ana\"}", "not-found", "did you mean 'anna'?" },
	{ "{\"do\":\"stats\"}", NULL, NULL },
	{ "{\"do\":\"metrics\"}", NULL, NULL },
	{ "{\"do\":\"deadlines\"}", NULL, NULL },
	{ "{\"do\":\"journal\"}", NULL, NULL },
	{ "{\"do\":\"journal\",\"since_ns\":-1}", "bad-request", "since_ns" },
	{ "{\"do\":\"journal\",\"since_ns\":1e300}", "bad-request", "since_ns" },
	{ "{\"do\":\"journal\",\"since_ns\":\"now\"}", "bad-request", "since_ns" },
	{ "{\"do\":\"overlay\",\"on\":true}", NULL, NULL },
	{ "{\"do\":\"overlay\",\"on\":false,\"display\":\"left\"}", NULL, NULL },
	{ "{\"do\":\"overlay\",\"on\":true,\"display\":\"lefd\"}", "not-found",
			"did you mean 'left'?" },
	{ "{\"do\":\"overlay\"}", "bad-request", "on" },
	{ "{\"do\":\"overlay\",\"on\":true,\"display\":1}", "bad-request", "display" },
	{ "{\"do\":\"inspect\",\"on\":true}", NULL, NULL },
	{ "{\"do\":\"inspect\",\"on\":\"yes\"}", "bad-request", "on" },
	{ "{\"do\":\"play\"}", "bad-request", "controller" },
	{ "{\"do\":\"fly\"}", "bad-request", "one of" },
	{ "{\"what\":\"zones\"}", "bad-request", "do" },
	{ "[]", "bad-request", "object" },
	{ "", "bad-request", "JSON" },
	{ "{", "bad-request", "JSON" },
	{ "\xff\xfe{}", "bad-request", "JSON" },
	{ "{\"do\":\"why\",\"name\":\"\\u0000\"}", "bad-request", "NUL" },
};

static void each_verb_is_answered_and_each_mistake_is_named(void **state) {
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		yyjson_doc *reply = peer_ask(&peer, cases[i].request);
		assert_non_null(reply);
		const char *error = doc_text(reply, "error");
		bool as_wanted = doc_ok(reply) == (cases[i].code == NULL)
				&& (cases[i].code == NULL
						|| (strcmp(doc_text(reply, "code"), cases[i].code)
										== 0
								&& strstr(error, cases[i].error)
										!= NULL));
		if (!as_wanted) {
			fail_msg("%s: ok %d, code '%s', error '%s'", cases[i].request,
					doc_ok(reply), doc_text(reply, "code"), error);
		}
		yyjson_doc_free(reply);
	}
}

static void the_id_comes_back(void **state) {
	static const char *const requests[] = {
		"{\"id\":9007199254740993,\"do\":\"stats\"}",
		"{\"id\":9007199254740993,\"do\":\"fly\"}",
	};
	for (size_t i = 0; i < 2; i++) {
		yyjson_doc *reply = peer_ask(&peer, requests[i]);
		yyjson_val *id = yyjson_obj_get(yyjson_doc_get_root(reply), "id");
		assert_true(yyjson_get_sint(id) == INT64_C(9007199254740993));
		yyjson_doc_free(reply);
	}
}

static yyjson_val *named(yyjson_doc *doc, const char *list, const char *name) {
	yyjson_val *item;
	yyjson_arr_iter items =
			yyjson_arr_iter_with(yyjson_obj_get(yyjson_doc_get_root(doc), list));
	while ((item = yyjson_arr_iter_next(&items)) != NULL) {
		if (yyjson_equals_str(yyjson_obj_get(item, "name"), name)) {
			return item;
		}
	}
	fail_msg("no '%s' in %s", name, list);
	return NULL;
}

static void a_signal_that_was_set_is_read_back(void **state) {
	peer_do(&peer, "{\"do\":\"set\",\"signal\":\"Vehicle.Speed\",\"value\":-7.25}");
	peer_do(&peer, "{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":\"\\u00e4\"}");
	yyjson_doc *reply = peer_ask(&peer, "{\"do\":\"get\",\"what\":\"signals\"}");
	yyjson_val *speed = named(reply, "signals", "Vehicle.Speed");
	assert_true(yyjson_get_num(yyjson_obj_get(speed, "value")) == -7.25);
	assert_true(yyjson_get_sint(yyjson_obj_get(speed, "age_ms")) == 0);
	yyjson_val *gear = named(reply, "signals", "Vehicle.Gear");
	assert_string_equal(yyjson_get_str(yyjson_obj_get(gear, "value")), "\xc3\xa4");
	yyjson_doc_free(reply);

	bn_fixture_advance_ms(&fixture, 1000);
	reply = peer_ask(&peer, "{\"do\":\"get\",\"what\":\"signals\"}");
	speed = named(reply, "signals", "Vehicle.Speed");
	assert_true(yyjson_is_null(yyjson_obj_get(speed, "value")));
	assert_true(yyjson_get_bool(yyjson_obj_get(speed, "stale")));
	assert_int_equal(yyjson_get_sint(yyjson_obj_get(speed, "age_ms")), 1000);
	yyjson_doc_free(reply);
}

static void zones_tell_where_they_are_and_what_restricts_them(void **state) {
	peer_do(&peer, "{\"do\":\"set\",\"signal\":\"Vehicle.Speed\",\"value\":50}");
	yyjson_doc *reply = peer_ask(&peer, "{\"do\":\"get\",\"what\":\"zones\"}");
	yyjson_val *main_zone = named(reply, "zones", "main");
	assert_int_equal(yyjson_get_int(yyjson_obj_get(main_zone, "width")), 64);
	assert_true(yyjson_equals_str(yyjson_obj_get(main_zone, "content"), "empty"));
	yyjson_val *restricted = yyjson_obj_get(main_zone, "restrictions");
	assert_int_equal(yyjson_arr_size(restricted), 1);
	assert_true(yyjson_equals_str(yyjson_arr_get(restricted, 0), "keyboard"));
	yyjson_val *side = named(reply, "zones", "side");
	assert_int_equal(yyjson_get_int(yyjson_obj_get(side, "width")), 16);
	assert_int_equal(yyjson_arr_size(yyjson_obj_get(side, "restrictions")), 0);
	yyjson_doc_free(reply);
}

static void check_picture(const char *request, int width, int height, uint32_t color) {
	yyjson_doc *reply = peer_ask(&peer, request);
	assert_true(doc_ok(reply));
	yyjson_val *root = yyjson_doc_get_root(reply);
	assert_int_equal(yyjson_get_int(yyjson_obj_get(root, "width")), width);
	assert_int_equal(yyjson_get_int(yyjson_obj_get(root, "height")), height);
	assert_int_equal(yyjson_get_int(yyjson_obj_get(root, "stride")), width * 4);
	yyjson_doc_free(reply);

	assert_true(peer.passed_fd >= 0);
	struct stat info;
	assert_int_equal(fstat(peer.passed_fd, &info), 0);
	assert_int_equal(info.st_size, width * height * 4);
	uint32_t *pixels =
			mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, peer.passed_fd, 0);
	assert_true(pixels != MAP_FAILED);
	for (int i = 0; i < width * height; i++) {
		assert_int_equal(pixels[i] & 0xffffff, color);
	}
	munmap(pixels, (size_t)info.st_size);
	// Sealed: who reads it can rely on it.
	assert_int_equal(ftruncate(peer.passed_fd, 0), -1);
	assert_int_equal(write(peer.passed_fd, "x", 1), -1);
	close(peer.passed_fd);
	peer.passed_fd = -1;
}

static void a_screenshot_is_a_sealed_picture_of_that_part(void **state) {
	peer_do(&peer, "{\"do\":\"inspect\",\"on\":false}");
	bn_fixture_advance_ms(&fixture, 100);
	check_picture("{\"do\":\"screenshot\",\"name\":\"left\"}", 64, 48, 0x204060);
	check_picture("{\"do\":\"screenshot\",\"name\":\"main\"}", 64, 48, 0x204060);
	check_picture("{\"do\":\"screenshot\",\"name\":\"side\"}", 16, 48, 0xff0000);
}

static void fingers_belong_to_their_connection(void **state) {
	struct peer other;
	peer_connect(&fixture, &other);
	peer_do(&peer,
			"{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":1,\"phase\":"
			"\"down\"}");
	static const char *const refused[] = {
		"{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":1,\"phase\":\"down\"}",
		"{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":1,\"phase\":\"up\"}",
		"{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":1}",
	};
	for (size_t i = 0; i < 3; i++) {
		yyjson_doc *reply = peer_ask(&other, refused[i]);
		assert_string_equal(doc_text(reply, "code"), "failed");
		yyjson_doc_free(reply);
	}
	peer_do(&other, "{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":1,\"finger\":1}");
	peer_do(&peer,
			"{\"do\":\"touch\",\"display\":\"left\",\"x\":5,\"y\":1,\"phase\":"
			"\"move\"}");
	// Who goes lifts them.
	peer_close(&peer);
	peer_do(&other, "{\"do\":\"stats\"}");
	peer_do(&other, "{\"do\":\"touch\",\"display\":\"left\",\"x\":1,\"y\":1}");
	peer_close(&other);
	peer_connect(&fixture, &peer);
}

static void a_refused_reload_names_each_fault_and_changes_nothing(void **state) {
	rig_write_layout(&fixture, rig_layout, "nonsense: 1\nzoness: {}\n");
	yyjson_doc *reply = peer_ask(&peer, "{\"do\":\"reload\"}");
	assert_string_equal(doc_text(reply, "code"), "failed");
	yyjson_val *faults = yyjson_obj_get(yyjson_doc_get_root(reply), "faults");
	assert_int_equal(yyjson_arr_size(faults), 2);
	yyjson_val *fault = yyjson_arr_get(faults, 0);
	assert_true(yyjson_equals_str(yyjson_obj_get(fault, "severity"), "error"));
	assert_true(yyjson_get_int(yyjson_obj_get(fault, "line")) > 20);
	yyjson_doc_free(reply);
	rig_write_layout(&fixture, rig_layout, "");
	peer_do(&peer, "{\"do\":\"reload\"}");
}

static void a_theme_is_forced_until_rules_decide_again(void **state) {
	struct bn_cockpit *cockpit = bn_server_cockpit(fixture.server);
	peer_do(&peer, "{\"do\":\"theme\",\"name\":\"night\"}");
	yyjson_doc *reply = peer_ask(&peer, "{\"do\":\"get\",\"what\":\"layout\"}");
	yyjson_val *theme = yyjson_obj_get(yyjson_doc_get_root(reply), "theme");
	assert_true(yyjson_equals_str(yyjson_obj_get(theme, "name"), "night"));
	assert_true(yyjson_get_bool(yyjson_obj_get(theme, "forced")));
	yyjson_doc_free(reply);
	peer_do(&peer, "{\"do\":\"theme\"}");
	assert_true(cockpit->forced_theme == BN_NONE);
}

static void a_profile_is_merged_in_and_taken_out(void **state) {
	const struct bn_cockpit *cockpit = bn_server_cockpit(fixture.server);
	peer_do(&peer, "{\"do\":\"profile\",\"name\":\"anna\"}");
	size_t day = bn_layout_find_theme(cockpit->layout, "day");
	assert_int_equal(cockpit->layout->themes[day].background, 0x400000);
	peer_do(&peer, "{\"do\":\"profile\",\"name\":null}");
	day = bn_layout_find_theme(cockpit->layout, "day");
	assert_int_equal(cockpit->layout->themes[day].background, 0x102030);
}

static void the_inspector_is_switched(void **state) {
	peer_do(&peer, "{\"do\":\"inspect\",\"on\":true}");
	assert_true(bn_server_outputs(fixture.server)->inspector);
	peer_do(&peer, "{\"do\":\"inspect\",\"on\":false}");
	assert_false(bn_server_outputs(fixture.server)->inspector);
}

static void many_requests_in_one_write_are_all_answered_in_order(void **state) {
	char request[64];
	for (int i = 1; i <= 100; i++) {
		snprintf(request, sizeof(request), "{\"id\":%d,\"do\":\"inspect\",\"on\":false}\n",
				i);
		assert_true(peer_send(&peer, request, strlen(request)));
	}
	for (int i = 1; i <= 100; i++) {
		char *line = peer_read_line(&peer);
		snprintf(request, sizeof(request), "{\"id\":%d,\"ok\":true}", i);
		assert_string_equal(line, request);
		free(line);
	}
}

static int adaptive_sync_lines;

__attribute__((format(printf, 2, 0))) static void count_lines(enum wlr_log_importance importance,
		const char *format, va_list args) {
	char line[512];
	vsnprintf(line, sizeof(line), format, args);
	adaptive_sync_lines += importance == WLR_ERROR && strstr(line, "adaptive sync") != NULL;
}

static void check_adaptive_sync(const char *left) {
	yyjson_doc *reply = peer_ask(&peer, "{\"do\":\"get\",\"what\":\"displays\"}");
	yyjson_val *display = named(reply, "displays", "left");
	assert_string_equal(yyjson_get_str(yyjson_obj_get(display, "adaptive_sync")), left);
	display = named(reply, "displays", "right");
	assert_string_equal(yyjson_get_str(yyjson_obj_get(display, "adaptive_sync")), "off");
	yyjson_doc_free(reply);
}

/** No output here has a panel: what is asked for cannot be had, and that is said. */
static void adaptive_sync_that_cannot_be_had_is_said(void **state) {
	check_adaptive_sync("off");
	wlr_log_init(WLR_ERROR, count_lines);
	bn_fixture_write_layout(&fixture,
			"binnacle: 1\n"
			"displays:\n"
			"  left: { mode: 64x48@60, adaptive-sync: true }\n"
			"  right: { mode: 32x48@60 }\n"
			"zones: { main: { display: left, rect: full, grant: ['*'] } }\n");
	peer_do(&peer, "{\"do\":\"reload\"}");
	check_adaptive_sync("unsupported");
	assert_int_equal(adaptive_sync_lines, 1);
	// one that says that it can, and then does not
	struct bn_output *left = bn_outputs_find(bn_server_outputs(fixture.server), 0);
	left->wlr->adaptive_sync_supported = true;
	peer_do(&peer, "{\"do\":\"reload\"}");
	check_adaptive_sync("refused");
	assert_int_equal(adaptive_sync_lines, 2);
	assert_true(left->enabled);
	left->wlr->adaptive_sync_supported = false;
	rig_write_layout(&fixture, rig_layout, "");
	peer_do(&peer, "{\"do\":\"reload\"}");
	check_adaptive_sync("off");
	assert_int_equal(adaptive_sync_lines, 2);
	wlr_log_init(WLR_ERROR, NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verb_is_answered_and_each_mistake_is_named),
		cmocka_unit_test(the_id_comes_back),
		cmocka_unit_test(a_signal_that_was_set_is_read_back),
		cmocka_unit_test(adaptive_sync_that_cannot_be_had_is_said),
		cmocka_unit_test(zones_tell_where_they_are_and_what_restricts_them),
		cmocka_unit_test(a_screenshot_is_a_sealed_picture_of_that_part),
		cmocka_unit_test(fingers_belong_to_their_connection),
		cmocka_unit_test(a_refused_reload_names_each_fault_and_changes_nothing),
		cmocka_unit_test(a_theme_is_forced_until_rules_decide_again),
		cmocka_unit_test(a_profile_is_merged_in_and_taken_out),
		cmocka_unit_test(the_inspector_is_switched),
		cmocka_unit_test(many_requests_in_one_write_are_all_answered_in_order),
	};
	return cmocka_run_group_tests_name("ipc-verbs", tests, start, finish);
}
