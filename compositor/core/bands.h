#ifndef BN_CORE_BANDS_H
#define BN_CORE_BANDS_H

#include <stdint.h>

/**
 * How many rows of a picture to draw now, when there may be no time for all of them.
 *
 * The first band is a small one, since a forecast may be far too low; each further one may be
 * BN_BANDS_GROWTH times as large as the one before, but of BN_BANDS_PX at most: below rows that cost
 * little, because they were looked at before, there may be some that cost twenty times as much. What a row costs is
 * what was foretold, or what it took if that is more.
 *
 * Pure and plain data; times are ns, nothing to free.
 */
#define BN_BANDS_FIRST 16 // of so many parts
#define BN_BANDS_LEAST_PX \
	(8 * 1024) // no band is smaller for being the first: it costs as much to begin one
#define BN_BANDS_GROWTH 4
#define BN_BANDS_PX \
	(256 * 1024) // two milliseconds, where each is read from memory for the first time

struct bn_bands {
	int32_t next, end; // the next row, and the one after the last
	int32_t limit;     // rows of the next band
	int32_t most;      // and of any
	int64_t row_ns;
};

/** Rows from `begin` to before `end`, of `width` px, all of which are foretold to cost cost_ns. */
void bn_bands_init(struct bn_bands *bands, int32_t begin, int32_t end, int32_t width,
		int64_t cost_ns);
/** How many rows to draw within left_ns; 0: none fits, or all are drawn. BN_NSEC_NEVER: the rest. */
int32_t bn_bands_fit(const struct bn_bands *bands, int64_t left_ns);
/** So many were drawn. Returns how much of the time that was left counts as spent. */
int64_t bn_bands_drawn(struct bn_bands *bands, int32_t rows, int64_t spent_ns);

#endif
