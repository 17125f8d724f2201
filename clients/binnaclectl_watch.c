#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binnaclectl.h"

static void print_named(const char *kind, yyjson_val *thing, char *text, const char *more) {
	printf("%s ", kind);
	ctl_print_text(ctl_string(thing, "name"));
	printf(": ");
	ctl_print_text(text != NULL ? text : "?");
	if (more != NULL && more[0] != '\0') {
		printf(" - ");
		ctl_print_text(more);
	}
	putchar('\n');
	free(text);
}

static void print_zone(yyjson_val *zone) {
	print_named("zone", zone, ctl_format_shown(zone), ctl_string(zone, "reason"));
}

static void print_app(yyjson_val *app) {
	char *zones = ctl_format_app_zones(app);
	char *more = NULL;
	if (zones != NULL && strcmp(zones, "-") != 0 && asprintf(&more, "in %s", zones) < 0) {
		more = NULL;
	}
	print_named("app", app, strdup(ctl_string(app, "process")), more);
	free(more);
	free(zones);
}

static void print_signal(yyjson_val *signal) {
	bool stale = yyjson_get_bool(yyjson_obj_get(signal, "stale"));
	print_named("signal", signal, ctl_format_value(signal), stale ? "stale" : NULL);
}

static void print_display(yyjson_val *display) {
	bool connected = yyjson_get_bool(yyjson_obj_get(display, "connected"));
	print_named("display", display,
			connected ? ctl_format_size(display) : strdup("not connected"), NULL);
}

static void print_state(yyjson_val *state) {
	print_named("state", state, strdup(ctl_string(state, "value")), NULL);
}

static void print_theme(yyjson_val *theme) {
	bool forced = yyjson_get_bool(yyjson_obj_get(theme, "forced"));
	print_named("theme", theme, strdup("in force"), forced ? "by command" : NULL);
}

static const struct {
	const char *event, *plural;
	void (*print)(yyjson_val *thing);
} events[] = {
	{ "display", "displays", print_display },
	{ "zone", "zones", print_zone },
	{ "app", "apps", print_app },
	{ "signal", "signals", print_signal },
	{ "state", "states", print_state },
	{ "theme", "themes", print_theme },
};

static void print_event(yyjson_val *event) {
	const char *name = ctl_string(event, "event");
	bool all = strcmp(name, "snapshot") == 0;
	if (all) {
		ctl_print_field(event, "layout", "path");
	}
	for (size_t i = 0; i < COUNT_OF(events); i++) {
		yyjson_val *thing;
		yyjson_arr_iter things =
				yyjson_arr_iter_with(yyjson_obj_get(event, events[i].plural));
		while (all && (thing = yyjson_arr_iter_next(&things)) != NULL) {
			events[i].print(thing);
		}
		if (!all && strcmp(name, events[i].event) == 0) {
			events[i].print(event);
		}
	}
	if (strcmp(name, "reload-failed") == 0) {
		puts("reload failed, everything stays as it was:");
	}
	ctl_print_faults(event);
}

static void handle_stop(int number) {
	(void)number; // the read that it interrupts ends the stream
}

enum ctl_status ctl_watch(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_WATCH);
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	ctl_reply_finish(&reply);
	if (status != CTL_DONE) {
		return status;
	}
	struct sigaction stop = { .sa_handler = handle_stop, .sa_flags = (int)SA_RESETHAND };
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	ctl_set_timeout(ctl, 0);
	for (char *line; (line = ctl_read_line(ctl)) != NULL; free(line)) {
		yyjson_doc *doc = ctl->json ? NULL : yyjson_read(line, strlen(line), 0);
		if (ctl->json) {
			puts(line);
		} else {
			print_event(yyjson_doc_get_root(doc));
		}
		yyjson_doc_free(doc);
		if (fflush(stdout) != 0) {
			free(line);
			return CTL_FAILED;
		}
	}
	return CTL_DONE;
}
