#include "core/once.h"

#include "unit.h"

#define SECOND INT64_C(1000000000)

static void test_repeated(void **state) {
	struct bn_once once = { 0 };
	uint64_t unsaid = 99;
	assert_true(bn_once_says(&once, 7, 5 * SECOND, &unsaid));
	assert_int_equal(unsaid, 0);
	for (int i = 0; i < 1000; i++) {
		assert_false(bn_once_says(&once, 7, 6 * SECOND, &unsaid));
	}
	assert_true(bn_once_says(&once, 8, 6 * SECOND, &unsaid));
	assert_int_equal(unsaid, 0);
	// one nanosecond early, then on time, with how often it was held back
	assert_false(bn_once_says(&once, 7, 5 * SECOND + BN_ONCE_NS - 1, &unsaid));
	assert_true(bn_once_says(&once, 7, 5 * SECOND + BN_ONCE_NS, &unsaid));
	assert_int_equal(unsaid, 1001);
}

static void test_ever_new(void **state) {
	struct bn_once once = { 0 };
	uint64_t unsaid = 0;
	int said = 0;
	for (uint64_t key = 0; key < 100000; key++) {
		said += bn_once_says(&once, key, SECOND, &unsaid);
	}
	assert_int_equal(said, BN_ONCE_MAX);
	// what was said first may be forgotten now, and the rest is told of
	assert_true(bn_once_says(&once, 100000, SECOND + BN_ONCE_NS, &unsaid));
	assert_int_equal(unsaid, 100000 - BN_ONCE_MAX);
	assert_true(bn_once_says(&once, 100001, SECOND + BN_ONCE_NS, &unsaid));
	assert_int_equal(unsaid, 0);
}

/** Whatever comes when: never more than BN_ONCE_MAX within any BN_ONCE_NS, and nothing is uncounted. */
static void test_bound(void **state) {
	struct bn_once once = { 0 };
	int64_t said_ns[4096];
	size_t said = 0;
	uint64_t asked = 0, told = 0, unsaid = 0;
	struct bn_random random = bn_random_seeded(1);
	for (int64_t now = SECOND; now < 400 * SECOND; now += SECOND / 10) {
		asked++;
		if (bn_once_says(&once, (uint64_t)bn_random_int(&random, 0, 255), now, &unsaid)) {
			told += unsaid + 1;
			said_ns[said++] = now;
		}
	}
	for (size_t i = BN_ONCE_MAX; i < said; i++) {
		assert_true(said_ns[i] - said_ns[i - BN_ONCE_MAX] >= BN_ONCE_NS);
	}
	uint64_t held = once.lost;
	for (size_t i = 0; i < once.count; i++) {
		held += once.entries[i].unsaid;
	}
	assert_int_equal(told + held, asked);
	assert_true(said > BN_ONCE_MAX);
}

static void test_keys(void **state) {
	assert_int_equal(bn_once_key("a"), bn_once_key("a"));
	assert_true(bn_once_key("ab") != bn_once_key("ba"));
	assert_true(bn_once_key("") != bn_once_key("a"));
	char text[BN_ONCE_TEXT_MAX];
	assert_string_equal(bn_once_more(0, text), "");
	assert_string_equal(bn_once_more(UINT64_MAX, text),
			" (18446744073709551615 more not logged)");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("what-is-repeated-is-said-once-and-counted", test_repeated),
		CASE("ever-new-things-do-not-flood-either", test_ever_new),
		CASE("no-window-of-time-holds-more-and-nothing-is-uncounted", test_bound),
		CASE("texts-have-keys", test_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
