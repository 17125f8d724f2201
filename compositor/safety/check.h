#ifndef BN_SAFETY_CHECK_H
#define BN_SAFETY_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <wayland-server-core.h>

#include "core/golden.h"
#include "core/histogram.h"
#include "core/reaction.h"
#include "core/rect.h"
#include "core/telltale.h"
#include "loop.h"
#include "output.h"

struct bn_check;
struct bn_cockpit;
struct bn_deadlines;
struct bn_peek;
struct bn_pixels;
struct bn_text;
struct wlr_texture;

/**
 * Truth on glass: what must be seen is looked for in the composed pixels, whoever drew them.
 *
 * The place of each check is read from every frame that changes it, and at each beat of
 * 50 ms from what is shown, so that a picture that went wrong by itself is found too. It goes
 * where its zone goes: to a backup on another display, unless that has checks of its own. The
 * verdict is passed when the frame is on glass, by core/telltale. What fails is covered by
 * a picture of Binnacle's own in the next frame, drawn in a second pass; the first one is
 * read before, so that an app that has come right is noticed, and the cover is checked
 * after. Nothing here waits, and after the first frame nothing allocates, but for a
 * cover that shows the time or the speed.
 */

/** A picture that can stand over a check's place. */
struct bn_check_cover {
	struct bn_pixels *pixels;    // owned; NULL: none
	struct wlr_texture *texture; // owned; NULL: not made yet for this renderer
	uint64_t version;            // of what it shows
};

/** A read of a place, and what came of it. */
struct bn_check_look {
	struct bn_peek *peek;               // owned
	bool asked;                         // a read is under way
	int64_t asked_ns;                   // of the last one
	enum wl_output_transform transform; // of the output then
};

/** One entry of the layout's `checks:`. */
struct bn_check_item {
	struct bn_checks *checks;
	const struct bn_check *spec; // borrowed from the live layout
	char problem[200];           // why it is not looked at; "": it is
	struct bn_golden golden;
	uint32_t *pictures[3]; // owned; pixels of golden's pictures
	uint32_t *upright;     // owned; a picture of that size as a person sees it
	struct bn_telltale telltale;
	struct bn_reaction books; // with the deadlines, see safety/deadlines
	bool is_looked_at;        // it has its place on a display, and a golden that fits
	size_t at_zone;           // where it was last: its zone, or a backup; BN_NONE: nowhere yet

	struct bn_check_look app, cover; // of the app's picture, and of the cover once it is drawn
	bool is_covered;                 // in the frame that was composed last
	struct bn_rect box;              // its place, px of the output after its transform
	struct bn_check_cover shown, dark; // for a lamp that must be on, and one that must not

	uint64_t reads, faults[BN_TELLTALE_FAULT_COUNT];
	struct bn_histogram reaction; // ns from the first sight of a fault to its cover on glass
};

/** Whether a display can be relied on. */
struct bn_checks_safe {
	size_t display; // of the live layout
	bool safe;      // true: something there is wrong and could not be covered
};

struct bn_checks {
	struct bn_loop *loop; // borrowed, as all below
	struct bn_cockpit *cockpit;
	struct bn_outputs *outputs;
	struct bn_deadlines *deadlines; // its misses are told there
	struct bn_text *text;           // may be NULL
	struct bn_check_item *items;    // owned; one per check of the live layout
	size_t count;
	bool holds_beat;                // of the cockpit
	const struct bn_check *specs;   // what they were made from, to be compared only
	struct bn_output_cover *covers; // owned; room for all checks
	struct bn_timer timer;          // when a verdict falls due between two beats

	struct {
		struct wl_signal verdict; // struct bn_check_item *: covered, safe, or right again
		struct wl_signal safe;    // struct bn_checks_safe *: begins or ends
	} events;

	struct wl_listener layout, arranged, signal, beat;
	struct wl_listener output_changed, composed, before_commit, presented;
};

/** What a display's checks say together; the worst counts. */
enum bn_checks_state {
	BN_CHECKS_WELL,
	BN_CHECKS_COVERED, // something was wrong and is covered
	BN_CHECKS_SAFE,    // something is wrong and is seen
};

/** False when out of memory: nothing to finish then. Golden pictures that are missing cost only their check. */
bool bn_checks_init(struct bn_checks *checks, struct bn_loop *loop, struct bn_cockpit *cockpit,
		struct bn_outputs *outputs, struct bn_deadlines *deadlines, struct bn_text *text);
void bn_checks_finish(struct bn_checks *checks);
/** Before a renderer goes: no texture of it is left here. */
void bn_checks_drop_textures(struct bn_checks *checks);
enum bn_checks_state bn_checks_state(const struct bn_checks *checks, size_t display);
/** What the checks of a zone found, one line each, for people. */
void bn_checks_why(const struct bn_checks *checks, size_t zone, FILE *out);
/** One check in a sentence: "on is demanded, the glass shows off: covered (absent)". */
void bn_check_describe(const struct bn_check_item *item, char *buffer, size_t size);

/** The zone in which it stands now: its own, or the backup that shows in place of it. */
size_t bn_check_zone(const struct bn_check_item *item);
struct bn_check_item *bn_checks_find(struct bn_checks *checks, const char *name);
/**
 * The picture that is demanded now, from what the display shows: malloc'ed pixels 0x??RRGGBB, and the path of the
 * file that it belongs in (the layout's). False, with a sentence in `error`, when what is shown is not, as far as
 * can be told, what is demanded.
 */
bool bn_check_capture(struct bn_check_item *item, uint32_t **ret_pixels, int32_t *ret_width,
		int32_t *ret_height, const char **ret_path, char *error, size_t error_size);

#endif
