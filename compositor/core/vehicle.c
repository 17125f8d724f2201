#include "core/vehicle.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/nsec.h"

struct signal_now {
	struct bn_value value;
	bool received; // since creation, and not forgotten
	bool stale;
	int64_t received_ns;
};

struct rule_now {
	enum bn_tristate condition; // as of the last update
	bool lingers;
	int64_t linger_end_ns;
	int64_t since_ns, until_ns;
};

struct bn_vehicle {
	const struct bn_layout *layout; // borrowed
	struct signal_now *signals;     // owned; layout->signal_count
	enum bn_tristate *states;       // owned; layout->state_count
	enum bn_tristate *memory; // owned; layout->hysteresis_count; MAYBE: the past is not known
	bool *inherited;        // owned; layout->hysteresis_count; from the vehicle before a reload
	struct rule_now *rules; // owned; layout->rule_count
	bool freshened;         // a stale signal was received since the last update
};

static const struct bn_value unknown_value = { .kind = BN_VALUE_UNKNOWN };

// One element too many: calloc(0) may return NULL without a lack of memory.
static void *alloc_array(size_t count, size_t size) {
	return calloc(count + 1, size);
}

static void forget_rule(struct rule_now *rule) {
	*rule = (struct rule_now){ .condition = BN_NO };
}

struct bn_vehicle *bn_vehicle_create(const struct bn_layout *layout, int64_t now_ns) {
	struct bn_vehicle *vehicle = calloc(1, sizeof(*vehicle));
	if (vehicle == NULL) {
		return NULL;
	}
	vehicle->layout = layout;
	vehicle->signals = alloc_array(layout->signal_count, sizeof(vehicle->signals[0]));
	vehicle->states = alloc_array(layout->state_count, sizeof(vehicle->states[0]));
	vehicle->memory = alloc_array(layout->hysteresis_count, sizeof(vehicle->memory[0]));
	vehicle->inherited = alloc_array(layout->hysteresis_count, sizeof(vehicle->inherited[0]));
	vehicle->rules = alloc_array(layout->rule_count, sizeof(vehicle->rules[0]));
	if (vehicle->signals == NULL || vehicle->states == NULL || vehicle->memory == NULL
			|| vehicle->inherited == NULL || vehicle->rules == NULL) {
		bn_vehicle_destroy(vehicle);
		return NULL;
	}
	for (size_t i = 0; i < layout->signal_count; i++) {
		bn_vehicle_set(vehicle, i, &layout->signals[i].initial, now_ns);
	}
	bn_vehicle_update(vehicle, now_ns);
	return vehicle;
}

void bn_vehicle_destroy(struct bn_vehicle *vehicle) {
	if (vehicle == NULL) {
		return;
	}
	free(vehicle->signals);
	free(vehicle->states);
	free(vehicle->memory);
	free(vehicle->inherited);
	free(vehicle->rules);
	free(vehicle);
}

void bn_vehicle_set(struct bn_vehicle *vehicle, size_t signal, const struct bn_value *value,
		int64_t now_ns) {
	assert(signal < vehicle->layout->signal_count);
	struct signal_now *now = &vehicle->signals[signal];
	vehicle->freshened = vehicle->freshened || now->stale;
	now->stale = false;
	// NaN compares with nothing: as good as not received.
	now->received = value->kind != BN_VALUE_UNKNOWN && !isnan(value->number);
	now->value = now->received ? *value : unknown_value;
	now->received_ns = now->received ? now_ns : 0;
}

const struct bn_value *bn_vehicle_value(const struct bn_vehicle *vehicle, size_t signal) {
	assert(signal < vehicle->layout->signal_count);
	const struct signal_now *now = &vehicle->signals[signal];
	return now->received && !now->stale ? &now->value : &unknown_value;
}

bool bn_vehicle_is_stale(const struct bn_vehicle *vehicle, size_t signal) {
	assert(signal < vehicle->layout->signal_count);
	return vehicle->signals[signal].stale;
}

int64_t bn_vehicle_received_ns(const struct bn_vehicle *vehicle, size_t signal) {
	assert(signal < vehicle->layout->signal_count);
	return vehicle->signals[signal].received_ns;
}

enum bn_tristate bn_vehicle_state(const struct bn_vehicle *vehicle, size_t state) {
	assert(state < vehicle->layout->state_count);
	return vehicle->states[state];
}

enum bn_tristate bn_vehicle_rule(const struct bn_vehicle *vehicle, size_t rule) {
	assert(rule < vehicle->layout->rule_count);
	const struct rule_now *now = &vehicle->rules[rule];
	return now->lingers ? BN_YES : now->condition;
}

int64_t bn_vehicle_rule_since_ns(const struct bn_vehicle *vehicle, size_t rule) {
	assert(rule < vehicle->layout->rule_count);
	return vehicle->rules[rule].since_ns;
}

int64_t bn_vehicle_rule_until_ns(const struct bn_vehicle *vehicle, size_t rule) {
	assert(rule < vehicle->layout->rule_count);
	return vehicle->rules[rule].until_ns;
}

// --- conditions -------------------------------------------------------------

static enum bn_tristate from_bool(bool value) {
	return value ? BN_YES : BN_NO;
}

static enum bn_tristate negate(enum bn_tristate value) {
	return value == BN_MAYBE ? BN_MAYBE : from_bool(value == BN_NO);
}

/** The signal as a number; false when it is unknown, stale or a text. */
static bool number_of(const struct bn_vehicle *vehicle, size_t signal, double *ret_number) {
	const struct bn_value *value = bn_vehicle_value(vehicle, signal);
	if (value->kind != BN_VALUE_NUMBER && value->kind != BN_VALUE_BOOL) {
		return false;
	}
	*ret_number = value->number;
	return true;
}

/**
 * OVER and UNDER against what they were: sure beyond the limit, sure on the far
 * side of `until`, and between the two whatever it was before.
 */
static enum bn_tristate compare(const struct bn_vehicle *vehicle,
		const struct bn_condition *condition) {
	double number;
	if (!number_of(vehicle, condition->signal, &number)) {
		return BN_MAYBE;
	}
	// Mirrored, UNDER is OVER.
	double sign = condition->kind == BN_CONDITION_OVER ? 1.0 : -1.0;
	double value = sign * number, limit = sign * condition->limit,
	       until = sign * condition->until;
	if (value > limit) {
		return BN_YES;
	}
	// Without a band between them there is nothing to remember: exactly at the limit is not over it.
	if (value < until || until >= limit) {
		return BN_NO;
	}
	return vehicle->memory[condition->hysteresis];
}

/** ALL, with YES and NO exchanged ANY: one `decider` decides, one MAYBE leaves it open. */
static enum bn_tristate combine(const struct bn_vehicle *vehicle,
		const struct bn_condition *condition, enum bn_tristate decider) {
	enum bn_tristate result = negate(decider);
	for (size_t i = 0; i < condition->child_count; i++) {
		enum bn_tristate child = bn_vehicle_condition(vehicle, condition->first_child + i);
		if (child == decider) {
			return decider;
		}
		if (child == BN_MAYBE) {
			result = BN_MAYBE;
		}
	}
	return result;
}

enum bn_tristate bn_vehicle_condition(const struct bn_vehicle *vehicle, size_t index) {
	if (index == BN_NONE) {
		return BN_YES;
	}
	assert(index < vehicle->layout->condition_count);
	const struct bn_condition *condition = &vehicle->layout->conditions[index];
	switch (condition->kind) {
	case BN_CONDITION_ALL:
		return combine(vehicle, condition, BN_NO);
	case BN_CONDITION_ANY:
		return combine(vehicle, condition, BN_YES);
	case BN_CONDITION_NOT:
		return negate(bn_vehicle_condition(vehicle, condition->first_child));
	case BN_CONDITION_EQUAL: {
		const struct bn_value *value = bn_vehicle_value(vehicle, condition->signal);
		if (value->kind == BN_VALUE_UNKNOWN) {
			return BN_MAYBE;
		}
		return from_bool(bn_value_equal(value, &condition->value));
	}
	case BN_CONDITION_OVER:
	case BN_CONDITION_UNDER:
		return compare(vehicle, condition);
	case BN_CONDITION_STATE:
		return bn_vehicle_state(vehicle, condition->state);
	}
	return BN_MAYBE;
}

// --- time -------------------------------------------------------------------

static bool settle_staleness(struct bn_vehicle *vehicle, int64_t now_ns) {
	bool changed = false;
	for (size_t i = 0; i < vehicle->layout->signal_count; i++) {
		struct signal_now *now = &vehicle->signals[i];
		int64_t limit_ns = vehicle->layout->signals[i].stale_after_ns;
		bool stale = now->received && limit_ns > 0 && now_ns - now->received_ns >= limit_ns;
		changed = changed || stale != now->stale;
		now->stale = stale;
	}
	return changed;
}

static void settle_memory(struct bn_vehicle *vehicle) {
	for (size_t i = 0; i < vehicle->layout->condition_count; i++) {
		const struct bn_condition *condition = &vehicle->layout->conditions[i];
		if (condition->kind == BN_CONDITION_OVER || condition->kind == BN_CONDITION_UNDER) {
			assert(condition->hysteresis < vehicle->layout->hysteresis_count);
			vehicle->memory[condition->hysteresis] = compare(vehicle, condition);
		}
	}
}

static bool settle_states(struct bn_vehicle *vehicle) {
	bool changed = false;
	// In order: a condition names only states declared before its own.
	for (size_t i = 0; i < vehicle->layout->state_count; i++) {
		enum bn_tristate value =
				bn_vehicle_condition(vehicle, vehicle->layout->states[i].condition);
		changed = changed || value != vehicle->states[i];
		vehicle->states[i] = value;
	}
	return changed;
}

/** When the newest of the signals that a condition looks at was received; 0: none was. */
static int64_t newest_signal_ns(const struct bn_vehicle *vehicle, size_t index) {
	if (index == BN_NONE) {
		return 0;
	}
	const struct bn_condition *condition = &vehicle->layout->conditions[index];
	int64_t newest_ns = 0;
	switch (condition->kind) {
	case BN_CONDITION_EQUAL:
	case BN_CONDITION_OVER:
	case BN_CONDITION_UNDER:
		return vehicle->signals[condition->signal].received_ns;
	case BN_CONDITION_STATE:
		return newest_signal_ns(vehicle,
				vehicle->layout->states[condition->state].condition);
	case BN_CONDITION_ALL:
	case BN_CONDITION_ANY:
	case BN_CONDITION_NOT:
		for (size_t i = 0; i < condition->child_count; i++) {
			int64_t child_ns = newest_signal_ns(vehicle, condition->first_child + i);
			newest_ns = child_ns > newest_ns ? child_ns : newest_ns;
		}
		break;
	}
	return newest_ns;
}

static void settle_linger(struct rule_now *now, enum bn_tristate condition, int64_t linger_ns,
		int64_t now_ns) {
	if (condition == BN_YES) {
		now->lingers = false;
	} else if (now->condition == BN_YES && linger_ns > 0) {
		now->lingers = true;
		now->linger_end_ns = now_ns > BN_NSEC_NEVER - linger_ns ? BN_NSEC_NEVER
									: now_ns + linger_ns;
	} else if (now->lingers && now_ns >= now->linger_end_ns) {
		now->lingers = false;
	}
}

static bool settle_rule(struct bn_vehicle *vehicle, size_t index, int64_t now_ns) {
	const struct bn_rule *rule = &vehicle->layout->rules[index];
	struct rule_now *now = &vehicle->rules[index];
	enum bn_tristate before = bn_vehicle_rule(vehicle, index);
	enum bn_tristate condition = bn_vehicle_condition(vehicle, rule->when);
	bool lingered = now->lingers;
	settle_linger(now, condition, rule->linger_ns, now_ns);
	now->condition = condition;
	enum bn_tristate after = bn_vehicle_rule(vehicle, index);
	if (after == BN_YES && before != BN_YES) {
		int64_t signal_ns = newest_signal_ns(vehicle, rule->when);
		now->since_ns = signal_ns != 0 ? signal_ns : now_ns;
	}
	if (before == BN_YES && after != BN_YES) {
		int64_t signal_ns = newest_signal_ns(vehicle, rule->when);
		// What cannot be told any more was ended by no signal, but by time or by being forgotten.
		now->until_ns = lingered                               ? now->linger_end_ns
				: condition == BN_NO && signal_ns != 0 ? signal_ns
								       : now_ns;
	}
	return after != before;
}

bool bn_vehicle_update(struct bn_vehicle *vehicle, int64_t now_ns) {
	bool changed = vehicle->freshened;
	vehicle->freshened = false;
	changed = settle_staleness(vehicle, now_ns) || changed;
	settle_memory(vehicle);
	changed = settle_states(vehicle) || changed;
	for (size_t i = 0; i < vehicle->layout->rule_count; i++) {
		changed = settle_rule(vehicle, i, now_ns) || changed;
	}
	return changed;
}

int64_t bn_vehicle_next_ns(const struct bn_vehicle *vehicle) {
	int64_t next_ns = BN_NSEC_NEVER;
	for (size_t i = 0; i < vehicle->layout->signal_count; i++) {
		const struct signal_now *now = &vehicle->signals[i];
		int64_t limit_ns = vehicle->layout->signals[i].stale_after_ns;
		if (!now->received || now->stale || limit_ns <= 0
				|| now->received_ns > BN_NSEC_NEVER - limit_ns) {
			continue;
		}
		int64_t stale_ns = now->received_ns + limit_ns;
		next_ns = stale_ns < next_ns ? stale_ns : next_ns;
	}
	for (size_t i = 0; i < vehicle->layout->rule_count; i++) {
		const struct rule_now *now = &vehicle->rules[i];
		if (now->lingers && now->linger_end_ns < next_ns) {
			next_ns = now->linger_end_ns;
		}
	}
	return next_ns;
}

// --- reload -----------------------------------------------------------------

static bool same_text(const char *a, const char *b) {
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/** Whether two conditions of two layouts ask the same question, by the names of what they look at. */
static bool same_condition(const struct bn_layout *la, size_t a, const struct bn_layout *lb,
		size_t b) {
	if (a == BN_NONE || b == BN_NONE) {
		return a == b;
	}
	const struct bn_condition *ca = &la->conditions[a], *cb = &lb->conditions[b];
	if (ca->kind != cb->kind || ca->child_count != cb->child_count) {
		return false;
	}
	switch (ca->kind) {
	case BN_CONDITION_EQUAL:
		return same_text(la->signals[ca->signal].name, lb->signals[cb->signal].name)
				&& ca->value.kind == cb->value.kind
				&& bn_value_equal(&ca->value, &cb->value);
	case BN_CONDITION_OVER:
	case BN_CONDITION_UNDER:
		return same_text(la->signals[ca->signal].name, lb->signals[cb->signal].name)
				&& ca->limit == cb->limit && ca->until == cb->until;
	case BN_CONDITION_STATE:
		return same_text(la->states[ca->state].name, lb->states[cb->state].name);
	case BN_CONDITION_ALL:
	case BN_CONDITION_ANY:
	case BN_CONDITION_NOT:
		break;
	}
	for (size_t i = 0; i < ca->child_count; i++) {
		if (!same_condition(la, ca->first_child + i, lb, cb->first_child + i)) {
			return false;
		}
	}
	return true;
}

/** For conditions that are the same. */
static void inherit_memory(struct bn_vehicle *vehicle, size_t index, const struct bn_vehicle *old,
		size_t old_index) {
	if (index == BN_NONE) {
		return;
	}
	const struct bn_condition *condition = &vehicle->layout->conditions[index];
	const struct bn_condition *old_condition = &old->layout->conditions[old_index];
	if (condition->kind == BN_CONDITION_OVER || condition->kind == BN_CONDITION_UNDER) {
		vehicle->memory[condition->hysteresis] = old->memory[old_condition->hysteresis];
		vehicle->inherited[condition->hysteresis] = true;
	}
	for (size_t i = 0; i < condition->child_count; i++) {
		inherit_memory(vehicle, condition->first_child + i, old,
				old_condition->first_child + i);
	}
}

static void inherit_signals(struct bn_vehicle *vehicle, const struct bn_vehicle *old) {
	for (size_t i = 0; i < vehicle->layout->signal_count; i++) {
		const char *name = vehicle->layout->signals[i].name;
		for (size_t j = 0; j < old->layout->signal_count; j++) {
			if (!same_text(name, old->layout->signals[j].name)) {
				continue;
			}
			// A signal that was never received keeps the initial value that the new layout gives it.
			if (old->signals[j].received) {
				vehicle->signals[i] = old->signals[j];
			}
			break;
		}
	}
}

static void inherit_states(struct bn_vehicle *vehicle, const struct bn_vehicle *old) {
	const struct bn_layout *layout = vehicle->layout, *old_layout = old->layout;
	for (size_t i = 0; i < layout->state_count; i++) {
		for (size_t j = 0; j < old_layout->state_count; j++) {
			size_t a = layout->states[i].condition, b = old_layout->states[j].condition;
			if (same_text(layout->states[i].name, old_layout->states[j].name)
					&& same_condition(layout, a, old_layout, b)) {
				inherit_memory(vehicle, a, old, b);
				break;
			}
		}
	}
}

static bool same_rule(const struct bn_layout *la, const struct bn_rule *a,
		const struct bn_layout *lb, const struct bn_rule *b) {
	return same_text(a->label, b->label) && same_condition(la, a->when, lb, b->when);
}

static void inherit_rules(struct bn_vehicle *vehicle, const struct bn_vehicle *old) {
	const struct bn_layout *layout = vehicle->layout, *old_layout = old->layout;
	for (size_t i = 0; i < layout->rule_count; i++) {
		// What its own creation settled from initial values never was in force.
		forget_rule(&vehicle->rules[i]);
		for (size_t j = 0; j < old_layout->rule_count; j++) {
			if (same_rule(layout, &layout->rules[i], old_layout,
					    &old_layout->rules[j])) {
				vehicle->rules[i] = old->rules[j];
				inherit_memory(vehicle, layout->rules[i].when, old,
						old_layout->rules[j].when);
				break;
			}
		}
	}
}

static bool remembers(const struct bn_condition *condition, size_t signal) {
	bool compares = condition->kind == BN_CONDITION_OVER
			|| condition->kind == BN_CONDITION_UNDER;
	return compares && condition->signal == signal;
}

/**
 * A comparison that is new knows nothing of a signal's past. Beside others that do, it would remember
 * what no past leaves behind, and the proof (core/proof) covers no such state: then none of them knows.
 */
static void forget_mixed_pasts(struct bn_vehicle *vehicle) {
	const struct bn_layout *layout = vehicle->layout;
	for (size_t i = 0; i < layout->signal_count; i++) {
		bool is_mixed = false;
		for (size_t j = 0; j < layout->condition_count; j++) {
			const struct bn_condition *condition = &layout->conditions[j];
			is_mixed = is_mixed
					|| (remembers(condition, i)
							&& !vehicle->inherited
									[condition->hysteresis]);
		}
		for (size_t j = 0; j < layout->condition_count && is_mixed; j++) {
			if (vehicle->signals[i].received && remembers(&layout->conditions[j], i)) {
				vehicle->memory[layout->conditions[j].hysteresis] = BN_MAYBE;
			}
		}
	}
}

void bn_vehicle_inherit(struct bn_vehicle *vehicle, const struct bn_vehicle *old, int64_t now_ns) {
	inherit_signals(vehicle, old);
	inherit_states(vehicle, old);
	inherit_rules(vehicle, old);
	forget_mixed_pasts(vehicle);
	bn_vehicle_update(vehicle, now_ns);
}
