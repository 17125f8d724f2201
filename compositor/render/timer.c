#include "render/gles.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <wlr/util/log.h>

// What submit takes: on a GPU its own clock is asked; with llvmpipe the CPU's clock says it all,
// since submit waits for the frame. Queries of two passes would overlap if they began before
// submit, which GLES forbids.

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool fetch_query(struct bn_timer *timer) {
	GLuint available = 0;
	if (!bn_renderer_enter(timer->renderer)) {
		return false;
	}
	timer->renderer->proc.get_query_u32(timer->query, GL_QUERY_RESULT_AVAILABLE_EXT,
			&available);
	GLint disjoint = 0;
	glGetIntegerv(GL_GPU_DISJOINT_EXT, &disjoint);
	if (!available || disjoint) {
		return false;
	}
	GLuint64 ns = 0;
	timer->renderer->proc.get_query_u64(timer->query, GL_QUERY_RESULT_EXT, &ns);
	timer->duration_ns = (int64_t)ns;
	return true;
}

static int timer_get_duration_ns(struct wlr_render_timer *wlr_timer) {
	struct bn_timer *timer = wl_container_of(wlr_timer, timer, base);
	if (timer->query != 0 && timer->start_ns >= 0 && !fetch_query(timer)) {
		return -1;
	}
	return timer->duration_ns > INT_MAX ? INT_MAX : (int)timer->duration_ns;
}

void bn_timer_orphan(struct bn_timer *timer) {
	if (timer->renderer == NULL) {
		return;
	}
	if (timer->query != 0 && bn_renderer_enter(timer->renderer)) {
		timer->renderer->proc.delete_queries(1, &timer->query);
	}
	wl_list_remove(&timer->link);
	timer->renderer = NULL;
	timer->query = 0;
}

static void timer_destroy(struct wlr_render_timer *wlr_timer) {
	struct bn_timer *timer = wl_container_of(wlr_timer, timer, base);
	bn_timer_orphan(timer);
	free(timer);
}

static const struct wlr_render_timer_impl timer_impl = {
	.get_duration_ns = timer_get_duration_ns,
	.destroy = timer_destroy,
};

struct bn_timer *bn_timer_from_wlr(struct wlr_render_timer *wlr_timer) {
	assert(wlr_timer->impl == &timer_impl);
	struct bn_timer *timer = wl_container_of(wlr_timer, timer, base);
	return timer;
}

struct wlr_render_timer *bn_timer_create(struct bn_renderer *renderer) {
	struct bn_timer *timer = calloc(1, sizeof(*timer));
	if (timer == NULL) {
		wlr_log_errno(WLR_ERROR, "renderer: %s", "no memory for a timer");
		return NULL;
	}
	timer->base.impl = &timer_impl;
	timer->renderer = renderer;
	timer->start_ns = -1;
	timer->duration_ns = -1;
	if (renderer->has_timer && !renderer->software) {
		renderer->proc.gen_queries(1, &timer->query);
	}
	wl_list_insert(&renderer->timers, &timer->link);
	return &timer->base;
}

void bn_timer_begin(struct bn_timer *timer) {
	timer->start_ns = now_ns();
	timer->duration_ns = -1;
	if (timer->query != 0) {
		timer->renderer->proc.begin_query(GL_TIME_ELAPSED_EXT, timer->query);
	}
}

void bn_timer_end(struct bn_timer *timer) {
	if (timer->query != 0) {
		timer->renderer->proc.end_query(GL_TIME_ELAPSED_EXT);
	} else {
		timer->duration_ns = now_ns() - timer->start_ns;
	}
}
