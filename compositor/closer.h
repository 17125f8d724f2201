#ifndef BN_CLOSER_H
#define BN_CLOSER_H

#include <stdbool.h>

/**
 * Ends descriptors and mappings beside the loop.
 *
 * The last close() of a file, and munmap(), take as long as who made it likes. Measured: a TCP socket that lingers,
 * its seconds; a memory file of 1 GiB, 100 ms; a socket with descriptors in its queue, 25 ms; inotify, 13 ms;
 * unmapping 256 MiB that were read, 23 ms. A file system in user space may never answer. Clients send descriptors,
 * and libwayland and wlroots close them on the loop's thread, stray ones too. So close() and munmap() are this
 * program's own, which comes before libc's for libraries as well, and what the loop's thread ends is ended by other
 * threads. What is behind a descriptor lives some microseconds longer then, or until a processor is free.
 *
 * There is one of these in a process, since its functions have no room for a pointer: the main program's to begin.
 */

/** Most descriptors that a process has here. Those above are closed at once. */
#define BN_CLOSER_FDS_MAX 65536
/** Mappings smaller than this are unmapped at once: 60 us when all of it was read. Bytes. */
#define BN_CLOSER_MAPPING_MIN (1 << 20)

/**
 * The calling thread runs the loop from now on. Harmless when there is no thread to be had: all stays as it is
 * without, and false is returned.
 */
bool bn_closer_begin(void);
/** What waits is closed, as far as that takes less than a second; from now on close() closes. */
void bn_closer_end(void);

#endif
