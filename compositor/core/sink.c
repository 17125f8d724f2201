#include "core/sink.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool put(struct bn_sink *sink, const char *text, size_t length) {
	if (!sink->failed) {
		sink->failed = !sink->write(sink->data, text, length);
	}
	return !sink->failed;
}

bool bn_sink_print(struct bn_sink *sink, const char *format, ...) {
	char line[1024];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof(line)) {
		sink->failed = true;
		return false;
	}
	return put(sink, line, (size_t)length);
}

/** Bytes of the letter at `text`; 0: it is none. Surrogates and overlong forms are none. */
static size_t letter(const unsigned char *text) {
	static const struct {
		unsigned char first, last, low, high; // of the first byte; limits of the second
		size_t length;
	} forms[] = {
		{ 0x20, 0x7f, 0, 0, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last) {
			continue;
		}
		bool good = forms[i].length == 1
				|| (text[1] >= forms[i].low && text[1] <= forms[i].high);
		for (size_t at = 2; good && at < forms[i].length; at++) {
			good = (text[at] & 0xc0) == 0x80;
		}
		return good ? forms[i].length : 0;
	}
	return 0;
}

bool bn_sink_json(struct bn_sink *sink, const char *text) {
	put(sink, "\"", 1);
	while (*text != '\0') {
		size_t length = letter((const unsigned char *)text);
		if (*text == '"' || *text == '\\') {
			put(sink, "\\", 1);
		}
		put(sink, length > 0 ? text : "?", length > 0 ? length : 1);
		text += length > 0 ? length : 1;
	}
	return put(sink, "\"", 1);
}
