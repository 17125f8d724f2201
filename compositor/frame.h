#ifndef BN_FRAME_H
#define BN_FRAME_H

#include <stdbool.h>
#include <stdint.h>

struct bn_output;

/**
 * The life of one frame: timer, latch, draw, commit, flip. The states are
 * core/deadline's; this is where they meet wlroots.
 */
void bn_frame_init(struct bn_output *output);
/** Whether its frames go before those of others. */
void bn_frame_set_safety(struct bn_output *output, bool safety);
void bn_frame_finish(struct bn_output *output);
/**
 * A commit was made that was no frame (a modeset): the back end answers it as it answers a frame, and takes
 * no other one before. Does nothing where the pace is our own.
 */
void bn_frame_expect_flip(struct bn_output *output);
/** The back end says that the frame is on glass (or the parent that it wants another). */
void bn_frame_done(struct bn_output *output, int64_t now_ns);
/** A flip's own timestamp: arithmetic and figures only. */
void bn_frame_present(struct bn_output *output, int64_t flip_ns, int64_t refresh_ns,
		int64_t now_ns);

/** A frame that is drawn in parts is given up, and begun anew: what it was drawn for changes. Harmless without one. */
void bn_frame_abandon(struct bn_output *output);
/** Such a frame is drawn to its end now, whatever it costs: somebody wants to read the picture. */
void bn_frame_complete(struct bn_output *output);

#endif
