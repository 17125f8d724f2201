#include "cockpit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "client.h"
#include "cockpit_internal.h"
#include "launch.h"
#include "shell/view.h"

static void why_zone(struct bn_cockpit *cockpit, FILE *out, size_t zone) {
	const struct bn_layout *layout = cockpit->layout;
	const struct bn_zone *spec = &layout->zones[zone];
	const struct bn_arrange_zone_out *decided = &cockpit->arrangement.zones[zone];
	char text[BN_ERROR_MAX];
	static const char *const contents[] = { "nothing", "a client", "its empty: filler",
		"its on-fault: filler" };
	fprintf(out, "zone %s: layer %s on display %s, %dx%d at %d,%d (%s:%d)\n", spec->name,
			bn_layer_name(spec->layer), layout->displays[spec->display].name,
			decided->box.width, decided->box.height, decided->box.x, decided->box.y,
			spec->mark.file != NULL ? spec->mark.file : "layout", spec->mark.line);
	fprintf(out, "it shows %s", contents[decided->content]);
	struct bn_view *view = decided->view != 0
			? bn_shell_view_by_id(cockpit->shell, decided->view)
			: NULL;
	if (view != NULL) {
		char who[96];
		bn_client_describe(view->client, who, sizeof(who));
		fprintf(out, ": %s, %s", view->app_id != NULL ? view->app_id : "(no app_id)", who);
	}
	bn_arrange_reason_format(layout, &decided->reason, text, sizeof(text));
	fprintf(out, "\nbecause %s\n", text);
	if (decided->wanted_app != BN_NONE) {
		fprintf(out, "app %s is wanted here and is not there\n",
				layout->apps[decided->wanted_app].name);
	}
	if (decided->restrictions != 0) {
		fprintf(out, "restricted:%s%s%s\n",
				decided->restrictions & BN_RESTRICT_VIDEO ? " video" : "",
				decided->restrictions & BN_RESTRICT_KEYBOARD ? " keyboard" : "",
				decided->restrictions & BN_RESTRICT_TOUCH ? " touch" : "");
	}
}

static void why_size(struct bn_cockpit *cockpit, FILE *out, const struct bn_view *view) {
	struct wlr_box geometry;
	view->impl->geometry(view, &geometry);
	bool asked = view->width > 0 && view->height > 0;
	if (asked && (geometry.width != view->width || geometry.height != view->height)) {
		fprintf(out,
				"its window is %dx%d though %dx%d was asked for: the zone's fit "
				"rule (%s) scales it\n",
				geometry.width, geometry.height, view->width, view->height,
				bn_fit_name(cockpit->layout->zones[view->zone].fit));
	}
}

static void why_client(FILE *out, const struct bn_client *client) {
	for (size_t i = 0; i < BN_CLIENT_REASONS; i++) {
		const char *text =
				client->reasons[(client->reason_next + i) % BN_CLIENT_REASONS].text;
		if (text[0] != '\0') {
			fprintf(out, "refused or held back: %s\n", text);
		}
	}
}

static const char *const source_names[] = { "nothing is known of it", "by what it calls itself",
	"by the socket it was started on", "by its own listening socket", "by its security context",
	"by the process it descends from", "as the session owner" };

static void why_view(struct bn_cockpit *cockpit, FILE *out, struct bn_view *view) {
	char who[96], text[BN_ERROR_MAX];
	bn_client_describe(view->client, who, sizeof(who));
	struct bn_identity identity = bn_client_identity_for(view->client, view->app_id);
	fprintf(out, "window %llu of %s, app_id '%s', known %s\n", (unsigned long long)view->id,
			who, view->app_id != NULL ? view->app_id : "",
			source_names[identity.source]);
	if (view->parent != NULL) {
		fprintf(out, "it is a dialog, centred on window %llu\n",
				(unsigned long long)view->parent->id);
		return;
	}
	const struct bn_arrange_view_out *decided = bn_cockpit_view_out(cockpit, view);
	if (decided == NULL) {
		fprintf(out, "it is not visible: it has not drawn anything yet\n");
		return;
	}
	fprintf(out, "it is %s%s%s\n", decided->visible ? "visible" : "not visible",
			decided->zone != BN_NONE ? " in zone " : "",
			decided->zone != BN_NONE ? cockpit->layout->zones[decided->zone].name : "");
	for (size_t i = 0; i < decided->chain_count; i++) {
		bn_arrange_reason_format(cockpit->layout, &decided->chain[i], text, sizeof(text));
		fprintf(out, "because %s\n", text);
	}
	if (decided->zone != BN_NONE) {
		why_size(cockpit, out, view);
	}
	if (bn_freeze_is_fault(view->freshness)) {
		fprintf(out, "not live: %s\n", bn_freeze_verdict_text(view->freshness));
	}
	why_client(out, view->client);
}

static void why_process(struct bn_cockpit *cockpit, FILE *out, size_t app) {
	const struct bn_process *process = bn_cockpit_process(cockpit, app);
	if (process == NULL) {
		fprintf(out, "app %s was not started: %s\n", cockpit->layout->apps[app].name,
				cockpit->layout->apps[app].exec == NULL
						? "it has no exec:"
						: "nothing asked for it yet");
		return;
	}
	static const char *const states[] = { "stopped", "running", "waiting to be started again" };
	fprintf(out, "app %s is %s, started %llu times", process->name, states[process->state],
			(unsigned long long)process->starts);
	if (process->failures > 0) {
		fprintf(out, ", failed %d times in a row, last %s %d", process->failures,
				WIFSIGNALED(process->last_status) ? "by signal" : "with status",
				WIFSIGNALED(process->last_status)
						? WTERMSIG(process->last_status)
						: WEXITSTATUS(process->last_status));
	}
	fprintf(out, "\n");
}

char *bn_cockpit_why(struct bn_cockpit *cockpit, const char *name) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL) {
		return NULL;
	}
	size_t zone = bn_layout_find_zone(cockpit->layout, name);
	size_t app = bn_layout_find_app(cockpit->layout, name);
	bool found = zone != BN_NONE || app != BN_NONE;
	if (zone != BN_NONE) {
		why_zone(cockpit, out, zone);
	}
	if (app != BN_NONE) {
		why_process(cockpit, out, app);
	}
	struct bn_view *view;
	wl_list_for_each(view, &cockpit->shell->views, link) {
		bool is_app = app != BN_NONE
				&& bn_client_identity_for(view->client, view->app_id).app == app;
		if (is_app || (view->app_id != NULL && strcmp(view->app_id, name) == 0)) {
			why_view(cockpit, out, view);
			found = true;
		}
	}
	fclose(out);
	if (!found) {
		free(text);
		return NULL;
	}
	return text;
}
