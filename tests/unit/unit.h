#ifndef BN_TESTS_UNIT_H
#define BN_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/** A case whose name is a sentence that names the fault. */
#define CASE(text, function) { .name = text, .test_func = function }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** Random numbers that are the same on every machine (xorshift64*), so that a seed names a case. */
struct bn_random {
	uint64_t state;
};

static inline struct bn_random bn_random_seeded(uint64_t seed) {
	return (struct bn_random){ (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) };
}

static inline uint32_t bn_random_next(struct bn_random *random) {
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return (uint32_t)((random->state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

/** From `low` to `high`, both included. */
static inline int bn_random_int(struct bn_random *random, int low, int high) {
	return low + (int)(bn_random_next(random) % (uint32_t)(high - low + 1));
}

/** True once in `n` times. */
static inline bool bn_random_once_in(struct bn_random *random, int n) {
	return bn_random_int(random, 1, n) == 1;
}

#endif
