/*
 * binnacle-probe: a plain xdg-shell client that does what it is told, good or bad, and prints what
 * it is sent. It knows nothing of our protocol and shares no code with the demo apps, so that a
 * fault in their library cannot hide a fault of the compositor.
 *
 * Output is one event per line, the surface's name first where there is one:
 *   configure main 800x600 activated,fullscreen
 *   touch-down main 0 12.5 300.0
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "probe/probe.h"

static const char usage[] =
		"usage: binnacle-probe [OPTION]...\n"
		"  --app-id NAME        xdg_toplevel app_id (default binnacle-probe)\n"
		"  --title TEXT         xdg_toplevel title\n"
		"  --size WxH           size where the compositor leaves it open (default "
		"640x480)\n"
		"  --ignore-size        keep --size whatever the compositor asks for\n"
		"  --color RRGGBB       colour of the window (default 3366cc)\n"
		"  --fullscreen         ask for fullscreen\n"
		"  --popup              open an xdg_popup in the middle once mapped\n"
		"  --dialog             open a second toplevel, child of the first, once mapped\n"
		"  --subsurface         add a subsurface, a quarter of the size, at 10,10\n"
		"  --animate            redraw at each frame callback, as a good client does\n"
		"  --flood              commit as fast as the socket takes it, without waiting for "
		"anything\n"
		"  --hang-after MS      stop dispatching events for ever\n"
		"  --crash-after MS     end by SIGABRT\n"
		"  --exit-after MS      end with status 0\n"
		"  --print-events       print configure, enter, touch, key and other events\n"
		"  --print-frames       print each frame callback too\n"
		"MS counts from the first configure.\n";

void bn_probe_print(const struct bn_probe *probe, const char *format, ...) {
	if (!probe->options.print_events) {
		return;
	}
	va_list args;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout); // a test reads a pipe
}

static int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool parse_size(const char *text, int32_t *ret_width, int32_t *ret_height) {
	int width = 0, height = 0;
	char rest = 0;
	if (sscanf(text, "%dx%d%c", &width, &height, &rest) != 2 || width < 1 || height < 1
			|| width > 16384 || height > 16384) {
		return false;
	}
	*ret_width = width;
	*ret_height = height;
	return true;
}

static bool parse_number(const char *text, int base, long long max, int64_t *ret_value) {
	char *end;
	errno = 0;
	long long value = strtoll(text, &end, base);
	if (errno != 0 || end == text || *end != '\0' || value < 0 || value > max) {
		return false;
	}
	*ret_value = value;
	return true;
}

enum {
	OPT_APP_ID = 256,
	OPT_TITLE,
	OPT_SIZE,
	OPT_COLOR,
	OPT_HANG,
	OPT_CRASH,
	OPT_EXIT,
	OPT_HELP,
};

static bool parse_options(int argc, char **argv, struct bn_probe_options *options) {
	int ignore_size = 0, fullscreen = 0, popup = 0, dialog = 0, subsurface = 0, animate = 0,
	    flood = 0, print_events = 0, print_frames = 0;
	const struct option table[] = {
		{ "app-id", required_argument, NULL, OPT_APP_ID },
		{ "title", required_argument, NULL, OPT_TITLE },
		{ "size", required_argument, NULL, OPT_SIZE },
		{ "color", required_argument, NULL, OPT_COLOR },
		{ "hang-after", required_argument, NULL, OPT_HANG },
		{ "crash-after", required_argument, NULL, OPT_CRASH },
		{ "exit-after", required_argument, NULL, OPT_EXIT },
		{ "help", no_argument, NULL, OPT_HELP },
		{ "ignore-size", no_argument, &ignore_size, 1 },
		{ "fullscreen", no_argument, &fullscreen, 1 },
		{ "popup", no_argument, &popup, 1 },
		{ "dialog", no_argument, &dialog, 1 },
		{ "subsurface", no_argument, &subsurface, 1 },
		{ "animate", no_argument, &animate, 1 },
		{ "flood", no_argument, &flood, 1 },
		{ "print-events", no_argument, &print_events, 1 },
		{ "print-frames", no_argument, &print_frames, 1 },
		{ 0 },
	};
	int option;
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		bool good = true;
		int64_t color = 0;
		switch (option) {
		case 0:
			break;
		case OPT_APP_ID:
			options->app_id = optarg;
			break;
		case OPT_TITLE:
			options->title = optarg;
			break;
		case OPT_SIZE:
			good = parse_size(optarg, &options->width, &options->height);
			break;
		case OPT_COLOR:
			good = strlen(optarg) == 6 && parse_number(optarg, 16, 0xffffff, &color);
			options->color = 0xff000000u | (uint32_t)color;
			break;
		case OPT_HANG:
			good = parse_number(optarg, 10, INT32_MAX, &options->hang_after_ms);
			break;
		case OPT_CRASH:
			good = parse_number(optarg, 10, INT32_MAX, &options->crash_after_ms);
			break;
		case OPT_EXIT:
			good = parse_number(optarg, 10, INT32_MAX, &options->exit_after_ms);
			break;
		case OPT_HELP:
			fputs(usage, stdout);
			exit(0);
		default:
			good = false;
			break;
		}
		if (!good) {
			return false;
		}
	}
	options->ignore_size = ignore_size != 0;
	options->fullscreen = fullscreen != 0;
	options->popup = popup != 0;
	options->dialog = dialog != 0;
	options->subsurface = subsurface != 0;
	options->animate = animate != 0;
	options->flood = flood != 0;
	options->print_frames = print_frames != 0;
	options->print_events = print_events != 0 || print_frames != 0;
	return optind == argc;
}

static bool is_due(const struct bn_probe *probe, int64_t after_ms, int64_t now) {
	return probe->start_ms >= 0 && after_ms >= 0 && now - probe->start_ms >= after_ms;
}

/** Does what is due by the clock; true when the probe is to end. */
static bool run_timers(struct bn_probe *probe) {
	int64_t now = now_ms();
	if (probe->start_ms < 0 && probe->main.configured) {
		probe->start_ms = now;
	}
	const struct bn_probe_options *options = &probe->options;
	if (is_due(probe, options->crash_after_ms, now)) {
		bn_probe_print(probe, "crash");
		abort();
	}
	if (is_due(probe, options->hang_after_ms, now)) {
		bn_probe_print(probe, "hang");
		for (;;) {
			pause();
		}
	}
	return is_due(probe, options->exit_after_ms, now);
}

/** Milliseconds until the next timer, -1 for none. */
static int timer_wait(const struct bn_probe *probe) {
	const int64_t after[] = { probe->options.crash_after_ms, probe->options.hang_after_ms,
		probe->options.exit_after_ms };
	int64_t wait = -1;
	if (probe->start_ms < 0) {
		return -1;
	}
	int64_t passed = now_ms() - probe->start_ms;
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		if (after[i] < 0) {
			continue;
		}
		int64_t left = after[i] > passed ? after[i] - passed : 0;
		wait = wait < 0 || left < wait ? left : wait;
	}
	return (int)wait;
}

/** One turn of the loop: flood if asked, send, wait, dispatch. */
static bool turn(struct bn_probe *probe) {
	while (wl_display_prepare_read(probe->display) != 0) {
		if (wl_display_dispatch_pending(probe->display) < 0) {
			return false;
		}
	}
	bool flooding = probe->options.flood && probe->main.mapped;
	bool blocked = false;
	if (flooding) {
		bn_probe_surface_draw(&probe->main);
	}
	if (wl_display_flush(probe->display) < 0) {
		if (errno != EAGAIN) {
			wl_display_cancel_read(probe->display);
			return false;
		}
		blocked = true;
	}
	struct pollfd fd = { .fd = wl_display_get_fd(probe->display), .events = POLLIN };
	if (blocked) {
		fd.events |= POLLOUT;
	}
	int wait = flooding && !blocked ? 0 : timer_wait(probe);
	int count = poll(&fd, 1, wait);
	if (count > 0 && (fd.revents & POLLIN) != 0) {
		if (wl_display_read_events(probe->display) < 0) {
			return false;
		}
	} else {
		wl_display_cancel_read(probe->display);
		if (count > 0 && (fd.revents & (POLLHUP | POLLERR)) != 0) {
			return false;
		}
	}
	return wl_display_dispatch_pending(probe->display) >= 0;
}

static void report_end(struct bn_probe *probe) {
	int error = wl_display_get_error(probe->display);
	if (error == EPROTO) {
		const struct wl_interface *interface = NULL;
		uint32_t id = 0;
		uint32_t code = wl_display_get_protocol_error(probe->display, &interface, &id);
		bn_probe_print(probe, "protocol-error %s %u", interface ? interface->name : "?",
				code);
	} else {
		bn_probe_print(probe, "disconnected");
	}
}

int main(int argc, char **argv) {
	struct bn_probe probe = {
		.options = {
			.app_id = "binnacle-probe",
			.width = 640,
			.height = 480,
			.color = 0xff3366cc,
			.hang_after_ms = -1,
			.crash_after_ms = -1,
			.exit_after_ms = -1,
		},
		.start_ms = -1,
	};
	if (!parse_options(argc, argv, &probe.options)) {
		fputs(usage, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (!bn_probe_connect(&probe)) {
		return 1;
	}
	int status = 0;
	while (!probe.closed) {
		if (run_timers(&probe)) {
			break;
		}
		if (!turn(&probe)) {
			report_end(&probe);
			status = 1;
			break;
		}
	}
	bn_probe_disconnect(&probe);
	return status;
}
