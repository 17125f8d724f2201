#ifndef BN_GUARD_GUARD_H
#define BN_GUARD_GUARD_H

#include <stdint.h>

struct screen;

struct guard_options {
	const char *socket; // name of the Wayland socket; NULL: the first free one
	int64_t kick_ns;    // without a kick for so long the safe picture follows
	int64_t start_ns;   // from exec to the first kick
	char *const *command;
};

/** Watches compositors, one after another, until one ends well or a signal asks us to. Returns the exit status. */
int guard_run(const struct guard_options *options, struct screen *screen);

#endif
