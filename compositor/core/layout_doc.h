#ifndef BN_CORE_LAYOUT_DOC_H
#define BN_CORE_LAYOUT_DOC_H

#include <stdbool.h>
#include <stddef.h>

#include "core/diag.h"

struct bn_arena;

/**
 * A YAML document as our own tree, in which every node knows the file, line and
 * column that set it, and what it replaced when files were merged.
 *
 * Nodes live in an arena and are immutable once their document is parsed: aliases
 * and merged documents share them.
 */
enum bn_doc_kind {
	BN_DOC_NULL, // null, ~ or nothing: removes a key when merged
	BN_DOC_SCALAR,
	BN_DOC_LIST,
	BN_DOC_MAP,
};

struct bn_doc_node;

struct bn_doc_pair {
	const char *key;
	struct bn_mark key_mark;
	const struct bn_doc_node *value;
};

struct bn_doc_node {
	enum bn_doc_kind kind;
	struct bn_mark mark;                // of the value; of its key when the value is empty
	const struct bn_doc_node *overrode; // what an overlay's value replaced; NULL: nothing
	size_t weight; // nodes of the subtree, aliases counted as often as they are used
	int height;    // levels of the subtree, 1 for a scalar
	// BN_DOC_SCALAR
	const char *text; // NUL-terminated, without a NUL inside
	bool plain;       // not quoted: may be a number, true, false
	// BN_DOC_LIST, BN_DOC_MAP
	size_t count;
	const struct bn_doc_node **items;
	struct bn_doc_pair *pairs;
};

/** How much of a file is read; what exceeds it is refused with a message. */
#define BN_DOC_MAX_BYTES ((size_t)1024 * 1024)           // one file
#define BN_DOC_MAX_TOTAL_BYTES ((size_t)4 * 1024 * 1024) // with all includes
#define BN_DOC_MAX_DEPTH 24
#define BN_DOC_MAX_NODES 100000 // after aliases are followed
#define BN_DOC_MAX_KEYS 4096    // of one map
#define BN_DOC_MAX_INCLUDE_DEPTH 8
#define BN_DOC_MAX_FILES 256

/** What a file and its includes are made of. Zero it, then set arena and diags. */
struct bn_doc_source {
	struct bn_arena *arena;
	struct bn_diag_list *diags;
	const char *files[BN_DOC_MAX_FILES]; // absolute, in the order of reading
	size_t file_count;
	size_t read_count; // files read, one included twice counted twice
	size_t total_bytes;
	bool is_incomplete; // an included file is missing: names may be unknown for that reason alone
};

/**
 * Parses one YAML text without following includes. `file` names it in messages and
 * must outlive the arena's document. NULL when it cannot be used (diags says why);
 * faults that leave a tree (duplicate keys) are added and the tree is returned.
 */
const struct bn_doc_node *bn_doc_parse(struct bn_arena *arena, const char *text, size_t length,
		const char *file, struct bn_diag_list *diags);

/** Reads `path`, parses it and merges what it includes below it. NULL when nothing could be read. */
const struct bn_doc_node *bn_doc_load(struct bn_doc_source *source, const char *path);
/** As bn_doc_load, with the text of `path` given. */
const struct bn_doc_node *bn_doc_load_text(struct bn_doc_source *source, const char *text,
		size_t length, const char *path);

/** Reads and parses one file of any shape, without includes. NULL when it cannot be used. */
const struct bn_doc_node *bn_doc_load_plain(struct bn_doc_source *source, const char *path);

/**
 * `over` on top of `base` (either may be NULL): maps deeply, everything else replaces, null
 * too. The order of a map is the base's, new keys follow. NULL when out of memory or too large
 * (recorded in `diags`).
 */
const struct bn_doc_node *bn_doc_merge(struct bn_arena *arena, const struct bn_doc_node *base,
		const struct bn_doc_node *over, struct bn_diag_list *diags);

/**
 * Takes out the keys that a null removed, once all is merged; but not within a profile, which is
 * merged later. A null that removed nothing is warned about. NULL when out of memory.
 */
const struct bn_doc_node *bn_doc_prune(struct bn_arena *arena, const struct bn_doc_node *doc,
		struct bn_diag_list *diags);

/** The value of a map's key; NULL: not there, or `map` is not a map. */
const struct bn_doc_node *bn_doc_get(const struct bn_doc_node *map, const char *key);
/** "text", "a list", "a map", "nothing": for messages. */
const char *bn_doc_kind_name(const struct bn_doc_node *node);
/** Whether a plain scalar reads as a number, and which. Finite only. */
bool bn_doc_number(const struct bn_doc_node *node, double *ret_number);
/** Whether a plain scalar reads as true or false. */
bool bn_doc_bool(const struct bn_doc_node *node, bool *ret_value);

#endif
