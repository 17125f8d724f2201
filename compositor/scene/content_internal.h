#ifndef BN_SCENE_CONTENT_INTERNAL_H
#define BN_SCENE_CONTENT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "scene/content.h"

struct wlr_buffer;
struct wlr_presentation_feedback;

// content.c: what the intake and the pictures in parts share

/** Puts a buffer into a slot of the content, and lets the old one go; both count as held for the client. */
void bn_content_replace_buffer(struct bn_content *content, struct wlr_buffer **slot,
		struct wlr_buffer *buffer);
/** Takes `feedback` over. Who asked about what was there before is told that it was not shown. */
void bn_content_replace_feedback(struct wlr_presentation_feedback **slot,
		struct wlr_presentation_feedback *feedback);
void bn_content_drop_texture(struct bn_content *content);
void bn_content_apply_geometry(struct bn_content *content,
		const struct bn_content_geometry *geometry);
/** `buffer` is what shows from now on; `bytes` of it were uploaded. */
void bn_content_take_picture(struct bn_content *content, struct wlr_buffer *buffer, size_t bytes);
/** Leaves a reason, once. */
void bn_content_note_failure(struct bn_content *content, const struct wlr_buffer *buffer);

// content_parts.c: a large picture comes over several latches

/** Begins with the newest buffer. False: the renderer does not take a picture in parts. */
bool bn_content_begin_parts(struct bn_content *content);
/** One more part; returns its bytes. When the picture is whole it takes the place of the one before. */
size_t bn_content_continue_parts(struct bn_content *content, bool keep);
/** What was uploaded in part begins anew with another renderer, unless something newer is there. */
void bn_content_restart_parts(struct bn_content *content);
void bn_content_forget_parts(struct bn_content *content);

#endif
