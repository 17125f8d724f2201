#include <math.h>

#include "cluster/cluster.h"

void bn_cluster_make_layers(struct bn_cluster *cluster, const struct bn_app_view *view) {
	const struct bn_cluster_frame *frame = &cluster->frame;
	if (cluster->face.surface) {
		return;
	}
	cairo_t *cr = bn_layer_cache_begin(&cluster->face, view->width, view->height, view->scale,
			true);
	cairo_scale(cr, frame->unit, frame->unit);
	bn_cluster_draw_background(cluster, view, cr);
	bn_cluster_draw_face(cluster, view, cr);
	cairo_destroy(cr);
	double scale = view->scale * frame->unit;
	for (int i = 0; i < 2; i++) {
		cr = bn_layer_cache_begin(&cluster->car[i], (int)ceil(BN_CLUSTER_CAR_WIDTH),
				(int)ceil(BN_CLUSTER_CAR_HEIGHT), scale, false);
		cairo_scale(cr, BN_CLUSTER_CAR_SIZE, BN_CLUSTER_CAR_SIZE);
		cairo_translate(cr, BN_CLUSTER_CAR_MARGIN, 0);
		bn_cluster_draw_car(cr, i == 1);
		cairo_destroy(cr);
	}
}

static void drop_layers(struct bn_cluster *cluster) {
	bn_layer_cache_drop(&cluster->face);
	bn_layer_cache_drop(&cluster->car[0]);
	bn_layer_cache_drop(&cluster->car[1]);
}

static void reset(void *data, const struct bn_app_view *view) {
	struct bn_cluster *cluster = data;
	drop_layers(cluster);
	for (int i = 0; i < BN_CLUSTER_PART_COUNT; i++) {
		cluster->parts[i].valid = false;
	}
}

static bool update(void *data, const struct bn_app_view *view, cairo_region_t *damage) {
	return bn_cluster_update(data, view, damage);
}

static void draw_part(const struct bn_cluster *cluster, const struct bn_app_view *view, cairo_t *cr,
		enum bn_cluster_part part) {
	switch (part) {
	case BN_CLUSTER_SPEED_RING:
		bn_cluster_draw_speed_ring(cluster, view, cr);
		break;
	case BN_CLUSTER_POWER_RING:
		bn_cluster_draw_power_ring(cluster, view, cr);
		break;
	case BN_CLUSTER_ROAD:
		bn_cluster_draw_road(cluster, view, cr);
		break;
	default:
		bn_cluster_draw_text(cluster, view, cr, part);
		break;
	}
}

static void paint(void *data, const struct bn_app_view *view, cairo_t *cr,
		const cairo_region_t *damage) {
	struct bn_cluster *cluster = data;
	bn_cluster_make_layers(cluster, view);
	bn_layer_cache_paint(&cluster->face, cr, 0, 0);
	for (int i = 0; i < BN_CLUSTER_PART_COUNT; i++) {
		const struct bn_part *part = &cluster->parts[i];
		if (!bn_part_is_hit(part, damage)) {
			continue;
		}
		cairo_save(cr);
		cairo_rectangle(cr, part->box.x, part->box.y, part->box.width, part->box.height);
		cairo_clip(cr);
		cairo_scale(cr, cluster->frame.unit, cluster->frame.unit);
		draw_part(cluster, view, cr, (enum bn_cluster_part)i);
		cairo_restore(cr);
	}
}

static bool gles_init(void *data) {
	return bn_cluster_gles_init(data);
}

static void gles_paint(void *data, const struct bn_app_view *view, int width, int height) {
	bn_cluster_gles_paint(data, view, width, height);
}

static void gles_finish(void *data) {
	bn_cluster_gles_finish(data);
}

int main(int argc, char **argv) {
	struct bn_cluster cluster = { .trip = { .distance = BN_ROUTE_START_M } };
	bn_route_init(&cluster.route);
	const struct bn_app_info info = {
		.program = "binnacle-cluster",
		.title = "Instrument cluster",
		.app_id = "cluster",
		.reset = reset,
		.update = update,
		.paint = paint,
		.gles_init = gles_init,
		.gles_paint = gles_paint,
		.gles_finish = gles_finish,
	};
	int status = bn_app_main(&info, &cluster, argc, argv);
	drop_layers(&cluster);
	return status;
}
