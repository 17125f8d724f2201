/*
 * fault-client: a Wayland client that does one bad thing, for the fault campaign. What it is told and what it found
 * out is printed, a line each; it then stays until it is ended or its connection is.
 *
 *   fault-client [--app-id NAME] [--color RRGGBB] MODE [ARGUMENT]...
 *
 *   paint             a window that obeys its standard input, see `obey`
 *   lamp X Y W H      the same; of its window only this box is painted, the rest is black
 *   globals           lists what is offered
 *   bind INTERFACE    binds this global by the number that the session owner is told (OWNER_DISPLAY)
 *   surfaces N        makes N surfaces
 *   buffers N         makes N buffers
 *   bytes N           shows N surfaces with a buffer of 1 MiB each
 *   pool BYTES        makes a pool of so many bytes
 *   requests          sends requests that commit nothing, as fast as the socket takes them
 *   deaf              has itself sent events, and reads none
 *   shrink            shows a window; told anything, takes the memory of its pictures away and shows the other one
 *   linger            sends a TCP socket whose last close() waits for a minute; told anything, hangs up
 *   unconfigured      shows a picture before it was told a size
 *   escape            adds a surface to its window that reaches far beyond it on all sides
 *   grab              opens a popup with a grab when it is touched
 *   sandbox           comes through a security context of its own making, and lists what is offered there
 */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/** So many unread answers of 24 bytes are far more than any socket holds. */
#define DEAF_MAX 1000000

// What is offered

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = { .ping = handle_ping };

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct client *client = data;
	if (client->global_count < GLOBALS_MAX) {
		struct global *global = &client->globals[client->global_count++];
		global->name = name;
		global->version = version;
		snprintf(global->interface, sizeof(global->interface), "%s", interface);
	}
	const struct {
		const struct wl_interface *interface;
		uint32_t version;
		void **object;
	} wanted[] = {
		{ &wl_compositor_interface, 4, (void **)&client->compositor },
		{ &wl_subcompositor_interface, 1, (void **)&client->subcompositor },
		{ &wl_shm_interface, 1, (void **)&client->shm },
		{ &wl_seat_interface, 5, (void **)&client->seat },
		{ &xdg_wm_base_interface, 3, (void **)&client->wm_base },
		{ &wp_security_context_manager_v1_interface, 1, (void **)&client->contexts },
	};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (*wanted[i].object == NULL
				&& strcmp(interface, wanted[i].interface->name) == 0) {
			*wanted[i].object = wl_registry_bind(registry, name, wanted[i].interface,
					wanted[i].version);
		}
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void connect_to(struct client *client, const char *name) {
	client->display = wl_display_connect(name);
	if (client->display == NULL) {
		fail("no Wayland display");
	}
	client->registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(client->registry, &registry_listener, client);
	roundtrip(client);
	if (client->compositor == NULL || client->shm == NULL || client->wm_base == NULL) {
		errno = ENOTSUP;
		fail("the display offers no xdg-shell");
	}
	xdg_wm_base_add_listener(client->wm_base, &wm_base_listener, client);
	if (client->seat != NULL) {
		wl_seat_add_listener(client->seat, &client_seat_listener, client);
	}
}

static void list_globals(const struct client *client) {
	for (size_t i = 0; i < client->global_count; i++) {
		say("global %s %u", client->globals[i].interface, client->globals[i].version);
	}
	say("listed");
}

// Modes

static bool mode_paint(struct client *client, char **arguments) {
	open_window(client);
	return true;
}

static bool mode_lamp(struct client *client, char **arguments) {
	client->lamp = (struct box){ atoi(arguments[0]), atoi(arguments[1]), atoi(arguments[2]),
		atoi(arguments[3]) };
	open_window(client);
	return true;
}

static bool mode_globals(struct client *client, char **arguments) {
	list_globals(client);
	return true;
}

/** A number that was not told is a guess; the owner's registry tells the right one. */
static bool mode_bind(struct client *client, char **arguments) {
	struct client owner = { .app_id = "owner" };
	connect_to(&owner, getenv("OWNER_DISPLAY"));
	for (size_t i = 0; i < owner.global_count; i++) {
		if (strcmp(owner.globals[i].interface, arguments[0]) == 0) {
			// Any interface will do for an object that nothing is asked of.
			const struct wl_interface interface = { arguments[0], 1, 0, NULL, 0, NULL };
			wl_registry_bind(client->registry, owner.globals[i].name, &interface, 1);
			roundtrip(client);
			say("bound");
			return true;
		}
	}
	errno = ENOENT;
	fail(arguments[0]);
	return false;
}

static bool mode_surfaces(struct client *client, char **arguments) {
	wait_for_window(client);
	for (int i = atoi(arguments[0]); i > 0; i--) {
		wl_compositor_create_surface(client->compositor);
	}
	roundtrip(client);
	say("made");
	return true;
}

static bool mode_buffers(struct client *client, char **arguments) {
	wait_for_window(client);
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, make_memory(4096), 4096);
	for (int i = atoi(arguments[0]); i > 0; i--) {
		wl_shm_pool_create_buffer(pool, 0, 8, 8, 32, WL_SHM_FORMAT_XRGB8888);
	}
	roundtrip(client);
	say("made");
	return true;
}

static bool mode_bytes(struct client *client, char **arguments) {
	wait_for_window(client);
	for (int i = atoi(arguments[0]); i > 0; i--) {
		int fd = make_memory(1 << 20);
		struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, 1 << 20);
		struct wl_buffer *buffer = wl_shm_pool_create_buffer(pool, 0, 512, 512, 2048,
				WL_SHM_FORMAT_XRGB8888);
		struct wl_surface *surface = wl_compositor_create_surface(client->compositor);
		wl_subcompositor_get_subsurface(client->subcompositor, surface, client->surface);
		wl_surface_attach(surface, buffer, 0, 0);
		wl_surface_commit(surface);
		close(fd);
		roundtrip(client);
	}
	wl_surface_commit(client->surface);
	roundtrip(client);
	say("made");
	return true;
}

static bool mode_pool(struct client *client, char **arguments) {
	wait_for_window(client);
	int32_t size = (int32_t)strtol(arguments[0], NULL, 10);
	wl_shm_create_pool(client->shm, make_memory((size_t)size), size);
	roundtrip(client);
	say("made");
	return true;
}

static bool is_alive(struct client *client) {
	struct pollfd fd = { .fd = wl_display_get_fd(client->display), .events = POLLIN | POLLOUT };
	poll(&fd, 1, -1);
	if ((fd.revents & (POLLERR | POLLHUP)) != 0) {
		return false;
	}
	return (fd.revents & POLLIN) == 0 || wl_display_dispatch(client->display) >= 0;
}

static bool mode_requests(struct client *client, char **arguments) {
	wait_for_window(client);
	say("begins");
	while (wl_display_flush(client->display) >= 0 || errno == EAGAIN) {
		for (int i = 0; i < 64; i++) {
			wl_surface_damage(client->surface, 0, 0, 1, 1);
		}
		if (!is_alive(client)) {
			break;
		}
	}
	wl_display_dispatch(client->display);
	end(client);
	return false;
}

/**
 * Answers pile up at the other end once both sockets are full. Written past libwayland, which would read them; the id
 * is one that libwayland has done with, as the compositor has each time that it answered.
 */
static bool mode_deaf(struct client *client, char **arguments) {
	wait_for_window(client);
	struct wl_callback *callback = wl_display_sync(client->display);
	uint32_t id = wl_proxy_get_id((struct wl_proxy *)callback);
	roundtrip(client);
	wl_callback_destroy(callback);
	int fd = wl_display_get_fd(client->display);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	const uint32_t sync[3] = { 1, sizeof(sync) << 16, id };
	say("begins");
	for (int64_t i = 0; send(fd, sync, sizeof(sync), MSG_NOSIGNAL) > 0; i++) {
		if (i == DEAF_MAX) {
			say("spared");
			return true;
		}
	}
	say("disconnected");
	exit(1);
}

/** Told anything. Pixels that are not there any more are a SIGBUS to who reads them. */
static bool mode_shrink(struct client *client, char **arguments) {
	wait_for_window(client);
	say("begins");
	char line[64];
	if (read(STDIN_FILENO, line, sizeof(line)) <= 0 || ftruncate(client->pool_fd, 0) != 0) {
		fail("ftruncate");
	}
	wl_surface_attach(client->surface, client->pictures[1].buffer, 0, 0);
	wl_surface_damage_buffer(client->surface, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(client->surface);
	return true;
}

/** Its other end stays open here, and reads nothing. */
static int lingering_socket(void) {
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *any = (struct sockaddr *)&address;
	socklen_t size = sizeof(address);
	int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct linger linger = { 1, 60 };
	if (bind(door, any, size) != 0 || listen(door, 1) != 0 || getsockname(door, any, &size) != 0
			|| connect(fd, any, size) != 0
			|| accept4(door, NULL, NULL, SOCK_CLOEXEC) < 0
			|| setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) != 0) {
		fail("a socket that lingers");
	}
	close(door);
	static const char data[1 << 16];
	while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0) {
	}
	return fd;
}

/**
 * Half a message with a descriptor: the compositor keeps it, and has the last of it once ours is closed. It closes it
 * when we hang up.
 */
static bool mode_linger(struct client *client, char **arguments) {
	int fd = lingering_socket(), display_fd = wl_display_get_fd(client->display);
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	const uint32_t half = 1;
	struct iovec part = { (void *)&half, sizeof(half) };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	if (sendmsg(display_fd, &message, MSG_NOSIGNAL) != (ssize_t)sizeof(half)) {
		fail("sendmsg");
	}
	close(fd);
	say("begins");
	char line[64];
	if (read(STDIN_FILENO, line, sizeof(line)) <= 0) {
		fail("standard input");
	}
	shutdown(display_fd, SHUT_RDWR);
	pause();
	return false;
}

static bool mode_unconfigured(struct client *client, char **arguments) {
	client->surface = wl_compositor_create_surface(client->compositor);
	client->xdg_surface = xdg_wm_base_get_xdg_surface(client->wm_base, client->surface);
	xdg_toplevel_set_app_id(xdg_surface_get_toplevel(client->xdg_surface), client->app_id);
	make_pictures(client);
	say("begins");
	wl_surface_attach(client->surface, client->pictures[0].buffer, 0, 0);
	wl_surface_commit(client->surface);
	roundtrip(client);
	say("accepted");
	return true;
}

static bool mode_escape(struct client *client, char **arguments) {
	wait_for_window(client);
	const int32_t side = 2000;
	const size_t count = (size_t)side * (size_t)side;
	int fd = make_memory(count * 4);
	uint32_t *pixels = mmap(NULL, count * 4, PROT_WRITE, MAP_SHARED, fd, 0);
	if (pixels == MAP_FAILED) {
		fail("mmap");
	}
	for (size_t i = 0; i < count; i++) {
		pixels[i] = client->color;
	}
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, (int32_t)(count * 4));
	struct wl_surface *surface = wl_compositor_create_surface(client->compositor);
	struct wl_subsurface *sub = wl_subcompositor_get_subsurface(client->subcompositor, surface,
			client->surface);
	wl_subsurface_set_position(sub, -side / 2, -side / 2);
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(pool, 0, side, side, side * 4,
			WL_SHM_FORMAT_XRGB8888);
	wl_surface_attach(surface, buffer, 0, 0);
	wl_surface_commit(surface);
	draw(client);
	roundtrip(client);
	say("escaped");
	return true;
}

static bool mode_grab(struct client *client, char **arguments) {
	client->grabs = true;
	open_window(client);
	return true;
}

static bool mode_sandbox(struct client *client, char **arguments) {
	if (client->contexts == NULL) {
		say("refused");
		return true;
	}
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/sandbox-%d",
			getenv("XDG_RUNTIME_DIR"), (int)getpid());
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), close_fds[2];
	if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof(address)) != 0
			|| listen(listener, 4) != 0 || pipe2(close_fds, O_CLOEXEC) != 0) {
		fail("a socket of the sandbox");
	}
	struct wp_security_context_v1 *context =
			wp_security_context_manager_v1_create_listener(client->contexts, listener,
					close_fds[1]);
	wp_security_context_v1_set_sandbox_engine(context, "fault-client");
	wp_security_context_v1_set_app_id(context, client->app_id);
	wp_security_context_v1_set_instance_id(context, "1");
	wp_security_context_v1_commit(context);
	wp_security_context_v1_destroy(context);
	roundtrip(client);
	struct client inside = {
		.app_id = client->app_id,
		.color = client->color,
		.width = client->width,
		.height = client->height,
	};
	connect_to(&inside, address.sun_path);
	unlink(address.sun_path);
	list_globals(&inside);
	open_window(&inside);
	while (wl_display_dispatch(inside.display) >= 0) {
	}
	end(&inside);
	return false;
}

static const struct {
	const char *name;
	int arguments;
	bool (*run)(struct client *client, char **arguments); // false: it is over
} modes[] = {
	{ "paint", 0, mode_paint },
	{ "lamp", 4, mode_lamp },
	{ "globals", 0, mode_globals },
	{ "bind", 1, mode_bind },
	{ "surfaces", 1, mode_surfaces },
	{ "buffers", 1, mode_buffers },
	{ "bytes", 1, mode_bytes },
	{ "pool", 1, mode_pool },
	{ "requests", 0, mode_requests },
	{ "deaf", 0, mode_deaf },
	{ "shrink", 0, mode_shrink },
	{ "linger", 0, mode_linger },
	{ "unconfigured", 0, mode_unconfigured },
	{ "escape", 0, mode_escape },
	{ "grab", 0, mode_grab },
	{ "sandbox", 0, mode_sandbox },
};

/**
 * A line of standard input: a colour RRGGBB to be painted; "move": a picture at each frame callback, with something
 * new in it; "tremble": the same, but what a counter would be stands still; "repeat": the same without anything new;
 * "freeze": none any more; "exit".
 */
static void obey(struct client *client, const char *line) {
	bool moves = strcmp(line, "move") == 0, trembles = strcmp(line, "tremble") == 0;
	if (moves || trembles || strcmp(line, "repeat") == 0) {
		client->counts = moves;
		client->trembles = moves || trembles;
		client->moves = true;
		draw(client);
	} else if (strcmp(line, "freeze") == 0) {
		client->moves = false;
	} else if (strcmp(line, "exit") == 0) {
		exit(0);
	} else {
		client->color = 0xff000000 | (uint32_t)strtoul(line, NULL, 16);
		draw(client);
	}
	say("done %s", line);
}

/** False: nobody tells us anything any more. */
static bool read_lines(struct client *client, char *text, size_t size, size_t *used) {
	ssize_t got = read(STDIN_FILENO, text + *used, size - 1 - *used);
	if (got <= 0) {
		return false;
	}
	*used += (size_t)got;
	text[*used] = '\0';
	char *at = text, *newline;
	while ((newline = strchr(at, '\n')) != NULL) {
		*newline = '\0';
		obey(client, at);
		at = newline + 1;
	}
	*used -= (size_t)(at - text);
	memmove(text, at, *used + 1);
	return true;
}

static void live(struct client *client) {
	char text[256];
	size_t used = 0;
	struct pollfd fds[2] = { { .fd = wl_display_get_fd(client->display), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN } };
	while (wl_display_flush(client->display) >= 0 || errno == EAGAIN) {
		if (poll(fds, 2, -1) < 0) {
			break;
		}
		if (fds[0].revents != 0 && wl_display_dispatch(client->display) < 0) {
			break;
		}
		if (fds[1].revents != 0 && !read_lines(client, text, sizeof(text), &used)) {
			fds[1].fd = -1;
		}
	}
	wl_display_dispatch(client->display);
	end(client);
}

int main(int argc, char **argv) {
	struct client client = {
		.app_id = "guest", .color = 0xffa020c0, .width = 320, .height = 200
	};
	int at = 1;
	for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2) {
		if (strcmp(argv[at], "--app-id") == 0) {
			client.app_id = argv[at + 1];
		} else {
			client.color = 0xff000000 | (uint32_t)strtoul(argv[at + 1], NULL, 16);
		}
	}
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; at < argc && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(argv[at], modes[i].name) == 0 && argc - at - 1 == modes[i].arguments) {
			connect_to(&client, NULL);
			if (modes[i].run(&client, &argv[at + 1])) {
				live(&client);
			}
			return 0;
		}
	}
	fprintf(stderr,
			"usage: fault-client [--app-id NAME] [--color RRGGBB] MODE "
			"[ARGUMENT]...\n");
	return 2;
}
