#include <assert.h>

#include "core/arrange_internal.h"

/** Why nothing of the zone can be seen; BN_REASON_NONE: it can. */
static struct bn_reason zone_obstacle(const struct bn_arrange_scratch *s,
		const struct bn_arrange_in *in, size_t zone) {
	const struct bn_arrange_zone_work *work = &s->zones[zone];
	size_t display = in->layout->zones[zone].display;
	if (work->moved_to != BN_NONE) {
		return bn_arrange_reason(BN_REASON_MOVED, work->moved_to, zone);
	}
	if (!in->displays[display].present) {
		return bn_arrange_reason(BN_REASON_DISPLAY_MISSING, display, zone);
	}
	if (work->role == BN_NONE) {
		return bn_arrange_reason(BN_REASON_STANDS_BY, zone, zone);
	}
	if (work->hidden_by_rule) {
		return bn_arrange_reason(BN_REASON_HIDDEN_RULE, work->rule, work->role);
	}
	if (!in->layout->zones[work->role].visible && !work->shown) {
		return bn_arrange_reason(BN_REASON_ZONE_INVISIBLE, work->role, work->role);
	}
	return bn_arrange_reason(BN_REASON_NONE, BN_NONE, zone);
}

/** Whether the zone shows what belongs to another one. */
static bool takes_over(const struct bn_arrange_scratch *s, size_t zone) {
	return s->zones[zone].role != BN_NONE && s->zones[zone].role != zone;
}

static struct bn_reason backup_reason(const struct bn_arrange_scratch *s,
		const struct bn_arrange_in *in, size_t zone) {
	size_t role = s->zones[zone].role;
	struct bn_reason reason =
			bn_arrange_reason(BN_REASON_BACKUP, in->layout->zones[role].display, zone);
	reason.other = role;
	return reason;
}

static struct bn_reason top_reason(const struct bn_arrange_scratch *s,
		const struct bn_arrange_in *in, size_t view) {
	const struct bn_arrange_view_work *work = &s->views[view];
	if (work->rule_bound) {
		return work->place;
	}
	enum bn_reason_kind kind = work->show != 0             ? BN_REASON_SHOW
			: in->views[view].activate_serial != 0 ? BN_REASON_ACTIVATED
							       : BN_REASON_NEWEST;
	return bn_arrange_reason(kind, work->zone, work->zone);
}

/** On a missing display by its declared mode, so that a client can be told a size. */
static struct bn_rect zone_box(const struct bn_arrange_in *in, size_t zone) {
	size_t index = in->layout->zones[zone].display;
	const struct bn_display *display = &in->layout->displays[index];
	int32_t width = in->displays[index].width, height = in->displays[index].height;
	if (width <= 0 || height <= 0) {
		double scale = display->scale > 0 ? display->scale : 1.0;
		bool turned = display->transform % 2 != 0;
		width = (int32_t)((turned ? display->height : display->width) / scale);
		height = (int32_t)((turned ? display->width : display->height) / scale);
	}
	return bn_layout_zone_box(in->layout, zone, width, height);
}

/** A picture that is not live must not be seen where it promised to be. */
static bool is_withheld(const struct bn_arrange_in *in, size_t zone, size_t view) {
	return in->layout->zones[zone].max_age_ns > 0
			&& in->views[view].freshness != BN_FREEZE_LIVE;
}

static struct bn_reason withheld_reason(const struct bn_arrange_in *in, size_t zone, size_t view) {
	enum bn_freeze_verdict freshness = in->views[view].freshness;
	struct bn_reason reason =
			bn_arrange_reason(freshness == BN_FREEZE_STARTING ? BN_REASON_STARTING
									  : BN_REASON_STALE,
					(size_t)freshness, zone);
	reason.other = in->views[view].id;
	return reason;
}

static void fill_content(const struct bn_arrange_scratch *s, const struct bn_arrange_in *in,
		size_t zone, struct bn_arrange_zone_out *out) {
	const struct bn_arrange_zone_work *work = &s->zones[zone];
	bool rule_unmet = work->app != BN_NONE && work->bound == BN_NONE;
	out->wanted_app = rule_unmet ? work->app : work->request_app;
	out->reason = zone_obstacle(s, in, zone);
	if (out->reason.kind != BN_REASON_NONE) {
		out->content = BN_CONTENT_NOTHING;
	} else if (work->top != BN_NONE && !in->views[work->top].failed
			&& is_withheld(in, zone, work->top)) {
		// While its first picture is to come, what is beneath stays: that is no fault yet.
		out->reason = withheld_reason(in, zone, work->top);
		out->content = out->reason.kind == BN_REASON_STALE ? BN_CONTENT_FAULT
								   : BN_CONTENT_NOTHING;
		out->view = in->views[work->top].id;
		out->watched = true;
	} else if (work->top != BN_NONE && !in->views[work->top].failed) {
		out->content = BN_CONTENT_VIEW;
		out->view = in->views[work->top].id;
		out->reason = takes_over(s, zone) ? backup_reason(s, in, zone)
						  : top_reason(s, in, work->top);
	} else if (work->top != BN_NONE) {
		out->content = BN_CONTENT_FAULT;
		out->view = in->views[work->top].id;
		out->reason = bn_arrange_reason(BN_REASON_FAULT, zone, zone);
		out->reason.other = out->view;
	} else if (rule_unmet && in->layout->zones[zone].on_fault.builtin != BN_BUILTIN_NONE) {
		out->content = BN_CONTENT_FAULT;
		out->reason = bn_arrange_reason(BN_REASON_FAULT, zone, zone);
	} else {
		out->content = BN_CONTENT_EMPTY;
		out->reason = takes_over(s, zone) ? backup_reason(s, in, zone)
						  : bn_arrange_reason(BN_REASON_EMPTY, zone, zone);
	}
}

static void settle_zones(struct bn_arrangement *arrangement, const struct bn_arrange_in *in) {
	for (size_t i = 0; i < in->layout->zone_count; i++) {
		struct bn_arrange_zone_out *out = &arrangement->zones[i];
		out->box = zone_box(in, i);
		out->on_display = in->displays[in->layout->zones[i].display].present;
		fill_content(arrangement->scratch, in, i, out);
	}
	arrangement->zone_count = in->layout->zone_count;
}

static void chain_add(struct bn_arrange_view_out *out, struct bn_reason why) {
	assert(out->chain_count < BN_REASON_CHAIN);
	out->chain[out->chain_count++] = why;
}

static void chain_visibility(const struct bn_arrange_scratch *s, const struct bn_arrange_in *in,
		size_t view, struct bn_arrange_view_out *out) {
	const struct bn_arrange_view_work *work = &s->views[view];
	size_t top = s->zones[work->zone].top;
	struct bn_reason obstacle = zone_obstacle(s, in, work->zone);
	if (bn_arrange_is_hidden(s, in, view) && !work->rule_bound) {
		chain_add(out, bn_arrange_reason(BN_REASON_HIDDEN_COMMAND, work->zone, work->zone));
	} else if (obstacle.kind != BN_REASON_NONE) {
		chain_add(out, obstacle);
	} else if (top != view) {
		struct bn_reason behind =
				bn_arrange_reason(BN_REASON_BEHIND, work->zone, work->zone);
		behind.other = in->views[top].id;
		chain_add(out, behind);
	} else if (in->views[view].failed) {
		struct bn_reason fault = bn_arrange_reason(BN_REASON_FAULT, work->zone, work->zone);
		fault.other = in->views[view].id;
		chain_add(out, fault);
	} else if (is_withheld(in, work->zone, view)) {
		out->watched = true;
		chain_add(out, withheld_reason(in, work->zone, view));
	} else {
		out->visible = true;
		struct bn_reason why = top_reason(s, in, view);
		if (why.kind != work->place.kind) {
			chain_add(out, why);
		}
	}
	if (takes_over(s, work->zone)) {
		chain_add(out, backup_reason(s, in, work->zone));
	}
}

static void settle_views(struct bn_arrangement *arrangement, const struct bn_arrange_in *in) {
	const struct bn_arrange_scratch *s = arrangement->scratch;
	for (size_t i = 0; i < in->view_count; i++) {
		struct bn_arrange_view_out *out = &arrangement->views[i];
		*out = (struct bn_arrange_view_out){ .id = in->views[i].id,
			.zone = s->views[i].zone };
		for (size_t j = 0; j < s->views[i].refusal_count; j++) {
			chain_add(out, s->views[i].refusals[j]);
		}
		chain_add(out, s->views[i].place);
		if (out->zone != BN_NONE) {
			chain_visibility(s, in, i, out);
		}
	}
	arrangement->view_count = in->view_count;
}

void bn_arrange_settle(struct bn_arrangement *arrangement, const struct bn_arrange_in *in) {
	settle_zones(arrangement, in);
	settle_views(arrangement, in);
}
