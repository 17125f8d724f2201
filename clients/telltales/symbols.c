#include "telltales/symbols.h"

#include <math.h>

#include "lib/draw.h"
#include "lib/palette.h"

static void polygon(cairo_t *cr, const double (*points)[2], size_t count) {
	cairo_move_to(cr, points[0][0], points[0][1]);
	for (size_t i = 1; i < count; i++) {
		cairo_line_to(cr, points[i][0], points[i][1]);
	}
	cairo_close_path(cr);
}

#define POLYGON(cr, points) polygon(cr, points, sizeof(points) / sizeof((points)[0]))

static void line(cairo_t *cr, double x1, double y1, double x2, double y2) {
	cairo_move_to(cr, x1, y1);
	cairo_line_to(cr, x2, y2);
}

static void dot(cairo_t *cr, double x, double y, double radius) {
	cairo_new_sub_path(cr);
	cairo_arc(cr, x, y, radius, 0, 2 * M_PI);
	cairo_fill(cr);
}

static const double arrow[][2] = { { 6, 50 }, { 46, 14 }, { 46, 35 }, { 94, 35 }, { 94, 65 },
	{ 46, 65 }, { 46, 86 } };

static void draw_left(cairo_t *cr, const struct bn_fonts *fonts) {
	POLYGON(cr, arrow);
	cairo_fill(cr);
}

static void draw_right(cairo_t *cr, const struct bn_fonts *fonts) {
	cairo_translate(cr, 100, 0);
	cairo_scale(cr, -1, 1);
	draw_left(cr, fonts);
}

static void lamp(cairo_t *cr, double slant) {
	cairo_move_to(cr, 50, 20);
	cairo_curve_to(cr, 80, 20, 95, 35, 95, 50);
	cairo_curve_to(cr, 95, 65, 80, 80, 50, 80);
	cairo_curve_to(cr, 57, 62, 57, 38, 50, 20);
	cairo_close_path(cr);
	cairo_stroke(cr);
	for (int i = 0; i < 5; i++) {
		double y = 22 + i * 14.0;
		line(cr, 42, y, 6, y + slant);
	}
	cairo_stroke(cr);
}

static void draw_high_beam(cairo_t *cr, const struct bn_fonts *fonts) {
	lamp(cr, 0);
}

static void draw_low_beam(cairo_t *cr, const struct bn_fonts *fonts) {
	lamp(cr, 13);
}

/** The round sign with brackets that brake and ABS share. */
static void drum(cairo_t *cr) {
	cairo_new_sub_path(cr);
	cairo_arc(cr, 50, 50, 29, 0, 2 * M_PI);
	cairo_new_sub_path(cr);
	cairo_arc(cr, 50, 50, 43, -0.85, 0.85);
	cairo_new_sub_path(cr);
	cairo_arc(cr, 50, 50, 43, M_PI - 0.85, M_PI + 0.85);
	cairo_stroke(cr);
}

static void exclamation(cairo_t *cr, double top, double bottom) {
	line(cr, 50, top, 50, bottom - 14);
	cairo_stroke(cr);
	dot(cr, 50, bottom - 1.5, 4.2);
}

static void draw_brake(cairo_t *cr, const struct bn_fonts *fonts) {
	drum(cr);
	exclamation(cr, 34, 66);
}

static void label(cairo_t *cr, const struct bn_fonts *fonts, double size, const char *text) {
	const struct bn_text_style style = {
		.face = BN_FACE_SEMIBOLD, .size = size, .align = BN_ALIGN_CENTER, .tracking = 0.01
	};
	bn_text_path(cr, fonts, &style, 50, 50 + size * 0.365, text);
	cairo_fill(cr);
}

static void draw_abs(cairo_t *cr, const struct bn_fonts *fonts) {
	drum(cr);
	label(cr, fonts, 21, "ABS");
}

static void draw_airbag(cairo_t *cr, const struct bn_fonts *fonts) {
	dot(cr, 36, 18, 10.5);
	cairo_save(cr);
	cairo_set_line_width(cr, 13);
	cairo_move_to(cr, 33, 42);
	cairo_line_to(cr, 35, 68);
	cairo_line_to(cr, 62, 70);
	cairo_line_to(cr, 74, 90);
	cairo_stroke(cr);
	cairo_restore(cr);
	line(cr, 16, 36, 22, 80);
	line(cr, 22, 80, 52, 84);
	cairo_stroke(cr);
	cairo_new_sub_path(cr);
	cairo_arc(cr, 68, 42, 16, 0, 2 * M_PI);
	cairo_stroke(cr);
}

static void draw_belt(cairo_t *cr, const struct bn_fonts *fonts) {
	cairo_push_group(cr);
	dot(cr, 50, 17, 12);
	cairo_move_to(cr, 36, 35);
	cairo_line_to(cr, 64, 35);
	cairo_curve_to(cr, 76, 36, 80, 48, 82, 92);
	cairo_line_to(cr, 18, 92);
	cairo_curve_to(cr, 20, 48, 24, 36, 36, 35);
	cairo_close_path(cr);
	cairo_fill(cr);
	cairo_set_operator(cr, CAIRO_OPERATOR_DEST_OUT);
	cairo_set_line_width(cr, 7);
	line(cr, 70, 34, 24, 82);
	line(cr, 14, 79, 86, 79);
	cairo_stroke(cr);
	cairo_pop_group_to_source(cr);
	cairo_paint(cr);
}

static void draw_battery(cairo_t *cr, const struct bn_fonts *fonts) {
	bn_draw_rounded(cr, 9, 33, 82, 47, 3);
	cairo_stroke(cr);
	cairo_rectangle(cr, 19, 21, 17, 11);
	cairo_rectangle(cr, 64, 21, 17, 11);
	cairo_fill(cr);
	line(cr, 21, 56, 37, 56);
	line(cr, 63, 56, 79, 56);
	line(cr, 71, 48, 71, 64);
	cairo_stroke(cr);
}

static void draw_oil(cairo_t *cr, const struct bn_fonts *fonts) {
	static const double can[][2] = { { 24, 44 }, { 58, 44 }, { 68, 51 }, { 91, 37 }, { 65, 72 },
		{ 24, 72 } };
	POLYGON(cr, can);
	cairo_stroke(cr);
	cairo_move_to(cr, 22, 56);
	cairo_line_to(cr, 6, 47);
	cairo_line_to(cr, 11, 37);
	cairo_line_to(cr, 22, 43);
	line(cr, 40, 44, 40, 32);
	line(cr, 29, 31, 51, 31);
	cairo_stroke(cr);
	cairo_move_to(cr, 93, 51);
	cairo_curve_to(cr, 99, 60, 100, 67, 93, 67);
	cairo_curve_to(cr, 86, 67, 87, 60, 93, 51);
	cairo_fill(cr);
}

static void draw_engine(cairo_t *cr, const struct bn_fonts *fonts) {
	static const double block[][2] = { { 24, 46 }, { 33, 37 }, { 66, 37 }, { 74, 46 },
		{ 80, 46 }, { 80, 40 }, { 92, 40 }, { 92, 76 }, { 80, 76 }, { 80, 69 }, { 74, 69 },
		{ 66, 81 }, { 40, 81 }, { 31, 70 }, { 24, 70 } };
	POLYGON(cr, block);
	line(cr, 37, 23, 63, 23);
	line(cr, 50, 23, 50, 36);
	line(cr, 9, 44, 9, 73);
	line(cr, 9, 58, 23, 58);
	cairo_stroke(cr);
}

static void draw_tire(cairo_t *cr, const struct bn_fonts *fonts) {
	cairo_move_to(cr, 32, 14);
	cairo_curve_to(cr, 4, 38, 8, 66, 27, 80);
	cairo_line_to(cr, 73, 80);
	cairo_curve_to(cr, 92, 66, 96, 38, 68, 14);
	for (int i = 0; i < 4; i++) {
		double x = 30.5 + i * 13.0;
		line(cr, x, 81, x, 90);
	}
	cairo_stroke(cr);
	exclamation(cr, 30, 68);
}

static void draw_door(cairo_t *cr, const struct bn_fonts *fonts) {
	cairo_move_to(cr, 33, 88);
	cairo_line_to(cr, 33, 24);
	cairo_curve_to(cr, 36, 8, 64, 8, 67, 24);
	cairo_line_to(cr, 67, 88);
	cairo_close_path(cr);
	cairo_move_to(cr, 34, 38);
	cairo_curve_to(cr, 42, 32, 58, 32, 66, 38);
	line(cr, 34, 72, 66, 72);
	line(cr, 33, 40, 8, 60);
	line(cr, 67, 40, 92, 60);
	cairo_stroke(cr);
}

static void skid(cairo_t *cr, double x) {
	cairo_move_to(cr, x + 5, 68);
	cairo_curve_to(cr, x + 14, 78, x - 14, 82, x - 3, 95);
}

static void draw_esc(cairo_t *cr, const struct bn_fonts *fonts) {
	cairo_move_to(cr, 30, 32);
	cairo_line_to(cr, 38, 12);
	cairo_line_to(cr, 62, 12);
	cairo_line_to(cr, 70, 32);
	cairo_stroke(cr);
	bn_draw_rounded(cr, 23, 32, 54, 19, 4);
	cairo_stroke(cr);
	cairo_rectangle(cr, 24, 52, 11, 9);
	cairo_rectangle(cr, 65, 52, 11, 9);
	cairo_fill(cr);
	skid(cr, 30);
	skid(cr, 66);
	cairo_stroke(cr);
}

static void draw_fuel(cairo_t *cr, const struct bn_fonts *fonts) {
	bn_draw_rounded(cr, 20, 14, 38, 73, 5);
	line(cr, 12, 89, 66, 89);
	bn_draw_rounded(cr, 30, 25, 18, 18, 1);
	cairo_move_to(cr, 58, 52);
	cairo_line_to(cr, 64, 52);
	cairo_curve_to(cr, 74, 52, 66, 78, 77, 78);
	cairo_curve_to(cr, 88, 78, 86, 68, 86, 60);
	cairo_line_to(cr, 86, 38);
	cairo_line_to(cr, 72, 22);
	cairo_stroke(cr);
}

static bool left_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_TURN_LEFT)
			|| bn_signals_is_on(signals, BN_SIGNAL_HAZARD);
}

static bool right_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_TURN_RIGHT)
			|| bn_signals_is_on(signals, BN_SIGNAL_HAZARD);
}

static bool high_beam_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_BEAM_HIGH);
}

static bool low_beam_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_BEAM_LOW);
}

static bool brake_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_BRAKE_WARNING);
}

static bool abs_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_ABS_ERROR);
}

static bool esc_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_ESC_ERROR)
			|| bn_signals_is_on(signals, BN_SIGNAL_ESC_ENGAGED);
}

static bool engine_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_ENGINE_MIL);
}

static bool oil_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_OIL_WARNING);
}

static bool battery_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_LOW_VOLTAGE);
}

/** Unlike the others it is lit by a known false. */
static bool belt_lit(const struct bn_signals *signals) {
	return bn_signals_known(signals, BN_SIGNAL_BELTED)
			&& !bn_signals_is_on(signals, BN_SIGNAL_BELTED);
}

static bool airbag_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_AIRBAG_WARNING);
}

static bool tire_lit(const struct bn_signals *signals) {
	bool lit = false;
	for (int id = BN_SIGNAL_TIRE_FRONT_LEFT; id <= BN_SIGNAL_TIRE_REAR_RIGHT; id++) {
		lit = lit || bn_signals_is_on(signals, (enum bn_signal_id)id);
	}
	return lit;
}

static bool door_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_DOOR_DRIVER)
			|| bn_signals_is_on(signals, BN_SIGNAL_DOOR_PASSENGER);
}

static bool fuel_lit(const struct bn_signals *signals) {
	return bn_signals_is_on(signals, BN_SIGNAL_FUEL_LOW);
}

const struct bn_telltale bn_telltales[] = {
	{ "brake", BN_TELLTALE_LEFT, BN_RED, brake_lit, draw_brake },
	{ "airbag", BN_TELLTALE_LEFT, BN_RED, airbag_lit, draw_airbag },
	{ "belt", BN_TELLTALE_LEFT, BN_RED, belt_lit, draw_belt },
	{ "battery", BN_TELLTALE_LEFT, BN_RED, battery_lit, draw_battery },
	{ "oil", BN_TELLTALE_LEFT, BN_RED, oil_lit, draw_oil },
	{ "door", BN_TELLTALE_LEFT, BN_RED, door_lit, draw_door },
	{ "left", BN_TELLTALE_CENTER, BN_GREEN, left_lit, draw_left },
	{ "low-beam", BN_TELLTALE_CENTER, BN_GREEN, low_beam_lit, draw_low_beam },
	{ "high-beam", BN_TELLTALE_CENTER, BN_BLUE, high_beam_lit, draw_high_beam },
	{ "right", BN_TELLTALE_CENTER, BN_GREEN, right_lit, draw_right },
	{ "engine", BN_TELLTALE_RIGHT, BN_AMBER, engine_lit, draw_engine },
	{ "abs", BN_TELLTALE_RIGHT, BN_AMBER, abs_lit, draw_abs },
	{ "esc", BN_TELLTALE_RIGHT, BN_AMBER, esc_lit, draw_esc },
	{ "tire", BN_TELLTALE_RIGHT, BN_AMBER, tire_lit, draw_tire },
	{ "fuel", BN_TELLTALE_RIGHT, BN_AMBER, fuel_lit, draw_fuel },
};
const size_t bn_telltale_count = sizeof(bn_telltales) / sizeof(bn_telltales[0]);
