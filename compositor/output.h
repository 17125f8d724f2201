#ifndef BN_OUTPUT_H
#define BN_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_damage_ring.h>

#include "core/deadline.h"
#include "core/drawlist.h"
#include "core/histogram.h"
#include "loop.h"

struct bn_scene;
struct wlr_allocator;
struct wlr_backend;
struct wlr_buffer;
struct wlr_output;
struct wlr_renderer;

/** One frame of one output; what stats, trace and ledger read. All ns. */
struct bn_frame_record {
	uint64_t sequence;
	int64_t due_ns, wake_ns, latch_ns, submit_ns, commit_ns, present_ns; // 0: did not happen
	int64_t predicted_ns;
	bool drawn;    // something was damaged and composed
	bool missed;   // a refresh went by without the frame that was due
	bool failed;   // the commit was refused
	uint64_t upload_bytes;
	uint32_t draw_ops;
};

struct bn_output_stats {
	uint64_t presented, missed, failed, wakeups, idle_wakeups;
	uint64_t upload_bytes;
	struct bn_histogram render, wake_late, latency; // ns: cost, timer lateness, commit -> present
};

enum bn_frame_state {
	BN_FRAME_IDLE,
	BN_FRAME_ARMED,     // its timer runs
	BN_FRAME_COMMITTED, // waits for the flip (or the parent's frame event)
	BN_FRAME_ESTIMATED, // nothing was drawn; callbacks are paced by an estimated flip
};

/** One display: its wlr_output, its clock, what it draws. */
struct bn_output {
	struct bn_outputs *outputs;
	struct wlr_output *wlr;
	size_t display;          // of the live layout; BN_NONE: the layout does not know it
	int32_t width, height;   // display-logical px: mode after transform and scale
	double scale;
	bool enabled;
	struct bn_drawlist list;
	struct wlr_damage_ring ring;
	struct bn_deadline deadline;
	enum bn_frame_state state;
	struct bn_timer timer;
	bool damaged;            // scene said so since the last frame
	bool inspector;
	struct bn_frame_record record; // the frame under way, then the last one
	struct bn_output_stats stats;
	struct wl_list link;     // bn_outputs.list
	void *overlay;           // inspector's pictures; owned, opaque

	struct wl_listener frame, present, needs_frame, damage, request_state, destroy;
};

/** All outputs. Matches them to the layout's displays, gives each its own frame clock. */
struct bn_outputs {
	struct bn_loop *loop;
	struct wlr_backend *backend;
	struct wlr_renderer *renderer;   // borrowed; replaced by bn_outputs_set_renderer
	struct wlr_allocator *allocator; // borrowed
	struct bn_scene *scene;          // borrowed
	const struct bn_layout *layout;  // borrowed, live
	struct wl_list list;             // bn_output.link
	bool inspector;

	struct {
		struct wl_signal changed;  // struct bn_output: came, got a size, or another display
		struct wl_signal gone;     // struct bn_output: about to be freed
		struct wl_signal before_commit; // struct bn_output: the frame is composed, record is filled; safety's place
		struct wl_signal frame;    // struct bn_output: record is complete up to commit
		struct wl_signal presented;// struct bn_output
	} events;

	struct wl_listener new_output, scene_damage;
};

struct bn_output *bn_outputs_find(struct bn_outputs *outputs, size_t display);
struct bn_output *bn_outputs_find_wlr(struct bn_outputs *outputs, const struct wlr_output *wlr);

/** Asks for a frame at the output's next deadline. */
void bn_output_schedule(struct bn_output *output);
/** Everything is redrawn. */
void bn_output_damage_whole(struct bn_output *output);

/**
 * What the output shows, drawn anew into memory: XRGB8888 in *ret_pixels (malloc'ed, width * 4 bytes a row)
 * of the mode's size in the display's logical orientation. Private zones are left black. False when it
 * cannot be drawn.
 */
bool bn_output_screenshot(struct bn_output *output, uint32_t **ret_pixels, int32_t *ret_width, int32_t *ret_height);

#endif
