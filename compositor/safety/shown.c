#include "safety/shown.h"

#include "client.h"
#include "cockpit.h"
#include "core/transition.h"
#include "output.h"
#include "scene/content.h"
#include "scene/list.h"
#include "scene/scene.h"
#include "shell/view.h"

/** Something of the view was drawn and is not covered. */
static bool is_in_list(const struct bn_cockpit *cockpit, const struct bn_output *output,
		const struct bn_view *view) {
	const struct bn_drawlist *draw = &output->list.draw;
	for (size_t i = 0; i < draw->count; i++) {
		const struct bn_content *content =
				bn_scene_list_source(&output->list, &draw->ops[i])->content;
		if (content == NULL || pixman_region32_empty(&draw->ops[i].visible)) {
			continue;
		}
		if (content->surface == view->surface) {
			return true;
		}
		struct bn_view *owner = bn_shell_view_of_surface(cockpit->shell, content->surface);
		if (owner != NULL && bn_view_root(owner) == view) {
			return true;
		}
	}
	return false;
}

static struct bn_shown filler_shown(const struct bn_filler *filler, bool is_fault) {
	struct bn_shown shown = { .app = BN_NONE };
	if (filler != NULL && filler->builtin != BN_BUILTIN_NONE) {
		shown.kind = is_fault ? BN_SHOWN_FALLBACK : BN_SHOWN_FILLER;
	}
	return shown;
}

static struct bn_shown app_shown(const struct bn_view *view) {
	return (struct bn_shown){
		.kind = BN_SHOWN_APP,
		.view = view->id,
		.app = bn_client_identity_for(view->client, view->app_id).app,
	};
}

struct bn_shown bn_shown_decided(const struct bn_cockpit *cockpit, size_t index) {
	const struct bn_scene_zone *zone = &cockpit->scene->zones[index];
	// An empty zone that an app is wanted in does with its filler as well as it can.
	bool is_wanting = cockpit->arrangement.zones[index].wanted_app != BN_NONE;
	switch (zone->content) {
	case BN_CONTENT_VIEW:
		return zone->video_held
				? (struct bn_shown){ .kind = BN_SHOWN_FALLBACK, .app = BN_NONE }
				: app_shown(zone->view);
	case BN_CONTENT_EMPTY:
	case BN_CONTENT_FAULT:
		return filler_shown(zone->filler, zone->content == BN_CONTENT_FAULT || is_wanting);
	case BN_CONTENT_NOTHING:
		break;
	}
	return (struct bn_shown){ .kind = BN_SHOWN_NOTHING, .app = BN_NONE };
}

/** Of a view that was not drawn: its pixels are lost and a filler stands in, or it is covered. */
static struct bn_shown missing_shown(const struct bn_cockpit *cockpit, const struct bn_view *view,
		size_t index) {
	const struct bn_zone *spec = &cockpit->layout->zones[index];
	const struct bn_content *content = bn_content_from_surface(view->surface);
	bool is_lost = content != NULL && !bn_content_is_drawable(content);
	return filler_shown(!is_lost ? NULL
					: spec->on_fault.builtin != BN_BUILTIN_NONE
					? &spec->on_fault
					: &spec->empty,
			true);
}

struct bn_shown bn_shown_composed(const struct bn_cockpit *cockpit, const struct bn_output *output,
		size_t index) {
	const struct bn_scene_zone *zone = &cockpit->scene->zones[index];
	struct bn_shown shown = bn_shown_decided(cockpit, index);
	if (bn_transition_is_running(&zone->transition, output->record.wake_ns)
			&& (shown.kind != BN_SHOWN_NOTHING || zone->outgoing != NULL)) {
		shown.kind = BN_SHOWN_MOVING;
	} else if (shown.kind == BN_SHOWN_APP && !is_in_list(cockpit, output, zone->view)) {
		shown = missing_shown(cockpit, zone->view, index);
	}
	return shown;
}

bool bn_shown_equal(const struct bn_shown *a, const struct bn_shown *b) {
	return a->kind == b->kind && (a->kind != BN_SHOWN_APP || a->view == b->view);
}
