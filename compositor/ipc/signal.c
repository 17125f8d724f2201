#include "cockpit.h"
#include "core/nsec.h"
#include "ipc/call.h"
#include "ipc/connection.h"
#include "ipc/describe.h"

static const char *signal_name(const struct bn_layout *layout, size_t signal) {
	return layout->signals[signal].name;
}

/** With what only a question can tell: how old the value is now, and who may set it. */
static void describe_with_age(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t signal) {
	const struct bn_signal *declared = &context->cockpit->layout->signals[signal];
	bn_ipc_describe_signal(context, doc, object, signal);
	int64_t received_ns = bn_vehicle_received_ns(context->cockpit->vehicle, signal);
	if (received_ns == 0) {
		yyjson_mut_obj_add_null(doc, object, "age_ms");
	} else {
		int64_t age_ns = bn_loop_now(context->loop) - received_ns;
		yyjson_mut_obj_add_int(doc, object, "age_ms", age_ns / BN_NSEC_PER_MSEC);
	}
	yyjson_mut_obj_add_int(doc, object, "stale_after_ms",
			declared->stale_after_ns / BN_NSEC_PER_MSEC);
	yyjson_mut_val *from = yyjson_mut_obj_add_arr(doc, object, "from");
	for (size_t i = 0; i < declared->from_count; i++) {
		bn_ipc_append_text(doc, from, declared->from[i]);
	}
}

static void get_signals(struct bn_ipc_call *call) {
	bn_ipc_add_list(call->context, call->reply.doc, call->reply.root, "signals",
			call->context->cockpit->layout->signal_count, describe_with_age);
}

static size_t set_object(struct bn_ipc_call *call) {
	const char *name = bn_ipc_request_string(&call->request, "signal");
	return name != NULL ? bn_layout_find_signal(call->context->cockpit->layout, name) : BN_NONE;
}

static void set(struct bn_ipc_call *call) {
	const struct bn_layout *layout = call->context->cockpit->layout;
	const char *name = bn_ipc_request_string(&call->request, "signal");
	struct bn_value value;
	if (!bn_ipc_request_value(&call->request, "value", &value)) {
		return;
	}
	if (bn_layout_find_signal(layout, name) == BN_NONE) {
		bn_ipc_call_fail_name(call, "signal", name, layout->signal_count, signal_name);
		return;
	}
	char error[BN_ERROR_MAX] = "";
	if (!bn_cockpit_set_signal_of(call->context->cockpit, &call->connection->identity, name,
			    &value, call->connection->arrived_ns, error)) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "%s", error);
	}
}

static const struct bn_ipc_verb verbs[] = {
	{ BN_VERB_GET, "signals", NULL, get_signals },
	{ BN_VERB_SET, NULL, set_object, set },
};

const struct bn_ipc_noun bn_ipc_signal_noun = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
