#include "closer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAPPINGS 256
#define FIRST_MAPPING (BN_CLOSER_FDS_MAX + 1)
#define JOBS (FIRST_MAPPING + MAPPINGS)
// Who waits for the lock on all mappings waits for one part at most.
#define PART_BYTES (256 << 10)
// More than one, as somebody may let one wait for ever. When all do, descriptors run out, see client.c.
#define THREADS_MAX 16
#define STACK_BYTES (256 << 10)
#define END_S 1

enum { NONE = -1, NOT_QUEUED = 0 };

struct mapping {
	void *start;
	size_t size; // bytes
};

/**
 * A job is a descriptor and one, or FIRST_MAPPING and the place of a mapping. The loop pushes, without a lock that a
 * thread with less of a claim to the processor may hold, and without asking for memory.
 */
static struct closer {
	_Atomic int *next;  // of JOBS: the one pushed before, NONE or NOT_QUEUED
	_Atomic int pushed; // the newest
	struct mapping mappings[MAPPINGS];
	int mapping_hint;      // the loop's
	sem_t jobs;            // as many as were pushed and not taken
	pthread_mutex_t mutex; // of all below
	pthread_cond_t ended;
	int taken; // from the loop, the oldest
	int threads, idle;
	bool ending;
} closer;

static _Thread_local bool is_loop;

// The loop's thread

/** False: it is there already. */
static bool push(int job) {
	int not_queued = NOT_QUEUED;
	if (!atomic_compare_exchange_strong(&closer.next[job], &not_queued, NONE)) {
		return false;
	}
	int newest = atomic_load(&closer.pushed);
	do {
		atomic_store(&closer.next[job], newest);
	} while (!atomic_compare_exchange_weak(&closer.pushed, &newest, job));
	sem_post(&closer.jobs);
	return true;
}

/** False when so many wait that it must be done here. */
static bool push_mapping(void *start, size_t size) {
	for (int i = 0; i < MAPPINGS; i++) {
		int at = (closer.mapping_hint + i) % MAPPINGS;
		if (atomic_load(&closer.next[FIRST_MAPPING + at]) == NOT_QUEUED) {
			closer.mappings[at] = (struct mapping){ start, size };
			closer.mapping_hint = at + 1;
			return push(FIRST_MAPPING + at);
		}
	}
	return false;
}

__attribute__((visibility("default"))) int close(int fd) {
	if (is_loop && fd >= 0 && fd < BN_CLOSER_FDS_MAX) {
		// What libc would say of one that is closed, or as good as closed.
		if (fcntl(fd, F_GETFD) < 0) {
			return -1;
		}
		if (!push(fd + 1)) {
			errno = EBADF;
			return -1;
		}
		return 0;
	}
	return (int)syscall(SYS_close, fd);
}

__attribute__((visibility("default"))) int munmap(void *start, size_t size) {
	if (is_loop && size >= BN_CLOSER_MAPPING_MIN && push_mapping(start, size)) {
		return 0;
	}
	return (int)syscall(SYS_munmap, start, size);
}

// The threads

static int take(void) {
	if (closer.taken == NONE) {
		// The newest comes first: turned round.
		int job = atomic_exchange(&closer.pushed, NONE);
		while (job != NONE) {
			int before = atomic_load(&closer.next[job]);
			atomic_store(&closer.next[job], closer.taken);
			closer.taken = job;
			job = before;
		}
	}
	int job = closer.taken;
	if (job != NONE) {
		closer.taken = atomic_load(&closer.next[job]);
	}
	return job;
}

static void end_mapping(int job) {
	struct mapping mapping = closer.mappings[job - FIRST_MAPPING];
	atomic_store(&closer.next[job], NOT_QUEUED);
	for (size_t at = 0; at < mapping.size; at += PART_BYTES) {
		size_t rest = mapping.size - at;
		syscall(SYS_munmap, (char *)mapping.start + at,
				rest < PART_BYTES ? rest : PART_BYTES);
	}
}

static void end_descriptor(int fd) {
	const struct linger none = { 0 };
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)); // most are no sockets
	// Before it is closed: the number may be the loop's again at once.
	atomic_store(&closer.next[fd + 1], NOT_QUEUED);
	syscall(SYS_close, fd);
}

static bool create_thread(void);

/** With closer.mutex held, as it is at the end; false: to end. */
static bool wait_for_job(void) {
	if (closer.idle > 1) {
		return false;
	}
	closer.idle++;
	pthread_mutex_unlock(&closer.mutex);
	while (sem_wait(&closer.jobs) != 0) {
		// EINTR: a debugger or a stopped process.
	}
	pthread_mutex_lock(&closer.mutex);
	closer.idle--;
	return true;
}

static void *work(void *data) {
	pthread_mutex_lock(&closer.mutex);
	while (wait_for_job()) {
		int job = take();
		if (job == NONE) {
			break; // told to end
		}
		// Whoever comes next must not wait for this one.
		if (closer.idle == 0 && closer.threads < THREADS_MAX && create_thread()
				&& closer.ending) {
			sem_post(&closer.jobs); // that one is to end, too
		}
		pthread_mutex_unlock(&closer.mutex);
		if (job >= FIRST_MAPPING) {
			end_mapping(job);
		} else {
			end_descriptor(job - 1);
		}
		pthread_mutex_lock(&closer.mutex);
	}
	closer.threads--;
	pthread_cond_signal(&closer.ended);
	pthread_mutex_unlock(&closer.mutex);
	return data;
}

static bool create_thread(void) {
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigset_t all, before; // the loop's signals are the loop's
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_t thread;
	bool created = pthread_create(&thread, &attributes, work, NULL) == 0;
	closer.threads += created;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return created;
}

bool bn_closer_begin(void) {
	void *room = mmap(NULL, JOBS * sizeof(*closer.next), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED) {
		return false;
	}
	closer.next = room; // all are NOT_QUEUED
	atomic_init(&closer.pushed, NONE);
	closer.taken = NONE;
	closer.ending = false;
	sem_init(&closer.jobs, 0, 0);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&closer.ended, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&closer.mutex, NULL);
	pthread_mutex_lock(&closer.mutex);
	is_loop = create_thread();
	pthread_mutex_unlock(&closer.mutex);
	if (!is_loop) {
		munmap(room, JOBS * sizeof(*closer.next));
	}
	return is_loop;
}

void bn_closer_end(void) {
	if (!is_loop) {
		return;
	}
	is_loop = false;
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += END_S;
	pthread_mutex_lock(&closer.mutex);
	closer.ending = true;
	for (int i = 0; i < closer.threads; i++) {
		sem_post(&closer.jobs); // after all jobs: who finds none ends
	}
	while (closer.threads > 0
			&& pthread_cond_timedwait(&closer.ended, &closer.mutex, &until) == 0) {
		// One more has ended.
	}
	bool all = closer.threads == 0;
	pthread_mutex_unlock(&closer.mutex);
	if (all) {
		munmap((void *)closer.next, JOBS * sizeof(*closer.next));
	}
}
