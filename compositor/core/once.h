#ifndef BN_CORE_ONCE_H
#define BN_CORE_ONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** So many different things are remembered; one that is said is not said again for so long. */
#define BN_ONCE_MAX 64
#define BN_ONCE_NS INT64_C(60000000000)

/**
 * Says each thing once: who repeats what is refused, thousands of times a second, or
 * under ever new names, must not make us write as much. At most BN_ONCE_MAX things
 * are said in any BN_ONCE_NS; what was not said is counted, and told with what is.
 *
 * Pure; plain data that needs no end. All zero is the beginning.
 */
struct bn_once {
	struct {
		uint64_t key;
		int64_t said_ns;
		uint64_t unsaid; // times since
	} entries[BN_ONCE_MAX];
	size_t count;
	uint64_t lost; // times that there was no room to remember
};

/** A key for a text. */
uint64_t bn_once_key(const char *text);
/**
 * Whether to say `key` now, CLOCK_MONOTONIC. When so, *ret_unsaid is how often it was held back since it was
 * said last, with what was held back because too many things were said.
 */
bool bn_once_says(struct bn_once *once, uint64_t key, int64_t now_ns, uint64_t *ret_unsaid);

#define BN_ONCE_TEXT_MAX 48
/** " (12 more not logged)", empty when it is none: for the end of a line. Returns `buffer`. */
const char *bn_once_more(uint64_t unsaid, char buffer[BN_ONCE_TEXT_MAX]);

#endif
