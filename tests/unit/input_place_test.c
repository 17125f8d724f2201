#include "input/place.h"

#include <math.h>

#include "unit.h"

static const struct bn_place_size wide = { 1920, 720 };

static void assert_near(double actual, double expected) {
	if (fabs(actual - expected) > 0.01) {
		fail_msg("%f is not %f", actual, expected);
	}
}

/**
 * The oracle turns the picture, not the point: a px of what people see is moved to where wl_output's words
 * say that it lands on the panel, and a finger there must come back to that px.
 */
static void to_panel(int transform, double width, double height, double x, double y, double *ret_u,
		double *ret_v) {
	if (transform >= 4) {
		x = width - x; // the flip is about the vertical axis, before the turn
	}
	for (int turns = transform % 4; turns > 0; turns--) {
		// a quarter counter-clockwise, seen from the front
		double turned_x = y, turned_y = width - x;
		double turned_width = height;
		height = width;
		width = turned_width;
		x = turned_x;
		y = turned_y;
	}
	*ret_u = x / width;
	*ret_v = y / height;
}

static void test_transforms(void **state) {
	static const double points[][2] = { { 0, 0 }, { 100, 30 }, { 1900, 10 }, { 12, 700 },
		{ 960, 360 } };
	for (int transform = 0; transform < 8; transform++) {
		for (size_t i = 0; i < COUNT(points); i++) {
			double u, v;
			to_panel(transform, wide.width, wide.height, points[i][0], points[i][1], &u,
					&v);
			struct bn_place place = bn_place_from_panel(transform, &wide, u, v);
			assert_near(place.x, points[i][0]);
			assert_near(place.y, points[i][1]);
		}
	}
}

static void test_edges(void **state) {
	for (int transform = 0; transform < 8; transform++) {
		for (int corner = 0; corner < 4; corner++) {
			struct bn_place place = bn_place_from_panel(transform, &wide, corner & 1,
					corner >> 1);
			assert_true(place.x >= 0 && place.x < wide.width);
			assert_true(place.y >= 0 && place.y < wide.height);
		}
	}
	struct bn_place place = bn_place_from_panel(0, &wide, 7, -3);
	assert_true(place.x < wide.width && place.x > wide.width - 1);
	assert_true(place.y == 0);
	place = bn_place_from_panel(0, &wide, NAN, INFINITY);
	assert_true(place.x == 0 && place.y < wide.height);
}

static const struct bn_place_size row[] = { { 100, 50 }, { 200, 80 }, { 0, 0 }, { 300, 60 } };

static void test_walk(void **state) {
	static const struct {
		struct bn_place from;
		double dx, dy;
		struct bn_place to;
	} cases[] = {
		{ { 0, 10, 10 }, 5, 6, { 0, 15, 16 } },
		{ { 0, 95, 10 }, 10, 0, { 1, 5, 10 } },
		{ { 1, 5, 10 }, -10, 0, { 0, 95, 10 } },
		{ { 1, 195, 10 }, 10, 0, { 3, 5, 10 } }, // over the missing one
		{ { 3, 5, 10 }, -10, 0, { 1, 195, 10 } },
		{ { 0, 50, 10 }, 300, 0, { 3, 50, 10 } }, // over two at once
		{ { 1, 195, 75 }, 10, 0, { 3, 5, 60 } },  // a lower neighbour
		{ { 0, 5, 5 }, -100, -100, { 0, 0, 0 } },
		{ { 3, 290, 5 }, 100, 100, { 3, 300, 60 } },
		{ { 0, 5, 5 }, NAN, 1, { 0, 5, 5 } },
		{ { 2, 5, 5 }, 0, 0, { 0, 50, 25 } }, // its display went away
		{ { 9, 5, 5 }, 0, 0, { 0, 50, 25 } },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bn_place place = cases[i].from;
		bn_place_walk(row, COUNT(row), &place, cases[i].dx, cases[i].dy);
		assert_int_equal(place.index, cases[i].to.index);
		assert_near(place.x, cases[i].to.x);
		assert_near(place.y, cases[i].to.y);
		assert_true(place.x < row[place.index].width && place.y < row[place.index].height);
	}
}

static void test_no_display(void **state) {
	const struct bn_place_size none[] = { { 0, 0 }, { 0, 0 } };
	struct bn_place place = { 1, 3, 4 };
	bn_place_walk(none, COUNT(none), &place, 10, 10);
	bn_place_spread(none, COUNT(none), &place, 0.5, 0.5);
	bn_place_walk(none, 0, &place, 10, 10);
	assert_int_equal(place.index, 1);
	assert_near(place.x, 3);
	assert_near(place.y, 4);
}

static void test_spread(void **state) {
	static const struct {
		double u, v;
		struct bn_place to;
	} cases[] = {
		{ 0, 0, { 0, 0, 0 } },
		{ 0.1, 0.5, { 0, 60, 25 } },
		{ 0.25, 0.5, { 1, 50, 40 } },
		{ 0.75, 1, { 3, 150, 60 } },
		{ 1, 1, { 3, 300, 60 } },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bn_place place = { 0, 0, 0 };
		bn_place_spread(row, COUNT(row), &place, cases[i].u, cases[i].v);
		assert_int_equal(place.index, cases[i].to.index);
		assert_near(place.x, cases[i].to.x);
		assert_near(place.y, cases[i].to.y);
	}
}

/** There and back again ends where it began, unless the edge of the row held it. */
static void test_random_walks(void **state) {
	for (int seed = 0; seed < 2000; seed++) {
		struct bn_random random = bn_random_seeded((uint64_t)seed);
		struct bn_place_size sizes[4];
		int32_t total = 0;
		for (size_t i = 0; i < COUNT(sizes); i++) {
			bool there = !bn_random_once_in(&random, 3);
			sizes[i] = (struct bn_place_size){
				there ? bn_random_int(&random, 1, 50) : 0, 100
			};
			total += sizes[i].width;
		}
		struct bn_place place = { 0, 0, 50 };
		bn_place_spread(sizes, COUNT(sizes), &place, 0, 0.5);
		struct bn_place begin = place;
		int distance = bn_random_int(&random, 0, total + 20);
		bn_place_walk(sizes, COUNT(sizes), &place, distance, 0);
		if (total > 0 && distance < total) {
			bn_place_walk(sizes, COUNT(sizes), &place, -distance, 0);
			assert_int_equal(place.index, begin.index);
			assert_near(place.x, begin.x);
		} else if (total > 0) {
			assert_true(place.x < sizes[place.index].width
					&& place.x > sizes[place.index].width - 1);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-finger-lands-on-the-px-under-it-in-all-eight-mountings", test_transforms),
		CASE("a-finger-on-the-edge-is-still-on-the-display", test_edges),
		CASE("a-pointer-walks-from-display-to-display", test_walk),
		CASE("without-displays-a-pointer-stays", test_no_display),
		CASE("an-absolute-device-reaches-the-whole-row", test_spread),
		CASE("random-walks-come-back", test_random_walks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
