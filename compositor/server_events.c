#include "server_internal.h"

#include <wlr/backend.h>
#include <wlr/backend/session.h>
#include <wlr/util/log.h>

#include "core/policy.h"

void bn_server_tell_display(struct bn_server *server, struct bn_output *output, bool present) {
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
	bn_server_tell_display(server, data, true);
}

static void handle_output_gone(struct wl_listener *listener, void *data) {
	struct bn_server *server = wl_container_of(listener, server, output_gone);
	struct bn_output *output = data;
	bn_server_tell_display(server, output, false);
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
	server->has_failed = true;
	bn_server_quit(server);
}

static void handle_files(void *data) {
	struct bn_server *server = data;
	if (!bn_cockpit_reload(&server->cockpit)) {
		// What is watched stays the old set, and the fault may be an include that comes later.
		server->files.eager = true;
	}
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

void bn_server_follow_backend(struct bn_server *server) {
	bn_listen(&server->backend->events.destroy, &server->backend_destroy,
			handle_backend_destroy);
}

void bn_server_connect(struct bn_server *server) {
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
}

void bn_server_disconnect(struct bn_server *server) {
	bn_unlisten(&server->output_changed);
	bn_unlisten(&server->output_gone);
	bn_unlisten(&server->cockpit_layout);
	bn_unlisten(&server->cockpit_arranged);
	bn_unlisten(&server->activate);
	bn_unlisten(&server->inspect_key);
	bn_unlisten(&server->switch_vt);
}
