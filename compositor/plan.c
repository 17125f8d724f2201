#include "plan.h"

#include "core/nsec.h"
#include "output.h"

/** When a safety output starts its next frame, whether it was asked to yet or not; BN_NSEC_NEVER: none will. */
static int64_t next_safety_ns(struct bn_outputs *outputs, int64_t now_ns, int64_t *ret_cost_ns) {
	int64_t next_ns = BN_NSEC_NEVER;
	struct bn_output *output;
	wl_list_for_each(output, &outputs->list, link) {
		if (!output->safety || !output->enabled) {
			continue;
		}
		bool armed = output->deadline.state == BN_DEADLINE_ARMED
				&& bn_timer_is_armed(&output->timer);
		int64_t wake_ns = armed ? output->timer.due_ns
					: bn_deadline_expected_wake(&output->deadline, now_ns);
		if (wake_ns < next_ns) {
			next_ns = wake_ns;
			*ret_cost_ns = bn_deadline_cost_ns(&output->deadline);
		}
	}
	return next_ns;
}

int64_t bn_plan_defer(struct bn_output *output, int64_t now_ns) {
	if (output->safety || output->deferred) {
		output->deferred = false;
		return now_ns;
	}
	int64_t safety_cost_ns = 0;
	int64_t wake_ns = next_safety_ns(output->outputs, now_ns, &safety_cost_ns);
	if (bn_deadline_fits(bn_deadline_cost_ns(&output->deadline), now_ns, wake_ns)) {
		return now_ns;
	}
	output->deferred = true;
	output->stats.deferred++;
	return wake_ns + safety_cost_ns;
}
