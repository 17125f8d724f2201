#include <stdio.h>
#include <stdlib.h>

#include "binnaclectl.h"
#include "core/policy.h"

/** Besides those who are no app, each app of the layout is asked for in each of these ways. */
static const struct {
	const char *each, *suffix; // "every app", "nav" + suffix
	enum bn_identity_source source;
	bool sandboxed;
} ways[] = {
	{ "every app", "", BN_IDENTITY_SOCKET, false },
	{ "every sandboxed app", " sandboxed", BN_IDENTITY_SECURITY_CONTEXT, true },
	{ "every app by its app_id alone", " by its app_id alone", BN_IDENTITY_APP_ID, false },
};

struct matrix {
	const struct bn_layout *layout;
	yyjson_mut_doc *doc;
	yyjson_mut_val *list; // of rows
	size_t row, object;   // the one that is asked about
};

static bool may(const struct matrix *matrix, const struct bn_identity *who) {
	return bn_policy_ask(matrix->layout, who, matrix->row, matrix->object).allowed;
}

static bool may_app(const struct matrix *matrix, size_t app, size_t way) {
	const struct bn_identity who = { ways[way].source, app, ways[way].sandboxed };
	return may(matrix, &who);
}

static size_t count_apps(const struct matrix *matrix, size_t way) {
	size_t count = 0;
	for (size_t i = 0; i < matrix->layout->app_count; i++) {
		count += may_app(matrix, i, way);
	}
	return count;
}

static void add_text(const struct matrix *matrix, yyjson_mut_val *allowed, const char *name,
		const char *suffix) {
	char *text;
	if (asprintf(&text, "%s%s", name, suffix) >= 0) {
		yyjson_mut_arr_add_strcpy(matrix->doc, allowed, text);
		free(text);
	}
}

static void add_apps(const struct matrix *matrix, yyjson_mut_val *allowed, size_t way) {
	size_t count = count_apps(matrix, way);
	if (count > 0 && count == matrix->layout->app_count) {
		add_text(matrix, allowed, ways[way].each, "");
		return;
	}
	for (size_t i = 0; i < matrix->layout->app_count; i++) {
		if (may_app(matrix, i, way)) {
			add_text(matrix, allowed, matrix->layout->apps[i].name, ways[way].suffix);
		}
	}
}

static bool is_for_everybody(const struct matrix *matrix) {
	bool all = true;
	for (size_t i = 0; i < CTL_POLICY_OTHERS; i++) {
		all = all && may(matrix, &ctl_policy_others[i].identity);
	}
	for (size_t way = 0; way < COUNT_OF(ways); way++) {
		all = all && count_apps(matrix, way) == matrix->layout->app_count;
	}
	return all;
}

static void add_allowed(const struct matrix *matrix, yyjson_mut_val *allowed) {
	if (is_for_everybody(matrix)) {
		add_text(matrix, allowed, "everybody", "");
		return;
	}
	for (size_t i = 0; i < CTL_POLICY_OTHERS; i++) {
		if (may(matrix, &ctl_policy_others[i].identity)) {
			add_text(matrix, allowed, ctl_policy_others[i].name, "");
		}
	}
	for (size_t way = 0; way < COUNT_OF(ways); way++) {
		add_apps(matrix, allowed, way);
	}
	if (yyjson_mut_arr_size(allowed) == 0) {
		add_text(matrix, allowed, "nobody", "");
	}
}

static void add_row(const struct matrix *matrix) {
	const struct bn_policy_row *row = bn_policy_row(matrix->row);
	yyjson_mut_doc *doc = matrix->doc;
	yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, matrix->list);
	yyjson_mut_obj_add_str(doc, item, "kind", bn_policy_kind_name(row->kind));
	yyjson_mut_obj_add_str(doc, item, "name", row->name);
	yyjson_mut_obj_add_str(doc, item, "object",
			ctl_policy_object_name(matrix->layout, bn_policy_object(row->privilege),
					matrix->object));
	yyjson_mut_obj_add_str(doc, item, "privilege", bn_privilege_name(row->privilege));
	yyjson_mut_obj_add_str(doc, item, "needs", bn_privilege_text(row->privilege));
	add_allowed(matrix, yyjson_mut_obj_add_arr(doc, item, "allowed"));
}

static void add_rows(struct matrix *matrix) {
	for (matrix->row = 0; matrix->row < bn_policy_count(); matrix->row++) {
		enum bn_policy_object kind =
				bn_policy_object(bn_policy_row(matrix->row)->privilege);
		size_t count = ctl_policy_object_count(matrix->layout, kind);
		for (size_t i = 0; i < count; i++) {
			matrix->object = kind != BN_POLICY_OF_NOTHING ? i : BN_NONE;
			add_row(matrix);
		}
	}
}

static bool print(struct ctl *ctl, const struct matrix *matrix) {
	yyjson_doc *done = yyjson_mut_doc_imut_copy(matrix->doc, NULL);
	char *text = ctl->json
			? yyjson_mut_write(matrix->doc, YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL)
			: NULL;
	bool good = done != NULL && (!ctl->json || text != NULL);
	if (good && ctl->json) {
		puts(text);
	} else if (good) {
		static const struct ctl_column columns[] = {
			{ .title = "KIND", .key = "kind" },
			{ .title = "NAME", .key = "name" },
			{ .title = "OF", .key = "object" },
			{ .title = "PRIVILEGE", .key = "privilege" },
			{ .title = "WHO MAY", .key = "allowed" },
		};
		ctl_print_table(yyjson_obj_get(yyjson_doc_get_root(done), "rows"), columns,
				COUNT_OF(columns));
	} else {
		ctl_complain("out of memory");
	}
	free(text);
	yyjson_doc_free(done);
	return good;
}

enum ctl_status ctl_policy_matrix(struct ctl *ctl, const struct bn_layout *layout) {
	struct matrix matrix = { .layout = layout, .doc = yyjson_mut_doc_new(NULL) };
	yyjson_mut_val *root = yyjson_mut_obj(matrix.doc);
	yyjson_mut_doc_set_root(matrix.doc, root);
	yyjson_mut_obj_add_bool(matrix.doc, root, "ok", true);
	yyjson_mut_obj_add_str(matrix.doc, root, "layout", layout->path);
	matrix.list = yyjson_mut_obj_add_arr(matrix.doc, root, "rows");
	add_rows(&matrix);
	bool done = print(ctl, &matrix);
	yyjson_mut_doc_free(matrix.doc);
	return done ? CTL_DONE : CTL_FAILED;
}
