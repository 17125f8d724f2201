#include "core/watchdog.h"

#include "core/nsec.h"

#define FIRST_BACKOFF_NS (100 * BN_NSEC_PER_MSEC)
#define LAST_BACKOFF_NS (10 * BN_NSEC_PER_SEC)

void bn_watchdog_start(struct bn_watchdog *watchdog, int64_t now_ns) {
	watchdog->last_ns = now_ns;
	watchdog->busy_until_ns = 0;
	watchdog->kicked = false;
}

void bn_watchdog_kick(struct bn_watchdog *watchdog, int64_t sent_ns, int64_t now_ns) {
	sent_ns = sent_ns < now_ns ? sent_ns : now_ns;
	if (sent_ns > watchdog->last_ns) {
		watchdog->last_ns = sent_ns;
	}
	watchdog->busy_until_ns = 0;
	watchdog->kicked = true;
}

void bn_watchdog_busy(struct bn_watchdog *watchdog, int64_t duration_ns, int64_t now_ns) {
	bool sane = duration_ns > 0 && duration_ns < BN_WATCHDOG_BUSY_MAX_NS;
	watchdog->busy_until_ns = now_ns + (sane ? duration_ns : BN_WATCHDOG_BUSY_MAX_NS);
}

static int64_t limit_ns(const struct bn_watchdog *watchdog) {
	return watchdog->kicked ? watchdog->kick_ns : watchdog->start_ns;
}

enum bn_watchdog_verdict bn_watchdog_judge(const struct bn_watchdog *watchdog, int64_t now_ns) {
	if (now_ns - watchdog->last_ns < limit_ns(watchdog)) {
		return BN_WATCHDOG_FINE;
	}
	return now_ns < watchdog->busy_until_ns ? BN_WATCHDOG_SHOW : BN_WATCHDOG_KILL;
}

int64_t bn_watchdog_due_ns(const struct bn_watchdog *watchdog, int64_t now_ns) {
	switch (bn_watchdog_judge(watchdog, now_ns)) {
	case BN_WATCHDOG_FINE:
		return watchdog->last_ns + limit_ns(watchdog);
	case BN_WATCHDOG_SHOW:
		return watchdog->busy_until_ns;
	case BN_WATCHDOG_KILL:
		break;
	}
	return BN_NSEC_NEVER;
}

int64_t bn_watchdog_backoff_ns(int failures) {
	if (failures <= 1) {
		return 0;
	}
	int64_t wait = FIRST_BACKOFF_NS;
	for (int i = 2; i < failures && wait < LAST_BACKOFF_NS; i++) {
		wait *= 2;
	}
	return wait < LAST_BACKOFF_NS ? wait : LAST_BACKOFF_NS;
}
