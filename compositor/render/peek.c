#include "render/peek.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_buffer.h>

#include "render/gles.h"

struct bn_peek {
	enum bn_peek_state state;
	uint32_t *pixels; // owned
	size_t count, capacity;
	struct bn_renderer *renderer; // whose GL objects these are; NULL: none
	GLuint store;                 // owned; a pixel pack buffer
	size_t store_size;
	GLsync fence; // owned, NULL: none

	struct wl_listener renderer_destroy;
};

static void drop_fence(struct bn_peek *peek) {
	if (peek->fence != NULL) {
		glDeleteSync(peek->fence);
		peek->fence = NULL;
	}
}

static void leave_renderer(struct bn_peek *peek) {
	if (peek->renderer == NULL) {
		return;
	}
	if (bn_renderer_enter(peek->renderer)) {
		drop_fence(peek);
		glDeleteBuffers(1, &peek->store);
	}
	if (peek->state == BN_PEEK_WAITS) {
		peek->state = BN_PEEK_FAILED;
	}
	wl_list_remove(&peek->renderer_destroy.link);
	peek->renderer = NULL;
	peek->fence = NULL;
	peek->store = 0;
	peek->store_size = 0;
}

static void handle_renderer_destroy(struct wl_listener *listener, void *data) {
	struct bn_peek *peek = wl_container_of(listener, peek, renderer_destroy);
	leave_renderer(peek);
}

static void join_renderer(struct bn_peek *peek, struct bn_renderer *renderer) {
	if (peek->renderer == renderer) {
		return;
	}
	leave_renderer(peek);
	peek->renderer = renderer;
	peek->renderer_destroy.notify = handle_renderer_destroy;
	wl_signal_add(&renderer->base.events.destroy, &peek->renderer_destroy);
	glGenBuffers(1, &peek->store);
}

struct bn_peek *bn_peek_create(void) {
	return calloc(1, sizeof(struct bn_peek));
}

void bn_peek_destroy(struct bn_peek *peek) {
	if (peek != NULL) {
		leave_renderer(peek);
		free(peek->pixels);
		free(peek);
	}
}

static bool make_room(struct bn_peek *peek, size_t count) {
	if (count > peek->capacity) {
		uint32_t *grown = realloc(peek->pixels, count * sizeof(grown[0]));
		if (grown == NULL) {
			return false;
		}
		peek->pixels = grown;
		peek->capacity = count;
	}
	peek->count = count;
	return true;
}

/** What GL draws into in place; NULL: the buffer's memory is what counts. */
static struct bn_image *gl_image(struct wlr_renderer *renderer, struct wlr_buffer *buffer) {
	if (!bn_renderer_is_ours(renderer)) {
		return NULL;
	}
	struct bn_renderer *ours = wl_container_of(renderer, ours, base);
	struct bn_image *image = bn_renderer_enter(ours) ? bn_image_get_target(ours, buffer) : NULL;
	return image != NULL && image->egl != EGL_NO_IMAGE_KHR ? image : NULL;
}

static bool begin_gl(struct bn_peek *peek, struct bn_image *image, const struct wlr_box *box) {
	join_renderer(peek, image->renderer);
	drop_fence(peek);
	size_t size = peek->count * sizeof(peek->pixels[0]);
	glBindBuffer(GL_PIXEL_PACK_BUFFER, peek->store);
	if (peek->store_size != size) {
		glBufferData(GL_PIXEL_PACK_BUFFER, (GLsizeiptr)size, NULL, GL_STREAM_READ);
		peek->store_size = size;
	}
	glBindFramebuffer(GL_FRAMEBUFFER, image->fbo);
	// With a pack buffer bound, NULL is its start.
	bool ok = bn_readback_read(box, DRM_FORMAT_XRGB8888, true, NULL,
			(uint32_t)box->width * (uint32_t)sizeof(peek->pixels[0]));
	glBindFramebuffer(GL_FRAMEBUFFER, 0);
	glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
	if (ok) {
		peek->fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
		glFlush();
	}
	return peek->fence != NULL;
}

static bool read_memory(struct bn_peek *peek, struct wlr_buffer *buffer,
		const struct wlr_box *box) {
	void *data;
	uint32_t format;
	size_t stride;
	if (!wlr_buffer_begin_data_ptr_access(buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ, &data,
			    &format, &stride)) {
		return false;
	}
	bool known = format == DRM_FORMAT_XRGB8888 || format == DRM_FORMAT_ARGB8888;
	for (int y = 0; known && y < box->height; y++) {
		memcpy(peek->pixels + (size_t)y * (size_t)box->width,
				(const char *)data + (size_t)(box->y + y) * stride
						+ (size_t)box->x * 4,
				(size_t)box->width * 4);
	}
	wlr_buffer_end_data_ptr_access(buffer);
	return known;
}

void bn_peek_begin(struct bn_peek *peek, struct wlr_renderer *renderer, struct wlr_buffer *buffer,
		const struct wlr_box *box) {
	peek->state = BN_PEEK_FAILED;
	bool within = box->width > 0 && box->height > 0 && box->x >= 0 && box->y >= 0
			&& box->x + box->width <= buffer->width
			&& box->y + box->height <= buffer->height;
	if (!within || !make_room(peek, (size_t)box->width * (size_t)box->height)) {
		return;
	}
	struct bn_image *image = gl_image(renderer, buffer);
	if (image != NULL) {
		peek->state = begin_gl(peek, image, box) ? BN_PEEK_WAITS : BN_PEEK_FAILED;
	} else if (read_memory(peek, buffer, box)) {
		peek->state = BN_PEEK_READY;
	}
}

/** The fence has passed: the copy takes no waiting. */
static bool collect(struct bn_peek *peek) {
	size_t size = peek->count * sizeof(peek->pixels[0]);
	glBindBuffer(GL_PIXEL_PACK_BUFFER, peek->store);
	const void *data = glMapBufferRange(GL_PIXEL_PACK_BUFFER, 0, (GLsizeiptr)size,
			GL_MAP_READ_BIT);
	if (data != NULL) {
		memcpy(peek->pixels, data, size);
	}
	bool ok = data != NULL && glUnmapBuffer(GL_PIXEL_PACK_BUFFER) == GL_TRUE;
	glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
	drop_fence(peek);
	return ok;
}

enum bn_peek_state bn_peek_poll(struct bn_peek *peek) {
	if (peek->state != BN_PEEK_WAITS) {
		return peek->state;
	}
	if (!bn_renderer_enter(peek->renderer)) {
		peek->state = BN_PEEK_FAILED;
		return peek->state;
	}
	GLenum passed = glClientWaitSync(peek->fence, 0, 0);
	if (passed == GL_WAIT_FAILED) {
		peek->state = BN_PEEK_FAILED;
	} else if (passed != GL_TIMEOUT_EXPIRED) {
		peek->state = collect(peek) ? BN_PEEK_READY : BN_PEEK_FAILED;
	}
	return peek->state;
}

const uint32_t *bn_peek_pixels(const struct bn_peek *peek) {
	return peek->pixels;
}
