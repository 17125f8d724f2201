#include "core/bands.h"

#include <assert.h>

#include "core/nsec.h"

static int32_t rows_left(const struct bn_bands *bands) {
	return bands->end - bands->next;
}

void bn_bands_init(struct bn_bands *bands, int32_t begin, int32_t end, int64_t cost_ns) {
	*bands = (struct bn_bands){ .next = begin, .end = end > begin ? end : begin };
	int32_t rows = rows_left(bands);
	bands->limit = (rows + BN_BANDS_FIRST - 1) / BN_BANDS_FIRST;
	bands->row_ns = rows > 0 ? cost_ns / rows : 0;
}

int32_t bn_bands_fit(const struct bn_bands *bands, int64_t left_ns) {
	int32_t rows = rows_left(bands);
	if (left_ns == BN_NSEC_NEVER) {
		return rows;
	}
	if (left_ns <= 0) {
		return 0;
	}
	rows = rows < bands->limit ? rows : bands->limit;
	int64_t fit = bands->row_ns > 0 ? left_ns / bands->row_ns : rows;
	return fit < rows ? (int32_t)fit : rows;
}

int64_t bn_bands_drawn(struct bn_bands *bands, int32_t rows, int64_t spent_ns) {
	assert(rows > 0 && rows <= rows_left(bands));
	int64_t foretold_ns = rows * bands->row_ns;
	bands->next += rows;
	bands->limit = rows <= INT32_MAX / BN_BANDS_GROWTH ? rows * BN_BANDS_GROWTH : INT32_MAX;
	if (spent_ns <= foretold_ns) {
		return foretold_ns;
	}
	bands->row_ns = spent_ns / rows;
	return spent_ns;
}
