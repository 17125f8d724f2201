// The predictor, and the choice of it: recorded frames are replayed through it and through those that others use.
// Data: tests/data/traces, a frame a line: how late it started and what it cost, in us (binnaclectl trace).

#include "core/predictor.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/deadline.h"
#include "core/nsec.h"
#include "unit.h"

#define MS INT64_C(1000000)
#define PERIOD (BN_NSEC_PER_SEC / 60)
#define FRAMES_MAX 2000

static void test_outliers(void **state) {
	struct bn_predictor p;
	bn_predictor_init(&p, 3 * MS);
	for (int i = 0; i < BN_PREDICTOR_SAMPLES; i++) {
		bn_predictor_add(&p, 1 * MS);
	}
	assert_int_equal(bn_predictor_ns(&p), 1 * MS);
	bn_predictor_add(&p, 80 * MS);
	bn_predictor_add(&p, 80 * MS);
	assert_int_equal(bn_predictor_ns(&p), 1 * MS);
	bn_predictor_add(&p, 9 * MS);
	assert_int_equal(bn_predictor_ns(&p), 9 * MS);
	for (int i = 0; i < BN_PREDICTOR_SAMPLES; i++) {
		bn_predictor_add(&p, 1 * MS);
	}
	assert_int_equal(bn_predictor_ns(&p), 1 * MS);
}

static void test_beginning(void **state) {
	struct bn_predictor p;
	bn_predictor_init(&p, 3 * MS);
	assert_int_equal(bn_predictor_ns(&p), 3 * MS);
	bn_predictor_add(&p, 1 * MS);
	assert_int_equal(bn_predictor_ns(&p), 3 * MS);
	bn_predictor_add(&p, 5 * MS);
	assert_int_equal(bn_predictor_ns(&p), 5 * MS);
	for (int i = 0; i < BN_PREDICTOR_ENOUGH; i++) {
		bn_predictor_add(&p, 1 * MS);
	}
	assert_int_equal(bn_predictor_ns(&p), 1 * MS);
	// Buffers that are touched for the first time make some dear frames; they are not held against the rest.
	bn_predictor_init(&p, 3 * MS);
	for (int i = 0; i < BN_PREDICTOR_WARM; i++) {
		bn_predictor_add(&p, i < 8 ? 90 * MS : 1 * MS);
		assert_int_equal(bn_predictor_ns(&p) > 1 * MS, i < BN_PREDICTOR_WARM - 1);
	}
}

static void test_odd_durations(void **state) {
	struct bn_predictor p;
	bn_predictor_init(&p, 0);
	const int64_t odd[] = { -5, INT64_MIN, 0, 1, INT64_MAX };
	for (size_t i = 0; i < COUNT(odd); i++) {
		bn_predictor_add(&p, odd[i]);
	}
	assert_int_equal(bn_predictor_ns(&p), INT64_C(65535) * BN_PREDICTOR_STEP_NS);
}

// The candidates

struct peak {
	int64_t ns;
};

/** Rises at once, falls by 1/32 of the difference. */
static int64_t peak_next(void *data, int64_t ns) {
	struct peak *peak = data;
	peak->ns = ns > peak->ns ? ns : peak->ns - (peak->ns - ns) / 32;
	return peak->ns;
}

struct spread {
	double mean, variance;
};

/** Mean and three sigma over about 32. */
static int64_t spread_next(void *data, int64_t ns) {
	struct spread *spread = data;
	double away = (double)ns - spread->mean;
	spread->mean += away / 32;
	spread->variance = 31.0 / 32 * (spread->variance + away * away / 32);
	return (int64_t)(spread->mean + 3 * sqrt(spread->variance));
}

static int64_t quantile_next(void *data, int64_t ns) {
	bn_predictor_add(data, ns);
	return bn_predictor_ns(data);
}

struct frame {
	int64_t late_ns, cost_ns;
};

struct trace {
	char name[256];
	struct frame frames[FRAMES_MAX];
	size_t count;
};

struct verdict {
	size_t missed;
	double lead_ms; // mean
};

typedef int64_t (*next_t)(void *data, int64_t ns);

/** Each frame starts as early as foretold; one that is over too late although it could have been in time is missed. */
static struct verdict replay(const struct trace *trace, next_t next, void *cost, void *late) {
	struct verdict verdict = { 0 };
	int64_t foretold = 3 * MS;
	for (size_t i = 0; i < trace->count; i++) {
		const struct frame *frame = &trace->frames[i];
		int64_t lead = foretold + BN_DEADLINE_MARGIN_NS;
		lead = lead < PERIOD ? lead : PERIOD;
		int64_t taken = frame->late_ns + frame->cost_ns;
		verdict.missed += taken > lead && taken <= PERIOD;
		verdict.lead_ms += (double)lead / (double)MS / (double)trace->count;
		int64_t dear = next(cost, frame->cost_ns);
		dear = dear > BN_DEADLINE_MIN_COST_NS ? dear : BN_DEADLINE_MIN_COST_NS;
		foretold = dear + next(late, frame->late_ns);
	}
	return verdict;
}

static void load(struct trace *trace, const char *folder, const char *name) {
	char path[1024];
	snprintf(path, sizeof(path), "%.600s/%.255s", folder, name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	snprintf(trace->name, sizeof(trace->name), "%.255s", name);
	trace->count = 0;
	long late, cost;
	while (trace->count < FRAMES_MAX && fscanf(file, "%ld %ld", &late, &cost) == 2) {
		trace->frames[trace->count++] = (struct frame){ late * 1000, cost * 1000 };
	}
	fclose(file);
	assert_true(trace->count > 100);
}

static int is_trace(const struct dirent *entry) {
	const char *end = strrchr(entry->d_name, '.');
	return end != NULL && strcmp(end, ".txt") == 0;
}

static void add(struct verdict *sum, const char *trace, const char *name, struct verdict one,
		size_t frames) {
	print_message("# %-20s %-18s %5.1f of 1000 missed, %5.2f ms of lead\n", trace, name,
			(double)one.missed * 1000 / (double)frames, one.lead_ms);
	sum->missed += one.missed;
	sum->lead_ms += one.lead_ms;
}

static void test_choice(void **state) {
	const char *data = getenv("BN_TEST_DATA");
	assert_non_null(data);
	char folder[400];
	snprintf(folder, sizeof(folder), "%s/traces", data);
	struct dirent **entries;
	int count = scandir(folder, &entries, is_trace, alphasort);
	assert_true(count >= 4);
	struct trace *trace = malloc(sizeof(*trace));
	struct verdict ours = { 0 }, peak = { 0 }, spread = { 0 };
	for (int i = 0; i < count; i++) {
		load(trace, folder, entries[i]->d_name);
		struct bn_predictor quantiles[2];
		bn_predictor_init(&quantiles[0], BN_DEADLINE_FIRST_COST_NS);
		bn_predictor_init(&quantiles[1], 0);
		struct peak peaks[2] = { { BN_DEADLINE_FIRST_COST_NS }, { 0 } };
		struct spread spreads[2] = { { .mean = BN_DEADLINE_FIRST_COST_NS }, { 0 } };
		add(&ours, trace->name, "quantile",
				replay(trace, quantile_next, &quantiles[0], &quantiles[1]),
				trace->count);
		add(&peak, trace->name, "decaying peak",
				replay(trace, peak_next, &peaks[0], &peaks[1]), trace->count);
		add(&spread, trace->name, "mean + 3 sigma",
				replay(trace, spread_next, &spreads[0], &spreads[1]), trace->count);
		free(entries[i]);
	}
	free(entries);
	free(trace);
	// Nobody misses less at a shorter lead.
	assert_false(peak.missed <= ours.missed && peak.lead_ms <= ours.lead_ms);
	assert_false(spread.missed <= ours.missed && spread.lead_ms <= ours.lead_ms);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-single-outlier-moves-nothing", test_outliers),
		CASE("the-first-frames-are-not-trusted", test_beginning),
		CASE("odd-durations-are-bounded", test_odd_durations),
		CASE("no-other-predictor-misses-less-at-a-shorter-lead", test_choice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
