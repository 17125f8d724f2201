#ifndef BN_CORE_GUARD_MESSAGE_H
#define BN_CORE_GUARD_MESSAGE_H

#include <stdint.h>

/**
 * What the guard and its compositor tell each other: one of these a packet, on a SOCK_SEQPACKET pair, with at most one
 * descriptor. Both come from one build; `version` finds out when they do not.
 *
 * The compositor finds its end in BINNACLE_GUARD, a descriptor's number. The guard speaks first: BN_GUARD_SOCKET and
 * BN_GUARD_CARD as often as needed, then BN_GUARD_GO; all of it lies there before the compositor runs.
 */
#define BN_GUARD_VERSION 1
#define BN_GUARD_VARIABLE "BINNACLE_GUARD"
#define BN_GUARD_DISPLAYS 16
/** Longest side of a picture, px. */
#define BN_GUARD_SIDE_MAX 16384

enum bn_guard_kind {
	// To the compositor.
	BN_GUARD_SOCKET = 1, // name, descriptor: a listening socket, by its path
	BN_GUARD_LOCK, // name, descriptor: what keeps another compositor from this name while open
	BN_GUARD_CARD, // descriptor: a card, with its master's rights
	BN_GUARD_GO, // name: why the one before ended, empty: it is the first; number: which start it is
	BN_GUARD_REDRAW, // the safe picture is on glass: draw everything; number: epoch
	// To the guard.
	BN_GUARD_KEEP, // name, descriptor: a listening socket to be given to the next one, by its path
	BN_GUARD_FORGET, // name: it is no longer wanted
	BN_GUARD_PICTURE, // name: connector, slot, width, height, stride, safety, descriptor: XRGB8888 as scanned out
	BN_GUARD_GONE, // slot: the display is no longer there
	BN_GUARD_KICK, // status, number: epoch of the last REDRAW, sent_ns
	BN_GUARD_BUSY, // sent_ns, duration_ns: it comes back by itself
};

enum { // bits of status
	BN_GUARD_SHOWN = 1
			<< 0, // a frame of this compositor, drawn after the last REDRAW, is on glass
	BN_GUARD_FAULT = 1 << 1,
};

struct bn_guard_message {
	uint32_t version, kind;
	uint32_t number, slot;
	int32_t width, height;
	uint32_t stride; // bytes
	uint32_t safety;
	int64_t sent_ns, duration_ns;
	uint8_t status[BN_GUARD_DISPLAYS]; // by slot
	char name[128];                    // NUL-terminated; a path has room for 108 bytes
};

#endif
