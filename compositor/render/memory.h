#ifndef BN_RENDER_MEMORY_H
#define BN_RENDER_MEMORY_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>
#include <wlr/util/box.h>

struct wlr_buffer;
struct wlr_renderer;

/**
 * Drawing that is no more than moving memory: opaque pixels 1:1, opaque colours. Where a CPU rasterises, such
 * ops need no upload and no shader; they cost what a copy costs. 32-bit formats with 8 bits a channel only.
 */
struct bn_memory {
	struct wlr_buffer *buffer; // borrowed; NULL: not begun, or a pass of pixman's has it open
	uint32_t *data;
	int stride;     // in pixels
	bool has_alpha; // what is copied must bring its own
	struct wlr_box all;
};

/** Opens a buffer for writing. False: it has no such memory. */
bool bn_memory_begin(struct bn_memory *memory, struct wlr_buffer *buffer);
/**
 * The memory that a pass of wlroots' pixman renderer draws into, which goes with the pass; false: it is not
 * pixman's, or of another format. Pixman draws at once, so that copies may stand between its ops.
 */
bool bn_memory_join(struct bn_memory *memory, struct wlr_renderer *renderer,
		struct wlr_buffer *buffer);
/** Harmless when it was not begun. */
void bn_memory_end(struct bn_memory *memory);
/**
 * Copies from src_x, src_y of `from` to dst, within clip (NULL: everywhere). False: nothing was copied, since
 * `from` has other pixels or too few. Memory that its client took away reads as zeros. What is larger than a
 * processor's own cache is written past it: nobody reads a picture before it is on glass.
 */
bool bn_memory_copy(struct bn_memory *memory, struct wlr_buffer *from, int src_x, int src_y,
		const struct wlr_box *dst, const pixman_region32_t *clip);
void bn_memory_fill(struct bn_memory *memory, uint32_t argb, const struct wlr_box *dst,
		const pixman_region32_t *clip);

/** How many rectangles a clip has, and the part of `area` in the i-th; false: none of it. */
int bn_clip_len(const pixman_region32_t *clip);
bool bn_clip_part(const pixman_region32_t *clip, int i, const struct wlr_box *area,
		struct wlr_box *ret_part);

#endif
