#include "output.h"

#include <drm_fourcc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/multi.h>
#include <wlr/backend/wayland.h>
#include <wlr/backend/x11.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/util/log.h>
#include <wlr/util/transform.h>

#include "core/layout.h"
#include "core/nsec.h"
#include "core/rect.h"
#include "feedback.h"
#include "frame.h"
#include "pace.h"
#include "plan.h"
#include "privacy.h"
#include "scene/pixels.h"
#include "scene/scene.h"

// Matching

static bool key_matches(const char *wanted, const char *actual) {
	return wanted == NULL || (actual != NULL && strcmp(wanted, actual) == 0);
}

static bool display_matches(const struct bn_display *display, const struct wlr_output *wlr) {
	for (size_t i = 0; i < display->match_count; i++) {
		const struct bn_match *match = &display->matches[i];
		if (key_matches(match->connector, wlr->name) && key_matches(match->make, wlr->make)
				&& key_matches(match->model, wlr->model)
				&& key_matches(match->serial, wlr->serial)) {
			return true;
		}
	}
	return false;
}

static enum bn_output_pace pace_of(const struct wlr_output *wlr) {
	if (wlr_output_is_headless((struct wlr_output *)wlr)) {
		return BN_PACE_OWN;
	}
	bool nested = wlr_output_is_wl((struct wlr_output *)wlr)
			|| wlr_output_is_x11((struct wlr_output *)wlr);
	return nested ? BN_PACE_PARENT : BN_PACE_FLIP;
}

/** On a back end of windows any output may be any display: the first one without an output. */
static size_t free_display(const struct bn_outputs *outputs) {
	for (size_t i = 0; i < outputs->layout->display_count; i++) {
		if (bn_outputs_find((struct bn_outputs *)outputs, i) == NULL) {
			return i;
		}
	}
	return BN_NONE;
}

static size_t choose_display(const struct bn_output *output) {
	const struct bn_outputs *outputs = output->outputs;
	if (outputs->layout == NULL) {
		return BN_NONE;
	}
	if (output->pace != BN_PACE_FLIP) {
		return free_display(outputs);
	}
	for (size_t i = 0; i < outputs->layout->display_count; i++) {
		if (bn_outputs_find((struct bn_outputs *)outputs, i) == NULL
				&& display_matches(&outputs->layout->displays[i], output->wlr)) {
			return i;
		}
	}
	return BN_NONE;
}

struct bn_output *bn_outputs_find(struct bn_outputs *outputs, size_t display) {
	struct bn_output *output;
	wl_list_for_each(output, &outputs->list, link) {
		if (display != BN_NONE && output->display == display) {
			return output;
		}
	}
	return NULL;
}

// Modes

static struct wlr_output_mode *find_mode(struct wlr_output *wlr, const struct bn_display *display) {
	struct wlr_output_mode *mode, *best = NULL;
	wl_list_for_each(mode, &wlr->modes, link) {
		if (mode->width != display->width || mode->height != display->height) {
			continue;
		}
		if (best == NULL
				|| abs(mode->refresh - display->refresh_mhz)
						< abs(best->refresh - display->refresh_mhz)) {
			best = mode;
		}
	}
	return best;
}

static int32_t own_refresh(const struct bn_output *output) {
	const struct bn_outputs *outputs = output->outputs;
	return outputs->refresh_mhz > 0 ? outputs->refresh_mhz
					: outputs->layout->displays[output->display].refresh_mhz;
}

/**
 * wlroots' headless back end wakes up for a frame event of its own, whole milliseconds after each commit. Told of more
 * than a thousand refreshes a second it waits for none, which disarms its timer: our frames have timers of their own.
 */
#define NO_FRAME_EVENTS_MHZ 1000001

/** The declared mode on windows and where KMS lists it, else the panel's own with a WARN line. */
static void choose_mode(const struct bn_output *output, const struct bn_display *display,
		struct wlr_output_state *state) {
	struct wlr_output *wlr = output->wlr;
	if (wl_list_empty(&wlr->modes)) {
		double scale = output->pace == BN_PACE_PARENT ? output->outputs->window_scale : 1;
		// A Wayland window has its parent's refresh: it refuses any other.
		wlr_output_state_set_custom_mode(state, (int32_t)lround(display->width * scale),
				(int32_t)lround(display->height * scale),
				output->pace == BN_PACE_OWN ? NO_FRAME_EVENTS_MHZ : 0);
		return;
	}
	struct wlr_output_mode *mode = find_mode(wlr, display);
	if (mode == NULL) {
		mode = wlr_output_preferred_mode(wlr);
		wlr_log(WLR_ERROR, "output %s: has no mode %dx%d for display %s; using %dx%d",
				wlr->name, display->width, display->height, display->name,
				mode->width, mode->height);
	}
	wlr_output_state_set_mode(state, mode);
}

static bool is_turned(int transform) {
	return (transform & WL_OUTPUT_TRANSFORM_90) != 0;
}

/**
 * Settles size and scale from the mode in force. KMS: the layout's scale. A window: whatever makes the
 * declared display fit, so that a window of any size shows the whole cockpit.
 */
static void settle_size(struct bn_output *output) {
	const struct bn_display *display = &output->outputs->layout->displays[output->display];
	int width, height;
	wlr_output_transformed_resolution(output->wlr, &width, &height);
	double scale = display->scale;
	if (output->pace == BN_PACE_PARENT) {
		bool turned = is_turned(display->transform);
		double kx = (double)width / (turned ? display->height : display->width);
		double ky = (double)height / (turned ? display->width : display->height);
		scale = display->scale * fmin(kx, ky);
	}
	output->scale = scale;
	output->width = (int32_t)lround(width / scale);
	output->height = (int32_t)lround(height / scale);
}

static void apply_window_title(const struct bn_output *output) {
	char title[160];
	const struct bn_layout *layout = output->outputs->layout;
	snprintf(title, sizeof(title), "%s - %s", layout->displays[output->display].name,
			layout->name);
	if (wlr_output_is_wl(output->wlr)) {
		wlr_wl_output_set_title(output->wlr, title);
		wlr_wl_output_set_app_id(output->wlr, "binnacle");
	} else if (wlr_output_is_x11(output->wlr)) {
		wlr_x11_output_set_title(output->wlr, title);
	}
}

static bool has_adaptive_sync(const struct wlr_output *wlr) {
	return wlr->adaptive_sync_status == WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED;
}

/** Adds what can be had of adaptive sync to what is about to be committed. */
static void choose_adaptive_sync(struct bn_output *output, const struct bn_display *display,
		struct wlr_output_state *state) {
	const struct wlr_output *wlr = output->wlr;
	bool can = wlr->adaptive_sync_supported || !display->adaptive_sync;
	output->adaptive_sync = !display->adaptive_sync ? BN_ADAPTIVE_SYNC_OFF
			: can                           ? BN_ADAPTIVE_SYNC_ON
							: BN_ADAPTIVE_SYNC_UNSUPPORTED;
	if (!can || has_adaptive_sync(wlr) == display->adaptive_sync) {
		return;
	}
	wlr_output_state_set_adaptive_sync_enabled(state, display->adaptive_sync);
	if (!wlr_output_test_state(output->wlr, state)) {
		state->committed &= ~(uint32_t)WLR_OUTPUT_STATE_ADAPTIVE_SYNC_ENABLED;
		output->adaptive_sync = display->adaptive_sync ? BN_ADAPTIVE_SYNC_REFUSED
							       : BN_ADAPTIVE_SYNC_OFF;
	}
}

/** Never silently, and once: who designed for it has judged how the panel looks with it. */
static void say_adaptive_sync(struct bn_output *output) {
	if (output->adaptive_sync == output->adaptive_sync_told) {
		return;
	}
	output->adaptive_sync_told = output->adaptive_sync;
	const char *name = output->outputs->layout->displays[output->display].name;
	if (output->adaptive_sync == BN_ADAPTIVE_SYNC_UNSUPPORTED) {
		wlr_log(WLR_ERROR,
				"output %s: has no adaptive sync, which display %s asks for; it "
				"goes "
				"on at its refresh rate",
				output->wlr->name, name);
	} else if (output->adaptive_sync == BN_ADAPTIVE_SYNC_REFUSED) {
		wlr_log(WLR_ERROR,
				"output %s: did not take adaptive sync, which display %s asks for; "
				"it goes on at its refresh rate",
				output->wlr->name, name);
	}
}

/** Whether the output runs as the layout wants it: a reload must not blank a display for nothing. */
static bool runs_as_wanted(const struct bn_output *output, const struct bn_display *display,
		const struct wlr_output_state *state) {
	const struct wlr_output *wlr = output->wlr;
	if (!wlr->enabled || wlr->transform != state->transform || wlr->scale != state->scale
			|| (state->committed & WLR_OUTPUT_STATE_ADAPTIVE_SYNC_ENABLED) != 0) {
		return false;
	}
	if (output->pace == BN_PACE_PARENT) {
		return true; // the window's size is the person's who resized it
	}
	if (state->mode_type == WLR_OUTPUT_STATE_MODE_FIXED) {
		return wlr->current_mode == state->mode;
	}
	// The refresh of an output that nobody looks at is known to nobody but us.
	return wlr->width == state->custom_mode.width && wlr->height == state->custom_mode.height;
}

/** Clients learn how often such an output is drawn, not what its back end was told; `done` follows, as after any mode. */
static void tell_own_refresh(struct bn_output *output) {
	struct wlr_output *wlr = output->wlr;
	wlr->refresh = output->refresh_mhz;
	struct wl_resource *resource;
	wl_resource_for_each(resource, &wlr->resources) {
		wl_output_send_mode(resource, WL_OUTPUT_MODE_CURRENT, wlr->width, wlr->height,
				wlr->refresh);
	}
	wlr_output_schedule_done(wlr);
}

/** A panel's mode comes with the picture that is on glass already, if somebody has put one there. */
static void set_first_picture(struct bn_output *output, const struct bn_display *display,
		struct wlr_output_state *state) {
	const struct bn_first_source *source = &output->outputs->first_source;
	if (output->pace != BN_PACE_FLIP || source->picture == NULL) {
		return;
	}
	struct bn_pixels *pixels = source->picture(source->data, state->mode->width,
			state->mode->height, state->transform, display->safety);
	if (pixels != NULL) {
		bn_compose_picture(output, state, &pixels->base);
		wlr_buffer_drop(&pixels->base);
	}
}

/** True when the output is on; *ret_committed when that took a commit. */
static bool switch_on(struct bn_output *output, bool *ret_committed) {
	const struct bn_display *display = &output->outputs->layout->displays[output->display];
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	*ret_committed = false;
	wlr_output_state_set_enabled(&state, true);
	wlr_output_state_set_transform(&state, (enum wl_output_transform)display->transform);
	wlr_output_state_set_scale(&state, (float)display->scale);
	choose_mode(output, display, &state);
	choose_adaptive_sync(output, display, &state);
	if (!runs_as_wanted(output, display, &state)) {
		wl_signal_emit_mutable(&output->outputs->events.modeset, output);
		bn_frame_abandon(output);
		set_first_picture(output, display, &state);
		*ret_committed = wlr_output_commit_state(output->wlr, &state);
		if (!*ret_committed) {
			wlr_log(WLR_ERROR, "output %s: does not take the mode of display %s",
					output->wlr->name, display->name);
		}
	}
	wlr_output_state_finish(&state);
	// One that runs already goes on as it is: a picture in the wrong mode is better than none.
	return output->wlr->enabled;
}

static void switch_off(struct bn_output *output) {
	bn_frame_abandon(output);
	bn_deadline_cancel(&output->deadline);
	bn_timer_disarm(&output->timer);
	if (output->wlr->enabled) {
		struct wlr_output_state state;
		wlr_output_state_init(&state);
		wlr_output_state_set_enabled(&state, false);
		wlr_output_commit_state(output->wlr, &state);
		wlr_output_state_finish(&state);
	}
}

/** Gives the output to a display of the layout (BN_NONE: it goes dark), and says so. */
static void assign(struct bn_output *output, size_t display) {
	struct bn_outputs *outputs = output->outputs;
	output->display = display;
	bool committed = false;
	output->enabled = display != BN_NONE && switch_on(output, &committed);
	if (!output->enabled) {
		switch_off(output);
		wlr_log(WLR_INFO, "output %s: no display of the layout matches it",
				output->wlr->name);
		wl_signal_emit_mutable(&outputs->events.changed, output);
		return;
	}
	settle_size(output);
	bn_frame_set_safety(output, outputs->layout->displays[display].safety);
	output->refresh_mhz =
			output->pace == BN_PACE_OWN ? own_refresh(output) : output->wlr->refresh;
	bn_deadline_set_period(&output->deadline, bn_nsec_from_mhz(output->refresh_mhz));
	if (output->pace == BN_PACE_OWN && output->wlr->refresh != output->refresh_mhz) {
		tell_own_refresh(output);
	}
	// Nothing forces a raster of refreshes on an output that nobody looks at.
	output->deadline.adaptive = output->pace == BN_PACE_OWN || has_adaptive_sync(output->wlr);
	say_adaptive_sync(output);
	if (committed) {
		bn_frame_expect_flip(output);
	}
	apply_window_title(output);
	wlr_output_layout_add_auto(outputs->wlr_layout, output->wlr);
	wlr_log(WLR_INFO, "output %s: shows display %s, %dx%d at scale %.3g", output->wlr->name,
			outputs->layout->displays[display].name, output->wlr->width,
			output->wlr->height, output->scale);
	wl_signal_emit_mutable(&outputs->events.changed, output);
	bn_output_damage_whole(output);
}

// Events of one output

static void handle_frame(struct wl_listener *listener, void *data) {
	struct bn_output *output = wl_container_of(listener, output, frame);
	int64_t now = bn_loop_now(output->outputs->loop);
	if (output->pace == BN_PACE_PARENT) {
		bn_frame_present(output, now, 0, now);
	}
	if (output->pace != BN_PACE_OWN) {
		bn_frame_done(output, now);
	}
}

static void handle_present(struct wl_listener *listener, void *data) {
	struct bn_output *output = wl_container_of(listener, output, present);
	const struct wlr_output_event_present *event = data;
	bn_feedback_present(output, event);
	if (output->pace == BN_PACE_FLIP && event->presented) {
		bn_frame_present(output, bn_nsec_from_timespec(&event->when), event->refresh,
				bn_loop_now(output->outputs->loop));
	}
}

static void handle_needs_frame(struct wl_listener *listener, void *data) {
	struct bn_output *output = wl_container_of(listener, output, needs_frame);
	bn_output_schedule(output);
}

static void handle_damage(struct wl_listener *listener, void *data) {
	struct bn_output *output = wl_container_of(listener, output, damage);
	const struct wlr_output_event_damage *event = data;
	wlr_damage_ring_add(&output->ring, event->damage);
	bn_output_schedule(output);
}

static void handle_request_state(struct wl_listener *listener, void *data) {
	struct bn_output *output = wl_container_of(listener, output, request_state);
	const struct wlr_output_event_request_state *event = data;
	// Only a window has somebody else who may resize it.
	if (output->pace != BN_PACE_PARENT || !output->enabled
			|| !wlr_output_commit_state(output->wlr, event->state)) {
		return;
	}
	bn_frame_expect_flip(output);
	settle_size(output);
	wl_signal_emit_mutable(&output->outputs->events.changed, output);
	bn_output_damage_whole(output);
}

static void output_destroy(struct bn_output *output) {
	wl_signal_emit_mutable(&output->outputs->events.gone, output);
	bn_pace_finish(output);
	bn_frame_finish(output);
	bn_privacy_finish(output);
	wl_list_remove(&output->frame.link);
	wl_list_remove(&output->present.link);
	wl_list_remove(&output->needs_frame.link);
	wl_list_remove(&output->damage.link);
	wl_list_remove(&output->request_state.link);
	wl_list_remove(&output->destroy.link);
	wl_list_remove(&output->link);
	bn_scene_list_finish(&output->list);
	wlr_damage_ring_finish(&output->ring);
	free(output);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct bn_output *output = wl_container_of(listener, output, destroy);
	wlr_log(WLR_INFO, "output %s: gone", output->wlr->name);
	output_destroy(output);
}

static void handle_new_output(struct wl_listener *listener, void *data) {
	struct bn_outputs *outputs = wl_container_of(listener, outputs, new_output);
	struct wlr_output *wlr = data;
	if (wlr->non_desktop) {
		return;
	}
	if (!wlr_output_init_render(wlr, outputs->allocator, outputs->renderer)) {
		wlr_log(WLR_ERROR, "output %s: the renderer cannot draw for it", wlr->name);
		return;
	}
	struct bn_output *output = calloc(1, sizeof(*output));
	if (output == NULL) {
		wlr_log(WLR_ERROR, "output %s: out of memory", wlr->name);
		return;
	}
	output->outputs = outputs;
	output->wlr = wlr;
	output->display = BN_NONE;
	output->scale = 1;
	output->pace = pace_of(wlr);
	bn_scene_list_init(&output->list);
	wlr_damage_ring_init(&output->ring);
	bn_privacy_init(output);
	bn_frame_init(output);
	bn_pace_init(output);
	bn_listen(&wlr->events.frame, &output->frame, handle_frame);
	bn_listen(&wlr->events.present, &output->present, handle_present);
	bn_listen(&wlr->events.needs_frame, &output->needs_frame, handle_needs_frame);
	bn_listen(&wlr->events.damage, &output->damage, handle_damage);
	bn_listen(&wlr->events.request_state, &output->request_state, handle_request_state);
	bn_listen(&wlr->events.destroy, &output->destroy, handle_destroy);
	size_t display = choose_display(output);
	wl_list_insert(outputs->list.prev, &output->link);
	assign(output, display);
}

// All outputs

static void handle_scene_damage(struct wl_listener *listener, void *data) {
	struct bn_outputs *outputs = wl_container_of(listener, outputs, scene_damage);
	const size_t *display = data;
	struct bn_output *output = bn_outputs_find(outputs, *display);
	if (output != NULL) {
		bn_output_schedule(output);
	}
}

void bn_outputs_init(struct bn_outputs *outputs, struct bn_loop *loop, struct wl_display *display,
		struct wlr_backend *backend, struct bn_scene *scene) {
	*outputs = (struct bn_outputs){
		.loop = loop,
		.display = display,
		.backend = backend,
		.scene = scene,
		.window_scale = 1,
		.turn_ns = BN_PLAN_TURN_NS,
		.pause_ns = bn_plan_pause(),
	};
	wl_list_init(&outputs->list);
	wl_signal_init(&outputs->events.changed);
	wl_signal_init(&outputs->events.gone);
	wl_signal_init(&outputs->events.composed);
	wl_signal_init(&outputs->events.before_commit);
	wl_signal_init(&outputs->events.frame);
	wl_signal_init(&outputs->events.modeset);
	wl_signal_init(&outputs->events.deferred);
	wl_signal_init(&outputs->events.presented);
	bn_listen(&backend->events.new_output, &outputs->new_output, handle_new_output);
	bn_listen(&scene->events.damage, &outputs->scene_damage, handle_scene_damage);
}

void bn_outputs_forget_backend(struct bn_outputs *outputs) {
	bn_unlisten(&outputs->new_output);
	outputs->backend = NULL;
}

void bn_outputs_finish(struct bn_outputs *outputs) {
	struct bn_output *output, *tmp;
	wl_list_for_each_safe(output, tmp, &outputs->list, link) {
		output_destroy(output);
	}
	bn_unlisten(&outputs->new_output);
	bn_unlisten(&outputs->scene_damage);
}

/** The back end that can make outputs; NULL on KMS. */
struct maker {
	struct wlr_backend *backend;
};

static void find_maker(struct wlr_backend *backend, void *data) {
	struct maker *maker = data;
	if (wlr_backend_is_headless(backend) || wlr_backend_is_wl(backend)
			|| wlr_backend_is_x11(backend)) {
		maker->backend = backend;
	}
}

static struct wlr_output *make_output(struct wlr_backend *backend,
		const struct bn_display *display) {
	if (wlr_backend_is_headless(backend)) {
		return wlr_headless_add_output(backend, (unsigned)display->width,
				(unsigned)display->height);
	}
	return wlr_backend_is_wl(backend) ? wlr_wl_output_create(backend)
					  : wlr_x11_output_create(backend);
}

static size_t count_outputs(const struct bn_outputs *outputs) {
	return (size_t)wl_list_length(&outputs->list);
}

/** On back ends that can: exactly one output per display. */
static void match_count(struct bn_outputs *outputs) {
	struct maker maker = { 0 };
	if (outputs->backend == NULL) {
		return;
	}
	if (wlr_backend_is_multi(outputs->backend)) {
		wlr_multi_for_each_backend(outputs->backend, find_maker, &maker);
	} else {
		find_maker(outputs->backend, &maker);
	}
	if (maker.backend == NULL) {
		return;
	}
	while (count_outputs(outputs) > outputs->layout->display_count) {
		struct bn_output *last = wl_container_of(outputs->list.prev, last, link);
		wlr_output_destroy(last->wlr);
	}
	while (count_outputs(outputs) < outputs->layout->display_count) {
		size_t before = count_outputs(outputs);
		const struct bn_display *display = &outputs->layout->displays[before];
		if (make_output(maker.backend, display) == NULL
				|| count_outputs(outputs) == before) {
			wlr_log(WLR_ERROR, "output: none can be made for display %s",
					display->name);
			return;
		}
	}
}

void bn_outputs_set_layout(struct bn_outputs *outputs, const struct bn_layout *layout) {
	outputs->layout = layout;
	struct bn_output *output;
	wl_list_for_each(output, &outputs->list, link) {
		output->display = BN_NONE;
	}
	wl_list_for_each(output, &outputs->list, link) {
		assign(output, choose_display(output));
	}
	match_count(outputs);
}

bool bn_outputs_set_renderer(struct bn_outputs *outputs, struct wlr_renderer *renderer,
		struct wlr_allocator *allocator) {
	outputs->renderer = renderer;
	outputs->allocator = allocator;
	bool all = true;
	struct bn_output *output;
	wl_list_for_each(output, &outputs->list, link) {
		if (!wlr_output_init_render(output->wlr, allocator, renderer)) {
			wlr_log(WLR_ERROR, "output %s: the new renderer cannot draw for it",
					output->wlr->name);
			all = false;
		}
		bn_output_damage_whole(output);
	}
	return all;
}

void bn_outputs_drop_textures(struct bn_outputs *outputs) {
	struct bn_output *output;
	wl_list_for_each(output, &outputs->list, link) {
		bn_frame_abandon(output);
		bn_scene_list_reset(&output->list);
	}
}

void bn_outputs_set_inspector(struct bn_outputs *outputs, bool on) {
	outputs->inspector = on;
	struct bn_output *output;
	wl_list_for_each(output, &outputs->list, link) {
		bn_output_schedule(output);
	}
}

void bn_output_set_overlay(struct bn_output *output, bool on) {
	output->overlay = on;
	bn_output_schedule(output);
}

// Screenshots

static bool copy_mapped(struct wlr_buffer *buffer, uint32_t *pixels) {
	void *data;
	uint32_t format;
	size_t stride;
	if (!wlr_buffer_begin_data_ptr_access(buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ, &data,
			    &format, &stride)) {
		return false;
	}
	bool known = format == DRM_FORMAT_XRGB8888 || format == DRM_FORMAT_ARGB8888;
	for (int y = 0; known && y < buffer->height; y++) {
		memcpy(pixels + (size_t)y * (size_t)buffer->width,
				(const char *)data + (size_t)y * stride, (size_t)buffer->width * 4);
	}
	wlr_buffer_end_data_ptr_access(buffer);
	return known;
}

static bool copy_by_renderer(struct wlr_renderer *renderer, struct wlr_buffer *buffer,
		uint32_t *pixels) {
	struct wlr_texture *texture = wlr_texture_from_buffer(renderer, buffer);
	if (texture == NULL) {
		return false;
	}
	const struct wlr_texture_read_pixels_options options = {
		.data = pixels,
		.format = DRM_FORMAT_XRGB8888,
		.stride = (uint32_t)buffer->width * 4,
	};
	bool done = wlr_texture_read_pixels(texture, &options);
	wlr_texture_destroy(texture);
	return done;
}

/** Turns the scanned-out orientation into the logical one, in place of *pixels. */
static bool turn(const struct bn_output *output, uint32_t **pixels, int width, int height) {
	if (output->front_transform == WL_OUTPUT_TRANSFORM_NORMAL) {
		return true;
	}
	uint32_t *turned = malloc((size_t)width * (size_t)height * 4);
	if (turned == NULL) {
		return false;
	}
	enum wl_output_transform to_buffer = wlr_output_transform_invert(output->front_transform);
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			struct wlr_box box = { x, y, 1, 1 };
			wlr_box_transform(&box, &box, to_buffer, width, height);
			turned[(size_t)y * (size_t)width + (size_t)x] =
					(*pixels)[(size_t)box.y * (size_t)output->front->width
							+ (size_t)box.x];
		}
	}
	free(*pixels);
	*pixels = turned;
	return true;
}

bool bn_output_screenshot(struct bn_output *output, uint32_t **ret_pixels, int32_t *ret_width,
		int32_t *ret_height, char *error, size_t error_size) {
	bn_frame_complete(output);
	struct wlr_buffer *front = output->front;
	if (front == NULL) {
		snprintf(error, error_size, "output %s has not shown anything yet",
				output->wlr->name);
		return false;
	}
	uint32_t *pixels = malloc((size_t)front->width * (size_t)front->height * 4);
	// The mode may be another by now: the picture is as large as it was drawn.
	bool on_side = (output->front_transform & WL_OUTPUT_TRANSFORM_90) != 0;
	int width = on_side ? front->height : front->width;
	int height = on_side ? front->width : front->height;
	bool done = pixels != NULL
			&& (copy_mapped(front, pixels)
					|| copy_by_renderer(output->outputs->renderer, front,
							pixels))
			&& turn(output, &pixels, width, height);
	if (!done) {
		free(pixels);
		snprintf(error, error_size, "the picture of output %s cannot be read back",
				output->wlr->name);
		return false;
	}
	bn_privacy_blacken(output, pixels, width, height);
	*ret_pixels = pixels;
	*ret_width = width;
	*ret_height = height;
	return true;
}
