#include "core/layout_load_internal.h"

#include <string.h>

#include "core/arena.h"

/**
 * First every object is declared, so that names resolve in any order; then each
 * section is read in an order in which what it needs is there.
 */
struct section {
	const char *key, *type;
	size_t items_offset, count_offset; // in struct bn_layout
	size_t item_size, mark_offset;
	const struct bn_key_table *table;
	void (*set_defaults)(void *item);
};

static void display_defaults(void *item) {
	struct bn_display *display = item;
	display->width = 1920;
	display->height = 1080;
	display->refresh_mhz = 60000;
	display->scale = 1.0;
}

static void zone_defaults(void *item) {
	bn_zone_defaults(item);
}

static void check_defaults(void *item) {
	struct bn_check *check = item;
	check->zone = BN_NONE;
	check->when = BN_NONE;
	check->tolerance = 4; // renderers differ by 2
	for (size_t i = 2; i < 4; i++) {
		check->rect[i] = (struct bn_length){ 100, true, 0 };
	}
}

static void app_defaults(void *item) {
	struct bn_app *app = item;
	app->home = BN_NONE;
	app->app_id = app->name;
	app->restart = BN_RESTART_ON_FAILURE;
}

static void theme_defaults(void *item) {
	struct bn_theme *theme = item;
	theme->background = 0x0b0f14;
	theme->foreground = 0xe8edf2;
	theme->accent = 0x4da3ff;
}

#define SECTION(key, items, count, type, table, defaults) \
	{ key, "map-of:" #type, offsetof(struct bn_layout, items), \
		offsetof(struct bn_layout, count), sizeof(struct bn_##type), \
		offsetof(struct bn_##type, mark), table, defaults }
enum { DISPLAYS, OCCUPANTS, SIGNALS, ZONES, CHECKS, APPS, THEMES, SECTION_COUNT };
static const struct section sections[SECTION_COUNT] = {
	[DISPLAYS] = SECTION("displays", displays, display_count, display, &bn_display_keys,
			display_defaults),
	[OCCUPANTS] = SECTION("occupants", occupants, occupant_count, occupant, &bn_occupant_keys,
			NULL),
	[SIGNALS] = SECTION("signals", signals, signal_count, signal, &bn_signal_keys, NULL),
	[ZONES] = SECTION("zones", zones, zone_count, zone, &bn_zone_keys, zone_defaults),
	[CHECKS] = SECTION("checks", checks, check_count, check, &bn_check_keys, check_defaults),
	[APPS] = SECTION("apps", apps, app_count, app, &bn_app_keys, app_defaults),
	[THEMES] = SECTION("themes", themes, theme_count, theme, &bn_theme_keys, theme_defaults),
};

static void read_version(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	double version;
	if (!bn_doc_number(node, &version) || version != 1) {
		bn_load_expected(loader, node, "1, the version of this format");
	}
}

/** Sections are read in their own order, elsewhere; here their keys are only known. */
static void skip(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
}

#define LATER(name, type) { name, type, skip, 0, NULL }
static const struct bn_key root_rows[] = {
	{ "binnacle", "version", read_version, 0, NULL },
	{ "name", "text", bn_read_text, offsetof(struct bn_layout, name), NULL },
	LATER("include", "paths"),
	LATER("displays", "map-of:display"),
	LATER("occupants", "map-of:occupant"),
	LATER("signals", "map-of:signal"),
	LATER("states", "map-of:condition"),
	LATER("zones", "map-of:zone"),
	LATER("checks", "map-of:check"),
	LATER("rules", "rules"),
	LATER("apps", "map-of:app"),
	LATER("themes", "map-of:theme"),
	LATER("profiles", "map-of:overlay"),
};
const struct bn_key_table bn_root_keys = { "layout", root_rows, BN_COUNT_OF(root_rows) };

const struct bn_key_table *const bn_load_tables[] = {
	&bn_root_keys,
	&bn_display_keys,
	&bn_match_keys,
	&bn_glass_keys,
	&bn_occupant_keys,
	&bn_touch_keys,
	&bn_signal_keys,
	&bn_compare_keys,
	&bn_zone_keys,
	&bn_check_keys,
	&bn_rule_keys,
	&bn_app_keys,
	&bn_limits_keys,
	&bn_theme_keys,
	NULL,
};

static bool is_name(const char *name) {
	static const char letters[] =
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	static const char *const taken[] = { "full", "none", "any", "all", "not" };
	size_t length = strlen(name);
	if (length == 0 || length > 63 || strchr(letters, name[0]) == NULL) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		if (strchr(letters, name[i]) == NULL && name[i] != '-' && name[i] != '.') {
			return false;
		}
	}
	for (size_t i = 0; i < BN_COUNT_OF(taken); i++) {
		if (strcmp(taken[i], name) == 0) {
			return false;
		}
	}
	return true;
}

static void check_name(struct bn_loader *loader, const struct bn_doc_pair *pair, size_t max) {
	if (max == BN_SIGNAL_NAME_MAX ? strlen(pair->key) >= max || pair->key[0] == '\0'
				      : !is_name(pair->key)) {
		bn_load_fault_at(loader, &pair->key_mark,
				"\"%.60s\" cannot be a name here: letters, digits, - _ and . only, "
				"at most "
				"%zu, and not full, none, any, all or not",
				pair->key, max - 1);
	}
}

/** The section's map; NULL when it is not there (or no map, which is a fault). */
static const struct bn_doc_node *get_section(struct bn_loader *loader,
		const struct bn_doc_node *doc, const char *key) {
	const struct bn_doc_node *node = bn_doc_get(doc, key);
	if (node == NULL || node->kind == BN_DOC_MAP) {
		return node;
	}
	loader->key = key;
	bn_load_expected(loader, node, "a map from names to what they are");
	loader->key = NULL;
	return NULL;
}

static char *item_at(const struct bn_layout *layout, const struct section *section, size_t index) {
	char *items = *(char *const *)((const char *)layout + section->items_offset);
	return items + index * section->item_size;
}

static void declare(struct bn_loader *loader, const struct bn_doc_node *doc,
		const struct section *section) {
	const struct bn_doc_node *node = get_section(loader, doc, section->key);
	if (node == NULL) {
		return;
	}
	char *items = bn_load_array(loader, node->count, section->item_size);
	if (items == NULL) {
		return;
	}
	bool is_signal = section == &sections[SIGNALS];
	for (size_t i = 0; i < node->count; i++) {
		char *item = items + i * section->item_size;
		check_name(loader, &node->pairs[i], is_signal ? BN_SIGNAL_NAME_MAX : 64);
		*(const char **)item = node->pairs[i].key; // the name is the first member
		*(struct bn_mark *)(item + section->mark_offset) = node->pairs[i].key_mark;
		if (section->set_defaults != NULL) {
			section->set_defaults(item);
		}
	}
	*(void **)((char *)loader->layout + section->items_offset) = items;
	*(size_t *)((char *)loader->layout + section->count_offset) = node->count;
}

static void read_section(struct bn_loader *loader, const struct bn_doc_node *doc,
		const struct section *section) {
	const struct bn_doc_node *node = bn_doc_get(doc, section->key);
	size_t count = *(size_t *)((char *)loader->layout + section->count_offset);
	for (size_t i = 0; node != NULL && node->kind == BN_DOC_MAP && i < node->count && i < count;
			i++) {
		loader->key = node->pairs[i].key;
		bn_load_map(loader, node->pairs[i].value, section->table,
				item_at(loader->layout, section, i));
		loader->key = NULL;
	}
}

/** States are declared by name first: a rule that is read before may name them. */
static void declare_states(struct bn_loader *loader, const struct bn_doc_node *doc) {
	const struct bn_doc_node *node = get_section(loader, doc, "states");
	if (node == NULL) {
		return;
	}
	struct bn_state *states = bn_load_array(loader, node->count, sizeof(states[0]));
	if (states == NULL) {
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		check_name(loader, &node->pairs[i], 64);
		states[i] = (struct bn_state){ .name = node->pairs[i].key,
			.mark = node->pairs[i].key_mark,
			.condition = BN_NONE };
	}
	loader->layout->states = states;
	loader->layout->state_count = node->count;
	bn_load_states(loader, node);
}

static void declare_profiles(struct bn_loader *loader, const struct bn_doc_node *doc) {
	const struct bn_doc_node *node = get_section(loader, doc, "profiles");
	if (node == NULL) {
		return;
	}
	struct bn_profile *profiles = bn_load_array(loader, node->count, sizeof(profiles[0]));
	if (profiles == NULL) {
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		check_name(loader, &node->pairs[i], 64);
		profiles[i] = (struct bn_profile){ node->pairs[i].key, node->pairs[i].key_mark };
	}
	loader->layout->profiles = profiles;
	loader->layout->profile_count = node->count;
}

static void ensure_theme(struct bn_loader *loader) {
	struct bn_layout *layout = loader->layout;
	if (layout->theme_count > 0) {
		return;
	}
	layout->themes = bn_load_array(loader, 1, sizeof(layout->themes[0]));
	if (layout->themes != NULL) {
		layout->themes[0].name = "default";
		theme_defaults(&layout->themes[0]);
		layout->theme_count = 1;
	}
}

static void check_references(struct bn_loader *loader) {
	const struct bn_layout *layout = loader->layout;
	for (size_t i = 0; i < layout->check_count; i++) {
		if (layout->checks[i].zone == BN_NONE) {
			bn_load_fault_at(loader, &layout->checks[i].mark,
					"check \"%s\" needs \"zone:\"", layout->checks[i].name);
		}
		if (layout->checks[i].golden.path == NULL) {
			bn_load_fault_at(loader, &layout->checks[i].mark,
					"check \"%s\" needs \"golden:\", a picture to compare "
					"with; "
					"\"binnaclectl golden\" takes it",
					layout->checks[i].name);
		}
	}
	for (size_t i = 0; i < layout->app_count; i++) {
		const struct bn_app *app = &layout->apps[i];
		if (app->start == BN_START_BOOT && app->exec == NULL) {
			bn_load_fault_at(loader, &app->mark,
					"app \"%s\" cannot be started at boot without \"exec:\"",
					app->name);
		}
	}
}

static const char *base_name(struct bn_loader *loader, const char *path) {
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	size_t length = dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base);
	char *name = bn_arena_strndup(loader->arena, base, length);
	if (name == NULL) {
		loader->diags->out_of_memory = true;
		return "";
	}
	return name;
}

static void read_all_sections(struct bn_loader *loader, const struct bn_doc_node *doc) {
	for (size_t i = 0; i < SECTION_COUNT; i++) {
		declare(loader, doc, &sections[i]);
	}
	loader->signal_capacity = loader->layout->signal_count;
	declare_profiles(loader, doc);
	ensure_theme(loader);
	read_section(loader, doc, &sections[DISPLAYS]);
	read_section(loader, doc, &sections[OCCUPANTS]);
	read_section(loader, doc, &sections[SIGNALS]);
	declare_states(loader, doc);
	read_section(loader, doc, &sections[ZONES]);
	read_section(loader, doc, &sections[APPS]);
	read_section(loader, doc, &sections[CHECKS]);
	read_section(loader, doc, &sections[THEMES]);
	bn_load_settle_zones(loader, bn_doc_get(doc, "zones"));
	const struct bn_doc_node *rules = bn_doc_get(doc, "rules");
	if (rules != NULL) {
		bn_load_rules(loader, rules);
	}
	bn_load_settle_grants(loader);
	check_references(loader);
}

struct bn_layout *bn_load_build(struct bn_arena *arena, const struct bn_doc_node *doc,
		const char *path, bool is_incomplete, struct bn_diag_list *diags) {
	struct bn_layout *layout = bn_arena_alloc(arena, sizeof(*layout));
	if (layout == NULL) {
		diags->out_of_memory = true;
		return NULL;
	}
	struct bn_loader loader = {
		.arena = arena, .diags = diags, .layout = layout, .is_incomplete = is_incomplete
	};
	layout->arena = arena;
	layout->path = path;
	layout->name = base_name(&loader, path);
	bn_load_map(&loader, doc, &bn_root_keys, layout);
	if (bn_doc_get(doc, "binnacle") == NULL && !is_incomplete) {
		bn_load_fault_at(&loader, &doc->mark,
				"the version of the format is missing; write \"binnacle: 1\" at "
				"the top");
	}
	read_all_sections(&loader, doc);
	return layout;
}
