#include "cockpit.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "cockpit_internal.h"
#include "core/policy.h"
#include "launch.h"
#include "scene/scene.h"
#include "shell/view.h"

// Signals

bool bn_cockpit_set_signal(struct bn_cockpit *cockpit, const struct bn_identity *who,
		const char *signal, const struct bn_value *value, char error[BN_ERROR_MAX]) {
	return bn_cockpit_set_signal_of(cockpit, who, signal, value, bn_cockpit_now(cockpit),
			error);
}

bool bn_cockpit_set_signal_of(struct bn_cockpit *cockpit, const struct bn_identity *who,
		const char *signal_name, const struct bn_value *value, int64_t arrived_ns,
		char error[BN_ERROR_MAX]) {
	size_t signal = bn_layout_find_signal(cockpit->layout, signal_name);
	if (signal == BN_NONE) {
		snprintf(error, BN_ERROR_MAX,
				"the layout declares no signal '%s'; see: binnaclectl get signals",
				signal_name);
		return false;
	}
	struct bn_policy_verdict verdict =
			bn_policy_verb(cockpit->layout, who, BN_VERB_SET, signal);
	if (!verdict.allowed) {
		snprintf(error, BN_ERROR_MAX, "%s", verdict.reason);
		return false;
	}
	int64_t now = bn_cockpit_now(cockpit);
	bn_vehicle_set(cockpit->vehicle, signal, value, arrived_ns < now ? arrived_ns : now);
	bool changed = bn_vehicle_update(cockpit->vehicle, now);
	bn_cockpit_tell_speed(cockpit);
	wl_signal_emit_mutable(&cockpit->events.signal, &signal);
	if (changed) {
		bn_cockpit_arrange(cockpit);
	} else {
		bn_cockpit_settle_vehicle(cockpit);
	}
	return true;
}

// Commands

static bool find_app(const struct bn_cockpit *cockpit, const char *name, size_t *ret_app,
		char error[BN_ERROR_MAX]) {
	*ret_app = bn_layout_find_app(cockpit->layout, name);
	if (*ret_app == BN_NONE) {
		snprintf(error, BN_ERROR_MAX,
				"the layout has no app '%s'; see: binnaclectl get apps", name);
	}
	return *ret_app != BN_NONE;
}

static bool find_zone(const struct bn_cockpit *cockpit, const char *name, size_t *ret_zone,
		char error[BN_ERROR_MAX]) {
	*ret_zone = bn_layout_find_zone(cockpit->layout, name);
	if (*ret_zone == BN_NONE) {
		snprintf(error, BN_ERROR_MAX,
				"the layout has no zone '%s'; see: binnaclectl get zones", name);
	}
	return *ret_zone != BN_NONE;
}

static size_t home_of(const struct bn_layout *layout, size_t app) {
	size_t home = layout->apps[app].home;
	return home != BN_NONE ? home : bn_layout_first_zone(layout, app);
}

/** The view of an app that a command means: the newest one in the zone, else the newest. */
static struct bn_view *newest_view(struct bn_cockpit *cockpit, size_t app, size_t zone) {
	struct bn_view *best = NULL, *view;
	wl_list_for_each(view, &cockpit->shell->views, link) {
		if (!bn_cockpit_is_candidate(view) || bn_cockpit_candidate(view).app != app) {
			continue;
		}
		bool better = best == NULL || (view->zone == zone) >= (best->zone == zone);
		best = better ? view : best;
	}
	return best;
}

bool bn_cockpit_show(struct bn_cockpit *cockpit, const char *app_name, const char *zone_name,
		char error[BN_ERROR_MAX]) {
	size_t app, zone;
	if (!find_app(cockpit, app_name, &app, error)) {
		return false;
	}
	if (zone_name == NULL) {
		zone = home_of(cockpit->layout, app);
		if (zone == BN_NONE) {
			snprintf(error, BN_ERROR_MAX,
					"no zone grants app '%s'; add it to a zone's grant:",
					app_name);
			return false;
		}
	} else if (!find_zone(cockpit, zone_name, &zone, error)) {
		return false;
	}
	if (!bn_layout_zone_grants(cockpit->layout, zone, app)) {
		snprintf(error, BN_ERROR_MAX,
				"zone '%s' does not grant app '%s'; add it to the zone's grant:",
				cockpit->layout->zones[zone].name, app_name);
		return false;
	}
	struct bn_view *view = newest_view(cockpit, app, zone);
	if (view == NULL && !bn_launcher_start(cockpit->launcher, app, error, BN_ERROR_MAX)) {
		return false;
	}
	uint64_t serial = cockpit->next_serial++;
	cockpit->requests[zone] = (struct bn_arrange_request){ zone, app, serial };
	if (view != NULL) {
		view->asked_zone = zone;
		view->show_serial = serial;
		view->hidden = false;
	}
	bn_cockpit_arrange(cockpit);
	return true;
}

/** The zone of a layer that commands cannot hide, if that is all this name means; BN_NONE: it is not. */
static size_t protected_zone(const struct bn_layout *layout, size_t app, size_t zone) {
	size_t meant = zone != BN_NONE ? zone : home_of(layout, app);
	bool is_safety = meant != BN_NONE && layout->zones[meant].layer >= BN_LAYER_SAFETY;
	return is_safety && (app == BN_NONE || layout->apps[app].reserved) ? meant : BN_NONE;
}

bool bn_cockpit_hide(struct bn_cockpit *cockpit, const char *name, char error[BN_ERROR_MAX]) {
	size_t app = bn_layout_find_app(cockpit->layout, name);
	size_t zone = bn_layout_find_zone(cockpit->layout, name);
	if (app == BN_NONE && zone == BN_NONE) {
		snprintf(error, BN_ERROR_MAX, "the layout has no app or zone '%s'", name);
		return false;
	}
	size_t kept = protected_zone(cockpit->layout, app, zone);
	if (kept != BN_NONE) {
		snprintf(error, BN_ERROR_MAX, "zone '%s' of layer %s is hidden by no command",
				cockpit->layout->zones[kept].name,
				bn_layer_name(cockpit->layout->zones[kept].layer));
		return false;
	}
	for (size_t i = 0; i < cockpit->layout->zone_count; i++) {
		if (i == zone || (app != BN_NONE && cockpit->requests[i].app == app)) {
			cockpit->requests[i].serial = 0;
		}
	}
	struct bn_view *view;
	wl_list_for_each(view, &cockpit->shell->views, link) {
		if (bn_cockpit_is_candidate(view)
				&& ((app != BN_NONE && bn_cockpit_candidate(view).app == app)
						|| (zone != BN_NONE && view->zone == zone
								&& view->activated))) {
			view->hidden = true;
		}
	}
	bn_cockpit_arrange(cockpit);
	return true;
}

bool bn_cockpit_set_theme(struct bn_cockpit *cockpit, const char *theme, char error[BN_ERROR_MAX]) {
	size_t index = BN_NONE;
	if (theme != NULL && (index = bn_layout_find_theme(cockpit->layout, theme)) == BN_NONE) {
		snprintf(error, BN_ERROR_MAX, "the layout has no theme '%s'", theme);
		return false;
	}
	cockpit->forced_theme = index;
	bn_cockpit_arrange(cockpit);
	return true;
}

bool bn_cockpit_ask_zone(struct bn_cockpit *cockpit, struct bn_view *view, const char *zone_name,
		char error[BN_ERROR_MAX]) {
	size_t zone;
	if (!find_zone(cockpit, zone_name, &zone, error)) {
		bn_client_refuse(view->client, bn_cockpit_now(cockpit),
				"asked for zone '%s', which does not exist", zone_name);
		return false;
	}
	struct bn_identity identity = bn_client_identity_for(view->client, view->app_id);
	if (!bn_layout_zone_grants(cockpit->layout, zone, identity.app)) {
		snprintf(error, BN_ERROR_MAX, "zone '%s' does not grant this app", zone_name);
		bn_client_refuse(view->client, bn_cockpit_now(cockpit),
				"asked for zone '%s', which does not grant it", zone_name);
		return false;
	}
	view->asked_zone = zone;
	if (view->mapped) {
		bn_cockpit_arrange(cockpit);
	} else if (view->ready) {
		view->zone = bn_cockpit_predict_zone(cockpit, view);
		bn_cockpit_configure(cockpit, view, view->zone);
	}
	return true;
}

void bn_cockpit_activate(struct bn_cockpit *cockpit, struct bn_view *view) {
	bn_view_root(view)->activate_serial = cockpit->next_serial++;
	bn_cockpit_arrange_later(cockpit);
}

void bn_cockpit_set_display(struct bn_cockpit *cockpit, size_t display, bool present, int32_t width,
		int32_t height) {
	if (display >= cockpit->layout->display_count) {
		return;
	}
	cockpit->displays[display] = (struct bn_arrange_display){ present, width, height };
	bn_cockpit_arrange(cockpit);
	bn_scene_damage_display(cockpit->scene, display);
}
