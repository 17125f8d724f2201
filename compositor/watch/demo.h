#ifndef BN_WATCH_DEMO_H
#define BN_WATCH_DEMO_H

#include <stdbool.h>

struct bn_server;

/**
 * The scripted drive: plays a script (core/play.h) against a headless server in
 * virtual time and leaves one PNG per display and moment, and a contact sheet.
 *
 * Time moves from event to event; before it moves, every app has answered two
 * pings, so that whatever it had to draw is there. So two runs show the same,
 * however fast the machine is. Refresh: BN_DEMO_REFRESH_MHZ.
 */
#define BN_DEMO_REFRESH_MHZ 20000

/**
 * False, with a sentence on stderr, when the script or the folder is unusable, an app does
 * not come up, or a picture cannot be made. Blocks until the drive is over; tells its progress on stderr.
 */
bool bn_demo_run(struct bn_server *server, const char *script, const char *folder);

#endif
