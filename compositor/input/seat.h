#ifndef BN_INPUT_SEAT_H
#define BN_INPUT_SEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "input/keyboard.h"
#include "input/place.h"
#include "input/pointer.h"

struct bn_input;
struct wlr_seat;
struct wlr_surface;

/** An occupant's hands: the wl_seat that clients see, and the pointer, keyboard focus and touches behind it. */
struct bn_seat {
	struct bn_input *input; // borrowed
	struct wlr_seat *wlr;   // owned
	char *name;             // owned; the occupant's
	size_t occupant; // index in the live layout; 0 for the only seat of a layout without occupants
	size_t *row;     // owned; its displays from left to right
	struct bn_place_size *row_sizes; // owned; scratch for the pointer's walk, same length
	size_t row_count;
	uint32_t borrowed_caps; // wl_seat capabilities that other occupants' devices needed
	struct bn_pointer pointer;
	struct bn_keyboard_focus keyboard;
	struct wl_list points; // bn_touch_point.link
	struct wl_list link;   // bn_input.seats

	struct wl_listener request_set_cursor, request_set_selection, request_set_primary_selection;
	struct wl_listener request_start_drag, pointer_focus;
};

/** NULL when out of memory. Without displays until bn_seat_set_displays. */
struct bn_seat *bn_seat_create(struct bn_input *input, const char *name);
void bn_seat_destroy(struct bn_seat *seat);
/** Takes its displays from the live layout: the occupant's, or all when the layout has none. False when out of memory: it keeps none. */
bool bn_seat_set_displays(struct bn_seat *seat, size_t occupant);
bool bn_seat_owns_display(const struct bn_seat *seat, size_t display);
/** What its devices and those who borrow it need. */
void bn_seat_update_capabilities(struct bn_seat *seat);

/**
 * The wl_seat through which the surface's client can be reached: this one if it knows it, else the one that it
 * knows (a reason is left for `why`); NULL: it bound none. `capability` is made available there.
 */
struct wlr_seat *bn_seat_deliver(struct bn_seat *seat, struct wlr_surface *surface,
		uint32_t capability);
/** Ends a popup's grab, as a click beside it does. A drag goes on. */
void bn_seat_dismiss_popups(struct wlr_seat *seat);

#endif
