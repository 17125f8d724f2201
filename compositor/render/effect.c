#include "render/effect.h"

#include "render/gles.h"
#include "render/imitate.h"

float bn_effect_gain(const struct bn_pass_effect *effect) {
	return effect != NULL && effect->gain > 0 && effect->gain < 1 ? effect->gain : 1;
}

void bn_pass_add_texture(struct wlr_render_pass *wlr_pass,
		const struct wlr_render_texture_options *options,
		const struct bn_pass_effect *effect) {
	struct bn_pass *pass = bn_pass_from_wlr(wlr_pass);
	if (pass != NULL) {
		bn_pass_record_texture(pass, options, effect);
	} else {
		bn_imitate_texture(wlr_pass, options, effect);
	}
}

void bn_pass_add_rect(struct wlr_render_pass *wlr_pass,
		const struct wlr_render_rect_options *options,
		const struct bn_pass_effect *effect) {
	struct bn_pass *pass = bn_pass_from_wlr(wlr_pass);
	if (pass != NULL) {
		bn_pass_record_rect(pass, options, effect);
	} else {
		bn_imitate_rect(wlr_pass, options, effect);
	}
}
