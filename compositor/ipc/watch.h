#ifndef BN_IPC_WATCH_H
#define BN_IPC_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <wayland-server-core.h>

struct bn_ipc;

enum bn_ipc_watch_kind {
	BN_IPC_WATCH_ZONE,
	BN_IPC_WATCH_APP,
	BN_IPC_WATCH_SIGNAL,
	BN_IPC_WATCH_DISPLAY,
	BN_IPC_WATCH_STATE,
	BN_IPC_WATCH_THEME,
	BN_IPC_WATCH_KIND_COUNT,
};

/** All things of one kind as they were told last. */
struct bn_ipc_watch_list {
	char **lines; // owned, each too; NULL entry: to be told
	size_t count;
	bool dirty; // some of them may be others now
};

/**
 * What `watch` sends: everything at first and after a reload, then the things that
 * changed, at most once in a dispatch round. A thing is told anew when its line would
 * be another than the last. Costs nothing while nobody watches.
 */
struct bn_ipc_watch {
	struct bn_ipc *ipc;
	struct wl_event_source *idle; // NULL: nothing to tell
	struct bn_ipc_watch_list lists[BN_IPC_WATCH_KIND_COUNT];
	bool *signals_dirty; // owned; one per signal of the layout
	bool valid;          // lists are of the live layout and what watchers know
	bool reload_failed;  // since last told

	struct wl_listener arranged, signal, layout, reload_failed_listener;
	struct wl_listener output_changed, output_gone, process_changed;
};

void bn_ipc_watch_init(struct bn_ipc_watch *watch, struct bn_ipc *ipc);
/** Harmless before init. */
void bn_ipc_watch_finish(struct bn_ipc_watch *watch);

#endif
