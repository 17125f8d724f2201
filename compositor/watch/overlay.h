#ifndef BN_WATCH_OVERLAY_H
#define BN_WATCH_OVERLAY_H

#include <wayland-server-core.h>

#include "core/graph.h"
#include "scene/overlay.h"

struct bn_cockpit;
struct bn_outputs;
struct bn_overlay_source;

/** What the frame-time overlays show: the last costs of each output that has one. */
struct bn_overlay {
	struct bn_outputs *outputs; // borrowed
	struct bn_cockpit *cockpit; // borrowed
	struct wl_list graphs;      // of outputs that were asked for
	struct bn_scene_overlay_info info;

	struct wl_listener presented, gone;
};

void bn_overlay_init(struct bn_overlay *overlay, struct bn_outputs *outputs,
		struct bn_cockpit *cockpit);
void bn_overlay_finish(struct bn_overlay *overlay);
struct bn_overlay_source bn_overlay_source(struct bn_overlay *overlay);

#endif
