#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "binnaclectl.h"
#include "core/chrome.h"
#include "core/journal.h"
#include "core/sink.h"

#define SECONDS_MAX 30 // what the compositor remembers

/** "10s", "250ms" or "10". */
static bool parse_duration(const char *text, double *ret_seconds) {
	char *unit;
	errno = 0;
	double number = strtod(text, &unit);
	double scale = strcmp(unit, "ms") == 0                    ? 1e-3
			: strcmp(unit, "s") == 0 || *unit == '\0' ? 1
								  : 0;
	if (errno != 0 || unit == text || scale == 0 || !(number > 0)
			|| !(number * scale <= SECONDS_MAX)) {
		return false;
	}
	*ret_seconds = number * scale;
	return true;
}

/** Until the time is over, or somebody presses Ctrl-C: then what there is by now is wanted. */
static void wait_for(double seconds) {
	sigset_t stop, before;
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	const struct timespec duration = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)(fmod(seconds, 1) * 1e9),
	};
	// Blocked all along, so that one that comes before the wait ends it too.
	sigprocmask(SIG_BLOCK, &stop, &before);
	sigtimedwait(&stop, NULL, &duration);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static bool file_write(void *data, const char *text, size_t length) {
	return fwrite(text, 1, length, data) == length;
}

static enum ctl_status format(FILE *file, const void *image, size_t size, int64_t since_ns,
		const char *path) {
	struct bn_journal_view view;
	if (!bn_journal_view(image, size, &view)) {
		ctl_complain("the compositor is of another version than this binnaclectl");
		return CTL_FAILED;
	}
	struct bn_sink sink = { .write = file_write, .data = file };
	if (!bn_chrome_write(&view, since_ns, &sink) || fflush(file) != 0) {
		ctl_complain("%s: cannot be written: %s", path,
				sink.failed ? strerror(errno) : "out of memory");
		return CTL_FAILED;
	}
	return CTL_DONE;
}

/** Fetches what happened since then and writes it. */
static enum ctl_status fetch(struct ctl *ctl, int64_t since_ns, FILE *file, const char *path) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_JOURNAL);
	yyjson_mut_obj_add_int(message.doc, message.root, "since_ns", since_ns);
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	struct stat info = { 0 };
	void *image = MAP_FAILED;
	if (status == CTL_DONE && reply.fd >= 0 && fstat(reply.fd, &info) == 0
			&& info.st_size > 0) {
		image = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, reply.fd, 0);
	}
	if (status == CTL_DONE && image == MAP_FAILED) {
		ctl_complain("the compositor sent no journal");
		status = CTL_FAILED;
	}
	if (status == CTL_DONE) {
		status = format(file, image, (size_t)info.st_size, since_ns, path);
	}
	if (image != MAP_FAILED) {
		munmap(image, (size_t)info.st_size);
	}
	ctl_reply_finish(&reply);
	return status;
}

/** Opened before anything is waited for: what is wrong with it is told at once. */
static FILE *open_file(const char *path) {
	FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	if (file == NULL) {
		ctl_complain("%s: %s", path, strerror(errno));
	}
	return file;
}

static enum ctl_status close_file(FILE *file, const char *path, enum ctl_status status) {
	if (file == stdout) {
		return status;
	}
	if (fclose(file) != 0 && status == CTL_DONE) {
		ctl_complain("%s: cannot be written: %s", path, strerror(errno));
		status = CTL_FAILED;
	}
	struct stat info;
	if (status != CTL_DONE && stat(path, &info) == 0 && S_ISREG(info.st_mode)) {
		unlink(path);
	}
	return status;
}

static enum ctl_status ask_time(struct ctl *ctl, int64_t *ret_now_ns) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_JOURNAL);
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	*ret_now_ns = ctl_integer(reply.root, "now_ns");
	ctl_reply_finish(&reply);
	return status;
}

enum ctl_status ctl_trace(struct ctl *ctl, int argc, char **argv) {
	double seconds;
	if (!parse_duration(argv[1], &seconds)) {
		ctl_complain("'%s' is no duration: say 10s or 500ms, at most %d s", argv[1],
				SECONDS_MAX);
		return CTL_USAGE;
	}
	FILE *file = open_file(argv[2]);
	if (file == NULL) {
		return CTL_FAILED;
	}
	int64_t since_ns;
	enum ctl_status status = ask_time(ctl, &since_ns);
	if (status == CTL_DONE) {
		fprintf(stderr, "tracing for %g s; Ctrl-C ends it earlier\n", seconds);
		wait_for(seconds);
		status = fetch(ctl, since_ns, file, argv[2]);
	}
	return close_file(file, argv[2], status);
}

enum ctl_status ctl_recorder(struct ctl *ctl, int argc, char **argv) {
	if (strcmp(argv[1], "dump") != 0) {
		ctl_complain("recorder takes dump, not '%s'", argv[1]);
		return CTL_USAGE;
	}
	FILE *file = open_file(argv[2]);
	if (file == NULL) {
		return CTL_FAILED;
	}
	return close_file(file, argv[2], fetch(ctl, 0, file, argv[2]));
}
