#include "core/graph.h"

#include <stdlib.h>

#include "core/nsec.h"

static uint32_t clamp(int64_t ns) {
	return ns < 0 ? 0 : ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

void bn_graph_add(struct bn_graph *graph, int64_t cost_ns, int64_t budget_ns, uint32_t missed) {
	graph->bars[graph->count++ % BN_GRAPH_BARS] =
			(struct bn_graph_bar){ clamp(cost_ns), clamp(budget_ns), missed };
}

int64_t bn_graph_scale(const struct bn_graph *graph, int64_t period_ns) {
	uint32_t most = 0;
	for (int i = 0; i < BN_GRAPH_BARS; i++) {
		const struct bn_graph_bar *bar = &graph->bars[i];
		most = bar->cost_ns > most ? bar->cost_ns : most;
		most = bar->budget_ns > most ? bar->budget_ns : most;
	}
	int64_t scale = BN_NSEC_PER_MSEC;
	while (scale < most && scale < period_ns) {
		scale *= 2;
	}
	return scale;
}

static int compare(const void *left, const void *right) {
	const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	return a < b ? -1 : a > b;
}

int64_t bn_graph_permille(const struct bn_graph *graph, unsigned permille) {
	uint32_t costs[BN_GRAPH_BARS];
	size_t count = graph->count < BN_GRAPH_BARS ? (size_t)graph->count : BN_GRAPH_BARS;
	for (size_t i = 0; i < count; i++) {
		costs[i] = graph->bars[i].cost_ns;
	}
	if (count == 0) {
		return 0;
	}
	qsort(costs, count, sizeof(costs[0]), compare);
	size_t rank = (count * permille + 999) / 1000;
	return costs[rank > 0 ? rank - 1 : 0];
}
