#include "render/gles.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/render/dmabuf.h>
#include <wlr/util/log.h>

static const struct wlr_texture_impl texture_impl;

struct bn_texture *bn_texture_from_wlr(struct wlr_texture *wlr_texture) {
	struct bn_texture *texture = NULL;
	return wlr_texture->impl == &texture_impl ? wl_container_of(wlr_texture, texture, base)
						  : NULL;
}

static void upload_box(const struct bn_format *format, const struct wlr_box *box, const void *data,
		size_t stride) {
	glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
	glPixelStorei(GL_UNPACK_ROW_LENGTH, (GLint)(stride / format->bytes));
	glPixelStorei(GL_UNPACK_SKIP_PIXELS, box->x);
	glPixelStorei(GL_UNPACK_SKIP_ROWS, box->y);
	glTexSubImage2D(GL_TEXTURE_2D, 0, box->x, box->y, box->width, box->height, format->format,
			format->type, data);
	glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
	glPixelStorei(GL_UNPACK_SKIP_PIXELS, 0);
	glPixelStorei(GL_UNPACK_SKIP_ROWS, 0);
}

static void upload_region(struct bn_texture *texture, const struct bn_format *format,
		const pixman_region32_t *region, const void *data, size_t stride) {
	int n;
	const pixman_box32_t *rects = pixman_region32_rectangles(region, &n);
	for (int i = 0; i < n; i++) {
		const struct wlr_box box = {
			.x = rects[i].x1,
			.y = rects[i].y1,
			.width = rects[i].x2 - rects[i].x1,
			.height = rects[i].y2 - rects[i].y1,
		};
		upload_box(format, &box, data, stride);
	}
}

static void create_storage(struct bn_texture *texture, const struct bn_format *format) {
	bn_renderer_clear_errors();
	// Filter and level before the storage: llvmpipe then knows that there will be no mipmaps.
	glGenTextures(1, &texture->name);
	glBindTexture(GL_TEXTURE_2D, texture->name);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
	glTexImage2D(GL_TEXTURE_2D, 0, format->internal, (GLsizei)texture->base.width,
			(GLsizei)texture->base.height, 0, format->format, format->type, NULL);
}

static void drop_storage(struct bn_texture *texture) {
	glDeleteTextures(1, &texture->name);
	texture->name = 0;
}

/** Reads `region` of a buffer that has the texture's size and format. */
static bool upload(struct bn_texture *texture, struct wlr_buffer *buffer,
		const pixman_region32_t *region) {
	void *data;
	uint32_t drm;
	size_t stride;
	if (!wlr_buffer_begin_data_ptr_access(buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ, &data, &drm,
			    &stride)) {
		return false;
	}
	const struct bn_format *format = bn_format_find(drm);
	bool ok = format != NULL && drm == texture->format && stride % format->bytes == 0;
	if (ok) {
		bool fresh = texture->name == 0;
		if (fresh) {
			create_storage(texture, format);
		} else {
			glBindTexture(GL_TEXTURE_2D, texture->name);
		}
		upload_region(texture, format, region, data, stride);
		if (fresh && glGetError() != GL_NO_ERROR) {
			wlr_log(WLR_ERROR, "renderer: the driver refuses a %dx%d texture",
					buffer->width, buffer->height);
			drop_storage(texture);
			ok = false;
		}
	}
	wlr_buffer_end_data_ptr_access(buffer);
	return ok;
}

static void set_source(struct bn_texture *texture, struct wlr_buffer *buffer) {
	struct wlr_buffer *old = texture->source;
	texture->source = buffer != NULL ? wlr_buffer_lock(buffer) : NULL;
	if (old != NULL) {
		wlr_buffer_unlock(old);
	}
}

bool bn_texture_upload(struct bn_texture *texture) {
	if (texture->source == NULL) {
		return texture->name != 0;
	}
	bool ok = bn_renderer_enter(texture->renderer)
			&& upload(texture, texture->source, &texture->stale);
	if (ok) {
		// Its client gets it back now, as after any upload.
		pixman_region32_clear(&texture->stale);
		set_source(texture, NULL);
	}
	return ok;
}

/** What a buffer's memory holds; NULL: it has none, or nothing that we upload. */
static const struct bn_format *format_of(struct wlr_buffer *buffer, uint32_t *ret_drm) {
	void *data;
	size_t stride;
	*ret_drm = DRM_FORMAT_INVALID;
	if (!wlr_buffer_begin_data_ptr_access(buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ, &data,
			    ret_drm, &stride)) {
		return NULL;
	}
	wlr_buffer_end_data_ptr_access(buffer);
	const struct bn_format *format = bn_format_find(*ret_drm);
	return format != NULL && stride % format->bytes == 0 ? format : NULL;
}

static bool fits(const struct bn_texture *texture, struct wlr_buffer *buffer) {
	uint32_t drm;
	return buffer->width == (int)texture->base.width
			&& buffer->height == (int)texture->base.height
			&& format_of(buffer, &drm) != NULL && drm == texture->format;
}

static bool texture_update_from_buffer(struct wlr_texture *wlr_texture, struct wlr_buffer *buffer,
		const pixman_region32_t *damage) {
	struct bn_texture *texture = bn_texture_from_wlr(wlr_texture);
	if (texture->renderer == NULL || texture->image != NULL
			|| !bn_renderer_enter(texture->renderer) || !fits(texture, buffer)) {
		return false;
	}
	bn_pass_flush_texture(texture->renderer, texture);
	pixman_region32_t clipped;
	pixman_region32_init(&clipped);
	pixman_region32_intersect_rect(&clipped, damage, 0, 0, wlr_texture->width,
			wlr_texture->height);
	pixman_region32_union(&texture->stale, &texture->stale, &clipped);
	pixman_region32_fini(&clipped);
	set_source(texture, buffer);
	return texture->renderer->copies || bn_texture_upload(texture);
}

// Memory that a CPU can see needs no trip through GL when the format is the one asked for.
static bool copy_from_memory(struct wlr_buffer *buffer, const struct wlr_box *box, uint32_t format,
		void *data, uint32_t stride) {
	void *from;
	uint32_t drm;
	size_t from_stride;
	if (!wlr_buffer_begin_data_ptr_access(buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ, &from, &drm,
			    &from_stride)) {
		return false;
	}
	const struct bn_format *info = bn_format_find(drm);
	bool ok = info != NULL && drm == format;
	for (int y = 0; ok && y < box->height; y++) {
		const uint8_t *row = (const uint8_t *)from + (size_t)(box->y + y) * from_stride;
		memcpy((uint8_t *)data + (size_t)y * stride, row + (size_t)box->x * info->bytes,
				(size_t)box->width * info->bytes);
	}
	wlr_buffer_end_data_ptr_access(buffer);
	return ok;
}

static bool texture_read_pixels(struct wlr_texture *wlr_texture,
		const struct wlr_texture_read_pixels_options *options) {
	struct bn_texture *texture = bn_texture_from_wlr(wlr_texture);
	if (texture->renderer == NULL || !bn_renderer_enter(texture->renderer)) {
		return false;
	}
	struct wlr_box box;
	wlr_texture_read_pixels_options_get_src_box(options, wlr_texture, &box);
	if (box.x < 0 || box.y < 0 || box.width > (int)wlr_texture->width - box.x
			|| box.height > (int)wlr_texture->height - box.y) {
		return false;
	}
	void *data = wlr_texture_read_pixel_options_get_data(options);
	bool in_memory = texture->image != NULL && texture->image->in_memory;
	struct wlr_buffer *memory = in_memory ? texture->buffer : texture->source;
	if (memory != NULL
			&& copy_from_memory(memory, &box, options->format, data, options->stride)) {
		return true;
	}
	if (texture->target != GL_TEXTURE_2D
			|| (texture->image == NULL && !bn_texture_upload(texture))) {
		return false;
	}
	GLuint fbo;
	glGenFramebuffers(1, &fbo);
	glBindFramebuffer(GL_FRAMEBUFFER, fbo);
	glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture->name,
			0);
	bool ok = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE
			&& bn_readback_read(&box, options->format, texture->alpha, data,
					options->stride);
	glBindFramebuffer(GL_FRAMEBUFFER, 0);
	glDeleteFramebuffers(1, &fbo);
	return ok;
}

static uint32_t texture_preferred_read_format(struct wlr_texture *wlr_texture) {
	const struct bn_texture *texture = bn_texture_from_wlr(wlr_texture);
	return texture->alpha ? DRM_FORMAT_ARGB8888 : DRM_FORMAT_XRGB8888;
}

void bn_texture_orphan(struct bn_texture *texture) {
	if (texture->renderer == NULL) {
		return;
	}
	if (bn_renderer_enter(texture->renderer)) {
		bn_pass_flush_texture(texture->renderer, texture);
		if (texture->image == NULL) {
			drop_storage(texture);
		}
	}
	wl_list_remove(&texture->link);
	set_source(texture, NULL);
	pixman_region32_clear(&texture->stale);
	struct wlr_buffer *buffer = texture->buffer;
	texture->renderer = NULL;
	texture->image = NULL;
	texture->buffer = NULL;
	texture->name = 0;
	if (buffer != NULL) {
		wlr_buffer_unlock(buffer);
	}
}

static void texture_destroy(struct wlr_texture *wlr_texture) {
	struct bn_texture *texture = bn_texture_from_wlr(wlr_texture);
	bn_texture_orphan(texture);
	free(texture);
}

static const struct wlr_texture_impl texture_impl = {
	.update_from_buffer = texture_update_from_buffer,
	.read_pixels = texture_read_pixels,
	.preferred_read_format = texture_preferred_read_format,
	.destroy = texture_destroy,
};

static struct bn_texture *create(struct bn_renderer *renderer, const struct wlr_buffer *buffer) {
	struct bn_texture *texture = calloc(1, sizeof(*texture));
	if (texture == NULL) {
		wlr_log_errno(WLR_ERROR, "renderer: %s", "no memory for a texture");
		return NULL;
	}
	wlr_texture_init(&texture->base, &renderer->base, &texture_impl, (uint32_t)buffer->width,
			(uint32_t)buffer->height);
	texture->renderer = renderer;
	texture->target = GL_TEXTURE_2D;
	texture->filter = GL_NEAREST;
	pixman_region32_init(&texture->stale);
	wl_list_insert(&renderer->textures, &texture->link);
	return texture;
}

static struct wlr_texture *create_from_image(struct bn_renderer *renderer, struct bn_image *image) {
	struct bn_texture *texture = create(renderer, image->buffer);
	if (texture == NULL) {
		return NULL;
	}
	texture->buffer = wlr_buffer_lock(image->buffer);
	texture->image = image;
	texture->name = image->texture;
	texture->target = image->target;
	texture->alpha = image->alpha;
	// Another texture of this image may have left the other filter.
	texture->filter = 0;
	return &texture->base;
}

static struct wlr_texture *create_from_memory(struct bn_renderer *renderer,
		struct wlr_buffer *buffer, uint32_t format, bool put_off) {
	struct bn_texture *texture = create(renderer, buffer);
	if (texture == NULL) {
		return NULL;
	}
	texture->format = format;
	texture->alpha = bn_format_has_alpha(format);
	pixman_region32_union_rect(&texture->stale, &texture->stale, 0, 0, texture->base.width,
			texture->base.height);
	set_source(texture, buffer);
	if (!put_off && !bn_texture_upload(texture)) {
		wlr_texture_destroy(&texture->base);
		return NULL;
	}
	return &texture->base;
}

static struct wlr_texture *create_uploaded(struct bn_renderer *renderer, struct wlr_buffer *buffer,
		bool put_off) {
	uint32_t drm;
	if (format_of(buffer, &drm) == NULL) {
		wlr_log(WLR_ERROR, "renderer: texture format 0x%08x is not known, or its stride",
				drm);
		return NULL;
	}
	if (buffer->width > renderer->max_size || buffer->height > renderer->max_size) {
		wlr_log(WLR_ERROR, "renderer: a %dx%d texture is larger than the driver's %d",
				buffer->width, buffer->height, (int)renderer->max_size);
		return NULL;
	}
	return create_from_memory(renderer, buffer, drm, put_off);
}

struct wlr_texture *bn_texture_create(struct bn_renderer *renderer, struct wlr_buffer *buffer) {
	struct bn_image *image = bn_image_get_source(renderer, buffer);
	return image != NULL ? create_from_image(renderer, image)
			     : create_uploaded(renderer, buffer, renderer->copies);
}

struct wlr_texture *bn_texture_begin_parts(struct wlr_renderer *wlr_renderer,
		struct wlr_buffer *buffer) {
	struct wlr_dmabuf_attributes dmabuf;
	if (!bn_renderer_is_ours(wlr_renderer) || wlr_buffer_get_dmabuf(buffer, &dmabuf)) {
		return NULL;
	}
	struct bn_renderer *renderer = wl_container_of(wlr_renderer, renderer, base);
	return create_uploaded(renderer, buffer, true);
}

bool bn_texture_is_whole(struct wlr_texture *wlr_texture) {
	return bn_texture_from_wlr(wlr_texture)->source == NULL;
}

/** The topmost stale rows that are no more than max_bytes. */
static void take_rows(const struct bn_texture *texture, size_t max_bytes, pixman_region32_t *ret) {
	const pixman_box32_t *extents = pixman_region32_extents(&texture->stale);
	size_t row_bytes = (size_t)(extents->x2 - extents->x1)
			* bn_format_find(texture->format)->bytes;
	size_t rows = max_bytes / (row_bytes > 0 ? row_bytes : 1);
	pixman_region32_intersect_rect(ret, &texture->stale, extents->x1, extents->y1,
			(unsigned)(extents->x2 - extents->x1), rows > 0 ? (unsigned)rows : 1);
}

static size_t bytes_in(const pixman_region32_t *region, size_t pixel_bytes) {
	int n;
	const pixman_box32_t *rects = pixman_region32_rectangles(region, &n);
	size_t pixels = 0;
	for (int i = 0; i < n; i++) {
		pixels += (size_t)(rects[i].x2 - rects[i].x1) * (size_t)(rects[i].y2 - rects[i].y1);
	}
	return pixels * pixel_bytes;
}

size_t bn_texture_upload_part(struct wlr_texture *wlr_texture, size_t max_bytes) {
	struct bn_texture *texture = bn_texture_from_wlr(wlr_texture);
	if (texture->source == NULL || texture->renderer == NULL
			|| !bn_renderer_enter(texture->renderer)) {
		return 0;
	}
	pixman_region32_t part;
	pixman_region32_init(&part);
	take_rows(texture, max_bytes, &part);
	size_t bytes = 0;
	if (upload(texture, texture->source, &part)) {
		bytes = bytes_in(&part, bn_format_find(texture->format)->bytes);
		pixman_region32_subtract(&texture->stale, &texture->stale, &part);
		if (pixman_region32_empty(&texture->stale)) {
			set_source(texture, NULL);
		}
	}
	pixman_region32_fini(&part);
	return bytes;
}
