#include <math.h>

#include "media/media.h"

static void place_buttons(struct bn_media_layout *layout, double x, double y, double width,
		double spread) {
	static const double sizes[BN_MEDIA_BUTTON_COUNT] = { 64, 76, 104, 76, 64 };
	for (int i = 0; i < BN_MEDIA_BUTTON_COUNT; i++) {
		double size = sizes[i] * layout->unit;
		double middle = x + width / 2 + (i - 2) * spread * layout->unit;
		layout->buttons[i] = (struct bn_media_box){ middle - size / 2, y - size / 2, size,
			size };
	}
}

static void set_compact(struct bn_media_layout *layout, double width, double height) {
	double u = fmin(width / 760, height / 200);
	layout->unit = u;
	layout->compact = true;
	double margin = 24 * u, art = fmin(height - 2 * margin, width * 0.32);
	layout->art = (struct bn_media_box){ margin, (height - art) / 2, art, art };
	double x = margin + art + 28 * u, right = width - margin;
	double middle = height / 2, size = 88 * u;
	layout->buttons[BN_MEDIA_NEXT] = (struct bn_media_box){ right - 68 * u,
		middle - 34 * u - 12 * u, 68 * u, 68 * u };
	layout->buttons[BN_MEDIA_PLAY] = (struct bn_media_box){ right - 84 * u - size,
		middle - size / 2 - 12 * u, size, size };
	layout->text = (struct bn_media_box){ x, middle - 66 * u,
		layout->buttons[BN_MEDIA_PLAY].x - x - 20 * u, 100 * u };
	layout->progress = (struct bn_media_box){ x, middle + 56 * u, right - x, 5 * u };
	layout->title_size = 38 * u;
}

static void set_wide(struct bn_media_layout *layout, double width, double height) {
	bool has_queue = width / height > 1.45;
	double u = fmin(width / (has_queue ? 1920 : 1300), height / 960);
	layout->unit = u;
	double queue = has_queue ? 470 * u : 0, margin = fmax(96 * u, (width - queue) * 0.055);
	double art = 540 * u;
	layout->art = (struct bn_media_box){ margin, (height - art) / 2, art, art };
	double x = margin + art + 76 * u;
	double right = width - (has_queue ? queue + margin + 72 * u : margin);
	layout->text = (struct bn_media_box){ x, layout->art.y + 36 * u, right - x, 220 * u };
	layout->progress = (struct bn_media_box){ x, layout->art.y + 318 * u, right - x, 6 * u };
	place_buttons(layout, x, layout->art.y + art - 74 * u, right - x,
			fmin(118, (right - x) / u / 5));
	layout->title_size = 60 * u;
	if (has_queue) {
		layout->row_height = 100 * u;
		layout->queue = (struct bn_media_box){ width - margin - queue, layout->art.y, queue,
			art };
		layout->queue_rows = 4;
	}
}

static void set_tall(struct bn_media_layout *layout, double width, double height) {
	double u = fmin(width / 700, height / 980);
	layout->unit = u;
	layout->centered = true;
	double art = fmin(width - 160 * u, 440 * u), below = 490 * u, margin = 64 * u;
	layout->row_height = 100 * u;
	int rows = (int)((height - art - below - 200 * u) / layout->row_height);
	layout->queue_rows = rows < 0 ? 0 : rows > 4 ? 4 : rows;
	double list = layout->queue_rows > 0 ? layout->queue_rows * layout->row_height + 80 * u : 0;
	double y = (height - art - below - list) / 2;
	layout->art = (struct bn_media_box){ (width - art) / 2, y, art, art };
	y += art;
	layout->text = (struct bn_media_box){ margin, y + 44 * u, width - 2 * margin, 180 * u };
	layout->progress = (struct bn_media_box){ margin, y + 278 * u, width - 2 * margin, 6 * u };
	place_buttons(layout, 0, y + 410 * u, width, 118);
	layout->title_size = 50 * u;
	if (list > 0) {
		layout->queue = (struct bn_media_box){ margin, y + below + 10 * u,
			width - 2 * margin, list };
	}
}

void bn_media_layout_set(struct bn_media_layout *layout, int width, int height) {
	*layout = (struct bn_media_layout){ 0 };
	if (height < 420 || (width < 700 && height < 700)) {
		set_compact(layout, width, height);
	} else if (width > height * 1.1) {
		set_wide(layout, width, height);
	} else {
		set_tall(layout, width, height);
	}
}

bool bn_media_box_has(const struct bn_media_box *box, double x, double y) {
	return box->width > 0 && x >= box->x && x < box->x + box->width && y >= box->y
			&& y < box->y + box->height;
}

struct bn_media_box bn_media_row(const struct bn_media_layout *layout, int row) {
	return (struct bn_media_box){ layout->queue.x,
		layout->queue.y + 62 * layout->unit + row * layout->row_height, layout->queue.width,
		layout->row_height };
}
