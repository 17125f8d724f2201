#include "core/safestate.h"

#define N BN_SAFESTATE_NORMAL
#define D BN_SAFESTATE_DEGRADED
#define S BN_SAFESTATE_SAFE

static const enum bn_safestate_kind next[3][4] = {
	//       WELL FAULT DARK LOST
	[N] = { N, D, D, S },
	[D] = { D, D, D, S }, // NORMAL again by time alone
	[S] = { D, S, S, S }, // a fault on glass is no reason to leave a picture that is right
};

static bool has_held(const struct bn_safestate *state, int64_t now_ns) {
	return state->well_since_ns != 0 && now_ns - state->well_since_ns >= BN_SAFESTATE_HOLD_NS;
}

bool bn_safestate_step(struct bn_safestate *state, enum bn_safestate_event event, int64_t now_ns) {
	enum bn_safestate_kind old = state->kind;
	state->kind = next[old][event];
	if (event != BN_SAFESTATE_WELL) {
		state->well_since_ns = 0;
	} else if (state->well_since_ns == 0) {
		state->well_since_ns = now_ns;
	}
	if (old == D && state->kind == D && has_held(state, now_ns)) {
		state->kind = N;
	}
	return state->kind != old;
}

const char *bn_safestate_name(enum bn_safestate_kind kind) {
	static const char *const names[] = { [N] = "normal", [D] = "degraded", [S] = "safe" };
	return names[kind];
}
