#ifndef BN_CLIENT_H
#define BN_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <wayland-server-core.h>

#include "core/budget.h"
#include "core/identity.h"
#include "core/layout.h"
#include "core/nsec.h"
#include "core/once.h"

struct bn_loop;
struct wlr_security_context_manager_v1;

#define BN_CLIENT_REASONS 8
/** Objects of one client, of all kinds: a browser has some thousands. One that has more is ended. */
#define BN_CLIENT_OBJECTS_MAX 32768
/** Clients that nothing is known of; whoever comes beyond them is turned away, so that the others have descriptors. */
#define BN_CLIENTS_UNKNOWN_MAX 256
/** So many descriptors are kept for who is known, and for ourselves. */
#define BN_CLIENTS_SPARE_FDS 256

/** One refusal or throttling, for `why`. The newest overwrite the oldest. */
struct bn_client_reason {
	int64_t at_ns;
	char text[160]; // empty: unused
};

struct bn_client_refusal {
	const struct bn_client *client;
	const struct bn_client_reason *reason;
};

/** A connected Wayland client: who it is, what it may cost, what was refused to it. */
struct bn_client {
	struct wl_client *wl;
	struct bn_clients *clients;
	char *app_name;              // owned; the layout app it is, NULL: none. Survives a reload.
	struct bn_identity identity; // .app is an index into the live layout
	pid_t pid;
	size_t occupant; // whose seat it is shown; settled when it binds its registry
	struct bn_budget budget;
	int64_t budget_ns;     // when the refresh began that commits and requests are counted in
	uint64_t budget_frame; // the output frame that uploads are counted in
	struct bn_client_reason reasons[BN_CLIENT_REASONS];
	size_t reason_next;
	uint64_t uploads, upload_bytes, commits; // totals, for stats
	int64_t latch_ns;                        // time that taking its buffers cost, in total
	uint32_t pools;                          // of memory, alive
	uint32_t objects; // made since they were last counted, plus as many as there were then
	struct wl_event_source *turn_away; // idle; NULL: it may stay
	struct wl_list link;               // bn_clients.list

	struct wl_listener destroy, object_created;
};

/** All clients, and the one place that says who somebody is. */
struct bn_clients {
	struct wl_display *display;
	const struct bn_layout *layout; // borrowed; set by bn_clients_set_layout
	struct wlr_security_context_manager_v1 *security_context; // borrowed, may be NULL
	pid_t (*app_of_pid)(void *data, pid_t pid,
			const char **ret_app); // launch's answer; may be NULL
	void *app_of_pid_data;
	struct wl_list list;                 // bn_client.link
	const struct bn_loop *loop;          // borrowed
	struct wl_protocol_logger *requests; // owned; counts them
	struct bn_once refusals;             // that were logged

	struct {
		struct wl_signal created;   // struct bn_client
		struct wl_signal destroyed; // struct bn_client
		struct wl_signal refused;   // struct bn_client_refusal: again, with each occurrence
	} events;

	struct wl_listener client_created;
};

void bn_clients_init(struct bn_clients *clients, const struct bn_loop *loop,
		struct wl_display *display);
void bn_clients_finish(struct bn_clients *clients);
/** Re-resolves every client's app index against the new layout. */
void bn_clients_set_layout(struct bn_clients *clients, const struct bn_layout *layout);

/** Never NULL for a live client of this display. */
struct bn_client *bn_client_from_wl(struct bn_clients *clients, const struct wl_client *wl);
/** States who a client is, at the moment it is created; app_name may be NULL (owner). */
bool bn_client_identify(struct bn_client *client, enum bn_identity_source source,
		const char *app_name);
/**
 * The layout app a toplevel with this app_id counts as, and how: the client's proven
 * identity, else the app whose app-id it calls itself.
 */
struct bn_identity bn_client_identity_for(const struct bn_client *client, const char *app_id);
/** The refresh, ns, in which a client's commits and requests are counted, whatever displays do. */
#define BN_CLIENT_REFRESH_NS (BN_NSEC_PER_SEC / 60)
/**
 * bn_budget_spend at now_ns. What is not OK leaves a reason, and an ERROR ends the client with an
 * implementation error that says the same.
 */
enum bn_budget_verdict bn_client_spend(struct bn_client *client, enum bn_budget_kind kind,
		int64_t amount, int64_t now_ns);
/**
 * Leaves a reason that `why` shows. Logged at INFO, once for a client, and never so often that many clients,
 * or one that comes back again and again, fill the log.
 */
void bn_client_refuse(struct bn_client *client, int64_t now_ns, const char *format, ...)
		__attribute__((format(printf, 3, 4)));
/** Whether descriptors run out: the kernel gives the lowest free number, so a new one tells how many there are. */
bool bn_client_fds_run_out(int new_fd);
/** "nav (pid 1234)" or "pid 1234"; at most `size` bytes. */
void bn_client_describe(const struct bn_client *client, char *buffer, size_t size);

#endif
