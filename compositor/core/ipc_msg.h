#ifndef BN_CORE_IPC_MSG_H
#define BN_CORE_IPC_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yyjson.h>

#include "core/layout.h"
#include "core/policy.h"

/**
 * The control protocol's lines: one JSON object each, UTF-8, ended by '\n'.
 *
 *   request  {"id":1,"do":"set","signal":"Vehicle.Speed","value":12.5}
 *   reply    {"id":1,"ok":true,...}
 *            {"id":1,"ok":false,"code":"denied","error":"..."}
 *   event    {"event":"zone",...}
 *
 * `id` is the client's own number, 0 when it gave none; it comes back in the
 * reply. Unknown members are ignored, so that fields can be added.
 */
#define BN_IPC_LINE_MAX (64 * 1024) // bytes, without the '\n'
#define BN_IPC_DEPTH_MAX 16         // objects and arrays within each other
#define BN_IPC_ERROR_MAX 256

enum bn_ipc_code {
	BN_IPC_OK,
	BN_IPC_DENIED,      // this connection may not
	BN_IPC_BAD_REQUEST, // the line is not a request, or a member is missing or wrong
	BN_IPC_NOT_FOUND,   // no such app, zone, display, signal...
	BN_IPC_FAILED,      // it was tried and did not work
};

struct bn_ipc_request {
	int64_t id;
	enum bn_verb verb;
	yyjson_doc *doc;              // owned; freed by bn_ipc_request_finish
	yyjson_val *root;             // borrowed from doc
	enum bn_ipc_code code;        // why it did not parse; BN_IPC_OK otherwise
	char error[BN_IPC_ERROR_MAX]; // a sentence for people; empty: none. Accessors write here too.
};

/**
 * Parses one line (without its '\n'; need not be NUL-terminated). False: `code`
 * and `error` say what is wrong, `id` is the request's if it could be read.
 * Finish it in either case.
 */
bool bn_ipc_request_parse(struct bn_ipc_request *request, const char *line, size_t length);
void bn_ipc_request_finish(struct bn_ipc_request *request);
const char *bn_ipc_code_name(enum bn_ipc_code code);

/**
 * Typed members. A member of the wrong type, or a missing one that is required,
 * sets `code` and `error` (the first such fault stays) and returns NULL or false.
 * Strings live as long as the request and hold no NUL.
 */
const char *bn_ipc_request_string(struct bn_ipc_request *request, const char *key);
/** As bn_ipc_request_string, but NULL without a fault when the member is missing or null. */
const char *bn_ipc_request_optional(struct bn_ipc_request *request, const char *key);
bool bn_ipc_request_number(struct bn_ipc_request *request, const char *key, double *ret_number);
bool bn_ipc_request_bool(struct bn_ipc_request *request, const char *key, bool *ret_value);
/** A signal's value: bool, number, string, or null for "unknown". */
bool bn_ipc_request_value(struct bn_ipc_request *request, const char *key,
		struct bn_value *ret_value);

/**
 * A message under construction. Add members with yyjson's mutable API to `root`
 * of `doc`; a failed one may be passed on, it turns into NULL at the end.
 */
struct bn_ipc_message {
	yyjson_mut_doc *doc;          // owned, NULL when out of memory
	yyjson_mut_val *root;         // borrowed from doc
	struct bn_ipc_memory *memory; // owned, private
};

/** {"id":id,"ok":true} */
struct bn_ipc_message bn_ipc_reply_begin(int64_t id);
/** {"event":name} */
struct bn_ipc_message bn_ipc_event_begin(const char *name);
/** {"do":verb,"id":id}: what a controller sends. */
struct bn_ipc_message bn_ipc_request_begin(enum bn_verb verb, int64_t id);
/** A value as JSON: true, 12.5, "P", null. The text is copied. */
yyjson_mut_val *bn_ipc_value(yyjson_mut_doc *doc, const struct bn_value *value);
/**
 * Ends the message: a malloc'ed line with its '\n', *ret_length bytes; NULL when memory ran out on the way.
 * Frees the document in either case.
 */
char *bn_ipc_message_end(struct bn_ipc_message *message, size_t *ret_length);

/** A whole reply {"id":id,"ok":false,"code":...,"error":...}; malloc'ed as above. */
char *bn_ipc_reply_error(int64_t id, enum bn_ipc_code code, const char *error, size_t *ret_length);

#endif
