#include "watch/sheet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scene/pixels.h"
#include "scene/text.h"
#include "watch/png.h"

#define THUMB_HEIGHT 270
#define MARGIN 24
#define CAPTION 34
#define TITLE_SIZE 22

struct thumb {
	char moment[48], display[48];
	uint32_t *pixels; // owned
	int32_t width;
};

struct bn_sheet {
	struct bn_text *text;
	struct thumb *thumbs; // owned
	size_t count, capacity;
};

struct bn_sheet *bn_sheet_create(struct bn_text *text) {
	struct bn_sheet *sheet = calloc(1, sizeof(*sheet));
	if (sheet != NULL) {
		sheet->text = text;
	}
	return sheet;
}

void bn_sheet_destroy(struct bn_sheet *sheet) {
	if (sheet == NULL) {
		return;
	}
	for (size_t i = 0; i < sheet->count; i++) {
		free(sheet->thumbs[i].pixels);
	}
	free(sheet->thumbs);
	free(sheet);
}

/** The mean of the source pixels from x1, y1 up to x2, y2. */
static uint32_t mean(const uint32_t *pixels, int32_t stride, int32_t x1, int32_t y1, int32_t x2,
		int32_t y2) {
	uint32_t sums[3] = { 0 };
	for (int32_t y = y1; y < y2; y++) {
		for (int32_t x = x1; x < x2; x++) {
			uint32_t pixel = pixels[(size_t)y * (size_t)stride + (size_t)x];
			sums[0] += pixel >> 16 & 0xff;
			sums[1] += pixel >> 8 & 0xff;
			sums[2] += pixel & 0xff;
		}
	}
	uint32_t count = (uint32_t)((x2 - x1) * (y2 - y1));
	return 0xff000000 | (sums[0] / count) << 16 | (sums[1] / count) << 8 | sums[2] / count;
}

static uint32_t *shrink(const uint32_t *pixels, int32_t width, int32_t height, int32_t to_width) {
	uint32_t *small = malloc((size_t)to_width * THUMB_HEIGHT * 4);
	for (int32_t y = 0; small != NULL && y < THUMB_HEIGHT; y++) {
		int32_t y1 = y * height / THUMB_HEIGHT, y2 = (y + 1) * height / THUMB_HEIGHT;
		for (int32_t x = 0; x < to_width; x++) {
			int32_t x1 = (int32_t)((int64_t)x * width / to_width);
			int32_t x2 = (int32_t)((int64_t)(x + 1) * width / to_width);
			small[(size_t)y * (size_t)to_width + (size_t)x] = mean(pixels, width, x1,
					y1, x2 > x1 ? x2 : x1 + 1, y2 > y1 ? y2 : y1 + 1);
		}
	}
	return small;
}

void bn_sheet_add(struct bn_sheet *sheet, const char *moment, const char *display,
		const uint32_t *pixels, int32_t width, int32_t height) {
	if (sheet->count == sheet->capacity) {
		size_t capacity = sheet->capacity == 0 ? 32 : sheet->capacity * 2;
		struct thumb *thumbs = realloc(sheet->thumbs, capacity * sizeof(thumbs[0]));
		if (thumbs == NULL) {
			return;
		}
		sheet->thumbs = thumbs;
		sheet->capacity = capacity;
	}
	struct thumb *thumb = &sheet->thumbs[sheet->count];
	*thumb = (struct thumb){ .width = (int32_t)((int64_t)THUMB_HEIGHT * width / height) };
	snprintf(thumb->moment, sizeof(thumb->moment), "%s", moment);
	snprintf(thumb->display, sizeof(thumb->display), "%s", display);
	thumb->pixels = shrink(pixels, width, height, thumb->width);
	sheet->count++;
}

static bool starts_row(const struct bn_sheet *sheet, size_t index) {
	return index == 0
			|| strcmp(sheet->thumbs[index].moment, sheet->thumbs[index - 1].moment)
			!= 0;
}

/** Where the pictures begin: beside the longest name of a moment. */
static int32_t title_width(const struct bn_sheet *sheet) {
	int32_t widest = 0;
	for (size_t i = 0; i < sheet->count; i++) {
		int32_t width = bn_text_measure(sheet->text, TITLE_SIZE, sheet->thumbs[i].moment);
		widest = width > widest ? width : widest;
	}
	return MARGIN + widest + MARGIN;
}

static void measure(const struct bn_sheet *sheet, int32_t *ret_width, int32_t *ret_height) {
	int32_t rows = 0, x = 0, widest = 0, title = title_width(sheet);
	for (size_t i = 0; i < sheet->count; i++) {
		if (starts_row(sheet, i)) {
			rows++;
			x = title;
		}
		x += sheet->thumbs[i].width + MARGIN;
		widest = x > widest ? x : widest;
	}
	*ret_width = widest + MARGIN;
	*ret_height = rows * (THUMB_HEIGHT + CAPTION + MARGIN) + MARGIN;
}

static void paste(struct bn_pixels *page, const struct thumb *thumb, int32_t x, int32_t y) {
	for (int32_t row = 0; thumb->pixels != NULL && row < THUMB_HEIGHT; row++) {
		memcpy(&page->data[(size_t)(y + row) * (size_t)page->base.width + (size_t)x],
				&thumb->pixels[(size_t)row * (size_t)thumb->width],
				(size_t)thumb->width * 4);
	}
}

bool bn_sheet_write(const struct bn_sheet *sheet, const char *path) {
	int32_t width, height;
	measure(sheet, &width, &height);
	struct bn_pixels *page = bn_pixels_create(width, height);
	if (page == NULL) {
		errno = ENOMEM;
		return false;
	}
	for (size_t i = 0; i < (size_t)width * (size_t)height; i++) {
		page->data[i] = 0xff16191d;
	}
	int32_t title = title_width(sheet);
	int32_t x = 0, y = MARGIN - (THUMB_HEIGHT + CAPTION + MARGIN);
	for (size_t i = 0; i < sheet->count; i++) {
		const struct thumb *thumb = &sheet->thumbs[i];
		if (starts_row(sheet, i)) {
			x = title;
			y += THUMB_HEIGHT + CAPTION + MARGIN;
			bn_text_draw(sheet->text, page, MARGIN, y + THUMB_HEIGHT / 2, TITLE_SIZE,
					0xffffffff, thumb->moment);
		}
		paste(page, thumb, x, y);
		bn_text_draw(sheet->text, page, x, y + THUMB_HEIGHT + 22, 16, 0xff9aa4ae,
				thumb->display);
		x += thumb->width + MARGIN;
	}
	bool written = bn_png_write(path, page->data, width, height);
	wlr_buffer_drop(&page->base);
	return written;
}
