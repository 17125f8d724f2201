#include "scene/walk.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/util/box.h>

#include "core/arrange.h"
#include "scene/scene.h"
#include "shell/view.h"

static struct wlr_box geometry_of(const struct bn_view *view) {
	struct wlr_box box;
	view->impl->geometry(view, &box);
	// A client may not have set any, or have set nonsense before its first buffer.
	box.width = box.width > 0 ? box.width : 1;
	box.height = box.height > 0 ? box.height : 1;
	return box;
}

struct bn_walk_frame bn_walk_view_frame(enum bn_fit fit, const struct bn_rect *zone_box,
		const struct bn_view *view) {
	struct wlr_box geometry = geometry_of(view);
	struct bn_rect box = bn_arrange_fit(fit, zone_box, geometry.width, geometry.height);
	return (struct bn_walk_frame){
		.x = box.x,
		.y = box.y,
		.width = box.width,
		.height = box.height,
		.scale_x = (double)box.width / geometry.width,
		.scale_y = (double)box.height / geometry.height,
	};
}

struct bn_walk_frame bn_walk_dialog_frame(const struct bn_walk_frame *parent_frame,
		const struct bn_view *parent, const struct bn_view *dialog) {
	struct wlr_box geometry = geometry_of(dialog);
	double scale_x = parent_frame->scale_x, scale_y = parent_frame->scale_y;
	double shrink_x = parent_frame->width / (geometry.width * scale_x);
	double shrink_y = parent_frame->height / (geometry.height * scale_y);
	double shrink = shrink_x < shrink_y ? shrink_x : shrink_y;
	shrink = shrink < 1 ? shrink : 1;
	struct bn_walk_frame frame = {
		.width = geometry.width * scale_x * shrink,
		.height = geometry.height * scale_y * shrink,
		.scale_x = scale_x * shrink,
		.scale_y = scale_y * shrink,
	};
	// Whole pixels, so that an unscaled dialog is drawn unfiltered.
	frame.x = (int)(parent_frame->x + (parent_frame->width - frame.width) / 2);
	frame.y = (int)(parent_frame->y + (parent_frame->height - frame.height) / 2);
	return frame;
}

struct walk {
	const struct bn_walk_frame *frame;
	struct wlr_box geometry;
	struct bn_view *view;
	bn_walk_func_t func;
	void *data;
	bool is_popup;
};

static void walk_surface(struct wlr_surface *surface, int sx, int sy, void *data) {
	const struct walk *walk = data;
	const struct bn_walk_surface entry = {
		.surface = surface,
		.view = walk->view,
		// As double: a client names both, and the difference of two of its numbers may be none.
		.x = walk->frame->x + ((double)sx - walk->geometry.x) * walk->frame->scale_x,
		.y = walk->frame->y + ((double)sy - walk->geometry.y) * walk->frame->scale_y,
		.scale_x = walk->frame->scale_x,
		.scale_y = walk->frame->scale_y,
		.is_popup = walk->is_popup,
	};
	walk->func(&entry, walk->data);
}

void bn_walk_view(const struct bn_walk_frame *frame, struct bn_view *view, bn_walk_func_t func,
		void *data) {
	struct walk walk = {
		.frame = frame,
		.geometry = geometry_of(view),
		.view = view,
		.func = func,
		.data = data,
	};
	wlr_surface_for_each_surface(view->surface, walk_surface, &walk);
	walk.is_popup = true;
	view->impl->for_each_popup(view, walk_surface, &walk);
	struct bn_view *dialog;
	wl_list_for_each(dialog, &view->children, child_link) {
		if (dialog->mapped) {
			struct bn_walk_frame dialog_frame =
					bn_walk_dialog_frame(frame, view, dialog);
			bn_walk_view(&dialog_frame, dialog, func, data);
		}
	}
}

static void walk_in_zone(const struct bn_scene_zone *zone, struct bn_view *view,
		bn_walk_func_t func, void *data) {
	if (view != NULL && view->mapped) {
		struct bn_walk_frame frame = bn_walk_view_frame(zone->fit, &zone->box, view);
		bn_walk_view(&frame, view, func, data);
	}
}

void bn_walk_zone(const struct bn_scene_zone *zone, bn_walk_func_t func, void *data) {
	if (zone->content == BN_CONTENT_VIEW) {
		walk_in_zone(zone, zone->view, func, data);
	}
}

void bn_walk_zone_latched(const struct bn_scene_zone *zone, bn_walk_func_t func, void *data) {
	bn_walk_zone(zone, func, data);
	walk_in_zone(zone, zone->watched, func, data);
}
