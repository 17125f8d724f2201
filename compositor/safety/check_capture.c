#include "safety/check_internal.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "cockpit.h"
#include "scene/scene.h"

void bn_check_describe(const struct bn_check_item *item, char *buffer, size_t size) {
	const struct bn_telltale *telltale = &item->telltale;
	if (item->problem[0] != '\0') {
		snprintf(buffer, size, "nothing is checked: %s", item->problem);
		return;
	}
	const char *state = telltale->state == BN_TELLTALE_COVERED ? "covered by a picture of ours"
			: telltale->state == BN_TELLTALE_SAFE
			? "not to be relied on, and no cover came on glass"
			: telltale->state == BN_TELLTALE_WAITS ? "not yet as it should be"
							       : "as it should be";
	const char *fault = telltale->fault != BN_TELLTALE_NO_FAULT
			? bn_telltale_fault_name(telltale->fault)
			: NULL;
	snprintf(buffer, size, "%s is demanded, its app shows %s: %s%s%s%s",
			telltale->demand == BN_DEMAND_NONE ? "nothing"
							   : bn_demand_name(telltale->demand),
			telltale->glass == BN_GLASS_OTHER ? "another picture"
							  : bn_glass_name(telltale->glass),
			state, fault != NULL ? " (" : "", fault != NULL ? fault : "",
			fault != NULL ? ")" : "");
}

void bn_checks_why(const struct bn_checks *checks, size_t zone, FILE *out) {
	for (size_t i = 0; i < checks->count; i++) {
		const struct bn_check_item *item = &checks->items[i];
		if (item->spec->zone == zone || bn_check_zone(item) == zone) {
			char text[256];
			bn_check_describe(item, text, sizeof(text));
			fprintf(out, "check %s: %s\n", item->spec->name, text);
		}
	}
}

struct bn_check_item *bn_checks_find(struct bn_checks *checks, const char *name) {
	for (size_t i = 0; i < checks->count; i++) {
		if (strcmp(checks->items[i].spec->name, name) == 0) {
			return &checks->items[i];
		}
	}
	return NULL;
}

/** What is demanded by the signals, whether or not there is a golden to tell by. */
static enum bn_tristate wanted(const struct bn_check_item *item) {
	return bn_vehicle_condition(item->checks->cockpit->vehicle, item->spec->when);
}

static const char *reason_against(struct bn_check_item *item) {
	const struct bn_cockpit *cockpit = item->checks->cockpit;
	if (bn_check_place(item) == NULL) {
		return "its zone is on no display now";
	}
	if (cockpit->scene->zones[bn_check_zone(item)].content != BN_CONTENT_VIEW) {
		return "no app is in its zone";
	}
	if (bn_telltale_wants_cover(&item->telltale)) {
		return "it is covered since its app shows something wrong";
	}
	switch (wanted(item)) {
	case BN_MAYBE:
		return "a signal that it depends on is not known: set it first";
	case BN_NO:
		if (item->spec->off.path == NULL) {
			return "it must be off now, and the layout names no \"off:\" picture for "
			       "it";
		}
		return item->telltale.glass == BN_GLASS_ON ? "it must be off, and is on" : NULL;
	case BN_YES:
		break;
	}
	return item->telltale.glass == BN_GLASS_OFF && item->golden.off.pixels != NULL
			? "it must be on, and is off"
			: NULL;
}

static uint32_t *cut(const uint32_t *pixels, int32_t stride, const struct bn_rect *box) {
	uint32_t *part = malloc((size_t)box->width * (size_t)box->height * sizeof(part[0]));
	for (int32_t y = 0; part != NULL && y < box->height; y++) {
		memcpy(part + (size_t)y * (size_t)box->width,
				pixels + (size_t)(box->y + y) * (size_t)stride + box->x,
				(size_t)box->width * sizeof(part[0]));
	}
	return part;
}

bool bn_check_capture(struct bn_check_item *item, uint32_t **ret_pixels, int32_t *ret_width,
		int32_t *ret_height, const char **ret_path, char *error, size_t error_size) {
	const char *against = reason_against(item);
	if (against != NULL) {
		snprintf(error, error_size, "check %s: %s", item->spec->name, against);
		return false;
	}
	uint32_t *whole;
	int32_t width, height;
	if (!bn_output_screenshot(bn_check_place(item), &whole, &width, &height, error,
			    error_size)) {
		return false;
	}
	const struct bn_rect glass = { 0, 0, width, height };
	bool within = !bn_rect_is_empty(&item->box) && bn_rect_contains(&glass, &item->box);
	uint32_t *pixels = within ? cut(whole, width, &item->box) : NULL;
	free(whole);
	if (pixels == NULL) {
		snprintf(error, error_size, "check %s: %s", item->spec->name,
				within ? "out of memory" : "its place is not on the display");
		return false;
	}
	*ret_pixels = pixels;
	*ret_width = item->box.width;
	*ret_height = item->box.height;
	*ret_path = wanted(item) == BN_YES ? item->spec->golden.path : item->spec->off.path;
	return true;
}
