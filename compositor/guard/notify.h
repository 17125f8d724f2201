#ifndef BN_GUARD_NOTIFY_H
#define BN_GUARD_NOTIFY_H

#include <stdint.h>

/** What a service manager is told (sd_notify(3)): that the cockpit is up, and that the guard itself is alive. */
struct notify {
	int fd;                    // -1: nobody wants to know
	int64_t every_ns, next_ns; // 0: it does not watch us
};

/** Reads NOTIFY_SOCKET and WATCHDOG_USEC, and takes them out of the environment. */
void notify_init(struct notify *notify);
void notify_ready(const struct notify *notify);
/** To be called whenever the loop turns. */
void notify_alive(struct notify *notify, int64_t now_ns);
void notify_finish(struct notify *notify);

#endif
