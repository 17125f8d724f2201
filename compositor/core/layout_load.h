#ifndef BN_CORE_LAYOUT_LOAD_H
#define BN_CORE_LAYOUT_LOAD_H

#include "core/diag.h"
#include "core/layout.h"

/**
 * Reads, merges (`include:`, then the profile) and checks a layout file.
 *
 * All faults of all files are added to `diags`, each with the file that set the
 * offending value. Returns NULL when there was an error; warnings do not refuse.
 * Reads files, nothing else; blocks on the file system. The caller destroys the
 * result with bn_layout_destroy.
 */
struct bn_layout_options {
	const char *profile; // name under `profiles:` to merge last; NULL: none
};

struct bn_layout *bn_layout_load(const char *path, const struct bn_layout_options *options,
		struct bn_diag_list *diags);

/**
 * As bn_layout_load, from memory: `path` names the text in messages and is where
 * relative includes are searched.
 */
struct bn_layout *bn_layout_load_text(const char *text, size_t length, const char *path,
		const struct bn_layout_options *options, struct bn_diag_list *diags);

#endif
