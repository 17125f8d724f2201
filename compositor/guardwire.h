#ifndef BN_GUARDWIRE_H
#define BN_GUARDWIRE_H

#include <stdbool.h>

#include "core/guard_message.h"

/** Sending and receiving of core/guard_message.h, for both ends. */

/** Fills in the version; never blocks, never raises SIGPIPE. fd: -1 or borrowed. False: it was not sent, see errno. */
bool bn_guardwire_send(int to, struct bn_guard_message *message, int fd);
/**
 * 1: a message; 0: none now (with MSG_DONTWAIT in `flags`); -1: nobody is at the other end, or not one that speaks
 * this version. *ret_fd is -1 or the caller's, close-on-exec.
 */
int bn_guardwire_receive(int from, struct bn_guard_message *message, int flags, int *ret_fd);

#endif
