#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_buffer.h>

#include "client.h"
#include "render/renderer.h"
#include "scene/content_internal.h"

void bn_content_forget_parts(struct bn_content *content) {
	if (content->coming.texture != NULL) {
		wlr_texture_destroy(content->coming.texture);
		content->coming.texture = NULL;
	}
	bn_content_replace_buffer(content, &content->coming.buffer, NULL);
	bn_content_replace_feedback(&content->coming.feedback, NULL);
	pixman_region32_clear(&content->coming.surface_damage);
}

void bn_content_restart_parts(struct bn_content *content) {
	struct bn_content_coming *coming = &content->coming;
	if (coming->texture != NULL && content->newest == NULL) {
		bn_content_replace_buffer(content, &content->newest, coming->buffer);
		content->newest_ns = coming->committed_ns;
		content->newest_geometry = coming->geometry;
		pixman_region32_union_rect(&content->buffer_damage, &content->buffer_damage, 0, 0,
				(unsigned)coming->buffer->width, (unsigned)coming->buffer->height);
	}
	pixman_region32_union(&content->pending_damage, &content->pending_damage,
			&coming->surface_damage);
	bn_content_forget_parts(content);
}

/** In steps, with an eye on the clock: memory that is touched for the first time is several times slower. */
static size_t upload_part(struct bn_content *content) {
	struct wlr_texture *texture = content->coming.texture;
	const struct bn_loop *loop = content->contents->loop;
	int64_t end_ns = bn_loop_now(loop) + BN_CONTENT_PART_NS;
	size_t bytes = 0, step;
	do {
		step = bn_texture_upload_part(texture, BN_CONTENT_STEP_BYTES);
		bytes += step;
	} while (step > 0 && !bn_texture_is_whole(texture)
			&& bytes + BN_CONTENT_STEP_BYTES <= BN_CONTENT_PART_BYTES
			&& bn_loop_now(loop) < end_ns);
	return bytes;
}

size_t bn_content_continue_parts(struct bn_content *content, bool keep) {
	struct bn_content_coming *coming = &content->coming;
	size_t bytes = upload_part(content);
	content->client->upload_bytes += bytes;
	if (!bn_texture_is_whole(coming->texture)) {
		if (bytes == 0) {
			bn_content_note_failure(content, coming->buffer);
			bn_content_forget_parts(content);
		}
		return bytes;
	}
	bn_content_drop_texture(content);
	content->texture = coming->texture;
	coming->texture = NULL;
	content->has_color = false;
	bn_content_apply_geometry(content, &coming->geometry);
	bn_content_take_picture(content, coming->buffer, 0);
	content->latched_ns = coming->committed_ns;
	content->client->uploads++;
	bn_content_replace_buffer(content, &content->shown, keep ? coming->buffer : NULL);
	bn_content_replace_feedback(&content->latched_feedback, coming->feedback);
	coming->feedback = NULL;
	pixman_region32_union(&content->surface_damage, &content->surface_damage,
			&coming->surface_damage);
	bn_content_forget_parts(content);
	return bytes;
}

bool bn_content_begin_parts(struct bn_content *content) {
	struct bn_content_coming *coming = &content->coming;
	coming->texture = bn_texture_begin_parts(content->contents->renderer, content->newest);
	if (coming->texture == NULL) {
		return false;
	}
	bn_content_replace_buffer(content, &coming->buffer, content->newest);
	coming->committed_ns = content->newest_ns;
	coming->geometry = content->newest_geometry;
	bn_content_replace_feedback(&coming->feedback, content->newest_feedback);
	content->newest_feedback = NULL;
	pixman_region32_union(&coming->surface_damage, &coming->surface_damage,
			&content->pending_damage);
	pixman_region32_clear(&content->pending_damage);
	pixman_region32_clear(&content->buffer_damage);
	bn_content_replace_buffer(content, &content->newest, NULL);
	return true;
}
