#include "closer.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "unit.h"

#define LINGER_S 600   // longer than a test may take
#define MAX_THREADS 16 // of closer.c

/** One whose last close() waits until `ret_other` has read what it was sent. */
static int lingering_socket(int *ret_other) {
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int door = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(door, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(door, 1), 0);
	assert_int_equal(getsockname(door, (struct sockaddr *)&address, &size), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, size), 0);
	*ret_other = accept(door, NULL, NULL);
	close(door);
	static const char data[1 << 16];
	while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0) {
		// until nothing more is taken
	}
	const struct linger linger = { 1, LINGER_S };
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	return fd;
}

static void send_descriptor(int link, int fd) {
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec byte = { "x", 1 };
	struct msghdr message = { .msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	assert_int_equal(sendmsg(link, &message, 0), 1);
	syscall(SYS_close, fd);
}

/** One end of a pair, in whose queue that descriptor is: for its close() nothing can be done. */
static int socket_with(int fd) {
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	send_descriptor(pair[0], fd);
	syscall(SYS_close, pair[0]);
	return pair[1];
}

/** Until its other end is closed. */
static void await_hang_up(int fd) {
	struct pollfd end = { .fd = fd };
	assert_int_equal(poll(&end, 1, -1), 1);
	assert_true(end.revents & POLLHUP);
}

static bool is_open(int fd) {
	return fcntl(fd, F_GETFD) >= 0;
}

/** Closes so many sockets of which each keeps a thread waiting, until their `others` are closed. */
static void keep_waiting(int count, int stuck[], int others[]) {
	for (int i = 0; i < count; i++) {
		stuck[i] = socket_with(lingering_socket(&others[i]));
		assert_int_equal(close(stuck[i]), 0);
	}
}

/** Unread: that ends who waits for them. Past our close(), for which no thread may be left. */
static void let_go(int count, const int others[]) {
	for (int i = 0; i < count; i++) {
		syscall(SYS_close, others[i]);
	}
}

static void test_stuck(void **state) {
	assert_true(bn_closer_begin());
	int others[MAX_THREADS - 1], stuck[MAX_THREADS - 1], ends[2];
	keep_waiting(MAX_THREADS - 1, stuck, others);
	// all but one thread wait by now or soon, and still this comes to its end
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(close(ends[1]), 0);
	await_hang_up(ends[0]);
	let_go(MAX_THREADS - 1, others);
	close(ends[0]);
	bn_closer_end();
	for (int i = 0; i < MAX_THREADS - 1; i++) {
		assert_false(is_open(stuck[i]));
	}
}

static void test_linger(void **state) {
	assert_true(bn_closer_begin());
	int other, fd = lingering_socket(&other), copy = dup(other);
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(other), 0);
	bn_closer_end();
	// `copy` has read nothing: who waited for that would still be there
	assert_false(is_open(fd));
	assert_false(is_open(other));
	assert_int_equal(close(copy), 0);
}

static void test_twice(void **state) {
	assert_true(bn_closer_begin());
	int others[MAX_THREADS], stuck[MAX_THREADS], ends[2];
	// No thread is left for the next one: it stays in the queue.
	keep_waiting(MAX_THREADS, stuck, others);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(close(ends[1]), 0);
	assert_true(is_open(ends[1]));
	errno = 0;
	assert_int_equal(close(ends[1]), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(close(-1), -1);
	let_go(MAX_THREADS, others);
	await_hang_up(ends[0]);
	bn_closer_end();
	errno = 0;
	assert_int_equal(close(ends[1]), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(close(ends[0]), 0);
}

/** Mappings of the file below: by its name, since somebody else may have their place soon. */
static int count_mappings(void) {
	char line[512];
	int count = 0;
	FILE *maps = fopen("/proc/self/maps", "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		count += strstr(line, "memfd:closer-test") != NULL;
	}
	fclose(maps);
	return count;
}

static void test_mapping(void **state) {
	const size_t size = 5 * BN_CLOSER_MAPPING_MIN + 4096;
	assert_true(bn_closer_begin());
	int fd = memfd_create("closer-test", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	char *maps[300]; // more than may wait
	for (size_t i = 0; i < COUNT(maps); i++) {
		maps[i] = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
		assert_ptr_not_equal(maps[i], MAP_FAILED);
	}
	assert_int_equal(count_mappings(), COUNT(maps));
	for (size_t i = 0; i < COUNT(maps); i++) {
		assert_int_equal(munmap(maps[i], size), 0);
	}
	close(fd);
	bn_closer_end();
	assert_int_equal(count_mappings(), 0);
}

static void test_library(void **state) {
	assert_true(bn_closer_begin());
	struct wl_display *display = wl_display_create();
	int pair[2], other;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	struct wl_client *client = wl_client_create(display, pair[0]);
	send_descriptor(pair[1], socket_with(lingering_socket(&other)));
	wl_client_destroy(client); // a wait here would be one without end
	close(other);
	wl_display_destroy(display);
	close(pair[1]);
	bn_closer_end();
	assert_false(is_open(pair[0]));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("who-lets-us-wait-holds-up-nobody-else", test_stuck),
		CASE("a-socket-that-lingers-goes-at-once", test_linger),
		CASE("closed-twice-is-told", test_twice),
		CASE("mappings-go-however-many-wait", test_mapping),
		CASE("a-client-of-libwayland-with-such-a-descriptor-goes-at-once", test_library),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
