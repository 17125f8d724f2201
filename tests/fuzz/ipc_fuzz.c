#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/ipc_msg.h"
#include "core/vehicle.h"

/** What a controller may send: lines, each answered as the socket does it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
	if (!holds) {
		abort();
	}
}

static bool is_terminated(const char *text, size_t size) {
	return memchr(text, '\0', size) != NULL;
}

/** Every line of ours must be read back by a JSON reader, and be one line. */
static void check_line(char *line, size_t length) {
	require(line != NULL && length > 0 && line[length - 1] == '\n');
	require(memchr(line, '\n', length) == line + length - 1);
	yyjson_doc *doc = yyjson_read(line, length, 0);
	require(doc != NULL && yyjson_is_obj(yyjson_doc_get_root(doc)));
	yyjson_doc_free(doc);
	free(line);
}

static void answer(struct bn_ipc_request *request) {
	struct bn_ipc_message message = bn_ipc_reply_begin(request->id);
	struct bn_value value;
	if (bn_ipc_request_value(request, "value", &value)) {
		require(is_terminated(value.text, sizeof(value.text)));
		yyjson_mut_obj_add_val(message.doc, message.root, "value",
				bn_ipc_value(message.doc, &value));
		char text[80];
		bn_value_format(&value, text, sizeof(text));
		yyjson_mut_obj_add_strcpy(message.doc, message.root, "text", text);
	}
	const char *name = bn_ipc_request_optional(request, "name");
	if (name != NULL) {
		yyjson_mut_obj_add_strcpy(message.doc, message.root, "name", name);
	}
	double x;
	bool on;
	bn_ipc_request_string(request, "signal");
	bn_ipc_request_number(request, "x", &x);
	bn_ipc_request_bool(request, "on", &on);
	size_t length;
	char *line = bn_ipc_message_end(&message, &length);
	check_line(line, length);
}

static void run_line(const char *line, size_t length) {
	struct bn_ipc_request request;
	bool parsed = bn_ipc_request_parse(&request, line, length);
	require(parsed == (request.code == BN_IPC_OK));
	require(parsed == (request.error[0] == '\0'));
	if (parsed) {
		answer(&request);
	}
	require(is_terminated(request.error, sizeof(request.error)));
	if (request.code != BN_IPC_OK) {
		require(request.error[0] != '\0');
		size_t error_length;
		char *error = bn_ipc_reply_error(request.id, request.code, request.error,
				&error_length);
		check_line(error, error_length);
	}
	bn_ipc_request_finish(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	const char *rest = (const char *)data, *end = rest + size;
	while (rest < end) {
		const char *newline = memchr(rest, '\n', (size_t)(end - rest));
		const char *stop = newline != NULL ? newline : end;
		run_line(rest, (size_t)(stop - rest));
		rest = stop + 1;
	}
	return 0;
}
