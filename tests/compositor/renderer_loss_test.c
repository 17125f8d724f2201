// A GPU that is lost again and again: down the chain of renderers, with every client and every safety picture.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/nsec.h"
#include "fixture.h"
#include "guardwire.h"
#include "loop.h"
#include "output.h"
#include "render/renderer.h"

static const char layout[] =
		"binnacle: 1\n"
		"displays:\n"
		"  cluster: { mode: 200x100@60, size-mm: [200, 100], criticality: safety }\n"
		"zones:\n"
		"  gauges: { display: cluster, rect: [0, 0, 50%, 100%], layer: app, grant: "
		"[gauges], "
		"empty: '#102030', on-fault: '#ff00ff' }\n"
		"  lamps: { display: cluster, rect: [50%, 0, 50%, 100%], layer: telltale, grant: "
		"[lamps], "
		"empty: '#000080' }\n"
		"apps:\n"
		"  gauges: { home: gauges }\n"
		"  lamps: { home: lamps }\n";

struct stage {
	struct bn_fixture fixture;
	struct bn_test_client *gauges, *lamps;
	struct bn_test_window *dials, *lamp;
};

static void stage_start(struct stage *stage, int guard_fd) {
	const struct bn_fixture_options options = {
		.layout = layout,
		.renderer = BN_RENDERER_GLES,
		.guard_fd = guard_fd,
	};
	bn_fixture_start(&stage->fixture, &options);
	stage->gauges = bn_test_client_connect(&stage->fixture, "gauges");
	stage->dials = bn_test_window_create(stage->gauges, "gauges", 0xff30c060);
	stage->lamps = bn_test_client_connect(&stage->fixture, "lamps");
	stage->lamp = bn_test_window_create(stage->lamps, "lamps", 0xffe02010);
	bn_fixture_advance_ms(&stage->fixture, 60);
	assert_int_equal(bn_fixture_pixel(&stage->fixture, "cluster", 150, 50), 0xe02010);
}

static void stage_stop(struct stage *stage) {
	bn_test_window_destroy(stage->dials);
	bn_test_window_destroy(stage->lamp);
	bn_test_client_disconnect(stage->gauges);
	bn_test_client_disconnect(stage->lamps);
	bn_fixture_stop(&stage->fixture);
}

static struct wlr_renderer *renderer(struct stage *stage) {
	return bn_server_outputs(stage->fixture.server)->renderer;
}

static void lose_gpu(struct stage *stage) {
	bn_renderer_simulate_loss(renderer(stage));
	// It is noticed when there is something to draw.
	bn_test_window_draw(stage->dials, 0xff3060c0);
	assert_true(bn_test_client_roundtrip(stage->gauges));
	bn_fixture_advance_ms(&stage->fixture, 100);
}

/** Without a commit of its client: its buffer was kept. */
static void assert_all_is_there(struct stage *stage) {
	assert_int_equal(bn_fixture_pixel(&stage->fixture, "cluster", 150, 50), 0xe02010);
	// An app's own picture went with the GPU; its zone says so until it draws again.
	bn_test_window_draw(stage->dials, 0xff30c060);
	assert_true(bn_test_client_roundtrip(stage->gauges));
	assert_true(bn_test_client_roundtrip(stage->lamps));
	bn_fixture_advance_ms(&stage->fixture, 60);
	assert_int_equal(bn_fixture_pixel(&stage->fixture, "cluster", 50, 50), 0x30c060);
	assert_int_equal(bn_fixture_pixel(&stage->fixture, "cluster", 150, 50), 0xe02010);
}

static void lost_again_and_again_it_ends_with_pixman(void **state) {
	struct stage stage;
	stage_start(&stage, 0);
	lose_gpu(&stage);
	assert_string_equal(bn_server_renderer_name(stage.fixture.server), "gles");
	assert_all_is_there(&stage);
	lose_gpu(&stage);
	assert_string_equal(bn_server_renderer_name(stage.fixture.server), "gles");
	assert_true(bn_renderer_is_ours(renderer(&stage)));
	assert_true(bn_renderer_is_software(renderer(&stage)));
	assert_all_is_there(&stage);
	lose_gpu(&stage);
	assert_string_equal(bn_server_renderer_name(stage.fixture.server), "pixman");
	assert_all_is_there(&stage);
	assert_false(bn_server_has_failed(stage.fixture.server));
	stage_stop(&stage);
}

static void lost_now_and_then_it_stays_with_gles(void **state) {
	struct stage stage;
	stage_start(&stage, 0);
	for (int i = 0; i < 4; i++) {
		lose_gpu(&stage);
		assert_string_equal(bn_server_renderer_name(stage.fixture.server), "gles");
		bn_server_advance(stage.fixture.server, 11 * BN_NSEC_PER_SEC);
	}
	assert_all_is_there(&stage);
	stage_stop(&stage);
}

/** How often the line has said this since it was last asked. */
static int count_said(int line, enum bn_guard_kind kind) {
	struct bn_guard_message message;
	int fd, count = 0;
	while (bn_guardwire_receive(line, &message, MSG_DONTWAIT, &fd) == 1) {
		count += message.kind == kind;
		if (fd >= 0) {
			close(fd);
		}
	}
	return count;
}

static void the_guard_is_asked_for_time_and_kicked_again(void **state) {
	int line[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line), 0);
	struct bn_guard_message go = { .kind = BN_GUARD_GO, .number = 1 };
	assert_true(bn_guardwire_send(line[0], &go, -1));
	struct stage stage;
	stage_start(&stage, line[1]);
	bn_fixture_advance_ms(&stage.fixture, 200);
	count_said(line[0], BN_GUARD_KICK);
	lose_gpu(&stage);
	assert_int_equal(count_said(line[0], BN_GUARD_BUSY), 1);
	bn_fixture_advance_ms(&stage.fixture, 200);
	assert_true(count_said(line[0], BN_GUARD_KICK) >= 3);
	stage_stop(&stage);
	close(line[0]);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		{ "lost-again-and-again-it-ends-with-pixman",
				lost_again_and_again_it_ends_with_pixman, NULL, NULL, NULL },
		{ "the-guard-is-asked-for-time-and-kicked-again",
				the_guard_is_asked_for_time_and_kicked_again, NULL, NULL, NULL },
		{ "lost-now-and-then-it-stays-with-gles", lost_now_and_then_it_stays_with_gles,
				NULL, NULL, NULL },
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
