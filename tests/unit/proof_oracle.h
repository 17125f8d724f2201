#ifndef BN_TESTS_PROOF_ORACLE_H
#define BN_TESTS_PROOF_ORACLE_H

#include <stdbool.h>

#include "core/layout.h"

/**
 * What the proof is held against: brute force. Every state of the vehicle is walked to over concrete values
 * of the signals, every set of rules in force is arranged by core/arrange itself for every set of missing
 * displays, with windows that do whatever a client or a command may, and the layers are painted into a grid,
 * pixel by pixel. Shares no code with core/proof.
 *
 * For small layouts: at most 3 signals that are compared with 2, 4, 6 and the texts A and B, 12 rules, 3
 * displays of at most BN_ORACLE_SIDE px a side.
 */
#define BN_ORACLE_SIDE 16

struct bn_oracle {
	char fault[256]; // the first that was found; empty: none
	int states, situations, arrangements;
};

/** Looks at everything. `masks[display]`, NULL: all glass; else one byte per panel px, 0 where there is none. */
void bn_oracle_run(struct bn_oracle *oracle, const struct bn_layout *layout,
		const unsigned char *const *masks);

#endif
