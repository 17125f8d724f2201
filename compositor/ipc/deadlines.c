#include "safety/deadlines.h"
#include "cockpit.h"
#include "ipc/call.h"
#include "ipc/describe.h"

static void describe(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t index) {
	const struct bn_deadlines_row row = bn_deadlines_row(context->deadlines, index);
	const struct bn_ledger *ledger = row.ledger;
	yyjson_mut_obj_add_str(doc, object, "kind", row.kind);
	bn_ipc_add_text(doc, object, "name", row.name);
	yyjson_mut_obj_add_str(doc, object, "edge", row.edge);
	bn_ipc_add_text(doc, object, "when", row.when);
	bn_ipc_add_text(doc, object, "file", row.mark->file);
	yyjson_mut_obj_add_int(doc, object, "line", row.mark->line);
	yyjson_mut_obj_add_str(doc, object, "measured_by", row.measure);
	yyjson_mut_obj_add_int(doc, object, "within_ns", ledger->limit_ns);
	yyjson_mut_obj_add_uint(doc, object, "count", ledger->taken.count);
	yyjson_mut_obj_add_int(doc, object, "p50_ns", bn_histogram_permille(&ledger->taken, 500));
	yyjson_mut_obj_add_int(doc, object, "p99_ns", bn_histogram_permille(&ledger->taken, 990));
	yyjson_mut_obj_add_int(doc, object, "max_ns", ledger->taken.max_ns);
	yyjson_mut_obj_add_uint(doc, object, "misses", ledger->misses);
	yyjson_mut_obj_add_uint(doc, object, "fallbacks", ledger->fallbacks);
	yyjson_mut_obj_add_int(doc, object, "fallback_max_ns", ledger->fallback_max_ns);
	yyjson_mut_obj_add_uint(doc, object, "cancelled", ledger->cancelled);
	yyjson_mut_obj_add_bool(doc, object, "open", ledger->open);
}

static void get_deadlines(struct bn_ipc_call *call) {
	const struct bn_deadlines *deadlines = call->context->deadlines;
	yyjson_mut_obj_add_uint(call->reply.doc, call->reply.root, "misses", deadlines->misses);
	bn_ipc_add_list(call->context, call->reply.doc, call->reply.root, "deadlines",
			bn_deadlines_row_count(deadlines), describe);
}

static const struct bn_ipc_verb verbs[] = {
	{ BN_VERB_DEADLINES, NULL, NULL, get_deadlines },
};

const struct bn_ipc_noun bn_ipc_deadlines_noun = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
