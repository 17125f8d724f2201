#ifndef BN_RENDER_IMITATE_H
#define BN_RENDER_IMITATE_H

#include <wlr/render/pass.h>

struct bn_pass_effect;

// Effects on a pass of another renderer, with nothing but wlroots' own pass operations. See
// renderer.h for how exact.
void bn_imitate_texture(struct wlr_render_pass *pass,
		const struct wlr_render_texture_options *options,
		const struct bn_pass_effect *effect);
void bn_imitate_rect(struct wlr_render_pass *pass, const struct wlr_render_rect_options *options,
		const struct bn_pass_effect *effect);

#endif
