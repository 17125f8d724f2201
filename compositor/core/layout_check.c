#include "core/layout_check.h"

#include <math.h>
#include <stdlib.h>

#include "core/proof.h"
#include "core/rect.h"

/** What can be told from the declared displays alone; of safety zones, core/proof tells the rest. */
struct checker {
	const struct bn_layout *layout;
	struct bn_diag_list *diags;
	struct bn_rect *boxes; // of the zones, on their declared displays
};

static bool is_safety_zone(const struct bn_zone *zone) {
	return zone->layer >= BN_LAYER_SAFETY;
}

static void check_displays(const struct checker *checker) {
	const struct bn_layout *layout = checker->layout;
	if (layout->display_count == 0) {
		const struct bn_mark mark = { layout->path, 1, 1 };
		bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &mark,
				"the layout has no display; declare one under \"displays:\"");
	}
	for (size_t i = 0; i < layout->display_count; i++) {
		const struct bn_display *display = &layout->displays[i];
		struct bn_rect rect = bn_layout_display_rect(display);
		bool is_used = false;
		for (size_t j = 0; j < layout->zone_count; j++) {
			is_used = is_used || layout->zones[j].display == i;
		}
		if (bn_rect_is_empty(&rect)) {
			bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &display->mark,
					"display \"%s\" has no pixel left after its scale of %g",
					display->name, display->scale);
		}
		if (!is_used) {
			bn_diag_add(checker->diags, BN_SEVERITY_WARNING, &display->mark,
					"display \"%s\" has no zone and stays empty",
					display->name);
		}
	}
}

static void check_on_display(const struct checker *checker, size_t index) {
	const struct bn_zone *zone = &checker->layout->zones[index];
	const struct bn_display *display = &checker->layout->displays[zone->display];
	struct bn_rect glass = bn_layout_display_rect(display);
	struct bn_rect box = checker->boxes[index];
	struct bn_rect seen = bn_rect_intersect(&glass, &box);
	if (bn_rect_is_empty(&box)) {
		bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &zone->mark,
				"zone \"%s\" has no area on display \"%s\" (%dx%d)", zone->name,
				display->name, glass.width, glass.height);
	} else if (bn_rect_is_empty(&seen)) {
		bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &zone->mark,
				"zone \"%s\" (%dx%d at %d,%d) lies outside display \"%s\" (%dx%d)",
				zone->name, box.width, box.height, box.x, box.y, display->name,
				glass.width, glass.height);
	} else if (!is_safety_zone(zone) && !bn_rect_contains(&glass, &box)) {
		bn_diag_add(checker->diags, BN_SEVERITY_WARNING, &zone->mark,
				"zone \"%s\" (%dx%d at %d,%d) reaches beyond display \"%s\" "
				"(%dx%d)",
				zone->name, box.width, box.height, box.x, box.y, display->name,
				glass.width, glass.height);
	}
}

static void check_zones_on_display(const struct checker *checker) {
	for (size_t i = 0; i < checker->layout->zone_count; i++) {
		check_on_display(checker, i);
	}
}

static void check_safety_zones(const struct checker *checker) {
	const struct bn_layout *layout = checker->layout;
	const struct bn_zone *first = NULL;
	bool has_safety_display = false;
	for (size_t i = 0; i < layout->display_count; i++) {
		has_safety_display = has_safety_display || layout->displays[i].safety;
	}
	for (size_t i = 0; i < layout->zone_count; i++) {
		const struct bn_zone *zone = &layout->zones[i];
		if (!is_safety_zone(zone)) {
			continue;
		}
		first = first != NULL ? first : zone;
	}
	if (first != NULL && !has_safety_display) {
		bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &first->mark,
				"zone \"%s\" is of layer %s, but no display has \"criticality: "
				"safety\"",
				first->name, bn_layer_name(first->layer));
	}
}

static void check_symbols(const struct checker *checker) {
	const struct bn_layout *layout = checker->layout;
	for (size_t i = 0; i < layout->zone_count; i++) {
		const struct bn_zone *zone = &layout->zones[i];
		const struct bn_display *display = &layout->displays[zone->display];
		if (zone->min_symbol_mm == 0 || is_safety_zone(zone)) {
			continue;
		}
		double mm = bn_layout_px_mm(display);
		struct bn_rect box = checker->boxes[i];
		double side = box.width < box.height ? box.width : box.height;
		if (mm == 0) {
			bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &zone->mark,
					"zone \"%s\" has min-symbol-mm, but display \"%s\" has no "
					"size-mm "
					"to measure it by",
					zone->name, display->name);
		} else if (side * mm < zone->min_symbol_mm) {
			bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &zone->mark,
					"zone \"%s\" is %.1f mm small, less than its min-symbol-mm "
					"of %.1f",
					zone->name, side * mm, zone->min_symbol_mm);
		}
	}
}

static void check_rules(const struct checker *checker) {
	const struct bn_layout *layout = checker->layout;
	for (size_t i = 0; i < layout->rule_count; i++) {
		const struct bn_rule *rule = &layout->rules[i];
		for (size_t j = 0; j < rule->show_count; j++) {
			const struct bn_rule_show *show = &rule->shows[j];
			if (show->app == BN_NONE
					|| bn_layout_zone_grants(layout, show->zone, show->app)) {
				continue;
			}
			bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &rule->mark,
					"the rule shows app \"%s\" in zone \"%s\", which does not "
					"grant "
					"it; add it to \"grant:\" in %s:%d",
					layout->apps[show->app].name,
					layout->zones[show->zone].name,
					layout->zones[show->zone].mark.file,
					layout->zones[show->zone].mark.line);
		}
	}
}

static void refuse_backup(const struct checker *checker, const struct bn_rule *rule, size_t index) {
	const struct bn_zone *zone = &checker->layout->zones[index];
	if (zone->is_backup) {
		bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &rule->mark,
				"the rule names zone \"%s\", a backup; name zone \"%s\", whose "
				"place it "
				"takes",
				zone->name, checker->layout->zones[zone->backup_of].name);
	}
}

static void check_rules_on_backups(const struct checker *checker) {
	for (size_t i = 0; i < checker->layout->rule_count; i++) {
		const struct bn_rule *rule = &checker->layout->rules[i];
		for (size_t j = 0; j < rule->show_count; j++) {
			refuse_backup(checker, rule, rule->shows[j].zone);
		}
		for (size_t j = 0; j < rule->hide_count; j++) {
			refuse_backup(checker, rule, rule->hides[j]);
		}
		for (size_t j = 0; j < rule->restrict_count; j++) {
			refuse_backup(checker, rule, rule->restricts[j].zone);
		}
	}
}

static bool is_granted_anywhere(const struct bn_layout *layout, size_t app) {
	for (size_t i = 0; i < layout->zone_count; i++) {
		if (bn_layout_zone_grants(layout, i, app)) {
			return true;
		}
	}
	return false;
}

static void check_apps(const struct checker *checker) {
	const struct bn_layout *layout = checker->layout;
	for (size_t i = 0; i < layout->app_count; i++) {
		const struct bn_app *app = &layout->apps[i];
		if (app->home != BN_NONE && !bn_layout_zone_grants(layout, app->home, i)) {
			bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &app->mark,
					"app \"%s\" has its home in zone \"%s\", which does not "
					"grant it",
					app->name, layout->zones[app->home].name);
		} else if (!is_granted_anywhere(layout, i)) {
			bn_diag_add(checker->diags, BN_SEVERITY_WARNING, &app->mark,
					"no zone grants app \"%s\": its windows stay hidden",
					app->name);
		}
	}
}

static bool is_shown_by_rule(const struct bn_layout *layout, size_t zone) {
	for (size_t i = 0; i < layout->rule_count; i++) {
		for (size_t j = 0; j < layout->rules[i].show_count; j++) {
			if (layout->rules[i].shows[j].zone == zone) {
				return true;
			}
		}
	}
	return false;
}

static void check_reachable(const struct checker *checker) {
	const struct bn_layout *layout = checker->layout;
	for (size_t i = 0; i < layout->zone_count; i++) {
		const struct bn_zone *zone = &layout->zones[i];
		if (!zone->visible && !zone->is_backup && !is_shown_by_rule(layout, i)) {
			bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &zone->mark,
					"zone \"%s\" has \"visible: false\" and no rule shows it",
					zone->name);
		}
	}
}

static void check_occupants(const struct checker *checker) {
	const struct bn_layout *layout = checker->layout;
	for (size_t i = 0; i < layout->occupant_count; i++) {
		const struct bn_occupant *occupant = &layout->occupants[i];
		for (size_t j = 0; j < occupant->display_count; j++) {
			size_t display = occupant->displays[j];
			size_t owner = bn_layout_display_occupant(layout, display);
			if (owner != i) {
				bn_diag_add(checker->diags, BN_SEVERITY_ERROR, &occupant->mark,
						"display \"%s\" belongs to occupant \"%s\" already",
						layout->displays[display].name,
						layout->occupants[owner].name);
			}
		}
	}
}

static struct bn_rect *declared_boxes(const struct bn_layout *layout) {
	struct bn_rect *boxes = calloc(layout->zone_count + 1, sizeof(boxes[0]));
	for (size_t i = 0; boxes != NULL && i < layout->zone_count; i++) {
		struct bn_rect display =
				bn_layout_display_rect(&layout->displays[layout->zones[i].display]);
		boxes[i] = bn_layout_zone_box(layout, i, display.width, display.height);
	}
	return boxes;
}

bool bn_layout_check(const struct bn_layout *layout, struct bn_glass_cache *masks,
		struct bn_diag_list *diags) {
	static void (*const checks[])(const struct checker *) = {
		check_zones_on_display,
		check_safety_zones,
		check_symbols,
		check_rules,
		check_rules_on_backups,
		check_apps,
		check_reachable,
		check_occupants,
	};
	struct checker checker = { layout, diags, NULL };
	size_t before = bn_diag_list_errors(diags);
	check_displays(&checker);
	if (layout->display_count == 0) {
		return false; // everything else measures on displays
	}
	checker.boxes = declared_boxes(layout);
	if (checker.boxes == NULL) {
		diags->out_of_memory = true;
		return false;
	}
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		checks[i](&checker);
	}
	bn_layout_check_checks(layout, checker.boxes, diags);
	free(checker.boxes);
	bn_proof_destroy(bn_proof_create(layout, masks, diags));
	return bn_diag_list_errors(diags) == before;
}
