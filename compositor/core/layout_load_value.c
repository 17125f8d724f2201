#include "core/layout_load_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/nsec.h"

#define MAX_DURATION_S 86400.0
#define MAX_PX 65535.0

bool bn_parse_leading_number(const char *text, double *ret_number, const char **ret_rest) {
	// strtod would also take blanks, "inf", "nan" and hexadecimal.
	const char *digits = text + (*text == '-' || *text == '+' ? 1 : 0);
	if (strspn(digits, "0123456789.") == 0 || digits[0] == '\0') {
		return false;
	}
	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
		return false;
	}
	char *end;
	double number = strtod(text, &end);
	if (end == text || !isfinite(number)) {
		return false;
	}
	*ret_number = number;
	*ret_rest = end;
	return true;
}

struct unit {
	const char *name;
	double factor;
};

static bool apply_unit(const struct unit *units, size_t count, const char *name, double *number) {
	for (size_t i = 0; i < count; i++) {
		if (strcmp(units[i].name, name) == 0) {
			*number *= units[i].factor;
			return true;
		}
	}
	return false;
}

bool bn_parse_duration(const char *text, int64_t *ret_ns) {
	static const struct unit units[] = {
		{ "us", 1e3 },
		{ "ms", 1e6 },
		{ "s", 1e9 },
		{ "min", 60e9 },
	};
	double number;
	const char *rest;
	if (!bn_parse_leading_number(text, &number, &rest)) {
		return false;
	}
	if (number == 0.0 && *rest == '\0') {
		*ret_ns = 0;
		return true;
	}
	if (!apply_unit(units, BN_COUNT_OF(units), rest, &number) || number < 0
			|| number > MAX_DURATION_S * (double)BN_NSEC_PER_SEC) {
		return false;
	}
	*ret_ns = llround(number);
	return true;
}

bool bn_parse_bytes(const char *text, int64_t *ret_bytes) {
	static const struct unit units[] = {
		{ "", 1 },
		{ "KiB", 1024.0 },
		{ "MiB", 1024.0 * 1024.0 },
		{ "GiB", 1024.0 * 1024.0 * 1024.0 },
	};
	double number;
	const char *rest;
	if (!bn_parse_leading_number(text, &number, &rest)
			|| !apply_unit(units, BN_COUNT_OF(units), rest, &number) || number < 1
			|| number > 1024.0 * 1024.0 * 1024.0 * 1024.0) {
		return false;
	}
	*ret_bytes = llround(number);
	return true;
}

/** A side of a mode: decimal digits only. */
static bool parse_side(const char *text, const char *end, int32_t *ret_side) {
	int32_t side = 0;
	if (end == text || end - text > 5) {
		return false;
	}
	for (; text < end; text++) {
		if (*text < '0' || *text > '9') {
			return false;
		}
		side = side * 10 + (*text - '0');
	}
	if (side < 1 || side > 16384) {
		return false;
	}
	*ret_side = side;
	return true;
}

bool bn_parse_mode(const char *text, int32_t *ret_width, int32_t *ret_height, int32_t *ret_mhz) {
	const char *cross = strchr(text, 'x');
	if (cross == NULL) {
		return false;
	}
	const char *at = strchr(cross, '@');
	const char *end = at != NULL ? at : text + strlen(text);
	int32_t width, height;
	double hz = 60.0;
	if (!parse_side(text, cross, &width) || !parse_side(cross + 1, end, &height)) {
		return false;
	}
	const char *rest = "";
	if (at != NULL && !bn_parse_leading_number(at + 1, &hz, &rest)) {
		return false;
	}
	if ((*rest != '\0' && strcmp(rest, "Hz") != 0) || hz < 1 || hz > 1000) {
		return false;
	}
	*ret_width = width;
	*ret_height = height;
	*ret_mhz = (int32_t)lround(hz * 1000.0);
	return true;
}

bool bn_parse_color(const char *text, uint32_t *ret_argb) {
	size_t digits = strlen(text);
	if (text[0] != '#' || (digits != 7 && digits != 9)
			|| strspn(text + 1, "0123456789abcdefABCDEF") != digits - 1) {
		return false;
	}
	uint32_t value = (uint32_t)strtoul(text + 1, NULL, 16);
	*ret_argb = digits == 7 ? 0xff000000u | value : value << 24 | value >> 8;
	return true;
}

bool bn_parse_length(const char *text, struct bn_length *ret_length) {
	struct bn_length length = { 0 };
	const char *rest;
	if (!bn_parse_leading_number(text, &length.value, &rest)) {
		return false;
	}
	if (*rest == '%') {
		length.percent = true;
		rest++;
		rest += strspn(rest, " ");
		if (*rest == '+' || *rest == '-') {
			// "100%-72" and "100% - 72"
			double sign = *rest == '-' ? -1.0 : 1.0;
			rest++;
			rest += strspn(rest, " ");
			if (*rest == '+' || *rest == '-'
					|| !bn_parse_leading_number(rest, &length.offset, &rest)) {
				return false;
			}
			length.offset *= sign;
		}
	} else if (strcmp(rest, "px") == 0) {
		rest += 2;
	}
	if (*rest != '\0' || fabs(length.value) > MAX_PX || fabs(length.offset) > MAX_PX) {
		return false;
	}
	*ret_length = length;
	return true;
}
