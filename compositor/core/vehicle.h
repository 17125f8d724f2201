#ifndef BN_CORE_VEHICLE_H
#define BN_CORE_VEHICLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/layout.h"

/**
 * The vehicle as the layout sees it: signal values with their age, the states
 * that follow from them with hysteresis, and the rules that are in force.
 *
 * Pure: the caller brings the time (monotonic ns, never running backwards).
 * A layout is borrowed until bn_vehicle_destroy.
 */
struct bn_vehicle;

/**
 * A condition over unknown or stale signals may be neither surely true nor surely
 * false. The same holds of an OVER or UNDER whose signal is back within its band after it was
 * unknown: what it remembers may have changed meanwhile. A text compares with no
 * limit (MAYBE); true and 1 are equal, since buses send either.
 */
enum bn_tristate {
	BN_NO,
	BN_YES,
	BN_MAYBE, // an unknown or stale signal counts as every value
};

/** NULL when out of memory. Signals start with their declared initial value, received at now_ns. */
struct bn_vehicle *bn_vehicle_create(const struct bn_layout *layout, int64_t now_ns);
void bn_vehicle_destroy(struct bn_vehicle *vehicle);

/**
 * Takes over values, ages and (for states and rules with the same condition text)
 * hysteresis from the vehicle of a replaced layout, matched by signal name. Where one comparison of a
 * signal has no counterpart there, what all of that signal remember is open.
 */
void bn_vehicle_inherit(struct bn_vehicle *vehicle, const struct bn_vehicle *old, int64_t now_ns);

/** A new value for layout signal `signal`. BN_VALUE_UNKNOWN forgets it. Follow with bn_vehicle_update. */
void bn_vehicle_set(struct bn_vehicle *vehicle, size_t signal, const struct bn_value *value,
		int64_t now_ns);

/**
 * Settles staleness, states and rules (with linger) at now_ns. Returns whether a state, a rule or a signal's
 * staleness changed. Call after bn_vehicle_set and when bn_vehicle_next_ns has come.
 */
bool bn_vehicle_update(struct bn_vehicle *vehicle, int64_t now_ns);
/** When bn_vehicle_update will next have work without a new signal; BN_NSEC_NEVER: not at all. */
int64_t bn_vehicle_next_ns(const struct bn_vehicle *vehicle);

/** The value in force: BN_VALUE_UNKNOWN when never received or stale. Valid until the next call that changes. */
const struct bn_value *bn_vehicle_value(const struct bn_vehicle *vehicle, size_t signal);
bool bn_vehicle_is_stale(const struct bn_vehicle *vehicle, size_t signal);
/** When the signal was last received; 0: never. */
int64_t bn_vehicle_received_ns(const struct bn_vehicle *vehicle, size_t signal);
enum bn_tristate bn_vehicle_state(const struct bn_vehicle *vehicle, size_t state);
/**
 * Whether a rule is in force. BN_YES: its condition surely holds, or lingers.
 * BN_MAYBE: it cannot be told; restrictions then apply, shows and hides do not.
 */
enum bn_tristate bn_vehicle_rule(const struct bn_vehicle *vehicle, size_t rule);
/** When the signal that brought the rule into force arrived; for `within:`. */
int64_t bn_vehicle_rule_since_ns(const struct bn_vehicle *vehicle, size_t rule);
/**
 * When the rule was last to go out of force: the end of its linger, else when the signal that ended it arrived
 * or went stale.
 */
int64_t bn_vehicle_rule_until_ns(const struct bn_vehicle *vehicle, size_t rule);
/** Evaluates any condition (checks); BN_NONE counts as BN_YES. */
enum bn_tristate bn_vehicle_condition(const struct bn_vehicle *vehicle, size_t condition);

/** Reads "5", "-1.5", "true", "P" as a value: bool, number, else string. False when too long or empty. */
bool bn_value_parse(const char *text, struct bn_value *ret_value);
bool bn_value_equal(const struct bn_value *a, const struct bn_value *b);
/** For people: "5", "true", "P", "unknown". Writes at most `size` bytes including the NUL. */
void bn_value_format(const struct bn_value *value, char *buffer, size_t size);

#endif
