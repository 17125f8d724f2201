#include "guard/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/guard_message.h"

extern char **environ;

bool child_prepare(struct child *child, int *ret_other_end) {
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
		return false;
	}
	child->line = fds[0];
	*ret_other_end = fds[1];
	return true;
}

/** What is inherited would protect every app as well as ourselves. */
static void reset_oom(pid_t pid) {
	char path[48];
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t written = write(fd, "0", 1);
		(void)written;
		close(fd);
	}
}

bool child_start(struct child *child, char *const *command, int other_end) {
	char number[16];
	snprintf(number, sizeof(number), "%d", other_end);
	setenv(BN_GUARD_VARIABLE, number, 1);
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_init(&actions);
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	// The same number on both sides: dup2 onto itself clears close-on-exec in the child only.
	posix_spawn_file_actions_adddup2(&actions, other_end, other_end);
	int error = posix_spawnp(&child->pid, command[0], &actions, &attributes, command, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	unsetenv(BN_GUARD_VARIABLE);
	if (error != 0) {
		child->pid = 0;
		errno = error;
		return false;
	}
	reset_oom(child->pid);
	child->pidfd = pidfd_open(child->pid, 0);
	return child->pidfd >= 0;
}

void child_kill(const struct child *child, int signal) {
	if (child->pid > 0) {
		kill(child->pid, signal);
	}
}

static pid_t parent_of(const char *pid) {
	char path[300], line[512];
	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return 0;
	}
	char *end = fgets(line, sizeof(line), file) != NULL ? strrchr(line, ')') : NULL;
	fclose(file);
	int parent = 0;
	return end != NULL && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

/**
 * Apps of a dead compositor became our children. They have no display to come back to, the next one starts its own,
 * and one that hangs on would be in its way.
 */
static void end_orphans(void) {
	DIR *folder = opendir("/proc");
	if (folder == NULL) {
		return;
	}
	struct dirent *entry;
	while ((entry = readdir(folder)) != NULL) {
		pid_t pid = (pid_t)atoi(entry->d_name);
		if (pid > 0 && parent_of(entry->d_name) == getpid()) {
			// An app leads a group of its own; anybody else goes alone.
			kill(getpgid(pid) == pid ? -pid : pid, SIGKILL);
		}
	}
	closedir(folder);
}

/** Orphans that have ended; the compositor's own end is left to be told. */
static void reap_orphans(const struct child *child) {
	siginfo_t info = { 0 };
	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0
			&& info.si_pid != child->pid) {
		waitpid(info.si_pid, NULL, WNOHANG);
		info.si_pid = 0;
	}
}

bool child_collect(struct child *child, int *ret_status) {
	reap_orphans(child);
	if (child->pid == 0 || waitpid(child->pid, ret_status, WNOHANG) != child->pid) {
		return false;
	}
	child->pid = 0;
	child_finish(child);
	end_orphans();
	return true;
}

void child_hang_up(struct child *child) {
	if (child->line >= 0) {
		close(child->line);
	}
	child->line = -1;
}

void child_finish(struct child *child) {
	if (child->pidfd >= 0) {
		close(child->pidfd);
	}
	child->pidfd = -1;
	child_hang_up(child);
}
