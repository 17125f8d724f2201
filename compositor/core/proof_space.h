#ifndef BN_CORE_PROOF_SPACE_H
#define BN_CORE_PROOF_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/layout.h"
#include "core/vehicle.h"

struct bn_arena;

/**
 * The states of a vehicle, as far as a few rules can tell them apart.
 *
 *   signal   -> cells between thresholds, with what comparisons remember
 *   cells    -> local states: those that answer every comparison alike are one, also in what can follow
 *   locals   -> one combination per choice of a local state for each signal
 *   rules    -> each combination says which hold: an outcome, many combinations share one
 *   linger   -> each outcome again for every set of rules that may linger in it
 *
 * An outcome keeps the combination that differs least from the start (nothing received but initial values):
 * the shortest way to tell somebody how it comes about.
 */
#define BN_SPACE_RULES 64 // per question

/** One signal of a question; its first local state is the start. */
struct bn_space_signal {
	size_t signal;
	size_t *leaves; // conditions that compare it, of those that count
	size_t leaf_count;
	struct bn_value *values;   // of each local state, an example
	enum bn_tristate *answers; // leaf_count for each local state
	size_t *from; // the local state before it in its shortest history; BN_NONE: the start
	size_t local_count, local_capacity;
};

struct bn_space_outcome {
	uint64_t holds, lingers; // bits, by place in `rules`
	uint64_t combination;    // index, first signal varies fastest
	unsigned cost;           // signals that are not as at the start, and rules that linger
};

struct bn_space_question {
	size_t *rules; // ascending
	size_t rule_count;
	struct bn_space_signal *signals;
	size_t signal_count;
	uint64_t combinations; // saturates
	bool is_too_large;     // no outcomes then
	struct bn_space_outcome *outcomes;
	size_t outcome_count;
	struct bn_space_question *next;
};

struct bn_space {
	const struct bn_layout *layout;  // borrowed
	struct bn_arena *arena;          // borrowed; all of it lies there
	unsigned char *answers, *states; // scratch, one for each condition and each state
	struct bn_space_question *questions;
};

/** False when out of memory. */
bool bn_space_init(struct bn_space *space, const struct bn_layout *layout, struct bn_arena *arena);
/**
 * All that these rules (ascending, at most BN_SPACE_RULES) can do together. Answers once for each set.
 * NULL: out of memory.
 */
struct bn_space_question *bn_space_ask(struct bn_space *space, const size_t *rules,
		size_t rule_count);
/** proof_outcome.c: fills in the outcomes of a question whose signals are known. False when out of memory. */
bool bn_space_enumerate(struct bn_space *space, struct bn_space_question *question,
		const bool *needs_state);
/** How many combinations there are, without looking at any; saturates. False when out of memory. */
bool bn_space_count(struct bn_space *space, const size_t *rules, size_t rule_count,
		uint64_t *ret_combinations, size_t *ret_signals);
/** The local state that a signal of the question has in a combination. */
size_t bn_space_local(const struct bn_space_question *question, uint64_t combination,
		size_t signal_index);

#endif
