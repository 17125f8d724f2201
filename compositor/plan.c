#include "plan.h"

#include "core/nsec.h"
#include "output.h"

/** The next frame that a safety output is known to start; BN_NSEC_NEVER: none. */
static struct bn_output *next_safety(struct bn_outputs *outputs) {
	struct bn_output *next = NULL, *output;
	wl_list_for_each(output, &outputs->list, link) {
		bool waits = output->safety && output->deadline.state == BN_DEADLINE_ARMED
				&& bn_timer_is_armed(&output->timer);
		if (waits && (next == NULL || output->timer.due_ns < next->timer.due_ns)) {
			next = output;
		}
	}
	return next;
}

int64_t bn_plan_defer(struct bn_output *output, int64_t now_ns) {
	if (output->safety || output->deferred) {
		output->deferred = false;
		return now_ns;
	}
	const struct bn_output *safety = next_safety(output->outputs);
	int64_t wake = safety != NULL ? safety->timer.due_ns : BN_NSEC_NEVER;
	if (bn_deadline_fits(output->deadline.cost_ns, now_ns, wake)) {
		return now_ns;
	}
	output->deferred = true;
	output->stats.deferred++;
	return wake + safety->deadline.cost_ns;
}
