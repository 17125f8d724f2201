#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wayland-server-core.h>
#include <wlr/util/log.h>

#include "closer.h"
#include "core/guard_message.h"
#include "displays.h"
#include "launch.h"
#include "loop.h"
#include "safety/deadlines.h"
#include "server.h"
#include "watch/demo.h"

extern char **environ;

enum { EXIT_USAGE = 2 };

struct arguments {
	struct bn_server_options server;
	const char *init, *demo;
	const char *recorder; // folder, "none"; NULL: the usual one
	char *const *command; // NULL: none
	bool list_displays, verbose, strict;
};

/** The session child: what binnacle was asked to run, and end with. */
struct session {
	struct bn_server *server;
	pid_t pid;
	int status; // exit status to end with
};

static const char usage[] =
		"usage: binnacle [options] [-- CMD...]\n"
		"\n"
		"  --layout FILE       the cockpit; default: the sedan that comes with binnacle\n"
		"  --profile NAME      merge this profile of the layout\n"
		"  --backend KIND      auto, drm, wayland, x11 or headless\n"
		"  --renderer KIND     auto, gles or pixman\n"
		"  --realtime KIND     auto, on or off: scheduling class and locked memory\n"
		"  --socket NAME       Wayland socket; default: the first free wayland-N\n"
		"  --window-scale F    nested: size of the windows, 1 is one pixel for each of the "
		"display\n"
		"  --recorder FOLDER   where the frames before a miss are saved; none: nowhere\n"
		"  --recorder-misses K whose misses: safety (displays), or any\n"
		"  --strict            end with status 5 when a deadline (within:, checks:) was "
		"missed\n"
		"  --list-displays     print what is connected, in a layout's words, and end\n"
		"  --init FILE         write a starter layout for what is connected, and end\n"
		"  --demo FOLDER       play the scripted drive, leave its pictures in FOLDER, and "
		"end\n"
		"  --verbose           log more\n"
		"  --version, --help\n"
		"\n"
		"With CMD, it runs inside and binnacle ends with its status. See binnacle(1).\n";

struct choice {
	const char *name;
	int value;
};

static const struct choice backends[] = {
	{ "auto", BN_BACKEND_AUTO },
	{ "drm", BN_BACKEND_DRM },
	{ "wayland", BN_BACKEND_WAYLAND },
	{ "x11", BN_BACKEND_X11 },
	{ "headless", BN_BACKEND_HEADLESS },
	{ NULL, 0 },
};

static const struct choice renderers[] = {
	{ "auto", BN_RENDERER_AUTO },
	{ "gles", BN_RENDERER_GLES },
	{ "pixman", BN_RENDERER_PIXMAN },
	{ NULL, 0 },
};

static const struct choice realtimes[] = {
	{ "auto", BN_REALTIME_AUTO },
	{ "on", BN_REALTIME_ON },
	{ "off", BN_REALTIME_OFF },
	{ NULL, 0 },
};

static bool choose(const struct choice *choices, const char *option, const char *text,
		int *ret_value) {
	for (const struct choice *choice = choices; choice->name != NULL; choice++) {
		if (strcmp(choice->name, text) == 0) {
			*ret_value = choice->value;
			return true;
		}
	}
	fprintf(stderr, "binnacle: --%s: '%s' is not one of:", option, text);
	for (const struct choice *choice = choices; choice->name != NULL; choice++) {
		fprintf(stderr, " %s", choice->name);
	}
	fprintf(stderr, "\n");
	return false;
}

static const struct choice misses[] = {
	{ "safety", false },
	{ "any", true },
	{ NULL, 0 },
};

static bool parse_scale(const char *text, double *ret_scale) {
	char *end;
	double scale = strtod(text, &end);
	if (*end != '\0' || !(scale >= 0.1 && scale <= 4)) {
		fprintf(stderr, "binnacle: --window-scale: '%s' is not a number from 0.1 to 4\n",
				text);
		return false;
	}
	*ret_scale = scale;
	return true;
}

static void complain_option(char **argv, int option) {
	const char *text = argv[optind - 1];
	if (option == ':') {
		fprintf(stderr, "binnacle: %s needs a value; see binnacle --help\n", text);
	} else if (strncmp(text, "--", 2) == 0) {
		fprintf(stderr,
				"binnacle: %s is no option or takes no value; see binnacle "
				"--help\n",
				text);
	} else {
		fprintf(stderr, "binnacle: -%c is no option; see binnacle --help\n", optopt);
	}
}

/** False: *ret_status is what to end with. */
static bool parse(int argc, char **argv, struct arguments *args, int *ret_status) {
	static const struct option options[] = {
		{ "layout", required_argument, NULL, 'l' },
		{ "profile", required_argument, NULL, 'p' },
		{ "backend", required_argument, NULL, 'b' },
		{ "renderer", required_argument, NULL, 'r' },
		{ "realtime", required_argument, NULL, 'R' },
		{ "socket", required_argument, NULL, 's' },
		{ "window-scale", required_argument, NULL, 'w' },
		{ "recorder", required_argument, NULL, 'o' },
		{ "recorder-misses", required_argument, NULL, 'm' },
		{ "strict", no_argument, NULL, 'S' },
		{ "list-displays", no_argument, NULL, 'L' },
		{ "init", required_argument, NULL, 'i' },
		{ "demo", required_argument, NULL, 'd' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	*args = (struct arguments){
		.server = { .realtime = BN_REALTIME_AUTO, .listen_fd = -1 },
	};
	*ret_status = EXIT_USAGE;
	int option, value = 0;
	// "+": everything after CMD is CMD's. ":": the complaints are ours.
	while ((option = getopt_long(argc, argv, "+:hv", options, NULL)) != -1) {
		switch (option) {
		case 'l':
			args->server.layout = optarg;
			break;
		case 'p':
			args->server.profile = optarg;
			break;
		case 'b':
			if (!choose(backends, "backend", optarg, &value)) {
				return false;
			}
			args->server.backend = (enum bn_backend_kind)value;
			break;
		case 'r':
			if (!choose(renderers, "renderer", optarg, &value)) {
				return false;
			}
			args->server.renderer = (enum bn_renderer_kind)value;
			break;
		case 'R':
			if (!choose(realtimes, "realtime", optarg, &value)) {
				return false;
			}
			args->server.realtime = (enum bn_realtime_kind)value;
			break;
		case 's':
			args->server.socket = optarg;
			break;
		case 'w':
			if (!parse_scale(optarg, &args->server.window_scale)) {
				return false;
			}
			break;
		case 'o':
			args->recorder = optarg;
			break;
		case 'm':
			if (!choose(misses, "recorder-misses", optarg, &value)) {
				return false;
			}
			args->server.recorder_any = value != 0;
			break;
		case 'S':
			args->strict = true;
			break;
		case 'L':
			args->list_displays = true;
			break;
		case 'i':
			args->init = optarg;
			break;
		case 'd':
			args->demo = optarg;
			break;
		case 'v':
			args->verbose = true;
			break;
		case 'V':
			printf("binnacle %s\n", BN_VERSION);
			*ret_status = EXIT_SUCCESS;
			return false;
		case 'h':
			fputs(usage, stdout);
			*ret_status = EXIT_SUCCESS;
			return false;
		default:
			complain_option(argv, option);
			return false;
		}
	}
	args->command = optind < argc ? &argv[optind] : NULL;
	return true;
}

/** The folder of this program, without the last slash. */
static bool own_folder(char folder[PATH_MAX]) {
	ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	if (length <= 0) {
		return false;
	}
	folder[length] = '\0';
	char *slash = strrchr(folder, '/');
	if (slash != NULL) {
		*slash = '\0';
	}
	return slash != NULL;
}

/** A file of ours: where it is installed, or in the tree that this program was built in. */
static char *find_data(const char *name) {
	char folder[PATH_MAX], *path = NULL;
	if (asprintf(&path, "%s/layouts/%s", BN_DATA_DIR, name) < 0) {
		return NULL;
	}
	if (access(path, R_OK) == 0 || !own_folder(folder)) {
		return path;
	}
	char *built = NULL;
	if (asprintf(&built, "%s/../../layouts/%s", folder, name) < 0) {
		return path;
	}
	if (access(built, R_OK) != 0) {
		free(built);
		return path;
	}
	free(path);
	return built;
}

/** Apps that come with binnacle are found beside it, whether it is installed or not. */
static void extend_path(void) {
	char folder[PATH_MAX], *path = NULL;
	const char *old = getenv("PATH");
	if (own_folder(folder)
			&& asprintf(&path, "%s:%s:%s/../clients",
					   old != NULL ? old : "/usr/bin:/bin", folder, folder)
					>= 0) {
		setenv("PATH", path, 1);
		free(path);
	}
}

/** Where misses are saved; malloc'ed, NULL: nowhere. */
static char *recorder_folder(const char *wanted) {
	if (wanted != NULL) {
		return strcmp(wanted, "none") != 0 ? strdup(wanted) : NULL;
	}
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *folder = NULL;
	int length = -1;
	if (state != NULL && state[0] == '/') {
		length = asprintf(&folder, "%s/binnacle", state);
	} else if (home != NULL && home[0] == '/') {
		length = asprintf(&folder, "%s/.local/state/binnacle", home);
	}
	return length >= 0 ? folder : NULL;
}

static int handle_end(int number, void *data) {
	bn_server_quit(data);
	return 0;
}

/** What apps left behind became our children; the apps themselves are the launcher's to wait for. */
static void reap_strays(const struct session *session) {
	siginfo_t info = { 0 };
	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0
			&& info.si_pid != session->pid
			&& bn_launcher_is_stray(bn_server_launcher(session->server), info.si_pid)) {
		waitpid(info.si_pid, NULL, WNOHANG);
		info.si_pid = 0;
	}
}

static int handle_child(int number, void *data) {
	struct session *session = data;
	int status;
	if (session->pid > 0 && waitpid(session->pid, &status, WNOHANG) == session->pid) {
		session->pid = 0;
		session->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		bn_server_quit(session->server);
	}
	reap_strays(session);
	return 0;
}

static bool start_command(struct session *session, char *const *command) {
	setenv("WAYLAND_DISPLAY", bn_server_socket(session->server), 1);
	setenv("BINNACLE_SOCKET", bn_server_control_path(session->server), 1);
	unsetenv("DISPLAY");
	sigset_t none;
	sigemptyset(&none);
	posix_spawnattr_t attributes;
	posix_spawnattr_init(&attributes);
	// The loop's signals are blocked here; the child starts with none blocked.
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	int error = posix_spawnp(&session->pid, command[0], NULL, &attributes, command, environ);
	posix_spawnattr_destroy(&attributes);
	if (error != 0) {
		session->pid = 0;
		fprintf(stderr, "binnacle: cannot run '%s': %s\n", command[0], strerror(error));
	}
	struct bn_launcher *launcher = bn_server_launcher(session->server);
	if (error == 0) {
		prlimit(session->pid, RLIMIT_NOFILE, &launcher->descriptors, NULL);
	}
	launcher->trusted_pid = session->pid;
	return error == 0;
}

static int run_server(struct bn_server *server, char *const *command) {
	struct session session = { .server = server };
	struct wl_event_loop *loop = wl_display_get_event_loop(bn_server_display(server));
	struct wl_event_source *sources[] = {
		wl_event_loop_add_signal(loop, SIGTERM, handle_end, server),
		wl_event_loop_add_signal(loop, SIGINT, handle_end, server),
		wl_event_loop_add_signal(loop, SIGCHLD, handle_child, &session),
	};
	wlr_log(WLR_INFO, "server: listens on %s, control on %s", bn_server_socket(server),
			bn_server_control_path(server));
	if (command != NULL && !start_command(&session, command)) {
		session.status = 127;
	} else {
		bn_server_boot(server);
		bn_server_run(server);
	}
	if (session.pid > 0) {
		kill(session.pid, SIGTERM);
	}
	if (bn_server_has_failed(server)) {
		session.status = EXIT_FAILURE;
	}
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		wl_event_source_remove(sources[i]);
	}
	return session.status;
}

/** What a strict run ends with instead of `status`; tells of each deadline. */
static int strict_status(struct bn_server *server, int status) {
	const struct bn_deadlines *deadlines = bn_server_deadlines(server);
	bn_deadlines_print(deadlines, stderr);
	if (deadlines->misses > 0) {
		fprintf(stderr, "binnacle: --strict: deadlines missed: %llu\n",
				(unsigned long long)deadlines->misses);
	}
	return status == EXIT_SUCCESS && deadlines->misses > 0 ? BN_SERVER_MISSED : status;
}

static int run_demo(struct arguments *args) {
	args->server.backend = BN_BACKEND_HEADLESS;
	args->server.virtual_time = true;
	args->server.realtime = BN_REALTIME_OFF;
	args->server.refresh_mhz = BN_DEMO_REFRESH_MHZ;
	char error[BN_SERVER_ERROR_MAX];
	struct bn_server *server = bn_server_create(&args->server, error);
	if (server == NULL) {
		fprintf(stderr, "binnacle: %s\n", error);
		return EXIT_FAILURE;
	}
	char *script = find_data("demo/drive.yaml");
	bool done = script != NULL && bn_demo_run(server, script, args->demo);
	free(script);
	int status = done ? EXIT_SUCCESS : EXIT_FAILURE;
	status = args->strict ? strict_status(server, status) : status;
	bn_server_destroy(server);
	return status;
}

static int run_survey(const struct arguments *args) {
	char error[BN_SERVER_ERROR_MAX];
	bool done = args->list_displays ? bn_displays_list(args->server.backend, stdout, error)
					: bn_displays_init(args->server.backend, args->init, error);
	if (!done) {
		fprintf(stderr, "binnacle: %s\n", error);
	}
	return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

/** From now on these wait until the loop hears them: half a start would leave its sockets behind. */
static void hold_signals(void) {
	sigset_t held;
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGINT);
	sigprocmask(SIG_BLOCK, &held, NULL);
}

/** The line to the guard; nobody we start is to have it. 0: there is none. */
static int take_guard(void) {
	const char *number = getenv(BN_GUARD_VARIABLE);
	int fd = number != NULL ? atoi(number) : 0;
	unsetenv(BN_GUARD_VARIABLE);
	return fd;
}

int main(int argc, char **argv) {
	struct arguments args;
	int status;
	if (!parse(argc, argv, &args, &status)) {
		return status;
	}
	wlr_log_init(args.verbose ? WLR_DEBUG : args.demo != NULL ? WLR_ERROR : WLR_INFO, NULL);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (args.list_displays || args.init != NULL) {
		return run_survey(&args);
	}
	args.server.guard_fd = take_guard();
	extend_path();
	char *sedan = args.server.layout == NULL ? find_data("sedan.yaml") : NULL;
	if (sedan != NULL) {
		args.server.layout = sedan;
	}
	if (args.demo != NULL) {
		status = run_demo(&args);
		free(sedan);
		return status;
	}
	char *recorder = recorder_folder(args.recorder);
	args.server.recorder = recorder;
	hold_signals();
	char error[BN_SERVER_ERROR_MAX];
	struct bn_server *server = bn_server_create(&args.server, error);
	if (server != NULL) {
		if (!bn_closer_begin()) {
			wlr_log(WLR_INFO,
					"closer: no thread to be had: clients' files are closed by "
					"the loop");
		}
		status = run_server(server, args.command);
		status = args.strict ? strict_status(server, status) : status;
	} else {
		fprintf(stderr, "binnacle: %s\n", error);
		status = EXIT_FAILURE;
	}
	bn_server_destroy(server);
	bn_closer_end();
	free(recorder);
	free(sedan);
	return status;
}
