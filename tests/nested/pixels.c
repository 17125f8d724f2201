/*
 * pixels: what tests want to know of a picture file, PNG or XWD.
 *
 *   pixels size FILE                              "WIDTH HEIGHT"
 *   pixels share FILE X,Y,W,H RRGGBB TOLERANCE    part of the pixels that have this colour, 0..1
 *   pixels colors FILE X,Y,W,H                    how many different colours
 *   pixels equal FILE X,Y,W,H FILE X,Y            how many pixels differ; 1 when any does
 *
 * A rectangle "all" is the whole picture. Exit status 2: the files cannot be compared.
 */
#include <png.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct picture {
	uint32_t *pixels; // owned; XRGB
	int width, height;
};

struct rect {
	int x, y, width, height;
};

static void fail(const char *what, const char *name) {
	fprintf(stderr, "pixels: %s: %s\n", name, what);
	exit(2);
}

static void *allocate(size_t size) {
	void *memory = calloc(1, size);
	if (memory == NULL) {
		fail("out of memory", "picture");
	}
	return memory;
}

static struct picture read_png(const char *name) {
	png_image image = { .version = PNG_IMAGE_VERSION };
	if (!png_image_begin_read_from_file(&image, name)) {
		fail(image.message, name);
	}
	image.format = PNG_FORMAT_BGRA;
	struct picture picture = { .width = (int)image.width, .height = (int)image.height };
	picture.pixels = allocate(PNG_IMAGE_SIZE(image));
	if (!png_image_finish_read(&image, NULL, picture.pixels, 0, NULL)) {
		fail(image.message, name);
	}
	return picture;
}

static uint32_t big_endian(const unsigned char *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8
			| bytes[3];
}

/** What Xvfb's -fbdir leaves: a header of big-endian words, a colour map, then pixels of 32 bits. */
static struct picture read_xwd(const char *name, FILE *file) {
	unsigned char header[100];
	if (fread(header, 1, sizeof(header), file) != sizeof(header)
			|| big_endian(header + 4) != 7) {
		fail("not an XWD picture of version 7", name);
	}
	long header_size = (long)big_endian(header), map_size = (long)big_endian(header + 76) * 12;
	int width = (int)big_endian(header + 16), height = (int)big_endian(header + 20);
	bool little = big_endian(header + 28) == 0;
	size_t stride = big_endian(header + 48);
	if (big_endian(header + 44) != 32 || width < 1 || height < 1 || width > 16384
			|| height > 16384 || stride < (size_t)width * 4
			|| fseek(file, header_size + map_size, SEEK_SET) != 0) {
		fail("an XWD picture of a kind that is not known here", name);
	}
	struct picture picture = { allocate((size_t)width * (size_t)height * 4), width, height };
	unsigned char *row = allocate(stride);
	for (int y = 0; y < height; y++) {
		if (fread(row, 1, stride, file) != stride) {
			fail("ends too early", name);
		}
		for (int x = 0; x < width; x++) {
			const unsigned char *p = row + (size_t)x * 4;
			picture.pixels[(size_t)y * (size_t)width + (size_t)x] = little
					? (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0]
					: big_endian(p);
		}
	}
	free(row);
	return picture;
}

static struct picture read_picture(const char *name) {
	FILE *file = fopen(name, "rbe");
	if (file == NULL) {
		fail("cannot be opened", name);
	}
	unsigned char magic[4];
	bool is_png = fread(magic, 1, 4, file) == 4 && memcmp(magic, "\x89PNG", 4) == 0;
	rewind(file);
	struct picture picture = is_png ? read_png(name) : read_xwd(name, file);
	fclose(file);
	return picture;
}

static struct rect parse_rect(const char *text, const struct picture *picture) {
	struct rect rect = { 0, 0, picture->width, picture->height };
	char rest;
	if (strcmp(text, "all") != 0
			&& sscanf(text, "%d,%d,%d,%d%c", &rect.x, &rect.y, &rect.width,
					   &rect.height, &rest)
					!= 4) {
		fail("not a rectangle X,Y,W,H", text);
	}
	if (rect.x < 0 || rect.y < 0 || rect.width < 1 || rect.height < 1
			|| rect.x + rect.width > picture->width
			|| rect.y + rect.height > picture->height) {
		fail("outside the picture", text);
	}
	return rect;
}

static uint32_t pixel(const struct picture *picture, int x, int y) {
	return picture->pixels[(size_t)y * (size_t)picture->width + (size_t)x] & 0xffffff;
}

static bool is_near(uint32_t a, uint32_t b, int tolerance) {
	for (int shift = 0; shift < 24; shift += 8) {
		if (abs((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff)) > tolerance) {
			return false;
		}
	}
	return true;
}

static int share(char **args) {
	struct picture picture = read_picture(args[0]);
	struct rect rect = parse_rect(args[1], &picture);
	uint32_t color = (uint32_t)strtoul(args[2], NULL, 16);
	int tolerance = atoi(args[3]);
	long count = 0;
	for (int y = 0; y < rect.height; y++) {
		for (int x = 0; x < rect.width; x++) {
			count += is_near(pixel(&picture, rect.x + x, rect.y + y), color, tolerance);
		}
	}
	printf("%.6f\n", (double)count / ((double)rect.width * rect.height));
	free(picture.pixels);
	return 0;
}

static int compare(const void *a, const void *b) {
	const uint32_t *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

static int colors(char **args) {
	struct picture picture = read_picture(args[0]);
	struct rect rect = parse_rect(args[1], &picture);
	size_t count = 0;
	uint32_t *all = allocate((size_t)rect.width * (size_t)rect.height * 4);
	for (int y = 0; y < rect.height; y++) {
		for (int x = 0; x < rect.width; x++) {
			all[count++] = pixel(&picture, rect.x + x, rect.y + y);
		}
	}
	qsort(all, count, sizeof(all[0]), compare);
	size_t different = 1;
	for (size_t i = 1; i < count; i++) {
		different += all[i] != all[i - 1];
	}
	printf("%zu\n", different);
	free(all);
	free(picture.pixels);
	return 0;
}

static int equal(char **args) {
	struct picture a = read_picture(args[0]), b = read_picture(args[2]);
	struct rect rect = parse_rect(args[1], &a);
	int x0, y0;
	if (sscanf(args[3], "%d,%d", &x0, &y0) != 2 || x0 < 0 || y0 < 0 || x0 + rect.width > b.width
			|| y0 + rect.height > b.height) {
		fail("does not lie within the second picture", args[3]);
	}
	long different = 0;
	for (int y = 0; y < rect.height; y++) {
		for (int x = 0; x < rect.width; x++) {
			different += pixel(&a, rect.x + x, rect.y + y) != pixel(&b, x0 + x, y0 + y);
		}
	}
	printf("%ld\n", different);
	free(a.pixels);
	free(b.pixels);
	return different != 0;
}

static int size(char **args) {
	struct picture picture = read_picture(args[0]);
	printf("%d %d\n", picture.width, picture.height);
	free(picture.pixels);
	return 0;
}

int main(int argc, char **argv) {
	static const struct {
		const char *name;
		int args;
		int (*run)(char **args);
	} verbs[] = {
		{ "size", 1, size },
		{ "share", 4, share },
		{ "colors", 2, colors },
		{ "equal", 4, equal },
	};
	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(argv[1], verbs[i].name) == 0 && argc == verbs[i].args + 2) {
			return verbs[i].run(argv + 2);
		}
	}
	fail("see the comment at the top of the source", "usage");
	return 2;
}
