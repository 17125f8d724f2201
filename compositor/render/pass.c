#include "render/gles.h"

#include <math.h>
#include <stdlib.h>

#include "render/corner.h"
#include "render/effect.h"
#include "render/memory.h"

// A pass records its ops and draws them at submit. The arrays never grow: a pass that fills them
// draws what it has and goes on, so a frame allocates nothing here.
#define OPS_CAP 512
#define VERTICES_CAP (512 * 6 * 4)

struct vertex {
	float x, y; // clip space
	float u, v; // 0..1
};

struct op {
	uint32_t key;               // enum bn_shader_bit
	struct bn_texture *texture; // borrowed; NULL: a colour
	GLint filter;
	bool blend;
	float factor[4];
	float corner[4], radius;
	int first, count; // vertices
};

struct bn_pass {
	struct wlr_render_pass base;
	struct bn_renderer *renderer; // borrowed
	struct wl_list link;          // bn_renderer.open or .idle
	struct wlr_buffer *buffer;    // locked while open
	struct bn_image *image;       // borrowed while open
	struct bn_timer *timer;       // borrowed while open, may be NULL
	struct bn_damage damage;      // what GL draws; not kept where nobody asks for it
	struct bn_memory memory;      // the target's, once something was copied
	bool drawn;                   // GL has been told to draw
	int ops_len, vertices_len;
	struct op ops[OPS_CAP];
	struct vertex vertices[VERTICES_CAP];
};

// How a pixel of the op's box maps into its texture; all zero for colours.
struct mapping {
	struct wlr_box dst;
	float origin_u, origin_v; // texture coordinate of dst's top-left corner
	float u_x, u_y, v_x, v_y; // change of it over dst's width and height
};

static const struct wlr_render_pass_impl pass_impl;

struct bn_pass *bn_pass_from_wlr(struct wlr_render_pass *wlr_pass) {
	struct bn_pass *pass = NULL;
	return wlr_pass->impl == &pass_impl ? wl_container_of(wlr_pass, pass, base) : NULL;
}

/* Drawing */

static void draw_op(struct bn_renderer *renderer, const struct op *op) {
	const struct bn_program *program = &renderer->programs.by_key[op->key];
	glUseProgram(program->name);
	glUniform4fv(program->factor, 1, op->factor);
	if ((op->key & BN_SHADER_ROUND) != 0) {
		glUniform4fv(program->corner, 1, op->corner);
		glUniform1f(program->radius, op->radius);
	}
	struct bn_texture *texture = op->texture;
	if (texture != NULL) {
		glBindTexture(texture->target, texture->name);
		// Textures of one image share its filter, so what this one remembers may be stale.
		if (texture->image != NULL || texture->filter != op->filter) {
			glTexParameteri(texture->target, GL_TEXTURE_MIN_FILTER, op->filter);
			glTexParameteri(texture->target, GL_TEXTURE_MAG_FILTER, op->filter);
			texture->filter = op->filter;
		}
	}
	if (op->blend) {
		glEnable(GL_BLEND);
	} else {
		glDisable(GL_BLEND);
	}
	glDrawArrays(GL_TRIANGLES, op->first, op->count);
}

static void flush(struct bn_pass *pass) {
	struct bn_renderer *renderer = pass->renderer;
	if (pass->ops_len > 0 && bn_renderer_enter(renderer)) {
		pass->drawn = true;
		glBindFramebuffer(GL_FRAMEBUFFER, pass->image->fbo);
		glViewport(0, 0, pass->buffer->width, pass->buffer->height);
		glBindVertexArray(renderer->vao);
		glBindBuffer(GL_ARRAY_BUFFER, renderer->vbo);
		glBufferData(GL_ARRAY_BUFFER,
				(GLsizeiptr)sizeof(struct vertex) * pass->vertices_len,
				pass->vertices, GL_STREAM_DRAW);
		glActiveTexture(GL_TEXTURE0);
		glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
		for (int i = 0; i < pass->ops_len; i++) {
			draw_op(renderer, &pass->ops[i]);
		}
	}
	pass->ops_len = 0;
	pass->vertices_len = 0;
}

void bn_pass_flush_texture(struct bn_renderer *renderer, const struct bn_texture *texture) {
	struct bn_pass *pass;
	wl_list_for_each(pass, &renderer->open, link) {
		for (int i = 0; i < pass->ops_len; i++) {
			if (pass->ops[i].texture == texture) {
				flush(pass);
				break;
			}
		}
	}
}

/* Recording */

static struct op *begin_op(struct bn_pass *pass, const struct op *like) {
	if (pass->ops_len == OPS_CAP) {
		flush(pass);
	}
	struct op *op = &pass->ops[pass->ops_len++];
	*op = *like;
	op->first = pass->vertices_len;
	op->count = 0;
	return op;
}

static void drop_empty_op(struct bn_pass *pass) {
	if (pass->ops_len > 0 && pass->ops[pass->ops_len - 1].count == 0) {
		pass->ops_len--;
	}
}

static struct vertex map(const struct bn_pass *pass, const struct mapping *mapping, int x, int y) {
	const struct wlr_box *dst = &mapping->dst;
	float along_x = (float)(x - dst->x) / (float)dst->width;
	float along_y = (float)(y - dst->y) / (float)dst->height;
	return (struct vertex){
		.x = 2 * (float)x / (float)pass->buffer->width - 1,
		.y = 2 * (float)y / (float)pass->buffer->height - 1,
		.u = mapping->origin_u + mapping->u_x * along_x + mapping->u_y * along_y,
		.v = mapping->origin_v + mapping->v_x * along_x + mapping->v_y * along_y,
	};
}

static void add_quad(struct bn_pass *pass, const struct mapping *mapping,
		const struct wlr_box *box) {
	if (pass->vertices_len + 6 > VERTICES_CAP) {
		const struct op like = pass->ops[pass->ops_len - 1];
		drop_empty_op(pass);
		flush(pass);
		begin_op(pass, &like);
	}
	const struct vertex a = map(pass, mapping, box->x, box->y);
	const struct vertex b = map(pass, mapping, box->x + box->width, box->y);
	const struct vertex c = map(pass, mapping, box->x, box->y + box->height);
	const struct vertex d = map(pass, mapping, box->x + box->width, box->y + box->height);
	// In this order llvmpipe sees that two triangles are one rectangle.
	const struct vertex quad[6] = { a, b, c, c, b, d };
	for (int i = 0; i < 6; i++) {
		pass->vertices[pass->vertices_len++] = quad[i];
	}
	pass->ops[pass->ops_len - 1].count += 6;
}

static void add_clipped(struct bn_pass *pass, const struct mapping *mapping,
		const struct wlr_box *area, const pixman_region32_t *clip) {
	struct wlr_box part;
	for (int i = 0; i < bn_clip_len(clip); i++) {
		if (bn_clip_part(clip, i, area, &part)) {
			add_quad(pass, mapping, &part);
		}
	}
}

static void add_damage(struct bn_pass *pass, const struct wlr_box *area,
		const pixman_region32_t *clip) {
	struct wlr_box part;
	for (int i = 0; i < bn_clip_len(clip); i++) {
		if (bn_clip_part(clip, i, area, &part)) {
			bn_damage_add(&pass->damage, &part);
		}
	}
}

static void record_corner(struct bn_pass *pass, const struct op *like,
		const struct mapping *mapping, const struct bn_corner *corner,
		const struct wlr_box *area, const pixman_region32_t *clip) {
	struct wlr_box part;
	if (!wlr_box_intersection(&part, area, &corner->box)) {
		return;
	}
	struct op *op = begin_op(pass, like);
	op->key |= BN_SHADER_ROUND;
	op->blend = true;
	op->corner[0] = corner->x;
	op->corner[1] = corner->y;
	op->corner[2] = corner->toward_x;
	op->corner[3] = corner->toward_y;
	op->radius = corner->radius;
	add_clipped(pass, mapping, &part, clip);
	drop_empty_op(pass);
}

static void record_round(struct bn_pass *pass, const struct op *like, const struct mapping *mapping,
		const struct bn_corners *corners, const struct wlr_box *area,
		const pixman_region32_t *clip) {
	struct wlr_box part;
	begin_op(pass, like);
	for (int i = 0; i < corners->inner_len; i++) {
		if (wlr_box_intersection(&part, area, &corners->inner[i])) {
			add_clipped(pass, mapping, &part, clip);
		}
	}
	drop_empty_op(pass);

	// A corner is blended, so what passes for opaque in the plain form must say its alpha here.
	struct op rim = *like;
	if (rim.texture != NULL && !rim.texture->alpha) {
		rim.key = (rim.key & ~(uint32_t)BN_SHADER_MODULATE) | BN_SHADER_OPAQUE;
	}
	for (int i = 0; i < 4; i++) {
		record_corner(pass, &rim, mapping, &corners->corner[i], area, clip);
	}
}

static void record(struct bn_pass *pass, const struct op *like, const struct mapping *mapping,
		const pixman_region32_t *clip, const struct bn_pass_effect *effect) {
	const struct wlr_box target = { 0, 0, pass->buffer->width, pass->buffer->height };
	struct wlr_box area;
	if (!wlr_box_intersection(&area, &mapping->dst, &target)) {
		return;
	}
	if (!bn_corners_wanted(effect)) {
		begin_op(pass, like);
		add_clipped(pass, mapping, &area, clip);
		drop_empty_op(pass);
	} else {
		struct bn_corners corners;
		bn_corners_init(&corners, effect, &mapping->dst);
		if (!wlr_box_intersection(&area, &area, &corners.shape)) {
			return;
		}
		record_round(pass, like, mapping, &corners, &area, clip);
	}
	if (pass->image->egl == EGL_NO_IMAGE_KHR || pass->renderer->copies) {
		add_damage(pass, &area, clip);
	}
}

// Texels fall on pixels: nearest gives the same picture, exactly, at half the cost.
static bool is_one_to_one(const struct wlr_render_texture_options *options,
		const struct wlr_box *dst) {
	struct wlr_fbox src;
	wlr_render_texture_options_get_src_box(options, &src);
	bool turned = (options->transform & WL_OUTPUT_TRANSFORM_90) != 0;
	return (turned ? src.height : src.width) == dst->width
			&& (turned ? src.width : src.height) == dst->height && src.x == floor(src.x)
			&& src.y == floor(src.y);
}

/* Copying instead of drawing */

// GL draws at submit, so what is copied is beneath whatever was recorded before: only where nothing was.
// Once GL draws, it may read and write back whole blocks of pixels around what it touches.
static bool may_copy(struct bn_pass *pass, const struct wlr_box *dst,
		const pixman_region32_t *clip) {
	struct wlr_box part, common;
	if (!pass->renderer->copies || pass->image->egl == EGL_NO_IMAGE_KHR
			|| !pass->image->in_memory || pass->drawn) {
		return false;
	}
	for (int i = 0; i < pass->damage.len; i++) {
		for (int j = 0; j < bn_clip_len(clip); j++) {
			if (bn_clip_part(clip, j, dst, &part)
					&& wlr_box_intersection(&common, &part,
							&pass->damage.boxes[i])) {
				return false;
			}
		}
	}
	return pass->memory.buffer != NULL || bn_memory_begin(&pass->memory, pass->buffer);
}

bool bn_pass_is_copy(const struct wlr_render_texture_options *options,
		const struct bn_pass_effect *effect) {
	return options->blend_mode == WLR_RENDER_BLEND_MODE_NONE
			&& options->transform == WL_OUTPUT_TRANSFORM_NORMAL
			&& wlr_render_texture_options_get_alpha(options) == 1
			&& bn_effect_gain(effect) == 1 && !bn_corners_wanted(effect)
			&& is_one_to_one(options, &options->dst_box);
}

static bool copy_texture(struct bn_pass *pass, const struct bn_texture *texture,
		const struct wlr_render_texture_options *options, const struct wlr_box *dst) {
	struct wlr_fbox src;
	wlr_render_texture_options_get_src_box(options, &src);
	return texture->source != NULL && options->transform == WL_OUTPUT_TRANSFORM_NORMAL
			&& is_one_to_one(options, dst) && may_copy(pass, dst, options->clip)
			&& bn_memory_copy(&pass->memory, texture->source, (int)src.x, (int)src.y,
					dst, options->clip);
}

// False for what lies between two values of 8 bits: which one GL takes is its own affair.
static bool to_argb(const float color[4], uint32_t *ret) {
	static const int shifts[4] = { 16, 8, 0, 24 };
	*ret = 0;
	for (int i = 0; i < 4; i++) {
		float scaled = color[i] * 255, whole = roundf(scaled);
		if (!(fabsf(scaled - whole) < 0.01f) || whole < 0 || whole > 255) {
			return false;
		}
		*ret |= (uint32_t)whole << shifts[i];
	}
	return true;
}

static void map_texture(struct mapping *mapping, const struct wlr_render_texture_options *options) {
	// Where the unit square of the target lies in the crop, by transform: u = a(x-.5) + b(y-.5)
	// + .5, v likewise.
	static const float matrix[8][4] = {
		[WL_OUTPUT_TRANSFORM_NORMAL] = { 1, 0, 0, 1 },
		[WL_OUTPUT_TRANSFORM_90] = { 0, -1, 1, 0 },
		[WL_OUTPUT_TRANSFORM_180] = { -1, 0, 0, -1 },
		[WL_OUTPUT_TRANSFORM_270] = { 0, 1, -1, 0 },
		[WL_OUTPUT_TRANSFORM_FLIPPED] = { -1, 0, 0, 1 },
		[WL_OUTPUT_TRANSFORM_FLIPPED_90] = { 0, 1, 1, 0 },
		[WL_OUTPUT_TRANSFORM_FLIPPED_180] = { 1, 0, 0, -1 },
		[WL_OUTPUT_TRANSFORM_FLIPPED_270] = { 0, -1, -1, 0 },
	};
	const float *m = matrix[options->transform];
	struct wlr_fbox src;
	wlr_render_texture_options_get_src_box(options, &src);
	wlr_render_texture_options_get_dst_box(options, &mapping->dst);
	float x = (float)(src.x / options->texture->width),
	      width = (float)(src.width / options->texture->width);
	float y = (float)(src.y / options->texture->height),
	      height = (float)(src.height / options->texture->height);
	mapping->u_x = width * m[0];
	mapping->u_y = width * m[1];
	mapping->v_x = height * m[2];
	mapping->v_y = height * m[3];
	mapping->origin_u = x + width * (0.5f - (m[0] + m[1]) / 2);
	mapping->origin_v = y + height * (0.5f - (m[2] + m[3]) / 2);
}

void bn_pass_record_texture(struct bn_pass *pass, const struct wlr_render_texture_options *options,
		const struct bn_pass_effect *effect) {
	struct bn_texture *texture = bn_texture_from_wlr(options->texture);
	if (texture == NULL || texture->renderer != pass->renderer) {
		return; // made by a renderer that was lost meanwhile
	}
	struct mapping mapping;
	map_texture(&mapping, options);
	float alpha = wlr_render_texture_options_get_alpha(options);
	float gain = bn_effect_gain(effect);
	bool blend = options->blend_mode == WLR_RENDER_BLEND_MODE_PREMULTIPLIED
			&& (texture->alpha || alpha < 1);
	bool near = options->filter_mode == WLR_SCALE_FILTER_NEAREST
			|| is_one_to_one(options, &mapping.dst);

	if (!blend && alpha == 1 && gain == 1 && !bn_corners_wanted(effect)
			&& copy_texture(pass, texture, options, &mapping.dst)) {
		return;
	}
	if (texture->image == NULL && !bn_texture_upload(texture)) {
		return;
	}
	struct op op = {
		.key = BN_SHADER_TEXTURE,
		.texture = texture,
		.filter = near ? GL_NEAREST : GL_LINEAR,
		.blend = blend,
		.factor = { gain * alpha, gain * alpha, gain * alpha, alpha },
	};
	if (texture->target != GL_TEXTURE_2D) {
		op.key |= BN_SHADER_EXTERNAL;
	}
	// Junk in place of alpha may go into a target that has none either, but never into a blend.
	if (!texture->alpha && (blend || pass->image->alpha)) {
		op.key |= BN_SHADER_OPAQUE;
	} else if (alpha != 1 || gain != 1) {
		op.key |= BN_SHADER_MODULATE;
	}
	record(pass, &op, &mapping, options->clip, effect);
}

void bn_pass_record_rect(struct bn_pass *pass, const struct wlr_render_rect_options *options,
		const struct bn_pass_effect *effect) {
	const struct wlr_render_color *color = &options->color;
	struct mapping mapping = { 0 };
	wlr_render_rect_options_get_box(options, pass->buffer, &mapping.dst);
	float gain = bn_effect_gain(effect);
	const struct op op = {
		.key = BN_SHADER_SOLID,
		.blend = options->blend_mode == WLR_RENDER_BLEND_MODE_PREMULTIPLIED && color->a < 1,
		.factor = { color->r * gain, color->g * gain, color->b * gain, color->a },
	};
	uint32_t argb;
	if (!op.blend && !bn_corners_wanted(effect) && to_argb(op.factor, &argb)
			&& may_copy(pass, &mapping.dst, options->clip)) {
		bn_memory_fill(&pass->memory, argb, &mapping.dst, options->clip);
		return;
	}
	record(pass, &op, &mapping, options->clip, effect);
}

/* The pass as wlroots knows it */

static void pass_add_texture(struct wlr_render_pass *wlr_pass,
		const struct wlr_render_texture_options *options) {
	bn_pass_record_texture(bn_pass_from_wlr(wlr_pass), options, NULL);
}

static void pass_add_rect(struct wlr_render_pass *wlr_pass,
		const struct wlr_render_rect_options *options) {
	bn_pass_record_rect(bn_pass_from_wlr(wlr_pass), options, NULL);
}

// Whoever gets the buffer next reads it with the CPU or without knowing of our GL: it has to be
// complete, or, on a GPU, be guarded by the kernel's implicit fence.
static bool complete(struct bn_pass *pass) {
	if (pass->image->in_memory && pass->image->egl == EGL_NO_IMAGE_KHR) {
		return bn_readback_copy(pass->image, &pass->damage);
	}
	if (pass->renderer->copies && !pass->drawn) {
		return true;
	}
	if (pass->image->in_memory || pass->renderer->software) {
		glFinish();
	} else {
		glFlush();
	}
	return true;
}

static bool pass_submit(struct wlr_render_pass *wlr_pass) {
	struct bn_pass *pass = bn_pass_from_wlr(wlr_pass);
	struct bn_renderer *renderer = pass->renderer;
	bool ok = bn_renderer_enter(renderer);
	if (ok) {
		if (pass->timer != NULL) {
			bn_timer_begin(pass->timer);
		}
		flush(pass);
		ok = complete(pass);
		if (pass->timer != NULL) {
			bn_timer_end(pass->timer);
		}
		glBindFramebuffer(GL_FRAMEBUFFER, 0);
	}
	bn_memory_end(&pass->memory);
	struct wlr_buffer *buffer = pass->buffer;
	pass->buffer = NULL;
	pass->image = NULL;
	pass->timer = NULL;
	wl_list_remove(&pass->link);
	wl_list_insert(&renderer->idle, &pass->link);
	wlr_buffer_unlock(buffer);
	return ok;
}

static const struct wlr_render_pass_impl pass_impl = {
	.submit = pass_submit,
	.add_texture = pass_add_texture,
	.add_rect = pass_add_rect,
};

static struct bn_pass *take_idle(struct bn_renderer *renderer) {
	if (!wl_list_empty(&renderer->idle)) {
		struct bn_pass *pass = wl_container_of(renderer->idle.next, pass, link);
		wl_list_remove(&pass->link);
		return pass;
	}
	return malloc(sizeof(struct bn_pass));
}

struct wlr_render_pass *bn_pass_begin(struct bn_renderer *renderer, struct wlr_buffer *buffer,
		const struct wlr_buffer_pass_options *options) {
	struct bn_image *image = bn_image_get_target(renderer, buffer);
	struct bn_pass *pass = image != NULL ? take_idle(renderer) : NULL;
	if (pass == NULL) {
		return NULL;
	}
	wlr_render_pass_init(&pass->base, &pass_impl);
	pass->renderer = renderer;
	pass->buffer = wlr_buffer_lock(buffer);
	pass->image = image;
	pass->timer = NULL;
	if (options != NULL && options->timer != NULL) {
		pass->timer = bn_timer_from_wlr(options->timer);
	}
	pass->damage.len = 0;
	pass->memory = (struct bn_memory){ 0 };
	pass->drawn = false;
	pass->ops_len = 0;
	pass->vertices_len = 0;
	wl_list_insert(&renderer->open, &pass->link);
	return &pass->base;
}

void bn_pass_free_idle(struct bn_renderer *renderer) {
	struct bn_pass *pass, *next;
	wl_list_for_each_safe(pass, next, &renderer->idle, link) {
		wl_list_remove(&pass->link);
		free(pass);
	}
}
