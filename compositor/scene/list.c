#include "scene/list.h"

#include <math.h>
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
#include "scene/list_internal.h"
#include "scene/scene.h"
#include "scene/walk.h"
#include "shell/view.h"

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

void bn_scene_list_init(struct bn_scene_list *list) {
	*list = (struct bn_scene_list){ 0 };
	bn_drawlist_init(&list->draw);
}

void bn_scene_list_finish(struct bn_scene_list *list) {
	bn_list_drop_pictures(list, false);
	bn_scene_overlay_finish(&list->overlay);
	free(list->pictures);
	free(list->sources);
	bn_drawlist_finish(&list->draw);
	*list = (struct bn_scene_list){ 0 };
}

void bn_scene_list_reset(struct bn_scene_list *list) {
	bn_list_drop_pictures(list, false);
	bn_scene_overlay_finish(&list->overlay);
	bn_drawlist_invalidate(&list->draw);
}

const struct bn_draw_source *bn_scene_list_source(const struct bn_scene_list *list,
		const struct bn_draw_op *op) {
	return &list->sources[(uintptr_t)op->item.user - 1];
}

void *bn_list_grow(void *array, size_t count, size_t *capacity, size_t size) {
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

int32_t bn_list_px(const struct bn_list_build *build, double logical) {
	double px = logical * build->params->scale;
	return px > -PX_MAX ? px < PX_MAX ? (int32_t)lround(px) : PX_MAX : -PX_MAX;
}

struct bn_rect bn_list_px_rect(const struct bn_list_build *build, double x, double y, double width,
		double height) {
	int32_t x1 = bn_list_px(build, x), y1 = bn_list_px(build, y);
	return (struct bn_rect){ x1, y1, bn_list_px(build, x + width) - x1,
		bn_list_px(build, y + height) - y1 };
}

struct bn_rect bn_list_zone_px(const struct bn_list_build *build) {
	const struct bn_rect *box = &build->zone->box;
	return bn_list_px_rect(build, box->x, box->y, box->width, box->height);
}

uint64_t bn_list_mix(uint64_t hash, const void *data, size_t size) {
	const unsigned char *bytes = data;
	for (size_t i = 0; i < size; i++) {
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	}
	return hash;
}

void bn_list_add_entry(struct bn_list_build *build, struct bn_draw_item *item,
		struct bn_draw_source *source, const pixman_region32_t *damage) {
	struct bn_scene_list *list = build->list;
	void *sources = bn_list_grow(list->sources, list->source_count, &list->source_capacity,
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
	uint64_t version = bn_list_mix(UINT64_C(0xcbf29ce484222325), &source->box,
			sizeof(source->box));
	version = bn_list_mix(version, &source->transform, sizeof(source->transform));
	version = bn_list_mix(version, &source->color, sizeof(source->color));
	version = bn_list_mix(version, &source->effect, sizeof(source->effect));
	version = bn_list_mix(version, &item->version, sizeof(item->version));
	version = bn_list_mix(version, &item->alpha, sizeof(item->alpha));
	item->version = version;
	item->user = (void *)(uintptr_t)(list->source_count + 1);
	if (bn_drawlist_add(&list->draw, item, damage)) {
		list->sources[list->source_count++] = *source;
	}
}

struct bn_draw_item bn_list_zone_item(const struct bn_list_build *build, uint64_t key) {
	struct bn_rect clip = bn_list_zone_px(build);
	struct bn_rect shape = clip;
	// A sliding content moves with its rounded shape, within the zone that stays.
	shape.x += bn_list_px(build, build->pose.dx);
	shape.y += bn_list_px(build, build->pose.dy);
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

static int64_t px_of_zone(const struct bn_list_build *build) {
	const struct bn_rect zone = bn_list_zone_px(build);
	return build->zone->layer >= BN_LAYER_SAFETY
			? INT64_MAX
			: area_of(&zone) * LAYERS_MAX + SURFACES_FREE * SURFACE_MIN_PX;
}

/** False: the zone has enough to draw already. */
static bool may_cost(struct bn_list_build *build, const struct bn_draw_item *item,
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
static bool is_listed(const struct bn_list_build *build, struct bn_content *content) {
	if (content->listed_in == build->list && content->listed_frame == build->list->frame) {
		return true;
	}
	content->listed_in = build->list;
	content->listed_frame = build->list->frame;
	return false;
}

static void add_surface(const struct bn_walk_surface *entry, void *data) {
	struct bn_list_build *build = data;
	struct bn_content *content = bn_content_from_surface(entry->surface);
	if (content == NULL || !bn_content_is_drawable(content) || content->width < 1
			|| content->height < 1 || is_listed(build, content)) {
		return;
	}
	struct bn_rect box = bn_list_px_rect(build, entry->x + build->pose.dx,
			entry->y + build->pose.dy, content->width * entry->scale_x,
			content->height * entry->scale_y);
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
	struct bn_draw_item item = bn_list_zone_item(build, content->id);
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
	bn_list_add_entry(build, &item, &source, &damage);
	pixman_region32_fini(&damage);
	pixman_region32_clear(&content->surface_damage);
	bn_content_set_output(content, build->params->output, build->params->scale);
}

/** Whether what is news of it will be drawn px for px: such content is copied, not uploaded, where a CPU draws. */
static bool is_one_to_one(const struct bn_list_build *build, const struct bn_walk_surface *entry,
		const struct bn_content *content) {
	const struct bn_content_geometry *geometry = &content->newest_geometry;
	return content->newest != NULL
			&& bn_list_px(build, geometry->width * entry->scale_x)
			== geometry->source.width
			&& bn_list_px(build, geometry->height * entry->scale_y)
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

static void look_at(const struct bn_list_build *build, const struct bn_walk_surface *entry,
		struct bn_content *content) {
	struct bn_look *look = &content->look;
	look->at = build->aged == NULL ? BN_LOOK_NOT : BN_LOOK_ALL;
	if (build->aged != NULL && build->aged->has_counter) {
		look->at = entry->surface == entry->view->surface ? BN_LOOK_PART : BN_LOOK_IGNORE;
		memcpy(look->part, build->aged->counter, sizeof(look->part));
	}
}

static void latch_surface(const struct bn_walk_surface *entry, void *data) {
	struct bn_list_build *build = data;
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
				"refresh (`limits: {%s: ...}`)",
				bn_budget_key(BN_BUDGET_UPLOAD_BYTES));
		build->list->again = true;
		return;
	}
	look_at(build, entry, content);
	build->list->upload_bytes +=
			bn_content_latch_for(content, build->keep, in_parts, build->params->output);
	build->list->again |= bn_content_has_news(content); // a part of it is to come
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

static void add_outgoing(struct bn_list_build *build) {
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
static const struct bn_filler *stand_in(const struct bn_list_build *build, size_t index) {
	const struct bn_view *view = build->zone->view;
	const struct bn_content *content =
			view != NULL ? bn_content_from_surface(view->surface) : NULL;
	if (content == NULL || bn_content_is_drawable(content)) {
		return NULL;
	}
	const struct bn_zone *spec = &build->params->scene->layout->zones[index];
	return spec->on_fault.builtin != BN_BUILTIN_NONE ? &spec->on_fault : &spec->empty;
}

static void add_zone(struct bn_list_build *build, size_t index) {
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
		bn_list_add_filler(build, index, &held);
	} else if (zone->content == BN_CONTENT_VIEW) {
		if (zone->fit == BN_FIT_FIT || zone->fit == BN_FIT_CENTER) {
			bn_list_add_color(build, BN_LIST_KEY_BACKDROP | index,
					bn_list_zone_px(build), 0xff000000 | theme->background);
		}
		const struct bn_filler *filler = stand_in(build, index);
		if (filler != NULL) {
			bn_list_add_filler(build, index, filler);
		}
		build->px_left = px_of_zone(build);
		bn_walk_zone(zone, add_surface, build);
	} else if (zone->filler != NULL) {
		bn_list_add_filler(build, index, zone->filler);
	}
}

static void latch_zones(struct bn_list_build *build) {
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

bool bn_scene_list_covers_safety(const struct bn_scene_list_params *params,
		const struct bn_rect *box) {
	const struct bn_list_build build = { .params = params };
	const struct bn_scene *scene = params->scene;
	for (size_t i = 0; i < scene->layout->zone_count; i++) {
		const struct bn_scene_zone *zone = &scene->zones[i];
		if (zone->display != params->display || zone->layer < BN_LAYER_SAFETY
				|| zone->content == BN_CONTENT_NOTHING) {
			continue;
		}
		struct bn_rect other = bn_list_px_rect(&build, zone->box.x, zone->box.y,
				zone->box.width, zone->box.height);
		struct bn_rect common = bn_rect_intersect(box, &other);
		if (!bn_rect_is_empty(&common)) {
			return true;
		}
	}
	return false;
}

void bn_scene_list_build(struct bn_scene_list *list, const struct bn_scene_list_params *params) {
	struct bn_list_build build = { .list = list, .params = params, .gain = 1 };
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
			bn_inspector_add(&build);
		}
		bn_scene_overlay_add(list, params);
	}
	bn_drawlist_end(&list->draw);
	bn_scene_overlay_refresh(list, params);
	bn_list_drop_pictures(list, true);
}

void bn_scene_list_add(struct bn_scene_list *list, struct bn_draw_item *item,
		struct bn_draw_source *source) {
	struct bn_list_build build = { .list = list, .gain = 1 };
	bn_list_add_entry(&build, item, source, NULL);
}
