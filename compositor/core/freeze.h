#ifndef BN_CORE_FREEZE_H
#define BN_CORE_FREEZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Whether what a zone shows is still live: its picture young, its client answering.
 *
 * Two promises, of which a zone may ask for either or both:
 *
 *  - heartbeat: the client gives a sign of life this often, by a new buffer or by the
 *    answer to a ping. An instrument that stands still keeps it.
 *  - max-age: what is on glass is a picture this young. Only for what moves by itself,
 *    as a camera does. A buffer with the pixels of the one before is no new picture.
 *
 * Pure: the caller brings the time, CLOCK_MONOTONIC in nanoseconds, and says what was
 * latched and what was answered. Plain data: there is nothing to free.
 *
 * A fault is believed at once; that it is over only when nothing was wrong for back_ns,
 * so that a zone does not flicker. A client that relapses has to wait longer each time.
 */
enum bn_freeze_verdict {
	BN_FREEZE_LIVE,         // all that was promised holds
	BN_FREEZE_STARTING,     // max-age: just shown, and the first picture still has time
	BN_FREEZE_NO_PICTURE,   // max-age: nothing came since it is shown
	BN_FREEZE_NO_COMMITS,   // max-age: it came, but no new buffer any more
	BN_FREEZE_SAME_PIXELS,  // max-age: buffers come, with the same pixels
	BN_FREEZE_SAME_COUNTER, // max-age: buffers come, the declared part of them stands still
	BN_FREEZE_NO_ANSWER,    // its client does not answer a ping
	BN_FREEZE_VERDICT_COUNT,
};

/** So long nothing may be wrong until a fault is over, at first; a relapse doubles it up to the second. */
#define BN_FREEZE_BACK_NS INT64_C(500000000)
#define BN_FREEZE_BACK_MAX_NS INT64_C(8000000000)
/** A fault that comes sooner than this after the last one was over is a relapse. */
#define BN_FREEZE_RELAPSE_NS INT64_C(10000000000)

struct bn_freeze_spec {
	int64_t heartbeat_ns, max_age_ns; // 0: not asked for
	bool has_counter;                 // only a part of the picture is looked at
};

struct bn_freeze {
	struct bn_freeze_spec spec;
	enum bn_freeze_verdict verdict; // as last judged
	int64_t shown_ns;               // since when it is judged
	int64_t buffer_ns;              // commit of the newest buffer that was latched; 0: none
	int64_t picture_ns; // commit of the newest one that differed from its forerunner; 0: none
	int64_t alive_ns;   // last sign of life, at first when it was shown
	int64_t ping_ns;    // of a ping that is not answered; 0: none
	int64_t good_ns;    // of a fault: since when nothing was wrong; 0: something is
	int64_t back_ns;    // how long that must last
	int64_t over_ns;    // when the last fault was over; 0: there was none
};

/** It is shown from now on. What it was before does not count. */
void bn_freeze_start(struct bn_freeze *freeze, const struct bn_freeze_spec *spec, int64_t now_ns);
/** A buffer that was committed at committed_ns was latched; `changed`: its pixels differ from the one before. */
void bn_freeze_latch(struct bn_freeze *freeze, int64_t committed_ns, bool changed, int64_t now_ns);
/** Any other sign of life. */
void bn_freeze_alive(struct bn_freeze *freeze, int64_t now_ns);
/** Whether the client is to be pinged now: never while it proves by itself that it lives. */
bool bn_freeze_wants_ping(const struct bn_freeze *freeze, int64_t now_ns);
void bn_freeze_pinged(struct bn_freeze *freeze, int64_t now_ns);
void bn_freeze_answered(struct bn_freeze *freeze, int64_t now_ns);
/** Settles and returns the verdict. To be called at each beat, and after a latch. */
enum bn_freeze_verdict bn_freeze_judge(struct bn_freeze *freeze, int64_t now_ns);

/** What is wrong, and by how much: "no new buffer for 134 ms, max-age is 100 ms". */
void bn_freeze_explain(const struct bn_freeze *freeze, int64_t now_ns, char *buffer, size_t size);
/** "live", "no-commits": for programs. */
const char *bn_freeze_verdict_name(enum bn_freeze_verdict verdict);
/** The same as half a sentence about the client, for people: "it sends no new buffer". */
const char *bn_freeze_verdict_text(enum bn_freeze_verdict verdict);

static inline bool bn_freeze_is_fault(enum bn_freeze_verdict verdict) {
	return verdict >= BN_FREEZE_NO_PICTURE;
}

#endif
