#include "rig.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/backend/headless.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/render/drm_format_set.h>
#include <wlr/render/pixman.h>
#include <wlr/util/log.h>

/* Renderers */

void side_init_gles(struct side *side, struct rig *rig, bool force_readback) {
	const struct bn_renderer_options options = { .drm_fd = -1,
		.force_readback = force_readback };
	side->renderer = bn_renderer_create(&options);
	assert_non_null(side->renderer);
	side->allocator = wlr_allocator_autocreate(rig->backend, side->renderer);
	assert_non_null(side->allocator);
}

void side_init_pixman(struct side *side, struct rig *rig) {
	side->renderer = wlr_pixman_renderer_create();
	assert_non_null(side->renderer);
	side->allocator = wlr_allocator_autocreate(rig->backend, side->renderer);
	assert_non_null(side->allocator);
}

void side_finish(struct side *side) {
	wlr_allocator_destroy(side->allocator);
	wlr_renderer_destroy(side->renderer);
	*side = (struct side){ 0 };
}

struct wlr_buffer *side_canvas(const struct side *side, int width, int height, uint32_t format) {
	uint64_t modifier = DRM_FORMAT_MOD_INVALID;
	const struct wlr_drm_format drm = {
		.format = format, .len = 1, .capacity = 1, .modifiers = &modifier
	};
	struct wlr_buffer *canvas =
			wlr_allocator_create_buffer(side->allocator, width, height, &drm);
	assert_non_null(canvas);
	return canvas;
}

int rig_setup(void **state) {
	wlr_log_init(WLR_ERROR, NULL);
	struct rig *rig = calloc(1, sizeof(*rig));
	assert_non_null(rig);
	rig->display = wl_display_create();
	rig->backend = wlr_headless_backend_create(wl_display_get_event_loop(rig->display));
	assert_non_null(rig->backend);
	side_init_gles(&rig->gles, rig, false);
	side_init_gles(&rig->readback, rig, true);
	side_init_pixman(&rig->pixman, rig);
	*state = rig;
	return 0;
}

int rig_teardown(void **state) {
	struct rig *rig = *state;
	side_finish(&rig->gles);
	side_finish(&rig->readback);
	side_finish(&rig->pixman);
	wlr_backend_destroy(rig->backend);
	wl_display_destroy(rig->display);
	free(rig);
	return 0;
}

/* Pictures */

static struct picture *from_buffer(struct wlr_buffer *buffer) {
	struct picture *picture = wl_container_of(buffer, picture, base);
	return picture;
}

static void handle_destroy(struct wlr_buffer *buffer) {
	struct picture *picture = from_buffer(buffer);
	wlr_buffer_finish(buffer);
	free(picture->data);
	free(picture);
}

static bool handle_begin_access(struct wlr_buffer *buffer, uint32_t flags, void **data,
		uint32_t *format, size_t *stride) {
	struct picture *picture = from_buffer(buffer);
	*data = picture->data;
	*format = picture->format;
	*stride = picture->stride;
	return true;
}

static void handle_end_access(struct wlr_buffer *buffer) {
}

static const struct wlr_buffer_impl picture_impl = {
	.destroy = handle_destroy,
	.begin_data_ptr_access = handle_begin_access,
	.end_data_ptr_access = handle_end_access,
};

struct picture *picture_create(int width, int height, uint32_t format) {
	struct picture *picture = calloc(1, sizeof(*picture));
	assert_non_null(picture);
	size_t bytes = format == DRM_FORMAT_RGB565 ? 2 : 4;
	picture->format = format;
	picture->stride = (size_t)(width + 4) / 2 * 2
			* bytes; // not the width, so that a wrong stride shows; pixman wants 4n
	picture->data = calloc((size_t)height, picture->stride);
	assert_non_null(picture->data);
	wlr_buffer_init(&picture->base, &picture_impl, width, height);
	return picture;
}

void picture_put(struct picture *picture, int x, int y, uint32_t argb) {
	uint32_t a = argb >> 24, r = argb >> 16 & 0xFF, g = argb >> 8 & 0xFF, b = argb & 0xFF;
	uint8_t *row = (uint8_t *)picture->data + (size_t)y * picture->stride;
	uint32_t junk = 0x37; // what a client leaves in the byte that means nothing
	switch (picture->format) {
	case DRM_FORMAT_ARGB8888:
		((uint32_t *)row)[x] = argb;
		break;
	case DRM_FORMAT_XRGB8888:
		((uint32_t *)row)[x] = (argb & 0xFFFFFF) | junk << 24;
		break;
	case DRM_FORMAT_ABGR8888:
		((uint32_t *)row)[x] = a << 24 | b << 16 | g << 8 | r;
		break;
	case DRM_FORMAT_XBGR8888:
		((uint32_t *)row)[x] = junk << 24 | b << 16 | g << 8 | r;
		break;
	case DRM_FORMAT_RGB565:
		((uint16_t *)row)[x] = (uint16_t)((r >> 3) << 11 | (g >> 2) << 5 | b >> 3);
		break;
	default:
		fail_msg("picture format 0x%08x", picture->format);
	}
}

struct picture *picture_gradient(int width, int height, uint32_t format) {
	struct picture *picture = picture_create(width, height, format);
	bool alpha = format == DRM_FORMAT_ARGB8888 || format == DRM_FORMAT_ABGR8888;
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			uint32_t a = alpha
					? (uint32_t)((x + 2 * y) * 255 / (width + 2 * height - 3))
					: 255;
			uint32_t r = (uint32_t)(255 - 200 * x / width) * a / 255;
			uint32_t g = (uint32_t)(40 + 180 * y / height) * a / 255;
			uint32_t b = (uint32_t)(20 + 90 * (x + y) / (width + height)) * a / 255;
			picture_put(picture, x, y, a << 24 | r << 16 | g << 8 | b);
		}
	}
	return picture;
}

/* Looking */

uint32_t *canvas_copy(struct wlr_buffer *canvas) {
	void *data;
	uint32_t format;
	size_t stride;
	assert_true(wlr_buffer_begin_data_ptr_access(canvas, WLR_BUFFER_DATA_PTR_ACCESS_READ, &data,
			&format, &stride));
	uint32_t *copy = malloc((size_t)canvas->width * (size_t)canvas->height * 4);
	assert_non_null(copy);
	for (int y = 0; y < canvas->height; y++) {
		memcpy(copy + (size_t)y * (size_t)canvas->width,
				(uint8_t *)data + (size_t)y * stride, (size_t)canvas->width * 4);
	}
	wlr_buffer_end_data_ptr_access(canvas);
	return copy;
}

uint32_t canvas_pixel(struct wlr_buffer *canvas, int x, int y) {
	void *data;
	uint32_t format;
	size_t stride;
	assert_true(wlr_buffer_begin_data_ptr_access(canvas, WLR_BUFFER_DATA_PTR_ACCESS_READ, &data,
			&format, &stride));
	uint32_t pixel = ((uint32_t *)(void *)((uint8_t *)data + (size_t)y * stride))[x];
	wlr_buffer_end_data_ptr_access(canvas);
	return pixel;
}

static bool near_enough(uint32_t a, uint32_t b, int tolerance, bool with_alpha) {
	for (int shift = 0; shift < (with_alpha ? 32 : 24); shift += 8) {
		int difference = (int)(a >> shift & 0xFF) - (int)(b >> shift & 0xFF);
		if (abs(difference) > tolerance) {
			return false;
		}
	}
	return true;
}

void assert_same(struct wlr_buffer *actual, struct wlr_buffer *expected, int tolerance,
		bool with_alpha) {
	assert_int_equal(actual->width, expected->width);
	assert_int_equal(actual->height, expected->height);
	uint32_t *a = canvas_copy(actual), *b = canvas_copy(expected);
	int len = actual->width * actual->height, bad = 0, first = 0;
	for (int i = len - 1; i >= 0; i--) {
		if (!near_enough(a[i], b[i], tolerance, with_alpha)) {
			bad++;
			first = i;
		}
	}
	uint32_t got = a[first], want = b[first];
	free(a);
	free(b);
	if (bad > 0) {
		fail_msg("%d of %d pixels differ, the first at %d,%d: %08x, expected %08x", bad,
				len, first % actual->width, first / actual->width, got, want);
	}
}

struct wlr_render_pass *begin_on_stripes(const struct side *side, struct wlr_buffer *canvas) {
	struct wlr_render_pass *pass = wlr_renderer_begin_buffer_pass(side->renderer, canvas, NULL);
	assert_non_null(pass);
	wlr_render_pass_add_rect(pass,
			&(struct wlr_render_rect_options){
					.box = { 0, 0, canvas->width, canvas->height },
					.color = { 0.2f, 0.4f, 0.6f, 1 },
					.blend_mode = WLR_RENDER_BLEND_MODE_NONE,
			});
	for (int x = 0; x < canvas->width; x += 16) {
		wlr_render_pass_add_rect(pass,
				&(struct wlr_render_rect_options){
						.box = { x, 0, 8, canvas->height },
						.color = { 0.8f, 0.2f, 0.0f, 1 },
				});
	}
	return pass;
}
