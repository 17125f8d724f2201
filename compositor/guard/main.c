#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/nsec.h"
#include "core/watchdog.h"
#include "guard/guard.h"
#include "guard/screen.h"

enum { EXIT_USAGE = 2 };

/** Above the compositor's own 1: who watches must come first. */
#define PRIORITY 2

static const char usage[] =
		"usage: binnacle-guard [options] -- binnacle [options]\n"
		"\n"
		"  --screen KIND       drm, wayland, none, or auto: where the safe picture is "
		"shown\n"
		"  --card PATH         drm: this card only, of those under /dev/dri\n"
		"  --socket NAME       Wayland socket; default: the first free wayland-N\n"
		"  --timeout MS        without a sign of life for so long the safe picture "
		"follows; 150\n"
		"  --start-timeout MS  from the start of a compositor to its first sign of life; "
		"10000\n"
		"  --version, --help\n"
		"\n"
		"Runs a compositor, watches it, and shows a safe picture while there is none.\n"
		"See binnacle-guard(1).\n";

struct arguments {
	struct guard_options guard;
	const char *screen, *card;
};

static bool parse_ms(const char *option, const char *text, int64_t *ret_ns) {
	char *end;
	long value = strtol(text, &end, 10);
	if (*end != '\0' || value < 20 || value > 600000) {
		fprintf(stderr, "binnacle-guard: --%s: '%s' is not a number of ms, 20 to 600000\n",
				option, text);
		return false;
	}
	*ret_ns = value * BN_NSEC_PER_MSEC;
	return true;
}

/** False: *ret_status is what to end with. */
static bool parse(int argc, char **argv, struct arguments *args, int *ret_status) {
	static const struct option options[] = {
		{ "screen", required_argument, NULL, 'k' },
		{ "card", required_argument, NULL, 'c' },
		{ "socket", required_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ "start-timeout", required_argument, NULL, 'T' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	*args = (struct arguments){
		.guard = { .kick_ns = BN_WATCHDOG_KICK_NS, .start_ns = BN_WATCHDOG_START_NS },
		.screen = "auto",
	};
	*ret_status = EXIT_USAGE;
	int option;
	while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		switch (option) {
		case 'k':
			args->screen = optarg;
			break;
		case 'c':
			args->card = optarg;
			break;
		case 's':
			args->guard.socket = optarg;
			break;
		case 't':
			if (!parse_ms("timeout", optarg, &args->guard.kick_ns)) {
				return false;
			}
			break;
		case 'T':
			if (!parse_ms("start-timeout", optarg, &args->guard.start_ns)) {
				return false;
			}
			break;
		case 'V':
			printf("binnacle-guard %s\n", BN_VERSION);
			*ret_status = EXIT_SUCCESS;
			return false;
		case 'h':
			fputs(usage, stdout);
			*ret_status = EXIT_SUCCESS;
			return false;
		default:
			return false;
		}
	}
	args->guard.command = &argv[optind];
	if (optind == argc) {
		fprintf(stderr, "binnacle-guard: nothing to run; see binnacle-guard --help\n");
		return false;
	}
	return true;
}

static bool is_set(const char *variable) {
	const char *value = getenv(variable);
	return value != NULL && value[0] != '\0';
}

static struct screen *make_screen(const struct arguments *args, int *ret_status) {
	bool is_auto = strcmp(args->screen, "auto") == 0;
	*ret_status = EXIT_FAILURE;
	if (strcmp(args->screen, "drm") == 0 || (is_auto && !is_set("WAYLAND_DISPLAY"))) {
		return screen_kms_create(args->card);
	}
	if (strcmp(args->screen, "wayland") == 0 || is_auto) {
		return screen_window_create();
	}
	if (strcmp(args->screen, "none") == 0) {
		return screen_none_create();
	}
	fprintf(stderr, "binnacle-guard: --screen: '%s' is not one of: auto drm wayland none\n",
			args->screen);
	*ret_status = EXIT_USAGE;
	return NULL;
}

/** As far as it is allowed: to run when it must, to be in memory, and to be the last that memory is taken from. */
static void harden(void) {
	const struct sched_param param = { .sched_priority = PRIORITY };
	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param) != 0) {
		fprintf(stderr,
				"binnacle-guard: no real-time class (CAP_SYS_NICE or rtprio 2), so "
				"a "
				"busy machine delays it\n");
	}
	mlockall(MCL_CURRENT);
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t written = write(fd, "-1000", 5);
		(void)written;
		close(fd);
	}
}

int main(int argc, char **argv) {
	struct arguments args;
	int status;
	if (!parse(argc, argv, &args, &status)) {
		return status;
	}
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	struct screen *screen = make_screen(&args, &status);
	if (screen == NULL) {
		return status;
	}
	harden();
	status = guard_run(&args.guard, screen);
	screen->impl->destroy(screen);
	return status;
}
