#ifndef BN_TELLTALES_SYMBOLS_H
#define BN_TELLTALES_SYMBOLS_H

#include <cairo.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/signals.h"
#include "lib/text.h"

/** Where in the strip a symbol stands; within a block in the order of the table. */
enum bn_telltale_block {
	BN_TELLTALE_LEFT,   // from the left edge: red
	BN_TELLTALE_CENTER, // lights and indicators
	BN_TELLTALE_RIGHT,  // ends at the right edge: amber
};

/** A symbol after ISO 2575, drawn in a box of 100 x 100 with the source already set. */
struct bn_telltale {
	const char *name;
	enum bn_telltale_block block;
	uint32_t color;
	bool (*is_lit)(const struct bn_signals *signals);
	void (*draw)(cairo_t *cr, const struct bn_fonts *fonts);
};

extern const struct bn_telltale bn_telltales[];
extern const size_t bn_telltale_count;

#endif
