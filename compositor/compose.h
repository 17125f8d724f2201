#ifndef BN_COMPOSE_H
#define BN_COMPOSE_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/box.h>

#include "core/bands.h"

struct bn_output;
struct bn_rect;
struct wlr_buffer;

/** A frame whose pictures go is begun anew so often. */
#define BN_COMPOSE_RESTARTS 2

/**
 * An output's picture on its way: what its draw list says, drawn into the next buffer.
 *
 * Where a CPU draws, a frame of a lesser display may not be over before the cluster's next one. It
 * is then drawn in bands of rows: for a turn, then clients have theirs, and so on until the cluster's frame, and the rest
 * after that; what was latched for it stays as it was. When a picture in its list goes meanwhile, the frame is stale and
 * has to be begun anew; when that has happened BN_COMPOSE_RESTARTS times, it is finished with black in that place,
 * so that who makes and destroys windows all the time cannot stop the display. The picture is that
 * of an undivided frame; on GLES a scaled texture's coordinates round anew at each band, as they do
 * at each rectangle of damage: to 1 of 255.
 */
struct bn_composing {
	bool active;  // a buffer is being drawn into; what follows is valid only then
	bool stale;   // what it was drawn from is gone
	int restarts; // in a row, for that reason
	struct wlr_output_state state; // with the buffer
	pixman_region32_t damage;      // to be drawn, buffer px
	struct bn_bands bands;
	int64_t spent_ns; // drawing the parts before this one; frame.c keeps it
	struct wl_listener dropped;
};

/** Takes a buffer for output->composing. False: there is none, and nothing has to be ended. */
bool bn_compose_begin(struct bn_output *output);
/** Draws what fits into left_ns, but at least a row. False: drawing failed. */
bool bn_compose_draw(struct bn_output *output, int64_t left_ns);
bool bn_compose_is_done(const struct bn_output *output);
/** The buffer is committed, or given up: the output's state and what it held go. Harmless when not active. */
void bn_compose_end(struct bn_output *output);

/**
 * Draws a picture over all of the output into a commit that sets its mode, so that the mode comes with that picture and
 * not with a black one. False: it cannot, and the state is as it was.
 */
bool bn_compose_picture(struct bn_output *output, struct wlr_output_state *state,
		struct wlr_buffer *picture);

/** From the list's space (as a person sees it) to the buffer's (as it is scanned out). */
struct wlr_box bn_compose_map_box(const struct bn_output *output, const struct bn_rect *rect);
void bn_compose_map_region(const struct bn_output *output, pixman_region32_t *ret,
		const pixman_region32_t *region);
/** Lets go of what was committed last. */
void bn_compose_drop_front(struct bn_output *output);

#endif
