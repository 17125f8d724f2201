#include "core/layout_load_internal.h"
#include "unit.h"

#define REFUSED INT64_MIN

static const struct {
	const char *text;
	int64_t ns;
} durations[] = {
	{ "500ms", 500000000 },
	{ "2s", 2000000000 },
	{ "1.5s", 1500000000 },
	{ "250us", 250000 },
	{ "2min", INT64_C(120000000000) },
	{ "0", 0 },
	{ "0s", 0 },
	{ "1440min", INT64_C(86400000000000) },
	{ "1441min", REFUSED },
	{ "500", REFUSED },
	{ "-5ms", REFUSED },
	{ "ms", REFUSED },
	{ "5 s", REFUSED },
	{ "1e400s", REFUSED },
	{ "0x10s", REFUSED },
	{ "nans", REFUSED },
	{ "infs", REFUSED },
	{ "", REFUSED },
	{ "2ss", REFUSED },
};

static void durations_need_a_unit(void **state) {
	for (size_t i = 0; i < BN_COUNT_OF(durations); i++) {
		int64_t ns = REFUSED;
		bool ok = bn_parse_duration(durations[i].text, &ns);
		assert_int_equal(ok, durations[i].ns != REFUSED);
		assert_int_equal(ns, durations[i].ns);
	}
}

static const struct {
	const char *text;
	int64_t bytes;
} sizes[] = {
	{ "1", 1 },
	{ "65536", 65536 },
	{ "512KiB", 524288 },
	{ "1.5MiB", 1572864 },
	{ "1GiB", 1073741824 },
	{ "0", REFUSED },
	{ "-1", REFUSED },
	{ "5MB", REFUSED },
	{ "5mib", REFUSED },
	{ "1e30", REFUSED },
};

static void sizes_are_binary(void **state) {
	for (size_t i = 0; i < BN_COUNT_OF(sizes); i++) {
		int64_t bytes = REFUSED;
		bool ok = bn_parse_bytes(sizes[i].text, &bytes);
		assert_int_equal(ok, sizes[i].bytes != REFUSED);
		assert_int_equal(bytes, sizes[i].bytes);
	}
}

static const struct {
	const char *text;
	int32_t width, height, mhz;
} modes[] = {
	{ "1920x720@60", 1920, 720, 60000 },
	{ "1920x720", 1920, 720, 60000 },
	{ "1x16384@59.94", 1, 16384, 59940 },
	{ "640x480@60Hz", 640, 480, 60000 },
	{ "1920", 0, 0, 0 },
	{ "x720", 0, 0, 0 },
	{ "1920x", 0, 0, 0 },
	{ "0x720", 0, 0, 0 },
	{ "16385x720", 0, 0, 0 },
	{ "99999999x1", 0, 0, 0 },
	{ "1920 x 720", 0, 0, 0 },
	{ "1920x-720", 0, 0, 0 },
	{ "1920x720@", 0, 0, 0 },
	{ "1920x720@0", 0, 0, 0 },
	{ "1920x720@1001", 0, 0, 0 },
	{ "1920x720@60p", 0, 0, 0 },
	{ "1920*720", 0, 0, 0 },
};

static void modes_are_width_height_and_rate(void **state) {
	for (size_t i = 0; i < BN_COUNT_OF(modes); i++) {
		int32_t width = 0, height = 0, mhz = 0;
		bool ok = bn_parse_mode(modes[i].text, &width, &height, &mhz);
		assert_int_equal(ok, modes[i].mhz != 0);
		assert_int_equal(width, modes[i].width);
		assert_int_equal(height, modes[i].height);
		assert_int_equal(mhz, modes[i].mhz);
	}
}

static void colours_have_six_or_eight_digits(void **state) {
	uint32_t argb = 7;
	assert_true(bn_parse_color("#10263a", &argb));
	assert_int_equal(argb, 0xff10263a);
	assert_true(bn_parse_color("#FFeedd80", &argb));
	assert_int_equal(argb, 0x80ffeedd);
	static const char *const refused[] = { "", "#", "10263a", "#fff", "#10263", "#10263a8",
		"#10263g", "#10263a801", "blue", "# 10263", "#+10263" };
	for (size_t i = 0; i < BN_COUNT_OF(refused); i++) {
		assert_false(bn_parse_color(refused[i], &argb));
	}
	assert_int_equal(argb, 0x80ffeedd);
}

static const struct {
	const char *text;
	bool ok;
	struct bn_length length;
} lengths[] = {
	{ "72", true, { 72, false, 0 } },
	{ "72px", true, { 72, false, 0 } },
	{ "-4.5", true, { -4.5, false, 0 } },
	{ "50%", true, { 50, true, 0 } },
	{ "100%-72", true, { 100, true, -72 } },
	{ "100% - 72", true, { 100, true, -72 } },
	{ "33.3%+10", true, { 33.3, true, 10 } },
	{ "50%+-3", false, { 0 } },
	{ "50%50", false, { 0 } },
	{ "50%-", false, { 0 } },
	{ "72-5", false, { 0 } },
	{ "%", false, { 0 } },
	{ "", false, { 0 } },
	{ "1e9", false, { 0 } },
	{ "100%-1e9", false, { 0 } },
	{ "10x", false, { 0 } },
};

static void lengths_are_px_or_per_cent_with_an_offset(void **state) {
	for (size_t i = 0; i < BN_COUNT_OF(lengths); i++) {
		struct bn_length length = { 0 };
		assert_int_equal(bn_parse_length(lengths[i].text, &length), lengths[i].ok);
		assert_true(length.value == lengths[i].length.value);
		assert_true(length.offset == lengths[i].length.offset);
		assert_int_equal(length.percent, lengths[i].length.percent);
	}
}

static const char *const names[] = { "display", "rect", "layer", "grant", "Vehicle.Speed", "on" };

static const char *name_at(const void *data, size_t index) {
	return ((const char *const *)data)[index];
}

static const char *nearest(const char *name) {
	return bn_load_nearest(name, name_at, names, BN_COUNT_OF(names));
}

static void typing_mistakes_find_what_was_meant(void **state) {
	assert_string_equal(nearest("dispaly"), "display");
	assert_string_equal(nearest("displays"), "display");
	assert_string_equal(nearest("recct"), "rect");
	assert_string_equal(nearest("lyaer"), "layer");
	assert_string_equal(nearest("Vehicle.Sped"), "Vehicle.Speed");
	assert_string_equal(nearest("no"), "on");
	assert_null(nearest("colour"));
	assert_null(nearest(""));
	char huge[4096];
	for (size_t i = 0; i < sizeof(huge); i++) {
		huge[i] = 'a';
	}
	huge[sizeof(huge) - 1] = '\0';
	assert_null(nearest(huge));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("durations-need-a-unit", durations_need_a_unit),
		CASE("sizes-are-binary", sizes_are_binary),
		CASE("modes-are-width-height-and-rate", modes_are_width_height_and_rate),
		CASE("colours-have-six-or-eight-digits", colours_have_six_or_eight_digits),
		CASE("lengths-are-px-or-per-cent-with-an-offset",
				lengths_are_px_or_per_cent_with_an_offset),
		CASE("typing-mistakes-find-what-was-meant", typing_mistakes_find_what_was_meant),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
