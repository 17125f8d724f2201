#include "core/fallback.h"

#include <stdbool.h>

enum bn_fallback_step bn_fallback_lost(struct bn_fallback *fallback, int64_t now_ns) {
	bool soon = fallback->lost_ns != 0 && now_ns - fallback->lost_ns < BN_FALLBACK_SOON_NS;
	fallback->lost_ns = now_ns;
	return fallback->step == BN_FALLBACK_GPU && !soon ? BN_FALLBACK_GPU
							  : bn_fallback_failed(fallback);
}

enum bn_fallback_step bn_fallback_failed(struct bn_fallback *fallback) {
	if (fallback->step != BN_FALLBACK_NONE) {
		fallback->step = (enum bn_fallback_step)(fallback->step + 1);
	}
	return fallback->step;
}
