#include <stdio.h>
#include <stdlib.h>

#include "binnaclectl.h"
#include "core/layout_load.h"

static void add_fault(yyjson_mut_doc *doc, yyjson_mut_val *list, const struct bn_diag *diag) {
	yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
	yyjson_mut_obj_add_str(doc, item, "file", diag->file);
	yyjson_mut_obj_add_int(doc, item, "line", diag->line);
	yyjson_mut_obj_add_int(doc, item, "column", diag->column);
	yyjson_mut_obj_add_str(doc, item, "severity",
			diag->severity == BN_SEVERITY_ERROR ? "error" : "warning");
	yyjson_mut_obj_add_str(doc, item, "text", diag->text);
}

static void print_json(const struct bn_diag_list *diags, bool ok) {
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_bool(doc, root, "ok", ok);
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "faults");
	for (size_t i = 0; i < diags->count; i++) {
		add_fault(doc, list, &diags->items[i]);
	}
	// A layout may hold any bytes in what it quotes.
	char *text = yyjson_mut_write(doc, YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL);
	puts(text != NULL ? text : "{\"ok\":false}");
	free(text);
	yyjson_mut_doc_free(doc);
}

void ctl_print_diags(const struct bn_diag_list *diags) {
	for (size_t i = 0; i < diags->count; i++) {
		char *line = bn_diag_format(&diags->items[i]);
		ctl_print_text(line != NULL ? line : "out of memory");
		putchar('\n');
		free(line);
	}
	if (diags->out_of_memory) {
		puts("error: out of memory, not all faults are listed");
	}
}

enum ctl_status ctl_check(struct ctl *ctl, int argc, char **argv) {
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	struct bn_layout_options options = { .profile = ctl->profile };
	struct bn_layout *layout = bn_layout_load(argv[1], &options, &diags);
	bool ok = layout != NULL && bn_diag_list_errors(&diags) == 0;
	if (ctl->json) {
		print_json(&diags, ok);
	} else {
		ctl_print_diags(&diags);
	}
	if (ok && !ctl->json) {
		printf("%s: %zu displays, %zu zones, %zu apps, %zu signals, %zu rules: good\n",
				argv[1], layout->display_count, layout->zone_count,
				layout->app_count, layout->signal_count, layout->rule_count);
	} else if (!ctl->json) {
		size_t errors = bn_diag_list_errors(&diags);
		printf("%s: %zu error%s\n", argv[1], errors, errors == 1 ? "" : "s");
	}
	bool reported = ctl->report == NULL || ctl_report(argv[1], layout, ok, ctl->report);
	bn_layout_destroy(layout);
	bn_diag_list_finish(&diags);
	return ok && reported ? CTL_DONE : CTL_FAILED;
}
