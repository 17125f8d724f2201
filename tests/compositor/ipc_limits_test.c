// What a controller cannot do to the compositor, and what it cannot be made to leave behind.

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "cockpit.h"
#include "ipc/connection.h"
#include "ipc/socket.h"
#include "ipc_rig.h"
#include "loop.h"
#include "output.h"

#define LINE_MAX_BYTES 65536

static struct bn_fixture fixture;
static struct peer peer;

static int start(void **state) {
	rig_start(&fixture);
	return 0;
}

static int finish(void **state) {
	bn_fixture_stop(&fixture);
	return 0;
}

static int connect_peer(void **state) {
	peer_connect(&fixture, &peer);
	return 0;
}

static int close_peer(void **state) {
	peer_close(&peer);
	return 0;
}

/** A request of exactly `length` bytes, without its '\n'. */
static char *request_of(size_t length) {
	char *line = malloc(length + 1);
	assert_non_null(line);
	static const char head[] = "{\"do\":\"stats\",\"x\":\"";
	static const char tail[] = "\"}";
	memset(line, 'a', length);
	memcpy(line, head, sizeof(head) - 1);
	memcpy(line + length - (sizeof(tail) - 1), tail, sizeof(tail) - 1);
	line[length] = '\0';
	return line;
}

static void the_longest_line_is_served(void **state) {
	char *line = request_of(LINE_MAX_BYTES);
	peer_do(&peer, line);
	free(line);
}

static void a_longer_line_ends_the_connection_with_a_reason(void **state) {
	char *line = request_of(LINE_MAX_BYTES + 1);
	yyjson_doc *reply = peer_ask(&peer, line);
	free(line);
	assert_non_null(reply);
	assert_string_equal(doc_text(reply, "code"), "bad-request");
	assert_non_null(strstr(doc_text(reply, "error"), "65536"));
	yyjson_doc_free(reply);
	assert_null(peer_read_line(&peer));
}

static void garbage_is_refused_and_the_next_request_served(void **state) {
	uint32_t random = 12345;
	for (int i = 0; i < 200; i++) {
		char line[64];
		for (size_t j = 0; j < sizeof(line); j++) {
			random = random * 1664525u + 1013904223u;
			line[j] = (char)(random >> 24);
			line[j] = line[j] == '\n' ? ' ' : line[j];
		}
		line[sizeof(line) - 1] = '\n';
		assert_true(peer_send(&peer, line, sizeof(line)));
		char *reply = peer_read_line(&peer);
		assert_non_null(strstr(reply, "\"ok\":false"));
		free(reply);
	}
	peer_do(&peer, "{\"do\":\"stats\"}");
}

static void deep_nesting_is_refused(void **state) {
	char line[4096];
	memset(line, '[', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	assert_true(peer_send(&peer, line, sizeof(line)));
	char *reply = peer_read_line(&peer);
	assert_non_null(strstr(reply, "nested"));
	free(reply);
}

static void a_request_may_come_byte_by_byte(void **state) {
	static const char request[] = "{\"id\":5,\"do\":\"stats\"}\n";
	for (size_t i = 0; i < sizeof(request) - 1; i++) {
		assert_true(peer_send(&peer, &request[i], 1));
		bn_server_dispatch(fixture.server, 0);
	}
	char *reply = peer_read_line(&peer);
	assert_int_equal(strncmp(reply, "{\"id\":5,\"ok\":true", 17), 0);
	free(reply);
}

/** Asks without ever reading. True: it was disconnected before that much was sent. */
static bool is_cut_off(struct peer *deaf, size_t requests) {
	static const char request[] = "{\"do\":\"get\",\"what\":\"layout\"}\n";
	for (size_t i = 0; i < requests; i++) {
		ssize_t sent = send(deaf->fd, request, sizeof(request) - 1, MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN) {
			return true;
		}
		bn_server_dispatch(fixture.server, 0);
	}
	return false;
}

static void who_does_not_read_is_disconnected_and_others_are_served(void **state) {
	struct peer other;
	peer_connect(&fixture, &other);
	assert_true(is_cut_off(&peer, 100000));
	peer_do(&other, "{\"do\":\"stats\"}");
	peer_close(&other);
}

static void a_watcher_that_does_not_read_is_disconnected(void **state) {
	struct peer other;
	peer_connect(&fixture, &other);
	peer_do(&peer, "{\"do\":\"watch\"}");
	bool cut = false;
	// Each change is about 100 bytes; the queue takes 1 MiB and the kernel some more.
	for (int i = 0; i < 200000 && !cut; i++) {
		char request[96];
		snprintf(request, sizeof(request),
				"{\"do\":\"set\",\"signal\":\"Vehicle.Gear\",\"value\":\"%040d\"}",
				i);
		peer_do(&other, request);
		cut = i % 1000 == 0 && send(peer.fd, " ", 1, MSG_NOSIGNAL) < 0;
	}
	assert_true(cut);
	peer_close(&other);
}

static void connections_beyond_64_are_turned_away_with_a_reason(void **state) {
	static struct peer peers[BN_IPC_MAX_CONNECTIONS];
	peer_do(&peer, "{\"do\":\"stats\"}");
	for (size_t i = 1; i < BN_IPC_MAX_CONNECTIONS; i++) {
		peer_connect(&fixture, &peers[i]);
		peer_do(&peers[i], "{\"do\":\"inspect\",\"on\":false}");
	}
	peer_connect(&fixture, &peers[0]);
	char *line = peer_read_line(&peers[0]);
	assert_non_null(strstr(line, "too many connections"));
	free(line);
	assert_null(peer_read_line(&peers[0]));
	for (size_t i = 0; i < BN_IPC_MAX_CONNECTIONS; i++) {
		peer_close(&peers[i]);
	}
	peer_do(&peer, "{\"do\":\"stats\"}");
	peer_connect(&fixture, &peers[0]);
	peer_do(&peers[0], "{\"do\":\"stats\"}");
	peer_close(&peers[0]);
}

static void the_last_line_of_who_ends_needs_no_newline(void **state) {
	static const char request[] = "{\"id\":9,\"do\":\"inspect\",\"on\":false}";
	assert_true(peer_send(&peer, request, sizeof(request) - 1));
	assert_int_equal(shutdown(peer.fd, SHUT_WR), 0);
	char *reply = peer_read_line(&peer);
	assert_string_equal(reply, "{\"id\":9,\"ok\":true}");
	free(reply);
	assert_null(peer_read_line(&peer));
}

static void a_watcher_may_end_its_side(void **state) {
	static const char request[] = "{\"do\":\"watch\"}\n";
	assert_true(peer_send(&peer, request, sizeof(request) - 1));
	assert_int_equal(shutdown(peer.fd, SHUT_WR), 0);
	yyjson_doc_free(peer_event(&peer, "snapshot", NULL));
	struct peer other;
	peer_connect(&fixture, &other);
	peer_do(&other, "{\"do\":\"set\",\"signal\":\"Vehicle.Speed\",\"value\":1}");
	yyjson_doc_free(peer_event(&peer, "signal", "Vehicle.Speed"));
	peer_close(&other);
}

static void who_leaves_at_once_has_its_requests_done(void **state) {
	bn_outputs_set_inspector(bn_server_outputs(fixture.server), false);
	peer_do(&peer, "{\"do\":\"stats\"}");
	static const char requests[] = "{\"do\":\"stats\"}\n{\"do\":\"stats\"}\n{\"do\":"
				       "\"inspect\",\"on\":true}\n";
	assert_true(peer_send(&peer, requests, sizeof(requests) - 1));
	peer_close(&peer);
	struct peer other;
	peer_connect(&fixture, &other);
	peer_do(&other, "{\"do\":\"stats\"}");
	assert_true(bn_server_outputs(fixture.server)->inspector);
	peer_do(&other, "{\"do\":\"inspect\",\"on\":false}");
	peer_close(&other);
}

static void one_round_serves_only_some_of_a_flood(void **state) {
	peer_do(&peer, "{\"do\":\"stats\"}");
	static const char request[] = "{\"do\":\"inspect\",\"on\":false}\n";
	for (int i = 0; i < 4 * BN_IPC_REQUESTS_PER_ROUND; i++) {
		assert_true(peer_send(&peer, request, sizeof(request) - 1));
	}
	bn_server_dispatch(fixture.server, 0);
	int replies = 0;
	char buffer[65536];
	ssize_t got = recv(peer.fd, buffer, sizeof(buffer), MSG_DONTWAIT);
	for (ssize_t i = 0; i < got; i++) {
		replies += buffer[i] == '\n';
	}
	assert_true(replies > 0 && replies <= BN_IPC_REQUESTS_PER_ROUND);
	for (int i = replies; i < 4 * BN_IPC_REQUESTS_PER_ROUND; i++) {
		free(peer_read_line(&peer));
	}
}

static void the_socket_is_the_users_alone(void **state) {
	struct stat info;
	assert_int_equal(stat(bn_server_control_path(fixture.server), &info), 0);
	assert_true(S_ISSOCK(info.st_mode));
	assert_int_equal(info.st_mode & 0777, 0600);
}

/** Tries to listen at `path`, with the fixture's cockpit. */
static bool can_listen(const char *path) {
	struct bn_ipc ipc;
	struct bn_ipc_context context = {
		.loop = bn_server_loop(fixture.server),
		.cockpit = bn_server_cockpit(fixture.server),
		.outputs = bn_server_outputs(fixture.server),
		.launcher = bn_server_launcher(fixture.server),
		.clients = bn_server_clients(fixture.server),
		.shell = bn_server_shell(fixture.server),
		.scene = bn_server_scene(fixture.server),
	};
	bool done = bn_ipc_init(&ipc, &context, path);
	bn_ipc_finish(&ipc);
	return done;
}

static void a_socket_in_use_is_left_alone(void **state) {
	assert_false(can_listen(bn_server_control_path(fixture.server)));
	struct peer other;
	peer_connect(&fixture, &other);
	peer_do(&other, "{\"do\":\"stats\"}");
	peer_close(&other);
}

static void a_dead_compositors_socket_is_replaced_and_removed(void **state) {
	char path[128], lock[160];
	snprintf(path, sizeof(path), "%s/dead.ctl", fixture.folder);
	snprintf(lock, sizeof(lock), "%s.lock", path);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	assert_true(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_true(can_listen(path));
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(lock, F_OK), -1);
}

static void a_file_in_the_sockets_place_is_not_removed(void **state) {
	char path[128];
	snprintf(path, sizeof(path), "%s/precious.ctl", fixture.folder);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_false(can_listen(path));
	assert_int_equal(access(path, F_OK), 0);
}

static void a_path_that_is_too_long_is_refused(void **state) {
	char path[256];
	memset(path, 'x', sizeof(path));
	memcpy(path, fixture.folder, strlen(fixture.folder));
	path[strlen(fixture.folder)] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_false(can_listen(path));
}

static void quitting_answers_first(void **state) {
	yyjson_doc *reply = peer_ask(&peer, "{\"do\":\"quit\"}");
	assert_true(doc_ok(reply));
	yyjson_doc_free(reply);
}

#define WITH_PEER(test) cmocka_unit_test_setup_teardown(test, connect_peer, close_peer)

int main(void) {
	const struct CMUnitTest tests[] = {
		WITH_PEER(the_longest_line_is_served),
		WITH_PEER(a_longer_line_ends_the_connection_with_a_reason),
		WITH_PEER(garbage_is_refused_and_the_next_request_served),
		WITH_PEER(deep_nesting_is_refused),
		WITH_PEER(a_request_may_come_byte_by_byte),
		WITH_PEER(who_does_not_read_is_disconnected_and_others_are_served),
		WITH_PEER(a_watcher_that_does_not_read_is_disconnected),
		WITH_PEER(connections_beyond_64_are_turned_away_with_a_reason),
		WITH_PEER(the_last_line_of_who_ends_needs_no_newline),
		WITH_PEER(a_watcher_may_end_its_side),
		WITH_PEER(who_leaves_at_once_has_its_requests_done),
		WITH_PEER(one_round_serves_only_some_of_a_flood),
		cmocka_unit_test(the_socket_is_the_users_alone),
		cmocka_unit_test(a_socket_in_use_is_left_alone),
		cmocka_unit_test(a_dead_compositors_socket_is_replaced_and_removed),
		cmocka_unit_test(a_file_in_the_sockets_place_is_not_removed),
		cmocka_unit_test(a_path_that_is_too_long_is_refused),
		WITH_PEER(quitting_answers_first),
	};
	return cmocka_run_group_tests_name("ipc-limits", tests, start, finish);
}
