#ifndef BN_TEST_IPC_RIG_H
#define BN_TEST_IPC_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <yyjson.h>

#include "fixture.h"

/**
 * Controllers of a fixture with a control socket, which talk while the test turns its
 * loop. Everything fails the running test when it takes longer than a few seconds.
 */

/** One controller. */
struct peer {
	struct bn_fixture *fixture;
	int fd; // -1: closed
	char *input;
	size_t length, capacity;
	int passed_fd; // the last that came, -1: none; the test closes it
};

/** Two displays, three zones, two signals, a rule, two themes, a profile, apps nav and other. */
extern const char rig_layout[];

/** Starts a server with rig_layout, and a first frame drawn. */
void rig_start(struct bn_fixture *fixture);
/** Overwrites its layout with `text` followed by `more`. */
void rig_write_layout(struct bn_fixture *fixture, const char *text, const char *more);

void peer_connect(struct bn_fixture *fixture, struct peer *peer);
void peer_close(struct peer *peer);
/** Sends all of it, turning the loop while the socket is full. False: it was disconnected. */
bool peer_send(struct peer *peer, const char *data, size_t length);
/** The next line, without its '\n'; NULL: it was disconnected. free() it. */
char *peer_read_line(struct peer *peer);
/** Sends a line and reads up to its reply, events skipped. yyjson_doc_free() it. NULL: disconnected. */
yyjson_doc *peer_ask(struct peer *peer, const char *request);
/** Reads up to an event of that name and, when not NULL, with that "name". */
yyjson_doc *peer_event(struct peer *peer, const char *event, const char *name);
/** Asks and asserts success. */
void peer_do(struct peer *peer, const char *request);

/** A member of the root as text; "" when it is missing or no string. */
const char *doc_text(yyjson_doc *doc, const char *key);
bool doc_ok(yyjson_doc *doc);

#endif
