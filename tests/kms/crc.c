#include "crc.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void make_table(uint32_t table[256]) {
	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t crc = byte;
		for (int bit = 0; bit < 8; bit++) {
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
		}
		table[byte] = crc;
	}
}

uint32_t bn_crc_of_xrgb(const uint32_t *pixels, int width, int height, int stride) {
	uint32_t table[256];
	make_table(table);

	uint32_t crc = 0;
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			// A channel times 257 has the same byte twice, so byte order does not matter.
			uint32_t argb = pixels[y * stride + x] | 0xff000000u;
			for (int shift = 24; shift >= 0; shift -= 8) {
				uint8_t channel = (uint8_t)(argb >> shift);
				crc = table[(crc ^ channel) & 0xff] ^ crc >> 8;
				crc = table[(crc ^ channel) & 0xff] ^ crc >> 8;
			}
		}
	}
	return crc;
}

bool bn_crc_of_frame(int minor, int crtc, uint32_t *ret_crc) {
	char path[96];
	snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%d/crtc-%d/crc/control", minor, crtc);
	int control = open(path, O_WRONLY | O_CLOEXEC);
	if (control < 0) {
		return false;
	}
	bool done = write(control, "auto", 4) == 4;
	close(control);
	if (!done) {
		return false;
	}

	// CRCs are calculated only while the data file is open, so its first line is a new frame's.
	snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%d/crtc-%d/crc/data", minor, crtc);
	int data = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (data < 0) {
		return false;
	}
	char line[96] = "";
	struct pollfd ready = { .fd = data, .events = POLLIN };
	ssize_t size = poll(&ready, 1, 2000) == 1 ? read(data, line, sizeof(line) - 1) : -1;
	close(data);

	// "FRAME CRC", both in hexadecimal.
	unsigned crc;
	if (size <= 0 || sscanf(line, "%*x %x", &crc) != 1) {
		return false;
	}
	*ret_crc = crc;
	return true;
}
