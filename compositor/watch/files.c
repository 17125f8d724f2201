#include "watch/files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <wayland-server-core.h>
#include <wlr/util/log.h>

#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO)

static void handle_idle(void *data) {
	struct bn_files *files = data;
	files->idle = NULL;
	files->changed(files->data);
}

static bool is_layout(const char *name) {
	const char *dot = strrchr(name, '.');
	return dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static bool is_ours(const struct bn_files *files, const struct inotify_event *event) {
	if (files->eager && event->len > 0 && is_layout(event->name)) {
		return true;
	}
	for (size_t i = 0; i < files->count; i++) {
		if (event->len > 0 && files->watches[i] == event->wd
				&& strcmp(files->names[i], event->name) == 0) {
			return true;
		}
	}
	// A queue that ran over may have held one of ours.
	return (event->mask & IN_Q_OVERFLOW) != 0;
}

static int handle_inotify(int fd, uint32_t mask, void *data) {
	struct bn_files *files = data;
	_Alignas(struct inotify_event) char buffer[4096];
	ssize_t length;
	while ((length = read(fd, buffer, sizeof(buffer))) > 0) {
		for (char *at = buffer; at < buffer + length;) {
			const struct inotify_event *event =
					(const struct inotify_event *)(void *)at;
			if (is_ours(files, event) && files->idle == NULL) {
				files->idle = wl_event_loop_add_idle(files->loop, handle_idle,
						files);
			}
			at += sizeof(*event) + event->len;
		}
	}
	return 0;
}

static bool is_watched(const int *watches, size_t count, int watch) {
	for (size_t i = 0; i < count; i++) {
		if (watches[i] == watch) {
			return true;
		}
	}
	return false;
}

/** Folders that the new set has too stay watched: a save meanwhile is in the queue under their number. */
static void forget(struct bn_files *files, char **names, int *watches, size_t count) {
	for (size_t i = 0; i < count; i++) {
		free(names[i]);
		if (!is_watched(files->watches, files->count, watches[i])
				&& !is_watched(watches, i, watches[i])) {
			inotify_rm_watch(files->inotify_fd, watches[i]);
		}
	}
	free(names);
	free(watches);
}

void bn_files_init(struct bn_files *files, struct wl_event_loop *loop, void (*changed)(void *data),
		void *data) {
	*files = (struct bn_files){
		.loop = loop,
		.inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
		.changed = changed,
		.data = data,
	};
	if (files->inotify_fd < 0) {
		wlr_log(WLR_ERROR, "layout: saves cannot be noticed (%s); use: binnaclectl reload",
				strerror(errno));
		return;
	}
	files->source = wl_event_loop_add_fd(loop, files->inotify_fd, WL_EVENT_READABLE,
			handle_inotify, files);
}

void bn_files_finish(struct bn_files *files) {
	char **names = files->names;
	int *watches = files->watches;
	size_t count = files->count;
	files->names = NULL;
	files->watches = NULL;
	files->count = 0;
	forget(files, names, watches, count);
	if (files->idle != NULL) {
		wl_event_source_remove(files->idle);
	}
	if (files->source != NULL) {
		wl_event_source_remove(files->source);
	}
	if (files->inotify_fd > 0) {
		close(files->inotify_fd);
	}
	files->source = files->idle = NULL;
	files->inotify_fd = -1;
}

static bool watch_one(struct bn_files *files, const char *path) {
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	size_t length = slash != NULL ? (size_t)(slash - path) : 0;
	if (length >= sizeof(folder)) {
		return false;
	}
	memcpy(folder, path, length);
	folder[length] = '\0';
	const char *name = slash != NULL ? slash + 1 : path;
	const char *where = slash == NULL ? "." : length == 0 ? "/" : folder;
	int watch = inotify_add_watch(files->inotify_fd, where, EVENTS);
	char *copy = strdup(name);
	if (watch < 0 || copy == NULL) {
		wlr_log(WLR_ERROR, "layout: saves in %s cannot be noticed (%s)", where,
				strerror(errno));
		free(copy);
		return false;
	}
	files->names[files->count] = copy;
	files->watches[files->count++] = watch;
	return true;
}

bool bn_files_set(struct bn_files *files, const char *const *paths, size_t count) {
	char **names = calloc(count + 1, sizeof(names[0]));
	int *watches = calloc(count + 1, sizeof(watches[0]));
	if (files->inotify_fd < 0 || names == NULL || watches == NULL) {
		free(names);
		free(watches);
		return false;
	}
	char **old_names = files->names;
	int *old_watches = files->watches;
	size_t old_count = files->count;
	files->names = names;
	files->watches = watches;
	files->count = 0;
	files->eager = false;
	bool all = true;
	for (size_t i = 0; i < count; i++) {
		all &= watch_one(files, paths[i]);
	}
	forget(files, old_names, old_watches, old_count);
	return all;
}
