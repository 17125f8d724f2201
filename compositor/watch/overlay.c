#include "watch/overlay.h"

#include <stdlib.h>
#include <wlr/types/wlr_output.h>

#include "cockpit.h"
#include "loop.h"
#include "output.h"

/** Made when an output's overlay is drawn first, gone with the output. */
struct graph {
	const struct bn_output *output; // borrowed
	struct bn_graph bars;
	struct wl_list link; // bn_overlay.graphs
};

static struct graph *find(struct bn_overlay *overlay, const struct bn_output *output) {
	struct graph *graph;
	wl_list_for_each(graph, &overlay->graphs, link) {
		if (graph->output == output) {
			return graph;
		}
	}
	return NULL;
}

static void handle_presented(struct wl_listener *listener, void *data) {
	struct bn_overlay *overlay = wl_container_of(listener, overlay, presented);
	const struct bn_output *output = data;
	const struct bn_frame_record *record = &output->record;
	struct graph *graph = find(overlay, output);
	if (graph != NULL && record->commit_ns > 0) {
		bn_graph_add(&graph->bars, record->commit_ns - record->wake_ns,
				record->planned_ns - record->wake_ns, record->missed);
	}
}

static void destroy(struct graph *graph) {
	wl_list_remove(&graph->link);
	free(graph);
}

static void handle_gone(struct wl_listener *listener, void *data) {
	struct bn_overlay *overlay = wl_container_of(listener, overlay, gone);
	struct graph *graph = find(overlay, data);
	if (graph != NULL) {
		destroy(graph);
	}
}

static const struct bn_scene_overlay_info *info(void *data, const struct bn_output *output) {
	struct bn_overlay *overlay = data;
	struct graph *graph = find(overlay, output);
	if (graph == NULL) {
		graph = calloc(1, sizeof(*graph));
		if (graph == NULL) {
			return NULL;
		}
		graph->output = output;
		wl_list_insert(&overlay->graphs, &graph->link);
	}
	const struct bn_layout *layout = overlay->cockpit->layout;
	overlay->info = (struct bn_scene_overlay_info){
		.graph = &graph->bars,
		.name = output->display < layout->display_count
				? layout->displays[output->display].name
				: output->wlr->name,
		.period_ns = output->deadline.period_ns,
		.missed = output->stats.missed,
	};
	return &overlay->info;
}

void bn_overlay_init(struct bn_overlay *overlay, struct bn_outputs *outputs,
		struct bn_cockpit *cockpit) {
	*overlay = (struct bn_overlay){ .outputs = outputs, .cockpit = cockpit };
	wl_list_init(&overlay->graphs);
	bn_listen(&outputs->events.presented, &overlay->presented, handle_presented);
	bn_listen(&outputs->events.gone, &overlay->gone, handle_gone);
}

void bn_overlay_finish(struct bn_overlay *overlay) {
	bn_unlisten(&overlay->presented);
	bn_unlisten(&overlay->gone);
	while (overlay->graphs.next != NULL && !wl_list_empty(&overlay->graphs)) {
		struct graph *graph = wl_container_of(overlay->graphs.next, graph, link);
		destroy(graph);
	}
}

struct bn_overlay_source bn_overlay_source(struct bn_overlay *overlay) {
	return (struct bn_overlay_source){ .info = info, .data = overlay };
}
