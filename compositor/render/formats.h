#ifndef BN_RENDER_FORMATS_H
#define BN_RENDER_FORMATS_H

#include <GLES3/gl3.h>
#include <stdbool.h>
#include <stdint.h>
#include <wlr/render/drm_format_set.h>

struct bn_egl;

/** How a DRM format in memory is told to GLES. */
struct bn_format {
	uint32_t drm; // DRM_FORMAT_*
	GLint internal;
	GLenum format, type;
	uint8_t bytes; // per pixel
};

/**
 * What the renderer takes, by what it is for. Each comes with DRM_FORMAT_MOD_INVALID too, or wlroots
 * finds no format for a swapchain.
 */
struct bn_formats {
	struct wlr_drm_format_set upload;         // memory that is copied into textures
	struct wlr_drm_format_set render;         // targets
	struct wlr_drm_format_set dmabuf_texture; // empty without a DRM node
	struct wlr_drm_format_set dmabuf_render;  // empty without a DRM node
	bool has_modifiers;                       // the driver names at least one
};

// Needs `egl` current. False when out of memory; finish is fine then too.
bool bn_formats_init(struct bn_formats *formats, const struct bn_egl *egl);
void bn_formats_finish(struct bn_formats *formats);

// NULL: not a format we upload or read.
const struct bn_format *bn_format_find(uint32_t drm);

// For any fourcc, also of the planar formats that only a dmabuf can have.
bool bn_format_has_alpha(uint32_t drm);

#endif
