#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "binnacle-cockpit-v1-protocol.h"
#include "cockpit.h"
#include "ipc/cockpit_v1_private.h"
#include "shell/view.h"

/** What was decided for the window; a dialog is where its parent is. NULL: not mapped yet. */
static const struct bn_arrange_view_out *decided(const struct bn_cockpit_v1_placement *placement) {
	return bn_cockpit_view_out(placement->protocol->context.cockpit,
			bn_view_root(placement->view));
}

/** Stores `key` (taken over) and tells whether it is another one than before. */
static bool replace_key(char **stored, char *key) {
	if (*stored != NULL && strcmp(*stored, key) == 0) {
		free(key);
		return false;
	}
	free(*stored);
	*stored = key;
	return true;
}

static void update_zone(struct bn_cockpit_v1_placement *placement, size_t index) {
	const struct bn_cockpit *cockpit = placement->protocol->context.cockpit;
	const char *name = "", *display = "", *layer = "";
	struct bn_rect box = { 0 };
	if (index < cockpit->layout->zone_count) {
		const struct bn_zone *zone = &cockpit->layout->zones[index];
		name = zone->name;
		display = cockpit->layout->displays[zone->display].name;
		layer = bn_layer_name(zone->layer);
		if (index < cockpit->arrangement.zone_count) {
			box = cockpit->arrangement.zones[index].box;
		}
	}
	char *key;
	if (asprintf(&key, "%s\n%s\n%s\n%dx%d", name, display, layer, box.width, box.height) < 0) {
		return; // the next arrangement tries again
	}
	if (replace_key(&placement->sent_zone, key)) {
		binnacle_placement_v1_send_zone(placement->resource, name, display, layer,
				box.width, box.height);
	}
}

static void update_visibility(struct bn_cockpit_v1_placement *placement, bool visible,
		const char *reason) {
	char *key;
	if (asprintf(&key, "%d %s", visible, reason) < 0) {
		return;
	}
	if (replace_key(&placement->sent_visibility, key)) {
		binnacle_placement_v1_send_visibility(placement->resource, visible, reason);
	}
}

/** A reload may take back what was granted: that refusal has no request to answer. */
static void update_refusal(struct bn_cockpit_v1_placement *placement,
		const struct bn_arrange_view_out *out, const struct bn_layout *layout) {
	const struct bn_reason *denial = NULL;
	for (size_t i = 0; i < out->chain_count; i++) {
		if (out->chain[i].kind == BN_REASON_NOT_GRANTED
				|| out->chain[i].kind == BN_REASON_NOT_PROVEN) {
			denial = &out->chain[i];
		}
	}
	if (denial != NULL && !placement->denied) {
		char text[BN_ERROR_MAX];
		bn_arrange_reason_format(layout, denial, text, sizeof(text));
		binnacle_placement_v1_send_refused(placement->resource, "set_zone", text);
	}
	placement->denied = denial != NULL;
}

void bn_cockpit_v1_placement_update(struct bn_cockpit_v1_placement *placement) {
	const struct bn_layout *layout = placement->protocol->context.cockpit->layout;
	const struct bn_arrange_view_out *out = decided(placement);
	if (out == NULL) {
		// Before it is mapped it is sized for the zone it will have, but shown nowhere.
		update_zone(placement, bn_view_root(placement->view)->zone);
		update_visibility(placement, false, "the toplevel is not mapped yet");
		return;
	}
	update_refusal(placement, out, layout);
	update_zone(placement, out->zone);
	char text[BN_ERROR_MAX] = "";
	if (out->chain_count > 0) {
		bn_arrange_reason_format(layout, &out->chain[out->chain_count - 1], text,
				sizeof(text));
	}
	update_visibility(placement, out->visible, text);
}

static void placement_set_zone(struct wl_client *client, struct wl_resource *resource,
		const char *zone) {
	struct bn_cockpit_v1_placement *placement = wl_resource_get_user_data(resource);
	if (placement->view == NULL) {
		return;
	}
	// The error is one of the cockpit's; without that object it is told on ours.
	struct wl_resource *blamed =
			placement->cockpit != NULL ? placement->cockpit : placement->resource;
	if (!bn_cockpit_v1_check_name(blamed, zone)) {
		return;
	}
	char error[BN_ERROR_MAX] = "";
	if (!bn_cockpit_ask_zone(placement->protocol->context.cockpit, placement->view, zone,
			    error)) {
		binnacle_placement_v1_send_refused(placement->resource, "set_zone", error);
	}
}

static void placement_destroy(struct wl_client *client, struct wl_resource *resource) {
	wl_resource_destroy(resource);
}

static const struct binnacle_placement_v1_interface placement_impl = {
	.destroy = placement_destroy,
	.set_zone = placement_set_zone,
};

void bn_cockpit_v1_placement_make_inert(struct bn_cockpit_v1_placement *placement) {
	wl_list_remove(&placement->link);
	wl_list_init(&placement->link);
	bn_unlisten(&placement->view_destroy);
	placement->view = NULL;
	placement->cockpit = NULL;
	placement->protocol = NULL;
}

static void handle_view_destroy(struct wl_listener *listener, void *data) {
	struct bn_cockpit_v1_placement *placement =
			wl_container_of(listener, placement, view_destroy);
	bn_cockpit_v1_placement_make_inert(placement);
}

static void handle_resource_destroy(struct wl_resource *resource) {
	struct bn_cockpit_v1_placement *placement = wl_resource_get_user_data(resource);
	bn_cockpit_v1_placement_make_inert(placement);
	free(placement->sent_zone);
	free(placement->sent_visibility);
	free(placement);
}

static bool is_placed(const struct bn_cockpit_v1 *protocol, const struct bn_view *view) {
	const struct bn_cockpit_v1_placement *placement;
	wl_list_for_each(placement, &protocol->placements, link) {
		if (placement->view == view) {
			return true;
		}
	}
	return false;
}

/** NULL after an error was posted. */
static struct bn_view *placeable_view(struct bn_cockpit_v1_handle *handle,
		struct wl_resource *surface_resource) {
	struct wlr_surface *surface = wlr_surface_from_resource(surface_resource);
	struct bn_shell *shell = handle->protocol->context.shell;
	struct bn_view *view = bn_shell_view_of_surface(shell, surface);
	// A popup's or subsurface's view is found too, but it is not that view's own surface.
	if (wlr_xdg_toplevel_try_from_wlr_surface(surface) == NULL || view == NULL
			|| view->surface != surface) {
		wl_resource_post_error(handle->resource, BINNACLE_COCKPIT_V1_ERROR_INVALID_SURFACE,
				"the surface is not an xdg_toplevel of this client");
		return NULL;
	}
	if (is_placed(handle->protocol, view)) {
		wl_resource_post_error(handle->resource, BINNACLE_COCKPIT_V1_ERROR_ALREADY_PLACED,
				"the surface already has a placement");
		return NULL;
	}
	return view;
}

void bn_cockpit_v1_placement_create(struct bn_cockpit_v1_handle *handle, uint32_t id,
		struct wl_resource *surface_resource) {
	struct wl_client *client = wl_resource_get_client(handle->resource);
	struct bn_view *view = NULL;
	if (handle->protocol != NULL) {
		view = placeable_view(handle, surface_resource);
		if (view == NULL) {
			return;
		}
	}
	struct bn_cockpit_v1_placement *placement = calloc(1, sizeof(*placement));
	struct wl_resource *resource = wl_resource_create(client, &binnacle_placement_v1_interface,
			wl_resource_get_version(handle->resource), id);
	if (placement == NULL || resource == NULL) {
		free(placement);
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(resource, &placement_impl, placement,
			handle_resource_destroy);
	placement->resource = resource;
	wl_list_init(&placement->link);
	if (view == NULL) {
		return;
	}
	placement->protocol = handle->protocol;
	placement->cockpit = handle->resource;
	placement->view = view;
	bn_listen(&view->events.destroy, &placement->view_destroy, handle_view_destroy);
	wl_list_insert(&handle->protocol->placements, &placement->link);
	bn_cockpit_v1_placement_update(placement);
}
