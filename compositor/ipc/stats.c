#include <wlr/types/wlr_output.h>

#include "client.h"
#include "cockpit.h"
#include "guardlink.h"
#include "ipc/call.h"
#include "ipc/describe.h"
#include "ipc/socket.h"
#include "output.h"

static void add_durations(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
		const struct bn_histogram *histogram) {
	yyjson_mut_val *item = yyjson_mut_obj_add_obj(doc, object, key);
	yyjson_mut_obj_add_uint(doc, item, "count", histogram->count);
	yyjson_mut_obj_add_int(doc, item, "p50", bn_histogram_permille(histogram, 500));
	yyjson_mut_obj_add_int(doc, item, "p99", bn_histogram_permille(histogram, 990));
	yyjson_mut_obj_add_int(doc, item, "p999", bn_histogram_permille(histogram, 999));
	yyjson_mut_obj_add_int(doc, item, "max", bn_histogram_permille(histogram, 1000));
}

static void add_output(struct bn_ipc_call *call, yyjson_mut_val *list,
		const struct bn_output *output) {
	const struct bn_layout *layout = call->context->cockpit->layout;
	const struct bn_output_stats *stats = &output->stats;
	yyjson_mut_doc *doc = call->reply.doc;
	yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
	bn_ipc_add_text(doc, item, "display",
			output->display < layout->display_count
					? layout->displays[output->display].name
					: NULL);
	bn_ipc_add_text(doc, item, "connector", output->wlr->name);
	yyjson_mut_obj_add_uint(doc, item, "presented", stats->presented);
	yyjson_mut_obj_add_uint(doc, item, "missed", stats->missed);
	yyjson_mut_obj_add_uint(doc, item, "failed", stats->failed);
	yyjson_mut_obj_add_uint(doc, item, "wakeups", stats->wakeups);
	yyjson_mut_obj_add_uint(doc, item, "deferred", stats->deferred);
	yyjson_mut_obj_add_uint(doc, item, "divided", stats->divided);
	yyjson_mut_obj_add_uint(doc, item, "scanned_out", stats->scanned_out);
	yyjson_mut_obj_add_uint(doc, item, "upload_bytes", stats->upload_bytes);
	yyjson_mut_obj_add_uint(doc, item, "draw_ops", output->record.draw_ops);
	yyjson_mut_obj_add_uint(doc, item, "underestimated", stats->underestimated);
	yyjson_mut_obj_add_bool(doc, item, "safety", output->safety);
	yyjson_mut_obj_add_bool(doc, item, "overlay", output->overlay);
	yyjson_mut_obj_add_sint(doc, item, "margin_ns", output->deadline.margin_ns);
	yyjson_mut_obj_add_sint(doc, item, "lateness_ns",
			bn_predictor_ns(&output->deadline.lateness));
	add_durations(doc, item, "render_ns", &stats->render);
	add_durations(doc, item, "predicted_ns", &stats->predicted);
	add_durations(doc, item, "wake_late_ns", &stats->wake_late);
	add_durations(doc, item, "latency_ns", &stats->latency);
}

/** Whether somebody watches us; left out when nobody ever did. */
static void add_guard(struct bn_ipc_call *call) {
	const struct bn_guardlink *guard = call->context->guard;
	if (guard == NULL || (!bn_guardlink_is_alive(guard) && !guard->lost)) {
		return;
	}
	yyjson_mut_doc *doc = call->reply.doc;
	yyjson_mut_val *item = yyjson_mut_obj_add_obj(doc, call->reply.root, "guard");
	yyjson_mut_obj_add_bool(doc, item, "watching", bn_guardlink_is_alive(guard));
	yyjson_mut_obj_add_uint(doc, item, "start", guard->start);
	bn_ipc_add_text(doc, item, "reason", guard->reason[0] != '\0' ? guard->reason : NULL);
}

static void get_stats(struct bn_ipc_call *call) {
	yyjson_mut_doc *doc = call->reply.doc;
	yyjson_mut_val *outputs = yyjson_mut_obj_add_arr(doc, call->reply.root, "outputs");
	const struct bn_output *output;
	wl_list_for_each(output, &call->context->outputs->list, link) {
		add_output(call, outputs, output);
	}
	yyjson_mut_val *clients = yyjson_mut_obj_add_arr(doc, call->reply.root, "clients");
	const struct bn_client *client;
	wl_list_for_each(client, &call->context->clients->list, link) {
		bn_ipc_describe_client(call->context, doc, yyjson_mut_arr_add_obj(doc, clients),
				client);
	}
	bn_ipc_add_fresh(call->context, doc, call->reply.root);
	add_guard(call);
	yyjson_mut_obj_add_uint(doc, call->reply.root, "controllers", call->ipc->connection_count);
}

static const struct bn_ipc_verb verbs[] = {
	{ BN_VERB_STATS, NULL, NULL, get_stats },
};

const struct bn_ipc_noun bn_ipc_stats_noun = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
