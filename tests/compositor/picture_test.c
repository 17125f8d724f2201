// What Binnacle draws by itself: told apart from each other and from apps, at the sizes of real lamps.
// With BN_PICTURES in the environment, a file to write, all of them side by side as a PNG.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/golden.h"
#include "scene/picture.h"
#include "scene/pixels.h"
#include "scene/symbol.h"
#include "scene/text.h"
#include "watch/png.h"

#define DARK 0x050608

static const enum bn_builtin lamps[] = { BN_BUILTIN_BRAKE, BN_BUILTIN_OIL, BN_BUILTIN_BATTERY,
	BN_BUILTIN_ENGINE, BN_BUILTIN_SEAT_BELT, BN_BUILTIN_DOOR };
#define LAMPS (sizeof(lamps) / sizeof(lamps[0]))

static const struct bn_picture_info info = {
	.background = 0xe9edf1, .foreground = 0x12171d, .speed = "82", .clock = "09:41"
};

static struct bn_pixels *draw(enum bn_builtin builtin, struct bn_text *text, int width,
		int height) {
	const struct bn_filler filler = { .builtin = builtin };
	struct bn_pixels *pixels = bn_picture_draw_whole(&filler, &info, text, width, height);
	assert_non_null(pixels);
	return pixels;
}

static uint32_t at(const struct bn_pixels *pixels, int x, int y) {
	return pixels->data[y * pixels->base.width + x] & 0xffffff;
}

static struct bn_golden_picture picture(const struct bn_pixels *pixels) {
	return (struct bn_golden_picture){ pixels->data, pixels->base.width, pixels->base.height };
}

/** Each at several sizes: enough ink, all of it within, and corners in each corner. */
static void a_lamp_is_whole_and_has_its_corners(void **state) {
	static const int sides[] = { 20, 24, 40, 56, 112, 200 };
	for (size_t i = 0; i < LAMPS; i++) {
		for (size_t j = 0; j < sizeof(sides) / sizeof(sides[0]); j++) {
			int side = sides[j], ink = 0;
			struct bn_pixels *pixels = draw(lamps[i], NULL, side, side);
			uint32_t color = bn_symbol_find(lamps[i])->color & 0xffffff;
			for (int y = side / 8; y < side - side / 8; y++) {
				for (int x = side / 8; x < side - side / 8; x++) {
					ink += at(pixels, x, y) != DARK;
				}
			}
			assert_true(ink > side * side / 20 && ink < side * side / 2);
			assert_int_equal(at(pixels, 0, 0), color);
			assert_int_equal(at(pixels, side - 1, 0), color);
			assert_int_equal(at(pixels, 0, side - 1), color);
			assert_int_equal(at(pixels, side - 1, side - 1), color);
			for (int k = side / 4; k < side - side / 4; k++) { // the edges are dark
				assert_int_equal(at(pixels, k, 0), DARK);
				assert_int_equal(at(pixels, 0, k), DARK);
			}
			wlr_buffer_drop(&pixels->base);
		}
	}
}

static void no_lamp_is_taken_for_another(void **state) {
	for (size_t i = 0; i < LAMPS; i++) {
		for (size_t j = 0; j < i; j++) {
			struct bn_pixels *a = draw(lamps[i], NULL, 40, 40);
			struct bn_pixels *b = draw(lamps[j], NULL, 40, 40);
			const struct bn_golden golden = {
				.on = picture(a), .off = picture(b), .tolerance = 24
			};
			assert_true(bn_golden_is_telling(&golden));
			wlr_buffer_drop(&a->base);
			wlr_buffer_drop(&b->base);
		}
	}
}

static void themes_change_no_lamp(void **state) {
	const struct bn_filler filler = { .builtin = BN_BUILTIN_OIL };
	struct bn_picture_info night = info;
	night.background = 0;
	night.foreground = 0x808080;
	struct bn_pixels *a = bn_picture_draw_whole(&filler, &info, NULL, 56, 56);
	struct bn_pixels *b = bn_picture_draw_whole(&filler, &night, NULL, 56, 56);
	assert_memory_equal(a->data, b->data, 56 * 56 * sizeof(a->data[0]));
	wlr_buffer_drop(&a->base);
	wlr_buffer_drop(&b->base);
}

static void paste(uint32_t *sheet, int width, int x, int y, struct bn_pixels *pixels) {
	for (int row = 0; row < pixels->base.height; row++) {
		memcpy(sheet + (size_t)(y + row) * (size_t)width + x,
				pixels->data + (size_t)row * (size_t)pixels->base.width,
				(size_t)pixels->base.width * sizeof(sheet[0]));
	}
	wlr_buffer_drop(&pixels->base);
}

/** Large zones have words as well; all pictures beside each other for a look. */
static void all_are_drawn_for_a_look(void **state) {
	enum { WIDTH = 6 * 176 + 16, HEIGHT = 16 + 56 + 16 + 160 + 16 + 240 + 16 };
	uint32_t *sheet = malloc(WIDTH * HEIGHT * sizeof(sheet[0]));
	struct bn_text *text = bn_text_create();
	for (int i = 0; i < WIDTH * HEIGHT; i++) {
		sheet[i] = 0x20242a;
	}
	for (int i = 0; i < (int)LAMPS; i++) {
		paste(sheet, WIDTH, 16 + i * 176, 16, draw(lamps[i], text, 56, 56));
		paste(sheet, WIDTH, 16 + i * 176, 88, draw(lamps[i], text, 160, 160));
	}
	struct bn_pixels *camera = draw(BN_BUILTIN_NO_CAMERA, text, 512, 240);
	struct bn_pixels *speed = draw(BN_BUILTIN_SPEED, text, 512, 240);
	assert_memory_not_equal(camera->data, speed->data, 512 * 240 * sizeof(sheet[0]));
	paste(sheet, WIDTH, 16, 264, camera);
	paste(sheet, WIDTH, 544, 264, speed);
	const char *path = getenv("BN_PICTURES");
	if (path != NULL) {
		assert_true(bn_png_write(path, sheet, WIDTH, HEIGHT));
	}
	bn_text_destroy(text);
	free(sheet);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lamp_is_whole_and_has_its_corners),
		cmocka_unit_test(no_lamp_is_taken_for_another),
		cmocka_unit_test(themes_change_no_lamp),
		cmocka_unit_test(all_are_drawn_for_a_look),
	};
	return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
