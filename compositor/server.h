#ifndef BN_SERVER_H
#define BN_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "realtime.h"

struct bn_checks;
struct bn_cockpit;
struct bn_deadlines;
struct bn_fresh;
struct bn_input;
struct bn_loop;
struct bn_outputs;
struct bn_launcher;
struct bn_clients;
struct bn_shell;
struct bn_scene;
struct wl_client;
struct wl_display;

/**
 * The embedding API: a whole compositor as one object. Many may live in one process,
 * one after another or side by side; nothing is global but the environment of the
 * apps that are started.
 */
struct bn_server;

enum bn_backend_kind {
	BN_BACKEND_AUTO, // a desktop's window, else KMS
	BN_BACKEND_DRM,
	BN_BACKEND_WAYLAND,
	BN_BACKEND_X11,
	BN_BACKEND_HEADLESS,
};

enum bn_renderer_kind {
	BN_RENDERER_AUTO, // GLES on a GPU, else pixman
	BN_RENDERER_GLES,
	BN_RENDERER_PIXMAN,
	BN_RENDERER_SOFTWARE, // GLES on the CPU: what a lost GPU gives way to
};

struct bn_server_options {
	const char *layout;  // path; required
	const char *profile; // NULL: none
	enum bn_backend_kind backend;
	enum bn_renderer_kind renderer;
	enum bn_realtime_kind realtime;
	const char *socket; // name of the Wayland socket; NULL: the first free wayland-N
	int listen_fd; // -1: none; a listening socket from outside, taken over, instead of `socket`
	int guard_fd;  // the line to binnacle-guard, taken over; 0: no guard
	bool no_socket;       // tests: clients come by bn_server_add_client only
	bool no_launch;       // apps of the layout are not started
	bool virtual_time;    // headless only: time stands still but for bn_server_advance
	double window_scale;  // nested: window px per mode px; 0: 1
	const char *recorder; // folder for the flight recorder; NULL: nothing is saved
	bool recorder_any;    // a miss of any display is saved, not only a safety display's
	int refresh_mhz;      // headless and nested: instead of each mode's refresh; 0: the mode's
};

/** Exit status of a run that did all it was asked to, but missed a deadline (--strict). */
#define BN_SERVER_MISSED 5

#define BN_SERVER_ERROR_MAX 512

/** NULL, with one clear sentence in `error`, when anything that it needs is missing. */
struct bn_server *bn_server_create(const struct bn_server_options *options,
		char error[BN_SERVER_ERROR_MAX]);
/** Ends the apps, disconnects all clients, and leaves nothing behind. NULL is fine. */
void bn_server_destroy(struct bn_server *server);

/** Starts the apps that the layout wants at boot; in a real-time process locks its memory. */
void bn_server_boot(struct bn_server *server);
/** Until bn_server_quit. */
void bn_server_run(struct bn_server *server);
void bn_server_quit(struct bn_server *server);
/** Whether it ended by a fault: its desktop went away, or nothing can draw any more. */
bool bn_server_has_failed(const struct bn_server *server);
/** Waits at most timeout_ms for one round of events. */
void bn_server_dispatch(struct bn_server *server, int timeout_ms);
/** Virtual time: moves the clock, with every frame and timer at its time. */
void bn_server_advance(struct bn_server *server, int64_t duration_ns);

/** A client on one end of a socket pair, known as `app` (NULL: unknown, as from the public socket). */
struct wl_client *bn_server_add_client(struct bn_server *server, int fd, const char *app);
/** Draws with another renderer from now on; false: it cannot be had, nothing changed. */
bool bn_server_set_renderer(struct bn_server *server, enum bn_renderer_kind kind);
/** "gles" or "pixman". */
const char *bn_server_renderer_name(const struct bn_server *server);

/** The public socket's name, the control socket's path, and the owner's own Wayland socket; NULL: none. */
const char *bn_server_socket(const struct bn_server *server);
const char *bn_server_control_path(const struct bn_server *server);
const char *bn_server_owner_socket(const struct bn_server *server);

struct wl_display *bn_server_display(struct bn_server *server);
struct bn_loop *bn_server_loop(struct bn_server *server);
struct bn_cockpit *bn_server_cockpit(struct bn_server *server);
struct bn_outputs *bn_server_outputs(struct bn_server *server);
struct bn_checks *bn_server_checks(struct bn_server *server);
struct bn_input *bn_server_input(struct bn_server *server);
struct bn_launcher *bn_server_launcher(struct bn_server *server);
struct bn_clients *bn_server_clients(struct bn_server *server);
struct bn_shell *bn_server_shell(struct bn_server *server);
struct bn_scene *bn_server_scene(struct bn_server *server);
struct bn_text *bn_server_text(struct bn_server *server);
struct bn_fresh *bn_server_fresh(struct bn_server *server);
struct bn_deadlines *bn_server_deadlines(struct bn_server *server);

#endif
