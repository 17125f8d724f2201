#include <errno.h>
#include <png.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binnaclectl.h"

#define SIDE_MAX 65535

/** XRGB8888 as the compositor sends it, rows without gaps. */
struct picture {
	uint32_t *pixels; // owned
	size_t width, height;
};

/** Copies what the fd holds. False, with a complaint, when that is not what the reply says. */
static bool read_picture(const struct ctl_reply *reply, struct picture *ret_picture) {
	long long width = ctl_integer(reply->root, "width");
	long long height = ctl_integer(reply->root, "height");
	struct stat info;
	if (width < 1 || width > SIDE_MAX || height < 1 || height > SIDE_MAX || reply->fd < 0
			|| fstat(reply->fd, &info) != 0 || info.st_size < width * height * 4) {
		ctl_complain("the compositor sent no picture");
		return false;
	}
	size_t size = (size_t)(width * height * 4);
	uint32_t *pixels = malloc(size);
	void *mapped = mmap(NULL, size, PROT_READ, MAP_PRIVATE, reply->fd, 0);
	if (pixels == NULL || mapped == MAP_FAILED) {
		ctl_complain("the picture cannot be read: %s", strerror(errno));
		free(pixels);
		return false;
	}
	memcpy(pixels, mapped, size);
	munmap(mapped, size);
	*ret_picture = (struct picture){ pixels, (size_t)width, (size_t)height };
	return true;
}

static enum ctl_status take(struct ctl *ctl, const char *name, struct picture *ret_picture) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_SCREENSHOT);
	yyjson_mut_obj_add_str(message.doc, message.root, "name", name);
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	if (status == CTL_DONE && !read_picture(&reply, ret_picture)) {
		status = CTL_FAILED;
	}
	ctl_reply_finish(&reply);
	return status;
}

/** Adds `right` at the right side, aligned at the top; what neither covers is black. */
static bool append(struct picture *all, const struct picture *right) {
	struct picture wide = {
		.width = all->width + right->width,
		.height = all->height > right->height ? all->height : right->height,
	};
	wide.pixels = calloc(wide.width * wide.height, sizeof(wide.pixels[0]));
	if (wide.pixels == NULL) {
		ctl_complain("out of memory");
		return false;
	}
	for (size_t y = 0; y < all->height; y++) {
		memcpy(wide.pixels + y * wide.width, all->pixels + y * all->width,
				all->width * sizeof(wide.pixels[0]));
	}
	for (size_t y = 0; y < right->height; y++) {
		memcpy(wide.pixels + y * wide.width + all->width, right->pixels + y * right->width,
				right->width * sizeof(wide.pixels[0]));
	}
	free(all->pixels);
	*all = wide;
	return true;
}

static bool is_connected(yyjson_val *display) {
	return yyjson_get_bool(yyjson_obj_get(display, "connected"));
}

static enum ctl_status take_all(struct ctl *ctl, struct picture *ret_picture) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_GET);
	yyjson_mut_obj_add_str(message.doc, message.root, "what", "displays");
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	struct picture all = { 0 };
	yyjson_val *display;
	yyjson_arr_iter displays = yyjson_arr_iter_with(yyjson_obj_get(reply.root, "displays"));
	while (status == CTL_DONE && (display = yyjson_arr_iter_next(&displays)) != NULL) {
		struct picture one = { 0 };
		if (!is_connected(display)) {
			continue;
		}
		status = take(ctl, ctl_string(display, "name"), &one);
		if (status == CTL_DONE && !append(&all, &one)) {
			status = CTL_FAILED;
		}
		free(one.pixels);
	}
	ctl_reply_finish(&reply);
	if (status == CTL_DONE && all.pixels == NULL) {
		ctl_complain("no display is connected");
		status = CTL_FAILED;
	}
	if (status != CTL_DONE) {
		free(all.pixels);
		return status;
	}
	*ret_picture = all;
	return CTL_DONE;
}

/** libpng leaves by longjmp: nothing here is changed after setjmp and read after it. */
static bool write_png(FILE *file, const struct picture *picture) {
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
	if (info == NULL || setjmp(png_jmpbuf(png)) != 0) {
		png_destroy_write_struct(&png, &info);
		return false;
	}
	png_init_io(png, file);
	png_set_IHDR(png, info, (png_uint_32)picture->width, (png_uint_32)picture->height, 8,
			PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
			PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	// XRGB8888 lies in memory as B, G, R and a byte that means nothing.
	png_set_bgr(png);
	png_set_filler(png, 0, PNG_FILLER_AFTER);
	for (size_t y = 0; y < picture->height; y++) {
		png_write_row(png, (png_const_bytep)(picture->pixels + y * picture->width));
	}
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	return true;
}

static enum ctl_status save(const char *path, const struct picture *picture) {
	bool to_stdout = strcmp(path, "-") == 0;
	FILE *file = to_stdout ? stdout : fopen(path, "wbe");
	if (file == NULL) {
		ctl_complain("%s: %s", path, strerror(errno));
		return CTL_FAILED;
	}
	bool written = write_png(file, picture);
	bool flushed = to_stdout ? fflush(file) == 0 : fclose(file) == 0;
	if (!written || !flushed) {
		ctl_complain("%s: cannot be written: %s", path, strerror(errno));
		if (!to_stdout) {
			unlink(path);
		}
		return CTL_FAILED;
	}
	return CTL_DONE;
}

enum ctl_status ctl_save_picture(const struct ctl_reply *reply, const char *path) {
	struct picture picture = { 0 };
	enum ctl_status status = read_picture(reply, &picture) ? save(path, &picture) : CTL_FAILED;
	free(picture.pixels);
	return status;
}

enum ctl_status ctl_take_screenshot(struct ctl *ctl, const char *name, const char *path) {
	struct picture picture = { 0 };
	enum ctl_status status = name != NULL ? take(ctl, name, &picture) : take_all(ctl, &picture);
	if (status == CTL_DONE) {
		status = save(path, &picture);
	}
	if (status == CTL_DONE && ctl->json && strcmp(path, "-") != 0) {
		printf("{\"ok\":true,\"width\":%zu,\"height\":%zu}\n", picture.width,
				picture.height);
	}
	free(picture.pixels);
	return status;
}

enum ctl_status ctl_screenshot(struct ctl *ctl, int argc, char **argv) {
	return ctl_take_screenshot(ctl, argc > 2 ? argv[1] : NULL, argv[argc - 1]);
}
