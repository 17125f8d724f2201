#include "core/nsec.h"

int64_t bn_nsec_from_timespec(const struct timespec *ts) {
	return (int64_t)ts->tv_sec * BN_NSEC_PER_SEC + ts->tv_nsec;
}

struct timespec bn_nsec_to_timespec(int64_t ns) {
	return (struct timespec){
		.tv_sec = (time_t)(ns / BN_NSEC_PER_SEC),
		.tv_nsec = (long)(ns % BN_NSEC_PER_SEC),
	};
}

int64_t bn_nsec_from_mhz(int32_t mhz) {
	return INT64_C(1000000000000) / (mhz > 0 ? mhz : 60000);
}
