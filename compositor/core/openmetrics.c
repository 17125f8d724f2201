#include "core/openmetrics.h"

#include <stdio.h>

#include "core/histogram.h"
#include "core/nsec.h"
#include "core/sink.h"

#define FIRST_POWER 16
#define LAST_POWER 28

void bn_metric_begin(struct bn_sink *sink, const struct bn_metric *metric) {
	static const char *const types[] = {
		[BN_METRIC_COUNTER] = "counter",
		[BN_METRIC_GAUGE] = "gauge",
		[BN_METRIC_HISTOGRAM] = "histogram",
		[BN_METRIC_INFO] = "info",
	};
	bn_sink_print(sink, "# TYPE %s %s\n", metric->name, types[metric->kind]);
	if (metric->unit != NULL) {
		bn_sink_print(sink, "# UNIT %s %s\n", metric->name, metric->unit);
	}
	bn_sink_print(sink, "# HELP %s %s\n", metric->name, metric->help);
}

/** {a="b",...}, with `le` behind the others when it is not NULL. */
static void put_labels(struct bn_sink *sink, const struct bn_metric_label *labels, size_t count,
		const char *le) {
	const char *before = "{";
	for (size_t i = 0; i < count; i++) {
		if (labels[i].value != NULL) {
			// JSON's escapes are those of OpenMetrics: \" and \\; controls are gone.
			bn_sink_print(sink, "%s%s=", before, labels[i].name);
			bn_sink_json(sink, labels[i].value);
			before = ",";
		}
	}
	if (le != NULL) {
		bn_sink_print(sink, "%sle=\"%s\"", before, le);
		before = ",";
	}
	if (*before == ',') {
		bn_sink_print(sink, "}");
	}
}

static const char *suffix_of(const struct bn_metric *metric) {
	return metric->kind == BN_METRIC_COUNTER         ? "_total"
			: metric->kind == BN_METRIC_INFO ? "_info"
							 : "";
}

void bn_metric_count(struct bn_sink *sink, const struct bn_metric *metric,
		const struct bn_metric_label *labels, size_t label_count, uint64_t value) {
	bn_sink_print(sink, "%s%s", metric->name, suffix_of(metric));
	put_labels(sink, labels, label_count, NULL);
	bn_sink_print(sink, " %llu\n", (unsigned long long)value);
}

void bn_metric_value(struct bn_sink *sink, const struct bn_metric *metric,
		const struct bn_metric_label *labels, size_t label_count, double value) {
	bn_sink_print(sink, "%s%s", metric->name, suffix_of(metric));
	put_labels(sink, labels, label_count, NULL);
	bn_sink_print(sink, " %.9f\n", value);
}

static void put_bucket(struct bn_sink *sink, const struct bn_metric *metric,
		const struct bn_metric_label *labels, size_t label_count, const char *le,
		uint64_t count) {
	bn_sink_print(sink, "%s_bucket", metric->name);
	put_labels(sink, labels, label_count, le);
	bn_sink_print(sink, " %llu\n", (unsigned long long)count);
}

void bn_metric_histogram(struct bn_sink *sink, const struct bn_metric *metric,
		const struct bn_metric_label *labels, size_t label_count,
		const struct bn_histogram *histogram) {
	for (unsigned power = FIRST_POWER; power <= LAST_POWER; power++) {
		int64_t end = (INT64_C(1) << power) - 1;
		char le[32];
		snprintf(le, sizeof(le), "%lld.%09lld", (long long)(end / BN_NSEC_PER_SEC),
				(long long)(end % BN_NSEC_PER_SEC));
		put_bucket(sink, metric, labels, label_count, le,
				bn_histogram_count_to(histogram, end));
	}
	put_bucket(sink, metric, labels, label_count, "+Inf", histogram->count);
	bn_sink_print(sink, "%s_count", metric->name);
	put_labels(sink, labels, label_count, NULL);
	bn_sink_print(sink, " %llu\n%s_sum", (unsigned long long)histogram->count, metric->name);
	put_labels(sink, labels, label_count, NULL);
	bn_sink_print(sink, " %.9f\n", histogram->sum_ns / 1e9);
}

void bn_metric_end(struct bn_sink *sink) {
	bn_sink_print(sink, "# EOF\n");
}
