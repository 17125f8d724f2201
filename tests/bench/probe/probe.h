#ifndef BENCH_PROBE_H
#define BENCH_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-client.h>

struct binnacle_cockpit_v1;
struct wp_presentation;
struct wp_viewport;
struct wp_viewporter;
struct xdg_surface;
struct xdg_toplevel;
struct xdg_wm_base;

/**
 * A plain client that loads a compositor in a stated way and writes down what became of each of its
 * frames. Its pictures are drawn before they are needed: at a commit it spends nothing on pixels.
 */
enum bench_mode {
	BENCH_PACE,   // a frame at each frame callback
	BENCH_TIMER,  // a frame at each tick of its own timer
	BENCH_FLOOD,  // commits as fast as the socket takes them, without waiting for anything
	BENCH_IDLE,   // one frame, then nothing
	BENCH_CHURN,  // windows are made, mapped, resized, unmapped and destroyed, a step a tick
	BENCH_SIGNAL, // a frame when the vehicle signal changes
};

struct bench_options {
	enum bench_mode mode;
	const char *app_id;                  // borrowed from argv, as all strings here
	const char *signal;                  // the one to follow
	int32_t width, height;               // of the buffers, px; 0: as the compositor says
	int32_t expect_width, expect_height; // ready only when the window has this size; 0: any
	int32_t damage;                      // side of the square that changes, px; 0: everything
	double hz;
	int64_t phase_ns;
	int windows;    // toplevels, at least 1
	int tiles;      // subsurfaces, each with a frame of its own at each frame of the window
	uint32_t color; // XRGB
};

/** One commit that carried a buffer, all times CLOCK_MONOTONIC ns. */
struct bench_frame {
	int64_t cause_ns;     // callback, tick, signal or release of a buffer that it answers
	int64_t commit_ns;    // the commit was on its way to the compositor
	int64_t presented_ns; // 0: no feedback came, -1: superseded
	int64_t refresh_ns;   // as the compositor calls it, 0: it does not say
	int64_t waited_ns;    // this process stood in the run queue since its last commit
	uint64_t sequence;    // the output's, 0: none
	uint32_t flags;       // wp_presentation_feedback.kind
};

#define BENCH_BUFFERS 4
#define BENCH_TILE 60 // px

struct bench_buffer {
	struct wl_buffer *wl;
	bool busy; // the compositor has it
	struct bench_probe *probe;
};

struct bench_window {
	struct bench_probe *probe;
	struct wl_surface *surface; // NULL: not made yet, or destroyed
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	int32_t width, height; // as configured, 0: the compositor leaves it to us
	bool configured;
	bool unmapped; // what is told of it is of no use any more
	int step;      // of churn
};

struct bench_probe {
	struct bench_options options;
	struct wl_display *display;
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct wp_presentation *presentation;
	struct wp_viewporter *viewporter;
	struct wp_viewport
			*viewport; // of the first window when its buffers have a size of their own
	struct binnacle_cockpit_v1 *cockpit;
	uint32_t clock; // of presentation feedback
	struct bench_window
			*windows; // owned, options.windows of them; the first is the one that draws
	struct bench_buffer buffers[BENCH_BUFFERS]; // of the first window's size, shared by all
	struct bench_buffer small[2];               // of tiles and of churn
	int32_t buffer_width, buffer_height;        // px, 0: there are none yet
	struct wl_surface **tiles;                  // owned
	struct wl_callback *callback;
	bool starved; // a frame waits for a buffer: the compositor has them all
	int opened;   // windows that have drawn
	unsigned drawn, turn;
	uint64_t commits;
	int presented;
	bool ready, closed;
	struct bench_frame *frames; // owned, BENCH_FRAMES of them
	size_t frame_count;
	int schedstat; // fd of /proc/self/schedstat, -1: this kernel has none
	int64_t waited_ns;
};

int64_t bench_now_ns(void);

/** Makes one more window and asks for its first configure. */
void bench_window_open(struct bench_window *window);
void bench_window_close(struct bench_window *window);
/** A frame of the first window for what happened at cause_ns; waits for a buffer if the compositor has all. */
void bench_draw(struct bench_probe *probe, int64_t cause_ns);
/** One commit of a flood. */
void bench_flood(struct bench_probe *probe);
/** One step in the life of one window. */
void bench_churn(struct bench_probe *probe);

/** Begins the record of a frame whose commit follows at once. NULL: the log is full. */
struct bench_frame *bench_frame_begin(struct bench_probe *probe, int64_t cause_ns);
/** Its commit has been sent. */
void bench_frame_sent(struct bench_probe *probe, struct bench_frame *frame);
/** Tells the driver, once, that all is warm. */
void bench_print_ready(struct bench_probe *probe);
bool bench_frames_init(struct bench_probe *probe);
void bench_frames_print(const struct bench_probe *probe);

#endif
