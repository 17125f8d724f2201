#include "cockpit.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/util/log.h>

#include "client.h"
#include "cockpit_internal.h"
#include "core/layout_load.h"
#include "launch.h"
#include "scene/scene.h"
#include "shell/view.h"

/** Everything sized by a layout, made before the old one is touched. */
struct parts {
	struct bn_vehicle *vehicle;
	struct bn_arrange_display *displays;
	struct bn_arrange_request *requests;
};

static void parts_destroy(struct parts *parts) {
	bn_vehicle_destroy(parts->vehicle);
	free(parts->displays);
	free(parts->requests);
}

static bool parts_create(struct parts *parts, const struct bn_layout *layout, int64_t now) {
	*parts = (struct parts){
		.vehicle = bn_vehicle_create(layout, now),
		.displays = calloc(layout->display_count + 1, sizeof(parts->displays[0])),
		.requests = calloc(layout->zone_count + 1, sizeof(parts->requests[0])),
	};
	if (parts->vehicle == NULL || parts->displays == NULL || parts->requests == NULL) {
		parts_destroy(parts);
		return false;
	}
	return true;
}

static size_t zone_by_old(const struct bn_layout *now, const struct bn_layout *old, size_t zone) {
	return zone != BN_NONE ? bn_layout_find_zone(now, old->zones[zone].name) : BN_NONE;
}

/** What was asked for by command stays asked for, where zone and app still exist. */
static void carry_over(struct bn_cockpit *cockpit, struct parts *parts,
		const struct bn_layout *layout) {
	const struct bn_layout *old = cockpit->layout;
	for (size_t i = 0; i < old->zone_count; i++) {
		const struct bn_arrange_request *request = &cockpit->requests[i];
		size_t zone = bn_layout_find_zone(layout, old->zones[i].name);
		size_t app = request->serial != 0
				? bn_layout_find_app(layout, old->apps[request->app].name)
				: BN_NONE;
		if (zone != BN_NONE && app != BN_NONE) {
			parts->requests[zone] =
					(struct bn_arrange_request){ zone, app, request->serial };
		}
	}
	for (size_t i = 0; i < old->display_count; i++) {
		size_t display = bn_layout_find_display(layout, old->displays[i].name);
		if (display != BN_NONE) {
			parts->displays[display] = cockpit->displays[i];
		}
	}
	struct bn_view *view;
	wl_list_for_each(view, &cockpit->shell->views, link) {
		view->asked_zone = zone_by_old(layout, old, view->asked_zone);
		view->zone = BN_NONE;
	}
	if (cockpit->forced_theme != BN_NONE) {
		cockpit->forced_theme = bn_layout_find_theme(layout,
				old->themes[cockpit->forced_theme].name);
	}
	bn_vehicle_inherit(parts->vehicle, cockpit->vehicle, bn_cockpit_now(cockpit));
}

static void install(struct bn_cockpit *cockpit, struct bn_layout *layout, struct parts *parts) {
	cockpit->layout = layout;
	cockpit->vehicle = parts->vehicle;
	cockpit->displays = parts->displays;
	cockpit->requests = parts->requests;
	bn_clients_set_layout(cockpit->clients, layout);
	bn_launcher_set_layout(cockpit->launcher, layout);
	bn_cockpit_start_life(cockpit);
}

static bool replace_layout(struct bn_cockpit *cockpit, struct bn_layout *layout) {
	struct parts parts;
	if (!parts_create(&parts, layout, bn_cockpit_now(cockpit))) {
		return false;
	}
	if (!bn_scene_set_layout(cockpit->scene, layout)) {
		parts_destroy(&parts);
		return false;
	}
	carry_over(cockpit, &parts, layout);
	struct bn_layout *old = cockpit->layout;
	struct parts old_parts = { cockpit->vehicle, cockpit->displays, cockpit->requests };
	install(cockpit, layout, &parts);
	bn_cockpit_arrange(cockpit);
	wl_signal_emit_mutable(&cockpit->events.layout, NULL);
	parts_destroy(&old_parts);
	bn_layout_destroy(old);
	return true;
}

static void log_faults(const struct bn_diag_list *faults) {
	for (size_t i = 0; i < faults->count; i++) {
		char *line = bn_diag_format(&faults->items[i]);
		wlr_log(faults->items[i].severity == BN_SEVERITY_ERROR ? WLR_ERROR : WLR_INFO,
				"layout: %s", line != NULL ? line : "out of memory");
		free(line);
	}
}

static bool load_and_replace(struct bn_cockpit *cockpit, const char *profile) {
	bn_diag_list_finish(&cockpit->reload_faults);
	bn_diag_list_init(&cockpit->reload_faults);
	const struct bn_layout_options options = { .profile = profile };
	struct bn_layout *layout =
			bn_layout_load(cockpit->layout->path, &options, &cockpit->reload_faults);
	log_faults(&cockpit->reload_faults);
	if (layout == NULL || !replace_layout(cockpit, layout)) {
		bn_layout_destroy(layout);
		wlr_log(WLR_ERROR, "layout: refused, the running one stays");
		wl_signal_emit_mutable(&cockpit->events.reload_failed, NULL);
		bn_scene_damage_all(cockpit->scene);
		return false;
	}
	cockpit->reload_count++;
	wlr_log(WLR_INFO, "layout: %s is live", cockpit->layout->path);
	return true;
}

bool bn_cockpit_reload(struct bn_cockpit *cockpit) {
	return load_and_replace(cockpit, cockpit->profile);
}

bool bn_cockpit_set_profile(struct bn_cockpit *cockpit, const char *profile) {
	char *copy = profile != NULL ? strdup(profile) : NULL;
	if ((profile != NULL && copy == NULL) || !load_and_replace(cockpit, copy)) {
		free(copy);
		return false;
	}
	free(cockpit->profile);
	cockpit->profile = copy;
	return true;
}

bool bn_cockpit_install_first(struct bn_cockpit *cockpit, struct bn_layout *layout) {
	struct parts parts;
	if (!parts_create(&parts, layout, bn_cockpit_now(cockpit))) {
		return false;
	}
	if (!bn_scene_set_layout(cockpit->scene, layout)) {
		parts_destroy(&parts);
		return false;
	}
	install(cockpit, layout, &parts);
	return true;
}
