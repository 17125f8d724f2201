#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "client.h"
#include "cockpit.h"
#include "core/policy.h"
#include "core/rect.h"
#include "ipc/call.h"
#include "ipc/connection.h"
#include "ipc/describe.h"
#include "ipc/memfd.h"
#include "output.h"

/** Displays, then zones: what `screenshot` takes. */
static const char *display_or_zone_name(const struct bn_layout *layout, size_t index) {
	return index < layout->display_count ? layout->displays[index].name
					     : layout->zones[index - layout->display_count].name;
}

static void get_displays(struct bn_ipc_call *call) {
	const struct bn_ipc_context *context = call->context;
	yyjson_mut_doc *doc = call->reply.doc;
	bn_ipc_add_list(context, doc, call->reply.root, "displays",
			context->cockpit->layout->display_count, bn_ipc_describe_display);
	// Connected, but no display of the layout matches them.
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, call->reply.root, "unknown");
	const struct bn_output *output;
	wl_list_for_each(output, &context->outputs->list, link) {
		if (output->display == BN_NONE) {
			bn_ipc_describe_output(doc, yyjson_mut_arr_add_obj(doc, list), output);
		}
	}
}

/** What is to be pictured: a display, and which part of it in its pixels. */
struct picture {
	size_t display, zone; // zone BN_NONE: all of the display
	int32_t width, height;
	uint32_t *pixels; // owned; of the whole display
	struct bn_rect part;
};

static bool find_subject(struct bn_ipc_call *call, struct picture *picture) {
	const struct bn_layout *layout = call->context->cockpit->layout;
	const char *name = bn_ipc_request_string(&call->request, "name");
	if (name == NULL) {
		return false;
	}
	picture->display = bn_layout_find_display(layout, name);
	picture->zone = BN_NONE;
	if (picture->display != BN_NONE) {
		return true;
	}
	picture->zone = bn_layout_find_zone(layout, name);
	if (picture->zone == BN_NONE) {
		bn_ipc_call_fail_name(call, "display or zone", name,
				layout->display_count + layout->zone_count, display_or_zone_name);
		return false;
	}
	struct bn_policy_verdict verdict = bn_policy_request(layout, &call->connection->identity,
			BN_REQUEST_PICTURE, picture->zone);
	if (!verdict.allowed) {
		bn_ipc_call_fail(call, BN_IPC_DENIED, "%s", verdict.reason);
		return false;
	}
	picture->display = layout->zones[picture->zone].display;
	return true;
}

static bool draw_picture(struct bn_ipc_call *call, struct picture *picture) {
	const struct bn_cockpit *cockpit = call->context->cockpit;
	const char *name = cockpit->layout->displays[picture->display].name;
	struct bn_output *output = bn_outputs_find(call->context->outputs, picture->display);
	if (output == NULL) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "display '%s' is not connected", name);
		return false;
	}
	char error[BN_ERROR_MAX] = "";
	if (!bn_output_screenshot(output, &picture->pixels, &picture->width, &picture->height,
			    error, sizeof(error))) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "display '%s': %s", name, error);
		return false;
	}
	picture->part = (struct bn_rect){ 0, 0, picture->width, picture->height };
	if (picture->zone == BN_NONE) {
		return true;
	}
	// Zones are in logical px; a pixel that is partly covered counts.
	const struct bn_rect box = cockpit->arrangement.zones[picture->zone].box;
	double scale_x = output->width > 0 ? (double)picture->width / output->width : 1;
	double scale_y = output->height > 0 ? (double)picture->height / output->height : 1;
	struct bn_rect zone = {
		.x = (int32_t)floor(box.x * scale_x),
		.y = (int32_t)floor(box.y * scale_y),
	};
	zone.width = (int32_t)ceil((box.x + box.width) * scale_x) - zone.x;
	zone.height = (int32_t)ceil((box.y + box.height) * scale_y) - zone.y;
	picture->part = bn_rect_intersect(&picture->part, &zone);
	if (bn_rect_is_empty(&picture->part)) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "zone '%s' lies outside its display",
				cockpit->layout->zones[picture->zone].name);
		return false;
	}
	return true;
}

static void screenshot(struct bn_ipc_call *call) {
	struct picture picture = { 0 };
	if (!find_subject(call, &picture) || !draw_picture(call, &picture)) {
		free(picture.pixels);
		return;
	}
	call->fd = bn_ipc_memfd_store(picture.pixels, picture.width, &picture.part);
	free(picture.pixels);
	if (call->fd < 0) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "the picture cannot be stored: %s",
				strerror(errno));
		return;
	}
	yyjson_mut_obj_add_int(call->reply.doc, call->reply.root, "width", picture.part.width);
	yyjson_mut_obj_add_int(call->reply.doc, call->reply.root, "height", picture.part.height);
	yyjson_mut_obj_add_int(call->reply.doc, call->reply.root, "stride", picture.part.width * 4);
	yyjson_mut_obj_add_str(call->reply.doc, call->reply.root, "format", "XRGB8888");
}

static void inspect(struct bn_ipc_call *call) {
	bool on;
	if (!bn_ipc_request_bool(&call->request, "on", &on)) {
		return;
	}
	bn_outputs_set_inspector(call->context->outputs, on);
}

static const char *display_name(const struct bn_layout *layout, size_t index) {
	return layout->displays[index].name;
}

/** Without a name, all displays'. */
static void overlay(struct bn_ipc_call *call) {
	struct bn_ipc_request *request = &call->request;
	bool on;
	const char *name = bn_ipc_request_optional(request, "display");
	if (!bn_ipc_request_bool(request, "on", &on) || request->code != BN_IPC_OK) {
		return;
	}
	const struct bn_layout *layout = call->context->cockpit->layout;
	size_t display = name != NULL ? bn_layout_find_display(layout, name) : BN_NONE;
	if (name != NULL && display == BN_NONE) {
		bn_ipc_call_fail_name(call, "display", name, layout->display_count, display_name);
		return;
	}
	struct bn_output *output;
	wl_list_for_each(output, &call->context->outputs->list, link) {
		if (name == NULL || output->display == display) {
			bn_output_set_overlay(output, on);
		}
	}
}

static const struct bn_ipc_verb verbs[] = {
	{ BN_VERB_GET, "displays", NULL, get_displays },
	{ BN_VERB_SCREENSHOT, NULL, NULL, screenshot },
	{ BN_VERB_INSPECT, NULL, NULL, inspect },
	{ BN_VERB_OVERLAY, NULL, NULL, overlay },
};

const struct bn_ipc_noun bn_ipc_display_noun = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
