#include <stdio.h>
#include <string.h>

#include "scene/list_internal.h"
#include "scene/picture.h"
#include "scene/scene.h"

#define PLATES_MAX 64

/** Where words stand already. */
struct plates {
	struct bn_rect boxes[PLATES_MAX];
	size_t count;
};

static const uint32_t layer_colors[BN_LAYER_COUNT] = { 0x7a8794, 0x3d9bff, 0x2fd6a2, 0xffc24b,
	0xff7a45, 0xff4d5e };

static void add_border(struct bn_list_build *build, size_t index, uint32_t color) {
	struct bn_rect box = bn_list_zone_px(build);
	const int32_t width = 2;
	const struct bn_rect edges[4] = {
		{ box.x, box.y, box.width, width },
		{ box.x, box.y + box.height - width, box.width, width },
		{ box.x, box.y, width, box.height },
		{ box.x + box.width - width, box.y, width, box.height },
	};
	for (uint64_t i = 0; i < 4; i++) {
		bn_list_add_color(build, BN_LIST_KEY_INSPECTOR | (index * 8 + i), edges[i],
				0xff000000 | color);
	}
}

/** Zones may start at one corner: a plate that would cover another goes below it. */
static struct bn_rect find_room(struct plates *plates, struct bn_rect box) {
	for (size_t i = 0; i < plates->count; i++) {
		struct bn_rect common = bn_rect_intersect(&box, &plates->boxes[i]);
		if (!bn_rect_is_empty(&common)) {
			box.y = plates->boxes[i].y + plates->boxes[i].height + 4;
			i = (size_t)-1; // moved: it may meet one that was passed before
		}
	}
	if (plates->count < PLATES_MAX) {
		plates->boxes[plates->count++] = box;
	}
	return box;
}

static void add_plate(struct bn_list_build *build, struct plates *plates, uint64_t key, int32_t x,
		int32_t y, const char *words, uint32_t color) {
	char copy[512];
	snprintf(copy, sizeof(copy), "%s", words);
	const char *lines[8];
	int count = 0;
	char *rest = NULL;
	for (char *line = strtok_r(copy, "\n", &rest); line != NULL && count < 8;
			line = strtok_r(NULL, "\n", &rest)) {
		lines[count++] = line;
	}
	struct bn_scene_picture *picture = bn_list_find_picture(build->list, key);
	if (picture == NULL || count == 0) {
		return;
	}
	uint64_t version = bn_list_mix(UINT64_C(0xcbf29ce484222325), words, strlen(words));
	if (picture->texture == NULL || picture->version != version) {
		bn_list_set_picture(picture, build->params->renderer,
				bn_picture_label(build->params->text, lines, count, color),
				version);
	}
	struct bn_rect box = find_room(plates,
			(struct bn_rect){ x, y, picture->width, picture->height });
	if (picture->texture != NULL && !bn_scene_list_covers_safety(build->params, &box)) {
		picture->used = true;
		struct bn_draw_item item = bn_list_zone_item(build, key);
		item.clip = (struct bn_rect){ 0, 0, build->params->width, build->params->height };
		item.alpha = 1;
		bn_list_add_picture(build, picture, box, false, item);
	}
}

void bn_inspector_add(struct bn_list_build *build) {
	const struct bn_scene *scene = build->params->scene;
	// Stands in for a zone: borders and plates are neither rounded, dimmed nor moved.
	struct bn_scene_zone frame = { .layer = BN_LAYER_TELLTALE, .opacity = 1 };
	struct plates plates = { .count = 0 };
	build->zone = &frame;
	build->pose = (struct bn_transition_pose){ .alpha = 1 };
	build->opacity = 1;
	build->gain = 1;
	for (size_t i = 0; i < scene->layout->zone_count; i++) {
		size_t index = scene->layout->order[i];
		const struct bn_scene_zone *zone = &scene->zones[index];
		if (zone->display != build->params->display
				|| zone->content == BN_CONTENT_NOTHING) {
			continue;
		}
		frame.box = zone->box;
		add_border(build, index, layer_colors[zone->layer]);
		struct bn_rect box = bn_list_zone_px(build);
		const char *words =
				build->params->labels != NULL ? build->params->labels[index] : NULL;
		if (words != NULL) {
			add_plate(build, &plates, BN_LIST_KEY_INSPECTOR | (index * 8 + 4),
					box.x + 8, box.y + 8, words, layer_colors[zone->layer]);
		}
	}
	if (build->params->headline != NULL) {
		add_plate(build, &plates,
				BN_LIST_KEY_INSPECTOR | (scene->layout->zone_count * 8 + 5), 8,
				build->params->height - 60, build->params->headline, 0xffffff);
	}
}
