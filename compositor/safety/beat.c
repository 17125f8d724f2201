#include "safety/beat.h"

#include <wlr/types/wlr_output.h>
#include <wlr/util/log.h>

#include "core/layout.h"
#include "core/nsec.h"
#include "guardlink.h"
#include "output.h"
#include "safety/check.h"
#include "safety/safe_picture.h"

/** A panel's link may have to be trained anew. */
#define MODESET_NS BN_NSEC_PER_SEC

// Slots

static struct bn_beat_slot *find_slot(struct bn_beat *beat, const struct bn_output *output) {
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		if (beat->slots[i].output == output) {
			return &beat->slots[i];
		}
	}
	return NULL;
}

static uint32_t slot_number(const struct bn_beat *beat, const struct bn_beat_slot *slot) {
	return (uint32_t)(slot - beat->slots);
}

static void tell_gone(struct bn_beat *beat, struct bn_beat_slot *slot) {
	struct bn_guard_message message = {
		.kind = BN_GUARD_GONE,
		.slot = slot_number(beat, slot),
	};
	bn_guardlink_send(beat->link, &message, -1);
	*slot = (struct bn_beat_slot){ 0 };
}

static bool has_picture_for(const struct bn_beat_slot *slot, const struct bn_output *output) {
	return slot->width == output->wlr->width && slot->height == output->wlr->height
			&& slot->transform == (int32_t)output->wlr->transform
			&& slot->safety == output->safety;
}

static void tell_picture(struct bn_beat *beat, struct bn_beat_slot *slot) {
	const struct bn_output *output = slot->output;
	if (has_picture_for(slot, output)
			|| !bn_safe_picture_send(beat->link, slot_number(beat, slot), output)) {
		return;
	}
	slot->width = output->wlr->width;
	slot->height = output->wlr->height;
	slot->transform = (int32_t)output->wlr->transform;
	slot->safety = output->safety;
}

static void handle_changed(struct wl_listener *listener, void *data) {
	struct bn_beat *beat = wl_container_of(listener, beat, changed);
	struct bn_output *output = data;
	struct bn_beat_slot *slot = find_slot(beat, output);
	bool shows = output->enabled && output->display != BN_NONE;
	if (!shows) {
		if (slot != NULL) {
			tell_gone(beat, slot);
		}
		return;
	}
	if (slot == NULL && (slot = find_slot(beat, NULL)) == NULL) {
		wlr_log(WLR_ERROR, "output %s: the guard has room for %d displays only",
				output->wlr->name, BN_GUARD_DISPLAYS);
		return;
	}
	slot->output = output;
	tell_picture(beat, slot);
}

static void handle_gone(struct wl_listener *listener, void *data) {
	struct bn_beat *beat = wl_container_of(listener, beat, gone);
	struct bn_beat_slot *slot = find_slot(beat, data);
	if (slot != NULL) {
		tell_gone(beat, slot);
	}
}

// What frames tell

static void note_shown(struct bn_beat_slot *slot) {
	const struct bn_frame_record *record = &slot->output->record;
	slot->shown |= record->drawn && record->sequence > slot->after_sequence;
}

static void handle_frame(struct wl_listener *listener, void *data) {
	struct bn_beat *beat = wl_container_of(listener, beat, frame);
	const struct bn_output *output = data;
	struct bn_beat_slot *slot = find_slot(beat, output);
	if (slot == NULL) {
		return;
	}
	if (output->pace == BN_PACE_PARENT) {
		note_shown(slot); // it may be the guard's own window that hides ours from its desktop
	}
	if (!output->record.failed) {
		slot->failing_ns = 0;
	} else if (slot->failing_ns == 0) {
		slot->failing_ns = bn_loop_now(output->outputs->loop);
	}
}

static void handle_presented(struct wl_listener *listener, void *data) {
	struct bn_beat *beat = wl_container_of(listener, beat, presented);
	struct bn_beat_slot *slot = find_slot(beat, data);
	if (slot != NULL) {
		note_shown(slot);
	}
}

static void handle_modeset(struct wl_listener *listener, void *data) {
	struct bn_beat *beat = wl_container_of(listener, beat, modeset);
	bn_guardlink_busy(beat->link, bn_loop_now(beat->outputs->loop), MODESET_NS);
}

static void handle_redraw(struct wl_listener *listener, void *data) {
	struct bn_beat *beat = wl_container_of(listener, beat, redraw);
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		struct bn_beat_slot *slot = &beat->slots[i];
		if (slot->output != NULL) {
			slot->shown = false;
			slot->after_sequence = beat->outputs->next_sequence;
			bn_output_damage_whole(slot->output);
		}
	}
}

static void handle_lost(struct wl_listener *listener, void *data) {
	struct bn_beat *beat = wl_container_of(listener, beat, lost);
	bn_timer_disarm(&beat->timer);
}

// The beat

/** Since when a flip is waited for; 0: none is. */
static int64_t flip_wanted_since(struct bn_beat_slot *slot, int64_t now_ns) {
	const struct bn_output *output = slot->output;
	// A parent shows a window when it likes, and tells nothing while it is covered.
	bool waits = output->pace == BN_PACE_FLIP
			&& output->deadline.state == BN_DEADLINE_COMMITTED;
	bool same = slot->waiting_ns != 0 && slot->presented == output->stats.presented;
	slot->presented = output->stats.presented;
	slot->waiting_ns = !waits ? 0 : same ? slot->waiting_ns : now_ns;
	const struct bn_frame_record *record = &output->record;
	// What a new mode commits has no record.
	bool recorded = record->drawn && record->present_ns == 0;
	return waits && recorded ? record->commit_ns : slot->waiting_ns;
}

static struct bn_kick_display describe(const struct bn_beat *beat, struct bn_beat_slot *slot,
		int64_t now_ns) {
	const struct bn_output *output = slot->output;
	if (output == NULL) {
		return (struct bn_kick_display){ 0 };
	}
	bool armed = output->deadline.state == BN_DEADLINE_ARMED;
	return (struct bn_kick_display){
		.safety = output->safety,
		.enabled = output->enabled,
		.due_ns = armed ? output->timer.due_ns : 0,
		.commit_ns = flip_wanted_since(slot, now_ns),
		.period_ns = output->deadline.period_ns,
		.failing_ns = slot->failing_ns,
		.unsafe = bn_checks_state(beat->checks, output->display) == BN_CHECKS_SAFE,
	};
}

static void withhold(struct bn_beat *beat, size_t index, enum bn_kick_fault fault) {
	if (!beat->withheld) {
		wlr_log(WLR_ERROR, "guard: no kick: output %s: %s",
				beat->slots[index].output->wlr->name, bn_kick_fault_name(fault));
	}
	beat->withheld = true;
}

static void handle_beat(struct bn_timer *timer, int64_t now_ns) {
	struct bn_beat *beat = wl_container_of(timer, beat, timer);
	struct bn_kick_display displays[BN_GUARD_DISPLAYS];
	struct bn_guard_message message = {
		.kind = BN_GUARD_KICK,
		.number = beat->link->epoch,
		.sent_ns = now_ns,
	};
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		displays[i] = describe(beat, &beat->slots[i], now_ns);
		bool well = bn_kick_judge(&displays[i], now_ns) == BN_KICK_WELL;
		message.status[i] = (uint8_t)((beat->slots[i].shown ? BN_GUARD_SHOWN : 0)
				| (well ? 0 : BN_GUARD_FAULT));
	}
	size_t index = 0;
	if (bn_kick_is_due(displays, BN_GUARD_DISPLAYS, now_ns, &index)) {
		beat->withheld = false;
		bn_guardlink_send(beat->link, &message, -1);
	} else {
		withhold(beat, index, bn_kick_judge(&displays[index], now_ns));
	}
	bn_timer_arm(timer, bn_kick_next_beat(now_ns));
}

/** A compositor that follows another one begins with what the guard has put on glass. */
static struct bn_pixels *first_picture(void *data, int32_t width, int32_t height,
		enum wl_output_transform transform, bool safety) {
	const struct bn_beat *beat = data;
	return bn_safe_picture_make(beat->outputs->text, width, height, transform, safety);
}

void bn_beat_init(struct bn_beat *beat, struct bn_guardlink *link, struct bn_outputs *outputs,
		const struct bn_checks *checks) {
	*beat = (struct bn_beat){ .link = link, .outputs = outputs, .checks = checks };
	if (link->fd < 0) {
		return;
	}
	bn_listen(&outputs->events.changed, &beat->changed, handle_changed);
	bn_listen(&outputs->events.gone, &beat->gone, handle_gone);
	bn_listen(&outputs->events.frame, &beat->frame, handle_frame);
	bn_listen(&outputs->events.presented, &beat->presented, handle_presented);
	bn_listen(&outputs->events.modeset, &beat->modeset, handle_modeset);
	bn_listen(&link->events.redraw, &beat->redraw, handle_redraw);
	bn_listen(&link->events.lost, &beat->lost, handle_lost);
	if (link->start > 1) {
		outputs->first_source = (struct bn_first_source){ first_picture, beat };
	}
	bn_timer_init(&beat->timer, outputs->loop, BN_RANK_CALLBACKS, handle_beat);
	// A crowd that floods makes one turn of the loop last a hundred milliseconds, and costs nobody a frame.
	beat->timer.urgent = true;
	// The first with the first turn of the loop: until then the guard has the patience that a start needs.
	bn_timer_arm(&beat->timer, bn_loop_now(outputs->loop));
}

void bn_beat_finish(struct bn_beat *beat) {
	bn_unlisten(&beat->changed);
	bn_unlisten(&beat->gone);
	bn_unlisten(&beat->frame);
	bn_unlisten(&beat->presented);
	bn_unlisten(&beat->modeset);
	bn_unlisten(&beat->redraw);
	bn_unlisten(&beat->lost);
	beat->outputs->first_source = (struct bn_first_source){ 0 };
	bn_timer_disarm(&beat->timer);
}
