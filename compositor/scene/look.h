#ifndef BN_SCENE_LOOK_H
#define BN_SCENE_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/layout.h"

struct wlr_buffer;

enum bn_look_at {
	BN_LOOK_NOT,    // nobody asks
	BN_LOOK_ALL,    // at the whole buffer
	BN_LOOK_PART,   // at `part` of it
	BN_LOOK_IGNORE, // another surface of its view has the declared part: this one proves nothing
};

/**
 * Tells whether a latched buffer is another picture than the one before it.
 *
 * Buffers in memory are read in part (core/sample), at a bounded price. Those of a GPU
 * are not: reading one back would stall the frame. Each of them counts as another picture.
 */
struct bn_look {
	enum bn_look_at at;       // set before the latch
	struct bn_length part[4]; // x, y, width, height within the buffer
	bool valid;               // `value` is of what was taken last
	uint64_t value;
	bool changed; // by what was taken last
};

/** The buffer is the picture from now on. */
void bn_look_take(struct bn_look *look, struct wlr_buffer *buffer);
/** There is no picture any more: whatever comes is another one. */
void bn_look_forget(struct bn_look *look);

#endif
