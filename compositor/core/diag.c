#include "core/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bn_diag_list_init(struct bn_diag_list *list) {
	*list = (struct bn_diag_list){ 0 };
}

void bn_diag_list_finish(struct bn_diag_list *list) {
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].file);
		free(list->items[i].text);
	}
	free(list->items);
	*list = (struct bn_diag_list){ 0 };
}

__attribute__((format(printf, 1, 0))) static char *format_text(const char *format, va_list args) {
	va_list copy;
	va_copy(copy, args);
	int length = vsnprintf(NULL, 0, format, copy);
	va_end(copy);
	if (length < 0) {
		return NULL;
	}
	char *text = malloc((size_t)length + 1);
	if (text != NULL) {
		vsnprintf(text, (size_t)length + 1, format, args);
	}
	return text;
}

static bool reserve_one(struct bn_diag_list *list) {
	if (list->count < list->capacity) {
		return true;
	}
	size_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
	struct bn_diag *items = realloc(list->items, capacity * sizeof(items[0]));
	if (items == NULL) {
		return false;
	}
	list->items = items;
	list->capacity = capacity;
	return true;
}

void bn_diag_add(struct bn_diag_list *list, enum bn_severity severity, const struct bn_mark *mark,
		const char *format, ...) {
	if (list->count >= BN_DIAG_MAX) {
		list->dropped_errors += severity == BN_SEVERITY_ERROR;
		list->dropped_warnings += severity == BN_SEVERITY_WARNING;
		return;
	}
	va_list args;
	va_start(args, format);
	char *text = format_text(format, args);
	va_end(args);
	bool has_file = mark != NULL && mark->file != NULL;
	char *file = has_file ? strdup(mark->file) : NULL;
	if (text == NULL || (has_file && file == NULL) || !reserve_one(list)) {
		free(text);
		free(file);
		list->out_of_memory = true;
		return;
	}
	list->items[list->count++] = (struct bn_diag){
		.file = file,
		.line = mark != NULL ? mark->line : 0,
		.column = mark != NULL ? mark->column : 0,
		.severity = severity,
		.text = text,
	};
}

size_t bn_diag_list_errors(const struct bn_diag_list *list) {
	size_t errors = list->dropped_errors + (list->out_of_memory ? 1 : 0);
	for (size_t i = 0; i < list->count; i++) {
		errors += list->items[i].severity == BN_SEVERITY_ERROR;
	}
	return errors;
}

char *bn_diag_format(const struct bn_diag *diag) {
	const char *severity = diag->severity == BN_SEVERITY_ERROR ? "error" : "warning";
	char *line = NULL;
	int length;
	if (diag->file == NULL) {
		length = asprintf(&line, "%s: %s", severity, diag->text);
	} else {
		length = asprintf(&line, "%s:%d:%d: %s: %s", diag->file, diag->line, diag->column,
				severity, diag->text);
	}
	return length < 0 ? NULL : line;
}
