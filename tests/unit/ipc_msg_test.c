#include "core/ipc_msg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/vehicle.h"
#include "failing.h"
#include "unit.h"

static bool parse(struct bn_ipc_request *request, const char *line) {
	// Without the NUL behind it: a line ends where its length says.
	size_t length = strlen(line);
	char *copy = malloc(length + 1);
	assert_non_null(copy);
	memcpy(copy, line, length);
	copy[length] = '}';
	bool parsed = bn_ipc_request_parse(request, copy, length);
	free(copy);
	return parsed;
}

static void test_request(void **state) {
	struct bn_ipc_request r;
	struct bn_value value;
	assert_true(parse(&r,
			"{\"id\":-7,\"do\":\"set\",\"signal\":\"Vehicle.Speed\",\"value\":12.5,"
			"\"later\":[1]}"));
	assert_int_equal(r.id, -7);
	assert_int_equal(r.verb, BN_VERB_SET);
	assert_int_equal(r.code, BN_IPC_OK);
	assert_string_equal(bn_ipc_request_string(&r, "signal"), "Vehicle.Speed");
	assert_true(bn_ipc_request_value(&r, "value", &value));
	assert_int_equal(value.kind, BN_VALUE_NUMBER);
	assert_true(value.number == 12.5);
	bn_ipc_request_finish(&r);
}

static const struct {
	const char *name, *line;
	int64_t id;
	const char *error; // part of it
} bad_lines[] = {
	{ "empty", "", 0, "not JSON at byte 1" },
	{ "only-blanks", "   ", 0, "not JSON" },
	{ "no-json", "get zones", 0, "not JSON at byte 1" },
	{ "half-a-line", "{\"id\":1,\"do\":\"g", 0, "not JSON" },
	{ "two-objects", "{\"do\":\"stats\"}{}", 0, "not JSON" },
	{ "not-an-object", "[1]", 0, "this is a list" },
	{ "a-bare-string", "\"get\"", 0, "this is a string" },
	{ "no-verb", "{\"id\":5}", 5, "\"do\" is missing" },
	{ "verb-is-a-number", "{\"id\":5,\"do\":1}", 5, "\"do\" is a number, it must be a string" },
	{ "unknown-verb", "{\"id\":5,\"do\":\"dance\"}", 5,
			"\"do\" is 'dance'; it is one of: get why watch" },
	{ "huge-verb", "{\"do\":\"ddddddddddddddddddddddddddddddddddddddddddddddd\"}", 0,
			"\"do\" is one of: get" },
	{ "verb-with-nul", "{\"do\":\"get\\u0000x\"}", 0, "holds a NUL" },
	{ "id-is-a-string", "{\"id\":\"1\",\"do\":\"get\"}", 0, "\"id\" must be a whole number" },
	{ "id-is-broken", "{\"id\":1.5,\"do\":\"get\"}", 0, "\"id\" must be a whole number" },
	{ "id-is-too-large", "{\"id\":9223372036854775808,\"do\":\"get\"}", 0, "63 bits" },
	{ "broken-utf8", "{\"do\":\"\xff\"}", 0, "not JSON" },
	{ "deep", "{\"do\":\"get\",\"x\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}", 0, "nested" },
};

static void test_bad_lines(void **state) {
	for (size_t i = 0; i < COUNT(bad_lines); i++) {
		struct bn_ipc_request r;
		assert_false(parse(&r, bad_lines[i].line));
		assert_int_equal(r.code, BN_IPC_BAD_REQUEST);
		assert_int_equal(r.id, bad_lines[i].id);
		if (strstr(r.error, bad_lines[i].error) == NULL) {
			fail_msg("%s: %s", bad_lines[i].name, r.error);
		}
		bn_ipc_request_finish(&r);
	}
}

static void test_limits(void **state) {
	struct bn_ipc_request r;
	char *line = malloc(BN_IPC_LINE_MAX + 1);
	assert_non_null(line);
	memset(line, ' ', BN_IPC_LINE_MAX + 1);
	memcpy(line, "{\"do\":\"get\"}", 12);
	assert_true(bn_ipc_request_parse(&r, line, BN_IPC_LINE_MAX));
	bn_ipc_request_finish(&r);
	assert_false(bn_ipc_request_parse(&r, line, BN_IPC_LINE_MAX + 1));
	assert_non_null(strstr(r.error, "longer than 65536 bytes"));
	bn_ipc_request_finish(&r);
	free(line);
	// Brackets within a string are text.
	assert_true(parse(&r,
			"{\"do\":\"get\",\"x\":\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[[[[\"}"));
	bn_ipc_request_finish(&r);
}

static void test_members(void **state) {
	struct bn_ipc_request r;
	double number = 3;
	bool flag = true;
	assert_true(parse(&r,
			"{\"do\":\"touch\",\"x\":-2e1,\"on\":false,\"none\":null,\"s\":\"\"}"));
	assert_true(bn_ipc_request_number(&r, "x", &number));
	assert_true(number == -20);
	assert_true(bn_ipc_request_bool(&r, "on", &flag));
	assert_false(flag);
	assert_string_equal(bn_ipc_request_string(&r, "s"), "");
	assert_null(bn_ipc_request_optional(&r, "none"));
	assert_null(bn_ipc_request_optional(&r, "not-there"));
	assert_int_equal(r.code, BN_IPC_OK);
	// The first fault stays.
	assert_false(bn_ipc_request_number(&r, "on", &number));
	assert_string_equal(r.error, "\"on\" is false, it must be a number");
	assert_null(bn_ipc_request_string(&r, "y"));
	assert_string_equal(r.error, "\"on\" is false, it must be a number");
	assert_int_equal(r.code, BN_IPC_BAD_REQUEST);
	assert_true(number == -20);
	bn_ipc_request_finish(&r);
}

static const struct {
	const char *name, *line;
	const char *error; // NULL: fine
} member_cases[] = {
	{ "string-missing", "{\"do\":\"get\"}", "\"m\" is missing: it must be a string" },
	{ "string-null", "{\"do\":\"get\",\"m\":null}", "\"m\" is null, it must be a string" },
	{ "string-is-object", "{\"do\":\"get\",\"m\":{}}",
			"\"m\" is an object, it must be a string" },
	{ "string-with-nul", "{\"do\":\"get\",\"m\":\"a\\u0000\"}", "\"m\" holds a NUL character" },
	{ "string", "{\"do\":\"get\",\"m\":\"a\"}", NULL },
};

static void test_strings(void **state) {
	for (size_t i = 0; i < COUNT(member_cases); i++) {
		struct bn_ipc_request r;
		assert_true(parse(&r, member_cases[i].line));
		const char *text = bn_ipc_request_string(&r, "m");
		assert_int_equal(text != NULL, member_cases[i].error == NULL);
		assert_string_equal(r.error,
				member_cases[i].error != NULL ? member_cases[i].error : "");
		bn_ipc_request_finish(&r);
	}
}

static const struct {
	const char *json;
	bool fine;
	struct bn_value value;
	const char *written; // NULL: as `json`
} values[] = {
	{ "true", true, { BN_VALUE_BOOL, 1, "" }, NULL },
	{ "false", true, { BN_VALUE_BOOL, 0, "" }, NULL },
	{ "5", true, { BN_VALUE_NUMBER, 5, "" }, NULL },
	{ "-1", true, { BN_VALUE_NUMBER, -1, "" }, NULL },
	{ "5.0", true, { BN_VALUE_NUMBER, 5, "" }, "5" },
	{ "12.5", true, { BN_VALUE_NUMBER, 12.5, "" }, NULL },
	{ "1e300", true, { BN_VALUE_NUMBER, 1e300, "" }, NULL },
	{ "\"P\"", true, { BN_VALUE_STRING, 0, "P" }, NULL },
	{ "null", true, { BN_VALUE_UNKNOWN, 0, "" }, NULL },
	{ "\"\"", false, { 0 }, NULL },
	{ "[]", false, { 0 }, NULL },
	{ "\"a\\u0000b\"", false, { 0 }, NULL },
	{ "\"123456789012345678901234567890123456789012345678901234567890123\"", true,
			{ BN_VALUE_STRING, 0,
					"123456789012345678901234567890123456789012345678901234567"
					"890123" },
			NULL },
	{ "\"1234567890123456789012345678901234567890123456789012345678901234\"", false, { 0 },
			NULL },
};

static void check_written(const struct bn_value *value, const char *json) {
	char expected[256];
	snprintf(expected, sizeof(expected), "{\"id\":1,\"ok\":true,\"value\":%s}\n", json);
	struct bn_ipc_message m = bn_ipc_reply_begin(1);
	yyjson_mut_obj_add_val(m.doc, m.root, "value", bn_ipc_value(m.doc, value));
	size_t length;
	char *line = bn_ipc_message_end(&m, &length);
	assert_string_equal(line, expected);
	assert_int_equal(length, strlen(expected));
	free(line);
}

static void test_values(void **state) {
	for (size_t i = 0; i < COUNT(values); i++) {
		char line[256];
		snprintf(line, sizeof(line), "{\"do\":\"set\",\"value\":%s}", values[i].json);
		struct bn_ipc_request r;
		struct bn_value value = { 0 };
		assert_true(parse(&r, line));
		assert_int_equal(bn_ipc_request_value(&r, "value", &value), values[i].fine);
		assert_int_equal(r.code == BN_IPC_OK, values[i].fine);
		if (values[i].fine) {
			assert_int_equal(value.kind, values[i].value.kind);
			assert_true(bn_value_equal(&value, &values[i].value));
			check_written(&value,
					values[i].written != NULL ? values[i].written
								  : values[i].json);
		}
		bn_ipc_request_finish(&r);
	}
	struct bn_value infinite = { .kind = BN_VALUE_NUMBER, .number = INFINITY };
	check_written(&infinite, "null");
}

static void test_messages(void **state) {
	size_t length;
	char *line = bn_ipc_reply_error(3, BN_IPC_NOT_FOUND, "there is no zone \"mian\"\nat all",
			&length);
	assert_string_equal(line,
			"{\"id\":3,\"ok\":false,\"code\":\"not-found\",\"error\":\"there is no "
			"zone "
			"\\\"mian\\\"\\nat all\"}\n");
	assert_int_equal(length, strlen(line));
	free(line);
	struct bn_ipc_message event = bn_ipc_event_begin("zone");
	line = bn_ipc_message_end(&event, &length);
	assert_string_equal(line, "{\"event\":\"zone\"}\n");
	free(line);
	assert_null(event.doc);
	struct bn_ipc_message request = bn_ipc_request_begin(BN_VERB_WHY, 12);
	line = bn_ipc_message_end(&request, &length);
	assert_string_equal(line, "{\"do\":\"why\",\"id\":12}\n");
	free(line);
	for (int code = BN_IPC_OK; code <= BN_IPC_FAILED; code++) {
		assert_non_null(bn_ipc_code_name((enum bn_ipc_code)code));
	}
}

/** One exchange; whatever fails on the way, nothing half done comes out. */
static bool exchange(void) {
	struct bn_ipc_request r;
	static const char line[] = "{\"id\":1,\"do\":\"set\",\"signal\":\"S\",\"value\":[1,2,{}]}";
	bool parsed = bn_ipc_request_parse(&r, line, sizeof(line) - 1);
	assert_int_equal(parsed, r.code == BN_IPC_OK);
	assert_true(parsed || r.code == BN_IPC_FAILED);
	bn_ipc_request_finish(&r);
	struct bn_ipc_message m = bn_ipc_reply_begin(1);
	char name[16];
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "member-%d", i);
		yyjson_mut_val *list = yyjson_mut_arr(m.doc);
		yyjson_mut_arr_add_strcpy(m.doc, list, name);
		yyjson_mut_obj_add(m.root, yyjson_mut_strcpy(m.doc, name), list);
	}
	size_t length = 0;
	char *reply = bn_ipc_message_end(&m, &length);
	if (reply != NULL) {
		assert_non_null(strstr(reply, "\"member-199\":[\"member-199\"]}\n"));
		assert_int_equal(length, strlen(reply));
	}
	free(reply);
	char *error = bn_ipc_reply_error(1, BN_IPC_DENIED, "no", &length);
	bool done = parsed && reply != NULL && error != NULL;
	free(error);
	return done;
}

static void test_memory(void **state) {
	long nth = 0;
	for (;; nth++) {
		fail_nth(nth);
		bool done = exchange();
		bool has_failed = fail_none();
		assert_int_equal(done, !has_failed);
		if (!has_failed) {
			break;
		}
	}
	// Had the wrapper been left out by the linker, none would have failed.
	assert_true(nth > 8);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-request-is-read", test_request),
		CASE("a-bad-line-says-what-is-wrong", test_bad_lines),
		CASE("a-line-has-a-longest-and-deepest", test_limits),
		CASE("members-have-types", test_members),
		CASE("a-wrong-string-says-what-would-be-right", test_strings),
		CASE("values-come-back-as-they-went", test_values),
		CASE("messages-are-one-line", test_messages),
		CASE("without-memory-nothing-half-done-comes-out", test_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
