#ifndef BN_COCKPIT_INTERNAL_H
#define BN_COCKPIT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arrange.h"

struct bn_cockpit;
struct bn_process;
struct bn_view;

// Shared among the cockpit_*.c files: one struct, one noun each.

int64_t bn_cockpit_now(const struct bn_cockpit *cockpit);
/** A window of its own that is mapped: what the arrangement places. */
bool bn_cockpit_is_candidate(const struct bn_view *view);
struct bn_arrange_view bn_cockpit_candidate(const struct bn_view *view);
/** Where a view that is not mapped yet would go, so that its first configure has the right size. */
size_t bn_cockpit_predict_zone(struct bn_cockpit *cockpit, const struct bn_view *view);
/** Sends the size that the zone's fit rule asks for. */
void bn_cockpit_configure(struct bn_cockpit *cockpit, struct bn_view *view, size_t zone);
/** NULL: never started. */
const struct bn_process *bn_cockpit_process(const struct bn_cockpit *cockpit, size_t app);
/** Wakes up when the vehicle next has work by itself. */
void bn_cockpit_settle_vehicle(struct bn_cockpit *cockpit);

// cockpit_view.c: what is listened to of each view.
void bn_cockpit_follow_views(struct bn_cockpit *cockpit);

// cockpit_life.c: the beat, the clock, and what fillers say.
void bn_cockpit_init_life(struct bn_cockpit *cockpit);
void bn_cockpit_finish_life(struct bn_cockpit *cockpit);
/** Starts what the live layout needs: beat and clock only where something declared needs them. */
void bn_cockpit_start_life(struct bn_cockpit *cockpit);
void bn_cockpit_tell_speed(struct bn_cockpit *cockpit);

// cockpit_layout.c: making a layout live.
/** Makes what a layout needs and makes it live; false when out of memory: nothing changed. */
bool bn_cockpit_install_first(struct bn_cockpit *cockpit, struct bn_layout *layout);

#endif
