#ifndef BN_IPC_CALL_H
#define BN_IPC_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/ipc_msg.h"
#include "ipc/context.h"

struct bn_ipc;
struct bn_ipc_connection;

/** One request being answered. */
struct bn_ipc_call {
	struct bn_ipc *ipc;
	const struct bn_ipc_context *context;
	struct bn_ipc_connection *connection;
	struct bn_ipc_request request; // code and error: how it failed
	struct bn_ipc_message reply;   // {"id":..,"ok":true}: handlers add to it
	bool keep_reply;               // what handlers added stays in the reply of a failure
	int fd;                        // goes with the reply, -1: none
};

/**
 * A row of a noun's table: what a verb does. `get` has a row for each thing that it
 * gets. Rows are found by verb and, when not NULL, by what the request's member
 * "what" says.
 */
struct bn_ipc_verb {
	enum bn_verb verb;
	const char *what;
	/** What the request is about, for the policy (core/policy.h); NULL: nothing in particular. */
	size_t (*object)(struct bn_ipc_call *call);
	void (*handle)(struct bn_ipc_call *call);
};

struct bn_ipc_noun {
	const struct bn_ipc_verb *verbs;
	size_t count;
};

extern const struct bn_ipc_noun bn_ipc_app_noun;
extern const struct bn_ipc_noun bn_ipc_check_noun;
extern const struct bn_ipc_noun bn_ipc_deadlines_noun;
extern const struct bn_ipc_noun bn_ipc_display_noun;
extern const struct bn_ipc_noun bn_ipc_journal_noun;
extern const struct bn_ipc_noun bn_ipc_layout_noun;
extern const struct bn_ipc_noun bn_ipc_metrics_noun;
extern const struct bn_ipc_noun bn_ipc_signal_noun;
extern const struct bn_ipc_noun bn_ipc_stats_noun;
extern const struct bn_ipc_noun bn_ipc_touch_noun;
extern const struct bn_ipc_noun bn_ipc_watch_noun;

/** Parses a line, asks the policy, runs the verb and queues the reply. */
void bn_ipc_call_run(struct bn_ipc_connection *connection, const char *line, size_t length);
/** A connection goes: lifts its fingers. */
void bn_ipc_call_forget(struct bn_ipc_connection *connection);

/** Makes the reply a failure; the first one stays. */
void bn_ipc_call_fail(struct bn_ipc_call *call, enum bn_ipc_code code, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

typedef const char *(*bn_ipc_name_func_t)(const struct bn_layout *layout, size_t index);
/**
 * Fails with "no display 'centre'; there are: center, cluster - did you mean 'center'?";
 * `name_of` returns NULL for an entry that is not to be mentioned.
 */
void bn_ipc_call_fail_name(struct bn_ipc_call *call, const char *noun, const char *name,
		size_t count, bn_ipc_name_func_t name_of);

#endif
