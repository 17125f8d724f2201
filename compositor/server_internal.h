#ifndef BN_SERVER_INTERNAL_H
#define BN_SERVER_INTERNAL_H

#include <stdbool.h>

#include "client.h"
#include "cockpit.h"
#include "core/fallback.h"
#include "gate.h"
#include "globals.h"
#include "guardlink.h"
#include "input/input.h"
#include "ipc/cockpit_v1.h"
#include "ipc/socket.h"
#include "launch.h"
#include "listen.h"
#include "loop.h"
#include "output.h"
#include "safety/beat.h"
#include "safety/check.h"
#include "safety/deadlines.h"
#include "safety/fresh.h"
#include "scene/content.h"
#include "scene/scene.h"
#include "server.h"
#include "shell/view.h"
#include "shell/xdg.h"
#include "watch/files.h"
#include "watch/inspector.h"
#include "watch/overlay.h"
#include "watch/record.h"
#include "watch/recorder.h"

// Shared among the server*.c files: the owner of everything.

struct bn_server {
	struct wl_display *display;
	struct bn_loop loop;
	struct bn_guardlink guard;
	struct bn_realtime realtime;
	struct wlr_session *session;
	struct wlr_backend *backend;
	enum bn_renderer_kind renderer_kind;
	struct wlr_renderer *renderer;
	struct wlr_allocator *allocator;
	struct wlr_output_layout *output_layout;
	struct bn_globals globals;
	struct bn_text *text;
	struct bn_clients clients;
	struct bn_gate gate;
	struct bn_launcher launcher;
	struct bn_shell shell;
	struct bn_xdg xdg;
	struct bn_contents contents;
	struct bn_scene scene;
	struct bn_cockpit cockpit;
	struct bn_outputs outputs;
	struct bn_fresh fresh;
	struct bn_deadlines deadlines;
	struct bn_checks checks;
	struct bn_input input;
	struct bn_listeners listeners;
	struct bn_ipc ipc;
	struct bn_cockpit_v1 cockpit_v1;
	struct bn_files files;
	struct bn_inspector inspector;
	struct bn_record record;
	struct bn_recorder recorder;
	struct bn_overlay overlay;
	struct bn_beat beat;
	char *socket, *owner_socket, *control_path; // owned
	struct wl_event_source *lost_idle;
	struct bn_fallback fallback;
	bool renderer_is_lost;
	bool has_failed; // ended by a fault, not because it was asked to
	// What was made, so that an unfinished server is taken down as far as it got.
	bool has_loop, has_clients, has_launcher, has_shell, has_xdg, has_contents, has_scene,
			has_cockpit, has_outputs, has_checks, has_input, has_ipc, has_cockpit_v1,
			has_files, has_listeners, has_events, has_record, has_recorder, has_overlay,
			has_fresh, has_deadlines, has_guard, has_beat;

	struct wl_listener output_changed, output_gone, cockpit_layout, cockpit_arranged;
	struct wl_listener activate, inspect_key, renderer_lost, switch_vt, backend_destroy;
};

// server_events.c: what one part tells another.
/** Follows the back end's own end. */
void bn_server_follow_backend(struct bn_server *server);
/** Connects the parts, once all are made. */
void bn_server_connect(struct bn_server *server);
void bn_server_disconnect(struct bn_server *server);
void bn_server_tell_display(struct bn_server *server, struct bn_output *output, bool present);

// server_renderer.c
bool bn_server_make_renderer(struct bn_server *server, enum bn_renderer_kind kind,
		char error[BN_SERVER_ERROR_MAX]);

// server_socket.c: the public socket, those that tell who connects, and control.
bool bn_server_open_sockets(struct bn_server *server, const struct bn_server_options *options,
		char error[BN_SERVER_ERROR_MAX]);

#endif
