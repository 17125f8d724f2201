#include "safety/fresh.h"

#include <stdlib.h>
#include <wlr/util/log.h>

#include "client.h"
#include "cockpit.h"
#include "scene/content.h"
#include "shell/view.h"

static bool is_promised(const struct bn_layout *layout, size_t zone) {
	return layout->zones[zone].heartbeat_ns > 0 || layout->zones[zone].max_age_ns > 0;
}

static struct bn_freeze_spec spec_of(const struct bn_layout *layout, size_t zone) {
	return (struct bn_freeze_spec){
		.heartbeat_ns = layout->zones[zone].heartbeat_ns,
		.max_age_ns = layout->zones[zone].max_age_ns,
		.has_counter = layout->zones[zone].has_counter,
	};
}

// A verdict

static void tell(const struct bn_fresh *fresh, size_t zone, struct bn_view *view, int64_t now_ns) {
	const struct bn_freeze *freeze = &fresh->zones[zone].freeze;
	const char *name = fresh->layout->zones[zone].name;
	char who[96], what[128];
	bn_client_describe(view->client, who, sizeof(who));
	if (!bn_freeze_is_fault(freeze->verdict)) {
		wlr_log(WLR_INFO, "zone %s: %s is live again", name, who);
		return;
	}
	bn_freeze_explain(freeze, now_ns, what, sizeof(what));
	wlr_log(WLR_ERROR, "zone %s: %s is not live: %s", name, who, what);
	bn_client_refuse(view->client, now_ns, "%s", what);
}

static void set_freshness(const struct bn_fresh *fresh, struct bn_view *view,
		enum bn_freeze_verdict freshness) {
	if (view->freshness != freshness) {
		view->freshness = freshness;
		// Not at once: a frame may be latching.
		bn_cockpit_arrange_later(fresh->cockpit);
	}
}

static void judge(struct bn_fresh *fresh, size_t zone, struct bn_view *view, int64_t now_ns) {
	struct bn_fresh_zone *entry = &fresh->zones[zone];
	enum bn_freeze_verdict before = entry->freeze.verdict;
	enum bn_freeze_verdict verdict = bn_freeze_judge(&entry->freeze, now_ns);
	if (verdict != before) {
		bool was_fault = bn_freeze_is_fault(before);
		entry->faults[verdict]++;
		if (was_fault || bn_freeze_is_fault(verdict)) {
			tell(fresh, zone, view, now_ns);
		}
	}
	set_freshness(fresh, view, verdict);
}

// Who is judged

/** The view that a zone shows, or would show if it were live; 0: none. */
static uint64_t judged_view(const struct bn_fresh *fresh, size_t zone) {
	const struct bn_arrange_zone_out *out = &fresh->cockpit->arrangement.zones[zone];
	bool shows = out->content == BN_CONTENT_VIEW || out->content == BN_CONTENT_FAULT
			|| out->watched;
	return shows && out->on_display && is_promised(fresh->layout, zone) ? out->view : 0;
}

static void forget(struct bn_fresh *fresh, size_t zone) {
	struct bn_fresh_zone *entry = &fresh->zones[zone];
	struct bn_view *view = entry->view != 0
			? bn_shell_view_by_id(fresh->cockpit->shell, entry->view)
			: NULL;
	entry->view = 0;
	if (view != NULL && view->freshness != BN_FREEZE_STARTING) {
		bool was_fault = bn_freeze_is_fault(view->freshness);
		// When it shows again it starts anew: what it shows by then is an old picture.
		view->freshness = BN_FREEZE_STARTING;
		if (was_fault) {
			bn_cockpit_arrange_later(fresh->cockpit);
		}
	}
}

static void begin(struct bn_fresh *fresh, size_t zone, uint64_t id, int64_t now_ns) {
	struct bn_view *view = bn_shell_view_by_id(fresh->cockpit->shell, id);
	if (view == NULL) {
		return;
	}
	const struct bn_freeze_spec spec = spec_of(fresh->layout, zone);
	fresh->zones[zone].view = id;
	bn_freeze_start(&fresh->zones[zone].freeze, &spec, now_ns);
	set_freshness(fresh, view, fresh->zones[zone].freeze.verdict);
}

static size_t zone_count(const struct bn_fresh *fresh) {
	return fresh->layout != NULL ? fresh->layout->zone_count : 0;
}

static void hold_beat(struct bn_fresh *fresh) {
	bool wanted = false;
	for (size_t i = 0; i < zone_count(fresh); i++) {
		wanted = wanted || fresh->zones[i].view != 0;
	}
	if (wanted && !fresh->holds_beat) {
		bn_cockpit_hold_beat(fresh->cockpit);
	} else if (!wanted && fresh->holds_beat) {
		bn_cockpit_release_beat(fresh->cockpit);
	}
	fresh->holds_beat = wanted;
}

static void follow_zones(struct bn_fresh *fresh) {
	int64_t now_ns = bn_loop_now(fresh->cockpit->loop);
	// All that end before any begins: a view may have gone from one zone to another.
	for (size_t i = 0; i < zone_count(fresh); i++) {
		if (fresh->zones[i].view != judged_view(fresh, i)) {
			forget(fresh, i);
		}
	}
	for (size_t i = 0; i < zone_count(fresh); i++) {
		uint64_t view = judged_view(fresh, i);
		if (fresh->zones[i].view != view) {
			begin(fresh, i, view, now_ns);
		}
	}
	hold_beat(fresh);
}

/** Zones of the same name keep what is known of them: a reload is no reason to doubt a camera. */
static bool take_layout(struct bn_fresh *fresh, const struct bn_layout *layout) {
	struct bn_fresh_zone *zones = calloc(layout->zone_count + 1, sizeof(zones[0]));
	if (zones == NULL) {
		return false;
	}
	for (size_t i = 0; zone_count(fresh) > 0 && i < layout->zone_count; i++) {
		size_t old = bn_layout_find_zone(fresh->layout, layout->zones[i].name);
		if (old != BN_NONE) {
			zones[i] = fresh->zones[old];
			zones[i].freeze.spec = spec_of(layout, i);
		}
	}
	free(fresh->zones);
	fresh->zones = zones;
	fresh->layout = layout;
	return true;
}

/** Views of zones that are gone are nobody's to judge any more. */
static void drop_layout(struct bn_fresh *fresh, const struct bn_layout *next) {
	for (size_t i = 0; i < zone_count(fresh); i++) {
		size_t zone = bn_layout_find_zone(next, fresh->layout->zones[i].name);
		if (zone == BN_NONE || !is_promised(next, zone)) {
			forget(fresh, i);
		}
	}
}

/** Both times that this is called for a new layout the old one is still there. */
static void follow(struct bn_fresh *fresh) {
	const struct bn_layout *layout = fresh->cockpit->layout;
	if (fresh->layout != layout) {
		drop_layout(fresh, layout);
		if (!take_layout(fresh, layout)) {
			wlr_log(WLR_ERROR, "fresh: out of memory, nothing is known to be live");
			free(fresh->zones);
			fresh->zones = NULL;
			fresh->layout = NULL; // the next arrangement tries again
		}
	}
	follow_zones(fresh);
}

static void handle_arranged(struct wl_listener *listener, void *data) {
	struct bn_fresh *fresh = wl_container_of(listener, fresh, arranged);
	follow(fresh);
}

static void handle_layout(struct wl_listener *listener, void *data) {
	struct bn_fresh *fresh = wl_container_of(listener, fresh, layout_changed);
	follow(fresh);
}

// Signs of life

static size_t zone_of(const struct bn_fresh *fresh, const struct bn_view *view) {
	for (size_t i = 0; i < zone_count(fresh); i++) {
		if (fresh->zones[i].view == view->id) {
			return i;
		}
	}
	return BN_NONE;
}

/** The view and zone that a content is judged for; BN_NONE: for none. */
static size_t find(const struct bn_fresh *fresh, const struct bn_content *content,
		struct bn_view **ret_view) {
	if (!fresh->holds_beat) {
		return BN_NONE;
	}
	struct bn_view *view = bn_shell_view_of_surface(fresh->cockpit->shell, content->surface);
	if (view == NULL) {
		return BN_NONE;
	}
	*ret_view = bn_view_root(view);
	return zone_of(fresh, *ret_view);
}

static void handle_changed(struct wl_listener *listener, void *data) {
	struct bn_fresh *fresh = wl_container_of(listener, fresh, changed);
	struct bn_view *view;
	size_t zone = find(fresh, data, &view);
	if (zone != BN_NONE) {
		bn_freeze_alive(&fresh->zones[zone].freeze,
				bn_loop_request_now(fresh->cockpit->loop));
	}
}

static void handle_latched(struct wl_listener *listener, void *data) {
	struct bn_fresh *fresh = wl_container_of(listener, fresh, latched);
	const struct bn_content_latched *latched = data;
	const struct bn_content *content = latched->content;
	struct bn_view *view;
	size_t zone = find(fresh, content, &view);
	// Of a picture that comes in parts, or could not be read, nothing is latched yet.
	if (zone != BN_NONE && !bn_content_has_news(content) && !content->failed) {
		bn_freeze_latch(&fresh->zones[zone].freeze, content->latched_ns,
				content->look.changed, latched->end_ns);
		judge(fresh, zone, view, latched->end_ns);
	}
}

static void ask(struct bn_freeze *freeze, struct bn_view *view, int64_t now_ns) {
	if (freeze->ping_ns != 0 && !view->impl->ping_pending(view)) {
		bn_freeze_answered(freeze, now_ns);
	}
	if (bn_freeze_wants_ping(freeze, now_ns)) {
		view->impl->ping(view);
		bn_freeze_pinged(freeze, now_ns);
	}
}

static void handle_beat(struct wl_listener *listener, void *data) {
	struct bn_fresh *fresh = wl_container_of(listener, fresh, beat);
	const int64_t *now_ns = data;
	for (size_t i = 0; i < zone_count(fresh); i++) {
		struct bn_view *view = fresh->zones[i].view != 0
				? bn_shell_view_by_id(fresh->cockpit->shell, fresh->zones[i].view)
				: NULL;
		if (view != NULL) {
			ask(&fresh->zones[i].freeze, view, *now_ns);
			judge(fresh, i, view, *now_ns);
		}
	}
}

const struct bn_fresh_zone *bn_fresh_find(const struct bn_fresh *fresh, size_t zone) {
	bool known = zone < zone_count(fresh) && is_promised(fresh->layout, zone);
	return known ? &fresh->zones[zone] : NULL;
}

bool bn_fresh_init(struct bn_fresh *fresh, struct bn_cockpit *cockpit,
		struct bn_contents *contents) {
	*fresh = (struct bn_fresh){ .cockpit = cockpit };
	if (!take_layout(fresh, cockpit->layout)) {
		return false;
	}
	bn_listen(&cockpit->events.arranged, &fresh->arranged, handle_arranged);
	bn_listen(&cockpit->events.layout, &fresh->layout_changed, handle_layout);
	bn_listen(&cockpit->events.beat, &fresh->beat, handle_beat);
	bn_listen(&contents->events.changed, &fresh->changed, handle_changed);
	bn_listen(&contents->events.latched, &fresh->latched, handle_latched);
	return true;
}

void bn_fresh_finish(struct bn_fresh *fresh) {
	bn_unlisten(&fresh->arranged);
	bn_unlisten(&fresh->layout_changed);
	bn_unlisten(&fresh->beat);
	bn_unlisten(&fresh->changed);
	bn_unlisten(&fresh->latched);
	if (fresh->holds_beat) {
		bn_cockpit_release_beat(fresh->cockpit);
	}
	free(fresh->zones);
	*fresh = (struct bn_fresh){ 0 };
}
