#ifndef BN_PLAN_H
#define BN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

struct bn_output;
struct bn_outputs;

/**
 * A lesser frame draws so long at once. Then clients have a turn: those on the cluster wait to be asked for their next
 * picture, and who has answered is not heard. Who drew right up to the cluster's frame would have it come empty.
 */
#define BN_PLAN_TURN_NS INT64_C(2000000)
/**
 * With one processor, whoever has the turn can use it only while a compositor in the real-time class sleeps: clients, and
 * the kernel's threads, without which no frame comes on glass. So long between two turns of a lesser frame; else 0.
 */
#define BN_PLAN_PAUSE_NS INT64_C(500000)
int64_t bn_plan_pause(void);

/**
 * When to start a frame that its display would start at due_ns. A lesser display whose refresh comes shortly after the
 * cluster's would have to give way each time, and show every second picture: it starts before the cluster instead, and
 * its clients are asked so much earlier (output->early_ns). Displays of their own raster only.
 */
int64_t bn_plan_due(struct bn_output *output, int64_t due_ns, int64_t now_ns);
/**
 * The order among outputs: a frame starts only when its predicted cost fits
 * before the next frame of a safety output. Otherwise it gives way to
 * just after that frame: a late picture on a lesser display, never on the cluster.
 * Returns when to try again; a time not after now_ns: start at once.
 */
int64_t bn_plan_defer(struct bn_output *output, int64_t now_ns);
/** Whether a frame that started now would not have to give way. */
bool bn_plan_fits(const struct bn_output *output, int64_t now_ns);
/**
 * How long a frame that has started may draw, ns: a turn, or until a safety output's next frame; then *ret_resume_ns
 * becomes when to go on. BN_NSEC_NEVER: as long as it takes.
 */
int64_t bn_plan_left(const struct bn_output *output, int64_t now_ns, int64_t *ret_resume_ns);
/**
 * A safety output has drawn: who gave way tries again once that has settled, with the whole gap ahead, and the one that
 * did so longest goes whatever it costs, since no later time is better for it. What was drawn in part goes on.
 */
void bn_plan_safety_drawn(struct bn_output *safety, int64_t now_ns);

#endif
