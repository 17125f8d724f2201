#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "binnaclectl.h"
#include "core/nsec.h"
#include "core/play.h"

static enum ctl_status play_set(struct ctl *ctl, const struct bn_play_step *step) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_SET);
	yyjson_mut_obj_add_str(message.doc, message.root, "signal", step->name);
	yyjson_mut_obj_add_val(message.doc, message.root, "value",
			bn_ipc_value(message.doc, &step->value));
	return ctl_command(ctl, &message);
}

/** Theme or profile: a name, or null. */
static enum ctl_status play_choice(struct ctl *ctl, const struct bn_play_step *step,
		enum bn_verb verb) {
	struct bn_ipc_message message = ctl_request_begin(ctl, verb);
	if (step->name != NULL) {
		yyjson_mut_obj_add_str(message.doc, message.root, "name", step->name);
	}
	return ctl_command(ctl, &message);
}

static enum ctl_status play_show(struct ctl *ctl, const struct bn_play_step *step) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_SHOW);
	yyjson_mut_obj_add_str(message.doc, message.root, "app", step->name);
	if (step->zone != NULL) {
		yyjson_mut_obj_add_str(message.doc, message.root, "zone", step->zone);
	}
	return ctl_command(ctl, &message);
}

static enum ctl_status play_hide(struct ctl *ctl, const struct bn_play_step *step) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_HIDE);
	yyjson_mut_obj_add_str(message.doc, message.root, "name", step->name);
	return ctl_command(ctl, &message);
}

/** `get WHAT` for its list. The reply is the caller's to finish in each case. */
static enum ctl_status get_list(struct ctl *ctl, const char *what, struct ctl_reply *reply,
		yyjson_arr_iter *ret_list) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_GET);
	yyjson_mut_obj_add_str(message.doc, message.root, "what", what);
	enum ctl_status status = ctl_request(ctl, &message, reply);
	*ret_list = yyjson_arr_iter_with(yyjson_obj_get(reply->root, what));
	return status;
}

/** A crash is made outside the compositor, which must see it as any other. */
static enum ctl_status play_signal(struct ctl *ctl, const struct bn_play_step *step, int number) {
	struct ctl_reply reply;
	yyjson_arr_iter apps;
	enum ctl_status status = get_list(ctl, "apps", &reply, &apps);
	long long pid = 0;
	for (yyjson_val *app; (app = yyjson_arr_iter_next(&apps)) != NULL;) {
		if (strcmp(ctl_string(app, "name"), step->name) == 0) {
			pid = ctl_integer(app, "pid");
		}
	}
	ctl_reply_finish(&reply);
	if (status == CTL_DONE && (pid <= 1 || kill((pid_t)pid, number) != 0)) {
		ctl_complain("app '%s' has no process to signal", step->name);
		status = CTL_FAILED;
	}
	return status;
}

/** NAME-DISPLAY.png for each display that is connected, in the current directory. */
static enum ctl_status play_capture(struct ctl *ctl, const struct bn_play_step *step) {
	struct ctl_reply reply;
	yyjson_arr_iter displays;
	enum ctl_status status = get_list(ctl, "displays", &reply, &displays);
	yyjson_val *display;
	while (status == CTL_DONE && (display = yyjson_arr_iter_next(&displays)) != NULL) {
		char *path = NULL;
		const char *name = ctl_string(display, "name");
		if (!yyjson_get_bool(yyjson_obj_get(display, "connected"))) {
			continue;
		}
		if (asprintf(&path, "%s-%s.png", step->name, name) < 0) {
			status = CTL_FAILED;
			break;
		}
		status = ctl_take_screenshot(ctl, name, path);
		free(path);
	}
	ctl_reply_finish(&reply);
	return status;
}

static enum ctl_status play_step(struct ctl *ctl, const struct bn_play_step *step) {
	switch (step->kind) {
	case BN_PLAY_SET:
		return play_set(ctl, step);
	case BN_PLAY_THEME:
		return play_choice(ctl, step, BN_VERB_THEME);
	case BN_PLAY_PROFILE:
		return play_choice(ctl, step, BN_VERB_PROFILE);
	case BN_PLAY_SHOW:
		return play_show(ctl, step);
	case BN_PLAY_HIDE:
		return play_hide(ctl, step);
	case BN_PLAY_KILL:
		return play_signal(ctl, step, SIGKILL);
	case BN_PLAY_HANG:
		return play_signal(ctl, step, SIGSTOP);
	case BN_PLAY_RESUME:
		return play_signal(ctl, step, SIGCONT);
	case BN_PLAY_CAPTURE:
		return play_capture(ctl, step);
	}
	return CTL_FAILED;
}

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return bn_nsec_from_timespec(&now);
}

static void wait_until(int64_t at_ns) {
	struct timespec at = bn_nsec_to_timespec(at_ns);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
	}
}

static void show_progress(const struct ctl *ctl, const struct bn_play *play, int64_t at_ns) {
	if (!ctl->json && isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r%6.1f s of %.1f s ", (double)at_ns / 1e9,
				(double)play->end_ns / 1e9);
	}
}

/** A step that fails is told with its line; the drive goes on unless nobody listens any more. */
static enum ctl_status run(struct ctl *ctl, const struct bn_play *play) {
	enum ctl_status worst = CTL_DONE;
	int64_t start_ns = now_ns();
	for (size_t i = 0; i < play->count; i++) {
		const struct bn_play_step *step = &play->steps[i];
		wait_until(start_ns + step->at_ns);
		show_progress(ctl, play, step->at_ns);
		enum ctl_status status = play_step(ctl, step);
		if (status == CTL_DONE) {
			continue;
		}
		ctl_complain("%s:%d: this step was not done",
				step->mark.file != NULL ? step->mark.file : "script",
				step->mark.line);
		worst = worst == CTL_DONE ? status : worst;
		if (status == CTL_NO_SERVER || status == CTL_DENIED) {
			return status;
		}
	}
	wait_until(start_ns + play->end_ns);
	show_progress(ctl, play, play->end_ns);
	return worst;
}

enum ctl_status ctl_play(struct ctl *ctl, int argc, char **argv) {
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	struct bn_play *play = bn_play_load(argv[1], &diags);
	ctl_print_diags(&diags);
	bn_diag_list_finish(&diags);
	if (play == NULL) {
		return CTL_FAILED;
	}
	// Before the clock starts: waiting for a compositor must not shorten the first steps.
	enum ctl_status status = ctl_connect(ctl);
	if (status == CTL_DONE) {
		status = run(ctl, play);
		if (!ctl->json && isatty(STDERR_FILENO)) {
			fputc('\n', stderr);
		}
	}
	bn_play_destroy(play);
	return status;
}
