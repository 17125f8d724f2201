#ifndef BN_LIB_APP_H
#define BN_LIB_APP_H

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/palette.h"
#include "lib/signals.h"
#include "lib/text.h"

/**
 * A cockpit app: one toplevel, painted with cairo into wl_shm buffers or with GLES.
 *
 * Time is the compositor's: it comes with frame callbacks and nowhere else, so that a cockpit in
 * virtual time shows the same picture on each run. An app's picture follows from its size, the
 * theme, the signals and the callback times; it reads no clock and no random number.
 *
 * Nothing blocks. Without something that moves, no callback is asked for and the app sleeps.
 */
struct bn_app;

enum bn_renderer {
	BN_RENDERER_AUTO, // GLES where a GPU draws it, else shm
	BN_RENDERER_GLES,
	BN_RENDERER_SHM,
};

enum bn_touch {
	BN_TOUCH_DOWN,
	BN_TOUCH_MOVE,
	BN_TOUCH_UP,
	BN_TOUCH_CANCEL,
};

struct bn_app_options {
	const char *app_id; // borrowed from argv or the app
	const char *zone;   // NULL: wherever the layout puts us
	bool demo;          // drive by bn_signals_demo where there is no cockpit
	enum bn_renderer renderer;
	int heartbeat_ms; // 0: none; else the longest time without a commit that carries damage
};

/** What an app may read in each of its functions. Owned by the library. */
struct bn_app_view {
	int width, height; // logical px
	double scale;      // buffer px per logical px
	int64_t time_ms;   // of the callback this frame is for; never goes back
	double elapsed_s;  // since the frame before; 0 at first, and at most 0.25 after a pause
	bool has_cockpit;
	bool visible; // false: no driver or passenger sees us
	struct bn_signals signals;
	struct bn_palette palette;
	const struct bn_fonts *fonts;
};

struct bn_app_info {
	const char *program; // as called
	const char *title;
	const char *app_id; // default
	const char *usage;  // lines for options of its own, NULL: none
	/** Paints without a callback's time: a change of a signal is drawn at once. */
	bool is_timeless;

	/** An option "--name" of its own, without value; true when it is known. */
	bool (*option)(void *data, const char *name);
	/** The size, scale or theme is new: drop what was cached. */
	void (*reset)(void *data, const struct bn_app_view *view);
	/**
	 * Moves the app's state to `view->time_ms` and adds what looks different, logical px, to the
	 * damage. True: call again at the next frame even if no signal changes.
	 */
	bool (*update)(void *data, const struct bn_app_view *view, cairo_region_t *damage);
	/** Paints what lies in `damage`; the context is clipped to it. */
	void (*paint)(void *data, const struct bn_app_view *view, cairo_t *cr,
			const cairo_region_t *damage);
	/** NULL: not touchable. */
	void (*touch)(void *data, enum bn_touch touch, double x, double y);

	/** With a current GLES 3 context; false: fall back to shm. NULL: shm only. */
	bool (*gles_init)(void *data);
	void (*gles_paint)(void *data, const struct bn_app_view *view, int width, int height);
	void (*gles_finish)(void *data);
};

/**
 * Parses the arguments, connects, runs until the window is closed or the compositor leaves.
 * Returns the exit status; on failure the reason is on stderr.
 */
int bn_app_main(const struct bn_app_info *info, void *data, int argc, char **argv);

#endif
