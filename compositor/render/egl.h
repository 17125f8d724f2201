#ifndef BN_RENDER_EGL_H
#define BN_RENDER_EGL_H

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <stdbool.h>
#include <stdint.h>

struct gbm_device;
struct wlr_dmabuf_attributes;

/**
 * One EGL display and one GLES 3 context without a surface: on GBM with a DRM node, on Mesa's
 * surfaceless platform without, on its software device when a CPU is to do it.
 */
struct bn_egl {
	EGLDisplay display;
	EGLContext context;
	int drm_fd;             // owned, our own descriptor; -1: surfaceless
	struct gbm_device *gbm; // owned, NULL: surfaceless
	bool terminate;         // the display is ours alone, or counts its users
	bool has_import;        // EGL_EXT_image_dma_buf_import
	bool has_modifiers;     // EGL_EXT_image_dma_buf_import_modifiers

	struct {
		PFNEGLCREATEIMAGEKHRPROC create_image;
		PFNEGLDESTROYIMAGEKHRPROC destroy_image;
		PFNEGLQUERYDMABUFFORMATSEXTPROC query_formats;     // NULL without has_modifiers
		PFNEGLQUERYDMABUFMODIFIERSEXTPROC query_modifiers; // NULL without has_modifiers
	} proc;
};

// False with one ERROR line, and nothing is left behind. The context is current afterwards. software: without a DRM
// node, and whatever GPU there is.
bool bn_egl_init(struct bn_egl *egl, int drm_fd, bool software);
void bn_egl_finish(struct bn_egl *egl);

// Cheap when it is current already. Other code in the process may switch contexts between our entry
// points.
bool bn_egl_make_current(struct bn_egl *egl);

// EGL_NO_IMAGE_KHR when the driver refuses; the caller says what that means. The fds stay the
// caller's.
EGLImageKHR bn_egl_import(struct bn_egl *egl, const struct wlr_dmabuf_attributes *attribs);

// Whether `name` is one of the space-separated words of `list` (may be NULL).
bool bn_egl_has_extension(const char *list, const char *name);

#endif
