#include "core/policy.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define VERB(name, privilege) { BN_POLICY_VERB, name, BN_PRIVILEGE_##privilege }
#define REQUEST(name, privilege) { BN_POLICY_REQUEST, name, BN_PRIVILEGE_##privilege }
#define GLOBAL(name, privilege) { BN_POLICY_GLOBAL, name, BN_PRIVILEGE_##privilege }

/** The table. A verb of which others than the session owner may more says so here. */
static const struct bn_policy_row rows[] = {
	[BN_VERB_GET] = VERB("get", OWNER),
	[BN_VERB_WHY] = VERB("why", SELF),
	[BN_VERB_WATCH] = VERB("watch", OWNER),
	[BN_VERB_SET] = VERB("set", SOURCE),
	[BN_VERB_SHOW] = VERB("show", OWNER),
	[BN_VERB_HIDE] = VERB("hide", OWNER),
	[BN_VERB_SCREENSHOT] = VERB("screenshot", OWNER),
	[BN_VERB_GOLDEN] = VERB("golden", OWNER),
	[BN_VERB_TOUCH] = VERB("touch", OWNER),
	[BN_VERB_RELOAD] = VERB("reload", OWNER),
	[BN_VERB_THEME] = VERB("theme", OWNER),
	[BN_VERB_PROFILE] = VERB("profile", OWNER),
	[BN_VERB_PLAY] = VERB("play", OWNER),
	[BN_VERB_STATS] = VERB("stats", OWNER),
	[BN_VERB_METRICS] = VERB("metrics", OWNER),
	[BN_VERB_DEADLINES] = VERB("deadlines", OWNER),
	[BN_VERB_JOURNAL] = VERB("journal", OWNER),
	[BN_VERB_INSPECT] = VERB("inspect", OWNER),
	[BN_VERB_OVERLAY] = VERB("overlay", OWNER),
	[BN_VERB_QUIT] = VERB("quit", OWNER),

	[BN_VERB_COUNT + BN_REQUEST_FILL] = REQUEST("fill", GRANT),
	[BN_VERB_COUNT + BN_REQUEST_ACTIVATE] = REQUEST("activate", TOUCHED),
	[BN_VERB_COUNT + BN_REQUEST_PICTURE] = REQUEST("picture", PICTURE),

	[BN_VERB_COUNT + BN_REQUEST_COUNT] = GLOBAL("wl_compositor", NONE),
	GLOBAL("wl_data_device_manager", NONE),
	GLOBAL("wl_drm", NONE),
	GLOBAL("wl_fixes", NONE),
	GLOBAL("wl_output", NONE),
	GLOBAL("wl_seat", NONE),
	GLOBAL("wl_shm", NONE),
	GLOBAL("wl_subcompositor", NONE),
	GLOBAL("wp_alpha_modifier_v1", NONE),
	GLOBAL("wp_color_manager_v1", NONE),
	GLOBAL("wp_color_representation_manager_v1", NONE),
	GLOBAL("wp_content_type_manager_v1", NONE),
	GLOBAL("wp_cursor_shape_manager_v1", NONE),
	GLOBAL("wp_fractional_scale_manager_v1", NONE),
	GLOBAL("wp_linux_drm_syncobj_manager_v1", NONE),
	GLOBAL("wp_presentation", NONE),
	GLOBAL("wp_single_pixel_buffer_manager_v1", NONE),
	GLOBAL("wp_viewporter", NONE),
	GLOBAL("xdg_activation_v1", NONE),
	GLOBAL("xdg_wm_base", NONE),
	GLOBAL("zwp_linux_dmabuf_v1", NONE),
	GLOBAL("zwp_primary_selection_device_manager_v1", NONE),
	GLOBAL("zwp_tablet_manager_v2", NONE),
	GLOBAL("zwp_text_input_manager_v3", NONE),
	GLOBAL("zxdg_decoration_manager_v1", NONE),
	GLOBAL("zxdg_output_manager_v1", NONE),
	GLOBAL("binnacle_cockpit_v1", NONE),

	GLOBAL("ext_foreign_toplevel_image_capture_source_manager_v1", CAPTURE),
	GLOBAL("ext_foreign_toplevel_list_v1", CAPTURE),
	GLOBAL("ext_image_copy_capture_manager_v1", CAPTURE),
	GLOBAL("ext_output_image_capture_source_manager_v1", CAPTURE),
	GLOBAL("zwlr_screencopy_manager_v1", CAPTURE),

	GLOBAL("zwlr_virtual_pointer_manager_v1", INPUT),
	GLOBAL("zwp_input_method_manager_v2", INPUT),
	GLOBAL("zwp_virtual_keyboard_manager_v1", INPUT),

	GLOBAL("zwlr_layer_shell_v1", LAYER),

	GLOBAL("wp_security_context_manager_v1", LAUNCH),

	// The clipboard of others, and what belongs to the layout alone.
	GLOBAL("ext_data_control_manager_v1", OWNER),
	GLOBAL("zwlr_data_control_manager_v1", OWNER),
	GLOBAL("zwlr_output_manager_v1", OWNER),
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const struct {
	const char *name, *text;
	enum bn_policy_object object;
} privileges[] = {
	[BN_PRIVILEGE_NONE] = { "none", "everybody", BN_POLICY_OF_NOTHING },
	[BN_PRIVILEGE_TOUCHED] = { "touched",
			"whoever holds a token that came from a touch, a click or a key",
			BN_POLICY_OF_NOTHING },
	[BN_PRIVILEGE_GRANT] = { "grant",
			"an app that the zone's `grant:` lets in; proven, unless the zone is of "
			"layer app and open to all",
			BN_POLICY_OF_ZONE },
	[BN_PRIVILEGE_SELF] = { "self", "a proven app about itself, and the session owner",
			BN_POLICY_OF_APP },
	[BN_PRIVILEGE_SOURCE] = { "source",
			"a proven app that the signal's `from:` names, and the session owner",
			BN_POLICY_OF_SIGNAL },
	[BN_PRIVILEGE_CAPTURE] = { "capture",
			"a proven app with `may: [capture]`, and the session owner",
			BN_POLICY_OF_NOTHING },
	[BN_PRIVILEGE_PICTURE] = { "picture",
			"a proven app with `may: [capture]`, and the session owner; a private zone "
			"nobody",
			BN_POLICY_OF_ZONE },
	[BN_PRIVILEGE_INPUT] = { "input", "a proven app with `may: [input]`, and the session owner",
			BN_POLICY_OF_NOTHING },
	[BN_PRIVILEGE_LAYER] = { "layer", "a proven app of the layout, and the session owner",
			BN_POLICY_OF_NOTHING },
	[BN_PRIVILEGE_LAUNCH] = { "launch",
			"a proven app that is not sandboxed, and the session owner",
			BN_POLICY_OF_NOTHING },
	[BN_PRIVILEGE_OWNER] = { "owner", "the session owner", BN_POLICY_OF_NOTHING },
	[BN_PRIVILEGE_NOBODY] = { "nobody", "nobody", BN_POLICY_OF_NOTHING },
};

// The table

size_t bn_policy_count(void) {
	return ROW_COUNT;
}

const struct bn_policy_row *bn_policy_row(size_t row) {
	return row < ROW_COUNT ? &rows[row] : NULL;
}

size_t bn_policy_find(enum bn_policy_kind kind, const char *name) {
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (rows[i].kind == kind && strcmp(name, rows[i].name) == 0) {
			return i;
		}
	}
	return BN_NONE;
}

enum bn_policy_object bn_policy_object(enum bn_privilege privilege) {
	return privileges[privilege].object;
}

const char *bn_policy_kind_name(enum bn_policy_kind kind) {
	static const char *const names[] = { "verb", "request", "global" };
	return names[kind];
}

const char *bn_privilege_name(enum bn_privilege privilege) {
	return privileges[privilege].name;
}

const char *bn_privilege_text(enum bn_privilege privilege) {
	return privileges[privilege].text;
}

const char *bn_verb_name(enum bn_verb verb) {
	assert(verb < BN_VERB_COUNT);
	return rows[verb].name;
}

bool bn_verb_parse(const char *name, enum bn_verb *ret_verb) {
	size_t row = bn_policy_find(BN_POLICY_VERB, name);
	if (row == BN_NONE) {
		return false;
	}
	*ret_verb = (enum bn_verb)row;
	return true;
}

// Who somebody is

static bool is_owner(const struct bn_identity *who) {
	return who->source == BN_IDENTITY_OWNER && !who->sandboxed;
}

/** The app that it proved to be; NULL: none. */
static const struct bn_app *proven_app(const struct bn_layout *layout,
		const struct bn_identity *who) {
	bool proven = bn_identity_is_proven(who) && who->source != BN_IDENTITY_OWNER;
	return proven && who->app < layout->app_count ? &layout->apps[who->app] : NULL;
}

static bool is_source(const struct bn_signal *signal, const struct bn_app *app) {
	for (size_t i = 0; i < signal->from_count; i++) {
		if (strcmp(signal->from[i], app->name) == 0) {
			return true;
		}
	}
	return false;
}

bool bn_policy_is_open(const struct bn_layout *layout, size_t zone) {
	return layout->zones[zone].layer == BN_LAYER_APP && layout->zones[zone].grant_all;
}

enum bn_policy_fill bn_policy_fill(const struct bn_layout *layout, size_t app, bool proven,
		size_t zone) {
	bool known = app != BN_NONE && proven;
	// Whatever it calls itself: "*" does not mean a reserved app, but it does mean a stranger.
	if (!known && bn_policy_is_open(layout, zone)) {
		return BN_POLICY_MAY_FILL;
	}
	if (!bn_layout_zone_grants(layout, zone, app)) {
		return BN_POLICY_NOT_GRANTED;
	}
	return known ? BN_POLICY_MAY_FILL : BN_POLICY_NOT_PROVEN;
}

// Verdicts

__attribute__((format(printf, 3, 4))) static struct bn_policy_verdict verdict(bool allowed,
		const struct bn_mark *mark, const char *format, ...) {
	struct bn_policy_verdict ret = { .allowed = allowed };
	if (mark != NULL) {
		ret.mark = *mark;
	}
	va_list args;
	va_start(args, format);
	vsnprintf(ret.reason, sizeof(ret.reason), format, args);
	va_end(args);
	return ret;
}

/** Who is nobody's app has no more than everybody. */
static struct bn_policy_verdict ask_stranger(const struct bn_policy_row *row) {
	if (row->kind == BN_POLICY_VERB) {
		return verdict(false, NULL,
				"only the session owner and apps started by the layout may control "
				"the cockpit");
	}
	return verdict(false, NULL,
			"%.56s is only for apps whose identity is proven: start it from the "
			"layout's `exec:`",
			row->name);
}

/** What an app's own entry has to say. */
static struct bn_policy_verdict ask_may(const struct bn_policy_row *row, const struct bn_app *app,
		bool granted, const char *word) {
	if (granted) {
		return verdict(true, &app->mark, "app %.48s has `may: [%s]`", app->name, word);
	}
	return verdict(false, &app->mark,
			"%.56s needs `may: [%s]` in the layout's entry of app %.48s", row->name,
			word, app->name);
}

static struct bn_policy_verdict ask_self(const struct bn_policy_row *row, const struct bn_app *app,
		bool is_itself) {
	return is_itself ? verdict(true, &app->mark, "app %.48s may ask about itself", app->name)
			 : verdict(false, &app->mark, "app %.48s may ask `%s` about itself only",
					   app->name, row->name);
}

static struct bn_policy_verdict ask_source(const struct bn_layout *layout, const struct bn_app *app,
		size_t signal) {
	const struct bn_signal *spec =
			signal < layout->signal_count ? &layout->signals[signal] : NULL;
	if (spec != NULL && is_source(spec, app)) {
		return verdict(true, &spec->mark, "app %.48s is in the signal's `from:`",
				app->name);
	}
	return verdict(false, spec != NULL ? &spec->mark : NULL,
			"app %.48s is not a source of this signal: name it in the signal's `from:`",
			app->name);
}

static struct bn_policy_verdict ask_app(const struct bn_layout *layout,
		const struct bn_identity *who, const struct bn_app *app,
		const struct bn_policy_row *row, size_t object) {
	switch (row->privilege) {
	case BN_PRIVILEGE_SELF:
		return ask_self(row, app, object == who->app);
	case BN_PRIVILEGE_SOURCE:
		return ask_source(layout, app, object);
	case BN_PRIVILEGE_CAPTURE:
	case BN_PRIVILEGE_PICTURE:
		return ask_may(row, app, app->privileged_capture, "capture");
	case BN_PRIVILEGE_INPUT:
		return ask_may(row, app, app->privileged_input, "input");
	case BN_PRIVILEGE_LAYER:
		return verdict(true, &app->mark, "app %.48s is of the layout and proven",
				app->name);
	case BN_PRIVILEGE_LAUNCH:
		return who->sandboxed
				? verdict(false, &app->mark, "%.56s is not for sandboxed apps",
						  row->name)
				: verdict(true, &app->mark,
						  "app %.48s is of the layout, proven and not "
						  "sandboxed",
						  app->name);
	case BN_PRIVILEGE_NONE:
	case BN_PRIVILEGE_TOUCHED:
	case BN_PRIVILEGE_GRANT:
	case BN_PRIVILEGE_OWNER:
	case BN_PRIVILEGE_NOBODY:
		break;
	}
	if (row->kind == BN_POLICY_GLOBAL) {
		return verdict(false, NULL, "%.56s is for the session owner, not for apps",
				row->name);
	}
	return verdict(false, NULL,
			"`%s` is for the session owner, not for apps (this is app %.48s)",
			row->name, app->name);
}

static struct bn_policy_verdict ask_fill(const struct bn_layout *layout,
		const struct bn_identity *who, size_t zone) {
	if (zone >= layout->zone_count) {
		return verdict(false, NULL, "the layout has no such zone");
	}
	const struct bn_zone *spec = &layout->zones[zone];
	size_t app = who->app < layout->app_count ? who->app : BN_NONE;
	switch (bn_policy_fill(layout, app, bn_identity_is_proven(who), zone)) {
	case BN_POLICY_MAY_FILL:
		break;
	case BN_POLICY_NOT_GRANTED:
		return verdict(false, &spec->mark,
				"zone %.48s does not grant it: add its app, or \"*\", to the "
				"zone's "
				"`grant:`",
				spec->name);
	case BN_POLICY_NOT_PROVEN:
		return verdict(false, &spec->mark,
				"zone %.48s (layer %s) is only for apps whose identity is proven: "
				"start it from the layout's `exec:`",
				spec->name, bn_layer_name(spec->layer));
	}
	return bn_layout_zone_names(layout, zone, app)
			? verdict(true, &spec->mark, "zone %.48s grants app %.48s", spec->name,
					  layout->apps[app].name)
			: verdict(true, &spec->mark, "zone %.48s is open to all", spec->name);
}

struct bn_policy_verdict bn_policy_ask(const struct bn_layout *layout,
		const struct bn_identity *who, size_t index, size_t object) {
	assert(index < ROW_COUNT);
	const struct bn_policy_row *row = &rows[index];
	if (row->privilege == BN_PRIVILEGE_NONE) {
		return verdict(true, NULL, "%.56s is for everybody", row->name);
	}
	if (row->privilege == BN_PRIVILEGE_TOUCHED) {
		return verdict(true, NULL, "for %s", bn_privilege_text(row->privilege));
	}
	if (row->privilege == BN_PRIVILEGE_GRANT) {
		return ask_fill(layout, who, object);
	}
	if (row->privilege == BN_PRIVILEGE_PICTURE && object < layout->zone_count
			&& layout->zones[object].is_private) {
		return verdict(false, &layout->zones[object].mark,
				"zone '%.48s' is private and never captured",
				layout->zones[object].name);
	}
	if (is_owner(who)) {
		return verdict(true, NULL, "the session owner may");
	}
	const struct bn_app *app = proven_app(layout, who);
	return app != NULL ? ask_app(layout, who, app, row, object) : ask_stranger(row);
}

struct bn_policy_verdict bn_policy_verb(const struct bn_layout *layout,
		const struct bn_identity *who, enum bn_verb verb, size_t object) {
	assert(verb < BN_VERB_COUNT);
	return bn_policy_ask(layout, who, (size_t)verb, object);
}

struct bn_policy_verdict bn_policy_request(const struct bn_layout *layout,
		const struct bn_identity *who, enum bn_request request, size_t object) {
	assert(request < BN_REQUEST_COUNT);
	return bn_policy_ask(layout, who, BN_VERB_COUNT + (size_t)request, object);
}

struct bn_policy_verdict bn_policy_global(const struct bn_layout *layout,
		const struct bn_identity *who, const char *interface) {
	size_t row = bn_policy_find(BN_POLICY_GLOBAL, interface);
	if (row == BN_NONE) {
		return verdict(false, NULL, "%.56s is not in the table of what may be done",
				interface);
	}
	return bn_policy_ask(layout, who, row, BN_NONE);
}
