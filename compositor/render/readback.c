#include "render/gles.h"

#include <drm_fourcc.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/util/log.h>

static bool contains(const struct wlr_box *outer, const struct wlr_box *inner) {
	return inner->x >= outer->x && inner->y >= outer->y
			&& inner->x + inner->width <= outer->x + outer->width
			&& inner->y + inner->height <= outer->y + outer->height;
}

static struct wlr_box extents(const struct wlr_box *a, const struct wlr_box *b) {
	int x1 = a->x < b->x ? a->x : b->x;
	int y1 = a->y < b->y ? a->y : b->y;
	int x2 = a->x + a->width > b->x + b->width ? a->x + a->width : b->x + b->width;
	int y2 = a->y + a->height > b->y + b->height ? a->y + a->height : b->y + b->height;
	return (struct wlr_box){ x1, y1, x2 - x1, y2 - y1 };
}

void bn_damage_add(struct bn_damage *damage, const struct wlr_box *box) {
	// Newest first: ops of one frame are mostly clipped by the same few boxes.
	int kept = 0;
	for (int i = 0; i < damage->len; i++) {
		if (contains(&damage->boxes[i], box)) {
			return;
		}
	}
	for (int i = 0; i < damage->len; i++) {
		if (!contains(box, &damage->boxes[i])) {
			damage->boxes[kept++] = damage->boxes[i];
		}
	}
	damage->len = kept;
	if (damage->len < BN_DAMAGE_CAP) {
		damage->boxes[damage->len++] = *box;
		return;
	}
	struct wlr_box all = *box;
	for (int i = 0; i < damage->len; i++) {
		all = extents(&all, &damage->boxes[i]);
	}
	damage->boxes[0] = all;
	damage->len = 1;
}

static void set_opaque(const struct wlr_box *box, void *data, uint32_t stride) {
	for (int y = 0; y < box->height; y++) {
		uint8_t *row = (uint8_t *)data + (size_t)y * stride;
		for (int x = 0; x < box->width; x++) {
			row[4 * x + 3] = 0xFF;
		}
	}
}

bool bn_readback_read(const struct wlr_box *box, uint32_t format, bool source_alpha, void *data,
		uint32_t stride) {
	const struct bn_format *info = bn_format_find(format);
	if (info == NULL || info->type != GL_UNSIGNED_BYTE || stride % info->bytes != 0) {
		return false;
	}
	bn_renderer_clear_errors();
	glPixelStorei(GL_PACK_ALIGNMENT, 1);
	glPixelStorei(GL_PACK_ROW_LENGTH, (GLint)(stride / info->bytes));
	glReadPixels(box->x, box->y, box->width, box->height, info->format, info->type, data);
	glPixelStorei(GL_PACK_ROW_LENGTH, 0);
	if (!source_alpha && bn_format_has_alpha(format)) {
		set_opaque(box, data, stride);
	}
	return glGetError() == GL_NO_ERROR;
}

bool bn_readback_copy(struct bn_image *image, const struct bn_damage *damage) {
	void *data;
	uint32_t format;
	size_t stride;
	if (!wlr_buffer_begin_data_ptr_access(image->buffer, WLR_BUFFER_DATA_PTR_ACCESS_WRITE,
			    &data, &format, &stride)) {
		return false;
	}
	const struct bn_format *info = bn_format_find(format);
	bool ok = info != NULL;
	glBindFramebuffer(GL_FRAMEBUFFER, image->fbo);
	for (int i = 0; ok && i < damage->len; i++) {
		const struct wlr_box *box = &damage->boxes[i];
		uint8_t *at = (uint8_t *)data + (size_t)box->y * stride
				+ (size_t)box->x * info->bytes;
		ok = bn_readback_read(box, format, image->alpha, at, (uint32_t)stride);
	}
	wlr_buffer_end_data_ptr_access(image->buffer);
	return ok;
}
