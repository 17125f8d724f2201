#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/layout_load.h"
#include "core/play.h"
#include "unit.h"

/**
 * Fails the first, the second, the third... allocation of ours (the linker wraps them; those of
 * libraries are theirs). Whatever fails, the loader must refuse in good order. Leaks and reads
 * of freed memory are found by the sanitizers that run this test.
 */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);

static long countdown = -1; // allocations until one fails; negative: none does
static bool goes_on_failing, has_failed;

static bool fails(void) {
	if (countdown < 0) {
		return false;
	}
	if (countdown == 0) {
		has_failed = true;
		countdown = goes_on_failing ? 0 : -1;
		return true;
	}
	countdown--;
	return false;
}

void *__wrap_malloc(size_t size) {
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
	return fails() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text) {
	return fails() ? NULL : __real_strdup(text);
}

typedef bool (*load_fn)(const char *path, struct bn_diag_list *diags);

static bool load_layout(const char *path, struct bn_diag_list *diags) {
	struct bn_layout *layout = bn_layout_load(path, NULL, diags);
	bool loaded = layout != NULL;
	bn_layout_destroy(layout);
	return loaded;
}

static bool load_play(const char *path, struct bn_diag_list *diags) {
	struct bn_play *play = bn_play_load(path, diags);
	bool loaded = play != NULL;
	bn_play_destroy(play);
	return loaded;
}

static bool merge_json(const char *path, struct bn_diag_list *diags) {
	char *json = bn_layout_merged_json(path, NULL, diags);
	bool loaded = json != NULL;
	free(json);
	return loaded;
}

/** Returns how many allocations it takes. */
static long fail_each(const char *path, load_fn load, bool on_and_on, bool should_load) {
	for (long nth = 0;; nth++) {
		struct bn_diag_list diags;
		bn_diag_list_init(&diags);
		countdown = nth;
		goes_on_failing = on_and_on;
		has_failed = false;
		bool loaded = load(path, &diags);
		countdown = -1;
		if (has_failed) {
			assert_false(loaded);
			assert_true(bn_diag_list_errors(&diags) > 0);
		} else {
			assert_int_equal(loaded, should_load);
		}
		bn_diag_list_finish(&diags);
		if (!has_failed) {
			return nth;
		}
		assert_true(nth < 100000);
	}
}

static void a_good_layout(void **state) {
	assert_true(fail_each("good/every-key.yaml", load_layout, false, true) > 8);
	assert_true(fail_each("good/every-key.yaml", load_layout, true, true) > 8);
}

static void a_layout_that_includes(void **state) {
	fail_each("good/merged.yaml", load_layout, false, true);
	fail_each("good/merged.yaml", load_layout, true, true);
}

static void layouts_full_of_faults(void **state) {
	static const char *const paths[] = { "bad/wrong-types.yaml", "bad/unknown-names.yaml",
		"bad/conditions.yaml", "bad/zones-check.yaml", "bad/include-cycle.yaml",
		"bad/profiles.yaml", "bad/laughs.yaml" };
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		fail_each(paths[i], load_layout, false, false);
		fail_each(paths[i], load_layout, true, false);
	}
}

static void a_scripted_drive(void **state) {
	fail_each("../plays/every-key.yaml", load_play, false, true);
	fail_each("../plays/every-key.yaml", load_play, true, true);
}

static void the_merged_document(void **state) {
	fail_each("good/merged.yaml", merge_json, false, true);
}

static int go_to_data(void **state) {
	char folder[4096];
	snprintf(folder, sizeof(folder), "%s/layouts", getenv("BN_TEST_DATA"));
	return chdir(folder);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-good-layout", a_good_layout),
		CASE("a-layout-that-includes", a_layout_that_includes),
		CASE("layouts-full-of-faults", layouts_full_of_faults),
		CASE("a-scripted-drive", a_scripted_drive),
		CASE("the-merged-document", the_merged_document),
	};
	return cmocka_run_group_tests(tests, go_to_data, NULL);
}
