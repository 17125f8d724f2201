#include <string.h>

#include "core/arena.h"
#include "core/proof_internal.h"

/**
 * What each combination of local states makes of the rules, without looking at each.
 *
 * Signals are fixed one after the other. What is not fixed yet answers with the set of all its answers, and a
 * condition with the set of what may come of those (more than that at times: two that hang on one signal are
 * taken apart). As soon as no rule has both "holds" and something else in its set, whatever follows makes no
 * difference, and the rest of the tree is one outcome.
 *
 *            gear = -1            gear unknown          gear other
 *          {reversing}                {}                   {}             one rule: three outcomes, whatever
 *        speed? not asked        not asked             not asked          the eight other signals are
 */
typedef unsigned char answers_t; // bits 1 << enum bn_tristate

enum { NO = 1 << BN_NO, YES = 1 << BN_YES, MAYBE = 1 << BN_MAYBE };

/** One path through the tree. */
struct descent {
	struct bn_space *space;
	struct bn_space_question *question;
	const bool *needs_state; // by state
	answers_t *leaves;       // by condition
	answers_t *states;
	struct bn_space_outcome outcome; // so far: what is not fixed is as at the start
	// Outcomes by what holds; open addressing, a power of two, kept half empty.
	size_t *slots; // index + 1 into outcomes
	size_t slot_count;
};

// --- sets of answers ---------------------------------------------------------

static answers_t negate(answers_t set) {
	return (answers_t)((set & MAYBE) | (set & NO ? YES : 0) | (set & YES ? NO : 0));
}

static answers_t both(answers_t a, answers_t b) {
	bool open = ((a & MAYBE) != 0 && (b & (MAYBE | YES)) != 0)
			|| ((b & MAYBE) != 0 && (a & (MAYBE | YES)) != 0);
	return (answers_t)(((a | b) & NO) | (a & b & YES) | (open ? MAYBE : 0));
}

static answers_t evaluate(const struct descent *descent, size_t index) {
	if (index == BN_NONE) {
		return YES;
	}
	const struct bn_condition *condition = &descent->space->layout->conditions[index];
	answers_t result = YES;
	switch (condition->kind) {
	case BN_CONDITION_EQUAL:
	case BN_CONDITION_OVER:
	case BN_CONDITION_UNDER:
		return descent->leaves[index];
	case BN_CONDITION_STATE:
		return descent->states[condition->state];
	case BN_CONDITION_NOT:
		return negate(evaluate(descent, condition->first_child));
	case BN_CONDITION_ALL:
		for (size_t i = 0; i < condition->child_count && result != NO; i++) {
			result = both(result, evaluate(descent, condition->first_child + i));
		}
		return result;
	case BN_CONDITION_ANY:
		// One of them holds unless none does.
		for (size_t i = 0; i < condition->child_count && result != NO; i++) {
			result = both(result,
					negate(evaluate(descent, condition->first_child + i)));
		}
		return negate(result);
	}
	return NO | YES | MAYBE;
}

static void set_leaves(struct descent *descent, const struct bn_space_signal *signal,
		size_t local) {
	for (size_t i = 0; i < signal->leaf_count; i++) {
		enum bn_tristate answer = signal->answers[local * signal->leaf_count + i];
		descent->leaves[signal->leaves[i]] = (answers_t)(1 << answer);
	}
}

static void open_leaves(struct descent *descent, const struct bn_space_signal *signal) {
	for (size_t i = 0; i < signal->leaf_count; i++) {
		answers_t set = 0;
		for (size_t local = 0; local < signal->local_count; local++) {
			set |= (answers_t)(1 << signal->answers[local * signal->leaf_count + i]);
		}
		descent->leaves[signal->leaves[i]] = set;
	}
}

/** Which rules hold here; false when that is still open for one. */
static bool is_decided(struct descent *descent, uint64_t *ret_holds) {
	const struct bn_layout *layout = descent->space->layout;
	// In order: a condition names only states declared before its own.
	for (size_t i = 0; i < layout->state_count; i++) {
		if (descent->needs_state[i]) {
			descent->states[i] = evaluate(descent, layout->states[i].condition);
		}
	}
	uint64_t holds = 0;
	for (size_t i = 0; i < descent->question->rule_count; i++) {
		answers_t set = evaluate(descent, layout->rules[descent->question->rules[i]].when);
		if ((set & YES) != 0 && set != YES) {
			return false;
		}
		holds |= (uint64_t)(set == YES) << i;
	}
	*ret_holds = holds;
	return true;
}

// --- outcomes ------------------------------------------------------------------

static size_t slot_of(const struct descent *descent, uint64_t holds) {
	uint64_t hash = (holds ^ (holds >> 29)) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(hash >> 32) & (descent->slot_count - 1);
}

static bool grow_outcomes(struct descent *descent) {
	struct bn_space_question *question = descent->question;
	size_t count = descent->slot_count == 0 ? 64 : descent->slot_count * 2;
	size_t *slots = bn_arena_array(descent->space->arena, count, sizeof(slots[0]));
	struct bn_space_outcome *outcomes =
			bn_arena_array(descent->space->arena, count / 2, sizeof(outcomes[0]));
	if (slots == NULL || outcomes == NULL) {
		return false;
	}
	descent->slots = slots;
	descent->slot_count = count;
	for (size_t i = 0; i < question->outcome_count; i++) {
		outcomes[i] = question->outcomes[i];
		size_t at = slot_of(descent, outcomes[i].holds);
		while (slots[at] != 0) {
			at = (at + 1) & (count - 1);
		}
		slots[at] = i + 1;
	}
	question->outcomes = outcomes;
	return true;
}

static bool note(struct descent *descent) {
	struct bn_space_question *question = descent->question;
	const struct bn_space_outcome *outcome = &descent->outcome;
	if (question->outcome_count + 1 > descent->slot_count / 2 && !grow_outcomes(descent)) {
		return false;
	}
	size_t at = slot_of(descent, outcome->holds);
	while (descent->slots[at] != 0) {
		struct bn_space_outcome *known = &question->outcomes[descent->slots[at] - 1];
		if (known->holds == outcome->holds) {
			*known = outcome->cost < known->cost ? *outcome : *known;
			return true;
		}
		at = (at + 1) & (descent->slot_count - 1);
	}
	question->outcomes[question->outcome_count++] = *outcome;
	descent->slots[at] = question->outcome_count;
	return true;
}

/** `left` signals are not fixed yet; `weight` is what the last of them counts in a combination, times its locals. */
static bool descend(struct descent *descent, size_t left, uint64_t weight) {
	if (is_decided(descent, &descent->outcome.holds)) {
		return note(descent);
	}
	// With all signals fixed every answer is one: that was decided.
	const struct bn_space_signal *signal = &descent->question->signals[left - 1];
	const struct bn_space_outcome before = descent->outcome;
	weight /= signal->local_count;
	for (size_t local = 0; local < signal->local_count; local++) {
		set_leaves(descent, signal, local);
		descent->outcome.combination = before.combination + local * weight;
		descent->outcome.cost = before.cost + (local != 0);
		if (!descend(descent, left - 1, weight)) {
			return false;
		}
	}
	open_leaves(descent, signal);
	descent->outcome = before;
	return true;
}

static unsigned bit_count(uint64_t bits) {
	return (unsigned)__builtin_popcountll(bits);
}

/** Every outcome again, for every set of rules that may linger in it. */
static bool linger(struct bn_space *space, struct bn_space_question *question) {
	uint64_t can = 0, ever = 0;
	for (size_t i = 0; i < question->rule_count; i++) {
		bool lingers = space->layout->rules[question->rules[i]].linger_ns > 0;
		can |= (uint64_t)lingers << i;
	}
	for (size_t i = 0; i < question->outcome_count; i++) {
		ever |= question->outcomes[i].holds;
	}
	can &= bn_proof_asks(BN_PROOF_LINGER) ? ever : 0;
	uint64_t total = 0;
	for (size_t i = 0; i < question->outcome_count; i++) {
		total += UINT64_C(1) << bit_count(can & ~question->outcomes[i].holds);
		if (total > BN_PROOF_COMBINATIONS) {
			question->is_too_large = true;
			return true;
		}
	}
	struct bn_space_outcome *all = bn_arena_array(space->arena, (size_t)total, sizeof(all[0]));
	if (all == NULL) {
		return false;
	}
	size_t used = 0;
	for (size_t i = 0; i < question->outcome_count; i++) {
		uint64_t may = can & ~question->outcomes[i].holds, set = 0;
		do {
			all[used] = question->outcomes[i];
			all[used].lingers = set;
			all[used++].cost += bit_count(set);
			set = (set - may) & may; // the next subset
		} while (set != 0);
	}
	question->outcomes = all;
	question->outcome_count = used;
	return true;
}

bool bn_space_enumerate(struct bn_space *space, struct bn_space_question *question,
		const bool *needs_state) {
	struct descent descent = {
		.space = space,
		.question = question,
		.needs_state = needs_state,
		.leaves = space->answers,
		.states = space->states,
	};
	for (size_t i = 0; i < question->signal_count; i++) {
		open_leaves(&descent, &question->signals[i]);
	}
	return descend(&descent, question->signal_count, question->combinations)
			&& linger(space, question);
}
