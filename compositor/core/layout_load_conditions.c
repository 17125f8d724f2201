#include "core/layout_load_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"

/**
 * A condition is a state's name, a list of conditions that must all hold, or a map:
 *
 *   Vehicle.Speed: 0                          equal
 *   Vehicle.Speed: [0, 1]                     one of these
 *   Vehicle.Speed: { over: 5, until-under: 3 }
 *   any: [reversing, {Vehicle.Speed: 0}]      also all:, not:
 *
 * Nodes go into layout->conditions; the children of one node lie side by side, so
 * places are reserved first and filled afterwards.
 */
static void fill(struct bn_loader *loader, const struct bn_doc_node *node, size_t at);

static const char want_condition[] = "a condition: a state, a list of conditions, or a map such as "
				     "{Vehicle.Speed: {over: 5}}";

/** The first of `count` new nodes; BN_NONE when out of memory. The array may move. */
static size_t reserve(struct bn_loader *loader, size_t count) {
	struct bn_layout *layout = loader->layout;
	size_t first = layout->condition_count;
	if (first + count > loader->condition_capacity) {
		size_t capacity = (first + count) * 2 + 16;
		struct bn_condition *grown = bn_load_array(loader, capacity, sizeof(grown[0]));
		if (grown == NULL) {
			return BN_NONE;
		}
		if (first > 0) {
			memcpy(grown, layout->conditions, first * sizeof(grown[0]));
		}
		layout->conditions = grown;
		loader->condition_capacity = capacity;
	}
	layout->condition_count += count;
	return first;
}

/** Makes the node at `at` one with `count` children; BN_NONE when there is no memory. */
static size_t set_parent(struct bn_loader *loader, size_t at, enum bn_condition_kind kind,
		size_t count) {
	size_t first = reserve(loader, count);
	struct bn_condition *condition = &loader->layout->conditions[at];
	*condition = (struct bn_condition){ .kind = kind };
	if (first != BN_NONE) {
		condition->first_child = first;
		condition->child_count = count;
	}
	return first;
}

static void fill_list(struct bn_loader *loader, const struct bn_doc_node *list,
		enum bn_condition_kind kind, size_t at) {
	if (list->kind != BN_DOC_LIST || list->count == 0) {
		bn_load_expected(loader, list, "a list of at least one condition");
		return;
	}
	size_t first = set_parent(loader, at, kind, list->count);
	for (size_t i = 0; i < list->count && first != BN_NONE; i++) {
		fill(loader, list->items[i], first + i);
	}
}

static void fill_not(struct bn_loader *loader, const struct bn_doc_node *node, size_t at) {
	size_t first = set_parent(loader, at, BN_CONDITION_NOT, 1);
	if (first != BN_NONE) {
		fill(loader, node, first);
	}
}

/** What `{Signal: {…}}` may say. */
struct compare {
	double over, under, until_under, until_over; // NAN: not given
	struct bn_value unequal;
};

static const struct bn_range any_number = { -1e12, 1e12, "" };

static const struct bn_key compare_rows[] = {
	{ "over", "number", bn_read_number, offsetof(struct compare, over), &any_number },
	{ "until-under", "number", bn_read_number, offsetof(struct compare, until_under),
			&any_number },
	{ "under", "number", bn_read_number, offsetof(struct compare, under), &any_number },
	{ "until-over", "number", bn_read_number, offsetof(struct compare, until_over),
			&any_number },
	{ "not", "value", bn_read_value, offsetof(struct compare, unequal), NULL },
};
const struct bn_key_table bn_compare_keys = { "comparison", compare_rows,
	BN_COUNT_OF(compare_rows) };

static bool check_until(struct bn_loader *loader, const struct bn_doc_node *node,
		const struct compare *compare) {
	if (!isnan(compare->until_under)
			&& (isnan(compare->over) || compare->until_under > compare->over)) {
		bn_load_fault(loader, node, "until-under belongs to over and must not be above it");
		return false;
	}
	if (!isnan(compare->until_over)
			&& (isnan(compare->under) || compare->until_over < compare->under)) {
		bn_load_fault(loader, node, "until-over belongs to under and must not be below it");
		return false;
	}
	return true;
}

static void fill_limit(struct bn_loader *loader, size_t signal, enum bn_condition_kind kind,
		double limit, double until, size_t at) {
	loader->layout->conditions[at] = (struct bn_condition){
		.kind = kind,
		.signal = signal,
		.limit = limit,
		.until = isnan(until) ? limit : until,
		.hysteresis = loader->layout->hysteresis_count++,
	};
}

static void fill_equal(struct bn_loader *loader, size_t signal, const struct bn_value *value,
		size_t at) {
	loader->layout->conditions[at] = (struct bn_condition){
		.kind = BN_CONDITION_EQUAL, .signal = signal, .value = *value
	};
}

static void fill_compare(struct bn_loader *loader, const struct bn_doc_node *node, size_t signal,
		size_t at) {
	struct compare compare = { NAN, NAN, NAN, NAN, { 0 } };
	bn_load_map(loader, node, &bn_compare_keys, &compare);
	if (!check_until(loader, node, &compare)) {
		return;
	}
	bool over = !isnan(compare.over), under = !isnan(compare.under);
	bool unequal = compare.unequal.kind != BN_VALUE_UNKNOWN;
	size_t count = (size_t)over + (size_t)under + (size_t)unequal;
	if (node->count == 0) {
		bn_load_expected(loader, node, "over, under or not with a value");
	}
	if (count == 0) {
		return; // or its keys were faults
	}
	size_t next = count == 1 ? at : set_parent(loader, at, BN_CONDITION_ALL, count);
	if (next == BN_NONE) {
		return;
	}
	if (over) {
		fill_limit(loader, signal, BN_CONDITION_OVER, compare.over, compare.until_under,
				next++);
	}
	if (under) {
		fill_limit(loader, signal, BN_CONDITION_UNDER, compare.under, compare.until_over,
				next++);
	}
	size_t child = unequal ? set_parent(loader, next, BN_CONDITION_NOT, 1) : BN_NONE;
	if (child != BN_NONE) {
		fill_equal(loader, signal, &compare.unequal, child);
	}
}

static void fill_values(struct bn_loader *loader, const struct bn_doc_node *list, size_t signal,
		size_t at) {
	if (list->count == 0) {
		bn_load_expected(loader, list, "at least one value");
		return;
	}
	size_t first = set_parent(loader, at, BN_CONDITION_ANY, list->count);
	for (size_t i = 0; i < list->count && first != BN_NONE; i++) {
		struct bn_value value = { 0 };
		bn_read_value(loader, list->items[i], &value, NULL);
		fill_equal(loader, signal, &value, first + i);
	}
}

static void fill_signal(struct bn_loader *loader, const struct bn_doc_pair *pair, size_t at) {
	const char *outer = loader->key;
	loader->key = NULL;
	size_t signal = bn_load_signal_ref(loader, pair->key, &pair->key_mark);
	loader->key = outer;
	// An unknown signal is reported; its condition is read on for the faults in it.
	struct bn_value value = { 0 };
	switch (pair->value->kind) {
	case BN_DOC_MAP:
		fill_compare(loader, pair->value, signal, at);
		break;
	case BN_DOC_LIST:
		fill_values(loader, pair->value, signal, at);
		break;
	case BN_DOC_SCALAR:
		bn_read_value(loader, pair->value, &value, NULL);
		fill_equal(loader, signal, &value, at);
		break;
	case BN_DOC_NULL:
		bn_load_expected(loader, pair->value, "a value or a comparison");
		break;
	}
}

static void fill_pair(struct bn_loader *loader, const struct bn_doc_pair *pair, size_t at) {
	if (strcmp(pair->key, "any") == 0) {
		fill_list(loader, pair->value, BN_CONDITION_ANY, at);
	} else if (strcmp(pair->key, "all") == 0) {
		fill_list(loader, pair->value, BN_CONDITION_ALL, at);
	} else if (strcmp(pair->key, "not") == 0) {
		fill_not(loader, pair->value, at);
	} else {
		fill_signal(loader, pair, at);
	}
}

static void fill_map(struct bn_loader *loader, const struct bn_doc_node *map, size_t at) {
	if (map->count == 0) {
		bn_load_expected(loader, map, want_condition);
		return;
	}
	if (map->count == 1) {
		fill_pair(loader, &map->pairs[0], at);
		return;
	}
	size_t first = set_parent(loader, at, BN_CONDITION_ALL, map->count);
	for (size_t i = 0; i < map->count && first != BN_NONE; i++) {
		fill_pair(loader, &map->pairs[i], first + i);
	}
}

static void fill(struct bn_loader *loader, const struct bn_doc_node *node, size_t at) {
	size_t state;
	switch (node->kind) {
	case BN_DOC_SCALAR:
		state = bn_load_ref(loader, node, BN_OBJECT_STATE);
		loader->layout->conditions[at] =
				(struct bn_condition){ .kind = BN_CONDITION_STATE, .state = state };
		break;
	case BN_DOC_LIST:
		fill_list(loader, node, BN_CONDITION_ALL, at);
		break;
	case BN_DOC_MAP:
		fill_map(loader, node, at);
		break;
	case BN_DOC_NULL:
		bn_load_expected(loader, node, want_condition);
		break;
	}
}

size_t bn_load_condition(struct bn_loader *loader, const struct bn_doc_node *node) {
	size_t at = reserve(loader, 1);
	if (at != BN_NONE) {
		fill(loader, node, at);
	}
	return at;
}

void bn_read_condition(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	*(size_t *)field = bn_load_condition(loader, node);
}

/** States in an order in which each comes after those that it names. */
struct sorter {
	struct bn_loader *loader;
	const struct bn_doc_node *section;
	unsigned char *marks; // per state of the section: 0 new, 1 being visited, 2 done
	size_t *order;
	size_t count;
};

static void visit_state(struct sorter *sorter, size_t index);

static void visit_named(struct sorter *sorter, const struct bn_doc_node *node) {
	const struct bn_doc_node *section = sorter->section;
	for (size_t i = 0; i < section->count; i++) {
		if (strcmp(section->pairs[i].key, node->text) != 0) {
			continue;
		}
		if (sorter->marks[i] == 1) {
			bn_load_fault(sorter->loader, node,
					"state \"%s\" depends on itself through this", node->text);
		} else {
			visit_state(sorter, i);
		}
		return;
	}
	// Not a state: reported when the condition is built.
}

static void visit_condition(struct sorter *sorter, const struct bn_doc_node *node) {
	if (node->kind == BN_DOC_SCALAR) {
		visit_named(sorter, node);
	}
	for (size_t i = 0; node->kind == BN_DOC_LIST && i < node->count; i++) {
		visit_condition(sorter, node->items[i]);
	}
	for (size_t i = 0; node->kind == BN_DOC_MAP && i < node->count; i++) {
		const char *key = node->pairs[i].key;
		if (strcmp(key, "any") == 0 || strcmp(key, "all") == 0 || strcmp(key, "not") == 0) {
			visit_condition(sorter, node->pairs[i].value);
		}
	}
}

static void visit_state(struct sorter *sorter, size_t index) {
	if (sorter->marks[index] != 0) {
		return;
	}
	sorter->marks[index] = 1;
	visit_condition(sorter, sorter->section->pairs[index].value);
	sorter->marks[index] = 2;
	sorter->order[sorter->count++] = index;
}

void bn_load_states(struct bn_loader *loader, const struct bn_doc_node *section) {
	struct bn_layout *layout = loader->layout;
	struct sorter sorter = {
		.loader = loader,
		.section = section,
		.marks = bn_load_array(loader, section->count, 1),
		.order = bn_load_array(loader, section->count, sizeof(size_t)),
	};
	struct bn_state *states = bn_load_array(loader, section->count, sizeof(states[0]));
	if (sorter.marks == NULL || sorter.order == NULL || states == NULL) {
		layout->state_count = 0;
		return;
	}
	for (size_t i = 0; i < section->count; i++) {
		visit_state(&sorter, i);
	}
	for (size_t i = 0; i < sorter.count; i++) {
		const struct bn_doc_pair *pair = &section->pairs[sorter.order[i]];
		states[i] = (struct bn_state){
			.name = pair->key, .mark = pair->key_mark, .condition = BN_NONE
		};
	}
	layout->states = states;
	for (size_t i = 0; i < sorter.count; i++) {
		const struct bn_doc_pair *pair = &section->pairs[sorter.order[i]];
		loader->key = pair->key;
		states[i].condition = bn_load_condition(loader, pair->value);
		loader->key = NULL;
	}
}

/** A phrase that is being written; what does not fit is cut. */
struct phrase {
	char text[256];
	size_t used;
};

static void say(struct phrase *phrase, const char *text) {
	size_t room = sizeof(phrase->text) - phrase->used;
	int written = snprintf(phrase->text + phrase->used, room, "%s", text);
	size_t length = written < 0 ? 0 : (size_t)written;
	phrase->used += length < room ? length : room - 1;
}

static void say_condition(struct phrase *phrase, const struct bn_doc_node *node, const char *joint);

static void say_pair(struct phrase *phrase, const struct bn_doc_pair *pair) {
	static const struct {
		const char *key, *word;
	} words[] = { { "over", " over " }, { "under", " under " }, { "not", " not " },
		{ "until-under", " until under " }, { "until-over", " until over " } };
	const struct bn_doc_node *value = pair->value;
	if (strcmp(pair->key, "any") == 0) {
		say_condition(phrase, value, " or ");
		return;
	}
	if (strcmp(pair->key, "all") == 0) {
		say_condition(phrase, value, " and ");
		return;
	}
	if (strcmp(pair->key, "not") == 0) {
		say(phrase, "not ");
		say_condition(phrase, value, " and ");
		return;
	}
	say(phrase, pair->key);
	if (value->kind != BN_DOC_MAP) {
		say(phrase, value->kind == BN_DOC_LIST ? " one of " : " = ");
		say_condition(phrase, value, ", ");
		return;
	}
	for (size_t i = 0; i < value->count; i++) {
		for (size_t j = 0; j < BN_COUNT_OF(words); j++) {
			if (strcmp(words[j].key, value->pairs[i].key) == 0) {
				say(phrase, words[j].word);
				say_condition(phrase, value->pairs[i].value, "");
			}
		}
	}
}

static void say_condition(struct phrase *phrase, const struct bn_doc_node *node,
		const char *joint) {
	switch (node->kind) {
	case BN_DOC_NULL:
		break;
	case BN_DOC_SCALAR:
		say(phrase, node->text);
		break;
	case BN_DOC_LIST:
		for (size_t i = 0; i < node->count; i++) {
			say(phrase, i > 0 ? joint : "");
			say_condition(phrase, node->items[i], " and ");
		}
		break;
	case BN_DOC_MAP:
		for (size_t i = 0; i < node->count; i++) {
			say(phrase, i > 0 ? " and " : "");
			say_pair(phrase, &node->pairs[i]);
		}
		break;
	}
}

const char *bn_load_condition_text(struct bn_loader *loader, const struct bn_doc_node *node) {
	struct phrase phrase = { .used = 0 };
	say_condition(&phrase, node, " and ");
	const char *text = bn_arena_strdup(loader->arena, phrase.text);
	if (text == NULL) {
		loader->diags->out_of_memory = true;
		text = "";
	}
	return text;
}
