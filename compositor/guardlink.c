#include "guardlink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "guardwire.h"

struct held {
	char path[128];
	int fd;              // owned
	struct wl_list link; // bn_guardlink.sockets
};

static bool hold(struct bn_guardlink *link, const char *path, int fd) {
	struct held *held = calloc(1, sizeof(*held));
	if (held == NULL) {
		return false;
	}
	snprintf(held->path, sizeof(held->path), "%s", path);
	held->fd = fd;
	wl_list_insert(link->sockets.prev, &held->link);
	return true;
}

/** Takes in one message of the beginning; the descriptor is taken over. False: it does not belong there. */
static bool take_in(struct bn_guardlink *link, const struct bn_guard_message *message, int fd) {
	bool first = link->public_path[0] == '\0';
	switch (message->kind) {
	case BN_GUARD_SOCKET:
		if (fd < 0 || !hold(link, message->name, fd)) {
			return false;
		}
		if (first) {
			memcpy(link->public_path, message->name, sizeof(link->public_path));
		}
		return true;
	case BN_GUARD_LOCK:
		link->lock_fd = fd;
		return fd >= 0;
	case BN_GUARD_CARD:
		if (fd < 0 || link->card_count == BN_GUARDLINK_CARDS) {
			return false;
		}
		link->cards[link->card_count++] = fd;
		return true;
	case BN_GUARD_GO:
		link->start = message->number;
		memcpy(link->reason, message->name, sizeof(link->reason));
		return fd < 0;
	default:
		return false;
	}
}

bool bn_guardlink_init(struct bn_guardlink *link, int fd, char *error, size_t error_size) {
	*link = (struct bn_guardlink){ .fd = fd > 0 ? fd : -1, .lock_fd = -1 };
	wl_list_init(&link->sockets);
	wl_signal_init(&link->events.redraw);
	wl_signal_init(&link->events.lost);
	if (link->fd < 0) {
		return true;
	}
	fcntl(link->fd, F_SETFD, FD_CLOEXEC);
	struct bn_guard_message message = { 0 };
	while (message.kind != BN_GUARD_GO) {
		int got;
		if (bn_guardwire_receive(link->fd, &message, 0, &got) != 1
				|| !take_in(link, &message, got)) {
			snprintf(error, error_size,
					"%s: descriptor %d does not lead to a binnacle-guard of "
					"this version",
					BN_GUARD_VARIABLE, fd);
			return false;
		}
	}
	if (link->reason[0] != '\0') {
		wlr_log(WLR_ERROR, "guard: this is start %u; the one before: %s", link->start,
				link->reason);
	}
	return true;
}

static void lose(struct bn_guardlink *link) {
	wlr_log(WLR_ERROR, "guard: it is gone; the cockpit goes on, and nobody watches it");
	link->lost = true;
	if (link->source != NULL) {
		wl_event_source_remove(link->source);
		link->source = NULL;
	}
	close(link->fd);
	link->fd = -1;
	wl_signal_emit_mutable(&link->events.lost, link);
}

static int handle_readable(int fd, uint32_t mask, void *data) {
	struct bn_guardlink *link = data;
	struct bn_guard_message message;
	int got;
	int heard = bn_guardwire_receive(fd, &message, MSG_DONTWAIT, &got);
	if (got >= 0) {
		close(got);
	}
	if (heard < 0) {
		lose(link);
	} else if (heard > 0 && message.kind == BN_GUARD_REDRAW) {
		link->epoch = message.number;
		wlr_log(WLR_ERROR, "guard: it had to show its own picture: %s", message.name);
		wl_signal_emit_mutable(&link->events.redraw, link);
	}
	return 0;
}

bool bn_guardlink_follow(struct bn_guardlink *link, struct wl_event_loop *loop) {
	if (link->fd < 0) {
		return true;
	}
	link->source = wl_event_loop_add_fd(loop, link->fd, WL_EVENT_READABLE, handle_readable,
			link);
	return link->source != NULL;
}

void bn_guardlink_finish(struct bn_guardlink *link) {
	struct held *held, *next;
	wl_list_for_each_safe(held, next, &link->sockets, link) {
		close(held->fd);
		free(held);
	}
	wl_list_init(&link->sockets);
	for (size_t i = 0; i < link->card_count; i++) {
		if (link->cards[i] >= 0) {
			close(link->cards[i]);
		}
	}
	link->card_count = 0;
	if (link->source != NULL) {
		wl_event_source_remove(link->source);
		link->source = NULL;
	}
	if (link->lock_fd >= 0) {
		close(link->lock_fd);
	}
	if (link->fd >= 0) {
		close(link->fd);
	}
	link->lock_fd = link->fd = -1;
}

bool bn_guardlink_is_alive(const struct bn_guardlink *link) {
	return link->fd >= 0;
}

int bn_guardlink_take(struct bn_guardlink *link, const char *path) {
	struct held *held;
	wl_list_for_each(held, &link->sockets, link) {
		if (strcmp(held->path, path) == 0) {
			int fd = held->fd;
			wl_list_remove(&held->link);
			free(held);
			return fd;
		}
	}
	return -1;
}

void bn_guardlink_send(struct bn_guardlink *link, struct bn_guard_message *message, int fd) {
	if (link->fd < 0) {
		return;
	}
	// A guard that does not read is dead or stopped: the line tells when it is gone.
	if (!bn_guardwire_send(link->fd, message, fd)) {
		wlr_log(WLR_DEBUG, "guard: cannot be told: %s", strerror(errno));
	}
}

static void name_path(struct bn_guardlink *link, enum bn_guard_kind kind, const char *path,
		int fd) {
	struct bn_guard_message message = { .kind = kind };
	snprintf(message.name, sizeof(message.name), "%s", path);
	bn_guardlink_send(link, &message, fd);
}

void bn_guardlink_keep(struct bn_guardlink *link, const char *path, int fd) {
	name_path(link, BN_GUARD_KEEP, path, fd);
}

void bn_guardlink_forget(struct bn_guardlink *link, const char *path) {
	name_path(link, BN_GUARD_FORGET, path, -1);
}

void bn_guardlink_busy(struct bn_guardlink *link, int64_t now_ns, int64_t duration_ns) {
	struct bn_guard_message message = {
		.kind = BN_GUARD_BUSY,
		.sent_ns = now_ns,
		.duration_ns = duration_ns,
	};
	bn_guardlink_send(link, &message, -1);
}
