#ifndef BN_RENDER_PEEK_H
#define BN_RENDER_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wlr/util/box.h>

struct wlr_buffer;
struct wlr_renderer;

/**
 * A few pixels of a buffer that was drawn into, read without waiting for the GPU.
 *
 * Where GL draws into the buffer itself, they are copied by the GPU, in turn with its
 * other work, into memory of its own, and are there when a fence says so. Where a CPU
 * puts them into the buffer (pixman, a copy of what GL drew) they are read at once,
 * from what goes to the display.
 *
 * Memory is taken by the first read of a size; a read afterwards allocates nothing of ours.
 */
struct bn_peek;

enum bn_peek_state {
	BN_PEEK_EMPTY,  // nothing was asked for
	BN_PEEK_WAITS,  // the GPU is not so far yet
	BN_PEEK_READY,  // pixels are there
	BN_PEEK_FAILED, // the buffer cannot be read, or its renderer is gone
};

/** NULL when out of memory. */
struct bn_peek *bn_peek_create(void);
void bn_peek_destroy(struct bn_peek *peek);
/**
 * Begins to read `box` (buffer px, within the buffer) of what `renderer` drew and submitted; what was asked
 * before is forgotten. The buffer is not needed afterwards.
 */
void bn_peek_begin(struct bn_peek *peek, struct wlr_renderer *renderer, struct wlr_buffer *buffer,
		const struct wlr_box *box);
/** Never blocks. */
enum bn_peek_state bn_peek_poll(struct bn_peek *peek);
/** READY: box.width * box.height pixels 0x??RRGGBB, valid until the next begin. */
const uint32_t *bn_peek_pixels(const struct bn_peek *peek);

#endif
