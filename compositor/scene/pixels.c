#include "scene/pixels.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <wlr/interfaces/wlr_buffer.h>

#define SIDE_MAX 16384

static struct bn_pixels *from_buffer(struct wlr_buffer *buffer) {
	return wl_container_of(buffer, (struct bn_pixels *)NULL, base);
}

static void pixels_destroy(struct wlr_buffer *buffer) {
	struct bn_pixels *pixels = from_buffer(buffer);
	wlr_buffer_finish(buffer);
	free(pixels->data);
	free(pixels);
}

static bool pixels_begin(struct wlr_buffer *buffer, uint32_t flags, void **data, uint32_t *format,
		size_t *stride) {
	*data = from_buffer(buffer)->data;
	*format = DRM_FORMAT_ARGB8888;
	*stride = (size_t)buffer->width * 4;
	return true;
}

static void pixels_end(struct wlr_buffer *buffer) {
	// Memory of our own needs no guard.
}

static const struct wlr_buffer_impl pixels_impl = {
	.destroy = pixels_destroy,
	.begin_data_ptr_access = pixels_begin,
	.end_data_ptr_access = pixels_end,
};

struct bn_pixels *bn_pixels_create(int32_t width, int32_t height) {
	if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX) {
		return NULL;
	}
	struct bn_pixels *pixels = calloc(1, sizeof(*pixels));
	if (pixels == NULL) {
		return NULL;
	}
	pixels->data = calloc((size_t)width * (size_t)height, sizeof(uint32_t));
	if (pixels->data == NULL) {
		free(pixels);
		return NULL;
	}
	wlr_buffer_init(&pixels->base, &pixels_impl, width, height);
	return pixels;
}
