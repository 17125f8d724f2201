#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binnaclectl.h"

static const struct ctl_column frame_columns[] = {
	{ "DISPLAY", NULL, false, ctl_format_output_name },
	{ "PRESENTED", "presented", true, NULL },
	{ "MISSED", "missed", true, NULL },
	{ "FAILED", "failed", true, NULL },
	{ "DEFERRED", "deferred", true, NULL },
	{ "OVER PREDICTION", "underestimated", true, NULL },
	{ "WAKE-UPS", "wakeups", true, NULL },
	{ "UPLOADED", NULL, true, ctl_format_bytes },
};

static const struct ctl_column client_columns[] = {
	{ "PID", "pid", true, NULL },
	{ "APP", "app", false, NULL },
	{ "COMMITS", "commits", true, NULL },
	{ "UPLOADS", "uploads", true, NULL },
	{ "UPLOADED", NULL, true, ctl_format_bytes },
	{ "LATCH ms", NULL, true, ctl_format_latch },
	{ "THROTTLED", NULL, false, ctl_format_exceeded },
	{ "LAST REASON", NULL, false, ctl_format_last_reason },
};

static char *format_faults(const yyjson_val *row) {
	yyjson_val *faults = yyjson_obj_get((yyjson_val *)row, "faults"), *key;
	yyjson_obj_iter iter = yyjson_obj_iter_with(faults);
	char *text = strdup("");
	while (text != NULL && (key = yyjson_obj_iter_next(&iter)) != NULL) {
		long long count = yyjson_get_sint(yyjson_obj_iter_get_val(key));
		char *longer = NULL;
		if (count > 0
				&& asprintf(&longer, "%s%s%lld %s", text, *text != '\0' ? ", " : "",
						   count, yyjson_get_str(key))
						>= 0) {
			free(text);
			text = longer;
		}
	}
	return text;
}

static const struct ctl_column fresh_columns[] = {
	{ "ZONE", "zone", false, NULL },
	{ "HEARTBEAT ms", "heartbeat_ms", true, NULL },
	{ "MAX AGE ms", "max_age_ms", true, NULL },
	{ "FRESHNESS", "freshness", false, NULL },
	{ "AGE ms", "age_ms", true, NULL },
	{ "FAULTS", NULL, false, format_faults },
};

// One row for each duration of a display.
static const struct {
	const char *title, *key;
} durations[] = {
	{ "cost of a frame", "render_ns" },
	{ "  as predicted", "predicted_ns" },
	{ "commit to glass", "latency_ns" },
	{ "wake-up late", "wake_late_ns" },
};

static void put_ms(yyjson_val *duration, const char *key) {
	if (ctl_integer(duration, "count") == 0) {
		printf("  %8s", "-");
	} else {
		printf("  %8.3f", (double)ctl_integer(duration, key) / 1e6);
	}
}

static void print_durations(yyjson_val *outputs) {
	printf("%-16s  %-16s  %8s  %8s  %8s  %8s\n", "DISPLAY", "MILLISECONDS", "p50", "p99",
			"p99.9", "max");
	yyjson_val *output;
	yyjson_arr_iter iter = yyjson_arr_iter_with(outputs);
	while ((output = yyjson_arr_iter_next(&iter)) != NULL) {
		for (size_t i = 0; i < COUNT_OF(durations); i++) {
			yyjson_val *duration = yyjson_obj_get(output, durations[i].key);
			char *name = i == 0 ? ctl_format_output_name(output) : NULL;
			printf("%-16s  %-16s", name != NULL ? name : "", durations[i].title);
			free(name);
			put_ms(duration, "p50");
			put_ms(duration, "p99");
			put_ms(duration, "p999");
			put_ms(duration, "max");
			putchar('\n');
		}
	}
}

static void print_guard(yyjson_val *guard) {
	if (guard == NULL) {
		return;
	}
	const char *reason = yyjson_get_str(yyjson_obj_get(guard, "reason"));
	printf("\nguard: %s; start %lld",
			yyjson_get_bool(yyjson_obj_get(guard, "watching")) ? "watching"
									   : "gone, nobody watches",
			(long long)ctl_integer(guard, "start"));
	if (reason != NULL) {
		printf(", the one before: %s", reason);
	}
	putchar('\n');
}

enum ctl_status ctl_stats(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_STATS);
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	if (status == CTL_DONE && ctl->json) {
		puts(reply.line);
	} else if (status == CTL_DONE) {
		yyjson_val *outputs = yyjson_obj_get(reply.root, "outputs");
		ctl_print_table(outputs, frame_columns, COUNT_OF(frame_columns));
		putchar('\n');
		print_durations(outputs);
		putchar('\n');
		ctl_print_table(yyjson_obj_get(reply.root, "clients"), client_columns,
				COUNT_OF(client_columns));
		yyjson_val *freshness = yyjson_obj_get(reply.root, "freshness");
		if (yyjson_arr_size(freshness) > 0) {
			putchar('\n');
			ctl_print_table(freshness, fresh_columns, COUNT_OF(fresh_columns));
		}
		print_guard(yyjson_obj_get(reply.root, "guard"));
	}
	ctl_reply_finish(&reply);
	return status;
}

enum ctl_status ctl_metrics(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_METRICS);
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	if (status == CTL_DONE) {
		fputs(ctl->json ? reply.line : ctl_string(reply.root, "text"), stdout);
		if (ctl->json) {
			putchar('\n');
		}
	}
	ctl_reply_finish(&reply);
	return status;
}
