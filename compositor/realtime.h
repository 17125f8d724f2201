#ifndef BN_REALTIME_H
#define BN_REALTIME_H

#include <stdbool.h>
#include <stddef.h>

struct wl_event_loop;
struct wl_event_source;

/** The scheduling class of the process and the locking of its memory: the main program's to ask for. */
enum bn_realtime_kind {
	BN_REALTIME_OFF, // both untouched, as a library must leave them
	BN_REALTIME_AUTO, // SCHED_RR where a GPU draws, else a raised nice level; as far as it is allowed
	BN_REALTIME_ON, // SCHED_RR whatever draws, or no server
};

/**
 * The scheduling class of the thread that runs the loop, which must be the process's main thread.
 *
 * Where a GPU draws, the loop takes little time and must have it at once: SCHED_RR, lowest priority. Where the
 * CPU draws it would keep everybody else from running, so it stays SCHED_OTHER at nice BN_REALTIME_NICE, or as
 * near to that as RLIMIT_NICE allows. What is forked from here gets neither.
 *
 * A loop that runs into RLIMIT_RTTIME goes on as SCHED_OTHER with one ERROR line, at once and for good.
 *
 * A process has one class: one server in it may have a struct whose kind is not BN_REALTIME_OFF.
 */
#define BN_REALTIME_NICE (-10)

struct bn_realtime {
	enum bn_realtime_kind kind; // BN_REALTIME_OFF: nothing of this happens
	bool is_rr, has_overrun;
	int old_nice;
	struct wl_event_source *overrun; // owned: SIGXCPU
};

/**
 * Before anything that starts threads or makes a GL context. expects_gpu: takes SCHED_RR already, so
 * that a driver finds it. False, with a sentence, only when SCHED_RR was asked for and is not allowed.
 */
bool bn_realtime_begin(struct bn_realtime *realtime, enum bn_realtime_kind kind,
		struct wl_event_loop *loop, bool expects_gpu, char *error, size_t error_size);
/** It is known what draws, or that changed. Says in one INFO line what the class is now. */
void bn_realtime_settle(struct bn_realtime *realtime, bool has_gpu);
/** As it was before, for a process that goes on. Harmless when nothing began. */
void bn_realtime_finish(struct bn_realtime *realtime);

#endif
