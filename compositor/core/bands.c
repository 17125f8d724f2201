#include "core/bands.h"

#include <assert.h>
#include <stdbool.h>

#include "core/nsec.h"

static int32_t rows_left(const struct bn_bands *bands) {
	return bands->end - bands->next;
}

static int32_t min32(int32_t a, int32_t b) {
	return a < b ? a : b;
}

void bn_bands_init(struct bn_bands *bands, int32_t begin, int32_t end, int32_t width,
		int64_t cost_ns) {
	*bands = (struct bn_bands){ .next = begin, .end = end > begin ? end : begin };
	int32_t rows = rows_left(bands);
	bands->most = width > 0 && width < BN_BANDS_PX ? BN_BANDS_PX / width : 1;
	int32_t least = width > 0 && width < BN_BANDS_LEAST_PX ? BN_BANDS_LEAST_PX / width : 1;
	int32_t first = (rows + BN_BANDS_FIRST - 1) / BN_BANDS_FIRST;
	bands->limit = min32(first > least ? first : least, bands->most);
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
	rows = min32(rows, bands->limit);
	int64_t fit = bands->row_ns > 0 ? left_ns / bands->row_ns : rows;
	return fit < rows ? (int32_t)fit : rows;
}

int64_t bn_bands_drawn(struct bn_bands *bands, int32_t rows, int64_t spent_ns) {
	assert(rows > 0 && rows <= rows_left(bands));
	int64_t foretold_ns = rows * bands->row_ns;
	bands->next += rows;
	bool grows = rows <= bands->most / BN_BANDS_GROWTH;
	bands->limit = grows ? rows * BN_BANDS_GROWTH : bands->most;
	if (spent_ns <= foretold_ns) {
		return foretold_ns;
	}
	bands->row_ns = spent_ns / rows;
	return spent_ns;
}
