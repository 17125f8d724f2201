#ifndef BN_IPC_DESCRIBE_H
#define BN_IPC_DESCRIBE_H

#include <stddef.h>
#include <yyjson.h>

#include "ipc/context.h"

struct bn_client;
struct bn_diag_list;
struct bn_output;
struct bn_view;

/**
 * How things look in JSON, the same in replies and in events; binnacle-ipc(7) lists
 * the members. Each adds members to `object` of `doc`; indices are of the live layout.
 * What memory did not suffice for is missing.
 */
typedef void (*bn_ipc_describe_func_t)(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t index);

void bn_ipc_describe_zone(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t zone);
void bn_ipc_describe_app(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t app);
void bn_ipc_describe_signal(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t signal);
void bn_ipc_describe_state(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t state);
void bn_ipc_describe_display(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t display);
/** The theme in force; the index is not used. */
void bn_ipc_describe_theme(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, size_t unused);

void bn_ipc_describe_output(yyjson_mut_doc *doc, yyjson_mut_val *object,
		const struct bn_output *output);
void bn_ipc_describe_client(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, const struct bn_client *client);
/** Adds "freshness": [one object for each zone with heartbeat or max-age]. */
void bn_ipc_add_fresh(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object);
/** Adds "faults": [{file, line, column, severity, text}]. */
void bn_ipc_describe_faults(yyjson_mut_doc *doc, yyjson_mut_val *object,
		const struct bn_diag_list *faults);

/** Adds text of any origin: what is not UTF-8 in it is replaced; NULL becomes null. Copied. */
void bn_ipc_add_text(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
		const char *text);
/** As bn_ipc_add_text, to the end of a list. */
void bn_ipc_append_text(yyjson_mut_doc *doc, yyjson_mut_val *list, const char *text);
/** Adds `key`: [one object for each of `count` things]. */
void bn_ipc_add_list(const struct bn_ipc_context *context, yyjson_mut_doc *doc,
		yyjson_mut_val *object, const char *key, size_t count,
		bn_ipc_describe_func_t describe);

#endif
