// What is copied instead of drawn must look as if it had been drawn: the readback side, which draws everything
// with GL, is the oracle.

#include "rig.h"

#include <stdlib.h>
#include <wlr/types/wlr_buffer.h>

#include "render/memory.h"

enum { WIDTH = 256, HEIGHT = 128, PICTURES = 3, ROUNDS = 300, OPS = 8 };

static uint32_t next_random(uint32_t *state) {
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static int between(uint32_t *state, int low, int high) {
	return low + (int)(next_random(state) % (uint32_t)(high - low + 1));
}

static float eighth_bit(uint32_t *state) {
	return (float)between(state, 0, 255) / 255;
}

struct scene {
	struct wlr_texture *textures[2][PICTURES];
	struct wlr_render_pass *passes[2];
};

static void add_texture(struct scene *scene, uint32_t *seed, const pixman_region32_t *clip) {
	int picture = between(seed, 0, PICTURES - 1);
	int x = between(seed, 0, 20), y = between(seed, 0, 20);
	int width = between(seed, 1, 80 - x), height = between(seed, 1, 60 - y);
	int scale = between(seed, 0, 5) == 0 ? 2 : 1;
	float alpha = between(seed, 0, 5) == 0 ? 0.5f : 1;
	struct wlr_render_texture_options options = {
		.src_box = { x, y, width, height },
		.dst_box = { between(seed, -20, WIDTH), between(seed, -20, HEIGHT), width * scale,
				height * scale },
		.alpha = &alpha,
		.clip = clip,
		.transform = between(seed, 0, 7) == 0 ? WL_OUTPUT_TRANSFORM_180
						      : WL_OUTPUT_TRANSFORM_NORMAL,
		.blend_mode = between(seed, 0, 2) == 0 ? WLR_RENDER_BLEND_MODE_PREMULTIPLIED
						       : WLR_RENDER_BLEND_MODE_NONE,
	};
	const struct bn_pass_effect effect = {
		.radius = { 5, 5, 5, 5 },
		.gain = between(seed, 0, 7) == 0 ? 0.5f : 1,
	};
	bool plain = between(seed, 0, 7) != 0;
	for (int side = 0; side < 2; side++) {
		options.texture = scene->textures[side][picture];
		bn_pass_add_texture(scene->passes[side], &options, plain ? NULL : &effect);
	}
}

static void add_rect(struct scene *scene, uint32_t *seed, const pixman_region32_t *clip) {
	const struct wlr_render_rect_options options = {
		.box = { between(seed, -20, WIDTH), between(seed, -20, HEIGHT),
				between(seed, 1, 90), between(seed, 1, 90) },
		.color = { eighth_bit(seed), eighth_bit(seed), eighth_bit(seed), 1 },
		.clip = clip,
		.blend_mode = WLR_RENDER_BLEND_MODE_NONE,
	};
	for (int side = 0; side < 2; side++) {
		bn_pass_add_rect(scene->passes[side], &options, NULL);
	}
}

static void draw_round(struct rig *rig, uint32_t seed) {
	const struct side *sides[2] = { &rig->gles, &rig->readback };
	static const uint32_t formats[PICTURES] = { DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888,
		DRM_FORMAT_XBGR8888 };
	const uint32_t target = seed % 2 == 0 ? DRM_FORMAT_XRGB8888 : DRM_FORMAT_ARGB8888;
	struct picture *pictures[PICTURES];
	struct wlr_buffer *canvases[2];
	struct scene scene;
	for (int i = 0; i < PICTURES; i++) {
		pictures[i] = picture_gradient(80, 60, formats[i]);
	}
	for (int side = 0; side < 2; side++) {
		canvases[side] = side_canvas(sides[side], WIDTH, HEIGHT, target);
		for (int i = 0; i < PICTURES; i++) {
			scene.textures[side][i] = wlr_texture_from_buffer(sides[side]->renderer,
					&pictures[i]->base);
		}
		scene.passes[side] = begin_on_stripes(sides[side], canvases[side]);
	}
	uint32_t random = seed;
	for (int i = 0; i < OPS; i++) {
		pixman_region32_t clip;
		pixman_region32_init_rect(&clip, between(&random, 0, 100), between(&random, 0, 60),
				150, 60);
		pixman_region32_union_rect(&clip, &clip, 0, 0, 60, 40);
		const pixman_region32_t *within = between(&random, 0, 1) == 0 ? &clip : NULL;
		if (between(&random, 0, 3) == 0) {
			add_rect(&scene, &random, within);
		} else {
			add_texture(&scene, &random, within);
		}
		pixman_region32_fini(&clip);
	}
	for (int side = 0; side < 2; side++) {
		assert_true(wlr_render_pass_submit(scene.passes[side]));
	}
	assert_same(canvases[0], canvases[1], 0, target == DRM_FORMAT_ARGB8888);
	for (int side = 0; side < 2; side++) {
		for (int i = 0; i < PICTURES; i++) {
			wlr_texture_destroy(scene.textures[side][i]);
		}
		wlr_buffer_drop(canvases[side]);
	}
	for (int i = 0; i < PICTURES; i++) {
		wlr_buffer_drop(&pictures[i]->base);
	}
}

static void copies_look_as_if_drawn(void **state) {
	struct rig *rig = *state;
	for (uint32_t seed = 0; seed < ROUNDS; seed++) {
		draw_round(rig, seed);
	}
}

/** Larger than what goes through the cache, at places that no vector is aligned to. */
static void a_large_copy_beside_pixman_is_exact(void **state) {
	struct rig *rig = *state;
	struct side *side = &rig->pixman;
	struct picture *picture = picture_gradient(1001, 700, DRM_FORMAT_XRGB8888);
	struct wlr_texture *texture = wlr_texture_from_buffer(side->renderer, &picture->base);
	const struct wlr_box dst = { 13, 7, 990, 690 };
	struct wlr_buffer *canvases[2];
	pixman_region32_t clip;
	pixman_region32_init_rect(&clip, 14, 9, 937, 500);
	pixman_region32_union_rect(&clip, &clip, 3, 100, 1000, 300);
	for (int i = 0; i < 2; i++) {
		canvases[i] = side_canvas(side, 1024, 768, DRM_FORMAT_XRGB8888);
		struct wlr_render_pass *pass = begin_on_stripes(side, canvases[i]);
		struct bn_memory memory;
		if (i == 0) {
			assert_true(bn_memory_join(&memory, side->renderer, canvases[i]));
			assert_true(bn_memory_copy(&memory, &picture->base, 5, 3, &dst, &clip));
		} else {
			wlr_render_pass_add_texture(pass,
					&(struct wlr_render_texture_options){
							.texture = texture,
							.src_box = { 5, 3, dst.width, dst.height },
							.dst_box = dst,
							.clip = &clip,
							.blend_mode = WLR_RENDER_BLEND_MODE_NONE,
					});
		}
		assert_true(wlr_render_pass_submit(pass));
	}
	assert_same(canvases[0], canvases[1], 0, false);
	pixman_region32_fini(&clip);
	wlr_texture_destroy(texture);
	wlr_buffer_drop(&picture->base);
	for (int i = 0; i < 2; i++) {
		wlr_buffer_drop(canvases[i]);
	}
}

static void a_pass_of_gl_has_no_memory_to_join(void **state) {
	struct rig *rig = *state;
	struct wlr_buffer *canvas = side_canvas(&rig->gles, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
	struct bn_memory memory;
	assert_false(bn_memory_join(&memory, rig->gles.renderer, canvas));
	wlr_buffer_drop(canvas);
}

static void crop(struct wlr_render_pass *pass, struct wlr_texture *texture, float alpha) {
	wlr_render_pass_add_texture(pass,
			&(struct wlr_render_texture_options){
					.texture = texture,
					.dst_box = { 10, 10, 80, 60 },
					.alpha = &alpha,
					.blend_mode = WLR_RENDER_BLEND_MODE_NONE,
			});
}

/** A buffer that was only copied from is kept, since it may be asked for again; once uploaded it is let go. */
static void a_buffer_is_let_go_once_gl_has_it(void **state) {
	struct rig *rig = *state;
	if (!bn_renderer_is_zero_copy(rig->gles.renderer)) {
		skip();
	}
	struct picture *picture = picture_gradient(80, 60, DRM_FORMAT_XRGB8888);
	struct wlr_buffer *canvas = side_canvas(&rig->gles, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
	struct wlr_texture *texture = wlr_texture_from_buffer(rig->gles.renderer, &picture->base);
	const float alphas[2] = { 1, 0.5f };
	for (int i = 0; i < 2; i++) {
		assert_int_equal(picture->base.n_locks, 1);
		struct wlr_render_pass *pass =
				wlr_renderer_begin_buffer_pass(rig->gles.renderer, canvas, NULL);
		crop(pass, texture, alphas[i]);
		assert_true(wlr_render_pass_submit(pass));
	}
	assert_int_equal(picture->base.n_locks, 0);
	wlr_texture_destroy(texture);
	wlr_buffer_drop(&picture->base);
	wlr_buffer_drop(canvas);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "copies-look-as-if-drawn", copies_look_as_if_drawn },
		{ "a-large-copy-beside-pixman-is-exact", a_large_copy_beside_pixman_is_exact },
		{ "a-pass-of-gl-has-no-memory-to-join", a_pass_of_gl_has_no_memory_to_join },
		{ "a-buffer-is-let-go-once-gl-has-it", a_buffer_is_let_go_once_gl_has_it },
	};
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
