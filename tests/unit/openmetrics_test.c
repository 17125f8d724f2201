#include "core/openmetrics.h"

#include <stdlib.h>
#include <string.h>

#include "core/histogram.h"
#include "core/sink.h"
#include "unit.h"

static char text[65536];
static size_t used;

static bool text_write(void *data, const char *more, size_t length) {
	assert_true(used + length < sizeof(text));
	memcpy(text + used, more, length);
	used += length;
	text[used] = '\0';
	return true;
}

static struct bn_sink begin(void) {
	used = 0;
	text[0] = '\0';
	return (struct bn_sink){ .write = text_write };
}

static void test_counter(void **state) {
	struct bn_sink sink = begin();
	static const struct bn_metric metric = { "a_bytes", BN_METRIC_COUNTER, "bytes", "Help." };
	const struct bn_metric_label labels[] = { { "x", "say \"hi\" \\ \n\x80" }, { "y", NULL } };
	bn_metric_begin(&sink, &metric);
	bn_metric_count(&sink, &metric, labels, 2, UINT64_MAX);
	bn_metric_count(&sink, &metric, NULL, 0, 0);
	bn_metric_end(&sink);
	assert_string_equal(text,
			"# TYPE a_bytes counter\n# UNIT a_bytes bytes\n# HELP a_bytes Help.\n"
			"a_bytes_total{x=\"say \\\"hi\\\" \\\\ ??\"} 18446744073709551615\n"
			"a_bytes_total 0\n"
			"# EOF\n");
}

static void test_histogram(void **state) {
	struct bn_sink sink = begin();
	static const struct bn_metric metric = { "h_seconds", BN_METRIC_HISTOGRAM, "seconds",
		"H." };
	struct bn_histogram histogram = { 0 };
	// At, and one past, the end of a bucket.
	bn_histogram_add(&histogram, (1 << 20) - 1);
	bn_histogram_add(&histogram, 1 << 20);
	bn_histogram_add(&histogram, INT64_C(1) << 50);
	bn_metric_histogram(&sink, &metric, NULL, 0, &histogram);
	assert_non_null(strstr(text, "h_seconds_bucket{le=\"0.000524287\"} 0\n"));
	assert_non_null(strstr(text, "h_seconds_bucket{le=\"0.001048575\"} 1\n"));
	assert_non_null(strstr(text, "h_seconds_bucket{le=\"0.002097151\"} 2\n"));
	assert_non_null(strstr(text, "h_seconds_bucket{le=\"+Inf\"} 3\nh_seconds_count 3\n"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-label-with-quotes-breaks-no-line", test_counter),
		CASE("a-duration-at-a-buckets-end-is-in-it", test_histogram),
	};
	return cmocka_run_group_tests_name("openmetrics", tests, NULL, NULL);
}
