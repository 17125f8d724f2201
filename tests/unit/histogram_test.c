#include "core/histogram.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void test_empty(void **state) {
	struct bn_histogram h;
	bn_histogram_reset(&h);
	assert_int_equal(bn_histogram_permille(&h, 500), 0);
	assert_int_equal(bn_histogram_permille(&h, 1000), 0);
	assert_int_equal(bn_histogram_mean(&h), 0);
}

static void test_one(void **state) {
	const int64_t values[] = { 0, 1, 15, 16, 17, 31, 32, 1000, 123456789, INT64_MAX };
	for (size_t i = 0; i < COUNT(values); i++) {
		struct bn_histogram h = { 0 };
		bn_histogram_add(&h, values[i]);
		// The maximum is exact, so a single value is.
		assert_int_equal(bn_histogram_permille(&h, 0), values[i]);
		assert_int_equal(bn_histogram_permille(&h, 500), values[i]);
		assert_int_equal(bn_histogram_permille(&h, 1000), values[i]);
		assert_int_equal(h.min_ns, values[i]);
	}
}

static void test_negative(void **state) {
	struct bn_histogram h = { 0 };
	bn_histogram_add(&h, -5);
	assert_int_equal(h.min_ns, 0);
	assert_int_equal(h.max_ns, 0);
	assert_int_equal(h.count, 1);
}

static int compare(const void *a, const void *b) {
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/** Against sorting: never below the truth, at most 1/16 above it. */
static void check_against_sorting(uint64_t seed) {
	struct bn_random random = bn_random_seeded(seed);
	struct bn_histogram h = { 0 };
	static const unsigned permilles[] = { 0, 1, 10, 250, 500, 900, 990, 999, 1000 };
	int64_t values[500];
	size_t count = (size_t)bn_random_int(&random, 1, (int)COUNT(values));
	int bits = bn_random_int(&random, 1, 39);
	for (size_t i = 0; i < count; i++) {
		uint64_t wide = (uint64_t)bn_random_next(&random) << 16 ^ bn_random_next(&random);
		values[i] = (int64_t)(wide & ((UINT64_C(1) << bits) - 1));
		bn_histogram_add(&h, values[i]);
	}
	qsort(values, count, sizeof(values[0]), compare);
	for (size_t i = 0; i < COUNT(permilles); i++) {
		size_t rank = (count * permilles[i] + 999) / 1000;
		int64_t truth = values[rank == 0 ? 0 : rank - 1];
		int64_t got = bn_histogram_permille(&h, permilles[i]);
		assert_true(got >= truth);
		assert_true(got <= truth + truth / 16);
	}
	assert_int_equal(h.max_ns, values[count - 1]);
	assert_int_equal(h.min_ns, values[0]);
}

static void test_percentiles(void **state) {
	for (uint64_t seed = 0; seed < 300; seed++) {
		check_against_sorting(seed);
	}
}

static void test_beyond(void **state) {
	struct bn_histogram h = { 0 };
	for (int i = 0; i < 9; i++) {
		bn_histogram_add(&h, 100);
	}
	bn_histogram_add(&h, INT64_C(1) << 50);
	assert_int_equal(bn_histogram_permille(&h, 900), 103);
	assert_int_equal(bn_histogram_permille(&h, 990), INT64_C(1) << 50);
}

static void test_merge(void **state) {
	struct bn_histogram a = { 0 }, b = { 0 }, both = { 0 }, none = { 0 };
	for (int i = 0; i < 100; i++) {
		bn_histogram_add(i % 3 == 0 ? &a : &b, i * 1000);
		bn_histogram_add(&both, i * 1000);
	}
	bn_histogram_merge(&none, &a);
	bn_histogram_merge(&none, &b);
	bn_histogram_merge(&none, &(struct bn_histogram){ 0 });
	assert_memory_equal(&none.buckets, &both.buckets, sizeof(both.buckets));
	assert_int_equal(none.count, both.count);
	assert_int_equal(none.min_ns, both.min_ns);
	assert_int_equal(none.max_ns, both.max_ns);
	assert_int_equal(bn_histogram_mean(&none), 49500);
}

static void test_full_bucket(void **state) {
	struct bn_histogram h = { 0 };
	bn_histogram_add(&h, 5);
	h.buckets[5] = UINT32_MAX;
	bn_histogram_add(&h, 5);
	assert_int_equal(h.buckets[5], UINT32_MAX);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("an-empty-one-says-zero", test_empty),
		CASE("a-single-value-is-exact", test_one),
		CASE("a-negative-duration-counts-as-zero", test_negative),
		CASE("percentiles-are-within-a-sixteenth-of-sorting", test_percentiles),
		CASE("what-is-beyond-the-last-bucket-is-kept-as-maximum", test_beyond),
		CASE("merging-equals-adding-all", test_merge),
		CASE("a-full-bucket-does-not-wrap", test_full_bucket),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
