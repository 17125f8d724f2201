#ifndef BN_LIB_CITY_H
#define BN_LIB_CITY_H

#include <stdbool.h>
#include <stdint.h>

/**
 * The city that map and guidance share: an endless grid of streets, bent a little, with avenues, a
 * river with bridges and a park. Everything follows from the indices; nothing is stored.
 *
 * Coordinates are metres, x to the east and y to the north. Column i and row j are streets; block
 * (i, j) lies between the columns i and i + 1 and the rows j and j + 1.
 */
struct bn_city_point {
	double x, y;
};

enum bn_city_block {
	BN_CITY_HOUSES,
	BN_CITY_PARK,
	BN_CITY_WATER,
	BN_CITY_PLAZA,
};

/** A place between streets: column 1.5 is halfway between the columns 1 and 2. */
struct bn_city_point bn_city_at(double column, double row);
enum bn_city_block bn_city_block_kind(int column, int row);
/** Whether there is a street along a column between `row` and the next. */
bool bn_city_has_column(int column, int row);
bool bn_city_has_row(int column, int row);
bool bn_city_is_avenue_column(int column);
bool bn_city_is_avenue_row(int row);
/** Half of a street's width, metres. */
double bn_city_half_width(bool is_avenue);
const char *bn_city_column_name(int column);
const char *bn_city_row_name(int row);
/** The same number for the same place, on every run and machine. */
uint32_t bn_city_hash(int column, int row, uint32_t salt);

#endif
