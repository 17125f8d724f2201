#ifndef BN_GUARD_CARD_H
#define BN_GUARD_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xf86drmMode.h>

/** A card that the guard has opened, its displays, and a framebuffer with the safe picture for each of them. */

#define DISPLAYS_MAX 8
enum prop {
	FB_ID,
	CRTC_ID,
	SRC_X,
	SRC_Y,
	SRC_W,
	SRC_H,
	CRTC_X,
	CRTC_Y,
	CRTC_W,
	CRTC_H,
	TYPE,
	ACTIVE,
	MODE_ID,
	PROP_COUNT,
};

struct frame {
	uint32_t fb, handle;
	int32_t width, height;
	uint32_t *pixels; // mapped
	uint64_t size;
	uint32_t pitch; // bytes
};

struct display {
	char name[32]; // "LVDS-1"
	uint32_t connector;
	uint32_t slot; // that the compositor calls it by; BN_GUARD_DISPLAYS: not named yet
	bool connected;
	drmModeModeInfo mode; // when nobody has set one
	uint32_t mode_blob;   // of it; 0: none yet
	struct frame frame;
};

struct card {
	int fd; // owned
	uint32_t ids[PROP_COUNT];
	struct display displays[DISPLAYS_MAX];
	size_t count;
};

/** Becomes the card's master and prepares a picture for each display. False: not for us; said when `wanted`. */
bool card_open(struct card *card, const char *path, bool wanted);
void card_finish(struct card *card);
/** Which displays there are. `probe`: the kernel asks the panels, which takes a while. */
void card_scan(struct card *card, bool probe);
/** The value of a standard property; 0 also when the object has none. */
uint64_t card_value(const struct card *card, uint32_t object, uint32_t type, enum prop prop);
/** The CRTC that a display is on; 0: none. */
uint32_t card_crtc(const struct card *card, const struct display *display);
/** The mode that the compositor has set is what is set again if its display has gone dark. */
void card_follow_mode(const struct card *card, struct display *display);
/** Removes what a dead compositor has left in the file: events, framebuffers, buffer handles. */
void card_sweep(const struct card *card);
/** The safe picture on every display, in one atomic commit; when it returns true it is on glass. */
bool card_show(const struct card *card);

bool frame_init(const struct card *card, struct frame *frame, int32_t width, int32_t height);
void frame_finish(const struct card *card, struct frame *frame);

#endif
