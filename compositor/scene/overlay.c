#include "scene/overlay.h"

#include <math.h>
#include <stdio.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_buffer.h>

#include "core/graph.h"
#include "core/nsec.h"
#include "scene/list.h"
#include "scene/pixels.h"
#include "scene/text.h"

// Beside contents' ids and the keys of list.c.
#define KEY_OVERLAY (UINT64_C(1) << 59)

#define WORDS_EVERY_NS (500 * BN_NSEC_PER_MSEC)

// The panel, px: a title, the plot with its axis at the right, the figures.
enum {
	MARGIN = 16, // to the display's edges
	PAD = 14,
	TITLE = 34, // the plot begins here
	PLOT = 96,
	AXIS = 48,
	FIGURES = 46,
	WORDS = TITLE + PLOT + 10, // where the figures' own ground begins
	HEIGHT = TITLE + PLOT + FIGURES,
	GAP_BARS = 5, // empty, ahead of the newest
	RADIUS = 12,
};

// 0xAARRGGBB.
#define PANEL 0xff11161d // nothing shines through: it would be taken for a part of the figures
#define GRID 0xff232d3a
#define WHITE 0xfff2f5f8
#define QUIET 0xff8a97a6
#define BAR 0xff39c2b0
#define BAR_NEAR 0xffffb547
#define BAR_MISSED 0xffff4d5e
#define BUDGET 0xffb9c4d0

static int32_t panel_width(int32_t step) {
	return 2 * PAD + step * BN_GRAPH_BARS + AXIS;
}

void bn_scene_overlay_finish(struct bn_scene_overlay *overlay) {
	if (overlay->texture != NULL) {
		wlr_texture_destroy(overlay->texture);
	}
	if (overlay->pixels != NULL) {
		wlr_buffer_drop(&overlay->pixels->base);
	}
	*overlay = (struct bn_scene_overlay){ 0 };
}

// Drawing

static void fill(struct bn_pixels *pixels, int32_t x, int32_t y, int32_t width, int32_t height,
		uint32_t color) {
	for (int32_t row = y; row < y + height; row++) {
		uint32_t *at = &pixels->data[(size_t)row * (size_t)pixels->base.width + (size_t)x];
		for (int32_t i = 0; i < width; i++) {
			at[i] = color;
		}
	}
}

static uint32_t mix(uint32_t from, uint32_t to, double share) {
	uint32_t out = 0;
	for (int shift = 0; shift < 32; shift += 8) {
		double a = from >> shift & 0xff, b = to >> shift & 0xff;
		out |= (uint32_t)lround(a + (b - a) * share) << shift;
	}
	return out;
}

static double height_of(const struct bn_scene_overlay *overlay, uint32_t ns) {
	return fmin((double)ns / (double)overlay->scale_ns, 1) * PLOT;
}

static void draw_column(struct bn_scene_overlay *overlay, uint64_t slot) {
	int32_t x = PAD + (int32_t)slot * overlay->step;
	fill(overlay->pixels, x, TITLE, overlay->step, PLOT, PANEL);
	for (int32_t line = 0; line < 4; line++) {
		fill(overlay->pixels, x, TITLE + line * PLOT / 4, overlay->step, 1, GRID);
	}
}

static void draw_bar(struct bn_scene_overlay *overlay, const struct bn_graph *graph,
		uint64_t slot) {
	const struct bn_graph_bar *bar = &graph->bars[slot];
	draw_column(overlay, slot);
	if (bar->cost_ns == 0 && bar->budget_ns == 0) {
		return;
	}
	bool is_near = bar->cost_ns > bar->budget_ns / 4 * 3;
	uint32_t color = bar->missed > 0 ? BAR_MISSED : is_near ? BAR_NEAR : BAR;
	int32_t x = PAD + (int32_t)slot * overlay->step, bottom = TITLE + PLOT;
	int32_t width = overlay->step > 2 ? overlay->step - 1 : overlay->step;
	// A missed frame may have been cheap, the wake-up late: it is seen all the same.
	double height = fmax(height_of(overlay, bar->cost_ns), bar->missed > 0 ? PLOT / 3.0 : 1);
	int32_t whole = (int32_t)height;
	fill(overlay->pixels, x, bottom - whole, width, whole, color);
	if (whole < PLOT) {
		fill(overlay->pixels, x, bottom - whole - 1, width, 1,
				mix(PANEL, color, height - whole));
	}
	int32_t line = (int32_t)lround(height_of(overlay, bar->budget_ns));
	line = line < 2 ? 2 : line;
	fill(overlay->pixels, x, bottom - line, overlay->step, 2, BUDGET);
}

/** Puts words, and how far they went. */
static int32_t put(struct bn_text *text, struct bn_pixels *pixels, int32_t x, int32_t y,
		int32_t size, uint32_t color, const char *words) {
	bn_text_draw(text, pixels, x, y, size, color, words);
	return x + bn_text_measure(text, size, words);
}

static void draw_axis(struct bn_scene_overlay *overlay, struct bn_text *text) {
	int32_t x = PAD + overlay->step * BN_GRAPH_BARS + 8;
	char words[16];
	fill(overlay->pixels, x - 8, TITLE - 12, AXIS + PAD, PLOT + 24, PANEL);
	for (int32_t i = 0; i <= 2; i++) {
		double ms = (double)overlay->scale_ns / 1e6 * (2 - i) / 2;
		snprintf(words, sizeof(words), "%g%s", ms, i == 0 ? " ms" : "");
		put(text, overlay->pixels, x, TITLE + i * PLOT / 2 + 5, 13, QUIET, words);
	}
}

static void draw_title(struct bn_scene_overlay *overlay, struct bn_text *text,
		const struct bn_scene_overlay_info *info) {
	struct bn_pixels *pixels = overlay->pixels;
	char words[48];
	int32_t x = put(text, pixels, PAD, 23, 15, WHITE, info->name);
	snprintf(words, sizeof(words), "frame time");
	put(text, pixels, x + 8, 23, 13, QUIET, words);
	snprintf(words, sizeof(words), "%.4g Hz", 1e9 / (double)info->period_ns);
	int32_t width = bn_text_measure(text, 13, words);
	put(text, pixels, PAD + overlay->step * BN_GRAPH_BARS - width, 23, 13, QUIET, words);
}

static int32_t put_figure(struct bn_scene_overlay *overlay, struct bn_text *text, int32_t x,
		const char *name, const char *value, uint32_t color) {
	int32_t y = TITLE + PLOT + 30;
	x = put(text, overlay->pixels, x, y, 13, QUIET, name);
	return put(text, overlay->pixels, x + 6, y, 17, color, value) + 16;
}

/** At the right, where there is room for it. */
static void draw_legend(struct bn_scene_overlay *overlay, struct bn_text *text) {
	int32_t right = overlay->pixels->base.width - PAD, y = TITLE + PLOT + 30;
	int32_t x = right - bn_text_measure(text, 13, "budget");
	if (overlay->step >= 3) {
		fill(overlay->pixels, x - 20, y - 5, 14, 2, BUDGET);
		put(text, overlay->pixels, x, y, 13, QUIET, "budget");
	}
}

static void draw_words(struct bn_scene_overlay *overlay, struct bn_text *text,
		const struct bn_scene_overlay_info *info, int64_t now) {
	char value[32];
	fill(overlay->pixels, PAD, WORDS, overlay->pixels->base.width - 2 * PAD, HEIGHT - WORDS - 4,
			PANEL);
	snprintf(value, sizeof(value), "%.2f", (double)bn_graph_permille(info->graph, 500) / 1e6);
	int32_t x = put_figure(overlay, text, PAD, "p50", value, WHITE);
	snprintf(value, sizeof(value), "%.2f ms",
			(double)bn_graph_permille(info->graph, 990) / 1e6);
	x = put_figure(overlay, text, x, "p99", value, WHITE);
	snprintf(value, sizeof(value), "%llu", (unsigned long long)info->missed);
	put_figure(overlay, text, x, "missed", value, info->missed > 0 ? BAR_MISSED : WHITE);
	draw_legend(overlay, text);
	overlay->words_ns = now;
	overlay->words_missed = info->missed;
}

static void draw_whole(struct bn_scene_overlay *overlay, struct bn_text *text,
		const struct bn_scene_overlay_info *info, int64_t now) {
	const struct bn_graph *graph = info->graph;
	overlay->scale_ns = bn_graph_scale(graph, info->period_ns);
	fill(overlay->pixels, 0, 0, overlay->pixels->base.width, HEIGHT, PANEL);
	for (uint64_t i = 0; i < BN_GRAPH_BARS; i++) {
		draw_bar(overlay, graph, i);
	}
	for (uint64_t i = 0; graph->count >= BN_GRAPH_BARS && i < GAP_BARS; i++) {
		draw_column(overlay, (graph->count + i) % BN_GRAPH_BARS);
	}
	fill(overlay->pixels, PAD, TITLE + PLOT, overlay->step * BN_GRAPH_BARS, 1, QUIET);
	overlay->drawn = graph->count;
	draw_axis(overlay, text);
	draw_title(overlay, text, info);
	draw_words(overlay, text, info, now);
}

/** Draws what is new and adds it to `changed`, px of the panel. */
static void draw_news(struct bn_scene_overlay *overlay, const struct bn_scene_list_params *params,
		pixman_region32_t *changed) {
	const struct bn_scene_overlay_info *info = params->overlay;
	const struct bn_graph *graph = info->graph;
	bool is_far = graph->count - overlay->drawn > BN_GRAPH_BARS;
	if (is_far || bn_graph_scale(graph, info->period_ns) != overlay->scale_ns) {
		draw_whole(overlay, params->text, info, params->now_ns);
		pixman_region32_union_rect(changed, changed, 0, 0,
				(unsigned)overlay->pixels->base.width, HEIGHT);
		return;
	}
	while (overlay->drawn < graph->count) {
		uint64_t slot = overlay->drawn++ % BN_GRAPH_BARS;
		uint64_t gap = (slot + GAP_BARS) % BN_GRAPH_BARS;
		draw_bar(overlay, graph, slot);
		draw_column(overlay, gap);
		pixman_region32_union_rect(changed, changed, PAD + (int)slot * overlay->step, TITLE,
				(unsigned)overlay->step, PLOT);
		pixman_region32_union_rect(changed, changed, PAD + (int)gap * overlay->step, TITLE,
				(unsigned)overlay->step, PLOT);
	}
	if (params->now_ns - overlay->words_ns >= WORDS_EVERY_NS
			|| info->missed != overlay->words_missed) {
		draw_words(overlay, params->text, info, params->now_ns);
		pixman_region32_union_rect(changed, changed, PAD, WORDS,
				(unsigned)(overlay->pixels->base.width - 2 * PAD),
				HEIGHT - WORDS - 4);
	}
}

// Its place in the list

/** The first corner with room; empty: there is none. */
static struct bn_rect find_corner(const struct bn_scene_list_params *params, int32_t width) {
	int32_t right = params->width - width - MARGIN, bottom = params->height - HEIGHT - MARGIN;
	const struct bn_rect corners[] = {
		{ right, MARGIN, width, HEIGHT },
		{ right, bottom, width, HEIGHT },
		{ MARGIN, bottom, width, HEIGHT },
		{ MARGIN, MARGIN, width, HEIGHT },
	};
	for (size_t i = 0; i < sizeof(corners) / sizeof(corners[0]); i++) {
		bool fits = right >= MARGIN && bottom >= MARGIN;
		if (fits && !bn_scene_list_covers_safety(params, &corners[i])) {
			return corners[i];
		}
	}
	return (struct bn_rect){ 0 };
}

static int32_t choose_step(int32_t width) {
	return width >= 3 * panel_width(3) / 2 ? 3 : width >= panel_width(2) + 2 * MARGIN ? 2 : 1;
}

static bool make(struct bn_scene_overlay *overlay, const struct bn_scene_list_params *params) {
	int32_t step = choose_step(params->width);
	if (overlay->pixels != NULL && overlay->step != step) {
		bn_scene_overlay_finish(overlay);
	}
	if (overlay->texture != NULL) {
		return true;
	}
	if (overlay->pixels == NULL) {
		overlay->pixels = bn_pixels_create(panel_width(step), HEIGHT);
	}
	if (overlay->pixels == NULL) {
		return false;
	}
	overlay->step = step;
	draw_whole(overlay, params->text, params->overlay, params->now_ns);
	overlay->texture = wlr_texture_from_buffer(params->renderer, &overlay->pixels->base);
	return overlay->texture != NULL;
}

void bn_scene_overlay_add(struct bn_scene_list *list, const struct bn_scene_list_params *params) {
	struct bn_scene_overlay *overlay = &list->overlay;
	if (params->overlay == NULL || !make(overlay, params)) {
		bn_scene_overlay_finish(overlay);
		return;
	}
	overlay->box = find_corner(params, overlay->pixels->base.width);
	if (bn_rect_is_empty(&overlay->box)) {
		return;
	}
	struct bn_draw_source source = {
		.texture = overlay->texture,
		.box = { 0, 0, overlay->box.width, overlay->box.height },
		.filter = WLR_SCALE_FILTER_NEAREST,
	};
	struct bn_draw_item item = {
		.key = KEY_OVERLAY,
		.layer = BN_LAYER_TELLTALE,
		.box = overlay->box,
		.clip = { 0, 0, params->width, params->height },
		.opaque = true,
		.alpha = 1,
		.radius = RADIUS,
		.shape = overlay->box,
	};
	bn_scene_list_add(list, &item, &source);
}

static void replace_texture(struct bn_scene_overlay *overlay, struct bn_scene_list *list,
		struct wlr_texture *texture) {
	for (size_t i = 0; i < list->source_count; i++) {
		if (list->sources[i].texture == overlay->texture) {
			list->sources[i].texture = texture;
		}
	}
	wlr_texture_destroy(overlay->texture);
	overlay->texture = texture;
}

void bn_scene_overlay_refresh(struct bn_scene_list *list,
		const struct bn_scene_list_params *params) {
	struct bn_scene_overlay *overlay = &list->overlay;
	if (params->overlay == NULL || overlay->texture == NULL || bn_rect_is_empty(&overlay->box)
			|| pixman_region32_empty(&list->draw.damage)) {
		return;
	}
	pixman_region32_t changed;
	pixman_region32_init(&changed);
	draw_news(overlay, params, &changed);
	struct wlr_buffer *buffer = &overlay->pixels->base;
	if (!pixman_region32_empty(&changed)
			&& !wlr_texture_update_from_buffer(overlay->texture, buffer, &changed)) {
		struct wlr_texture *texture = wlr_texture_from_buffer(params->renderer, buffer);
		if (texture != NULL) {
			replace_texture(overlay, list, texture);
		}
	}
	pixman_region32_translate(&changed, overlay->box.x, overlay->box.y);
	pixman_region32_union(&list->draw.damage, &list->draw.damage, &changed);
	pixman_region32_fini(&changed);
}
