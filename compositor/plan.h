#ifndef BN_PLAN_H
#define BN_PLAN_H

#include <stdint.h>

struct bn_output;
struct bn_outputs;

/**
 * A lesser frame draws so long at once. Then clients have a turn: those on the cluster wait to be asked for their next
 * picture, and who has answered is not heard. Who drew right up to the cluster's frame would have it come empty.
 */
#define BN_PLAN_TURN_NS INT64_C(2000000)

/**
 * The order among outputs: a frame starts only when its predicted cost fits
 * before the next frame of a safety output. Otherwise it gives way to
 * just after that frame: a late picture on a lesser display, never on the cluster.
 * Returns when to try again; a time not after now_ns: start at once.
 */
int64_t bn_plan_defer(struct bn_output *output, int64_t now_ns);
/**
 * How long a frame that has started may draw, ns: a turn, or until a safety output's next frame; then *ret_resume_ns
 * becomes when to go on. BN_NSEC_NEVER: as long as it takes.
 */
int64_t bn_plan_left(const struct bn_output *output, int64_t now_ns, int64_t *ret_resume_ns);
/**
 * A safety output has drawn: who gave way tries again now, with the whole gap ahead, and the one that did so
 * longest goes whatever it costs, since no later time is better for it. What was drawn in part goes on.
 */
void bn_plan_safety_drawn(struct bn_outputs *outputs, int64_t now_ns);

#endif
