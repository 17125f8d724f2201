#include "core/budget.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

#define MIB (INT64_C(1024) * 1024)

/**
 * Where the defaults come from:
 *
 *  commits   a well-behaved client commits each surface once per refresh, and the
 *            busiest seen (a browser, with its video and scroll layers as
 *            subsurfaces) has some 20 surfaces; 12 times that.
 *  requests  a commit with buffer, damage, regions and callback is some 8; the same again for
 *            input regions, positions and new objects of a busy browser; 16 per commit.
 *  upload    one 3840x2160 picture is 31.6 MiB. At the 8 GB/s that one core copies it
 *            takes 4 ms, a quarter of a 60 Hz refresh.
 *  surfaces  a toolkit keeps a handful per window, a browser tens; a leak of one
 *            per frame is caught in seconds.
 *  buffers   two or three per surface, with what toolkits keep for cursors and icons; 4 per
 *            surface.
 *  bytes     eight 7680x4320 pictures, what a triple-buffered client of the largest
 *            panel needs twice over.
 */
static const struct {
	int64_t limit;
	bool per_refresh;
	enum bn_budget_verdict verdict;
	const char *unit;
	const char *key; // under `limits:` of an app in the layout
} kinds[BN_BUDGET_COUNT] = {
	[BN_BUDGET_COMMITS] = { 256, true, BN_BUDGET_PACE, "commits", "commits-per-frame" },
	[BN_BUDGET_REQUESTS] = { 4096, true, BN_BUDGET_PACE, "requests", "requests-per-frame" },
	[BN_BUDGET_UPLOAD_BYTES] = { 32 * MIB, true, BN_BUDGET_PACE, "bytes of content",
			"upload-per-frame" },
	[BN_BUDGET_SURFACES] = { 1024, false, BN_BUDGET_ERROR, "surfaces", "surfaces" },
	[BN_BUDGET_BUFFERS] = { 4096, false, BN_BUDGET_ERROR, "buffers", "buffers" },
	[BN_BUDGET_BUFFER_BYTES] = { 1024 * MIB, false, BN_BUDGET_ERROR, "bytes of buffers",
			"buffer-bytes" },
};

int64_t bn_budget_default(enum bn_budget_kind kind) {
	assert(kind < BN_BUDGET_COUNT);
	return kinds[kind].limit;
}

const char *bn_budget_key(enum bn_budget_kind kind) {
	assert(kind < BN_BUDGET_COUNT);
	return kinds[kind].key;
}

void bn_budget_set_limits(struct bn_budget *budget, const struct bn_budget_spec *spec) {
	const int64_t wanted[BN_BUDGET_COUNT] = {
		[BN_BUDGET_COMMITS] = spec != NULL ? spec->commits_per_frame : 0,
		[BN_BUDGET_REQUESTS] = spec != NULL ? spec->requests_per_frame : 0,
		[BN_BUDGET_UPLOAD_BYTES] = spec != NULL ? spec->upload_bytes_per_frame : 0,
		[BN_BUDGET_SURFACES] = spec != NULL ? spec->surfaces : 0,
		[BN_BUDGET_BUFFERS] = spec != NULL ? spec->buffers : 0,
		[BN_BUDGET_BUFFER_BYTES] = spec != NULL ? spec->buffer_bytes : 0,
	};
	for (int i = 0; i < BN_BUDGET_COUNT; i++) {
		budget->limits[i] = wanted[i] > 0 ? wanted[i] : kinds[i].limit;
	}
}

void bn_budget_init(struct bn_budget *budget, const struct bn_budget_spec *spec) {
	*budget = (struct bn_budget){ 0 };
	bn_budget_set_limits(budget, spec);
}

/** What is asked for in a hurry, as opposed to what is read at our own pace. */
static bool is_hurry(enum bn_budget_kind kind) {
	return kind == BN_BUDGET_COMMITS || kind == BN_BUDGET_REQUESTS;
}

enum bn_budget_verdict bn_budget_spend(struct bn_budget *budget, enum bn_budget_kind kind,
		int64_t amount) {
	assert(kind < BN_BUDGET_COUNT && amount >= 0);
	bool begins = kinds[kind].per_refresh && budget->used[kind] == 0;
	// Not "used + amount > limit": a client names the amount, so the sum may overflow.
	if (amount > budget->limits[kind] - budget->used[kind] && !begins) {
		budget->exceeded[kind]++;
		budget->passed = budget->passed || is_hurry(kind);
		return is_hurry(kind) && budget->strikes >= BN_BUDGET_STRIKES ? BN_BUDGET_ERROR
									      : kinds[kind].verdict;
	}
	budget->used[kind] += amount;
	return BN_BUDGET_OK;
}

void bn_budget_release(struct bn_budget *budget, enum bn_budget_kind kind, int64_t amount) {
	assert(kind < BN_BUDGET_COUNT && amount >= 0 && amount <= budget->used[kind]);
	budget->used[kind] -= amount;
}

void bn_budget_refresh(struct bn_budget *budget) {
	if (budget->passed) {
		budget->strikes++;
	} else if (budget->strikes > 0) {
		budget->strikes--;
	}
	budget->passed = false;
	budget->used[BN_BUDGET_COMMITS] = 0;
	budget->used[BN_BUDGET_REQUESTS] = 0;
}

void bn_budget_refresh_uploads(struct bn_budget *budget) {
	budget->used[BN_BUDGET_UPLOAD_BYTES] = 0;
}

void bn_budget_reason(const struct bn_budget *budget, enum bn_budget_kind kind, int64_t amount,
		char *buffer, size_t size) {
	assert(kind < BN_BUDGET_COUNT);
	const char *consequence = kinds[kind].verdict != BN_BUDGET_PACE ? "refused"
			: is_hurry(kind) && budget->strikes >= BN_BUDGET_STRIKES
			? "refused after a minute of it"
			: "the rest waits for the next refresh";
	snprintf(buffer, size, "%lld %s on top of %lld%s, limit %lld: %s (`limits: {%s: ...}`)",
			(long long)amount, kinds[kind].unit, (long long)budget->used[kind],
			kinds[kind].per_refresh ? " in one refresh" : "",
			(long long)budget->limits[kind], consequence, kinds[kind].key);
}
