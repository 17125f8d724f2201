#include "ipc/describe.h"

#include <stdlib.h>
#include <wlr/types/wlr_output.h>

#include "client.h"
#include "cockpit.h"
#include "core/ipc_msg.h"
#include "ipc/utf8.h"
#include "launch.h"
#include "output.h"
#include "shell/view.h"

static const char *const content_names[] = {
	[BN_CONTENT_NOTHING] = "nothing",
	[BN_CONTENT_VIEW] = "view",
	[BN_CONTENT_EMPTY] = "empty",
	[BN_CONTENT_FAULT] = "fault",
};

static const char *const tristate_names[] = {
	[BN_NO] = "no",
	[BN_YES] = "yes",
	[BN_MAYBE] = "maybe",
};

static const char *const process_names[] = {
	[BN_PROCESS_STOPPED] = "stopped",
	[BN_PROCESS_RUNNING] = "running",
	[BN_PROCESS_BACKOFF] = "backoff",
};

static const char *const source_names[] = {
	[BN_IDENTITY_NONE] = "unknown",
	[BN_IDENTITY_APP_ID] = "app-id",
	[BN_IDENTITY_SOCKET] = "socket",
	[BN_IDENTITY_LISTENER] = "listener",
	[BN_IDENTITY_SECURITY_CONTEXT] = "security-context",
	[BN_IDENTITY_UNIT] = "unit",
	[BN_IDENTITY_OWNER] = "owner",
};

static const struct {
	enum bn_restriction bit;
	const char *name;
} restrictions[] = {
	{ BN_RESTRICT_VIDEO, "video" },
	{ BN_RESTRICT_KEYBOARD, "keyboard" },
	{ BN_RESTRICT_TOUCH, "touch" },
};

void bn_ipc_add_text(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
		const char *text) {
	char *clean = text != NULL ? bn_utf8_clean(text) : NULL;
	if (clean != NULL) {
		yyjson_mut_obj_add_strcpy(doc, object, key, clean);
	} else {
		yyjson_mut_obj_add_null(doc, object, key);
	}
	free(clean);
}

void bn_ipc_append_text(yyjson_mut_doc *doc, yyjson_mut_val *list, const char *text) {
	char *clean = text != NULL ? bn_utf8_clean(text) : NULL;
	if (clean != NULL) {
		yyjson_mut_arr_add_strcpy(doc, list, clean);
	} else {
		yyjson_mut_arr_add_null(doc, list);
	}
	free(clean);
}

void bn_ipc_add_list(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, const char *key, size_t count,
		bn_ipc_describe_func_t describe) {
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, object, key);
	for (size_t i = 0; i < count; i++) {
		yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
		if (item != NULL) {
			describe(context, doc, item, i);
		}
	}
}

static size_t app_of_view(const struct bn_view *view) {
	return bn_client_identity_for(view->client, view->app_id).app;
}

static const char *app_name(const struct bn_layout *layout, size_t app) {
	return app < layout->app_count ? layout->apps[app].name : NULL;
}

static const char *zone_name(const struct bn_layout *layout, size_t zone) {
	return zone < layout->zone_count ? layout->zones[zone].name : NULL;
}

/** What a person calls the window: its app, else what it calls itself. */
static const char *view_label(const struct bn_layout *layout, const struct bn_view *view) {
	const char *app = app_name(layout, app_of_view(view));
	return app != NULL ? app : view->app_id;
}

static void add_waiting(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t zone, uint64_t shown) {
	yyjson_mut_val *waiting = yyjson_mut_obj_add_arr(doc, object, "waiting");
	const struct bn_view *view;
	wl_list_for_each(view, &context->shell->views, link) {
		if (view->mapped && view->parent == NULL && view->zone == zone
				&& view->id != shown) {
			bn_ipc_append_text(doc, waiting,
					view_label(context->cockpit->layout, view));
		}
	}
}

static void add_restrictions(yyjson_mut_doc *doc, yyjson_mut_val *object, uint32_t bits) {
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, object, "restrictions");
	for (size_t i = 0; i < sizeof(restrictions) / sizeof(restrictions[0]); i++) {
		if (bits & restrictions[i].bit) {
			yyjson_mut_arr_add_str(doc, list, restrictions[i].name);
		}
	}
}

static void add_rect(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct bn_rect *rect) {
	yyjson_mut_obj_add_int(doc, object, "x", rect->x);
	yyjson_mut_obj_add_int(doc, object, "y", rect->y);
	yyjson_mut_obj_add_int(doc, object, "width", rect->width);
	yyjson_mut_obj_add_int(doc, object, "height", rect->height);
}

void bn_ipc_describe_zone(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t zone) {
	const struct bn_cockpit *cockpit = context->cockpit;
	const struct bn_layout *layout = cockpit->layout;
	const struct bn_zone *declared = &layout->zones[zone];
	bn_ipc_add_text(doc, object, "name", declared->name);
	bn_ipc_add_text(doc, object, "display", layout->displays[declared->display].name);
	yyjson_mut_obj_add_str(doc, object, "layer", bn_layer_name(declared->layer));
	if (zone >= cockpit->arrangement.zone_count) {
		return; // nothing was arranged yet
	}
	const struct bn_arrange_zone_out *out = &cockpit->arrangement.zones[zone];
	add_rect(doc, object, &out->box);
	yyjson_mut_obj_add_bool(doc, object, "on_display", out->on_display);
	yyjson_mut_obj_add_str(doc, object, "content", content_names[out->content]);
	const struct bn_view *view = bn_shell_view_by_id(context->shell, out->view);
	bn_ipc_add_text(doc, object, "app",
			view != NULL ? app_name(layout, app_of_view(view)) : NULL);
	bn_ipc_add_text(doc, object, "app_id", view != NULL ? view->app_id : NULL);
	bn_ipc_add_text(doc, object, "title", view != NULL ? view->title : NULL);
	bn_ipc_add_text(doc, object, "wanted", app_name(layout, out->wanted_app));
	add_waiting(context, doc, object, zone, out->view);
	add_restrictions(doc, object, out->restrictions);
	char reason[BN_ERROR_MAX] = "";
	bn_arrange_reason_format(layout, &out->reason, reason, sizeof(reason));
	bn_ipc_add_text(doc, object, "reason", reason);
}

static void describe_view(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, const struct bn_view *view) {
	const struct bn_arrange_view_out *out = bn_cockpit_view_out(context->cockpit, view);
	yyjson_mut_obj_add_uint(doc, object, "view", view->id);
	bn_ipc_add_text(doc, object, "app_id", view->app_id);
	bn_ipc_add_text(doc, object, "title", view->title);
	bn_ipc_add_text(doc, object, "zone", zone_name(context->cockpit->layout, view->zone));
	yyjson_mut_obj_add_bool(doc, object, "mapped", view->mapped);
	yyjson_mut_obj_add_bool(doc, object, "visible", out != NULL && out->visible);
	yyjson_mut_obj_add_bool(doc, object, "dialog", view->parent != NULL);
	yyjson_mut_obj_add_bool(doc, object, "unresponsive",
			view->freshness == BN_FREEZE_NO_ANSWER);
	yyjson_mut_obj_add_int(doc, object, "width", view->width);
	yyjson_mut_obj_add_int(doc, object, "height", view->height);
}

static void add_process(yyjson_mut_doc *doc, yyjson_mut_val *object,
		const struct bn_process *process) {
	yyjson_mut_obj_add_str(doc, object, "process",
			process != NULL ? process_names[process->state] : "stopped");
	if (process == NULL) {
		return;
	}
	if (process->state == BN_PROCESS_RUNNING) {
		yyjson_mut_obj_add_int(doc, object, "pid", process->pid);
	}
	yyjson_mut_obj_add_uint(doc, object, "starts", process->starts);
	yyjson_mut_obj_add_int(doc, object, "failures", process->failures);
}

void bn_ipc_describe_app(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t app) {
	const struct bn_layout *layout = context->cockpit->layout;
	const struct bn_app *declared = &layout->apps[app];
	bn_ipc_add_text(doc, object, "name", declared->name);
	bn_ipc_add_text(doc, object, "home", zone_name(layout, declared->home));
	yyjson_mut_obj_add_bool(doc, object, "can_start", declared->exec != NULL);
	add_process(doc, object, bn_launcher_find(context->launcher, declared->name));
	yyjson_mut_val *views = yyjson_mut_obj_add_arr(doc, object, "views");
	const struct bn_view *view;
	wl_list_for_each(view, &context->shell->views, link) {
		if (app_of_view(view) == app) {
			yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, views);
			describe_view(context, doc, item, view);
		}
	}
}

void bn_ipc_describe_signal(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t signal) {
	const struct bn_cockpit *cockpit = context->cockpit;
	const struct bn_signal *declared = &cockpit->layout->signals[signal];
	bn_ipc_add_text(doc, object, "name", declared->name);
	yyjson_mut_obj_add_val(doc, object, "value",
			bn_ipc_value(doc, bn_vehicle_value(cockpit->vehicle, signal)));
	yyjson_mut_obj_add_bool(doc, object, "stale",
			bn_vehicle_is_stale(cockpit->vehicle, signal));
}

void bn_ipc_describe_state(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t state) {
	const struct bn_cockpit *cockpit = context->cockpit;
	bn_ipc_add_text(doc, object, "name", cockpit->layout->states[state].name);
	yyjson_mut_obj_add_str(doc, object, "value",
			tristate_names[bn_vehicle_state(cockpit->vehicle, state)]);
}

void bn_ipc_describe_output(yyjson_mut_doc *doc, yyjson_mut_val *object,
		const struct bn_output *output) {
	bn_ipc_add_text(doc, object, "connector", output->wlr->name);
	bn_ipc_add_text(doc, object, "make", output->wlr->make);
	bn_ipc_add_text(doc, object, "model", output->wlr->model);
	bn_ipc_add_text(doc, object, "serial", output->wlr->serial);
	yyjson_mut_obj_add_int(doc, object, "width", output->width);
	yyjson_mut_obj_add_int(doc, object, "height", output->height);
	yyjson_mut_obj_add_real(doc, object, "scale", output->scale);
	yyjson_mut_obj_add_int(doc, object, "refresh_mhz", output->refresh_mhz);
	yyjson_mut_obj_add_bool(doc, object, "enabled", output->enabled);
	static const char *const adaptive_sync[] = {
		[BN_ADAPTIVE_SYNC_OFF] = "off",
		[BN_ADAPTIVE_SYNC_ON] = "on",
		[BN_ADAPTIVE_SYNC_UNSUPPORTED] = "unsupported",
		[BN_ADAPTIVE_SYNC_REFUSED] = "refused",
	};
	yyjson_mut_obj_add_str(doc, object, "adaptive_sync", adaptive_sync[output->adaptive_sync]);
}

void bn_ipc_describe_display(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t display) {
	const struct bn_layout *layout = context->cockpit->layout;
	const struct bn_display *declared = &layout->displays[display];
	const struct bn_output *output = bn_outputs_find(context->outputs, display);
	bn_ipc_add_text(doc, object, "name", declared->name);
	yyjson_mut_obj_add_bool(doc, object, "connected", output != NULL);
	yyjson_mut_obj_add_bool(doc, object, "safety", declared->safety);
	size_t occupant = bn_layout_display_occupant(layout, display);
	bn_ipc_add_text(doc, object, "occupant",
			occupant != BN_NONE ? layout->occupants[occupant].name : NULL);
	yyjson_mut_obj_add_int(doc, object, "width_mm", declared->width_mm);
	yyjson_mut_obj_add_int(doc, object, "height_mm", declared->height_mm);
	if (output != NULL) {
		bn_ipc_describe_output(doc, object, output);
	}
}

void bn_ipc_describe_theme(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t unused) {
	const struct bn_cockpit *cockpit = context->cockpit;
	size_t theme = cockpit->arrangement.theme;
	if (theme < cockpit->layout->theme_count) {
		bn_ipc_add_text(doc, object, "name", cockpit->layout->themes[theme].name);
		yyjson_mut_obj_add_bool(doc, object, "night", cockpit->layout->themes[theme].night);
	}
	yyjson_mut_obj_add_bool(doc, object, "forced", cockpit->forced_theme != BN_NONE);
}

static void add_reasons(yyjson_mut_doc *doc, yyjson_mut_val *object,
		const struct bn_client *client) {
	yyjson_mut_val *reasons = yyjson_mut_obj_add_arr(doc, object, "reasons");
	// Oldest first: the next to be overwritten is the oldest.
	for (size_t i = 0; i < BN_CLIENT_REASONS; i++) {
		size_t at = (client->reason_next + i) % BN_CLIENT_REASONS;
		if (client->reasons[at].text[0] != '\0') {
			bn_ipc_append_text(doc, reasons, client->reasons[at].text);
		}
	}
}

void bn_ipc_describe_client(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, const struct bn_client *client) {
	const struct bn_layout *layout = context->cockpit->layout;
	yyjson_mut_obj_add_int(doc, object, "pid", client->pid);
	bn_ipc_add_text(doc, object, "app", client->app_name);
	yyjson_mut_obj_add_str(doc, object, "known_by", source_names[client->identity.source]);
	yyjson_mut_obj_add_bool(doc, object, "sandboxed", client->identity.sandboxed);
	bn_ipc_add_text(doc, object, "seat",
			client->occupant < layout->occupant_count
					? layout->occupants[client->occupant].name
					: NULL);
	yyjson_mut_obj_add_uint(doc, object, "commits", client->commits);
	yyjson_mut_obj_add_uint(doc, object, "uploads", client->uploads);
	yyjson_mut_obj_add_uint(doc, object, "upload_bytes", client->upload_bytes);
	yyjson_mut_obj_add_int(doc, object, "buffer_bytes",
			client->budget.used[BN_BUDGET_BUFFER_BYTES]);
	yyjson_mut_obj_add_int(doc, object, "surfaces", client->budget.used[BN_BUDGET_SURFACES]);
	yyjson_mut_obj_add_int(doc, object, "latch_ns", client->latch_ns);
	yyjson_mut_val *exceeded = yyjson_mut_obj_add_obj(doc, object, "exceeded");
	for (int kind = 0; kind < BN_BUDGET_COUNT; kind++) {
		yyjson_mut_obj_add_uint(doc, exceeded, bn_budget_key((enum bn_budget_kind)kind),
				client->budget.exceeded[kind]);
	}
	add_reasons(doc, object, client);
	yyjson_mut_val *views = yyjson_mut_obj_add_arr(doc, object, "views");
	const struct bn_view *view;
	wl_list_for_each(view, &context->shell->views, link) {
		if (view->client == client) {
			describe_view(context, doc, yyjson_mut_arr_add_obj(doc, views), view);
		}
	}
}

void bn_ipc_describe_faults(yyjson_mut_doc *doc, yyjson_mut_val *object,
		const struct bn_diag_list *faults) {
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, object, "faults");
	for (size_t i = 0; i < faults->count; i++) {
		const struct bn_diag *fault = &faults->items[i];
		yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
		bn_ipc_add_text(doc, item, "file", fault->file);
		yyjson_mut_obj_add_int(doc, item, "line", fault->line);
		yyjson_mut_obj_add_int(doc, item, "column", fault->column);
		yyjson_mut_obj_add_str(doc, item, "severity",
				fault->severity == BN_SEVERITY_ERROR ? "error" : "warning");
		bn_ipc_add_text(doc, item, "text", fault->text);
	}
}
