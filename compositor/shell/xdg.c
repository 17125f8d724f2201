#include "shell/xdg.h"

#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_xdg_activation_v1.h>
#include <wlr/types/wlr_xdg_decoration_v1.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/util/edges.h>

#include "loop.h"
#include "shell/view.h"

#define XDG_SHELL_VERSION 6
/** Tokens live for half a minute, and each request to activate looks through all. */
#define TOKENS_MAX 256

struct xdg_view {
	struct bn_view base;
	struct wlr_xdg_toplevel *toplevel;
	struct wlr_box popup_box; // relative to the window geometry; empty: not shown yet

	struct wl_listener commit, map, unmap, destroy;
	struct wl_listener set_app_id, set_title, set_parent;
	struct wl_listener request_maximize, request_fullscreen, request_minimize;
};

struct xdg_popup {
	struct bn_shell *shell;
	struct wlr_xdg_popup *wlr;
	struct wl_listener commit, reposition, destroy;
};

struct decoration {
	struct wlr_xdg_toplevel_decoration_v1 *wlr;
	struct wl_listener request_mode, surface_commit, destroy;
};

static struct xdg_view *from_view(const struct bn_view *view) {
	return wl_container_of(view, (struct xdg_view *)NULL, base);
}

static void view_configure(struct bn_view *view, int32_t width, int32_t height) {
	struct xdg_view *self = from_view(view);
	struct wlr_xdg_toplevel *toplevel = self->toplevel;
	if (!toplevel->base->initialized) {
		return;
	}
	view->width = width;
	view->height = height;
	bool fills = width > 0 && height > 0;
	// Maximized and tiled: the two ways to tell toolkits to draw no shadow and keep the size.
	if (toplevel->scheduled.width != width || toplevel->scheduled.height != height) {
		wlr_xdg_toplevel_set_size(toplevel, width, height);
	}
	if (toplevel->scheduled.maximized != fills) {
		wlr_xdg_toplevel_set_maximized(toplevel, fills);
		wlr_xdg_toplevel_set_tiled(toplevel,
				fills ? WLR_EDGE_TOP | WLR_EDGE_BOTTOM | WLR_EDGE_LEFT
								| WLR_EDGE_RIGHT
				      : 0);
	}
	if (toplevel->scheduled.activated != view->activated) {
		wlr_xdg_toplevel_set_activated(toplevel, view->activated);
	}
	if (toplevel->scheduled.suspended != view->suspended) {
		wlr_xdg_toplevel_set_suspended(toplevel, view->suspended);
	}
}

static void view_geometry(const struct bn_view *view, struct wlr_box *ret_box) {
	*ret_box = from_view(view)->toplevel->base->geometry;
}

static void unconstrain(struct xdg_view *self, struct wlr_xdg_popup *popup) {
	if (self->popup_box.width > 0 && self->popup_box.height > 0) {
		wlr_xdg_popup_unconstrain_from_box(popup, &self->popup_box);
	}
}

static void view_constrain_popups(struct bn_view *view, const struct wlr_box *box) {
	struct xdg_view *self = from_view(view);
	if (wlr_box_equal(&self->popup_box, box)) {
		return;
	}
	self->popup_box = *box;
	struct wlr_xdg_popup *popup;
	wl_list_for_each(popup, &self->toplevel->base->popups, link) {
		if (popup->base->initialized && popup->current.reactive) {
			unconstrain(self, popup);
		}
	}
}

static void view_ping(struct bn_view *view) {
	wlr_xdg_surface_ping(from_view(view)->toplevel->base);
}

static bool view_ping_pending(const struct bn_view *view) {
	return from_view(view)->toplevel->base->client->ping_serial != 0;
}

static void view_for_each_popup(const struct bn_view *view,
		void (*iterator)(struct wlr_surface *surface, int sx, int sy, void *data),
		void *data) {
	wlr_xdg_surface_for_each_popup_surface(from_view(view)->toplevel->base, iterator, data);
}

static void view_dismiss_popups(struct bn_view *view) {
	struct wlr_xdg_popup *popup, *tmp;
	wl_list_for_each_safe(popup, tmp, &from_view(view)->toplevel->base->popups, link) {
		wlr_xdg_popup_destroy(popup);
	}
}

static const struct bn_view_impl view_impl = {
	.role = "xdg-toplevel",
	.configure = view_configure,
	.geometry = view_geometry,
	.constrain_popups = view_constrain_popups,
	.ping = view_ping,
	.ping_pending = view_ping_pending,
	.for_each_popup = view_for_each_popup,
	.dismiss_popups = view_dismiss_popups,
};

static void handle_commit(struct wl_listener *listener, void *data) {
	struct xdg_view *self = wl_container_of(listener, self, commit);
	struct bn_view *view = &self->base;
	if (self->toplevel->base->initial_commit) {
		wlr_xdg_toplevel_set_wm_capabilities(self->toplevel,
				WLR_XDG_TOPLEVEL_WM_CAPABILITIES_FULLSCREEN);
		view->ready = true;
		view->width = view->height = 0;
		wlr_xdg_toplevel_set_fullscreen(self->toplevel,
				self->toplevel->requested.fullscreen);
		wl_signal_emit_mutable(&view->events.ready, view);
		// Whatever was decided, the client waits for its first configure.
		wlr_xdg_surface_schedule_configure(self->toplevel->base);
	}
	wl_signal_emit_mutable(&view->events.commit, view);
}

static void handle_map(struct wl_listener *listener, void *data) {
	struct xdg_view *self = wl_container_of(listener, self, map);
	self->base.mapped = true;
	wl_signal_emit_mutable(&self->base.events.map, &self->base);
}

static void handle_unmap(struct wl_listener *listener, void *data) {
	struct xdg_view *self = wl_container_of(listener, self, unmap);
	self->base.mapped = false;
	self->base.ready = false;
	wl_signal_emit_mutable(&self->base.events.unmap, &self->base);
}

static void handle_set_app_id(struct wl_listener *listener, void *data) {
	struct xdg_view *self = wl_container_of(listener, self, set_app_id);
	bn_view_set_app_id(&self->base, self->toplevel->app_id);
}

static void handle_set_title(struct wl_listener *listener, void *data) {
	struct xdg_view *self = wl_container_of(listener, self, set_title);
	bn_view_set_title(&self->base, self->toplevel->title);
}

static void handle_set_parent(struct wl_listener *listener, void *data) {
	struct xdg_view *self = wl_container_of(listener, self, set_parent);
	struct wlr_xdg_toplevel *parent = self->toplevel->parent;
	bn_view_set_parent(&self->base, parent != NULL ? parent->base->data : NULL);
}

/** The protocol wants an answer even when nothing changes. */
static void answer(struct xdg_view *self) {
	if (self->toplevel->base->initialized) {
		wlr_xdg_surface_schedule_configure(self->toplevel->base);
	}
}

static void handle_request_maximize(struct wl_listener *listener, void *data) {
	struct xdg_view *self = wl_container_of(listener, self, request_maximize);
	answer(self);
}

static void handle_request_fullscreen(struct wl_listener *listener, void *data) {
	struct xdg_view *self = wl_container_of(listener, self, request_fullscreen);
	// Fullscreen means the zone: the client may drop its own bars, its size stays.
	if (self->toplevel->base->initialized) {
		wlr_xdg_toplevel_set_fullscreen(self->toplevel,
				self->toplevel->requested.fullscreen);
	}
}

static void handle_request_minimize(struct wl_listener *listener, void *data) {
	struct xdg_view *self = wl_container_of(listener, self, request_minimize);
	answer(self);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct xdg_view *self = wl_container_of(listener, self, destroy);
	bn_view_finish(&self->base);
	wl_list_remove(&self->commit.link);
	wl_list_remove(&self->map.link);
	wl_list_remove(&self->unmap.link);
	wl_list_remove(&self->destroy.link);
	wl_list_remove(&self->set_app_id.link);
	wl_list_remove(&self->set_title.link);
	wl_list_remove(&self->set_parent.link);
	wl_list_remove(&self->request_maximize.link);
	wl_list_remove(&self->request_fullscreen.link);
	wl_list_remove(&self->request_minimize.link);
	free(self);
}

static void handle_new_toplevel(struct wl_listener *listener, void *data) {
	struct bn_xdg *xdg = wl_container_of(listener, xdg, new_toplevel);
	struct wlr_xdg_toplevel *toplevel = data;
	struct xdg_view *self = calloc(1, sizeof(*self));
	if (self == NULL) {
		wl_resource_post_no_memory(toplevel->resource);
		return;
	}
	struct wlr_surface *surface = toplevel->base->surface;
	bn_view_init(&self->base, xdg->shell, &view_impl, surface);
	self->toplevel = toplevel;
	toplevel->base->data = &self->base;
	bn_listen(&surface->events.commit, &self->commit, handle_commit);
	bn_listen(&surface->events.map, &self->map, handle_map);
	bn_listen(&surface->events.unmap, &self->unmap, handle_unmap);
	bn_listen(&toplevel->events.destroy, &self->destroy, handle_destroy);
	bn_listen(&toplevel->events.set_app_id, &self->set_app_id, handle_set_app_id);
	bn_listen(&toplevel->events.set_title, &self->set_title, handle_set_title);
	bn_listen(&toplevel->events.set_parent, &self->set_parent, handle_set_parent);
	bn_listen(&toplevel->events.request_maximize, &self->request_maximize,
			handle_request_maximize);
	bn_listen(&toplevel->events.request_fullscreen, &self->request_fullscreen,
			handle_request_fullscreen);
	bn_listen(&toplevel->events.request_minimize, &self->request_minimize,
			handle_request_minimize);
	bn_view_publish(&self->base);
}

static void popup_unconstrain(struct xdg_popup *popup) {
	struct bn_view *view = bn_shell_view_of_surface(popup->shell, popup->wlr->base->surface);
	if (view != NULL) {
		unconstrain(from_view(view), popup->wlr);
	}
}

static void handle_popup_commit(struct wl_listener *listener, void *data) {
	struct xdg_popup *popup = wl_container_of(listener, popup, commit);
	if (popup->wlr->base->initial_commit) {
		popup_unconstrain(popup);
		wlr_xdg_surface_schedule_configure(popup->wlr->base);
	}
}

static void handle_popup_reposition(struct wl_listener *listener, void *data) {
	struct xdg_popup *popup = wl_container_of(listener, popup, reposition);
	popup_unconstrain(popup);
}

static void handle_popup_destroy(struct wl_listener *listener, void *data) {
	struct xdg_popup *popup = wl_container_of(listener, popup, destroy);
	wl_list_remove(&popup->commit.link);
	wl_list_remove(&popup->reposition.link);
	wl_list_remove(&popup->destroy.link);
	free(popup);
}

static void handle_new_popup(struct wl_listener *listener, void *data) {
	struct bn_xdg *xdg = wl_container_of(listener, xdg, new_popup);
	struct wlr_xdg_popup *wlr = data;
	struct xdg_popup *popup = calloc(1, sizeof(*popup));
	if (popup == NULL) {
		wl_resource_post_no_memory(wlr->resource);
		return;
	}
	popup->shell = xdg->shell;
	popup->wlr = wlr;
	bn_listen(&wlr->base->surface->events.commit, &popup->commit, handle_popup_commit);
	bn_listen(&wlr->events.reposition, &popup->reposition, handle_popup_reposition);
	bn_listen(&wlr->events.destroy, &popup->destroy, handle_popup_destroy);
}

static void decoration_apply(struct decoration *decoration) {
	if (decoration->wlr->toplevel->base->initialized) {
		wlr_xdg_toplevel_decoration_v1_set_mode(decoration->wlr,
				WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	}
}

static void handle_decoration_request(struct wl_listener *listener, void *data) {
	struct decoration *decoration = wl_container_of(listener, decoration, request_mode);
	decoration_apply(decoration);
}

static void handle_decoration_commit(struct wl_listener *listener, void *data) {
	struct decoration *decoration = wl_container_of(listener, decoration, surface_commit);
	if (decoration->wlr->toplevel->base->initial_commit) {
		decoration_apply(decoration);
	}
}

static void handle_decoration_destroy(struct wl_listener *listener, void *data) {
	struct decoration *decoration = wl_container_of(listener, decoration, destroy);
	wl_list_remove(&decoration->request_mode.link);
	wl_list_remove(&decoration->surface_commit.link);
	wl_list_remove(&decoration->destroy.link);
	free(decoration);
}

static void handle_new_decoration(struct wl_listener *listener, void *data) {
	struct wlr_xdg_toplevel_decoration_v1 *wlr = data;
	struct decoration *decoration = calloc(1, sizeof(*decoration));
	if (decoration == NULL) {
		wl_resource_post_no_memory(wlr->resource);
		return;
	}
	decoration->wlr = wlr;
	bn_listen(&wlr->events.request_mode, &decoration->request_mode, handle_decoration_request);
	bn_listen(&wlr->toplevel->base->surface->events.commit, &decoration->surface_commit,
			handle_decoration_commit);
	bn_listen(&wlr->events.destroy, &decoration->destroy, handle_decoration_destroy);
	decoration_apply(decoration);
}

static void handle_activation(struct wl_listener *listener, void *data) {
	struct bn_xdg *xdg = wl_container_of(listener, xdg, activation);
	const struct wlr_xdg_activation_v1_request_activate_event *event = data;
	struct bn_view *view = bn_shell_view_of_surface(xdg->shell, event->surface);
	// A token without a seat was made without input: anybody could have one.
	if (view != NULL && event->token->seat != NULL) {
		wl_signal_emit_mutable(&view->events.request_activate, view);
	}
}

/** The oldest goes; one that was made without input first, since it activates nothing. */
static void handle_new_token(struct wl_listener *listener, void *data) {
	const struct wlr_xdg_activation_token_v1 *added = data;
	struct wl_list *tokens = &added->activation->tokens;
	if (wl_list_length(tokens) <= TOKENS_MAX) {
		return;
	}
	struct wlr_xdg_activation_token_v1 *token, *oldest = NULL;
	wl_list_for_each_reverse(token, tokens, link) {
		if (token != added && (oldest == NULL || token->seat == NULL)) {
			oldest = token;
		}
		if (oldest != NULL && oldest->seat == NULL) {
			break;
		}
	}
	wlr_xdg_activation_token_v1_destroy(oldest);
}

bool bn_xdg_init(struct bn_xdg *xdg, struct bn_shell *shell) {
	*xdg = (struct bn_xdg){ .shell = shell };
	xdg->wlr = wlr_xdg_shell_create(shell->display, XDG_SHELL_VERSION);
	struct wlr_xdg_decoration_manager_v1 *decorations =
			wlr_xdg_decoration_manager_v1_create(shell->display);
	xdg->activations = wlr_xdg_activation_v1_create(shell->display);
	if (xdg->wlr == NULL || decorations == NULL || xdg->activations == NULL) {
		return false;
	}
	bn_listen(&xdg->wlr->events.new_toplevel, &xdg->new_toplevel, handle_new_toplevel);
	bn_listen(&xdg->wlr->events.new_popup, &xdg->new_popup, handle_new_popup);
	bn_listen(&decorations->events.new_toplevel_decoration, &xdg->new_decoration,
			handle_new_decoration);
	bn_listen(&xdg->activations->events.request_activate, &xdg->activation, handle_activation);
	bn_listen(&xdg->activations->events.new_token, &xdg->new_token, handle_new_token);
	return true;
}

void bn_xdg_finish(struct bn_xdg *xdg) {
	bn_unlisten(&xdg->new_toplevel);
	bn_unlisten(&xdg->new_popup);
	bn_unlisten(&xdg->new_decoration);
	bn_unlisten(&xdg->activation);
	bn_unlisten(&xdg->new_token);
}
