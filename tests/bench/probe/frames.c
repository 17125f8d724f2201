#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "presentation-time-client-protocol.h"
#include "probe.h"

// Half an hour at 60 Hz.
#define BENCH_FRAMES 108000

int64_t bench_now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/** Time that this process was runnable and did not run, since it began; 0 where the kernel does not count. */
static int64_t read_waited_ns(const struct bench_probe *probe) {
	char text[96] = "";
	int64_t waited = 0;
	if (probe->schedstat >= 0 && pread(probe->schedstat, text, sizeof(text) - 1, 0) > 0) {
		sscanf(text, "%*u %" SCNd64, &waited);
	}
	return waited;
}

static void handle_sync_output(void *data, struct wp_presentation_feedback *feedback,
		struct wl_output *output) {
}

void bench_print_ready(struct bench_probe *probe) {
	if (!probe->ready) {
		probe->ready = true;
		printf("ready %dx%d clock %u\n", probe->buffer_width, probe->buffer_height,
				probe->clock);
		fflush(stdout);
	}
}

static void note_presented(struct bench_probe *probe, int64_t presented_ns) {
	const struct bench_options *options = &probe->options;
	const struct bench_window *window = &probe->windows[0];
	if (options->expect_width > 0
			&& (window->width != options->expect_width
					|| window->height != options->expect_height)) {
		return;
	}
	if (probe->presented++ == 0) {
		printf("shown %" PRId64 "\n", presented_ns);
		fflush(stdout);
	}
	// The first frames are those in which buffers, textures and caches are made.
	const bool goes_on = options->mode == BENCH_PACE || options->mode == BENCH_TIMER;
	if (probe->presented >= (goes_on ? 8 : 1) && options->windows == 1) {
		bench_print_ready(probe);
	}
}

struct answer {
	struct bench_probe *probe;
	struct bench_frame *frame;
};

/** The compositor's clock may be another one (weston's headless is CLOCK_MONOTONIC_RAW), which drifts from ours. */
static int64_t to_monotonic_ns(const struct bench_probe *probe, int64_t time_ns) {
	struct timespec theirs;
	if (clock_gettime((clockid_t)probe->clock, &theirs) != 0) {
		return time_ns;
	}
	int64_t now_ns = bench_now_ns();
	return time_ns + now_ns - ((int64_t)theirs.tv_sec * 1000000000 + theirs.tv_nsec);
}

static void handle_presented(void *data, struct wp_presentation_feedback *feedback, uint32_t sec_hi,
		uint32_t sec_lo, uint32_t nsec, uint32_t refresh, uint32_t seq_hi, uint32_t seq_lo,
		uint32_t flags) {
	struct answer *answer = data;
	struct bench_frame *frame = answer->frame;
	int64_t seconds = (int64_t)(((uint64_t)sec_hi << 32) + sec_lo);
	frame->presented_ns = to_monotonic_ns(answer->probe, seconds * 1000000000 + nsec);
	frame->refresh_ns = refresh;
	frame->sequence = ((uint64_t)seq_hi << 32) + seq_lo;
	frame->flags = flags;
	note_presented(answer->probe, frame->presented_ns);
	wp_presentation_feedback_destroy(feedback);
	free(answer);
}

static void handle_discarded(void *data, struct wp_presentation_feedback *feedback) {
	struct answer *answer = data;
	answer->frame->presented_ns = -1;
	wp_presentation_feedback_destroy(feedback);
	free(answer);
}

static const struct wp_presentation_feedback_listener feedback_listener = {
	.sync_output = handle_sync_output,
	.presented = handle_presented,
	.discarded = handle_discarded,
};

struct bench_frame *bench_frame_begin(struct bench_probe *probe, int64_t cause_ns) {
	if (probe->frame_count == BENCH_FRAMES || probe->presentation == NULL) {
		return NULL;
	}
	struct answer *answer = calloc(1, sizeof(*answer));
	if (answer == NULL) {
		return NULL;
	}
	struct bench_frame *frame = &probe->frames[probe->frame_count++];
	*frame = (struct bench_frame){ .cause_ns = cause_ns };
	*answer = (struct answer){ .probe = probe, .frame = frame };
	struct wp_presentation_feedback *feedback =
			wp_presentation_feedback(probe->presentation, probe->windows[0].surface);
	wp_presentation_feedback_add_listener(feedback, &feedback_listener, answer);
	return frame;
}

void bench_frame_sent(struct bench_probe *probe, struct bench_frame *frame) {
	int64_t waited = read_waited_ns(probe);
	frame->commit_ns = bench_now_ns();
	frame->waited_ns = waited - probe->waited_ns;
	probe->waited_ns = waited;
}

bool bench_frames_init(struct bench_probe *probe) {
	probe->schedstat = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
	probe->frames = calloc(BENCH_FRAMES, sizeof(*probe->frames));
	return probe->frames != NULL;
}

void bench_frames_print(const struct bench_probe *probe) {
	for (size_t i = 0; i < probe->frame_count; i++) {
		const struct bench_frame *frame = &probe->frames[i];
		printf("frame %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRIu64
		       " %u\n",
				frame->cause_ns, frame->commit_ns, frame->presented_ns,
				frame->refresh_ns, frame->waited_ns, frame->sequence, frame->flags);
	}
	printf("commits %" PRIu64 "\n", probe->commits);
	fflush(stdout);
}
