#include "cockpit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/util/box.h>
#include <wlr/util/log.h>

#include "client.h"
#include "cockpit_internal.h"
#include "core/nsec.h"
#include "launch.h"
#include "scene/scene.h"
#include "shell/view.h"

int64_t bn_cockpit_now(const struct bn_cockpit *cockpit) {
	return bn_loop_now(cockpit->loop);
}

// Views as the arrangement sees them

bool bn_cockpit_is_candidate(const struct bn_view *view) {
	return view->mapped && view->parent == NULL;
}

struct bn_arrange_view bn_cockpit_candidate(const struct bn_view *view) {
	struct bn_identity identity = bn_client_identity_for(view->client, view->app_id);
	return (struct bn_arrange_view){
		.id = view->id,
		.app = identity.app,
		.proven = bn_identity_is_proven(&identity),
		.show_serial = view->show_serial,
		.activate_serial = view->activate_serial,
		.map_serial = view->map_serial,
		.asked_zone = view->asked_zone,
		.hidden = view->hidden,
		.failed = view->freshness == BN_FREEZE_NO_ANSWER,
		.freshness = view->freshness,
	};
}

/** All candidates, and `extra` (not mapped yet) as the newest; the caller frees. NULL: out of memory. */
static struct bn_arrange_view *collect(struct bn_cockpit *cockpit, const struct bn_view *extra,
		size_t *ret_count) {
	size_t room = (size_t)wl_list_length(&cockpit->shell->views) + 1;
	struct bn_arrange_view *views = calloc(room, sizeof(views[0]));
	size_t count = 0;
	const struct bn_view *view;
	wl_list_for_each(view, &cockpit->shell->views, link) {
		if (views != NULL && bn_cockpit_is_candidate(view)) {
			views[count++] = bn_cockpit_candidate(view);
		}
	}
	if (views != NULL && extra != NULL && !bn_cockpit_is_candidate(extra)) {
		views[count] = bn_cockpit_candidate(extra);
		views[count++].map_serial = cockpit->next_serial;
	}
	*ret_count = count;
	return views;
}

static bool run(struct bn_cockpit *cockpit, struct bn_arrangement *arrangement,
		const struct bn_view *extra) {
	size_t count = 0;
	struct bn_arrange_view *views = collect(cockpit, extra, &count);
	if (views == NULL) {
		return false;
	}
	const struct bn_arrange_in in = {
		.layout = cockpit->layout,
		.vehicle = cockpit->vehicle,
		.displays = cockpit->displays,
		.views = views,
		.view_count = count,
		.requests = cockpit->requests,
		.request_count = cockpit->layout->zone_count,
	};
	bool done = bn_arrange_run(arrangement, &in);
	free(views);
	return done;
}

// Applying what was decided

void bn_cockpit_configure(struct bn_cockpit *cockpit, struct bn_view *view, size_t zone) {
	if (zone == BN_NONE) {
		view->impl->configure(view, 0, 0);
		return;
	}
	const struct bn_rect *box = &cockpit->arrangement.zones[zone].box;
	enum bn_fit fit = cockpit->layout->zones[zone].fit;
	bool own_size = fit == BN_FIT_CENTER || fit == BN_FIT_NONE;
	view->impl->configure(view, own_size ? 0 : box->width, own_size ? 0 : box->height);
}

/** A client names its window geometry: what comes of it need not be an int. */
static int to_int(double px) {
	const double most = 1 << 24;
	return px > -most ? px < most ? (int)px : (int)most : (int)-most;
}

/** Popups stay within the zone, told in the root surface's coordinates. */
static void constrain_popups(struct bn_cockpit *cockpit, struct bn_view *view) {
	struct bn_rect window;
	if (view->zone == BN_NONE || !bn_scene_view_box(cockpit->scene, view, &window)
			|| window.width < 1 || window.height < 1) {
		return;
	}
	struct wlr_box geometry;
	view->impl->geometry(view, &geometry);
	const struct bn_rect *zone = &cockpit->arrangement.zones[bn_view_root(view)->zone].box;
	double kx = (double)geometry.width / window.width,
	       ky = (double)geometry.height / window.height;
	const struct wlr_box box = {
		.x = to_int(geometry.x + ((double)zone->x - window.x) * kx),
		.y = to_int(geometry.y + ((double)zone->y - window.y) * ky),
		.width = to_int(zone->width * kx),
		.height = to_int(zone->height * ky),
	};
	view->impl->constrain_popups(view, &box);
}

static void apply_view(struct bn_cockpit *cockpit, struct bn_view *view, size_t zone,
		bool visible) {
	view->zone = zone;
	view->activated = visible;
	view->suspended = !visible;
	if (!visible) {
		view->impl->dismiss_popups(view);
	}
	bn_cockpit_configure(cockpit, view, zone);
	if (visible) {
		constrain_popups(cockpit, view);
	}
}

const struct bn_process *bn_cockpit_process(const struct bn_cockpit *cockpit, size_t app) {
	return bn_launcher_find(cockpit->launcher, cockpit->layout->apps[app].name);
}

/** A backup shows what its zone would: grants and homes are that one's. */
static size_t zone_meant(const struct bn_cockpit *cockpit, size_t zone) {
	const struct bn_zone *spec = &cockpit->layout->zones[zone];
	return spec->is_backup ? spec->backup_of : zone;
}

/** The zone's own app ended by a fault and has not come back yet. */
static bool home_app_failed(const struct bn_cockpit *cockpit, size_t zone) {
	zone = zone_meant(cockpit, zone);
	for (size_t i = 0; i < cockpit->layout->app_count; i++) {
		const struct bn_process *process = bn_cockpit_process(cockpit, i);
		if (cockpit->layout->apps[i].home == zone && process != NULL
				&& process->failures > 0) {
			return true;
		}
	}
	return false;
}

/** Granted by name and proven: what it shows while driving is the integrator's choice. */
static bool is_vetted(const struct bn_cockpit *cockpit, size_t zone, const struct bn_view *view) {
	if (view == NULL) {
		return false;
	}
	struct bn_identity identity = bn_client_identity_for(view->client, view->app_id);
	return identity.app != BN_NONE && bn_identity_is_proven(&identity)
			&& bn_layout_zone_names(cockpit->layout, zone_meant(cockpit, zone),
					identity.app);
}

static void apply_zone(struct bn_cockpit *cockpit, size_t zone) {
	struct bn_arrange_zone_out *out = &cockpit->arrangement.zones[zone];
	if (out->content == BN_CONTENT_EMPTY
			&& cockpit->layout->zones[zone].on_fault.builtin != BN_BUILTIN_NONE
			&& home_app_failed(cockpit, zone)) {
		out->content = BN_CONTENT_FAULT;
		out->reason = (struct bn_reason){
			.kind = BN_REASON_FAULT, .object = zone, .zone = zone
		};
	}
	if (out->reason.kind == BN_REASON_STARTING
			&& cockpit->scene->zones[zone].content == BN_CONTENT_FAULT) {
		// What stands in already stays until there is a picture.
		out->content = BN_CONTENT_FAULT;
	}
	struct bn_view *view =
			out->view != 0 ? bn_shell_view_by_id(cockpit->shell, out->view) : NULL;
	bn_scene_zone_set(cockpit->scene, zone, out, view, is_vetted(cockpit, zone, view),
			bn_cockpit_now(cockpit));
}

/** A rule or a command wants an app that does not run: it is started, once; restarts are the launcher's. */
static void start_wanted(struct bn_cockpit *cockpit, size_t app) {
	const struct bn_process *process = bn_cockpit_process(cockpit, app);
	const struct bn_app *spec = &cockpit->layout->apps[app];
	if (spec->exec == NULL || spec->start == BN_START_NEVER
			|| (process != NULL && (process->starts > 0 || process->failures > 0))) {
		return;
	}
	char error[BN_ERROR_MAX];
	if (!bn_launcher_start(cockpit->launcher, app, error, sizeof(error))) {
		wlr_log(WLR_DEBUG, "app %s: %s", spec->name, error);
	}
}

static void apply_theme(struct bn_cockpit *cockpit) {
	size_t theme = cockpit->forced_theme != BN_NONE ? cockpit->forced_theme
							: cockpit->arrangement.theme;
	cockpit->arrangement.theme = theme;
	const struct bn_theme *spec = &cockpit->layout->themes[theme];
	struct bn_picture_info *info = &cockpit->scene->info;
	if (cockpit->scene->theme == theme && info->background == spec->background
			&& info->foreground == spec->foreground) {
		return;
	}
	cockpit->scene->theme = theme;
	info->background = spec->background;
	info->foreground = spec->foreground;
	info->accent = spec->accent;
	bn_scene_damage_all(cockpit->scene);
}

static void apply_dialogs(struct bn_cockpit *cockpit) {
	struct bn_view *view;
	wl_list_for_each(view, &cockpit->shell->views, link) {
		if (view->parent != NULL && view->mapped) {
			struct bn_view *root = bn_view_root(view);
			view->zone = root->zone;
			view->activated = root->activated;
			view->suspended = root->suspended;
			view->impl->configure(view, 0, 0);
			constrain_popups(cockpit, view);
		}
	}
}

void bn_cockpit_settle_vehicle(struct bn_cockpit *cockpit) {
	int64_t next = bn_vehicle_next_ns(cockpit->vehicle);
	if (next == BN_NSEC_NEVER) {
		bn_timer_disarm(&cockpit->vehicle_timer);
	} else {
		bn_timer_arm(&cockpit->vehicle_timer, next);
	}
}

void bn_cockpit_arrange(struct bn_cockpit *cockpit) {
	if (cockpit->rearrange_idle != NULL) {
		wl_event_source_remove(cockpit->rearrange_idle);
		cockpit->rearrange_idle = NULL;
	}
	if (!run(cockpit, &cockpit->arrangement, NULL)) {
		wlr_log(WLR_ERROR, "cockpit: out of memory, the arrangement stays as it was");
		return;
	}
	apply_theme(cockpit);
	for (size_t i = 0; i < cockpit->layout->zone_count; i++) {
		apply_zone(cockpit, i);
	}
	size_t index = 0;
	struct bn_view *view;
	wl_list_for_each(view, &cockpit->shell->views, link) {
		if (bn_cockpit_is_candidate(view)) {
			const struct bn_arrange_view_out *out =
					&cockpit->arrangement.views[index++];
			apply_view(cockpit, view, out->zone, out->visible || out->watched);
		}
	}
	apply_dialogs(cockpit);
	for (size_t i = 0; i < cockpit->layout->zone_count; i++) {
		if (cockpit->arrangement.zones[i].wanted_app != BN_NONE) {
			start_wanted(cockpit, cockpit->arrangement.zones[i].wanted_app);
		}
	}
	bn_cockpit_settle_vehicle(cockpit);
	wl_signal_emit_mutable(&cockpit->events.arranged, NULL);
}

static void handle_rearrange_idle(void *data) {
	struct bn_cockpit *cockpit = data;
	cockpit->rearrange_idle = NULL;
	bn_cockpit_arrange(cockpit);
}

void bn_cockpit_arrange_later(struct bn_cockpit *cockpit) {
	if (cockpit->rearrange_idle == NULL) {
		cockpit->rearrange_idle = wl_event_loop_add_idle(
				wl_display_get_event_loop(cockpit->loop->display),
				handle_rearrange_idle, cockpit);
	}
}

const struct bn_arrange_view_out *bn_cockpit_view_out(const struct bn_cockpit *cockpit,
		const struct bn_view *view) {
	// By id: views may have come and gone since, and the next arrangement waits for its idle turn.
	for (size_t i = 0; bn_cockpit_is_candidate(view) && i < cockpit->arrangement.view_count;
			i++) {
		if (cockpit->arrangement.views[i].id == view->id) {
			return &cockpit->arrangement.views[i];
		}
	}
	return NULL;
}

size_t bn_cockpit_predict_zone(struct bn_cockpit *cockpit, const struct bn_view *view) {
	struct bn_arrangement arrangement;
	bn_arrange_init(&arrangement);
	size_t zone = BN_NONE;
	if (run(cockpit, &arrangement, view) && arrangement.view_count > 0) {
		zone = arrangement.views[arrangement.view_count - 1].zone;
	}
	bn_arrange_finish(&arrangement);
	return zone;
}

// Life

static void handle_process(struct wl_listener *listener, void *data) {
	struct bn_cockpit *cockpit = wl_container_of(listener, cockpit, process_changed);
	bn_cockpit_arrange_later(cockpit);
}

bool bn_cockpit_init(struct bn_cockpit *cockpit, struct bn_loop *loop, struct bn_clients *clients,
		struct bn_shell *shell, struct bn_scene *scene, struct bn_launcher *launcher,
		struct bn_layout *layout) {
	*cockpit = (struct bn_cockpit){
		.loop = loop,
		.clients = clients,
		.shell = shell,
		.scene = scene,
		.launcher = launcher,
		.next_serial = 1,
		.forced_theme = BN_NONE,
	};
	bn_cockpit_init_life(cockpit);
	if (!bn_cockpit_install_first(cockpit, layout)) {
		return false;
	}
	bn_arrange_init(&cockpit->arrangement);
	bn_diag_list_init(&cockpit->reload_faults);
	wl_signal_init(&cockpit->events.arranged);
	wl_signal_init(&cockpit->events.signal);
	wl_signal_init(&cockpit->events.layout);
	wl_signal_init(&cockpit->events.reload_failed);
	wl_signal_init(&cockpit->events.beat);
	if (layout->profile != NULL) {
		cockpit->profile = strdup(layout->profile);
	}
	bn_cockpit_follow_views(cockpit);
	bn_listen(&launcher->events.changed, &cockpit->process_changed, handle_process);
	bn_cockpit_arrange(cockpit);
	return true;
}

void bn_cockpit_finish(struct bn_cockpit *cockpit) {
	if (cockpit->layout == NULL) {
		return;
	}
	assert(wl_list_empty(&cockpit->hooks));
	if (cockpit->rearrange_idle != NULL) {
		wl_event_source_remove(cockpit->rearrange_idle);
	}
	bn_unlisten(&cockpit->new_view);
	bn_unlisten(&cockpit->process_changed);
	bn_cockpit_finish_life(cockpit);
	bn_arrange_finish(&cockpit->arrangement);
	bn_diag_list_finish(&cockpit->reload_faults);
	bn_vehicle_destroy(cockpit->vehicle);
	free(cockpit->displays);
	free(cockpit->requests);
	free(cockpit->profile);
	bn_layout_destroy(cockpit->layout);
	cockpit->layout = NULL;
}
