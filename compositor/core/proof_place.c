#include <string.h>

#include "core/arena.h"
#include "core/proof_internal.h"
#include "core/rect.h"

static bool has_mask(const struct bn_prover *prover, size_t display) {
	return prover->layout->displays[display].glass_mask != NULL;
}

static void check_edge(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_proof_place *place) {
	const struct bn_zone *zone = &prover->layout->zones[place->zone];
	const struct bn_display *display = &prover->layout->displays[zone->display];
	struct bn_rect glass = bn_layout_display_rect(display);
	struct bn_rect seen = bn_rect_intersect(&glass, &place->box);
	// What lies outside altogether, or has no area, is refused of any zone.
	if (!bn_rect_is_empty(&seen) && !bn_rect_contains(&glass, &place->box)) {
		bn_proof_fault(prover, item, &zone->mark,
				"zone \"%s\" (%dx%d at %d,%d) reaches beyond display \"%s\" "
				"(%dx%d); "
				"a safety zone must lie wholly on it",
				zone->name, place->box.width, place->box.height, place->box.x,
				place->box.y, display->name, glass.width, glass.height);
	}
}

static void check_cut_outs(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_proof_place *place) {
	const struct bn_zone *zone = &prover->layout->zones[place->zone];
	const struct bn_display *display = &prover->layout->displays[zone->display];
	struct bn_rect glass = bn_layout_display_rect(display);
	for (size_t i = 0; i < display->cut_out_count; i++) {
		struct bn_rect hole = bn_layout_rect(display->cut_outs[i].rect, glass.width,
				glass.height);
		struct bn_rect common = bn_rect_intersect(&hole, &place->box);
		if (!bn_rect_is_empty(&common)) {
			bn_proof_fault(prover, item, &zone->mark,
					"zone \"%s\" of layer %s loses %dx%d px at %d,%d to "
					"cut-out %zu "
					"of display \"%s\"; move it",
					zone->name, bn_layer_name(zone->layer), common.width,
					common.height, common.x, common.y, i + 1, display->name);
		}
	}
}

static void check_symbol(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_proof_place *place) {
	const struct bn_zone *zone = &prover->layout->zones[place->zone];
	const struct bn_display *display = &prover->layout->displays[zone->display];
	if (zone->min_symbol_mm == 0) {
		return;
	}
	if (place->side_mm == 0) {
		bn_proof_fault(prover, item, &zone->mark,
				"zone \"%s\" has min-symbol-mm, but display \"%s\" has no size-mm "
				"to measure it by",
				zone->name, display->name);
	} else if (place->side_mm < zone->min_symbol_mm) {
		bn_proof_fault(prover, item, &zone->mark,
				"zone \"%s\" is %.1f mm small, less than its min-symbol-mm of %.1f",
				zone->name, place->side_mm, zone->min_symbol_mm);
	}
}

static void check_looks(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_proof_place *place) {
	const struct bn_layout *layout = prover->layout;
	const struct bn_zone *zone = &layout->zones[place->zone];
	for (size_t i = 0; i < layout->theme_count; i++) {
		if (bn_proof_asks(BN_PROOF_DIMMED) && zone->dimmed && layout->themes[i].dim > 0) {
			bn_proof_fault(prover, item, &zone->mark,
					"zone \"%s\" of layer %s is dimmed by theme \"%s\"; leave "
					"out "
					"its "
					"\"dimmed: true\"",
					zone->name, bn_layer_name(zone->layer),
					layout->themes[i].name);
			break;
		}
	}
	if (bn_proof_asks(BN_PROOF_OPACITY) && zone->opacity < 1) {
		bn_proof_fault(prover, item, &zone->mark,
				"zone \"%s\" of layer %s lets what is beneath shine through; leave "
				"out "
				"its \"opacity: %g\"",
				zone->name, bn_layer_name(zone->layer), zone->opacity);
	}
}

/** A picture that fades or slides in is whole when the transition ends: within what the rule allows. */
static void check_transition(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_proof_place *place) {
	const struct bn_layout *layout = prover->layout;
	const struct bn_zone *zone = &layout->zones[place->zone];
	int64_t duration_ns = zone->transition.duration_ns;
	if (zone->transition.kind == BN_TRANSITION_NONE || duration_ns == 0) {
		return;
	}
	if (layout->zones[item->zone].visible) {
		bn_proof_fault(prover, item, &zone->mark,
				"zone \"%s\" of layer %s must show at any time, so it cannot "
				"change "
				"with a \"transition:\"",
				zone->name, bn_layer_name(zone->layer));
		return;
	}
	const struct bn_proof_effects *effects = &prover->effects[item->zone];
	for (size_t i = 0; i < effects->count; i++) {
		const struct bn_rule *rule = &layout->rules[effects->items[i].rule];
		if (effects->items[i].shows && rule->within_ns < duration_ns) {
			bn_proof_fault(prover, item, &zone->mark,
					"the transition of zone \"%s\" takes %lld ms, but rule "
					"\"%s\" "
					"(%s:%d) allows %lld ms (\"within:\") until it is seen",
					zone->name, (long long)(duration_ns / 1000000), rule->label,
					rule->mark.file, rule->mark.line,
					(long long)(rule->within_ns / 1000000));
		}
	}
}

static void check_place(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_proof_place *place) {
	if (bn_proof_asks(BN_PROOF_EDGE)) {
		check_edge(prover, item, place);
	}
	if (bn_proof_asks(BN_PROOF_CUT_OUT)) {
		check_cut_outs(prover, item, place);
	}
	if (bn_proof_asks(BN_PROOF_SYMBOL)) {
		check_symbol(prover, item, place);
	}
	if (bn_proof_asks(BN_PROOF_TRANSITION)) {
		check_transition(prover, item, place);
	}
	check_looks(prover, item, place);
}

bool bn_proof_check_places(struct bn_prover *prover, struct bn_proof_zone *item) {
	const struct bn_layout *layout = prover->layout;
	const struct bn_zone *zone = &layout->zones[item->zone];
	bool has_backups = bn_proof_asks(BN_PROOF_MISSING);
	item->place_count = 1 + (has_backups ? zone->backup_count : 0);
	item->places = bn_arena_array(prover->arena, item->place_count, sizeof(item->places[0]));
	if (item->places == NULL) {
		return false;
	}
	uint64_t missing = 0;
	for (size_t i = 0; i < item->place_count; i++) {
		size_t at = i == 0 ? item->zone : zone->backups[i - 1];
		const struct bn_display *display = &layout->displays[layout->zones[at].display];
		struct bn_rect size = bn_layout_display_rect(display);
		struct bn_rect box = bn_layout_zone_box(layout, at, size.width, size.height);
		double side = box.width < box.height ? box.width : box.height;
		item->places[i] = (struct bn_proof_place){ .zone = at,
			.box = box,
			.side_mm = side * bn_layout_px_mm(display),
			.missing = missing };
		missing |= UINT64_C(1) << layout->zones[at].display;
		check_place(prover, item, &item->places[i]);
	}
	if (bn_proof_asks(BN_PROOF_OPEN) && zone->grant_all) {
		bn_proof_fault(prover, item, &zone->mark,
				"zone \"%s\" of layer %s is granted to \"*\"; name the apps that "
				"are "
				"trusted with it",
				zone->name, bn_layer_name(zone->layer));
	}
	return true;
}

/** The file that set it is named beside the message: its folder need not be said again. */
static const char *base_name(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

static void check_mask(struct bn_prover *prover, size_t index, const struct bn_glass *glass) {
	const struct bn_layout *layout = prover->layout;
	const struct bn_display *display = &layout->displays[index];
	for (size_t i = 0; i < prover->proof->zone_count; i++) {
		struct bn_proof_zone *item = &prover->proof->zones[i];
		for (size_t j = 0; j < item->place_count; j++) {
			const struct bn_zone *zone = &layout->zones[item->places[j].zone];
			int32_t x, y;
			if (zone->display == index
					&& bn_glass_find_hole(glass, display, &item->places[j].box,
							&x, &y)) {
				bn_proof_fault(prover, item, &zone->mark,
						"zone \"%s\" of layer %s lies where display \"%s\" "
						"has "
						"no "
						"glass: pixel %d,%d of %s is black; move it",
						zone->name, bn_layer_name(zone->layer),
						display->name, x, y,
						base_name(display->glass_mask));
			}
		}
	}
}

void bn_proof_check_masks(struct bn_prover *prover) {
	const struct bn_layout *layout = prover->layout;
	for (size_t i = 0; i < layout->display_count; i++) {
		const struct bn_display *display = &layout->displays[i];
		char error[256];
		if (!has_mask(prover, i) || !bn_proof_asks(BN_PROOF_MASK)) {
			continue;
		}
		const struct bn_glass *glass = bn_glass_get(prover->masks, display->glass_mask,
				display->width, display->height, error);
		if (glass == NULL) {
			bn_diag_add(prover->diags, BN_SEVERITY_ERROR, &display->mark,
					"the mask %s of display \"%s\" cannot be used: %s",
					base_name(display->glass_mask), display->name, error);
			continue;
		}
		check_mask(prover, i, glass);
	}
}
