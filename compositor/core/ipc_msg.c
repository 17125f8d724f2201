#include "core/ipc_msg.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const code_names[] = {
	[BN_IPC_OK] = "ok",
	[BN_IPC_DENIED] = "denied",
	[BN_IPC_BAD_REQUEST] = "bad-request",
	[BN_IPC_NOT_FOUND] = "not-found",
	[BN_IPC_FAILED] = "failed",
};

const char *bn_ipc_code_name(enum bn_ipc_code code) {
	assert((size_t)code < sizeof(code_names) / sizeof(code_names[0]));
	return code_names[code];
}

/** Keeps the first fault. What is quoted must be short enough not to be cut: a cut may split a letter. */
__attribute__((format(printf, 2, 3))) static void fault(struct bn_ipc_request *request,
		const char *format, ...) {
	if (request->code != BN_IPC_OK) {
		return;
	}
	request->code = BN_IPC_BAD_REQUEST;
	va_list args;
	va_start(args, format);
	vsnprintf(request->error, sizeof(request->error), format, args);
	va_end(args);
}

// --- memory ------------------------------------------------------------------

/**
 * yyjson's adders report a lack of memory one by one. That every caller would
 * have to check; instead the allocator remembers that it failed.
 */
struct bn_ipc_memory {
	bool failed;
};

static void note(struct bn_ipc_memory *memory, const void *block) {
	if (memory != NULL && block == NULL) {
		memory->failed = true;
	}
}

static void *memory_malloc(void *context, size_t size) {
	void *block = malloc(size);
	note(context, block);
	return block;
}

static void *memory_realloc(void *context, void *old, size_t old_size, size_t size) {
	void *block = realloc(old, size);
	note(context, block);
	return block;
}

static void memory_free(void *context, void *block) {
	free(block);
}

// Ours rather than yyjson's own, so that one place sees every allocation.
static const yyjson_alc plain_memory = { memory_malloc, memory_realloc, memory_free, NULL };

// --- reading ----------------------------------------------------------------

static const char *type_name(yyjson_val *value) {
	switch (yyjson_get_type(value)) {
	case YYJSON_TYPE_NULL:
		return "null";
	case YYJSON_TYPE_BOOL:
		return yyjson_get_bool(value) ? "true" : "false";
	case YYJSON_TYPE_NUM:
		return "a number";
	case YYJSON_TYPE_STR:
		return "a string";
	case YYJSON_TYPE_ARR:
		return "a list";
	case YYJSON_TYPE_OBJ:
		return "an object";
	default:
		return "nothing";
	}
}

/** How deep arrays and objects lie within each other, told from the text alone. */
static size_t nesting(const char *line, size_t length) {
	size_t depth = 0, deepest = 0;
	bool in_string = false;
	for (size_t i = 0; i < length; i++) {
		char c = line[i];
		if (in_string) {
			i += c == '\\';
			in_string = c != '"';
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			depth++;
			deepest = depth > deepest ? depth : deepest;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return deepest;
}

static void read_document(struct bn_ipc_request *request, const char *line, size_t length) {
	if (length > BN_IPC_LINE_MAX) {
		fault(request, "the line is longer than %d bytes: send less in one request",
				BN_IPC_LINE_MAX);
		return;
	}
	if (nesting(line, length) > BN_IPC_DEPTH_MAX) {
		fault(request, "the request is nested more than %d deep", BN_IPC_DEPTH_MAX);
		return;
	}
	yyjson_read_err error;
	// Without the in-situ flag yyjson copies the text: it is only read.
	request->doc = yyjson_read_opts((char *)(uintptr_t)line, length, 0, &plain_memory, &error);
	if (request->doc == NULL) {
		if (error.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION) {
			fault(request, "out of memory: try again");
			request->code = BN_IPC_FAILED;
		} else {
			fault(request,
					"not JSON at byte %zu: %.100s; a request is one line like "
					"{\"id\":1,\"do\":\"get\",\"what\":\"zones\"}",
					error.pos + 1, error.msg);
		}
		return;
	}
	request->root = yyjson_doc_get_root(request->doc);
	if (!yyjson_is_obj(request->root)) {
		fault(request, "a request is a JSON object, this is %s: send {\"do\":...}",
				type_name(request->root));
		request->root = NULL;
	}
}

static void read_id(struct bn_ipc_request *request) {
	yyjson_val *id = yyjson_obj_get(request->root, "id");
	if (id == NULL || yyjson_is_null(id)) {
		return;
	}
	bool fits = yyjson_is_int(id)
			&& (!yyjson_is_uint(id) || yyjson_get_uint(id) <= (uint64_t)INT64_MAX);
	if (!fits) {
		fault(request, "\"id\" must be a whole number of at most 63 bits");
		return;
	}
	request->id = yyjson_get_sint(id);
}

static void list_verbs(char *buffer, size_t size) {
	size_t used = 0;
	for (int i = 0; i < BN_VERB_COUNT && used < size; i++) {
		used += (size_t)snprintf(buffer + used, size - used, "%s%s", i == 0 ? "" : " ",
				bn_verb_name((enum bn_verb)i));
	}
}

static void read_verb(struct bn_ipc_request *request) {
	const char *name = bn_ipc_request_string(request, "do");
	if (name == NULL || bn_verb_parse(name, &request->verb)) {
		return;
	}
	char known[160];
	list_verbs(known, sizeof(known));
	if (strlen(name) <= 32) {
		fault(request, "\"do\" is '%s'; it is one of: %s", name, known);
	} else {
		fault(request, "\"do\" is one of: %s", known);
	}
}

bool bn_ipc_request_parse(struct bn_ipc_request *request, const char *line, size_t length) {
	*request = (struct bn_ipc_request){ .code = BN_IPC_OK };
	read_document(request, line, length);
	if (request->root != NULL) {
		read_id(request);
		read_verb(request);
	}
	return request->code == BN_IPC_OK;
}

void bn_ipc_request_finish(struct bn_ipc_request *request) {
	yyjson_doc_free(request->doc);
	request->doc = NULL;
	request->root = NULL;
}

/** NULL when missing or null. */
static yyjson_val *member(struct bn_ipc_request *request, const char *key) {
	yyjson_val *value = yyjson_obj_get(request->root, key);
	return value == NULL || yyjson_is_null(value) ? NULL : value;
}

static void fault_type(struct bn_ipc_request *request, const char *key, const char *wanted) {
	yyjson_val *value = yyjson_obj_get(request->root, key);
	if (value == NULL) {
		fault(request, "\"%.40s\" is missing: it must be %s", key, wanted);
	} else {
		fault(request, "\"%.40s\" is %s, it must be %s", key, type_name(value), wanted);
	}
}

const char *bn_ipc_request_optional(struct bn_ipc_request *request, const char *key) {
	yyjson_val *value = member(request, key);
	if (value == NULL) {
		return NULL;
	}
	const char *text = yyjson_get_str(value);
	if (text == NULL) {
		fault_type(request, key, "a string");
		return NULL;
	}
	if (strlen(text) != yyjson_get_len(value)) {
		fault(request, "\"%.40s\" holds a NUL character", key);
		return NULL;
	}
	return text;
}

const char *bn_ipc_request_string(struct bn_ipc_request *request, const char *key) {
	if (member(request, key) == NULL) {
		fault_type(request, key, "a string");
		return NULL;
	}
	return bn_ipc_request_optional(request, key);
}

bool bn_ipc_request_number(struct bn_ipc_request *request, const char *key, double *ret_number) {
	yyjson_val *value = member(request, key);
	if (!yyjson_is_num(value)) {
		fault_type(request, key, "a number");
		return false;
	}
	*ret_number = yyjson_get_num(value);
	return true;
}

bool bn_ipc_request_bool(struct bn_ipc_request *request, const char *key, bool *ret_value) {
	yyjson_val *value = member(request, key);
	if (!yyjson_is_bool(value)) {
		fault_type(request, key, "true or false");
		return false;
	}
	*ret_value = yyjson_get_bool(value);
	return true;
}

static bool read_text_value(struct bn_ipc_request *request, const char *key,
		struct bn_value *ret_value) {
	const char *text = bn_ipc_request_string(request, key);
	if (text == NULL) {
		return false;
	}
	size_t length = strlen(text);
	if (length == 0 || length >= BN_STRING_VALUE_MAX) {
		fault(request, "\"%.40s\" must have 1 to %d bytes, it has %zu", key,
				BN_STRING_VALUE_MAX - 1, length);
		return false;
	}
	struct bn_value value = { .kind = BN_VALUE_STRING };
	memcpy(value.text, text, length + 1);
	*ret_value = value;
	return true;
}

bool bn_ipc_request_value(struct bn_ipc_request *request, const char *key,
		struct bn_value *ret_value) {
	yyjson_val *value = yyjson_obj_get(request->root, key);
	switch (yyjson_get_type(value)) {
	case YYJSON_TYPE_NULL:
		*ret_value = (struct bn_value){ .kind = BN_VALUE_UNKNOWN };
		return true;
	case YYJSON_TYPE_BOOL:
		*ret_value = (struct bn_value){
			.kind = BN_VALUE_BOOL,
			.number = yyjson_get_bool(value),
		};
		return true;
	case YYJSON_TYPE_NUM:
		*ret_value = (struct bn_value){
			.kind = BN_VALUE_NUMBER,
			.number = yyjson_get_num(value),
		};
		return true;
	case YYJSON_TYPE_STR:
		return read_text_value(request, key, ret_value);
	default:
		fault_type(request, key, "true, false, a number, a string, or null for unknown");
		return false;
	}
}

// --- writing ----------------------------------------------------------------

static struct bn_ipc_message message_begin(void) {
	struct bn_ipc_message message = { 0 };
	message.memory = calloc(1, sizeof(*message.memory));
	if (message.memory == NULL) {
		return message;
	}
	yyjson_alc allocator = { memory_malloc, memory_realloc, memory_free, message.memory };
	message.doc = yyjson_mut_doc_new(&allocator);
	message.root = yyjson_mut_obj(message.doc);
	yyjson_mut_doc_set_root(message.doc, message.root);
	return message;
}

struct bn_ipc_message bn_ipc_reply_begin(int64_t id) {
	struct bn_ipc_message message = message_begin();
	yyjson_mut_obj_add_sint(message.doc, message.root, "id", id);
	yyjson_mut_obj_add_bool(message.doc, message.root, "ok", true);
	return message;
}

struct bn_ipc_message bn_ipc_event_begin(const char *name) {
	struct bn_ipc_message message = message_begin();
	yyjson_mut_obj_add_strcpy(message.doc, message.root, "event", name);
	return message;
}

struct bn_ipc_message bn_ipc_request_begin(enum bn_verb verb, int64_t id) {
	struct bn_ipc_message message = message_begin();
	yyjson_mut_obj_add_str(message.doc, message.root, "do", bn_verb_name(verb));
	yyjson_mut_obj_add_sint(message.doc, message.root, "id", id);
	return message;
}

yyjson_mut_val *bn_ipc_value(yyjson_mut_doc *doc, const struct bn_value *value) {
	switch (value->kind) {
	case BN_VALUE_UNKNOWN:
		break;
	case BN_VALUE_BOOL:
		return yyjson_mut_bool(doc, value->number != 0);
	case BN_VALUE_NUMBER:
		// Whole numbers as such, so that 5 does not come back as 5.0.
		if (value->number == trunc(value->number) && fabs(value->number) < 1e15) {
			return yyjson_mut_sint(doc, (int64_t)value->number);
		}
		// JSON has no word for infinity.
		return isfinite(value->number) ? yyjson_mut_real(doc, value->number)
					       : yyjson_mut_null(doc);
	case BN_VALUE_STRING:
		return yyjson_mut_strcpy(doc, value->text);
	}
	return yyjson_mut_null(doc);
}

char *bn_ipc_message_end(struct bn_ipc_message *message, size_t *ret_length) {
	char *line = NULL;
	size_t length = 0;
	if (message->doc != NULL && !message->memory->failed) {
		line = yyjson_mut_write_opts(message->doc, YYJSON_WRITE_NEWLINE_AT_END, NULL,
				&length, NULL);
	}
	yyjson_mut_doc_free(message->doc);
	free(message->memory);
	*message = (struct bn_ipc_message){ 0 };
	if (line != NULL) {
		*ret_length = length;
	}
	return line;
}

char *bn_ipc_reply_error(int64_t id, enum bn_ipc_code code, const char *error, size_t *ret_length) {
	struct bn_ipc_message message = message_begin();
	yyjson_mut_obj_add_sint(message.doc, message.root, "id", id);
	yyjson_mut_obj_add_bool(message.doc, message.root, "ok", false);
	yyjson_mut_obj_add_str(message.doc, message.root, "code", bn_ipc_code_name(code));
	yyjson_mut_obj_add_strcpy(message.doc, message.root, "error", error);
	return bn_ipc_message_end(&message, ret_length);
}
