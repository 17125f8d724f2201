#ifndef BN_CORE_OPENMETRICS_H
#define BN_CORE_OPENMETRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bn_histogram;
struct bn_sink;

/**
 * OpenMetrics text (version 1.0), which node-exporter's textfile collector and any
 * scraper reads. The caller keeps each family's samples together; label values may
 * hold anything.
 */
enum bn_metric_kind {
	BN_METRIC_COUNTER, // only grows; its samples are called NAME_total
	BN_METRIC_GAUGE,
	BN_METRIC_HISTOGRAM, // seconds
	BN_METRIC_INFO,      // a 1 with labels; its sample is called NAME_info
};

struct bn_metric {
	const char *name; // ends with its unit
	enum bn_metric_kind kind;
	const char *unit; // "seconds", "bytes" or NULL
	const char *help;
};

struct bn_metric_label {
	const char *name, *value; // a NULL value: left out
};

void bn_metric_begin(struct bn_sink *sink, const struct bn_metric *metric);
void bn_metric_count(struct bn_sink *sink, const struct bn_metric *metric,
		const struct bn_metric_label *labels, size_t label_count, uint64_t value);
void bn_metric_value(struct bn_sink *sink, const struct bn_metric *metric,
		const struct bn_metric_label *labels, size_t label_count, double value);
/** Buckets end where the histogram's own do, so that the counts are exact: at powers of two ns from 65 us to 268 ms. */
void bn_metric_histogram(struct bn_sink *sink, const struct bn_metric *metric,
		const struct bn_metric_label *labels, size_t label_count,
		const struct bn_histogram *histogram);
/** Nothing may follow. */
void bn_metric_end(struct bn_sink *sink);

#endif
