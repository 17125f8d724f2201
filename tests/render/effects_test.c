// Rounded corners and gain: ours and their imitation on pixman must look the same, and like what
// they claim to be.

#include "rig.h"

#include <math.h>
#include <stdlib.h>

enum { WIDTH = 256, HEIGHT = 192 };

struct scene {
	struct picture *picture; // NULL: a rect
	struct wlr_render_texture_options texture;
	struct wlr_render_rect_options rect;
	struct bn_pass_effect effect;
};

static struct wlr_buffer *draw(const struct side *side, const struct scene *scene,
		uint32_t format) {
	struct wlr_buffer *canvas = side_canvas(side, WIDTH, HEIGHT, format);
	struct wlr_render_pass *pass = begin_on_stripes(side, canvas);
	struct wlr_texture *texture = NULL;
	if (scene->picture != NULL) {
		texture = wlr_texture_from_buffer(side->renderer, &scene->picture->base);
		assert_non_null(texture);
		struct wlr_render_texture_options options = scene->texture;
		options.texture = texture;
		bn_pass_add_texture(pass, &options, &scene->effect);
	} else {
		bn_pass_add_rect(pass, &scene->rect, &scene->effect);
	}
	assert_true(wlr_render_pass_submit(pass));
	if (texture != NULL) {
		wlr_texture_destroy(texture);
	}
	return canvas;
}

static void compare(struct rig *rig, const struct scene *scene) {
	struct wlr_buffer *ours = draw(&rig->gles, scene, DRM_FORMAT_XRGB8888);
	struct wlr_buffer *copied = draw(&rig->readback, scene, DRM_FORMAT_XRGB8888);
	struct wlr_buffer *theirs = draw(&rig->pixman, scene, DRM_FORMAT_XRGB8888);
	assert_same(ours, theirs, 2, false);
	assert_same(copied, ours, 0, false);
	wlr_buffer_drop(ours);
	wlr_buffer_drop(copied);
	wlr_buffer_drop(theirs);
}

static const struct bn_pass_effect effects[] = {
	{ .radius = { 12, 12, 12, 12 } },
	{ .radius = { 0, 30, 7.5f, 1 } },
	{ .radius = { 3.25f, 3.25f, 3.25f, 3.25f }, .gain = 0.5f },
	{ .radius = { 500, 500, 500, 500 } },
	{ .radius = { 20, 0, 40, 0 }, .shape = { 30, 20, 120, 100 } },
	{ .radius = { 20, 20, 20, 20 }, .shape = { -40, -30, 150, 120 }, .gain = 0.3f },
	{ .radius = { 10, 10, 10, 10 }, .shape = { 60, 50, 31, 17 } },
	{ .gain = 0.25f },
	{ .gain = 0.9f },
	{ .gain = 1 },
};
#define EFFECTS_LEN (sizeof(effects) / sizeof(effects[0]))

static void textures_look_the_same_on_both(void **state) {
	static const uint32_t formats[] = { DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888 };
	const float opacity = 0.7f;
	for (size_t f = 0; f < 2; f++) {
		struct picture *picture = picture_gradient(150, 110, formats[f]);
		for (size_t e = 0; e < EFFECTS_LEN; e++) {
			struct scene scene = { .picture = picture, .effect = effects[e] };
			scene.texture.dst_box = (struct wlr_box){ 25, 15, 150, 110 };
			compare(*state, &scene);
			scene.texture.alpha = &opacity;
			compare(*state, &scene);
			scene.texture.transform = WL_OUTPUT_TRANSFORM_FLIPPED_90;
			scene.texture.dst_box = (struct wlr_box){ 25, 15, 180, 130 };
			compare(*state, &scene);
		}
		wlr_buffer_drop(&picture->base);
	}
}

static void rects_look_the_same_on_both(void **state) {
	for (size_t e = 0; e < EFFECTS_LEN; e++) {
		struct scene scene = { .effect = effects[e] };
		scene.rect.box = (struct wlr_box){ 25, 15, 150, 110 };
		scene.rect.color = (struct wlr_render_color){ 0.9f, 0.5f, 0.1f, 1 };
		compare(*state, &scene);
		scene.rect.color = (struct wlr_render_color){ 0.3f, 0.1f, 0.4f, 0.5f };
		compare(*state, &scene);
	}
}

static void a_clip_cuts_corners_too(void **state) {
	struct picture *picture = picture_gradient(150, 110, DRM_FORMAT_ARGB8888);
	pixman_region32_t clip;
	pixman_region32_init_rect(&clip, 28, 0, 3, 192);
	pixman_region32_union_rect(&clip, &clip, 60, 40, 200, 70);
	pixman_region32_union_rect(&clip, &clip, 170, 118, 1, 9);
	for (size_t e = 0; e < EFFECTS_LEN; e++) {
		struct scene scene = { .picture = picture, .effect = effects[e] };
		scene.texture.dst_box = (struct wlr_box){ 25, 15, 150, 110 };
		scene.texture.clip = &clip;
		compare(*state, &scene);
	}
	pixman_region32_fini(&clip);
	wlr_buffer_drop(&picture->base);
}

// A white rect on black: the red channel is the coverage. Against 16 x 16 samples of the real shape
// per pixel.
static float sampled_coverage(int px, int py, const struct wlr_box *box, const float radius[4]) {
	int hits = 0;
	for (int i = 0; i < 256; i++) {
		float x = (float)px + ((float)(i % 16) + 0.5f) / 16 - (float)box->x;
		float y = (float)py + ((float)(i / 16) + 0.5f) / 16 - (float)box->y;
		float w = (float)box->width, h = (float)box->height;
		if (x < 0 || y < 0 || x > w || y > h) {
			continue;
		}
		bool right = x > w / 2, bottom = y > h / 2;
		float r = radius[bottom ? (right ? 2 : 3) : (right ? 1 : 0)];
		float dx = right ? x - (w - r) : r - x, dy = bottom ? y - (h - r) : r - y;
		hits += dx <= 0 || dy <= 0 || dx * dx + dy * dy <= r * r;
	}
	return (float)hits / 256;
}

static void corners_are_circles(void **state) {
	struct rig *rig = *state;
	const struct side *sides[2] = { &rig->gles, &rig->pixman };
	const struct bn_pass_effect effect = { .radius = { 40, 3.5f, 16, 25.25f } };
	const struct wlr_box box = { 31, 17, 120, 90 };
	for (int s = 0; s < 2; s++) {
		struct wlr_buffer *canvas =
				side_canvas(sides[s], WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
		struct wlr_render_pass *pass =
				wlr_renderer_begin_buffer_pass(sides[s]->renderer, canvas, NULL);
		const struct wlr_render_rect_options black = { .box = { 0, 0, WIDTH, HEIGHT },
			.color = { .a = 1 } };
		const struct wlr_render_rect_options white = { .box = box,
			.color = { 1, 1, 1, 1 } };
		bn_pass_add_rect(pass, &black, NULL);
		bn_pass_add_rect(pass, &white, &effect);
		assert_true(wlr_render_pass_submit(pass));
		uint32_t *pixels = canvas_copy(canvas);
		for (int i = 0; i < WIDTH * HEIGHT; i++) {
			float want = sampled_coverage(i % WIDTH, i / WIDTH, &box, effect.radius);
			float got = (float)(pixels[i] >> 16 & 0xFF) / 255;
			if (fabsf(got - want) > 0.12f) {
				fail_msg("coverage at %d,%d is %f, not %f", i % WIDTH, i / WIDTH,
						(double)got, (double)want);
			}
		}
		free(pixels);
		wlr_buffer_drop(canvas);
	}
}

static void what_is_outside_a_corner_is_untouched(void **state) {
	struct rig *rig = *state;
	const struct side *sides[2] = { &rig->gles, &rig->pixman };
	const struct scene nothing = { .rect = { .box = { 0, 0, 1, 1 } } };
	struct scene scene = { .effect = { .radius = { 40, 40, 40, 40 } } };
	scene.rect.box = (struct wlr_box){ 20, 20, 150, 120 };
	scene.rect.color = (struct wlr_render_color){ 1, 1, 1, 1 };
	for (int s = 0; s < 2; s++) {
		struct wlr_buffer *plain = draw(sides[s], &nothing, DRM_FORMAT_XRGB8888);
		struct wlr_buffer *round = draw(sides[s], &scene, DRM_FORMAT_XRGB8888);
		assert_int_equal(canvas_pixel(round, 22, 22), canvas_pixel(plain, 22, 22));
		assert_int_equal(canvas_pixel(round, 168, 138), canvas_pixel(plain, 168, 138));
		assert_int_equal(canvas_pixel(round, 95, 20) & 0xFFFFFF, 0xFFFFFF);
		assert_int_equal(canvas_pixel(round, 20, 80) & 0xFFFFFF, 0xFFFFFF);
		assert_int_equal(canvas_pixel(round, 19, 80), canvas_pixel(plain, 19, 80));
		wlr_buffer_drop(plain);
		wlr_buffer_drop(round);
	}
}

// gain * texel + (1 - alpha) * beneath, by hand.
static void gain_dims_the_picture_and_nothing_else(void **state) {
	struct rig *rig = *state;
	const struct side *sides[2] = { &rig->gles, &rig->pixman };
	static const uint32_t texels[] = { 0x00000000, 0x80402010, 0xFF80C040 };
	for (int t = 0; t < 3; t++) {
		struct picture *picture = picture_create(300, 20, DRM_FORMAT_ARGB8888);
		for (int i = 0; i < 300 * 20; i++) {
			picture_put(picture, i % 300, i / 300, texels[t]);
		}
		for (int s = 0; s < 2; s++) {
			struct scene scene = { .picture = picture, .effect = { .gain = 0.5f } };
			scene.texture.dst_box = (struct wlr_box){ -20, 0, 300, 20 };
			struct wlr_buffer *canvas = draw(sides[s], &scene, DRM_FORMAT_XRGB8888);
			// Rows 0..19 have the picture, the rows below show what is beneath.
			for (int x = 0; x < WIDTH; x += 5) {
				uint32_t beneath = canvas_pixel(canvas, x, 50),
					 got = canvas_pixel(canvas, x, 10);
				float through = 1 - (float)(texels[t] >> 24) / 255;
				for (int shift = 0; shift < 24; shift += 8) {
					float want = 0.5f * (float)(texels[t] >> shift & 0xFF)
							+ through
									* (float)(beneath >> shift
											& 0xFF);
					assert_true(fabsf(want - (float)(got >> shift & 0xFF))
							<= 2);
				}
			}
			wlr_buffer_drop(canvas);
		}
		wlr_buffer_drop(&picture->base);
	}
}

static void a_texture_without_effect_may_come_with_null(void **state) {
	struct rig *rig = *state;
	struct picture *picture = picture_gradient(100, 80, DRM_FORMAT_ARGB8888);
	const struct side *sides[2] = { &rig->gles, &rig->pixman };
	struct wlr_buffer *canvas[4];
	for (int i = 0; i < 4; i++) {
		const struct side *side = sides[i / 2];
		canvas[i] = side_canvas(side, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
		struct wlr_texture *texture =
				wlr_texture_from_buffer(side->renderer, &picture->base);
		struct wlr_render_pass *pass = begin_on_stripes(side, canvas[i]);
		const struct wlr_render_texture_options options = { .texture = texture };
		if (i % 2 == 0) {
			wlr_render_pass_add_texture(pass, &options);
		} else {
			bn_pass_add_texture(pass, &options, NULL);
		}
		assert_true(wlr_render_pass_submit(pass));
		wlr_texture_destroy(texture);
	}
	assert_same(canvas[1], canvas[0], 0, false);
	assert_same(canvas[3], canvas[2], 0, false);
	for (int i = 0; i < 4; i++) {
		wlr_buffer_drop(canvas[i]);
	}
	wlr_buffer_drop(&picture->base);
}

// More rim pixels than are gathered at once.
static void a_huge_radius_is_one_circle(void **state) {
	struct rig *rig = *state;
	enum { SIDE = 900 };
	const struct side *sides[2] = { &rig->gles, &rig->pixman };
	const struct bn_pass_effect effect = { .radius = { 450, 450, 450, 450 } };
	const struct wlr_render_rect_options black = { .box = { 0, 0, SIDE, SIDE },
		.color = { .a = 1 } };
	const struct wlr_render_rect_options disc = { .box = { 0, 0, SIDE, SIDE },
		.color = { 1, 0.5f, 0, 1 } };
	struct wlr_buffer *canvas[2];
	for (int s = 0; s < 2; s++) {
		canvas[s] = side_canvas(sides[s], SIDE, SIDE, DRM_FORMAT_XRGB8888);
		struct wlr_render_pass *pass =
				wlr_renderer_begin_buffer_pass(sides[s]->renderer, canvas[s], NULL);
		bn_pass_add_rect(pass, &black, NULL);
		bn_pass_add_rect(pass, &disc, &effect);
		assert_true(wlr_render_pass_submit(pass));
	}
	assert_same(canvas[0], canvas[1], 2, false);
	assert_int_equal(canvas_pixel(canvas[0], 450, 0) & 0xFF0000, 0xFF0000);
	wlr_buffer_drop(canvas[0]);
	wlr_buffer_drop(canvas[1]);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "textures-look-the-same-on-both", textures_look_the_same_on_both },
		{ "rects-look-the-same-on-both", rects_look_the_same_on_both },
		{ "a-clip-cuts-corners-too", a_clip_cuts_corners_too },
		{ "corners-are-circles", corners_are_circles },
		{ "what-is-outside-a-corner-is-untouched", what_is_outside_a_corner_is_untouched },
		{ "gain-dims-the-picture-and-nothing-else",
				gain_dims_the_picture_and_nothing_else },
		{ "a-texture-without-effect-may-come-with-null",
				a_texture_without_effect_may_come_with_null },
		{ "a-huge-radius-is-one-circle", a_huge_radius_is_one_circle },
	};
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
