#ifndef BN_INPUT_KEYBOARD_H
#define BN_INPUT_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bn_input;
struct bn_seat;
struct bn_view;
struct wlr_keyboard;
struct wlr_keyboard_key_event;
struct wlr_seat;
struct wlr_surface;

#define BN_KEYBOARD_TAKEN 4

/**
 * Whom an occupant's keys go to: the zone that was last touched, clicked, shown or activated on the occupant's displays,
 * and whatever view stands on top there. An app that merely starts elsewhere takes no keys away. Before anything was
 * chosen: the newest app, rather not on a display with safety content.
 */
struct bn_keyboard_focus {
	struct bn_seat *seat;
	size_t zone;                       // chosen; BN_NONE: nothing yet
	uint64_t view_id;                  // focused; finds the zone again after a reload; 0: none
	uint64_t seen_serial;              // the newest show or activation that was heeded
	uint32_t taken[BN_KEYBOARD_TAKEN]; // keys down that the compositor took for itself
	size_t taken_count;
};

void bn_keyboard_focus_init(struct bn_keyboard_focus *focus, struct bn_seat *seat);
/** The occupant touched or clicked a view. */
void bn_keyboard_focus_choose(struct bn_keyboard_focus *focus, const struct bn_view *view,
		size_t zone);
/** The layout was replaced: zones have other numbers. */
void bn_keyboard_focus_reset(struct bn_keyboard_focus *focus);
/** Looks again who has the keys and tells the clients. */
void bn_keyboard_refocus(struct bn_seat *seat);

/** A keyboard's default keymap (from the XKB_DEFAULT_* environment) and repeat. False, logged, without a keymap. */
bool bn_keyboard_prepare(struct bn_input *input, struct wlr_keyboard *keyboard);
/** A key of one of the seat's keyboards. True when the compositor took it for itself. */
bool bn_keyboard_key(struct bn_seat *seat, struct wlr_keyboard *keyboard,
		const struct wlr_keyboard_key_event *event, bool nested);
void bn_keyboard_modifiers(struct bn_seat *seat, struct wlr_keyboard *keyboard);
/** The keyboard goes or changes hands: nobody keeps a key held that is never released. */
void bn_keyboard_detach(struct bn_seat *seat, struct wlr_keyboard *keyboard);

#endif
