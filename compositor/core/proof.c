#include "core/proof.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/proof_internal.h"

void bn_proof_fault(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_mark *mark, const char *format, ...) {
	char text[2560];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	bn_diag_add(prover->diags, BN_SEVERITY_ERROR, mark, "%s", text);
	item->faults++;
}

// --- what rules do to zones ------------------------------------------------------

/** Runs over all effects of all rules; first to count them, then, with room, to note them. */
static void visit_effects(const struct bn_layout *layout, struct bn_proof_effects *effects,
		bool has_room) {
	for (size_t i = 0; i < layout->rule_count; i++) {
		const struct bn_rule *rule = &layout->rules[i];
		// As in core/arrange: a rule that hides and shows a zone shows it.
		for (size_t j = 0; j < rule->hide_count; j++) {
			struct bn_proof_effects *zone = &effects[rule->hides[j]];
			if (has_room) {
				zone->items[zone->count] = (struct bn_proof_effect){ .rule = i,
					.app = BN_NONE };
			}
			zone->count++;
		}
		for (size_t j = 0; j < rule->show_count; j++) {
			struct bn_proof_effects *zone = &effects[rule->shows[j].zone];
			if (has_room) {
				zone->items[zone->count] = (struct bn_proof_effect){ .rule = i,
					.shows = true,
					.app = rule->shows[j].app,
					.position = j };
			}
			zone->count++;
		}
	}
}

static bool find_effects(struct bn_prover *prover) {
	const struct bn_layout *layout = prover->layout;
	struct bn_proof_effects *effects =
			bn_arena_array(prover->arena, layout->zone_count + 1, sizeof(effects[0]));
	if (effects == NULL) {
		return false;
	}
	visit_effects(layout, effects, false);
	for (size_t i = 0; i < layout->zone_count; i++) {
		effects[i].items = bn_arena_array(prover->arena, effects[i].count + 1,
				sizeof(effects[i].items[0]));
		if (effects[i].items == NULL) {
			return false;
		}
		effects[i].count = 0;
	}
	visit_effects(layout, effects, true);
	prover->effects = effects;
	return true;
}

// --- the whole -------------------------------------------------------------------

static bool is_proved(const struct bn_zone *zone) {
	return zone->layer >= BN_LAYER_SAFETY && !zone->is_backup;
}

static bool find_zones(struct bn_prover *prover) {
	const struct bn_layout *layout = prover->layout;
	struct bn_proof *proof = prover->proof;
	proof->zones = bn_arena_array(prover->arena, layout->zone_count + 1,
			sizeof(proof->zones[0]));
	for (size_t i = 0; proof->zones != NULL && i < layout->zone_count; i++) {
		if (is_proved(&layout->zones[i])) {
			struct bn_proof_zone *item = &proof->zones[proof->zone_count++];
			item->zone = i;
			if (!bn_proof_check_places(prover, item)) {
				return false;
			}
		}
	}
	return proof->zones != NULL;
}

/** The size of the whole space, for the report. */
static bool count_states(struct bn_prover *prover) {
	struct bn_proof *proof = prover->proof;
	const struct bn_layout *layout = prover->layout;
	bool *used = bn_arena_array(prover->arena, layout->rule_count + 1, sizeof(used[0]));
	size_t *rules = bn_arena_array(prover->arena, layout->rule_count + 1, sizeof(rules[0]));
	if (used == NULL || rules == NULL) {
		return false;
	}
	for (size_t i = 0; i < proof->zone_count; i++) {
		const struct bn_proof_effects *effects = &prover->effects[proof->zones[i].zone];
		for (size_t j = 0; j < effects->count; j++) {
			used[effects->items[j].rule] = true;
		}
	}
	for (size_t i = 0; i < layout->rule_count; i++) {
		if (used[i]) {
			rules[proof->rule_count++] = i;
		}
	}
	proof->display_sets = layout->display_count < 64 ? UINT64_C(1) << layout->display_count
							 : UINT64_MAX;
	return bn_space_count(&prover->space, rules, proof->rule_count, &proof->states,
			&proof->signal_count);
}

static bool prove(struct bn_prover *prover) {
	const struct bn_layout *layout = prover->layout;
	if (layout->display_count > 64) {
		const struct bn_mark *mark = &layout->displays[64].mark;
		bn_diag_add(prover->diags, BN_SEVERITY_ERROR, mark,
				"the proof knows 64 displays, this is one more");
		return true;
	}
	if (!bn_space_init(&prover->space, layout, prover->arena) || !find_effects(prover)
			|| !find_zones(prover)) {
		return false;
	}
	bn_proof_check_masks(prover);
	bn_proof_check_states(prover);
	return !prover->out_of_memory && count_states(prover);
}

struct bn_proof *bn_proof_create(const struct bn_layout *layout, struct bn_glass_cache *masks,
		struct bn_diag_list *diags) {
	struct bn_arena *arena = bn_arena_create();
	struct bn_proof *proof = arena != NULL ? bn_arena_alloc(arena, sizeof(*proof)) : NULL;
	if (proof == NULL) {
		bn_arena_destroy(arena);
		diags->out_of_memory = true;
		return NULL;
	}
	proof->arena = arena;
	struct bn_glass_cache own_masks = { 0 };
	struct bn_prover prover = {
		.layout = layout,
		.diags = diags,
		.proof = proof,
		.arena = arena,
		.masks = masks != NULL ? masks : &own_masks,
	};
	bool done = prove(&prover);
	bn_glass_cache_finish(&own_masks);
	if (!done) {
		bn_arena_destroy(arena);
		diags->out_of_memory = true;
		return NULL;
	}
	return proof;
}

void bn_proof_destroy(struct bn_proof *proof) {
	if (proof != NULL) {
		bn_arena_destroy(proof->arena); // the proof itself lies in it
	}
}
