#include "safety/check_internal.h"

#include <string.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_buffer.h>

#include "cockpit.h"
#include "scene/picture.h"
#include "scene/pixels.h"
#include "scene/scene.h"

#define DARK 0xff050608

/** Themes change nothing of what stands for a lamp. */
static struct bn_picture_info info_of(const struct bn_check_item *item) {
	struct bn_picture_info info = item->checks->cockpit->scene->info;
	info.background = DARK & 0xffffff;
	info.foreground = 0xffffff;
	info.accent = 0xffffff;
	return info;
}

static void drop_texture(struct bn_check_cover *cover) {
	if (cover->texture != NULL) {
		wlr_texture_destroy(cover->texture);
		cover->texture = NULL;
	}
}

static void drop(struct bn_check_cover *cover) {
	drop_texture(cover);
	if (cover->pixels != NULL) {
		wlr_buffer_drop(&cover->pixels->base);
		cover->pixels = NULL;
	}
}

void bn_check_drop_covers(struct bn_check_item *item) {
	drop(&item->shown);
	drop(&item->dark);
}

void bn_checks_drop_textures(struct bn_checks *checks) {
	for (size_t i = 0; i < checks->count; i++) {
		drop_texture(&checks->items[i].shown);
		drop_texture(&checks->items[i].dark);
	}
}

static void make_texture(const struct bn_check_item *item, struct bn_check_cover *cover) {
	if (cover->pixels != NULL && cover->texture == NULL) {
		cover->texture = wlr_texture_from_buffer(item->checks->outputs->renderer,
				&cover->pixels->base);
	}
}

/** The on-fault: picture, drawn again when it tells the time or the speed and that is another. */
static void draw_shown(struct bn_check_item *item) {
	const struct bn_filler *filler = &item->spec->on_fault;
	const struct bn_picture_info info = info_of(item);
	uint64_t version = bn_picture_version(filler, &info);
	if (item->shown.pixels != NULL && item->shown.version == version) {
		return;
	}
	struct bn_pixels *pixels = bn_picture_draw_whole(filler, &info, item->checks->text,
			item->golden.on.width, item->golden.on.height);
	if (pixels != NULL) {
		drop(&item->shown);
		item->shown = (struct bn_check_cover){ .pixels = pixels, .version = version };
	}
}

/** The off picture; without one, dark glass. */
static void draw_dark(struct bn_check_item *item) {
	const struct bn_golden_picture *off = &item->golden.off;
	size_t count = (size_t)item->golden.on.width * (size_t)item->golden.on.height;
	struct bn_pixels *pixels = bn_pixels_create(item->golden.on.width, item->golden.on.height);
	for (size_t i = 0; pixels != NULL && i < count; i++) {
		pixels->data[i] = off->pixels != NULL ? 0xff000000 | off->pixels[i] : DARK;
	}
	item->dark = (struct bn_check_cover){ .pixels = pixels };
}

void bn_check_make_covers(struct bn_check_item *item) {
	if (item->spec->on_fault.builtin != BN_BUILTIN_NONE) {
		draw_shown(item);
		make_texture(item, &item->shown);
	}
	draw_dark(item);
	make_texture(item, &item->dark);
}

const struct bn_check_cover *bn_check_cover_of(const struct bn_check_item *item) {
	if (!bn_telltale_wants_cover(&item->telltale)) {
		return NULL;
	}
	return item->telltale.demand == BN_DEMAND_OFF ? &item->dark : &item->shown;
}

const struct bn_output_cover *bn_checks_list_covers(void *data, const struct bn_output *output,
		size_t *ret_count) {
	struct bn_checks *checks = data;
	*ret_count = 0;
	for (size_t i = 0; i < checks->count; i++) {
		struct bn_check_item *item = &checks->items[i];
		if (bn_check_cover_of(item) == NULL || bn_check_place(item) != output) {
			continue;
		}
		if (item->spec->on_fault.builtin != BN_BUILTIN_NONE) {
			draw_shown(item);
		}
		make_texture(item, &item->shown);
		make_texture(item, &item->dark);
		const struct bn_check_cover *cover = bn_check_cover_of(item);
		if (cover->texture != NULL) {
			checks->covers[(*ret_count)++] =
					(struct bn_output_cover){ item->box, cover->texture };
		}
	}
	return checks->covers;
}
