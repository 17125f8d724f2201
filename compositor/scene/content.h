#ifndef BN_SCENE_CONTENT_H
#define BN_SCENE_CONTENT_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/util/addon.h>
#include <wlr/util/box.h>

#include "core/layout.h"
#include "core/predictor.h"
#include "loop.h"
#include "scene/acquire.h"
#include "scene/look.h"

struct bn_client;
struct bn_clients;
struct wlr_buffer;
struct wlr_compositor;
struct wlr_output;
struct wlr_presentation_feedback;
struct wlr_renderer;
struct wlr_surface;
struct wlr_texture;

#define BN_CONTENT_PACE 6
/** A client above its rate gets superseded buffers back at the next latch, but for more than so many. */
#define BN_CONTENT_HELD 4
/**
 * Below the safety layer a picture of more bytes is uploaded in parts of this size, one a frame. Copying it
 * takes 1 ms of a core (8 GB/s), which leaves room in every refresh.
 */
#define BN_CONTENT_PART_BYTES (INT64_C(8) * 1024 * 1024)
/** A part is over when this time is, whatever its size. */
#define BN_CONTENT_PART_NS INT64_C(2000000)
#define BN_CONTENT_STEP_BYTES ((size_t)1024 * 1024)
/** Commits of one surface that wait for its parent's. wlroots keeps each of them, with its buffer. */
#define BN_CONTENT_COMMITS_WAITING 256
/** Damage of more rectangles is what is around them: whoever draws goes through all. */
#define BN_CONTENT_DAMAGE_RECTS 256
/** A client's response is foretold from this many answers on. */
#define BN_CONTENT_RESPONSES 3
/** An answer that takes longer is none: there was nothing to draw. */
#define BN_CONTENT_RESPONSE_MAX_NS INT64_C(100000000)

/** How a buffer fills its surface: settled by the commit that it came with. */
struct bn_content_geometry {
	struct wlr_fbox source; // the part of the buffer that shows, buffer px
	int transform;          // enum wl_output_transform of the buffer
	int32_t width, height;  // of the surface, surface px
};

/** A committed buffer that the GPU still works on, and what it changes against the one before. */
struct bn_content_waiting {
	struct wlr_buffer *buffer; // locked; NULL: none
	int64_t committed_ns;
	struct bn_content_geometry geometry;
	pixman_region32_t buffer_damage, surface_damage;
	struct bn_acquire acquire;
	struct wlr_presentation_feedback *feedback; // owned; NULL: nobody asked
};

/** A picture that is taken over in parts; until it is whole the one before stays. */
struct bn_content_coming {
	struct wlr_texture *texture; // owned; NULL: none
	struct wlr_buffer *buffer;   // locked
	int64_t committed_ns;
	struct bn_content_geometry geometry;
	pixman_region32_t surface_damage;
	struct wlr_presentation_feedback *feedback; // owned; NULL: nobody asked
};

/**
 * The intake of client pixels, ours because wlroots would upload at every commit.
 *
 * A surface holds at most three buffers: the shown one, the newest finished one and
 * one that the GPU still works on (scene/acquire); whatever is older goes back.
 * A commit costs a lock and a region; the upload happens when an output latches,
 * at most once a refresh. A buffer that is superseded before it was latched goes
 * back to its client unread, so a flood of commits costs its sender only.
 *
 * A buffer whose GPU work has not finished waits, and costs nothing while it does:
 * the shown one stays, and `changed` is emitted again when it has become the newest.
 */
struct bn_content {
	uint64_t id; // unique, from 1; the draw list's key
	struct bn_contents *contents;
	struct wlr_surface *surface;
	struct bn_client *client;          // borrowed
	struct bn_content_waiting waiting; // committed, not finished
	struct wlr_buffer *newest;         // locked; finished, not latched; NULL: none
	int64_t newest_ns;                 // when it was committed
	struct bn_content_geometry newest_geometry;
	struct wlr_presentation_feedback *newest_feedback, *latched_feedback; // owned, or NULL
	struct wlr_buffer *held[BN_CONTENT_HELD]; // locked; superseded by a client above its rate
	struct wlr_buffer *shown;                 // locked while kept; what `texture` was made from
	struct wlr_texture *texture;     // owned; NULL: nothing latched, or a single colour
	struct bn_content_coming coming; // a large picture of which a part is uploaded
	bool has_color;                  // a single-pixel buffer: `color` instead of a texture
	float color[4];                  // premultiplied rgba
	bool opaque;                     // the latched buffer has no alpha
	bool failed;                     // the last upload failed
	int64_t latched_ns;              // when what is latched was committed; 0: nothing is
	struct bn_look look;             // is it another picture than the one before?
	bool tree_waits; // of a tree's root: in this latch, for a member's unfinished buffer
	int32_t buffer_width, buffer_height; // of what is latched, as all below
	struct wlr_fbox source;              // the part of the buffer that shows, buffer px
	int transform;                       // enum wl_output_transform of the buffer
	int32_t width, height;               // of the surface, surface px
	pixman_region32_t buffer_damage;     // newest against latched, buffer px
	pixman_region32_t surface_damage;    // latched against drawn, surface px
	pixman_region32_t pending_damage;    // newest against latched, surface px
	int64_t commits_ns[BN_CONTENT_PACE]; // a ring: the last commits that carried damage
	unsigned commits_next;
	const void *listed_in; // the draw list that it was added to last, and in which of its frames
	uint64_t listed_frame;
	struct wl_list callback_link; // of its output's, while a frame callback is put off; else empty
	int64_t callback_due_ns;
	struct wl_list asked_link; // of its output's, while a frame callback is not answered with a buffer; else empty
	int64_t asked_ns; // the frame callback that was not answered with a buffer yet; 0: none
	struct bn_predictor response; // ns from a frame callback to the buffer that answers it
	unsigned responses;           // how many it is from, at most BN_CONTENT_RESPONSES
	struct wlr_output *output;    // the wl_output that it was told it is on; borrowed
	struct wl_list link;          // bn_contents.list
	struct wlr_addon addon;

	struct wl_listener client_commit, commit, unmap, output_destroy;
};

/** What latching one buffer, or a part of it, was. */
struct bn_content_latched {
	struct bn_content *content;
	struct wlr_output *output; // for whose frame
	int64_t begin_ns, end_ns;
	size_t bytes; // uploaded
};

struct bn_contents {
	struct bn_loop *loop;
	struct bn_clients *clients;
	struct wlr_renderer *renderer; // borrowed; NULL while there is none
	struct wl_list list;           // bn_content.link
	uint64_t next_id;
	size_t waiting; // contents with a buffer that is not finished

	struct {
		struct wl_signal changed; // struct bn_content: after intake, or when it is unmapped
		struct wl_signal latched; // struct bn_content_latched
		struct wl_signal
				dropped; // struct bn_content: its picture has gone, or it goes itself
	} events;

	struct wl_listener new_surface;
};

void bn_contents_init(struct bn_contents *contents, struct bn_loop *loop,
		struct bn_clients *clients, struct wlr_compositor *compositor);
void bn_contents_finish(struct bn_contents *contents);
struct bn_content *bn_content_from_surface(struct wlr_surface *surface);

/**
 * Changes the renderer. While the old one still works (`alive`), what it shows is read back, so that
 * clients that do not draw again keep their picture. Otherwise only contents whose buffer is kept come back.
 */
void bn_contents_set_renderer(struct bn_contents *contents, struct wlr_renderer *renderer,
		bool alive);

/**
 * Takes the newest ready buffer, if there is one: uploads it and returns the bytes that went. With `keep`
 * the buffer stays locked until it is replaced, so that another renderer can draw it again. With `in_parts`
 * a large picture may come over several latches.
 */
size_t bn_content_latch(struct bn_content *content, bool keep, bool in_parts);
/** As bn_content_latch, timed and told: what an output does for its frame. */
size_t bn_content_latch_for(struct bn_content *content, bool keep, bool in_parts,
		struct wlr_output *output);
/** Gives back what a client above its rate had to wait for. */
void bn_content_release_held(struct bn_content *content);
/** A finished buffer waits to be latched, or a part of one was. */
bool bn_content_has_news(const struct bn_content *content);
/** Who wants to know when what is latched comes on glass: NULL, nobody does or it was taken before. The caller owns it. */
struct wlr_presentation_feedback *bn_content_take_feedback(struct bn_content *content);
/** Nothing of it is still being drawn: what was committed last can be latched, or has been. */
bool bn_content_is_ready(const struct bn_content *content);
/**
 * The content whose commits its own go with: its own, or for a synchronized subsurface the one that leads its
 * tree. Such a tree is latched as a whole or not at all.
 */
struct bn_content *bn_content_tree(struct bn_content *content);
/** How many bytes latching it would read. */
int64_t bn_content_news_bytes(const struct bn_content *content);
/** Whether there is anything to draw. */
bool bn_content_is_drawable(const struct bn_content *content);
/** More than 5 changes within the last second: it moves. */
bool bn_content_is_moving(const struct bn_content *content, int64_t now_ns);
/** Whether the client waits for a frame callback. */
bool bn_content_wants_callback(const struct bn_content *content);
/** Sends the frame callbacks that it waits for. */
void bn_content_send_callback(struct bn_content *content, int64_t now_ns);
/** How long it is foretold to take from a frame callback to a buffer, ns; -1: not known. */
int64_t bn_content_response_ns(const struct bn_content *content);
/** Tells the client on which wl_output it is, and that output's scale. NULL: on none. */
void bn_content_set_output(struct bn_content *content, struct wlr_output *output, double scale);

#endif
