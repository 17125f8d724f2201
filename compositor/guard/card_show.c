#include "guard/card.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xf86drm.h>

/** One commit in the making. Nothing but a request is made here that the kernel does not need. */
struct plan {
	const struct card *card;
	drmModeAtomicReq *request;
	drmModeRes *resources;
	drmModePlaneRes *planes;
	uint32_t used; // CRTCs, by index
	bool modeset, ok;
};

static void add(struct plan *plan, uint32_t object, enum prop prop, uint64_t value) {
	plan->ok &= drmModeAtomicAddProperty(plan->request, object, plan->card->ids[prop], value)
			>= 0;
}

static int crtc_index(const struct plan *plan, uint32_t crtc) {
	for (int i = 0; i < plan->resources->count_crtcs; i++) {
		if (plan->resources->crtcs[i] == crtc) {
			return i;
		}
	}
	return -1;
}

/** A CRTC for a connector that has none. */
static uint32_t free_crtc(const struct plan *plan, uint32_t connector_id) {
	drmModeConnector *connector = drmModeGetConnectorCurrent(plan->card->fd, connector_id);
	uint32_t found = 0;
	for (int e = 0; connector != NULL && found == 0 && e < connector->count_encoders; e++) {
		drmModeEncoder *encoder = drmModeGetEncoder(plan->card->fd, connector->encoders[e]);
		for (int i = 0; encoder != NULL && found == 0 && i < plan->resources->count_crtcs;
				i++) {
			bool fits = (encoder->possible_crtcs & 1u << i) != 0;
			if (fits && (plan->used & 1u << i) == 0) {
				found = plan->resources->crtcs[i];
			}
		}
		drmModeFreeEncoder(encoder);
	}
	drmModeFreeConnector(connector);
	return found;
}

/** Our frame on the CRTC's primary plane, everything else off it. */
static bool plan_planes(struct plan *plan, uint32_t crtc, const struct frame *frame) {
	int fd = plan->card->fd;
	uint32_t primary = 0;
	for (uint32_t i = 0; i < plan->planes->count_planes; i++) {
		uint32_t id = plan->planes->planes[i];
		drmModePlane *plane = drmModeGetPlane(fd, id);
		if (plane == NULL) {
			continue;
		}
		bool here = plane->crtc_id == crtc;
		bool fits = (plane->possible_crtcs & 1u << crtc_index(plan, crtc)) != 0;
		bool idle = plane->crtc_id == 0;
		drmModeFreePlane(plane);
		bool is_primary = (here || (fits && idle))
				&& card_value(plan->card, id, DRM_MODE_OBJECT_PLANE, TYPE)
						== DRM_PLANE_TYPE_PRIMARY;
		if (is_primary && (primary == 0 || here)) {
			primary = id;
		} else if (here) {
			add(plan, id, FB_ID, 0);
			add(plan, id, CRTC_ID, 0);
		}
	}
	if (primary == 0) {
		return false;
	}
	uint64_t width = (uint64_t)frame->width, height = (uint64_t)frame->height;
	add(plan, primary, FB_ID, frame->fb);
	add(plan, primary, CRTC_ID, crtc);
	add(plan, primary, SRC_X, 0);
	add(plan, primary, SRC_Y, 0);
	add(plan, primary, SRC_W, width << 16);
	add(plan, primary, SRC_H, height << 16);
	add(plan, primary, CRTC_X, 0);
	add(plan, primary, CRTC_Y, 0);
	add(plan, primary, CRTC_W, width);
	add(plan, primary, CRTC_H, height);
	return true;
}

static bool runs_in_size(const struct card *card, uint32_t crtc_id, const struct frame *frame) {
	drmModeCrtc *crtc = drmModeGetCrtc(card->fd, crtc_id);
	bool same = crtc != NULL && crtc->mode_valid && (int32_t)crtc->width == frame->width
			&& (int32_t)crtc->height == frame->height
			&& card_value(card, crtc_id, DRM_MODE_OBJECT_CRTC, ACTIVE) != 0;
	drmModeFreeCrtc(crtc);
	return same;
}

/**
 * A display that the compositor runs keeps its CRTC and its mode, so that the picture changes between two refreshes.
 * One that is dark, or runs in a mode that the picture does not fit, is set anew.
 */
static void plan_display(struct plan *plan, const struct display *display, uint32_t crtc) {
	if (!plan_planes(plan, crtc, &display->frame)) {
		fprintf(stderr, "binnacle-guard: %s: no plane is free for it\n", display->name);
		return;
	}
	if (runs_in_size(plan->card, crtc, &display->frame)) {
		return;
	}
	plan->modeset = true;
	add(plan, display->connector, CRTC_ID, crtc);
	add(plan, crtc, MODE_ID, display->mode_blob);
	add(plan, crtc, ACTIVE, 1);
}

static void plan_all(struct plan *plan) {
	const struct card *card = plan->card;
	for (size_t i = 0; i < card->count; i++) {
		int index = crtc_index(plan, card_crtc(card, &card->displays[i]));
		plan->used |= index >= 0 ? 1u << index : 0;
	}
	for (size_t i = 0; i < card->count; i++) {
		const struct display *display = &card->displays[i];
		if (!display->connected || display->frame.fb == 0) {
			continue;
		}
		uint32_t crtc = card_crtc(card, display);
		crtc = crtc != 0 ? crtc : free_crtc(plan, display->connector);
		if (crtc == 0) {
			fprintf(stderr, "binnacle-guard: %s: no CRTC is free for it\n",
					display->name);
			continue;
		}
		plan->used |= 1u << crtc_index(plan, crtc);
		plan_display(plan, display, crtc);
	}
}

static bool commit(struct plan *plan) {
	// Blocking: when it returns the picture is on glass.
	uint32_t flags = plan->modeset ? DRM_MODE_ATOMIC_ALLOW_MODESET : 0;
	int status;
	do {
		status = drmModeAtomicCommit(plan->card->fd, plan->request, flags, NULL);
	} while (status == -EINTR || status == -EAGAIN);
	if (status != 0 && !plan->modeset) {
		flags = DRM_MODE_ATOMIC_ALLOW_MODESET;
		status = drmModeAtomicCommit(plan->card->fd, plan->request, flags, NULL);
	}
	if (status != 0) {
		fprintf(stderr, "binnacle-guard: the card refuses the safe picture: %s\n",
				strerror(-status));
	}
	return status == 0;
}

bool card_show(const struct card *card) {
	struct plan plan = {
		.card = card,
		.request = drmModeAtomicAlloc(),
		.resources = drmModeGetResources(card->fd),
		.planes = drmModeGetPlaneResources(card->fd),
		.ok = true,
	};
	bool shown = false;
	if (plan.request != NULL && plan.resources != NULL && plan.planes != NULL) {
		plan_all(&plan);
		shown = plan.ok && commit(&plan);
	}
	drmModeFreePlaneResources(plan.planes);
	drmModeFreeResources(plan.resources);
	drmModeAtomicFree(plan.request);
	return shown;
}
