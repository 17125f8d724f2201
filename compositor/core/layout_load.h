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

/**
 * The merged document as JSON, before anything in it is judged: what a schema sees. malloc'ed;
 * NULL when it could not be read or merged.
 */
char *bn_layout_merged_json(const char *path, const struct bn_layout_options *options,
		struct bn_diag_list *diags);

/**
 * Every key that the loader knows as JSON, {"zone": {"layer": {"type": "choice", "choices":
 * ["background", ...]}, ...}, ...}: what schema and manual are tested against. malloc'ed; NULL:
 * out of memory.
 */
char *bn_layout_keys_json(void);

#endif
