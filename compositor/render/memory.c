#include "render/memory.h"

#include <drm_fourcc.h>
#include <string.h>
#include <wlr/render/pixman.h>
#include <wlr/types/wlr_buffer.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Below that a copy fits into the second-level cache of common head units, where pixman's stores are the faster ones.
// A frame in parts (core/bands.h) begins with twice as much of a display of 1920x1080.
#define STREAM_BYTES (256 * 1024)

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

bool bn_memory_join(struct bn_memory *memory, struct wlr_renderer *renderer,
		struct wlr_buffer *buffer) {
	if (!wlr_renderer_is_pixman(renderer)) {
		return false;
	}
	pixman_image_t *image = wlr_pixman_renderer_get_buffer_image(renderer, buffer);
	pixman_format_code_t format = image != NULL ? pixman_image_get_format(image) : 0;
	if (format != PIXMAN_x8r8g8b8 && format != PIXMAN_a8r8g8b8) {
		return false;
	}
	*memory = (struct bn_memory){
		.data = pixman_image_get_data(image),
		.stride = pixman_image_get_stride(image) / (int)sizeof(uint32_t),
		.has_alpha = format == PIXMAN_a8r8g8b8,
		.all = { 0, 0, buffer->width, buffer->height },
	};
	return memory->data != NULL;
}

void bn_memory_end(struct bn_memory *memory) {
	if (memory->buffer != NULL) {
		wlr_buffer_end_data_ptr_access(memory->buffer);
		memory->buffer = NULL;
	}
}

static uint32_t *row_at(const struct bn_memory *memory, int x, int y) {
	return memory->data + (size_t)y * (size_t)memory->stride + x;
}

#ifdef __SSE2__
// A processor foresees what is read next, but only within a page (4 KiB) and from its second line on. So many rows at
// once, each in pages of its own, keep it fetching: a quarter less time than row by row, and more rows gain nothing.
#define STREAM_ROWS 8
#define STREAM_PX 16 // one line
#define STREAM_AHEAD_BYTES 256

/** May look ahead past the end of what there is: fetching ahead cannot fault. */
static void stream_line(uint32_t *to, const uint32_t *from) {
	__builtin_prefetch((const void *)((uintptr_t)from + STREAM_AHEAD_BYTES));
	const __m128i *lanes = (const __m128i *)from;
	__m128i a = _mm_loadu_si128(lanes), b = _mm_loadu_si128(lanes + 1);
	__m128i c = _mm_loadu_si128(lanes + 2), d = _mm_loadu_si128(lanes + 3);
	_mm_stream_si128((__m128i *)to, a);
	_mm_stream_si128((__m128i *)to + 1, b);
	_mm_stream_si128((__m128i *)to + 2, c);
	_mm_stream_si128((__m128i *)to + 3, d);
}

/** Rows whose first pixels are aligned alike. */
static void stream_rows(uint32_t *to, size_t to_stride, const uint32_t *from, size_t from_stride,
		size_t width, size_t rows) {
	size_t head = -(uintptr_t)to % sizeof(__m128i) / sizeof(*to);
	head = head < width ? head : width;
	size_t lines = (width - head) / STREAM_PX;
	size_t tail = head + lines * STREAM_PX;
	for (size_t i = 0; i < lines; i++) {
		for (size_t row = 0; row < rows; row++) {
			size_t x = head + i * STREAM_PX;
			stream_line(to + row * to_stride + x, from + row * from_stride + x);
		}
	}
	for (size_t row = 0; row < rows; row++) {
		memcpy(to + row * to_stride, from + row * from_stride, head * sizeof(*to));
		memcpy(to + row * to_stride + tail, from + row * from_stride + tail,
				(width - tail) * sizeof(*to));
	}
}

/** False: it is small. A store past the cache need not read its line first: a third less to move. */
static bool stream_box(struct bn_memory *to, const struct bn_memory *from, int src_x, int src_y,
		const struct wlr_box *box) {
	if ((size_t)box->width * (size_t)box->height * sizeof(uint32_t) < STREAM_BYTES) {
		return false;
	}
	bool are_alike = (size_t)to->stride * sizeof(uint32_t) % sizeof(__m128i) == 0;
	int together = are_alike ? STREAM_ROWS : 1;
	for (int y = 0; y < box->height; y += together) {
		int rows = together < box->height - y ? together : box->height - y;
		stream_rows(row_at(to, box->x, box->y + y), (size_t)to->stride,
				row_at(from, src_x, src_y + y), (size_t)from->stride,
				(size_t)box->width, (size_t)rows);
	}
	_mm_sfence();
	return true;
}
#else
static bool stream_box(struct bn_memory *to, const struct bn_memory *from, int src_x, int src_y,
		const struct wlr_box *box) {
	return false;
}
#endif

#define LINE_BYTES 64
// Rows that are too short for a processor to see where they lead. Asked for so many rows ahead, they come side by side.
#define SHORT_PX 256
#define AHEAD_ROWS 8

static void fetch_row(uint32_t *to, const uint32_t *from, size_t count) {
	for (size_t i = 0; i < count; i += LINE_BYTES / sizeof(*from)) {
		__builtin_prefetch(from + i, 0);
		__builtin_prefetch(to + i, 1);
	}
}

/** A small picture was last touched by its client, on another processor: most of its copy is waiting for memory. */
static void copy_short_rows(struct bn_memory *to, const struct bn_memory *from, int src_x,
		int src_y, const struct wlr_box *box) {
	for (int y = -AHEAD_ROWS; y < box->height; y++) {
		int ahead = y + AHEAD_ROWS;
		if (ahead < box->height) {
			fetch_row(row_at(to, box->x, box->y + ahead),
					row_at(from, src_x, src_y + ahead), (size_t)box->width);
		}
		if (y >= 0) {
			memcpy(row_at(to, box->x, box->y + y), row_at(from, src_x, src_y + y),
					(size_t)box->width * sizeof(uint32_t));
		}
	}
}

static void copy_box(struct bn_memory *to, const struct bn_memory *from, int src_x, int src_y,
		const struct wlr_box *box) {
	if (stream_box(to, from, src_x, src_y, box)) {
		return;
	}
	if (box->width <= SHORT_PX) {
		copy_short_rows(to, from, src_x, src_y, box);
		return;
	}
	if (pixman_blt(from->data, to->data, from->stride, to->stride, 32, 32, src_x, src_y, box->x,
			    box->y, box->width, box->height)) {
		return;
	}
	// Pixman has no fast way on this processor.
	for (int y = 0; y < box->height; y++) {
		memcpy(row_at(to, box->x, box->y + y), row_at(from, src_x, src_y + y),
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
