#include "render/gles.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wlr/render/dmabuf.h>
#include <wlr/util/log.h>

static void handle_addon_destroy(struct wlr_addon *addon) {
	struct bn_image *image = wl_container_of(addon, image, addon);
	bn_image_destroy(image);
}

static const struct wlr_addon_interface addon_impl = {
	.name = "bn_image",
	.destroy = handle_addon_destroy,
};

void bn_image_destroy(struct bn_image *image) {
	struct bn_renderer *renderer = image->renderer;
	wlr_addon_finish(&image->addon);
	wl_list_remove(&image->link);
	if (bn_renderer_enter(renderer)) {
		glDeleteFramebuffers(1, &image->fbo);
		glDeleteTextures(1, &image->texture);
		if (image->egl != EGL_NO_IMAGE_KHR) {
			renderer->egl.proc.destroy_image(renderer->egl.display, image->egl);
		}
	}
	free(image);
}

static struct bn_image *find(struct bn_renderer *renderer, struct wlr_buffer *buffer) {
	struct wlr_addon *addon = wlr_addon_find(&buffer->addons, renderer, &addon_impl);
	struct bn_image *image = NULL;
	return addon != NULL ? wl_container_of(addon, image, addon) : NULL;
}

static GLuint create_texture(GLenum target) {
	GLuint name = 0;
	glGenTextures(1, &name);
	glBindTexture(target, name);
	glTexParameteri(target, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	glTexParameteri(target, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
	glTexParameteri(target, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
	glTexParameteri(target, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
	return name;
}

static bool create_fbo(struct bn_image *image) {
	if (image->target != GL_TEXTURE_2D) {
		return false;
	}
	glGenFramebuffers(1, &image->fbo);
	glBindFramebuffer(GL_FRAMEBUFFER, image->fbo);
	glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, image->texture,
			0);
	if (glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE) {
		return true;
	}
	glBindFramebuffer(GL_FRAMEBUFFER, 0);
	glDeleteFramebuffers(1, &image->fbo);
	image->fbo = 0;
	return false;
}

static struct bn_image *create(struct bn_renderer *renderer, struct wlr_buffer *buffer) {
	struct bn_image *image = calloc(1, sizeof(*image));
	if (image == NULL) {
		return NULL;
	}
	image->renderer = renderer;
	image->buffer = buffer;
	image->target = GL_TEXTURE_2D;
	image->egl = EGL_NO_IMAGE_KHR;
	wlr_addon_init(&image->addon, &buffer->addons, renderer, &addon_impl);
	wl_list_insert(&renderer->images, &image->link);
	return image;
}

static bool is_external_only(struct bn_renderer *renderer,
		const struct wlr_dmabuf_attributes *attribs) {
	EGLuint64KHR modifiers[64];
	EGLBoolean external[64];
	EGLint n = 0;
	if (renderer->egl.proc.query_modifiers == NULL
			|| !renderer->egl.proc.query_modifiers(renderer->egl.display,
					(EGLint)attribs->format, 64, modifiers, external, &n)) {
		return false;
	}
	for (EGLint i = 0; i < n; i++) {
		if (modifiers[i] == attribs->modifier) {
			return external[i];
		}
	}
	// Without a modifier: external when the driver samples this format in no other way, as with
	// YUV.
	bool all = n > 0;
	for (EGLint i = 0; i < n; i++) {
		all = all && external[i];
	}
	return all;
}

static bool attach(struct bn_image *image, const struct wlr_dmabuf_attributes *attribs) {
	struct bn_renderer *renderer = image->renderer;
	bn_renderer_clear_errors();
	image->egl = bn_egl_import(&renderer->egl, attribs);
	if (image->egl == EGL_NO_IMAGE_KHR) {
		return false;
	}
	image->texture = create_texture(image->target);
	renderer->proc.image_target(image->target, image->egl);
	return glGetError() == GL_NO_ERROR;
}

static struct bn_image *import_dmabuf(struct bn_renderer *renderer, struct wlr_buffer *buffer,
		const struct wlr_dmabuf_attributes *attribs) {
	struct bn_image *image = create(renderer, buffer);
	if (image == NULL) {
		return NULL;
	}
	image->alpha = bn_format_has_alpha(attribs->format);
	if (is_external_only(renderer, attribs)) {
		image->target = GL_TEXTURE_EXTERNAL_OES;
	}
	if ((image->target == GL_TEXTURE_EXTERNAL_OES && !renderer->has_external)
			|| !attach(image, attribs)) {
		bn_image_destroy(image);
		return NULL;
	}
	return image;
}

// Shared memory told to EGL as a linear dmabuf: not promised by any extension, hence the probe.
static bool attach_memory(struct bn_image *image, const struct wlr_shm_attributes *shm) {
	const struct wlr_dmabuf_attributes attribs = {
		.width = shm->width,
		.height = shm->height,
		.format = shm->format,
		.modifier = DRM_FORMAT_MOD_INVALID,
		.n_planes = 1,
		.offset = { (uint32_t)shm->offset },
		.stride = { (uint32_t)shm->stride },
		.fd = { shm->fd },
	};
	return attach(image, &attribs) && create_fbo(image);
}

// llvmpipe writes blocks of 4 x 4 pixels with aligned vectors, and knows nothing of where foreign
// memory ends: with other strides it crashes, with other heights it touches up to three rows that
// are not there.
static bool is_aligned(const struct wlr_shm_attributes *shm) {
	return shm->stride % 16 == 0 && shm->offset % 16 == 0 && shm->height % 4 == 0;
}

static void detach(struct bn_image *image) {
	glDeleteFramebuffers(1, &image->fbo);
	glDeleteTextures(1, &image->texture);
	if (image->egl != EGL_NO_IMAGE_KHR) {
		image->renderer->egl.proc.destroy_image(image->renderer->egl.display, image->egl);
	}
	image->fbo = 0;
	image->texture = 0;
	image->egl = EGL_NO_IMAGE_KHR;
}

static bool attach_shadow(struct bn_image *image) {
	image->texture = create_texture(GL_TEXTURE_2D);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_BGRA_EXT, image->buffer->width, image->buffer->height, 0,
			GL_BGRA_EXT, GL_UNSIGNED_BYTE, NULL);
	return create_fbo(image);
}

static bool get_memory_format(struct wlr_buffer *buffer, uint32_t *ret_format) {
	void *data;
	size_t stride;
	if (!wlr_buffer_begin_data_ptr_access(buffer, WLR_BUFFER_DATA_PTR_ACCESS_WRITE, &data,
			    ret_format, &stride)) {
		return false;
	}
	wlr_buffer_end_data_ptr_access(buffer);
	return true;
}

static struct bn_image *create_memory_target(struct bn_renderer *renderer,
		struct wlr_buffer *buffer) {
	uint32_t format;
	if (!get_memory_format(buffer, &format)
			|| wlr_drm_format_set_get(&renderer->formats.render, format) == NULL) {
		return NULL;
	}
	struct bn_image *image = create(renderer, buffer);
	if (image == NULL) {
		return NULL;
	}
	image->in_memory = true;
	image->alpha = bn_format_has_alpha(format);
	struct wlr_shm_attributes shm;
	if (renderer->zero_copy && wlr_buffer_get_shm(buffer, &shm) && is_aligned(&shm)) {
		if (attach_memory(image, &shm)) {
			return image;
		}
		detach(image);
	}
	if (!attach_shadow(image)) {
		bn_image_destroy(image);
		return NULL;
	}
	return image;
}

static struct bn_image *create_target(struct bn_renderer *renderer, struct wlr_buffer *buffer) {
	struct wlr_dmabuf_attributes attribs;
	if (renderer->egl.gbm != NULL && wlr_buffer_get_dmabuf(buffer, &attribs)) {
		return import_dmabuf(renderer, buffer, &attribs);
	}
	return create_memory_target(renderer, buffer);
}

struct bn_image *bn_image_get_target(struct bn_renderer *renderer, struct wlr_buffer *buffer) {
	struct bn_image *image = find(renderer, buffer);
	if (image == NULL) {
		image = create_target(renderer, buffer);
	}
	if (image == NULL || (image->fbo == 0 && !create_fbo(image))) {
		wlr_log(WLR_ERROR, "renderer: cannot draw into a %dx%d buffer", buffer->width,
				buffer->height);
		return NULL;
	}
	return image;
}

struct bn_image *bn_image_get_source(struct bn_renderer *renderer, struct wlr_buffer *buffer) {
	struct bn_image *image = find(renderer, buffer);
	struct wlr_dmabuf_attributes attribs;
	if (image == NULL && renderer->egl.gbm != NULL && wlr_buffer_get_dmabuf(buffer, &attribs)) {
		image = import_dmabuf(renderer, buffer, &attribs);
	}
	return image;
}

// Draws one colour through the import and looks whether it arrived in the mapping.
static bool probe_mapping(struct bn_renderer *renderer, int fd, const uint32_t *pixels) {
	enum { SIDE = 16 };
	struct bn_image image = {
		.renderer = renderer,
		.target = GL_TEXTURE_2D,
		.egl = EGL_NO_IMAGE_KHR,
	};
	const struct wlr_shm_attributes shm = {
		.fd = fd,
		.format = DRM_FORMAT_ARGB8888,
		.width = SIDE,
		.height = SIDE,
		.stride = SIDE * 4,
	};
	bool ok = attach_memory(&image, &shm);
	if (ok) {
		glViewport(0, 0, SIDE, SIDE);
		glClearColor(1.0f, 0.2f, 0.6f, 1.0f);
		glClear(GL_COLOR_BUFFER_BIT);
		glFinish();
		for (int i = 0; i < SIDE * SIDE; i++) {
			ok = ok && pixels[i] == 0xFFFF3399;
		}
	}
	detach(&image);
	return ok && glGetError() == GL_NO_ERROR;
}

void bn_image_probe(struct bn_renderer *renderer) {
	const size_t size = 4096;
	int fd = memfd_create("bn-probe", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) != 0) {
		wlr_log_errno(WLR_INFO, "renderer: %s", "no memory to probe with");
	} else {
		uint32_t *pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (pixels != MAP_FAILED) {
			renderer->zero_copy = probe_mapping(renderer, fd, pixels);
			munmap(pixels, size);
		}
	}
	if (fd >= 0) {
		close(fd);
	}
}
