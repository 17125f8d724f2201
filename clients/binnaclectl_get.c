#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binnaclectl.h"

static const struct ctl_column display_columns[] = {
	{ "DISPLAY", "name", false, NULL },
	{ "CONNECTED", "connected", false, NULL },
	{ "SIZE", NULL, true, ctl_format_size },
	{ "SCALE", "scale", true, NULL },
	{ "HZ", NULL, true, ctl_format_refresh },
	{ "ADAPTIVE SYNC", "adaptive_sync", false, NULL },
	{ "SAFETY", "safety", false, NULL },
	{ "OCCUPANT", "occupant", false, NULL },
	{ "CONNECTOR", "connector", false, NULL },
	{ "MAKE", "make", false, NULL },
	{ "MODEL", "model", false, NULL },
	{ "SERIAL", "serial", false, NULL },
};

static const struct ctl_column unknown_columns[] = {
	{ "NOT IN THE LAYOUT", "connector", false, NULL },
	{ "SIZE", NULL, true, ctl_format_size },
	{ "MAKE", "make", false, NULL },
	{ "MODEL", "model", false, NULL },
	{ "SERIAL", "serial", false, NULL },
};

static const struct ctl_column zone_columns[] = {
	{ "ZONE", "name", false, NULL },
	{ "DISPLAY", "display", false, NULL },
	{ "LAYER", "layer", false, NULL },
	{ "BOX", NULL, true, ctl_format_box },
	{ "SHOWS", NULL, false, ctl_format_shown },
	{ "WAITING", "waiting", false, NULL },
	{ "RESTRICTED", "restrictions", false, NULL },
	{ "WHY", "reason", false, NULL },
};

static const struct ctl_column app_columns[] = {
	{ "APP", "name", false, NULL },
	{ "PROCESS", "process", false, NULL },
	{ "PID", "pid", true, NULL },
	{ "STARTS", "starts", true, NULL },
	{ "FAILURES", "failures", true, NULL },
	{ "HOME", "home", false, NULL },
	{ "IN", NULL, false, ctl_format_app_zones },
};

static const struct ctl_column signal_columns[] = {
	{ "SIGNAL", "name", false, NULL },
	{ "VALUE", NULL, true, ctl_format_value },
	{ "STALE", "stale", false, NULL },
	{ "AGE", NULL, true, ctl_format_age },
	{ "FROM", "from", false, NULL },
};

static const struct ctl_column client_columns[] = {
	{ "PID", "pid", true, NULL },
	{ "APP", "app", false, NULL },
	{ "KNOWN BY", NULL, false, ctl_format_known_by },
	{ "SEAT", "seat", false, NULL },
	{ "IN", NULL, false, ctl_format_app_zones },
	{ "COMMITS", "commits", true, NULL },
	{ "UPLOADED", NULL, true, ctl_format_bytes },
	{ "LAST REASON", NULL, false, ctl_format_last_reason },
};

static const struct ctl_column state_columns[] = {
	{ "STATE", "name", false, NULL },
	{ "HOLDS", "value", false, NULL },
};

static const struct ctl_column rule_columns[] = {
	{ "RULE", "when", false, NULL },
	{ "IN FORCE", "in_force", false, NULL },
	{ "FILE", "file", false, NULL },
	{ "LINE", "line", true, NULL },
};

void ctl_print_faults(yyjson_val *reply) {
	yyjson_val *fault;
	yyjson_arr_iter faults = yyjson_arr_iter_with(yyjson_obj_get(reply, "faults"));
	while ((fault = yyjson_arr_iter_next(&faults)) != NULL) {
		if (ctl_string(fault, "file")[0] != '\0') {
			ctl_print_text(ctl_string(fault, "file"));
			printf(":%lld:%lld: ", ctl_integer(fault, "line"),
					ctl_integer(fault, "column"));
		}
		printf("%s: ", ctl_string(fault, "severity"));
		ctl_print_text(ctl_string(fault, "text"));
		putchar('\n');
	}
}

void ctl_print_field(yyjson_val *reply, const char *title, const char *key) {
	char *text = ctl_format(yyjson_obj_get(reply, key));
	printf("%-9s ", title);
	ctl_print_text(text != NULL ? text : "?");
	putchar('\n');
	free(text);
}

static const struct ctl_column check_columns[] = {
	{ "CHECK", "name", false, NULL },
	{ "ZONE", "zone", false, NULL },
	{ "DEMANDED", "demand", false, NULL },
	{ "GLASS", "glass", false, NULL },
	{ "STATE", "state", false, NULL },
	{ "FAULTS", "faults", true, NULL },
	{ "SLOWEST ms", NULL, true, ctl_format_reaction },
	{ "REASON", "reason", false, NULL },
};

static void print_layout(yyjson_val *reply) {
	yyjson_val *theme = yyjson_obj_get(reply, "theme");
	ctl_print_field(reply, "layout", "name");
	ctl_print_field(reply, "file", "path");
	ctl_print_field(reply, "profile", "profile");
	ctl_print_field(reply, "profiles", "profiles");
	ctl_print_field(theme, "theme", "name");
	ctl_print_field(reply, "themes", "themes");
	ctl_print_field(reply, "reloads", "reloads");
	putchar('\n');
	ctl_print_table(yyjson_obj_get(reply, "states"), state_columns, COUNT_OF(state_columns));
	putchar('\n');
	ctl_print_table(yyjson_obj_get(reply, "rules"), rule_columns, COUNT_OF(rule_columns));
	if (yyjson_arr_size(yyjson_obj_get(reply, "faults")) > 0) {
		puts("\nfaults of the last reload:");
		ctl_print_faults(reply);
	}
}

static const struct {
	const char *name;
	const struct ctl_column *columns;
	size_t count;
} tables[] = {
	{ "displays", display_columns, COUNT_OF(display_columns) },
	{ "zones", zone_columns, COUNT_OF(zone_columns) },
	{ "apps", app_columns, COUNT_OF(app_columns) },
	{ "signals", signal_columns, COUNT_OF(signal_columns) },
	{ "clients", client_columns, COUNT_OF(client_columns) },
	{ "checks", check_columns, COUNT_OF(check_columns) },
};

static void print_answer(const char *what, yyjson_val *reply) {
	if (strcmp(what, "layout") == 0) {
		print_layout(reply);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(tables); i++) {
		if (strcmp(tables[i].name, what) == 0) {
			ctl_print_table(yyjson_obj_get(reply, what), tables[i].columns,
					tables[i].count);
		}
	}
	yyjson_val *unknown = yyjson_obj_get(reply, "unknown");
	if (yyjson_arr_size(unknown) > 0) {
		putchar('\n');
		ctl_print_table(unknown, unknown_columns, COUNT_OF(unknown_columns));
	}
}

enum ctl_status ctl_get(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_GET);
	yyjson_mut_obj_add_str(message.doc, message.root, "what", argv[1]);
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	if (status == CTL_DONE && ctl->json) {
		puts(reply.line);
	} else if (status == CTL_DONE) {
		print_answer(argv[1], reply.root);
	}
	ctl_reply_finish(&reply);
	return status;
}
