#include "lib/app.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/app_private.h"
#include "xdg-shell-client-protocol.h"

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = { .ping = handle_ping };

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct bn_app *app = data;
	if (strcmp(interface, wl_compositor_interface.name) == 0 && version >= 4) {
		app->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	} else if (strcmp(interface, wl_shm_interface.name) == 0) {
		app->shm.global = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	} else if (strcmp(interface, xdg_wm_base_interface.name) == 0) {
		app->wm_base = wl_registry_bind(registry, name, &xdg_wm_base_interface,
				version < 6 ? version : 6);
		xdg_wm_base_add_listener(app->wm_base, &wm_base_listener, app);
	} else if (strcmp(interface, wl_seat_interface.name) == 0) {
		bn_app_input_add_seat(app, registry, name, version);
	} else {
		bn_app_window_global(app, registry, name, interface);
		bn_app_cockpit_global(app, registry, name, interface);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static bool connect_display(struct bn_app *app) {
	app->display = wl_display_connect(NULL);
	if (!app->display) {
		fprintf(stderr, "%s: no Wayland display to connect to\n", app->info->program);
		return false;
	}
	app->registry = wl_display_get_registry(app->display);
	wl_registry_add_listener(app->registry, &registry_listener, app);
	if (wl_display_roundtrip(app->display) < 0 || !app->compositor || !app->shm.global
			|| !app->wm_base) {
		fprintf(stderr, "%s: the display lacks wl_compositor 4, wl_shm or xdg_wm_base\n",
				app->info->program);
		return false;
	}
	return true;
}

/** Waits for the display and handles what came; false when the connection is gone. */
static bool turn(struct bn_app *app) {
	while (wl_display_prepare_read(app->display) != 0) {
		if (wl_display_dispatch_pending(app->display) < 0) {
			return false;
		}
	}
	struct pollfd fd = { .fd = wl_display_get_fd(app->display), .events = POLLIN };
	if (wl_display_flush(app->display) < 0) {
		if (errno != EAGAIN) {
			wl_display_cancel_read(app->display);
			return false;
		}
		fd.events |= POLLOUT;
	}
	if (poll(&fd, 1, -1) < 0 || (fd.revents & POLLIN) == 0) {
		wl_display_cancel_read(app->display);
		return (fd.revents & (POLLERR | POLLHUP)) == 0;
	}
	if (wl_display_read_events(app->display) < 0) {
		return false;
	}
	return wl_display_dispatch_pending(app->display) >= 0;
}

static void disconnect_display(struct bn_app *app) {
	bn_app_window_finish(app);
	bn_app_cockpit_finish(app);
	bn_app_input_finish(app);
	if (app->wm_base) {
		xdg_wm_base_destroy(app->wm_base);
	}
	if (app->shm.global) {
		wl_shm_destroy(app->shm.global);
	}
	if (app->compositor) {
		wl_compositor_destroy(app->compositor);
	}
	if (app->registry) {
		wl_registry_destroy(app->registry);
	}
	if (app->display) {
		wl_display_disconnect(app->display);
	}
}

static void print_usage(const struct bn_app_info *info, FILE *file) {
	fprintf(file,
			"usage: %s [OPTION]...\n"
			"  --app-id NAME               what the window calls itself (default %s)\n"
			"  --zone NAME                 ask for this zone\n"
			"  --demo                      show a built-in drive where no cockpit "
			"sends signals\n"
			"  --renderer auto|gles|shm    how to draw (default auto)\n"
			"  --heartbeat MS              commit at least that often, even when "
			"nothing moves\n"
			"%s",
			info->program, info->app_id, info->usage ? info->usage : "");
}

static bool parse_renderer(const char *text, enum bn_renderer *ret_renderer) {
	static const char *const names[] = { "auto", "gles", "shm" };
	for (int i = 0; i < 3; i++) {
		if (text && strcmp(text, names[i]) == 0) {
			*ret_renderer = (enum bn_renderer)i;
			return true;
		}
	}
	return false;
}

static bool parse_options(struct bn_app *app, int argc, char **argv) {
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		if (strcmp(argv[i], "--app-id") == 0 && value) {
			app->options.app_id = value;
			i++;
		} else if (strcmp(argv[i], "--zone") == 0 && value) {
			app->options.zone = value;
			i++;
		} else if (strcmp(argv[i], "--renderer") == 0) {
			if (!parse_renderer(value, &app->options.renderer)) {
				return false;
			}
			i++;
		} else if (strcmp(argv[i], "--heartbeat") == 0 && value) {
			char *end;
			long heartbeat = strtol(value, &end, 10);
			if (*end != '\0' || heartbeat < 1 || heartbeat > 60000) {
				return false;
			}
			app->options.heartbeat_ms = (int)heartbeat;
			i++;
		} else if (strcmp(argv[i], "--demo") == 0) {
			app->options.demo = true;
		} else if (!app->info->option || !app->info->option(app->data, argv[i])) {
			return false;
		}
	}
	return true;
}

int bn_app_main(const struct bn_app_info *info, void *data, int argc, char **argv) {
	struct bn_app app = {
		.info = info,
		.data = data,
		.options = { .app_id = info->app_id },
		.view = { .scale = 1, .visible = true },
	};
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		print_usage(info, stdout);
		return 0;
	}
	if (!parse_options(&app, argc, argv)) {
		print_usage(info, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	bn_palette_init(&app.view.palette);
	struct bn_fonts *fonts = bn_fonts_create();
	if (!fonts) {
		fprintf(stderr, "%s: FreeType does not start\n", info->program);
		return 1;
	}
	app.view.fonts = fonts;
	int status = 1;
	if (connect_display(&app)) {
		bn_app_window_open(&app);
		while (!app.closed && turn(&app)) {
		}
		status = app.closed ? app.status : 1;
		if (!app.closed && wl_display_get_error(app.display) == EPROTO) {
			fprintf(stderr, "%s: the compositor raised a protocol error\n",
					info->program);
		}
	}
	disconnect_display(&app);
	bn_fonts_destroy(fonts);
	return status;
}
