#include <stdio.h>
#include <string.h>

#include "core/proof_internal.h"

/** A list in words that is being written. */
struct words {
	char *text;
	size_t used;
	const char *joint;
};

static void say(struct words *words, const char *text) {
	size_t room = BN_PROOF_TEXT - words->used;
	const char *joint = words->used > 0 ? words->joint : "";
	int length = snprintf(words->text + words->used, room, "%s%s", joint, text);
	if (length < 0 || (size_t)length >= room) {
		memcpy(words->text + BN_PROOF_TEXT - 4, "...", 4);
		words->used = BN_PROOF_TEXT - 1;
	} else {
		words->used += (size_t)length;
	}
}

void bn_proof_displays(const struct bn_layout *layout, uint64_t displays, const char *joint,
		char text[BN_PROOF_TEXT]) {
	struct words words = { .text = text, .joint = joint };
	text[0] = '\0';
	for (size_t i = 0; i < layout->display_count && i < 64; i++) {
		if ((displays >> i & 1) != 0) {
			say(&words, layout->displays[i].name);
		}
	}
}

void bn_proof_place_of(const struct bn_mark *mark, char text[BN_PROOF_TEXT]) {
	const char *file = mark->file != NULL ? mark->file : "layout";
	const char *slash = strrchr(file, '/');
	snprintf(text, BN_PROOF_TEXT, "%.700s:%d", slash != NULL ? slash + 1 : file, mark->line);
}

static bool looks_at(const struct bn_layout *layout, size_t index, size_t signal) {
	if (index == BN_NONE) {
		return false;
	}
	const struct bn_condition *condition = &layout->conditions[index];
	switch (condition->kind) {
	case BN_CONDITION_EQUAL:
	case BN_CONDITION_OVER:
	case BN_CONDITION_UNDER:
		return condition->signal == signal;
	case BN_CONDITION_STATE:
		return looks_at(layout, layout->states[condition->state].condition, signal);
	case BN_CONDITION_ALL:
	case BN_CONDITION_ANY:
	case BN_CONDITION_NOT:
		break;
	}
	for (size_t i = 0; i < condition->child_count; i++) {
		if (looks_at(layout, condition->first_child + i, signal)) {
			return true;
		}
	}
	return false;
}

/** "Vehicle.Speed = 4 (after 6)" */
static void say_signal(struct words *words, const struct bn_layout *layout,
		const struct bn_space_signal *signal, size_t local) {
	const char *name = layout->signals[signal->signal].name;
	char value[BN_STRING_VALUE_MAX + 32], before[BN_STRING_VALUE_MAX + 32];
	char text[BN_SIGNAL_NAME_MAX + 2 * BN_STRING_VALUE_MAX + 128];
	size_t from = signal->from[local];
	bn_value_format(&signal->values[local], value, sizeof(value));
	// What was before it counts for what a comparison remembers; the start needs no words.
	if (from != BN_NONE && signal->from[from] != BN_NONE) {
		bn_value_format(&signal->values[from], before, sizeof(before));
		snprintf(text, sizeof(text), "%s = %s after %s", name, value, before);
	} else {
		snprintf(text, sizeof(text), "%s = %s", name, value);
	}
	say(words, text);
}

static bool is_said(const char *label, const char *const *said, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (strcmp(said[i], label) == 0) {
			return true;
		}
	}
	return false;
}

/** The conditions of the rules in force: what a person calls the state. */
static void say_rules(struct words *words, const struct bn_layout *layout,
		const struct bn_space_question *question, const struct bn_space_outcome *outcome) {
	const char *said[BN_SPACE_RULES];
	size_t count = 0;
	for (size_t i = 0; i < question->rule_count; i++) {
		const struct bn_rule *rule = &layout->rules[question->rules[i]];
		uint64_t bit = UINT64_C(1) << i;
		bool is_in_force = ((outcome->holds | outcome->lingers) & bit) != 0;
		if (!is_in_force || rule->when == BN_NONE || is_said(rule->label, said, count)) {
			continue;
		}
		char text[BN_PROOF_TEXT];
		snprintf(text, sizeof(text), "%s%.700s",
				outcome->lingers & bit ? "just after " : "", rule->label);
		say(words, text);
		said[count++] = rule->label;
	}
}

/** Signals that no rule in force speaks of, but that are not as at the start. */
static void say_other_signals(struct words *words, const struct bn_layout *layout,
		const struct bn_space_question *question, const struct bn_space_outcome *outcome) {
	for (size_t i = 0; i < question->signal_count; i++) {
		const struct bn_space_signal *signal = &question->signals[i];
		size_t local = bn_space_local(question, outcome->combination, i);
		bool is_named = local == 0;
		for (size_t j = 0; j < question->rule_count; j++) {
			uint64_t bit = UINT64_C(1) << j;
			is_named = is_named
					|| (((outcome->holds | outcome->lingers) & bit) != 0
							&& looks_at(layout,
									layout->rules[question->rules[j]]
											.when,
									signal->signal));
		}
		if (!is_named) {
			say_signal(words, layout, signal, local);
		}
	}
}

static void say_signals(struct words *words, const struct bn_layout *layout,
		const struct bn_space_question *question, const struct bn_space_outcome *outcome) {
	for (size_t i = 0; i < question->signal_count; i++) {
		size_t local = bn_space_local(question, outcome->combination, i);
		if (local != 0) {
			say_signal(words, layout, &question->signals[i], local);
		}
	}
}

static void say_state(struct words *words, const struct bn_layout *layout,
		const struct bn_space_question *question, const struct bn_space_outcome *outcome) {
	size_t before = words->used;
	say_rules(words, layout, question, outcome);
	say_other_signals(words, layout, question, outcome);
	if (words->used == before && question->signal_count > 0) {
		say(words, "at the start");
	}
}

void bn_proof_describe(const struct bn_prover *prover, const struct bn_proof_case *counter,
		char when[BN_PROOF_TEXT], char signals[BN_PROOF_TEXT]) {
	const struct bn_layout *layout = prover->layout;
	struct words words = { .text = when, .joint = " + " };
	struct words facts = { .text = signals, .joint = ", " };
	when[0] = '\0';
	signals[0] = '\0';
	say_state(&words, layout, counter->question, counter->outcome);
	say_signals(&facts, layout, counter->question, counter->outcome);
	if (counter->before != NULL) {
		char text[BN_PROOF_TEXT] = "", line[BN_PROOF_TEXT];
		struct words past = { .text = text, .joint = " + " };
		say_state(&past, layout, counter->question_before, counter->before);
		snprintf(line, sizeof(line), "just after %.700s", text);
		say(&words, line);
	}
	if (counter->missing != 0) {
		char names[BN_PROOF_TEXT], line[BN_PROOF_TEXT];
		bn_proof_displays(layout, counter->missing, " and ", names);
		snprintf(line, sizeof(line), "%.700s missing", names);
		say(&words, line);
	}
	if (words.used == 0) {
		say(&words, "in every state");
	}
	if (facts.used > 0) {
		char list[BN_PROOF_TEXT];
		memcpy(list, signals, sizeof(list));
		snprintf(signals, BN_PROOF_TEXT, " (%.760s)", list);
	}
}
