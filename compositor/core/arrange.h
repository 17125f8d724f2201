#ifndef BN_CORE_ARRANGE_H
#define BN_CORE_ARRANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/freeze.h"
#include "core/layout.h"
#include "core/vehicle.h"

/**
 * Who shows where: the one decision of the cockpit, pure.
 *
 * Input: the layout, the vehicle's rules, the displays that are there, and the
 * views (toplevels) with what has been asked for them. Output: for every zone its
 * box and what it shows; for every view its zone, whether it is on top, and the
 * chain of reasons.
 *
 * A zone shows one view: the one whose app a rule in force names, else the one
 * last shown by command, else the one last activated, else the newest mapped.
 * Rules beat commands, commands beat activation. Other views of the zone wait
 * behind it. An empty zone shows its filler.
 *
 * Which zone a view is in, first that applies, always within what it may fill:
 *
 *  1. A zone for which a rule in force names its app. Rules are taken in order, as
 *     assignments to a zone: the last show names the app, a hide forgets it. Of
 *     several views of the app the zone takes the top one of those that are there
 *     already; when none is, one is moved: the newest that no other zone's rule
 *     holds or names. Later rules choose first. Rules overrule `hide` commands.
 *  2. A zone for which the newest show command names its app and that no newer
 *     command showed elsewhere; chosen in the same way, newest command first.
 *  3. The zone that it asked for. 4. Its app's home. 5. The first that grants it.
 *
 * While the display of a zone is missing, the first zone of its `backup:` whose display is
 * there takes over all that was decided for it: its view, its filler, its restrictions. The
 * view is then in that zone. Other zones of a `backup:` show nothing.
 *
 * A `hide` command does not reach the views of safety and telltale zones.
 *
 * A view may fill a zone that grants its app. An unknown client (app BN_NONE), or one
 * whose identity is not proven, only zones of the app layer that grant "*".
 */
struct bn_arrange_view {
	uint64_t id;              // unique, never 0
	size_t app;               // layout app; BN_NONE: unknown client
	bool proven;              // identity is not merely what the client calls itself
	uint64_t show_serial;     // order of the last `show` command for it; 0: never
	uint64_t activate_serial; // order of the last granted activation; 0: never
	uint64_t map_serial;      // order in which it was mapped
	size_t asked_zone;        // by show, set_zone or the output it asked for; BN_NONE: home
	bool hidden;              // by `hide` command, until shown again
	bool failed;              // its client crashed or hangs: the zone's on_fault shows
	enum bn_freeze_verdict freshness; // of its picture; asked for by zones with max-age only
};

struct bn_arrange_display {
	bool present;
	int32_t width, height; // logical px
};

/** A show command outlives its view (an app that is being started): remembered per zone. */
struct bn_arrange_request {
	size_t zone, app;
	uint64_t serial; // 0: none
};

enum bn_zone_content {
	BN_CONTENT_NOTHING, // hidden, or its display is missing
	BN_CONTENT_VIEW,
	BN_CONTENT_EMPTY, // the zone's `empty:` filler
	BN_CONTENT_FAULT, // the zone's `on-fault:` filler: its view failed, or a rule wants an app that is not there
};

/** Why something is as it is; formatted by bn_arrange_reason_format. */
enum bn_reason_kind {
	BN_REASON_NONE,
	BN_REASON_RULE,            // rule `object` is in force and names it
	BN_REASON_SHOW,            // shown by command
	BN_REASON_ACTIVATED,       // activation was granted
	BN_REASON_NEWEST,          // the newest of its zone
	BN_REASON_BEHIND,          // view `other` of the same zone is on top
	BN_REASON_HIDDEN_COMMAND,  // hidden by command
	BN_REASON_HIDDEN_RULE,     // rule `object` hides the zone
	BN_REASON_ZONE_INVISIBLE,  // `visible: false` and no rule shows it
	BN_REASON_DISPLAY_MISSING, // display `object` is not connected
	BN_REASON_MOVED,           // its display is not connected: zone `object` takes over
	BN_REASON_BACKUP, // it takes over from zone `other`, whose display `object` is not connected
	BN_REASON_STANDS_BY,   // a backup that is not needed
	BN_REASON_NOT_GRANTED, // asked for zone `object`, which does not grant the app
	BN_REASON_NOT_PROVEN,  // the zone's layer needs a proven identity
	BN_REASON_NO_HOME,     // no zone grants this app
	BN_REASON_HOME,        // in its home zone
	BN_REASON_GRANTED,     // in the zone that it asked for
	BN_REASON_FIRST_GRANT, // in the first zone that grants it, by name rather than to all
	BN_REASON_FAULT,       // failed: on-fault filler shows
	BN_REASON_STARTING,    // its zone has max-age, and no picture came since it is shown
	BN_REASON_STALE, // its zone has max-age, and its picture is not live: `object` says why
	BN_REASON_EMPTY, // nobody is in the zone
};

struct bn_reason {
	enum bn_reason_kind kind;
	size_t object;  // rule, zone, display or enum bn_freeze_verdict, per kind
	uint64_t other; // view id; BN_REASON_BACKUP: a zone
	size_t zone;    // the zone it is about; BN_NONE: none
};

#define BN_REASON_CHAIN 5

struct bn_arrange_zone_out {
	struct bn_rect box; // display-logical px; the full zone, not clipped to the display
	bool on_display;    // its display is present
	enum bn_zone_content content;
	uint64_t view; // BN_CONTENT_VIEW: the view's id; BN_CONTENT_FAULT: the failed view or 0; watched: it
	bool watched; // the view is not shown, but asked to draw: it may be live again
	size_t wanted_app; // a rule or show wants this app here but it has no view, nor was it shown elsewhere since; BN_NONE
	uint32_t restrictions; // BN_RESTRICT_* of all rules that may be in force
	size_t restrict_rule;  // one rule that restricts, BN_NONE
	struct bn_reason reason;
};

struct bn_arrange_view_out {
	uint64_t id;  // of the view that this was decided for
	size_t zone;  // BN_NONE: it has no home and is not shown
	bool visible; // on top of a visible zone of a present display, and live
	bool watched; // would be visible if its picture were live: its client is to go on
	struct bn_reason chain
			[BN_REASON_CHAIN]; // why this zone, then why (in)visible; NONE-terminated unless full
	size_t chain_count;
};

struct bn_arrange_in {
	const struct bn_layout *layout;
	const struct bn_vehicle *vehicle;
	const struct bn_arrange_display *displays; // layout->display_count
	const struct bn_arrange_view *views;
	size_t view_count;
	const struct bn_arrange_request *requests; // newest show per zone
	size_t request_count;
};

/** Arrays are owned; reused by the next bn_arrange_run on the same object. */
struct bn_arrangement {
	struct bn_arrange_zone_out *zones; // layout->zone_count
	size_t zone_count, zone_capacity;
	struct bn_arrange_view_out *views; // in->view_count, same order
	size_t view_count, view_capacity;
	size_t theme;
	struct bn_arrange_scratch *scratch; // private, owned
};

void bn_arrange_init(struct bn_arrangement *arrangement);
void bn_arrange_finish(struct bn_arrangement *arrangement);
/** False when out of memory: the previous content stays. Linear in zones + views + rules. */
bool bn_arrange_run(struct bn_arrangement *arrangement, const struct bn_arrange_in *in);
/** A sentence in English about `reason`; truncated to `size`. */
void bn_arrange_reason_format(const struct bn_layout *layout, const struct bn_reason *reason,
		char *buffer, size_t size);

/**
 * Where a surface of `surface` px (its window geometry) goes in a zone's box, by the zone's fit rule:
 * the destination in display px (may exceed the box: the caller clips) with source untouched.
 * Overflow-safe for sides up to 65535.
 */
struct bn_rect bn_arrange_fit(enum bn_fit fit, const struct bn_rect *box, int32_t surface_width,
		int32_t surface_height);

#endif
