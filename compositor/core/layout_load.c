#include "core/layout_load.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/layout_check.h"
#include "core/layout_doc.h"
#include "core/layout_load_internal.h"
#include "core/proof.h"

static bool comes_before(const struct bn_diag *a, const struct bn_diag *b) {
	int files = strcmp(a->file != NULL ? a->file : "", b->file != NULL ? b->file : "");
	if (files != 0) {
		return files < 0;
	}
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/** Takes out what an earlier pass has said already: every profile is built on the same base. */
static void drop_repeated(struct bn_diag_list *diags, size_t from) {
	size_t kept = from;
	for (size_t i = from; i < diags->count; i++) {
		struct bn_diag *diag = &diags->items[i];
		bool is_repeated = false;
		for (size_t j = 0; j < kept && !is_repeated; j++) {
			const struct bn_diag *other = &diags->items[j];
			bool same_file = diag->file == NULL || other->file == NULL
					? diag->file == other->file
					: strcmp(diag->file, other->file) == 0;
			is_repeated = same_file && diag->line == other->line
					&& diag->column == other->column
					&& strcmp(diag->text, other->text) == 0;
		}
		if (is_repeated) {
			free(diag->file);
			free(diag->text);
		} else {
			diags->items[kept++] = *diag;
		}
	}
	diags->count = kept;
}

/** In the order of the file, as an editor walks them. Stable: what was found first stays first in a place. */
static void sort_by_place(struct bn_diag_list *diags, size_t from) {
	for (size_t i = from + 1; i < diags->count; i++) {
		struct bn_diag diag = diags->items[i];
		size_t at = i;
		while (at > from && comes_before(&diag, &diags->items[at - 1])) {
			diags->items[at] = diags->items[at - 1];
			at--;
		}
		diags->items[at] = diag;
	}
}

static const char *profile_name(const void *data, size_t index) {
	const struct bn_doc_node *profiles = data;
	return profiles->pairs[index].key;
}

static void report_unknown_profile(const struct bn_doc_node *profiles, const char *name,
		struct bn_diag_list *diags) {
	bool has_any = profiles != NULL && profiles->kind == BN_DOC_MAP && profiles->count > 0;
	const char *nearest = has_any
			? bn_load_nearest(name, profile_name, profiles, profiles->count)
			: NULL;
	const struct bn_mark *mark = has_any ? &profiles->mark : NULL;
	if (nearest != NULL) {
		bn_diag_add(diags, BN_SEVERITY_ERROR, mark,
				"no profile is called \"%s\"; did you mean \"%s\"?", name, nearest);
	} else {
		bn_diag_add(diags, BN_SEVERITY_ERROR, mark,
				"no profile is called \"%s\"; declare it under \"profiles:\"",
				name);
	}
}

/** A profile is an overlay of the same keys, but for those that make up a file. */
static bool check_profile_keys(const struct bn_doc_node *overlay, struct bn_diag_list *diags) {
	static const char *const refused[] = { "binnacle", "include", "profiles" };
	if (overlay->kind != BN_DOC_MAP) {
		bn_diag_add(diags, BN_SEVERITY_ERROR, &overlay->mark,
				"a profile is a map of sections such as \"themes:\", not %s",
				bn_doc_kind_name(overlay));
		return false;
	}
	bool ok = true;
	for (size_t i = 0; i < overlay->count; i++) {
		for (size_t j = 0; j < BN_COUNT_OF(refused); j++) {
			if (strcmp(overlay->pairs[i].key, refused[j]) == 0) {
				bn_diag_add(diags, BN_SEVERITY_ERROR, &overlay->pairs[i].key_mark,
						"\"%s\" has no place in a profile", refused[j]);
				ok = false;
			}
		}
	}
	return ok;
}

/** What every profile is built from. */
struct build {
	const struct bn_doc_node *doc;
	const char *path;
	bool is_incomplete;
	struct bn_diag_list *diags;
	struct bn_glass_cache *masks;
};

/** One layout from the merged document with one profile on top; its faults go to diags. */
static struct bn_layout *build_one(const struct build *build, struct bn_arena *arena,
		const struct bn_doc_pair *profile) {
	const struct bn_doc_node *doc = build->doc;
	struct bn_diag_list *diags = build->diags;
	if (profile != NULL) {
		if (!check_profile_keys(profile->value, diags)) {
			return NULL;
		}
		doc = bn_doc_merge(arena, doc, profile->value, diags);
		doc = bn_doc_prune(arena, doc, diags);
		if (doc == NULL) {
			return NULL;
		}
	}
	size_t before = bn_diag_list_errors(diags);
	struct bn_layout *layout =
			bn_load_build(arena, doc, build->path, build->is_incomplete, diags);
	if (layout == NULL || bn_diag_list_errors(diags) > before) {
		return NULL;
	}
	layout->profile = profile != NULL ? profile->key : NULL;
	bool is_good = !build->is_incomplete && bn_layout_check(layout, build->masks, diags);
	return is_good ? layout : NULL;
}

/** Every profile must work before one is used: switching at run time then cannot fail. */
static void check_other_profiles(const struct build *build, const struct bn_doc_node *profiles,
		const struct bn_doc_pair *used) {
	for (size_t i = 0; i < profiles->count; i++) {
		if (&profiles->pairs[i] == used) {
			continue;
		}
		struct bn_arena *arena = bn_arena_create();
		if (arena == NULL) {
			build->diags->out_of_memory = true;
			return;
		}
		build_one(build, arena, &profiles->pairs[i]);
		bn_arena_destroy(arena);
	}
}

static const struct bn_doc_pair *find_profile(const struct bn_doc_node *profiles,
		const char *name) {
	for (size_t i = 0; profiles != NULL && i < profiles->count; i++) {
		if (strcmp(profiles->pairs[i].key, name) == 0) {
			return &profiles->pairs[i];
		}
	}
	return NULL;
}

static struct bn_layout *build_all(const struct build *build, struct bn_arena *arena,
		const char *profile) {
	const struct bn_doc_node *profiles = bn_doc_get(build->doc, "profiles");
	if (profiles != NULL && profiles->kind != BN_DOC_MAP) {
		profiles = NULL; // reported by the build
	}
	const struct bn_doc_pair *used = profile != NULL ? find_profile(profiles, profile) : NULL;
	if (profile != NULL && used == NULL) {
		report_unknown_profile(profiles, profile, build->diags);
	}
	struct bn_layout *layout = build_one(build, arena, used);
	if (profiles != NULL) {
		check_other_profiles(build, profiles, used);
	}
	return layout;
}

static bool keep_files(struct bn_layout *layout, const struct bn_doc_source *source) {
	size_t room = source->file_count + layout->display_count;
	layout->files = bn_arena_array(source->arena, room, sizeof(layout->files[0]));
	if (layout->files == NULL) {
		source->diags->out_of_memory = true;
		return false;
	}
	memcpy(layout->files, source->files, source->file_count * sizeof(layout->files[0]));
	layout->file_count = source->file_count;
	for (size_t i = 0; i < layout->display_count; i++) {
		if (layout->displays[i].glass_mask != NULL) {
			layout->files[layout->file_count++] = layout->displays[i].glass_mask;
		}
	}
	return true;
}

static struct bn_layout *finish_load(struct bn_doc_source *source, const struct bn_doc_node *doc,
		const char *path, const struct bn_layout_options *options, size_t errors_before) {
	const char *profile = options != NULL ? options->profile : NULL;
	const char *path_copy = bn_arena_strdup(source->arena, path);
	if (path_copy == NULL) {
		source->diags->out_of_memory = true;
		return NULL;
	}
	struct bn_layout *layout = NULL;
	if (doc != NULL) {
		struct bn_glass_cache masks = { 0 };
		const struct build build = { doc, path_copy, source->is_incomplete, source->diags,
			&masks };
		layout = build_all(&build, source->arena, profile);
		bn_glass_cache_finish(&masks);
	}
	if (layout == NULL || bn_diag_list_errors(source->diags) > errors_before
			|| !keep_files(layout, source)) {
		return NULL;
	}
	return layout;
}

/** `text` NULL: the file is read. */
static struct bn_layout *load(const char *text, size_t length, const char *path,
		const struct bn_layout_options *options, struct bn_diag_list *diags) {
	size_t errors_before = bn_diag_list_errors(diags);
	size_t from = diags->count;
	struct bn_arena *arena = bn_arena_create();
	struct bn_doc_source *source =
			arena != NULL ? bn_arena_alloc(arena, sizeof(*source)) : NULL;
	if (source == NULL) {
		diags->out_of_memory = true;
		bn_arena_destroy(arena);
		return NULL;
	}
	source->arena = arena;
	source->diags = diags;
	const struct bn_doc_node *doc = text != NULL ? bn_doc_load_text(source, text, length, path)
						     : bn_doc_load(source, path);
	struct bn_layout *layout = finish_load(source, doc, path, options, errors_before);
	drop_repeated(diags, from);
	sort_by_place(diags, from);
	if (layout == NULL) {
		bn_arena_destroy(arena);
	}
	return layout;
}

struct bn_layout *bn_layout_load(const char *path, const struct bn_layout_options *options,
		struct bn_diag_list *diags) {
	return load(NULL, 0, path, options, diags);
}

struct bn_layout *bn_layout_load_text(const char *text, size_t length, const char *path,
		const struct bn_layout_options *options, struct bn_diag_list *diags) {
	return load(text, length, path, options, diags);
}
