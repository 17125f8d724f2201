#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wlr/backend.h>
#include <wlr/backend/session.h>
#include <wlr/render/allocator.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/util/log.h>

#include "backend.h"
#include "client.h"
#include "cockpit.h"
#include "core/layout_load.h"
#include "core/policy.h"
#include "globals.h"
#include "input/input.h"
#include "ipc/cockpit_v1.h"
#include "ipc/socket.h"
#include "launch.h"
#include "listen.h"
#include "loop.h"
#include "output.h"
#include "scene/content.h"
#include "scene/scene.h"
#include "scene/text.h"
#include "shell/view.h"
#include "shell/xdg.h"
#include "watch/files.h"
#include "watch/inspector.h"

struct bn_server {
	struct wl_display *display;
	struct bn_loop loop;
	struct wlr_session *session;
	struct wlr_backend *backend;
	enum bn_renderer_kind renderer_kind;
	struct wlr_renderer *renderer;
	struct wlr_allocator *allocator;
	struct wlr_output_layout *output_layout;
	struct bn_globals globals;
	struct bn_text *text;
	struct bn_clients clients;
	struct bn_launcher launcher;
	struct bn_shell shell;
	struct bn_xdg xdg;
	struct bn_contents contents;
	struct bn_scene scene;
	struct bn_cockpit cockpit;
	struct bn_outputs outputs;
	struct bn_input input;
	struct bn_listeners listeners;
	struct bn_ipc ipc;
	struct bn_cockpit_v1 cockpit_v1;
	struct bn_files files;
	struct bn_inspector inspector;
	char *socket, *owner_socket, *control_path; // owned
	struct wl_event_source *lost_idle;
	bool renderer_is_lost;
	// What was made, so that an unfinished server is taken down as far as it got.
	bool has_loop, has_clients, has_launcher, has_shell, has_xdg, has_contents, has_scene,
			has_cockpit, has_outputs, has_input, has_ipc, has_cockpit_v1, has_files,
			has_listeners, has_events;

	struct wl_listener output_changed, output_gone, cockpit_layout, cockpit_arranged;
	struct wl_listener activate, inspect_key, renderer_lost, switch_vt, backend_destroy;
};

// Events between parts

static void tell_display(struct bn_server *server, struct bn_output *output, bool present) {
	if (output->display == BN_NONE) {
		return;
	}
	const struct bn_input_display display = {
		.output = output->wlr,
		.display = output->display,
		.width = output->width,
		.height = output->height,
		.scale = output->scale,
	};
	bn_input_set_display(&server->input, &display, present && output->enabled);
	bn_cockpit_set_display(&server->cockpit, output->display, present && output->enabled,
			output->width, output->height);
}

static void handle_output_changed(struct wl_listener *listener, void *data) {
	struct bn_server *server = wl_container_of(listener, server, output_changed);
	tell_display(server, data, true);
}

static void handle_output_gone(struct wl_listener *listener, void *data) {
	struct bn_server *server = wl_container_of(listener, server, output_gone);
	struct bn_output *output = data;
	tell_display(server, output, false);
}

static void watch_layout(struct bn_server *server) {
	const struct bn_layout *layout = server->cockpit.layout;
	bn_files_set(&server->files, layout->files, layout->file_count);
}

static void handle_layout(struct wl_listener *listener, void *data) {
	struct bn_server *server = wl_container_of(listener, server, cockpit_layout);
	bn_input_set_layout(&server->input, server->cockpit.layout);
	bn_outputs_set_layout(&server->outputs, server->cockpit.layout);
	bn_listeners_set_layout(&server->listeners, server->cockpit.layout);
	watch_layout(server);
	bn_launcher_boot(&server->launcher);
}

static void handle_arranged(struct wl_listener *listener, void *data) {
	struct bn_server *server = wl_container_of(listener, server, cockpit_arranged);
	bn_input_refocus(&server->input);
	if (server->outputs.inspector) {
		bn_scene_damage_all(&server->scene);
	}
}

static void handle_activate(struct wl_listener *listener, void *data) {
	struct bn_server *server = wl_container_of(listener, server, activate);
	bn_cockpit_activate(&server->cockpit, data);
}

static void handle_inspect_key(struct wl_listener *listener, void *data) {
	struct bn_server *server = wl_container_of(listener, server, inspect_key);
	bn_outputs_set_inspector(&server->outputs, !server->outputs.inspector);
}

static void handle_switch_vt(struct wl_listener *listener, void *data) {
	struct bn_server *server = wl_container_of(listener, server, switch_vt);
	const unsigned *vt = data;
	if (server->session != NULL) {
		wlr_session_change_vt(server->session, *vt);
	}
}

/** A desktop that goes away takes its windows with it; on KMS a seat daemon that died does. */
static void handle_backend_destroy(struct wl_listener *listener, void *data) {
	struct bn_server *server = wl_container_of(listener, server, backend_destroy);
	bn_unlisten(&server->backend_destroy);
	if (server->has_outputs) {
		bn_outputs_forget_backend(&server->outputs);
	}
	server->backend = NULL;
	wlr_log(WLR_ERROR, "server: the display server is gone, ending");
	bn_server_quit(server);
}

static void handle_files(void *data) {
	struct bn_server *server = data;
	if (!bn_cockpit_reload(&server->cockpit)) {
		// An include that was missing may come: what is watched stays the old set.
		wlr_log(WLR_DEBUG, "layout: waiting for the next save");
	}
}

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

/** Who sees which global: seats by occupant, everything else by the policy's table. */
static bool filter_global(const struct wl_client *wl, const struct wl_global *global, void *data) {
	struct bn_server *server = data;
	struct bn_client *client = bn_client_from_wl(&server->clients, wl);
	if (client == NULL) {
		return false;
	}
	const struct wl_interface *interface = wl_global_get_interface(global);
	if (!bn_policy_global(server->cockpit.layout, &client->identity, interface->name).allowed) {
		return false;
	}
	return bn_input_global_visible(&server->input, client, global);
}

// Renderer

static void handle_lost_idle(void *data) {
	struct bn_server *server = data;
	server->lost_idle = NULL;
	server->renderer_is_lost = true;
	wlr_log(WLR_ERROR, "renderer: the GPU was lost");
	if (!bn_server_set_renderer(server, BN_RENDERER_GLES)
			&& !bn_server_set_renderer(server, BN_RENDERER_PIXMAN)) {
		wlr_log(WLR_ERROR, "renderer: nothing can draw any more, ending");
		bn_server_quit(server);
	}
}

static void handle_renderer_lost(struct wl_listener *listener, void *data) {
	struct bn_server *server = wl_container_of(listener, server, renderer_lost);
	// Not inside the signal: the renderer is still on the stack.
	if (server->lost_idle == NULL) {
		server->lost_idle =
				wl_event_loop_add_idle(wl_display_get_event_loop(server->display),
						handle_lost_idle, server);
	}
}

static bool make_renderer(struct bn_server *server, enum bn_renderer_kind kind,
		char error[BN_SERVER_ERROR_MAX]) {
	server->renderer = bn_backend_create_renderer(server->backend, kind, &server->renderer_kind,
			error);
	if (server->renderer == NULL) {
		return false;
	}
	server->allocator = wlr_allocator_autocreate(server->backend, server->renderer);
	if (server->allocator == NULL) {
		snprintf(error, BN_SERVER_ERROR_MAX,
				"no allocator suits the %s renderer on this back end",
				bn_server_renderer_name(server));
		wlr_renderer_destroy(server->renderer);
		server->renderer = NULL;
		return false;
	}
	bn_listen(&server->renderer->events.lost, &server->renderer_lost, handle_renderer_lost);
	return true;
}

bool bn_server_set_renderer(struct bn_server *server, enum bn_renderer_kind kind) {
	struct wlr_renderer *old = server->renderer;
	struct wlr_allocator *old_allocator = server->allocator;
	enum bn_renderer_kind old_kind = server->renderer_kind;
	bool alive = !server->renderer_is_lost;
	char error[BN_SERVER_ERROR_MAX];
	bn_unlisten(&server->renderer_lost);
	if (!make_renderer(server, kind, error)) {
		wlr_log(WLR_ERROR, "renderer: %s", error);
		server->renderer = old;
		server->allocator = old_allocator;
		server->renderer_kind = old_kind;
		bn_listen(&old->events.lost, &server->renderer_lost, handle_renderer_lost);
		return false;
	}
	server->renderer_is_lost = false;
	bn_contents_set_renderer(&server->contents, server->renderer, alive);
	bn_outputs_drop_textures(&server->outputs);
	bn_outputs_set_renderer(&server->outputs, server->renderer, server->allocator);
	struct bn_output *output;
	wl_list_for_each(output, &server->outputs.list, link) {
		tell_display(server, output, true);
	}
	wlr_allocator_destroy(old_allocator);
	wlr_renderer_destroy(old);
	wlr_log(WLR_INFO, "renderer: %s from now on", bn_server_renderer_name(server));
	return true;
}

const char *bn_server_renderer_name(const struct bn_server *server) {
	return server->renderer_kind == BN_RENDERER_GLES ? "gles" : "pixman";
}

// Making one

static bool load_layout(const struct bn_server_options *options, struct bn_layout **ret_layout,
		char error[BN_SERVER_ERROR_MAX]) {
	struct bn_diag_list faults;
	bn_diag_list_init(&faults);
	const struct bn_layout_options layout_options = { .profile = options->profile };
	*ret_layout = bn_layout_load(options->layout, &layout_options, &faults);
	const struct bn_diag *first = NULL;
	for (size_t i = 0; i < faults.count; i++) {
		char *line = bn_diag_format(&faults.items[i]);
		bool is_error = faults.items[i].severity == BN_SEVERITY_ERROR;
		wlr_log(is_error ? WLR_ERROR : WLR_INFO, "layout: %s",
				line != NULL ? line : "out of memory");
		free(line);
		first = first == NULL && is_error ? &faults.items[i] : first;
	}
	if (*ret_layout == NULL) {
		char *line = first != NULL ? bn_diag_format(first) : NULL;
		snprintf(error, BN_SERVER_ERROR_MAX, "the layout is refused: %s",
				line != NULL ? line : "out of memory");
		free(line);
	}
	bn_diag_list_finish(&faults);
	return *ret_layout != NULL;
}

static pid_t app_of_pid(void *data, pid_t pid, const char **ret_app) {
	struct bn_server *server = data;
	*ret_app = bn_launcher_app_of_pid(&server->launcher, pid);
	return *ret_app != NULL ? pid : 0;
}

static bool make_base(struct bn_server *server, const struct bn_server_options *options,
		char error[BN_SERVER_ERROR_MAX]) {
	server->display = wl_display_create();
	if (server->display == NULL) {
		snprintf(error, BN_SERVER_ERROR_MAX, "out of memory");
		return false;
	}
	// A client that does not read its events is ended by libwayland at this many bytes.
	wl_display_set_default_max_buffer_size(server->display, 1 << 20);
	server->has_loop = bn_loop_init(&server->loop, server->display, options->virtual_time);
	if (!server->has_loop) {
		snprintf(error, BN_SERVER_ERROR_MAX, "the kernel gives no more file descriptors");
		return false;
	}
	bn_clients_init(&server->clients, server->display);
	server->has_clients = true;
	bn_launcher_init(&server->launcher, &server->loop, server->display, &server->clients);
	server->launcher.enabled = !options->no_launch;
	server->has_launcher = true;
	server->clients.app_of_pid = app_of_pid;
	server->clients.app_of_pid_data = server;
	server->backend = bn_backend_create(wl_display_get_event_loop(server->display),
			options->backend, &server->session, error);
	if (server->backend == NULL) {
		return false;
	}
	bn_listen(&server->backend->events.destroy, &server->backend_destroy, handle_backend_destroy);
	return make_renderer(server, options->renderer, error);
}

static bool make_scene(struct bn_server *server, struct bn_layout *layout) {
	server->text = bn_text_create();
	server->output_layout = wlr_output_layout_create(server->display);
	server->globals = (struct bn_globals){
		.display = server->display,
		.backend = server->backend,
		.renderer = server->renderer,
		.output_layout = server->output_layout,
	};
	if (server->output_layout == NULL || !bn_globals_create(&server->globals)) {
		return false;
	}
	server->clients.security_context = server->globals.security_context;
	bn_shell_init(&server->shell, server->display, &server->clients);
	server->has_shell = true;
	bn_contents_init(&server->contents, &server->loop, &server->clients,
			server->globals.compositor);
	bn_contents_set_renderer(&server->contents, server->renderer, false);
	server->has_contents = true;
	bn_scene_init(&server->scene, &server->shell, &server->contents);
	server->has_scene = true;
	server->has_xdg = bn_xdg_init(&server->xdg, &server->shell);
	server->has_cockpit = server->has_xdg
			&& bn_cockpit_init(&server->cockpit, &server->loop, &server->clients,
					&server->shell, &server->scene, &server->launcher, layout);
	return server->has_cockpit;
}

static bool make_ends(struct bn_server *server, const struct bn_server_options *options) {
	bn_outputs_init(&server->outputs, &server->loop, server->display, server->backend,
			&server->scene);
	server->outputs.renderer = server->renderer;
	server->outputs.allocator = server->allocator;
	server->outputs.wlr_layout = server->output_layout;
	server->outputs.text = server->text;
	server->outputs.layout = server->cockpit.layout;
	server->outputs.window_scale = options->window_scale > 0 ? options->window_scale : 1;
	server->outputs.refresh_mhz = options->refresh_mhz;
	server->has_outputs = true;
	bn_inspector_init(&server->inspector, &server->cockpit);
	server->outputs.inspector_source = bn_inspector_source(&server->inspector);
	server->has_input = bn_input_init(&server->input, &server->loop, server->display,
			server->backend, &server->scene, &server->shell, &server->clients);
	if (!server->has_input || !bn_input_set_layout(&server->input, server->cockpit.layout)) {
		return false;
	}
	bn_listen(&server->outputs.events.changed, &server->output_changed, handle_output_changed);
	bn_listen(&server->outputs.events.gone, &server->output_gone, handle_output_gone);
	bn_listen(&server->cockpit.events.layout, &server->cockpit_layout, handle_layout);
	bn_listen(&server->cockpit.events.arranged, &server->cockpit_arranged, handle_arranged);
	bn_listen(&server->input.events.activate, &server->activate, handle_activate);
	bn_listen(&server->input.events.inspect_key, &server->inspect_key, handle_inspect_key);
	bn_listen(&server->input.events.switch_vt, &server->switch_vt, handle_switch_vt);
	server->has_events = true;
	bn_files_init(&server->files, wl_display_get_event_loop(server->display), handle_files,
			server);
	server->has_files = true;
	watch_layout(server);
	wl_display_set_global_filter(server->display, filter_global, server);
	return true;
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

static bool open_public_socket(struct bn_server *server, const struct bn_server_options *options,
		char error[BN_SERVER_ERROR_MAX]) {
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

static bool open_sockets(struct bn_server *server, const struct bn_server_options *options,
		char error[BN_SERVER_ERROR_MAX]) {
	struct bn_ipc_context context = {
		.loop = &server->loop,
		.cockpit = &server->cockpit,
		.outputs = &server->outputs,
		.launcher = &server->launcher,
		.clients = &server->clients,
		.shell = &server->shell,
		.scene = &server->scene,
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
	if (runtime == NULL || stat(runtime, &folder) != 0 || !S_ISDIR(folder.st_mode)
			|| access(runtime, W_OK | X_OK) != 0) {
		snprintf(error, BN_SERVER_ERROR_MAX,
				"XDG_RUNTIME_DIR (%s) is not a folder that can be written; "
				"log in properly, or set it to a folder of yours with mode 0700",
				runtime != NULL ? runtime : "not set");
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
			&server->clients, public_path);
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

static bool start(struct bn_server *server, const struct bn_server_options *options,
		char error[BN_SERVER_ERROR_MAX]) {
	struct bn_layout *layout;
	if (!load_layout(options, &layout, error)) {
		return false;
	}
	if (!make_base(server, options, error)) {
		bn_layout_destroy(layout);
		return false;
	}
	if (!make_scene(server, layout)) {
		if (!server->has_cockpit) {
			bn_layout_destroy(layout);
		}
		snprintf(error, BN_SERVER_ERROR_MAX, "out of memory");
		return false;
	}
	if (!make_ends(server, options)) {
		snprintf(error, BN_SERVER_ERROR_MAX, "out of memory");
		return false;
	}
	if (!open_sockets(server, options, error)) {
		return false;
	}
	if (!wlr_backend_start(server->backend)) {
		snprintf(error, BN_SERVER_ERROR_MAX,
				"the back end cannot be started; the log says why");
		return false;
	}
	bn_outputs_set_layout(&server->outputs, server->cockpit.layout);
	return true;
}

struct bn_server *bn_server_create(const struct bn_server_options *options,
		char error[BN_SERVER_ERROR_MAX]) {
	struct bn_server *server = calloc(1, sizeof(*server));
	if (server == NULL) {
		snprintf(error, BN_SERVER_ERROR_MAX, "out of memory");
		return NULL;
	}
	if (!start(server, options, error)) {
		bn_server_destroy(server);
		return NULL;
	}
	return server;
}

// Taking it down

static void disconnect_events(struct bn_server *server) {
	bn_unlisten(&server->output_changed);
	bn_unlisten(&server->output_gone);
	bn_unlisten(&server->cockpit_layout);
	bn_unlisten(&server->cockpit_arranged);
	bn_unlisten(&server->activate);
	bn_unlisten(&server->inspect_key);
	bn_unlisten(&server->switch_vt);
}

static void finish_clients(struct bn_server *server) {
	if (server->has_ipc) {
		bn_ipc_finish(&server->ipc);
	}
	if (server->has_listeners) {
		bn_listeners_finish(&server->listeners);
	}
	if (server->has_files) {
		bn_files_finish(&server->files);
	}
	if (server->has_launcher) {
		bn_launcher_finish(&server->launcher);
	}
	wl_display_destroy_clients(server->display);
	if (server->has_cockpit_v1) {
		bn_cockpit_v1_finish(&server->cockpit_v1);
	}
}

static void finish_scene(struct bn_server *server) {
	if (server->has_events) {
		disconnect_events(server);
	}
	if (server->has_input) {
		bn_input_finish(&server->input);
	}
	bn_inspector_finish(&server->inspector);
	if (server->has_outputs) {
		bn_outputs_finish(&server->outputs);
	}
	if (server->has_cockpit) {
		bn_cockpit_finish(&server->cockpit);
	}
	if (server->has_xdg) {
		bn_xdg_finish(&server->xdg);
	}
	if (server->has_scene) {
		bn_scene_finish(&server->scene);
	}
	if (server->has_contents) {
		bn_contents_finish(&server->contents);
	}
	if (server->has_shell) {
		bn_shell_finish(&server->shell);
	}
}

static void finish_base(struct bn_server *server) {
	if (server->lost_idle != NULL) {
		wl_event_source_remove(server->lost_idle);
	}
	bn_unlisten(&server->backend_destroy);
	if (server->backend != NULL) {
		wlr_backend_destroy(server->backend);
	}
	bn_unlisten(&server->renderer_lost);
	if (server->allocator != NULL) {
		wlr_allocator_destroy(server->allocator);
	}
	if (server->renderer != NULL) {
		wlr_renderer_destroy(server->renderer);
	}
	if (server->session != NULL) {
		wlr_session_destroy(server->session);
	}
	if (server->has_clients) {
		bn_clients_finish(&server->clients);
	}
	if (server->has_loop) {
		bn_loop_finish(&server->loop);
	}
}

void bn_server_destroy(struct bn_server *server) {
	if (server == NULL) {
		return;
	}
	if (server->display != NULL) {
		finish_clients(server);
		finish_scene(server);
		finish_base(server);
		wl_display_destroy(server->display);
	}
	bn_text_destroy(server->text);
	free(server->socket);
	free(server->owner_socket);
	free(server->control_path);
	free(server);
}

// Running

void bn_server_boot(struct bn_server *server) {
	bn_launcher_boot(&server->launcher);
}

void bn_server_run(struct bn_server *server) {
	bn_loop_run(&server->loop);
}

void bn_server_quit(struct bn_server *server) {
	bn_loop_quit(&server->loop);
}

void bn_server_dispatch(struct bn_server *server, int timeout_ms) {
	bn_loop_dispatch(&server->loop, timeout_ms);
}

void bn_server_advance(struct bn_server *server, int64_t duration_ns) {
	bn_loop_advance(&server->loop, bn_loop_now(&server->loop) + duration_ns);
}

struct wl_client *bn_server_add_client(struct bn_server *server, int fd, const char *app) {
	struct wl_client *wl = wl_client_create(server->display, fd);
	if (wl == NULL) {
		return NULL;
	}
	struct bn_client *client = bn_client_from_wl(&server->clients, wl);
	if (client == NULL
			|| (app != NULL && !bn_client_identify(client, BN_IDENTITY_SOCKET, app))) {
		wl_client_destroy(wl);
		return NULL;
	}
	return wl;
}

const char *bn_server_socket(const struct bn_server *server) {
	return server->socket;
}

const char *bn_server_control_path(const struct bn_server *server) {
	return server->control_path;
}

const char *bn_server_owner_socket(const struct bn_server *server) {
	return server->owner_socket;
}

struct wl_display *bn_server_display(struct bn_server *server) {
	return server->display;
}

struct bn_loop *bn_server_loop(struct bn_server *server) {
	return &server->loop;
}

struct bn_cockpit *bn_server_cockpit(struct bn_server *server) {
	return &server->cockpit;
}

struct bn_outputs *bn_server_outputs(struct bn_server *server) {
	return &server->outputs;
}

struct bn_input *bn_server_input(struct bn_server *server) {
	return &server->input;
}

struct bn_launcher *bn_server_launcher(struct bn_server *server) {
	return &server->launcher;
}

struct bn_clients *bn_server_clients(struct bn_server *server) {
	return &server->clients;
}

struct bn_shell *bn_server_shell(struct bn_server *server) {
	return &server->shell;
}

struct bn_scene *bn_server_scene(struct bn_server *server) {
	return &server->scene;
}

struct bn_text *bn_server_text(struct bn_server *server) {
	return server->text;
}
