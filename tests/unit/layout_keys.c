#include <stdio.h>
#include <stdlib.h>

#include "core/layout_load.h"

static bool print(char *json, struct bn_diag_list *diags) {
	bool ok = json != NULL;
	if (ok) {
		puts(json);
	}
	for (size_t i = 0; i < diags->count; i++) {
		char *line = bn_diag_format(&diags->items[i]);
		fprintf(stderr, "%s\n", line);
		free(line);
	}
	free(json);
	return ok;
}

/** Prints the loader's keys as JSON; with files, each merged. For the tests of schema and manual. */
int main(int argc, char *argv[]) {
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	bool ok = argc > 1 || print(bn_layout_keys_json(), &diags);
	for (int i = 1; i < argc && ok; i++) {
		ok = print(bn_layout_merged_json(argv[i], NULL, &diags), &diags);
	}
	bn_diag_list_finish(&diags);
	return ok ? 0 : 1;
}
