#include "scanout.h"

#include <wlr/render/dmabuf.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_output.h>

#include "core/layout.h"
#include "core/nsec.h"
#include "output.h"
#include "scene/content.h"

/** The only entry of which anything shows, if it covers the display; NULL: there is more, or less. */
static const struct bn_draw_op *only_op(const struct bn_drawlist *draw) {
	const struct bn_draw_op *only = NULL;
	for (size_t i = 0; i < draw->count; i++) {
		if (!pixman_region32_empty(&draw->ops[i].visible)) {
			if (only != NULL) {
				return NULL;
			}
			only = &draw->ops[i];
		}
	}
	const pixman_box32_t all = { 0, 0, draw->width, draw->height };
	return only != NULL && !only->blend
					&& pixman_region32_contains_rectangle(&only->visible, &all)
							== PIXMAN_REGION_IN
			? only
			: NULL;
}

static bool is_plain(const struct bn_draw_op *op, const struct bn_draw_source *source) {
	return op->item.alpha == 1 && op->item.radius == 0 && source->effect.gain == 1;
}

/** Each px of the buffer is a px of the display. */
static bool fills(const struct bn_output *output, const struct bn_draw_source *source,
		struct wlr_buffer *buffer) {
	return source->transform == output->wlr->transform && source->box.x == 0
			&& source->box.y == 0 && source->box.width == buffer->width
			&& source->box.height == buffer->height
			&& buffer->width == output->wlr->width
			&& buffer->height == output->wlr->height;
}

static struct wlr_buffer *find_buffer(const struct bn_output *output) {
	const struct bn_draw_op *op = only_op(&output->list.draw);
	const struct bn_draw_source *source =
			op != NULL ? bn_scene_list_source(&output->list, op) : NULL;
	if (source == NULL || source->content == NULL || source->texture == NULL
			|| !is_plain(op, source)) {
		return NULL;
	}
	struct wlr_buffer *buffer = source->content->shown;
	struct wlr_dmabuf_attributes dmabuf;
	return buffer != NULL && wlr_buffer_get_dmabuf(buffer, &dmabuf)
					&& fills(output, source, buffer)
			? buffer
			: NULL;
}

bool bn_scanout_attach(struct bn_output *output, struct wlr_output_state *state) {
	int64_t now = bn_loop_now(output->outputs->loop);
	if (output->safety || output->checked || output->pace == BN_PACE_OWN
			|| now < output->scanout_after_ns
			|| !wlr_output_is_direct_scanout_allowed(output->wlr)) {
		return false;
	}
	struct wlr_buffer *buffer = find_buffer(output);
	if (buffer == NULL) {
		return false;
	}
	wlr_output_state_set_buffer(state, buffer);
	if (wlr_output_test_state(output->wlr, state)) {
		return true;
	}
	output->scanout_after_ns = now + BN_NSEC_PER_SEC;
	wlr_output_state_finish(state);
	wlr_output_state_init(state);
	return false;
}
