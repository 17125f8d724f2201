#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl3.h>
#include <stdlib.h>
#include <string.h>
#include <wayland-egl.h>

#include "lib/app_private.h"

struct bn_egl {
	EGLDisplay display;
	EGLContext context;
	EGLSurface surface;
	struct wl_egl_window *window; // owned
};

static const EGLint config_attributes[] = { EGL_SURFACE_TYPE, EGL_WINDOW_BIT, EGL_RENDERABLE_TYPE,
	EGL_OPENGL_ES3_BIT, EGL_RED_SIZE, 8, EGL_GREEN_SIZE, 8, EGL_BLUE_SIZE, 8, EGL_ALPHA_SIZE, 0,
	EGL_NONE };
static const EGLint context_attributes[] = { EGL_CONTEXT_CLIENT_VERSION, 3, EGL_NONE };

static bool is_software(void) {
	static const char *const names[] = { "llvmpipe", "softpipe", "swrast", "SWR" };
	const char *renderer = (const char *)glGetString(GL_RENDERER);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!renderer || strstr(renderer, names[i])) {
			return true;
		}
	}
	return false;
}

static bool open_surface(struct bn_egl *egl, struct wl_surface *surface, int width, int height) {
	EGLConfig config;
	EGLint count = 0;
	if (!eglBindAPI(EGL_OPENGL_ES_API)
			|| !eglChooseConfig(egl->display, config_attributes, &config, 1, &count)
			|| count < 1) {
		return false;
	}
	egl->context = eglCreateContext(egl->display, config, EGL_NO_CONTEXT, context_attributes);
	if (egl->context == EGL_NO_CONTEXT) {
		return false;
	}
	egl->window = wl_egl_window_create(surface, width, height);
	if (!egl->window) {
		return false;
	}
	egl->surface = eglCreatePlatformWindowSurface(egl->display, config, egl->window, NULL);
	return egl->surface != EGL_NO_SURFACE && bn_egl_make_current(egl);
}

struct bn_egl *bn_egl_create(struct wl_display *display, struct wl_surface *surface, int width,
		int height, bool allow_software) {
	struct bn_egl *egl = calloc(1, sizeof(*egl));
	if (!egl) {
		return NULL;
	}
	egl->display = eglGetPlatformDisplay(EGL_PLATFORM_WAYLAND_KHR, display, NULL);
	if (egl->display == EGL_NO_DISPLAY || !eglInitialize(egl->display, NULL, NULL)) {
		free(egl);
		return NULL;
	}
	if (!open_surface(egl, surface, width, height) || (!allow_software && is_software())) {
		bn_egl_destroy(egl);
		return NULL;
	}
	// Frame callbacks pace us; a swap that waits for one would block the loop of a hidden window.
	eglSwapInterval(egl->display, 0);
	return egl;
}

void bn_egl_destroy(struct bn_egl *egl) {
	if (!egl) {
		return;
	}
	eglMakeCurrent(egl->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
	if (egl->surface != EGL_NO_SURFACE) {
		eglDestroySurface(egl->display, egl->surface);
	}
	if (egl->window) {
		wl_egl_window_destroy(egl->window);
	}
	if (egl->context != EGL_NO_CONTEXT) {
		eglDestroyContext(egl->display, egl->context);
	}
	eglTerminate(egl->display);
	eglReleaseThread();
	free(egl);
}

void bn_egl_resize(struct bn_egl *egl, int width, int height) {
	wl_egl_window_resize(egl->window, width, height, 0, 0);
}

bool bn_egl_make_current(struct bn_egl *egl) {
	return eglMakeCurrent(egl->display, egl->surface, egl->surface, egl->context) == EGL_TRUE;
}

bool bn_egl_swap(struct bn_egl *egl) {
	return eglSwapBuffers(egl->display, egl->surface) == EGL_TRUE;
}
