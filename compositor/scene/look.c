#include "scene/look.h"

#include <math.h>
#include <stddef.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/render/dmabuf.h>
#include <wlr/types/wlr_buffer.h>

#include "core/sample.h"
#include "render/formats.h"

static int32_t along(const struct bn_length *length, int32_t side) {
	double px = length->percent ? length->value * side / 100 + length->offset : length->value;
	return (int32_t)fmax(fmin(px, 65536), -65536);
}

static struct bn_rect part_of(const struct bn_length part[4], const struct wlr_buffer *buffer) {
	return (struct bn_rect){ along(&part[0], buffer->width), along(&part[1], buffer->height),
		along(&part[2], buffer->width), along(&part[3], buffer->height) };
}

/** False: it cannot be read without waiting for a GPU. */
static bool read_value(const struct bn_look *look, struct wlr_buffer *buffer, uint64_t *ret_value) {
	struct wlr_dmabuf_attributes dmabuf;
	void *data;
	uint32_t drm;
	size_t stride;
	if (wlr_buffer_get_dmabuf(buffer, &dmabuf)
			|| !wlr_buffer_begin_data_ptr_access(buffer,
					WLR_BUFFER_DATA_PTR_ACCESS_READ, &data, &drm, &stride)) {
		return false;
	}
	const struct bn_format *format = bn_format_find(drm);
	if (format != NULL) {
		const struct bn_sample_image image = { data, (int64_t)stride, buffer->width,
			buffer->height, format->bytes };
		struct bn_rect part = part_of(look->part, buffer);
		*ret_value = bn_sample(&image, look->at == BN_LOOK_PART ? &part : NULL);
	}
	wlr_buffer_end_data_ptr_access(buffer);
	return format != NULL;
}

void bn_look_take(struct bn_look *look, struct wlr_buffer *buffer) {
	if (look->at == BN_LOOK_NOT || look->at == BN_LOOK_IGNORE) {
		bn_look_forget(look);
		return;
	}
	uint64_t before = look->value;
	bool was_valid = look->valid;
	look->valid = read_value(look, buffer, &look->value);
	look->changed = !look->valid || !was_valid || look->value != before;
}

void bn_look_forget(struct bn_look *look) {
	look->valid = look->changed = false;
}
