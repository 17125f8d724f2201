#include "cluster/cluster.h"

bool bn_cluster_gles_init(struct bn_cluster *cluster) {
	return false;
}

void bn_cluster_gles_paint(struct bn_cluster *cluster, const struct bn_app_view *view, int width,
		int height) {
}

void bn_cluster_gles_finish(struct bn_cluster *cluster) {
}
