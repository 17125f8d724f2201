#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "binnacle-cockpit-v1-client-protocol.h"
#include "cockpit.h"
#include "fixture.h"
#include "kit.h"
#include "output.h"
#include "xdg-shell-client-protocol.h"

#define LIVES 100
#define WARM_UP 10 // lives until libraries have what they keep for good

static const char three_displays[] =
		"binnacle: 1\n"
		"displays:\n"
		"  cluster: { mode: 160x80@60, size-mm: [160, 80], criticality: safety }\n"
		"  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
		"  passenger: { mode: 200x120@60, size-mm: [160, 100] }\n"
		"occupants:\n"
		"  driver: { displays: [cluster, center] }\n"
		"  passenger: { displays: [passenger] }\n"
		"zones:\n"
		"  gauges: { display: cluster, rect: full, grant: [cluster], empty: builtin:speed, "
		"heartbeat: 100ms }\n"
		"  main: { display: center, rect: [0, 0, 100%, 160], grant: [nav, '*'], empty: "
		"builtin:clock, "
		"transition: fade 100ms }\n"
		"  bar: { display: center, rect: [0, 160, 100%, 40], grant: [media, '*'], empty: "
		"'#004000' }\n"
		"  movie: { display: passenger, rect: full, grant: [cinema, '*'], empty: "
		"builtin:logo, radius: 20 }\n"
		"apps:\n"
		"  cluster: { home: gauges }\n"
		"  nav: { home: main }\n"
		"  media: { home: bar }\n"
		"  cinema: { home: movie }\n";

/** Another order, a display less, zones gone and renamed: what was shown there must find its way. */
static const char two_displays[] =
		"binnacle: 1\n"
		"displays:\n"
		"  center: { mode: 300x180@60, size-mm: [160, 100] }\n"
		"  cluster: { mode: 160x80@60, size-mm: [160, 80], criticality: safety }\n"
		"zones:\n"
		"  stage: { display: center, rect: full, grant: ['*', nav], empty: '#112233' }\n"
		"  gauges: { display: cluster, rect: [0, 0, 50%, 100%], grant: [cluster], empty: "
		"builtin:speed }\n"
		"apps:\n"
		"  cluster: { home: gauges }\n"
		"  nav: { home: stage }\n";

/** A few clients in many states, all of them alive. */
struct crew {
	struct bn_test_client *nav, *cinema, *guest;
	struct bn_kit_popup popup, nested;
	struct bn_kit_subsurface sub;
	struct bn_test_window *movie;
};

static void board(struct crew *crew, struct bn_fixture *fixture) {
	crew->nav = bn_test_client_connect(fixture, "nav");
	struct bn_test_window *map = bn_test_window_create(crew->nav, NULL, 0xff3080c0);
	map->wants_frames = true;
	bn_test_window_draw(map, 0xff3080c1);
	bn_kit_subsurface_open(&crew->sub, crew->nav, map->surface, 10, 10, 40, 30, 0xff00ff00);
	bn_test_window_draw(map, 0xff3080c2);
	const struct bn_kit_popup_options menu = { 20, 20, 60, 40, 0xffff0000,
		XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_X, NULL, 0 };
	bn_kit_popup_open(&crew->popup, crew->nav, map->xdg_surface, &menu);
	bn_kit_popup_open(&crew->nested, crew->nav, crew->popup.xdg_surface, &menu);

	crew->cinema = bn_test_client_connect(fixture, "cinema");
	crew->movie = bn_test_window_create(crew->cinema, NULL, 0xff802020);
	crew->movie->wants_frames = true;
	struct bn_test_window *dialog =
			bn_test_window_create_sized(crew->cinema, NULL, 0x80ffffff, 40, 30);
	xdg_toplevel_set_parent(dialog->toplevel, crew->movie->toplevel);
	struct binnacle_cockpit_v1 *cockpit =
			bn_kit_bind(crew->cinema, &binnacle_cockpit_v1_interface, 1);
	bn_test_client_keep(crew->cinema,
			binnacle_cockpit_v1_get_placement(cockpit, crew->movie->surface));

	crew->guest = bn_test_client_connect(fixture, NULL);
	bn_test_window_create(crew->guest, "guest", 0xff808080);
	bn_test_window_create(crew->guest, "guest", 0xff909090); // one waits behind the other
	assert_true(bn_test_client_roundtrip(crew->cinema));
}

/** One life of a server; what happens in it depends on its number. */
static void live(int number) {
	struct bn_fixture fixture;
	const struct bn_fixture_options options = {
		.layout = three_displays,
		.renderer = number % 2 == 0 ? BN_RENDERER_PIXMAN : BN_RENDERER_GLES,
		.with_socket = number % 3 == 0,
	};
	bn_fixture_start(&fixture, &options);
	struct crew crew;
	board(&crew, &fixture);
	// In the middle of a refresh, of a fade, or long after.
	bn_fixture_advance_ms(&fixture, number % 5 * 15);
	if (number % 4 != 0) {
		static const char *const displays[] = { "center", "passenger", "cluster" };
		bn_kit_unplug(&fixture, displays[number % 3]);
		bn_fixture_advance_ms(&fixture, number % 2 * 30);
		bn_test_window_draw(crew.movie, 0xff203040);
		assert_true(bn_test_client_roundtrip(crew.cinema));
	}
	if (number % 6 != 1) {
		bn_fixture_write_layout(&fixture, two_displays);
		bn_fixture_advance_ms(&fixture, number % 7 * 5 + 1);
		assert_int_equal(bn_server_cockpit(fixture.server)->layout->display_count, 2);
	}
	if (number % 5 == 2) {
		assert_true(bn_server_set_renderer(fixture.server,
				number % 2 == 0 ? BN_RENDERER_GLES : BN_RENDERER_PIXMAN));
	}
	if (number % 3 == 1) {
		bn_fixture_write_layout(&fixture, three_displays);
		bn_fixture_advance_ms(&fixture, 40);
		// Whatever was unplugged before: a headless layout has all its displays.
		assert_non_null(bn_kit_output(&fixture, "passenger"));
	}
	if (number % 8 == 7) {
		bn_test_client_disconnect(crew.cinema);
		crew.cinema = NULL;
	}
	bn_fixture_stop(&fixture);
	bn_test_client_disconnect(crew.nav);
	bn_test_client_disconnect(crew.guest);
	if (crew.cinema != NULL) {
		bn_test_client_disconnect(crew.cinema);
	}
}

static void a_hundred_lives_leave_nothing_behind(void **state) {
	int fds = 0;
	size_t used = 0;
	for (int i = 0; i < LIVES; i++) {
		live(i);
		if (i == WARM_UP) {
			fds = bn_kit_count_fds();
			used = mallinfo2().uordblks;
		}
	}
	assert_int_equal(bn_kit_count_fds(), fds);
	// Under a sanitizer both are 0, and it is the leak check at the end that tells.
	size_t now_used = mallinfo2().uordblks;
	print_message("# heap after %d lives: %zu KiB, after %d: %zu KiB\n", WARM_UP, used / 1024,
			LIVES, now_used / 1024);
	assert_true(now_used < used + 64 * 1024);
}

static void pixman_alone_gives_every_descriptor_back(void **state) {
	// Lives without GLES, of which Mesa keeps a descriptor until the process ends.
	static const int lives[] = { 0, 4, 6, 10, 14 };
	int fds = bn_kit_count_fds();
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		live(lives[i]);
	}
	assert_int_equal(bn_kit_count_fds(), fds);
}

static void servers_side_by_side_do_not_meet(void **state) {
	struct bn_fixture first, second;
	bn_fixture_start(&first, NULL);
	const struct bn_fixture_options options = { .layout = three_displays,
		.renderer = BN_RENDERER_GLES };
	bn_fixture_start(&second, &options);
	struct bn_test_client *here = bn_test_client_connect(&first, NULL);
	struct bn_test_client *there = bn_test_client_connect(&second, "nav");
	bn_test_window_create(here, "here", 0xff0000ff);
	bn_test_window_create(there, NULL, 0xffff0000);
	bn_fixture_advance_ms(&first, 40);
	bn_fixture_advance_ms(&second, 200);
	assert_int_equal(bn_fixture_pixel(&first, "center", 5, 5), 0x0000ff);
	assert_int_equal(bn_fixture_pixel(&second, "center", 5, 5), 0xff0000);
	bn_fixture_stop(&first);
	bn_fixture_advance_ms(&second, 40);
	assert_int_equal(bn_fixture_pixel(&second, "center", 5, 5), 0xff0000);
	bn_fixture_stop(&second);
	bn_test_client_disconnect(here);
	bn_test_client_disconnect(there);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "pixman-alone-gives-every-descriptor-back",
				pixman_alone_gives_every_descriptor_back, NULL, NULL, NULL },
		{ "servers-side-by-side-do-not-meet", servers_side_by_side_do_not_meet, NULL, NULL,
				NULL },
		{ "a-hundred-lives-leave-nothing-behind", a_hundred_lives_leave_nothing_behind,
				NULL, NULL, NULL },
	};
	return cmocka_run_group_tests_name("lifecycle", tests, NULL, NULL);
}
