#include "client.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <wlr/types/wlr_security_context_v1.h>
#include <wlr/util/log.h>

#include "core/policy.h"
#include "loop.h"

static void resolve(struct bn_client *client) {
	const struct bn_layout *layout = client->clients->layout;
	client->identity.app = layout != NULL && client->app_name != NULL
			? bn_layout_find_app(layout, client->app_name)
			: BN_NONE;
	bn_budget_set_limits(&client->budget,
			client->identity.app != BN_NONE ? &layout->apps[client->identity.app].budget
							: NULL);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct bn_client *client = wl_container_of(listener, client, destroy);
	wl_signal_emit_mutable(&client->clients->events.destroyed, client);
	if (client->turn_away != NULL) {
		wl_event_source_remove(client->turn_away);
	}
	wl_list_remove(&client->destroy.link);
	wl_list_remove(&client->object_created.link);
	wl_list_remove(&client->link);
	free(client->app_name);
	free(client);
}

static struct bn_client *client_of_resource(struct wl_resource *resource) {
	struct wl_client *wl = wl_resource_get_client(resource);
	struct wl_listener *listener = wl_client_get_destroy_late_listener(wl, handle_destroy);
	struct bn_client *client = NULL;
	return listener != NULL ? wl_container_of(listener, client, destroy) : NULL;
}

bool bn_client_identify(struct bn_client *client, enum bn_identity_source source,
		const char *app_name) {
	char *copy = NULL;
	if (app_name != NULL && (copy = strdup(app_name)) == NULL) {
		return false;
	}
	free(client->app_name);
	client->app_name = copy;
	client->identity.source = source;
	resolve(client);
	return true;
}

/** The sources that need no help from whoever created the client, best first. */
static void identify_by_itself(struct bn_client *client) {
	struct bn_clients *clients = client->clients;
	const char *app = NULL;
	if (clients->app_of_pid != NULL
			&& clients->app_of_pid(clients->app_of_pid_data, client->pid, &app) > 0) {
		bn_client_identify(client, BN_IDENTITY_UNIT, app);
	}
}

/**
 * What a client that hangs may leave unread before libwayland ends it: seconds of a finger that moves. The kernel
 * cuts it down to net.core.wmem_max, and counts some 700 bytes for each time that we flush.
 */
#define UNREAD_BYTES (1 << 20)

static void allow_unread(struct wl_client *wl) {
	int bytes = UNREAD_BYTES;
	setsockopt(wl_client_get_fd(wl), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

static enum wl_iterator_result count_object(struct wl_resource *resource, void *data) {
	uint32_t *count = data;
	(*count)++;
	return WL_ITERATOR_CONTINUE;
}

/** Objects that went are not told of, so they are counted when there may be too many. */
static void handle_object_created(struct wl_listener *listener, void *data) {
	struct bn_client *client = wl_container_of(listener, client, object_created);
	if (++client->objects <= BN_CLIENT_OBJECTS_MAX) {
		return;
	}
	client->objects = 0;
	wl_client_for_each_resource(client->wl, count_object, &client->objects);
	if (client->objects > BN_CLIENT_OBJECTS_MAX) {
		bn_client_refuse(client, bn_loop_request_now(client->clients->loop),
				"it has more than %d objects: ended", BN_CLIENT_OBJECTS_MAX);
		wl_client_post_implementation_error(client->wl, "more than %d objects",
				BN_CLIENT_OBJECTS_MAX);
	}
}

bool bn_client_fds_run_out(int new_fd) {
	struct rlimit limit;
	return getrlimit(RLIMIT_NOFILE, &limit) == 0
			&& (rlim_t)new_fd + BN_CLIENTS_SPARE_FDS > limit.rlim_cur;
}

static bool is_unknown(const struct bn_client *client) {
	return !bn_identity_is_proven(&client->identity);
}

/** Once it is known who came. */
static void turn_away(void *data) {
	struct bn_client *client = data;
	client->turn_away = NULL;
	int unknown = 0;
	struct bn_client *other;
	wl_list_for_each(other, &client->clients->list, link) {
		unknown += is_unknown(other);
	}
	bool run_out = bn_client_fds_run_out(wl_client_get_fd(client->wl));
	if (is_unknown(client) && (unknown > BN_CLIENTS_UNKNOWN_MAX || run_out)) {
		bn_client_refuse(client, bn_loop_now(client->clients->loop), "%s: turned away",
				run_out ? "descriptors run out"
					: "too many clients are here that nothing is known of");
		wl_client_destroy(client->wl);
	}
}

static void handle_client_created(struct wl_listener *listener, void *data) {
	struct bn_clients *clients = wl_container_of(listener, clients, client_created);
	struct wl_client *wl = data;
	struct bn_client *client = calloc(1, sizeof(*client));
	if (client == NULL) {
		wl_client_post_no_memory(wl);
		return;
	}
	allow_unread(wl);
	client->wl = wl;
	client->clients = clients;
	client->identity.app = BN_NONE;
	client->occupant = BN_NONE;
	wl_client_get_credentials(wl, &client->pid, NULL, NULL);
	bn_budget_init(&client->budget, NULL);
	client->destroy.notify = handle_destroy;
	wl_client_add_destroy_late_listener(wl, &client->destroy);
	client->object_created.notify = handle_object_created;
	wl_client_add_resource_created_listener(wl, &client->object_created);
	identify_by_itself(client);
	wl_list_insert(clients->list.prev, &client->link);
	client->turn_away = wl_event_loop_add_idle(wl_display_get_event_loop(clients->display),
			turn_away, client);
	wl_signal_emit_mutable(&clients->events.created, client);
}

enum bn_budget_verdict bn_client_spend(struct bn_client *client, enum bn_budget_kind kind,
		int64_t amount, int64_t now_ns) {
	if (now_ns - client->budget_ns >= BN_CLIENT_REFRESH_NS) {
		client->budget_ns = now_ns;
		bn_budget_refresh(&client->budget);
	}
	bool told = client->budget.passed;
	enum bn_budget_verdict verdict = bn_budget_spend(&client->budget, kind, amount);
	// Once a refresh: whoever floods us must not make us write as much.
	if (verdict == BN_BUDGET_ERROR || (verdict == BN_BUDGET_PACE && !told)) {
		char reason[160];
		bn_budget_reason(&client->budget, kind, amount, reason, sizeof(reason));
		bn_client_refuse(client, now_ns, "%s", reason);
		if (verdict == BN_BUDGET_ERROR) {
			wl_client_post_implementation_error(client->wl, "%s", reason);
		}
	}
	return verdict;
}

/** Requests that make a wl_buffer, or end one. */
static const struct {
	const char *interface;
	int opcode, buffers;
} buffer_requests[] = {
	{ "wl_shm_pool", 0, 1 },
	{ "zwp_linux_buffer_params_v1", 2, 1 }, // create: one that fails counts as well
	{ "zwp_linux_buffer_params_v1", 3, 1 },
	{ "wp_single_pixel_buffer_manager_v1", 1, 1 },
	{ "wl_buffer", 0, -1 },
};

/** Buffers are counted by what their client asks for, since the objects are wlroots'. */
static void count_buffers(struct bn_client *client,
		const struct wl_protocol_logger_message *message, int64_t now_ns) {
	const char *interface = wl_resource_get_class(message->resource);
	for (size_t i = 0; i < sizeof(buffer_requests) / sizeof(buffer_requests[0]); i++) {
		if (buffer_requests[i].opcode != message->message_opcode
				|| strcmp(interface, buffer_requests[i].interface) != 0) {
			continue;
		}
		if (buffer_requests[i].buffers > 0) {
			bn_client_spend(client, BN_BUDGET_BUFFERS, 1, now_ns);
		} else if (client->budget.used[BN_BUDGET_BUFFERS] > 0) {
			bn_budget_release(&client->budget, BN_BUDGET_BUFFERS, 1);
		}
	}
}

#define REGISTRY_BIND 0 // wl_registry.bind

/**
 * Who binds what it is not shown made the name up, or had it from somebody else. libwayland ends it for that; the
 * reason is ours.
 */
static void check_bind(struct bn_client *client, const struct wl_protocol_logger_message *message,
		int64_t now_ns) {
	const struct bn_layout *layout = client->clients->layout;
	if (message->message_opcode != REGISTRY_BIND || layout == NULL
			|| strcmp(wl_resource_get_class(message->resource), "wl_registry") != 0) {
		return;
	}
	const char *interface = message->arguments[1].s;
	if (bn_policy_find(BN_POLICY_GLOBAL, interface) == BN_NONE) {
		return; // no global of ours, and whatever text it likes
	}
	struct bn_policy_verdict verdict = bn_policy_global(layout, &client->identity, interface);
	if (!verdict.allowed) {
		bn_client_refuse(client, now_ns, "%s", verdict.reason);
	}
}

/**
 * A pool has a descriptor and a mapping. All of a client's are unmapped at once when it ends, before anybody else has
 * a turn: 4096 of them would take longer than a refresh.
 */
#define BUFFERS_PER_POOL 16

static void count_pools(struct bn_client *client, const struct wl_protocol_logger_message *message,
		int64_t now_ns) {
	const char *interface = wl_resource_get_class(message->resource);
	if (message->message_opcode == 1 && strcmp(interface, "wl_shm_pool") == 0) {
		client->pools -= client->pools > 0; // destroyed
		return;
	}
	if (message->message_opcode != 0 || strcmp(interface, "wl_shm") != 0) {
		return;
	}
	int64_t buffers = client->budget.limits[BN_BUDGET_BUFFERS];
	int64_t limit = (buffers + BUFFERS_PER_POOL - 1) / BUFFERS_PER_POOL;
	if (client->pools++ >= limit) {
		bn_client_refuse(client, now_ns,
				"more than %lld pools, one for %d of `limits: {buffers: %lld}`",
				(long long)limit, BUFFERS_PER_POOL, (long long)buffers);
		wl_client_post_implementation_error(client->wl, "more than %lld pools",
				(long long)limit);
	}
}

static void handle_message(void *data, enum wl_protocol_logger_type direction,
		const struct wl_protocol_logger_message *message) {
	struct bn_clients *clients = data;
	if (direction != WL_PROTOCOL_LOGGER_REQUEST) {
		return;
	}
	struct bn_client *client = client_of_resource(message->resource);
	if (client != NULL) {
		int64_t now_ns = bn_loop_request_now(clients->loop);
		bn_client_spend(client, BN_BUDGET_REQUESTS, 1, now_ns);
		count_buffers(client, message, now_ns);
		check_bind(client, message, now_ns);
		count_pools(client, message, now_ns);
	}
}

void bn_clients_init(struct bn_clients *clients, const struct bn_loop *loop,
		struct wl_display *display) {
	*clients = (struct bn_clients){ .display = display, .loop = loop };
	clients->requests = wl_display_add_protocol_logger(display, handle_message, clients);
	wl_list_init(&clients->list);
	wl_signal_init(&clients->events.created);
	wl_signal_init(&clients->events.destroyed);
	wl_signal_init(&clients->events.refused);
	clients->client_created.notify = handle_client_created;
	wl_display_add_client_created_listener(display, &clients->client_created);
}

void bn_clients_finish(struct bn_clients *clients) {
	assert(wl_list_empty(&clients->list));
	wl_list_remove(&clients->client_created.link);
	if (clients->requests != NULL) {
		wl_protocol_logger_destroy(clients->requests);
	}
}

void bn_clients_set_layout(struct bn_clients *clients, const struct bn_layout *layout) {
	clients->layout = layout;
	struct bn_client *client;
	wl_list_for_each(client, &clients->list, link) {
		resolve(client);
	}
}

/** A sandboxed client is what its security context says, whatever its process is. */
static void identify_by_context(struct bn_client *client) {
	struct bn_clients *clients = client->clients;
	if (client->identity.sandboxed || clients->security_context == NULL) {
		return;
	}
	const struct wlr_security_context_v1_state *state =
			wlr_security_context_manager_v1_lookup_client(clients->security_context,
					client->wl);
	if (state != NULL) {
		bn_client_identify(client, BN_IDENTITY_SECURITY_CONTEXT, state->app_id);
		client->identity.sandboxed = true;
	}
}

struct bn_client *bn_client_from_wl(struct bn_clients *clients, const struct wl_client *wl) {
	struct wl_listener *listener =
			wl_client_get_destroy_late_listener((struct wl_client *)wl, handle_destroy);
	if (listener == NULL) {
		return NULL;
	}
	struct bn_client *client = wl_container_of(listener, client, destroy);
	// The context is attached after the client was created, so it is asked for late.
	identify_by_context(client);
	return client;
}

static size_t app_by_app_id(const struct bn_layout *layout, const char *app_id) {
	for (size_t i = 0; layout != NULL && app_id != NULL && i < layout->app_count; i++) {
		if (strcmp(layout->apps[i].app_id, app_id) == 0) {
			return i;
		}
	}
	return BN_NONE;
}

struct bn_identity bn_client_identity_for(const struct bn_client *client, const char *app_id) {
	struct bn_identity identity = client->identity;
	if (bn_identity_is_proven(&identity) && identity.app != BN_NONE) {
		return identity;
	}
	size_t app = app_by_app_id(client->clients->layout, app_id);
	if (app != BN_NONE) {
		identity.source = BN_IDENTITY_APP_ID;
		identity.app = app;
	}
	return identity;
}

static void say(const struct bn_client *client, const struct bn_client_reason *reason) {
	char who[64], line[sizeof(who) + sizeof(reason->text)];
	bn_client_describe(client, who, sizeof(who));
	snprintf(line, sizeof(line), "%s: %s", who, reason->text);
	uint64_t unsaid;
	char more[BN_ONCE_TEXT_MAX];
	if (bn_once_says(&client->clients->refusals, bn_once_key(line), reason->at_ns, &unsaid)) {
		wlr_log(WLR_INFO, "client %s%s", line, bn_once_more(unsaid, more));
	}
}

void bn_client_refuse(struct bn_client *client, int64_t now_ns, const char *format, ...) {
	struct bn_client_reason reason = { .at_ns = now_ns };
	va_list args;
	va_start(args, format);
	vsnprintf(reason.text, sizeof(reason.text), format, args);
	va_end(args);
	struct bn_client_refusal refusal = { client, &reason };
	wl_signal_emit_mutable(&client->clients->events.refused, &refusal);
	for (size_t i = 0; i < BN_CLIENT_REASONS; i++) {
		if (strcmp(client->reasons[i].text, reason.text) == 0) {
			client->reasons[i].at_ns = now_ns; // said already
			return;
		}
	}
	client->reasons[client->reason_next] = reason;
	client->reason_next = (client->reason_next + 1) % BN_CLIENT_REASONS;
	say(client, &reason);
}

void bn_client_describe(const struct bn_client *client, char *buffer, size_t size) {
	if (client->app_name != NULL) {
		snprintf(buffer, size, "%s (pid %d)", client->app_name, (int)client->pid);
	} else {
		snprintf(buffer, size, "pid %d", (int)client->pid);
	}
}
