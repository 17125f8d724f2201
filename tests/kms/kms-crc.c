// kms-crc file FILE.png: the CRC that vkms would calculate for this picture.
// kms-crc color RRGGBB WIDTHxHEIGHT: likewise, for a picture of one colour.
// kms-crc head CONNECTOR: the CRC of the next frame on this connector, for example Virtual-2.
// These print eight hexadecimal digits, so that a shell can compare them.
// kms-crc watch CONNECTOR: what a lit head scans out, refresh after refresh, a line whenever it changes, until its input
// ends: "NS CRC" of CLOCK_MONOTONIC; "NS dark" when there was no refresh for three; "NS end" last.

#include <fcntl.h>
#include <png.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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

static bool find_head(const char *connector, int *ret_minor, int *ret_crtc) {
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
			*ret_minor = minor;
			*ret_crtc = crtc;
			return true;
		}
	}
	fprintf(stderr, "kms-crc: no card drives %s\n", connector);
	return false;
}

static long long now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int open_crc(int minor, int pipe) {
	char path[96];
	snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%d/crtc-%d/crc/control", minor, pipe);
	int control = open(path, O_WRONLY | O_CLOEXEC);
	bool set = control >= 0 && write(control, "auto", 4) == 4;
	if (control >= 0) {
		close(control);
	}
	snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%d/crtc-%d/crc/data", minor, pipe);
	return set ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
}

/** True: a refresh was read. */
static bool read_line(int fd, unsigned *ret_crc) {
	char line[96];
	ssize_t size = read(fd, line, sizeof(line) - 1);
	if (size <= 0) {
		return false;
	}
	line[size] = '\0';
	return sscanf(line, "%*x %x", ret_crc) == 1;
}

static void watch(int minor, int pipe) {
	int fd = -1;
	bool dark = true;
	unsigned shown = 0;
	for (;;) {
		if (fd < 0) {
			fd = open_crc(minor, pipe); // EIO while the head is off
		}
		struct pollfd fds[] = {
			{ .fd = fd, .events = POLLIN },
			{ .fd = STDIN_FILENO, .events = POLLIN },
		};
		int ready = poll(fds, 2, fd < 0 ? 2 : 50);
		unsigned crc;
		if (fds[1].revents != 0) {
			break;
		}
		if (ready == 0 && !dark) {
			printf("%lld dark\n", now_ns());
			dark = true;
		}
		if (fds[0].revents != 0 && read_line(fd, &crc) && (dark || crc != shown)) {
			printf("%lld %08x\n", now_ns(), crc);
			shown = crc;
			dark = false;
		}
		fflush(stdout);
	}
	printf("%lld end\n", now_ns());
}

int main(int argc, char *argv[]) {
	uint32_t crc = 0;
	int minor, crtc;
	bool found = false;
	if (argc == 3 && strcmp(argv[1], "file") == 0) {
		found = crc_of_file(argv[2], &crc);
	} else if (argc == 4 && strcmp(argv[1], "color") == 0) {
		found = crc_of_color(argv[2], argv[3], &crc);
	} else if (argc == 3 && strcmp(argv[1], "head") == 0) {
		found = find_head(argv[2], &minor, &crtc) && bn_crc_of_frame(minor, crtc, &crc);
	} else if (argc == 3 && strcmp(argv[1], "watch") == 0) {
		if (find_head(argv[2], &minor, &crtc)) {
			watch(minor, crtc);
			return 0;
		}
	} else {
		fprintf(stderr,
				"usage: kms-crc file FILE.png | color RRGGBB WIDTHxHEIGHT | head "
				"CONNECTOR | watch CONNECTOR\n");
		return 2;
	}
	if (!found) {
		return 1;
	}
	printf("%08x\n", crc);
	return 0;
}
