#include "check_rig.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wlr/types/wlr_buffer.h>

#include "cockpit.h"
#include "core/nsec.h"
#include "kit.h"
#include "output.h"
#include "scene/pixels.h"
#include "scene/scene.h"
#include "watch/png.h"

#define GROUND 0x050608

static void fail(const char *what) {
	fprintf(stderr, "check rig: %s\n", what);
	abort();
}

static bool on_ring(int x, int y) {
	int dx = 2 * x - RIG_SIDE + 1, dy = 2 * y - RIG_SIDE + 1;
	int radius = dx * dx + dy * dy;
	return radius > 144 && radius < 361;
}

uint32_t rig_pixel(enum rig_lamp lamp, int x, int y) {
	switch (lamp) {
	case RIG_OFF:
		return on_ring(x, y) ? 0x121316 : GROUND;
	case RIG_ON:
		return on_ring(x, y) ? 0xff3030 : GROUND;
	case RIG_SCRATCHED:
		return y == RIG_SIDE / 2 ? GROUND : rig_pixel(RIG_ON, x, y);
	case RIG_OTHER:
		return x > 6 && x < 18 && y > 3 && y < 20 ? 0xff3030 : GROUND;
	case RIG_NOISE:
	case RIG_LAMPS:
		break;
	}
	return (uint32_t)(x * 0x9e3779 + y * 0x7f4a7c) & 0xffffff;
}

void rig_path(const struct rig *rig, bool on, char path[128]) {
	snprintf(path, 128, "%s/lamp-%s.png", rig->folder, on ? "on" : "off");
}

static void write_golden(const struct rig *rig, bool on) {
	uint32_t pixels[RIG_SIDE * RIG_SIDE];
	for (int i = 0; i < RIG_SIDE * RIG_SIDE; i++) {
		pixels[i] = rig_pixel(on ? RIG_ON : RIG_OFF, i % RIG_SIDE, i / RIG_SIDE);
	}
	char path[128];
	rig_path(rig, on, path);
	if (!bn_png_write(path, pixels, RIG_SIDE, RIG_SIDE)) {
		fail("cannot write a golden picture");
	}
}

static void write_layout(struct rig *rig, const struct rig_options *options, char *text,
		size_t size) {
	char on[128], off[128];
	rig_path(rig, true, on);
	rig_path(rig, false, off);
	int length = snprintf(text, size,
			"binnacle: 1\n"
			"displays:\n"
			"  cluster: { mode: %dx%d@60, size-mm: [240, 96], criticality: safety%s }\n"
			"%s"
			"signals:\n"
			"  " RIG_LAMP_SIGNAL ": {}\n"
			"  Vehicle.Night: { initial: false }\n"
			"states:\n"
			"  night: { Vehicle.Night: true }\n"
			"themes:\n"
			"  day: {}\n"
			"  dark: { night: true, dim: 0.5, background: '#000000' }\n"
			"zones:\n"
			"  telltales: { display: cluster, rect: [0, 0, 100%%, %d], layer: "
			"telltale, "
			"grant: lamps%s }\n"
			"%s"
			"  gauges: { display: cluster, rect: [0, %d, 100%%, 100%%-%d], grant: "
			"gauges, "
			"transition: fade 200ms }\n"
			"checks:\n"
			"  lamp: { zone: telltales, rect: [%d, %d, %d, %d], "
			"when: { " RIG_LAMP_SIGNAL ": true }, golden: '%s', %s%s%s else-off: true, "
			"on-fault: %s }\n"
			"rules:\n"
			"  - { when: night, theme: dark }\n"
			"apps:\n"
			"  lamps: { home: telltales }\n"
			"  gauges: { home: gauges }\n%s",
			options->width > 0 ? options->width : RIG_WIDTH,
			options->height > 0 ? options->height : RIG_HEIGHT,
			options->display != NULL ? options->display : "",
			options->has_backup ? "  spare: { mode: 240x160@60 }\n" : "", RIG_STRIP,
			options->has_backup ? ", backup: strip-spare" : "",
			options->has_backup ? "  strip-spare: { display: spare, rect: [0, 64, 240, "
					      "32] }\n"
					    : "",
			RIG_STRIP, RIG_STRIP, RIG_X, RIG_Y, RIG_SIDE, RIG_SIDE, on,
			options->no_off ? "" : "off: '", options->no_off ? "" : off,
			options->no_off ? "" : "',",
			options->on_fault != NULL ? options->on_fault : "builtin:brake",
			options->more != NULL ? options->more : "");
	assert(length > 0 && (size_t)length < size);
}

void rig_open_lamp_app(struct rig *rig) {
	rig->lamp_client = bn_test_client_connect(&rig->fixture, "lamps");
	rig->lamp_window = bn_test_window_create(rig->lamp_client, "lamps", 0xff000000 | GROUND);
	rig_draw(rig, RIG_OFF);
}

void rig_start(struct rig *rig, const struct rig_options *options) {
	*rig = (struct rig){ .folder = "/tmp/binnacle-golden-XXXXXX" };
	if (mkdtemp(rig->folder) == NULL) {
		fail("cannot make a folder");
	}
	if (!options->no_golden) {
		write_golden(rig, true);
		write_golden(rig, false);
	}
	char layout[4096];
	write_layout(rig, options, layout, sizeof(layout));
	const struct bn_fixture_options fixture_options = { .layout = layout,
		.renderer = options->renderer };
	bn_fixture_start(&rig->fixture, &fixture_options);
	rig_set(rig, RIG_LAMP_SIGNAL, "false");
	if (!options->no_apps) {
		rig_open_lamp_app(rig);
		rig->neighbour_client = bn_test_client_connect(&rig->fixture, "gauges");
		rig->neighbour_window =
				bn_test_window_create(rig->neighbour_client, "gauges", 0xff203040);
	}
	rig_run(rig, 300, false);
}

void rig_stop(struct rig *rig) {
	if (rig->lamp_client != NULL) {
		bn_test_client_disconnect(rig->lamp_client);
	}
	if (rig->neighbour_client != NULL) {
		bn_test_client_disconnect(rig->neighbour_client);
	}
	bn_fixture_stop(&rig->fixture);
	char command[128];
	snprintf(command, sizeof(command), "rm -rf '%s'", rig->folder);
	if (system(command) != 0) {
		fail("cannot remove the folder");
	}
}

void rig_set(struct rig *rig, const char *signal, const char *value) {
	const struct bn_identity owner = { .source = BN_IDENTITY_OWNER, .app = BN_NONE };
	struct bn_value parsed = { .kind = BN_VALUE_UNKNOWN };
	char error[BN_ERROR_MAX];
	if ((value != NULL && !bn_value_parse(value, &parsed))
			|| !bn_cockpit_set_signal(bn_server_cockpit(rig->fixture.server), &owner,
					signal, &parsed, error)) {
		fail("a signal is refused");
	}
}

// What the apps draw

static void release(void *data, struct wl_buffer *buffer) {
	bn_test_client_forget(data, buffer);
	wl_buffer_destroy(buffer);
}

static const struct wl_buffer_listener buffer_listener = { .release = release };

static uint32_t strip_pixel(const struct rig *rig, int x, int y) {
	int lx = x - RIG_X, ly = y - RIG_Y;
	if (lx >= 0 && lx < RIG_SIDE && ly >= 0 && ly < RIG_SIDE) {
		return rig_pixel(rig->lamp, lx, ly);
	}
	// The one that nobody checks begins as near as a filter of scaled pixels allows.
	bool beside = lx > RIG_SIDE && lx < 2 * RIG_SIDE && ly >= 0 && ly < RIG_SIDE;
	return beside && rig->blink ? 0x30ff60 : GROUND;
}

void rig_draw(struct rig *rig, enum rig_lamp lamp) {
	struct bn_test_window *window = rig->lamp_window;
	int width = window->width, height = window->height;
	size_t size = (size_t)width * (size_t)height * 4;
	rig->lamp = lamp;
	int fd = memfd_create("binnacle-lamp", MFD_CLOEXEC);
	if (width < 1 || fd < 0 || ftruncate(fd, (off_t)size) != 0) {
		fail("no memory for a buffer");
	}
	uint32_t *pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (int i = 0; i < width * height; i++) {
		pixels[i] = 0xff000000 | strip_pixel(rig, i % width, i / width);
	}
	munmap(pixels, size);
	struct wl_shm_pool *pool = wl_shm_create_pool(window->client->shm, fd, (int32_t)size);
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(pool, 0, width, height, width * 4,
			WL_SHM_FORMAT_XRGB8888);
	wl_buffer_add_listener(buffer, &buffer_listener, window->client);
	bn_test_client_keep(window->client, buffer);
	wl_shm_pool_destroy(pool);
	close(fd);
	bn_kit_commit(window->surface, buffer);
	bn_test_client_roundtrip(window->client);
}

void rig_move(struct rig *rig) {
	rig->tick++;
	bn_test_window_draw(rig->neighbour_window, 0xff000000 | rig->tick * 0x052b11 % 0xffffff);
	bn_test_client_roundtrip(rig->neighbour_client);
	if (rig->tick % 8 == 0 && rig->lamp_client != NULL) {
		rig->blink = !rig->blink;
		rig_draw(rig, rig->lamp);
	}
}

void rig_run(struct rig *rig, int ms, bool moving) {
	while (ms > 0) {
		int step = ms < 50 ? ms : 50;
		if (moving) {
			rig_move(rig);
		}
		bn_server_advance(rig->fixture.server, step * BN_NSEC_PER_MSEC);
		bn_server_dispatch(rig->fixture.server, 0);
		ms -= step;
	}
}

// What is on glass

struct bn_check_item *rig_item(struct rig *rig) {
	return bn_checks_find(bn_server_checks(rig->fixture.server), "lamp");
}

struct bn_output *rig_output(struct rig *rig) {
	return bn_kit_output(&rig->fixture, "cluster");
}

struct bn_output *rig_place(struct rig *rig) {
	size_t zone = bn_check_zone(rig_item(rig));
	const struct bn_cockpit *cockpit = bn_server_cockpit(rig->fixture.server);
	return bn_outputs_find(bn_server_outputs(rig->fixture.server),
			cockpit->scene->zones[zone].display);
}

static bool shows(struct rig *rig, const uint32_t *wanted) {
	const struct bn_rect *at = &rig_item(rig)->box;
	uint32_t *pixels;
	int32_t width, height;
	char error[160];
	if (!bn_output_screenshot(rig_place(rig), &pixels, &width, &height, error, sizeof(error))) {
		fail(error);
	}
	bool same = true;
	for (int i = 0; i < RIG_SIDE * RIG_SIDE; i++) {
		int x = at->x + i % RIG_SIDE, y = at->y + i / RIG_SIDE;
		same = same && bn_kit_same_color(pixels[y * width + x], wanted[i], 4);
	}
	free(pixels);
	return same;
}

bool rig_shows(struct rig *rig, enum rig_lamp lamp) {
	uint32_t wanted[RIG_SIDE * RIG_SIDE];
	for (int i = 0; i < RIG_SIDE * RIG_SIDE; i++) {
		wanted[i] = rig_pixel(lamp, i % RIG_SIDE, i / RIG_SIDE);
	}
	return shows(rig, wanted);
}

bool rig_shows_cover(struct rig *rig) {
	return shows(rig, rig_item(rig)->shown.pixels->data);
}

void rig_corrupt(struct bn_output *output, struct wlr_buffer *buffer, const struct bn_rect *px) {
	const struct wlr_box box = bn_output_map_box(output, px);
	void *data;
	uint32_t format;
	size_t stride;
	if (!wlr_buffer_begin_data_ptr_access(buffer, WLR_BUFFER_DATA_PTR_ACCESS_WRITE, &data,
			    &format, &stride)) {
		fail("the composed buffer has no memory");
	}
	for (int y = box.y; y < box.y + box.height; y++) {
		uint32_t *row = (uint32_t *)((char *)data + (size_t)y * stride);
		for (int x = box.x; x < box.x + box.width; x++) {
			row[x] = (uint32_t)(x * 0x010305 + y * 0x050301) & 0xffffff;
		}
	}
	wlr_buffer_end_data_ptr_access(buffer);
}
