#ifndef BN_CORE_NSEC_H
#define BN_CORE_NSEC_H

#include <stdint.h>
#include <time.h>

/**
 * Time is int64_t nanoseconds everywhere, CLOCK_MONOTONIC unless said otherwise
 * (292 years). timespec is converted once, at the border.
 */
#define BN_NSEC_PER_SEC INT64_C(1000000000)
#define BN_NSEC_PER_MSEC INT64_C(1000000)
#define BN_NSEC_PER_USEC INT64_C(1000)
/** "At no time": later than everything. */
#define BN_NSEC_NEVER INT64_MAX

int64_t bn_nsec_from_timespec(const struct timespec *ts);
struct timespec bn_nsec_to_timespec(int64_t ns);
/** Length of one refresh of an output that runs at `mhz` millihertz; 60 Hz when it is not known (<= 0). */
int64_t bn_nsec_from_mhz(int32_t mhz);

#endif
