#include "core/proof_internal.h"

bool bn_proof_asks(enum bn_proof_rule rule) {
#ifdef BN_PROOF_WITHOUT
	return rule != BN_PROOF_WITHOUT;
#else
	return true;
#endif
}

const char *bn_proof_rule_name(enum bn_proof_rule rule) {
	static const char *const names[BN_PROOF_RULE_COUNT] = {
		[BN_PROOF_EDGE] = "edge",
		[BN_PROOF_MASK] = "mask",
		[BN_PROOF_CUT_OUT] = "cut-out",
		[BN_PROOF_SYMBOL] = "symbol",
		[BN_PROOF_DIMMED] = "dimmed",
		[BN_PROOF_OPACITY] = "opacity",
		[BN_PROOF_TRANSITION] = "transition",
		[BN_PROOF_OPEN] = "open",
		[BN_PROOF_STACK] = "stack",
		[BN_PROOF_ELSEWHERE] = "elsewhere",
		[BN_PROOF_DISPLACED] = "displaced",
		[BN_PROOF_HIDDEN] = "hidden",
		[BN_PROOF_COVERED] = "covered",
		[BN_PROOF_LEAVING] = "leaving",
		[BN_PROOF_HOME] = "home",
		[BN_PROOF_UNKNOWN] = "unknown",
		[BN_PROOF_HYSTERESIS] = "hysteresis",
		[BN_PROOF_LINGER] = "linger",
		[BN_PROOF_MISSING] = "missing",
	};
	return names[rule];
}
