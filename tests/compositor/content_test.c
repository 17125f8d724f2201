#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"
#include "cockpit.h"
#include "fixture.h"
#include "kit.h"
#include "output.h"
#include "scene/content.h"
#include "xdg-shell-client-protocol.h"

#define WIDE 7680
#define HIGH 4320
#define WIDE_BYTES ((size_t)WIDE * HIGH * 4)

static const char layout[] = "binnacle: 1\n"
			     "displays:\n"
			     "  center: { mode: 320x200@60, size-mm: [160, 100] }\n"
			     "signals: { Vehicle.Speed: { initial: 0 } }\n"
			     "states: { fast: { Vehicle.Speed: { over: 200 } } }\n"
			     "rules: [{ when: fast, show: { hidden: ghost } }]\n"
			     "zones:\n"
			     "  main: { display: center, rect: [0, 0, 200, 100%], grant: [nav, "
			     "'*'], empty: '#400000' }\n"
			     "  side: { display: center, rect: [200, 0, 120, 100%], grant: "
			     "[media], empty: '#004000' }\n"
			     "  hidden: { display: center, rect: full, layer: overlay, grant: "
			     "[ghost], visible: false }\n"
			     "apps:\n"
			     "  nav: { home: main }\n"
			     "  media: { home: side }\n"
			     "  ghost: { home: hidden }\n";

/** The renderer under test is cmocka's initial state. */
static void start(struct bn_fixture *fixture, void **state) {
	const struct bn_fixture_options options = {
		.layout = layout,
		.renderer = *(const enum bn_renderer_kind *)*state,
	};
	bn_fixture_start(fixture, &options);
}

static uint32_t pixel(struct bn_fixture *fixture, int x, int y) {
	return bn_fixture_pixel(fixture, "center", x, y);
}

/** The compositor's side of the only client that connected as `app`. */
static const struct bn_client *server_side(struct bn_fixture *fixture, const char *app) {
	const struct bn_client *client;
	wl_list_for_each(client, &bn_server_clients(fixture->server)->list, link) {
		if (client->app_name != NULL && strcmp(client->app_name, app) == 0) {
			return client;
		}
	}
	fail_msg("no client is known as %s", app);
	return NULL;
}

/** A pool whose file the test may spoil; buffers lie one after another in it. */
struct pool {
	struct bn_test_client *client;
	struct wl_shm_pool *wl;
	int fd;
	int released;
};

static void pool_open(struct pool *pool, struct bn_test_client *client, size_t size) {
	*pool = (struct pool){ .client = client,
		.fd = memfd_create("binnacle-content", MFD_CLOEXEC) };
	assert_true(pool->fd >= 0);
	assert_int_equal(ftruncate(pool->fd, (off_t)size), 0);
	pool->wl = bn_test_client_keep(client,
			wl_shm_create_pool(client->shm, pool->fd, (int32_t)size));
}

static void pool_close(struct pool *pool) {
	close(pool->fd);
}

static void pool_fill(const struct pool *pool, size_t offset, size_t size, uint32_t color) {
	char *bytes = mmap(NULL, offset + size, PROT_READ | PROT_WRITE, MAP_SHARED, pool->fd, 0);
	assert_ptr_not_equal(bytes, MAP_FAILED);
	uint32_t *pixels = (uint32_t *)(void *)(bytes + offset);
	for (size_t i = 0; i < size / 4; i++) {
		pixels[i] = color;
	}
	munmap(bytes, offset + size);
}

static void count_release(void *data, struct wl_buffer *buffer) {
	struct pool *pool = data;
	pool->released++;
}

static const struct wl_buffer_listener reused_listener = {
	.release = count_release,
};

static struct wl_buffer *pool_buffer(struct pool *pool, size_t offset, int width, int height) {
	struct wl_buffer *buffer = bn_test_client_keep(pool->client,
			wl_shm_pool_create_buffer(pool->wl, (int32_t)offset, width, height,
					width * 4, WL_SHM_FORMAT_XRGB8888));
	wl_buffer_add_listener(buffer, &reused_listener, pool);
	return buffer;
}

static void a_truncated_pool_costs_only_its_client(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state);
	struct bn_test_client *good = bn_test_client_connect(&fixture, "media");
	struct bn_test_window *window = bn_test_window_create(good, NULL, 0xff00ff00);
	struct bn_test_client *bad = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *liar = bn_test_window_create(bad, NULL, 0xff0000ff);
	bn_kit_settle(bad);
	struct pool pool;
	pool_open(&pool, bad, 200 * 200 * 4);
	pool_fill(&pool, 0, 200 * 200 * 4, 0xffffffff);
	bn_kit_commit(liar->surface, pool_buffer(&pool, 0, 200, 200));
	assert_true(bn_test_client_roundtrip(bad));
	// Between commit and latch, and once more while it is shown.
	assert_int_equal(ftruncate(pool.fd, 0), 0);
	bn_fixture_advance_ms(&fixture, 40);
	bn_output_damage_whole(bn_kit_output(&fixture, "center"));
	bn_fixture_advance_ms(&fixture, 40);
	bn_test_window_draw(window, 0xffffff00);
	bn_kit_settle(good);
	assert_int_equal(pixel(&fixture, 250, 10), 0xffff00);
	bn_test_client_disconnect(bad);
	bn_kit_settle(good);
	assert_int_equal(pixel(&fixture, 10, 10), 0x400000);
	pool_close(&pool);
	bn_test_client_disconnect(good);
	bn_fixture_stop(&fixture);
}

/** KiB of memory that is this process's own: clients' pools are not counted. */
static long own_memory(void) {
	FILE *file = fopen("/proc/self/status", "re");
	assert_non_null(file);
	char line[256];
	long kib = -1;
	while (kib < 0 && fgets(line, sizeof(line), file) != NULL) {
		sscanf(line, "RssAnon: %ld kB", &kib);
	}
	fclose(file);
	assert_true(kib > 0);
	return kib;
}

/** Until a large picture has come over in all its parts, one a refresh. */
static void take_over(struct bn_test_client *client) {
	for (size_t i = 0; i <= WIDE_BYTES / BN_CONTENT_PART_BYTES; i++) {
		bn_kit_settle(client);
		bn_fixture_advance_ms(client->fixture, 17);
	}
	bn_kit_settle(client);
}

static void a_flood_of_8k_grows_nothing_and_is_read_once_a_refresh(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	bn_kit_settle(client);
	struct pool pool;
	pool_open(&pool, client, 3 * WIDE_BYTES);
	struct wl_buffer *buffers[3];
	for (size_t i = 0; i < 3; i++) {
		// A stripe is enough to tell them apart; the rest is black.
		pool_fill(&pool, i * WIDE_BYTES, (size_t)WIDE * 2000 * 4, 0xff000040 << i * 8);
		buffers[i] = pool_buffer(&pool, i * WIDE_BYTES, WIDE, HIGH);
	}
	for (int i = 0; i < 6; i++) {
		bn_kit_commit(window->surface, buffers[i % 3]);
		take_over(client);
	}
	const struct bn_client *sender = server_side(&fixture, "nav");
	const struct bn_output *output = bn_kit_output(&fixture, "center");
	long memory = own_memory();
	uint64_t uploads = sender->uploads, bytes = sender->upload_bytes,
		 drawn = output->stats.wakeups;
	for (int i = 0; i < 200; i++) {
		bn_kit_commit(window->surface, buffers[i % 3]);
		// A refresh for every 25 commits.
		if (i % 25 == 24) {
			assert_true(bn_test_client_roundtrip(client));
			bn_fixture_advance_ms(&fixture, 17);
		}
	}
	take_over(client);
	uint64_t refreshes = output->stats.wakeups - drawn;
	assert_true(sender->uploads > uploads);
	assert_true(sender->uploads - uploads <= refreshes);
	assert_true(sender->uploads - uploads <= 12);
	// Pixman reads in place; whoever uploads takes a part a refresh.
	uint64_t most = **(enum bn_renderer_kind **)state == BN_RENDERER_GLES
			? BN_CONTENT_PART_BYTES
			: WIDE_BYTES;
	assert_true(sender->upload_bytes - bytes <= refreshes * most);
	long grown = own_memory() - memory;
	print_message("# 200 commits of %dx%d: %d uploads, %ld KiB more\n", WIDE, HIGH,
			(int)(sender->uploads - uploads), grown);
	assert_true(grown < 16 * 1024);
	assert_int_equal(pixel(&fixture, 100, 20), 0x004000); // the last: buffer 1
	pool_close(&pool);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_superseded_buffer_comes_back_unread(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	bn_kit_settle(client);
	const struct bn_client *sender = server_side(&fixture, "nav");
	uint64_t uploads = sender->uploads;
	int released = client->released_buffers;
	for (uint32_t i = 0; i < 5; i++) {
		bn_test_window_draw(window, 0xff000001 + i);
	}
	// No time passes: nothing was latched.
	assert_true(bn_test_client_roundtrip(client));
	assert_int_equal(client->released_buffers - released, 4);
	assert_int_equal(sender->uploads, uploads);
	bn_kit_settle(client);
	assert_int_equal(sender->uploads, uploads + 1);
	assert_int_equal(pixel(&fixture, 10, 10), 5);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_buffer_destroyed_while_shown_stays_on_glass(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct pool pool;
	pool_open(&pool, client, 200 * 200 * 4);
	pool_fill(&pool, 0, 200 * 200 * 4, 0xff336699);
	struct wl_buffer *buffer = pool_buffer(&pool, 0, 200, 200);
	bn_kit_commit(window->surface, buffer);
	bn_kit_settle(client);
	bn_test_client_forget(client, buffer);
	wl_buffer_destroy(buffer);
	bn_test_client_forget(client, pool.wl);
	wl_shm_pool_destroy(pool.wl);
	bn_kit_settle(client);
	assert_int_equal(pixel(&fixture, 10, 10), 0x336699);
	bn_output_damage_whole(bn_kit_output(&fixture, "center"));
	bn_kit_settle(client);
	assert_int_equal(pixel(&fixture, 10, 10), 0x336699);
	// Even when somebody else draws from now on.
	enum bn_renderer_kind other = *(const enum bn_renderer_kind *)*state == BN_RENDERER_GLES
			? BN_RENDERER_PIXMAN
			: BN_RENDERER_GLES;
	assert_true(bn_server_set_renderer(fixture.server, other));
	bn_kit_settle(client);
	assert_int_equal(pixel(&fixture, 10, 10), 0x336699);
	// One that is destroyed between commit and latch is shown all the same.
	pool_close(&pool);
	pool_open(&pool, client, 200 * 200 * 4);
	pool_fill(&pool, 0, 200 * 200 * 4, 0xff996633);
	buffer = pool_buffer(&pool, 0, 200, 200);
	bn_kit_commit(window->surface, buffer);
	bn_test_client_forget(client, buffer);
	wl_buffer_destroy(buffer);
	bn_kit_settle(client);
	assert_int_equal(pixel(&fixture, 10, 10), 0x996633);
	pool_close(&pool);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_single_buffer_is_drawn_again_and_again(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	struct pool pool;
	pool_open(&pool, client, 200 * 200 * 4);
	struct wl_buffer *buffer = pool_buffer(&pool, 0, 200, 200);
	for (uint32_t i = 1; i <= 5; i++) {
		pool_fill(&pool, 0, 200 * 200 * 4, 0xff000000 | i * 0x101010);
		bn_kit_commit(window->surface, buffer);
		bn_kit_settle(client);
		assert_int_equal(pixel(&fixture, 10, 10), i * 0x101010);
	}
	pool_close(&pool);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_size_that_changes_with_each_commit(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window =
			bn_test_window_create_sized(client, NULL, 0xff0000ff, 10, 10);
	for (int i = 1; i < 60; i++) {
		window->own_width = i * 37 % 300 + 1;
		window->own_height = i * 53 % 300 + 1;
		bn_test_window_draw(window, 0xff000000 | (uint32_t)i);
		if (i % 3 == 0) {
			bn_kit_settle(client);
			// Whatever it is, it is made to cover its zone.
			assert_int_equal(pixel(&fixture, 3, 3), i);
			assert_int_equal(pixel(&fixture, 196, 196), i);
			assert_int_equal(pixel(&fixture, 201, 100), 0x004000);
		}
	}
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void without_damage_nothing_is_read(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "nav");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	bn_kit_settle(client);
	const struct bn_client *sender = server_side(&fixture, "nav");
	uint64_t bytes = sender->upload_bytes;
	wl_surface_attach(window->surface, bn_test_buffer(client, 200, 200, 0xff0000ff), 0, 0);
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_int_equal(sender->upload_bytes, bytes);
	assert_int_equal(pixel(&fixture, 10, 10), 0x0000ff);
	// Damage of a part reads and draws that part.
	struct pool pool;
	pool_open(&pool, client, 200 * 200 * 4);
	pool_fill(&pool, 0, 200 * 200 * 4, 0xff0000ff);
	pool_fill(&pool, 200 * 50 * 4, 200 * 20 * 4, 0xffff0000);
	wl_surface_attach(window->surface, pool_buffer(&pool, 0, 200, 200), 0, 0);
	wl_surface_damage_buffer(window->surface, 0, 50, 200, 20);
	wl_surface_commit(window->surface);
	bn_kit_settle(client);
	assert_int_equal(sender->upload_bytes - bytes, 200 * 20 * 4);
	assert_int_equal(pixel(&fixture, 10, 49), 0x0000ff);
	assert_int_equal(pixel(&fixture, 10, 50), 0xff0000);
	assert_int_equal(pixel(&fixture, 10, 69), 0xff0000);
	assert_int_equal(pixel(&fixture, 10, 70), 0x0000ff);
	pool_close(&pool);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

static void a_hidden_zone_reads_nothing(void **state) {
	struct bn_fixture fixture;
	start(&fixture, state);
	struct bn_test_client *client = bn_test_client_connect(&fixture, "ghost");
	struct bn_test_window *window = bn_test_window_create(client, NULL, 0xff0000ff);
	for (uint32_t i = 0; i < 10; i++) {
		bn_test_window_draw(window, 0xff000000 | i);
		bn_kit_settle(client);
	}
	const struct bn_client *sender = server_side(&fixture, "ghost");
	assert_int_equal(sender->uploads, 0);
	assert_true(client->released_buffers >= 9);
	assert_true(sender->commits >= 10);
	bn_test_client_disconnect(client);
	bn_fixture_stop(&fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		BN_ON_BOTH("a-truncated-pool-costs-only-its-client",
				a_truncated_pool_costs_only_its_client),
		BN_ON_BOTH("a-superseded-buffer-comes-back-unread",
				a_superseded_buffer_comes_back_unread),
		BN_ON_BOTH("a-buffer-destroyed-while-shown-stays-on-glass",
				a_buffer_destroyed_while_shown_stays_on_glass),
		BN_ON_BOTH("a-single-buffer-is-drawn-again-and-again",
				a_single_buffer_is_drawn_again_and_again),
		BN_ON_BOTH("a-size-that-changes-with-each-commit",
				a_size_that_changes_with_each_commit),
		BN_ON_BOTH("without-damage-nothing-is-read", without_damage_nothing_is_read),
		BN_ON_BOTH("a-hidden-zone-reads-nothing", a_hidden_zone_reads_nothing),
		BN_ON_BOTH("a-flood-of-8k-grows-nothing-and-is-read-once-a-refresh",
				a_flood_of_8k_grows_nothing_and_is_read_once_a_refresh),
	};
	return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
