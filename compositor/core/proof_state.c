#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/proof_internal.h"
#include "core/rect.h"
#include "core/transition.h"

// --- questions ---------------------------------------------------------------------

/** The rules that name either zone, ascending; BN_NONE: no second zone. Returns how many, all of them. */
static size_t rules_of(const struct bn_prover *prover, size_t a, size_t b,
		size_t rules[BN_SPACE_RULES]) {
	const struct bn_proof_effects none = { 0 };
	const struct bn_proof_effects *left = &prover->effects[a];
	const struct bn_proof_effects *right = b != BN_NONE ? &prover->effects[b] : &none;
	size_t i = 0, j = 0, count = 0, last = BN_NONE;
	while (i < left->count || j < right->count) {
		bool is_left = j == right->count
				|| (i < left->count && left->items[i].rule <= right->items[j].rule);
		size_t rule = is_left ? left->items[i++].rule : right->items[j++].rule;
		if (rule != last && count < BN_SPACE_RULES) {
			rules[count] = rule;
		}
		count += rule != last;
		last = rule;
	}
	return count;
}

/** The signals with the most local states: where simplifying helps. */
static void name_signals(const struct bn_prover *prover, const struct bn_space_question *question,
		char text[BN_PROOF_TEXT]) {
	size_t used = 0;
	text[0] = '\0';
	uint64_t said = 0; // the few that are named, by place; a question has fewer signals than bits
	for (size_t n = 0; n < 5; n++) {
		size_t best = BN_NONE;
		for (size_t i = 0; i < question->signal_count && i < 64; i++) {
			if ((said >> i & 1) == 0
					&& (best == BN_NONE
							|| question->signals[i].local_count
									> question->signals[best]
											.local_count)) {
				best = i;
			}
		}
		if (best == BN_NONE) {
			break;
		}
		said |= UINT64_C(1) << best;
		int length = snprintf(text + used, BN_PROOF_TEXT - used, "%s%s (%zu)",
				n > 0 ? ", " : "",
				prover->layout->signals[question->signals[best].signal].name,
				question->signals[best].local_count);
		used += length > 0 ? (size_t)length : 0;
	}
}

static void refuse_size(struct bn_prover *prover, struct bn_proof_zone *item, size_t other,
		const struct bn_space_question *question) {
	const struct bn_layout *layout = prover->layout;
	const struct bn_zone *zone = &layout->zones[item->zone];
	const char *beside = other != BN_NONE ? " beside zone " : "";
	const char *name = other != BN_NONE ? layout->zones[other].name : "";
	if (question->rule_count > BN_SPACE_RULES) {
		bn_proof_fault(prover, item, &zone->mark,
				"zone \"%s\"%s%s is named by %zu rules, too many to prove; at most "
				"%d",
				zone->name, beside, name, question->rule_count, BN_SPACE_RULES);
		return;
	}
	char signals[BN_PROOF_TEXT];
	name_signals(prover, question, signals);
	bn_proof_fault(prover, item, &zone->mark,
			"zone \"%s\"%s%s depends on more than 2^20 combinations of signals, too "
			"many to "
			"prove; compare these with fewer values, or name the zone in fewer rules: "
			"%s",
			zone->name, beside, name, signals);
}

/** NULL: too large, which is reported, or out of memory. */
static const struct bn_space_question *ask(struct bn_prover *prover, struct bn_proof_zone *item,
		size_t other) {
	size_t rules[BN_SPACE_RULES];
	size_t count = rules_of(prover, item->zone, other, rules);
	struct bn_space_question too_many = { .rule_count = count };
	if (count > BN_SPACE_RULES) {
		refuse_size(prover, item, other, &too_many);
		return NULL;
	}
	const struct bn_space_question *question = bn_space_ask(&prover->space, rules, count);
	if (question == NULL) {
		prover->out_of_memory = true;
		return NULL;
	}
	item->questions++;
	item->combinations = question->combinations > item->combinations ? question->combinations
									 : item->combinations;
	if (question->is_too_large) {
		refuse_size(prover, item, other, question);
		return NULL;
	}
	return question;
}

/** As core/arrange decides it, in one outcome. */
static struct bn_proof_fate fate_of(const struct bn_prover *prover, size_t zone,
		const struct bn_space_question *question, const struct bn_space_outcome *outcome) {
	const struct bn_proof_effects *effects = &prover->effects[zone];
	bool is_visible = prover->layout->zones[zone].visible;
	bool is_shown = is_visible;
	struct bn_proof_fate fate = { .must_show = is_visible,
		.app = BN_NONE,
		.app_rule = BN_NONE,
		.last_rule = BN_NONE,
		.wanting_rule = BN_NONE };
	size_t at = 0;
	for (size_t i = 0; i < effects->count; i++) {
		const struct bn_proof_effect *effect = &effects->items[i];
		while (question->rules[at] != effect->rule) {
			at++;
		}
		uint64_t bit = UINT64_C(1) << at;
		if (((outcome->holds | outcome->lingers) & bit) == 0) {
			continue;
		}
		fate.last_rule = effect->rule;
		is_shown = effect->shows;
		if (!effect->shows) {
			fate.app = BN_NONE;
			continue;
		}
		if (effect->app != BN_NONE) {
			fate.app = effect->app;
			fate.app_rule = effect->rule;
			fate.position = effect->position;
		}
		if ((outcome->holds & bit) != 0) {
			fate.must_show = true;
			fate.wanting_rule = effect->rule;
		}
	}
	fate.is_shown = is_shown;
	return fate;
}

static void keep_cheaper(struct bn_proof_case *best, const struct bn_space_question *question,
		const struct bn_space_outcome *outcome) {
	if (best->outcome == NULL || outcome->cost < best->outcome->cost) {
		best->question = question;
		best->outcome = outcome;
	}
}

// --- what rules do to a zone ---------------------------------------------------------

static void check_hidden(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_space_question *question) {
	const struct bn_layout *layout = prover->layout;
	const struct bn_zone *zone = &layout->zones[item->zone];
	struct bn_proof_case best = { 0 };
	for (size_t i = 0; i < question->outcome_count; i++) {
		struct bn_proof_fate fate =
				fate_of(prover, item->zone, question, &question->outcomes[i]);
		if (fate.must_show && !fate.is_shown) {
			keep_cheaper(&best, question, &question->outcomes[i]);
		}
	}
	if (best.outcome == NULL) {
		return;
	}
	struct bn_proof_fate fate = fate_of(prover, item->zone, question, best.outcome);
	char when[BN_PROOF_TEXT], signals[BN_PROOF_TEXT], place[BN_PROOF_TEXT];
	bn_proof_describe(prover, &best, when, signals);
	bn_proof_place_of(&zone->mark, place);
	bn_proof_fault(prover, item, &layout->rules[fate.last_rule].mark,
			"%s: zone \"%s\" of layer %s (%s) is hidden by this rule, but must show%s",
			when, zone->name, bn_layer_name(zone->layer), place, signals);
}

/**
 * The rule that holds and wants another app than the last rule names; BN_NONE. Where the last one names
 * none, grants decide: check_grants asks whether they leave a choice.
 */
static size_t slighted_rule(const struct bn_prover *prover, size_t zone,
		const struct bn_space_question *question, const struct bn_space_outcome *outcome,
		const struct bn_proof_fate *fate) {
	const struct bn_proof_effects *effects = &prover->effects[zone];
	size_t at = 0;
	for (size_t i = 0; i < effects->count; i++) {
		const struct bn_proof_effect *effect = &effects->items[i];
		while (question->rules[at] != effect->rule) {
			at++;
		}
		bool holds = (outcome->holds >> at & 1) != 0;
		if (holds && effect->app != BN_NONE && fate->app != BN_NONE
				&& effect->app != fate->app) {
			return effect->rule;
		}
	}
	return BN_NONE;
}

static void check_other_app(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_space_question *question) {
	const struct bn_layout *layout = prover->layout;
	const struct bn_zone *zone = &layout->zones[item->zone];
	struct bn_proof_case best = { 0 };
	for (size_t i = 0; i < question->outcome_count; i++) {
		const struct bn_space_outcome *outcome = &question->outcomes[i];
		struct bn_proof_fate fate = fate_of(prover, item->zone, question, outcome);
		if (fate.is_shown
				&& slighted_rule(prover, item->zone, question, outcome, &fate)
						!= BN_NONE) {
			keep_cheaper(&best, question, outcome);
		}
	}
	if (best.outcome == NULL) {
		return;
	}
	struct bn_proof_fate fate = fate_of(prover, item->zone, question, best.outcome);
	size_t rule = slighted_rule(prover, item->zone, question, best.outcome, &fate);
	char when[BN_PROOF_TEXT], signals[BN_PROOF_TEXT], place[BN_PROOF_TEXT];
	bn_proof_describe(prover, &best, when, signals);
	bn_proof_place_of(&layout->rules[fate.app_rule].mark, place);
	bn_proof_fault(prover, item, &layout->rules[rule].mark,
			"%s: zone \"%s\" of layer %s does not get the app that this rule shows in "
			"it: the "
			"rule at %s decides otherwise; let only one of them hold%s",
			when, zone->name, bn_layer_name(zone->layer), place, signals);
}

/** Whether `other` gets the only window of the app that a rule wants in the zone. */
static bool takes_away(const struct bn_proof_fate *zone, const struct bn_proof_fate *other) {
	if (zone->app == BN_NONE || zone->app != other->app || !zone->must_show) {
		return false;
	}
	// core/arrange: the last rule chooses first, and within a rule the first zone.
	return other->app_rule > zone->app_rule
			|| (other->app_rule == zone->app_rule && other->position < zone->position);
}

static void check_taken_to(struct bn_prover *prover, struct bn_proof_zone *item, size_t other) {
	const struct bn_layout *layout = prover->layout;
	const struct bn_zone *zone = &layout->zones[item->zone];
	const struct bn_space_question *question = ask(prover, item, other);
	struct bn_proof_case best = { 0 };
	for (size_t i = 0; question != NULL && i < question->outcome_count; i++) {
		const struct bn_space_outcome *outcome = &question->outcomes[i];
		struct bn_proof_fate mine = fate_of(prover, item->zone, question, outcome);
		struct bn_proof_fate theirs = fate_of(prover, other, question, outcome);
		if (takes_away(&mine, &theirs)) {
			keep_cheaper(&best, question, outcome);
		}
	}
	if (best.outcome == NULL) {
		return;
	}
	struct bn_proof_fate theirs = fate_of(prover, other, question, best.outcome);
	char when[BN_PROOF_TEXT], signals[BN_PROOF_TEXT];
	bn_proof_describe(prover, &best, when, signals);
	bn_proof_fault(prover, item, &layout->rules[theirs.app_rule].mark,
			"%s: this rule takes app \"%s\" to zone \"%s\", away from zone \"%s\" of "
			"layer %s, "
			"which must show it; let only one rule that names it hold%s",
			when, layout->apps[theirs.app].name, layout->zones[other].name, zone->name,
			bn_layer_name(zone->layer), signals);
}

/** Zones in which a rule shows an app that another rule shows in this one. */
static void check_displaced(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_space_question *question) {
	check_other_app(prover, item, question);
	const struct bn_layout *layout = prover->layout;
	const struct bn_proof_effects *mine = &prover->effects[item->zone];
	for (size_t other = 0; other < layout->zone_count; other++) {
		const struct bn_proof_effects *theirs = &prover->effects[other];
		bool is_shared = false;
		for (size_t i = 0; other != item->zone && i < theirs->count && !is_shared; i++) {
			for (size_t j = 0; j < mine->count && !is_shared; j++) {
				is_shared = theirs->items[i].app != BN_NONE
						&& theirs->items[i].app == mine->items[j].app;
			}
		}
		if (is_shared) {
			check_taken_to(prover, item, other);
		}
	}
}

// --- grants --------------------------------------------------------------------------

static size_t zone_beside(const struct bn_layout *layout, size_t zone, const char *app_name) {
	size_t app = bn_layout_find_app(layout, app_name);
	for (size_t i = 0; i < layout->zone_count; i++) {
		if (i != zone && bn_layout_zone_names(layout, i, app)) {
			return i;
		}
	}
	return BN_NONE;
}

/** Where no rule names the app, who shows is left to clients and commands: there must be no choice. */
static void check_grants(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_space_question *question) {
	const struct bn_layout *layout = prover->layout;
	const struct bn_zone *zone = &layout->zones[item->zone];
	struct bn_proof_case best = { 0 };
	for (size_t i = 0; i < question->outcome_count; i++) {
		struct bn_proof_fate fate =
				fate_of(prover, item->zone, question, &question->outcomes[i]);
		if (fate.must_show && fate.is_shown && fate.app == BN_NONE) {
			keep_cheaper(&best, question, &question->outcomes[i]);
		}
	}
	if (best.outcome == NULL || zone->grant_count == 0) {
		return;
	}
	char when[BN_PROOF_TEXT], signals[BN_PROOF_TEXT];
	bn_proof_describe(prover, &best, when, signals);
	if (zone->grant_count > 1 && bn_proof_asks(BN_PROOF_STACK)) {
		bn_proof_fault(prover, item, &zone->mark,
				"%s: zone \"%s\" of layer %s is granted to \"%s\" and \"%s\", and "
				"no "
				"rule says which of them shows; grant it to one, or name one in a "
				"rule",
				when, zone->name, bn_layer_name(zone->layer), zone->grants[0],
				zone->grants[1]);
	}
	for (size_t i = 0; i < zone->grant_count && bn_proof_asks(BN_PROOF_ELSEWHERE); i++) {
		size_t other = zone_beside(layout, item->zone, zone->grants[i]);
		if (other != BN_NONE) {
			bn_proof_fault(prover, item, &zone->mark,
					"%s: app \"%s\" of zone \"%s\" of layer %s may be taken to "
					"zone "
					"\"%s\" by a command, since that grants it too; grant it "
					"to one "
					"of them, or name it in a rule",
					when, zone->grants[i], zone->name,
					bn_layer_name(zone->layer), layout->zones[other].name);
		}
	}
}

// --- what other zones do to it ----------------------------------------------------------

static bool is_above(const struct bn_layout *layout, size_t over, size_t under) {
	enum bn_layer a = layout->zones[over].layer, b = layout->zones[under].layer;
	return a > b || (a == b && over > under); // within a layer, later zones are above
}

/** Two places that overlap while the fewest displays are missing. A zone that is past is only leaving. */
struct overlap {
	const struct bn_proof_place *under, *over;
	struct bn_rect common;
	uint64_t missing;
};

/** Whether a window that left this place is drawn for a while; fillers are gone at once. */
static bool moves(const struct bn_layout *layout, const struct bn_proof_zone *item,
		const struct bn_proof_place *place) {
	const struct bn_transition_spec *spec = &layout->zones[place->zone].transition;
	bool has_windows = layout->zones[item->zone].grant_count > 0
			|| layout->zones[item->zone].grant_all;
	return has_windows && spec->kind != BN_TRANSITION_NONE && spec->duration_ns > 0;
}

/** Where it may be drawn while it leaves: all that the motion sweeps over, as far as the zone's box lets it. */
static struct bn_rect swept(const struct bn_layout *layout, const struct bn_proof_place *place) {
	enum bn_transition_kind kind = layout->zones[place->zone].transition.kind;
	struct bn_rect hull = bn_transition_hull(kind, &place->box);
	return bn_rect_intersect(&hull, &place->box);
}

static bool find_overlap(const struct bn_prover *prover, const struct bn_proof_zone *under,
		const struct bn_proof_zone *over, bool over_is_past, struct overlap *ret_overlap) {
	const struct bn_layout *layout = prover->layout;
	int fewest = 65;
	for (size_t i = 0; i < under->place_count; i++) {
		for (size_t j = 0; j < over->place_count; j++) {
			const struct bn_proof_place *a = &under->places[i], *b = &over->places[j];
			size_t display = layout->zones[a->zone].display;
			uint64_t there = UINT64_C(1) << display;
			uint64_t missing = a->missing | (over_is_past ? 0 : b->missing);
			struct bn_rect drawn = over_is_past ? swept(layout, b) : b->box;
			struct bn_rect common = bn_rect_intersect(&a->box, &drawn);
			int count = __builtin_popcountll(missing);
			bool is_over = !over_is_past || moves(layout, over, b);
			if (is_over && display == layout->zones[b->zone].display
					&& (missing & there) == 0 && !bn_rect_is_empty(&common)
					&& count < fewest) {
				*ret_overlap = (struct overlap){ a, b, common, missing };
				fewest = count;
			}
		}
	}
	return fewest < 65;
}

static void report_covered(struct bn_prover *prover, struct bn_proof_zone *item, size_t other,
		struct bn_proof_case *counter, const struct overlap *overlap, const char *how) {
	const struct bn_layout *layout = prover->layout;
	const struct bn_zone *zone = &layout->zones[overlap->under->zone];
	const struct bn_zone *over = &layout->zones[overlap->over->zone];
	counter->missing = overlap->missing;
	char when[BN_PROOF_TEXT], signals[BN_PROOF_TEXT], place[BN_PROOF_TEXT];
	bn_proof_describe(prover, counter, when, signals);
	bn_proof_place_of(&over->mark, place);
	bn_proof_fault(prover, item, &zone->mark,
			"%s: zone \"%s\" of layer %s is covered by zone \"%s\" of layer %s (%s)%s, "
			"in %dx%d "
			"px at %d,%d of display \"%s\"%s",
			when, zone->name, bn_layer_name(zone->layer), over->name,
			bn_layer_name(over->layer), place, how, overlap->common.width,
			overlap->common.height, overlap->common.x, overlap->common.y,
			layout->displays[zone->display].name, signals);
}

/** Both at once. Returns whether it can be, reported or not. */
static bool check_covered(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_proof_zone *over) {
	struct overlap overlap;
	if (!find_overlap(prover, item, over, false, &overlap)) {
		return false;
	}
	const struct bn_space_question *question = ask(prover, item, over->zone);
	struct bn_proof_case best = { 0 };
	for (size_t i = 0; question != NULL && i < question->outcome_count; i++) {
		const struct bn_space_outcome *outcome = &question->outcomes[i];
		if (fate_of(prover, item->zone, question, outcome).is_shown
				&& fate_of(prover, over->zone, question, outcome).is_shown) {
			keep_cheaper(&best, question, outcome);
		}
	}
	if (best.outcome != NULL && bn_proof_asks(BN_PROOF_COVERED)) {
		report_covered(prover, item, over->zone, &best, &overlap, "");
	}
	return best.outcome != NULL;
}

static bool find_shown(struct bn_prover *prover, size_t zone, struct bn_proof_case *ret_best) {
	size_t rules[BN_SPACE_RULES];
	size_t count = rules_of(prover, zone, BN_NONE, rules);
	const struct bn_space_question *question =
			count <= BN_SPACE_RULES ? bn_space_ask(&prover->space, rules, count) : NULL;
	*ret_best = (struct bn_proof_case){ 0 };
	for (size_t i = 0; question != NULL && i < question->outcome_count; i++) {
		if (fate_of(prover, zone, question, &question->outcomes[i]).is_shown) {
			keep_cheaper(ret_best, question, &question->outcomes[i]);
		}
	}
	return ret_best->outcome != NULL;
}

/** One shows where the other was until now, and has not faded or slid away yet. */
static void check_leaving(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_proof_zone *over) {
	struct overlap overlap;
	struct bn_proof_case counter, before;
	if (!find_overlap(prover, item, over, true, &overlap)
			|| !find_shown(prover, item->zone, &counter)
			|| !find_shown(prover, over->zone, &before)) {
		return;
	}
	counter.question_before = before.question;
	counter.before = before.outcome;
	report_covered(prover, item, over->zone, &counter, &overlap,
			", whose transition has not ended");
}

static void check_neighbours(struct bn_prover *prover, struct bn_proof_zone *item) {
	struct bn_proof *proof = prover->proof;
	for (size_t i = 0; i < proof->zone_count; i++) {
		const struct bn_proof_zone *over = &proof->zones[i];
		if (over == item || !is_above(prover->layout, over->zone, item->zone)) {
			continue;
		}
		if (!check_covered(prover, item, over) && bn_proof_asks(BN_PROOF_LEAVING)) {
			check_leaving(prover, item, over);
		}
	}
}

// --- homes -------------------------------------------------------------------------------

static void check_home(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_space_question *question) {
	const struct bn_layout *layout = prover->layout;
	const struct bn_zone *zone = &layout->zones[item->zone];
	uint64_t all = layout->display_count < 64 ? (UINT64_C(1) << layout->display_count) - 1
						  : UINT64_MAX;
	uint64_t places = UINT64_C(1) << zone->display;
	for (size_t i = 0; i < zone->backup_count; i++) {
		places |= UINT64_C(1) << layout->zones[zone->backups[i]].display;
	}
	item->lost_with = places == all ? 0 : places;
	struct bn_proof_case best = { .missing = places };
	for (size_t i = 0; i < question->outcome_count; i++) {
		if (fate_of(prover, item->zone, question, &question->outcomes[i]).must_show) {
			keep_cheaper(&best, question, &question->outcomes[i]);
		}
	}
	if (places == all || zone->accept_loss != NULL || best.outcome == NULL) {
		return;
	}
	char when[BN_PROOF_TEXT], signals[BN_PROOF_TEXT], left[BN_PROOF_TEXT];
	bn_proof_describe(prover, &best, when, signals);
	bn_proof_displays(layout, all & ~places, " or ", left);
	bn_proof_fault(prover, item, &zone->mark,
			"%s: zone \"%s\" of layer %s has no home; give it a \"backup:\" zone on "
			"%s, or say "
			"in \"accept-loss:\" why it may be lost",
			when, zone->name, bn_layer_name(zone->layer), left);
}

void bn_proof_check_states(struct bn_prover *prover) {
	struct bn_proof *proof = prover->proof;
	for (size_t i = 0; i < proof->zone_count && !prover->out_of_memory; i++) {
		struct bn_proof_zone *item = &proof->zones[i];
		const struct bn_space_question *question = ask(prover, item, BN_NONE);
		if (question != NULL) {
			if (bn_proof_asks(BN_PROOF_HIDDEN)) {
				check_hidden(prover, item, question);
			}
			if (bn_proof_asks(BN_PROOF_DISPLACED)) {
				check_displaced(prover, item, question);
			}
			if (bn_proof_asks(BN_PROOF_HOME)) {
				check_home(prover, item, question);
			}
			check_grants(prover, item, question);
		}
		check_neighbours(prover, item);
	}
}
