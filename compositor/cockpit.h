#ifndef BN_COCKPIT_H
#define BN_COCKPIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "core/arrange.h"
#include "core/diag.h"
#include "core/identity.h"
#include "core/layout.h"
#include "core/vehicle.h"
#include "loop.h"

struct bn_clients;
struct bn_launcher;
struct bn_scene;
struct bn_shell;
struct bn_view;

/**
 * The live layout: signals become states, states become an arrangement, and the
 * arrangement is what scene shows and shell configures. Everything that a rule,
 * a control command or an activation asks for is decided here and nowhere else.
 *
 * A command returns false with a sentence in `error` (caller's buffer) that says
 * what is wrong and what would be right; nothing then changed.
 */
struct bn_cockpit {
	struct bn_loop *loop; // borrowed, as all below
	struct bn_clients *clients;
	struct bn_shell *shell;
	struct bn_scene *scene;
	struct bn_launcher *launcher;

	struct bn_layout *layout;   // owned; never NULL after init
	struct bn_vehicle *vehicle; // owned
	struct bn_arrangement arrangement;
	struct bn_arrange_display *displays; // owned; layout->display_count
	struct bn_arrange_request *requests; // owned; zone_count
	uint64_t next_serial;
	char *profile;       // owned, NULL: none
	size_t forced_theme; // BN_NONE: rules decide

	struct bn_diag_list reload_faults; // of the last reload; empty when it succeeded
	uint64_t reload_count;

	struct {
		struct wl_signal arranged;      // any zone, view or theme changed: NULL
		struct wl_signal signal;        // size_t *: a signal's value or staleness changed
		struct wl_signal layout;        // a new layout is live: NULL
		struct wl_signal reload_failed; // NULL; faults are in reload_faults
		struct wl_signal beat; // int64_t *: now; every 50 ms while somebody holds it
	} events;

	struct bn_timer vehicle_timer, beat, clock_timer;
	size_t beat_holds;
	struct wl_event_source *rearrange_idle;
	struct wl_list hooks; // one per view; what is listened to of it
	struct wl_listener new_view, process_changed;
};

/** Takes the layout over when it succeeds. */
bool bn_cockpit_init(struct bn_cockpit *cockpit, struct bn_loop *loop, struct bn_clients *clients,
		struct bn_shell *shell, struct bn_scene *scene, struct bn_launcher *launcher,
		struct bn_layout *layout);
void bn_cockpit_finish(struct bn_cockpit *cockpit);

/** Loads cockpit->layout->path again; on any fault everything stays and reload_failed is emitted. */
bool bn_cockpit_reload(struct bn_cockpit *cockpit);
/** As reload, with another profile; NULL: none. */
bool bn_cockpit_set_profile(struct bn_cockpit *cockpit, const char *profile);

/** A display came, changed size (logical px), or went. */
void bn_cockpit_set_display(struct bn_cockpit *cockpit, size_t display, bool present, int32_t width,
		int32_t height);

#define BN_ERROR_MAX 256
bool bn_cockpit_set_signal(struct bn_cockpit *cockpit, const struct bn_identity *who,
		const char *signal, const struct bn_value *value, char error[BN_ERROR_MAX]);
/** As set_signal for a value that arrived at arrived_ns and had to wait since: deadlines count from then. */
bool bn_cockpit_set_signal_of(struct bn_cockpit *cockpit, const struct bn_identity *who,
		const char *signal, const struct bn_value *value, int64_t arrived_ns,
		char error[BN_ERROR_MAX]);
/** Shows an app in a zone; starts it when it is not running; zone NULL: its home. */
bool bn_cockpit_show(struct bn_cockpit *cockpit, const char *app, const char *zone,
		char error[BN_ERROR_MAX]);
/** Hides an app's views, or whatever a zone shows, until shown again. */
bool bn_cockpit_hide(struct bn_cockpit *cockpit, const char *app_or_zone, char error[BN_ERROR_MAX]);
/** Forces a theme; NULL gives it back to the rules. */
bool bn_cockpit_set_theme(struct bn_cockpit *cockpit, const char *theme, char error[BN_ERROR_MAX]);
/** A view asks for a zone by name (our protocol). Refusals are left with the client too. */
bool bn_cockpit_ask_zone(struct bn_cockpit *cockpit, struct bn_view *view, const char *zone,
		char error[BN_ERROR_MAX]);
/** A granted activation: brings the view to its zone's top as far as rules and commands allow. */
void bn_cockpit_activate(struct bn_cockpit *cockpit, struct bn_view *view);

/**
 * The one clock of all that looks at things again and again: events.beat, every 50 ms as long as somebody holds
 * it. Nobody does: nothing wakes up. Each hold is released once.
 */
#define BN_COCKPIT_BEAT_NS INT64_C(50000000)
void bn_cockpit_hold_beat(struct bn_cockpit *cockpit);
void bn_cockpit_release_beat(struct bn_cockpit *cockpit);

/** Decides everything anew, at once. Cheap when nothing changed. */
void bn_cockpit_arrange(struct bn_cockpit *cockpit);
/** As bn_cockpit_arrange, once, when the current dispatch is over. */
void bn_cockpit_arrange_later(struct bn_cockpit *cockpit);

/** What was decided for a view in the last arrangement; NULL: it is a dialog or not mapped yet. */
const struct bn_arrange_view_out *bn_cockpit_view_out(const struct bn_cockpit *cockpit,
		const struct bn_view *view);

/**
 * The chain of rules, commands and refusals that put an app or a zone where it is, one sentence per line,
 * for people. `name` is an app, a zone, or an app_id of an unknown client. malloc'ed; NULL: no such name.
 */
char *bn_cockpit_why(struct bn_cockpit *cockpit, const char *name);

#endif
