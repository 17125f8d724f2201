#include "core/chrome.h"

#include <stdlib.h>
#include <string.h>

#include "core/journal.h"
#include "core/sink.h"

// Process numbers group the tracks.
enum { PID_DISPLAYS = 1, PID_CLIENTS, PID_COCKPIT };

enum piece_kind {
	PIECE_FRAME,
	PIECE_LATCH,
	PIECE_DRAW,
	PIECE_COMMIT,
	PIECE_FLIP,
	PIECE_DEADLINE,
	PIECE_MISSED,
	PIECE_FAILED,
	PIECE_COST,
	PIECE_NOTE,
	PIECE_CLIENT_COMMIT,
};

/** What one record adds to the trace. */
struct piece {
	int64_t at_ns, length_ns;
	uint32_t index; // of its frame or note
	uint16_t kind;
	uint16_t depth; // outer before inner
};

struct chrome {
	const struct bn_journal_view *view;
	struct bn_sink *sink;
	int64_t since_ns;
	struct piece *pieces; // owned
	size_t count, capacity;
	bool used[BN_JOURNAL_TRACKS];
	bool first; // no event was written yet
};

static void add(struct chrome *chrome, enum piece_kind kind, uint32_t index, int64_t from,
		int64_t to) {
	if (chrome->count == chrome->capacity) {
		return; // never: there is room for all that records can add
	}
	chrome->pieces[chrome->count++] = (struct piece){
		.at_ns = from,
		.length_ns = to > from ? to - from : 0,
		.index = index,
		.kind = (uint16_t)kind,
		.depth = kind == PIECE_FRAME         ? 0
				: kind <= PIECE_FLIP ? 1
						     : 2,
	};
}

static int64_t least(int64_t a, int64_t b) {
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b) {
	return a > b ? a : b;
}

static bool is_drawn(const struct bn_journal_frame *frame) {
	return (frame->flags & BN_JOURNAL_DRAWN) != 0;
}

/** A frame ends on glass, but no later than the display's next one begins. */
static int64_t frame_end(const struct bn_journal_frame *frame, int64_t next_wake) {
	uint32_t worked = is_drawn(frame)   ? frame->commit
			: frame->submit > 0 ? frame->submit
					    : frame->latch;
	int64_t end = frame->wake_ns + worked;
	end = frame->present_ns > end ? frame->present_ns : end;
	return least(end, next_wake);
}

static void add_frame(struct chrome *chrome, uint32_t index, int64_t next_wake) {
	const struct bn_journal_frame *frame = &chrome->view->frames[index];
	int64_t wake = frame->wake_ns, end = frame_end(frame, next_wake);
	int64_t latch = least(wake + frame->latch, end);
	int64_t submit = most(least(wake + frame->submit, end), latch);
	int64_t commit = most(least(wake + frame->commit, end), submit);
	add(chrome, PIECE_FRAME, index, wake, end);
	add(chrome, PIECE_LATCH, index, wake, latch);
	if (is_drawn(frame) || frame->submit > 0) {
		add(chrome, PIECE_DRAW, index, latch, submit);
	}
	if (is_drawn(frame)) {
		add(chrome, PIECE_COMMIT, index, submit, commit);
		add(chrome, PIECE_FLIP, index, commit, end);
		add(chrome, PIECE_COST, index, commit, commit);
	}
	add(chrome, PIECE_DEADLINE, index, wake + frame->deadline, 0);
	if (frame->missed > 0) {
		add(chrome, PIECE_MISSED, index, wake + frame->deadline, 0);
	}
	if ((frame->flags & BN_JOURNAL_FAILED) != 0) {
		add(chrome, PIECE_FAILED, index, end, 0);
	}
}

/** A record older than its track was about somebody whose place was given away since. */
static bool is_wanted(struct chrome *chrome, uint16_t track, int64_t at_ns) {
	bool wanted = at_ns >= chrome->since_ns && at_ns >= chrome->view->tracks[track].begin_ns;
	chrome->used[track] |= wanted;
	return wanted;
}

static void collect(struct chrome *chrome) {
	const struct bn_journal_view *view = chrome->view;
	int64_t next_wake[BN_JOURNAL_TRACKS];
	for (size_t i = 0; i < BN_JOURNAL_TRACKS; i++) {
		next_wake[i] = INT64_MAX;
	}
	for (uint32_t i = view->head->frame_count; i-- > 0;) {
		const struct bn_journal_frame *frame = &view->frames[i];
		if (is_wanted(chrome, frame->track, frame->wake_ns)) {
			add_frame(chrome, i, next_wake[frame->track]);
		}
		next_wake[frame->track] = frame->wake_ns;
	}
	for (uint32_t i = 0; i < view->head->note_count; i++) {
		const struct bn_journal_note *note = &view->notes[i];
		if (!is_wanted(chrome, note->track, note->at_ns)) {
			continue;
		}
		bool is_latch = note->event == BN_JOURNAL_LATCH;
		add(chrome, PIECE_NOTE, i, note->at_ns,
				is_latch ? note->at_ns + note->length : note->at_ns);
		if (is_latch && note->before > 0) {
			add(chrome, PIECE_CLIENT_COMMIT, i, note->at_ns - note->before, 0);
		}
	}
}

static int in_order(const void *left, const void *right) {
	const struct piece *a = left, *b = right;
	if (a->at_ns != b->at_ns) {
		return a->at_ns < b->at_ns ? -1 : 1;
	}
	if (a->depth != b->depth) {
		return a->depth < b->depth ? -1 : 1;
	}
	if (a->index != b->index) {
		return a->index < b->index ? -1 : 1;
	}
	return a->kind < b->kind ? -1 : a->kind > b->kind;
}

// Writing

static int pid_of(const struct chrome *chrome, uint16_t track) {
	switch (chrome->view->tracks[track].kind) {
	case BN_JOURNAL_IS_DISPLAY:
		return PID_DISPLAYS;
	case BN_JOURNAL_IS_CLIENT:
		return PID_CLIENTS;
	default:
		return PID_COCKPIT;
	}
}

/** {"pid":..,"tid":..,"ph":.. of an event; each begins a line. */
static void begin(struct chrome *chrome, uint16_t track, const char *phase) {
	bn_sink_print(chrome->sink, "%s{\"pid\":%d,\"tid\":%u,\"ph\":\"%s\"",
			chrome->first ? "" : ",\n", pid_of(chrome, track), track + 1u, phase);
	chrome->first = false;
}

/** ns as us, which is what the format counts in, without a double's rounding. */
static void put_time(struct chrome *chrome, const char *key, int64_t ns) {
	bn_sink_print(chrome->sink, ",\"%s\":%lld.%03lld", key, (long long)(ns / 1000),
			(long long)(ns % 1000));
}

static void put_slice(struct chrome *chrome, const struct piece *piece, uint16_t track,
		const char *name) {
	begin(chrome, track, "X");
	put_time(chrome, "ts", piece->at_ns);
	put_time(chrome, "dur", piece->length_ns);
	bn_sink_print(chrome->sink, ",\"name\":\"%s\"", name);
}

static void put_instant(struct chrome *chrome, const struct piece *piece, uint16_t track,
		const char *name) {
	begin(chrome, track, "i");
	put_time(chrome, "ts", piece->at_ns);
	bn_sink_print(chrome->sink, ",\"s\":\"t\",\"name\":\"%s\"", name);
}

static double ms(int64_t ns) {
	return (double)ns / 1e6;
}

static void put_frame(struct chrome *chrome, const struct piece *piece) {
	const struct bn_journal_frame *frame = &chrome->view->frames[piece->index];
	begin(chrome, frame->track, "X");
	put_time(chrome, "ts", piece->at_ns);
	put_time(chrome, "dur", piece->length_ns);
	bn_sink_print(chrome->sink,
			",\"name\":\"frame "
			"%u\",\"args\":{\"woken_late_ms\":%.4f,\"early_ms\":%.4f,"
			"\"predicted_ms\":%.4f,\"cost_ms\":%.4f,\"refresh_ms\":%.4f,"
			"\"missed\":%u,\"upload_bytes\":%u,\"draw_ops\":%u,\"safety\":%s}}",
			frame->sequence, ms(-(int64_t)frame->due), ms(frame->early),
			ms(frame->predicted), ms(frame->commit), ms(frame->period), frame->missed,
			frame->upload_bytes, frame->draw_ops,
			(frame->flags & BN_JOURNAL_SAFETY) != 0 ? "true" : "false");
}

static void put_of_frame(struct chrome *chrome, const struct piece *piece) {
	const struct bn_journal_frame *frame = &chrome->view->frames[piece->index];
	static const char *const names[] = {
		[PIECE_LATCH] = "latch",
		[PIECE_DRAW] = "draw",
		[PIECE_COMMIT] = "commit",
		[PIECE_FLIP] = "waiting for flip",
		[PIECE_DEADLINE] = "deadline",
		[PIECE_MISSED] = "missed",
		[PIECE_FAILED] = "failed",
	};
	if (piece->kind == PIECE_COST) {
		begin(chrome, frame->track, "C");
		put_time(chrome, "ts", piece->at_ns);
		bn_sink_print(chrome->sink, ",\"name\":");
		bn_sink_json(chrome->sink, chrome->view->tracks[frame->track].name);
		bn_sink_print(chrome->sink, ",\"args\":{\"cost_ms\":%.4f,\"predicted_ms\":%.4f}}",
				ms(frame->commit), ms(frame->predicted));
	} else if (piece->kind <= PIECE_FLIP) {
		put_slice(chrome, piece, frame->track, names[piece->kind]);
		bn_sink_print(chrome->sink, "}");
	} else {
		put_instant(chrome, piece, frame->track, names[piece->kind]);
		bn_sink_print(chrome->sink, ",\"args\":{\"frame\":%u,\"refreshes\":%u}}",
				frame->sequence, frame->missed);
	}
}

static void put_latch(struct chrome *chrome, const struct piece *piece,
		const struct bn_journal_note *note) {
	put_slice(chrome, piece, note->track, "latch");
	bn_sink_print(chrome->sink, ",\"args\":{\"display\":");
	bn_sink_json(chrome->sink, chrome->view->tracks[note->display].name);
	bn_sink_print(chrome->sink, ",\"upload_bytes\":%u,\"commits\":%u}}", note->bytes,
			note->commits);
}

static void put_note(struct chrome *chrome, const struct piece *piece) {
	const struct bn_journal_note *note = &chrome->view->notes[piece->index];
	static const char *const names[BN_JOURNAL_EVENT_COUNT] = {
		[BN_JOURNAL_LATCH] = "latch",
		[BN_JOURNAL_DEFER] = "deferred",
		[BN_JOURNAL_SKIP] = "nothing to draw",
		[BN_JOURNAL_REFUSE] = "throttled or refused",
		[BN_JOURNAL_SHOW] = "shows",
		[BN_JOURNAL_LAYOUT] = "layout live",
		[BN_JOURNAL_LAYOUT_FAILED] = "layout refused",
		[BN_JOURNAL_DEADLINE] = "deadline missed",
		[BN_JOURNAL_CHECK] = "check",
	};
	if (piece->kind == PIECE_CLIENT_COMMIT) {
		put_instant(chrome, piece, note->track, "commit");
		bn_sink_print(chrome->sink, "}");
		return;
	}
	if (note->event == BN_JOURNAL_LATCH) {
		put_latch(chrome, piece, note);
		return;
	}
	put_instant(chrome, piece, note->track, names[note->event]);
	if (note->event == BN_JOURNAL_DEFER) {
		bn_sink_print(chrome->sink, ",\"args\":{\"waits_ms\":%.4f}", ms(note->length));
	} else if (note->text != 0) {
		bn_sink_print(chrome->sink, ",\"args\":{\"text\":");
		bn_sink_json(chrome->sink, bn_journal_view_text(chrome->view, note->text));
		bn_sink_print(chrome->sink, "}");
	}
	bn_sink_print(chrome->sink, "}");
}

static void put_meta(struct chrome *chrome, uint16_t track, const char *what, const char *name) {
	begin(chrome, track, "M");
	bn_sink_print(chrome->sink, ",\"name\":\"%s\",\"args\":{\"name\":", what);
	bn_sink_json(chrome->sink, name);
	bn_sink_print(chrome->sink, "}}");
}

/** Tracks that something is on, and all displays that are there. */
static void put_tracks(struct chrome *chrome) {
	static const char *const groups[] = {
		[PID_DISPLAYS] = "displays",
		[PID_CLIENTS] = "clients",
		[PID_COCKPIT] = "cockpit",
	};
	bool named[PID_COCKPIT + 1] = { false };
	for (uint16_t i = 0; i < chrome->view->head->track_count; i++) {
		const struct bn_journal_track *track = &chrome->view->tracks[i];
		bool is_lit = track->kind == BN_JOURNAL_IS_DISPLAY && track->end_ns == 0;
		if (track->name[0] == '\0' || (!chrome->used[i] && !is_lit)) {
			continue;
		}
		int pid = pid_of(chrome, i);
		if (!named[pid]) {
			put_meta(chrome, i, "process_name", groups[pid]);
			named[pid] = true;
		}
		put_meta(chrome, i, "thread_name", track->name);
	}
}

static void put_all(struct chrome *chrome) {
	bn_sink_print(chrome->sink,
			"{\"displayTimeUnit\":\"ms\",\"otherData\":{\"program\":"
			"\"binnacle\",\"taken_ns\":%lld,\"taken_utc_ns\":%lld},\n\"traceEvents\":["
			"\n",
			(long long)chrome->view->head->now_ns,
			(long long)chrome->view->head->wall_ns);
	put_tracks(chrome);
	for (size_t i = 0; i < chrome->count && !chrome->sink->failed; i++) {
		const struct piece *piece = &chrome->pieces[i];
		if (piece->kind == PIECE_FRAME) {
			put_frame(chrome, piece);
		} else if (piece->kind < PIECE_NOTE) {
			put_of_frame(chrome, piece);
		} else {
			put_note(chrome, piece);
		}
	}
	bn_sink_print(chrome->sink, "\n]}\n");
}

bool bn_chrome_write(const struct bn_journal_view *view, int64_t since_ns, struct bn_sink *sink) {
	struct chrome chrome = {
		.view = view,
		.sink = sink,
		.since_ns = since_ns,
		.capacity = (size_t)view->head->frame_count * PIECE_NOTE
				+ (size_t)view->head->note_count * 2 + 1,
		.first = true,
	};
	chrome.pieces = malloc(chrome.capacity * sizeof(chrome.pieces[0]));
	if (chrome.pieces == NULL) {
		return false;
	}
	collect(&chrome);
	qsort(chrome.pieces, chrome.count, sizeof(chrome.pieces[0]), in_order);
	put_all(&chrome);
	free(chrome.pieces);
	return !sink->failed;
}
