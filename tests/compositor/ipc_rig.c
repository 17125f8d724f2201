#include "ipc_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_S 10

const char rig_layout[] =
		"binnacle: 1\n"
		"name: Bench\n"
		"displays:\n"
		"  left: { mode: 64x48@60 }\n"
		"  right: { mode: 32x48@60 }\n"
		"occupants:\n"
		"  driver: { displays: [left] }\n"
		"signals:\n"
		"  Vehicle.Speed: { from: [nav], stale-after: 500ms }\n"
		"  Vehicle.Gear: { from: [other] }\n"
		"states:\n"
		"  moving: { Vehicle.Speed: { over: 5, until-under: 3 } }\n"
		"zones:\n"
		"  main: { display: left, rect: full, grant: [nav, \"*\"], empty: \"#204060\" }\n"
		"  side: { display: right, rect: [0, 0, 16, 100%], grant: nav, empty: \"#ff0000\" "
		"}\n"
		"  secret: { display: right, rect: [16, 0, 16, 100%], private: true }\n"
		"rules:\n"
		"  drive: { when: moving, restrict: { main: [keyboard] } }\n"
		"themes:\n"
		"  day: { background: \"#102030\" }\n"
		"  night: { night: true, background: \"#000000\" }\n"
		"profiles:\n"
		"  anna: { themes: { day: { background: \"#400000\" } } }\n"
		"apps:\n"
		"  nav: { home: main }\n"
		"  other: {}\n";

void rig_write_layout(struct bn_fixture *fixture, const char *text, const char *more) {
	char *all;
	assert_true(asprintf(&all, "%s%s", text, more) >= 0);
	bn_fixture_write_layout(fixture, all);
	free(all);
}

void rig_start(struct bn_fixture *fixture) {
	struct bn_fixture_options options = { .layout = rig_layout, .with_socket = true };
	bn_fixture_start(fixture, &options);
	bn_fixture_advance_ms(fixture, 100);
}

static int64_t now_s(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

void peer_connect(struct bn_fixture *fixture, struct peer *peer) {
	*peer = (struct peer){ .fixture = fixture, .passed_fd = -1, .capacity = 4 * 1024 * 1024 };
	peer->input = malloc(peer->capacity);
	assert_non_null(peer->input);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = bn_server_control_path(fixture->server);
	assert_true(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	peer->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(peer->fd >= 0);
	assert_int_equal(connect(peer->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(fcntl(peer->fd, F_SETFL, O_NONBLOCK), 0);
}

void peer_close(struct peer *peer) {
	if (peer->fd >= 0) {
		close(peer->fd);
	}
	if (peer->passed_fd >= 0) {
		close(peer->passed_fd);
	}
	free(peer->input);
	*peer = (struct peer){ .fd = -1, .passed_fd = -1 };
}

bool peer_send(struct peer *peer, const char *data, size_t length) {
	int64_t end = now_s() + PATIENCE_S;
	while (length > 0) {
		ssize_t sent = send(peer->fd, data, length, MSG_NOSIGNAL);
		if (sent > 0) {
			data += sent;
			length -= (size_t)sent;
		} else if (errno == EAGAIN) {
			assert_true(now_s() < end);
			bn_server_dispatch(peer->fixture->server, 10);
		} else {
			return false;
		}
	}
	return true;
}

static void take_fd(struct peer *peer, struct msghdr *header) {
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(header);
	if (cmsg != NULL && cmsg->cmsg_type == SCM_RIGHTS) {
		assert_int_equal(cmsg->cmsg_len, CMSG_LEN(sizeof(int)));
		assert_int_equal(peer->passed_fd, -1);
		memcpy(&peer->passed_fd, CMSG_DATA(cmsg), sizeof(int));
	}
}

/** 0: disconnected. */
static ssize_t receive(struct peer *peer) {
	struct iovec iov = { peer->input + peer->length, peer->capacity - peer->length };
	assert_true(iov.iov_len > 0);
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(peer->fd, &header, MSG_CMSG_CLOEXEC);
	if (got > 0) {
		peer->length += (size_t)got;
		take_fd(peer, &header);
	} else if (got < 0 && errno == ECONNRESET) {
		got = 0;
	}
	return got;
}

char *peer_read_line(struct peer *peer) {
	int64_t end = now_s() + PATIENCE_S;
	for (;;) {
		char *newline = memchr(peer->input, '\n', peer->length);
		if (newline != NULL) {
			size_t length = (size_t)(newline - peer->input);
			char *line = strndup(peer->input, length);
			peer->length -= length + 1;
			memmove(peer->input, newline + 1, peer->length);
			return line;
		}
		ssize_t got = receive(peer);
		if (got == 0) {
			return NULL;
		}
		if (got < 0) {
			assert_true(now_s() < end);
			bn_server_dispatch(peer->fixture->server, 10);
		}
	}
}

static yyjson_doc *read_doc(struct peer *peer) {
	char *line = peer_read_line(peer);
	if (line == NULL) {
		return NULL;
	}
	yyjson_doc *doc = yyjson_read(line, strlen(line), 0);
	assert_non_null(doc);
	free(line);
	return doc;
}

yyjson_doc *peer_ask(struct peer *peer, const char *request) {
	if (!peer_send(peer, request, strlen(request)) || !peer_send(peer, "\n", 1)) {
		return NULL;
	}
	for (;;) {
		yyjson_doc *doc = read_doc(peer);
		if (doc == NULL || yyjson_obj_get(yyjson_doc_get_root(doc), "id") != NULL) {
			return doc;
		}
		yyjson_doc_free(doc);
	}
}

void peer_do(struct peer *peer, const char *request) {
	yyjson_doc *reply = peer_ask(peer, request);
	assert_non_null(reply);
	if (!doc_ok(reply)) {
		fail_msg("%s: %s", request, doc_text(reply, "error"));
	}
	yyjson_doc_free(reply);
}

yyjson_doc *peer_event(struct peer *peer, const char *event, const char *name) {
	for (;;) {
		yyjson_doc *doc = read_doc(peer);
		assert_non_null(doc);
		bool same_name = name == NULL || strcmp(doc_text(doc, "name"), name) == 0;
		if (strcmp(doc_text(doc, "event"), event) == 0 && same_name) {
			return doc;
		}
		yyjson_doc_free(doc);
	}
}

const char *doc_text(yyjson_doc *doc, const char *key) {
	const char *text = yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(doc), key));
	return text != NULL ? text : "";
}

bool doc_ok(yyjson_doc *doc) {
	return yyjson_get_bool(yyjson_obj_get(yyjson_doc_get_root(doc), "ok"));
}
