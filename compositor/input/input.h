#ifndef BN_INPUT_INPUT_H
#define BN_INPUT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "core/layout.h"
#include "input/fence.h"
#include "input/place.h"

struct bn_client;
struct bn_clients;
struct bn_input;
struct bn_input_device;
struct bn_loop;
struct bn_parent;
struct bn_scene;
struct bn_seat;
struct bn_shell;
struct bn_touch_keys;
struct bn_view;
struct wlr_backend;
struct wlr_cursor_shape_manager_v1;
struct wlr_data_device_manager;
struct wlr_output;
struct wlr_primary_selection_v1_device_manager;
struct wlr_seat;
struct wlr_virtual_keyboard_manager_v1;
struct wlr_virtual_pointer_manager_v1;
struct wlr_xcursor_manager;
struct xkb_context;
struct xkb_keymap;

/** A display of the live layout, as input sees it. */
struct bn_input_display {
	struct wlr_output *output; // borrowed; its renderer is set
	size_t display;            // of the live layout
	int32_t width, height;     // display-logical px
	double scale;              // output px per logical px
};

enum bn_touch_action {
	BN_TOUCH_DOWN,
	BN_TOUCH_MOVE,
	BN_TOUCH_UP,
	BN_TOUCH_CANCEL,
};

/**
 * All input: one wl_seat per occupant, the devices, and who gets what.
 *
 * A display belongs to an occupant; what happens on it belongs to that occupant's
 * seat. A client sees one seat only, that of the occupant whose zone it belongs to;
 * when it is shown on somebody else's display, that display's input reaches
 * it through the seat that it knows, and `why` says so.
 *
 * A layout without occupants has one seat "seat0" that owns all displays. Every
 * seat offers touch from the start, pointer and keyboard when a device of its
 * own exists or when one has to be delivered through it.
 *
 * Drag icons are not drawn.
 */
struct bn_input {
	struct bn_loop *loop; // borrowed, as all up to layout
	struct wl_display *display;
	struct wlr_backend *backend; // until its destroy event
	struct bn_scene *scene;
	struct bn_shell *shell;
	struct bn_clients *clients;
	const struct bn_layout *layout; // live; NULL before the first bn_input_set_layout

	struct bn_input_display *displays; // owned; layout->display_count; output NULL: not there
	struct wl_list seats;              // bn_seat.link, in the order of occupants
	struct wl_list devices;            // bn_input_device.link
	bool creating_seat;                // its global is not to be found yet
	struct bn_seat *nested_seat;       // borrowed; of the window last entered; NULL: none yet
	struct bn_parent *parent; // owned; a Wayland parent's touch; NULL: not nested in one
	struct bn_fence fence;
	struct xkb_context *xkb;              // owned
	struct xkb_keymap *keymap;            // owned; NULL until the first keyboard
	struct wlr_xcursor_manager *xcursors; // owned
	struct wl_event_source *refocus_idle; // NULL: nothing to do

	struct wlr_data_device_manager *data_device; // the display's, as all managers
	struct wlr_primary_selection_v1_device_manager *primary_selection;
	struct wlr_cursor_shape_manager_v1 *cursor_shape;
	struct wlr_virtual_keyboard_manager_v1 *virtual_keyboard; // privileged
	struct wlr_virtual_pointer_manager_v1 *virtual_pointer;   // privileged

	struct {
		struct wl_signal activate;    // struct bn_view: its occupant touched or clicked it
		struct wl_signal activity;    // struct bn_seat: somebody did something
		struct wl_signal inspect_key; // NULL: the inspector's key, in a nested window only
		struct wl_signal switch_vt;   // unsigned *: Ctrl+Alt+Fn
	} events;

	struct wl_listener new_input, backend_destroy, new_virtual_keyboard, new_virtual_pointer;
	struct wl_listener set_shape, scene_damage;
};

/**
 * False, with an ERROR line, when out of memory. Finish it after the clients and before the backend and the
 * display are destroyed. Must come before the backend is started.
 */
bool bn_input_init(struct bn_input *input, struct bn_loop *loop, struct wl_display *display,
		struct wlr_backend *backend, struct bn_scene *scene, struct bn_shell *shell,
		struct bn_clients *clients);
void bn_input_finish(struct bn_input *input);

/**
 * Takes a new layout, after the scene took it. Seats are kept by name, made and removed; devices are bound anew;
 * running touches are cancelled. Displays are forgotten: state them again. False when out of memory: what could be
 * kept was kept.
 */
bool bn_input_set_layout(struct bn_input *input, const struct bn_layout *layout);
/**
 * States one display: it came, changed, or (`present` false) went; also after its output got another
 * renderer, so that its cursor is uploaded again. Call it before the output is freed.
 */
void bn_input_set_display(struct bn_input *input, const struct bn_input_display *display,
		bool present);
/** What is under fingers, pointers and keyboards may have changed: call it after each arrangement. */
void bn_input_refocus(struct bn_input *input);

/** NULL when there is no such occupant. */
struct wlr_seat *bn_input_seat_for_occupant(struct bn_input *input, size_t occupant);
/** The seat of the occupant who has the display; nobody's displays go to the first seat. */
struct bn_seat *bn_input_seat_of_display(struct bn_input *input, size_t display);
/** The display that an output is; BN_NONE: none. */
size_t bn_input_display_of_output(const struct bn_input *input, const struct wlr_output *output);
/**
 * For the display's global filter: false for the seats of other occupants, true for every other global.
 * Settles the client's occupant at the first question.
 */
bool bn_input_global_visible(const struct bn_input *input, struct bn_client *client,
		const struct wl_global *global);

/**
 * A touch from a command, on the same path as hardware. display-logical px; `id` is the caller's own. False when
 * the display is not there, or the id is not down (MOVE, UP, CANCEL) or is down already (DOWN).
 */
bool bn_input_touch(struct bn_input *input, size_t display, double x, double y,
		enum bn_touch_action action, int32_t id);

typedef void (*bn_input_touch_func_t)(const struct bn_touch_keys *keys, size_t display, void *data);
/** Calls `func` for each touchscreen with exactly what a layout can match; display BN_NONE: unbound. */
void bn_input_for_each_touchscreen(const struct bn_input *input, bn_input_touch_func_t func,
		void *data);

// Within input/
/** False when the display is not there. */
bool bn_input_display_is_there(const struct bn_input *input, size_t display);
struct bn_place_size bn_input_display_size(const struct bn_input *input, size_t display);
/** CLOCK_MONOTONIC in ms as events carry it, from the loop's clock. */
uint32_t bn_input_time_msec(const struct bn_input *input);
/** The pointer or the keyboard entered a window of the parent: its occupant has the keyboard now. */
void bn_input_enter_nested(struct bn_input *input, struct bn_seat *seat);
void bn_input_refocus_later(struct bn_input *input);

#endif
