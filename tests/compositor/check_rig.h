#ifndef BN_TEST_CHECK_RIG_H
#define BN_TEST_CHECK_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "fixture.h"
#include "safety/check.h"

/**
 * A cluster with one lamp that is checked, an app that draws it, right or wrong, and a neighbour that moves.
 *
 * The lamp's app fills the strip at the top: the lamp, and beside it another one that is not
 * checked and blinks. All is in virtual time.
 */

#define RIG_WIDTH 240
#define RIG_HEIGHT 96
#define RIG_STRIP 32 // height of the telltale zone
#define RIG_X 8      // of the lamp
#define RIG_Y 4
#define RIG_SIDE 24
#define RIG_LAMP_SIGNAL "Vehicle.Lamp"

enum rig_lamp {
	RIG_OFF,
	RIG_ON,
	RIG_SCRATCHED, // on, but for a few pixels
	RIG_OTHER,     // another symbol
	RIG_NOISE,     // junk
	RIG_LAMPS,
};

struct rig {
	struct bn_fixture fixture;
	char folder[64]; // of the golden pictures, removed at the end
	struct bn_test_client *lamp_client, *neighbour_client;
	struct bn_test_window *lamp_window, *neighbour_window;
	enum rig_lamp lamp;
	bool blink;
	uint32_t tick; // of the neighbour
};

struct rig_options {
	enum bn_renderer_kind renderer;
	const char *display;  // members of the display beside its mode: ", transform: 90"
	const char *on_fault; // NULL: builtin:brake
	const char *more;     // further lines of the layout
	int width, height;    // 0: RIG_WIDTH, RIG_HEIGHT
	bool no_golden;       // the pictures' files are not there yet
	bool no_off;          // the check names no off: picture
	bool no_apps;         // nobody draws anything yet
	bool has_backup; // a display "spare" beside, with room for the strip while the cluster is missing
};

/** Starts it; with the lamp off and known to be, everything drawn. */
void rig_start(struct rig *rig, const struct rig_options *options);
void rig_stop(struct rig *rig);
/** The file of the golden picture, or of the off picture. */
void rig_path(const struct rig *rig, bool on, char path[128]);
void rig_open_lamp_app(struct rig *rig);
/** "true", "false" or NULL: unknown. */
void rig_set(struct rig *rig, const char *signal, const char *value);
/** The lamp's app draws, whatever the signal says. */
void rig_draw(struct rig *rig, enum rig_lamp lamp);
/** The neighbour's app draws something else, and the lamp that nobody checks blinks now and then. */
void rig_move(struct rig *rig);
/** So much time with everybody listened to; the neighbour moves every 50 ms when `moving`. */
void rig_run(struct rig *rig, int ms, bool moving);

struct bn_check_item *rig_item(struct rig *rig);
struct bn_output *rig_output(struct rig *rig);
/** The display on which the lamp is now. */
struct bn_output *rig_place(struct rig *rig);
/** A pixel of what the app would draw, 0xRRGGBB. */
uint32_t rig_pixel(enum rig_lamp lamp, int x, int y);
/** Whether the lamp's place on glass shows this; of a display that is neither turned nor scaled. */
bool rig_shows(struct rig *rig, enum rig_lamp lamp);
/** Whether it shows the picture of Binnacle's own that is meant for a lamp that must be on. */
bool rig_shows_cover(struct rig *rig);
/** Overwrites the lamp's place in a buffer that was composed. */
void rig_corrupt(struct bn_output *output, struct wlr_buffer *buffer, const struct bn_rect *box);

#endif
