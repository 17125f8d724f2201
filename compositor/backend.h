#ifndef BN_BACKEND_H
#define BN_BACKEND_H

#include "server.h"

struct bn_guardlink;
struct wl_event_loop;
struct wlr_allocator;
struct wlr_backend;
struct wlr_renderer;
struct wlr_session;

/** Back end and renderer from wlroots, chosen and explained. */

/**
 * NULL with a sentence in `error`. The session is set on KMS only, and is the caller's to destroy. The cards are those
 * that the guard has opened, if it has any.
 */
struct wlr_backend *bn_backend_create(struct wl_event_loop *loop, enum bn_backend_kind kind,
		struct bn_guardlink *guard, struct wlr_session **ret_session,
		char error[BN_SERVER_ERROR_MAX]);
/**
 * Sets *ret_kind to what was chosen (never AUTO) and says why at INFO. NULL with a sentence in `error`.
 */
struct wlr_renderer *bn_backend_create_renderer(struct wlr_backend *backend,
		enum bn_renderer_kind kind, enum bn_renderer_kind *ret_kind,
		char error[BN_SERVER_ERROR_MAX]);

#endif
