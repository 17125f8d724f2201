#include <math.h>
#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "core/vehicle.h"

// Numbers are read and written by yyjson: strtod and printf follow the locale of the process.
static bool parse_number(const char *text, double *ret_number) {
	yyjson_val number;
	const char *end = yyjson_read_number(text, &number, 0, NULL, NULL);
	if (end == NULL || *end != '\0') {
		return false;
	}
	*ret_number = yyjson_get_num(&number);
	return true;
}

bool bn_value_parse(const char *text, struct bn_value *ret_value) {
	size_t length = strlen(text);
	if (length == 0 || length >= BN_STRING_VALUE_MAX) {
		return false;
	}
	struct bn_value value = { .kind = BN_VALUE_STRING };
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
		value.kind = BN_VALUE_BOOL;
		value.number = text[0] == 't';
	} else if (parse_number(text, &value.number)) {
		value.kind = BN_VALUE_NUMBER;
	} else {
		memcpy(value.text, text, length + 1);
	}
	*ret_value = value;
	return true;
}

static bool is_numeric(const struct bn_value *value) {
	return value->kind == BN_VALUE_BOOL || value->kind == BN_VALUE_NUMBER;
}

bool bn_value_equal(const struct bn_value *a, const struct bn_value *b) {
	if (is_numeric(a) && is_numeric(b)) {
		return a->number == b->number;
	}
	if (a->kind != b->kind) {
		return false;
	}
	return a->kind != BN_VALUE_STRING || strcmp(a->text, b->text) == 0;
}

static void format_number(double number, char *buffer, size_t size) {
	if (number == trunc(number) && fabs(number) < 1e15) {
		snprintf(buffer, size, "%lld", (long long)number);
		return;
	}
	char text[64]; // yyjson asks for 40
	yyjson_val value = { 0 };
	yyjson_set_double(&value, number);
	if (yyjson_write_number(&value, text) == NULL) {
		// Infinity: it has no JSON form.
		snprintf(text, sizeof(text), "%s", number < 0 ? "-inf" : "inf");
	}
	snprintf(buffer, size, "%s", text);
}

void bn_value_format(const struct bn_value *value, char *buffer, size_t size) {
	switch (value->kind) {
	case BN_VALUE_UNKNOWN:
		snprintf(buffer, size, "unknown");
		break;
	case BN_VALUE_BOOL:
		snprintf(buffer, size, "%s", value->number != 0 ? "true" : "false");
		break;
	case BN_VALUE_NUMBER:
		format_number(value->number, buffer, size);
		break;
	case BN_VALUE_STRING:
		snprintf(buffer, size, "%s", value->text);
		break;
	}
}
