#ifndef BN_CORE_CLOCK_H
#define BN_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Where "now" comes from: CLOCK_MONOTONIC, or a time that only its owner moves,
 * so that a test or the scripted demo decides when a frame is due.
 */
struct bn_clock {
	bool is_virtual;
	int64_t virtual_ns;
};

/** Nanoseconds; never runs backwards. */
int64_t bn_clock_now(const struct bn_clock *clock);

#endif
