#include "core/budget.h"

#include <string.h>

#include "unit.h"

enum { MIB = 1024 * 1024 };

static void test_defaults(void **state) {
	struct bn_budget b;
	bn_budget_init(&b, NULL);
	for (int i = 0; i < BN_BUDGET_COUNT; i++) {
		assert_int_equal(b.limits[i], bn_budget_default((enum bn_budget_kind)i));
		assert_true(b.limits[i] > 0);
	}
	// One picture of the largest common panel fits into one refresh.
	assert_true(bn_budget_default(BN_BUDGET_UPLOAD_BYTES) >= 3840 * 2160 * 4);
}

static void test_limits(void **state) {
	struct bn_budget b;
	const struct bn_budget_spec spec = { .surfaces = 3, .buffer_bytes = -1 };
	bn_budget_init(&b, &spec);
	assert_int_equal(b.limits[BN_BUDGET_SURFACES], 3);
	assert_int_equal(b.limits[BN_BUDGET_BUFFER_BYTES],
			bn_budget_default(BN_BUDGET_BUFFER_BYTES));
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_SURFACES, 2), BN_BUDGET_OK);
	bn_budget_set_limits(&b, NULL);
	assert_int_equal(b.used[BN_BUDGET_SURFACES], 2);
	assert_int_equal(b.limits[BN_BUDGET_SURFACES], bn_budget_default(BN_BUDGET_SURFACES));
}

static void test_rate(void **state) {
	struct bn_budget b;
	const struct bn_budget_spec spec = { .commits_per_frame = 3 };
	bn_budget_init(&b, &spec);
	for (int refresh = 0; refresh < 3; refresh++) {
		for (int i = 0; i < 3; i++) {
			assert_int_equal(bn_budget_spend(&b, BN_BUDGET_COMMITS, 1), BN_BUDGET_OK);
		}
		assert_int_equal(bn_budget_spend(&b, BN_BUDGET_COMMITS, 1), BN_BUDGET_PACE);
		assert_int_equal(b.used[BN_BUDGET_COMMITS], 3);
		bn_budget_refresh(&b);
	}
	assert_int_equal(b.exceeded[BN_BUDGET_COMMITS], 3);
}

static void test_large_picture(void **state) {
	struct bn_budget b;
	const struct bn_budget_spec spec = { .upload_bytes_per_frame = MIB };
	bn_budget_init(&b, &spec);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_UPLOAD_BYTES, 100 * MIB), BN_BUDGET_OK);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_UPLOAD_BYTES, 1), BN_BUDGET_PACE);
	// A refresh of the clock is none of the display that shows it.
	bn_budget_refresh(&b);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_UPLOAD_BYTES, 1), BN_BUDGET_PACE);
	bn_budget_refresh_uploads(&b);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_UPLOAD_BYTES, 1), BN_BUDGET_OK);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_UPLOAD_BYTES, MIB), BN_BUDGET_PACE);
}

static void test_held(void **state) {
	struct bn_budget b;
	const struct bn_budget_spec spec = { .surfaces = 2, .buffer_bytes = MIB };
	bn_budget_init(&b, &spec);
	// A quantity has no first free item, and a refresh gives nothing back.
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_BUFFER_BYTES, MIB + 1), BN_BUDGET_ERROR);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_SURFACES, 2), BN_BUDGET_OK);
	bn_budget_refresh(&b);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_SURFACES, 1), BN_BUDGET_ERROR);
	bn_budget_release(&b, BN_BUDGET_SURFACES, 1);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_SURFACES, 1), BN_BUDGET_OK);
}

static void test_overflow(void **state) {
	struct bn_budget b;
	bn_budget_init(&b, NULL);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_BUFFER_BYTES, MIB), BN_BUDGET_OK);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_BUFFER_BYTES, INT64_MAX), BN_BUDGET_ERROR);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_UPLOAD_BYTES, INT64_MAX), BN_BUDGET_OK);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_UPLOAD_BYTES, INT64_MAX), BN_BUDGET_PACE);
}

static void test_lowered(void **state) {
	struct bn_budget b;
	bn_budget_init(&b, NULL);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_SURFACES, 10), BN_BUDGET_OK);
	const struct bn_budget_spec spec = { .surfaces = 3 };
	bn_budget_set_limits(&b, &spec);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_SURFACES, 1), BN_BUDGET_ERROR);
	assert_int_equal(bn_budget_spend(&b, BN_BUDGET_SURFACES, 0), BN_BUDGET_ERROR);
}

static void test_reason(void **state) {
	struct bn_budget b;
	const struct bn_budget_spec spec = { .commits_per_frame = 3, .surfaces = 2 };
	bn_budget_init(&b, &spec);
	bn_budget_spend(&b, BN_BUDGET_COMMITS, 3);
	bn_budget_spend(&b, BN_BUDGET_SURFACES, 2);
	char text[160], small[8];
	bn_budget_reason(&b, BN_BUDGET_COMMITS, 1, text, sizeof(text));
	assert_string_equal(text,
			"1 commits on top of 3 in one refresh, limit 3: the rest waits for the "
			"next "
			"refresh (`limits: {commits-per-frame: ...}`)");
	bn_budget_reason(&b, BN_BUDGET_SURFACES, 1, text, sizeof(text));
	assert_string_equal(text,
			"1 surfaces on top of 2, limit 2: refused (`limits: {surfaces: ...}`)");
	bn_budget_reason(&b, BN_BUDGET_SURFACES, 1, small, sizeof(small));
	assert_int_equal(strlen(small), sizeof(small) - 1);
	for (int i = 0; i < BN_BUDGET_COUNT; i++) {
		char key[48];
		snprintf(key, sizeof(key), "(`limits: {%s: ...}`)",
				bn_budget_key((enum bn_budget_kind)i));
		bn_budget_reason(&b, (enum bn_budget_kind)i, 1, text, sizeof(text));
		assert_non_null(strstr(text, key));
	}
}

static enum bn_budget_verdict rush(struct bn_budget *b, int refreshes) {
	enum bn_budget_verdict last = BN_BUDGET_OK;
	for (int i = 0; i < refreshes; i++) {
		bn_budget_spend(b, BN_BUDGET_REQUESTS, 1);
		last = bn_budget_spend(b, BN_BUDGET_REQUESTS, 1);
		bn_budget_refresh(b);
	}
	return last;
}

static void test_strikes(void **state) {
	struct bn_budget b;
	const struct bn_budget_spec spec = { .requests_per_frame = 1 };
	bn_budget_init(&b, &spec);
	assert_int_equal(rush(&b, BN_BUDGET_STRIKES), BN_BUDGET_PACE);
	// Rest forgives, refresh by refresh.
	for (int i = 0; i < 10; i++) {
		bn_budget_refresh(&b);
	}
	assert_int_equal(rush(&b, 10), BN_BUDGET_PACE);
	assert_int_equal(rush(&b, 1), BN_BUDGET_ERROR);
	char text[160];
	bn_budget_spend(&b, BN_BUDGET_REQUESTS, 1);
	bn_budget_reason(&b, BN_BUDGET_REQUESTS, 1, text, sizeof(text));
	assert_non_null(strstr(text, "refused after a minute of it"));
	assert_non_null(strstr(text, "requests-per-frame"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("without-limits-the-defaults-count", test_defaults),
		CASE("limits-change-and-counts-stay", test_limits),
		CASE("a-rate-is-paced-and-starts-anew", test_rate),
		CASE("a-picture-above-the-budget-is-late-not-lost", test_large_picture),
		CASE("what-is-held-is-refused-until-released", test_held),
		CASE("amounts-named-by-a-client-do-not-wrap", test_overflow),
		CASE("a-lowered-limit-refuses-what-comes-next", test_lowered),
		CASE("to-go-on-above-a-rate-is-an-error", test_strikes),
		CASE("a-reason-says-which-key-to-change", test_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
