#include "core/golden.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

static int pixel_difference(uint32_t a, uint32_t b) {
	int worst = 0;
	for (int shift = 0; shift < 24; shift += 8) {
		int difference = abs((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff));
		worst = difference > worst ? difference : worst;
	}
	return worst;
}

static bool same_size(const struct bn_golden_picture *a, const struct bn_golden_picture *b) {
	return a->width == b->width && a->height == b->height;
}

struct bn_golden_diff bn_golden_compare(const struct bn_golden_picture *seen,
		const struct bn_golden_picture *golden, const struct bn_golden_picture *mask,
		int tolerance) {
	assert(same_size(seen, golden));
	assert(mask->pixels == NULL || same_size(mask, golden));
	struct bn_golden_diff diff = { 0 };
	size_t count = (size_t)golden->width * (size_t)golden->height;
	for (size_t i = 0; i < count; i++) {
		if (mask->pixels != NULL && (mask->pixels[i] >> 8 & 0xff) < 128) {
			continue;
		}
		int difference = pixel_difference(seen->pixels[i], golden->pixels[i]);
		diff.compared++;
		diff.outside += difference > tolerance;
		diff.worst = difference > diff.worst ? difference : diff.worst;
	}
	return diff;
}

/** A mask that leaves nothing compares nothing, and nothing is no proof. */
static bool is_match(const struct bn_golden_diff *diff) {
	return diff->compared > 0 && diff->outside == 0;
}

static bool is_other(const struct bn_golden_diff *diff) {
	return diff->compared > 0
			&& (uint64_t)diff->outside * 1000
			>= (uint64_t)diff->compared * BN_GOLDEN_DIFFERS_PERMILLE;
}

enum bn_glass bn_golden_judge(const struct bn_golden *golden, const struct bn_golden_picture *seen,
		bool by_difference) {
	if (seen->pixels == NULL || golden->on.pixels == NULL || !same_size(seen, &golden->on)) {
		return BN_GLASS_UNKNOWN;
	}
	const struct bn_golden_diff on =
			bn_golden_compare(seen, &golden->on, &golden->mask, golden->tolerance);
	if (is_match(&on)) {
		return BN_GLASS_ON;
	}
	if (by_difference || golden->off.pixels == NULL) {
		return is_other(&on) ? BN_GLASS_OFF : BN_GLASS_OTHER;
	}
	const struct bn_golden_diff off =
			bn_golden_compare(seen, &golden->off, &golden->mask, golden->tolerance);
	return is_match(&off) ? BN_GLASS_OFF : BN_GLASS_OTHER;
}

bool bn_golden_is_telling(const struct bn_golden *golden) {
	if (golden->off.pixels == NULL) {
		return true;
	}
	const struct bn_golden_diff diff = bn_golden_compare(&golden->off, &golden->on,
			&golden->mask, golden->tolerance);
	return is_other(&diff);
}

const char *bn_glass_name(enum bn_glass glass) {
	static const char *const names[] = {
		[BN_GLASS_UNKNOWN] = "unknown",
		[BN_GLASS_ON] = "on",
		[BN_GLASS_OFF] = "off",
		[BN_GLASS_OTHER] = "other",
	};
	return names[glass];
}
