#include "lib/city.h"

#include <math.h>
#include <stddef.h>

#define SPACING 112.0
#define RIVER_ROW 7
#define RIVER_EXTRA 46.0 // the river is wider than a block

static int modulo(int value, int count) {
	int rest = value % count;
	return rest < 0 ? rest + count : rest;
}

uint32_t bn_city_hash(int column, int row, uint32_t salt) {
	uint32_t hash = (uint32_t)column * 0x9e3779b1u ^ (uint32_t)row * 0x85ebca77u
			^ salt * 0xc2b2ae3du;
	hash = (hash ^ (hash >> 15)) * 0x2c1b3c6du;
	hash = (hash ^ (hash >> 12)) * 0x297a2d39u;
	return hash ^ (hash >> 15);
}

/** Irregular spacing: each line is off its place by up to 18 m. */
static double line_offset(int index, uint32_t salt) {
	return index * SPACING + ((double)(bn_city_hash(index, 0, salt) % 1000) / 1000 - 0.5) * 36;
}

static double line_at(double index, uint32_t salt) {
	double whole = floor(index);
	double from = line_offset((int)whole, salt), to = line_offset((int)whole + 1, salt);
	return from + (to - from) * (index - whole);
}

struct bn_city_point bn_city_at(double column, double row) {
	double x = line_at(column, 1), y = line_at(row, 2);
	y += fmin(fmax(row - RIVER_ROW, 0), 1) * RIVER_EXTRA;
	// Slow waves bend the streets, so that the city does not look like squared paper.
	return (struct bn_city_point){
		.x = x + 38 * sin(y / 330) + 16 * sin(y / 140 + x / 900),
		.y = y + 34 * sin(x / 290 + 0.6) + 12 * sin(x / 120),
	};
}

enum bn_city_block bn_city_block_kind(int column, int row) {
	if (row == RIVER_ROW) {
		return BN_CITY_WATER;
	}
	bool central = column >= 0 && column <= 1 && row >= 4 && row <= 5;
	if (central || bn_city_hash(column, row, 3) % 11 == 0) {
		return BN_CITY_PARK;
	}
	return bn_city_hash(column, row, 4) % 17 == 0 ? BN_CITY_PLAZA : BN_CITY_HOUSES;
}

bool bn_city_has_column(int column, int row) {
	if (row == RIVER_ROW) {
		return bn_city_is_avenue_column(column);
	}
	return !(column == 1 && row >= 4 && row <= 5);
}

bool bn_city_has_row(int column, int row) {
	return !(row == 5 && column >= 0 && column <= 1);
}

bool bn_city_is_avenue_column(int column) {
	return modulo(column, 5) == 3;
}

bool bn_city_is_avenue_row(int row) {
	return modulo(row, 4) == 0;
}

double bn_city_half_width(bool is_avenue) {
	return is_avenue ? 10.5 : 6.5;
}

static const char *const column_names[] = { "Alder Street", "Copper Lane", "Mint Street",
	"Meridian Avenue", "Foundry Street", "Orchard Lane", "Kestrel Street", "Signal Street",
	"Northgate Avenue", "Linden Street", "Weaver Lane", "Pilot Street" };
static const char *const row_names[] = { "Harbour Avenue", "Juniper Street", "Museum Street",
	"Larch Street", "Parkway", "Saffron Street", "Quay Street", "Embankment",
	"Riverside Avenue", "Atlas Street", "Beacon Street", "Chandler Street" };

const char *bn_city_column_name(int column) {
	int count = (int)(sizeof(column_names) / sizeof(column_names[0]));
	return column_names[modulo(column, count)];
}

const char *bn_city_row_name(int row) {
	int count = (int)(sizeof(row_names) / sizeof(row_names[0]));
	return row_names[modulo(row, count)];
}
