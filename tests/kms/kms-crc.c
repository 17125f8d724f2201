// kms-crc file FILE.png: the CRC that vkms would calculate for this picture.
// kms-crc color RRGGBB WIDTHxHEIGHT: likewise, for a picture of one colour.
// kms-crc head CONNECTOR: the CRC of the next frame on this connector, for example Virtual-2.
// All print eight hexadecimal digits, so that a shell can compare them.

#include <fcntl.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "crc.h"

static bool crc_of_file(const char *path, uint32_t *ret_crc) {
	png_image image = { .version = PNG_IMAGE_VERSION };
	if (!png_image_begin_read_from_file(&image, path)) {
		fprintf(stderr, "kms-crc: %s: %s\n", path, image.message);
		return false;
	}
	image.format = PNG_FORMAT_BGRA; // 0xAARRGGBB on a little-endian machine
	uint32_t *pixels = malloc(PNG_IMAGE_SIZE(image));
	if (pixels == NULL || !png_image_finish_read(&image, NULL, pixels, 0, NULL)) {
		fprintf(stderr, "kms-crc: %s: %s\n", path, image.message);
		png_image_free(&image);
		free(pixels);
		return false;
	}
	*ret_crc = bn_crc_of_xrgb(pixels, (int)image.width, (int)image.height, (int)image.width);
	free(pixels);
	return true;
}

static bool crc_of_color(const char *color, const char *size, uint32_t *ret_crc) {
	unsigned pixel, width, height;
	if (sscanf(color, "%6x", &pixel) != 1 || sscanf(size, "%4ux%4u", &width, &height) != 2) {
		fprintf(stderr, "kms-crc: %s %s is no colour and size\n", color, size);
		return false;
	}
	uint32_t *pixels = malloc((size_t)width * height * 4);
	for (size_t i = 0; pixels != NULL && i < (size_t)width * height; i++) {
		pixels[i] = pixel;
	}
	if (pixels != NULL) {
		*ret_crc = bn_crc_of_xrgb(pixels, (int)width, (int)height, (int)width);
	}
	bool done = pixels != NULL;
	free(pixels);
	return done;
}

// The number of the crtc that drives this connector, or -1.
static int crtc_of(int card, const char *connector_name) {
	int found = -1;
	drmModeRes *resources = drmModeGetResources(card);
	for (int i = 0; resources != NULL && i < resources->count_connectors; i++) {
		drmModeConnector *connector =
				drmModeGetConnectorCurrent(card, resources->connectors[i]);
		if (connector == NULL) {
			continue;
		}
		char name[64];
		snprintf(name, sizeof(name), "%s-%u",
				drmModeGetConnectorTypeName(connector->connector_type),
				connector->connector_type_id);
		drmModeEncoder *encoder = strcmp(name, connector_name) == 0
				? drmModeGetEncoder(card, connector->encoder_id)
				: NULL;
		for (int c = 0; encoder != NULL && c < resources->count_crtcs; c++) {
			if (resources->crtcs[c] == encoder->crtc_id) {
				found = c;
			}
		}
		drmModeFreeEncoder(encoder);
		drmModeFreeConnector(connector);
	}
	drmModeFreeResources(resources);
	return found;
}

static bool crc_of_head(const char *connector, uint32_t *ret_crc) {
	for (int minor = 0; minor < 8; minor++) {
		char path[32];
		snprintf(path, sizeof(path), "/dev/dri/card%d", minor);
		int card = open(path, O_RDWR | O_CLOEXEC);
		if (card < 0) {
			continue;
		}
		int crtc = crtc_of(card, connector);
		close(card);
		if (crtc >= 0) {
			return bn_crc_of_frame(minor, crtc, ret_crc);
		}
	}
	fprintf(stderr, "kms-crc: no card drives %s\n", connector);
	return false;
}

int main(int argc, char *argv[]) {
	uint32_t crc = 0;
	bool found = false;
	if (argc == 3 && strcmp(argv[1], "file") == 0) {
		found = crc_of_file(argv[2], &crc);
	} else if (argc == 4 && strcmp(argv[1], "color") == 0) {
		found = crc_of_color(argv[2], argv[3], &crc);
	} else if (argc == 3 && strcmp(argv[1], "head") == 0) {
		found = crc_of_head(argv[2], &crc);
	} else {
		fprintf(stderr,
				"usage: kms-crc file FILE.png | color RRGGBB WIDTHxHEIGHT | head "
				"CONNECTOR\n");
		return 2;
	}
	if (!found) {
		return 1;
	}
	printf("%08x\n", crc);
	return 0;
}
