#include "cockpit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/util/log.h>

#include "client.h"
#include "core/layout_load.h"
#include "core/nsec.h"
#include "launch.h"
#include "scene/scene.h"
#include "shell/view.h"

#define BEAT_NS (50 * BN_NSEC_PER_MSEC)
#define SIGNAL_SPEED "Vehicle.Speed"

/** What the cockpit listens to of one view. */
struct view_hook {
	struct bn_cockpit *cockpit;
	struct bn_view *view;
	struct wl_list link; // bn_cockpit.hooks
	struct wl_listener ready, map, unmap, commit, identity, request_activate, destroy;
};

static int64_t now_of(const struct bn_cockpit *cockpit) {
	return bn_loop_now(cockpit->loop);
}

// Views as the arrangement sees them

static bool is_candidate(const struct bn_view *view) {
	return view->mapped && view->parent == NULL;
}

static struct bn_arrange_view candidate(const struct bn_view *view) {
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
		.failed = view->unresponsive,
	};
}

/** All candidates, and `extra` (not mapped yet) as the newest; the caller frees. NULL: out of memory. */
static struct bn_arrange_view *collect(
		struct bn_cockpit *cockpit, const struct bn_view *extra, size_t *ret_count) {
	size_t room = (size_t)wl_list_length(&cockpit->shell->views) + 1;
	struct bn_arrange_view *views = calloc(room, sizeof(views[0]));
	size_t count = 0;
	const struct bn_view *view;
	wl_list_for_each(view, &cockpit->shell->views, link) {
		if (views != NULL && is_candidate(view)) {
			views[count++] = candidate(view);
		}
	}
	if (views != NULL && extra != NULL && !is_candidate(extra)) {
		views[count] = candidate(extra);
		views[count++].map_serial = cockpit->next_serial;
	}
	*ret_count = count;
	return views;
}

static bool run(struct bn_cockpit *cockpit, struct bn_arrangement *arrangement, const struct bn_view *extra) {
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

static void configure(struct bn_cockpit *cockpit, struct bn_view *view, size_t zone) {
	if (zone == BN_NONE) {
		view->impl->configure(view, 0, 0);
		return;
	}
	const struct bn_rect *box = &cockpit->arrangement.zones[zone].box;
	enum bn_fit fit = cockpit->layout->zones[zone].fit;
	bool own_size = fit == BN_FIT_CENTER || fit == BN_FIT_NONE;
	view->impl->configure(view, own_size ? 0 : box->width, own_size ? 0 : box->height);
}

/** Popups stay within the zone, told in the root surface's coordinates. */
static void constrain_popups(struct bn_cockpit *cockpit, struct bn_view *view) {
	struct bn_rect window;
	if (view->zone == BN_NONE || !bn_scene_view_box(cockpit->scene, view, &window) || window.width < 1
			|| window.height < 1) {
		return;
	}
	struct wlr_box geometry;
	view->impl->geometry(view, &geometry);
	const struct bn_rect *zone = &cockpit->arrangement.zones[bn_view_root(view)->zone].box;
	double kx = (double)geometry.width / window.width, ky = (double)geometry.height / window.height;
	const struct wlr_box box = {
		.x = geometry.x + (int)((zone->x - window.x) * kx),
		.y = geometry.y + (int)((zone->y - window.y) * ky),
		.width = (int)(zone->width * kx),
		.height = (int)(zone->height * ky),
	};
	view->impl->constrain_popups(view, &box);
}

static void apply_view(struct bn_cockpit *cockpit, struct bn_view *view, size_t zone, bool visible) {
	if (visible && !view->activated) {
		view->alive_ns = now_of(cockpit);
		view->ping_sent_ns = 0;
	}
	view->zone = zone;
	view->activated = visible;
	view->suspended = !visible;
	if (!visible) {
		view->impl->dismiss_popups(view);
	}
	configure(cockpit, view, zone);
	if (visible) {
		constrain_popups(cockpit, view);
	}
}

static const struct bn_process *process_of(const struct bn_cockpit *cockpit, size_t app) {
	return bn_launcher_find(cockpit->launcher, cockpit->layout->apps[app].name);
}

/** The zone's own app ended by a fault and has not come back yet. */
static bool home_app_failed(const struct bn_cockpit *cockpit, size_t zone) {
	for (size_t i = 0; i < cockpit->layout->app_count; i++) {
		const struct bn_process *process = process_of(cockpit, i);
		if (cockpit->layout->apps[i].home == zone && process != NULL && process->failures > 0) {
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
			&& bn_layout_zone_names(cockpit->layout, zone, identity.app);
}

static void apply_zone(struct bn_cockpit *cockpit, size_t zone) {
	struct bn_arrange_zone_out *out = &cockpit->arrangement.zones[zone];
	if (out->content == BN_CONTENT_EMPTY
			&& cockpit->layout->zones[zone].on_fault.builtin != BN_BUILTIN_NONE
			&& home_app_failed(cockpit, zone)) {
		out->content = BN_CONTENT_FAULT;
		out->reason.kind = BN_REASON_FAULT;
	}
	struct bn_view *view = out->view != 0 ? bn_shell_view_by_id(cockpit->shell, out->view) : NULL;
	bn_scene_zone_set(cockpit->scene, zone, out, view, is_vetted(cockpit, zone, view), now_of(cockpit));
}

/** A rule or a command wants an app that does not run: it is started, once; restarts are the launcher's. */
static void start_wanted(struct bn_cockpit *cockpit, size_t app) {
	const struct bn_process *process = process_of(cockpit, app);
	const struct bn_app *spec = &cockpit->layout->apps[app];
	if (spec->exec == NULL || spec->start == BN_START_NEVER || (process != NULL && process->starts > 0)) {
		return;
	}
	char error[BN_ERROR_MAX];
	if (!bn_launcher_start(cockpit->launcher, app, error, sizeof(error))) {
		wlr_log(WLR_DEBUG, "app %s: %s", spec->name, error);
	}
}

static void apply_theme(struct bn_cockpit *cockpit) {
	size_t theme = cockpit->forced_theme != BN_NONE ? cockpit->forced_theme : cockpit->arrangement.theme;
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

static void damage_view(struct bn_cockpit *cockpit, const struct bn_view *view) {
	size_t display = bn_scene_display_of_view(cockpit->scene, view);
	if (display != BN_NONE) {
		bn_scene_damage_display(cockpit->scene, display);
	}
}

static void settle_vehicle(struct bn_cockpit *cockpit) {
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
		if (is_candidate(view)) {
			const struct bn_arrange_view_out *out = &cockpit->arrangement.views[index++];
			apply_view(cockpit, view, out->zone, out->visible);
		}
	}
	apply_dialogs(cockpit);
	for (size_t i = 0; i < cockpit->layout->zone_count; i++) {
		if (cockpit->arrangement.zones[i].wanted_app != BN_NONE) {
			start_wanted(cockpit, cockpit->arrangement.zones[i].wanted_app);
		}
	}
	settle_vehicle(cockpit);
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
				wl_display_get_event_loop(cockpit->loop->display), handle_rearrange_idle, cockpit);
	}
}

const struct bn_arrange_view_out *bn_cockpit_view_out(
		const struct bn_cockpit *cockpit, const struct bn_view *view) {
	size_t index = 0;
	const struct bn_view *other;
	wl_list_for_each(other, &cockpit->shell->views, link) {
		if (!is_candidate(other)) {
			continue;
		}
		if (other == view) {
			return index < cockpit->arrangement.view_count ? &cockpit->arrangement.views[index] : NULL;
		}
		index++;
	}
	return NULL;
}

// Life of a view

/** Where a view that is not mapped yet would go, so that its first configure has the right size. */
static size_t predict_zone(struct bn_cockpit *cockpit, const struct bn_view *view) {
	struct bn_arrangement arrangement;
	bn_arrange_init(&arrangement);
	size_t zone = BN_NONE;
	if (run(cockpit, &arrangement, view) && arrangement.view_count > 0) {
		zone = arrangement.views[arrangement.view_count - 1].zone;
	}
	bn_arrange_finish(&arrangement);
	return zone;
}

static void handle_ready(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, ready);
	struct bn_view *view = hook->view;
	if (view->parent != NULL) {
		view->impl->configure(view, 0, 0);
		return;
	}
	view->zone = predict_zone(hook->cockpit, view);
	configure(hook->cockpit, view, view->zone);
}

static void handle_map(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, map);
	hook->view->map_serial = hook->cockpit->next_serial++;
	hook->view->alive_ns = now_of(hook->cockpit);
	bn_cockpit_arrange(hook->cockpit);
	damage_view(hook->cockpit, hook->view);
}

static void handle_unmap(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, unmap);
	damage_view(hook->cockpit, hook->view);
	bn_scene_forget_view(hook->cockpit->scene, hook->view);
	hook->view->unresponsive = false;
	bn_cockpit_arrange_later(hook->cockpit);
}

static void handle_commit(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, commit);
	struct bn_view *view = hook->view;
	view->alive_ns = now_of(hook->cockpit);
	if (view->unresponsive) {
		view->unresponsive = false;
		wlr_log(WLR_INFO, "view %llu: its client answers again", (unsigned long long)view->id);
		bn_cockpit_arrange_later(hook->cockpit);
	}
}

static void handle_identity(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, identity);
	if (hook->view->mapped) {
		bn_cockpit_arrange_later(hook->cockpit);
	}
}

static void handle_request_activate(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, request_activate);
	bn_cockpit_activate(hook->cockpit, hook->view);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, destroy);
	bn_scene_forget_view(hook->cockpit->scene, hook->view);
	bn_cockpit_arrange_later(hook->cockpit);
	wl_list_remove(&hook->ready.link);
	wl_list_remove(&hook->map.link);
	wl_list_remove(&hook->unmap.link);
	wl_list_remove(&hook->commit.link);
	wl_list_remove(&hook->identity.link);
	wl_list_remove(&hook->request_activate.link);
	wl_list_remove(&hook->destroy.link);
	wl_list_remove(&hook->link);
	free(hook);
}

static void handle_new_view(struct wl_listener *listener, void *data) {
	struct bn_cockpit *cockpit = wl_container_of(listener, cockpit, new_view);
	struct bn_view *view = data;
	struct view_hook *hook = calloc(1, sizeof(*hook));
	if (hook == NULL) {
		wl_client_post_no_memory(view->client->wl);
		return;
	}
	hook->cockpit = cockpit;
	hook->view = view;
	bn_listen(&view->events.ready, &hook->ready, handle_ready);
	bn_listen(&view->events.map, &hook->map, handle_map);
	bn_listen(&view->events.unmap, &hook->unmap, handle_unmap);
	bn_listen(&view->events.commit, &hook->commit, handle_commit);
	bn_listen(&view->events.identity, &hook->identity, handle_identity);
	bn_listen(&view->events.request_activate, &hook->request_activate, handle_request_activate);
	bn_listen(&view->events.destroy, &hook->destroy, handle_destroy);
	wl_list_insert(&cockpit->hooks, &hook->link);
}

// The beat: signs of life

static bool wants_beat(const struct bn_layout *layout) {
	for (size_t i = 0; i < layout->zone_count; i++) {
		if (layout->zones[i].heartbeat_ns > 0) {
			return true;
		}
	}
	return false;
}

/** A client that neither draws nor answers a ping within its zone's heartbeat is taken for hung. */
static bool check_life(struct bn_cockpit *cockpit, struct bn_view *view, int64_t heartbeat, int64_t now) {
	if (view->ping_sent_ns > 0 && !view->impl->ping_pending(view)) {
		view->ping_sent_ns = 0;
		view->alive_ns = now;
		if (view->unresponsive) {
			view->unresponsive = false;
			return true;
		}
	}
	if (view->ping_sent_ns == 0) {
		view->impl->ping(view);
		view->ping_sent_ns = now;
		return false;
	}
	// A commit since the ping is as good an answer as a pong.
	int64_t silent_since = view->alive_ns > view->ping_sent_ns ? view->alive_ns : view->ping_sent_ns;
	if (!view->unresponsive && now - silent_since > heartbeat) {
		view->unresponsive = true;
		bn_client_refuse(view->client, now, "no answer for %lld ms, its zone's heartbeat is %lld ms",
				(long long)((now - silent_since) / BN_NSEC_PER_MSEC),
				(long long)(heartbeat / BN_NSEC_PER_MSEC));
		return true;
	}
	return false;
}

static void handle_beat(struct bn_timer *timer, int64_t now_ns) {
	struct bn_cockpit *cockpit = wl_container_of(timer, cockpit, beat);
	bool changed = false;
	struct bn_view *view;
	wl_list_for_each(view, &cockpit->shell->views, link) {
		if (!is_candidate(view) || view->zone == BN_NONE) {
			continue;
		}
		int64_t heartbeat = cockpit->layout->zones[view->zone].heartbeat_ns;
		if (heartbeat > 0 && (view->activated || view->unresponsive)) {
			changed |= check_life(cockpit, view, heartbeat, now_ns);
		}
	}
	if (changed) {
		bn_cockpit_arrange(cockpit);
	}
	wl_signal_emit_mutable(&cockpit->events.beat, &now_ns);
	bn_timer_arm(timer, now_ns + BEAT_NS);
}

// Clock and speed, for fillers

static bool uses_builtin(const struct bn_layout *layout, enum bn_builtin builtin) {
	for (size_t i = 0; i < layout->zone_count; i++) {
		if (layout->zones[i].empty.builtin == builtin || layout->zones[i].on_fault.builtin == builtin) {
			return true;
		}
	}
	return false;
}

/** Sets the clock's text; returns when the next minute begins. */
static int64_t tell_time(struct bn_cockpit *cockpit) {
	int64_t now = now_of(cockpit);
	time_t wall;
	int64_t into_minute;
	struct tm tm;
	if (cockpit->loop->clock.is_virtual) {
		// Scripted time starts at 09:41, so that two runs show the same.
		wall = (time_t)((9 * 60 + 41) * 60 + (now - BN_NSEC_PER_SEC) / BN_NSEC_PER_SEC);
		into_minute = (now - BN_NSEC_PER_SEC) % (60 * BN_NSEC_PER_SEC);
		gmtime_r(&wall, &tm);
	} else {
		struct timespec real;
		clock_gettime(CLOCK_REALTIME, &real);
		wall = real.tv_sec;
		into_minute = bn_nsec_from_timespec(&real) % (60 * BN_NSEC_PER_SEC);
		localtime_r(&wall, &tm);
	}
	snprintf(cockpit->scene->info.clock, sizeof(cockpit->scene->info.clock), "%02d:%02d", tm.tm_hour % 24,
			tm.tm_min % 60);
	return now + 60 * BN_NSEC_PER_SEC - into_minute;
}

static void handle_clock(struct bn_timer *timer, int64_t now_ns) {
	struct bn_cockpit *cockpit = wl_container_of(timer, cockpit, clock_timer);
	bn_timer_arm(timer, tell_time(cockpit));
	bn_scene_damage_all(cockpit->scene);
}

static void tell_speed(struct bn_cockpit *cockpit) {
	size_t signal = bn_layout_find_signal(cockpit->layout, SIGNAL_SPEED);
	const struct bn_value *value = signal != BN_NONE ? bn_vehicle_value(cockpit->vehicle, signal) : NULL;
	char *speed = cockpit->scene->info.speed;
	char before[sizeof(cockpit->scene->info.speed)];
	memcpy(before, speed, sizeof(before));
	if (value != NULL && value->kind == BN_VALUE_NUMBER) {
		snprintf(speed, sizeof(before), "%.0f", value->number < 9999 ? value->number : 9999);
	} else {
		snprintf(speed, sizeof(before), "--");
	}
	if (strcmp(before, speed) != 0 && uses_builtin(cockpit->layout, BN_BUILTIN_SPEED)) {
		bn_scene_damage_all(cockpit->scene);
	}
}

static void start_clocks(struct bn_cockpit *cockpit) {
	int64_t next = tell_time(cockpit);
	bn_timer_disarm(&cockpit->clock_timer);
	if (uses_builtin(cockpit->layout, BN_BUILTIN_CLOCK)) {
		bn_timer_arm(&cockpit->clock_timer, next);
	}
	bn_timer_disarm(&cockpit->beat);
	if (wants_beat(cockpit->layout)) {
		bn_timer_arm(&cockpit->beat, now_of(cockpit) + BEAT_NS);
	}
	snprintf(cockpit->scene->info.title, sizeof(cockpit->scene->info.title), "%s", cockpit->layout->name);
	tell_speed(cockpit);
}

// Signals

static void handle_vehicle_timer(struct bn_timer *timer, int64_t now_ns) {
	struct bn_cockpit *cockpit = wl_container_of(timer, cockpit, vehicle_timer);
	bool changed = bn_vehicle_update(cockpit->vehicle, now_ns);
	settle_vehicle(cockpit);
	if (!changed) {
		return;
	}
	tell_speed(cockpit);
	for (size_t i = 0; i < cockpit->layout->signal_count; i++) {
		if (bn_vehicle_is_stale(cockpit->vehicle, i)) {
			wl_signal_emit_mutable(&cockpit->events.signal, &i);
		}
	}
	bn_cockpit_arrange(cockpit);
}

static bool may_set(const struct bn_cockpit *cockpit, const struct bn_identity *who, size_t signal) {
	if (who->source == BN_IDENTITY_OWNER) {
		return true;
	}
	const struct bn_signal *spec = &cockpit->layout->signals[signal];
	for (size_t i = 0; i < spec->from_count; i++) {
		if (bn_identity_is_proven(who) && who->app != BN_NONE
				&& strcmp(spec->from[i], cockpit->layout->apps[who->app].name) == 0) {
			return true;
		}
	}
	return false;
}

bool bn_cockpit_set_signal(struct bn_cockpit *cockpit, const struct bn_identity *who,
		const char *signal_name, const struct bn_value *value, char error[BN_ERROR_MAX]) {
	size_t signal = bn_layout_find_signal(cockpit->layout, signal_name);
	if (signal == BN_NONE) {
		snprintf(error, BN_ERROR_MAX, "the layout declares no signal '%s'; see: binnaclectl get signals",
				signal_name);
		return false;
	}
	if (!may_set(cockpit, who, signal)) {
		snprintf(error, BN_ERROR_MAX,
				"'%s' is not among the sources named in from: of that signal in the layout",
				signal_name);
		return false;
	}
	int64_t now = now_of(cockpit);
	bn_vehicle_set(cockpit->vehicle, signal, value, now);
	bool changed = bn_vehicle_update(cockpit->vehicle, now);
	tell_speed(cockpit);
	wl_signal_emit_mutable(&cockpit->events.signal, &signal);
	if (changed) {
		bn_cockpit_arrange(cockpit);
	} else {
		settle_vehicle(cockpit);
	}
	return true;
}

// Commands

static bool find_app(const struct bn_cockpit *cockpit, const char *name, size_t *ret_app,
		char error[BN_ERROR_MAX]) {
	*ret_app = bn_layout_find_app(cockpit->layout, name);
	if (*ret_app == BN_NONE) {
		snprintf(error, BN_ERROR_MAX, "the layout has no app '%s'; see: binnaclectl get apps", name);
	}
	return *ret_app != BN_NONE;
}

static bool find_zone(const struct bn_cockpit *cockpit, const char *name, size_t *ret_zone,
		char error[BN_ERROR_MAX]) {
	*ret_zone = bn_layout_find_zone(cockpit->layout, name);
	if (*ret_zone == BN_NONE) {
		snprintf(error, BN_ERROR_MAX, "the layout has no zone '%s'; see: binnaclectl get zones", name);
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
		if (!is_candidate(view) || candidate(view).app != app) {
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
			snprintf(error, BN_ERROR_MAX, "no zone grants app '%s'; add it to a zone's grant:", app_name);
			return false;
		}
	} else if (!find_zone(cockpit, zone_name, &zone, error)) {
		return false;
	}
	if (!bn_layout_zone_grants(cockpit->layout, zone, app)) {
		snprintf(error, BN_ERROR_MAX, "zone '%s' does not grant app '%s'; add it to the zone's grant:",
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

bool bn_cockpit_hide(struct bn_cockpit *cockpit, const char *name, char error[BN_ERROR_MAX]) {
	size_t app = bn_layout_find_app(cockpit->layout, name);
	size_t zone = bn_layout_find_zone(cockpit->layout, name);
	if (app == BN_NONE && zone == BN_NONE) {
		snprintf(error, BN_ERROR_MAX, "the layout has no app or zone '%s'", name);
		return false;
	}
	for (size_t i = 0; i < cockpit->layout->zone_count; i++) {
		if (i == zone || (app != BN_NONE && cockpit->requests[i].app == app)) {
			cockpit->requests[i].serial = 0;
		}
	}
	struct bn_view *view;
	wl_list_for_each(view, &cockpit->shell->views, link) {
		if (is_candidate(view)
				&& ((app != BN_NONE && candidate(view).app == app)
						|| (zone != BN_NONE && view->zone == zone && view->activated))) {
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
		bn_client_refuse(view->client, now_of(cockpit), "asked for zone '%s', which does not exist",
				zone_name);
		return false;
	}
	struct bn_identity identity = bn_client_identity_for(view->client, view->app_id);
	if (!bn_layout_zone_grants(cockpit->layout, zone, identity.app)) {
		snprintf(error, BN_ERROR_MAX, "zone '%s' does not grant this app", zone_name);
		bn_client_refuse(view->client, now_of(cockpit), "asked for zone '%s', which does not grant it",
				zone_name);
		return false;
	}
	view->asked_zone = zone;
	if (view->mapped) {
		bn_cockpit_arrange(cockpit);
	} else if (view->ready) {
		view->zone = predict_zone(cockpit, view);
		configure(cockpit, view, view->zone);
	}
	return true;
}

void bn_cockpit_activate(struct bn_cockpit *cockpit, struct bn_view *view) {
	bn_view_root(view)->activate_serial = cockpit->next_serial++;
	bn_cockpit_arrange_later(cockpit);
}

void bn_cockpit_set_display(
		struct bn_cockpit *cockpit, size_t display, bool present, int32_t width, int32_t height) {
	if (display >= cockpit->layout->display_count) {
		return;
	}
	cockpit->displays[display] = (struct bn_arrange_display){ present, width, height };
	bn_cockpit_arrange(cockpit);
	bn_scene_damage_display(cockpit->scene, display);
}

// Reload

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
static void carry_over(struct bn_cockpit *cockpit, struct parts *parts, const struct bn_layout *layout) {
	const struct bn_layout *old = cockpit->layout;
	for (size_t i = 0; i < old->zone_count; i++) {
		const struct bn_arrange_request *request = &cockpit->requests[i];
		size_t zone = bn_layout_find_zone(layout, old->zones[i].name);
		size_t app = request->serial != 0 ? bn_layout_find_app(layout, old->apps[request->app].name)
						  : BN_NONE;
		if (zone != BN_NONE && app != BN_NONE) {
			parts->requests[zone] = (struct bn_arrange_request){ zone, app, request->serial };
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
		cockpit->forced_theme = bn_layout_find_theme(layout, old->themes[cockpit->forced_theme].name);
	}
	bn_vehicle_inherit(parts->vehicle, cockpit->vehicle, now_of(cockpit));
}

static void install(struct bn_cockpit *cockpit, struct bn_layout *layout, struct parts *parts) {
	cockpit->layout = layout;
	cockpit->vehicle = parts->vehicle;
	cockpit->displays = parts->displays;
	cockpit->requests = parts->requests;
	bn_clients_set_layout(cockpit->clients, layout);
	bn_launcher_set_layout(cockpit->launcher, layout);
	start_clocks(cockpit);
}

static bool replace_layout(struct bn_cockpit *cockpit, struct bn_layout *layout) {
	struct parts parts;
	if (!parts_create(&parts, layout, now_of(cockpit))) {
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
		wlr_log(faults->items[i].severity == BN_SEVERITY_ERROR ? WLR_ERROR : WLR_INFO, "layout: %s",
				line != NULL ? line : "out of memory");
		free(line);
	}
}

static bool load_and_replace(struct bn_cockpit *cockpit, const char *profile) {
	bn_diag_list_finish(&cockpit->reload_faults);
	bn_diag_list_init(&cockpit->reload_faults);
	const struct bn_layout_options options = { .profile = profile };
	struct bn_layout *layout = bn_layout_load(cockpit->layout->path, &options, &cockpit->reload_faults);
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

// Why

static void why_zone(struct bn_cockpit *cockpit, FILE *out, size_t zone) {
	const struct bn_layout *layout = cockpit->layout;
	const struct bn_zone *spec = &layout->zones[zone];
	const struct bn_arrange_zone_out *decided = &cockpit->arrangement.zones[zone];
	char text[BN_ERROR_MAX];
	static const char *const contents[] = { "nothing", "a client", "its empty: filler",
		"its on-fault: filler" };
	fprintf(out, "zone %s: layer %s on display %s, %dx%d at %d,%d (%s:%d)\n", spec->name,
			bn_layer_name(spec->layer), layout->displays[spec->display].name, decided->box.width,
			decided->box.height, decided->box.x, decided->box.y,
			spec->mark.file != NULL ? spec->mark.file : "layout", spec->mark.line);
	fprintf(out, "it shows %s", contents[decided->content]);
	struct bn_view *view = decided->view != 0 ? bn_shell_view_by_id(cockpit->shell, decided->view) : NULL;
	if (view != NULL) {
		char who[96];
		bn_client_describe(view->client, who, sizeof(who));
		fprintf(out, ": %s, %s", view->app_id != NULL ? view->app_id : "(no app_id)", who);
	}
	bn_arrange_reason_format(layout, &decided->reason, text, sizeof(text));
	fprintf(out, "\nbecause %s\n", text);
	if (decided->wanted_app != BN_NONE) {
		fprintf(out, "app %s is wanted here and is not there\n", layout->apps[decided->wanted_app].name);
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
		fprintf(out, "its window is %dx%d though %dx%d was asked for: the zone's fit rule (%s) scales it\n",
				geometry.width, geometry.height, view->width, view->height,
				bn_fit_name(cockpit->layout->zones[view->zone].fit));
	}
}

static void why_client(FILE *out, const struct bn_client *client) {
	for (size_t i = 0; i < BN_CLIENT_REASONS; i++) {
		const char *text = client->reasons[(client->reason_next + i) % BN_CLIENT_REASONS].text;
		if (text[0] != '\0') {
			fprintf(out, "refused or held back: %s\n", text);
		}
	}
}

static const char *const source_names[] = {
	"nothing is known of it", "by what it calls itself", "by the socket it was started on",
	"by its own listening socket", "by its security context", "by the process it descends from",
	"as the session owner"
};

static void why_view(struct bn_cockpit *cockpit, FILE *out, struct bn_view *view) {
	char who[96], text[BN_ERROR_MAX];
	bn_client_describe(view->client, who, sizeof(who));
	struct bn_identity identity = bn_client_identity_for(view->client, view->app_id);
	fprintf(out, "window %llu of %s, app_id '%s', known %s\n", (unsigned long long)view->id, who,
			view->app_id != NULL ? view->app_id : "", source_names[identity.source]);
	if (view->parent != NULL) {
		fprintf(out, "it is a dialog, centred on window %llu\n", (unsigned long long)view->parent->id);
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
	if (view->unresponsive) {
		fprintf(out, "its client does not answer\n");
	}
	why_client(out, view->client);
}

static void why_process(struct bn_cockpit *cockpit, FILE *out, size_t app) {
	const struct bn_process *process = process_of(cockpit, app);
	if (process == NULL) {
		fprintf(out, "app %s was not started: %s\n", cockpit->layout->apps[app].name,
				cockpit->layout->apps[app].exec == NULL ? "it has no exec:" : "nothing asked for it yet");
		return;
	}
	static const char *const states[] = { "stopped", "running", "waiting to be started again" };
	fprintf(out, "app %s is %s, started %llu times", process->name, states[process->state],
			(unsigned long long)process->starts);
	if (process->failures > 0) {
		fprintf(out, ", failed %d times in a row, last %s %d", process->failures,
				WIFSIGNALED(process->last_status) ? "by signal" : "with status",
				WIFSIGNALED(process->last_status) ? WTERMSIG(process->last_status)
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
		bool is_app = app != BN_NONE && bn_client_identity_for(view->client, view->app_id).app == app;
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
	struct parts parts;
	if (!parts_create(&parts, layout, bn_loop_now(loop))) {
		return false;
	}
	if (!bn_scene_set_layout(scene, layout)) {
		parts_destroy(&parts);
		return false;
	}
	wl_list_init(&cockpit->hooks);
	bn_arrange_init(&cockpit->arrangement);
	bn_diag_list_init(&cockpit->reload_faults);
	wl_signal_init(&cockpit->events.arranged);
	wl_signal_init(&cockpit->events.signal);
	wl_signal_init(&cockpit->events.layout);
	wl_signal_init(&cockpit->events.reload_failed);
	wl_signal_init(&cockpit->events.beat);
	bn_timer_init(&cockpit->vehicle_timer, loop, 0, handle_vehicle_timer);
	bn_timer_init(&cockpit->beat, loop, 0, handle_beat);
	bn_timer_init(&cockpit->clock_timer, loop, 2, handle_clock);
	if (layout->profile != NULL) {
		cockpit->profile = strdup(layout->profile);
	}
	install(cockpit, layout, &parts);
	bn_listen(&shell->events.new_view, &cockpit->new_view, handle_new_view);
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
	bn_timer_disarm(&cockpit->vehicle_timer);
	bn_timer_disarm(&cockpit->beat);
	bn_timer_disarm(&cockpit->clock_timer);
	bn_arrange_finish(&cockpit->arrangement);
	bn_diag_list_finish(&cockpit->reload_faults);
	bn_vehicle_destroy(cockpit->vehicle);
	free(cockpit->displays);
	free(cockpit->requests);
	free(cockpit->profile);
	bn_layout_destroy(cockpit->layout);
	cockpit->layout = NULL;
}
