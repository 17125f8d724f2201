#include "render/imitate.h"

#include <math.h>
#include <stdint.h>
#include <wlr/render/interface.h>
#include <wlr/render/pixman.h>

#include "render/corner.h"
#include "render/effect.h"
#include "render/renderer.h"
#include "render/scratch.h"

// A rounded op becomes one draw clipped to what is wholly inside, and one draw per coverage level
// of the rim, clipped to that level's pixels, with the opacity scaled. Nothing outside is touched,
// so whatever is beneath stays.
//
// Rim pixels are gathered for this many at once; circles up to a radius of some 90 px need no
// second round.
#define RIM_CAP 1024

// Either of the two kinds of op, so that clipping and coverage are written once.
struct op {
	struct wlr_render_pass *pass;
	const struct wlr_render_texture_options *texture; // NULL: rect
	const struct wlr_render_rect_options *rect;
	struct wlr_box dst;
	const pixman_region32_t *clip; // may be NULL
	float gain;
};

struct rim {
	int len;
	pixman_box32_t boxes[RIM_CAP];
	uint8_t levels[RIM_CAP]; // 1..254
};

static bool is_opaque(const struct wlr_texture *texture) {
	struct wlr_texture *any = (struct wlr_texture *)texture;
	if (!wlr_texture_is_pixman(any)) {
		return true; // not known; the better guess for what covers an output
	}
	return PIXMAN_FORMAT_A(pixman_image_get_format(wlr_pixman_texture_get_image(any))) == 0;
}

/* Drawing one op, at one coverage, inside one clip */

// Pixman cuts a factor down to 8 bits; rounded to them beforehand it loses half a step at most, not
// a whole one.
static float round_factor(float factor) {
	return floorf(factor * 255 + 0.5f) / 255;
}

static void add_black(const struct op *op, const pixman_region32_t *clip, float alpha) {
	const struct wlr_render_rect_options black = {
		.box = op->dst,
		.color = { .a = round_factor(alpha) },
		.clip = clip,
	};
	wlr_render_pass_add_rect(op->pass, &black);
}

static void draw_rect(const struct op *op, const pixman_region32_t *clip, float coverage) {
	struct wlr_render_rect_options options = *op->rect;
	options.box = op->dst;
	options.clip = clip;
	// As an opaque texture is dimmed, so that a colour beside a picture of that colour shows no seam.
	if (op->gain < 1 && coverage == 1 && options.color.a == 1) {
		wlr_render_pass_add_rect(op->pass, &options);
		add_black(op, clip, 1 - op->gain);
		return;
	}
	options.color.r *= op->gain * coverage;
	options.color.g *= op->gain * coverage;
	options.color.b *= op->gain * coverage;
	options.color.a *= coverage;
	if (coverage < 1) {
		options.blend_mode = WLR_RENDER_BLEND_MODE_PREMULTIPLIED;
	}
	wlr_render_pass_add_rect(op->pass, &options);
}

// Dims an opaque texture on its rim. Wanted: gain * alpha * texel + (1 - alpha) * beneath. A
// texture op has one factor only, which would let through 1 - gain * alpha of what is beneath; so
// that is darkened first, to make up for it.
static void draw_dimmed_rim(const struct op *op, struct wlr_render_texture_options *options,
		float alpha) {
	float factor = round_factor(alpha * op->gain);
	if (factor < alpha) {
		add_black(op, options->clip, 1 - (1 - alpha) / (1 - factor));
	}
	options->alpha = &factor;
	wlr_render_pass_add_texture(op->pass, options);
}

static void draw_texture(const struct op *op, const pixman_region32_t *clip, float coverage) {
	struct wlr_render_texture_options options = *op->texture;
	float alpha = wlr_render_texture_options_get_alpha(op->texture) * coverage;
	options.clip = clip;
	if (coverage < 1) {
		options.blend_mode = WLR_RENDER_BLEND_MODE_PREMULTIPLIED;
	}
	if (coverage < 1 && op->gain < 1) {
		draw_dimmed_rim(op, &options, alpha);
		return;
	}
	float factor = round_factor(alpha);
	options.alpha = factor < 1 ? &factor : NULL;
	wlr_render_pass_add_texture(op->pass, &options);
	if (op->gain < 1) {
		add_black(op, clip, 1 - op->gain);
	}
}

static void draw(const struct op *op, const pixman_region32_t *clip, float coverage) {
	if (op->texture != NULL) {
		draw_texture(op, clip, coverage);
	} else {
		draw_rect(op, clip, coverage);
	}
}

/* Rounded corners */

static void draw_level(const struct op *op, const struct rim *rim, uint8_t level,
		const pixman_region32_t *within) {
	pixman_box32_t boxes[RIM_CAP];
	int n = 0;
	for (int i = 0; i < rim->len; i++) {
		if (rim->levels[i] == level) {
			boxes[n++] = rim->boxes[i];
		}
	}
	pixman_region32_t clip;
	pixman_region32_init_rects(&clip, boxes, n);
	pixman_region32_intersect(&clip, &clip, within);
	if (pixman_region32_not_empty(&clip)) {
		draw(op, &clip, (float)level / 255);
	}
	pixman_region32_fini(&clip);
}

static void draw_rim(const struct op *op, struct rim *rim, const pixman_region32_t *within) {
	bool present[256] = { false };
	for (int i = 0; i < rim->len; i++) {
		present[rim->levels[i]] = true;
	}
	for (int level = 1; level < 255; level++) {
		if (present[level]) {
			draw_level(op, rim, (uint8_t)level, within);
		}
	}
	rim->len = 0;
}

static void gather_pixel(const struct op *op, struct rim *rim, int x, int y, uint8_t level,
		const pixman_region32_t *within) {
	if (rim->len == RIM_CAP) {
		draw_rim(op, rim, within);
	}
	rim->boxes[rim->len] = (pixman_box32_t){ x, y, x + 1, y + 1 };
	rim->levels[rim->len++] = level;
}

// Adds the inside of a corner's box to `inside`, row by row, and its rim pixels to `rim`.
static void gather_corner(const struct op *op, const struct bn_corner *corner, struct rim *rim,
		pixman_region32_t *inside, const pixman_region32_t *within) {
	for (int y = corner->box.y; y < corner->box.y + corner->box.height; y++) {
		int first = corner->box.x + corner->box.width, end = corner->box.x;
		for (int x = corner->box.x; x < corner->box.x + corner->box.width; x++) {
			int level = (int)(bn_corner_coverage(corner, x, y) * 255 + 0.5f);
			if (level == 255) {
				first = x < first ? x : first;
				end = x + 1;
			} else if (level > 0) {
				gather_pixel(op, rim, x, y, (uint8_t)level, within);
			}
		}
		if (first < end) {
			pixman_region32_union_rect(inside, inside, first, y,
					(unsigned)(end - first), 1);
		}
	}
}

static bool meets(const pixman_region32_t *region, const struct wlr_box *box) {
	const pixman_box32_t rect = { box->x, box->y, box->x + box->width, box->y + box->height };
	return !wlr_box_empty(box)
			&& pixman_region32_contains_rectangle(region, &rect) != PIXMAN_REGION_OUT;
}

static void draw_round(const struct op *op, const struct bn_corners *corners,
		const pixman_region32_t *within) {
	struct rim rim;
	rim.len = 0;
	pixman_region32_t inside;
	pixman_region32_init(&inside);
	pixman_region32_copy(&inside, within);
	for (int i = 0; i < 4; i++) {
		const struct bn_corner *corner = &corners->corner[i];
		if (meets(within, &corner->box)) {
			pixman_region32_t box;
			pixman_region32_init_rect(&box, corner->box.x, corner->box.y,
					(unsigned)corner->box.width, (unsigned)corner->box.height);
			pixman_region32_subtract(&inside, &inside, &box);
			pixman_region32_fini(&box);
			gather_corner(op, corner, &rim, &inside, within);
		}
	}
	// Rows were added whole; the clip may hold only a part of them.
	pixman_region32_intersect(&inside, &inside, within);
	if (pixman_region32_not_empty(&inside)) {
		draw(op, &inside, 1);
	}
	pixman_region32_fini(&inside);
	draw_rim(op, &rim, within);
}

static void draw_shaped(const struct op *op, const struct bn_corners *corners) {
	pixman_region32_t within;
	pixman_region32_init_rect(&within, op->dst.x, op->dst.y, (unsigned)op->dst.width,
			(unsigned)op->dst.height);
	pixman_region32_intersect_rect(&within, &within, corners->shape.x, corners->shape.y,
			(unsigned)corners->shape.width, (unsigned)corners->shape.height);
	if (op->clip != NULL) {
		pixman_region32_intersect(&within, &within, op->clip);
	}
	if (pixman_region32_not_empty(&within)) {
		draw_round(op, corners, &within);
	}
	pixman_region32_fini(&within);
}

static void draw_op(const struct op *op, const struct bn_corners *corners) {
	if (corners != NULL) {
		draw_shaped(op, corners);
	} else {
		draw(op, op->clip, 1);
	}
}

/* Dimming what has alpha: tile by tile through the scratch picture */

static void draw_tile(const struct op *op, const struct bn_corners *corners,
		struct bn_scratch *scratch, const struct wlr_box *tile) {
	pixman_region32_t clip;
	pixman_region32_init_rect(&clip, tile->x, tile->y, (unsigned)tile->width,
			(unsigned)tile->height);
	if (op->clip != NULL) {
		pixman_region32_intersect(&clip, &clip, op->clip);
	}
	struct wlr_render_texture_options options = {
		.texture = pixman_region32_not_empty(&clip)
				? bn_scratch_dim(scratch, op->texture, tile, op->gain)
				: NULL,
		.src_box = { 0, 0, tile->width, tile->height },
		.dst_box = *tile,
		.clip = &clip,
		.blend_mode = op->texture->blend_mode,
	};
	if (options.texture != NULL) {
		const struct op dimmed = { op->pass, &options, NULL, *tile, &clip, 1 };
		draw_op(&dimmed, corners);
	}
	pixman_region32_fini(&clip);
}

static void draw_tiles(const struct op *op, const struct bn_corners *corners,
		struct bn_scratch *scratch) {
	struct wlr_box area = op->dst;
	if (corners != NULL && !wlr_box_intersection(&area, &area, &corners->shape)) {
		return;
	}
	if (op->clip != NULL) {
		const pixman_box32_t *ends = pixman_region32_extents(op->clip);
		const struct wlr_box box = { ends->x1, ends->y1, ends->x2 - ends->x1,
			ends->y2 - ends->y1 };
		if (!wlr_box_intersection(&area, &area, &box)) {
			return;
		}
	}
	for (int y = area.y; y < area.y + area.height; y += BN_SCRATCH_SIDE) {
		for (int x = area.x; x < area.x + area.width; x += BN_SCRATCH_SIDE) {
			struct wlr_box tile = { x, y, BN_SCRATCH_SIDE, BN_SCRATCH_SIDE };
			wlr_box_intersection(&tile, &tile, &area);
			draw_tile(op, corners, scratch, &tile);
		}
	}
}

void bn_imitate_texture(struct wlr_render_pass *pass,
		const struct wlr_render_texture_options *options,
		const struct bn_pass_effect *effect) {
	struct op op = { pass, options, NULL, { 0 }, options->clip, bn_effect_gain(effect) };
	wlr_render_texture_options_get_dst_box(options, &op.dst);
	struct bn_corners corners;
	bool round = bn_corners_wanted(effect);
	if (round) {
		bn_corners_init(&corners, effect, &op.dst);
	}
	// An opaque texture at full opacity is dimmed by black on top; everything else in the
	// scratch picture.
	bool plain = is_opaque(options->texture)
			&& wlr_render_texture_options_get_alpha(options) == 1;
	struct bn_scratch *scratch =
			op.gain < 1 && !plain ? bn_scratch_get(options->texture->renderer) : NULL;
	if (scratch != NULL) {
		draw_tiles(&op, round ? &corners : NULL, scratch);
	} else {
		draw_op(&op, round ? &corners : NULL);
	}
}

void bn_imitate_rect(struct wlr_render_pass *pass, const struct wlr_render_rect_options *options,
		const struct bn_pass_effect *effect) {
	const struct op op = { pass, NULL, options, options->box, options->clip,
		bn_effect_gain(effect) };
	struct bn_corners corners;
	bool round = bn_corners_wanted(effect) && !wlr_box_empty(&op.dst);
	if (round) {
		bn_corners_init(&corners, effect, &op.dst);
	}
	draw_op(&op, round ? &corners : NULL);
}
