#ifndef BN_INPUT_CURSOR_H
#define BN_INPUT_CURSOR_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "core/rect.h"
#include "loop.h"

struct bn_client;
struct bn_input;
struct bn_pixels;
struct wlr_output;
struct wlr_output_cursor;
struct wlr_surface;

/** Longest side of a client's cursor, logical px: more would be a way to cover what others show. */
#define BN_CURSOR_MAX 128

/**
 * The picture of one pointer, on the output where the pointer is.
 *
 * wlroots' wlr_cursor is not used: it wants an output layout, and every output
 * layout makes and destroys wl_output globals by itself. A client's cursor is
 * copied at commit, so that its buffer is free again and a new renderer can show it.
 */
struct bn_cursor {
	struct bn_input *input;
	struct wlr_output *output;     // borrowed until its destroy event; NULL: nowhere
	struct wlr_output_cursor *wlr; // owned; on `output`
	double scale;                  // output px per logical px, of the display
	bool hidden;

	const char *name;             // static; a named shape; NULL: the client's or none
	size_t frame;                 // of a named shape that moves
	struct wlr_surface *surface;  // borrowed until its destroy event; the client's
	int32_t hotspot_x, hotspot_y; // of the client's, logical px
	struct bn_pixels *pixels;     // locked; the client's picture in output px
	int32_t width, height;        // of the client's, logical px
	struct bn_timer timer;        // the next picture, or the client's next frame callback

	struct wl_listener output_destroy, surface_commit, surface_destroy;
};

void bn_cursor_init(struct bn_cursor *cursor, struct bn_input *input);
void bn_cursor_finish(struct bn_cursor *cursor);
/** `name` must be static; an unknown one becomes "default". */
void bn_cursor_set_name(struct bn_cursor *cursor, const char *name);
/** The client's own picture; NULL: none at all. */
void bn_cursor_set_surface(struct bn_cursor *cursor, struct wlr_surface *surface, int32_t hotspot_x,
		int32_t hotspot_y);
/** Where it is: logical px of the output. */
void bn_cursor_move(struct bn_cursor *cursor, struct wlr_output *output, double scale, double x,
		double y);
void bn_cursor_hide(struct bn_cursor *cursor, bool hidden);
/** Off the output, which may be about to go. */
void bn_cursor_leave(struct bn_cursor *cursor);
/** Uploads the picture again: the output has another renderer or scale. */
void bn_cursor_refresh(struct bn_cursor *cursor);
/** What the picture covers with its hot spot at x, y; logical px. */
struct bn_rect bn_cursor_box(const struct bn_cursor *cursor, double x, double y);

#endif
