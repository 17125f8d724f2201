#include "binnaclectl.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/vehicle.h"

#define TOUCH_STEP_NS 16000000L // between the points of a drag: about a touchscreen's pace

void ctl_complain(const char *format, ...) {
	va_list args;
	va_start(args, format);
	fputs("binnaclectl: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

/** "12" and true are what they look like; "\"12\"" is a string, unknown (or null) forgets. */
static bool parse_value(const char *text, struct bn_value *ret_value) {
	size_t length = strlen(text);
	if (strcmp(text, "unknown") == 0 || strcmp(text, "null") == 0) {
		*ret_value = (struct bn_value){ .kind = BN_VALUE_UNKNOWN };
		return true;
	}
	if (length < 2 || text[0] != '"' || text[length - 1] != '"') {
		return bn_value_parse(text, ret_value);
	}
	*ret_value = (struct bn_value){ .kind = BN_VALUE_STRING };
	if (length - 2 >= sizeof(ret_value->text)) {
		return false;
	}
	memcpy(ret_value->text, text + 1, length - 2);
	return true;
}

static enum ctl_status run_set(struct ctl *ctl, int argc, char **argv) {
	struct bn_value value;
	if (!parse_value(argv[2], &value)) {
		ctl_complain("'%s' is no value: say a number, true, false, unknown or a text of at "
			     "most "
			     "%d bytes",
				argv[2], BN_STRING_VALUE_MAX - 1);
		return CTL_USAGE;
	}
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_SET);
	yyjson_mut_obj_add_str(message.doc, message.root, "signal", argv[1]);
	yyjson_mut_obj_add_val(message.doc, message.root, "value",
			bn_ipc_value(message.doc, &value));
	return ctl_command(ctl, &message);
}

static enum ctl_status run_show(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_SHOW);
	yyjson_mut_obj_add_str(message.doc, message.root, "app", argv[1]);
	if (argc > 2) {
		yyjson_mut_obj_add_str(message.doc, message.root, "zone", argv[2]);
	}
	return ctl_command(ctl, &message);
}

static enum ctl_status run_hide(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_HIDE);
	yyjson_mut_obj_add_str(message.doc, message.root, "name", argv[1]);
	return ctl_command(ctl, &message);
}

static enum ctl_status run_why(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_WHY);
	yyjson_mut_obj_add_str(message.doc, message.root, "name", argv[1]);
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	if (status == CTL_DONE && ctl->json) {
		puts(reply.line);
	} else if (status == CTL_DONE) {
		yyjson_val *line;
		yyjson_arr_iter lines = yyjson_arr_iter_with(yyjson_obj_get(reply.root, "lines"));
		while ((line = yyjson_arr_iter_next(&lines)) != NULL) {
			ctl_print_text(yyjson_get_str(line) != NULL ? yyjson_get_str(line) : "");
			putchar('\n');
		}
	}
	ctl_reply_finish(&reply);
	return status;
}

struct point {
	double x, y;
};

static bool parse_coordinate(const char *text, double *ret_value) {
	char *end;
	errno = 0;
	*ret_value = strtod(text, &end);
	return errno == 0 && end != text && *end == '\0' && isfinite(*ret_value);
}

static enum ctl_status send_touch(struct ctl *ctl, const char *display, const struct point *point,
		const char *phase) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_TOUCH);
	yyjson_mut_obj_add_str(message.doc, message.root, "display", display);
	yyjson_mut_obj_add_real(message.doc, message.root, "x", point->x);
	yyjson_mut_obj_add_real(message.doc, message.root, "y", point->y);
	yyjson_mut_obj_add_str(message.doc, message.root, "phase", phase);
	return ctl_command(ctl, &message);
}

/** One point: a tap. More: down at the first, drawn over the others, up at the last. */
static enum ctl_status run_touch(struct ctl *ctl, int argc, char **argv) {
	if (argc % 2 != 0) {
		ctl_complain("each point needs an X and a Y");
		return CTL_USAGE;
	}
	enum ctl_status status = CTL_DONE;
	for (int i = 2; i < argc && status == CTL_DONE; i += 2) {
		struct point point;
		if (!parse_coordinate(argv[i], &point.x)
				|| !parse_coordinate(argv[i + 1], &point.y)) {
			ctl_complain("'%s %s' is no point: say two numbers", argv[i], argv[i + 1]);
			return CTL_USAGE;
		}
		if (argc == 4) {
			return send_touch(ctl, argv[1], &point, "tap");
		}
		status = send_touch(ctl, argv[1], &point, i == 2 ? "down" : "move");
		nanosleep(&(struct timespec){ .tv_nsec = TOUCH_STEP_NS }, NULL);
		if (i + 2 == argc && status == CTL_DONE) {
			status = send_touch(ctl, argv[1], &point, "up");
		}
	}
	return status;
}

/** Prints the faults that a (re)load came with, of a failure too. */
static enum ctl_status run_load(struct ctl *ctl, struct bn_ipc_message *message) {
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, message, &reply);
	if (status == CTL_DONE && ctl->json) {
		puts(reply.line);
	} else if (!ctl->json) {
		ctl_print_faults(reply.root);
	}
	ctl_reply_finish(&reply);
	return status;
}

static enum ctl_status run_reload(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_RELOAD);
	return run_load(ctl, &message);
}

static enum ctl_status run_profile(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_PROFILE);
	if (strcmp(argv[1], "none") != 0) {
		yyjson_mut_obj_add_str(message.doc, message.root, "name", argv[1]);
	}
	return run_load(ctl, &message);
}

static enum ctl_status run_theme(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_THEME);
	if (strcmp(argv[1], "auto") != 0) {
		yyjson_mut_obj_add_str(message.doc, message.root, "name", argv[1]);
	}
	return ctl_command(ctl, &message);
}

static enum ctl_status run_switch(struct ctl *ctl, enum bn_verb verb, int argc, char **argv) {
	bool on = strcmp(argv[1], "on") == 0;
	if (!on && strcmp(argv[1], "off") != 0) {
		ctl_complain("%s takes on or off, not '%s'", argv[0], argv[1]);
		return CTL_USAGE;
	}
	struct bn_ipc_message message = ctl_request_begin(ctl, verb);
	yyjson_mut_obj_add_bool(message.doc, message.root, "on", on);
	if (argc > 2) {
		yyjson_mut_obj_add_str(message.doc, message.root, "display", argv[2]);
	}
	return ctl_command(ctl, &message);
}

static enum ctl_status run_inspect(struct ctl *ctl, int argc, char **argv) {
	return run_switch(ctl, BN_VERB_INSPECT, argc, argv);
}

static enum ctl_status run_overlay(struct ctl *ctl, int argc, char **argv) {
	return run_switch(ctl, BN_VERB_OVERLAY, argc, argv);
}

static enum ctl_status run_quit(struct ctl *ctl, int argc, char **argv) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_QUIT);
	return ctl_command(ctl, &message);
}

static enum ctl_status run_version(struct ctl *ctl, int argc, char **argv) {
	if (ctl->json) {
		puts("{\"ok\":true,\"version\":\"" BN_VERSION "\"}");
	} else {
		puts("binnaclectl " BN_VERSION);
	}
	return CTL_DONE;
}

static const struct command {
	const char *name, *arguments, *help;
	int min, max; // arguments
	enum ctl_status (*run)(struct ctl *ctl, int argc, char **argv);
} commands[] = {
	{ "get", "displays|zones|apps|signals|layout|clients|checks", "print what there is", 1, 1,
			ctl_get },
	{ "set", "SIGNAL VALUE", "set a vehicle signal", 2, 2, run_set },
	{ "show", "APP [ZONE]", "show an app, by default in its home zone", 1, 2, run_show },
	{ "hide", "APP|ZONE", "hide an app, or what a zone shows", 1, 1, run_hide },
	{ "why", "APP|ZONE", "tell what put it there or kept it out", 1, 1, run_why },
	{ "watch", "", "print everything, then each change", 0, 0, ctl_watch },
	{ "screenshot", "[DISPLAY|ZONE] FILE.png", "save what is shown; all displays by default", 1,
			2, ctl_screenshot },
	{ "golden", "capture [CHECK]...", "save what must be seen, as it is shown now", 1, 101,
			ctl_golden },
	{ "touch", "DISPLAY X Y [X Y]...", "tap, or drag from point to point", 3, 101, run_touch },
	{ "reload", "", "load the layout again", 0, 0, run_reload },
	{ "theme", "NAME|auto", "force a theme, or let rules decide", 1, 1, run_theme },
	{ "profile", "NAME|none", "load a person's profile", 1, 1, run_profile },
	{ "play", "FILE", "play a scripted drive", 1, 1, ctl_play },
	{ "stats", "", "print frame times, missed refreshes and costs", 0, 0, ctl_stats },
	{ "deadlines", "", "print how long rules with within: took to be on glass", 0, 0,
			ctl_deadlines },
	{ "metrics", "", "print the same as OpenMetrics text", 0, 0, ctl_metrics },
	{ "trace", "DURATION FILE.json", "save what happens as a trace for Perfetto or Chrome", 2,
			2, ctl_trace },
	{ "recorder", "dump FILE.json", "save the last 30 s as such a trace", 2, 2, ctl_recorder },
	{ "overlay", "on|off [DISPLAY]", "draw frame times over each display", 1, 2, run_overlay },
	{ "inspect", "on|off", "draw names and reasons over each display", 1, 1, run_inspect },
	{ "quit", "", "end the compositor", 0, 0, run_quit },
	{ "check", "FILE", "check a layout; needs no compositor", 1, 1, ctl_check },
	{ "test-policy", "FILE --matrix|[--as WHO] ACTION",
			"tell who could do what; needs no compositor", 2, 8, ctl_test_policy },
	{ "version", "", "print the version", 0, 0, run_version },
};

static void print_usage(FILE *file) {
	fputs("usage: binnaclectl [--json] [--socket PATH|NAME] COMMAND\n\n", file);
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		char call[80];
		snprintf(call, sizeof(call), "%s %s", commands[i].name, commands[i].arguments);
		fprintf(file, "  %-46s %s\n", call, commands[i].help);
	}
	fputs("\n  --json           print the compositor's answers as they are\n"
	      "  --socket PATH    the control socket; else $BINNACLE_SOCKET, else the newest\n"
	      "                   that answers in $XDG_RUNTIME_DIR\n"
	      "  --profile NAME   with check: the profile to merge\n"
	      "  --report PATH    with check: write what was proved; a folder, or FILE.json or "
	      ".html\n"
	      "\nexit status: 0 done, 1 refused or failed, 2 usage, 3 no compositor, 4 denied\n",
			file);
}

/** The command whose name starts with, or is a letter away from, what was typed; NULL: none. */
static const char *nearest_command(const char *name) {
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		const char *candidate = commands[i].name;
		size_t same = 0;
		while (name[same] != '\0' && name[same] == candidate[same]) {
			same++;
		}
		if (name[same] == '\0' || (same > 0 && same + 2 >= strlen(candidate))) {
			return candidate;
		}
	}
	return NULL;
}

static enum ctl_status run_command(struct ctl *ctl, int argc, char **argv) {
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		const struct command *command = &commands[i];
		if (strcmp(command->name, argv[0]) != 0) {
			continue;
		}
		if (argc - 1 < command->min || argc - 1 > command->max) {
			ctl_complain("usage: binnaclectl %s %s", command->name, command->arguments);
			return CTL_USAGE;
		}
		return command->run(ctl, argc, argv);
	}
	const char *nearest = nearest_command(argv[0]);
	ctl_complain("no command '%s'%s%s%s; see binnaclectl --help", argv[0],
			nearest != NULL ? " - did you mean '" : "", nearest != NULL ? nearest : "",
			nearest != NULL ? "'?" : "");
	return CTL_USAGE;
}

/** Takes "--name VALUE" or "--name=VALUE" at argv[*at]. */
static bool take_option(const char *name, int argc, char **argv, int *at, const char **ret_value) {
	size_t length = strlen(name);
	if (strncmp(argv[*at], name, length) != 0) {
		return false;
	}
	if (argv[*at][length] == '=') {
		*ret_value = argv[*at] + length + 1;
		return true;
	}
	if (argv[*at][length] != '\0' || *at + 1 >= argc) {
		return false;
	}
	*ret_value = argv[++*at];
	return true;
}

/**
 * Takes the options out of argv, wherever they stand; what is left are the command and
 * its arguments, *argc of them. Returns the exit status when the program ends here, else
 * -1. After the command a "-" may begin an argument: numbers are negative at times.
 */
static int take_options(struct ctl *ctl, int *argc, char **argv) {
	int left = 0;
	for (int at = 1; at < *argc; at++) {
		if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
			print_usage(stdout);
			return CTL_DONE;
		} else if (strcmp(argv[at], "--version") == 0) {
			return (int)run_version(ctl, 0, NULL);
		} else if (strcmp(argv[at], "--json") == 0) {
			ctl->json = true;
		} else if (take_option("--socket", *argc, argv, &at, &ctl->socket)
				|| take_option("--profile", *argc, argv, &at, &ctl->profile)
				|| take_option("--report", *argc, argv, &at, &ctl->report)) {
			continue;
		} else if (left == 0 && argv[at][0] == '-') {
			ctl_complain("'%s' is not understood; see binnaclectl --help", argv[at]);
			return CTL_USAGE;
		} else {
			argv[left++] = argv[at];
		}
	}
	*argc = left;
	if (left == 0) {
		print_usage(stderr);
		return CTL_USAGE;
	}
	return -1;
}

int main(int argc, char **argv) {
	// Names are UTF-8 whatever the environment says.
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
		setlocale(LC_CTYPE, "");
	}
	setvbuf(stdout, NULL, _IOFBF, 64 * 1024);
	struct ctl ctl = { .connection = { .fd = -1, .passed_fd = -1 } };
	int ended = take_options(&ctl, &argc, argv);
	if (ended >= 0) {
		return ended;
	}
	enum ctl_status status = run_command(&ctl, argc, argv);
	ctl_disconnect(&ctl);
	if (fflush(stdout) != 0 && status == CTL_DONE) {
		ctl_complain("output: %s", strerror(errno));
		status = CTL_FAILED;
	}
	return (int)status;
}
