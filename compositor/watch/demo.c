#include "watch/demo.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <wlr/util/log.h>

#include "client.h"
#include "cockpit.h"
#include "core/nsec.h"
#include "core/play.h"
#include "launch.h"
#include "loop.h"
#include "output.h"
#include "server.h"
#include "shell/view.h"
#include "watch/png.h"
#include "watch/sheet.h"

/** Real time that an app has to come up, answer or die: far more than any needs. */
#define PATIENCE_NS (20 * BN_NSEC_PER_SEC)
#define HUNG_MAX 16

struct demo {
	struct bn_server *server;
	const char *folder;
	struct bn_sheet *sheet;
	const char *hung[HUNG_MAX]; // apps that were stopped; of the script
	size_t hung_count;
	int captures;
	bool failed;
};

static int64_t real_now(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return bn_nsec_from_timespec(&now);
}

typedef bool (*condition_t)(struct demo *demo, const void *data);

/** Lets the server work, virtual time standing still, until `condition` holds. */
static bool wait_until(struct demo *demo, condition_t condition, const void *data) {
	int64_t give_up = real_now() + PATIENCE_NS;
	while (!condition(demo, data)) {
		if (real_now() > give_up) {
			return false;
		}
		bn_server_dispatch(demo->server, 20);
	}
	return true;
}

static bool is_hung(const struct demo *demo, const struct bn_client *client) {
	for (size_t i = 0; i < demo->hung_count; i++) {
		if (client->app_name != NULL && strcmp(client->app_name, demo->hung[i]) == 0) {
			return true;
		}
	}
	return false;
}

static void ping_all(struct demo *demo) {
	struct bn_view *view;
	wl_list_for_each(view, &bn_server_shell(demo->server)->views, link) {
		if (!is_hung(demo, view->client)) {
			view->impl->ping(view);
		}
	}
}

static bool all_answered(struct demo *demo, const void *data) {
	struct bn_view *view;
	wl_list_for_each(view, &bn_server_shell(demo->server)->views, link) {
		if (!is_hung(demo, view->client) && view->impl->ping_pending(view)) {
			return false;
		}
	}
	return true;
}

static bool has_window(struct demo *demo, const void *data) {
	const char *app = data;
	struct bn_view *view;
	wl_list_for_each(view, &bn_server_shell(demo->server)->views, link) {
		if (view->mapped && view->client->app_name != NULL
				&& strcmp(view->client->app_name, app) == 0) {
			return true;
		}
	}
	return false;
}

/** Every app that runs has its window: one that was just started again is waited for. */
static bool all_have_windows(struct demo *demo, const void *data) {
	struct bn_process *process;
	wl_list_for_each(process, &bn_server_launcher(demo->server)->processes, link) {
		if (process->state == BN_PROCESS_RUNNING && !has_window(demo, process->name)) {
			return false;
		}
	}
	return true;
}

/**
 * Until every app has done what it had to do. The answer to a ping is sent before what an app draws after its
 * events, but the answer to a second one, which it reads later, comes after that.
 */
static bool settle(struct demo *demo) {
	if (!wait_until(demo, all_have_windows, NULL)) {
		fprintf(stderr, "demo: an app that runs does not show a window\n");
		return false;
	}
	for (int i = 0; i < 2; i++) {
		ping_all(demo);
		if (!wait_until(demo, all_answered, NULL)) {
			fprintf(stderr, "demo: an app does not answer\n");
			return false;
		}
	}
	return true;
}

/** Moves virtual time, from timer to timer, with everybody settled before each. */
static bool move_to(struct demo *demo, int64_t until) {
	struct bn_loop *loop = bn_server_loop(demo->server);
	do {
		bn_loop_step(loop, until);
		if (!settle(demo)) {
			return false;
		}
	} while (bn_loop_now(loop) < until);
	return true;
}

// Steps

static void complain(struct demo *demo, const struct bn_play_step *step, const char *what) {
	fprintf(stderr, "demo: %s:%d: %s\n", step->mark.file != NULL ? step->mark.file : "script",
			step->mark.line, what);
	demo->failed = true;
}

static void do_set(struct demo *demo, const struct bn_play_step *step) {
	const struct bn_identity owner = { .source = BN_IDENTITY_OWNER, .app = BN_NONE };
	char error[BN_ERROR_MAX];
	if (!bn_cockpit_set_signal(bn_server_cockpit(demo->server), &owner, step->name,
			    &step->value, error)) {
		complain(demo, step, error);
	}
}

static void do_theme(struct demo *demo, const struct bn_play_step *step) {
	char error[BN_ERROR_MAX];
	if (!bn_cockpit_set_theme(bn_server_cockpit(demo->server), step->name, error)) {
		complain(demo, step, error);
	}
}

static void do_profile(struct demo *demo, const struct bn_play_step *step) {
	if (!bn_cockpit_set_profile(bn_server_cockpit(demo->server), step->name)) {
		complain(demo, step, "the profile is refused");
	}
}

static void do_show(struct demo *demo, const struct bn_play_step *step) {
	char error[BN_ERROR_MAX];
	if (!bn_cockpit_show(bn_server_cockpit(demo->server), step->name, step->zone, error)) {
		complain(demo, step, error);
	}
}

static void do_hide(struct demo *demo, const struct bn_play_step *step) {
	char error[BN_ERROR_MAX];
	if (!bn_cockpit_hide(bn_server_cockpit(demo->server), step->name, error)) {
		complain(demo, step, error);
	}
}

static struct bn_process *running(struct demo *demo, const struct bn_play_step *step) {
	struct bn_process *process = bn_launcher_find(bn_server_launcher(demo->server), step->name);
	if (process == NULL || process->state != BN_PROCESS_RUNNING) {
		complain(demo, step, "the app does not run");
		return NULL;
	}
	return process;
}

static bool has_ended(struct demo *demo, const void *data) {
	const struct bn_process *process = data;
	return process->state != BN_PROCESS_RUNNING;
}

static void do_kill(struct demo *demo, const struct bn_play_step *step) {
	const struct bn_process *process = running(demo, step);
	if (process != NULL
			&& (kill(process->pid, SIGKILL) != 0
					|| !wait_until(demo, has_ended, process))) {
		complain(demo, step, "the app does not die");
	}
}

static void do_hang(struct demo *demo, const struct bn_play_step *step) {
	const struct bn_process *process = running(demo, step);
	if (process != NULL && demo->hung_count < HUNG_MAX && kill(process->pid, SIGSTOP) == 0) {
		demo->hung[demo->hung_count++] = step->name;
	}
}

static void do_resume(struct demo *demo, const struct bn_play_step *step) {
	const struct bn_process *process = running(demo, step);
	if (process == NULL || kill(process->pid, SIGCONT) != 0) {
		return;
	}
	size_t kept = 0;
	for (size_t i = 0; i < demo->hung_count; i++) {
		if (strcmp(demo->hung[i], step->name) != 0) {
			demo->hung[kept++] = demo->hung[i];
		}
	}
	demo->hung_count = kept;
}

static void capture_display(struct demo *demo, const struct bn_play_step *step, size_t display) {
	struct bn_output *output = bn_outputs_find(bn_server_outputs(demo->server), display);
	const char *name = bn_server_cockpit(demo->server)->layout->displays[display].name;
	uint32_t *pixels;
	int32_t width, height;
	char text[512];
	if (output == NULL
			|| !bn_output_screenshot(output, &pixels, &width, &height, text,
					sizeof(text))) {
		complain(demo, step, output != NULL ? text : "a display is missing");
		return;
	}
	snprintf(text, sizeof(text), "%s/%02d-%s-%s.png", demo->folder, demo->captures, step->name,
			name);
	if (!bn_png_write(text, pixels, width, height)) {
		complain(demo, step, strerror(errno));
	}
	bn_sheet_add(demo->sheet, step->name, name, pixels, width, height);
	free(pixels);
}

static void do_capture(struct demo *demo, const struct bn_play_step *step) {
	demo->captures++;
	fprintf(stderr, "demo: %4.1f s  %s\n", (double)step->at_ns / 1e9, step->name);
	for (size_t i = 0; i < bn_server_cockpit(demo->server)->layout->display_count; i++) {
		capture_display(demo, step, i);
	}
}

static void (*const actions[])(struct demo *demo, const struct bn_play_step *step) = {
	[BN_PLAY_SET] = do_set,
	[BN_PLAY_THEME] = do_theme,
	[BN_PLAY_PROFILE] = do_profile,
	[BN_PLAY_SHOW] = do_show,
	[BN_PLAY_HIDE] = do_hide,
	[BN_PLAY_KILL] = do_kill,
	[BN_PLAY_HANG] = do_hang,
	[BN_PLAY_RESUME] = do_resume,
	[BN_PLAY_CAPTURE] = do_capture,
};

/** One app after the other, so that they come in the same order every time. */
static bool boot(struct demo *demo) {
	const struct bn_layout *layout = bn_server_cockpit(demo->server)->layout;
	for (size_t i = 0; i < layout->app_count; i++) {
		const struct bn_app *app = &layout->apps[i];
		char error[BN_ERROR_MAX];
		if (app->start != BN_START_BOOT || app->exec == NULL) {
			continue;
		}
		if (!bn_launcher_start(bn_server_launcher(demo->server), i, error, sizeof(error))) {
			fprintf(stderr, "demo: %s\n", error);
			return false;
		}
		if (!wait_until(demo, has_window, app->name)) {
			fprintf(stderr, "demo: app %s does not show a window\n", app->name);
			return false;
		}
	}
	return settle(demo);
}

static bool drive(struct demo *demo, const struct bn_play *play) {
	if (!boot(demo)) {
		return false;
	}
	int64_t start = bn_loop_now(bn_server_loop(demo->server));
	for (size_t i = 0; i < play->count; i++) {
		const struct bn_play_step *step = &play->steps[i];
		if (!move_to(demo, start + step->at_ns)) {
			return false;
		}
		actions[step->kind](demo, step);
	}
	return move_to(demo, start + play->end_ns) && !demo->failed;
}

static struct bn_play *load_script(const char *script) {
	struct bn_diag_list faults;
	bn_diag_list_init(&faults);
	struct bn_play *play = bn_play_load(script, &faults);
	for (size_t i = 0; i < faults.count; i++) {
		char *line = bn_diag_format(&faults.items[i]);
		fprintf(stderr, "demo: %s\n", line != NULL ? line : "out of memory");
		free(line);
	}
	bn_diag_list_finish(&faults);
	return play;
}

bool bn_demo_run(struct bn_server *server, const char *script, const char *folder) {
	if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
		fprintf(stderr, "demo: folder %s cannot be made: %s\n", folder, strerror(errno));
		return false;
	}
	struct bn_play *play = load_script(script);
	struct demo demo = {
		.server = server, .folder = folder, .sheet = bn_sheet_create(bn_server_text(server))
	};
	bool done = play != NULL && demo.sheet != NULL && drive(&demo, play);
	char path[512];
	snprintf(path, sizeof(path), "%s/contact-sheet.png", folder);
	if (done && !bn_sheet_write(demo.sheet, path)) {
		fprintf(stderr, "demo: %s: %s\n", path, strerror(errno));
		done = false;
	}
	bn_sheet_destroy(demo.sheet);
	bn_play_destroy(play);
	return done;
}
