#include "core/deadline.h"

#include <assert.h>

#include "core/nsec.h"

static int64_t max64(int64_t a, int64_t b) {
	return a > b ? a : b;
}

static int64_t min64(int64_t a, int64_t b) {
	return a < b ? a : b;
}

void bn_deadline_init(struct bn_deadline *deadline, int64_t period_ns) {
	*deadline = (struct bn_deadline){
		.state = BN_DEADLINE_IDLE,
		.margin_ns = BN_DEADLINE_MARGIN_NS,
		.since_lost = BN_DEADLINE_MARGIN_FRAMES,
	};
	bn_predictor_init(&deadline->cost, BN_DEADLINE_FIRST_COST_NS);
	bn_predictor_init(&deadline->lateness, 0);
	bn_deadline_set_period(deadline, period_ns);
}

void bn_deadline_set_period(struct bn_deadline *deadline, int64_t period_ns) {
	deadline->period_ns = period_ns > 0 ? period_ns : bn_nsec_from_mhz(0);
}

// --- arithmetic -------------------------------------------------------------

/** On a very fast output the margin is half a refresh at most. */
static int64_t margin_of(const struct bn_deadline *deadline) {
	return min64(deadline->margin_ns, deadline->period_ns / 2);
}

int64_t bn_deadline_cost_ns(const struct bn_deadline *deadline) {
	return max64(bn_predictor_ns(&deadline->cost), BN_DEADLINE_MIN_COST_NS);
}

/** From the start of a frame to its commit; never so long that a refresh would have to be left out. */
static int64_t cost_of(const struct bn_deadline *deadline) {
	return min64(bn_deadline_cost_ns(deadline), deadline->period_ns - margin_of(deadline));
}

/**
 * From the time that a timer is set to, to the flip. Without a raster nothing is lost by a frame that takes longer than
 * most: it is shown when it is there. A lead that followed the foretold cost would come out as jitter.
 */
static int64_t lead_of(const struct bn_deadline *deadline) {
	if (deadline->adaptive) {
		return BN_DEADLINE_MIN_COST_NS + margin_of(deadline);
	}
	int64_t lead_ns = bn_deadline_cost_ns(deadline) + bn_predictor_ns(&deadline->lateness)
			+ margin_of(deadline);
	return min64(lead_ns, deadline->period_ns);
}

/** The last refresh spoken for; 0: none, or too long ago to tell the phase. */
static int64_t phase_of(const struct bn_deadline *deadline, int64_t now_ns) {
	int64_t base_ns = max64(deadline->flip_ns, deadline->aim_ns);
	if (base_ns == 0 || (now_ns - base_ns) / deadline->period_ns >= BN_DEADLINE_PHASE_PERIODS) {
		return 0;
	}
	return base_ns;
}

/** Towards the next multiple of the period, never before it is due by its own. */
static int64_t line_up(const struct bn_deadline *deadline, int64_t flip_ns) {
	int64_t short_ns =
			(deadline->period_ns - flip_ns % deadline->period_ns) % deadline->period_ns;
	return flip_ns + min64(short_ns, BN_DEADLINE_SLEW_NS);
}

int64_t bn_deadline_next_flip(const struct bn_deadline *deadline, int64_t now_ns) {
	int64_t base_ns = phase_of(deadline, now_ns);
	int64_t ready_ns = now_ns + (deadline->adaptive ? lead_of(deadline) : cost_of(deadline));
	if (base_ns == 0) {
		return deadline->adaptive ? ready_ns : now_ns + deadline->period_ns;
	}
	int64_t flip_ns = base_ns + deadline->period_ns;
	if (deadline->adaptive) {
		return ready_ns > flip_ns ? ready_ns : line_up(deadline, flip_ns);
	}
	if (flip_ns < ready_ns) {
		int64_t short_ns = ready_ns - flip_ns;
		int64_t refreshes = (short_ns + deadline->period_ns - 1) / deadline->period_ns;
		flip_ns += refreshes * deadline->period_ns;
	}
	return flip_ns;
}

int64_t bn_deadline_next_wake(const struct bn_deadline *deadline, int64_t now_ns) {
	if (phase_of(deadline, now_ns) == 0) {
		return now_ns;
	}
	return max64(now_ns, bn_deadline_next_flip(deadline, now_ns) - lead_of(deadline));
}

int64_t bn_deadline_expected_wake(const struct bn_deadline *deadline, int64_t now_ns) {
	int64_t last_ns = max64(deadline->flip_ns, deadline->aim_ns);
	if (last_ns == 0 || now_ns - last_ns > 2 * deadline->period_ns) {
		return BN_NSEC_NEVER;
	}
	int64_t wake_ns = bn_deadline_next_wake(deadline, now_ns);
	// What was not asked for until its wake-up is for the refresh after.
	return wake_ns > now_ns ? wake_ns
				: bn_deadline_next_flip(deadline, now_ns) + deadline->period_ns
					- lead_of(deadline);
}

int64_t bn_deadline_callback(const struct bn_deadline *deadline, int64_t now_ns,
		int64_t response_ns) {
	if (response_ns < 0) {
		return now_ns;
	}
	int64_t early_ns = response_ns + bn_predictor_ns(&deadline->lateness)
			+ BN_DEADLINE_CALLBACK_MARGIN_NS;
	return max64(now_ns, bn_deadline_next_wake(deadline, now_ns) - early_ns);
}

int64_t bn_deadline_settled(const struct bn_deadline *deadline) {
	if (!deadline->learns || deadline->state != BN_DEADLINE_COMMITTED) {
		return 0;
	}
	return min64(deadline->commit_ns + margin_of(deadline), deadline->aim_ns);
}

int64_t bn_deadline_overlap(const struct bn_deadline *deadline, int64_t wake_ns, int64_t begin_ns,
		int64_t end_ns) {
	if (wake_ns == BN_NSEC_NEVER) {
		return BN_NSEC_NEVER;
	}
	int64_t over_ns = wake_ns + bn_deadline_cost_ns(deadline) + margin_of(deadline);
	if (over_ns <= begin_ns) {
		wake_ns += ((begin_ns - over_ns) / deadline->period_ns + 1) * deadline->period_ns;
	}
	return wake_ns < end_ns ? wake_ns : BN_NSEC_NEVER;
}

/** A frame that had left_ns left came a refresh late. */
static void learn_more(struct bn_deadline *deadline, int64_t left_ns) {
	if (left_ns >= BN_DEADLINE_MARGIN_MAX_NS) {
		return; // with any margin it would have
	}
	if (deadline->since_lost < BN_DEADLINE_MARGIN_FRAMES) {
		int64_t enough_ns = min64(left_ns + BN_DEADLINE_MARGIN_STEP_NS,
				BN_DEADLINE_MARGIN_MAX_NS);
		deadline->margin_ns = max64(deadline->margin_ns, enough_ns);
	}
	deadline->since_lost = 0;
	deadline->lost_ns = left_ns;
	deadline->proofs = 0;
	deadline->proof_ns = 0;
}

/** A frame that had left_ns left, negative when it was committed too late for any display, was where it had to be. */
static void learn_less(struct bn_deadline *deadline, int64_t left_ns) {
	bool says = left_ns > 0;
	if (says && left_ns <= deadline->lost_ns) {
		deadline->since_lost = BN_DEADLINE_MARGIN_FRAMES;
	} else if (deadline->since_lost < BN_DEADLINE_MARGIN_FRAMES) {
		deadline->since_lost++;
	}
	if (!says || left_ns + BN_DEADLINE_MARGIN_STEP_NS >= deadline->margin_ns) {
		return;
	}
	deadline->proof_ns = max64(deadline->proof_ns, left_ns);
	if (++deadline->proofs == BN_DEADLINE_MARGIN_PROOFS) {
		deadline->margin_ns = max64(deadline->proof_ns + BN_DEADLINE_MARGIN_STEP_NS,
				BN_DEADLINE_MARGIN_NS);
		deadline->proofs = 0;
		deadline->proof_ns = 0;
	}
}

/** The frame came on glass at flip_ns: was it committed early enough for the refresh before? */
static void learn_margin(struct bn_deadline *deadline, int64_t flip_ns) {
	if (deadline->flips < BN_PREDICTOR_WARM && ++deadline->flips == BN_PREDICTOR_WARM) {
		deadline->margin_ns = BN_DEADLINE_MARGIN_NS;
		deadline->since_lost = BN_DEADLINE_MARGIN_FRAMES;
	}
	int64_t left_ns = deadline->aim_ns - deadline->commit_ns;
	if (left_ns > 0 && flip_ns - deadline->aim_ns > deadline->period_ns / 2) {
		learn_more(deadline, left_ns);
	} else {
		learn_less(deadline, left_ns);
	}
}

uint32_t bn_deadline_present(struct bn_deadline *deadline, int64_t flip_ns, int64_t now_ns) {
	if (flip_ns <= deadline->flip_ns || flip_ns - now_ns > deadline->period_ns) {
		return 0;
	}
	int64_t late_ns = flip_ns - deadline->planned_ns;
	uint32_t missed = 0;
	if (deadline->plan_is_sure && late_ns > deadline->period_ns / 2) {
		int64_t refreshes = (late_ns + deadline->period_ns / 2) / deadline->period_ns;
		missed = (uint32_t)min64(refreshes, UINT32_MAX);
	}
	if (deadline->learns && !deadline->adaptive && deadline->plan_is_sure) {
		learn_margin(deadline, flip_ns);
	}
	deadline->flip_ns = flip_ns;
	// An early flip frees the refresh that was aimed at.
	deadline->aim_ns = min64(deadline->aim_ns, flip_ns);
	deadline->plan_is_sure = false;
	deadline->missed += missed;
	return missed;
}

void bn_deadline_measure(struct bn_deadline *deadline, int64_t lateness_ns, int64_t cost_ns) {
	bool overlong = max64(lateness_ns, 0) + cost_ns > deadline->period_ns - margin_of(deadline);
	bool stall = overlong && !deadline->overlong;
	deadline->overlong = overlong;
	if (!stall) {
		bn_deadline_woken(deadline, lateness_ns);
		bn_predictor_add(&deadline->cost, cost_ns);
	}
}

void bn_deadline_woken(struct bn_deadline *deadline, int64_t lateness_ns) {
	if (lateness_ns >= 0) {
		bn_predictor_add(&deadline->lateness, lateness_ns);
	}
}

int64_t bn_deadline_hasten(const struct bn_deadline *deadline, int64_t due_ns, int64_t now_ns) {
	bool can = deadline->state == BN_DEADLINE_ARMED && !deadline->adaptive;
	int64_t early_ns = max64(now_ns, due_ns - BN_DEADLINE_CALLBACK_MARGIN_NS);
	return can ? min64(early_ns, due_ns) : due_ns;
}

bool bn_deadline_fits(int64_t cost_ns, int64_t now_ns, int64_t next_wake_ns) {
	return next_wake_ns == BN_NSEC_NEVER || next_wake_ns - now_ns >= cost_ns;
}

// --- states -----------------------------------------------------------------

bool bn_deadline_request(struct bn_deadline *deadline) {
	switch (deadline->state) {
	case BN_DEADLINE_IDLE:
		deadline->state = BN_DEADLINE_ARMED;
		return true;
	case BN_DEADLINE_ARMED:
		break;
	case BN_DEADLINE_COMMITTED:
	case BN_DEADLINE_ESTIMATED:
		deadline->requested = true;
		break;
	}
	return false;
}

int64_t bn_deadline_arm(struct bn_deadline *deadline, int64_t now_ns) {
	assert(deadline->state == BN_DEADLINE_ARMED);
	deadline->planned_ns = bn_deadline_next_flip(deadline, now_ns);
	int64_t since_flip_ns = deadline->planned_ns - deadline->flip_ns;
	deadline->plan_is_sure = deadline->flip_ns != 0
			&& since_flip_ns / deadline->period_ns <= BN_DEADLINE_PHASE_PERIODS;
	return bn_deadline_next_wake(deadline, now_ns);
}

int64_t bn_deadline_start(struct bn_deadline *deadline, int64_t now_ns) {
	assert(deadline->state == BN_DEADLINE_ARMED);
	deadline->aim_ns = bn_deadline_next_flip(deadline, now_ns);
	return deadline->aim_ns;
}

void bn_deadline_commit(struct bn_deadline *deadline, int64_t now_ns) {
	assert(deadline->state == BN_DEADLINE_ARMED);
	deadline->commit_ns = now_ns;
	deadline->state = BN_DEADLINE_COMMITTED;
}

int64_t bn_deadline_skip(struct bn_deadline *deadline) {
	assert(deadline->state == BN_DEADLINE_ARMED);
	deadline->state = BN_DEADLINE_ESTIMATED;
	deadline->plan_is_sure = false; // no flip will come of it
	return deadline->aim_ns;
}

void bn_deadline_cancel(struct bn_deadline *deadline) {
	deadline->state = BN_DEADLINE_IDLE;
	deadline->requested = false;
	deadline->plan_is_sure = false;
	// The refresh that the lost frame was for may be aimed at again.
	deadline->aim_ns = min64(deadline->aim_ns, deadline->flip_ns);
}

bool bn_deadline_done(struct bn_deadline *deadline) {
	bool waited = deadline->state == BN_DEADLINE_COMMITTED
			|| deadline->state == BN_DEADLINE_ESTIMATED;
	if (!waited) {
		return false;
	}
	bool again = deadline->requested;
	deadline->requested = false;
	deadline->state = again ? BN_DEADLINE_ARMED : BN_DEADLINE_IDLE;
	return again;
}
