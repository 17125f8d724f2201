#include "core/proof_space.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/proof_internal.h"

#define MAX_LOCALS 1024 // of one signal; nobody means that many

bool bn_space_init(struct bn_space *space, const struct bn_layout *layout, struct bn_arena *arena) {
	*space = (struct bn_space){
		.layout = layout,
		.arena = arena,
		.answers = bn_arena_array(arena, layout->condition_count + 1,
				sizeof(space->answers[0])),
		.states = bn_arena_array(arena, layout->state_count + 1, sizeof(space->states[0])),
	};
	return space->answers != NULL && space->states != NULL;
}

// --- which comparisons count ---------------------------------------------------

static bool is_leaf(const struct bn_condition *condition) {
	return condition->kind == BN_CONDITION_EQUAL || condition->kind == BN_CONDITION_OVER
			|| condition->kind == BN_CONDITION_UNDER;
}

static void mark(const struct bn_layout *layout, size_t index, bool *conditions, bool *states) {
	if (index == BN_NONE || conditions[index]) {
		return;
	}
	const struct bn_condition *condition = &layout->conditions[index];
	conditions[index] = true;
	if (condition->kind == BN_CONDITION_STATE) {
		states[condition->state] = true;
		mark(layout, layout->states[condition->state].condition, conditions, states);
	}
	for (size_t i = 0; !is_leaf(condition) && i < condition->child_count; i++) {
		mark(layout, condition->first_child + i, conditions, states);
	}
}

// --- one signal: cells and memory ------------------------------------------------

static enum bn_tristate equals(const struct bn_value *value, const struct bn_value *wanted) {
	if (value->kind == BN_VALUE_UNKNOWN) {
		return BN_MAYBE;
	}
	return bn_value_equal(value, wanted) ? BN_YES : BN_NO;
}

/** What a comparison answers for a value, given what it answered before. */
static enum bn_tristate answer(const struct bn_space *space, const struct bn_condition *leaf,
		const struct bn_value *value, enum bn_tristate before) {
	if (leaf->kind == BN_CONDITION_EQUAL) {
		return equals(value, &leaf->value);
	}
	if (value->kind == BN_VALUE_UNKNOWN || value->kind == BN_VALUE_STRING) {
		return BN_MAYBE;
	}
	bool is_over = leaf->kind == BN_CONDITION_OVER;
	bool beyond = is_over ? value->number > leaf->limit : value->number < leaf->limit;
	bool back = is_over ? value->number < leaf->until : value->number > leaf->until;
	bool has_band = is_over ? leaf->until < leaf->limit : leaf->until > leaf->limit;
	if (beyond) {
		return BN_YES;
	}
	if (back || !has_band || !bn_proof_asks(BN_PROOF_HYSTERESIS)) {
		return BN_NO;
	}
	return before;
}

static int by_number(double a, double b) {
	return a < b ? -1 : a > b;
}

/** Sorts and drops what is there twice. */
static size_t sort_numbers(double *numbers, size_t count) {
	for (size_t i = 1; i < count; i++) {
		double number = numbers[i];
		size_t at = i;
		while (at > 0 && by_number(numbers[at - 1], number) > 0) {
			numbers[at] = numbers[at - 1];
			at--;
		}
		numbers[at] = number;
	}
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		if (used == 0 || numbers[i] != numbers[used - 1]) {
			numbers[used++] = numbers[i];
		}
	}
	return used;
}

static size_t thresholds(const struct bn_space *space, const struct bn_space_signal *signal,
		double *numbers) {
	size_t count = 0;
	for (size_t i = 0; i < signal->leaf_count; i++) {
		const struct bn_condition *leaf = &space->layout->conditions[signal->leaves[i]];
		if (leaf->kind != BN_CONDITION_EQUAL) {
			numbers[count++] = leaf->limit;
			numbers[count++] = leaf->until;
		} else if (leaf->value.kind != BN_VALUE_STRING) {
			numbers[count++] = leaf->value.number;
		}
	}
	return sort_numbers(numbers, count);
}

static void add_number(struct bn_value *values, size_t *count, double number) {
	values[(*count)++] = (struct bn_value){ .kind = BN_VALUE_NUMBER, .number = number };
}

/** A number between the two that people like to read; NAN: there is none. */
static double between(double low, double high) {
	double whole = floor(low) + 1;
	if (whole > low && whole < high) {
		return whole;
	}
	double middle = low + (high - low) / 2;
	return middle > low && middle < high ? middle : NAN;
}

static bool is_among(const struct bn_value *value, const struct bn_value *values, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (bn_value_equal(&values[i], value)) {
			return true;
		}
	}
	return false;
}

/** A text that none of the values is: of count + 1 candidates, one is free. */
static struct bn_value other_text(const struct bn_value *values, size_t count) {
	struct bn_value other = { .kind = BN_VALUE_STRING, .text = "other" };
	for (size_t i = 0; i < count && is_among(&other, values, count); i++) {
		snprintf(other.text, sizeof(other.text), "other-%zu", i);
	}
	return other;
}

/** One value of each cell. The first is the one that the signal begins with. */
static size_t representatives(const struct bn_space *space, const struct bn_space_signal *signal,
		struct bn_value *values, double *numbers) {
	const struct bn_value unknown = { .kind = BN_VALUE_UNKNOWN };
	const struct bn_value *initial = &space->layout->signals[signal->signal].initial;
	size_t count = 0;
	values[count++] = *initial;
	if (!bn_proof_asks(BN_PROOF_UNKNOWN) && initial->kind == BN_VALUE_UNKNOWN) {
		count = 0;
	} else if (bn_proof_asks(BN_PROOF_UNKNOWN)) {
		values[count++] = unknown;
	}
	// As the file writes them, "true" rather than 1.
	for (size_t i = 0; i < signal->leaf_count; i++) {
		const struct bn_condition *leaf = &space->layout->conditions[signal->leaves[i]];
		if (leaf->kind == BN_CONDITION_EQUAL) {
			values[count++] = leaf->value;
		}
	}
	size_t limits = thresholds(space, signal, numbers);
	for (size_t i = 0; i < limits; i++) {
		add_number(values, &count, numbers[i]);
	}
	for (size_t i = 0; i + 1 < limits; i++) {
		double middle = between(numbers[i], numbers[i + 1]);
		if (!isnan(middle)) {
			add_number(values, &count, middle);
		}
	}
	if (limits > 0) {
		add_number(values, &count, numbers[0] - fmax(1, fabs(numbers[0])));
		add_number(values, &count,
				numbers[limits - 1] + fmax(1, fabs(numbers[limits - 1])));
	} else {
		add_number(values, &count, 0);
	}
	values[count] = other_text(values, count);
	return count + 1;
}

static bool same_answers(const struct bn_space_signal *signal, size_t local,
		const enum bn_tristate *answers) {
	return memcmp(&signal->answers[local * signal->leaf_count], answers,
			       signal->leaf_count * sizeof(answers[0]))
			== 0;
}

/**
 * Adds a local state unless another one answers the same: from both, every further value leads to the same
 * answers, so that one stands for the other. False when out of memory.
 */
static bool add_local(struct bn_space *space, struct bn_space_signal *signal,
		const struct bn_value *value, size_t from, const enum bn_tristate *answers) {
	for (size_t i = 0; i < signal->local_count; i++) {
		if (same_answers(signal, i, answers)) {
			return true;
		}
	}
	if (signal->local_count == signal->local_capacity) {
		size_t capacity = signal->local_capacity * 2 + 8, leaves = signal->leaf_count;
		struct bn_value *values = bn_arena_array(space->arena, capacity, sizeof(values[0]));
		enum bn_tristate *grown =
				bn_arena_array(space->arena, capacity * leaves, sizeof(grown[0]));
		size_t *parents = bn_arena_array(space->arena, capacity, sizeof(parents[0]));
		if (values == NULL || grown == NULL || parents == NULL) {
			return false;
		}
		if (signal->local_count > 0) {
			memcpy(values, signal->values, signal->local_count * sizeof(values[0]));
			memcpy(grown, signal->answers,
					signal->local_count * leaves * sizeof(grown[0]));
			memcpy(parents, signal->from, signal->local_count * sizeof(parents[0]));
		}
		signal->values = values;
		signal->answers = grown;
		signal->from = parents;
		signal->local_capacity = capacity;
	}
	size_t at = signal->local_count++;
	signal->values[at] = *value;
	signal->from[at] = from;
	memcpy(&signal->answers[at * signal->leaf_count], answers,
			signal->leaf_count * sizeof(answers[0]));
	return true;
}

/** Breadth first, so that each class keeps its shortest history. */
static bool explore(struct bn_space *space, struct bn_space_signal *signal) {
	size_t room = signal->leaf_count * 5 + 8;
	struct bn_value *values = bn_arena_array(space->arena, room, sizeof(values[0]));
	double *numbers = bn_arena_array(space->arena, room, sizeof(numbers[0]));
	enum bn_tristate *answers =
			bn_arena_array(space->arena, signal->leaf_count, sizeof(answers[0]));
	if (values == NULL || numbers == NULL || answers == NULL) {
		return false;
	}
	size_t count = representatives(space, signal, values, numbers);
	const struct bn_condition *conditions = space->layout->conditions;
	for (size_t j = 0; j < signal->leaf_count; j++) {
		answers[j] = answer(space, &conditions[signal->leaves[j]], &values[0], BN_NO);
	}
	if (!add_local(space, signal, &values[0], BN_NONE, answers)) {
		return false;
	}
	for (size_t i = 0; i < signal->local_count && signal->local_count < MAX_LOCALS; i++) {
		for (size_t v = 0; v < count; v++) {
			const enum bn_tristate *before = &signal->answers[i * signal->leaf_count];
			for (size_t j = 0; j < signal->leaf_count; j++) {
				answers[j] = answer(space, &conditions[signal->leaves[j]],
						&values[v], before[j]);
			}
			if (!add_local(space, signal, &values[v], i, answers)) {
				return false;
			}
		}
	}
	return true;
}

// --- questions ------------------------------------------------------------

size_t bn_space_local(const struct bn_space_question *question, uint64_t combination,
		size_t signal_index) {
	for (size_t i = 0; i < signal_index; i++) {
		combination /= question->signals[i].local_count;
	}
	return (size_t)(combination % question->signals[signal_index].local_count);
}

static uint64_t times(uint64_t a, uint64_t b) {
	return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/** Finds the signals of a question and their classes. */
static bool prepare(struct bn_space *space, struct bn_space_question *question, bool *states) {
	const struct bn_layout *layout = space->layout;
	bool *used = bn_arena_array(space->arena, layout->condition_count + 1, sizeof(used[0]));
	size_t *leaves = bn_arena_array(space->arena, layout->condition_count + 1,
			sizeof(leaves[0]));
	question->signals = bn_arena_array(space->arena, layout->signal_count + 1,
			sizeof(question->signals[0]));
	if (used == NULL || leaves == NULL || question->signals == NULL) {
		return false;
	}
	for (size_t i = 0; i < question->rule_count; i++) {
		mark(layout, layout->rules[question->rules[i]].when, used, states);
	}
	question->combinations = 1;
	for (size_t s = 0; s < layout->signal_count; s++) {
		struct bn_space_signal *signal = &question->signals[question->signal_count];
		*signal = (struct bn_space_signal){ .signal = s, .leaves = leaves };
		for (size_t i = 0; i < layout->condition_count; i++) {
			if (used[i] && is_leaf(&layout->conditions[i])
					&& layout->conditions[i].signal == s) {
				leaves[signal->leaf_count++] = i;
			}
		}
		if (signal->leaf_count == 0) {
			continue;
		}
		leaves += signal->leaf_count;
		question->signal_count++;
		if (!explore(space, signal)) {
			return false;
		}
		bool is_whole = signal->local_count < MAX_LOCALS;
		question->combinations = is_whole
				? times(question->combinations, signal->local_count)
				: UINT64_MAX;
	}
	return true;
}

static struct bn_space_question *new_question(struct bn_space *space, const size_t *rules,
		size_t rule_count) {
	struct bn_space_question *question = bn_arena_alloc(space->arena, sizeof(*question));
	size_t *copy = bn_arena_array(space->arena, rule_count + 1, sizeof(copy[0]));
	if (question == NULL || copy == NULL) {
		return NULL;
	}
	if (rule_count > 0) {
		memcpy(copy, rules, rule_count * sizeof(copy[0]));
	}
	question->rules = copy;
	question->rule_count = rule_count;
	return question;
}

struct bn_space_question *bn_space_ask(struct bn_space *space, const size_t *rules,
		size_t rule_count) {
	for (struct bn_space_question *known = space->questions; known != NULL;
			known = known->next) {
		if (known->rule_count == rule_count
				&& (rule_count == 0
						|| memcmp(known->rules, rules,
								   rule_count * sizeof(rules[0]))
								== 0)) {
			return known;
		}
	}
	struct bn_space_question *question = new_question(space, rules, rule_count);
	bool *states = bn_arena_array(space->arena, space->layout->state_count + 1,
			sizeof(states[0]));
	if (question == NULL || states == NULL || !prepare(space, question, states)) {
		return NULL;
	}
	question->is_too_large = rule_count > BN_SPACE_RULES
			|| question->combinations > BN_PROOF_COMBINATIONS;
	if (!question->is_too_large && (!bn_space_enumerate(space, question, states))) {
		return NULL;
	}
	question->next = space->questions;
	space->questions = question;
	return question;
}

bool bn_space_count(struct bn_space *space, const size_t *rules, size_t rule_count,
		uint64_t *ret_combinations, size_t *ret_signals) {
	struct bn_space_question *question = new_question(space, rules, rule_count);
	bool *states = bn_arena_array(space->arena, space->layout->state_count + 1,
			sizeof(states[0]));
	if (question == NULL || states == NULL || !prepare(space, question, states)) {
		return false;
	}
	uint64_t combinations = question->combinations;
	for (size_t i = 0; i < rule_count; i++) {
		bool lingers = space->layout->rules[rules[i]].linger_ns > 0;
		combinations = times(combinations, lingers ? 2 : 1);
	}
	*ret_combinations = combinations;
	*ret_signals = question->signal_count;
	return true;
}
