#include "lib/text.h"

#include <cairo-ft.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ft2build.h>
#include FT_FREETYPE_H

struct bn_fonts {
	FT_Library library;
	cairo_font_face_t *faces[BN_FACE_COUNT]; // owned
};

static const char *const file_names[BN_FACE_COUNT] = {
	[BN_FACE_REGULAR] = "Inter-Regular.otf",
	[BN_FACE_MEDIUM] = "Inter-Medium.otf",
	[BN_FACE_SEMIBOLD] = "Inter-SemiBold.otf",
	[BN_FACE_DISPLAY_EXTRALIGHT] = "InterDisplay-ExtraLight.otf",
	[BN_FACE_DISPLAY_LIGHT] = "InterDisplay-Light.otf",
	[BN_FACE_DISPLAY] = "InterDisplay-Regular.otf",
	[BN_FACE_DISPLAY_MEDIUM] = "InterDisplay-Medium.otf",
	[BN_FACE_DISPLAY_SEMIBOLD] = "InterDisplay-SemiBold.otf",
};

static const char *const folders[] = {
	"/usr/share/fonts/opentype/inter",
	"/usr/share/fonts/inter",
	"/usr/share/fonts/OTF",
	"/usr/local/share/fonts/inter",
};

static const cairo_user_data_key_t face_key;

static void free_face(void *data) {
	FT_Done_Face(data);
}

// By file and not by family first: fontconfig scans every font of a machine without a cache, which
// costs more than the first frame may take.
static cairo_font_face_t *open_face(struct bn_fonts *fonts, enum bn_face face) {
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char path[256];
		snprintf(path, sizeof(path), "%s/%s", folders[i], file_names[face]);
		FT_Face file;
		if (access(path, R_OK) != 0 || FT_New_Face(fonts->library, path, 0, &file) != 0) {
			continue;
		}
		cairo_font_face_t *result = cairo_ft_font_face_create_for_ft_face(file, 0);
		// cairo keeps its own references, maybe past our destroy: the file follows the last one.
		if (cairo_font_face_set_user_data(result, &face_key, file, free_face)
				!= CAIRO_STATUS_SUCCESS) {
			cairo_font_face_destroy(result);
			FT_Done_Face(file);
			continue;
		}
		return result;
	}
	bool bold = face == BN_FACE_SEMIBOLD || face == BN_FACE_DISPLAY_SEMIBOLD;
	return cairo_toy_font_face_create("sans-serif", CAIRO_FONT_SLANT_NORMAL,
			bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
}

struct bn_fonts *bn_fonts_create(void) {
	struct bn_fonts *fonts = calloc(1, sizeof(*fonts));
	if (!fonts) {
		return NULL;
	}
	if (FT_Init_FreeType(&fonts->library) != 0) {
		free(fonts);
		return NULL;
	}
	for (int face = 0; face < BN_FACE_COUNT; face++) {
		fonts->faces[face] = open_face(fonts, (enum bn_face)face);
	}
	return fonts;
}

void bn_fonts_destroy(struct bn_fonts *fonts) {
	if (!fonts) {
		return;
	}
	for (int face = 0; face < BN_FACE_COUNT; face++) {
		cairo_font_face_destroy(fonts->faces[face]);
	}
	// Scaled fonts that cairo still caches hold the faces; only this empties the cache.
	cairo_debug_reset_static_data();
	FT_Done_FreeType(fonts->library);
	free(fonts);
}

struct run {
	cairo_glyph_t *glyphs; // owned
	int count;
	double width;
};

static void select_face(cairo_t *cr, const struct bn_fonts *fonts,
		const struct bn_text_style *style) {
	cairo_set_font_face(cr, fonts->faces[style->face]);
	cairo_set_font_size(cr, style->size);
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	cairo_set_font_options(cr, options);
	cairo_font_options_destroy(options);
}

static bool is_continuation(char byte) {
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/** Places the glyphs with tracking and tabular digits; without clusters it is one per character. */
static bool layout(cairo_t *cr, const struct bn_text_style *style, const char *text,
		struct run *ret_run) {
	cairo_scaled_font_t *font = cairo_get_scaled_font(cr);
	struct run run = { 0 };
	if (cairo_scaled_font_text_to_glyphs(font, 0, 0, text, -1, &run.glyphs, &run.count, NULL,
			    NULL, NULL)
			!= CAIRO_STATUS_SUCCESS) {
		return false;
	}
	cairo_text_extents_t zero;
	cairo_scaled_font_text_extents(font, "0", &zero);
	double x = 0;
	const char *at = text;
	for (int i = 0; i < run.count; i++) {
		cairo_text_extents_t extents;
		cairo_scaled_font_glyph_extents(font, &run.glyphs[i], 1, &extents);
		bool digit = style->tabular && *at >= '0' && *at <= '9';
		double advance = digit ? zero.x_advance : extents.x_advance;
		run.glyphs[i].x = x + (advance - extents.x_advance) / 2;
		run.glyphs[i].y = 0;
		x += advance + style->tracking * style->size;
		at++;
		while (is_continuation(*at)) {
			at++;
		}
	}
	run.width = run.count > 0 ? x - style->tracking * style->size : 0;
	*ret_run = run;
	return true;
}

static void place(struct run *run, const struct bn_text_style *style, double x, double y) {
	double shift = style->align == BN_ALIGN_RIGHT     ? run->width
			: style->align == BN_ALIGN_CENTER ? run->width / 2
							  : 0;
	for (int i = 0; i < run->count; i++) {
		run->glyphs[i].x += x - shift;
		run->glyphs[i].y += y;
	}
}

double bn_text_width(cairo_t *cr, const struct bn_fonts *fonts, const struct bn_text_style *style,
		const char *text) {
	struct run run;
	select_face(cr, fonts, style);
	if (!layout(cr, style, text, &run)) {
		return 0;
	}
	cairo_glyph_free(run.glyphs);
	return run.width;
}

double bn_text_draw(cairo_t *cr, const struct bn_fonts *fonts, const struct bn_text_style *style,
		double x, double y, const char *text) {
	struct run run;
	select_face(cr, fonts, style);
	if (!layout(cr, style, text, &run)) {
		return 0;
	}
	place(&run, style, x, y);
	double alpha = style->alpha > 0 ? style->alpha : 1;
	cairo_set_source_rgba(cr, ((style->color >> 16) & 0xff) / 255.0,
			((style->color >> 8) & 0xff) / 255.0, (style->color & 0xff) / 255.0, alpha);
	cairo_show_glyphs(cr, run.glyphs, run.count);
	cairo_glyph_free(run.glyphs);
	return run.width;
}

double bn_text_draw_within(cairo_t *cr, const struct bn_fonts *fonts,
		const struct bn_text_style *style, double x, double y, double width,
		const char *text) {
	if (bn_text_width(cr, fonts, style, text) <= width) {
		return bn_text_draw(cr, fonts, style, x, y, text);
	}
	char shorter[256];
	size_t length = strnlen(text, sizeof(shorter) - 4);
	do {
		while (length > 0 && is_continuation(text[length - 1])) {
			length--;
		}
		length = length > 0 ? length - 1 : 0;
		while (length > 0 && text[length - 1] == ' ') {
			length--;
		}
		snprintf(shorter, sizeof(shorter), "%.*s\u2026", (int)length, text);
	} while (length > 0 && bn_text_width(cr, fonts, style, shorter) > width);
	return bn_text_draw(cr, fonts, style, x, y, shorter);
}

void bn_text_path(cairo_t *cr, const struct bn_fonts *fonts, const struct bn_text_style *style,
		double x, double y, const char *text) {
	struct run run;
	select_face(cr, fonts, style);
	if (!layout(cr, style, text, &run)) {
		return;
	}
	place(&run, style, x, y);
	cairo_glyph_path(cr, run.glyphs, run.count);
	cairo_glyph_free(run.glyphs);
}
