#include "core/play.h"

#include <math.h>
#include <string.h>

#include "core/arena.h"
#include "core/layout_load_internal.h"

/** The script while it is read; steps of a ramp still know only where they lead. */
struct player {
	struct bn_loader loader;
	struct bn_play_step *steps;
	size_t count, capacity;
	int64_t end_ns;
};

/** One entry of the list. Readers add steps at `at_ns`, so that is read before all else. */
struct entry {
	struct player *player;
	int64_t at_ns;
};

static bool has_room(struct player *player, const struct bn_mark *mark) {
	if (player->count < player->capacity && player->count < BN_PLAY_MAX_STEPS) {
		return true;
	}
	if (player->count >= BN_PLAY_MAX_STEPS) {
		bn_load_fault_at(&player->loader, mark, "the script has more than %d steps",
				BN_PLAY_MAX_STEPS);
		return false;
	}
	size_t capacity = player->capacity == 0 ? 64 : player->capacity * 2;
	struct bn_play_step *steps = bn_load_array(&player->loader, capacity, sizeof(steps[0]));
	if (steps == NULL) {
		return false;
	}
	if (player->count > 0) {
		memcpy(steps, player->steps, player->count * sizeof(steps[0]));
	}
	player->steps = steps;
	player->capacity = capacity;
	return true;
}

/** False when the script is too long, or memory short. */
static bool add_step(struct player *player, const struct bn_play_step *step) {
	if (!has_room(player, &step->mark)) {
		return false;
	}
	player->steps[player->count++] = *step;
	player->end_ns = step->at_ns > player->end_ns ? step->at_ns : player->end_ns;
	return true;
}

static void read_at(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	// Read by read_entry already.
}

static void read_set(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	const struct entry *entry = field;
	if (node->kind != BN_DOC_MAP) {
		bn_load_expected(loader, node, "a map such as {Vehicle.Speed: 20}");
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		const struct bn_doc_pair *pair = &node->pairs[i];
		struct bn_play_step step = { .at_ns = entry->at_ns,
			.kind = BN_PLAY_SET,
			.name = pair->key,
			.mark = pair->key_mark };
		if (pair->value->kind != BN_DOC_NULL) {
			bn_read_value(loader, pair->value, &step.value, NULL);
		}
		add_step(entry->player, &step);
	}
}

struct ramp {
	double from, to; // NAN: not given
	int64_t over_ns;
};

static const struct bn_range any_number = { -1e12, 1e12, "" };

static const struct bn_key ramp_rows[] = {
	{ "from", "number", bn_read_number, offsetof(struct ramp, from), &any_number },
	{ "to", "number", bn_read_number, offsetof(struct ramp, to), &any_number },
	{ "over", "duration", bn_read_duration, offsetof(struct ramp, over_ns), NULL },
};
static const struct bn_key_table ramp_keys = { "ramp", ramp_rows, BN_COUNT_OF(ramp_rows) };

/** What the script, as far as it is read, leaves in a signal at a time; 0 when it says nothing. */
static double value_before(const struct player *player, const char *signal, int64_t at_ns) {
	double value = 0;
	int64_t best_ns = -1;
	for (size_t i = 0; i < player->count; i++) {
		const struct bn_play_step *step = &player->steps[i];
		if (step->kind == BN_PLAY_SET && step->at_ns <= at_ns && step->at_ns >= best_ns
				&& strcmp(step->name, signal) == 0) {
			value = step->value.kind == BN_VALUE_NUMBER ? step->value.number : 0;
			best_ns = step->at_ns;
		}
	}
	return value;
}

static void add_ramp(struct player *player, const struct bn_doc_pair *pair, int64_t at_ns,
		const struct ramp *ramp) {
	double from = isnan(ramp->from) ? value_before(player, pair->key, at_ns) : ramp->from;
	int64_t count = (ramp->over_ns + BN_PLAY_RAMP_NS - 1) / BN_PLAY_RAMP_NS;
	for (int64_t i = 0; i <= count; i++) {
		int64_t since_ns = i < count ? i * BN_PLAY_RAMP_NS : ramp->over_ns;
		double part = count > 0 ? (double)since_ns / (double)ramp->over_ns : 1.0;
		const struct bn_play_step step = {
			.at_ns = at_ns + since_ns,
			.kind = BN_PLAY_SET,
			.name = pair->key,
			.value = { .kind = BN_VALUE_NUMBER,
					.number = from + (ramp->to - from) * part },
			.mark = pair->key_mark,
		};
		if (!add_step(player, &step)) {
			return;
		}
	}
}

static void read_ramp(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	const struct entry *entry = field;
	if (node->kind != BN_DOC_MAP) {
		bn_load_expected(loader, node, "a map such as {Vehicle.Speed: {to: 50, over: 4s}}");
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		const struct bn_doc_pair *pair = &node->pairs[i];
		struct ramp ramp = { NAN, NAN, 0 };
		if (!bn_load_map(loader, pair->value, &ramp_keys, &ramp)) {
			continue;
		}
		if (isnan(ramp.to) || ramp.over_ns == 0) {
			bn_load_fault(loader, pair->value, "a ramp needs \"to:\" and \"over:\"");
			continue;
		}
		add_ramp(entry->player, pair, entry->at_ns, &ramp);
	}
}

/** `show: {ZONE: APP}`, or an app, which goes to its home. */
static void read_show(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	const struct entry *entry = field;
	bool is_map = node->kind == BN_DOC_MAP;
	size_t count = is_map ? node->count : bn_load_list_count(node);
	for (size_t i = 0; i < count; i++) {
		const struct bn_doc_node *app =
				is_map ? node->pairs[i].value : bn_load_list_item(node, i);
		struct bn_play_step step = { .at_ns = entry->at_ns,
			.kind = BN_PLAY_SHOW,
			.zone = is_map ? node->pairs[i].key : NULL,
			.mark = app->mark };
		bn_read_text(loader, app, &step.name, NULL);
		if (step.name != NULL) {
			add_step(entry->player, &step);
		}
	}
}

/** One name or a list of them; `arg` is the kind of step. */
static void read_names(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	const struct entry *entry = field;
	for (size_t i = 0; i < bn_load_list_count(node); i++) {
		const struct bn_doc_node *item = bn_load_list_item(node, i);
		struct bn_play_step step = { .at_ns = entry->at_ns,
			.kind = *(const enum bn_play_kind *)arg,
			.mark = item->mark };
		bn_read_text(loader, item, &step.name, NULL);
		bool resets = step.kind == BN_PLAY_THEME || step.kind == BN_PLAY_PROFILE;
		if (step.name == NULL) {
			continue;
		}
		if (resets && strcmp(step.name, "none") == 0) {
			step.name = NULL;
		}
		add_step(entry->player, &step);
	}
}

static const enum bn_play_kind kind_theme = BN_PLAY_THEME, kind_profile = BN_PLAY_PROFILE,
			       kind_hide = BN_PLAY_HIDE, kind_kill = BN_PLAY_KILL,
			       kind_hang = BN_PLAY_HANG, kind_resume = BN_PLAY_RESUME,
			       kind_capture = BN_PLAY_CAPTURE;

static const struct bn_key entry_rows[] = {
	{ "at", "duration", read_at, 0, NULL },
	{ "set", "set", read_set, 0, NULL },
	{ "ramp", "ramp", read_ramp, 0, NULL },
	{ "theme", "text", read_names, 0, &kind_theme },
	{ "profile", "text", read_names, 0, &kind_profile },
	{ "show", "show", read_show, 0, NULL },
	{ "hide", "texts", read_names, 0, &kind_hide },
	{ "kill", "texts", read_names, 0, &kind_kill },
	{ "hang", "texts", read_names, 0, &kind_hang },
	{ "resume", "texts", read_names, 0, &kind_resume },
	{ "capture", "texts", read_names, 0, &kind_capture },
};
static const struct bn_key_table entry_keys = { "step", entry_rows, BN_COUNT_OF(entry_rows) };

static void read_entry(struct player *player, const struct bn_doc_node *node) {
	struct entry entry = { player, 0 };
	const struct bn_doc_node *at = bn_doc_get(node, "at");
	if (at != NULL) {
		player->loader.key = "at";
		bn_read_duration(&player->loader, at, &entry.at_ns, NULL);
		player->loader.key = NULL;
	} else if (node->kind == BN_DOC_MAP) {
		bn_load_fault(&player->loader, node,
				"the step needs \"at:\", a time from the start such as 2s");
	}
	player->end_ns = entry.at_ns > player->end_ns ? entry.at_ns : player->end_ns;
	bn_load_map(&player->loader, node, &entry_keys, &entry);
}

/** What is captured at a time shows all that was done at that time. */
static int compare_steps(const void *left, const void *right) {
	const struct bn_play_step *a = left, *b = right;
	if (a->at_ns != b->at_ns) {
		return a->at_ns < b->at_ns ? -1 : 1;
	}
	bool a_last = a->kind == BN_PLAY_CAPTURE, b_last = b->kind == BN_PLAY_CAPTURE;
	return (int)a_last - (int)b_last;
}

/** Stable, unlike qsort: the file's order decides at equal times. */
static bool sort_steps(struct player *player) {
	struct bn_play_step *from = player->steps;
	struct bn_play_step *to = bn_load_array(&player->loader, player->count, sizeof(to[0]));
	if (to == NULL) {
		return false;
	}
	for (size_t run = 1; run < player->count; run *= 2) {
		for (size_t start = 0; start < player->count; start += 2 * run) {
			size_t left = start, right = start + run;
			size_t left_end = right < player->count ? right : player->count;
			size_t end = start + 2 * run < player->count ? start + 2 * run
								     : player->count;
			for (size_t at = start; at < end; at++) {
				bool takes_left = left < left_end
						&& (right >= end
								|| compare_steps(&from[left],
										   &from[right])
										<= 0);
				to[at] = takes_left ? from[left++] : from[right++];
			}
		}
		struct bn_play_step *spare = from;
		from = to;
		to = spare;
	}
	player->steps = from;
	return true;
}

static struct bn_play *build(struct bn_arena *arena, const struct bn_doc_node *doc,
		struct bn_diag_list *diags) {
	struct player player = { .loader = { .arena = arena, .diags = diags } };
	if (doc->kind != BN_DOC_LIST) {
		bn_load_expected(&player.loader, doc,
				"a list of steps such as {at: 2s, set: {Vehicle.Speed: 20}}");
		return NULL;
	}
	for (size_t i = 0; i < doc->count; i++) {
		read_entry(&player, doc->items[i]);
	}
	struct bn_play *play = bn_load_array(&player.loader, 1, sizeof(*play));
	if (play == NULL || !sort_steps(&player)) {
		return NULL;
	}
	play->steps = player.steps;
	play->count = player.count;
	play->end_ns = player.end_ns;
	play->arena = arena;
	return play;
}

/** `text` NULL: the file is read. */
static struct bn_play *load(const char *text, size_t length, const char *path,
		struct bn_diag_list *diags) {
	size_t before = bn_diag_list_errors(diags);
	struct bn_arena *arena = bn_arena_create();
	struct bn_doc_source *source =
			arena != NULL ? bn_arena_alloc(arena, sizeof(*source)) : NULL;
	const char *file = arena != NULL ? bn_arena_strdup(arena, path) : NULL;
	if (source == NULL || file == NULL) {
		diags->out_of_memory = true;
		bn_arena_destroy(arena);
		return NULL;
	}
	source->arena = arena;
	source->diags = diags;
	const struct bn_doc_node *doc = text != NULL
			? bn_doc_parse(arena, text, length, file, diags)
			: bn_doc_load_plain(source, path);
	struct bn_play *play = doc != NULL ? build(arena, doc, diags) : NULL;
	if (play == NULL || bn_diag_list_errors(diags) > before) {
		bn_arena_destroy(arena);
		return NULL;
	}
	return play;
}

struct bn_play *bn_play_load(const char *path, struct bn_diag_list *diags) {
	return load(NULL, 0, path, diags);
}

struct bn_play *bn_play_load_text(const char *text, size_t length, const char *path,
		struct bn_diag_list *diags) {
	return load(text, length, path, diags);
}

void bn_play_destroy(struct bn_play *play) {
	if (play != NULL) {
		bn_arena_destroy(play->arena); // the play itself lies in it
	}
}
