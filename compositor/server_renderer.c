#include "server_internal.h"

#include <stdio.h>
#include <wlr/render/allocator.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/log.h>

#include "backend.h"
#include "core/nsec.h"
#include "render/renderer.h"

/** What a fall-back may take before the guard replaces us. */
#define FALLBACK_NS (2 * BN_NSEC_PER_SEC)

static void handle_lost_idle(void *data) {
	struct bn_server *server = data;
	server->lost_idle = NULL;
	server->renderer_is_lost = true;
	wlr_log(WLR_ERROR, "renderer: the GPU was lost");
	static const enum bn_renderer_kind kinds[] = {
		[BN_FALLBACK_GPU] = BN_RENDERER_GLES,
		[BN_FALLBACK_SOFTWARE] = BN_RENDERER_SOFTWARE,
		[BN_FALLBACK_PIXMAN] = BN_RENDERER_PIXMAN,
	};
	int64_t now = bn_loop_now(&server->loop);
	// It takes longer than the guard waits: a context, and every texture anew.
	bn_guardlink_busy(&server->guard, now, FALLBACK_NS);
	enum bn_fallback_step step = bn_fallback_lost(&server->fallback, now);
	while (step != BN_FALLBACK_NONE) {
		if (bn_server_set_renderer(server, kinds[step])) {
			return;
		}
		step = bn_fallback_failed(&server->fallback);
	}
	wlr_log(WLR_ERROR, "renderer: nothing can draw any more, ending");
	server->has_failed = true;
	bn_server_quit(server);
}

static void handle_renderer_lost(struct wl_listener *listener, void *data) {
	struct bn_server *server = wl_container_of(listener, server, renderer_lost);
	// Not inside the signal: the renderer is still on the stack.
	if (server->lost_idle == NULL) {
		server->lost_idle =
				wl_event_loop_add_idle(wl_display_get_event_loop(server->display),
						handle_lost_idle, server);
	}
}

bool bn_server_make_renderer(struct bn_server *server, enum bn_renderer_kind kind,
		char error[BN_SERVER_ERROR_MAX]) {
	server->renderer = bn_backend_create_renderer(server->backend, kind, &server->renderer_kind,
			error);
	if (server->renderer == NULL) {
		return false;
	}
	server->allocator = wlr_allocator_autocreate(server->backend, server->renderer);
	if (server->allocator == NULL) {
		snprintf(error, BN_SERVER_ERROR_MAX,
				"no allocator suits the %s renderer on this back end",
				bn_server_renderer_name(server));
		wlr_renderer_destroy(server->renderer);
		server->renderer = NULL;
		return false;
	}
	bn_listen(&server->renderer->events.lost, &server->renderer_lost, handle_renderer_lost);
	bn_realtime_settle(&server->realtime, !bn_renderer_is_software(server->renderer));
	return true;
}

bool bn_server_set_renderer(struct bn_server *server, enum bn_renderer_kind kind) {
	struct wlr_renderer *old = server->renderer;
	struct wlr_allocator *old_allocator = server->allocator;
	enum bn_renderer_kind old_kind = server->renderer_kind;
	bool alive = !server->renderer_is_lost;
	char error[BN_SERVER_ERROR_MAX];
	bn_unlisten(&server->renderer_lost);
	if (!bn_server_make_renderer(server, kind, error)) {
		wlr_log(WLR_ERROR, "renderer: %s", error);
		server->renderer = old;
		server->allocator = old_allocator;
		server->renderer_kind = old_kind;
		bn_listen(&old->events.lost, &server->renderer_lost, handle_renderer_lost);
		return false;
	}
	server->renderer_is_lost = false;
	bn_contents_set_renderer(&server->contents, server->renderer, alive);
	bn_outputs_drop_textures(&server->outputs);
	bn_checks_drop_textures(&server->checks);
	bn_outputs_set_renderer(&server->outputs, server->renderer, server->allocator);
	struct bn_output *output;
	wl_list_for_each(output, &server->outputs.list, link) {
		bn_server_tell_display(server, output, true);
	}
	wlr_allocator_destroy(old_allocator);
	wlr_renderer_destroy(old);
	wlr_log(WLR_INFO, "renderer: %s from now on", bn_server_renderer_name(server));
	return true;
}

const char *bn_server_renderer_name(const struct bn_server *server) {
	return server->renderer_kind == BN_RENDERER_GLES ? "gles" : "pixman";
}
