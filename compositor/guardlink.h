#ifndef BN_GUARDLINK_H
#define BN_GUARDLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "core/guard_message.h"

#define BN_GUARDLINK_CARDS 4

/**
 * The compositor's end of the line to binnacle-guard: what the guard keeps over our death, and what we tell it.
 *
 * Listening sockets outlive a compositor, so that who connects in a gap waits in their backlog. One that the guard has
 * is taken (bn_guardlink_take), a new one is given to it (bn_guardlink_keep); under a guard nobody unlinks them, it
 * does that at its own end.
 *
 * Without a guard all of this does nothing. When it dies we go on: a cockpit that shows is better than none, but
 * nobody watches it any more, and that is said. Ending both is its service's business.
 */
struct bn_guardlink {
	int fd; // -1: no guard
	int lock_fd;
	int cards[BN_GUARDLINK_CARDS]; // owned; -1: taken
	size_t card_count;
	struct wl_list sockets; // struct held, not taken yet
	char public_path[128];  // of the first socket, which is for every app; empty: none
	uint32_t start, epoch; // which start this is, of how many pictures; how often REDRAW was said
	char reason[128];      // why the compositor before this one ended; empty: it is the first
	bool lost;             // there was a guard
	struct wl_event_source *source;

	struct {
		struct wl_signal redraw; // the guard's picture is on glass
		struct wl_signal lost;   // the guard is gone
	} events;
};

/** Takes the descriptor over; 0: no guard. False, with a sentence, when what is on it is no guard of ours. */
bool bn_guardlink_init(struct bn_guardlink *link, int fd, char *error, size_t error_size);
/** From now on the guard's words are heard. False when out of memory. */
bool bn_guardlink_follow(struct bn_guardlink *link, struct wl_event_loop *loop);
void bn_guardlink_finish(struct bn_guardlink *link);
/** There is a guard: what it keeps is not ours to remove. */
bool bn_guardlink_is_alive(const struct bn_guardlink *link);

/** The listening socket of this path, now the caller's; -1: the guard has none. */
int bn_guardlink_take(struct bn_guardlink *link, const char *path);
void bn_guardlink_keep(struct bn_guardlink *link, const char *path, int fd);
void bn_guardlink_forget(struct bn_guardlink *link, const char *path);
/** Fills in the version and sends; never blocks. fd: -1 or borrowed for the call. */
void bn_guardlink_send(struct bn_guardlink *link, struct bn_guard_message *message, int fd);
/** "We come back by ourselves, within that time." */
void bn_guardlink_busy(struct bn_guardlink *link, int64_t now_ns, int64_t duration_ns);

#endif
