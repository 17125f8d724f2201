#ifndef BN_WATCH_RECORDER_H
#define BN_WATCH_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "core/nsec.h"
#include "loop.h"

struct bn_record;
struct bn_recorder_job;

/** So long after a miss its surroundings are saved: what followed belongs to it. */
#define BN_RECORDER_AFTER_NS (500 * BN_NSEC_PER_MSEC)
/** And so long before that the worker gets its memory ready. */
#define BN_RECORDER_READY_NS (100 * BN_NSEC_PER_MSEC)
/** And so long before it. */
#define BN_RECORDER_BEFORE_NS (30 * BN_NSEC_PER_SEC)
/** At most one file in this time, by the loop's clock. */
#define BN_RECORDER_EVERY_NS (60 * BN_NSEC_PER_SEC)
/** Older files of ours in the folder are removed. */
#define BN_RECORDER_KEEP 8

/** Whose misses are worth a file. */
enum bn_recorder_misses {
	BN_RECORDER_SAFETY, // of displays whose criticality is safety
	BN_RECORDER_ANY,
};

/**
 * The flight recorder: after a missed frame, or a rule's deadline that passed, it saves the
 * journal of the last 30 s as a trace (core/chrome.h) into a folder, FOLDER/miss-TIME-NAME.json.
 *
 * The loop only copies the journal: 0.8 MB at the most, 0.15 ms, between frames. Its
 * memory, the formatting and the writing are a worker thread's, which knows nothing but
 * the copy, at a lower priority. A disk that is slow costs nobody a frame; one that is
 * full or missing leaves one warning, until a file could be written again.
 */
struct bn_recorder {
	struct bn_record *record; // borrowed
	struct bn_loop *loop;     // borrowed
	char *folder;             // owned; made when it is needed
	enum bn_recorder_misses misses;
	struct bn_timer timer; // until the worker is to be started, then until the copy is due
	char name[48];         // of the display or rule whose it was
	int64_t saved_ns;      // when the last copy was taken, 0: never
	struct bn_recorder_job *job; // owned; being prepared or written, NULL: none
	int done_fd;                 // owned; eventfd, readable when the worker is done
	struct wl_event_source *done;
	bool warned;
	uint64_t written, failed; // files

	struct wl_listener missed;
};

/** False, with an ERROR line, when out of memory or descriptors: nothing to finish then. */
bool bn_recorder_init(struct bn_recorder *recorder, struct bn_record *record, struct bn_loop *loop,
		const char *folder, enum bn_recorder_misses misses);
/** Waits for a file that is being written. */
void bn_recorder_finish(struct bn_recorder *recorder);

#endif
