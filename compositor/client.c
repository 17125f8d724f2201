#include "client.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_security_context_v1.h>
#include <wlr/util/log.h>

#include "loop.h"

static void resolve(struct bn_client *client) {
	const struct bn_layout *layout = client->clients->layout;
	client->identity.app = layout != NULL && client->app_name != NULL
			? bn_layout_find_app(layout, client->app_name)
			: BN_NONE;
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct bn_client *client = wl_container_of(listener, client, destroy);
	wl_signal_emit_mutable(&client->clients->events.destroyed, client);
	wl_list_remove(&client->destroy.link);
	wl_list_remove(&client->link);
	free(client->app_name);
	free(client);
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

static void handle_client_created(struct wl_listener *listener, void *data) {
	struct bn_clients *clients = wl_container_of(listener, clients, client_created);
	struct wl_client *wl = data;
	struct bn_client *client = calloc(1, sizeof(*client));
	if (client == NULL) {
		wl_client_post_no_memory(wl);
		return;
	}
	client->wl = wl;
	client->clients = clients;
	client->identity.app = BN_NONE;
	client->occupant = BN_NONE;
	wl_client_get_credentials(wl, &client->pid, NULL, NULL);
	bn_budget_init(&client->budget, NULL);
	client->destroy.notify = handle_destroy;
	wl_client_add_destroy_late_listener(wl, &client->destroy);
	identify_by_itself(client);
	wl_list_insert(clients->list.prev, &client->link);
	wl_signal_emit_mutable(&clients->events.created, client);
}

void bn_clients_init(struct bn_clients *clients, struct wl_display *display) {
	*clients = (struct bn_clients){ .display = display };
	wl_list_init(&clients->list);
	wl_signal_init(&clients->events.created);
	wl_signal_init(&clients->events.destroyed);
	clients->client_created.notify = handle_client_created;
	wl_display_add_client_created_listener(display, &clients->client_created);
}

void bn_clients_finish(struct bn_clients *clients) {
	assert(wl_list_empty(&clients->list));
	wl_list_remove(&clients->client_created.link);
}

void bn_clients_set_layout(struct bn_clients *clients, const struct bn_layout *layout) {
	clients->layout = layout;
	struct bn_client *client;
	wl_list_for_each(client, &clients->list, link) {
		resolve(client);
		if (client->identity.app != BN_NONE) {
			bn_budget_set_limits(&client->budget,
					&layout->apps[client->identity.app].budget);
		}
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

void bn_client_refuse(struct bn_client *client, int64_t now_ns, const char *format, ...) {
	struct bn_client_reason reason = { .at_ns = now_ns };
	va_list args;
	va_start(args, format);
	vsnprintf(reason.text, sizeof(reason.text), format, args);
	va_end(args);
	size_t last = (client->reason_next + BN_CLIENT_REASONS - 1) % BN_CLIENT_REASONS;
	if (strcmp(client->reasons[last].text, reason.text) == 0) {
		client->reasons[last].at_ns = now_ns; // said already
		return;
	}
	client->reasons[client->reason_next] = reason;
	client->reason_next = (client->reason_next + 1) % BN_CLIENT_REASONS;
	char who[64];
	bn_client_describe(client, who, sizeof(who));
	wlr_log(WLR_INFO, "client %s: %s", who, reason.text);
}

void bn_client_describe(const struct bn_client *client, char *buffer, size_t size) {
	if (client->app_name != NULL) {
		snprintf(buffer, size, "%s (pid %d)", client->app_name, (int)client->pid);
	} else {
		snprintf(buffer, size, "pid %d", (int)client->pid);
	}
}
