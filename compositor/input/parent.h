#ifndef BN_INPUT_PARENT_H
#define BN_INPUT_PARENT_H

#include <wayland-server-core.h>

struct bn_input;
struct bn_parent;
struct wlr_backend;

/**
 * Touch of a Wayland parent. wlroots gives all of it to its first window, so that a
 * finger on one display would operate another: here each window's touches are taken
 * from the parent's own wl_touch, which says on which surface they are.
 *
 * Needs no queue or roundtrip of its own: wlroots dispatches the connection.
 */
/** NULL when the back end is no window of a Wayland parent, or out of memory (logged). */
struct bn_parent *bn_parent_create(struct bn_input *input, struct wlr_backend *backend);
/** NULL is fine. Before the back end is destroyed; goes by itself when the parent hangs up. */
void bn_parent_destroy(struct bn_parent *parent);

#endif
