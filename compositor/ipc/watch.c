#include "ipc/watch.h"

#include <stdlib.h>
#include <string.h>

#include "cockpit.h"
#include "ipc/call.h"
#include "ipc/connection.h"
#include "ipc/describe.h"
#include "ipc/socket.h"
#include "launch.h"
#include "output.h"

static size_t count_zones(const struct bn_layout *layout) {
	return layout->zone_count;
}

static size_t count_apps(const struct bn_layout *layout) {
	return layout->app_count;
}

static size_t count_signals(const struct bn_layout *layout) {
	return layout->signal_count;
}

static size_t count_displays(const struct bn_layout *layout) {
	return layout->display_count;
}

static size_t count_states(const struct bn_layout *layout) {
	return layout->state_count;
}

static size_t count_one(const struct bn_layout *layout) {
	return 1;
}

static const struct {
	const char *event, *plural;
	size_t (*count)(const struct bn_layout *layout);
	bn_ipc_describe_func_t describe;
} kinds[] = {
	[BN_IPC_WATCH_ZONE] = { "zone", "zones", count_zones, bn_ipc_describe_zone },
	[BN_IPC_WATCH_APP] = { "app", "apps", count_apps, bn_ipc_describe_app },
	[BN_IPC_WATCH_SIGNAL] = { "signal", "signals", count_signals, bn_ipc_describe_signal },
	[BN_IPC_WATCH_DISPLAY] = { "display", "displays", count_displays, bn_ipc_describe_display },
	[BN_IPC_WATCH_STATE] = { "state", "states", count_states, bn_ipc_describe_state },
	[BN_IPC_WATCH_THEME] = { "theme", "themes", count_one, bn_ipc_describe_theme },
};

static const struct bn_layout *live_layout(const struct bn_ipc_watch *watch) {
	return watch->ipc->context.cockpit->layout;
}

static void clear_list(struct bn_ipc_watch_list *list) {
	for (size_t i = 0; i < list->count; i++) {
		free(list->lines[i]);
	}
	free(list->lines);
	*list = (struct bn_ipc_watch_list){ 0 };
}

static void invalidate(struct bn_ipc_watch *watch) {
	for (size_t kind = 0; kind < BN_IPC_WATCH_KIND_COUNT; kind++) {
		clear_list(&watch->lists[kind]);
	}
	free(watch->signals_dirty);
	watch->signals_dirty = NULL;
	watch->valid = false;
}

static void broadcast(struct bn_ipc_watch *watch, const char *line, size_t length) {
	struct bn_ipc_connection *connection;
	wl_list_for_each(connection, &watch->ipc->connections, link) {
		if (connection->watching && connection->knows_state) {
			char *copy = malloc(length);
			if (copy != NULL) {
				memcpy(copy, line, length);
			}
			bn_ipc_connection_send(connection, copy, length, -1);
		}
	}
}

/** The line that tells about one thing; NULL when out of memory. */
static char *describe(const struct bn_ipc_watch *watch, size_t kind, size_t index,
		size_t *ret_length) {
	struct bn_ipc_message message = bn_ipc_event_begin(kinds[kind].event);
	if (message.doc != NULL) {
		kinds[kind].describe(&watch->ipc->context, message.doc, message.root, index);
	}
	return bn_ipc_message_end(&message, ret_length);
}

/** Stores how the thing is now and, when `tells`, sends it if that is news. */
static void update_one(struct bn_ipc_watch *watch, size_t kind, size_t index, bool tells) {
	struct bn_ipc_watch_list *list = &watch->lists[kind];
	size_t length;
	char *line = describe(watch, kind, index, &length);
	if (line == NULL) {
		list->dirty = true; // the next change of anything tries again
		return;
	}
	char *old = list->lines[index];
	if (tells && (old == NULL || strlen(old) != length || memcmp(old, line, length) != 0)) {
		broadcast(watch, line, length);
	}
	free(old);
	list->lines[index] = line;
}

static void update_lists(struct bn_ipc_watch *watch) {
	for (size_t kind = 0; kind < BN_IPC_WATCH_KIND_COUNT; kind++) {
		struct bn_ipc_watch_list *list = &watch->lists[kind];
		if (!list->dirty) {
			continue;
		}
		list->dirty = false;
		for (size_t i = 0; i < list->count; i++) {
			if (kind != BN_IPC_WATCH_SIGNAL || watch->signals_dirty[i]) {
				update_one(watch, kind, i, true);
			}
		}
		if (kind == BN_IPC_WATCH_SIGNAL) {
			memset(watch->signals_dirty, 0, list->count * sizeof(bool));
		}
	}
}

/** Takes stock of the live layout; nobody is told. */
static bool fill_lists(struct bn_ipc_watch *watch) {
	const struct bn_layout *layout = live_layout(watch);
	invalidate(watch);
	watch->signals_dirty = calloc(layout->signal_count + 1, sizeof(bool));
	bool done = watch->signals_dirty != NULL;
	for (size_t kind = 0; done && kind < BN_IPC_WATCH_KIND_COUNT; kind++) {
		struct bn_ipc_watch_list *list = &watch->lists[kind];
		size_t count = kinds[kind].count(layout);
		list->lines = calloc(count + 1, sizeof(list->lines[0]));
		done = list->lines != NULL;
		list->count = done ? count : 0;
		for (size_t i = 0; i < list->count; i++) {
			update_one(watch, kind, i, false);
		}
	}
	watch->valid = done;
	return done;
}

static void send_state(struct bn_ipc_watch *watch, struct bn_ipc_connection *connection) {
	const struct bn_ipc_context *context = &watch->ipc->context;
	const struct bn_cockpit *cockpit = context->cockpit;
	struct bn_ipc_message message = bn_ipc_event_begin("snapshot");
	if (message.doc != NULL) {
		bn_ipc_add_text(message.doc, message.root, "layout", cockpit->layout->name);
		bn_ipc_add_text(message.doc, message.root, "path", cockpit->layout->path);
		bn_ipc_add_text(message.doc, message.root, "profile", cockpit->layout->profile);
		yyjson_mut_obj_add_uint(message.doc, message.root, "reloads",
				cockpit->reload_count);
		bn_ipc_describe_faults(message.doc, message.root, &cockpit->reload_faults);
		for (size_t kind = 0; kind < BN_IPC_WATCH_KIND_COUNT; kind++) {
			bn_ipc_add_list(context, message.doc, message.root, kinds[kind].plural,
					kinds[kind].count(cockpit->layout), kinds[kind].describe);
		}
	}
	size_t length = 0;
	char *line = bn_ipc_message_end(&message, &length);
	bn_ipc_connection_send(connection, line, length, -1);
	connection->knows_state = true;
}

static void tell_faults(struct bn_ipc_watch *watch) {
	struct bn_ipc_message message = bn_ipc_event_begin("reload-failed");
	if (message.doc != NULL) {
		bn_ipc_describe_faults(message.doc, message.root,
				&watch->ipc->context.cockpit->reload_faults);
	}
	size_t length = 0;
	char *line = bn_ipc_message_end(&message, &length);
	if (line != NULL) {
		broadcast(watch, line, length);
	}
	free(line);
}

static bool is_watched(const struct bn_ipc_watch *watch) {
	const struct bn_ipc_connection *connection;
	wl_list_for_each(connection, &watch->ipc->connections, link) {
		if (connection->watching) {
			return true;
		}
	}
	return false;
}

static void tell(struct bn_ipc_watch *watch) {
	if (!watch->valid && !fill_lists(watch)) {
		invalidate(watch); // out of memory: the next change tries again
		return;
	}
	update_lists(watch);
	if (watch->reload_failed) {
		tell_faults(watch);
	}
	watch->reload_failed = false;
	struct bn_ipc_connection *connection;
	wl_list_for_each(connection, &watch->ipc->connections, link) {
		if (connection->watching && !connection->knows_state) {
			send_state(watch, connection);
		}
	}
}

static void handle_idle(void *data) {
	struct bn_ipc_watch *watch = data;
	watch->idle = NULL;
	if (!is_watched(watch)) {
		invalidate(watch);
		watch->reload_failed = false;
		return;
	}
	tell(watch);
	struct bn_ipc_connection *connection, *next;
	wl_list_for_each_safe(connection, next, &watch->ipc->connections, link) {
		if (connection->watching) {
			bn_ipc_connection_settle(connection);
		}
	}
}

static void tell_later(struct bn_ipc_watch *watch) {
	if (watch->idle == NULL) {
		struct wl_display *display = watch->ipc->context.loop->display;
		watch->idle = wl_event_loop_add_idle(wl_display_get_event_loop(display),
				handle_idle, watch);
	}
}

/** Without lists there are no watchers, or they get everything anyway. */
static void mark_dirty(struct bn_ipc_watch *watch, enum bn_ipc_watch_kind kind) {
	if (watch->valid) {
		watch->lists[kind].dirty = true;
		tell_later(watch);
	}
}

static void handle_arranged(struct wl_listener *listener, void *data) {
	struct bn_ipc_watch *watch = wl_container_of(listener, watch, arranged);
	mark_dirty(watch, BN_IPC_WATCH_ZONE);
	mark_dirty(watch, BN_IPC_WATCH_APP);
	mark_dirty(watch, BN_IPC_WATCH_STATE);
	mark_dirty(watch, BN_IPC_WATCH_THEME);
}

static void handle_signal(struct wl_listener *listener, void *data) {
	struct bn_ipc_watch *watch = wl_container_of(listener, watch, signal);
	const size_t *signal = data;
	if (watch->valid && *signal < watch->lists[BN_IPC_WATCH_SIGNAL].count) {
		watch->signals_dirty[*signal] = true;
		mark_dirty(watch, BN_IPC_WATCH_SIGNAL);
		mark_dirty(watch, BN_IPC_WATCH_STATE);
	}
}

static void handle_layout(struct wl_listener *listener, void *data) {
	struct bn_ipc_watch *watch = wl_container_of(listener, watch, layout);
	invalidate(watch);
	struct bn_ipc_connection *connection;
	wl_list_for_each(connection, &watch->ipc->connections, link) {
		connection->knows_state = false;
	}
	tell_later(watch);
}

static void handle_reload_failed(struct wl_listener *listener, void *data) {
	struct bn_ipc_watch *watch = wl_container_of(listener, watch, reload_failed_listener);
	watch->reload_failed = true;
	tell_later(watch);
}

static void handle_output_changed(struct wl_listener *listener, void *data) {
	struct bn_ipc_watch *watch = wl_container_of(listener, watch, output_changed);
	mark_dirty(watch, BN_IPC_WATCH_DISPLAY);
}

static void handle_output_gone(struct wl_listener *listener, void *data) {
	struct bn_ipc_watch *watch = wl_container_of(listener, watch, output_gone);
	mark_dirty(watch, BN_IPC_WATCH_DISPLAY);
}

static void handle_process_changed(struct wl_listener *listener, void *data) {
	struct bn_ipc_watch *watch = wl_container_of(listener, watch, process_changed);
	mark_dirty(watch, BN_IPC_WATCH_APP);
}

void bn_ipc_watch_init(struct bn_ipc_watch *watch, struct bn_ipc *ipc) {
	*watch = (struct bn_ipc_watch){ .ipc = ipc };
	struct bn_cockpit *cockpit = ipc->context.cockpit;
	bn_listen(&cockpit->events.arranged, &watch->arranged, handle_arranged);
	bn_listen(&cockpit->events.signal, &watch->signal, handle_signal);
	bn_listen(&cockpit->events.layout, &watch->layout, handle_layout);
	bn_listen(&cockpit->events.reload_failed, &watch->reload_failed_listener,
			handle_reload_failed);
	struct bn_outputs *outputs = ipc->context.outputs;
	bn_listen(&outputs->events.changed, &watch->output_changed, handle_output_changed);
	bn_listen(&outputs->events.gone, &watch->output_gone, handle_output_gone);
	bn_listen(&ipc->context.launcher->events.changed, &watch->process_changed,
			handle_process_changed);
}

void bn_ipc_watch_finish(struct bn_ipc_watch *watch) {
	bn_unlisten(&watch->arranged);
	bn_unlisten(&watch->signal);
	bn_unlisten(&watch->layout);
	bn_unlisten(&watch->reload_failed_listener);
	bn_unlisten(&watch->output_changed);
	bn_unlisten(&watch->output_gone);
	bn_unlisten(&watch->process_changed);
	if (watch->idle != NULL) {
		wl_event_source_remove(watch->idle);
	}
	invalidate(watch);
	*watch = (struct bn_ipc_watch){ 0 };
}

static void start_watch(struct bn_ipc_call *call) {
	// The state follows the reply, when this round is over.
	call->connection->watching = true;
	call->connection->knows_state = false;
	tell_later(&call->ipc->watch);
}

static const struct bn_ipc_verb verbs[] = {
	{ BN_VERB_WATCH, NULL, NULL, start_watch },
};

const struct bn_ipc_noun bn_ipc_watch_noun = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
