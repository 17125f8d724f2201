#ifndef BN_IPC_MEMFD_H
#define BN_IPC_MEMFD_H

#include <stdint.h>

#include "core/rect.h"

/**
 * A part of a picture, its rows without gaps, in a sealed memory file: nobody can change or shrink what is read.
 * `stride` is in pixels. -1, with errno, when it cannot be made.
 */
int bn_ipc_memfd_store(const uint32_t *pixels, int32_t stride, const struct bn_rect *part);

#endif
