/*
 * Loaded before the shipped compositor, never built into it: brings about what cannot be had from outside (a lost
 * GPU, a loop that never ends, a clock that jumps) and takes single mechanisms away, so that the campaign can show
 * that it was they who caught a fault. What is to happen stands in a file that the campaign maps, too.
 *
 * With everything in that file zero it changes nothing.
 */
#include <EGL/egl.h>
#include <GLES3/gl3.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define GUILTY_CONTEXT_RESET 0x8253

/** In this order of 64-bit numbers; tests/faults/shim.py has the same. */
struct orders {
	_Atomic int64_t gpu_lost;    // so many contexts say that they are lost
	_Atomic int64_t realtime_ns; // CLOCK_REALTIME is so much later
	_Atomic int64_t monotonic_ns; // CLOCK_MONOTONIC, too: what a compositor by wall time would see
	_Atomic int64_t loops;        // the next look at the clock never ends, once
	_Atomic int64_t without_sigbus;  // nobody catches SIGBUS
	_Atomic int64_t without_errors;  // protocol errors reach nobody
	_Atomic int64_t without_backlog; // what a peer does not read is lost in place of kept
	_Atomic int64_t without_reset;   // a lost context says that it is well
	_Atomic int64_t without_lines;   // no line from a controller is long
	_Atomic int64_t without_kill;    // nobody is killed
	_Atomic int64_t without_fences;  // whatever is asked about for a moment is ready
	_Atomic int64_t without_accept; // who connects stays in the backlog: there is no descriptor for him
	_Atomic int64_t without_threads; // none can be made
	_Atomic int64_t starves;         // there is no memory any more, for who sees this first
};

static struct orders none;

/** The apps that it starts inherit us, and are left alone. */
static struct orders *read_orders(void) {
	const char *path = strcmp(program_invocation_short_name, "binnacle") == 0
			? getenv("BINNACLE_FAULTS")
			: NULL;
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0) {
		return &none;
	}
	void *map = mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return map != MAP_FAILED ? map : &none;
}

static struct orders *_Atomic known;

static struct orders *orders(void) {
	struct orders *now = atomic_load(&known);
	if (now == NULL) {
		now = read_orders();
		atomic_store(&known, now);
	}
	return now;
}

static void *next(const char *name) {
	return dlsym(RTLD_NEXT, name);
}

// Memory

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

/** Who is called before a program has begun must not look for orders yet: only what is known already counts. */
static bool is_starving(void) {
	static atomic_bool starving;
	struct orders *now = atomic_load(&known);
	if (now != NULL && now->starves != 0 && atomic_exchange(&now->starves, 0) != 0) {
		atomic_store(&starving, true);
	}
	return atomic_load(&starving);
}

EXPORT void *malloc(size_t size) {
	return is_starving() ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size) {
	return is_starving() ? NULL : __libc_calloc(count, size);
}

EXPORT void *realloc(void *block, size_t size) {
	return is_starving() ? NULL : __libc_realloc(block, size);
}

// Time

EXPORT int clock_gettime(clockid_t clock, struct timespec *ts) {
	static int (*real)(clockid_t, struct timespec *);
	if (real == NULL) {
		real = (int (*)(clockid_t, struct timespec *))next("clock_gettime");
	}
	if (orders()->loops != 0 && atomic_exchange(&orders()->loops, 0) != 0) {
		for (;;) {
		}
	}
	int result = real(clock, ts);
	int64_t later = clock == CLOCK_REALTIME    ? orders()->realtime_ns
			: clock == CLOCK_MONOTONIC ? orders()->monotonic_ns
						   : 0;
	if (later != 0 && result == 0) {
		int64_t ns = ts->tv_nsec + later % 1000000000;
		ts->tv_sec += later / 1000000000 + (ns >= 1000000000) - (ns < 0);
		ts->tv_nsec = ns >= 1000000000 ? ns - 1000000000 : ns < 0 ? ns + 1000000000 : ns;
	}
	return result;
}

// The GPU

static GLenum (*real_status)(void);
static EGLContext lost; // the one that said so last

static GLenum get_status(void) {
	EGLContext context = eglGetCurrentContext();
	if (orders()->gpu_lost > 0 && context != lost) {
		lost = context;
		orders()->gpu_lost--;
	}
	if (lost == EGL_NO_CONTEXT || context != lost) {
		return real_status();
	}
	return orders()->without_reset != 0 ? GL_NO_ERROR : GUILTY_CONTEXT_RESET;
}

EXPORT __eglMustCastToProperFunctionPointerType eglGetProcAddress(const char *name) {
	static __eglMustCastToProperFunctionPointerType (*real)(const char *);
	if (real == NULL) {
		real = (__eglMustCastToProperFunctionPointerType (*)(const char *))
				next("eglGetProcAddress");
	}
	__eglMustCastToProperFunctionPointerType function = real(name);
	if (function != NULL && strncmp(name, "glGetGraphicsResetStatus", 24) == 0) {
		real_status = (GLenum (*)(void))function;
		return (__eglMustCastToProperFunctionPointerType)get_status;
	}
	return function;
}

/** A lost context draws nothing. */
EXPORT void glDrawArrays(GLenum mode, GLint first, GLsizei count) {
	static void (*real)(GLenum, GLint, GLsizei);
	if (real == NULL) {
		real = (void (*)(GLenum, GLint, GLsizei))next("glDrawArrays");
	}
	if (lost == EGL_NO_CONTEXT || eglGetCurrentContext() != lost) {
		real(mode, first, count);
	}
}

// Mechanisms

EXPORT int sigaction(int number, const struct sigaction *action, struct sigaction *old) {
	static int (*real)(int, const struct sigaction *, struct sigaction *);
	if (real == NULL) {
		real = (int (*)(int, const struct sigaction *,
				struct sigaction *))next("sigaction");
	}
	return real(number, number == SIGBUS && orders()->without_sigbus != 0 ? NULL : action, old);
}

EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
		void *(*start)(void *), void *data) {
	static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	if (real == NULL) {
		real = (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
				void *))next("pthread_create");
	}
	return orders()->without_threads != 0 ? EAGAIN : real(thread, attributes, start, data);
}

struct wl_resource;

EXPORT void wl_resource_post_error_vargs(struct wl_resource *resource, uint32_t code,
		const char *message, va_list args);
EXPORT void wl_resource_post_error(struct wl_resource *resource, uint32_t code, const char *message,
		...);

EXPORT void wl_resource_post_error_vargs(struct wl_resource *resource, uint32_t code,
		const char *message, va_list args) {
	void (*real)(struct wl_resource *, uint32_t, const char *, va_list) =
			(void (*)(struct wl_resource *, uint32_t, const char *,
					va_list))next("wl_resource_post_error_vargs");
	if (orders()->without_errors == 0 && real != NULL) {
		real(resource, code, message, args);
	}
}

EXPORT void wl_resource_post_error(struct wl_resource *resource, uint32_t code, const char *message,
		...) {
	va_list args;
	va_start(args, message);
	wl_resource_post_error_vargs(resource, code, message, args);
	va_end(args);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
	static ssize_t (*real)(int, const struct msghdr *, int);
	if (real == NULL) {
		real = (ssize_t (*)(int, const struct msghdr *, int))next("sendmsg");
	}
	ssize_t sent = real(fd, message, flags);
	if (sent < 0 && orders()->without_backlog != 0) {
		sent = 0;
		for (size_t i = 0; i < message->msg_iovlen; i++) {
			sent += (ssize_t)message->msg_iov[i].iov_len;
		}
	}
	return sent;
}

EXPORT ssize_t recv(int fd, void *data, size_t size, int flags) {
	static ssize_t (*real)(int, void *, size_t, int);
	if (real == NULL) {
		real = (ssize_t (*)(int, void *, size_t, int))next("recv");
	}
	ssize_t got = real(fd, data, size, flags);
	if (got > 1024 && orders()->without_lines != 0) {
		((char *)data)[got / 2] = '\n';
	}
	return got;
}

EXPORT int kill(pid_t pid, int number) {
	static int (*real)(pid_t, int);
	if (real == NULL) {
		real = (int (*)(pid_t, int))next("kill");
	}
	return number == SIGKILL && orders()->without_kill != 0 ? 0 : real(pid, number);
}

EXPORT int poll(struct pollfd *fds, nfds_t count, int timeout) {
	static int (*real)(struct pollfd *, nfds_t, int);
	if (real == NULL) {
		real = (int (*)(struct pollfd *, nfds_t, int))next("poll");
	}
	int ready = real(fds, count, timeout);
	if (ready == 0 && count == 1 && timeout == 0 && orders()->without_fences != 0) {
		fds[0].revents = fds[0].events;
		ready = 1;
	}
	return ready;
}

EXPORT int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
	static int (*real)(int, struct sockaddr *, socklen_t *, int);
	if (real == NULL) {
		real = (int (*)(int, struct sockaddr *, socklen_t *, int))next("accept4");
	}
	if (orders()->without_accept != 0) {
		errno = EMFILE;
		return -1;
	}
	return real(fd, address, length, flags);
}
