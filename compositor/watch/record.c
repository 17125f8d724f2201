#include "watch/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <wlr/types/wlr_output.h>

#include "client.h"
#include "cockpit.h"
#include "core/diag.h"
#include "core/nsec.h"
#include "output.h"
#include "safety/check.h"
#include "safety/deadlines.h"
#include "scene/content.h"
#include "shell/view.h"

// A client that is refused all the time is written down as often, at most.
#define REFUSED_EVERY_NS (5 * BN_NSEC_PER_MSEC)

static int64_t now_of(const struct bn_record *record) {
	return bn_loop_now(record->loop);
}

static uint32_t span(int64_t from, int64_t to) {
	int64_t length = to - from;
	return to == 0 || length < 0 ? 0 : length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
}

static int32_t offset(int64_t from, int64_t to) {
	int64_t length = to - from;
	return length < INT32_MIN ? INT32_MIN : length > INT32_MAX ? INT32_MAX : (int32_t)length;
}

// Displays

static void name_output(const struct bn_record *record, const struct bn_output *output,
		char name[BN_JOURNAL_NAME_MAX]) {
	const struct bn_layout *layout = record->cockpit->layout;
	if (output->display < layout->display_count) {
		snprintf(name, BN_JOURNAL_NAME_MAX, "%.30s (%.12s)",
				layout->displays[output->display].name, output->wlr->name);
	} else {
		snprintf(name, BN_JOURNAL_NAME_MAX, "%.30s", output->wlr->name);
	}
}

static void handle_changed(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, changed);
	const struct bn_output *output = data;
	char name[BN_JOURNAL_NAME_MAX];
	name_output(record, output, name);
	uint16_t track = bn_journal_find(&record->journal, output->wlr);
	if (track == BN_JOURNAL_OTHERS) {
		bn_journal_begin(&record->journal, output->wlr, BN_JOURNAL_IS_DISPLAY, name,
				now_of(record));
	} else {
		bn_journal_rename(&record->journal, track, name);
	}
}

static struct bn_record_pending *find_pending(struct bn_record *record, const void *owner) {
	for (size_t i = 0; i < BN_RECORD_OUTPUTS; i++) {
		if (record->pending[i].owner == owner) {
			return &record->pending[i];
		}
	}
	return NULL;
}

static void settle(struct bn_record *record, struct bn_record_pending *pending) {
	if (pending->waits) {
		bn_journal_add_frame(&record->journal, &pending->frame);
		pending->waits = false;
	}
}

static void handle_gone(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, gone);
	const struct bn_output *output = data;
	struct bn_record_pending *pending = find_pending(record, output->wlr);
	if (pending != NULL) {
		settle(record, pending);
		pending->owner = NULL;
	}
	bn_journal_end(&record->journal, output->wlr, now_of(record));
}

static struct bn_journal_frame compact(const struct bn_record *record,
		const struct bn_output *output) {
	const struct bn_frame_record *frame = &output->record;
	int64_t wake = frame->wake_ns;
	return (struct bn_journal_frame){
		.wake_ns = wake,
		.due = offset(wake, frame->due_ns),
		.deadline = offset(wake, frame->planned_ns),
		.latch = span(wake, frame->latch_ns),
		.submit = span(wake, frame->submit_ns),
		.commit = span(wake, frame->commit_ns),
		.predicted = span(0, frame->predicted_ns),
		.early = span(0, frame->early_ns),
		.period = span(0, output->deadline.period_ns),
		.sequence = (uint32_t)frame->sequence,
		.upload_bytes = frame->upload_bytes > UINT32_MAX ? UINT32_MAX
								 : (uint32_t)frame->upload_bytes,
		.draw_ops = frame->draw_ops > UINT16_MAX ? UINT16_MAX : (uint16_t)frame->draw_ops,
		.track = bn_journal_find(&record->journal, output->wlr),
		.flags = (uint16_t)((frame->drawn ? BN_JOURNAL_DRAWN : 0)
				| (frame->failed ? BN_JOURNAL_FAILED : 0)
				| (frame->divided ? BN_JOURNAL_DIVIDED : 0)
				| (output->safety ? BN_JOURNAL_SAFETY : 0)),
	};
}

static void note(struct bn_record *record, struct bn_journal_note *what) {
	bn_journal_add_note(&record->journal, what);
}

static void handle_frame(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, frame);
	const struct bn_output *output = data;
	struct bn_journal_frame frame = compact(record, output);
	if (!output->record.drawn && !output->record.failed) {
		struct bn_journal_note skip = {
			.at_ns = frame.wake_ns,
			.track = frame.track,
			.event = BN_JOURNAL_SKIP,
		};
		note(record, &skip);
		return;
	}
	struct bn_record_pending *pending = find_pending(record, output->wlr);
	pending = pending != NULL ? pending : find_pending(record, NULL);
	if (pending == NULL || output->record.failed) {
		bn_journal_add_frame(&record->journal, &frame);
		return;
	}
	settle(record, pending); // a parent may ask for the next before it tells of the last
	*pending = (struct bn_record_pending){ output->wlr, frame, true };
}

static void handle_presented(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, presented);
	const struct bn_output *output = data;
	struct bn_record_pending *pending = find_pending(record, output->wlr);
	if (pending == NULL || !pending->waits
			|| pending->frame.sequence != (uint32_t)output->record.sequence) {
		return;
	}
	uint32_t missed = output->record.missed;
	pending->frame.present_ns = output->record.present_ns;
	pending->frame.missed = missed > UINT16_MAX ? UINT16_MAX : (uint16_t)missed;
	settle(record, pending);
	if (missed > 0) {
		const struct bn_layout *layout = record->cockpit->layout;
		struct bn_record_miss miss = {
			.name = output->display < layout->display_count
					? layout->displays[output->display].name
					: output->wlr->name,
			.safety = output->safety,
		};
		wl_signal_emit_mutable(&record->events.missed, &miss);
	}
}

static void handle_deferred(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, deferred);
	const struct bn_output *output = data;
	int64_t now = now_of(record);
	struct bn_journal_note defer = {
		.at_ns = now,
		.length = span(now, output->timer.due_ns),
		.track = bn_journal_find(&record->journal, output->wlr),
		.event = BN_JOURNAL_DEFER,
	};
	note(record, &defer);
}

// Clients

static void handle_client_created(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, client_created);
	const struct bn_client *client = data;
	char name[BN_JOURNAL_NAME_MAX];
	bn_client_describe(client, name, sizeof(name));
	uint16_t track = bn_journal_begin(&record->journal, client, BN_JOURNAL_IS_CLIENT, name,
			now_of(record));
	record->commits[track] = 0;
	record->refused_ns[track] = 0;
}

static void handle_client_destroyed(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, client_destroyed);
	bn_journal_end(&record->journal, data, now_of(record));
}

/** It may have been identified after it came. */
static uint16_t track_of(struct bn_record *record, const struct bn_client *client) {
	uint16_t track = bn_journal_find(&record->journal, client);
	if (track != BN_JOURNAL_OTHERS && record->commits[track] == 0) {
		char name[BN_JOURNAL_NAME_MAX];
		bn_client_describe(client, name, sizeof(name));
		bn_journal_rename(&record->journal, track, name);
	}
	return track;
}

static void handle_refused(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, refused);
	const struct bn_client_refusal *refusal = data;
	uint16_t track = track_of(record, refusal->client);
	int64_t at = refusal->reason->at_ns;
	if (at - record->refused_ns[track] < REFUSED_EVERY_NS && record->refused_ns[track] > 0) {
		return;
	}
	record->refused_ns[track] = at;
	struct bn_journal_note refuse = {
		.at_ns = at,
		.track = track,
		.text = bn_journal_text(&record->journal, refusal->reason->text),
		.event = BN_JOURNAL_REFUSE,
	};
	note(record, &refuse);
}

/** When the buffer that was taken had been committed; 0: not known. */
static int64_t committed_at(const struct bn_content *content) {
	return content->commits_ns[(content->commits_next + BN_CONTENT_PACE - 1) % BN_CONTENT_PACE];
}

static void handle_latched(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, latched);
	const struct bn_content_latched *latched = data;
	const struct bn_client *client = latched->content->client;
	uint16_t track = track_of(record, client);
	uint64_t commits = client->commits - record->commits[track];
	int64_t committed = committed_at(latched->content);
	struct bn_journal_note latch = {
		.at_ns = latched->begin_ns,
		.length = span(latched->begin_ns, latched->end_ns),
		.before = committed > 0 ? span(committed, latched->begin_ns) : 0,
		.bytes = latched->bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)latched->bytes,
		.track = track,
		.display = bn_journal_find(&record->journal, latched->output),
		.commits = commits > UINT16_MAX ? UINT16_MAX : (uint16_t)commits,
		.event = BN_JOURNAL_LATCH,
	};
	record->commits[track] = client->commits;
	note(record, &latch);
}

// The cockpit

static void write_decision(struct bn_record *record, enum bn_journal_event event,
		const char *text) {
	struct bn_journal_note decision = {
		.at_ns = now_of(record),
		.track = BN_JOURNAL_COCKPIT,
		.text = text != NULL ? bn_journal_text(&record->journal, text) : 0,
		.event = (uint16_t)event,
	};
	note(record, &decision);
}

static void write_zone(struct bn_record *record, size_t zone) {
	const struct bn_cockpit *cockpit = record->cockpit;
	const struct bn_arrange_zone_out *out = &cockpit->arrangement.zones[zone];
	const struct bn_view *view =
			out->view != 0 ? bn_shell_view_by_id(cockpit->shell, out->view) : NULL;
	char who[96] = "nothing", text[BN_JOURNAL_TEXT_MAX];
	if (view != NULL && out->watched) {
		snprintf(who, sizeof(who), "%s, %s",
				out->content == BN_CONTENT_FAULT ? "its fault filler" : "nothing",
				bn_freeze_verdict_text(view->freshness));
	} else if (view != NULL) {
		bn_client_describe(view->client, who, sizeof(who));
	} else if (out->content == BN_CONTENT_EMPTY || out->content == BN_CONTENT_FAULT) {
		snprintf(who, sizeof(who), "%s",
				out->content == BN_CONTENT_FAULT ? "its fault filler"
								 : "its empty filler");
	}
	snprintf(text, sizeof(text), "%.48s: %s", cockpit->layout->zones[zone].name, who);
	write_decision(record, BN_JOURNAL_SHOW, text);
}

static void handle_arranged(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, arranged);
	const struct bn_cockpit *cockpit = record->cockpit;
	for (size_t i = 0; i < cockpit->layout->zone_count && i < record->zone_count; i++) {
		const struct bn_arrange_zone_out *out = &cockpit->arrangement.zones[i];
		struct bn_record_zone *zone = &record->zones[i];
		if (zone->view != out->view || zone->content != (int)out->content) {
			*zone = (struct bn_record_zone){ out->view, (int)out->content };
			write_zone(record, i);
		}
	}
}

/** What zones showed is forgotten: they are told anew with the first arrangement. */
static void size_zones(struct bn_record *record) {
	size_t count = record->cockpit->layout->zone_count;
	free(record->zones);
	record->zones = calloc(count + 1, sizeof(record->zones[0]));
	record->zone_count = record->zones != NULL ? count : 0;
}

static void handle_layout(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, layout);
	size_zones(record);
	write_decision(record, BN_JOURNAL_LAYOUT, record->cockpit->layout->path);
	handle_arranged(&record->arranged, NULL);
}

static void handle_layout_failed(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, layout_failed);
	const struct bn_diag_list *faults = &record->cockpit->reload_faults;
	char *line = faults->count > 0 ? bn_diag_format(&faults->items[0]) : NULL;
	write_decision(record, BN_JOURNAL_LAYOUT_FAILED, line);
	free(line);
}

static void handle_deadline(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, deadline);
	const struct bn_deadlines_miss *late = data;
	write_decision(record, BN_JOURNAL_DEADLINE, late->text);
	struct bn_record_miss miss = { .name = late->name, .safety = late->safety };
	wl_signal_emit_mutable(&record->events.missed, &miss);
}

static void handle_verdict(struct wl_listener *listener, void *data) {
	struct bn_record *record = wl_container_of(listener, record, verdict);
	const struct bn_check_item *item = data;
	char verdict[200], text[BN_JOURNAL_TEXT_MAX];
	bn_check_describe(item, verdict, sizeof(verdict));
	snprintf(text, sizeof(text), "%.24s: %.90s", item->spec->name, verdict);
	write_decision(record, BN_JOURNAL_CHECK, text);
	if (item->telltale.state >= BN_TELLTALE_COVERED) {
		struct bn_record_miss miss = { .name = item->spec->name, .safety = true };
		wl_signal_emit_mutable(&record->events.missed, &miss);
	}
}

bool bn_record_init(struct bn_record *record, struct bn_outputs *outputs,
		struct bn_clients *clients, struct bn_contents *contents,
		struct bn_cockpit *cockpit, struct bn_deadlines *deadlines,
		struct bn_checks *checks) {
	*record = (struct bn_record){
		.loop = outputs->loop,
		.clients = clients,
		.cockpit = cockpit,
	};
	if (!bn_journal_init(&record->journal, BN_JOURNAL_FRAMES, BN_JOURNAL_NOTES)) {
		return false;
	}
	size_zones(record);
	wl_signal_init(&record->events.missed);
	bn_listen(&outputs->events.changed, &record->changed, handle_changed);
	bn_listen(&outputs->events.gone, &record->gone, handle_gone);
	bn_listen(&outputs->events.frame, &record->frame, handle_frame);
	bn_listen(&outputs->events.presented, &record->presented, handle_presented);
	bn_listen(&outputs->events.deferred, &record->deferred, handle_deferred);
	bn_listen(&clients->events.created, &record->client_created, handle_client_created);
	bn_listen(&clients->events.destroyed, &record->client_destroyed, handle_client_destroyed);
	bn_listen(&clients->events.refused, &record->refused, handle_refused);
	bn_listen(&contents->events.latched, &record->latched, handle_latched);
	bn_listen(&cockpit->events.arranged, &record->arranged, handle_arranged);
	bn_listen(&cockpit->events.layout, &record->layout, handle_layout);
	bn_listen(&cockpit->events.reload_failed, &record->layout_failed, handle_layout_failed);
	bn_listen(&deadlines->events.missed, &record->deadline, handle_deadline);
	bn_listen(&checks->events.verdict, &record->verdict, handle_verdict);
	return true;
}

void bn_record_finish(struct bn_record *record) {
	struct wl_listener *listeners[] = {
		&record->changed,
		&record->gone,
		&record->frame,
		&record->presented,
		&record->deferred,
		&record->client_created,
		&record->client_destroyed,
		&record->refused,
		&record->latched,
		&record->arranged,
		&record->layout,
		&record->layout_failed,
		&record->deadline,
		&record->verdict,
	};
	for (size_t i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++) {
		bn_unlisten(listeners[i]);
	}
	free(record->zones);
	bn_journal_finish(&record->journal);
}
