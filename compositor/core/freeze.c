#include "core/freeze.h"

#include <assert.h>
#include <stdio.h>

#include "core/nsec.h"

static const struct {
	const char *name, *text;
} verdicts[BN_FREEZE_VERDICT_COUNT] = {
	[BN_FREEZE_LIVE] = { "live", "it is live" },
	[BN_FREEZE_STARTING] = { "starting", "its first picture is still to come" },
	[BN_FREEZE_NO_PICTURE] = { "no-picture", "no picture came since it is shown" },
	[BN_FREEZE_NO_COMMITS] = { "no-commits", "it sends no new buffers" },
	[BN_FREEZE_SAME_PIXELS] = { "same-pixels", "its buffers come with the same pixels" },
	[BN_FREEZE_SAME_COUNTER] = { "same-counter", "the counter in its picture stands still" },
	[BN_FREEZE_NO_ANSWER] = { "no-answer", "its client does not answer" },
};

const char *bn_freeze_verdict_name(enum bn_freeze_verdict verdict) {
	assert(verdict < BN_FREEZE_VERDICT_COUNT);
	return verdicts[verdict].name;
}

const char *bn_freeze_verdict_text(enum bn_freeze_verdict verdict) {
	assert(verdict < BN_FREEZE_VERDICT_COUNT);
	return verdicts[verdict].text;
}

void bn_freeze_start(struct bn_freeze *freeze, const struct bn_freeze_spec *spec, int64_t now_ns) {
	*freeze = (struct bn_freeze){
		.spec = *spec,
		.verdict = spec->max_age_ns > 0 ? BN_FREEZE_STARTING : BN_FREEZE_LIVE,
		.shown_ns = now_ns,
		.alive_ns = now_ns,
		.back_ns = BN_FREEZE_BACK_NS,
	};
}

void bn_freeze_latch(struct bn_freeze *freeze, int64_t committed_ns, bool changed, int64_t now_ns) {
	// A view has several surfaces: one that is latched later may have been committed earlier.
	if (committed_ns > freeze->buffer_ns) {
		freeze->buffer_ns = committed_ns;
	}
	if (changed && committed_ns > freeze->picture_ns) {
		freeze->picture_ns = committed_ns;
	}
	// Not "now": a buffer from before it was shown says nothing of how its client is today.
	bn_freeze_alive(freeze, committed_ns < now_ns ? committed_ns : now_ns);
}

void bn_freeze_alive(struct bn_freeze *freeze, int64_t now_ns) {
	if (now_ns > freeze->alive_ns) {
		freeze->alive_ns = now_ns;
	}
}

/** How long a ping may stay unanswered. */
static int64_t answer_limit(const struct bn_freeze *freeze) {
	return freeze->spec.heartbeat_ns > 0 ? freeze->spec.heartbeat_ns : freeze->spec.max_age_ns;
}

bool bn_freeze_wants_ping(const struct bn_freeze *freeze, int64_t now_ns) {
	if (freeze->ping_ns != 0) {
		return false;
	}
	// Without a heartbeat only to tell why nothing comes.
	return freeze->spec.heartbeat_ns > 0
			|| now_ns - freeze->alive_ns >= freeze->spec.max_age_ns / 2;
}

void bn_freeze_pinged(struct bn_freeze *freeze, int64_t now_ns) {
	freeze->ping_ns = now_ns;
}

void bn_freeze_answered(struct bn_freeze *freeze, int64_t now_ns) {
	freeze->ping_ns = 0;
	bn_freeze_alive(freeze, now_ns);
}

static bool is_silent(const struct bn_freeze *freeze, int64_t now_ns) {
	if (freeze->ping_ns == 0) {
		return false;
	}
	// Since the ping: before it nobody had asked.
	int64_t since_ns = freeze->alive_ns > freeze->ping_ns ? freeze->alive_ns : freeze->ping_ns;
	return now_ns - since_ns > answer_limit(freeze);
}

/** What can be seen now, whatever was before. */
static enum bn_freeze_verdict look(const struct bn_freeze *freeze, int64_t now_ns) {
	const struct bn_freeze_spec *spec = &freeze->spec;
	if (is_silent(freeze, now_ns)) {
		return BN_FREEZE_NO_ANSWER;
	}
	// Not "now > then + max_age": it comes from a file, so the sum may overflow.
	if (spec->max_age_ns == 0
			|| (freeze->picture_ns != 0
					&& now_ns - freeze->picture_ns <= spec->max_age_ns)) {
		return BN_FREEZE_LIVE;
	}
	if (freeze->verdict == BN_FREEZE_STARTING
			&& now_ns - freeze->shown_ns <= spec->max_age_ns) {
		return BN_FREEZE_STARTING;
	}
	if (freeze->buffer_ns == 0 || freeze->buffer_ns < freeze->shown_ns) {
		return BN_FREEZE_NO_PICTURE;
	}
	if (now_ns - freeze->buffer_ns > spec->max_age_ns) {
		return BN_FREEZE_NO_COMMITS;
	}
	return spec->has_counter ? BN_FREEZE_SAME_COUNTER : BN_FREEZE_SAME_PIXELS;
}

static void begin_fault(struct bn_freeze *freeze, int64_t now_ns) {
	bool relapse = freeze->over_ns != 0 && now_ns - freeze->over_ns < BN_FREEZE_RELAPSE_NS;
	int64_t longer_ns = freeze->back_ns * 2;
	freeze->back_ns = !relapse                          ? BN_FREEZE_BACK_NS
			: longer_ns < BN_FREEZE_BACK_MAX_NS ? longer_ns
							    : BN_FREEZE_BACK_MAX_NS;
}

enum bn_freeze_verdict bn_freeze_judge(struct bn_freeze *freeze, int64_t now_ns) {
	enum bn_freeze_verdict seen = look(freeze, now_ns);
	if (bn_freeze_is_fault(seen)) {
		if (!bn_freeze_is_fault(freeze->verdict)) {
			begin_fault(freeze, now_ns);
		}
		freeze->good_ns = 0;
		freeze->verdict = seen;
		return seen;
	}
	// Its first picture at last: that is a late start, there is nothing to flicker with.
	bool was_fault = bn_freeze_is_fault(freeze->verdict)
			&& freeze->verdict != BN_FREEZE_NO_PICTURE;
	if (was_fault && freeze->good_ns == 0) {
		freeze->good_ns = now_ns;
	}
	if (was_fault && now_ns - freeze->good_ns < freeze->back_ns) {
		return freeze->verdict;
	}
	if (was_fault) {
		freeze->over_ns = now_ns;
	}
	freeze->good_ns = 0;
	freeze->verdict = seen;
	return seen;
}

static long long ms(int64_t ns) {
	return (long long)(ns / BN_NSEC_PER_MSEC);
}

void bn_freeze_explain(const struct bn_freeze *freeze, int64_t now_ns, char *buffer, size_t size) {
	int64_t age_ns = freeze->spec.max_age_ns;
	switch (freeze->verdict) {
	case BN_FREEZE_STARTING:
	case BN_FREEZE_LIVE:
	case BN_FREEZE_VERDICT_COUNT:
		snprintf(buffer, size, "%s", bn_freeze_verdict_text(freeze->verdict));
		return;
	case BN_FREEZE_NO_PICTURE:
		snprintf(buffer, size,
				"no picture since it is shown, for %lld ms; its zone's max-age is "
				"%lld ms",
				ms(now_ns - freeze->shown_ns), ms(age_ns));
		return;
	case BN_FREEZE_NO_COMMITS:
		snprintf(buffer, size, "no new buffer for %lld ms, its zone's max-age is %lld ms",
				ms(now_ns - freeze->buffer_ns), ms(age_ns));
		return;
	case BN_FREEZE_SAME_PIXELS:
	case BN_FREEZE_SAME_COUNTER: {
		int64_t since_ns = freeze->picture_ns > freeze->shown_ns ? freeze->picture_ns
									 : freeze->shown_ns;
		snprintf(buffer, size, "%s for %lld ms, its zone's max-age is %lld ms",
				freeze->verdict == BN_FREEZE_SAME_PIXELS
						? "buffers with the same pixels"
						: "the counter in its picture stands still",
				ms(now_ns - since_ns), ms(age_ns));
		return;
	}
	case BN_FREEZE_NO_ANSWER:
		snprintf(buffer, size, "no answer for %lld ms, its zone's %s is %lld ms",
				ms(now_ns - freeze->alive_ns),
				freeze->spec.heartbeat_ns > 0 ? "heartbeat" : "max-age",
				ms(answer_limit(freeze)));
		return;
	}
}
