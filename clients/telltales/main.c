#include <math.h>

#include "lib/app.h"
#include "lib/draw.h"
#include "telltales/symbols.h"

#define MAX_TELLTALES 32
#define LINE_WIDTH 6.5 // of a symbol's 100; thinner lines are lost at 4 mm

/*
 * At the reference size of 1920 x 72 a symbol's box is 56 x 56, 8 px from the top; the red block
 * begins at x 40, the amber one ends 40 px before the right edge, and boxes follow each other every
 * 88 px. A layout's checks may rely on it.
 */
struct strip {
	struct bn_part parts[MAX_TELLTALES];
	bool lit[MAX_TELLTALES];
};

#define REFERENCE_HEIGHT 72.0
#define REFERENCE_WIDTH \
	1504.0 // the blocks stand apart; below this, relative to the height, all is smaller
#define SYMBOL 56.0
#define MARGIN 40.0
#define PITCH 88.0
#define CENTER_PITCH 104.0

static double unit(const struct bn_app_view *view) {
	return fmin(view->height / REFERENCE_HEIGHT, view->width / REFERENCE_WIDTH);
}

static cairo_rectangle_int_t symbol_box(const struct bn_app_view *view, size_t index) {
	enum bn_telltale_block block = bn_telltales[index].block;
	size_t before = 0, count = 0;
	for (size_t i = 0; i < bn_telltale_count; i++) {
		if (bn_telltales[i].block == block) {
			count++;
			before += i < index ? 1 : 0;
		}
	}
	double scale = unit(view), width = view->width / scale, x;
	if (block == BN_TELLTALE_LEFT) {
		x = MARGIN + PITCH * (double)before;
	} else if (block == BN_TELLTALE_RIGHT) {
		x = width - MARGIN - SYMBOL - PITCH * (double)(count - 1 - before);
	} else {
		x = width / 2 - SYMBOL / 2
				+ CENTER_PITCH * ((double)before - (double)(count - 1) / 2);
	}
	double y = view->height / scale / 2 - SYMBOL / 2;
	int side = (int)lround(SYMBOL * scale);
	return (cairo_rectangle_int_t){ (int)lround(x * scale), (int)lround(y * scale), side,
		side };
}

static void reset(void *data, const struct bn_app_view *view) {
	struct strip *strip = data;
	for (size_t i = 0; i < bn_telltale_count; i++) {
		strip->parts[i].valid = false;
	}
}

static bool update(void *data, const struct bn_app_view *view, cairo_region_t *damage) {
	struct strip *strip = data;
	for (size_t i = 0; i < bn_telltale_count; i++) {
		strip->lit[i] = bn_telltales[i].is_lit(&view->signals);
		cairo_rectangle_int_t box = symbol_box(view, i);
		bn_part_set(&strip->parts[i], &box, strip->lit[i], damage);
	}
	return false;
}

static void draw_symbol(const struct strip *strip, const struct bn_app_view *view, cairo_t *cr,
		size_t index) {
	const cairo_rectangle_int_t *box = &strip->parts[index].box;
	cairo_save(cr);
	cairo_rectangle(cr, box->x, box->y, box->width, box->height);
	cairo_clip(cr);
	cairo_translate(cr, box->x, box->y);
	cairo_scale(cr, box->width / 100.0, box->height / 100.0);
	cairo_set_line_width(cr, LINE_WIDTH);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	if (strip->lit[index]) {
		bn_draw_glow(cr, 50, 50, 50, bn_telltales[index].color, 0.2);
		bn_draw_source(cr, bn_telltales[index].color, 1);
	} else {
		bn_draw_source(cr, 0xffffff, 0.055);
	}
	// An unlit symbol is translucent: as a group, so that strokes that cross do not add up.
	cairo_pattern_t *ink = cairo_pattern_reference(cairo_get_source(cr));
	cairo_push_group_with_content(cr, CAIRO_CONTENT_ALPHA);
	cairo_set_source_rgb(cr, 0, 0, 0);
	bn_telltales[index].draw(cr, view->fonts);
	cairo_pattern_t *mask = cairo_pop_group(cr);
	cairo_set_source(cr, ink);
	cairo_mask(cr, mask);
	cairo_pattern_destroy(mask);
	cairo_pattern_destroy(ink);
	cairo_restore(cr);
}

// Black by day and night: telltales stand on dark glass, and their colours keep their meaning.
static void paint(void *data, const struct bn_app_view *view, cairo_t *cr,
		const cairo_region_t *damage) {
	const struct strip *strip = data;
	bn_draw_fill(cr, 0x050608, 1);
	for (size_t i = 0; i < bn_telltale_count; i++) {
		if (bn_part_is_hit(&strip->parts[i], damage)) {
			draw_symbol(strip, view, cr, i);
		}
	}
}

int main(int argc, char **argv) {
	struct strip strip = { 0 };
	const struct bn_app_info info = {
		.program = "binnacle-telltales",
		.title = "Telltales",
		.app_id = "telltales",
		.is_timeless = true,
		.reset = reset,
		.update = update,
		.paint = paint,
	};
	return bn_app_main(&info, &strip, argc, argv);
}
