#include "input/keyboard.h"

#include <assert.h>
#include <string.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/util/log.h>
#include <xkbcommon/xkbcommon.h>

#include "core/layout.h"
#include "input/input.h"
#include "input/seat.h"
#include "scene/scene.h"
#include "shell/view.h"

#define REPEAT_HZ 25
#define REPEAT_DELAY_MS 500
/** From evdev to xkb. */
#define KEYCODE_OFFSET 8

void bn_keyboard_focus_init(struct bn_keyboard_focus *focus, struct bn_seat *seat) {
	*focus = (struct bn_keyboard_focus){ .seat = seat, .zone = BN_NONE };
}

void bn_keyboard_focus_choose(struct bn_keyboard_focus *focus, const struct bn_view *view,
		size_t zone) {
	const struct bn_layout *layout = focus->seat->input->layout;
	// What warns may be touched, but nobody types into it.
	if (zone < layout->zone_count && layout->zones[zone].layer < BN_LAYER_SAFETY) {
		focus->zone = zone;
		focus->view_id = view->id;
	}
}

void bn_keyboard_focus_reset(struct bn_keyboard_focus *focus) {
	focus->zone = BN_NONE;
}

/** The view that a zone shows on one of the seat's displays; NULL: none. */
static struct bn_view *view_in(const struct bn_seat *seat, size_t zone) {
	const struct bn_scene *scene = seat->input->scene;
	const struct bn_scene_zone *entry = &scene->zones[zone];
	bool shown = entry->content == BN_CONTENT_VIEW && entry->view != NULL && entry->view->mapped
			&& bn_input_display_is_there(seat->input, entry->display)
			&& bn_seat_owns_display(seat, entry->display);
	return shown ? entry->view : NULL;
}

static bool takes_keys(const struct bn_seat *seat, size_t zone) {
	return (seat->input->scene->zones[zone].restrictions & BN_RESTRICT_KEYBOARD) == 0;
}

static uint64_t wish_serial(const struct bn_view *view) {
	return view->show_serial > view->activate_serial ? view->show_serial
							 : view->activate_serial;
}

/** After a reload zones have other numbers: the focused view still knows where it is. */
static void find_zone_again(struct bn_keyboard_focus *focus) {
	const struct bn_layout *layout = focus->seat->input->layout;
	for (size_t i = 0; focus->zone == BN_NONE && focus->view_id != 0 && i < layout->zone_count;
			i++) {
		const struct bn_view *view = view_in(focus->seat, i);
		if (view != NULL && view->id == focus->view_id) {
			focus->zone = i;
		}
	}
}

/** A command or a granted activation since the last look moves the focus. */
static void heed_wishes(struct bn_keyboard_focus *focus) {
	const struct bn_layout *layout = focus->seat->input->layout;
	for (size_t i = 0; i < layout->zone_count; i++) {
		const struct bn_view *view = view_in(focus->seat, i);
		bool plain = layout->zones[i].layer == BN_LAYER_APP
				|| layout->zones[i].layer == BN_LAYER_OVERLAY;
		if (view != NULL && plain && wish_serial(view) > focus->seen_serial) {
			focus->seen_serial = wish_serial(view);
			focus->zone = i;
		}
	}
}

static bool is_better(const struct bn_layout *layout, const struct bn_scene_zone *zone,
		const struct bn_scene_zone *than) {
	if (than == NULL) {
		return true;
	}
	bool safety = layout->displays[zone->display].safety,
	     than_safety = layout->displays[than->display].safety;
	if (safety != than_safety) {
		return than_safety;
	}
	return zone->view->map_serial > than->view->map_serial;
}

/** Nobody chose yet: the newest app, rather not beside the gauges. */
static struct bn_view *default_view(const struct bn_seat *seat) {
	const struct bn_layout *layout = seat->input->layout;
	const struct bn_scene_zone *best = NULL;
	for (size_t i = 0; i < layout->zone_count; i++) {
		const struct bn_scene_zone *zone = &seat->input->scene->zones[i];
		if (zone->layer == BN_LAYER_APP && view_in(seat, i) != NULL && takes_keys(seat, i)
				&& is_better(layout, zone, best)) {
			best = zone;
		}
	}
	return best != NULL ? best->view : NULL;
}

static struct bn_view *focused_view(struct bn_seat *seat) {
	struct bn_keyboard_focus *focus = &seat->keyboard;
	find_zone_again(focus);
	heed_wishes(focus);
	if (focus->zone != BN_NONE) {
		struct bn_view *view = view_in(seat, focus->zone);
		if (view != NULL) {
			focus->view_id = view->id;
			// A restricted zone's keys go nowhere, not to a neighbour that nobody meant.
			return takes_keys(seat, focus->zone) ? view : NULL;
		}
	}
	return default_view(seat);
}

/** A dialog takes the keys of the window that it belongs to. */
static struct wlr_surface *topmost_surface(struct bn_view *view) {
	struct bn_view *top = view, *child;
	wl_list_for_each(child, &view->children, child_link) {
		if (child->mapped) {
			top = child;
		}
	}
	return top != view ? topmost_surface(top) : view->surface;
}

static bool is_ready(const struct bn_input *input) {
	return input->layout != NULL && input->scene->layout == input->layout;
}

/** The surface that has the seat's keys; NULL: none. */
static struct wlr_surface *wanted_surface(struct bn_seat *seat) {
	struct bn_view *view = is_ready(seat->input) ? focused_view(seat) : NULL;
	return view != NULL ? topmost_surface(view) : NULL;
}

/** Held keys but `except`, which is about to be sent as an event of its own. */
static void enter(struct wlr_seat *target, struct wlr_surface *surface, uint32_t except) {
	const struct wlr_keyboard *keyboard = wlr_seat_get_keyboard(target);
	if (target->keyboard_state.focused_surface == surface) {
		return;
	}
	if (keyboard == NULL) {
		wlr_seat_keyboard_notify_enter(target, surface, NULL, 0, NULL);
		return;
	}
	uint32_t held[WLR_KEYBOARD_KEYS_CAP];
	size_t count = 0;
	for (size_t i = 0; i < keyboard->num_keycodes; i++) {
		if (keyboard->keycodes[i] != except) {
			held[count++] = keyboard->keycodes[i];
		}
	}
	wlr_seat_keyboard_notify_enter(target, surface, held, count, &keyboard->modifiers);
}

void bn_keyboard_refocus(struct bn_seat *seat) {
	struct wlr_surface *surface = wanted_surface(seat);
	struct wlr_seat *target = surface != NULL ? bn_seat_deliver(seat, surface, 0) : NULL;
	if (target == seat->wlr) {
		enter(target, surface, 0);
	} else if (seat->wlr->keyboard_state.focused_surface != NULL) {
		// A wl_seat of somebody else is borrowed only while keys come: two occupants may want it.
		wlr_seat_keyboard_notify_clear_focus(seat->wlr);
	}
}

static bool make_keymap(struct bn_input *input) {
	if (input->keymap != NULL) {
		return true;
	}
	if (input->xkb == NULL) {
		input->xkb = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	}
	if (input->xkb != NULL) {
		input->keymap = xkb_keymap_new_from_names(input->xkb, NULL,
				XKB_KEYMAP_COMPILE_NO_FLAGS);
	}
	if (input->keymap == NULL) {
		wlr_log(WLR_ERROR, "input: no keymap: check %s_* and that xkb-data is installed",
				"XKB_DEFAULT");
	}
	return input->keymap != NULL;
}

bool bn_keyboard_prepare(struct bn_input *input, struct wlr_keyboard *keyboard) {
	wlr_keyboard_set_repeat_info(keyboard, REPEAT_HZ, REPEAT_DELAY_MS);
	return make_keymap(input) && wlr_keyboard_set_keymap(keyboard, input->keymap);
}

/** Keys of the compositor. Only a nested one shares its desk with a developer. */
static bool run_binding(struct bn_input *input, xkb_keysym_t symbol, uint32_t modifiers,
		bool nested) {
	if (symbol >= XKB_KEY_XF86Switch_VT_1 && symbol <= XKB_KEY_XF86Switch_VT_12) {
		unsigned vt = symbol - XKB_KEY_XF86Switch_VT_1 + 1;
		wl_signal_emit_mutable(&input->events.switch_vt, &vt);
		return true;
	}
	bool logo_i = (symbol == XKB_KEY_i || symbol == XKB_KEY_I)
			&& (modifiers & WLR_MODIFIER_LOGO) != 0;
	if (nested && (logo_i || symbol == XKB_KEY_F12)) {
		wl_signal_emit_mutable(&input->events.inspect_key, NULL);
		return true;
	}
	return false;
}

static bool forget_taken(struct bn_keyboard_focus *focus, uint32_t keycode) {
	for (size_t i = 0; i < focus->taken_count; i++) {
		if (focus->taken[i] == keycode) {
			focus->taken[i] = focus->taken[--focus->taken_count];
			return true;
		}
	}
	return false;
}

/** True when the compositor takes the key: then nobody sees its release either. */
static bool take_key(struct bn_seat *seat, struct wlr_keyboard *keyboard,
		const struct wlr_keyboard_key_event *event, bool nested) {
	struct bn_keyboard_focus *focus = &seat->keyboard;
	if (event->state == WL_KEYBOARD_KEY_STATE_RELEASED) {
		return forget_taken(focus, event->keycode);
	}
	if (keyboard->xkb_state == NULL || focus->taken_count == BN_KEYBOARD_TAKEN) {
		return false;
	}
	const xkb_keysym_t *symbols;
	int count = xkb_state_key_get_syms(keyboard->xkb_state, event->keycode + KEYCODE_OFFSET,
			&symbols);
	uint32_t modifiers = wlr_keyboard_get_modifiers(keyboard);
	for (int i = 0; i < count; i++) {
		if (run_binding(seat->input, symbols[i], modifiers, nested)) {
			focus->taken[focus->taken_count++] = event->keycode;
			return true;
		}
	}
	return false;
}

/** The wl_seat that takes this seat's keys now, its focus set; NULL: nobody does. */
static struct wlr_seat *target_of_keys(struct bn_seat *seat, struct wlr_keyboard *keyboard,
		uint32_t except) {
	struct wlr_surface *surface = wanted_surface(seat);
	struct wlr_seat *target = surface != NULL
			? bn_seat_deliver(seat, surface, WL_SEAT_CAPABILITY_KEYBOARD)
			: NULL;
	if (target != NULL) {
		wlr_seat_set_keyboard(target, keyboard);
		enter(target, surface, except);
	}
	return target;
}

bool bn_keyboard_key(struct bn_seat *seat, struct wlr_keyboard *keyboard,
		const struct wlr_keyboard_key_event *event, bool nested) {
	wl_signal_emit_mutable(&seat->input->events.activity, seat);
	if (take_key(seat, keyboard, event, nested)) {
		return true;
	}
	struct wlr_seat *target = target_of_keys(seat, keyboard, event->keycode);
	if (target != NULL) {
		wlr_seat_keyboard_notify_key(target, event->time_msec, event->keycode,
				event->state);
	}
	return false;
}

void bn_keyboard_modifiers(struct bn_seat *seat, struct wlr_keyboard *keyboard) {
	struct wlr_seat *target = target_of_keys(seat, keyboard, 0);
	if (target != NULL) {
		wlr_seat_keyboard_notify_modifiers(target, &keyboard->modifiers);
	}
}

void bn_keyboard_detach(struct bn_seat *seat, struct wlr_keyboard *keyboard) {
	seat->keyboard.taken_count = 0;
	struct bn_seat *other;
	wl_list_for_each(other, &seat->input->seats, link) {
		if (wlr_seat_get_keyboard(other->wlr) != keyboard) {
			continue;
		}
		// Leaving and entering with no key down is how a client learns that all are up.
		wlr_seat_keyboard_notify_clear_focus(other->wlr);
		wlr_seat_set_keyboard(other->wlr, NULL);
		bn_keyboard_refocus(other);
	}
}
