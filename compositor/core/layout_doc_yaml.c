#include "core/layout_doc.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

/**
 * From libfyaml's events to our tree. Events, not libfyaml's documents: a limit then
 * holds before the memory is spent, and aliases share a subtree instead of copying it.
 */
struct anchor {
	const char *name;
	const struct bn_doc_node
			*node; // NULL while it is being read: an alias to it would be a cycle
	struct anchor *next;
};

struct reader {
	struct bn_arena *arena;
	struct bn_diag_list *diags;
	const char *file;
	struct fy_parser *parser;
	struct anchor *anchors; // the newest first
	size_t nodes;           // read so far, aliases counted with what they stand for
};

static bool is_quoted(struct fy_event *event) {
	if (event->type != FYET_SCALAR || event->scalar.value == NULL) {
		return false;
	}
	enum fy_scalar_style style = fy_token_scalar_style(event->scalar.value);
	return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

static struct bn_mark mark_of(const struct reader *reader, struct fy_event *event,
		const struct bn_mark *fallback) {
	const struct fy_mark *start = fy_event_start_mark(event);
	if (start == NULL || start->line < 0 || start->column < 0) {
		return fallback != NULL ? *fallback : (struct bn_mark){ reader->file, 1, 1 };
	}
	struct bn_mark mark = { reader->file, start->line + 1, start->column + 1 };
	if (is_quoted(event) && mark.column > 1) {
		mark.column--; // libfyaml's mark lies behind the quote
	}
	return mark;
}

static bool out_of_memory(struct reader *reader) {
	reader->diags->out_of_memory = true;
	return false;
}

/** The next event; NULL when the text is not YAML (recorded by libfyaml) or ended. */
static struct fy_event *next_event(struct reader *reader) {
	return fy_parser_parse(reader->parser);
}

static char *token_text(struct reader *reader, struct fy_token *token, const struct bn_mark *mark) {
	size_t length = 0;
	const char *bytes = token != NULL ? fy_token_get_text(token, &length) : "";
	if (bytes == NULL) {
		bytes = "";
		length = 0;
	}
	if (memchr(bytes, '\0', length) != NULL) {
		bn_diag_add(reader->diags, BN_SEVERITY_ERROR, mark,
				"text must not contain a NUL character");
		length = strlen(bytes);
	}
	char *text = bn_arena_strndup(reader->arena, bytes, length);
	if (text == NULL) {
		out_of_memory(reader);
	}
	return text;
}

static bool is_null_text(const char *text) {
	static const char *const names[] = { "", "~", "null", "Null", "NULL" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			return true;
		}
	}
	return false;
}

static bool read_node(struct reader *reader, struct fy_event *event, const struct bn_mark *fallback,
		int depth, const struct bn_doc_node **ret_node);

static bool refuse(struct reader *reader, const struct bn_mark *mark, const char *text) {
	bn_diag_add(reader->diags, BN_SEVERITY_ERROR, mark, "%s", text);
	return false;
}

static bool count_nodes(struct reader *reader, size_t nodes, const struct bn_mark *mark) {
	reader->nodes += nodes;
	if (reader->nodes > BN_DOC_MAX_NODES) {
		return refuse(reader, mark,
				"the file has more entries than a layout may have (100000)");
	}
	return true;
}

static struct bn_doc_node *new_node(struct reader *reader, enum bn_doc_kind kind,
		const struct bn_mark *mark) {
	struct bn_doc_node *node = bn_arena_alloc(reader->arena, sizeof(*node));
	if (node == NULL) {
		out_of_memory(reader);
		return NULL;
	}
	node->kind = kind;
	node->mark = *mark;
	node->weight = 1;
	node->height = 1;
	return node;
}

static void adopt(struct bn_doc_node *parent, const struct bn_doc_node *child) {
	parent->weight += child->weight;
	if (child->height >= parent->height) {
		parent->height = child->height + 1;
	}
}

/** Room for one more element of `size` bytes in an arena array of `count`. */
static bool grow(struct reader *reader, void **array, size_t count, size_t size) {
	bool is_full = count == 0 || (count >= 4 && (count & (count - 1)) == 0);
	if (!is_full) {
		return true;
	}
	size_t capacity = count == 0 ? 4 : count * 2;
	void *bigger = bn_arena_array(reader->arena, capacity, size);
	if (bigger == NULL) {
		return out_of_memory(reader);
	}
	if (count > 0) {
		memcpy(bigger, *array, count * size);
	}
	*array = bigger;
	return true;
}

static bool read_scalar(struct reader *reader, struct fy_event *event, const struct bn_mark *mark,
		const struct bn_doc_node **ret_node) {
	struct fy_token *token = event->scalar.value;
	char *text = token_text(reader, token, mark);
	struct bn_doc_node *node = new_node(reader, BN_DOC_SCALAR, mark);
	if (text == NULL || node == NULL) {
		return false;
	}
	node->text = text;
	node->plain = token == NULL || fy_token_scalar_style(token) == FYSS_PLAIN;
	if (node->plain && is_null_text(text)) {
		node->kind = BN_DOC_NULL;
	}
	*ret_node = node;
	return true;
}

static bool read_list(struct reader *reader, const struct bn_mark *mark, int depth,
		const struct bn_doc_node **ret_node) {
	struct bn_doc_node *list = new_node(reader, BN_DOC_LIST, mark);
	if (list == NULL) {
		return false;
	}
	*ret_node = list;
	for (;;) {
		struct fy_event *event = next_event(reader);
		if (event == NULL) {
			return false;
		}
		if (event->type == FYET_SEQUENCE_END) {
			fy_parser_event_free(reader->parser, event);
			return true;
		}
		const struct bn_doc_node *item;
		if (!read_node(reader, event, mark, depth + 1, &item)
				|| !grow(reader, (void **)&list->items, list->count,
						sizeof(list->items[0]))) {
			return false;
		}
		list->items[list->count++] = item;
		adopt(list, item);
	}
}

/** A key that is no text is reported and left NULL: its pair is skipped. */
static bool read_key(struct reader *reader, struct fy_event *event, int depth,
		struct bn_doc_pair *pair) {
	pair->key_mark = mark_of(reader, event, NULL);
	if (event->type != FYET_SCALAR) {
		const struct bn_doc_node *ignored;
		pair->key = NULL;
		refuse(reader, &pair->key_mark, "a key must be text");
		return read_node(reader, event, &pair->key_mark, depth + 1, &ignored);
	}
	pair->key = token_text(reader, event->scalar.value, &pair->key_mark);
	fy_parser_event_free(reader->parser, event);
	return pair->key != NULL;
}

/** False for a key that is there already: reported, the first one counts. */
static bool is_new_key(struct reader *reader, const struct bn_doc_node *map,
		const struct bn_doc_pair *pair) {
	for (size_t i = 0; i < map->count; i++) {
		if (strcmp(map->pairs[i].key, pair->key) == 0) {
			bn_diag_add(reader->diags, BN_SEVERITY_ERROR, &pair->key_mark,
					"\"%s\" is given twice, first in line %d; keep one",
					pair->key, map->pairs[i].key_mark.line);
			return false;
		}
	}
	return true;
}

static bool read_map(struct reader *reader, const struct bn_mark *mark, int depth,
		const struct bn_doc_node **ret_node) {
	struct bn_doc_node *map = new_node(reader, BN_DOC_MAP, mark);
	if (map == NULL) {
		return false;
	}
	*ret_node = map;
	for (;;) {
		struct fy_event *event = next_event(reader);
		if (event == NULL) {
			return false;
		}
		if (event->type == FYET_MAPPING_END) {
			fy_parser_event_free(reader->parser, event);
			return true;
		}
		struct bn_doc_pair pair;
		if (!read_key(reader, event, depth, &pair)) {
			return false;
		}
		event = next_event(reader);
		if (event == NULL
				|| !read_node(reader, event, &pair.key_mark, depth + 1,
						&pair.value)) {
			return false;
		}
		if (pair.key == NULL || !is_new_key(reader, map, &pair)) {
			continue;
		}
		if (map->count >= BN_DOC_MAX_KEYS) {
			return refuse(reader, &pair.key_mark, "a map may have at most 4096 keys");
		}
		if (!grow(reader, (void **)&map->pairs, map->count, sizeof(map->pairs[0]))) {
			return false;
		}
		map->pairs[map->count++] = pair;
		adopt(map, pair.value);
	}
}

static bool read_alias(struct reader *reader, struct fy_event *event, const struct bn_mark *mark,
		int depth, const struct bn_doc_node **ret_node) {
	char *name = token_text(reader, event->alias.anchor, mark);
	if (name == NULL) {
		return false;
	}
	const struct anchor *anchor = reader->anchors;
	while (anchor != NULL && strcmp(anchor->name, name) != 0) {
		anchor = anchor->next;
	}
	if (anchor == NULL) {
		bn_diag_add(reader->diags, BN_SEVERITY_ERROR, mark,
				"\"*%s\" refers to an anchor that is not above it; write &%s "
				"before the "
				"value that is meant",
				name, name);
	} else if (anchor->node == NULL) {
		bn_diag_add(reader->diags, BN_SEVERITY_ERROR, mark, "\"*%s\" would contain itself",
				name);
	}
	if (anchor == NULL || anchor->node == NULL) {
		*ret_node = new_node(reader, BN_DOC_NULL, mark);
		return *ret_node != NULL;
	}
	if (depth + anchor->node->height > BN_DOC_MAX_DEPTH) {
		return refuse(reader, mark, "the file is nested too deeply (more than 24 levels)");
	}
	*ret_node = anchor->node;
	return count_nodes(reader, anchor->node->weight, mark);
}

/** Remembers that `&name` stands before a value; its node follows once it is read. */
static bool add_anchor(struct reader *reader, struct fy_token *token, const struct bn_mark *mark,
		struct anchor **ret_anchor) {
	if (token == NULL) {
		*ret_anchor = NULL;
		return true;
	}
	struct anchor *anchor = bn_arena_alloc(reader->arena, sizeof(*anchor));
	char *name = token_text(reader, token, mark);
	if (anchor == NULL || name == NULL) {
		return out_of_memory(reader);
	}
	anchor->name = name;
	anchor->next = reader->anchors;
	reader->anchors = anchor;
	*ret_anchor = anchor;
	return true;
}

static bool read_value(struct reader *reader, struct fy_event *event, const struct bn_mark *mark,
		int depth, const struct bn_doc_node **ret_node) {
	switch (event->type) {
	case FYET_SCALAR:
		return read_scalar(reader, event, mark, ret_node);
	case FYET_SEQUENCE_START:
		return read_list(reader, mark, depth, ret_node);
	case FYET_MAPPING_START:
		return read_map(reader, mark, depth, ret_node);
	default:
		return refuse(reader, mark, "a value was expected here");
	}
}

/** Reads the value that `event` starts; frees `event`. False when reading cannot go on. */
static bool read_node(struct reader *reader, struct fy_event *event, const struct bn_mark *fallback,
		int depth, const struct bn_doc_node **ret_node) {
	struct bn_mark mark = mark_of(reader, event, fallback);
	struct anchor *anchor = NULL;
	bool ok;
	if (event->type == FYET_ALIAS) {
		ok = read_alias(reader, event, &mark, depth, ret_node);
	} else if (depth > BN_DOC_MAX_DEPTH) {
		ok = refuse(reader, &mark, "the file is nested too deeply (more than 24 levels)");
	} else {
		if (fy_event_get_tag_token(event) != NULL) {
			refuse(reader, &mark,
					"tags (\"!name\") mean nothing in a layout; remove it");
		}
		ok = count_nodes(reader, 1, &mark)
				&& add_anchor(reader, fy_event_get_anchor_token(event), &mark,
						&anchor)
				&& read_value(reader, event, &mark, depth, ret_node);
	}
	if (ok && anchor != NULL) {
		anchor->node = *ret_node;
	}
	fy_parser_event_free(reader->parser, event);
	return ok;
}

static const struct bn_doc_node *read_documents(struct reader *reader) {
	const struct bn_doc_node *root = NULL;
	bool is_done = false;
	while (!is_done) {
		struct fy_event *event = next_event(reader);
		if (event == NULL) {
			return NULL;
		}
		switch (event->type) {
		case FYET_STREAM_START:
		case FYET_DOCUMENT_START:
		case FYET_DOCUMENT_END:
			fy_parser_event_free(reader->parser, event);
			break;
		case FYET_STREAM_END:
			fy_parser_event_free(reader->parser, event);
			is_done = true;
			break;
		default:
			if (root != NULL) {
				struct bn_mark mark = mark_of(reader, event, NULL);
				fy_parser_event_free(reader->parser, event);
				refuse(reader, &mark,
						"a layout file holds one document; remove this "
						"one");
				return NULL;
			}
			if (!read_node(reader, event, NULL, 1, &root)) {
				return NULL;
			}
		}
	}
	if (root == NULL) {
		struct bn_mark mark = { reader->file, 1, 1 };
		root = new_node(reader, BN_DOC_NULL, &mark);
	}
	return root;
}

/** What libfyaml found wrong with the text, in our words and counting. */
static bool report_yaml_errors(struct reader *reader, struct fy_diag *diag) {
	bool found = false;
	void *iterator = NULL;
	const struct fy_diag_error *error;
	while ((error = fy_diag_errors_iterate(diag, &iterator)) != NULL) {
		if (error->type != FYET_ERROR || found) {
			continue; // what follows the first fault of syntax is its echo
		}
		struct bn_mark mark = {
			.file = reader->file,
			.line = error->line > 0 ? error->line : 1, // unlike a mark, from 1
			.column = error->column > 0 ? error->column : 1,
		};
		bn_diag_add(reader->diags, BN_SEVERITY_ERROR, &mark, "this is not YAML: %s",
				error->msg != NULL ? error->msg : "syntax error");
		found = true;
	}
	return found;
}

static void discard_output(struct fy_diag *diag, void *user, const char *buffer, size_t length) {
	(void)diag;
	(void)user;
	(void)buffer;
	(void)length;
}

static const struct bn_doc_node *read_text(struct reader *reader, const char *text, size_t length,
		struct fy_diag *diag) {
	const struct fy_parse_cfg config = {
		.search_path = "",
		.flags = FYPCF_COLLECT_DIAG | FYPCF_QUIET | FYPCF_JSON_NONE
				| FYPCF_DEFAULT_VERSION_1_2,
		.diag = diag,
	};
	reader->parser = fy_parser_create(&config);
	if (reader->parser == NULL || fy_parser_set_string(reader->parser, text, length) != 0) {
		out_of_memory(reader);
		fy_parser_destroy(reader->parser);
		return NULL;
	}
	size_t before = reader->diags->count;
	const struct bn_doc_node *root = read_documents(reader);
	bool is_explained = reader->diags->out_of_memory || reader->diags->count > before;
	if (report_yaml_errors(reader, diag)) {
		root = NULL;
	} else if (root == NULL && !is_explained) {
		struct bn_mark mark = { reader->file, 1, 1 };
		refuse(reader, &mark, "this is not YAML");
	}
	fy_parser_destroy(reader->parser);
	return root;
}

const struct bn_doc_node *bn_doc_parse(struct bn_arena *arena, const char *text, size_t length,
		const char *file, struct bn_diag_list *diags) {
	struct reader reader = { .arena = arena, .diags = diags, .file = file };
	const struct fy_diag_cfg config = {
		.output_fn = discard_output,
		.level = FYET_ERROR,
		.module_mask = ~0u,
	};
	struct fy_diag *diag = fy_diag_create(&config);
	if (diag == NULL) {
		out_of_memory(&reader);
		return NULL;
	}
	fy_diag_set_collect_errors(diag, true);
	const struct bn_doc_node *root = read_text(&reader, text, length, diag);
	fy_diag_destroy(diag);
	return root;
}
