#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "client.h"
#include "cockpit.h"
#include "core/freeze.h"
#include "core/openmetrics.h"
#include "core/sink.h"
#include "ipc/call.h"
#include "output.h"
#include "safety/check.h"
#include "safety/deadlines.h"
#include "safety/fresh.h"

/** A text that grows; what memory did not suffice for makes the sink fail. */
struct text {
	char *data; // owned
	size_t length, capacity;
};

static bool text_write(void *data, const char *more, size_t length) {
	struct text *text = data;
	if (text->length + length + 1 > text->capacity) {
		size_t capacity = (text->length + length + 1) * 2;
		char *grown = realloc(text->data, capacity);
		if (grown == NULL) {
			return false;
		}
		text->data = grown;
		text->capacity = capacity;
	}
	memcpy(text->data + text->length, more, length);
	text->length += length;
	text->data[text->length] = '\0';
	return true;
}

// Displays

static uint64_t presented(const struct bn_output *output) {
	return output->stats.presented;
}

static uint64_t missed(const struct bn_output *output) {
	return output->stats.missed;
}

static uint64_t failed(const struct bn_output *output) {
	return output->stats.failed;
}

static uint64_t deferred(const struct bn_output *output) {
	return output->stats.deferred;
}

static uint64_t divided(const struct bn_output *output) {
	return output->stats.divided;
}

static uint64_t wakeups(const struct bn_output *output) {
	return output->stats.wakeups;
}

static uint64_t underestimated(const struct bn_output *output) {
	return output->stats.underestimated;
}

static uint64_t uploaded(const struct bn_output *output) {
	return output->stats.upload_bytes;
}

static const struct {
	struct bn_metric metric;
	uint64_t (*value)(const struct bn_output *output);
} output_counters[] = {
	{ { "binnacle_frames_presented", BN_METRIC_COUNTER, NULL, "Frames that came on glass." },
			presented },
	{ { "binnacle_refreshes_missed", BN_METRIC_COUNTER, NULL,
			  "Refreshes that went by without the frame that was due." },
			missed },
	{ { "binnacle_frames_failed", BN_METRIC_COUNTER, NULL,
			  "Frames that could not be drawn or were refused by the display." },
			failed },
	{ { "binnacle_frames_deferred", BN_METRIC_COUNTER, NULL,
			  "Frames that gave way to a safety display." },
			deferred },
	{ { "binnacle_frames_divided", BN_METRIC_COUNTER, NULL,
			  "Frames that were drawn in parts, with others' turns in between." },
			divided },
	{ { "binnacle_frames_underestimated", BN_METRIC_COUNTER, NULL,
			  "Frames that cost more than was predicted." },
			underestimated },
	{ { "binnacle_frame_wakeups", BN_METRIC_COUNTER, NULL,
			  "Times that a display's frame timer fired for a frame." },
			wakeups },
	{ { "binnacle_upload_bytes", BN_METRIC_COUNTER, "bytes",
			  "Client pixels that were uploaded for the display." },
			uploaded },
};

static const struct bn_histogram *cost(const struct bn_output *output) {
	return &output->stats.render;
}

static const struct bn_histogram *predicted(const struct bn_output *output) {
	return &output->stats.predicted;
}

static const struct bn_histogram *latency(const struct bn_output *output) {
	return &output->stats.latency;
}

static const struct bn_histogram *wake_late(const struct bn_output *output) {
	return &output->stats.wake_late;
}

static const struct {
	struct bn_metric metric;
	const struct bn_histogram *(*value)(const struct bn_output *output);
} output_histograms[] = {
	{ { "binnacle_frame_cost_seconds", BN_METRIC_HISTOGRAM, "seconds",
			  "From a frame's wake-up to its commit." },
			cost },
	{ { "binnacle_frame_predicted_cost_seconds", BN_METRIC_HISTOGRAM, "seconds",
			  "What frames were predicted to cost." },
			predicted },
	{ { "binnacle_frame_latency_seconds", BN_METRIC_HISTOGRAM, "seconds",
			  "From a frame's commit until it came on glass." },
			latency },
	{ { "binnacle_wakeup_lateness_seconds", BN_METRIC_HISTOGRAM, "seconds",
			  "How late frame timers fired." },
			wake_late },
};

static const char *display_name(const struct bn_ipc_call *call, const struct bn_output *output) {
	const struct bn_layout *layout = call->context->cockpit->layout;
	return output->display < layout->display_count ? layout->displays[output->display].name
						       : NULL;
}

static void put_outputs(const struct bn_ipc_call *call, struct bn_sink *sink) {
	const struct bn_output *output;
	for (size_t i = 0; i < sizeof(output_counters) / sizeof(output_counters[0]); i++) {
		bn_metric_begin(sink, &output_counters[i].metric);
		wl_list_for_each(output, &call->context->outputs->list, link) {
			const struct bn_metric_label labels[] = {
				{ "display", display_name(call, output) },
				{ "connector", output->wlr->name },
			};
			bn_metric_count(sink, &output_counters[i].metric, labels, 2,
					output_counters[i].value(output));
		}
	}
	for (size_t i = 0; i < sizeof(output_histograms) / sizeof(output_histograms[0]); i++) {
		bn_metric_begin(sink, &output_histograms[i].metric);
		wl_list_for_each(output, &call->context->outputs->list, link) {
			const struct bn_metric_label labels[] = {
				{ "display", display_name(call, output) },
				{ "connector", output->wlr->name },
			};
			bn_metric_histogram(sink, &output_histograms[i].metric, labels, 2,
					output_histograms[i].value(output));
		}
	}
}

// Clients

static double commits(const struct bn_client *client) {
	return (double)client->commits;
}

static double uploads(const struct bn_client *client) {
	return (double)client->uploads;
}

static double upload_bytes(const struct bn_client *client) {
	return (double)client->upload_bytes;
}

static double latch_seconds(const struct bn_client *client) {
	return (double)client->latch_ns / 1e9;
}

static double surfaces(const struct bn_client *client) {
	return (double)client->budget.used[BN_BUDGET_SURFACES];
}

static const struct {
	struct bn_metric metric;
	double (*value)(const struct bn_client *client);
} client_values[] = {
	{ { "binnacle_client_commits", BN_METRIC_COUNTER, NULL, "Surface commits of a client." },
			commits },
	{ { "binnacle_client_uploads", BN_METRIC_COUNTER, NULL,
			  "Buffers of a client that were uploaded." },
			uploads },
	{ { "binnacle_client_upload_bytes", BN_METRIC_COUNTER, "bytes",
			  "Pixels of a client that were uploaded." },
			upload_bytes },
	{ { "binnacle_client_latch_seconds", BN_METRIC_COUNTER, "seconds",
			  "Time that taking a client's buffers cost the compositor." },
			latch_seconds },
	{ { "binnacle_client_surfaces", BN_METRIC_GAUGE, NULL, "Surfaces of a client." },
			surfaces },
};

static const struct bn_metric exceeded = { "binnacle_client_budget_exceeded", BN_METRIC_COUNTER,
	NULL, "Times that a client was throttled or refused for passing a limit." };

/** Two processes of an app are told apart by pid. */
static void name_client(const struct bn_client *client, char pid[16],
		struct bn_metric_label labels[3]) {
	snprintf(pid, 16, "%d", (int)client->pid);
	labels[0] = (struct bn_metric_label){ "app", client->app_name };
	labels[1] = (struct bn_metric_label){ "pid", pid };
}

static void put_clients(const struct bn_ipc_call *call, struct bn_sink *sink) {
	const struct bn_client *client;
	struct bn_metric_label labels[3];
	char pid[16];
	for (size_t i = 0; i < sizeof(client_values) / sizeof(client_values[0]); i++) {
		bn_metric_begin(sink, &client_values[i].metric);
		wl_list_for_each(client, &call->context->clients->list, link) {
			name_client(client, pid, labels);
			bn_metric_value(sink, &client_values[i].metric, labels, 2,
					client_values[i].value(client));
		}
	}
	bn_metric_begin(sink, &exceeded);
	wl_list_for_each(client, &call->context->clients->list, link) {
		name_client(client, pid, labels);
		for (int kind = 0; kind < BN_BUDGET_COUNT; kind++) {
			labels[2] = (struct bn_metric_label){ "limit",
				bn_budget_key((enum bn_budget_kind)kind) };
			bn_metric_count(sink, &exceeded, labels, 3, client->budget.exceeded[kind]);
		}
	}
}

static void put_cockpit(const struct bn_ipc_call *call, struct bn_sink *sink) {
	static const struct bn_metric layout = { "binnacle_layout", BN_METRIC_INFO, NULL,
		"The layout in force." };
	static const struct bn_metric reloads = { "binnacle_layout_reloads", BN_METRIC_COUNTER,
		NULL, "Layouts that went live after the first." };
	const struct bn_cockpit *cockpit = call->context->cockpit;
	const struct bn_metric_label labels[] = {
		{ "name", cockpit->layout->name },
		{ "path", cockpit->layout->path },
	};
	bn_metric_begin(sink, &layout);
	bn_metric_count(sink, &layout, labels, 2, 1);
	bn_metric_begin(sink, &reloads);
	bn_metric_count(sink, &reloads, NULL, 0, cockpit->reload_count);
}

// Safety

static void put_freshness(const struct bn_ipc_call *call, struct bn_sink *sink) {
	static const struct bn_metric live = { "binnacle_zone_live", BN_METRIC_GAUGE, NULL,
		"1: what a zone with heartbeat or max-age shows is live, 0: it is not." };
	static const struct bn_metric faults = { "binnacle_zone_faults", BN_METRIC_COUNTER, NULL,
		"Times that what such a zone shows ceased to be live." };
	const struct bn_layout *layout = call->context->cockpit->layout;
	bn_metric_begin(sink, &live);
	for (size_t i = 0; i < layout->zone_count; i++) {
		const struct bn_fresh_zone *zone = bn_fresh_find(call->context->fresh, i);
		const struct bn_metric_label labels[] = { { "zone", layout->zones[i].name } };
		if (zone != NULL && zone->view != 0) {
			bn_metric_value(sink, &live, labels, 1,
					zone->freeze.verdict == BN_FREEZE_LIVE);
		}
	}
	bn_metric_begin(sink, &faults);
	for (size_t i = 0; i < layout->zone_count; i++) {
		const struct bn_fresh_zone *zone = bn_fresh_find(call->context->fresh, i);
		for (int j = BN_FREEZE_NO_PICTURE; zone != NULL && j < BN_FREEZE_VERDICT_COUNT;
				j++) {
			const struct bn_metric_label labels[] = {
				{ "zone", layout->zones[i].name },
				{ "fault", bn_freeze_verdict_name((enum bn_freeze_verdict)j) },
			};
			bn_metric_count(sink, &faults, labels, 2, zone->faults[j]);
		}
	}
}

// Checks

static const struct bn_metric check_state = { "binnacle_check_state", BN_METRIC_GAUGE, NULL,
	"0 as it should be, 1 not yet, 2 covered by a picture of the compositor, 3 not to be "
	"relied on." };
static const struct bn_metric check_reads = { "binnacle_check_reads", BN_METRIC_COUNTER, NULL,
	"Times that a check's place was read from what was composed." };
static const struct bn_metric check_faults = { "binnacle_check_faults", BN_METRIC_COUNTER, NULL,
	"Times that what must be seen was not, or the other way round." };
static const struct bn_metric check_reaction = { "binnacle_check_reaction_seconds",
	BN_METRIC_HISTOGRAM, "seconds",
	"From the first sight of a fault until its cover was on glass." };

static void put_checks(const struct bn_ipc_call *call, struct bn_sink *sink) {
	const struct bn_checks *checks = call->context->checks;
	const struct bn_metric *const metrics[] = { &check_state, &check_reads, &check_reaction };
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		bn_metric_begin(sink, metrics[i]);
		for (size_t j = 0; j < checks->count; j++) {
			const struct bn_check_item *item = &checks->items[j];
			const struct bn_metric_label label = { "check", item->spec->name };
			if (metrics[i] == &check_state) {
				bn_metric_value(sink, metrics[i], &label, 1,
						(double)item->telltale.state);
			} else if (metrics[i] == &check_reads) {
				bn_metric_count(sink, metrics[i], &label, 1, item->reads);
			} else {
				bn_metric_histogram(sink, metrics[i], &label, 1, &item->reaction);
			}
		}
	}
	bn_metric_begin(sink, &check_faults);
	for (size_t i = 0; i < checks->count; i++) {
		const struct bn_check_item *item = &checks->items[i];
		for (int fault = BN_TELLTALE_ABSENT; fault < BN_TELLTALE_FAULT_COUNT; fault++) {
			const struct bn_metric_label labels[] = {
				{ "check", item->spec->name },
				{ "fault", bn_telltale_fault_name((enum bn_telltale_fault)fault) },
			};
			bn_metric_count(sink, &check_faults, labels, 2, item->faults[fault]);
		}
	}
}

static uint64_t misses_of(const struct bn_ledger *ledger) {
	return ledger->misses;
}

static uint64_t fallbacks_of(const struct bn_ledger *ledger) {
	return ledger->fallbacks;
}

static uint64_t cancelled_of(const struct bn_ledger *ledger) {
	return ledger->cancelled;
}

static const struct {
	struct bn_metric metric;
	uint64_t (*value)(const struct bn_ledger *ledger);
} ledger_counters[] = {
	{ { "binnacle_deadline_misses", BN_METRIC_COUNTER, NULL,
			  "Times that the deadline of a rule or a check passed before glass "
			  "showed what it wants." },
			misses_of },
	{ { "binnacle_deadline_fallbacks", BN_METRIC_COUNTER, NULL,
			  "Times that a fallback or a cover was on glass before what is wanted." },
			fallbacks_of },
	{ { "binnacle_deadline_cancelled", BN_METRIC_COUNTER, NULL,
			  "Times that an event was over or overruled before its deadline." },
			cancelled_of },
};

static const struct bn_metric deadline_taken = { "binnacle_deadline_seconds", BN_METRIC_HISTOGRAM,
	"seconds", "From the arrival of a signal until glass shows what its rule or check wants." };

static void put_deadlines(const struct bn_ipc_call *call, struct bn_sink *sink) {
	const struct bn_deadlines *deadlines = call->context->deadlines;
	size_t count = bn_deadlines_row_count(deadlines);
	for (size_t i = 0; i < sizeof(ledger_counters) / sizeof(ledger_counters[0]); i++) {
		bn_metric_begin(sink, &ledger_counters[i].metric);
		for (size_t j = 0; j < count; j++) {
			const struct bn_deadlines_row row = bn_deadlines_row(deadlines, j);
			const struct bn_metric_label labels[] = { { row.kind, row.name },
				{ "edge", row.edge } };
			bn_metric_count(sink, &ledger_counters[i].metric, labels, 2,
					ledger_counters[i].value(row.ledger));
		}
	}
	bn_metric_begin(sink, &deadline_taken);
	for (size_t i = 0; i < count; i++) {
		const struct bn_deadlines_row row = bn_deadlines_row(deadlines, i);
		const struct bn_metric_label labels[] = { { row.kind, row.name },
			{ "edge", row.edge } };
		bn_metric_histogram(sink, &deadline_taken, labels, 2, &row.ledger->taken);
	}
}

static void get_metrics(struct bn_ipc_call *call) {
	struct text text = { 0 };
	struct bn_sink sink = { .write = text_write, .data = &text };
	put_cockpit(call, &sink);
	put_outputs(call, &sink);
	put_clients(call, &sink);
	put_freshness(call, &sink);
	put_deadlines(call, &sink);
	put_checks(call, &sink);
	bn_metric_end(&sink);
	if (sink.failed) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "out of memory: try again");
	} else {
		yyjson_mut_obj_add_strncpy(call->reply.doc, call->reply.root, "text", text.data,
				text.length);
	}
	free(text.data);
}

static const struct bn_ipc_verb verbs[] = {
	{ BN_VERB_METRICS, NULL, NULL, get_metrics },
};

const struct bn_ipc_noun bn_ipc_metrics_noun = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
