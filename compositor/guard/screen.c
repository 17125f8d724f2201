#include "guard/screen.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/guard_message.h"

bool screen_is_sane(const struct bn_guard_message *message) {
	return message->width > 0 && message->width <= BN_GUARD_SIDE_MAX && message->height > 0
			&& message->height <= BN_GUARD_SIDE_MAX
			&& message->stride >= (uint32_t)message->width * 4
			&& message->stride <= BN_GUARD_SIDE_MAX * 4
			&& message->slot < BN_GUARD_DISPLAYS;
}

bool screen_read(const struct bn_guard_message *message, int fd, void *pixels, size_t pitch) {
	// Read, not mapped: a file that is cut short under a mapping would end the guard.
	for (int32_t y = 0; y < message->height; y++) {
		size_t size = (size_t)message->width * 4;
		off_t at = (off_t)y * (off_t)message->stride;
		if (pread(fd, (char *)pixels + (size_t)y * pitch, size, at) != (ssize_t)size) {
			return false;
		}
	}
	return true;
}

static bool none_picture(struct screen *screen, const struct bn_guard_message *message, int fd) {
	return true;
}

static void none_gone(struct screen *screen, uint32_t slot) {
}

static bool none_show(struct screen *screen) {
	return false;
}

static void none_leave(struct screen *screen) {
}

static void none_cards(struct screen *screen, struct screen_cards *ret) {
	ret->count = 0;
}

static int none_fd(struct screen *screen) {
	return -1;
}

static void none_destroy(struct screen *screen) {
	free(screen);
}

struct screen *screen_none_create(void) {
	static const struct screen_impl impl = {
		.picture = none_picture,
		.gone = none_gone,
		.show = none_show,
		.leave = none_leave,
		.cards = none_cards,
		.fd = none_fd,
		.destroy = none_destroy,
	};
	struct screen *screen = calloc(1, sizeof(*screen));
	if (screen != NULL) {
		screen->impl = &impl;
	}
	return screen;
}
