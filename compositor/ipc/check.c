#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cockpit.h"
#include "ipc/call.h"
#include "ipc/describe.h"
#include "ipc/memfd.h"
#include "safety/check.h"

static const char *check_name(const struct bn_layout *layout, size_t check) {
	return layout->checks[check].name;
}

static uint64_t fault_count(const struct bn_check_item *item) {
	uint64_t count = 0;
	for (int i = 0; i < BN_TELLTALE_FAULT_COUNT; i++) {
		count += item->faults[i];
	}
	return count;
}

static void describe(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t index) {
	const struct bn_check_item *item = &context->checks->items[index];
	const struct bn_layout *layout = context->cockpit->layout;
	const struct bn_zone *zone = &layout->zones[bn_check_zone(item)];
	char text[256];
	bn_check_describe(item, text, sizeof(text));
	bn_ipc_add_text(doc, object, "name", item->spec->name);
	bn_ipc_add_text(doc, object, "zone", zone->name);
	bn_ipc_add_text(doc, object, "display", layout->displays[zone->display].name);
	yyjson_mut_obj_add_str(doc, object, "demand", bn_demand_name(item->telltale.demand));
	yyjson_mut_obj_add_str(doc, object, "glass", bn_glass_name(item->telltale.glass));
	yyjson_mut_obj_add_str(doc, object, "state", bn_telltale_state_name(item->telltale.state));
	yyjson_mut_obj_add_str(doc, object, "fault", bn_telltale_fault_name(item->telltale.fault));
	yyjson_mut_obj_add_uint(doc, object, "reads", item->reads);
	yyjson_mut_obj_add_uint(doc, object, "faults", fault_count(item));
	yyjson_mut_obj_add_int(doc, object, "reaction_max_ns",
			bn_histogram_permille(&item->reaction, 1000));
	bn_ipc_add_text(doc, object, "reason", text);
}

static void get_checks(struct bn_ipc_call *call) {
	bn_ipc_add_list(call->context, call->reply.doc, call->reply.root, "checks",
			call->context->checks->count, describe);
}

/** What a golden picture is made of: the controller writes the file, as its own user. */
static void golden(struct bn_ipc_call *call) {
	const char *name = bn_ipc_request_string(&call->request, "check");
	if (name == NULL) {
		return;
	}
	struct bn_check_item *item = bn_checks_find(call->context->checks, name);
	if (item == NULL) {
		bn_ipc_call_fail_name(call, "check", name,
				call->context->cockpit->layout->check_count, check_name);
		return;
	}
	uint32_t *pixels;
	struct bn_rect part = { 0 };
	const char *path;
	char error[BN_ERROR_MAX];
	if (!bn_check_capture(item, &pixels, &part.width, &part.height, &path, error,
			    sizeof(error))) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "%s", error);
		return;
	}
	call->fd = bn_ipc_memfd_store(pixels, part.width, &part);
	free(pixels);
	if (call->fd < 0) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "the picture cannot be stored: %s",
				strerror(errno));
		return;
	}
	bn_ipc_add_text(call->reply.doc, call->reply.root, "path", path);
	yyjson_mut_obj_add_int(call->reply.doc, call->reply.root, "width", part.width);
	yyjson_mut_obj_add_int(call->reply.doc, call->reply.root, "height", part.height);
	yyjson_mut_obj_add_int(call->reply.doc, call->reply.root, "stride", part.width * 4);
	yyjson_mut_obj_add_str(call->reply.doc, call->reply.root, "format", "XRGB8888");
}

static const struct bn_ipc_verb verbs[] = {
	{ BN_VERB_GET, "checks", NULL, get_checks },
	{ BN_VERB_GOLDEN, NULL, NULL, golden },
};

const struct bn_ipc_noun bn_ipc_check_noun = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
