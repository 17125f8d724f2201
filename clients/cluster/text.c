#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cluster/cluster.h"

#define START_OF_DAY_MIN (9 * 60 + 41) // the clock of a cockpit that knows no time
#define PARK_GEAR 126

static double number(const struct bn_app_view *view, enum bn_signal_id id) {
	return bn_signals_number(&view->signals, id, 0);
}

static bool known(const struct bn_app_view *view, enum bn_signal_id id) {
	return bn_signals_known(&view->signals, id);
}

/** The value and its unit; "--" in the value's place while the signal is unknown. */
static void format_number(const struct bn_app_view *view, enum bn_signal_id id, int decimals,
		double value, const char *unit, char *text, size_t size) {
	const char *space = unit[0] != '\0' ? " " : "";
	if (known(view, id)) {
		snprintf(text, size, "%.*f%s%s", decimals, value, space, unit);
	} else {
		snprintf(text, size, "--%s%s", space, unit);
	}
}

/** HH:MM of the time signal, an ISO 8601 text; else the frame's time on from a fixed morning. */
static void format_clock(const struct bn_app_view *view, char *text, size_t size) {
	const struct bn_signal_value *stamp = &view->signals.values[BN_SIGNAL_TIMESTAMP];
	const char *time = stamp->known ? strchr(stamp->text, 'T') : NULL;
	int hours = 0, minutes = 0;
	if (!time || sscanf(time, "T%2d:%2d", &hours, &minutes) != 2) {
		int64_t total = START_OF_DAY_MIN + view->time_ms / 60000;
		hours = (int)(total / 60 % 24);
		minutes = (int)(total % 60);
	}
	snprintf(text, size, "%02d:%02d", hours, minutes);
}

static char gear_letter(const struct bn_app_view *view) {
	if (!known(view, BN_SIGNAL_GEAR)) {
		return '-';
	}
	int gear = (int)lround(number(view, BN_SIGNAL_GEAR));
	bool held = bn_signals_is_on(&view->signals, BN_SIGNAL_PARKING_BRAKE);
	if (gear == PARK_GEAR || (gear == 0 && held)) {
		return 'P';
	}
	return gear < 0 ? 'R' : gear == 0 ? 'N' : 'D';
}

static void format_speed(const struct bn_app_view *view, char *text, size_t size) {
	format_number(view, BN_SIGNAL_SPEED, 0, fabs(number(view, BN_SIGNAL_SPEED)), "", text,
			size);
}

/** VSS has the range in metres. */
static void format_range(const struct bn_app_view *view, char *text, size_t size) {
	double range = number(view, BN_SIGNAL_RANGE) / 1000;
	format_number(view, BN_SIGNAL_RANGE, 0, range, "", text, size);
}

static void format_charge(const struct bn_app_view *view, char *text, size_t size) {
	format_number(view, BN_SIGNAL_CHARGE, 0, number(view, BN_SIGNAL_CHARGE), "%", text, size);
}

static void format_left(const struct bn_app_view *view, char *text, size_t size) {
	char clock[16], air[24];
	format_clock(view, clock, sizeof(clock));
	format_number(view, BN_SIGNAL_AIR, 1, number(view, BN_SIGNAL_AIR), "\u00b0C", air,
			sizeof(air));
	snprintf(text, size, "%s|%s", clock, air);
}

static void format_right(const struct bn_app_view *view, char *text, size_t size) {
	char trip[24], odometer[24];
	double whole = floor(number(view, BN_SIGNAL_ODOMETER));
	format_number(view, BN_SIGNAL_TRIP, 1, number(view, BN_SIGNAL_TRIP), "km", trip,
			sizeof(trip));
	format_number(view, BN_SIGNAL_ODOMETER, 0, whole, "km", odometer, sizeof(odometer));
	snprintf(text, size, "%s|%s", trip, odometer);
}

static void format_guide(const struct bn_cluster *cluster, char *text, size_t size) {
	double remaining;
	char distance[24];
	const struct bn_turn *turn =
			bn_route_next(&cluster->route, cluster->trip.distance, 0, &remaining);
	bn_route_format(remaining, distance, sizeof(distance));
	snprintf(text, size, "%d|%s|%s", (int)turn->kind, distance, turn->street);
}

bool bn_cluster_text_key(const struct bn_cluster *cluster, const struct bn_app_view *view,
		enum bn_cluster_part part, uint64_t *ret_key) {
	char text[128] = "", more[32] = "";
	switch (part) {
	case BN_CLUSTER_SPEED_TEXT:
		format_speed(view, text, sizeof(text));
		break;
	case BN_CLUSTER_ENERGY_TEXT:
		format_range(view, text, sizeof(text));
		format_charge(view, more, sizeof(more));
		break;
	case BN_CLUSTER_GUIDE:
		format_guide(cluster, text, sizeof(text));
		break;
	case BN_CLUSTER_GEAR:
		text[0] = gear_letter(view);
		break;
	case BN_CLUSTER_LEFT_INFO:
		format_left(view, text, sizeof(text));
		break;
	case BN_CLUSTER_RIGHT_INFO:
		format_right(view, text, sizeof(text));
		break;
	default:
		return false;
	}
	*ret_key = bn_key_text(bn_key_text(BN_KEY_START, text), more);
	return true;
}

static void draw_speed(const struct bn_app_view *view, cairo_t *cr, double x, double top) {
	char text[24];
	format_speed(view, text, sizeof(text));
	const struct bn_text_style big = { .face = BN_FACE_DISPLAY_LIGHT,
		.size = 176,
		.tracking = -0.035,
		.color = view->palette.foreground,
		.align = BN_ALIGN_CENTER };
	const struct bn_text_style small = { .face = BN_FACE_MEDIUM,
		.size = 22,
		.tracking = 0.02,
		.color = view->palette.muted,
		.align = BN_ALIGN_CENTER };
	bn_text_draw(cr, view->fonts, &big, x, top + 364, text);
	bn_text_draw(cr, view->fonts, &small, x, top + 408, "km/h");
}

static void draw_battery(const struct bn_app_view *view, cairo_t *cr, double x, double y) {
	double charge = number(view, BN_SIGNAL_CHARGE), width = 150, height = 12;
	bool low = known(view, BN_SIGNAL_CHARGE) && charge < 15;
	bn_draw_source(cr, view->palette.foreground, 0.14);
	bn_draw_rounded(cr, x - width / 2, y, width, height, height / 2);
	cairo_fill(cr);
	double filled = width * bn_draw_clamp(charge / 100, 0, 1);
	if (filled > 0) {
		bn_draw_source(cr, low ? BN_AMBER : BN_GREEN, 1);
		bn_draw_rounded(cr, x - width / 2, y, fmax(filled, height), height, height / 2);
		cairo_fill(cr);
	}
}

static void draw_energy(const struct bn_app_view *view, cairo_t *cr, double x, double top) {
	char range[24], charge[24];
	format_range(view, range, sizeof(range));
	format_charge(view, charge, sizeof(charge));
	const struct bn_text_style caption = { .face = BN_FACE_SEMIBOLD,
		.size = 15,
		.tracking = 0.12,
		.color = view->palette.muted,
		.align = BN_ALIGN_CENTER };
	const struct bn_text_style big = { .face = BN_FACE_DISPLAY_LIGHT,
		.size = 104,
		.tracking = -0.03,
		.color = view->palette.foreground };
	const struct bn_text_style unit = {
		.face = BN_FACE_MEDIUM, .size = 22, .color = view->palette.muted
	};
	const struct bn_text_style small = { .face = BN_FACE_MEDIUM,
		.size = 22,
		.color = view->palette.foreground,
		.align = BN_ALIGN_CENTER };
	bn_text_draw(cr, view->fonts, &caption, x, top + 240, "RANGE");
	double width = bn_text_width(cr, view->fonts, &big, range);
	double left = x - (width + 10 + bn_text_width(cr, view->fonts, &unit, "km")) / 2;
	bn_text_draw(cr, view->fonts, &big, left, top + 342, range);
	bn_text_draw(cr, view->fonts, &unit, left + width + 10, top + 342, "km");
	draw_battery(view, cr, x, top + 374);
	bn_text_draw(cr, view->fonts, &small, x, top + 420, charge);
}

static void draw_guide(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr, double x, double top) {
	double remaining, width = 440, height = 96, left = x - width / 2, y = top + 34;
	const struct bn_turn *turn =
			bn_route_next(&cluster->route, cluster->trip.distance, 0, &remaining);
	char text[24];
	bn_route_format(remaining, text, sizeof(text));
	bn_draw_source(cr, view->palette.dark ? view->palette.foreground : 0xffffff,
			view->palette.dark ? 0.06 : 0.8);
	bn_draw_rounded(cr, left, y, width, height, 22);
	cairo_fill(cr);
	cairo_save(cr);
	cairo_translate(cr, left + 24, y + 18);
	cairo_scale(cr, 0.6, 0.6);
	bn_draw_source(cr, view->palette.accent, 1);
	bn_route_draw_turn(cr, turn->kind);
	cairo_restore(cr);
	const struct bn_text_style far = { .face = BN_FACE_DISPLAY_MEDIUM,
		.size = 36,
		.tracking = -0.015,
		.color = view->palette.foreground };
	const struct bn_text_style street = {
		.face = BN_FACE_MEDIUM, .size = 21, .color = view->palette.muted
	};
	bn_text_draw(cr, view->fonts, &far, left + 108, y + 46, text);
	bn_text_draw_within(cr, view->fonts, &street, left + 108, y + 76, width - 128,
			turn->street);
}

static void draw_gears(const struct bn_app_view *view, cairo_t *cr, double x, double top) {
	static const char letters[] = "PRND";
	char current = gear_letter(view);
	for (int i = 0; i < 4; i++) {
		bool on = letters[i] == current;
		const char text[2] = { letters[i], 0 };
		double at = x + (i - 1.5) * 64;
		const struct bn_text_style style = { .face = on ? BN_FACE_SEMIBOLD : BN_FACE_MEDIUM,
			.size = on ? 34 : 26,
			.align = BN_ALIGN_CENTER,
			.color = on ? view->palette.foreground : view->palette.faint };
		bn_text_draw(cr, view->fonts, &style, at, top + 606, text);
		if (on) {
			bn_draw_source(cr, view->palette.accent, 1);
			bn_draw_rounded(cr, at - 13, top + 617, 26, 4, 2);
			cairo_fill(cr);
		}
	}
}

static void draw_left(const struct bn_cluster *cluster, const struct bn_app_view *view, cairo_t *cr,
		double top) {
	char text[48];
	format_left(view, text, sizeof(text));
	char *air = strchr(text, '|');
	*air++ = '\0';
	const struct bn_text_style strong = { .face = BN_FACE_MEDIUM,
		.size = 26,
		.color = view->palette.foreground,
		.tabular = true };
	const struct bn_text_style quiet = {
		.face = BN_FACE_REGULAR, .size = 26, .color = view->palette.muted
	};
	double x = 72;
	x += bn_text_draw(cr, view->fonts, &strong, x, top + 606, text) + 30;
	bn_text_draw(cr, view->fonts, &quiet, x, top + 606, air);
}

static void draw_right(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr, double top) {
	char text[64];
	format_right(view, text, sizeof(text));
	char *odometer = strchr(text, '|');
	*odometer++ = '\0';
	const struct bn_text_style strong = { .face = BN_FACE_MEDIUM,
		.size = 26,
		.color = view->palette.foreground,
		.align = BN_ALIGN_RIGHT };
	const struct bn_text_style quiet = { .face = BN_FACE_REGULAR,
		.size = 26,
		.color = view->palette.muted,
		.align = BN_ALIGN_RIGHT };
	double x = cluster->frame.width - 72;
	x -= bn_text_draw(cr, view->fonts, &quiet, x, top + 606, odometer) + 30;
	bn_text_draw(cr, view->fonts, &strong, x, top + 606, text);
}

void bn_cluster_draw_text(const struct bn_cluster *cluster, const struct bn_app_view *view,
		cairo_t *cr, enum bn_cluster_part part) {
	const struct bn_cluster_frame *frame = &cluster->frame;
	switch (part) {
	case BN_CLUSTER_SPEED_TEXT:
		draw_speed(view, cr, frame->left_x, frame->top);
		break;
	case BN_CLUSTER_ENERGY_TEXT:
		draw_energy(view, cr, frame->right_x, frame->top);
		break;
	case BN_CLUSTER_GUIDE:
		draw_guide(cluster, view, cr, frame->center_x, frame->top);
		break;
	case BN_CLUSTER_GEAR:
		draw_gears(view, cr, frame->center_x, frame->top);
		break;
	case BN_CLUSTER_LEFT_INFO:
		draw_left(cluster, view, cr, frame->top);
		break;
	case BN_CLUSTER_RIGHT_INFO:
		draw_right(cluster, view, cr, frame->top);
		break;
	default:
		break;
	}
}
