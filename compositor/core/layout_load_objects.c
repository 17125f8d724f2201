#include "core/layout_load_internal.h"

#include <math.h>
#include <string.h>

#include "core/arena.h"

static const enum bn_object ref_zone = BN_OBJECT_ZONE;

/** A list of maps, or one map: `size` bytes each, read by `table`. */
static void *read_maps(struct bn_loader *loader, const struct bn_doc_node *node,
		const struct bn_key_table *table, size_t size, size_t *ret_count) {
	size_t count = bn_load_list_count(node);
	char *items = bn_load_array(loader, count, size);
	for (size_t i = 0; i < count && items != NULL; i++) {
		bn_load_map(loader, bn_load_list_item(node, i), table, items + i * size);
	}
	*ret_count = items != NULL ? count : 0;
	return items;
}

#define MATCH(name, field) { name, "text", bn_read_text, offsetof(struct bn_match, field), NULL }
static const struct bn_key match_rows[] = {
	MATCH("connector", connector),
	MATCH("make", make),
	MATCH("model", model),
	MATCH("serial", serial),
};
const struct bn_key_table bn_match_keys = { "match", match_rows, BN_COUNT_OF(match_rows) };

static void read_matches(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_display *display = field;
	display->matches = read_maps(loader, node, &bn_match_keys, sizeof(struct bn_match),
			&display->match_count);
}

static void read_mode(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	static const char want[] = "a mode such as 1920x1080@60 (sides up to 16384, up to 1000 Hz)";
	struct bn_display *display = field;
	const char *text = bn_load_scalar(loader, node, want);
	if (text != NULL
			&& !bn_parse_mode(text, &display->width, &display->height,
					&display->refresh_mhz)) {
		bn_load_expected(loader, node, want);
	}
}

static void read_size_mm(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_display *display = field;
	double sides[2];
	if (node->kind != BN_DOC_LIST || node->count != 2) {
		bn_load_expected(loader, node, "[width, height] in mm, each from 1 to 10000");
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		const struct bn_doc_node *item = node->items[i];
		if (!bn_doc_number(item, &sides[i]) || sides[i] < 1 || sides[i] > 10000) {
			bn_load_expected(loader, item, "millimetres, from 1 to 10000");
			return;
		}
	}
	display->width_mm = (int32_t)lround(sides[0]);
	display->height_mm = (int32_t)lround(sides[1]);
}

static const struct bn_choice criticality_items[] = { { "normal", 0 }, { "safety", 1 } };
static const struct bn_choices criticalities = { "a criticality", criticality_items,
	BN_COUNT_OF(criticality_items) };

static const struct bn_choice transform_items[] = {
	{ "normal", 0 },
	{ "90", 1 },
	{ "180", 2 },
	{ "270", 3 },
	{ "flipped", 4 },
	{ "flipped-90", 5 },
	{ "flipped-180", 6 },
	{ "flipped-270", 7 },
};
static const struct bn_choices transforms = { "a transform", transform_items,
	BN_COUNT_OF(transform_items) };

/** `cut-outs:` a list of rects, or one rect. */
static void read_cut_outs(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_display *display = field;
	bool is_one = node->kind != BN_DOC_LIST
			|| (node->count > 0 && node->items[0]->kind == BN_DOC_SCALAR);
	size_t count = is_one ? 1 : node->count;
	struct bn_cut_out *cut_outs = bn_load_array(loader, count, sizeof(cut_outs[0]));
	for (size_t i = 0; i < count && cut_outs != NULL; i++) {
		bn_read_rect(loader, is_one ? node : node->items[i], cut_outs[i].rect, NULL);
	}
	display->cut_outs = cut_outs;
	display->cut_out_count = cut_outs != NULL ? count : 0;
}

static const struct bn_key glass_rows[] = {
	{ "mask", "path", bn_read_path, offsetof(struct bn_display, glass_mask), NULL },
	{ "cut-outs", "rects", read_cut_outs, 0, NULL },
};
const struct bn_key_table bn_glass_keys = { "glass", glass_rows, BN_COUNT_OF(glass_rows) };

static void read_glass(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	bn_load_map(loader, node, &bn_glass_keys, field);
}

static const struct bn_range scale_range = { 0.25, 16, "" };
#define DISPLAY(name, type, read, field, arg) \
	{ name, type, read, offsetof(struct bn_display, field), arg }
static const struct bn_key display_rows[] = {
	{ "match", "maps:match", read_matches, 0, NULL },
	{ "mode", "mode", read_mode, 0, NULL },
	{ "size-mm", "size-mm", read_size_mm, 0, NULL },
	DISPLAY("criticality", "choice", bn_read_choice_bool, safety, &criticalities),
	{ "glass", "map:glass", read_glass, 0, NULL },
	DISPLAY("scale", "number", bn_read_number, scale, &scale_range),
	DISPLAY("transform", "choice", bn_read_choice, transform, &transforms),
	DISPLAY("adaptive-sync", "bool", bn_read_bool, adaptive_sync, NULL),
};
const struct bn_key_table bn_display_keys = { "display", display_rows, BN_COUNT_OF(display_rows) };

#define TOUCH(name, field) \
	{ name, "text", bn_read_text, offsetof(struct bn_touch_match, field), NULL }
static const struct bn_key touch_rows[] = {
	TOUCH("serial", serial),
	TOUCH("path", path),
	TOUCH("name", name),
};
const struct bn_key_table bn_touch_keys = { "touch", touch_rows, BN_COUNT_OF(touch_rows) };

static void read_touches(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_occupant *occupant = field;
	occupant->touches = read_maps(loader, node, &bn_touch_keys, sizeof(struct bn_touch_match),
			&occupant->touch_count);
}

static void read_displays(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_occupant *occupant = field;
	size_t count = bn_load_list_count(node);
	size_t *displays = bn_load_array(loader, count, sizeof(displays[0]));
	size_t used = 0;
	for (size_t i = 0; i < count && displays != NULL; i++) {
		size_t display = bn_load_ref(loader, bn_load_list_item(node, i), BN_OBJECT_DISPLAY);
		if (display != BN_NONE) {
			displays[used++] = display;
		}
	}
	occupant->displays = displays;
	occupant->display_count = used;
}

static const struct bn_key occupant_rows[] = {
	{ "displays", "refs:display", read_displays, 0, NULL },
	{ "touch", "maps:touch", read_touches, 0, NULL },
};
const struct bn_key_table bn_occupant_keys = { "occupant", occupant_rows,
	BN_COUNT_OF(occupant_rows) };

/** `from:` apps that may set the signal, or services that the layout does not start. */
static void read_from(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_signal *signal = field;
	size_t count = bn_load_list_count(node);
	const char **from = bn_load_array(loader, count, sizeof(from[0]));
	for (size_t i = 0; i < count && from != NULL; i++) {
		from[i] = "";
		bn_read_text(loader, bn_load_list_item(node, i), &from[i], NULL);
	}
	signal->from = from;
	signal->from_count = from != NULL ? count : 0;
}

#define SIGNAL(name, type, read, field, arg) \
	{ name, type, read, offsetof(struct bn_signal, field), arg }
static const struct bn_key signal_rows[] = {
	SIGNAL("stale-after", "duration", bn_read_duration, stale_after_ns, NULL),
	{ "from", "texts", read_from, 0, NULL },
	SIGNAL("initial", "value", bn_read_value, initial, NULL),
};
const struct bn_key_table bn_signal_keys = { "signal", signal_rows, BN_COUNT_OF(signal_rows) };

/** `exec:` a program, or a list of it and its arguments. */
static void read_exec(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_app *app = field;
	size_t count = bn_load_list_count(node);
	char **argv = bn_load_array(loader, count + 1, sizeof(argv[0]));
	if (argv == NULL) {
		return;
	}
	bool ok = count > 0;
	for (size_t i = 0; i < count && ok; i++) {
		const struct bn_doc_node *item = bn_load_list_item(node, i);
		ok = item->kind == BN_DOC_SCALAR && (i > 0 || item->text[0] != '\0');
		argv[i] = ok ? (char *)item->text : NULL;
	}
	if (!ok) {
		bn_load_expected(loader, node, "[program, argument, ...]");
		return;
	}
	if (node->kind == BN_DOC_SCALAR && strchr(node->text, ' ') != NULL) {
		bn_load_fault(loader, node,
				"no shell splits \"%.60s\"; write [program, argument, ...]",
				node->text);
		return;
	}
	app->exec = argv;
}

static void read_env(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_app *app = field;
	if (node->kind != BN_DOC_MAP) {
		bn_load_expected(loader, node, "a map of variables, such as {LANG: de_DE.UTF-8}");
		return;
	}
	char **env = bn_load_array(loader, node->count + 1, sizeof(env[0]));
	for (size_t i = 0; i < node->count && env != NULL; i++) {
		const struct bn_doc_pair *pair = &node->pairs[i];
		const char *value = bn_load_scalar(loader, pair->value, "the text of a variable");
		if (pair->key[0] == '\0' || strchr(pair->key, '=') != NULL) {
			bn_load_fault_at(loader, &pair->key_mark,
					"a variable's name must not be empty or contain =");
		}
		env[i] = bn_arena_printf(loader->arena, "%s=%s", pair->key, value ? value : "");
		if (env[i] == NULL) {
			loader->diags->out_of_memory = true;
			return;
		}
	}
	app->env = env;
}

static const struct bn_choice start_items[] = {
	{ "demand", BN_START_DEMAND },
	{ "boot", BN_START_BOOT },
	{ "never", BN_START_NEVER },
};
static const struct bn_choices starts = { "a way to start", start_items, BN_COUNT_OF(start_items) };

static const struct bn_choice restart_items[] = {
	{ "never", BN_RESTART_NEVER },
	{ "on-failure", BN_RESTART_ON_FAILURE },
	{ "always", BN_RESTART_ALWAYS },
};
static const struct bn_choices restarts = { "a way to restart", restart_items,
	BN_COUNT_OF(restart_items) };

static const struct bn_choice seats_items[] = { { "own", 0 }, { "all", 1 } };
static const struct bn_choices seats = { "a choice of seats", seats_items,
	BN_COUNT_OF(seats_items) };

static const struct bn_choice may_items[] = { { "capture", 1 }, { "input", 2 } };
static const struct bn_choices mays = { "a privilege", may_items, BN_COUNT_OF(may_items) };

static void read_may(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_app *app = field;
	for (size_t i = 0; i < bn_load_list_count(node); i++) {
		int privilege = 0;
		bn_read_choice(loader, bn_load_list_item(node, i), &privilege, arg);
		app->privileged_capture |= privilege == 1;
		app->privileged_input |= privilege == 2;
	}
}

static const struct bn_range surface_range = { 1, 10000, "surfaces" };
static const struct bn_range buffer_range = { 1, 100000, "buffers" };
static const struct bn_range commit_range = { 1, 1000000, "commits" };
static const struct bn_range request_range = { 1, 1000000, "requests" };
#define LIMIT(name, type, read, field, arg) \
	{ name, type, read, offsetof(struct bn_budget_spec, field), arg }
static const struct bn_key limits_rows[] = {
	LIMIT("upload-per-frame", "bytes", bn_read_bytes, upload_bytes_per_frame, NULL),
	LIMIT("buffer-bytes", "bytes", bn_read_bytes, buffer_bytes, NULL),
	LIMIT("surfaces", "integer", bn_read_integer, surfaces, &surface_range),
	LIMIT("buffers", "integer", bn_read_integer, buffers, &buffer_range),
	LIMIT("requests-per-frame", "integer", bn_read_integer, requests_per_frame, &request_range),
	LIMIT("commits-per-frame", "integer", bn_read_integer, commits_per_frame, &commit_range),
};
const struct bn_key_table bn_limits_keys = { "limits", limits_rows, BN_COUNT_OF(limits_rows) };

static void read_limits(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	bn_load_map(loader, node, &bn_limits_keys, field);
}

#define APP(name, type, read, field, arg) { name, type, read, offsetof(struct bn_app, field), arg }
static const struct bn_key app_rows[] = {
	{ "exec", "exec", read_exec, 0, NULL },
	{ "env", "env", read_env, 0, NULL },
	APP("start", "choice", bn_read_choice, start, &starts),
	APP("restart", "choice", bn_read_choice, restart, &restarts),
	APP("home", "ref:zone", bn_read_ref, home, &ref_zone),
	APP("app-id", "text", bn_read_text, app_id, NULL),
	APP("seats", "choice", bn_read_choice_bool, all_seats, &seats),
	{ "may", "choices", read_may, 0, &mays },
	APP("limits", "map:limits", read_limits, budget, NULL),
};
const struct bn_key_table bn_app_keys = { "app", app_rows, BN_COUNT_OF(app_rows) };

static const struct bn_range dim_range = { 0, 1, "" };
#define THEME(name, type, read, field, arg) \
	{ name, type, read, offsetof(struct bn_theme, field), arg }
static const struct bn_key theme_rows[] = {
	THEME("night", "bool", bn_read_bool, night, NULL),
	THEME("background", "rgb", bn_read_rgb, background, NULL),
	THEME("foreground", "rgb", bn_read_rgb, foreground, NULL),
	THEME("accent", "rgb", bn_read_rgb, accent, NULL),
	THEME("dim", "number", bn_read_number, dim, &dim_range),
};
const struct bn_key_table bn_theme_keys = { "theme", theme_rows, BN_COUNT_OF(theme_rows) };
