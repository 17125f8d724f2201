#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cockpit.h"
#include "ipc/call.h"
#include "ipc/connection.h"
#include "ipc/socket.h"
#include "output.h"

// Far from the ids that touchscreens count from 0.
#define FINGER_ID_BASE 1000

enum phase {
	PHASE_TAP,
	PHASE_DOWN,
	PHASE_MOVE,
	PHASE_UP,
};

static const char *const phase_names[] = {
	[PHASE_TAP] = "tap",
	[PHASE_DOWN] = "down",
	[PHASE_MOVE] = "move",
	[PHASE_UP] = "up",
};
#define PHASE_COUNT (sizeof(phase_names) / sizeof(phase_names[0]))

struct touch {
	size_t display;
	const char *display_name; // borrowed from the request
	double ox, oy;
	enum phase phase;
	size_t finger;
};

static const char *display_name(const struct bn_layout *layout, size_t display) {
	return layout->displays[display].name;
}

static bool parse_phase(struct bn_ipc_call *call, enum phase *ret_phase) {
	const char *name = bn_ipc_request_optional(&call->request, "phase");
	if (name == NULL) {
		*ret_phase = PHASE_TAP;
		return call->request.code == BN_IPC_OK;
	}
	for (size_t i = 0; i < PHASE_COUNT; i++) {
		if (strcmp(phase_names[i], name) == 0) {
			*ret_phase = (enum phase)i;
			return true;
		}
	}
	bn_ipc_call_fail(call, BN_IPC_BAD_REQUEST,
			"\"phase\" is '%.32s'; it is one of: tap, down, move, up", name);
	return false;
}

static bool parse_finger(struct bn_ipc_call *call, size_t *ret_finger) {
	double number = 0;
	if (yyjson_obj_get(call->request.root, "finger") != NULL
			&& !bn_ipc_request_number(&call->request, "finger", &number)) {
		return false;
	}
	if (!(number >= 0 && number < BN_IPC_MAX_FINGERS) || floor(number) < number) {
		bn_ipc_call_fail(call, BN_IPC_BAD_REQUEST,
				"\"finger\" is a whole number from 0 to %d",
				BN_IPC_MAX_FINGERS - 1);
		return false;
	}
	*ret_finger = (size_t)number;
	return true;
}

static bool parse_place(struct bn_ipc_call *call, struct touch *touch) {
	const struct bn_layout *layout = call->context->cockpit->layout;
	touch->display_name = bn_ipc_request_string(&call->request, "display");
	if (touch->display_name == NULL || !bn_ipc_request_number(&call->request, "x", &touch->ox)
			|| !bn_ipc_request_number(&call->request, "y", &touch->oy)) {
		return false;
	}
	touch->display = bn_layout_find_display(layout, touch->display_name);
	if (touch->display == BN_NONE) {
		bn_ipc_call_fail_name(call, "display", touch->display_name, layout->display_count,
				display_name);
		return false;
	}
	const struct bn_output *output = bn_outputs_find(call->context->outputs, touch->display);
	if (output == NULL) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "display '%s' is not connected",
				touch->display_name);
		return false;
	}
	// Written so that NaN is outside too.
	if (!(touch->ox >= 0 && touch->ox < output->width && touch->oy >= 0
			    && touch->oy < output->height)) {
		bn_ipc_call_fail(call, BN_IPC_BAD_REQUEST,
				"%g,%g is not on display '%s', which is %d x %d", touch->ox,
				touch->oy, touch->display_name, output->width, output->height);
		return false;
	}
	return true;
}

static bool send_touch(const struct bn_ipc_context *context, size_t display, double ox, double oy,
		enum bn_ipc_touch phase, size_t finger) {
	return context->touch(context->data, display, ox, oy, phase, FINGER_ID_BASE + (int)finger);
}

static void release(struct bn_ipc_finger *finger) {
	free(finger->display);
	*finger = (struct bn_ipc_finger){ 0 };
}

static void put_down(struct bn_ipc_call *call, struct bn_ipc_finger *finger,
		const struct touch *touch) {
	char *display = strdup(touch->display_name);
	if (display == NULL) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "out of memory");
		return;
	}
	if (!send_touch(call->context, touch->display, touch->ox, touch->oy, BN_IPC_TOUCH_DOWN,
			    touch->finger)) {
		free(display);
		bn_ipc_call_fail(call, BN_IPC_FAILED, "display '%s' takes no touch",
				touch->display_name);
		return;
	}
	*finger = (struct bn_ipc_finger){ call->connection, display, touch->ox, touch->oy };
}

static void move_or_lift(struct bn_ipc_call *call, struct bn_ipc_finger *finger,
		const struct touch *touch) {
	if (strcmp(finger->display, touch->display_name) != 0) {
		bn_ipc_call_fail(call, BN_IPC_BAD_REQUEST, "finger %zu is on display '%s'",
				touch->finger, finger->display);
		return;
	}
	finger->ox = touch->ox;
	finger->oy = touch->oy;
	enum bn_ipc_touch phase =
			touch->phase == PHASE_MOVE ? BN_IPC_TOUCH_MOTION : BN_IPC_TOUCH_UP;
	bool done = send_touch(call->context, touch->display, touch->ox, touch->oy, phase,
			touch->finger);
	if (phase == BN_IPC_TOUCH_UP) {
		release(finger);
	}
	if (!done) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "display '%s' takes no touch",
				touch->display_name);
	}
}

static void touch(struct bn_ipc_call *call) {
	struct touch touch;
	if (!parse_phase(call, &touch.phase) || !parse_finger(call, &touch.finger)
			|| !parse_place(call, &touch)) {
		return;
	}
	if (call->context->touch == NULL) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "this compositor takes no touch");
		return;
	}
	struct bn_ipc_finger *finger = &call->ipc->fingers[touch.finger];
	bool starts = touch.phase == PHASE_TAP || touch.phase == PHASE_DOWN;
	if (starts ? finger->owner != NULL : finger->owner != call->connection) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "finger %zu is %s", touch.finger,
				starts ? "down already" : "not down");
		return;
	}
	if (starts) {
		put_down(call, finger, &touch);
	} else {
		move_or_lift(call, finger, &touch);
	}
	if (touch.phase == PHASE_TAP && finger->owner != NULL) {
		move_or_lift(call, finger, &touch);
	}
}

void bn_ipc_call_forget(struct bn_ipc_connection *connection) {
	const struct bn_ipc_context *context = &connection->ipc->context;
	for (size_t i = 0; i < BN_IPC_MAX_FINGERS; i++) {
		struct bn_ipc_finger *finger = &connection->ipc->fingers[i];
		if (finger->owner != connection) {
			continue;
		}
		size_t display = bn_layout_find_display(context->cockpit->layout, finger->display);
		if (display != BN_NONE) {
			send_touch(context, display, finger->ox, finger->oy, BN_IPC_TOUCH_UP, i);
		}
		release(finger);
	}
}

static const struct bn_ipc_verb verbs[] = {
	{ BN_VERB_TOUCH, NULL, NULL, touch },
};

const struct bn_ipc_noun bn_ipc_touch_noun = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
