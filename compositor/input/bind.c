#include "input/bind.h"

#include <math.h>
#include <string.h>

static bool any_equal(const char *wanted, const char texts[][BN_TOUCH_KEY_MAX], size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (texts[i][0] != '\0' && strcmp(texts[i], wanted) == 0) {
			return true;
		}
	}
	return false;
}

bool bn_bind_matches(const struct bn_touch_match *match, const struct bn_touch_keys *keys) {
	if (match->serial == NULL && match->path == NULL && match->name == NULL) {
		return false;
	}
	return (match->serial == NULL || any_equal(match->serial, keys->serials, BN_TOUCH_SERIALS))
			&& (match->path == NULL
					|| any_equal(match->path, keys->paths, BN_TOUCH_PATHS))
			&& (match->name == NULL || strcmp(match->name, keys->name) == 0);
}

size_t bn_bind_occupant(const struct bn_layout *layout, const struct bn_touch_keys *keys) {
	for (size_t i = 0; i < layout->occupant_count; i++) {
		const struct bn_occupant *occupant = &layout->occupants[i];
		for (size_t j = 0; j < occupant->touch_count; j++) {
			if (bn_bind_matches(&occupant->touches[j], keys)) {
				return i;
			}
		}
	}
	return BN_NONE;
}

static bool owns(const struct bn_occupant *occupant, size_t display) {
	for (size_t i = 0; i < occupant->display_count; i++) {
		if (occupant->displays[i] == display) {
			return true;
		}
	}
	return false;
}

static bool has_size(const struct bn_display *display, const struct bn_touch_keys *keys) {
	if (display->width_mm <= 0 || display->height_mm <= 0 || keys->width_mm <= 0
			|| keys->height_mm <= 0) {
		return false;
	}
	// Sensors reach a little over the glass and report whole millimetres.
	return fabs(keys->width_mm - display->width_mm) <= 0.05 * display->width_mm
			&& fabs(keys->height_mm - display->height_mm) <= 0.05 * display->height_mm;
}

static bool is_plain(const struct bn_display *display, const struct bn_touch_keys *keys) {
	return !display->safety;
}

/** The one display of the occupant for which `test` holds; BN_NONE when none or several. */
static size_t only_display(const struct bn_layout *layout, const struct bn_occupant *occupant,
		const struct bn_touch_keys *keys,
		bool (*test)(const struct bn_display *display, const struct bn_touch_keys *keys)) {
	size_t found = BN_NONE;
	for (size_t i = 0; i < occupant->display_count; i++) {
		if (!test(&layout->displays[occupant->displays[i]], keys)) {
			continue;
		}
		if (found != BN_NONE) {
			return BN_NONE;
		}
		found = occupant->displays[i];
	}
	return found;
}

static size_t display_of_occupant(const struct bn_layout *layout, size_t index,
		const struct bn_touch_keys *keys, size_t output_display,
		enum bn_bind_how *ret_how) {
	const struct bn_occupant *occupant = &layout->occupants[index];
	if (occupant->display_count == 1) {
		*ret_how = BN_BIND_MATCH;
		return occupant->displays[0];
	}
	if (output_display != BN_NONE && owns(occupant, output_display)) {
		*ret_how = BN_BIND_OUTPUT;
		return output_display;
	}
	size_t display = only_display(layout, occupant, keys, has_size);
	if (display != BN_NONE) {
		*ret_how = BN_BIND_SIZE;
		return display;
	}
	display = only_display(layout, occupant, keys, is_plain);
	*ret_how = display != BN_NONE ? BN_BIND_PLAIN : BN_BIND_AMBIGUOUS;
	return display;
}

size_t bn_bind_touch(const struct bn_layout *layout, const struct bn_touch_keys *keys,
		size_t output_display, enum bn_bind_how *ret_how) {
	size_t occupant = bn_bind_occupant(layout, keys);
	if (occupant != BN_NONE) {
		return display_of_occupant(layout, occupant, keys, output_display, ret_how);
	}
	if (output_display != BN_NONE) {
		*ret_how = BN_BIND_OUTPUT;
		return output_display;
	}
	if (layout->display_count == 1) {
		*ret_how = BN_BIND_ONLY;
		return 0;
	}
	*ret_how = BN_BIND_NONE;
	return BN_NONE;
}

const char *bn_bind_how_text(enum bn_bind_how how) {
	switch (how) {
	case BN_BIND_NONE:
		return "nothing says which display it is";
	case BN_BIND_AMBIGUOUS:
		return "its occupant has several displays and nothing tells which";
	case BN_BIND_OUTPUT:
		return "by the output that it names";
	case BN_BIND_MATCH:
		return "by the layout's touch entry";
	case BN_BIND_SIZE:
		return "by the layout's touch entry and its size";
	case BN_BIND_PLAIN:
		return "by the layout's touch entry, as the display without safety content";
	case BN_BIND_ONLY:
		return "as the only display";
	}
	return "";
}
