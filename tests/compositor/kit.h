#ifndef BN_TESTS_KIT_H
#define BN_TESTS_KIT_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-client.h>

#include "fixture.h"
#include "input/input.h"

struct xdg_popup;
struct xdg_surface;
struct xdg_toplevel;

/**
 * What clients can make beyond a window: popups, subsurfaces, surfaces with further
 * protocols. Structs belong to the test and may stand on its stack; the protocol
 * objects in them end with their client, if nothing ends them before.
 */

/** Binds a global in the given version, NULL when it is not offered or older. */
void *bn_kit_bind(struct bn_test_client *client, const struct wl_interface *interface,
		uint32_t version);

/** A popup of one colour, `width` x `height`, with its top left corner asked to be at x, y. */
struct bn_kit_popup {
	struct bn_test_client *client;
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_popup *popup;
	uint32_t color;
	int x, y, width, height; // of the last configure, in the parent's window geometry
	int configures;
	bool done; // popup_done came
};

struct bn_kit_popup_options {
	int x, y, width, height;
	uint32_t color;
	uint32_t adjustment;  // enum xdg_positioner_constraint_adjustment
	struct wl_seat *grab; // NULL: none
	uint32_t grab_serial;
};

/** Opens and draws it; returns after round trips. The popup need not have become visible. */
void bn_kit_popup_open(struct bn_kit_popup *popup, struct bn_test_client *client,
		struct xdg_surface *parent, const struct bn_kit_popup_options *options);
void bn_kit_popup_close(struct bn_kit_popup *popup);

struct bn_kit_subsurface {
	struct bn_test_client *client;
	struct wl_surface *surface;
	struct wl_subsurface *subsurface;
};

/** Made with a buffer of one colour committed, synchronized: it shows at the parent's next commit. */
void bn_kit_subsurface_open(struct bn_kit_subsurface *sub, struct bn_test_client *client,
		struct wl_surface *parent, int x, int y, int width, int height, uint32_t color);
/** Attaches and commits another buffer. */
void bn_kit_subsurface_draw(struct bn_kit_subsurface *sub, int width, int height, uint32_t color);
void bn_kit_subsurface_close(struct bn_kit_subsurface *sub);

/** A buffer of four quarters: top left, top right, bottom left, bottom right; 0xAARRGGBB. */
struct wl_buffer *bn_kit_quarters(struct bn_test_client *client, int width, int height,
		const uint32_t colors[4]);
/** Attaches a buffer with damage everywhere and commits. */
void bn_kit_commit(struct wl_surface *surface, struct wl_buffer *buffer);

/** Lets the compositor draw what was committed, for two refreshes, and the client hear of it. */
void bn_kit_settle(struct bn_test_client *client);
/** One finger on the first display of the layout. */
void bn_kit_touch(struct bn_fixture *fixture, double x, double y, enum bn_touch_action action);
/** Puts it on the client's surface there and leaves it; returns the serial. */
uint32_t bn_kit_press(struct bn_test_client *client, double x, double y);

/** Whether both are within `tolerance` in each channel. */
bool bn_kit_same_color(uint32_t a, uint32_t b, int tolerance);
/** How many descriptors this process has open. */
int bn_kit_count_fds(void);
/** The output that shows a display of the live layout; NULL: none. */
struct bn_output *bn_kit_output(struct bn_fixture *fixture, const char *display);
/** Pulls the display's plug. */
void bn_kit_unplug(struct bn_fixture *fixture, const char *display);

#endif
