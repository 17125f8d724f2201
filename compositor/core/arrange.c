#include "core/arrange.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/arrange_internal.h"
#include "core/policy.h"

void bn_arrange_init(struct bn_arrangement *arrangement) {
	*arrangement = (struct bn_arrangement){ 0 };
}

void bn_arrange_finish(struct bn_arrangement *arrangement) {
	if (arrangement->scratch != NULL) {
		free(arrangement->scratch->zones);
		free(arrangement->scratch->views);
		free(arrangement->scratch->apps);
		free(arrangement->scratch->requests);
		free(arrangement->scratch);
	}
	free(arrangement->zones);
	free(arrangement->views);
	*arrangement = (struct bn_arrangement){ 0 };
}

/** Grows *array, keeping its content. */
static bool reserve(void *array_pointer, size_t *capacity, size_t count, size_t size) {
	if (count <= *capacity) {
		return true;
	}
	void *array;
	memcpy(&array, array_pointer, sizeof(array));
	array = realloc(array, count * size);
	if (array == NULL) {
		return false;
	}
	memcpy(array_pointer, &array, sizeof(array));
	*capacity = count;
	return true;
}

static bool reserve_all(struct bn_arrangement *arrangement, const struct bn_arrange_in *in) {
	if (arrangement->scratch == NULL) {
		arrangement->scratch = calloc(1, sizeof(*arrangement->scratch));
	}
	struct bn_arrange_scratch *s = arrangement->scratch;
	return s != NULL
			&& reserve(&s->zones, &s->zone_capacity, in->layout->zone_count,
					sizeof(s->zones[0]))
			&& reserve(&s->views, &s->view_capacity, in->view_count,
					sizeof(s->views[0]))
			&& reserve(&s->apps, &s->app_capacity, in->layout->app_count,
					sizeof(s->apps[0]))
			&& reserve(&s->requests, &s->request_capacity, in->request_count,
					sizeof(s->requests[0]))
			&& reserve(&arrangement->zones, &arrangement->zone_capacity,
					in->layout->zone_count, sizeof(arrangement->zones[0]))
			&& reserve(&arrangement->views, &arrangement->view_capacity, in->view_count,
					sizeof(arrangement->views[0]));
}

// --- who may fill what ------------------------------------------------------

/** BN_REASON_NONE: it may. */
static enum bn_reason_kind refusal(const struct bn_layout *layout,
		const struct bn_arrange_view *view, size_t zone) {
	static const enum bn_reason_kind kinds[] = {
		[BN_POLICY_MAY_FILL] = BN_REASON_NONE,
		[BN_POLICY_NOT_GRANTED] = BN_REASON_NOT_GRANTED,
		[BN_POLICY_NOT_PROVEN] = BN_REASON_NOT_PROVEN,
	};
	return kinds[bn_policy_fill(layout, view->app, view->proven, zone)];
}

static bool may_fill(const struct bn_layout *layout, const struct bn_arrange_view *view,
		size_t zone) {
	return refusal(layout, view, zone) == BN_REASON_NONE;
}

static size_t first_open_zone(const struct bn_layout *layout) {
	for (size_t i = 0; i < layout->zone_count; i++) {
		if (bn_policy_is_open(layout, i)) {
			return i;
		}
	}
	return BN_NONE;
}

static size_t first_zone(struct bn_arrange_scratch *s, const struct bn_layout *layout,
		const struct bn_arrange_view *view) {
	if (view->app == BN_NONE || !view->proven) {
		return s->open_zone;
	}
	struct bn_arrange_app_work *app = &s->apps[view->app];
	if (app->first_zone == BN_ARRANGE_UNSETTLED) {
		app->first_zone = bn_layout_first_zone(layout, view->app);
	}
	return app->first_zone;
}

// --- pass: rules ------------------------------------------------------------

static void apply_rule(struct bn_arrange_scratch *s, const struct bn_rule *rule, size_t index) {
	// Hides first: a rule that names a zone in both shows it.
	for (size_t i = 0; i < rule->hide_count; i++) {
		struct bn_arrange_zone_work *zone = &s->zones[rule->hides[i]];
		zone->shown = false;
		zone->hidden_by_rule = true;
		zone->rule = index;
		zone->app = BN_NONE;
	}
	for (size_t i = 0; i < rule->show_count; i++) {
		struct bn_arrange_zone_work *zone = &s->zones[rule->shows[i].zone];
		zone->shown = true;
		zone->hidden_by_rule = false;
		zone->rule = index;
		if (rule->shows[i].app != BN_NONE) {
			zone->app = rule->shows[i].app;
			zone->app_rule = index;
		}
	}
}

static void restrict_zones(struct bn_arrangement *arrangement, const struct bn_rule *rule,
		size_t index) {
	for (size_t i = 0; i < rule->restrict_count; i++) {
		struct bn_arrange_zone_out *out = &arrangement->zones[rule->restricts[i].zone];
		if (rule->restricts[i].restrictions != 0) {
			out->restrictions |= rule->restricts[i].restrictions;
			out->restrict_rule = index;
		}
	}
}

static void apply_rules(struct bn_arrangement *arrangement, const struct bn_arrange_in *in) {
	arrangement->theme = 0;
	for (size_t i = 0; i < in->layout->rule_count; i++) {
		const struct bn_rule *rule = &in->layout->rules[i];
		enum bn_tristate in_force = bn_vehicle_rule(in->vehicle, i);
		if (in_force == BN_NO) {
			continue;
		}
		// What cannot be told restricts all the same, but neither shows nor hides.
		restrict_zones(arrangement, rule, i);
		if (in_force != BN_YES) {
			continue;
		}
		apply_rule(arrangement->scratch, rule, i);
		if (rule->theme != BN_NONE) {
			arrangement->theme = rule->theme;
		}
	}
}

// --- pass: places -----------------------------------------------------------

static void refuse(struct bn_arrange_view_work *work, enum bn_reason_kind kind, size_t zone) {
	work->refusals[work->refusal_count++] = bn_arrange_reason(kind, zone, zone);
}

/** Puts it into `zone` if it may be there, else notes the refusal. */
static bool try_place(const struct bn_layout *layout, const struct bn_arrange_view *view,
		struct bn_arrange_view_work *work, size_t zone, enum bn_reason_kind why) {
	enum bn_reason_kind no = refusal(layout, view, zone);
	if (no != BN_REASON_NONE) {
		refuse(work, no, zone);
		return false;
	}
	work->zone = zone;
	work->place = bn_arrange_reason(why, zone, zone);
	return true;
}

static void place(struct bn_arrange_scratch *s, const struct bn_layout *layout,
		const struct bn_arrange_view *view, struct bn_arrange_view_work *work) {
	size_t asked = view->asked_zone;
	if (asked != BN_NONE
			&& try_place(layout, view, work, asked,
					view->show_serial != 0 ? BN_REASON_SHOW
							       : BN_REASON_GRANTED)) {
		return;
	}
	size_t home = view->app != BN_NONE ? layout->apps[view->app].home : BN_NONE;
	if (home != BN_NONE && home != asked
			&& try_place(layout, view, work, home, BN_REASON_HOME)) {
		return;
	}
	work->zone = first_zone(s, layout, view);
	work->place = bn_arrange_reason(work->zone != BN_NONE ? BN_REASON_FIRST_GRANT
							      : BN_REASON_NO_HOME,
			work->zone, work->zone);
}

static void place_views(struct bn_arrange_scratch *s, const struct bn_arrange_in *in) {
	for (size_t i = 0; i < in->view_count; i++) {
		const struct bn_arrange_view *view = &in->views[i];
		assert(view->app == BN_NONE || view->app < in->layout->app_count);
		assert(view->asked_zone == BN_NONE || view->asked_zone < in->layout->zone_count);
		struct bn_arrange_view_work *work = &s->views[i];
		*work = (struct bn_arrange_view_work){ .next_of_app = BN_NONE,
			.show = view->show_serial };
		if (view->app != BN_NONE) {
			work->next_of_app = s->apps[view->app].first_view;
			s->apps[view->app].first_view = i;
		}
		place(s, in->layout, view, work);
	}
}

// --- passes: bind, request --------------------------------------------------

/** The order in which the views of one zone are stacked, apart from rules. */
static bool is_above(const struct bn_arrange_scratch *s, const struct bn_arrange_in *in, size_t a,
		size_t b) {
	const struct bn_arrange_view *va = &in->views[a], *vb = &in->views[b];
	if (s->views[a].show != s->views[b].show) {
		return s->views[a].show > s->views[b].show;
	}
	if (va->activate_serial != vb->activate_serial) {
		return va->activate_serial > vb->activate_serial;
	}
	return va->map_serial > vb->map_serial;
}

/** The top view of `app` that is in `zone`; BN_NONE: none. */
static size_t view_in_zone(const struct bn_arrange_scratch *s, const struct bn_arrange_in *in,
		size_t app, size_t zone) {
	size_t best = BN_NONE;
	for (size_t i = s->apps[app].first_view; i != BN_NONE; i = s->views[i].next_of_app) {
		if (s->views[i].zone == zone && (best == BN_NONE || is_above(s, in, i, best))) {
			best = i;
		}
	}
	return best;
}

/** The newest view that a rule may move to `zone`, rather one that no rule wants where it is. */
static size_t view_for_rule(const struct bn_arrange_scratch *s, const struct bn_arrange_in *in,
		size_t app, size_t zone) {
	size_t best = BN_NONE;
	bool best_is_wanted = false;
	for (size_t i = s->apps[app].first_view; i != BN_NONE; i = s->views[i].next_of_app) {
		const struct bn_arrange_view_work *work = &s->views[i];
		if (work->rule_bound || !may_fill(in->layout, &in->views[i], zone)) {
			continue;
		}
		bool is_wanted = work->zone != BN_NONE && s->zones[work->zone].app == app;
		bool is_better = best == BN_NONE || (best_is_wanted && !is_wanted)
				|| (best_is_wanted == is_wanted
						&& in->views[i].map_serial
								> in->views[best].map_serial);
		if (is_better) {
			best = i;
			best_is_wanted = is_wanted;
		}
	}
	return best;
}

static void bind_zone(struct bn_arrange_scratch *s, const struct bn_arrange_in *in, size_t zone) {
	struct bn_arrange_zone_work *work = &s->zones[zone];
	size_t view = view_in_zone(s, in, work->app, zone);
	if (view == BN_NONE) {
		view = view_for_rule(s, in, work->app, zone);
	}
	if (view == BN_NONE) {
		return;
	}
	work->bound = view;
	s->views[view].rule_bound = true;
	s->views[view].zone = zone;
	s->views[view].place = bn_arrange_reason(BN_REASON_RULE, work->app_rule, zone);
}

static void bind_rules(struct bn_arrange_scratch *s, const struct bn_arrange_in *in) {
	for (size_t i = in->layout->rule_count; i-- > 0;) {
		const struct bn_rule *rule = &in->layout->rules[i];
		for (size_t j = 0; j < rule->show_count; j++) {
			size_t zone = rule->shows[j].zone;
			// A rule may name a zone twice; the zone is bound once.
			if (s->zones[zone].app != BN_NONE && s->zones[zone].app_rule == i
					&& s->zones[zone].bound == BN_NONE) {
				bind_zone(s, in, zone);
			}
		}
	}
}

static int compare_requests(const void *a, const void *b) {
	const struct bn_arrange_request *ra = a, *rb = b;
	return ra->serial < rb->serial ? 1 : ra->serial > rb->serial ? -1 : 0;
}

static void collect_requests(struct bn_arrange_scratch *s, const struct bn_arrange_in *in) {
	s->request_count = 0;
	for (size_t i = 0; i < in->request_count; i++) {
		if (in->requests[i].serial != 0) {
			assert(in->requests[i].zone < in->layout->zone_count);
			assert(in->requests[i].app < in->layout->app_count);
			s->requests[s->request_count++] = in->requests[i];
		}
	}
	if (s->request_count > 1) {
		qsort(s->requests, s->request_count, sizeof(s->requests[0]), compare_requests);
	}
}

/** Raises the app's views that are in the zone already. False: there is none. */
static bool raise_requested(struct bn_arrange_scratch *s, const struct bn_arrange_in *in,
		const struct bn_arrange_request *request) {
	bool found = false;
	for (size_t i = s->apps[request->app].first_view; i != BN_NONE;
			i = s->views[i].next_of_app) {
		struct bn_arrange_view_work *work = &s->views[i];
		if (work->zone == request->zone && !in->views[i].hidden) {
			work->show = work->show < request->serial ? request->serial : work->show;
			found = true;
		}
	}
	return found;
}

/** The newest view that a show command may move; one shown by a newer command stays where that put it. */
static size_t view_for_request(const struct bn_arrange_scratch *s, const struct bn_arrange_in *in,
		const struct bn_arrange_request *request) {
	size_t best = BN_NONE;
	for (size_t i = s->apps[request->app].first_view; i != BN_NONE;
			i = s->views[i].next_of_app) {
		const struct bn_arrange_view_work *work = &s->views[i];
		if (!work->rule_bound && !in->views[i].hidden && work->show < request->serial
				&& may_fill(in->layout, &in->views[i], request->zone)
				&& (best == BN_NONE
						|| in->views[i].map_serial
								> in->views[best].map_serial)) {
			best = i;
		}
	}
	return best;
}

/** Whether a view of the app was shown by this command or a newer one, wherever it is now. */
static bool is_superseded(const struct bn_arrange_scratch *s,
		const struct bn_arrange_request *request) {
	for (size_t i = s->apps[request->app].first_view; i != BN_NONE;
			i = s->views[i].next_of_app) {
		if (s->views[i].show >= request->serial) {
			return true;
		}
	}
	return false;
}

static void apply_requests(struct bn_arrange_scratch *s, const struct bn_arrange_in *in) {
	collect_requests(s, in);
	for (size_t i = 0; i < s->request_count; i++) {
		const struct bn_arrange_request *request = &s->requests[i];
		if (raise_requested(s, in, request)) {
			continue;
		}
		size_t view = view_for_request(s, in, request);
		if (view != BN_NONE) {
			s->views[view].zone = request->zone;
			s->views[view].show = request->serial;
			s->views[view].place = bn_arrange_reason(BN_REASON_SHOW, request->zone,
					request->zone);
		} else if (!is_superseded(s, request)
				&& s->zones[request->zone].request_app == BN_NONE) {
			s->zones[request->zone].request_app = request->app;
		}
	}
}

// --- pass: tops -------------------------------------------------------------

static void find_tops(struct bn_arrange_scratch *s, const struct bn_arrange_in *in) {
	for (size_t i = 0; i < in->layout->zone_count; i++) {
		s->zones[i].top = s->zones[i].bound;
	}
	for (size_t i = 0; i < in->view_count; i++) {
		if (s->views[i].zone == BN_NONE || bn_arrange_is_hidden(s, in, i)) {
			continue;
		}
		struct bn_arrange_zone_work *zone = &s->zones[s->views[i].zone];
		if (zone->bound == BN_NONE
				&& (zone->top == BN_NONE || is_above(s, in, i, zone->top))) {
			zone->top = i;
		}
	}
}

// --- pass: backups ----------------------------------------------------------

static void hand_over(struct bn_arrangement *arrangement, const struct bn_arrange_in *in,
		size_t zone, size_t backup) {
	struct bn_arrange_scratch *s = arrangement->scratch;
	s->zones[backup] = s->zones[zone];
	s->zones[zone].moved_to = backup;
	s->zones[zone].app = BN_NONE;
	s->zones[zone].request_app = BN_NONE;
	s->zones[zone].top = BN_NONE;
	arrangement->zones[backup].restrictions = arrangement->zones[zone].restrictions;
	arrangement->zones[backup].restrict_rule = arrangement->zones[zone].restrict_rule;
	for (size_t i = 0; i < in->view_count; i++) {
		s->views[i].zone = s->views[i].zone == zone ? backup : s->views[i].zone;
	}
}

static void find_backups(struct bn_arrangement *arrangement, const struct bn_arrange_in *in) {
	for (size_t i = 0; i < in->layout->zone_count; i++) {
		const struct bn_zone *zone = &in->layout->zones[i];
		bool is_present = in->displays[zone->display].present;
		for (size_t j = 0; j < zone->backup_count && !is_present; j++) {
			size_t display = in->layout->zones[zone->backups[j]].display;
			is_present = in->displays[display].present;
			if (is_present) {
				hand_over(arrangement, in, i, zone->backups[j]);
			}
		}
	}
}

static void reset(struct bn_arrangement *arrangement, const struct bn_arrange_in *in) {
	struct bn_arrange_scratch *s = arrangement->scratch;
	for (size_t i = 0; i < in->layout->zone_count; i++) {
		s->zones[i] = (struct bn_arrange_zone_work){
			.rule = BN_NONE,
			.app = BN_NONE,
			.app_rule = BN_NONE,
			.bound = BN_NONE,
			.request_app = BN_NONE,
			.top = BN_NONE,
			.role = in->layout->zones[i].is_backup ? BN_NONE : i,
			.moved_to = BN_NONE,
		};
		arrangement->zones[i] = (struct bn_arrange_zone_out){
			.wanted_app = BN_NONE,
			.restrict_rule = BN_NONE,
		};
	}
	for (size_t i = 0; i < in->layout->app_count; i++) {
		s->apps[i] = (struct bn_arrange_app_work){ .first_view = BN_NONE,
			.first_zone = BN_ARRANGE_UNSETTLED };
	}
	s->open_zone = first_open_zone(in->layout);
}

bool bn_arrange_run(struct bn_arrangement *arrangement, const struct bn_arrange_in *in) {
	if (!reserve_all(arrangement, in)) {
		return false;
	}
	reset(arrangement, in);
	apply_rules(arrangement, in);
	place_views(arrangement->scratch, in);
	bind_rules(arrangement->scratch, in);
	apply_requests(arrangement->scratch, in);
	find_tops(arrangement->scratch, in);
	find_backups(arrangement, in);
	bn_arrange_settle(arrangement, in);
	return true;
}
