#include "safety/safe_picture.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/box.h>
#include <wlr/util/log.h>
#include <wlr/util/transform.h>

#include "core/safe_picture.h"
#include "guardlink.h"
#include "output.h"
#include "scene/pixels.h"
#include "scene/text.h"

#define WORDS_COLOR 0xffc8c8c8
#define QUIET_COLOR 0xff606060

static void draw_words(struct bn_pixels *pixels, struct bn_text *text, bool safety) {
	const char *words = safety ? "Display not available" : "Restarting";
	int32_t width = pixels->base.width, height = pixels->base.height;
	int32_t shorter = width < height ? width : height;
	int32_t size = shorter / (safety ? 16 : 28);
	size = size < 12 ? 12 : size;
	int32_t words_width = bn_text_measure(text, size, words);
	// Under the triangle, whose lower edge is at 0.45 of the height and a third of its own.
	int32_t baseline = safety ? height * 45 / 100 + shorter * 24 / 100 : height / 2;
	bn_text_draw(text, pixels, (width - words_width) / 2, baseline, size,
			safety ? WORDS_COLOR : QUIET_COLOR, words);
}

/** The picture as it is scanned out; NULL when out of memory. */
static struct bn_pixels *turn(struct bn_pixels *pixels, int32_t width, int32_t height,
		enum wl_output_transform transform) {
	struct bn_pixels *turned = bn_pixels_create(width, height);
	enum wl_output_transform to_buffer = wlr_output_transform_invert(transform);
	for (int32_t y = 0; turned != NULL && y < pixels->base.height; y++) {
		for (int32_t x = 0; x < pixels->base.width; x++) {
			struct wlr_box box = { x, y, 1, 1 };
			wlr_box_transform(&box, &box, to_buffer, pixels->base.width,
					pixels->base.height);
			turned->data[(size_t)box.y * (size_t)width + (size_t)box.x] =
					pixels->data[(size_t)y * (size_t)pixels->base.width
							+ (size_t)x];
		}
	}
	return turned;
}

struct bn_pixels *bn_safe_picture_make(struct bn_text *text, int32_t width, int32_t height,
		enum wl_output_transform transform, bool safety) {
	bool on_side = (transform & WL_OUTPUT_TRANSFORM_90) != 0;
	struct bn_pixels *pixels =
			bn_pixels_create(on_side ? height : width, on_side ? width : height);
	if (pixels == NULL) {
		return NULL;
	}
	bn_safe_picture_draw(pixels->data, pixels->base.width, pixels->base.height,
			pixels->base.width, safety);
	draw_words(pixels, text, safety);
	if (transform == WL_OUTPUT_TRANSFORM_NORMAL) {
		return pixels;
	}
	struct bn_pixels *turned = turn(pixels, width, height, transform);
	wlr_buffer_drop(&pixels->base);
	return turned;
}

/** A sealed file with the picture; -1: none can be had. */
static int make_file(const struct bn_pixels *pixels) {
	size_t size = (size_t)pixels->base.width * (size_t)pixels->base.height * 4, done = 0;
	int fd = memfd_create("binnacle-safe-picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	while (fd >= 0 && done < size) {
		ssize_t written = write(fd, (const char *)pixels->data + done, size - done);
		if (written <= 0) {
			close(fd);
			return -1;
		}
		done += (size_t)written;
	}
	if (fd >= 0) {
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
	}
	return fd;
}

bool bn_safe_picture_send(struct bn_guardlink *link, uint32_t slot,
		const struct bn_output *output) {
	int32_t width = output->wlr->width, height = output->wlr->height;
	struct bn_pixels *pixels = bn_safe_picture_make(output->outputs->text, width, height,
			output->wlr->transform, output->safety);
	int fd = pixels != NULL ? make_file(pixels) : -1;
	if (pixels != NULL) {
		wlr_buffer_drop(&pixels->base);
	}
	if (fd < 0) {
		wlr_log(WLR_ERROR, "guard: no memory for the safe picture of output %s",
				output->wlr->name);
		return false;
	}
	struct bn_guard_message message = {
		.kind = BN_GUARD_PICTURE,
		.slot = slot,
		.width = width,
		.height = height,
		.stride = (uint32_t)width * 4,
		.safety = output->safety,
	};
	snprintf(message.name, sizeof(message.name), "%s", output->wlr->name);
	bn_guardlink_send(link, &message, fd);
	close(fd);
	return true;
}
