#include "safety/check_internal.h"

#include <string.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/transform.h>

#include "cockpit.h"
#include "render/peek.h"
#include "scene/pixels.h"
#include "scene/scene.h"

/** What two renderings of one picture of ours may differ by. */
#define COVER_TOLERANCE 4

void bn_check_ask(struct bn_check_item *item, struct bn_check_look *look, struct bn_output *output,
		struct wlr_buffer *buffer) {
	if (look->asked) {
		return; // the GPU is still at the one before
	}
	const struct wlr_box box = bn_output_map_box(output, &item->box);
	bn_peek_begin(look->peek, item->checks->outputs->renderer, buffer, &box);
	look->asked = true;
	look->asked_ns = bn_loop_now(item->checks->loop);
	look->transform = output->wlr->transform;
	item->reads++;
}

/** Where the pixel at x, y of a person's view lies in the buffer's. */
static int at(enum wl_output_transform to_buffer, int width, int height, int x, int y) {
	const struct wlr_box pixel = { x, y, 1, 1 };
	struct wlr_box box;
	wlr_box_transform(&box, &pixel, to_buffer, width, height);
	bool on_side = (to_buffer & WL_OUTPUT_TRANSFORM_90) != 0;
	return box.y * (on_side ? height : width) + box.x;
}

/** From the buffer's orientation to a person's. A turn is linear: three pixels tell all. */
static void turn_upright(const struct bn_check_item *item, const struct bn_check_look *look) {
	int width = item->golden.on.width, height = item->golden.on.height;
	const uint32_t *pixels = bn_peek_pixels(look->peek);
	if (look->transform == WL_OUTPUT_TRANSFORM_NORMAL) {
		memcpy(item->upright, pixels, (size_t)width * (size_t)height * sizeof(pixels[0]));
		return;
	}
	enum wl_output_transform to_buffer = wlr_output_transform_invert(look->transform);
	int origin = at(to_buffer, width, height, 0, 0);
	int right = width > 1 ? at(to_buffer, width, height, 1, 0) - origin : 0;
	int down = height > 1 ? at(to_buffer, width, height, 0, 1) - origin : 0;
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			item->upright[y * width + x] = pixels[origin + x * right + y * down];
		}
	}
}

/** False: still under way. */
static bool take(struct bn_check_item *item, struct bn_check_look *look,
		struct bn_golden_picture *ret_seen) {
	*ret_seen = (struct bn_golden_picture){ 0 };
	enum bn_peek_state state = look->asked ? bn_peek_poll(look->peek) : BN_PEEK_WAITS;
	if (state == BN_PEEK_WAITS) {
		return false;
	}
	look->asked = false;
	if (state == BN_PEEK_READY) {
		turn_upright(item, look);
		*ret_seen = (struct bn_golden_picture){ item->upright, item->golden.on.width,
			item->golden.on.height };
	}
	return true;
}

/** A place where no app stands shows a filler, which is no off picture and need not be one. */
static bool is_empty(const struct bn_check_item *item) {
	const struct bn_scene_zone *zone =
			&item->checks->cockpit->scene->zones[bn_check_zone(item)];
	return zone->content != BN_CONTENT_VIEW;
}

static bool is_cover(const struct bn_check_item *item, const struct bn_golden_picture *seen) {
	const struct bn_check_cover *cover = bn_check_cover_of(item);
	if (seen->pixels == NULL || cover == NULL || cover->pixels == NULL) {
		return false;
	}
	const struct bn_golden_picture wanted = { cover->pixels->data, seen->width, seen->height };
	const struct bn_golden_picture everywhere = { 0 };
	return bn_golden_compare(seen, &wanted, &everywhere, COVER_TOLERANCE).outside == 0;
}

void bn_check_collect(struct bn_check_item *item) {
	int64_t now = bn_loop_now(item->checks->loop);
	struct bn_golden_picture seen;
	if (take(item, &item->app, &seen)) {
		bn_telltale_see(&item->telltale,
				bn_golden_judge(&item->golden, &seen, is_empty(item)), now);
	}
	if (take(item, &item->cover, &seen)) {
		bn_telltale_see_cover(&item->telltale, is_cover(item, &seen), now);
	}
}
