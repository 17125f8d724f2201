#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <wlr/types/wlr_buffer.h>

#include "alpha-modifier-v1-client-protocol.h"
#include "cockpit.h"
#include "core/nsec.h"
#include "fixture.h"
#include "fractional-scale-v1-client-protocol.h"
#include "kit.h"
#include "loop.h"
#include "output.h"
#include "single-pixel-buffer-v1-client-protocol.h"
#include "viewporter-client-protocol.h"
#include "xdg-shell-client-protocol.h"

/** The renderer under test is cmocka's initial state. */
static enum bn_renderer_kind renderer_of(void **state) {
	return *(const enum bn_renderer_kind *)*state;
}

static void start(struct bn_fixture *fixture, void **state, const char *layout) {
	const struct bn_fixture_options options = { .layout = layout,
		.renderer = renderer_of(state) };
	bn_fixture_start(fixture, &options);
}

static void assert_pixel(struct bn_fixture *fixture, int x, int y, uint32_t want, int tolerance) {
	uint32_t got = bn_fixture_pixel(fixture, "center", x, y);
	if (!bn_kit_same_color(got, want, tolerance)) {
		fail_msg("pixel %d,%d is %06x, not %06x", x, y, got, want & 0xffffff);
	}
}

static const uint32_t quarters[4] = { 0xffff0000, 0xff00ff00, 0xff0000ff, 0xffffff00 };

/** A window that shows nothing of its own accord: the test commits what it wants. */
static struct bn_test_window *bare_window(struct bn_test_client *client) {
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff101010);
	bn_kit_settle(client);
	return window;
}

static const char plain[] =
		"binnacle: 1\n"
		"displays:\n"
		"  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
		"zones:\n"
		"  back: { display: center, rect: full, layer: background, empty: '#204060' }\n"
		"  main: { display: center, rect: [0, 0, 200, 200], grant: ['*'] }\n";

static void a_viewport_crops_and_scales(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state, plain);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	struct bn_test_window *window = bare_window(client);
	struct wp_viewport *viewport =
			wp_viewporter_get_viewport(bn_kit_bind(client, &wp_viewporter_interface, 1),
					window->surface);
	// All of it, twice as large.
	wp_viewport_set_destination(viewport, 200, 200);
	bn_kit_commit(window->surface, bn_kit_quarters(client, 100, 100, quarters));
	bn_kit_settle(client);
	assert_pixel(&fixture, 96, 96, quarters[0], 2);
	assert_pixel(&fixture, 104, 96, quarters[1], 2);
	assert_pixel(&fixture, 96, 104, quarters[2], 2);
	assert_pixel(&fixture, 104, 104, quarters[3], 2);
	assert_pixel(&fixture, 199, 199, quarters[3], 2);
	assert_pixel(&fixture, 200, 199, 0x204060, 0);
	// Only its top right quarter.
	wp_viewport_set_source(viewport, wl_fixed_from_int(50), 0, wl_fixed_from_int(50),
			wl_fixed_from_int(50));
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_pixel(&fixture, 2, 2, quarters[1], 2);
	assert_pixel(&fixture, 190, 190, quarters[1], 2);
	// A part that begins between pixels, 1:1.
	wp_viewport_set_source(viewport, wl_fixed_from_int(40), wl_fixed_from_int(0),
			wl_fixed_from_int(20), wl_fixed_from_int(20));
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_pixel(&fixture, 90, 100, quarters[0], 2);
	assert_pixel(&fixture, 110, 100, quarters[1], 2);
	wp_viewport_destroy(viewport);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_single_pixel_buffer_fills_its_viewport(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state, plain);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	struct bn_test_window *window = bare_window(client);
	struct wp_single_pixel_buffer_manager_v1 *manager =
			bn_kit_bind(client, &wp_single_pixel_buffer_manager_v1_interface, 1);
	struct wp_viewport *viewport =
			wp_viewporter_get_viewport(bn_kit_bind(client, &wp_viewporter_interface, 1),
					window->surface);
	wp_viewport_set_destination(viewport, 200, 200);
	struct wl_buffer *opaque = bn_test_client_keep(client,
			wp_single_pixel_buffer_manager_v1_create_u32_rgba_buffer(manager,
					UINT32_MAX, 0x80000000, 0, UINT32_MAX));
	bn_kit_commit(window->surface, opaque);
	bn_kit_settle(client);
	assert_pixel(&fixture, 0, 0, 0xff8000, 1);
	assert_pixel(&fixture, 199, 199, 0xff8000, 1);
	assert_pixel(&fixture, 200, 100, 0x204060, 0);
	// Half see-through, premultiplied: what is beneath shows.
	struct wl_buffer *half = bn_test_client_keep(client,
			wp_single_pixel_buffer_manager_v1_create_u32_rgba_buffer(manager, 0,
					0x80000000, 0, 0x80000000));
	bn_kit_commit(window->surface, half);
	bn_kit_settle(client);
	assert_pixel(&fixture, 100, 100, 0x10a030, 2);
	// And back to pixels.
	wp_viewport_destroy(viewport);
	bn_kit_commit(window->surface, bn_kit_quarters(client, 200, 200, quarters));
	bn_kit_settle(client);
	assert_pixel(&fixture, 10, 10, quarters[0], 0);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void an_alpha_modifier_makes_a_surface_see_through(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state, plain);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	struct bn_test_window *window = bare_window(client);
	struct wp_alpha_modifier_v1 *manager =
			bn_kit_bind(client, &wp_alpha_modifier_v1_interface, 1);
	struct wp_alpha_modifier_surface_v1 *modifier =
			wp_alpha_modifier_v1_get_surface(manager, window->surface);
	wp_alpha_modifier_surface_v1_set_multiplier(modifier, 0x80000000);
	bn_test_window_draw(window, 0xffff0000);
	bn_kit_settle(client);
	assert_pixel(&fixture, 100, 100, 0x902030, 2);
	// Changed without a new buffer.
	wp_alpha_modifier_surface_v1_set_multiplier(modifier, 0);
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_pixel(&fixture, 100, 100, 0x204060, 0);
	wp_alpha_modifier_surface_v1_destroy(modifier);
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_pixel(&fixture, 100, 100, 0xff0000, 0);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

// Scale

static void preferred_scale(void *data, struct wp_fractional_scale_v1 *fractional, uint32_t scale) {
	uint32_t *last = data;
	*last = scale;
}

static const struct wp_fractional_scale_v1_listener fractional_listener = {
	.preferred_scale = preferred_scale,
};

static const char scaled[] =
		"binnacle: 1\n"
		"displays:\n"
		"  center: { mode: 300x150@60, size-mm: [160, 100], scale: %s }\n"
		"zones:\n"
		"  back: { display: center, rect: full, layer: background, empty: '#204060' }\n"
		"  main: { display: center, rect: [0, 0, 50%%, 100%%], grant: ['*'] }\n";

static void a_fractional_scale_is_drawn_pixel_by_pixel(void **state) {
	struct bn_fixture fixture;
	char layout[512];
	snprintf(layout, sizeof(layout), scaled, "1.5");
	start(&fixture, state, layout);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	struct bn_test_window *window = bn_test_window_prepare(client, NULL, 0xff101010);
	uint32_t scale = 0;
	struct wp_fractional_scale_v1 *fractional =
			wp_fractional_scale_manager_v1_get_fractional_scale(
					bn_kit_bind(client,
							&wp_fractional_scale_manager_v1_interface,
							1),
					window->surface);
	wp_fractional_scale_v1_add_listener(fractional, &fractional_listener, &scale);
	bn_test_window_map(window);
	bn_kit_settle(client);
	assert_int_equal(window->width, 100);
	assert_int_equal(window->height, 100);
	assert_int_equal(scale, 180);
	struct wp_viewport *viewport =
			wp_viewporter_get_viewport(bn_kit_bind(client, &wp_viewporter_interface, 1),
					window->surface);
	wp_viewport_set_destination(viewport, 100, 100);
	bn_kit_commit(window->surface, bn_kit_quarters(client, 150, 150, quarters));
	bn_kit_settle(client);
	// No pixel is mixed of two.
	assert_pixel(&fixture, 74, 74, quarters[0], 0);
	assert_pixel(&fixture, 75, 74, quarters[1], 0);
	assert_pixel(&fixture, 74, 75, quarters[2], 0);
	assert_pixel(&fixture, 75, 75, quarters[3], 0);
	assert_pixel(&fixture, 149, 149, quarters[3], 0);
	assert_pixel(&fixture, 150, 149, 0x204060, 0);
	wp_viewport_destroy(viewport);
	wp_fractional_scale_v1_destroy(fractional);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_scale_of_two_takes_scaled_buffers_and_plain_ones(void **state) {
	struct bn_fixture fixture;
	char layout[512];
	snprintf(layout, sizeof(layout), scaled, "2");
	start(&fixture, state, layout);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	struct bn_test_window *window = bare_window(client);
	assert_int_equal(window->width, 75);
	assert_pixel(&fixture, 149, 149, 0x101010, 0);
	wl_surface_set_buffer_scale(window->surface, 2);
	bn_kit_commit(window->surface, bn_kit_quarters(client, 150, 150, quarters));
	bn_kit_settle(client);
	assert_pixel(&fixture, 74, 74, quarters[0], 0);
	assert_pixel(&fixture, 75, 75, quarters[3], 0);
	// Damage in surface px lands where it belongs.
	uint32_t blue[4] = { 0xff0000ff, quarters[1], quarters[2], quarters[3] };
	wl_surface_attach(window->surface, bn_kit_quarters(client, 150, 150, blue), 0, 0);
	wl_surface_damage(window->surface, 0, 0, 37, 37);
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_pixel(&fixture, 0, 0, blue[0], 0);
	assert_pixel(&fixture, 73, 73, blue[0], 0);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

// Rotation

static const char *const transforms[] = { "normal", "90", "180", "270", "flipped", "flipped-90",
	"flipped-180", "flipped-270" };

/** What is scanned out, as it lies in the buffer. */
static uint32_t scanned_out(struct bn_fixture *fixture, int x, int y) {
	const struct bn_output *output = bn_kit_output(fixture, "center");
	void *data;
	uint32_t format;
	size_t stride;
	assert_true(wlr_buffer_begin_data_ptr_access(output->front, WLR_BUFFER_DATA_PTR_ACCESS_READ,
			&data, &format, &stride));
	uint32_t pixel = ((const uint32_t *)data)[(size_t)y * stride / 4 + (size_t)x];
	wlr_buffer_end_data_ptr_access(output->front);
	return pixel & 0xffffff;
}

/** A client that draws as the panel is mounted has its pixels scanned out as they are. */
static void assert_mounted(struct bn_fixture *fixture, struct bn_test_window *window,
		int transform) {
	wl_surface_set_buffer_transform(window->surface, transform);
	bn_kit_commit(window->surface, bn_kit_quarters(window->client, 160, 80, quarters));
	bn_kit_settle(window->client);
	static const int places[4][2] = { { 79, 39 }, { 80, 39 }, { 79, 40 }, { 80, 40 } };
	for (int i = 0; i < 4; i++) {
		uint32_t got = scanned_out(fixture, places[i][0], places[i][1]);
		if (got != (quarters[i] & 0xffffff)) {
			fail_msg("transform %s: scanned-out quarter %d is %06x",
					transforms[transform], i, got);
		}
	}
}

/** And one that knows nothing of it is seen upright. */
static void assert_upright(struct bn_fixture *fixture, struct bn_test_window *window,
		int transform) {
	bool turned = (transform & WL_OUTPUT_TRANSFORM_90) != 0;
	int width = turned ? 80 : 160, height = turned ? 160 : 80;
	wl_surface_set_buffer_transform(window->surface, WL_OUTPUT_TRANSFORM_NORMAL);
	bn_kit_commit(window->surface, bn_kit_quarters(window->client, width, height, quarters));
	bn_kit_settle(window->client);
	for (int i = 0; i < 4; i++) {
		int x = i % 2 == 0 ? width / 2 - 1 : width / 2,
		    y = i < 2 ? height / 2 - 1 : height / 2;
		assert_pixel(fixture, x, y, quarters[i], 0);
		assert_pixel(fixture, i % 2 == 0 ? 0 : width - 1, i < 2 ? 0 : height - 1,
				quarters[i], 0);
	}
}

static void a_turned_display_is_seen_upright(void **state) {
	for (int i = 0; i < 8; i++) {
		struct bn_fixture fixture;
		char layout[512];
		snprintf(layout, sizeof(layout),
				"binnacle: 1\n"
				"displays:\n"
				"  center: { mode: 160x80@60, size-mm: [160, 80], transform: '%s' "
				"}\n"
				"zones:\n"
				"  main: { display: center, rect: full, grant: ['*'] }\n",
				transforms[i]);
		start(&fixture, state, layout);
		struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
		struct bn_test_window *window = bare_window(client);
		assert_int_equal(window->width, i % 2 == 1 ? 80 : 160);
		assert_upright(&fixture, window, i);
		assert_mounted(&fixture, window, i);
		// A small change only, in the corner that is turned furthest.
		assert_upright(&fixture, window, i);
		uint32_t changed[4] = { quarters[0], quarters[1], quarters[2], 0xff808080 };
		wl_surface_attach(window->surface,
				bn_kit_quarters(client, window->width, window->height, changed), 0,
				0);
		wl_surface_damage(window->surface, window->width / 2, window->height / 2,
				window->width / 2, window->height / 2);
		wl_surface_commit(window->surface);
		bn_kit_settle(client);
		assert_pixel(&fixture, window->width - 1, window->height - 1, 0x808080, 0);
		assert_pixel(&fixture, window->width / 2 - 1, window->height / 2 - 1, quarters[0],
				0);
		bn_test_client_disconnect(client);
		bn_fixture_stop(&fixture);
	}
}

// What the zone does to its content

static void a_zone_rounds_the_corners(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state,
			"binnacle: 1\n"
			"displays:\n"
			"  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
			"zones:\n"
			"  back: { display: center, rect: full, layer: background, empty: "
			"'#204060' }\n"
			"  main: { display: center, rect: [20, 20, 200, 100], grant: ['*'], "
			"radius: 20, "
			"empty: '#ffffff' }\n");
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	bn_fixture_advance_ms(&fixture, 40);
	for (int i = 0; i < 2; i++) {
		// First the filler, then a window over it.
		uint32_t color = i == 0 ? 0xffffff : 0xff0000;
		static const int outside[][2] = { { 20, 20 }, { 219, 20 }, { 20, 119 },
			{ 219, 119 }, { 24, 22 }, { 215, 117 } };
		for (size_t j = 0; j < sizeof(outside) / sizeof(outside[0]); j++) {
			assert_pixel(&fixture, outside[j][0], outside[j][1], 0x204060, 0);
		}
		static const int inside[][2] = { { 40, 20 }, { 199, 20 }, { 20, 40 }, { 219, 99 },
			{ 27, 27 }, { 212, 112 }, { 120, 70 } };
		for (size_t j = 0; j < sizeof(inside) / sizeof(inside[0]); j++) {
			assert_pixel(&fixture, inside[j][0], inside[j][1], color, 0);
		}
		if (i == 0) {
			bn_test_window_create(client, "red", 0xffff0000);
			bn_kit_settle(client);
		}
	}
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_zone_is_as_opaque_as_it_is_told(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state,
			"binnacle: 1\n"
			"displays:\n"
			"  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
			"zones:\n"
			"  back: { display: center, rect: full, layer: background, empty: "
			"'#204060' }\n"
			"  main: { display: center, rect: [0, 0, 200, 200], grant: ['*'], opacity: "
			"0.5, "
			"empty: '#ffffff' }\n");
	bn_fixture_advance_ms(&fixture, 40);
	assert_pixel(&fixture, 100, 100, 0x90a0b0, 2);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	bn_test_window_create(client, "red", 0xffff0000);
	bn_kit_settle(client);
	assert_pixel(&fixture, 100, 100, 0x902030, 2);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static const char moving[] = "binnacle: 1\n"
			     "displays:\n"
			     "  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
			     "zones:\n"
			     "  main: { display: center, rect: [0, 0, 200, 200], grant: ['*'], "
			     "empty: '#000000', "
			     "transition: %s }\n";

/** From one window to the next, in steps of a refresh; the last frame is exact and ends it. */
static void run_transition(void **state, const char *kind,
		void (*halfway)(struct bn_fixture *fixture)) {
	struct bn_fixture fixture;
	char layout[512];
	snprintf(layout, sizeof(layout), moving, kind);
	start(&fixture, state, layout);
	struct bn_test_client *client = bn_test_client_connect(&fixture, NULL);
	bn_test_window_create(client, "red", 0xffff0000);
	bn_fixture_advance_ms(&fixture, 400);
	assert_pixel(&fixture, 100, 100, 0xff0000, 0);
	struct bn_test_window *window = bn_test_window_create(client, "blue", 0xff0000ff);
	bn_fixture_advance_ms(&fixture, 100);
	halfway(&fixture);
	bn_fixture_advance_ms(&fixture, 140);
	static const int corners[][2] = { { 0, 0 }, { 199, 0 }, { 0, 199 }, { 199, 199 },
		{ 100, 100 } };
	for (size_t i = 0; i < sizeof(corners) / sizeof(corners[0]); i++) {
		assert_pixel(&fixture, corners[i][0], corners[i][1], 0x0000ff, 0);
	}
	// It is over: nothing wakes up any more.
	assert_int_equal(bn_loop_next_ns(bn_server_loop(fixture.server)), BN_NSEC_NEVER);
	// One that is cut off by the end of its window.
	struct bn_test_window *late = bn_test_window_create(client, "green", 0xff00ff00);
	bn_fixture_advance_ms(&fixture, 60);
	bn_test_window_destroy(window);
	bn_test_window_destroy(late);
	bn_fixture_advance_ms(&fixture, 400);
	assert_pixel(&fixture, 100, 100, 0xff0000, 0);
	assert_int_equal(bn_loop_next_ns(bn_server_loop(fixture.server)), BN_NSEC_NEVER);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void halfway_of_a_fade(struct bn_fixture *fixture) {
	uint32_t pixel = bn_fixture_pixel(fixture, "center", 100, 100);
	assert_uint_in_range(pixel >> 16 & 0xff, 0x20, 0xb0);
	assert_uint_in_range(pixel & 0xff, 0x50, 0xb0);
	assert_pixel(fixture, 205, 100, 0, 0);
}

static void a_fade_ends_exactly(void **state) {
	run_transition(state, "fade 200ms", halfway_of_a_fade);
}

static void halfway_of_a_slide(struct bn_fixture *fixture) {
	// The new one comes from the right, edge to edge with the old one, within the zone.
	assert_pixel(fixture, 20, 100, 0xff0000, 0);
	assert_pixel(fixture, 180, 100, 0x0000ff, 0);
	assert_pixel(fixture, 205, 100, 0, 0);
	for (int x = 0; x < 200; x++) {
		uint32_t pixel = bn_fixture_pixel(fixture, "center", x, 100);
		assert_true(pixel == 0xff0000 || pixel == 0x0000ff);
	}
}

static void a_slide_ends_exactly(void **state) {
	run_transition(state, "slide-left 200ms", halfway_of_a_slide);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		BN_ON_BOTH("a-viewport-crops-and-scales", a_viewport_crops_and_scales),
		BN_ON_BOTH("a-single-pixel-buffer-fills-its-viewport",
				a_single_pixel_buffer_fills_its_viewport),
		BN_ON_BOTH("an-alpha-modifier-makes-a-surface-see-through",
				an_alpha_modifier_makes_a_surface_see_through),
		BN_ON_BOTH("a-fractional-scale-is-drawn-pixel-by-pixel",
				a_fractional_scale_is_drawn_pixel_by_pixel),
		BN_ON_BOTH("a-scale-of-two-takes-scaled-buffers-and-plain-ones",
				a_scale_of_two_takes_scaled_buffers_and_plain_ones),
		BN_ON_BOTH("a-turned-display-is-seen-upright", a_turned_display_is_seen_upright),
		BN_ON_BOTH("a-zone-rounds-the-corners", a_zone_rounds_the_corners),
		BN_ON_BOTH("a-zone-is-as-opaque-as-it-is-told", a_zone_is_as_opaque_as_it_is_told),
		BN_ON_BOTH("a-fade-ends-exactly", a_fade_ends_exactly),
		BN_ON_BOTH("a-slide-ends-exactly", a_slide_ends_exactly),
	};
	return cmocka_run_group_tests_name("surface", tests, NULL, NULL);
}
