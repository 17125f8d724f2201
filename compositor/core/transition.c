#include "core/transition.h"

#include <math.h>

#include "core/rect.h"

void bn_transition_start(struct bn_transition *transition, const struct bn_transition_spec *spec,
		int64_t now_ns) {
	if (spec->kind == BN_TRANSITION_NONE || spec->duration_ns <= 0) {
		*transition = (struct bn_transition){ .kind = BN_TRANSITION_NONE };
		return;
	}
	*transition = (struct bn_transition){
		.kind = spec->kind,
		.start_ns = now_ns,
		.duration_ns = spec->duration_ns,
	};
}

bool bn_transition_is_running(const struct bn_transition *transition, int64_t now_ns) {
	// Not "now < start + duration": duration comes from a file, so the sum may overflow.
	return transition->kind != BN_TRANSITION_NONE
			&& now_ns - transition->start_ns < transition->duration_ns;
}

/** 0 at the start, 1 at the end, flat at both (smoothstep). */
static double progress(const struct bn_transition *transition, int64_t now_ns) {
	if (!bn_transition_is_running(transition, now_ns)) {
		return 1.0;
	}
	int64_t elapsed_ns = now_ns - transition->start_ns;
	if (elapsed_ns <= 0) {
		return 0.0;
	}
	double t = (double)elapsed_ns / (double)transition->duration_ns;
	return t * t * (3.0 - 2.0 * t);
}

/** How far the incoming side still is from its place. */
static void slide(const struct bn_transition *transition, const struct bn_rect *box, double eased,
		int32_t *ret_dx, int32_t *ret_dy) {
	double rest = 1.0 - eased;
	switch (transition->kind) {
	case BN_TRANSITION_SLIDE_LEFT:
		*ret_dx = (int32_t)lround(rest * box->width);
		break;
	case BN_TRANSITION_SLIDE_RIGHT:
		*ret_dx = -(int32_t)lround(rest * box->width);
		break;
	case BN_TRANSITION_SLIDE_UP:
		*ret_dy = (int32_t)lround(rest * box->height);
		break;
	case BN_TRANSITION_SLIDE_DOWN:
		*ret_dy = -(int32_t)lround(rest * box->height);
		break;
	case BN_TRANSITION_NONE:
	case BN_TRANSITION_FADE:
		break;
	}
}

struct bn_transition_pose bn_transition_incoming(const struct bn_transition *transition,
		const struct bn_rect *box, int64_t now_ns) {
	struct bn_transition_pose pose = { .alpha = 1.0f };
	double eased = progress(transition, now_ns);
	if (transition->kind == BN_TRANSITION_FADE) {
		pose.alpha = (float)eased;
	}
	slide(transition, box, eased, &pose.dx, &pose.dy);
	return pose;
}

struct bn_transition_pose bn_transition_outgoing(const struct bn_transition *transition,
		const struct bn_rect *box, int64_t now_ns) {
	struct bn_transition_pose pose = { .alpha = 0.0f };
	if (!bn_transition_is_running(transition, now_ns)) {
		return pose;
	}
	double eased = progress(transition, now_ns);
	pose.alpha = transition->kind == BN_TRANSITION_FADE ? (float)(1.0 - eased) : 1.0f;
	slide(transition, box, eased, &pose.dx, &pose.dy);
	// It stays edge to edge with the incoming side, however that was rounded.
	switch (transition->kind) {
	case BN_TRANSITION_SLIDE_LEFT:
		pose.dx -= box->width;
		break;
	case BN_TRANSITION_SLIDE_RIGHT:
		pose.dx += box->width;
		break;
	case BN_TRANSITION_SLIDE_UP:
		pose.dy -= box->height;
		break;
	case BN_TRANSITION_SLIDE_DOWN:
		pose.dy += box->height;
		break;
	case BN_TRANSITION_NONE:
	case BN_TRANSITION_FADE:
		break;
	}
	return pose;
}

struct bn_rect bn_transition_hull(enum bn_transition_kind kind, const struct bn_rect *box) {
	struct bn_rect hull = *box;
	switch (kind) {
	case BN_TRANSITION_SLIDE_LEFT:
	case BN_TRANSITION_SLIDE_RIGHT:
		// One side comes from a width away, the other leaves to a width away; easing never overshoots.
		hull.x -= box->width;
		hull.width *= 3;
		break;
	case BN_TRANSITION_SLIDE_UP:
	case BN_TRANSITION_SLIDE_DOWN:
		hull.y -= box->height;
		hull.height *= 3;
		break;
	case BN_TRANSITION_NONE:
	case BN_TRANSITION_FADE:
		break;
	}
	return hull;
}
