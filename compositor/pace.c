#include "pace.h"

#include <wlr/types/wlr_compositor.h>

#include "core/nsec.h"
#include "output.h"
#include "scene/content.h"
#include "scene/scene.h"
#include "scene/walk.h"

static void forget(struct bn_output *output) {
	struct bn_content *content, *tmp;
	wl_list_for_each_safe(content, tmp, &output->callbacks, callback_link) {
		wl_list_remove(&content->callback_link);
		wl_list_init(&content->callback_link);
	}
	wl_list_for_each_safe(content, tmp, &output->asked, asked_link) {
		wl_list_remove(&content->asked_link);
		wl_list_init(&content->asked_link);
	}
	output->has_asked = false;
}

/** Asked earlier by this much a client notices nothing, and others' callbacks go with its own. */
#define CALLBACK_SLACK_NS INT64_C(500000)

/** The answers of clients that need no longer than this are gathered for GATHER_NS. */
#define GATHER_MAX_NS INT64_C(1000000)
#define GATHER_NS INT64_C(250000)

/**
 * Clients that answer within response_ns were asked: one wake-up for all of them. Not for those that were asked
 * late: when they answer is what is learned for the next time.
 */
static void gather_answers(struct bn_output *output, int64_t now_ns, int64_t response_ns) {
	if (output->pace == BN_PACE_OWN && !output->asks_late && response_ns >= 0
			&& response_ns <= GATHER_MAX_NS) {
		bn_loop_hold(output->outputs->loop, now_ns + GATHER_NS);
	}
}

/** Sends what is due, and waits for the rest. */
static void send_due(struct bn_output *output, int64_t now_ns) {
	int64_t next_ns = BN_NSEC_NEVER, response_ns = -1;
	bool asked = false;
	struct bn_content *content, *tmp;
	wl_list_for_each_safe(content, tmp, &output->callbacks, callback_link) {
		if (content->callback_due_ns <= now_ns + CALLBACK_SLACK_NS) {
			asked = true;
			int64_t own_ns = bn_content_response_ns(content);
			response_ns = own_ns > response_ns ? own_ns : response_ns;
			wl_list_remove(&content->callback_link);
			wl_list_init(&content->callback_link);
			wl_list_remove(&content->asked_link);
			wl_list_insert(&output->asked, &content->asked_link);
			bn_content_send_callback(content, now_ns);
		} else if (content->callback_due_ns < next_ns) {
			next_ns = content->callback_due_ns;
		}
	}
	if (asked) {
		output->has_asked = true;
		gather_answers(output, now_ns, response_ns);
	}
	if (next_ns != BN_NSEC_NEVER) {
		bn_timer_arm(&output->callback_timer, next_ns);
	} else {
		bn_timer_disarm(&output->callback_timer);
	}
}

static void handle_timer(struct bn_timer *timer, int64_t now_ns) {
	struct bn_output *output = wl_container_of(timer, output, callback_timer);
	bn_deadline_woken(&output->deadline, now_ns - timer->due_ns);
	send_due(output, now_ns);
}

void bn_pace_init(struct bn_output *output) {
	wl_list_init(&output->callbacks);
	wl_list_init(&output->asked);
	output->asks_late = output->pace == BN_PACE_FLIP;
	// After the frames that are due together with it: a client can wait, a refresh cannot.
	bn_timer_init(&output->callback_timer, output->outputs->loop, BN_RANK_CALLBACKS,
			handle_timer);
	output->callback_timer.urgent = true;
	output->callback_timer.slack_ns = CALLBACK_SLACK_NS;
}

void bn_pace_finish(struct bn_output *output) {
	bn_timer_disarm(&output->callback_timer);
	forget(output);
}

static int64_t due_of(const struct bn_output *output, const struct bn_content *content,
		int64_t now_ns) {
	if (!output->asks_late) {
		return now_ns;
	}
	int64_t due_ns = bn_deadline_callback(&output->deadline, now_ns,
			bn_content_response_ns(content));
	return due_ns - output->early_ns > now_ns ? due_ns - output->early_ns : now_ns;
}

struct asking {
	struct bn_output *output;
	int64_t now_ns;
};

static void ask(struct bn_output *output, struct bn_content *content, int64_t now_ns) {
	content->callback_due_ns = due_of(output, content, now_ns);
	wl_list_remove(&content->callback_link);
	wl_list_insert(output->callbacks.prev, &content->callback_link);
}

static void ask_watched(const struct bn_walk_surface *entry, void *data) {
	const struct asking *asking = data;
	struct bn_content *content = bn_content_from_surface(entry->surface);
	if (content != NULL && bn_content_wants_callback(content)) {
		ask(asking->output, content, asking->now_ns);
	}
}

/** Who is not drawn until it proves that it is live again has to be asked for that, too. */
static void ask_all_watched(struct bn_output *output, int64_t now_ns) {
	const struct bn_scene *scene = output->outputs->scene;
	struct asking asking = { output, now_ns };
	for (size_t i = 0; scene->layout != NULL && i < scene->layout->zone_count; i++) {
		const struct bn_scene_zone *zone = &scene->zones[i];
		if (zone->display == output->display && zone->watched != NULL) {
			bn_walk_zone_latched(zone, ask_watched, &asking);
		}
	}
}

void bn_pace_frame(struct bn_output *output) {
	int64_t now_ns = bn_loop_now(output->outputs->loop);
	// What waited and no longer shows waits until it shows again.
	forget(output);
	ask_all_watched(output, now_ns);
	const struct bn_drawlist *draw = &output->list.draw;
	for (size_t i = 0; i < draw->count; i++) {
		struct bn_content *content =
				bn_scene_list_source(&output->list, &draw->ops[i])->content;
		if (content == NULL || pixman_region32_empty(&draw->ops[i].visible)
				|| !bn_content_wants_callback(content)) {
			continue;
		}
		ask(output, content, now_ns);
	}
	send_due(output, now_ns);
}

bool bn_pace_is_answered(const struct bn_output *output) {
	return output->asks_late && output->has_asked && wl_list_empty(&output->callbacks)
			&& wl_list_empty(&output->asked);
}
