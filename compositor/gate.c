#include "gate.h"

#include <fcntl.h>
#include <pixman.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server.h> // struct wl_resource: see skip_next
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_screencopy_v1.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_virtual_keyboard_v1.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/util/box.h>
#include <xkbcommon/xkbcommon.h>

#include "client.h"
#include "loop.h"

/** A window with a shadow and rounded corners has some ten; pixman's time for one more grows with their number. */
#define REGION_RECTS_MAX 1024
/** Beyond so many, damage is what is around it. */
#define DAMAGE_RECTS_MAX 256
/** Browsers offer some twenty types; whoever is told of an offer is told of each. */
#define OFFERS_MAX 256
/** A compiled keyboard of xkeyboard-config is some 60 KB of text. */
#define KEYMAP_MAX_BYTES (256 << 10)

/** No panel is larger, and no texture of most GPUs. */
#define BUFFER_SIDE_MAX 16384
/** One 7680x4320 picture. To read what a file does not have yet, and to free its texture, costs a page fault each 4 KiB. */
#define BUFFER_MAX_BYTES (INT64_C(128) << 20)
/** As many bytes as a client may have held, core/budget. */
#define POOL_MAX_BYTES (1 << 30)
/** Pools and buffers that anybody may have, however few descriptors are left. */
#define POOLS_FEW 64

struct call {
	struct bn_gate *gate;
	struct wl_client *wl;
	struct wl_resource *resource;
	const union wl_argument *args;
};

/** What becomes of a request. Anything but PASS is not carried out; ERROR ends its client as well. */
enum verdict {
	PASS,
	SKIP,
	ERROR,
};

#define REASON_MAX 120

static struct wl_resource *object_of(const union wl_argument *arg) {
	return (struct wl_resource *)arg->o;
}

// Popups

static bool is_within(const struct wlr_xdg_surface *surface, const struct wlr_xdg_surface *other) {
	while (other != NULL && other != surface) {
		const struct wlr_xdg_popup *popup =
				other->role == WLR_XDG_SURFACE_ROLE_POPUP ? other->popup : NULL;
		other = popup != NULL && popup->parent != NULL
				? wlr_xdg_surface_try_from_wlr_surface(popup->parent)
				: NULL;
	}
	return other == surface;
}

static enum verdict check_get_popup(const struct call *call, char reason[REASON_MAX]) {
	const struct wlr_xdg_surface *surface = wlr_xdg_surface_from_resource(call->resource);
	struct wl_resource *parent = object_of(&call->args[1]);
	if (surface == NULL || parent == NULL) {
		return PASS;
	}
	if (!is_within(surface, wlr_xdg_surface_from_resource(parent))) {
		return PASS;
	}
	snprintf(reason, REASON_MAX, "a popup cannot be its own parent or its parent's parent");
	return ERROR;
}

static enum verdict check_reposition(const struct call *call, char reason[REASON_MAX]) {
	const struct wlr_xdg_popup *popup = wlr_xdg_popup_from_resource(call->resource);
	if (popup == NULL || popup->base->initialized) {
		return PASS;
	}
	snprintf(reason, REASON_MAX, "a popup cannot be moved before its first commit");
	return ERROR;
}

/**
 * A second grab of one popup ties a list to itself. One without input before it would take every touch from
 * everybody else, from behind: as the protocol has it, such a popup is dismissed.
 */
static enum verdict check_popup_grab(const struct call *call, char reason[REASON_MAX]) {
	struct wlr_xdg_popup *popup = wlr_xdg_popup_from_resource(call->resource);
	struct wlr_seat_client *client = wlr_seat_client_from_resource(object_of(&call->args[0]));
	if (popup == NULL || client == NULL) {
		return PASS;
	}
	if (popup->seat != NULL) {
		snprintf(reason, REASON_MAX, "a popup cannot grab twice");
		return ERROR;
	}
	if (wlr_seat_client_validate_event_serial(client, call->args[1].u)) {
		return PASS;
	}
	wlr_xdg_popup_destroy(popup);
	snprintf(reason, REASON_MAX,
			"a popup wants to grab input without a serial of an input "
			"event: it is dismissed");
	return SKIP;
}

// Clipboard and dragging

/**
 * A drag of nothing keeps a pointer to its client beyond that client's end, and a finger that ends it looks into a
 * source that is not there; one that is refused since another goes on is never freed.
 */
static enum verdict check_start_drag(const struct call *call, char reason[REASON_MAX]) {
	const struct wlr_seat_client *client = wl_resource_get_user_data(call->resource);
	if (client == NULL) {
		return PASS;
	}
	struct wl_resource *source = object_of(&call->args[0]);
	// One that was cancelled is an object without a source.
	if (source == NULL || wl_resource_get_user_data(source) == NULL) {
		snprintf(reason, REASON_MAX, "a drag without a data source is not supported");
		return SKIP;
	}
	if (client->seat->drag != NULL) {
		snprintf(reason, REASON_MAX, "a drag while another goes on is ignored");
		return SKIP;
	}
	return PASS;
}

/** How many types a data source offers, for as long as it lives. */
struct offers {
	struct wl_listener destroy; // of the source's resource
	unsigned count;
};

static void handle_source_destroy(struct wl_listener *listener, void *data) {
	struct offers *offers = wl_container_of(listener, offers, destroy);
	free(offers);
}

static struct offers *offers_of(struct wl_resource *source) {
	struct wl_listener *listener =
			wl_resource_get_destroy_listener(source, handle_source_destroy);
	struct offers *offers;
	if (listener != NULL) {
		return wl_container_of(listener, offers, destroy);
	}
	offers = calloc(1, sizeof(*offers));
	if (offers != NULL) {
		offers->destroy.notify = handle_source_destroy;
		wl_resource_add_destroy_listener(source, &offers->destroy);
	}
	return offers;
}

static enum verdict check_offer(const struct call *call, char reason[REASON_MAX]) {
	struct offers *offers = offers_of(call->resource);
	if (offers != NULL && offers->count++ < OFFERS_MAX) {
		return PASS;
	}
	snprintf(reason, REASON_MAX, "a data source may offer %d types", OFFERS_MAX);
	return ERROR;
}

// Regions

static enum verdict check_region(const struct call *call, char reason[REASON_MAX]) {
	const pixman_region32_t *region = wlr_region_from_resource(call->resource);
	if (pixman_region32_n_rects(region) <= REGION_RECTS_MAX) {
		return PASS;
	}
	snprintf(reason, REASON_MAX, "a region may have %d rectangles", REGION_RECTS_MAX);
	return ERROR;
}

static void simplify(pixman_region32_t *damage) {
	if (pixman_region32_n_rects(damage) > DAMAGE_RECTS_MAX) {
		pixman_box32_t around = *pixman_region32_extents(damage);
		pixman_region32_reset(damage, &around);
	}
}

/** More damage than there is harms nobody. */
static enum verdict check_damage(const struct call *call, char reason[REASON_MAX]) {
	struct wlr_surface *surface = wlr_surface_from_resource(call->resource);
	simplify(&surface->pending.surface_damage);
	simplify(&surface->pending.buffer_damage);
	return PASS;
}

// Capture

static bool fits_output(const struct wlr_screencopy_frame_v1 *frame) {
	const struct wlr_box *box = &frame->box;
	const struct wlr_output *output = frame->output;
	// Not "x + width > output->width": a client names all of them.
	return box->x >= 0 && box->y >= 0 && box->width > 0 && box->height > 0
			&& box->width <= output->width && box->height <= output->height
			&& box->x <= output->width - box->width
			&& box->y <= output->height - box->height;
}

/** Whether its pixels can be written to, and are as the frame has said. */
static bool takes_copy(const struct wlr_screencopy_frame_v1 *frame, struct wlr_buffer *buffer) {
	if (buffer->width != frame->box.width || buffer->height != frame->box.height) {
		return false;
	}
	struct wlr_dmabuf_attributes dmabuf;
	if (wlr_buffer_get_dmabuf(buffer, &dmabuf)) {
		return dmabuf.format == frame->dmabuf_format;
	}
	void *data;
	uint32_t format;
	size_t stride;
	if (!wlr_buffer_begin_data_ptr_access(buffer, WLR_BUFFER_DATA_PTR_ACCESS_WRITE, &data,
			    &format, &stride)) {
		return false;
	}
	wlr_buffer_end_data_ptr_access(buffer);
	return format == frame->shm_format && stride == (size_t)frame->shm_stride;
}

/** A buffer that is refused there stays locked for ever, and with it the descriptor of its pool. */
static enum verdict check_copy(const struct call *call, char reason[REASON_MAX]) {
	const struct wlr_screencopy_frame_v1 *frame = wl_resource_get_user_data(call->resource);
	if (frame == NULL || frame->output == NULL || !frame->output->enabled) {
		return PASS;
	}
	struct wlr_buffer *buffer = wlr_buffer_try_from_resource(object_of(&call->args[0]));
	bool good = buffer != NULL && frame->buffer == NULL && takes_copy(frame, buffer)
			&& fits_output(frame);
	if (buffer != NULL) {
		buffer->n_locks--; // not wlr_buffer_unlock, which would tell the client that it is free
	}
	if (good) {
		return PASS;
	}
	snprintf(reason, REASON_MAX,
			"a frame is copied once, into a buffer of the size, format and "
			"stride that it has said");
	return ERROR;
}

// Descriptors

/**
 * A memory file or one of tmpfs: what is read of it comes from no disk, and from no other program, as a page of FUSE
 * does. Only such have seals. To ask what kind of file it is, or for its size, may be a question to that program.
 */
static bool is_memory(int fd) {
	return fcntl(fd, F_GET_SEALS) >= 0;
}

/** When they run out, who has many gives them all back. */
static enum verdict check_create_pool(const struct call *call, char reason[REASON_MAX]) {
	if (!is_memory(call->args[1].h)) {
		snprintf(reason, REASON_MAX,
				"a pool's file must be in memory (memfd_create, or tmpfs as "
				"XDG_RUNTIME_DIR should be)");
		return ERROR;
	}
	const struct bn_client *client = bn_client_from_wl(call->gate->clients, call->wl);
	if (call->args[2].i > POOL_MAX_BYTES) {
		snprintf(reason, REASON_MAX, "a pool of %d bytes, limit %d", call->args[2].i,
				POOL_MAX_BYTES);
		return ERROR;
	}
	int64_t count = client != NULL ? client->budget.used[BN_BUDGET_BUFFERS] + client->pools : 0;
	if (count < POOLS_FEW || !bn_client_fds_run_out(call->args[1].h)) {
		return PASS;
	}
	snprintf(reason, REASON_MAX, "descriptors run out, and it has %lld of them",
			(long long)count);
	return ERROR;
}

static enum verdict check_resize(const struct call *call, char reason[REASON_MAX]) {
	if (call->args[0].i <= POOL_MAX_BYTES) {
		return PASS;
	}
	snprintf(reason, REASON_MAX, "a pool of %d bytes, limit %d", call->args[0].i,
			POOL_MAX_BYTES);
	return ERROR;
}

static enum verdict check_create_buffer(const struct call *call, char reason[REASON_MAX]) {
	int32_t width = call->args[2].i, height = call->args[3].i, stride = call->args[4].i;
	if (width <= BUFFER_SIDE_MAX && height <= BUFFER_SIDE_MAX
			&& (int64_t)stride * height <= BUFFER_MAX_BYTES) {
		return PASS;
	}
	snprintf(reason, REASON_MAX,
			"a buffer of %dx%d px, %d bytes a line, is larger than any "
			"display",
			width, height, stride);
	return ERROR;
}

/** SO_DOMAIN, SO_TYPE or SO_ACCEPTCONN; -1: it is no socket. */
static int socket_option(int fd, int name) {
	int value = -1;
	socklen_t size = sizeof(value);
	return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

/** Whether it is told when nobody has its other end any more: who is an end of itself never is. */
static bool hangs_up(int fd) {
	if (fcntl(fd, F_GETPIPE_SZ) >= 0) {
		return (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDWR;
	}
	int type = socket_option(fd, SO_TYPE);
	return socket_option(fd, SO_DOMAIN) == AF_UNIX && socket_option(fd, SO_ACCEPTCONN) == 0
			&& (type == SOCK_STREAM || type == SOCK_SEQPACKET);
}

/** What is refused there is not closed, and what never hangs up would be kept for ever. */
static enum verdict check_create_listener(const struct call *call, char reason[REASON_MAX]) {
	int listening = call->args[1].h, closing = call->args[2].h;
	if (socket_option(listening, SO_ACCEPTCONN) <= 0) {
		snprintf(reason, REASON_MAX, "listen_fd is no listening socket");
		return ERROR;
	}
	if (!hangs_up(closing)) {
		snprintf(reason, REASON_MAX, "close_fd is no end of a pipe or of a local stream");
		return ERROR;
	}
	// Whoever else has it may take a connection before we do: accept must not wait for the next.
	int flags = fcntl(listening, F_GETFL);
	if (flags >= 0) {
		fcntl(listening, F_SETFL, flags | O_NONBLOCK);
	}
	return PASS;
}

/** The keymap's text, owned; NULL: there is none. Read, not mapped: a file may be cut off at any time. */
static char *read_keymap(int fd, size_t size) {
	if (size == 0 || size > KEYMAP_MAX_BYTES || !is_memory(fd)) {
		return NULL;
	}
	char *text = calloc(1, size + 1);
	size_t done = 0;
	while (text != NULL && done < size) {
		ssize_t count = pread(fd, text + done, size - done, (off_t)done);
		if (count <= 0) {
			break;
		}
		done += (size_t)count;
	}
	return text;
}

static bool set_keymap(struct wlr_virtual_keyboard_v1 *keyboard, const char *text) {
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	struct xkb_keymap *keymap = context != NULL
			? xkb_keymap_new_from_string(context, text, XKB_KEYMAP_FORMAT_TEXT_V1,
					  XKB_KEYMAP_COMPILE_NO_FLAGS)
			: NULL;
	bool done = keymap != NULL && wlr_keyboard_set_keymap(&keyboard->keyboard, keymap);
	keyboard->has_keymap = keyboard->has_keymap || done;
	xkb_keymap_unref(keymap);
	xkb_context_unref(context);
	return done;
}

/** wlroots would map the file and read to a NUL that may not be there. So it is done here. */
static enum verdict take_keymap(const struct call *call, char reason[REASON_MAX]) {
	struct wlr_virtual_keyboard_v1 *keyboard =
			wlr_virtual_keyboard_v1_from_resource(call->resource);
	if (keyboard == NULL) {
		return SKIP; // inert: wlroots would return, and keep the descriptor
	}
	char *text = read_keymap(call->args[1].h, call->args[2].u);
	bool done = text != NULL && set_keymap(keyboard, text);
	free(text);
	if (!done) {
		snprintf(reason, REASON_MAX,
				"the keymap is no file of at most %d bytes that xkb "
				"understands",
				KEYMAP_MAX_BYTES);
		return ERROR;
	}
	return SKIP;
}

static const struct {
	const char *interface, *request;
	enum verdict (*check)(const struct call *call, char reason[REASON_MAX]);
} table[] = {
	{ "wl_shm", "create_pool", check_create_pool },
	{ "wl_shm_pool", "resize", check_resize },
	{ "wl_shm_pool", "create_buffer", check_create_buffer },
	{ "wl_surface", "damage", check_damage },
	{ "wl_surface", "damage_buffer", check_damage },
	{ "wl_region", "add", check_region },
	{ "wl_region", "subtract", check_region },
	{ "xdg_surface", "get_popup", check_get_popup },
	{ "xdg_popup", "reposition", check_reposition },
	{ "xdg_popup", "grab", check_popup_grab },
	{ "wl_data_device", "start_drag", check_start_drag },
	{ "wl_data_source", "offer", check_offer },
	{ "zwp_primary_selection_source_v1", "offer", check_offer },
	{ "zwlr_screencopy_frame_v1", "copy", check_copy },
	{ "zwlr_screencopy_frame_v1", "copy_with_damage", check_copy },
	{ "wp_security_context_manager_v1", "create_listener", check_create_listener },
	{ "zwp_virtual_keyboard_v1", "keymap", take_keymap },
};

// Not carrying out

static void close_descriptors(const struct wl_message *message, const union wl_argument *args) {
	// A signature is a letter for each argument, with digits (since when) and ? (may be null) in between.
	size_t index = 0;
	for (const char *letter = message->signature; *letter != '\0'; letter++) {
		if (*letter == 'h') {
			close(args[index].h);
		}
		index += strchr("iufsonah", *letter) != NULL;
	}
}

/** Takes the place of the request that is passed over, and leaves the object as it was. */
static int pass_over(const void *implementation, void *target, uint32_t opcode,
		const struct wl_message *message, union wl_argument *args) {
	struct wl_resource *resource = target;
	close_descriptors(message, args);
	wl_resource_set_implementation(resource, implementation,
			wl_resource_get_user_data(resource), resource->destroy);
	return 0;
}

/**
 * libwayland has no word for it, but asks the object for its dispatcher after the loggers have run. The object must
 * keep its implementation, by which wlroots knows it, and its destructor, for which there are no getters: they are read
 * from the struct, which is public and by libwayland's own rules never changes.
 */
static void skip_next(struct wl_resource *resource) {
	wl_resource_set_dispatcher(resource, pass_over, resource->object.implementation,
			wl_resource_get_user_data(resource), resource->destroy);
}

static void refuse(const struct call *call, enum verdict verdict, const char *reason) {
	struct bn_client *client = bn_client_from_wl(call->gate->clients, call->wl);
	if (client != NULL && reason[0] != '\0') {
		bn_client_refuse(client, bn_loop_request_now(call->gate->loop), "%s", reason);
	}
	if (verdict == ERROR) {
		wl_client_post_implementation_error(call->wl, "%s", reason);
	}
	skip_next(call->resource);
}

#define ROWS (sizeof(table) / sizeof(table[0]))

static size_t find_row(const struct wl_protocol_logger_message *message) {
	const char *request = message->message->name;
	const char *interface = wl_resource_get_class(message->resource);
	size_t row = 0;
	while (row < ROWS
			&& (strcmp(request, table[row].request) != 0
					|| strcmp(interface, table[row].interface) != 0)) {
		row++;
	}
	return row;
}

/** Each request of each client comes through here; two that share a place take turns in it. */
static size_t row_of(struct bn_gate *gate, const struct wl_protocol_logger_message *message) {
	size_t place = (uintptr_t)message->message / sizeof(struct wl_message) % BN_GATE_KNOWN;
	if (gate->known[place].message != message->message) {
		gate->known[place].message = message->message;
		gate->known[place].row = find_row(message);
	}
	return gate->known[place].row;
}

static void handle_message(void *data, enum wl_protocol_logger_type direction,
		const struct wl_protocol_logger_message *message) {
	struct bn_gate *gate = data;
	size_t row = direction == WL_PROTOCOL_LOGGER_REQUEST ? row_of(gate, message) : ROWS;
	if (row == ROWS) {
		return;
	}
	const struct call call = {
		.gate = gate,
		.wl = wl_resource_get_client(message->resource),
		.resource = message->resource,
		.args = message->arguments,
	};
	char reason[REASON_MAX] = "";
	enum verdict verdict = table[row].check(&call, reason);
	if (verdict != PASS) {
		refuse(&call, verdict, reason);
	}
}

bool bn_gate_init(struct bn_gate *gate, struct wl_display *display, struct bn_clients *clients,
		const struct bn_loop *loop) {
	*gate = (struct bn_gate){ .clients = clients, .loop = loop };
	gate->requests = wl_display_add_protocol_logger(display, handle_message, gate);
	return gate->requests != NULL;
}

void bn_gate_finish(struct bn_gate *gate) {
	if (gate->requests != NULL) {
		wl_protocol_logger_destroy(gate->requests);
		gate->requests = NULL;
	}
}
