#ifndef BN_RENDER_RENDERER_H
#define BN_RENDER_RENDERER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wlr/render/pass.h>
#include <wlr/util/box.h>

struct wlr_buffer;
struct wlr_renderer;

/**
 * Our wlr_renderer on GLES 3.0, and effects that work on it and on wlroots' pixman renderer alike.
 *
 * With a DRM node it draws into dmabufs through GBM. Without one it draws into wlroots'
 * shared-memory buffers, without a copy where Mesa lets it, else with a readback of what changed;
 * the picture is the same bit for bit. For CPU-visible targets wlr_render_pass_submit() returns
 * when the pixels are there.
 *
 * Single-threaded, like wlroots. Texture upload and submit may block for the time the GPU (or
 * llvmpipe) needs. Colour transforms and explicit sync are not offered: features.* are false.
 */

struct bn_renderer_options {
	int drm_fd;          // borrowed for the call; -1: surfaceless, no DRM node
	bool software;       // on the CPU, whatever GPU there is; with drm_fd -1 only
	bool force_readback; // tests: never the zero-copy path; without meaning when drm_fd >= 0
};

/**
 * Returns NULL with one ERROR line that says what is missing (EGL, GLES 3, an extension). Destroy
 * with wlr_renderer_destroy(). Textures that are left then stay valid objects that draw nothing,
 * and must still be destroyed by their owners.
 */
struct wlr_renderer *bn_renderer_create(const struct bn_renderer_options *options);

// The other functions below that take a renderer assert this, but for bn_renderer_is_software.
bool bn_renderer_is_ours(const struct wlr_renderer *renderer);

// True when a CPU rasterises: llvmpipe, softpipe, or any renderer that is not ours (pixman).
bool bn_renderer_is_software(const struct wlr_renderer *renderer);

// True when frames reach CPU-visible targets without a copy, those of odd size excepted (width and
// height must be multiples of 4). For the log and for tests.
bool bn_renderer_is_zero_copy(const struct wlr_renderer *renderer);

/**
 * Behave as after a GPU reset: the next wlr_renderer_begin_buffer_pass() returns NULL and
 * wlr_renderer.events.lost fires, once. So does every later pass fail. The owner then creates a new
 * renderer, in an idle handler and not inside the signal, and destroys this one.
 */
void bn_renderer_simulate_loss(struct wlr_renderer *renderer);

/**
 * A texture of shared memory that is uploaded in parts, so that a large one does not hold up a frame. The
 * buffer is locked until it is whole. NULL when this renderer needs no upload (pixman reads in place), or
 * takes it at once. Drawn before it is whole, it brings the rest over then.
 */
struct wlr_texture *bn_texture_begin_parts(struct wlr_renderer *renderer,
		struct wlr_buffer *buffer);
// Whole rows of at most max_bytes, one row at least. Returns the bytes; 0: the buffer cannot be read.
size_t bn_texture_upload_part(struct wlr_texture *texture, size_t max_bytes);
bool bn_texture_is_whole(struct wlr_texture *texture);

// All-zero: no effect.
struct bn_pass_effect {
	// Corner radii in target px: top-left, top-right, bottom-right, bottom-left of `shape`. All
	// zero: `shape` is not looked at. Radii that do not fit are scaled down together, as CSS
	// does.
	float radius[4];
	// The rounded rectangle, target px: a zone's or a surface's box, may be larger than the
	// op's box. Nothing is drawn outside. Empty: the op's box.
	struct wlr_box shape;
	// Colour multiplier 0..1 (night dimming): 1 and 0 mean unchanged; for black use a rect.
	// Opacity stays.
	float gain;
};

/**
 * As wlr_render_pass_add_texture() and _add_rect(), with an effect; all options are honoured.
 * `effect` may be NULL. Nothing is kept after the call; a texture may change or go before submit,
 * what it held now is drawn.
 *
 * A corner lets through what is beneath: with blending off, the pixels of its rim are blended all
 * the same, so WLR_RENDER_BLEND_MODE_NONE with corners is for opaque content.
 *
 * On a pass that is not ours (pixman) the same picture comes out, within 2 of 255 per channel:
 * - Corners are clip regions: one draw for what is wholly inside, and one per coverage level of the
 *   rim with the opacity scaled (9 of them at a radius of 16 px). Draws that touch no corner
 *   cost nothing extra.
 * - gain * colour + (1 - alpha) * beneath, as on GLES. An opaque texture (without alpha in its
 *   format, at full opacity) and a rect need no detour: black on top, or a darker colour. Anything
 *   else is dimmed in a picture of 256 KiB that belongs to the pixman renderer, tile by tile; so
 *   give such ops a clip.
 * - With a renderer that is neither (wlroots' own on a GPU), what is beneath a translucent texture
 *   is dimmed as well.
 */
void bn_pass_add_texture(struct wlr_render_pass *pass,
		const struct wlr_render_texture_options *options,
		const struct bn_pass_effect *effect);
void bn_pass_add_rect(struct wlr_render_pass *pass, const struct wlr_render_rect_options *options,
		const struct bn_pass_effect *effect);
/** Whether a texture with all of its boxes given comes out as it is, px for px. */
bool bn_pass_is_copy(const struct wlr_render_texture_options *options,
		const struct bn_pass_effect *effect);

#endif
