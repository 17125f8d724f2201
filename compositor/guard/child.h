#ifndef BN_GUARD_CHILD_H
#define BN_GUARD_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/** The compositor as a process, and the line to it. */
struct child {
	pid_t pid;       // 0: none
	int pidfd, line; // owned; -1: none
};

/** Two ends of a line: ours, and one to be handed to child_start. False with errno. */
bool child_prepare(struct child *child, int *ret_other_end);
/** Runs `command` with `other_end` in BINNACLE_GUARD; other_end stays the caller's. False with errno. */
bool child_start(struct child *child, char *const *command, int other_end);
/** Its end of the line is closed, or not to be believed: nothing more is heard of it. */
void child_hang_up(struct child *child);
void child_kill(const struct child *child, int signal);
/** Whether it has ended; then its status as of waitpid, and what it left running is killed. */
bool child_collect(struct child *child, int *ret_status);
void child_finish(struct child *child);

#endif
