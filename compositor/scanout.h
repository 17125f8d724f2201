#ifndef BN_SCANOUT_H
#define BN_SCANOUT_H

#include <stdbool.h>

struct bn_output;
struct wlr_output_state;

/**
 * A client's GPU buffer that is all there is to see goes to the display as it is: nothing is composed. Never on
 * a safety display, whose picture is ours to check, nor without a display, where there is none to scan out.
 *
 * Output layers, which would show one on a plane beside ours, are not used. wlroots' DRM back end takes them through
 * libliftoff alone (WLR_DRM_FORCE_LIBLIFTOFF=1), for all displays of a card, and 0.20 crashes in its handler of the first
 * page flip then: on vkms, with overlay planes or without; sway too where it was tried, without.
 *
 * True: `state` has the buffer, and the display takes it. What it refuses is composed, and not offered again
 * for a second.
 */
bool bn_scanout_attach(struct bn_output *output, struct wlr_output_state *state);

#endif
