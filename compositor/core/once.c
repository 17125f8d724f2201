#include "core/once.h"

#include <inttypes.h>
#include <stdio.h>

uint64_t bn_once_key(const char *text) {
	// FNV-1a, 64 bit
	uint64_t key = UINT64_C(0xcbf29ce484222325);
	for (; *text != '\0'; text++) {
		key = (key ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	}
	return key;
}

static bool is_old(const struct bn_once *once, size_t index, int64_t now_ns) {
	return now_ns - once->entries[index].said_ns >= BN_ONCE_NS;
}

/** Room for another key: a new entry, else one that may be forgotten; BN_ONCE_MAX: none. */
static size_t find_room(struct bn_once *once, int64_t now_ns) {
	if (once->count < BN_ONCE_MAX) {
		return once->count++;
	}
	for (size_t i = 0; i < BN_ONCE_MAX; i++) {
		if (is_old(once, i, now_ns)) {
			once->lost += once->entries[i].unsaid;
			return i;
		}
	}
	return BN_ONCE_MAX;
}

static size_t find(const struct bn_once *once, uint64_t key) {
	size_t index = 0;
	while (index < once->count && once->entries[index].key != key) {
		index++;
	}
	return index;
}

bool bn_once_says(struct bn_once *once, uint64_t key, int64_t now_ns, uint64_t *ret_unsaid) {
	size_t index = find(once, key);
	bool known = index < once->count;
	if (known && !is_old(once, index, now_ns)) {
		once->entries[index].unsaid++;
		return false;
	}
	if (!known && (index = find_room(once, now_ns)) == BN_ONCE_MAX) {
		once->lost++;
		return false;
	}
	*ret_unsaid = (known ? once->entries[index].unsaid : 0) + once->lost;
	once->lost = 0;
	once->entries[index].key = key;
	once->entries[index].said_ns = now_ns;
	once->entries[index].unsaid = 0;
	return true;
}

const char *bn_once_more(uint64_t unsaid, char buffer[BN_ONCE_TEXT_MAX]) {
	buffer[0] = '\0';
	if (unsaid > 0) {
		snprintf(buffer, BN_ONCE_TEXT_MAX, " (%" PRIu64 " more not logged)", unsaid);
	}
	return buffer;
}
