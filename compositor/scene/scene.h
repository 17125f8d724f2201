#ifndef BN_SCENE_SCENE_H
#define BN_SCENE_SCENE_H

#include <pixman.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "core/arrange.h"
#include "core/layout.h"
#include "core/transition.h"
#include "scene/picture.h"

struct bn_contents;
struct bn_shell;
struct bn_view;
struct wlr_surface;

/** What one zone shows now; written by the cockpit through bn_scene_zone_set. */
struct bn_scene_zone {
	size_t display;
	enum bn_layer layer;
	struct bn_rect box; // display-logical px
	enum bn_zone_content content;
	struct bn_view *view; // borrowed; BN_CONTENT_VIEW
	struct bn_view *watched; // borrowed; not drawn, but latched and asked to draw: is it live again? NULL: none
	const struct bn_filler *filler; // borrowed from the layout; EMPTY, FAULT
	enum bn_fit fit;
	float radius, opacity;
	bool dimmed;
	uint32_t restrictions;
	struct bn_transition transition;
	struct bn_view *outgoing; // borrowed; what a running transition leaves, may be NULL
	bool vetted; // its app is granted by name: a moving picture of it is not taken for video
	bool video_held; // restricted, and its view was seen to move: the filler shows instead
};

/** A place on a display that takes input. */
struct bn_scene_hit {
	struct wlr_surface *surface; // NULL: nothing there wants input
	double sx, sy;               // surface coordinates
	double scale_x, scale_y;     // surface px per display px
	struct bn_view *view;        // NULL: a filler or nothing
	size_t zone;                 // the topmost zone there, BN_NONE: none
};

/**
 * Where everything is, on all displays. Holds one entry per zone of the live
 * layout, knows which surfaces stand in it, answers hit tests, and tells outputs
 * which display needs a frame. Draws nothing by itself: scene/list.h turns it
 * into a draw list.
 */
struct bn_scene {
	const struct bn_layout *layout; // borrowed, live
	struct bn_scene_zone *zones;    // owned; layout->zone_count
	size_t theme;
	struct bn_picture_info info; // what fillers speak of; set by the cockpit, then damage

	struct bn_shell *shell;       // borrowed
	struct bn_contents *contents; // borrowed

	struct {
		struct wl_signal damage; // size_t *: the display that needs a frame
	} events;

	struct wl_listener content_changed;
};

/** Follows the commits of all contents: what shows asks its display for a frame. */
void bn_scene_init(struct bn_scene *scene, struct bn_shell *shell, struct bn_contents *contents);
void bn_scene_finish(struct bn_scene *scene);
/** Replaces all zones by those of `layout`, empty. False when out of memory: nothing changed. */
bool bn_scene_set_layout(struct bn_scene *scene, const struct bn_layout *layout);
/** Takes what was decided for one zone; starts a transition when the content changed. */
void bn_scene_zone_set(struct bn_scene *scene, size_t zone, const struct bn_arrange_zone_out *out,
		struct bn_view *view, bool vetted, int64_t now_ns);
/** Forgets a view that is going away. */
void bn_scene_forget_view(struct bn_scene *scene, const struct bn_view *view);
void bn_scene_damage_display(struct bn_scene *scene, size_t display);
void bn_scene_damage_all(struct bn_scene *scene);

/** Box of the view's window geometry on its display, by its zone's fit rule. False when it is not shown. */
bool bn_scene_view_box(const struct bn_scene *scene, const struct bn_view *view,
		struct bn_rect *ret_box);
/** Something is drawn there: what is beneath cannot be seen, so it cannot be meant. */
bool bn_scene_zone_is_drawn(const struct bn_scene_zone *zone);
/**
 * The topmost surface at display-logical ox, oy. The topmost zone that draws something there takes what hits it,
 * even where its surface wants no input or it shows a filler: nothing falls through to what cannot be seen.
 * Restricted zones give no surface.
 */
struct bn_scene_hit bn_scene_at(const struct bn_scene *scene, size_t display, double ox, double oy);
/** The zone whose view this surface belongs to is shown on which display; BN_NONE: not shown. */
size_t bn_scene_display_of_view(const struct bn_scene *scene, const struct bn_view *view);

#endif
