#ifndef BN_SCENE_WALK_H
#define BN_SCENE_WALK_H

#include <stdbool.h>

#include "core/layout.h"
#include "core/rect.h"

struct bn_scene_zone;
struct bn_view;
struct wlr_surface;

/**
 * The one place that knows where a view's surfaces stand: drawing, input and
 * frame callbacks all walk the same way. Display-logical px.
 */
struct bn_walk_frame {
	double x, y, width, height; // where the window geometry goes
	double scale_x, scale_y;    // display px per surface px
};

struct bn_walk_surface {
	struct wlr_surface *surface;
	struct bn_view *view;    // the view or dialog that it belongs to
	double x, y;             // of the surface's origin
	double scale_x, scale_y; // display px per surface px
	bool is_popup;
};

typedef void (*bn_walk_func_t)(const struct bn_walk_surface *entry, void *data);

struct bn_walk_frame bn_walk_view_frame(enum bn_fit fit, const struct bn_rect *zone_box,
		const struct bn_view *view);
/** A dialog: at its parent's scale, centred on it, shrunk when it is larger than the frame. */
struct bn_walk_frame bn_walk_dialog_frame(const struct bn_walk_frame *parent_frame,
		const struct bn_view *parent, const struct bn_view *dialog);
/** All surfaces of a shown view, bottom to top: subsurface tree, popups, then its dialogs likewise. */
void bn_walk_view(const struct bn_walk_frame *frame, struct bn_view *view, bn_walk_func_t func,
		void *data);
/** bn_walk_view of what the zone shows; nothing when it shows no view. */
void bn_walk_zone(const struct bn_scene_zone *zone, bn_walk_func_t func, void *data);
/** As bn_walk_zone, and of what it only watches: whose buffers are taken. */
void bn_walk_zone_latched(const struct bn_scene_zone *zone, bn_walk_func_t func, void *data);

#endif
