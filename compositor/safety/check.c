#include "safety/check_internal.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/log.h>

#include "cockpit.h"
#include "core/nsec.h"
#include "core/vehicle.h"
#include "render/peek.h"
#include "safety/deadlines.h"
#include "safety/golden_png.h"
#include "scene/scene.h"

// Where

size_t bn_check_zone(const struct bn_check_item *item) {
	const struct bn_cockpit *cockpit = item->checks->cockpit;
	const struct bn_scene_zone *shown = cockpit->scene->zones;
	const struct bn_zone *zone = &cockpit->layout->zones[item->spec->zone];
	bool is_away = shown[item->spec->zone].content == BN_CONTENT_NOTHING;
	for (size_t i = 0; is_away && i < zone->backup_count; i++) {
		size_t backup = zone->backups[i];
		if (shown[backup].content != BN_CONTENT_NOTHING
				&& !bn_layout_is_checked_itself(cockpit->layout, backup)) {
			return backup;
		}
	}
	return item->spec->zone;
}

static size_t display_of(const struct bn_check_item *item) {
	return item->checks->cockpit->scene->zones[bn_check_zone(item)].display;
}

struct bn_output *bn_check_place(struct bn_check_item *item) {
	const struct bn_scene_zone *zone =
			&item->checks->cockpit->scene->zones[bn_check_zone(item)];
	struct bn_output *output = zone->content != BN_CONTENT_NOTHING
			? bn_outputs_find(item->checks->outputs, zone->display)
			: NULL;
	if (output == NULL || !output->enabled) {
		return NULL;
	}
	const struct bn_rect box = bn_layout_check_box(item->spec, &zone->box);
	item->box = bn_layout_scale(&box, output->scale);
	return output;
}

/** Whether its place is as large as its golden; says so once when not. */
static bool fits(struct bn_check_item *item) {
	bool fits = item->box.width == item->golden.on.width
			&& item->box.height == item->golden.on.height;
	if (fits) {
		item->problem[0] = '\0';
	} else if (item->problem[0] == '\0') {
		snprintf(item->problem, sizeof(item->problem),
				"its golden is %dx%d px and its place %dx%d px: take one of this "
				"size",
				item->golden.on.width, item->golden.on.height, item->box.width,
				item->box.height);
		// A window that is smaller than its display is for looking at the layout.
		bool preview = item->checks->outputs->window_scale != 1;
		wlr_log(preview ? WLR_INFO : WLR_ERROR, "check %s: %s", item->spec->name,
				item->problem);
	}
	return fits;
}

static bool is_usable(const struct bn_check_item *item) {
	return item->golden.on.pixels != NULL;
}

// What

static enum bn_demand demand_of(struct bn_check_item *item) {
	const struct bn_check *spec = item->spec;
	if (bn_check_place(item) == NULL) {
		return BN_DEMAND_NONE;
	}
	switch (bn_vehicle_condition(item->checks->cockpit->vehicle, spec->when)) {
	case BN_YES:
		return BN_DEMAND_ON;
	case BN_NO:
		return spec->else_off ? BN_DEMAND_OFF : BN_DEMAND_NONE;
	case BN_MAYBE:
		break;
	}
	return spec->else_off ? BN_DEMAND_EITHER : BN_DEMAND_NONE;
}

static void tell_safe(struct bn_checks *checks, size_t display) {
	struct bn_checks_safe safe = { .display = display };
	safe.safe = bn_checks_state(checks, display) == BN_CHECKS_SAFE;
	wl_signal_emit_mutable(&checks->events.safe, &safe);
}

/** Its zone went to a backup, or came back: what is on the way from the old place is no news of the new one. */
static void follow_zone(struct bn_check_item *item) {
	size_t zone = bn_check_zone(item), before = item->at_zone;
	item->at_zone = zone;
	if (before == zone || before == BN_NONE) {
		return;
	}
	bool was_safe = item->telltale.state == BN_TELLTALE_SAFE;
	item->app.asked = item->cover.asked = item->is_covered = false;
	item->app.asked_ns = item->cover.asked_ns = 0;
	bn_telltale_move(&item->telltale, bn_loop_now(item->checks->loop));
	if (was_safe) {
		tell_safe(item->checks, item->checks->cockpit->scene->zones[before].display);
		tell_safe(item->checks, display_of(item));
	}
	wlr_log(WLR_INFO, "check %s: follows its zone to %s", item->spec->name,
			item->checks->cockpit->layout->zones[zone].name);
}

static void demand(struct bn_check_item *item) {
	follow_zone(item);
	bool has_place = bn_check_place(item) != NULL;
	bool looked_at = is_usable(item) && (!has_place || fits(item));
	item->is_looked_at = has_place && looked_at;
	enum bn_demand wanted = looked_at ? demand_of(item) : BN_DEMAND_NONE;
	bn_telltale_demand(&item->telltale, wanted, bn_loop_now(item->checks->loop));
	bn_check_settle(item);
}

/** A new layout is arranged before its checks are here: the old ones' zones are gone by then. */
static void demand_all(struct bn_checks *checks) {
	if (checks->specs != checks->cockpit->layout->checks) {
		return;
	}
	for (size_t i = 0; i < checks->count; i++) {
		demand(&checks->items[i]);
	}
}

// What follows

static void rearm(struct bn_checks *checks) {
	int64_t next = BN_NSEC_NEVER;
	for (size_t i = 0; i < checks->count; i++) {
		int64_t own = bn_telltale_next_ns(&checks->items[i].telltale);
		int64_t due = bn_reaction_due_ns(&checks->items[i].books);
		own = due < own ? due : own;
		next = own < next ? own : next;
	}
	if (next == BN_NSEC_NEVER) {
		bn_timer_disarm(&checks->timer);
	} else {
		bn_timer_arm(&checks->timer, next);
	}
}

enum bn_checks_state bn_checks_state(const struct bn_checks *checks, size_t display) {
	enum bn_checks_state worst = BN_CHECKS_WELL;
	for (size_t i = 0; i < checks->count; i++) {
		const struct bn_check_item *item = &checks->items[i];
		if (display_of(item) != display) {
			continue;
		}
		if (item->telltale.state == BN_TELLTALE_SAFE) {
			return BN_CHECKS_SAFE;
		}
		if (item->telltale.state == BN_TELLTALE_COVERED) {
			worst = BN_CHECKS_COVERED;
		}
	}
	return worst;
}

static void say(const struct bn_check_item *item, enum bn_telltale_state before) {
	char text[200];
	bn_check_describe(item, text, sizeof(text));
	bool ended = item->telltale.state < BN_TELLTALE_COVERED;
	bool worse = item->telltale.state > before;
	wlr_log(worse ? WLR_ERROR : WLR_INFO, "check %s: %s%s", item->spec->name, text,
			ended ? ", its app is trusted again" : "");
}

static bool is_faulty(enum bn_telltale_state state) {
	return state == BN_TELLTALE_COVERED || state == BN_TELLTALE_SAFE;
}

static void follow(struct bn_check_item *item, enum bn_telltale_state before) {
	struct bn_checks *checks = item->checks;
	enum bn_telltale_state now = item->telltale.state;
	if (now == before || (!is_faulty(now) && !is_faulty(before))) {
		return;
	}
	if (!is_faulty(before)) {
		item->faults[item->telltale.fault]++;
	}
	struct bn_output *output = bn_check_place(item);
	if (output != NULL) {
		bn_output_damage_box(output, &item->box);
	}
	say(item, before);
	wl_signal_emit_mutable(&checks->events.verdict, item);
	if ((now == BN_TELLTALE_SAFE) != (before == BN_TELLTALE_SAFE)) {
		tell_safe(checks, display_of(item));
	}
}

/** What is demanded now follows the signal that came last. */
static int64_t last_signal_ns(const struct bn_check_item *item) {
	const struct bn_cockpit *cockpit = item->checks->cockpit;
	int64_t last_ns = 0;
	for (size_t i = 0; i < cockpit->layout->signal_count; i++) {
		int64_t received_ns = bn_vehicle_received_ns(cockpit->vehicle, i);
		last_ns = received_ns > last_ns ? received_ns : last_ns;
	}
	return last_ns;
}

/** When what was read last is on glass, as safety/deadlines has it. */
static int64_t seen_ns(struct bn_check_item *item, int64_t now_ns) {
	const struct bn_output *output = bn_check_place(item);
	bool is_headless = output != NULL && output->pace == BN_PACE_OWN;
	return is_headless ? now_ns + output->deadline.period_ns : now_ns;
}

static void book(struct bn_check_item *item) {
	bool is_news = item->telltale.demand != item->books.demand;
	int64_t now = bn_loop_now(item->checks->loop);
	unsigned missed = bn_reaction_step(&item->books, &item->telltale, item->is_looked_at,
			is_news ? last_signal_ns(item) : 0, seen_ns(item, now), now);
	for (int edge = 0; edge < BN_REACTION_EDGE_COUNT; edge++) {
		if ((missed >> edge & 1) != 0) {
			bn_deadlines_miss_check(item->checks->deadlines, item->spec->name,
					(enum bn_reaction_edge)edge);
		}
	}
}

void bn_check_settle(struct bn_check_item *item) {
	enum bn_telltale_state before = item->telltale.state;
	bn_telltale_step(&item->telltale, bn_loop_now(item->checks->loop));
	follow(item, before);
	book(item);
	rearm(item->checks);
}

// When it is read

static void collect(struct bn_check_item *item) {
	bool had_reaction = item->telltale.reacted_ns != 0;
	bn_check_collect(item);
	if (item->telltale.reacted_ns != 0 && !had_reaction) {
		bn_histogram_add(&item->reaction, item->telltale.reacted_ns);
	}
}

static void collect_and_settle(struct bn_check_item *item) {
	collect(item);
	bn_check_settle(item);
}

static void handle_timer(struct bn_timer *timer, int64_t now_ns) {
	struct bn_checks *checks = wl_container_of(timer, checks, timer);
	for (size_t i = 0; i < checks->count; i++) {
		collect_and_settle(&checks->items[i]);
	}
}

static bool is_looked_at(struct bn_check_item *item, const struct bn_output *output) {
	return is_usable(item) && bn_check_place(item) == output && fits(item);
}

static bool is_due(const struct bn_check_look *look, int64_t now_ns) {
	return now_ns - look->asked_ns >= BN_CHECK_BEAT_NS || look->asked_ns == 0;
}

static bool is_damaged(const struct bn_check_item *item, const struct bn_output *output) {
	pixman_box32_t box = { item->box.x, item->box.y, item->box.x + item->box.width,
		item->box.y + item->box.height };
	return pixman_region32_contains_rectangle((pixman_region32_t *)&output->list.draw.damage,
			       &box)
			!= PIXMAN_REGION_OUT;
}

static bool has_cover(const struct bn_check_item *item) {
	const struct bn_check_cover *cover = bn_check_cover_of(item);
	return cover != NULL && cover->texture != NULL;
}

/**
 * Beneath the covers, before they are drawn. What was read before is taken, but nothing decided: what covers
 * there are is settled for this frame.
 */
static void handle_composed(struct wl_listener *listener, void *data) {
	struct bn_checks *checks = wl_container_of(listener, checks, composed);
	struct bn_output *output = data;
	for (size_t i = 0; i < checks->count; i++) {
		struct bn_check_item *item = &checks->items[i];
		if (is_looked_at(item, output) && has_cover(item)) {
			collect(item);
			bn_check_ask(item, &item->app, output, output->composed);
		}
	}
}

static void handle_before_commit(struct wl_listener *listener, void *data) {
	struct bn_checks *checks = wl_container_of(listener, checks, before_commit);
	struct bn_output *output = data;
	int64_t now = bn_loop_now(checks->loop);
	for (size_t i = 0; i < checks->count; i++) {
		struct bn_check_item *item = &checks->items[i];
		if (!is_looked_at(item, output)) {
			continue;
		}
		item->is_covered = has_cover(item);
		collect(item);
		if (bn_check_cover_of(item) != NULL) {
			bn_check_ask(item, &item->cover, output, output->composed);
		}
		if (!item->is_covered && (is_damaged(item, output) || is_due(&item->app, now))) {
			bn_check_ask(item, &item->app, output, output->composed);
		}
	}
}

static void handle_presented(struct wl_listener *listener, void *data) {
	struct bn_checks *checks = wl_container_of(listener, checks, presented);
	for (size_t i = 0; i < checks->count; i++) {
		collect_and_settle(&checks->items[i]);
	}
}

/** What is shown is looked at again. Where a cover stands a frame is needed, to see beneath. */
static void look_again(struct bn_check_item *item, int64_t now_ns) {
	struct bn_output *output = bn_check_place(item);
	if (output == NULL || !is_looked_at(item, output)) {
		return;
	}
	if (bn_check_cover_of(item) != NULL) {
		bn_output_damage_box(output, &item->box);
	} else if (output->front != NULL && !item->is_covered && is_due(&item->app, now_ns)) {
		bn_check_ask(item, &item->app, output, output->front);
	}
}

static void handle_beat(struct wl_listener *listener, void *data) {
	struct bn_checks *checks = wl_container_of(listener, checks, beat);
	int64_t now = bn_loop_now(checks->loop);
	for (size_t i = 0; i < checks->count; i++) {
		collect(&checks->items[i]);
		look_again(&checks->items[i], now);
		collect_and_settle(&checks->items[i]);
	}
}

static void handle_arranged(struct wl_listener *listener, void *data) {
	struct bn_checks *checks = wl_container_of(listener, checks, arranged);
	demand_all(checks);
}

static void handle_signal(struct wl_listener *listener, void *data) {
	struct bn_checks *checks = wl_container_of(listener, checks, signal);
	demand_all(checks);
}

// The layout's checks

static bool load_picture(struct bn_check_item *item, const char *path, uint32_t **ret_pixels,
		struct bn_golden_picture *picture) {
	char error[sizeof(item->problem)];
	if (!bn_golden_png_read(path, ret_pixels, &picture->width, &picture->height, error,
			    sizeof(error))) {
		snprintf(item->problem, sizeof(item->problem), "%s", error);
		return false;
	}
	picture->pixels = *ret_pixels;
	return true;
}

static bool same_size(const struct bn_golden_picture *a, const struct bn_golden_picture *b) {
	return b->pixels == NULL || (a->width == b->width && a->height == b->height);
}

static bool load_golden(struct bn_check_item *item) {
	struct bn_golden *golden = &item->golden;
	golden->tolerance = item->spec->tolerance;
	if (!load_picture(item, item->spec->golden.path, &item->pictures[0], &golden->on)
			|| (item->spec->off.path != NULL
					&& !load_picture(item, item->spec->off.path,
							&item->pictures[1], &golden->off))
			|| (item->spec->mask.path != NULL
					&& !load_picture(item, item->spec->mask.path,
							&item->pictures[2], &golden->mask))) {
		return false;
	}
	if (!same_size(&golden->on, &golden->off) || !same_size(&golden->on, &golden->mask)) {
		snprintf(item->problem, sizeof(item->problem),
				"golden, off and mask are not of one size");
		return false;
	}
	if (!bn_golden_is_telling(golden)) {
		snprintf(item->problem, sizeof(item->problem),
				"golden and off are too much alike to be told apart");
		return false;
	}
	item->upright = calloc((size_t)golden->on.width * (size_t)golden->on.height,
			sizeof(item->upright[0]));
	return item->upright != NULL;
}

static void finish_item(struct bn_check_item *item) {
	bn_check_drop_covers(item);
	bn_peek_destroy(item->app.peek);
	bn_peek_destroy(item->cover.peek);
	for (size_t i = 0; i < 3; i++) {
		free(item->pictures[i]);
	}
	free(item->upright);
}

static bool init_item(struct bn_check_item *item, struct bn_checks *checks,
		const struct bn_check *spec) {
	*item = (struct bn_check_item){ .checks = checks, .spec = spec, .at_zone = BN_NONE };
	item->app.peek = bn_peek_create();
	item->cover.peek = bn_peek_create();
	bn_reaction_init(&item->books);
	bn_telltale_init(&item->telltale, spec->on_fault.builtin != BN_BUILTIN_NONE,
			bn_loop_now(checks->loop));
	if (item->app.peek == NULL || item->cover.peek == NULL) {
		return false;
	}
	if (load_golden(item)) {
		bn_check_make_covers(item);
	} else {
		item->golden = (struct bn_golden){ 0 };
		wlr_log(WLR_ERROR, "check %s: nothing is checked: %s", spec->name, item->problem);
	}
	return true;
}

static void finish_items(struct bn_check_item *items, size_t count) {
	for (size_t i = 0; i < count; i++) {
		finish_item(&items[i]);
	}
	free(items);
}

/** A fault outlives a reload: what was covered stays so until its app is trusted again. */
static void inherit(struct bn_check_item *item, const struct bn_check_item *old, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (strcmp(old[i].spec->name, item->spec->name) == 0 && is_usable(item)) {
			item->telltale = old[i].telltale;
			item->telltale.has_picture =
					item->spec->on_fault.builtin != BN_BUILTIN_NONE;
			item->books = old[i].books;
			item->reads = old[i].reads;
			item->reaction = old[i].reaction;
			memcpy(item->faults, old[i].faults, sizeof(item->faults));
		}
	}
}

/** Whether the check's zone, or a backup that it follows it to, is on a display. */
static bool may_stand_on(const struct bn_check_item *item, size_t display) {
	const struct bn_layout *layout = item->checks->cockpit->layout;
	const struct bn_zone *zone = &layout->zones[item->spec->zone];
	bool stands = zone->display == display;
	for (size_t i = 0; i < zone->backup_count; i++) {
		stands |= layout->zones[zone->backups[i]].display == display;
	}
	return stands;
}

/** What is composed there is compared, so that nothing else may be shown. */
static void mark_outputs(struct bn_checks *checks) {
	struct bn_output *output;
	wl_list_for_each(output, &checks->outputs->list, link) {
		output->checked = false;
		for (size_t i = 0; i < checks->count; i++) {
			output->checked |= may_stand_on(&checks->items[i], output->display);
		}
	}
}

static bool load(struct bn_checks *checks) {
	const struct bn_layout *layout = checks->cockpit->layout;
	size_t count = layout->check_count;
	struct bn_check_item *items = calloc(count + 1, sizeof(items[0]));
	struct bn_output_cover *covers = calloc(count + 1, sizeof(covers[0]));
	bool done = items != NULL && covers != NULL;
	for (size_t i = 0; done && i < count; i++) {
		done = init_item(&items[i], checks, &layout->checks[i]);
		if (done) {
			inherit(&items[i], checks->items, checks->count);
		}
	}
	if (!done) {
		finish_items(items, items != NULL ? count : 0);
		free(covers);
		return false;
	}
	finish_items(checks->items, checks->count);
	free(checks->covers);
	checks->items = items;
	checks->covers = covers;
	checks->count = count;
	checks->specs = layout->checks;
	mark_outputs(checks);
	demand_all(checks);
	return true;
}

/** Without checks nobody need wake up for them. */
static void hold_beat(struct bn_checks *checks, bool wanted) {
	if (wanted && !checks->holds_beat) {
		bn_cockpit_hold_beat(checks->cockpit);
	} else if (!wanted && checks->holds_beat) {
		bn_cockpit_release_beat(checks->cockpit);
	}
	checks->holds_beat = wanted;
}

static void handle_layout(struct wl_listener *listener, void *data) {
	struct bn_checks *checks = wl_container_of(listener, checks, layout);
	if (!load(checks)) {
		// The old ones speak of a layout that is going: better none, and said so.
		finish_items(checks->items, checks->count);
		checks->items = NULL;
		checks->count = 0;
		wlr_log(WLR_ERROR, "checks: out of memory, nothing is checked");
	}
	hold_beat(checks, checks->count > 0);
}

static void handle_output_changed(struct wl_listener *listener, void *data) {
	struct bn_checks *checks = wl_container_of(listener, checks, output_changed);
	mark_outputs(checks);
}

bool bn_checks_init(struct bn_checks *checks, struct bn_loop *loop, struct bn_cockpit *cockpit,
		struct bn_outputs *outputs, struct bn_deadlines *deadlines, struct bn_text *text) {
	*checks = (struct bn_checks){
		.loop = loop,
		.cockpit = cockpit,
		.outputs = outputs,
		.deadlines = deadlines,
		.text = text,
	};
	wl_signal_init(&checks->events.verdict);
	wl_signal_init(&checks->events.safe);
	bn_timer_init(&checks->timer, loop, BN_RANK_SAFETY, handle_timer);
	checks->timer.urgent = true;
	if (!load(checks)) {
		return false;
	}
	hold_beat(checks, checks->count > 0);
	deadlines->checks = checks;
	outputs->cover_source = (struct bn_cover_source){ bn_checks_list_covers, checks };
	bn_listen(&cockpit->events.layout, &checks->layout, handle_layout);
	bn_listen(&cockpit->events.arranged, &checks->arranged, handle_arranged);
	bn_listen(&cockpit->events.signal, &checks->signal, handle_signal);
	bn_listen(&cockpit->events.beat, &checks->beat, handle_beat);
	bn_listen(&outputs->events.changed, &checks->output_changed, handle_output_changed);
	bn_listen(&outputs->events.composed, &checks->composed, handle_composed);
	bn_listen(&outputs->events.before_commit, &checks->before_commit, handle_before_commit);
	bn_listen(&outputs->events.presented, &checks->presented, handle_presented);
	return true;
}

void bn_checks_finish(struct bn_checks *checks) {
	struct wl_listener *listeners[] = { &checks->layout, &checks->arranged, &checks->signal,
		&checks->beat, &checks->output_changed, &checks->composed, &checks->before_commit,
		&checks->presented };
	for (size_t i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++) {
		bn_unlisten(listeners[i]);
	}
	hold_beat(checks, false);
	bn_timer_disarm(&checks->timer);
	checks->outputs->cover_source = (struct bn_cover_source){ 0 };
	checks->deadlines->checks = NULL;
	finish_items(checks->items, checks->count);
	free(checks->covers);
}
