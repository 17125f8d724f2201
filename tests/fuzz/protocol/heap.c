/*
 * LD_PRELOAD: says how much of the heap is in use when somebody connects to the socket that FUZZ_HEAP names.
 *
 * What libc keeps of freed memory is given back first, so that two answers can be compared. A thread of its own
 * does it: the program that is watched does not notice. For the tests only.
 */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void answer(int link) {
	malloc_trim(0);
	const struct mallinfo2 heap = mallinfo2();
	char text[64];
	int length = snprintf(text, sizeof(text), "%zu\n", heap.uordblks + heap.hblkhd);
	if (write(link, text, (size_t)length) != length) {
		perror("heap");
	}
}

static void *serve(void *data) {
	const int listening = (int)(intptr_t)data;
	for (;;) {
		int link = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
		if (link >= 0) {
			answer(link);
			close(link);
		}
	}
	return NULL;
}

__attribute__((constructor)) static void begin(void) {
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("FUZZ_HEAP");
	if (path == NULL || strlen(path) >= sizeof(address.sun_path)) {
		return;
	}
	strcpy(address.sun_path, path);
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pthread_t thread;
	// Signals are the program's: it may wait for them with all of its own threads.
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (listening < 0
			|| bind(listening, (const struct sockaddr *)&address, sizeof(address)) != 0
			|| listen(listening, 1) != 0
			|| pthread_create(&thread, NULL, serve, (void *)(intptr_t)listening) != 0) {
		perror("heap");
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	unsetenv("FUZZ_HEAP");
}
