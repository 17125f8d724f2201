#include <stdio.h>
#include <stdlib.h>

#include "binnaclectl.h"

/** Nothing to tell of where nothing was measured. */
static char *ms_if(const yyjson_val *row, const char *count, const char *key) {
	yyjson_val *object = (yyjson_val *)row;
	char *text;
	if (ctl_integer(object, count) == 0) {
		return asprintf(&text, "-") < 0 ? NULL : text;
	}
	return asprintf(&text, "%.1f", (double)ctl_integer(object, key) / 1e6) < 0 ? NULL : text;
}

static char *format_within(const yyjson_val *row) {
	char *text;
	double ms = (double)ctl_integer((yyjson_val *)row, "within_ns") / 1e6;
	return asprintf(&text, "%g", ms) < 0 ? NULL : text;
}

static char *format_p50(const yyjson_val *row) {
	return ms_if(row, "count", "p50_ns");
}

static char *format_p99(const yyjson_val *row) {
	return ms_if(row, "count", "p99_ns");
}

static char *format_max(const yyjson_val *row) {
	return ms_if(row, "count", "max_ns");
}

static char *format_fallback_max(const yyjson_val *row) {
	return ms_if(row, "fallbacks", "fallback_max_ns");
}

static const struct ctl_column columns[] = {
	{ "EVENT", "name", false, NULL },
	{ "EDGE", "edge", false, NULL },
	{ "WITHIN ms", NULL, true, format_within },
	{ "COUNT", "count", true, NULL },
	{ "p50 ms", NULL, true, format_p50 },
	{ "p99 ms", NULL, true, format_p99 },
	{ "MAX ms", NULL, true, format_max },
	{ "MISSES", "misses", true, NULL },
	{ "FALLBACKS", "fallbacks", true, NULL },
	{ "MAX ms", NULL, true, format_fallback_max },
	{ "CANCELLED", "cancelled", true, NULL },
	{ "MEASURED BY", "measured_by", false, NULL },
};

enum ctl_status ctl_deadlines(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_DEADLINES);
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	if (status == CTL_DONE && ctl->json) {
		puts(reply.line);
	} else if (status == CTL_DONE) {
		ctl_print_table(yyjson_obj_get(reply.root, "deadlines"), columns,
				COUNT_OF(columns));
	}
	ctl_reply_finish(&reply);
	return status;
}
