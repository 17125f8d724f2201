// The table of who may do what against the running compositor: nothing is offered that has no row,
// each client is shown exactly what the table says, and a refusal is said once.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <wayland-server-core.h>
#include <wlr/util/log.h>

#include "client.h"
#include "cockpit.h"
#include "core/policy.h"
#include "kit.h"
#include "wlr-screencopy-unstable-v1-client-protocol.h"

#define GLOBALS_MAX 128
#define LOG_MAX 256

static const char layout[] = "binnacle: 1\n"
			     "displays:\n"
			     "  glass: { mode: 64x48@60 }\n"
			     "zones:\n"
			     "  main: { display: glass, rect: full, grant: ['*'] }\n"
			     "apps:\n"
			     "  plain: { home: main }\n"
			     "  mirror: { may: capture }\n"
			     "  hands: { may: input }\n";

// What is logged

static struct {
	char lines[LOG_MAX][512];
	int count;
} logged;

__attribute__((format(printf, 2, 0))) static void keep_line(enum wlr_log_importance importance,
		const char *format, va_list args) {
	if (importance <= WLR_INFO && logged.count < LOG_MAX) {
		vsnprintf(logged.lines[logged.count++], sizeof(logged.lines[0]), format, args);
	}
}

static int count_lines(const char *part) {
	int found = 0;
	for (int i = 0; i < logged.count; i++) {
		found += strstr(logged.lines[i], part) != NULL;
	}
	return found;
}

// What there is

static struct {
	const char *names[GLOBALS_MAX];
	int count;
} offered;

/** libwayland asks for each global that there is, whoever the client is. */
static bool note_global(const struct wl_client *client, const struct wl_global *global,
		void *data) {
	const char *name = wl_global_get_interface(global)->name;
	for (int i = 0; i < offered.count; i++) {
		if (strcmp(offered.names[i], name) == 0) {
			return true;
		}
	}
	assert_true(offered.count < GLOBALS_MAX);
	offered.names[offered.count++] = name;
	return true;
}

static void find_offered(struct wl_display *display) {
	int fds[2];
	offered.count = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	wl_display_set_global_filter(display, note_global, NULL);
	struct wl_client *client = wl_client_create(display, fds[0]);
	struct wl_display *connection = wl_display_connect_to_fd(fds[1]);
	struct wl_registry *registry = wl_display_get_registry(connection);
	wl_display_flush(connection);
	wl_event_loop_dispatch(wl_display_get_event_loop(display), 0);
	wl_client_destroy(client);
	wl_registry_destroy(registry);
	wl_display_disconnect(connection);
}

static void each_global_that_there_is_has_a_row(void **state) {
	static const enum bn_renderer_kind renderers[] = { BN_RENDERER_PIXMAN, BN_RENDERER_GLES };
	for (size_t i = 0; i < 2; i++) {
		struct bn_fixture fixture;
		const struct bn_fixture_options options = { .layout = layout,
			.renderer = renderers[i] };
		bn_fixture_start(&fixture, &options);
		find_offered(bn_server_display(fixture.server));
		assert_true(offered.count > 20);
		for (int j = 0; j < offered.count; j++) {
			if (bn_policy_find(BN_POLICY_GLOBAL, offered.names[j]) == BN_NONE) {
				fail_msg("%s is offered and has no row", offered.names[j]);
			}
		}
		bn_fixture_stop(&fixture);
	}
}

static void check_client(struct bn_fixture *fixture, const char *app,
		const struct bn_identity *who) {
	struct bn_test_client *client = bn_test_client_connect(fixture, app);
	for (int i = 0; i < offered.count; i++) {
		bool shown = bn_test_client_has_global(client, offered.names[i]);
		struct bn_policy_verdict verdict =
				bn_policy_global(bn_server_cockpit(fixture->server)->layout, who,
						offered.names[i]);
		if (shown != verdict.allowed) {
			fail_msg("%s is %s to %s: %s", offered.names[i],
					shown ? "shown" : "not shown", app != NULL ? app : "nobody",
					verdict.reason);
		}
	}
	bn_test_client_disconnect(client);
}

static void each_client_is_shown_what_the_table_says(void **state) {
	struct bn_fixture fixture;
	const struct bn_fixture_options options = { .layout = layout };
	bn_fixture_start(&fixture, &options);
	find_offered(bn_server_display(fixture.server));
	bn_fixture_stop(&fixture);
	// Once more, since the filter of the first one was ours.
	bn_fixture_start(&fixture, &options);
	const struct bn_identity nobody = { BN_IDENTITY_NONE, BN_NONE, false };
	check_client(&fixture, NULL, &nobody);
	static const char *const names[] = { "plain", "mirror", "hands" };
	for (size_t i = 0; i < 3; i++) {
		const struct bn_identity app = { BN_IDENTITY_SOCKET, i, false };
		check_client(&fixture, names[i], &app);
	}
	bn_fixture_stop(&fixture);
}

// A bind in spite of it

struct number {
	const char *interface;
	uint32_t name;
};

static void number_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct number *number = data;
	if (strcmp(interface, number->interface) == 0) {
		number->name = name;
	}
}

static void number_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener number_listener = {
	.global = number_global,
	.global_remove = number_remove,
};

static uint32_t number_of(struct bn_test_client *client, const char *interface) {
	struct number number = { .interface = interface };
	struct wl_registry *registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(registry, &number_listener, &number);
	assert_true(bn_test_client_roundtrip(client));
	wl_registry_destroy(registry);
	assert_int_not_equal(number.name, 0);
	return number.name;
}

static void bind_hidden(struct bn_fixture *fixture, const char *app, uint32_t name) {
	struct bn_test_client *client = bn_test_client_connect(fixture, app);
	struct wl_proxy *proxy = wl_registry_bind(client->registry, name,
			&zwlr_screencopy_manager_v1_interface, 1);
	assert_false(bn_test_client_roundtrip(client));
	const char *interface;
	bn_test_client_error(client, &interface);
	assert_string_equal(interface, "wl_registry");
	wl_proxy_destroy(proxy);
	bn_test_client_disconnect(client);
}

struct refusals {
	struct wl_listener listener;
	int count;
	char last[160];
};

static void count_refusal(struct wl_listener *listener, void *data) {
	struct refusals *refusals = wl_container_of(listener, refusals, listener);
	const struct bn_client_refusal *refusal = data;
	refusals->count++;
	snprintf(refusals->last, sizeof(refusals->last), "%s", refusal->reason->text);
}

static void a_bind_of_what_is_not_shown_is_refused_and_said_once(void **state) {
	struct bn_fixture fixture;
	const struct bn_fixture_options options = { .layout = layout };
	bn_fixture_start(&fixture, &options);
	struct bn_test_client *mirror = bn_test_client_connect(&fixture, "mirror");
	uint32_t name = number_of(mirror, "zwlr_screencopy_manager_v1");
	struct refusals refusals = { .count = 0 };
	refusals.listener.notify = count_refusal;
	wl_signal_add(&bn_server_clients(fixture.server)->events.refused, &refusals.listener);
	logged.count = 0;
	wlr_log_init(WLR_INFO, keep_line);
	for (int i = 0; i < 40; i++) {
		bind_hidden(&fixture, "plain", name);
	}
	// Each was refused with a reason; the log has it once.
	assert_int_equal(refusals.count, 40);
	assert_string_equal(refusals.last,
			"zwlr_screencopy_manager_v1 needs `may: [capture]` in the layout's entry "
			"of app "
			"plain");
	assert_int_equal(count_lines("needs `may: [capture]`"), 1);
	bind_hidden(&fixture, NULL, name);
	assert_int_equal(count_lines("only for apps whose identity is proven"), 1);
	wlr_log_init(WLR_ERROR, NULL);
	wl_list_remove(&refusals.listener.link);
	bn_test_client_disconnect(mirror);
	bn_fixture_stop(&fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_global_that_there_is_has_a_row),
		cmocka_unit_test(each_client_is_shown_what_the_table_says),
		cmocka_unit_test(a_bind_of_what_is_not_shown_is_refused_and_said_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
