#include "frame.h"

#include <stdlib.h>
#include <wlr/render/pass.h>
#include <wlr/render/swapchain.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/log.h>
#include <wlr/util/region.h>
#include <wlr/util/transform.h>

#include "core/layout.h"
#include "core/nsec.h"
#include "feedback.h"
#include "output.h"
#include "pace.h"
#include "plan.h"
#include "privacy.h"
#include "render/memory.h"
#include "scanout.h"
#include "scene/content.h"
#include "scene/scene.h"

/** Without a display a frame below the safety rank may start so much early, with others of its kind. */
#define OWN_SLACK_NS INT64_C(1500000)

/** From the list's space (as a person sees it) to the buffer's (as it is scanned out). */
struct space {
	enum wl_output_transform transform; // list -> buffer
	int width, height;                  // of the list's space
};

static struct space space_of(const struct bn_output *output) {
	struct space space = { .transform = wlr_output_transform_invert(output->wlr->transform) };
	wlr_output_transformed_resolution(output->wlr, &space.width, &space.height);
	return space;
}

static struct wlr_box map_box(const struct space *space, const struct bn_rect *rect) {
	struct wlr_box box = { rect->x, rect->y, rect->width, rect->height };
	wlr_box_transform(&box, &box, space->transform, space->width, space->height);
	return box;
}

static void map_region(const struct space *space, pixman_region32_t *ret,
		const pixman_region32_t *region) {
	wlr_region_transform(ret, region, space->transform, space->width, space->height);
}

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

/** What an output's picture is drawn with. */
struct canvas {
	struct wlr_render_pass *pass;
	struct bn_output *output;
	struct space space;
	struct bn_memory
			memory; // .data NULL: nothing can be copied into the target between two ops
};

/** Pixels that need only be moved take a shorter way than through pixman's compositor. */
static bool copy_texture(struct canvas *canvas, const struct wlr_render_texture_options *options,
		const struct bn_draw_source *source, const struct bn_pass_effect *effect) {
	struct wlr_buffer *buffer = source->content != NULL ? source->content->shown : NULL;
	return canvas->memory.data != NULL && buffer != NULL && bn_pass_is_copy(options, effect)
			&& bn_memory_copy(&canvas->memory, buffer, (int)options->src_box.x,
					(int)options->src_box.y, &options->dst_box, options->clip);
}

static void draw_texture(struct canvas *canvas, const struct bn_draw_op *op,
		const struct bn_draw_source *source, const struct bn_pass_effect *effect,
		const pixman_region32_t *clip) {
	struct wlr_render_texture_options options = {
		.texture = source->texture,
		.src_box = source->box,
		.dst_box = map_box(&canvas->space, &op->item.box),
		.alpha = &op->item.alpha,
		.clip = clip,
		// The client's own rotation is undone first, then the output's applied.
		.transform = wlr_output_transform_compose(
				wlr_output_transform_invert(source->transform),
				canvas->output->wlr->transform),
		.filter_mode = source->filter,
		.blend_mode = op->blend ? WLR_RENDER_BLEND_MODE_PREMULTIPLIED
					: WLR_RENDER_BLEND_MODE_NONE,
	};
	if (!copy_texture(canvas, &options, source, effect)) {
		bn_pass_add_texture(canvas->pass, &options, effect);
	}
}

static void draw_color(struct canvas *canvas, const struct bn_draw_op *op,
		const struct bn_draw_source *source, const struct bn_pass_effect *effect,
		const pixman_region32_t *clip) {
	float alpha = op->item.alpha;
	struct wlr_render_rect_options options = {
		.box = map_box(&canvas->space, &op->item.box),
		.color = { source->color.r * alpha, source->color.g * alpha,
				source->color.b * alpha, source->color.a * alpha },
		.clip = clip,
		.blend_mode = op->blend ? WLR_RENDER_BLEND_MODE_PREMULTIPLIED
					: WLR_RENDER_BLEND_MODE_NONE,
	};
	bn_pass_add_rect(canvas->pass, &options, effect);
}

static void draw_op(struct canvas *canvas, const struct bn_draw_op *op,
		const pixman_region32_t *clip) {
	const struct bn_draw_source *source = bn_scene_list_source(&canvas->output->list, op);
	struct bn_pass_effect effect = source->effect;
	if (op->item.radius > 0) {
		effect.shape = map_box(&canvas->space, &op->item.shape);
	}
	if (source->texture != NULL) {
		draw_texture(canvas, op, source, &effect, clip);
	} else {
		draw_color(canvas, op, source, &effect, clip);
	}
}

/** Where no opaque entry will draw, the old picture must go. */
static void draw_ground(struct canvas *canvas, const pixman_region32_t *damage) {
	const struct wlr_output *wlr = canvas->output->wlr;
	pixman_region32_t ground, covered;
	pixman_region32_init(&ground);
	pixman_region32_init(&covered);
	pixman_region32_copy(&ground, damage);
	const struct bn_drawlist *draw = &canvas->output->list.draw;
	for (size_t i = 0; i < draw->count; i++) {
		if (!draw->ops[i].blend) {
			map_region(&canvas->space, &covered, &draw->ops[i].visible);
			pixman_region32_subtract(&ground, &ground, &covered);
		}
	}
	if (!pixman_region32_empty(&ground)) {
		const struct wlr_render_rect_options options = {
			.box = { 0, 0, wlr->width, wlr->height },
			.color = { 0, 0, 0, 1 },
			.clip = &ground,
			.blend_mode = WLR_RENDER_BLEND_MODE_NONE,
		};
		wlr_render_pass_add_rect(canvas->pass, &options);
	}
	pixman_region32_fini(&covered);
	pixman_region32_fini(&ground);
}

/** Everything within `damage` (buffer space), bottom to top. */
static void draw_list(struct canvas *canvas, const pixman_region32_t *damage) {
	struct bn_output *output = canvas->output;
	draw_ground(canvas, damage);
	pixman_region32_t clip;
	pixman_region32_init(&clip);
	const struct bn_drawlist *draw = &output->list.draw;
	for (size_t i = 0; i < draw->count; i++) {
		map_region(&canvas->space, &clip, &draw->ops[i].visible);
		pixman_region32_intersect(&clip, &clip, damage);
		if (!pixman_region32_empty(&clip)) {
			draw_op(canvas, &draw->ops[i], &clip);
			output->record.draw_ops++;
		}
	}
	pixman_region32_fini(&clip);
	wlr_output_add_software_cursors_to_render_pass(output->wlr, canvas->pass, damage);
}

static void drop_front(struct bn_output *output) {
	if (output->front != NULL) {
		wlr_buffer_unlock(output->front);
		output->front = NULL;
	}
}

static const struct bn_output_cover *find_covers(const struct bn_output *output,
		size_t *ret_count) {
	const struct bn_cover_source *source = &output->outputs->cover_source;
	*ret_count = 0;
	return source->covers != NULL ? source->covers(source->data, output, ret_count) : NULL;
}

/** A second pass over what was composed, so that what is beneath could be looked at. */
static bool draw_covers(struct bn_output *output, struct wlr_buffer *buffer,
		const struct bn_output_cover *covers, size_t count) {
	output->composed = buffer;
	wl_signal_emit_mutable(&output->outputs->events.composed, output);
	output->composed = NULL;
	struct wlr_render_pass *pass =
			wlr_renderer_begin_buffer_pass(output->outputs->renderer, buffer, NULL);
	if (pass == NULL) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		const struct wlr_render_texture_options options = {
			.texture = covers[i].texture,
			.dst_box = bn_output_map_box(output, &covers[i].box),
			.transform = output->wlr->transform,
			.filter_mode = WLR_SCALE_FILTER_NEAREST,
			.blend_mode = WLR_RENDER_BLEND_MODE_NONE,
		};
		wlr_render_pass_add_texture(pass, &options);
	}
	return wlr_render_pass_submit(pass);
}

/** wlr_output_begin_render_pass, which in wlroots 0.20 keeps its buffer for ever when the renderer is lost. */
static struct wlr_render_pass *begin_pass(struct bn_output *output,
		struct wlr_output_state *state) {
	struct wlr_output *wlr = output->wlr;
	if (!wlr_output_configure_primary_swapchain(wlr, state, &wlr->swapchain)) {
		return NULL;
	}
	// What a display still shows its back end keeps; without a display one buffer is enough.
	drop_front(output);
	struct wlr_buffer *buffer = wlr_swapchain_acquire(wlr->swapchain);
	if (buffer == NULL) {
		return NULL;
	}
	struct wlr_render_pass *pass =
			wlr_renderer_begin_buffer_pass(output->outputs->renderer, buffer, NULL);
	if (pass != NULL) {
		wlr_output_state_set_buffer(state, buffer);
	}
	wlr_buffer_unlock(buffer);
	return pass;
}

bool bn_frame_begin_with(struct bn_output *output, struct wlr_output_state *state,
		struct wlr_buffer *picture) {
	struct wlr_texture *texture = wlr_texture_from_buffer(output->outputs->renderer, picture);
	struct wlr_render_pass *pass = texture != NULL ? begin_pass(output, state) : NULL;
	if (pass == NULL) {
		wlr_texture_destroy(texture);
		return false;
	}
	const struct wlr_render_texture_options options = {
		.texture = texture,
		.blend_mode = WLR_RENDER_BLEND_MODE_NONE,
	};
	wlr_render_pass_add_texture(pass, &options);
	bool drawn = wlr_render_pass_submit(pass);
	wlr_texture_destroy(texture);
	return drawn;
}

/** Composes into the next buffer. False: nothing was drawn and everything is damaged. */
static bool compose(struct bn_output *output, struct wlr_output_state *state) {
	struct wlr_render_pass *pass = begin_pass(output, state);
	if (pass == NULL) {
		return false;
	}
	struct canvas canvas = { .pass = pass, .output = output, .space = space_of(output) };
	bn_memory_join(&canvas.memory, output->outputs->renderer, state->buffer);
	pixman_region32_t damage;
	pixman_region32_init(&damage);
	map_region(&canvas.space, &damage, &output->list.draw.damage);
	size_t cover_count;
	const struct bn_output_cover *covers = find_covers(output, &cover_count);
	for (size_t i = 0; i < cover_count; i++) {
		const struct wlr_box box = map_box(&canvas.space, &covers[i].box);
		pixman_region32_union_rect(&damage, &damage, box.x, box.y, (unsigned)box.width,
				(unsigned)box.height);
	}
	wlr_damage_ring_add(&output->ring, &damage);
	wlr_output_state_set_damage(state, &output->ring.current);
	wlr_damage_ring_rotate_buffer(&output->ring, state->buffer, &damage);
	draw_list(&canvas, &damage);
	pixman_region32_fini(&damage);
	output->record.submit_ns = bn_loop_now(output->outputs->loop);
	return wlr_render_pass_submit(pass)
			&& (cover_count == 0
					|| draw_covers(output, state->buffer, covers, cover_count));
}

/** Shows a client's buffer as it is, where that is all there is to see. */
static bool scan_out(struct bn_output *output, struct wlr_output_state *state) {
	if (!bn_scanout_attach(output, state)) {
		return false;
	}
	// Our own buffers fall behind meanwhile.
	struct space space = space_of(output);
	pixman_region32_t damage;
	pixman_region32_init(&damage);
	map_region(&space, &damage, &output->list.draw.damage);
	wlr_damage_ring_add(&output->ring, &damage);
	wlr_output_state_set_damage(state, &damage);
	pixman_region32_fini(&damage);
	output->record.scanned_out = true;
	output->stats.scanned_out++;
	return true;
}

static void hold_front(struct bn_output *output, struct wlr_buffer *buffer) {
	drop_front(output);
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
		drop_front(output); // where its private zones were is forgotten
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
	if (output->enabled && bn_deadline_request(&output->deadline)) {
		bn_timer_arm(&output->timer,
				bn_deadline_arm(&output->deadline,
						now + output->deadline.period_ns));
	}
	wl_signal_emit_mutable(&output->outputs->events.frame, output);
}

static void note_costs(struct bn_output *output) {
	struct bn_frame_record *record = &output->record;
	record->commit_ns = bn_loop_now(output->outputs->loop);
	int64_t cost = record->commit_ns - record->wake_ns;
	bn_deadline_measure(&output->deadline, record->wake_ns - record->due_ns, cost);
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
	};
	output->stats.wakeups++;
	bn_histogram_add(&output->stats.wake_late, now - output->timer.due_ns);
	output->record.aim_ns = bn_deadline_start(&output->deadline, now);
}

static void rearm(struct bn_output *output, int64_t now) {
	bn_timer_arm(&output->timer, bn_deadline_arm(&output->deadline, now));
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
	bool shown = (scan_out(output, &state) || compose(output, &state))
			&& commit(output, &state);
	wlr_output_state_finish(&state);
	if (!shown) {
		fail(output, now);
		return;
	}
	output->record.drawn = true;
	note_costs(output);
	bn_deadline_commit(&output->deadline, output->record.commit_ns);
	bn_pace_frame(output);
	wl_signal_emit_mutable(&output->outputs->events.frame, output);
	if (output->pace == BN_PACE_OWN) {
		finish_own(output);
	}
	if (output->safety) {
		bn_plan_safety_drawn(output->outputs, now);
	}
	if (output->list.again) {
		bn_output_schedule(output);
	}
}

static void handle_timer(struct bn_timer *timer, int64_t now_ns) {
	struct bn_output *output = wl_container_of(timer, output, timer);
	switch (output->deadline.state) {
	case BN_DEADLINE_IDLE:
		break;
	case BN_DEADLINE_ARMED: {
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
	bn_timer_disarm(&output->timer);
	bn_deadline_cancel(&output->deadline);
	drop_front(output);
	bn_feedback_finish(output);
}

void bn_frame_expect_flip(struct bn_output *output) {
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

void bn_output_schedule(struct bn_output *output) {
	if (output->enabled && bn_deadline_request(&output->deadline)) {
		rearm(output, bn_loop_now(output->outputs->loop));
	}
}

struct wlr_box bn_output_map_box(const struct bn_output *output, const struct bn_rect *px) {
	struct space space = space_of(output);
	return map_box(&space, px);
}

void bn_output_damage_box(struct bn_output *output, const struct bn_rect *px) {
	const struct wlr_box box = bn_output_map_box(output, px);
	wlr_damage_ring_add_box(&output->ring, &box);
	bn_output_schedule(output);
}

void bn_output_damage_whole(struct bn_output *output) {
	wlr_damage_ring_add_whole(&output->ring);
	bn_drawlist_invalidate(&output->list.draw);
	bn_output_schedule(output);
}
