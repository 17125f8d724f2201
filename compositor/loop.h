#ifndef BN_LOOP_H
#define BN_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "core/clock.h"

/**
 * The main loop: deadlines first, then Wayland.
 *
 * Timers are absolute, in ns of the loop's clock, and kept in one list in order
 * of due time, then rank. They share one CLOCK_MONOTONIC timerfd, polled beside
 * the Wayland event loop's fd in an epoll of our own: due timers run before the
 * next Wayland dispatch, so at most one dispatch lies between a deadline and its
 * frame.
 *
 * One dispatch serves up to 32 clients, each with all that it has sent: a crowd that
 * floods makes it last a hundred milliseconds. Urgent timers therefore run between two
 * requests as well, and for them it is one request, not one dispatch. Nothing of the
 * next request has been carried out by then, so to its client it looks as if the
 * request had come a moment later.
 *
 * Wake-ups cost more than what is done in them. A timer with slack runs with others that are due a little
 * before it, and clients that were asked to draw are listened to together (bn_loop_hold).
 *
 * With a virtual clock nothing is due until bn_loop_advance says so, and nothing runs
 * between requests.
 */
struct bn_loop {
	struct bn_clock clock;
	struct wl_display *display; // borrowed
	struct wl_list timers;      // bn_timer.link, sorted
	int epoll_fd, timer_fd;     // owned
	int hold_epoll_fd;          // owned; has the timer only
	bool running;
	int64_t armed_ns; // what timer_fd is set to; BN_NSEC_NEVER: it is off
	int64_t round_ns; // when what was due was last run
	int64_t seen_ns;  // when the clock was last read for a request or a dispatch
	int64_t hold_ns;  // clients are not listened to before; 0: they are
	struct wl_protocol_logger *requests; // owned
};

struct bn_timer;
typedef void (*bn_timer_func_t)(struct bn_timer *timer, int64_t now_ns);

/**
 * Embedded in what it wakes up. rank: lower runs first among timers due at one wake-up.
 *
 * urgent: runs between two requests too, with their client still being served: it must
 * neither destroy a client or an object that a client can name, nor wait for anybody.
 */
struct bn_timer {
	struct wl_list link; // bn_loop.timers, or empty when not armed
	struct bn_loop *loop;
	int64_t due_ns;
	int rank;
	int64_t slack_ns; // it may run so much before it is due, if something else is run; 0 at init
	bool urgent;      // false at init
	bool was_late;    // armed for a time that had passed: it waits for the next round
	bn_timer_func_t notify;
};

/** False, with an ERROR line, when the kernel refuses an fd. */
bool bn_loop_init(struct bn_loop *loop, struct wl_display *display, bool virtual_time);
void bn_loop_finish(struct bn_loop *loop);
int64_t bn_loop_now(const struct bn_loop *loop);
/** The time of the request that is carried out, or of the one before it: without asking the clock. */
int64_t bn_loop_request_now(const struct bn_loop *loop);

/** Runs until bn_loop_quit. Real time only. */
void bn_loop_run(struct bn_loop *loop);
void bn_loop_quit(struct bn_loop *loop);
/** Waits at most timeout_ms (-1: for ever) for one round of timers and Wayland events. */
void bn_loop_dispatch(struct bn_loop *loop, int timeout_ms);
/**
 * Virtual time only: moves the clock to the first due time, at most to until_ns, and runs what is due then,
 * without a word from Wayland in between: who answers quickly and who does not makes no difference.
 */
void bn_loop_step(struct bn_loop *loop, int64_t until_ns);
/** Virtual time only: moves the clock to until_ns, running each timer at its own time. */
void bn_loop_advance(struct bn_loop *loop, int64_t until_ns);
/** When the next timer is due; BN_NSEC_NEVER when none is armed. */
int64_t bn_loop_next_ns(const struct bn_loop *loop);

/**
 * Clients have just been asked to draw: they are listened to again at until_ns, all at once, rather than each
 * with a wake-up of its own; if they were held before, at the earlier time. Input waits as long.
 */
void bn_loop_hold(struct bn_loop *loop, int64_t until_ns);

void bn_timer_init(struct bn_timer *timer, struct bn_loop *loop, int rank, bn_timer_func_t notify);
/** Moves it when it is armed already. A time in the past fires at the next round. */
void bn_timer_arm(struct bn_timer *timer, int64_t due_ns);
void bn_timer_disarm(struct bn_timer *timer);
bool bn_timer_is_armed(const struct bn_timer *timer);

static inline void bn_listen(struct wl_signal *signal, struct wl_listener *listener,
		wl_notify_func_t notify) {
	listener->notify = notify;
	wl_signal_add(signal, listener);
}

/** Removes a listener that bn_listen connected; harmless when called twice. */
static inline void bn_unlisten(struct wl_listener *listener) {
	if (listener->link.next != NULL) {
		wl_list_remove(&listener->link);
		wl_list_init(&listener->link);
	}
}

#endif
