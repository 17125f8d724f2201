#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/layout_load.h"
#include "core/nsec.h"

/**
 * How long layouts take from file to proved. First one of 200 zones: a base with the zones, an overlay that
 * changes every fifth of them, rules, apps and three profiles, each of which is built and checked too.
 * Prints the figure; a wall clock is no test.
 */
#define ZONES 200
#define ROUNDS 25

static void write_base(FILE *file) {
	fprintf(file, "displays:\n");
	for (int i = 0; i < 4; i++) {
		fprintf(file,
				"  d%d: { match: { connector: DP-%d }, mode: 3840x2160@60, "
				"size-mm: [600, "
				"340], criticality: %s }\n",
				i, i, i == 0 ? "safety" : "normal");
	}
	fprintf(file, "states:\n");
	for (int i = 0; i < 40; i++) {
		fprintf(file, "  s%d: { Vehicle.Signal%d: { over: %d, until-under: %d } }\n", i,
				i % 20, i + 5, i);
	}
	fprintf(file, "apps:\n");
	for (int i = 0; i < 50; i++) {
		fprintf(file, "  a%d: { exec: [app, --number, %d], restart: always }\n", i, i);
	}
	fprintf(file, "zones:\n");
	for (int i = 0; i < ZONES; i++) {
		fprintf(file,
				"  z%d: { display: d%d, rect: [%d, %d, 5%%, 100%%-2100], layer: "
				"%s, grant: "
				"[a%d, a%d], fit: fit, empty: \"#102030\", transition: fade 200ms, "
				"radius: "
				"8 }\n",
				i, i % 4, i / 4 % 10 * 200, i / 40 * 100,
				i % 10 == 0 ? "alert" : "app", i % 50, (i + 1) % 50);
	}
	fprintf(file, "rules:\n");
	for (int i = 0; i < 40; i++) {
		fprintf(file,
				"  r%d: { when: [s%d, { not: s%d }], show: { z%d: a%d }, hide: z%d "
				"}\n",
				i, i, (i + 1) % 40, i, i % 50, (i + 40) % ZONES);
	}
	fprintf(file, "profiles:\n");
	for (int i = 0; i < 3; i++) {
		fprintf(file, "  p%d: { zones: { z%d: { radius: 16 } } }\n", i, i + 1);
	}
}

static void write_overlay(FILE *file) {
	fprintf(file, "binnacle: 1\ninclude: base.yaml\nzones:\n");
	for (int i = 0; i < ZONES; i += 5) {
		fprintf(file, "  z%d: { radius: 12, opacity: 0.9 }\n", i);
	}
}

static bool write_file(const char *path, void (*write)(FILE *)) {
	FILE *file = fopen(path, "w");
	if (file == NULL) {
		perror(path);
		return false;
	}
	write(file);
	return fclose(file) == 0;
}

static int64_t now_ns(void) {
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return bn_nsec_from_timespec(&ts);
}

static int by_value(const void *a, const void *b) {
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return left < right ? -1 : left > right;
}

static int64_t load_once(const char *path) {
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	int64_t start_ns = now_ns();
	struct bn_layout *layout = bn_layout_load(path, NULL, &diags);
	int64_t took_ns = now_ns() - start_ns;
	for (size_t i = 0; i < diags.count; i++) {
		fprintf(stderr, "%s:%d: %s\n", diags.items[i].file, diags.items[i].line,
				diags.items[i].text);
	}
	bn_diag_list_finish(&diags);
	if (layout == NULL) {
		return -1;
	}
	bn_layout_destroy(layout);
	return took_ns;
}

/**
 * The hardest that core/proof is meant for: 1,000 zones of the safety layer on 3 displays, half of them backups, each shown in one
 * of the 256 combinations of 8 independent states with hysteresis. Two zones share each place, in combinations
 * that differ in one state, and each has a backup in a place that two share as well.
 */
#define PROOF_ZONES 1000
#define PROOF_STATES 8

static void write_safety_zone(FILE *file, int number) {
	int place = number / 2;
	fprintf(file,
			"  z%d: { display: d0, rect: [%d, %d, 100, 100], layer: safety, visible: "
			"false, grant: "
			"a%d, backup: b%d, accept-loss: bench }\n"
			"  b%d: { display: d1, rect: [%d, %d, 100, 100] }\n",
			number, place % 25 * 110, place / 25 * 110, number, number, number,
			place % 25 * 110, place / 25 * 110);
}

static void write_safety_rule(FILE *file, int number) {
	fprintf(file, "  r%d: { when: [", number);
	for (int i = 0; i < PROOF_STATES; i++) {
		fprintf(file, (number >> i & 1) != 0 ? "s%d, " : "{ not: s%d }, ", i);
	}
	fprintf(file, "], show: { z%d: a%d } }\n", number, number);
}

static void write_safety(FILE *file) {
	fprintf(file, "binnacle: 1\ndisplays:\n");
	for (int i = 0; i < 3; i++) {
		fprintf(file, "  d%d: { mode: 3840x2160@60, criticality: safety }\n", i);
	}
	fprintf(file, "states:\n");
	for (int i = 0; i < PROOF_STATES; i++) {
		fprintf(file, "  s%d: { Vehicle.Signal%d: { over: 10, until-under: 5 } }\n", i, i);
	}
	fprintf(file, "apps:\n");
	for (int i = 0; i < PROOF_ZONES / 2; i++) {
		fprintf(file, "  a%d: {}\n", i);
	}
	fprintf(file, "zones:\n  own: { display: d2 }\n");
	for (int i = 0; i < PROOF_ZONES / 2; i++) {
		write_safety_zone(file, i);
	}
	fprintf(file, "rules:\n");
	for (int i = 0; i < PROOF_ZONES / 2; i++) {
		write_safety_rule(file, i);
	}
}

/** Loads it a few times; false when it is refused. */
static bool measure(const char *path, const char *what, int rounds) {
	int64_t took_ns[ROUNDS];
	for (int i = 0; i < rounds; i++) {
		took_ns[i] = load_once(path);
		if (took_ns[i] < 0) {
			return false;
		}
	}
	qsort(took_ns, (size_t)rounds, sizeof(took_ns[0]), by_value);
	printf("%s: %.1f ms (median), %.1f ms (worst of %d)\n", what,
			(double)took_ns[rounds / 2] / 1e6, (double)took_ns[rounds - 1] / 1e6,
			rounds);
	return true;
}

int main(void) {
	char folder[] = "/tmp/bn-layout-bench-XXXXXX";
	char base[64], overlay[64], safety[64];
	if (mkdtemp(folder) == NULL) {
		perror("mkdtemp");
		return 1;
	}
	snprintf(base, sizeof(base), "%s/base.yaml", folder);
	snprintf(overlay, sizeof(overlay), "%s/overlay.yaml", folder);
	snprintf(safety, sizeof(safety), "%s/safety.yaml", folder);
	bool ok = write_file(base, write_base) && write_file(overlay, write_overlay)
			&& write_file(safety, write_safety)
			&& measure(overlay,
					"layout of 200 zones, loaded, merged, checked and proved "
					"with 3 "
					"profiles",
					ROUNDS)
			&& measure(safety,
					"1000 safety zones in 8 independent states on 3 displays, "
					"loaded "
					"and proved",
					5);
	unlink(base);
	unlink(overlay);
	unlink(safety);
	rmdir(folder);
	return ok ? 0 : 1;
}
