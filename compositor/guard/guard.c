#include "guard/guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/guard_message.h"
#include "core/nsec.h"
#include "core/safestate.h"
#include "core/watchdog.h"
#include "guard/child.h"
#include "guard/notify.h"
#include "guard/screen.h"
#include "guard/sockets.h"
#include "guardwire.h"

#define END_NS (5 * BN_NSEC_PER_SEC) // for a compositor that was asked to end

enum { EXIT_USAGE = 2, EXIT_NOT_FOUND = 127 };

enum phase {
	PHASE_RUNNING,
	PHASE_DYING,   // killed; its death is waited for
	PHASE_WAITING, // for the next start
	PHASE_ENDING,  // somebody asked us to end
	PHASE_OVER,
};

struct watched {
	char name[32]; // of the output; empty: free
	uint32_t slot; // that the running compositor gave it; BN_GUARD_DISPLAYS: none yet
	struct bn_safestate state;
};

struct guard {
	const struct guard_options *options;
	struct screen *screen;
	struct sockets sockets;
	struct child child;
	struct notify notify;
	struct bn_watchdog watchdog;
	struct watched displays[BN_GUARD_DISPLAYS];
	enum phase phase;
	int signal_fd, status;
	uint32_t starts, epoch; // epoch: pictures shown while this compositor runs
	int failures;           // in a row
	int64_t started_ns;     // of the first kick of this compositor, 0: none yet
	int64_t due_ns;         // of the next start, or of the end of patience
	int64_t lost_ns;        // when the picture was last lost
	bool on_glass;          // the safe picture is
	bool was_ready;         // some compositor of ours has kicked once
	char reason[128];
};

static int64_t now_ns(void) {
	const struct bn_clock clock = { 0 };
	return bn_clock_now(&clock);
}

static double ms(int64_t ns) {
	return (double)ns / BN_NSEC_PER_MSEC;
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
	char line[512];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	// A log that nobody reads must not hold up who watches: then a line is lost.
	struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };
	if (length > 0 && poll(&ready, 1, 0) == 1) {
		fprintf(stderr, "binnacle-guard: %s\n", line);
	}
}

// Displays

static void step(struct watched *display, enum bn_safestate_event event, int64_t now) {
	if (bn_safestate_step(&display->state, event, now)) {
		say("%s: %s", display->name, bn_safestate_name(display->state.kind));
	}
}

static void lose_all(struct guard *guard, int64_t now) {
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		if (guard->displays[i].name[0] != '\0') {
			step(&guard->displays[i], BN_SAFESTATE_LOST, now);
		}
	}
}

/** The safe picture on every display, and in the log how long that took. */
static void show(struct guard *guard) {
	int64_t start = now_ns();
	bool shown = guard->screen->impl->show(guard->screen);
	int64_t end = now_ns();
	if (guard->on_glass) {
		if (guard->phase == PHASE_RUNNING) {
			say("%s", guard->reason); // one that has not come up yet
		}
	} else {
		guard->lost_ns = start;
		lose_all(guard, start);
		say("%s; safe picture %s after %.1f ms, %.1f ms after the last kick", guard->reason,
				shown ? "on glass" : "not on glass", ms(end - start),
				ms(end - guard->watchdog.last_ns));
	}
	guard->on_glass = true;
}

static struct watched *find_display(struct guard *guard, const char *name) {
	struct watched *found = NULL;
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		struct watched *display = &guard->displays[i];
		if (strcmp(display->name, name) == 0) {
			return display;
		}
		found = found == NULL && display->name[0] == '\0' ? display : found;
	}
	return found;
}

static void take_picture(struct guard *guard, const struct bn_guard_message *message, int fd) {
	char name[sizeof(guard->displays[0].name)];
	snprintf(name, sizeof(name), "%.*s", (int)sizeof(name) - 1, message->name);
	if (name[0] == '\0' || fd < 0 || !screen_is_sane(message)) {
		say("a picture for '%s' makes no sense and is not taken", name);
		return;
	}
	struct watched *display = find_display(guard, name);
	if (display == NULL) {
		return;
	}
	if (display->name[0] == '\0') {
		memcpy(display->name, name, sizeof(name));
		display->state = (struct bn_safestate){
			.kind = guard->on_glass ? BN_SAFESTATE_SAFE : BN_SAFESTATE_DEGRADED,
		};
	}
	display->slot = message->slot;
	guard->screen->impl->picture(guard->screen, message, fd);
}

static void take_gone(struct guard *guard, uint32_t slot) {
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		if (guard->displays[i].slot == slot) {
			guard->displays[i] = (struct watched){ .slot = BN_GUARD_DISPLAYS };
		}
	}
	guard->screen->impl->gone(guard->screen, slot);
}

static enum bn_safestate_event event_of(const struct guard *guard,
		const struct bn_guard_message *kick, uint32_t slot) {
	// A kick from before it heard of our picture knows nothing of what is on glass.
	if (kick->number != guard->epoch || (kick->status[slot] & BN_GUARD_SHOWN) == 0) {
		return BN_SAFESTATE_DARK;
	}
	return kick->status[slot] & BN_GUARD_FAULT ? BN_SAFESTATE_FAULT : BN_SAFESTATE_WELL;
}

/** Whether every display of the compositor has left SAFE; what it does not have any more is forgotten then. */
static bool is_back(struct guard *guard) {
	size_t count = 0;
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		const struct watched *display = &guard->displays[i];
		if (display->slot < BN_GUARD_DISPLAYS) {
			count++;
			if (display->state.kind == BN_SAFESTATE_SAFE) {
				return false;
			}
		}
	}
	for (size_t i = 0; count > 0 && i < BN_GUARD_DISPLAYS; i++) {
		if (guard->displays[i].slot == BN_GUARD_DISPLAYS) {
			guard->displays[i].name[0] = '\0';
		}
	}
	return count > 0;
}

static void take_kick(struct guard *guard, const struct bn_guard_message *kick, int64_t now) {
	bn_watchdog_kick(&guard->watchdog, kick->sent_ns, now);
	if (guard->started_ns == 0) {
		guard->started_ns = now;
		notify_ready(&guard->notify);
	}
	guard->was_ready = true;
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		struct watched *display = &guard->displays[i];
		if (display->slot < BN_GUARD_DISPLAYS) {
			step(display, event_of(guard, kick, display->slot), now);
		}
	}
	if (guard->on_glass && is_back(guard)) {
		guard->on_glass = false;
		guard->screen->impl->leave(guard->screen);
		say("the cockpit shows again, %.0f ms after it was lost", ms(now - guard->lost_ns));
	}
}

static void take_message(struct guard *guard, const struct bn_guard_message *message, int *fd) {
	int64_t now = now_ns();
	switch (message->kind) {
	case BN_GUARD_KEEP:
		sockets_keep(&guard->sockets, message->name, *fd);
		*fd = -1;
		break;
	case BN_GUARD_FORGET:
		sockets_forget(&guard->sockets, message->name);
		break;
	case BN_GUARD_PICTURE:
		take_picture(guard, message, *fd);
		break;
	case BN_GUARD_GONE:
		if (message->slot < BN_GUARD_DISPLAYS) {
			take_gone(guard, message->slot);
		}
		break;
	case BN_GUARD_KICK:
		take_kick(guard, message, now);
		break;
	case BN_GUARD_BUSY:
		bn_watchdog_busy(&guard->watchdog, message->duration_ns, now);
		break;
	default:
		break;
	}
}

/** Everything that was said so far; before any judgement, so that a guard that was held up judges nobody for it. */
static void listen_to_child(struct guard *guard) {
	struct bn_guard_message message;
	int fd, got = 1;
	while (guard->child.line >= 0 && got == 1) {
		got = bn_guardwire_receive(guard->child.line, &message, MSG_DONTWAIT, &fd);
		if (got == 1) {
			take_message(guard, &message, &fd);
			if (fd >= 0) {
				close(fd);
			}
		}
	}
	// It has closed its end, or says what is no message. An end that is closed is for ever ready to be read: whoever
	// went on asking would, in the real-time class, keep the processor from the compositor that is about to end.
	// Whether that one has ended is the pidfd's to say, and whether it still lives the watchdog's.
	if (got < 0) {
		child_hang_up(&guard->child);
	}
}

// Compositors

static void say_hello(struct guard *guard, int line) {
	struct bn_guard_message message = { .kind = BN_GUARD_LOCK };
	bn_guardwire_send(line, &message, guard->sockets.lock_fd);
	for (size_t i = 0; i < guard->sockets.count; i++) {
		message = (struct bn_guard_message){ .kind = BN_GUARD_SOCKET };
		snprintf(message.name, sizeof(message.name), "%s", guard->sockets.items[i].path);
		bn_guardwire_send(line, &message, guard->sockets.items[i].fd);
	}
	struct screen_cards cards;
	guard->screen->impl->cards(guard->screen, &cards);
	for (size_t i = 0; i < cards.count; i++) {
		message = (struct bn_guard_message){ .kind = BN_GUARD_CARD };
		bn_guardwire_send(line, &message, cards.fds[i]);
	}
	message = (struct bn_guard_message){ .kind = BN_GUARD_GO, .number = guard->starts };
	snprintf(message.name, sizeof(message.name), "%s", guard->reason);
	bn_guardwire_send(line, &message, -1);
}

static void wait_for_start(struct guard *guard, int64_t now) {
	guard->failures++;
	int64_t wait = bn_watchdog_backoff_ns(guard->failures);
	guard->due_ns = now + wait;
	guard->phase = PHASE_WAITING;
	if (wait > 0) {
		say("the next start is in %.0f ms", ms(wait));
	}
}

static void start(struct guard *guard) {
	int other_end = -1;
	guard->epoch = 0;
	guard->started_ns = 0;
	for (size_t i = 0; i < BN_GUARD_DISPLAYS; i++) {
		guard->displays[i].slot = BN_GUARD_DISPLAYS;
	}
	guard->starts++;
	bool started = child_prepare(&guard->child, &other_end);
	if (started) {
		say_hello(guard, guard->child.line);
		started = child_start(&guard->child, guard->options->command, other_end);
		int error = errno;
		close(other_end);
		errno = error;
	}
	int64_t now = now_ns();
	if (started) {
		bn_watchdog_start(&guard->watchdog, now);
		guard->phase = PHASE_RUNNING;
		say("start %u: %s is pid %d", guard->starts, guard->options->command[0],
				(int)guard->child.pid);
		return;
	}
	snprintf(guard->reason, sizeof(guard->reason), "'%s' cannot be run: %s",
			guard->options->command[0], strerror(errno));
	child_kill(&guard->child, SIGKILL);
	child_finish(&guard->child);
	if (!guard->was_ready) {
		say("%s", guard->reason);
		guard->status = EXIT_NOT_FOUND;
		guard->phase = PHASE_OVER;
		return;
	}
	show(guard);
	wait_for_start(guard, now);
}

static int exit_status(int status) {
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool is_the_end(const struct guard *guard, int status) {
	int code = exit_status(status);
	bool usage = code == EXIT_USAGE && !guard->was_ready;
	return guard->phase == PHASE_ENDING
			|| (guard->phase == PHASE_RUNNING && (code == 0 || usage));
}

static void handle_death(struct guard *guard, int status) {
	if (is_the_end(guard, status)) {
		guard->status = exit_status(status);
		guard->phase = PHASE_OVER;
		return;
	}
	if (guard->phase == PHASE_RUNNING) {
		snprintf(guard->reason, sizeof(guard->reason),
				WIFEXITED(status) ? "it exited with status %d"
						  : "it was ended by signal %d",
				WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	}
	if (guard->screen->impl->is_lost != NULL && guard->screen->impl->is_lost(guard->screen)) {
		say("%s, and there is no desktop to come back to", guard->reason);
		guard->status = EXIT_FAILURE;
		guard->phase = PHASE_OVER;
		return;
	}
	// Once more for one that was killed: a commit of its own may have come after ours.
	show(guard);
	if (guard->screen->impl->clean != NULL) {
		guard->screen->impl->clean(guard->screen);
	}
	int64_t now = now_ns();
	bool stable = guard->started_ns != 0 && now - guard->started_ns >= BN_WATCHDOG_STABLE_NS;
	guard->failures = stable ? 0 : guard->failures;
	wait_for_start(guard, now);
}

static void judge(struct guard *guard, int64_t now) {
	enum bn_watchdog_verdict verdict = bn_watchdog_judge(&guard->watchdog, now);
	if (verdict == BN_WATCHDOG_FINE) {
		return;
	}
	snprintf(guard->reason, sizeof(guard->reason),
			guard->watchdog.kicked ? "no kick for %.0f ms"
					       : "no kick in its first %.0f ms",
			ms(now - guard->watchdog.last_ns));
	if (verdict == BN_WATCHDOG_KILL) {
		child_kill(&guard->child, SIGKILL);
		show(guard);
		guard->phase = PHASE_DYING;
	} else if (!guard->on_glass) {
		show(guard);
		struct bn_guard_message message = {
			.kind = BN_GUARD_REDRAW,
			.number = ++guard->epoch,
		};
		memcpy(message.name, guard->reason, sizeof(message.name));
		bn_guardwire_send(guard->child.line, &message, -1);
	}
}

// The loop

static void ask_to_end(struct guard *guard, int64_t now) {
	if (guard->child.pid == 0) {
		guard->phase = PHASE_OVER;
		return;
	}
	child_kill(&guard->child, SIGTERM);
	child_kill(&guard->child, SIGCONT);
	guard->phase = PHASE_ENDING;
	guard->due_ns = now + END_NS;
}

static void listen_to_signals(struct guard *guard) {
	struct signalfd_siginfo info;
	while (read(guard->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGCHLD && guard->phase != PHASE_ENDING) {
			ask_to_end(guard, now_ns());
		}
	}
}

static int64_t next_due(const struct guard *guard, int64_t now) {
	int64_t due = guard->phase == PHASE_RUNNING   ? bn_watchdog_due_ns(&guard->watchdog, now)
			: guard->phase == PHASE_DYING ? BN_NSEC_NEVER
						      : guard->due_ns;
	bool watched = guard->notify.every_ns > 0;
	return watched && guard->notify.next_ns < due ? guard->notify.next_ns : due;
}

static void wait_events(struct guard *guard) {
	int64_t now = now_ns(), due = next_due(guard, now);
	struct pollfd fds[] = {
		{ .fd = guard->signal_fd, .events = POLLIN },
		{ .fd = guard->child.line, .events = POLLIN },
		{ .fd = guard->child.pidfd, .events = POLLIN },
		{ .fd = guard->screen->impl->fd(guard->screen), .events = POLLIN },
	};
	struct timespec left = bn_nsec_to_timespec(due > now ? due - now : 0);
	ppoll(fds, sizeof(fds) / sizeof(fds[0]), due != BN_NSEC_NEVER ? &left : NULL, NULL);
	if ((fds[3].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
		guard->screen->impl->dispatch(guard->screen);
	}
}

static void turn(struct guard *guard) {
	wait_events(guard);
	listen_to_child(guard);
	listen_to_signals(guard);
	int status;
	if (child_collect(&guard->child, &status)) {
		handle_death(guard, status);
	}
	int64_t now = now_ns();
	notify_alive(&guard->notify, now);
	if (guard->phase == PHASE_RUNNING) {
		judge(guard, now);
	} else if (guard->phase == PHASE_WAITING && now >= guard->due_ns) {
		start(guard);
	} else if (guard->phase == PHASE_ENDING && now >= guard->due_ns) {
		child_kill(&guard->child, SIGKILL);
	}
}

static bool open_signals(struct guard *guard) {
	sigset_t wanted;
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGHUP);
	sigaddset(&wanted, SIGCHLD);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	guard->signal_fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	return guard->signal_fd >= 0;
}

int guard_run(const struct guard_options *options, struct screen *screen) {
	struct guard guard = {
		.options = options,
		.screen = screen,
		.child = { .pidfd = -1, .line = -1 },
		.watchdog = { .kick_ns = options->kick_ns, .start_ns = options->start_ns },
		.status = EXIT_SUCCESS,
	};
	if (!sockets_init(&guard.sockets, options->socket)) {
		return EXIT_FAILURE;
	}
	if (!open_signals(&guard)) {
		say("no descriptor for signals: %s", strerror(errno));
		sockets_finish(&guard.sockets);
		return EXIT_FAILURE;
	}
	notify_init(&guard.notify);
	say("listens on %s", guard.sockets.items[0].path);
	start(&guard);
	while (guard.phase != PHASE_OVER) {
		turn(&guard);
	}
	notify_finish(&guard.notify);
	close(guard.signal_fd);
	sockets_finish(&guard.sockets);
	return guard.status;
}
