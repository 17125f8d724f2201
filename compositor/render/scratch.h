#ifndef BN_RENDER_SCRATCH_H
#define BN_RENDER_SCRATCH_H

#include <wlr/render/pass.h>

/**
 * A small picture that belongs to one pixman renderer, in which a piece of a texture is scaled,
 * turned and dimmed before it is blended: the only way to darken colour and keep alpha there. Made
 * on first use, at most 256 KiB, goes with its renderer.
 */
#define BN_SCRATCH_SIDE 256

struct bn_scratch;

// NULL: no memory, or a renderer whose passes do not draw at once into memory (not pixman).
struct bn_scratch *bn_scratch_get(struct wlr_renderer *renderer);

/**
 * Draws the part of `options` that lies in `tile` (target px, at most BN_SCRATCH_SIDE wide and
 * high), unblended, its opacity applied, its colour multiplied by `gain` (0..1). The result has its
 * top-left at 0, 0 and is valid until the next call. NULL when the draw failed.
 */
struct wlr_texture *bn_scratch_dim(struct bn_scratch *scratch,
		const struct wlr_render_texture_options *options, const struct wlr_box *tile,
		float gain);

#endif
