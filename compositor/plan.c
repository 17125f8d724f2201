#include "plan.h"

#include <sched.h>

#include "core/nsec.h"
#include "output.h"

/** A frame gives way so many times at most, should no safety frame come of those that were expected. */
#define BN_PLAN_DEFERRALS 4
/** Who starts early is done so long before the safety frame. */
#define BN_PLAN_SLACK_NS INT64_C(200000)

/** When an output starts its next frame, whether it was asked to yet or not; BN_NSEC_NEVER: it will not. */
static int64_t safety_wake_ns(const struct bn_output *output, int64_t now_ns) {
	bool armed = output->deadline.state == BN_DEADLINE_ARMED
			&& bn_timer_is_armed(&output->timer);
	return armed ? output->timer.due_ns : bn_deadline_expected_wake(&output->deadline, now_ns);
}

/** When a safety output needs the loop next, which is now while its commit settles; BN_NSEC_NEVER: none does. */
static int64_t next_safety_ns(const struct bn_outputs *outputs, int64_t now_ns,
		int64_t *ret_cost_ns) {
	int64_t next_ns = BN_NSEC_NEVER;
	const struct bn_output *output;
	wl_list_for_each(output, &outputs->list, link) {
		if (!output->safety || !output->enabled) {
			continue;
		}
		int64_t until_ns = bn_deadline_settled(&output->deadline);
		if (until_ns > now_ns) {
			*ret_cost_ns = until_ns - now_ns;
			return now_ns;
		}
		int64_t wake_ns = safety_wake_ns(output, now_ns);
		if (wake_ns < next_ns) {
			next_ns = wake_ns;
			*ret_cost_ns = bn_deadline_cost_ns(&output->deadline);
		}
	}
	return next_ns;
}

/** When this output has to be done: nothing bounds a safety output. */
static int64_t bound_by_ns(const struct bn_output *output, int64_t now_ns, int64_t *ret_cost_ns) {
	return output->safety ? BN_NSEC_NEVER
			      : next_safety_ns(output->outputs, now_ns, ret_cost_ns);
}

int64_t bn_plan_due(struct bn_output *output, int64_t due_ns, int64_t now_ns) {
	output->early_ns = 0;
	if (output->safety || output->pace != BN_PACE_FLIP) {
		return due_ns;
	}
	int64_t need_ns = bn_deadline_cost_ns(&output->deadline)
			+ bn_predictor_ns(&output->deadline.lateness) + BN_PLAN_SLACK_NS;
	int64_t first_ns = BN_NSEC_NEVER;
	const struct bn_output *other;
	wl_list_for_each(other, &output->outputs->list, link) {
		bool draws = other->safety && other->enabled;
		int64_t wake_ns = draws ? safety_wake_ns(other, now_ns) : BN_NSEC_NEVER;
		wake_ns = bn_deadline_overlap(&other->deadline, wake_ns, due_ns, due_ns + need_ns);
		first_ns = wake_ns < first_ns ? wake_ns : first_ns;
	}
	int64_t early_ns = first_ns != BN_NSEC_NEVER ? first_ns - need_ns : due_ns;
	if (early_ns < now_ns || early_ns >= due_ns) {
		return due_ns;
	}
	output->early_ns = due_ns - early_ns;
	return early_ns;
}

bool bn_plan_fits(const struct bn_output *output, int64_t now_ns) {
	int64_t safety_cost_ns;
	int64_t wake_ns = bound_by_ns(output, now_ns, &safety_cost_ns);
	return bn_deadline_fits(bn_deadline_cost_ns(&output->deadline), now_ns, wake_ns);
}

int64_t bn_plan_defer(struct bn_output *output, int64_t now_ns) {
	int64_t safety_cost_ns = 0;
	int64_t wake_ns = bound_by_ns(output, now_ns, &safety_cost_ns);
	if (bn_deadline_fits(bn_deadline_cost_ns(&output->deadline), now_ns, wake_ns)
			|| output->let_in || output->deferrals >= BN_PLAN_DEFERRALS) {
		output->let_in = false;
		output->deferrals = 0;
		return now_ns;
	}
	output->deferrals++;
	output->stats.deferred++;
	return wake_ns + safety_cost_ns;
}

int64_t bn_plan_left(const struct bn_output *output, int64_t now_ns, int64_t *ret_resume_ns) {
	int64_t cost_ns = 0;
	int64_t wake_ns = bound_by_ns(output, now_ns, &cost_ns);
	if (wake_ns == BN_NSEC_NEVER) {
		return BN_NSEC_NEVER;
	}
	if (wake_ns - now_ns > output->outputs->turn_ns) {
		return output->outputs->turn_ns;
	}
	*ret_resume_ns = wake_ns + cost_ns;
	return wake_ns - now_ns;
}

int64_t bn_plan_pause(void) {
	cpu_set_t ours;
	bool alone = sched_getaffinity(0, sizeof(ours), &ours) == 0 && CPU_COUNT(&ours) == 1;
	return alone ? BN_PLAN_PAUSE_NS : 0;
}

void bn_plan_safety_drawn(struct bn_output *safety, int64_t now_ns) {
	struct bn_outputs *outputs = safety->outputs;
	int64_t until_ns = bn_deadline_settled(&safety->deadline);
	int64_t resume_ns = until_ns > now_ns ? until_ns : now_ns;
	struct bn_output *output, *longest = NULL;
	wl_list_for_each(output, &outputs->list, link) {
		bool waits = output->deferrals > 0 || output->composing.active;
		if (!waits || output->deadline.state != BN_DEADLINE_ARMED) {
			continue;
		}
		bn_timer_arm(&output->timer, resume_ns);
		if (output->composing.active) {
			continue;
		}
		if (longest == NULL || output->deferrals > longest->deferrals) {
			longest = output;
		}
	}
	if (longest != NULL) {
		longest->let_in = true;
	}
}
