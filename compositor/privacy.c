#include "privacy.h"

#include <math.h>
#include <stdlib.h>
#include <wlr/render/pass.h>
#include <wlr/render/swapchain.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/util/log.h>
#include <wlr/util/transform.h>

#include "core/layout.h"
#include "output.h"
#include "scene/scene.h"

static bool hide(struct bn_privacy *privacy, const struct bn_rect *box, double scale) {
	if (privacy->count == privacy->capacity) {
		size_t capacity = privacy->capacity * 2 + 4;
		struct bn_rect *grown = reallocarray(privacy->hidden, capacity, sizeof(*grown));
		if (grown == NULL) {
			return false;
		}
		privacy->hidden = grown;
		privacy->capacity = capacity;
	}
	// A pixel that is partly covered counts.
	int32_t x = (int32_t)floor(box->x * scale);
	int32_t y = (int32_t)floor(box->y * scale);
	privacy->hidden[privacy->count++] = (struct bn_rect){
		.x = x,
		.y = y,
		.width = (int32_t)ceil((box->x + box->width) * scale) - x,
		.height = (int32_t)ceil((box->y + box->height) * scale) - y,
	};
	return true;
}

/** What a zone leaves is still drawn while its transition runs. */
static bool shows(const struct bn_scene_zone *zone) {
	return zone->content != BN_CONTENT_NOTHING || zone->outgoing != NULL;
}

void bn_privacy_begin_commit(struct bn_output *output) {
	struct bn_privacy *privacy = &output->privacy;
	const struct bn_layout *layout = output->outputs->layout;
	privacy->count = 0;
	privacy->failed = false;
	for (size_t i = 0; i < layout->zone_count; i++) {
		const struct bn_scene_zone *zone = &output->outputs->scene->zones[i];
		if (layout->zones[i].is_private && zone->display == output->display && shows(zone)
				&& !hide(privacy, &zone->box, output->scale)) {
			privacy->failed = true;
		}
	}
}

void bn_privacy_end_commit(struct bn_output *output) {
	struct bn_privacy *privacy = &output->privacy;
	if (privacy->copy != NULL) {
		wlr_buffer_unlock(privacy->copy);
		privacy->copy = NULL;
	}
}

/** Whether the copies have the size and the format of the frames, and come from where these do. */
static bool swapchain_fits(const struct bn_output *output) {
	const struct wlr_swapchain *ours = output->privacy.swapchain;
	const struct wlr_swapchain *theirs = output->wlr->swapchain;
	return ours != NULL && ours->allocator == theirs->allocator && ours->width == theirs->width
			&& ours->height == theirs->height
			&& ours->format.format == theirs->format.format;
}

static struct wlr_buffer *acquire(struct bn_output *output) {
	struct bn_privacy *privacy = &output->privacy;
	const struct wlr_swapchain *theirs = output->wlr->swapchain;
	if (theirs == NULL || theirs->allocator == NULL) {
		return NULL;
	}
	if (!swapchain_fits(output)) {
		wlr_swapchain_destroy(privacy->swapchain);
		privacy->swapchain = wlr_swapchain_create(theirs->allocator, theirs->width,
				theirs->height, &theirs->format);
	}
	return privacy->swapchain != NULL ? wlr_swapchain_acquire(privacy->swapchain) : NULL;
}

static void draw_black(struct wlr_render_pass *pass, const struct bn_output *output) {
	int width, height;
	wlr_output_transformed_resolution(output->wlr, &width, &height);
	enum wl_output_transform to_buffer = wlr_output_transform_invert(output->wlr->transform);
	for (size_t i = 0; i < output->privacy.count; i++) {
		const struct bn_rect *hidden = &output->privacy.hidden[i];
		struct wlr_box box = { hidden->x, hidden->y, hidden->width, hidden->height };
		wlr_box_transform(&box, &box, to_buffer, width, height);
		const struct wlr_render_rect_options options = {
			.box = box,
			.color = { 0, 0, 0, 1 },
			.blend_mode = WLR_RENDER_BLEND_MODE_NONE,
		};
		wlr_render_pass_add_rect(pass, &options);
	}
}

static bool draw_copy(const struct bn_output *output, struct wlr_buffer *copy,
		struct wlr_buffer *buffer) {
	struct wlr_renderer *renderer = output->outputs->renderer;
	struct wlr_texture *texture = wlr_texture_from_buffer(renderer, buffer);
	struct wlr_render_pass *pass = texture != NULL
			? wlr_renderer_begin_buffer_pass(renderer, copy, NULL)
			: NULL;
	bool done = false;
	if (pass != NULL) {
		const struct wlr_render_texture_options options = {
			.texture = texture,
			.dst_box = { 0, 0, buffer->width, buffer->height },
			.filter_mode = WLR_SCALE_FILTER_NEAREST,
			.blend_mode = WLR_RENDER_BLEND_MODE_NONE,
		};
		wlr_render_pass_add_texture(pass, &options);
		draw_black(pass, output);
		done = wlr_render_pass_submit(pass);
	}
	if (texture != NULL) {
		wlr_texture_destroy(texture);
	}
	return done;
}

/** Locked; NULL: there is none, so nothing may be seen. */
static struct wlr_buffer *copy_without_hidden(struct bn_output *output, struct wlr_buffer *buffer) {
	struct wlr_buffer *copy = output->privacy.failed ? NULL : acquire(output);
	if (copy != NULL && !draw_copy(output, copy, buffer)) {
		wlr_buffer_unlock(copy);
		copy = NULL;
	}
	if (copy == NULL) {
		wlr_log(WLR_ERROR,
				"output %s: its private zones cannot be blackened, so it is not "
				"captured",
				output->wlr->name);
	}
	return copy;
}

static void handle_commit(struct wl_listener *listener, void *data) {
	struct bn_output *output = wl_container_of(listener, output, privacy.commit);
	struct bn_privacy *privacy = &output->privacy;
	struct wlr_output_event_commit *event = data;
	bool nothing_hidden = privacy->count == 0 && !privacy->failed;
	// Who captures has wlroots lock the output against scan-out first.
	if ((event->state->committed & WLR_OUTPUT_STATE_BUFFER) == 0 || nothing_hidden
			|| wlr_output_is_direct_scanout_allowed(output->wlr)) {
		return;
	}
	bn_privacy_end_commit(output);
	privacy->copy = copy_without_hidden(output, event->state->buffer);
	privacy->state = *event->state;
	privacy->state.buffer = privacy->copy;
	if (privacy->copy == NULL) {
		// As if the frame had none: captures wait for another.
		privacy->state.committed &= ~(uint32_t)WLR_OUTPUT_STATE_BUFFER;
	}
	event->state = &privacy->state;
}

void bn_privacy_blacken(const struct bn_output *output, uint32_t *pixels, int32_t width,
		int32_t height) {
	const struct bn_rect all = { 0, 0, width, height };
	for (size_t i = 0; i < output->privacy.count; i++) {
		const struct bn_rect seen = bn_rect_intersect(&all, &output->privacy.hidden[i]);
		for (int32_t y = seen.y; y < seen.y + seen.height; y++) {
			for (int32_t x = seen.x; x < seen.x + seen.width; x++) {
				pixels[(size_t)y * (size_t)width + (size_t)x] = 0xff000000;
			}
		}
	}
}

void bn_privacy_init(struct bn_output *output) {
	output->privacy = (struct bn_privacy){ 0 };
	bn_listen(&output->wlr->events.commit, &output->privacy.commit, handle_commit);
}

void bn_privacy_finish(struct bn_output *output) {
	bn_privacy_end_commit(output);
	wl_list_remove(&output->privacy.commit.link);
	wlr_swapchain_destroy(output->privacy.swapchain);
	free(output->privacy.hidden);
	output->privacy.hidden = NULL;
}
