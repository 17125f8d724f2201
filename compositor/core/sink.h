#ifndef BN_CORE_SINK_H
#define BN_CORE_SINK_H

#include <stdbool.h>
#include <stddef.h>

/** Where text goes. `write` is not called again after it returned false. */
struct bn_sink {
	bool (*write)(void *data, const char *text, size_t length);
	void *data;
	bool failed;
};

/** False, now and from then on, when the text could not be written or is longer than 1023 bytes. */
bool bn_sink_print(struct bn_sink *sink, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
/** The text as a JSON string with its quotes; what is not UTF-8 in it becomes '?'. */
bool bn_sink_json(struct bn_sink *sink, const char *text);

#endif
