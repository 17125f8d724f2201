#ifndef BN_INPUT_BIND_H
#define BN_INPUT_BIND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/layout.h"

/**
 * Which display a touchscreen belongs to. Pure.
 *
 * Two equal panels have equal names, so a layout can match a serial or a path
 * instead. Absolute touch never spans displays: a device that nothing tells apart
 * stays unbound.
 */
#define BN_TOUCH_KEY_MAX 128
#define BN_TOUCH_SERIALS 3
#define BN_TOUCH_PATHS 2

/** What a layout's `touch:` can match; an empty text is no key. */
struct bn_touch_keys {
	char name[BN_TOUCH_KEY_MAX];
	char serials[BN_TOUCH_SERIALS][BN_TOUCH_KEY_MAX]; // uniq, ID_SERIAL_SHORT, ID_SERIAL
	char paths[BN_TOUCH_PATHS][BN_TOUCH_KEY_MAX];     // ID_PATH, phys
	double width_mm, height_mm;                       // of the sensor; 0: not known
};

enum bn_bind_how {
	BN_BIND_NONE,      // nothing says which display it is
	BN_BIND_AMBIGUOUS, // its occupant is known, but which of the displays is not
	BN_BIND_OUTPUT,    // the back end or a udev rule names the output
	BN_BIND_MATCH,     // a `touch:` entry, and its occupant has one display
	BN_BIND_SIZE,      // a `touch:` entry, and one of the displays has the sensor's size
	BN_BIND_PLAIN,     // a `touch:` entry, and one of the displays is not a safety display
	BN_BIND_ONLY,      // there is one display only
};

/** Whether all keys that the entry names agree. */
bool bn_bind_matches(const struct bn_touch_match *match, const struct bn_touch_keys *keys);
/** The occupant whose `touch:` entries match; BN_NONE: nobody's. */
size_t bn_bind_occupant(const struct bn_layout *layout, const struct bn_touch_keys *keys);
/**
 * The display of a touchscreen; BN_NONE: unbound. `output_display` is the display whose output the device names
 * itself, BN_NONE when it names none. A `touch:` entry wins over the device's own word.
 */
size_t bn_bind_touch(const struct bn_layout *layout, const struct bn_touch_keys *keys,
		size_t output_display, enum bn_bind_how *ret_how);
/** "by its serial..." for the log. */
const char *bn_bind_how_text(enum bn_bind_how how);

#endif
