#include "watch/recorder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "core/chrome.h"
#include "core/journal.h"
#include "core/sink.h"
#include "output.h"
#include "watch/record.h"

#define PREFIX "miss-"
#define SUFFIX ".json"
#define PART ".part" // until it is whole
#define WORKER_STACK (256 * 1024)
#define BUFFER_SIZE (64 * 1024)
#define WORKER_NICE 10

/**
 * All that the worker knows. Between `ready` and `go` it belongs to the loop, which
 * fills the image and names the file; before and after to the worker.
 */
struct bn_recorder_job {
	pthread_t thread;
	atomic_bool ready;
	sem_t go;
	bool cancelled; // there is nothing to write
	void *image;    // owned; mmapped by the worker, NULL: it could not
	size_t room, size;
	int64_t since_ns;
	char folder[PATH_MAX], path[PATH_MAX + 128];
	int done_fd; // borrowed
	int error;   // errno, 0: written
};

// The worker

struct file {
	int fd;
	int error;
	size_t used;
	char buffer[BUFFER_SIZE];
};

static bool flush(struct file *file) {
	size_t done = 0;
	while (done < file->used) {
		ssize_t written = write(file->fd, file->buffer + done, file->used - done);
		if (written < 0 && errno != EINTR) {
			file->error = errno;
			return false;
		}
		done += written > 0 ? (size_t)written : 0;
	}
	file->used = 0;
	return true;
}

static bool file_write(void *data, const char *text, size_t length) {
	struct file *file = data;
	if (file->used + length > BUFFER_SIZE && !flush(file)) {
		return false;
	}
	memcpy(file->buffer + file->used, text, length);
	file->used += length;
	return true;
}

/** Makes the folder and those above it; what stands in the way shows when the file is opened. */
static void make_folder(const char *folder) {
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s", folder);
	for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	mkdir(path, 0700);
}

static int write_file(const struct bn_recorder_job *job, const struct bn_journal_view *view) {
	struct file *file = calloc(1, sizeof(*file));
	if (file == NULL) {
		return ENOMEM;
	}
	char part[sizeof(job->path) + sizeof(PART)];
	snprintf(part, sizeof(part), "%s" PART, job->path);
	file->fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file->fd < 0) {
		int error = errno;
		free(file);
		return error;
	}
	struct bn_sink sink = { .write = file_write, .data = file };
	bool done = bn_chrome_write(view, job->since_ns, &sink) && flush(file);
	int error = done ? 0 : file->error != 0 ? file->error : ENOMEM;
	if (close(file->fd) != 0 && done) {
		error = errno;
	}
	if (error == 0 && rename(part, job->path) != 0) {
		error = errno;
	}
	if (error != 0) {
		unlink(part);
	}
	free(file);
	return error;
}

static int is_ours(const struct dirent *entry) {
	size_t length = strlen(entry->d_name), tail = strlen(SUFFIX);
	return strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 && length > tail
			&& strcmp(entry->d_name + length - tail, SUFFIX) == 0;
}

/** Names begin with the time: the first are the oldest. */
static void remove_old(const char *folder) {
	struct dirent **entries;
	int count = scandir(folder, &entries, is_ours, alphasort);
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX + 300];
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (i < count - BN_RECORDER_KEEP) {
			unlink(path);
		}
		free(entries[i]);
	}
	if (count >= 0) {
		free(entries);
	}
}

static void save(struct bn_recorder_job *job) {
	struct bn_journal_view view;
	make_folder(job->folder);
	job->error = bn_journal_view(job->image, job->size, &view) ? write_file(job, &view)
								   : EINVAL;
	if (job->error == 0) {
		remove_old(job->folder);
	}
}

static void *work(void *data) {
	struct bn_recorder_job *job = data;
	setpriority(PRIO_PROCESS, 0, WORKER_NICE); // on Linux of this thread alone
	// Fresh pages take longer to come than to be filled: they are not the loop's to wait for.
	void *image = mmap(NULL, job->room, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	job->image = image != MAP_FAILED ? image : NULL;
	atomic_store(&job->ready, true);
	while (sem_wait(&job->go) != 0) {
		// EINTR: a debugger or a stopped process.
	}
	if (!job->cancelled && job->image != NULL) {
		save(job);
	}
	const uint64_t one = 1;
	ssize_t told = write(job->done_fd, &one, sizeof(one));
	(void)told; // an eventfd that counts to one always takes it
	return NULL;
}

// The loop

static void destroy_job(struct bn_recorder_job *job) {
	if (job->image != NULL) {
		munmap(job->image, job->room);
	}
	sem_destroy(&job->go);
	free(job);
}

static void name_file(const struct bn_recorder *recorder, struct bn_recorder_job *job,
		time_t wall) {
	struct tm tm;
	char stamp[32], name[sizeof(recorder->name)];
	gmtime_r(&wall, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(name, sizeof(name), "%s", recorder->name);
	for (char *at = name; *at != '\0'; at++) {
		*at = *at == '/' || *at == ' ' ? '-' : *at;
	}
	snprintf(job->folder, sizeof(job->folder), "%s", recorder->folder);
	snprintf(job->path, sizeof(job->path), "%s/" PREFIX "%s-%s" SUFFIX, job->folder, stamp,
			name);
}

/** 0, or what pthread_create says. */
static int create_thread(struct bn_recorder_job *job) {
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, WORKER_STACK);
	// The loop's signals are the loop's; a file size limit comes as an error, not as SIGXFSZ.
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&job->thread, &attributes, work, job);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

static void warn(struct bn_recorder *recorder, const char *path, int error) {
	recorder->failed++;
	if (!recorder->warned) {
		wlr_log(WLR_ERROR, "recorder: %s cannot be written: %s; misses are not saved", path,
				strerror(error));
	}
	recorder->warned = true;
}

static void start_worker(struct bn_recorder *recorder) {
	struct bn_recorder_job *job = calloc(1, sizeof(*job));
	if (job == NULL) {
		warn(recorder, recorder->folder, ENOMEM);
		return;
	}
	job->room = bn_journal_image_max(&recorder->record->journal);
	job->done_fd = recorder->done_fd;
	atomic_init(&job->ready, false);
	sem_init(&job->go, 0, 0);
	int error = create_thread(job);
	if (error != 0) {
		warn(recorder, recorder->folder, error);
		destroy_job(job);
		return;
	}
	recorder->job = job;
}

/** The copy; from here on it is the worker's. */
static void hand_over(struct bn_recorder *recorder, int64_t now_ns) {
	struct bn_recorder_job *job = recorder->job;
	const struct bn_journal *journal = &recorder->record->journal;
	struct timespec wall;
	clock_gettime(CLOCK_REALTIME, &wall);
	name_file(recorder, job, wall.tv_sec);
	job->error = ENOMEM;
	if (job->image != NULL) {
		job->since_ns = now_ns - BN_RECORDER_BEFORE_NS - BN_RECORDER_AFTER_NS;
		job->size = bn_journal_image_size(journal, job->since_ns);
		bn_journal_image_fill(journal, job->since_ns, now_ns, bn_nsec_from_timespec(&wall),
				job->image);
	}
	recorder->saved_ns = now_ns;
	sem_post(&job->go);
}

static void handle_timer(struct bn_timer *timer, int64_t now_ns) {
	struct bn_recorder *recorder = wl_container_of(timer, recorder, timer);
	if (recorder->job == NULL) {
		start_worker(recorder);
	} else if (atomic_load(&recorder->job->ready)) {
		hand_over(recorder, now_ns);
		return;
	}
	if (recorder->job != NULL) {
		bn_timer_arm(timer, now_ns + BN_RECORDER_READY_NS);
	}
}

static void handle_missed(struct wl_listener *listener, void *data) {
	struct bn_recorder *recorder = wl_container_of(listener, recorder, missed);
	const struct bn_record_miss *miss = data;
	int64_t now = bn_loop_now(recorder->loop);
	bool is_soon = recorder->saved_ns > 0 && now - recorder->saved_ns < BN_RECORDER_EVERY_NS;
	bool is_wanted = miss->safety || recorder->misses == BN_RECORDER_ANY;
	if (!is_wanted || is_soon || recorder->job != NULL || bn_timer_is_armed(&recorder->timer)) {
		return;
	}
	snprintf(recorder->name, sizeof(recorder->name), "%.40s", miss->name);
	bn_timer_arm(&recorder->timer, now + BN_RECORDER_AFTER_NS - BN_RECORDER_READY_NS);
}

static void collect_job(struct bn_recorder *recorder) {
	struct bn_recorder_job *job = recorder->job;
	pthread_join(job->thread, NULL);
	recorder->job = NULL;
	if (job->error != 0) {
		warn(recorder, job->path, job->error);
	} else {
		recorder->written++;
		recorder->warned = false;
		wlr_log(WLR_INFO, "recorder: %s was late; what happened is in %s", recorder->name,
				job->path);
	}
	destroy_job(job);
}

static int handle_done(int fd, uint32_t mask, void *data) {
	struct bn_recorder *recorder = data;
	uint64_t count;
	if (read(fd, &count, sizeof(count)) == sizeof(count) && recorder->job != NULL) {
		collect_job(recorder);
	}
	return 0;
}

bool bn_recorder_init(struct bn_recorder *recorder, struct bn_record *record, struct bn_loop *loop,
		const char *folder, enum bn_recorder_misses misses) {
	*recorder = (struct bn_recorder){
		.record = record,
		.loop = loop,
		.folder = strdup(folder),
		.misses = misses,
		.done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	if (recorder->done_fd >= 0) {
		recorder->done = wl_event_loop_add_fd(wl_display_get_event_loop(loop->display),
				recorder->done_fd, WL_EVENT_READABLE, handle_done, recorder);
	}
	if (recorder->folder == NULL || recorder->done == NULL) {
		wlr_log(WLR_ERROR, "recorder: out of memory or file descriptors");
		free(recorder->folder);
		if (recorder->done_fd >= 0) {
			close(recorder->done_fd);
		}
		return false;
	}
	// After all frames that are due with it.
	bn_timer_init(&recorder->timer, loop, BN_RANK_CALLBACKS + 1, handle_timer);
	bn_listen(&record->events.missed, &recorder->missed, handle_missed);
	return true;
}

void bn_recorder_finish(struct bn_recorder *recorder) {
	bn_unlisten(&recorder->missed);
	struct bn_recorder_job *job = recorder->job;
	if (job != NULL && bn_timer_is_armed(&recorder->timer)) {
		job->cancelled = true; // it still waits for its copy
		sem_post(&job->go);
		pthread_join(job->thread, NULL);
		destroy_job(job);
	} else if (job != NULL) {
		collect_job(recorder);
	}
	bn_timer_disarm(&recorder->timer);
	wl_event_source_remove(recorder->done);
	close(recorder->done_fd);
	free(recorder->folder);
}
