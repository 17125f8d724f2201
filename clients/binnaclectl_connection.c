#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "binnaclectl.h"

// An answer is never that long; what goes beyond is not our compositor.
#define INPUT_MAX (16 * 1024 * 1024)
#define TIMEOUT_SECONDS 20

/** A connected fd, or -errno. */
static int connect_to(const char *path) {
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address.sun_path)) {
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return -errno;
	}
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		int error = errno;
		close(fd);
		return -error;
	}
	return fd;
}

static bool has_suffix(const char *text, const char *suffix) {
	size_t length = strlen(text), tail = strlen(suffix);
	return length > tail && strcmp(text + length - tail, suffix) == 0;
}

struct candidate {
	char *path; // owned
	struct timespec created;
};

static int newest_first(const void *left, const void *right) {
	const struct candidate *a = left, *b = right;
	if (a->created.tv_sec != b->created.tv_sec) {
		return a->created.tv_sec < b->created.tv_sec ? 1 : -1;
	}
	if (a->created.tv_nsec != b->created.tv_nsec) {
		return a->created.tv_nsec < b->created.tv_nsec ? 1 : -1;
	}
	return strcmp(a->path, b->path);
}

/** All *.ctl sockets of the directory, newest first; malloc'ed. */
static struct candidate *list_sockets(const char *directory, size_t *ret_count) {
	struct candidate *list = NULL;
	size_t count = 0;
	DIR *dir = opendir(directory);
	for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
		struct candidate candidate = { 0 };
		struct stat info;
		if (!has_suffix(entry->d_name, ".ctl")
				|| asprintf(&candidate.path, "%s/%s", directory, entry->d_name)
						< 0) {
			continue;
		}
		struct candidate *grown = realloc(list, (count + 1) * sizeof(list[0]));
		if (grown != NULL) {
			list = grown;
		}
		if (grown == NULL || stat(candidate.path, &info) != 0 || !S_ISSOCK(info.st_mode)) {
			free(candidate.path);
			continue;
		}
		candidate.created = info.st_ctim;
		list[count++] = candidate;
	}
	if (dir != NULL) {
		closedir(dir);
	}
	if (count > 0) {
		qsort(list, count, sizeof(list[0]), newest_first);
	}
	*ret_count = count;
	return list;
}

/** The newest socket that somebody answers at; -1: none, which was said. */
static int discover(void) {
	const char *directory = getenv("XDG_RUNTIME_DIR");
	if (directory == NULL || directory[0] == '\0') {
		ctl_complain("XDG_RUNTIME_DIR is not set; say --socket PATH");
		return -1;
	}
	size_t count;
	struct candidate *list = list_sockets(directory, &count);
	int fd = -1;
	for (size_t i = 0; i < count; i++) {
		if (fd < 0) {
			fd = connect_to(list[i].path);
		}
		free(list[i].path);
	}
	free(list);
	if (fd < 0) {
		ctl_complain("no compositor answers in %s; is binnacle running? (--socket PATH)",
				directory);
	}
	return fd < 0 ? -1 : fd;
}

/** A path stays; a name like "wayland-1" is one in the runtime directory. malloc'ed. */
static char *socket_path(const char *name) {
	const char *directory = getenv("XDG_RUNTIME_DIR");
	char *path = NULL;
	if (strchr(name, '/') != NULL || directory == NULL) {
		return strdup(name);
	}
	const char *suffix = has_suffix(name, ".ctl") ? "" : ".ctl";
	return asprintf(&path, "%s/%s%s", directory, name, suffix) < 0 ? NULL : path;
}

static int connect_named(const char *name) {
	char *path = socket_path(name);
	int fd = path != NULL ? connect_to(path) : -ENOMEM;
	if (fd < 0) {
		ctl_complain("%s: %s", path != NULL ? path : name, strerror(-fd));
	}
	free(path);
	return fd < 0 ? -1 : fd;
}

void ctl_set_timeout(struct ctl *ctl, int seconds) {
	struct timeval time = { .tv_sec = seconds };
	setsockopt(ctl->connection.fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
}

enum ctl_status ctl_connect(struct ctl *ctl) {
	if (ctl->connection.fd >= 0) {
		return CTL_DONE;
	}
	const char *name = ctl->socket != NULL ? ctl->socket : getenv("BINNACLE_SOCKET");
	bool is_named = name != NULL && name[0] != '\0';
	ctl->connection.fd = is_named ? connect_named(name) : discover();
	if (ctl->connection.fd < 0) {
		return CTL_NO_SERVER;
	}
	ctl_set_timeout(ctl, TIMEOUT_SECONDS);
	return CTL_DONE;
}

void ctl_disconnect(struct ctl *ctl) {
	struct ctl_connection *connection = &ctl->connection;
	if (connection->fd >= 0) {
		close(connection->fd);
	}
	if (connection->passed_fd >= 0) {
		close(connection->passed_fd);
	}
	free(connection->input);
	*connection = (struct ctl_connection){ .fd = -1, .passed_fd = -1 };
}

static void keep_fds(struct ctl_connection *connection, struct msghdr *header) {
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(header); cmsg != NULL;
			cmsg = CMSG_NXTHDR(header, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS) {
			continue;
		}
		size_t count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(fd));
			if (connection->passed_fd >= 0) {
				close(connection->passed_fd);
			}
			connection->passed_fd = fd;
		}
	}
}

static bool reserve_input(struct ctl_connection *connection) {
	if (connection->input_length < connection->input_capacity) {
		return true;
	}
	size_t capacity = connection->input_capacity == 0 ? 64 * 1024
							  : connection->input_capacity * 2;
	char *input = capacity <= INPUT_MAX ? realloc(connection->input, capacity) : NULL;
	if (input == NULL) {
		errno = EMSGSIZE;
		return false;
	}
	connection->input = input;
	connection->input_capacity = capacity;
	return true;
}

/** Reads some more. False at the end (errno 0) or on an error. */
static bool read_more(struct ctl_connection *connection) {
	if (!reserve_input(connection)) {
		return false;
	}
	struct iovec iov = {
		.iov_base = connection->input + connection->input_length,
		.iov_len = connection->input_capacity - connection->input_length,
	};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t got = recvmsg(connection->fd, &header, MSG_CMSG_CLOEXEC);
	if (got <= 0) {
		errno = got == 0 ? 0 : errno;
		return false;
	}
	keep_fds(connection, &header);
	connection->input_length += (size_t)got;
	return true;
}

char *ctl_read_line(struct ctl *ctl) {
	struct ctl_connection *connection = &ctl->connection;
	size_t scanned = 0;
	for (;;) {
		size_t left = connection->input_length - scanned;
		char *end = left > 0 ? memchr(connection->input + scanned, '\n', left) : NULL;
		if (end != NULL) {
			size_t length = (size_t)(end - connection->input);
			char *line = strndup(connection->input, length);
			connection->input_length -= length + 1;
			memmove(connection->input, end + 1, connection->input_length);
			return line;
		}
		scanned = connection->input_length;
		if (!read_more(connection)) {
			return NULL;
		}
	}
}

struct bn_ipc_message ctl_request_begin(struct ctl *ctl, enum bn_verb verb) {
	return bn_ipc_request_begin(verb, ++ctl->connection.next_id);
}

static bool send_line(int fd, const char *line, size_t length) {
	while (length > 0) {
		ssize_t sent = send(fd, line, length, MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR) {
			return false;
		}
		if (sent > 0) {
			line += sent;
			length -= (size_t)sent;
		}
	}
	return true;
}

void ctl_reply_finish(struct ctl_reply *reply) {
	if (reply->fd >= 0) {
		close(reply->fd);
	}
	yyjson_doc_free(reply->doc);
	free(reply->line);
	*reply = (struct ctl_reply){ .fd = -1 };
}

/** Reads lines up to the answer to `id`, or to a refusal of the whole connection (id 0). */
static bool read_reply(struct ctl *ctl, int64_t id, struct ctl_reply *reply) {
	for (;;) {
		reply->line = ctl_read_line(ctl);
		if (reply->line == NULL) {
			return false;
		}
		reply->doc = yyjson_read(reply->line, strlen(reply->line), 0);
		reply->root = yyjson_doc_get_root(reply->doc);
		yyjson_val *number = yyjson_obj_get(reply->root, "id");
		bool is_ours = yyjson_get_sint(number) == id
				|| (yyjson_get_sint(number) == 0
						&& !yyjson_get_bool(yyjson_obj_get(reply->root,
								"ok")));
		if (number != NULL && is_ours) {
			reply->fd = ctl->connection.passed_fd;
			ctl->connection.passed_fd = -1;
			return true;
		}
		ctl_reply_finish(reply);
	}
}

static enum ctl_status judge(const struct ctl *ctl, const struct ctl_reply *reply) {
	if (yyjson_get_bool(yyjson_obj_get(reply->root, "ok"))) {
		return CTL_DONE;
	}
	const char *code = yyjson_get_str(yyjson_obj_get(reply->root, "code"));
	const char *error = yyjson_get_str(yyjson_obj_get(reply->root, "error"));
	if (ctl->json) {
		puts(reply->line);
	}
	fputs("binnaclectl: ", stderr);
	fprintf(stderr, "%s\n", error != NULL ? error : "refused without a reason");
	bool denied = code != NULL && strcmp(code, bn_ipc_code_name(BN_IPC_DENIED)) == 0;
	return denied ? CTL_DENIED : CTL_FAILED;
}

enum ctl_status ctl_request(struct ctl *ctl, struct bn_ipc_message *message,
		struct ctl_reply *ret_reply) {
	*ret_reply = (struct ctl_reply){ .fd = -1 };
	int64_t id = ctl->connection.next_id;
	size_t length = 0;
	char *line = bn_ipc_message_end(message, &length);
	if (line == NULL) {
		ctl_complain("out of memory");
		return CTL_FAILED;
	}
	enum ctl_status status = ctl_connect(ctl);
	if (status != CTL_DONE) {
		free(line);
		return status;
	}
	// Somebody who turned us away has left a line that says why: read it even if we cannot send.
	bool sent = send_line(ctl->connection.fd, line, length);
	free(line);
	errno = sent ? 0 : EPIPE;
	if (!read_reply(ctl, id, ret_reply)) {
		bool late = errno == EAGAIN || errno == EWOULDBLOCK;
		ctl_complain("%s",
				late ? "the compositor does not answer"
				     : "the compositor closed the connection");
		return CTL_NO_SERVER;
	}
	return judge(ctl, ret_reply);
}

enum ctl_status ctl_command(struct ctl *ctl, struct bn_ipc_message *message) {
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, message, &reply);
	if (status == CTL_DONE && ctl->json) {
		puts(reply.line);
	}
	ctl_reply_finish(&reply);
	return status;
}
