#ifndef BN_CORE_KICK_H
#define BN_CORE_KICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Whether the compositor may tell its guard that all is well: the loop turned (or nobody would ask), and of every
 * safety display each frame that was due was committed, its flip came back, and every check of it holds or is covered.
 *
 * Pure; times are monotonic ns.
 */

/** How often it is asked: a third of the watchdog's patience, so that one beat may be lost. */
#define BN_KICK_BEAT_NS INT64_C(50000000)
/** A frame that is so late, or a flip beyond its refresh, withholds the kick. */
#define BN_KICK_LATE_NS INT64_C(50000000)

struct bn_kick_display {
	bool safety;        // any other display's fault is told, and costs no kick
	bool enabled;       // false: nothing is due
	int64_t due_ns;     // when its frame was to start; 0: none is waited for
	int64_t commit_ns;  // of the frame whose flip is waited for; 0: none is
	int64_t period_ns;  // of one refresh
	int64_t failing_ns; // since when its frames are refused; 0: they are not
	bool unsafe;        // something that must be seen is not, and could not be covered
};

enum bn_kick_fault {
	BN_KICK_WELL,
	BN_KICK_LATE_FRAME,
	BN_KICK_LATE_FLIP,
	BN_KICK_REFUSED, // frames are refused by the display
	BN_KICK_UNSAFE,  // a check does not hold, nor does its cover come on glass
};

enum bn_kick_fault bn_kick_judge(const struct bn_kick_display *display, int64_t now_ns);
/** Whether the kick may be sent. False: *ret_index is the display that stands in its way. */
bool bn_kick_is_due(const struct bn_kick_display *displays, size_t count, int64_t now_ns,
		size_t *ret_index);
/** "a frame is late", for a log line. */
const char *bn_kick_fault_name(enum bn_kick_fault fault);
/** The beat after now_ns: multiples of BN_KICK_BEAT_NS, which others that keep the beat share. */
int64_t bn_kick_next_beat(int64_t now_ns);

#endif
