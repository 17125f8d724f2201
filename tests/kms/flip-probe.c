// flip-probe [OPTION]...: shows a picture of which 64x64 pixels change, and writes down when.
//
//   --frames N      ends after N commits whose fate is known (default 300)
//   --timer US      commits each so many us instead of at each frame callback
//   --work US       computes that long between the frame callback and the commit
//   --app-id NAME   (default flip-probe)
//   --fullscreen    asks for it
//   --rr            takes the real-time class, so that what is late is the compositor
//
// stdout: a line per commit, in the order of their fates, times in ns of the presentation clock:
//   CALLBACK COMMIT PRESENTED SEQUENCE REFRESH FLAGS      flags as in wp_presentation_feedback.kind
//   CALLBACK COMMIT discarded
// CALLBACK is when the frame callback (or the timer's event) was taken from the socket.

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "presentation-time-client-protocol.h"
#include "window.h"

#define NSEC_PER_SEC INT64_C(1000000000)
#define BOX 64
#define BUFFERS 4

struct probe {
	struct bn_window window;
	const char *app_id;
	long frames, timer_us, work_us;
	bool fullscreen, rr;
	struct bn_shm_buffer buffers[BUFFERS];
	long committed, known;
	bool starved; // every buffer was with the compositor when one was needed
	bool failed;
};

struct commit {
	struct probe *probe;
	int64_t callback_ns, commit_ns;
};

static void handle_sync_output(void *data, struct wp_presentation_feedback *feedback,
		struct wl_output *output) {
}

static void commit_known(struct commit *commit, struct wp_presentation_feedback *feedback) {
	commit->probe->known++;
	wp_presentation_feedback_destroy(feedback);
	free(commit);
}

static void handle_presented(void *data, struct wp_presentation_feedback *feedback,
		uint32_t sec_high, uint32_t sec_low, uint32_t nsec, uint32_t refresh,
		uint32_t sequence_high, uint32_t sequence_low, uint32_t flags) {
	struct commit *commit = data;
	int64_t seconds = (int64_t)((uint64_t)sec_high << 32 | sec_low);
	printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRIu64 " %" PRIu32 " %" PRIu32 "\n",
			commit->callback_ns, commit->commit_ns, seconds * NSEC_PER_SEC + nsec,
			(uint64_t)sequence_high << 32 | sequence_low, refresh, flags);
	commit_known(commit, feedback);
}

static void handle_discarded(void *data, struct wp_presentation_feedback *feedback) {
	struct commit *commit = data;
	printf("%" PRId64 " %" PRId64 " discarded\n", commit->callback_ns, commit->commit_ns);
	commit_known(commit, feedback);
}

static const struct wp_presentation_feedback_listener feedback_listener = {
	.sync_output = handle_sync_output,
	.presented = handle_presented,
	.discarded = handle_discarded,
};

static void draw(struct probe *probe, int64_t callback_ns);

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time) {
	struct probe *probe = data;
	wl_callback_destroy(callback);
	draw(probe, bn_window_now(&probe->window));
}

static const struct wl_callback_listener frame_listener = { .done = handle_frame };

static bool make_buffer(struct probe *probe, struct bn_shm_buffer *buffer) {
	bn_shm_buffer_finish(buffer);
	if (!bn_shm_buffer_init(buffer, &probe->window)) {
		probe->failed = true;
		return false;
	}
	bn_shm_buffer_fill(buffer, 0, 0, buffer->width, buffer->height, 0xff203040);
	return true;
}

/** A buffer of the window's size that the compositor does not hold; NULL: there is none. */
static struct bn_shm_buffer *free_buffer(struct probe *probe) {
	const struct bn_window *window = &probe->window;
	for (int i = 0; i < BUFFERS; i++) {
		struct bn_shm_buffer *buffer = &probe->buffers[i];
		if (buffer->busy) {
			continue;
		}
		if (buffer->width == window->width && buffer->height == window->height) {
			return buffer;
		}
		return make_buffer(probe, buffer) ? buffer : NULL;
	}
	return NULL;
}

static void compute(const struct probe *probe, int64_t since_ns) {
	while (bn_window_now(&probe->window) - since_ns < probe->work_us * 1000) {
	}
}

static void ask_for_feedback(struct probe *probe, int64_t callback_ns) {
	struct commit *commit = calloc(1, sizeof(*commit));
	if (commit == NULL) {
		probe->failed = true;
		return;
	}
	*commit = (struct commit){ probe, callback_ns, bn_window_now(&probe->window) };
	struct wp_presentation_feedback *feedback =
			wp_presentation_feedback(probe->window.presentation, probe->window.surface);
	wp_presentation_feedback_add_listener(feedback, &feedback_listener, commit);
}

static void draw(struct probe *probe, int64_t callback_ns) {
	if (probe->committed == probe->frames) {
		return;
	}
	struct bn_shm_buffer *buffer = free_buffer(probe);
	if (buffer == NULL) {
		probe->starved = true;
		return;
	}
	probe->starved = false;
	int32_t x = (buffer->width - BOX) / 2, y = (buffer->height - BOX) / 2;
	uint32_t color = 0xff000000 | (uint32_t)probe->committed * 0x01030b;
	bn_shm_buffer_fill(buffer, x, y, BOX, BOX, color);
	compute(probe, callback_ns);
	struct wl_surface *surface = probe->window.surface;
	wl_surface_attach(surface, buffer->buffer, 0, 0);
	if (probe->committed == 0) {
		wl_surface_damage_buffer(surface, 0, 0, buffer->width, buffer->height);
	}
	wl_surface_damage_buffer(surface, x, y, BOX, BOX);
	if (probe->timer_us == 0) {
		struct wl_callback *callback = wl_surface_frame(surface);
		wl_callback_add_listener(callback, &frame_listener, probe);
	}
	ask_for_feedback(probe, callback_ns);
	wl_surface_commit(surface);
	wl_display_flush(probe->window.display);
	buffer->busy = true;
	probe->committed++;
}

/** A new size, or a buffer that came back, may let a commit through that had none. */
static void catch_up(struct probe *probe) {
	if (probe->starved) {
		draw(probe, bn_window_now(&probe->window));
	}
}

static int start_timer(long period_us) {
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	const struct timespec period = {
		.tv_sec = period_us / 1000000,
		.tv_nsec = period_us % 1000000 * 1000,
	};
	const struct itimerspec spec = { .it_interval = period, .it_value = period };
	timerfd_settime(fd, 0, &spec, NULL);
	return fd;
}

static void run(struct probe *probe) {
	int timer = probe->timer_us > 0 ? start_timer(probe->timer_us) : -1;
	bool fired = false;
	draw(probe, bn_window_now(&probe->window));
	while (!probe->failed && probe->known < probe->frames) {
		if (!bn_window_turn(&probe->window, timer, &fired)) {
			fprintf(stderr, "flip-probe: the compositor left\n");
			probe->failed = true;
			break;
		}
		uint64_t expired;
		if (fired && read(timer, &expired, sizeof(expired)) == sizeof(expired)) {
			draw(probe, bn_window_now(&probe->window));
		} else {
			catch_up(probe);
		}
	}
	if (timer >= 0) {
		close(timer);
	}
}

static bool number(const char *text, long max, long *ret_value) {
	char *end;
	errno = 0;
	*ret_value = strtol(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *ret_value > 0 && *ret_value <= max;
}

static bool parse(int argc, char **argv, struct probe *probe) {
	enum { APP_ID = 256, FRAMES, TIMER, WORK, FULLSCREEN, RR };
	static const struct option table[] = {
		{ "app-id", required_argument, NULL, APP_ID },
		{ "frames", required_argument, NULL, FRAMES },
		{ "timer", required_argument, NULL, TIMER },
		{ "work", required_argument, NULL, WORK },
		{ "fullscreen", no_argument, NULL, FULLSCREEN },
		{ "rr", no_argument, NULL, RR },
		{ 0 },
	};
	int option;
	bool good = true;
	while (good && (option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case APP_ID:
			probe->app_id = optarg;
			break;
		case FRAMES:
			good = number(optarg, 10000000, &probe->frames);
			break;
		case TIMER:
			good = number(optarg, 1000000, &probe->timer_us);
			break;
		case WORK:
			good = number(optarg, 1000000, &probe->work_us);
			break;
		case FULLSCREEN:
			probe->fullscreen = true;
			break;
		case RR:
			probe->rr = true;
			break;
		default:
			good = false;
			break;
		}
	}
	return good && optind == argc;
}

int main(int argc, char **argv) {
	struct probe probe = { .app_id = "flip-probe", .frames = 300 };
	if (!parse(argc, argv, &probe)) {
		fprintf(stderr,
				"usage: flip-probe [--frames N] [--timer US] [--work US] "
				"[--app-id NAME] [--fullscreen] [--rr]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0); // a test reads while it runs
	if (!bn_window_open(&probe.window, probe.app_id, probe.fullscreen)) {
		return 1;
	}
	if (probe.window.presentation == NULL) {
		fprintf(stderr, "flip-probe: the compositor has no wp_presentation\n");
		return 1;
	}
	for (int i = 0; i < BUFFERS && !probe.failed; i++) {
		make_buffer(&probe, &probe.buffers[i]);
	}
	// Not before: to touch that much memory for the first time would keep the compositor from its processor.
	const struct sched_param priority = { .sched_priority = 1 };
	if (probe.rr && sched_setscheduler(0, SCHED_RR, &priority) < 0) {
		fprintf(stderr, "flip-probe: SCHED_RR: %s\n", strerror(errno));
	}
	run(&probe);
	bn_window_close(&probe.window);
	return probe.failed ? 1 : 0;
}
