// What arrives in a target, and when; textures over their life.

#include "rig.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDTH = 256, HEIGHT = 192 };

static void add_picture(struct wlr_render_pass *pass, struct wlr_texture *texture, int x, int y,
		const pixman_region32_t *clip) {
	const float opacity = 0.8f;
	const struct bn_pass_effect effect = { .radius = { 9, 9, 9, 9 }, .gain = 0.7f };
	bn_pass_add_texture(pass,
			&(struct wlr_render_texture_options){
					.texture = texture,
					.dst_box = { x, y, (int)texture->width,
							(int)texture->height },
					.alpha = &opacity,
					.clip = clip,
			},
			&effect);
}

// A picture that moves on over four frames, in two buffers, each frame drawing only what changed
// since its buffer was shown last: both kinds of target, and a full redraw, must agree bit for bit.
static void partial_damage_keeps_the_rest(void **state) {
	struct rig *rig = *state;
	const struct side *sides[2] = { &rig->gles, &rig->readback };
	struct picture *picture = picture_gradient(70, 50, DRM_FORMAT_ARGB8888);
	for (int s = 0; s < 2; s++) {
		struct wlr_buffer *chain[2], *whole;
		struct wlr_texture *texture =
				wlr_texture_from_buffer(sides[s]->renderer, &picture->base);
		for (int i = 0; i < 2; i++) {
			chain[i] = side_canvas(sides[s], WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
			struct wlr_render_pass *pass = begin_on_stripes(sides[s], chain[i]);
			assert_true(wlr_render_pass_submit(pass));
		}
		whole = side_canvas(&rig->gles, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
		struct wlr_texture *other =
				wlr_texture_from_buffer(rig->gles.renderer, &picture->base);
		for (int frame = 0; frame < 4; frame++) {
			int x = 20 + frame * 13, y = 30 + frame * 7;
			// Where it is, and where it was in this buffer: two frames ago.
			pixman_region32_t damage;
			pixman_region32_init_rect(&damage, x, y, 70, 50);
			pixman_region32_union_rect(&damage, &damage, x - 26, y - 14, 70, 50);
			struct wlr_buffer *buffer = chain[frame % 2];
			struct wlr_render_pass *pass =
					wlr_renderer_begin_buffer_pass(sides[s]->renderer, buffer,
							NULL);
			for (int i = 0; i < WIDTH; i += 8) {
				const struct wlr_render_color odd = { 0.2f, 0.4f, 0.6f, 1 },
							      even = { 0.8f, 0.2f, 0, 1 };
				wlr_render_pass_add_rect(pass,
						&(struct wlr_render_rect_options){
								.box = { i, 0, 8, HEIGHT },
								.color = i % 16 == 0 ? even : odd,
								.clip = &damage,
						});
			}
			add_picture(pass, texture, x, y, &damage);
			assert_true(wlr_render_pass_submit(pass));

			pass = begin_on_stripes(&rig->gles, whole);
			add_picture(pass, other, x, y, NULL);
			assert_true(wlr_render_pass_submit(pass));
			assert_same(buffer, whole, 0, false);
			pixman_region32_fini(&damage);
		}
		wlr_texture_destroy(texture);
		wlr_texture_destroy(other);
		wlr_buffer_drop(chain[0]);
		wlr_buffer_drop(chain[1]);
		wlr_buffer_drop(whole);
	}
	wlr_buffer_drop(&picture->base);
}

// More scattered damage than boxes are kept for: what lies between must not be overwritten with
// nonsense.
static void scattered_damage_is_read_back(void **state) {
	struct rig *rig = *state;
	struct wlr_buffer *a = side_canvas(&rig->gles, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
	struct wlr_buffer *b = side_canvas(&rig->readback, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
	const struct side *sides[2] = { &rig->gles, &rig->readback };
	struct wlr_buffer *canvas[2] = { a, b };
	for (int s = 0; s < 2; s++) {
		assert_true(wlr_render_pass_submit(begin_on_stripes(sides[s], canvas[s])));
		struct wlr_render_pass *pass =
				wlr_renderer_begin_buffer_pass(sides[s]->renderer, canvas[s], NULL);
		for (int i = 0; i < 60; i++) {
			wlr_render_pass_add_rect(pass,
					&(struct wlr_render_rect_options){
							.box = { i * 37 % 250, i * 59 % 180, 5, 9 },
							.color = { 0, 1, 0, 1 },
					});
		}
		assert_true(wlr_render_pass_submit(pass));
	}
	assert_same(b, a, 0, false);
	wlr_buffer_drop(a);
	wlr_buffer_drop(b);
}

// With threads: the frame has to be whole when submit returns, or a page flip shows half of it.
static void the_frame_is_complete_at_submit(void **state) {
	struct rig *rig = *state;
	enum { BIG_W = 1280, BIG_H = 720 };
	const struct side *sides[2] = { &rig->gles, &rig->readback };
	struct picture *picture = picture_gradient(300, 200, DRM_FORMAT_ARGB8888);
	for (int s = 0; s < 2; s++) {
		struct wlr_buffer *canvas =
				side_canvas(sides[s], BIG_W, BIG_H, DRM_FORMAT_XRGB8888);
		struct wlr_texture *texture =
				wlr_texture_from_buffer(sides[s]->renderer, &picture->base);
		for (int frame = 0; frame < 6; frame++) {
			struct wlr_render_pass *pass =
					wlr_renderer_begin_buffer_pass(sides[s]->renderer, canvas,
							NULL);
			// Work that takes the rasteriser a while, then one colour over it all.
			for (int i = 0; i < 4; i++) {
				wlr_render_pass_add_texture(pass,
						&(struct wlr_render_texture_options){
								.texture = texture,
								.dst_box = { 0, 0, BIG_W, BIG_H },
						});
			}
			const float level = (float)(frame * 40) / 255;
			wlr_render_pass_add_rect(pass,
					&(struct wlr_render_rect_options){
							.box = { 0, 0, BIG_W, BIG_H },
							.color = { level, level, level, 1 },
					});
			assert_true(wlr_render_pass_submit(pass));
			void *data;
			uint32_t format;
			size_t stride;
			assert_true(wlr_buffer_begin_data_ptr_access(canvas,
					WLR_BUFFER_DATA_PTR_ACCESS_READ, &data, &format, &stride));
			uint32_t want = (uint32_t)(frame * 40) * 0x010101, bad = 0;
			for (int y = BIG_H - 1; y >= 0; y--) { // from the part that is drawn last
				const uint32_t *row =
						(const uint32_t *)(const void *)((uint8_t *)data
								+ (size_t)y * stride);
				for (int x = 0; x < BIG_W; x++) {
					bad += (row[x] & 0xFFFFFF) != want;
				}
			}
			wlr_buffer_end_data_ptr_access(canvas);
			assert_int_equal(bad, 0);
		}
		wlr_texture_destroy(texture);
		wlr_buffer_drop(canvas);
	}
	wlr_buffer_drop(&picture->base);
}

static uint32_t *read_texture(struct wlr_texture *texture, uint32_t format,
		const struct wlr_box *box) {
	uint32_t *pixels = malloc((size_t)box->width * (size_t)box->height * 4);
	assert_non_null(pixels);
	assert_true(wlr_texture_read_pixels(texture,
			&(struct wlr_texture_read_pixels_options){
					.data = pixels,
					.format = format,
					.stride = (uint32_t)box->width * 4,
					.src_box = *box,
			}));
	return pixels;
}

// How screenshots are made.
static void a_target_can_be_captured(void **state) {
	struct rig *rig = *state;
	const struct side *sides[2] = { &rig->gles, &rig->readback };
	struct picture *picture = picture_gradient(100, 80, DRM_FORMAT_ARGB8888);
	const struct wlr_box box = { 33, 21, 120, 90 };
	for (int s = 0; s < 2; s++) {
		struct wlr_buffer *canvas =
				side_canvas(sides[s], WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
		struct wlr_texture *texture =
				wlr_texture_from_buffer(sides[s]->renderer, &picture->base);
		struct wlr_render_pass *pass = begin_on_stripes(sides[s], canvas);
		add_picture(pass, texture, 40, 30, NULL);
		assert_true(wlr_render_pass_submit(pass));

		struct wlr_texture *capture = wlr_texture_from_buffer(sides[s]->renderer, canvas);
		assert_non_null(capture);
		assert_int_equal(wlr_texture_preferred_read_format(capture), DRM_FORMAT_XRGB8888);
		uint32_t *same = read_texture(capture, DRM_FORMAT_XRGB8888, &box);
		uint32_t *opaque = read_texture(capture, DRM_FORMAT_ARGB8888, &box);
		uint32_t *turned = read_texture(capture, DRM_FORMAT_ABGR8888, &box);
		for (int i = 0; i < box.width * box.height; i++) {
			uint32_t want = canvas_pixel(canvas, box.x + i % box.width,
					box.y + i / box.width);
			assert_int_equal(same[i] & 0xFFFFFF, want & 0xFFFFFF);
			assert_int_equal(opaque[i], want | 0xFF000000);
			uint32_t red = want >> 16 & 0xFF, blue = want & 0xFF;
			assert_int_equal(turned[i],
					0xFF000000 | blue << 16 | (want & 0xFF00) | red);
		}
		free(same);
		free(opaque);
		free(turned);

		// And a copy drawn from it, as image-copy-capture does with a dmabuf.
		struct wlr_buffer *copy = side_canvas(sides[s], WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
		pass = wlr_renderer_begin_buffer_pass(sides[s]->renderer, copy, NULL);
		wlr_render_pass_add_texture(pass,
				&(struct wlr_render_texture_options){ .texture = capture });
		assert_true(wlr_render_pass_submit(pass));
		assert_same(copy, canvas, 0, false);
		wlr_buffer_drop(copy);

		// A capture outlives the swapchain's interest in its buffer.
		wlr_buffer_drop(canvas);
		free(read_texture(capture, DRM_FORMAT_XRGB8888, &box));
		wlr_texture_destroy(capture);
		wlr_texture_destroy(texture);
	}
	wlr_buffer_drop(&picture->base);
}

static void an_uploaded_texture_reads_back(void **state) {
	struct rig *rig = *state;
	struct picture *picture = picture_gradient(90, 60, DRM_FORMAT_ARGB8888);
	struct wlr_texture *texture = wlr_texture_from_buffer(rig->gles.renderer, &picture->base);
	const struct wlr_box box = { 5, 7, 70, 50 };
	uint32_t *pixels = read_texture(texture, DRM_FORMAT_ARGB8888, &box);
	for (int i = 0; i < box.width * box.height; i++) {
		assert_int_equal(pixels[i], canvas_pixel(&picture->base, 5 + i % 70, 7 + i / 70));
	}
	free(pixels);
	wlr_texture_destroy(texture);
	wlr_buffer_drop(&picture->base);
}

static void update_takes_the_damage_and_no_more(void **state) {
	struct rig *rig = *state;
	// The one that uploads: where copies do, the newest buffer holds all there is.
	struct wlr_renderer *renderer = rig->readback.renderer;
	struct picture *picture = picture_gradient(60, 40, DRM_FORMAT_XRGB8888);
	struct wlr_texture *texture = wlr_texture_from_buffer(renderer, &picture->base);
	struct picture *next = picture_create(60, 40, DRM_FORMAT_XRGB8888);
	for (int i = 0; i < 60 * 40; i++) {
		picture_put(next, i % 60, i / 60, 0xFF112233);
	}
	pixman_region32_t damage;
	pixman_region32_init_rect(&damage, 10, 5, 7, 9);
	pixman_region32_union_rect(&damage, &damage, 50, 30, 10, 10);
	assert_true(wlr_texture_update_from_buffer(texture, &next->base, &damage));
	const struct wlr_box all = { 0, 0, 60, 40 };
	uint32_t *pixels = read_texture(texture, DRM_FORMAT_XRGB8888, &all);
	for (int i = 0; i < 60 * 40; i++) {
		int x = i % 60, y = i / 60;
		bool inside = pixman_region32_contains_point(&damage, x, y, NULL);
		uint32_t want = inside ? 0x112233 : canvas_pixel(&picture->base, x, y) & 0xFFFFFF;
		assert_int_equal(pixels[i] & 0xFFFFFF, want);
	}
	free(pixels);

	// Another size or format is another texture.
	struct picture *larger = picture_create(61, 40, DRM_FORMAT_XRGB8888);
	struct picture *alpha = picture_create(60, 40, DRM_FORMAT_ARGB8888);
	assert_false(wlr_texture_update_from_buffer(texture, &larger->base, &damage));
	assert_false(wlr_texture_update_from_buffer(texture, &alpha->base, &damage));
	pixman_region32_fini(&damage);
	wlr_texture_destroy(texture);
	wlr_buffer_drop(&picture->base);
	wlr_buffer_drop(&next->base);
	wlr_buffer_drop(&larger->base);
	wlr_buffer_drop(&alpha->base);
}

// Ops are drawn at submit; what the texture held when it was added counts.
static void a_texture_may_change_or_go_before_submit(void **state) {
	struct rig *rig = *state;
	struct picture *picture = picture_create(32, 32, DRM_FORMAT_XRGB8888);
	struct picture *next = picture_create(32, 32, DRM_FORMAT_XRGB8888);
	for (int i = 0; i < 32 * 32; i++) {
		picture_put(picture, i % 32, i / 32, 0xFFFF0000);
		picture_put(next, i % 32, i / 32, 0xFF00FF00);
	}
	pixman_region32_t all;
	pixman_region32_init_rect(&all, 0, 0, 32, 32);
	struct wlr_buffer *canvas = side_canvas(&rig->gles, 64, 32, DRM_FORMAT_XRGB8888);
	struct wlr_texture *texture = wlr_texture_from_buffer(rig->gles.renderer, &picture->base);
	struct wlr_render_pass *pass =
			wlr_renderer_begin_buffer_pass(rig->gles.renderer, canvas, NULL);
	wlr_render_pass_add_texture(pass,
			&(struct wlr_render_texture_options){ .texture = texture });
	assert_true(wlr_texture_update_from_buffer(texture, &next->base, &all));
	wlr_render_pass_add_texture(pass,
			&(struct wlr_render_texture_options){
					.texture = texture,
					.dst_box = { 32, 0, 32, 32 },
			});
	wlr_texture_destroy(texture);
	assert_true(wlr_render_pass_submit(pass));
	assert_int_equal(canvas_pixel(canvas, 10, 10) & 0xFFFFFF, 0xFF0000);
	assert_int_equal(canvas_pixel(canvas, 40, 10) & 0xFFFFFF, 0x00FF00);
	pixman_region32_fini(&all);
	wlr_buffer_drop(canvas);
	wlr_buffer_drop(&picture->base);
	wlr_buffer_drop(&next->base);
}

static void two_passes_may_be_open(void **state) {
	struct rig *rig = *state;
	struct wlr_buffer *canvas[2];
	struct wlr_render_pass *pass[2];
	for (int i = 0; i < 2; i++) {
		canvas[i] = side_canvas(&rig->gles, 64, 64, DRM_FORMAT_XRGB8888);
		pass[i] = wlr_renderer_begin_buffer_pass(rig->gles.renderer, canvas[i], NULL);
	}
	for (int i = 0; i < 2; i++) {
		wlr_render_pass_add_rect(pass[i],
				&(struct wlr_render_rect_options){
						.box = { 0, 0, 64, 64 },
						.color = { i == 0, i == 1, 0, 1 },
				});
	}
	assert_true(wlr_render_pass_submit(pass[0]));
	assert_true(wlr_render_pass_submit(pass[1]));
	assert_int_equal(canvas_pixel(canvas[0], 9, 9) & 0xFFFFFF, 0xFF0000);
	assert_int_equal(canvas_pixel(canvas[1], 9, 9) & 0xFFFFFF, 0x00FF00);
	wlr_buffer_drop(canvas[0]);
	wlr_buffer_drop(canvas[1]);
}

static void a_timer_tells_how_long_submit_took(void **state) {
	struct rig *rig = *state;
	struct wlr_render_timer *timer = wlr_render_timer_create(rig->gles.renderer);
	assert_non_null(timer);
	assert_int_equal(wlr_render_timer_get_duration_ns(timer), -1);
	struct wlr_buffer *canvas = side_canvas(&rig->gles, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
	const struct wlr_buffer_pass_options options = { .timer = timer };
	struct wlr_render_pass *pass =
			wlr_renderer_begin_buffer_pass(rig->gles.renderer, canvas, &options);
	wlr_render_pass_add_rect(pass,
			&(struct wlr_render_rect_options){
					.box = { 0, 0, WIDTH, HEIGHT },
					.color = { 1, 1, 1, 1 },
			});
	assert_true(wlr_render_pass_submit(pass));
	// A GPU tells it when it is done, -1 until then, and nobody is woken for it.
	const struct timespec millisecond = { .tv_nsec = 1000000 };
	for (int i = 0; i < 1000 && wlr_render_timer_get_duration_ns(timer) < 0; i++) {
		nanosleep(&millisecond, NULL);
	}
	assert_true(wlr_render_timer_get_duration_ns(timer) > 0);
	wlr_render_timer_destroy(timer);
	wlr_buffer_drop(canvas);
}

static void targets_may_have_odd_sizes(void **state) {
	struct rig *rig = *state;
	static const int sizes[][2] = { { 1, 1 }, { 3, 5 }, { 61, 43 }, { 1366, 7 }, { 5, 1080 } };
	struct picture *picture = picture_gradient(70, 50, DRM_FORMAT_ARGB8888);
	const struct side *sides[3] = { &rig->pixman, &rig->gles, &rig->readback };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct wlr_buffer *canvas[3];
		for (int s = 0; s < 3; s++) {
			canvas[s] = side_canvas(sides[s], sizes[i][0], sizes[i][1],
					DRM_FORMAT_XRGB8888);
			struct wlr_texture *texture =
					wlr_texture_from_buffer(sides[s]->renderer, &picture->base);
			struct wlr_render_pass *pass = begin_on_stripes(sides[s], canvas[s]);
			add_picture(pass, texture, -20, -10, NULL);
			assert_true(wlr_render_pass_submit(pass));
			wlr_texture_destroy(texture);
		}
		assert_same(canvas[1], canvas[0], 2, false);
		assert_same(canvas[2], canvas[1], 0, false);
		for (int s = 0; s < 3; s++) {
			wlr_buffer_drop(canvas[s]);
		}
	}
	wlr_buffer_drop(&picture->base);
}

static void a_read_outside_the_texture_is_refused(void **state) {
	struct rig *rig = *state;
	struct picture *picture = picture_gradient(20, 10, DRM_FORMAT_XRGB8888);
	struct wlr_texture *texture = wlr_texture_from_buffer(rig->gles.renderer, &picture->base);
	static const struct wlr_box boxes[] = { { 15, 0, 6, 5 }, { 0, 5, 5, 6 }, { -1, 0, 5, 5 } };
	for (size_t i = 0; i < 3; i++) {
		uint32_t pixels[64];
		assert_false(wlr_texture_read_pixels(texture,
				&(struct wlr_texture_read_pixels_options){
						.data = pixels,
						.format = DRM_FORMAT_XRGB8888,
						.stride = 32,
						.src_box = boxes[i],
				}));
	}
	wlr_texture_destroy(texture);
	wlr_buffer_drop(&picture->base);
}

static void formats_come_with_both_linear_modifiers(void **state) {
	struct rig *rig = *state;
	static const uint32_t formats[] = { DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888 };
	const struct wlr_drm_format_set *set = wlr_renderer_get_texture_formats(rig->gles.renderer,
			WLR_BUFFER_CAP_DATA_PTR);
	for (size_t i = 0; i < 2; i++) {
		assert_true(wlr_drm_format_set_has(set, formats[i], DRM_FORMAT_MOD_INVALID));
		assert_true(wlr_drm_format_set_has(set, formats[i], DRM_FORMAT_MOD_LINEAR));
	}
	assert_null(wlr_renderer_get_texture_formats(rig->gles.renderer, WLR_BUFFER_CAP_DMABUF));
	assert_int_equal(wlr_renderer_get_drm_fd(rig->gles.renderer), -1);
	assert_true(bn_renderer_is_ours(rig->gles.renderer));
	assert_false(bn_renderer_is_ours(rig->pixman.renderer));
	assert_true(bn_renderer_is_software(rig->pixman.renderer));
	assert_false(bn_renderer_is_zero_copy(rig->readback.renderer));
	print_message("# zero-copy: %s\n",
			bn_renderer_is_zero_copy(rig->gles.renderer) ? "yes" : "no");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "partial-damage-keeps-the-rest", partial_damage_keeps_the_rest },
		{ "scattered-damage-is-read-back", scattered_damage_is_read_back },
		{ "the-frame-is-complete-at-submit", the_frame_is_complete_at_submit },
		{ "a-target-can-be-captured", a_target_can_be_captured },
		{ "an-uploaded-texture-reads-back", an_uploaded_texture_reads_back },
		{ "update-takes-the-damage-and-no-more", update_takes_the_damage_and_no_more },
		{ "a-texture-may-change-or-go-before-submit",
				a_texture_may_change_or_go_before_submit },
		{ "two-passes-may-be-open", two_passes_may_be_open },
		{ "a-timer-tells-how-long-submit-took", a_timer_tells_how_long_submit_took },
		{ "targets-may-have-odd-sizes", targets_may_have_odd_sizes },
		{ "a-read-outside-the-texture-is-refused", a_read_outside_the_texture_is_refused },
		{ "formats-come-with-both-linear-modifiers",
				formats_come_with_both_linear_modifiers },
	};
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
