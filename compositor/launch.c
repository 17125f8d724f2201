#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "client.h"
#include "closer.h"
#include "core/nsec.h"

#define FIRST_BACKOFF_NS (100 * BN_NSEC_PER_MSEC)
#define LAST_BACKOFF_NS (10 * BN_NSEC_PER_SEC)
#define STABLE_NS (30 * BN_NSEC_PER_SEC)
#define GRACE_MS 1000

extern char **environ;

static size_t app_of(const struct bn_process *process) {
	const struct bn_layout *layout = process->launcher->layout;
	return layout != NULL ? bn_layout_find_app(layout, process->name) : BN_NONE;
}

static void set_state(struct bn_process *process, enum bn_process_state state) {
	if (process->state == state) {
		return;
	}
	process->state = state;
	wl_signal_emit_mutable(&process->launcher->events.changed, process);
}

static int64_t backoff_ns(int failures) {
	int64_t wait = FIRST_BACKOFF_NS;
	for (int i = 1; i < failures && wait < LAST_BACKOFF_NS; i++) {
		wait *= 2;
	}
	return wait < LAST_BACKOFF_NS ? wait : LAST_BACKOFF_NS;
}

/** What an environment variable of a started app is called, for replacing it. */
static bool same_variable(const char *a, const char *b) {
	size_t length = strcspn(a, "=");
	return strncmp(a, b, length) == 0 && b[length] == '=';
}

/** Adds or replaces; `list` is NULL-terminated and has room. */
static void set_variable(char **list, char *variable) {
	size_t i = 0;
	while (list[i] != NULL && !same_variable(variable, list[i])) {
		i++;
	}
	list[i] = variable;
}

static size_t count_strings(char *const *list) {
	size_t count = 0;
	while (list != NULL && list[count] != NULL) {
		count++;
	}
	return count;
}

static pid_t spawn(struct bn_launcher *launcher, const struct bn_app *app, int client_fd) {
	char socket_variable[32], display_variable[160], control_variable[160], app_variable[160];
	snprintf(socket_variable, sizeof(socket_variable), "WAYLAND_SOCKET=%d", client_fd);
	snprintf(display_variable, sizeof(display_variable), "WAYLAND_DISPLAY=%s",
			launcher->socket != NULL ? launcher->socket : "");
	snprintf(control_variable, sizeof(control_variable), "BINNACLE_SOCKET=%s",
			launcher->control_socket != NULL ? launcher->control_socket : "");
	snprintf(app_variable, sizeof(app_variable), "BINNACLE_APP=%s", app->name);
	char **list = calloc(count_strings(environ) + count_strings(app->env) + 5, sizeof(char *));
	if (list == NULL) {
		errno = ENOMEM;
		return -1;
	}
	memcpy(list, environ, count_strings(environ) * sizeof(char *));
	set_variable(list, socket_variable);
	set_variable(list, display_variable);
	set_variable(list, control_variable);
	set_variable(list, app_variable);
	for (size_t i = 0; i < count_strings(app->env); i++) {
		set_variable(list, app->env[i]);
	}

	posix_spawnattr_t attributes;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_init(&actions);
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	// A group of its own, so that the whole app can be ended; and none of our signal setup.
	posix_spawnattr_setflags(&attributes,
			POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	// The same number on both sides: dup2 onto itself clears close-on-exec in the child only.
	posix_spawn_file_actions_adddup2(&actions, client_fd, client_fd);
	pid_t pid = -1;
	int error = posix_spawnp(&pid, app->exec[0], &actions, &attributes, app->exec, list);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	free(list);
	if (error == 0) {
		prlimit(pid, RLIMIT_NOFILE, &launcher->descriptors, NULL);
	}
	errno = error;
	return error == 0 ? pid : -1;
}

static void handle_client_destroy(struct wl_listener *listener, void *data) {
	struct bn_process *process = wl_container_of(listener, process, client_destroy);
	wl_list_remove(&process->client_destroy.link);
	wl_list_init(&process->client_destroy.link);
	process->wl = NULL;
}

static void close_pidfd(struct bn_process *process) {
	if (process->pidfd_source != NULL) {
		wl_event_source_remove(process->pidfd_source);
		process->pidfd_source = NULL;
	}
	if (process->pidfd >= 0) {
		close(process->pidfd);
		process->pidfd = -1;
	}
}

static bool wants_restart(const struct bn_process *process, bool failed) {
	size_t app = app_of(process);
	if (app == BN_NONE || !process->launcher->enabled) {
		return false;
	}
	const struct bn_app *spec = &process->launcher->layout->apps[app];
	if (process->starts == 0 && spec->start == BN_START_BOOT) {
		return true; // its app came back while it was ending
	}
	enum bn_restart restart = spec->restart;
	return restart == BN_RESTART_ALWAYS || (restart == BN_RESTART_ON_FAILURE && failed);
}

static void process_ended(struct bn_process *process, int status) {
	int64_t now = bn_loop_now(process->launcher->loop);
	bool failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	bool was_stable = now - process->started_ns >= STABLE_NS;
	process->pid = 0;
	process->last_status = status;
	process->ended_ns = now;
	process->failures = !failed ? 0 : was_stable ? 1 : process->failures + 1;
	bn_timer_disarm(&process->restart_timer);
	close_pidfd(process);
	// What it left in flight is of no use: a client without a process never answers.
	if (process->wl != NULL) {
		wl_client_destroy(process->wl);
	}
	if (WIFSIGNALED(status)) {
		wlr_log(WLR_ERROR, "app %s: ended by signal %d", process->name, WTERMSIG(status));
	} else {
		wlr_log(failed ? WLR_ERROR : WLR_INFO, "app %s: exited with status %d",
				process->name, WEXITSTATUS(status));
	}
	if (wants_restart(process, failed)) {
		int64_t wait = backoff_ns(failed ? process->failures : 1);
		wlr_log(WLR_INFO, "app %s: starts again in %lld ms", process->name,
				(long long)(wait / BN_NSEC_PER_MSEC));
		bn_timer_arm(&process->restart_timer, now + wait);
		set_state(process, BN_PROCESS_BACKOFF);
	} else {
		set_state(process, BN_PROCESS_STOPPED);
	}
}

/**
 * Collects a process that has ended, and ends what a failed one left running: it would be in the way
 * of the next instance. False: it has not ended.
 */
static bool collect(struct bn_process *process, bool whole_group, int *ret_status) {
	siginfo_t info = { 0 };
	if (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOWAIT | WNOHANG) != 0
			|| info.si_pid != process->pid) {
		return false;
	}
	// While it is not collected its number, which is its group's, cannot become somebody else's.
	if (whole_group || info.si_code != CLD_EXITED || info.si_status != 0) {
		kill(-process->pid, SIGKILL);
	}
	return waitpid(process->pid, ret_status, WNOHANG) == process->pid;
}

static int handle_pidfd(int fd, uint32_t mask, void *data) {
	struct bn_process *process = data;
	int status = 0;
	if (collect(process, process->orphaned, &status)) {
		process_ended(process, status);
	}
	return 0;
}

static void process_signal(const struct bn_process *process, int number) {
	if (process->pid > 0) {
		kill(-process->pid, number);
	}
}

static void handle_restart(struct bn_timer *timer, int64_t now_ns) {
	struct bn_process *process = wl_container_of(timer, process, restart_timer);
	size_t app = app_of(process);
	char error[160];
	if (process->state == BN_PROCESS_RUNNING) {
		process_signal(process, SIGKILL); // it was asked to end and did not
	} else if (app == BN_NONE) {
		set_state(process, BN_PROCESS_STOPPED);
	} else if (!bn_launcher_start(process->launcher, app, error, sizeof(error))) {
		wlr_log(WLR_ERROR, "app %s: %s", process->name, error);
	}
}

static struct bn_process *process_create(struct bn_launcher *launcher, const char *name) {
	struct bn_process *process = calloc(1, sizeof(*process));
	if (process == NULL) {
		return NULL;
	}
	process->name = strdup(name);
	if (process->name == NULL) {
		free(process);
		return NULL;
	}
	process->launcher = launcher;
	process->pidfd = -1;
	bn_timer_init(&process->restart_timer, launcher->loop, 0, handle_restart);
	wl_list_init(&process->client_destroy.link);
	wl_list_insert(launcher->processes.prev, &process->link);
	return process;
}

struct bn_process *bn_launcher_find(struct bn_launcher *launcher, const char *app) {
	struct bn_process *process;
	wl_list_for_each(process, &launcher->processes, link) {
		if (strcmp(process->name, app) == 0) {
			return process;
		}
	}
	return NULL;
}

/** Makes the Wayland client of one end of the pair, known as `app` before it can say anything. */
static bool adopt_client(struct bn_process *process, int server_fd) {
	struct bn_launcher *launcher = process->launcher;
	struct wl_client *wl = wl_client_create(launcher->display, server_fd);
	if (wl == NULL) {
		close(server_fd);
		return false;
	}
	struct bn_client *client = bn_client_from_wl(launcher->clients, wl);
	if (client == NULL || !bn_client_identify(client, BN_IDENTITY_SOCKET, process->name)) {
		wl_client_destroy(wl);
		return false;
	}
	process->wl = wl;
	process->client_destroy.notify = handle_client_destroy;
	wl_client_add_destroy_listener(wl, &process->client_destroy);
	return true;
}

static bool process_start(struct bn_process *process, const struct bn_app *app) {
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		return false;
	}
	if (!adopt_client(process, fds[0])) {
		close(fds[1]);
		return false;
	}
	process->pid = spawn(process->launcher, app, fds[1]);
	int error = errno;
	close(fds[1]);
	if (process->pid < 0) {
		process->pid = 0;
		wl_client_destroy(process->wl);
		errno = error;
		return false;
	}
	// Its credentials are ours, since we made the socket: the process is what was started.
	struct bn_client *client = bn_client_from_wl(process->launcher->clients, process->wl);
	client->pid = process->pid;
	process->pidfd = pidfd_open(process->pid, 0);
	if (process->pidfd >= 0) {
		process->pidfd_source = wl_event_loop_add_fd(
				wl_display_get_event_loop(process->launcher->display),
				process->pidfd, WL_EVENT_READABLE, handle_pidfd, process);
	}
	return true;
}

bool bn_launcher_start(struct bn_launcher *launcher, size_t app_index, char *error,
		size_t error_size) {
	const struct bn_app *app = &launcher->layout->apps[app_index];
	struct bn_process *process = bn_launcher_find(launcher, app->name);
	if (process != NULL && process->state == BN_PROCESS_RUNNING) {
		return true;
	}
	if (app->exec == NULL) {
		snprintf(error, error_size, "app %s has no exec: in the layout; start it yourself",
				app->name);
		return false;
	}
	if (!launcher->enabled) {
		snprintf(error, error_size, "starting apps is switched off");
		return false;
	}
	if (process == NULL && (process = process_create(launcher, app->name)) == NULL) {
		snprintf(error, error_size, "out of memory");
		return false;
	}
	bn_timer_disarm(&process->restart_timer);
	process->started_ns = bn_loop_now(launcher->loop);
	if (!process_start(process, app)) {
		snprintf(error, error_size, "cannot start '%s': %s", app->exec[0], strerror(errno));
		process->failures++;
		bool is_news = process->state != BN_PROCESS_STOPPED || process->failures == 1;
		process->state = BN_PROCESS_STOPPED;
		// Told once: who hears of it may well ask for the app again.
		if (is_news) {
			wl_signal_emit_mutable(&launcher->events.changed, process);
		}
		return false;
	}
	process->starts++;
	wlr_log(WLR_INFO, "app %s: started as pid %d", app->name, (int)process->pid);
	set_state(process, BN_PROCESS_RUNNING);
	return true;
}

void bn_launcher_boot(struct bn_launcher *launcher) {
	for (size_t i = 0; i < launcher->layout->app_count; i++) {
		const struct bn_app *app = &launcher->layout->apps[i];
		char error[160];
		const struct bn_process *process = bn_launcher_find(launcher, app->name);
		// One that ran before is not booted by a reload: whether it starts again is `restart:`'s word.
		bool is_new = process == NULL || process->starts == 0;
		if (app->start == BN_START_BOOT && app->exec != NULL && launcher->enabled && is_new
				&& !bn_launcher_start(launcher, i, error, sizeof(error))) {
			wlr_log(WLR_ERROR, "app %s: %s", app->name, error);
		}
	}
}

/** Asks it to end, insists after a while. */
static void dismiss(struct bn_process *process) {
	bn_timer_disarm(&process->restart_timer);
	if (process->state == BN_PROCESS_RUNNING) {
		process_signal(process, SIGTERM);
		bn_timer_arm(&process->restart_timer,
				bn_loop_now(process->launcher->loop) + GRACE_MS * BN_NSEC_PER_MSEC);
	} else {
		process->state = BN_PROCESS_STOPPED;
	}
}

void bn_launcher_set_layout(struct bn_launcher *launcher, const struct bn_layout *layout) {
	launcher->layout = layout;
	struct bn_process *process;
	wl_list_for_each(process, &launcher->processes, link) {
		bool was_orphaned = process->orphaned;
		process->orphaned = app_of(process) == BN_NONE;
		if (process->orphaned && !was_orphaned) {
			dismiss(process);
		} else if (was_orphaned && !process->orphaned) {
			// It is back as if it had never been here.
			process->starts = 0;
			process->failures = 0;
		}
	}
}

/**
 * What clients send are descriptors of ours; programs that use select() want few.
 *
 * The kernel's table of them is made as large as it may become. Growing it waits for all processors to leave what
 * they read (synchronize_rcu() in the kernel's expand_fdtable()) once there is a thread beside the loop's, 9 to 37 ms
 * each time that a client fills it, which would be frames.
 */
static void raise_descriptors(struct rlimit *ret_before, int any_fd) {
	getrlimit(RLIMIT_NOFILE, ret_before);
	struct rlimit more = *ret_before;
	more.rlim_cur = more.rlim_max < BN_CLOSER_FDS_MAX ? more.rlim_max : BN_CLOSER_FDS_MAX;
	setrlimit(RLIMIT_NOFILE, &more);
	int last = fcntl(any_fd, F_DUPFD_CLOEXEC, (int)more.rlim_cur - 1);
	if (last < 0) {
		wlr_log_errno(WLR_INFO,
				"no room is made for %d descriptors: frames may wait for it later",
				(int)more.rlim_cur);
		return;
	}
	close(last);
}

void bn_launcher_init(struct bn_launcher *launcher, struct bn_loop *loop,
		struct wl_display *display, struct bn_clients *clients) {
	*launcher = (struct bn_launcher){
		.loop = loop,
		.display = display,
		.clients = clients,
		.enabled = true,
	};
	wl_list_init(&launcher->processes);
	wl_signal_init(&launcher->events.changed);
	raise_descriptors(&launcher->descriptors, loop->epoll_fd);
}

/** Waits for the process to end, at most `timeout_ms`; true when it is gone. */
static bool reap(struct bn_process *process, int timeout_ms) {
	int status;
	if (process->pidfd < 0) {
		return waitpid(process->pid, &status, 0) == process->pid;
	}
	struct pollfd fd = { .fd = process->pidfd, .events = POLLIN };
	poll(&fd, 1, timeout_ms);
	return collect(process, true, &status);
}

static void process_destroy(struct bn_process *process) {
	if (process->pid > 0 && !reap(process, GRACE_MS)) {
		process_signal(process, SIGKILL);
		reap(process, -1);
	}
	close_pidfd(process);
	bn_timer_disarm(&process->restart_timer);
	wl_list_remove(&process->client_destroy.link);
	wl_list_remove(&process->link);
	free(process->name);
	free(process);
}

void bn_launcher_finish(struct bn_launcher *launcher) {
	struct bn_process *process, *tmp;
	wl_list_for_each(process, &launcher->processes, link) {
		process_signal(process, SIGTERM);
		// A stopped process gets its SIGTERM only once it goes on.
		process_signal(process, SIGCONT);
	}
	wl_list_for_each_safe(process, tmp, &launcher->processes, link) {
		process_destroy(process);
	}
}

static pid_t parent_of(pid_t pid) {
	char path[48];
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return 0;
	}
	char line[512];
	bool got = fgets(line, sizeof(line), file) != NULL;
	fclose(file);
	// The name may hold anything, parentheses too: fields go on after the last one.
	char *end = got ? strrchr(line, ')') : NULL;
	int parent = 0;
	if (end == NULL || sscanf(end + 1, " %*c %d", &parent) != 1) {
		return 0;
	}
	return parent;
}

static struct bn_process *process_by_pid(struct bn_launcher *launcher, pid_t pid) {
	struct bn_process *process;
	wl_list_for_each(process, &launcher->processes, link) {
		if (process->pid == pid) {
			return process;
		}
	}
	return NULL;
}

/** A chain longer than any real one ends the search, should /proc change under us. */
#define DEPTH_MAX 64

const char *bn_launcher_app_of_pid(struct bn_launcher *launcher, pid_t pid) {
	for (int depth = 0; pid > 1 && pid != getpid() && depth < DEPTH_MAX;
			depth++, pid = parent_of(pid)) {
		const struct bn_process *process = process_by_pid(launcher, pid);
		if (process != NULL) {
			return process->name;
		}
	}
	return NULL;
}

bool bn_launcher_is_stray(struct bn_launcher *launcher, pid_t pid) {
	int is_reaper = 0;
	if (prctl(PR_GET_CHILD_SUBREAPER, &is_reaper) != 0 || !is_reaper) {
		return false;
	}
	for (int depth = 0; pid > 1 && depth < DEPTH_MAX; depth++) {
		pid_t parent = parent_of(pid);
		if (parent == getpid()) {
			return pid != launcher->trusted_pid
					&& process_by_pid(launcher, pid) == NULL;
		}
		pid = parent;
	}
	return false;
}
