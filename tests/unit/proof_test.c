#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/layout_load.h"
#include "core/proof.h"
#include "proof_random.h"
#include "unit.h"

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

static struct bn_layout *load_text(const char *text, struct bn_diag_list *diags) {
	bn_diag_list_init(diags);
	return bn_layout_load_text(text, strlen(text), "random.yaml", NULL, diags);
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
	assert_null(load_text(text, &diags));
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
	struct bn_layout *layout = load_text(text, &diags);
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
	assert_null(load_text(text, &diags));
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

static int number_from(const char *variable, int otherwise) {
	const char *text = getenv(variable);
	return text != NULL ? atoi(text) : otherwise;
}

/** As many as are asked for: the fault of a seed is the same on every machine. */
static void proof_and_oracle_agree(void **state) {
	struct bn_proof_random run = {
		.first = number_from("BN_PROOF_FIRST", 0),
		.count = number_from("BN_PROOF_SEEDS", 500),
		.report = stderr,
	};
	bn_proof_random_run(&run);
	print_message("# %d layouts: %d proved, %d refused; %lld states, %lld arrangements tried\n",
			run.count, run.accepted, run.refused, (long long)run.states,
			(long long)run.arrangements);
	assert_int_equal(run.disagreements, 0);
	// Both answers are given often enough to mean something.
	assert_true(run.accepted * 10 > run.count && run.refused * 10 > run.count);
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
		CASE("every-shipped-layout-is-proved", every_shipped_layout_is_proved),
		CASE("too-many-combinations-are-refused-by-name",
				too_many_combinations_are_refused_by_name),
		CASE("what-no-signal-brings-about-is-no-fault",
				what_no_signal_brings_about_is_no_fault),
		CASE("the-counter-example-is-the-shortest", the_counter_example_is_the_shortest),
		CASE("proof-and-oracle-agree", proof_and_oracle_agree),
	};
	return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
