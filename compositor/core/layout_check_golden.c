#include <png.h>
#include <stdio.h>
#include <string.h>

#include "core/layout_check.h"
#include "core/rect.h"

struct checker {
	const struct bn_layout *layout;
	const struct bn_rect *boxes;
	struct bn_diag_list *diags;
};

/** What would make a zone look different although its app draws the same: no golden holds then. */
static void check_steady(const struct checker *checker, const struct bn_check *check, size_t at) {
	const struct bn_layout *layout = checker->layout;
	const struct bn_zone *zone = &layout->zones[at];
	bool dims = false;
	for (size_t i = 0; i < layout->theme_count; i++) {
		dims |= layout->themes[i].dim > 0;
	}
	const char *why = zone->opacity < 1                           ? "is not opaque"
			: zone->transition.kind != BN_TRANSITION_NONE ? "changes by a transition"
			: zone->dimmed && dims                        ? "is dimmed by a theme"
								      : NULL;
	if (why != NULL) {
		bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &check->mark,
				"check \"%s\" cannot compare pictures of zone \"%s\" (%s:%d), "
				"which %s",
				check->name, zone->name, zone->mark.file, zone->mark.line, why);
	}
}

static void check_place(const struct checker *checker, const struct bn_check *check, size_t at) {
	const struct bn_zone *zone = &checker->layout->zones[at];
	const struct bn_rect whole = { 0, 0, checker->boxes[at].width, checker->boxes[at].height };
	struct bn_rect box = bn_layout_check_box(check, &whole);
	check_steady(checker, check, at);
	double mm = bn_layout_px_mm(&checker->layout->displays[zone->display]);
	double side = box.width < box.height ? box.width : box.height;
	if (!bn_rect_contains(&whole, &box)) {
		bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &check->mark,
				"check \"%s\" (%dx%d at %d,%d) reaches beyond its zone \"%s\" "
				"(%dx%d)",
				check->name, box.width, box.height, box.x, box.y, zone->name,
				whole.width, whole.height);
	} else if (mm > 0 && side * mm < zone->min_symbol_mm) {
		bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &check->mark,
				"check \"%s\" is %.1f mm small, less than the %.1f mm that zone "
				"\"%s\" "
				"asks of a symbol",
				check->name, side * mm, zone->min_symbol_mm, zone->name);
	}
}

static struct bn_rect px_of(const struct checker *checker, size_t zone) {
	size_t display = checker->layout->zones[zone].display;
	return bn_layout_scale(&checker->boxes[zone], checker->layout->displays[display].scale);
}

/** An app that is given another size draws another picture. */
static void check_backup(const struct checker *checker, const struct bn_check *check, size_t at) {
	const struct bn_zone *zones = checker->layout->zones;
	struct bn_rect home = px_of(checker, check->zone), away = px_of(checker, at);
	const char *name = zones[at].name;
	if (home.width == away.width && home.height == away.height) {
		check_place(checker, check, at);
		return;
	}
	bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &check->mark,
			"check \"%s\" cannot follow zone \"%s\" (%dx%d px) to its backup \"%s\" "
			"(%s:%d, "
			"%dx%d px), where its app draws another picture; make both of one size, or "
			"give "
			"zone \"%s\" checks of its own",
			check->name, zones[check->zone].name, home.width, home.height, name,
			zones[at].mark.file, zones[at].mark.line, away.width, away.height, name);
}

static const char *base_name(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

/** A picture that is not there yet is taken by "binnaclectl golden"; the compositor says so. */
static void check_picture(const struct checker *checker, const struct bn_check *check,
		const struct bn_file *file, const struct bn_rect *place) {
	FILE *stream = file->path != NULL ? fopen(file->path, "rbe") : NULL;
	if (stream == NULL) {
		return;
	}
	png_image image = { .version = PNG_IMAGE_VERSION };
	if (png_image_begin_read_from_stdio(&image, stream) == 0) {
		bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &file->mark,
				"\"%s\" of check \"%s\" cannot be read: %s", base_name(file->path),
				check->name, image.message);
	} else if (image.width != (uint32_t)place->width
			|| image.height != (uint32_t)place->height) {
		bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &file->mark,
				"\"%s\" is %ux%u px, and check \"%s\" has %dx%d px on display "
				"\"%s\"; "
				"remove it and take it anew with \"binnaclectl golden\"",
				base_name(file->path), image.width, image.height, check->name,
				place->width, place->height,
				checker->layout->displays[checker->layout->zones[check->zone]
									       .display]
						.name);
	}
	png_image_free(&image);
	fclose(stream);
}

static void check_pictures(const struct checker *checker, const struct bn_check *check) {
	size_t display = checker->layout->zones[check->zone].display;
	struct bn_rect box = bn_layout_check_box(check, &checker->boxes[check->zone]);
	box = bn_layout_scale(&box, checker->layout->displays[display].scale);
	check_picture(checker, check, &check->golden, &box);
	check_picture(checker, check, &check->off, &box);
	check_picture(checker, check, &check->mask, &box);
}

void bn_layout_check_checks(const struct bn_layout *layout, const struct bn_rect *boxes,
		struct bn_diag_list *diags) {
	const struct checker checker = { layout, boxes, diags };
	for (size_t i = 0; i < layout->check_count; i++) {
		const struct bn_check *check = &layout->checks[i];
		const struct bn_zone *zone = &layout->zones[check->zone];
		check_place(&checker, check, check->zone);
		for (size_t j = 0; j < zone->backup_count; j++) {
			if (!bn_layout_is_checked_itself(layout, zone->backups[j])) {
				check_backup(&checker, check, zone->backups[j]);
			}
		}
		check_pictures(&checker, check);
	}
}
