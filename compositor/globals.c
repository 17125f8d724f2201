#include "globals.h"

#include <drm_fourcc.h>
#include <stddef.h>
#include <stdint.h>
#include <wlr/backend.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_alpha_modifier_v1.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_content_type_v1.h>
#include <wlr/types/wlr_ext_image_capture_source_v1.h>
#include <wlr/types/wlr_ext_image_copy_capture_v1.h>
#include <wlr/types/wlr_fractional_scale_v1.h>
#include <wlr/types/wlr_linux_dmabuf_v1.h>
#include <wlr/types/wlr_linux_drm_syncobj_v1.h>
#include <wlr/types/wlr_presentation_time.h>
#include <wlr/types/wlr_screencopy_v1.h>
#include <wlr/types/wlr_security_context_v1.h>
#include <wlr/types/wlr_shm.h>
#include <wlr/types/wlr_single_pixel_buffer_v1.h>
#include <wlr/types/wlr_subcompositor.h>
#include <wlr/types/wlr_viewporter.h>
#include <wlr/types/wlr_xdg_output_v1.h>
#include <wlr/util/log.h>

/** What every renderer here takes, whatever it changes to at run time. */
static const uint32_t shm_formats[] = {
	DRM_FORMAT_ARGB8888,
	DRM_FORMAT_XRGB8888,
	DRM_FORMAT_ABGR8888,
	DRM_FORMAT_XBGR8888,
};

static bool create_compositor(struct bn_globals *globals, uint32_t version) {
	// Without a renderer: what is uploaded when is scene/content's business.
	globals->compositor = wlr_compositor_create(globals->display, version, NULL);
	return globals->compositor != NULL;
}

static bool create_subcompositor(struct bn_globals *globals, uint32_t version) {
	return wlr_subcompositor_create(globals->display) != NULL;
}

static bool create_shm(struct bn_globals *globals, uint32_t version) {
	return wlr_shm_create(globals->display, version, shm_formats,
			       sizeof(shm_formats) / sizeof(shm_formats[0]))
			!= NULL;
}

/** Only a renderer on a GPU does; without one, what is about such buffers would promise in vain. */
static bool takes_dmabufs(const struct bn_globals *globals) {
	return wlr_renderer_get_drm_fd(globals->renderer) >= 0
			&& wlr_renderer_get_texture_formats(globals->renderer,
					   WLR_BUFFER_CAP_DMABUF)
			!= NULL;
}

static bool create_dmabuf(struct bn_globals *globals, uint32_t version) {
	if (!takes_dmabufs(globals)) {
		return true;
	}
	return wlr_linux_dmabuf_v1_create_with_renderer(globals->display, version,
			       globals->renderer)
			!= NULL;
}

static bool create_syncobj(struct bn_globals *globals, uint32_t version) {
	// The renderer needs no timelines of its own: scene/acquire waits before it sees a buffer, and a release
	// after a page flip comes when all was drawn. Other back ends give no such word.
	if (!takes_dmabufs(globals) || !globals->backend->features.timeline) {
		return true;
	}
	return wlr_linux_drm_syncobj_manager_v1_create(globals->display, version,
			       wlr_renderer_get_drm_fd(globals->renderer))
			!= NULL;
}

static bool create_viewporter(struct bn_globals *globals, uint32_t version) {
	return wlr_viewporter_create(globals->display) != NULL;
}

static bool create_single_pixel(struct bn_globals *globals, uint32_t version) {
	return wlr_single_pixel_buffer_manager_v1_create(globals->display) != NULL;
}

static bool create_alpha_modifier(struct bn_globals *globals, uint32_t version) {
	return wlr_alpha_modifier_v1_create(globals->display) != NULL;
}

static bool create_fractional_scale(struct bn_globals *globals, uint32_t version) {
	return wlr_fractional_scale_manager_v1_create(globals->display, version) != NULL;
}

static bool create_presentation(struct bn_globals *globals, uint32_t version) {
	return wlr_presentation_create(globals->display, globals->backend, version) != NULL;
}

static bool create_content_type(struct bn_globals *globals, uint32_t version) {
	return wlr_content_type_manager_v1_create(globals->display, version) != NULL;
}

static bool create_xdg_output(struct bn_globals *globals, uint32_t version) {
	return wlr_xdg_output_manager_v1_create(globals->display, globals->output_layout) != NULL;
}

static bool create_screencopy(struct bn_globals *globals, uint32_t version) {
	return wlr_screencopy_manager_v1_create(globals->display) != NULL;
}

static bool create_copy_capture(struct bn_globals *globals, uint32_t version) {
	return wlr_ext_image_copy_capture_manager_v1_create(globals->display, version) != NULL;
}

static bool create_output_source(struct bn_globals *globals, uint32_t version) {
	return wlr_ext_output_image_capture_source_manager_v1_create(globals->display, version)
			!= NULL;
}

static bool create_security_context(struct bn_globals *globals, uint32_t version) {
	globals->security_context = wlr_security_context_manager_v1_create(globals->display);
	return globals->security_context != NULL;
}

/** Order matters where one needs another: compositor before subcompositor. */
static const struct {
	const char *interface;
	uint32_t version;
	bool (*create)(struct bn_globals *globals, uint32_t version);
} table[] = {
	{ "wl_compositor", 6, create_compositor },
	{ "wl_subcompositor", 1, create_subcompositor },
	{ "wl_shm", 2, create_shm },
	{ "zwp_linux_dmabuf_v1", 5, create_dmabuf },
	{ "wp_linux_drm_syncobj_manager_v1", 1, create_syncobj },
	{ "wp_viewporter", 1, create_viewporter },
	{ "wp_single_pixel_buffer_manager_v1", 1, create_single_pixel },
	{ "wp_alpha_modifier_v1", 1, create_alpha_modifier },
	{ "wp_fractional_scale_manager_v1", 1, create_fractional_scale },
	{ "wp_presentation", 2, create_presentation },
	{ "wp_content_type_manager_v1", 1, create_content_type },
	{ "zxdg_output_manager_v1", 3, create_xdg_output },
	{ "zwlr_screencopy_manager_v1", 3, create_screencopy },
	{ "ext_image_copy_capture_manager_v1", 1, create_copy_capture },
	{ "ext_output_image_capture_source_manager_v1", 1, create_output_source },
	{ "wp_security_context_manager_v1", 1, create_security_context },
};

bool bn_globals_create(struct bn_globals *globals) {
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!table[i].create(globals, table[i].version)) {
			wlr_log(WLR_ERROR, "globals: %s cannot be made", table[i].interface);
			return false;
		}
	}
	return true;
}
