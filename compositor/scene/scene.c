#include "scene/scene.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>

#include "loop.h"
#include "scene/content.h"
#include "scene/walk.h"
#include "shell/view.h"

static size_t display_that_latches(const struct bn_scene *scene, const struct bn_view *view);

static void handle_content_changed(struct wl_listener *listener, void *data) {
	struct bn_scene *scene = wl_container_of(listener, scene, content_changed);
	const struct bn_content *content = data;
	const struct bn_view *view = bn_shell_view_of_surface(scene->shell, content->surface);
	size_t display = view != NULL ? display_that_latches(scene, view) : BN_NONE;
	if (display != BN_NONE) {
		bn_scene_damage_display(scene, display);
	}
}

void bn_scene_init(struct bn_scene *scene, struct bn_shell *shell, struct bn_contents *contents) {
	*scene = (struct bn_scene){ .shell = shell, .contents = contents };
	wl_signal_init(&scene->events.damage);
	bn_listen(&contents->events.changed, &scene->content_changed, handle_content_changed);
}

void bn_scene_finish(struct bn_scene *scene) {
	bn_unlisten(&scene->content_changed);
	free(scene->zones);
	*scene = (struct bn_scene){ 0 };
}

static void zone_init(struct bn_scene_zone *zone, const struct bn_zone *spec) {
	*zone = (struct bn_scene_zone){
		.display = spec->display,
		.layer = spec->layer,
		.content = BN_CONTENT_NOTHING,
		.fit = spec->fit,
		.radius = (float)spec->radius,
		.opacity = (float)spec->opacity,
		.dimmed = spec->dimmed,
	};
}

bool bn_scene_set_layout(struct bn_scene *scene, const struct bn_layout *layout) {
	struct bn_scene_zone *zones = calloc(layout->zone_count + 1, sizeof(zones[0]));
	if (zones == NULL) {
		return false;
	}
	for (size_t i = 0; i < layout->zone_count; i++) {
		zone_init(&zones[i], &layout->zones[i]);
	}
	free(scene->zones);
	scene->zones = zones;
	scene->layout = layout;
	scene->theme = 0;
	bn_scene_damage_all(scene);
	return true;
}

static const struct bn_filler *filler_of(const struct bn_scene *scene, size_t zone,
		enum bn_zone_content content) {
	const struct bn_zone *spec = &scene->layout->zones[zone];
	switch (content) {
	case BN_CONTENT_EMPTY:
		return &spec->empty;
	case BN_CONTENT_FAULT:
		return &spec->on_fault;
	case BN_CONTENT_NOTHING:
	case BN_CONTENT_VIEW:
		break;
	}
	return NULL;
}

void bn_scene_zone_set(struct bn_scene *scene, size_t index, const struct bn_arrange_zone_out *out,
		struct bn_view *view, bool vetted, int64_t now_ns) {
	struct bn_scene_zone *zone = &scene->zones[index];
	enum bn_zone_content content = out->content;
	if (content == BN_CONTENT_VIEW && view == NULL) {
		content = BN_CONTENT_EMPTY;
	}
	struct bn_view *shown = content == BN_CONTENT_VIEW ? view : NULL;
	struct bn_view *watched = out->watched ? view : NULL;
	bool same = zone->content == content && zone->view == shown && zone->watched == watched
			&& bn_rect_equal(&zone->box, &out->box)
			&& zone->restrictions == out->restrictions && zone->vetted == vetted;
	if (same) {
		return;
	}
	if (zone->content != content || zone->view != shown) {
		zone->outgoing = zone->view;
		zone->video_held = false;
		// What tells of a fault is there at once, not faded in.
		const struct bn_transition_spec at_once = { .kind = BN_TRANSITION_NONE };
		bn_transition_start(&zone->transition,
				content == BN_CONTENT_FAULT
						? &at_once
						: &scene->layout->zones[index].transition,
				now_ns);
	}
	if ((out->restrictions & BN_RESTRICT_VIDEO) == 0) {
		zone->video_held = false;
	}
	zone->vetted = vetted;
	zone->box = out->box;
	zone->content = content;
	zone->view = shown;
	zone->watched = watched;
	zone->filler = filler_of(scene, index, content);
	zone->restrictions = out->restrictions;
	bn_scene_damage_display(scene, zone->display);
}

void bn_scene_forget_view(struct bn_scene *scene, const struct bn_view *view) {
	for (size_t i = 0; scene->layout != NULL && i < scene->layout->zone_count; i++) {
		struct bn_scene_zone *zone = &scene->zones[i];
		if (zone->outgoing == view) {
			zone->outgoing = NULL;
		}
		if (zone->watched == view) {
			zone->watched = NULL;
		}
		if (zone->view == view) {
			zone->view = NULL;
			zone->content = BN_CONTENT_EMPTY;
			zone->filler = &scene->layout->zones[i].empty;
			bn_scene_damage_display(scene, zone->display);
		}
	}
}

void bn_scene_damage_display(struct bn_scene *scene, size_t display) {
	wl_signal_emit_mutable(&scene->events.damage, &display);
}

void bn_scene_damage_all(struct bn_scene *scene) {
	for (size_t i = 0; scene->layout != NULL && i < scene->layout->display_count; i++) {
		bn_scene_damage_display(scene, i);
	}
}

static const struct bn_scene_zone *zone_of_view(const struct bn_scene *scene,
		const struct bn_view *view) {
	const struct bn_view *root = bn_view_root((struct bn_view *)view);
	for (size_t i = 0; scene->layout != NULL && i < scene->layout->zone_count; i++) {
		const struct bn_scene_zone *zone = &scene->zones[i];
		if (zone->content == BN_CONTENT_VIEW && zone->view == root) {
			return zone;
		}
	}
	return NULL;
}

size_t bn_scene_display_of_view(const struct bn_scene *scene, const struct bn_view *view) {
	const struct bn_scene_zone *zone = zone_of_view(scene, view);
	return zone != NULL ? zone->display : BN_NONE;
}

/** The display whose frames take the view's buffers: it is shown there, or watched. */
static size_t display_that_latches(const struct bn_scene *scene, const struct bn_view *view) {
	const struct bn_view *root = bn_view_root((struct bn_view *)view);
	for (size_t i = 0; scene->layout != NULL && i < scene->layout->zone_count; i++) {
		const struct bn_scene_zone *zone = &scene->zones[i];
		if (zone->watched == root
				|| (zone->content == BN_CONTENT_VIEW && zone->view == root)) {
			return zone->display;
		}
	}
	return BN_NONE;
}

bool bn_scene_view_box(const struct bn_scene *scene, const struct bn_view *view,
		struct bn_rect *ret_box) {
	const struct bn_scene_zone *zone = zone_of_view(scene, view);
	if (zone == NULL) {
		return false;
	}
	struct bn_walk_frame frame = bn_walk_view_frame(zone->fit, &zone->box, zone->view);
	if (view != zone->view) {
		frame = bn_walk_dialog_frame(&frame, zone->view, view);
	}
	*ret_box = (struct bn_rect){
		.x = (int32_t)lround(frame.x),
		.y = (int32_t)lround(frame.y),
		.width = (int32_t)lround(frame.width),
		.height = (int32_t)lround(frame.height),
	};
	return true;
}

struct hit_search {
	double ox, oy;
	struct bn_scene_hit *hit;
};

/** Called bottom to top: the last surface that takes the point is the topmost. */
static void try_surface(const struct bn_walk_surface *entry, void *data) {
	struct hit_search *search = data;
	double sx = (search->ox - entry->x) / entry->scale_x;
	double sy = (search->oy - entry->y) / entry->scale_y;
	if (entry->surface->mapped && wlr_surface_point_accepts_input(entry->surface, sx, sy)) {
		search->hit->surface = entry->surface;
		search->hit->sx = sx;
		search->hit->sy = sy;
		search->hit->scale_x = 1.0 / entry->scale_x;
		search->hit->scale_y = 1.0 / entry->scale_y;
		search->hit->view = entry->view;
	}
}

bool bn_scene_zone_is_drawn(const struct bn_scene_zone *zone) {
	return zone->content == BN_CONTENT_VIEW || zone->video_held
			|| (zone->filler != NULL && zone->filler->builtin != BN_BUILTIN_NONE);
}

struct bn_scene_hit bn_scene_at(const struct bn_scene *scene, size_t display, double ox,
		double oy) {
	struct bn_scene_hit hit = { .scale_x = 1, .scale_y = 1, .zone = BN_NONE };
	for (size_t i = scene->layout != NULL ? scene->layout->zone_count : 0; i-- > 0;) {
		size_t index = scene->layout->order[i];
		const struct bn_scene_zone *zone = &scene->zones[index];
		if (zone->display != display || !bn_scene_zone_is_drawn(zone)
				|| !bn_rect_contains_point(&zone->box, ox, oy)) {
			continue;
		}
		hit.zone = index;
		bool takes_touch =
				(zone->restrictions & BN_RESTRICT_TOUCH) == 0 && !zone->video_held;
		if (takes_touch) {
			struct hit_search search = { .ox = ox, .oy = oy, .hit = &hit };
			bn_walk_zone(zone, try_surface, &search);
		}
		return hit;
	}
	return hit;
}
