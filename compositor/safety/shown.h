#ifndef BN_SAFETY_SHOWN_H
#define BN_SAFETY_SHOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bn_cockpit;
struct bn_output;

enum bn_shown_kind {
	BN_SHOWN_NOTHING,
	BN_SHOWN_APP,      // drawn, not covered, live, and at rest
	BN_SHOWN_FILLER,   // what the layout wants there without an app
	BN_SHOWN_FALLBACK, // a picture that stands in for an app that is wanted
	BN_SHOWN_MOVING,   // a transition runs: neither there nor gone
};

/** What somebody who looks at a zone sees there. */
struct bn_shown {
	enum bn_shown_kind kind;
	uint64_t view; // of BN_SHOWN_APP, by id
	size_t app;    // of the view; BN_NONE: unknown
};

/** What was decided: what a zone will show when all that moves has come to rest. */
struct bn_shown bn_shown_decided(const struct bn_cockpit *cockpit, size_t zone);
/** What the frame that an output has just composed shows of a zone. */
struct bn_shown bn_shown_composed(const struct bn_cockpit *cockpit, const struct bn_output *output,
		size_t zone);
bool bn_shown_equal(const struct bn_shown *a, const struct bn_shown *b);

#endif
