#include "cockpit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "cockpit_internal.h"
#include "core/nsec.h"
#include "scene/scene.h"
#include "shell/view.h"

#define BEAT_NS (50 * BN_NSEC_PER_MSEC)
#define SIGNAL_SPEED "Vehicle.Speed"

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
static bool check_life(struct bn_cockpit *cockpit, struct bn_view *view, int64_t heartbeat,
		int64_t now) {
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
	int64_t silent_since =
			view->alive_ns > view->ping_sent_ns ? view->alive_ns : view->ping_sent_ns;
	if (!view->unresponsive && now - silent_since > heartbeat) {
		view->unresponsive = true;
		bn_client_refuse(view->client, now,
				"no answer for %lld ms, its zone's heartbeat is %lld ms",
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
		if (!bn_cockpit_is_candidate(view) || view->zone == BN_NONE) {
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
		if (layout->zones[i].empty.builtin == builtin
				|| layout->zones[i].on_fault.builtin == builtin) {
			return true;
		}
	}
	return false;
}

/** Sets the clock's text; returns when the next minute begins. */
static int64_t tell_time(struct bn_cockpit *cockpit) {
	int64_t now = bn_cockpit_now(cockpit);
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
	snprintf(cockpit->scene->info.clock, sizeof(cockpit->scene->info.clock), "%02d:%02d",
			tm.tm_hour % 24, tm.tm_min % 60);
	return now + 60 * BN_NSEC_PER_SEC - into_minute;
}

static void handle_clock(struct bn_timer *timer, int64_t now_ns) {
	struct bn_cockpit *cockpit = wl_container_of(timer, cockpit, clock_timer);
	bn_timer_arm(timer, tell_time(cockpit));
	bn_scene_damage_all(cockpit->scene);
}

void bn_cockpit_tell_speed(struct bn_cockpit *cockpit) {
	size_t signal = bn_layout_find_signal(cockpit->layout, SIGNAL_SPEED);
	const struct bn_value *value =
			signal != BN_NONE ? bn_vehicle_value(cockpit->vehicle, signal) : NULL;
	char *speed = cockpit->scene->info.speed;
	char before[sizeof(cockpit->scene->info.speed)];
	memcpy(before, speed, sizeof(before));
	if (value != NULL && value->kind == BN_VALUE_NUMBER) {
		snprintf(speed, sizeof(before), "%.0f",
				value->number < 9999 ? value->number : 9999);
	} else {
		snprintf(speed, sizeof(before), "--");
	}
	if (strcmp(before, speed) != 0 && uses_builtin(cockpit->layout, BN_BUILTIN_SPEED)) {
		bn_scene_damage_all(cockpit->scene);
	}
}

void bn_cockpit_start_life(struct bn_cockpit *cockpit) {
	int64_t next = tell_time(cockpit);
	bn_timer_disarm(&cockpit->clock_timer);
	if (uses_builtin(cockpit->layout, BN_BUILTIN_CLOCK)) {
		bn_timer_arm(&cockpit->clock_timer, next);
	}
	bn_timer_disarm(&cockpit->beat);
	if (wants_beat(cockpit->layout)) {
		bn_timer_arm(&cockpit->beat, bn_cockpit_now(cockpit) + BEAT_NS);
	}
	snprintf(cockpit->scene->info.title, sizeof(cockpit->scene->info.title), "%s",
			cockpit->layout->name);
	bn_cockpit_tell_speed(cockpit);
}

static void handle_vehicle_timer(struct bn_timer *timer, int64_t now_ns) {
	struct bn_cockpit *cockpit = wl_container_of(timer, cockpit, vehicle_timer);
	bool changed = bn_vehicle_update(cockpit->vehicle, now_ns);
	bn_cockpit_settle_vehicle(cockpit);
	if (!changed) {
		return;
	}
	bn_cockpit_tell_speed(cockpit);
	for (size_t i = 0; i < cockpit->layout->signal_count; i++) {
		if (bn_vehicle_is_stale(cockpit->vehicle, i)) {
			wl_signal_emit_mutable(&cockpit->events.signal, &i);
		}
	}
	bn_cockpit_arrange(cockpit);
}

void bn_cockpit_init_life(struct bn_cockpit *cockpit) {
	bn_timer_init(&cockpit->vehicle_timer, cockpit->loop, 0, handle_vehicle_timer);
	bn_timer_init(&cockpit->beat, cockpit->loop, 0, handle_beat);
	bn_timer_init(&cockpit->clock_timer, cockpit->loop, 2, handle_clock);
}

void bn_cockpit_finish_life(struct bn_cockpit *cockpit) {
	bn_timer_disarm(&cockpit->vehicle_timer);
	bn_timer_disarm(&cockpit->beat);
	bn_timer_disarm(&cockpit->clock_timer);
}
