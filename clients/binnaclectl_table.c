#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "binnaclectl.h"

#define GAP 2 // spaces between columns

/** A character of the current locale; 0: the end. What is no character, or a control, counts as one '?'. */
static size_t next_character(const char *text, mbstate_t *state, int *ret_columns) {
	wchar_t wide;
	size_t length = mbrtowc(&wide, text, MB_CUR_MAX, state);
	*ret_columns = -1;
	if (length == (size_t)-1 || length == (size_t)-2) {
		*state = (mbstate_t){ 0 };
		return 1;
	}
	if (length > 0) {
		*ret_columns = wcwidth(wide);
	}
	return length;
}

/** Columns on a terminal; writes the harmless form of `text` to `file` unless that is NULL. */
static int put_text(FILE *file, const char *text) {
	mbstate_t state = { 0 };
	int width = 0, columns;
	for (size_t length; (length = next_character(text, &state, &columns)) > 0; text += length) {
		if (columns < 0) {
			columns = 1;
			if (file != NULL) {
				fputc('?', file);
			}
		} else if (file != NULL) {
			fwrite(text, 1, length, file);
		}
		width += columns;
	}
	return width;
}

void ctl_print_text(const char *text) {
	put_text(stdout, text);
}

static char *join(yyjson_val *list) {
	char *text = strdup("");
	yyjson_val *item;
	yyjson_arr_iter items = yyjson_arr_iter_with(list);
	while (text != NULL && (item = yyjson_arr_iter_next(&items)) != NULL) {
		char *part = ctl_format(item), *longer = NULL;
		if (part == NULL
				|| asprintf(&longer, "%s%s%s", text, *text != '\0' ? ", " : "",
						   part)
						< 0) {
			longer = NULL;
		}
		free(part);
		free(text);
		text = longer;
	}
	if (text != NULL && text[0] == '\0') {
		free(text);
		return strdup("-");
	}
	return text;
}

char *ctl_format(yyjson_val *value) {
	char *text = NULL;
	switch (yyjson_get_type(value)) {
	case YYJSON_TYPE_STR:
		return strdup(yyjson_get_len(value) > 0 ? yyjson_get_str(value) : "-");
	case YYJSON_TYPE_BOOL:
		return strdup(yyjson_get_bool(value) ? "yes" : "no");
	case YYJSON_TYPE_NUM:
		if (yyjson_is_int(value)) {
			return asprintf(&text, "%lld", (long long)yyjson_get_sint(value)) < 0
					? NULL
					: text;
		}
		return asprintf(&text, "%g", yyjson_get_num(value)) < 0 ? NULL : text;
	case YYJSON_TYPE_ARR:
		return join(value);
	case YYJSON_TYPE_OBJ:
		return strdup("{...}");
	default:
		return strdup("-");
	}
}

static yyjson_val *member(yyjson_val *row, const char *key) {
	const char *dot = strchr(key, '.');
	if (dot == NULL) {
		return yyjson_obj_get(row, key);
	}
	return member(yyjson_obj_getn(row, key, (size_t)(dot - key)), dot + 1);
}

static char *cell_text(yyjson_val *row, const struct ctl_column *column) {
	char *text = column->format != NULL ? column->format(row)
					    : ctl_format(member(row, column->key));
	return text != NULL ? text : strdup("?");
}

static void pad(int count) {
	for (int i = 0; i < count; i++) {
		putchar(' ');
	}
}

static void put_cell(const char *text, const struct ctl_column *column, int width, bool last) {
	int rest = width - put_text(NULL, text);
	if (column->right) {
		pad(rest);
	}
	put_text(stdout, text);
	if (last) {
		putchar('\n');
	} else {
		pad((column->right ? 0 : rest) + GAP);
	}
}

void ctl_print_table(yyjson_val *list, const struct ctl_column *columns, size_t count) {
	size_t rows = yyjson_arr_size(list);
	if (rows == 0) {
		puts("none");
		return;
	}
	char **cells = calloc(rows * count, sizeof(cells[0]));
	int *widths = calloc(count, sizeof(widths[0]));
	if (cells == NULL || widths == NULL) {
		ctl_complain("out of memory");
		free(cells);
		free(widths);
		return;
	}
	for (size_t at = 0; at < rows * count; at++) {
		size_t column = at % count;
		cells[at] = cell_text(yyjson_arr_get(list, at / count), &columns[column]);
		int width = cells[at] != NULL ? put_text(NULL, cells[at]) : 0;
		int title = (int)strlen(columns[column].title);
		width = width > title ? width : title;
		widths[column] = width > widths[column] ? width : widths[column];
	}
	for (size_t i = 0; i < count; i++) {
		put_cell(columns[i].title, &columns[i], widths[i], i + 1 == count);
	}
	for (size_t at = 0; at < rows * count; at++) {
		size_t column = at % count;
		put_cell(cells[at] != NULL ? cells[at] : "?", &columns[column], widths[column],
				column + 1 == count);
		free(cells[at]);
	}
	free(cells);
	free(widths);
}
