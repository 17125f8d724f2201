#ifndef BINNACLECTL_H
#define BINNACLECTL_H

#include <stdbool.h>
#include <stddef.h>
#include <yyjson.h>

#include "core/ipc_msg.h"

struct bn_layout;

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/** What binnaclectl exits with. */
enum ctl_status {
	CTL_DONE = 0,
	CTL_FAILED = 1, // refused, or tried and did not work
	CTL_USAGE = 2,
	CTL_NO_SERVER = 3, // nobody to talk to, or it went away
	CTL_DENIED = 4,    // this process may not
};

struct ctl_connection {
	int fd; // -1: not connected yet
	char *input;
	size_t input_length, input_capacity;
	int passed_fd; // came with the input, -1: none
	int64_t next_id;
};

struct ctl {
	const char *socket;  // --socket; NULL: find it
	const char *profile; // --profile, for check
	const char *report;  // --report, for check: a folder, or a file .json or .html; NULL: none
	bool json;
	struct ctl_connection connection;
};

/** An answer; `root` is valid until ctl_reply_finish. */
struct ctl_reply {
	yyjson_doc *doc;
	yyjson_val *root;
	char *line; // as it came, without its '\n'
	int fd;     // came with it, -1: none; who uses it sets it to -1
};

// binnaclectl_connection.c

/** Connects unless it is; prints what is wrong. */
enum ctl_status ctl_connect(struct ctl *ctl);
void ctl_disconnect(struct ctl *ctl);
/** Waits at most this long for an answer; 0: for ever. */
void ctl_set_timeout(struct ctl *ctl, int seconds);

struct bn_ipc_message ctl_request_begin(struct ctl *ctl, enum bn_verb verb);
/** Sends a request and waits for its answer. Prints a refusal; ret_reply is set in each case but NO_SERVER. */
enum ctl_status ctl_request(struct ctl *ctl, struct bn_ipc_message *message,
		struct ctl_reply *ret_reply);
/** As ctl_request when the answer is of no interest; prints it with --json. */
enum ctl_status ctl_command(struct ctl *ctl, struct bn_ipc_message *message);
/** The next line, whatever it is; NULL at the end. malloc'ed. */
char *ctl_read_line(struct ctl *ctl);
void ctl_reply_finish(struct ctl_reply *reply);

// binnaclectl_table.c

struct ctl_column {
	const char *title;
	const char *key; // a member; "a.b" is a member of a member
	bool right;      // aligned
	/** malloc'ed text of a row (whole object); NULL: the member as text. */
	char *(*format)(const yyjson_val *row);
};

/** One row for each object of `list`, as wide as its text; "none" when there is none. */
void ctl_print_table(yyjson_val *list, const struct ctl_column *columns, size_t count);
/** A member as text for people: "-" when missing or null, lists joined by ", ". malloc'ed. */
char *ctl_format(yyjson_val *value);
/** Prints text without control characters, which could steer the terminal. */
void ctl_print_text(const char *text);

// binnaclectl_format.c: cells of a row; each malloc'ed, NULL when out of memory

long long ctl_integer(yyjson_val *row, const char *key);
/** "" when it is missing or no string. */
const char *ctl_string(yyjson_val *row, const char *key);
char *ctl_format_size(const yyjson_val *row);
char *ctl_format_box(const yyjson_val *row);
char *ctl_format_refresh(const yyjson_val *row);
char *ctl_format_shown(const yyjson_val *row);
char *ctl_format_value(const yyjson_val *row);
char *ctl_format_age(const yyjson_val *row);
char *ctl_format_app_zones(const yyjson_val *row);
char *ctl_format_known_by(const yyjson_val *row);
char *ctl_format_last_reason(const yyjson_val *row);
char *ctl_format_bytes(const yyjson_val *row);
char *ctl_format_latch(const yyjson_val *row);
char *ctl_format_reaction(const yyjson_val *row);
char *ctl_format_exceeded(const yyjson_val *row);
char *ctl_format_output_name(const yyjson_val *row);

// binnaclectl_get.c, _deadlines.c, _stats.c, _trace.c, _watch.c, _screenshot.c, _golden.c, _play.c, _check.c: argv[0] is
// the command

enum ctl_status ctl_get(struct ctl *ctl, int argc, char **argv);
enum ctl_status ctl_stats(struct ctl *ctl, int argc, char **argv);
enum ctl_status ctl_deadlines(struct ctl *ctl, int argc, char **argv);
enum ctl_status ctl_metrics(struct ctl *ctl, int argc, char **argv);
enum ctl_status ctl_trace(struct ctl *ctl, int argc, char **argv);
enum ctl_status ctl_recorder(struct ctl *ctl, int argc, char **argv);
enum ctl_status ctl_watch(struct ctl *ctl, int argc, char **argv);
/** A line for each of the reply's "faults". */
void ctl_print_faults(yyjson_val *reply);
/** "title   text of the member". */
void ctl_print_field(yyjson_val *object, const char *title, const char *key);
/** `name` NULL: all displays side by side. A path of "-" is the standard output. */
enum ctl_status ctl_take_screenshot(struct ctl *ctl, const char *name, const char *path);
/** Writes the picture that came with a reply. */
enum ctl_status ctl_save_picture(const struct ctl_reply *reply, const char *path);
enum ctl_status ctl_screenshot(struct ctl *ctl, int argc, char **argv);
enum ctl_status ctl_play(struct ctl *ctl, int argc, char **argv);
enum ctl_status ctl_golden(struct ctl *ctl, int argc, char **argv);
void ctl_print_diags(const struct bn_diag_list *diags);
enum ctl_status ctl_check(struct ctl *ctl, int argc, char **argv);

// binnaclectl_policy.c, binnaclectl_matrix.c

enum ctl_status ctl_test_policy(struct ctl *ctl, int argc, char **argv);
/** Prints who may what, for each row of the table and each thing of the layout that it can be about. */
enum ctl_status ctl_policy_matrix(struct ctl *ctl, const struct bn_layout *layout);
/** Its name in the layout; NULL: it is of nothing. */
const char *ctl_policy_object_name(const struct bn_layout *layout, enum bn_policy_object kind,
		size_t index);
/** How many of that kind the layout has; of nothing there is one. */
size_t ctl_policy_object_count(const struct bn_layout *layout, enum bn_policy_object kind);

/** Those who are no app of the layout. */
struct ctl_policy_other {
	const char *name;
	struct bn_identity identity;
};
#define CTL_POLICY_OTHERS 3
extern const struct ctl_policy_other ctl_policy_others[CTL_POLICY_OTHERS];

/** Prints "binnaclectl: ..." to stderr. */
void ctl_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

// binnaclectl_report.c

/**
 * Writes what was proved of the layout file, with each of its profiles, for a safety case. `layout` is
 * what the file came to, NULL: it was refused. Prints what is wrong; false then.
 */
bool ctl_report(const char *path, const struct bn_layout *layout, bool ok, const char *report_path);

// binnaclectl_sha256.c
#define CTL_SHA256_SIZE 65
/** The hash of a file in hexadecimal digits; false when it cannot be read. */
bool ctl_sha256_file(const char *path, char hex[CTL_SHA256_SIZE]);

#endif
