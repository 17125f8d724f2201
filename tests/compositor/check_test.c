// Truth on glass: real clients draw right, wrong or nothing, and what was composed is looked at.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_rig.h"
#include "cockpit.h"
#include "core/nsec.h"
#include "kit.h"
#include "output.h"
#include "safety/deadlines.h"
#include "server_internal.h"
#include "watch/png.h"

#define MS BN_NSEC_PER_MSEC

static struct rig rig;

static const enum bn_renderer_kind renderers[] = { BN_RENDERER_PIXMAN, BN_RENDERER_GLES };
#define EACH_RENDERER(i) for (size_t i = 0; i < sizeof(renderers) / sizeof(renderers[0]); i++)

static void open_with(enum bn_renderer_kind renderer, struct rig_options options) {
	options.renderer = renderer;
	rig_start(&rig, &options);
	assert_string_equal(bn_server_renderer_name(rig.fixture.server),
			renderer == BN_RENDERER_GLES ? "gles" : "pixman");
}

static void open_cockpit(enum bn_renderer_kind renderer) {
	open_with(renderer, (struct rig_options){ 0 });
	assert_int_equal(rig_item(&rig)->telltale.state, BN_TELLTALE_RIGHT);
	assert_int_equal(rig_item(&rig)->telltale.glass, BN_GLASS_OFF);
	assert_true(rig_item(&rig)->reads > 0);
}

static enum bn_telltale_state state_of(void) {
	return rig_item(&rig)->telltale.state;
}

static enum bn_telltale_fault fault_of(void) {
	return rig_item(&rig)->telltale.fault;
}

static uint64_t faults(void) {
	uint64_t count = 0;
	for (int i = 0; i < BN_TELLTALE_FAULT_COUNT; i++) {
		count += rig_item(&rig)->faults[i];
	}
	return count;
}

static void a_lamp_that_does_as_it_should_raises_nothing(void **unused) {
	EACH_RENDERER(i) {
		open_cockpit(renderers[i]);
		for (int round = 0; round < 3; round++) {
			rig_set(&rig, RIG_LAMP_SIGNAL, "true");
			bn_server_advance(rig.fixture.server, 30 * MS);
			rig_draw(&rig, RIG_ON);
			rig_run(&rig, 700, true);
			assert_int_equal(rig_item(&rig)->telltale.glass, BN_GLASS_ON);
			rig_set(&rig, RIG_LAMP_SIGNAL, "false");
			bn_server_advance(rig.fixture.server, 30 * MS);
			rig_draw(&rig, RIG_OFF);
			rig_run(&rig, 700, true);
			// Nobody knows: both will do.
			rig_set(&rig, RIG_LAMP_SIGNAL, NULL);
			rig_run(&rig, 300, true);
			rig_draw(&rig, RIG_ON);
			rig_run(&rig, 300, true);
			rig_draw(&rig, RIG_OFF);
			rig_run(&rig, 300, true);
		}
		assert_int_equal(faults(), 0);
		rig_stop(&rig);
	}
}

/** After its limit the fault is covered on glass, and the cover goes a second after the app is right again. */
static void expect_reaction(int limit_ms, enum bn_telltale_fault fault, bool shown,
		enum rig_lamp right) {
	rig_run(&rig, limit_ms, false);
	assert_int_equal(state_of(), BN_TELLTALE_COVERED);
	assert_int_equal(fault_of(), fault);
	assert_true(rig_item(&rig)->telltale.cover_right);
	assert_true(shown ? rig_shows_cover(&rig) : rig_shows(&rig, RIG_OFF));
	rig_run(&rig, 500, true);
	assert_int_equal(state_of(), BN_TELLTALE_COVERED);
	rig_draw(&rig, right);
	rig_run(&rig, 900, true);
	assert_int_equal(state_of(), BN_TELLTALE_COVERED);
	rig_run(&rig, 300, true);
	assert_int_equal(state_of(), BN_TELLTALE_RIGHT);
	assert_true(rig_shows(&rig, right));
}

static void a_lamp_that_does_not_come_is_drawn_by_the_compositor(void **unused) {
	EACH_RENDERER(i) {
		open_cockpit(renderers[i]);
		rig_set(&rig, RIG_LAMP_SIGNAL, "true");
		expect_reaction(200, BN_TELLTALE_ABSENT, true, RIG_ON);
		rig_stop(&rig);
	}
}

static void a_wrong_picture_is_covered(void **unused) {
	static const enum rig_lamp wrong[] = { RIG_SCRATCHED, RIG_OTHER, RIG_NOISE };
	EACH_RENDERER(i) {
		open_cockpit(renderers[i]);
		rig_set(&rig, RIG_LAMP_SIGNAL, "true");
		rig_draw(&rig, RIG_ON);
		rig_run(&rig, 400, true);
		for (size_t j = 0; j < 3; j++) {
			rig_draw(&rig, wrong[j]);
			expect_reaction(200, BN_TELLTALE_WRONG, true, RIG_ON);
		}
		assert_int_equal(rig_item(&rig)->faults[BN_TELLTALE_WRONG], 3);
		rig_stop(&rig);
	}
}

static void a_lamp_that_nobody_asked_for_is_put_out(void **unused) {
	EACH_RENDERER(i) {
		open_cockpit(renderers[i]);
		rig_draw(&rig, RIG_ON);
		bn_server_advance(rig.fixture.server, 90 * MS);
		assert_int_equal(state_of(), BN_TELLTALE_WAITS);
		expect_reaction(110, BN_TELLTALE_UNREQUESTED, false, RIG_OFF);
		rig_stop(&rig);
	}
}

/** The lamp follows its signal although its app does not: Binnacle drives it until the app is back. */
static void the_cover_follows_the_signal(void **unused) {
	open_cockpit(BN_RENDERER_PIXMAN);
	rig_draw(&rig, RIG_NOISE);
	rig_run(&rig, 300, false);
	assert_true(rig_shows(&rig, RIG_OFF));
	rig_set(&rig, RIG_LAMP_SIGNAL, "true");
	rig_run(&rig, 50, false);
	assert_true(rig_shows_cover(&rig));
	rig_set(&rig, RIG_LAMP_SIGNAL, "false");
	rig_run(&rig, 50, false);
	assert_true(rig_shows(&rig, RIG_OFF));
	assert_int_equal(faults(), 1);
	rig_stop(&rig);
}

/** No app, not even a client: what is loaded at start is enough. */
static void a_lamp_needs_no_app(void **unused) {
	EACH_RENDERER(i) {
		open_with(renderers[i], (struct rig_options){ .no_apps = true });
		assert_int_equal(faults(), 0);
		rig_set(&rig, RIG_LAMP_SIGNAL, "true");
		rig_run(&rig, 200, false);
		assert_true(rig_shows_cover(&rig));
		rig_open_lamp_app(&rig);
		rig_draw(&rig, RIG_ON);
		rig_run(&rig, 1400, false);
		assert_int_equal(state_of(), BN_TELLTALE_RIGHT);
		assert_true(rig_shows(&rig, RIG_ON));
		bn_test_client_disconnect(rig.lamp_client); // it dies while the lamp is on
		rig.lamp_client = NULL;
		rig_run(&rig, 200, false);
		assert_true(rig_shows_cover(&rig));
		rig_stop(&rig);
	}
}

/** The client's buffer is right all the time: only who reads what was composed can see it. */
static void a_picture_that_rots_on_the_way_to_the_glass_is_seen(void **unused) {
	EACH_RENDERER(i) {
		open_cockpit(renderers[i]);
		rig_run(&rig, 200, false);
		uint64_t frames = rig_output(&rig)->stats.presented;
		rig_corrupt(rig_output(&rig), rig_output(&rig)->front, &rig_item(&rig)->box);
		rig_run(&rig, 50, false);
		assert_int_equal(rig_output(&rig)->stats.presented,
				frames); // nothing was drawn since
		assert_int_equal(fault_of(), BN_TELLTALE_WRONG);
		rig_run(&rig, 150, false);
		assert_int_equal(rig_item(&rig)->faults[BN_TELLTALE_WRONG], 1);
		assert_true(rig_shows(&rig, RIG_OFF));
		rig_run(&rig, 1300, false); // drawn anew it is right
		assert_int_equal(state_of(), BN_TELLTALE_RIGHT);
		rig_stop(&rig);
	}
}

/** A renderer that spoils each frame at one place, before anybody looks at it. */
struct spoiler {
	struct wl_listener composed, before_commit, safe;
	struct bn_rect box;
	int after; // spoils what is composed without (0) or with the covers (1)
	bool on;
	int safe_begins, safe_ends;
	int64_t first_ns, safe_ns; // of what was spoilt, and of the last word about the display
};

static void spoil(struct spoiler *spoiler, struct bn_output *output) {
	if (spoiler->on) {
		int64_t now = bn_loop_now(bn_server_loop(rig.fixture.server));
		spoiler->first_ns = spoiler->first_ns > 0 ? spoiler->first_ns : now;
		rig_corrupt(output, output->composed, &spoiler->box);
	}
}

static void handle_composed(struct wl_listener *listener, void *data) {
	struct spoiler *spoiler = wl_container_of(listener, spoiler, composed);
	if (spoiler->after == 0) {
		spoil(spoiler, data);
	}
}

static void handle_before_commit(struct wl_listener *listener, void *data) {
	struct spoiler *spoiler = wl_container_of(listener, spoiler, before_commit);
	bool covered = bn_telltale_wants_cover(&rig_item(&rig)->telltale);
	if (spoiler->after == 1 || !covered) {
		spoil(spoiler, data);
	}
}

static void handle_safe(struct wl_listener *listener, void *data) {
	struct spoiler *spoiler = wl_container_of(listener, spoiler, safe);
	const struct bn_checks_safe *safe = data;
	assert_int_equal(safe->display, rig_output(&rig)->display);
	*(safe->safe ? &spoiler->safe_begins : &spoiler->safe_ends) += 1;
	spoiler->safe_ns = bn_loop_now(bn_server_loop(rig.fixture.server));
}

/** Ahead of those that look: a listener at the front of the list is called first. */
static void listen_first(struct wl_signal *signal, struct wl_listener *listener,
		wl_notify_func_t notify) {
	listener->notify = notify;
	wl_list_insert(&signal->listener_list, &listener->link);
}

static void spoiler_start(struct spoiler *spoiler, int after) {
	struct bn_outputs *outputs = bn_server_outputs(rig.fixture.server);
	*spoiler = (struct spoiler){ .box = rig_item(&rig)->box, .after = after };
	listen_first(&outputs->events.composed, &spoiler->composed, handle_composed);
	listen_first(&outputs->events.before_commit, &spoiler->before_commit, handle_before_commit);
	bn_listen(&bn_server_checks(rig.fixture.server)->events.safe, &spoiler->safe, handle_safe);
}

static void spoiler_stop(struct spoiler *spoiler) {
	wl_list_remove(&spoiler->composed.link);
	wl_list_remove(&spoiler->before_commit.link);
	wl_list_remove(&spoiler->safe.link);
}

static void what_a_renderer_spoils_is_covered(void **unused) {
	EACH_RENDERER(i) {
		struct spoiler spoiler;
		open_cockpit(renderers[i]);
		rig_set(&rig, RIG_LAMP_SIGNAL, "true");
		rig_draw(&rig, RIG_ON);
		rig_run(&rig, 400, true);
		spoiler_start(&spoiler, 0);
		spoiler.on = true;
		rig_run(&rig, 200, true);
		assert_int_equal(state_of(), BN_TELLTALE_COVERED);
		assert_true(rig_shows_cover(&rig));
		assert_int_equal(spoiler.safe_begins, 0);
		rig_run(&rig, 2000, true); // beneath the cover it is as bad as ever
		assert_int_equal(state_of(), BN_TELLTALE_COVERED);
		spoiler.on = false;
		rig_run(&rig, 1300, true);
		assert_int_equal(state_of(), BN_TELLTALE_RIGHT);
		spoiler_stop(&spoiler);
		rig_stop(&rig);
	}
}

static void a_cover_that_does_not_come_on_glass_makes_the_display_safe(void **unused) {
	EACH_RENDERER(i) {
		struct spoiler spoiler;
		open_cockpit(renderers[i]);
		rig_set(&rig, RIG_LAMP_SIGNAL, "true");
		rig_draw(&rig, RIG_ON);
		rig_run(&rig, 400, true);
		spoiler_start(&spoiler, 1);
		spoiler.on = true;
		rig_run(&rig, 250, true);
		const struct bn_checks *checks = bn_server_checks(rig.fixture.server);
		assert_int_equal(state_of(), BN_TELLTALE_SAFE);
		assert_int_equal(spoiler.safe_begins, 1);
		assert_true(spoiler.safe_ns - spoiler.first_ns <= 200 * MS);
		assert_int_equal(bn_checks_state(checks, 0), BN_CHECKS_SAFE);
		spoiler.on = false;
		rig_run(&rig, 100, true);
		assert_int_equal(spoiler.safe_ends, 1);
		assert_int_equal(bn_checks_state(checks, 0), BN_CHECKS_COVERED);
		rig_run(&rig, 1300, true);
		assert_int_equal(bn_checks_state(checks, 0), BN_CHECKS_WELL);
		spoiler_stop(&spoiler);
		rig_stop(&rig);
	}
}

static void without_a_picture_a_missing_lamp_makes_the_display_safe(void **unused) {
	open_with(BN_RENDERER_PIXMAN, (struct rig_options){ .on_fault = "none" });
	rig_set(&rig, RIG_LAMP_SIGNAL, "true");
	rig_run(&rig, 100, false);
	assert_int_equal(state_of(), BN_TELLTALE_SAFE);
	// Where it must be off, dark glass is picture enough.
	rig_set(&rig, RIG_LAMP_SIGNAL, "false");
	rig_draw(&rig, RIG_ON);
	rig_run(&rig, 1400, false);
	rig_draw(&rig, RIG_OFF);
	rig_run(&rig, 1400, false);
	assert_int_equal(state_of(), BN_TELLTALE_RIGHT);
	rig_draw(&rig, RIG_ON);
	rig_run(&rig, 200, false);
	assert_int_equal(state_of(), BN_TELLTALE_COVERED);
	assert_true(rig_shows(&rig, RIG_OFF));
	rig_stop(&rig);
}

static const struct bn_ledger *books(enum bn_reaction_edge edge) {
	return &rig_item(&rig)->books.ledgers[edge];
}

/** A signal that had to wait before it was heeded: its time runs from its arrival. */
static void set_late(const char *value, int ms) {
	const struct bn_identity owner = { .source = BN_IDENTITY_OWNER, .app = BN_NONE };
	struct bn_value parsed;
	char error[BN_ERROR_MAX];
	int64_t now = bn_loop_now(bn_server_loop(rig.fixture.server));
	assert_true(bn_value_parse(value, &parsed));
	assert_true(bn_cockpit_set_signal_of(bn_server_cockpit(rig.fixture.server), &owner,
			RIG_LAMP_SIGNAL, &parsed, now - ms * MS, error));
}

static void reactions_are_in_the_books_of_deadlines(void **unused) {
	EACH_RENDERER(i) {
		open_cockpit(renderers[i]);
		const struct bn_deadlines *deadlines = bn_server_deadlines(rig.fixture.server);
		const struct bn_ledger *on = books(BN_REACTION_ON), *off = books(BN_REACTION_OFF),
				       *fault = books(BN_REACTION_FAULT);
		assert_int_equal(off->taken.count, 1); // the rig's own signal
		assert_int_equal(on->taken.count + fault->taken.count, 0);
		// An app that does as it should, from the signal to what is seen of it.
		set_late("true", 20);
		bn_server_advance(rig.fixture.server, 30 * MS);
		rig_draw(&rig, RIG_ON);
		rig_run(&rig, 400, true);
		assert_int_equal(on->taken.count, 1);
		assert_true(on->taken.max_ns >= 50 * MS && on->taken.max_ns <= 90 * MS);
		// Lost, and covered: from the first sight of it.
		rig_draw(&rig, RIG_NOISE);
		rig_run(&rig, 300, true);
		assert_int_equal(fault->taken.count, 1);
		assert_int_equal(fault->fallbacks, 1);
		assert_true(fault->taken.max_ns >= 70 * MS && fault->taken.max_ns <= 140 * MS);
		// While it is covered the cover is what follows the signal.
		rig_set(&rig, RIG_LAMP_SIGNAL, "false");
		rig_run(&rig, 200, true);
		assert_int_equal(off->taken.count, 2);
		assert_int_equal(off->fallbacks, 1);
		assert_int_equal(fault->taken.count, 1);
		rig_draw(&rig, RIG_OFF);
		rig_run(&rig, 1300, true);
		assert_int_equal(deadlines->misses, 0);
		rig_stop(&rig);
	}
}

struct late {
	struct wl_listener missed;
	char text[112];
};

static void handle_missed(struct wl_listener *listener, void *data) {
	struct late *late = wl_container_of(listener, late, missed);
	const struct bn_deadlines_miss *miss = data;
	assert_string_equal(miss->name, "lamp");
	assert_true(miss->safety);
	snprintf(late->text, sizeof(late->text), "%s", miss->text);
}

static void a_reaction_that_is_late_is_a_missed_deadline(void **unused) {
	open_cockpit(BN_RENDERER_PIXMAN);
	struct bn_deadlines *deadlines = bn_server_deadlines(rig.fixture.server);
	struct late late = { 0 };
	bn_listen(&deadlines->events.missed, &late.missed, handle_missed);
	set_late("true", 160);
	rig_run(&rig, 30, false);
	assert_int_equal(deadlines->misses, 0);
	rig_run(&rig, 20, false);
	assert_int_equal(deadlines->misses, 1);
	assert_string_equal(late.text,
			"lamp: neither it nor a cover on glass 200 ms after its signal");
	rig_run(&rig, 200, false);
	assert_true(rig_shows_cover(&rig));
	assert_int_equal(deadlines->misses, 1);
	assert_int_equal(books(BN_REACTION_ON)->taken.count, 1);
	assert_true(books(BN_REACTION_ON)->taken.max_ns > 200 * MS);
	wl_list_remove(&late.missed.link);
	rig_stop(&rig);
}

/** Frames between the verdict and the cover on glass. */
struct frames {
	struct wl_listener verdict, presented;
	int since, worst;
	bool counts;
};

static void handle_verdict(struct wl_listener *listener, void *data) {
	struct frames *frames = wl_container_of(listener, frames, verdict);
	const struct bn_check_item *item = data;
	frames->counts = item->telltale.state == BN_TELLTALE_COVERED;
	frames->since = 0;
}

static void handle_presented(struct wl_listener *listener, void *data) {
	struct frames *frames = wl_container_of(listener, frames, presented);
	frames->since++;
	if (frames->counts && rig_shows_cover(&rig)) {
		frames->worst = frames->since > frames->worst ? frames->since : frames->worst;
		frames->counts = false;
	}
}

static void the_cover_is_in_the_next_frame(void **unused) {
	EACH_RENDERER(i) {
		open_cockpit(renderers[i]);
		struct frames frames = { 0 };
		bn_listen(&bn_server_checks(rig.fixture.server)->events.verdict, &frames.verdict,
				handle_verdict);
		bn_listen(&bn_server_outputs(rig.fixture.server)->events.presented,
				&frames.presented, handle_presented);
		rig_set(&rig, RIG_LAMP_SIGNAL, "true");
		rig_run(&rig, 200, false);
		assert_int_equal(frames.worst, 1);
		for (int j = 0; j < 6; j++) {
			rig_draw(&rig, RIG_ON);
			rig_run(&rig, 1200 + j * 7, true);
			rig_draw(&rig, RIG_NOISE);
			rig_run(&rig, 200, true);
			assert_false(frames.counts);
		}
		assert_int_equal(frames.worst, 1);
		wl_list_remove(&frames.verdict.link);
		wl_list_remove(&frames.presented.link);
		rig_stop(&rig);
	}
}

/** A picture is taken as it is shown, turned and scaled as the display is, and then compared with. */
static void take(bool on) {
	struct bn_check_item *item = rig_item(&rig);
	uint32_t *pixels;
	int32_t width, height;
	const char *path;
	char error[256], wanted[128];
	if (!bn_check_capture(item, &pixels, &width, &height, &path, error, sizeof(error))) {
		fail_msg("%s", error);
	}
	rig_path(&rig, on, wanted);
	assert_string_equal(path, wanted);
	assert_true(bn_png_write(path, pixels, width, height));
	free(pixels);
}

static void turned_and_scaled_displays_are_compared_upright(void **unused) {
	static const char *const displays[] = { ", transform: 90", ", transform: 180",
		", transform: 270", ", transform: flipped", ", transform: flipped-90",
		", transform: flipped-180", ", transform: flipped-270", ", scale: 2",
		", scale: 1.5, transform: 90" };
	for (size_t i = 0; i < sizeof(displays) / sizeof(displays[0]); i++) {
		bool on_side = strstr(displays[i], "90") != NULL
				|| strstr(displays[i], "270") != NULL;
		bool scaled = strstr(displays[i], "scale") != NULL;
		int longer = scaled ? 480 : 240, shorter = scaled ? 192 : 96;
		const struct rig_options options = {
			.display = displays[i],
			.width = on_side ? shorter : longer,
			.height = on_side ? longer : shorter,
			.no_golden = scaled,
		};
		open_with(renderers[i % 2], options);
		if (scaled) { // filtered: its picture is taken rather than computed
			assert_true(rig_item(&rig)->problem[0] != '\0');
			take(false);
			rig_set(&rig, RIG_LAMP_SIGNAL, "true");
			rig_draw(&rig, RIG_ON);
			rig_run(&rig, 100, false);
			take(true);
			assert_true(bn_cockpit_reload(bn_server_cockpit(rig.fixture.server)));
			assert_string_equal(rig_item(&rig)->problem, "");
		}
		rig_set(&rig, RIG_LAMP_SIGNAL, "true");
		rig_draw(&rig, RIG_ON);
		rig_run(&rig, 600, true);
		assert_int_equal(rig_item(&rig)->telltale.glass, BN_GLASS_ON);
		assert_int_equal(faults(), 0);
		rig_draw(&rig, RIG_SCRATCHED);
		rig_run(&rig, 200, true);
		if (state_of() != BN_TELLTALE_COVERED || !rig_item(&rig)->telltale.cover_right) {
			fail_msg("%s: %s", displays[i], bn_telltale_state_name(state_of()));
		}
		rig_stop(&rig);
	}
}

/** Shared memory of odd sizes is no target for GL: it draws beside, and what was copied is read. */
static void a_display_of_odd_size_is_read_from_its_memory(void **unused) {
	open_with(BN_RENDERER_GLES, (struct rig_options){ .width = 238, .height = 94 });
	rig_set(&rig, RIG_LAMP_SIGNAL, "true");
	rig_draw(&rig, RIG_ON);
	rig_run(&rig, 300, true);
	assert_int_equal(rig_item(&rig)->telltale.glass, BN_GLASS_ON);
	rig_corrupt(rig_output(&rig), rig_output(&rig)->front, &rig_item(&rig)->box);
	rig_run(&rig, 60, false);
	assert_int_equal(fault_of(), BN_TELLTALE_WRONG);
	rig_stop(&rig);
}

static void a_cover_outlives_a_reload_and_a_change_of_renderer(void **unused) {
	open_cockpit(BN_RENDERER_GLES);
	rig_set(&rig, RIG_LAMP_SIGNAL, "true");
	rig_run(&rig, 300, false);
	assert_true(rig_shows_cover(&rig));
	assert_true(bn_cockpit_reload(bn_server_cockpit(rig.fixture.server)));
	rig_run(&rig, 50, false);
	assert_true(rig_shows_cover(&rig));
	assert_true(bn_server_set_renderer(rig.fixture.server, BN_RENDERER_PIXMAN));
	rig_run(&rig, 50, false);
	assert_true(rig_shows_cover(&rig));
	assert_int_equal(state_of(), BN_TELLTALE_COVERED);
	assert_true(bn_server_set_renderer(rig.fixture.server, BN_RENDERER_GLES));
	rig_draw(&rig, RIG_ON);
	rig_run(&rig, 1300, true);
	assert_int_equal(state_of(), BN_TELLTALE_RIGHT);
	assert_int_equal(faults(), 1);
	rig_stop(&rig);
}

static void expect_no_reload(const char *fault) {
	struct bn_cockpit *cockpit = bn_server_cockpit(rig.fixture.server);
	assert_false(bn_cockpit_reload(cockpit));
	const struct bn_diag *first = &cockpit->reload_faults.items[0];
	if (strstr(first->text, fault) == NULL || first->line == 0 || first->column == 0) {
		fail_msg("%s", first->text);
	}
}

static void a_golden_that_is_no_good_says_so(void **unused) {
	open_with(BN_RENDERER_PIXMAN, (struct rig_options){ .no_golden = true });
	assert_non_null(strstr(rig_item(&rig)->problem, "lamp-on.png: No such file"));
	rig_set(&rig, RIG_LAMP_SIGNAL, "true");
	rig_run(&rig, 400, false);
	assert_int_equal(faults(), 0);
	char path[128];
	uint32_t pixels[30 * 30] = { 0 };
	rig_path(&rig, false, path);
	FILE *file = fopen(path, "we");
	fputs("this is no picture", file);
	fclose(file);
	expect_no_reload("\"lamp-off.png\" of check \"lamp\" cannot be read");
	assert_true(bn_png_write(path, pixels, 30, 24));
	expect_no_reload("\"lamp-off.png\" is 30x24 px, and check \"lamp\" has 24x24 px on display "
			 "\"cluster\"");
	assert_true(bn_png_write(path, pixels, 24, 24));
	rig_path(&rig, true, path);
	assert_true(bn_png_write(path, pixels, 24, 24));
	assert_true(bn_cockpit_reload(bn_server_cockpit(rig.fixture.server)));
	assert_non_null(strstr(rig_item(&rig)->problem, "too much alike"));
	memset(pixels, 0x77, sizeof(pixels));
	assert_true(bn_png_write(path, pixels, 24, 24));
	assert_true(bn_cockpit_reload(bn_server_cockpit(rig.fixture.server)));
	assert_string_equal(rig_item(&rig)->problem, "");
	rig_stop(&rig);
}

static void expect_refusal(const char *reason) {
	uint32_t *pixels;
	int32_t width, height;
	const char *path;
	char error[256] = "";
	assert_false(bn_check_capture(rig_item(&rig), &pixels, &width, &height, &path, error,
			sizeof(error)));
	if (strstr(error, reason) == NULL) {
		fail_msg("'%s' instead of '%s'", error, reason);
	}
}

static void a_golden_is_not_taken_of_what_must_not_be_shown(void **unused) {
	open_with(BN_RENDERER_PIXMAN, (struct rig_options){ .no_apps = true });
	expect_refusal("no app is in its zone");
	rig_open_lamp_app(&rig);
	rig_run(&rig, 100, false);
	take(false);
	rig_set(&rig, RIG_LAMP_SIGNAL, NULL);
	expect_refusal("is not known");
	rig_set(&rig, RIG_LAMP_SIGNAL, "true");
	expect_refusal("must be on, and is off");
	rig_run(&rig, 200, false);
	expect_refusal("covered");
	rig_stop(&rig);
	open_with(BN_RENDERER_PIXMAN, (struct rig_options){ .no_off = true });
	expect_refusal("names no \"off:\"");
	rig_stop(&rig);
}

/** Without an off picture what differs clearly will do, and a scratched lamp is none of that. */
static void a_scratched_lamp_is_not_off(void **unused) {
	open_with(BN_RENDERER_PIXMAN, (struct rig_options){ .no_off = true });
	rig_draw(&rig, RIG_NOISE);
	rig_run(&rig, 400, true);
	assert_int_equal(faults(), 0);
	rig_draw(&rig, RIG_SCRATCHED);
	rig_run(&rig, 300, true);
	assert_int_equal(state_of(), BN_TELLTALE_COVERED);
	rig_stop(&rig);
}

static void only_the_beat_wakes_a_static_cockpit(void **unused) {
	open_cockpit(BN_RENDERER_PIXMAN);
	rig_run(&rig, 500, false);
	struct bn_loop *loop = bn_server_loop(rig.fixture.server);
	uint64_t frames = rig_output(&rig)->stats.wakeups, reads = rig_item(&rig)->reads;
	int64_t end = bn_loop_now(loop) + BN_NSEC_PER_SEC;
	int wakes = 0;
	for (int64_t due; (due = bn_loop_next_ns(loop)) <= end; wakes++) {
		bn_loop_step(loop, due);
	}
	assert_int_equal(rig_output(&rig)->stats.wakeups, frames);
	assert_true(wakes >= 19 && wakes <= 21);
	assert_true(rig_item(&rig)->reads - reads >= 19 && rig_item(&rig)->reads - reads <= 21);
	assert_true(rig_output(&rig)->checked);
	rig_stop(&rig);
	// Without a check there is no beat either.
	const struct bn_fixture_options options = { 0 };
	bn_fixture_start(&rig.fixture, &options);
	bn_fixture_advance_ms(&rig.fixture, 500);
	assert_true(bn_loop_next_ns(bn_server_loop(rig.fixture.server)) == BN_NSEC_NEVER);
	bn_fixture_stop(&rig.fixture);
}

static bool journal_says(const char *text) {
	const struct bn_journal *journal = &rig.fixture.server->record.journal;
	for (uint64_t i = 0; i < journal->note_count; i++) {
		const struct bn_journal_note *note = &journal->notes[i];
		const char *said = journal->texts[note->text % BN_JOURNAL_TEXTS].text;
		if (note->event == BN_JOURNAL_CHECK && strstr(said, text) != NULL) {
			return true;
		}
	}
	return false;
}

static void expect_why(const char *wanted) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	const struct bn_layout *layout = bn_server_cockpit(rig.fixture.server)->layout;
	bn_checks_why(bn_server_checks(rig.fixture.server),
			bn_layout_find_zone(layout, "telltales"), out);
	fclose(out);
	if (strstr(text, wanted) == NULL) {
		fail_msg("no '%s' in: %s", wanted, text);
	}
	free(text);
}

/** The strip goes to another display when its own is missing, and the check with it; and both come back. */
static void a_check_follows_its_zone_to_a_backup(void **unused) {
	EACH_RENDERER(i) {
		const struct rig_options options = { .renderer = renderers[i], .has_backup = true };
		rig_start(&rig, &options);
		rig_set(&rig, RIG_LAMP_SIGNAL, "true");
		rig_draw(&rig, RIG_ON);
		rig_run(&rig, 300, true);
		assert_int_equal(rig_item(&rig)->telltale.glass, BN_GLASS_ON);
		struct bn_output *spare = bn_kit_output(&rig.fixture, "spare");
		assert_true(spare->checked);
		bn_kit_unplug(&rig.fixture, "cluster");
		assert_int_equal(rig_item(&rig)->telltale.glass, BN_GLASS_UNKNOWN);
		rig_run(&rig, 300, false);
		// The app goes on as it was: seen there, at once, and no fault.
		assert_ptr_equal(rig_place(&rig), spare);
		assert_int_equal(rig_item(&rig)->telltale.glass, BN_GLASS_ON);
		assert_int_equal(state_of(), BN_TELLTALE_RIGHT);
		assert_int_equal(faults(), 0);
		// There it is looked at as closely, and covered in the right place.
		rig_draw(&rig, RIG_SCRATCHED);
		rig_run(&rig, 200, false);
		assert_int_equal(state_of(), BN_TELLTALE_COVERED);
		assert_true(rig_item(&rig)->telltale.cover_right);
		assert_true(rig_shows_cover(&rig));
		const struct bn_checks *checks = bn_server_checks(rig.fixture.server);
		assert_int_equal(bn_checks_state(checks, spare->display), BN_CHECKS_COVERED);
		char *why = bn_cockpit_why(bn_server_cockpit(rig.fixture.server), "strip-spare");
		assert_non_null(why);
		free(why);
		rig_draw(&rig, RIG_ON);
		rig_run(&rig, 1300, false);
		assert_int_equal(state_of(), BN_TELLTALE_RIGHT);
		assert_true(rig_shows(&rig, RIG_ON));
		// A reload gives a headless cockpit all its displays again.
		assert_true(bn_cockpit_reload(bn_server_cockpit(rig.fixture.server)));
		rig_run(&rig, 400, false);
		assert_string_equal(bn_kit_output(&rig.fixture, "cluster")->wlr->name,
				rig_place(&rig)->wlr->name);
		assert_int_equal(rig_item(&rig)->telltale.glass, BN_GLASS_ON);
		assert_int_equal(faults(), 1);
		rig_stop(&rig);
	}
}

static void each_verdict_is_told(void **unused) {
	open_cockpit(BN_RENDERER_PIXMAN);
	expect_why("check lamp: off is demanded, its app shows off: as it should be");
	rig_set(&rig, RIG_LAMP_SIGNAL, "true");
	expect_why("not yet as it should be (absent)");
	rig_run(&rig, 200, false);
	expect_why("on is demanded, its app shows off: covered by a picture of ours (absent)");
	assert_true(journal_says("lamp: on is demanded"));
	assert_int_equal(rig_item(&rig)->reaction.count, 1);
	int64_t reaction = bn_histogram_permille(&rig_item(&rig)->reaction, 1000);
	assert_true(reaction >= 70 * MS && reaction <= 140 * MS);
	rig_draw(&rig, RIG_ON);
	rig_run(&rig, 1300, false);
	assert_true(journal_says("as it should be"));
	rig_stop(&rig);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lamp_that_does_as_it_should_raises_nothing),
		cmocka_unit_test(a_lamp_that_does_not_come_is_drawn_by_the_compositor),
		cmocka_unit_test(a_wrong_picture_is_covered),
		cmocka_unit_test(a_lamp_that_nobody_asked_for_is_put_out),
		cmocka_unit_test(the_cover_follows_the_signal),
		cmocka_unit_test(a_lamp_needs_no_app),
		cmocka_unit_test(a_picture_that_rots_on_the_way_to_the_glass_is_seen),
		cmocka_unit_test(what_a_renderer_spoils_is_covered),
		cmocka_unit_test(a_cover_that_does_not_come_on_glass_makes_the_display_safe),
		cmocka_unit_test(without_a_picture_a_missing_lamp_makes_the_display_safe),
		cmocka_unit_test(reactions_are_in_the_books_of_deadlines),
		cmocka_unit_test(a_reaction_that_is_late_is_a_missed_deadline),
		cmocka_unit_test(the_cover_is_in_the_next_frame),
		cmocka_unit_test(turned_and_scaled_displays_are_compared_upright),
		cmocka_unit_test(a_display_of_odd_size_is_read_from_its_memory),
		cmocka_unit_test(a_cover_outlives_a_reload_and_a_change_of_renderer),
		cmocka_unit_test(a_golden_that_is_no_good_says_so),
		cmocka_unit_test(a_golden_is_not_taken_of_what_must_not_be_shown),
		cmocka_unit_test(a_scratched_lamp_is_not_off),
		cmocka_unit_test(only_the_beat_wakes_a_static_cockpit),
		cmocka_unit_test(a_check_follows_its_zone_to_a_backup),
		cmocka_unit_test(each_verdict_is_told),
	};
	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
