#ifndef BN_CORE_POLICY_H
#define BN_CORE_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/identity.h"
#include "core/layout.h"

/**
 * Who may do what: one table, with a row for each control verb, each Wayland global
 * that is offered, and each request within a global for everybody that is not for
 * everybody itself. What has no row nobody may, not even the session owner. Pure.
 */
enum bn_verb {
	BN_VERB_GET,
	BN_VERB_WHY,
	BN_VERB_WATCH,
	BN_VERB_SET,
	BN_VERB_SHOW,
	BN_VERB_HIDE,
	BN_VERB_SCREENSHOT,
	BN_VERB_GOLDEN,
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

enum bn_request {
	BN_REQUEST_FILL,     // a window into a zone
	BN_REQUEST_ACTIVATE, // xdg_activation_v1.activate: on top of its zone
	BN_REQUEST_PICTURE,  // a zone in a picture of its display, whoever takes it and how
	BN_REQUEST_COUNT,
};

/** What somebody has to be, or to have. */
enum bn_privilege {
	BN_PRIVILEGE_NONE,    // nothing: everybody
	BN_PRIVILEGE_TOUCHED, // an activation token that came from a touch, a click or a key
	BN_PRIVILEGE_GRANT,   // the zone's `grant:`, and proof unless the zone is open to all
	BN_PRIVILEGE_SELF,    // a proven app, about itself
	BN_PRIVILEGE_SOURCE,  // a proven app that the signal's `from:` names
	BN_PRIVILEGE_CAPTURE, // reads what others show: `may: [capture]`
	BN_PRIVILEGE_PICTURE, // as CAPTURE; but a zone that is private nobody
	BN_PRIVILEGE_INPUT,   // types and points for others: `may: [input]`
	BN_PRIVILEGE_LAYER,   // places surfaces by itself: any proven app of the layout
	BN_PRIVILEGE_LAUNCH,  // vouches for other clients: a proven app that is not sandboxed
	BN_PRIVILEGE_OWNER,   // the session owner, outside any app
	BN_PRIVILEGE_NOBODY,
};

enum bn_policy_kind {
	BN_POLICY_VERB,
	BN_POLICY_REQUEST,
	BN_POLICY_GLOBAL,
};

struct bn_policy_row {
	enum bn_policy_kind kind;
	const char *name; // of the verb on the wire, of the request, of the global's interface
	enum bn_privilege privilege;
};

/** What a row is about, beyond its name. */
enum bn_policy_object {
	BN_POLICY_OF_NOTHING,
	BN_POLICY_OF_APP,
	BN_POLICY_OF_SIGNAL,
	BN_POLICY_OF_ZONE,
};

#define BN_POLICY_REASON_MAX 160

struct bn_policy_verdict {
	bool allowed;
	char reason[BN_POLICY_REASON_MAX]; // allowed: by what; else what is wrong and what would be right
	struct bn_mark mark; // the entry of the layout that decides; file NULL: none does
};

// The table

size_t bn_policy_count(void);
/** Verbs first, then requests, both in their order, then globals. `row` NULL only beyond the table. */
const struct bn_policy_row *bn_policy_row(size_t row);
/** BN_NONE: there is no such row. */
size_t bn_policy_find(enum bn_policy_kind kind, const char *name);
enum bn_policy_object bn_policy_object(enum bn_privilege privilege);
const char *bn_policy_kind_name(enum bn_policy_kind kind);
const char *bn_privilege_name(enum bn_privilege privilege);
/** A sentence part: "a proven app with `may: [capture]`, or the session owner". */
const char *bn_privilege_text(enum bn_privilege privilege);

/** The verb's name on the wire; also in messages. */
const char *bn_verb_name(enum bn_verb verb);
/** False when there is no such verb. */
bool bn_verb_parse(const char *name, enum bn_verb *ret_verb);

// Decisions

/** `object`: index of what the row is about; BN_NONE: nothing in particular, or unknown. */
struct bn_policy_verdict bn_policy_ask(const struct bn_layout *layout,
		const struct bn_identity *who, size_t row, size_t object);
struct bn_policy_verdict bn_policy_verb(const struct bn_layout *layout,
		const struct bn_identity *who, enum bn_verb verb, size_t object);
struct bn_policy_verdict bn_policy_request(const struct bn_layout *layout,
		const struct bn_identity *who, enum bn_request request, size_t object);
/** Any interface; without a row nobody may. */
struct bn_policy_verdict bn_policy_global(const struct bn_layout *layout,
		const struct bn_identity *who, const char *interface);

enum bn_policy_fill {
	BN_POLICY_MAY_FILL,
	BN_POLICY_NOT_GRANTED,
	BN_POLICY_NOT_PROVEN,
};

/** BN_REQUEST_FILL, without words. `app` may be BN_NONE; `proven`: it is no mere app_id. */
enum bn_policy_fill bn_policy_fill(const struct bn_layout *layout, size_t app, bool proven,
		size_t zone);
/** Whether anybody may fill the zone, known or not. */
bool bn_policy_is_open(const struct bn_layout *layout, size_t zone);

#endif
