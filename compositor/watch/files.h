#ifndef BN_WATCH_FILES_H
#define BN_WATCH_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct wl_event_loop;
struct wl_event_source;

/**
 * Notices that one of a set of files was saved, by any editor's way: written and
 * closed, or replaced by a rename. Watches the folders, since a rename replaces the
 * file itself. Several saves within one dispatch are told once.
 */
struct bn_files {
	struct wl_event_loop *loop; // borrowed
	int inotify_fd;             // -1: not to be had; nothing is then noticed
	struct wl_event_source *source, *idle;
	char **names; // owned; base name of each file, with its folder's watch
	int *watches;
	size_t count;
	bool eager; // set by the owner: any .yaml of these folders counts, until the next set
	void (*changed)(void *data);
	void *data;
};

void bn_files_init(struct bn_files *files, struct wl_event_loop *loop, void (*changed)(void *data),
		void *data);
void bn_files_finish(struct bn_files *files);
/** Replaces the set; absolute paths. False, with an ERROR line, when a folder cannot be watched. */
bool bn_files_set(struct bn_files *files, const char *const *paths, size_t count);

#endif
