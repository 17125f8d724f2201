#include "core/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[8] = { 'b', 'n', 'j', 'o', 'u', 'r', 'n', 'l' };
#define VERSION 1

bool bn_journal_init(struct bn_journal *journal, size_t frames, size_t notes) {
	*journal = (struct bn_journal){
		.frames = calloc(frames, sizeof(journal->frames[0])),
		.notes = calloc(notes, sizeof(journal->notes[0])),
		.frame_capacity = frames,
		.note_capacity = notes,
	};
	if (journal->frames == NULL || journal->notes == NULL) {
		bn_journal_finish(journal);
		return false;
	}
	journal->tracks[BN_JOURNAL_COCKPIT].kind = BN_JOURNAL_IS_COCKPIT;
	bn_journal_rename(journal, BN_JOURNAL_COCKPIT, "cockpit");
	journal->tracks[BN_JOURNAL_OTHERS].kind = BN_JOURNAL_IS_CLIENT;
	bn_journal_rename(journal, BN_JOURNAL_OTHERS, "other clients");
	return true;
}

void bn_journal_finish(struct bn_journal *journal) {
	free(journal->frames);
	free(journal->notes);
	*journal = (struct bn_journal){ 0 };
}

uint16_t bn_journal_find(const struct bn_journal *journal, const void *owner) {
	for (uint16_t i = BN_JOURNAL_OTHERS + 1; i < BN_JOURNAL_TRACKS; i++) {
		if (journal->owners[i] == owner && owner != NULL) {
			return i;
		}
	}
	return BN_JOURNAL_OTHERS;
}

/** One that was never used, else the one that ended longest ago; OTHERS: none. */
static uint16_t free_track(const struct bn_journal *journal) {
	uint16_t best = BN_JOURNAL_OTHERS;
	for (uint16_t i = BN_JOURNAL_OTHERS + 1; i < BN_JOURNAL_TRACKS; i++) {
		if (journal->tracks[i].name[0] == '\0') {
			return i;
		}
		bool ended = journal->owners[i] == NULL;
		if (ended
				&& (best == BN_JOURNAL_OTHERS
						|| journal->tracks[i].end_ns
								< journal->tracks[best].end_ns)) {
			best = i;
		}
	}
	return best;
}

uint16_t bn_journal_begin(struct bn_journal *journal, const void *owner, enum bn_journal_kind kind,
		const char *name, int64_t now_ns) {
	uint16_t track = free_track(journal);
	if (track != BN_JOURNAL_OTHERS) {
		journal->owners[track] = owner;
		journal->tracks[track] =
				(struct bn_journal_track){ .begin_ns = now_ns, .kind = kind };
		bn_journal_rename(journal, track, name[0] != '\0' ? name : "?");
	}
	return track;
}

void bn_journal_rename(struct bn_journal *journal, uint16_t track, const char *name) {
	snprintf(journal->tracks[track].name, BN_JOURNAL_NAME_MAX, "%s", name);
}

void bn_journal_end(struct bn_journal *journal, const void *owner, int64_t now_ns) {
	uint16_t track = bn_journal_find(journal, owner);
	if (track != BN_JOURNAL_OTHERS) {
		journal->owners[track] = NULL;
		journal->tracks[track].end_ns = now_ns;
	}
}

uint32_t bn_journal_text(struct bn_journal *journal, const char *text) {
	for (size_t i = 0; i < BN_JOURNAL_TEXTS; i++) {
		const struct bn_journal_text *slot = &journal->texts[i];
		if (slot->serial != 0 && strncmp(slot->text, text, BN_JOURNAL_TEXT_MAX - 1) == 0) {
			return slot->serial;
		}
	}
	// 0 means none, also after four billion texts.
	journal->text_serial += journal->text_serial == UINT32_MAX ? 2 : 1;
	struct bn_journal_text *slot = &journal->texts[journal->text_serial % BN_JOURNAL_TEXTS];
	slot->serial = journal->text_serial;
	snprintf(slot->text, sizeof(slot->text), "%s", text);
	return slot->serial;
}

void bn_journal_add_frame(struct bn_journal *journal, const struct bn_journal_frame *frame) {
	journal->frames[journal->frame_count++ % journal->frame_capacity] = *frame;
}

void bn_journal_add_note(struct bn_journal *journal, const struct bn_journal_note *note) {
	journal->notes[journal->note_count++ % journal->note_capacity] = *note;
}

// Images

static const struct bn_journal_frame *frame_at(const struct bn_journal *journal, uint64_t number) {
	return &journal->frames[number % journal->frame_capacity];
}

static const struct bn_journal_note *note_at(const struct bn_journal *journal, uint64_t number) {
	return &journal->notes[number % journal->note_capacity];
}

/**
 * Counted back from the newest. Displays' frames come in the order of their flips, so that at the very
 * beginning one that woke up in time may be left out.
 */
static uint64_t first_frame(const struct bn_journal *journal, int64_t since_ns) {
	uint64_t first = journal->frame_count;
	uint64_t kept = first < journal->frame_capacity ? first : journal->frame_capacity;
	uint64_t oldest = first - kept;
	while (first > oldest && frame_at(journal, first - 1)->wake_ns >= since_ns) {
		first--;
	}
	return first;
}

static uint64_t first_note(const struct bn_journal *journal, int64_t since_ns) {
	uint64_t first = journal->note_count;
	uint64_t kept = first < journal->note_capacity ? first : journal->note_capacity;
	uint64_t oldest = first - kept;
	while (first > oldest && note_at(journal, first - 1)->at_ns >= since_ns) {
		first--;
	}
	return first;
}

static size_t size_of(const struct bn_journal *journal, uint64_t frames, uint64_t notes) {
	return sizeof(struct bn_journal_image) + (size_t)frames * sizeof(struct bn_journal_frame)
			+ (size_t)notes * sizeof(struct bn_journal_note) + sizeof(journal->tracks)
			+ sizeof(journal->texts);
}

size_t bn_journal_image_max(const struct bn_journal *journal) {
	return size_of(journal, journal->frame_capacity, journal->note_capacity);
}

size_t bn_journal_image_size(const struct bn_journal *journal, int64_t since_ns) {
	uint64_t frames = journal->frame_count - first_frame(journal, since_ns);
	uint64_t notes = journal->note_count - first_note(journal, since_ns);
	return size_of(journal, frames, notes);
}

void bn_journal_image_fill(const struct bn_journal *journal, int64_t since_ns, int64_t now_ns,
		int64_t wall_ns, void *image) {
	uint64_t frame = first_frame(journal, since_ns), note = first_note(journal, since_ns);
	struct bn_journal_image *head = image;
	*head = (struct bn_journal_image){
		.version = VERSION,
		.frame_count = (uint32_t)(journal->frame_count - frame),
		.note_count = (uint32_t)(journal->note_count - note),
		.track_count = BN_JOURNAL_TRACKS,
		.text_count = BN_JOURNAL_TEXTS,
		.now_ns = now_ns,
		.wall_ns = wall_ns,
	};
	memcpy(head->magic, magic, sizeof(magic));
	struct bn_journal_frame *frames = (struct bn_journal_frame *)(head + 1);
	for (; frame < journal->frame_count; frame++) {
		*frames++ = *frame_at(journal, frame);
	}
	struct bn_journal_note *notes = (struct bn_journal_note *)frames;
	for (; note < journal->note_count; note++) {
		*notes++ = *note_at(journal, note);
	}
	memcpy(notes, journal->tracks, sizeof(journal->tracks));
	memcpy((char *)notes + sizeof(journal->tracks), journal->texts, sizeof(journal->texts));
}

static bool is_text(const char *text, size_t size) {
	return memchr(text, '\0', size) != NULL;
}

/** What the formatter follows must lead somewhere. */
static bool is_sound(const struct bn_journal_view *view) {
	const struct bn_journal_image *head = view->head;
	for (uint32_t i = 0; i < head->frame_count; i++) {
		if (view->frames[i].track >= head->track_count) {
			return false;
		}
	}
	for (uint32_t i = 0; i < head->note_count; i++) {
		const struct bn_journal_note *note = &view->notes[i];
		if (note->track >= head->track_count || note->display >= head->track_count
				|| note->event >= BN_JOURNAL_EVENT_COUNT) {
			return false;
		}
	}
	for (uint32_t i = 0; i < head->track_count; i++) {
		if (!is_text(view->tracks[i].name, BN_JOURNAL_NAME_MAX)) {
			return false;
		}
	}
	for (uint32_t i = 0; i < head->text_count; i++) {
		if (!is_text(view->texts[i].text, BN_JOURNAL_TEXT_MAX)) {
			return false;
		}
	}
	return true;
}

bool bn_journal_view(const void *image, size_t size, struct bn_journal_view *ret_view) {
	const struct bn_journal_image *head = image;
	if (size < sizeof(*head) || memcmp(head->magic, magic, sizeof(magic)) != 0
			|| head->version != VERSION || head->track_count > BN_JOURNAL_TRACKS
			|| head->text_count > BN_JOURNAL_TEXTS) {
		return false;
	}
	uint64_t frames = (uint64_t)head->frame_count * sizeof(struct bn_journal_frame);
	uint64_t notes = (uint64_t)head->note_count * sizeof(struct bn_journal_note);
	uint64_t tracks = (uint64_t)head->track_count * sizeof(struct bn_journal_track);
	uint64_t texts = (uint64_t)head->text_count * sizeof(struct bn_journal_text);
	if (size != sizeof(*head) + frames + notes + tracks + texts) {
		return false;
	}
	const char *at = (const char *)(head + 1);
	struct bn_journal_view view = {
		.head = head,
		.frames = (const struct bn_journal_frame *)at,
		.notes = (const struct bn_journal_note *)(at + frames),
		.tracks = (const struct bn_journal_track *)(at + frames + notes),
		.texts = (const struct bn_journal_text *)(at + frames + notes + tracks),
	};
	if (!is_sound(&view)) {
		return false;
	}
	*ret_view = view;
	return true;
}

const char *bn_journal_view_text(const struct bn_journal_view *view, uint32_t serial) {
	for (uint32_t i = 0; serial != 0 && i < view->head->text_count; i++) {
		if (view->texts[i].serial == serial) {
			return view->texts[i].text;
		}
	}
	return "";
}
