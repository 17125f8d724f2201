#include "safety/deadlines.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/util/log.h>

#include "cockpit.h"
#include "core/nsec.h"
#include "output.h"
#include "safety/check.h"
#include "scene/scene.h"

/** A frame that shows it is on its way at the deadline: so long its flip may tell when. */
#define FLIP_GRACE_NS (50 * BN_NSEC_PER_MSEC)

// What a rule asks for

enum answer { NO, BY_FALLBACK, YES };

static bool in_force(const struct bn_deadlines *deadlines, size_t rule) {
	return bn_vehicle_rule(deadlines->cockpit->vehicle, rule) == BN_YES;
}

static bool rule_hides(const struct bn_rule *rule, size_t zone) {
	for (size_t i = 0; i < rule->hide_count; i++) {
		if (rule->hides[i] == zone) {
			return true;
		}
	}
	return false;
}

/** What a rule says of a zone: its show, or NULL. */
static const struct bn_rule_show *rule_show(const struct bn_rule *rule, size_t zone) {
	for (size_t i = 0; i < rule->show_count; i++) {
		if (rule->shows[i].zone == zone) {
			return &rule->shows[i];
		}
	}
	return NULL;
}

/** Whether a later rule in force wants something else of a zone: then this one need not be seen there. */
static bool is_overruled(const struct bn_deadlines *deadlines, size_t rule, size_t zone, bool shows,
		size_t app) {
	const struct bn_layout *layout = deadlines->layout;
	bool overruled = false;
	for (size_t i = rule + 1; i < layout->rule_count; i++) {
		const struct bn_rule *other = &layout->rules[i];
		const struct bn_rule_show *show = rule_show(other, zone);
		if (!in_force(deadlines, i)) {
			continue;
		}
		if (show != NULL) {
			overruled = !shows || (show->app != BN_NONE && show->app != app);
		} else if (rule_hides(other, zone)) {
			overruled = shows;
		}
	}
	return overruled;
}

static enum answer show_answer(const struct bn_shown *shown, size_t app) {
	switch (shown->kind) {
	case BN_SHOWN_APP:
		return app == BN_NONE || shown->app == app ? YES : NO;
	case BN_SHOWN_FILLER:
		return app == BN_NONE ? YES : BY_FALLBACK;
	case BN_SHOWN_FALLBACK:
		return BY_FALLBACK;
	case BN_SHOWN_NOTHING:
	case BN_SHOWN_MOVING:
		break;
	}
	return NO;
}

static enum answer least(enum answer a, enum answer b) {
	return a < b ? a : b;
}

static const struct bn_shown *shown_in(const struct bn_deadlines *deadlines, size_t zone,
		bool on_glass) {
	return on_glass ? &deadlines->zones[zone].glass : &deadlines->zones[zone].drawn;
}

/** Whether all that a rule shows and hides is so; *ret_asked: something is left that is not overruled. */
static enum answer begin_answer(const struct bn_deadlines *deadlines, size_t index, bool on_glass,
		bool *ret_asked) {
	const struct bn_rule *rule = &deadlines->layout->rules[index];
	enum answer all = YES;
	*ret_asked = false;
	for (size_t i = 0; i < rule->show_count; i++) {
		const struct bn_rule_show *show = &rule->shows[i];
		if (!is_overruled(deadlines, index, show->zone, true, show->app)) {
			*ret_asked = true;
			all = least(all,
					show_answer(shown_in(deadlines, show->zone, on_glass),
							show->app));
		}
	}
	for (size_t i = 0; i < rule->hide_count; i++) {
		size_t zone = rule->hides[i];
		// A rule that names a zone in both shows it.
		if (rule_show(rule, zone) == NULL
				&& !is_overruled(deadlines, index, zone, false, BN_NONE)) {
			*ret_asked = true;
			bool gone = shown_in(deadlines, zone, on_glass)->kind == BN_SHOWN_NOTHING;
			all = least(all, gone ? YES : NO);
		}
	}
	return all;
}

/** Whether each zone that the rule was about shows what was decided since. */
static enum answer end_answer(const struct bn_deadlines *deadlines, size_t index, bool on_glass) {
	const struct bn_rule *rule = &deadlines->layout->rules[index];
	bool all = true;
	for (size_t i = 0; i < rule->show_count + rule->hide_count; i++) {
		size_t zone = i < rule->show_count ? rule->shows[i].zone
						   : rule->hides[i - rule->show_count];
		struct bn_shown wanted = bn_shown_decided(deadlines->cockpit, zone);
		all = all && bn_shown_equal(shown_in(deadlines, zone, on_glass), &wanted);
	}
	return all ? YES : NO;
}

static enum answer answer_of(const struct bn_deadlines *deadlines,
		const struct bn_deadlines_entry *entry, bool on_glass, bool *ret_asked) {
	if (entry->is_end) {
		*ret_asked = true;
		return end_answer(deadlines, entry->rule, on_glass);
	}
	return begin_answer(deadlines, entry->rule, on_glass, ret_asked);
}

// Misses

const char *bn_deadlines_name(const struct bn_deadlines *deadlines,
		const struct bn_deadlines_entry *entry) {
	const struct bn_rule *rule = &deadlines->layout->rules[entry->rule];
	return rule->name != NULL ? rule->name : rule->label;
}

static bool concerns_safety(const struct bn_deadlines *deadlines, size_t index) {
	const struct bn_layout *layout = deadlines->layout;
	const struct bn_rule *rule = &layout->rules[index];
	for (size_t i = 0; i < rule->show_count; i++) {
		const struct bn_zone *zone = &layout->zones[rule->shows[i].zone];
		if (zone->layer >= BN_LAYER_SAFETY || layout->displays[zone->display].safety) {
			return true;
		}
	}
	return false;
}

static void tell(struct bn_deadlines *deadlines, struct bn_deadlines_miss *miss, const char *kind) {
	deadlines->misses++;
	wlr_log(WLR_ERROR, "deadline of %s %s", kind, miss->text);
	wl_signal_emit_mutable(&deadlines->events.missed, miss);
}

static void miss(struct bn_deadlines *deadlines, const struct bn_deadlines_entry *entry) {
	struct bn_deadlines_miss miss = {
		.name = bn_deadlines_name(deadlines, entry),
		.safety = concerns_safety(deadlines, entry->rule),
	};
	snprintf(miss.text, sizeof(miss.text), "%.48s: %s %lld ms after %s", miss.name,
			entry->is_end ? "not gone" : "not on glass",
			(long long)(entry->ledger.limit_ns / BN_NSEC_PER_MSEC),
			entry->is_end ? "its end" : "its signal");
	tell(deadlines, &miss, "rule");
}

void bn_deadlines_miss_check(struct bn_deadlines *deadlines, const char *name,
		enum bn_reaction_edge edge) {
	static const struct {
		const char *what, *since;
	} texts[BN_REACTION_EDGE_COUNT] = {
		[BN_REACTION_ON] = { "neither it nor a cover on glass", "its signal" },
		[BN_REACTION_OFF] = { "neither gone nor covered", "its signal" },
		[BN_REACTION_FAULT] = { "not covered", "it was seen to be wrong" },
	};
	struct bn_deadlines_miss miss = { .name = name, .safety = true };
	snprintf(miss.text, sizeof(miss.text), "%.38s: %s %lld ms after %s", name, texts[edge].what,
			(long long)(BN_REACTION_LIMIT_NS / BN_NSEC_PER_MSEC), texts[edge].since);
	tell(deadlines, &miss, "check");
}

static void arm(struct bn_deadlines *deadlines, int64_t not_before_ns) {
	int64_t next_ns = BN_NSEC_NEVER;
	for (size_t i = 0; i < deadlines->entry_count; i++) {
		int64_t due_ns = bn_ledger_due_ns(&deadlines->entries[i].ledger);
		next_ns = due_ns < next_ns ? due_ns : next_ns;
	}
	if (next_ns == BN_NSEC_NEVER) {
		bn_timer_disarm(&deadlines->timer);
	} else {
		bn_timer_arm(&deadlines->timer, next_ns > not_before_ns ? next_ns : not_before_ns);
	}
}

static void handle_timer(struct bn_timer *timer, int64_t now_ns) {
	struct bn_deadlines *deadlines = wl_container_of(timer, deadlines, timer);
	int64_t again_ns = now_ns;
	for (size_t i = 0; i < deadlines->entry_count; i++) {
		struct bn_deadlines_entry *entry = &deadlines->entries[i];
		bool asked;
		if (bn_ledger_due_ns(&entry->ledger) > now_ns) {
			continue;
		}
		bool on_its_way = answer_of(deadlines, entry, false, &asked) == YES;
		if (on_its_way && !entry->waits) {
			entry->waits = true;
			again_ns = now_ns + FLIP_GRACE_NS;
		} else if (bn_ledger_expire(&entry->ledger, now_ns)) {
			miss(deadlines, entry);
		}
	}
	arm(deadlines, again_ns);
}

// Settling

static void settle(struct bn_deadlines *deadlines, struct bn_deadlines_entry *entry,
		int64_t at_ns) {
	bool asked;
	if (!entry->ledger.open) {
		return;
	}
	enum answer answer = answer_of(deadlines, entry, true, &asked);
	if (!asked) {
		bn_ledger_cancel(&entry->ledger);
	} else if (answer == YES) {
		if (bn_ledger_done(&entry->ledger, at_ns)) {
			miss(deadlines, entry);
		}
	} else if (answer == BY_FALLBACK) {
		bn_ledger_cover(&entry->ledger, at_ns);
	}
}

static void settle_all(struct bn_deadlines *deadlines, int64_t at_ns) {
	for (size_t i = 0; i < deadlines->entry_count; i++) {
		settle(deadlines, &deadlines->entries[i], at_ns);
	}
	arm(deadlines, 0);
}

static bool is_any_open(const struct bn_deadlines *deadlines) {
	for (size_t i = 0; i < deadlines->entry_count; i++) {
		if (deadlines->entries[i].ledger.open) {
			return true;
		}
	}
	return false;
}

static void begin(struct bn_deadlines_entry *entry, int64_t start_ns) {
	entry->waits = false;
	bn_ledger_begin(&entry->ledger, start_ns);
}

/** A rule came into force or went out of it: its one event begins, the other need not come any more. */
static void follow_rules(struct bn_deadlines *deadlines) {
	const struct bn_vehicle *vehicle = deadlines->cockpit->vehicle;
	for (size_t i = 0; i < deadlines->entry_count; i++) {
		struct bn_deadlines_entry *entry = &deadlines->entries[i];
		bool now = in_force(deadlines, entry->rule);
		if (now == deadlines->in_force[entry->rule]) {
			continue;
		}
		if (now == entry->is_end) {
			bn_ledger_cancel(&entry->ledger);
		} else if (now) {
			begin(entry, bn_vehicle_rule_since_ns(vehicle, entry->rule));
		} else {
			begin(entry, bn_vehicle_rule_until_ns(vehicle, entry->rule));
		}
	}
	for (size_t i = 0; i < deadlines->layout->rule_count; i++) {
		deadlines->in_force[i] = in_force(deadlines, i);
	}
}

// Layouts

static void mark_zones(struct bn_deadlines_zone *zones, const struct bn_rule *rule) {
	for (size_t i = 0; i < rule->show_count; i++) {
		zones[rule->shows[i].zone].asked = true;
	}
	for (size_t i = 0; i < rule->hide_count; i++) {
		zones[rule->hides[i]].asked = true;
	}
}

static bool is_measured(const struct bn_rule *rule) {
	return rule->within_ns > 0 && rule->show_count + rule->hide_count > 0;
}

static bool same_text(const char *a, const char *b) {
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/** What was booked so far of the same rule of the layout before. */
static struct bn_ledger books_of(const struct bn_deadlines *deadlines,
		const struct bn_layout *layout, size_t rule, bool is_end) {
	const struct bn_rule *now = &layout->rules[rule];
	for (size_t i = 0; i < deadlines->entry_count; i++) {
		const struct bn_deadlines_entry *entry = &deadlines->entries[i];
		const struct bn_rule *before = &deadlines->layout->rules[entry->rule];
		if (entry->is_end == is_end && same_text(before->name, now->name)
				&& same_text(before->label, now->label)) {
			struct bn_ledger ledger = entry->ledger;
			bn_ledger_cancel(&ledger);
			ledger.limit_ns = now->within_ns;
			return ledger;
		}
	}
	return (struct bn_ledger){ .limit_ns = now->within_ns };
}

static void drop_layout(struct bn_deadlines *deadlines) {
	free(deadlines->zones);
	free(deadlines->entries);
	free(deadlines->in_force);
	deadlines->zones = NULL;
	deadlines->entries = NULL;
	deadlines->in_force = NULL;
	deadlines->entry_count = 0;
	deadlines->layout = NULL;
}

/** False when out of memory: nothing is measured then. */
static bool take_layout(struct bn_deadlines *deadlines, const struct bn_layout *layout) {
	struct bn_deadlines_zone *zones = calloc(layout->zone_count + 1, sizeof(zones[0]));
	struct bn_deadlines_entry *entries = calloc(layout->rule_count * 2 + 1, sizeof(entries[0]));
	bool *forces = calloc(layout->rule_count + 1, sizeof(forces[0]));
	size_t count = 0;
	bool done = zones != NULL && entries != NULL && forces != NULL;
	for (size_t i = 0; done && i < layout->rule_count; i++) {
		if (is_measured(&layout->rules[i])) {
			mark_zones(zones, &layout->rules[i]);
		}
		for (int end = 0; is_measured(&layout->rules[i]) && end < 2; end++) {
			entries[count++] = (struct bn_deadlines_entry){ .rule = i,
				.is_end = end == 1,
				.ledger = books_of(deadlines, layout, i, end == 1) };
		}
	}
	drop_layout(deadlines);
	if (!done) {
		wlr_log(WLR_ERROR, "deadlines: out of memory, nothing is measured");
		free(zones);
		free(entries);
		free(forces);
		return false;
	}
	deadlines->layout = layout;
	deadlines->zones = zones;
	deadlines->entries = entries;
	deadlines->entry_count = count;
	deadlines->in_force = forces;
	// What is in force already began before this layout was.
	for (size_t i = 0; i < layout->rule_count; i++) {
		forces[i] = in_force(deadlines, i);
	}
	return true;
}

// A new layout is arranged before the old one goes; without memory the next arrangement tries again.
static void follow(struct bn_deadlines *deadlines) {
	const struct bn_layout *layout = deadlines->cockpit->layout;
	if (deadlines->layout != layout && !take_layout(deadlines, layout)) {
		return;
	}
	follow_rules(deadlines);
	// What is on glass already was never waited for.
	settle_all(deadlines, bn_loop_now(deadlines->cockpit->loop));
}

static void handle_arranged(struct wl_listener *listener, void *data) {
	struct bn_deadlines *deadlines = wl_container_of(listener, deadlines, arranged);
	follow(deadlines);
}

static void handle_layout(struct wl_listener *listener, void *data) {
	struct bn_deadlines *deadlines = wl_container_of(listener, deadlines, layout_changed);
	follow(deadlines);
}

// Frames

/** Copies what was composed of an output's zones to glass. */
static void present(struct bn_deadlines *deadlines, const struct bn_output *output) {
	const struct bn_scene *scene = deadlines->cockpit->scene;
	for (size_t i = 0; i < deadlines->layout->zone_count; i++) {
		if (scene->zones[i].display == output->display) {
			deadlines->zones[i].glass = deadlines->zones[i].drawn;
		}
	}
}

static bool is_measured_on(const struct bn_deadlines *deadlines, const struct bn_output *output) {
	return deadlines->layout == deadlines->cockpit->layout && deadlines->entry_count > 0
			&& output->display < deadlines->layout->display_count;
}

static void handle_frame(struct wl_listener *listener, void *data) {
	struct bn_deadlines *deadlines = wl_container_of(listener, deadlines, frame);
	const struct bn_output *output = data;
	const struct bn_scene *scene = deadlines->cockpit->scene;
	if (!is_measured_on(deadlines, output) || output->record.failed) {
		return;
	}
	for (size_t i = 0; i < deadlines->layout->zone_count; i++) {
		if (deadlines->zones[i].asked && scene->zones[i].display == output->display) {
			deadlines->zones[i].drawn =
					bn_shown_composed(deadlines->cockpit, output, i);
		}
	}
	if (!output->record.drawn) {
		// Nothing to draw: the glass shows it already.
		present(deadlines, output);
		settle_all(deadlines, output->record.wake_ns);
	}
}

/** When a frame is taken to be seen. Without a display that is one refresh after its commit. */
static int64_t glass_ns(const struct bn_output *output) {
	const struct bn_frame_record *record = &output->record;
	return output->pace == BN_PACE_OWN ? record->commit_ns + output->deadline.period_ns
					   : record->present_ns;
}

static void handle_presented(struct wl_listener *listener, void *data) {
	struct bn_deadlines *deadlines = wl_container_of(listener, deadlines, presented);
	const struct bn_output *output = data;
	if (!is_measured_on(deadlines, output)) {
		return;
	}
	present(deadlines, output);
	if (is_any_open(deadlines)) {
		settle_all(deadlines, glass_ns(output));
	}
}

static void handle_gone(struct wl_listener *listener, void *data) {
	struct bn_deadlines *deadlines = wl_container_of(listener, deadlines, gone);
	const struct bn_output *output = data;
	const struct bn_scene *scene = deadlines->cockpit->scene;
	for (size_t i = 0; is_measured_on(deadlines, output) && i < deadlines->layout->zone_count;
			i++) {
		if (scene->zones[i].display == output->display) {
			deadlines->zones[i].drawn = deadlines->zones[i].glass =
					(struct bn_shown){ .app = BN_NONE };
		}
	}
}

bool bn_deadlines_init(struct bn_deadlines *deadlines, struct bn_cockpit *cockpit,
		struct bn_outputs *outputs) {
	*deadlines = (struct bn_deadlines){ .cockpit = cockpit, .outputs = outputs };
	if (!take_layout(deadlines, cockpit->layout)) {
		return false;
	}
	// After the frames that are due with it: one of them may show what is waited for.
	bn_timer_init(&deadlines->timer, cockpit->loop, BN_RANK_CALLBACKS + 1, handle_timer);
	wl_signal_init(&deadlines->events.missed);
	bn_listen(&cockpit->events.arranged, &deadlines->arranged, handle_arranged);
	bn_listen(&cockpit->events.layout, &deadlines->layout_changed, handle_layout);
	bn_listen(&outputs->events.frame, &deadlines->frame, handle_frame);
	bn_listen(&outputs->events.presented, &deadlines->presented, handle_presented);
	bn_listen(&outputs->events.gone, &deadlines->gone, handle_gone);
	return true;
}

void bn_deadlines_finish(struct bn_deadlines *deadlines) {
	bn_unlisten(&deadlines->arranged);
	bn_unlisten(&deadlines->layout_changed);
	bn_unlisten(&deadlines->frame);
	bn_unlisten(&deadlines->presented);
	bn_unlisten(&deadlines->gone);
	bn_timer_disarm(&deadlines->timer);
	drop_layout(deadlines);
}

// Telling

static const char *measure_of(const struct bn_deadlines *deadlines, size_t zone) {
	static const char *const paces[] = {
		[BN_PACE_OWN] = "refresh",
		[BN_PACE_PARENT] = "parent",
		[BN_PACE_FLIP] = "flip",
	};
	const struct bn_output *output = bn_outputs_find(deadlines->outputs,
			deadlines->cockpit->scene->zones[zone].display);
	return output != NULL ? paces[output->pace] : "none";
}

static struct bn_deadlines_row rule_row(const struct bn_deadlines *deadlines,
		const struct bn_deadlines_entry *entry) {
	const struct bn_rule *rule = &deadlines->layout->rules[entry->rule];
	size_t zone = rule->show_count > 0 ? rule->shows[0].zone : rule->hides[0];
	return (struct bn_deadlines_row){ "rule", bn_deadlines_name(deadlines, entry),
		entry->is_end ? "end" : "begin", rule->label, &rule->mark,
		measure_of(deadlines, zone), &entry->ledger };
}

static struct bn_deadlines_row check_row(const struct bn_deadlines *deadlines, size_t index) {
	const struct bn_check_item *item =
			&deadlines->checks->items[index / BN_REACTION_EDGE_COUNT];
	enum bn_reaction_edge edge = (enum bn_reaction_edge)(index % BN_REACTION_EDGE_COUNT);
	return (struct bn_deadlines_row){ "check", item->spec->name, bn_reaction_edge_name(edge),
		NULL, &item->spec->mark, measure_of(deadlines, bn_check_zone(item)),
		&item->books.ledgers[edge] };
}

size_t bn_deadlines_row_count(const struct bn_deadlines *deadlines) {
	size_t checks = deadlines->checks != NULL ? deadlines->checks->count : 0;
	return deadlines->entry_count + checks * BN_REACTION_EDGE_COUNT;
}

struct bn_deadlines_row bn_deadlines_row(const struct bn_deadlines *deadlines, size_t index) {
	return index < deadlines->entry_count
			? rule_row(deadlines, &deadlines->entries[index])
			: check_row(deadlines, index - deadlines->entry_count);
}

static double ms(int64_t ns) {
	return (double)ns / 1e6;
}

void bn_deadlines_print(const struct bn_deadlines *deadlines, FILE *file) {
	fprintf(file, "%-24s %-6s %9s %6s %9s %9s %9s %7s %9s  %s\n", "EVENT", "EDGE", "WITHIN ms",
			"COUNT", "p50 ms", "p99 ms", "MAX ms", "MISSES", "FALLBACKS",
			"MEASURED BY");
	for (size_t i = 0; i < bn_deadlines_row_count(deadlines); i++) {
		const struct bn_deadlines_row row = bn_deadlines_row(deadlines, i);
		const struct bn_ledger *ledger = row.ledger;
		fprintf(file, "%-24.24s %-6s %9.0f %6llu %9.1f %9.1f %9.1f %7llu %9llu  %s\n",
				row.name, row.edge, ms(ledger->limit_ns),
				(unsigned long long)ledger->taken.count,
				ms(bn_histogram_permille(&ledger->taken, 500)),
				ms(bn_histogram_permille(&ledger->taken, 990)),
				ms(ledger->taken.max_ns), (unsigned long long)ledger->misses,
				(unsigned long long)ledger->fallbacks, row.measure);
	}
}
