#ifndef BN_RENDER_GLES_H
#define BN_RENDER_GLES_H

#include <GLES3/gl3.h>

#include <GLES2/gl2ext.h> // after gl3.h, whose types it uses
#include <wayland-server-core.h>
#include <wlr/render/interface.h>
#include <wlr/types/wlr_buffer.h>

#include "render/egl.h"
#include "render/formats.h"
#include "render/program.h"
#include "render/renderer.h"

/** The inside of our renderer; only the files in render/ include this. */

struct bn_pass; // pass.c

struct bn_renderer {
	struct wlr_renderer base;
	struct bn_egl egl;
	struct bn_formats formats;
	struct bn_programs programs;
	GLuint vao, vbo;
	GLint max_size;    // of a texture's side
	bool software;     // a CPU rasterises: a frame is there only after glFinish
	bool zero_copy;    // shared memory can be imported as if it were a dmabuf
	bool copies;       // software and zero_copy: what needs no shader is copied (render/memory)
	bool has_timer;    // GL_EXT_disjoint_timer_query
	bool has_external; // GL_OES_EGL_image_external_essl3
	bool lost;         // events.lost was emitted
	bool loss_wanted;  // bn_renderer_simulate_loss

	struct {
		PFNGLEGLIMAGETARGETTEXTURE2DOESPROC image_target;
		PFNGLGETGRAPHICSRESETSTATUSKHRPROC reset_status; // NULL: the driver cannot tell
		PFNGLGENQUERIESEXTPROC gen_queries; // the queries: NULL without has_timer
		PFNGLDELETEQUERIESEXTPROC delete_queries;
		PFNGLBEGINQUERYEXTPROC begin_query;
		PFNGLENDQUERYEXTPROC end_query;
		PFNGLGETQUERYOBJECTUIVEXTPROC get_query_u32;
		PFNGLGETQUERYOBJECTUI64VEXTPROC get_query_u64;
	} proc;

	struct wl_list images;   // bn_image.link
	struct wl_list textures; // bn_texture.link
	struct wl_list timers;   // bn_timer.link
	struct wl_list open;     // bn_pass.link, between begin and submit
	struct wl_list idle;     // bn_pass.link, kept for the next frame

	struct wl_listener destroy; // also marks the renderer as ours
};

// The one way in for everything that calls GL. False when the context is gone.
bool bn_renderer_enter(struct bn_renderer *renderer);
// Forgets earlier errors, so that the next glGetError() speaks of the calls in between.
void bn_renderer_clear_errors(void);

/**
 * A wlr_buffer that GL draws into or reads in place: a dmabuf, shared memory, or (readback) memory
 * with a shadow texture. One per buffer and renderer; lives as an addon until either goes away.
 */
struct bn_image {
	struct bn_renderer *renderer; // borrowed
	struct wlr_buffer *buffer;    // borrowed
	struct wlr_addon addon;       // on buffer
	struct wl_list link;          // bn_renderer.images
	EGLImageKHR egl;              // owned; EGL_NO_IMAGE_KHR: readback
	GLuint texture;               // owned
	GLuint fbo;                   // owned, 0 until it is a target
	GLenum target;                // GL_TEXTURE_2D or GL_TEXTURE_EXTERNAL_OES
	bool alpha;
	bool in_memory; // a CPU reads it: the frame has to be complete when submit returns
};

// For drawing into. NULL with an ERROR line.
struct bn_image *bn_image_get_target(struct bn_renderer *renderer, struct wlr_buffer *buffer);
// For sampling: a dmabuf, or what has been a target. NULL without a line: upload it instead.
struct bn_image *bn_image_get_source(struct bn_renderer *renderer, struct wlr_buffer *buffer);
void bn_image_destroy(struct bn_image *image);
// Sets renderer->zero_copy: tries whether this driver draws into plain shared memory.
void bn_image_probe(struct bn_renderer *renderer);

struct bn_texture {
	struct wlr_texture base;
	struct bn_renderer *renderer; // borrowed, NULL once it is gone
	struct wl_list link;          // bn_renderer.textures
	struct wlr_buffer *buffer;    // locked while `image` is used; NULL: uploaded
	struct bn_image *image; // borrowed: lives as long as `buffer` is locked; NULL: uploaded
	uint32_t format;        // of uploads
	// Where a CPU rasterises, an upload is put off until an op needs it: most only want a copy.
	struct wlr_buffer *source; // locked: holds all its pixels; NULL: GL has them
	pixman_region32_t stale;   // the part of `source` that was not uploaded
	GLuint name;               // owned, or the image's; 0: nothing was uploaded yet
	GLenum target;
	GLint filter; // what name's filter is set to now
	bool alpha;
};

// NULL when the texture was made by another renderer.
struct bn_texture *bn_texture_from_wlr(struct wlr_texture *texture);
struct wlr_texture *bn_texture_create(struct bn_renderer *renderer, struct wlr_buffer *buffer);
// Makes sure that GL has its pixels. False: it draws nothing.
bool bn_texture_upload(struct bn_texture *texture);
// The GL objects go, the struct stays for its owner.
void bn_texture_orphan(struct bn_texture *texture);

// A few boxes that cover what a pass drew; more than fit become their extents.
#define BN_DAMAGE_CAP 16
struct bn_damage {
	struct wlr_box boxes[BN_DAMAGE_CAP];
	int len;
};

void bn_damage_add(struct bn_damage *damage, const struct wlr_box *box);

// Copies what was drawn from the shadow texture to the memory of a readback image. False: nothing
// was copied.
bool bn_readback_copy(struct bn_image *image, const struct bn_damage *damage);
// Reads from the bound framebuffer. False for formats that GLES cannot write.
bool bn_readback_read(const struct wlr_box *box, uint32_t format, bool source_alpha, void *data,
		uint32_t stride);

struct bn_timer {
	struct wlr_render_timer base;
	struct bn_renderer *renderer;  // borrowed, NULL once it is gone
	struct wl_list link;           // bn_renderer.timers
	GLuint query;                  // owned, 0: measured with the CPU's clock
	int64_t start_ns, duration_ns; // CLOCK_MONOTONIC; -1: not yet known
};

struct wlr_render_timer *bn_timer_create(struct bn_renderer *renderer);
struct bn_timer *bn_timer_from_wlr(struct wlr_render_timer *timer); // asserts that it is ours
void bn_timer_orphan(struct bn_timer *timer);
void bn_timer_begin(struct bn_timer *timer);
void bn_timer_end(struct bn_timer *timer);

struct wlr_render_pass *bn_pass_begin(struct bn_renderer *renderer, struct wlr_buffer *buffer,
		const struct wlr_buffer_pass_options *options);
// NULL when the pass is another renderer's.
struct bn_pass *bn_pass_from_wlr(struct wlr_render_pass *pass);
void bn_pass_record_texture(struct bn_pass *pass, const struct wlr_render_texture_options *options,
		const struct bn_pass_effect *effect);
void bn_pass_record_rect(struct bn_pass *pass, const struct wlr_render_rect_options *options,
		const struct bn_pass_effect *effect);
// Draws now what was recorded with a texture that is about to change or go.
void bn_pass_flush_texture(struct bn_renderer *renderer, const struct bn_texture *texture);
void bn_pass_free_idle(struct bn_renderer *renderer);

#endif
