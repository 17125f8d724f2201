#include "proof_oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arrange.h"
#include "core/transition.h"
#include "core/vehicle.h"

#define MAX_SIGNALS 3
#define MAX_LEAVES 24
#define MAX_RULES 12
#define MAX_STATES 20000
#define MAX_SITUATIONS 2000
#define MAX_VIEWS 8
#define MAX_ZONES 16

__attribute__((format(printf, 2, 3))) static void blame(struct bn_oracle *oracle,
		const char *format, ...) {
	if (oracle->fault[0] != '\0') {
		return;
	}
	va_list args;
	va_start(args, format);
	vsnprintf(oracle->fault, sizeof(oracle->fault), format, args);
	va_end(args);
}

// --- states: walked to, one signal at a time -----------------------------------------

static const struct bn_value values[] = {
	{ .kind = BN_VALUE_UNKNOWN },
	{ .kind = BN_VALUE_NUMBER, .number = 1 },
	{ .kind = BN_VALUE_NUMBER, .number = 2 },
	{ .kind = BN_VALUE_NUMBER, .number = 3 },
	{ .kind = BN_VALUE_NUMBER, .number = 4 },
	{ .kind = BN_VALUE_NUMBER, .number = 5 },
	{ .kind = BN_VALUE_NUMBER, .number = 6 },
	{ .kind = BN_VALUE_NUMBER, .number = 7 },
	{ .kind = BN_VALUE_STRING, .text = "A" },
	{ .kind = BN_VALUE_STRING, .text = "B" },
	{ .kind = BN_VALUE_STRING, .text = "C" },
};
#define VALUES ((int)(sizeof(values) / sizeof(values[0])))

struct state {
	unsigned char value[MAX_SIGNALS];
	signed char memory[MAX_LEAVES]; // of each condition: only those that compare
	signed char holds[MAX_RULES];   // BN_YES, BN_NO, BN_MAYBE
	bool lingers[MAX_RULES];
};

static int judge(const struct bn_layout *layout, const struct state *state, size_t index) {
	if (index == BN_NONE) {
		return BN_YES;
	}
	const struct bn_condition *c = &layout->conditions[index];
	int all = BN_YES, any = BN_NO, one;
	switch (c->kind) {
	case BN_CONDITION_EQUAL:
	case BN_CONDITION_OVER:
	case BN_CONDITION_UNDER:
		return state->memory[index];
	case BN_CONDITION_STATE:
		return judge(layout, state, layout->states[c->state].condition);
	case BN_CONDITION_NOT:
		one = judge(layout, state, c->first_child);
		return one == BN_MAYBE ? BN_MAYBE : one == BN_YES ? BN_NO : BN_YES;
	case BN_CONDITION_ALL:
	case BN_CONDITION_ANY:
		break;
	}
	for (size_t i = 0; i < c->child_count; i++) {
		one = judge(layout, state, c->first_child + i);
		all = one == BN_NO || all == BN_NO ? BN_NO : one == BN_MAYBE ? BN_MAYBE : all;
		any = one == BN_YES || any == BN_YES ? BN_YES : one == BN_MAYBE ? BN_MAYBE : any;
	}
	return c->kind == BN_CONDITION_ALL ? all : any;
}

/** What a comparison becomes, by the words of the manual. */
static int compare(const struct bn_condition *c, const struct bn_value *value, int before) {
	if (value->kind == BN_VALUE_UNKNOWN) {
		return BN_MAYBE;
	}
	if (c->kind == BN_CONDITION_EQUAL) {
		bool both_text = value->kind == BN_VALUE_STRING && c->value.kind == BN_VALUE_STRING;
		bool no_text = value->kind != BN_VALUE_STRING && c->value.kind != BN_VALUE_STRING;
		bool same = both_text ? strcmp(value->text, c->value.text) == 0
				      : no_text && value->number == c->value.number;
		return same ? BN_YES : BN_NO;
	}
	if (value->kind == BN_VALUE_STRING) {
		return BN_MAYBE;
	}
	if (c->kind == BN_CONDITION_OVER) {
		return value->number > c->limit                                    ? BN_YES
				: value->number < c->until || c->until == c->limit ? BN_NO
										   : before;
	}
	return value->number < c->limit                                    ? BN_YES
			: value->number > c->until || c->until == c->limit ? BN_NO
									   : before;
}

static void settle(const struct bn_layout *layout, struct state *state,
		const struct bn_value *const now[MAX_SIGNALS]) {
	for (size_t i = 0; i < layout->condition_count; i++) {
		const struct bn_condition *c = &layout->conditions[i];
		if (c->kind == BN_CONDITION_EQUAL || c->kind == BN_CONDITION_OVER
				|| c->kind == BN_CONDITION_UNDER) {
			state->memory[i] =
					(signed char)compare(c, now[c->signal], state->memory[i]);
		}
	}
	for (size_t i = 0; i < layout->rule_count; i++) {
		int does = judge(layout, state, layout->rules[i].when);
		if (does == BN_YES) {
			state->lingers[i] = false;
		} else if (state->holds[i] == BN_YES && layout->rules[i].linger_ns > 0) {
			state->lingers[i] = true;
		}
		state->holds[i] = (signed char)does;
	}
}

/** The oracle's own idea of a vehicle, held against core/vehicle on a walk in which no time passes. */
static void follow_vehicle(struct bn_oracle *oracle, const struct bn_layout *layout) {
	struct bn_vehicle *vehicle = bn_vehicle_create(layout, 1);
	struct state state;
	memset(&state, 0, sizeof(state));
	const struct bn_value *now[MAX_SIGNALS];
	for (size_t i = 0; i < layout->signal_count; i++) {
		now[i] = &layout->signals[i].initial;
	}
	settle(layout, &state, now);
	for (unsigned step = 0; step < 200; step++) {
		for (size_t i = 0; i < layout->rule_count; i++) {
			int mine = state.lingers[i] ? BN_YES : state.holds[i];
			if (mine != (int)bn_vehicle_rule(vehicle, i)) {
				blame(oracle, "core/vehicle sees rule %zu otherwise", i);
			}
		}
		// Jumps up, down, and into bands from both sides.
		size_t signal = step % layout->signal_count;
		now[signal] = &values[(step * step / 3 + step * 7) % (unsigned)VALUES];
		bn_vehicle_set(vehicle, signal, now[signal], 1);
		bn_vehicle_update(vehicle, 1);
		settle(layout, &state, now);
	}
	bn_vehicle_destroy(vehicle);
}

struct walk {
	struct state *states;
	int count;
	int *heads, *next; // hash chains
};

#define HEADS 4096

static int head_of(const struct state *state) {
	const unsigned char *bytes = (const unsigned char *)state;
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < sizeof(*state); i++) {
		hash = (hash ^ bytes[i]) * 16777619u;
	}
	return (int)(hash % HEADS);
}

static void visit(struct walk *walk, const struct state *state) {
	int head = head_of(state);
	for (int i = walk->heads[head]; i >= 0; i = walk->next[i]) {
		if (memcmp(&walk->states[i], state, sizeof(*state)) == 0) {
			return;
		}
	}
	if (walk->count == MAX_STATES) {
		fprintf(stderr, "the oracle is too small for this layout\n");
		abort();
	}
	walk->states[walk->count] = *state;
	walk->next[walk->count] = walk->heads[head];
	walk->heads[head] = walk->count++;
}

static void walk_states(const struct bn_layout *layout, struct walk *walk) {
	struct state start;
	memset(&start, 0, sizeof(start));
	const struct bn_value *now[MAX_SIGNALS];
	for (size_t i = 0; i < layout->signal_count; i++) {
		start.value[i] = 255; // the initial one
		now[i] = &layout->signals[i].initial;
	}
	settle(layout, &start, now);
	visit(walk, &start);
	for (int n = 0; n < walk->count; n++) {
		for (size_t i = 0; i < layout->signal_count; i++) {
			for (int v = 0; v < VALUES; v++) {
				struct state state = walk->states[n];
				state.value[i] = (unsigned char)v;
				for (size_t j = 0; j < layout->signal_count; j++) {
					now[j] = state.value[j] == 255 ? &layout->signals[j].initial
								       : &values[state.value[j]];
				}
				settle(layout, &state, now);
				visit(walk, &state);
			}
		}
		for (size_t i = 0; i < layout->rule_count; i++) {
			if (walk->states[n].lingers[i]) {
				struct state state = walk->states[n];
				state.lingers[i] = false; // time went by
				visit(walk, &state);
			}
		}
	}
}

// --- situations: rules in force, arranged by the real thing --------------------------------

struct situation {
	signed char holds[MAX_RULES];
	bool lingers[MAX_RULES];
};

static int find_situations(const struct bn_layout *layout, const struct walk *walk,
		struct situation *situations) {
	int count = 0;
	for (int n = 0; n < walk->count; n++) {
		struct situation situation;
		memset(&situation, 0, sizeof(situation));
		memcpy(situation.holds, walk->states[n].holds, sizeof(situation.holds));
		memcpy(situation.lingers, walk->states[n].lingers, sizeof(situation.lingers));
		int i = 0;
		while (i < count && memcmp(&situations[i], &situation, sizeof(situation)) != 0) {
			i++;
		}
		if (i == count && count < MAX_SITUATIONS) {
			situations[count++] = situation;
		}
	}
	return count;
}

/** The same layout, but each rule hangs on a signal of its own: so any situation can be set. */
struct puppet {
	struct bn_layout layout;
	struct bn_signal signals[MAX_RULES];
	struct bn_condition conditions[MAX_RULES];
	struct bn_rule rules[MAX_RULES];
};

static void puppet_init(struct puppet *puppet, const struct bn_layout *layout) {
	*puppet = (struct puppet){ .layout = *layout };
	for (size_t i = 0; i < layout->rule_count; i++) {
		puppet->signals[i].name = layout->rules[i].label;
		puppet->conditions[i] = (struct bn_condition){ .kind = BN_CONDITION_EQUAL,
			.signal = i,
			.value = { .kind = BN_VALUE_BOOL, .number = 1 } };
		puppet->rules[i] = layout->rules[i];
		puppet->rules[i].when = i;
		puppet->rules[i].linger_ns = 0;
	}
	puppet->layout.signals = puppet->signals;
	puppet->layout.conditions = puppet->conditions;
	puppet->layout.rules = puppet->rules;
	puppet->layout.signal_count = puppet->layout.condition_count = layout->rule_count;
	puppet->layout.state_count = puppet->layout.hysteresis_count = 0;
}

static struct bn_vehicle *in_situation(const struct puppet *puppet,
		const struct situation *situation) {
	struct bn_vehicle *vehicle = bn_vehicle_create(&puppet->layout, 1);
	for (size_t i = 0; i < puppet->layout.rule_count; i++) {
		bool yes = situation->lingers[i] || situation->holds[i] == BN_YES;
		struct bn_value value = { .kind = BN_VALUE_BOOL, .number = yes };
		if (!yes && situation->holds[i] == BN_MAYBE) {
			value.kind = BN_VALUE_UNKNOWN;
		}
		bn_vehicle_set(vehicle, i, &value, 1);
	}
	bn_vehicle_update(vehicle, 1);
	return vehicle;
}

/** One way in which clients and commands may behave. Window ids tell the app: see app_of_window. */
struct crowd {
	struct bn_arrange_view views[MAX_VIEWS];
	struct bn_arrange_request request;
	size_t view_count;
};

static void crowd_init(struct crowd *crowd, const struct bn_layout *layout) {
	*crowd = (struct crowd){ .view_count = layout->app_count };
	for (size_t i = 0; i < layout->app_count; i++) {
		crowd->views[i] = (struct bn_arrange_view){ .id = i + 1,
			.app = i,
			.proven = true,
			.map_serial = i + 1,
			.asked_zone = BN_NONE };
	}
}

static void crowd_double(struct crowd *crowd, size_t app) {
	struct bn_arrange_view *view = &crowd->views[crowd->view_count++];
	*view = crowd->views[app];
	view->id = app + 1 + 100;
	view->map_serial = 40;
}

static size_t app_of_window(uint64_t id) {
	return (size_t)(id - 1) % 100;
}

struct stage {
	struct bn_oracle *oracle;
	const struct bn_layout *layout;
	struct puppet puppet;
	const unsigned char *const *masks;
	struct bn_arrangement arrangement;
	struct bn_arrange_display displays[8];
	const struct situation *situation;
	unsigned missing; // displays, bits
	size_t app_of[MAX_ZONES]; // seen in each zone in the crowds so far; BN_NONE: none; SIZE_MAX - 1: not yet
	bool was_painted[MAX_ZONES]; // in any situation with any displays missing
	struct bn_rect boxes[MAX_ZONES];
};

#define NOT_YET (SIZE_MAX - 1)

static void arrange(struct stage *stage, const struct bn_vehicle *vehicle,
		const struct crowd *crowd) {
	const struct bn_arrange_in in = {
		.layout = &stage->puppet.layout,
		.vehicle = vehicle,
		.displays = stage->displays,
		.views = crowd->views,
		.view_count = crowd->view_count,
		.requests = &crowd->request,
		.request_count = 1,
	};
	stage->oracle->arrangements++;
	if (!bn_arrange_run(&stage->arrangement, &in)) {
		abort();
	}
}

// --- paint ---------------------------------------------------------------------------------

typedef int grid[BN_ORACLE_SIDE][BN_ORACLE_SIDE]; // the zone on top, -1: none

static void fill(grid pixels, const struct bn_rect *box, int zone) {
	for (int y = 0; y < BN_ORACLE_SIDE; y++) {
		for (int x = 0; x < BN_ORACLE_SIDE; x++) {
			if (x >= box->x && x < box->x + box->width && y >= box->y
					&& y < box->y + box->height) {
				pixels[y][x] = zone;
			}
		}
	}
}

/** What of a place is seen of `zone`; all of its pixels must be. */
static bool is_whole(grid pixels, const struct bn_rect *box, int zone) {
	for (int y = box->y; y < box->y + box->height; y++) {
		for (int x = box->x; x < box->x + box->width; x++) {
			bool inside = x >= 0 && y >= 0 && x < BN_ORACLE_SIDE && y < BN_ORACLE_SIDE;
			if (!inside || pixels[y][x] != zone) {
				return false;
			}
		}
	}
	return true;
}

/** The zone in which the content of another one would be, with these displays missing; BN_NONE: in none. */
static size_t place_of(const struct stage *stage, size_t zone) {
	const struct bn_zone *spec = &stage->layout->zones[zone];
	if ((stage->missing >> spec->display & 1) == 0) {
		return zone;
	}
	for (size_t i = 0; i < spec->backup_count; i++) {
		if ((stage->missing >> stage->layout->zones[spec->backups[i]].display & 1) == 0) {
			return spec->backups[i];
		}
	}
	return BN_NONE;
}

static void paint(const struct stage *stage, size_t display, bool with_leaving, grid pixels) {
	memset(pixels, -1, sizeof(grid));
	for (size_t i = 0; i < stage->layout->zone_count; i++) {
		size_t zone = stage->layout->order[i];
		const struct bn_zone *spec = &stage->layout->zones[zone];
		if (spec->display != display) {
			continue;
		}
		const struct bn_arrange_zone_out *out = &stage->arrangement.zones[zone];
		if (out->content != BN_CONTENT_NOTHING) {
			fill(pixels, &out->box, (int)zone);
		}
		size_t role = spec->is_backup ? spec->backup_of : zone;
		bool has_windows = stage->layout->zones[role].grant_count > 0
				|| stage->layout->zones[role].grant_all;
		if (!with_leaving || out->content != BN_CONTENT_NOTHING || !stage->was_painted[zone]
				|| !has_windows) {
			continue;
		}
		// Drawn on, within its box, until its transition has ended.
		struct bn_transition transition;
		bn_transition_start(&transition, &spec->transition, 1);
		for (int64_t part = 0; part < 8; part++) {
			int64_t now = 1 + spec->transition.duration_ns * part / 8;
			struct bn_transition_pose pose =
					bn_transition_outgoing(&transition, &out->box, now);
			struct bn_rect moved = out->box;
			moved.x += pose.dx;
			moved.y += pose.dy;
			for (int y = 0; y < BN_ORACLE_SIDE && pose.alpha > 0; y++) {
				for (int x = 0; x < BN_ORACLE_SIDE; x++) {
					bool in_box = x >= out->box.x
							&& x < out->box.x + out->box.width
							&& y >= out->box.y
							&& y < out->box.y + out->box.height;
					bool in_moved = x >= moved.x && x < moved.x + moved.width
							&& y >= moved.y
							&& y < moved.y + moved.height;
					if (in_box && in_moved) {
						pixels[y][x] = (int)zone;
					}
				}
			}
		}
	}
}

// --- what must be so -------------------------------------------------------------------------

static bool must_show(const struct stage *stage, size_t zone) {
	bool must = stage->layout->zones[zone].visible;
	for (size_t i = 0; i < stage->layout->rule_count; i++) {
		const struct bn_rule *rule = &stage->layout->rules[i];
		for (size_t j = 0; j < rule->show_count && stage->situation->holds[i] == BN_YES;
				j++) {
			must = must || rule->shows[j].zone == zone;
		}
	}
	return must;
}

static bool is_safety(const struct bn_layout *layout, size_t zone) {
	return layout->zones[zone].layer >= BN_LAYER_SAFETY && !layout->zones[zone].is_backup;
}

static void look_at_app(struct stage *stage, size_t zone, size_t place) {
	const struct bn_layout *layout = stage->layout;
	const struct bn_arrange_zone_out *out = &stage->arrangement.zones[place];
	size_t app = out->content == BN_CONTENT_VIEW ? app_of_window(out->view) : BN_NONE;
	bool is_named = false;
	for (size_t i = 0; i < layout->rule_count; i++) {
		const struct bn_rule *rule = &layout->rules[i];
		for (size_t j = 0; j < rule->show_count && stage->situation->holds[i] == BN_YES;
				j++) {
			if (rule->shows[j].zone == zone && rule->shows[j].app != BN_NONE) {
				is_named = true;
				if (app != rule->shows[j].app) {
					blame(stage->oracle, "%s does not show %s",
							layout->zones[zone].name,
							layout->apps[rule->shows[j].app].name);
				}
			}
		}
	}
	if (is_named || (layout->zones[zone].grant_count == 0 && !layout->zones[zone].grant_all)) {
		return;
	}
	if (app == BN_NONE) {
		blame(stage->oracle, "%s is empty", layout->zones[zone].name);
	}
	if (stage->app_of[zone] != NOT_YET && stage->app_of[zone] != app) {
		blame(stage->oracle, "%s shows now this, now that", layout->zones[zone].name);
	}
	stage->app_of[zone] = app;
}

/** Looks at one arrangement: every safety zone that shows is whole. */
static void look(struct stage *stage, bool at_pixels) {
	const struct bn_layout *layout = stage->layout;
	grid pixels[8];
	for (size_t i = 0; i < layout->display_count && at_pixels; i++) {
		paint(stage, i, true, pixels[i]);
	}
	for (size_t zone = 0; zone < layout->zone_count; zone++) {
		if (!is_safety(layout, zone)) {
			continue;
		}
		size_t place = place_of(stage, zone);
		bool must = must_show(stage, zone);
		if (place == BN_NONE) {
			if (must && layout->zones[zone].accept_loss == NULL) {
				blame(stage->oracle, "%s has no home", layout->zones[zone].name);
			}
			continue;
		}
		const struct bn_arrange_zone_out *out = &stage->arrangement.zones[place];
		if (out->content == BN_CONTENT_NOTHING) {
			if (must) {
				blame(stage->oracle, "%s is hidden", layout->zones[zone].name);
			}
			continue;
		}
		if (at_pixels
				&& !is_whole(pixels[layout->zones[place].display], &out->box,
						(int)place)) {
			blame(stage->oracle, "%s is not whole", layout->zones[place].name);
		}
		if (must) {
			look_at_app(stage, zone, place);
		}
	}
}

/** All that clients and commands may do, one thing at a time. */
static void look_at_crowds(struct stage *stage, const struct bn_vehicle *vehicle) {
	const struct bn_layout *layout = stage->layout;
	struct crowd crowd;
	for (size_t i = 0; i < layout->zone_count; i++) {
		stage->app_of[i] = NOT_YET;
	}
	crowd_init(&crowd, layout);
	arrange(stage, vehicle, &crowd);
	look(stage, true);
	for (size_t app = 0; app < layout->app_count; app++) {
		crowd_init(&crowd, layout);
		crowd.views[app].activate_serial = 50;
		arrange(stage, vehicle, &crowd);
		look(stage, false);
		crowd_init(&crowd, layout);
		crowd.views[app].hidden = true;
		arrange(stage, vehicle, &crowd);
		look(stage, false);
		for (size_t zone = 0; zone < layout->zone_count; zone++) {
			if (!bn_layout_zone_grants(layout, zone, app)) {
				continue;
			}
			crowd_init(&crowd, layout);
			crowd.request = (struct bn_arrange_request){ zone, app, 60 };
			crowd.views[app].asked_zone = zone;
			crowd.views[app].show_serial = 60;
			arrange(stage, vehicle, &crowd);
			look(stage, false);
			// A second window, and the command is about that one.
			crowd.views[app].asked_zone = BN_NONE;
			crowd.views[app].show_serial = 0;
			crowd_double(&crowd, app);
			crowd.views[crowd.view_count - 1].asked_zone = zone;
			crowd.views[crowd.view_count - 1].show_serial = 60;
			arrange(stage, vehicle, &crowd);
			look(stage, false);
		}
	}
}

static void note_painted(struct stage *stage, const struct bn_vehicle *vehicle) {
	struct crowd crowd;
	crowd_init(&crowd, stage->layout);
	arrange(stage, vehicle, &crowd);
	for (size_t i = 0; i < stage->layout->zone_count; i++) {
		if (stage->arrangement.zones[i].content != BN_CONTENT_NOTHING) {
			stage->was_painted[i] = true;
		}
	}
}

static void for_each_loss(struct stage *stage, const struct situation *situations, int count,
		void (*run)(struct stage *, const struct bn_vehicle *)) {
	const struct bn_layout *layout = stage->layout;
	for (int n = 0; n < count; n++) {
		struct bn_vehicle *vehicle = in_situation(&stage->puppet, &situations[n]);
		stage->situation = &situations[n];
		// All missing at once is for the guard.
		for (stage->missing = 0; stage->missing + 1 < 1u << layout->display_count;
				stage->missing++) {
			for (size_t i = 0; i < layout->display_count; i++) {
				stage->displays[i].present = (stage->missing >> i & 1) == 0;
			}
			run(stage, vehicle);
		}
		bn_vehicle_destroy(vehicle);
	}
}

// --- what no state changes ---------------------------------------------------------------------

/** Panel pixel under a logical one, by turning the picture as a person would: mirrored, then turned. */
static bool is_glass(const struct bn_display *display, const unsigned char *mask, int x, int y) {
	bool turned = display->transform % 2 == 1;
	int width = turned ? display->height : display->width; // logical, scale 1
	int height = turned ? display->width : display->height;
	for (size_t i = 0; i < display->cut_out_count; i++) {
		const struct bn_length *rect = display->cut_outs[i].rect; // px, in these layouts
		if (x >= rect[0].value && x < rect[0].value + rect[2].value && y >= rect[1].value
				&& y < rect[1].value + rect[3].value) {
			return false;
		}
	}
	if (mask == NULL) {
		return true;
	}
	if (display->transform >= 4) {
		x = width - 1 - x;
	}
	// A quarter turn at a time: counter-clockwise, the right edge becomes the top one.
	for (int i = 0; i < display->transform % 4; i++) {
		int old_x = x;
		x = y;
		y = width - 1 - old_x;
		int swap = width;
		width = height;
		height = swap;
	}
	return mask[y * display->width + x] != 0;
}

static void look_at_place(struct stage *stage, size_t role, size_t zone) {
	const struct bn_layout *layout = stage->layout;
	const struct bn_zone *spec = &layout->zones[zone];
	const struct bn_display *display = &layout->displays[spec->display];
	bool turned = display->transform % 2 == 1;
	int width = turned ? display->height : display->width;
	int height = turned ? display->width : display->height;
	struct bn_rect box = bn_layout_zone_box(layout, zone, width, height);
	for (int y = box.y; y < box.y + box.height; y++) {
		for (int x = box.x; x < box.x + box.width; x++) {
			if (x < 0 || y < 0 || x >= width || y >= height
					|| !is_glass(display, stage->masks[spec->display], x, y)) {
				blame(stage->oracle, "%s: no glass at %d,%d", spec->name, x, y);
			}
		}
	}
	double mm_x = (double)display->width_mm / display->width;
	double mm_y = (double)display->height_mm / display->height;
	double mm = mm_x < mm_y ? mm_x : mm_y;
	int side = box.width < box.height ? box.width : box.height;
	if (side * mm < spec->min_symbol_mm) {
		blame(stage->oracle, "%s is too small", spec->name);
	}
	for (size_t i = 0; i < layout->theme_count; i++) {
		if (spec->dimmed && layout->themes[i].dim > 0) {
			blame(stage->oracle, "%s is darkened", spec->name);
		}
	}
	if (spec->opacity < 1) {
		blame(stage->oracle, "%s is not opaque", spec->name);
	}
	if (layout->zones[role].grant_all) {
		blame(stage->oracle, "%s is open to all", spec->name);
	}
	struct bn_transition transition;
	bn_transition_start(&transition, &spec->transition, 1);
	if (layout->zones[role].visible && bn_transition_is_running(&transition, 1)) {
		blame(stage->oracle, "%s comes late", spec->name);
	}
	for (size_t i = 0; i < layout->rule_count; i++) {
		for (size_t j = 0; j < layout->rules[i].show_count; j++) {
			if (layout->rules[i].shows[j].zone == role
					&& bn_transition_is_running(&transition,
							1 + layout->rules[i].within_ns)) {
				blame(stage->oracle, "%s comes late", spec->name);
			}
		}
	}
}

static void look_at_places(struct stage *stage) {
	for (size_t i = 0; i < stage->layout->zone_count; i++) {
		const struct bn_zone *spec = &stage->layout->zones[i];
		if (!is_safety(stage->layout, i)) {
			continue;
		}
		look_at_place(stage, i, i);
		for (size_t j = 0; j < spec->backup_count; j++) {
			look_at_place(stage, i, spec->backups[j]);
		}
	}
}

void bn_oracle_run(struct bn_oracle *oracle, const struct bn_layout *layout,
		const unsigned char *const *masks) {
	*oracle = (struct bn_oracle){ 0 };
	if (layout->condition_count > MAX_LEAVES || layout->rule_count > MAX_RULES
			|| layout->signal_count > MAX_SIGNALS || layout->app_count > MAX_VIEWS
			|| layout->zone_count > MAX_ZONES || layout->display_count > 8) {
		fprintf(stderr, "the oracle is too small for this layout\n");
		abort();
	}
	struct walk walk = {
		.states = calloc(MAX_STATES, sizeof(walk.states[0])),
		.heads = calloc(HEADS, sizeof(walk.heads[0])),
		.next = calloc(MAX_STATES, sizeof(walk.next[0])),
	};
	struct situation *situations = calloc(MAX_SITUATIONS, sizeof(situations[0]));
	memset(walk.heads, -1, HEADS * sizeof(walk.heads[0]));
	follow_vehicle(oracle, layout);
	walk_states(layout, &walk);
	int count = find_situations(layout, &walk, situations);
	oracle->states = walk.count;
	oracle->situations = count;
	struct stage stage = { .oracle = oracle, .layout = layout, .masks = masks };
	puppet_init(&stage.puppet, layout);
	bn_arrange_init(&stage.arrangement);
	look_at_places(&stage);
	for_each_loss(&stage, situations, count, note_painted);
	for_each_loss(&stage, situations, count, look_at_crowds);
	bn_arrange_finish(&stage.arrangement);
	free(situations);
	free(walk.states);
	free(walk.heads);
	free(walk.next);
}
