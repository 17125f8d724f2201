#include "ipc/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Smallest code point of each length: a longer form of a smaller one is invalid.
static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
static const char replacement[] = "\xef\xbf\xbd";

/** Length of the valid sequence at `text`, 0 when there is none. Never reads past a NUL. */
static size_t sequence_length(const unsigned char *text) {
	if (text[0] < 0x80) {
		return 1;
	}
	size_t length = (text[0] & 0xe0) == 0xc0   ? 2
			: (text[0] & 0xf0) == 0xe0 ? 3
			: (text[0] & 0xf8) == 0xf0 ? 4
						   : 0;
	if (length == 0) {
		return 0;
	}
	uint32_t point = text[0] & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80) {
			return 0;
		}
		point = point << 6 | (text[i] & 0x3fu);
	}
	bool surrogate = point >= 0xd800 && point <= 0xdfff;
	return point >= smallest[length] && point <= 0x10ffff && !surrogate ? length : 0;
}

bool bn_utf8_is_valid(const char *text) {
	const unsigned char *at = (const unsigned char *)text;
	while (*at != '\0') {
		size_t length = sequence_length(at);
		if (length == 0) {
			return false;
		}
		at += length;
	}
	return true;
}

char *bn_utf8_clean(const char *text) {
	char *clean = malloc(3 * strlen(text) + 1);
	if (clean == NULL) {
		return NULL;
	}
	char *to = clean;
	while (*text != '\0') {
		size_t length = sequence_length((const unsigned char *)text);
		if (length == 0) {
			memcpy(to, replacement, 3);
			to += 3;
			text++;
			continue;
		}
		memcpy(to, text, length);
		to += length;
		text += length;
	}
	*to = '\0';
	return clean;
}
