#include "core/predictor.h"

#include <math.h>

void bn_predictor_init(struct bn_predictor *predictor, int64_t first_ns) {
	*predictor = (struct bn_predictor){ .mean_ns = (double)first_ns };
}

void bn_predictor_add(struct bn_predictor *predictor, int64_t duration_ns) {
	const double weight = 1.0 / BN_PREDICTOR_SAMPLES;
	double away = (double)(duration_ns > 0 ? duration_ns : 0) - predictor->mean_ns;
	predictor->mean_ns += weight * away;
	predictor->variance = (1 - weight) * (predictor->variance + weight * away * away);
}

int64_t bn_predictor_ns(const struct bn_predictor *predictor) {
	return (int64_t)(predictor->mean_ns + BN_PREDICTOR_SIGMAS * sqrt(predictor->variance));
}
