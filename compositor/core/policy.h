#ifndef BN_CORE_POLICY_H
#define BN_CORE_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/identity.h"
#include "core/layout.h"

/**
 * Who may do what: one table of control verbs and one of privileged Wayland
 * globals. What is not in a table is denied. Pure.
 */
enum bn_verb {
	BN_VERB_GET,
	BN_VERB_WHY,
	BN_VERB_WATCH,
	BN_VERB_SET,
	BN_VERB_SHOW,
	BN_VERB_HIDE,
	BN_VERB_SCREENSHOT,
	BN_VERB_TOUCH,
	BN_VERB_RELOAD,
	BN_VERB_THEME,
	BN_VERB_PROFILE,
	BN_VERB_PLAY,
	BN_VERB_STATS,
	BN_VERB_METRICS,
	BN_VERB_DEADLINES,
	BN_VERB_JOURNAL,
	BN_VERB_INSPECT,
	BN_VERB_OVERLAY,
	BN_VERB_QUIT,
	BN_VERB_COUNT,
};

/** What a global lets its client do to others. */
enum bn_privilege {
	BN_PRIVILEGE_NONE,    // for everybody
	BN_PRIVILEGE_CAPTURE, // reads what others show: `may: [capture]`
	BN_PRIVILEGE_INPUT,   // types and points for others: `may: [input]`
	BN_PRIVILEGE_LAYER,   // places surfaces by itself: any proven app of the layout
	BN_PRIVILEGE_LAUNCH,  // vouches for other clients: a proven app that is not sandboxed
	BN_PRIVILEGE_OWNER,   // the session owner, outside any app
};

#define BN_POLICY_REASON_MAX 160

struct bn_policy_verdict {
	bool allowed;
	char reason[BN_POLICY_REASON_MAX]; // empty when allowed; else what is wrong and what would be right
};

/** The verb's name on the wire; also in messages. */
const char *bn_verb_name(enum bn_verb verb);
/** False when there is no such verb. */
bool bn_verb_parse(const char *name, enum bn_verb *ret_verb);

/**
 * Whether a control connection may use a verb. `object` is what the verb is about: the app for WHY, the
 * signal for SET; BN_NONE: nothing in particular or unknown.
 */
struct bn_policy_verdict bn_policy_verb(const struct bn_layout *layout,
		const struct bn_identity *who, enum bn_verb verb, size_t object);

/** The class of a Wayland global by its interface; unknown interfaces are the owner's. */
enum bn_privilege bn_policy_privilege(const char *interface);
struct bn_policy_verdict bn_policy_global(const struct bn_layout *layout,
		const struct bn_identity *who, const char *interface);

#endif
