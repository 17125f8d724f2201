#ifndef BN_SCENE_LIST_H
#define BN_SCENE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wlr/render/pass.h>

#include "core/drawlist.h"
#include "render/renderer.h"
#include "scene/overlay.h"

struct bn_content;
struct bn_scene;
struct bn_text;
struct wlr_output;
struct wlr_renderer;

/** What a draw list entry is drawn from; bn_draw_item.user is its index + 1. */
struct bn_draw_source {
	struct wlr_texture *texture; // borrowed until the frame is over; NULL: `color`
	struct wlr_fbox box;         // the part of the texture, buffer px
	enum wl_output_transform transform;
	enum wlr_scale_filter_mode filter;
	struct wlr_render_color color; // premultiplied
	struct bn_pass_effect effect;
	struct bn_content *content; // borrowed until the frame is over; NULL: a picture of ours
};

/** A picture of ours as a texture, kept while what it shows stays the same. */
struct bn_scene_picture {
	uint64_t key, version;
	struct wlr_texture *texture; // owned
	int32_t width, height;
	struct bn_rect area; // a filler: what it was drawn for, at 0, 0; the picture stands at x, y of it
	int32_t x, y;
	uint32_t ground; // what the area is beside the picture, 0xffRRGGBB
	bool used;       // in the frame that was built last
};

/**
 * One output's draw list with what it is drawn from. Building it is where client
 * pixels are latched: top to bottom by rank, within each client's byte budget.
 */
struct bn_scene_list {
	struct bn_drawlist draw;
	struct bn_draw_source *sources; // owned
	size_t source_count, source_capacity;
	struct bn_scene_picture *pictures; // owned
	size_t picture_count, picture_capacity;
	uint64_t frame;      // counts builds
	size_t upload_bytes; // of the last build
	struct bn_scene_overlay overlay;
	bool again; // a transition runs, or an upload was put off: a next frame is needed
};

struct bn_scene_list_params {
	struct bn_scene *scene;
	struct bn_text *text; // may be NULL
	struct wlr_renderer *renderer;
	struct wlr_output *output; // told to clients
	size_t display;
	int32_t width, height; // px of the output after its transform
	double scale;          // px per display-logical px
	int64_t now_ns;
	const struct bn_scene_overlay_info *overlay; // frame times to show, NULL: none
	bool inspector;
	const char *headline;      // inspector: one line about the output, NULL: none
	const char *const *labels; // inspector: one text per zone, lines split by \n; NULL: none
};

void bn_scene_list_init(struct bn_scene_list *list);
/** Textures go with it: before their renderer does. */
void bn_scene_list_finish(struct bn_scene_list *list);
/** Forgets all textures, for a change of renderer; everything is damaged. */
void bn_scene_list_reset(struct bn_scene_list *list);
/** Latches, then fills draw.ops and draw.damage. */
void bn_scene_list_build(struct bn_scene_list *list, const struct bn_scene_list_params *params);
/** The source of an entry of draw.ops. */
const struct bn_draw_source *bn_scene_list_source(const struct bn_scene_list *list,
		const struct bn_draw_op *op);

/** Adds a picture of ours as it stands, above all that was added; for what has a file of its own. */
void bn_scene_list_add(struct bn_scene_list *list, struct bn_draw_item *item,
		struct bn_draw_source *source);
/** Whether a box in px of the output covers any of what the driver must see. */
bool bn_scene_list_covers_safety(const struct bn_scene_list_params *params,
		const struct bn_rect *box);

#endif
