#include "ipc/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cockpit.h"
#include "core/layout_load_internal.h"
#include "core/policy.h"
#include "ipc/connection.h"
#include "ipc/socket.h"
#include "ipc/utf8.h"

static const struct bn_ipc_noun *const nouns[] = {
	&bn_ipc_app_noun,
	&bn_ipc_check_noun,
	&bn_ipc_deadlines_noun,
	&bn_ipc_display_noun,
	&bn_ipc_journal_noun,
	&bn_ipc_layout_noun,
	&bn_ipc_metrics_noun,
	&bn_ipc_signal_noun,
	&bn_ipc_stats_noun,
	&bn_ipc_touch_noun,
	&bn_ipc_watch_noun,
};
#define NOUN_COUNT (sizeof(nouns) / sizeof(nouns[0]))

void bn_ipc_call_fail(struct bn_ipc_call *call, enum bn_ipc_code code, const char *format, ...) {
	if (call->request.code != BN_IPC_OK) {
		return;
	}
	va_list args;
	va_start(args, format);
	vsnprintf(call->request.error, sizeof(call->request.error), format, args);
	va_end(args);
	call->request.code = code;
}

struct candidates {
	const struct bn_layout *layout;
	bn_ipc_name_func_t name_of;
};

static const char *candidate_name(const void *data, size_t index) {
	const struct candidates *candidates = data;
	const char *name = candidates->name_of(candidates->layout, index);
	return name != NULL ? name : "";
}

void bn_ipc_call_fail_name(struct bn_ipc_call *call, const char *noun, const char *name,
		size_t count, bn_ipc_name_func_t name_of) {
	struct candidates candidates = { call->context->cockpit->layout, name_of };
	char list[BN_IPC_ERROR_MAX] = "";
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		const char *candidate = name_of(candidates.layout, i);
		if (candidate == NULL) {
			continue;
		}
		if (used + strlen(candidate) + 8 > sizeof(list) / 2) {
			used += (size_t)snprintf(list + used, sizeof(list) - used, ", ...");
			break;
		}
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
				used > 0 ? ", " : "", candidate);
	}
	const char *nearest = bn_load_nearest(name, candidate_name, &candidates, count);
	bool suggests = nearest != NULL && nearest[0] != '\0';
	bn_ipc_call_fail(call, BN_IPC_NOT_FOUND, "no %s '%.64s'; there %s%s%s%s%s", noun, name,
			used > 0 ? "are: " : "is none", list, suggests ? " - did you mean '" : "",
			suggests ? nearest : "", suggests ? "'?" : "");
}

static const struct bn_ipc_verb *find_in(const struct bn_ipc_noun *noun, enum bn_verb verb,
		const char *what) {
	for (size_t i = 0; i < noun->count; i++) {
		const struct bn_ipc_verb *row = &noun->verbs[i];
		bool same = row->what == NULL || (what != NULL && strcmp(row->what, what) == 0);
		if (row->verb == verb && same) {
			return row;
		}
	}
	return NULL;
}

static const struct bn_ipc_verb *find_verb(enum bn_verb verb, const char *what) {
	for (size_t i = 0; i < NOUN_COUNT; i++) {
		const struct bn_ipc_verb *row = find_in(nouns[i], verb, what);
		if (row != NULL) {
			return row;
		}
	}
	return NULL;
}

/** What `verb` could be asked for, "apps, clients, zones". */
static void list_whats(enum bn_verb verb, char *buffer, size_t size) {
	size_t used = 0;
	buffer[0] = '\0';
	for (size_t i = 0; i < NOUN_COUNT; i++) {
		for (size_t j = 0; j < nouns[i]->count; j++) {
			const struct bn_ipc_verb *row = &nouns[i]->verbs[j];
			if (row->verb == verb && row->what != NULL && used < size) {
				used += (size_t)snprintf(buffer + used, size - used, "%s%s",
						used > 0 ? ", " : "", row->what);
			}
		}
	}
}

static void fail_unknown(struct bn_ipc_call *call, const char *what) {
	char whats[128];
	list_whats(call->request.verb, whats, sizeof(whats));
	if (whats[0] == '\0') {
		bn_ipc_call_fail(call, BN_IPC_BAD_REQUEST,
				"'%s' is not done by the compositor, its controller does it",
				bn_verb_name(call->request.verb));
	} else {
		bn_ipc_call_fail(call, BN_IPC_BAD_REQUEST,
				"\"what\" of '%s' is %s%.32s%s; it is one of: %s",
				bn_verb_name(call->request.verb), what != NULL ? "'" : "",
				what != NULL ? what : "missing", what != NULL ? "'" : "", whats);
	}
}

static void run_verb(struct bn_ipc_call *call) {
	const char *what = bn_ipc_request_optional(&call->request, "what");
	const struct bn_ipc_verb *row = find_verb(call->request.verb, what);
	size_t object = BN_NONE;
	if (row != NULL && row->object != NULL) {
		object = row->object(call);
	}
	// The policy comes first: who may not ask is not told what there is either.
	struct bn_policy_verdict verdict = bn_policy_verb(call->context->cockpit->layout,
			&call->connection->identity, call->request.verb, object);
	if (!verdict.allowed) {
		char who[128];
		bn_ipc_connection_describe(call->connection, who, sizeof(who));
		call->request.code = BN_IPC_OK;
		bn_ipc_call_fail(call, BN_IPC_DENIED, "%s may not '%s': %s", who,
				bn_verb_name(call->request.verb), verdict.reason);
		return;
	}
	if (row == NULL) {
		fail_unknown(call, what);
	} else if (call->request.code == BN_IPC_OK) {
		row->handle(call);
	}
}

static char *end_failure(struct bn_ipc_call *call, size_t *ret_length) {
	char *clean = bn_utf8_clean(call->request.error);
	char *line = NULL;
	if (clean != NULL && !call->keep_reply) {
		line = bn_ipc_reply_error(call->request.id, call->request.code, clean, ret_length);
	} else if (clean != NULL && call->reply.doc != NULL) {
		yyjson_mut_doc *doc = call->reply.doc;
		yyjson_mut_set_bool(yyjson_mut_obj_get(call->reply.root, "ok"), false);
		yyjson_mut_obj_add_strcpy(doc, call->reply.root, "code",
				bn_ipc_code_name(call->request.code));
		yyjson_mut_obj_add_strcpy(doc, call->reply.root, "error", clean);
		line = bn_ipc_message_end(&call->reply, ret_length);
	}
	free(clean);
	return line;
}

void bn_ipc_call_run(struct bn_ipc_connection *connection, const char *line, size_t length) {
	struct bn_ipc_call call = {
		.ipc = connection->ipc,
		.context = &connection->ipc->context,
		.connection = connection,
		.fd = -1,
	};
	if (bn_ipc_request_parse(&call.request, line, length)) {
		call.reply = bn_ipc_reply_begin(call.request.id);
		run_verb(&call);
	}
	if (call.request.code == BN_IPC_DENIED) {
		bn_ipc_say_denial(call.ipc, call.request.error);
	}
	char *reply;
	size_t reply_length = 0;
	if (call.request.code != BN_IPC_OK) {
		reply = end_failure(&call, &reply_length);
	} else {
		reply = bn_ipc_message_end(&call.reply, &reply_length);
	}
	bn_ipc_connection_send(connection, reply, reply_length, call.fd);
	free(bn_ipc_message_end(&call.reply, &reply_length)); // of a failure; else there is none
	bn_ipc_request_finish(&call.request);
}
