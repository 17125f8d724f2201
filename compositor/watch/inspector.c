#include "watch/inspector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "client.h"
#include "cockpit.h"
#include "core/nsec.h"
#include "output.h"
#include "scene/scene.h"
#include "shell/view.h"

void bn_inspector_init(struct bn_inspector *inspector, struct bn_cockpit *cockpit) {
	*inspector = (struct bn_inspector){ .cockpit = cockpit };
}

void bn_inspector_finish(struct bn_inspector *inspector) {
	free(inspector->labels);
	free(inspector->label_list);
	inspector->labels = NULL;
	inspector->label_list = NULL;
}

static bool reserve(struct bn_inspector *inspector, size_t count) {
	if (count <= inspector->capacity) {
		return true;
	}
	free(inspector->labels);
	free(inspector->label_list);
	inspector->labels = calloc(count, sizeof(inspector->labels[0]));
	inspector->label_list = calloc(count, sizeof(inspector->label_list[0]));
	inspector->capacity =
			inspector->labels != NULL && inspector->label_list != NULL ? count : 0;
	return inspector->capacity > 0;
}

static void describe_owner(struct bn_cockpit *cockpit, const struct bn_arrange_zone_out *out,
		char *text, size_t size) {
	struct bn_view *view =
			out->view != 0 ? bn_shell_view_by_id(cockpit->shell, out->view) : NULL;
	if (view == NULL) {
		snprintf(text, size, "%s",
				out->content == BN_CONTENT_FAULT ? "on-fault filler"
								 : "empty filler");
		return;
	}
	char who[96];
	bn_client_describe(view->client, who, sizeof(who));
	snprintf(text, size, "%s [%s]", who, view->app_id != NULL ? view->app_id : "no app_id");
}

static void write_label(struct bn_cockpit *cockpit, size_t zone, char label[512]) {
	const struct bn_zone *spec = &cockpit->layout->zones[zone];
	const struct bn_arrange_zone_out *out = &cockpit->arrangement.zones[zone];
	char owner[192], reason[192];
	describe_owner(cockpit, out, owner, sizeof(owner));
	bn_arrange_reason_format(cockpit->layout, &out->reason, reason, sizeof(reason));
	snprintf(label, 512, "%s   %s   %dx%d\n%s\n%s%s", spec->name, bn_layer_name(spec->layer),
			out->box.width, out->box.height, owner, reason,
			out->restrictions != 0 ? "\nrestricted by a rule" : "");
}

static const char *const *labels(void *data) {
	struct bn_inspector *inspector = data;
	struct bn_cockpit *cockpit = inspector->cockpit;
	if (!reserve(inspector, cockpit->layout->zone_count)) {
		return NULL;
	}
	for (size_t i = 0; i < cockpit->layout->zone_count; i++) {
		write_label(cockpit, i, inspector->labels[i]);
		inspector->label_list[i] = inspector->labels[i];
	}
	return inspector->label_list;
}

static const char *headline(void *data, const struct bn_output *output) {
	struct bn_inspector *inspector = data;
	const struct bn_diag_list *faults = &inspector->cockpit->reload_faults;
	if (bn_diag_list_errors(faults) > 0) {
		const struct bn_diag *first = &faults->items[0];
		for (size_t i = 0; i < faults->count; i++) {
			first = faults->items[i].severity == BN_SEVERITY_ERROR ? &faults->items[i]
									       : first;
			if (first->severity == BN_SEVERITY_ERROR) {
				break;
			}
		}
		char *line = bn_diag_format(first);
		snprintf(inspector->headline, sizeof(inspector->headline),
				"layout refused, the old one stays\n%.400s",
				line != NULL ? line : "");
		free(line);
		return inspector->headline;
	}
	const struct bn_display *display = &inspector->cockpit->layout->displays[output->display];
	snprintf(inspector->headline, sizeof(inspector->headline),
			"%s   %dx%d at %.2f Hz   scale %.3g\npresented %llu   missed %llu   cost "
			"p99 %.2f ms",
			display->name, output->wlr->width, output->wlr->height,
			1e9 / (double)output->deadline.period_ns, output->scale,
			(unsigned long long)output->stats.presented,
			(unsigned long long)output->stats.missed,
			(double)bn_histogram_permille(&output->stats.render, 990) / 1e6);
	return inspector->headline;
}

struct bn_inspector_source bn_inspector_source(struct bn_inspector *inspector) {
	return (struct bn_inspector_source){
		.headline = headline, .labels = labels, .data = inspector
	};
}
