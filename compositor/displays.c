#include "displays.h"

#include <errno.h>
#include <string.h>
#include <wayland-server-core.h>
#include <wlr/backend.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/session.h>
#include <wlr/backend/wayland.h>
#include <wlr/backend/x11.h>
#include <wlr/types/wlr_input_device.h>
#include <wlr/types/wlr_output.h>

#include "backend.h"
#include "input/devices.h"
#include "loop.h"

#define OUTPUTS_MAX 16
#define TOUCH_MAX 16

/** A back end that only reports. */
struct survey {
	struct wl_display *display;
	struct wlr_session *session;
	struct wlr_backend *backend;
	struct wlr_output *outputs[OUTPUTS_MAX]; // borrowed until the back end goes
	size_t output_count;
	struct bn_touch_keys touches[TOUCH_MAX];
	size_t touch_count;

	struct wl_listener new_output, new_input;
};

static void handle_new_output(struct wl_listener *listener, void *data) {
	struct survey *survey = wl_container_of(listener, survey, new_output);
	struct wlr_output *output = data;
	if (survey->output_count < OUTPUTS_MAX && !output->non_desktop) {
		survey->outputs[survey->output_count++] = output;
	}
}

static void handle_new_input(struct wl_listener *listener, void *data) {
	struct survey *survey = wl_container_of(listener, survey, new_input);
	struct wlr_input_device *device = data;
	if (device->type == WLR_INPUT_DEVICE_TOUCH && survey->touch_count < TOUCH_MAX) {
		bn_devices_read_keys(&survey->touches[survey->touch_count++], device);
	}
}

/** A desktop or no display at all shows one window-sized output, as the cockpit would make. */
static void add_window(struct survey *survey) {
	if (wlr_backend_is_headless(survey->backend)) {
		wlr_headless_add_output(survey->backend, 1920, 1080);
	} else if (wlr_backend_is_wl(survey->backend)) {
		wlr_wl_output_create(survey->backend);
	} else if (wlr_backend_is_x11(survey->backend)) {
		wlr_x11_output_create(survey->backend);
	}
}

static void survey_finish(struct survey *survey) {
	if (survey->backend != NULL) {
		bn_unlisten(&survey->new_output);
		bn_unlisten(&survey->new_input);
		wlr_backend_destroy(survey->backend);
	}
	if (survey->session != NULL) {
		wlr_session_destroy(survey->session);
	}
	if (survey->display != NULL) {
		wl_display_destroy(survey->display);
	}
}

static bool survey_start(struct survey *survey, enum bn_backend_kind kind,
		char error[BN_SERVER_ERROR_MAX]) {
	*survey = (struct survey){ .display = wl_display_create() };
	if (survey->display == NULL) {
		snprintf(error, BN_SERVER_ERROR_MAX, "out of memory");
		return false;
	}
	struct wl_event_loop *loop = wl_display_get_event_loop(survey->display);
	survey->backend = bn_backend_create(loop, kind, NULL, &survey->session, error);
	if (survey->backend == NULL) {
		return false;
	}
	bn_listen(&survey->backend->events.new_output, &survey->new_output, handle_new_output);
	bn_listen(&survey->backend->events.new_input, &survey->new_input, handle_new_input);
	if (!wlr_backend_start(survey->backend)) {
		snprintf(error, BN_SERVER_ERROR_MAX,
				"the back end cannot be started; the log says why");
		return false;
	}
	add_window(survey);
	// Devices that are there are reported by the start itself or by the events it left behind.
	wl_event_loop_dispatch(loop, 0);
	return true;
}

static void print_key(FILE *out, const char *key, const char *value) {
	if (value != NULL && value[0] != '\0') {
		fprintf(out, "  %-10s \"%s\"\n", key, value);
	}
}

static void print_output(FILE *out, const struct wlr_output *output) {
	fprintf(out, "display\n");
	print_key(out, "connector:", output->name);
	print_key(out, "make:", output->make);
	print_key(out, "model:", output->model);
	print_key(out, "serial:", output->serial);
	if (output->phys_width > 0) {
		fprintf(out, "  %-10s [%d, %d]\n", "size-mm:", output->phys_width,
				output->phys_height);
	}
	const struct wlr_output_mode *mode;
	wl_list_for_each(mode, &output->modes, link) {
		fprintf(out, "  %-10s %dx%d@%g%s\n", "mode:", mode->width, mode->height,
				(double)mode->refresh / 1000,
				mode->preferred ? "   # preferred" : "");
	}
	if (wl_list_empty(&output->modes)) {
		fprintf(out, "  %-10s any   # a window, or no display at all\n", "mode:");
	}
}

static void print_touch(FILE *out, const struct bn_touch_keys *keys) {
	fprintf(out, "touch\n");
	print_key(out, "name:", keys->name);
	for (size_t i = 0; i < BN_TOUCH_SERIALS; i++) {
		print_key(out, "serial:", keys->serials[i]);
	}
	for (size_t i = 0; i < BN_TOUCH_PATHS; i++) {
		print_key(out, "path:", keys->paths[i]);
	}
}

bool bn_displays_list(enum bn_backend_kind kind, FILE *out, char error[BN_SERVER_ERROR_MAX]) {
	struct survey survey;
	bool started = survey_start(&survey, kind, error);
	for (size_t i = 0; started && i < survey.output_count; i++) {
		print_output(out, survey.outputs[i]);
	}
	for (size_t i = 0; started && i < survey.touch_count; i++) {
		print_touch(out, &survey.touches[i]);
	}
	if (started && survey.output_count == 0) {
		fprintf(out, "no display is connected\n");
	}
	survey_finish(&survey);
	return started;
}

static void choose_mode(const struct wlr_output *output, int *ret_width, int *ret_height,
		double *ret_hz) {
	struct wlr_output_mode *mode = wlr_output_preferred_mode((struct wlr_output *)output);
	*ret_width = mode != NULL ? mode->width : output->width > 0 ? output->width : 1920;
	*ret_height = mode != NULL ? mode->height : output->height > 0 ? output->height : 1080;
	*ret_hz = mode != NULL && mode->refresh > 0 ? (double)mode->refresh / 1000 : 60;
}

static void write_display(FILE *out, const struct wlr_output *output, size_t number) {
	int width, height;
	double hz;
	choose_mode(output, &width, &height, &hz);
	fprintf(out, "  display-%zu:\n    match: [{ connector: \"%s\"", number, output->name);
	// The EDID tells equal connectors of two cars apart; the connector is the fallback.
	if (output->serial != NULL && output->make != NULL) {
		fprintf(out, " }, { make: \"%s\", serial: \"%s\"", output->make, output->serial);
	}
	fprintf(out, " }]\n    mode: %dx%d@%g\n", width, height, hz);
	if (output->phys_width > 0 && output->phys_height > 0) {
		fprintf(out, "    size-mm: [%d, %d]\n", output->phys_width, output->phys_height);
	}
}

static void write_touches(FILE *out, const struct survey *survey) {
	for (size_t i = 0; i < survey->touch_count; i++) {
		const struct bn_touch_keys *keys = &survey->touches[i];
		bool by_path = keys->paths[0][0] != '\0';
		fprintf(out, "%s{ %s: \"%s\" }", i > 0 ? ", " : "", by_path ? "path" : "name",
				by_path ? keys->paths[0] : keys->name);
	}
}

static void write_layout(FILE *out, const struct survey *survey) {
	fprintf(out,
			"# A starter layout for what is connected to this machine; see "
			"binnacle-layout(5).\n"
			"binnacle: 1\n\ndisplays:\n");
	for (size_t i = 0; i < survey->output_count; i++) {
		write_display(out, survey->outputs[i], i + 1);
	}
	fprintf(out, "\noccupants:\n  driver:\n    displays: [");
	for (size_t i = 0; i < survey->output_count; i++) {
		fprintf(out, "%sdisplay-%zu", i > 0 ? ", " : "", i + 1);
	}
	fprintf(out, "]\n");
	if (survey->touch_count > 0) {
		fprintf(out, "    touch: [");
		write_touches(out, survey);
		fprintf(out, "] # give each display's touchscreen to its occupant\n");
	}
	fprintf(out, "\nzones:\n");
	for (size_t i = 0; i < survey->output_count; i++) {
		fprintf(out,
				"  zone-%zu: { display: display-%zu, rect: full, layer: app, "
				"grant: [\"*\"], "
				"empty: builtin:clock }\n",
				i + 1, i + 1);
	}
}

bool bn_displays_init(enum bn_backend_kind kind, const char *path,
		char error[BN_SERVER_ERROR_MAX]) {
	struct survey survey;
	bool done = survey_start(&survey, kind, error);
	if (done && survey.output_count == 0) {
		snprintf(error, BN_SERVER_ERROR_MAX,
				"no display is connected, so there is nothing to write");
		done = false;
	}
	FILE *file = done ? fopen(path, "wxe") : NULL;
	if (done && file == NULL) {
		snprintf(error, BN_SERVER_ERROR_MAX, "%s cannot be written: %s", path,
				errno == EEXIST ? "it exists already, and is left as it is"
						: strerror(errno));
		done = false;
	}
	if (file != NULL) {
		write_layout(file, &survey);
		if (fclose(file) != 0) {
			snprintf(error, BN_SERVER_ERROR_MAX, "%s cannot be written: %s", path,
					strerror(errno));
			done = false;
		}
	}
	survey_finish(&survey);
	return done;
}
