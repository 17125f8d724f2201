#include "core/layout_load_internal.h"

#include <string.h>

static const enum bn_object ref_theme = BN_OBJECT_THEME, ref_zone = BN_OBJECT_ZONE;

static bool is_any(const struct bn_doc_node *node) {
	return node->kind == BN_DOC_SCALAR && strcmp(node->text, "*") == 0;
}

/** `show: {ZONE: APP}`; also a zone or a list of zones, for whatever is in them. */
static void read_show(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_rule *rule = field;
	bool is_map = node->kind == BN_DOC_MAP;
	size_t count = is_map ? node->count : bn_load_list_count(node);
	struct bn_rule_show *shows = bn_load_array(loader, count, sizeof(shows[0]));
	if (shows == NULL) {
		return;
	}
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		struct bn_rule_show show = { .app = BN_NONE };
		if (is_map) {
			const struct bn_doc_pair *pair = &node->pairs[i];
			show.zone = bn_load_ref_name(loader, pair->key, &pair->key_mark,
					BN_OBJECT_ZONE);
			show.app = is_any(pair->value)
					? BN_NONE
					: bn_load_ref(loader, pair->value, BN_OBJECT_APP);
		} else {
			show.zone = bn_load_ref(loader, bn_load_list_item(node, i), BN_OBJECT_ZONE);
		}
		if (show.zone != BN_NONE) {
			shows[used++] = show;
		}
	}
	rule->shows = shows;
	rule->show_count = used;
}

static void read_hide(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_rule *rule = field;
	size_t count = bn_load_list_count(node);
	size_t *hides = bn_load_array(loader, count, sizeof(hides[0]));
	size_t used = 0;
	for (size_t i = 0; i < count && hides != NULL; i++) {
		size_t zone = bn_load_ref(loader, bn_load_list_item(node, i), BN_OBJECT_ZONE);
		if (zone != BN_NONE) {
			hides[used++] = zone;
		}
	}
	rule->hides = hides;
	rule->hide_count = used;
}

static const struct bn_choice restriction_items[] = {
	{ "video", BN_RESTRICT_VIDEO },
	{ "keyboard", BN_RESTRICT_KEYBOARD },
	{ "touch", BN_RESTRICT_TOUCH },
};
static const struct bn_choices restrictions = { "a restriction", restriction_items,
	BN_COUNT_OF(restriction_items) };

/** `restrict: {ZONE: [video, keyboard, touch]}` */
static void read_restrict(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_rule *rule = field;
	if (node->kind != BN_DOC_MAP) {
		bn_load_expected(loader, node, "a map such as {main: [video, keyboard]}");
		return;
	}
	struct bn_rule_restrict *restricts =
			bn_load_array(loader, node->count, sizeof(restricts[0]));
	size_t used = 0;
	for (size_t i = 0; i < node->count && restricts != NULL; i++) {
		const struct bn_doc_pair *pair = &node->pairs[i];
		struct bn_rule_restrict entry = {
			.zone = bn_load_ref_name(loader, pair->key, &pair->key_mark, BN_OBJECT_ZONE)
		};
		for (size_t j = 0; j < bn_load_list_count(pair->value); j++) {
			int bit = 0;
			bn_read_choice(loader, bn_load_list_item(pair->value, j), &bit,
					&restrictions);
			entry.restrictions |= (uint32_t)bit;
		}
		if (entry.zone != BN_NONE) {
			restricts[used++] = entry;
		}
	}
	rule->restricts = restricts;
	rule->restrict_count = used;
}

#define RULE(name, type, read, field, arg) \
	{ name, type, read, offsetof(struct bn_rule, field), arg }
static const struct bn_key rule_rows[] = {
	RULE("when", "condition", bn_read_condition, when, NULL),
	{ "show", "show", read_show, 0, NULL },
	{ "hide", "refs:zone", read_hide, 0, NULL },
	{ "restrict", "restrict", read_restrict, 0, NULL },
	RULE("theme", "ref:theme", bn_read_ref, theme, &ref_theme),
	RULE("within", "duration", bn_read_duration, within_ns, NULL),
	RULE("linger", "duration", bn_read_duration, linger_ns, NULL),
};
const struct bn_key_table bn_rule_keys = { "rule", rule_rows, BN_COUNT_OF(rule_rows) };

static void load_rule(struct bn_loader *loader, const struct bn_doc_node *node,
		const struct bn_mark *mark, struct bn_rule *rule) {
	*rule = (struct bn_rule){
		.mark = *mark, .when = BN_NONE, .theme = BN_NONE, .label = "always"
	};
	if (!bn_load_map(loader, node, &bn_rule_keys, rule)) {
		return;
	}
	const struct bn_doc_node *when = bn_doc_get(node, "when");
	if (when != NULL && when->kind != BN_DOC_NULL) {
		rule->label = bn_load_condition_text(loader, when);
	}
	size_t effects = rule->show_count + rule->hide_count + rule->restrict_count;
	bool is_idle = effects == 0 && bn_doc_get(node, "theme") == NULL
			&& bn_doc_get(node, "show") == NULL && bn_doc_get(node, "hide") == NULL
			&& bn_doc_get(node, "restrict") == NULL;
	if (is_idle) {
		bn_load_fault_at(loader, mark,
				"the rule does nothing; give it show, hide, restrict or theme");
	}
}

void bn_load_rules(struct bn_loader *loader, const struct bn_doc_node *section) {
	struct bn_layout *layout = loader->layout;
	if (section->kind != BN_DOC_LIST && section->kind != BN_DOC_MAP) {
		loader->key = "rules";
		bn_load_expected(loader, section, "a list of rules, or a map of named rules");
		loader->key = NULL;
		return;
	}
	layout->rules = bn_load_array(loader, section->count, sizeof(layout->rules[0]));
	if (layout->rules == NULL) {
		return;
	}
	for (size_t i = 0; i < section->count; i++) {
		bool is_map = section->kind == BN_DOC_MAP;
		const struct bn_doc_node *node =
				is_map ? section->pairs[i].value : section->items[i];
		const struct bn_mark *mark = is_map ? &section->pairs[i].key_mark : &node->mark;
		struct bn_rule *rule = &layout->rules[layout->rule_count++];
		load_rule(loader, node, mark, rule);
		rule->name = is_map ? section->pairs[i].key : NULL;
	}
}

static void read_check_rect(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	if (node->kind == BN_DOC_SCALAR && strcmp(node->text, "full") == 0) {
		return;
	}
	bn_read_rect(loader, node, field, NULL);
}

static void read_file(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_file *file = field;
	file->mark = node->mark;
	bn_read_path(loader, node, &file->path, arg);
}

static const struct bn_range tolerance_range = { 0, 255, "steps of a channel" };
#define CHECK(name, type, read, field, arg) \
	{ name, type, read, offsetof(struct bn_check, field), arg }
static const struct bn_key check_rows[] = {
	CHECK("zone", "ref:zone", bn_read_ref, zone, &ref_zone),
	CHECK("rect", "rect", read_check_rect, rect, NULL),
	CHECK("when", "condition", bn_read_condition, when, NULL),
	CHECK("golden", "path", read_file, golden, NULL),
	CHECK("off", "path", read_file, off, NULL),
	CHECK("mask", "path", read_file, mask, NULL),
	CHECK("tolerance", "integer", bn_read_integer, tolerance, &tolerance_range),
	CHECK("else-off", "bool", bn_read_bool, else_off, NULL),
	CHECK("on-fault", "filler", bn_read_filler, on_fault, NULL),
};
const struct bn_key_table bn_check_keys = { "check", check_rows, BN_COUNT_OF(check_rows) };
