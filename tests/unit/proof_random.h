#ifndef BN_TESTS_PROOF_RANDOM_H
#define BN_TESTS_PROOF_RANDOM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * Random layouts, each judged by the checks of the loader and, apart from them, by the oracle. A seed is the same
 * layout on every machine. Aborts when it cannot work.
 */
struct bn_proof_random {
	int first, count; // seeds
	bool stops;       // at the first disagreement
	FILE *report;     // of disagreements, with the layout; NULL: none

	int accepted, refused, disagreements; // out
	int64_t states, arrangements;         // that the oracle tried
};

void bn_proof_random_run(struct bn_proof_random *run);

#endif
