#ifndef BN_IPC_CONTEXT_H
#define BN_IPC_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

struct bn_checks;
struct bn_clients;
struct bn_cockpit;
struct bn_deadlines;
struct bn_fresh;
struct bn_guardlink;
struct bn_launcher;
struct bn_loop;
struct bn_outputs;
struct bn_record;
struct bn_scene;
struct bn_shell;

enum bn_ipc_touch {
	BN_IPC_TOUCH_DOWN,
	BN_IPC_TOUCH_MOTION,
	BN_IPC_TOUCH_UP,
};

/**
 * What control and the cockpit protocol may look at and command. All pointers are
 * borrowed and must outlive what was initialised with them; cockpit->layout is
 * followed through a reload.
 */
struct bn_ipc_context {
	struct bn_loop *loop;
	struct bn_cockpit *cockpit;
	struct bn_outputs *outputs;
	struct bn_launcher *launcher;
	struct bn_clients *clients;
	struct bn_shell *shell;
	struct bn_scene *scene;
	struct bn_record *record;
	const struct bn_fresh *fresh;
	const struct bn_deadlines *deadlines;
	struct bn_checks *checks;
	struct bn_guardlink *guard;

	void *data; // for the two below
	/** Ends the compositor when the current dispatch is over. NULL: `quit` is refused. */
	void (*quit)(void *data);
	/**
	 * A finger on a display, in display-logical px; `id` tells fingers apart. False
	 * when the display is not there. NULL: `touch` is refused.
	 */
	bool (*touch)(void *data, size_t display, double ox, double oy, enum bn_ipc_touch phase,
			int id);
};

#endif
