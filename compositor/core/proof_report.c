#include "core/proof_internal.h"

/** What was proved of each zone, in words; by enum bn_proof_rule, without the parts of the state space. */
static const char *const claims[] = {
	[BN_PROOF_EDGE] = "every place lies wholly on its display",
	[BN_PROOF_MASK] = "no pixel of a place is black in its display's mask",
	[BN_PROOF_CUT_OUT] = "no place touches a cut-out of its display",
	[BN_PROOF_SYMBOL] = "no place is smaller than min-symbol-mm",
	[BN_PROOF_DIMMED] = "no theme dims it",
	[BN_PROOF_OPACITY] = "it is opaque",
	[BN_PROOF_TRANSITION] =
			"its transition ends within the deadline of every rule that shows it",
	[BN_PROOF_OPEN] = "it is granted to named apps alone",
	[BN_PROOF_STACK] = "where no rule names its app, only one app is granted it",
	[BN_PROOF_ELSEWHERE] =
			"where no rule names its app, no command can take that app elsewhere",
	[BN_PROOF_DISPLACED] = "no rule takes the zone, or the app it must show, away",
	[BN_PROOF_HIDDEN] = "no rule hides it while it must show",
	[BN_PROOF_COVERED] = "no zone of an equal or higher layer shows over it",
	[BN_PROOF_LEAVING] = "no transition of such a zone still runs over it",
	[BN_PROOF_HOME] = ("it has a place with every set of displays missing, or its loss is "
			   "accepted"),
};

static const char *const assumptions[] = {
	"Every display runs in its declared mode, with its declared transform, scale and size.",
	"A mask and the cut-outs tell what of a panel can be seen; half dark counts as no glass.",
	"An unknown or stale signal leaves conditions open: restrictions then apply, shows and "
	"hides do not.",
	"A client that is granted a safety zone draws what it must; checks on the glass see to "
	"that.",
	"Fullscreen, popups, dialogs and sizes of clients stay within their zone: scene/list clips "
	"to it.",
	"With all displays missing nothing can show; that is for the guard.",
	"The inspector, drawn on request only, is not part of a cockpit in use.",
};

static void add_mark(yyjson_mut_doc *json, yyjson_mut_val *object, const struct bn_mark *mark) {
	yyjson_mut_obj_add_str(json, object, "file", mark->file);
	yyjson_mut_obj_add_int(json, object, "line", mark->line);
	yyjson_mut_obj_add_int(json, object, "column", mark->column);
}

static void add_rect(yyjson_mut_doc *json, yyjson_mut_val *list, const struct bn_rect *rect) {
	yyjson_mut_arr_add_int(json, list, rect->x);
	yyjson_mut_arr_add_int(json, list, rect->y);
	yyjson_mut_arr_add_int(json, list, rect->width);
	yyjson_mut_arr_add_int(json, list, rect->height);
}

static void add_displays(yyjson_mut_doc *json, yyjson_mut_val *list, const struct bn_layout *layout,
		uint64_t displays) {
	for (size_t i = 0; i < layout->display_count && i < 64; i++) {
		if ((displays >> i & 1) != 0) {
			yyjson_mut_arr_add_str(json, list, layout->displays[i].name);
		}
	}
}

static void add_display(yyjson_mut_doc *json, yyjson_mut_val *list,
		const struct bn_display *display) {
	struct bn_rect glass = bn_layout_display_rect(display);
	yyjson_mut_val *object = yyjson_mut_arr_add_obj(json, list);
	yyjson_mut_obj_add_str(json, object, "name", display->name);
	yyjson_mut_obj_add_int(json, object, "width", glass.width);
	yyjson_mut_obj_add_int(json, object, "height", glass.height);
	yyjson_mut_obj_add_int(json, object, "width_mm", display->width_mm);
	yyjson_mut_obj_add_int(json, object, "height_mm", display->height_mm);
	yyjson_mut_obj_add_bool(json, object, "safety", display->safety);
	yyjson_mut_obj_add_str(json, object, "mask", display->glass_mask);
	yyjson_mut_val *holes = yyjson_mut_obj_add_arr(json, object, "cut_outs");
	for (size_t i = 0; i < display->cut_out_count; i++) {
		struct bn_rect hole = bn_layout_rect(display->cut_outs[i].rect, glass.width,
				glass.height);
		add_rect(json, yyjson_mut_arr_add_arr(json, holes), &hole);
	}
}

static void add_places(yyjson_mut_doc *json, yyjson_mut_val *object, const struct bn_layout *layout,
		const struct bn_proof_zone *item) {
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(json, object, "places");
	for (size_t i = 0; i < item->place_count; i++) {
		const struct bn_proof_place *place = &item->places[i];
		const struct bn_zone *zone = &layout->zones[place->zone];
		yyjson_mut_val *entry = yyjson_mut_arr_add_obj(json, list);
		yyjson_mut_obj_add_str(json, entry, "zone", zone->name);
		yyjson_mut_obj_add_str(json, entry, "display",
				layout->displays[zone->display].name);
		add_rect(json, yyjson_mut_obj_add_arr(json, entry, "box"), &place->box);
		yyjson_mut_obj_add_real(json, entry, "side_mm", place->side_mm);
		add_displays(json, yyjson_mut_obj_add_arr(json, entry, "missing"), layout,
				place->missing);
	}
}

/** The conditions under which it must show; empty: always. */
static void add_conditions(yyjson_mut_doc *json, yyjson_mut_val *object,
		const struct bn_layout *layout, size_t zone) {
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(json, object, "must_show_while");
	for (size_t i = 0; i < layout->rule_count && !layout->zones[zone].visible; i++) {
		for (size_t j = 0; j < layout->rules[i].show_count; j++) {
			if (layout->rules[i].shows[j].zone == zone) {
				yyjson_mut_arr_add_str(json, list, layout->rules[i].label);
				break;
			}
		}
	}
}

static void add_zone(yyjson_mut_doc *json, yyjson_mut_val *list, const struct bn_layout *layout,
		const struct bn_proof_zone *item) {
	const struct bn_zone *zone = &layout->zones[item->zone];
	yyjson_mut_val *object = yyjson_mut_arr_add_obj(json, list);
	yyjson_mut_obj_add_str(json, object, "name", zone->name);
	yyjson_mut_obj_add_str(json, object, "layer", bn_layer_name(zone->layer));
	add_mark(json, object, &zone->mark);
	yyjson_mut_obj_add_bool(json, object, "proved", item->faults == 0);
	add_conditions(json, object, layout, item->zone);
	add_places(json, object, layout, item);
	yyjson_mut_obj_add_real(json, object, "min_symbol_mm", zone->min_symbol_mm);
	yyjson_mut_obj_add_uint(json, object, "questions", item->questions);
	yyjson_mut_obj_add_uint(json, object, "combinations", item->combinations);
	add_displays(json, yyjson_mut_obj_add_arr(json, object, "lost_with"), layout,
			item->lost_with);
	yyjson_mut_obj_add_str(json, object, "accepted_loss",
			item->lost_with != 0 ? zone->accept_loss : NULL);
}

static void add_proof(yyjson_mut_doc *json, yyjson_mut_val *report, const struct bn_layout *layout,
		const struct bn_proof *proof) {
	yyjson_mut_obj_add_str(json, report, "layout", layout->name);
	yyjson_mut_obj_add_str(json, report, "profile", layout->profile);
	yyjson_mut_val *displays = yyjson_mut_obj_add_arr(json, report, "displays");
	for (size_t i = 0; i < layout->display_count; i++) {
		add_display(json, displays, &layout->displays[i]);
	}
	yyjson_mut_val *zones = yyjson_mut_obj_add_arr(json, report, "zones");
	for (size_t i = 0; i < proof->zone_count; i++) {
		add_zone(json, zones, layout, &proof->zones[i]);
	}
	yyjson_mut_obj_add_uint(json, report, "states", proof->states);
	yyjson_mut_obj_add_uint(json, report, "display_sets", proof->display_sets);
	yyjson_mut_obj_add_uint(json, report, "rules", proof->rule_count);
	yyjson_mut_obj_add_uint(json, report, "signals", proof->signal_count);
}

static void add_faults(yyjson_mut_doc *json, yyjson_mut_val *report,
		const struct bn_diag_list *diags) {
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(json, report, "faults");
	for (size_t i = 0; i < diags->count; i++) {
		const struct bn_diag *diag = &diags->items[i];
		const struct bn_mark mark = { diag->file, diag->line, diag->column };
		yyjson_mut_val *object = yyjson_mut_arr_add_obj(json, list);
		add_mark(json, object, &mark);
		yyjson_mut_obj_add_str(json, object, "severity",
				diag->severity == BN_SEVERITY_ERROR ? "error" : "warning");
		yyjson_mut_obj_add_str(json, object, "text", diag->text);
	}
}

void bn_proof_report(yyjson_mut_doc *json, yyjson_mut_val *report, const struct bn_layout *layout,
		const struct bn_proof *proof, const struct bn_diag_list *diags) {
	bool is_proved = layout != NULL && proof != NULL && bn_diag_list_errors(diags) == 0;
	yyjson_mut_obj_add_bool(json, report, "proved", is_proved);
	if (layout != NULL && proof != NULL) {
		add_proof(json, report, layout, proof);
	}
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(json, report, "claims");
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		yyjson_mut_val *object = yyjson_mut_arr_add_obj(json, list);
		yyjson_mut_obj_add_str(json, object, "name",
				bn_proof_rule_name((enum bn_proof_rule)i));
		yyjson_mut_obj_add_str(json, object, "text", claims[i]);
	}
	list = yyjson_mut_obj_add_arr(json, report, "assumptions");
	for (size_t i = 0; i < sizeof(assumptions) / sizeof(assumptions[0]); i++) {
		yyjson_mut_arr_add_str(json, list, assumptions[i]);
	}
	add_faults(json, report, diags);
}
