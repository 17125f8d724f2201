#ifndef BN_CORE_PLAY_H
#define BN_CORE_PLAY_H

#include <stddef.h>
#include <stdint.h>

#include "core/diag.h"
#include "core/layout.h"

struct bn_arena;

/**
 * A scripted drive: what happens to the cockpit, and when. A YAML list:
 *
 *   - { at: 0s, set: { Vehicle.Speed: 0 }, capture: park }
 *   - { at: 2s, ramp: { Vehicle.Speed: { to: 52, over: 4s } } }
 *   - { at: 8s, show: { main: media } }
 *   - { at: 9s, kill: nav }
 *
 * Names are not resolved here: the cockpit that plays the script knows them. Plain
 * data, immutable, freed as a whole.
 */
enum bn_play_kind {
	BN_PLAY_SET,     // signal `name` gets `value` (BN_VALUE_UNKNOWN: it is forgotten)
	BN_PLAY_THEME,   // theme `name` is forced; NULL: rules decide again
	BN_PLAY_PROFILE, // profile `name` is loaded; NULL: none
	BN_PLAY_SHOW,    // app `name` in zone `zone`; NULL: its home
	BN_PLAY_HIDE,    // app or zone `name`
	BN_PLAY_KILL,    // app `name` dies (SIGKILL), as in a crash
	BN_PLAY_HANG,    // app `name` stops (SIGSTOP)
	BN_PLAY_RESUME,  // app `name` goes on (SIGCONT)
	BN_PLAY_CAPTURE, // one picture per display, called `name`
};

struct bn_play_step {
	int64_t at_ns; // from the start of the script
	enum bn_play_kind kind;
	const char *name;
	const char *zone;
	struct bn_value value;
	struct bn_mark mark;
};

struct bn_play {
	struct bn_play_step *steps; // by time; at one time in the file's order, captures last
	size_t count;
	int64_t end_ns;         // of the last step, or of `- { at: T }` alone
	struct bn_arena *arena; // owns everything above
};

/** A ramp sets its signal this often. */
#define BN_PLAY_RAMP_NS INT64_C(50000000)
#define BN_PLAY_MAX_STEPS 100000

/** Reads a script; NULL when there was an error, of which all are in `diags`. Blocks on the file system. */
struct bn_play *bn_play_load(const char *path, struct bn_diag_list *diags);
struct bn_play *bn_play_load_text(const char *text, size_t length, const char *path,
		struct bn_diag_list *diags);
void bn_play_destroy(struct bn_play *play);

#endif
