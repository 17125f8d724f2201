#ifndef BN_FEEDBACK_H
#define BN_FEEDBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bn_output;
struct wlr_output_event_present;
struct wlr_presentation_feedback;

/**
 * Who is told when the pixels of a frame came on glass.
 *
 * A client's question goes with the buffer that it was committed with (scene/content), not with the surface:
 * of a buffer that waits for its GPU nothing is told while an older one shows.
 */
struct bn_feedbacks {
	struct bn_feedback {
		struct wlr_presentation_feedback *wlr; // owned
		bool committed, zero_copy;
		uint32_t commit_seq; // of the output's commit that shows it
	} *items;
	size_t count, capacity;
};

/** The frame shows what its list has latched: before it is committed. */
void bn_feedback_collect(struct bn_output *output);
/** It was committed. One that failed keeps what was collected for the next. */
void bn_feedback_commit(struct bn_output *output);
void bn_feedback_present(struct bn_output *output, const struct wlr_output_event_present *event);
void bn_feedback_finish(struct bn_output *output);

#endif
