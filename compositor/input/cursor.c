#include "input/cursor.h"

#include <drm_fourcc.h>
#include <math.h>
#include <stdlib.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_xcursor_manager.h>
#include <wlr/util/log.h>

#include "client.h"
#include "core/nsec.h"
#include "input/input.h"
#include "scene/content.h"
#include "scene/pixels.h"

/** Pace of a client's moving cursor: nobody needs more of a busy wheel. */
#define CLIENT_FRAME_NS (33 * BN_NSEC_PER_MSEC)
/** After the outputs' frames. */
#define TIMER_RANK 1000

static void drop_pixels(struct bn_cursor *cursor) {
	if (cursor->pixels != NULL) {
		wlr_buffer_unlock(&cursor->pixels->base);
		cursor->pixels = NULL;
	}
}

static void drop_surface(struct bn_cursor *cursor) {
	if (cursor->surface != NULL) {
		struct bn_content *content = bn_content_from_surface(cursor->surface);
		if (content != NULL) {
			bn_content_set_output(content, NULL, 1);
		}
	}
	bn_unlisten(&cursor->surface_commit);
	bn_unlisten(&cursor->surface_destroy);
	cursor->surface = NULL;
	drop_pixels(cursor);
}

static struct wlr_xcursor *named_shape(struct bn_cursor *cursor) {
	struct wlr_xcursor_manager *manager = cursor->input->xcursors;
	float scale = cursor->output->scale;
	if (!wlr_xcursor_manager_load(manager, scale)) {
		return NULL;
	}
	struct wlr_xcursor *shape = wlr_xcursor_manager_get_xcursor(manager, cursor->name, scale);
	// A wrong shape is better than a pointer that cannot be seen.
	return shape != NULL ? shape : wlr_xcursor_manager_get_xcursor(manager, "default", scale);
}

static void show_named(struct bn_cursor *cursor) {
	const struct wlr_xcursor *shape = named_shape(cursor);
	if (shape == NULL) {
		wlr_output_cursor_set_buffer(cursor->wlr, NULL, 0, 0);
		return;
	}
	cursor->frame %= shape->image_count;
	struct wlr_xcursor_image *image = shape->images[cursor->frame];
	wlr_output_cursor_set_buffer(cursor->wlr, wlr_xcursor_image_get_buffer(image),
			(int32_t)image->hotspot_x, (int32_t)image->hotspot_y);
	if (shape->image_count > 1 && image->delay > 0) {
		bn_timer_arm(&cursor->timer,
				bn_loop_now(cursor->input->loop) + image->delay * BN_NSEC_PER_MSEC);
	}
}

static void show_client(struct bn_cursor *cursor) {
	wlr_output_cursor_set_buffer(cursor->wlr, &cursor->pixels->base,
			(int32_t)lround(cursor->hotspot_x * cursor->scale),
			(int32_t)lround(cursor->hotspot_y * cursor->scale));
	if (!wl_list_empty(&cursor->surface->current.frame_callback_list)) {
		bn_timer_arm(&cursor->timer, bn_loop_now(cursor->input->loop) + CLIENT_FRAME_NS);
	}
}

static void show(struct bn_cursor *cursor) {
	if (cursor->wlr == NULL || cursor->output->renderer == NULL) {
		return;
	}
	bn_timer_disarm(&cursor->timer);
	if (cursor->hidden) {
		wlr_output_cursor_set_buffer(cursor->wlr, NULL, 0, 0);
	} else if (cursor->name != NULL) {
		show_named(cursor);
	} else if (cursor->pixels != NULL) {
		show_client(cursor);
	} else {
		wlr_output_cursor_set_buffer(cursor->wlr, NULL, 0, 0);
	}
}

static void handle_timer(struct bn_timer *timer, int64_t now_ns) {
	struct bn_cursor *cursor = wl_container_of(timer, cursor, timer);
	if (cursor->name != NULL) {
		cursor->frame++;
		show(cursor);
	} else if (cursor->surface != NULL) {
		struct timespec now = bn_nsec_to_timespec(now_ns);
		wlr_surface_send_frame_done(cursor->surface, &now);
	}
}

/** A client's pixels, whatever holds them; the lock is the caller's to return. */
struct source {
	struct bn_pixels *copy; // owned; NULL: `data` is the buffer's own
	struct wlr_buffer *buffer;
	const uint8_t *data;
	size_t stride;
	uint32_t alpha; // or'ed in
};

static bool open_memory(struct source *source) {
	void *data;
	uint32_t format;
	if (!wlr_buffer_begin_data_ptr_access(source->buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ,
			    &data, &format, &source->stride)) {
		return false;
	}
	if (format != DRM_FORMAT_ARGB8888 && format != DRM_FORMAT_XRGB8888) {
		wlr_buffer_end_data_ptr_access(source->buffer);
		return false;
	}
	source->data = data;
	source->alpha = format == DRM_FORMAT_XRGB8888 ? 0xff000000 : 0;
	return true;
}

/** Other formats and GPU buffers are read through the renderer. */
static bool open_texture(struct source *source, struct wlr_renderer *renderer) {
	source->copy = bn_pixels_create(source->buffer->width, source->buffer->height);
	struct wlr_texture *texture =
			renderer != NULL ? wlr_texture_from_buffer(renderer, source->buffer) : NULL;
	source->stride = (size_t)source->buffer->width * 4;
	bool ok = false;
	if (source->copy != NULL && texture != NULL) {
		const struct wlr_texture_read_pixels_options options = {
			.data = source->copy->data,
			.format = DRM_FORMAT_ARGB8888,
			.stride = (uint32_t)source->stride,
		};
		ok = wlr_texture_read_pixels(texture, &options);
		source->data = (const uint8_t *)source->copy->data;
	}
	if (texture != NULL) {
		wlr_texture_destroy(texture);
	}
	return ok;
}

static void close_source(struct source *source) {
	if (source->copy != NULL) {
		wlr_buffer_drop(&source->copy->base);
	} else {
		wlr_buffer_end_data_ptr_access(source->buffer);
	}
}

static int32_t clamp_index(double value, int32_t count) {
	return value < 0 ? 0 : value >= count ? count - 1 : (int32_t)value;
}

/** Nearest neighbour: cursors are drawn for whole scales. */
static void resample(struct bn_pixels *to, const struct source *from, const struct wlr_fbox *box) {
	for (int32_t y = 0; y < to->base.height; y++) {
		double v = box->y + (y + 0.5) * box->height / to->base.height;
		const uint8_t *row = from->data
				+ (size_t)clamp_index(v, from->buffer->height) * from->stride;
		for (int32_t x = 0; x < to->base.width; x++) {
			double u = box->x + (x + 0.5) * box->width / to->base.width;
			const uint32_t *pixel =
					(const uint32_t *)row + clamp_index(u, from->buffer->width);
			to->data[(size_t)y * (size_t)to->base.width + (size_t)x] =
					*pixel | from->alpha;
		}
	}
}

static struct bn_pixels *copy_picture(struct bn_cursor *cursor, struct wlr_buffer *buffer) {
	struct source source = { .buffer = buffer };
	if (!open_memory(&source) && !open_texture(&source, cursor->output->renderer)) {
		if (source.copy != NULL) {
			wlr_buffer_drop(&source.copy->base);
		}
		return NULL;
	}
	struct bn_pixels *pixels = bn_pixels_create((int32_t)ceil(cursor->width * cursor->scale),
			(int32_t)ceil(cursor->height * cursor->scale));
	if (pixels != NULL) {
		struct wlr_fbox box;
		wlr_surface_get_buffer_source_box(cursor->surface, &box);
		resample(pixels, &source, &box);
		wlr_buffer_lock(&pixels->base);
		wlr_buffer_drop(&pixels->base); // the lock keeps it
	}
	close_source(&source);
	return pixels;
}

static void refuse_size(struct bn_cursor *cursor, int32_t width, int32_t height) {
	const struct bn_content *content = bn_content_from_surface(cursor->surface);
	bn_client_refuse(content->client, bn_loop_now(cursor->input->loop),
			"its cursor of %dx%d px is larger than %d: the default one shows", width,
			height, BN_CURSOR_MAX);
	bn_cursor_set_name(cursor, "default");
}

/** Takes the surface's newest picture. Until the cursor is on an output there is nothing to take it for. */
static void take_picture(struct bn_cursor *cursor) {
	const struct bn_content *content = bn_content_from_surface(cursor->surface);
	struct wlr_buffer *buffer = content == NULL ? NULL
			: content->newest != NULL   ? content->newest
						    : content->shown;
	int32_t width = cursor->surface->current.width, height = cursor->surface->current.height;
	if (width > BN_CURSOR_MAX || height > BN_CURSOR_MAX) {
		refuse_size(cursor, width, height);
		return;
	}
	drop_pixels(cursor);
	cursor->width = width;
	cursor->height = height;
	if (buffer != NULL && width > 0 && height > 0 && cursor->output != NULL) {
		cursor->pixels = copy_picture(cursor, buffer);
	}
}

/** A client may name any number. */
static int32_t clamp_hotspot(int64_t hotspot) {
	return hotspot < -BN_CURSOR_MAX               ? -BN_CURSOR_MAX
			: hotspot > 2 * BN_CURSOR_MAX ? 2 * BN_CURSOR_MAX
						      : (int32_t)hotspot;
}

static int32_t move_hotspot(int32_t hotspot, int32_t by) {
	return clamp_hotspot((int64_t)hotspot - by);
}

static void handle_surface_commit(struct wl_listener *listener, void *data) {
	struct bn_cursor *cursor = wl_container_of(listener, cursor, surface_commit);
	cursor->hotspot_x = move_hotspot(cursor->hotspot_x, cursor->surface->current.dx);
	cursor->hotspot_y = move_hotspot(cursor->hotspot_y, cursor->surface->current.dy);
	if (cursor->surface->current.committed & WLR_SURFACE_STATE_BUFFER) {
		take_picture(cursor);
	}
	show(cursor);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data) {
	struct bn_cursor *cursor = wl_container_of(listener, cursor, surface_destroy);
	bn_unlisten(&cursor->surface_commit);
	bn_unlisten(&cursor->surface_destroy);
	cursor->surface = NULL; // its content is going: nothing to tell it
	drop_pixels(cursor);
	show(cursor);
}

static void handle_output_destroy(struct wl_listener *listener, void *data) {
	struct bn_cursor *cursor = wl_container_of(listener, cursor, output_destroy);
	bn_cursor_leave(cursor);
}

void bn_cursor_init(struct bn_cursor *cursor, struct bn_input *input) {
	*cursor = (struct bn_cursor){ .input = input, .name = "default", .hidden = true };
	bn_timer_init(&cursor->timer, input->loop, TIMER_RANK, handle_timer);
}

void bn_cursor_finish(struct bn_cursor *cursor) {
	bn_cursor_leave(cursor);
	drop_surface(cursor);
}

void bn_cursor_set_name(struct bn_cursor *cursor, const char *name) {
	if (cursor->name == name) {
		return;
	}
	drop_surface(cursor);
	cursor->name = name;
	cursor->frame = 0;
	show(cursor);
}

static void tell_output(struct bn_cursor *cursor) {
	struct bn_content *content =
			cursor->surface != NULL ? bn_content_from_surface(cursor->surface) : NULL;
	if (content != NULL) {
		bn_content_set_output(content, cursor->output, cursor->scale);
	}
}

void bn_cursor_set_surface(struct bn_cursor *cursor, struct wlr_surface *surface, int32_t hotspot_x,
		int32_t hotspot_y) {
	if (surface != cursor->surface) {
		drop_surface(cursor);
	}
	cursor->name = NULL;
	cursor->hotspot_x = clamp_hotspot(hotspot_x);
	cursor->hotspot_y = clamp_hotspot(hotspot_y);
	if (surface != NULL && cursor->surface == NULL) {
		cursor->surface = surface;
		bn_listen(&surface->events.commit, &cursor->surface_commit, handle_surface_commit);
		bn_listen(&surface->events.destroy, &cursor->surface_destroy,
				handle_surface_destroy);
		tell_output(cursor);
	}
	if (surface != NULL) {
		take_picture(cursor);
	}
	show(cursor);
}

void bn_cursor_leave(struct bn_cursor *cursor) {
	bn_timer_disarm(&cursor->timer);
	bn_unlisten(&cursor->output_destroy);
	if (cursor->wlr != NULL) {
		wlr_output_cursor_destroy(cursor->wlr);
		cursor->wlr = NULL;
	}
	cursor->output = NULL;
	tell_output(cursor);
}

static void enter_output(struct bn_cursor *cursor, struct wlr_output *output) {
	bn_cursor_leave(cursor);
	cursor->wlr = wlr_output_cursor_create(output);
	if (cursor->wlr == NULL) {
		wlr_log(WLR_ERROR, "cursor: out of memory on output %s", output->name);
		return;
	}
	cursor->output = output;
	bn_listen(&output->events.destroy, &cursor->output_destroy, handle_output_destroy);
	tell_output(cursor);
	if (cursor->surface != NULL) {
		take_picture(cursor);
	}
}

void bn_cursor_move(struct bn_cursor *cursor, struct wlr_output *output, double scale, double x,
		double y) {
	bool entered = cursor->output != output;
	cursor->scale = scale;
	if (entered) {
		enter_output(cursor, output);
	}
	if (cursor->wlr != NULL) {
		// wlroots counts in px of its own output scale, which need not be the display's.
		double ratio = scale / output->scale;
		wlr_output_cursor_move(cursor->wlr, x * ratio, y * ratio);
	}
	if (entered) {
		show(cursor);
	}
}

void bn_cursor_hide(struct bn_cursor *cursor, bool hidden) {
	if (cursor->hidden != hidden) {
		cursor->hidden = hidden;
		show(cursor);
	}
}

void bn_cursor_refresh(struct bn_cursor *cursor) {
	if (cursor->output != NULL && cursor->surface != NULL) {
		take_picture(cursor);
	}
	show(cursor);
}

struct bn_rect bn_cursor_box(const struct bn_cursor *cursor, double x, double y) {
	struct bn_rect box = { 0 };
	if (cursor->pixels != NULL) {
		box = (struct bn_rect){ -cursor->hotspot_x, -cursor->hotspot_y, cursor->width,
			cursor->height };
	} else if (cursor->name != NULL) {
		// A theme's picture lies somewhere around its hot spot.
		int32_t size = (int32_t)cursor->input->xcursors->size;
		box = (struct bn_rect){ -size, -size, 2 * size, 2 * size };
	}
	box.x += (int32_t)x;
	box.y += (int32_t)y;
	return box;
}
