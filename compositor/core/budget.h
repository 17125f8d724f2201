#ifndef BN_CORE_BUDGET_H
#define BN_CORE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/layout.h"

/**
 * What one client may cost, counted per refresh and in what it holds.
 *
 * Passing a rate is no fault: the client is paced, its newest content and its
 * buffers wait for the next refresh. To go on passing it, refresh after refresh, is:
 * each one is a strike, each one within its limits takes a strike back, and at
 * BN_BUDGET_STRIKES the client is ended with a protocol error. So is one that passes
 * a quantity that only a broken or hostile client reaches. Plain data; counts only,
 * enforces nothing.
 */
enum bn_budget_kind {
	BN_BUDGET_COMMITS,      // surface commits per refresh
	BN_BUDGET_REQUESTS,     // requests of any kind per refresh
	BN_BUDGET_UPLOAD_BYTES, // bytes read from its buffers per refresh
	BN_BUDGET_SURFACES,     // wl_surfaces alive
	BN_BUDGET_BUFFERS,      // wl_buffers alive
	BN_BUDGET_BUFFER_BYTES, // bytes of the buffers that are held for it
	BN_BUDGET_COUNT,
};

enum bn_budget_verdict {
	BN_BUDGET_OK,
	BN_BUDGET_PACE,  // later: the rest waits for the next refresh
	BN_BUDGET_ERROR, // never: refuse it
};

/** Refreshes above a rate, less those within: a minute at 60 Hz. No client passes its rates so long by accident. */
#define BN_BUDGET_STRIKES 3600

struct bn_budget {
	int64_t limits[BN_BUDGET_COUNT];
	int64_t used[BN_BUDGET_COUNT];
	uint64_t exceeded[BN_BUDGET_COUNT]; // how often a verdict was not OK
	uint32_t strikes;
	bool passed; // commits or requests, in this refresh
};

/** `spec` may be NULL: the defaults. */
void bn_budget_init(struct bn_budget *budget, const struct bn_budget_spec *spec);
/** Replaces the limits and keeps the counts; NULL, or a member 0: the default. */
void bn_budget_set_limits(struct bn_budget *budget, const struct bn_budget_spec *spec);

/**
 * Asks to spend `amount` (>= 0). OK: it is counted. Anything else: nothing is counted but `exceeded`. One single
 * item is always allowed to begin a refresh, so that a picture larger than the byte budget is late, not lost.
 */
enum bn_budget_verdict bn_budget_spend(struct bn_budget *budget, enum bn_budget_kind kind,
		int64_t amount);
/** Gives back what is no longer held (surfaces, buffer bytes). */
void bn_budget_release(struct bn_budget *budget, enum bn_budget_kind kind, int64_t amount);
/** A new refresh: the counts of commits and requests start at zero, and this one is judged. */
void bn_budget_refresh(struct bn_budget *budget);
/** A new frame of the output that shows it: what may be uploaded starts at zero. */
void bn_budget_refresh_uploads(struct bn_budget *budget);

int64_t bn_budget_default(enum bn_budget_kind kind);
/** Its key under `limits:` of an app in the layout. */
const char *bn_budget_key(enum bn_budget_kind kind);
/** Why `amount` more was not OK, for the client, the log and `why`. At most `size` bytes, NUL included. */
void bn_budget_reason(const struct bn_budget *budget, enum bn_budget_kind kind, int64_t amount,
		char *buffer, size_t size);

#endif
