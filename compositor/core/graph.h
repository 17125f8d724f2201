#ifndef BN_CORE_GRAPH_H
#define BN_CORE_GRAPH_H

#include <stdint.h>

/**
 * The last frames' costs for the eye: a ring of bars that is swept over as a
 * monitor beside a sickbed does, the newest overwriting the oldest in place. So a new
 * frame changes one bar, not the whole picture. Plain data, zero-initialised is empty.
 */
#define BN_GRAPH_BARS 120

struct bn_graph_bar {
	uint32_t cost_ns;   // from wake-up to commit; 0: no frame yet
	uint32_t budget_ns; // from wake-up to the refresh that it was for
	uint32_t missed;    // refreshes
};

struct bn_graph {
	struct bn_graph_bar bars[BN_GRAPH_BARS];
	uint64_t count; // ever added; the next one goes to count % BN_GRAPH_BARS
};

/** Negative durations count as 0, long ones as the longest there is room for. */
void bn_graph_add(struct bn_graph *graph, int64_t cost_ns, int64_t budget_ns, uint32_t missed);
/**
 * Full height in ns, one of 1, 2, 4, 8 ... ms: room for all costs and budgets, but no more than the first of these
 * that a refresh fits in. What is longer is cut.
 */
int64_t bn_graph_scale(const struct bn_graph *graph, int64_t period_ns);

/** A cost that at least so many thousandths of the bars are not above; 0 when there are none. */
int64_t bn_graph_permille(const struct bn_graph *graph, unsigned permille);

#endif
