#include "core/bands.h"

#include "core/nsec.h"
#include "unit.h"

enum { US = 1000, MS = 1000000, WIDTH = 400 };

/** Draws within left_ns, each row at row_ns; at least one when it must. Returns the time that it took. */
static int64_t draw(struct bn_bands *bands, int64_t left_ns, int64_t row_ns, bool must) {
	int64_t took_ns = 0;
	for (;;) {
		int32_t rows = bn_bands_fit(bands, left_ns);
		rows = rows == 0 && must && bands->next < bands->end ? 1 : rows;
		if (rows == 0) {
			return took_ns;
		}
		must = false;
		took_ns += rows * row_ns;
		left_ns -= bn_bands_drawn(bands, rows, rows * row_ns);
	}
}

static void what_costs_as_foretold_is_drawn_at_once(void **state) {
	struct bn_bands bands;
	bn_bands_init(&bands, 0, 480, WIDTH, 4800 * US);
	assert_int_equal(bn_bands_fit(&bands, 10 * MS), 30);
	assert_int_equal(draw(&bands, 10 * MS, 10 * US, false), 4800 * US);
	assert_int_equal(bands.next, 480);
	assert_int_equal(bn_bands_fit(&bands, 10 * MS), 0);
}

static void nobody_to_give_way_to_means_one_band(void **state) {
	struct bn_bands bands;
	bn_bands_init(&bands, 7, 480, 4 * BN_BANDS_PX, 100 * MS);
	assert_int_equal(bn_bands_fit(&bands, BN_NSEC_NEVER), 473);
}

static void a_forecast_that_was_far_too_low_costs_a_small_band(void **state) {
	struct bn_bands bands;
	// Foretold 1 ms; it takes 48.
	bn_bands_init(&bands, 0, 480, WIDTH, 1 * MS);
	int64_t took_ns = draw(&bands, 10 * MS, 100 * US, false);
	assert_int_in_range(took_ns, 9 * MS, 10 * MS);
	int rounds = 1;
	for (; bands.next < bands.end; rounds++) {
		assert_int_in_range(draw(&bands, 10 * MS, 100 * US, false), 1, 10 * MS);
	}
	assert_int_equal(rounds, 5);
}

/** A picture of which the upper half costs next to nothing, and a row of the lower one 50 us. */
static void cheap_rows_say_nothing_of_those_below(void **state) {
	struct bn_bands bands;
	bn_bands_init(&bands, 0, 1080, 1920, 1 * MS);
	int64_t left_ns = 10 * MS, took_ns = 0;
	for (int32_t rows; (rows = bn_bands_fit(&bands, left_ns)) > 0;) {
		assert_int_in_range(rows, 1, BN_BANDS_PX / 1920);
		int64_t band_ns = rows * (bands.next < 540 ? 500 : 50 * US);
		took_ns += band_ns;
		left_ns -= bn_bands_drawn(&bands, rows, band_ns);
	}
	// One band was foretold wrongly, of 6.8 ms; drawn at once the rest would have taken 27 ms.
	assert_int_in_range(took_ns, 5 * MS, 11 * MS);
}

static void what_is_foretold_counts_even_when_it_went_quickly(void **state) {
	struct bn_bands bands;
	bn_bands_init(&bands, 0, 100, WIDTH, 100 * MS);
	assert_int_equal(draw(&bands, 10 * MS, 0, false), 0);
	assert_int_equal(bands.next, 10);
}

static void rows_that_never_fit_come_one_by_one(void **state) {
	struct bn_bands bands;
	bn_bands_init(&bands, 0, 4, WIDTH, 80 * MS);
	for (int row = 0; row < 4; row++) {
		assert_int_equal(draw(&bands, 10 * MS, 20 * MS, false), 0);
		draw(&bands, 10 * MS, 20 * MS, true);
		assert_int_equal(bands.next, row + 1);
	}
	assert_int_equal(draw(&bands, 10 * MS, 20 * MS, true), 0);
}

static void no_rows_and_no_time_are_nothing_to_draw(void **state) {
	struct bn_bands bands;
	bn_bands_init(&bands, 5, 5, WIDTH, 1 * MS);
	assert_int_equal(bn_bands_fit(&bands, BN_NSEC_NEVER), 0);
	bn_bands_init(&bands, 5, 2, WIDTH, 1 * MS);
	assert_int_equal(bn_bands_fit(&bands, 10 * MS), 0);
	bn_bands_init(&bands, 0, 10, BN_BANDS_LEAST_PX, 0);
	assert_int_equal(bn_bands_fit(&bands, 0), 0);
	assert_int_equal(bn_bands_fit(&bands, -5 * MS), 0);
	assert_int_equal(bn_bands_fit(&bands, 1), 1);
}

static void a_small_picture_is_one_band(void **state) {
	struct bn_bands bands;
	bn_bands_init(&bands, 8, 8 + 64, 64, 1 * MS);
	assert_int_equal(bn_bands_fit(&bands, 10 * MS), 64);
	assert_int_equal(bn_bands_fit(&bands, MS / 2), 32); // but of what fits
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_costs_as_foretold_is_drawn_at_once),
		cmocka_unit_test(nobody_to_give_way_to_means_one_band),
		cmocka_unit_test(a_forecast_that_was_far_too_low_costs_a_small_band),
		cmocka_unit_test(cheap_rows_say_nothing_of_those_below),
		cmocka_unit_test(what_is_foretold_counts_even_when_it_went_quickly),
		cmocka_unit_test(rows_that_never_fit_come_one_by_one),
		cmocka_unit_test(no_rows_and_no_time_are_nothing_to_draw),
		cmocka_unit_test(a_small_picture_is_one_band),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
