#ifndef BN_PRIVACY_H
#define BN_PRIVACY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_output.h>

#include "core/rect.h"

struct bn_output;
struct wlr_buffer;
struct wlr_swapchain;

/**
 * What no picture of an output may hold: its private zones. Two ways lead out. Our own
 * screenshots read the buffer that was committed and blacken them. The capture
 * protocols are wlroots', which reads the buffer that its commit event names: we
 * listen first, and put a copy without them in its place. The copy costs a pass over the
 * display, and is made only while somebody captures and such a zone shows.
 */
struct bn_privacy {
	struct bn_rect *hidden; // owned; in the frame committed last, in logical px times its scale
	size_t count, capacity;
	bool failed; // they could not all be remembered: nothing of this frame may be seen
	struct wlr_swapchain *swapchain; // owned; of the copies, NULL: none was needed yet
	struct wlr_output_state state;   // what others see in place of the true one
	struct wlr_buffer *copy;         // locked while a commit is told; else NULL

	struct wl_listener commit;
};

/** Of an output that nobody else listens to yet. */
void bn_privacy_init(struct bn_output *output);
void bn_privacy_finish(struct bn_output *output);
/** Right before and right after a frame is committed. */
void bn_privacy_begin_commit(struct bn_output *output);
void bn_privacy_end_commit(struct bn_output *output);
/** Blackens them in a picture of the frame committed last, in logical orientation; XRGB8888. */
void bn_privacy_blacken(const struct bn_output *output, uint32_t *pixels, int32_t width,
		int32_t height);

#endif
