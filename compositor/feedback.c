#include "feedback.h"

#include <stdlib.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_presentation_time.h>

#include "output.h"
#include "scene/content.h"

/** Takes it over; out of memory: the client is told that it was not shown. */
static void add(struct bn_feedbacks *feedbacks, struct wlr_presentation_feedback *wlr) {
	if (feedbacks->count == feedbacks->capacity) {
		size_t capacity = feedbacks->capacity * 2 + 8;
		struct bn_feedback *grown =
				reallocarray(feedbacks->items, capacity, sizeof(*grown));
		if (grown == NULL) {
			wlr_presentation_feedback_destroy(wlr);
			return;
		}
		feedbacks->items = grown;
		feedbacks->capacity = capacity;
	}
	feedbacks->items[feedbacks->count++] = (struct bn_feedback){ .wlr = wlr };
}

void bn_feedback_collect(struct bn_output *output) {
	const struct bn_drawlist *draw = &output->list.draw;
	for (size_t i = 0; i < draw->count; i++) {
		struct bn_content *content =
				bn_scene_list_source(&output->list, &draw->ops[i])->content;
		if (content == NULL || pixman_region32_empty(&draw->ops[i].visible)) {
			continue;
		}
		struct wlr_presentation_feedback *wlr = bn_content_take_feedback(content);
		if (wlr != NULL) {
			add(&output->feedbacks, wlr);
		}
	}
}

void bn_feedback_commit(struct bn_output *output) {
	struct bn_feedbacks *feedbacks = &output->feedbacks;
	for (size_t i = 0; i < feedbacks->count; i++) {
		struct bn_feedback *feedback = &feedbacks->items[i];
		if (!feedback->committed) {
			feedback->committed = true;
			feedback->zero_copy = output->record.scanned_out;
			feedback->commit_seq = output->wlr->commit_seq;
		}
	}
}

/** The back end knows that it copies nothing, but not whether we did. */
static void tell(const struct bn_feedback *feedback, const struct wlr_output_event_present *event) {
	struct wlr_presentation_event told;
	wlr_presentation_event_from_output(&told, event);
	if (!feedback->zero_copy) {
		told.flags &= ~(uint32_t)WLR_OUTPUT_PRESENT_ZERO_COPY;
	}
	wlr_presentation_feedback_send_presented(feedback->wlr, &told);
}

void bn_feedback_present(struct bn_output *output, const struct wlr_output_event_present *event) {
	struct bn_feedbacks *feedbacks = &output->feedbacks;
	size_t kept = 0;
	for (size_t i = 0; i < feedbacks->count; i++) {
		struct bn_feedback *feedback = &feedbacks->items[i];
		// Wraps; a parent may tell of a frame when the next one is committed already.
		bool later = (int32_t)(feedback->commit_seq - event->commit_seq) > 0;
		if (!feedback->committed || later) {
			feedbacks->items[kept++] = *feedback;
			continue;
		}
		if (event->presented && feedback->commit_seq == event->commit_seq) {
			tell(feedback, event);
		}
		wlr_presentation_feedback_destroy(feedback->wlr);
	}
	feedbacks->count = kept;
}

void bn_feedback_finish(struct bn_output *output) {
	struct bn_feedbacks *feedbacks = &output->feedbacks;
	for (size_t i = 0; i < feedbacks->count; i++) {
		wlr_presentation_feedback_destroy(feedbacks->items[i].wlr);
	}
	free(feedbacks->items);
	*feedbacks = (struct bn_feedbacks){ 0 };
}
