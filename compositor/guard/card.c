#include "guard/card.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#include "core/guard_message.h"
#include "core/safe_picture.h"

/** Handles are numbered densely from 1; after so many free numbers in a row there are no more. */
#define HANDLE_GAP 256

static const char *const prop_names[PROP_COUNT] = { "FB_ID", "CRTC_ID", "SRC_X", "SRC_Y", "SRC_W",
	"SRC_H", "CRTC_X", "CRTC_Y", "CRTC_W", "CRTC_H", "type", "ACTIVE", "MODE_ID" };

// Properties

uint64_t card_value(const struct card *card, uint32_t object, uint32_t type, enum prop prop) {
	drmModeObjectProperties *list = drmModeObjectGetProperties(card->fd, object, type);
	uint64_t value = 0;
	for (uint32_t i = 0; list != NULL && i < list->count_props; i++) {
		value = list->props[i] == card->ids[prop] ? list->prop_values[i] : value;
	}
	drmModeFreeObjectProperties(list);
	return value;
}

/** Looks up the ids of the standard properties that an object has; all objects of a card share them. */
static void learn(struct card *card, uint32_t object, uint32_t type) {
	drmModeObjectProperties *list = drmModeObjectGetProperties(card->fd, object, type);
	for (uint32_t i = 0; list != NULL && i < list->count_props; i++) {
		drmModePropertyRes *found = drmModeGetProperty(card->fd, list->props[i]);
		for (size_t k = 0; found != NULL && k < PROP_COUNT; k++) {
			if (strcmp(found->name, prop_names[k]) == 0) {
				card->ids[k] = found->prop_id;
			}
		}
		drmModeFreeProperty(found);
	}
	drmModeFreeObjectProperties(list);
}

static bool learn_all(struct card *card) {
	drmModeRes *resources = drmModeGetResources(card->fd);
	drmModePlaneRes *planes = drmModeGetPlaneResources(card->fd);
	if (resources != NULL && resources->count_crtcs > 0 && planes != NULL
			&& planes->count_planes > 0) {
		learn(card, planes->planes[0], DRM_MODE_OBJECT_PLANE);
		learn(card, resources->crtcs[0], DRM_MODE_OBJECT_CRTC);
	}
	drmModeFreePlaneResources(planes);
	drmModeFreeResources(resources);
	for (size_t k = 0; k < PROP_COUNT; k++) {
		if (card->ids[k] == 0) {
			return false;
		}
	}
	return true;
}

// Pictures

void frame_finish(const struct card *card, struct frame *frame) {
	if (frame->pixels != NULL) {
		munmap(frame->pixels, frame->size);
	}
	if (frame->fb != 0) {
		drmModeRmFB(card->fd, frame->fb);
	}
	if (frame->handle != 0) {
		drmModeDestroyDumbBuffer(card->fd, frame->handle);
	}
	*frame = (struct frame){ 0 };
}

bool frame_init(const struct card *card, struct frame *frame, int32_t width, int32_t height) {
	*frame = (struct frame){ .width = width, .height = height };
	uint64_t offset;
	if (drmModeCreateDumbBuffer(card->fd, (uint32_t)width, (uint32_t)height, 32, 0,
			    &frame->handle, &frame->pitch, &frame->size)
			!= 0) {
		return false;
	}
	if (drmModeAddFB(card->fd, (uint32_t)width, (uint32_t)height, 24, 32, frame->pitch,
			    frame->handle,
			    &frame->fb) != 0
			|| drmModeMapDumbBuffer(card->fd, frame->handle, &offset) != 0) {
		frame_finish(card, frame);
		return false;
	}
	frame->pixels = mmap(NULL, frame->size, PROT_READ | PROT_WRITE, MAP_SHARED, card->fd,
			(off_t)offset);
	if (frame->pixels == MAP_FAILED) {
		frame->pixels = NULL;
		frame_finish(card, frame);
	}
	return frame->pixels != NULL;
}

static void set_mode(const struct card *card, struct display *display,
		const drmModeModeInfo *mode) {
	if (display->mode_blob != 0) {
		drmModeDestroyPropertyBlob(card->fd, display->mode_blob);
	}
	display->mode = *mode;
	display->mode_blob = 0;
	drmModeCreatePropertyBlob(card->fd, mode, sizeof(*mode), &display->mode_blob);
}

/** What is to be shown before a compositor has said anything: the panel's own mode, a picture without words. */
static bool prepare(const struct card *card, struct display *display, const drmModeModeInfo *mode) {
	struct frame frame;
	set_mode(card, display, mode);
	if (!frame_init(card, &frame, mode->hdisplay, mode->vdisplay)) {
		fprintf(stderr, "binnacle-guard: %s: no memory of the card for its picture: %s\n",
				display->name, strerror(errno));
		return false;
	}
	bn_safe_picture_draw(frame.pixels, frame.width, frame.height, (int32_t)frame.pitch / 4,
			true);
	frame_finish(card, &display->frame);
	display->frame = frame;
	return true;
}

// Displays

/** A connector that is new to us gets a place; one that is known is looked at again. */
static void take_connector(struct card *card, const drmModeConnector *connector) {
	struct display *display = NULL;
	for (size_t i = 0; i < card->count; i++) {
		if (card->displays[i].connector == connector->connector_id) {
			display = &card->displays[i];
		}
	}
	if (display == NULL && card->count == DISPLAYS_MAX) {
		return;
	}
	if (display == NULL) {
		display = &card->displays[card->count++];
		*display = (struct display){
			.connector = connector->connector_id,
			.slot = BN_GUARD_DISPLAYS,
		};
		snprintf(display->name, sizeof(display->name), "%s-%u",
				drmModeGetConnectorTypeName(connector->connector_type),
				connector->connector_type_id);
	}
	display->connected =
			connector->connection == DRM_MODE_CONNECTED && connector->count_modes > 0;
	if (display->connected && display->frame.fb == 0) {
		prepare(card, display, &connector->modes[0]);
	}
}

void card_scan(struct card *card, bool probe) {
	drmModeRes *resources = drmModeGetResources(card->fd);
	for (int i = 0; resources != NULL && i < resources->count_connectors; i++) {
		uint32_t id = resources->connectors[i];
		drmModeConnector *connector = probe ? drmModeGetConnector(card->fd, id)
						    : drmModeGetConnectorCurrent(card->fd, id);
		if (connector != NULL
				&& connector->connector_type != DRM_MODE_CONNECTOR_WRITEBACK) {
			take_connector(card, connector);
		}
		drmModeFreeConnector(connector);
	}
	drmModeFreeResources(resources);
}

uint32_t card_crtc(const struct card *card, const struct display *display) {
	return (uint32_t)card_value(card, display->connector, DRM_MODE_OBJECT_CONNECTOR, CRTC_ID);
}

void card_follow_mode(const struct card *card, struct display *display) {
	drmModeCrtc *crtc = drmModeGetCrtc(card->fd, card_crtc(card, display));
	if (crtc != NULL && crtc->mode_valid) {
		set_mode(card, display, &crtc->mode);
	}
	drmModeFreeCrtc(crtc);
}

// After a death

static bool is_ours(const struct card *card, uint32_t fb, uint32_t handle) {
	for (size_t i = 0; i < card->count; i++) {
		const struct frame *frame = &card->displays[i].frame;
		if ((fb != 0 && frame->fb == fb) || (handle != 0 && frame->handle == handle)) {
			return true;
		}
	}
	return false;
}

void card_sweep(const struct card *card) {
	char events[4096];
	struct pollfd ready = { .fd = card->fd, .events = POLLIN };
	while (poll(&ready, 1, 0) == 1 && read(card->fd, events, sizeof(events)) > 0) {
		// They name memory of the dead.
	}
	drmModeRes *resources = drmModeGetResources(card->fd);
	for (int i = 0; resources != NULL && i < resources->count_fbs; i++) {
		if (!is_ours(card, resources->fbs[i], 0)) {
			drmModeRmFB(card->fd, resources->fbs[i]);
		}
	}
	drmModeFreeResources(resources);
	for (uint32_t handle = 1, gap = 0; gap < HANDLE_GAP; handle++) {
		bool closed = !is_ours(card, 0, handle)
				&& drmCloseBufferHandle(card->fd, handle) == 0;
		gap = closed || is_ours(card, 0, handle) ? 0 : gap + 1;
	}
}

// Opening

bool card_open(struct card *card, const char *path, bool wanted) {
	*card = (struct card){ .fd = open(path, O_RDWR | O_CLOEXEC) };
	const char *why = NULL;
	if (card->fd < 0) {
		why = strerror(errno);
	} else if (!drmIsKMS(card->fd)) {
		why = "it drives no display";
	} else if (drmSetMaster(card->fd) != 0 && !drmIsMaster(card->fd)) {
		why = "another program drives its displays";
		wanted = true;
	} else if (drmSetClientCap(card->fd, DRM_CLIENT_CAP_UNIVERSAL_PLANES, 1) != 0
			|| drmSetClientCap(card->fd, DRM_CLIENT_CAP_ATOMIC, 1) != 0
			|| !learn_all(card)) {
		why = "its driver has no atomic commits";
		wanted = true;
	}
	if (why == NULL) {
		card_scan(card, true);
		return true;
	}
	if (wanted) {
		fprintf(stderr, "binnacle-guard: %s: %s\n", path, why);
	}
	if (card->fd >= 0) {
		close(card->fd);
	}
	return false;
}

void card_finish(struct card *card) {
	for (size_t i = 0; i < card->count; i++) {
		frame_finish(card, &card->displays[i].frame);
	}
	close(card->fd);
}
