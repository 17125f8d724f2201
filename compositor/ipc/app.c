#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "cockpit.h"
#include "ipc/call.h"
#include "ipc/describe.h"
#include "safety/check.h"

static const char *app_name(const struct bn_layout *layout, size_t app) {
	return layout->apps[app].name;
}

static const char *zone_name(const struct bn_layout *layout, size_t zone) {
	return layout->zones[zone].name;
}

/** Apps, then zones: what `why` and `hide` take. */
static const char *app_or_zone_name(const struct bn_layout *layout, size_t index) {
	return index < layout->app_count ? app_name(layout, index)
					 : zone_name(layout, index - layout->app_count);
}

static void get_apps(struct bn_ipc_call *call) {
	bn_ipc_add_list(call->context, call->reply.doc, call->reply.root, "apps",
			call->context->cockpit->layout->app_count, bn_ipc_describe_app);
}

static void get_clients(struct bn_ipc_call *call) {
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(call->reply.doc, call->reply.root, "clients");
	const struct bn_client *client;
	wl_list_for_each(client, &call->context->clients->list, link) {
		yyjson_mut_val *item = yyjson_mut_arr_add_obj(call->reply.doc, list);
		bn_ipc_describe_client(call->context, call->reply.doc, item, client);
	}
}

static void show(struct bn_ipc_call *call) {
	const struct bn_layout *layout = call->context->cockpit->layout;
	const char *app = bn_ipc_request_string(&call->request, "app");
	const char *zone = bn_ipc_request_optional(&call->request, "zone");
	if (app == NULL || call->request.code != BN_IPC_OK) {
		return;
	}
	if (bn_layout_find_app(layout, app) == BN_NONE) {
		bn_ipc_call_fail_name(call, "app", app, layout->app_count, app_name);
		return;
	}
	if (zone != NULL && bn_layout_find_zone(layout, zone) == BN_NONE) {
		bn_ipc_call_fail_name(call, "zone", zone, layout->zone_count, zone_name);
		return;
	}
	char error[BN_ERROR_MAX] = "";
	if (!bn_cockpit_show(call->context->cockpit, app, zone, error)) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "%s", error);
	}
}

static void hide(struct bn_ipc_call *call) {
	const struct bn_layout *layout = call->context->cockpit->layout;
	const char *name = bn_ipc_request_string(&call->request, "name");
	if (name == NULL) {
		return;
	}
	if (bn_layout_find_app(layout, name) == BN_NONE
			&& bn_layout_find_zone(layout, name) == BN_NONE) {
		bn_ipc_call_fail_name(call, "app or zone", name,
				layout->app_count + layout->zone_count, app_or_zone_name);
		return;
	}
	char error[BN_ERROR_MAX] = "";
	if (!bn_cockpit_hide(call->context->cockpit, name, error)) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "%s", error);
	}
}

static size_t why_object(struct bn_ipc_call *call) {
	const char *name = bn_ipc_request_string(&call->request, "name");
	return name != NULL ? bn_layout_find_app(call->context->cockpit->layout, name) : BN_NONE;
}

static void add_lines(struct bn_ipc_call *call, yyjson_mut_val *lines, char *text) {
	char *rest = text;
	for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
		if (line[0] != '\0') {
			bn_ipc_append_text(call->reply.doc, lines, line);
		}
	}
}

/** What is seen in the zone on the glass; malloc'ed, NULL: out of memory. */
static char *seen_in(const struct bn_ipc_call *call, size_t zone) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (out != NULL) {
		bn_checks_why(call->context->checks, zone, out);
		fclose(out);
	}
	return text;
}

static void why(struct bn_ipc_call *call) {
	const struct bn_layout *layout = call->context->cockpit->layout;
	const char *name = bn_ipc_request_string(&call->request, "name");
	char *text = bn_cockpit_why(call->context->cockpit, name);
	if (text == NULL) {
		bn_ipc_call_fail_name(call, "app or zone", name,
				layout->app_count + layout->zone_count, app_or_zone_name);
		return;
	}
	yyjson_mut_val *lines = yyjson_mut_obj_add_arr(call->reply.doc, call->reply.root, "lines");
	add_lines(call, lines, text);
	free(text);
	size_t zone = bn_layout_find_zone(layout, name);
	char *seen = zone != BN_NONE ? seen_in(call, zone) : NULL;
	if (seen != NULL) {
		add_lines(call, lines, seen);
	}
	free(seen);
}

static const struct bn_ipc_verb verbs[] = {
	{ BN_VERB_GET, "apps", NULL, get_apps },
	{ BN_VERB_GET, "clients", NULL, get_clients },
	{ BN_VERB_SHOW, NULL, NULL, show },
	{ BN_VERB_HIDE, NULL, NULL, hide },
	{ BN_VERB_WHY, NULL, why_object, why },
};

const struct bn_ipc_noun bn_ipc_app_noun = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
