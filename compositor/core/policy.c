#include "core/policy.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// The session owner, outside any app, may use every verb; `others` says who else may.
enum verb_right {
	OWNER_ONLY,
	OWN_APP, // a proven app, about itself
	SOURCE,  // a proven app that the signal's `from:` names
};

static const struct {
	const char *name;
	enum verb_right others;
} verbs[BN_VERB_COUNT] = {
	[BN_VERB_GET] = { "get", OWNER_ONLY },
	[BN_VERB_WHY] = { "why", OWN_APP },
	[BN_VERB_WATCH] = { "watch", OWNER_ONLY },
	[BN_VERB_SET] = { "set", SOURCE },
	[BN_VERB_SHOW] = { "show", OWNER_ONLY },
	[BN_VERB_HIDE] = { "hide", OWNER_ONLY },
	[BN_VERB_SCREENSHOT] = { "screenshot", OWNER_ONLY },
	[BN_VERB_TOUCH] = { "touch", OWNER_ONLY },
	[BN_VERB_RELOAD] = { "reload", OWNER_ONLY },
	[BN_VERB_THEME] = { "theme", OWNER_ONLY },
	[BN_VERB_PROFILE] = { "profile", OWNER_ONLY },
	[BN_VERB_PLAY] = { "play", OWNER_ONLY },
	[BN_VERB_STATS] = { "stats", OWNER_ONLY },
	[BN_VERB_METRICS] = { "metrics", OWNER_ONLY },
	[BN_VERB_DEADLINES] = { "deadlines", OWNER_ONLY },
	[BN_VERB_JOURNAL] = { "journal", OWNER_ONLY },
	[BN_VERB_INSPECT] = { "inspect", OWNER_ONLY },
	[BN_VERB_OVERLAY] = { "overlay", OWNER_ONLY },
	[BN_VERB_QUIT] = { "quit", OWNER_ONLY },
};

static const struct {
	const char *interface;
	enum bn_privilege privilege;
} globals[] = {
	{ "wl_compositor", BN_PRIVILEGE_NONE },
	{ "wl_data_device_manager", BN_PRIVILEGE_NONE },
	{ "wl_drm", BN_PRIVILEGE_NONE },
	{ "wl_fixes", BN_PRIVILEGE_NONE },
	{ "wl_output", BN_PRIVILEGE_NONE },
	{ "wl_seat", BN_PRIVILEGE_NONE },
	{ "wl_shm", BN_PRIVILEGE_NONE },
	{ "wl_subcompositor", BN_PRIVILEGE_NONE },
	{ "wp_alpha_modifier_v1", BN_PRIVILEGE_NONE },
	{ "wp_color_manager_v1", BN_PRIVILEGE_NONE },
	{ "wp_color_representation_manager_v1", BN_PRIVILEGE_NONE },
	{ "wp_content_type_manager_v1", BN_PRIVILEGE_NONE },
	{ "wp_cursor_shape_manager_v1", BN_PRIVILEGE_NONE },
	{ "wp_fractional_scale_manager_v1", BN_PRIVILEGE_NONE },
	{ "wp_linux_drm_syncobj_manager_v1", BN_PRIVILEGE_NONE },
	{ "wp_presentation", BN_PRIVILEGE_NONE },
	{ "wp_single_pixel_buffer_manager_v1", BN_PRIVILEGE_NONE },
	{ "wp_viewporter", BN_PRIVILEGE_NONE },
	{ "xdg_activation_v1", BN_PRIVILEGE_NONE },
	{ "xdg_wm_base", BN_PRIVILEGE_NONE },
	{ "zwp_linux_dmabuf_v1", BN_PRIVILEGE_NONE },
	{ "zwp_primary_selection_device_manager_v1", BN_PRIVILEGE_NONE },
	{ "zwp_tablet_manager_v2", BN_PRIVILEGE_NONE },
	{ "zwp_text_input_manager_v3", BN_PRIVILEGE_NONE },
	{ "zxdg_decoration_manager_v1", BN_PRIVILEGE_NONE },
	{ "zxdg_output_manager_v1", BN_PRIVILEGE_NONE },
	{ "binnacle_cockpit_v1", BN_PRIVILEGE_NONE },

	{ "ext_foreign_toplevel_image_capture_source_manager_v1", BN_PRIVILEGE_CAPTURE },
	{ "ext_foreign_toplevel_list_v1", BN_PRIVILEGE_CAPTURE },
	{ "ext_image_copy_capture_manager_v1", BN_PRIVILEGE_CAPTURE },
	{ "ext_output_image_capture_source_manager_v1", BN_PRIVILEGE_CAPTURE },
	{ "zwlr_screencopy_manager_v1", BN_PRIVILEGE_CAPTURE },

	{ "zwlr_virtual_pointer_manager_v1", BN_PRIVILEGE_INPUT },
	{ "zwp_input_method_manager_v2", BN_PRIVILEGE_INPUT },
	{ "zwp_virtual_keyboard_manager_v1", BN_PRIVILEGE_INPUT },

	{ "zwlr_layer_shell_v1", BN_PRIVILEGE_LAYER },

	{ "wp_security_context_manager_v1", BN_PRIVILEGE_LAUNCH },

	// The clipboard of others, and what belongs to the layout alone.
	{ "ext_data_control_manager_v1", BN_PRIVILEGE_OWNER },
	{ "zwlr_data_control_manager_v1", BN_PRIVILEGE_OWNER },
	{ "zwlr_output_manager_v1", BN_PRIVILEGE_OWNER },
};

const char *bn_verb_name(enum bn_verb verb) {
	assert(verb < BN_VERB_COUNT);
	return verbs[verb].name;
}

bool bn_verb_parse(const char *name, enum bn_verb *ret_verb) {
	for (int i = 0; i < BN_VERB_COUNT; i++) {
		if (strcmp(name, verbs[i].name) == 0) {
			*ret_verb = (enum bn_verb)i;
			return true;
		}
	}
	return false;
}

static struct bn_policy_verdict allow(void) {
	return (struct bn_policy_verdict){ .allowed = true };
}

__attribute__((format(printf, 1, 2))) static struct bn_policy_verdict deny(const char *format,
		...) {
	struct bn_policy_verdict verdict = { .allowed = false };
	va_list args;
	va_start(args, format);
	vsnprintf(verdict.reason, sizeof(verdict.reason), format, args);
	va_end(args);
	return verdict;
}

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

struct bn_policy_verdict bn_policy_verb(const struct bn_layout *layout,
		const struct bn_identity *who, enum bn_verb verb, size_t object) {
	assert(verb < BN_VERB_COUNT);
	if (is_owner(who)) {
		return allow();
	}
	const struct bn_app *app = proven_app(layout, who);
	if (app == NULL) {
		return deny("only the session owner and apps started by the layout may control the "
			    "cockpit");
	}
	switch (verbs[verb].others) {
	case OWNER_ONLY:
		break;
	case OWN_APP:
		if (object == who->app) {
			return allow();
		}
		return deny("app %.48s may ask `%s` about itself only", app->name,
				verbs[verb].name);
	case SOURCE:
		if (object < layout->signal_count && is_source(&layout->signals[object], app)) {
			return allow();
		}
		return deny("app %.48s is not a source of this signal: name it in the signal's "
			    "`from:`",
				app->name);
	}
	return deny("`%s` is for the session owner, not for apps (this is app %.48s)",
			verbs[verb].name, app->name);
}

enum bn_privilege bn_policy_privilege(const char *interface) {
	for (size_t i = 0; i < sizeof(globals) / sizeof(globals[0]); i++) {
		if (strcmp(interface, globals[i].interface) == 0) {
			return globals[i].privilege;
		}
	}
	return BN_PRIVILEGE_OWNER;
}

static struct bn_policy_verdict may(const struct bn_app *app, bool granted, const char *interface,
		const char *word) {
	if (granted) {
		return allow();
	}
	return deny("%.56s needs `may: [%s]` in the layout's entry of app %.48s", interface, word,
			app->name);
}

struct bn_policy_verdict bn_policy_global(const struct bn_layout *layout,
		const struct bn_identity *who, const char *interface) {
	enum bn_privilege privilege = bn_policy_privilege(interface);
	if (privilege == BN_PRIVILEGE_NONE || is_owner(who)) {
		return allow();
	}
	const struct bn_app *app = proven_app(layout, who);
	if (app == NULL) {
		return deny("%.56s is only for apps whose identity is proven: start it from the "
			    "layout's `exec:`",
				interface);
	}
	switch (privilege) {
	case BN_PRIVILEGE_CAPTURE:
		return may(app, app->privileged_capture, interface, "capture");
	case BN_PRIVILEGE_INPUT:
		return may(app, app->privileged_input, interface, "input");
	case BN_PRIVILEGE_LAYER:
		return allow();
	case BN_PRIVILEGE_LAUNCH:
		return who->sandboxed ? deny("%.56s is not for sandboxed apps", interface)
				      : allow();
	case BN_PRIVILEGE_NONE:
	case BN_PRIVILEGE_OWNER:
		break;
	}
	return deny("%.56s is for the session owner, not for apps", interface);
}
