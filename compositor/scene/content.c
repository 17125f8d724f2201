#include "scene/content.h"

#include <assert.h>
#include <drm_fourcc.h>
#include <math.h>
#include <stdlib.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/render/dmabuf.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_fractional_scale_v1.h>
#include <wlr/types/wlr_linux_drm_syncobj_v1.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_presentation_time.h>
#include <wlr/types/wlr_single_pixel_buffer_v1.h>
#include <wlr/types/wlr_subcompositor.h>
#include <wlr/util/log.h>

#include "client.h"
#include "core/nsec.h"
#include "scene/content_internal.h"
#include "scene/pixels.h"

static int64_t size_of(const struct wlr_buffer *buffer) {
	return (int64_t)buffer->width * buffer->height * 4;
}

void bn_content_replace_buffer(struct bn_content *content, struct wlr_buffer **slot,
		struct wlr_buffer *buffer) {
	struct wlr_buffer *old = *slot;
	struct bn_budget *budget = &content->client->budget;
	if (buffer != NULL
			&& bn_client_spend(content->client, BN_BUDGET_BUFFER_BYTES, size_of(buffer),
					   bn_loop_request_now(content->contents->loop))
					!= BN_BUDGET_OK) {
		buffer = NULL; // its client has been told and is ended
	}
	*slot = buffer != NULL ? wlr_buffer_lock(buffer) : NULL;
	if (slot == &content->waiting.buffer) {
		content->contents->waiting += buffer != NULL;
		content->contents->waiting -= old != NULL;
	}
	if (old != NULL) {
		bn_budget_release(budget, BN_BUDGET_BUFFER_BYTES, size_of(old));
		wlr_buffer_unlock(old);
	}
}

void bn_content_release_held(struct bn_content *content) {
	for (size_t i = 0; i < BN_CONTENT_HELD; i++) {
		bn_content_replace_buffer(content, &content->held[i], NULL);
	}
}

/** The buffer that is about to be superseded goes back later: its client is in too much of a hurry. */
static void hold_back(struct bn_content *content, struct wlr_buffer *buffer) {
	if (buffer == NULL || !content->client->budget.passed) {
		return;
	}
	for (size_t i = 0; i < BN_CONTENT_HELD; i++) {
		if (content->held[i] == NULL) {
			bn_content_replace_buffer(content, &content->held[i], buffer);
			return;
		}
	}
}

void bn_content_drop_texture(struct bn_content *content) {
	if (content->texture != NULL) {
		wl_signal_emit_mutable(&content->contents->events.dropped, content);
		wlr_texture_destroy(content->texture);
		content->texture = NULL;
	}
}

void bn_content_replace_feedback(struct wlr_presentation_feedback **slot,
		struct wlr_presentation_feedback *feedback) {
	if (*slot != NULL) {
		wlr_presentation_feedback_destroy(*slot);
	}
	*slot = feedback;
}

static void forget_waiting(struct bn_content *content) {
	struct bn_content_waiting *waiting = &content->waiting;
	bn_acquire_cancel(&waiting->acquire);
	bn_content_replace_buffer(content, &waiting->buffer, NULL);
	bn_content_replace_feedback(&waiting->feedback, NULL);
	pixman_region32_clear(&waiting->buffer_damage);
	pixman_region32_clear(&waiting->surface_damage);
}

static void forget_picture(struct bn_content *content) {
	forget_waiting(content);
	bn_content_forget_parts(content);
	bn_content_release_held(content);
	bn_content_replace_buffer(content, &content->newest, NULL);
	bn_content_replace_buffer(content, &content->shown, NULL);
	bn_content_replace_feedback(&content->newest_feedback, NULL);
	bn_content_replace_feedback(&content->latched_feedback, NULL);
	bn_content_drop_texture(content);
	content->has_color = false;
	content->latched_ns = 0;
	bn_look_forget(&content->look);
	pixman_region32_clear(&content->buffer_damage);
	pixman_region32_clear(&content->pending_damage);
}

static void note_pace(struct bn_content *content) {
	content->commits_ns[content->commits_next] = bn_loop_request_now(content->contents->loop);
	content->commits_next = (content->commits_next + 1) % BN_CONTENT_PACE;
}

/** A finished buffer came: how long after the frame callback that asked for it? */
static void note_response(struct bn_content *content) {
	int64_t response = bn_loop_now(content->contents->loop) - content->asked_ns;
	if (content->asked_ns != 0 && response < BN_CONTENT_RESPONSE_MAX_NS) {
		if (content->responses == 0) {
			bn_predictor_init(&content->response, response);
		}
		bn_predictor_add(&content->response, response);
		content->responses += content->responses < BN_CONTENT_RESPONSES;
	}
	content->asked_ns = 0;
	wl_list_remove(&content->asked_link);
	wl_list_init(&content->asked_link);
}

static void add_damage(pixman_region32_t *damage, const pixman_region32_t *more) {
	pixman_region32_union(damage, damage, more);
	if (pixman_region32_n_rects(damage) > BN_CONTENT_DAMAGE_RECTS) {
		pixman_box32_t around = *pixman_region32_extents(damage);
		pixman_region32_reset(damage, &around);
	}
}

/** The waiting buffer is finished: it is the newest one now. */
static void promote(struct bn_content *content) {
	struct bn_content_waiting *waiting = &content->waiting;
	note_response(content);
	hold_back(content, content->newest);
	bn_content_replace_buffer(content, &content->newest, waiting->buffer);
	content->newest_ns = waiting->committed_ns;
	content->newest_geometry = waiting->geometry;
	bn_content_replace_feedback(&content->newest_feedback, waiting->feedback);
	waiting->feedback = NULL;
	add_damage(&content->buffer_damage, &waiting->buffer_damage);
	add_damage(&content->pending_damage, &waiting->surface_damage);
	forget_waiting(content);
}

static void handle_acquire(struct bn_acquire *acquire) {
	struct bn_content *content = wl_container_of(acquire, content, waiting.acquire);
	promote(content);
	wl_signal_emit_mutable(&content->contents->events.changed, content);
}

static void take_damage(struct bn_content *content) {
	struct wlr_surface *surface = content->surface;
	struct bn_content_waiting *waiting = &content->waiting;
	add_damage(&waiting->buffer_damage, &surface->buffer_damage);
	pixman_region32_t damage;
	pixman_region32_init(&damage);
	wlr_surface_get_effective_damage(surface, &damage);
	if (!pixman_region32_empty(&damage)) {
		note_pace(content);
	}
	add_damage(&waiting->surface_damage, &damage);
	pixman_region32_fini(&damage);
}

/**
 * Has the client told when it may draw into the buffer again. On page flips a release says so truly: a buffer
 * is let go by the frame that latched another one, and that frame starts when the last that showed it was on
 * glass, hence had been drawn.
 */
static void promise_release(struct wlr_surface *surface, struct wlr_buffer *buffer) {
	struct wlr_linux_drm_syncobj_surface_v1_state *state =
			wlr_linux_drm_syncobj_v1_get_surface_state(surface);
	if (state != NULL
			&& !wlr_linux_drm_syncobj_v1_state_signal_release_with_buffer(state,
					buffer)) {
		wl_resource_post_no_memory(surface->resource);
	}
}

static void take_buffer(struct bn_content *content) {
	struct wlr_surface *surface = content->surface;
	struct bn_content_waiting *waiting = &content->waiting;
	bn_acquire_cancel(&waiting->acquire);
	bn_content_replace_buffer(content, &waiting->buffer, surface->current.buffer);
	if (waiting->buffer == NULL) {
		return;
	}
	waiting->committed_ns = bn_loop_request_now(content->contents->loop);
	promise_release(surface, waiting->buffer);
	take_damage(content);
	struct wl_event_loop *loop = wl_display_get_event_loop(content->contents->loop->display);
	if (!bn_acquire_start(&waiting->acquire, loop, surface, waiting->buffer, handle_acquire)) {
		promote(content);
	}
}

static struct bn_content_geometry geometry_of(struct wlr_surface *surface) {
	struct bn_content_geometry geometry = {
		.transform = surface->current.transform,
		.width = surface->current.width,
		.height = surface->current.height,
	};
	wlr_surface_get_buffer_source_box(surface, &geometry.source);
	return geometry;
}

/** Crop and size belong to the buffer that they were committed with, or that had been committed before. */
static void take_geometry(struct bn_content *content) {
	if (content->waiting.buffer != NULL) {
		content->waiting.geometry = geometry_of(content->surface);
	} else if (content->newest != NULL) {
		content->newest_geometry = geometry_of(content->surface);
	}
}

/** The question goes with the youngest buffer, like its geometry. */
static void take_feedback(struct bn_content *content) {
	struct wlr_presentation_feedback **slot = &content->latched_feedback;
	if (content->waiting.buffer != NULL) {
		slot = &content->waiting.feedback;
	} else if (content->newest != NULL) {
		slot = &content->newest_feedback;
	} else if (content->coming.texture != NULL) {
		slot = &content->coming.feedback;
	}
	bn_content_replace_feedback(slot, wlr_presentation_surface_sampled(content->surface));
}

static void take_commit(struct bn_content *content) {
	struct wlr_surface *surface = content->surface;
	content->client->commits++;
	if (bn_client_spend(content->client, BN_BUDGET_COMMITS, 1,
			    bn_loop_request_now(content->contents->loop))
			== BN_BUDGET_ERROR) {
		return;
	}
	if ((surface->current.committed & WLR_SURFACE_STATE_BUFFER) != 0) {
		if (surface->current.buffer != NULL) {
			take_buffer(content);
		} else {
			forget_picture(content);
		}
	}
	take_geometry(content);
	take_feedback(content);
}

/** A subsurface may commit for ever while its parent does not. */
static void handle_client_commit(struct wl_listener *listener, void *data) {
	struct bn_content *content = wl_container_of(listener, content, client_commit);
	if (wl_list_length(&content->surface->cached) < BN_CONTENT_COMMITS_WAITING) {
		return;
	}
	bn_client_refuse(content->client, bn_loop_request_now(content->contents->loop),
			"%d commits of a surface wait for its parent's: ended",
			BN_CONTENT_COMMITS_WAITING);
	wl_client_post_implementation_error(content->client->wl,
			"%d commits of a surface wait for its parent's",
			BN_CONTENT_COMMITS_WAITING);
}

static void handle_commit(struct wl_listener *listener, void *data) {
	struct bn_content *content = wl_container_of(listener, content, commit);
	take_commit(content);
	wl_signal_emit_mutable(&content->contents->events.changed, content);
}

/** A popup or subsurface may go without a commit of anybody's: what it covered must be drawn. */
static void handle_unmap(struct wl_listener *listener, void *data) {
	struct bn_content *content = wl_container_of(listener, content, unmap);
	wl_signal_emit_mutable(&content->contents->events.changed, content);
}

static void content_destroy(struct bn_content *content) {
	bn_budget_release(&content->client->budget, BN_BUDGET_SURFACES, 1);
	wl_signal_emit_mutable(&content->contents->events.dropped, content);
	forget_picture(content);
	pixman_region32_fini(&content->coming.surface_damage);
	pixman_region32_fini(&content->waiting.buffer_damage);
	pixman_region32_fini(&content->waiting.surface_damage);
	pixman_region32_fini(&content->buffer_damage);
	pixman_region32_fini(&content->surface_damage);
	pixman_region32_fini(&content->pending_damage);
	wlr_addon_finish(&content->addon);
	wl_list_remove(&content->client_commit.link);
	wl_list_remove(&content->commit.link);
	wl_list_remove(&content->unmap.link);
	wl_list_remove(&content->output_destroy.link);
	wl_list_remove(&content->callback_link);
	wl_list_remove(&content->asked_link);
	wl_list_remove(&content->link);
	free(content);
}

static void handle_addon_destroy(struct wlr_addon *addon) {
	struct bn_content *content = wl_container_of(addon, content, addon);
	content_destroy(content);
}

static const struct wlr_addon_interface addon_impl = {
	.name = "bn_content",
	.destroy = handle_addon_destroy,
};

static void handle_output_destroy(struct wl_listener *listener, void *data) {
	struct bn_content *content = wl_container_of(listener, content, output_destroy);
	wl_list_remove(&content->output_destroy.link);
	wl_list_init(&content->output_destroy.link);
	content->output = NULL;
}

/** A client with more surfaces than any real one has is broken or hostile, and costs only itself. */
static bool may_have_surface(struct bn_contents *contents, struct bn_client *client) {
	return bn_client_spend(client, BN_BUDGET_SURFACES, 1, bn_loop_now(contents->loop))
			!= BN_BUDGET_ERROR;
}

static void handle_new_surface(struct wl_listener *listener, void *data) {
	struct bn_contents *contents = wl_container_of(listener, contents, new_surface);
	struct wlr_surface *surface = data;
	struct bn_client *client = bn_client_from_wl(contents->clients,
			wl_resource_get_client(surface->resource));
	if (client == NULL || !may_have_surface(contents, client)) {
		return;
	}
	struct bn_content *content = calloc(1, sizeof(*content));
	if (content == NULL) {
		bn_budget_release(&client->budget, BN_BUDGET_SURFACES, 1);
		wl_resource_post_no_memory(surface->resource);
		return;
	}
	content->id = contents->next_id++;
	content->contents = contents;
	content->surface = surface;
	content->client = client;
	pixman_region32_init(&content->coming.surface_damage);
	pixman_region32_init(&content->waiting.buffer_damage);
	pixman_region32_init(&content->waiting.surface_damage);
	pixman_region32_init(&content->buffer_damage);
	pixman_region32_init(&content->surface_damage);
	pixman_region32_init(&content->pending_damage);
	wl_list_init(&content->callback_link);
	wl_list_init(&content->asked_link);
	wl_list_init(&content->output_destroy.link);
	content->output_destroy.notify = handle_output_destroy;
	wlr_addon_init(&content->addon, &surface->addons, &addon_impl, &addon_impl);
	// First of all commit listeners: whoever comes later sees the picture already taken in.
	bn_listen(&surface->events.client_commit, &content->client_commit, handle_client_commit);
	bn_listen(&surface->events.commit, &content->commit, handle_commit);
	bn_listen(&surface->events.unmap, &content->unmap, handle_unmap);
	wl_list_insert(&contents->list, &content->link);
}

void bn_contents_init(struct bn_contents *contents, struct bn_loop *loop,
		struct bn_clients *clients, struct wlr_compositor *compositor) {
	*contents = (struct bn_contents){ .loop = loop, .clients = clients, .next_id = 1 };
	wl_list_init(&contents->list);
	wl_signal_init(&contents->events.changed);
	wl_signal_init(&contents->events.latched);
	wl_signal_init(&contents->events.dropped);
	bn_listen(&compositor->events.new_surface, &contents->new_surface, handle_new_surface);
}

void bn_contents_finish(struct bn_contents *contents) {
	assert(wl_list_empty(&contents->list));
	bn_unlisten(&contents->new_surface);
}

struct bn_content *bn_content_from_surface(struct wlr_surface *surface) {
	struct wlr_addon *addon = wlr_addon_find(&surface->addons, &addon_impl, &addon_impl);
	if (addon == NULL) {
		return NULL;
	}
	struct bn_content *content = wl_container_of(addon, content, addon);
	return content;
}

/** A GPU buffer is sampled in place, or scanned out: it is in use as long as it shows. */
static bool is_in_place(struct wlr_buffer *buffer) {
	struct wlr_dmabuf_attributes dmabuf;
	return wlr_buffer_get_dmabuf(buffer, &dmabuf);
}

/** What the old renderer shows, as a buffer of ours; NULL when it cannot be read. */
static struct bn_pixels *read_back(struct wlr_texture *texture) {
	struct bn_pixels *pixels =
			bn_pixels_create((int32_t)texture->width, (int32_t)texture->height);
	if (pixels == NULL) {
		return NULL;
	}
	const struct wlr_texture_read_pixels_options options = {
		.data = pixels->data,
		.format = DRM_FORMAT_ARGB8888,
		.stride = texture->width * 4,
	};
	if (!wlr_texture_read_pixels(texture, &options)) {
		wlr_buffer_drop(&pixels->base);
		return NULL;
	}
	return pixels;
}

static void save_picture(struct bn_content *content) {
	struct bn_pixels *pixels = read_back(content->texture);
	if (pixels == NULL) {
		return;
	}
	bn_content_replace_buffer(content, &content->shown, &pixels->base);
	wlr_buffer_drop(&pixels->base); // the lock keeps it
}

void bn_contents_set_renderer(struct bn_contents *contents, struct wlr_renderer *renderer,
		bool alive) {
	struct bn_content *content;
	wl_list_for_each(content, &contents->list, link) {
		bool readable = content->shown != NULL && !is_in_place(content->shown);
		if (alive && content->texture != NULL && !readable) {
			save_picture(content);
		}
		bn_content_restart_parts(content);
		bn_content_drop_texture(content);
	}
	contents->renderer = renderer;
}

static bool take_color(struct bn_content *content, struct wlr_buffer *buffer) {
	struct wlr_single_pixel_buffer_v1 *pixel =
			wlr_single_pixel_buffer_v1_try_from_buffer(buffer);
	if (pixel == NULL) {
		return false;
	}
	const uint32_t rgba[4] = { pixel->r, pixel->g, pixel->b, pixel->a };
	for (int i = 0; i < 4; i++) {
		content->color[i] = (float)((double)rgba[i] / UINT32_MAX);
	}
	bn_content_drop_texture(content);
	return true;
}

static bool upload(struct bn_content *content, struct wlr_buffer *buffer) {
	bool same_size = content->texture != NULL && content->buffer_width == buffer->width
			&& content->buffer_height == buffer->height;
	if (same_size
			&& wlr_texture_update_from_buffer(content->texture, buffer,
					&content->buffer_damage)) {
		return true;
	}
	// Before the old one goes: a failure leaves the old picture on glass.
	struct wlr_texture *texture = wlr_texture_from_buffer(content->contents->renderer, buffer);
	if (texture == NULL) {
		return false;
	}
	bn_content_drop_texture(content);
	content->texture = texture;
	return true;
}

static size_t bytes_of(const pixman_region32_t *damage) {
	size_t bytes = 0;
	int count = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(damage, &count);
	for (int i = 0; i < count; i++) {
		bytes += (size_t)(boxes[i].x2 - boxes[i].x1) * (size_t)(boxes[i].y2 - boxes[i].y1)
				* 4;
	}
	return bytes;
}

void bn_content_note_failure(struct bn_content *content, const struct wlr_buffer *buffer) {
	if (!content->failed) {
		bn_client_refuse(content->client, bn_loop_now(content->contents->loop),
				"a %dx%d buffer cannot be read; the last good picture stays",
				buffer->width, buffer->height);
	}
	content->failed = true;
}

void bn_content_apply_geometry(struct bn_content *content,
		const struct bn_content_geometry *geometry) {
	content->source = geometry->source;
	content->transform = geometry->transform;
	content->width = geometry->width;
	content->height = geometry->height;
}

/** Without news: a commit of size or crop alone is for what is shown. */
static void follow_geometry(struct bn_content *content) {
	if (content->waiting.buffer == NULL) {
		const struct bn_content_geometry geometry = geometry_of(content->surface);
		bn_content_apply_geometry(content, &geometry);
	}
}

void bn_content_take_picture(struct bn_content *content, struct wlr_buffer *buffer, size_t bytes) {
	content->failed = false;
	content->opaque = wlr_buffer_is_opaque(buffer);
	bn_look_take(&content->look, buffer);
	content->buffer_width = buffer->width;
	content->buffer_height = buffer->height;
	content->client->uploads += bytes > 0;
	content->client->upload_bytes += bytes;
}

static size_t latch_whole(struct bn_content *content, bool keep) {
	struct wlr_buffer *buffer = content->newest;
	if (buffer == NULL) {
		follow_geometry(content);
		buffer = content->texture == NULL && !content->has_color ? content->shown : NULL;
	}
	if (buffer == NULL) {
		return 0;
	}
	size_t bytes = 0;
	content->has_color = take_color(content, buffer);
	if (!content->has_color) {
		bytes = bytes_of(&content->buffer_damage);
		if (!upload(content, buffer)) {
			bn_content_note_failure(content, buffer);
			bn_content_replace_buffer(content, &content->newest, NULL);
			bn_content_replace_feedback(&content->newest_feedback, NULL);
			return 0;
		}
	}
	if (buffer == content->newest) {
		bn_content_apply_geometry(content, &content->newest_geometry);
	} else {
		follow_geometry(content);
	}
	bn_content_take_picture(content, buffer, bytes);
	if (buffer == content->newest) {
		content->latched_ns = content->newest_ns;
		keep = keep || is_in_place(buffer);
		bn_content_replace_buffer(content, &content->shown, keep ? buffer : NULL);
		bn_content_replace_buffer(content, &content->newest, NULL);
		bn_content_replace_feedback(&content->latched_feedback, content->newest_feedback);
		content->newest_feedback = NULL;
	}
	pixman_region32_clear(&content->buffer_damage);
	pixman_region32_union(&content->surface_damage, &content->surface_damage,
			&content->pending_damage);
	pixman_region32_clear(&content->pending_damage);
	return bytes;
}

size_t bn_content_latch(struct bn_content *content, bool keep, bool in_parts) {
	bn_content_release_held(content);
	content->look.changed = false;
	if (content->contents->renderer == NULL) {
		return 0;
	}
	if (content->coming.texture != NULL) {
		return bn_content_continue_parts(content, keep);
	}
	if (in_parts && content->newest != NULL
			&& bn_content_news_bytes(content) > BN_CONTENT_PART_BYTES
			&& bn_content_begin_parts(content)) {
		return bn_content_continue_parts(content, keep);
	}
	return latch_whole(content, keep);
}

size_t bn_content_latch_for(struct bn_content *content, bool keep, bool in_parts,
		struct wlr_output *output) {
	struct bn_contents *contents = content->contents;
	if (!bn_content_has_news(content)) {
		return bn_content_latch(content, keep, in_parts);
	}
	struct bn_content_latched latched = {
		.content = content,
		.output = output,
		.begin_ns = bn_loop_now(contents->loop),
	};
	latched.bytes = bn_content_latch(content, keep, in_parts);
	latched.end_ns = bn_loop_now(contents->loop);
	content->client->latch_ns += latched.end_ns - latched.begin_ns;
	wl_signal_emit_mutable(&contents->events.latched, &latched);
	return latched.bytes;
}

bool bn_content_has_news(const struct bn_content *content) {
	return content->newest != NULL || content->coming.texture != NULL;
}

struct wlr_presentation_feedback *bn_content_take_feedback(struct bn_content *content) {
	struct wlr_presentation_feedback *feedback = content->latched_feedback;
	content->latched_feedback = NULL;
	return feedback;
}

bool bn_content_is_ready(const struct bn_content *content) {
	return content->waiting.buffer == NULL;
}

struct bn_content *bn_content_tree(struct bn_content *content) {
	struct wlr_surface *surface = content->surface;
	struct wlr_subsurface *subsurface = wlr_subsurface_try_from_wlr_surface(surface);
	// One that is synchronized makes all below it so.
	struct wlr_surface *root = surface;
	while (subsurface != NULL && subsurface->parent != NULL) {
		surface = subsurface->parent;
		root = subsurface->synchronized ? surface : root;
		subsurface = wlr_subsurface_try_from_wlr_surface(surface);
	}
	struct bn_content *tree = bn_content_from_surface(root);
	return tree != NULL ? tree : content;
}

int64_t bn_content_news_bytes(const struct bn_content *content) {
	return content->coming.texture != NULL ? BN_CONTENT_PART_BYTES
					       : (int64_t)bytes_of(&content->buffer_damage);
}

bool bn_content_is_drawable(const struct bn_content *content) {
	return content->texture != NULL || content->has_color;
}

bool bn_content_is_moving(const struct bn_content *content, int64_t now_ns) {
	int64_t oldest = content->commits_ns[content->commits_next];
	return oldest > 0 && now_ns - oldest < BN_NSEC_PER_SEC;
}

bool bn_content_wants_callback(const struct bn_content *content) {
	return !wl_list_empty(&content->surface->current.frame_callback_list);
}

void bn_content_send_callback(struct bn_content *content, int64_t now_ns) {
	struct timespec now = bn_nsec_to_timespec(now_ns);
	content->asked_ns = now_ns;
	wlr_surface_send_frame_done(content->surface, &now);
}

int64_t bn_content_response_ns(const struct bn_content *content) {
	return content->responses < BN_CONTENT_RESPONSES ? -1 : bn_predictor_ns(&content->response);
}

void bn_content_set_output(struct bn_content *content, struct wlr_output *output, double scale) {
	if (content->output == output) {
		return;
	}
	if (content->output != NULL) {
		wlr_surface_send_leave(content->surface, content->output);
		wl_list_remove(&content->output_destroy.link);
		wl_list_init(&content->output_destroy.link);
	}
	content->output = output;
	if (output != NULL) {
		wl_signal_add(&output->events.destroy, &content->output_destroy);
		wlr_surface_send_enter(content->surface, output);
		wlr_fractional_scale_v1_notify_scale(content->surface, scale);
		wlr_surface_set_preferred_buffer_scale(content->surface, (int32_t)ceil(scale));
	}
}
