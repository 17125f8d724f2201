/*
 * Wakes up each millisecond and says when it could not: for how long the machine gave no time even to a program that
 * asks for next to none, ahead of all others where it may be SCHED_RR. What the host takes from a virtual machine
 * shows here, and nowhere in /proc of the program that waited. Writes "late BEGIN END" lines, ns of
 * CLOCK_MONOTONIC, until its standard input ends.
 */
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>

#define STEP_NS INT64_C(1000000)
#define LATE_NS INT64_C(2000000)

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int main(void) {
	// Above the programs that are watched; without the right it stands in the same queue as they do.
	const struct sched_param param = { .sched_priority = 2 };
	sched_setscheduler(0, SCHED_RR, &param);
	struct pollfd input = { .fd = 0, .events = POLLIN };
	const struct timespec step = { .tv_nsec = STEP_NS };
	for (int64_t last = now_ns(); poll(&input, 1, 0) == 0;) {
		nanosleep(&step, NULL);
		int64_t now = now_ns();
		if (now - last > STEP_NS + LATE_NS) {
			printf("late %" PRId64 " %" PRId64 "\n", last + STEP_NS, now);
			fflush(stdout);
		}
		last = now;
	}
	return 0;
}
