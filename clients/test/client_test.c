#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "lib/draw.h"
#include "lib/palette.h"
#include "lib/route.h"
#include "lib/signals.h"
#include "lib/text.h"

static void every_signal_is_found_by_its_own_name(void **state) {
	for (int id = 0; id < BN_SIGNAL_COUNT; id++) {
		const char *name = bn_signal_name((enum bn_signal_id)id);
		assert_true(strlen(name) <= 128); // more is a protocol error
		assert_int_equal(bn_signal_find(name), id);
	}
	assert_int_equal(bn_signal_find("Vehicle.Spee"), BN_SIGNAL_COUNT);
}

static void unknown_is_neither_on_nor_zero(void **state) {
	struct bn_signals signals = { 0 };
	signals.values[BN_SIGNAL_BEAM_HIGH].number = 1; // left over from before it went stale
	assert_false(bn_signals_is_on(&signals, BN_SIGNAL_BEAM_HIGH));
	assert_true(bn_signals_number(&signals, BN_SIGNAL_SPEED, -7) == -7);
}

static void demo_drive_follows_from_the_time_alone(void **state) {
	struct bn_signals once = { 0 }, again = { 0 };
	for (int64_t ms = 0; ms <= 47300; ms += 100) {
		bn_signals_demo(&once, ms);
	}
	bn_signals_demo(&again, 47300);
	assert_memory_equal(&once, &again, sizeof(once));
}

static double turned(double from, double to) {
	return fabs(remainder(to - from, 2 * M_PI));
}

static void route_has_no_gap_and_no_kink(void **state) {
	struct bn_route *route = malloc(sizeof(*route));
	assert_non_null(route);
	bn_route_init(route);
	struct bn_route_place before = bn_route_place_at(route, 0);
	// Past the end, so that the seam between the laps is looked at too.
	for (double at = 1; at < route->length + 50; at++) {
		struct bn_route_place here = bn_route_place_at(route, at);
		double step = hypot(here.point.x - before.point.x, here.point.y - before.point.y);
		assert_true(step > 0.5 && step < 1.5);
		assert_true(turned(before.heading, here.heading) < 0.15);
		before = here;
	}
	free(route);
}

static void turns_come_in_order_and_come_to_an_end(void **state) {
	struct bn_route *route = malloc(sizeof(*route));
	assert_non_null(route);
	bn_route_init(route);
	for (size_t i = 1; i < route->turn_count; i++) {
		assert_true(route->turns[i].at > route->turns[i - 1].at);
	}
	assert_int_equal(route->turns[route->turn_count - 1].kind, BN_TURN_ARRIVE);
	for (double at = -300; at < 2 * route->length; at += 7) {
		double next, then;
		bn_route_next(route, at, 0, &next);
		bn_route_next(route, at, 1, &then);
		assert_true(next > 0 && next <= route->length);
		assert_true(then > next);
	}
	free(route);
}

static void set_number(struct bn_app_view *view, enum bn_signal_id id, double number) {
	view->signals.values[id].known = true;
	view->signals.values[id].number = number;
}

static void late_app_is_put_to_the_same_place(void **state) {
	struct bn_app_view view = { .elapsed_s = 0.02 };
	struct bn_route_trip early = { .distance = BN_ROUTE_START_M };
	struct bn_route_trip late = { .distance = BN_ROUTE_START_M };
	set_number(&view, BN_SIGNAL_SPEED, 72);
	set_number(&view, BN_SIGNAL_GEAR, 1);
	for (int frame = 1; frame <= 3000; frame++) {
		double driven_km = frame * 0.4 / 1000;
		// As the protocol carries it: in steps of 1/256 km.
		set_number(&view, BN_SIGNAL_ODOMETER,
				floor((BN_ROUTE_ODOMETER_KM + driven_km) * 256) / 256);
		bn_route_trip_move(&early, &view);
		if (frame > 2000) {
			bn_route_trip_move(&late, &view);
		}
	}
	assert_true(fabs(early.distance - (BN_ROUTE_START_M + 1200)) < 1);
	assert_true(fabs(late.distance - early.distance) < 12);
}

static void reverse_goes_back(void **state) {
	struct bn_app_view view = { .elapsed_s = 1 };
	struct bn_route_trip trip = { .distance = 100 };
	set_number(&view, BN_SIGNAL_SPEED, 3.6);
	set_number(&view, BN_SIGNAL_GEAR, -1);
	bn_route_trip_move(&trip, &view);
	assert_true(fabs(trip.distance - 99) < 1e-9);
}

static void distances_read_as_a_navigator_says_them(void **state) {
	static const struct {
		double metres;
		const char *text;
	} cases[] = { { 3, "0 m" }, { 184, "180 m" }, { 330, "350 m" }, { 1249, "1.2 km" } };
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[24];
		bn_route_format(cases[i].metres, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static int brightness(uint32_t color) {
	return (int)((color >> 16) & 0xff) + (int)((color >> 8) & 0xff) + (int)(color & 0xff);
}

static void card_stays_readable_when_the_day_is_dark(void **state) {
	struct bn_palette palette;
	bn_palette_set(&palette, false, 0x0e141b, 0xf2f6fa, 0x35a7ff);
	assert_true(brightness(palette.foreground) - brightness(palette.raised) > 380);
	bn_palette_set(&palette, false, 0xeef0f2, 0x14181d, 0x0a6cff);
	assert_true(brightness(palette.raised) - brightness(palette.foreground) > 380);
	bn_palette_set(&palette, true, 0x05080c, 0xc9d2db, 0x2f7fc4);
	assert_true(brightness(palette.muted) - brightness(palette.background) > 180);
}

static void part_is_damaged_only_by_a_change(void **state) {
	struct bn_part part = { 0 };
	const cairo_rectangle_int_t here = { 10, 10, 20, 20 }, there = { 50, 10, 20, 20 };
	cairo_region_t *damage = cairo_region_create();
	bn_part_set(&part, &here, 1, damage);
	assert_int_equal(cairo_region_contains_rectangle(damage, &here), CAIRO_REGION_OVERLAP_IN);
	cairo_region_subtract(damage, damage);
	bn_part_set(&part, &here, 1, damage);
	assert_true(cairo_region_is_empty(damage));
	bn_part_set(&part, &there, 1, damage); // moved: the old place must be cleared as well
	assert_int_equal(cairo_region_contains_rectangle(damage, &here), CAIRO_REGION_OVERLAP_IN);
	assert_int_equal(cairo_region_contains_rectangle(damage, &there), CAIRO_REGION_OVERLAP_IN);
	cairo_region_destroy(damage);
}

static void text_is_cut_between_characters_and_fits(void **state) {
	struct bn_fonts *fonts = bn_fonts_create();
	assert_non_null(fonts);
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 400, 60);
	cairo_t *cr = cairo_create(surface);
	const struct bn_text_style style = {
		.face = BN_FACE_MEDIUM, .size = 24, .color = 0xffffff
	};
	for (double width = 20; width < 300; width += 3) {
		double drawn = bn_text_draw_within(cr, fonts, &style, 0, 40, width,
				"Caf\u00e9 \u00c9toil\u00e9 \u00dcber Stra\u00dfe");
		assert_true(drawn <= width
				|| drawn < 40); // an ellipsis alone may be wider than nothing
		assert_int_equal(cairo_status(cr),
				CAIRO_STATUS_SUCCESS); // broken UTF-8 would set it
	}
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	bn_fonts_destroy(fonts);
}

static void tabular_digits_do_not_jitter(void **state) {
	struct bn_fonts *fonts = bn_fonts_create();
	assert_non_null(fonts);
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 8, 8);
	cairo_t *cr = cairo_create(surface);
	const struct bn_text_style style = { .face = BN_FACE_MEDIUM, .size = 40, .tabular = true };
	double narrow = bn_text_width(cr, fonts, &style, "11:11");
	double wide = bn_text_width(cr, fonts, &style, "08:40");
	assert_true(fabs(narrow - wide) < 1e-6);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	bn_fonts_destroy(fonts);
}

int main(void) {
	const struct CMUnitTest cases[] = {
		CASE("every-signal-is-found-by-its-own-name",
				every_signal_is_found_by_its_own_name),
		CASE("unknown-is-neither-on-nor-zero", unknown_is_neither_on_nor_zero),
		CASE("demo-drive-follows-from-the-time-alone",
				demo_drive_follows_from_the_time_alone),
		CASE("route-has-no-gap-and-no-kink", route_has_no_gap_and_no_kink),
		CASE("turns-come-in-order-and-come-to-an-end",
				turns_come_in_order_and_come_to_an_end),
		CASE("late-app-is-put-to-the-same-place", late_app_is_put_to_the_same_place),
		CASE("reverse-goes-back", reverse_goes_back),
		CASE("distances-read-as-a-navigator-says-them",
				distances_read_as_a_navigator_says_them),
		CASE("card-stays-readable-when-the-day-is-dark",
				card_stays_readable_when_the_day_is_dark),
		CASE("part-is-damaged-only-by-a-change", part_is_damaged_only_by_a_change),
		CASE("text-is-cut-between-characters-and-fits",
				text_is_cut_between_characters_and_fits),
		CASE("tabular-digits-do-not-jitter", tabular_digits_do_not_jitter),
	};
	return cmocka_run_group_tests(cases, NULL, NULL);
}
