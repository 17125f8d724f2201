#ifndef BN_SHELL_XDG_H
#define BN_SHELL_XDG_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct bn_shell;
struct wlr_xdg_activation_v1;

/**
 * xdg-shell: each toplevel becomes a view. Popups are kept within the box that
 * the cockpit sets for their view. Asking for maximized, fullscreen or minimized is
 * answered with a configure that changes nothing: the zone is the window's world.
 * Decorations are always the server's, and the server draws none.
 */
struct bn_xdg {
	struct bn_shell *shell;
	struct wlr_xdg_shell *wlr;
	struct wlr_xdg_activation_v1 *activations; // belongs to the display
	struct wl_listener new_toplevel, new_popup, new_decoration, activation, new_token;
};

bool bn_xdg_init(struct bn_xdg *xdg, struct bn_shell *shell);
void bn_xdg_finish(struct bn_xdg *xdg);

#endif
