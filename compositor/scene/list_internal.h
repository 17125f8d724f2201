#ifndef BN_SCENE_LIST_INTERNAL_H
#define BN_SCENE_LIST_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/drawlist.h"
#include "core/transition.h"
#include "scene/list.h"

struct bn_filler;
struct bn_pixels;
struct bn_scene_zone;
struct bn_zone;

// Keys of pictures and plates stand beside contents' ids, which count from 1.
#define BN_LIST_KEY_FILLER (UINT64_C(1) << 62)
#define BN_LIST_KEY_BACKDROP (UINT64_C(1) << 61)
#define BN_LIST_KEY_INSPECTOR (UINT64_C(1) << 60)

/** A draw list under construction, and the zone that is being added; for the files that add to it. */
struct bn_list_build {
	struct bn_scene_list *list;
	const struct bn_scene_list_params *params;
	const struct bn_scene_zone *zone;
	struct bn_transition_pose pose;
	float opacity; // of the zone, with its transition
	float gain;
	int64_t px_left; // that the zone's surfaces may cover yet
	bool keep;       // latch: buffers stay locked
	// latch: its max-age asks whether pictures differ; NULL: nobody does
	const struct bn_zone *aged;
};

// list.c

/** Display-logical px as px of the output. */
int32_t bn_list_px(const struct bn_list_build *build, double logical);
struct bn_rect bn_list_px_rect(const struct bn_list_build *build, double x, double y, double width,
		double height);
struct bn_rect bn_list_zone_px(const struct bn_list_build *build);
/** Room for one more element; NULL: out of memory. Grows at warm-up only. */
void *bn_list_grow(void *array, size_t count, size_t *capacity, size_t size);
/** Versions are hashes: starts from UINT64_C(0xcbf29ce484222325). */
uint64_t bn_list_mix(uint64_t hash, const void *data, size_t size);
/** An entry clipped to the zone, with its shape and opacity. */
struct bn_draw_item bn_list_zone_item(const struct bn_list_build *build, uint64_t key);
/** Adds an entry drawn from `source`; item's box, key, opaque and alpha are the caller's. `damage` may be NULL. */
void bn_list_add_entry(struct bn_list_build *build, struct bn_draw_item *item,
		struct bn_draw_source *source, const pixman_region32_t *damage);

// list_picture.c

/** The picture of this key, new and empty when there is none; NULL: out of memory. */
struct bn_scene_picture *bn_list_find_picture(struct bn_scene_list *list, uint64_t key);
/** Takes the buffer over. False: the old picture stays. */
bool bn_list_set_picture(struct bn_scene_picture *picture, struct wlr_renderer *renderer,
		struct bn_pixels *pixels, uint64_t version);
void bn_list_drop_pictures(struct bn_scene_list *list, bool only_unused);
void bn_list_add_picture(struct bn_list_build *build, const struct bn_scene_picture *picture,
		struct bn_rect box, bool is_opaque, struct bn_draw_item item);
void bn_list_add_color(struct bn_list_build *build, uint64_t key, struct bn_rect box,
		uint32_t argb);
/** What a zone shows where no client does. */
void bn_list_add_filler(struct bn_list_build *build, size_t zone, const struct bn_filler *filler);

// inspector.c

/** Borders, and a plate of words for each zone; never over what the driver must see. */
void bn_inspector_add(struct bn_list_build *build);

#endif
