#ifndef BN_WATCH_INSPECTOR_H
#define BN_WATCH_INSPECTOR_H

#include <stddef.h>

struct bn_cockpit;
struct bn_inspector_source;

/**
 * The words of the inspector overlay: for each zone its name, layer, owner and why;
 * for each display its refresh and figures; and the faults of a refused reload.
 */
struct bn_inspector {
	struct bn_cockpit *cockpit; // borrowed
	char (*labels)[512];        // owned; one per zone
	const char **label_list;    // owned; points into labels
	size_t capacity;
	char headline[512];
};

void bn_inspector_init(struct bn_inspector *inspector, struct bn_cockpit *cockpit);
void bn_inspector_finish(struct bn_inspector *inspector);
struct bn_inspector_source bn_inspector_source(struct bn_inspector *inspector);

#endif
