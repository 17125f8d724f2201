#ifndef BN_SAFETY_BEAT_H
#define BN_SAFETY_BEAT_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "core/guard_message.h"
#include "core/kick.h"
#include "loop.h"

struct bn_checks;
struct bn_guardlink;
struct bn_output;
struct bn_outputs;

/** What the guard knows of one output, by slot. */
struct bn_beat_slot {
	struct bn_output *output; // NULL: free
	int32_t width, height;    // px of the picture that the guard has; 0: none
	int32_t transform;
	bool safety;
	bool shown;              // a frame since the last REDRAW is on glass
	uint64_t after_sequence; // of the frame before the last REDRAW
	int64_t failing_ns;      // since when its frames are refused; 0: they are not
	uint64_t presented;      // flips seen at the last beat
	int64_t waiting_ns; // since which beat a flip is waited for whose commit has no record; 0: none
};

/**
 * Tells the guard, at each beat, that all is well (core/kick.h says when that is), and gives it a safe picture for
 * each display whenever displays or layout change. Without a guard: nothing, not even a wake-up.
 */
struct bn_beat {
	struct bn_guardlink *link;      // borrowed
	struct bn_outputs *outputs;     // borrowed
	const struct bn_checks *checks; // borrowed
	struct bn_timer timer;
	struct bn_beat_slot slots[BN_GUARD_DISPLAYS];
	bool withheld; // the last kick was not sent, which was said

	struct wl_listener changed, gone, frame, presented, modeset, redraw, lost;
};

void bn_beat_init(struct bn_beat *beat, struct bn_guardlink *link, struct bn_outputs *outputs,
		const struct bn_checks *checks);
void bn_beat_finish(struct bn_beat *beat);

#endif
