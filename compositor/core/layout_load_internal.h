#ifndef BN_CORE_LAYOUT_LOAD_INTERNAL_H
#define BN_CORE_LAYOUT_LOAD_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/layout.h"
#include "core/layout_doc.h"

struct bn_arena;
struct bn_loader;

/**
 * How a merged document becomes a struct bn_layout: tables of keys, one per kind of
 * map. A key is one row: its name, the type that the schema must agree with, and
 * the function that reads its value into a field. Only layout_load*.c and play.c include this.
 *
 * A reader never fails: it reports what is wrong and leaves the field at its default,
 * so that one run finds all faults.
 */
typedef void (*bn_read_fn)(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);

struct bn_key {
	const char *name;
	const char *type; // as listed by bn_layout_keys_json
	bn_read_fn read;
	size_t offset;   // of the field within the object
	const void *arg; // for `read`
};

struct bn_key_table {
	const char *name; // what the map is: "zone"
	const struct bn_key *keys;
	size_t count;
};

struct bn_loader {
	struct bn_arena *arena;
	struct bn_diag_list *diags;
	struct bn_layout *layout;
	size_t condition_capacity, signal_capacity;
	bool is_incomplete; // a file is missing: names that are not there are no faults
	const char *key;    // being read, for messages; NULL: none
};

/** One name of a choice and what it stands for. */
struct bn_choice {
	const char *name;
	int value;
};

struct bn_choices {
	const char *what; // "a layer"
	const struct bn_choice *items;
	size_t count;
};

struct bn_range {
	double min, max;
	const char *unit; // "px"; "" for none
};

#define BN_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

// layout_load_map.c: faults, maps and lists

/** Adds an error at the node, with what it overrode. The text says what is wrong and what would be right. */
void bn_load_fault(struct bn_loader *loader, const struct bn_doc_node *node, const char *format,
		...) __attribute__((format(printf, 3, 4)));
void bn_load_fault_at(struct bn_loader *loader, const struct bn_mark *mark, const char *format, ...)
		__attribute__((format(printf, 3, 4)));
/** Adds "expected WANT, not what the node is". */
void bn_load_expected(struct bn_loader *loader, const struct bn_doc_node *node, const char *want);
/** Zeroed memory of the layout; NULL (recorded) when there is none. */
void *bn_load_array(struct bn_loader *loader, size_t count, size_t size);

/** Reads every pair of a map into `object` by its table; unknown keys are faults. False when `node` is no map. */
bool bn_load_map(struct bn_loader *loader, const struct bn_doc_node *node,
		const struct bn_key_table *table, void *object);

/** The candidate nearest to `name`, NULL when none is near. `get` returns the index-th candidate's name. */
typedef const char *(*bn_name_fn)(const void *data, size_t index);
const char *bn_load_nearest(const char *name, bn_name_fn get, const void *data, size_t count);

/**
 * A list, or one entry that stands for a list of one. Returns how many entries, and the
 * index-th of them.
 */
size_t bn_load_list_count(const struct bn_doc_node *node);
const struct bn_doc_node *bn_load_list_item(const struct bn_doc_node *node, size_t index);
/** The text of a scalar; NULL (reported as expecting `want`) for anything else. */
const char *bn_load_scalar(struct bn_loader *loader, const struct bn_doc_node *node,
		const char *want);

// layout_load_read.c: values

void bn_read_text(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
void bn_read_bool(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** double; arg: struct bn_range. */
void bn_read_number(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** int32_t; arg: struct bn_range. */
void bn_read_integer(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** int64_t ns. */
void bn_read_duration(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** int64_t bytes. */
void bn_read_bytes(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** int; arg: struct bn_choices. */
void bn_read_choice(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** bool; arg: struct bn_choices of 0 and 1. */
void bn_read_choice_bool(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** uint32_t 0xRRGGBB. */
void bn_read_rgb(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** const char *: absolute, relative to the file that set it. */
void bn_read_path(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** struct bn_value. */
void bn_read_value(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** struct bn_filler. */
void bn_read_filler(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** struct bn_transition_spec. */
void bn_read_transition(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** struct bn_length[4]. */
void bn_read_rect(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);

// layout_load_value.c: what a text says; false when it says something else

bool bn_parse_duration(const char *text, int64_t *ret_ns);
bool bn_parse_bytes(const char *text, int64_t *ret_bytes);
bool bn_parse_mode(const char *text, int32_t *ret_width, int32_t *ret_height, int32_t *ret_mhz);
/** "#rrggbb" or "#rrggbbaa" as 0xAARRGGBB. */
bool bn_parse_color(const char *text, uint32_t *ret_argb);
/** "12", "-4", "50%", "100%-72". */
bool bn_parse_length(const char *text, struct bn_length *ret_length);
/** A number at the start of `text`; `ret_rest` points behind it. */
bool bn_parse_leading_number(const char *text, double *ret_number, const char **ret_rest);

// layout_load_refs.c: names of other objects

enum bn_object {
	BN_OBJECT_DISPLAY,
	BN_OBJECT_ZONE,
	BN_OBJECT_APP,
	BN_OBJECT_STATE,
	BN_OBJECT_THEME,
};
/** The index of the object that the node names; BN_NONE after a fault. */
size_t bn_load_ref(struct bn_loader *loader, const struct bn_doc_node *node, enum bn_object object);
size_t bn_load_ref_name(struct bn_loader *loader, const char *name, const struct bn_mark *mark,
		enum bn_object object);
/** size_t index; arg: pointer to an enum bn_object. */
void bn_read_ref(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** The signal of this name; one below "Vehicle." is added when it is not declared. */
size_t bn_load_signal_ref(struct bn_loader *loader, const char *name, const struct bn_mark *mark);

// layout_load_conditions.c

/** Builds the condition that the node describes; BN_NONE after a fault. */
size_t bn_load_condition(struct bn_loader *loader, const struct bn_doc_node *node);
/** size_t index of a condition. */
void bn_read_condition(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg);
/** All states, each after those that it names. */
void bn_load_states(struct bn_loader *loader, const struct bn_doc_node *section);
/** A condition as a phrase, for `why`. */
const char *bn_load_condition_text(struct bn_loader *loader, const struct bn_doc_node *node);

// layout_load_zones.c, layout_load_rules.c, layout_load_objects.c

extern const struct bn_key_table bn_display_keys, bn_glass_keys, bn_match_keys, bn_occupant_keys,
		bn_touch_keys, bn_signal_keys, bn_zone_keys, bn_check_keys, bn_rule_keys,
		bn_app_keys, bn_limits_keys, bn_theme_keys, bn_compare_keys;
void bn_zone_defaults(struct bn_zone *zone);
/** What zones say about each other: displays, parents, cycles, fillers, backups, order. */
void bn_load_settle_zones(struct bn_loader *loader, const struct bn_doc_node *section);
/** Which apps "*" does not mean: those that a safety or telltale zone shows without a rule that names one. */
void bn_load_settle_grants(struct bn_loader *loader);
/** `rules:` as a list or as a map of named rules. */
void bn_load_rules(struct bn_loader *loader, const struct bn_doc_node *section);

// layout_load_build.c

/**
 * A layout from a merged document; NULL only when out of memory. Faults are in diags. `is_incomplete`: as in
 * struct bn_loader.
 */
struct bn_layout *bn_load_build(struct bn_arena *arena, const struct bn_doc_node *doc,
		const char *path, bool is_incomplete, struct bn_diag_list *diags);
/** Every table of keys; NULL-terminated. */
extern const struct bn_key_table *const bn_load_tables[];
extern const struct bn_key_table bn_root_keys;

#endif
