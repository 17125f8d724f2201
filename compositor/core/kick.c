#include "core/kick.h"

enum bn_kick_fault bn_kick_judge(const struct bn_kick_display *display, int64_t now_ns) {
	if (!display->enabled) {
		return BN_KICK_WELL;
	}
	if (display->due_ns != 0 && now_ns - display->due_ns > BN_KICK_LATE_NS) {
		return BN_KICK_LATE_FRAME;
	}
	if (display->commit_ns != 0
			&& now_ns - display->commit_ns > BN_KICK_LATE_NS + display->period_ns) {
		return BN_KICK_LATE_FLIP;
	}
	if (display->failing_ns != 0 && now_ns - display->failing_ns > BN_KICK_LATE_NS) {
		return BN_KICK_REFUSED;
	}
	if (display->unsafe) {
		return BN_KICK_UNSAFE; // the check has waited for its cover already
	}
	return BN_KICK_WELL;
}

bool bn_kick_is_due(const struct bn_kick_display *displays, size_t count, int64_t now_ns,
		size_t *ret_index) {
	for (size_t i = 0; i < count; i++) {
		if (displays[i].safety && bn_kick_judge(&displays[i], now_ns) != BN_KICK_WELL) {
			*ret_index = i;
			return false;
		}
	}
	return true;
}

const char *bn_kick_fault_name(enum bn_kick_fault fault) {
	static const char *const names[] = {
		[BN_KICK_WELL] = "well",
		[BN_KICK_LATE_FRAME] = "a frame that is due was not committed",
		[BN_KICK_LATE_FLIP] = "the flip of its last frame does not come back",
		[BN_KICK_REFUSED] = "it refuses frames",
		[BN_KICK_UNSAFE] = "what must be seen is not, and cannot be covered",
	};
	return names[fault];
}

int64_t bn_kick_next_beat(int64_t now_ns) {
	return (now_ns / BN_KICK_BEAT_NS + 1) * BN_KICK_BEAT_NS;
}
