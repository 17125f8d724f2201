#include "core/sample.h"

#include <stddef.h>
#include <string.h>

// Odd constants with well mixed bits: the fractional parts of the golden ratio, and of the root of 3.
#define MIX_A UINT64_C(0x9e3779b97f4a7c15)
#define MIX_B UINT64_C(0xbb67ae8584caa73b)

static uint64_t fold(uint64_t hash, uint64_t word) {
	hash = (hash ^ word) * MIX_A;
	return hash ^ hash >> 29;
}

/** Four chains side by side: one alone would wait for its own multiplication. */
static uint64_t hash_row(uint64_t hash, const uint8_t *row, size_t length) {
	uint64_t lanes[4] = { hash, hash ^ MIX_B, hash + MIX_A, ~hash };
	size_t at = 0;
	for (; at + sizeof(lanes) <= length; at += sizeof(lanes)) {
		uint64_t words[4];
		memcpy(words, row + at, sizeof(words));
		for (int i = 0; i < 4; i++) {
			lanes[i] = fold(lanes[i], words[i]);
		}
	}
	for (; at < length; at++) {
		lanes[0] = fold(lanes[0], row[at]);
	}
	return fold(fold(fold(lanes[0], lanes[1]), lanes[2]), lanes[3]);
}

uint64_t bn_sample(const struct bn_sample_image *image, const struct bn_rect *part) {
	const struct bn_rect all = { 0, 0, image->width, image->height };
	struct bn_rect box = part != NULL ? bn_rect_intersect(&all, part) : all;
	uint64_t hash = fold(fold(MIX_B, (uint64_t)(uint32_t)box.width),
			(uint64_t)(uint32_t)box.height);
	if (bn_rect_is_empty(&box)) {
		return hash;
	}
	size_t length = (size_t)box.width * (size_t)image->bytes;
	int64_t rows = (int64_t)(BN_SAMPLE_BYTES / length);
	rows = rows < 1 ? 1 : rows > box.height ? box.height : rows;
	for (int64_t i = 0; i < rows; i++) {
		// The middle of the i-th of `rows` stripes of equal height.
		int64_t y = box.y + (2 * i + 1) * box.height / (2 * rows);
		const uint8_t *row = (const uint8_t *)image->data + y * image->stride
				+ (int64_t)box.x * image->bytes;
		hash = hash_row(hash, row, length);
	}
	return hash;
}
