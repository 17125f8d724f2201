#include "render/renderer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/util/log.h>

#include "render/gles.h"

static struct bn_renderer *from_wlr(struct wlr_renderer *wlr_renderer) {
	struct bn_renderer *renderer = wl_container_of(wlr_renderer, renderer, base);
	return renderer;
}

bool bn_renderer_enter(struct bn_renderer *renderer) {
	return bn_egl_make_current(&renderer->egl);
}

void bn_renderer_clear_errors(void) {
	// A lost context answers with an error for ever.
	for (int i = 0; i < 8 && glGetError() != GL_NO_ERROR; i++) {
	}
}

/* Loss */

static bool is_lost(struct bn_renderer *renderer) {
	if (renderer->lost || renderer->loss_wanted) {
		return true;
	}
	return renderer->proc.reset_status != NULL && renderer->proc.reset_status() != GL_NO_ERROR;
}

static void declare_lost(struct bn_renderer *renderer) {
	if (!renderer->lost) {
		renderer->lost = true;
		wlr_log(WLR_ERROR, "renderer: %s", "the GPU was reset, everything in it is gone");
		wl_signal_emit_mutable(&renderer->base.events.lost, NULL);
	}
}

/* The interface */

static const struct wlr_drm_format_set *
renderer_get_texture_formats(struct wlr_renderer *wlr_renderer, uint32_t buffer_caps) {
	struct bn_renderer *renderer = from_wlr(wlr_renderer);
	if ((buffer_caps & WLR_BUFFER_CAP_DMABUF) != 0) {
		return renderer->egl.gbm != NULL ? &renderer->formats.dmabuf_texture : NULL;
	}
	return (buffer_caps & WLR_BUFFER_CAP_DATA_PTR) != 0 ? &renderer->formats.upload : NULL;
}

static const struct wlr_drm_format_set *
renderer_get_render_formats(struct wlr_renderer *wlr_renderer) {
	struct bn_renderer *renderer = from_wlr(wlr_renderer);
	return renderer->egl.gbm != NULL ? &renderer->formats.dmabuf_render
					 : &renderer->formats.render;
}

static int renderer_get_drm_fd(struct wlr_renderer *wlr_renderer) {
	return from_wlr(wlr_renderer)->egl.drm_fd;
}

static struct wlr_texture *renderer_texture_from_buffer(struct wlr_renderer *wlr_renderer,
		struct wlr_buffer *buffer) {
	struct bn_renderer *renderer = from_wlr(wlr_renderer);
	return bn_renderer_enter(renderer) ? bn_texture_create(renderer, buffer) : NULL;
}

static struct wlr_render_pass *renderer_begin_buffer_pass(struct wlr_renderer *wlr_renderer,
		struct wlr_buffer *buffer, const struct wlr_buffer_pass_options *options) {
	struct bn_renderer *renderer = from_wlr(wlr_renderer);
	if (!bn_renderer_enter(renderer) || is_lost(renderer)) {
		declare_lost(renderer);
		return NULL;
	}
	return bn_pass_begin(renderer, buffer, options);
}

static struct wlr_render_timer *renderer_timer_create(struct wlr_renderer *wlr_renderer) {
	struct bn_renderer *renderer = from_wlr(wlr_renderer);
	return bn_renderer_enter(renderer) ? bn_timer_create(renderer) : NULL;
}

static void release_all(struct bn_renderer *renderer) {
	struct bn_texture *texture, *next_texture;
	wl_list_for_each_safe(texture, next_texture, &renderer->textures, link) {
		bn_texture_orphan(texture);
	}
	struct bn_timer *timer, *next_timer;
	wl_list_for_each_safe(timer, next_timer, &renderer->timers, link) {
		bn_timer_orphan(timer);
	}
	struct bn_image *image, *next_image;
	wl_list_for_each_safe(image, next_image, &renderer->images, link) {
		bn_image_destroy(image);
	}
	bn_pass_free_idle(renderer);
}

static void renderer_destroy(struct wlr_renderer *wlr_renderer) {
	struct bn_renderer *renderer = from_wlr(wlr_renderer);
	assert(wl_list_empty(&renderer->open)); // a pass was begun and never submitted
	release_all(renderer);
	if (bn_renderer_enter(renderer)) {
		bn_programs_finish(&renderer->programs);
		glDeleteBuffers(1, &renderer->vbo);
		glDeleteVertexArrays(1, &renderer->vao);
	}
	bn_formats_finish(&renderer->formats);
	bn_egl_finish(&renderer->egl);
	free(renderer);
}

static const struct wlr_renderer_impl renderer_impl = {
	.get_texture_formats = renderer_get_texture_formats,
	.get_render_formats = renderer_get_render_formats,
	.destroy = renderer_destroy,
	.get_drm_fd = renderer_get_drm_fd,
	.texture_from_buffer = renderer_texture_from_buffer,
	.begin_buffer_pass = renderer_begin_buffer_pass,
	.render_timer_create = renderer_timer_create,
};

/* Whose renderer is it: wlr_renderer keeps its vtable private, so our listener is the mark. */

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct bn_renderer *renderer = wl_container_of(listener, renderer, destroy);
	wl_list_remove(&renderer->destroy.link);
}

bool bn_renderer_is_ours(const struct wlr_renderer *wlr_renderer) {
	struct wl_signal *signal = (struct wl_signal *)&wlr_renderer->events.destroy;
	return wl_signal_get(signal, handle_destroy) != NULL;
}

static const struct bn_renderer *ours(const struct wlr_renderer *wlr_renderer) {
	const struct bn_renderer *renderer = wl_container_of(wlr_renderer, renderer, base);
	return bn_renderer_is_ours(wlr_renderer) ? renderer : NULL;
}

bool bn_renderer_is_software(const struct wlr_renderer *wlr_renderer) {
	const struct bn_renderer *renderer = ours(wlr_renderer);
	return renderer == NULL || renderer->software;
}

bool bn_renderer_is_zero_copy(const struct wlr_renderer *wlr_renderer) {
	const struct bn_renderer *renderer = ours(wlr_renderer);
	assert(renderer != NULL);
	return renderer->zero_copy;
}

void bn_renderer_simulate_loss(struct wlr_renderer *wlr_renderer) {
	assert(bn_renderer_is_ours(wlr_renderer));
	from_wlr(wlr_renderer)->loss_wanted = true;
}

/* Creation */

static bool check_gl(struct bn_renderer *renderer) {
	static const char *const needed[] = { "GL_OES_EGL_image", "GL_EXT_texture_format_BGRA8888",
		"GL_EXT_read_format_bgra" };
	const char *list = (const char *)glGetString(GL_EXTENSIONS);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!bn_egl_has_extension(list, needed[i])) {
			wlr_log(WLR_ERROR, "renderer: GLES lacks %s", needed[i]);
			return false;
		}
	}
	// Without a DRM node there are no dmabufs: that is half of the programs.
	renderer->has_external = renderer->egl.gbm != NULL
			&& bn_egl_has_extension(list, "GL_OES_EGL_image_external_essl3");
	renderer->has_timer = bn_egl_has_extension(list, "GL_EXT_disjoint_timer_query");
	renderer->proc.image_target = (PFNGLEGLIMAGETARGETTEXTURE2DOESPROC)
			eglGetProcAddress("glEGLImageTargetTexture2DOES");
	if (bn_egl_has_extension(list, "GL_KHR_robustness")) {
		renderer->proc.reset_status = (PFNGLGETGRAPHICSRESETSTATUSKHRPROC)
				eglGetProcAddress("glGetGraphicsResetStatusKHR");
	} else if (bn_egl_has_extension(list, "GL_EXT_robustness")) {
		renderer->proc.reset_status = (PFNGLGETGRAPHICSRESETSTATUSKHRPROC)
				eglGetProcAddress("glGetGraphicsResetStatusEXT");
	}
	return true;
}

static void load_queries(struct bn_renderer *renderer) {
	renderer->proc.gen_queries = (PFNGLGENQUERIESEXTPROC)eglGetProcAddress("glGenQueriesEXT");
	renderer->proc.delete_queries =
			(PFNGLDELETEQUERIESEXTPROC)eglGetProcAddress("glDeleteQueriesEXT");
	renderer->proc.begin_query = (PFNGLBEGINQUERYEXTPROC)eglGetProcAddress("glBeginQueryEXT");
	renderer->proc.end_query = (PFNGLENDQUERYEXTPROC)eglGetProcAddress("glEndQueryEXT");
	renderer->proc.get_query_u32 =
			(PFNGLGETQUERYOBJECTUIVEXTPROC)eglGetProcAddress("glGetQueryObjectuivEXT");
	renderer->proc.get_query_u64 = (PFNGLGETQUERYOBJECTUI64VEXTPROC)
			eglGetProcAddress("glGetQueryObjectui64vEXT");
}

static void create_vertex_state(struct bn_renderer *renderer) {
	glGenVertexArrays(1, &renderer->vao);
	glBindVertexArray(renderer->vao);
	glGenBuffers(1, &renderer->vbo);
	glBindBuffer(GL_ARRAY_BUFFER, renderer->vbo);
	glEnableVertexAttribArray(0);
	glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 4 * sizeof(float), NULL);
	glEnableVertexAttribArray(1);
	glVertexAttribPointer(1, 2, GL_FLOAT, GL_FALSE, 4 * sizeof(float),
			(const void *)(2 * sizeof(float)));
	glDisable(GL_DITHER);
}

static bool init(struct bn_renderer *renderer, const struct bn_renderer_options *options) {
	if (!check_gl(renderer) || !bn_programs_init(&renderer->programs, renderer->has_external)) {
		return false;
	}
	if (!bn_formats_init(&renderer->formats, &renderer->egl)) {
		wlr_log_errno(WLR_ERROR, "renderer: %s", "no memory for the formats");
		return false;
	}
	renderer->egl.has_modifiers = renderer->egl.has_modifiers
			&& (renderer->egl.gbm == NULL || renderer->formats.has_modifiers);
	load_queries(renderer);
	glGetIntegerv(GL_MAX_TEXTURE_SIZE, &renderer->max_size);
	create_vertex_state(renderer);
	const char *name = (const char *)glGetString(GL_RENDERER);
	renderer->software = strstr(name, "llvmpipe") != NULL || strstr(name, "softpipe") != NULL;
	if (renderer->egl.gbm == NULL && !options->force_readback) {
		bn_image_probe(renderer);
	}
	renderer->copies = renderer->software && renderer->zero_copy;
	wlr_log(WLR_INFO, "renderer: %s, %s", name,
			renderer->egl.gbm != NULL             ? "dmabuf targets"
					: renderer->zero_copy ? "draws into shared memory"
							      : "copies frames back to memory");
	return true;
}

struct wlr_renderer *bn_renderer_create(const struct bn_renderer_options *options) {
	struct bn_renderer *renderer = calloc(1, sizeof(*renderer));
	if (renderer == NULL) {
		wlr_log_errno(WLR_ERROR, "renderer: %s", "no memory");
		return NULL;
	}
	wl_list_init(&renderer->images);
	wl_list_init(&renderer->textures);
	wl_list_init(&renderer->timers);
	wl_list_init(&renderer->open);
	wl_list_init(&renderer->idle);
	if (!bn_egl_init(&renderer->egl, options->drm_fd, options->software)) {
		free(renderer);
		return NULL;
	}
	if (!init(renderer, options)) {
		renderer_destroy(&renderer->base);
		return NULL;
	}
	wlr_renderer_init(&renderer->base, &renderer_impl,
			renderer->egl.gbm != NULL ? WLR_BUFFER_CAP_DMABUF
						  : WLR_BUFFER_CAP_DATA_PTR);
	renderer->destroy.notify = handle_destroy;
	wl_signal_add(&renderer->base.events.destroy, &renderer->destroy);
	return &renderer->base;
}
