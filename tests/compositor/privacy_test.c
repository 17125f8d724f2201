// A zone that is private is in nobody's picture: not in a screenshot, not through either capture
// protocol, on either renderer, turned, scaled, or while it fades away.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <png.h>

#include "cockpit.h"
#include "ext-image-capture-source-v1-client-protocol.h"
#include "ext-image-copy-capture-v1-client-protocol.h"
#include "kit.h"
#include "output.h"
#include "watch/demo.h"
#include "wlr-screencopy-unstable-v1-client-protocol.h"

#define OPEN_COLOR 0x2040c0u
#define SECRET_COLOR 0xe01010u
#define TURNS_MAX 100

static const char layout_format[] =
		"binnacle: 1\n"
		"displays:\n"
		"  glass: { mode: 64x48@60, transform: '%s', scale: %s }\n"
		"signals: { Away: { initial: false } }\n"
		"states: { away: { Away: true } }\n"
		"zones:\n"
		"  open: { display: glass, rect: [0, 0, 50%%, 100%%], grant: plain, empty: "
		"'#2040c0' }\n"
		"  secret: { display: glass, rect: [50%%, 0, 50%%, 100%%], grant: hidden, empty: "
		"'#e01010', private: %s, transition: fade 200ms }\n"
		"rules:\n"
		"  - when: away\n"
		"    hide: secret\n"
		"apps:\n"
		"  plain: { home: open }\n"
		"  hidden: { home: secret }\n"
		"  mirror: { may: capture }\n";

/** What a picture holds, in pixels. */
struct tally {
	int open, secret, black, other;
};

static struct tally count(const uint32_t *pixels, size_t size) {
	struct tally tally = { 0 };
	for (size_t i = 0; i < size; i++) {
		if (bn_kit_same_color(pixels[i] & 0xffffff, OPEN_COLOR, 2)) {
			tally.open++;
		} else if (bn_kit_same_color(pixels[i] & 0xffffff, SECRET_COLOR, 2)) {
			tally.secret++;
		} else if ((pixels[i] & 0xffffff) == 0) {
			tally.black++;
		} else {
			tally.other++;
		}
	}
	return tally;
}

/** A buffer that capture writes into; its client reads it. */
struct target {
	int32_t width, height;
	uint32_t format;
	uint32_t *pixels;
	size_t size;
	struct wl_buffer *buffer;
	bool described, ready, failed;
};

static void target_create(struct target *target, struct bn_test_client *client) {
	target->size = (size_t)target->width * (size_t)target->height * 4;
	int fd = memfd_create("capture", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, (off_t)target->size), 0);
	target->pixels = mmap(NULL, target->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(target->pixels, MAP_FAILED);
	memset(target->pixels, 0x55, target->size);
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, (int32_t)target->size);
	target->buffer = wl_shm_pool_create_buffer(pool, 0, target->width, target->height,
			target->width * 4, target->format);
	wl_shm_pool_destroy(pool);
	close(fd);
}

static struct tally target_finish(struct target *target) {
	assert_false(target->failed);
	assert_true(target->ready);
	struct tally tally = count(target->pixels, target->size / 4);
	munmap(target->pixels, target->size);
	wl_buffer_destroy(target->buffer);
	return tally;
}

/** Lets the compositor draw until the picture is there. */
static void wait_for(struct bn_test_client *client, const struct target *target) {
	for (int i = 0; i < TURNS_MAX && !target->ready && !target->failed; i++) {
		assert_true(bn_test_client_roundtrip(client));
		bn_fixture_advance_ms(client->fixture, 1);
	}
}

// wlr-screencopy

static void screencopy_buffer(void *data, struct zwlr_screencopy_frame_v1 *frame, uint32_t format,
		uint32_t width, uint32_t height, uint32_t stride) {
	struct target *target = data;
	target->format = format;
	target->width = (int32_t)width;
	target->height = (int32_t)height;
	assert_int_equal(stride, width * 4);
}

static void screencopy_flags(void *data, struct zwlr_screencopy_frame_v1 *frame, uint32_t flags) {
}

static void screencopy_ready(void *data, struct zwlr_screencopy_frame_v1 *frame, uint32_t sec_hi,
		uint32_t sec_lo, uint32_t nsec) {
	((struct target *)data)->ready = true;
}

static void screencopy_failed(void *data, struct zwlr_screencopy_frame_v1 *frame) {
	((struct target *)data)->failed = true;
}

static void screencopy_damage(void *data, struct zwlr_screencopy_frame_v1 *frame, uint32_t x,
		uint32_t y, uint32_t width, uint32_t height) {
}

static void screencopy_dmabuf(void *data, struct zwlr_screencopy_frame_v1 *frame, uint32_t format,
		uint32_t width, uint32_t height) {
}

static void screencopy_buffer_done(void *data, struct zwlr_screencopy_frame_v1 *frame) {
	((struct target *)data)->described = true;
}

static const struct zwlr_screencopy_frame_v1_listener screencopy_listener = {
	.buffer = screencopy_buffer,
	.flags = screencopy_flags,
	.ready = screencopy_ready,
	.failed = screencopy_failed,
	.damage = screencopy_damage,
	.linux_dmabuf = screencopy_dmabuf,
	.buffer_done = screencopy_buffer_done,
};

static struct tally by_screencopy(struct bn_test_client *client) {
	struct target target = { 0 };
	struct zwlr_screencopy_manager_v1 *manager =
			bn_kit_bind(client, &zwlr_screencopy_manager_v1_interface, 3);
	assert_non_null(manager);
	struct zwlr_screencopy_frame_v1 *frame =
			zwlr_screencopy_manager_v1_capture_output(manager, 0, client->outputs[0]);
	zwlr_screencopy_frame_v1_add_listener(frame, &screencopy_listener, &target);
	assert_true(bn_test_client_roundtrip(client));
	assert_true(target.described);
	target_create(&target, client);
	zwlr_screencopy_frame_v1_copy(frame, target.buffer);
	wait_for(client, &target);
	zwlr_screencopy_frame_v1_destroy(frame);
	return target_finish(&target);
}

// ext-image-copy-capture

static void session_buffer_size(void *data, struct ext_image_copy_capture_session_v1 *session,
		uint32_t width, uint32_t height) {
	struct target *target = data;
	target->width = (int32_t)width;
	target->height = (int32_t)height;
}

static void session_shm_format(void *data, struct ext_image_copy_capture_session_v1 *session,
		uint32_t format) {
	struct target *target = data;
	if (format == WL_SHM_FORMAT_XRGB8888 || format == WL_SHM_FORMAT_ARGB8888) {
		target->format = format;
	}
}

static void session_dmabuf_device(void *data, struct ext_image_copy_capture_session_v1 *session,
		struct wl_array *device) {
}

static void session_dmabuf_format(void *data, struct ext_image_copy_capture_session_v1 *session,
		uint32_t format, struct wl_array *modifiers) {
}

static void session_done(void *data, struct ext_image_copy_capture_session_v1 *session) {
	((struct target *)data)->described = true;
}

static void session_stopped(void *data, struct ext_image_copy_capture_session_v1 *session) {
	((struct target *)data)->failed = true;
}

static const struct ext_image_copy_capture_session_v1_listener session_listener = {
	.buffer_size = session_buffer_size,
	.shm_format = session_shm_format,
	.dmabuf_device = session_dmabuf_device,
	.dmabuf_format = session_dmabuf_format,
	.done = session_done,
	.stopped = session_stopped,
};

static void frame_transform(void *data, struct ext_image_copy_capture_frame_v1 *frame,
		uint32_t transform) {
}

static void frame_damage(void *data, struct ext_image_copy_capture_frame_v1 *frame, int32_t x,
		int32_t y, int32_t width, int32_t height) {
}

static void frame_time(void *data, struct ext_image_copy_capture_frame_v1 *frame, uint32_t sec_hi,
		uint32_t sec_lo, uint32_t nsec) {
}

static void frame_ready(void *data, struct ext_image_copy_capture_frame_v1 *frame) {
	((struct target *)data)->ready = true;
}

static void frame_failed(void *data, struct ext_image_copy_capture_frame_v1 *frame,
		uint32_t reason) {
	((struct target *)data)->failed = true;
}

static const struct ext_image_copy_capture_frame_v1_listener frame_listener = {
	.transform = frame_transform,
	.damage = frame_damage,
	.presentation_time = frame_time,
	.ready = frame_ready,
	.failed = frame_failed,
};

static struct tally by_copy_capture(struct bn_test_client *client) {
	struct target target = { 0 };
	struct ext_output_image_capture_source_manager_v1 *sources = bn_kit_bind(client,
			&ext_output_image_capture_source_manager_v1_interface, 1);
	struct ext_image_copy_capture_manager_v1 *manager =
			bn_kit_bind(client, &ext_image_copy_capture_manager_v1_interface, 1);
	assert_non_null(sources);
	assert_non_null(manager);
	struct ext_image_capture_source_v1 *source =
			ext_output_image_capture_source_manager_v1_create_source(sources,
					client->outputs[0]);
	struct ext_image_copy_capture_session_v1 *session =
			ext_image_copy_capture_manager_v1_create_session(manager, source, 0);
	ext_image_copy_capture_session_v1_add_listener(session, &session_listener, &target);
	assert_true(bn_test_client_roundtrip(client));
	assert_true(target.described);
	target_create(&target, client);
	struct ext_image_copy_capture_frame_v1 *frame =
			ext_image_copy_capture_session_v1_create_frame(session);
	ext_image_copy_capture_frame_v1_add_listener(frame, &frame_listener, &target);
	ext_image_copy_capture_frame_v1_attach_buffer(frame, target.buffer);
	ext_image_copy_capture_frame_v1_damage_buffer(frame, 0, 0, target.width, target.height);
	ext_image_copy_capture_frame_v1_capture(frame);
	wait_for(client, &target);
	ext_image_copy_capture_frame_v1_destroy(frame);
	ext_image_copy_capture_session_v1_destroy(session);
	ext_image_capture_source_v1_destroy(source);
	return target_finish(&target);
}

// Our own: what `screenshot` and `play` save

static struct tally by_screenshot(struct bn_test_client *client) {
	uint32_t *pixels;
	int32_t width, height;
	char error[160];
	if (!bn_output_screenshot(bn_kit_output(client->fixture, "glass"), &pixels, &width, &height,
			    error, sizeof(error))) {
		fail_msg("%s", error);
	}
	struct tally tally = count(pixels, (size_t)width * (size_t)height);
	free(pixels);
	return tally;
}

static const struct {
	const char *name;
	struct tally (*take)(struct bn_test_client *client);
} ways[] = {
	{ "screencopy", by_screencopy },
	{ "copy-capture", by_copy_capture },
	{ "screenshot", by_screenshot },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/** The cockpit with both windows on glass, and somebody who may capture. */
struct stage {
	struct bn_fixture fixture;
	struct bn_test_client *plain, *hidden, *mirror;
	struct bn_test_window *secret;
};

static void stage_start(struct stage *stage, enum bn_renderer_kind renderer, const char *transform,
		const char *scale, const char *private) {
	char layout[1024];
	snprintf(layout, sizeof(layout), layout_format, transform, scale, private);
	const struct bn_fixture_options options = { .layout = layout, .renderer = renderer };
	bn_fixture_start(&stage->fixture, &options);
	stage->plain = bn_test_client_connect(&stage->fixture, "plain");
	stage->hidden = bn_test_client_connect(&stage->fixture, "hidden");
	stage->mirror = bn_test_client_connect(&stage->fixture, "mirror");
	bn_test_window_create(stage->plain, "plain", 0xff000000u | OPEN_COLOR);
	stage->secret = bn_test_window_create(stage->hidden, "hidden", 0xff000000u | SECRET_COLOR);
	bn_fixture_advance_ms(&stage->fixture, 300); // the fade is over
}

static void stage_stop(struct stage *stage) {
	bn_test_client_disconnect(stage->plain);
	bn_test_client_disconnect(stage->hidden);
	bn_test_client_disconnect(stage->mirror);
	bn_fixture_stop(&stage->fixture);
}

/** Makes a frame necessary: a picture is taken of the next one. */
static void draw_secret(struct stage *stage) {
	bn_test_window_draw(stage->secret, 0xff000000u | SECRET_COLOR);
	assert_true(bn_test_client_roundtrip(stage->hidden));
}

static void check_all(enum bn_renderer_kind renderer) {
	static const struct {
		const char *transform, *scale;
	} cases[] = { { "normal", "1" }, { "90", "1" }, { "flipped-270", "1.5" }, { "180", "2" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage stage;
		stage_start(&stage, renderer, cases[i].transform, cases[i].scale, "true");
		for (size_t way = 0; way < WAYS; way++) {
			draw_secret(&stage);
			struct tally tally = ways[way].take(stage.mirror);
			if (tally.secret > 0 || tally.other > 0 || tally.black < 64 * 48 / 2
					|| tally.open < 64 * 48 / 2 - 64) {
				fail_msg("%s, transform %s, scale %s: %d open, %d secret, %d "
					 "black, "
					 "%d other",
						ways[way].name, cases[i].transform, cases[i].scale,
						tally.open, tally.secret, tally.black, tally.other);
			}
		}
		stage_stop(&stage);
	}
}

static void no_picture_holds_a_private_zone_with_pixman(void **state) {
	check_all(BN_RENDERER_PIXMAN);
}

static void no_picture_holds_a_private_zone_with_gles(void **state) {
	check_all(BN_RENDERER_GLES);
}

/** The same zone when it is not private: the ways see what is there, and capture is not black altogether. */
static void check_not_private(enum bn_renderer_kind renderer) {
	struct stage stage;
	stage_start(&stage, renderer, "normal", "1", "false");
	for (size_t way = 0; way < WAYS; way++) {
		draw_secret(&stage);
		struct tally tally = ways[way].take(stage.mirror);
		if (tally.secret != 64 * 48 / 2 || tally.open != 64 * 48 / 2) {
			fail_msg("%s: %d open, %d secret", ways[way].name, tally.open,
					tally.secret);
		}
	}
	stage_stop(&stage);
}

static void what_is_not_private_is_seen(void **state) {
	check_not_private(BN_RENDERER_PIXMAN);
	check_not_private(BN_RENDERER_GLES);
}

static void a_private_zone_that_fades_away_is_not_seen_either(void **state) {
	struct stage stage;
	stage_start(&stage, BN_RENDERER_PIXMAN, "normal", "1", "true");
	const struct bn_identity owner = { .source = BN_IDENTITY_OWNER, .app = BN_NONE };
	const struct bn_value yes = { .kind = BN_VALUE_BOOL, .number = 1 };
	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_set_signal(bn_server_cockpit(stage.fixture.server), &owner, "Away",
			&yes, error));
	// Several within the 200 ms, where it is drawn half transparent.
	for (int i = 0; i < 2; i++) {
		for (size_t way = 0; way < WAYS; way++) {
			struct tally tally = ways[way].take(stage.mirror);
			if (tally.secret > 0 || tally.other > 0 || tally.open != 64 * 48 / 2) {
				fail_msg("%s while it fades: %d open, %d secret, %d other",
						ways[way].name, tally.open, tally.secret,
						tally.other);
			}
		}
	}
	stage_stop(&stage);
}

static struct tally take_drive(struct bn_fixture *fixture) {
	char script[128], picture[160];
	snprintf(script, sizeof(script), "%s/drive.yaml", fixture->folder);
	snprintf(picture, sizeof(picture), "%s/01-shot-glass.png", fixture->folder);
	FILE *file = fopen(script, "we");
	assert_non_null(file);
	fputs("- { at: 1s, capture: shot }\n", file);
	fclose(file);
	assert_true(bn_demo_run(fixture->server, script, fixture->folder));
	png_image image = { .version = PNG_IMAGE_VERSION };
	assert_true(png_image_begin_read_from_file(&image, picture));
	image.format = PNG_FORMAT_BGRA; // 0xAARRGGBB in memory order
	uint32_t *pixels = malloc(PNG_IMAGE_SIZE(image));
	assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
	struct tally tally = count(pixels, (size_t)image.width * image.height);
	free(pixels);
	return tally;
}

/** Nobody is there, and the zones show their own pictures: a filler is as private as what it stands for. */
static void the_pictures_of_a_drive_hold_no_private_zone(void **state) {
	static const enum bn_renderer_kind renderers[] = { BN_RENDERER_PIXMAN, BN_RENDERER_GLES };
	static const char *const private[] = { "true", "false" };
	for (size_t i = 0; i < 4; i++) {
		char layout[1024];
		snprintf(layout, sizeof(layout), layout_format, "normal", "1", private[i % 2]);
		const struct bn_fixture_options options = { .layout = layout,
			.renderer = renderers[i / 2] };
		struct bn_fixture fixture;
		bn_fixture_start(&fixture, &options);
		struct tally tally = take_drive(&fixture);
		assert_int_equal(tally.open, 64 * 48 / 2);
		assert_int_equal(tally.secret, i % 2 == 0 ? 0 : 64 * 48 / 2);
		bn_fixture_stop(&fixture);
	}
}

static void who_may_not_capture_is_not_offered_to(void **state) {
	struct stage stage;
	stage_start(&stage, BN_RENDERER_PIXMAN, "normal", "1", "true");
	static const struct wl_interface *const interfaces[] = {
		&zwlr_screencopy_manager_v1_interface,
		&ext_image_copy_capture_manager_v1_interface,
		&ext_output_image_capture_source_manager_v1_interface,
	};
	for (size_t i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++) {
		assert_null(bn_kit_bind(stage.plain, interfaces[i], 1));
	}
	stage_stop(&stage);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_picture_holds_a_private_zone_with_pixman),
		cmocka_unit_test(no_picture_holds_a_private_zone_with_gles),
		cmocka_unit_test(what_is_not_private_is_seen),
		cmocka_unit_test(a_private_zone_that_fades_away_is_not_seen_either),
		cmocka_unit_test(the_pictures_of_a_drive_hold_no_private_zone),
		cmocka_unit_test(who_may_not_capture_is_not_offered_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
