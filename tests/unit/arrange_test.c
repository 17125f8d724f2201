#include "core/arrange.h"

#include <stdlib.h>
#include <string.h>

#include "core/vehicle.h"
#include "unit.h"

enum { MAX_ZONES = 7, MAX_APPS = 4, MAX_RULES = 6, MAX_VIEWS = 9, MAX_DISPLAYS = 2, MAX_NAMED = 3 };

/** A layout made by hand. Rule i is in force when signal i is 1, perhaps when it is unknown. */
struct bench {
	struct bn_layout layout;
	struct bn_display displays[MAX_DISPLAYS];
	struct bn_zone zones[MAX_ZONES];
	struct bn_app apps[MAX_APPS];
	struct bn_signal signals[MAX_RULES];
	struct bn_condition conditions[MAX_RULES];
	struct bn_rule rules[MAX_RULES];
	struct bn_rule_show shows[MAX_RULES][MAX_NAMED];
	size_t hides[MAX_RULES][MAX_NAMED];
	struct bn_rule_restrict restricts[MAX_RULES][MAX_NAMED];
	const char *grants[MAX_ZONES][MAX_APPS];
	struct bn_theme themes[2];

	struct bn_vehicle *vehicle;
	struct bn_arrange_display present[MAX_DISPLAYS];
	struct bn_arrange_view views[MAX_VIEWS];
	size_t view_count;
	struct bn_arrange_request requests[MAX_ZONES];
	struct bn_arrangement arrangement;
	uint64_t serial;
};

static const char *const app_names[] = { "nav", "media", "rear-camera", "phone" };
static const char *const zone_names[] = { "main", "side", "camera", "telltales", "movie", "popup",
	"ground" };
static const char *const signal_names[] = { "A", "B", "C", "D", "E", "F" };

static void bench_init(struct bench *b, size_t zones, size_t apps, size_t rules) {
	*b = (struct bench){ 0 };
	b->layout = (struct bn_layout){
		.name = "bench",
		.displays = b->displays,
		.display_count = MAX_DISPLAYS,
		.zones = b->zones,
		.zone_count = zones,
		.apps = b->apps,
		.app_count = apps,
		.signals = b->signals,
		.signal_count = rules,
		.conditions = b->conditions,
		.condition_count = rules,
		.rules = b->rules,
		.rule_count = rules,
		.themes = b->themes,
		.theme_count = 2,
	};
	for (size_t i = 0; i < MAX_DISPLAYS; i++) {
		b->displays[i] = (struct bn_display){
			.name = i == 0 ? "center" : "passenger",
			.width = 800,
			.height = 480,
			.scale = 1,
		};
		b->present[i] = (struct bn_arrange_display){ true, 800, 480 };
	}
	for (size_t i = 0; i < zones; i++) {
		b->zones[i] = (struct bn_zone){
			.name = zone_names[i],
			.layer = BN_LAYER_APP,
			.same_as = BN_NONE,
			.parent = BN_NONE,
			.rect = { { .value = (double)i * 100 }, { 0 }, { .value = 100 },
					{ .value = 100, .percent = true } },
			.grants = b->grants[i],
			.visible = true,
		};
	}
	for (size_t i = 0; i < apps; i++) {
		b->apps[i] = (struct bn_app){ .name = app_names[i], .home = BN_NONE };
	}
	for (size_t i = 0; i < rules; i++) {
		b->signals[i] = (struct bn_signal){ .name = signal_names[i] };
		b->conditions[i] = (struct bn_condition){
			.kind = BN_CONDITION_EQUAL,
			.signal = i,
			.value = { .kind = BN_VALUE_NUMBER, .number = 1 },
		};
		b->rules[i] = (struct bn_rule){
			.mark = { "layouts/sedan.yaml", 80 + (int)i, 5 },
			.label = "reversing",
			.when = i,
			.shows = b->shows[i],
			.hides = b->hides[i],
			.restricts = b->restricts[i],
			.theme = BN_NONE,
		};
	}
	bn_arrange_init(&b->arrangement);
}

static void bench_start(struct bench *b) {
	b->vehicle = bn_vehicle_create(&b->layout, 1);
	assert_non_null(b->vehicle);
	const struct bn_value off = { .kind = BN_VALUE_NUMBER, .number = 0 };
	for (size_t i = 0; i < b->layout.signal_count; i++) {
		bn_vehicle_set(b->vehicle, i, &off, 1);
	}
	bn_vehicle_update(b->vehicle, 1);
}

static void bench_finish(struct bench *b) {
	bn_vehicle_destroy(b->vehicle);
	bn_arrange_finish(&b->arrangement);
}

static void grant(struct bench *b, size_t zone, size_t app) {
	b->grants[zone][b->zones[zone].grant_count++] = app_names[app];
}

static void rule_shows(struct bench *b, size_t rule, size_t zone, size_t app) {
	b->shows[rule][b->rules[rule].show_count++] = (struct bn_rule_show){ zone, app };
}

static void set_rule(struct bench *b, size_t rule, enum bn_tristate state) {
	const struct bn_value values[] = {
		[BN_NO] = { .kind = BN_VALUE_NUMBER, .number = 0 },
		[BN_YES] = { .kind = BN_VALUE_NUMBER, .number = 1 },
		[BN_MAYBE] = { .kind = BN_VALUE_UNKNOWN },
	};
	bn_vehicle_set(b->vehicle, rule, &values[state], 1);
	bn_vehicle_update(b->vehicle, 1);
	assert_int_equal(bn_vehicle_rule(b->vehicle, rule), state);
}

static size_t map_view(struct bench *b, size_t app, bool proven) {
	uint64_t serial = ++b->serial;
	b->views[b->view_count] = (struct bn_arrange_view){
		.id = serial,
		.app = app,
		.proven = proven,
		.map_serial = serial,
		.asked_zone = BN_NONE,
	};
	return b->view_count++;
}

static struct bn_arrange_in input(const struct bench *b) {
	return (struct bn_arrange_in){
		.layout = &b->layout,
		.vehicle = b->vehicle,
		.displays = b->present,
		.views = b->views,
		.view_count = b->view_count,
		.requests = b->requests,
		.request_count = b->layout.zone_count,
	};
}

static void run(struct bench *b) {
	struct bn_arrange_in in = input(b);
	assert_true(bn_arrange_run(&b->arrangement, &in));
}

/** What a zone shows: the index of the view, or BN_NONE. */
static size_t shown_in(const struct bench *b, size_t zone) {
	const struct bn_arrange_zone_out *out = &b->arrangement.zones[zone];
	for (size_t i = 0; i < b->view_count && out->content == BN_CONTENT_VIEW; i++) {
		if (b->views[i].id == out->view) {
			return i;
		}
	}
	return BN_NONE;
}

static bool has_reason(const struct bench *b, size_t view, enum bn_reason_kind kind) {
	const struct bn_arrange_view_out *out = &b->arrangement.views[view];
	for (size_t i = 0; i < out->chain_count; i++) {
		if (out->chain[i].kind == kind) {
			return true;
		}
	}
	return false;
}

// --- the oracle -------------------------------------------------------------

/**
 * Written from the text of core/arrange.h. Nothing is kept between steps but one
 * table of facts; whoever gets something is found by comparing scores of everybody.
 */
struct oracle {
	const struct bench *b;
	bool may[MAX_VIEWS][MAX_ZONES];
	bool hidden[MAX_ZONES], shown[MAX_ZONES];
	size_t named[MAX_ZONES], namer[MAX_ZONES]; // app and rule
	size_t holder[MAX_ZONES];                  // view that a rule got for the zone
	size_t place[MAX_VIEWS];
	bool held[MAX_VIEWS];
	uint64_t show[MAX_VIEWS];
	size_t pending[MAX_ZONES]; // app
	size_t top[MAX_ZONES];
};

struct score {
	uint64_t rank[4]; // compared from the first
	bool valid;
};

static bool beats(const struct score *a, const struct score *b) {
	if (!a->valid || !b->valid) {
		return a->valid;
	}
	for (size_t i = 0; i < 4; i++) {
		if (a->rank[i] != b->rank[i]) {
			return a->rank[i] > b->rank[i];
		}
	}
	return false;
}

typedef struct score (*score_func_t)(const struct oracle *o, size_t view, size_t zone,
		uint64_t extra);

static size_t winner(const struct oracle *o, score_func_t score_of, size_t zone, uint64_t extra) {
	struct score best = { .valid = false };
	size_t view = BN_NONE;
	for (size_t i = 0; i < o->b->view_count; i++) {
		struct score score = score_of(o, i, zone, extra);
		if (beats(&score, &best)) {
			best = score;
			view = i;
		}
	}
	return view;
}

static bool names_app(const struct bn_zone *zone, const struct bn_app *app) {
	for (size_t i = 0; i < zone->grant_count; i++) {
		if (strcmp(zone->grants[i], app->name) == 0) {
			return true;
		}
	}
	return false;
}

static void oracle_rights(struct oracle *o) {
	for (size_t v = 0; v < o->b->view_count; v++) {
		const struct bn_arrange_view *view = &o->b->views[v];
		for (size_t z = 0; z < o->b->layout.zone_count; z++) {
			const struct bn_zone *zone = &o->b->zones[z];
			bool open = zone->grant_all && zone->layer == BN_LAYER_APP;
			bool granted = zone->grant_all
					|| (view->app != BN_NONE
							&& names_app(zone, &o->b->apps[view->app]));
			o->may[v][z] = view->proven && view->app != BN_NONE ? granted : open;
		}
	}
}

static bool rule_hides(const struct bench *b, size_t rule, size_t zone) {
	for (size_t i = 0; i < b->rules[rule].hide_count; i++) {
		if (b->hides[rule][i] == zone) {
			return true;
		}
	}
	return false;
}

/** From the last rule backwards: the first word on a matter is the one that counts. */
static void oracle_rules(struct oracle *o, size_t zone) {
	bool about_app = true, about_sight = true;
	o->named[zone] = o->namer[zone] = BN_NONE;
	for (size_t r = o->b->layout.rule_count; r-- > 0;) {
		if (bn_vehicle_rule(o->b->vehicle, r) != BN_YES) {
			continue;
		}
		for (size_t i = o->b->rules[r].show_count; i-- > 0;) {
			if (o->b->shows[r][i].zone != zone) {
				continue;
			}
			o->shown[zone] = o->shown[zone] || about_sight;
			about_sight = false;
			if (about_app && o->b->shows[r][i].app != BN_NONE) {
				o->named[zone] = o->b->shows[r][i].app;
				o->namer[zone] = r;
				about_app = false;
			}
		}
		if (rule_hides(o->b, r, zone)) {
			o->hidden[zone] = o->hidden[zone] || about_sight;
			about_sight = about_app = false;
		}
	}
}

/** A proven app's own zones come before those that are open to all. */
static void oracle_place(struct oracle *o, size_t v) {
	const struct bn_arrange_view *view = &o->b->views[v];
	size_t wishes[2 + 2 * MAX_ZONES], count = 0;
	wishes[count++] = view->asked_zone;
	wishes[count++] = view->app != BN_NONE ? o->b->apps[view->app].home : BN_NONE;
	for (size_t z = 0; z < o->b->layout.zone_count; z++) {
		bool own = view->app != BN_NONE && view->proven
				&& names_app(&o->b->zones[z], &o->b->apps[view->app]);
		wishes[count++] = own ? z : BN_NONE;
	}
	for (size_t z = 0; z < o->b->layout.zone_count; z++) {
		wishes[count++] = z;
	}
	o->place[v] = BN_NONE;
	for (size_t i = count; i-- > 0;) {
		if (wishes[i] != BN_NONE && o->may[v][wishes[i]]) {
			o->place[v] = wishes[i];
		}
	}
	o->show[v] = view->show_serial;
}

static struct score score_for_rule(const struct oracle *o, size_t v, size_t zone, uint64_t extra) {
	const struct bn_arrange_view *view = &o->b->views[v];
	struct score score = { .valid = view->app == o->named[zone] && !o->held[v] };
	if (!score.valid) {
		return score;
	}
	if (o->place[v] == zone) {
		score = (struct score){
			{ 2, o->show[v], view->activate_serial, view->map_serial },
			true,
		};
	} else {
		bool wanted = o->place[v] != BN_NONE && o->named[o->place[v]] == view->app;
		score.valid = o->may[v][zone];
		score.rank[0] = wanted ? 0 : 1;
		score.rank[1] = view->map_serial;
	}
	return score;
}

static void oracle_hold(struct oracle *o) {
	for (size_t r = o->b->layout.rule_count; r-- > 0;) {
		for (size_t i = 0; i < o->b->rules[r].show_count; i++) {
			size_t zone = o->b->shows[r][i].zone;
			if (o->namer[zone] != r || o->holder[zone] != BN_NONE) {
				continue;
			}
			size_t view = winner(o, score_for_rule, zone, 0);
			if (view != BN_NONE) {
				o->holder[zone] = view;
				o->held[view] = true;
				o->place[view] = zone;
			}
		}
	}
}

static struct score score_for_request(const struct oracle *o, size_t v, size_t zone,
		uint64_t extra) {
	const struct bn_arrange_request *request = &o->b->requests[zone];
	const struct bn_arrange_view *view = &o->b->views[v];
	bool free_to_go = !o->held[v] && !view->hidden && o->show[v] < request->serial;
	return (struct score){
		.valid = view->app == request->app && free_to_go && o->may[v][zone],
		.rank = { view->map_serial },
	};
}

static void oracle_request(struct oracle *o, size_t zone) {
	const struct bn_arrange_request *request = &o->b->requests[zone];
	bool there = false, newer = false;
	for (size_t v = 0; v < o->b->view_count; v++) {
		if (o->b->views[v].app == request->app) {
			newer = newer || o->show[v] >= request->serial;
			there = there || (o->place[v] == zone && !o->b->views[v].hidden);
		}
	}
	if (!there) {
		size_t view = winner(o, score_for_request, zone, 0);
		if (view != BN_NONE) {
			o->place[view] = zone;
			o->show[view] = request->serial;
		} else if (!newer) {
			o->pending[zone] = request->app;
		}
		return;
	}
	for (size_t v = 0; v < o->b->view_count; v++) {
		const struct bn_arrange_view *view = &o->b->views[v];
		if (view->app == request->app && o->place[v] == zone && !view->hidden
				&& o->show[v] < request->serial) {
			o->show[v] = request->serial;
		}
	}
}

static void oracle_requests(struct oracle *o) {
	bool done[MAX_ZONES] = { false };
	for (;;) {
		size_t newest = BN_NONE;
		for (size_t z = 0; z < o->b->layout.zone_count; z++) {
			uint64_t serial = o->b->requests[z].serial;
			if (serial != 0 && !done[z]
					&& (newest == BN_NONE
							|| serial > o->b->requests[newest]
											.serial)) {
				newest = z;
			}
		}
		if (newest == BN_NONE) {
			return;
		}
		done[newest] = true;
		oracle_request(o, newest);
	}
}

static struct score score_for_top(const struct oracle *o, size_t v, size_t zone, uint64_t extra) {
	const struct bn_arrange_view *view = &o->b->views[v];
	bool holds = o->holder[zone] == v;
	bool is_safety = o->b->zones[zone].layer >= BN_LAYER_SAFETY; // no command hides there
	return (struct score){
		.valid = o->place[v] == zone && (holds || is_safety || !view->hidden),
		.rank = { holds, o->show[v], view->activate_serial, view->map_serial },
	};
}

static void oracle_run(struct oracle *o, const struct bench *b) {
	*o = (struct oracle){ .b = b };
	oracle_rights(o);
	for (size_t z = 0; z < MAX_ZONES; z++) {
		o->holder[z] = o->pending[z] = o->top[z] = BN_NONE;
		o->named[z] = o->namer[z] = BN_NONE;
	}
	for (size_t z = 0; z < b->layout.zone_count; z++) {
		oracle_rules(o, z);
	}
	for (size_t v = 0; v < b->view_count; v++) {
		oracle_place(o, v);
	}
	oracle_hold(o);
	oracle_requests(o);
	for (size_t z = 0; z < b->layout.zone_count; z++) {
		o->top[z] = winner(o, score_for_top, z, 0);
	}
}

static enum bn_zone_content oracle_content(const struct oracle *o, size_t zone) {
	const struct bn_zone *z = &o->b->zones[zone];
	bool visible = o->shown[zone] || (z->visible && !o->hidden[zone]);
	if (!visible || !o->b->present[z->display].present) {
		return BN_CONTENT_NOTHING;
	}
	if (o->top[zone] != BN_NONE) {
		return o->b->views[o->top[zone]].failed ? BN_CONTENT_FAULT : BN_CONTENT_VIEW;
	}
	bool missed = o->named[zone] != BN_NONE && z->on_fault.builtin != BN_BUILTIN_NONE;
	return missed ? BN_CONTENT_FAULT : BN_CONTENT_EMPTY;
}

static uint32_t oracle_restrictions(const struct bench *b, size_t zone) {
	uint32_t restrictions = 0;
	for (size_t r = 0; r < b->layout.rule_count; r++) {
		for (size_t i = 0; i < b->rules[r].restrict_count; i++) {
			if (b->restricts[r][i].zone == zone
					&& bn_vehicle_rule(b->vehicle, r) != BN_NO) {
				restrictions |= b->restricts[r][i].restrictions;
			}
		}
	}
	return restrictions;
}

// --- invariants -------------------------------------------------------------

static void check_against_oracle(const struct bench *b) {
	struct oracle o;
	oracle_run(&o, b);
	for (size_t z = 0; z < b->layout.zone_count; z++) {
		const struct bn_arrange_zone_out *out = &b->arrangement.zones[z];
		enum bn_zone_content content = oracle_content(&o, z);
		assert_int_equal(out->content, content);
		bool has_view = content == BN_CONTENT_VIEW || content == BN_CONTENT_FAULT;
		uint64_t view = has_view && o.top[z] != BN_NONE ? b->views[o.top[z]].id : 0;
		assert_int_equal(out->view, view);
		size_t wanted = o.named[z] != BN_NONE && o.holder[z] == BN_NONE ? o.named[z]
										: o.pending[z];
		assert_int_equal(out->wanted_app, wanted);
		assert_int_equal(out->restrictions, oracle_restrictions(b, z));
	}
	for (size_t v = 0; v < b->view_count; v++) {
		assert_int_equal(b->arrangement.views[v].zone, o.place[v]);
	}
}

/** What must hold whoever decides, stated without the order of precedence. */
static void check_invariants(const struct bench *b) {
	size_t visible_in[MAX_ZONES] = { 0 };
	for (size_t v = 0; v < b->view_count; v++) {
		const struct bn_arrange_view *view = &b->views[v];
		const struct bn_arrange_view_out *out = &b->arrangement.views[v];
		assert_true(out->chain_count >= 1 && out->chain_count <= BN_REASON_CHAIN);
		if (out->zone == BN_NONE) {
			assert_false(out->visible);
			assert_true(has_reason(b, v, BN_REASON_NO_HOME));
			continue;
		}
		const struct bn_zone *zone = &b->zones[out->zone];
		if (!view->proven || view->app == BN_NONE) {
			assert_int_equal(zone->layer, BN_LAYER_APP);
			assert_true(zone->grant_all);
		}
		assert_true(bn_layout_zone_grants(&b->layout, out->zone, view->app));
		if (out->visible) {
			visible_in[out->zone]++;
			assert_false(view->failed);
			assert_true(b->present[zone->display].present);
			assert_int_equal(b->arrangement.zones[out->zone].content, BN_CONTENT_VIEW);
			assert_int_equal(b->arrangement.zones[out->zone].view, view->id);
			bool ruled = has_reason(b, v, BN_REASON_RULE);
			assert_true(!view->hidden || ruled || zone->layer >= BN_LAYER_SAFETY);
		}
	}
	for (size_t z = 0; z < b->layout.zone_count; z++) {
		bool is_view = b->arrangement.zones[z].content == BN_CONTENT_VIEW;
		assert_int_equal(visible_in[z], is_view ? 1 : 0);
		assert_int_equal(b->arrangement.zones[z].on_display,
				b->present[b->zones[z].display].present);
	}
}

static void check_reasons(const struct bench *b) {
	char text[256];
	for (size_t v = 0; v < b->view_count; v++) {
		const struct bn_arrange_view_out *out = &b->arrangement.views[v];
		for (size_t i = 0; i < out->chain_count; i++) {
			text[0] = '\0';
			bn_arrange_reason_format(&b->layout, &out->chain[i], text, sizeof(text));
			assert_true(strlen(text) > 10);
			assert_true(out->chain[i].kind != BN_REASON_NONE);
		}
	}
}

/** The order in which views are listed says nothing. */
static void check_order_is_nothing(struct bench *b) {
	size_t zones[MAX_VIEWS];
	bool visible[MAX_VIEWS];
	for (size_t v = 0; v < b->view_count; v++) {
		zones[v] = b->arrangement.views[v].zone;
		visible[v] = b->arrangement.views[v].visible;
	}
	struct bn_arrange_view reversed[MAX_VIEWS];
	for (size_t v = 0; v < b->view_count; v++) {
		reversed[v] = b->views[b->view_count - 1 - v];
	}
	struct bn_arrange_in in = input(b);
	in.views = reversed;
	assert_true(bn_arrange_run(&b->arrangement, &in));
	for (size_t v = 0; v < b->view_count; v++) {
		const struct bn_arrange_view_out *out =
				&b->arrangement.views[b->view_count - 1 - v];
		assert_int_equal(out->zone, zones[v]);
		assert_int_equal(out->visible, visible[v]);
	}
}

// --- random operations ------------------------------------------------------

static size_t random_index(struct bn_random *random, size_t count) {
	return (size_t)bn_random_int(random, 0, (int)count - 1);
}

static size_t random_or_none(struct bn_random *random, size_t count) {
	return bn_random_once_in(random, 3) ? BN_NONE : random_index(random, count);
}

static void random_zone(struct bn_random *random, struct bench *b, size_t i) {
	struct bn_zone *zone = &b->zones[i];
	zone->display = random_index(random, MAX_DISPLAYS);
	zone->layer = bn_random_once_in(random, 2)
			? BN_LAYER_APP
			: (enum bn_layer)bn_random_int(random, 0, BN_LAYER_COUNT - 1);
	zone->grant_all = bn_random_once_in(random, 3);
	zone->visible = !bn_random_once_in(random, 5);
	zone->on_fault.builtin = bn_random_once_in(random, 2) ? BN_BUILTIN_TEXT : BN_BUILTIN_NONE;
	for (size_t app = 0; app < b->layout.app_count; app++) {
		if (bn_random_once_in(random, 2)) {
			grant(b, i, app);
		}
	}
}

static void random_rule(struct bn_random *random, struct bench *b, size_t i) {
	struct bn_rule *rule = &b->rules[i];
	size_t zones = b->layout.zone_count;
	int shows = bn_random_int(random, 0, MAX_NAMED), hides = bn_random_int(random, 0, 1);
	for (int j = 0; j < shows; j++) {
		rule_shows(b, i, random_index(random, zones),
				random_or_none(random, b->layout.app_count));
	}
	for (int j = 0; j < hides; j++) {
		b->hides[i][rule->hide_count++] = random_index(random, zones);
	}
	if (bn_random_once_in(random, 2)) {
		b->restricts[i][rule->restrict_count++] = (struct bn_rule_restrict){
			random_index(random, zones),
			(uint32_t)bn_random_int(random, 1, 7),
		};
	}
}

static void op_map(struct bn_random *random, struct bench *b) {
	if (b->view_count < MAX_VIEWS) {
		map_view(b, random_or_none(random, b->layout.app_count),
				!bn_random_once_in(random, 3));
	}
}

static void op_unmap(struct bn_random *random, struct bench *b) {
	if (b->view_count > 0) {
		b->views[random_index(random, b->view_count)] = b->views[b->view_count - 1];
		b->view_count--;
	}
}

static struct bn_arrange_view *random_view(struct bn_random *random, struct bench *b) {
	return b->view_count == 0 ? NULL : &b->views[random_index(random, b->view_count)];
}

/** As the cockpit does it: remembered for the zone, and by the app's view if there is one. */
static void op_show(struct bn_random *random, struct bench *b) {
	size_t zone = random_index(random, b->layout.zone_count);
	size_t app = random_index(random, b->layout.app_count);
	b->requests[zone] = (struct bn_arrange_request){ zone, app, ++b->serial };
	for (size_t v = 0; v < b->view_count; v++) {
		if (b->views[v].app == app && bn_random_once_in(random, 2)) {
			b->views[v].asked_zone = zone;
			b->views[v].show_serial = b->serial;
			b->views[v].hidden = false;
			return;
		}
	}
}

static void op_hide(struct bn_random *random, struct bench *b) {
	struct bn_arrange_view *view = random_view(random, b);
	if (view != NULL) {
		view->hidden = !view->hidden;
	}
}

static void op_activate(struct bn_random *random, struct bench *b) {
	struct bn_arrange_view *view = random_view(random, b);
	if (view != NULL) {
		view->activate_serial = ++b->serial;
	}
}

static void op_ask(struct bn_random *random, struct bench *b) {
	struct bn_arrange_view *view = random_view(random, b);
	if (view != NULL) {
		view->asked_zone = random_or_none(random, b->layout.zone_count);
	}
}

static void op_fail(struct bn_random *random, struct bench *b) {
	struct bn_arrange_view *view = random_view(random, b);
	if (view != NULL) {
		view->failed = !view->failed;
	}
}

static void op_plug(struct bn_random *random, struct bench *b) {
	struct bn_arrange_display *display = &b->present[random_index(random, MAX_DISPLAYS)];
	display->present = !display->present;
}

static void op_signal(struct bn_random *random, struct bench *b) {
	if (b->layout.rule_count > 0) {
		set_rule(b, random_index(random, b->layout.rule_count),
				(enum bn_tristate)bn_random_int(random, BN_NO, BN_MAYBE));
	}
}

static void (*const operations[])(struct bn_random *random, struct bench *b) = {
	op_map,
	op_map,
	op_unmap,
	op_show,
	op_hide,
	op_activate,
	op_ask,
	op_fail,
	op_plug,
	op_signal,
	op_signal,
};

static void run_sequence(uint64_t seed) {
	struct bn_random random = bn_random_seeded(seed);
	struct bench b;
	bench_init(&b, (size_t)bn_random_int(&random, 1, MAX_ZONES),
			(size_t)bn_random_int(&random, 1, MAX_APPS),
			(size_t)bn_random_int(&random, 0, MAX_RULES));
	for (size_t i = 0; i < b.layout.zone_count; i++) {
		random_zone(&random, &b, i);
	}
	for (size_t i = 0; i < b.layout.app_count; i++) {
		b.apps[i].home = random_or_none(&random, b.layout.zone_count);
	}
	for (size_t i = 0; i < b.layout.rule_count; i++) {
		random_rule(&random, &b, i);
	}
	bench_start(&b);
	for (int i = 0; i < 40; i++) {
		operations[random_index(&random, COUNT(operations))](&random, &b);
		run(&b);
		check_against_oracle(&b);
		check_invariants(&b);
		check_reasons(&b);
		check_order_is_nothing(&b);
	}
	bench_finish(&b);
}

static void test_random(void **state) {
	for (uint64_t seed = 0; seed < 600; seed++) {
		run_sequence(seed);
	}
}

// --- single faults ----------------------------------------------------------

enum { NAV, MEDIA, CAMERA, PHONE };
enum { MAIN, SIDE, CAMERA_ZONE, TELLTALES };

/** main: nav media "*"; side: media; camera (safety): rear-camera by rule 0; telltales: nothing. */
static void sedan(struct bench *b) {
	bench_init(b, 4, 4, 2);
	grant(b, MAIN, NAV);
	grant(b, MAIN, MEDIA);
	b->zones[MAIN].grant_all = true;
	grant(b, SIDE, MEDIA);
	grant(b, SIDE, NAV);
	b->zones[CAMERA_ZONE].layer = BN_LAYER_SAFETY;
	b->zones[CAMERA_ZONE].visible = false;
	b->zones[CAMERA_ZONE].on_fault.builtin = BN_BUILTIN_NO_CAMERA;
	grant(b, CAMERA_ZONE, CAMERA);
	b->zones[TELLTALES].layer = BN_LAYER_TELLTALE;
	rule_shows(b, 0, CAMERA_ZONE, CAMERA);
	b->apps[NAV].home = MAIN;
	b->apps[MEDIA].home = MAIN;
	bench_start(b);
}

static void test_rule_moves(void **state) {
	struct bench b;
	sedan(&b);
	rule_shows(&b, 1, SIDE, NAV);
	size_t nav = map_view(&b, NAV, true);
	run(&b);
	assert_int_equal(shown_in(&b, MAIN), nav);
	set_rule(&b, 1, BN_YES);
	run(&b);
	assert_int_equal(shown_in(&b, SIDE), nav);
	assert_int_equal(b.arrangement.zones[MAIN].content, BN_CONTENT_EMPTY);
	set_rule(&b, 1, BN_NO);
	run(&b);
	assert_int_equal(shown_in(&b, MAIN), nav);
	bench_finish(&b);
}

static void test_camera(void **state) {
	struct bench b;
	sedan(&b);
	size_t camera = map_view(&b, CAMERA, true);
	b.views[camera].hidden = true;
	run(&b);
	assert_int_equal(b.arrangement.zones[CAMERA_ZONE].content, BN_CONTENT_NOTHING);
	set_rule(&b, 0, BN_MAYBE);
	run(&b);
	assert_int_equal(b.arrangement.zones[CAMERA_ZONE].content, BN_CONTENT_NOTHING);
	set_rule(&b, 0, BN_YES);
	run(&b);
	assert_int_equal(shown_in(&b, CAMERA_ZONE), camera);
	b.view_count = 0;
	run(&b);
	assert_int_equal(b.arrangement.zones[CAMERA_ZONE].content, BN_CONTENT_FAULT);
	assert_int_equal(b.arrangement.zones[CAMERA_ZONE].wanted_app, CAMERA);
	bench_finish(&b);
}

static void test_impostor(void **state) {
	struct bench b;
	sedan(&b);
	size_t impostor = map_view(&b, CAMERA, false);
	b.views[impostor].asked_zone = CAMERA_ZONE;
	set_rule(&b, 0, BN_YES);
	run(&b);
	assert_int_equal(b.arrangement.zones[CAMERA_ZONE].content, BN_CONTENT_FAULT);
	assert_int_equal(b.arrangement.views[impostor].zone, MAIN);
	assert_true(has_reason(&b, impostor, BN_REASON_NOT_PROVEN));
	bench_finish(&b);
}

static void test_precedence(void **state) {
	struct bench b;
	sedan(&b);
	size_t nav = map_view(&b, NAV, true), media = map_view(&b, MEDIA, true);
	size_t stranger = map_view(&b, BN_NONE, false);
	run(&b);
	assert_int_equal(shown_in(&b, MAIN), stranger);
	b.views[media].activate_serial = ++b.serial;
	run(&b);
	assert_int_equal(shown_in(&b, MAIN), media);
	b.views[nav].show_serial = ++b.serial;
	b.views[stranger].activate_serial = ++b.serial;
	run(&b);
	assert_int_equal(shown_in(&b, MAIN), nav);
	rule_shows(&b, 1, MAIN, MEDIA);
	set_rule(&b, 1, BN_YES);
	run(&b);
	assert_int_equal(shown_in(&b, MAIN), media);
	assert_true(has_reason(&b, nav, BN_REASON_BEHIND));
	bench_finish(&b);
}

static void test_two_instances(void **state) {
	struct bench b;
	sedan(&b);
	size_t first = map_view(&b, NAV, true), second = map_view(&b, NAV, true);
	b.views[second].asked_zone = SIDE;
	run(&b);
	assert_int_equal(shown_in(&b, MAIN), first);
	assert_int_equal(shown_in(&b, SIDE), second);
	bench_finish(&b);
}

static void test_show_before_start(void **state) {
	struct bench b;
	sedan(&b);
	b.requests[SIDE] = (struct bn_arrange_request){ SIDE, NAV, ++b.serial };
	run(&b);
	assert_int_equal(b.arrangement.zones[SIDE].content, BN_CONTENT_EMPTY);
	assert_int_equal(b.arrangement.zones[SIDE].wanted_app, NAV);
	size_t nav = map_view(&b, NAV, true);
	run(&b);
	assert_int_equal(shown_in(&b, SIDE), nav);
	assert_int_equal(b.arrangement.zones[SIDE].wanted_app, BN_NONE);
	bench_finish(&b);
}

static void test_moved_on(void **state) {
	struct bench b;
	sedan(&b);
	size_t nav = map_view(&b, NAV, true);
	b.requests[SIDE] = (struct bn_arrange_request){ SIDE, NAV, ++b.serial };
	b.requests[MAIN] = (struct bn_arrange_request){ MAIN, NAV, ++b.serial };
	run(&b);
	assert_int_equal(shown_in(&b, MAIN), nav);
	assert_int_equal(b.arrangement.zones[SIDE].wanted_app, BN_NONE);
	bench_finish(&b);
}

static void test_hidden_until_shown(void **state) {
	struct bench b;
	sedan(&b);
	size_t nav = map_view(&b, NAV, true);
	b.views[nav].hidden = true;
	run(&b);
	assert_int_equal(b.arrangement.zones[MAIN].content, BN_CONTENT_EMPTY);
	assert_true(has_reason(&b, nav, BN_REASON_HIDDEN_COMMAND));
	bench_finish(&b);
}

static void test_failed(void **state) {
	struct bench b;
	sedan(&b);
	map_view(&b, MEDIA, true);
	size_t nav = map_view(&b, NAV, true);
	b.views[nav].failed = true;
	run(&b);
	assert_int_equal(b.arrangement.zones[MAIN].content, BN_CONTENT_FAULT);
	assert_int_equal(b.arrangement.zones[MAIN].view, b.views[nav].id);
	bench_finish(&b);
}

static void check_live(struct bench *b, enum bn_freeze_verdict freshness,
		enum bn_zone_content content, bool watched, enum bn_reason_kind reason) {
	b->views[0].freshness = freshness;
	run(b);
	const struct bn_arrange_zone_out *out = &b->arrangement.zones[CAMERA_ZONE];
	assert_int_equal(out->content, content);
	assert_int_equal(out->watched, watched);
	assert_int_equal(out->view, b->views[0].id);
	assert_int_equal(out->reason.kind, reason);
	const struct bn_arrange_view_out *view = &b->arrangement.views[0];
	assert_int_equal(view->visible, content == BN_CONTENT_VIEW);
	assert_int_equal(view->watched, watched);
	assert_int_equal(has_reason(b, 0, BN_REASON_STALE), reason == BN_REASON_STALE);
}

static void test_not_live(void **state) {
	struct bench b;
	sedan(&b);
	map_view(&b, CAMERA, true);
	set_rule(&b, 0, BN_YES);
	// Nobody promised anything: it shows, whatever is known of it.
	check_live(&b, BN_FREEZE_SAME_PIXELS, BN_CONTENT_VIEW, false, BN_REASON_RULE);
	b.zones[CAMERA_ZONE].max_age_ns = 100000000;
	check_live(&b, BN_FREEZE_STARTING, BN_CONTENT_NOTHING, true, BN_REASON_STARTING);
	check_live(&b, BN_FREEZE_LIVE, BN_CONTENT_VIEW, false, BN_REASON_RULE);
	check_live(&b, BN_FREEZE_NO_PICTURE, BN_CONTENT_FAULT, true, BN_REASON_STALE);
	check_live(&b, BN_FREEZE_NO_COMMITS, BN_CONTENT_FAULT, true, BN_REASON_STALE);
	check_live(&b, BN_FREEZE_SAME_PIXELS, BN_CONTENT_FAULT, true, BN_REASON_STALE);
	check_live(&b, BN_FREEZE_SAME_COUNTER, BN_CONTENT_FAULT, true, BN_REASON_STALE);
	// Who does not even answer is not asked to draw.
	b.views[0].failed = true;
	check_live(&b, BN_FREEZE_NO_ANSWER, BN_CONTENT_FAULT, false, BN_REASON_FAULT);
	b.views[0].failed = false;
	// Hidden again, nothing of it is watched.
	set_rule(&b, 0, BN_NO);
	b.views[0].freshness = BN_FREEZE_NO_COMMITS;
	run(&b);
	assert_int_equal(b.arrangement.zones[CAMERA_ZONE].content, BN_CONTENT_NOTHING);
	assert_false(b.arrangement.zones[CAMERA_ZONE].watched);
	assert_int_equal(b.arrangement.zones[CAMERA_ZONE].view, 0);
	bench_finish(&b);
}

static void test_missing_display(void **state) {
	struct bench b;
	sedan(&b);
	size_t nav = map_view(&b, NAV, true);
	b.present[0] = (struct bn_arrange_display){ false, 0, 0 };
	run(&b);
	assert_int_equal(b.arrangement.zones[MAIN].content, BN_CONTENT_NOTHING);
	assert_int_equal(b.arrangement.views[nav].zone, MAIN);
	assert_true(has_reason(&b, nav, BN_REASON_DISPLAY_MISSING));
	// As declared, so that the client has a size to be configured with.
	assert_int_equal(b.arrangement.zones[MAIN].box.width, 100);
	assert_int_equal(b.arrangement.zones[MAIN].box.height, 480);
	bench_finish(&b);
}

/** The camera has a backup in the movie's place, on the passenger's display. */
static void with_backup(struct bench *b) {
	static size_t backups[] = { 4 };
	sedan(b);
	b->layout.zone_count = 5;
	b->zones[4] = b->zones[CAMERA_ZONE];
	b->zones[4].name = "camera-spare";
	b->zones[4].display = 1;
	b->zones[4].grant_count = 0;
	b->zones[4].is_backup = true;
	b->zones[4].backup_of = CAMERA_ZONE;
	b->zones[CAMERA_ZONE].backups = backups;
	b->zones[CAMERA_ZONE].backup_count = 1;
}

static void test_backup_takes_over(void **state) {
	enum { SPARE = 4 };
	struct bench b;
	with_backup(&b);
	size_t camera = map_view(&b, CAMERA, true);
	set_rule(&b, 0, BN_YES);
	run(&b);
	assert_int_equal(shown_in(&b, CAMERA_ZONE), camera);
	assert_int_equal(b.arrangement.zones[SPARE].reason.kind, BN_REASON_STANDS_BY);

	b.present[0] = (struct bn_arrange_display){ false, 0, 0 };
	run(&b);
	assert_int_equal(b.arrangement.zones[CAMERA_ZONE].content, BN_CONTENT_NOTHING);
	assert_int_equal(b.arrangement.zones[CAMERA_ZONE].reason.kind, BN_REASON_MOVED);
	assert_int_equal(shown_in(&b, SPARE), camera);
	assert_int_equal(b.arrangement.views[camera].zone, SPARE);
	assert_true(b.arrangement.views[camera].visible);
	assert_true(has_reason(&b, camera, BN_REASON_RULE));
	char text[256];
	bn_arrange_reason_format(&b.layout, &b.arrangement.zones[SPARE].reason, text, sizeof(text));
	assert_string_equal(text, "backup of camera: display center is missing");

	// What the rule decides holds for the backup as well, and its failing app is told of there.
	set_rule(&b, 0, BN_NO);
	run(&b);
	assert_int_equal(b.arrangement.zones[SPARE].content, BN_CONTENT_NOTHING);
	assert_int_equal(b.arrangement.zones[SPARE].reason.kind, BN_REASON_ZONE_INVISIBLE);
	set_rule(&b, 0, BN_YES);
	b.views[camera].failed = true;
	run(&b);
	assert_int_equal(b.arrangement.zones[SPARE].content, BN_CONTENT_FAULT);
	b.views[camera].failed = false;

	b.present[0] = (struct bn_arrange_display){ true, 800, 480 };
	run(&b);
	assert_int_equal(shown_in(&b, CAMERA_ZONE), camera);
	assert_int_equal(b.arrangement.zones[SPARE].content, BN_CONTENT_NOTHING);
	bench_finish(&b);
}

static void test_no_command_hides_safety(void **state) {
	struct bench b;
	sedan(&b);
	grant(&b, TELLTALES, PHONE);
	size_t lamps = map_view(&b, PHONE, true);
	b.views[lamps].hidden = true;
	run(&b);
	assert_int_equal(shown_in(&b, TELLTALES), lamps);
	bench_finish(&b);
}

static void test_unknown_restricts(void **state) {
	struct bench b;
	sedan(&b);
	b.restricts[1][0] = (struct bn_rule_restrict){ MAIN, BN_RESTRICT_VIDEO };
	b.rules[1].restrict_count = 1;
	b.rules[1].theme = 1;
	set_rule(&b, 1, BN_MAYBE);
	run(&b);
	assert_int_equal(b.arrangement.zones[MAIN].restrictions, BN_RESTRICT_VIDEO);
	assert_int_equal(b.arrangement.zones[MAIN].restrict_rule, 1);
	assert_int_equal(b.arrangement.theme, 0);
	set_rule(&b, 1, BN_YES);
	run(&b);
	assert_int_equal(b.arrangement.theme, 1);
	bench_finish(&b);
}

static void test_later_rule_wins(void **state) {
	struct bench b;
	sedan(&b);
	rule_shows(&b, 0, MAIN, NAV);
	rule_shows(&b, 1, SIDE, NAV);
	size_t nav = map_view(&b, NAV, true);
	set_rule(&b, 0, BN_YES);
	run(&b);
	assert_int_equal(shown_in(&b, MAIN), nav);
	set_rule(&b, 1, BN_YES);
	run(&b);
	assert_int_equal(shown_in(&b, SIDE), nav);
	assert_int_equal(b.arrangement.zones[MAIN].wanted_app, NAV);
	bench_finish(&b);
}

static void check_text(const struct bench *b, size_t view, size_t index, const char *expected) {
	char text[256];
	bn_arrange_reason_format(&b->layout, &b->arrangement.views[view].chain[index], text,
			sizeof(text));
	assert_string_equal(text, expected);
}

static void test_sentences(void **state) {
	struct bench b;
	sedan(&b);
	size_t camera = map_view(&b, CAMERA, true), nav = map_view(&b, NAV, true);
	size_t media = map_view(&b, MEDIA, true);
	b.views[nav].asked_zone = TELLTALES;
	set_rule(&b, 0, BN_YES);
	run(&b);
	check_text(&b, camera, 0,
			"rule at sedan.yaml:80 (reversing) shows rear-camera in zone camera");
	check_text(&b, nav, 0,
			"zone telltales does not grant it: add its app, or \"*\", to the zone's "
			"`grant:`");
	check_text(&b, nav, 1, "zone main is its home");
	check_text(&b, nav, 2, "waits behind window 3 of zone main");
	check_text(&b, media, 1, "the newest window of zone main");
	bench_finish(&b);
}

static const struct {
	const char *name;
	enum bn_fit fit;
	struct bn_rect box;
	int32_t width, height;
	struct bn_rect expected;
} fits[] = {
	{ "fill-exact", BN_FIT_FILL, { 10, 20, 300, 200 }, 300, 200, { 10, 20, 300, 200 } },
	{ "fill-wide-is-cropped", BN_FIT_FILL, { 0, 0, 100, 100 }, 200, 100, { -50, 0, 200, 100 } },
	{ "fill-tall-is-cropped", BN_FIT_FILL, { 0, 0, 100, 100 }, 10, 20, { 0, -50, 100, 200 } },
	{ "fill-covers-the-last-line", BN_FIT_FILL, { 0, 0, 100, 10 }, 333, 33, { 0, 0, 101, 10 } },
	{ "fit-wide-has-bars", BN_FIT_FIT, { 0, 0, 100, 100 }, 200, 100, { 0, 25, 100, 50 } },
	{ "fit-tall-has-bars", BN_FIT_FIT, { 0, 0, 100, 100 }, 10, 20, { 25, 0, 50, 100 } },
	{ "fit-never-vanishes", BN_FIT_FIT, { 0, 0, 100, 100 }, 65535, 1, { 0, 49, 100, 1 } },
	{ "stretch", BN_FIT_STRETCH, { 1, 2, 3, 4 }, 999, 1, { 1, 2, 3, 4 } },
	{ "center-small", BN_FIT_CENTER, { 0, 0, 100, 100 }, 10, 20, { 45, 40, 10, 20 } },
	{ "center-large", BN_FIT_CENTER, { 0, 0, 100, 100 }, 200, 100, { -50, 0, 200, 100 } },
	{ "none-keeps-top-left", BN_FIT_NONE, { 7, 8, 100, 100 }, 640, 480, { 7, 8, 640, 480 } },
	{ "largest-sides-do-not-wrap", BN_FIT_FILL, { 0, 0, 65535, 65535 }, 65535, 65535,
			{ 0, 0, 65535, 65535 } },
	{ "no-size-draws-nothing", BN_FIT_FILL, { 5, 6, 100, 100 }, 0, 10, { 5, 6, 0, 0 } },
};

static void test_fit(void **state) {
	for (size_t i = 0; i < COUNT(fits); i++) {
		struct bn_rect got = bn_arrange_fit(fits[i].fit, &fits[i].box, fits[i].width,
				fits[i].height);
		if (!bn_rect_equal(&got, &fits[i].expected)) {
			fail_msg("%s: %d,%d %dx%d", fits[i].name, got.x, got.y, got.width,
					got.height);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-rule-moves-an-app-and-gives-it-back", test_rule_moves),
		CASE("a-camera-shows-by-rule-only-and-is-missed-when-gone", test_camera),
		CASE("an-impostor-never-gets-a-safety-zone", test_impostor),
		CASE("rules-beat-commands-beat-activation", test_precedence),
		CASE("two-instances-live-in-two-zones", test_two_instances),
		CASE("a-show-waits-for-the-app-to-start", test_show_before_start),
		CASE("an-app-shown-elsewhere-is-not-wanted-back", test_moved_on),
		CASE("a-backup-takes-over-while-the-display-is-missing", test_backup_takes_over),
		CASE("no-command-hides-a-safety-zone", test_no_command_hides_safety),
		CASE("hidden-stays-hidden", test_hidden_until_shown),
		CASE("a-failed-app-leaves-its-zone-to-on-fault", test_failed),
		CASE("a-picture-that-is-not-live-is-kept-from-glass-and-asked-for", test_not_live),
		CASE("a-missing-display-shows-nothing-but-keeps-zones", test_missing_display),
		CASE("what-is-unknown-restricts-but-does-not-theme", test_unknown_restricts),
		CASE("the-later-rule-wins", test_later_rule_wins),
		CASE("reasons-are-sentences-with-names", test_sentences),
		CASE("fit-follows-the-zone", test_fit),
		CASE("random-operations-equal-the-oracle", test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
