#include "backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <wlr/backend.h>
#include <wlr/backend/drm.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/libinput.h>
#include <wlr/backend/multi.h>
#include <wlr/backend/session.h>
#include <wlr/backend/wayland.h>
#include <wlr/backend/x11.h>
#include <wlr/render/pixman.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/util/log.h>

#include "guardlink.h"
#include "render/renderer.h"

#define GPUS_MAX 8

static bool is_set(const char *variable) {
	const char *value = getenv(variable);
	return value != NULL && value[0] != '\0';
}

/** What to connect to is in the environment, and what is wrong with it is seldom seen otherwise. */
static void explain_desktop(const char *desktop, const char *variable,
		char error[BN_SERVER_ERROR_MAX]) {
	if (is_set(variable)) {
		snprintf(error, BN_SERVER_ERROR_MAX, "cannot connect to the %s desktop (%s=%s)",
				desktop, variable, getenv(variable));
	} else {
		snprintf(error, BN_SERVER_ERROR_MAX,
				"cannot connect to the %s desktop: %s is not set; run it inside "
				"a desktop, or use --backend headless",
				desktop, variable);
	}
}

static enum bn_backend_kind choose(enum bn_backend_kind kind) {
	if (kind != BN_BACKEND_AUTO) {
		return kind;
	}
	if (is_set("WAYLAND_DISPLAY") || is_set("WAYLAND_SOCKET")) {
		return BN_BACKEND_WAYLAND;
	}
	return is_set("DISPLAY") ? BN_BACKEND_X11 : BN_BACKEND_DRM;
}

/** Adds every card that has connectors; render-only and connector-less ones refuse themselves. */
static int add_cards(struct wlr_backend *multi, struct wlr_session *session) {
	struct wlr_device *gpus[GPUS_MAX];
	ssize_t count = wlr_session_find_gpus(session, GPUS_MAX, gpus);
	struct wlr_backend *primary = NULL;
	int added = 0;
	for (ssize_t i = 0; i < count; i++) {
		struct wlr_backend *drm = wlr_drm_backend_create(session, gpus[i], primary);
		if (drm != NULL && wlr_multi_backend_add(multi, drm)) {
			primary = primary == NULL ? drm : primary;
			added++;
		}
	}
	return added;
}

/**
 * A card that was opened for us, as a device of the session: its kernel events are looked up by number there. The
 * session did not open it, so the seat can neither take it away nor be asked to close it.
 */
static struct wlr_device *adopt_card(struct wlr_session *session, int fd) {
	struct stat there;
	struct wlr_device *device = calloc(1, sizeof(*device));
	if (device == NULL || fstat(fd, &there) != 0) {
		free(device);
		return NULL;
	}
	device->fd = fd;
	device->device_id = -1;
	device->dev = there.st_rdev;
	wl_signal_init(&device->events.change);
	wl_signal_init(&device->events.remove);
	wl_list_insert(&session->devices, &device->link);
	return device;
}

static int add_guards_cards(struct wlr_backend *multi, struct wlr_session *session,
		struct bn_guardlink *guard) {
	struct wlr_backend *primary = NULL;
	int added = 0;
	for (size_t i = 0; i < guard->card_count; i++) {
		struct wlr_device *device = adopt_card(session, guard->cards[i]);
		if (device == NULL) {
			continue;
		}
		guard->cards[i] = -1; // the session closes it
		struct wlr_backend *drm = wlr_drm_backend_create(session, device, primary);
		if (drm != NULL && wlr_multi_backend_add(multi, drm)) {
			primary = primary == NULL ? drm : primary;
			added++;
		}
	}
	return added;
}

static struct wlr_backend *create_drm(struct wl_event_loop *loop, struct bn_guardlink *guard,
		struct wlr_session **ret_session, char error[BN_SERVER_ERROR_MAX]) {
	// A cockpit shows its telltales whether a touch panel is there yet or not.
	setenv("WLR_LIBINPUT_NO_DEVICES", "1", 0);
	struct wlr_session *session = wlr_session_create(loop);
	if (session == NULL) {
		snprintf(error, BN_SERVER_ERROR_MAX,
				"no display: there is no desktop (WAYLAND_DISPLAY, DISPLAY) and no "
				"seat for KMS; "
				"start seatd or a logind session, or use --backend headless");
		return NULL;
	}
	struct wlr_backend *multi = wlr_multi_backend_create(loop);
	struct wlr_backend *libinput = multi != NULL ? wlr_libinput_backend_create(session) : NULL;
	if (libinput == NULL || !wlr_multi_backend_add(multi, libinput)
			|| (guard != NULL && guard->card_count > 0
							   ? add_guards_cards(multi, session, guard)
							   : add_cards(multi, session))
					== 0) {
		snprintf(error, BN_SERVER_ERROR_MAX,
				"no usable display card found under /dev/dri; "
				"check the kernel's KMS driver and its permissions");
		wlr_backend_destroy(multi);
		wlr_session_destroy(session);
		return NULL;
	}
	*ret_session = session;
	return multi;
}

struct wlr_backend *bn_backend_create(struct wl_event_loop *loop, enum bn_backend_kind kind,
		struct bn_guardlink *guard, struct wlr_session **ret_session,
		char error[BN_SERVER_ERROR_MAX]) {
	struct wlr_backend *backend = NULL;
	*ret_session = NULL;
	switch (choose(kind)) {
	case BN_BACKEND_AUTO:
	case BN_BACKEND_DRM:
		return create_drm(loop, guard, ret_session, error);
	case BN_BACKEND_WAYLAND:
		backend = wlr_wl_backend_create(loop, NULL);
		if (backend == NULL) {
			explain_desktop("Wayland", "WAYLAND_DISPLAY", error);
		}
		break;
	case BN_BACKEND_X11:
		backend = wlr_x11_backend_create(loop, NULL);
		if (backend == NULL) {
			explain_desktop("X11", "DISPLAY", error);
		}
		break;
	case BN_BACKEND_HEADLESS:
		backend = wlr_headless_backend_create(loop);
		if (backend == NULL) {
			snprintf(error, BN_SERVER_ERROR_MAX, "out of memory");
		}
		break;
	}
	return backend;
}

static struct wlr_renderer *create_gles(struct wlr_backend *backend, bool software) {
	const struct bn_renderer_options options = {
		.drm_fd = software ? -1 : wlr_backend_get_drm_fd(backend),
		.software = software,
	};
	return bn_renderer_create(&options);
}

struct wlr_renderer *bn_backend_create_renderer(struct wlr_backend *backend,
		enum bn_renderer_kind kind, enum bn_renderer_kind *ret_kind,
		char error[BN_SERVER_ERROR_MAX]) {
	struct wlr_renderer *renderer = NULL;
	bool has_gpu = wlr_backend_get_drm_fd(backend) >= 0;
	bool software = kind == BN_RENDERER_SOFTWARE;
	if (kind == BN_RENDERER_GLES || software || (kind == BN_RENDERER_AUTO && has_gpu)) {
		renderer = create_gles(backend, software);
		*ret_kind = BN_RENDERER_GLES;
		bool wanted = kind != BN_RENDERER_AUTO;
		if (renderer != NULL && !wanted && bn_renderer_is_software(renderer)) {
			wlr_renderer_destroy(renderer);
			renderer = NULL;
			wlr_log(WLR_INFO,
					"renderer: pixman, since GLES would run on the CPU, where "
					"it is slower");
		} else if (renderer != NULL) {
			wlr_log(WLR_INFO, "renderer: gles, %s",
					software                 ? "on the CPU"
							: wanted ? "as asked"
								 : "since there is a GPU");
		}
		if (renderer != NULL || wanted) {
			snprintf(error, BN_SERVER_ERROR_MAX,
					"GLES 3 cannot be had (the log says what is missing); use "
					"--renderer pixman");
			return renderer;
		}
	}
	if (kind == BN_RENDERER_AUTO && !has_gpu) {
		wlr_log(WLR_INFO, "renderer: pixman, since there is no GPU");
	}
	*ret_kind = BN_RENDERER_PIXMAN;
	renderer = wlr_pixman_renderer_create();
	snprintf(error, BN_SERVER_ERROR_MAX, "out of memory");
	return renderer;
}
