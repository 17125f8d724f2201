#include "frame.h"

#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/log.h>

#include "compose.h"
#include "core/layout.h"
#include "core/nsec.h"
#include "feedback.h"
#include "output.h"
#include "pace.h"
#include "plan.h"
#include "privacy.h"
#include "render/renderer.h"
#include "scanout.h"
#include "scene/scene.h"

/** Without a display a frame below the safety rank may start so much early, with others of its kind. */
#define OWN_SLACK_NS INT64_C(1500000)

static void build_list(struct bn_output *output, int64_t now) {
	struct bn_outputs *outputs = output->outputs;
	struct bn_scene_list_params params = {
		.scene = outputs->scene,
		.text = outputs->text,
		.renderer = outputs->renderer,
		.output = output->wlr,
		.display = output->display,
		.scale = output->scale,
		.now_ns = now,
		.inspector = outputs->inspector,
	};
	wlr_output_transformed_resolution(output->wlr, &params.width, &params.height);
	const struct bn_inspector_source *source = &outputs->inspector_source;
	if (outputs->inspector && source->labels != NULL) {
		params.labels = source->labels(source->data);
		params.headline = source->headline(source->data, output);
	}
	const struct bn_overlay_source *overlay = &outputs->overlay_source;
	if (output->overlay && overlay->info != NULL) {
		params.overlay = overlay->info(overlay->data, output);
	}
	bn_scene_list_build(&output->list, &params);
}

/** Shows a client's buffer as it is, where that is all there is to see. */
static bool scan_out(struct bn_output *output, struct wlr_output_state *state) {
	if (!bn_scanout_attach(output, state)) {
		return false;
	}
	// Our own buffers fall behind meanwhile.
	pixman_region32_t damage;
	pixman_region32_init(&damage);
	bn_compose_map_region(output, &damage, &output->list.draw.damage);
	wlr_damage_ring_add(&output->ring, &damage);
	wlr_output_state_set_damage(state, &damage);
	pixman_region32_fini(&damage);
	output->record.scanned_out = true;
	output->stats.scanned_out++;
	return true;
}

static void hold_front(struct bn_output *output, struct wlr_buffer *buffer) {
	bn_compose_drop_front(output);
	output->front_transform = output->wlr->transform;
	if (!output->privacy.failed) {
		output->front = wlr_buffer_lock(buffer);
	}
}

static bool commit(struct bn_output *output, struct wlr_output_state *state) {
	bn_feedback_collect(output);
	output->composed = state->buffer;
	wl_signal_emit_mutable(&output->outputs->events.before_commit, output);
	output->composed = NULL;
	bn_privacy_begin_commit(output);
	bool done = wlr_output_commit_state(output->wlr, state);
	bn_privacy_end_commit(output);
	if (!done) {
		bn_compose_drop_front(output); // where its private zones were is forgotten
		return false;
	}
	bn_feedback_commit(output);
	hold_front(output, state->buffer);
	return true;
}

/** A lost frame: all of it is drawn again, one refresh later. */
static void fail(struct bn_output *output, int64_t now) {
	output->record.failed = true;
	output->stats.failed++;
	wlr_damage_ring_add_whole(&output->ring);
	bn_drawlist_invalidate(&output->list.draw);
	if (output->stats.failed == 1 || (output->stats.failed & 0xff) == 0) {
		wlr_log(WLR_ERROR, "output %s: frame %llu could not be shown (%llu so far)",
				output->wlr->name, (unsigned long long)output->record.sequence,
				(unsigned long long)output->stats.failed);
	}
	bn_deadline_cancel(&output->deadline);
	output->early_ns = 0; // the next one starts when it has to
	if (output->enabled && bn_deadline_request(&output->deadline)) {
		bn_timer_arm(&output->timer,
				bn_deadline_arm(&output->deadline,
						now + output->deadline.period_ns));
	}
	wl_signal_emit_mutable(&output->outputs->events.frame, output);
}

/** spent_ns: of its parts before this one. */
static void note_costs(struct bn_output *output, int64_t spent_ns) {
	struct bn_frame_record *record = &output->record;
	record->commit_ns = bn_loop_now(output->outputs->loop);
	int64_t cost = record->commit_ns - output->part_ns + spent_ns;
	int64_t late_ns = record->hastened ? -1 : record->wake_ns - record->due_ns;
	bn_deadline_measure(&output->deadline, late_ns, cost);
	bn_histogram_add(&output->stats.render, cost);
	bn_histogram_add(&output->stats.predicted, record->predicted_ns);
	output->stats.underestimated += cost > record->predicted_ns;
}

static void begin_record(struct bn_output *output, int64_t now) {
	output->record = (struct bn_frame_record){
		.sequence = ++output->outputs->next_sequence,
		.due_ns = output->timer.due_ns,
		.wake_ns = now,
		.planned_ns = output->deadline.planned_ns,
		.predicted_ns = bn_deadline_cost_ns(&output->deadline),
		.early_ns = output->early_ns,
		.hastened = output->hastened,
	};
	output->hastened = false;
	output->stats.wakeups++;
	bn_histogram_add(&output->stats.wake_late, now - output->timer.due_ns);
	output->record.aim_ns = bn_deadline_start(&output->deadline, now);
}

static void rearm(struct bn_output *output, int64_t now) {
	output->hastened = false;
	int64_t due_ns = bn_deadline_arm(&output->deadline, now);
	bn_timer_arm(&output->timer, bn_plan_due(output, due_ns, now));
}

void bn_frame_done(struct bn_output *output, int64_t now_ns) {
	if (bn_deadline_done(&output->deadline)) {
		rearm(output, now_ns);
	}
}

void bn_frame_present(struct bn_output *output, int64_t flip_ns, int64_t refresh_ns,
		int64_t now_ns) {
	struct bn_frame_record *record = &output->record;
	if (refresh_ns > 0) {
		bn_deadline_set_period(&output->deadline, refresh_ns);
	}
	record->present_ns = flip_ns;
	record->missed = bn_deadline_present(&output->deadline, flip_ns, now_ns);
	if (output->pace == BN_PACE_PARENT) {
		record->missed = 0; // the parent paces us as it likes: nothing was promised
	}
	output->stats.presented++;
	output->stats.missed += record->missed;
	if (record->commit_ns > 0) {
		bn_histogram_add(&output->stats.latency, flip_ns - record->commit_ns);
	}
	wl_signal_emit_mutable(&output->outputs->events.presented, output);
}

/**
 * Without a display nothing happens between the commit and the refresh that was planned for, so nobody wakes up
 * for it: the frame counts as shown then. One that is late by less than half a refresh does too, or each delay of
 * a busy machine would put off all that follow.
 */
static void finish_own(struct bn_output *output) {
	const struct bn_frame_record *record = &output->record;
	int64_t now = bn_loop_now(output->outputs->loop);
	int64_t planned_ns = output->deadline.planned_ns;
	bool late = record->commit_ns - planned_ns > output->deadline.period_ns / 2;
	bn_frame_present(output, late ? record->commit_ns : planned_ns, 0, now);
	bn_frame_done(output, now);
}

/** The picture is there, or was not to be had: it is shown, and what follows from that is done. */
static void finish_frame(struct bn_output *output, struct wlr_output_state *state, int64_t now) {
	bool shown = commit(output, state);
	int64_t spent_ns = output->composing.spent_ns;
	output->composing.restarts = 0;
	bn_compose_end(output);
	if (!shown) {
		fail(output, now);
		return;
	}
	output->record.drawn = true;
	note_costs(output, spent_ns);
	bn_deadline_commit(&output->deadline, output->record.commit_ns);
	bn_pace_frame(output);
	wl_signal_emit_mutable(&output->outputs->events.frame, output);
	if (output->pace == BN_PACE_OWN) {
		finish_own(output);
	}
	if (output->safety) {
		bn_plan_safety_drawn(output, output->record.commit_ns);
	}
	if (output->list.again) {
		bn_output_schedule(output);
	}
}

/** How long it may draw; BN_NSEC_NEVER: as long as it takes. A GPU is given all at once, and what is checked is whole. */
static int64_t time_left(const struct bn_output *output, int64_t *ret_resume_ns) {
	if (output->checked || !bn_renderer_is_software(output->outputs->renderer)) {
		return BN_NSEC_NEVER;
	}
	return bn_plan_left(output, bn_loop_now(output->outputs->loop), ret_resume_ns);
}

/** Draws for a turn, or what fits before the cluster's next frame; the rest comes after what has its turn then. */
static void go_on(struct bn_output *output, int64_t now) {
	struct bn_composing *composing = &output->composing;
	int64_t resume_ns = now;
	if (!bn_compose_draw(output, time_left(output, &resume_ns))) {
		bn_compose_end(output);
		fail(output, now);
	} else if (bn_compose_is_done(output)) {
		finish_frame(output, &composing->state, now);
	} else {
		output->stats.divided += !output->record.divided;
		output->record.divided = true;
		int64_t end_ns = bn_loop_now(output->outputs->loop);
		int64_t pause_ns = output->outputs->pause_ns;
		composing->spent_ns += end_ns - output->part_ns;
		bool pauses = pause_ns > 0 && resume_ns < end_ns + pause_ns;
		bn_timer_arm(&output->timer, pauses ? end_ns + pause_ns : resume_ns);
	}
}

void bn_frame_abandon(struct bn_output *output) {
	if (!output->composing.active) {
		return;
	}
	output->composing.restarts += output->composing.stale;
	bn_compose_end(output);
	wlr_damage_ring_add_whole(&output->ring);
	bn_drawlist_invalidate(&output->list.draw);
	if (output->deadline.state == BN_DEADLINE_ARMED) {
		bn_timer_arm(&output->timer, bn_loop_now(output->outputs->loop));
	}
}

void bn_frame_complete(struct bn_output *output) {
	if (!output->composing.active || output->composing.stale) {
		return;
	}
	int64_t now = bn_loop_now(output->outputs->loop);
	output->part_ns = now;
	bn_timer_disarm(&output->timer);
	if (bn_compose_draw(output, BN_NSEC_NEVER)) {
		finish_frame(output, &output->composing.state, now);
	} else {
		bn_compose_end(output);
		fail(output, now);
	}
}

static void run_frame(struct bn_output *output, int64_t now) {
	bool was_scanned_out = output->record.scanned_out;
	begin_record(output, now);
	build_list(output, now);
	output->record.latch_ns = bn_loop_now(output->outputs->loop);
	output->record.upload_bytes = output->list.upload_bytes;
	output->stats.upload_bytes += output->list.upload_bytes;
	// What was scanned out is on glass although our own buffers have not got it.
	bool behind = !pixman_region32_empty(&output->ring.current) && !was_scanned_out;
	bool damaged = !pixman_region32_empty(&output->list.draw.damage) || behind
			|| output->front == NULL;
	if (!damaged && !output->wlr->needs_frame) {
		// Nothing to draw; who asked for a callback gets it at the refresh all the same.
		output->record.scanned_out = was_scanned_out;
		bn_timer_arm(&output->timer, bn_deadline_skip(&output->deadline));
		bn_pace_frame(output);
		wl_signal_emit_mutable(&output->outputs->events.frame, output);
		return;
	}
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	output->part_ns = now;
	output->composing.spent_ns = 0;
	if (scan_out(output, &state)) {
		finish_frame(output, &state, now);
	} else if (bn_compose_begin(output)) {
		go_on(output, now);
	} else {
		fail(output, now);
	}
	wlr_output_state_finish(&state);
}

static void handle_timer(struct bn_timer *timer, int64_t now_ns) {
	struct bn_output *output = wl_container_of(timer, output, timer);
	switch (output->deadline.state) {
	case BN_DEADLINE_IDLE:
		break;
	case BN_DEADLINE_ARMED: {
		if (output->composing.active && !output->composing.stale) {
			output->part_ns = now_ns;
			go_on(output, now_ns);
			break;
		}
		bn_frame_abandon(output);
		int64_t later = bn_plan_defer(output, now_ns);
		if (later > now_ns) {
			bn_timer_arm(timer, later);
			wl_signal_emit_mutable(&output->outputs->events.deferred, output);
			break;
		}
		run_frame(output, now_ns);
		break;
	}
	case BN_DEADLINE_COMMITTED: // the back end tells
		break;
	case BN_DEADLINE_ESTIMATED:
		if (output->list.again) {
			bn_output_schedule(output);
		}
		bn_frame_done(output, now_ns);
		break;
	}
}

void bn_frame_set_safety(struct bn_output *output, bool safety) {
	output->safety = safety;
	output->timer.rank = safety ? BN_RANK_SAFETY : BN_RANK_DISPLAY;
	// Nobody sees when a frame comes on an output without a display; but of a safety frame the time is measured.
	output->timer.slack_ns = output->pace == BN_PACE_OWN && !safety ? OWN_SLACK_NS : 0;
}

void bn_frame_init(struct bn_output *output) {
	bn_timer_init(&output->timer, output->outputs->loop, BN_RANK_DISPLAY, handle_timer);
	output->timer.urgent = true;
	bn_frame_set_safety(output, false);
	bn_deadline_init(&output->deadline, bn_nsec_from_mhz(output->wlr->refresh));
	output->deadline.learns = output->pace == BN_PACE_FLIP;
}

void bn_frame_finish(struct bn_output *output) {
	bn_compose_end(output);
	bn_timer_disarm(&output->timer);
	bn_deadline_cancel(&output->deadline);
	bn_compose_drop_front(output);
	bn_feedback_finish(output);
}

void bn_frame_expect_flip(struct bn_output *output) {
	bn_frame_abandon(output);
	if (output->pace == BN_PACE_OWN) {
		return;
	}
	bn_timer_disarm(&output->timer);
	bn_deadline_cancel(&output->deadline);
	bn_deadline_request(&output->deadline);
	int64_t now = bn_loop_now(output->outputs->loop);
	bn_deadline_start(&output->deadline, now);
	bn_deadline_commit(&output->deadline, now);
}

/** What a frame that waits for its time is for is all there: it need not wait. */
static void hasten(struct bn_output *output) {
	bool waits = bn_timer_is_armed(&output->timer) && !output->composing.active
			&& output->deferrals == 0 && !output->hastened;
	if (!waits || !bn_pace_is_answered(output)) {
		return;
	}
	int64_t now = bn_loop_now(output->outputs->loop), due_ns = output->timer.due_ns;
	int64_t start_ns = bn_deadline_hasten(&output->deadline, due_ns, now);
	if (start_ns < due_ns && bn_plan_fits(output, start_ns)) {
		output->hastened = true;
		bn_timer_arm(&output->timer, start_ns);
	}
}

void bn_output_schedule(struct bn_output *output) {
	if (output->composing.active && output->record.divided) {
		output->list.again = true; // what is asked for now is not in the frame under way
	} else if (output->enabled) {
		if (bn_deadline_request(&output->deadline)) {
			rearm(output, bn_loop_now(output->outputs->loop));
		}
		hasten(output);
	}
}

struct wlr_box bn_output_map_box(const struct bn_output *output, const struct bn_rect *px) {
	return bn_compose_map_box(output, px);
}

void bn_output_damage_box(struct bn_output *output, const struct bn_rect *px) {
	const struct wlr_box box = bn_output_map_box(output, px);
	wlr_damage_ring_add_box(&output->ring, &box);
	bn_output_schedule(output);
}

void bn_output_damage_whole(struct bn_output *output) {
	bn_frame_abandon(output);
	wlr_damage_ring_add_whole(&output->ring);
	bn_drawlist_invalidate(&output->list.draw);
	bn_output_schedule(output);
}
