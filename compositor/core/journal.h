#ifndef BN_CORE_JOURNAL_H
#define BN_CORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What happened lately, in memory that is taken once: a ring of frames, a ring of
 * notes (what clients had latched, and decisions), who they were about, and a few
 * texts. Frames have a ring of their own so that busy clients do not push them out.
 *
 * Adding costs a copy of one record and never allocates, logs or fails; the oldest
 * is overwritten. Pure: the caller brings the time, monotonic ns.
 *
 * An *image* is a copy of all that is newer than a moment, in one block without
 * pointers: it may go to another thread, or through a memory file to a program of
 * the same build.
 */
// 30 s of three displays at 60 Hz, and of five clients that draw on each refresh.
#define BN_JOURNAL_FRAMES 6144
#define BN_JOURNAL_NOTES 12288
#define BN_JOURNAL_TRACKS 128
#define BN_JOURNAL_TEXTS 128
#define BN_JOURNAL_NAME_MAX 48
#define BN_JOURNAL_TEXT_MAX 120

/** Who a record is about: an index into the tracks. These two always exist. */
#define BN_JOURNAL_COCKPIT 0
#define BN_JOURNAL_OTHERS 1 // clients beyond those that have a track of their own

enum bn_journal_kind {
	BN_JOURNAL_IS_COCKPIT,
	BN_JOURNAL_IS_DISPLAY,
	BN_JOURNAL_IS_CLIENT,
};

enum bn_journal_flag {
	BN_JOURNAL_DRAWN = 1 << 0, // and committed
	BN_JOURNAL_FAILED = 1 << 1,
	BN_JOURNAL_SAFETY = 1 << 2,
	BN_JOURNAL_DIVIDED = 1 << 3, // drawn in parts: others had their turn before `submit`
};

/** One frame; what is not _ns is ns after wake_ns. Without BN_JOURNAL_DRAWN there is no commit, maybe no submit. */
struct bn_journal_frame {
	int64_t wake_ns;
	int64_t present_ns; // 0: did not come on glass
	int32_t due;        // before the wake-up: negative
	int32_t deadline;   // the refresh that it was for
	uint32_t latch, submit, commit;
	uint32_t predicted; // what it was thought to cost
	uint32_t period;    // of a refresh
	uint32_t sequence;
	uint32_t upload_bytes;
	uint16_t draw_ops;
	uint16_t missed; // refreshes
	uint16_t track;
	uint16_t flags; // enum bn_journal_flag
	uint32_t early; // so much sooner than it had to be, to be out of a safety display's way
};
_Static_assert(sizeof(struct bn_journal_frame) == 64, "the ring's size is a promise");

enum bn_journal_event {
	BN_JOURNAL_LATCH,         // a client's newest buffer was taken
	BN_JOURNAL_DEFER,         // a display gave way to a safety display
	BN_JOURNAL_SKIP,          // a display had nothing to draw
	BN_JOURNAL_REFUSE,        // a client was refused or throttled: `text`
	BN_JOURNAL_SHOW,          // a zone shows something else: `text`
	BN_JOURNAL_LAYOUT,        // a layout went live
	BN_JOURNAL_LAYOUT_FAILED, // one was refused: `text`
	BN_JOURNAL_DEADLINE,      // a rule's deadline passed: `text`
	BN_JOURNAL_CHECK,         // what must be seen is not, or is again: `text`
	BN_JOURNAL_EVENT_COUNT,
};

struct bn_journal_note {
	int64_t at_ns;
	uint32_t length; // ns; latch: it took so long; defer: it waits so long
	uint32_t before; // ns; latch: the buffer was committed so long before, 0: not known
	uint32_t bytes;  // latch: uploaded
	uint32_t text;   // of bn_journal_text, 0: none
	uint16_t track;
	uint16_t display; // latch: the track of the display that it was for
	uint16_t commits; // latch: of this client since its last one
	uint16_t event;   // enum bn_journal_event
};
_Static_assert(sizeof(struct bn_journal_note) == 32, "the ring's size is a promise");

struct bn_journal_track {
	int64_t begin_ns, end_ns; // end_ns 0: it is still there
	uint32_t kind;            // enum bn_journal_kind
	char name[BN_JOURNAL_NAME_MAX];
};

struct bn_journal_text {
	uint32_t serial; // 0: unused
	char text[BN_JOURNAL_TEXT_MAX];
};

struct bn_journal {
	struct bn_journal_frame *frames; // owned, as all arrays; rings
	struct bn_journal_note *notes;
	size_t frame_capacity, note_capacity;
	uint64_t frame_count, note_count; // ever added
	struct bn_journal_track tracks[BN_JOURNAL_TRACKS];
	const void *owners[BN_JOURNAL_TRACKS]; // whom a track is of; compared only
	struct bn_journal_text texts[BN_JOURNAL_TEXTS];
	uint32_t text_serial;
};

/** Rings of these sizes. False when out of memory: nothing to finish then. */
bool bn_journal_init(struct bn_journal *journal, size_t frames, size_t notes);
void bn_journal_finish(struct bn_journal *journal);

/** The track of `owner` that is still there; BN_JOURNAL_OTHERS when it has none. */
uint16_t bn_journal_find(const struct bn_journal *journal, const void *owner);
/** A track for `owner`, in place of the one that ended longest ago. OTHERS when all are in use. */
uint16_t bn_journal_begin(struct bn_journal *journal, const void *owner, enum bn_journal_kind kind,
		const char *name, int64_t now_ns);
/** Another name for what is already there; the track stays. */
void bn_journal_rename(struct bn_journal *journal, uint16_t track, const char *name);
void bn_journal_end(struct bn_journal *journal, const void *owner, int64_t now_ns);
/** Remembers a text, once while it is among the newest BN_JOURNAL_TEXTS; cut to what there is room for. */
uint32_t bn_journal_text(struct bn_journal *journal, const char *text);

void bn_journal_add_frame(struct bn_journal *journal, const struct bn_journal_frame *frame);
void bn_journal_add_note(struct bn_journal *journal, const struct bn_journal_note *note);

/** Header of an image; frames, notes, tracks and texts follow it without gaps, oldest first. */
struct bn_journal_image {
	char magic[8];
	uint32_t version;
	uint32_t frame_count, note_count, track_count, text_count;
	uint32_t reserved;
	int64_t now_ns;  // when it was taken
	int64_t wall_ns; // the same moment since 1970, UTC
};

/** Of the largest image that these rings can fill. */
size_t bn_journal_image_max(const struct bn_journal *journal);
size_t bn_journal_image_size(const struct bn_journal *journal, int64_t since_ns);
/** Fills bn_journal_image_size bytes, aligned for int64_t. */
void bn_journal_image_fill(const struct bn_journal *journal, int64_t since_ns, int64_t now_ns,
		int64_t wall_ns, void *image);

/** An image as its reader sees it; borrowed from the block. */
struct bn_journal_view {
	const struct bn_journal_image *head;
	const struct bn_journal_frame *frames;
	const struct bn_journal_note *notes;
	const struct bn_journal_track *tracks;
	const struct bn_journal_text *texts;
};

/** False when the block, aligned for int64_t, is no image of this version: it may come from anywhere. */
bool bn_journal_view(const void *image, size_t size, struct bn_journal_view *ret_view);
/** The text of a serial; "" when there is none or it was forgotten. */
const char *bn_journal_view_text(const struct bn_journal_view *view, uint32_t serial);

#endif
