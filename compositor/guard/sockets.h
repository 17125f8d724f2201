#ifndef BN_GUARD_SOCKETS_H
#define BN_GUARD_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#define SOCKETS_MAX 64

/** Listening sockets that outlive compositors. The first is the one for every app, which the guard itself opens. */
struct sockets {
	struct {
		char path[128];
		int fd; // owned
	} items[SOCKETS_MAX];
	size_t count;
	int lock_fd; // owned; held by every compositor too, so that an orphaned one keeps the name
	char lock_path[136];
};

/** `name`: NULL for the first free wayland-N. False, with a sentence on stderr. */
bool sockets_init(struct sockets *sockets, const char *name);
/** Closes them all and removes their files. */
void sockets_finish(struct sockets *sockets);
/** A compositor has made one more; the descriptor is taken over. */
void sockets_keep(struct sockets *sockets, const char *path, int fd);
void sockets_forget(struct sockets *sockets, const char *path);

#endif
