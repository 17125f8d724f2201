#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/layout_load.h"
#include "unit.h"

/**
 * The shared corpus and what is shipped: every file of good/ loads, every file of bad/ is refused with exactly the
 * lines of its .expected. A new fault needs a new pair of files, nothing here.
 */
#define MAX_CASES 256

struct corpus {
	char names[MAX_CASES][300];
	struct CMUnitTest tests[MAX_CASES];
	size_t count;
};

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

static char *read_whole(const char *path) {
	FILE *file = fopen(path, "r");
	if (file == NULL) {
		fail_msg("%s is missing", path);
	}
	char *text = calloc(1, 65536);
	size_t length = fread(text, 1, 65535, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

static void expect_good(void **state) {
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	struct bn_layout *layout = bn_layout_load(*state, NULL, &diags);
	char *lines = all_lines(&diags);
	assert_string_equal(lines, "");
	assert_non_null(layout);
	assert_string_equal(layout->path, *state);
	free(lines);
	bn_layout_destroy(layout);
	bn_diag_list_finish(&diags);
}

static void expect_refused(void **state) {
	const char *path = *state;
	char expected_path[320];
	snprintf(expected_path, sizeof(expected_path), "%.*s.expected", (int)strlen(path) - 5,
			path);
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	struct bn_layout *layout = bn_layout_load(path, NULL, &diags);
	char *lines = all_lines(&diags), *expected = read_whole(expected_path);
	assert_string_equal(lines, expected);
	assert_null(layout);
	assert_true(bn_diag_list_errors(&diags) > 0);
	free(lines);
	free(expected);
	bn_diag_list_finish(&diags);
}

static void add_folder(struct corpus *corpus, const char *folder, CMUnitTestFunction run) {
	DIR *dir = opendir(folder);
	struct dirent *entry;
	while (dir != NULL && (entry = readdir(dir)) != NULL && corpus->count < MAX_CASES) {
		const char *dot = strrchr(entry->d_name, '.');
		if (dot == NULL || strcmp(dot, ".yaml") != 0) {
			continue;
		}
		char *name = corpus->names[corpus->count];
		snprintf(name, sizeof(corpus->names[0]), "%s/%s", folder, entry->d_name);
		corpus->tests[corpus->count++] = (struct CMUnitTest){
			.name = name,
			.test_func = run,
			.initial_state = name,
		};
	}
	if (dir != NULL) {
		closedir(dir);
	}
}

static int by_name(const void *a, const void *b) {
	return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

int main(void) {
	const char *data = getenv("BN_TEST_DATA");
	char folder[4096];
	snprintf(folder, sizeof(folder), "%s/layouts", data != NULL ? data : "tests/data");
	if (chdir(folder) != 0) {
		perror(folder);
		return 1;
	}
	struct corpus *corpus = calloc(1, sizeof(*corpus));
	add_folder(corpus, "good", expect_good);
	add_folder(corpus, "bad", expect_refused);
	add_folder(corpus, "../../../layouts", expect_good);
	add_folder(corpus, "../../../layouts/brands", expect_good);
	add_folder(corpus, "../../../layouts/models", expect_good);
	if (corpus->count < 20) {
		fprintf(stderr, "%s: the corpus is not there\n", folder);
		return 1;
	}
	qsort(corpus->tests, corpus->count, sizeof(corpus->tests[0]), by_name);
	int failed = _cmocka_run_group_tests("layout_load", corpus->tests, corpus->count, NULL,
			NULL);
	free(corpus);
	return failed;
}
