#ifndef BN_CORE_PREDICTOR_H
#define BN_CORE_PREDICTOR_H

#include <stdint.h>

/**
 * Foretells a duration from those before it: what a frame costs, how late a wake-up comes, how long a client
 * takes to draw. The answer is meant as a bound that is seldom passed, not as a guess at the middle.
 *
 * Mean plus three standard deviations, both over about 32 samples with exponentially falling weight.
 * tests/unit/predictor_test replays recorded frames through this, a decaying peak (gamescope's form) and a
 * quantile of a window, and prints what each would have missed at which mean lead.
 *
 * Pure and plain data; nothing to free.
 */
struct bn_predictor {
	double mean_ns, variance; // ns, ns squared
};

#define BN_PREDICTOR_SAMPLES 32
#define BN_PREDICTOR_SIGMAS 3

/** `first_ns` is foretold until there are samples, and then forgotten as any sample is. */
void bn_predictor_init(struct bn_predictor *predictor, int64_t first_ns);
/** A negative duration counts as 0. */
void bn_predictor_add(struct bn_predictor *predictor, int64_t duration_ns);
int64_t bn_predictor_ns(const struct bn_predictor *predictor);

#endif
