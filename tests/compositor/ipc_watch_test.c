// `watch`: everything first, then what changed, once.

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cockpit.h"
#include "ipc_rig.h"

static struct bn_fixture fixture;
static struct peer watcher, other;

static int start(void **state) {
	rig_start(&fixture);
	peer_connect(&fixture, &watcher);
	peer_connect(&fixture, &other);
	return 0;
}

static int finish(void **state) {
	peer_close(&watcher);
	peer_close(&other);
	bn_fixture_stop(&fixture);
	return 0;
}

static size_t list_size(yyjson_doc *doc, const char *key) {
	return yyjson_arr_size(yyjson_obj_get(yyjson_doc_get_root(doc), key));
}

static void watch(void) {
	peer_do(&watcher, "{\"do\":\"watch\"}");
	char *line = peer_read_line(&watcher);
	assert_int_equal(strncmp(line, "{\"event\":\"snapshot\"", 19), 0);
	free(line);
}

static void the_whole_state_comes_first(void **state) {
	peer_do(&other, "{\"do\":\"set\",\"signal\":\"Vehicle.Speed\",\"value\":50}");
	peer_do(&watcher, "{\"do\":\"watch\"}");
	yyjson_doc *first = peer_event(&watcher, "snapshot", NULL);
	assert_int_equal(list_size(first, "displays"), 2);
	assert_int_equal(list_size(first, "zones"), 3);
	assert_int_equal(list_size(first, "apps"), 2);
	assert_int_equal(list_size(first, "signals"), 2);
	assert_int_equal(list_size(first, "states"), 1);
	assert_int_equal(list_size(first, "themes"), 1);
	assert_int_equal(list_size(first, "faults"), 0);
	assert_string_equal(doc_text(first, "layout"), "Bench");
	yyjson_val *signals = yyjson_obj_get(yyjson_doc_get_root(first), "signals");
	yyjson_val *speed = yyjson_arr_get(signals, 0);
	assert_int_equal(yyjson_get_int(yyjson_obj_get(speed, "value")), 50);
	yyjson_doc_free(first);
}

static void a_signal_and_what_follows_from_it_are_told(void **state) {
	watch();
	peer_do(&other, "{\"do\":\"set\",\"signal\":\"Vehicle.Speed\",\"value\":50}");
	yyjson_doc *event = peer_event(&watcher, "signal", "Vehicle.Speed");
	yyjson_doc_free(event);
	event = peer_event(&watcher, "state", "moving");
	assert_string_equal(doc_text(event, "value"), "yes");
	yyjson_doc_free(event);
	bn_fixture_advance_ms(&fixture, 600);
	event = peer_event(&watcher, "signal", "Vehicle.Speed");
	assert_true(yyjson_get_bool(yyjson_obj_get(yyjson_doc_get_root(event), "stale")));
	yyjson_doc_free(event);
}

static void a_window_is_told_with_its_zone(void **state) {
	watch();
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	// A title that is not UTF-8 must not break the line.
	struct bn_test_window *window = bn_test_window_create(client, "na\xff", 0xff00ff00);
	yyjson_doc *event = peer_event(&watcher, "zone", "main");
	while (strcmp(doc_text(event, "content"), "view") != 0) {
		yyjson_doc_free(event);
		event = peer_event(&watcher, "zone", "main");
	}
	assert_string_equal(doc_text(event, "app"), "nav");
	assert_string_equal(doc_text(event, "app_id"), "na\xef\xbf\xbd");
	yyjson_doc_free(event);
	bn_test_window_destroy(window);
	event = peer_event(&watcher, "zone", "main");
	assert_string_equal(doc_text(event, "content"), "empty");
	yyjson_doc_free(event);
	bn_test_client_disconnect(client);
}

static void nothing_is_told_twice(void **state) {
	watch();
	for (int i = 0; i < 3; i++) {
		peer_do(&other, "{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":\"P\"}");
	}
	peer_do(&other, "{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":\"D\"}");
	int told = 0;
	bool last = false;
	while (!last) {
		yyjson_doc *event = peer_event(&watcher, "signal", "Vehicle.Gear");
		last = strcmp(doc_text(event, "value"), "D") == 0;
		told++;
		yyjson_doc_free(event);
	}
	assert_int_equal(told, 2);
}

static void changes_of_one_round_are_gathered(void **state) {
	watch();
	static const char requests[] =
			"{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":\"1\"}\n"
			"{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":\"2\"}\n"
			"{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":\"3\"}\n";
	assert_true(peer_send(&other, requests, sizeof(requests) - 1));
	yyjson_doc *event = peer_event(&watcher, "signal", "Vehicle.Gear");
	assert_string_equal(doc_text(event, "value"), "3");
	yyjson_doc_free(event);
}

static void a_refused_reload_is_told_with_its_faults(void **state) {
	watch();
	rig_write_layout(&fixture, rig_layout, "nonsense: 1\n");
	yyjson_doc *reply = peer_ask(&other, "{\"do\":\"reload\"}");
	assert_false(doc_ok(reply));
	yyjson_doc_free(reply);
	yyjson_doc *event = peer_event(&watcher, "reload-failed", NULL);
	assert_int_equal(list_size(event, "faults"), 1);
	yyjson_doc_free(event);
}

static void a_reload_tells_the_whole_state_again(void **state) {
	watch();
	rig_write_layout(&fixture, rig_layout, "  third: {}\n");
	peer_do(&other, "{\"do\":\"reload\"}");
	yyjson_doc *event = peer_event(&watcher, "snapshot", NULL);
	assert_int_equal(list_size(event, "apps"), 3);
	yyjson_doc_free(event);
}

static void the_theme_is_told(void **state) {
	watch();
	peer_do(&other, "{\"do\":\"theme\",\"name\":\"night\"}");
	yyjson_doc_free(peer_event(&watcher, "theme", "night"));
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, start, finish)

int main(void) {
	const struct CMUnitTest tests[] = {
		FRESH(the_whole_state_comes_first),
		FRESH(a_signal_and_what_follows_from_it_are_told),
		FRESH(a_window_is_told_with_its_zone),
		FRESH(nothing_is_told_twice),
		FRESH(changes_of_one_round_are_gathered),
		FRESH(a_refused_reload_is_told_with_its_faults),
		FRESH(a_reload_tells_the_whole_state_again),
		FRESH(the_theme_is_told),
	};
	return cmocka_run_group_tests_name("ipc-watch", tests, NULL, NULL);
}
