#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binnaclectl.h"
#include "core/layout_load.h"
#include "core/layout_load_internal.h"
#include "core/policy.h"

/** How somebody is known; the first is taken when nothing is said. */
static const struct {
	const char *name;
	enum bn_identity_source source;
	bool sandboxed;
} hows[] = {
	{ "socket", BN_IDENTITY_SOCKET, false },
	{ "listener", BN_IDENTITY_LISTENER, false },
	{ "pid", BN_IDENTITY_UNIT, false },
	{ "security-context", BN_IDENTITY_SECURITY_CONTEXT, true },
	{ "app-id", BN_IDENTITY_APP_ID, false },
};

const struct ctl_policy_other ctl_policy_others[CTL_POLICY_OTHERS] = {
	{ "owner", { BN_IDENTITY_OWNER, BN_NONE, false } },
	{ "unknown", { BN_IDENTITY_NONE, BN_NONE, false } },
	{ "sandboxed", { BN_IDENTITY_SECURITY_CONTEXT, BN_NONE, true } },
};

/** What is asked, from the command line. */
struct question {
	const struct bn_layout *layout;
	const char *who, *how;
	const char *action, *name, *object; // the last two NULL when not given
	bool matrix;
	struct bn_identity identity;
	size_t row, index; // of the table, of the object; BN_NONE
};

static bool take_value(int argc, char **argv, int *at, const char **ret_value) {
	if (*at + 1 >= argc) {
		ctl_complain("%s needs a value", argv[*at]);
		return false;
	}
	*ret_value = argv[++*at];
	return true;
}

static bool parse(struct question *question, int argc, char **argv) {
	const char **const words[] = { &question->action, &question->name, &question->object };
	size_t count = 0;
	for (int at = 2; at < argc; at++) {
		bool good = true;
		if (strcmp(argv[at], "--matrix") == 0) {
			question->matrix = true;
		} else if (strcmp(argv[at], "--as") == 0) {
			good = take_value(argc, argv, &at, &question->who);
		} else if (strcmp(argv[at], "--by") == 0) {
			good = take_value(argc, argv, &at, &question->how);
		} else if (argv[at][0] == '-' || count == COUNT_OF(words)) {
			ctl_complain("test-policy does not understand '%s'", argv[at]);
			good = false;
		} else {
			*words[count++] = argv[at];
		}
		if (!good) {
			return false;
		}
	}
	if (question->matrix != (question->action == NULL)) {
		ctl_complain("test-policy takes either --matrix or one thing to do: bind, verb, "
			     "fill, "
			     "picture or activate");
		return false;
	}
	return true;
}

struct names {
	const struct bn_layout *layout;
	enum bn_policy_object kind;
};

static const char *get_name(const void *data, size_t index) {
	const struct names *names = data;
	return ctl_policy_object_name(names->layout, names->kind, index);
}

/** The index of a name among the layout's; false, with a suggestion, when it is not there. */
static bool find_name(const struct question *question, enum bn_policy_object kind, const char *name,
		size_t *ret_index) {
	static const char *const nouns[] = { "thing", "app", "signal", "zone" };
	const struct names names = { question->layout, kind };
	size_t count = ctl_policy_object_count(question->layout, kind);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(get_name(&names, i), name) == 0) {
			*ret_index = i;
			return true;
		}
	}
	const char *nearest = bn_load_nearest(name, get_name, &names, count);
	ctl_complain("the layout has no %s '%s'%s%s%s", nouns[kind], name,
			nearest != NULL ? " - did you mean '" : "", nearest != NULL ? nearest : "",
			nearest != NULL ? "'?" : "");
	return false;
}

static bool find_app(struct question *question) {
	const char *how = question->how != NULL ? question->how : hows[0].name;
	for (size_t i = 0; i < COUNT_OF(hows); i++) {
		if (strcmp(how, hows[i].name) == 0) {
			question->identity.source = hows[i].source;
			question->identity.sandboxed = hows[i].sandboxed;
			return find_name(question, BN_POLICY_OF_APP, question->who,
					&question->identity.app);
		}
	}
	ctl_complain("'%s' is no way to know somebody: say socket, listener, pid, security-context "
		     "or app-id",
			how);
	return false;
}

static bool find_who(struct question *question) {
	const char *who = question->who != NULL ? question->who : "unknown";
	for (size_t i = 0; i < CTL_POLICY_OTHERS; i++) {
		if (strcmp(who, ctl_policy_others[i].name) != 0) {
			continue;
		}
		if (question->how != NULL) {
			ctl_complain("--by is for apps; %s is not one", who);
			return false;
		}
		question->who = who;
		question->identity = ctl_policy_others[i].identity;
		return true;
	}
	return find_app(question);
}

/** Finds the row. A global without one is an answer too: nobody may. */
static bool find_row(struct question *question) {
	if (strcmp(question->action, "bind") == 0 || strcmp(question->action, "verb") == 0) {
		if (question->name == NULL) {
			ctl_complain("%s what?", question->action);
			return false;
		}
		bool is_verb = question->action[0] == 'v';
		question->row = bn_policy_find(is_verb ? BN_POLICY_VERB : BN_POLICY_GLOBAL,
				question->name);
		if (is_verb && question->row == BN_NONE) {
			ctl_complain("there is no verb '%s'; --matrix lists them", question->name);
			return false;
		}
		return true;
	}
	question->row = bn_policy_find(BN_POLICY_REQUEST, question->action);
	if (question->row == BN_NONE || question->object != NULL) {
		ctl_complain("'%s' is nothing that can be asked for: say bind GLOBAL, verb VERB "
			     "[OBJECT], fill ZONE, picture ZONE or activate",
				question->row == BN_NONE ? question->action : question->object);
		return false;
	}
	question->object = question->name;
	question->name = question->action;
	return true;
}

static bool find_object(struct question *question) {
	question->index = BN_NONE;
	if (question->object == NULL) {
		return true;
	}
	enum bn_policy_object kind = question->row != BN_NONE
			? bn_policy_object(bn_policy_row(question->row)->privilege)
			: BN_POLICY_OF_NOTHING;
	if (kind == BN_POLICY_OF_NOTHING) {
		ctl_complain("%s is about nothing in particular: leave '%s' out", question->name,
				question->object);
		return false;
	}
	return find_name(question, kind, question->object, &question->index);
}

static void print_json(const struct question *question, const struct bn_policy_verdict *verdict) {
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_bool(doc, root, "ok", true);
	yyjson_mut_obj_add_bool(doc, root, "allowed", verdict->allowed);
	yyjson_mut_obj_add_str(doc, root, "reason", verdict->reason);
	yyjson_mut_obj_add_str(doc, root, "who", question->who);
	bool is_app = question->identity.app != BN_NONE;
	yyjson_mut_obj_add_str(doc, root, "by",
			!is_app                                 ? NULL
					: question->how != NULL ? question->how
								: hows[0].name);
	const struct bn_policy_row *row = bn_policy_row(question->row);
	yyjson_mut_obj_add_str(doc, root, "kind",
			bn_policy_kind_name(row != NULL ? row->kind : BN_POLICY_GLOBAL));
	yyjson_mut_obj_add_str(doc, root, "name", question->name);
	yyjson_mut_obj_add_str(doc, root, "object", question->object);
	yyjson_mut_obj_add_str(doc, root, "privilege",
			bn_privilege_name(row != NULL ? row->privilege : BN_PRIVILEGE_NOBODY));
	yyjson_mut_obj_add_str(doc, root, "file", verdict->mark.file);
	yyjson_mut_obj_add_int(doc, root, "line", verdict->mark.line);
	yyjson_mut_obj_add_int(doc, root, "column", verdict->mark.column);
	char *text = yyjson_mut_write(doc, YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL);
	puts(text != NULL ? text : "{\"ok\":false}");
	free(text);
	yyjson_mut_doc_free(doc);
}

static void print_text(const struct bn_policy_verdict *verdict) {
	printf("%s: ", verdict->allowed ? "yes" : "no");
	ctl_print_text(verdict->reason);
	if (verdict->mark.file != NULL) {
		fputs(" (", stdout);
		ctl_print_text(verdict->mark.file);
		printf(":%d:%d)", verdict->mark.line, verdict->mark.column);
	}
	putchar('\n');
}

static enum ctl_status answer(struct ctl *ctl, struct question *question) {
	if (!find_who(question) || !find_row(question) || !find_object(question)) {
		return CTL_USAGE;
	}
	const struct bn_layout *layout = question->layout;
	struct bn_policy_verdict verdict = question->row != BN_NONE
			? bn_policy_ask(layout, &question->identity, question->row, question->index)
			: bn_policy_global(layout, &question->identity, question->name);
	if (ctl->json) {
		print_json(question, &verdict);
	} else {
		print_text(&verdict);
	}
	return verdict.allowed ? CTL_DONE : CTL_DENIED;
}

size_t ctl_policy_object_count(const struct bn_layout *layout, enum bn_policy_object kind) {
	switch (kind) {
	case BN_POLICY_OF_APP:
		return layout->app_count;
	case BN_POLICY_OF_SIGNAL:
		return layout->signal_count;
	case BN_POLICY_OF_ZONE:
		return layout->zone_count;
	case BN_POLICY_OF_NOTHING:
		break;
	}
	return 1;
}

const char *ctl_policy_object_name(const struct bn_layout *layout, enum bn_policy_object kind,
		size_t index) {
	switch (kind) {
	case BN_POLICY_OF_APP:
		return layout->apps[index].name;
	case BN_POLICY_OF_SIGNAL:
		return layout->signals[index].name;
	case BN_POLICY_OF_ZONE:
		return layout->zones[index].name;
	case BN_POLICY_OF_NOTHING:
		break;
	}
	return NULL;
}

enum ctl_status ctl_test_policy(struct ctl *ctl, int argc, char **argv) {
	struct question question = { .row = BN_NONE, .index = BN_NONE };
	question.identity.app = BN_NONE;
	if (!parse(&question, argc, argv)) {
		return CTL_USAGE;
	}
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	const struct bn_layout_options options = { .profile = ctl->profile };
	struct bn_layout *layout = bn_layout_load(argv[1], &options, &diags);
	enum ctl_status status = CTL_FAILED;
	if (layout == NULL) {
		ctl_print_diags(&diags);
	} else {
		question.layout = layout;
		status = question.matrix ? ctl_policy_matrix(ctl, layout) : answer(ctl, &question);
	}
	bn_layout_destroy(layout);
	bn_diag_list_finish(&diags);
	return status;
}
