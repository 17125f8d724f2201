#ifndef BN_MEMORY_H
#define BN_MEMORY_H

/**
 * Keeps in memory what the frame path touches, so that no frame waits for a disk.
 *
 * Our program and the upper end of the stack are read in and locked. Everything else that is private to this
 * process by now, libraries, heap and threads, is locked as it is touched (MLOCK_ONFAULT): what nobody needs is
 * not read in, so memory use stays as it was, and a page that was needed once stays. Shared mappings are left alone:
 * they are clients' pools, which a client may make as large as it likes, and buffers that the kernel keeps for a
 * display. For the same reason nothing mapped later is locked (no MCL_FUTURE).
 *
 * To be called once, when libraries and outputs are there and before clients are. It may read from disk.
 * RLIMIT_MEMLOCK counts whole mappings: the stack comes first, then the program, the heap, and libraries from
 * small to large; what is too large for what is left is passed over. One INFO line says how much could be locked, and harmlessly, if it was not all.
 */
void bn_memory_lock(void);

#endif
