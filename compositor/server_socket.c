#include "server_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wlr/util/log.h>

static void handle_quit(void *data) {
	bn_server_quit(data);
}

static bool handle_touch(void *data, size_t display, double ox, double oy, enum bn_ipc_touch phase,
		int id) {
	struct bn_server *server = data;
	static const enum bn_touch_action actions[] = {
		[BN_IPC_TOUCH_DOWN] = BN_TOUCH_DOWN,
		[BN_IPC_TOUCH_MOTION] = BN_TOUCH_MOVE,
		[BN_IPC_TOUCH_UP] = BN_TOUCH_UP,
	};
	return bn_input_touch(&server->input, display, ox, oy, actions[phase], id);
}

static bool runtime_path(char **ret_path, const char *name, const char *suffix) {
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	*ret_path = NULL;
	int length = name[0] == '/' ? asprintf(ret_path, "%s%s", name, suffix)
				    : asprintf(ret_path, "%s/%s%s", runtime, name, suffix);
	if (length < 0) {
		*ret_path = NULL;
	}
	return *ret_path != NULL;
}

/** Why there is no socket: errno does not tell any more, since libwayland has logged meanwhile. */
static void explain_socket(const char *name, char error[BN_SERVER_ERROR_MAX]) {
	char *path;
	const char *why = "the name cannot be used";
	int lock = runtime_path(&path, name, ".lock") ? open(path, O_RDWR | O_CLOEXEC) : -1;
	if (lock < 0) {
		why = path != NULL ? strerror(errno) : "out of memory";
	} else if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
		why = "another compositor has it; use --socket with another name";
	}
	if (lock >= 0) {
		close(lock);
	}
	free(path);
	snprintf(error, BN_SERVER_ERROR_MAX, "socket '%s' cannot be opened in %s: %s", name,
			getenv("XDG_RUNTIME_DIR"), why);
}

/** Under a guard the socket is open already, and whoever has connected waits in it. */
static bool take_public_socket(struct bn_server *server, const struct bn_server_options *options,
		char error[BN_SERVER_ERROR_MAX]) {
	const char *path = server->guard.public_path, *slash = strrchr(path, '/');
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	bool usual = slash != NULL && strncmp(path, runtime, (size_t)(slash - path)) == 0
			&& runtime[slash - path] == '\0';
	if (options->socket != NULL) {
		snprintf(error, BN_SERVER_ERROR_MAX,
				"the socket is the guard's: --socket is to be said to "
				"binnacle-guard");
		return false;
	}
	server->socket = strdup(usual ? slash + 1 : path);
	return server->socket != NULL;
}

static bool open_public_socket(struct bn_server *server, const struct bn_server_options *options,
		char error[BN_SERVER_ERROR_MAX]) {
	if (server->guard.public_path[0] != '\0') {
		return take_public_socket(server, options, error);
	}
	if (options->listen_fd >= 0) {
		if (wl_display_add_socket_fd(server->display, options->listen_fd) != 0) {
			snprintf(error, BN_SERVER_ERROR_MAX,
					"descriptor %d is not a listening socket",
					options->listen_fd);
			return false;
		}
		server->socket = strdup(options->socket != NULL ? options->socket : "wayland-0");
		return server->socket != NULL;
	}
	const char *name = options->socket;
	if (name != NULL && wl_display_add_socket(server->display, name) != 0) {
		explain_socket(name, error);
		return false;
	}
	if (name == NULL && (name = wl_display_add_socket_auto(server->display)) == NULL) {
		snprintf(error, BN_SERVER_ERROR_MAX, "no free socket name in %s",
				getenv("XDG_RUNTIME_DIR"));
		return false;
	}
	server->socket = strdup(name);
	return server->socket != NULL;
}

bool bn_server_open_sockets(struct bn_server *server, const struct bn_server_options *options,
		char error[BN_SERVER_ERROR_MAX]) {
	struct bn_ipc_context context = {
		.loop = &server->loop,
		.cockpit = &server->cockpit,
		.outputs = &server->outputs,
		.launcher = &server->launcher,
		.clients = &server->clients,
		.shell = &server->shell,
		.scene = &server->scene,
		.record = &server->record,
		.fresh = &server->fresh,
		.deadlines = &server->deadlines,
		.checks = &server->checks,
		.guard = &server->guard,
		.data = server,
		.quit = handle_quit,
		.touch = handle_touch,
	};
	server->has_cockpit_v1 = bn_cockpit_v1_init(&server->cockpit_v1, &context);
	if (!server->has_cockpit_v1) {
		snprintf(error, BN_SERVER_ERROR_MAX, "out of memory");
		return false;
	}
	if (options->no_socket) {
		return true;
	}
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct stat folder;
	bool is_set = runtime != NULL && runtime[0] != '\0';
	if (!is_set || stat(runtime, &folder) != 0 || !S_ISDIR(folder.st_mode)
			|| access(runtime, W_OK | X_OK) != 0) {
		snprintf(error, BN_SERVER_ERROR_MAX,
				"XDG_RUNTIME_DIR (%s) is not a folder that can be written; "
				"log in properly, or set it to a folder of yours with mode 0700",
				is_set ? runtime : "not set");
		return false;
	}
	if (!open_public_socket(server, options, error)) {
		return false;
	}
	char *public_path;
	if (!runtime_path(&public_path, server->socket, "")
			|| !runtime_path(&server->owner_socket, server->socket, ".owner")
			|| !runtime_path(&server->control_path, server->socket, ".ctl")) {
		free(public_path);
		snprintf(error, BN_SERVER_ERROR_MAX, "out of memory");
		return false;
	}
	server->has_listeners = bn_listeners_init(&server->listeners, server->display,
			&server->clients, &server->guard, public_path);
	free(public_path);
	bn_listeners_set_layout(&server->listeners, server->cockpit.layout);
	server->has_ipc = bn_ipc_init(&server->ipc, &context, server->control_path);
	if (!server->has_ipc) {
		snprintf(error, BN_SERVER_ERROR_MAX, "the control socket %s cannot be opened",
				server->control_path);
		return false;
	}
	server->launcher.socket = server->socket;
	server->launcher.control_socket = server->control_path;
	return true;
}
