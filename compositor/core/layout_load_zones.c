#include "core/layout_load_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"

static const struct bn_choice layer_items[] = {
	{ "background", BN_LAYER_BACKGROUND },
	{ "app", BN_LAYER_APP },
	{ "overlay", BN_LAYER_OVERLAY },
	{ "alert", BN_LAYER_ALERT },
	{ "safety", BN_LAYER_SAFETY },
	{ "telltale", BN_LAYER_TELLTALE },
};
static const struct bn_choices layers = { "a layer", layer_items, BN_COUNT_OF(layer_items) };

static const struct bn_choice fit_items[] = {
	{ "fill", BN_FIT_FILL },
	{ "fit", BN_FIT_FIT },
	{ "stretch", BN_FIT_STRETCH },
	{ "center", BN_FIT_CENTER },
	{ "none", BN_FIT_NONE },
};
static const struct bn_choices fits = { "a fit", fit_items, BN_COUNT_OF(fit_items) };

#define MAX_NESTING 16 // zones within zones

static const struct bn_length full_rect[4] = { { 0 }, { 0 }, { 100, true, 0 }, { 100, true, 0 } };

/** `rect:` [x, y, width, height], full, or a zone whose rect it shares. */
static void read_zone_rect(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_zone *zone = field;
	if (node->kind == BN_DOC_SCALAR && strcmp(node->text, "full") == 0) {
		memcpy(zone->rect, full_rect, sizeof(full_rect));
	} else if (node->kind == BN_DOC_SCALAR) {
		double number;
		if (bn_doc_number(node, &number)) {
			bn_load_expected(loader, node, "[x, y, width, height], full, or a zone");
			return;
		}
		zone->same_as = bn_load_ref(loader, node, BN_OBJECT_ZONE);
	} else if (node->kind == BN_DOC_LIST) {
		bn_read_rect(loader, node, zone->rect, NULL);
	} else {
		bn_load_expected(loader, node, "[x, y, width, height], full, or a zone");
	}
}

/** `counter:` [x, y, width, height] within the app's buffer. */
static void read_counter(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_zone *zone = field;
	bn_read_rect(loader, node, zone->counter, NULL);
	zone->has_counter = true;
}

/** `grant:` names of apps, "*" for all. */
static void read_grants(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_zone *zone = field;
	size_t count = bn_load_list_count(node);
	const char **grants = bn_load_array(loader, count, sizeof(grants[0]));
	if (grants == NULL) {
		return;
	}
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		const struct bn_doc_node *item = bn_load_list_item(node, i);
		if (item->kind == BN_DOC_SCALAR && strcmp(item->text, "*") == 0) {
			zone->grant_all = true;
			continue;
		}
		size_t app = bn_load_ref(loader, item, BN_OBJECT_APP);
		if (app != BN_NONE) {
			grants[used++] = loader->layout->apps[app].name;
		}
	}
	zone->grants = grants;
	zone->grant_count = used;
}

/** `backup:` zones of other displays. */
static void read_backups(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_zone *zone = field;
	size_t count = bn_load_list_count(node);
	size_t *backups = bn_load_array(loader, count, sizeof(backups[0]));
	size_t used = 0;
	for (size_t i = 0; i < count && backups != NULL; i++) {
		size_t backup = bn_load_ref(loader, bn_load_list_item(node, i), BN_OBJECT_ZONE);
		if (backup != BN_NONE) {
			backups[used++] = backup;
		}
	}
	zone->backups = backups;
	zone->backup_count = used;
}

static const enum bn_object ref_display = BN_OBJECT_DISPLAY, ref_zone = BN_OBJECT_ZONE;
static const struct bn_range unit_range = { 0, 1, "" };
static const struct bn_range radius_range = { 0, 1000, "px" };
static const struct bn_range symbol_range = { 0.1, 100, "mm" };

#define ZONE(name, type, read, field, arg) \
	{ name, type, read, offsetof(struct bn_zone, field), arg }
static const struct bn_key zone_rows[] = {
	ZONE("display", "ref:display", bn_read_ref, display, &ref_display),
	{ "rect", "zone-rect", read_zone_rect, 0, NULL },
	ZONE("in", "ref:zone", bn_read_ref, parent, &ref_zone),
	ZONE("layer", "choice", bn_read_choice, layer, &layers),
	{ "grant", "refs:app", read_grants, 0, NULL },
	ZONE("fit", "choice", bn_read_choice, fit, &fits),
	ZONE("empty", "filler", bn_read_filler, empty, NULL),
	ZONE("on-fault", "filler", bn_read_filler, on_fault, NULL),
	ZONE("heartbeat", "duration", bn_read_duration, heartbeat_ns, NULL),
	ZONE("max-age", "duration", bn_read_duration, max_age_ns, NULL),
	{ "counter", "rect", read_counter, 0, NULL },
	ZONE("min-symbol-mm", "number", bn_read_number, min_symbol_mm, &symbol_range),
	ZONE("radius", "number", bn_read_number, radius, &radius_range),
	ZONE("opacity", "number", bn_read_number, opacity, &unit_range),
	ZONE("driver-visible", "bool", bn_read_bool, driver_visible, NULL),
	ZONE("private", "bool", bn_read_bool, is_private, NULL),
	ZONE("dimmed", "bool", bn_read_bool, dimmed, NULL),
	ZONE("transition", "transition", bn_read_transition, transition, NULL),
	ZONE("visible", "bool", bn_read_bool, visible, NULL),
	{ "backup", "refs:zone", read_backups, 0, NULL },
	ZONE("accept-loss", "text", bn_read_text, accept_loss, NULL),
};
const struct bn_key_table bn_zone_keys = { "zone", zone_rows, BN_COUNT_OF(zone_rows) };

void bn_zone_defaults(struct bn_zone *zone) {
	zone->display = BN_NONE;
	zone->layer = BN_LAYER_APP;
	zone->same_as = BN_NONE;
	zone->parent = BN_NONE;
	memcpy(zone->rect, full_rect, sizeof(full_rect));
	zone->opacity = 1.0;
	zone->driver_visible = true;
	zone->visible = true;
}

/** The zone that this one's place depends on. */
static size_t anchor_of(const struct bn_zone *zone) {
	return zone->same_as != BN_NONE ? zone->same_as : zone->parent;
}

static void report_cycle(struct bn_loader *loader, size_t start) {
	const struct bn_layout *layout = loader->layout;
	char chain[512];
	size_t used = 0, at = start;
	do {
		used += (size_t)snprintf(chain + used, sizeof(chain) - used, "%s -> ",
				layout->zones[at].name);
		at = anchor_of(&layout->zones[at]);
	} while (at != start && used < sizeof(chain));
	bn_load_fault_at(loader, &layout->zones[start].mark,
			"the place of zone \"%s\" depends on itself: %.400s%s",
			layout->zones[start].name, chain,
			used < sizeof(chain) ? layout->zones[start].name : "...");
}

/** Cuts cycles of `in:` and `rect: ZONE`, so that what follows may walk them; each is reported once. */
static void cut_cycles(struct bn_loader *loader) {
	struct bn_layout *layout = loader->layout;
	for (size_t i = 0; i < layout->zone_count; i++) {
		size_t at = anchor_of(&layout->zones[i]);
		size_t steps = 0;
		while (at != BN_NONE && at != i && steps++ < layout->zone_count) {
			at = anchor_of(&layout->zones[at]);
		}
		bool is_too_deep = at == BN_NONE && steps > MAX_NESTING;
		if (is_too_deep) {
			bn_load_fault_at(loader, &layout->zones[i].mark,
					"zone \"%s\" lies %zu zones deep; at most %d",
					layout->zones[i].name, steps, MAX_NESTING);
		}
		if (at == i) {
			report_cycle(loader, i);
		}
		if (at == i || is_too_deep) {
			layout->zones[i].same_as = BN_NONE;
			layout->zones[i].parent = BN_NONE;
		}
	}
}

/** A zone without `display:` is on that of its anchor, or on the only one. */
static void settle_display(struct bn_loader *loader, struct bn_zone *zone, bool has_display) {
	const struct bn_layout *layout = loader->layout;
	const struct bn_zone *at = zone;
	while (at->display == BN_NONE && anchor_of(at) != BN_NONE) {
		at = &layout->zones[anchor_of(at)];
	}
	if (at->display != BN_NONE) {
		zone->display = at->display;
	} else if (layout->display_count == 1) {
		zone->display = 0;
	} else if (!has_display && layout->display_count > 0 && !loader->is_incomplete) {
		bn_load_fault_at(loader, &zone->mark,
				"zone \"%s\" needs \"display:\", since there are %zu displays",
				zone->name, layout->display_count);
	}
}

static void check_anchor(struct bn_loader *loader, const struct bn_zone *zone) {
	const struct bn_layout *layout = loader->layout;
	size_t anchor = anchor_of(zone);
	if (zone->same_as != BN_NONE && zone->parent != BN_NONE) {
		bn_load_fault_at(loader, &zone->mark,
				"zone \"%s\" has both \"in:\" and the rect of zone \"%s\"; keep "
				"one",
				zone->name, layout->zones[zone->same_as].name);
	}
	if (anchor == BN_NONE || zone->display == BN_NONE) {
		return;
	}
	size_t other = layout->zones[anchor].display;
	if (other != BN_NONE && other != zone->display) {
		bn_load_fault_at(loader, &zone->mark,
				"zone \"%s\" is on display \"%s\", but its place depends on zone "
				"\"%s\" of "
				"display \"%s\"",
				zone->name, layout->displays[zone->display].name,
				layout->zones[anchor].name, layout->displays[other].name);
	}
}

static void settle_defaults(struct bn_loader *loader, struct bn_zone *zone,
		const struct bn_doc_node *node) {
	if (zone->has_counter && zone->max_age_ns == 0) {
		bn_load_fault_at(loader, &zone->mark,
				"zone \"%s\" has a counter, which is looked at for max-age only; "
				"give "
				"it \"max-age:\" too",
				zone->name);
	}
	if (bn_doc_get(node, "on-fault") == NULL) {
		zone->on_fault = zone->empty;
	}
	if (bn_doc_get(node, "dimmed") == NULL) {
		zone->dimmed = zone->layer < BN_LAYER_ALERT;
	}
}

/** Bottom to top: by layer, then in document order. */
static void sort_zones(struct bn_loader *loader) {
	struct bn_layout *layout = loader->layout;
	layout->order = bn_load_array(loader, layout->zone_count, sizeof(layout->order[0]));
	if (layout->order == NULL) {
		return;
	}
	size_t used = 0;
	for (int layer = 0; layer < BN_LAYER_COUNT; layer++) {
		for (size_t i = 0; i < layout->zone_count; i++) {
			if (layout->zones[i].layer == (enum bn_layer)layer) {
				layout->order[used++] = i;
			}
		}
	}
}

/** Keys that a backup takes from its zone unless it says them itself. */
static void inherit(struct bn_zone *backup, const struct bn_zone *zone,
		const struct bn_doc_node *node) {
#define INHERIT(key, field) \
	if (bn_doc_get(node, key) == NULL) { \
		backup->field = zone->field; \
	}
	INHERIT("layer", layer);
	INHERIT("fit", fit);
	INHERIT("empty", empty);
	INHERIT("on-fault", on_fault);
	INHERIT("heartbeat", heartbeat_ns);
	INHERIT("max-age", max_age_ns);
	INHERIT("counter", has_counter);
	INHERIT("min-symbol-mm", min_symbol_mm);
	INHERIT("opacity", opacity);
	INHERIT("driver-visible", driver_visible);
	INHERIT("private", is_private);
	INHERIT("dimmed", dimmed);
#undef INHERIT
	if (bn_doc_get(node, "counter") == NULL) {
		memcpy(backup->counter, zone->counter, sizeof(backup->counter));
	}
}

/** What only the zone itself may say: a backup shows what that shows, when that would. */
static bool says_too_much(struct bn_loader *loader, const struct bn_zone *backup,
		const struct bn_zone *zone, const struct bn_doc_node *node) {
	static const char *const refused[] = { "grant", "visible", "backup", "accept-loss" };
	for (size_t i = 0; i < BN_COUNT_OF(refused); i++) {
		if (bn_doc_get(node, refused[i]) != NULL) {
			bn_load_fault_at(loader, &backup->mark,
					"zone \"%s\" is a backup of \"%s\", which decides on its "
					"\"%s:\"; "
					"remove the key",
					backup->name, zone->name, refused[i]);
			return true;
		}
	}
	return false;
}

static bool may_back_up(struct bn_loader *loader, const struct bn_zone *backup,
		const struct bn_zone *zone, const struct bn_doc_node *node) {
	const struct bn_layout *layout = loader->layout;
	if (backup->is_backup) {
		bn_load_fault_at(loader, &backup->mark,
				"zone \"%s\" is a backup of \"%s\" and of \"%s\"; each needs its "
				"own",
				backup->name, layout->zones[backup->backup_of].name, zone->name);
		return false;
	}
	if (backup->display == zone->display) {
		bn_load_fault_at(loader, &backup->mark,
				"zone \"%s\" cannot be a backup of \"%s\": both are on display "
				"\"%s\"",
				backup->name, zone->name,
				zone->display != BN_NONE ? layout->displays[zone->display].name
							 : "");
		return false;
	}
	if (bn_doc_get(node, "layer") != NULL && backup->layer != zone->layer) {
		bn_load_fault_at(loader, &backup->mark,
				"zone \"%s\" of layer %s cannot be a backup of \"%s\" of layer %s; "
				"leave "
				"its layer out",
				backup->name, bn_layer_name(backup->layer), zone->name,
				bn_layer_name(zone->layer));
		return false;
	}
	return !says_too_much(loader, backup, zone, node);
}

static void settle_backups(struct bn_loader *loader, const struct bn_doc_node *section,
		size_t index) {
	struct bn_layout *layout = loader->layout;
	struct bn_zone *zone = &layout->zones[index];
	size_t used = 0;
	for (size_t i = 0; i < zone->backup_count; i++) {
		size_t at = zone->backups[i];
		struct bn_zone *backup = &layout->zones[at];
		const struct bn_doc_node *node = bn_doc_get(section, backup->name);
		if (!may_back_up(loader, backup, zone, node)) {
			continue;
		}
		inherit(backup, zone, node);
		backup->is_backup = true;
		backup->backup_of = index;
		backup->visible = false;
		zone->backups[used++] = at;
	}
	zone->backup_count = used;
}

static bool is_shown_as_it_is(const struct bn_layout *layout, size_t zone) {
	for (size_t i = 0; i < layout->rule_count; i++) {
		for (size_t j = 0; j < layout->rules[i].show_count; j++) {
			const struct bn_rule_show *show = &layout->rules[i].shows[j];
			if (show->zone == zone && show->app == BN_NONE) {
				return true;
			}
		}
	}
	return layout->zones[zone].visible;
}

void bn_load_settle_grants(struct bn_loader *loader) {
	struct bn_layout *layout = loader->layout;
	for (size_t i = 0; i < layout->zone_count; i++) {
		const struct bn_zone *zone = &layout->zones[i];
		if (zone->layer < BN_LAYER_SAFETY || !is_shown_as_it_is(layout, i)) {
			continue;
		}
		for (size_t j = 0; j < zone->grant_count; j++) {
			size_t app = bn_layout_find_app(layout, zone->grants[j]);
			layout->apps[app].reserved = true;
		}
	}
}

void bn_load_settle_zones(struct bn_loader *loader, const struct bn_doc_node *section) {
	struct bn_layout *layout = loader->layout;
	loader->key = NULL;
	cut_cycles(loader);
	for (size_t i = 0; i < layout->zone_count; i++) {
		struct bn_zone *zone = &layout->zones[i];
		const struct bn_doc_node *node = bn_doc_get(section, zone->name);
		settle_display(loader, zone, bn_doc_get(node, "display") != NULL);
		settle_defaults(loader, zone, node);
	}
	for (size_t i = 0; i < layout->zone_count; i++) {
		check_anchor(loader, &layout->zones[i]);
	}
	for (size_t i = 0; i < layout->zone_count; i++) {
		settle_backups(loader, section, i);
	}
	sort_zones(loader);
}
