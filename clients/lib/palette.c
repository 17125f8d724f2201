#include "lib/palette.h"

#include "lib/draw.h"

void bn_palette_init(struct bn_palette *palette) {
	bn_palette_set(palette, true, 0x0a0c10, 0xf2f4f7, 0x5ac8fa);
}

void bn_palette_set(struct bn_palette *palette, bool night, uint32_t background,
		uint32_t foreground, uint32_t accent) {
	palette->night = night;
	palette->background = background;
	palette->foreground = foreground;
	palette->accent = accent;
	// By day a card is lighter than its ground and carries a shadow; by night it only glows a bit.
	palette->raised = night ? bn_draw_mix(background, foreground, 0.075)
				: bn_draw_mix(background, 0xffffff, 0.72);
	palette->line = bn_draw_mix(background, foreground, night ? 0.16 : 0.14);
	palette->muted = bn_draw_mix(background, foreground, night ? 0.64 : 0.66);
	palette->faint = bn_draw_mix(background, foreground, night ? 0.42 : 0.48);
}
