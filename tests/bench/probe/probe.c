/*
 * bench-probe: loads a compositor and writes down what became of its frames.
 *
 * Prints "shown NS" when its first frame of the right size is on glass and "ready WxH clock N" once it
 * runs warm. It goes on until its standard input ends; then it prints one line per frame,
 *
 *   frame CAUSE COMMIT PRESENTED REFRESH WAITED SEQUENCE FLAGS     (struct bench_frame, in this order)
 *
 * and "commits N". Since it ends with its standard input, it cannot outlive who started it.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "binnacle-cockpit-v1-client-protocol.h"
#include "presentation-time-client-protocol.h"
#include "probe.h"
#include "viewporter-client-protocol.h"
#include "xdg-shell-client-protocol.h"

static const char usage[] =
		"usage: bench-probe --mode pace|timer|flood|idle|churn|signal [OPTION]...\n"
		"  --app-id NAME    xdg_toplevel app_id\n"
		"  --size WxH       size of the buffers, whatever the window's size is\n"
		"  --expect WxH     ready only when the window has this size\n"
		"  --damage N       N x N pixels change per frame; else all of them\n"
		"  --hz N           ticks per second of timer (50) and churn (250)\n"
		"  --phase MS       the ticks come so long after the multiples of their period\n"
		"  --windows N      toplevels in all\n"
		"  --tiles N        subsurfaces, which change at each frame too\n"
		"  --signal NAME    with signal: its value is the time it was set, ms\n"
		"  --color RRGGBB\n"
		"  --wait           wait for the compositor's socket to appear\n";

static const char *const modes[] = { "pace", "timer", "flood", "idle", "churn", "signal" };

static bool parse_mode(const char *text, enum bench_mode *ret_mode) {
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(text, modes[i]) == 0) {
			*ret_mode = (enum bench_mode)i;
			return true;
		}
	}
	return false;
}

static bool parse_size(const char *text, int32_t *ret_width, int32_t *ret_height) {
	return sscanf(text, "%dx%d", ret_width, ret_height) == 2 && *ret_width > 0
			&& *ret_height > 0;
}

static bool parse_count(const char *text, int *ret_count) {
	*ret_count = atoi(text);
	return *ret_count > 0;
}

static bool parse(int argc, char **argv, struct bench_options *options, bool *ret_wait) {
	static const struct option table[] = {
		{ "mode", required_argument, NULL, 'm' },
		{ "app-id", required_argument, NULL, 'a' },
		{ "size", required_argument, NULL, 's' },
		{ "expect", required_argument, NULL, 'e' },
		{ "damage", required_argument, NULL, 'd' },
		{ "hz", required_argument, NULL, 'h' },
		{ "phase", required_argument, NULL, 'p' },
		{ "windows", required_argument, NULL, 'w' },
		{ "tiles", required_argument, NULL, 't' },
		{ "signal", required_argument, NULL, 'g' },
		{ "color", required_argument, NULL, 'c' },
		{ "wait", no_argument, NULL, 'W' },
		{ 0 },
	};
	*options = (struct bench_options){ .app_id = "bench", .windows = 1, .color = 0x3366cc };
	bool good = true;
	int option;
	while (good && (option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case 'm':
			good = parse_mode(optarg, &options->mode);
			break;
		case 'a':
			options->app_id = optarg;
			break;
		case 's':
			good = parse_size(optarg, &options->width, &options->height);
			break;
		case 'e':
			good = parse_size(optarg, &options->expect_width, &options->expect_height);
			break;
		case 'd':
			good = parse_count(optarg, &options->damage);
			break;
		case 'h':
			options->hz = atof(optarg);
			good = options->hz > 0;
			break;
		case 'p':
			options->phase_ns = (int64_t)(atof(optarg) * 1e6);
			good = options->phase_ns >= 0;
			break;
		case 'w':
			good = parse_count(optarg, &options->windows);
			break;
		case 't':
			good = parse_count(optarg, &options->tiles);
			break;
		case 'g':
			options->signal = optarg;
			break;
		case 'c':
			options->color = (uint32_t)strtoul(optarg, NULL, 16);
			break;
		case 'W':
			*ret_wait = true;
			break;
		default:
			good = false;
		}
	}
	if (options->hz <= 0) {
		options->hz = options->mode == BENCH_CHURN ? 250 : 50;
	}
	return good && optind == argc;
}

static void handle_clock(void *data, struct wp_presentation *presentation, uint32_t clock) {
	struct bench_probe *probe = data;
	probe->clock = clock;
}

static const struct wp_presentation_listener presentation_listener = { .clock_id = handle_clock };

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = { .ping = handle_ping };

static void handle_identity(void *data, struct binnacle_cockpit_v1 *cockpit, const char *app,
		const char *source) {
}

static void handle_theme(void *data, struct binnacle_cockpit_v1 *cockpit, const char *name,
		uint32_t night, uint32_t background, uint32_t foreground, uint32_t accent) {
}

static void handle_signal(void *data, struct binnacle_cockpit_v1 *cockpit, const char *name,
		uint32_t kind, uint32_t hi, uint32_t lo, const char *text) {
	struct bench_probe *probe = data;
	if (kind != BINNACLE_COCKPIT_V1_VALUE_KIND_NUMBER || probe->drawn == 0) {
		return;
	}
	uint64_t bits = (uint64_t)hi << 32 | lo;
	double set_ms;
	memcpy(&set_ms, &bits, sizeof(set_ms));
	bench_draw(probe, (int64_t)(set_ms * 1e6));
}

static const struct binnacle_cockpit_v1_listener cockpit_listener = {
	.identity = handle_identity,
	.theme = handle_theme,
	.signal = handle_signal,
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct bench_probe *probe = data;
	if (strcmp(interface, wl_compositor_interface.name) == 0) {
		probe->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	} else if (strcmp(interface, wl_subcompositor_interface.name) == 0) {
		probe->subcompositor =
				wl_registry_bind(registry, name, &wl_subcompositor_interface, 1);
	} else if (strcmp(interface, wl_shm_interface.name) == 0) {
		probe->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	} else if (strcmp(interface, xdg_wm_base_interface.name) == 0) {
		probe->wm_base = wl_registry_bind(registry, name, &xdg_wm_base_interface, 1);
		xdg_wm_base_add_listener(probe->wm_base, &wm_base_listener, probe);
	} else if (strcmp(interface, wp_presentation_interface.name) == 0) {
		probe->presentation =
				wl_registry_bind(registry, name, &wp_presentation_interface, 1);
		wp_presentation_add_listener(probe->presentation, &presentation_listener, probe);
	} else if (strcmp(interface, wp_viewporter_interface.name) == 0) {
		probe->viewporter = wl_registry_bind(registry, name, &wp_viewporter_interface, 1);
	} else if (strcmp(interface, binnacle_cockpit_v1_interface.name) == 0
			&& probe->options.signal != NULL) {
		probe->cockpit =
				wl_registry_bind(registry, name, &binnacle_cockpit_v1_interface, 1);
		binnacle_cockpit_v1_add_listener(probe->cockpit, &cockpit_listener, probe);
		binnacle_cockpit_v1_subscribe(probe->cockpit, probe->options.signal);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static bool connect_display(struct bench_probe *probe, bool wait) {
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	while ((probe->display = wl_display_connect(NULL)) == NULL) {
		// Not inotify: the socket is there a moment before it listens.
		if (!wait || poll(&input, 1, 1) != 0) {
			fprintf(stderr, "probe: no compositor at $WAYLAND_DISPLAY\n");
			return false;
		}
	}
	struct wl_registry *registry = wl_display_get_registry(probe->display);
	wl_registry_add_listener(registry, &registry_listener, probe);
	if (wl_display_roundtrip(probe->display) < 0 || wl_display_roundtrip(probe->display) < 0) {
		fprintf(stderr, "probe: the compositor hung up\n");
		return false;
	}
	if (probe->compositor == NULL || probe->shm == NULL || probe->wm_base == NULL
			|| probe->subcompositor == NULL || probe->presentation == NULL
			|| probe->viewporter == NULL) {
		fprintf(stderr, "probe: the compositor lacks something basic\n");
		return false;
	}
	return true;
}

static bool has_timer(const struct bench_probe *probe) {
	return probe->options.mode == BENCH_TIMER || probe->options.mode == BENCH_CHURN;
}

static int make_timer(const struct bench_probe *probe) {
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	int64_t period_ns = (int64_t)(1e9 / probe->options.hz);
	int64_t first_ns = (bench_now_ns() / period_ns + 1) * period_ns + probe->options.phase_ns;
	const struct itimerspec spec = {
		.it_value = { first_ns / 1000000000, first_ns % 1000000000 },
		.it_interval = { period_ns / 1000000000, period_ns % 1000000000 },
	};
	if (timer >= 0 && has_timer(probe)) {
		timerfd_settime(timer, TFD_TIMER_ABSTIME, &spec, NULL);
	}
	return timer;
}

static void tick(struct bench_probe *probe, int timer) {
	uint64_t count;
	if (read(timer, &count, sizeof(count)) != sizeof(count)) {
		return;
	}
	if (probe->options.mode == BENCH_CHURN) {
		bench_churn(probe);
	} else if (probe->drawn > 0 && !probe->starved) {
		bench_draw(probe, bench_now_ns());
	}
}

static bool floods(const struct bench_probe *probe) {
	return probe->options.mode == BENCH_FLOOD && probe->ready;
}

/** Reads what came, if anything, and sends what there is. False: the connection is gone. */
static bool turn(struct bench_probe *probe, struct pollfd fds[3]) {
	struct wl_display *display = probe->display;
	while (wl_display_prepare_read(display) != 0) {
		if (wl_display_dispatch_pending(display) < 0) {
			return false;
		}
	}
	bool full = wl_display_flush(display) < 0;
	if (full && errno != EAGAIN) {
		wl_display_cancel_read(display);
		return false;
	}
	fds[0].events = (short)(full ? POLLIN | POLLOUT : POLLIN);
	if (poll(fds, 3, floods(probe) && !full ? 0 : -1) < 0 || (fds[0].revents & POLLIN) == 0) {
		wl_display_cancel_read(display);
	} else if (wl_display_read_events(display) < 0) {
		return false;
	}
	return wl_display_dispatch_pending(display) >= 0;
}

/** Until its standard input ends. False: the compositor ended it. */
static bool run(struct bench_probe *probe) {
	int timer = make_timer(probe);
	struct pollfd fds[3] = {
		{ .fd = wl_display_get_fd(probe->display) },
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = timer, .events = POLLIN },
	};
	while (!probe->closed && turn(probe, fds)) {
		if ((fds[1].revents & (POLLIN | POLLHUP)) != 0) {
			return true;
		}
		if ((fds[2].revents & POLLIN) != 0) {
			tick(probe, timer);
		}
		// A full socket has its own pace: what does not go out now is not made now.
		if (floods(probe) && (fds[0].events & POLLOUT) == 0) {
			bench_flood(probe);
		}
	}
	fprintf(stderr, "probe: %s\n",
			probe->closed ? "asked to close, or out of memory" : "disconnected");
	return false;
}

static bool open_windows(struct bench_probe *probe) {
	size_t count = (size_t)probe->options.windows;
	probe->windows = calloc(count, sizeof(*probe->windows));
	for (size_t i = 0; probe->windows != NULL && i < count; i++) {
		probe->windows[i].probe = probe;
		if (probe->options.mode != BENCH_CHURN) {
			bench_window_open(&probe->windows[i]);
		}
	}
	return probe->windows != NULL;
}

int main(int argc, char **argv) {
	struct bench_probe probe = { 0 };
	bool wait = false;
	if (!parse(argc, argv, &probe.options, &wait)) {
		fputs(usage, stderr);
		return 2;
	}
	if (!bench_frames_init(&probe) || !connect_display(&probe, wait) || !open_windows(&probe)) {
		return 1;
	}
	if (probe.options.mode == BENCH_CHURN) {
		bench_print_ready(&probe);
	}
	bool good = run(&probe);
	bench_frames_print(&probe);
	return good ? 0 : 1;
}
