#include "render/memory.h"

#include <drm_fourcc.h>
#include <string.h>
#include <wlr/types/wlr_buffer.h>

int bn_clip_len(const pixman_region32_t *clip) {
	return clip != NULL ? pixman_region32_n_rects(clip) : 1;
}

bool bn_clip_part(const pixman_region32_t *clip, int i, const struct wlr_box *area,
		struct wlr_box *ret_part) {
	if (clip == NULL) {
		*ret_part = *area;
		return true;
	}
	const pixman_box32_t *rect = &pixman_region32_rectangles(clip, NULL)[i];
	const struct wlr_box box = { rect->x1, rect->y1, rect->x2 - rect->x1, rect->y2 - rect->y1 };
	return wlr_box_intersection(ret_part, area, &box);
}

static bool open_buffer(struct bn_memory *memory, struct wlr_buffer *buffer, uint32_t flags) {
	void *data;
	uint32_t format;
	size_t stride;
	if (!wlr_buffer_begin_data_ptr_access(buffer, flags, &data, &format, &stride)) {
		return false;
	}
	bool known = format == DRM_FORMAT_XRGB8888 || format == DRM_FORMAT_ARGB8888;
	if (!known || stride % sizeof(uint32_t) != 0) {
		wlr_buffer_end_data_ptr_access(buffer);
		return false;
	}
	*memory = (struct bn_memory){
		.buffer = buffer,
		.data = data,
		.stride = (int)(stride / sizeof(uint32_t)),
		.has_alpha = format == DRM_FORMAT_ARGB8888,
		.all = { 0, 0, buffer->width, buffer->height },
	};
	return true;
}

bool bn_memory_begin(struct bn_memory *memory, struct wlr_buffer *buffer) {
	return open_buffer(memory, buffer, WLR_BUFFER_DATA_PTR_ACCESS_WRITE);
}

void bn_memory_end(struct bn_memory *memory) {
	if (memory->buffer != NULL) {
		wlr_buffer_end_data_ptr_access(memory->buffer);
		memory->buffer = NULL;
	}
}

static void copy_box(struct bn_memory *to, const struct bn_memory *from, int src_x, int src_y,
		const struct wlr_box *box) {
	if (pixman_blt(from->data, to->data, from->stride, to->stride, 32, 32, src_x, src_y, box->x,
			    box->y, box->width, box->height)) {
		return;
	}
	// Pixman has no fast way on this processor.
	for (int y = 0; y < box->height; y++) {
		memcpy(to->data + (size_t)(box->y + y) * (size_t)to->stride + box->x,
				from->data + (size_t)(src_y + y) * (size_t)from->stride + src_x,
				(size_t)box->width * sizeof(uint32_t));
	}
}

static bool holds(const struct bn_memory *from, int x, int y, const struct wlr_box *dst) {
	return x >= 0 && y >= 0 && dst->width <= from->all.width - x
			&& dst->height <= from->all.height - y;
}

bool bn_memory_copy(struct bn_memory *memory, struct wlr_buffer *buffer, int src_x, int src_y,
		const struct wlr_box *dst, const pixman_region32_t *clip) {
	struct bn_memory from;
	struct wlr_box area, part;
	if (!wlr_box_intersection(&area, dst, &memory->all)) {
		return true;
	}
	if (!open_buffer(&from, buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ)) {
		return false;
	}
	bool fits = holds(&from, src_x, src_y, dst) && (from.has_alpha || !memory->has_alpha);
	for (int i = 0; fits && i < bn_clip_len(clip); i++) {
		if (bn_clip_part(clip, i, &area, &part)) {
			copy_box(memory, &from, src_x + part.x - dst->x, src_y + part.y - dst->y,
					&part);
		}
	}
	bn_memory_end(&from);
	return fits;
}

void bn_memory_fill(struct bn_memory *memory, uint32_t argb, const struct wlr_box *dst,
		const pixman_region32_t *clip) {
	struct wlr_box area, part;
	if (!wlr_box_intersection(&area, dst, &memory->all)) {
		return;
	}
	for (int i = 0; i < bn_clip_len(clip); i++) {
		if (!bn_clip_part(clip, i, &area, &part)
				|| pixman_fill(memory->data, memory->stride, 32, part.x, part.y,
						part.width, part.height, argb)) {
			continue;
		}
		for (int y = part.y; y < part.y + part.height; y++) {
			uint32_t *row = memory->data + (size_t)y * (size_t)memory->stride;
			for (int x = part.x; x < part.x + part.width; x++) {
				row[x] = argb;
			}
		}
	}
}
