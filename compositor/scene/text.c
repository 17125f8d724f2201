#include "scene/text.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include <stdlib.h>
#include <wlr/util/log.h>

#include "scene/pixels.h"

struct bn_text {
	FT_Library library;
	FT_Face face;
};

/** Debian's, Fedora's and Arch's places of one plain sans-serif each. */
static const char *const fonts[] = {
	"/usr/share/fonts/opentype/inter/Inter-Medium.otf",
	"/usr/share/fonts/truetype/inter/Inter-Medium.ttf",
	"/usr/share/fonts/opentype/inter/Inter-Regular.otf",
	"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
	"/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
	"/usr/share/fonts/TTF/DejaVuSans.ttf",
};

static bool open_font(struct bn_text *text) {
	const char *chosen = getenv("BINNACLE_FONT");
	if (chosen != NULL && FT_New_Face(text->library, chosen, 0, &text->face) == 0) {
		return true;
	}
	for (size_t i = 0; i < sizeof(fonts) / sizeof(fonts[0]); i++) {
		if (FT_New_Face(text->library, fonts[i], 0, &text->face) == 0) {
			return true;
		}
	}
	return false;
}

struct bn_text *bn_text_create(void) {
	struct bn_text *text = calloc(1, sizeof(*text));
	if (text == NULL) {
		return NULL;
	}
	if (FT_Init_FreeType(&text->library) != 0) {
		free(text);
		return NULL;
	}
	if (!open_font(text)) {
		wlr_log(WLR_INFO,
				"text: no font found, fillers carry no words; set "
				"BINNACLE_FONT=FILE "
				"or install fonts-inter or fonts-dejavu-core");
		bn_text_destroy(text);
		return NULL;
	}
	return text;
}

void bn_text_destroy(struct bn_text *text) {
	if (text == NULL) {
		return;
	}
	FT_Done_FreeType(text->library); // takes the face with it
	free(text);
}

/** The next code point; a malformed byte counts as U+FFFD. */
static uint32_t next_code(const char **line) {
	const unsigned char *byte = (const unsigned char *)*line;
	int extra = byte[0] < 0x80        ? 0
			: byte[0] >= 0xf0 ? 3
			: byte[0] >= 0xe0 ? 2
			: byte[0] >= 0xc0 ? 1
					  : -1;
	if (extra < 0) {
		*line += 1;
		return 0xfffd;
	}
	uint32_t code = extra == 0 ? byte[0] : byte[0] & (0x3fu >> extra);
	for (int i = 1; i <= extra; i++) {
		if ((byte[i] & 0xc0) != 0x80) {
			*line += i;
			return 0xfffd;
		}
		code = code << 6 | (byte[i] & 0x3f);
	}
	*line += extra + 1;
	return code;
}

static bool load_glyph(struct bn_text *text, uint32_t code) {
	return FT_Load_Char(text->face, code, FT_LOAD_RENDER | FT_LOAD_TARGET_LIGHT) == 0;
}

int32_t bn_text_measure(struct bn_text *text, int32_t size, const char *line) {
	if (text == NULL || FT_Set_Pixel_Sizes(text->face, 0, (FT_UInt)size) != 0) {
		return 0;
	}
	FT_Pos width = 0;
	while (*line != '\0') {
		if (FT_Load_Char(text->face, next_code(&line), FT_LOAD_TARGET_LIGHT) == 0) {
			width += text->face->glyph->advance.x;
		}
	}
	return (int32_t)(width >> 6);
}

static uint32_t blend(uint32_t below, uint32_t color, uint32_t coverage) {
	uint32_t alpha = (color >> 24) * coverage / 255;
	uint32_t out = 0;
	for (int shift = 0; shift < 32; shift += 8) {
		// The alpha channel is covered with 255, colours with their premultiplied share.
		uint32_t source = shift == 24 ? 255 : color >> shift & 0xff;
		uint32_t dest = below >> shift & 0xff;
		out |= ((source * alpha + dest * (255 - alpha) + 127) / 255) << shift;
	}
	return out;
}

static void draw_glyph(const FT_GlyphSlot glyph, struct bn_pixels *pixels, int32_t x, int32_t y,
		uint32_t color) {
	for (int32_t row = 0; row < (int32_t)glyph->bitmap.rows; row++) {
		int32_t py = y - glyph->bitmap_top + row;
		for (int32_t column = 0; column < (int32_t)glyph->bitmap.width; column++) {
			int32_t px = x + glyph->bitmap_left + column;
			if (px < 0 || py < 0 || px >= pixels->base.width
					|| py >= pixels->base.height) {
				continue;
			}
			uint32_t *pixel = &pixels->data[(size_t)py * (size_t)pixels->base.width
					+ (size_t)px];
			*pixel = blend(*pixel, color,
					glyph->bitmap.buffer[row * glyph->bitmap.pitch + column]);
		}
	}
}

void bn_text_draw(struct bn_text *text, struct bn_pixels *pixels, int32_t x, int32_t y,
		int32_t size, uint32_t color, const char *line) {
	if (text == NULL || FT_Set_Pixel_Sizes(text->face, 0, (FT_UInt)size) != 0) {
		return;
	}
	FT_Pos pen = (FT_Pos)x << 6;
	while (*line != '\0') {
		if (load_glyph(text, next_code(&line))) {
			draw_glyph(text->face->glyph, pixels, (int32_t)(pen >> 6), y, color);
			pen += text->face->glyph->advance.x;
		}
	}
}
