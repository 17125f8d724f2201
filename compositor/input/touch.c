#include "input/touch.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/util/log.h>

#include "input/fence.h"
#include "input/input.h"
#include "input/seat.h"
#include "scene/scene.h"
#include "shell/view.h"

static struct bn_touch_point *find(const struct bn_input *input, const void *device,
		int32_t device_id) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		struct bn_touch_point *point;
		wl_list_for_each(point, &seat->points, link) {
			if (point->device == device && point->device_id == device_id) {
				return point;
			}
		}
	}
	return NULL;
}

static bool is_used(const struct bn_input *input, const struct wlr_seat *target, int32_t id) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		struct bn_touch_point *point;
		wl_list_for_each(point, &seat->points, link) {
			if (point->target == target && point->id == id) {
				return true;
			}
		}
	}
	return false;
}

/** Two panels of one occupant both call their first finger 0; clients need them told apart. */
static int32_t free_id(const struct bn_input *input, const struct wlr_seat *target) {
	int32_t id = 0;
	while (is_used(input, target, id)) {
		id++;
	}
	return id;
}

static bool is_pointing(const struct bn_input *input, const struct wlr_seat *target) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		struct bn_touch_point *point;
		wl_list_for_each(point, &seat->points, link) {
			if (point->target == target && point->as_pointer) {
				return true;
			}
		}
	}
	return false;
}

/** An app that knows no touch gets its first finger as a pointer with one button. */
static void send_down_as_pointer(struct bn_touch_point *point, const struct bn_scene_hit *hit,
		uint32_t time_msec) {
	struct wlr_seat *target =
			bn_seat_deliver(point->seat, hit->surface, WL_SEAT_CAPABILITY_POINTER);
	if (target == NULL || is_pointing(point->seat->input, target)) {
		return;
	}
	wlr_seat_pointer_notify_enter(target, hit->surface, hit->sx, hit->sy);
	wlr_seat_pointer_notify_motion(target, time_msec, hit->sx, hit->sy);
	wlr_seat_pointer_notify_button(target, time_msec, BTN_LEFT,
			WL_POINTER_BUTTON_STATE_PRESSED);
	wlr_seat_pointer_notify_frame(target);
	point->as_pointer = true;
	point->target = target;
}

static void send_down(struct bn_touch_point *point, const struct bn_scene_hit *hit,
		uint32_t time_msec) {
	struct wlr_seat *target =
			bn_seat_deliver(point->seat, hit->surface, WL_SEAT_CAPABILITY_TOUCH);
	if (target == NULL) {
		return;
	}
	if (!wlr_surface_accepts_touch(hit->surface, target)) {
		send_down_as_pointer(point, hit, time_msec);
		return;
	}
	int32_t id = free_id(point->seat->input, target);
	if (wlr_seat_touch_notify_down(target, hit->surface, time_msec, id, hit->sx, hit->sy)
			!= 0) {
		point->id = id;
		point->target = target;
	}
}

/** Remembers what was touched, to notice when it is taken from under the finger. */
static void note_hit(struct bn_touch_point *point, const struct bn_scene_hit *hit) {
	const struct bn_scene *scene = point->seat->input->scene;
	point->surface = hit->surface;
	point->zone = hit->zone;
	point->zone_box = scene->zones[hit->zone].box;
	point->view_id = bn_view_root(hit->view)->id;
	point->map = bn_pointer_map_of_hit(hit, point->x, point->y);
	point->began_ns = bn_loop_now(point->seat->input->loop);
}

static void start(struct bn_touch_point *point, uint32_t time_msec) {
	struct bn_seat *seat = point->seat;
	struct bn_input *input = seat->input;
	if (bn_fence_blocks(&input->fence, point->display, point->x, point->y,
			    bn_loop_now(input->loop))) {
		wlr_log(WLR_INFO, "seat %s: a touch within the guard time goes nowhere",
				seat->name);
		return;
	}
	struct bn_scene_hit hit = bn_scene_at(input->scene, point->display, point->x, point->y);
	if (hit.surface == NULL || hit.view == NULL) {
		bn_seat_dismiss_popups(seat->wlr);
		return;
	}
	note_hit(point, &hit);
	send_down(point, &hit, time_msec);
	bn_keyboard_focus_choose(&seat->keyboard, hit.view, hit.zone);
	wl_signal_emit_mutable(&input->events.activate, hit.view);
	bn_keyboard_refocus(seat);
}

bool bn_touch_down(struct bn_input *input, const void *device, int32_t device_id, size_t display,
		double x, double y, uint32_t time_msec) {
	struct bn_seat *seat = bn_input_seat_of_display(input, display);
	if (seat == NULL || !bn_input_display_is_there(input, display)
			|| find(input, device, device_id) != NULL
			|| wl_list_length(&seat->points) >= BN_TOUCH_POINTS_MAX) {
		return false;
	}
	struct bn_touch_point *point = calloc(1, sizeof(*point));
	if (point == NULL) {
		wlr_log(WLR_ERROR, "seat %s: out of memory, a touch is lost", seat->name);
		return false;
	}
	*point = (struct bn_touch_point){
		.seat = seat,
		.device = device,
		.device_id = device_id,
		.display = display,
		.x = x,
		.y = y,
		.zone = BN_NONE,
	};
	wl_list_insert(seat->points.prev, &point->link);
	bn_pointer_yield(&seat->pointer);
	wl_signal_emit_mutable(&input->events.activity, seat);
	start(point, time_msec);
	return true;
}

/** While something is dragged, what is under the finger changes. */
static void move_drag(struct bn_touch_point *point, uint32_t time_msec) {
	struct bn_scene_hit hit =
			bn_scene_at(point->seat->input->scene, point->display, point->x, point->y);
	if (hit.surface == NULL) {
		wlr_seat_touch_point_clear_focus(point->target, time_msec, point->id);
		return;
	}
	wlr_seat_touch_point_focus(point->target, hit.surface, time_msec, point->id, hit.sx,
			hit.sy);
	wlr_seat_touch_notify_motion(point->target, time_msec, point->id, hit.sx, hit.sy);
}

/** False when its client or its surface is gone. */
static bool is_alive(struct bn_touch_point *point) {
	if (point->target == NULL) {
		return false;
	}
	if (point->as_pointer) {
		return point->target->pointer_state.focused_surface == point->surface;
	}
	const struct wlr_touch_point *wlr = wlr_seat_touch_get_point(point->target, point->id);
	return wlr != NULL && wlr->surface == point->surface;
}

bool bn_touch_move(struct bn_input *input, const void *device, int32_t device_id, double x,
		double y, uint32_t time_msec) {
	struct bn_touch_point *point = find(input, device, device_id);
	if (point == NULL) {
		return false;
	}
	point->x = x;
	point->y = y;
	if (!is_alive(point)) {
		return true;
	}
	double sx, sy;
	bn_pointer_map_apply(&point->map, x, y, &sx, &sy);
	if (point->as_pointer) {
		wlr_seat_pointer_notify_motion(point->target, time_msec, sx, sy);
		wlr_seat_pointer_notify_frame(point->target);
	} else if (point->target->drag != NULL && wlr_seat_touch_has_grab(point->target)) {
		move_drag(point, time_msec);
	} else {
		wlr_seat_touch_notify_motion(point->target, time_msec, point->id, sx, sy);
	}
	return true;
}

static void release_button(struct bn_touch_point *point, uint32_t time_msec) {
	wlr_seat_pointer_notify_button(point->target, time_msec, BTN_LEFT,
			WL_POINTER_BUTTON_STATE_RELEASED);
	wlr_seat_pointer_notify_frame(point->target);
}

static void forget(struct bn_touch_point *point) {
	wl_list_remove(&point->link);
	free(point);
}

bool bn_touch_up(struct bn_input *input, const void *device, int32_t device_id,
		uint32_t time_msec) {
	struct bn_touch_point *point = find(input, device, device_id);
	if (point == NULL) {
		return false;
	}
	if (point->target != NULL && point->as_pointer) {
		release_button(point, time_msec);
		wlr_seat_pointer_notify_clear_focus(point->target);
	} else if (point->target != NULL) {
		// Even when its surface is gone: the client was told of the finger.
		wlr_seat_touch_notify_up(point->target, time_msec, point->id);
	}
	forget(point);
	return true;
}

/** wl_touch.cancel takes all fingers from a client: the others of the same client are over too. */
static void drop_cancelled(struct bn_input *input, const struct wlr_seat *target) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		struct bn_touch_point *point;
		wl_list_for_each(point, &seat->points, link) {
			if (point->target == target && !point->as_pointer
					&& wlr_seat_touch_get_point(point->target, point->id)
							== NULL) {
				point->target = NULL;
			}
		}
	}
}

static void cancel(struct bn_touch_point *point) {
	struct wlr_seat *target = point->target;
	if (target == NULL) {
		return;
	}
	struct bn_input *input = point->seat->input;
	if (point->as_pointer) {
		// Leaves before the button is up: a release would be a click.
		wlr_seat_pointer_notify_clear_focus(target);
		release_button(point, bn_input_time_msec(input));
		point->target = NULL;
		return;
	}
	// A popup's or a drag's grab would swallow the cancel.
	if (wlr_seat_touch_has_grab(target)) {
		bn_seat_dismiss_popups(target);
		wlr_seat_touch_end_grab(target);
	}
	const struct wlr_touch_point *wlr = wlr_seat_touch_get_point(target, point->id);
	if (wlr != NULL) {
		wlr_seat_touch_notify_cancel(target, wlr->client);
	}
	drop_cancelled(input, target);
	point->target = NULL;
}

bool bn_touch_cancel(struct bn_input *input, const void *device, int32_t device_id) {
	struct bn_touch_point *point = find(input, device, device_id);
	if (point == NULL) {
		return false;
	}
	cancel(point);
	forget(point);
	return true;
}

void bn_touch_frame(struct bn_input *input) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		wlr_seat_touch_notify_frame(seat->wlr);
	}
}

size_t bn_touch_display(const struct bn_input *input, const void *device, int32_t device_id) {
	const struct bn_touch_point *point = find(input, device, device_id);
	return point != NULL ? point->display : BN_NONE;
}

static bool was_covered_at(const struct bn_touch_point *point, double x, double y) {
	return bn_fence_was_covered(&point->seat->input->fence, point->zone, point->display, x, y,
			point->began_ns);
}

/** Why the finger may no longer operate what it went down on; NULL: it may. */
static const char *reason_to_cancel(const struct bn_touch_point *point) {
	const struct bn_input *input = point->seat->input;
	const struct bn_scene_zone *zone = &input->scene->zones[point->zone];
	if (zone->content != BN_CONTENT_VIEW || zone->view == NULL
			|| zone->view->id != point->view_id || !point->surface->mapped) {
		return "it is not shown any more";
	}
	if (zone->restrictions & BN_RESTRICT_TOUCH) {
		return "touch was restricted";
	}
	if (!bn_rect_equal(&zone->box, &point->zone_box)) {
		return "its zone moved";
	}
	if (was_covered_at(point, point->x, point->y)
			|| was_covered_at(point, point->map.ox, point->map.oy)) {
		return "it was covered";
	}
	return NULL;
}

void bn_touch_refocus(struct bn_seat *seat) {
	struct bn_touch_point *point;
	wl_list_for_each(point, &seat->points, link) {
		if (!is_alive(point)) {
			continue;
		}
		const char *reason = reason_to_cancel(point);
		if (reason != NULL) {
			wlr_log(WLR_INFO, "seat %s: touch on zone %s cancelled: %s", seat->name,
					seat->input->layout->zones[point->zone].name, reason);
			cancel(point);
		}
	}
}

static void drop_if(struct bn_input *input,
		bool (*test)(const struct bn_touch_point *point, const void *data),
		const void *data) {
	struct bn_seat *seat;
	wl_list_for_each(seat, &input->seats, link) {
		struct bn_touch_point *point, *tmp;
		wl_list_for_each_safe(point, tmp, &seat->points, link) {
			if (test(point, data)) {
				cancel(point);
				forget(point);
			}
		}
	}
}

static bool is_of_device(const struct bn_touch_point *point, const void *data) {
	return point->device == data;
}

static bool is_on_display(const struct bn_touch_point *point, const void *data) {
	return point->display == *(const size_t *)data;
}

static bool is_any(const struct bn_touch_point *point, const void *data) {
	return true;
}

void bn_touch_drop_device(struct bn_input *input, const void *device) {
	drop_if(input, is_of_device, device);
}

void bn_touch_drop_display(struct bn_input *input, size_t display) {
	drop_if(input, is_on_display, &display);
}

void bn_touch_drop_all(struct bn_input *input) {
	drop_if(input, is_any, NULL);
}
