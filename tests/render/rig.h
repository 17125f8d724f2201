#ifndef BN_TESTS_RENDER_RIG_H
#define BN_TESTS_RENDER_RIG_H

// What every test here starts from: a headless back end, our renderer (twice: zero-copy and
// readback) and wlroots' pixman renderer, each with its allocator, and pictures to draw with.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <drm_fourcc.h>
#include <pixman.h>
#include <wayland-server-core.h>
#include <wlr/backend.h>
#include <wlr/render/allocator.h>
#include <wlr/render/drm_format_set.h>
#include <wlr/render/pass.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_buffer.h>

#include "render/renderer.h"

struct side {
	struct wlr_renderer *renderer;
	struct wlr_allocator *allocator;
};

struct rig {
	struct wl_display *display;
	struct wlr_backend *backend;
	struct wlr_compositor *compositor; // only where clients are served
	struct side gles;                  // draws into shared memory where the driver lets it
	struct side readback;              // the same renderer, with copies
	struct side pixman;
};

// cmocka group fixtures; *state is the rig.
int rig_setup(void **state);
int rig_teardown(void **state);

void side_init_gles(struct side *side, struct rig *rig, bool force_readback);
void side_init_pixman(struct side *side, struct rig *rig);
void side_finish(struct side *side);

// A target; drop it with wlr_buffer_drop.
struct wlr_buffer *side_canvas(const struct side *side, int width, int height, uint32_t format);

/** Pixels in our own memory, as a wlr_buffer. */
struct picture {
	struct wlr_buffer base;
	uint32_t format;
	size_t stride;
	void *data;
};

// Black, transparent where the format can say so. Drop with wlr_buffer_drop(&picture->base).
struct picture *picture_create(int width, int height, uint32_t format);
// Smooth, without symmetry, all four channels different; alpha from 0 to 1 where the format has
// one.
struct picture *picture_gradient(int width, int height, uint32_t format);
// Premultiplied AR24 -> the picture's format (AR24, XR24, AB24, XB24, RG16).
void picture_put(struct picture *picture, int x, int y, uint32_t argb);

// Reads a target with the CPU: the pixel as 0xAARRGGBB. Begins and ends the access: not for
// millions.
uint32_t canvas_pixel(struct wlr_buffer *canvas, int x, int y);
// A copy of the whole target, width * height, to free.
uint32_t *canvas_copy(struct wlr_buffer *canvas);

// Fails the test with the first bad pixel when a channel (alpha too, if `with_alpha`) differs by
// more.
void assert_same(struct wlr_buffer *actual, struct wlr_buffer *expected, int tolerance,
		bool with_alpha);

// Begins a pass, clears it to an opaque colour with a pattern of its own, and leaves it open.
struct wlr_render_pass *begin_on_stripes(const struct side *side, struct wlr_buffer *canvas);

#endif
