#include "core/telltale.h"

#include <stddef.h>

#include "core/nsec.h"

bool bn_telltale_is_right(const struct bn_telltale *telltale) {
	switch (telltale->demand) {
	case BN_DEMAND_NONE:
		return true;
	case BN_DEMAND_ON:
		return telltale->glass == BN_GLASS_ON;
	case BN_DEMAND_OFF:
		return telltale->glass == BN_GLASS_OFF;
	case BN_DEMAND_EITHER:
		return telltale->glass == BN_GLASS_ON || telltale->glass == BN_GLASS_OFF;
	}
	return false;
}

static enum bn_telltale_fault fault_of(const struct bn_telltale *telltale) {
	switch (telltale->glass) {
	case BN_GLASS_UNKNOWN:
		return BN_TELLTALE_UNREADABLE;
	case BN_GLASS_ON:
		return BN_TELLTALE_UNREQUESTED;
	case BN_GLASS_OFF:
		return BN_TELLTALE_ABSENT;
	case BN_GLASS_OTHER:
		break;
	}
	return BN_TELLTALE_WRONG;
}

static int64_t patience(const struct bn_telltale *telltale) {
	return telltale->demand == BN_DEMAND_ON ? BN_TELLTALE_SHOWN_NS : BN_TELLTALE_UNREQUESTED_NS;
}

static bool is_faulty(const struct bn_telltale *telltale) {
	return telltale->state == BN_TELLTALE_COVERED || telltale->state == BN_TELLTALE_SAFE;
}

/** Where nothing must be on, a dark place is picture enough. */
static bool has_cover(const struct bn_telltale *telltale) {
	return telltale->has_picture || telltale->demand == BN_DEMAND_OFF;
}

/** Keeps the two clocks. A short good look between bad ones does not stop the bad one's. */
static void settle(struct bn_telltale *telltale, int64_t now_ns) {
	bool right = bn_telltale_is_right(telltale);
	if (right && telltale->good_ns == BN_NSEC_NEVER) {
		telltale->good_ns = now_ns;
	}
	// It was good until now, also when it is bad from now on.
	if (telltale->good_ns != BN_NSEC_NEVER
			&& now_ns - telltale->good_ns >= BN_TELLTALE_SETTLED_NS) {
		telltale->bad_ns = BN_NSEC_NEVER;
	}
	if (!right) {
		telltale->good_ns = BN_NSEC_NEVER;
		telltale->bad_ns = telltale->bad_ns != BN_NSEC_NEVER ? telltale->bad_ns : now_ns;
	}
}

void bn_telltale_init(struct bn_telltale *telltale, bool has_picture, int64_t now_ns) {
	*telltale = (struct bn_telltale){
		.has_picture = has_picture,
		.bad_ns = BN_NSEC_NEVER,
		.good_ns = now_ns,
	};
}

static void start_anew(struct bn_telltale *telltale, int64_t now_ns) {
	telltale->bad_ns = BN_NSEC_NEVER;
	telltale->good_ns = BN_NSEC_NEVER;
	// The cover is another one, or elsewhere, and comes with the next frame.
	telltale->cover_ns = now_ns;
	telltale->cover_right = false;
	settle(telltale, now_ns);
}

void bn_telltale_demand(struct bn_telltale *telltale, enum bn_demand demand, int64_t now_ns) {
	if (telltale->demand != demand) {
		telltale->demand = demand;
		start_anew(telltale, now_ns);
	}
}

void bn_telltale_move(struct bn_telltale *telltale, int64_t now_ns) {
	telltale->glass = BN_GLASS_UNKNOWN;
	if (telltale->state == BN_TELLTALE_SAFE && has_cover(telltale)) {
		telltale->state = BN_TELLTALE_COVERED;
	}
	start_anew(telltale, now_ns);
}

void bn_telltale_see(struct bn_telltale *telltale, enum bn_glass glass, int64_t now_ns) {
	telltale->glass = glass;
	settle(telltale, now_ns);
}

void bn_telltale_see_cover(struct bn_telltale *telltale, bool right, int64_t now_ns) {
	if (!is_faulty(telltale)) {
		return;
	}
	telltale->cover_right = right;
	if (right) {
		telltale->cover_ns = now_ns;
		if (telltale->reacted_ns == 0 && telltale->bad_ns != BN_NSEC_NEVER) {
			telltale->reacted_ns = now_ns - telltale->bad_ns;
		}
	}
}

static void fail(struct bn_telltale *telltale, int64_t now_ns) {
	telltale->state = has_cover(telltale) ? BN_TELLTALE_COVERED : BN_TELLTALE_SAFE;
	telltale->cover_ns = now_ns;
	telltale->cover_right = false;
	telltale->reacted_ns = 0;
}

static void step_unfaulty(struct bn_telltale *telltale, int64_t now_ns) {
	if (bn_telltale_is_right(telltale)) {
		telltale->state = BN_TELLTALE_RIGHT;
		telltale->fault = BN_TELLTALE_NO_FAULT;
		return;
	}
	telltale->fault = fault_of(telltale);
	telltale->state = BN_TELLTALE_WAITS;
	if (now_ns - telltale->bad_ns >= patience(telltale)) {
		fail(telltale, now_ns);
	}
}

static void step_faulty(struct bn_telltale *telltale, int64_t now_ns) {
	if (bn_telltale_is_right(telltale)) {
		if (telltale->demand == BN_DEMAND_NONE
				|| now_ns - telltale->good_ns >= BN_TELLTALE_TRUSTED_NS) {
			telltale->state = BN_TELLTALE_RIGHT;
			telltale->fault = BN_TELLTALE_NO_FAULT;
			return;
		}
	} else {
		telltale->fault = fault_of(telltale);
	}
	bool late = now_ns - telltale->cover_ns >= BN_TELLTALE_COVER_NS;
	if (!has_cover(telltale) || (!telltale->cover_right && late)) {
		telltale->state = BN_TELLTALE_SAFE;
	} else if (telltale->cover_right) {
		telltale->state = BN_TELLTALE_COVERED;
	}
}

bool bn_telltale_step(struct bn_telltale *telltale, int64_t now_ns) {
	enum bn_telltale_state state = telltale->state;
	enum bn_telltale_fault fault = telltale->fault;
	settle(telltale, now_ns);
	if (is_faulty(telltale)) {
		step_faulty(telltale, now_ns);
	} else {
		step_unfaulty(telltale, now_ns);
	}
	return telltale->state != state || telltale->fault != fault;
}

int64_t bn_telltale_next_ns(const struct bn_telltale *telltale) {
	switch (telltale->state) {
	case BN_TELLTALE_RIGHT:
		break;
	case BN_TELLTALE_WAITS:
		return telltale->bad_ns != BN_NSEC_NEVER ? telltale->bad_ns + patience(telltale)
							 : BN_NSEC_NEVER;
	case BN_TELLTALE_COVERED:
		if (!telltale->cover_right) {
			return telltale->cover_ns + BN_TELLTALE_COVER_NS;
		}
		break;
	case BN_TELLTALE_SAFE:
		break;
	}
	return BN_NSEC_NEVER;
}

bool bn_telltale_wants_cover(const struct bn_telltale *telltale) {
	return is_faulty(telltale) && has_cover(telltale);
}

const char *bn_demand_name(enum bn_demand demand) {
	static const char *const names[] = {
		[BN_DEMAND_NONE] = "none",
		[BN_DEMAND_ON] = "on",
		[BN_DEMAND_OFF] = "off",
		[BN_DEMAND_EITHER] = "on or off",
	};
	return names[demand];
}

const char *bn_telltale_state_name(enum bn_telltale_state state) {
	static const char *const names[] = {
		[BN_TELLTALE_RIGHT] = "right",
		[BN_TELLTALE_WAITS] = "waits",
		[BN_TELLTALE_COVERED] = "covered",
		[BN_TELLTALE_SAFE] = "safe",
	};
	return names[state];
}

const char *bn_telltale_fault_name(enum bn_telltale_fault fault) {
	static const char *const names[] = {
		[BN_TELLTALE_NO_FAULT] = "none",
		[BN_TELLTALE_ABSENT] = "absent",
		[BN_TELLTALE_WRONG] = "wrong",
		[BN_TELLTALE_UNREQUESTED] = "unrequested",
		[BN_TELLTALE_UNREADABLE] = "unreadable",
	};
	return names[fault];
}
