// What draws after a renderer was lost.

#include "core/fallback.h"

#include "unit.h"

#define SEC INT64_C(1000000000)

static void test_reset(void **state) {
	struct bn_fallback fallback = { 0 };
	// A GPU that is reset now and then goes on.
	for (int64_t now = 5 * SEC; now < 500 * SEC; now += 11 * SEC) {
		assert_int_equal(bn_fallback_lost(&fallback, now), BN_FALLBACK_GPU);
	}
}

static void test_chain(void **state) {
	struct bn_fallback fallback = { 0 };
	assert_int_equal(bn_fallback_lost(&fallback, 5 * SEC), BN_FALLBACK_GPU);
	assert_int_equal(bn_fallback_lost(&fallback, 6 * SEC), BN_FALLBACK_SOFTWARE);
	// Late or soon: there is no way back up.
	assert_int_equal(bn_fallback_lost(&fallback, 600 * SEC), BN_FALLBACK_PIXMAN);
	assert_int_equal(bn_fallback_lost(&fallback, 601 * SEC), BN_FALLBACK_NONE);
	assert_int_equal(bn_fallback_lost(&fallback, 602 * SEC), BN_FALLBACK_NONE);
}

static void test_failed(void **state) {
	struct bn_fallback fallback = { 0 };
	assert_int_equal(bn_fallback_lost(&fallback, 5 * SEC), BN_FALLBACK_GPU);
	assert_int_equal(bn_fallback_failed(&fallback), BN_FALLBACK_SOFTWARE);
	assert_int_equal(bn_fallback_failed(&fallback), BN_FALLBACK_PIXMAN);
	assert_int_equal(bn_fallback_failed(&fallback), BN_FALLBACK_NONE);
	assert_int_equal(bn_fallback_failed(&fallback), BN_FALLBACK_NONE);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-gpu-that-is-reset-now-and-then-goes-on", test_reset),
		CASE("lost-again-soon-goes-down-the-chain", test_chain),
		CASE("what-cannot-be-had-is-passed-over", test_failed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
