#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/sample.h"

/** A picture of `width` x `height`, 4 bytes a px, with 64 bytes beside each row that are none of it. */
static struct bn_sample_image picture(int32_t width, int32_t height, uint32_t **ret_pixels) {
	size_t stride = (size_t)width + 16;
	*ret_pixels = malloc(stride * (size_t)height * 4);
	assert_non_null(*ret_pixels);
	for (size_t i = 0; i < stride * (size_t)height; i++) {
		(*ret_pixels)[i] = (uint32_t)i * 2654435761u;
	}
	return (struct bn_sample_image){ *ret_pixels, (int64_t)stride * 4, width, height, 4 };
}

static uint32_t *at(uint32_t *pixels, const struct bn_sample_image *image, int32_t x, int32_t y) {
	return &pixels[(size_t)y * (size_t)(image->stride / 4) + (size_t)x];
}

static void every_pixel_of_a_small_picture_counts(void **state) {
	uint32_t *pixels;
	struct bn_sample_image image = picture(123, 71, &pixels);
	uint64_t before = bn_sample(&image, NULL);
	assert_true(before == bn_sample(&image, NULL));
	for (int32_t y = 0; y < image.height; y++) {
		for (int32_t x = 0; x < image.width; x++) {
			*at(pixels, &image, x, y) ^= 1u << (x % 24);
			assert_true(bn_sample(&image, NULL) != before);
			*at(pixels, &image, x, y) ^= 1u << (x % 24);
		}
	}
	free(pixels);
}

static void what_lies_beside_a_row_does_not(void **state) {
	uint32_t *pixels;
	struct bn_sample_image image = picture(100, 50, &pixels);
	uint64_t before = bn_sample(&image, NULL);
	for (int32_t y = 0; y < image.height; y++) {
		*at(pixels, &image, 100, y) ^= 1;
		*at(pixels, &image, 115, y) ^= 1;
	}
	assert_true(bn_sample(&image, NULL) == before);
	free(pixels);
}

static void anything_15_px_tall_is_seen_in_a_large_picture(void **state) {
	uint32_t *pixels;
	struct bn_sample_image image = picture(1920, 1080, &pixels);
	uint64_t before = bn_sample(&image, NULL);
	for (int32_t y = 0; y + 16 <= image.height; y++) {
		for (int32_t i = 0; i < 16; i++) {
			*at(pixels, &image, 7, y + i) ^= 1;
		}
		assert_true(bn_sample(&image, NULL) != before);
		for (int32_t i = 0; i < 16; i++) {
			*at(pixels, &image, 7, y + i) ^= 1;
		}
	}
	free(pixels);
}

static void a_declared_part_is_read_as_a_whole_and_nothing_else(void **state) {
	uint32_t *pixels;
	struct bn_sample_image image = picture(1920, 1080, &pixels);
	const struct bn_rect part = { 1800, 1000, 100, 24 };
	uint64_t before = bn_sample(&image, &part);
	for (int32_t y = 990; y < 1034; y++) {
		for (int32_t x = 1790; x < 1910; x += 5) {
			bool inside = bn_rect_contains_point(&part, x, y);
			*at(pixels, &image, x, y) ^= 1;
			assert_int_equal(bn_sample(&image, &part) != before, inside);
			*at(pixels, &image, x, y) ^= 1;
		}
	}
	free(pixels);
}

static void parts_beyond_the_picture_are_cut(void **state) {
	uint32_t *pixels;
	struct bn_sample_image image = picture(64, 64, &pixels);
	static const struct bn_rect parts[] = { { 60, 60, 100, 100 }, { -10, -10, 20, 20 },
		{ 100, 100, 10, 10 }, { 0, 0, 0, 0 }, { 5, 5, -3, 8 } };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		bn_sample(&image, &parts[i]); // ASan looks on
	}
	free(pixels);
}

static void equal_rows_that_change_places_are_seen(void **state) {
	uint32_t *pixels;
	struct bn_sample_image image = picture(40, 40, &pixels);
	uint64_t before = bn_sample(&image, NULL);
	uint32_t row[40];
	memcpy(row, at(pixels, &image, 0, 3), sizeof(row));
	memcpy(at(pixels, &image, 0, 3), at(pixels, &image, 0, 30), sizeof(row));
	memcpy(at(pixels, &image, 0, 30), row, sizeof(row));
	assert_true(bn_sample(&image, NULL) != before);
	free(pixels);
}

/** Printed, not asserted. */
static void what_it_costs(void **state) {
	uint32_t *pixels;
	struct bn_sample_image image = picture(1920, 1080, &pixels);
	struct timespec begin, end;
	uint64_t sum = 0;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < 20; i++) {
		sum += bn_sample(&image, NULL);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	double us = ((double)(end.tv_sec - begin.tv_sec) * 1e9
				    + (double)(end.tv_nsec - begin.tv_nsec))
			/ 20e3;
	print_message("# 1920x1080: %.0f us a sample (%llx)\n", us, (unsigned long long)sum & 1);
	free(pixels);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "every-pixel-of-a-small-picture-counts", every_pixel_of_a_small_picture_counts,
				NULL, NULL, NULL },
		{ "what-lies-beside-a-row-does-not", what_lies_beside_a_row_does_not, NULL, NULL,
				NULL },
		{ "anything-15-px-tall-is-seen-in-a-large-picture",
				anything_15_px_tall_is_seen_in_a_large_picture, NULL, NULL, NULL },
		{ "a-declared-part-is-read-as-a-whole-and-nothing-else",
				a_declared_part_is_read_as_a_whole_and_nothing_else, NULL, NULL,
				NULL },
		{ "parts-beyond-the-picture-are-cut", parts_beyond_the_picture_are_cut, NULL, NULL,
				NULL },
		{ "equal-rows-that-change-places-are-seen", equal_rows_that_change_places_are_seen,
				NULL, NULL, NULL },
		{ "what-it-costs", what_it_costs, NULL, NULL, NULL },
	};
	return cmocka_run_group_tests_name("sample", tests, NULL, NULL);
}
