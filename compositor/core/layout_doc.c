#include "core/layout_doc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

const struct bn_doc_node *bn_doc_get(const struct bn_doc_node *map, const char *key) {
	if (map == NULL || map->kind != BN_DOC_MAP) {
		return NULL;
	}
	for (size_t i = 0; i < map->count; i++) {
		if (strcmp(map->pairs[i].key, key) == 0) {
			return map->pairs[i].value;
		}
	}
	return NULL;
}

const char *bn_doc_kind_name(const struct bn_doc_node *node) {
	double number;
	bool truth;
	switch (node->kind) {
	case BN_DOC_NULL:
		return "nothing";
	case BN_DOC_LIST:
		return "a list";
	case BN_DOC_MAP:
		return "a map";
	case BN_DOC_SCALAR:
		break;
	}
	if (bn_doc_bool(node, &truth)) {
		return "true or false";
	}
	return bn_doc_number(node, &number) ? "a number" : "text";
}

bool bn_doc_number(const struct bn_doc_node *node, double *ret_number) {
	if (node->kind != BN_DOC_SCALAR || !node->plain) {
		return false;
	}
	// strtod also takes hexadecimal floats, infinities and blanks; YAML's numbers begin with these.
	const char *digits = node->text + strspn(node->text, "+-");
	if (strspn(digits, "0123456789.") == 0
			|| strspn(digits, "0123456789.eE+-") != strlen(digits)) {
		return false;
	}
	char *end;
	double number = strtod(node->text, &end);
	if (*end != '\0' || end == node->text || !isfinite(number)) {
		return false;
	}
	*ret_number = number;
	return true;
}

bool bn_doc_bool(const struct bn_doc_node *node, bool *ret_value) {
	if (node->kind != BN_DOC_SCALAR || !node->plain) {
		return false;
	}
	if (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0) {
		*ret_value = node->text[0] == 't';
		return true;
	}
	return false;
}

static struct bn_doc_node *copy_node(struct bn_arena *arena, const struct bn_doc_node *node) {
	struct bn_doc_node *copy = bn_arena_alloc(arena, sizeof(*copy));
	if (copy != NULL) {
		*copy = *node;
	}
	return copy;
}

static size_t find_pair(const struct bn_doc_pair *pairs, size_t count, const char *key) {
	for (size_t i = 0; i < count; i++) {
		if (strcmp(pairs[i].key, key) == 0) {
			return i;
		}
	}
	return count;
}

struct merge {
	struct bn_arena *arena;
	struct bn_diag_list *diags;
};

static const struct bn_doc_node *merge_nodes(struct merge *merge, const struct bn_doc_node *base,
		const struct bn_doc_node *over);

static void weigh_map(struct bn_doc_node *map) {
	map->weight = 1;
	map->height = 1;
	for (size_t i = 0; i < map->count; i++) {
		const struct bn_doc_node *value = map->pairs[i].value;
		map->weight += value->weight;
		if (value->height >= map->height) {
			map->height = value->height + 1;
		}
	}
}

static const struct bn_doc_node *merge_maps(struct merge *merge, const struct bn_doc_node *base,
		const struct bn_doc_node *over) {
	struct bn_doc_node *map = copy_node(merge->arena, over);
	struct bn_doc_pair *pairs =
			bn_arena_array(merge->arena, base->count + over->count, sizeof(pairs[0]));
	if (map == NULL || pairs == NULL) {
		return NULL;
	}
	size_t count = base->count;
	if (count > 0) {
		memcpy(pairs, base->pairs, count * sizeof(pairs[0]));
	}
	for (size_t i = 0; i < over->count; i++) {
		const struct bn_doc_pair *pair = &over->pairs[i];
		size_t at = find_pair(pairs, count, pair->key);
		bool exists = at < count;
		const struct bn_doc_node *value =
				merge_nodes(merge, exists ? pairs[at].value : NULL, pair->value);
		if (value == NULL) {
			return NULL;
		}
		pairs[at] = (struct bn_doc_pair){ pair->key, pair->key_mark, value };
		count += exists ? 0 : 1;
	}
	map->pairs = pairs;
	map->count = count;
	map->overrode = base;
	weigh_map(map);
	return map;
}

/** `base` may be NULL. NULL when out of memory. */
static const struct bn_doc_node *merge_nodes(struct merge *merge, const struct bn_doc_node *base,
		const struct bn_doc_node *over) {
	if (base == NULL) {
		return over;
	}
	if (base->kind == BN_DOC_MAP && over->kind == BN_DOC_MAP) {
		return merge_maps(merge, base, over);
	}
	// A null stays in the tree: what this file removes, it also removes from its later siblings' base.
	struct bn_doc_node *copy = copy_node(merge->arena, over);
	if (copy != NULL) {
		copy->overrode = base;
	}
	return copy;
}

const struct bn_doc_node *bn_doc_merge(struct bn_arena *arena, const struct bn_doc_node *base,
		const struct bn_doc_node *over, struct bn_diag_list *diags) {
	if (over == NULL) {
		return base;
	}
	struct merge merge = { arena, diags };
	const struct bn_doc_node *merged = merge_nodes(&merge, base, over);
	if (merged == NULL) {
		diags->out_of_memory = true;
	} else if (merged->weight > BN_DOC_MAX_NODES) {
		bn_diag_add(diags, BN_SEVERITY_ERROR, &over->mark,
				"the merged layout has more than %d entries", BN_DOC_MAX_NODES);
		return NULL;
	}
	return merged;
}

/**
 * Where a map lies. A profile is an overlay that is merged later, so the nulls in it are kept
 * until then.
 */
enum place {
	PLACE_ROOT,
	PLACE_PROFILES, // names of profiles
	PLACE_ELSEWHERE,
};

static const struct bn_doc_node *prune_map(struct merge *merge, const struct bn_doc_node *map,
		enum place place) {
	struct bn_doc_node *copy = copy_node(merge->arena, map);
	struct bn_doc_pair *pairs = bn_arena_array(merge->arena, map->count, sizeof(pairs[0]));
	if (copy == NULL || pairs == NULL) {
		return NULL;
	}
	copy->pairs = pairs;
	copy->count = 0;
	for (size_t i = 0; i < map->count; i++) {
		struct bn_doc_pair pair = map->pairs[i];
		bool is_profiles = place == PLACE_ROOT && strcmp(pair.key, "profiles") == 0;
		if (pair.value->kind == BN_DOC_NULL) {
			if (pair.value->overrode == NULL
					&& bn_diag_list_errors(merge->diags) == 0) {
				bn_diag_add(merge->diags, BN_SEVERITY_WARNING, &pair.key_mark,
						"\"%s\" is empty, which removes it, but nothing "
						"included "
						"sets it; remove the line, or write {} for an "
						"empty entry",
						pair.key);
			}
			continue;
		}
		if (pair.value->kind == BN_DOC_MAP && place != PLACE_PROFILES) {
			pair.value = prune_map(merge, pair.value,
					is_profiles ? PLACE_PROFILES : PLACE_ELSEWHERE);
		}
		if (pair.value == NULL) {
			return NULL;
		}
		pairs[copy->count++] = pair;
	}
	weigh_map(copy);
	return copy;
}

const struct bn_doc_node *bn_doc_prune(struct bn_arena *arena, const struct bn_doc_node *doc,
		struct bn_diag_list *diags) {
	if (doc == NULL || doc->kind != BN_DOC_MAP) {
		return doc;
	}
	struct merge merge = { arena, diags };
	const struct bn_doc_node *pruned = prune_map(&merge, doc, PLACE_ROOT);
	if (pruned == NULL) {
		diags->out_of_memory = true;
	}
	return pruned;
}
