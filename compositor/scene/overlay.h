#ifndef BN_SCENE_OVERLAY_H
#define BN_SCENE_OVERLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rect.h"

struct bn_graph;
struct bn_pixels;
struct bn_scene_list;
struct bn_scene_list_params;
struct wlr_texture;

/** What the frame-time overlay of a display shows; valid until the frame is drawn. */
struct bn_scene_overlay_info {
	const struct bn_graph *graph;
	const char *name; // of the display
	int64_t period_ns;
	uint64_t missed;
};

/**
 * The overlay's picture: costs of the last frames as bars, the time that each had
 * until its refresh as a line, missed ones red, and figures below. It stands in a
 * corner where it covers no safety or telltale zone; where there is none, or the
 * display is too small, it does not show.
 *
 * It is a guest: it changes only within frames that are drawn anyway, so a static
 * display stays static, and then by one bar (figures twice a second), so that it
 * hardly costs what it measures. Making it allocates; a frame afterwards does not,
 * but for what a renderer without texture updates (pixman) needs for a new texture.
 */
struct bn_scene_overlay {
	struct bn_pixels *pixels;    // owned, NULL: not made yet
	struct wlr_texture *texture; // owned
	struct bn_rect box;    // where it stands in this frame, px of the output; empty: nowhere
	int32_t step;          // px from bar to bar
	uint64_t drawn;        // bars drawn, ever
	int64_t scale_ns;      // of what is drawn
	int64_t words_ns;      // when the figures were written
	uint64_t words_missed; // what they say
};

/** With the renderer that its texture is of; harmless when there is none. */
void bn_scene_overlay_finish(struct bn_scene_overlay *overlay);
/** Puts it on top of the list that is being built, or takes it away when params->overlay is NULL. */
void bn_scene_overlay_add(struct bn_scene_list *list, const struct bn_scene_list_params *params);
/** The list is built: draws what is new, if the frame is drawn anyway. */
void bn_scene_overlay_refresh(struct bn_scene_list *list,
		const struct bn_scene_list_params *params);

#endif
