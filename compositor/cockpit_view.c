#include "cockpit.h"

#include <stdlib.h>

#include "client.h"
#include "cockpit_internal.h"
#include "scene/scene.h"
#include "shell/view.h"

/** What the cockpit listens to of one view. */
struct view_hook {
	struct bn_cockpit *cockpit;
	struct bn_view *view;
	struct wl_list link; // bn_cockpit.hooks
	struct wl_listener ready, map, unmap, identity, request_activate, destroy;
};

static void damage_view(struct bn_cockpit *cockpit, const struct bn_view *view) {
	size_t display = bn_scene_display_of_view(cockpit->scene, view);
	if (display != BN_NONE) {
		bn_scene_damage_display(cockpit->scene, display);
	}
}

static void handle_ready(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, ready);
	struct bn_view *view = hook->view;
	if (view->parent != NULL) {
		view->impl->configure(view, 0, 0);
		return;
	}
	view->zone = bn_cockpit_predict_zone(hook->cockpit, view);
	bn_cockpit_configure(hook->cockpit, view, view->zone);
}

static void handle_map(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, map);
	hook->view->map_serial = hook->cockpit->next_serial++;
	bn_cockpit_arrange(hook->cockpit);
	damage_view(hook->cockpit, hook->view);
}

static void handle_unmap(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, unmap);
	damage_view(hook->cockpit, hook->view);
	bn_scene_forget_view(hook->cockpit->scene, hook->view);
	bn_cockpit_arrange_later(hook->cockpit);
}

static void handle_identity(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, identity);
	if (hook->view->mapped) {
		bn_cockpit_arrange_later(hook->cockpit);
	}
}

static void handle_request_activate(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, request_activate);
	bn_cockpit_activate(hook->cockpit, hook->view);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct view_hook *hook = wl_container_of(listener, hook, destroy);
	bn_scene_forget_view(hook->cockpit->scene, hook->view);
	bn_cockpit_arrange_later(hook->cockpit);
	wl_list_remove(&hook->ready.link);
	wl_list_remove(&hook->map.link);
	wl_list_remove(&hook->unmap.link);
	wl_list_remove(&hook->identity.link);
	wl_list_remove(&hook->request_activate.link);
	wl_list_remove(&hook->destroy.link);
	wl_list_remove(&hook->link);
	free(hook);
}

static void handle_new_view(struct wl_listener *listener, void *data) {
	struct bn_cockpit *cockpit = wl_container_of(listener, cockpit, new_view);
	struct bn_view *view = data;
	struct view_hook *hook = calloc(1, sizeof(*hook));
	if (hook == NULL) {
		wl_client_post_no_memory(view->client->wl);
		return;
	}
	hook->cockpit = cockpit;
	hook->view = view;
	bn_listen(&view->events.ready, &hook->ready, handle_ready);
	bn_listen(&view->events.map, &hook->map, handle_map);
	bn_listen(&view->events.unmap, &hook->unmap, handle_unmap);
	bn_listen(&view->events.identity, &hook->identity, handle_identity);
	bn_listen(&view->events.request_activate, &hook->request_activate, handle_request_activate);
	bn_listen(&view->events.destroy, &hook->destroy, handle_destroy);
	wl_list_insert(&cockpit->hooks, &hook->link);
}

void bn_cockpit_follow_views(struct bn_cockpit *cockpit) {
	wl_list_init(&cockpit->hooks);
	bn_listen(&cockpit->shell->events.new_view, &cockpit->new_view, handle_new_view);
}
