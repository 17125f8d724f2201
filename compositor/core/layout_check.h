#ifndef BN_CORE_LAYOUT_CHECK_H
#define BN_CORE_LAYOUT_CHECK_H

#include <stdbool.h>

#include "core/diag.h"
#include "core/layout.h"

/**
 * What must hold of a layout as a whole, on its declared displays: zones of the
 * safety and telltale layers lie wholly on their display and no zone of an equal
 * or higher layer overlaps them; a safety display exists when there is such a
 * zone; every app that a rule shows is granted its zone; nothing is named that
 * cannot be reached. Returns false when an error was added to `diags`.
 */
bool bn_layout_check(const struct bn_layout *layout, struct bn_diag_list *diags);

#endif
