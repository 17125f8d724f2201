// binnacle-cockpit-v1, from a client's side.

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "binnacle-cockpit-v1-client-protocol.h"
#include "cockpit.h"
#include "ipc_rig.h"
#include "xdg-shell-client-protocol.h"

/** A client with a cockpit object, and what it was told last. */
struct app {
	struct bn_test_client *client;
	struct binnacle_cockpit_v1 *cockpit;
	char identity[64], source[64], theme[64];
	uint32_t night, background;
	int identities, themes, signals;
	char signal[160], text[64];
	uint32_t kind;
	double number;
};

/** What a placement was told last. */
struct place {
	struct binnacle_placement_v1 *placement;
	char zone[64], display[64], layer[64], reason[256], refused[256];
	int width, height, zones, visibilities, refusals;
	bool visible;
};

static struct bn_fixture fixture;

static void handle_identity(void *data, struct binnacle_cockpit_v1 *cockpit, const char *name,
		const char *source) {
	struct app *app = data;
	snprintf(app->identity, sizeof(app->identity), "%s", name);
	snprintf(app->source, sizeof(app->source), "%s", source);
	app->identities++;
}

static void handle_theme(void *data, struct binnacle_cockpit_v1 *cockpit, const char *name,
		uint32_t night, uint32_t background, uint32_t foreground, uint32_t accent) {
	struct app *app = data;
	snprintf(app->theme, sizeof(app->theme), "%s", name);
	app->night = night;
	app->background = background;
	app->themes++;
}

static void handle_signal(void *data, struct binnacle_cockpit_v1 *cockpit, const char *name,
		uint32_t kind, uint32_t number_hi, uint32_t number_lo, const char *text) {
	struct app *app = data;
	snprintf(app->signal, sizeof(app->signal), "%s", name);
	snprintf(app->text, sizeof(app->text), "%s", text);
	app->kind = kind;
	uint64_t bits = (uint64_t)number_hi << 32 | number_lo;
	memcpy(&app->number, &bits, sizeof(bits));
	app->signals++;
}

static const struct binnacle_cockpit_v1_listener cockpit_listener = {
	.identity = handle_identity,
	.theme = handle_theme,
	.signal = handle_signal,
};

static void handle_zone(void *data, struct binnacle_placement_v1 *placement, const char *name,
		const char *display, const char *layer, int32_t width, int32_t height) {
	struct place *place = data;
	snprintf(place->zone, sizeof(place->zone), "%s", name);
	snprintf(place->display, sizeof(place->display), "%s", display);
	snprintf(place->layer, sizeof(place->layer), "%s", layer);
	place->width = width;
	place->height = height;
	place->zones++;
}

static void handle_visibility(void *data, struct binnacle_placement_v1 *placement, uint32_t visible,
		const char *reason) {
	struct place *place = data;
	snprintf(place->reason, sizeof(place->reason), "%s", reason);
	place->visible = visible != 0;
	place->visibilities++;
}

static void handle_refused(void *data, struct binnacle_placement_v1 *placement, const char *what,
		const char *reason) {
	struct place *place = data;
	assert_string_equal(what, "set_zone");
	snprintf(place->refused, sizeof(place->refused), "%s", reason);
	place->refusals++;
}

static const struct binnacle_placement_v1_listener placement_listener = {
	.zone = handle_zone,
	.visibility = handle_visibility,
	.refused = handle_refused,
};

static void registry_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct app *app = data;
	if (strcmp(interface, "binnacle_cockpit_v1") == 0) {
		app->cockpit = wl_registry_bind(registry, name, &binnacle_cockpit_v1_interface, 1);
		binnacle_cockpit_v1_add_listener(app->cockpit, &cockpit_listener, app);
	}
}

static void registry_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = registry_global,
	.global_remove = registry_remove,
};

static void app_bind(struct app *app) {
	struct wl_registry *registry = wl_display_get_registry(app->client->display);
	wl_registry_add_listener(registry, &registry_listener, app);
	bn_test_client_roundtrip(app->client);
	bn_test_client_roundtrip(app->client);
	wl_registry_destroy(registry);
	assert_non_null(app->cockpit);
}

static void app_connect(struct app *app, const char *name) {
	*app = (struct app){ .client = bn_test_client_connect(&fixture, name) };
	app_bind(app);
}

static void app_leave(struct app *app) {
	if (app->cockpit != NULL) {
		binnacle_cockpit_v1_destroy(app->cockpit);
	}
	bn_test_client_disconnect(app->client);
}

static void place_on(struct app *app, struct place *place, struct wl_surface *surface) {
	*place = (struct place){
		.placement = binnacle_cockpit_v1_get_placement(app->cockpit, surface),
	};
	binnacle_placement_v1_add_listener(place->placement, &placement_listener, place);
	bn_test_client_roundtrip(app->client);
}

static void set(const char *signal, const struct bn_value *value) {
	const struct bn_identity owner = { .source = BN_IDENTITY_OWNER, .app = BN_NONE };
	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_set_signal(bn_server_cockpit(fixture.server), &owner, signal, value,
			error));
}

static void set_number(const char *signal, double number) {
	const struct bn_value value = { .kind = BN_VALUE_NUMBER, .number = number };
	set(signal, &value);
}

/** Forgets an object of a connection that no request can be sent on any more. */
static void drop(void *object) {
	wl_proxy_destroy(object);
}

/** The connection has died of this error; the client is left to disconnect. */
static void expect_error(struct app *app, uint32_t code) {
	const char *interface = NULL;
	assert_false(bn_test_client_roundtrip(app->client));
	assert_int_equal(bn_test_client_error(app->client, &interface), code);
	assert_string_equal(interface, "binnacle_cockpit_v1");
	drop(app->cockpit);
}

static int start(void **state) {
	rig_start(&fixture);
	return 0;
}

static int finish(void **state) {
	bn_fixture_stop(&fixture);
	return 0;
}

static void a_client_is_told_who_it_is_and_the_theme(void **state) {
	struct app nav, stranger;
	app_connect(&nav, "nav");
	app_connect(&stranger, NULL);
	assert_string_equal(nav.identity, "nav");
	assert_string_equal(nav.source, "socket");
	assert_string_equal(stranger.identity, "");
	assert_string_equal(stranger.source, "app-id");
	assert_string_equal(nav.theme, "day");
	assert_int_equal(nav.background, 0x102030);
	assert_int_equal(nav.themes, 1);
	assert_int_equal(nav.identities, 1);
	app_leave(&nav);
	app_leave(&stranger);
}

static void a_change_of_theme_is_told_once(void **state) {
	struct app nav;
	char error[BN_ERROR_MAX];
	app_connect(&nav, "nav");
	assert_true(bn_cockpit_set_theme(bn_server_cockpit(fixture.server), "night", error));
	set_number("Vehicle.Speed", 20);
	set_number("Vehicle.Speed", 0);
	bn_test_client_roundtrip(nav.client);
	assert_string_equal(nav.theme, "night");
	assert_int_equal(nav.night, 1);
	assert_int_equal(nav.themes, 2);
	app_leave(&nav);
}

static void colours_that_a_reload_changed_are_told(void **state) {
	struct app nav;
	app_connect(&nav, "nav");
	assert_true(bn_cockpit_set_profile(bn_server_cockpit(fixture.server), "anna"));
	bn_test_client_roundtrip(nav.client);
	assert_string_equal(nav.theme, "day");
	assert_int_equal(nav.background, 0x400000);
	app_leave(&nav);
}

static void an_app_that_left_the_layout_is_told(void **state) {
	struct app other;
	app_connect(&other, "other");
	assert_string_equal(other.identity, "other");
	char layout[2048];
	snprintf(layout, sizeof(layout), "%s", rig_layout);
	// The last line of the layout declares it; nothing else names it then.
	char *line = strstr(layout, "  other: {}");
	assert_non_null(line);
	*line = '\0';
	char *from = strstr(layout, "[other]");
	assert_non_null(from);
	memcpy(from, "[ nav ]", 7);
	bn_fixture_write_layout(&fixture, layout);
	assert_true(bn_cockpit_reload(bn_server_cockpit(fixture.server)));
	bn_test_client_roundtrip(other.client);
	assert_string_equal(other.identity, "");
	assert_int_equal(other.identities, 2);
	app_leave(&other);
}

static void a_subscription_is_answered_at_once(void **state) {
	struct app nav;
	app_connect(&nav, "nav");
	set_number("Vehicle.Speed", 12.5);
	binnacle_cockpit_v1_subscribe(nav.cockpit, "Vehicle.Speed");
	bn_test_client_roundtrip(nav.client);
	assert_int_equal(nav.signals, 1);
	assert_string_equal(nav.signal, "Vehicle.Speed");
	assert_int_equal(nav.kind, BINNACLE_COCKPIT_V1_VALUE_KIND_NUMBER);
	assert_true(nav.number == 12.5);
	// Twice repeats the value; what the layout does not declare is unknown, once.
	binnacle_cockpit_v1_subscribe(nav.cockpit, "Vehicle.Speed");
	binnacle_cockpit_v1_subscribe(nav.cockpit, "Vehicle.Nothing");
	bn_test_client_roundtrip(nav.client);
	assert_int_equal(nav.signals, 3);
	assert_int_equal(nav.kind, BINNACLE_COCKPIT_V1_VALUE_KIND_UNKNOWN);
	app_leave(&nav);
}

static void each_kind_of_value_arrives(void **state) {
	struct app nav;
	app_connect(&nav, "nav");
	binnacle_cockpit_v1_subscribe(nav.cockpit, "Vehicle.Gear");
	bn_test_client_roundtrip(nav.client);
	static const struct {
		struct bn_value value;
		uint32_t kind;
		double number;
		const char *text;
	} cases[] = {
		{ { BN_VALUE_BOOL, 1, "" }, BINNACLE_COCKPIT_V1_VALUE_KIND_BOOLEAN, 1, "" },
		{ { BN_VALUE_STRING, 0, "P" }, BINNACLE_COCKPIT_V1_VALUE_KIND_STRING, 0, "P" },
		{ { BN_VALUE_NUMBER, -0.5, "" }, BINNACLE_COCKPIT_V1_VALUE_KIND_NUMBER, -0.5, "" },
		// What only a double holds: two longitudes a metre apart, and the largest of numbers.
		{ { BN_VALUE_NUMBER, 11.575381, "" }, BINNACLE_COCKPIT_V1_VALUE_KIND_NUMBER,
				11.575381, "" },
		{ { BN_VALUE_NUMBER, 11.575382, "" }, BINNACLE_COCKPIT_V1_VALUE_KIND_NUMBER,
				11.575382, "" },
		{ { BN_VALUE_NUMBER, -1e300, "" }, BINNACLE_COCKPIT_V1_VALUE_KIND_NUMBER, -1e300,
				"" },
		{ { BN_VALUE_UNKNOWN, 0, "" }, BINNACLE_COCKPIT_V1_VALUE_KIND_UNKNOWN, 0, "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set("Vehicle.Gear", &cases[i].value);
		bn_fixture_advance_ms(&fixture, 20);
		bn_test_client_roundtrip(nav.client);
		assert_int_equal(nav.signals, i + 2);
		assert_int_equal(nav.kind, cases[i].kind);
		assert_true(nav.number == cases[i].number);
		assert_string_equal(nav.text, cases[i].text);
	}
	app_leave(&nav);
}

static void changes_come_at_most_once_per_refresh_and_the_newest_only(void **state) {
	struct app nav;
	app_connect(&nav, "nav");
	binnacle_cockpit_v1_subscribe(nav.cockpit, "Vehicle.Gear");
	bn_test_client_roundtrip(nav.client);
	bn_fixture_advance_ms(&fixture, 100);
	nav.signals = 0;
	for (int i = 1; i <= 3; i++) {
		set_number("Vehicle.Gear", i);
	}
	// The first change after a pause goes out without waiting, as one event.
	bn_test_client_roundtrip(nav.client);
	assert_int_equal(nav.signals, 1);
	assert_true(nav.number == 3);
	// 100 changes in 100 ms at 60 Hz: 6 refreshes.
	for (int i = 0; i < 100; i++) {
		set_number("Vehicle.Gear", 100 + i);
		bn_fixture_advance_ms(&fixture, 1);
		bn_test_client_roundtrip(nav.client);
	}
	assert_true(nav.signals >= 1 + 5 && nav.signals <= 1 + 7);
	bn_fixture_advance_ms(&fixture, 20);
	bn_test_client_roundtrip(nav.client);
	assert_true(nav.number == 199);
	app_leave(&nav);
}

static void a_value_that_came_back_is_not_told(void **state) {
	struct app nav;
	app_connect(&nav, "nav");
	set_number("Vehicle.Gear", 1);
	binnacle_cockpit_v1_subscribe(nav.cockpit, "Vehicle.Gear");
	bn_test_client_roundtrip(nav.client);
	set_number("Vehicle.Gear", 2);
	set_number("Vehicle.Gear", 1);
	bn_fixture_advance_ms(&fixture, 50);
	bn_test_client_roundtrip(nav.client);
	assert_int_equal(nav.signals, 1);
	app_leave(&nav);
}

static void a_stale_signal_becomes_unknown(void **state) {
	struct app nav;
	app_connect(&nav, "nav");
	set_number("Vehicle.Speed", 1);
	binnacle_cockpit_v1_subscribe(nav.cockpit, "Vehicle.Speed");
	bn_fixture_advance_ms(&fixture, 600);
	bn_test_client_roundtrip(nav.client);
	assert_int_equal(nav.kind, BINNACLE_COCKPIT_V1_VALUE_KIND_UNKNOWN);
	app_leave(&nav);
}

static void malformed_names_are_errors(void **state) {
	char longest[130];
	memset(longest, 'a', sizeof(longest));
	longest[129] = '\0';
	const char *const names[] = { "", longest, "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct app nav;
		app_connect(&nav, "nav");
		binnacle_cockpit_v1_subscribe(nav.cockpit, names[i]);
		expect_error(&nav, BINNACLE_COCKPIT_V1_ERROR_INVALID_NAME);
		bn_test_client_disconnect(nav.client);
	}
	struct app nav;
	app_connect(&nav, "nav");
	longest[128] = '\0';
	binnacle_cockpit_v1_subscribe(nav.cockpit, longest);
	binnacle_cockpit_v1_subscribe(nav.cockpit, "\xf0\x9f\x9a\x97");
	assert_true(bn_test_client_roundtrip(nav.client));
	app_leave(&nav);
}

static void the_257th_signal_is_an_error(void **state) {
	struct app nav;
	app_connect(&nav, "nav");
	char name[32];
	for (int i = 0; i < 256; i++) {
		snprintf(name, sizeof(name), "Vehicle.Signal%d", i);
		binnacle_cockpit_v1_subscribe(nav.cockpit, name);
	}
	binnacle_cockpit_v1_subscribe(nav.cockpit, "Vehicle.Signal0");
	assert_true(bn_test_client_roundtrip(nav.client));
	assert_int_equal(nav.signals, 257);
	binnacle_cockpit_v1_subscribe(nav.cockpit, "Vehicle.Speed");
	expect_error(&nav, BINNACLE_COCKPIT_V1_ERROR_TOO_MANY);
	bn_test_client_disconnect(nav.client);
}

static void a_surface_that_is_no_toplevel_is_an_error(void **state) {
	struct app nav;
	app_connect(&nav, "nav");
	struct wl_surface *surface = wl_compositor_create_surface(nav.client->compositor);
	void *placement = binnacle_cockpit_v1_get_placement(nav.cockpit, surface);
	expect_error(&nav, BINNACLE_COCKPIT_V1_ERROR_INVALID_SURFACE);
	drop(placement);
	drop(surface);
	bn_test_client_disconnect(nav.client);
}

static void a_second_placement_is_an_error_while_there_is_one(void **state) {
	struct app nav;
	struct place first, second;
	app_connect(&nav, "nav");
	struct bn_test_window *window = bn_test_window_create(nav.client, "nav", 0xff00ff00);
	place_on(&nav, &first, window->surface);
	binnacle_placement_v1_destroy(first.placement);
	place_on(&nav, &second, window->surface);
	void *third = binnacle_cockpit_v1_get_placement(nav.cockpit, window->surface);
	expect_error(&nav, BINNACLE_COCKPIT_V1_ERROR_ALREADY_PLACED);
	drop(third);
	drop(second.placement);
	bn_test_client_disconnect(nav.client);
}

static void a_placement_tells_zone_and_visibility(void **state) {
	struct app nav;
	struct place place;
	app_connect(&nav, "nav");
	struct bn_test_window *window = bn_test_window_create(nav.client, "nav", 0xff00ff00);
	place_on(&nav, &place, window->surface);
	assert_string_equal(place.zone, "main");
	assert_string_equal(place.display, "left");
	assert_string_equal(place.layer, "app");
	assert_int_equal(place.width, 64);
	assert_int_equal(place.height, 48);
	assert_true(place.visible);
	assert_int_equal(place.zones, 1);

	binnacle_placement_v1_set_zone(place.placement, "side");
	bn_test_client_roundtrip(nav.client);
	bn_test_client_roundtrip(nav.client);
	assert_string_equal(place.zone, "side");
	assert_int_equal(place.width, 16);
	assert_int_equal(place.refusals, 0);
	assert_int_equal(place.zones, 2);

	char error[BN_ERROR_MAX];
	assert_true(bn_cockpit_hide(bn_server_cockpit(fixture.server), "nav", error));
	bn_test_client_roundtrip(nav.client);
	assert_false(place.visible);
	assert_true(place.reason[0] != '\0');
	binnacle_placement_v1_destroy(place.placement);
	bn_test_window_destroy(window);
	app_leave(&nav);
}

static void a_zone_that_is_not_granted_is_refused(void **state) {
	struct app stranger;
	struct place place;
	app_connect(&stranger, NULL);
	struct bn_test_window *window = bn_test_window_create(stranger.client, "x", 0xff00ff00);
	place_on(&stranger, &place, window->surface);
	assert_string_equal(place.zone, "main");
	binnacle_placement_v1_set_zone(place.placement, "side");
	binnacle_placement_v1_set_zone(place.placement, "nowhere");
	bn_test_client_roundtrip(stranger.client);
	assert_int_equal(place.refusals, 2);
	assert_string_equal(place.zone, "main");
	assert_true(place.refused[0] != '\0');
	binnacle_placement_v1_destroy(place.placement);
	bn_test_window_destroy(window);
	app_leave(&stranger);
}

/** A toplevel that keeps the size it was configured to first, and maps with it. */
struct late_window {
	struct bn_test_client *client;
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	int width, height, configures;
};

static void late_configure(void *data, struct xdg_toplevel *toplevel, int32_t width, int32_t height,
		struct wl_array *states) {
	struct late_window *late = data;
	if (late->configures++ == 0) {
		late->width = width;
		late->height = height;
	}
}

static void late_close(void *data, struct xdg_toplevel *toplevel) {
}

static void late_bounds(void *data, struct xdg_toplevel *toplevel, int32_t width, int32_t height) {
}

static void late_capabilities(void *data, struct xdg_toplevel *toplevel,
		struct wl_array *capabilities) {
}

static const struct xdg_toplevel_listener late_toplevel_listener = {
	.configure = late_configure,
	.close = late_close,
	.configure_bounds = late_bounds,
	.wm_capabilities = late_capabilities,
};

static void late_ack(void *data, struct xdg_surface *xdg_surface, uint32_t serial) {
	struct late_window *late = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	struct wl_buffer *buffer =
			bn_test_buffer(late->client, late->width, late->height, 0xff00ff00);
	wl_surface_attach(late->surface, buffer, 0, 0);
	wl_surface_commit(late->surface);
}

static const struct xdg_surface_listener late_surface_listener = {
	.configure = late_ack,
};

static void a_zone_asked_for_before_the_first_commit_sizes_the_first_configure(void **state) {
	struct app nav;
	struct place place;
	app_connect(&nav, "nav");
	struct late_window late = { .client = nav.client };
	late.surface = wl_compositor_create_surface(nav.client->compositor);
	late.xdg_surface = xdg_wm_base_get_xdg_surface(nav.client->wm_base, late.surface);
	xdg_surface_add_listener(late.xdg_surface, &late_surface_listener, &late);
	late.toplevel = xdg_surface_get_toplevel(late.xdg_surface);
	xdg_toplevel_add_listener(late.toplevel, &late_toplevel_listener, &late);
	place_on(&nav, &place, late.surface);
	assert_false(place.visible);
	binnacle_placement_v1_set_zone(place.placement, "side");
	wl_surface_commit(late.surface);
	bn_test_client_roundtrip(nav.client);
	bn_test_client_roundtrip(nav.client);
	assert_int_equal(late.width, 16);
	assert_int_equal(late.height, 48);
	assert_string_equal(place.zone, "side");
	assert_true(place.visible);
	binnacle_placement_v1_destroy(place.placement);
	xdg_toplevel_destroy(late.toplevel);
	xdg_surface_destroy(late.xdg_surface);
	wl_surface_destroy(late.surface);
	app_leave(&nav);
}

static void a_placement_outlives_its_surface_and_its_cockpit(void **state) {
	struct app nav;
	struct place place;
	app_connect(&nav, "nav");
	struct bn_test_window *window = bn_test_window_create(nav.client, "nav", 0xff00ff00);
	place_on(&nav, &place, window->surface);
	binnacle_cockpit_v1_destroy(nav.cockpit);
	nav.cockpit = NULL;
	binnacle_placement_v1_set_zone(place.placement, "side");
	bn_test_client_roundtrip(nav.client);
	bn_test_client_roundtrip(nav.client);
	assert_string_equal(place.zone, "side");
	bn_test_window_destroy(window);
	binnacle_placement_v1_set_zone(place.placement, "main");
	binnacle_placement_v1_set_zone(place.placement, "");
	assert_true(bn_test_client_roundtrip(nav.client));
	binnacle_placement_v1_destroy(place.placement);
	assert_true(bn_test_client_roundtrip(nav.client));
	app_leave(&nav);
}

static void a_server_that_ends_first_is_survived(void **state) {
	struct app nav;
	struct place place;
	app_connect(&nav, "nav");
	struct bn_test_window *window = bn_test_window_create(nav.client, "nav", 0xff00ff00);
	place_on(&nav, &place, window->surface);
	binnacle_cockpit_v1_subscribe(nav.cockpit, "Vehicle.Gear");
	bn_test_client_roundtrip(nav.client);
	set_number("Vehicle.Gear", 1);
	set_number("Vehicle.Gear", 2);
	// Left as it is: the objects are the server's to take down.
	bn_fixture_stop(&fixture);
	rig_start(&fixture);
	drop(place.placement);
	drop(nav.cockpit);
	bn_test_client_disconnect(nav.client);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, start, finish)

int main(void) {
	const struct CMUnitTest tests[] = {
		FRESH(a_client_is_told_who_it_is_and_the_theme),
		FRESH(a_change_of_theme_is_told_once),
		FRESH(colours_that_a_reload_changed_are_told),
		FRESH(an_app_that_left_the_layout_is_told),
		FRESH(a_subscription_is_answered_at_once),
		FRESH(each_kind_of_value_arrives),
		FRESH(changes_come_at_most_once_per_refresh_and_the_newest_only),
		FRESH(a_value_that_came_back_is_not_told),
		FRESH(a_stale_signal_becomes_unknown),
		FRESH(malformed_names_are_errors),
		FRESH(the_257th_signal_is_an_error),
		FRESH(a_surface_that_is_no_toplevel_is_an_error),
		FRESH(a_second_placement_is_an_error_while_there_is_one),
		FRESH(a_placement_tells_zone_and_visibility),
		FRESH(a_zone_that_is_not_granted_is_refused),
		FRESH(a_zone_asked_for_before_the_first_commit_sizes_the_first_configure),
		FRESH(a_placement_outlives_its_surface_and_its_cockpit),
		FRESH(a_server_that_ends_first_is_survived),
	};
	return cmocka_run_group_tests_name("ipc-cockpit-v1", tests, NULL, NULL);
}
