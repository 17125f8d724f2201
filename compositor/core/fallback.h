#ifndef BN_CORE_FALLBACK_H
#define BN_CORE_FALLBACK_H

#include <stdint.h>

/**
 * What draws after a renderer was lost. A GPU that was reset is asked again once; one that is lost again soon, or cannot
 * be had, gives way to GLES on the CPU, and that to pixman. There is no way back up: whoever repairs the GPU
 * restarts the compositor.
 *
 * Pure and plain data, zero at first; times are monotonic ns.
 */
enum bn_fallback_step {
	BN_FALLBACK_GPU, // whatever GLES there is
	BN_FALLBACK_SOFTWARE,
	BN_FALLBACK_PIXMAN,
	BN_FALLBACK_NONE, // nothing can draw any more
};

/** Lost again within that time is lost for good. */
#define BN_FALLBACK_SOON_NS INT64_C(10000000000)

struct bn_fallback {
	enum bn_fallback_step step; // what draws now
	int64_t lost_ns;            // when it was last lost; 0: never
};

/** The renderer was lost: what to try now. */
enum bn_fallback_step bn_fallback_lost(struct bn_fallback *fallback, int64_t now_ns);
/** That cannot be had: what to try then. */
enum bn_fallback_step bn_fallback_failed(struct bn_fallback *fallback);

#endif
