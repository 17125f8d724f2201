#include "cockpit.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cockpit_internal.h"
#include "core/nsec.h"
#include "scene/scene.h"

#define SIGNAL_SPEED "Vehicle.Speed"

// The beat

static void handle_beat(struct bn_timer *timer, int64_t now_ns) {
	struct bn_cockpit *cockpit = wl_container_of(timer, cockpit, beat);
	bn_timer_arm(timer, now_ns + BN_COCKPIT_BEAT_NS);
	wl_signal_emit_mutable(&cockpit->events.beat, &now_ns);
}

void bn_cockpit_hold_beat(struct bn_cockpit *cockpit) {
	if (cockpit->beat_holds++ == 0) {
		bn_timer_arm(&cockpit->beat, bn_cockpit_now(cockpit) + BN_COCKPIT_BEAT_NS);
	}
}

void bn_cockpit_release_beat(struct bn_cockpit *cockpit) {
	assert(cockpit->beat_holds > 0);
	if (--cockpit->beat_holds == 0) {
		bn_timer_disarm(&cockpit->beat);
	}
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
