#ifndef BN_GATE_H
#define BN_GATE_H

#include <stdbool.h>
#include <stddef.h>

struct bn_clients;
struct bn_loop;
struct wl_display;
struct wl_message;
struct wl_protocol_logger;

#define BN_GATE_KNOWN 64

/**
 * Requests that wlroots 0.20 does not survive, looked at before they reach it.
 *
 * A client may send any of them, with nothing but a connection: some end in an assert, an endless loop or freed
 * memory, some leave a descriptor open or let it keep memory without bound. Each has a row in the table in
 * gate.c, which says what is wrong with it there. What is refused is not carried out, and its client is ended
 * with a protocol error that says why, or just left without it where the protocol allows that.
 *
 * Runs as a protocol logger, between libwayland having checked a request's form and carrying it out; nothing that
 * is not in the table is touched.
 */
struct bn_gate {
	struct bn_clients *clients;          // borrowed
	const struct bn_loop *loop;          // borrowed
	struct wl_protocol_logger *requests; // owned
	/** Which row of the table a request has, by its place in libwayland's own: names are compared once each. */
	struct {
		const struct wl_message *message; // NULL: free; borrowed, for ever
		size_t row;                       // one after the last: it is not in the table
	} known[BN_GATE_KNOWN];
};

/** False when out of memory. */
bool bn_gate_init(struct bn_gate *gate, struct wl_display *display, struct bn_clients *clients,
		const struct bn_loop *loop);
void bn_gate_finish(struct bn_gate *gate);

#endif
