#include "core/predictor.h"

#include <stdbool.h>
#include <string.h>

void bn_predictor_init(struct bn_predictor *predictor, int64_t first_ns) {
	*predictor = (struct bn_predictor){ .bound_ns = first_ns };
}

static uint16_t to_steps(int64_t duration_ns) {
	if (duration_ns <= 0) {
		return 0;
	}
	int64_t steps = (duration_ns - 1) / BN_PREDICTOR_STEP_NS + 1;
	return steps > UINT16_MAX ? UINT16_MAX : (uint16_t)steps;
}

/** The largest but BN_PREDICTOR_IGNORED: kept in a short sorted list while walking over all. */
static uint16_t bound_of(const struct bn_predictor *predictor) {
	uint16_t largest[BN_PREDICTOR_IGNORED + 1] = { 0 }; // descending
	for (unsigned i = 0; i < predictor->count; i++) {
		uint16_t steps = predictor->steps[i];
		if (steps <= largest[BN_PREDICTOR_IGNORED]) {
			continue;
		}
		int k = BN_PREDICTOR_IGNORED;
		for (; k > 0 && steps > largest[k - 1]; k--) {
			largest[k] = largest[k - 1];
		}
		largest[k] = steps;
	}
	return largest[BN_PREDICTOR_IGNORED];
}

/** Whether the answer stays as it is when one sample takes another's place: it is the third largest of all, before and after. */
static bool bound_holds(const struct bn_predictor *predictor, uint16_t added, uint16_t removed) {
	int64_t bound = predictor->bound_ns / BN_PREDICTOR_STEP_NS;
	return predictor->count > BN_PREDICTOR_WARM && removed < bound && added <= bound;
}

void bn_predictor_add(struct bn_predictor *predictor, int64_t duration_ns) {
	uint16_t steps = to_steps(duration_ns);
	uint16_t removed = predictor->steps[predictor->next];
	predictor->steps[predictor->next] = steps;
	predictor->next = (uint16_t)((predictor->next + 1) % BN_PREDICTOR_SAMPLES);
	predictor->count += predictor->count < BN_PREDICTOR_SAMPLES;
	if (bound_holds(predictor, steps, removed)) {
		return; // most often: a frame costs no walk over all samples
	}
	if (predictor->count == BN_PREDICTOR_WARM) {
		memset(predictor->steps, 0, BN_PREDICTOR_ENOUGH * sizeof(predictor->steps[0]));
	}
	if (predictor->count >= BN_PREDICTOR_ENOUGH) {
		predictor->bound_ns = (int64_t)bound_of(predictor) * BN_PREDICTOR_STEP_NS;
	} else if ((int64_t)steps * BN_PREDICTOR_STEP_NS > predictor->bound_ns) {
		predictor->bound_ns = (int64_t)steps * BN_PREDICTOR_STEP_NS;
	}
}

int64_t bn_predictor_ns(const struct bn_predictor *predictor) {
	return predictor->bound_ns;
}
