#ifndef BN_CORE_ARRANGE_INTERNAL_H
#define BN_CORE_ARRANGE_INTERNAL_H

#include "core/arrange.h"

/**
 * How one arrangement is made. Everything is settled in passes over flat arrays;
 * each pass only overrules what an earlier one said:
 *
 *   rules      what each zone is told by the rules in force      -> zones[]
 *   places     the zone each view would be in by itself          -> views[].zone
 *   bind       rules claim views, the last rule first            -> .zone, .rule_bound
 *   request    show commands claim views, the newest first       -> .zone, .show
 *   tops       the top view of each zone                         -> zones[].top
 *   backups    zones whose display is missing hand over          -> zones[], views[].zone
 *   results    what came of it, with reasons (arrange_result.c)
 */
struct bn_arrange_zone_work {
	bool shown, hidden_by_rule;
	size_t rule; // the last rule that shows or hides it
	size_t app;  // named by rule `app_rule`; BN_NONE: by none
	size_t app_rule;
	size_t bound;       // the view that the rule got
	size_t request_app; // shown by command but not there; BN_NONE
	size_t top;
	size_t role; // the zone whose content it shows: itself; BN_NONE: a backup that stands by
	size_t moved_to; // the backup that took over; BN_NONE
};

struct bn_arrange_view_work {
	size_t zone;
	size_t next_of_app; // list of the views of one app, see app_work.first_view
	uint64_t show;      // show_serial, or that of the request which claimed it
	bool rule_bound;
	struct bn_reason refusals[2]; // of the zone it asked for, of its home
	size_t refusal_count;
	struct bn_reason place;
};

#define BN_ARRANGE_UNSETTLED (SIZE_MAX - 1)

struct bn_arrange_app_work {
	size_t first_view;
	size_t first_zone; // the first that grants it; BN_ARRANGE_UNSETTLED: not looked up yet
};

struct bn_arrange_scratch {
	struct bn_arrange_zone_work *zones;
	struct bn_arrange_view_work *views;
	struct bn_arrange_app_work *apps;
	struct bn_arrange_request *requests; // newest first
	size_t zone_capacity, view_capacity, app_capacity, request_capacity;
	size_t request_count;
	size_t open_zone; // the first of the app layer that grants "*"
};

static inline struct bn_reason bn_arrange_reason(enum bn_reason_kind kind, size_t object,
		size_t zone) {
	return (struct bn_reason){ .kind = kind, .object = object, .zone = zone };
}

/** Hidden by command, where commands may hide. */
static inline bool bn_arrange_is_hidden(const struct bn_arrange_scratch *s,
		const struct bn_arrange_in *in, size_t view) {
	size_t zone = s->views[view].zone;
	return in->views[view].hidden
			&& (zone == BN_NONE || in->layout->zones[zone].layer < BN_LAYER_SAFETY);
}

/** The last pass: writes arrangement->zones and ->views. Their arrays are large enough. */
void bn_arrange_settle(struct bn_arrangement *arrangement, const struct bn_arrange_in *in);

#endif
