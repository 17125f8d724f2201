#ifndef BN_CORE_LAYOUT_H
#define BN_CORE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/diag.h"
#include "core/rect.h"

/**
 * A checked layout: plain data, immutable once loaded, freed as a whole.
 *
 * Objects refer to each other by index into the layout's arrays; BN_NONE says
 * "none". Strings belong to the layout. Every object carries the mark of the
 * line that declared it, so that a later message can name it.
 */
#define BN_NONE SIZE_MAX
#define BN_SIGNAL_NAME_MAX 128
#define BN_STRING_VALUE_MAX 64

/** Safety priority, lowest first. The order is fixed and never configurable. */
enum bn_layer {
	BN_LAYER_BACKGROUND,
	BN_LAYER_APP,
	BN_LAYER_OVERLAY,
	BN_LAYER_ALERT,
	BN_LAYER_SAFETY,
	BN_LAYER_TELLTALE,
	BN_LAYER_COUNT,
};

enum bn_fit {
	BN_FIT_FILL, // the client is asked for the zone's size; a wrong size is scaled to cover, cropped
	BN_FIT_FIT,     // scaled to fit, aspect kept, bars around
	BN_FIT_STRETCH, // scaled to the zone, aspect lost
	BN_FIT_CENTER,  // own size, centred, cropped
	BN_FIT_NONE,    // own size at the zone's top left, cropped
};

enum bn_value_kind {
	BN_VALUE_UNKNOWN, // never received, or stale: counts as every value
	BN_VALUE_BOOL,
	BN_VALUE_NUMBER,
	BN_VALUE_STRING,
};

/** A signal's value; `text` is NUL-terminated and used by BN_VALUE_STRING only. */
struct bn_value {
	enum bn_value_kind kind;
	double number; // BN_VALUE_BOOL: 0 or 1
	char text[BN_STRING_VALUE_MAX];
};

/** What shows where no client does: an empty zone, or a zone whose client failed. */
enum bn_builtin {
	BN_BUILTIN_NONE,      // transparent: what is beneath shows
	BN_BUILTIN_COLOR,     // `color`
	BN_BUILTIN_CLOCK,     // wall clock
	BN_BUILTIN_SPEED,     // numeric Vehicle.Speed
	BN_BUILTIN_NO_CAMERA, // "camera not live"
	BN_BUILTIN_BRAKE,     // lamps: symbols on dark glass, with corners that no app draws
	BN_BUILTIN_OIL,
	BN_BUILTIN_BATTERY,
	BN_BUILTIN_ENGINE,
	BN_BUILTIN_SEAT_BELT,
	BN_BUILTIN_DOOR,
	BN_BUILTIN_LOGO, // the layout's name, quietly
	BN_BUILTIN_TEXT, // `text`, centred
};

struct bn_filler {
	enum bn_builtin builtin;
	uint32_t color; // 0xAARRGGBB, not premultiplied
	const char *text;
};

/** One length of a rect: pixels, or per cent of the side it is measured along, plus `offset` pixels. */
struct bn_length {
	double value;
	bool percent;
	double offset; // px, with `percent`: "100%-72"
};

/** One alternative of `match:`; a NULL key matches everything. All keys must agree. */
struct bn_match {
	const char *connector, *make, *model, *serial;
};

/** A part of a display that is no glass; its rect is in logical px of the display. */
struct bn_cut_out {
	struct bn_length rect[4];
};

struct bn_display {
	const char *name;
	struct bn_mark mark;
	struct bn_match *matches;
	size_t match_count;
	int32_t width, height; // px of the declared mode, before `transform`
	int32_t refresh_mhz;
	int32_t width_mm, height_mm; // 0: not declared
	int transform;               // enum wl_output_transform: 0..7
	double scale;                // > 0, default 1
	bool safety;                 // criticality: safety
	bool adaptive_sync;          // shows a frame when it comes, where the display can
	const char *glass_mask;      // absolute path of a PNG, NULL: all is glass
	struct bn_cut_out *cut_outs; // no glass either
	size_t cut_out_count;
};

/** Keys of a touchscreen; a NULL key matches everything. Paths are udev ID_PATH. */
struct bn_touch_match {
	const char *serial, *path, *name;
};

struct bn_occupant {
	const char *name; // also the wl_seat's name
	struct bn_mark mark;
	size_t *displays;
	size_t display_count;
	struct bn_touch_match *touches;
	size_t touch_count;
};

struct bn_signal {
	const char *name; // COVESA VSS path
	struct bn_mark mark;
	int64_t stale_after_ns; // 0: never stale
	const char **from;      // apps that may set it; the session owner always may
	size_t from_count;
	struct bn_value initial; // BN_VALUE_UNKNOWN when not given
};

enum bn_condition_kind {
	BN_CONDITION_ALL,   // children
	BN_CONDITION_ANY,   // children
	BN_CONDITION_NOT,   // one child
	BN_CONDITION_EQUAL, // signal == value
	BN_CONDITION_OVER,  // signal > limit; once true, until signal < until (hysteresis)
	BN_CONDITION_UNDER, // signal < limit; once true, until signal > until
	BN_CONDITION_STATE, // another state, declared before
};

/** A node of a condition tree, in layout.conditions; children are consecutive there. */
struct bn_condition {
	enum bn_condition_kind kind;
	size_t signal;         // EQUAL, OVER, UNDER
	size_t state;          // STATE
	struct bn_value value; // EQUAL
	double limit, until;
	size_t hysteresis; // OVER, UNDER: index of its memory bit, below layout.hysteresis_count
	size_t first_child, child_count;
};

struct bn_state {
	const char *name;
	struct bn_mark mark;
	size_t condition; // root in layout.conditions
};

enum bn_transition_kind {
	BN_TRANSITION_NONE,
	BN_TRANSITION_FADE,
	BN_TRANSITION_SLIDE_LEFT,
	BN_TRANSITION_SLIDE_RIGHT,
	BN_TRANSITION_SLIDE_UP,
	BN_TRANSITION_SLIDE_DOWN,
};

struct bn_transition_spec {
	enum bn_transition_kind kind;
	int64_t duration_ns;
};

enum bn_restriction { // bits
	BN_RESTRICT_VIDEO =
			1 << 0, // content above 5 changes a second is replaced by the zone's filler
	BN_RESTRICT_KEYBOARD = 1 << 1, // no key reaches the zone
	BN_RESTRICT_TOUCH = 1 << 2,    // no touch or pointer reaches the zone
};

struct bn_zone {
	const char *name;
	struct bn_mark mark;
	size_t display;
	enum bn_layer layer;
	size_t same_as;           // rect: ZONE; BN_NONE when the lengths below count
	struct bn_length rect[4]; // x, y, width, height within the display, or within `parent`
	size_t parent;            // `in: ZONE`: rect is relative to that zone; BN_NONE: the display
	const char **grants;      // app names; `grant_all` for "*"
	size_t grant_count;
	bool grant_all;
	enum bn_fit fit;
	struct bn_filler empty, on_fault;
	int64_t heartbeat_ns, max_age_ns; // 0: not asked for
	bool has_counter;                 // `counter:`
	struct bn_length counter
			[4]; // the part of its app's buffer that max-age looks at: x, y, width, height
	double min_symbol_mm; // 0: not asked for
	double radius;        // px, corner radius
	double opacity;       // 0..1
	bool driver_visible;  // default true
	bool is_private;      // never captured
	bool dimmed;          // themes dim it; default true below BN_LAYER_ALERT, else false
	struct bn_transition_spec transition; // between contents
	bool visible;    // shown unless a rule hides it; `visible: false` needs a rule's show
	size_t *backups; // zones that take over while its display is missing, the first that can
	size_t backup_count;
	bool is_backup;          // in the backups of zone `backup_of`, and nothing else
	size_t backup_of;        // with is_backup
	const char *accept_loss; // why it may be lost with all displays that it has a place on; NULL
};

/** A file that the layout names, and where it does. */
struct bn_file {
	const char *path; // absolute; NULL: none
	struct bn_mark mark;
};

struct bn_check {
	const char *name;
	struct bn_mark mark;
	size_t zone;
	struct bn_length rect[4]; // within the zone
	size_t when;              // condition, BN_NONE: always
	struct bn_file golden;    // a PNG, as are the next two
	struct bn_file off;       // what is there when it must not be seen; NULL: anything else
	struct bn_file mask;      // where it is compared; NULL: everywhere
	int32_t tolerance;        // 0..255, per channel
	bool else_off;
	struct bn_filler on_fault;
};

struct bn_rule_show {
	size_t zone;
	size_t app; // BN_NONE: whatever is in the zone (makes a hidden zone visible)
};

struct bn_rule_restrict {
	size_t zone;
	uint32_t restrictions; // BN_RESTRICT_*
};

/** In force while its condition holds. Later rules win over earlier ones. */
struct bn_rule {
	struct bn_mark mark;
	const char *name;  // its key in a map of rules; NULL: it is of a list
	const char *label; // for `why`: the text of `when:`
	size_t when;       // condition, BN_NONE: always
	struct bn_rule_show *shows;
	size_t show_count;
	size_t *hides; // zones
	size_t hide_count;
	struct bn_rule_restrict *restricts;
	size_t restrict_count;
	size_t theme;      // BN_NONE: leaves it
	int64_t within_ns; // deadline from signal to glass; 0: none
	int64_t linger_ns; // stays in force that long after its condition ends
};

enum bn_start {
	BN_START_DEMAND, // when it is to be shown (default)
	BN_START_BOOT,
	BN_START_NEVER, // comes by itself
};

enum bn_restart {
	BN_RESTART_NEVER,
	BN_RESTART_ON_FAILURE, // default for apps with exec
	BN_RESTART_ALWAYS,
};

/** Limits of one client; 0: the compositor's default (core/budget.h). */
struct bn_budget_spec {
	int64_t upload_bytes_per_frame, buffer_bytes;
	int32_t surfaces, buffers, commits_per_frame, requests_per_frame;
};

struct bn_app {
	const char *name;
	struct bn_mark mark;
	char **exec; // argv, NULL-terminated; NULL: not started by us
	char **env;  // "KEY=value", NULL-terminated; NULL: none
	enum bn_start start;
	enum bn_restart restart;
	size_t home; // zone, BN_NONE: the first zone that grants it, by name rather than to all
	const char *app_id; // what an unproven client calls itself; default: name
	bool all_seats;     // seats: all
	bool privileged_capture, privileged_input; // may: [capture, input]
	bool reserved; // a safety or telltale zone depends on it: "*" does not mean it
	struct bn_budget_spec budget;
};

struct bn_theme {
	const char *name;
	struct bn_mark mark;
	bool night;
	uint32_t background, foreground, accent; // 0xRRGGBB
	double dim; // 0..1: how much darker zones with `dimmed` are drawn
};

struct bn_profile {
	const char *name;
	struct bn_mark mark;
};

struct bn_layout {
	const char *name;   // `name:`, else the file's base name
	const char *path;   // the file that was loaded
	const char **files; // every file that took part, absolute; for watching
	size_t file_count;
	const char *profile; // the profile merged in, NULL: none

	struct bn_display *displays;
	struct bn_occupant *occupants;
	struct bn_signal *signals;
	struct bn_condition *conditions;
	struct bn_state *states;
	struct bn_zone *zones; // in document order; see bn_layout_order for stacking
	struct bn_check *checks;
	struct bn_rule *rules;
	struct bn_app *apps;
	struct bn_theme *themes; // at least one: a built-in "default" is added
	struct bn_profile *profiles;
	size_t display_count, occupant_count, signal_count, condition_count, state_count,
			zone_count, check_count, rule_count, app_count, theme_count, profile_count;
	size_t hysteresis_count;

	size_t *order; // zone_count entries: zones bottom to top, by layer, then document order

	struct bn_arena *arena; // owns everything above
};

void bn_layout_destroy(struct bn_layout *layout);

size_t bn_layout_find_zone(const struct bn_layout *layout, const char *name);
size_t bn_layout_find_display(const struct bn_layout *layout, const char *name);
size_t bn_layout_find_app(const struct bn_layout *layout, const char *name);
size_t bn_layout_find_signal(const struct bn_layout *layout, const char *name);
size_t bn_layout_find_state(const struct bn_layout *layout, const char *name);
size_t bn_layout_find_theme(const struct bn_layout *layout, const char *name);
/** The occupant that a display belongs to; BN_NONE when nobody has it. */
size_t bn_layout_display_occupant(const struct bn_layout *layout, size_t display);
/**
 * Whether `app` (an index, or BN_NONE for an unknown client) may fill the zone by grant. "*" means all but
 * the apps that a safety or telltale zone depends on: no command takes those away from it.
 */
bool bn_layout_zone_grants(const struct bn_layout *layout, size_t zone, size_t app);
/** Whether the zone's grants name the app: it was meant for it, not merely open to all. */
bool bn_layout_zone_names(const struct bn_layout *layout, size_t zone, size_t app);
/** The first zone that grants the app, one that names it before one that is open to all; BN_NONE: none. */
size_t bn_layout_first_zone(const struct bn_layout *layout, size_t app);
/** A zone's box in px on a display of this size (after transform and scale); may exceed the display. */
struct bn_rect bn_layout_zone_box(const struct bn_layout *layout, size_t zone,
		int32_t display_width, int32_t display_height);

/** A check's box in the space of its zone's box; may exceed it. */
struct bn_rect bn_layout_check_box(const struct bn_check *check, const struct bn_rect *zone_box);
/** Whether checks of other zones may follow them here: unless it has checks of its own. */
bool bn_layout_is_checked_itself(const struct bn_layout *layout, size_t zone);
/** Logical px of a display in its own px; both edges are rounded. */
struct bn_rect bn_layout_scale(const struct bn_rect *box, double scale);
/** The px of a rect of lengths on an area of this size, rounded as zones are. */
struct bn_rect bn_layout_rect(const struct bn_length rect[4], int32_t width, int32_t height);
/** What of the logical px of a display its declared mode, transform and scale leave: at 0,0. */
struct bn_rect bn_layout_display_rect(const struct bn_display *display);
/** Millimetres of one logical px, the smaller of both directions; 0: not known. */
double bn_layout_px_mm(const struct bn_display *display);

const char *bn_layer_name(enum bn_layer layer);
const char *bn_fit_name(enum bn_fit fit);
const char *bn_builtin_name(enum bn_builtin builtin);

#endif
