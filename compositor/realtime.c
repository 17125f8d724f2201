#include "realtime.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>
#include <wayland-server-core.h>
#include <wlr/util/log.h>

/** With the flag a child starts as SCHED_OTHER, and at nice 0 if ours is negative. */
static bool set_class(int class) {
	const struct sched_param param = {
		.sched_priority = class == SCHED_RR ? sched_get_priority_min(SCHED_RR) : 0,
	};
	return sched_setscheduler(0, class | SCHED_RESET_ON_FORK, &param) == 0;
}

/**
 * RLIMIT_RTTIME is used up. The class goes here, since the loop may not come back soon; what there is to say
 * waits for it: the signal stays blocked and is sent again, so that the loop reads it from its descriptor.
 */
static void handle_xcpu(int number, siginfo_t *info, void *context) {
	int saved = errno;
	ucontext_t *interrupted = context;
	const struct sched_param param = { 0 };
	// The loop's thread by its number, which for the main thread is the process's: any thread may get the signal.
	sched_setscheduler(getpid(), SCHED_OTHER | SCHED_RESET_ON_FORK, &param);
	sigaddset(&interrupted->uc_sigmask, number);
	tgkill(getpid(), getpid(), number);
	errno = saved;
}

static int handle_overrun(int number, void *data) {
	struct bn_realtime *realtime = data;
	// Not when it happened while a GPU was only expected: the class has gone anyway.
	if (realtime->is_rr) {
		realtime->has_overrun = true;
		realtime->is_rr = false;
		set_class(SCHED_OTHER);
		wlr_log(WLR_ERROR,
				"realtime: the loop used up RLIMIT_RTTIME and goes on as "
				"SCHED_OTHER");
	}
	return 0;
}

/** At the hard limit the kernel kills; where both are the same it would do so without a warning. */
static void part_limits(void) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_RTTIME, &limit) == 0 && limit.rlim_max != RLIM_INFINITY
			&& limit.rlim_cur > limit.rlim_max / 2) {
		limit.rlim_cur = limit.rlim_max / 2;
		setrlimit(RLIMIT_RTTIME, &limit);
	}
}

static bool watch_overrun(struct bn_realtime *realtime, struct wl_event_loop *loop) {
	realtime->overrun = wl_event_loop_add_signal(loop, SIGXCPU, handle_overrun, realtime);
	if (realtime->overrun == NULL) {
		return false;
	}
	struct sigaction action = { .sa_sigaction = handle_xcpu,
		.sa_flags = SA_SIGINFO | SA_RESTART };
	sigemptyset(&action.sa_mask);
	sigaction(SIGXCPU, &action, NULL);
	// The event loop has blocked it, for its descriptor; the handler comes first.
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGXCPU);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return true;
}

static bool take_rr(struct bn_realtime *realtime) {
	if (!realtime->is_rr && !realtime->has_overrun) {
		part_limits();
		realtime->is_rr = set_class(SCHED_RR);
	}
	return realtime->is_rr;
}

/** As far down as is allowed: 20 - RLIMIT_NICE without CAP_SYS_NICE. */
static void raise_nice(void) {
	struct rlimit limit;
	if (setpriority(PRIO_PROCESS, 0, BN_REALTIME_NICE) == 0
			|| getrlimit(RLIMIT_NICE, &limit) != 0 || limit.rlim_cur <= 20) {
		return;
	}
	setpriority(PRIO_PROCESS, 0, 20 - (int)limit.rlim_cur);
}

bool bn_realtime_begin(struct bn_realtime *realtime, enum bn_realtime_kind kind,
		struct wl_event_loop *loop, bool expects_gpu, char *error, size_t error_size) {
	*realtime = (struct bn_realtime){ .kind = kind };
	if (kind == BN_REALTIME_OFF) {
		return true;
	}
	realtime->old_nice = getpriority(PRIO_PROCESS, 0);
	if (!watch_overrun(realtime, loop)) {
		snprintf(error, error_size, "the kernel gives no more file descriptors");
		return false;
	}
	// Before llvmpipe makes its threads: they draw for us, and get this level from the one that makes them.
	raise_nice();
	if ((kind == BN_REALTIME_ON || expects_gpu) && !take_rr(realtime)
			&& kind == BN_REALTIME_ON) {
		snprintf(error, error_size,
				"--realtime on: SCHED_RR is refused: %s; grant CAP_SYS_NICE or an "
				"RLIMIT_RTPRIO of 1, or use --realtime auto",
				strerror(errno));
		return false;
	}
	return true;
}

void bn_realtime_settle(struct bn_realtime *realtime, bool has_gpu) {
	if (realtime->kind == BN_REALTIME_OFF || realtime->has_overrun) {
		return;
	}
	if (realtime->kind == BN_REALTIME_ON) {
		wlr_log(WLR_INFO, "realtime: SCHED_RR, as asked");
		return;
	}
	if (has_gpu && take_rr(realtime)) {
		wlr_log(WLR_INFO, "realtime: SCHED_RR, since a GPU draws");
		return;
	}
	set_class(SCHED_OTHER);
	realtime->is_rr = false;
	int level = getpriority(PRIO_PROCESS, 0);
	wlr_log(WLR_INFO, "realtime: SCHED_OTHER at nice %d, since %s%s", level,
			has_gpu ? "neither CAP_SYS_NICE nor RLIMIT_RTPRIO allows SCHED_RR"
				: "a CPU draws",
			level > BN_REALTIME_NICE
					? "; neither CAP_SYS_NICE nor RLIMIT_NICE allows -10"
					: "");
}

void bn_realtime_finish(struct bn_realtime *realtime) {
	if (realtime->kind == BN_REALTIME_OFF) {
		return;
	}
	const struct sched_param param = { 0 };
	sched_setscheduler(0, SCHED_OTHER, &param);
	setpriority(PRIO_PROCESS, 0, realtime->old_nice);
	if (realtime->overrun != NULL) {
		wl_event_source_remove(realtime->overrun);
		signal(SIGXCPU, SIG_DFL);
	}
	*realtime = (struct bn_realtime){ .kind = BN_REALTIME_OFF };
}
