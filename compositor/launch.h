#ifndef BN_LAUNCH_H
#define BN_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <wayland-server-core.h>

#include "core/layout.h"
#include "loop.h"

struct bn_clients;

enum bn_process_state {
	BN_PROCESS_STOPPED, // never started, or ended and not to be restarted
	BN_PROCESS_RUNNING,
	BN_PROCESS_BACKOFF, // waits for its restart
};

/** One app of the layout as a process. Keyed by name: survives a reload. */
struct bn_process {
	char *name; // owned
	enum bn_process_state state;
	pid_t pid;            // while RUNNING
	struct wl_client *wl; // the client on its socket pair; NULL once that is gone
	int failures;         // in a row
	int last_status;      // as of waitpid
	int64_t started_ns, ended_ns;
	uint64_t starts;               // 0 again once its app has left the layout and come back
	bool orphaned;                 // its app left the layout
	struct bn_timer restart_timer; // RUNNING: its grace is over
	struct bn_launcher *launcher;
	struct wl_event_source *pidfd_source;
	int pidfd;
	struct wl_listener client_destroy;
	struct wl_list link; // bn_launcher.processes
};

/**
 * Starts the layout's apps, each on its own socket pair (WAYLAND_SOCKET), so that
 * identity comes by construction, and starts them again as the layout says:
 * 100 ms after the first failure, doubled up to 10 s, back to 100 ms after 30 s of
 * running.
 */
struct bn_launcher {
	struct bn_loop *loop;
	struct wl_display *display;
	struct bn_clients *clients;
	const struct bn_layout *layout; // borrowed, live
	const char *socket; // WAYLAND_DISPLAY for further connections; borrowed, may be NULL
	const char *control_socket; // BINNACLE_SOCKET; borrowed, may be NULL
	bool enabled;               // false: never starts anything
	struct rlimit descriptors;  // RLIMIT_NOFILE as we came with it: children start with that
	pid_t trusted_pid;          // a child of ours that is the owner's, not an app's; 0: none
	struct wl_list processes;   // bn_process.link

	struct {
		struct wl_signal changed; // struct bn_process: state changed
	} events;
};

void bn_launcher_init(struct bn_launcher *launcher, struct bn_loop *loop,
		struct wl_display *display, struct bn_clients *clients);
/** Ends every process that it started (SIGTERM, SIGKILL after 1 s) and waits for them. */
void bn_launcher_finish(struct bn_launcher *launcher);
/** A new layout: ends apps that left it; starts nothing. */
void bn_launcher_set_layout(struct bn_launcher *launcher, const struct bn_layout *layout);
/** Starts what the layout wants at boot and was never started. */
void bn_launcher_boot(struct bn_launcher *launcher);
/** Starts an app unless it runs; false with a sentence when it cannot be (no exec, exec failed). */
bool bn_launcher_start(struct bn_launcher *launcher, size_t app, char *error, size_t error_size);
struct bn_process *bn_launcher_find(struct bn_launcher *launcher, const char *app);
/**
 * Whether the process was left behind by an app: with PR_SET_CHILD_SUBREAPER, which the program sets, a process
 * whose parents are gone becomes our own child and cannot pass for the owner's.
 */
bool bn_launcher_is_stray(struct bn_launcher *launcher, pid_t pid);
/** The app whose process tree `pid` belongs to; NULL: none of ours. Reads /proc. */
const char *bn_launcher_app_of_pid(struct bn_launcher *launcher, pid_t pid);

#endif
