#ifndef BN_LIB_SHM_H
#define BN_LIB_SHM_H

#include <cairo.h>
#include <stdbool.h>
#include <wayland-client.h>

#define BN_SHM_BUFFERS 3

/**
 * One window-sized wl_buffer and the cairo surface over the same memory.
 *
 * `stale` is what changed on the window since this buffer was shown last: what must be painted
 * before it may be shown again.
 */
struct bn_shm_buffer {
	struct wl_buffer *buffer; // owned
	cairo_surface_t *surface; // owned
	cairo_region_t *stale;    // owned, buffer px
	void *pixels;
	bool busy; // held by the compositor
	struct bn_shm *shm;
};

/** The buffers of a window; made when they are needed, two of them as a rule. */
struct bn_shm {
	struct wl_shm *global; // borrowed
	int width, height;     // px of a buffer
	struct bn_shm_buffer buffers[BN_SHM_BUFFERS];
	void (*released)(void *data); // a buffer came free after bn_shm_next had none
	void *data;
	bool starved;
};

/** Drops all buffers; the next ones have this size. */
void bn_shm_resize(struct bn_shm *shm, int width, int height);
void bn_shm_finish(struct bn_shm *shm);
/** Notes a change of the window in every buffer. */
void bn_shm_damage(struct bn_shm *shm, const cairo_region_t *damage);
/** A buffer that may be painted, NULL when all are with the compositor or memory is short. */
struct bn_shm_buffer *bn_shm_next(struct bn_shm *shm);

#endif
