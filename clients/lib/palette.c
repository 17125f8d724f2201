#include "lib/palette.h"

#include "lib/draw.h"

void bn_palette_init(struct bn_palette *palette) {
	bn_palette_set(palette, true, 0x0a0c10, 0xf2f4f7, 0x5ac8fa);
}

/** How bright a colour looks, 0..1. */
static double luminance(uint32_t color) {
	double red = (color >> 16) & 0xff, green = (color >> 8) & 0xff, blue = color & 0xff;
	return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

void bn_palette_set(struct bn_palette *palette, bool night, uint32_t background,
		uint32_t foreground, uint32_t accent) {
	palette->night = night;
	palette->dark = luminance(background) < 0.4;
	palette->background = background;
	palette->foreground = foreground;
	palette->accent = accent;
	// On a light ground a card is lighter still and casts a shadow; on a dark one it only glows.
	palette->raised = palette->dark ? bn_draw_mix(background, foreground, 0.075)
					: bn_draw_mix(background, 0xffffff, 0.72);
	palette->line = bn_draw_mix(background, foreground, palette->dark ? 0.16 : 0.14);
	palette->muted = bn_draw_mix(background, foreground, palette->dark ? 0.64 : 0.66);
	palette->faint = bn_draw_mix(background, foreground, palette->dark ? 0.42 : 0.48);
}
