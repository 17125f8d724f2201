#include <stdio.h>
#include <string.h>

#include "binnacle-cockpit-v1-client-protocol.h"
#include "lib/app_private.h"

static void handle_identity(void *data, struct binnacle_cockpit_v1 *cockpit, const char *name,
		const char *source) {
}

static void handle_theme(void *data, struct binnacle_cockpit_v1 *cockpit, const char *name,
		uint32_t night, uint32_t background, uint32_t foreground, uint32_t accent) {
	struct bn_app *app = data;
	bn_palette_set(&app->view.palette, night != 0, background & 0xffffff, foreground & 0xffffff,
			accent & 0xffffff);
	bn_app_reset(app);
}

static void handle_signal(void *data, struct binnacle_cockpit_v1 *cockpit, const char *name,
		uint32_t kind, uint32_t number_hi, uint32_t number_lo, const char *text) {
	struct bn_app *app = data;
	enum bn_signal_id id = bn_signal_find(name);
	if (id == BN_SIGNAL_COUNT) {
		return;
	}
	struct bn_signal_value *value = &app->view.signals.values[id];
	value->known = kind != BINNACLE_COCKPIT_V1_VALUE_KIND_UNKNOWN;
	uint64_t bits = (uint64_t)number_hi << 32 | number_lo;
	memcpy(&value->number, &bits, sizeof(bits));
	snprintf(value->text, sizeof(value->text), "%s", text);
	bn_app_schedule(app);
}

static const struct binnacle_cockpit_v1_listener cockpit_listener = {
	.identity = handle_identity,
	.theme = handle_theme,
	.signal = handle_signal,
};

static void handle_zone(void *data, struct binnacle_placement_v1 *placement, const char *name,
		const char *display, const char *layer, int32_t width, int32_t height) {
}

static void handle_visibility(void *data, struct binnacle_placement_v1 *placement, uint32_t visible,
		const char *reason) {
	struct bn_app *app = data;
	app->view.visible = visible != 0;
}

static void handle_refused(void *data, struct binnacle_placement_v1 *placement, const char *what,
		const char *reason) {
	struct bn_app *app = data;
	fprintf(stderr, "%s: %s refused: %s\n", app->info->program, what, reason);
}

static const struct binnacle_placement_v1_listener placement_listener = {
	.zone = handle_zone,
	.visibility = handle_visibility,
	.refused = handle_refused,
};

void bn_app_cockpit_global(struct bn_app *app, struct wl_registry *registry, uint32_t name,
		const char *interface) {
	if (strcmp(interface, binnacle_cockpit_v1_interface.name) != 0 || app->cockpit) {
		return;
	}
	app->cockpit = wl_registry_bind(registry, name, &binnacle_cockpit_v1_interface, 1);
	binnacle_cockpit_v1_add_listener(app->cockpit, &cockpit_listener, app);
	app->view.has_cockpit = true;
	for (int id = 0; id < BN_SIGNAL_COUNT; id++) {
		binnacle_cockpit_v1_subscribe(app->cockpit, bn_signal_name((enum bn_signal_id)id));
	}
}

void bn_app_cockpit_place(struct bn_app *app) {
	if (!app->cockpit) {
		return;
	}
	app->placement = binnacle_cockpit_v1_get_placement(app->cockpit, app->surface);
	binnacle_placement_v1_add_listener(app->placement, &placement_listener, app);
	if (app->options.zone) {
		binnacle_placement_v1_set_zone(app->placement, app->options.zone);
	}
}

void bn_app_cockpit_finish(struct bn_app *app) {
	if (app->placement) {
		binnacle_placement_v1_destroy(app->placement);
	}
	if (app->cockpit) {
		binnacle_cockpit_v1_destroy(app->cockpit);
	}
}
