#include "loop.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "core/nsec.h"

/** A hold that is shorter saves nothing. */
#define HOLD_MIN_NS INT64_C(50000)

/** The timer has expired: it is set whatever comes next. */
#define NOT_ARMED INT64_MIN

static bool watch_fd(int epoll_fd, int fd) {
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void handle_request(void *data, enum wl_protocol_logger_type direction,
		const struct wl_protocol_logger_message *message);

bool bn_loop_init(struct bn_loop *loop, struct wl_display *display, bool virtual_time) {
	*loop = (struct bn_loop){
		.display = display,
		.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
		.hold_epoll_fd = epoll_create1(EPOLL_CLOEXEC),
		.timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
		.armed_ns = BN_NSEC_NEVER,
	};
	wl_list_init(&loop->timers);
	// Virtual time starts where nothing can be confused with "never" (0).
	loop->clock.is_virtual = virtual_time;
	loop->clock.virtual_ns = BN_NSEC_PER_SEC;
	loop->requests = wl_display_add_protocol_logger(display, handle_request, loop);
	int wayland_fd = wl_event_loop_get_fd(wl_display_get_event_loop(display));
	if (loop->requests == NULL || loop->epoll_fd < 0 || loop->timer_fd < 0
			|| loop->hold_epoll_fd < 0 || !watch_fd(loop->hold_epoll_fd, loop->timer_fd)
			|| !watch_fd(loop->epoll_fd, loop->timer_fd)
			|| !watch_fd(loop->epoll_fd, wayland_fd)) {
		wlr_log(WLR_ERROR, "loop: cannot be made: %s", strerror(errno));
		bn_loop_finish(loop);
		return false;
	}
	return true;
}

void bn_loop_finish(struct bn_loop *loop) {
	if (loop->requests != NULL) {
		wl_protocol_logger_destroy(loop->requests);
		loop->requests = NULL;
	}
	if (loop->epoll_fd >= 0) {
		close(loop->epoll_fd);
	}
	if (loop->hold_epoll_fd >= 0) {
		close(loop->hold_epoll_fd);
	}
	if (loop->timer_fd >= 0) {
		close(loop->timer_fd);
	}
	loop->epoll_fd = loop->hold_epoll_fd = loop->timer_fd = -1;
}

int64_t bn_loop_now(const struct bn_loop *loop) {
	return bn_clock_now(&loop->clock);
}

int64_t bn_loop_request_now(const struct bn_loop *loop) {
	return loop->clock.is_virtual ? loop->clock.virtual_ns : loop->seen_ns;
}

int64_t bn_loop_next_ns(const struct bn_loop *loop) {
	if (wl_list_empty(&loop->timers)) {
		return BN_NSEC_NEVER;
	}
	const struct bn_timer *first = wl_container_of(loop->timers.next, first, link);
	return first->due_ns;
}

/** Sets the kernel's timer to the first due time; a system call only when that changed. */
static void rearm(struct bn_loop *loop) {
	int64_t next = bn_loop_next_ns(loop);
	next = loop->hold_ns != 0 && loop->hold_ns < next ? loop->hold_ns : next;
	if (loop->clock.is_virtual || next == loop->armed_ns) {
		return;
	}
	struct itimerspec spec = { 0 };
	if (next != BN_NSEC_NEVER) {
		// A zero time would disarm it.
		spec.it_value = bn_nsec_to_timespec(next > 0 ? next : 1);
	}
	if (timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) == 0) {
		loop->armed_ns = next;
	}
}

/** When timers are run. */
enum round {
	ROUND_DUE,        // at a wake-up: what is due, and what may come along with it
	ROUND_IN_BETWEEN, // between two requests: what is urgent and was not late from the start
	ROUND_LISTENED,   // after clients were listened to: what they made due
	ROUND_HELD,       // the same after a hold: what may come along as well
};

/** Takes what is to be run at `now` off the list. */
static void take_due(struct bn_loop *loop, int64_t now, enum round round, struct wl_list *due) {
	bool in_between = round == ROUND_IN_BETWEEN;
	bool late_too = round == ROUND_DUE || round == ROUND_HELD;
	struct bn_timer *timer, *next;
	wl_list_for_each_safe(timer, next, &loop->timers, link) {
		if (timer->due_ns > now) {
			break;
		}
		if ((!in_between || timer->urgent) && (late_too || !timer->was_late)) {
			wl_list_remove(&timer->link);
			wl_list_insert(due->prev, &timer->link);
		}
	}
	if (wl_list_empty(due) && round != ROUND_HELD) {
		return;
	}
	// With a wake-up paid for, what may come along does.
	wl_list_for_each_safe(timer, next, &loop->timers, link) {
		bool may_come = timer->slack_ns > 0 && timer->due_ns - timer->slack_ns <= now;
		if (may_come && (!in_between || timer->urgent)) {
			wl_list_remove(&timer->link);
			wl_list_insert(due->prev, &timer->link);
		}
	}
}

/**
 * Runs what is due at `now`, each timer once: one that arms itself for the past
 * waits for the next round, so that a late frame cannot starve Wayland.
 */
static void run_due(struct bn_loop *loop, int64_t now, enum round round) {
	struct wl_list due;
	wl_list_init(&due);
	take_due(loop, now, round, &due);
	if (!wl_list_empty(&due)) {
		loop->round_ns = now;
	}
	while (!wl_list_empty(&due)) {
		struct bn_timer *first = wl_container_of(due.next, first, link);
		struct bn_timer *timer;
		// Among those due together the rank decides; few are, so a scan is enough.
		wl_list_for_each(timer, &due, link) {
			if (timer->rank < first->rank) {
				first = timer;
			}
		}
		wl_list_remove(&first->link);
		wl_list_init(&first->link);
		first->notify(first, now);
	}
}

/** Sends what frames have said. Unlike wl_display_flush_clients it ends no client: one is being served. */
static void flush(struct wl_display *display) {
	struct wl_client *client;
	wl_client_for_each(client, wl_display_get_client_list(display)) {
		wl_client_flush(client);
	}
}

/** A request is about to be carried out. */
static void handle_request(void *data, enum wl_protocol_logger_type direction,
		const struct wl_protocol_logger_message *message) {
	struct bn_loop *loop = data;
	if (direction != WL_PROTOCOL_LOGGER_REQUEST || loop->clock.is_virtual) {
		return;
	}
	int64_t now = bn_loop_now(loop), last = loop->round_ns;
	loop->seen_ns = now;
	if (now < bn_loop_next_ns(loop)) {
		return;
	}
	run_due(loop, now, ROUND_IN_BETWEEN);
	if (loop->round_ns != last) {
		flush(loop->display);
	}
}

void bn_loop_hold(struct bn_loop *loop, int64_t until_ns) {
	if (loop->clock.is_virtual || until_ns - bn_loop_now(loop) < HOLD_MIN_NS) {
		return;
	}
	if (loop->hold_ns == 0 || until_ns < loop->hold_ns) {
		loop->hold_ns = until_ns;
	}
}

/** Waits for a timer, and for Wayland unless it is on hold. */
static void wait_events(struct bn_loop *loop, int timeout_ms, bool *ret_timer, bool *ret_wayland) {
	*ret_timer = *ret_wayland = false;
	struct epoll_event events[2];
	int epoll_fd = loop->hold_ns != 0 ? loop->hold_epoll_fd : loop->epoll_fd;
	int count = epoll_wait(epoll_fd, events, 2, timeout_ms);
	for (int i = 0; i < count; i++) {
		*ret_timer |= events[i].data.fd == loop->timer_fd;
		*ret_wayland |= events[i].data.fd != loop->timer_fd;
	}
}

static void listen_to_clients(struct bn_loop *loop) {
	loop->seen_ns = bn_loop_now(loop);
	wl_event_loop_dispatch(wl_display_get_event_loop(loop->display), 0);
}

void bn_loop_dispatch(struct bn_loop *loop, int timeout_ms) {
	struct wl_event_loop *wayland = wl_display_get_event_loop(loop->display);
	// Idle sources are run by the Wayland dispatch only: never sleep on top of one. Before the flush: what they
	// say of a frame goes out with what the frame said.
	wl_event_loop_dispatch_idle(wayland);
	wl_display_flush_clients(loop->display);
	rearm(loop);
	bool has_timer, has_wayland, held = false;
	wait_events(loop, timeout_ms, &has_timer, &has_wayland);
	if (has_timer) {
		// Not read: setting it anew, which comes before the next wait, makes it quiet as well.
		loop->armed_ns = NOT_ARMED;
		int64_t now = bn_loop_now(loop);
		held = loop->hold_ns != 0 && loop->hold_ns <= now;
		loop->hold_ns = held ? 0 : loop->hold_ns;
		run_due(loop, now, ROUND_DUE);
		has_wayland |= held;
	}
	if (has_wayland) {
		listen_to_clients(loop);
	}
	// What clients made due waits for no other wake-up.
	if (has_wayland && !loop->clock.is_virtual) {
		run_due(loop, bn_loop_now(loop), held ? ROUND_HELD : ROUND_LISTENED);
	}
}

void bn_loop_run(struct bn_loop *loop) {
	assert(!loop->clock.is_virtual);
	loop->running = true;
	while (loop->running) {
		bn_loop_dispatch(loop, -1);
	}
	wl_display_flush_clients(loop->display);
}

void bn_loop_quit(struct bn_loop *loop) {
	loop->running = false;
}

void bn_loop_step(struct bn_loop *loop, int64_t until_ns) {
	assert(loop->clock.is_virtual);
	int64_t next = bn_loop_next_ns(loop);
	int64_t now = next < until_ns ? next : until_ns;
	if (now > loop->clock.virtual_ns) {
		loop->clock.virtual_ns = now;
	}
	run_due(loop, loop->clock.virtual_ns, ROUND_DUE);
}

void bn_loop_advance(struct bn_loop *loop, int64_t until_ns) {
	do {
		bn_loop_step(loop, until_ns);
		bn_loop_dispatch(loop, 0);
	} while (loop->clock.virtual_ns < until_ns || bn_loop_next_ns(loop) <= until_ns);
}

void bn_timer_init(struct bn_timer *timer, struct bn_loop *loop, int rank, bn_timer_func_t notify) {
	*timer = (struct bn_timer){ .loop = loop, .rank = rank, .notify = notify };
	wl_list_init(&timer->link);
}

void bn_timer_arm(struct bn_timer *timer, int64_t due_ns) {
	if (bn_timer_is_armed(timer) && timer->due_ns == due_ns) {
		return;
	}
	wl_list_remove(&timer->link);
	timer->due_ns = due_ns;
	timer->was_late = due_ns <= timer->loop->round_ns;
	struct wl_list *after = &timer->loop->timers;
	struct bn_timer *other;
	wl_list_for_each(other, &timer->loop->timers, link) {
		if (other->due_ns > due_ns
				|| (other->due_ns == due_ns && other->rank > timer->rank)) {
			break;
		}
		after = &other->link;
	}
	wl_list_insert(after, &timer->link);
}

void bn_timer_disarm(struct bn_timer *timer) {
	if (timer->loop != NULL) {
		wl_list_remove(&timer->link);
		wl_list_init(&timer->link);
	}
}

bool bn_timer_is_armed(const struct bn_timer *timer) {
	return timer->loop != NULL && !wl_list_empty(&timer->link);
}
