#include "core/layout.h"

#include <math.h>
#include <string.h>

#include "core/arena.h"

void bn_layout_destroy(struct bn_layout *layout) {
	if (layout != NULL) {
		bn_arena_destroy(layout->arena); // the layout itself lies in it
	}
}

#define FIND(layout, items, count, wanted) \
	for (size_t i = 0; i < (layout)->count; i++) { \
		if (strcmp((layout)->items[i].name, wanted) == 0) { \
			return i; \
		} \
	} \
	return BN_NONE

size_t bn_layout_find_zone(const struct bn_layout *layout, const char *name) {
	FIND(layout, zones, zone_count, name);
}

size_t bn_layout_find_display(const struct bn_layout *layout, const char *name) {
	FIND(layout, displays, display_count, name);
}

size_t bn_layout_find_app(const struct bn_layout *layout, const char *name) {
	FIND(layout, apps, app_count, name);
}

size_t bn_layout_find_signal(const struct bn_layout *layout, const char *name) {
	FIND(layout, signals, signal_count, name);
}

size_t bn_layout_find_state(const struct bn_layout *layout, const char *name) {
	FIND(layout, states, state_count, name);
}

size_t bn_layout_find_theme(const struct bn_layout *layout, const char *name) {
	FIND(layout, themes, theme_count, name);
}

size_t bn_layout_display_occupant(const struct bn_layout *layout, size_t display) {
	for (size_t i = 0; i < layout->occupant_count; i++) {
		const struct bn_occupant *occupant = &layout->occupants[i];
		for (size_t j = 0; j < occupant->display_count; j++) {
			if (occupant->displays[j] == display) {
				return i;
			}
		}
	}
	return BN_NONE;
}

bool bn_layout_zone_names(const struct bn_layout *layout, size_t zone_index, size_t app) {
	const struct bn_zone *zone = &layout->zones[zone_index];
	for (size_t i = 0; app != BN_NONE && i < zone->grant_count; i++) {
		if (strcmp(zone->grants[i], layout->apps[app].name) == 0) {
			return true;
		}
	}
	return false;
}

bool bn_layout_zone_grants(const struct bn_layout *layout, size_t zone, size_t app) {
	bool by_all = layout->zones[zone].grant_all
			&& (app == BN_NONE || !layout->apps[app].reserved);
	return by_all || bn_layout_zone_names(layout, zone, app);
}

size_t bn_layout_first_zone(const struct bn_layout *layout, size_t app) {
	size_t open = BN_NONE;
	for (size_t i = 0; i < layout->zone_count; i++) {
		if (bn_layout_zone_names(layout, i, app)) {
			return i;
		}
		if (open == BN_NONE && bn_layout_zone_grants(layout, i, app)) {
			open = i;
		}
	}
	return open;
}

/** A box in unrounded px: rounding each level would let nested zones drift apart. */
struct box {
	double x, y, width, height;
};

static double along(const struct bn_length *length, double side) {
	return length->percent ? length->value * side / 100.0 + length->offset : length->value;
}

static struct box place(const struct bn_length rect[4], const struct box *within) {
	return (struct box){
		.x = within->x + along(&rect[0], within->width),
		.y = within->y + along(&rect[1], within->height),
		.width = along(&rect[2], within->width),
		.height = along(&rect[3], within->height),
	};
}

/** The loader has refused cycles, so the chain of `in:` and `rect: ZONE` ends. */
static struct box zone_box(const struct bn_layout *layout, size_t index,
		const struct box *display) {
	const struct bn_zone *zone = &layout->zones[index];
	if (zone->same_as != BN_NONE) {
		return zone_box(layout, zone->same_as, display);
	}
	if (zone->parent == BN_NONE) {
		return place(zone->rect, display);
	}
	struct box parent = zone_box(layout, zone->parent, display);
	return place(zone->rect, &parent);
}

static int32_t to_px(double value) {
	const double limit = 1 << 24; // far outside any display, safe to add
	return (int32_t)lround(fmin(fmax(value, -limit), limit));
}

static struct bn_rect round_box(const struct box *box) {
	// Both edges are rounded, not the size: neighbours in per cent then meet without a seam.
	int32_t x = to_px(box->x), y = to_px(box->y);
	int32_t right = to_px(box->x + box->width), bottom = to_px(box->y + box->height);
	return (struct bn_rect){
		.x = x,
		.y = y,
		.width = right > x ? right - x : 0,
		.height = bottom > y ? bottom - y : 0,
	};
}

struct bn_rect bn_layout_zone_box(const struct bn_layout *layout, size_t zone,
		int32_t display_width, int32_t display_height) {
	struct box display = { 0, 0, display_width, display_height };
	struct box box = zone_box(layout, zone, &display);
	return round_box(&box);
}

struct bn_rect bn_layout_rect(const struct bn_length rect[4], int32_t width, int32_t height) {
	struct box area = { 0, 0, width, height };
	struct box box = place(rect, &area);
	return round_box(&box);
}

struct bn_rect bn_layout_display_rect(const struct bn_display *display) {
	bool is_turned = display->transform % 2 == 1;
	double width = is_turned ? display->height : display->width;
	double height = is_turned ? display->width : display->height;
	return (struct bn_rect){ 0, 0, (int32_t)lround(width / display->scale),
		(int32_t)lround(height / display->scale) };
}

double bn_layout_px_mm(const struct bn_display *display) {
	if (display->width_mm == 0 || display->height_mm == 0) {
		return 0;
	}
	double x = (double)display->width_mm * display->scale / display->width;
	double y = (double)display->height_mm * display->scale / display->height;
	return fmin(x, y);
}

struct bn_rect bn_layout_check_box(const struct bn_check *check, const struct bn_rect *zone_box) {
	struct box within = { zone_box->x, zone_box->y, zone_box->width, zone_box->height };
	struct box box = place(check->rect, &within);
	return (struct bn_rect){ to_px(box.x), to_px(box.y), to_px(box.width), to_px(box.height) };
}

bool bn_layout_is_checked_itself(const struct bn_layout *layout, size_t zone) {
	for (size_t i = 0; i < layout->check_count; i++) {
		if (layout->checks[i].zone == zone) {
			return true;
		}
	}
	return false;
}

struct bn_rect bn_layout_scale(const struct bn_rect *box, double scale) {
	int32_t x = (int32_t)lround(box->x * scale), y = (int32_t)lround(box->y * scale);
	return (struct bn_rect){ x, y, (int32_t)lround((box->x + box->width) * scale) - x,
		(int32_t)lround((box->y + box->height) * scale) - y };
}

const char *bn_layer_name(enum bn_layer layer) {
	static const char *const names[BN_LAYER_COUNT] = {
		[BN_LAYER_BACKGROUND] = "background",
		[BN_LAYER_APP] = "app",
		[BN_LAYER_OVERLAY] = "overlay",
		[BN_LAYER_ALERT] = "alert",
		[BN_LAYER_SAFETY] = "safety",
		[BN_LAYER_TELLTALE] = "telltale",
	};
	return names[layer];
}

const char *bn_fit_name(enum bn_fit fit) {
	static const char *const names[] = {
		[BN_FIT_FILL] = "fill",
		[BN_FIT_FIT] = "fit",
		[BN_FIT_STRETCH] = "stretch",
		[BN_FIT_CENTER] = "center",
		[BN_FIT_NONE] = "none",
	};
	return names[fit];
}

const char *bn_builtin_name(enum bn_builtin builtin) {
	static const char *const names[] = {
		[BN_BUILTIN_NONE] = "none",
		[BN_BUILTIN_COLOR] = "color",
		[BN_BUILTIN_CLOCK] = "clock",
		[BN_BUILTIN_SPEED] = "speed",
		[BN_BUILTIN_NO_CAMERA] = "no-camera",
		[BN_BUILTIN_BRAKE] = "brake",
		[BN_BUILTIN_OIL] = "oil",
		[BN_BUILTIN_BATTERY] = "battery",
		[BN_BUILTIN_ENGINE] = "engine",
		[BN_BUILTIN_SEAT_BELT] = "seat-belt",
		[BN_BUILTIN_DOOR] = "door",
		[BN_BUILTIN_LOGO] = "logo",
		[BN_BUILTIN_TEXT] = "text",
	};
	return names[builtin];
}
