#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "core/arena.h"
#include "core/layout_load.h"
#include "core/layout_load_internal.h"

static yyjson_mut_val *to_json(yyjson_mut_doc *json, const struct bn_doc_node *node);

static yyjson_mut_val *scalar_to_json(yyjson_mut_doc *json, const struct bn_doc_node *node) {
	double number;
	bool truth;
	if (bn_doc_bool(node, &truth)) {
		return yyjson_mut_bool(json, truth);
	}
	if (!bn_doc_number(node, &number)) {
		return yyjson_mut_str(json, node->text);
	}
	bool is_whole = number >= -9e15 && number <= 9e15 && number == (double)(int64_t)number;
	return is_whole ? yyjson_mut_sint(json, (int64_t)number) : yyjson_mut_real(json, number);
}

static yyjson_mut_val *map_to_json(yyjson_mut_doc *json, const struct bn_doc_node *node) {
	yyjson_mut_val *map = yyjson_mut_obj(json);
	for (size_t i = 0; i < node->count; i++) {
		yyjson_mut_val *value = to_json(json, node->pairs[i].value);
		if (!yyjson_mut_obj_add(map, yyjson_mut_str(json, node->pairs[i].key), value)) {
			return NULL;
		}
	}
	return map;
}

static yyjson_mut_val *list_to_json(yyjson_mut_doc *json, const struct bn_doc_node *node) {
	yyjson_mut_val *list = yyjson_mut_arr(json);
	for (size_t i = 0; i < node->count; i++) {
		if (!yyjson_mut_arr_append(list, to_json(json, node->items[i]))) {
			return NULL;
		}
	}
	return list;
}

/** NULL when out of memory; the depth of a document is limited. Borrows the document's text. */
static yyjson_mut_val *to_json(yyjson_mut_doc *json, const struct bn_doc_node *node) {
	switch (node->kind) {
	case BN_DOC_NULL:
		return yyjson_mut_null(json);
	case BN_DOC_SCALAR:
		return scalar_to_json(json, node);
	case BN_DOC_LIST:
		return list_to_json(json, node);
	case BN_DOC_MAP:
		return map_to_json(json, node);
	}
	return NULL;
}

static char *write_json(yyjson_mut_doc *json, yyjson_mut_val *root) {
	if (root == NULL) {
		return NULL;
	}
	yyjson_mut_doc_set_root(json, root);
	return yyjson_mut_write(json, YYJSON_WRITE_PRETTY, NULL);
}

static const struct bn_doc_node *load_merged(struct bn_doc_source *source, const char *path,
		const struct bn_layout_options *options) {
	const struct bn_doc_node *doc = bn_doc_load(source, path);
	if (doc == NULL || options == NULL || options->profile == NULL) {
		return doc;
	}
	const struct bn_doc_node *overlay =
			bn_doc_get(bn_doc_get(doc, "profiles"), options->profile);
	if (overlay == NULL) {
		bn_diag_add(source->diags, BN_SEVERITY_ERROR, NULL, "no profile is called \"%s\"",
				options->profile);
		return NULL;
	}
	doc = bn_doc_merge(source->arena, doc, overlay, source->diags);
	return bn_doc_prune(source->arena, doc, source->diags);
}

char *bn_layout_merged_json(const char *path, const struct bn_layout_options *options,
		struct bn_diag_list *diags) {
	struct bn_arena *arena = bn_arena_create();
	struct bn_doc_source *source =
			arena != NULL ? bn_arena_alloc(arena, sizeof(*source)) : NULL;
	yyjson_mut_doc *json = yyjson_mut_doc_new(NULL);
	char *text = NULL;
	if (source != NULL && json != NULL) {
		source->arena = arena;
		source->diags = diags;
		const struct bn_doc_node *doc = load_merged(source, path, options);
		text = doc != NULL ? write_json(json, to_json(json, doc)) : NULL;
	} else {
		diags->out_of_memory = true;
	}
	yyjson_mut_doc_free(json);
	bn_arena_destroy(arena);
	if (diags->out_of_memory) {
		free(text);
		return NULL;
	}
	return text;
}

static bool add_choices(yyjson_mut_doc *json, yyjson_mut_val *row, const struct bn_key *key) {
	bool is_choice = strcmp(key->type, "choice") == 0 || strcmp(key->type, "choices") == 0;
	const struct bn_choices *choices = key->arg;
	if (!is_choice) {
		return true;
	}
	yyjson_mut_val *names = yyjson_mut_obj_add_arr(json, row, "choices");
	for (size_t i = 0; i < choices->count; i++) {
		if (!yyjson_mut_arr_add_str(json, names, choices->items[i].name)) {
			return false;
		}
	}
	return true;
}

char *bn_layout_keys_json(void) {
	yyjson_mut_doc *json = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(json);
	bool ok = root != NULL;
	for (size_t i = 0; ok && bn_load_tables[i] != NULL; i++) {
		const struct bn_key_table *table = bn_load_tables[i];
		yyjson_mut_val *map = yyjson_mut_obj_add_obj(json, root, table->name);
		for (size_t j = 0; ok && j < table->count; j++) {
			const struct bn_key *key = &table->keys[j];
			yyjson_mut_val *row = yyjson_mut_obj_add_obj(json, map, key->name);
			ok = yyjson_mut_obj_add_str(json, row, "type", key->type)
					&& add_choices(json, row, key);
		}
	}
	char *text = ok ? write_json(json, root) : NULL;
	yyjson_mut_doc_free(json);
	return text;
}
