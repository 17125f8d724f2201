#include "core/transition.h"

#include <stdlib.h>

#include "core/rect.h"
#include "unit.h"

static const struct bn_rect box = { 100, 50, 641, 333 };
enum { START = 1000, LENGTH = 240 };

static struct bn_transition started(enum bn_transition_kind kind) {
	struct bn_transition transition;
	const struct bn_transition_spec spec = { kind, LENGTH };
	bn_transition_start(&transition, &spec, START);
	return transition;
}

static const struct {
	const char *name;
	enum bn_transition_kind kind;
	int64_t now;
	bool running;
	float in_alpha;
	int32_t in_dx, in_dy;
	float out_alpha;
	int32_t out_dx, out_dy;
} cases[] = {
	{ "none", BN_TRANSITION_NONE, START, false, 1, 0, 0, 0, 0, 0 },
	{ "fade-starts-invisible", BN_TRANSITION_FADE, START, true, 0, 0, 0, 1, 0, 0 },
	{ "fade-is-half-way", BN_TRANSITION_FADE, START + LENGTH / 2, true, 0.5f, 0, 0, 0.5f, 0,
			0 },
	{ "fade-ends-exact", BN_TRANSITION_FADE, START + LENGTH, false, 1, 0, 0, 0, 0, 0 },
	{ "fade-before-its-start", BN_TRANSITION_FADE, START - 5, true, 0, 0, 0, 1, 0, 0 },
	{ "left-starts-at-the-right", BN_TRANSITION_SLIDE_LEFT, START, true, 1, 641, 0, 1, 0, 0 },
	{ "left-is-half-way", BN_TRANSITION_SLIDE_LEFT, START + LENGTH / 2, true, 1, 321, 0, 1,
			-320, 0 },
	{ "left-ends-exact", BN_TRANSITION_SLIDE_LEFT, START + LENGTH, false, 1, 0, 0, 0, 0, 0 },
	{ "left-long-after-its-end", BN_TRANSITION_SLIDE_LEFT, INT64_MAX, false, 1, 0, 0, 0, 0, 0 },
	{ "right-starts-at-the-left", BN_TRANSITION_SLIDE_RIGHT, START, true, 1, -641, 0, 1, 0, 0 },
	{ "up-starts-below", BN_TRANSITION_SLIDE_UP, START, true, 1, 0, 333, 1, 0, 0 },
	{ "down-starts-above", BN_TRANSITION_SLIDE_DOWN, START, true, 1, 0, -333, 1, 0, 0 },
	{ "down-ends-exact", BN_TRANSITION_SLIDE_DOWN, START + LENGTH, false, 1, 0, 0, 0, 0, 0 },
};

static void check_pose(const char *name, const struct bn_transition_pose *pose, float alpha,
		int32_t dx, int32_t dy) {
	if (pose->alpha != alpha || pose->dx != dx || pose->dy != dy) {
		fail_msg("%s: alpha %f, %d,%d", name, (double)pose->alpha, pose->dx, pose->dy);
	}
}

static void test_moments(void **state) {
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bn_transition t = started(cases[i].kind);
		assert_int_equal(bn_transition_is_running(&t, cases[i].now), cases[i].running);
		struct bn_transition_pose in = bn_transition_incoming(&t, &box, cases[i].now);
		struct bn_transition_pose out = bn_transition_outgoing(&t, &box, cases[i].now);
		check_pose(cases[i].name, &in, cases[i].in_alpha, cases[i].in_dx, cases[i].in_dy);
		check_pose(cases[i].name, &out, cases[i].out_alpha, cases[i].out_dx,
				cases[i].out_dy);
	}
}

static void test_edge_to_edge(void **state) {
	struct bn_transition left = started(BN_TRANSITION_SLIDE_LEFT);
	struct bn_transition down = started(BN_TRANSITION_SLIDE_DOWN);
	int32_t last_dx = INT32_MAX;
	for (int64_t now = START; now < START + LENGTH; now++) {
		int32_t in = bn_transition_incoming(&left, &box, now).dx;
		int32_t out = bn_transition_outgoing(&left, &box, now).dx;
		assert_int_equal(out + box.width, in);
		assert_true(in <= last_dx);
		last_dx = in;
		in = bn_transition_incoming(&down, &box, now).dy;
		out = bn_transition_outgoing(&down, &box, now).dy;
		assert_int_equal(in + box.height, out);
	}
}

static void test_last_ns(void **state) {
	struct bn_transition fade = started(BN_TRANSITION_FADE);
	struct bn_transition_pose pose = bn_transition_incoming(&fade, &box, START + LENGTH - 1);
	assert_true(bn_transition_is_running(&fade, START + LENGTH - 1));
	assert_true(pose.alpha > 0.99f && pose.alpha < 1);
	assert_true(bn_transition_outgoing(&fade, &box, START + LENGTH - 1).alpha > 0);
}

static void test_no_duration(void **state) {
	struct bn_transition transition;
	const struct bn_transition_spec specs[] = {
		{ BN_TRANSITION_FADE, 0 },
		{ BN_TRANSITION_FADE, -1 },
		{ BN_TRANSITION_NONE, LENGTH },
	};
	for (size_t i = 0; i < COUNT(specs); i++) {
		bn_transition_start(&transition, &specs[i], START);
		assert_false(bn_transition_is_running(&transition, START));
		assert_true(bn_transition_incoming(&transition, &box, START).alpha == 1);
	}
}

static void test_huge_duration(void **state) {
	struct bn_transition transition;
	const struct bn_transition_spec spec = { BN_TRANSITION_FADE, INT64_MAX };
	bn_transition_start(&transition, &spec, START);
	assert_true(bn_transition_is_running(&transition, (int64_t)1 << 40));
}

static void test_hull(void **state) {
	for (int kind = BN_TRANSITION_NONE; kind <= BN_TRANSITION_SLIDE_DOWN; kind++) {
		struct bn_transition transition = started((enum bn_transition_kind)kind);
		struct bn_rect hull = bn_transition_hull((enum bn_transition_kind)kind, &box);
		assert_true(bn_rect_contains(&hull, &box));
		for (int64_t now = START - 1; now <= START + LENGTH; now++) {
			const struct bn_transition_pose poses[] = {
				bn_transition_incoming(&transition, &box, now),
				bn_transition_outgoing(&transition, &box, now),
			};
			for (size_t i = 0; i < COUNT(poses); i++) {
				struct bn_rect at = box;
				at.x += poses[i].dx;
				at.y += poses[i].dy;
				assert_true(bn_rect_contains(&hull, &at));
			}
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("poses-are-right-at-each-moment", test_moments),
		CASE("sliding-sides-leave-no-gap", test_edge_to_edge),
		CASE("no-moment-is-outside-the-hull", test_hull),
		CASE("the-last-ns-still-runs", test_last_ns),
		CASE("without-duration-it-is-over-at-once", test_no_duration),
		CASE("a-huge-duration-does-not-wrap", test_huge_duration),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
