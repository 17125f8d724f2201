#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/render/wlr_texture.h>

#include "scene/list_internal.h"
#include "scene/picture.h"
#include "scene/pixels.h"
#include "scene/scene.h"

void bn_list_drop_pictures(struct bn_scene_list *list, bool only_unused) {
	size_t kept = 0;
	for (size_t i = 0; i < list->picture_count; i++) {
		struct bn_scene_picture *picture = &list->pictures[i];
		if (only_unused && picture->used) {
			list->pictures[kept++] = *picture;
		} else if (picture->texture != NULL) {
			wlr_texture_destroy(picture->texture);
		}
	}
	list->picture_count = kept;
}

struct bn_scene_picture *bn_list_find_picture(struct bn_scene_list *list, uint64_t key) {
	for (size_t i = 0; i < list->picture_count; i++) {
		if (list->pictures[i].key == key) {
			return &list->pictures[i];
		}
	}
	void *pictures = bn_list_grow(list->pictures, list->picture_count, &list->picture_capacity,
			sizeof(list->pictures[0]));
	if (pictures == NULL) {
		return NULL;
	}
	list->pictures = pictures;
	list->pictures[list->picture_count] = (struct bn_scene_picture){ .key = key };
	return &list->pictures[list->picture_count++];
}

bool bn_list_set_picture(struct bn_scene_picture *picture, struct wlr_renderer *renderer,
		struct bn_pixels *pixels, uint64_t version) {
	if (pixels == NULL) {
		return false;
	}
	struct wlr_texture *texture = wlr_texture_from_buffer(renderer, &pixels->base);
	if (texture != NULL) {
		if (picture->texture != NULL) {
			wlr_texture_destroy(picture->texture);
		}
		picture->texture = texture;
		picture->width = pixels->base.width;
		picture->height = pixels->base.height;
		picture->version = version;
	}
	wlr_buffer_drop(&pixels->base);
	return texture != NULL;
}

void bn_list_add_picture(struct bn_list_build *build, const struct bn_scene_picture *picture,
		struct bn_rect box, bool is_opaque, struct bn_draw_item item) {
	struct bn_draw_source source = {
		.texture = picture->texture,
		.box = { 0, 0, picture->width, picture->height },
		.filter = WLR_SCALE_FILTER_NEAREST,
	};
	item.box = box;
	item.opaque = is_opaque;
	item.version = picture->version;
	bn_list_add_entry(build, &item, &source, NULL);
}

void bn_list_add_color(struct bn_list_build *build, uint64_t key, struct bn_rect box,
		uint32_t argb) {
	float alpha = (float)(argb >> 24) / 255;
	struct bn_draw_source source = {
		.color = { .r = (float)(argb >> 16 & 0xff) / 255 * alpha,
				.g = (float)(argb >> 8 & 0xff) / 255 * alpha,
				.b = (float)(argb & 0xff) / 255 * alpha,
				.a = alpha },
	};
	struct bn_draw_item item = bn_list_zone_item(build, key);
	item.box = box;
	item.opaque = argb >> 24 == 0xff;
	bn_list_add_entry(build, &item, &source, NULL);
}

/** The picture, and the ground beside it: no px twice, so that both may fade and have round corners. */
static void add_filler_parts(struct bn_list_build *build, const struct bn_scene_picture *picture,
		const struct bn_rect *area) {
	struct bn_rect box = { area->x + picture->x, area->y + picture->y, picture->width,
		picture->height };
	int32_t right = box.x + box.width, bottom = box.y + box.height;
	const struct bn_rect beside[4] = {
		{ area->x, area->y, area->width, box.y - area->y },
		{ area->x, bottom, area->width, area->y + area->height - bottom },
		{ area->x, box.y, box.x - area->x, box.height },
		{ right, box.y, area->x + area->width - right, box.height },
	};
	for (uint64_t i = 0; i < 4; i++) {
		if (!bn_rect_is_empty(&beside[i])) {
			bn_list_add_color(build, picture->key + 1 + i, beside[i], picture->ground);
		}
	}
	bn_list_add_picture(build, picture, box, true, bn_list_zone_item(build, picture->key));
}

static void draw_filler(struct bn_list_build *build, struct bn_scene_picture *picture,
		const struct bn_filler *filler, const struct bn_rect *area) {
	const struct bn_scene_list_params *params = build->params;
	const struct bn_picture_info *info = &params->scene->info;
	struct bn_picture drawn;
	if (bn_picture_draw(filler, info, params->text, area->width, area->height, &drawn)
			&& bn_list_set_picture(picture, params->renderer, drawn.pixels,
					bn_picture_version(filler, info))) {
		picture->area = (struct bn_rect){ 0, 0, area->width, area->height };
		picture->x = drawn.x;
		picture->y = drawn.y;
		picture->ground = drawn.ground;
	}
}

void bn_list_add_filler(struct bn_list_build *build, size_t index, const struct bn_filler *filler) {
	if (filler->builtin == BN_BUILTIN_NONE) {
		return;
	}
	struct bn_rect area = bn_list_zone_px(build);
	area.x += bn_list_px(build, build->pose.dx);
	area.y += bn_list_px(build, build->pose.dy);
	uint64_t key = BN_LIST_KEY_FILLER | (index * 8);
	if (filler->builtin == BN_BUILTIN_COLOR) {
		bn_list_add_color(build, key, area, filler->color);
		return;
	}
	struct bn_scene_picture *picture = bn_list_find_picture(build->list, key);
	if (picture == NULL) {
		return;
	}
	uint64_t version = bn_picture_version(filler, &build->params->scene->info);
	bool fits = picture->area.width == area.width && picture->area.height == area.height;
	if (picture->texture == NULL || picture->version != version || !fits) {
		draw_filler(build, picture, filler, &area);
	}
	if (picture->texture != NULL) {
		picture->used = true;
		add_filler_parts(build, picture, &area);
	}
}
