#ifndef BN_SCANOUT_H
#define BN_SCANOUT_H

#include <stdbool.h>

struct bn_output;
struct wlr_output_state;

/**
 * A client's GPU buffer that is all there is to see goes to the display as it is: nothing is composed. Never on
 * a safety display, whose picture is ours to check, nor without a display, where there is none to scan out.
 *
 * True: `state` has the buffer, and the display takes it. What it refuses is composed, and not offered again
 * for a second.
 */
bool bn_scanout_attach(struct bn_output *output, struct wlr_output_state *state);

#endif
