#include "core/deadline.h"

#include "core/nsec.h"
#include "unit.h"

enum { US = 1000, MS = 1000000, PERIOD = 16 * MS, MARGIN = 1 * MS };

static struct bn_deadline at_flip(int64_t flip_ns, int64_t cost_ns) {
	struct bn_deadline d;
	bn_deadline_init(&d, PERIOD);
	bn_predictor_init(&d.cost, cost_ns);
	bn_deadline_present(&d, flip_ns, flip_ns);
	return d;
}

/** From a request to a committed frame, its start at `now`. */
static int64_t frame(struct bn_deadline *d, int64_t now) {
	assert_true(bn_deadline_request(d));
	bn_deadline_arm(d, now);
	int64_t aim = bn_deadline_start(d, now);
	bn_deadline_commit(d, now);
	return aim;
}

static const struct {
	const char *name;
	int64_t cost, now, wake, flip;
} wakes[] = {
	{ "right-after-the-flip", 2 * MS, 100 * MS, 113 * MS, 116 * MS },
	{ "just-before-the-wake", 2 * MS, 113 * MS - 1, 113 * MS, 116 * MS },
	{ "at-the-wake", 2 * MS, 113 * MS, 113 * MS, 116 * MS },
	{ "late-spends-the-margin", 2 * MS, 113 * MS + 500 * US, 113 * MS + 500 * US, 116 * MS },
	{ "margin-is-spent", 2 * MS, 114 * MS, 114 * MS, 116 * MS },
	{ "too-late-for-this-flip", 2 * MS, 114 * MS + 1, 129 * MS, 132 * MS },
	{ "some-refreshes-later", 2 * MS, 190 * MS, 193 * MS, 196 * MS },
	{ "cost-fills-the-refresh", 15 * MS, 100 * MS, 100 * MS, 116 * MS },
	{ "cost-beyond-a-refresh", 40 * MS, 100 * MS + 300 * US, 100 * MS + 300 * US, 116 * MS },
	{ "before-the-flip-it-knows", 2 * MS, 99 * MS, 113 * MS, 116 * MS },
};

static void test_wakes(void **state) {
	for (size_t i = 0; i < COUNT(wakes); i++) {
		struct bn_deadline d = at_flip(100 * MS, wakes[i].cost);
		int64_t wake = bn_deadline_next_wake(&d, wakes[i].now);
		int64_t flip = bn_deadline_next_flip(&d, wakes[i].now);
		if (wake != wakes[i].wake || flip != wakes[i].flip) {
			fail_msg("%s: wake %lld, flip %lld", wakes[i].name, (long long)wake,
					(long long)flip);
		}
	}
}

static void test_no_phase(void **state) {
	struct bn_deadline d;
	bn_deadline_init(&d, PERIOD);
	assert_int_equal(bn_deadline_next_wake(&d, 7 * MS), 7 * MS);
	d = at_flip(100 * MS, 2 * MS);
	int64_t last = 100 * MS + BN_DEADLINE_PHASE_PERIODS * (int64_t)PERIOD;
	assert_true(bn_deadline_next_wake(&d, last - 5 * MS) > last - 5 * MS);
	assert_int_equal(bn_deadline_next_wake(&d, last), last);
}

static void test_one_aim_per_flip(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	assert_int_equal(frame(&d, 113 * MS), 116 * MS);
	// The back end said done before the flip's time came: the same refresh is not aimed at twice.
	assert_false(bn_deadline_done(&d));
	assert_int_equal(bn_deadline_next_flip(&d, 113 * MS), 132 * MS);
	assert_int_equal(bn_deadline_next_wake(&d, 113 * MS), 129 * MS);
}

static void test_missed(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	frame(&d, 113 * MS);
	assert_int_equal(bn_deadline_present(&d, 116 * MS + 200 * US, 117 * MS), 0);
	bn_deadline_done(&d);
	frame(&d, 129 * MS);
	assert_int_equal(bn_deadline_present(&d, 148 * MS, 149 * MS), 1);
	bn_deadline_done(&d);
	frame(&d, 161 * MS);
	assert_int_equal(bn_deadline_present(&d, 212 * MS, 212 * MS), 3);
	assert_int_equal(d.missed, 4);
	// A second event for the same frame counts nothing.
	assert_int_equal(bn_deadline_present(&d, 228 * MS, 228 * MS), 0);
}

static void test_unsure_is_not_missed(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	int64_t later = 100 * MS + 1000 * (int64_t)PERIOD;
	frame(&d, later);
	assert_int_equal(bn_deadline_present(&d, later + 30 * MS, later + 30 * MS), 0);
	assert_int_equal(d.missed, 0);
}

static void test_early_flip(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	assert_int_equal(frame(&d, 115 * MS), 132 * MS);
	assert_int_equal(bn_deadline_present(&d, 116 * MS, 116 * MS), 0);
	assert_false(bn_deadline_done(&d));
	assert_int_equal(bn_deadline_next_flip(&d, 117 * MS), 132 * MS);
}

static void test_odd_timestamps(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	const int64_t odd[] = { 99 * MS, 100 * MS, 0, -5, 100 * MS + PERIOD * (int64_t)50 };
	for (size_t i = 0; i < COUNT(odd); i++) {
		assert_int_equal(bn_deadline_present(&d, odd[i], 101 * MS), 0);
		assert_int_equal(d.flip_ns, 100 * MS);
	}
	// A nested back end may tell the flip that it expects.
	bn_deadline_present(&d, 116 * MS, 110 * MS);
	assert_int_equal(d.flip_ns, 116 * MS);
}

static void test_new_period(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	bn_deadline_set_period(&d, 8 * MS);
	assert_int_equal(bn_deadline_next_flip(&d, 101 * MS), 108 * MS);
	bn_deadline_set_period(&d, 0);
	assert_int_equal(d.period_ns, bn_nsec_from_mhz(60000));
	// So fast that the margin alone would fill it.
	bn_deadline_set_period(&d, 1 * MS);
	int64_t wake = bn_deadline_next_wake(&d, 100 * MS + 100 * US);
	assert_true(wake >= 100 * MS + 100 * US && wake < 102 * MS);
}

static void test_cost(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 4 * MS);
	assert_int_equal(bn_deadline_next_wake(&d, 101 * MS), 111 * MS);
	for (int i = 0; i < 500; i++) {
		bn_deadline_measure(&d, 0, -5);
	}
	// A cheap frame is not trusted to the last microsecond.
	assert_int_equal(bn_deadline_cost_ns(&d), BN_DEADLINE_MIN_COST_NS);
	assert_int_equal(bn_deadline_next_wake(&d, 101 * MS), 114 * MS);
	// Starts that come late are set out for earlier.
	for (int i = 0; i < 500; i++) {
		bn_deadline_measure(&d, 3 * MS, 0);
	}
	assert_int_in_range(bn_deadline_next_wake(&d, 101 * MS), 110 * MS, 111 * MS);
}

static void test_late_start(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	assert_true(bn_deadline_request(&d));
	assert_int_equal(bn_deadline_arm(&d, 101 * MS), 113 * MS);
	// Nobody was let run until the refresh had passed: it can meet the next one only.
	assert_int_equal(bn_deadline_start(&d, 117 * MS), 132 * MS);
	bn_deadline_commit(&d, 117 * MS);
	assert_int_equal(bn_deadline_present(&d, 132 * MS, 133 * MS), 1);
	assert_int_equal(d.missed, 1);
}

static void test_adaptive(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	d.adaptive = true;
	// Long after the last frame a new one is shown as soon as it is there,
	assert_int_equal(bn_deadline_next_wake(&d, 300 * MS), 300 * MS);
	assert_int_equal(frame(&d, 300 * MS), 302 * MS);
	assert_int_equal(bn_deadline_present(&d, 302 * MS, 302 * MS), 0);
	bn_deadline_done(&d);
	// and the next one not before a period has passed, and a little later, towards 320 ms.
	assert_int_equal(bn_deadline_next_flip(&d, 303 * MS), 318 * MS + BN_DEADLINE_SLEW_NS);
	assert_int_equal(bn_deadline_next_wake(&d, 303 * MS), 316 * MS + BN_DEADLINE_SLEW_NS);
	// Between two and three periods after it there is no raster to wait for.
	assert_int_equal(bn_deadline_next_flip(&d, 343 * MS), 345 * MS);
	assert_int_equal(frame(&d, 343 * MS), 345 * MS);
	assert_int_equal(bn_deadline_present(&d, 356 * MS, 356 * MS), 1);
}

/** What a dear frame makes the forecast jump by must not be seen in the times of those that follow. */
static void test_adaptive_lead(void **state) {
	struct bn_deadline cheap = at_flip(100 * MS, 1 * MS), dear = at_flip(100 * MS, 7 * MS);
	cheap.adaptive = dear.adaptive = true;
	int64_t wake = bn_deadline_next_wake(&cheap, 101 * MS);
	assert_int_equal(bn_deadline_next_wake(&dear, 101 * MS), wake);
	for (int i = 0; i < 20; i++) {
		int64_t flip = dear.flip_ns;
		bn_deadline_request(&dear);
		wake = bn_deadline_arm(&dear, flip + MS);
		bn_deadline_start(&dear, wake);
		bn_deadline_commit(&dear, wake + 7 * MS);
		bn_deadline_present(&dear, dear.planned_ns, wake + 7 * MS);
		bn_deadline_done(&dear);
		// It keeps its pace although each one is ready after the time that it was planned for.
		assert_int_in_range(dear.flip_ns - flip, PERIOD, PERIOD + BN_DEADLINE_SLEW_NS);
	}
	assert_int_equal(dear.missed, 0);
}

static void test_line_up(void **state) {
	struct bn_deadline d[3];
	int64_t flips[3] = { 100 * MS, 103 * MS, 111 * MS + 300 * US };
	for (int i = 0; i < 3; i++) {
		d[i] = at_flip(flips[i], 2 * MS);
		d[i].adaptive = true;
		for (int frames = 0; frames < 40; frames++) {
			int64_t flip = frame(&d[i], bn_deadline_next_wake(&d[i], flips[i]));
			// Nobody sees a frame that is half a millisecond longer.
			assert_int_in_range(flip - flips[i], PERIOD, PERIOD + BN_DEADLINE_SLEW_NS);
			flips[i] = flip;
			bn_deadline_present(&d[i], flip, flip);
			bn_deadline_done(&d[i]);
		}
		assert_int_equal(flips[i] % PERIOD, 0);
	}
	assert_int_equal(d[0].missed + d[1].missed + d[2].missed, 0);
}

/** A suspended machine: the clock stands still, and the display starts again at any phase. */
static void test_suspended(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	frame(&d, 113 * MS);
	int64_t woken = 120 * MS + 700 * US;
	assert_int_in_range(bn_deadline_present(&d, woken, 121 * MS), 0, 1);
	bn_deadline_done(&d);
	for (int i = 1; i < 20; i++) {
		int64_t wake = bn_deadline_next_wake(&d, woken + (i - 1) * PERIOD);
		assert_int_equal(frame(&d, wake), woken + i * PERIOD);
		assert_int_equal(bn_deadline_present(&d, woken + i * PERIOD, woken + i * PERIOD),
				0);
		bn_deadline_done(&d);
	}
}

static void test_expected_wake(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	assert_int_equal(bn_deadline_expected_wake(&d, 101 * MS), 113 * MS);
	// Too late for this one: the next.
	assert_int_equal(bn_deadline_expected_wake(&d, 113 * MS + 1), 129 * MS);
	assert_int_equal(bn_deadline_expected_wake(&d, 133 * MS), BN_NSEC_NEVER);
	struct bn_deadline fresh;
	bn_deadline_init(&fresh, PERIOD);
	assert_int_equal(bn_deadline_expected_wake(&fresh, 5 * MS), BN_NSEC_NEVER);
}

static void test_callback(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	// The latch is at 113 ms.
	assert_int_equal(bn_deadline_callback(&d, 101 * MS, -1), 101 * MS);
	const int64_t asked = 112 * MS - BN_DEADLINE_CALLBACK_MARGIN_NS;
	assert_int_equal(bn_deadline_callback(&d, 101 * MS, 1 * MS), asked);
	assert_int_equal(bn_deadline_callback(&d, 101 * MS, 11 * MS), 101 * MS);
	assert_int_equal(bn_deadline_callback(&d, 101 * MS, 90 * MS), 101 * MS);
	for (int i = 0; i < 500; i++) {
		bn_deadline_measure(&d, 2 * MS, 2 * MS);
	}
	// Wake-ups are late by 2 ms: those for the callback and for the latch.
	assert_int_in_range(bn_deadline_callback(&d, 101 * MS, 1 * MS), asked - 5 * MS,
			asked - 4 * MS);
}

static void test_haste(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	const int64_t due = 113 * MS, early = due - BN_DEADLINE_CALLBACK_MARGIN_NS;
	assert_int_equal(bn_deadline_hasten(&d, due, early), due); // nobody waits
	assert_true(bn_deadline_request(&d));
	bn_deadline_arm(&d, 101 * MS);
	assert_int_equal(bn_deadline_hasten(&d, due, early), early);
	assert_int_equal(bn_deadline_hasten(&d, due, due - 1), due - 1);
	assert_int_equal(bn_deadline_hasten(&d, due, early - 1), early);
	assert_int_equal(bn_deadline_hasten(&d, due, due + 1), due); // it is late as it is
	d.adaptive = true;
	assert_int_equal(bn_deadline_hasten(&d, due, due - 1), due);
	// What did not wait for its timer says nothing of how late timers are, others of its output do.
	struct bn_deadline h = at_flip(100 * MS, 2 * MS);
	int64_t late_ns = bn_predictor_ns(&h.lateness);
	for (int i = 0; i < 500; i++) {
		bn_deadline_measure(&h, -1, 2 * MS);
	}
	assert_int_equal(bn_predictor_ns(&h.lateness), late_ns);
	for (int i = 0; i < 500; i++) {
		bn_deadline_woken(&h, 3 * MS);
		bn_deadline_woken(&h, -1);
	}
	assert_int_equal(bn_predictor_ns(&h.lateness), 3 * MS);
}

static void test_states(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	assert_false(bn_deadline_done(&d));
	assert_true(bn_deadline_request(&d));
	assert_false(bn_deadline_request(&d));
	assert_false(bn_deadline_done(&d)); // a stray event of the back end
	assert_int_equal(d.state, BN_DEADLINE_ARMED);
	bn_deadline_arm(&d, 101 * MS);
	bn_deadline_start(&d, 113 * MS);
	bn_deadline_commit(&d, 114 * MS);
	assert_false(bn_deadline_request(&d));
	assert_int_equal(d.state, BN_DEADLINE_COMMITTED);
	assert_true(bn_deadline_done(&d));
	assert_int_equal(d.state, BN_DEADLINE_ARMED);
	bn_deadline_start(&d, 129 * MS);
	assert_int_equal(bn_deadline_skip(&d), 132 * MS);
	assert_int_equal(d.state, BN_DEADLINE_ESTIMATED);
	assert_false(bn_deadline_done(&d));
	assert_int_equal(d.state, BN_DEADLINE_IDLE);
}

static void test_cancel(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	frame(&d, 113 * MS);
	assert_false(bn_deadline_request(&d));
	bn_deadline_cancel(&d);
	assert_int_equal(d.state, BN_DEADLINE_IDLE);
	assert_false(d.requested);
	// The refresh of the refused frame may still be met.
	assert_int_equal(bn_deadline_next_flip(&d, 113 * MS), 116 * MS);
}

static void test_estimated_pace(void **state) {
	struct bn_deadline d;
	bn_deadline_init(&d, PERIOD);
	int64_t now = 50 * MS, last = 0;
	// No flip ever: callbacks keep the pace of the period all the same.
	for (int i = 0; i < 200; i++) {
		assert_true(bn_deadline_request(&d));
		now = bn_deadline_next_wake(&d, now);
		bn_deadline_start(&d, now);
		int64_t flip = bn_deadline_skip(&d);
		assert_true(i == 0 || flip - last == PERIOD);
		last = now = flip;
		bn_deadline_done(&d);
	}
}

static void test_fits(void **state) {
	assert_true(bn_deadline_fits(3 * MS, 10 * MS, 13 * MS));
	assert_false(bn_deadline_fits(3 * MS + 1, 10 * MS, 13 * MS));
	assert_false(bn_deadline_fits(1, 13 * MS, 10 * MS));
	assert_true(bn_deadline_fits(INT64_MAX, 10 * MS, BN_NSEC_NEVER));
}

/**
 * A display in virtual time: vblanks of a real period that is not quite the nominal one, frames that cost what
 * they cost, wake-ups that come late. Drawing without pause must use every refresh, and never wake before
 * the flip of the frame before.
 */
static void run_display(uint64_t seed) {
	struct bn_random random = bn_random_seeded(seed);
	struct bn_deadline d;
	bn_deadline_init(&d, PERIOD);
	int64_t real = PERIOD + bn_random_int(&random, -PERIOD / 1000, PERIOD / 1000);
	int64_t vblank = bn_random_int(&random, 1, PERIOD), now = 0, last_flip = 0;
	int64_t usual = bn_random_int(&random, 500 * US, 9 * MS);
	unsigned skipped = 0;
	for (int i = 0; i < 300; i++) {
		assert_true(bn_deadline_request(&d));
		int64_t wake = bn_deadline_arm(&d, now);
		assert_true(wake >= now && wake - now <= 2 * PERIOD);
		int64_t late = bn_random_int(&random, 0, 300 * US);
		now = wake + late;
		bn_deadline_start(&d, now);
		int64_t cost = usual + bn_random_int(&random, 0, 400 * US);
		now += cost;
		bn_deadline_measure(&d, late, cost);
		bn_deadline_commit(&d, now);
		while (vblank <= now) {
			vblank += real;
		}
		int64_t flip = vblank;
		now = flip + bn_random_int(&random, 0, 200 * US);
		bn_deadline_present(&d, flip, now);
		assert_false(bn_deadline_done(&d));
		// The first frames teach it the phase and the cost.
		if (i > 2) {
			skipped += flip - last_flip > real + real / 2;
		}
		last_flip = flip;
	}
	if (skipped > 0 || d.missed > 2) {
		fail_msg("seed %llu: %u refreshes without a frame, %llu missed",
				(unsigned long long)seed, skipped, (unsigned long long)d.missed);
	}
}

/** A frame of 1 ms that starts so late, on a display that must have it so long before a refresh. */
static void draw_one(struct bn_deadline *d, int64_t late_ns, int64_t needs_ns) {
	bn_deadline_request(d);
	int64_t now = bn_deadline_arm(d, d->flip_ns + 100 * US) + late_ns;
	int64_t flip = bn_deadline_start(d, now);
	now += 1 * MS;
	bn_deadline_measure(d, -1, 1 * MS);
	bn_deadline_commit(d, now);
	while (flip - now < needs_ns) {
		flip += PERIOD;
	}
	bn_deadline_present(d, flip, flip + 100 * US);
	bn_deadline_done(d);
}

/** Draws at each refresh; returns how many it missed. */
static uint64_t draw_on_slow(struct bn_deadline *d, int frames, int64_t needs_ns) {
	uint64_t missed = d->missed;
	for (int i = 0; i < frames; i++) {
		draw_one(d, 0, needs_ns);
	}
	return d->missed - missed;
}

/** Drivers and panels differ in how long before a refresh they must have its picture. */
static void test_learned_margin(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 1 * MS);
	d.learns = true;
	assert_int_equal(draw_on_slow(&d, 600, 500 * US), 0);
	assert_int_equal(d.margin_ns, BN_DEADLINE_MARGIN_NS);
	assert_int_in_range(draw_on_slow(&d, 20, 2 * MS + 200 * US), 3, 5);
	assert_int_equal(draw_on_slow(&d, 600, 2 * MS + 200 * US), 0);
	assert_int_in_range(d.margin_ns, 2 * MS + 200 * US, 3 * MS);
	// What it needs while all is new is learned at once, and once more.
	struct bn_deadline starts = at_flip(100 * MS, 1 * MS);
	starts.learns = true;
	assert_int_in_range(draw_on_slow(&starts, BN_PREDICTOR_WARM - 1, 3 * MS), 2, 6);
	assert_int_in_range(starts.margin_ns, 3 * MS, BN_DEADLINE_MARGIN_MAX_NS);
	assert_int_equal(draw_on_slow(&starts, 600, 500 * US), 0);
	assert_int_equal(starts.margin_ns, BN_DEADLINE_MARGIN_NS);
	// What no margin helps against does not eat up the refresh.
	draw_on_slow(&d, 600, 9 * MS);
	assert_int_equal(d.margin_ns, BN_DEADLINE_MARGIN_MAX_NS);
	// Where flips are somebody else's, or there is no raster, they say nothing.
	for (int i = 0; i < 2; i++) {
		d = at_flip(100 * MS, 1 * MS);
		d.learns = d.adaptive = i == 1;
		draw_on_slow(&d, 100, 3 * MS);
		assert_int_equal(d.margin_ns, BN_DEADLINE_MARGIN_NS);
	}
}

/** One frame in a thousand that a busy kernel puts off is no reason to start all others earlier. */
static void test_a_stall_teaches_nothing(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 1 * MS);
	d.learns = true;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(draw_on_slow(&d, 1, 9 * MS), 1);
		assert_int_equal(draw_on_slow(&d, BN_DEADLINE_MARGIN_FRAMES + 1, 0), 0);
	}
	// However often it is put off: what came in time in between had no more left.
	for (int i = 0; i < 50; i++) {
		assert_int_equal(draw_on_slow(&d, 1, 9 * MS), 1);
		assert_int_equal(draw_on_slow(&d, 1, 0), 0);
	}
	assert_int_equal(d.margin_ns, BN_DEADLINE_MARGIN_NS);
	// Nor does a stall of several frames when they had been early enough for every display.
	for (int i = 0; i < 5; i++) {
		draw_one(&d, -3500 * US, 9 * MS);
	}
	assert_int_equal(d.margin_ns, BN_DEADLINE_MARGIN_NS);
	draw_on_slow(&d, 1, 0);
	// One that we were late with, neither.
	for (int i = 0; i < 5; i++) {
		bn_deadline_request(&d);
		int64_t flip = bn_deadline_start(&d, bn_deadline_arm(&d, d.flip_ns + 100 * US));
		bn_deadline_commit(&d, flip + 1 * MS);
		bn_deadline_present(&d, flip + PERIOD, flip + PERIOD);
		bn_deadline_done(&d);
	}
	assert_int_equal(d.margin_ns, BN_DEADLINE_MARGIN_NS);
}

/** It has learned that its display has to have a picture 3 ms before. */
static struct bn_deadline that_lost_in_a_row(void) {
	struct bn_deadline d = at_flip(100 * MS, 1 * MS);
	d.learns = true;
	draw_on_slow(&d, BN_PREDICTOR_WARM, 0);
	draw_on_slow(&d, 20, 3 * MS);
	return d;
}

/** Two stalls in a row are taken for a slow display; frames that are late by chance show that it is none. */
static void test_a_margin_is_unlearned(void **state) {
	struct bn_deadline d = that_lost_in_a_row();
	int64_t learned_ns = d.margin_ns;
	assert_int_in_range(learned_ns, 3 * MS, BN_DEADLINE_MARGIN_MAX_NS);
	// Those that are in time as always say nothing, nor do those that do with a little less.
	draw_on_slow(&d, 1000, 0);
	for (int i = 0; i < 1000; i++) {
		draw_one(&d, BN_DEADLINE_MARGIN_STEP_NS, 0);
	}
	assert_int_equal(d.margin_ns, learned_ns);
	// It is what the dearest of them had left, and a step more.
	for (int i = 0; i < BN_DEADLINE_MARGIN_PROOFS - 1; i++) {
		draw_one(&d, i == 3 ? 1 * MS : 2 * MS, 0);
		draw_on_slow(&d, 50, 0);
	}
	assert_int_equal(d.margin_ns, learned_ns);
	draw_one(&d, 2 * MS, 0);
	assert_int_equal(d.margin_ns, learned_ns - 1 * MS + BN_DEADLINE_MARGIN_STEP_NS);
	for (int i = 0; i < BN_DEADLINE_MARGIN_PROOFS; i++) {
		draw_one(&d, 2 * MS, 0);
	}
	assert_int_equal(d.margin_ns, BN_DEADLINE_MARGIN_NS);
}

/** One that needs longer keeps what it was given, however often a frame is late. */
static void test_a_slow_display_keeps_its_margin(void **state) {
	struct bn_deadline d = that_lost_in_a_row();
	uint64_t missed = d.missed;
	for (int i = 0; i < 200; i++) {
		draw_one(&d, i % 10 == 0 ? 2 * MS : 0, 3 * MS);
		assert_int_in_range(d.margin_ns, 3 * MS, BN_DEADLINE_MARGIN_MAX_NS);
	}
	assert_int_equal(d.missed - missed, 20);
}

static void test_settled(void **state) {
	struct bn_deadline d = at_flip(100 * MS, 1 * MS);
	d.learns = true;
	assert_int_equal(bn_deadline_settled(&d), 0);
	bn_deadline_request(&d);
	int64_t flip = bn_deadline_start(&d, bn_deadline_arm(&d, 101 * MS));
	assert_int_equal(bn_deadline_settled(&d), 0);
	bn_deadline_commit(&d, flip - 5 * MS);
	assert_int_equal(bn_deadline_settled(&d), flip - 5 * MS + BN_DEADLINE_MARGIN_NS);
	d.commit_ns = flip - BN_DEADLINE_MARGIN_NS / 2; // late: its refresh ends it
	assert_int_equal(bn_deadline_settled(&d), flip);
	d.learns = false; // somebody else's display, or none
	assert_int_equal(bn_deadline_settled(&d), 0);
	d.learns = true;
	bn_deadline_present(&d, flip, flip);
	bn_deadline_done(&d);
	assert_int_equal(bn_deadline_settled(&d), 0);
}

static void test_overlap(void **state) {
	// Its frames start at 50 ms, a refresh later and so on; each takes 2 ms and settles for one.
	const struct bn_deadline d = at_flip(40 * MS, 2 * MS);
	const struct {
		int64_t begin, end, expected;
	} stretches[] = {
		{ 40 * MS, 50 * MS, BN_NSEC_NEVER },
		{ 40 * MS, 51 * MS, 50 * MS },
		{ 51 * MS, 52 * MS, 50 * MS },
		{ 52 * MS, 55 * MS, 50 * MS },
		{ 53 * MS, 55 * MS, BN_NSEC_NEVER },
		{ 53 * MS, 53 * MS + PERIOD, 50 * MS + PERIOD },
		{ 52 * MS + 5 * PERIOD, 60 * MS + 5 * PERIOD, 50 * MS + 5 * PERIOD },
		{ 53 * MS + 5 * PERIOD, 60 * MS + 5 * PERIOD, BN_NSEC_NEVER },
	};
	for (size_t i = 0; i < sizeof(stretches) / sizeof(stretches[0]); i++) {
		assert_int_equal(bn_deadline_overlap(&d, 50 * MS, stretches[i].begin,
						 stretches[i].end),
				stretches[i].expected);
	}
	assert_int_equal(bn_deadline_overlap(&d, BN_NSEC_NEVER, 0, 100 * MS), BN_NSEC_NEVER);
}

/** What a start for the next flip is foretold to need, after so many frames of 2 ms and then these. */
static int64_t lead_after(const int64_t *costs, size_t count) {
	struct bn_deadline d = at_flip(100 * MS, 2 * MS);
	for (int i = 0; i < 2 * BN_PREDICTOR_SAMPLES; i++) {
		size_t at = (size_t)i % 32; // one in 32: often enough to be believed
		bn_deadline_measure(&d, 0, at < count ? costs[at] : 2 * MS);
	}
	return bn_deadline_cost_ns(&d);
}

static void test_overlong(void **state) {
	const int64_t long_one[] = { 12 * MS }, stall[] = { 40 * MS };
	const int64_t slow_display[] = { 40 * MS, 40 * MS, 40 * MS };
	assert_int_equal(lead_after(NULL, 0), 2 * MS);
	assert_int_equal(lead_after(long_one, 1), 12 * MS);
	assert_int_equal(lead_after(stall, 1), 2 * MS);
	assert_int_equal(lead_after(slow_display, 3), 40 * MS);
}

static void test_virtual_display(void **state) {
	for (uint64_t seed = 0; seed < 200; seed++) {
		run_display(seed);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("wakes-for-the-first-flip-it-can-meet", test_wakes),
		CASE("without-a-recent-flip-it-does-not-wait", test_no_phase),
		CASE("a-refresh-is-aimed-at-once", test_one_aim_per_flip),
		CASE("missed-refreshes-are-counted", test_missed),
		CASE("an-old-phase-blames-nobody", test_unsure_is_not_missed),
		CASE("an-early-flip-frees-its-refresh", test_early_flip),
		CASE("odd-timestamps-are-not-believed", test_odd_timestamps),
		CASE("a-new-period-keeps-the-phase", test_new_period),
		CASE("starts-early-enough-for-cost-and-lateness", test_cost),
		CASE("a-start-after-its-refresh-is-a-miss", test_late_start),
		CASE("a-variable-refresh-waits-for-no-raster", test_adaptive),
		CASE("a-variable-refresh-is-not-shaken-by-a-forecast", test_adaptive_lead),
		CASE("displays-without-a-raster-line-up", test_line_up),
		CASE("a-suspended-display-finds-its-new-phase", test_suspended),
		CASE("a-display-that-draws-is-expected-to-go-on", test_expected_wake),
		CASE("clients-are-asked-late-but-in-time", test_callback),
		CASE("a-frame-for-which-all-is-there-need-not-wait", test_haste),
		CASE("events-move-the-state-in-any-order", test_states),
		CASE("a-refused-frame-may-be-tried-again", test_cancel),
		CASE("without-flips-the-pace-is-estimated", test_estimated_pace),
		CASE("work-fits-before-the-next-deadline", test_fits),
		CASE("a-busy-display-misses-no-refresh", test_virtual_display),
		CASE("a-display-that-needs-longer-is-given-it", test_learned_margin),
		CASE("a-margin-that-stalls-taught-is-unlearned", test_a_margin_is_unlearned),
		CASE("a-slow-display-keeps-its-margin", test_a_slow_display_keeps_its_margin),
		CASE("a-stall-teaches-nothing", test_a_stall_teaches_nothing),
		CASE("a-frame-that-no-refresh-has-room-for-is-believed-when-it-comes-again",
				test_overlong),
		CASE("work-is-kept-out-of-the-way-of-the-next-frames", test_overlap),
		CASE("a-committed-frame-takes-its-time-to-settle", test_settled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
