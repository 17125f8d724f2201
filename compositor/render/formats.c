#include "render/formats.h"

#include <GLES2/gl2ext.h>
#include <drm_fourcc.h>
#include <stdlib.h>

#include "render/egl.h"

// BGRA unsized: the sized form costs the same on Mesa and is missing elsewhere.
static const struct bn_format table[] = {
	{ DRM_FORMAT_ARGB8888, GL_BGRA_EXT, GL_BGRA_EXT, GL_UNSIGNED_BYTE, 4 },
	{ DRM_FORMAT_XRGB8888, GL_BGRA_EXT, GL_BGRA_EXT, GL_UNSIGNED_BYTE, 4 },
	{ DRM_FORMAT_ABGR8888, GL_RGBA, GL_RGBA, GL_UNSIGNED_BYTE, 4 },
	{ DRM_FORMAT_XBGR8888, GL_RGBA, GL_RGBA, GL_UNSIGNED_BYTE, 4 },
	{ DRM_FORMAT_RGB565, GL_RGB, GL_RGB, GL_UNSIGNED_SHORT_5_6_5, 2 },
	{ DRM_FORMAT_ABGR2101010, GL_RGB10_A2, GL_RGBA, GL_UNSIGNED_INT_2_10_10_10_REV, 4 },
	{ DRM_FORMAT_XBGR2101010, GL_RGB10_A2, GL_RGBA, GL_UNSIGNED_INT_2_10_10_10_REV, 4 },
	{ DRM_FORMAT_ABGR16161616F, GL_RGBA16F, GL_RGBA, GL_HALF_FLOAT, 8 },
	{ DRM_FORMAT_XBGR16161616F, GL_RGBA16F, GL_RGBA, GL_HALF_FLOAT, 8 },
};

// Targets in memory, and the colour formats worth having as a dmabuf target.
static const uint32_t targets[] = { DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888 };
static const uint32_t dmabuf_targets[] = { DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888,
	DRM_FORMAT_XBGR8888, DRM_FORMAT_ABGR8888, DRM_FORMAT_XRGB2101010, DRM_FORMAT_ARGB2101010,
	DRM_FORMAT_XBGR2101010, DRM_FORMAT_ABGR2101010, DRM_FORMAT_RGB565 };

const struct bn_format *bn_format_find(uint32_t drm) {
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].drm == drm) {
			return &table[i];
		}
	}
	return NULL;
}

bool bn_format_has_alpha(uint32_t drm) {
	// The two first letters of a fourcc name the order: ARxx ABxx, RAxx BAxx, and AYUV.
	char a = (char)(drm & 0xFF), b = (char)(drm >> 8 & 0xFF);
	return (a == 'A' && (b == 'R' || b == 'B' || b == 'Y'))
			|| (b == 'A' && (a == 'R' || a == 'B'));
}

static bool add_implicit(struct wlr_drm_format_set *set, uint32_t drm, bool linear) {
	return wlr_drm_format_set_add(set, drm, DRM_FORMAT_MOD_INVALID)
			&& (!linear || wlr_drm_format_set_add(set, drm, DRM_FORMAT_MOD_LINEAR));
}

static bool add_plain(struct wlr_drm_format_set *set, uint32_t drm) {
	return add_implicit(set, drm, true);
}

static bool is_dmabuf_target(uint32_t drm) {
	for (size_t i = 0; i < sizeof(dmabuf_targets) / sizeof(dmabuf_targets[0]); i++) {
		if (dmabuf_targets[i] == drm) {
			return true;
		}
	}
	return false;
}

static bool add_modifiers(struct bn_formats *formats, const struct bn_egl *egl, uint32_t drm) {
	EGLint n = 0;
	if (!egl->proc.query_modifiers(egl->display, (EGLint)drm, 0, NULL, NULL, &n)) {
		return true;
	}
	EGLuint64KHR *modifiers = calloc((size_t)n + 1, sizeof(*modifiers));
	EGLBoolean *external = calloc((size_t)n + 1, sizeof(*external));
	bool ok = modifiers != NULL && external != NULL;
	if (ok && n > 0) {
		egl->proc.query_modifiers(egl->display, (EGLint)drm, n, modifiers, external, &n);
	}
	formats->has_modifiers |= n > 0;
	bool renders = n == 0;
	for (EGLint i = 0; ok && i < n; i++) {
		ok = wlr_drm_format_set_add(&formats->dmabuf_texture, drm, modifiers[i]);
		if (ok && !external[i] && is_dmabuf_target(drm)) {
			renders = true;
			ok = wlr_drm_format_set_add(&formats->dmabuf_render, drm, modifiers[i]);
		}
	}
	// A driver that names no modifier has linear buffers all the same.
	ok = ok && add_implicit(&formats->dmabuf_texture, drm, n == 0);
	if (ok && renders && is_dmabuf_target(drm)) {
		ok = add_implicit(&formats->dmabuf_render, drm, n == 0);
	}
	free(external);
	free(modifiers);
	return ok;
}

static bool query_dmabuf(struct bn_formats *formats, const struct bn_egl *egl) {
	EGLint n = 0;
	if (egl->proc.query_formats == NULL
			|| !egl->proc.query_formats(egl->display, 0, NULL, &n)) {
		// The import extension alone promises these two.
		return add_plain(&formats->dmabuf_texture, DRM_FORMAT_ARGB8888)
				&& add_plain(&formats->dmabuf_texture, DRM_FORMAT_XRGB8888)
				&& add_plain(&formats->dmabuf_render, DRM_FORMAT_ARGB8888)
				&& add_plain(&formats->dmabuf_render, DRM_FORMAT_XRGB8888);
	}
	EGLint *list = calloc((size_t)n + 1, sizeof(*list));
	if (list == NULL) {
		return false;
	}
	bool ok = true;
	egl->proc.query_formats(egl->display, n, list, &n);
	for (EGLint i = 0; ok && i < n; i++) {
		ok = add_modifiers(formats, egl, (uint32_t)list[i]);
	}
	free(list);
	return ok;
}

bool bn_formats_init(struct bn_formats *formats, const struct bn_egl *egl) {
	*formats = (struct bn_formats){ 0 };
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!add_plain(&formats->upload, table[i].drm)) {
			return false;
		}
	}
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (!add_plain(&formats->render, targets[i])) {
			return false;
		}
	}
	return egl->gbm == NULL || query_dmabuf(formats, egl);
}

void bn_formats_finish(struct bn_formats *formats) {
	wlr_drm_format_set_finish(&formats->upload);
	wlr_drm_format_set_finish(&formats->render);
	wlr_drm_format_set_finish(&formats->dmabuf_texture);
	wlr_drm_format_set_finish(&formats->dmabuf_render);
}
