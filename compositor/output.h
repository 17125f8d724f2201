#ifndef BN_OUTPUT_H
#define BN_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_damage_ring.h>

#include "compose.h"
#include "core/deadline.h"
#include "core/histogram.h"
#include "feedback.h"
#include "loop.h"
#include "privacy.h"
#include "scene/list.h"

struct bn_pixels;
struct bn_scene;
struct bn_text;
struct wlr_allocator;
struct wlr_backend;
struct wlr_buffer;
struct wlr_output;
struct wlr_output_layout;
struct wlr_renderer;

/** One frame of one output; what stats, trace and ledger read. All ns. */
struct bn_frame_record {
	uint64_t sequence;
	int64_t due_ns, wake_ns, latch_ns, submit_ns, commit_ns, present_ns; // 0: did not happen
	int64_t planned_ns; // the refresh that it was for when its timer was set; late is after that
	int64_t aim_ns;     // the refresh that it was for when it started
	int64_t predicted_ns; // cost
	int64_t early_ns;     // so much sooner than it had to be, to be out of the cluster's way
	bool drawn;           // something was damaged and composed
	bool failed;          // the commit was refused
	bool scanned_out;     // a client's buffer was shown as it is
	bool divided;         // in parts, with others' turns in between
	bool hastened;        // all that it was for was there, so that it did not wait for its time
	uint32_t missed;      // refreshes that passed between aim and flip
	uint64_t upload_bytes;
	uint32_t draw_ops;
};

struct bn_output_stats {
	uint64_t presented, missed, failed, wakeups, deferred, scanned_out;
	uint64_t divided; // frames that were drawn in parts, with others' turns in between
	uint64_t upload_bytes;
	uint64_t underestimated; // frames that cost more than was predicted
	struct bn_histogram render, wake_late,
			latency;       // ns: cost, timer lateness, commit -> present
	struct bn_histogram predicted; // ns: of the cost
};

/** Of timers that are due together the lowest goes first. */
enum bn_rank {
	BN_RANK_SAFETY,    // a frame of a safety display
	BN_RANK_DISPLAY,   // of any other
	BN_RANK_CALLBACKS, // asking clients to draw
};

/** Who tells an output that its frame is on glass. */
enum bn_output_pace {
	BN_PACE_OWN,    // headless: our own estimate of the refresh
	BN_PACE_PARENT, // nested: the parent's frame event
	BN_PACE_FLIP,   // KMS: the page flip
};

/** What became of the layout's `adaptive-sync`. */
enum bn_adaptive_sync {
	BN_ADAPTIVE_SYNC_OFF, // not wanted
	BN_ADAPTIVE_SYNC_ON,
	BN_ADAPTIVE_SYNC_UNSUPPORTED, // the display or its driver has none
	BN_ADAPTIVE_SYNC_REFUSED,     // it says that it has, and did not take it
};

/** One display: its wlr_output, its clock, what it draws. */
struct bn_output {
	struct bn_outputs *outputs;
	struct wlr_output *wlr;
	size_t display;        // of the live layout; BN_NONE: the layout does not know it
	int32_t width, height; // display-logical px: mode after transform and scale
	double scale;
	int32_t refresh_mhz; // at which we draw; 0: not known
	bool enabled;
	bool safety; // its deadline goes before others'
	enum bn_adaptive_sync adaptive_sync, adaptive_sync_told;
	bool checked; // parts of what is composed are compared: no buffer of a client is shown as it is
	bool overlay; // shows its frame times; set through bn_output_set_overlay
	enum bn_output_pace pace;
	struct bn_scene_list list;
	struct wlr_damage_ring ring;
	struct bn_deadline deadline;
	struct bn_timer timer;
	struct wl_list callbacks; // bn_content.callback_link, of frame callbacks that are put off
	struct bn_timer callback_timer;
	struct wl_list asked; // bn_content.asked_link, of those whose answers the next frame is for
	bool has_asked;       // somebody, since the last frame
	bool hastened;        // its frame starts before its time: all answers are there
	bool asks_late;       // clients are asked shortly before the latch, not at once
	struct bn_feedbacks feedbacks; // frames on their way to glass, and who asked about them
	int64_t early_ns;              // so much before its time its next frame starts; bn_plan_due
	int deferrals;                 // how often its frame gave way to a safety output
	bool let_in;                   // a safety output has just drawn: it goes whatever it costs
	struct bn_composing composing; // the picture that is being drawn
	int64_t part_ns;               // when drawing it went on last
	int64_t scanout_after_ns;      // the display refused a client's buffer; ask again then
	struct wlr_buffer *
			composed; // borrowed while events.composed and before_commit run, else NULL
	struct wlr_buffer *front; // locked: what was committed last, NULL: nothing
	enum wl_output_transform front_transform; // with which it was drawn
	struct bn_privacy privacy;                // what pictures of it must not hold
	struct bn_frame_record record;            // the frame under way, then the last one
	struct bn_output_stats stats;
	struct wl_list link; // bn_outputs.list

	struct wl_listener frame, present, needs_frame, damage, request_state, destroy;
};

/** What the inspector writes on a display; answers are used until the frame is drawn. */
struct bn_inspector_source {
	const char *(*headline)(void *data, const struct bn_output *output);
	const char *const *(*labels)(void *data); // one per zone
	void *data;
};

/** What the frame-time overlay draws; NULL: nothing is known of the output. */
struct bn_overlay_source {
	const struct bn_scene_overlay_info *(*info)(void *data, const struct bn_output *output);
	void *data;
};

/** A picture of ours above everything else, in px of the output after its transform. */
struct bn_output_cover {
	struct bn_rect box;
	struct wlr_texture *texture; // of the box's size
};

/** What is to be covered on an output; the answer is used until the frame is drawn. */
struct bn_cover_source {
	const struct bn_output_cover *(*covers)(void *data, const struct bn_output *output,
			size_t *ret_count);
	void *data;
};

/** What an output shows from its mode's first refresh to its first frame; picture NULL: black. */
struct bn_first_source {
	/** Of this size as it is scanned out; the caller drops it. NULL: black. */
	struct bn_pixels *(*picture)(void *data, int32_t width, int32_t height,
			enum wl_output_transform transform, bool safety);
	void *data;
};

/** All outputs. Matches them to the layout's displays, gives each its own frame clock. */
struct bn_outputs {
	struct bn_loop *loop;
	struct wl_display *display;
	struct wlr_backend *backend;
	struct wlr_renderer *renderer;        // borrowed; replaced by bn_outputs_set_renderer
	struct wlr_allocator *allocator;      // borrowed
	struct wlr_output_layout *wlr_layout; // borrowed
	struct bn_scene *scene;               // borrowed
	struct bn_text *text;                 // borrowed, may be NULL
	const struct bn_layout *layout;       // borrowed, live
	struct wl_list list;                  // bn_output.link
	double window_scale;                  // nested: window px per mode px
	int32_t refresh_mhz; // headless and nested: instead of the mode's; 0: the mode's
	bool inspector;      // set through bn_outputs_set_inspector
	struct bn_inspector_source inspector_source;
	struct bn_overlay_source overlay_source;
	struct bn_cover_source cover_source;
	struct bn_first_source first_source;
	uint64_t next_sequence;
	int64_t turn_ns;  // a lesser frame draws so long, then clients have a turn; BN_PLAN_TURN_NS
	int64_t pause_ns; // and the processor so long for itself, who has the turn; bn_plan_pause

	struct {
		struct wl_signal changed;  // struct bn_output: came, got a size, or another display
		struct wl_signal gone;     // struct bn_output: about to be freed
		struct wl_signal composed; // struct bn_output: all is drawn but the covers, of
					   // which there are some
		struct wl_signal
				before_commit; // struct bn_output: the frame is composed; safety's place
		struct wl_signal frame; // struct bn_output: record is complete up to commit, or the
					// frame failed, or (not drawn) there was nothing to draw
		struct wl_signal modeset;  // struct bn_output: about to be set, which may take long
		struct wl_signal deferred; // struct bn_output: gave way until its timer
		struct wl_signal presented; // struct bn_output
	} events;

	struct wl_listener new_output, scene_damage;
};

void bn_outputs_init(struct bn_outputs *outputs, struct bn_loop *loop, struct wl_display *display,
		struct wlr_backend *backend, struct bn_scene *scene);
/** The back end is going by itself: no output comes from it any more. */
void bn_outputs_forget_backend(struct bn_outputs *outputs);
void bn_outputs_finish(struct bn_outputs *outputs);
/**
 * Matches outputs to the displays of a layout anew, and on headless and nested back ends makes and removes
 * outputs so that each display has one.
 */
void bn_outputs_set_layout(struct bn_outputs *outputs, const struct bn_layout *layout);
/** Draws with another renderer from the next frame on. False: an output refused it, with an ERROR line. */
bool bn_outputs_set_renderer(struct bn_outputs *outputs, struct wlr_renderer *renderer,
		struct wlr_allocator *allocator);
/** To be called before a renderer goes: no texture of it is left here. */
void bn_outputs_drop_textures(struct bn_outputs *outputs);
void bn_outputs_set_inspector(struct bn_outputs *outputs, bool on);
struct bn_output *bn_outputs_find(struct bn_outputs *outputs, size_t display);

void bn_output_set_overlay(struct bn_output *output, bool on);
/** Asks for a frame at the output's next deadline. */
void bn_output_schedule(struct bn_output *output);
/** Everything is redrawn. */
void bn_output_damage_whole(struct bn_output *output);
/** A box in px of the output after its transform is redrawn. */
void bn_output_damage_box(struct bn_output *output, const struct bn_rect *px);
/** Such a box in its buffer. */
struct wlr_box bn_output_map_box(const struct bn_output *output, const struct bn_rect *px);

/**
 * What the output showed last, read from the buffer that was committed: XRGB8888 in *ret_pixels (malloc'ed,
 * width * 4 bytes a row), in the display's logical orientation. Private zones are black. False, with a
 * sentence in `error`, when nothing was shown yet or it cannot be read.
 */
bool bn_output_screenshot(struct bn_output *output, uint32_t **ret_pixels, int32_t *ret_width,
		int32_t *ret_height, char *error, size_t error_size);

#endif
