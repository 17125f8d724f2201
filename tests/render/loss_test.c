// The renderer goes and another takes over: the same clients' pixels, the same picture.

#include "rig.h"

#include <stdlib.h>

enum { WIDTH = 256, HEIGHT = 192 };

struct witness {
	struct wl_listener lost;
	int count;
};

static void handle_lost(struct wl_listener *listener, void *data) {
	struct witness *witness = wl_container_of(listener, witness, lost);
	witness->count++;
}

static struct wlr_buffer *draw_content(const struct side *side, struct picture *picture) {
	const struct bn_pass_effect effect = { .radius = { 15, 15, 15, 15 } };
	struct wlr_buffer *canvas = side_canvas(side, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);
	struct wlr_texture *texture = wlr_texture_from_buffer(side->renderer, &picture->base);
	assert_non_null(texture);
	struct wlr_render_pass *pass = begin_on_stripes(side, canvas);
	bn_pass_add_texture(pass,
			&(struct wlr_render_texture_options){
					.texture = texture, .dst_box = { 30, 20, 150, 110 } },
			&effect);
	assert_true(wlr_render_pass_submit(pass));
	wlr_texture_destroy(texture);
	return canvas;
}

static void a_lost_renderer_says_so_once_and_a_new_one_goes_on(void **state) {
	struct rig *rig = *state;
	struct picture *picture = picture_gradient(100, 80, DRM_FORMAT_ARGB8888);
	struct side old, new;
	side_init_gles(&old, rig, false);
	struct wlr_buffer *before = draw_content(&old, picture);
	struct wlr_texture *left = wlr_texture_from_buffer(old.renderer, &picture->base);
	struct wlr_texture *capture = wlr_texture_from_buffer(old.renderer, before);
	struct wlr_render_timer *timer = wlr_render_timer_create(old.renderer);

	struct witness witness = { .lost.notify = handle_lost };
	wl_signal_add(&old.renderer->events.lost, &witness.lost);
	bn_renderer_simulate_loss(old.renderer);
	assert_int_equal(witness.count, 0);
	assert_null(wlr_renderer_begin_buffer_pass(old.renderer, before, NULL));
	assert_null(wlr_renderer_begin_buffer_pass(old.renderer, before, NULL));
	assert_int_equal(witness.count, 1);
	wl_list_remove(&witness.lost.link);

	// As the owner does it: the new one exists before the old one goes.
	side_init_gles(&new, rig, false);
	side_finish(&old);
	struct wlr_buffer *after = draw_content(&new, picture);
	assert_same(after, before, 0, false);

	// What was left of the old one still can be handled, and draws nothing.
	pixman_region32_t all;
	pixman_region32_init_rect(&all, 0, 0, 100, 80);
	assert_false(wlr_texture_update_from_buffer(left, &picture->base, &all));
	pixman_region32_fini(&all);
	uint32_t pixel;
	assert_false(wlr_texture_read_pixels(capture,
			&(struct wlr_texture_read_pixels_options){
					.data = &pixel,
					.format = DRM_FORMAT_XRGB8888,
					.stride = 4,
					.src_box = { 0, 0, 1, 1 },
			}));
	struct wlr_render_pass *pass = wlr_renderer_begin_buffer_pass(new.renderer, before, NULL);
	wlr_render_pass_add_texture(pass, &(struct wlr_render_texture_options){ .texture = left });
	assert_true(wlr_render_pass_submit(pass));
	assert_same(before, after, 0, false);
	wlr_texture_destroy(left);
	wlr_texture_destroy(capture);
	wlr_render_timer_destroy(timer);

	wlr_buffer_drop(before);
	wlr_buffer_drop(after);
	side_finish(&new);
	wlr_buffer_drop(&picture->base);
}

static void switching_renderers_keeps_the_picture(void **state) {
	struct rig *rig = *state;
	struct picture *picture = picture_gradient(100, 80, DRM_FORMAT_ARGB8888);
	struct wlr_buffer *frame[3];
	for (int i = 0; i < 3; i++) {
		struct side side;
		if (i == 1) {
			side_init_pixman(&side, rig);
		} else {
			side_init_gles(&side, rig, false);
		}
		frame[i] = draw_content(&side, picture);
		side_finish(&side);
	}
	assert_same(frame[1], frame[0], 2, false);
	assert_same(frame[2], frame[0], 0, false);
	for (int i = 0; i < 3; i++) {
		wlr_buffer_drop(frame[i]);
	}
	wlr_buffer_drop(&picture->base);
}

// One target, drawn by turns: each renderer sees what the other left.
static void renderers_may_take_turns_on_one_target(void **state) {
	struct rig *rig = *state;
	struct wlr_buffer *canvas = side_canvas(&rig->gles, 64, 64, DRM_FORMAT_XRGB8888);
	const struct side *sides[2] = { &rig->gles, &rig->pixman };
	for (int i = 0; i < 4; i++) {
		struct wlr_render_pass *pass =
				wlr_renderer_begin_buffer_pass(sides[i % 2]->renderer, canvas,
						NULL);
		wlr_render_pass_add_rect(pass,
				&(struct wlr_render_rect_options){
						.box = { i * 16, 0, 16, 64 },
						.color = { 1, (float)i / 5, 0, 1 },
				});
		assert_true(wlr_render_pass_submit(pass));
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(canvas_pixel(canvas, i * 16 + 8, 20) & 0xFFFFFF,
				0xFF0000 | (uint32_t)(i * 51) << 8);
	}
	wlr_buffer_drop(canvas);
}

static void renderers_come_and_go(void **state) {
	struct rig *rig = *state;
	struct picture *picture = picture_gradient(50, 40, DRM_FORMAT_ARGB8888);
	struct wlr_buffer *kept = NULL;
	for (int i = 0; i < 12; i++) {
		struct side side;
		side_init_gles(&side, rig, i % 2 == 1);
		struct wlr_buffer *frame = draw_content(&side, picture);
		if (kept != NULL) {
			assert_same(frame, kept, 0, false);
			wlr_buffer_drop(kept);
		}
		kept = frame; // the buffer outlives its renderer
		side_finish(&side);
	}
	wlr_buffer_drop(kept);
	wlr_buffer_drop(&picture->base);
}

static void no_drm_node_is_one_error_not_a_crash(void **state) {
	const struct bn_renderer_options options = { .drm_fd = 1000 }; // not a descriptor
	assert_null(bn_renderer_create(&options));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "a-lost-renderer-says-so-once-and-a-new-one-goes-on",
				a_lost_renderer_says_so_once_and_a_new_one_goes_on },
		{ "switching-renderers-keeps-the-picture", switching_renderers_keeps_the_picture },
		{ "renderers-may-take-turns-on-one-target",
				renderers_may_take_turns_on_one_target },
		{ "renderers-come-and-go", renderers_come_and_go },
		{ "no-drm-node-is-one-error-not-a-crash", no_drm_node_is_one_error_not_a_crash },
	};
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
