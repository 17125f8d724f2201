#include "server_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <wlr/backend.h>
#include <wlr/backend/session.h>
#include <wlr/render/allocator.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/util/log.h>

#include "backend.h"
#include "core/layout_load.h"
#include "memory.h"
#include "scene/text.h"

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
	// How much of what a client says is carried out in one turn. With 1 MiB, 32 clients that flood kept
	// everybody else waiting for half a second. What it may leave unread is mostly its socket's, client.c.
	wl_display_set_default_max_buffer_size(server->display, 4 << 10);
	server->has_loop = bn_loop_init(&server->loop, server->display, options->virtual_time);
	if (!server->has_loop) {
		snprintf(error, BN_SERVER_ERROR_MAX, "the kernel gives no more file descriptors");
		return false;
	}
	bn_clients_init(&server->clients, &server->loop, server->display);
	server->has_clients = true;
	if (!bn_gate_init(&server->gate, server->display, &server->clients, &server->loop)) {
		snprintf(error, BN_SERVER_ERROR_MAX, "out of memory");
		return false;
	}
	bn_launcher_init(&server->launcher, &server->loop, server->display, &server->clients);
	server->launcher.enabled = !options->no_launch;
	server->has_launcher = true;
	server->clients.app_of_pid = app_of_pid;
	server->clients.app_of_pid_data = server;
	server->backend = bn_backend_create(wl_display_get_event_loop(server->display),
			options->backend, &server->guard, &server->session, error);
	if (server->backend == NULL) {
		return false;
	}
	bn_server_follow_backend(server);
	bool expects_gpu = options->renderer != BN_RENDERER_PIXMAN
			&& wlr_backend_get_drm_fd(server->backend) >= 0;
	if (!bn_realtime_begin(&server->realtime, options->realtime,
			    wl_display_get_event_loop(server->display), expects_gpu, error,
			    BN_SERVER_ERROR_MAX)) {
		return false;
	}
	return bn_server_make_renderer(server, options->renderer, error);
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

static bool make_safety(struct bn_server *server) {
	server->has_fresh = bn_fresh_init(&server->fresh, &server->cockpit, &server->contents);
	server->has_deadlines = server->has_fresh
			&& bn_deadlines_init(&server->deadlines, &server->cockpit,
					&server->outputs);
	server->has_checks = server->has_deadlines
			&& bn_checks_init(&server->checks, &server->loop, &server->cockpit,
					&server->outputs, &server->deadlines, server->text);
	return server->has_checks;
}

static void finish_safety(struct bn_server *server) {
	if (server->has_checks) {
		bn_checks_finish(&server->checks);
	}
	if (server->has_deadlines) {
		bn_deadlines_finish(&server->deadlines);
	}
	if (server->has_fresh) {
		bn_fresh_finish(&server->fresh);
	}
}

static bool make_watch(struct bn_server *server, const struct bn_server_options *options) {
	bn_overlay_init(&server->overlay, &server->outputs, &server->cockpit);
	server->outputs.overlay_source = bn_overlay_source(&server->overlay);
	server->has_overlay = true;
	server->has_record = bn_record_init(&server->record, &server->outputs, &server->clients,
			&server->contents, &server->cockpit, &server->deadlines, &server->checks);
	if (server->has_record && options->recorder != NULL) {
		server->has_recorder = bn_recorder_init(&server->recorder, &server->record,
				&server->loop, options->recorder,
				options->recorder_any ? BN_RECORDER_ANY : BN_RECORDER_SAFETY);
		return server->has_recorder;
	}
	return server->has_record;
}

static void finish_watch(struct bn_server *server) {
	if (server->has_recorder) {
		bn_recorder_finish(&server->recorder);
	}
	if (server->has_record) {
		bn_record_finish(&server->record);
	}
	if (server->has_overlay) {
		bn_overlay_finish(&server->overlay);
	}
	server->outputs.overlay_source = (struct bn_overlay_source){ 0 };
	bn_inspector_finish(&server->inspector);
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
	bn_beat_init(&server->beat, &server->guard, &server->outputs, &server->checks);
	server->has_beat = true;
	bn_inspector_init(&server->inspector, &server->cockpit);
	server->outputs.inspector_source = bn_inspector_source(&server->inspector);
	if (!make_safety(server) || !make_watch(server, options)) {
		return false;
	}
	server->has_input = bn_input_init(&server->input, &server->loop, server->display,
			server->backend, &server->scene, &server->shell, &server->clients);
	if (!server->has_input || !bn_input_set_layout(&server->input, server->cockpit.layout)) {
		return false;
	}
	bn_server_connect(server);
	return bn_guardlink_follow(&server->guard, wl_display_get_event_loop(server->display));
}

static bool start(struct bn_server *server, const struct bn_server_options *options,
		char error[BN_SERVER_ERROR_MAX]) {
	struct bn_layout *layout;
	server->has_guard = true;
	if (!bn_guardlink_init(&server->guard, options->guard_fd, error, BN_SERVER_ERROR_MAX)
			|| !load_layout(options, &layout, error)) {
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
	if (!bn_server_open_sockets(server, options, error)) {
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
		bn_server_disconnect(server);
	}
	if (server->has_input) {
		bn_input_finish(&server->input);
	}
	finish_watch(server);
	finish_safety(server);
	if (server->has_beat) {
		bn_beat_finish(&server->beat);
	}
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
	bn_realtime_finish(&server->realtime);
	if (server->has_clients) {
		bn_gate_finish(&server->gate);
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
	}
	if (server->has_guard) {
		bn_guardlink_finish(&server->guard);
	}
	if (server->display != NULL) {
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
	if (server->realtime.kind != BN_REALTIME_OFF) {
		bn_memory_lock(); // a few ms, while the apps start
	}
}

void bn_server_run(struct bn_server *server) {
	bn_loop_run(&server->loop);
}

void bn_server_quit(struct bn_server *server) {
	bn_loop_quit(&server->loop);
}

bool bn_server_has_failed(const struct bn_server *server) {
	return server->has_failed;
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

struct bn_checks *bn_server_checks(struct bn_server *server) {
	return &server->checks;
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

struct bn_fresh *bn_server_fresh(struct bn_server *server) {
	return &server->fresh;
}

struct bn_deadlines *bn_server_deadlines(struct bn_server *server) {
	return &server->deadlines;
}
