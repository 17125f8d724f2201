#include <dirent.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/layout_load.h"
#include "core/proof.h"
#include "proof_oracle.h"
#include "unit.h"

#define ALL_RULES ((1u << BN_PROOF_RULE_COUNT) - 1)

static char *all_lines(const struct bn_diag_list *diags) {
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	for (size_t i = 0; i < diags->count; i++) {
		char *line = bn_diag_format(&diags->items[i]);
		fprintf(stream, "%s\n", line);
		free(line);
	}
	fclose(stream);
	return text;
}

static struct bn_layout *load_text(const char *text, uint32_t without, struct bn_diag_list *diags) {
	const struct bn_layout_options options = { .proof_without = without };
	bn_diag_list_init(diags);
	return bn_layout_load_text(text, strlen(text), "random.yaml", &options, diags);
}

static bool is_accepted(const char *path, uint32_t without) {
	const struct bn_layout_options options = { .proof_without = without };
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	struct bn_layout *layout = bn_layout_load(path, &options, &diags);
	bn_layout_destroy(layout);
	bn_diag_list_finish(&diags);
	return layout != NULL;
}

// --- the corpus ----------------------------------------------------------------------

static void path_of(enum bn_proof_rule rule, char path[64]) {
	snprintf(path, 64, "bad-proof/%s.yaml", bn_proof_rule_name(rule));
}

static void each_rule_refuses_its_bad_layout_and_says_why(void **state) {
	for (int rule = 0; rule < BN_PROOF_RULE_COUNT; rule++) {
		char path[64], expected_path[64], expected[2048] = "";
		path_of((enum bn_proof_rule)rule, path);
		snprintf(expected_path, sizeof(expected_path), "%.*s.expected",
				(int)strlen(path) - 5, path);
		struct bn_diag_list diags;
		bn_diag_list_init(&diags);
		assert_null(bn_layout_load(path, NULL, &diags));
		char *lines = all_lines(&diags);
		FILE *file = fopen(expected_path, "r");
		assert_non_null(file);
		expected[fread(expected, 1, sizeof(expected) - 1, file)] = '\0';
		fclose(file);
		assert_string_equal(lines, expected);
		free(lines);
		bn_diag_list_finish(&diags);
	}
}

static void without_a_rule_exactly_its_bad_layout_is_accepted(void **state) {
	for (int rule = 0; rule < BN_PROOF_RULE_COUNT; rule++) {
		for (int file = 0; file < BN_PROOF_RULE_COUNT; file++) {
			char path[64];
			path_of((enum bn_proof_rule)file, path);
			bool accepted = is_accepted(path, 1u << rule);
			if (accepted != (rule == file)) {
				fail_msg("without \"%s\", %s is %s",
						bn_proof_rule_name((enum bn_proof_rule)rule), path,
						accepted ? "accepted" : "refused");
			}
		}
	}
}

static void prove_folder(const char *folder, size_t *count) {
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	struct dirent *entry;
	while ((entry = readdir(dir)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		if (dot == NULL || strcmp(dot, ".yaml") != 0) {
			continue;
		}
		char path[600];
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		struct bn_diag_list diags;
		bn_diag_list_init(&diags);
		struct bn_layout *layout = bn_layout_load(path, NULL, &diags);
		if (layout == NULL) {
			fail_msg("%s is not proved:\n%s", path, all_lines(&diags));
		}
		struct bn_proof *proof = bn_proof_create(layout, NULL, &diags);
		assert_non_null(proof);
		assert_int_equal(bn_diag_list_errors(&diags), 0);
		// The proof is about something: lamps and camera, with places on two displays where there are two.
		assert_int_equal(proof->zone_count, 2);
		for (size_t i = 0; i < proof->zone_count; i++) {
			size_t displays = layout->display_count > 1 ? 2 : 1;
			assert_int_equal(proof->zones[i].place_count, displays);
			bool is_lost = proof->zones[i].lost_with != 0;
			assert_int_equal(is_lost, layout->display_count > 2);
		}
		assert_true(proof->states >= 3);
		assert_int_equal(proof->display_sets, 1 << layout->display_count);
		bn_proof_destroy(proof);
		bn_layout_destroy(layout);
		bn_diag_list_finish(&diags);
		++*count;
	}
	closedir(dir);
}

static void every_shipped_layout_is_proved(void **state) {
	size_t count = 0;
	prove_folder("../../../layouts", &count);
	prove_folder("../../../layouts/brands", &count);
	prove_folder("../../../layouts/models", &count);
	assert_true(count >= 16);
}

// --- limits --------------------------------------------------------------------------------

static void too_many_combinations_are_refused_by_name(void **state) {
	char text[8192];
	size_t used = (size_t)snprintf(text, sizeof(text),
			"binnacle: 1\n"
			"displays: { only: { criticality: safety } }\n"
			"zones: { lamps: { layer: telltale, visible: false } }\n"
			"rules:\n");
	for (int i = 0; i < 14; i++) {
		used += (size_t)snprintf(text + used, sizeof(text) - used,
				"  r%d: { when: { Vehicle.S%d: { over: 5 } }, show: lamps }\n", i,
				i);
	}
	struct bn_diag_list diags;
	assert_null(load_text(text, 0, &diags));
	char *lines = all_lines(&diags);
	assert_string_equal(lines,
			"random.yaml:3:10: error: zone \"lamps\" depends on more than 2^20 "
			"combinations of signals, too many to prove; compare these with fewer "
			"values, "
			"or "
			"name the zone in fewer rules: Vehicle.S0 (3), Vehicle.S1 (3), Vehicle.S2 "
			"(3), "
			"Vehicle.S3 (3), Vehicle.S4 (3)\n");
	free(lines);
	bn_diag_list_finish(&diags);
}

static void what_no_signal_brings_about_is_no_fault(void **state) {
	// Both would need one gear to be two; hysteresis cannot remember more than was.
	static const char text[] = "binnacle: 1\n"
				   "displays: { only: { criticality: safety } }\n"
				   "zones:\n"
				   "  a: { layer: telltale, visible: false }\n"
				   "  b: { layer: telltale, visible: false }\n"
				   "  c: { layer: telltale, visible: false }\n"
				   "rules:\n"
				   "  a: { when: { Vehicle.Gear: [1, 2] }, show: a }\n"
				   "  b: { when: { Vehicle.Gear: { over: 2 } }, show: b }\n"
				   "  c: { when: { Vehicle.Gear: { over: 8, until-under: 7 }, any: "
				   "[{ Vehicle.Gear: "
				   "1 }] }, show: c }\n";
	struct bn_diag_list diags;
	struct bn_layout *layout = load_text(text, 0, &diags);
	char *lines = all_lines(&diags);
	assert_string_equal(lines, "");
	free(lines);
	bn_layout_destroy(layout);
	bn_diag_list_finish(&diags);
}

static void the_counter_example_is_the_shortest(void **state) {
	// In three states the lamp is covered; with one signal set and all displays there is one.
	static const char text[] = "binnacle: 1\n"
				   "displays: { left: { criticality: safety }, right: {} }\n"
				   "states:\n"
				   "  icy: { Vehicle.Temperature: { under: 3 } }\n"
				   "  fast: { Vehicle.Speed: { over: 100 } }\n"
				   "zones:\n"
				   "  lamp: { display: left, layer: safety, backup: spare }\n"
				   "  spare: { display: right }\n"
				   "  note: { display: left, layer: telltale, visible: false, "
				   "backup: note-spare }\n"
				   "  note-spare: { display: right }\n"
				   "rules:\n"
				   "  - { when: [icy, fast], show: note }\n"
				   "  - { when: [icy, { Vehicle.Rain: true }], show: note }\n"
				   "  - { when: fast, show: note }\n";
	struct bn_diag_list diags;
	assert_null(load_text(text, 0, &diags));
	char *lines = all_lines(&diags);
	assert_string_equal(lines,
			"random.yaml:7:3: error: fast: zone \"lamp\" of layer safety is covered by "
			"zone "
			"\"note\" of layer telltale (random.yaml:9), in 1920x1080 px at 0,0 of "
			"display "
			"\"left\" (Vehicle.Speed = 200)\n");
	free(lines);
	bn_diag_list_finish(&diags);
}

// --- random layouts against the oracle -------------------------------------------------------

#define WIDTH 12
#define HEIGHT 8
#define MASKS 2

/** Two panels that lack a corner, or a line. */
struct masks {
	char folder[64], paths[MASKS][96];
	unsigned char pixels[MASKS][WIDTH * HEIGHT];
};

static void masks_create(struct masks *masks) {
	char folder[] = "/tmp/bn-proof-XXXXXX";
	assert_non_null(mkdtemp(folder));
	memcpy(masks->folder, folder, sizeof(folder));
	memset(masks->pixels, 255, sizeof(masks->pixels));
	masks->pixels[0][0] = masks->pixels[0][1] = masks->pixels[0][WIDTH] = 0;
	for (int x = 0; x < WIDTH; x++) {
		masks->pixels[1][5 * WIDTH + x] = x > 8 ? 0 : 255;
	}
	for (int i = 0; i < MASKS; i++) {
		png_image image = { .version = PNG_IMAGE_VERSION,
			.width = WIDTH,
			.height = HEIGHT,
			.format = PNG_FORMAT_GRAY };
		snprintf(masks->paths[i], sizeof(masks->paths[i]), "%s/%d.png", folder, i);
		assert_true(png_image_write_to_file(&image, masks->paths[i], 0, masks->pixels[i], 0,
				NULL));
	}
}

static void masks_destroy(struct masks *masks) {
	for (int i = 0; i < MASKS; i++) {
		unlink(masks->paths[i]);
	}
	rmdir(masks->folder);
}

/** Layouts with much in them are mostly wrong in many ways; these have one way, or two. */
enum shape {
	WILD,
	SINGLE, // one zone
	TURNS,  // zones in one place, each for a value of its own; little else is wrong
	CHOICE, // a zone with an app for one value, and one for all others
};

static const enum shape shapes[] = { WILD, WILD, WILD, SINGLE, SINGLE, SINGLE, TURNS, TURNS,
	CHOICE };

struct draft {
	struct bn_random random;
	FILE *out;
	const struct masks *masks;
	const unsigned char *mask_of[3];
	int displays, zones, apps, signals;
	int grants[8]; // bits of apps; bit 7: all
	bool safety[8];
	int display_of[8];
	enum shape shape;
};

static int pick(struct draft *draft, int low, int high) {
	return bn_random_int(&draft->random, low, high);
}

static bool once_in(struct draft *draft, int n) {
	return bn_random_once_in(&draft->random, n);
}

static bool is_plain(const struct draft *draft) {
	return draft->shape == TURNS || draft->shape == CHOICE;
}

static void write_displays(struct draft *draft) {
	static const char *const transforms[] = { "normal", "90", "180", "270", "flipped",
		"flipped-90", "flipped-180", "flipped-270" };
	draft->displays = pick(draft, 1, 3);
	fprintf(draft->out, "binnacle: 1\ndisplays:\n");
	for (int i = 0; i < draft->displays; i++) {
		int mask = !is_plain(draft) && once_in(draft, 4) ? pick(draft, 0, MASKS - 1) : -1;
		const char *path = mask >= 0 ? draft->masks->paths[mask] : "";
		draft->mask_of[i] = mask >= 0 ? draft->masks->pixels[mask] : NULL;
		fprintf(draft->out,
				"  d%d: { mode: %dx%d, size-mm: [12, 8], criticality: safety, "
				"transform: "
				"%s, glass: { ",
				i, WIDTH, HEIGHT,
				once_in(draft, 3) ? transforms[pick(draft, 0, 7)] : "normal");
		if (mask >= 0) {
			fprintf(draft->out, "mask: %s, ", path);
		}
		if (!is_plain(draft) && once_in(draft, 6)) {
			fprintf(draft->out, "cut-outs: [%d, %d, 2, 1] ", pick(draft, 0, 10),
					pick(draft, 0, 7));
		}
		fprintf(draft->out, "} }\n");
	}
}

static void write_signals(struct draft *draft) {
	static const char *const initials[] = { "", "", "initial: 1", "initial: 5", "initial: A" };
	draft->signals = pick(draft, 1, 2);
	fprintf(draft->out, "signals:\n");
	for (int i = 0; i < draft->signals; i++) {
		fprintf(draft->out, "  s%d: { %s }\n", i, initials[pick(draft, 0, 4)]);
	}
}

static void write_condition(struct draft *draft) {
	static const char *const conditions[] = { "{ over: 4 }", "{ over: 4, until-under: 2 }",
		"{ over: 6, until-under: 2 }", "{ under: 4 }", "{ under: 2, until-over: 6 }", "2",
		"4", "[2, A]", "A", "B", "{ not: 4 }" };
	fprintf(draft->out, "s%d: %s", pick(draft, 0, draft->signals - 1),
			conditions[pick(draft, 0, (int)COUNT(conditions) - 1)]);
}

static void write_states(struct draft *draft) {
	fprintf(draft->out, "states:\n");
	for (int i = 0; i < 2; i++) {
		fprintf(draft->out, "  t%d: { ", i);
		write_condition(draft);
		fprintf(draft->out, " }\n");
	}
}

static void write_zone_rect(struct draft *draft) {
	int width = pick(draft, 2, 6), height = pick(draft, 2, 4);
	// Some reach beyond their display; none lies outside it, since that is no question of proof.
	int most_x = once_in(draft, 8) ? 7 : 8 - width;
	if (draft->shape == TURNS) {
		fprintf(draft->out, "rect: [1, 2, 4, 3]");
		return;
	}
	int x = pick(draft, 0, most_x), y = pick(draft, 0, 8 - height);
	fprintf(draft->out, "rect: [%d, %d, %d, %d]", x, y, width, height);
}

static void write_looks(struct draft *draft) {
	static const char *const transitions[] = { "fade 200ms", "slide-left 200ms",
		"slide-down 300ms", "slide-right 100ms", "slide-up 1ms" };
	if (!is_plain(draft) && once_in(draft, 24)) {
		fprintf(draft->out, ", opacity: 0.5");
	}
	if (!is_plain(draft) && once_in(draft, 24)) {
		fprintf(draft->out, ", dimmed: true");
	}
	if (draft->shape != CHOICE && once_in(draft, draft->shape == TURNS ? 2 : 4)) {
		fprintf(draft->out, ", transition: %s", transitions[pick(draft, 0, 4)]);
	}
}

static void write_grants(struct draft *draft, int zone) {
	bool is_spare = draft->safety[zone] && !once_in(draft, 4);
	int grants = draft->shape == TURNS       ? 1 << zone % 3
			: draft->shape == CHOICE ? 3
			: is_spare               ? 1 << pick(draft, 0, 2)
						 : pick(draft, 0, 7);
	bool is_open = !is_plain(draft) && once_in(draft, draft->safety[zone] ? 24 : 2);
	draft->grants[zone] = grants | (is_open ? 128 : 0);
	fprintf(draft->out, ", grant: [%s", is_open ? "'*', " : "");
	for (int i = 0; i < draft->apps; i++) {
		if ((grants >> i & 1) != 0) {
			fprintf(draft->out, "a%d, ", i);
		}
	}
	fprintf(draft->out, "]");
}

static void write_zones(struct draft *draft) {
	static const char *const layers[] = { "app", "alert", "safety", "safety", "telltale",
		"telltale" };
	draft->zones = draft->shape == SINGLE || draft->shape == CHOICE ? 1 : pick(draft, 2, 4);
	fprintf(draft->out, "zones:\n");
	for (int i = 0; i < draft->zones; i++) {
		int layer = is_plain(draft) ? 2 : pick(draft, draft->shape == SINGLE ? 2 : 0, 5);
		draft->safety[i] = layer >= 2;
		draft->display_of[i] =
				draft->shape == TURNS ? 0 : pick(draft, 0, draft->displays - 1);
		fprintf(draft->out, "  z%d: { display: d%d, layer: %s, ", i, draft->display_of[i],
				layers[layer]);
		write_zone_rect(draft);
		write_grants(draft, i);
		write_looks(draft);
		if (draft->safety[i] && once_in(draft, 6)) {
			fprintf(draft->out, ", min-symbol-mm: %d", pick(draft, 1, 3));
		}
		if (draft->shape == TURNS || (draft->shape != CHOICE && !once_in(draft, 3))) {
			fprintf(draft->out, ", visible: false");
		}
		bool has_backup = draft->displays > 1 && !once_in(draft, 4);
		if (has_backup && draft->safety[i]) {
			fprintf(draft->out, ", backup: b%d", i);
		}
		if (draft->safety[i] && !once_in(draft, 4)) {
			fprintf(draft->out, ", accept-loss: so be it");
		}
		fprintf(draft->out, " }\n");
		if (has_backup && draft->safety[i]) {
			int display = (draft->display_of[i] + pick(draft, 1, draft->displays - 1))
					% draft->displays;
			fprintf(draft->out, "  b%d: { display: d%d, ", i, display);
			write_zone_rect(draft);
			write_looks(draft);
			fprintf(draft->out, " }\n");
		}
	}
}

static void write_show(struct draft *draft, int zone) {
	int app = pick(draft, 0, draft->apps - 1);
	bool granted = (draft->grants[zone] >> app & 1) != 0;
	if (granted && !once_in(draft, 4)) {
		fprintf(draft->out, "z%d: a%d", zone, app);
	} else {
		fprintf(draft->out, "z%d: '*'", zone);
	}
}

static void write_rules(struct draft *draft) {
	fprintf(draft->out, "rules:\n");
	if (draft->shape == CHOICE) {
		fprintf(draft->out,
				"  - { when: { s0: 2 }, show: { z0: a0 } }\n"
				"  - { when: { s0: { not: 2 } }, show: { z0: a1 } }\n");
		return;
	}
	// Each zone is shown by one rule at least: hidden ones must be.
	static const char *const turns[] = { "2", "4", "6", "A" };
	int count = draft->zones + (draft->shape == TURNS ? 0 : pick(draft, 0, 2));
	for (int i = 0; i < count; i++) {
		fprintf(draft->out, "  - { ");
		int form = draft->shape == TURNS ? 10 : pick(draft, 0, 9);
		switch (form) {
		case 10:
			fprintf(draft->out, "when: { s0: %s }, ", turns[i]);
			break;
		case 0:
			break; // always
		case 1:
			fprintf(draft->out, "when: t%d, ", pick(draft, 0, 1));
			break;
		case 2:
			fprintf(draft->out, "when: { not: t%d }, ", pick(draft, 0, 1));
			break;
		case 3:
			fprintf(draft->out, "when: [t0, { ");
			write_condition(draft);
			fprintf(draft->out, " }], ");
			break;
		default:
			fprintf(draft->out, "when: { ");
			write_condition(draft);
			fprintf(draft->out, " }, ");
			break;
		}
		int zone = i < draft->zones ? i : pick(draft, 0, draft->zones - 1);
		if (i >= draft->zones && once_in(draft, 4)) {
			fprintf(draft->out, "hide: z%d }\n", zone);
			continue;
		}
		fprintf(draft->out, "show: { ");
		write_show(draft, zone);
		int other = pick(draft, 0, draft->zones - 1);
		if (once_in(draft, 5) && other != zone) {
			fprintf(draft->out, ", ");
			write_show(draft, other);
		}
		fprintf(draft->out, " }, ");
		if (once_in(draft, 8)) {
			fprintf(draft->out, "hide: z%d, ", pick(draft, 0, draft->zones - 1));
		}
		if (!once_in(draft, 4)) {
			fprintf(draft->out, "within: %dms, ", once_in(draft, 5) ? 150 : 300);
		}
		if (once_in(draft, draft->shape == TURNS ? 16 : 4)) {
			fprintf(draft->out, "linger: 2s, ");
		}
		fprintf(draft->out, "}\n");
	}
}

static char *write_layout(struct draft *draft) {
	char *text = NULL;
	size_t size = 0;
	draft->out = open_memstream(&text, &size);
	draft->apps = 3;
	draft->shape = shapes[pick(draft, 0, (int)COUNT(shapes) - 1)];
	write_displays(draft);
	write_signals(draft);
	write_states(draft);
	write_zones(draft);
	write_rules(draft);
	fprintf(draft->out,
			"apps: { a0: {}, a1: {}, a2: {} }\nthemes: { day: {}, night: { dim: 0.4 } "
			"}\n");
	fclose(draft->out);
	return text;
}

struct tally {
	int accepted, refused, disagreements, states, arrangements;
	uint32_t missed; // rules without which a layout was accepted that the oracle blames
};

static bool proves(const struct bn_layout *layout, uint32_t without, struct bn_diag_list *diags) {
	const struct bn_proof_options options = { .without = without };
	bn_diag_list_finish(diags);
	struct bn_proof *proof = bn_proof_create(layout, &options, diags);
	assert_non_null(proof);
	bn_proof_destroy(proof);
	return bn_diag_list_errors(diags) == 0;
}

static void report(int seed, const char *text, const struct bn_oracle *oracle,
		const struct bn_diag_list *diags) {
	char *lines = all_lines(diags);
	print_message("seed %d: the oracle says \"%s\", the proof \"%s\"\n%s\n", seed,
			oracle->fault, lines, text);
	free(lines);
}

/** One layout, tried once and proved with all rules, then without each. */
static void compare(int seed, const struct masks *masks, struct tally *tally) {
	struct draft draft = { .random = bn_random_seeded((uint64_t)seed), .masks = masks };
	char *text = write_layout(&draft);
	struct bn_diag_list diags;
	struct bn_layout *layout = load_text(text, ALL_RULES, &diags);
	if (layout == NULL) {
		fail_msg("seed %d: %s\n%s", seed, all_lines(&diags), text);
	}
	struct bn_oracle oracle;
	bn_oracle_run(&oracle, layout, draft.mask_of);
	bool good = oracle.fault[0] == '\0', accepted = proves(layout, 0, &diags);
	tally->accepted += accepted;
	tally->refused += !accepted;
	tally->states += oracle.states;
	tally->arrangements += oracle.arrangements;
	if (accepted != good) {
		tally->disagreements++;
		report(seed, text, &oracle, &diags);
	}
	for (int rule = 0; rule < BN_PROOF_RULE_COUNT && !good; rule++) {
		tally->missed |= proves(layout, 1u << rule, &diags) ? 1u << rule : 0;
	}
	bn_layout_destroy(layout);
	bn_diag_list_finish(&diags);
	free(text);
}

/** As many as are asked for: the fault of a seed is the same on every machine. */
static int seeds(void) {
	const char *text = getenv("BN_PROOF_SEEDS");
	return text != NULL ? atoi(text) : 500;
}

static void proof_and_oracle_agree_and_each_rule_is_missed(void **state) {
	struct masks masks;
	struct tally tally = { 0 };
	int count = seeds();
	masks_create(&masks);
	for (int seed = 0; seed < count; seed++) {
		compare(seed, &masks, &tally);
	}
	masks_destroy(&masks);
	print_message("# %d layouts: %d proved, %d refused; %d states, %d arrangements tried\n",
			count, tally.accepted, tally.refused, tally.states, tally.arrangements);
	assert_int_equal(tally.disagreements, 0);
	// Both answers are given often enough to mean something.
	assert_true(tally.accepted * 10 > count && tally.refused * 10 > count);
	// A shorter run, asked for by hand, meets too few layouts to miss each rule.
	for (int rule = 0; rule < BN_PROOF_RULE_COUNT && count >= 300; rule++) {
		if ((tally.missed >> rule & 1) == 0) {
			fail_msg("nobody misses rule \"%s\"",
					bn_proof_rule_name((enum bn_proof_rule)rule));
		}
	}
}

int main(void) {
	const char *data = getenv("BN_TEST_DATA");
	char folder[4096];
	snprintf(folder, sizeof(folder), "%s/layouts", data != NULL ? data : "tests/data");
	if (chdir(folder) != 0) {
		perror(folder);
		return 1;
	}
	const struct CMUnitTest tests[] = {
		CASE("each-rule-refuses-its-bad-layout-and-says-why",
				each_rule_refuses_its_bad_layout_and_says_why),
		CASE("without-a-rule-exactly-its-bad-layout-is-accepted",
				without_a_rule_exactly_its_bad_layout_is_accepted),
		CASE("every-shipped-layout-is-proved", every_shipped_layout_is_proved),
		CASE("too-many-combinations-are-refused-by-name",
				too_many_combinations_are_refused_by_name),
		CASE("what-no-signal-brings-about-is-no-fault",
				what_no_signal_brings_about_is_no_fault),
		CASE("the-counter-example-is-the-shortest", the_counter_example_is_the_shortest),
		CASE("proof-and-oracle-agree-and-each-rule-is-missed",
				proof_and_oracle_agree_and_each_rule_is_missed),
	};
	return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
