#include "input/fence.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void bn_fence_init(struct bn_fence *fence, int64_t guard_ns) {
	*fence = (struct bn_fence){ .guard_ns = guard_ns };
}

void bn_fence_finish(struct bn_fence *fence) {
	free(fence->zones);
	free(fence->order);
	*fence = (struct bn_fence){ 0 };
}

bool bn_fence_set_layout(struct bn_fence *fence, const struct bn_layout *layout) {
	size_t count = layout->zone_count;
	struct bn_fence_zone *zones = calloc(count + 1, sizeof(zones[0]));
	size_t *order = calloc(count + 1, sizeof(order[0]));
	if (zones == NULL || order == NULL) {
		free(zones);
		free(order);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		zones[i].display = layout->zones[i].display;
		zones[i].layer = layout->zones[i].layer;
		order[i] = layout->order[i];
		zones[order[i]].rank = i;
	}
	free(fence->zones);
	free(fence->order);
	fence->zones = zones;
	fence->order = order;
	fence->count = count;
	return true;
}

void bn_fence_update(struct bn_fence *fence, size_t zone, enum bn_fence_cover cover,
		const struct bn_rect *box, int64_t now_ns) {
	assert(zone < fence->count);
	struct bn_fence_zone *entry = &fence->zones[zone];
	// From an app to a picture nothing comes up that a finger could operate.
	bool comes_up = cover > entry->cover;
	if (comes_up || (cover != BN_FENCE_BARE && !bn_rect_equal(&entry->box, box))) {
		entry->since_ns = now_ns;
	}
	entry->cover = cover;
	entry->box = *box;
}

static bool covers_point(const struct bn_fence_zone *zone, size_t display, double x, double y) {
	return zone->cover != BN_FENCE_BARE && zone->display == display
			&& bn_rect_contains_point(&zone->box, x, y);
}

size_t bn_fence_top(const struct bn_fence *fence, size_t display, double x, double y) {
	for (size_t i = fence->count; i-- > 0;) {
		if (covers_point(&fence->zones[fence->order[i]], display, x, y)) {
			return fence->order[i];
		}
	}
	return BN_NONE;
}

bool bn_fence_was_covered(const struct bn_fence *fence, size_t index, size_t display, double x,
		double y, int64_t since_ns) {
	assert(index < fence->count);
	const struct bn_fence_zone *covered = &fence->zones[index];
	for (size_t i = 0; i < fence->count; i++) {
		const struct bn_fence_zone *zone = &fence->zones[i];
		if (zone->rank > covered->rank && zone->since_ns >= since_ns
				&& covers_point(zone, display, x, y)) {
			return true;
		}
	}
	return false;
}

bool bn_fence_blocks(const struct bn_fence *fence, size_t display, double x, double y,
		int64_t now_ns) {
	size_t top_index = bn_fence_top(fence, display, x, y);
	if (top_index == BN_NONE || now_ns - fence->zones[top_index].since_ns >= fence->guard_ns) {
		return false;
	}
	// The hand may have aimed at whatever was there before; what came up together is aimed at together.
	const struct bn_fence_zone *top = &fence->zones[top_index];
	for (size_t i = 0; i < fence->count; i++) {
		const struct bn_fence_zone *zone = &fence->zones[i];
		if (zone->rank < top->rank && zone->cover == BN_FENCE_APP
				&& zone->since_ns < top->since_ns
				&& covers_point(zone, display, x, y)) {
			return true;
		}
	}
	return false;
}

bool bn_fence_meets_safety(const struct bn_fence *fence, size_t display,
		const struct bn_rect *box) {
	for (size_t i = 0; i < fence->count; i++) {
		const struct bn_fence_zone *zone = &fence->zones[i];
		if (zone->cover == BN_FENCE_BARE || zone->display != display
				|| zone->layer < BN_LAYER_SAFETY) {
			continue;
		}
		struct bn_rect common = bn_rect_intersect(&zone->box, box);
		if (!bn_rect_is_empty(&common)) {
			return true;
		}
	}
	return false;
}
