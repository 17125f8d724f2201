#ifndef BN_PACE_H
#define BN_PACE_H

#include <stdbool.h>

struct bn_output;

/**
 * When the clients on one output are asked to draw.
 *
 * A frame callback right after a flip lets what a client draws wait for almost a
 * whole refresh. It is put off instead, until the client's foretold drawing time
 * and a margin are left before the next latch: what is shown is then a few
 * milliseconds old. A client of which nothing is known, or which needs the whole
 * refresh, is asked at once.
 *
 * So are all where late answers gain nothing: when a nested output's parent latches
 * is not known, and without a display nobody sees how old a picture is, while every
 * wake-up costs.
 */
void bn_pace_init(struct bn_output *output);
void bn_pace_finish(struct bn_output *output);
/**
 * A frame was committed, or there was nothing to draw: each surface that shows, or is watched for a sign of life,
 * gets its callback when it is time.
 */
void bn_pace_frame(struct bn_output *output);
/**
 * Somebody was asked for the next frame, and all who were have answered: what is awaited is there. To start its
 * frame then and not when it is time leaves what is left of the refresh to whatever may hold it up.
 */
bool bn_pace_is_answered(const struct bn_output *output);

#endif
