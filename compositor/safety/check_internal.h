#ifndef BN_SAFETY_CHECK_INTERNAL_H
#define BN_SAFETY_CHECK_INTERNAL_H

#include "safety/check.h"

// Shared among the check*.c files: one struct, one noun each.

/** So long a read lasts: what is shown is looked at again at the next beat. */
#define BN_CHECK_BEAT_NS INT64_C(50000000)

/** The output that its zone is on, and item->box in px of it; NULL: it is on none, or hidden. */
struct bn_output *bn_check_place(struct bn_check_item *item);
/** Decides anew after any news of one check: state, log, cover, timer. */
void bn_check_settle(struct bn_check_item *item);

// check_read.c
/** Begins to read what is composed or, between frames, shown; unless a read is under way. */
void bn_check_ask(struct bn_check_item *item, struct bn_check_look *look, struct bn_output *output,
		struct wlr_buffer *buffer);
/** Judges what has come in meanwhile; decides nothing. */
void bn_check_collect(struct bn_check_item *item);

// check_cover.c
/** Draws what may have to cover it, for item->golden.on's size. */
void bn_check_make_covers(struct bn_check_item *item);
void bn_check_drop_covers(struct bn_check_item *item);
/** The cover for what is demanded now; NULL: there is none. */
const struct bn_check_cover *bn_check_cover_of(const struct bn_check_item *item);
/** bn_cover_source.covers */
const struct bn_output_cover *bn_checks_list_covers(void *data, const struct bn_output *output,
		size_t *ret_count);

#endif
