#ifndef BN_CORE_PROOF_INTERNAL_H
#define BN_CORE_PROOF_INTERNAL_H

#include "core/proof.h"
#include "core/proof_space.h"

/**
 * How a proof is made:
 *
 *   effects    what each rule does to each zone
 *   places     where each zone of the safety and telltale layers can be
 *   static     what does not depend on the state: glass, sizes, themes, grants   (proof_place.c)
 *   fates      what becomes of a zone in one outcome, as core/arrange would have it
 *   questions  is there an outcome in which ...?                                 (proof_state.c)
 *   text       the shortest one, in words                                        (proof_text.c)
 */
struct bn_proof_effect {
	size_t rule;
	bool shows;      // else hides
	size_t app;      // that it names; BN_NONE
	size_t position; // among the shows of its rule
};

struct bn_proof_effects {
	struct bn_proof_effect *items; // in the order in which they take force
	size_t count;
};

/** What becomes of a zone in one outcome. */
struct bn_proof_fate {
	bool is_shown; // by what the rules say; its place is another matter
	bool must_show;
	size_t app;                // that the last rule names; BN_NONE
	size_t app_rule, position; // of that rule, with app
	size_t last_rule;          // the last that showed or hid it; BN_NONE
	size_t wanting_rule;       // one that holds and shows it; BN_NONE
};

/** One way in which something comes about; the lowest cost is the one to tell. */
struct bn_proof_case {
	const struct bn_space_question *question;
	const struct bn_space_outcome *outcome;
	uint64_t missing; // displays
	// What was shown just before; NULL: it does not matter.
	const struct bn_space_question *question_before;
	const struct bn_space_outcome *before;
};

struct bn_prover {
	const struct bn_layout *layout;
	struct bn_diag_list *diags;
	struct bn_proof *proof;
	struct bn_arena *arena;
	struct bn_space space;
	struct bn_glass_cache *masks;
	struct bn_proof_effects *effects; // of each zone of the layout
	bool out_of_memory;
};

/**
 * Whether a rule is asked: all are. Only a build with BN_PROOF_WITHOUT defined as one of them leaves that one out:
 * tests/unit links such checkers, one for each rule, to show that every rule is needed.
 */
bool bn_proof_asks(enum bn_proof_rule rule);

/** Adds an error about `item`. */
void bn_proof_fault(struct bn_prover *prover, struct bn_proof_zone *item,
		const struct bn_mark *mark, const char *format, ...)
		__attribute__((format(printf, 4, 5)));

/** Fills in the places and says what is wrong with each, in whatever state. */
bool bn_proof_check_places(struct bn_prover *prover, struct bn_proof_zone *item);
void bn_proof_check_masks(struct bn_prover *prover);

void bn_proof_check_states(struct bn_prover *prover);

/**
 * "reversing + center missing": what must be so, in few words; and " (Gear = -1)": the signals that bring
 * it about, empty when it takes none. The arrays are this long: what does not fit ends in "...".
 */
#define BN_PROOF_TEXT 768
void bn_proof_describe(const struct bn_prover *prover, const struct bn_proof_case *counter,
		char when[BN_PROOF_TEXT], char signals[BN_PROOF_TEXT]);
/** The names of displays, with a joint of " and ": "center and passenger". */
void bn_proof_displays(const struct bn_layout *layout, uint64_t displays, const char *joint,
		char text[BN_PROOF_TEXT]);
/** "base.yaml:12", without the folder. */
void bn_proof_place_of(const struct bn_mark *mark, char text[BN_PROOF_TEXT]);

// proof_glass.c
/** Which pixels of a panel are glass, one byte each, 0 where there is none. */
struct bn_glass {
	char *path;            // owned
	unsigned char *pixels; // owned
	int32_t width, height; // of the panel: before transform and scale
	struct bn_glass *next;
};
/** NULL with a sentence in `error` when the PNG cannot be used for a panel of this size. The cache keeps it. */
const struct bn_glass *bn_glass_get(struct bn_glass_cache *cache, const char *path, int32_t width,
		int32_t height, char error[256]);
/** The first pixel within a logical box of the display that is not glass; false: all of it is. */
bool bn_glass_find_hole(const struct bn_glass *glass, const struct bn_display *display,
		const struct bn_rect *box, int32_t *ret_x, int32_t *ret_y);

#endif
