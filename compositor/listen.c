#include "listen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "client.h"
#include "core/layout.h"
#include "guardlink.h"

static bool identify(struct bn_listener *listener, struct wl_client *wl) {
	struct bn_client *client = bn_client_from_wl(listener->listeners->clients, wl);
	return client != NULL
			&& (listener->is_public
					|| bn_client_identify(client,
							listener->app_name != NULL
									? BN_IDENTITY_LISTENER
									: BN_IDENTITY_OWNER,
							listener->app_name));
}

static int handle_connection(int fd, uint32_t mask, void *data) {
	struct bn_listener *listener = data;
	int connection = bn_accept_next(&listener->listeners->accept, fd, 0, listener->path);
	if (connection < 0) {
		return 0;
	}
	struct wl_client *wl = wl_client_create(listener->listeners->display, connection);
	bn_accept_result(&listener->listeners->accept, wl != NULL, listener->path);
	if (wl == NULL) {
		close(connection);
		return 0;
	}
	if (!identify(listener, wl)) {
		wl_client_destroy(wl);
	}
	return 0;
}

static int open_socket(const char *path) {
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -1;
	}
	// The lock on the public socket's name is ours, so whatever lies here was left by the dead.
	unlink(path);
	mode_t mask = umask(0177);
	bool bound = bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	umask(mask);
	if (!bound || listen(fd, 16) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void listener_destroy(struct bn_listener *listener) {
	if (listener->source != NULL) {
		wl_event_source_remove(listener->source);
	}
	if (listener->fd >= 0) {
		close(listener->fd);
		// Under a guard it is for the next compositor.
		if (!bn_guardlink_is_alive(listener->listeners->guard)) {
			unlink(listener->path);
		}
	}
	wl_list_remove(&listener->link);
	free(listener->path);
	free(listener->app_name);
	free(listener);
}

/** What the guard has kept, or a new socket that it is to keep. */
static int open_or_take(struct bn_guardlink *guard, const char *path) {
	int fd = bn_guardlink_take(guard, path);
	if (fd >= 0) {
		return fd;
	}
	fd = open_socket(path);
	if (fd < 0) {
		wlr_log(WLR_ERROR, "socket %s: %s", path, strerror(errno));
	} else {
		bn_guardlink_keep(guard, path, fd);
	}
	return fd;
}

static bool listener_open(struct bn_listener *listener) {
	listener->fd = open_or_take(listener->listeners->guard, listener->path);
	if (listener->fd < 0) {
		return false;
	}
	listener->source = wl_event_loop_add_fd(
			wl_display_get_event_loop(listener->listeners->display), listener->fd,
			WL_EVENT_READABLE, handle_connection, listener);
	return listener->source != NULL;
}

/** `suffix`: an app's name, "owner", or NULL for the public socket. */
static void listener_create(struct bn_listeners *listeners, const char *suffix,
		const char *app_name) {
	struct bn_listener *listener = calloc(1, sizeof(*listener));
	if (listener == NULL) {
		return;
	}
	listener->listeners = listeners;
	listener->fd = -1;
	wl_list_init(&listener->link);
	listener->is_public = suffix == NULL;
	listener->app_name = app_name != NULL ? strdup(app_name) : NULL;
	const char *dot = suffix != NULL ? "." : "";
	if (asprintf(&listener->path, "%s%s%s", listeners->prefix, dot,
			    suffix != NULL ? suffix : "")
			< 0) {
		listener->path = NULL;
	}
	if ((app_name != NULL && listener->app_name == NULL) || listener->path == NULL
			|| !listener_open(listener)) {
		listener_destroy(listener);
		return;
	}
	wl_list_insert(listeners->list.prev, &listener->link);
}

bool bn_listeners_init(struct bn_listeners *listeners, struct wl_display *display,
		struct bn_clients *clients, struct bn_guardlink *guard, const char *prefix) {
	*listeners = (struct bn_listeners){
		.display = display,
		.clients = clients,
		.guard = guard,
	};
	wl_list_init(&listeners->list);
	listeners->prefix = strdup(prefix);
	if (listeners->prefix == NULL) {
		return false;
	}
	bn_accept_init(&listeners->accept);
	if (guard->public_path[0] != '\0') {
		listener_create(listeners, NULL, NULL);
	}
	listener_create(listeners, "owner", NULL);
	return true;
}

void bn_listeners_finish(struct bn_listeners *listeners) {
	if (listeners->prefix == NULL) {
		return;
	}
	struct bn_listener *listener, *tmp;
	wl_list_for_each_safe(listener, tmp, &listeners->list, link) {
		listener_destroy(listener);
	}
	bn_accept_finish(&listeners->accept);
	free(listeners->prefix);
	listeners->prefix = NULL;
}

static bool is_listened_for(const struct bn_app *app) {
	// An app named "owner" would take the owner's socket.
	return app->exec == NULL && strcmp(app->name, "owner") != 0;
}

void bn_listeners_set_layout(struct bn_listeners *listeners, const struct bn_layout *layout) {
	if (listeners->prefix == NULL) {
		return;
	}
	struct bn_listener *listener, *tmp;
	wl_list_for_each_safe(listener, tmp, &listeners->list, link) {
		size_t app = listener->app_name != NULL
				? bn_layout_find_app(layout, listener->app_name)
				: BN_NONE;
		if (listener->app_name != NULL
				&& (app == BN_NONE || !is_listened_for(&layout->apps[app]))) {
			bn_guardlink_forget(listeners->guard, listener->path);
			listener_destroy(listener);
		}
	}
	for (size_t i = 0; i < layout->app_count; i++) {
		bool there = false;
		wl_list_for_each(listener, &listeners->list, link) {
			there |= listener->app_name != NULL
					&& strcmp(listener->app_name, layout->apps[i].name) == 0;
		}
		if (!there && is_listened_for(&layout->apps[i])) {
			listener_create(listeners, layout->apps[i].name, layout->apps[i].name);
		}
	}
}
