// Every option of wlroots' pass, ours against wlroots' pixman renderer.

#include "rig.h"

#include <stdlib.h>
#include <wlr/util/transform.h>

enum { WIDTH = 256, HEIGHT = 192 };

// One texture drawn on all three renderers over the same ground; both of ours must equal pixman.
static void compare(struct rig *rig, struct picture *picture,
		const struct wlr_render_texture_options *options, uint32_t target_format) {
	const struct side *sides[3] = { &rig->pixman, &rig->gles, &rig->readback };
	struct wlr_buffer *canvas[3];
	for (int i = 0; i < 3; i++) {
		canvas[i] = side_canvas(sides[i], WIDTH, HEIGHT, target_format);
		struct wlr_texture *texture =
				wlr_texture_from_buffer(sides[i]->renderer, &picture->base);
		assert_non_null(texture);
		struct wlr_render_texture_options with = *options;
		with.texture = texture;
		struct wlr_render_pass *pass = begin_on_stripes(sides[i], canvas[i]);
		bn_pass_add_texture(pass, &with, NULL);
		assert_true(wlr_render_pass_submit(pass));
		wlr_texture_destroy(texture);
	}
	bool with_alpha = target_format == DRM_FORMAT_ARGB8888;
	assert_same(canvas[1], canvas[0], 2, with_alpha);
	assert_same(canvas[2], canvas[1], 0, with_alpha);
	for (int i = 0; i < 3; i++) {
		wlr_buffer_drop(canvas[i]);
	}
}

static void all_buffer_and_output_transforms(void **state) {
	struct picture *picture = picture_gradient(61, 43, DRM_FORMAT_ARGB8888);
	const float opacity = 0.6f;
	for (int output = 0; output < 8; output++) {
		for (int buffer = 0; buffer < 8; buffer++) {
			// As an output that is turned draws it: the box turned with it, the
			// transforms combined.
			bool turned = buffer & WL_OUTPUT_TRANSFORM_90;
			struct wlr_box box = { 20, 30, turned ? 43 : 61, turned ? 61 : 43 };
			bool sideways = output & WL_OUTPUT_TRANSFORM_90;
			wlr_box_transform(&box, &box, wlr_output_transform_invert(output),
					sideways ? HEIGHT : WIDTH, sideways ? WIDTH : HEIGHT);
			const struct wlr_render_texture_options options = {
				.dst_box = box,
				.transform = wlr_output_transform_compose(buffer, output),
				.alpha = (buffer + output) % 2 == 0 ? NULL : &opacity,
			};
			compare(*state, picture, &options, DRM_FORMAT_XRGB8888);
		}
	}
	wlr_buffer_drop(&picture->base);
}

static void crop_and_scale_under_all_transforms(void **state) {
	struct picture *picture = picture_gradient(80, 60, DRM_FORMAT_ARGB8888);
	for (int transform = 0; transform < 8; transform++) {
		struct wlr_render_texture_options options = {
			.src_box = { 8, 6, 48, 32 },
			.dst_box = { 13, 11, 160, 130 },
			.transform = transform,
		};
		compare(*state, picture, &options, DRM_FORMAT_XRGB8888);
		options.dst_box = (struct wlr_box){ 13, 11, 30, 40 };
		compare(*state, picture, &options, DRM_FORMAT_XRGB8888);
	}
	wlr_buffer_drop(&picture->base);
}

static void a_scaled_picture_keeps_its_edges(void **state) {
	static const uint32_t formats[] = { DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888 };
	for (size_t i = 0; i < 2; i++) {
		struct picture *picture = picture_gradient(40, 30, formats[i]);
		const struct wlr_render_texture_options options = { .dst_box = { 10, 10, 200,
										    150 } };
		compare(*state, picture, &options, DRM_FORMAT_XRGB8888);
		wlr_buffer_drop(&picture->base);
	}
}

static void nearest_shows_whole_texels(void **state) {
	struct picture *picture = picture_gradient(32, 24, DRM_FORMAT_XRGB8888);
	const struct wlr_render_texture_options options = {
		.dst_box = { 0, 0, 128, 96 },
		.filter_mode = WLR_SCALE_FILTER_NEAREST,
	};
	compare(*state, picture, &options, DRM_FORMAT_XRGB8888);
	wlr_buffer_drop(&picture->base);
}

static void every_shm_format_has_its_colours(void **state) {
	static const uint32_t formats[] = { DRM_FORMAT_ARGB8888, DRM_FORMAT_XRGB8888,
		DRM_FORMAT_ABGR8888, DRM_FORMAT_XBGR8888, DRM_FORMAT_RGB565 };
	static const uint32_t targets[] = { DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888 };
	const float opacity = 0.5f;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct picture *picture = picture_gradient(100, 70, formats[i]);
		for (int k = 0; k < 4; k++) {
			const struct wlr_render_texture_options options = {
				.dst_box = { 5, 7, 100, 70 },
				.alpha = k % 2 == 0 ? NULL : &opacity,
			};
			compare(*state, picture, &options, targets[k / 2]);
		}
		wlr_buffer_drop(&picture->base);
	}
}

static void blend_mode_none_replaces(void **state) {
	struct picture *picture = picture_gradient(100, 70, DRM_FORMAT_ARGB8888);
	const float opacity = 0.5f;
	for (int k = 0; k < 2; k++) {
		const struct wlr_render_texture_options options = {
			.dst_box = { 30, 20, 100, 70 },
			.alpha = k == 0 ? NULL : &opacity,
			.blend_mode = WLR_RENDER_BLEND_MODE_NONE,
		};
		compare(*state, picture, &options, DRM_FORMAT_ARGB8888);
	}
	wlr_buffer_drop(&picture->base);
}

static void clip_regions_are_kept(void **state) {
	struct picture *picture = picture_gradient(200, 150, DRM_FORMAT_ARGB8888);
	pixman_region32_t clip;
	pixman_region32_init_rect(&clip, -10, 3, 50, 30);
	pixman_region32_union_rect(&clip, &clip, 100, 20, 7, 90);
	pixman_region32_union_rect(&clip, &clip, 90, 60, 100, 100);
	struct wlr_render_texture_options options = { .dst_box = { -20, 10, 200, 150 },
		.clip = &clip };
	compare(*state, picture, &options, DRM_FORMAT_XRGB8888);
	pixman_region32_clear(&clip);
	compare(*state, picture, &options, DRM_FORMAT_XRGB8888);
	pixman_region32_fini(&clip);
	wlr_buffer_drop(&picture->base);
}

static void a_picture_may_hang_over_every_edge(void **state) {
	struct picture *picture = picture_gradient(400, 300, DRM_FORMAT_ARGB8888);
	const struct wlr_render_texture_options options = { .dst_box = { -50, -40, 400, 300 } };
	compare(*state, picture, &options, DRM_FORMAT_XRGB8888);
	const struct wlr_render_texture_options away = { .dst_box = { WIDTH, 0, 400, 300 } };
	compare(*state, picture, &away, DRM_FORMAT_XRGB8888);
	wlr_buffer_drop(&picture->base);
}

static void draw_rects(struct wlr_render_pass *pass, const pixman_region32_t *clip) {
	const struct wlr_render_rect_options rects[] = {
		{ .box = { 10, 10, 50, 40 }, .color = { 0.3f, 0.1f, 0.2f, 0.5f } },
		{ .box = { 30, 20, 100, 400 }, .color = { 0, 0.25f, 0.25f, 0.25f }, .clip = clip },
		{ .box = { -5, 100, 60, 30 },
				.color = { 0, 0.25f, 0, 0.25f },
				.blend_mode = WLR_RENDER_BLEND_MODE_NONE },
		{ .box = { 200, 100, 56, 92 }, .color = { 1, 0, 1, 1 } },
	};
	for (size_t i = 0; i < sizeof(rects) / sizeof(rects[0]); i++) {
		bn_pass_add_rect(pass, &rects[i], NULL);
	}
}

static void rects_blend_and_clip(void **state) {
	struct rig *rig = *state;
	const struct side *sides[3] = { &rig->pixman, &rig->gles, &rig->readback };
	struct wlr_buffer *canvas[3];
	pixman_region32_t clip;
	pixman_region32_init_rect(&clip, 0, 0, 70, 60);
	pixman_region32_union_rect(&clip, &clip, 80, 70, 100, 100);
	for (int i = 0; i < 3; i++) {
		canvas[i] = side_canvas(sides[i], WIDTH, HEIGHT, DRM_FORMAT_ARGB8888);
		struct wlr_render_pass *pass = begin_on_stripes(sides[i], canvas[i]);
		draw_rects(pass, &clip);
		assert_true(wlr_render_pass_submit(pass));
	}
	assert_same(canvas[1], canvas[0], 2, true);
	assert_same(canvas[2], canvas[1], 0, true);
	pixman_region32_fini(&clip);
	for (int i = 0; i < 3; i++) {
		wlr_buffer_drop(canvas[i]);
	}
}

// llvmpipe's fast rasteriser swaps the two in one wording of the shader; pixman is not asked here.
static void red_and_blue_stay_apart(void **state) {
	struct rig *rig = *state;
	static const uint32_t targets[] = { DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888 };
	const float opacities[] = { 1, 0.5f };
	struct picture *picture = picture_create(64, 64, DRM_FORMAT_XRGB8888);
	for (int i = 0; i < 64 * 64; i++) {
		picture_put(picture, i % 64, i / 64, 0x00FF2010);
	}
	for (int k = 0; k < 4; k++) {
		struct wlr_buffer *canvas = side_canvas(&rig->gles, 64, 64, targets[k / 2]);
		struct wlr_texture *texture =
				wlr_texture_from_buffer(rig->gles.renderer, &picture->base);
		struct wlr_render_pass *pass =
				wlr_renderer_begin_buffer_pass(rig->gles.renderer, canvas, NULL);
		wlr_render_pass_add_rect(pass,
				&(struct wlr_render_rect_options){
						.box = { 0, 0, 64, 64 },
						.color = { 0, 0, 0, 1 },
				});
		wlr_render_pass_add_texture(pass,
				&(struct wlr_render_texture_options){
						.texture = texture,
						.alpha = &opacities[k % 2],
				});
		assert_true(wlr_render_pass_submit(pass));
		uint32_t pixel = canvas_pixel(canvas, 31, 33);
		int red = k % 2 == 0 ? 0xFF : 0x80, blue = k % 2 == 0 ? 0x10 : 0x08;
		assert_true(abs((int)(pixel >> 16 & 0xFF) - red) <= 2);
		assert_true(abs((int)(pixel & 0xFF) - blue) <= 2);
		if (targets[k / 2] == DRM_FORMAT_ARGB8888) {
			assert_true(pixel >> 24 >= 253);
		}
		wlr_texture_destroy(texture);
		wlr_buffer_drop(canvas);
	}
	wlr_buffer_drop(&picture->base);
}

static void more_ops_than_a_pass_records(void **state) {
	struct rig *rig = *state;
	struct wlr_buffer *ours = side_canvas(&rig->gles, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
	struct wlr_buffer *theirs = side_canvas(&rig->pixman, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
	const struct side *sides[2] = { &rig->gles, &rig->pixman };
	struct wlr_buffer *canvas[2] = { ours, theirs };
	pixman_region32_t checks;
	pixman_region32_init(&checks);
	for (int i = 0; i < 3000; i++) {
		pixman_region32_union_rect(&checks, &checks, i % 64 * 4 + i / 64 % 2 * 2,
				i / 64 * 4, 2, 2);
	}
	for (int s = 0; s < 2; s++) {
		struct wlr_render_pass *pass = begin_on_stripes(sides[s], canvas[s]);
		for (int i = 0; i < 1500; i++) {
			wlr_render_pass_add_rect(pass,
					&(struct wlr_render_rect_options){
							.box = { i % 250, i / 8, 5, 3 },
							.color = { 0.1f, (float)(i % 7) / 20, 0.1f,
									0.5f },
					});
		}
		wlr_render_pass_add_rect(pass,
				&(struct wlr_render_rect_options){
						.box = { 0, 0, WIDTH, HEIGHT },
						.color = { 0, 0.3f, 0, 0.4f },
						.clip = &checks,
				});
		assert_true(wlr_render_pass_submit(pass));
	}
	// Hundreds of blends on one pixel add their roundings up.
	assert_same(ours, theirs, 4, false);
	pixman_region32_fini(&checks);
	wlr_buffer_drop(ours);
	wlr_buffer_drop(theirs);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "all-buffer-and-output-transforms", all_buffer_and_output_transforms },
		{ "crop-and-scale-under-all-transforms", crop_and_scale_under_all_transforms },
		{ "a-scaled-picture-keeps-its-edges", a_scaled_picture_keeps_its_edges },
		{ "nearest-shows-whole-texels", nearest_shows_whole_texels },
		{ "every-shm-format-has-its-colours", every_shm_format_has_its_colours },
		{ "blend-mode-none-replaces", blend_mode_none_replaces },
		{ "clip-regions-are-kept", clip_regions_are_kept },
		{ "a-picture-may-hang-over-every-edge", a_picture_may_hang_over_every_edge },
		{ "rects-blend-and-clip", rects_blend_and_clip },
		{ "red-and-blue-stay-apart", red_and_blue_stay_apart },
		{ "more-ops-than-a-pass-records", more_ops_than_a_pass_records },
	};
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
