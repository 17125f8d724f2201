#ifndef BN_INPUT_POINTER_H
#define BN_INPUT_POINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/layout.h"
#include "core/rect.h"
#include "input/cursor.h"
#include "input/place.h"

struct bn_scene_hit;
struct bn_seat;
struct bn_view;
struct wlr_pointer_axis_event;
struct wlr_seat;
struct wlr_surface;

#define BN_POINTER_BUTTONS 8

/** How display px become surface px; fixed while a finger or a button is down. */
struct bn_pointer_map {
	double ox, oy, sx, sy;   // a point in both
	double scale_x, scale_y; // surface px per display px
};

/** An occupant's pointer: where it is, what it is on, what it holds. */
struct bn_pointer {
	struct bn_seat *seat;
	size_t display;          // BN_NONE: nowhere yet
	double x, y;             // logical px of that display
	bool visible;            // it moved since the last touch
	struct wlr_seat *target; // borrowed; the wl_seat that has its focus; NULL: none
	uint32_t buttons[BN_POINTER_BUTTONS]; // held
	size_t button_count;
	struct wlr_surface *grab; // while a button is held: what it went down on; compared only
	size_t grab_zone;         // of the live layout
	int64_t grab_ns;          // since when
	struct wlr_seat *
			grab_seat; // borrowed; that was told of the first button; NULL: none is held
	struct bn_pointer_map map;
	struct bn_cursor cursor;
};

void bn_pointer_init(struct bn_pointer *pointer, struct bn_seat *seat);
void bn_pointer_finish(struct bn_pointer *pointer);
void bn_pointer_move(struct bn_pointer *pointer, uint32_t time_msec, double dx, double dy);
/** To a place of a display, logical px. */
void bn_pointer_warp(struct bn_pointer *pointer, uint32_t time_msec, size_t display, double x,
		double y);
/** `u`, `v`: 0..1 over all displays of the seat. */
void bn_pointer_spread(struct bn_pointer *pointer, uint32_t time_msec, double u, double v);
void bn_pointer_button(struct bn_pointer *pointer, uint32_t time_msec, uint32_t button,
		bool pressed);
void bn_pointer_axis(struct bn_pointer *pointer, const struct wlr_pointer_axis_event *event);
void bn_pointer_frame(struct bn_pointer *pointer);
/** Its last device went: releases what is held and goes out of sight. */
void bn_pointer_retire(struct bn_pointer *pointer);
/** Looks again at what is under it; takes a held pointer away from what is covered. */
void bn_pointer_refocus(struct bn_pointer *pointer);
/** A display went or changed, or got another renderer. */
void bn_pointer_update_display(struct bn_pointer *pointer, size_t display);
/** A finger took over: the cursor is not drawn until the pointer moves. */
void bn_pointer_yield(struct bn_pointer *pointer);

struct bn_pointer_map bn_pointer_map_of_hit(const struct bn_scene_hit *hit, double ox, double oy);
void bn_pointer_map_apply(const struct bn_pointer_map *map, double ox, double oy, double *ret_sx,
		double *ret_sy);

#endif
