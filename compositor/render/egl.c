#include "render/egl.h"

#include <drm_fourcc.h>
#include <fcntl.h>
#include <gbm.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wlr/render/dmabuf.h>
#include <wlr/util/log.h>
#include <xf86drm.h>

bool bn_egl_has_extension(const char *list, const char *name) {
	size_t len = strlen(name);
	for (const char *at = list; at != NULL && *at != '\0';) {
		at += strspn(at, " ");
		size_t word = strcspn(at, " ");
		if (word == len && memcmp(at, name, len) == 0) {
			return true;
		}
		at += word;
	}
	return false;
}

static int open_node(int drm_fd) {
	// Rendering needs no DRM master: prefer the render node. Display-only devices (vkms, many
	// SoCs) have none.
	char *name = drmGetRenderDeviceNameFromFd(drm_fd);
	int fd = name != NULL ? open(name, O_RDWR | O_CLOEXEC) : -1;
	free(name);
	return fd >= 0 ? fd : fcntl(drm_fd, F_DUPFD_CLOEXEC, 3);
}

/** Mesa's device that is a CPU; EGL_NO_DEVICE_EXT: it has none. */
static EGLDeviceEXT software_device(const char *client) {
	PFNEGLQUERYDEVICESEXTPROC list =
			(PFNEGLQUERYDEVICESEXTPROC)eglGetProcAddress("eglQueryDevicesEXT");
	PFNEGLQUERYDEVICESTRINGEXTPROC describe = (PFNEGLQUERYDEVICESTRINGEXTPROC)
			eglGetProcAddress("eglQueryDeviceStringEXT");
	EGLDeviceEXT devices[16];
	EGLint count = 0;
	if (!bn_egl_has_extension(client, "EGL_EXT_device_enumeration") || list == NULL
			|| describe == NULL || !list(16, devices, &count)) {
		return EGL_NO_DEVICE_EXT;
	}
	for (EGLint i = 0; i < count; i++) {
		if (bn_egl_has_extension(describe(devices[i], EGL_EXTENSIONS),
				    "EGL_MESA_device_software")) {
			return devices[i];
		}
	}
	return EGL_NO_DEVICE_EXT;
}

static EGLDisplay get_display(struct bn_egl *egl, const char *client, bool software) {
	PFNEGLGETPLATFORMDISPLAYEXTPROC get = (PFNEGLGETPLATFORMDISPLAYEXTPROC)
			eglGetProcAddress("eglGetPlatformDisplayEXT");
	bool counted = bn_egl_has_extension(client, "EGL_KHR_display_reference");
	// A surfaceless display is shared by all who ask in this process: unless it counts, the
	// first renderer that goes away would take it from the others. A GBM display belongs to our
	// gbm_device alone.
	egl->terminate = counted || egl->gbm != NULL;
	const EGLint attribs[] = { counted ? EGL_TRACK_REFERENCES_KHR : EGL_NONE, EGL_TRUE,
		EGL_NONE };
	if (get == NULL) {
		return EGL_NO_DISPLAY;
	}
	if (software) {
		EGLDeviceEXT device = software_device(client);
		return device != EGL_NO_DEVICE_EXT ? get(EGL_PLATFORM_DEVICE_EXT, device, attribs)
						   : EGL_NO_DISPLAY;
	}
	return egl->gbm != NULL ? get(EGL_PLATFORM_GBM_KHR, egl->gbm, attribs)
				: get(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, attribs);
}

static bool open_display(struct bn_egl *egl, bool software) {
	const char *client = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
	const char *platform = egl->gbm != NULL ? "EGL_KHR_platform_gbm"
			: software              ? "EGL_EXT_platform_device"
						: "EGL_MESA_platform_surfaceless";
	if (!bn_egl_has_extension(client, platform)) {
		wlr_log(WLR_ERROR, "renderer: EGL lacks %s", platform);
		return false;
	}
	egl->display = get_display(egl, client, software);
	if (egl->display == EGL_NO_DISPLAY || !eglInitialize(egl->display, NULL, NULL)) {
		wlr_log(WLR_ERROR, "renderer: EGL display cannot be opened (0x%x)", eglGetError());
		return false;
	}
	return true;
}

static bool check_display(struct bn_egl *egl) {
	static const char *const needed[] = { "EGL_KHR_no_config_context",
		"EGL_KHR_surfaceless_context", "EGL_KHR_image_base" };
	const char *list = eglQueryString(egl->display, EGL_EXTENSIONS);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!bn_egl_has_extension(list, needed[i])) {
			wlr_log(WLR_ERROR, "renderer: EGL lacks %s", needed[i]);
			return false;
		}
	}
	egl->has_import = bn_egl_has_extension(list, "EGL_EXT_image_dma_buf_import");
	egl->has_modifiers = bn_egl_has_extension(list, "EGL_EXT_image_dma_buf_import_modifiers");
	egl->proc.create_image = (PFNEGLCREATEIMAGEKHRPROC)eglGetProcAddress("eglCreateImageKHR");
	egl->proc.destroy_image =
			(PFNEGLDESTROYIMAGEKHRPROC)eglGetProcAddress("eglDestroyImageKHR");
	if (egl->has_modifiers) {
		egl->proc.query_formats = (PFNEGLQUERYDMABUFFORMATSEXTPROC)
				eglGetProcAddress("eglQueryDmaBufFormatsEXT");
		egl->proc.query_modifiers = (PFNEGLQUERYDMABUFMODIFIERSEXTPROC)
				eglGetProcAddress("eglQueryDmaBufModifiersEXT");
	}
	if (egl->gbm != NULL && !egl->has_import) {
		wlr_log(WLR_ERROR, "renderer: %s", "EGL lacks EGL_EXT_image_dma_buf_import");
		return false;
	}
	return true;
}

static bool create_context(struct bn_egl *egl) {
	const char *list = eglQueryString(egl->display, EGL_EXTENSIONS);
	bool robust = bn_egl_has_extension(list, "EGL_EXT_create_context_robustness");
	bool priority = bn_egl_has_extension(list, "EGL_IMG_context_priority");
	EGLint attribs[9];
	size_t n = 0;
	attribs[n++] = EGL_CONTEXT_CLIENT_VERSION;
	attribs[n++] = 3;
	if (robust) {
		attribs[n++] = EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY_EXT;
		attribs[n++] = EGL_LOSE_CONTEXT_ON_RESET_EXT;
	}
	// Mesa takes the attribute without the extension and ignores it, so the extension decides.
	if (priority) {
		attribs[n++] = EGL_CONTEXT_PRIORITY_LEVEL_IMG;
		attribs[n++] = EGL_CONTEXT_PRIORITY_HIGH_IMG;
	}
	attribs[n++] = EGL_NONE;

	if (!eglBindAPI(EGL_OPENGL_ES_API)) {
		wlr_log(WLR_ERROR, "renderer: %s", "EGL has no OpenGL ES");
		return false;
	}
	egl->context = eglCreateContext(egl->display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attribs);
	if (egl->context == EGL_NO_CONTEXT) {
		wlr_log(WLR_ERROR, "renderer: no GLES 3 context (0x%x)", eglGetError());
		return false;
	}
	EGLint level = EGL_CONTEXT_PRIORITY_HIGH_IMG;
	if (priority) {
		eglQueryContext(egl->display, egl->context, EGL_CONTEXT_PRIORITY_LEVEL_IMG, &level);
	}
	if (level != EGL_CONTEXT_PRIORITY_HIGH_IMG) {
		wlr_log(WLR_INFO, "renderer: %s", "the driver refused a high-priority context");
	}
	return true;
}

bool bn_egl_init(struct bn_egl *egl, int drm_fd, bool software) {
	*egl = (struct bn_egl){
		.display = EGL_NO_DISPLAY, .context = EGL_NO_CONTEXT, .drm_fd = -1
	};
	if (drm_fd >= 0) {
		egl->drm_fd = open_node(drm_fd);
		egl->gbm = egl->drm_fd >= 0 ? gbm_create_device(egl->drm_fd) : NULL;
		if (egl->gbm == NULL) {
			wlr_log_errno(WLR_ERROR, "renderer: %s", "no GBM device");
			bn_egl_finish(egl);
			return false;
		}
	}
	if (!open_display(egl, software) || !check_display(egl) || !create_context(egl)) {
		bn_egl_finish(egl);
		return false;
	}
	if (!bn_egl_make_current(egl)) {
		wlr_log(WLR_ERROR, "renderer: the context cannot be made current (0x%x)",
				eglGetError());
		bn_egl_finish(egl);
		return false;
	}
	return true;
}

void bn_egl_finish(struct bn_egl *egl) {
	if (egl->context != EGL_NO_CONTEXT) {
		if (eglGetCurrentContext() == egl->context) {
			eglMakeCurrent(egl->display, EGL_NO_SURFACE, EGL_NO_SURFACE,
					EGL_NO_CONTEXT);
		}
		eglDestroyContext(egl->display, egl->context);
	}
	if (egl->display != EGL_NO_DISPLAY && egl->terminate) {
		eglTerminate(egl->display);
	}
	eglReleaseThread();
	if (egl->gbm != NULL) {
		gbm_device_destroy(egl->gbm);
	}
	if (egl->drm_fd >= 0) {
		close(egl->drm_fd);
	}
	*egl = (struct bn_egl){
		.display = EGL_NO_DISPLAY, .context = EGL_NO_CONTEXT, .drm_fd = -1
	};
}

bool bn_egl_make_current(struct bn_egl *egl) {
	return eglGetCurrentContext() == egl->context
			|| eglMakeCurrent(egl->display, EGL_NO_SURFACE, EGL_NO_SURFACE,
					egl->context);
}

EGLImageKHR bn_egl_import(struct bn_egl *egl, const struct wlr_dmabuf_attributes *attribs) {
	static const struct {
		EGLint fd, offset, pitch, modifier_low, modifier_high;
	} planes[WLR_DMABUF_MAX_PLANES] = {
		{ EGL_DMA_BUF_PLANE0_FD_EXT, EGL_DMA_BUF_PLANE0_OFFSET_EXT,
				EGL_DMA_BUF_PLANE0_PITCH_EXT, EGL_DMA_BUF_PLANE0_MODIFIER_LO_EXT,
				EGL_DMA_BUF_PLANE0_MODIFIER_HI_EXT },
		{ EGL_DMA_BUF_PLANE1_FD_EXT, EGL_DMA_BUF_PLANE1_OFFSET_EXT,
				EGL_DMA_BUF_PLANE1_PITCH_EXT, EGL_DMA_BUF_PLANE1_MODIFIER_LO_EXT,
				EGL_DMA_BUF_PLANE1_MODIFIER_HI_EXT },
		{ EGL_DMA_BUF_PLANE2_FD_EXT, EGL_DMA_BUF_PLANE2_OFFSET_EXT,
				EGL_DMA_BUF_PLANE2_PITCH_EXT, EGL_DMA_BUF_PLANE2_MODIFIER_LO_EXT,
				EGL_DMA_BUF_PLANE2_MODIFIER_HI_EXT },
		{ EGL_DMA_BUF_PLANE3_FD_EXT, EGL_DMA_BUF_PLANE3_OFFSET_EXT,
				EGL_DMA_BUF_PLANE3_PITCH_EXT, EGL_DMA_BUF_PLANE3_MODIFIER_LO_EXT,
				EGL_DMA_BUF_PLANE3_MODIFIER_HI_EXT },
	};
	bool explicit = attribs->modifier != DRM_FORMAT_MOD_INVALID && egl->has_modifiers;
	if (!egl->has_import
			|| (!explicit && attribs->modifier != DRM_FORMAT_MOD_INVALID
					&& attribs->modifier != DRM_FORMAT_MOD_LINEAR)) {
		return EGL_NO_IMAGE_KHR;
	}
	EGLint list[8 + 10 * WLR_DMABUF_MAX_PLANES + 1];
	size_t n = 0;
	list[n++] = EGL_WIDTH;
	list[n++] = attribs->width;
	list[n++] = EGL_HEIGHT;
	list[n++] = attribs->height;
	list[n++] = EGL_LINUX_DRM_FOURCC_EXT;
	list[n++] = (EGLint)attribs->format;
	list[n++] = EGL_IMAGE_PRESERVED_KHR;
	list[n++] = EGL_TRUE;
	for (int i = 0; i < attribs->n_planes; i++) {
		list[n++] = planes[i].fd;
		list[n++] = attribs->fd[i];
		list[n++] = planes[i].offset;
		list[n++] = (EGLint)attribs->offset[i];
		list[n++] = planes[i].pitch;
		list[n++] = (EGLint)attribs->stride[i];
		if (explicit) {
			list[n++] = planes[i].modifier_low;
			list[n++] = (EGLint)(attribs->modifier & 0xFFFFFFFF);
			list[n++] = planes[i].modifier_high;
			list[n++] = (EGLint)(attribs->modifier >> 32);
		}
	}
	list[n++] = EGL_NONE;
	return egl->proc.create_image(egl->display, EGL_NO_CONTEXT, EGL_LINUX_DMA_BUF_EXT, NULL,
			list);
}
