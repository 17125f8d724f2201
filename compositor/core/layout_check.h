#ifndef BN_CORE_LAYOUT_CHECK_H
#define BN_CORE_LAYOUT_CHECK_H

#include <stdbool.h>

#include "core/diag.h"
#include "core/layout.h"

struct bn_glass_cache;

/**
 * What must hold of a layout as a whole, on its declared displays: a safety display exists when there is a
 * zone of the safety or telltale layer; every app that a rule shows is granted its zone; nothing is named
 * that cannot be reached; and what core/proof.h proves of safety and telltale zones. `masks` may be NULL. Returns
 * false when an error was added to `diags`.
 */
bool bn_layout_check(const struct bn_layout *layout, struct bn_glass_cache *masks,
		struct bn_diag_list *diags);

/**
 * layout_check_golden.c, called by the above: what must hold of `checks:`, in its zone and in each backup that a check
 * follows it to. `boxes`: of each zone on its declared display. Reads the size of each picture that is there already.
 */
void bn_layout_check_checks(const struct bn_layout *layout, const struct bn_rect *boxes,
		struct bn_diag_list *diags);

#endif
