#ifndef BN_LIB_PALETTE_H
#define BN_LIB_PALETTE_H

#include <stdbool.h>
#include <stdint.h>

/** The theme's colours and what the apps derive from them, 0xRRGGBB. */
struct bn_palette {
	bool night; // the theme is meant for the dark
	bool dark;  // the background is dark: some brands are dark by day too
	uint32_t background, foreground, accent; // from the theme
	uint32_t raised;                         // a card on the background
	uint32_t line;                           // hairlines, empty tracks
	uint32_t muted;                          // second-rank text
	uint32_t faint;                          // third-rank text
};

/** Signal colours; the same by day and night, after ISO 2575. */
#define BN_RED 0xff4438u
#define BN_AMBER 0xffb020u
#define BN_GREEN 0x35d07fu
#define BN_BLUE 0x3d8bffu

/** The palette without a cockpit: night. */
void bn_palette_init(struct bn_palette *palette);
void bn_palette_set(struct bn_palette *palette, bool night, uint32_t background,
		uint32_t foreground, uint32_t accent);

#endif
