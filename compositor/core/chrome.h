#ifndef BN_CORE_CHROME_H
#define BN_CORE_CHROME_H

#include <stdbool.h>
#include <stdint.h>

struct bn_journal_view;
struct bn_sink;

/**
 * Writes a journal as JSON that chrome://tracing and ui.perfetto.dev open:
 *
 *   displays  a track each. A slice per frame, within it latch, draw, commit and the
 *             wait for the flip; the deadline (the refresh that it was for) as an
 *             instant, as are missed, failed, deferred and skipped refreshes; and the
 *             cost beside the predicted one as a counter.
 *   clients   a track each: commits that were shown, slices of their latching, and what
 *             was throttled or refused.
 *   cockpit   one track: what zones show, layouts that went live or were refused.
 *
 * Events are in the order of time, an outer slice before its inner ones. Times are us
 * of CLOCK_MONOTONIC, as `perf` and ftrace can have them, so that traces may be merged.
 * Pure but for memory: takes some 2 MB for a full journal and gives it back. False:
 * out of memory, or the sink failed.
 */
bool bn_chrome_write(const struct bn_journal_view *view, int64_t since_ns, struct bn_sink *sink);

#endif
