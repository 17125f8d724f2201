#ifndef BN_WATCH_SHEET_H
#define BN_WATCH_SHEET_H

#include <stdbool.h>
#include <stdint.h>

struct bn_text;

/** A contact sheet: one row per moment, one column per display, scaled down, with captions. */
struct bn_sheet;

/** `text` is borrowed, may be NULL. NULL when out of memory. */
struct bn_sheet *bn_sheet_create(struct bn_text *text);
void bn_sheet_destroy(struct bn_sheet *sheet);
/** Pictures of one moment come one after the other. A lost one (out of memory) leaves its place empty. */
void bn_sheet_add(struct bn_sheet *sheet, const char *moment, const char *display,
		const uint32_t *pixels, int32_t width, int32_t height);
bool bn_sheet_write(const struct bn_sheet *sheet, const char *path);

#endif
