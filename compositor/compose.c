#include "compose.h"

#include <wlr/render/pass.h>
#include <wlr/render/swapchain.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/region.h>
#include <wlr/util/transform.h>

#include "core/layout.h"
#include "core/nsec.h"
#include "output.h"
#include "render/memory.h"
#include "scene/content.h"
#include "scene/scene.h"

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

/** Everything within `damage` (buffer space), bottom to top. Returns how many entries that were. */
static uint32_t draw_list(struct canvas *canvas, const pixman_region32_t *damage) {
	struct bn_output *output = canvas->output;
	draw_ground(canvas, damage);
	uint32_t drawn = 0;
	pixman_region32_t clip;
	pixman_region32_init(&clip);
	const struct bn_drawlist *draw = &output->list.draw;
	for (size_t i = 0; i < draw->count; i++) {
		map_region(&canvas->space, &clip, &draw->ops[i].visible);
		pixman_region32_intersect(&clip, &clip, damage);
		if (!pixman_region32_empty(&clip)) {
			draw_op(canvas, &draw->ops[i], &clip);
			drawn++;
		}
	}
	pixman_region32_fini(&clip);
	wlr_output_add_software_cursors_to_render_pass(output->wlr, canvas->pass, damage);
	return drawn;
}

void bn_compose_drop_front(struct bn_output *output) {
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

/** wlr_output_begin_render_pass would keep its buffer for ever, in wlroots 0.20, when the renderer is lost. */
static bool take_buffer(struct bn_output *output, struct wlr_output_state *state) {
	struct wlr_output *wlr = output->wlr;
	if (!wlr_output_configure_primary_swapchain(wlr, state, &wlr->swapchain)) {
		return false;
	}
	// What a display still shows its back end keeps; without a display one buffer is enough.
	bn_compose_drop_front(output);
	struct wlr_buffer *buffer = wlr_swapchain_acquire(wlr->swapchain);
	if (buffer == NULL) {
		return false;
	}
	wlr_output_state_set_buffer(state, buffer);
	wlr_buffer_unlock(buffer);
	return true;
}

bool bn_compose_picture(struct bn_output *output, struct wlr_output_state *state,
		struct wlr_buffer *picture) {
	struct wlr_renderer *renderer = output->outputs->renderer;
	struct wlr_texture *texture = wlr_texture_from_buffer(renderer, picture);
	struct wlr_render_pass *pass = NULL;
	if (texture != NULL && take_buffer(output, state)) {
		pass = wlr_renderer_begin_buffer_pass(renderer, state->buffer, NULL);
	}
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

// A frame in parts

/** A picture goes while the frame that shows it is being drawn. */
static void handle_dropped(struct wl_listener *listener, void *data) {
	struct bn_output *output = wl_container_of(listener, output, composing.dropped);
	for (size_t i = 0; i < output->list.source_count; i++) {
		struct bn_draw_source *source = &output->list.sources[i];
		if (source->content != data) {
			continue;
		}
		if (output->composing.restarts < BN_COMPOSE_RESTARTS) {
			output->composing.stale = true;
			return;
		}
		*source = (struct bn_draw_source){ .color = { 0, 0, 0, 1 } };
		output->list.again = true;
	}
}

static void add_covers(struct bn_output *output, pixman_region32_t *damage) {
	size_t count;
	const struct bn_output_cover *covers = find_covers(output, &count);
	for (size_t i = 0; i < count; i++) {
		const struct wlr_box box = bn_compose_map_box(output, &covers[i].box);
		pixman_region32_union_rect(damage, damage, box.x, box.y, (unsigned)box.width,
				(unsigned)box.height);
	}
}

bool bn_compose_begin(struct bn_output *output) {
	struct bn_composing *composing = &output->composing;
	wlr_output_state_init(&composing->state);
	if (!take_buffer(output, &composing->state)) {
		wlr_output_state_finish(&composing->state);
		return false;
	}
	composing->active = true;
	composing->stale = false;
	pixman_region32_init(&composing->damage);
	bn_compose_map_region(output, &composing->damage, &output->list.draw.damage);
	add_covers(output, &composing->damage);
	wlr_damage_ring_add(&output->ring, &composing->damage);
	wlr_output_state_set_damage(&composing->state, &output->ring.current);
	wlr_damage_ring_rotate_buffer(&output->ring, composing->state.buffer, &composing->damage);
	const pixman_box32_t *extents = pixman_region32_extents(&composing->damage);
	bn_bands_init(&composing->bands, extents->y1, extents->y2, extents->x2 - extents->x1,
			bn_deadline_cost_ns(&output->deadline));
	output->record.submit_ns = bn_loop_now(output->outputs->loop);
	bn_listen(&output->outputs->scene->contents->events.dropped, &composing->dropped,
			handle_dropped);
	return true;
}

void bn_compose_end(struct bn_output *output) {
	struct bn_composing *composing = &output->composing;
	if (composing->active) {
		composing->active = false;
		bn_unlisten(&composing->dropped);
		pixman_region32_fini(&composing->damage);
		wlr_output_state_finish(&composing->state);
	}
}

bool bn_compose_is_done(const struct bn_output *output) {
	return output->composing.bands.next >= output->composing.bands.end;
}

/** Rows of the buffer. */
static bool draw_band(struct bn_output *output, int32_t begin, int32_t rows) {
	struct bn_composing *composing = &output->composing;
	struct wlr_renderer *renderer = output->outputs->renderer;
	struct wlr_buffer *buffer = composing->state.buffer;
	struct canvas canvas = {
		.pass = wlr_renderer_begin_buffer_pass(renderer, buffer, NULL),
		.output = output,
		.space = space_of(output),
	};
	if (canvas.pass == NULL) {
		return false;
	}
	bn_memory_join(&canvas.memory, renderer, buffer);
	pixman_region32_t band;
	pixman_region32_init(&band);
	pixman_region32_intersect_rect(&band, &composing->damage, 0, begin, (unsigned)buffer->width,
			(unsigned)rows);
	uint32_t drawn = draw_list(&canvas, &band);
	pixman_region32_fini(&band);
	struct bn_frame_record *record = &output->record;
	record->draw_ops = drawn > record->draw_ops ? drawn : record->draw_ops;
	record->submit_ns = bn_loop_now(output->outputs->loop);
	return wlr_render_pass_submit(canvas.pass);
}

static bool cover(struct bn_output *output) {
	size_t count;
	const struct bn_output_cover *covers = find_covers(output, &count);
	return count == 0 || draw_covers(output, output->composing.state.buffer, covers, count);
}

bool bn_compose_draw(struct bn_output *output, int64_t left_ns) {
	struct bn_bands *bands = &output->composing.bands;
	int64_t begin_ns = bn_loop_now(output->outputs->loop);
	for (bool first = true; !bn_compose_is_done(output); first = false) {
		int32_t rows = bn_bands_fit(bands, left_ns);
		rows = rows == 0 && first ? 1 : rows;
		if (rows == 0) {
			return true;
		}
		if (!draw_band(output, bands->next, rows)) {
			return false;
		}
		int64_t end_ns = bn_loop_now(output->outputs->loop);
		int64_t spent_ns = bn_bands_drawn(bands, rows, end_ns - begin_ns);
		left_ns -= left_ns == BN_NSEC_NEVER ? 0 : spent_ns;
		begin_ns = end_ns;
	}
	return cover(output);
}

struct wlr_box bn_compose_map_box(const struct bn_output *output, const struct bn_rect *rect) {
	struct space space = space_of(output);
	return map_box(&space, rect);
}

void bn_compose_map_region(const struct bn_output *output, pixman_region32_t *ret,
		const pixman_region32_t *region) {
	struct space space = space_of(output);
	map_region(&space, ret, region);
}
