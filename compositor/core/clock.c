#include "core/clock.h"

#include <time.h>

#include "core/nsec.h"

int64_t bn_clock_now(const struct bn_clock *clock) {
	if (clock->is_virtual) {
		return clock->virtual_ns;
	}
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return bn_nsec_from_timespec(&ts);
}
