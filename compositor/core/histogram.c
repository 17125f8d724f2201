#include "core/histogram.h"

#include <stddef.h>

#define SUB_BITS 4
_Static_assert(BN_HISTOGRAM_SUB == 1 << SUB_BITS, "sub-buckets are addressed by bits");

/**
 * Below 2 * SUB a bucket is one ns wide. From there on the top SUB_BITS + 1 bits
 * of a duration name its bucket: the exponent, then the SUB_BITS bits behind it.
 */
static size_t bucket_of(int64_t ns) {
	uint64_t value = (uint64_t)ns;
	if (value < BN_HISTOGRAM_SUB) {
		return (size_t)value;
	}
	unsigned exponent = 63 - (unsigned)__builtin_clzll(value);
	unsigned shift = exponent - SUB_BITS;
	size_t bucket = ((size_t)shift << SUB_BITS) + (size_t)(value >> shift);
	return bucket < BN_HISTOGRAM_BUCKETS ? bucket : BN_HISTOGRAM_BUCKETS - 1;
}

/** The longest duration of a bucket. */
static int64_t bucket_end(size_t bucket) {
	if (bucket < BN_HISTOGRAM_SUB) {
		return (int64_t)bucket;
	}
	unsigned shift = (unsigned)(bucket >> SUB_BITS) - 1;
	uint64_t first = (uint64_t)(bucket & (BN_HISTOGRAM_SUB - 1)) + BN_HISTOGRAM_SUB;
	return (int64_t)(((first + 1) << shift) - 1);
}

static void count_up(uint32_t *bucket, uint32_t amount) {
	*bucket = *bucket > UINT32_MAX - amount ? UINT32_MAX : *bucket + amount;
}

void bn_histogram_reset(struct bn_histogram *histogram) {
	*histogram = (struct bn_histogram){ 0 };
}

void bn_histogram_add(struct bn_histogram *histogram, int64_t ns) {
	ns = ns < 0 ? 0 : ns;
	if (histogram->count == 0 || ns < histogram->min_ns) {
		histogram->min_ns = ns;
	}
	histogram->max_ns = ns > histogram->max_ns ? ns : histogram->max_ns;
	histogram->sum_ns += (double)ns;
	histogram->count++;
	count_up(&histogram->buckets[bucket_of(ns)], 1);
}

int64_t bn_histogram_permille(const struct bn_histogram *histogram, unsigned permille) {
	if (histogram->count == 0) {
		return 0;
	}
	// Divided first where the product would overflow: then a few too many do not matter.
	uint64_t count = histogram->count;
	uint64_t rank = count > UINT64_MAX / 1000 ? count / 1000 * permille
						  : (count * permille + 999) / 1000;
	rank = rank == 0 ? 1 : rank;
	uint64_t seen = 0;
	for (size_t i = 0; i < BN_HISTOGRAM_BUCKETS - 1; i++) {
		seen += histogram->buckets[i];
		if (seen >= rank) {
			int64_t end = bucket_end(i);
			return end < histogram->max_ns ? end : histogram->max_ns;
		}
	}
	return histogram->max_ns;
}

uint64_t bn_histogram_count_to(const struct bn_histogram *histogram, int64_t end_ns) {
	uint64_t count = 0;
	for (size_t i = 0; i < BN_HISTOGRAM_BUCKETS - 1 && bucket_end(i) <= end_ns; i++) {
		count += histogram->buckets[i];
	}
	return count;
}

int64_t bn_histogram_mean(const struct bn_histogram *histogram) {
	return histogram->count == 0 ? 0 : (int64_t)(histogram->sum_ns / (double)histogram->count);
}

void bn_histogram_merge(struct bn_histogram *histogram, const struct bn_histogram *other) {
	if (other->count == 0) {
		return;
	}
	if (histogram->count == 0 || other->min_ns < histogram->min_ns) {
		histogram->min_ns = other->min_ns;
	}
	histogram->max_ns = other->max_ns > histogram->max_ns ? other->max_ns : histogram->max_ns;
	histogram->sum_ns += other->sum_ns;
	histogram->count += other->count;
	for (size_t i = 0; i < BN_HISTOGRAM_BUCKETS; i++) {
		count_up(&histogram->buckets[i], other->buckets[i]);
	}
}
