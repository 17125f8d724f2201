#ifndef BN_CORE_PREDICTOR_H
#define BN_CORE_PREDICTOR_H

#include <stdint.h>

/**
 * Foretells a duration from those before it: what a frame costs, how late a wake-up comes, how long a client
 * takes to draw. The answer is meant as a bound that is seldom passed, not as a guess at the middle.
 *
 * The third largest of the last 256: a quantile of 99 %. A single outlier, of which every machine has
 * some, moves nothing; three within four seconds do. tests/unit/predictor_test replays recorded frames through
 * this, a decaying peak (gamescope's form) and mean + 3 sigma (KWin's), and prints how many frames each would
 * have missed at which mean lead.
 *
 * Pure and plain data; nothing to free.
 */
#define BN_PREDICTOR_SAMPLES 256
#define BN_PREDICTOR_IGNORED 2
#define BN_PREDICTOR_STEP_NS 10000
#define BN_PREDICTOR_ENOUGH 16
/** The first BN_PREDICTOR_ENOUGH samples, when buffers are touched for the first time, are forgotten with this one. */
#define BN_PREDICTOR_WARM 64

struct bn_predictor {
	uint16_t steps[BN_PREDICTOR_SAMPLES]; // a ring, of BN_PREDICTOR_STEP_NS, rounded up
	uint16_t count, next;                 // samples in it; where the next goes
	int64_t bound_ns;                     // the answer
};

/** `first_ns` is foretold, or more, until there are BN_PREDICTOR_ENOUGH samples. */
void bn_predictor_init(struct bn_predictor *predictor, int64_t first_ns);
/** A negative duration counts as 0, one beyond 655 ms as that. */
void bn_predictor_add(struct bn_predictor *predictor, int64_t duration_ns);
int64_t bn_predictor_ns(const struct bn_predictor *predictor);

#endif
