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

#endif
