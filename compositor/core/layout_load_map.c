#include "core/layout_load_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"

static void add_fault(struct bn_loader *loader, const struct bn_mark *mark,
		const struct bn_doc_node *overrode, const char *text) {
	const char *key = loader->key != NULL ? loader->key : "";
	const char *colon = loader->key != NULL ? ": " : "";
	if (overrode == NULL) {
		bn_diag_add(loader->diags, BN_SEVERITY_ERROR, mark, "%s%s%s", key, colon, text);
	} else {
		bn_diag_add(loader->diags, BN_SEVERITY_ERROR, mark, "%s%s%s (overrides %s:%d)", key,
				colon, text, overrode->mark.file, overrode->mark.line);
	}
}

__attribute__((format(printf, 4, 0))) __attribute__((format(printf, 4, 0))) static void
add_fault_va(struct bn_loader *loader, const struct bn_mark *mark,
		const struct bn_doc_node *overrode, const char *format, va_list args) {
	char text[1024];
	vsnprintf(text, sizeof(text), format, args);
	add_fault(loader, mark, overrode, text);
}

void bn_load_fault(struct bn_loader *loader, const struct bn_doc_node *node, const char *format,
		...) {
	va_list args;
	va_start(args, format);
	add_fault_va(loader, &node->mark, node->overrode, format, args);
	va_end(args);
}

void bn_load_fault_at(struct bn_loader *loader, const struct bn_mark *mark, const char *format,
		...) {
	va_list args;
	va_start(args, format);
	add_fault_va(loader, mark, NULL, format, args);
	va_end(args);
}

void bn_load_expected(struct bn_loader *loader, const struct bn_doc_node *node, const char *want) {
	if (node->kind == BN_DOC_SCALAR) {
		bn_load_fault(loader, node, "expected %s, not \"%.60s\"", want, node->text);
	} else if (node->kind != BN_DOC_NULL && node->count == 0) {
		bn_load_fault(loader, node, "expected %s, not %s", want,
				node->kind == BN_DOC_LIST ? "an empty list" : "an empty map");
	} else if (node->kind == BN_DOC_LIST) {
		bn_load_fault(loader, node, "expected %s, not a list of %zu", want, node->count);
	} else {
		bn_load_fault(loader, node, "expected %s, not %s", want, bn_doc_kind_name(node));
	}
}

void *bn_load_array(struct bn_loader *loader, size_t count, size_t size) {
	void *array = bn_arena_array(loader->arena, count, size);
	if (array == NULL) {
		loader->diags->out_of_memory = true;
	}
	return array;
}

#define MAX_NAME 64

/** Edits (insert, delete, replace, swap of neighbours) from a to b; both at most MAX_NAME long. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
	size_t rows[3][MAX_NAME + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];
	for (size_t j = 0; j <= b_length; j++) {
		last[j] = j;
		before[j] = j;
	}
	for (size_t i = 1; i <= a_length; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
			best = last[j] + 1 < best ? last[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2]
					&& a[i - 2] == b[j - 1];
			if (swapped && before[j - 2] + 1 < best) {
				best = before[j - 2] + 1;
			}
			row[j] = best;
		}
		size_t *spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b_length];
}

const char *bn_load_nearest(const char *name, bn_name_fn get, const void *data, size_t count) {
	size_t length = strlen(name);
	const char *best = NULL;
	size_t limit = length <= 3 ? 1 : length <= 7 ? 2 : 3;
	if (length > MAX_NAME) {
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		const char *candidate = get(data, i);
		size_t other = strlen(candidate);
		size_t apart = other > length ? other - length : length - other;
		if (other > MAX_NAME || apart > limit) {
			continue;
		}
		size_t distance = edit_distance(name, length, candidate, other);
		// Strictly nearer than the last one; at first, up to the limit.
		if (distance <= limit) {
			best = candidate;
			limit = distance > 0 ? distance - 1 : 0;
			if (distance <= 1) {
				break;
			}
		}
	}
	return best;
}

static const char *key_name(const void *data, size_t index) {
	const struct bn_key_table *table = data;
	return table->keys[index].name;
}

static void list_keys(const struct bn_key_table *table, char *buffer, size_t size) {
	size_t used = 0;
	buffer[0] = '\0';
	for (size_t i = 0; i < table->count && used < size; i++) {
		used += (size_t)snprintf(buffer + used, size - used, "%s%s", i > 0 ? ", " : "",
				table->keys[i].name);
	}
}

static void report_unknown_key(struct bn_loader *loader, const struct bn_doc_pair *pair,
		const struct bn_key_table *table) {
	const char *nearest = bn_load_nearest(pair->key, key_name, table, table->count);
	const char *outer = loader->key;
	bool is_plural = table->name[strlen(table->name) - 1] == 's'; // "limits"
	const char *article = is_plural ? "" : "a ";
	loader->key = NULL;
	if (nearest != NULL) {
		bn_load_fault_at(loader, &pair->key_mark,
				"unknown key \"%.60s\" in %s%s; did you mean \"%s\"?", pair->key,
				article, table->name, nearest);
	} else {
		char known[512];
		list_keys(table, known, sizeof(known));
		bn_load_fault_at(loader, &pair->key_mark,
				"unknown key \"%.60s\" in a %s; the keys are %s", pair->key,
				table->name, known);
	}
	loader->key = outer;
}

static const struct bn_key *find_key(const struct bn_key_table *table, const char *name) {
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->keys[i].name, name) == 0) {
			return &table->keys[i];
		}
	}
	return NULL;
}

bool bn_load_map(struct bn_loader *loader, const struct bn_doc_node *node,
		const struct bn_key_table *table, void *object) {
	if (node->kind != BN_DOC_MAP) {
		char known[512], want[600];
		list_keys(table, known, sizeof(known));
		snprintf(want, sizeof(want), "a map with the keys %s", known);
		bn_load_expected(loader, node, want);
		return false;
	}
	const char *outer = loader->key;
	for (size_t i = 0; i < node->count; i++) {
		const struct bn_doc_pair *pair = &node->pairs[i];
		const struct bn_key *key = find_key(table, pair->key);
		if (key == NULL) {
			report_unknown_key(loader, pair, table);
			continue;
		}
		if (pair->value->kind == BN_DOC_NULL) {
			continue; // an empty value inside a list's map: as if it were not there
		}
		loader->key = key->name;
		key->read(loader, pair->value, (char *)object + key->offset, key->arg);
	}
	loader->key = outer;
	return true;
}

size_t bn_load_list_count(const struct bn_doc_node *node) {
	return node->kind == BN_DOC_LIST ? node->count : 1;
}

const struct bn_doc_node *bn_load_list_item(const struct bn_doc_node *node, size_t index) {
	return node->kind == BN_DOC_LIST ? node->items[index] : node;
}

const char *bn_load_scalar(struct bn_loader *loader, const struct bn_doc_node *node,
		const char *want) {
	if (node->kind != BN_DOC_SCALAR) {
		bn_load_expected(loader, node, want);
		return NULL;
	}
	return node->text;
}
