// The frame-time overlay: where it stands, what it costs, and that it wakes nobody.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cockpit.h"
#include "core/nsec.h"
#include "fixture.h"
#include "kit.h"
#include "output.h"

#define WIDTH 900
#define HEIGHT 500
#define PAINT 0x336699

// Safety zones are shown in the corners that a test wants kept free.
static const char layout[] =
		"binnacle: 1\n"
		"displays:\n"
		"  center: { mode: 900x500@60, size-mm: [300, 160], criticality: safety }\n"
		"signals:\n"
		"  Vehicle.Top: {}\n"
		"  Vehicle.All: {}\n"
		"states:\n"
		"  over: { Vehicle.Top: 1 }\n"
		"  filled: { Vehicle.All: 1 }\n"
		"zones:\n"
		"  main: { display: center, rect: full, layer: app, grant: [nav], empty: '#336699' "
		"}\n"
		"  strip: { display: center, rect: [0, 0, 100%, 80], layer: safety, grant: [cam], "
		"visible: false, empty: '#800000' }\n"
		"  rest: { display: center, rect: [0, 80, 100%, 420], layer: safety, grant: "
		"[more], "
		"visible: "
		"false, empty: '#008000' }\n"
		"rules:\n"
		"  - { when: over, show: { strip: cam } }\n"
		"  - { when: filled, show: { rest: more } }\n"
		"apps:\n"
		"  nav: { home: main }\n"
		"  cam: { home: strip }\n"
		"  more: { home: rest }\n";

static struct bn_fixture fixture;
static struct bn_output *output;

static void open_cockpit(enum bn_renderer_kind renderer) {
	const struct bn_fixture_options options = { .layout = layout, .renderer = renderer };
	bn_fixture_start(&fixture, &options);
	bn_fixture_advance_ms(&fixture, 100);
	output = bn_kit_output(&fixture, "center");
	assert_non_null(output);
}

/** Pixels of the rows from y on that are not of this colour. */
static int count_others(int y, int height, uint32_t color) {
	uint32_t *pixels;
	int32_t width, whole_height;
	char error[160];
	assert_true(bn_output_screenshot(output, &pixels, &width, &whole_height, error,
			sizeof(error)));
	assert_int_equal(width, WIDTH);
	int count = 0;
	for (int i = y * width; i < (y + height) * width; i++) {
		count += (pixels[i] & 0xffffff) != color;
	}
	free(pixels);
	return count;
}

static void set(const char *signal, const char *value) {
	struct bn_value parsed;
	char error[256];
	const struct bn_identity owner = { .source = BN_IDENTITY_OWNER, .app = BN_NONE };
	assert_true(bn_value_parse(value, &parsed));
	assert_true(bn_cockpit_set_signal(bn_server_cockpit(fixture.server), &owner, signal,
			&parsed, error));
	bn_fixture_advance_ms(&fixture, 400); // and whatever fades
}

static void it_appears_and_leaves_nothing_behind(void **state) {
	static const enum bn_renderer_kind renderers[] = { BN_RENDERER_PIXMAN, BN_RENDERER_GLES };
	for (size_t i = 0; i < 2; i++) {
		open_cockpit(renderers[i]);
		assert_int_equal(count_others(0, HEIGHT, PAINT), 0);
		bn_output_set_overlay(output, true);
		bn_fixture_advance_ms(&fixture, 40);
		assert_true(count_others(0, HEIGHT / 2, PAINT) > 10000);
		assert_int_equal(count_others(HEIGHT / 2, HEIGHT / 2, PAINT), 0);
		bn_output_set_overlay(output, false);
		bn_fixture_advance_ms(&fixture, 40);
		assert_int_equal(count_others(0, HEIGHT, PAINT), 0);
		bn_fixture_stop(&fixture);
	}
}

static void a_static_display_stays_static(void **state) {
	open_cockpit(BN_RENDERER_PIXMAN);
	bn_output_set_overlay(output, true);
	bn_fixture_advance_ms(&fixture, 100);
	uint64_t wakeups = output->stats.wakeups;
	bn_fixture_advance_ms(&fixture, 3000);
	assert_int_equal(output->stats.wakeups, wakeups);
	bn_fixture_stop(&fixture);
}

/** An app that asks for callbacks but changes nothing is given them, and nothing is drawn for it. */
static void a_display_that_only_paces_an_app_draws_nothing_for_the_overlay(void **state) {
	open_cockpit(BN_RENDERER_PIXMAN);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, "nav", 0xff000000 | PAINT);
	bn_output_set_overlay(output, true);
	bn_fixture_advance_ms(&fixture, 100);
	wl_surface_commit(window->surface); // tells that it is on this display: the last to draw
	bn_test_client_roundtrip(client);
	bn_fixture_advance_ms(&fixture, 100);
	uint64_t presented = output->stats.presented, wakeups = output->stats.wakeups;
	for (int i = 0; i < 30; i++) {
		wl_callback_destroy(wl_surface_frame(window->surface));
		wl_surface_commit(window->surface);
		bn_test_client_roundtrip(client);
		bn_server_advance(fixture.server, BN_NSEC_PER_SEC / 60);
	}
	assert_true(output->stats.wakeups > wakeups + 20);
	assert_int_equal(output->stats.presented, presented);
	bn_test_window_destroy(window);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void it_follows_what_is_drawn(void **state) {
	static const enum bn_renderer_kind renderers[] = { BN_RENDERER_PIXMAN, BN_RENDERER_GLES };
	for (size_t i = 0; i < 2; i++) {
		open_cockpit(renderers[i]);
		struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
		struct bn_test_window *window =
				bn_test_window_create(client, "nav", 0xff000000 | PAINT);
		bn_output_set_overlay(output, true);
		bn_fixture_advance_ms(&fixture, 100);
		int before = count_others(0, HEIGHT / 2, 0x39c2b0); // not a bar's colour
		for (int j = 0; j < 60; j++) {
			bn_test_window_draw(window, 0xff000000 | PAINT);
			bn_test_client_roundtrip(client);
			bn_server_advance(fixture.server, BN_NSEC_PER_SEC / 60);
		}
		// Time stands still within a frame: bars are as low as can be, one px each.
		int bars = before - count_others(0, HEIGHT / 2, 0x39c2b0);
		assert_int_in_range(bars, 60, 60 * 4 * 3);
		assert_int_equal(count_others(HEIGHT / 2, HEIGHT / 2, PAINT), 0);
		bn_test_window_destroy(window);
		bn_test_client_disconnect(client);
		bn_fixture_stop(&fixture);
	}
}

static void it_never_covers_a_safety_zone(void **state) {
	open_cockpit(BN_RENDERER_PIXMAN);
	bn_output_set_overlay(output, true);
	bn_fixture_advance_ms(&fixture, 40);
	set("Vehicle.All", "0");
	set("Vehicle.Top", "1");
	assert_int_equal(count_others(0, 80, 0x800000), 0);
	assert_true(count_others(HEIGHT / 2, HEIGHT / 2, PAINT) > 10000); // it moved down
	set("Vehicle.All", "1");
	assert_int_equal(count_others(80, HEIGHT - 80, 0x008000), 0);
	set("Vehicle.All", "0");
	set("Vehicle.Top", "0");
	assert_true(count_others(0, HEIGHT / 2, PAINT) > 10000);
	bn_fixture_stop(&fixture);
}

static void a_change_of_renderer_keeps_it(void **state) {
	open_cockpit(BN_RENDERER_PIXMAN);
	bn_output_set_overlay(output, true);
	bn_fixture_advance_ms(&fixture, 40);
	static const enum bn_renderer_kind kinds[] = { BN_RENDERER_GLES, BN_RENDERER_PIXMAN };
	for (size_t i = 0; i < 2; i++) {
		assert_true(bn_server_set_renderer(fixture.server, kinds[i]));
		bn_fixture_advance_ms(&fixture, 40);
		assert_true(count_others(0, HEIGHT / 2, PAINT) > 10000);
	}
	bn_kit_unplug(&fixture, "center");
	bn_fixture_advance_ms(&fixture, 40);
	bn_fixture_stop(&fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_appears_and_leaves_nothing_behind),
		cmocka_unit_test(a_static_display_stays_static),
		cmocka_unit_test(a_display_that_only_paces_an_app_draws_nothing_for_the_overlay),
		cmocka_unit_test(it_follows_what_is_drawn),
		cmocka_unit_test(it_never_covers_a_safety_zone),
		cmocka_unit_test(a_change_of_renderer_keeps_it),
	};
	return cmocka_run_group_tests_name("overlay", tests, NULL, NULL);
}
