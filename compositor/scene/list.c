#include "scene/list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/render/pixman.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_alpha_modifier_v1.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/util/region.h>

#include "client.h"
#include "scene/content.h"
#include "scene/pixels.h"
#include "scene/scene.h"
#include "scene/walk.h"
#include "shell/view.h"

// Keys of pictures and plates stand beside contents' ids, which count from 1.
#define KEY_FILLER (UINT64_C(1) << 62)
#define KEY_BACKDROP (UINT64_C(1) << 61)
#define KEY_INSPECTOR (UINT64_C(1) << 60)

#define PLATES_MAX 64

/** Far beyond any display, and twice of it is still a number: clients may place surfaces anywhere. */
#define PX_MAX (1 << 24)
/**
 * What a zone below safety may cost: its surfaces, of which one may lie upon another, in sum cover it so often.
 * A page with its video, its controls and a menu are some three; the rest of a pile is not drawn.
 */
#define LAYERS_MAX 6
/** A surface costs at least as much as so many px, however small it is. */
#define SURFACE_MIN_PX 4096
/** And every zone may have so many small ones. */
#define SURFACES_FREE 32

struct build {
	struct bn_scene_list *list;
	const struct bn_scene_list_params *params;
	const struct bn_scene_zone *zone;
	struct bn_transition_pose pose;
	float opacity; // of the zone, with its transition
	float gain;
	int64_t px_left; // that the zone's surfaces may cover yet
	bool keep;       // latch: buffers stay locked
	const struct bn_zone
			*aged; // latch: its max-age asks whether pictures differ; NULL: nobody does
	struct bn_rect plates[PLATES_MAX]; // inspector: where words stand already
	size_t plate_count;
};

void bn_scene_list_init(struct bn_scene_list *list) {
	*list = (struct bn_scene_list){ 0 };
	bn_drawlist_init(&list->draw);
}

static void drop_pictures(struct bn_scene_list *list, bool only_unused) {
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

void bn_scene_list_finish(struct bn_scene_list *list) {
	drop_pictures(list, false);
	bn_scene_overlay_finish(&list->overlay);
	free(list->pictures);
	free(list->sources);
	bn_drawlist_finish(&list->draw);
	*list = (struct bn_scene_list){ 0 };
}

void bn_scene_list_reset(struct bn_scene_list *list) {
	drop_pictures(list, false);
	bn_scene_overlay_finish(&list->overlay);
	bn_drawlist_invalidate(&list->draw);
}

const struct bn_draw_source *bn_scene_list_source(const struct bn_scene_list *list,
		const struct bn_draw_op *op) {
	return &list->sources[(uintptr_t)op->item.user - 1];
}

/** Room for one more element; grows at warm-up only. */
static void *grow(void *array, size_t count, size_t *capacity, size_t size) {
	if (count < *capacity) {
		return array;
	}
	size_t larger = *capacity == 0 ? 32 : *capacity * 2;
	void *moved = realloc(array, larger * size);
	if (moved != NULL) {
		*capacity = larger;
	}
	return moved;
}

static int32_t to_px(const struct build *build, double logical) {
	double px = logical * build->params->scale;
	return px > -PX_MAX ? px < PX_MAX ? (int32_t)lround(px) : PX_MAX : -PX_MAX;
}

static struct bn_rect to_px_rect(const struct build *build, double x, double y, double width,
		double height) {
	int32_t x1 = to_px(build, x), y1 = to_px(build, y);
	return (struct bn_rect){ x1, y1, to_px(build, x + width) - x1,
		to_px(build, y + height) - y1 };
}

static struct bn_rect zone_px(const struct build *build) {
	const struct bn_rect *box = &build->zone->box;
	return to_px_rect(build, box->x, box->y, box->width, box->height);
}

static uint64_t mix_version(uint64_t hash, const void *data, size_t size) {
	const unsigned char *bytes = data;
	for (size_t i = 0; i < size; i++) {
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	}
	return hash;
}

/** Adds an entry drawn from `source`; item's box, key, opaque and alpha are the caller's. */
static void add_entry(struct build *build, struct bn_draw_item *item, struct bn_draw_source *source,
		const pixman_region32_t *damage) {
	struct bn_scene_list *list = build->list;
	void *sources = grow(list->sources, list->source_count, &list->source_capacity,
			sizeof(*source));
	if (sources == NULL) {
		return;
	}
	list->sources = sources;
	source->effect.gain = build->gain;
	if (item->radius > 0) {
		for (int i = 0; i < 4; i++) {
			source->effect.radius[i] = item->radius;
		}
		source->effect.shape = (struct wlr_box){ item->shape.x, item->shape.y,
			item->shape.width, item->shape.height };
	}
	uint64_t version = mix_version(UINT64_C(0xcbf29ce484222325), &source->box,
			sizeof(source->box));
	version = mix_version(version, &source->transform, sizeof(source->transform));
	version = mix_version(version, &source->color, sizeof(source->color));
	version = mix_version(version, &source->effect, sizeof(source->effect));
	version = mix_version(version, &item->version, sizeof(item->version));
	version = mix_version(version, &item->alpha, sizeof(item->alpha));
	item->version = version;
	item->user = (void *)(uintptr_t)(list->source_count + 1);
	if (bn_drawlist_add(&list->draw, item, damage)) {
		list->sources[list->source_count++] = *source;
	}
}

static struct bn_draw_item zone_item(const struct build *build, uint64_t key) {
	struct bn_rect clip = zone_px(build);
	struct bn_rect shape = clip;
	// A sliding content moves with its rounded shape, within the zone that stays.
	shape.x += to_px(build, build->pose.dx);
	shape.y += to_px(build, build->pose.dy);
	return (struct bn_draw_item){
		.key = key,
		.layer = build->zone->layer,
		.clip = clip,
		.alpha = build->opacity,
		.radius = (float)(build->zone->radius * build->params->scale),
		.shape = shape,
	};
}

// Client surfaces

static bool is_swapped(enum wl_output_transform transform) {
	return (transform & WL_OUTPUT_TRANSFORM_90) != 0;
}

/** Damage in surface px as output px; a filtered edge reaches one px further. */
static void map_damage(const struct bn_content *content, const struct bn_rect *box, bool filtered,
		pixman_region32_t *ret_damage) {
	wlr_region_scale_xy(ret_damage, &content->surface_damage,
			(float)box->width / (float)content->width,
			(float)box->height / (float)content->height);
	if (filtered) {
		wlr_region_expand(ret_damage, ret_damage, 1);
	}
	pixman_region32_translate(ret_damage, box->x, box->y);
}

/** The largest box of the surface's opaque region, as output px, rounded inwards. */
static struct bn_rect opaque_part(const struct wlr_surface *surface,
		const struct bn_content *content, const struct bn_rect *box) {
	int count = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(&surface->opaque_region, &count);
	const pixman_box32_t *best = NULL;
	int64_t best_area = 0;
	for (int i = 0; i < count; i++) {
		int64_t area = (int64_t)(boxes[i].x2 - boxes[i].x1) * (boxes[i].y2 - boxes[i].y1);
		if (area > best_area) {
			best = &boxes[i];
			best_area = area;
		}
	}
	if (best == NULL) {
		return (struct bn_rect){ 0 };
	}
	double kx = (double)box->width / content->width, ky = (double)box->height / content->height;
	int32_t x1 = (int32_t)ceil(best->x1 * kx), y1 = (int32_t)ceil(best->y1 * ky);
	int32_t x2 = (int32_t)floor(best->x2 * kx), y2 = (int32_t)floor(best->y2 * ky);
	return (struct bn_rect){ box->x + x1, box->y + y1, x2 - x1, y2 - y1 };
}

static float client_alpha(struct wlr_surface *surface) {
	const struct wlr_alpha_modifier_surface_v1_state *state =
			wlr_alpha_modifier_v1_get_surface_state(surface);
	return state != NULL ? (float)state->multiplier : 1.0f;
}

static int64_t area_of(const struct bn_rect *rect) {
	return (int64_t)rect->width * rect->height;
}

static int64_t px_of_zone(const struct build *build) {
	const struct bn_rect zone = zone_px(build);
	return build->zone->layer >= BN_LAYER_SAFETY
			? INT64_MAX
			: area_of(&zone) * LAYERS_MAX + SURFACES_FREE * SURFACE_MIN_PX;
}

/** False: the zone has enough to draw already. */
static bool may_cost(struct build *build, const struct bn_draw_item *item,
		const struct bn_content *content) {
	const struct bn_rect seen = bn_rect_intersect(&item->box, &item->clip);
	if (bn_rect_is_empty(&seen)) {
		return true;
	}
	int64_t cost = area_of(&seen) > SURFACE_MIN_PX ? area_of(&seen) : SURFACE_MIN_PX;
	if (cost >= build->px_left && build->px_left > 0) {
		bn_client_refuse(content->client, build->params->now_ns,
				"its surfaces cover its zone more than %d times: the uppermost are "
				"not drawn",
				LAYERS_MAX);
		build->px_left = 0;
	}
	if (build->px_left == 0) {
		return false;
	}
	build->px_left -= cost;
	return true;
}

/** While a window leaves, one that comes may have become its dialog: it is drawn once, where it was met first. */
static bool is_listed(const struct build *build, struct bn_content *content) {
	if (content->listed_in == build->list && content->listed_frame == build->list->frame) {
		return true;
	}
	content->listed_in = build->list;
	content->listed_frame = build->list->frame;
	return false;
}

static void add_surface(const struct bn_walk_surface *entry, void *data) {
	struct build *build = data;
	struct bn_content *content = bn_content_from_surface(entry->surface);
	if (content == NULL || !bn_content_is_drawable(content) || content->width < 1
			|| content->height < 1 || is_listed(build, content)) {
		return;
	}
	struct bn_rect box = to_px_rect(build, entry->x + build->pose.dx, entry->y + build->pose.dy,
			content->width * entry->scale_x, content->height * entry->scale_y);
	bool swapped = is_swapped((enum wl_output_transform)content->transform);
	bool unscaled = content->source.width == (swapped ? box.height : box.width)
			&& content->source.height == (swapped ? box.width : box.height)
			&& content->source.x == floor(content->source.x)
			&& content->source.y == floor(content->source.y);
	struct bn_draw_source source = {
		.texture = content->has_color ? NULL : content->texture,
		.box = content->source,
		.transform = (enum wl_output_transform)content->transform,
		.filter = unscaled ? WLR_SCALE_FILTER_NEAREST : WLR_SCALE_FILTER_BILINEAR,
		.content = content,
	};
	if (content->has_color) {
		source.color = (struct wlr_render_color){ content->color[0], content->color[1],
			content->color[2], content->color[3] };
	}
	struct bn_draw_item item = zone_item(build, content->id);
	item.box = box;
	if (!may_cost(build, &item, content)) {
		return;
	}
	item.alpha *= client_alpha(entry->surface);
	item.opaque = content->has_color ? content->color[3] >= 1 : content->opaque;
	if (!item.opaque) {
		item.opaque_box = opaque_part(entry->surface, content, &box);
	}
	pixman_region32_t damage;
	pixman_region32_init(&damage);
	map_damage(content, &box, !unscaled, &damage);
	add_entry(build, &item, &source, &damage);
	pixman_region32_fini(&damage);
	pixman_region32_clear(&content->surface_damage);
	bn_content_set_output(content, build->params->output, build->params->scale);
}

/** Whether what is news of it will be drawn px for px: such content is copied, not uploaded, where a CPU draws. */
static bool is_one_to_one(const struct build *build, const struct bn_walk_surface *entry,
		const struct bn_content *content) {
	const struct bn_content_geometry *geometry = &content->newest_geometry;
	return content->newest != NULL
			&& to_px(build, geometry->width * entry->scale_x) == geometry->source.width
			&& to_px(build, geometry->height * entry->scale_y)
			== geometry->source.height;
}

static void begin_tree(const struct bn_walk_surface *entry, void *data) {
	struct bn_content *content = bn_content_from_surface(entry->surface);
	if (content != NULL) {
		content->tree_waits = false;
	}
}

/** What it latches goes with nobody else's: its newest finished buffer need not wait for a newer one. */
static bool stands_alone(struct bn_content *content) {
	const struct wlr_surface_state *state = &content->surface->current;
	return bn_content_tree(content) == content && wl_list_empty(&state->subsurfaces_below)
			&& wl_list_empty(&state->subsurfaces_above);
}

static void find_waiting(const struct bn_walk_surface *entry, void *data) {
	struct bn_content *content = bn_content_from_surface(entry->surface);
	if (content != NULL && !bn_content_is_ready(content) && !stands_alone(content)) {
		bn_content_tree(content)->tree_waits = true;
	}
}

static void look_at(const struct build *build, const struct bn_walk_surface *entry,
		struct bn_content *content) {
	struct bn_look *look = &content->look;
	look->at = build->aged == NULL ? BN_LOOK_NOT : BN_LOOK_ALL;
	if (build->aged != NULL && build->aged->has_counter) {
		look->at = entry->surface == entry->view->surface ? BN_LOOK_PART : BN_LOOK_IGNORE;
		memcpy(look->part, build->aged->counter, sizeof(look->part));
	}
}

static void latch_surface(const struct bn_walk_surface *entry, void *data) {
	struct build *build = data;
	struct bn_content *content = bn_content_from_surface(entry->surface);
	if (content == NULL || content->client == NULL) {
		return;
	}
	if (build->params->scene->contents->waiting > 0 && bn_content_tree(content)->tree_waits) {
		return;
	}
	struct bn_budget *budget = &content->client->budget;
	if (content->client->budget_frame != build->list->frame) {
		content->client->budget_frame = build->list->frame;
		bn_budget_refresh_uploads(budget);
	}
	bool exempt = build->zone->layer >= BN_LAYER_SAFETY;
	bool in_parts = !exempt && !is_one_to_one(build, entry, content);
	int64_t bytes = bn_content_news_bytes(content);
	if (in_parts && bytes > BN_CONTENT_PART_BYTES) {
		bytes = BN_CONTENT_PART_BYTES;
	}
	if (!exempt && bn_content_has_news(content)
			&& bn_budget_spend(budget, BN_BUDGET_UPLOAD_BYTES, bytes) != BN_BUDGET_OK) {
		bn_client_refuse(content->client, build->params->now_ns,
				"more pixels than its upload budget; the rest waits for the next "
				"refresh");
		build->list->again = true;
		return;
	}
	look_at(build, entry, content);
	build->list->upload_bytes +=
			bn_content_latch_for(content, build->keep, in_parts, build->params->output);
	build->list->again |= bn_content_has_news(content); // a part of it is to come
}

// Pictures of ours

static struct bn_scene_picture *find_picture(struct bn_scene_list *list, uint64_t key) {
	for (size_t i = 0; i < list->picture_count; i++) {
		if (list->pictures[i].key == key) {
			return &list->pictures[i];
		}
	}
	void *pictures = grow(list->pictures, list->picture_count, &list->picture_capacity,
			sizeof(list->pictures[0]));
	if (pictures == NULL) {
		return NULL;
	}
	list->pictures = pictures;
	list->pictures[list->picture_count] = (struct bn_scene_picture){ .key = key };
	return &list->pictures[list->picture_count++];
}

/** Takes the buffer over. False: the old picture stays. */
static bool set_picture(struct bn_scene_picture *picture, struct wlr_renderer *renderer,
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

static void add_picture(struct build *build, const struct bn_scene_picture *picture,
		struct bn_rect box, bool is_opaque, struct bn_draw_item item) {
	struct bn_draw_source source = {
		.texture = picture->texture,
		.box = { 0, 0, picture->width, picture->height },
		.filter = WLR_SCALE_FILTER_NEAREST,
	};
	item.box = box;
	item.opaque = is_opaque;
	item.version = picture->version;
	add_entry(build, &item, &source, NULL);
}

static void add_color(struct build *build, uint64_t key, struct bn_rect box, uint32_t argb) {
	float alpha = (float)(argb >> 24) / 255;
	struct bn_draw_source source = {
		.color = { .r = (float)(argb >> 16 & 0xff) / 255 * alpha,
				.g = (float)(argb >> 8 & 0xff) / 255 * alpha,
				.b = (float)(argb & 0xff) / 255 * alpha,
				.a = alpha },
	};
	struct bn_draw_item item = zone_item(build, key);
	item.box = box;
	item.opaque = argb >> 24 == 0xff;
	add_entry(build, &item, &source, NULL);
}

/** The picture, and the ground beside it: no px twice, so that both may fade and have round corners. */
static void add_filler_parts(struct build *build, const struct bn_scene_picture *picture,
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
			add_color(build, picture->key + 1 + i, beside[i], picture->ground);
		}
	}
	add_picture(build, picture, box, true, zone_item(build, picture->key));
}

static void draw_filler(struct build *build, struct bn_scene_picture *picture,
		const struct bn_filler *filler, const struct bn_rect *area) {
	const struct bn_scene_list_params *params = build->params;
	const struct bn_picture_info *info = &params->scene->info;
	struct bn_picture drawn;
	if (bn_picture_draw(filler, info, params->text, area->width, area->height, &drawn)
			&& set_picture(picture, params->renderer, drawn.pixels,
					bn_picture_version(filler, info))) {
		picture->area = (struct bn_rect){ 0, 0, area->width, area->height };
		picture->x = drawn.x;
		picture->y = drawn.y;
		picture->ground = drawn.ground;
	}
}

static void add_filler(struct build *build, size_t index, const struct bn_filler *filler) {
	if (filler->builtin == BN_BUILTIN_NONE) {
		return;
	}
	struct bn_rect area = zone_px(build);
	area.x += to_px(build, build->pose.dx);
	area.y += to_px(build, build->pose.dy);
	uint64_t key = KEY_FILLER | (index * 8);
	if (filler->builtin == BN_BUILTIN_COLOR) {
		add_color(build, key, area, filler->color);
		return;
	}
	struct bn_scene_picture *picture = find_picture(build->list, key);
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

// Zones

struct motion {
	int64_t now_ns;
	bool moving;
};

static void look_for_motion(const struct bn_walk_surface *entry, void *data) {
	struct motion *motion = data;
	const struct bn_content *content = bn_content_from_surface(entry->surface);
	motion->moving |= content != NULL && bn_content_is_moving(content, motion->now_ns);
}

static bool has_moving_surface(const struct bn_scene_zone *zone, int64_t now_ns) {
	struct motion motion = { .now_ns = now_ns };
	bn_walk_zone(zone, look_for_motion, &motion);
	return motion.moving;
}

static void add_outgoing(struct build *build) {
	const struct bn_scene_zone *zone = build->zone;
	struct bn_view *view = zone->outgoing;
	if (view == NULL || !view->mapped || zone->transition.kind == BN_TRANSITION_NONE) {
		return;
	}
	build->pose = bn_transition_outgoing(&zone->transition, &zone->box, build->params->now_ns);
	build->opacity = zone->opacity * build->pose.alpha;
	struct bn_walk_frame frame = bn_walk_view_frame(zone->fit, &zone->box, view);
	build->px_left = px_of_zone(build);
	bn_walk_view(&frame, view, add_surface, build);
}

/** A view's picture may be lost with its GPU; until the client draws again, its zone says so. */
static const struct bn_filler *stand_in(const struct build *build, size_t index) {
	const struct bn_view *view = build->zone->view;
	const struct bn_content *content =
			view != NULL ? bn_content_from_surface(view->surface) : NULL;
	if (content == NULL || bn_content_is_drawable(content)) {
		return NULL;
	}
	const struct bn_zone *spec = &build->params->scene->layout->zones[index];
	return spec->on_fault.builtin != BN_BUILTIN_NONE ? &spec->on_fault : &spec->empty;
}

static void add_zone(struct build *build, size_t index) {
	struct bn_scene_zone *zone = &build->params->scene->zones[index];
	int64_t now = build->params->now_ns;
	build->zone = zone;
	const struct bn_theme *theme =
			&build->params->scene->layout->themes[build->params->scene->theme];
	build->gain = zone->dimmed ? (float)(1 - theme->dim) : 1;
	if (bn_transition_is_running(&zone->transition, now)) {
		build->list->again = true;
		add_outgoing(build);
		build->pose = bn_transition_incoming(&zone->transition, &zone->box, now);
	} else {
		zone->transition.kind = BN_TRANSITION_NONE;
		zone->outgoing = NULL;
		build->pose = (struct bn_transition_pose){ .alpha = 1 };
	}
	build->opacity = zone->opacity * build->pose.alpha;
	bool restricted = (zone->restrictions & BN_RESTRICT_VIDEO) != 0 && !zone->vetted;
	if (restricted && !zone->video_held) {
		zone->video_held = has_moving_surface(zone, now);
	}
	if (zone->video_held) {
		const struct bn_filler held = { .builtin = BN_BUILTIN_TEXT,
			.text = "Video is not shown while driving" };
		add_filler(build, index, &held);
	} else if (zone->content == BN_CONTENT_VIEW) {
		if (zone->fit == BN_FIT_FIT || zone->fit == BN_FIT_CENTER) {
			add_color(build, KEY_BACKDROP | index, zone_px(build),
					0xff000000 | theme->background);
		}
		const struct bn_filler *filler = stand_in(build, index);
		if (filler != NULL) {
			add_filler(build, index, filler);
		}
		build->px_left = px_of_zone(build);
		bn_walk_zone(zone, add_surface, build);
	} else if (zone->filler != NULL) {
		add_filler(build, index, zone->filler);
	}
}

static void latch_zones(struct build *build) {
	const struct bn_scene *scene = build->params->scene;
	for (size_t i = scene->layout->zone_count; i-- > 0;) {
		const struct bn_scene_zone *zone = &scene->zones[scene->layout->order[i]];
		const struct bn_zone *spec = &scene->layout->zones[scene->layout->order[i]];
		bool shows = zone->content == BN_CONTENT_VIEW && !zone->video_held;
		if (zone->display == build->params->display && (shows || zone->watched != NULL)) {
			build->zone = zone;
			// Where a CPU draws, a texture is the buffer itself and copies are made from it.
			build->keep = zone->layer >= BN_LAYER_ALERT
					|| wlr_renderer_is_pixman(build->params->renderer);
			build->aged = spec->max_age_ns > 0 ? spec : NULL;
			if (scene->contents->waiting > 0) {
				bn_walk_zone_latched(zone, begin_tree, build);
				bn_walk_zone_latched(zone, find_waiting, build);
			}
			bn_walk_zone_latched(zone, latch_surface, build);
		}
	}
}

// Inspector: borders, and a plate per zone; never over what the driver must see.

static const uint32_t layer_colors[BN_LAYER_COUNT] = { 0x7a8794, 0x3d9bff, 0x2fd6a2, 0xffc24b,
	0xff7a45, 0xff4d5e };

static void add_border(struct build *build, size_t index, uint32_t color) {
	struct bn_rect box = zone_px(build);
	const int32_t width = 2;
	const struct bn_rect edges[4] = {
		{ box.x, box.y, box.width, width },
		{ box.x, box.y + box.height - width, box.width, width },
		{ box.x, box.y, width, box.height },
		{ box.x + box.width - width, box.y, width, box.height },
	};
	for (uint64_t i = 0; i < 4; i++) {
		add_color(build, KEY_INSPECTOR | (index * 8 + i), edges[i], 0xff000000 | color);
	}
}

bool bn_scene_list_covers_safety(const struct bn_scene_list_params *params,
		const struct bn_rect *box) {
	const struct build build = { .params = params };
	const struct bn_scene *scene = params->scene;
	for (size_t i = 0; i < scene->layout->zone_count; i++) {
		const struct bn_scene_zone *zone = &scene->zones[i];
		if (zone->display != params->display || zone->layer < BN_LAYER_SAFETY
				|| zone->content == BN_CONTENT_NOTHING) {
			continue;
		}
		struct bn_rect other = to_px_rect(&build, zone->box.x, zone->box.y, zone->box.width,
				zone->box.height);
		struct bn_rect common = bn_rect_intersect(box, &other);
		if (!bn_rect_is_empty(&common)) {
			return true;
		}
	}
	return false;
}

/** Zones may start at one corner: a plate that would cover another goes below it. */
static struct bn_rect find_room(struct build *build, struct bn_rect box) {
	for (size_t i = 0; i < build->plate_count; i++) {
		struct bn_rect common = bn_rect_intersect(&box, &build->plates[i]);
		if (!bn_rect_is_empty(&common)) {
			box.y = build->plates[i].y + build->plates[i].height + 4;
			i = (size_t)-1; // moved: it may meet one that was passed before
		}
	}
	if (build->plate_count < PLATES_MAX) {
		build->plates[build->plate_count++] = box;
	}
	return box;
}

static void add_plate(struct build *build, uint64_t key, int32_t x, int32_t y, const char *words,
		uint32_t color) {
	char copy[512];
	snprintf(copy, sizeof(copy), "%s", words);
	const char *lines[8];
	int count = 0;
	char *rest = NULL;
	for (char *line = strtok_r(copy, "\n", &rest); line != NULL && count < 8;
			line = strtok_r(NULL, "\n", &rest)) {
		lines[count++] = line;
	}
	struct bn_scene_picture *picture = find_picture(build->list, key);
	if (picture == NULL || count == 0) {
		return;
	}
	uint64_t version = mix_version(UINT64_C(0xcbf29ce484222325), words, strlen(words));
	if (picture->texture == NULL || picture->version != version) {
		set_picture(picture, build->params->renderer,
				bn_picture_label(build->params->text, lines, count, color),
				version);
	}
	struct bn_rect box =
			find_room(build, (struct bn_rect){ x, y, picture->width, picture->height });
	if (picture->texture != NULL && !bn_scene_list_covers_safety(build->params, &box)) {
		picture->used = true;
		struct bn_draw_item item = zone_item(build, key);
		item.clip = (struct bn_rect){ 0, 0, build->params->width, build->params->height };
		item.alpha = 1;
		add_picture(build, picture, box, false, item);
	}
}

static void add_inspector(struct build *build) {
	const struct bn_scene *scene = build->params->scene;
	// Stands in for a zone: borders and plates are neither rounded, dimmed nor moved.
	struct bn_scene_zone frame = { .layer = BN_LAYER_TELLTALE, .opacity = 1 };
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
		struct bn_rect box = zone_px(build);
		const char *words =
				build->params->labels != NULL ? build->params->labels[index] : NULL;
		if (words != NULL) {
			add_plate(build, KEY_INSPECTOR | (index * 8 + 4), box.x + 8, box.y + 8,
					words, layer_colors[zone->layer]);
		}
	}
	if (build->params->headline != NULL) {
		add_plate(build, KEY_INSPECTOR | (scene->layout->zone_count * 8 + 5), 8,
				build->params->height - 60, build->params->headline, 0xffffff);
	}
}

void bn_scene_list_build(struct bn_scene_list *list, const struct bn_scene_list_params *params) {
	struct build build = { .list = list, .params = params, .gain = 1 };
	list->frame++;
	list->source_count = 0;
	list->upload_bytes = 0;
	list->again = false;
	for (size_t i = 0; i < list->picture_count; i++) {
		list->pictures[i].used = false;
	}
	bn_drawlist_begin(&list->draw, params->width, params->height);
	const struct bn_layout *layout = params->scene->layout;
	if (layout != NULL && params->display != BN_NONE) {
		latch_zones(&build);
		for (size_t i = 0; i < layout->zone_count; i++) {
			if (params->scene->zones[layout->order[i]].display == params->display) {
				add_zone(&build, layout->order[i]);
			}
		}
		if (params->inspector) {
			add_inspector(&build);
		}
		bn_scene_overlay_add(list, params);
	}
	bn_drawlist_end(&list->draw);
	bn_scene_overlay_refresh(list, params);
	drop_pictures(list, true);
}

void bn_scene_list_add(struct bn_scene_list *list, struct bn_draw_item *item,
		struct bn_draw_source *source) {
	struct build build = { .list = list, .gain = 1 };
	add_entry(&build, item, source, NULL);
}
