#include "safety/fresh.h"
#include "cockpit.h"
#include "core/nsec.h"
#include "ipc/describe.h"
#include "loop.h"

static void describe(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t zone) {
	const struct bn_fresh_zone *known = bn_fresh_find(context->fresh, zone);
	const struct bn_zone *declared = &context->cockpit->layout->zones[zone];
	bn_ipc_add_text(doc, object, "zone", declared->name);
	yyjson_mut_obj_add_int(doc, object, "heartbeat_ms",
			declared->heartbeat_ns / BN_NSEC_PER_MSEC);
	yyjson_mut_obj_add_int(doc, object, "max_age_ms", declared->max_age_ns / BN_NSEC_PER_MSEC);
	bool judged = known != NULL && known->view != 0;
	bn_ipc_add_text(doc, object, "freshness",
			judged ? bn_freeze_verdict_name(known->freeze.verdict) : NULL);
	if (judged && known->freeze.picture_ns != 0) {
		int64_t age_ns = bn_loop_now(context->loop) - known->freeze.picture_ns;
		yyjson_mut_obj_add_int(doc, object, "age_ms", age_ns / BN_NSEC_PER_MSEC);
	} else {
		yyjson_mut_obj_add_null(doc, object, "age_ms");
	}
	yyjson_mut_val *faults = yyjson_mut_obj_add_obj(doc, object, "faults");
	for (int i = BN_FREEZE_NO_PICTURE; known != NULL && i < BN_FREEZE_VERDICT_COUNT; i++) {
		yyjson_mut_obj_add_uint(doc, faults,
				bn_freeze_verdict_name((enum bn_freeze_verdict)i),
				known->faults[i]);
	}
}

void bn_ipc_add_fresh(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object) {
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, object, "freshness");
	for (size_t i = 0; i < context->cockpit->layout->zone_count; i++) {
		if (bn_fresh_find(context->fresh, i) != NULL) {
			describe(context, doc, yyjson_mut_arr_add_obj(doc, list), i);
		}
	}
}
