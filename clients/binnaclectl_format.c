#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binnaclectl.h"

static char *format_number(double value, int decimals, const char *unit) {
	char *text = NULL;
	return asprintf(&text, "%.*f%s", decimals, value, unit) < 0 ? NULL : text;
}

long long ctl_integer(yyjson_val *row, const char *key) {
	return (long long)yyjson_get_sint(yyjson_obj_get(row, key));
}

const char *ctl_string(yyjson_val *row, const char *key) {
	const char *text = yyjson_get_str(yyjson_obj_get(row, key));
	return text != NULL ? text : "";
}

char *ctl_format_size(const yyjson_val *row) {
	yyjson_val *object = (yyjson_val *)row;
	char *text = NULL;
	if (yyjson_obj_get(object, "width") == NULL) {
		return strdup("-");
	}
	return asprintf(&text, "%lldx%lld", ctl_integer(object, "width"),
			       ctl_integer(object, "height"))
					< 0
			? NULL
			: text;
}

char *ctl_format_box(const yyjson_val *row) {
	yyjson_val *object = (yyjson_val *)row;
	char *text = NULL;
	return asprintf(&text, "%lldx%lld+%lld+%lld", ctl_integer(object, "width"),
			       ctl_integer(object, "height"), ctl_integer(object, "x"),
			       ctl_integer(object, "y"))
					< 0
			? NULL
			: text;
}

char *ctl_format_refresh(const yyjson_val *row) {
	double mhz = (double)ctl_integer((yyjson_val *)row, "refresh_mhz");
	return mhz > 0 ? format_number(mhz / 1000, 2, "") : strdup("-");
}

/** Who is in the zone; what stands there instead when nobody is. */
char *ctl_format_shown(const yyjson_val *row) {
	yyjson_val *object = (yyjson_val *)row;
	const char *content = ctl_string(object, "content");
	const char *app = ctl_string(object, "app"), *app_id = ctl_string(object, "app_id");
	char *text = NULL;
	if (strcmp(content, "view") == 0) {
		return strdup(app[0] != '\0' ? app : app_id[0] != '\0' ? app_id : "?");
	}
	return asprintf(&text, "(%s)", content) < 0 ? NULL : text;
}

char *ctl_format_value(const yyjson_val *row) {
	yyjson_val *value = yyjson_obj_get((yyjson_val *)row, "value");
	if (yyjson_is_null(value)) {
		return strdup("unknown");
	}
	if (yyjson_is_bool(value)) {
		return strdup(yyjson_get_bool(value) ? "true" : "false");
	}
	return ctl_format(value);
}

char *ctl_format_age(const yyjson_val *row) {
	yyjson_val *object = (yyjson_val *)row;
	yyjson_val *age = yyjson_obj_get(object, "age_ms");
	if (!yyjson_is_int(age)) {
		return strdup("never");
	}
	double seconds = (double)yyjson_get_sint(age) / 1000;
	return format_number(seconds, seconds < 10 ? 2 : 0, "s");
}

char *ctl_format_app_zones(const yyjson_val *row) {
	char *text = strdup("");
	yyjson_val *view;
	yyjson_arr_iter views = yyjson_arr_iter_with(yyjson_obj_get((yyjson_val *)row, "views"));
	while (text != NULL && (view = yyjson_arr_iter_next(&views)) != NULL) {
		const char *zone = ctl_string(view, "zone");
		bool visible = yyjson_get_bool(yyjson_obj_get(view, "visible"));
		char *longer = NULL;
		if (asprintf(&longer, "%s%s%s%s", text, text[0] != '\0' ? ", " : "",
				    zone[0] != '\0' ? zone : "nowhere", visible ? "" : " (behind)")
				< 0) {
			longer = NULL;
		}
		free(text);
		text = longer;
	}
	if (text != NULL && text[0] == '\0') {
		free(text);
		return strdup("-");
	}
	return text;
}

char *ctl_format_known_by(const yyjson_val *row) {
	yyjson_val *object = (yyjson_val *)row;
	char *text = NULL;
	bool boxed = yyjson_get_bool(yyjson_obj_get(object, "sandboxed"));
	return asprintf(&text, "%s%s", ctl_string(object, "known_by"), boxed ? ", sandboxed" : "")
					< 0
			? NULL
			: text;
}

char *ctl_format_last_reason(const yyjson_val *row) {
	yyjson_val *reasons = yyjson_obj_get((yyjson_val *)row, "reasons");
	return ctl_format(yyjson_arr_get_last(reasons));
}

char *ctl_format_bytes(const yyjson_val *row) {
	static const char *const units[] = { " B", " KiB", " MiB", " GiB", " TiB" };
	double bytes = yyjson_get_num(yyjson_obj_get((yyjson_val *)row, "upload_bytes"));
	size_t unit = 0;
	while (bytes >= 1024 && unit + 1 < COUNT_OF(units)) {
		bytes /= 1024;
		unit++;
	}
	return format_number(bytes, unit == 0 ? 0 : 1, units[unit]);
}

char *ctl_format_latch(const yyjson_val *row) {
	return format_number((double)ctl_integer((yyjson_val *)row, "latch_ns") / 1e6, 2, "");
}

char *ctl_format_reaction(const yyjson_val *row) {
	long long ns = ctl_integer((yyjson_val *)row, "reaction_max_ns");
	return ns > 0 ? format_number((double)ns / 1e6, 1, "") : strdup("-");
}

/** "upload-per-frame 12, surfaces 1": the limits that were passed, and how often. */
char *ctl_format_exceeded(const yyjson_val *row) {
	char *text = strdup("");
	yyjson_val *key;
	yyjson_obj_iter limits =
			yyjson_obj_iter_with(yyjson_obj_get((yyjson_val *)row, "exceeded"));
	while (text != NULL && (key = yyjson_obj_iter_next(&limits)) != NULL) {
		uint64_t times = yyjson_get_uint(yyjson_obj_iter_get_val(key));
		char *longer = NULL;
		if (times == 0) {
			continue;
		}
		if (asprintf(&longer, "%s%s%s %llu", text, text[0] != '\0' ? ", " : "",
				    yyjson_get_str(key), (unsigned long long)times)
				< 0) {
			longer = NULL;
		}
		free(text);
		text = longer;
	}
	if (text != NULL && text[0] == '\0') {
		free(text);
		return strdup("-");
	}
	return text;
}

char *ctl_format_output_name(const yyjson_val *row) {
	yyjson_val *object = (yyjson_val *)row;
	const char *display = ctl_string(object, "display");
	return strdup(display[0] != '\0' ? display : ctl_string(object, "connector"));
}
