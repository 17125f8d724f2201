#ifndef BN_CORE_DIAG_H
#define BN_CORE_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * What a person must act on: where, what is wrong, what would be right.
 * A list collects all faults of a file, so that one run shows them all.
 */
struct bn_mark {
	const char *file; // borrowed from the layout's or list's string pool; NULL: not from a file
	int line, column; // from 1; 0: unknown
};

enum bn_severity {
	BN_SEVERITY_WARNING, // the layout is used all the same
	BN_SEVERITY_ERROR,   // the layout is refused
};

struct bn_diag {
	char *file; // owned; NULL: not from a file
	int line, column;
	enum bn_severity severity;
	char *text; // owned; what is wrong and what would be right, no newline
};

#define BN_DIAG_MAX 200 // entries; more than a person reads in one sitting

struct bn_diag_list {
	struct bn_diag *items; // owned
	size_t count, capacity;
	size_t dropped_errors, dropped_warnings; // beyond BN_DIAG_MAX: counted only
	bool out_of_memory; // something could not be recorded: treat as an error
};

void bn_diag_list_init(struct bn_diag_list *list);
void bn_diag_list_finish(struct bn_diag_list *list);
/** Never fails; a lost entry sets out_of_memory. `mark` may be NULL. */
void bn_diag_add(struct bn_diag_list *list, enum bn_severity severity, const struct bn_mark *mark,
		const char *format, ...) __attribute__((format(printf, 4, 5)));
size_t bn_diag_list_errors(const struct bn_diag_list *list);
/** "file:line:column: error: text" into a malloc'ed string, NULL when out of memory. */
char *bn_diag_format(const struct bn_diag *diag);

#endif
