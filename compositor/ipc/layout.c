#include <string.h>

#include "cockpit.h"
#include "core/nsec.h"
#include "ipc/call.h"
#include "ipc/describe.h"

static const char *const in_force[] = {
	[BN_NO] = "no",
	[BN_YES] = "yes",
	[BN_MAYBE] = "maybe",
};

static const char *theme_name(const struct bn_layout *layout, size_t theme) {
	return layout->themes[theme].name;
}

static const char *profile_name(const struct bn_layout *layout, size_t profile) {
	return layout->profiles[profile].name;
}

static void add_names(struct bn_ipc_call *call, const char *key, size_t count,
		bn_ipc_name_func_t name_of) {
	const struct bn_layout *layout = call->context->cockpit->layout;
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(call->reply.doc, call->reply.root, key);
	for (size_t i = 0; i < count; i++) {
		bn_ipc_append_text(call->reply.doc, list, name_of(layout, i));
	}
}

static const char *file_name(const struct bn_layout *layout, size_t file) {
	return layout->files[file];
}

static void describe_rule(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t rule) {
	const struct bn_cockpit *cockpit = context->cockpit;
	const struct bn_rule *declared = &cockpit->layout->rules[rule];
	bn_ipc_add_text(doc, object, "when", declared->label);
	yyjson_mut_obj_add_str(doc, object, "in_force",
			in_force[bn_vehicle_rule(cockpit->vehicle, rule)]);
	bn_ipc_add_text(doc, object, "file", declared->mark.file);
	yyjson_mut_obj_add_int(doc, object, "line", declared->mark.line);
	if (declared->within_ns > 0) {
		yyjson_mut_obj_add_int(doc, object, "within_ms",
				declared->within_ns / BN_NSEC_PER_MSEC);
	}
}

static void get_layout(struct bn_ipc_call *call) {
	const struct bn_cockpit *cockpit = call->context->cockpit;
	const struct bn_layout *layout = cockpit->layout;
	yyjson_mut_doc *doc = call->reply.doc;
	yyjson_mut_val *root = call->reply.root;
	bn_ipc_add_text(doc, root, "name", layout->name);
	bn_ipc_add_text(doc, root, "path", layout->path);
	add_names(call, "files", layout->file_count, file_name);
	bn_ipc_add_text(doc, root, "profile", layout->profile);
	add_names(call, "profiles", layout->profile_count, profile_name);
	yyjson_mut_val *theme = yyjson_mut_obj_add_obj(doc, root, "theme");
	bn_ipc_describe_theme(call->context, doc, theme, 0);
	add_names(call, "themes", layout->theme_count, theme_name);
	bn_ipc_add_list(call->context, doc, root, "states", layout->state_count,
			bn_ipc_describe_state);
	bn_ipc_add_list(call->context, doc, root, "rules", layout->rule_count, describe_rule);
	yyjson_mut_obj_add_uint(doc, root, "reloads", cockpit->reload_count);
	bn_ipc_describe_faults(doc, root, &cockpit->reload_faults);
}

static void get_zones(struct bn_ipc_call *call) {
	bn_ipc_add_list(call->context, call->reply.doc, call->reply.root, "zones",
			call->context->cockpit->layout->zone_count, bn_ipc_describe_zone);
}

/** The faults go with the reply, of a success too: warnings do not refuse a layout. */
static void end_reload(struct bn_ipc_call *call, bool success) {
	const struct bn_diag_list *faults = &call->context->cockpit->reload_faults;
	bn_ipc_describe_faults(call->reply.doc, call->reply.root, faults);
	if (!success) {
		size_t errors = bn_diag_list_errors(faults);
		call->keep_reply = true;
		bn_ipc_call_fail(call, BN_IPC_FAILED,
				"the layout has %zu error%s; everything stays as it was", errors,
				errors == 1 ? "" : "s");
	}
}

static void reload(struct bn_ipc_call *call) {
	end_reload(call, bn_cockpit_reload(call->context->cockpit));
}

static void set_profile(struct bn_ipc_call *call) {
	const struct bn_layout *layout = call->context->cockpit->layout;
	const char *name = bn_ipc_request_optional(&call->request, "name");
	if (call->request.code != BN_IPC_OK) {
		return;
	}
	for (size_t i = 0; name != NULL; i++) {
		if (i == layout->profile_count) {
			bn_ipc_call_fail_name(call, "profile", name, layout->profile_count,
					profile_name);
			return;
		}
		if (strcmp(layout->profiles[i].name, name) == 0) {
			break;
		}
	}
	end_reload(call, bn_cockpit_set_profile(call->context->cockpit, name));
}

static void set_theme(struct bn_ipc_call *call) {
	const struct bn_layout *layout = call->context->cockpit->layout;
	const char *name = bn_ipc_request_optional(&call->request, "name");
	if (call->request.code != BN_IPC_OK) {
		return;
	}
	if (name != NULL && bn_layout_find_theme(layout, name) == BN_NONE) {
		bn_ipc_call_fail_name(call, "theme", name, layout->theme_count, theme_name);
		return;
	}
	char error[BN_ERROR_MAX] = "";
	if (!bn_cockpit_set_theme(call->context->cockpit, name, error)) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "%s", error);
	}
}

static void quit(struct bn_ipc_call *call) {
	if (call->context->quit == NULL) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "this compositor is ended by who embeds it");
		return;
	}
	call->context->quit(call->context->data);
}

static const struct bn_ipc_verb verbs[] = {
	{ BN_VERB_GET, "layout", NULL, get_layout },
	{ BN_VERB_GET, "zones", NULL, get_zones },
	{ BN_VERB_RELOAD, NULL, NULL, reload },
	{ BN_VERB_THEME, NULL, NULL, set_theme },
	{ BN_VERB_PROFILE, NULL, NULL, set_profile },
	{ BN_VERB_QUIT, NULL, NULL, quit },
};

const struct bn_ipc_noun bn_ipc_layout_noun = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
