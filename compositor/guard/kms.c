#include "guard/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/guard_message.h"
#include "guard/card.h"

/*
 * The guard and its compositor share one open file of the card, and with it the master's rights, framebuffers and
 * CRTCs. So the guard needs neither to become master nor to wait for the compositor's death before it commits; and
 * what the compositor put on glass stays there when it dies, since the file is not closed. guard/README.md has the
 * other two forms (handing the master's rights over, leasing), what each did in a real kernel, and why this one.
 *
 * What a dead compositor leaves in the shared file is swept away once the safe picture is on glass: framebuffers,
 * buffer handles, and events that were meant for it.
 */

#define CARDS_MAX 4

struct kms {
	struct screen base;
	struct card cards[CARDS_MAX];
	size_t count;
};

static struct display *find(struct kms *kms, const char *name, struct card **ret_card) {
	for (size_t c = 0; c < kms->count; c++) {
		for (size_t i = 0; i < kms->cards[c].count; i++) {
			if (strcmp(kms->cards[c].displays[i].name, name) == 0) {
				*ret_card = &kms->cards[c];
				return &kms->cards[c].displays[i];
			}
		}
	}
	return NULL;
}

static bool kms_show(struct screen *screen) {
	struct kms *kms = (struct kms *)screen;
	bool shown = true;
	for (size_t i = 0; i < kms->count; i++) {
		shown = card_show(&kms->cards[i]) && shown;
	}
	return shown;
}

static void kms_clean(struct screen *screen) {
	struct kms *kms = (struct kms *)screen;
	for (size_t i = 0; i < kms->count; i++) {
		card_sweep(&kms->cards[i]);
		card_scan(&kms->cards[i], false);
		for (size_t d = 0; d < kms->cards[i].count; d++) {
			kms->cards[i].displays[d].slot = BN_GUARD_DISPLAYS;
		}
	}
}

// What a compositor tells

static bool kms_picture(struct screen *screen, const struct bn_guard_message *message, int fd) {
	struct kms *kms = (struct kms *)screen;
	struct card *card;
	for (size_t i = 0; i < kms->count; i++) {
		card_scan(&kms->cards[i], false);
	}
	struct display *display = find(kms, message->name, &card);
	if (display == NULL) {
		fprintf(stderr, "binnacle-guard: %s: no such connector\n", message->name);
		return false;
	}
	display->slot = message->slot;
	card_follow_mode(card, display);
	struct frame old = display->frame;
	if (old.width == message->width && old.height == message->height) {
		// In place, since it may be on glass: the kernel would darken the display if it went.
		return screen_read(message, fd, old.pixels, old.pitch);
	}
	struct frame frame;
	if (!frame_init(card, &frame, message->width, message->height)) {
		fprintf(stderr, "binnacle-guard: %s: no memory for its picture\n", message->name);
		return false;
	}
	if (!screen_read(message, fd, frame.pixels, frame.pitch)) {
		frame_finish(card, &frame);
		return false;
	}
	display->frame = frame;
	frame_finish(card, &old);
	return true;
}

static void kms_gone(struct screen *screen, uint32_t slot) {
	struct kms *kms = (struct kms *)screen;
	for (size_t c = 0; c < kms->count; c++) {
		for (size_t i = 0; i < kms->cards[c].count; i++) {
			struct display *display = &kms->cards[c].displays[i];
			if (display->slot == slot) {
				display->slot = BN_GUARD_DISPLAYS;
			}
		}
		card_scan(&kms->cards[c], false);
	}
}

static void kms_leave(struct screen *screen) {
}

static void kms_cards(struct screen *screen, struct screen_cards *ret) {
	const struct kms *kms = (const struct kms *)screen;
	ret->count = kms->count;
	for (size_t i = 0; i < kms->count; i++) {
		ret->fds[i] = kms->cards[i].fd;
	}
}

static int kms_fd(struct screen *screen) {
	return -1; // events are the compositor's to read
}

static void kms_destroy(struct screen *screen) {
	struct kms *kms = (struct kms *)screen;
	for (size_t c = 0; c < kms->count; c++) {
		card_finish(&kms->cards[c]);
	}
	free(kms);
}

// Opening

static void open_all(struct kms *kms) {
	for (int minor = 0; minor < 64 && kms->count < CARDS_MAX; minor++) {
		char path[32];
		snprintf(path, sizeof(path), "/dev/dri/card%d", minor);
		if (access(path, F_OK) == 0 && card_open(&kms->cards[kms->count], path, false)) {
			kms->count++;
		}
	}
}

struct screen *screen_kms_create(const char *path) {
	static const struct screen_impl impl = {
		.picture = kms_picture,
		.gone = kms_gone,
		.show = kms_show,
		.leave = kms_leave,
		.clean = kms_clean,
		.cards = kms_cards,
		.fd = kms_fd,
		.destroy = kms_destroy,
	};
	struct kms *kms = calloc(1, sizeof(*kms));
	if (kms == NULL) {
		return NULL;
	}
	kms->base.impl = &impl;
	if (path == NULL) {
		open_all(kms);
	} else if (card_open(&kms->cards[0], path, true)) {
		kms->count = 1;
	}
	if (kms->count == 0) {
		fprintf(stderr, "binnacle-guard: no card to show anything on under /dev/dri\n");
		free(kms);
		return NULL;
	}
	return &kms->base;
}
