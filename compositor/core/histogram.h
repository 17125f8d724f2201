#ifndef BN_CORE_HISTOGRAM_H
#define BN_CORE_HISTOGRAM_H

#include <stdint.h>

/**
 * Distribution of durations in ns with a bounded relative error and no allocation.
 *
 * Log-linear buckets: 16 to each power of two, so that a percentile is at most
 * 1/16 above the truth; exact below 32 ns. Durations from 2^40 ns (18 minutes)
 * share the last bucket. Plain data, zero-initialised is empty.
 */
#define BN_HISTOGRAM_SUB 16
#define BN_HISTOGRAM_BUCKETS (37 * BN_HISTOGRAM_SUB)

struct bn_histogram {
	uint32_t buckets[BN_HISTOGRAM_BUCKETS]; // stop counting at UINT32_MAX
	uint64_t count;
	int64_t min_ns, max_ns; // exact; 0 when empty
	double sum_ns;
};

void bn_histogram_reset(struct bn_histogram *histogram);
/** A negative duration counts as 0. */
void bn_histogram_add(struct bn_histogram *histogram, int64_t ns);
/**
 * A duration that at least `permille` thousandths of all are not above (500: median, 990: p99, 1000: the
 * maximum), rounded up to its bucket's end but never above the maximum. 0 when empty.
 */
int64_t bn_histogram_permille(const struct bn_histogram *histogram, unsigned permille);
/** How many lasted at most `end_ns`; exact when that is the last ns of a bucket, as 2^n - 1 is. */
uint64_t bn_histogram_count_to(const struct bn_histogram *histogram, int64_t end_ns);
int64_t bn_histogram_mean(const struct bn_histogram *histogram);
/** Adds all of `other`. */
void bn_histogram_merge(struct bn_histogram *histogram, const struct bn_histogram *other);

#endif
