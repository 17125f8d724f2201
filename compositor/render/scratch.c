#include "render/scratch.h"

#include <drm_fourcc.h>
#include <stdint.h>
#include <stdlib.h>
#include <wayland-server-core.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/render/interface.h>
#include <wlr/render/pixman.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/util/log.h>

struct bn_scratch {
	struct wlr_buffer base;
	struct wlr_renderer *renderer;                      // borrowed: we go with it
	struct wlr_texture *texture;                        // owned, of the pixels below
	struct wl_listener destroy;                         // of renderer; also how we are found
	uint32_t pixels[BN_SCRATCH_SIDE * BN_SCRATCH_SIDE]; // DRM_FORMAT_ARGB8888
};

static struct bn_scratch *from_buffer(struct wlr_buffer *buffer) {
	struct bn_scratch *scratch = wl_container_of(buffer, scratch, base);
	return scratch;
}

static void buffer_destroy(struct wlr_buffer *buffer) {
	wlr_buffer_finish(buffer);
	free(from_buffer(buffer));
}

static bool buffer_begin_data_ptr_access(struct wlr_buffer *buffer, uint32_t flags, void **data,
		uint32_t *format, size_t *stride) {
	*data = from_buffer(buffer)->pixels;
	*format = DRM_FORMAT_ARGB8888;
	*stride = BN_SCRATCH_SIDE * sizeof(uint32_t);
	return true;
}

static void buffer_end_data_ptr_access(struct wlr_buffer *buffer) {
}

static const struct wlr_buffer_impl buffer_impl = {
	.destroy = buffer_destroy,
	.begin_data_ptr_access = buffer_begin_data_ptr_access,
	.end_data_ptr_access = buffer_end_data_ptr_access,
};

static void handle_renderer_destroy(struct wl_listener *listener, void *data) {
	struct bn_scratch *scratch = wl_container_of(listener, scratch, destroy);
	wl_list_remove(&scratch->destroy.link);
	wlr_texture_destroy(scratch->texture);
	wlr_buffer_drop(&scratch->base);
}

static struct bn_scratch *create(struct wlr_renderer *renderer) {
	struct bn_scratch *scratch = calloc(1, sizeof(*scratch));
	if (scratch == NULL) {
		wlr_log_errno(WLR_ERROR, "renderer: %s", "no memory to dim in");
		return NULL;
	}
	wlr_buffer_init(&scratch->base, &buffer_impl, BN_SCRATCH_SIDE, BN_SCRATCH_SIDE);
	scratch->renderer = renderer;
	scratch->texture = wlr_texture_from_buffer(renderer, &scratch->base);
	if (scratch->texture == NULL) {
		wlr_buffer_drop(&scratch->base);
		return NULL;
	}
	scratch->destroy.notify = handle_renderer_destroy;
	wl_signal_add(&renderer->events.destroy, &scratch->destroy);
	return scratch;
}

struct bn_scratch *bn_scratch_get(struct wlr_renderer *renderer) {
	if (!wlr_renderer_is_pixman(renderer)) {
		return NULL;
	}
	struct wl_listener *listener =
			wl_signal_get(&renderer->events.destroy, handle_renderer_destroy);
	struct bn_scratch *scratch = NULL;
	return listener != NULL ? wl_container_of(listener, scratch, destroy) : create(renderer);
}

static uint32_t scale(uint32_t channel, uint32_t factor) {
	return (channel * factor + 0x8000) >> 16;
}

static void multiply(struct bn_scratch *scratch, const struct wlr_box *tile, float gain,
		float alpha) {
	uint32_t colour = (uint32_t)(gain * alpha * 65536 + 0.5f),
		 opacity = (uint32_t)(alpha * 65536 + 0.5f);
	for (int y = 0; y < tile->height; y++) {
		uint32_t *row = &scratch->pixels[y * BN_SCRATCH_SIDE];
		for (int x = 0; x < tile->width; x++) {
			uint32_t pixel = row[x];
			row[x] = scale(pixel >> 24, opacity) << 24
					| scale(pixel >> 16 & 0xFF, colour) << 16
					| scale(pixel >> 8 & 0xFF, colour) << 8
					| scale(pixel & 0xFF, colour);
		}
	}
}

struct wlr_texture *bn_scratch_dim(struct bn_scratch *scratch,
		const struct wlr_render_texture_options *options, const struct wlr_box *tile,
		float gain) {
	struct wlr_render_pass *pass =
			wlr_renderer_begin_buffer_pass(scratch->renderer, &scratch->base, NULL);
	if (pass == NULL) {
		return NULL;
	}
	struct wlr_render_texture_options moved = *options;
	wlr_render_texture_options_get_dst_box(options, &moved.dst_box);
	moved.dst_box.x -= tile->x;
	moved.dst_box.y -= tile->y;
	moved.alpha = NULL;
	moved.clip = NULL;
	moved.blend_mode = WLR_RENDER_BLEND_MODE_NONE;
	wlr_render_pass_add_texture(pass, &moved);
	if (!wlr_render_pass_submit(pass)) {
		return NULL;
	}
	multiply(scratch, tile, gain, wlr_render_texture_options_get_alpha(options));
	return scratch->texture;
}
