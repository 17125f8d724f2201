#ifndef BN_CORE_WATCHDOG_H
#define BN_CORE_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

/**
 * The guard's judgement of one compositor process: how long ago it last said that all is well.
 *
 * Pure and plain data; times are monotonic ns of one machine.
 */

/** Without a kick for so long, the safe picture follows; ELISA's cluster concept has the same number. */
#define BN_WATCHDOG_KICK_NS INT64_C(150000000)
/** From its exec to its first kick: a layout, fonts, a GL context on a slow CPU. */
#define BN_WATCHDOG_START_NS INT64_C(10000000000)
/** What a compositor may ask for at most while it changes its renderer. */
#define BN_WATCHDOG_BUSY_MAX_NS INT64_C(2000000000)

enum bn_watchdog_verdict {
	BN_WATCHDOG_FINE,
	BN_WATCHDOG_SHOW, // its picture is not to be trusted; it said that it comes back by itself
	BN_WATCHDOG_KILL, // the same, and it is to be replaced
};

struct bn_watchdog {
	int64_t kick_ns, start_ns; // limits
	int64_t last_ns;           // of its start, then of its last kick
	int64_t busy_until_ns;     // 0: it asked for no time
	bool kicked;               // since its start
};

void bn_watchdog_start(struct bn_watchdog *watchdog, int64_t now_ns);
/** A kick that was sent at sent_ns. One from before the last, or from the future, counts as sent now or then. */
void bn_watchdog_kick(struct bn_watchdog *watchdog, int64_t sent_ns, int64_t now_ns);
/** It asks not to be replaced for a while; kicks end that. */
void bn_watchdog_busy(struct bn_watchdog *watchdog, int64_t duration_ns, int64_t now_ns);
enum bn_watchdog_verdict bn_watchdog_judge(const struct bn_watchdog *watchdog, int64_t now_ns);
/** When the verdict changes next if nothing is heard; BN_NSEC_NEVER: it does not. */
int64_t bn_watchdog_due_ns(const struct bn_watchdog *watchdog, int64_t now_ns);

/** How long to wait before the next start after so many failures in a row: at once, then 100 ms, doubled up to 10 s. */
int64_t bn_watchdog_backoff_ns(int failures);
/** One that was kicked for so long has not failed in a row with what comes next. */
#define BN_WATCHDOG_STABLE_NS INT64_C(30000000000)

#endif
