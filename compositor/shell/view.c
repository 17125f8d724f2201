#include "shell/view.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_subcompositor.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "client.h"

void bn_shell_init(struct bn_shell *shell, struct wl_display *display, struct bn_clients *clients) {
	*shell = (struct bn_shell){ .display = display, .clients = clients, .next_id = 1 };
	wl_list_init(&shell->views);
	wl_signal_init(&shell->events.new_view);
}

void bn_shell_finish(struct bn_shell *shell) {
	assert(wl_list_empty(&shell->views));
}

struct bn_view *bn_shell_view_by_id(struct bn_shell *shell, uint64_t id) {
	struct bn_view *view;
	wl_list_for_each(view, &shell->views, link) {
		if (view->id == id) {
			return view;
		}
	}
	return NULL;
}

/** Up through subsurfaces and popups to the toplevel's surface; NULL: an orphan. */
static struct wlr_surface *toplevel_surface(struct wlr_surface *surface) {
	while (surface != NULL) {
		struct wlr_subsurface *subsurface = wlr_subsurface_try_from_wlr_surface(surface);
		if (subsurface != NULL) {
			surface = subsurface->parent;
			continue;
		}
		struct wlr_xdg_popup *popup = wlr_xdg_popup_try_from_wlr_surface(surface);
		if (popup == NULL) {
			return surface;
		}
		surface = popup->parent;
	}
	return NULL;
}

struct bn_view *bn_shell_view_of_surface(struct bn_shell *shell, struct wlr_surface *surface) {
	struct wlr_surface *top = toplevel_surface(surface);
	struct bn_view *view;
	wl_list_for_each(view, &shell->views, link) {
		if (top != NULL && view->surface == top) {
			return view;
		}
	}
	return NULL;
}

void bn_view_init(struct bn_view *view, struct bn_shell *shell, const struct bn_view_impl *impl,
		struct wlr_surface *surface) {
	*view = (struct bn_view){
		.id = shell->next_id++,
		.impl = impl,
		.shell = shell,
		.surface = surface,
		.client = bn_client_from_wl(shell->clients,
				wl_resource_get_client(surface->resource)),
		.zone = BN_NONE,
		.asked_zone = BN_NONE,
		.freshness = BN_FREEZE_STARTING,
	};
	wl_list_init(&view->children);
	wl_list_init(&view->child_link);
	wl_list_init(&view->link);
	wl_signal_init(&view->events.ready);
	wl_signal_init(&view->events.map);
	wl_signal_init(&view->events.unmap);
	wl_signal_init(&view->events.commit);
	wl_signal_init(&view->events.identity);
	wl_signal_init(&view->events.request_activate);
	wl_signal_init(&view->events.destroy);
}

void bn_view_publish(struct bn_view *view) {
	wl_list_insert(view->shell->views.prev, &view->link);
	wl_signal_emit_mutable(&view->shell->events.new_view, view);
}

void bn_view_finish(struct bn_view *view) {
	wl_signal_emit_mutable(&view->events.destroy, view);
	struct bn_view *child, *tmp;
	wl_list_for_each_safe(child, tmp, &view->children, child_link) {
		bn_view_set_parent(child, view->parent);
	}
	wl_list_remove(&view->child_link);
	wl_list_remove(&view->link);
	free(view->app_id);
	free(view->title);
}

/** Client text lives on our heap: as long as a person may read it, not as long as it may be sent. */
static char *copy_text(const char *text) {
	return text != NULL ? strndup(text, 256) : NULL;
}

void bn_view_set_app_id(struct bn_view *view, const char *app_id) {
	free(view->app_id);
	view->app_id = copy_text(app_id);
	wl_signal_emit_mutable(&view->events.identity, view);
}

void bn_view_set_title(struct bn_view *view, const char *title) {
	free(view->title);
	view->title = copy_text(title);
	wl_signal_emit_mutable(&view->events.identity, view);
}

void bn_view_set_parent(struct bn_view *view, struct bn_view *parent) {
	if (view->parent == parent) {
		return;
	}
	// A client may ask for a cycle through two toplevels: the second request is ignored.
	for (struct bn_view *up = parent; up != NULL; up = up->parent) {
		if (up == view) {
			return;
		}
	}
	wl_list_remove(&view->child_link);
	wl_list_init(&view->child_link);
	view->parent = parent;
	if (parent != NULL) {
		wl_list_insert(parent->children.prev, &view->child_link);
	}
	wl_signal_emit_mutable(&view->events.identity, view);
}

struct bn_view *bn_view_root(struct bn_view *view) {
	while (view->parent != NULL) {
		view = view->parent;
	}
	return view;
}
