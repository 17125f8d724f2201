#ifndef BN_ACCEPT_H
#define BN_ACCEPT_H

#include <stdbool.h>

/**
 * Accepting connections when descriptors run out: who waits is turned away, since a listening socket that is not
 * emptied would wake the loop for ever. One descriptor is kept for that.
 */
struct bn_accept {
	int spare_fd;  // owned
	bool was_full; // which was said
};

void bn_accept_init(struct bn_accept *accept);
void bn_accept_finish(struct bn_accept *accept);
/** A connection, close-on-exec, with more SOCK_* flags; -1: nobody is there that can be served. */
int bn_accept_next(struct bn_accept *accept, int listen_fd, int flags, const char *path);

/** Whether the connection could be served after all: a client takes more than one descriptor. */
void bn_accept_result(struct bn_accept *accept, bool served, const char *path);

#endif
