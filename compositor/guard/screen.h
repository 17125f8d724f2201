#ifndef BN_GUARD_SCREEN_H
#define BN_GUARD_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bn_guard_message;

/**
 * Where the guard shows the safe picture: on a card (KMS), in windows of a Wayland desktop, or nowhere.
 *
 * Pictures are prepared when they come, so that nothing has to be had, drawn or asked for when they are needed.
 */
struct screen {
	const struct screen_impl *impl;
};

/** Cards that a compositor is given. */
struct screen_cards {
	int fds[4]; // borrowed
	size_t count;
};

struct screen_impl {
	/** A display's picture; `fd` holds its rows. False: it cannot be used, and that was said. */
	bool (*picture)(struct screen *screen, const struct bn_guard_message *message, int fd);
	void (*gone)(struct screen *screen, uint32_t slot);
	/** The safe picture on every display; true: it is on glass, or on its way where only the parent knows. */
	bool (*show)(struct screen *screen);
	/** A compositor's picture is on glass again, everywhere. */
	void (*leave)(struct screen *screen);
	/** The compositor is dead: what it left behind is removed. NULL: it leaves nothing. */
	void (*clean)(struct screen *screen);
	void (*cards)(struct screen *screen, struct screen_cards *ret);
	/** It can never show anything any more. NULL: that does not happen. */
	bool (*is_lost)(struct screen *screen);
	/** What to poll, -1: nothing; and to be called when that is readable. */
	int (*fd)(struct screen *screen);
	void (*dispatch)(struct screen *screen);
	void (*destroy)(struct screen *screen);
};

/** The cards at these paths (NULL: all that have displays). NULL, with a sentence on stderr. */
struct screen *screen_kms_create(const char *path);
/** Windows on the desktop of WAYLAND_DISPLAY. NULL, with a sentence on stderr. */
struct screen *screen_window_create(void);
/** Nothing is ever seen: headless. */
struct screen *screen_none_create(void);

/** Copies a picture's rows out of its file into memory; false: the file is too short. */
bool screen_read(const struct bn_guard_message *message, int fd, void *pixels, size_t pitch);
/** Whether the sizes in a message make sense. */
bool screen_is_sane(const struct bn_guard_message *message);

#endif
