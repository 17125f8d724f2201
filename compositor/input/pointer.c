#include "input/pointer.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/util/log.h>

#include "input/fence.h"
#include "input/input.h"
#include "input/seat.h"
#include "scene/scene.h"

void bn_pointer_init(struct bn_pointer *pointer, struct bn_seat *seat) {
	*pointer = (struct bn_pointer){ .seat = seat, .display = BN_NONE };
	bn_cursor_init(&pointer->cursor, seat->input);
}

void bn_pointer_finish(struct bn_pointer *pointer) {
	bn_cursor_finish(&pointer->cursor);
}

struct bn_pointer_map bn_pointer_map_of_hit(const struct bn_scene_hit *hit, double ox, double oy) {
	return (struct bn_pointer_map){
		.ox = ox,
		.oy = oy,
		.sx = hit->sx,
		.sy = hit->sy,
		.scale_x = hit->scale_x,
		.scale_y = hit->scale_y,
	};
}

void bn_pointer_map_apply(const struct bn_pointer_map *map, double ox, double oy, double *ret_sx,
		double *ret_sy) {
	*ret_sx = map->sx + (ox - map->ox) * map->scale_x;
	*ret_sy = map->sy + (oy - map->oy) * map->scale_y;
}

/** wl_pointer's implicit grab: a held button keeps its surface, unless a popup or a drag decides. */
static bool holds(const struct bn_pointer *pointer) {
	return pointer->button_count > 0 && pointer->grab != NULL && pointer->target != NULL
			&& pointer->target->pointer_state.focused_surface == pointer->grab
			&& !wlr_seat_pointer_has_grab(pointer->target);
}

static void clear_focus(struct bn_pointer *pointer) {
	if (pointer->target != NULL) {
		wlr_seat_pointer_notify_clear_focus(pointer->target);
		pointer->target = NULL;
	}
	pointer->grab = NULL;
	bn_cursor_set_name(&pointer->cursor, "default");
}

static void enter(struct bn_pointer *pointer, struct wlr_seat *target,
		const struct bn_scene_hit *hit) {
	if (pointer->target != NULL && pointer->target != target) {
		clear_focus(pointer);
	}
	const struct wlr_seat_client *before = target->pointer_state.focused_client;
	pointer->target = target;
	wlr_seat_pointer_notify_enter(target, hit->surface, hit->sx, hit->sy);
	if (target->pointer_state.focused_client != before) {
		// Until the client says what it wants; the last one's picture means nothing here.
		bn_cursor_set_name(&pointer->cursor, "default");
	}
}

static struct bn_scene_hit look(const struct bn_pointer *pointer) {
	return bn_scene_at(pointer->seat->input->scene, pointer->display, pointer->x, pointer->y);
}

/** Puts the focus on what is under it; sends the motion when it moved. */
static void follow(struct bn_pointer *pointer, uint32_t time_msec, bool moved) {
	double sx, sy;
	if (holds(pointer)) {
		bn_pointer_map_apply(&pointer->map, pointer->x, pointer->y, &sx, &sy);
		if (moved) {
			wlr_seat_pointer_notify_motion(pointer->target, time_msec, sx, sy);
		}
		return;
	}
	struct bn_scene_hit hit = look(pointer);
	struct wlr_seat *target = hit.surface != NULL
			? bn_seat_deliver(pointer->seat, hit.surface, WL_SEAT_CAPABILITY_POINTER)
			: NULL;
	if (target == NULL) {
		clear_focus(pointer);
		return;
	}
	enter(pointer, target, &hit);
	if (moved) {
		wlr_seat_pointer_notify_motion(target, time_msec, hit.sx, hit.sy);
	}
}

/** Never over what must be seen: there the cursor disappears. */
static void place_cursor(struct bn_pointer *pointer) {
	const struct bn_input *input = pointer->seat->input;
	if (!bn_input_display_is_there(input, pointer->display)) {
		return;
	}
	const struct bn_input_display *display = &input->displays[pointer->display];
	struct bn_rect box = bn_cursor_box(&pointer->cursor, pointer->x, pointer->y);
	bool forbidden = bn_fence_meets_safety(&input->fence, pointer->display, &box);
	bn_cursor_move(&pointer->cursor, display->output, display->scale, pointer->x, pointer->y);
	bn_cursor_hide(&pointer->cursor, !pointer->visible || forbidden);
}

static void moved_to(struct bn_pointer *pointer, uint32_t time_msec, size_t display, double x,
		double y) {
	struct bn_seat *seat = pointer->seat;
	pointer->display = display;
	pointer->x = x;
	pointer->y = y;
	pointer->visible = true;
	follow(pointer, time_msec, true);
	place_cursor(pointer);
	wl_signal_emit_mutable(&seat->input->events.activity, seat);
}

static struct bn_place place_in_row(struct bn_pointer *pointer) {
	struct bn_seat *seat = pointer->seat;
	struct bn_place place = { .index = seat->row_count, .x = pointer->x, .y = pointer->y };
	for (size_t i = 0; i < seat->row_count; i++) {
		seat->row_sizes[i] = bn_input_display_size(seat->input, seat->row[i]);
		if (seat->row[i] == pointer->display) {
			place.index = i;
		}
	}
	return place;
}

static void moved_in_row(struct bn_pointer *pointer, uint32_t time_msec,
		const struct bn_place *place) {
	if (place->index < pointer->seat->row_count) {
		moved_to(pointer, time_msec, pointer->seat->row[place->index], place->x, place->y);
	}
}

void bn_pointer_move(struct bn_pointer *pointer, uint32_t time_msec, double dx, double dy) {
	struct bn_place place = place_in_row(pointer);
	bn_place_walk(pointer->seat->row_sizes, pointer->seat->row_count, &place, dx, dy);
	moved_in_row(pointer, time_msec, &place);
}

void bn_pointer_spread(struct bn_pointer *pointer, uint32_t time_msec, double u, double v) {
	struct bn_place place = place_in_row(pointer);
	bn_place_spread(pointer->seat->row_sizes, pointer->seat->row_count, &place, u, v);
	moved_in_row(pointer, time_msec, &place);
}

void bn_pointer_warp(struct bn_pointer *pointer, uint32_t time_msec, size_t display, double x,
		double y) {
	if (bn_input_display_is_there(pointer->seat->input, display)) {
		moved_to(pointer, time_msec, display, x, y);
	}
}

static bool forget_button(struct bn_pointer *pointer, uint32_t button) {
	for (size_t i = 0; i < pointer->button_count; i++) {
		if (pointer->buttons[i] == button) {
			pointer->buttons[i] = pointer->buttons[--pointer->button_count];
			return true;
		}
	}
	return false;
}

/** Something came up under it just now: what it does was meant for what was there before. */
static bool is_blocked(const struct bn_pointer *pointer) {
	const struct bn_input *input = pointer->seat->input;
	return bn_fence_blocks(&input->fence, pointer->display, pointer->x, pointer->y,
			bn_loop_now(input->loop));
}

/** A drag that was begun with the held button ends with nothing dropped. */
static void end_drag(struct bn_pointer *pointer) {
	struct wlr_seat *seat = pointer->grab_seat;
	if (seat != NULL && seat->drag != NULL && wlr_seat_pointer_has_grab(seat)) {
		wlr_seat_pointer_end_grab(seat);
	}
}

static void press(struct bn_pointer *pointer, uint32_t time_msec, uint32_t button) {
	struct bn_seat *seat = pointer->seat;
	struct bn_input *input = seat->input;
	if (!bn_input_display_is_there(input, pointer->display)
			|| pointer->button_count == BN_POINTER_BUTTONS) {
		return;
	}
	if (is_blocked(pointer)) {
		wlr_log(WLR_INFO, "seat %s: a click within the guard time goes nowhere",
				seat->name);
		return;
	}
	struct bn_scene_hit hit = look(pointer);
	if (pointer->target == NULL) {
		bn_seat_dismiss_popups(seat->wlr);
		return;
	}
	pointer->buttons[pointer->button_count++] = button;
	if (pointer->button_count == 1 && hit.surface != NULL) {
		pointer->grab = hit.surface;
		pointer->grab_zone = hit.zone;
		pointer->grab_ns = bn_loop_now(input->loop);
		pointer->grab_seat = pointer->target;
		pointer->map = bn_pointer_map_of_hit(&hit, pointer->x, pointer->y);
	}
	wlr_seat_pointer_notify_button(pointer->target, time_msec, button,
			WL_POINTER_BUTTON_STATE_PRESSED);
	if (hit.view != NULL) {
		bn_keyboard_focus_choose(&seat->keyboard, hit.view, hit.zone);
		wl_signal_emit_mutable(&input->events.activate, hit.view);
		bn_keyboard_refocus(seat);
	}
}

static void release(struct bn_pointer *pointer, uint32_t time_msec, uint32_t button) {
	if (!forget_button(pointer, button)) {
		return; // its press went nowhere
	}
	if (pointer->target != NULL) {
		wlr_seat_pointer_notify_button(pointer->target, time_msec, button,
				WL_POINTER_BUTTON_STATE_RELEASED);
	} else if (pointer->button_count == 0) {
		end_drag(pointer); // over nothing that takes it
	}
	if (pointer->button_count == 0) {
		pointer->grab = NULL;
		pointer->grab_seat = NULL;
		follow(pointer, time_msec, false);
	}
}

void bn_pointer_button(struct bn_pointer *pointer, uint32_t time_msec, uint32_t button,
		bool pressed) {
	if (pressed) {
		press(pointer, time_msec, button);
	} else {
		release(pointer, time_msec, button);
	}
	wl_signal_emit_mutable(&pointer->seat->input->events.activity, pointer->seat);
}

void bn_pointer_axis(struct bn_pointer *pointer, const struct wlr_pointer_axis_event *event) {
	if (pointer->target != NULL && !is_blocked(pointer)) {
		const struct wlr_seat_pointer_state *state = &pointer->target->pointer_state;
		// One source a frame, or wlroots aborts; a frame that came while nobody had the focus was lost.
		if (state->sent_axis_source && state->cached_axis_source != event->source) {
			wlr_seat_pointer_notify_frame(pointer->target);
		}
		wlr_seat_pointer_notify_axis(pointer->target, event->time_msec, event->orientation,
				event->delta, event->delta_discrete, event->source,
				event->relative_direction);
	}
}

void bn_pointer_frame(struct bn_pointer *pointer) {
	if (pointer->target != NULL) {
		wlr_seat_pointer_notify_frame(pointer->target);
	}
}

static void release_all(struct bn_pointer *pointer) {
	uint32_t now = bn_input_time_msec(pointer->seat->input);
	while (pointer->button_count > 0) {
		uint32_t button = pointer->buttons[--pointer->button_count];
		if (pointer->target != NULL) {
			wlr_seat_pointer_notify_button(pointer->target, now, button,
					WL_POINTER_BUTTON_STATE_RELEASED);
		}
	}
	pointer->grab_seat = NULL;
	bn_pointer_frame(pointer);
}

void bn_pointer_retire(struct bn_pointer *pointer) {
	end_drag(pointer); // or what is released would be dropped
	release_all(pointer);
	clear_focus(pointer);
	pointer->visible = false;
	pointer->display = BN_NONE;
	bn_cursor_leave(&pointer->cursor);
}

/** Whether something higher came over what is held: where it is now, or where the button went down. */
static bool is_covered(const struct bn_pointer *pointer) {
	const struct bn_input *input = pointer->seat->input;
	const struct bn_fence *fence = &input->fence;
	size_t zone = pointer->grab_zone;
	return bn_fence_was_covered(fence, zone, pointer->display, pointer->x, pointer->y,
			       pointer->grab_ns)
			|| bn_fence_was_covered(fence, zone, input->layout->zones[zone].display,
					pointer->map.ox, pointer->map.oy, pointer->grab_ns);
}

/**
 * What is held is covered by something higher. The pointer knows no cancel: it leaves first, so that its client
 * sees no release, which would be a click.
 */
static void let_go_of_covered(struct bn_pointer *pointer) {
	bool drags = pointer->grab_seat != NULL && pointer->grab_seat->drag != NULL;
	if ((!holds(pointer) && !drags) || !is_covered(pointer)) {
		return;
	}
	end_drag(pointer);
	if (pointer->target != NULL) {
		wlr_seat_pointer_notify_clear_focus(pointer->target);
	}
	release_all(pointer);
	clear_focus(pointer);
}

void bn_pointer_refocus(struct bn_pointer *pointer) {
	if (!pointer->visible || pointer->display == BN_NONE) {
		return;
	}
	let_go_of_covered(pointer);
	follow(pointer, bn_input_time_msec(pointer->seat->input), false);
	bn_pointer_frame(pointer);
	place_cursor(pointer);
}

void bn_pointer_update_display(struct bn_pointer *pointer, size_t display) {
	if (pointer->display != display) {
		return;
	}
	if (!bn_input_display_is_there(pointer->seat->input, display)) {
		bn_pointer_retire(pointer);
		return;
	}
	struct bn_place_size size = bn_input_display_size(pointer->seat->input, display);
	struct bn_place place = { .x = pointer->x, .y = pointer->y };
	bn_place_clamp(&size, &place);
	pointer->x = place.x;
	pointer->y = place.y;
	place_cursor(pointer);
	bn_cursor_refresh(&pointer->cursor);
}

void bn_pointer_yield(struct bn_pointer *pointer) {
	pointer->visible = false;
	bn_cursor_hide(&pointer->cursor, true);
}
