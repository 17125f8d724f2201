#include "ipc/cockpit_v1.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binnacle-cockpit-v1-protocol.h"
#include "client.h"
#include "cockpit.h"
#include "core/nsec.h"
#include "ipc/cockpit_v1_private.h"
#include "ipc/utf8.h"
#include "scene/scene.h"
#include "shell/view.h"

// Frames go first when they are due together with a signal's turn.
#define SIGNAL_TIMER_RANK 1000

bool bn_cockpit_v1_check_name(struct wl_resource *resource, const char *name) {
	if (name[0] != '\0' && strlen(name) <= BN_COCKPIT_V1_MAX_NAME && bn_utf8_is_valid(name)) {
		return true;
	}
	wl_resource_post_error(resource, BINNACLE_COCKPIT_V1_ERROR_INVALID_NAME,
			"a name is UTF-8 of 1 to %d bytes", BN_COCKPIT_V1_MAX_NAME);
	return false;
}

static const struct bn_theme *current_theme(const struct bn_cockpit *cockpit) {
	const struct bn_layout *layout = cockpit->layout;
	size_t theme = cockpit->arrangement.theme;
	return &layout->themes[theme < layout->theme_count ? theme : 0];
}

static void send_theme(struct wl_resource *resource, const struct bn_theme *theme) {
	binnacle_cockpit_v1_send_theme(resource, theme->name, theme->night, theme->background,
			theme->foreground, theme->accent);
}

/** Sends the theme to everybody when it is another one, or has other colours, than last time. */
static void update_theme(struct bn_cockpit_v1 *protocol) {
	const struct bn_theme *theme = current_theme(protocol->context.cockpit);
	char *key;
	if (asprintf(&key, "%s %d %x %x %x", theme->name, theme->night, theme->background,
			    theme->foreground, theme->accent)
			< 0) {
		return; // the next arrangement tries again
	}
	if (protocol->theme != NULL && strcmp(protocol->theme, key) == 0) {
		free(key);
		return;
	}
	free(protocol->theme);
	protocol->theme = key;
	struct bn_cockpit_v1_handle *handle;
	wl_list_for_each(handle, &protocol->handles, link) {
		send_theme(handle->resource, theme);
	}
}

static const char *source_name(enum bn_identity_source source) {
	switch (source) {
	case BN_IDENTITY_SOCKET:
		return "socket";
	case BN_IDENTITY_LISTENER:
		return "listener";
	case BN_IDENTITY_SECURITY_CONTEXT:
		return "security-context";
	case BN_IDENTITY_UNIT:
		return "unit";
	case BN_IDENTITY_NONE:
	case BN_IDENTITY_APP_ID:
	case BN_IDENTITY_OWNER:
		break;
	}
	return "app-id";
}

static const char *app_name(const struct bn_cockpit_v1_handle *handle) {
	size_t app = handle->client->identity.app;
	const struct bn_layout *layout = handle->protocol->context.cockpit->layout;
	return app < layout->app_count ? layout->apps[app].name : NULL;
}

static void send_identity(struct bn_cockpit_v1_handle *handle) {
	const char *app = app_name(handle);
	handle->sent_app = app != NULL;
	binnacle_cockpit_v1_send_identity(handle->resource, app != NULL ? app : "",
			source_name(handle->client->identity.source));
}

/** The length of a refresh of the display that shows the client; 60 Hz when none does. */
static int64_t refresh_ns(const struct bn_cockpit_v1_handle *handle) {
	const struct bn_ipc_context *context = &handle->protocol->context;
	const struct bn_view *view;
	wl_list_for_each(view, &context->shell->views, link) {
		if (view->client != handle->client) {
			continue;
		}
		size_t display = bn_scene_display_of_view(context->scene, view);
		if (display < context->cockpit->layout->display_count) {
			return bn_nsec_from_mhz(
					context->cockpit->layout->displays[display].refresh_mhz);
		}
	}
	return bn_nsec_from_mhz(0);
}

static struct bn_value live_value(const struct bn_cockpit *cockpit,
		const struct bn_cockpit_v1_subscription *subscription) {
	if (subscription->signal == BN_NONE) {
		return (struct bn_value){ .kind = BN_VALUE_UNKNOWN };
	}
	return *bn_vehicle_value(cockpit->vehicle, subscription->signal);
}

static uint64_t bits_of(double number) {
	uint64_t bits;
	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

static enum binnacle_cockpit_v1_value_kind wire_kind(enum bn_value_kind kind) {
	switch (kind) {
	case BN_VALUE_BOOL:
		return BINNACLE_COCKPIT_V1_VALUE_KIND_BOOLEAN;
	case BN_VALUE_NUMBER:
		return BINNACLE_COCKPIT_V1_VALUE_KIND_NUMBER;
	case BN_VALUE_STRING:
		return BINNACLE_COCKPIT_V1_VALUE_KIND_STRING;
	case BN_VALUE_UNKNOWN:
		break;
	}
	return BINNACLE_COCKPIT_V1_VALUE_KIND_UNKNOWN;
}

static void send_value(struct wl_resource *resource,
		struct bn_cockpit_v1_subscription *subscription, const struct bn_value *value) {
	bool has_number = value->kind == BN_VALUE_BOOL || value->kind == BN_VALUE_NUMBER;
	uint64_t bits = has_number ? bits_of(value->number) : 0;
	binnacle_cockpit_v1_send_signal(resource, subscription->name, wire_kind(value->kind),
			(uint32_t)(bits >> 32), (uint32_t)bits,
			value->kind == BN_VALUE_STRING ? value->text : "");
	subscription->sent = *value;
	subscription->dirty = false;
}

/** Sends what changed; a value that came back to what was sent is not a change. */
static void flush_handle(struct bn_cockpit_v1_handle *handle, int64_t now_ns) {
	for (size_t i = 0; i < handle->subscription_count; i++) {
		struct bn_cockpit_v1_subscription *subscription = &handle->subscriptions[i];
		if (!subscription->dirty) {
			continue;
		}
		subscription->dirty = false;
		struct bn_value value = live_value(handle->protocol->context.cockpit, subscription);
		if (!bn_value_equal(&value, &subscription->sent)) {
			send_value(handle->resource, subscription, &value);
			handle->sent_ns = now_ns;
		}
	}
}

static bool is_dirty(const struct bn_cockpit_v1_handle *handle) {
	for (size_t i = 0; i < handle->subscription_count; i++) {
		if (handle->subscriptions[i].dirty) {
			return true;
		}
	}
	return false;
}

static void handle_timer(struct bn_timer *timer, int64_t now_ns) {
	struct bn_cockpit_v1_handle *handle = wl_container_of(timer, handle, timer);
	flush_handle(handle, now_ns);
}

static void handle_idle(void *data) {
	struct bn_cockpit_v1 *protocol = data;
	protocol->idle = NULL;
	int64_t now_ns = bn_loop_now(protocol->context.loop);
	struct bn_cockpit_v1_handle *handle;
	wl_list_for_each(handle, &protocol->handles, link) {
		if (bn_timer_is_armed(&handle->timer) || !is_dirty(handle)) {
			continue;
		}
		int64_t interval_ns = refresh_ns(handle);
		if (now_ns - handle->sent_ns >= interval_ns) {
			flush_handle(handle, now_ns);
		} else {
			bn_timer_arm(&handle->timer, handle->sent_ns + interval_ns);
		}
	}
}

static void flush_later(struct bn_cockpit_v1 *protocol) {
	if (protocol->idle == NULL) {
		protocol->idle = wl_event_loop_add_idle(
				wl_display_get_event_loop(protocol->context.loop->display),
				handle_idle, protocol);
	}
}

static struct bn_cockpit_v1_subscription *find_subscription(struct bn_cockpit_v1_handle *handle,
		const char *name) {
	for (size_t i = 0; i < handle->subscription_count; i++) {
		if (strcmp(handle->subscriptions[i].name, name) == 0) {
			return &handle->subscriptions[i];
		}
	}
	return NULL;
}

/** NULL after an error was posted. */
static struct bn_cockpit_v1_subscription *add_subscription(struct bn_cockpit_v1_handle *handle,
		const char *name) {
	if (handle->subscription_count == BN_COCKPIT_V1_MAX_SIGNALS) {
		wl_resource_post_error(handle->resource, BINNACLE_COCKPIT_V1_ERROR_TOO_MANY,
				"at most %d signals can be subscribed through one object",
				BN_COCKPIT_V1_MAX_SIGNALS);
		return NULL;
	}
	if (handle->subscription_count == handle->subscription_capacity) {
		size_t capacity = handle->subscription_capacity == 0
				? 8
				: handle->subscription_capacity * 2;
		struct bn_cockpit_v1_subscription *grown =
				realloc(handle->subscriptions, capacity * sizeof(grown[0]));
		if (grown == NULL) {
			wl_resource_post_no_memory(handle->resource);
			return NULL;
		}
		handle->subscriptions = grown;
		handle->subscription_capacity = capacity;
	}
	char *copy = strdup(name);
	if (copy == NULL) {
		wl_resource_post_no_memory(handle->resource);
		return NULL;
	}
	struct bn_cockpit_v1_subscription *subscription =
			&handle->subscriptions[handle->subscription_count++];
	*subscription = (struct bn_cockpit_v1_subscription){
		.name = copy,
		.signal = bn_layout_find_signal(handle->protocol->context.cockpit->layout, name),
	};
	return subscription;
}

static void cockpit_subscribe(struct wl_client *client, struct wl_resource *resource,
		const char *name) {
	struct bn_cockpit_v1_handle *handle = wl_resource_get_user_data(resource);
	if (handle->protocol == NULL || !bn_cockpit_v1_check_name(resource, name)) {
		return;
	}
	struct bn_cockpit_v1_subscription *subscription = find_subscription(handle, name);
	if (subscription == NULL) {
		subscription = add_subscription(handle, name);
	}
	if (subscription != NULL) {
		struct bn_value value = live_value(handle->protocol->context.cockpit, subscription);
		send_value(resource, subscription, &value);
	}
}

static void cockpit_get_placement(struct wl_client *client, struct wl_resource *resource,
		uint32_t id, struct wl_resource *surface) {
	bn_cockpit_v1_placement_create(wl_resource_get_user_data(resource), id, surface);
}

static void cockpit_destroy(struct wl_client *client, struct wl_resource *resource) {
	wl_resource_destroy(resource);
}

static const struct binnacle_cockpit_v1_interface cockpit_impl = {
	.destroy = cockpit_destroy,
	.get_placement = cockpit_get_placement,
	.subscribe = cockpit_subscribe,
};

static void make_handle_inert(struct bn_cockpit_v1_handle *handle) {
	wl_list_remove(&handle->link);
	wl_list_init(&handle->link);
	bn_timer_disarm(&handle->timer);
	handle->protocol = NULL;
}

/** Placements outlive the cockpit object they were made through. */
static void forget_cockpit(struct bn_cockpit_v1 *protocol, const struct wl_resource *resource) {
	struct bn_cockpit_v1_placement *placement;
	wl_list_for_each(placement, &protocol->placements, link) {
		if (placement->cockpit == resource) {
			placement->cockpit = NULL;
		}
	}
}

static void handle_resource_destroy(struct wl_resource *resource) {
	struct bn_cockpit_v1_handle *handle = wl_resource_get_user_data(resource);
	if (handle->protocol != NULL) {
		forget_cockpit(handle->protocol, resource);
		make_handle_inert(handle);
	}
	for (size_t i = 0; i < handle->subscription_count; i++) {
		free(handle->subscriptions[i].name);
	}
	free(handle->subscriptions);
	free(handle);
}

static void bind_cockpit(struct wl_client *wl_client, void *data, uint32_t version, uint32_t id) {
	struct bn_cockpit_v1 *protocol = data;
	struct bn_cockpit_v1_handle *handle = calloc(1, sizeof(*handle));
	struct wl_resource *resource = wl_resource_create(wl_client, &binnacle_cockpit_v1_interface,
			(int)version, id);
	if (handle == NULL || resource == NULL) {
		free(handle);
		wl_client_post_no_memory(wl_client);
		return;
	}
	wl_resource_set_implementation(resource, &cockpit_impl, handle, handle_resource_destroy);
	handle->protocol = protocol;
	handle->resource = resource;
	handle->client = bn_client_from_wl(protocol->context.clients, wl_client);
	bn_timer_init(&handle->timer, protocol->context.loop, SIGNAL_TIMER_RANK, handle_timer);
	update_theme(protocol);
	send_identity(handle);
	send_theme(resource, current_theme(protocol->context.cockpit));
	wl_list_insert(&protocol->handles, &handle->link);
}

static void handle_arranged(struct wl_listener *listener, void *data) {
	struct bn_cockpit_v1 *protocol = wl_container_of(listener, protocol, arranged);
	update_theme(protocol);
	struct bn_cockpit_v1_placement *placement;
	wl_list_for_each(placement, &protocol->placements, link) {
		bn_cockpit_v1_placement_update(placement);
	}
}

static void handle_signal(struct wl_listener *listener, void *data) {
	struct bn_cockpit_v1 *protocol = wl_container_of(listener, protocol, signal);
	const size_t *signal = data;
	struct bn_cockpit_v1_handle *handle;
	wl_list_for_each(handle, &protocol->handles, link) {
		for (size_t i = 0; i < handle->subscription_count; i++) {
			if (handle->subscriptions[i].signal == *signal) {
				handle->subscriptions[i].dirty = true;
				flush_later(protocol);
			}
		}
	}
}

static void handle_layout(struct wl_listener *listener, void *data) {
	struct bn_cockpit_v1 *protocol = wl_container_of(listener, protocol, layout);
	const struct bn_layout *layout = protocol->context.cockpit->layout;
	struct bn_cockpit_v1_handle *handle;
	wl_list_for_each(handle, &protocol->handles, link) {
		for (size_t i = 0; i < handle->subscription_count; i++) {
			struct bn_cockpit_v1_subscription *subscription = &handle->subscriptions[i];
			subscription->signal = bn_layout_find_signal(layout, subscription->name);
			subscription->dirty = true;
		}
		if ((app_name(handle) != NULL) != handle->sent_app) {
			send_identity(handle);
		}
	}
	flush_later(protocol);
	update_theme(protocol);
}

static void handle_display_destroy(struct wl_listener *listener, void *data) {
	struct bn_cockpit_v1 *protocol = wl_container_of(listener, protocol, display_destroy);
	bn_cockpit_v1_finish(protocol);
}

bool bn_cockpit_v1_init(struct bn_cockpit_v1 *protocol, const struct bn_ipc_context *context) {
	*protocol = (struct bn_cockpit_v1){ .context = *context };
	wl_list_init(&protocol->handles);
	wl_list_init(&protocol->placements);
	struct wl_display *display = context->loop->display;
	protocol->global = wl_global_create(display, &binnacle_cockpit_v1_interface, 1, protocol,
			bind_cockpit);
	if (protocol->global == NULL) {
		return false;
	}
	bn_listen(&context->cockpit->events.arranged, &protocol->arranged, handle_arranged);
	bn_listen(&context->cockpit->events.signal, &protocol->signal, handle_signal);
	bn_listen(&context->cockpit->events.layout, &protocol->layout, handle_layout);
	protocol->display_destroy.notify = handle_display_destroy;
	wl_display_add_destroy_listener(display, &protocol->display_destroy);
	return true;
}

void bn_cockpit_v1_finish(struct bn_cockpit_v1 *protocol) {
	if (protocol->global == NULL) {
		return;
	}
	bn_unlisten(&protocol->arranged);
	bn_unlisten(&protocol->signal);
	bn_unlisten(&protocol->layout);
	bn_unlisten(&protocol->display_destroy);
	if (protocol->idle != NULL) {
		wl_event_source_remove(protocol->idle);
		protocol->idle = NULL;
	}
	struct bn_cockpit_v1_placement *placement, *next_placement;
	wl_list_for_each_safe(placement, next_placement, &protocol->placements, link) {
		bn_cockpit_v1_placement_make_inert(placement);
	}
	struct bn_cockpit_v1_handle *handle, *next_handle;
	wl_list_for_each_safe(handle, next_handle, &protocol->handles, link) {
		make_handle_inert(handle);
	}
	free(protocol->theme);
	protocol->theme = NULL;
	wl_global_destroy(protocol->global);
	protocol->global = NULL;
}
