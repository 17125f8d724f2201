#include "core/graph.h"

#include "core/nsec.h"
#include "unit.h"

#define MS BN_NSEC_PER_MSEC
#define PERIOD (16 * MS)

static void test_sweep(void **state) {
	struct bn_graph graph = { 0 };
	for (int i = 0; i < BN_GRAPH_BARS + 3; i++) {
		bn_graph_add(&graph, i, 2 * i, i == 1);
	}
	assert_int_equal(graph.bars[0].cost_ns, BN_GRAPH_BARS);
	assert_int_equal(graph.bars[2].cost_ns, BN_GRAPH_BARS + 2);
	assert_int_equal(graph.bars[3].cost_ns, 3);
	assert_int_equal(graph.count % BN_GRAPH_BARS, 3);
}

static void test_limits(void **state) {
	struct bn_graph graph = { 0 };
	bn_graph_add(&graph, -5, INT64_MIN, 0);
	assert_int_equal(graph.bars[0].cost_ns, 0);
	assert_int_equal(graph.bars[0].budget_ns, 0);
	bn_graph_add(&graph, INT64_MAX, 0, 0);
	assert_int_equal(graph.bars[1].cost_ns, UINT32_MAX);
}

static void test_scale(void **state) {
	struct bn_graph graph = { 0 };
	assert_int_equal(bn_graph_scale(&graph, PERIOD), MS);
	bn_graph_add(&graph, MS, 0, 0);
	assert_int_equal(bn_graph_scale(&graph, PERIOD), MS);
	bn_graph_add(&graph, 0, MS + 1, 0);
	assert_int_equal(bn_graph_scale(&graph, PERIOD), 2 * MS);
	bn_graph_add(&graph, 900 * MS, 0, 0);
	assert_int_equal(bn_graph_scale(&graph, PERIOD), 16 * MS);
}

static void test_permille(void **state) {
	struct bn_graph graph = { 0 };
	assert_int_equal(bn_graph_permille(&graph, 990), 0);
	bn_graph_add(&graph, 7, 0, 0);
	assert_int_equal(bn_graph_permille(&graph, 0), 7);
	assert_int_equal(bn_graph_permille(&graph, 1000), 7);
	for (int i = 1; i <= BN_GRAPH_BARS; i++) {
		bn_graph_add(&graph, 121 - i, 0, 0); // 120 down to 1; the 7 is gone
	}
	assert_int_equal(bn_graph_permille(&graph, 500), 60);
	assert_int_equal(bn_graph_permille(&graph, 990), 119);
	assert_int_equal(bn_graph_permille(&graph, 1000), 120);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("the-newest-overwrites-the-oldest", test_sweep),
		CASE("no-duration-wraps-around", test_limits),
		CASE("percentiles-are-of-the-bars-that-show", test_permille),
		CASE("one-bar-of-a-second-does-not-flatten-the-others", test_scale),
	};
	return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
