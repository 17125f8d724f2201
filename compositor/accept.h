#ifndef BN_ACCEPT_H
#define BN_ACCEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/nsec.h"

/** How seldom it is said that they run out: with some closed a little later, see closer.h, one is free now and then. */
#define BN_ACCEPT_SAY_NS (60 * BN_NSEC_PER_SEC)

/**
 * Accepting connections when descriptors run out: who waits is turned away, since a listening socket that is not
 * emptied would wake the loop for ever. One descriptor is kept for that.
 */
struct bn_accept {
	int spare_fd;    // owned
	int64_t said_ns; // CLOCK_MONOTONIC: that they ran out; 0: never
};

void bn_accept_init(struct bn_accept *accept);
void bn_accept_finish(struct bn_accept *accept);
/** A connection, close-on-exec, with more SOCK_* flags; -1: nobody is there that can be served. */
int bn_accept_next(struct bn_accept *accept, int listen_fd, int flags, const char *path);

/** Whether the connection could be served after all: a client takes more than one descriptor. */
void bn_accept_result(struct bn_accept *accept, bool served, const char *path);

#endif
