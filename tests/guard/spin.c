// Preloaded into a compositor to break it from inside, on a signal: USR1 turns for ever, USR2 takes all memory that can be
// had and goes on. What runs then is the compositor's own main thread, in user mode.

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void handle_spin(int number) {
	volatile unsigned turns = 0;
	while (turns < 2) {
		turns = !turns;
	}
}

static void handle_hoard(int number) {
	for (size_t size = (size_t)64 << 20; size >= 64; size /= 2) {
		void *volatile block; // or the compiler takes it that there is always more
		do {
			block = malloc(size);
		} while (block != NULL);
	}
}

__attribute__((constructor)) static void prepare(void) {
	struct sigaction spin = { .sa_handler = handle_spin };
	struct sigaction hoard = { .sa_handler = handle_hoard };
	sigaction(SIGUSR1, &spin, NULL);
	sigaction(SIGUSR2, &hoard, NULL);
}
